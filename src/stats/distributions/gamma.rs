//! Incomplete gamma function, chi-square and Poisson.

use super::special::poisson_density;
use crate::stats::solve::find_root;

/// Regularised lower incomplete gamma function P(a, x).
pub fn gamma_p(a: f64, x: f64) -> f64 {
    if x < a + 1.0 { series(a, x) } else { 1.0 - fraction(a, x) }
}

/// Regularised upper incomplete gamma function Q(a, x).
pub fn gamma_q(a: f64, x: f64) -> f64 {
    if x < a + 1.0 { 1.0 - series(a, x) } else { fraction(a, x) }
}

fn series(a: f64, x: f64) -> f64 {
    if a.is_nan() || x.is_nan() || a <= 0.0 || x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return 0.0;
    }
    let (mut term, mut sum, mut k) = (1.0, 1.0, a);
    for _ in 0..1_000_000 {
        k += 1.0;
        term *= x / k;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum * poisson_density(a, x)
}

fn fraction(a: f64, x: f64) -> f64 {
    if a.is_nan() || x.is_nan() || a <= 0.0 {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..1_000_000_u32 {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = numerator * d + b;
        d = 1.0 / if d.abs() < TINY { TINY } else { d };
        c = b + numerator / c;
        if c.abs() < TINY {
            c = TINY;
        }
        let factor = d * c;
        h *= factor;
        if (factor - 1.0).abs() < 2e-16 {
            break;
        }
    }
    h * a * poisson_density(a, x)
}

/// Upper tail of chi-square with `df` degrees of freedom.
pub fn chi2_sf(x: f64, df: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { gamma_q(0.5 * df, 0.5 * x) }
}

/// Quantile of chi-square with `df` degrees of freedom.
pub fn chi2_ppf(p: f64, df: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if p == 0.0 {
        return 0.0;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    // On the logarithm of x: a quantile near zero keeps its relative precision.
    let upper = p > 0.5;
    let error = |u: f64| {
        let x = 0.5 * u.exp();
        if upper { (1.0 - p) - gamma_q(0.5 * df, x) } else { gamma_p(0.5 * df, x) - p }
    };
    find_root(error, -700.0, (df + 2000.0).ln() + 2.0, 0.0).map_or(f64::NAN, f64::exp)
}

/// Lower tail of the Poisson distribution: P(X <= k) with this mean.
pub fn poisson_cdf(k: f64, mean: f64) -> f64 {
    if k < 0.0 { 0.0 } else { gamma_q(k.floor() + 1.0, mean) }
}
