//! Listings and matrices as tables, and the four ways of printing one.

use serde_json::{Map, Number, Value as Json};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// How a listing is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for reading.
    #[default]
    Table,
    /// Comma-separated values.
    Csv,
    /// A list of objects.
    Json,
    /// A Markdown table.
    Md,
}

/// One value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing to say here.
    Empty,
    /// Words.
    Text(String),
    /// A count.
    Count(u64),
    /// A number and the decimals it is read with; JSON and CSV get it in full.
    Number(f64, usize),
}

impl Value {
    /// As people read it.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Number(number, decimals) => {
                let text = format!("{number:.decimals$}");
                // A hair below zero is zero, and has no sign.
                let zero = text.strip_prefix('-').filter(|rest| rest.bytes().all(|byte| matches!(byte, b'0' | b'.')));
                zero.map(str::to_owned).unwrap_or(text)
            }
        }
    }

    fn exact(&self) -> String {
        match self {
            Self::Number(number, _) => number.to_string(),
            other => other.shown(),
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Empty => Json::Null,
            Self::Text(text) => Json::String(text.clone()),
            Self::Count(count) => Json::Number((*count).into()),
            Self::Number(number, _) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        }
    }

    fn is_numeric(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Number(..))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<u32> for Value {
    fn from(count: u32) -> Self {
        Self::Count(u64::from(count))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A titled table with notes under it. Every row has as many values as there are columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Said above it.
    pub title: String,
    /// Column names; keys in JSON.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<Value>>,
    /// Said below it: denominators, provenance.
    pub notes: Vec<String>,
    /// The last column holds running text: an aligned table prints it in full, under its row.
    pub running_text: bool,
    /// Columns of text that are set flush right, by position.
    pub flush_right: Vec<usize>,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(title: impl Into<String>, columns: &[&str]) -> Self {
        Self { title: title.into(), columns: columns.iter().map(|&name| name.to_owned()).collect(), ..Self::default() }
    }

    /// Adds a row, cut or filled to the number of columns.
    pub fn row(&mut self, values: impl IntoIterator<Item = Value>) {
        let mut row: Vec<Value> = values.into_iter().collect();
        row.resize(self.columns.len(), Value::Empty);
        self.rows.push(row);
    }

    /// Adds a line below.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The whole table in the format asked for. `width` is the width of the terminal, in columns; the widest text
    /// column of an aligned table is cut with an ellipsis to fit, the other formats are never cut.
    pub fn print(&self, format: Format, width: usize) -> String {
        match format {
            Format::Table => self.aligned(width),
            Format::Csv => self.csv(),
            Format::Json => self.json(),
            Format::Md => self.markdown(),
        }
    }

    fn aligned(&self, width: usize) -> String {
        let mut cells: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|value| one_line(&value.shown())).collect()).collect();
        let mut names = self.columns.clone();
        let mut texts = Vec::new();
        if self.running_text {
            names.pop();
            texts = cells.iter_mut().map(|row| row.pop().unwrap_or_default()).collect();
        }
        let mut widths: Vec<usize> = names.iter().map(|name| name.width()).collect();
        for row in &cells {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let numeric: Vec<bool> = (0..names.len())
            .map(|k| {
                let mut values = self.rows.iter().filter_map(|row| row.get(k)).filter(|v| **v != Value::Empty);
                values.clone().next().is_some() && values.all(Value::is_numeric)
            })
            .collect();
        let ids = (0..names.len()).map(|k| {
            let mut values = cells.iter().filter_map(|row| row.get(k)).filter(|cell| !cell.is_empty());
            values.clone().next().is_some() && values.all(|cell| is_id(cell))
        });
        let whole: Vec<bool> = ids.zip(&numeric).map(|(id, numeric)| id || *numeric).collect();
        shrink(&mut widths, &whole, width);
        let right: Vec<bool> =
            (0..).zip(&numeric).map(|(k, numeric)| *numeric || self.flush_right.contains(&k)).collect();
        let mut out = String::new();
        if !self.title.is_empty() {
            let _ = writeln!(out, "{}", self.title);
        }
        if !names.is_empty() {
            out.push_str(&line(names.iter().map(String::as_str), &widths, &right));
            let rule: Vec<String> = widths.iter().map(|&w| "─".repeat(w)).collect();
            out.push_str(&line(rule.iter().map(String::as_str), &widths, &right));
        }
        for (k, row) in cells.iter().enumerate() {
            out.push_str(&line(row.iter().map(String::as_str), &widths, &right));
            for part in texts.get(k).into_iter().flat_map(|text| wrapped(text, width.saturating_sub(INDENT.len()))) {
                let _ = writeln!(out, "{INDENT}{part}");
            }
        }
        for note in &self.notes {
            let _ = writeln!(out, "{note}");
        }
        out
    }

    fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut ok = writer.write_record(&self.columns).is_ok();
        for row in &self.rows {
            ok &= writer.write_record(row.iter().map(Value::exact)).is_ok();
        }
        // Writing to memory cannot fail; an empty answer would be worse than none, so it is not hidden.
        debug_assert!(ok, "a row differs in length from the header");
        writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn json(&self) -> String {
        let rows: Vec<Json> = self
            .rows
            .iter()
            .map(|row| {
                let object: Map<String, Json> = self.columns.iter().cloned().zip(row.iter().map(Value::json)).collect();
                Json::Object(object)
            })
            .collect();
        let mut text = serde_json::to_string_pretty(&Json::Array(rows)).unwrap_or_default();
        text.push('\n');
        text
    }

    fn markdown(&self) -> String {
        let escape = |text: &str| one_line(text).replace('|', "\\|");
        let mut out = String::new();
        if !self.title.is_empty() {
            let _ = writeln!(out, "**{}**\n", self.title);
        }
        let _ = writeln!(out, "| {} |", self.columns.join(" | "));
        let _ = writeln!(out, "|{}", "---|".repeat(self.columns.len()));
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|value| escape(&value.shown())).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        for note in &self.notes {
            let _ = writeln!(out, "\n{note}");
        }
        out
    }
}

/// What running text is set in by.
const INDENT: &str = "    ";

/// `text` in lines of at most `width` columns, broken between words; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut().filter(|line| line.width() + 1 + word.width() <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A count with its noun: `1 source`, `2 sources`, `2 sets of answers`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        return format!("1 {noun}");
    }
    let (head, rest) = noun.split_at(noun.find(' ').unwrap_or(noun.len()));
    format!("{count} {head}s{rest}")
}

/// Whether a cell is an id of something, to be typed or pasted into the next command: half of one is of no use.
fn is_id(cell: &str) -> bool {
    let digest = cell.split_once('-').filter(|(kind, _)| kind.len() == 1).map_or(cell, |(_, digest)| digest);
    let is_digest = digest.len() >= 8 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    // Of a cell of a matrix: `trust@attachment.T1=secure:yes`.
    is_digest || (cell.contains('@') && cell.contains(':') && !cell.contains(' '))
}

/// Takes the excess from the widest text columns, never below 12 columns of width and never from a `whole` one.
fn shrink(widths: &mut [usize], whole: &[bool], available: usize) {
    let gaps = widths.len().saturating_sub(1) * 2;
    while widths.iter().sum::<usize>() + gaps > available {
        let widest = widths.iter().enumerate().filter(|&(k, w)| *w > 12 && !whole.get(k).copied().unwrap_or(false));
        let Some(k) = widest.max_by_key(|&(_, w)| *w).map(|(k, _)| k) else { return };
        if let Some(width) = widths.get_mut(k) {
            *width -= 1;
        }
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>, widths: &[usize], right: &[bool]) -> String {
    let mut out = String::new();
    for (k, cell) in cells.enumerate() {
        let width = widths.get(k).copied().unwrap_or(0);
        let cell = cut(cell, width);
        let fill = " ".repeat(width.saturating_sub(cell.width()));
        if k > 0 {
            out.push_str("  ");
        }
        if right.get(k).copied().unwrap_or(false) {
            out.push_str(&fill);
            out.push_str(&cell);
        } else {
            out.push_str(&cell);
            out.push_str(&fill);
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// `text` on one line: line breaks and control characters would break the table.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// `text` cut to `width` columns with an ellipsis.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used + w + 1 > width {
            break;
        }
        used += w;
        out.push(c);
    }
    out.push('…');
    out
}

/// The end of `text` in `width` columns, with an ellipsis before it.
pub fn cut_start(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut start, mut used) = (text.len(), 0);
    for (at, c) in text.char_indices().rev() {
        used += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used + 1 > width {
            break;
        }
        start = at;
    }
    format!("…{}", text.get(start..).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new("Codes", &["code", "n", "share"]);
        table.row(["trust".into(), Value::Count(3), Value::Number(0.25, 2)]);
        table.row(["a | b\nc".into(), Value::Count(12), Value::Empty]);
        table.note("of 12 participants");
        table
    }

    #[test]
    fn aligns_numbers_to_the_right_and_text_to_the_left() {
        let text = sample().print(Format::Table, 80);
        assert_eq!(
            text,
            "Codes\ncode      n  share\n───────  ──  ─────\ntrust     3   0.25\na | b c  12\nof 12 participants\n"
        );
    }

    #[test]
    fn markdown_escapes_and_csv_quotes() {
        let table = sample();
        assert!(table.print(Format::Md, 80).contains("a \\| b c"));
        assert!(table.print(Format::Csv, 80).contains("\"a | b\nc\",12,\n"));
        let json: serde_json::Value = serde_json::from_str(&table.print(Format::Json, 80)).unwrap();
        assert_eq!(json[0]["share"], 0.25);
        assert!(json[1]["share"].is_null());
    }

    #[test]
    fn running_text_is_never_cut() {
        let mut table = sample();
        table.columns.push("words".into());
        table.running_text = true;
        for row in &mut table.rows {
            row.push("and then\nwe went home".into());
        }
        assert_eq!(
            table.print(Format::Table, 18),
            "Codes\ncode      n  share\n───────  ──  ─────\ntrust     3   0.25\n    and then we\n    went home\na | b c  12\n    and then we\n    went home\nof 12 participants\n"
        );
        assert!(table.print(Format::Csv, 18).contains("\"and then\nwe went home\""));
    }

    #[test]
    fn ids_are_never_cut() {
        let mut table = Table::new("", &["suggestion", "source"]);
        table.row(["0123456789abcdef".into(), "a long name of a source".into()]);
        let text = table.print(Format::Table, 24);
        assert!(text.contains("\n0123456789abcdef  a long name…\n"), "{text}");
        let mut table = Table::new("", &["word"]);
        table.row(["interdisciplinary".into()]);
        assert!(table.print(Format::Table, 12).contains("interdiscip…"));
    }

    #[test]
    fn nouns_follow_their_count() {
        assert_eq!(counted(1, "source"), "1 source");
        assert_eq!(counted(0, "source"), "0 sources");
        assert_eq!(counted(3, "set of answers"), "3 sets of answers");
    }

    #[test]
    fn wide_characters_count_by_columns() {
        assert_eq!(cut("日本語の文", 5), "日本…");
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut_start("日本語の文", 5), "…の文");
        assert_eq!(cut_start("short", 5), "short");
    }
}
