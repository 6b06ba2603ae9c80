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
    pub codes: Vec<String>,
    /// Query that says who is at risk, where not everybody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_risk: Option<String>,
    /// Name of the test.
    pub test: String,
    /// Adjustment over the family.
    pub adjustment: Adjustment,
    /// Level.
    pub alpha: f64,
}

/// The first matrix or model for an outcome. The record's key is the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Outcome.
    pub outcome: String,
}
