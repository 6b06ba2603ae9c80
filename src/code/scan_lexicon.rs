//! What is known of each word form of one language: which leaves of the rules match it, what it means to polarity.
//!
//! Every distinct form is folded, stemmed and compared with the rules once; after that a token costs one look at a
//! table. Forms of up to sixteen bytes are their own keys; longer ones and the words of insertions lie in maps.

use super::compile::{Action, Leaf, RuleSet, WordMeaning};
use super::scan_table::WordTable;
use crate::model::Span;
use crate::query::gates::{LONG_S, Place, without_case};
use crate::text::{TermIndex, Token, TokenKind, fold};
use aho_corasick::AhoCorasick;
use std::collections::HashMap;
use std::ops::Range;

/// What is known of a word form.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Of [`super::WordClasses`].
    meaning: WordMeaning,
    /// Number of the form; 0 where no rule knows the word.
    form: u32,
}

/// Set in the number of a word that sets something off by itself; the scan looks no further at the others. Set in
/// [`UNKNOWN`] too, so that one look at a number tells whether there is anything to do.
pub(super) const HAS_ACTIONS: u32 = 1 << 31;

/// Forms that are kept; beyond that the lexicon starts anew, so that memory stays flat however large the corpus.
const MOST_FORMS: usize = 1 << 18;

/// The bytes of a word, the first eight first; zeros for a word that is longer than sixteen.
pub(super) type Key = [u64; 2];

/// Ranges of [`Lexicon::actions`] and [`Lexicon::leaves`], and for each leaf the bit of its number modulo 64.
#[derive(Debug, Clone, Default)]
struct Form {
    actions: Range<u32>,
    leaves: Range<u32>,
    leaf_bits: u64,
}

/// Word forms of one language.
#[derive(Debug)]
pub(super) struct Lexicon {
    /// The language.
    pub language: String,
    spoken: TermIndex,
    inserted: TermIndex,
    whole_parts: HashMap<String, Vec<u32>>,
    parts: Option<AhoCorasick>,
    part_leaves: Vec<(u32, Place)>,
    /// What is known of words. Those that no rule knows share an entry by their meaning, so that these are few.
    entries: Vec<Entry>,
    plain_entries: HashMap<WordMeaning, u32>,
    short: WordTable<u64>,
    middle: WordTable<Key>,
    long: HashMap<Box<str>, u32>,
    insertions: HashMap<Box<str>, u32>,
    asks_for_capitals: bool,
    forms: Vec<Form>,
    actions: Vec<Action>,
    leaves: Vec<u32>,
}

impl Lexicon {
    /// An empty one, ready to compare words with the rules.
    pub fn new(rules: &RuleSet, language: &str) -> Self {
        let (mut spoken, mut inserted) = (TermIndex::new(language), TermIndex::new(language));
        let mut whole_parts: HashMap<String, Vec<u32>> = HashMap::new();
        let (mut texts, mut part_leaves) = (Vec::new(), Vec::new());
        for (number, leaf) in (0..).zip(rules.leaves()) {
            match leaf {
                Leaf::Term { text, mode, inserted: false } => spoken.insert(number, text, *mode),
                Leaf::Term { text, mode, inserted: true } => inserted.insert(number, text, *mode),
                Leaf::Gate(word) if word.place == Place::Whole => {
                    let leaves = word.texts.iter().map(|text| (text.clone(), number));
                    leaves.for_each(|(text, leaf)| whole_parts.entry(text).or_default().push(leaf));
                }
                Leaf::Gate(word) => {
                    texts.extend(&word.texts);
                    part_leaves.resize(texts.len(), (number, word.place));
                }
            }
        }
        Self {
            language: language.to_owned(),
            spoken,
            inserted,
            whole_parts,
            parts: AhoCorasick::new(texts).ok(),
            part_leaves,
            entries: Vec::new(),
            plain_entries: HashMap::new(),
            short: WordTable::default(),
            middle: WordTable::default(),
            long: HashMap::new(),
            insertions: HashMap::new(),
            asks_for_capitals: rules.asks_for_capitals(),
            forms: vec![Form::default()],
            actions: Vec::new(),
            leaves: Vec::new(),
        }
    }

    /// Makes room where too many forms have come together. Numbers of forms are good until then.
    pub fn make_room(&mut self) {
        if self.short.len() + self.middle.len() + self.long.len() + self.insertions.len() > MOST_FORMS {
            self.entries.clear();
            self.plain_entries.clear();
            self.short = WordTable::default();
            self.middle = WordTable::default();
            self.long.clear();
            self.insertions.clear();
            self.forms.truncate(1);
            self.actions.clear();
            self.leaves.clear();
        }
    }

    /// The number of a spoken word if it is quickly found; else a number that no word has.
    #[inline(always)]
    pub fn glance(&self, key: Key) -> u32 {
        match key {
            [short, 0] => self.short.glance(short),
            _ => self.middle.glance(key),
        }
    }

    /// What the word of a number means.
    #[inline(always)]
    pub fn meaning(&self, number: u32) -> WordMeaning {
        self.entry(number).meaning
    }

    #[inline(always)]
    fn entry(&self, number: u32) -> Entry {
        self.entries.get((number & !HAS_ACTIONS) as usize).copied().unwrap_or_default()
    }

    /// The number of a token of a text, however long it takes to find out.
    #[inline(never)]
    pub fn look_up(&mut self, rules: &RuleSet, text: &str, token: Token, small: u64) -> u32 {
        let word = token.span.of(text).unwrap_or("");
        let inserted = token.kind == TokenKind::Inserted;
        let key = if inserted { [0, 0] } else { key(text, token.span, small) };
        let known = match key {
            [0, _] if inserted => self.insertions.get(word).copied(),
            [0, _] => self.long.get(word).copied(),
            [short, 0] => self.short.get(short),
            _ => self.middle.get(key),
        };
        if let Some(number) = known {
            return number;
        }
        let (entry, flag) = self.compare(rules, word, inserted);
        let next = self.entries.len() as u32;
        let number = if entry.form == 0 { *self.plain_entries.entry(entry.meaning).or_insert(next) } else { next };
        if number == next {
            self.entries.push(entry);
        }
        let number = number | flag;
        match key {
            [0, _] if inserted => drop(self.insertions.insert(word.into(), number)),
            [0, _] => drop(self.long.insert(word.into(), number)),
            [short, 0] => self.short.insert(short, number),
            _ => self.middle.insert(key, number),
        }
        number
    }

    /// What the word of a number sets off.
    pub fn actions(&self, number: u32) -> &[Action] {
        let form = self.forms.get(self.entry(number).form as usize);
        form.and_then(|form| self.actions.get(form.actions.start as usize..form.actions.end as usize))
            .unwrap_or_default()
    }

    /// Whether a leaf matches the word of a number.
    #[inline(always)]
    pub fn has_leaf(&self, number: u32, leaf: u32) -> bool {
        let bits = self.forms.get(self.entry(number).form as usize).map_or(0, |form| form.leaf_bits);
        bits >> (leaf % 64) & 1 == 1 && self.leaves(number).contains(&leaf)
    }

    /// Leaves that match the word of a number, ascending.
    pub fn leaves(&self, number: u32) -> &[u32] {
        let form = self.forms.get(self.entry(number).form as usize);
        form.and_then(|form| self.leaves.get(form.leaves.start as usize..form.leaves.end as usize)).unwrap_or_default()
    }

    /// Bits that make the words of a text alike whatever their case: none where a rule asks for capitals, or where
    /// bytes are not letters.
    pub fn small_letters(&self, text: &str) -> u64 {
        if self.asks_for_capitals || !text.is_ascii() { 0 } else { 0x2020_2020_2020_2020 }
    }

    /// Compares a word with every leaf; [`HAS_ACTIONS`] beside the entry where it has some.
    fn compare(&mut self, rules: &RuleSet, word: &str, inserted: bool) -> (Entry, u32) {
        let folded = fold(word);
        let meaning = rules.meaning_of(&folded, &self.language);
        let mut found = Vec::new();
        if inserted {
            self.inserted.matching(word, &folded, &mut found);
        } else {
            self.spoken.matching(word, &folded, &mut found);
            self.find_parts(word, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        let mut actions: Vec<Action> = found
            .iter()
            .flat_map(|leaf| rules.actions(*leaf))
            .filter(|action| rules.is_for(**action, &self.language))
            .copied()
            .collect();
        if !inserted && word.contains(LONG_S) {
            actions.push(Action::OpenAll);
        }
        if found.is_empty() && actions.is_empty() {
            return (Entry { meaning, form: 0 }, 0);
        }
        let range = |from: usize, count: usize| from as u32..(from + count) as u32;
        let form = Form {
            actions: range(self.actions.len(), actions.len()),
            leaves: range(self.leaves.len(), found.len()),
            leaf_bits: found.iter().fold(0, |bits, leaf| bits | 1 << (leaf % 64)),
        };
        let flag = if actions.is_empty() { 0 } else { HAS_ACTIONS };
        self.actions.append(&mut actions);
        self.leaves.append(&mut found);
        self.forms.push(form);
        (Entry { meaning, form: self.forms.len() as u32 - 1 }, flag)
    }

    fn find_parts(&self, word: &str, found: &mut Vec<u32>) {
        if self.whole_parts.is_empty() && self.part_leaves.is_empty() {
            return;
        }
        let word: String = word.chars().map(without_case).collect();
        found.extend(self.whole_parts.get(&word).into_iter().flatten());
        for hit in self.parts.iter().flat_map(|parts| parts.find_overlapping_iter(&word)) {
            let leaf = self.part_leaves.get(hit.pattern().as_usize());
            found.extend(
                leaf.filter(|(_, place)| place.admits(hit.start(), hit.end(), word.len())).map(|(leaf, _)| leaf),
            );
        }
    }
}

/// The bytes of a word as two numbers, with the bits of small letters set: words are then compared like numbers.
#[inline(always)]
pub(super) fn key(text: &str, word: Span, small: u64) -> Key {
    let (bytes, at) = (text.as_bytes(), word.start as usize);
    match word.end.wrapping_sub(word.start) as usize {
        length @ 0..=8 => [(eight_bytes(bytes, at) | small) & first_bytes(length), 0],
        length @ 9..=16 => {
            [eight_bytes(bytes, at) | small, (eight_bytes(bytes, at + 8) | small) & first_bytes(length - 8)]
        }
        _ => [0, 0],
    }
}

/// The bytes of a number that belong to a word of up to eight.
#[inline(always)]
fn first_bytes(length: usize) -> u64 {
    const MASKS: [u64; 9] =
        [0, 0xff, 0xffff, 0xff_ffff, !0 >> 32, 0xff_ffff_ffff, 0xffff_ffff_ffff, 0xff_ffff_ffff_ffff, !0];
    MASKS.get(length).copied().unwrap_or(0)
}

/// The eight bytes from `at`, with zeros where the text ends before.
#[inline(always)]
fn eight_bytes(bytes: &[u8], at: usize) -> u64 {
    if let Some(window) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        return u64::from_le_bytes(*window);
    }
    if let Some(window) = bytes.last_chunk::<8>() {
        return u64::from_le_bytes(*window) >> (8 * (at + 8 - bytes.len()).min(7));
    }
    let mut window = [0; 8];
    window.iter_mut().zip(bytes.get(at..).unwrap_or_default()).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(window)
}
