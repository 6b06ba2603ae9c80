//! Dated, signed notes on anything.

use serde::{Deserialize, Serialize};

/// What a memo is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoKind {
    /// An idea about what the data mean.
    Analytic,
    /// A decision about how the work is done.
    Methodological,
    /// The researcher's own part in it.
    Reflexive,
    /// What was seen and heard around an interview.
    FieldNote,
    /// A summary of a case or source.
    Summary,
}

/// A memo. The record's key is its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memo {
    /// Kind.
    pub kind: MemoKind,
    /// What it is on: `study`, `source:NAME`, `code:ID`, `participant:ID`, `coding:ID`, `theme:ID`, `cell:ID`.
    pub on: String,
    /// The text.
    pub text: String,
    /// Who wrote it.
    pub author: String,
    /// When, UTC, RFC 3339.
    pub written: String,
}
