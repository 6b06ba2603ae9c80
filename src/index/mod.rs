//! The index: which turns hold which words, where, and how well they fit.
//!
//! Owns the folder `index/` of a study, which can be deleted at any time: it is made anew from the store. In it are the
//! words of every turn and what never changes about a turn (its ordinal, where it starts, labels of speaker, language and
//! question as its segmentation has them). Everything that can change (roles, participants, waves, codes, scores) is
//! resolved elsewhere and handed in as sets of turn ordinals.
//!
//! What always holds:
//! - a query denotes in a turn exactly what [`crate::query::reference`] says, interval by interval;
//! - the same study and query give the same answer, ranks included, from an index that caught up, one made anew, and no
//!   index at all: sources that are not in it are read from the store;
//! - words that were taken out of the study are taken out of the folder too.
//!
//! ```text
//! Index::open -> catch_up (folder, sync, listing, vocabulary)
//!   .reader() -> .search() (plan) -> each | count | ranked | spans (segment, cursor, evaluate, rank)
//! ```

mod concordance;
mod cursor;
mod error;
mod evaluate;
mod folder;
mod gather;
mod like;
mod listing;
mod plan;
mod rank;
mod reader;
mod schema;
mod search;
mod segment;
mod sync;
#[cfg(test)]
pub(crate) mod tests;
mod turn;
mod vocabulary;
mod whole;
mod words;

pub use concordance::{Context, context, excerpt, sort_key, span_of};
pub use error::IndexError;
pub use evaluate::Hit;
pub use like::like;
pub use rank::Ranked;
pub use reader::{Conditions, Reader, Spoken, no_conditions};
pub use search::Search;
pub use turn::Turn;
pub use vocabulary::MOST_FORMS;
pub use words::{Collocate, Keyness, Neighbours, WordCount, WordCounts, keyness};

use crate::store::{Store, Study};
use crate::text::{ANALYSER_VERSION, STEMMER_VERSION};
use folder::Opened;
use listing::Payload;
use std::path::PathBuf;
use sync::{Difference, Written};

/// The index of one study, as one process sees it.
pub struct Index {
    path: PathBuf,
    expected: Payload,
    opened: Option<Opened>,
    notes: Vec<String>,
}

impl Index {
    /// Opens the index of a study and brings it up to date. Where that cannot be done (another process is at it, the
    /// disk is full or read-only), sources that are not in it are read from the store instead.
    pub fn open(store: &Store, study: &Study) -> Self {
        let expected = Payload {
            format: schema::FORMAT,
            analyser: format!("{ANALYSER_VERSION}, {STEMMER_VERSION}"),
            study: store.keyed_digest("index").chars().take(16).collect(),
            seq: 0,
            listing: String::new(),
        };
        let mut index = Self { path: store.folder().join("index"), expected, opened: None, notes: Vec::new() };
        index.catch_up(store, study);
        index
    }

    /// Brings the index up to date with a study that was read anew: after an import, or when another process wrote.
    pub fn catch_up(&mut self, store: &Store, study: &Study) {
        match self.try_to_catch_up(store, study) {
            Ok(()) => {}
            Err(IndexError::Failed { source, .. }) if is_forbidden(&source) => {}
            Err(error) => {
                let cause = std::error::Error::source(&error).map(|cause| format!(" ({cause})")).unwrap_or_default();
                self.notes.push(format!("{error}{cause}: the texts are searched without it"));
            }
        }
    }

    fn try_to_catch_up(&mut self, store: &Store, study: &Study) -> Result<(), IndexError> {
        let (opened, why) = match Opened::open(&self.path, &self.expected) {
            Ok(Some(opened)) => (Some(opened), None),
            Ok(None) => (None, Some("was missing".to_owned())),
            Err(IndexError::Unusable { why }) => (None, Some(format!("could not be used ({why})"))),
            Err(other) => return Err(other),
        };
        self.opened = opened;
        let difference = Difference::new(self.opened.as_ref().map(|opened| &opened.listing), study);
        // An index that is ahead of us is not set back.
        let is_ahead = self.opened.as_ref().is_some_and(|opened| opened.payload.seq > study.head.1);
        if is_ahead || (difference.is_empty() && (self.opened.is_some() || study.sources.is_empty())) {
            return Ok(());
        }
        // Files that nobody has open any more can be removed at once.
        let is_there = self.opened.take().is_some();
        let written = match is_there {
            false if matches!(sync::make_anew(&self.path)?, Written::Busy) => Ok(Written::Busy),
            _ => sync::write(&self.path, difference, &self.expected, store, study),
        };
        // Whatever came of it, what lies there now is used.
        self.opened = Opened::open(&self.path, &self.expected).unwrap_or(None);
        if let Written::Done = written? {
            self.notes.extend(why.map(|why| format!("the index {why} and was made anew")));
        }
        Ok(())
    }

    /// Has every byte of a study's index read again when it is opened next; whether there is one.
    pub fn distrust(store: &Store) -> bool {
        whole::distrust(&store.folder().join("index"))
    }

    /// What a person should know about the index, each said once.
    pub fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Whether a folder with an index is in use; without one every text is read.
    pub const fn is_usable(&self) -> bool {
        self.opened.is_some()
    }

    /// Ready to answer queries about a study as it was read.
    pub fn reader<'a>(&'a self, store: &'a Store, study: &'a Study) -> Reader<'a> {
        Reader::new(self.opened.as_ref(), store, study)
    }
}

/// A disk that must not be written is no problem: there is nothing to say.
fn is_forbidden(error: &tantivy::TantivyError) -> bool {
    use std::io::ErrorKind;
    let kind = match error {
        tantivy::TantivyError::IoError(error) => error.kind(),
        tantivy::TantivyError::OpenDirectoryError(tantivy::directory::error::OpenDirectoryError::IoError {
            io_error,
            ..
        }) => io_error.kind(),
        _ => return false,
    };
    matches!(kind, ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied)
}
