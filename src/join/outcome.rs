//! Outcomes: what a matrix compares the codes with.
//!
//! Written `NAME`, `NAME.WAVE` or `NAME.change`, then optionally `=CLASS`, classes in order (`=low<middle<high`) or a
//! comparison (`>3.5`). `NAME` is a score, an instrument's scale, or an attribute of the unit.

use super::{Conditions, ScoreTable};
use crate::model::{AttributeValue, ScoreValue};
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
    #[error("no score or attribute of {unit} is called `{name}`; there are: {known}")]
    Unknown {
        /// As typed.
        name: String,
        /// What is counted.
        unit: &'static str,
        /// Names that exist.
        known: String,
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

    /// The outcome of every unit that has one; withdrawn participants have none.
    pub fn values(&self, study: &Study, scores: &ScoreTable, unit: Unit) -> Result<OutcomeValues, OutcomeError> {
        if self.name == EVERYBODY && self.cut == Cut::None {
            let all = Conditions::attributes(study, unit);
            let values = all.into_iter().map(|(id, _)| (id.to_owned(), true)).collect();
            return Ok(OutcomeValues::Binary { yes: EVERYBODY.into(), no: "nobody".into(), values });
        }
        let raw = self.raw(study, scores, unit)?;
        match &self.cut {
            Cut::Class(class) => self.classes(&raw, class),
            Cut::Compare(sign, limit) => {
                let numbers = numbers(&raw).ok_or_else(|| OutcomeError::NotNumeric { name: self.name.clone() })?;
                let values = numbers.into_iter().map(|(unit, x)| (unit, compares(x, sign, *limit))).collect();
                Ok(OutcomeValues::Binary { yes: self.text.clone(), no: format!("not {}", self.text), values })
            }
            Cut::Ordered(levels) => self.ordered(&raw, levels),
            Cut::None => {
                if let Some(values) = numbers(&raw) {
                    return Ok(OutcomeValues::Numeric { values, levels: Vec::new() });
                }
                let classes: BTreeSet<String> = raw.values().map(label).collect();
                match (classes.len(), classes.first()) {
                    (1 | 2, Some(first)) => self.classes(&raw, &first.clone()),
                    _ => Ok(OutcomeValues::Classes {
                        classes: classes.into_iter().collect(),
                        values: raw.iter().map(|(unit, value)| (unit.clone(), label(value))).collect(),
                    }),
                }
            }
        }
    }

    fn classes(&self, raw: &BTreeMap<String, ScoreValue>, class: &str) -> Result<OutcomeValues, OutcomeError> {
        let classes: BTreeSet<String> = raw.values().map(label).collect();
        if !classes.contains(class) {
            return Err(OutcomeError::NoClass {
                name: self.name.clone(),
                class: class.to_owned(),
                known: list(&classes),
            });
        }
        let others: Vec<&String> = classes.iter().filter(|other| *other != class).collect();
        let no = match others.as_slice() {
            [only] => (*only).clone(),
            _ => format!("not {class}"),
        };
        let values = raw.iter().map(|(unit, value)| (unit.clone(), label(value) == class)).collect();
        Ok(OutcomeValues::Binary { yes: class.to_owned(), no, values })
    }

    fn ordered(&self, raw: &BTreeMap<String, ScoreValue>, levels: &[String]) -> Result<OutcomeValues, OutcomeError> {
        let classes: BTreeSet<String> = raw.values().map(label).collect();
        let name = || self.name.clone();
        if let Some(class) = levels.iter().find(|level| !classes.contains(*level)) {
            return Err(OutcomeError::NoClass { name: name(), class: class.clone(), known: list(&classes) });
        }
        let mut values = BTreeMap::new();
        for (unit, value) in raw {
            let class = label(value);
            let Some(rank) = levels.iter().position(|level| *level == class) else {
                return Err(OutcomeError::OrderIncomplete { name: name(), class, known: list(&classes) });
            };
            values.insert(unit.clone(), rank as f64 + 1.0);
        }
        Ok(OutcomeValues::Numeric { values, levels: levels.to_vec() })
    }

    /// Values before any cut.
    fn raw(
        &self,
        study: &Study,
        scores: &ScoreTable,
        unit: Unit,
    ) -> Result<BTreeMap<String, ScoreValue>, OutcomeError> {
        let scored = if unit == Unit::Participant { self.of_scores(study, scores)? } else { None };
        if let Some(values) = scored {
            return Ok(values);
        }
        let attributes = Conditions::attributes(study, unit);
        let values: BTreeMap<String, ScoreValue> = attributes
            .iter()
            .filter_map(|(id, attributes)| Some(((*id).to_owned(), as_score(attributes.get(&self.name)?))))
            .collect();
        if values.is_empty() {
            let mut known: BTreeSet<String> =
                attributes.iter().flat_map(|(_, attributes)| attributes.keys().cloned()).collect();
            if unit == Unit::Participant {
                known.extend(scores.names().into_iter().map(str::to_owned));
            }
            let known = if known.is_empty() { "none yet (import a table of scores)".into() } else { list(&known) };
            return Err(OutcomeError::Unknown { name: self.name.clone(), unit: unit.plural(), known });
        }
        Ok(values)
    }

    /// Everybody as one group, for a question that compares nobody.
    pub fn everybody() -> Self {
        Self { text: EVERYBODY.into(), name: EVERYBODY.into(), cut: Cut::None }
    }

    fn of_scores(
        &self,
        study: &Study,
        scores: &ScoreTable,
    ) -> Result<Option<BTreeMap<String, ScoreValue>>, OutcomeError> {
        let waves = scores.waves(&self.name);
        if !waves.is_empty() {
            if waves.len() > 1 {
                let names: Vec<&str> = in_order(study, waves.into_iter().flatten());
                let first = names.last().copied().unwrap_or_default().to_owned();
                return Err(OutcomeError::WhichWave { name: self.name.clone(), waves: names.join(", "), first });
            }
            return Ok(Some(collect(scores, &self.name, waves.into_iter().next().flatten())));
        }
        let Some((name, wave)) = self.name.rsplit_once('.') else { return Ok(None) };
        let waves = scores.waves(name);
        if wave == "change" && !waves.is_empty() {
            return self.change(study, scores, name).map(Some);
        }
        if waves.contains(&Some(wave)) { Ok(Some(collect(scores, name, Some(wave)))) } else { Ok(None) }
    }

    /// Last wave minus first, for those who have both.
    fn change(
        &self,
        study: &Study,
        scores: &ScoreTable,
        name: &str,
    ) -> Result<BTreeMap<String, ScoreValue>, OutcomeError> {
        let no = |why: &str| OutcomeError::NoChange { name: name.to_owned(), why: why.to_owned() };
        let waves = in_order(study, scores.waves(name).into_iter().flatten());
        let (Some(&first), Some(&last)) = (waves.first(), waves.last()) else { return Err(no("it has no wave")) };
        if first == last {
            return Err(no(&format!("it was measured at {first} only")));
        }
        let before = collect(scores, name, Some(first));
        let mut change = BTreeMap::new();
        for (unit, after) in collect(scores, name, Some(last)) {
            match (before.get(&unit), after) {
                (Some(ScoreValue::Number(x)), ScoreValue::Number(y)) => {
                    change.insert(unit, ScoreValue::Number(y - x));
                }
                (None, _) => {}
                _ => return Err(no("it holds classes: compare the classes of one wave")),
            }
        }
        Ok(change)
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

fn as_score(value: &AttributeValue) -> ScoreValue {
    match value {
        AttributeValue::Number(x) => ScoreValue::Number(*x),
        other => ScoreValue::Class(other.label()),
    }
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
