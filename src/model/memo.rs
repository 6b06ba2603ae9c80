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

impl MemoKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Analytic, Self::Methodological, Self::Reflexive, Self::FieldNote, Self::Summary];
    /// Their words in a sentence.
    pub const WORDS: &str = "analytic, methodological, reflexive, field-note or summary";

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Analytic => "analytic",
            Self::Methodological => "methodological",
            Self::Reflexive => "reflexive",
            Self::FieldNote => "field-note",
            Self::Summary => "summary",
        }
    }

    /// The kind that a word names.
    ///
    /// # Errors
    /// The word, where it names none.
    pub fn named(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == word).ok_or_else(|| word.to_owned())
    }
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
