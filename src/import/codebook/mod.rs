//! Codebook files: TOML to [`crate::model::Codebook`] and back.
//!
//! Owns the form of the file and everything that can be wrong with it. All problems are reported at once, each with
//! file, line, column and a caret; a mistake in a rule is shown at its place inside the rule. A codebook that was read
//! has valid ids, known parents without circles, and rules that parse and can serve as rules; whether it is a *good*
//! codebook is told by `code::check`. Writing and reading again gives the same codebook.

mod place;
mod problem;
mod read;
mod rules;
mod write;

pub use place::Place;
pub use problem::{CodebookMistake, CodebookProblem, Note};
pub use read::read_codebook;
pub use write::write_codebook;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
