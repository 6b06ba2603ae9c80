//! Analysis of covariance: does the outcome differ between those with and without a theme, given where they began?

use super::linear::{Coefficient, LinearRegression, linear_regression};
use crate::stats::estimate::{Estimate, Undefined, check_same_length};
use crate::stats::sample::mean;

/// A coefficient and the share of variance that only it explains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AncovaCoefficient {
    /// The coefficient of the linear model.
    pub coefficient: Coefficient,
    /// Partial eta squared (type II).
    pub partial_eta_squared: Estimate,
}

/// An analysis of covariance of two groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Ancova {
    /// The linear model `post ~ pre + theme`: intercept, pre, theme.
    pub model: LinearRegression,
    /// The effect of the first measurement.
    pub pre: AncovaCoefficient,
    /// The effect of the theme at equal first measurements.
    pub theme: AncovaCoefficient,
    /// Mean of those without the theme at the mean first measurement.
    pub adjusted_mean_absent: f64,
    /// Mean of those with the theme at the mean first measurement.
    pub adjusted_mean_present: f64,
    /// p of different slopes in the two groups; a small one forbids a single adjusted difference.
    pub slope_homogeneity_p: Estimate,
    /// The theme's effect on `post - pre`, which answers another question (Lord's paradox).
    pub change_score: Result<Coefficient, Undefined>,
}

/// Analysis of covariance `post ~ pre + theme` of complete cases (R `lm`, car `Anova` type II), with the change-score model
/// beside it.
///
/// # Errors
/// As [`linear_regression`]; [`Undefined::RankDeficient`] where everybody or nobody has the theme or all began alike.
pub fn ancova(pre: &[f64], post: &[f64], has_theme: &[bool], conf_level: f64) -> Result<Ancova, Undefined> {
    check_same_length(pre.len(), post.len())?;
    check_same_length(has_theme.len(), post.len())?;
    let theme: Vec<f64> = has_theme.iter().map(|v| f64::from(u8::from(*v))).collect();
    let model = linear_regression(&[pre.to_vec(), theme.clone()], post, conf_level)?;
    let coefficients = model.coefficients.clone()?;
    let df = model.df_residual as f64;
    let part = |index: usize| AncovaCoefficient {
        coefficient: coefficients[index],
        partial_eta_squared: coefficients[index].test.map(|t| t.t * t.t / (t.t * t.t + df)),
    };
    let absent = coefficients[0].estimate + coefficients[1].estimate * mean(pre);
    let product: Vec<f64> = pre.iter().zip(&theme).map(|(a, b)| a * b).collect();
    let slopes = linear_regression(&[pre.to_vec(), theme.clone(), product], post, conf_level)?;
    let change: Vec<f64> = pre.iter().zip(post).map(|(a, b)| b - a).collect();
    Ok(Ancova {
        pre: part(1),
        theme: part(2),
        adjusted_mean_absent: absent,
        adjusted_mean_present: absent + coefficients[2].estimate,
        slope_homogeneity_p: slopes.coefficients.and_then(|c| c[3].test).map(|t| t.p),
        change_score: linear_regression(&[theme], &change, conf_level)?.coefficients.map(|c| c[1]),
        model,
    })
}
