//! Places in a TOML file, and the way from a character of a string's value back to where it was written.

use crate::query::caret_lines;
use std::ops::Range;

/// Where something stands in a file, with the line itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Name of the file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line as shown, cut where it is long.
    pub shown: String,
    /// Carets that stand under the place.
    pub carets: String,
}

impl Place {
    /// The place of a range of bytes.
    pub(super) fn new(file: &str, text: &str, range: &Range<usize>) -> Self {
        let before = text.get(..range.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let (shown, carets) = caret_lines(text, range);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            shown,
            carets,
        }
    }
}

/// For every byte of a string's value, and for its end, the byte of the file where it is written.
///
/// `raw` is the string as written, quotation marks included, and stands at `start`. Nothing where the two do not fit.
pub(super) fn written_at(raw: &str, start: usize, value: &str) -> Option<Vec<usize>> {
    let mark = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|mark| raw.starts_with(mark))?;
    let body = raw.strip_prefix(mark)?.strip_suffix(mark)?;
    let mut at = mark.len();
    let first_break = if body.starts_with("\r\n") { 2 } else { usize::from(body.starts_with('\n')) };
    if mark.len() == 3 {
        at += first_break;
    }
    let mut places = Vec::with_capacity(value.len() + 1);
    let end = mark.len() + body.len();
    for c in value.chars() {
        if mark == "\"\"\"" {
            at = behind_joins(raw.get(..end)?, at);
        }
        places.extend(std::iter::repeat_n(start + at, c.len_utf8()));
        at += written_length(raw.get(at..end)?, mark.starts_with('"'))?;
    }
    places.push(start + end);
    (at <= end).then_some(places)
}

/// Where the text goes on: a backslash at the end of a line joins it to the next word.
fn behind_joins(body: &str, mut at: usize) -> usize {
    while let Some(rest) = body.get(at..).and_then(|rest| rest.strip_prefix('\\')) {
        let next_word = rest.trim_start();
        let blank = rest.strip_suffix(next_word).unwrap_or_default();
        if !blank.contains('\n') {
            break;
        }
        at += 1 + blank.len();
    }
    at
}

/// Bytes that the first character of a string's body is written with.
fn written_length(body: &str, escapes: bool) -> Option<usize> {
    let first = body.chars().next()?;
    if first != '\\' || !escapes {
        return Some(first.len_utf8());
    }
    Some(match body.chars().nth(1)? {
        'x' => 4,
        'u' => 6,
        'U' => 10,
        _ => 2,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::written_at;

    fn value(raw: &str) -> String {
        let table: toml::Table = toml::from_str(&format!("x = {raw}")).unwrap();
        table.get("x").and_then(|x| x.as_str()).unwrap().to_owned()
    }

    #[test]
    fn every_character_is_found_where_it_is_written() {
        for raw in [
            "\"plain é word\"",
            "'literal \\ word'",
            "\"tab\\t quote \\\" word\"",
            "\"\\u00e9 \\U0001F642 \\x41 word\"",
            "\"\"\"\nfirst line\nword\"\"\"",
            "\"\"\"\r\nfirst\r\nword\"\"\"",
            "\"\"\"one \\\n    two \\\n\n  word\"\"\"",
            "'''\nliteral \\\nword'''",
            "\"\"\"with \"quotes\" word\"\"\"",
        ] {
            let value = value(raw);
            let places = written_at(raw, 100, &value).unwrap();
            assert_eq!(places.len(), value.len() + 1, "{raw}");
            let at = value.rfind("word").unwrap();
            assert_eq!(
                raw.get(places.get(at).unwrap() - 100..).map(|rest| rest.starts_with("word")),
                Some(true),
                "{raw}"
            );
            assert!(places.windows(2).all(|pair| pair.first() <= pair.last()), "{raw}");
        }
        assert_eq!(written_at("\"abc\"", 0, "something else"), None);
    }
}
