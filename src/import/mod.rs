//! Files in: bytes become drafts of sources, participants and scores.
//!
//! Owns encodings, formats, the recognition of speakers, and the report of what was not taken. It never touches the
//! store and never decides for the study: a draft has no ids and no ordinals. Nothing is dropped silently: what does
//! not become part of a draft is a [`Problem`] with its line.
//!
//! ```text
//! bytes -> encoding -> detect -+-> transcript, subtitles --- label, decide --+
//!                              +-> posts, ris ------------------------------+-> cast -> Import
//!                              +-> tabular, objects --+-- rows (words) -----+
//!                                                     +-- data (no words) ------------> Import
//! ```

mod builder;
mod cast;
mod clock;
mod codebook;
mod columns;
mod data;
mod decide;
mod detect;
mod draft;
mod encoding;
mod expression;
mod few;
mod files;
mod html;
mod instrument;
mod json;
mod label;
mod lines;
mod locate;
mod memos;
mod objects;
mod options;
mod posts;
mod problem;
mod recut;
mod reference;
mod report;
mod ris;
mod roles;
mod rows;
mod subtitles;
mod table;
mod tabular;
mod transcript;
mod uses;
mod values;

#[cfg(test)]
mod tests;

pub use codebook::{CodebookProblem, Note, read_codebook, write_codebook};
pub use detect::{Kind, detect};
pub use draft::{CodingDraft, Import, SourceDraft, TableDraft};
pub use encoding::MAX_BYTES;
pub use expression::{Comparison, Condition, ExpressionError, Formula, Names, Operator};
pub use files::{Files, FilesError, Rank, comes_along, files, rank};
pub use instrument::{known_instrument, known_instruments, read_instruments};
pub use locate::locate;
pub use memos::{MemoRow, is_memos, read_memos};
pub use options::{
    NamePattern, OptionError, Options, SpeakerRow, parse_columns, parse_reference_columns, parse_role, parse_roles,
    parse_speakers,
};
pub use problem::{Problem, Severity};
pub use recut::{RecutError, give_turn, join_turn, replace_words, split_turn};
pub use reference::{Place as ReferencePlace, ReferenceRow, read_reference};
pub use report::{SourceReport, SpeakerReport, report};

/// Reads one file: drafts and problems, or the problem for which nothing of it could be taken.
pub fn read(file_name: &str, bytes: &[u8], options: &Options) -> Result<Import, Problem> {
    let (decoded, problems) = encoding::decode(file_name, bytes)?;
    let kind = options.kind.unwrap_or_else(|| detect::detect_text(file_name, &decoded.text));
    let mut import = match kind {
        Kind::Transcript => transcript::read(file_name, bytes, decoded, options),
        Kind::WebVtt | Kind::SubRip => subtitles::read(file_name, bytes, &decoded, kind, options)?,
        Kind::Table => tabular::read(file_name, bytes, &decoded, options)?,
        Kind::Json => objects::read(file_name, bytes, &decoded, options)?,
        Kind::WordPress => posts::read(file_name, bytes, &decoded, options)?,
        Kind::Ris => ris::read(file_name, bytes, &decoded, options)?,
    };
    import.problems.splice(0..0, problems);
    Ok(import)
}
