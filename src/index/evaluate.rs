//! Answers a plan turn by turn, in order of their ordinals: from segments, and from the texts of sources that are in
//! none.

use super::IndexError;
use super::cursor::{Cursor, Way};
use super::plan::Plan;
use super::reader::Reader;
use super::segment::{Label, Segment};
use super::turn::{Labels, View};
use super::vocabulary::Form;
use crate::model::{Role, Source};
use crate::query::operators::{self, intervals};
use crate::query::reference::Interval;
use crate::query::{Field, Query};
use crate::store::SourceText;
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;
use tantivy::{BitSet, TERMINATED, TantivyError};

/// A turn for which a query holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'h> {
    /// Its ordinal.
    pub turn: u32,
    /// What the query denotes there, in tokens, sorted; nothing where it only filters.
    pub intervals: &'h [Interval],
}

/// A turn that a segment or a text holds, and what the plan denotes there.
pub(super) struct Found<'f> {
    /// Its ordinal.
    pub turn: u32,
    /// The intervals.
    pub intervals: Vec<Interval>,
    /// The turn, for who asks for more.
    pub view: &'f View<'f>,
    /// Its length as ranking counts it.
    pub norm: u8,
}

impl Plan {
    /// Calls `visit` for each turn of a segment in which the query holds.
    pub fn each_in_segment(
        &self,
        segment: &Segment,
        reader: &Reader<'_>,
        visit: &mut dyn FnMut(Found<'_>) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let mut cursors = self.cursors(segment, reader)?;
        let mut positions: Vec<Vec<u32>> = vec![Vec::new(); self.words.len()];
        let mut way = Way::to(&self.need, segment, &self.conditions);
        let mut doc = way.seek(&mut cursors, 0);
        while doc != TERMINATED {
            if let Some((turn, source)) = reader.shown(segment, doc) {
                for ((cursor, found), word) in cursors.iter_mut().zip(&mut positions).zip(&self.words) {
                    found.clear();
                    if !word.is_exact && cursor.seek(doc) == doc {
                        cursor.positions(doc, found);
                    }
                }
                // Most turns that have the words do not have them side by side: these are done with here.
                let of_places = self.is_of_places.then(|| intervals(&self.node, &Places(&positions)));
                if let Some(None) = of_places {
                    doc = way.seek(&mut cursors, doc + 1);
                    continue;
                }
                let trouble = Cell::new(None);
                let read_words = || read(segment.words(doc), &trouble);
                let read_labels = || labels(segment, doc, source, &trouble);
                let view = View::new(self, turn, source, Some(&positions), &read_words, &read_labels);
                let found = of_places.unwrap_or_else(|| intervals(&self.node, &view));
                if let Some(intervals) = found {
                    visit(Found { turn, intervals, view: &view, norm: segment.norm(doc) })?;
                }
                if let Some(error) = trouble.take() {
                    return Err(reader.failed(error));
                }
                self.check_steps()?;
            }
            doc = way.seek(&mut cursors, doc + 1);
        }
        Ok(())
    }

    /// The same for a query of one word and conditions, of which only the number of places is asked for.
    pub fn count_in_segment(
        &self,
        (word, conditions): (usize, &[&Query]),
        segment: &Segment,
        reader: &Reader<'_>,
        visit: &mut dyn FnMut(u32, u32),
    ) -> Result<(), IndexError> {
        let forms = self.lists.get(word).map_or(&[][..], Vec::as_slice);
        let mut cursor = Cursor::open(segment, forms, false).map_err(|error| reader.failed(error))?;
        let told: Vec<Told<'_>> = conditions.iter().map(|condition| Told::new(self, condition)).collect();
        let trouble = Cell::new(None);
        let mut doc = cursor.seek(0);
        while doc != TERMINATED {
            if let Some((turn, source)) = reader.shown(segment, doc)
                && told.iter().all(|told| told.holds(segment, (doc, turn), source, &trouble))
            {
                visit(turn, cursor.count(doc));
            }
            doc = cursor.seek(doc + 1);
        }
        trouble.take().map_or(Ok(()), |error| Err(reader.failed(error)))
    }

    /// Adds the turns of a segment in which the query may hold.
    pub fn candidates_in_segment(
        &self,
        segment: &Segment,
        reader: &Reader<'_>,
        found: &mut BitSet,
    ) -> Result<(), IndexError> {
        if let Some(lists) = self.need.any_of() {
            let forms = lists.iter().filter_map(|list| self.lists.get(*list)).flatten();
            return add_all(segment, forms, found).map_err(|error| reader.failed(error));
        }
        let open = |forms: &Vec<_>| Cursor::open(segment, forms, false).map_err(|error| reader.failed(error));
        let mut cursors: Vec<Cursor> = self.lists.iter().map(open).collect::<Result<_, _>>()?;
        let mut way = Way::to(&self.need, segment, &self.conditions);
        let mut doc = way.seek(&mut cursors, 0);
        while doc != TERMINATED {
            found.insert(doc);
            doc = way.seek(&mut cursors, doc + 1);
        }
        Ok(())
    }

    /// Adds for each word in how many turns of a text each of its forms occurs.
    pub fn count_forms(&self, source: &Source, text: &SourceText, frequencies: &mut [u64]) {
        for (k, turn) in (0..source.turns).zip(&text.segmentation.turns) {
            let read_words = || turn.span.of(&text.text).unwrap_or("").to_owned();
            let language = turn.language.as_ref().unwrap_or(&source.language);
            let read_labels = || Labels { language: language.into(), ..Labels::default() };
            let ordinal = source.first_ordinal.saturating_add(k);
            let view = View::new(self, ordinal, source, None, &read_words, &read_labels);
            for (word, frequency) in (0..).zip(frequencies.iter_mut()) {
                *frequency += view.forms(word);
            }
        }
    }

    /// A cursor for each list of the plan; with positions for its words.
    pub fn cursors(&self, segment: &Segment, reader: &Reader<'_>) -> Result<Vec<Cursor>, IndexError> {
        let open = |(k, forms): (usize, &Vec<_>)| {
            let positions = self.words.get(k).is_some_and(|word| !word.is_exact);
            Cursor::open(segment, forms, positions).map_err(|error| reader.failed(error))
        };
        self.lists.iter().enumerate().map(open).collect()
    }

    /// Calls `visit` for each turn of a text in which the query holds.
    pub fn each_in_text(
        &self,
        source: &Source,
        text: &SourceText,
        visit: &mut dyn FnMut(Found<'_>) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        for (k, turn) in (0..source.turns).zip(&text.segmentation.turns) {
            let read_words = || turn.span.of(&text.text).unwrap_or("").to_owned();
            let read_labels = || Labels {
                speaker: text.speaker(k as usize).into(),
                language: turn.language.as_ref().unwrap_or(&source.language).into(),
                question: turn.question.as_deref().map(Cow::Borrowed),
            };
            let ordinal = source.first_ordinal.saturating_add(k);
            let view = View::new(self, ordinal, source, None, &read_words, &read_labels);
            if let Some(intervals) = intervals(&self.node, &view) {
                let norm = super::rank::norm(view.words().len());
                visit(Found { turn: ordinal, intervals, view: &view, norm })?;
            }
            self.check_steps()?;
        }
        Ok(())
    }
}

/// How it is told whether a condition holds for a turn of a segment.
enum Told<'p> {
    /// By a set of turns.
    Set(&'p RoaringBitmap),
    /// By the role of its speaker: one of these.
    Role(Vec<Role>),
    /// By its labels.
    Labels(&'p Query),
}

impl<'p> Told<'p> {
    fn new(plan: &'p Plan, condition: &'p Query) -> Self {
        match (plan.set(condition), condition) {
            (Some(set), _) => Self::Set(set),
            (None, Query::Field(Field::Role, value)) => {
                Self::Role(Role::ALL.into_iter().filter(|role| value.matches(role.name())).collect())
            }
            (None, _) => Self::Labels(condition),
        }
    }

    fn holds(
        &self,
        segment: &Segment,
        (doc, turn): (u32, u32),
        source: &Source,
        trouble: &Cell<Option<TantivyError>>,
    ) -> bool {
        match self {
            Self::Set(set) => set.contains(turn),
            Self::Role(roles) => match segment.label(Label::Speaker, doc) {
                Ok(label) => roles.contains(&source.role(&label.unwrap_or_default())),
                Err(error) => {
                    trouble.set(Some(error));
                    false
                }
            },
            Self::Labels(condition) => labels(segment, doc, source, trouble).hold(condition, source),
        }
    }
}

/// Adds the turns that hold any of these forms.
fn add_all<'f>(
    segment: &Segment,
    forms: impl Iterator<Item = &'f Form>,
    found: &mut BitSet,
) -> Result<(), TantivyError> {
    for form in forms {
        let Some(mut blocks) = segment.blocks(form, false)? else { continue };
        while !blocks.docs().is_empty() {
            for doc in blocks.docs() {
                found.insert(*doc);
            }
            blocks.advance();
        }
    }
    Ok(())
}

/// Places of words alone, for queries that ask for nothing else.
pub(super) struct Places<'a>(pub &'a [Vec<u32>]);

impl operators::Turn for Places<'_> {
    fn positions(&self, word: u32) -> &[u32] {
        self.0.get(word as usize).map_or(&[], Vec::as_slice)
    }

    fn matches(&self, _: u32) -> Vec<Interval> {
        Vec::new()
    }

    fn sentences(&self) -> &[Range<u32>] {
        &[]
    }

    fn holds(&self, _: &Query) -> bool {
        false
    }
}

/// Keeps what went wrong for after the turn: a query that asks for words has no place for it.
fn read(words: Result<String, TantivyError>, trouble: &Cell<Option<TantivyError>>) -> String {
    words.unwrap_or_else(|error| {
        trouble.set(Some(error));
        String::new()
    })
}

/// The labels of a turn.
pub(super) fn labels<'l>(
    segment: &'l Segment,
    doc: u32,
    source: &'l Source,
    trouble: &Cell<Option<TantivyError>>,
) -> Labels<'l> {
    let label = |which| {
        segment.label(which, doc).unwrap_or_else(|error| {
            trouble.set(Some(error));
            None
        })
    };
    Labels {
        speaker: label(Label::Speaker).unwrap_or_default(),
        language: label(Label::Language).unwrap_or_else(|| source.language.as_str().into()),
        question: label(Label::Question),
    }
}
