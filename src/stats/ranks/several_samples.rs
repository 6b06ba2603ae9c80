//! Several samples: Kruskal-Wallis with Dunn's comparisons, and Friedman for repeated measures.

use super::Ranks;
use crate::stats::estimate::{ChiSquareTest, Estimate, Undefined, ZTest, check_sample, defined};
use crate::stats::multiple_testing::{PAdjust, adjust_p};

/// The Kruskal-Wallis test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KruskalWallis {
    /// Degrees of freedom: groups less one.
    pub df: f64,
    /// Tie-corrected H.
    pub test: Result<ChiSquareTest, Undefined>,
    /// H / (n - 1).
    pub epsilon_squared: Estimate,
    /// (H - k + 1) / (n - k); may be negative.
    pub eta_squared_h: Estimate,
}

/// One of Dunn's comparisons.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DunnPair {
    /// Index of the first group.
    pub first: usize,
    /// Index of the second group.
    pub second: usize,
    /// Mean rank of the first less that of the second, standardised; two-sided p.
    pub test: ZTest,
    /// p after Holm's adjustment over all pairs.
    pub p_holm: f64,
}

/// All of Dunn's comparisons, in the order (0, 1), (0, 2), ..., (1, 2), ...
pub type Dunn = Vec<DunnPair>;

/// Friedman's test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Friedman {
    /// Tie-corrected chi-square.
    pub test: ChiSquareTest,
    /// Kendall's W, from 0 to 1.
    pub kendall_w: f64,
}

const SAME: Undefined = Undefined::NoVariation { what: "the score" };

struct RankedGroups {
    sizes: Vec<f64>,
    rank_sums: Vec<f64>,
    n: f64,
    tie_term: f64,
}

fn rank_groups(groups: &[Vec<f64>]) -> Result<RankedGroups, Undefined> {
    if groups.len() < 2 {
        return Err(Undefined::TooFew { what: "groups", needed: 2, got: groups.len() });
    }
    for group in groups {
        check_sample("values in a group", group, 1)?;
    }
    let ranks = Ranks::of(&groups.concat());
    let mut rest = ranks.doubled.as_slice();
    let mut rank_sums = Vec::with_capacity(groups.len());
    for group in groups {
        let (own, others) = rest.split_at(group.len());
        rank_sums.push(own.iter().sum::<u64>() as f64 / 2.0);
        rest = others;
    }
    let sizes: Vec<f64> = groups.iter().map(|g| g.len() as f64).collect();
    Ok(RankedGroups { n: sizes.iter().sum(), sizes, rank_sums, tie_term: ranks.tie_term })
}

/// The Kruskal-Wallis test of several groups (R `kruskal.test`), with two effect sizes.
///
/// # Errors
/// [`Undefined::TooFew`] below two groups or for an empty one.
pub fn kruskal_wallis(groups: &[Vec<f64>]) -> Result<KruskalWallis, Undefined> {
    let RankedGroups { sizes, rank_sums, n, tie_term } = rank_groups(groups)?;
    let k = groups.len() as f64;
    let between: f64 = rank_sums.iter().zip(&sizes).map(|(r, size)| size * (r / size - (n + 1.0) / 2.0).powi(2)).sum();
    let uncorrected = 12.0 / (n * (n + 1.0)) * between;
    let h = defined(uncorrected / (1.0 - tie_term / (n * n * n - n)), SAME);
    let h = if tie_term == n * n * n - n { Err(SAME) } else { h };
    Ok(KruskalWallis {
        df: k - 1.0,
        test: h.map(|h| ChiSquareTest::new(h, k - 1.0)),
        epsilon_squared: h.map(|h| h / (n - 1.0)),
        eta_squared_h: h.and_then(|h| {
            if n > k {
                Ok((h - k + 1.0) / (n - k))
            } else {
                Err(Undefined::TooFew { what: "values beyond one a group", needed: 1, got: 0 })
            }
        }),
    })
}

/// Dunn's comparisons of all pairs of groups after Kruskal-Wallis (Dunn 1964, tie-corrected), Holm-adjusted.
///
/// # Errors
/// As [`kruskal_wallis`], and [`Undefined::NoVariation`] where all values are equal.
pub fn dunn_test(groups: &[Vec<f64>]) -> Result<Dunn, Undefined> {
    let RankedGroups { sizes, rank_sums, n, tie_term } = rank_groups(groups)?;
    let variance = n * (n + 1.0) / 12.0 - tie_term / (12.0 * (n - 1.0));
    if tie_term == n * n * n - n {
        return Err(SAME);
    }
    let mut pairs = Vec::new();
    for first in 0..groups.len() {
        for second in first + 1..groups.len() {
            let difference = rank_sums[first] / sizes[first] - rank_sums[second] / sizes[second];
            let se = (variance * (1.0 / sizes[first] + 1.0 / sizes[second])).sqrt();
            pairs.push(DunnPair { first, second, test: ZTest::new(difference / se), p_holm: 1.0 });
        }
    }
    let p: Vec<Option<f64>> = pairs.iter().map(|pair| Some(pair.test.p)).collect();
    for (pair, adjusted) in pairs.iter_mut().zip(adjust_p(&p, PAdjust::Holm)) {
        pair.p_holm = adjusted.unwrap_or(1.0);
    }
    Ok(pairs)
}

/// Friedman's test of repeated measures: a row is a person, a column an occasion (R `friedman.test`).
///
/// # Errors
/// [`Undefined::TooFew`] below two rows or columns, [`Undefined::Malformed`] for rows of unequal length,
/// [`Undefined::NoVariation`] where nobody changes.
pub fn friedman_test(rows: &[Vec<f64>]) -> Result<Friedman, Undefined> {
    if rows.len() < 2 {
        return Err(Undefined::TooFew { what: "people", needed: 2, got: rows.len() });
    }
    let k = rows[0].len();
    if rows.iter().any(|row| row.len() != k) {
        return Err(Undefined::Malformed { what: "the rows differ in length" });
    }
    for row in rows {
        check_sample("occasions", row, 2)?;
    }
    let mut sums = vec![0.0; k];
    let mut ties = 0.0;
    for row in rows {
        let ranks = Ranks::of(row);
        ties += ranks.tie_term;
        for (sum, rank) in sums.iter_mut().zip(ranks.midranks()) {
            *sum += rank;
        }
    }
    let (n, k) = (rows.len() as f64, k as f64);
    let squares: f64 = sums.iter().map(|s| (s - n * (k + 1.0) / 2.0).powi(2)).sum();
    let denominator = n * k * (k + 1.0) - ties / (k - 1.0);
    if denominator <= 0.0 {
        return Err(SAME);
    }
    let statistic = 12.0 * squares / denominator;
    Ok(Friedman { test: ChiSquareTest::new(statistic, k - 1.0), kendall_w: statistic / (n * (k - 1.0)) })
}
