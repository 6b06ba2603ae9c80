//! Themes: patterns of shared meaning that an analyst builds on codes. A code is not a theme.

use serde::{Deserialize, Serialize};

/// How far a theme has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeStatus {
    /// Being tried.
    #[default]
    Candidate,
    /// Held against the data.
    Reviewed,
    /// Goes into the paper.
    Final,
}

/// A theme. The id is the record's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Theme {
    /// Name.
    pub name: String,
    /// Its central organising concept, in a sentence.
    pub concept: String,
    /// Codes it rests on, sorted.
    pub codes: Vec<String>,
    /// Codings (quotations) it rests on, sorted.
    pub quotations: Vec<String>,
    /// Status.
    pub status: ThemeStatus,
}
