//! Speaker labels at the start of lines.
//!
//! `head` says what a line could be (`Name:`, `[00:01:02] Name:`, `Name  0:12`, `#Name:`, `[Name]` ...); it knows one
//! line only and does not decide: a colon also stands inside speech. [`super::decide`] decides per file.

use super::clock::{self, Clock};
use super::lines::is_invisible;
use std::ops::Range;

/// Longest label before its colon, in characters.
pub const LONGEST: usize = 63;

/// How a label is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// `Name:`
    Colon,
    /// A name and a time, alone on the line; the words follow on the next.
    Stamp,
    /// Time, name and words in columns.
    Columns,
    /// `#Name:`, `@Name:`
    Sign,
    /// `[Name]`, `{Name}`
    Bracket,
}

/// What stands before the words of a line, if it is a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The label within the line, without marks.
    pub label: Range<usize>,
    /// How it is marked.
    pub form: Form,
    /// The time beside it.
    pub time: Option<Clock>,
    /// Where the words begin in the line.
    pub body: usize,
    /// Whether the words follow the colon without a space.
    pub tight: bool,
}

/// Reads a line as one that begins with a label.
pub fn head(line: &str) -> Option<Head> {
    let start = skip(line, 0, |c| is_invisible(c) || matches!(c, '*' | '_'));
    let (before, at) = match leading_time(line, start) {
        Some((time, at)) => (Some(time), at),
        None => (None, start),
    };
    if before.is_some()
        && line.get(at..)?.starts_with('\t')
        && let Some(found) = columns(line, at + 1, before)
    {
        return Some(found);
    }
    let dash = before.is_some() && line.get(at..)?.starts_with(['-', '–']);
    let at = skip(line, at, |c| is_invisible(c) || matches!(c, '-' | '–' | '|' | '*' | '_'));
    let rest = line.get(at..)?;
    match rest.chars().next()? {
        open @ ('[' | '{') => bracket(line, at, open, before),
        '#' | '@' => {
            let found = colon(line, at + 1, before).or_else(|| stamp(line, at + 1, before))?;
            Some(Head { form: Form::Sign, ..found })
        }
        _ => colon(line, at, before).or_else(|| stamp(line, at, before)).or_else(|| dashed(line, at, before, dash)),
    }
}

/// The label as people read it: marks, colons and doubled spaces gone.
pub fn normalised(label: &str) -> String {
    let edge = |c: char| is_invisible(c) || matches!(c, ':' | '：' | '*' | '_' | '#' | '@' | '[' | ']' | '{' | '}');
    let inner = label.trim_matches(edge);
    let clean: String = inner.chars().filter(|c| *c == ' ' || c.is_whitespace() || !is_invisible(*c)).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Labels that differ in case or in a full stop at the end are one (`RA`, `ra.`).
pub fn key(label: &str) -> String {
    normalised(label).trim_end_matches('.').to_lowercase()
}

/// A time that opens the line, and where the rest begins (blanks skipped, tabs not).
pub fn leading_time(line: &str, start: usize) -> Option<(Clock, usize)> {
    let rest = line.get(start..)?;
    let open = rest.chars().next().filter(|c| matches!(c, '[' | '(' | '#' | '<' | '{'));
    let inner = start + open.map_or(0, char::len_utf8);
    let time = clock::clock(line.get(inner..)?)?;
    let mut at = inner + time.length;
    if let Some(open) = open {
        at += usize::from(line.get(at..)?.starts_with(closing(open)?));
        if !line.get(..at)?.ends_with(closing(open)?) {
            return None;
        }
    }
    Some((time, skip(line, at, |c| c == ' ' || c == '\u{a0}')))
}

fn closing(open: char) -> Option<char> {
    Some(match open {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        '<' => '>',
        '#' => '#',
        _ => return None,
    })
}

fn skip(line: &str, start: usize, unwanted: impl Fn(char) -> bool) -> usize {
    let rest = line.get(start..).unwrap_or_default();
    start + (rest.len() - rest.trim_start_matches(unwanted).len())
}

/// The first `LONGEST` characters and room for a time, so that a line of 50 MB costs nothing.
fn window(line: &str, at: usize) -> &str {
    let rest = line.get(at..).unwrap_or_default();
    let end = rest.char_indices().nth(LONGEST + 24).map_or(rest.len(), |(k, _)| k);
    rest.get(..end).unwrap_or_default()
}

/// `time<TAB>name<TAB>words`
fn columns(line: &str, at: usize, time: Option<Clock>) -> Option<Head> {
    let part = window(line, at);
    let end = part.find('\t')?;
    let label = at..at + end;
    named(line, &label).then(|| Head { label, form: Form::Columns, time, body: at + end + 1, tight: false })
}

/// `[00:00:05] - Name`, alone on the line
fn dashed(line: &str, at: usize, time: Option<Clock>, dash: bool) -> Option<Head> {
    let label = at..line.trim_end().len();
    let alone = dash && window(line, at).len() + at == line.len() && named(line, &label);
    alone.then_some(Head { label, form: Form::Stamp, time, body: line.len(), tight: false })
}

/// `[Name]` or `{Name}`, a colon after it allowed; `[Name] 14:03:22` alone on the line is a stamp.
fn bracket(line: &str, at: usize, open: char, time: Option<Clock>) -> Option<Head> {
    let close = closing(open)?;
    let inner = window(line, at + 1);
    let end = inner.find(close)?;
    let label = at + 1..at + 1 + end;
    let mut body = label.end + 1;
    body += usize::from(line.get(body..)?.starts_with(':'));
    if !named(line, &label) {
        return None;
    }
    if let Some((found, end)) = leading_time(line, skip(line, body, char::is_whitespace))
        && time.is_none()
        && line.get(end..)?.chars().all(is_invisible)
    {
        return Some(Head { label, form: Form::Stamp, time: Some(found), body: line.len(), tight: false });
    }
    Some(Head { label, form: Form::Bracket, time, body, tight: false })
}

/// `Name:`, `Name (0:12):`, `**Name:**`
fn colon(line: &str, at: usize, time: Option<Clock>) -> Option<Head> {
    let part = window(line, at);
    let (mut end, mut sign) = part.char_indices().find(|(_, c)| matches!(c, ':' | '：'))?;
    let mut label = at..at + end;
    let mut time = time;
    if let Some((name, found, after)) = trailing_time(part, end) {
        let rest = part.get(after..)?;
        let gap = rest.len() - rest.trim_start().len();
        sign = rest.get(gap..)?.chars().next().filter(|c| matches!(c, ':' | '：'))?;
        (label, time, end) = (at..at + name, Some(found), after + gap);
    }
    let mut body = at + end + sign.len_utf8();
    let marked = line.get(..at)?.ends_with(['*', '_']) || line.get(label.clone())?.ends_with(['*', '_']);
    if marked {
        body = skip(line, body, |c| matches!(c, '*' | '_'));
    }
    let next = line.get(body..)?.chars().next();
    if next.is_some_and(|c| matches!(c, ':' | '/' | ')' | '：') || c.is_ascii_digit() && time.is_none()) {
        return None;
    }
    let tight = next.is_some_and(|c| !is_invisible(c));
    named(line, &label).then_some(Head { label, form: Form::Colon, time, body, tight })
}

/// `Name  0:12` or `Name [00:00:12]`, alone on the line.
fn stamp(line: &str, at: usize, time: Option<Clock>) -> Option<Head> {
    let part = window(line, at);
    let first = part.find(':')?;
    let (name, found, after) = trailing_time(part, first)?;
    if time.is_some() || !line.get(at + after..)?.chars().all(is_invisible) {
        return None;
    }
    let between = part.get(name..)?;
    let apart = between.starts_with("  ")
        || between.starts_with('\t')
        || between.trim_start().starts_with(['[', '(', '<', '#', '{']);
    let label = at..at + name;
    (apart && named(line, &label)).then_some(Head {
        label,
        form: Form::Stamp,
        time: Some(found),
        body: line.len(),
        tight: false,
    })
}

/// A time around the colon at `colon`, with the end of the name before it and the end of the time.
fn trailing_time(part: &str, colon: usize) -> Option<(usize, Clock, usize)> {
    let before = part.get(..colon)?;
    let name = before.trim_end_matches(|c: char| c.is_ascii_digit());
    let time = clock::clock(part.get(name.len()..)?)?;
    let mut after = name.len() + time.length;
    let (name, open) = match name.chars().next_back() {
        Some(c) if closing(c).is_some() => (name.get(..name.len() - 1)?, Some(c)),
        Some(c) if c.is_whitespace() => (name, None),
        _ => return None,
    };
    if let Some(close) = open.and_then(closing) {
        after += part.get(after..)?.starts_with(close).then_some(1)?;
    }
    let name = name.trim_end();
    (!name.is_empty()).then_some((name.len(), time, after))
}

/// Whether the words look like a name, a role or an id and not like the beginning of a sentence.
fn named(line: &str, label: &Range<usize>) -> bool {
    let Some(raw) = line.get(label.clone()) else { return false };
    let label = normalised(raw);
    if label.chars().count() > LONGEST || !label.chars().any(char::is_alphabetic) {
        return false;
    }
    if label.contains(|c: char| {
        matches!(
            c,
            ',' | ';' | '!' | '?' | '"' | '“' | '”' | '=' | '<' | '>' | '/' | '\\' | '|' | '…' | '%' | '^' | '~'
        )
    }) {
        return false;
    }
    let words: Vec<&str> = label.split(' ').collect();
    let lowercase = |word: &&str| word.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase);
    let particle = |word: &&str| {
        matches!(
            *word,
            "and"
                | "de"
                | "der"
                | "van"
                | "von"
                | "den"
                | "del"
                | "di"
                | "da"
                | "du"
                | "la"
                | "le"
                | "el"
                | "al"
                | "bin"
                | "ben"
                | "ibn"
                | "y"
        )
    };
    let dotted = |word: &&str| {
        word.strip_suffix('.').is_none_or(|word| word.chars().count() <= 4)
            && !word.trim_end_matches('.').contains("..")
    };
    if words.len() > 5 || !words.iter().all(dotted) {
        return false;
    }
    words.len() == 1
        || !words.iter().any(|word| lowercase(word) && !particle(word) && !word.starts_with('('))
        || super::roles::guess(&label).is_some()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn found(line: &str) -> Option<(String, Form, Option<u64>, &str)> {
        let head = head(line)?;
        let label = normalised(&line[head.label.clone()]);
        Some((label, head.form, head.time.map(|t| t.ms), line[head.body..].trim()))
    }

    #[test]
    fn the_usual_transcription_forms_are_read() {
        for (line, label, form, time, body) in [
            ("Interviewer: So?", "Interviewer", Form::Colon, None, "So?"),
            ("I:\tSo?", "I", Form::Colon, None, "So?"),
            ("Dr. Levi: So?", "Dr. Levi", Form::Colon, None, "So?"),
            ("  P01 : well", "P01", Form::Colon, None, "well"),
            ("Speaker 2: yes", "Speaker 2", Form::Colon, None, "yes"),
            ("Speaker 1  0:12", "Speaker 1", Form::Stamp, Some(12_000), ""),
            ("Unknown Speaker\t1:02:03", "Unknown Speaker", Form::Stamp, Some(3_723_000), ""),
            ("Mary van Dam [00:00:05]", "Mary van Dam", Form::Stamp, Some(5_000), ""),
            ("[00:12:33] Mary: yes", "Mary", Form::Colon, Some(753_000), "yes"),
            ("00:03:40.5 Mary: yes", "Mary", Form::Colon, Some(220_500), "yes"),
            ("00:03:40.5Mary: yes", "Mary", Form::Colon, Some(220_500), "yes"),
            ("Mary [00:00:05]: yes", "Mary", Form::Colon, Some(5_000), "yes"),
            ("Mary (0:05): yes", "Mary", Form::Colon, Some(5_000), "yes"),
            ("#00:00:01-0# I: yes", "I", Form::Colon, Some(1_000), "yes"),
            ("#Mary: yes", "Mary", Form::Sign, None, "yes"),
            ("@Mary: yes", "Mary", Form::Sign, None, "yes"),
            ("[Mary] yes", "Mary", Form::Bracket, None, "yes"),
            ("[Mary Poe] 14:03:22", "Mary Poe", Form::Stamp, Some(50_602_000), ""),
            ("[00:00:05.10] - Mary Poe", "Mary Poe", Form::Stamp, Some(5_100), ""),
            ("{Mary}: yes", "Mary", Form::Bracket, None, "yes"),
            ("**Mary:** yes", "Mary", Form::Colon, None, "yes"),
            ("**Mary**: yes", "Mary", Form::Colon, None, "yes"),
            ("00:00:05\tMary Poe\tyes: no", "Mary Poe", Form::Columns, Some(5_000), "yes: no"),
            ("\u{200f}מראיין\u{200f}: שלום", "מראיין", Form::Colon, None, "שלום"),
            ("ש: שלום", "ש", Form::Colon, None, "שלום"),
            ("client: yes", "client", Form::Colon, None, "yes"),
            ("P:Yes", "P", Form::Colon, None, "Yes"),
        ] {
            let expected = (label.to_owned(), form, time, body);
            assert_eq!(found(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn sentences_times_and_addresses_are_no_labels() {
        for line in [
            "",
            "   ",
            "and then she said: trust me",
            "She told me, quietly: no",
            "10:30 was when we met",
            "10:30: we met",
            "https://example.org",
            "so:: long",
            "(0.5) yes",
            "We met at  10:30 there",
            "It was over. He said: go",
            "What did she want? This: peace",
            "[laughs out loud, and then some more] yes",
            "[00:12:33] and then we left",
            "A ratio of 2:1 is fine",
            "[00:00:05] Yes",
            "00:00:05 - and then we left the house",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }

    #[test]
    fn a_label_has_at_most_63_characters() {
        let fits = format!("{}: x", "N".repeat(LONGEST));
        let long = format!("{}: x", "N".repeat(LONGEST + 1));
        assert!(head(&fits).is_some() && head(&long).is_none());
    }

    #[test]
    fn variants_of_a_label_are_one() {
        assert_eq!(key(" RA: "), key("ra"));
        assert_eq!(key("B."), key("B"));
        assert_ne!(key("P1"), key("P01"));
    }
}
