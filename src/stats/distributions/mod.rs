//! Distribution functions, precise enough that no rounding of ours can be seen in a table.
//!
//! Owns densities, tails and quantiles. Survival functions are computed as such, never as one minus the other tail.
//! Relative error is below 1e-12 wherever the test-suite looks (1e-9 for the noncentral t).
//! These are functions of numbers: outside its domain a function returns NaN, and callers check before they ask.

mod beta;
mod gamma;
mod hypergeometric;
mod noncentral;
mod normal;
mod special;
mod student;

pub use beta::{beta_cdf, beta_ppf, binom_cdf, f_cdf, f_ppf, f_sf};
pub use gamma::{chi2_ppf, chi2_sf, gamma_p, gamma_q, poisson_cdf};
pub use hypergeometric::{hypergeom_pmf, hypergeom_sf};
pub use noncentral::{noncentral_t_cdf, noncentral_t_sf};
pub use normal::{norm_cdf, norm_pdf, norm_ppf, norm_sf};
pub use special::{digamma, erf, erfc, lgamma};
pub use student::{t_cdf, t_ppf, t_sf};

pub(crate) use beta::binomial_pmf;
pub(crate) use hypergeometric::Hypergeometric;

/// The normal quantile of a two-sided interval at this level (1.96 at .95).
pub(crate) fn z_for(conf_level: f64) -> f64 {
    -norm_ppf((1.0 - conf_level) / 2.0)
}

/// The t quantile of a two-sided interval at this level.
pub(crate) fn t_for(conf_level: f64, df: f64) -> f64 {
    -t_ppf((1.0 - conf_level) / 2.0, df)
}

/// Two-sided p of a standard normal statistic.
pub(crate) fn p_two_sided_z(z: f64) -> f64 {
    2.0 * norm_sf(z.abs())
}

/// Two-sided p of a t statistic.
pub(crate) fn p_two_sided_t(t: f64, df: f64) -> f64 {
    2.0 * t_sf(t.abs(), df)
}
