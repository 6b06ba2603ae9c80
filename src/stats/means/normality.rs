//! Shapiro and Wilk's test of normality.

use crate::stats::distributions::{norm_ppf, norm_sf};
use crate::stats::estimate::{Undefined, check_sample};
use crate::stats::sample::{mean, sorted};

/// The Shapiro-Wilk test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShapiroWilk {
    /// W, at most 1.
    pub w: f64,
    /// Upper tail of its approximation.
    pub p: f64,
}

/// Coefficients from the constant upwards.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The Shapiro-Wilk test for 3 to 5000 values, by Royston's approximation (1995, algorithm AS R94; R `shapiro.test`).
///
/// # Errors
/// [`Undefined::TooFew`] below three values, [`Undefined::TooLarge`] above 5000, [`Undefined::NoVariation`] where all
/// are equal.
pub fn shapiro_wilk(values: &[f64]) -> Result<ShapiroWilk, Undefined> {
    check_sample("values", values, 3)?;
    if values.len() > 5000 {
        return Err(Undefined::TooLarge { what: "the sample" });
    }
    let ordered = sorted(values);
    let range = ordered[ordered.len() - 1] - ordered[0];
    if range <= 1e-19_f64.max(f64::EPSILON * ordered[0].abs()) {
        return Err(Undefined::NoVariation { what: "the score" });
    }
    let n = values.len();
    let half = weights(n);
    // Antisymmetric weights: the smallest value counts negatively, the middle one of an odd sample not at all.
    let weight = |i: usize| {
        if i < half.len() {
            -half[i]
        } else if n - 1 - i < half.len() {
            half[n - 1 - i]
        } else {
            0.0
        }
    };
    let centre = mean(&ordered);
    let (mut both, mut of_weights, mut of_values) = (0.0, 0.0, 0.0);
    for (i, v) in ordered.iter().enumerate() {
        let (a, d) = (weight(i), (v - centre) / range);
        both += a * d;
        of_weights += a * a;
        of_values += d * d;
    }
    let root = (of_weights * of_values).sqrt();
    // 1 - W without cancellation.
    let lack = (root - both) * (root + both) / (of_weights * of_values);
    Ok(ShapiroWilk { w: 1.0 - lack, p: p_of(lack, n) })
}

fn weights(n: usize) -> Vec<f64> {
    if n == 3 {
        return vec![std::f64::consts::FRAC_1_SQRT_2];
    }
    let size = n as f64;
    let scores: Vec<f64> = (0..n / 2).map(|i| norm_ppf((i as f64 + 0.625) / (size + 0.25))).collect();
    let squares = 2.0 * scores.iter().map(|m| m * m).sum::<f64>();
    let (norm, r) = (squares.sqrt(), 1.0 / size.sqrt());
    let first = polynomial(&[0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056], r) - scores[0] / norm;
    let mut a = vec![first];
    let mut rest = squares - 2.0 * scores[0] * scores[0];
    let mut taken = 1.0 - 2.0 * first * first;
    if n > 5 {
        let second = polynomial(&[0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633], r) - scores[1] / norm;
        rest -= 2.0 * scores[1] * scores[1];
        taken -= 2.0 * second * second;
        a.push(second);
    }
    let factor = (rest / taken).sqrt();
    a.extend(scores[a.len()..].iter().map(|m| -m / factor));
    a
}

fn p_of(lack: f64, n: usize) -> f64 {
    let size = n as f64;
    if n == 3 {
        let w: f64 = 1.0 - lack;
        return (6.0 / std::f64::consts::PI * (w.max(0.0).sqrt().asin() - 0.75_f64.sqrt().asin())).clamp(0.0, 1.0);
    }
    let log = lack.ln();
    let (y, centre, spread) = if n <= 11 {
        let limit = polynomial(&[-2.273, 0.459], size);
        if log >= limit {
            return 0.0;
        }
        let spread = polynomial(&[1.3822, -0.77857, 0.062767, -0.0020322], size).exp();
        (-(limit - log).ln(), polynomial(&[0.544, -0.39978, 0.025054, -6.714e-4], size), spread)
    } else {
        let x = size.ln();
        let spread = polynomial(&[-0.4803, -0.082676, 0.0030302], x).exp();
        (log, polynomial(&[-1.5861, -0.31082, -0.083751, 0.0038915], x), spread)
    };
    norm_sf((y - centre) / spread)
}
