//! Shares of each group, shaded and always written out: readable in print and without colour.

use super::{anchor, escape};
use crate::matrix::{Matrix, MatrixCell, Measure, count_in_words};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const ROW: usize = 34;
const LABEL: usize = 230;
const CELL: usize = 150;
const HEAD: usize = 46;

/// One hue from light to dark, so that lightness alone carries the order (also for colour-blind readers and in grey).
fn shade(share: f64) -> (String, &'static str) {
    let t = share.clamp(0.0, 1.0);
    let mix = |from: f64, to: f64| (from + (to - from) * t).round() as u8;
    let fill = format!("#{:02x}{:02x}{:02x}", mix(240.0, 8.0), mix(246.0, 64.0), mix(250.0, 110.0));
    (fill, if t > 0.45 { "#ffffff" } else { "#1d232b" })
}

fn share(cell: &MatrixCell, largest: f64, measure: Measure) -> Option<f64> {
    if measure == Measure::Presence && cell.mean.is_none() {
        return cell.n.filter(|_| cell.of > 0).map(|n| n as f64 / cell.of as f64);
    }
    cell.mean.map(|mean| if largest > 0.0 { mean / largest } else { 0.0 })
}

fn written(cell: &MatrixCell, measure: Measure) -> String {
    match cell.mean {
        None if measure == Measure::Presence && cell.of > 0 => match cell.n {
            Some(n) => format!("{n}/{} ({:.0} %)", cell.of, 100.0 * n as f64 / cell.of as f64),
            None => format!("{}/{}", count_in_words(cell), cell.of),
        },
        Some(mean) if matches!(measure, Measure::TurnShare | Measure::WordCoverage) => {
            format!("{mean:.3} of {}", cell.of)
        }
        Some(mean) => format!("{mean:.2} of {}", cell.of),
        None => "nobody".into(),
    }
}

/// The picture.
pub fn svg(section: usize, matrix: &Matrix) -> String {
    let names: Vec<String> = match matrix.rows.first() {
        Some(row) if row.cells.len() == matrix.groups.len() => {
            matrix.groups.iter().map(|group| group.label.clone()).collect()
        }
        Some(row) => row.cells.iter().map(|cell| cell.group.to_owned()).collect(),
        None => Vec::new(),
    };
    let width = LABEL + CELL * names.len().max(1) + 10;
    let height = HEAD + ROW * matrix.rows.len() + 6;
    let largest = matrix.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| cell.mean).fold(0.0, f64::max);
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg role=\"img\" aria-labelledby=\"heat-{section}-t\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\" font-size=\"14\">\
         <title id=\"heat-{section}-t\">{} by {}: share of each group</title>",
        escape(matrix.kind),
        escape(&matrix.outcome)
    );
    for (c, name) in names.iter().enumerate() {
        let x = LABEL + CELL * c + CELL / 2;
        let group = matrix.groups.get(c).filter(|_| names.len() == matrix.groups.len());
        let units = group.map(|group| in_brackets(matrix, c, group.units)).unwrap_or_default();
        let _ = write!(
            out,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" font-weight=\"600\" fill=\"#1d232b\">{}{units}</text>",
            HEAD - 14,
            escape(&crate::report::cut(name, 18))
        );
    }
    for (r, row) in matrix.rows.iter().enumerate() {
        let y = HEAD + ROW * r;
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#1d232b\">{}</text>",
            LABEL - 12,
            y + ROW / 2 + 5,
            escape(&crate::report::cut(&row.label, super::LABEL_COLUMNS))
        );
        for (c, cell) in row.cells.iter().enumerate() {
            let value = share(cell, largest, matrix.measure);
            let (fill, ink) = value.map_or(("#ffffff".to_owned(), "#5a6572"), shade);
            let group = names.get(c).map_or("", String::as_str);
            let _ = write!(
                out,
                "<a href=\"#{}\" aria-label=\"{}, {}: {}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" stroke=\"#cfd6dd\"/>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"{ink}\">{}</text></a>",
                anchor(section, r, c),
                escape(&row.label),
                escape(group),
                escape(&written(cell, matrix.measure)),
                LABEL + CELL * c,
                y,
                CELL - 4,
                ROW - 4,
                LABEL + CELL * c + (CELL - 4) / 2,
                y + ROW / 2 + 3,
                escape(&written(cell, matrix.measure))
            );
        }
    }
    out.push_str("</svg>");
    out
}

/// How many of a group are in N, in the rows that say the same, of all in the group.
fn in_brackets(matrix: &Matrix, c: usize, units: usize) -> String {
    let of: BTreeSet<usize> = matrix.rows.iter().filter_map(|row| Some(row.cells.get(c)?.of)).collect();
    match (of.first(), of.last()) {
        (Some(least), Some(most)) if most > least => format!(" ({least} to {most} of {units})"),
        (Some(all), _) if *all < units => format!(" ({all} of {units})"),
        _ => format!(" ({units})"),
    }
}

/// What the picture shows.
pub fn caption(matrix: &Matrix) -> String {
    let what = match matrix.measure {
        Measure::Presence if matrix.groups.len() > 1 => {
            format!("{} who say it is there, of those who were read for it", matrix.unit.plural())
        }
        Measure::Presence => "mean of the outcome among those who say it is there, and among the others".into(),
        other => format!("mean {}", other.label()),
    };
    let what = escape(&what);
    let by_group = matrix.rows.iter().filter(|row| row.cells.len() == matrix.groups.len());
    let mut counted = by_group.flat_map(|row| row.cells.iter().zip(&matrix.groups));
    let part = counted.any(|(cell, group)| cell.of < group.units);
    let part = if part { " In brackets: how many count, of all in the group." } else { "" };
    format!(
        "Each cell: {what}.{part} Darker is more; the figures are written in, and each cell leads to its quotations."
    )
}
