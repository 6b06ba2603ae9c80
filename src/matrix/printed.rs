//! A matrix as a table with everything said under it.

use super::build::{Matrix, MatrixCell, MatrixRow};
use super::effect::{Effect, TestResult};
use super::spec::Measure;
use super::standing::Standing;
use crate::join::LayerBasis;
use std::fmt::Write as _;

/// Rows of a printed matrix, ready for any format: header, cells as text, notes.
pub struct Printed {
    /// Title.
    pub title: String,
    /// Column names.
    pub columns: Vec<String>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
    /// Lines below.
    pub notes: Vec<String>,
}

/// An effect in one line: `+33 points [-12, 68]`, or why there is none.
pub fn effect_in_words(effect: &Effect) -> String {
    let Some(value) = effect.value else {
        return format!(
            "not computable, because {}",
            effect.why_not.as_deref().unwrap_or("there is nothing to compare")
        );
    };
    let percent = effect.name == "risk difference";
    let shown = |x: f64| if percent { format!("{:+.0}", 100.0 * x) } else { format!("{x:+.2}") };
    let unit = if percent { " points" } else { "" };
    match effect.interval {
        Some((low, high)) => format!("{}{unit} [{}, {}]", shown(value), shown(low), shown(high)),
        None => format!("{}{unit} (no interval: {})", shown(value), effect.why_not.as_deref().unwrap_or("undefined")),
    }
}

fn share(cell: &MatrixCell) -> String {
    if cell.of == 0 {
        return "0/0".into();
    }
    format!("{}/{} ({:.0} %)", cell.n, cell.of, 100.0 * cell.n as f64 / cell.of as f64)
}

fn centre(cell: &MatrixCell, measure: Measure) -> String {
    let decimals = if matches!(measure, Measure::TurnShare | Measure::WordCoverage) { 4 } else { 2 };
    match (cell.mean, cell.median) {
        (Some(mean), Some(median)) => format!("{mean:.decimals$} ({median:.decimals$}) of {}", cell.of),
        _ => format!("none of {}", cell.of),
    }
}

fn test_in_words(test: &TestResult) -> String {
    if let Some(why) = &test.why_not {
        return format!("{}: not computable, because {why}", test.name);
    }
    let mut text = test.name.clone();
    if let Some((symbol, value)) = &test.statistic {
        let value = format!("{value:.4}");
        let _ = write!(text, " {symbol} = {}", value.trim_end_matches('0').trim_end_matches('.'));
    }
    if let Some((low, high)) = test.interval {
        let _ = write!(text, " [{low:.3}, {high:.3}]");
    }
    if let Some(p) = test.p {
        let _ = write!(text, ", p {}", p_in_words(p));
    }
    if let Some(p) = test.adjusted {
        let _ = write!(text, ", adjusted p {}", p_in_words(p));
    }
    text
}

/// The tests of a row in one line; empty without any.
pub fn tests_in_words(row: &MatrixRow) -> String {
    row.tests.iter().map(test_in_words).collect::<Vec<_>>().join("; ")
}

/// Standings that a row counts beside n, over all its cells.
const OTHER_STANDINGS: [Standing; 4] =
    [Standing::AbsentOnly, Standing::Mixed, Standing::CeasedOrReduced, Standing::NotMentioned];

/// p with four decimals, never `0.0000`.
pub fn p_in_words(p: f64) -> String {
    if p < 0.0001 { "< .0001".into() } else { format!("= {}", format!("{p:.4}").trim_start_matches('0')) }
}

/// The matrix as text cells.
pub fn to_table(matrix: &Matrix) -> Printed {
    let presence = matrix.measure == Measure::Presence;
    let binary = matrix.groups.len() == 2;
    let singular = if matrix.kind == "codes" { "code" } else { "theme" };
    let mut columns = vec![singular.to_owned()];
    match (binary, presence) {
        (true, true) => columns.extend(matrix.groups.iter().map(|group| format!("{} n/N", group.label))),
        (true, false) => {
            columns.extend(matrix.groups.iter().map(|group| format!("{}: mean (median) of N", group.label)))
        }
        (false, true) => {
            for side in ["with", "without"] {
                columns.push(format!("{side}: mean (median) of N"));
            }
        }
        (false, false) => columns.push("mean (median) of N".into()),
    }
    let effect = matrix.rows.first().map_or("effect", |row| row.effect.name);
    columns.push(format!("{effect} [95 % interval]"));
    if presence {
        columns.extend(OTHER_STANDINGS.map(|standing| standing.name().to_owned()));
        columns.push("set aside".into());
    }
    if matrix.rows.iter().any(|row| !row.tests.is_empty()) {
        columns.push("tests".into());
    }
    columns.push("cells".into());
    let rows = matrix.rows.iter().map(|row| cells(matrix, row, binary, presence, columns.len())).collect();
    Printed { title: title(matrix), columns, rows, notes: notes(matrix) }
}

fn cells(matrix: &Matrix, row: &MatrixRow, binary: bool, presence: bool, width: usize) -> Vec<String> {
    let mark = if row.circular { " (shares content with the outcome)" } else { "" };
    let mut cells = vec![format!("{}{mark}", row.id)];
    for cell in &row.cells {
        cells.push(if binary && presence { share(cell) } else { centre(cell, matrix.measure) });
    }
    cells.push(effect_in_words(&row.effect));
    if presence {
        let all =
            |standing: Standing| -> usize { row.cells.iter().filter_map(|cell| cell.standings.get(&standing)).sum() };
        cells.extend(OTHER_STANDINGS.map(|standing| all(standing).to_string()));
        cells.push(row.cells.iter().map(|cell| cell.set_aside).sum::<usize>().to_string());
    }
    if matrix.rows.iter().any(|row| !row.tests.is_empty()) {
        cells.push(tests_in_words(row));
    }
    cells.push(row.cells.iter().map(|cell| cell.id.clone()).collect::<Vec<_>>().join(" "));
    debug_assert_eq!(cells.len(), width);
    cells
}

fn title(matrix: &Matrix) -> String {
    let mut title = String::new();
    if matrix.footer.suggestions > 0 {
        title.push_str("INCLUDES UNREVIEWED SUGGESTIONS\n");
    }
    let kind = if matrix.kind == "codes" { "Codes" } else { "Themes" };
    let _ = write!(title, "{kind} by {}, {} of {}", matrix.outcome, matrix.measure.label(), matrix.unit.plural());
    let standing = match &matrix.plan {
        Some(plan) if matrix.beforehand => format!(" (declared beforehand: plan {plan})"),
        Some(plan) => format!(" (exploratory: plan {plan} was declared after the first look at this outcome)"),
        None => " (exploratory: no plan was declared for this question)".into(),
    };
    title.push_str(&standing);
    title
}

/// Whose codings were counted; nothing where one person coded every source and no layer was named.
fn layer_in_words(basis: &LayerBasis) -> Option<String> {
    let LayerBasis { layer, alone, several, decided, open } = basis;
    if layer.starts_with("coder:") {
        return Some(format!("Layer: {layer}."));
    }
    if *several == 0 {
        return None;
    }
    let open = if *open > 0 { format!(", {open} open, about which nothing is counted") } else { String::new() };
    Some(format!(
        "Layer: {layer}; sources coded by one {alone}, by several {several}; disagreements decided {decided}{open}."
    ))
}

/// Everything said below: denominators, who is missing, provenance.
pub fn notes(matrix: &Matrix) -> Vec<String> {
    let footer = &matrix.footer;
    let units = matrix.unit.plural();
    let mut notes = Vec::new();
    let words = |group: &super::Group| match group.median_words {
        Some(words) => format!("{} {} ({units}; median {words:.0} words)", group.units, group.label),
        None => format!("{} {} ({units}; no speech)", group.units, group.label),
    };
    notes.push(format!("Groups: {}.", matrix.groups.iter().map(words).collect::<Vec<_>>().join(", ")));
    let mut missing = Vec::new();
    let named = |ids: &[String]| if ids.len() <= 6 { format!(" ({})", ids.join(", ")) } else { String::new() };
    let mut add = |ids: &[String], what: &str| {
        if !ids.is_empty() {
            missing.push(format!("{} {what}{}", ids.len(), named(ids)));
        }
    };
    add(&footer.no_score, "without the outcome");
    add(&footer.no_interview, "with it but without an interview");
    add(&footer.not_yet_coded, "not yet coded for every row");
    if footer.withdrawn > 0 {
        missing.push(format!("{} withdrawn", footer.withdrawn));
    }
    if footer.filtered_out > 0 {
        missing.push(format!("{} left out by the condition", footer.filtered_out));
    }
    let missing = if missing.is_empty() { "none".into() } else { missing.join("; ") };
    notes.push(format!("Of {} {units} in the study, not in the groups: {missing}.", footer.units));
    let origins: Vec<String> = footer.origins.iter().map(|(origin, n)| format!("{n} {origin}")).collect();
    let mut from =
        if origins.is_empty() { "no codings".to_owned() } else { format!("codings: {}", origins.join(", ")) };
    if footer.suggestions > 0 {
        let _ = write!(from, "; {} unreviewed suggestions", footer.suggestions);
    }
    let (seen, all) = footer.outcome_visible;
    if all > 0 {
        let _ = write!(from, "; coded here with the outcome visible: {seen} of {all}");
    }
    notes.push(format!("Behind the rows: {from}."));
    notes.extend(layer_in_words(&footer.layer));
    let aside = [
        (footer.set_aside, "about another time (before)"),
        (footer.hypothetical, "hypothetical"),
        (footer.of_others, "about others"),
        (footer.lost, "whose words are gone from the text"),
    ];
    let aside: Vec<String> = aside.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if !aside.is_empty() {
        notes.push(format!("Statements set aside: {}.", aside.join(", ")));
    }
    if let Some((low, high)) = footer.pooled {
        notes.push(format!("Sources per unit differ ({low} to {high}) and are pooled; --wave takes one time point."));
    }
    if footer.focus_groups_left_out > 0 {
        notes.push(format!("Focus groups left out: {}.", footer.focus_groups_left_out));
    }
    notes.push(
        "\"Not mentioned\" is not \"not lived through\": it says that a person who was read does not speak of it."
            .into(),
    );
    let (head, seq) = &footer.head;
    let short: String = head.chars().take(12).collect();
    let fiction = if footer.fictional { " The data are fictional." } else { "" };
    notes.push(format!("Codebook version {}, operation {seq} ({short}).{fiction}", footer.codebook_version));
    notes
}
