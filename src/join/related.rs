//! `code:trust OVERLAPS code:control`, `role:interviewer AFTER/1 code:trust`: where two conditions stand to each other
//! in a source.
//!
//! A side that says something of codings and nothing else speaks of one coding at a time: `(code:trust AND
//! polarity:absent)` is a coding that is both, and its place is its span. Any other side speaks of whole turns.

use super::TurnSets;
use crate::index::IndexError;
use crate::model::{Coding, Span};
use crate::query::{Query, Relation};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

/// A turn and a byte of its source; a side that speaks of whole turns has the first or last byte there is.
type Point = (u32, u32);

/// Where a side holds: from the first point to the one behind the last.
struct Place {
    from: Point,
    to: Point,
}

impl TurnSets<'_> {
    /// The turns of the left side for which the right side stands so.
    pub(super) fn related(&self, relation: Relation, left: &Query, right: &Query) -> Result<RoaringBitmap, IndexError> {
        let far = relation.turns().unwrap_or(u32::MAX);
        match relation {
            Relation::Overlaps => self.overlapping(left, right),
            Relation::Before(_) => {
                let mut beside = self.places(right)?;
                beside.sort_by_key(|place| place.from);
                self.standing(left, &|place, (_, end)| {
                    let next = beside.get(beside.partition_point(|other| other.from < place.to));
                    next.is_some_and(|next| next.from.0 < end && next.from.0 - place.to.0 <= far)
                })
            }
            Relation::After(_) => {
                let mut beside = self.places(right)?;
                beside.sort_by_key(|place| place.to);
                self.standing(left, &|place, (first, _)| {
                    let before = beside.partition_point(|other| other.to <= place.from).checked_sub(1);
                    let last = before.and_then(|before| beside.get(before));
                    last.is_some_and(|last| last.to.0 >= first && place.from.0 - last.to.0 <= far)
                })
            }
        }
    }

    /// Turns of the places of a side that pass a test, which is told the place and the ordinals of its source.
    fn standing(&self, side: &Query, test: &dyn Fn(&Place, (u32, u32)) -> bool) -> Result<RoaringBitmap, IndexError> {
        let mut found = RoaringBitmap::new();
        for place in self.places(side)? {
            let source = self.reader.place(place.from.0).and_then(|(id, _)| self.study.sources.get(id));
            let Some(source) = source else { continue };
            let turns = (source.first_ordinal, source.first_ordinal.saturating_add(source.turns));
            if test(&place, turns) {
                found.insert_range(place.from.0..=place.to.0);
            }
        }
        Ok(found)
    }

    fn places(&self, side: &Query) -> Result<Vec<Place>, IndexError> {
        let mut places = Vec::new();
        if side.is_of_codings() {
            for coding in self.codings_of(side) {
                let turns = self.reader.turns_in(&coding.source, coding.span)?;
                if let Some(last) = turns.end.checked_sub(1).filter(|last| *last >= turns.start) {
                    places.push(Place { from: (turns.start, coding.span.start), to: (last, coding.span.end) });
                }
            }
            return Ok(places);
        }
        let whole = |turn| Place { from: (turn, 0), to: (turn, u32::MAX) };
        let search = self.reader.search(side, &|condition| self.turns(condition))?;
        search.count(&mut |turn, _| places.push(whole(turn)))?;
        Ok(places)
    }

    /// The codings for which a query about codings holds.
    fn codings_of<'q>(&'q self, query: &'q Query) -> impl Iterator<Item = &'q Coding> {
        self.codings.iter().map(|(_, coding)| *coding).filter(|coding| self.holds_of(query, coding))
    }

    fn holds_of(&self, query: &Query, coding: &Coding) -> bool {
        match query {
            Query::And(parts) => parts.iter().all(|part| self.holds_of(part, coding)),
            Query::Or(parts) => parts.iter().any(|part| self.holds_of(part, coding)),
            Query::Not(part) => !self.holds_of(part, coding),
            Query::Field(field, value) => self.is_so(field, value, coding),
            _ => false,
        }
    }

    fn overlapping(&self, left: &Query, right: &Query) -> Result<RoaringBitmap, IndexError> {
        let (left, right) = (joined(self.codings_of(left)), joined(self.codings_of(right)));
        let mut found = RoaringBitmap::new();
        for (source, spans) in left {
            let mut others = right.get(source).into_iter().flatten().peekable();
            for span in spans {
                while others.next_if(|other| other.end <= span.start).is_some() {}
                // One that reaches beyond this span may reach into the next one too.
                while let Some(other) = others.peek().filter(|other| other.start < span.end) {
                    let both = Span::new(span.start.max(other.start), span.end.min(other.end));
                    found.insert_range(self.reader.turns_in(source, both)?);
                    if other.end > span.end {
                        break;
                    }
                    others.next();
                }
            }
        }
        Ok(found)
    }
}

/// What codings cover, by source: spans in order that do not touch.
fn joined<'c>(codings: impl Iterator<Item = &'c Coding>) -> BTreeMap<&'c str, Vec<Span>> {
    let mut covered: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for coding in codings {
        covered.entry(&coding.source).or_default().push(coding.span);
    }
    for spans in covered.values_mut() {
        spans.sort_unstable();
        let mut whole: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans.iter() {
            match whole.last_mut().filter(|last| span.start <= last.end) {
                Some(last) => last.end = last.end.max(span.end),
                None => whole.push(*span),
            }
        }
        *spans = whole;
    }
    covered
}
