//! Delimited tables: texts where a column of words is mapped or found, data otherwise.

use super::builder::Place;
use super::encoding::Decoded;
use super::rows::{self, Entry, Mapped, Words};
use super::table::{self, Table};
use super::{Import, Kind, Options, Problem, columns, data};
use crate::model::{ColumnMapping, Locator};
use std::rc::Rc;

/// Reads a table.
pub fn read(file: &str, bytes: &[u8], decoded: &Decoded, options: &Options) -> Result<Import, Problem> {
    let (table, problems) = table::parse(file, decoded)?;
    let mapping = columns::mapping(file, &table.header, &table.signature(), false, options)?;
    let mut import = match mapping {
        Some(mapping) if columns::has_texts(&mapping) => {
            let import = texts(file, table, mapping, options)?;
            Import { original: Some(bytes.to_vec()), ..import }
        }
        mapping => data::read(file, &table, mapping.as_ref(), options)?,
    };
    import.problems.splice(0..0, problems);
    Ok(import)
}

fn texts(file: &str, table: Table, mapping: ColumnMapping, options: &Options) -> Result<Import, Problem> {
    let questions: Vec<&str> = mapping.fields.get("questions").map_or(Vec::new(), |names| names.split('|').collect());
    let single = mapping.fields.get("text").filter(|_| questions.is_empty());
    let words: Vec<(usize, Option<String>)> = single
        .into_iter()
        .filter_map(|name| Some((table.column(name)?, None)))
        .chain(questions.iter().filter_map(|name| Some((table.column(name)?, Some((*name).to_owned())))))
        .collect();
    let rest: Vec<(Rc<str>, usize)> = mapping
        .fields
        .iter()
        .filter(|(field, _)| !matches!(field.as_str(), "text" | "questions"))
        .filter_map(|(field, name)| Some((field.as_str().into(), table.column(name)?)))
        .collect();
    if words.len() > 1 && rest.iter().any(|(field, _)| field.starts_with("code:")) {
        let what = "codes can be read beside one column of words only";
        return Err(Problem::error(file, what).hint("import the questions one by one, each with text=COLUMN"));
    }
    let entry = |row: &table::Row| Entry {
        number: row.number,
        line: row.line,
        words: words.iter().filter_map(|(k, question)| cell_words(&table, row, *k, question.clone())).collect(),
        fields: rest.iter().map(|(field, k)| (Rc::clone(field), row.cell(*k).to_owned())).collect(),
    };
    let entries: Vec<Entry> = table.rows.iter().map(entry).collect();
    // The words are in the entries now: a large file is not held twice while sources are made of them.
    let Table { header, decimal_comma, .. } = table;
    let mapped = Mapped {
        file: file.into(),
        kind: Some(Kind::Table),
        fields: mapping.fields.keys().cloned().collect(),
        decimal_comma,
    };
    let mut import = rows::read(&mapped, &entries, options)?;
    import.table.uses = columns::said(&header, &mapping);
    import.columns = Some(mapping);
    Ok(import)
}

fn cell_words(table: &Table, row: &table::Row, k: usize, question: Option<String>) -> Option<Words> {
    let cell = row.cells.get(k)?;
    let locator = Locator::Cell { row: row.number, column: table.header.get(k)?.clone() };
    let place = Place { start: cell.start, verbatim: cell.verbatim, locator };
    Some(Words { question, text: cell.text.clone(), place })
}
