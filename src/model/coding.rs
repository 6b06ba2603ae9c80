//! Codings: a code on a span by a coder, with what was said about it and where it came from.

use super::Span;
use serde::{Deserialize, Serialize};

/// Whether a theme is said to be there. In the line of assertion status (ConText) and magnitude coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Polarity {
    /// It is said to be there.
    Present,
    /// It is denied.
    Absent,
    /// It was there and is no longer.
    Ceased,
    /// It became less.
    Reduced,
    /// It is imagined, asked for or conditional.
    Hypothetical,
    /// Both at once; only people assign it.
    Ambivalent,
}

impl Polarity {
    /// All values, in the order of tables.
    pub const ALL: [Self; 6] =
        [Self::Present, Self::Absent, Self::Ceased, Self::Reduced, Self::Hypothetical, Self::Ambivalent];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Ceased => "ceased",
            Self::Reduced => "reduced",
            Self::Hypothetical => "hypothetical",
            Self::Ambivalent => "ambivalent",
        }
    }
}

/// The time a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Time {
    /// Before the programme.
    Before,
    /// While in it.
    During,
    /// After it.
    After,
    /// No particular time.
    General,
    /// Not to be told from the text.
    #[default]
    Unknown,
}

impl Time {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::During => "during",
            Self::After => "after",
            Self::General => "general",
            Self::Unknown => "unknown",
        }
    }
}

/// Whose experience it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Experiencer {
    /// The speaker's own.
    #[default]
    #[serde(rename = "self")]
    Speaker,
    /// Somebody else's; not counted unless asked for.
    Other,
    /// Not to be told from the text.
    Unknown,
}

impl Experiencer {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Speaker => "self",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// Time, target and experiencer of a coding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Qualifiers {
    /// Time it is about.
    #[serde(default)]
    pub time: Time,
    /// Whom or what it is directed at, from the code's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Whose experience it is.
    #[serde(default)]
    pub experiencer: Experiencer,
}

/// How sure the coder was of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Would code it so again.
    Sure,
    /// To be looked at by somebody else.
    Unsure,
}

impl Confidence {
    /// All values, in the order of tables.
    pub const ALL: [Self; 2] = [Self::Sure, Self::Unsure];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Unsure => "unsure",
        }
    }
}

/// How a coding came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// A person marked it.
    #[serde(rename = "by hand")]
    ByHand,
    /// A suggestion that a person looked at and took.
    #[serde(rename = "accepted one by one")]
    AcceptedOneByOne,
    /// One of many suggestions taken at once.
    #[serde(rename = "accepted in bulk")]
    AcceptedInBulk,
    /// Decided between coders.
    #[serde(rename = "adjudicated")]
    Adjudicated,
    /// Came with data from elsewhere.
    #[serde(rename = "imported")]
    Imported,
}

impl Origin {
    /// All values, in the order of tables.
    pub const ALL: [Self; 5] =
        [Self::ByHand, Self::AcceptedOneByOne, Self::AcceptedInBulk, Self::Adjudicated, Self::Imported];

    /// The words for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByHand => "by hand",
            Self::AcceptedOneByOne => "accepted one by one",
            Self::AcceptedInBulk => "accepted in bulk",
            Self::Adjudicated => "adjudicated",
            Self::Imported => "imported",
        }
    }
}

/// What the coder could see when deciding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Visible {
    /// Suggestions of rules.
    pub suggestions: bool,
    /// Codings by others.
    pub coders: bool,
    /// Scores of the participant.
    pub scores: bool,
    /// The group or wave of the participant.
    pub group: bool,
}

/// A code on a span by a coder; without a code, a quotation that was kept. The record's key is its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coding {
    /// Code id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Source id.
    pub source: String,
    /// Blob id of the revision that was coded; with `span` and `digest` the anchor that never changes.
    pub revision: String,
    /// The quotation.
    pub span: Span,
    /// SHA-256 of the quotation's text keyed with the study's salt, in hex: a shifted quotation is detected, never shown.
    pub digest: String,
    /// Who coded.
    pub coder: String,
    /// Polarity.
    pub polarity: Polarity,
    /// Time, target, experiencer.
    #[serde(default)]
    pub qualifiers: Qualifiers,
    /// How it came to be.
    pub origin: Origin,
    /// How sure its coder was, where the coder said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// Codebook version in force.
    pub codebook_version: u32,
    /// For an accepted suggestion: the words that led to it (bytes of the revision).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<Span>,
    /// For an accepted suggestion: the words that set its polarity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Span>,
    /// For an accepted suggestion: digest of the rule set that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<String>,
    /// Free note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// What was visible.
    #[serde(default)]
    pub visible: Visible,
    /// Which reading of the source by this coder: 1, or a later one that is held against it to see drift.
    #[serde(default = "first_round", skip_serializing_if = "is_first_round")]
    pub round: u32,
}

/// The reading that counts.
pub const FIRST_ROUND: u32 = 1;

fn first_round() -> u32 {
    FIRST_ROUND
}

fn is_first_round(round: &u32) -> bool {
    *round == FIRST_ROUND
}

/// How sure a re-anchored position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnchorState {
    /// Same words, same place.
    Exact,
    /// Same words, another place.
    Moved,
    /// The words were edited.
    Changed,
    /// The words are gone; listed, not counted.
    Lost,
}

impl AnchorState {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Moved => "moved",
            Self::Changed => "changed",
            Self::Lost => "lost",
        }
    }
}

/// Where a coding lies in the current revision, written by the operation that made it. The record's key is the coding's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Blob id of the revision.
    pub revision: String,
    /// The place in it.
    pub span: Span,
    /// How sure.
    pub state: AnchorState,
    /// Keyed digest of the words there, where they are not those that were coded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A suggestion that a coder turned down: code, span and polarity; binds whatever rule offers it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rejection {
    /// Code id.
    pub code: String,
    /// Source id.
    pub source: String,
    /// Blob id of the revision.
    pub revision: String,
    /// The span turned down.
    pub span: Span,
    /// The polarity turned down.
    pub polarity: Polarity,
    /// Who decided.
    pub coder: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The record that a coder has read a source for a set of codes. Keyed `coder/source`, with `/ROUND` and `/FIRST-LAST+...`
/// (of the turns) after it where it is about a later round or a part of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Who read it.
    pub coder: String,
    /// Source id.
    pub source: String,
    /// Codes read for, sorted; empty means all codes of the codebook.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Turns read, as ranges of ordinals `[first, last]`; empty means the whole source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<(u32, u32)>,
    /// As in [`Coding::round`].
    #[serde(default = "first_round", skip_serializing_if = "is_first_round")]
    pub round: u32,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_said_leaves_no_trace_in_what_is_hashed() {
        let old = r#"{"source":"s","revision":"r","span":{"start":0,"end":3},"digest":"d","coder":"ann","polarity":"present","qualifiers":{"time":"unknown","experiencer":"self"},"origin":"by hand","codebook_version":1,"visible":{"suggestions":false,"coders":false,"scores":false,"group":false}}"#;
        let coding: Coding = serde_json::from_str(old).unwrap();
        assert_eq!(coding.confidence, None);
        assert_eq!(serde_json::to_string(&coding).unwrap(), old);
        let sure = Coding { confidence: Some(Confidence::Sure), ..coding };
        assert!(serde_json::to_string(&sure).unwrap().contains(r#""confidence":"sure""#));
    }
}
