//! Fleiss's and Conger's kappa of a fixed number of coders.

use super::{distinct, position};
use crate::stats::estimate::{Undefined, ZTest};

/// Fleiss's kappa.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FleissKappa {
    /// The coefficient.
    pub kappa: f64,
    /// Mean share of agreeing pairs.
    pub p_observed: f64,
    /// What chance would give.
    pub p_expected: f64,
    /// Test against chance alone (Fleiss, Nee & Landis 1979).
    pub test: ZTest,
    /// Conger's kappa, in which each coder keeps their own margins; only where it is known who rated what.
    pub conger_kappa: Option<f64>,
}

const ONE_CATEGORY: Undefined = Undefined::NoVariation { what: "the category all coders used" };

/// Fleiss's kappa of units by coders, nothing missing (irr `kappam.fleiss`), with Conger's beside it.
///
/// # Errors
/// [`Undefined::TooFew`] below two coders or without units, [`Undefined::NoVariation`] with one category,
/// [`Undefined::Malformed`] where units differ in the number of ratings.
pub fn fleiss_kappa(ratings: &[Vec<f64>]) -> Result<FleissKappa, Undefined> {
    let categories = distinct(ratings.iter().flatten().copied())?;
    let coders = ratings.first().map_or(0, Vec::len);
    if ratings.iter().any(|unit| unit.len() != coders) {
        return Err(Undefined::Malformed { what: "units differ in the number of ratings; use Krippendorff's alpha" });
    }
    let n = ratings.len() as f64;
    let mut counts = vec![vec![0_u64; categories.len()]; ratings.len()];
    let mut by_coder = vec![vec![0.0; coders]; categories.len()];
    for (unit, row) in ratings.iter().zip(&mut counts) {
        for (coder, &value) in unit.iter().enumerate() {
            if let Some(k) = position(&categories, value) {
                row[k] += 1;
                by_coder[k][coder] += 1.0 / n;
            }
        }
    }
    let mut result = fleiss_kappa_counts(&counts)?;
    let m = coders as f64;
    // The variance of each category's share over the coders is chance that Fleiss counts and Conger does not.
    let spread: f64 = by_coder
        .iter()
        .map(|shares| {
            let centre = shares.iter().sum::<f64>() / m;
            shares.iter().map(|s| (s - centre).powi(2)).sum::<f64>() / (m - 1.0)
        })
        .sum();
    let chance = result.p_expected - spread / m;
    result.conger_kappa = Some((result.p_observed - chance) / (1.0 - chance));
    Ok(result)
}

/// Fleiss's kappa from counts: a row is a unit, a column a category, a cell how many coders chose it (Fleiss 1971).
///
/// # Errors
/// As [`fleiss_kappa`].
pub fn fleiss_kappa_counts(counts: &[Vec<u64>]) -> Result<FleissKappa, Undefined> {
    if counts.is_empty() {
        return Err(Undefined::TooFew { what: "units", needed: 1, got: 0 });
    }
    let coders: u64 = counts[0].iter().sum();
    let q = counts[0].len();
    if counts.iter().any(|row| row.len() != q || row.iter().sum::<u64>() != coders) {
        return Err(Undefined::Malformed { what: "units differ in the number of ratings; use Krippendorff's alpha" });
    }
    if coders < 2 {
        return Err(Undefined::TooFew { what: "coders", needed: 2, got: coders as usize });
    }
    let (n, m) = (counts.len() as f64, coders as f64);
    let pairs: f64 = counts.iter().flatten().map(|&c| c as f64 * (c as f64 - 1.0)).sum();
    let p_observed = pairs / (n * m * (m - 1.0));
    let shares: Vec<f64> = (0..q).map(|k| counts.iter().map(|row| row[k] as f64).sum::<f64>() / (n * m)).collect();
    let p_expected: f64 = shares.iter().map(|p| p * p).sum();
    if shares.iter().filter(|p| **p > 0.0).count() < 2 {
        return Err(ONE_CATEGORY);
    }
    let kappa = (p_observed - p_expected) / (1.0 - p_expected);
    let uncertain: f64 = shares.iter().map(|p| p * (1.0 - p)).sum();
    let skew: f64 = shares.iter().map(|p| p * (1.0 - p) * (1.0 - 2.0 * p)).sum();
    let variance = 2.0 / (uncertain * uncertain * n * m * (m - 1.0)) * (uncertain * uncertain - skew);
    Ok(FleissKappa { kappa, p_observed, p_expected, test: ZTest::new(kappa / variance.sqrt()), conger_kappa: None })
}
