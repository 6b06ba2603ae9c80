//! Plain data: the words of a study as types.
//!
//! Owns the vocabulary that every stage speaks (spans, turns, codes, codings, scores) and nothing that computes.
//! A value here can be written to JSON and read back unchanged; everything sorted is in a `BTreeMap`, so that the
//! same study always prints the same bytes.

mod codebook;
mod coding;
mod instrument;
mod memo;
mod participant;
mod plan;
mod review;
mod search;
mod settings;
mod source;
mod span;
mod theme;

pub use codebook::{Code, CodeStatus, Codebook, CodebookVersion, Examples, MeaningUnit, Rule};
pub use coding::{
    Anchor, AnchorState, Coding, Confidence, Coverage, Experiencer, FIRST_ROUND, Origin, Polarity, Qualifiers,
    Rejection, Time, Visible,
};
pub use instrument::{
    Anchors, Better, Certainty, ClassRule, Classing, Conversion, Instrument, ItemRange, MissingRule, Norm, Prorating,
    Reliability, ReliableChangePoints, Responses, Score, ScoreValue, Subscale, SubscaleKind, Ties,
};
pub use memo::{Memo, MemoKind};
pub use participant::{AttributeValue, Case, Participant, Wave, WavePhase};
pub use plan::{Adjustment, Looked, Plan, PlannedTable, look};
pub use review::{Adjudication, AuditItem, AuditSample, Drawn, Judged, Reason, SignOff, Stratum, Verdict};
pub use search::SavedSearch;
pub use settings::{Approach, ColumnMapping, FIRST_SEED, Hidden, Settings};
pub use source::{Locator, MapEntry, Role, Segmentation, Source, SourceFormat, Turn};
pub use span::Span;
pub use theme::{Theme, ThemeStatus};

/// A kind of thing that the store keeps: one row per id, every change of it an operation.
pub trait Record: serde::Serialize + serde::de::DeserializeOwned {
    /// The name of the kind, as the operations log and `log` print it.
    const KIND: &'static str;
}

macro_rules! record {
    ($($type:ty => $kind:literal),+ $(,)?) => {
        $(impl Record for $type { const KIND: &'static str = $kind; })+
    };
}

record! {
    Settings => "settings",
    Source => "source",
    Participant => "participant",
    Case => "case",
    Wave => "wave",
    Instrument => "instrument",
    Responses => "responses",
    Score => "score",
    CodebookVersion => "codebook",
    Theme => "theme",
    Coding => "coding",
    Anchor => "anchor",
    Rejection => "rejection",
    Coverage => "coverage",
    Memo => "memo",
    Plan => "plan",
    Looked => "looked",
    Adjudication => "adjudication",
    SignOff => "sign-off",
    AuditSample => "audit sample",
    Verdict => "verdict",
    SavedSearch => "search",
}
