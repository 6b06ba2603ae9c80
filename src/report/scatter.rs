//! Points in a plane: residuals of a model, a map of themes and outcomes.

use super::escape;
use std::fmt::Write as _;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 60.0;

/// A point, with a name where it is written beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Across.
    pub x: f64,
    /// Up.
    pub y: f64,
    /// Name; empty for none.
    pub name: String,
    /// A square instead of a dot: the second kind of thing.
    pub square: bool,
}

/// A picture of points.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter {
    /// Title, also for those who cannot see it.
    pub title: String,
    /// Name of the axis across.
    pub across: String,
    /// Name of the axis up.
    pub up: String,
    /// The points.
    pub marks: Vec<Mark>,
}

/// The picture as SVG, with a line where either axis is nil.
pub fn scatter(picture: &Scatter) -> String {
    let x = Axis::new(picture.marks.iter().map(|mark| mark.x), LEFT, WIDTH - RIGHT);
    let y = Axis::new(picture.marks.iter().map(|mark| mark.y), HEIGHT - BOTTOM, TOP);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1d232b\">",
        escape(&picture.title)
    );
    let _ = writeln!(out, "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>");
    let _ = writeln!(out, "<text x=\"{LEFT}\" y=\"22\" font-weight=\"600\">{}</text>", escape(&picture.title));
    for (at, label) in x.ticks() {
        let _ = writeln!(
            out,
            "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{0:.1}\" stroke=\"{1}\"/><text x=\"{at:.1}\" y=\"{2:.1}\" text-anchor=\"middle\" fill=\"#5a6572\">{label}</text>",
            HEIGHT - BOTTOM,
            line(&label),
            HEIGHT - BOTTOM + 18.0
        );
    }
    for (at, label) in y.ticks() {
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{0:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"{1}\"/><text x=\"{2:.1}\" y=\"{3:.1}\" text-anchor=\"end\" fill=\"#5a6572\">{label}</text>",
            WIDTH - RIGHT,
            line(&label),
            LEFT - 8.0,
            at + 4.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{0:.1}\" y=\"{1:.1}\" text-anchor=\"middle\">{2}</text><text transform=\"translate(18 {3:.1}) rotate(-90)\" text-anchor=\"middle\">{4}</text>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 16.0,
        escape(&picture.across),
        (TOP + HEIGHT - BOTTOM) / 2.0,
        escape(&picture.up)
    );
    for mark in &picture.marks {
        let (px, py) = (x.at(mark.x), y.at(mark.y));
        let _ = if mark.square {
            writeln!(
                out,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\" fill=\"#a4510b\"/>",
                px - 4.0,
                py - 4.0
            )
        } else {
            writeln!(out, "<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"4\" fill=\"#08406e\" fill-opacity=\"0.75\"/>")
        };
        if !mark.name.is_empty() {
            let (anchor, at) = if px > WIDTH - 160.0 { ("end", px - 8.0) } else { ("start", px + 8.0) };
            let _ = writeln!(
                out,
                "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                py + 4.0,
                escape(&mark.name)
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Nil is drawn stronger than the other lines.
fn line(label: &str) -> &'static str {
    if label.trim_start_matches('-').parse::<f64>() == Ok(0.0) { "#5a6572" } else { "#e3e8ed" }
}

struct Axis {
    low: f64,
    step: f64,
    steps: usize,
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis over round numbers that holds all values; one unit wide where they are all the same.
    fn new(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let low = finite.clone().fold(f64::INFINITY, f64::min);
        let high = finite.fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        let (low, high) = if high - low < 1e-12 { (low - 0.5, high + 0.5) } else { (low, high) };
        let rough = (high - low) / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|size| size * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(10.0 * power);
        let low = (low / step).floor() * step;
        let steps = ((high - low) / step).ceil().max(1.0) as usize;
        Self { low, step, steps, from, to }
    }

    fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.step * self.steps as f64) * (self.to - self.from)
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        let decimals = (-self.step.log10().floor()).clamp(0.0, 6.0) as usize;
        let value = |k: usize| self.low + self.step * k as f64;
        let label = |k: usize| {
            let text = format!("{:.decimals$}", value(k));
            // Rounding may leave a nil with a sign.
            let nil = text.parse::<f64>() == Ok(0.0);
            if nil { text.trim_start_matches('-').to_owned() } else { text }
        };
        (0..=self.steps).map(|k| (self.at(value(k)), label(k))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(x: f64, y: f64) -> Mark {
        Mark { x, y, name: "<a>".into(), square: false }
    }

    #[test]
    fn axes_are_round_and_hold_every_point() {
        let axis = Axis::new([0.13, 4.7].into_iter(), 0.0, 100.0);
        let labels: Vec<String> = axis.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0", "1", "2", "3", "4", "5"]);
        let axis = Axis::new([-0.031, 0.012].into_iter(), 0.0, 100.0);
        let labels: Vec<String> = axis.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["-0.04", "-0.03", "-0.02", "-0.01", "0.00", "0.01", "0.02"]);
    }

    #[test]
    fn names_are_escaped_and_one_point_is_enough() {
        let picture = Scatter { title: "T".into(), across: "x".into(), up: "y".into(), marks: vec![mark(1.0, 1.0)] };
        let svg = scatter(&picture);
        assert!(svg.contains("&lt;a&gt;") && !svg.contains("<a>"));
        assert!(!svg.contains("NaN"));
    }
}
