//! Incomplete beta function, beta, F and binomial.

use super::hypergeometric::ln_binomial;
use super::special::binomial_density;
use crate::stats::solve::find_root;

/// I_x(a, b) for `y = 1 - x` given apart, so that neither end loses digits.
pub(super) fn beta_lower(x: f64, y: f64, a: f64, b: f64) -> f64 {
    if !(x >= 0.0 && y >= 0.0 && a > 0.0 && b > 0.0) {
        return f64::NAN;
    }
    if x == 0.0 {
        return 0.0;
    }
    if y == 0.0 {
        return 1.0;
    }
    if x * (a + b + 2.0) < a + 1.0 { fraction(x, y, a, b) } else { 1.0 - fraction(y, x, b, a) }
}

/// The even part of the continued fraction of the incomplete beta function (DLMF 8.17.22), whose terms are free of
/// cancellation also where x is next to 1.
fn fraction(x: f64, y: f64, a: f64, b: f64) -> f64 {
    // x^a y^b / B(a, b), from the density of the binomial with real arguments.
    let front = binomial_density(a, a + b, x, y) * a * b / (a + b);
    if front == 0.0 || front.is_nan() {
        return 0.0;
    }
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let gap = a * y - b * x + 1.0;
    let denominator =
        |m: f64| m + m * (b - m) * x / (a + 2.0 * m - 1.0) + (a + m) * (gap + m * (2.0 - x)) / (a + 2.0 * m + 1.0);
    // The formula at m = 0, without its 0/0 at a = 1.
    let mut h = guard(a * gap / (a + 1.0));
    let (mut c, mut d) = (h, 0.0);
    for m in 1..200_000_u32 {
        let m = f64::from(m);
        let last = a + 2.0 * m - 1.0;
        let numerator = (a + m - 1.0) / last * ((a + b + m - 1.0) / last) * m * (b - m) * x * x;
        let next = denominator(m);
        d = 1.0 / guard(next + numerator * d);
        c = guard(next + numerator / c);
        let factor = c * d;
        h *= factor;
        if (factor - 1.0).abs() < 2e-16 {
            break;
        }
    }
    front / h
}

/// Lower tail of the beta distribution: the regularised incomplete beta function I_x(a, b).
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        beta_lower(x, 1.0 - x, a, b)
    }
}

/// Quantile of the beta distribution.
pub fn beta_ppf(p: f64, a: f64, b: f64) -> f64 {
    if !((0.0..=1.0).contains(&p) && a > 0.0 && b > 0.0) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return p;
    }
    // On the logit, with the smaller tail: both ends keep their relative precision.
    let tails = |u: f64| {
        let (x, y) = (1.0 / (1.0 + (-u).exp()), 1.0 / (1.0 + u.exp()));
        if p > 0.5 { (1.0 - p) - beta_lower(y, x, b, a) } else { beta_lower(x, y, a, b) - p }
    };
    find_root(tails, -700.0, 700.0, 0.0).map_or(f64::NAN, |u| 1.0 / (1.0 + (-u).exp()))
}

/// Lower tail of the F distribution.
pub fn f_cdf(x: f64, df1: f64, df2: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (n, m) = (df1 * x, df2);
    beta_lower(n / (n + m), m / (n + m), 0.5 * df1, 0.5 * df2)
}

/// Upper tail of the F distribution.
pub fn f_sf(x: f64, df1: f64, df2: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    let (n, m) = (df1 * x, df2);
    beta_lower(m / (n + m), n / (n + m), 0.5 * df2, 0.5 * df1)
}

/// Quantile of the F distribution.
pub fn f_ppf(p: f64, df1: f64, df2: f64) -> f64 {
    if !((0.0..=1.0).contains(&p) && df1 > 0.0 && df2 > 0.0) {
        return f64::NAN;
    }
    if p == 0.0 {
        return 0.0;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    let error = |u: f64| {
        let x = u.exp();
        if p > 0.5 { (1.0 - p) - f_sf(x, df1, df2) } else { f_cdf(x, df1, df2) - p }
    };
    find_root(error, -700.0, 700.0, 0.0).map_or(f64::NAN, f64::exp)
}

/// Lower tail of the binomial: P(X <= k) in n trials with probability p.
pub fn binom_cdf(k: f64, n: f64, p: f64) -> f64 {
    let k = k.floor();
    if k < 0.0 {
        0.0
    } else if k >= n {
        1.0
    } else {
        beta_lower(1.0 - p, p, n - k, k + 1.0)
    }
}

/// P(X = k) in n trials with probability p, which must lie strictly between 0 and 1.
pub(crate) fn binomial_pmf(k: u64, n: u64, p: f64) -> f64 {
    ln_binomial(k as f64, n as f64, p, 1.0 - p).exp()
}
