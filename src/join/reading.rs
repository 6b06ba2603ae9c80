//! What was read of a source for a code: all of it, or some of its turns.
//!
//! "Not mentioned" is said of somebody only where every turn of theirs was read. What was read in part is not yet coded,
//! whatever was found there: else who counts would follow from what was found.

use crate::model::{Coverage, Source};
use crate::store::{SourceText, Study};
use std::collections::{BTreeMap, BTreeSet};

/// What was read of one source, by whoever counts.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    whole: ReadFor,
    /// Positions in the source, first and last, with the codes that they were read for.
    parts: Vec<(ReadFor, Vec<(u32, u32)>)>,
    /// Positions of the coded turns by participant; the empty id has those of everybody else. Filled where there are
    /// parts.
    turns: BTreeMap<String, Vec<u32>>,
}

/// Codes that something was read for.
#[derive(Debug, Clone)]
enum ReadFor {
    All,
    These(BTreeSet<String>),
}

impl Default for ReadFor {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl ReadFor {
    fn of(row: &Coverage) -> Self {
        if row.codes.is_empty() { Self::All } else { Self::These(row.codes.iter().cloned().collect()) }
    }

    fn has(&self, code: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(codes) => codes.contains(code),
        }
    }

    fn add(&mut self, more: Self) {
        match (&mut *self, more) {
            (Self::These(codes), Self::These(more)) => codes.extend(more),
            _ => *self = Self::All,
        }
    }
}

impl Reading {
    /// All of a source, for all codes.
    pub fn of_everything() -> Self {
        Self { whole: ReadFor::All, ..Self::default() }
    }

    /// Adds what a record says was read.
    pub(super) fn add(&mut self, study: &Study, source: &Source, text: Option<&SourceText>, row: &Coverage) {
        if row.turns.is_empty() {
            self.whole.add(ReadFor::of(row));
            return;
        }
        let position = |ordinal: u32| ordinal.checked_sub(source.first_ordinal).filter(|k| *k < source.turns);
        let inside = |(first, last): &(u32, u32)| Some((position(*first)?, position(*last)?));
        self.parts.push((ReadFor::of(row), row.turns.iter().filter_map(inside).collect()));
        if let Some(text) = text.filter(|_| self.turns.is_empty()) {
            for turn in 0..text.segmentation.turns.len() {
                let speaker = text.speaker(turn);
                if study.is_coded(source, speaker) && !study.is_withdrawn(source, speaker) {
                    let person = source.participants.get(speaker).cloned().unwrap_or_default();
                    self.turns.entry(person).or_default().push(turn as u32);
                }
            }
        }
    }

    /// Whether a turn, by its position in the source, was read for a code.
    pub fn covers_turn(&self, code: &str, turn: u32) -> bool {
        let inside = |(first, last): &(u32, u32)| (*first..=*last).contains(&turn);
        self.whole.has(code) || self.parts.iter().any(|(codes, turns)| codes.has(code) && turns.iter().any(inside))
    }

    /// Whether everything that some people say was read for a code.
    pub fn covers(&self, code: &str, who: &dyn Fn(&str) -> bool) -> bool {
        let mut theirs = self.turns_of(who).peekable();
        self.whole.has(code) || theirs.peek().is_some() && theirs.all(|turn| self.covers_turn(code, turn))
    }

    /// Whether anything that some people say was read for a code.
    pub fn touches(&self, code: &str, who: &dyn Fn(&str) -> bool) -> bool {
        self.whole.has(code) || self.turns_of(who).any(|turn| self.covers_turn(code, turn))
    }

    fn turns_of(&self, who: &dyn Fn(&str) -> bool) -> impl Iterator<Item = u32> {
        self.turns.iter().filter(|(person, _)| who(person)).flat_map(|(_, turns)| turns.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes (all, where none is named) and the turns that were read for them.
    type Part<'a> = (&'a [&'a str], &'a [(u32, u32)]);

    fn reading(parts: &[Part<'_>]) -> Reading {
        let codes = |codes: &[&str]| match codes {
            [] => ReadFor::All,
            codes => ReadFor::These(codes.iter().map(|code| (*code).to_owned()).collect()),
        };
        Reading {
            whole: ReadFor::default(),
            parts: parts.iter().map(|(read, turns)| (codes(read), turns.to_vec())).collect(),
            turns: BTreeMap::from([("P1".to_owned(), vec![1, 3]), ("P2".to_owned(), vec![5])]),
        }
    }

    #[test]
    fn a_person_was_read_when_every_turn_was() {
        let read = reading(&[(&["trust"], &[(0, 1)]), (&[], &[(3, 4)])]);
        let (first, second) = (|id: &str| id == "P1", |id: &str| id == "P2");
        assert!(read.covers("trust", &first) && !read.covers("hope", &first));
        assert!(read.touches("hope", &first) && !read.touches("hope", &second));
        assert!(!read.covers("trust", &|_| true), "P2 was not read");
        assert!(read.covers_turn("trust", 0) && !read.covers_turn("trust", 2) && read.covers_turn("hope", 4));
        assert!(!read.covers("trust", &|id| id == "P3"), "whoever says nothing was not read");
    }

    #[test]
    fn parts_and_the_whole_add_up() {
        let mut read = reading(&[(&["trust"], &[(1, 1)])]);
        read.whole.add(ReadFor::These(BTreeSet::from(["hope".to_owned()])));
        assert!(read.covers("hope", &|_| true) && !read.covers("trust", &|id| id == "P1"));
        read.whole.add(ReadFor::All);
        assert!(read.covers("trust", &|_| true));
    }
}
