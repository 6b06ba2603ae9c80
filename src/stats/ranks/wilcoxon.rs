//! Paired samples: Wilcoxon's signed-rank test.

use super::Ranks;
use super::exact::{ExactP, sign_sum_p};
use crate::stats::distributions::p_two_sided_z;
use crate::stats::estimate::{Estimate, Undefined, ZTest, check_finite, check_same_length};

/// Wilcoxon's signed-rank test of y - x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// Complete pairs.
    pub n_pairs: usize,
    /// Pairs that differ; the others are dropped.
    pub n_nonzero: usize,
    /// Sum of the ranks of increases.
    pub w_plus: f64,
    /// Sum of the ranks of decreases.
    pub w_minus: f64,
    /// Normal, tie-corrected, without continuity correction.
    pub p_asymptotic: Estimate,
    /// Normal, tie-corrected, with continuity correction.
    pub p_asymptotic_cc: Estimate,
    /// All signs equally likely, given the observed midranks.
    pub p_exact: Result<ExactP, Undefined>,
    /// Matched rank-biserial correlation: `(w_plus - w_minus) / (w_plus + w_minus)`.
    pub rank_biserial: Estimate,
    /// Pratt's variant, in which zeros are ranked and then dropped.
    pub pratt: Result<PrattTest, Undefined>,
}

/// Pratt's variant of the signed-rank test.
pub type PrattTest = ZTest;

const UNCHANGED: Undefined = Undefined::NoVariation { what: "every pair; the difference" };

/// Wilcoxon's signed-rank test of `y - x`. Differences are rounded to 1e-10 first, so that ties are not lost to binary
/// fractions. Checked against R `wilcox.test`, exactRankTests, coin and SciPy.
///
/// # Errors
/// [`Undefined::Malformed`] for samples of unequal length or values that are not finite.
pub fn wilcoxon_signed_rank(x: &[f64], y: &[f64]) -> Result<SignedRank, Undefined> {
    check_same_length(x.len(), y.len())?;
    check_finite(x)?;
    check_finite(y)?;
    let differences: Vec<f64> = x.iter().zip(y).map(|(a, b)| ((b - a) * 1e10).round() / 1e10).collect();
    let nonzero: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let ranks = Ranks::of(&nonzero.iter().map(|d| d.abs()).collect::<Vec<_>>());
    let (plus, minus) = signed_sums(&ranks, &nonzero);
    let (w_plus, w_minus) = (plus as f64 / 2.0, minus as f64 / 2.0);
    let n = nonzero.len() as f64;
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ranks.tie_term / 48.0;
    let distance = (w_plus - n * (n + 1.0) / 4.0).abs();
    let some = |value: f64| if nonzero.is_empty() { Err(UNCHANGED) } else { Ok(value) };
    Ok(SignedRank {
        n_pairs: differences.len(),
        n_nonzero: nonzero.len(),
        w_plus,
        w_minus,
        p_asymptotic: some(p_two_sided_z(distance / variance.sqrt())),
        p_asymptotic_cc: some(p_two_sided_z((distance - 0.5).max(0.0) / variance.sqrt())),
        p_exact: if nonzero.is_empty() { Err(UNCHANGED) } else { sign_sum_p(&ranks.doubled, plus) },
        rank_biserial: some((w_plus - w_minus) / (w_plus + w_minus)),
        pratt: pratt(&differences),
    })
}

fn signed_sums(ranks: &Ranks, differences: &[f64]) -> (u64, u64) {
    ranks.doubled.iter().zip(differences).fold((0, 0), |(plus, minus), (&rank, &d)| {
        if d > 0.0 {
            (plus + rank, minus)
        } else if d < 0.0 {
            (plus, minus + rank)
        } else {
            (plus, minus)
        }
    })
}

fn pratt(differences: &[f64]) -> Result<PrattTest, Undefined> {
    let ranks = Ranks::of(&differences.iter().map(|d| d.abs()).collect::<Vec<_>>());
    let (plus, minus) = signed_sums(&ranks, differences);
    let squares: f64 =
        ranks.doubled.iter().zip(differences).filter(|(_, d)| **d != 0.0).map(|(&r, _)| (r as f64 / 2.0).powi(2)).sum();
    if squares == 0.0 {
        return Err(UNCHANGED);
    }
    Ok(ZTest::new((plus as f64 - minus as f64) / 2.0 / squares.sqrt()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn pairs_without_any_change_say_why_there_is_no_p() {
        let test = wilcoxon_signed_rank(&[1.0, 2.0], &[1.0, 2.0]).unwrap();
        assert_eq!(test.n_nonzero, 0);
        assert_eq!(test.rank_biserial, Err(UNCHANGED));
        assert_eq!(test.p_exact, Err(UNCHANGED));
    }

    #[test]
    fn binary_fractions_do_not_break_ties() {
        let test = wilcoxon_signed_rank(&[0.1, 0.2, 0.3], &[0.3, 0.4, 0.1]).unwrap();
        assert_eq!((test.w_plus, test.w_minus), (4.0, 2.0));
    }
}
