//! A stretch of words at the border of two turns, taken apart once.

use crate::code::polarity::class::{AUXILIARY, BE, MODAL};
use crate::code::scan::Scratch;
use crate::model::Span;
use crate::text::{Token, fold, sentence_around, sentence_span};
use std::ops::Range;

/// Words that are looked at: nobody answers in more.
const MOST: usize = 80;

/// Words of a turn: as they are compared, what they mean to polarity, and where marks stand before them.
pub(super) struct Words<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    /// Folded; no more than are looked at.
    pub words: Vec<String>,
    classes: Vec<u64>,
}

impl<'a> Words<'a> {
    /// The first words of the turn that was scanned last.
    pub fn first(text: &'a str, scratch: &'a Scratch) -> Self {
        Self::new(text, scratch, 0..scratch.tokens.len().min(MOST) as u32)
    }

    /// All words of that turn.
    pub fn all(text: &'a str, scratch: &'a Scratch) -> Self {
        Self::new(text, scratch, 0..scratch.tokens.len() as u32)
    }

    fn new(text: &'a str, scratch: &'a Scratch, range: Range<u32>) -> Self {
        let tokens = &scratch.tokens;
        let known = tokens.get(..range.end as usize).unwrap_or_default();
        let words = known.iter().map(|token| fold(token.span.of(text).unwrap_or_default()).into_owned()).collect();
        Self { text, tokens, words, classes: super::classes(scratch, range).collect() }
    }

    /// Groups of a word.
    pub fn class(&self, at: u32) -> u64 {
        self.classes.get(at as usize).copied().unwrap_or(0)
    }

    /// The sentence that begins with a word.
    pub fn sentence(&self, start: u32) -> Range<u32> {
        sentence_around(self.text, self.tokens, start, start)
    }

    /// Bytes of a sentence with its marks.
    pub fn sentence_span(&self, sentence: &Range<u32>) -> Span {
        sentence_span(self.text, self.tokens, sentence)
    }

    /// Bytes from a word to the one before `end`.
    pub fn span(&self, first: u32, end: u32) -> Span {
        let of = |at: u32| self.tokens.get(at as usize).map(|token| token.span);
        match (of(first), of(end.saturating_sub(1).max(first))) {
            (Some(first), Some(last)) => first.cover(last),
            _ => Span::new(0, 0),
        }
    }

    /// Whether a mark (a comma, a dash, a full stop) stands before a word.
    pub fn is_marked(&self, at: u32) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.tokens.get(before as usize));
        let (Some(before), Some(token)) = (before, self.tokens.get(at as usize)) else { return true };
        let between = self.text.get(before.span.end as usize..token.span.start as usize).unwrap_or_default();
        between.contains([',', '.', ';', ':', '!', '?', '…', '—', '–', '،']) || between.contains(" -")
    }

    /// Whether a phrase that ends before `at` is followed by a mark or by the end.
    pub fn ends_at(&self, at: u32, end: u32) -> bool {
        at >= end || self.is_marked(at)
    }

    /// Whether words are a name: one behind the first is written with a capital, or the only one is so again inside a
    /// sentence or before a verb ("Bo. Bo's my best friend").
    pub fn is_name(&self, words: &Range<u32>) -> bool {
        if words.len() > 1 {
            return words.clone().skip(1).any(|at| self.is_capital(at));
        }
        let Some(name) = self.written(words.start).filter(|_| self.is_capital(words.start)) else { return false };
        let subject = |at: u32| self.class(at + 1) & (BE | AUXILIARY | MODAL) != 0;
        let again = |at: u32| self.written(at) == Some(name) && (!self.is_marked(at) || subject(at));
        (words.end..self.words.len() as u32).any(again)
    }

    /// Whether a word that the lists do not know is written with a capital.
    pub fn is_capital(&self, at: u32) -> bool {
        let is_capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
        self.class(at) == 0 && self.written(at).is_some_and(is_capital)
    }

    fn written(&self, at: u32) -> Option<&str> {
        self.tokens.get(at as usize)?.span.of(self.text)
    }
}

/// Whether a sentence ends with a question mark.
pub(super) fn is_question(text: &str, tokens: &[Token], sentence: &Range<u32>) -> bool {
    let Some(last) = (sentence.end as usize).checked_sub(1).and_then(|last| tokens.get(last)) else { return false };
    let next = tokens.get(sentence.end as usize).map_or(text.len(), |token| token.span.start as usize);
    text.get(last.span.end as usize..next).unwrap_or_default().contains(['?', '؟', '？'])
}
