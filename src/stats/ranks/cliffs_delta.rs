//! Cliff's delta: how much more often x is larger than y than the other way round.

use crate::stats::distributions::{t_for, z_for};
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level, check_sample};
use crate::stats::sample::sorted;

/// Cliff's delta with its variances and intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CliffsDelta {
    /// P(x > y) - P(x < y); also the rank-biserial correlation.
    pub delta: f64,
    /// Vargha and Delaney's A: P(x > y) + P(x = y) / 2.
    pub a12: f64,
    /// Cliff's consistent variance (1996), never negative.
    pub variance_consistent: Estimate,
    /// The unbiased variance, which may come out negative.
    pub variance_unbiased: Estimate,
    /// Feng and Cliff's asymmetric interval (2004) with the consistent variance and the normal quantile.
    pub interval: Result<Interval, Undefined>,
    /// The same with the unbiased variance and the t quantile (R effsize).
    pub interval_unbiased_t: Result<Interval, Undefined>,
}

/// Cliff's delta of x against y, in O(n log n). Undefined interval where the samples do not overlap (|delta| = 1).
///
/// # Errors
/// [`Undefined::TooFew`] for an empty sample, [`Undefined::Malformed`] for a level outside 0 to 1 or a value that is not
/// finite.
pub fn cliffs_delta(x: &[f64], y: &[f64], conf_level: f64) -> Result<CliffsDelta, Undefined> {
    check_level(conf_level)?;
    check_sample("values in the first group", x, 1)?;
    check_sample("values in the second group", y, 1)?;
    let (x, y) = (sorted(x), sorted(y));
    let (n, m) = (x.len() as f64, y.len() as f64);
    let (rows, ties) = dominance(&x, &y);
    let (columns, _) = dominance(&y, &x);
    let delta = rows.iter().sum::<i64>() as f64 / (n * m);
    let squares = |sums: &[i64], other: f64| sums.iter().map(|&s| (s as f64 / other - delta).powi(2)).sum::<f64>();
    let (of_x, of_y) = (squares(&rows, m), columns.iter().map(|&s| (s as f64 / n + delta).powi(2)).sum::<f64>());
    let of_pairs = n * m - ties as f64 - n * m * delta * delta;
    let (variance_consistent, variance_unbiased) = if n < 2.0 || m < 2.0 {
        let few = Err(Undefined::TooFew { what: "values in a group", needed: 2, got: 1 });
        (few, few)
    } else {
        let scale = (n - 1.0) * (m - 1.0);
        let consistent = ((m - 1.0) * of_x / (n - 1.0) + (n - 1.0) * of_y / (m - 1.0) + of_pairs / scale) / (n * m);
        (Ok(consistent.max(0.0)), Ok((m * m * of_x + n * n * of_y - of_pairs) / (n * m * scale)))
    };
    let interval = |variance: Estimate, quantile: f64| {
        let variance = variance?;
        if delta.abs() == 1.0 {
            return Err(Undefined::AtLimit { what: "Cliff's delta" });
        }
        if variance < 0.0 {
            return Err(Undefined::Malformed { what: "the unbiased variance of Cliff's delta came out negative" });
        }
        let spread = quantile * quantile * variance;
        let half = (spread * ((1.0 - delta * delta).powi(2) + spread)).sqrt();
        let centre = delta - delta.powi(3);
        let scale = 1.0 - delta * delta + spread;
        Ok(Interval::around(centre, half).map(|v| v / scale))
    };
    Ok(CliffsDelta {
        delta,
        a12: (delta + 1.0) / 2.0,
        variance_consistent,
        variance_unbiased,
        interval: interval(variance_consistent, z_for(conf_level)),
        interval_unbiased_t: interval(variance_unbiased, t_for(conf_level, (n + m - 2.0).max(1.0))),
    })
}

/// For each of the sorted `x`, how many of the sorted `y` are smaller minus how many are larger; and the tied pairs.
fn dominance(x: &[f64], y: &[f64]) -> (Vec<i64>, u64) {
    let (mut below, mut up_to, mut ties) = (0, 0, 0);
    let sums = x
        .iter()
        .map(|v| {
            while below < y.len() && y[below] < *v {
                below += 1;
            }
            up_to = up_to.max(below);
            while up_to < y.len() && y[up_to] <= *v {
                up_to += 1;
            }
            ties += (up_to - below) as u64;
            below as i64 - (y.len() - up_to) as i64
        })
        .collect();
    (sums, ties)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn delta_counts_pairs_and_changes_sign_when_swapped(
            x in prop::collection::vec(0..8_i32, 1..15),
            y in prop::collection::vec(0..8_i32, 1..15),
        ) {
            let pairs: i32 = x.iter().flat_map(|a| y.iter().map(move |b| (a - b).signum())).sum();
            let by_definition = f64::from(pairs) / (x.len() * y.len()) as f64;
            let x: Vec<f64> = x.into_iter().map(f64::from).collect();
            let y: Vec<f64> = y.into_iter().map(f64::from).collect();
            let (there, back) = (cliffs_delta(&x, &y, 0.95).unwrap(), cliffs_delta(&y, &x, 0.95).unwrap());
            prop_assert!((there.delta - by_definition).abs() < 1e-12);
            prop_assert!((there.delta + back.delta).abs() < 1e-12);
            if let (Ok(a), Ok(b)) = (there.interval, back.interval) {
                prop_assert!((a.lower + b.upper).abs() < 1e-9 && a.lower <= there.delta && there.delta <= a.upper);
            }
        }
    }
}
