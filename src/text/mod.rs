//! The one analyser: how a turn becomes tokens, sentences, folded forms and stems.
//!
//! Owns every decision about what a word is; the query language, the coder and the index all call it, so that a
//! search and a rule never see a text differently. Holds no study data and does no I/O.

mod ascii;
mod fold;
mod language;
mod matches;
mod reanchor;
mod remarks;
mod sentence;
mod stem;
mod token;
mod tokenize;

pub use fold::fold;
pub use language::language_or;
pub use matches::{HEBREW_PARTICLES, MatchMode, TermIndex, TermMatcher, hebrew_bare, wildcard_matches, within_edits};
pub use reanchor::{Alignment, most_alike};
pub(crate) use remarks::may_hold_marks;
pub use remarks::remarks;
pub use sentence::{sentence_around, sentence_span, sentences};
pub use stem::{STEMMER_VERSION, stem, stemmer_of};
pub use token::{Token, TokenKind};
pub(crate) use tokenize::each_word;
pub use tokenize::{ANALYSER_VERSION, LONGEST_TOKEN, count_words, each_token, tokenize, word_starts};
