//! Student's t.

use super::beta::beta_lower;
use super::normal::{norm_ppf, norm_sf};
use crate::stats::solve::find_root;

/// Upper tail of Student's t; an infinite `df` is the normal.
pub fn t_sf(t: f64, df: f64) -> f64 {
    if df == f64::INFINITY {
        return norm_sf(t);
    }
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if t < 0.0 {
        return 1.0 - t_sf(-t, df);
    }
    if t == f64::INFINITY {
        return 0.0;
    }
    let (x, y) = split(t, df);
    0.5 * beta_lower(x, y, 0.5 * df, 0.5)
}

/// Lower tail of Student's t.
pub fn t_cdf(t: f64, df: f64) -> f64 {
    t_sf(-t, df)
}

/// `df/(df + t^2)` and its complement, for t so large that its square overflows too.
fn split(t: f64, df: f64) -> (f64, f64) {
    let r = t / df.sqrt();
    if r > 1.0 {
        let q = 1.0 / r;
        let x = q * q / (1.0 + q * q);
        (x, 1.0 / (1.0 + q * q))
    } else {
        (1.0 / (1.0 + r * r), r * r / (1.0 + r * r))
    }
}

/// Quantile of Student's t; an infinite `df` is the normal.
pub fn t_ppf(p: f64, df: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if df == f64::INFINITY {
        return norm_ppf(p);
    }
    if p == 0.5 {
        return 0.0;
    }
    if p > 0.5 { positive_quantile(1.0 - p, p - 0.5, df) } else { -positive_quantile(p, 0.5 - p, df) }
}

/// The t whose upper tail is `tail` and whose area from zero is `area`; both are given so that neither is a difference
/// of nearly equal numbers. Solved on the logarithm of t, where the quantile may be 1e300 at small df.
fn positive_quantile(tail: f64, area: f64, df: f64) -> f64 {
    if tail == 0.0 {
        return f64::INFINITY;
    }
    let near_middle = area < 0.25;
    let error = |u: f64| {
        let (x, y) = split(u.exp(), df);
        if near_middle {
            0.5 * beta_lower(y, x, 0.5, 0.5 * df) - area
        } else {
            tail.ln() - (0.5 * beta_lower(x, y, 0.5 * df, 0.5)).ln()
        }
    };
    // The normal quantile is below the t quantile, and for moderate df close to it.
    let normal = -norm_ppf(tail);
    let lower = normal.ln() - 1e-9;
    let close = if df > 2.0 { lower + 2.0 } else { 700.0 };
    find_root(error, lower, close, 0.0).or_else(|| find_root(error, -40.0, 700.0, 0.0)).map_or(f64::NAN, f64::exp)
}
