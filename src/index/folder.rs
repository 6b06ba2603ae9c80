//! The folder `index/`, opened: what a commit left there, checked before it is used.

use super::IndexError;
use super::listing::{Listing, Payload};
use super::schema::Fields;
use super::segment::Segment;
use super::vocabulary::Vocabulary;
use super::whole::is_whole;
use std::path::{Path, PathBuf};
use tantivy::directory::{Directory, MmapDirectory};
use tantivy::{IndexReader, ReloadPolicy, Searcher, TantivyError};

/// Beginning of the names of files that hold the list of sources.
pub(super) const LISTING: &str = "sources-";

/// Beginning of the names of files that hold the vocabulary.
const VOCABULARY: &str = "words-";

/// What one commit left.
pub(super) struct Opened {
    /// What was kept with the commit.
    pub payload: Payload,
    /// The sources in it.
    pub listing: Listing,
    /// The commit as tantivy sees it.
    pub searcher: Searcher,
    /// Its segments by ordinal of their first turn.
    pub segments: Vec<Segment>,
    /// Its word forms.
    pub vocabulary: Vocabulary,
}

impl Opened {
    /// Opens what lies in a folder; nothing where it is missing.
    pub fn open(path: &Path, expected: &Payload) -> Result<Option<Self>, IndexError> {
        if !path.join("meta.json").exists() {
            return Ok(None);
        }
        // What tantivy does not expect of a file it takes for a mistake of its own.
        let opened = std::panic::catch_unwind(|| Self::open_unguarded(path, expected));
        opened.unwrap_or_else(|_| Err(IndexError::Unusable { why: "its files are damaged".into() })).map(Some)
    }

    fn open_unguarded(path: &Path, expected: &Payload) -> Result<Self, IndexError> {
        let failed = |error| unusable(&error);
        let directory = MmapDirectory::open(path).map_err(|error| failed(error.into()))?;
        let index = tantivy::Index::open(directory.clone()).map_err(failed)?;
        let (schema, fields) = Fields::schema();
        let metas = index.load_metas().map_err(failed)?;
        let payload = Payload::check(metas.payload.as_deref(), expected)?;
        if index.schema() != schema {
            return Err(IndexError::Unusable { why: "it was made by another version of themata".into() });
        }
        let damaged = || IndexError::Unusable { why: "its files are damaged".into() };
        if !is_whole(path, &index).map_err(failed)? {
            return Err(damaged());
        }
        let read = |name: &str| -> Result<_, TantivyError> { Ok(directory.open_read(Path::new(name))?.read_bytes()?) };
        let listing = Listing::of(read(&payload.listing).map_err(failed)?).ok_or_else(damaged)?;
        let reader: IndexReader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failed)?;
        let searcher = reader.searcher();
        let mut segments = Vec::new();
        for segment in searcher.segment_readers().iter().filter(|segment| segment.num_docs() > 0) {
            segments.push(Segment::open(segment, fields).map_err(failed)?);
        }
        segments.sort_by_key(|segment| segment.ends);
        let name = format!("{VOCABULARY}{}-{}", metas.opstamp, searcher.segment_readers().len());
        let known = directory.exists(Path::new(&name)).is_ok_and(|exists| exists);
        let known = if known { Vocabulary::of(read(&name).map_err(failed)?) } else { None };
        let vocabulary = match known {
            Some(vocabulary) => vocabulary,
            None => {
                let bytes = Vocabulary::build(&segments, fields).map_err(|error| failed(error.into()))?;
                // On a disk that cannot be written it is made anew each time.
                let _ = directory.atomic_write(Path::new(&name), &bytes);
                remove_others(path, VOCABULARY, &name);
                Vocabulary::of(tantivy::directory::OwnedBytes::new(bytes)).ok_or_else(damaged)?
            }
        };
        Ok(Self { payload, listing, searcher, segments, vocabulary })
    }
}

/// An index that tantivy cannot read.
fn unusable(error: &TantivyError) -> IndexError {
    IndexError::Unusable {
        why: match error {
            TantivyError::IncompatibleIndex(_) => "it was made by another version of themata".into(),
            other => format!("its files are damaged: {other}"),
        },
    }
}

/// Removes files of a kind but one. Who still has one open keeps it.
pub(super) fn remove_others(path: &Path, beginning: &str, but: &str) {
    let named = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with(beginning) && name != but;
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| named(&entry.file_name())) {
        // What cannot be removed now is removed after the next commit.
        let _ = std::fs::remove_file(entry.path());
    }
}

/// Takes everything out of a folder but tantivy's locks, of which we hold one.
pub(super) fn wipe(path: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(path)?.flatten() {
        let path: PathBuf = entry.path();
        if path.extension().is_some_and(|extension| extension == "lock") {
            continue;
        }
        if path.is_dir() { std::fs::remove_dir_all(&path)? } else { std::fs::remove_file(&path)? }
    }
    Ok(())
}
