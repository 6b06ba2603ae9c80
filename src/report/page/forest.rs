//! Effects with their intervals around the line of no difference.

use super::escape;
use crate::matrix::{Effect, Matrix, effect_in_words};
use std::fmt::Write as _;

const ROW: usize = 30;
const LABEL: usize = 230;
const PLOT: usize = 340;
const WORDS: usize = 220;
const HEAD: usize = 34;

fn limits(matrix: &Matrix) -> (f64, f64) {
    let bounded = |effect: &Effect| matches!(effect.name, "risk difference" | "Cliff's delta" | "Spearman's rho");
    if matrix.rows.iter().all(|row| bounded(&row.effect)) {
        return (-1.0, 1.0);
    }
    let reach = matrix.rows.iter().flat_map(|row| {
        let interval = row.effect.interval.map(|(low, high)| [low, high]).unwrap_or_default();
        row.effect.value.into_iter().chain(interval)
    });
    let reach = reach.map(f64::abs).filter(|x| x.is_finite()).fold(1.0, f64::max);
    (-reach, reach)
}

/// The picture.
pub fn svg(matrix: &Matrix) -> String {
    let (low, high) = limits(matrix);
    let width = LABEL + PLOT + WORDS;
    let height = HEAD + ROW * matrix.rows.len() + 34;
    let bottom = HEAD + ROW * matrix.rows.len();
    let x = |value: f64| LABEL as f64 + PLOT as f64 * (value.clamp(low, high) - low) / (high - low);
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg role=\"img\" aria-label=\"Effects with 95 % intervals for {}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\" font-size=\"14\" fill=\"#1d232b\">",
        escape(&matrix.outcome)
    );
    let (left, right) = match matrix.groups.as_slice() {
        [yes, no] => (format!("more among {}", no.label), format!("more among {}", yes.label)),
        _ => ("lower".into(), "higher".into()),
    };
    let _ = write!(
        out,
        "<text x=\"{LABEL}\" y=\"18\" fill=\"#5a6572\" font-size=\"12\">← {}</text><text x=\"{}\" y=\"18\" text-anchor=\"end\" fill=\"#5a6572\" font-size=\"12\">{} →</text>",
        escape(&crate::report::cut(&left, 30)),
        LABEL + PLOT,
        escape(&crate::report::cut(&right, 30))
    );
    for k in 0..=4 {
        let value = low + (high - low) * f64::from(k) / 4.0;
        let at = x(value);
        let dash = if k == 2 { "" } else { " stroke-dasharray=\"2 4\"" };
        let stroke = if k == 2 { "#1d232b" } else { "#cfd6dd" };
        let _ = write!(
            out,
            "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{HEAD}\" y2=\"{bottom}\" stroke=\"{stroke}\"{dash}/><text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\" font-size=\"12\" fill=\"#5a6572\">{}</text>",
            bottom + 18,
            tick(matrix, value)
        );
    }
    for (r, row) in matrix.rows.iter().enumerate() {
        let y = HEAD + ROW * r + ROW / 2;
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LABEL - 12,
            y + 5,
            escape(&crate::report::cut(&row.label, super::LABEL_COLUMNS))
        );
        if let Some((from, to)) = row.effect.interval {
            let _ = write!(
                out,
                "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#0b4a70\" stroke-width=\"2.5\"/>",
                x(from),
                x(to)
            );
        }
        if let Some(value) = row.effect.value {
            let _ = write!(
                out,
                "<rect x=\"{:.1}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"#0b4a70\"/>",
                x(value) - 5.0,
                y - 5
            );
        }
        let words = if row.effect.value.is_some() { effect_in_words(&row.effect) } else { "not computable".into() };
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" font-size=\"13\">{}</text>",
            LABEL + PLOT + 14,
            y + 5,
            escape(&crate::report::cut(&words, 32))
        );
    }
    out.push_str("</svg>");
    out
}

fn tick(matrix: &Matrix, value: f64) -> String {
    let percent = matrix.rows.first().is_some_and(|row| row.effect.name == "risk difference");
    if percent { format!("{:+.0}", 100.0 * value) } else { format!("{value:+.1}") }
}

/// What the picture shows.
pub fn caption(matrix: &Matrix) -> String {
    let effect = matrix.rows.first().map(|row| &row.effect);
    let (name, method) = effect.map_or(("effect", ""), |effect| (effect.name, &*effect.method));
    let unit = if name == "risk difference" { " in percentage points" } else { "" };
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    escape(&format!(
        "{name}{unit} with its 95 % interval ({method}). An interval that crosses the line in the middle leaves open which side is more."
    ))
}
