//! Missing outcomes: who dropped out, what if they had done worse, and pooling of imputations.

use super::distributions::t_for;
use super::estimate::{Estimate, Interval, Undefined, check_level, check_sample};
use super::means::welch_t;
use super::regression::linear_regression;
use super::sample::{mean, variance};
use super::two_by_two::{TwoByTwo, fisher_exact};

/// Those who dropped out against those who stayed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropoutComparison {
    /// How many dropped out.
    pub n_dropped: usize,
    /// Mean first measurement of those who dropped out.
    pub pre_mean_dropped: Estimate,
    /// Mean first measurement of those who stayed.
    pub pre_mean_stayed: Estimate,
    /// Welch's p of that difference.
    pub welch_p: Estimate,
    /// Fisher's p of theme by drop-out.
    pub fisher_p: f64,
}

/// Compares those who dropped out with those who stayed: first measurement and theme.
///
/// # Errors
/// [`Undefined::Malformed`] for lists of unequal length.
pub fn compare_dropouts(
    pre: &[f64],
    dropped: &[bool],
    has_theme: &[bool],
    conf_level: f64,
) -> Result<DropoutComparison, Undefined> {
    if pre.len() != dropped.len() || dropped.len() != has_theme.len() {
        return Err(Undefined::Malformed { what: "the lists differ in length" });
    }
    let those =
        |out: bool| -> Vec<f64> { pre.iter().zip(dropped).filter(|(_, d)| **d == out).map(|(v, _)| *v).collect() };
    let (left, stayed) = (those(true), those(false));
    let count = |theme: bool, out: bool| {
        has_theme.iter().zip(dropped).filter(|(t, d)| (**t, **d) == (theme, out)).count() as u64
    };
    let table = TwoByTwo::new(count(true, true), count(true, false), count(false, true), count(false, false));
    let average = |group: &[f64]| check_sample("people in a group", group, 1).map(|()| mean(group));
    Ok(DropoutComparison {
        n_dropped: left.len(),
        pre_mean_dropped: average(&left),
        pre_mean_stayed: average(&stayed),
        welch_p: welch_t(&left, &stayed, conf_level).map(|t| t.test.p),
        fisher_p: fisher_exact(&table).p_two_sided,
    })
}

/// The effect of a theme if those who dropped out had scored this much above or below what their start predicts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeltaAdjusted {
    /// What is added to the predicted outcome of those who dropped out.
    pub delta: f64,
    /// The theme's coefficient.
    pub coefficient: f64,
    /// Its standard error, too small by construction: each missing value is filled in once.
    pub se: Estimate,
}

/// A sensitivity analysis of missing outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct DeltaSensitivity {
    /// People with a first measurement but no outcome.
    pub n_missing: usize,
    /// The theme's coefficient among complete cases.
    pub complete_case: f64,
    /// The same under each assumption.
    pub adjusted: Vec<DeltaAdjusted>,
}

/// Delta-adjusted `post ~ pre + theme`: missing outcomes are predicted from the complete cases, shifted by each delta, and
/// the model is fitted again.
///
/// # Errors
/// [`Undefined::Malformed`] for lists of unequal length; as [`linear_regression`] for the complete cases.
pub fn delta_adjusted_ancova(
    pre: &[f64],
    post: &[Option<f64>],
    has_theme: &[bool],
    deltas: &[f64],
    conf_level: f64,
) -> Result<DeltaSensitivity, Undefined> {
    if pre.len() != post.len() || post.len() != has_theme.len() {
        return Err(Undefined::Malformed { what: "the lists differ in length" });
    }
    let theme: Vec<f64> = has_theme.iter().map(|v| f64::from(u8::from(*v))).collect();
    let complete = |values: &[f64]| -> Vec<f64> {
        values.iter().zip(post).filter(|(_, outcome)| outcome.is_some()).map(|(v, _)| *v).collect()
    };
    let observed: Vec<f64> = post.iter().flatten().copied().collect();
    let model = linear_regression(&[complete(pre), complete(&theme)], &observed, conf_level)?.coefficients?;
    let predicted = |i: usize| model[0].estimate + model[1].estimate * pre[i] + model[2].estimate * theme[i];
    let adjusted = deltas
        .iter()
        .map(|&delta| {
            let filled: Vec<f64> =
                post.iter().enumerate().map(|(i, outcome)| outcome.unwrap_or_else(|| predicted(i) + delta)).collect();
            let again = linear_regression(&[pre.to_vec(), theme.clone()], &filled, conf_level)?.coefficients?;
            Ok(DeltaAdjusted { delta, coefficient: again[2].estimate, se: again[2].se })
        })
        .collect::<Result<Vec<_>, Undefined>>()?;
    Ok(DeltaSensitivity { n_missing: post.len() - observed.len(), complete_case: model[2].estimate, adjusted })
}

/// An estimate pooled over imputations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PooledEstimate {
    /// Mean of the estimates.
    pub estimate: f64,
    /// Mean of the squared standard errors.
    pub within: f64,
    /// Variance of the estimates.
    pub between: f64,
    /// Total variance.
    pub total: f64,
    /// Pooled standard error.
    pub se: f64,
    /// Barnard and Rubin's degrees of freedom (1999).
    pub df: f64,
    /// Relative increase of the variance by missingness.
    pub riv: f64,
    /// Share of information that is missing.
    pub fmi: f64,
    /// Interval by t.
    pub interval: Interval,
}

/// Rubin's rules for m imputations of an estimate of a model with `parameters` coefficients on `n` people (mice
/// `pool.scalar`).
///
/// # Errors
/// [`Undefined::TooFew`] below two imputations or without degrees of freedom, [`Undefined::Malformed`] for lists of
/// unequal length, [`Undefined::NoVariation`] for a variance of 0.
pub fn rubin_pool(
    estimates: &[f64],
    variances: &[f64],
    n: usize,
    parameters: usize,
    conf_level: f64,
) -> Result<PooledEstimate, Undefined> {
    check_level(conf_level)?;
    check_sample("imputations", estimates, 2)?;
    check_sample("imputations", variances, 2)?;
    if estimates.len() != variances.len() {
        return Err(Undefined::Malformed { what: "estimates and variances differ in length" });
    }
    if n <= parameters {
        return Err(Undefined::TooFew { what: "people", needed: parameters + 1, got: n });
    }
    let m = estimates.len() as f64;
    let (within, between) = (mean(variances), variance(estimates));
    if within <= 0.0 {
        return Err(Undefined::NoVariation { what: "the estimate within imputations" });
    }
    let added = (1.0 + 1.0 / m) * between;
    let total = within + added;
    let share = added / total;
    let complete = (n - parameters) as f64;
    let observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share);
    let large_sample = (m - 1.0) / (share * share);
    let df = if share > 0.0 { large_sample * observed / (large_sample + observed) } else { observed };
    let (estimate, se, riv) = (mean(estimates), total.sqrt(), added / within);
    Ok(PooledEstimate {
        estimate,
        within,
        between,
        total,
        se,
        df,
        riv,
        fmi: (riv + 2.0 / (df + 3.0)) / (riv + 1.0),
        interval: Interval::around(estimate, t_for(conf_level, df) * se),
    })
}
