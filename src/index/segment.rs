//! One segment of the index, opened: its dictionaries, postings, columns and stored texts.
//!
//! Turns lie in a segment in the order of their ordinals, always: they are written so, and segments are joined so.

use super::schema::{Fields, without_head};
use super::vocabulary::Form;
use std::borrow::Cow;
use std::sync::Arc;
use tantivy::columnar::{Column, StrColumn};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{BlockSegmentPostings, SegmentPostings};
use tantivy::schema::document::{DeserializeError, DocumentDeserialize, DocumentDeserializer};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::store::StoreReader;
use tantivy::termdict::TermDictionary;
use tantivy::{DocSet, InvertedIndexReader, SegmentReader, TERMINATED, TantivyError};

/// Blocks of stored texts that are kept at hand.
const BLOCKS: usize = 64;

/// An open segment.
pub(super) struct Segment {
    reader: SegmentReader,
    text: Arc<InvertedIndexReader>,
    beside: Arc<InvertedIndexReader>,
    fields: Fields,
    turns: Column<u64>,
    starts: Column<u64>,
    ends_at: Column<u64>,
    labels: [Labels; 3],
    norms: FieldNormReader,
    store: StoreReader,
    /// Ordinal of the first turn, where all that follow have the next ones.
    contiguous: Option<u64>,
    /// Ordinals of the first and the last turn.
    pub ends: (u32, u32),
}

/// Labels that a column may hold and all be kept at hand.
const FEW_LABELS: usize = 512;

/// A column of labels.
struct Labels {
    column: Option<StrColumn>,
    /// All of them by number, where they are few.
    known: Vec<String>,
}

impl Labels {
    fn open(column: Option<StrColumn>) -> Result<Self, TantivyError> {
        let mut known = Vec::new();
        if let Some(column) = column.as_ref().filter(|column| column.num_terms() <= FEW_LABELS) {
            for number in 0..column.num_terms() as u64 {
                let mut text = String::new();
                column.ord_to_str(number, &mut text)?;
                known.push(text);
            }
        }
        Ok(Self { column, known })
    }
}

/// Which label of a turn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Label {
    /// Of its speaker.
    Speaker,
    /// Its language, where it is not that of its source.
    Language,
    /// The question.
    Question,
}

impl Segment {
    /// Opens a segment.
    pub fn open(reader: &SegmentReader, fields: Fields) -> Result<Self, TantivyError> {
        let columns = reader.fast_fields();
        let turns = columns.u64("turn")?;
        let labels = |name| Labels::open(columns.str(name)?);
        let labels = [labels("speaker")?, labels("language")?, labels("question")?];
        let last = reader.max_doc().saturating_sub(1);
        let end = |doc: u32| turns.first(doc).and_then(|turn| u32::try_from(turn).ok()).unwrap_or(0);
        let ends = (end(0), end(last));
        Ok(Self {
            text: reader.inverted_index(fields.text)?,
            beside: reader.inverted_index(fields.beside)?,
            starts: columns.u64("start")?,
            ends_at: columns.u64("end")?,
            norms: reader.get_fieldnorms_reader(fields.text)?,
            store: reader.get_store_reader(BLOCKS)?,
            contiguous: (ends.1.checked_sub(ends.0) == Some(last)).then_some(u64::from(ends.0)),
            reader: reader.clone(),
            fields,
            turns,
            labels,
            ends,
        })
    }

    /// Number of turns, those that are out of sight included.
    pub fn len(&self) -> u32 {
        self.reader.max_doc()
    }

    /// As tantivy sees it.
    pub const fn reader(&self) -> &SegmentReader {
        &self.reader
    }

    /// Mean length of its turns when it was written.
    pub fn average(&self) -> f64 {
        self.text.total_num_tokens() as f64 / f64::from(self.len().max(1))
    }

    /// Whether a turn has been taken out.
    pub fn is_deleted(&self, doc: u32) -> bool {
        self.reader.is_deleted(doc)
    }

    /// The terms of a field.
    pub fn dictionary(&self, field: Field) -> &TermDictionary {
        if field == self.fields.beside { self.beside.terms() } else { self.text.terms() }
    }

    /// Where a form occurs, with positions if asked for.
    pub fn postings(&self, form: &Form, positions: bool) -> Result<Option<SegmentPostings>, TantivyError> {
        let index = if form.beside { &self.beside } else { &self.text };
        let Some(info) = index.terms().get(&form.term)? else { return Ok(None) };
        let option = match (form.beside, positions) {
            (true, _) => IndexRecordOption::Basic,
            (_, true) => IndexRecordOption::WithFreqsAndPositions,
            _ => IndexRecordOption::WithFreqs,
        };
        Ok(Some(index.read_postings_from_terminfo(&info, option)?))
    }

    /// The same in blocks: turns, and if asked for how often the form stands in each.
    pub fn blocks(&self, form: &Form, counts: bool) -> Result<Option<BlockSegmentPostings>, TantivyError> {
        let index = if form.beside { &self.beside } else { &self.text };
        let Some(info) = index.terms().get(&form.term)? else { return Ok(None) };
        let option = if counts { IndexRecordOption::WithFreqs } else { IndexRecordOption::Basic };
        Ok(Some(index.read_block_postings_from_terminfo(&info, option)?))
    }

    /// In how many turns a form occurs.
    pub fn turns_with(&self, form: &Form) -> Result<u64, TantivyError> {
        let index = if form.beside { &self.beside } else { &self.text };
        if !self.reader.has_deletes() {
            return Ok(index.terms().get(&form.term)?.map_or(0, |info| u64::from(info.doc_freq)));
        }
        let Some(mut postings) = self.postings(form, false)? else { return Ok(0) };
        let mut turns = 0;
        while postings.doc() != TERMINATED {
            turns += u64::from(!self.is_deleted(postings.doc()));
            postings.advance();
        }
        Ok(turns)
    }

    /// Ordinal of a turn.
    pub fn turn(&self, doc: u32) -> u32 {
        let turn = match self.contiguous {
            Some(first) => Some(first + u64::from(doc)),
            None => self.turns.first(doc),
        };
        turn.and_then(|turn| u32::try_from(turn).ok()).unwrap_or(u32::MAX)
    }

    /// The first turn whose ordinal is this one or greater; as many as there are where none is.
    pub fn doc_from(&self, turn: u32) -> u32 {
        if let Some(first) = self.contiguous {
            return u64::from(turn).saturating_sub(first).min(u64::from(self.len())) as u32;
        }
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = u32::midpoint(low, high);
            if self.turn(middle) < turn { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The turn with this ordinal, where it is here.
    pub fn doc(&self, turn: u32) -> Option<u32> {
        let doc = self.doc_from(turn);
        (doc < self.len() && self.turn(doc) == turn && !self.is_deleted(doc)).then_some(doc)
    }

    /// Where a turn starts in its revision.
    pub fn start(&self, doc: u32) -> u32 {
        self.starts.first(doc).and_then(|start| u32::try_from(start).ok()).unwrap_or(0)
    }

    /// Where a turn ends in its revision.
    pub fn end(&self, doc: u32) -> u32 {
        self.ends_at.first(doc).and_then(|end| u32::try_from(end).ok()).unwrap_or(0)
    }

    /// How long a turn is, as ranking counts it: an eighth of exactness is left out.
    pub fn norm(&self, doc: u32) -> u8 {
        self.norms.fieldnorm_id(doc)
    }

    /// A label of a turn; nothing where it has none.
    pub fn label(&self, label: Label, doc: u32) -> Result<Option<Cow<'_, str>>, TantivyError> {
        let Some(Labels { column: Some(column), known }) = self.labels.get(label as usize) else { return Ok(None) };
        let Some(number) = column.ords().first(doc) else { return Ok(None) };
        if let Some(known) = usize::try_from(number).ok().and_then(|number| known.get(number)) {
            return Ok(Some(Cow::Borrowed(known)));
        }
        let mut text = String::new();
        Ok(column.ord_to_str(number, &mut text)?.then_some(Cow::Owned(text)))
    }

    /// A number that stands for the speaker's label of a turn in this segment.
    pub fn speaker_number(&self, doc: u32) -> Option<u64> {
        let Labels { column, .. } = self.labels.get(Label::Speaker as usize)?;
        column.as_ref()?.ords().first(doc)
    }

    /// The words of a turn.
    pub fn words(&self, doc: u32) -> Result<String, TantivyError> {
        self.store.get::<Stored>(doc).map(|text| without_head(text.0))
    }
}

/// The one stored value.
struct Stored(String);

impl DocumentDeserialize for Stored {
    fn deserialize<'de, D: DocumentDeserializer<'de>>(mut document: D) -> Result<Self, DeserializeError> {
        let text = document.next_field::<String>()?;
        Ok(Self(text.map(|(_, text)| text).unwrap_or_default()))
    }
}
