//! Brings the index up to date: what is gone is taken out, what is new is read, and nothing else is touched.
//!
//! One commit per call. Whoever is killed half-way leaves the last commit as it was. Words that were taken out do not
//! stay in the files: the segments that held them are written anew at once.

use super::IndexError;
use super::folder::{LISTING, remove_others, wipe};
use super::listing::{Listed, Listing, Payload, key};
use super::schema::{Fields, analysers, has_beside, headed};
use super::segment::Segment;
use super::whole::note;
use crate::model::Source;
use crate::store::{Store, Study};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy, UserOperation};
use tantivy::query::RangeQuery;
use tantivy::{IndexSettings, IndexWriter, TantivyDocument, TantivyError, Term};

/// Memory for what is not yet written, in bytes: with few turns to read less.
const MOST_MEMORY: usize = 140_000_000;
const LEAST_MEMORY: usize = 16_000_000;

/// What a turn takes of it, roughly.
const MEMORY_PER_TURN: usize = 1_000;

/// Bytes of text that are handed over together: turn by turn, the thread that writes would be woken for each. Ten thousand
/// such parcels may wait.
const TOGETHER: usize = 1_500;

/// More segments than this are joined.
const MOST_SEGMENTS: usize = 12;

/// What has to be done.
pub(super) struct Difference<'a> {
    /// Ordinals of turns to take out: first, and one past the last.
    pub gone: Vec<(u32, u32)>,
    /// Sources to read, by ordinal.
    pub missing: Vec<&'a Source>,
    /// What will be listed of those that stay.
    kept: BTreeMap<u32, Listed>,
}

impl<'a> Difference<'a> {
    /// Between what is listed and what the study shows now.
    pub fn new(listing: Option<&Listing>, study: &'a Study) -> Self {
        let mut missing: BTreeMap<u32, &Source> =
            study.sources.values().map(|source| (source.first_ordinal, source)).collect();
        // Sources without turns share their ordinal with the next one, and have nothing to find.
        for source in study.sources.values().filter(|source| source.turns > 0) {
            missing.insert(source.first_ordinal, source);
        }
        missing.retain(|_, source| source.turns > 0);
        let (mut gone, mut kept) = (Vec::new(), BTreeMap::new());
        for listed in listing.into_iter().flat_map(Listing::iter) {
            match missing.get(&listed.first) {
                Some(source) if key(study, source) == listed.key => {
                    missing.remove(&listed.first);
                    kept.insert(listed.first, listed);
                }
                _ => gone.push((listed.first, listed.first.saturating_add(listed.turns))),
            }
        }
        Self { gone, missing: missing.into_values().collect(), kept }
    }

    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.missing.is_empty()
    }
}

/// What became of an attempt to write.
pub(super) enum Written {
    /// It is up to date.
    Done,
    /// Another process is at it.
    Busy,
}

/// Empties the folder and puts an index without turns there.
pub(super) fn make_anew(path: &Path) -> Result<Written, IndexError> {
    let failed = failed(path);
    std::fs::create_dir_all(path).map_err(|error| failed(error.into()))?;
    let directory = MmapDirectory::open(path).map_err(|error| failed(error.into()))?;
    let Ok(_lock) = directory.acquire_lock(&INDEX_WRITER_LOCK) else { return Ok(Written::Busy) };
    wipe(path).map_err(|error| failed(error.into()))?;
    let settings = IndexSettings { docstore_blocksize: 16_384, ..IndexSettings::default() };
    tantivy::Index::create(directory, Fields::schema().0, settings).map_err(&failed)?;
    Ok(Written::Done)
}

/// Carries a difference out.
pub(super) fn write(
    path: &Path,
    difference: Difference<'_>,
    expected: &Payload,
    store: &Store,
    study: &Study,
) -> Result<Written, IndexError> {
    let failed = failed(path);
    let mut index = tantivy::Index::open_in_dir(path).map_err(&failed)?;
    index.set_tokenizers(analysers());
    let turns: usize = difference.missing.iter().map(|source| source.turns as usize).sum();
    let memory = (turns * MEMORY_PER_TURN).clamp(LEAST_MEMORY, MOST_MEMORY);
    let options = IndexWriterOptions::builder().num_worker_threads(1).num_merge_threads(1);
    let mut writer: IndexWriter = match index.writer_with_options(options.memory_budget_per_thread(memory).build()) {
        Err(TantivyError::LockFailure(..)) => return Ok(Written::Busy),
        other => other.map_err(&failed)?,
    };
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let (_, fields) = Fields::schema();
    let purges = !difference.gone.is_empty();
    for (from, to) in &difference.gone {
        let turn = |turn: u32| Term::from_field_u64(fields.turn, u64::from(turn));
        let gone = RangeQuery::new(Bound::Included(turn(*from)), Bound::Excluded(turn(*to)));
        writer.delete_query(Box::new(gone)).map_err(&failed)?;
    }
    let mut listed = difference.kept;
    for source in &difference.missing {
        add(&writer, fields, store, study, source).map_err(|error| match error {
            AddError::Store(error) => IndexError::Store(error),
            AddError::Index(error) => failed(error),
        })?;
        let (first, turns) = (source.first_ordinal, source.turns);
        listed.insert(first, Listed { first, turns, key: key(study, source) });
    }
    let mut commit = writer.prepare_commit().map_err(&failed)?;
    let listing = format!("{LISTING}{}", commit.opstamp());
    let write = |name: &str, bytes: &[u8]| {
        MmapDirectory::open(path)?.atomic_write(Path::new(name), bytes).map_err(TantivyError::from)
    };
    write(&listing, &Listing::bytes(&listed)).map_err(&failed)?;
    let payload = Payload { listing: listing.clone(), seq: study.head.1, ..expected.clone() };
    commit.set_payload(&serde_json::to_string(&payload).unwrap_or_default());
    commit.commit().map_err(&failed)?;
    remove_others(path, LISTING, &listing);
    tidy(&index, &mut writer, purges, fields).map_err(&failed)?;
    writer.wait_merging_threads().map_err(&failed)?;
    note(path, &index).map_err(&failed)?;
    Ok(Written::Done)
}

/// Says what could not be done.
fn failed(path: &Path) -> impl Fn(TantivyError) -> IndexError {
    let folder = path.display().to_string();
    move |source| IndexError::Failed { doing: "written", folder: folder.clone(), source }
}

enum AddError {
    Store(crate::store::StoreError),
    Index(TantivyError),
}

/// Adds the turns of a source.
fn add(writer: &IndexWriter, fields: Fields, store: &Store, study: &Study, source: &Source) -> Result<(), AddError> {
    let text = study.text(store, source).map_err(AddError::Store)?;
    let (mut documents, mut bytes) = (Vec::new(), 0);
    for (k, turn) in (0..source.turns).zip(&text.segmentation.turns) {
        let words = turn.span.of(&text.text).unwrap_or("");
        let language = turn.language.as_deref().unwrap_or(&source.language);
        let mut document = TantivyDocument::new();
        document.add_text(fields.text, headed(language, words));
        if has_beside(words) {
            document.add_text(fields.beside, words);
        }
        document.add_u64(fields.turn, u64::from(source.first_ordinal.saturating_add(k)));
        document.add_u64(fields.start, u64::from(turn.span.start));
        document.add_u64(fields.end, u64::from(turn.span.end));
        document.add_text(fields.speaker, text.speaker(k as usize));
        if language != source.language {
            document.add_text(fields.language, language);
        }
        if let Some(question) = &turn.question {
            document.add_text(fields.question, question);
        }
        documents.push(UserOperation::Add(document));
        bytes += words.len();
        if bytes >= TOGETHER {
            writer.run(std::mem::take(&mut documents)).map_err(AddError::Index)?;
            bytes = 0;
        }
    }
    writer.run(documents).map_err(AddError::Index)?;
    Ok(())
}

/// Writes segments anew that hold turns which were taken out, and joins the newest where there are too many.
fn tidy(index: &tantivy::Index, writer: &mut IndexWriter, purges: bool, fields: Fields) -> Result<(), TantivyError> {
    if purges {
        let halves: Vec<SegmentId> =
            index.searchable_segment_metas()?.iter().filter(|meta| meta.has_deletes()).map(SegmentMeta::id).collect();
        for half in halves {
            writer.merge(&[half]).wait()?;
        }
    }
    let newest = newest(&in_order(index, fields)?);
    if newest.len() > 1 {
        writer.merge(&newest).wait()?;
    }
    // Only now has nobody here the files of the old ones open.
    writer.garbage_collect_files().wait()?;
    Ok(())
}

/// A segment: its id, how many turns it holds, ordinals of the first and the last.
type Extent = (SegmentId, u32, (u32, u32));

/// All segments by ordinal.
fn in_order(index: &tantivy::Index, fields: Fields) -> Result<Vec<Extent>, TantivyError> {
    let reader: tantivy::IndexReader = index.reader()?;
    let searcher = reader.searcher();
    let mut segments = Vec::new();
    for reader in searcher.segment_readers().iter().filter(|reader| reader.num_docs() > 0) {
        let segment = Segment::open(reader, fields)?;
        segments.push((reader.segment_id(), segment.len(), segment.ends));
    }
    segments.sort_by_key(|segment: &Extent| segment.2);
    Ok(segments)
}

/// The newest segments that are small beside those after them, in order. Joined again and again, each turn is written a
/// few times in all. Ends where ordinals do not follow one another, so that the joined one is in order too.
fn newest(segments: &[Extent]) -> Vec<SegmentId> {
    if segments.len() <= MOST_SEGMENTS {
        return Vec::new();
    }
    let (mut chosen, mut turns, mut before) = (Vec::new(), 0_u64, u64::MAX);
    for (id, size, ends) in segments.iter().rev() {
        let follows = u64::from(ends.1) < before;
        if !follows || (chosen.len() > 1 && u64::from(*size) > 2 * turns) {
            break;
        }
        chosen.push(*id);
        turns += u64::from(*size);
        before = u64::from(ends.0);
    }
    chosen.reverse();
    chosen
}
