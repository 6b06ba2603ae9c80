//! People, declared groups of people, and the times at which they were measured.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A typed attribute of a participant, source or case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Anything else, several values of a multi-response attribute included, in file order.
    Text(String),
    /// Several values (multi-response), sorted.
    Many(Vec<String>),
}

impl AttributeValue {
    /// The value as people read it; numbers without a superfluous `.0`.
    pub fn label(&self) -> String {
        match self {
            Self::Flag(true) => "yes".into(),
            Self::Flag(false) => "no".into(),
            Self::Number(x) => format!("{x}"),
            Self::Text(s) => s.clone(),
            Self::Many(values) => values.join("; "),
        }
    }
}

/// A person of the study. The id is the record's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Participant {
    /// Typed attributes (age, site, substance ...).
    pub attributes: BTreeMap<String, AttributeValue>,
    /// Withdrawn: hidden everywhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// A declared set of participants: a dyad, a focus group, a site. The id is the record's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Case {
    /// Ids of its participants, sorted.
    pub participants: Vec<String>,
    /// Typed attributes.
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// What a wave is to the programme that the study follows; speech without a time marker takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WavePhase {
    /// Before it began.
    Before,
    /// While it ran.
    During,
    /// After it ended.
    After,
}

/// A declared time point. The id (`T0`) is the record's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wave {
    /// Label for tables.
    pub label: String,
    /// Position in time, from 0.
    pub order: u32,
    /// Phase of the programme.
    pub phase: WavePhase,
}
