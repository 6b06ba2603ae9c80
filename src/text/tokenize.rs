//! From text to tokens: Unicode words (UAX 29), with a possessive `'s` and a contracted `n't` on their own.

use super::ascii::ascii_words;
use super::fold::is_ignorable;
use super::remarks::{Mark, marks, may_hold_marks};
use super::{Token, TokenKind};
use crate::model::Span;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// Longest token in bytes; longer runs are cut the same way everywhere.
pub const LONGEST_TOKEN: usize = 255;

/// Version of what a word is: part of every rule set's digest.
pub const ANALYSER_VERSION: &str = "1";

/// Adds the tokens of a turn, offsets counted from its start.
pub fn tokenize(text: &str, tokens: &mut Vec<Token>) {
    each_token(text, |span, kind| tokens.push(Token { span, kind }));
}

/// Hands on the tokens of a turn one by one, offsets counted from its start.
#[inline(always)]
pub fn each_token(text: &str, mut found: impl FnMut(Span, TokenKind)) {
    if may_hold_marks(text) {
        each_marked_token(text, found);
    } else {
        each_word(text, 0, |span| found(span, TokenKind::Word));
    }
}

#[inline(never)]
fn each_marked_token(text: &str, mut found: impl FnMut(Span, TokenKind)) {
    let mut marked = Vec::new();
    marks(text, &mut marked);
    let mut at = 0_usize;
    let mut words = |from: usize, to: usize, kind| {
        each_word(text.get(from..to).unwrap_or(""), from, |span| found(span, kind));
    };
    for (span, mark) in marked {
        words(at, span.start as usize, TokenKind::Word);
        if mark == Mark::Insertion {
            words(span.start as usize, span.end as usize, TokenKind::Inserted);
        }
        at = span.end as usize;
    }
    words(at, text.len(), TokenKind::Word);
}

/// Hands on the words of a text as though brackets meant nothing, with `base` added to their offsets.
#[inline(always)]
pub(crate) fn each_word(text: &str, base: usize, mut found: impl FnMut(Span)) {
    let found = |span: Span, may_need_cuts: bool| {
        if may_need_cuts {
            cut(text, base, span, &mut found);
        } else {
            found(span);
        }
    };
    if text.is_ascii() {
        ascii_words(text.as_bytes(), base, found);
    } else {
        each_mixed_word(text, base, found);
    }
}

/// A word never reaches across ASCII white space: only the stretches between two spaces that hold other characters pay
/// for the full rules.
#[inline(never)]
fn each_mixed_word(text: &str, base: usize, mut found: impl FnMut(Span, bool)) {
    let mut at = 0;
    while let Some(foreign) = text.as_bytes().get(at..).and_then(|rest| rest.iter().position(|byte| !byte.is_ascii())) {
        let rest = text.get(at..).unwrap_or("");
        let is_space = |byte: &u8| byte.is_ascii_whitespace();
        let from = rest.as_bytes().iter().take(foreign).rposition(is_space).map_or(0, |space| space + 1);
        let to = rest.as_bytes().iter().skip(foreign).position(is_space).map_or(rest.len(), |space| foreign + space);
        ascii_words(rest.as_bytes().get(..from).unwrap_or_default(), base + at, &mut found);
        unicode_words(rest.get(from..to).unwrap_or(""), base + at + from, &mut found);
        at += to;
    }
    ascii_words(text.as_bytes().get(at..).unwrap_or_default(), base + at, &mut found);
}

fn unicode_words(text: &str, base: usize, found: &mut impl FnMut(Span, bool)) {
    for (at, word) in text.split_word_bound_indices() {
        // Controls at the edge belong to no word: a quotation should not begin or end with one.
        let start = base + at + word.len() - word.trim_start_matches(is_ignorable).len();
        let word = word.trim_matches(is_ignorable);
        if word.chars().any(|c| c.is_alphanumeric() && !is_combining_mark(c)) {
            found(Span::new(start as u32, (start + word.len()) as u32), true);
        }
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{02bc}')
}

/// Whether a token is an `n't` or `'s`.
fn is_clitic(token: &str) -> bool {
    let mut letters = token.chars().filter(|c| !is_ignorable(*c));
    let first = letters.next();
    let quote = if matches!(first, Some('n' | 'N')) { letters.next() } else { first };
    quote.is_some_and(is_apostrophe)
}

/// Bytes of a word before its `n't` or `'s`.
fn head_length(word: &str) -> usize {
    if word.is_ascii() {
        return match word.as_bytes() {
            [head @ .., b'n' | b'N', b'\'', b't' | b'T'] | [head @ .., b'\'', b's' | b'S'] if !head.is_empty() => {
                head.len()
            }
            _ => word.len(),
        };
    }
    let mut back = word.char_indices().rev().filter(|(_, c)| !is_ignorable(*c));
    match (back.next(), back.next(), back.next()) {
        (Some((_, 't' | 'T')), Some((_, quote)), Some((n_at, 'n' | 'N'))) if is_apostrophe(quote) && n_at > 0 => n_at,
        (Some((_, 's' | 'S')), Some((quote_at, quote)), _) if is_apostrophe(quote) && quote_at > 0 => quote_at,
        _ => word.len(),
    }
}

/// Hands on a word as its tokens: before a clitic, the clitic, and either in pieces where it is too long.
#[inline(never)]
fn cut(text: &str, base: usize, word: Span, found: &mut impl FnMut(Span)) {
    let (start, end) = (word.start as usize - base, word.end as usize - base);
    let head = start + head_length(text.get(start..end).unwrap_or(""));
    for (mut from, end) in [(start, head), (head, end)] {
        while from < end {
            let mut to = end.min(from + LONGEST_TOKEN);
            while to > from + 1 && !text.is_char_boundary(to) {
                to -= 1;
            }
            found(Span::new((base + from) as u32, (base + to) as u32));
            from = to;
        }
    }
}

/// First bytes of the spoken words of a turn, as a reader counts them: `don't` and `Dan's` are one word though two
/// tokens, remarks and editorial insertions are none.
pub fn word_starts(turn: &str) -> Vec<u32> {
    let mut starts = Vec::new();
    let mut end = None;
    each_token(turn, |span, kind| {
        let goes_on = end == Some(span.start) && span.of(turn).is_some_and(is_clitic);
        if kind == TokenKind::Word && !goes_on {
            starts.push(span.start);
        }
        end = Some(span.end);
    });
    starts
}

/// Number of spoken words in these turns of a text.
pub fn count_words(text: &str, turns: impl Iterator<Item = Span>) -> u64 {
    turns.map(|turn| word_starts(turn.of(text).unwrap_or("")).len() as u64).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        tokenize(text, &mut found);
        found.into_iter().map(|token| token.span.of(text).unwrap()).collect()
    }

    #[test]
    fn contractions_possessives_and_hyphens() {
        assert_eq!(tokens("I don't, can\u{2019}t, cannot."), ["I", "do", "n't", "ca", "n\u{2019}t", "cannot"]);
        assert_eq!(
            tokens("Dan's self-esteem's 10:30 3.5 I'm"),
            ["Dan", "'s", "self", "esteem", "'s", "10", "30", "3.5", "I'm"]
        );
        assert_eq!(tokens("rock 'n' roll n't 's"), ["rock", "n", "roll", "n't", "s"]);
    }

    #[test]
    fn remarks_take_no_position_and_insertions_do() {
        assert_eq!(tokens("no [laughs] longer (0.5) alone 😀"), ["no", "longer", "alone"]);
        let mut found = Vec::new();
        tokenize("I [and] she", &mut found);
        let kinds: Vec<TokenKind> = found.iter().map(|token| token.kind).collect();
        assert_eq!(kinds, [TokenKind::Word, TokenKind::Inserted, TokenKind::Word]);
    }

    #[test]
    fn a_contraction_is_one_word_to_a_reader() {
        let count = |text: &str| word_starts(text).len();
        assert_eq!(count("I don't, can\u{2019}t, cannot."), 4);
        assert_eq!(count("Dan's dog isn't Dan's."), 4);
        assert_eq!(count("[laughs] No [and] 's a n't"), 4);
        assert_eq!(word_starts("She doesn't, no"), [0, 4, 13]);
        assert_eq!(count("she said 'sorry' twice"), 4);
        assert_eq!(count_words("a b\nit's c", [Span::new(0, 3), Span::new(4, 10)].into_iter()), 4);
    }

    #[test]
    fn long_runs_are_cut() {
        let text = "é".repeat(300);
        let lengths: Vec<usize> = tokens(&text).iter().map(|token| token.len()).collect();
        assert_eq!(lengths, [254, 254, 92]);
    }

    proptest! {
        #[test]
        fn the_ascii_path_is_unicode_words(text in "[ -~\\n]{0,200}|([a-zA-Z0-9'._:,;]{1,90} ?){0,4}|([a-z]{1,9}['.,]? ?){0,60}") {
            let (mut fast, mut slow) = (Vec::new(), Vec::new());
            ascii_words(text.as_bytes(), 0, |span, _| fast.push(span));
            unicode_words(&text, 0, &mut |span, _| slow.push(span));
            prop_assert_eq!(fast, slow);
        }

        #[test]
        fn words_stretch_by_stretch_are_words_of_the_whole(text in "[ a-c'’.\n\u{5d0}-\u{5d2}\u{5b0}\u{200f}\u{301}é😀🇩中1]{0,40}") {
            let (mut fast, mut slow) = (Vec::new(), Vec::new());
            each_word(&text, 0, |span| fast.push(span));
            unicode_words(&text, 0, &mut |span, _| cut(&text, 0, span, &mut |span| slow.push(span)));
            prop_assert_eq!(fast, slow);
        }

        #[test]
        fn tokens_are_ordered_and_on_borders(text in "\\PC{0,80}") {
            let mut found = Vec::new();
            tokenize(&text, &mut found);
            let mut last = 0;
            for token in found {
                prop_assert!(token.span.start >= last && token.span.end > token.span.start);
                prop_assert!(token.span.of(&text).is_some());
                last = token.span.end;
            }
        }
    }
}
