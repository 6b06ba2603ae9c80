//! Which codes or themes stand in a table.

use super::build::{MatrixError, MatrixInputs};
use super::spec::{Denominator, MatrixSpec, Rows};
use crate::store::Study;

/// Id, label, and the codes that a row rests on.
pub(super) type Row = (String, String, Vec<String>);

/// Row ids, labels and the codes each rests on.
pub(super) fn rows_of(study: &Study, rows: &Rows) -> Result<Vec<Row>, MatrixError> {
    let codes = &study.codebook.codebook.codes;
    let label = |id: &str, label: &str| if label.is_empty() { id.to_owned() } else { label.to_owned() };
    let found: Vec<_> = match rows {
        Rows::Codes(wanted) if wanted.is_empty() => {
            let used = |id: &String| study.codings.values().any(|coding| coding.code.as_ref() == Some(id));
            let shown = codes.iter().filter(|(id, code)| !code.rules.is_empty() || used(id));
            shown.map(|(id, code)| (id.clone(), label(id, &code.label), vec![id.clone()])).collect()
        }
        Rows::Codes(wanted) => {
            let mut found = Vec::new();
            for id in wanted {
                let code = codes.get(id).ok_or_else(|| unknown("code", id, codes.keys()))?;
                found.push((id.clone(), label(id, &code.label), vec![id.clone()]));
            }
            found
        }
        Rows::Themes(wanted) => {
            let all: Vec<String> =
                if wanted.is_empty() { study.themes.keys().cloned().collect() } else { wanted.clone() };
            let mut found = Vec::new();
            for id in &all {
                let theme = study.themes.get(id).ok_or_else(|| unknown("theme", id, study.themes.keys()))?;
                found.push((id.clone(), label(id, &theme.name), theme.codes.clone()));
            }
            found
        }
    };
    if found.is_empty() {
        return Err(MatrixError::NoRows(if matches!(rows, Rows::Codes(_)) { "codes" } else { "themes" }));
    }
    Ok(found)
}

fn unknown<'a>(kind: &'static str, name: &str, known: impl Iterator<Item = &'a String>) -> MatrixError {
    let near = crate::query::nearest(name, known.map(String::as_str));
    let suggestion = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    MatrixError::UnknownRow { kind, name: name.to_owned(), suggestion }
}

/// The rows that somebody has read for, and how many were left out. Of a whole codebook only these are shown; rows that
/// were named stay, and where nobody has read anything, all of them, so that this is seen.
pub(super) fn read_rows(inputs: &MatrixInputs<'_>, spec: &MatrixSpec) -> Result<(Vec<Row>, usize), MatrixError> {
    let rows = rows_of(inputs.study, &spec.rows)?;
    let whole_codebook = spec.rows == Rows::Codes(Vec::new()) && spec.denominator != Denominator::All;
    if !whole_codebook || spec.with_suggestions {
        return Ok((rows, 0));
    }
    let of_wave = |source: &&crate::model::Source| spec.wave.is_none() || source.wave == spec.wave;
    let sources: Vec<&String> =
        inputs.study.sources.iter().filter(|(_, source)| of_wave(source)).map(|(id, _)| id).collect();
    let is_read = |(_, _, codes): &Row| {
        sources.iter().any(|source| codes.iter().all(|code| inputs.statements.touches(source, code, &|_| true)))
    };
    let (read, unread): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(is_read);
    Ok(if read.is_empty() { (unread, 0) } else { (read, unread.len()) })
}
