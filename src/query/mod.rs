//! The one language for searching and coding: lexer, parser, tree, printer, and what a query denotes.
//!
//! ```text
//! query   = and { "OR" and }
//! and     = not { [ "AND" ] not }                      two words side by side are an AND
//! not     = "NOT" not | related
//! related = near [ ( "OVERLAPS" | "BEFORE" [/n] | "AFTER" [/n] ) near ]
//! near    = atom { ( "NEAR/n" | "THEN/n" ) atom }      from left to right
//! atom    = word | phrase | /regex/ | field | "(" query ")" | "WITHIN" scope "(" query ")"
//! word    = trust | =Trust | tru*t | wom?n | trust~1 | [inserted]
//! phrase  = "some words" | "some words"~2 | ="Some Words"          words as above inside
//! field   = name:value | attr.name:value | score.name[.wave]:value
//! value   = word | "some words" | >3.5 | [40 TO 55]
//! scope   = sentence | turn | source
//! ```
//!
//! A query denotes, per turn, a set of token intervals (see [`mod@reference`], the slow and obviously right matcher).
//! Conditions on speakers, codes or scores are part of the tree; the stages that hold such data resolve them. What a
//! word is and which token it matches is the analyser's business (`text`). Always true: parsing what a parsed query
//! prints gives the same query.

mod covers;
mod error;
mod fields;
pub(crate) mod gates;
mod lex;
mod nearest;
pub(crate) mod operators;
mod parse;
mod pattern;
mod print;
pub mod reference;
mod rule;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod samples;
mod saved;
mod tree;
mod words;

pub use covers::covers;
pub use error::{Hint, ParseError, ParseProblem, caret_lines};
pub use nearest::nearest;
pub use parse::{Parsed, parse, parse_detailed};
pub use pattern::{compile_regex, pattern_places};
pub use rule::{RuleError, check_rule};
pub use saved::{SavedError, with_saved};
pub use tree::{Comparison, Field, FieldValue, Query, Relation, Scope, Term, TermMode};

/// Levels of parentheses and operators inside one another.
pub const MAX_DEPTH: usize = 64;

/// Words and conditions of one query.
pub const MAX_CLAUSES: usize = 10_000;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
