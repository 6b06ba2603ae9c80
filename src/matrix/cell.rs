//! From a cell back to the words behind it.

use super::build::MatrixInputs;
use super::rows::rows_of;
use super::spec::MatrixSpec;
use super::standing::{Standing, sources_of, statements_of, told};
use crate::join::{OutcomeValues, Statement, Unit};
use std::collections::BTreeMap;

/// A quotation behind a cell, with the unit that says it.
#[derive(Debug, Clone, PartialEq)]
pub struct CellQuote<'a> {
    /// Participant, source or case id.
    pub unit: String,
    /// Where the unit stands on the row.
    pub standing: Standing,
    /// The unit's outcome, as people read it.
    pub outcome: String,
    /// Whether the unit is in the cell's n.
    pub counted: bool,
    /// The statement.
    pub statement: &'a Statement,
}

/// Reads a cell id: the specification with its one row, and the group asked for.
pub fn cell_spec(id: &str) -> Result<(MatrixSpec, String), String> {
    let (spec, _, group) = MatrixSpec::of_cell_id(id)?;
    Ok((spec, group))
}

/// Every statement that decided where the units of a cell stand, in order of unit and text.
///
/// Those who count come first: a cell of n = 3 begins with the quotations of three units; what the others of the group
/// said against it follows.
pub fn cell_quotes<'a>(
    inputs: &'a MatrixInputs<'a>,
    spec: &MatrixSpec,
    group: &str,
) -> Result<Vec<CellQuote<'a>>, String> {
    let study = inputs.study;
    let outcome = spec.outcome.values(study, inputs.scores, spec.unit).map_err(|error| error.to_string())?;
    let rows = rows_of(study, &spec.rows).map_err(|error| error.to_string())?;
    let codes: Vec<String> = rows.into_iter().flat_map(|(_, _, codes)| codes).collect();
    let sources = sources_of(study, spec);
    let said = statements_of(study, spec, inputs.statements);
    let outcomes: BTreeMap<&str, String> = match &outcome {
        OutcomeValues::Binary { yes, no, values } => {
            values.iter().map(|(id, inside)| (id.as_str(), if *inside { yes } else { no }.clone())).collect()
        }
        OutcomeValues::Classes { values, .. } => {
            values.iter().map(|(id, class)| (id.as_str(), class.clone())).collect()
        }
        OutcomeValues::Numeric { values, levels } => {
            values.iter().map(|(id, x)| (id.as_str(), numeric_in_words(*x, levels))).collect()
        }
    };
    let in_group = |id: &str, counted: bool| match (&outcome, group) {
        (OutcomeValues::Binary { values, .. }, "yes") => values.get(id) == Some(&true),
        (OutcomeValues::Binary { values, .. }, "no") => values.get(id) == Some(&false),
        (OutcomeValues::Numeric { values, .. }, "with") => values.contains_key(id) && counted,
        (OutcomeValues::Numeric { values, .. }, "without") => values.contains_key(id) && !counted,
        (_, "all") => outcomes.contains_key(id),
        _ => false,
    };
    if !["yes", "no", "with", "without", "all"].contains(&group) {
        return Err(format!("`{group}` is no group: a cell id ends in `:yes`, `:no`, `:with`, `:without` or `:all`"));
    }
    let at_risk = match &spec.at_risk {
        Some(at_risk) => Some(at_risk.group(study, inputs.scores, spec.unit).map_err(|error| error.to_string())?),
        None => None,
    };
    let none = Vec::new();
    let mut quotes = Vec::new();
    for (&id, unit_sources) in &sources {
        if inputs.filter.is_some_and(|filter| !filter.contains(id))
            || at_risk.as_ref().is_some_and(|at_risk| at_risk.get(id) != Some(&true))
        {
            continue;
        }
        let told = told(study, spec, inputs.statements, &codes, id, unit_sources, said.get(id).unwrap_or(&none));
        if !in_group(id, told.counted) {
            continue;
        }
        for statement in &told.statements {
            quotes.push(CellQuote {
                unit: id.to_owned(),
                standing: told.standing,
                outcome: outcomes.get(id).cloned().unwrap_or_default(),
                counted: told.counted,
                statement,
            });
        }
    }
    quotes.sort_by(|a, b| {
        let key = |quote: &CellQuote| (!quote.counted, quote.unit.clone());
        key(a)
            .cmp(&key(b))
            .then_with(|| (&a.statement.source, a.statement.span).cmp(&(&b.statement.source, b.statement.span)))
    });
    debug_assert!(spec.unit != Unit::Participant || quotes.iter().all(|quote| quote.statement.participant.is_some()));
    Ok(quotes)
}

/// A score with two decimals, or the name of an ordered class.
fn numeric_in_words(x: f64, levels: &[String]) -> String {
    match levels.get(x as usize - usize::from(x >= 1.0)) {
        Some(level) => level.clone(),
        None => format!("{x:.2}"),
    }
}
