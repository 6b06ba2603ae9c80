//! Questionnaires as data: keys and rules only, never the text of an item.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many items may be missing before a scale has no score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingRule {
    /// Every item is needed.
    None,
    /// At least half of the items.
    Half,
    /// At least this share of the items (0 to 1).
    Share(f64),
    /// At least this many items.
    Count(u32),
}

/// What stands for a missing item, where the missing-item rule allows a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prorating {
    /// The mean of the items of the scale that were answered.
    #[default]
    Mean,
    /// That mean, rounded to a whole answer (halves up).
    RoundedMean,
    /// That mean; the score itself is rounded to a whole number (halves up) where an item was missing.
    RoundedScore,
}

/// How the items of a scale become one number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscaleKind {
    /// Mean of the items that were answered.
    Mean,
    /// Sum; with missing items that the rule allows, what [`Prorating`] says stands for each of them.
    Sum,
    /// A formula over other scales and items; needs all that it names.
    Formula(String),
}

/// Which way a scale is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// A higher score is a better one.
    Higher,
    /// A lower score is a better one.
    Lower,
}

/// How well a key, rule or figure is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Whoever wrote it down vouches for it.
    #[default]
    Checked,
    /// Not compared with the publication yet: a warning is printed whenever it is used.
    Uncertain,
}

impl Certainty {
    fn is_checked(&self) -> bool {
        *self == Self::Checked
    }
}

/// A whole raw score and what it is converted to (SWEMWBS).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// The lowest raw score.
    pub from: f64,
    /// Converted scores of that raw score and of every whole number above it.
    pub to: Vec<f64>,
}

/// Mean and spread of a scale in a group that others measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Norm {
    /// Which people (`clinical`, `community`).
    pub group: String,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// How many people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// Where it is published.
    pub source: String,
    /// How well it is known.
    #[serde(default, skip_serializing_if = "Certainty::is_checked")]
    pub certainty: Certainty,
}

/// A published reliability of a scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    /// Which coefficient (`alpha`, `test-retest`).
    pub kind: String,
    /// Its value.
    pub value: f64,
    /// Where it is published.
    pub source: String,
    /// How well it is known.
    #[serde(default, skip_serializing_if = "Certainty::is_checked")]
    pub certainty: Certainty,
}

/// A published number of points from which a change counts as reliable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReliableChangePoints {
    /// The fewest points.
    pub points: f64,
    /// Where it is published.
    pub source: String,
    /// How well it is known.
    #[serde(default, skip_serializing_if = "Certainty::is_checked")]
    pub certainty: Certainty,
}

/// One scale of an instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscale {
    /// Item numbers, from 1; none for a formula.
    #[serde(default)]
    pub items: Vec<u32>,
    /// Mean, sum or formula.
    pub kind: SubscaleKind,
    /// Items that are reverse-keyed in this scale only, beside those of the instrument.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reversed: Vec<u32>,
    /// Missing-item rule, where it is not the instrument's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingRule>,
    /// Conversion of the raw score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convert: Option<Conversion>,
    /// Which way is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<Better>,
    /// Published norms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub norms: Vec<Norm>,
    /// Published reliabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reliability: Vec<Reliability>,
    /// Published criterion of reliable change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliable_change: Option<ReliableChangePoints>,
}

/// What happens when two classes have the same largest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ties {
    /// There is no class, and the person is listed.
    None,
    /// The class that is named first.
    First,
}

/// How scales and items become a class. Pairs of a class and its condition or formula, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Classing {
    /// The first class whose condition holds (`avoidance < 4 and anxiety < 4`).
    First(Vec<(String, String)>),
    /// The class whose formula gives the largest value.
    Largest(Vec<(String, String)>),
}

/// A rule that gives each person one class. Its id is the score's name: rule `midpoint` of instrument `ecr` gives
/// `ecr.midpoint`, so that no class is printed without its rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRule {
    /// The rule in a few words.
    pub label: String,
    /// Classes and what leads to them.
    pub rule: Classing,
    /// Class of those for whom no condition holds; without it they have none, and are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// What equal largest values mean; has to be said for [`Classing::Largest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ties: Option<Ties>,
    /// Where the rule comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// How well it is known.
    #[serde(default, skip_serializing_if = "Certainty::is_checked")]
    pub certainty: Certainty,
}

impl ClassRule {
    /// The classes in the order of the file.
    pub fn classes(&self) -> Vec<&str> {
        let (Classing::First(pairs) | Classing::Largest(pairs)) = &self.rule;
        let mut classes: Vec<&str> = Vec::new();
        for class in pairs.iter().map(|(class, _)| class.as_str()).chain(self.otherwise.as_deref()) {
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
        classes
    }
}

/// The lowest and highest answer of some items, where they differ from the instrument's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemRange {
    /// Item numbers, from 1.
    pub items: Vec<u32>,
    /// Lowest answer.
    pub min: f64,
    /// Highest answer.
    pub max: f64,
}

/// What the ends of the answer scale meant on the sheet that people filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// The lowest answer (`disagree strongly`).
    pub lowest: String,
    /// The highest answer (`agree strongly`).
    pub highest: String,
    /// The sheet ran the other way round than the key supposes: every answer is turned round before keying.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inverted: bool,
}

/// A questionnaire. The id is the record's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Name for tables.
    pub label: String,
    /// Number of items.
    pub items: u32,
    /// Lowest answer.
    pub min: f64,
    /// Highest answer.
    pub max: f64,
    /// Items with a range of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<ItemRange>,
    /// Meaning of the ends of the answer scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<Anchors>,
    /// Numbers of the reverse-keyed items: answer x counts as `min + max - x`.
    #[serde(default)]
    pub reversed: Vec<u32>,
    /// Scales by name; the score of scale `avoidance` of instrument `ecr` is `ecr.avoidance`.
    pub scales: BTreeMap<String, Subscale>,
    /// Class rules by name; the class by rule `midpoint` of instrument `ecr` is `ecr.midpoint`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, ClassRule>,
    /// Missing-item rule.
    #[serde(default = "half")]
    pub missing: MissingRule,
    /// What stands for a missing item.
    #[serde(default, skip_serializing_if = "is_mean")]
    pub prorating: Prorating,
    /// Where keys and rules come from.
    #[serde(default)]
    pub source: String,
    /// How well the key is known.
    #[serde(default, skip_serializing_if = "Certainty::is_checked")]
    pub certainty: Certainty,
}

fn half() -> MissingRule {
    MissingRule::Half
}

fn is_mean(prorating: &Prorating) -> bool {
    *prorating == Prorating::Mean
}

impl Instrument {
    /// Lowest and highest answer of an item.
    pub fn range(&self, item: u32) -> (f64, f64) {
        let own = self.ranges.iter().find(|range| range.items.contains(&item));
        own.map_or((self.min, self.max), |range| (range.min, range.max))
    }

    /// Lowest and highest score that a scale can have; none for a formula.
    pub fn score_range(&self, scale: &Subscale) -> Option<(f64, f64)> {
        if let Some(convert) = &scale.convert {
            return Some((*convert.to.first()?, *convert.to.last()?));
        }
        let ranges = scale.items.iter().map(|item| self.range(*item));
        let (low, high) = ranges.fold((0.0, 0.0), |(low, high), (min, max)| (low + min, high + max));
        let items = scale.items.len() as f64;
        match scale.kind {
            SubscaleKind::Mean if items > 0.0 => Some((low / items, high / items)),
            SubscaleKind::Sum if items > 0.0 => Some((low, high)),
            _ => None,
        }
    }
}

/// The answers of one participant at one wave; `None` is a missing item. Keyed `instrument/participant/wave`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Responses {
    /// Participant id.
    pub participant: String,
    /// Wave id.
    pub wave: String,
    /// Instrument id.
    pub instrument: String,
    /// One answer per item, in item order.
    pub items: Vec<Option<f64>>,
}

/// A value of a score: a number, or the name of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ScoreValue {
    /// A number.
    Number(f64),
    /// A class such as `secure`.
    Class(String),
}

/// An imported score. Keyed `name/owner/wave` (`-` for no wave). Scores computed from [`Responses`] are derived, never stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Name (`wellbeing`).
    pub name: String,
    /// Participant id.
    pub participant: String,
    /// Wave id, where the score has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
    /// The value.
    pub value: ScoreValue,
}
