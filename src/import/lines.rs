//! Lines of a text with their offsets.
//!
//! A line ends at `\n`, `\r\n` or a lone `\r`; the end is not part of it. Lines cover the text without gaps but for
//! their ends.

use memchr::memchr2;

/// A line of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Number, from 1.
    pub number: u32,
    /// Byte offset of its first byte.
    pub start: usize,
    /// Its words, without the line end.
    pub text: &'a str,
}

impl Line<'_> {
    /// Whether it holds white space alone.
    pub fn is_blank(&self) -> bool {
        self.text.trim_start_matches(is_invisible).is_empty()
    }
}

/// White space, byte order marks and direction marks: what may stand before a label and is no word.
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The lines of a text.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut number = 0u32;
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let bytes = rest.as_bytes();
        let (length, end) = match memchr2(b'\n', b'\r', bytes) {
            Some(k) if bytes.get(k..k + 2) == Some(b"\r\n") => (k, k + 2),
            Some(k) => (k, k + 1),
            None => (rest.len(), rest.len()),
        };
        number = number.saturating_add(1);
        let line = Line { number, start: at, text: rest.get(..length).unwrap_or(rest) };
        at += end;
        Some(line)
    })
}

/// The span of `start..end` without white space and invisible marks at its borders.
pub fn trimmed(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    let Some(part) = text.get(start..end) else { return start..start };
    let left = part.trim_start_matches(is_invisible);
    let start = end - left.len();
    start..start + left.trim_end_matches(is_invisible).len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let found: Vec<_> = lines("a\r\nb\rc\n\nd").map(|line| (line.number, line.start, line.text)).collect();
        assert_eq!(found, [(1, 0, "a"), (2, 3, "b"), (3, 5, "c"), (4, 7, ""), (5, 8, "d")]);
        assert_eq!(lines("").count(), 0);
    }

    #[test]
    fn trimming_takes_direction_marks_off() {
        assert_eq!(trimmed("x\u{200f} ab \u{a0}", 1, 10), 5..7);
        assert_eq!(trimmed("    ", 1, 3).len(), 0);
    }

    proptest! {
        #[test]
        fn lines_lose_nothing_but_line_ends(text in "[a\r\n\u{5d0}]{0,40}") {
            let mut at = 0;
            for line in lines(&text) {
                prop_assert!(text[at..line.start].chars().all(|c| c == '\n' || c == '\r'));
                prop_assert!(!line.text.contains(['\r', '\n']));
                at = line.start + line.text.len();
            }
            prop_assert!(text[at..].chars().all(|c| c == '\n' || c == '\r'));
        }
    }
}
