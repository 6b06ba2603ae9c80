//! Gamma-related functions that the distributions are built from.
//!
//! `stirling_error` and `deviance` follow Loader (2000), *Fast and Accurate Computation of Binomial Probabilities*: they
//! keep the exponents of densities free of cancellation, which `exp(lgamma - lgamma - ...)` does not.

pub(crate) const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;
pub(crate) const LN_2PI: f64 = 1.837_877_066_409_345_6;

/// The logarithm of the absolute value of the gamma function.
pub fn lgamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The error function.
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// The complementary error function.
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// The derivative of the logarithm of the gamma function, for positive `x`.
///
/// Recurrence up to 10, then the asymptotic series (Abramowitz & Stegun 6.3.18).
pub fn digamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    let (mut x, mut shift) = (x, 0.0);
    while x < 10.0 {
        shift -= 1.0 / x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = r
        * (1.0 / 12.0
            - r * (1.0 / 120.0
                - r * (1.0 / 252.0
                    - r * (1.0 / 240.0 - r * (1.0 / 132.0 - r * (691.0 / 32760.0 - r * (1.0 / 12.0)))))));
    shift + x.ln() - 0.5 / x - series
}

/// `ln(x!) - ln(sqrt(2 pi x) (x/e)^x)`, for positive `x`.
pub(crate) fn stirling_error(x: f64) -> f64 {
    if x < 16.0 {
        return lgamma(x + 1.0) - (x + 0.5) * x.ln() + x - LN_SQRT_2PI;
    }
    let r = 1.0 / (x * x);
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0))))) / x
}

/// `x ln(x/m) + m - x`, without cancellation when `x` is near `m`.
pub(crate) fn deviance(x: f64, m: f64) -> f64 {
    let d = x - m;
    if d.abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() - d;
    }
    let v = d / (x + m);
    let mut sum = d * v;
    let mut term = 2.0 * x * v;
    for j in 1..1000 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// `Gamma(n+1)/(Gamma(x+1) Gamma(n-x+1)) p^x q^(n-x)` for real `0 < x < n`, with `q = 1 - p` given apart.
pub(crate) fn binomial_density(x: f64, n: f64, p: f64, q: f64) -> f64 {
    let y = n - x;
    let exponent = stirling_error(n) - stirling_error(x) - stirling_error(y) - deviance(x, n * p) - deviance(y, n * q);
    (exponent - 0.5 * (LN_2PI + x.ln() + (y / n).ln())).exp()
}

/// `e^-m m^x / Gamma(x+1)` for real `x > 0`.
pub(crate) fn poisson_density(x: f64, m: f64) -> f64 {
    (-stirling_error(x) - deviance(x, m) - 0.5 * (LN_2PI + x.ln())).exp()
}
