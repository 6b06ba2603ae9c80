//! Cochran and Armitage's test of a trend in proportions.

use crate::stats::estimate::{ChiSquareTest, Undefined, check_finite};

/// Chi-square of a linear trend of `successes / totals` over the scores of the groups (R `prop.trend.test`).
///
/// # Errors
/// [`Undefined::Malformed`] for lists of unequal length or more successes than people, [`Undefined::NoVariation`] where
/// everybody or nobody succeeds or all scores are equal.
pub fn cochran_armitage(successes: &[u64], totals: &[u64], scores: &[f64]) -> Result<ChiSquareTest, Undefined> {
    if successes.len() != totals.len() || totals.len() != scores.len() {
        return Err(Undefined::Malformed { what: "successes, totals and scores differ in length" });
    }
    if successes.iter().zip(totals).any(|(s, n)| s > n) {
        return Err(Undefined::Malformed { what: "a group has more successes than people" });
    }
    check_finite(scores)?;
    let n: f64 = totals.iter().map(|v| *v as f64).sum();
    let p = successes.iter().map(|v| *v as f64).sum::<f64>() / n;
    let centre = totals.iter().zip(scores).map(|(t, s)| *t as f64 * s).sum::<f64>() / n;
    let slope: f64 =
        successes.iter().zip(totals).zip(scores).map(|((x, t), s)| (s - centre) * (*x as f64 - *t as f64 * p)).sum();
    let spread: f64 = totals.iter().zip(scores).map(|(t, s)| *t as f64 * (s - centre).powi(2)).sum();
    let variance = p * (1.0 - p) * spread;
    if variance > 0.0 {
        Ok(ChiSquareTest::new(slope * slope / variance, 1.0))
    } else {
        Err(Undefined::NoVariation { what: "the outcome or the score of the groups" })
    }
}
