//! Where a subject begins: a pronoun, or a noun with its verb close behind it.
//!
//! Only looks; the borders that follow from it are drawn in `clauses`.

use super::class::*;
use super::reading::{Reading, gap};

impl Reading {
    /// The first unit from `at` on that is no adverb.
    pub(super) fn past_adverbs(&self, mut at: usize) -> usize {
        while self.class(at) & ADVERB != 0 && self.class(at) & (NEGATIVE | VERBAL | PREPOSITION | IT) == 0 {
            at += 1;
        }
        at
    }

    pub(super) fn starts_pronoun(&self, at: usize) -> bool {
        let class = self.class(at);
        if class & (I | THEY) != 0 {
            return true;
        }
        if class & (YOU | IT) != 0 {
            // "it's": subject and verb in one unit.
            if class & BE != 0 && self.units.get(at).is_some_and(|unit| unit.last > unit.first) {
                return true;
            }
            let next = self.past_adverbs(at + 1);
            return self.class(next) & (VERBAL | NEGATION | NO_LONGER | USED_TO) != 0
                && self.gap(next) & gap::STRONG == 0;
        }
        false
    }

    /// Whether a subject and its verb begin here.
    pub(super) fn starts_subject(&self, at: usize) -> bool {
        let at = self.past_adverbs(at);
        if self.starts_pronoun(at) {
            return true;
        }
        let class = self.class(at);
        if class & NOBODY != 0 {
            return self.class(at + 1) & (VERBAL | ADVERB | RELATIVE | INDEFINITE | PREPOSITION) != 0
                || self.starts_pronoun(at + 1);
        }
        if class & (DETERMINER | MY | OTHERS | NO) == 0 || class & (NOT | NEVER | PREPOSITION) != 0 {
            return false;
        }
        for next in at + 1..at + 7 {
            let (found, marks) = (self.class(next), self.gap(next));
            if next >= self.units.len() || marks & (gap::COMMA | gap::STRONG) != 0 || found & (CONTRAST | I | THEY) != 0
            {
                return false;
            }
            if found & TENSED != 0 && found & TO == 0 && self.class(next - 1) & TO == 0 {
                return true;
            }
            if found & (NEGATION | NO_LONGER | USED_TO) != 0 && found & NO == 0 {
                return true;
            }
            if found & VERBAL != 0 && self.class(next - 1) & OTHERS != 0 {
                return true;
            }
        }
        false
    }

    /// A prepositional or time phrase and then a pronoun: `with her I was ...`.
    pub(super) fn starts_late_subject(&self, at: usize) -> bool {
        let class = self.class(at);
        if class & (PREPOSITION | BEFORE | NOW | AFTER | ALWAYS | ADVERB | WITHOUT) == 0 {
            return false;
        }
        for next in at + 1..at + 7 {
            if next >= self.units.len() || self.gap(next) & gap::STRONG != 0 || self.class(next) & TENSED != 0 {
                return false;
            }
            if self.class(next) & (I | THEY) != 0 || (self.class(next) & IT != 0 && self.starts_pronoun(next)) {
                return true;
            }
        }
        false
    }
}
