//! From what stands between two spaces of a query to terms: one term for each token of the analyser.

use super::{ParseProblem, Term, TermMode};
use crate::model::Span;
use crate::text;

/// Why a word is none, with what to write instead.
pub(super) type WordError = (ParseProblem, String);

/// Marks that steer the direction of writing; they never count.
pub(super) const fn is_bidi_mark(c: char) -> bool {
    matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Terms of one chunk without white space: `trust`, `self-est*`, `=Trust`, `trust~1`. Nothing where it holds no word.
pub(super) fn terms(chunk: &str, exact: bool, inserted: bool) -> Result<Vec<Term>, WordError> {
    let (chunk, exact) = match chunk.strip_prefix('=') {
        Some(rest) => (rest, true),
        None => (chunk, exact),
    };
    let (word, edits) = split_edits(chunk)?;
    let pattern = mark_wildcards(word);
    let has_wildcards = pattern.contains(is_wildcard);
    if exact && (edits.is_some() || has_wildcards) {
        let bare: String = word.chars().filter(|c| !matches!(c, '*' | '?')).collect();
        return Err((ParseProblem::Exact, format!("write `={bare}` or leave out `=`")));
    }
    if edits.is_some() && has_wildcards {
        return Err((ParseProblem::Fuzzy, format!("write `{word}` or a whole word with `~`")));
    }
    let whole_mode = match (exact, edits) {
        (true, _) => TermMode::Exact,
        (_, Some(edits)) => TermMode::Fuzzy(edits),
        _ => TermMode::Plain,
    };
    Ok(pieces(&pattern)
        .into_iter()
        .map(|piece| {
            let mode = if piece.contains(is_wildcard) { TermMode::Wildcard } else { whole_mode };
            Term { text: piece.replace(ANY, "*").replace(ONE, "?"), mode, inserted }
        })
        .collect())
}

// While a chunk is taken apart its wildcards are held by two characters that no text holds, so that a `?` that is a
// question mark is told from a `?` that stands for a letter.
const ANY: char = '\u{1}';
const ONE: char = '\u{2}';

const fn is_wildcard(c: char) -> bool {
    matches!(c, ANY | ONE)
}

/// `word~1` to its word and number.
fn split_edits(chunk: &str) -> Result<(&str, Option<u8>), WordError> {
    let Some((word, number)) = chunk.rsplit_once('~') else { return Ok((chunk, None)) };
    if !number.chars().all(|c| c.is_ascii_digit()) || word.is_empty() {
        return Ok((chunk, None));
    }
    match number {
        "1" => Ok((word, Some(1))),
        "2" => Ok((word, Some(2))),
        "" => Err((ParseProblem::Fuzzy, format!("write `{word}~1`"))),
        _ => Err((ParseProblem::Fuzzy, format!("write `{word}~2`"))),
    }
}

/// `*` is always a wildcard, runs of it are one; `?` is one before a letter, a digit or another wildcard, and else a
/// question mark ("are you?").
fn mark_wildcards(word: &str) -> String {
    let mut marked: Vec<char> = Vec::with_capacity(word.len());
    let mut next: Option<char> = None;
    for c in word.chars().rev() {
        let c = match c {
            ANY | ONE => ' ',
            '*' if next == Some(ANY) => continue,
            '*' => ANY,
            '?' if next.is_some_and(|next| is_wildcard(next) || next.is_alphanumeric()) => ONE,
            other => other,
        };
        marked.push(c);
        next = Some(c);
    }
    marked.into_iter().rev().collect()
}

/// Cuts at the borders that the analyser sees, until every piece is a token by itself, wherever it is printed.
fn pieces(pattern: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut waiting = vec![pattern];
    while let Some(next) = waiting.pop() {
        match cut(next).as_slice() {
            [whole] if *whole == next => found.push(next),
            parts => waiting.extend(parts.iter().rev()),
        }
    }
    found
}

/// One cut. A wildcard counts as a letter and holds on to what stands beside it, in scripts too where every character
/// is a word.
fn cut<'a>(pattern: &'a str) -> Vec<&'a str> {
    // Clitics are tokens of their own only behind a word; a query may name them alone.
    if is_clitic(pattern) {
        return vec![pattern];
    }
    let probe = pattern.replace(is_wildcard, "x");
    let mut tokens = Vec::new();
    text::tokenize(&probe, &mut tokens);
    let mut spans: Vec<Span> = Vec::with_capacity(tokens.len());
    for span in tokens.iter().map(|token| token.span) {
        match spans.last_mut() {
            Some(last) if last.end == span.start && meet_in_wildcard(pattern, *last, span) => last.end = span.end,
            _ => spans.push(span),
        }
    }
    // A combining mark makes a word of the sign before it; such a sign would be read as one of the language's. A `?` that
    // has come to stand at the end is a question mark after all.
    let own = |piece: &'a str| piece.trim_start_matches(is_sign).trim_end_matches(ONE);
    spans.iter().filter_map(|span| span.of(pattern)).map(own).filter(|piece| !piece.is_empty()).collect()
}

fn meet_in_wildcard(pattern: &str, left: Span, right: Span) -> bool {
    let ends = left.of(pattern).is_some_and(|left| left.ends_with(is_wildcard));
    right.of(pattern).is_some_and(|right| !is_clitic(right) && (ends || right.starts_with(is_wildcard)))
}

fn is_clitic(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "'s" | "’s" | "n't" | "n’t")
}

const fn is_sign(c: char) -> bool {
    c.is_ascii_punctuation() && !matches!(c, '\'' | '_')
}
