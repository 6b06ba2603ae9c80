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
}

/// How the items of a scale become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscaleKind {
    /// Mean of the items that were answered.
    Mean,
    /// Sum; with missing items that the rule allows, the mean times the number of items.
    Sum,
}

/// One scale of an instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscale {
    /// Item numbers, from 1.
    pub items: Vec<u32>,
    /// Mean or sum.
    pub kind: SubscaleKind,
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
    /// Numbers of the reverse-keyed items: answer x counts as `min + max - x`.
    #[serde(default)]
    pub reversed: Vec<u32>,
    /// Scales by name; the score of scale `avoidance` of instrument `ecr` is `ecr.avoidance`.
    pub scales: BTreeMap<String, Subscale>,
    /// Missing-item rule.
    #[serde(default = "half")]
    pub missing: MissingRule,
    /// Where keys and rules come from.
    #[serde(default)]
    pub source: String,
}

fn half() -> MissingRule {
    MissingRule::Half
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
