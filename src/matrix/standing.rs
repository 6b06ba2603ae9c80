//! Where a unit stands on a code: six things that a count must not mix up.

use super::MatrixSpec;
use crate::join::{Statement, Statements, Unit};
use crate::model::{Experiencer, Polarity};
use crate::stats;
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// Where a unit stands on a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Says it is there, and nothing else.
    PresentOnly,
    /// Says it is not there, and nothing else.
    AbsentOnly,
    /// Says different things, or both at once.
    Mixed,
    /// Says it ended or became less, and nothing else.
    CeasedOrReduced,
    /// Was read and does not speak of it. Not the same as not having lived it.
    NotMentioned,
    /// Nobody has read it for this code, or not all of it.
    NotYetCoded,
    /// The guide's topic is declared missing.
    NotAsked,
    /// Has no source.
    NoInterview,
}

impl Standing {
    /// The words for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PresentOnly => "present only",
            Self::AbsentOnly => "absent only",
            Self::Mixed => "mixed",
            Self::CeasedOrReduced => "ceased or reduced",
            Self::NotMentioned => "not mentioned",
            Self::NotYetCoded => "not yet coded",
            Self::NotAsked => "not asked",
            Self::NoInterview => "no interview",
        }
    }
}

/// What one unit says about one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Told<'a> {
    /// Where it stands.
    pub standing: Standing,
    /// Whether it counts into n.
    pub counted: bool,
    /// The statements that decide the standing, in text order.
    pub statements: Vec<&'a Statement>,
    /// Whether it speaks of the time set aside (`before`, unless asked for).
    pub set_aside: bool,
    /// Sources in which everything that the unit says was read for the row.
    pub covered: Vec<&'a str>,
    /// Not yet coded, and yet read in part.
    pub in_part: bool,
}

/// The sources that a matrix reads for each unit.
pub(super) fn sources_of<'a>(study: &'a Study, spec: &MatrixSpec) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut sources: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    match spec.unit {
        Unit::Participant => sources.extend(study.participants.keys().map(|id| (id.as_str(), Vec::new()))),
        Unit::Case => sources.extend(study.cases.keys().map(|id| (id.as_str(), Vec::new()))),
        Unit::Source => {}
    }
    for (id, source) in &study.sources {
        if spec.wave.is_some() && source.wave != spec.wave {
            continue;
        }
        if spec.unit == Unit::Source {
            sources.insert(id, vec![id]);
            continue;
        }
        if source.focus_group && !spec.focus_groups && spec.unit == Unit::Participant {
            continue;
        }
        let coded = source.participants.iter().filter(|(label, _)| study.is_coded(source, label));
        let people: BTreeSet<&str> = coded.map(|(_, person)| person.as_str()).collect();
        match spec.unit {
            Unit::Case => {
                let cases = study.cases.iter();
                for (case, _) in cases.filter(|(_, c)| c.participants.iter().any(|p| people.contains(p.as_str()))) {
                    sources.entry(case).or_default().push(id);
                }
            }
            _ => {
                for person in people {
                    if let Some(known) = sources.get_mut(person) {
                        known.push(id);
                    }
                }
            }
        }
    }
    sources
}

/// Statements of every unit, so that each row looks only at its own people.
pub(super) fn statements_of<'a>(
    study: &'a Study,
    spec: &MatrixSpec,
    statements: &'a Statements,
) -> BTreeMap<&'a str, Vec<&'a Statement>> {
    let mut of: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
    for statement in &statements.list {
        match spec.unit {
            Unit::Source => of.entry(&statement.source).or_default().push(statement),
            Unit::Participant => {
                if let Some(person) = &statement.participant {
                    of.entry(person).or_default().push(statement);
                }
            }
            Unit::Case => {
                let Some(person) = &statement.participant else { continue };
                for (case, _) in study.cases.iter().filter(|(_, case)| case.participants.contains(person)) {
                    of.entry(case).or_default().push(statement);
                }
            }
        }
    }
    of
}

/// Whether what a participant says belongs to a unit.
fn belongs(study: &Study, spec: &MatrixSpec, unit: &str, person: &str) -> bool {
    match spec.unit {
        Unit::Source => true,
        Unit::Participant => person == unit,
        Unit::Case => study.cases.get(unit).is_some_and(|case| case.participants.iter().any(|one| one == person)),
    }
}

/// What a unit with these sources and statements says about a row's codes.
pub(super) fn told<'a>(
    study: &Study,
    spec: &MatrixSpec,
    statements: &Statements,
    codes: &[String],
    unit: &str,
    sources: &[&'a str],
    said: &[&'a Statement],
) -> Told<'a> {
    let nothing = |standing, in_part| {
        let (statements, covered) = (Vec::new(), Vec::new());
        Told { standing, counted: false, statements, set_aside: false, covered, in_part }
    };
    if sources.is_empty() {
        return nothing(Standing::NoInterview, false);
    }
    let own = |person: &str| belongs(study, spec, unit, person);
    let reads =
        |source: &&&str| spec.with_suggestions || codes.iter().all(|code| statements.covers(source, code, &own));
    let covered: Vec<&str> = sources.iter().filter(reads).copied().collect();
    if covered.is_empty() {
        let touched = |source: &&str| codes.iter().any(|code| statements.touches(source, code, &own));
        return nothing(Standing::NotYetCoded, sources.iter().any(touched));
    }
    let asked = |source: &&str| {
        let missing = study.sources.get(*source).map(|source| source.not_asked.as_slice()).unwrap_or_default();
        !codes.iter().all(|code| missing.contains(code))
    };
    let mut counting = Vec::new();
    let mut set_aside = false;
    for statement in said {
        let of_row = codes.contains(&statement.code) && covered.contains(&statement.source.as_str());
        if !of_row || !is_eligible(spec, statement) {
            continue;
        }
        if spec.counts_time(statement.time) {
            counting.push(*statement);
        } else {
            set_aside = true;
        }
    }
    let asked_anywhere = covered.iter().any(asked);
    let standing = match standing_of(counting.iter().map(|statement| statement.polarity)) {
        Standing::NotMentioned if !asked_anywhere => Standing::NotAsked,
        other => other,
    };
    let counted = match spec.polarity {
        None => matches!(standing, Standing::PresentOnly | Standing::Mixed),
        Some(polarity) => counting.iter().any(|statement| statement.polarity == polarity),
    };
    Told { standing, counted, statements: counting, set_aside, covered, in_part: false }
}

/// Whether a statement is of the kind that a question is about, whatever time it is about.
fn is_eligible(spec: &MatrixSpec, statement: &Statement) -> bool {
    let own = spec.anyone || statement.experiencer != Experiencer::Other;
    let aimed = spec.target.is_none() || statement.target == spec.target;
    let unprompted = !(spec.spontaneous && statement.prompted);
    let imagined = statement.polarity == Polarity::Hypothetical && spec.polarity != Some(Polarity::Hypothetical);
    own && aimed && unprompted && !imagined
}

/// Whether one statement by itself says that it is there (or has the polarity asked for), about a time that counts.
pub(super) fn says_so(spec: &MatrixSpec, statement: &Statement) -> bool {
    let polarity = match spec.polarity {
        None => matches!(statement.polarity, Polarity::Present | Polarity::Ambivalent),
        Some(wanted) => statement.polarity == wanted,
    };
    polarity && is_eligible(spec, statement) && spec.counts_time(statement.time)
}

/// Where every participant with a source stands on the codes, whatever their outcome.
pub fn standings(study: &Study, statements: &Statements, codes: &[String]) -> BTreeMap<String, Standing> {
    let Ok(outcome) = crate::join::Outcome::parse("none") else { return BTreeMap::new() };
    let spec = MatrixSpec::new(outcome);
    let said = statements_of(study, &spec, statements);
    let none = Vec::new();
    let sources = sources_of(study, &spec);
    let standing = |(id, sources): (&str, &Vec<&str>)| {
        let told = told(study, &spec, statements, codes, id, sources, said.get(id).unwrap_or(&none));
        (id.to_owned(), told.standing)
    };
    sources.iter().filter(|(_, sources)| !sources.is_empty()).map(|(id, sources)| standing((id, sources))).collect()
}

/// How far two readings of the same people agree on where each of them stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    /// People that both readings place.
    pub people: usize,
    /// People with the same standing in both.
    pub same: usize,
    /// Cohen's kappa over the standings; nothing where it is undefined.
    pub kappa: Option<f64>,
    /// People who say it is there (alone or beside other things): in both readings, in the first only, in the second only.
    pub present: [usize; 3],
    /// The same for those who say it is not there, is over, or has become less.
    pub denied: [usize; 3],
}

/// Compares two readings person by person.
pub fn alike(first: &BTreeMap<String, Standing>, second: &BTreeMap<String, Standing>) -> Alike {
    use Standing::{AbsentOnly, CeasedOrReduced, Mixed, NotMentioned, PresentOnly};
    let placed = |standing: &Standing| {
        [PresentOnly, AbsentOnly, Mixed, CeasedOrReduced, NotMentioned].iter().position(|one| one == standing)
    };
    let pairs: Vec<(Standing, Standing)> = first
        .iter()
        .filter_map(|(id, one)| Some((*one, *second.get(id)?)))
        .filter(|(one, other)| placed(one).is_some() && placed(other).is_some())
        .collect();
    let rated = |standing: Standing| placed(&standing).unwrap_or_default() as f64;
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().map(|(one, other)| (rated(*one), rated(*other))).unzip();
    let count = |says: fn(Standing) -> bool| {
        let of = |a: bool, b: bool| pairs.iter().filter(|(one, other)| says(*one) == a && says(*other) == b).count();
        [of(true, true), of(true, false), of(false, true)]
    };
    Alike {
        people: pairs.len(),
        same: pairs.iter().filter(|(one, other)| one == other).count(),
        kappa: stats::cohen_kappa(&x, &y, stats::KappaWeights::Unweighted, 0.95).ok().map(|found| found.kappa),
        present: count(|standing| matches!(standing, PresentOnly | Mixed)),
        denied: count(|standing| matches!(standing, AbsentOnly | CeasedOrReduced | Mixed)),
    }
}

/// Precedence: hypothetical never counts; ambivalent is mixed; ceased or reduced alone is that group; any other two
/// kinds are mixed.
fn standing_of(polarities: impl Iterator<Item = Polarity>) -> Standing {
    let (mut present, mut absent, mut ended, mut both) = (false, false, false, false);
    for polarity in polarities {
        match polarity {
            Polarity::Present => present = true,
            Polarity::Absent => absent = true,
            Polarity::Ceased | Polarity::Reduced => ended = true,
            Polarity::Ambivalent => both = true,
            Polarity::Hypothetical => {}
        }
    }
    match (both, present, absent, ended) {
        (false, false, false, false) => Standing::NotMentioned,
        (false, true, false, false) => Standing::PresentOnly,
        (false, false, true, false) => Standing::AbsentOnly,
        (false, false, false, true) => Standing::CeasedOrReduced,
        _ => Standing::Mixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Polarity::{Absent, Ambivalent, Ceased, Hypothetical, Present, Reduced};

    #[test]
    fn two_readings_are_compared_over_the_people_that_both_place() {
        use Standing::{AbsentOnly, Mixed, NoInterview, NotMentioned, PresentOnly};
        let reading = |all: &[Standing]| {
            all.iter().enumerate().map(|(k, standing)| (format!("P{k}"), *standing)).collect::<BTreeMap<_, _>>()
        };
        let first = reading(&[PresentOnly, Mixed, Mixed, AbsentOnly, NotMentioned, NoInterview]);
        let second = reading(&[PresentOnly, Mixed, PresentOnly, AbsentOnly, AbsentOnly, PresentOnly]);
        let found = alike(&first, &second);
        // By hand: 3 of 5 agree; expected by chance (1 x 2 + 2 x 1 + 1 x 2 + 1 x 0) / 25 = .24; (.6 - .24) / .76.
        assert_eq!((found.people, found.same), (5, 3));
        assert!(found.kappa.is_some_and(|kappa| (kappa - 0.36 / 0.76).abs() < 1e-12));
        assert_eq!((found.present, found.denied), ([3, 0, 0], [2, 1, 1]));
    }

    #[test]
    fn precedence_of_standings() {
        let cases: [(&[Polarity], Standing); 8] = [
            (&[], Standing::NotMentioned),
            (&[Hypothetical], Standing::NotMentioned),
            (&[Present, Present], Standing::PresentOnly),
            (&[Absent, Hypothetical], Standing::AbsentOnly),
            (&[Ceased, Reduced], Standing::CeasedOrReduced),
            (&[Present, Ceased], Standing::Mixed),
            (&[Absent, Reduced], Standing::Mixed),
            (&[Ambivalent], Standing::Mixed),
        ];
        for (polarities, wanted) in cases {
            assert_eq!(standing_of(polarities.iter().copied()), wanted, "{polarities:?}");
        }
    }
}
