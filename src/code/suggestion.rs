//! What the coder proposes.

use super::Answered;
use crate::model::{Polarity, Qualifiers, Span};
use crate::store::{SourceText, hex};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Which rule of which code: position in [`crate::model::Code::rules`], then in `negative_forms`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleRef {
    /// Position in the code's rules; negative forms count on after them.
    pub index: u32,
    /// The rule as written.
    pub query: Arc<str>,
}

/// A code proposed for a span with a polarity. All spans are bytes of the revision's text (of the text given, for
/// `explain --text`). Never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
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
    /// The question that it rests on, where the words name the theme only in answer to it.
    pub answers: Option<Box<Answered>>,
}

impl Suggestion {
    /// Hash of (text digest, code id, start, end, polarity), 16 hex digits. Made when it is asked for: coding a corpus
    /// asks for few.
    pub fn id(&self, text: &SourceText) -> String {
        let mut hash = Sha256::new();
        let (start, end) = (self.unit.start.to_string(), self.unit.end.to_string());
        for part in [text.digest(), "\n", &self.code, "\n", &start, "\n", &end, "\n", self.polarity.name()] {
            hash.update(part);
        }
        hex(hash.finalize().get(..8).unwrap_or_default())
    }
}
