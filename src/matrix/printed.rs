//! A matrix as a table with everything said under it.

use super::build::{Matrix, MatrixCell, MatrixRow};
use super::declared::Family;
use super::effect::Effect;
use super::spec::{Denominator, Measure};
use super::standing::Standing;
use super::test::TestResult;
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
    let percent = effect.name.ends_with("risk difference");
    let shown = |x: f64| match (percent, effect.is_share()) {
        (true, _) => format!("{:+.0}", 100.0 * x),
        (_, true) => format!("{x:.2}"),
        _ => format!("{x:+.2}"),
    };
    let unit = if percent { " points" } else { "" };
    match effect.interval {
        Some((low, high)) => format!("{}{unit} [{}, {}]", shown(value), shown(low), shown(high)),
        None => format!("{}{unit} (no interval: {})", shown(value), effect.why_not.as_deref().unwrap_or("undefined")),
    }
}

/// What stands for a number that is not shown because it is small.
const SUPPRESSED: &str = "(few)";

/// n of a cell, or that it is suppressed.
pub fn count_in_words(cell: &MatrixCell) -> String {
    cell.n.map_or_else(|| SUPPRESSED.into(), |n| n.to_string())
}

fn share(cell: &MatrixCell) -> String {
    match cell.n {
        None => format!("{SUPPRESSED}/{}", cell.of),
        Some(_) if cell.of == 0 => "0/0".into(),
        Some(n) => format!("{n}/{} ({:.0} %)", cell.of, 100.0 * n as f64 / cell.of as f64),
    }
}

fn centre(cell: &MatrixCell, matrix: &Matrix) -> String {
    let decimals = if matches!(matrix.measure, Measure::TurnShare | Measure::WordCoverage) { 4 } else { 2 };
    let of = cell.of;
    match (cell.mean, cell.median) {
        _ if cell.n.is_none() => format!("{SUPPRESSED} of {of}"),
        // Ranks of ordered classes have no mean.
        (Some(_), Some(median)) if !matrix.levels.is_empty() && matrix.measure == Measure::Presence => {
            format!("{} of {of}", level_in_words(median, &matrix.levels))
        }
        (Some(mean), Some(median)) => format!("{mean:.decimals$} ({median:.decimals$}) of {of}"),
        _ => format!("none of {of}"),
    }
}

/// A median of ranks as a class, or as the two classes it lies between.
fn level_in_words(median: f64, levels: &[String]) -> String {
    let level = |rank: f64| levels.get((rank as usize).saturating_sub(1)).map_or("", String::as_str);
    match (level(median.floor()), level(median.ceil())) {
        (low, high) if low == high => low.to_owned(),
        (low, high) => format!("{low} to {high}"),
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
    results_in_words(&row.tests)
}

/// Results of tests in one line.
pub fn results_in_words(results: &[TestResult]) -> String {
    results.iter().map(test_in_words).collect::<Vec<_>>().join("; ")
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
    let grouped = matrix.groups.len() > 1;
    let centre = if matrix.levels.is_empty() || !presence { "mean (median)" } else { "median" };
    let singular = if matrix.kind == "codes" { "code" } else { "theme" };
    let mut columns = vec![singular.to_owned()];
    match (grouped, presence) {
        (true, true) => columns.extend(matrix.groups.iter().map(|group| format!("{} n/N", group.label))),
        (true, false) => {
            columns.extend(matrix.groups.iter().map(|group| format!("{}: mean (median) of N", group.label)))
        }
        (false, true) => {
            for side in ["with", "without"] {
                columns.push(format!("{side}: {centre} of N"));
            }
        }
        (false, false) => columns.push(format!("{centre} of N")),
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
    let rows = matrix.rows.iter().map(|row| cells(matrix, row, grouped, presence, columns.len())).collect();
    Printed { title: title(matrix), columns, rows, notes: notes(matrix) }
}

fn cells(matrix: &Matrix, row: &MatrixRow, grouped: bool, presence: bool, width: usize) -> Vec<String> {
    let mark = if row.circular { " (circular)" } else { "" };
    let mut cells = vec![format!("{}{mark}", row.id)];
    for cell in &row.cells {
        cells.push(if grouped && presence { share(cell) } else { centre(cell, matrix) });
    }
    cells.push(effect_in_words(&row.effect));
    if presence {
        let all =
            |standing: Standing| -> usize { row.cells.iter().filter_map(|cell| cell.standings.get(&standing)).sum() };
        let shown = |count: usize| match matrix.suppressed_below {
            Some(_) if row.cells.iter().any(|cell| cell.n.is_none()) => SUPPRESSED.into(),
            Some(least) if (1..least).contains(&count) => SUPPRESSED.into(),
            _ => count.to_string(),
        };
        cells.extend(OTHER_STANDINGS.map(|standing| shown(all(standing))));
        cells.push(shown(row.cells.iter().filter_map(|cell| cell.set_aside).sum::<usize>()));
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
    let standing = match &matrix.family {
        Some(family) => format!(" ({})", family.in_title()),
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

/// Over whom a share is taken.
pub(super) fn denominator_in_words(matrix: &Matrix) -> String {
    let units = matrix.unit.plural();
    match matrix.denominator {
        Denominator::Covered if matrix.footer.suggestions > 0 => {
            format!(
                "{units} with the outcome; with suggestions every source counts as read, and nobody may have read it"
            )
        }
        Denominator::Covered => {
            format!("{units} with the outcome whose sources somebody has read for the code (covered)")
        }
        Denominator::Asked => format!("of the covered {units}, those who were asked about it (asked)"),
        Denominator::All => format!("all {units} with the outcome, read or not (all)"),
    }
}

/// Scores beside a class, row by row.
fn beside(matrix: &Matrix) -> Vec<String> {
    let rows = matrix.rows.iter().filter(|row| !row.beside.is_empty());
    let lines: Vec<String> = rows
        .map(|row| {
            let scores: Vec<String> =
                row.beside.iter().map(|(name, effect)| format!("{name} {}", effect_in_words(effect))).collect();
            format!("  {}: {}", row.id, scores.join("; "))
        })
        .collect();
    let head = "Beside the class, those who say it against the others (Cliff's delta):".to_owned();
    if lines.is_empty() { lines } else { std::iter::once(head).chain(lines).collect() }
}

/// A line with a capital letter and a full stop.
pub fn sentence(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

/// Codes that are not in a table because nobody has read for them; nothing where there are none.
pub fn unread_in_words(unread: usize) -> Option<String> {
    let codes = match unread {
        0 => return None,
        1 => "1 code".to_owned(),
        several => format!("{several} codes"),
    };
    Some(format!("Not shown: {codes} that nobody has read for; name them to see them."))
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
    notes.extend(footer.rules.iter().cloned());
    notes.push(format!("N: {}.", denominator_in_words(matrix)));
    if let Some((at_risk, not, unknown)) = footer.at_risk {
        let unknown = if unknown == 0 { String::new() } else { format!("; of {unknown} nobody knows") };
        notes.push(format!("At risk: {at_risk} {units}; not at risk, and so left out: {not}{unknown}."));
    }
    notes.extend(beside(matrix));
    notes.extend(matrix.family.as_ref().map(Family::in_words));
    notes.extend(matrix.deviations.iter().map(|line| sentence(line)));
    if matrix.rows.iter().any(|row| row.circular) {
        notes.push(
            "Circular: a code that shares content with the outcome goes with it by construction; such a row says little."
                .into(),
        );
    }
    if matrix.rows.iter().any(|row| row.tests.iter().any(|test| test.name.starts_with("change score"))) {
        notes.push(
            concat!(
                "Lord's paradox: the adjusted difference compares people who began alike, the change score compares ",
                "changes whatever people began with. They differ where the groups began differently, and neither is ",
                "wrong: say which question you ask."
            )
            .into(),
        );
    }
    if let Some(least) = matrix.suppressed_below {
        notes.push(format!(
            "{SUPPRESSED}: fewer than {least} people, or all but so few; effects of such rows are left out."
        ));
    }
    let named = |ids: &[String]| {
        if ids.len() <= 6 && matrix.suppressed_below.is_none() {
            format!(" ({})", ids.join(", "))
        } else {
            String::new()
        }
    };
    let those = |ids: &[String], what: &str| (!ids.is_empty()).then(|| format!("{} {what}{}", ids.len(), named(ids)));
    let filtered = Some(footer.filtered_out).filter(|n| *n > 0).map(|n| format!("{n} left out by the condition"));
    let outside: Vec<String> = those(&footer.no_score, "without the outcome").into_iter().chain(filtered).collect();
    let outside = if outside.is_empty() { "none".into() } else { outside.join("; ") };
    let withdrawn = match footer.withdrawn {
        0 => String::new(),
        1 => " (1 withdrawn participant apart)".to_owned(),
        several => format!(" ({several} withdrawn participants apart)"),
    };
    let mut missing = format!("Of {} {units} in the study{withdrawn}, not in the groups: {outside}.", footer.units);
    let unread = [
        those(&footer.no_interview, "without an interview"),
        those(&footer.not_yet_coded, "not yet coded for every row"),
    ];
    let unread: Vec<String> = unread.into_iter().flatten().collect();
    if !unread.is_empty() {
        let _ = write!(missing, " Of those in the groups: {}.", unread.join("; "));
    }
    notes.push(missing);
    let nobody = matrix.rows.iter().flat_map(|row| &row.cells).all(|cell| cell.of == 0);
    if nobody && !footer.not_yet_coded.is_empty() {
        notes.push(
            "Nobody counts yet, because no coder has said what was read: `themata code cover SOURCE` (or `--all`) says so."
                .into(),
        );
    }
    if !footer.read_in_part.is_empty() {
        let (n, who) = (footer.read_in_part.len(), named(&footer.read_in_part));
        notes.push(format!("Not yet coded, because only some of their turns were read: {n} of the {units}{who}."));
    }
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
    notes.extend(unread_in_words(footer.unread));
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
