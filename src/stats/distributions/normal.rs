//! The standard normal distribution.

use super::special::{LN_SQRT_2PI, erf, erfc};
use std::f64::consts::FRAC_1_SQRT_2;

/// Density of the standard normal.
pub fn norm_pdf(x: f64) -> f64 {
    (-0.5 * x * x - LN_SQRT_2PI).exp()
}

/// Lower tail of the standard normal.
pub fn norm_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * FRAC_1_SQRT_2)
}

/// Upper tail of the standard normal.
pub fn norm_sf(x: f64) -> f64 {
    0.5 * erfc(x * FRAC_1_SQRT_2)
}

/// Logarithm of the lower tail, also where the tail itself is below the smallest double.
pub(crate) fn ln_norm_cdf(x: f64) -> f64 {
    if x > -30.0 {
        return norm_cdf(x).ln();
    }
    let r = 1.0 / (x * x);
    -0.5 * x * x - (-x).ln() - LN_SQRT_2PI + (-r * (1.0 - 3.0 * r * (1.0 - 5.0 * r))).ln_1p()
}

/// Quantile of the standard normal; infinite at 0 and 1, NaN outside.
///
/// Newton's method: on `erf` in the middle, on the logarithm of the tail outside, where it converges from the left.
pub fn norm_ppf(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p > 0.5 {
        return if p > 0.75 { -norm_ppf_tail(1.0 - p) } else { norm_ppf_middle(p - 0.5) };
    }
    if p < 0.25 { norm_ppf_tail(p) } else { norm_ppf_middle(p - 0.5) }
}

fn norm_ppf_middle(area: f64) -> f64 {
    let mut x = area * 2.5;
    for _ in 0..30 {
        let step = (0.5 * erf(x * FRAC_1_SQRT_2) - area) / norm_pdf(x);
        x -= step;
        if step.abs() <= 1e-16 * x.abs() {
            break;
        }
    }
    x
}

fn norm_ppf_tail(p: f64) -> f64 {
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    let target = p.ln();
    let mut x = -(-2.0 * target).sqrt();
    for _ in 0..60 {
        let tail = ln_norm_cdf(x);
        let step = (tail - target) * (tail + 0.5 * x * x + LN_SQRT_2PI).exp();
        x -= step;
        if step.abs() <= 2e-16 * x.abs() {
            break;
        }
    }
    x
}
