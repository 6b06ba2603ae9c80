//! Entries of several words: which begin with these two, and how far they go.
//!
//! The words of all entries are numbered when the lists are read, and the scan keeps the number of each word form: so a
//! sentence is compared with the entries without a look at its text.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Set in the number of a word that an entry begins with behind letters written together with it: `ש` in `שאף אחד`.
pub(super) const PREFIXED: u32 = 1 << 31;

/// The words of an entry after its second, and the entry's groups.
type Continuation = (Vec<u32>, u64);

/// Entries by their first two words, those that go on furthest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Phrases {
    numbers: HashMap<String, u32>,
    entries: HashMap<u64, Vec<Continuation>, BuildHasherDefault<Ready>>,
    pairs: Pairs,
}

impl Phrases {
    /// Adds an entry, or groups to one that is there. Words are folded.
    pub fn insert(&mut self, first: &str, second: &str, rest: impl Iterator<Item = String>, groups: u64) {
        let pair = pair_of(self.number(first), self.number(second));
        let rest: Vec<u32> = rest.map(|word| self.number(&word)).collect();
        let same_start = self.entries.entry(pair).or_default();
        match same_start.iter_mut().find(|(words, _)| *words == rest) {
            Some((_, known)) => *known |= groups,
            None => {
                let place = same_start.partition_point(|(words, _)| words.len() > rest.len());
                same_start.insert(place, (rest, groups));
            }
        }
        self.pairs.insert(pair);
    }

    fn number(&mut self, word: &str) -> u32 {
        let next = self.numbers.len() as u32 + 1;
        *self.numbers.entry(word.to_owned()).or_insert(next)
    }

    /// The number of a folded word, or 0 where no entry holds it.
    pub fn number_of(&self, folded: &str) -> u32 {
        self.numbers.get(folded).copied().unwrap_or(0)
    }

    /// The longest entry that begins with two words; `next(k)` is the k-th word after the first. Gives the number of
    /// words and the groups.
    #[inline(always)]
    pub fn find(&self, first: u32, second: u32, next: impl Fn(usize) -> Option<u32>) -> Option<(usize, u64)> {
        let pair = pair_of(first & !PREFIXED, second);
        if !self.pairs.may_hold(pair) {
            return None;
        }
        let spoken = |rest: &[u32]| (2..).zip(rest).all(|(k, word)| next(k) == Some(*word));
        let (rest, groups) = self.entries.get(&pair)?.iter().find(|(rest, _)| spoken(rest))?;
        Some((rest.len() + 2, *groups))
    }
}

/// Differs for any two pairs, and its high bits depend on both.
#[inline(always)]
const fn pair_of(first: u32, second: u32) -> u64 {
    ((first as u64) << 32 | second as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The pairs that entries begin with, as a bit map: nearly every pair of words that is spoken begins none.
#[derive(Debug, Clone, Default)]
struct Pairs(Vec<u64>);

const PAIR_BITS: u32 = 16;

impl Pairs {
    fn insert(&mut self, pair: u64) {
        self.0.resize(1 << (PAIR_BITS - 6), 0);
        let bit = pair >> (64 - PAIR_BITS);
        if let Some(word) = self.0.get_mut((bit >> 6) as usize) {
            *word |= 1 << (bit & 63);
        }
    }

    #[inline(always)]
    fn may_hold(&self, pair: u64) -> bool {
        let bit = pair >> (64 - PAIR_BITS);
        self.0.get((bit >> 6) as usize).is_some_and(|word| word & (1 << (bit & 63)) != 0)
    }
}

/// Keys that are mixed already.
#[derive(Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        // A table takes the low bits, and the high ones are the mixed ones.
        self.0 = key.rotate_left(32);
    }
}
