//! Small cells: a table that leaves the study must not point at one person.

use super::build::{Matrix, MatrixRow};
use super::effect::Effect;

/// Why a suppressed row has no effect.
const WHY: &str = "a cell is suppressed";

/// Takes out of a matrix every number of people below `least`, and every number that is all but so few; with them the
/// names, effects and tests from which they could be worked out.
pub fn suppress(matrix: &mut Matrix, least: usize) {
    matrix.suppressed_below = Some(least);
    let small = |count: usize| (1..least).contains(&count);
    for row in &mut matrix.rows {
        let mut hidden = false;
        for cell in &mut row.cells {
            cell.units.clear();
            if cell.n.is_some_and(|n| small(n) || small(cell.of.saturating_sub(n))) {
                hidden = true;
            }
        }
        if hidden {
            hide(row);
        }
        for cell in &mut row.cells {
            cell.standings.retain(|_, count| !small(*count));
        }
    }
    // Who is missing is counted, not named.
    let footer = &mut matrix.footer;
    for names in [&mut footer.no_score, &mut footer.no_interview, &mut footer.not_yet_coded, &mut footer.read_in_part] {
        names.fill("(not named)".into());
    }
}

/// With two groups and their total, one cell gives the other: the whole row goes.
fn hide(row: &mut MatrixRow) {
    let gone =
        |effect: &Effect| Effect { why_not: Some(WHY.into()), ..Effect::named(effect.name, effect.method.clone()) };
    row.effect = gone(&row.effect);
    row.beside.iter_mut().for_each(|(_, effect)| *effect = gone(effect));
    row.tests.clear();
    for cell in &mut row.cells {
        (cell.n, cell.mean, cell.median, cell.set_aside) = (None, None, None, None);
        cell.standings.clear();
    }
}
