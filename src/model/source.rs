//! Sources: texts, how they were cut into turns, and the way back to the file they came from.

use super::{AttributeValue, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who talks in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The person the study is about.
    Participant,
    /// The person who asks; skipped by rules unless the settings say otherwise.
    Interviewer,
    /// Anyone else, and everyone not identified.
    Other,
}

impl Role {
    /// All values.
    pub const ALL: [Self; 3] = [Self::Participant, Self::Interviewer, Self::Other];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Participant => "participant",
            Self::Interviewer => "interviewer",
            Self::Other => "other",
        }
    }
}

/// The kind of file a source came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceFormat {
    /// Plain text or Markdown, with or without speaker labels (also Otter and f4 transcripts).
    Text,
    /// WebVTT subtitles (Zoom, Teams).
    WebVtt,
    /// SubRip subtitles.
    SubRip,
    /// Rows of a comma- or tab-separated table.
    Table,
    /// JSON or JSON lines.
    Json,
    /// A WordPress post as its REST interface gives it.
    WordPress,
    /// Bibliographic records in RIS.
    Ris,
}

/// Where a piece of text stood in the file it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locator {
    /// Line of a text file, from 1.
    Line(u32),
    /// Row (from 1, the header not counted) and column name of a table.
    Cell {
        /// Row, from 1.
        row: u32,
        /// Column name.
        column: String,
    },
    /// Path inside a JSON document.
    Path(String),
}

/// One piece of the source map: text from `text_start` on stands in the file at `original_start`.
///
/// Offsets inside a piece move in step when `verbatim`; where the reader decoded (entities, another encoding),
/// only the start is exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapEntry {
    /// Byte offset in the revision's text.
    pub text_start: u32,
    /// Byte offset in the original file.
    pub original_start: u64,
    /// Whether bytes were copied one for one from here to the next piece.
    pub verbatim: bool,
    /// The place as a person would name it.
    pub locator: Locator,
}

/// One uninterrupted contribution of one speaker, or one cell of open answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The words spoken, without the label: bytes of the revision's text.
    pub span: Span,
    /// Index into [`Segmentation::speakers`].
    pub speaker: u32,
    /// When it began, in milliseconds, where the transcript says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<u64>,
    /// The question or topic it answers, where the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Language (BCP 47 primary tag) where it differs from the source's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// The versioned cut of a revision into turns, with speakers. The k-th turn has ordinal `first_ordinal + k` in the study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Segmentation {
    /// Speaker labels in order of appearance, as normalised by the reader (`Interviewer`, `P`, `RA`).
    pub speakers: Vec<String>,
    /// Turns in text order; spans do not overlap.
    pub turns: Vec<Turn>,
    /// Where the text came from, sorted by `text_start`.
    pub map: Vec<MapEntry>,
    /// Text that belongs to no turn and is not a label or a mark (headers, lines before the first label).
    pub unassigned: Vec<Span>,
}

/// One document of the study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Name shown to people, unique in the study: the file's name, or `table/id` for sources made from rows.
    pub name: String,
    /// Kind of file.
    pub format: SourceFormat,
    /// Blob id of the current revision's text; a revision's text never changes.
    pub revision: String,
    /// Blob id of the current [`Segmentation`] (JSON).
    pub segmentation: String,
    /// Ordinal of the first turn; ordinals are never used again in a study.
    pub first_ordinal: u32,
    /// Number of turns.
    pub turns: u32,
    /// Blob id of the imported file, where the text is not that file byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    /// Language (BCP 47 primary tag).
    pub language: String,
    /// Wave at which it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
    /// Role of each speaker, by label.
    pub roles: BTreeMap<String, Role>,
    /// Participant id of each speaker that is one, by label.
    pub participants: BTreeMap<String, String>,
    /// Typed attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, AttributeValue>,
    /// Topics of the guide that were not asked here: codes count as "not asked", never as "not mentioned".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_asked: Vec<String>,
    /// A focus group: several participants in one source; left out of participant tests unless asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub focus_group: bool,
}

impl Source {
    /// Role of a speaker label; one that was never mapped is `Other`.
    pub fn role(&self, speaker: &str) -> Role {
        self.roles.get(speaker).copied().unwrap_or(Role::Other)
    }
}
