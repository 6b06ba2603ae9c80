//! Ways through a segment: over the turns that hold any of a list of forms, and over those that have what a query needs.

use super::plan::Need;
use super::segment::Segment;
use super::vocabulary::Form;
use roaring::RoaringBitmap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocSet, TERMINATED, TantivyError};

/// Forms that are gone through one by one; of more the nearest is kept on top of a heap.
const FEW_FORMS: usize = 8;

/// Stands at the first turn, from where it was last sent, that holds a form of its list.
pub(super) struct Cursor {
    postings: Vec<SegmentPostings>,
    /// Where each stands.
    docs: Vec<u32>,
    /// The same, where they are many.
    heap: BinaryHeap<Reverse<(u32, u32)>>,
}

impl Cursor {
    /// Opens the postings of the forms.
    pub fn open(segment: &Segment, forms: &[Form], positions: bool) -> Result<Self, TantivyError> {
        let mut postings = Vec::with_capacity(forms.len().min(FEW_FORMS));
        for form in forms {
            postings.extend(segment.postings(form, positions)?);
        }
        let docs: Vec<u32> = postings.iter().map(SegmentPostings::doc).collect();
        let many = docs.len() > FEW_FORMS;
        let heap = docs.iter().zip(0..).filter(|_| many).map(|(doc, k)| Reverse((*doc, k))).collect();
        Ok(Self { postings, docs, heap })
    }

    /// Goes to the first turn from `target` on.
    pub fn seek(&mut self, target: u32) -> u32 {
        if self.heap.is_empty() {
            let mut first = TERMINATED;
            for (doc, postings) in self.docs.iter_mut().zip(&mut self.postings) {
                if *doc < target {
                    *doc = postings.seek(target);
                }
                first = first.min(*doc);
            }
            return first;
        }
        while let Some(mut first) = self.heap.peek_mut() {
            let Reverse((doc, k)) = *first;
            if doc >= target {
                return doc;
            }
            let next = self.postings.get_mut(k as usize).map_or(TERMINATED, |postings| postings.seek(target));
            *first = Reverse((next, k));
        }
        TERMINATED
    }

    /// Tokens of the turn where it stands, ascending.
    pub fn positions(&mut self, doc: u32, found: &mut Vec<u32>) {
        found.clear();
        self.each_at(doc, |postings| postings.append_positions_with_offset(0, found));
        if self.postings.len() > 1 {
            found.sort_unstable();
        }
    }

    /// How many tokens that are.
    pub fn count(&mut self, doc: u32) -> u32 {
        let mut count = 0;
        self.each_at(doc, |postings| count += postings.term_freq());
        count
    }

    fn each_at(&mut self, doc: u32, mut visit: impl FnMut(&mut SegmentPostings)) {
        if self.heap.is_empty() {
            let here = self.docs.iter().zip(&mut self.postings).filter(|(at, _)| **at == doc);
            here.for_each(|(_, postings)| visit(postings));
            return;
        }
        let mut here = Vec::new();
        while self.heap.peek().is_some_and(|Reverse((at, _))| *at == doc) {
            here.extend(self.heap.pop());
        }
        for Reverse((_, k)) in &here {
            if let Some(postings) = self.postings.get_mut(*k as usize) {
                visit(postings);
            }
        }
        self.heap.extend(here);
    }
}

/// Goes over the turns that have what is needed.
pub(super) enum Way {
    Everything(u32),
    List(usize),
    Set { docs: Vec<u32>, at: usize },
    All(Vec<Way>),
    One(Vec<(Way, u32)>),
}

impl Way {
    /// The way to a need in a segment.
    pub fn to(need: &Need, segment: &Segment, sets: &[(crate::query::Query, RoaringBitmap)]) -> Self {
        let each = |needs: &[Need]| needs.iter().map(|need| Self::to(need, segment, sets)).collect::<Vec<_>>();
        match need {
            Need::Nothing => Self::Everything(segment.len()),
            Need::List(list) => Self::List(*list),
            Need::Set(set) => {
                let (first, last) = segment.ends;
                let turns = sets.get(*set).into_iter().flat_map(|(_, set)| set.range(first..=last));
                Self::Set { docs: turns.filter_map(|turn| segment.doc(turn)).collect(), at: 0 }
            }
            Need::All(needs) => Self::All(each(needs)),
            Need::One(needs) => Self::One(each(needs).into_iter().map(|way| (way, 0)).collect()),
        }
    }

    /// Goes to the first turn from `target` on.
    pub fn seek(&mut self, cursors: &mut [Cursor], target: u32) -> u32 {
        match self {
            Self::Everything(len) => {
                if target < *len {
                    target
                } else {
                    TERMINATED
                }
            }
            Self::List(list) => cursors.get_mut(*list).map_or(TERMINATED, |cursor| cursor.seek(target)),
            Self::Set { docs, at } => {
                *at += docs.get(*at..).unwrap_or_default().partition_point(|doc| *doc < target);
                docs.get(*at).copied().unwrap_or(TERMINATED)
            }
            Self::All(ways) => {
                let mut doc = target;
                loop {
                    let before = doc;
                    for way in ways.iter_mut() {
                        doc = way.seek(cursors, doc);
                    }
                    if doc == before || doc == TERMINATED {
                        return doc;
                    }
                }
            }
            Self::One(ways) => {
                let mut first = TERMINATED;
                for (way, at) in ways {
                    // Nothing has gone anywhere yet when everything stands at 0.
                    if *at < target || *at == 0 {
                        *at = way.seek(cursors, target);
                    }
                    first = first.min(*at);
                }
                first
            }
        }
    }
}
