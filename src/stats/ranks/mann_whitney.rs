//! Two independent samples: Mann-Whitney, Brunner-Munzel, Hodges-Lehmann.

use super::Ranks;
use super::exact::{ExactP, subset_sum_p};
use crate::stats::distributions::{p_two_sided_t, p_two_sided_z};
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level, check_sample};
use crate::stats::sample::{mean, median_sorted};

/// Samples up to this size together get the exact distribution as their headline.
const EXACT_UP_TO: usize = 50;

/// How a headline p was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PMethod {
    /// Conditional distribution of the observed midranks.
    Exact,
    /// Normal, tie-corrected, with continuity correction.
    NormalCorrected,
}

/// The Mann-Whitney test of two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannWhitney {
    /// Size of the first sample.
    pub n_x: usize,
    /// Size of the second sample.
    pub n_y: usize,
    /// Pairs in which x is larger, ties counting half.
    pub u_x: f64,
    /// Pairs in which y is larger, ties counting half.
    pub u_y: f64,
    /// Whether any two values are equal.
    pub has_ties: bool,
    /// Two-sided, exact up to 50 values and normal above.
    pub p: Estimate,
    /// How `p` was computed.
    pub method: PMethod,
    /// Two-sided, normal, tie-corrected, without continuity correction.
    pub p_asymptotic: Estimate,
    /// Two-sided, normal, tie-corrected, with continuity correction.
    pub p_asymptotic_cc: Estimate,
}

/// The Mann-Whitney (Wilcoxon rank-sum) test, in O(n log n). Checked against R `wilcox.test`, exactRankTests and SciPy.
///
/// # Errors
/// [`Undefined::TooFew`] for an empty sample, [`Undefined::Malformed`] for a value that is not finite.
pub fn mann_whitney(x: &[f64], y: &[f64]) -> Result<MannWhitney, Undefined> {
    let (ranks, in_x) = rank_together(x, y)?;
    mann_whitney_ranked(&ranks, &in_x)
}

/// As [`mann_whitney`], for a sample that is ranked once and split in many ways: `in_x` says who is in the first group.
///
/// # Errors
/// [`Undefined::TooFew`] for an empty group, [`Undefined::Malformed`] if the lengths differ.
pub fn mann_whitney_ranked(ranks: &Ranks, in_x: &[bool]) -> Result<MannWhitney, Undefined> {
    if ranks.doubled.len() != in_x.len() {
        return Err(Undefined::Malformed { what: "the groups do not cover the sample" });
    }
    let (mut doubled_sum, mut n_x) = (0_u64, 0_usize);
    for (&rank, &inside) in ranks.doubled.iter().zip(in_x) {
        doubled_sum += rank * u64::from(inside);
        n_x += usize::from(inside);
    }
    let n = in_x.len();
    let n_y = n - n_x;
    if n_x == 0 || n_y == 0 {
        return Err(Undefined::TooFew { what: "values in a group", needed: 1, got: 0 });
    }
    let (nx, ny, all) = (n_x as f64, n_y as f64, n as f64);
    let u_x = doubled_sum as f64 / 2.0 - nx * (nx + 1.0) / 2.0;
    let variance = nx * ny / 12.0 * ((all + 1.0) - ranks.tie_term / (all * (all - 1.0)));
    let distance = (u_x - nx * ny / 2.0).abs();
    let normal = |distance: f64| {
        if variance > 0.0 && ranks.tie_term < all * all * all - all {
            Ok(p_two_sided_z(distance / variance.sqrt()))
        } else {
            Err(Undefined::NoVariation { what: "the score" })
        }
    };
    let (p_asymptotic, p_asymptotic_cc) = (normal(distance), normal((distance - 0.5).max(0.0)));
    let exact = if n <= EXACT_UP_TO { subset_sum_p(&ranks.doubled, n_x, doubled_sum).ok() } else { None };
    Ok(MannWhitney {
        n_x,
        n_y,
        u_x,
        u_y: nx * ny - u_x,
        has_ties: ranks.has_ties(),
        p: exact.map_or(p_asymptotic_cc, |e| Ok(e.two_sided)),
        method: if exact.is_some() { PMethod::Exact } else { PMethod::NormalCorrected },
        p_asymptotic,
        p_asymptotic_cc,
    })
}

/// Exact p values of the Mann-Whitney test, conditional on the observed midranks; `greater` means that x is larger.
///
/// # Errors
/// As [`mann_whitney`], and [`Undefined::TooLarge`] where the distribution would take more than about a second.
pub fn mann_whitney_exact(x: &[f64], y: &[f64]) -> Result<ExactP, Undefined> {
    let (ranks, in_x) = rank_together(x, y)?;
    let observed = ranks.doubled.iter().zip(&in_x).filter(|(_, inside)| **inside).map(|(r, _)| r).sum();
    subset_sum_p(&ranks.doubled, x.len(), observed)
}

fn rank_together(x: &[f64], y: &[f64]) -> Result<(Ranks, Vec<bool>), Undefined> {
    check_sample("values in the first group", x, 1)?;
    check_sample("values in the second group", y, 1)?;
    let ranks = Ranks::of(&[x, y].concat());
    Ok((ranks, (0..x.len() + y.len()).map(|i| i < x.len()).collect()))
}

/// The Brunner-Munzel test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrunnerMunzel {
    /// Positive when y tends to be larger; infinite when the samples do not overlap.
    pub statistic: f64,
    /// Two-sided p by Student's t.
    pub p: Estimate,
}

/// The Brunner-Munzel test of stochastic equality, which does not assume equal spread (SciPy `brunnermunzel`).
///
/// # Errors
/// [`Undefined::TooFew`] below two values a sample, [`Undefined::NoVariation`] where nothing differs.
pub fn brunner_munzel(x: &[f64], y: &[f64]) -> Result<BrunnerMunzel, Undefined> {
    check_sample("values in the first group", x, 2)?;
    check_sample("values in the second group", y, 2)?;
    let together = Ranks::of(&[x, y].concat()).midranks();
    let (in_x, in_y) = together.split_at(x.len());
    let spread = |joint: &[f64], own: &[f64]| {
        let own = Ranks::of(own).midranks();
        let (joint_mean, own_mean) = (mean(joint), mean(&own));
        let squares: f64 = joint.iter().zip(&own).map(|(j, o)| (j - o - joint_mean + own_mean).powi(2)).sum();
        squares / (own.len() - 1) as f64
    };
    let (nx, ny) = (x.len() as f64, y.len() as f64);
    let (vx, vy) = (nx * spread(in_x, x), ny * spread(in_y, y));
    let difference = mean(in_y) - mean(in_x);
    let statistic = nx * ny * difference / ((nx + ny) * (vx + vy).sqrt());
    if statistic.is_nan() {
        return Err(Undefined::NoVariation { what: "the score" });
    }
    let p = if statistic.is_infinite() {
        Err(Undefined::AtLimit { what: "the overlap of the two samples" })
    } else {
        let df = (vx + vy).powi(2) / (vx * vx / (nx - 1.0) + vy * vy / (ny - 1.0));
        Ok(p_two_sided_t(statistic, df))
    };
    Ok(BrunnerMunzel { statistic, p })
}

/// The Hodges-Lehmann shift of location.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HodgesLehmann {
    /// Median of all differences x - y.
    pub estimate: f64,
    /// Exact interval; undefined with ties.
    pub interval: Result<Interval, Undefined>,
    /// The level that the exact interval really has, which is at least the one asked for where that can be reached.
    pub achieved_level: Estimate,
}

/// The Hodges-Lehmann estimate of a shift with its exact interval (R `wilcox.test(conf.int = TRUE, exact = TRUE)`).
///
/// # Errors
/// [`Undefined::TooFew`] for an empty sample, [`Undefined::TooLarge`] beyond ten million differences.
pub fn hodges_lehmann(x: &[f64], y: &[f64], conf_level: f64) -> Result<HodgesLehmann, Undefined> {
    check_level(conf_level)?;
    let (ranks, _) = rank_together(x, y)?;
    if x.len().saturating_mul(y.len()) > 10_000_000 {
        return Err(Undefined::TooLarge { what: "the number of differences" });
    }
    let mut differences: Vec<f64> = x.iter().flat_map(|a| y.iter().map(move |b| a - b)).collect();
    differences.sort_unstable_by(f64::total_cmp);
    let limits = if ranks.has_ties() {
        Err(Undefined::Ties { what: "the score" })
    } else {
        exact_limits(x.len(), y.len(), (1.0 - conf_level) / 2.0)
    };
    Ok(HodgesLehmann {
        estimate: median_sorted(&differences),
        interval: limits.map(|(position, _)| Interval {
            lower: differences[position - 1],
            upper: differences[differences.len() - position],
        }),
        achieved_level: limits.map(|(_, level)| level),
    })
}

/// The order statistic (from 1) that bounds the exact interval, and the level it achieves.
fn exact_limits(n_x: usize, n_y: usize, half_alpha: f64) -> Result<(usize, f64), Undefined> {
    let doubled: Vec<u64> = (1..=(n_x + n_y) as u64).map(|r| 2 * r).collect();
    let least = (n_x * (n_x + 1)) as u64;
    let lower_tail = |u: usize| Ok(subset_sum_p(&doubled, n_x, least + 2 * u as u64)?.less);
    // The smallest u whose lower tail reaches half of alpha, found by bisection: the tail grows with u.
    let (mut lo, mut hi) = (0, n_x * n_y / 2);
    while lo < hi {
        let mid = lo + (hi - lo) / 2;
        if lower_tail(mid)? >= half_alpha { hi = mid } else { lo = mid + 1 }
    }
    let position = lo.max(1);
    Ok((position, 1.0 - 2.0 * lower_tail(position - 1)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn swapping_the_samples_swaps_u_and_keeps_p(
            x in prop::collection::vec(0..6_i32, 1..12),
            y in prop::collection::vec(0..6_i32, 1..12),
        ) {
            let x: Vec<f64> = x.into_iter().map(f64::from).collect();
            let y: Vec<f64> = y.into_iter().map(f64::from).collect();
            let (there, back) = (mann_whitney(&x, &y).unwrap(), mann_whitney(&y, &x).unwrap());
            prop_assert_eq!(there.u_x, back.u_y);
            prop_assert!((there.p.unwrap() - back.p.unwrap()).abs() < 1e-12);
            let by_pairs: f64 = x.iter().flat_map(|a| y.iter().map(move |b| match a.total_cmp(b) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            })).sum();
            prop_assert_eq!(there.u_x, by_pairs);
        }
    }

    #[test]
    fn an_empty_group_is_an_explained_undefined() {
        assert!(mann_whitney(&[], &[1.0]).unwrap_err().to_string().contains("first group"));
    }
}
