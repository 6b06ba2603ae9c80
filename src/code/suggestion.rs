//! What the coder proposes.

use crate::model::{Polarity, Qualifiers, Span};
use serde::Serialize;

/// Which rule of which code: position in [`crate::model::Code::rules`], then in `negative_forms`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RuleRef {
    /// Position in the code's rules; negative forms count on after them.
    pub index: u32,
    /// The rule as written.
    pub query: String,
}

/// A code proposed for a span with a polarity. All spans are bytes of the revision's text (of the text given, for
/// `explain --text`). Never stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Hash of (text digest, code id, start, end, polarity), 16 hex digits.
    pub id: String,
    /// Code id.
    pub code: String,
    /// Ordinal of the turn.
    pub turn: u32,
    /// The meaning unit.
    pub unit: Span,
    /// The words that the rule found.
    pub indicator: Span,
    /// The words that set the polarity, where there are any.
    pub trigger: Option<Span>,
    /// The stretch that the trigger governs, or the clause that was searched for one.
    pub scope: Span,
    /// Rules that found it, sorted.
    pub rules: Vec<RuleRef>,
    /// Polarity.
    pub polarity: Polarity,
    /// Time, target, experiencer.
    pub qualifiers: Qualifiers,
    /// The code's rule also hits in the preceding interviewer turn.
    pub prompted: bool,
    /// Why the polarity came out so: completes a sentence about the trigger.
    pub because: &'static str,
}
