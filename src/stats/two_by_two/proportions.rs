//! Proportions, their differences and ratios, with intervals.

use super::TwoByTwo;
use crate::stats::distributions::{beta_ppf, z_for};
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level};

const NO_ONE: Undefined = Undefined::Empty { what: "a group" };

/// A ratio of two proportions; each limit may be undefined on its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskRatio {
    /// The ratio; infinite when nobody in the second group has it.
    pub estimate: Estimate,
    /// Lower limit by Katz's logarithmic method.
    pub lower: Estimate,
    /// Upper limit by Katz's logarithmic method.
    pub upper: Estimate,
}

/// `count / n`.
///
/// # Errors
/// [`Undefined::Empty`] when `n` is 0.
pub fn proportion(count: u64, n: u64) -> Estimate {
    if n == 0 { Err(NO_ONE) } else { Ok(count as f64 / n as f64) }
}

/// Wilson's score interval of one proportion, without continuity correction (R `prop.test(correct = FALSE)`).
///
/// # Errors
/// [`Undefined::Empty`] when `n` is 0, [`Undefined::Malformed`] for more counts than people or a level outside 0 to 1.
pub fn wilson_interval(count: u64, n: u64, conf_level: f64) -> Result<Interval, Undefined> {
    check_level(conf_level)?;
    check_count(count, n)?;
    Ok(wilson_limits(count as f64, n as f64, z_for(conf_level)))
}

/// A stratum of which a random sample was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgedStratum {
    /// How many there are in it.
    pub population: u64,
    /// How many were judged.
    pub n: u64,
    /// Of these, how many have it.
    pub count: u64,
}

/// The share in the whole population from a sample in strata, each weighted by its size (Cochran 1977), with Wilson's
/// interval at the effective sample size: the n of a simple random sample with the same variance, at most Kish's, so that
/// a small stratum in which nothing was found does not pass for one in which there is nothing. The interval takes no
/// account of how much of the population was drawn either, which makes it wide rather than narrow.
///
/// # Errors
/// [`Undefined::Empty`] without a population, or where nothing of a stratum was judged; as [`wilson_interval`].
pub fn stratified_proportion(strata: &[JudgedStratum], conf_level: f64) -> Result<(f64, Interval), Undefined> {
    check_level(conf_level)?;
    let total: u64 = strata.iter().map(|stratum| stratum.population).sum();
    if total == 0 {
        return Err(NO_ONE);
    }
    let (mut share, mut variance, mut kish) = (0.0, 0.0, 0.0);
    for stratum in strata.iter().filter(|stratum| stratum.population > 0) {
        if stratum.n == 0 {
            return Err(Undefined::Empty { what: "what was judged of a stratum" });
        }
        check_count(stratum.count, stratum.n)?;
        let (n, weight) = (stratum.n as f64, stratum.population as f64 / total as f64);
        let p = stratum.count as f64 / n;
        share += weight * p;
        variance += weight * weight * p * (1.0 - p) / n;
        kish += weight * weight / n;
    }
    let by_variance = if variance > 0.0 { share * (1.0 - share) / variance } else { f64::INFINITY };
    let effective = by_variance.min(1.0 / kish);
    Ok((share, wilson_limits(share * effective, effective, z_for(conf_level))))
}

fn check_count(count: u64, n: u64) -> Result<(), Undefined> {
    if n == 0 {
        Err(NO_ONE)
    } else if count > n {
        Err(Undefined::Malformed { what: "more people have it than there are" })
    } else {
        Ok(())
    }
}

pub(crate) fn wilson_limits(count: f64, n: f64, z: f64) -> Interval {
    let (p, z2) = (count / n, z * z);
    let centre = p + z2 / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    Interval {
        lower: if count == 0.0 { 0.0 } else { (centre - half) / scale },
        upper: if count == n { 1.0 } else { (centre + half) / scale },
    }
}

/// Clopper and Pearson's exact interval of one proportion (R `binom.test`).
///
/// # Errors
/// As [`wilson_interval`].
pub fn clopper_pearson_interval(count: u64, n: u64, conf_level: f64) -> Result<Interval, Undefined> {
    check_level(conf_level)?;
    check_count(count, n)?;
    let half_alpha = (1.0 - conf_level) / 2.0;
    let (x, rest) = (count as f64, (n - count) as f64);
    Ok(Interval {
        lower: if count == 0 { 0.0 } else { beta_ppf(half_alpha, x, rest + 1.0) },
        upper: if count == n { 1.0 } else { beta_ppf(1.0 - half_alpha, x + 1.0, rest) },
    })
}

/// Proportion of the first group minus proportion of the second.
///
/// # Errors
/// [`Undefined::Empty`] when a group is empty.
pub fn risk_difference(table: &TwoByTwo) -> Estimate {
    Ok(proportion(table.a, table.row1())? - proportion(table.c, table.row2())?)
}

/// Newcombe's hybrid score interval of the risk difference (Newcombe 1998, method 10).
///
/// # Errors
/// [`Undefined::Empty`] when a group is empty, [`Undefined::Malformed`] for a level outside 0 to 1.
pub fn newcombe_interval(table: &TwoByTwo, conf_level: f64) -> Result<Interval, Undefined> {
    let difference = risk_difference(table)?;
    check_level(conf_level)?;
    let z = z_for(conf_level);
    let (p1, p2) = (proportion(table.a, table.row1())?, proportion(table.c, table.row2())?);
    let first = wilson_limits(table.a as f64, table.row1() as f64, z);
    let second = wilson_limits(table.c as f64, table.row2() as f64, z);
    Ok(Interval {
        lower: difference - (p1 - first.lower).hypot(second.upper - p2),
        upper: difference + (first.upper - p1).hypot(p2 - second.lower),
    })
}

/// Wald interval of the risk difference; too narrow in small groups, offered for comparison. Limits are not clipped.
///
/// # Errors
/// As [`newcombe_interval`].
pub fn wald_interval(table: &TwoByTwo, conf_level: f64) -> Result<Interval, Undefined> {
    let difference = risk_difference(table)?;
    check_level(conf_level)?;
    let variance = |count: u64, n: u64| {
        let (p, n) = (count as f64 / n as f64, n as f64);
        p * (1.0 - p) / n
    };
    let se = (variance(table.a, table.row1()) + variance(table.c, table.row2())).sqrt();
    Ok(Interval::around(difference, z_for(conf_level) * se))
}

/// Agresti and Caffo's interval of the risk difference: Wald after adding one success and one failure to each group.
///
/// # Errors
/// [`Undefined::Malformed`] for a level outside 0 to 1.
pub fn agresti_caffo_interval(table: &TwoByTwo, conf_level: f64) -> Result<Interval, Undefined> {
    let plus_one = |v: u64| v.saturating_add(1);
    let TwoByTwo { a, b, c, d } = *table;
    wald_interval(&TwoByTwo::new(plus_one(a), plus_one(b), plus_one(c), plus_one(d)), conf_level)
}

/// Ratio of the two proportions with Katz's interval on the logarithm.
///
/// # Errors
/// [`Undefined::Malformed`] for a level outside 0 to 1.
pub fn risk_ratio(table: &TwoByTwo, conf_level: f64) -> Result<RiskRatio, Undefined> {
    check_level(conf_level)?;
    let none = |reason| Ok(RiskRatio { estimate: Err(reason), lower: Err(reason), upper: Err(reason) });
    let (Ok(p1), Ok(p2)) = (proportion(table.a, table.row1()), proportion(table.c, table.row2())) else {
        return none(NO_ONE);
    };
    let no_limit = Err(Undefined::AtLimit { what: "the risk ratio" });
    if table.a == 0 && table.c == 0 {
        return none(Undefined::Empty { what: "the column of those who have it" });
    }
    let (lower, upper) = if table.c == 0 {
        (no_limit, Ok(f64::INFINITY))
    } else if table.a == 0 {
        (Ok(0.0), no_limit)
    } else {
        let inverse = |n: u64| 1.0 / n as f64;
        let se = (inverse(table.a) - inverse(table.row1()) + inverse(table.c) - inverse(table.row2())).max(0.0).sqrt();
        let Interval { lower, upper } = Interval::around((p1 / p2).ln(), z_for(conf_level) * se).map(f64::exp);
        (Ok(lower), Ok(upper))
    };
    Ok(RiskRatio { estimate: Ok(p1 / p2), lower, upper })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn stratum(population: u64, n: u64, count: u64) -> JudgedStratum {
        JudgedStratum { population, n, count }
    }

    #[test]
    fn strata_are_weighted_by_their_size() {
        // By hand: .75 x 3/30 + .25 x 4/10; Kish's n 1 / (.5625/30 + .0625/10) = 40..
        let (share, interval) = stratified_proportion(&[stratum(300, 30, 3), stratum(100, 10, 4)], 0.95).unwrap();
        assert!((share - 0.175).abs() < 1e-12);
        assert!((interval.lower - 0.08745414).abs() < 1e-7 && (interval.upper - 0.31949990).abs() < 1e-7);
    }

    #[test]
    fn no_errors_found_is_not_no_errors() {
        let (share, interval) = stratified_proportion(&[stratum(300, 30, 0), stratum(100, 10, 0)], 0.95).unwrap();
        assert_eq!((share, interval.lower), (0.0, 0.0));
        assert!((interval.upper - 0.087_621_60).abs() < 1e-7, "{interval:?}");
    }

    #[test]
    fn one_stratum_is_wilson_alone_and_an_unjudged_one_is_undefined() {
        let (_, interval) = stratified_proportion(&[stratum(50, 20, 20)], 0.95).unwrap();
        assert_eq!(interval, wilson_interval(20, 20, 0.95).unwrap());
        let (_, interval) = stratified_proportion(&[stratum(50, 20, 3)], 0.95).unwrap();
        let wilson = wilson_interval(3, 20, 0.95).unwrap();
        assert!((interval.lower - wilson.lower).abs() < 1e-12 && (interval.upper - wilson.upper).abs() < 1e-12);
        assert!(stratified_proportion(&[stratum(50, 20, 1), stratum(5, 0, 0)], 0.95).is_err());
        assert!(stratified_proportion(&[stratum(0, 0, 0)], 0.95).is_err());
    }
}
