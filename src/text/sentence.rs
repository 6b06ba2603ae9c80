//! Where sentences end.

use super::{Token, fold};
use crate::model::Span;
use std::ops::Range;

/// Titles: a full stop behind one never ends a sentence. Folded, without the stop.
const TITLES: [&str; 12] = ["dr", "mr", "mrs", "ms", "prof", "st", "sr", "jr", "vs", "fr", "rev", "gen"];

/// A full stop behind one of these ends no sentence where the next word is written small.
const BEFORE_SMALL: [&str; 4] = ["etc", "approx", "eg", "ie"];

/// A full stop behind one of these ends no sentence where a number follows.
const BEFORE_NUMBER: [&str; 2] = ["no", "nr"];

/// Adds the sentences of a turn as ranges of token indexes. Every token is in exactly one.
///
/// A border lies after `.` `!` `?` `…` `׃` that are followed by white space, a closing quote or the end, and at a blank
/// line; not after abbreviations, single initials, inside numbers, or after `...` before a word in small letters.
pub fn sentences(text: &str, tokens: &[Token], out: &mut Vec<Range<u32>>) {
    let end = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
    let mut start = 0;
    while start < end {
        let next = sentence_end(text, tokens, start);
        out.push(start..next);
        start = next;
    }
}

/// The one of [`sentences`] that holds a token, for whoever needs a few of them only. No sentence before `from`, a
/// border that is known, is looked at.
pub fn sentence_around(text: &str, tokens: &[Token], from: u32, token: u32) -> Range<u32> {
    let before = (from..token).rev().find(|k| ends_behind(text, tokens, *k));
    before.map_or(from, |k| k + 1)..sentence_end(text, tokens, token)
}

/// Index behind the last token of the sentence that goes on with a token.
fn sentence_end(text: &str, tokens: &[Token], token: u32) -> u32 {
    let last = u32::try_from(tokens.len()).unwrap_or(u32::MAX).saturating_sub(1);
    (token..last).find(|k| ends_behind(text, tokens, *k)).unwrap_or(last) + 1
}

/// Whether a sentence ends between a token and the next.
#[inline(always)]
fn ends_behind(text: &str, tokens: &[Token], token: u32) -> bool {
    let Some([before, after]) = tokens.get(token as usize..).and_then(<[Token]>::first_chunk::<2>) else {
        return false;
    };
    // No gap of one byte has room for a terminator and what must follow it, nor has one of two that a comma begins.
    match after.span.start - before.span.end {
        0 | 1 => false,
        2 if text.as_bytes().get(before.span.end as usize) == Some(&b',') => false,
        _ => is_border(text, *before, *after),
    }
}

const fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '׃' | '。' | '！' | '？')
}

/// The characters between two tokens with their offsets, without the remarks of the transcriber: they are neither words
/// nor the end of a sentence.
fn outside_remarks(gap: &str) -> impl Iterator<Item = (usize, char)> {
    let mut hidden_until = 0;
    gap.char_indices().filter(move |&(at, c)| {
        let close = match c {
            '[' => ']',
            '(' => ')',
            '#' => '#',
            _ => return at >= hidden_until,
        };
        if at >= hidden_until
            && let Some(length) = gap.get(at + 1..).and_then(|rest| rest.find(close))
        {
            hidden_until = at + 1 + length + close.len_utf8();
            // `((pause))`
            while gap.get(hidden_until..).is_some_and(|rest| c == '(' && rest.starts_with(')')) {
                hidden_until += 1;
            }
        }
        at >= hidden_until
    })
}

fn is_border(text: &str, before: Token, after: Token) -> bool {
    let gap = text.get(before.span.end as usize..after.span.start as usize).unwrap_or("");
    let (mut stop, mut dots, mut breaks, mut is_followed) = (None, 0, 0, false);
    for (_, c) in outside_remarks(gap) {
        match c {
            _ if is_terminator(c) => {
                dots += usize::from(c == '.');
                stop = stop.filter(|strong| matches!(strong, '!' | '?')).or(Some(c));
                is_followed = false;
            }
            '\u{2029}' => breaks += 2,
            _ if c.is_whitespace() || matches!(c, '"' | '”' | '’' | '»' | ')' | ']') => {
                breaks += usize::from(c == '\n');
                is_followed = true;
            }
            _ => {}
        }
    }
    if breaks >= 2 {
        return true;
    }
    let Some(stop) = stop.filter(|_| is_followed) else { return false };
    if !matches!(stop, '.' | '…') {
        return true;
    }
    let next = after.span.of(text).and_then(|word| word.chars().next());
    let is_small = next.is_some_and(char::is_lowercase);
    if dots != 1 || stop == '…' {
        return !is_small;
    }
    let word = before.span.of(text).unwrap_or("");
    let folded = fold(word);
    let is_initial = word != "I" && word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let goes_on = TITLES.contains(&&*folded)
        || is_initial
        || (is_small && (BEFORE_SMALL.contains(&&*folded) || word.contains('.')))
        || (BEFORE_NUMBER.contains(&&*folded) && next.is_some_and(char::is_numeric));
    !goes_on
}

/// The bytes of a sentence: from its first word to its last, with final punctuation and the quotes around it.
pub fn sentence_span(text: &str, tokens: &[Token], sentence: &Range<u32>) -> Span {
    let (first, last) = (sentence.start as usize, (sentence.end as usize).saturating_sub(1));
    let (Some(from), Some(to)) = (tokens.get(first), tokens.get(last)) else { return Span::new(0, 0) };
    let earliest = first.checked_sub(1).and_then(|k| tokens.get(k)).map_or(0, |token| token.span.end as usize);
    let latest = tokens.get(last + 1).map_or(text.len(), |token| token.span.start as usize);
    let mut start = from.span.start as usize;
    for (at, c) in text.get(earliest..start).unwrap_or("").char_indices().rev() {
        if !matches!(c, '"' | '“' | '‘' | '\'' | '[' | '(' | '«' | '¿' | '¡') {
            break;
        }
        start = earliest + at;
    }
    // A remark may stand between the last word and the full stop; white space ends the sentence only behind one.
    let base = to.span.end as usize;
    let (mut end, mut is_stopped) = (base, false);
    for (at, c) in outside_remarks(text.get(base..latest).unwrap_or("")) {
        if is_terminator(c) || matches!(c, '"' | '”' | '’' | '\'' | ')' | ']' | '»' | '%') {
            is_stopped |= is_terminator(c);
            end = base + at + c.len_utf8();
        } else if is_stopped || !c.is_whitespace() {
            break;
        }
    }
    Span::new(start as u32, end as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenize;

    fn split(text: &str) -> Vec<&str> {
        let (mut tokens, mut found) = (Vec::new(), Vec::new());
        tokenize(text, &mut tokens);
        sentences(text, &tokens, &mut found);
        found.iter().filter_map(|sentence| sentence_span(text, &tokens, sentence).of(text)).collect()
    }

    #[test]
    fn borders() {
        assert_eq!(split("I went. She stayed! Why? No."), ["I went.", "She stayed!", "Why?", "No."]);
        assert_eq!(split("Dr. Levi came at 10.30. Then B. left."), ["Dr. Levi came at 10.30.", "Then B. left."]);
        assert_eq!(split("I was... you know... alone. And I"), ["I was... you know... alone.", "And I"]);
        assert_eq!(split("He said \"I trust you.\" And left."), ["He said \"I trust you.\"", "And left."]);
        assert_eq!(split("one line\nof a sentence\n\nanother"), ["one line\nof a sentence", "another"]);
        assert_eq!(split("So did I. He knew."), ["So did I.", "He knew."]);
        assert_eq!(split("We ate, drank, etc. and left."), ["We ate, drank, etc. and left."]);
        assert_eq!(
            split("I lived in the U.S. then. We met at no. 5. No. 5 it was."),
            ["I lived in the U.S. then.", "We met at no. 5.", "No. 5 it was."]
        );
        assert_eq!(split("i went. she stayed"), ["i went.", "she stayed"]);
        assert_eq!(split("Is it? 'Yes.' He went"), ["Is it?", "'Yes.'", "He went"]);
        assert_eq!(split("I went.\nShe stayed"), ["I went.", "She stayed"]);
        assert_eq!(split("לא הייתי לבד. היא באה׃ ואז"), ["לא הייתי לבד.", "היא באה׃", "ואז"]);
        assert_eq!(split("I said no. She left."), ["I said no.", "She left."]);
    }

    #[test]
    fn remarks_end_no_sentence() {
        assert_eq!(split("I was (.) Ruth's friend (unv.) Then [inaudible 0.5] I").len(), 1);
        assert_eq!(split("I was alone [laughs]. She came"), ["I was alone [laughs].", "She came"]);
        assert_eq!(split("I left ((pause.)) But"), ["I left ((pause.)) But"]);
        assert_eq!(split("I left #00:01:23-4# Then. (0.5) He"), ["I left #00:01:23-4# Then.", "He"]);
    }

    #[test]
    fn every_token_is_in_one_sentence() {
        let text = "A. b? c… D! \"E.\" f";
        let (mut tokens, mut found) = (Vec::new(), Vec::new());
        tokenize(text, &mut tokens);
        sentences(text, &tokens, &mut found);
        let covered: Vec<u32> = found.iter().cloned().flatten().collect();
        assert_eq!(covered, (0..tokens.len() as u32).collect::<Vec<_>>());
        for (token, sentence) in found.iter().flat_map(|sentence| sentence.clone().map(move |token| (token, sentence)))
        {
            assert_eq!(sentence_around(text, &tokens, 0, token), *sentence);
            assert_eq!(sentence_around(text, &tokens, sentence.start, token), *sentence);
        }
    }
}
