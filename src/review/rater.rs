//! Who read what: coders with their rounds, and the codes and turns that each has read for.

use crate::model::{Coding, Coverage, FIRST_ROUND, Origin};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One reading of one coder: two rounds of the same coder are two raters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rater {
    /// The coder.
    pub coder: String,
    /// The round.
    pub round: u32,
}

impl Rater {
    /// Reads `ann` or `ann#2`.
    pub fn parse(text: &str) -> Self {
        let numbered = text.rsplit_once('#').and_then(|(coder, round)| Some((coder, round.parse().ok()?)));
        let (coder, round) = numbered.unwrap_or((text, FIRST_ROUND));
        Self { coder: coder.to_owned(), round }
    }

    /// Whose a coding is; nobody's where it was decided between coders.
    pub fn of(coding: &Coding) -> Option<Self> {
        let own = coding.origin != Origin::Adjudicated;
        own.then(|| Self { coder: coding.coder.clone(), round: coding.round })
    }
}

impl fmt::Display for Rater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.round {
            FIRST_ROUND => f.write_str(&self.coder),
            round => write!(f, "{}#{round}", self.coder),
        }
    }
}

/// Why nothing can be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RaterError {
    /// Nobody has read anything.
    #[error("nobody has recorded having read a source, so there is nothing to compare")]
    Nobody,
    /// One rater only.
    #[error("{0} is the only coder who has recorded having read a source; agreement needs two")]
    OnlyOne(String),
    /// A name that no coder has.
    #[error("coder `{name}` has recorded having read no source; those who have: {known}")]
    Unknown {
        /// As typed.
        name: String,
        /// Who has.
        known: String,
    },
    /// The same coder twice.
    #[error("`{0}` is named twice")]
    Twice(String),
}

/// The raters who have recorded having read something.
pub fn readers(study: &Study) -> BTreeSet<Rater> {
    study.coverage.values().map(of_coverage).collect()
}

fn of_coverage(row: &Coverage) -> Rater {
    Rater { coder: row.coder.clone(), round: row.round }
}

/// The raters to compare: those named, else the first rounds of all who have read.
///
/// # Errors
/// Where fewer than two are left, or a name is unknown.
pub fn chosen(study: &Study, named: &[Rater]) -> Result<Vec<Rater>, RaterError> {
    let known = readers(study);
    let listed = || known.iter().map(Rater::to_string).collect::<Vec<_>>().join(", ");
    if known.is_empty() {
        return Err(RaterError::Nobody);
    }
    let mut raters = named.to_vec();
    if raters.is_empty() {
        raters.extend(known.iter().filter(|rater| rater.round == FIRST_ROUND).cloned());
    }
    for (k, rater) in raters.iter().enumerate() {
        if !known.contains(rater) {
            return Err(RaterError::Unknown { name: rater.to_string(), known: listed() });
        }
        if raters.iter().take(k).any(|other| other == rater) {
            return Err(RaterError::Twice(rater.to_string()));
        }
    }
    match raters.as_slice() {
        [] => Err(RaterError::Nobody),
        [one] => Err(RaterError::OnlyOne(one.to_string())),
        _ => Ok(raters),
    }
}

/// What some raters have read of each source.
#[derive(Debug, Clone, Default)]
pub struct Readings<'a> {
    rows: BTreeMap<(&'a str, usize), Vec<&'a Coverage>>,
}

impl<'a> Readings<'a> {
    /// Of these raters, numbered in their order.
    pub fn of(study: &'a Study, raters: &[Rater]) -> Self {
        let mut rows: BTreeMap<(&str, usize), Vec<&Coverage>> = BTreeMap::new();
        for row in study.coverage.values() {
            if let Some(k) = raters.iter().position(|rater| rater.coder == row.coder && rater.round == row.round) {
                rows.entry((row.source.as_str(), k)).or_default().push(row);
            }
        }
        Self { rows }
    }

    /// Whether a rater has read a turn of a source for a code. `turn` is its ordinal in the study.
    pub fn covers(&self, source: &str, rater: usize, code: &str, turn: u32) -> bool {
        self.rows.get(&(source, rater)).into_iter().flatten().any(|row| {
            (row.codes.is_empty() || row.codes.iter().any(|known| known == code))
                && (row.turns.is_empty() || row.turns.iter().any(|(first, last)| (*first..=*last).contains(&turn)))
        })
    }

    /// Whether two of these raters have read something of a source both.
    pub fn in_common(&self, source: &str) -> bool {
        let from = (source, 0);
        let here: Vec<&Vec<&Coverage>> =
            self.rows.range(from..).take_while(|((of, _), _)| *of == source).map(|(_, rows)| rows).collect();
        here.iter().enumerate().any(|(k, ours)| {
            let others = here.iter().skip(k + 1).flat_map(|rows| rows.iter());
            others.into_iter().any(|other| ours.iter().any(|own| meet(own, other)))
        })
    }

    /// Whether a rater has read anything of a source.
    pub fn touches(&self, source: &str, rater: usize) -> bool {
        self.rows.contains_key(&(source, rater))
    }
}

/// Whether two records of one source are about a turn both.
fn meet(a: &Coverage, b: &Coverage) -> bool {
    let whole = a.turns.is_empty() || b.turns.is_empty();
    whole || a.turns.iter().any(|(first, last)| b.turns.iter().any(|(from, to)| first <= to && from <= last))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// `ann#2` has read turns for a code; nothing stands for all of either.
    type Read<'a> = (&'a str, Option<&'a str>, Option<(u32, u32)>);

    fn study(rows: &[Read<'_>]) -> Study {
        let mut study = Study::default();
        for (k, (rater, code, turns)) in rows.iter().enumerate() {
            let Rater { coder, round } = Rater::parse(rater);
            let codes = code.iter().map(|code| (*code).to_owned()).collect();
            let row = Coverage { coder, source: "s".into(), codes, turns: turns.iter().copied().collect(), round };
            study.coverage.insert(k.to_string(), row);
        }
        study
    }

    #[test]
    fn a_round_is_written_behind_the_name() {
        assert_eq!(Rater::parse("ann#2"), Rater { coder: "ann".into(), round: 2 });
        assert_eq!(Rater::parse("team #x"), Rater { coder: "team #x".into(), round: 1 });
        assert_eq!(Rater::parse("ann#2").to_string(), "ann#2");
        assert_eq!(Rater::parse("ann").to_string(), "ann");
    }

    #[test]
    fn two_are_needed_and_must_be_known() {
        assert_eq!(chosen(&study(&[]), &[]), Err(RaterError::Nobody));
        let one = study(&[("ann", None, None), ("ann#2", None, None)]);
        assert_eq!(chosen(&one, &[]), Err(RaterError::OnlyOne("ann".into())));
        let rounds = chosen(&one, &[Rater::parse("ann"), Rater::parse("ann#2")]).unwrap();
        assert_eq!(rounds.iter().map(Rater::to_string).collect::<Vec<_>>(), ["ann", "ann#2"]);
        assert_eq!(chosen(&one, &[Rater::parse("ann"), Rater::parse("ann")]), Err(RaterError::Twice("ann".into())));
        let known = "ann, ann#2".to_owned();
        assert_eq!(
            chosen(&one, &[Rater::parse("ben"), Rater::parse("ann")]),
            Err(RaterError::Unknown { name: "ben".into(), known })
        );
    }

    #[test]
    fn who_reads_other_turns_has_nothing_in_common() {
        let in_common = |rows: &[Read<'_>]| {
            let study = study(rows);
            let raters: Vec<Rater> = readers(&study).into_iter().collect();
            Readings::of(&study, &raters).in_common("s")
        };
        assert!(in_common(&[("ann", None, Some((3, 5))), ("ben", None, Some((5, 6)))]));
        assert!(in_common(&[("ann", None, Some((3, 5))), ("ben", None, None)]));
        assert!(!in_common(&[("ann", None, Some((3, 5))), ("ben", None, Some((6, 9)))]));
        assert!(!in_common(&[("ann", None, Some((3, 5))), ("ann", Some("hope"), Some((5, 9)))]));
    }

    #[test]
    fn turns_and_codes_are_read_together() {
        let study = study(&[("ann", Some("trust"), Some((3, 5))), ("ann", Some("shame"), None)]);
        let readings = Readings::of(&study, &[Rater::parse("ann")]);
        assert!(readings.covers("s", 0, "trust", 5) && !readings.covers("s", 0, "trust", 6));
        assert!(readings.covers("s", 0, "shame", 6) && !readings.covers("s", 0, "hope", 4));
    }
}
