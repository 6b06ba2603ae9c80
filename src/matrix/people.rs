//! People by codes: where each person stands on each code, and how often they speak of it.

use super::build::{MatrixError, MatrixInputs};
use super::rows::read_rows;
use super::spec::MatrixSpec;
use super::standing::{Standing, sources_of, statements_of, told};

/// One person on one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct PersonCell {
    /// Where the person stands.
    pub standing: Standing,
    /// Statements that decide it.
    pub statements: usize,
}

/// Where everybody stands.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PeopleTable {
    /// Code or theme ids.
    pub columns: Vec<String>,
    /// Unit ids with one cell a column.
    pub rows: Vec<(String, Vec<PersonCell>)>,
    /// Codes that nobody has read for, left out.
    pub unread: usize,
}

/// The table of every unit that the question keeps.
pub fn people(inputs: &MatrixInputs<'_>, spec: &MatrixSpec) -> Result<PeopleTable, MatrixError> {
    let (rows, unread) = read_rows(inputs, spec)?;
    let said = statements_of(inputs.study, spec, inputs.statements);
    let none = Vec::new();
    let mut table = PeopleTable { columns: rows.iter().map(|(id, ..)| id.clone()).collect(), rows: Vec::new(), unread };
    for (unit, sources) in sources_of(inputs.study, spec) {
        if inputs.filter.is_some_and(|filter| !filter.contains(unit)) {
            continue;
        }
        let cell = |codes: &[String]| {
            let said = said.get(unit).unwrap_or(&none);
            let told = told(inputs.study, spec, inputs.statements, codes, unit, &sources, said);
            PersonCell { standing: told.standing, statements: told.statements.len() }
        };
        table.rows.push((unit.to_owned(), rows.iter().map(|(_, _, codes)| cell(codes)).collect()));
    }
    if table.rows.is_empty() {
        return Err(MatrixError::NoUnits(spec.unit.plural()));
    }
    Ok(table)
}
