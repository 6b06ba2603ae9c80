//! Tables as text: delimiter, header, rows with the place of each cell.
//!
//! Rows that do not fit the header are problems, the others go in. Blank rows are not rows. Knows nothing of what the
//! columns mean.

use super::encoding::Decoded;
use super::{Problem, draft::offset};
use std::collections::BTreeMap;

/// A table of cells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Column names, none of them empty or doubled.
    pub header: Vec<String>,
    /// Rows, each with one cell per column.
    pub rows: Vec<Row>,
    /// Whether numbers may have a decimal comma (the cells are not separated by commas).
    pub decimal_comma: bool,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Row, from 1, the header not counted.
    pub number: u32,
    /// Line of the file on which it begins, from 1.
    pub line: u32,
    /// One cell per column.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// Its text, as it stands.
    pub text: String,
    /// Where it begins in the file.
    pub start: u64,
    /// Whether the file has the same bytes there.
    pub verbatim: bool,
}

impl Row {
    /// The text of a cell, empty where there is none.
    pub fn cell(&self, k: usize) -> &str {
        self.cells.get(k).map_or("", |cell| cell.text.as_str())
    }
}

impl Table {
    /// The header as mappings remember it.
    pub fn signature(&self) -> String {
        self.header.join(",")
    }

    /// The index of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        let exact = self.header.iter().position(|column| column == name);
        exact.or_else(|| self.header.iter().position(|column| column.eq_ignore_ascii_case(name.trim())))
    }
}

/// Reads a table; rows that do not fit are reported.
pub fn parse(file: &str, decoded: &Decoded) -> Result<(Table, Vec<Problem>), Problem> {
    let skipped = decoded.text.len() - decoded.text.trim_start_matches('\u{feff}').len();
    let text = decoded.text.get(skipped..).unwrap_or_default();
    let delimiter = delimiter(text);
    let quoting = has_quoting(text, delimiter);
    let mut reader = reader(text, delimiter, quoting);
    let mut record = csv::StringRecord::new();
    let mut problems = Vec::new();
    let mut table = Table { decimal_comma: delimiter != b',', ..Table::default() };
    let mut number = 0u32;
    loop {
        let from = reader.position().clone();
        let more = reader.read_record(&mut record);
        if !more.map_err(|error| Problem::error(file, format!("the table cannot be read: {error}")))? {
            break;
        }
        let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(text.len());
        let begin = usize::try_from(from.byte()).unwrap_or(usize::MAX).min(end);
        let raw = text.get(begin..end).unwrap_or_default();
        let blank = raw.len() - raw.trim_start_matches(['\r', '\n']).len();
        let skipped_lines = raw.get(..blank).map_or(0, |part| part.matches('\n').count());
        let line = offset(usize::try_from(from.line()).unwrap_or(usize::MAX).saturating_add(skipped_lines));
        let (starts, closed) = cell_starts(raw.get(blank..).unwrap_or_default(), delimiter, quoting);
        if !closed {
            let what = "a quotation mark is opened here and never closed: the rest of the file was not read";
            problems
                .push(Problem::error(file, what).at(line).hint("close it, or double the quotation marks inside cells"));
            break;
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if table.header.is_empty() {
            table.header = header(file, &record, line, &mut problems)?;
            continue;
        }
        number += 1;
        if record.len() < table.header.len()
            || record.iter().skip(table.header.len()).any(|cell| !cell.trim().is_empty())
        {
            let what =
                format!("row {number} has {} cells, the header has {}: not taken", record.len(), table.header.len());
            problems
                .push(Problem::error(file, what).at(line).hint("put cells that hold the separator in quotation marks"));
            continue;
        }
        let rows_inside =
            raw.lines().filter(|part| part.split(char::from(delimiter)).count() == table.header.len()).count();
        if table.header.len() > 1 && rows_inside > 1 {
            let what = format!("row {number} runs over {rows_inside} lines that look like rows of their own");
            problems.push(Problem::warning(file, what).at(line).hint("look for a quotation mark without its partner"));
        }
        let cell = |(k, cell): (usize, &str)| {
            let at = skipped + begin + blank + starts.get(k).copied().unwrap_or(0);
            let same = decoded.text.get(at..).is_some_and(|rest| rest.starts_with(cell));
            Cell { text: cell.into(), start: decoded.origin(at), verbatim: same && decoded.is_verbatim() }
        };
        let cells = record.iter().take(table.header.len()).enumerate().map(cell).collect();
        table.rows.push(Row { number, line, cells });
    }
    if table.header.is_empty() {
        return Err(problems.into_iter().next().unwrap_or_else(|| Problem::error(file, "the table has no header")));
    }
    Ok((table, problems))
}

fn reader(text: &str, delimiter: u8, quoting: bool) -> csv::Reader<&[u8]> {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true).has_headers(false).quoting(quoting).from_reader(text.as_bytes())
}

/// Whether quotation marks hold cells together. Between tabs or bars they are letters like others if every line has
/// all its cells without them and some cell begins with one and does not end with one.
fn has_quoting(text: &str, delimiter: u8) -> bool {
    if !matches!(delimiter, b'\t' | b'|') {
        return true;
    }
    let mut columns = None;
    let mut torn = false;
    for line in super::lines::lines(text).filter(|line| !line.is_blank()) {
        let mut count = 0;
        for cell in line.text.split(char::from(delimiter)) {
            count += 1;
            torn |= cell.starts_with('"') && (cell.len() == 1 || !cell.ends_with('"'));
        }
        if *columns.get_or_insert(count) != count {
            return true;
        }
    }
    !torn || columns == Some(1)
}

/// Comma, semicolon, tab or bar: the one that cuts the first rows into the same number of cells, and most of them.
fn delimiter(text: &str) -> u8 {
    const ROWS: usize = 50;
    let end = text.char_indices().nth(200_000).map_or(text.len(), |(at, _)| at);
    let sample = text.get(..end).unwrap_or_default();
    let score = |delimiter: u8| {
        let mut reader = reader(sample, delimiter, true);
        let counts: Vec<usize> = reader.records().take(ROWS).map_while(Result::ok).map(|record| record.len()).collect();
        let columns = counts.first().copied().unwrap_or(0);
        let alike = counts.iter().filter(|count| **count == columns).count();
        if columns < 2 { (0, 0) } else { (alike * 100 / counts.len().max(1), columns) }
    };
    // The first of equals wins, so the usual separators come first.
    let mut best = (b',', score(b','));
    for delimiter in *b";\t|" {
        let found = score(delimiter);
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    best.0
}

fn header(
    file: &str,
    record: &csv::StringRecord,
    line: u32,
    problems: &mut Vec<Problem>,
) -> Result<Vec<String>, Problem> {
    let cells = || record.iter().map(str::trim).filter(|cell| !cell.is_empty());
    if cells().all(|cell| cell.parse::<f64>().is_ok()) {
        let problem = Problem::error(file, "the first row holds numbers, not the names of columns").at(line);
        return Err(problem.hint("add a first row with a name for each column"));
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut header = Vec::new();
    let trailing = record.iter().rev().take_while(|cell| cell.trim().is_empty()).count();
    for (k, cell) in record.iter().take(record.len() - trailing).enumerate() {
        let name = if cell.trim().is_empty() { format!("column {}", k + 1) } else { cell.trim().to_owned() };
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            let what = format!("two columns are called {name}: the later one is read as {name} ({count})");
            problems.push(Problem::warning(file, what).at(line));
            header.push(format!("{name} ({count})"));
        } else {
            header.push(name);
        }
    }
    Ok(header)
}

/// Where the cells of a record begin, inside their quotation marks, and whether the last one is closed.
fn cell_starts(raw: &str, delimiter: u8, quoting: bool) -> (Vec<usize>, bool) {
    let mut starts = Vec::new();
    let bytes = raw.as_bytes();
    let mut at = 0;
    loop {
        let quoted = quoting && bytes.get(at) == Some(&b'"');
        at += usize::from(quoted);
        starts.push(at);
        let mut open = quoted;
        loop {
            match bytes.get(at) {
                None => return (starts, !open),
                Some(b'"') if open && bytes.get(at + 1) == Some(&b'"') => at += 1,
                Some(b'"') if open => open = false,
                Some(byte) if *byte == delimiter && !open => break,
                Some(_) => {}
            }
            at += 1;
        }
        at += 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::encoding::decode;
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (Table, Vec<Problem>) {
        parse("t.csv", &decode("t.csv", text.as_bytes()).unwrap().0).unwrap()
    }

    fn cells(table: &Table) -> Vec<Vec<&str>> {
        table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect()).collect()
    }

    #[test]
    fn the_separator_is_found() {
        for text in ["a,b\n1,\"x; y\"\n", "a;b\n1;x, y, z\n", "a\tb\n1\tx, y\n", "\u{feff}a|b\r\n1|x\r\n"] {
            let (table, problems) = read(text);
            assert_eq!(table.header, ["a", "b"], "{text}");
            assert_eq!((table.rows.len(), problems.len()), (1, 0), "{text}");
        }
        assert_eq!(read("words\nhello there\n").0.header, ["words"]);
    }

    #[test]
    fn ragged_rows_are_reported_and_the_others_taken() {
        let (table, problems) = read("a,b\n1,2\n\n3\n4,5,6\n\"x\ny\",8\n9,10,,\n,\n");
        assert_eq!(cells(&table), [["1", "2"], ["x\ny", "8"], ["9", "10"]]);
        assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [Some(4), Some(5)]);
        assert_eq!(table.rows.iter().map(|row| (row.number, row.line)).collect::<Vec<_>>(), [(1, 2), (4, 6), (5, 8)]);
    }

    #[test]
    fn stray_quotation_marks_swallow_no_rows() {
        let (table, problems) = read("who|words\nA|\"so\nB|well\nA|yes\" then\n");
        assert_eq!(cells(&table), [["A", "\"so"], ["B", "well"], ["A", "yes\" then"]]);
        assert_eq!(problems, []);
        let (table, problems) = read("who,words\nA,\"so\nB,well\"\nA,\"x, y\"\n");
        assert_eq!(table.rows.len(), 2);
        assert_eq!((problems.len(), problems[0].line), (1, Some(2)));
    }

    #[test]
    fn every_cell_knows_its_place() {
        let text = "\u{feff}a,b\r\n\"one \"\"1\"\"\",two\r\n\r\nthree,\"fo,ur\"\r\n";
        let (table, _) = read(text);
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            let here = &text[usize::try_from(cell.start).unwrap()..];
            assert_eq!(here.starts_with(&cell.text), cell.verbatim);
            assert!(here.starts_with(&cell.text[..3]), "{cell:?}");
        }
        assert!(!table.rows[0].cells[0].verbatim && table.rows[1].cells[1].verbatim);
    }

    #[test]
    fn slips_of_the_header_and_open_quotes_are_reported() {
        let (table, problems) = read("a,,a,\n1,2,3\n");
        assert_eq!(table.header, ["a", "column 2", "a (2)"]);
        assert_eq!(problems.len(), 1);
        let (table, problems) = read("a,b\n1,2\n3,\"open\n4,5\n");
        assert_eq!(table.rows.len(), 1);
        assert_eq!((problems[0].line, problems.len()), (Some(3), 1));
        let numbers = decode("t.csv", b"1,2\n3,4\n").unwrap().0;
        assert!(parse("t.csv", &numbers).unwrap_err().what.contains("holds numbers"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_found_again(rows in prop::collection::vec(prop::collection::vec("[a-z\", \n\u{5d0}]{0,8}", 3), 1..6)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["x", "y", "z"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let decoded = decode("t.csv", text.as_bytes()).unwrap().0;
            let (table, problems) = parse("t.csv", &decoded).unwrap();
            prop_assert!(problems.iter().all(|problem| problem.severity == super::super::Severity::Warning));
            let kept: Vec<_> = rows.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
            prop_assert_eq!(cells(&table), kept.iter().map(|row| row.iter().map(String::as_str).collect::<Vec<_>>()).collect::<Vec<_>>());
            for cell in table.rows.iter().flat_map(|row| &row.cells) {
                let here = &text[usize::try_from(cell.start).unwrap()..];
                let first = cell.text.chars().next();
                prop_assert!(first.is_none() || here.starts_with(first.unwrap()));
            }
        }
    }
}
