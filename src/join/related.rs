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
#[derive(Debug, Clone, Copy)]
struct Place {
    from: Point,
    to: Point,
}

impl Place {
    /// Whether one of these, sorted by where they begin, begins behind this place, no further than so many turns on and
    /// before the turn `end`.
    fn is_before(&self, others: &[Self], far: u32, end: u32) -> bool {
        let next = others.get(others.partition_point(|other| other.from < self.to));
        next.is_some_and(|next| next.from.0 < end && next.from.0 - self.to.0 <= far)
    }

    /// Whether one of these, sorted by where they end, ends before this place, no further than so many turns back and not
    /// before the turn `first`.
    fn is_after(&self, others: &[Self], far: u32, first: u32) -> bool {
        let last = others.partition_point(|other| other.to <= self.from).checked_sub(1);
        let last = last.and_then(|last| others.get(last));
        last.is_some_and(|last| last.to.0 >= first && self.from.0 - last.to.0 <= far)
    }
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
                self.standing(left, &|place, (_, end)| place.is_before(&beside, far, end))
            }
            Relation::After(_) => {
                let mut beside = self.places(right)?;
                beside.sort_by_key(|place| place.to);
                self.standing(left, &|place, (first, _)| place.is_after(&beside, far, first))
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
            for both in shared(&spans, right.get(source).map_or(&[], Vec::as_slice)) {
                found.insert_range(self.reader.turns_in(source, both)?);
            }
        }
        Ok(found)
    }
}

/// What two lists of spans have in common; in each, spans are in order and do not touch.
fn shared(left: &[Span], right: &[Span]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut others = right.iter().peekable();
    for span in left {
        while others.next_if(|other| other.end <= span.start).is_some() {}
        // One that reaches beyond this span may reach into the next one too.
        while let Some(other) = others.peek().filter(|other| other.start < span.end) {
            found.push(Span::new(span.start.max(other.start), span.end.min(other.end)));
            if other.end > span.end {
                break;
            }
            others.next();
        }
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FIRST_ROUND, Origin, Polarity, Qualifiers, Visible};
    use proptest::prelude::*;

    fn coding((start, length): (u32, u32)) -> Coding {
        Coding {
            code: None,
            source: "s".into(),
            revision: String::new(),
            span: Span::new(start, start + length),
            digest: String::new(),
            coder: String::new(),
            polarity: Polarity::Present,
            qualifiers: Qualifiers::default(),
            origin: Origin::ByHand,
            confidence: None,
            codebook_version: 1,
            indicator: None,
            trigger: None,
            rule_set: None,
            note: String::new(),
            visible: Visible::default(),
            round: FIRST_ROUND,
        }
    }

    /// Turns of ten bytes; a place is a whole turn or some of its bytes.
    fn place() -> impl Strategy<Value = Place> {
        (0..40_u32, 0..10_u32, 1..25_u32, any::<bool>()).prop_map(|(turn, byte, length, whole)| {
            let (start, end) = (10 * turn + byte, 10 * turn + byte + length);
            if whole {
                Place { from: (turn, 0), to: (turn, u32::MAX) }
            } else {
                Place { from: (turn, start), to: ((end - 1) / 10, end) }
            }
        })
    }

    proptest! {
        #[test]
        fn before_and_after_are_what_looking_at_every_pair_gives(
            place in place(),
            others in prop::collection::vec(place(), 0..12),
            far in prop_oneof![0..5_u32, Just(u32::MAX)],
            first in 0..20_u32,
            turns in 1..40_u32,
        ) {
            let end = first + turns;
            // What ends in a byte of a turn is before what begins in a later one of it; a whole turn is before later turns.
            let stands = |a: &Place, b: &Place| a.to.0 < b.from.0 || (a.to.0 == b.from.0 && a.to.1 <= b.from.1);
            let mut sorted = others.clone();
            sorted.sort_by_key(|other| other.from);
            let next = others.iter().any(|other| stands(&place, other) && other.from.0 - place.to.0 <= far && other.from.0 < end);
            // Of those that come after, only the nearest is looked at: where it is too far, so are all others.
            prop_assert_eq!(place.is_before(&sorted, far, end), next);
            sorted.sort_by_key(|other| other.to);
            let last = others.iter().any(|other| stands(other, &place) && place.from.0 - other.to.0 <= far && other.to.0 >= first);
            prop_assert_eq!(place.is_after(&sorted, far, first), last);
        }

        #[test]
        fn overlaps_are_the_bytes_that_both_cover(
            left in prop::collection::vec((0..60_u32, 1..12_u32), 0..8),
            right in prop::collection::vec((0..60_u32, 1..12_u32), 0..8),
        ) {
            let (left, right): (Vec<Coding>, Vec<Coding>) = (left.into_iter().map(coding).collect(), right.into_iter().map(coding).collect());
            let covers = |codings: &[Coding], byte: u32| codings.iter().any(|c| (c.span.start..c.span.end).contains(&byte));
            let of = |codings: &[Coding]| joined(codings.iter()).remove("s").unwrap_or_default();
            let found = shared(&of(&left), &of(&right));
            for byte in 0..80 {
                let both = covers(&left, byte) && covers(&right, byte);
                prop_assert_eq!(found.iter().any(|span| (span.start..span.end).contains(&byte)), both, "{}", byte);
            }
        }
    }
}
