//! Bootstrap intervals: percentile, basic, normal, bias-corrected and accelerated.

use crate::stats::distributions::{norm_cdf, norm_ppf, z_for};
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level};
use crate::stats::random::{index_below, stream};
use crate::stats::sample::{mean, quantile_sorted, sorted, variance};
use std::collections::BTreeMap;

/// A bootstrap of one statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// The statistic of the sample.
    pub estimate: f64,
    /// Replicates in which the statistic is defined.
    pub n_replicates: usize,
    /// Replicates in which it is not; they are left out.
    pub n_undefined: usize,
    /// Mean of the replicates.
    pub mean: f64,
    /// Mean of the replicates less the estimate.
    pub bias: f64,
    /// Standard deviation of the replicates.
    pub se: f64,
    /// Quantiles of the replicates, type 7.
    pub percentile: Interval,
    /// The percentile interval mirrored at the estimate.
    pub basic: Interval,
    /// Estimate less bias, by the normal quantile.
    pub normal: Interval,
    /// Bias correction: normal quantile of the share of replicates below the estimate, ties counting half.
    pub z0: Estimate,
    /// Acceleration, from the jackknife.
    pub acceleration: Estimate,
    /// Bias-corrected and accelerated interval (Efron 1987).
    pub bca: Result<Interval, Undefined>,
}

/// Summarises replicates of a statistic whose value in the sample is `estimate`; `jackknife` are its values with each
/// observation left out. Undefined replicates are counted and left out.
///
/// # Errors
/// [`Undefined::TooFew`] below two defined replicates, [`Undefined::Malformed`] for a level outside 0 to 1.
pub fn bootstrap_summary(
    estimate: f64,
    replicates: &[Estimate],
    jackknife: &[Estimate],
    conf_level: f64,
) -> Result<Bootstrap, Undefined> {
    check_level(conf_level)?;
    let defined: Vec<f64> = replicates.iter().flatten().copied().filter(|v| v.is_finite()).collect();
    if defined.len() < 2 {
        return Err(Undefined::TooFew { what: "replicates", needed: 2, got: defined.len() });
    }
    let ordered = sorted(&defined);
    let half_alpha = (1.0 - conf_level) / 2.0;
    let percentile =
        Interval { lower: quantile_sorted(&ordered, half_alpha), upper: quantile_sorted(&ordered, 1.0 - half_alpha) };
    let (centre, se) = (mean(&defined), variance(&defined).sqrt());
    let bias = centre - estimate;
    let below = defined.iter().filter(|v| **v < estimate).count() as f64;
    let ties = defined.iter().filter(|v| **v == estimate).count() as f64;
    let z0 = norm_ppf((below + 0.5 * ties) / defined.len() as f64);
    let z0 =
        if z0.is_finite() { Ok(z0) } else { Err(Undefined::AtLimit { what: "the estimate among its replicates" }) };
    let acceleration = accelerate(jackknife);
    let bca = z0.and_then(|z0| {
        let a = acceleration?;
        let adjusted = |z: f64| norm_cdf(z0 + (z0 + z) / (1.0 - a * (z0 + z)));
        let z = z_for(conf_level);
        Ok(Interval { lower: quantile_sorted(&ordered, adjusted(-z)), upper: quantile_sorted(&ordered, adjusted(z)) })
    });
    Ok(Bootstrap {
        estimate,
        n_replicates: defined.len(),
        n_undefined: replicates.len() - defined.len(),
        mean: centre,
        bias,
        se,
        percentile,
        basic: Interval { lower: 2.0 * estimate - percentile.upper, upper: 2.0 * estimate - percentile.lower },
        normal: Interval::around(estimate - bias, z_for(conf_level) * se),
        z0,
        acceleration,
        bca,
    })
}

fn accelerate(jackknife: &[Estimate]) -> Estimate {
    let values: Vec<f64> = jackknife.iter().copied().collect::<Result<_, _>>()?;
    if values.is_empty() {
        return Err(Undefined::TooFew { what: "jackknife values", needed: 2, got: 0 });
    }
    let centre = mean(&values);
    let power = |k: i32| values.iter().map(|v| (centre - v).powi(k)).sum::<f64>();
    let squares = power(2);
    if squares > 0.0 {
        Ok(power(3) / (6.0 * squares.powf(1.5)))
    } else {
        Err(Undefined::NoVariation { what: "the statistic when one observation is left out" })
    }
}

/// Bootstraps a statistic of `n` observations: it is called with the indices of those drawn.
///
/// # Errors
/// As [`bootstrap_summary`]; [`Undefined::TooFew`] without observations; the statistic's own reason where it is not
/// defined in the sample.
pub fn bootstrap(
    n: usize,
    statistic: impl Fn(&[usize]) -> Estimate,
    replicates: u32,
    seed: u64,
    conf_level: f64,
) -> Result<Bootstrap, Undefined> {
    let groups: Vec<Vec<usize>> = (0..n).map(|i| vec![i]).collect();
    resample(&groups, statistic, replicates, seed, conf_level)
}

/// Bootstraps whole clusters, such as therapists with all their clients: `clusters` says which each observation is in.
///
/// # Errors
/// As [`bootstrap`].
pub fn cluster_bootstrap(
    clusters: &[usize],
    statistic: impl Fn(&[usize]) -> Estimate,
    replicates: u32,
    seed: u64,
    conf_level: f64,
) -> Result<Bootstrap, Undefined> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, cluster) in clusters.iter().enumerate() {
        members.entry(*cluster).or_default().push(i);
    }
    let groups: Vec<Vec<usize>> = members.into_values().collect();
    resample(&groups, statistic, replicates, seed, conf_level)
}

fn resample(
    groups: &[Vec<usize>],
    statistic: impl Fn(&[usize]) -> Estimate,
    replicates: u32,
    seed: u64,
    conf_level: f64,
) -> Result<Bootstrap, Undefined> {
    if groups.is_empty() {
        return Err(Undefined::TooFew { what: "observations", needed: 1, got: 0 });
    }
    let estimate = statistic(&groups.concat())?;
    let mut drawn = Vec::new();
    let values: Vec<Estimate> = (0..replicates)
        .map(|k| {
            let mut rng = stream(seed, u64::from(k));
            drawn.clear();
            for _ in groups {
                drawn.extend_from_slice(&groups[index_below(&mut rng, groups.len())]);
            }
            statistic(&drawn)
        })
        .collect();
    let without = |left_out: usize| {
        let rest: Vec<usize> =
            groups.iter().enumerate().filter(|(g, _)| *g != left_out).flat_map(|(_, rows)| rows).copied().collect();
        statistic(&rest)
    };
    let jackknife: Vec<Estimate> = (0..groups.len()).map(without).collect();
    bootstrap_summary(estimate, &values, &jackknife, conf_level)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    const SCORES: [f64; 8] = [2.0, 3.0, 5.0, 8.0, 8.0, 9.0, 12.0, 20.0];

    fn mean_of(drawn: &[usize]) -> Estimate {
        let picked: Vec<f64> = drawn.iter().map(|&i| SCORES[i]).collect();
        if picked.is_empty() { Err(Undefined::Empty { what: "the sample" }) } else { Ok(mean(&picked)) }
    }

    #[test]
    fn the_bootstrap_error_of_a_mean_is_near_its_formula() {
        let boot = bootstrap(8, mean_of, 4000, 1, 0.95).unwrap();
        let formula = (variance(&SCORES) * 7.0 / 8.0 / 8.0).sqrt();
        assert!((boot.se / formula - 1.0).abs() < 0.06, "{} {formula}", boot.se);
        assert!(boot.percentile.lower < boot.estimate && boot.estimate < boot.percentile.upper);
    }

    #[test]
    fn the_same_seed_repeats_and_another_does_not() {
        let run = |seed| bootstrap(8, mean_of, 200, seed, 0.95).unwrap();
        assert_eq!(run(1), run(1));
        assert_ne!(run(1).mean, run(2).mean);
    }

    #[test]
    fn clusters_are_drawn_whole() {
        let clusters = [0, 0, 0, 1, 1, 2, 2, 2];
        let statistic = |drawn: &[usize]| {
            for cluster in 0..3 {
                let size = clusters.iter().filter(|c| **c == cluster).count();
                let times = drawn.iter().filter(|i| clusters[**i] == cluster).count();
                assert_eq!(times % size, 0);
            }
            mean_of(drawn)
        };
        assert!(cluster_bootstrap(&clusters, statistic, 50, 3, 0.9).is_ok());
    }
}
