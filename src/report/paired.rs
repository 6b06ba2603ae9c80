//! The same people twice, as a table.

use super::{Table, Value};
use crate::matrix::{self, Measure, PairedTable, effect_in_words};

/// Codes or themes at two occasions, with the family that a plan declares.
pub fn paired_table(paired: &PairedTable) -> Table {
    let [first, then] = &paired.occasions;
    let presence = paired.measure == Measure::Presence;
    let effect = paired.rows.first().map_or("effect", |row| row.effect.name);
    let mut columns = vec!["row".to_owned(), format!("{first} n/N"), format!("{then} n/N")];
    if presence {
        columns.extend(["both".into(), format!("only {first}"), format!("only {then}"), "neither".into()]);
    } else {
        columns =
            vec!["row".to_owned(), format!("{first}: mean (median)"), format!("{then}: mean (median)"), "N".into()];
    }
    columns.extend([format!("{effect} [95 % interval]"), "cells".into()]);
    let standing = match &paired.family {
        Some(family) => family.in_title(),
        None => "exploratory: no plan was declared for this question".into(),
    };
    let title = format!("The same {} at {first} and {then}, {} ({standing})", paired.unit, paired.measure.label());
    let mut table = Table::new(title, &columns.iter().map(String::as_str).collect::<Vec<_>>());
    for row in &paired.rows {
        let [both, only_first, only_then, neither] = row.counts;
        let mut cells: Vec<Value> = vec![row.id.as_str().into()];
        if presence {
            cells.extend([both + only_first, both + only_then].map(|n| Value::from(format!("{n}/{}", row.of))));
            cells.extend([both, only_first, only_then, neither].map(Value::from));
        } else {
            let centre = |k: usize| row.centre.map_or("none".to_owned(), |c| format!("{:.2} ({:.2})", c[k].0, c[k].1));
            cells.extend([centre(0).into(), centre(1).into(), row.of.into()]);
        }
        cells.extend([effect_in_words(&row.effect).into(), row.cells.join(" ").into()]);
        table.row(cells);
    }
    for row in paired.rows.iter().filter(|row| !row.tests.is_empty()) {
        table.note(format!("{}: {}", row.id, matrix::results_in_words(&row.tests)));
    }
    table.note(format!(
        "N: {} read for the row at both; each is compared with herself or himself. The effect is {then} less {first}.",
        paired.unit
    ));
    table.notes.extend(matrix::unread_in_words(paired.unread));
    table.notes.extend(paired.family.as_ref().map(matrix::Family::in_words));
    table.notes.extend(paired.deviations.iter().map(|line| matrix::sentence(line)));
    table.note("Quotations behind a cell: themata quotes --cell ID");
    table
}
