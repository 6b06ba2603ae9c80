//! The effect of a row, with its interval or the reason why there is none.

use super::build::MatrixCell;
use super::row::{Facts, Response};
use crate::stats;
use std::borrow::Cow;

/// An effect with its 95 % interval.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Effect {
    /// What it is.
    pub name: &'static str,
    /// How the interval is made.
    pub method: Cow<'static, str>,
    /// The value.
    pub value: Option<f64>,
    /// Lower and upper limit.
    pub interval: Option<(f64, f64)>,
    /// Why value or interval is missing.
    pub why_not: Option<String>,
}

impl Effect {
    /// No value yet.
    pub(super) fn named(name: &'static str, method: impl Into<Cow<'static, str>>) -> Self {
        Self { name, method: method.into(), value: None, interval: None, why_not: None }
    }

    /// Value and interval, or the first reason against either.
    fn filled(mut self, value: stats::Estimate, interval: Result<stats::Interval, stats::Undefined>) -> Self {
        self.why_not = value.err().or(interval.err()).map(reason);
        self.interval = value.and(interval).ok().map(limits);
        self.value = value.ok();
        self
    }

    /// Whether it lies between 0 and 1, and so has no sign.
    pub(super) fn is_share(&self) -> bool {
        matches!(self.name, "Cramér's V" | "epsilon squared" | "Jaccard")
    }

    /// Whether the interval holds zero; `None` without one.
    pub fn crosses_zero(&self) -> Option<bool> {
        self.interval.map(|(low, high)| low <= 0.0 && high >= 0.0)
    }
}

/// The level of every interval.
pub(super) const LEVEL: f64 = 0.95;
/// Bootstraps of effects without a formula for their interval.
const REPLICATES: u32 = 999;

/// The reason alone: the sentence around it says "not computable".
pub(super) fn reason(undefined: stats::Undefined) -> String {
    let text = undefined.to_string();
    text.strip_prefix("not computable: ").unwrap_or(&text).to_owned()
}

pub(super) fn limits(interval: stats::Interval) -> (f64, f64) {
    (interval.lower, interval.upper)
}

/// Arithmetic mean; nothing for no value.
pub(super) fn mean_of(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Median; nothing for no value.
pub(super) fn median_of(values: &[f64]) -> Option<f64> {
    stats::quantile(values, 0.5).ok()
}

/// The 2x2 table of a row: counts and the rest of the denominator, in both groups.
pub(super) fn two_by_two(yes: &MatrixCell, no: &MatrixCell) -> stats::TwoByTwo {
    let rest = |cell: &MatrixCell| cell.of.saturating_sub(cell.counted()) as u64;
    stats::TwoByTwo { a: yes.counted() as u64, b: rest(yes), c: no.counted() as u64, d: rest(no) }
}

/// The effect that fits what is measured and what the outcome is; `seed` is for intervals that are drawn.
pub(super) fn of(facts: &Facts<'_>, cells: &[MatrixCell], seed: u64) -> Effect {
    match (&facts.response, cells) {
        (Response::Binary(_), [yes, no]) if facts.presence => risk_difference(&two_by_two(yes, no)),
        (Response::Classes(class, count), _) if facts.presence => cramers_v(&facts.says(), class, *count, seed),
        (Response::Classes(class, count), _) => epsilon_squared(&facts.x, class, *count, seed),
        (Response::Numeric(y), _) if !facts.presence => spearman(&facts.x, y),
        _ => {
            let (x, y) = facts.samples().unwrap_or_default();
            cliffs_delta(&x, &y)
        }
    }
}

fn risk_difference(table: &stats::TwoByTwo) -> Effect {
    Effect::named("risk difference", "Newcombe's hybrid score interval")
        .filled(stats::risk_difference(table), stats::newcombe_interval(table, LEVEL))
}

/// Cliff's delta of the first sample against the second.
pub(super) fn cliffs_delta(x: &[f64], y: &[f64]) -> Effect {
    let found = stats::cliffs_delta(x, y, LEVEL);
    Effect::named("Cliff's delta", "Cliff 1996, consistent variance")
        .filled(found.map(|found| found.delta), found.and_then(|found| found.interval))
}

fn spearman(x: &[f64], y: &[f64]) -> Effect {
    let found = stats::spearman(x, y, LEVEL);
    Effect::named("Spearman's rho", "Bonett and Wright 2000")
        .filled(found.and_then(|found| found.rho), found.and_then(|found| found.interval))
}

/// Counts of those who say it and the others, by class.
pub(super) fn counts_by_class(says: &[bool], class: &[usize], count: usize) -> Vec<Vec<u64>> {
    let mut table = vec![vec![0; count]; 2];
    for (says, class) in says.iter().zip(class) {
        table[usize::from(!says)][*class] += 1;
    }
    table
}

fn cramers_v(says: &[bool], class: &[usize], count: usize, seed: u64) -> Effect {
    let v = |drawn: &[usize]| {
        let says: Vec<bool> = drawn.iter().map(|&k| says[k]).collect();
        let class: Vec<usize> = drawn.iter().map(|&k| class[k]).collect();
        stats::chi_square_rxc(&counts_by_class(&says, &class, count)).map(|found| found.cramers_v)
    };
    bootstrapped("Cramér's V", seed, says.len(), v)
}

/// A measure divided by class; empty classes are left out.
pub(super) fn values_by_class(x: &[f64], class: &[usize], count: usize) -> Vec<Vec<f64>> {
    let mut groups = vec![Vec::new(); count];
    for (x, class) in x.iter().zip(class) {
        groups[*class].push(*x);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn epsilon_squared(x: &[f64], class: &[usize], count: usize, seed: u64) -> Effect {
    let of = |drawn: &[usize]| {
        let x: Vec<f64> = drawn.iter().map(|&k| x[k]).collect();
        let class: Vec<usize> = drawn.iter().map(|&k| class[k]).collect();
        stats::kruskal_wallis(&values_by_class(&x, &class, count))?.epsilon_squared
    };
    bootstrapped("epsilon squared", seed, x.len(), of)
}

/// A statistic of `n` people with its percentile interval: the same seed always gives the same.
pub(super) fn bootstrapped(
    name: &'static str,
    seed: u64,
    n: usize,
    statistic: impl Fn(&[usize]) -> stats::Estimate,
) -> Effect {
    let effect = Effect::named(name, format!("bootstrap percentiles of {REPLICATES} samples, seed {seed}"));
    let everybody: Vec<usize> = (0..n).collect();
    let value = if n == 0 { Err(stats::Undefined::Empty { what: "the table" }) } else { statistic(&everybody) };
    let interval = stats::bootstrap(n, statistic, REPLICATES, seed, LEVEL).and_then(|found| {
        // People who are all alike say nothing of others: samples of them have no spread.
        let spread = found.percentile.upper > found.percentile.lower;
        if spread { Ok(found.percentile) } else { Err(stats::Undefined::AtLimit { what: "the effect" }) }
    });
    effect.filled(value, interval)
}
