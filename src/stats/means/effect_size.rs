//! Standardised differences of two means: Cohen's d, Hedges's g, Glass's delta.

use super::two_samples::pooled_variance;
use crate::stats::distributions::{lgamma, noncentral_t_cdf, noncentral_t_sf, z_for};
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level, defined};
use crate::stats::sample::{mean, variance};
use crate::stats::solve::find_root_from;

/// A difference of two means in standard deviations, first minus second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandardizedDifference {
    /// Pooled standard deviation.
    pub pooled_sd: f64,
    /// Cohen's d; infinite where the groups are constant and differ.
    pub d: Estimate,
    /// Interval of d by the noncentral t pivot.
    pub d_interval: Result<Interval, Undefined>,
    /// Hedges's exact correction of small-sample bias.
    pub hedges_j: Estimate,
    /// Hedges's g, d times the correction.
    pub hedges_g: Estimate,
    /// Interval of g: that of d times the correction.
    pub g_interval: Result<Interval, Undefined>,
    /// Difference over the standard deviation of the second group.
    pub glass_delta: Estimate,
}

/// Hedges's correction in its exact form: `Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2))` (Hedges 1981).
///
/// # Errors
/// [`Undefined::TooFew`] at one degree of freedom, where it is nil and corrects nothing.
pub fn hedges_correction(df: f64) -> Estimate {
    if df <= 1.0 {
        return Err(Undefined::TooFew { what: "degrees of freedom", needed: 2, got: df.max(0.0) as usize });
    }
    Ok((lgamma(df / 2.0) - 0.5 * (df / 2.0).ln() - lgamma((df - 1.0) / 2.0)).exp())
}

/// Cohen's d with a pooled standard deviation, Hedges's g, and their noncentral-t intervals (R effectsize).
///
/// # Errors
/// [`Undefined::TooFew`] below three values altogether or for an empty group.
pub fn cohens_d(x: &[f64], y: &[f64], conf_level: f64) -> Result<StandardizedDifference, Undefined> {
    check_level(conf_level)?;
    let (pooled, df) = pooled_variance(x, y)?;
    let difference = mean(x) - mean(y);
    let pooled_sd = pooled.sqrt();
    let same = Undefined::NoVariation { what: "the score" };
    let d = defined(difference / pooled_sd, same);
    let hedges_j = hedges_correction(df);
    let d_interval = d.and_then(|d| {
        let scale = (1.0 / x.len() as f64 + 1.0 / y.len() as f64).sqrt();
        noncentrality_interval(d / scale, df, conf_level).map(|ncp| ncp.map(|v| v * scale))
    });
    let sd_y = variance(y).sqrt();
    let glass_delta = if sd_y.is_nan() {
        Err(Undefined::TooFew { what: "values in the second group", needed: 2, got: y.len() })
    } else {
        defined(difference / sd_y, same)
    };
    Ok(StandardizedDifference {
        pooled_sd,
        d,
        d_interval,
        hedges_j,
        hedges_g: d.and_then(|d| Ok(d * hedges_j?)),
        g_interval: d_interval.and_then(|interval| hedges_j.map(|j| interval.map(|v| v * j))),
        glass_delta,
    })
}

/// The noncentralities at which the observed t is just at the edge of both tails (Steiger & Fouladi 1997).
fn noncentrality_interval(t: f64, df: f64, conf_level: f64) -> Result<Interval, Undefined> {
    if t.is_infinite() {
        return Err(Undefined::NoVariation { what: "the score within the groups" });
    }
    let half_alpha = (1.0 - conf_level) / 2.0;
    // Where the normal approximation has the limits; the roots are near.
    let reach = z_for(conf_level) * (1.0 + t * t / (2.0 * df)).sqrt();
    let step = 0.05 * reach.max(0.1);
    let solve = |start: f64, f: &dyn Fn(f64) -> f64| {
        find_root_from(f, start, step, 1e-12).ok_or(Undefined::NotConverged { what: "the interval of Cohen's d" })
    };
    Ok(Interval {
        lower: solve(t - reach, &|ncp| noncentral_t_sf(t, df, ncp) - half_alpha)?,
        upper: solve(t + reach, &|ncp| noncentral_t_cdf(t, df, ncp) - half_alpha)?,
    })
}
