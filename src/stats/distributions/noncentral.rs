//! Noncentral t, for intervals of standardised mean differences.
//!
//! The probability is the expectation of a normal tail over the chi distribution of the denominator. On the logarithm
//! of that denominator the integrand is smooth and falls off fast on both sides, so the trapezoid rule is exact to
//! rounding; the small tail is integrated as such, and keeps its relative precision.

use super::normal::ln_norm_cdf;
use super::special::lgamma;

/// Lower tail of the noncentral t distribution.
pub fn noncentral_t_cdf(t: f64, df: f64, ncp: f64) -> f64 {
    tail(df, ncp, |s| ln_norm_cdf(t * s - ncp))
}

/// Upper tail of the noncentral t distribution.
pub fn noncentral_t_sf(t: f64, df: f64, ncp: f64) -> f64 {
    tail(df, ncp, |s| ln_norm_cdf(ncp - t * s))
}

/// Points of the search for where the integrand is.
const COARSE: u32 = 64;
/// exp(-44) is below the rounding of the sum.
const NEGLIGIBLE: f64 = 44.0;

fn tail(df: f64, ncp: f64, ln_given: impl Fn(f64) -> f64) -> f64 {
    if !(df > 0.0 && df.is_finite() && ncp.is_finite()) {
        return f64::NAN;
    }
    // ln of the density of u = ln(chi_df / sqrt(df)).
    let constant = std::f64::consts::LN_2 + 0.5 * df * (0.5 * df).ln() - lgamma(0.5 * df);
    let ln_integrand = |u: f64| constant + df * u - 0.5 * df * (2.0 * u).exp() + ln_given(u.exp());
    let (mut lo, mut hi) = (-(NEGLIGIBLE + 60.0) / df.min(df.sqrt()), 4.0_f64);
    // Narrowed to where the integrand is not negligible: its peak may be far thinner than the first range.
    for _ in 0..8 {
        let width = (hi - lo) / f64::from(COARSE);
        let at = |i: u32| lo + width * f64::from(i);
        let values: Vec<f64> = (0..=COARSE).map(|i| ln_integrand(at(i))).collect();
        let peak = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if peak == f64::NEG_INFINITY {
            return 0.0;
        }
        let kept = |value: &f64| *value > peak - NEGLIGIBLE;
        let first = values.iter().position(kept).unwrap_or(0) as u32;
        let last = values.iter().rposition(kept).unwrap_or(COARSE as usize) as u32;
        (lo, hi) = (at(first.saturating_sub(1)), at((last + 1).min(COARSE)));
        if last - first > COARSE / 2 {
            break;
        }
    }
    // Fine enough for the sharpest feature of either factor; the error of the rule falls as exp(-(feature/step)^2).
    let step = 0.1_f64.min(0.5 / ncp.abs()).min(0.5 / (2.0 * df).sqrt());
    let steps = ((hi - lo) / step).ceil().clamp(64.0, 50_000.0) as u32;
    let width = (hi - lo) / f64::from(steps);
    let sum: f64 = (0..=steps).map(|i| ln_integrand(lo + width * f64::from(i)).exp()).sum();
    (sum * width).min(1.0)
}
