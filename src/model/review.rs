//! What a reviewer leaves behind: decisions between coders, sign-offs, samples for an audit and verdicts on them.

use super::Span;
use serde::{Deserialize, Serialize};

/// Why coders differed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Somebody overlooked it.
    Oversight,
    /// The definition allows both.
    Definition,
    /// They agree on the code and not on where it begins or ends.
    Boundary,
    /// The words themselves allow both.
    Ambiguity,
}

impl Reason {
    /// All values, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Oversight, Self::Definition, Self::Boundary, Self::Ambiguity];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oversight => "oversight",
            Self::Definition => "definition",
            Self::Boundary => "boundary",
            Self::Ambiguity => "ambiguity",
        }
    }
}

/// A decision between coders. The record's key is the id of the disagreement; the codings of both sides stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjudication {
    /// Source id.
    pub source: String,
    /// Blob id of the revision.
    pub revision: String,
    /// The text that the codings of all sides cover together.
    pub span: Span,
    /// Ids of the codings that differed, sorted.
    pub codings: Vec<String>,
    /// Ids of the final codings; none where the decision is that nothing is coded here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finals: Vec<String>,
    /// Who decided.
    pub adjudicator: String,
    /// Why the coders differed.
    pub reason: Reason,
    /// What is to change in the codebook, if the decision showed that something is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub codebook_change: String,
    /// Free note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When, UTC, RFC 3339.
    pub decided: String,
}

/// The word of a reviewer that the codings of a source, or of a code, are final. The record's key is `source:ID` or
/// `code:ID`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// Who.
    pub by: String,
    /// When, UTC, RFC 3339.
    pub signed: String,
    /// Digest of the codings as they were: one that changed since is found.
    pub digest: String,
    /// Free note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What an audit draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drawn {
    /// Coded excerpts, for the share of wrong ones.
    Coded,
    /// Turns that were read and have neither a coding nor a suggestion of the code, for the share of missed ones.
    Uncoded,
}

/// A part of what could be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stratum {
    /// Its value (`trust`, `coder-a`, `secure`).
    pub name: String,
    /// Excerpts or turns in it.
    pub population: u32,
    /// For uncoded turns: turns of this part that have a coding of the code.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub coded: u32,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One excerpt of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditItem {
    /// Index into [`AuditSample::strata`].
    pub stratum: u32,
    /// Source id.
    pub source: String,
    /// Where, in the revision of the time.
    pub span: Span,
    /// The coding, for coded excerpts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coding: Option<String>,
    /// Code id.
    pub code: String,
}

/// A random sample for an audit, with everything needed to draw it again. The record's key is its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditSample {
    /// What was drawn.
    pub drawn: Drawn,
    /// What the strata are made by (`code`, `coder`, `confidence`, `outcome:attachment.T1`, `rule`, `origin`, `all`).
    pub by: String,
    /// What was left out beforehand, in words of the command (`code trust`); empty for nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub only: String,
    /// Seed of the draw.
    pub seed: u64,
    /// Strata, sorted by name.
    pub strata: Vec<Stratum>,
    /// What was drawn, in the order in which it is to be looked at.
    pub items: Vec<AuditItem>,
    /// Who drew it.
    pub by_whom: String,
    /// When, UTC, RFC 3339.
    pub when: String,
}

/// What an auditor says of an excerpt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// The coding is right; the turn has nothing of the code.
    Right,
    /// The coding is wrong; the turn has the code, and it was missed.
    Wrong,
    /// Not to be decided; left out of the rates, and counted.
    Unclear,
}

impl Judged {
    /// All values, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Right, Self::Wrong, Self::Unclear];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Unclear => "unclear",
        }
    }
}

/// A verdict on an excerpt of a sample. The record's key is `SAMPLE/NUMBER/AUDITOR`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Id of the sample.
    pub sample: String,
    /// Number of the excerpt, from 1.
    pub item: u32,
    /// The verdict.
    pub judged: Judged,
    /// Who.
    pub auditor: String,
    /// Free note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}
