//! Analyses declared beforehand, and the record that somebody has looked.

use serde::{Deserialize, Serialize};

/// Adjustment for testing several codes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adjustment {
    /// Holm's step-down.
    #[default]
    Holm,
    /// Benjamini and Hochberg's false discovery rate.
    Bh,
    /// None.
    None,
}

/// A declared family of tests: p is headline only for these. The id is the record's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Outcome (`attachment.T1=secure`).
    pub outcome: String,
    /// Codes of the family, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Themes of the family, sorted, where it is one of themes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub themes: Vec<String>,
    /// What is counted (`participant`, `source`, `case`).
    #[serde(default = "participant", skip_serializing_if = "is_participant")]
    pub unit: String,
    /// Who is at risk, where not everybody is: a group (`attachment.T0=insecure`) or a query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_risk: Option<String>,
    /// Name of the test.
    pub test: String,
    /// Score by which the effect is adjusted, for a test that needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Attribute whose values are strata or clusters, for a test that needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<String>,
    /// Adjustment over the family.
    pub adjustment: Adjustment,
    /// Level.
    pub alpha: f64,
}

fn participant() -> String {
    "participant".into()
}

fn is_participant(unit: &String) -> bool {
    unit == "participant"
}

impl Plan {
    /// The codes or themes of the family.
    pub fn rows(&self) -> &[String] {
        if self.themes.is_empty() { &self.codes } else { &self.themes }
    }
}

/// The first matrix or model for an outcome. The record's key is the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Outcome.
    pub outcome: String,
}
