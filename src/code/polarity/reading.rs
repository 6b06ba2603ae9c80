//! A sentence read once: its units (words, or phrases of the lists) and its clauses.
//!
//! Owns where a clause begins and ends, whose clause it is and what governs it; judges nothing. It is a shallow
//! reading in the line of NegEx and ConText, not a parse: borders stand at contrast words, at commas before a new
//! subject or verb, at subordinators and relatives, and at a subject that follows a complete verb. A clause may be
//! interrupted by another ("Nothing [they did] was ..."), so every unit carries the number of its clause.

use super::class::*;
use super::lists::Language;
use super::phrases::PREFIXED;
use crate::code::WordMeaning;
use crate::text::Token;

/// Marks between two units.
pub(super) mod gap {
    /// `,`
    pub const COMMA: u8 = 1;
    /// `;`, `:`, a dash or a bracket, a sentence mark inside the sentence.
    pub const STRONG: u8 = 2;
    /// A quotation mark.
    pub const QUOTE: u8 = 4;
}

/// No clause, no unit.
pub(super) const NONE: u32 = u32::MAX;

/// A word or a phrase of the lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// First token.
    pub first: u32,
    /// Last token.
    pub last: u32,
    /// Groups.
    pub class: u64,
    /// Marks before it.
    pub gap: u8,
    /// Number of its clause.
    pub clause: u32,
}

/// What a clause is to the one around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Stands by itself.
    Main,
    /// Goes on with a verb and without a subject of its own.
    Conjunct,
    /// Hangs on a verb or adjective: `I know [she cared]`.
    Complement,
    /// Hangs on a noun: `people [who cared]`.
    Relative,
    /// `if`, `unless`, `whether`.
    Condition,
    /// Any other subordinate clause.
    Subordinate,
    /// Words quoted from somebody else.
    QuoteOfOther,
    /// Words the speaker quotes from themselves.
    QuoteOfSelf,
}

/// Who does or is what the clause says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Nobody named.
    None,
    /// The speaker.
    Speaker,
    /// `you`.
    You,
    /// Somebody else.
    Other,
    /// Nobody at all.
    Nobody,
    /// A thing.
    Thing,
}

/// A clause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clause {
    /// First unit.
    pub first: u32,
    /// Last unit.
    pub last: u32,
    /// Clause around it.
    pub parent: u32,
    /// What it is to that.
    pub kind: Kind,
    /// Opened by a contrast word.
    pub contrast: bool,
    /// Its subject.
    pub subject: Subject,
    /// Unit of the subject.
    pub subject_at: u32,
    /// Groups of the subject's unit.
    pub subject_class: u64,
    /// First verb.
    pub verb_at: u32,
    /// Negative unit in the noun that a relative clause hangs on: `nobody [who ...]`.
    pub negated_head: u32,
    /// Negative unit in the subject; a clause that goes on without a subject has it from the one before.
    pub negative_subject: u32,
}

impl Clause {
    /// "When I came out of detox [my cousin ...]": a subordinate clause that opens the sentence and has ended with a noun.
    pub(super) const fn leads_on(&self, before: u64) -> bool {
        let opens = matches!(self.kind, Kind::Subordinate | Kind::Condition) && self.parent == NONE;
        opens && self.verb_at != NONE && before == 0
    }
}

/// Buffers for reading one sentence after another without allocating.
#[derive(Debug, Default)]
pub struct Reading {
    pub(super) units: Vec<Unit>,
    pub(super) clauses: Vec<Clause>,
    /// What the tokens mean, before phrases are found.
    meanings: Vec<WordMeaning>,
    /// Union of all classes.
    pub(super) all: u64,
    /// Ends with a question mark.
    pub(super) question: bool,
    pub(super) concord: bool,
}

impl Reading {
    /// Reads a sentence of a turn: its tokens, the first of which has number `first`, and what the words of these mean.
    pub fn read(
        &mut self,
        language: &Language,
        text: &str,
        tokens: &[Token],
        first: u32,
        meanings: impl Iterator<Item = WordMeaning>,
    ) {
        self.meanings.clear();
        self.meanings.extend(meanings);
        self.units.clear();
        self.clauses.clear();
        self.concord = language.concord();
        self.read_units(language, text, tokens, first);
        self.question = ends_in_question(text, tokens);
        self.read_clauses();
    }

    #[inline(never)]
    fn read_units(&mut self, language: &Language, text: &str, tokens: &[Token], first: u32) {
        let Some(opening) = tokens.first() else { return };
        self.units.reserve(tokens.len());
        let mut marks = if opening_quote(text, opening.span.start) { gap::QUOTE } else { 0 };
        let (mut all, mut at) = (0, 0);
        while let (Some(token), Some(meaning)) = (tokens.get(at), self.meanings.get(at)) {
            let mut class = meaning.classes & !(PHRASE_START | PHRASE_NEXT);
            let mut last = at;
            if meaning.classes & PHRASE_START != 0
                && let Some((words, groups)) = self.phrase(language, at)
            {
                last = at + words - 1;
                class = groups;
            }
            if class & BE != 0 && last == at && begins_with_apostrophe(text, token.span.start) {
                class = self.contracted(class);
            }
            if all & WOULD != 0 {
                self.settle_contraction(text, tokens, first, token, class);
            }
            all |= class;
            self.units.push(Unit { first: first + at as u32, last: first + last as u32, class, gap: marks, clause: 0 });
            at = last + 1;
            if let Some([before, next]) = tokens.get(last..).and_then(<[Token]>::first_chunk::<2>) {
                marks = marks_between(text, before.span.end, next.span.start);
            }
        }
        self.all = all;
    }

    /// The entry of several words that begins at a token: its number of words and groups.
    #[inline(always)]
    fn phrase(&self, language: &Language, at: usize) -> Option<(usize, u64)> {
        let [first, second] = self.meanings.get(at..)?.first_chunk::<2>()?;
        if second.classes & PHRASE_NEXT == 0 {
            return None;
        }
        let number = |k: usize| self.meanings.get(at + k).map(|meaning| meaning.number);
        let (words, groups) = language.phrases.find(first.number, second.number, number)?;
        let kept = if first.number & PREFIXED == 0 { 0 } else { AND | RELATIVE | SUBORDINATE };
        Some((words, groups | (first.classes & (I | THEY | TENSED | kept))))
    }

    /// `'s` is a verb after a pronoun and marks an owner elsewhere.
    fn contracted(&self, class: u64) -> u64 {
        let before = self.units.last().map_or(0, |unit| unit.class);
        if before & (IT | THEY | RELATIVE | YOU | NOBODY | SUBORDINATE | INDEFINITE) != 0 { class } else { DETERMINER }
    }

    /// `'d` is `had` before a noun, `to` or a participle ("I'd no help", "I'd never trusted him") and `would` elsewhere.
    fn settle_contraction(&mut self, text: &str, tokens: &[Token], first: u32, next: &Token, class: u64) {
        const LIGHT: u64 = ADVERB | NEVER;
        let had = |unit: &Unit| {
            unit.class & WOULD != 0
                && unit.class & (I | THEY | YOU | IT) != 0
                && tokens.get((unit.last - first) as usize).is_some_and(|token| ends_in_d(text, token.span.end))
        };
        let participle =
            class & BE != 0 || class & FINITE != 0 && (class & (VERB | CAUSING) == 0 || ends_in_ed(text, next));
        let noun =
            class & (TO | NO | NOBODY | MY) != 0 || class & (DETERMINER | IT) != 0 && class & (ADVERB | TENSED) == 0;
        let mut behind = self.units.iter_mut().rev();
        let place = match behind.next() {
            Some(unit) if had(unit) && (noun || participle) => Some(unit),
            Some(light) if participle && light.class & LIGHT != 0 => behind.next().filter(|unit| had(unit)),
            _ => None,
        };
        if let Some(unit) = place {
            unit.class = unit.class & !(WOULD | MODAL | WISHING | IMAGINING) | AUXILIARY;
        }
    }

    /// Groups of the unit `at`, or none past the ends.
    pub(super) fn class(&self, at: usize) -> u64 {
        self.units.get(at).map_or(0, |unit| unit.class)
    }

    pub(super) fn gap(&self, at: usize) -> u8 {
        self.units.get(at).map_or(0, |unit| unit.gap)
    }

    /// The unit that holds a token.
    pub(super) fn unit_of(&self, token: u32) -> Option<usize> {
        let after = self.units.partition_point(|unit| unit.first <= token);
        after.checked_sub(1)
    }

    pub(super) fn clause(&self, id: u32) -> Option<&Clause> {
        self.clauses.get(id as usize)
    }
}

fn begins_with_apostrophe(text: &str, start: u32) -> bool {
    text.as_bytes().get(start as usize).is_some_and(|byte| matches!(byte, b'\'' | 0xe2))
}

fn ends_in_d(text: &str, end: u32) -> bool {
    text.get(..end as usize).is_some_and(|before| before.ends_with("'d") || before.ends_with("’d"))
}

fn ends_in_ed(text: &str, token: &Token) -> bool {
    token.span.of(text).is_some_and(|word| word.ends_with("ed"))
}

#[inline(always)]
fn marks_between(text: &str, start: u32, end: u32) -> u8 {
    let space = end == start + 1 && text.as_bytes().get(start as usize) == Some(&b' ');
    if space || start == end { 0 } else { marks_slowly(text, start, end) }
}

#[cold]
fn marks_slowly(text: &str, start: u32, end: u32) -> u8 {
    let Some(between) = text.get(start as usize..end as usize) else { return 0 };
    let mut marks = 0;
    let mut inside = false;
    for c in between.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            _ if inside => {}
            ',' | '،' => marks |= gap::COMMA,
            ';' | ':' | '—' | '–' | '(' | ')' | '.' | '!' | '?' | '…' => marks |= gap::STRONG,
            '"' | '“' | '”' | '„' | '«' | '»' => marks |= gap::QUOTE,
            _ => {}
        }
    }
    if between.contains(" - ") {
        marks |= gap::STRONG;
    }
    // The colon or comma before quoted words belongs to the quotation.
    if marks & gap::QUOTE != 0 { gap::QUOTE } else { marks }
}

fn opening_quote(text: &str, start: u32) -> bool {
    text.get(..start as usize).is_some_and(|before| before.ends_with(['"', '“', '„', '«']))
}

fn ends_in_question(text: &str, tokens: &[Token]) -> bool {
    let Some(last) = tokens.last() else { return false };
    let rest = text.get(last.span.end as usize..).unwrap_or_default();
    rest.chars().take_while(|c| !c.is_alphanumeric()).take(4).any(|c| c == '?' || c == '؟')
}
