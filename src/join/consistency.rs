//! What does not fit together among people and scores: ids that are nearly the same, scores that their instrument cannot
//! give, measures of one wave that are not about the same people.

use super::score::{ScoreOrigin, ScorePart, ScoreTable};
use crate::model::{Instrument, ScoreValue, Subscale};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inconsistency {
    /// Kind of thing (`participant`, `score`).
    pub what: &'static str,
    /// Which one.
    pub place: String,
    /// What is wrong, without a full stop.
    pub problem: String,
    /// What to do.
    pub mend: &'static str,
}

/// Looks at ids, ranges and denominators.
pub fn inconsistencies(study: &Study, scores: &ScoreTable) -> Vec<Inconsistency> {
    let mut found = similar_ids(study, scores);
    found.extend(out_of_range(study));
    found.extend(unequal_denominators(study, scores));
    found
}

/// Ids that differ in nothing but capitals, borders and leading zeros.
fn similar_ids(study: &Study, scores: &ScoreTable) -> Vec<Inconsistency> {
    let speaking = study.sources.values().flat_map(|source| source.participants.values().map(String::as_str));
    let scored = scores.names().into_iter().flat_map(|name| scores.of_name(name).map(|(person, ..)| person));
    let all: BTreeSet<&str> = study.participants.keys().map(String::as_str).chain(speaking).chain(scored).collect();
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for id in all {
        alike.entry(plain(id)).or_default().push(id);
    }
    let doubtful = alike.into_values().filter(|ids| ids.len() > 1);
    let report = |ids: Vec<&str>| Inconsistency {
        what: "participant",
        place: ids.first().copied().unwrap_or_default().to_owned(),
        problem: format!("ids that are nearly the same: {}", ids.join(", ")),
        mend: "if they are one person, give the person one id in every table and source",
    };
    doubtful.map(report).collect()
}

/// `P-07` and `p7` are `p7`.
fn plain(id: &str) -> String {
    let mut out = String::new();
    for c in id.to_lowercase().chars().filter(|c| c.is_alphanumeric()) {
        let after_digit = out.ends_with(|last: char| last.is_ascii_digit());
        // A zero before other digits says nothing; what is left of `000` is nothing, and that is one number, too.
        if c != '0' || after_digit {
            out.push(c);
        }
    }
    out
}

/// Imported scores that the scale of that name cannot give: the instrument came later than the table.
fn out_of_range(study: &Study) -> Vec<Inconsistency> {
    let scale = |name: &str| -> Option<(&Instrument, &Subscale)> {
        let (id, part) = name.split_once('.').map_or((name, None), |(id, part)| (id, Some(part)));
        let instrument = study.instruments.get(id)?;
        let scale = match part {
            Some(part) => instrument.scales.get(part)?,
            None => instrument.scales.values().next().filter(|_| instrument.scales.len() == 1)?,
        };
        Some((instrument, scale))
    };
    let check = |score: &crate::model::Score| {
        let (instrument, scale) = scale(&score.name)?;
        let (low, high) = instrument.score_range(scale)?;
        let ScoreValue::Number(x) = score.value else { return None };
        let at = score.wave.as_ref().map_or_else(String::new, |wave| format!(" at {wave}"));
        (!(low..=high).contains(&x)).then(|| Inconsistency {
            what: "score",
            place: score.participant.clone(),
            problem: format!("{} is {x}{at}; the scale goes from {low} to {high}", score.name),
            mend: "mend the value in the score table and import it again, or the range of the instrument",
        })
    };
    study.scores.values().filter_map(check).collect()
}

/// Scores of one wave that fewer people have than others: tables made from them have different denominators.
fn unequal_denominators(study: &Study, scores: &ScoreTable) -> Vec<Inconsistency> {
    let mut waves: BTreeMap<&str, BTreeMap<BTreeSet<&str>, Vec<&str>>> = BTreeMap::new();
    for name in scores.names() {
        let origin = ScoreOrigin::of(study, name);
        // A class rule and the short name of an only scale follow their scales; they would be told twice.
        let follows = origin.is_some_and(|origin| matches!(origin.part, ScorePart::Rule(..)) || !name.contains('.'));
        if follows {
            continue;
        }
        for wave in scores.waves(name).into_iter().flatten() {
            let people =
                scores.of_name(name).filter(|(_, at, _)| *at == Some(wave)).map(|(person, ..)| person).collect();
            waves.entry(wave).or_default().entry(people).or_default().push(name);
        }
    }
    let mut found = Vec::new();
    for (wave, groups) in waves {
        let everybody: BTreeSet<&str> = groups.keys().flatten().copied().collect();
        for (people, names) in groups.iter().filter(|(people, _)| people.len() < everybody.len()) {
            let missing: Vec<&str> = everybody.difference(people).copied().collect();
            let shown: Vec<&str> = missing.iter().take(8).copied().collect();
            let more = missing.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            found.push(Inconsistency {
                what: "score",
                place: format!("{} at {wave}", names.join(", ")),
                problem: format!(
                    "{} of the {} people who have any score then; without: {}{more}",
                    people.len(),
                    everybody.len(),
                    shown.join(", ")
                ),
                mend: "look why it is missing; tables made from it have another denominator than the others",
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_without_their_dress() {
        assert_eq!(plain("P-07"), plain("p7"));
        assert_eq!(plain("B."), plain("b"));
        assert_ne!(plain("P70"), plain("P7"));
        assert_ne!(plain("P107"), plain("P17"));
    }
}
