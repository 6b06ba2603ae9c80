//! Answers about one study as it was read: hits, counts, ranks, turns, the sets that conditions are made of.

use super::IndexError;
use super::evaluate::{Found, labels};
use super::folder::Opened;
use super::plan::Plan;
use super::rank::{Sizes, norm, tokens};
use super::search::Search;
use super::segment::{Label, Segment};
use super::sync::Difference;
use super::turn::{Labels, Turn};
use crate::model::{Source, Span};
use crate::query::{Query, Term};
use crate::store::{SourceText, Store, Study};
use crate::text::{each_token, stemmer_of};
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::ops::Range;
use tantivy::{BitSet, Searcher, TantivyError};

/// Tells for a condition that a turn does not answer by itself (`code:x`, `score.x:>3`, `a BEFORE b`) for which turns it
/// holds. Asked once for each of [`Query::conditions`].
pub type Conditions<'c> = dyn Fn(&Query) -> Result<RoaringBitmap, IndexError> + 'c;

/// For queries that ask nothing of people, sources or codings: such a condition holds for no turn.
///
/// # Errors
/// None.
pub fn no_conditions(_: &Query) -> Result<RoaringBitmap, IndexError> {
    Ok(RoaringBitmap::new())
}

/// A source and the ordinals of its turns.
pub(super) struct Place<'a> {
    pub id: &'a str,
    pub source: &'a Source,
    pub turns: Range<u32>,
}

/// Turns of a source that one speaker says.
pub struct Spoken<'a> {
    /// Id of the source.
    pub source_id: &'a str,
    /// The source.
    pub source: &'a Source,
    /// Label of the speaker.
    pub label: Cow<'a, str>,
    /// The turns, each with how often the words asked for stand there.
    pub turns: Vec<(u32, u32)>,
}

/// What the index calls a speaker: the first turn of a segment, and a number there.
type Number = (u32, Option<u64>);

/// Answers queries.
pub struct Reader<'a> {
    opened: Option<&'a Opened>,
    store: &'a Store,
    study: &'a Study,
    /// By ordinal.
    places: Vec<Place<'a>>,
    /// Turns of the index that the study does not show as they are there.
    hidden: RoaringBitmap,
    /// Sources that are not in the index as they are now, by ordinal.
    missing: BTreeMap<u32, &'a str>,
    /// The place that was looked up last.
    last: Cell<usize>,
    sizes: OnceCell<Sizes>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(opened: Option<&'a Opened>, store: &'a Store, study: &'a Study) -> Self {
        let mut places: Vec<Place<'_>> = study
            .sources
            .iter()
            .filter(|(_, source)| source.turns > 0)
            .map(|(id, source)| Place {
                id,
                source,
                turns: source.first_ordinal..source.first_ordinal.saturating_add(source.turns),
            })
            .collect();
        places.sort_by_key(|place| place.turns.start);
        let difference = Difference::new(opened.map(|opened| &opened.listing), study);
        let mut hidden = RoaringBitmap::new();
        for (from, to) in &difference.gone {
            hidden.insert_range(*from..*to);
        }
        let mut reader = Self {
            opened,
            store,
            study,
            places,
            hidden,
            missing: BTreeMap::new(),
            last: Cell::new(0),
            sizes: OnceCell::new(),
        };
        for source in difference.missing {
            if let Some(place) = reader.place_of(source.first_ordinal) {
                let (first, id) = (place.turns.start, place.id);
                reader.missing.insert(first, id);
            }
        }
        reader
    }

    /// Makes a query ready to be answered, once or many times.
    ///
    /// # Errors
    /// The query asks for too much, or a condition cannot be answered.
    pub fn search(&self, query: &Query, conditions: &Conditions<'_>) -> Result<Search<'_, 'a>, IndexError> {
        let plan = Plan::new(query, conditions, self.opened.map(|opened| &opened.vocabulary))?;
        Ok(Search { reader: self, plan })
    }

    /// A turn with its words.
    ///
    /// # Errors
    /// The study has no such turn; the index or the study cannot be read.
    pub fn turn(&self, ordinal: u32) -> Result<Turn<'a>, IndexError> {
        let unknown = || IndexError::UnknownTurn { ordinal };
        let place = self.place_of(ordinal).ok_or_else(unknown)?;
        let index = (ordinal - place.turns.start) as usize;
        let turn = |labels: Labels<'_>, text: String, start: u32| Turn {
            ordinal,
            source_id: place.id,
            index,
            text,
            start,
            speaker: labels.speaker.into_owned(),
            language: labels.language.into_owned(),
            question: labels.question.map(Cow::into_owned),
        };
        if let Some((segment, doc)) = self.found_in(ordinal) {
            let trouble = Cell::new(None);
            let labels = labels(segment, doc, place.source, &trouble);
            let words = segment.words(doc).map_err(|error| self.failed(error))?;
            return match trouble.take() {
                Some(error) => Err(self.failed(error)),
                None => Ok(turn(labels, words, segment.start(doc))),
            };
        }
        let text = self.study.text(self.store, place.source)?;
        let record = text.segmentation.turns.get(index).ok_or_else(unknown)?;
        let labels = Labels {
            speaker: text.speaker(index).into(),
            language: record.language.as_ref().unwrap_or(&place.source.language).into(),
            question: record.question.as_deref().map(Cow::Borrowed),
        };
        Ok(turn(labels, text.turn(index).to_owned(), record.span.start))
    }

    /// The words of a turn, without what else is known of it.
    ///
    /// # Errors
    /// As [`Self::turn`].
    pub fn words(&self, ordinal: u32) -> Result<String, IndexError> {
        match self.found_in(ordinal) {
            Some((segment, doc)) => segment.words(doc).map_err(|error| self.failed(error)),
            None => self.turn(ordinal).map(|turn| turn.text),
        }
    }

    /// Ordinals of all turns of the study.
    pub fn turns(&self) -> RoaringBitmap {
        let mut turns = RoaringBitmap::new();
        for place in &self.places {
            turns.insert_range(place.turns.clone());
        }
        turns
    }

    /// Id of the source that a turn belongs to, and its position among the source's turns.
    pub fn place(&self, ordinal: u32) -> Option<(&'a str, usize)> {
        self.place_of(ordinal).map(|place| (place.id, (ordinal - place.turns.start) as usize))
    }

    /// Label of the speaker of a turn.
    ///
    /// # Errors
    /// As [`Self::turn`].
    pub fn speaker(&self, ordinal: u32) -> Result<String, IndexError> {
        match self.found_in(ordinal) {
            Some((segment, doc)) => {
                let label = segment.label(Label::Speaker, doc).map_err(|error| self.failed(error))?;
                Ok(label.unwrap_or_default().into_owned())
            }
            None => self.turn(ordinal).map(|turn| turn.speaker),
        }
    }

    /// Turns by source and speaker. Those of one source stand together where they came so.
    ///
    /// # Errors
    /// As [`Self::turn`].
    pub fn spoken(&self, found: &[(u32, u32)]) -> Result<Vec<Spoken<'a>>, IndexError> {
        let mut all: Vec<Spoken<'a>> = Vec::new();
        // Of the source that was met last: where its groups begin, and what the index calls their speakers.
        let (mut turns, mut from) = (0..0, 0);
        let mut known: Vec<(Option<Number>, usize)> = Vec::new();
        for &(turn, hits) in found {
            let held = self.found_in(turn);
            let number = held.map(|(segment, doc)| (segment.ends.0, segment.speaker_number(doc)));
            if turns.contains(&turn) {
                let same = known.iter().find(|(known, _)| number.is_some() && *known == number);
                if let Some(group) = same.and_then(|(_, at)| all.get_mut(*at)) {
                    group.turns.push((turn, hits));
                    continue;
                }
            } else {
                let Some(place) = self.place_of(turn) else { continue };
                (turns, from) = (place.turns.clone(), all.len());
                known.clear();
            }
            let label = match held {
                Some((segment, doc)) => {
                    segment.label(Label::Speaker, doc).map_err(|error| self.failed(error))?.unwrap_or_default()
                }
                None => self.turn(turn)?.speaker.into(),
            };
            let same = all.iter().skip(from).position(|group| group.label == label);
            let at = same.map_or(all.len(), |same| from + same);
            known.push((number, at));
            match (all.get_mut(at), self.place_of(turn)) {
                (Some(group), _) => group.turns.push((turn, hits)),
                (None, Some(Place { id: source_id, source, .. })) => {
                    all.push(Spoken { source_id, source, label, turns: vec![(turn, hits)] });
                }
                (None, None) => {}
            }
        }
        Ok(all)
    }

    /// Turns of a source by the label of their speaker.
    ///
    /// # Errors
    /// The index or the study cannot be read.
    pub fn turns_of(&self, source_id: &str, speaks: &dyn Fn(&str) -> bool) -> Result<RoaringBitmap, IndexError> {
        let mut found = RoaringBitmap::new();
        let Some(source) = self.study.sources.get(source_id).filter(|source| source.turns > 0) else {
            return Ok(found);
        };
        let turns = source.first_ordinal..source.first_ordinal.saturating_add(source.turns);
        if self.missing.contains_key(&source.first_ordinal) {
            let text = self.study.text(self.store, source)?;
            let spoken = turns.zip(0..).filter(|(_, k)| speaks(text.speaker(*k)));
            found.extend(spoken.map(|(turn, _)| turn));
            return Ok(found);
        }
        for turn in turns {
            let Some((segment, doc)) = self.found_in(turn) else { continue };
            let label = segment.label(Label::Speaker, doc).map_err(|error| self.failed(error))?;
            if speaks(&label.unwrap_or_default()) {
                found.insert(turn);
            }
        }
        Ok(found)
    }

    /// Ordinals of the turns of a source that share at least one byte with a stretch of its text.
    ///
    /// # Errors
    /// The index or the study cannot be read.
    pub fn turns_in(&self, source_id: &str, span: Span) -> Result<Range<u32>, IndexError> {
        let Some(source) = self.study.sources.get(source_id).filter(|source| source.turns > 0) else { return Ok(0..0) };
        let first = source.first_ordinal;
        let end = first.saturating_add(source.turns);
        if self.missing.contains_key(&first) {
            let turns = self.study.text(self.store, source)?.turns_in(span);
            return Ok(first + turns.start as u32..first + turns.end as u32);
        }
        let start_of = |turn: u32| self.found_in(turn).map_or(u32::MAX, |(segment, doc)| segment.start(doc));
        let bisect = |holds: &dyn Fn(u32) -> bool| {
            let (mut low, mut high) = (first, end);
            while low < high {
                let middle = u32::midpoint(low, high);
                if holds(start_of(middle)) { low = middle + 1 } else { high = middle }
            }
            low
        };
        let beyond = bisect(&|start| start < span.end);
        let before = bisect(&|start| start <= span.start).saturating_sub(1).max(first);
        let of_turn = |(segment, doc): (&Segment, u32)| Span::new(segment.start(doc), segment.end(doc));
        let reaches = self.found_in(before).is_some_and(|found| of_turn(found).overlap(span) > 0);
        let from = if reaches { before } else { before + 1 };
        Ok(from.min(beyond)..beyond)
    }

    /// The folded forms of the study that a word of a query stands for in a language, sorted.
    ///
    /// # Errors
    /// They are too many.
    pub fn forms(&self, term: &Term, language: &str) -> Result<Vec<String>, IndexError> {
        let Some(opened) = self.opened else { return Ok(Vec::new()) };
        let stemmer = match stemmer_of(language) {
            "" => "--",
            stemmer => stemmer,
        };
        let forms = opened.vocabulary.forms(term, Some(stemmer), super::MOST_FORMS)?;
        let mut words: Vec<String> = forms.iter().map(|form| form.word().to_owned()).collect();
        words.sort();
        words.dedup();
        Ok(words)
    }

    /// Turns in which one of the queries may hold: all in which one does, and some more. Sources that are not in the
    /// index come whole.
    ///
    /// # Errors
    /// The index or the study cannot be read.
    pub fn candidates<'q>(&self, queries: impl IntoIterator<Item = &'q Query>) -> Result<RoaringBitmap, IndexError> {
        let mut found = RoaringBitmap::new();
        for id in self.missing.values() {
            if let Some(source) = self.study.sources.get(*id) {
                found.insert_range(source.first_ordinal..source.first_ordinal.saturating_add(source.turns));
            }
        }
        let Some(opened) = self.opened else { return Ok(found) };
        let mut plans = Vec::new();
        for query in queries {
            match Plan::new(query, &no_conditions, Some(&opened.vocabulary)) {
                Ok(plan) => plans.push(plan),
                // Where a word stands for nearly everything, every turn is looked at.
                Err(IndexError::TooManyForms { .. } | IndexError::TooManyFormsTogether) => {
                    found.extend(self.places.iter().flat_map(|place| place.turns.clone()));
                    return Ok(found);
                }
                Err(other) => return Err(other),
            }
        }
        for segment in &opened.segments {
            let mut docs = BitSet::with_max_value(segment.len());
            for plan in &plans {
                plan.candidates_in_segment(segment, self, &mut docs)?;
            }
            let docs = (0..segment.len()).filter(|doc| docs.contains(*doc));
            found.extend(docs.filter_map(|doc| self.shown_turn(segment, doc)));
        }
        Ok(found)
    }

    /// Calls `visit` for each turn in which a plan holds: segment by segment, then source by source that is in none.
    pub(super) fn each_found(
        &self,
        plan: &Plan,
        visit: &mut dyn FnMut(Found<'_>) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        for segment in self.segments() {
            plan.each_in_segment(segment, self, visit)?;
        }
        self.each_missing(&mut |source, text| plan.each_in_text(source, text, visit))
    }

    pub(super) fn each_missing(
        &self,
        visit: &mut dyn FnMut(&Source, &SourceText) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        for source in self.missing.values().filter_map(|id| self.study.sources.get(*id)) {
            visit(source, &self.study.text(self.store, source)?)?;
        }
        Ok(())
    }

    /// How many turns the study has, and how long they are.
    pub(super) fn sizes(&self) -> Result<Sizes, IndexError> {
        if let Some(known) = self.sizes.get() {
            return Ok(*known);
        }
        let mut sizes = Sizes::default();
        let mut add = |norm: u8| {
            sizes.turns += 1;
            sizes.tokens += tokens(norm);
        };
        for segment in self.segments() {
            (0..segment.len())
                .filter(|doc| self.shown_turn(segment, *doc).is_some())
                .for_each(|doc| add(segment.norm(doc)));
        }
        self.each_missing(&mut |source, text| {
            for k in 0..source.turns as usize {
                let mut count = 0;
                each_token(text.turn(k), |_, _| count += 1);
                add(norm(count));
            }
            Ok(())
        })?;
        Ok(*self.sizes.get_or_init(|| sizes))
    }

    /// Whether going over the segments goes over the turns in order.
    pub(super) fn is_in_order(&self) -> bool {
        let follow = |pair: &[Segment]| matches!(pair, [before, after] if before.ends.1 < after.ends.0);
        self.missing.is_empty() && self.segments().windows(2).all(follow)
    }

    /// The commit as tantivy sees it.
    pub(super) fn searcher(&self) -> Option<&'a Searcher> {
        self.opened.map(|opened| &opened.searcher)
    }

    pub(super) fn segments(&self) -> &'a [Segment] {
        self.opened.map_or(&[], |opened| &opened.segments)
    }

    /// The turn that lies somewhere in a segment, with its source; nothing where it is not to be seen.
    pub(super) fn shown(&self, segment: &Segment, doc: u32) -> Option<(u32, &'a Source)> {
        let turn = self.shown_turn(segment, doc)?;
        // Turns are gone through in order: it is mostly the same source as before.
        let last = self.places.get(self.last.get()).filter(|place| place.turns.contains(&turn));
        let place = last.or_else(|| self.place_of(turn))?;
        Some((turn, place.source))
    }

    /// Its ordinal alone.
    pub(super) fn shown_turn(&self, segment: &Segment, doc: u32) -> Option<u32> {
        if segment.is_deleted(doc) {
            return None;
        }
        let turn = segment.turn(doc);
        (self.hidden.is_empty() || !self.hidden.contains(turn)).then_some(turn)
    }

    pub(super) fn place_of(&self, turn: u32) -> Option<&Place<'a>> {
        let at = self.places.partition_point(|place| place.turns.end <= turn);
        self.last.set(at);
        self.places.get(at).filter(|place| place.turns.contains(&turn))
    }

    /// Where the index holds a turn as the study shows it.
    fn found_in(&self, turn: u32) -> Option<(&'a Segment, u32)> {
        if self.hidden.contains(turn) {
            return None;
        }
        self.segments().iter().find_map(|segment| Some((segment, segment.doc(turn)?)))
    }

    /// Whether the index holds a turn as the study shows it.
    pub(super) fn is_indexed(&self, turn: u32) -> bool {
        self.found_in(turn).is_some()
    }

    pub(super) fn failed(&self, source: TantivyError) -> IndexError {
        let folder = self.store.folder().join("index").display().to_string();
        IndexError::Failed { doing: "read", folder, source }
    }
}
