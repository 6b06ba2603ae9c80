//! Outcomes: what a matrix compares the codes with.
//!
//! Written `NAME`, `NAME.WAVE` or `NAME.change`, then optionally `=CLASS`, classes in order (`=low<middle<high`) or a
//! comparison (`>3.5`). `NAME` is a score, an instrument's scale, or an attribute of the unit.

mod values;

use super::ScoreTable;
use crate::model::ScoreValue;
use crate::query::nearest;
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// People (the default everywhere).
    #[default]
    Participant,
    /// Documents.
    Source,
    /// Declared sets of participants.
    Case,
}

impl Unit {
    /// Plural for tables.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Participant => "participants",
            Self::Source => "sources",
            Self::Case => "cases",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Cut {
    None,
    Class(String),
    Ordered(Vec<String>),
    Compare(&'static str, f64),
}

/// An outcome as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    text: String,
    name: String,
    cut: Cut,
}

/// Why an outcome cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OutcomeError {
    /// Not of the form.
    #[error(
        "`{text}` is not an outcome: write a score or attribute, with `.WAVE` or `.change`, and `=CLASS` or `>NUMBER` to make groups"
    )]
    Form {
        /// As typed.
        text: String,
    },
    /// No such score or attribute.
    #[error("no score or attribute of {unit} is called `{name}`{near}; there are: {known}")]
    Unknown {
        /// As typed.
        name: String,
        /// The name that was perhaps meant, as a question in brackets.
        near: String,
        /// What is counted.
        unit: &'static str,
        /// Names that exist.
        known: String,
    },
    /// A score, and a wave that it has no values at.
    #[error("`{name}` has no values at `{wave}`; it has {waves}")]
    NoWave {
        /// Name.
        name: String,
        /// As typed.
        wave: String,
        /// Waves that it has values at.
        waves: String,
    },
    /// Several waves, none named.
    #[error("`{name}` was measured at {waves}: say which (`{name}.{first}`) or `{name}.change`")]
    WhichWave {
        /// Name.
        name: String,
        /// Waves.
        waves: String,
        /// One of them.
        first: String,
    },
    /// Change of a class, or with one wave only.
    #[error("`{name}.change` needs numbers at two waves: {why}")]
    NoChange {
        /// Name.
        name: String,
        /// What is missing.
        why: String,
    },
    /// A class that nobody has.
    #[error("nobody has `{class}` in `{name}`; the classes are: {known}")]
    NoClass {
        /// Name.
        name: String,
        /// As typed.
        class: String,
        /// Classes that exist.
        known: String,
    },
    /// An order of classes that leaves one out.
    #[error("the order of `{name}` leaves out `{class}`: name every class from lowest to highest ({known})")]
    OrderIncomplete {
        /// Name.
        name: String,
        /// A class that somebody has.
        class: String,
        /// Classes.
        known: String,
    },
    /// Two groups are needed.
    #[error("`{text}` is not one group: write `=CLASS` or a comparison such as `>3.5`")]
    NotAGroup {
        /// As typed.
        text: String,
    },
    /// Numbers where classes are needed.
    #[error("`{name}` holds numbers: make groups of them with a comparison (`{name}>3.5`), or name a class rule")]
    NoGroups {
        /// Name.
        name: String,
    },
    /// A comparison of words.
    #[error("`{name}` holds words, not numbers, so it cannot be compared with a number")]
    NotNumeric {
        /// Name.
        name: String,
    },
}

impl OutcomeError {
    /// A name that nothing has, among those that there are. A wave behind it is kept in what was perhaps meant.
    pub(crate) fn unknown(name: &str, unit: &'static str, known: &BTreeSet<String>) -> Self {
        let (stem, wave) = name.rsplit_once('.').map_or((name, ""), |(stem, _)| (stem, &name[stem.len()..]));
        let names = || known.iter().map(String::as_str);
        let near = match (nearest(name, names()), nearest(stem, names())) {
            (Some(whole), _) => format!(" (did you mean `{whole}`?)"),
            (None, Some(stem)) => format!(" (did you mean `{stem}{wave}`?)"),
            (None, None) => String::new(),
        };
        let known = if known.is_empty() { "none yet (import a table of scores)".into() } else { list(known) };
        Self::Unknown { name: name.to_owned(), near, unit, known }
    }
}

/// The outcome of every unit that has one.
#[derive(Debug, Clone, PartialEq)]
pub enum OutcomeValues {
    /// Two groups.
    Binary {
        /// Name of the group that is in.
        yes: String,
        /// Name of the group that is not.
        no: String,
        /// By unit.
        values: BTreeMap<String, bool>,
    },
    /// Several classes without an order.
    Classes {
        /// The classes, sorted.
        classes: Vec<String>,
        /// By unit.
        values: BTreeMap<String, String>,
    },
    /// Numbers; with `levels`, ranks (from 1) of ordered classes.
    Numeric {
        /// By unit.
        values: BTreeMap<String, f64>,
        /// Names of the classes, lowest first; empty where the numbers are numbers.
        levels: Vec<String>,
    },
}

/// The outcome that everybody has.
const EVERYBODY: &str = "everybody";

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Outcome {
    /// Reads an outcome as written; whether the name exists is only known in a study.
    pub fn parse(text: &str) -> Result<Self, OutcomeError> {
        let text = text.trim();
        let form = || OutcomeError::Form { text: text.to_owned() };
        let at = text.find(['=', '<', '>']);
        let (name, cut) = match at {
            None => (text, Cut::None),
            Some(at) => {
                let (name, rest) = text.split_at(at);
                (name, Self::cut(rest).ok_or_else(form)?)
            }
        };
        let name = name.trim().trim_start_matches("attr.").trim_start_matches("score.").to_owned();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(form());
        }
        Ok(Self { text: text.to_owned(), name, cut })
    }

    fn cut(rest: &str) -> Option<Cut> {
        for sign in [">=", "<=", ">", "<"] {
            if let Some(number) = rest.strip_prefix(sign) {
                let number: f64 = number.trim().parse().ok()?;
                return number.is_finite().then_some(Cut::Compare(sign, number));
            }
        }
        let class = rest.strip_prefix('=')?.trim();
        let levels: Vec<String> = class.split('<').map(|level| level.trim().to_owned()).collect();
        match levels.as_slice() {
            levels if levels.iter().any(String::is_empty) => None,
            [only] => Some(Cut::Class(only.clone())),
            _ => Some(Cut::Ordered(levels)),
        }
    }

    /// The name without class and comparison (`attachment.T1`).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The outcome that has this class in one group and all others in the other.
    pub fn of_class(&self, class: &str) -> Self {
        let text = format!("{}={class}", self.text);
        Self { text, name: self.name.clone(), cut: Cut::Class(class.to_owned()) }
    }

    /// Whether it names a group: a class or a comparison.
    pub fn is_group(&self) -> bool {
        matches!(self.cut, Cut::Class(_) | Cut::Compare(..))
    }

    /// The same of one wave.
    pub fn at_wave(&self, wave: &str) -> Self {
        let name = format!("{}.{wave}", self.name);
        Self { text: self.text.replacen(&self.name, &name, 1), name, cut: self.cut.clone() }
    }

    /// Whether each unit is in the group that the outcome names.
    pub fn group(
        &self,
        study: &Study,
        scores: &ScoreTable,
        unit: Unit,
    ) -> Result<BTreeMap<String, bool>, OutcomeError> {
        match self.values(study, scores, unit)? {
            OutcomeValues::Binary { values, .. } if self.cut != Cut::None => Ok(values),
            _ => Err(OutcomeError::NotAGroup { text: self.text.clone() }),
        }
    }

    /// The class of everybody who was measured at a wave, for a name without wave: as it is, by `=CLASS`, or by the
    /// comparison. Empty where nobody was measured; numbers without a comparison are no classes.
    pub(super) fn states(&self, scores: &ScoreTable, wave: &str) -> Result<BTreeMap<String, String>, OutcomeError> {
        let raw = collect(scores, &self.name, Some(wave));
        match &self.cut {
            Cut::None | Cut::Ordered(_) => {
                let class = |(person, value): (String, ScoreValue)| match value {
                    ScoreValue::Class(class) => Some((person, class)),
                    ScoreValue::Number(_) => None,
                };
                let no_class = || OutcomeError::NoGroups { name: self.name.clone() };
                raw.into_iter().map(|row| class(row).ok_or_else(no_class)).collect()
            }
            Cut::Class(class) => {
                let known: BTreeSet<String> = scores.of_name(&self.name).map(|(_, _, value)| label(value)).collect();
                if !known.contains(class) {
                    let (name, known) = (self.name.clone(), list(&known));
                    return Err(OutcomeError::NoClass { name, class: class.clone(), known });
                }
                let others: Vec<&String> = known.iter().filter(|other| *other != class).collect();
                let other = if let [only] = others.as_slice() { (*only).clone() } else { format!("not {class}") };
                let state = |value: &ScoreValue| if label(value) == *class { class.clone() } else { other.clone() };
                Ok(raw.iter().map(|(person, value)| (person.clone(), state(value))).collect())
            }
            Cut::Compare(sign, limit) => {
                let numbers = numbers(&raw).ok_or_else(|| OutcomeError::NotNumeric { name: self.name.clone() })?;
                let (yes, no) = self.sides().unwrap_or_default();
                let state = |x| if compares(x, sign, *limit) { yes.clone() } else { no.clone() };
                Ok(numbers.into_iter().map(|(person, x)| (person, state(x))).collect())
            }
        }
    }

    /// Both sides of a comparison, in words: `> 4` and `<= 4`.
    pub(super) fn sides(&self) -> Option<(String, String)> {
        let Cut::Compare(sign, limit) = &self.cut else { return None };
        let other = match *sign {
            ">=" => "<",
            "<=" => ">",
            ">" => "<=",
            _ => ">=",
        };
        Some((format!("{sign} {limit}"), format!("{other} {limit}")))
    }

    /// The class of a `=CLASS`.
    pub(super) fn class(&self) -> Option<&str> {
        if let Cut::Class(class) = &self.cut { Some(class) } else { None }
    }

    /// Everybody as one group, for a question that compares nobody.
    pub fn everybody() -> Self {
        Self { text: EVERYBODY.into(), name: EVERYBODY.into(), cut: Cut::None }
    }
}

fn compares(x: f64, sign: &str, limit: f64) -> bool {
    match sign {
        ">=" => x >= limit,
        "<=" => x <= limit,
        ">" => x > limit,
        _ => x < limit,
    }
}

/// Values of a score by participant, at a wave, from first wave to last (`change`), or of the one time it was measured.
///
/// # Errors
/// It was measured several times and no wave is named, or has no change.
pub(super) fn scores_of(
    study: &Study,
    scores: &ScoreTable,
    name: &str,
    wave: Option<&str>,
) -> Result<Option<BTreeMap<String, ScoreValue>>, OutcomeError> {
    let name = wave.map_or_else(|| name.to_owned(), |wave| format!("{name}.{wave}"));
    Outcome { text: name.clone(), name, cut: Cut::None }.of_scores(study, scores)
}

/// Waves in the declared order of time; undeclared ones by name, after the others.
pub fn waves_in_order<'a>(study: &Study, waves: impl IntoIterator<Item = Option<&'a str>>) -> Vec<&'a str> {
    in_order(study, waves.into_iter().flatten())
}

pub(super) fn in_order<'a>(study: &Study, waves: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut waves: Vec<&str> = waves.collect();
    waves.sort_by_key(|&id| (study.waves.get(id).map_or(u32::MAX, |wave| wave.order), id));
    waves
}

pub(super) fn collect(scores: &ScoreTable, name: &str, wave: Option<&str>) -> BTreeMap<String, ScoreValue> {
    let rows = scores.of_name(name).filter(|&(_, at, _)| at == wave);
    rows.map(|(participant, _, value)| (participant.to_owned(), value.clone())).collect()
}

fn numbers(raw: &BTreeMap<String, ScoreValue>) -> Option<BTreeMap<String, f64>> {
    raw.iter()
        .map(|(unit, value)| match value {
            ScoreValue::Number(x) => Some((unit.clone(), *x)),
            ScoreValue::Class(_) => None,
        })
        .collect()
}

fn label(value: &ScoreValue) -> String {
    match value {
        ScoreValue::Number(x) => format!("{x}"),
        ScoreValue::Class(class) => class.clone(),
    }
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
