//! Tables of memos: `date,coder,kind,on,text`, one row per memo.
//!
//! Reads what somebody wrote down; whether there is anything of the name that a memo is on, the caller knows.

use super::{Problem, encoding, table};
use crate::model::MemoKind;

/// One memo of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoRow {
    /// Line of the file, from 1.
    pub line: u32,
    /// When it was written, UTC, RFC 3339; a day alone is its first moment.
    pub written: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Kind; analytic where the column is missing or empty.
    pub kind: MemoKind,
    /// What it is on; the study where the column is missing or empty.
    pub on: String,
    /// The text.
    pub text: String,
}

/// Whether the first line of a table names the columns of a table of memos.
pub fn is_memos(file: &str, bytes: &[u8]) -> bool {
    let parsed = encoding::decode(file, bytes).and_then(|(decoded, _)| table::parse(file, &decoded));
    parsed.is_ok_and(|(table, _)| ["kind", "on", "text"].iter().all(|name| column(&table, name).is_some()))
}

fn column(table: &table::Table, name: &str) -> Option<usize> {
    table.header.iter().position(|column| column.trim().eq_ignore_ascii_case(name))
}

/// Reads such a table: the rows that can be used, and a problem for every other.
pub fn read_memos(file: &str, bytes: &[u8]) -> Result<(Vec<MemoRow>, Vec<Problem>), Problem> {
    let (decoded, mut problems) = encoding::decode(file, bytes)?;
    let (table, found) = table::parse(file, &decoded)?;
    problems.extend(found);
    let hint = "a table of memos has the column text, and may have date, coder, kind and on";
    let text = column(&table, "text").ok_or_else(|| Problem::error(file, "has no column `text`").at(1).hint(hint))?;
    let [date, coder, kind, on] = ["date", "coder", "kind", "on"].map(|name| column(&table, name));
    let mut rows = Vec::new();
    for row in &table.rows {
        let cell = |k: Option<usize>| k.map(|k| row.cell(k).trim()).filter(|cell| !cell.is_empty());
        let mut refuse = |what: String, hint: &str| problems.push(Problem::error(file, what).at(row.line).hint(hint));
        let Some(text) = cell(Some(text)) else {
            refuse(format!("row {} has no text: not taken", row.number), "");
            continue;
        };
        let Ok(kind) = cell(kind).map_or(Ok(MemoKind::Analytic), MemoKind::named) else {
            let word = cell(kind).unwrap_or_default();
            refuse(format!("`{word}` is no kind of memo: not taken"), MemoKind::WORDS);
            continue;
        };
        let Ok(written) = cell(date).map(moment).transpose() else {
            let word = cell(date).unwrap_or_default();
            refuse(
                format!("`{word}` is no date: not taken"),
                "write days as 2024-03-31, moments as 2024-03-31T09:30:00Z",
            );
            continue;
        };
        rows.push(MemoRow {
            line: row.line,
            written,
            author: cell(coder).map(str::to_owned),
            kind,
            on: cell(on).unwrap_or("study").to_owned(),
            text: text.to_owned(),
        });
    }
    Ok((rows, problems))
}

/// A day or a moment, as the store keeps times.
fn moment(text: &str) -> Result<String, jiff::Error> {
    let moment: jiff::Timestamp = match text.parse::<jiff::civil::Date>() {
        Ok(day) if text.len() == 10 => format!("{day}T00:00:00Z").parse()?,
        _ => text.parse()?,
    };
    Ok(format!("{moment:.3}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_in_and_bad_ones_are_named_with_their_line() {
        let text = "date,coder,kind,on,text\n2024-01-15,ann,reflexive,study,\"I, too\"\n2024-13-01,ann,reflexive,study,x\n\
                    2024-01-16,ann,angry,study,y\n2024-01-17,ann,,,\n2024-01-18T09:30:00Z,,,,z\n";
        let (rows, problems) = read_memos("memos.csv", text.as_bytes()).unwrap();
        assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [Some(3), Some(4), Some(5)]);
        let [first, last] = rows.as_slice() else { unreachable!("{rows:?}") };
        assert_eq!((first.kind, first.text.as_str()), (MemoKind::Reflexive, "I, too"));
        assert_eq!(first.written.as_deref(), Some("2024-01-15T00:00:00.000Z"));
        assert_eq!((last.kind, last.on.as_str(), &last.author), (MemoKind::Analytic, "study", &None));
        assert_eq!(last.written.as_deref(), Some("2024-01-18T09:30:00.000Z"));
    }

    #[test]
    fn a_table_of_memos_is_known_by_its_columns() {
        assert!(is_memos("m.csv", b"on;kind;text\nstudy;summary;x\n"));
        assert!(!is_memos("m.csv", b"speaker,text\nA,x\n"));
        assert!(read_memos("m.csv", b"on,kind\nstudy,summary\n").unwrap_err().what.contains("`text`"));
    }
}
