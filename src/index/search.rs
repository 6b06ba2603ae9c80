//! A query ready to be answered: hits, counts, the best turns, highlights.

use super::IndexError;
use super::evaluate::{Found, Hit};
use super::plan::Plan;
use super::rank::{Ranked, ranked};
use super::reader::Reader;
use super::turn::{Labels, Turn, View};
use crate::model::Span;
use crate::query::operators::intervals;
use crate::query::reference::Interval;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A query made ready by [`Reader::search`].
pub struct Search<'r, 'a> {
    pub(super) reader: &'r Reader<'a>,
    pub(super) plan: Plan,
}

impl Search<'_, '_> {
    /// Calls `visit` for each turn for which the query holds, in order of their ordinals.
    ///
    /// # Errors
    /// The query asks for too much; the index or the study cannot be read.
    pub fn each(&self, visit: &mut dyn FnMut(Hit<'_>)) -> Result<(), IndexError> {
        if self.reader.is_in_order() {
            return self.reader.each_found(&self.plan, &mut |found| {
                visit(Hit { turn: found.turn, intervals: &found.intervals });
                Ok(())
            });
        }
        let mut all = BTreeMap::new();
        self.reader.each_found(&self.plan, &mut |found| {
            all.insert(found.turn, found.intervals);
            Ok(())
        })?;
        all.iter().for_each(|(turn, intervals)| visit(Hit { turn: *turn, intervals }));
        Ok(())
    }

    /// Calls `visit` with each turn for which the query holds and the number of its intervals there, in order. Reads no
    /// positions where a number will do.
    ///
    /// # Errors
    /// As [`Self::each`].
    pub fn count(&self, visit: &mut dyn FnMut(u32, u32)) -> Result<(), IndexError> {
        if self.reader.is_in_order() {
            return self.each_number(visit);
        }
        let mut all = BTreeMap::new();
        self.each_number(&mut |turn, hits| {
            all.insert(turn, hits);
        })?;
        all.iter().for_each(|(turn, hits)| visit(*turn, *hits));
        Ok(())
    }

    /// The turns that fit best, by BM25 over the turns of the study; of equally good ones those that come first.
    ///
    /// # Errors
    /// As [`Self::each`].
    pub fn ranked(&self, most: usize) -> Result<Vec<Ranked>, IndexError> {
        ranked(self.reader, &self.plan, most)
    }

    /// The stretches of a turn's text that the query denotes, in bytes of that text; nothing where it does not hold.
    pub fn spans(&self, turn: &Turn<'_>) -> Option<Vec<Span>> {
        self.viewed(turn, |view| {
            let intervals = intervals(&self.plan.node, view)?;
            Some(intervals.into_iter().filter_map(|interval| view.words().span(interval)).collect())
        })
    }

    /// The same in tokens.
    pub fn intervals(&self, turn: &Turn<'_>) -> Option<Vec<Interval>> {
        self.viewed(turn, |view| intervals(&self.plan.node, view))
    }

    /// What is told from a turn as the query sees it.
    fn viewed<T>(&self, turn: &Turn<'_>, tell: impl FnOnce(&View<'_>) -> Option<T>) -> Option<T> {
        let place = self.reader.place_of(turn.ordinal)?;
        let read_words = || turn.text.clone();
        let read_labels = || Labels {
            speaker: turn.speaker.as_str().into(),
            language: turn.language.as_str().into(),
            question: turn.question.as_deref().map(Cow::Borrowed),
        };
        let view = View::new(&self.plan, turn.ordinal, place.source, None, &read_words, &read_labels);
        tell(&if self.reader.is_indexed(turn.ordinal) { view.indexed() } else { view })
    }

    fn each_number(&self, visit: &mut dyn FnMut(u32, u32)) -> Result<(), IndexError> {
        let (reader, plan) = (self.reader, &self.plan);
        let number = &mut |found: Found<'_>| {
            visit(found.turn, found.intervals.len() as u32);
            Ok(())
        };
        let Some((word, conditions)) = plan.counted() else { return reader.each_found(plan, number) };
        reader.each_missing(&mut |source, text| plan.each_in_text(source, text, number))?;
        reader
            .segments()
            .iter()
            .try_for_each(|segment| plan.count_in_segment((word, &conditions), segment, reader, visit))
    }
}
