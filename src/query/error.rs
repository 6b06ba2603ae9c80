//! What can be wrong with a query, and how it is shown: a sentence, the line, a caret under the place.

use super::{MAX_CLAUSES, MAX_DEPTH};
use std::fmt;
use std::ops::Range;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseProblem {
    /// There is nothing in it.
    #[error("the query is empty: expected a word, a phrase in quotes, or a field such as `code:trust`")]
    Empty,
    /// Nothing in it can be found, it only excludes.
    #[error("NOT only filters: write `something AND NOT ...`")]
    OnlyNot,
    /// An operator stands without one of its sides.
    #[error("expected a word, a phrase, a field or `(` {place}")]
    MissingOperand {
        /// `before AND`, `after the opening parenthesis`.
        place: String,
    },
    /// `(` without `)`.
    #[error("this parenthesis is never closed: expected `)`")]
    OpenParenthesis,
    /// `)` without `(`.
    #[error("this parenthesis closes nothing")]
    ExtraParenthesis,
    /// A quotation mark without its fellow.
    #[error("these quotation marks are never closed: expected `\"`")]
    OpenQuote,
    /// `/` without its fellow.
    #[error("this regular expression is never closed: expected `/`")]
    OpenRegex,
    /// `[` without `]`, or the reverse.
    #[error("expected an insertion in square brackets such as `[and]`")]
    Bracket,
    /// Quotation marks without a word between them.
    #[error("there is no word between these quotation marks")]
    NoWord,
    /// A sign where a word was expected.
    #[error("`{text}` is not a word")]
    NotAWord {
        /// As typed.
        text: String,
    },
    /// `[laughs]`: remarks are not part of what is searched.
    #[error("`{text}` is a transcriber's remark, which takes no part in searching words")]
    Remark {
        /// As typed.
        text: String,
    },
    /// `NEAR` or `THEN` without a number, or with a wrong one.
    #[error("{operator} needs the number of words that may lie between")]
    Distance {
        /// `NEAR` or `THEN`.
        operator: &'static str,
    },
    /// A side of NEAR or THEN that denotes no words.
    #[error("NEAR and THEN join words; NOT and fields only filter")]
    FilterInNear,
    /// `BEFORE/x`.
    #[error("{operator}/ takes the number of turns from one to the other; {operator} alone means any")]
    Turns {
        /// `BEFORE` or `AFTER`.
        operator: &'static str,
    },
    /// A side of OVERLAPS that is about something else than codings.
    #[error("OVERLAPS compares the places of codings: expected `code:`, `theme:`, `polarity:` or `coder:` {place}")]
    NotOfCodings {
        /// `on its left`.
        place: &'static str,
    },
    /// A side of BEFORE or AFTER that only excludes.
    #[error("{operator} needs something that can be found on both sides; NOT only filters")]
    NothingBeside {
        /// `BEFORE` or `AFTER`.
        operator: &'static str,
    },
    /// `a BEFORE b BEFORE c`.
    #[error("it is not clear which of these belong together")]
    RelatedTwice,
    /// `WITHIN` without `sentence (`, `turn (` or `source (`.
    #[error("WITHIN needs `sentence`, `turn` or `source`, and parentheses around what it holds")]
    Within,
    /// `word~3`, `word~`, `wor*~1`.
    #[error("`~` after a word takes 1 or 2, the letters that may differ, and no `*` or `?`")]
    Fuzzy,
    /// `"a b"~x`.
    #[error("`~` after a phrase takes the number of extra words allowed")]
    Slop,
    /// `=wor*`, `=word~1`.
    #[error("`=` takes the word exactly as it is written, without `*`, `?` and `~`")]
    Exact,
    /// A field that the language does not have.
    #[error("there is no field `{name}:`")]
    UnknownField {
        /// As typed.
        name: String,
    },
    /// `attr:` or `score:` without the name.
    #[error("`{field}` needs a name: expected `{example}`")]
    FieldName {
        /// `attr`, `score`.
        field: &'static str,
        /// How it is written.
        example: &'static str,
    },
    /// A field without a value.
    #[error("expected a value after `{field}:`")]
    FieldValue {
        /// As typed.
        field: String,
    },
    /// A comparison with something that is no number.
    #[error("expected a number such as `3.5`")]
    Number,
    /// `[40 TO`, `[a TO b]`, `[55 TO 40]`.
    #[error("expected a range such as `[40 TO 55]`, the smaller number first, `*` for an open end")]
    Range,
    /// A role or polarity that does not exist.
    #[error("`{value}` is no {field}: expected {expected}")]
    Value {
        /// `role`, `polarity`.
        field: &'static str,
        /// As typed.
        value: String,
        /// All of them.
        expected: String,
    },
    /// The regular expression is not one.
    #[error("in this regular expression: {message}")]
    Regex {
        /// What the parser of regular expressions says.
        message: String,
    },
    /// The regular expression needs too much memory.
    #[error("this regular expression becomes too big when compiled (limit: {} kB): use smaller repetitions", super::pattern::SIZE_LIMIT / 1024)]
    RegexSize,
    /// Too deep.
    #[error("too many levels inside one another (limit: {MAX_DEPTH}): use fewer parentheses")]
    Depth,
    /// Too long.
    #[error("too many words and conditions (limit: {MAX_CLAUSES}): split the query")]
    Clauses,
}

/// A query that could not be parsed: what, where, and what to write instead.
///
/// Prints as three lines: the sentence with the column (in characters, from 1), the line of the query, the caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    problem: Box<ParseProblem>,
    correction: Option<String>,
    range: Range<usize>,
    query: String,
}

impl ParseError {
    pub(super) fn new(problem: ParseProblem, range: Range<usize>) -> Self {
        Self { problem: Box::new(problem), correction: None, range, query: String::new() }
    }

    pub(super) fn hinting(mut self, correction: impl Into<String>) -> Self {
        self.correction = Some(correction.into());
        self
    }

    /// Sets the text that the range is about; borders are moved out to characters.
    pub(super) fn within(mut self, query: &str) -> Self {
        self.range = char_range(query, &self.range);
        query.clone_into(&mut self.query);
        self
    }

    /// What is wrong.
    pub const fn problem(&self) -> &ParseProblem {
        &self.problem
    }

    /// What to write instead, as a clause ("did you mean `speaker:`?").
    pub fn correction(&self) -> Option<&str> {
        self.correction.as_deref()
    }

    /// Bytes of the query that are wrong; empty at its end.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Column in bytes, from 1, in the whole query.
    pub const fn byte_column(&self) -> usize {
        self.range.start + 1
    }

    /// Column in characters, from 1, in the whole query.
    pub fn column(&self) -> usize {
        self.query.get(..self.range.start).map_or(1, |before| before.chars().count() + 1)
    }

    /// The problem and the correction in one sentence, without place.
    pub fn sentence(&self) -> String {
        match &self.correction {
            Some(correction) => format!("{}; {correction}", self.problem),
            None => self.problem.to_string(),
        }
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, caret) = caret_lines(&self.query, &self.range);
        let sentence: String = self.sentence().chars().map(visible).collect();
        write!(f, "column {}: {sentence}\n  {line}\n  {caret}", self.column())
    }
}

/// Something that was understood, but perhaps not as meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Bytes of the query that it is about.
    pub range: Range<usize>,
    /// A sentence that says how it was understood and what to write instead.
    pub message: String,
}

/// Widest stretch of a line shown above a caret, in terminal cells.
const SHOWN: usize = 100;

/// The line of `text` that holds the start of `range` and a line of carets under it.
///
/// Carets stand by display width (wide characters take two cells, combining marks none); tabs and other control
/// characters are shown as spaces; of a long line only the stretch around the place is shown, with `…` at the cuts.
pub fn caret_lines(text: &str, range: &Range<usize>) -> (String, String) {
    let range = char_range(text, range);
    let before = text.get(..range.start).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let mark = range.start - start..range.end.min(start + line.len()).max(range.start) - start;
    let left = cut_left(line.get(..mark.start).unwrap_or_default(), SHOWN * 2 / 3);
    let marked = cut_right(line.get(mark.clone()).unwrap_or_default(), SHOWN / 2);
    let used = left.width() + marked.width();
    let right = cut_right(line.get(mark.end..).unwrap_or_default(), SHOWN.saturating_sub(used));
    (format!("{left}{marked}{right}"), " ".repeat(left.width()) + &"^".repeat(marked.width().max(1)))
}

/// What was typed, as a message quotes it: cut where it is long.
pub(super) fn short(typed: &str) -> String {
    cut_right(typed, SHOWN / 2)
}

/// Moves both ends of a range outwards to the next character borders inside the text.
fn char_range(text: &str, range: &Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

fn visible(c: char) -> char {
    if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }
}

fn cut_right(text: &str, room: usize) -> String {
    let mut shown = String::new();
    let mut width = 0;
    for c in text.chars().map(visible) {
        width += c.width().unwrap_or(0);
        if width > room {
            shown.push('…');
            break;
        }
        shown.push(c);
    }
    shown
}

fn cut_left(text: &str, room: usize) -> String {
    let mut kept = text.len();
    let mut width = 0;
    for (at, c) in text.char_indices().rev() {
        width += visible(c).width().unwrap_or(0);
        if width > room {
            break;
        }
        kept = at;
    }
    let tail: String = text.get(kept..).unwrap_or_default().chars().map(visible).collect();
    if kept > 0 { format!("…{tail}") } else { tail }
}

#[cfg(test)]
mod tests {
    use super::caret_lines;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn carets_stand_by_display_width() {
        assert_eq!(caret_lines("日本 x", &(7..8)), ("日本 x".to_owned(), "     ^".to_owned()));
        assert_eq!(caret_lines("e\u{301}x", &(3..4)), ("e\u{301}x".to_owned(), " ^".to_owned()));
        assert_eq!(caret_lines("ab", &(2..2)), ("ab".to_owned(), "  ^".to_owned()));
    }

    #[test]
    fn only_the_line_of_the_place_is_shown() {
        assert_eq!(caret_lines("one\ntwo\tx\nthree", &(8..9)), ("two x".to_owned(), "    ^".to_owned()));
        assert_eq!(caret_lines("one\ntwo", &(0..7)), ("one".to_owned(), "^^^".to_owned()));
        assert_eq!(caret_lines("one\n", &(4..4)), (String::new(), "^".to_owned()));
    }

    #[test]
    fn long_lines_are_cut_on_both_sides() {
        let text = format!("{} here {}", "a ".repeat(200), "b ".repeat(200));
        let at = text.find("here").unwrap_or_default();
        let (line, caret) = caret_lines(&text, &(at..at + 4));
        assert!(line.starts_with('…') && line.ends_with('…') && line.width() <= 102, "{line}");
        let column = caret.find('^').unwrap_or_default();
        assert_eq!(line.chars().skip(column).take(4).collect::<String>(), "here");
        assert_eq!(caret.trim(), "^^^^");
    }
}
