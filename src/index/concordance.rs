//! Words in their context: what stands before and after a hit, as much of it as is asked for.
//!
//! Pure functions of the text of a turn. Before and after are meant as in the text, whatever the direction of writing.

use crate::model::Span;
use crate::query::reference::Interval;
use crate::text::{Token, fold};

/// Words that lines are sorted by, counted from the hit.
const SORTED_BY: usize = 5;

/// A hit and what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'t> {
    /// What stands before.
    pub before: &'t str,
    /// The words found, as they stand there.
    pub found: &'t str,
    /// What stands after.
    pub after: &'t str,
}

/// The bytes of a turn's text that an interval of its tokens covers.
pub fn span_of(tokens: &[Token], interval: Interval) -> Option<Span> {
    let span = |at: u32| tokens.get(at as usize).map(|token| token.span);
    Some(span(interval.first)?.cover(span(interval.last)?))
}

/// A hit with at most so many words on each side; without a number, with the whole turn.
pub fn context<'t>(text: &'t str, tokens: &[Token], hit: Interval, words: Option<usize>) -> Option<Context<'t>> {
    let span = span_of(tokens, hit)?;
    let (first, last) = (hit.first as usize, hit.last as usize);
    let start = words.filter(|words| *words < first).map_or(Some(0), |words| {
        if words == 0 { Some(span.start) } else { tokens.get(first - words).map(|token| token.span.start) }
    })?;
    let end = words.and_then(|words| tokens.get(last + words + 1).map(|_| last + words));
    let end = end.and_then(|end| tokens.get(end)).map_or(text.len() as u32, |token| token.span.end.max(span.end));
    Some(Context {
        before: Span::new(start, span.start).of(text)?,
        found: span.of(text)?,
        after: Span::new(span.end, end).of(text)?,
    })
}

/// What lines are sorted by on one side of the hit: its nearest words, the nearest first.
pub fn sort_key(text: &str, tokens: &[Token], hit: Interval, before: bool) -> Vec<String> {
    let word = |token: &Token| token.span.of(text).map(|word| fold(word).into_owned());
    if before {
        tokens.iter().take(hit.first as usize).rev().take(SORTED_BY).filter_map(word).collect()
    } else {
        tokens.iter().skip(hit.last as usize + 1).take(SORTED_BY).filter_map(word).collect()
    }
}

/// The text of a turn with its hits between marks; with a number of words, only so many around each hit, and `…` for
/// what was left out. Without hits, the whole text.
pub fn excerpt(text: &str, tokens: &[Token], hits: &[Interval], words: Option<usize>, mark: &str) -> String {
    let mut marked: Vec<Span> = Vec::new();
    for span in hits.iter().filter_map(|hit| span_of(tokens, *hit)) {
        match marked.last_mut().filter(|last| span.start <= last.end) {
            Some(last) => last.end = last.end.max(span.end),
            None => marked.push(span),
        }
    }
    let mut shown: Vec<Span> = Vec::new();
    for hit in hits {
        let Some(context) = context(text, tokens, *hit, words) else { continue };
        let start = context.before.as_ptr() as usize - text.as_ptr() as usize;
        let length = context.before.len() + context.found.len() + context.after.len();
        let span = Span::new(start as u32, (start + length) as u32);
        match shown.last_mut().filter(|last| span.start <= last.end + 1) {
            Some(last) => last.end = last.end.max(span.end),
            None => shown.push(span),
        }
    }
    if shown.is_empty() {
        shown.push(Span::new(0, text.len() as u32));
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut last_end = 0;
    for span in &shown {
        let skipped = Span::new(last_end, span.start).of(text).is_some_and(|skipped| !skipped.trim().is_empty());
        if skipped {
            out.push_str(if out.is_empty() { "… " } else { " … " });
        }
        let mut at = span.start;
        for hit in marked.iter().filter(|hit| span.start <= hit.start && hit.end <= span.end) {
            out.push_str(Span::new(at, hit.start).of(text).unwrap_or_default());
            out.push_str(mark);
            out.push_str(hit.of(text).unwrap_or_default());
            out.push_str(mark);
            at = hit.end;
        }
        out.push_str(Span::new(at, span.end).of(text).unwrap_or_default());
        last_end = span.end;
    }
    if Span::new(last_end, text.len() as u32).of(text).is_some_and(|rest| rest.contains(char::is_alphanumeric)) {
        out.push_str(" …");
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::text::tokenize;

    const TEXT: &str = "Well, I do trust her [laughs] now; nobody else did.";

    fn tokens(text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        tokenize(text, &mut tokens);
        tokens
    }

    fn hit(first: u32, last: u32) -> Interval {
        Interval { first, last }
    }

    #[test]
    fn words_around_a_hit_are_counted_and_remarks_are_none() {
        let tokens = tokens(TEXT);
        let around = |words| context(TEXT, &tokens, hit(3, 4), words).unwrap();
        assert_eq!(around(Some(2)), Context { before: "I do ", found: "trust her", after: " [laughs] now; nobody" });
        assert_eq!(around(Some(0)), Context { before: "", found: "trust her", after: "" });
        assert_eq!(around(Some(9)), around(None));
        assert_eq!(around(None).before, "Well, I do ");
        assert_eq!(context(TEXT, &tokens, hit(40, 41), None), None);
    }

    #[test]
    fn lines_are_sorted_by_the_nearest_words_first() {
        let tokens = tokens(TEXT);
        assert_eq!(sort_key(TEXT, &tokens, hit(3, 3), true), ["do", "i", "well"]);
        assert_eq!(sort_key(TEXT, &tokens, hit(3, 4), false), ["now", "nobody", "else", "did"]);
    }

    #[test]
    fn an_excerpt_marks_hits_and_leaves_out_what_is_far() {
        let of_text = tokens(TEXT);
        let cut = |hits: &[Interval], words| excerpt(TEXT, &of_text, hits, words, "**");
        assert_eq!(cut(&[hit(3, 3)], Some(1)), "… do **trust** her …");
        assert_eq!(cut(&[hit(0, 0), hit(7, 7)], Some(1)), "**Well**, I … nobody **else** did.");
        assert_eq!(cut(&[hit(3, 4), hit(4, 5)], None), "Well, I do **trust her [laughs] now**; nobody else did.");
        assert_eq!(cut(&[], Some(1)), TEXT);
        let (negated, hits) = ("I don't", [hit(1, 1), hit(2, 2)]);
        assert_eq!(excerpt(negated, &tokens(negated), &hits, None, "**"), "I **don't**");
    }
}
