//! A model against a smaller one that it contains.

use super::fit::{Kind, ModelSpec, fitted};
use super::formula::Formula;
use super::frame::{ModelError, RandomColumns, frame};
use crate::matrix::build::MatrixInputs;
use crate::matrix::spec::MatrixSpec;
use crate::stats;

/// A model against a smaller one on the same observations.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Comparison {
    /// The smaller formula.
    pub smaller: String,
    /// Name of the statistic.
    pub statistic: &'static str,
    /// Its value.
    pub value: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Those of the denominator, for F.
    pub df2: Option<f64>,
    /// p.
    pub p: f64,
    /// Difference of Akaike's criteria: below nil the larger model is better.
    pub aic_difference: Option<f64>,
    /// What must be said about it.
    pub note: Option<&'static str>,
}

/// Compares a formula with a smaller one that it contains, on the observations that have every variable of the larger.
pub fn compare(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    larger: &Formula,
    smaller: &Formula,
    asked: ModelSpec,
) -> Result<Comparison, ModelError> {
    let full = frame(inputs, spec, larger)?;
    let part = frame(inputs, spec, smaller)?;
    if larger.response.text != smaller.response.text {
        return Err(ModelError::NotNested(smaller.response.text.clone()));
    }
    let keep: Vec<usize> = part
        .names
        .iter()
        .map(|name| full.names.iter().position(|own| own == name).ok_or_else(|| ModelError::NotNested(name.clone())))
        .collect::<Result<_, _>>()?;
    let random: Vec<usize> = part
        .random
        .iter()
        .map(|one| {
            let same = |own: &RandomColumns| own.title == one.title && own.names == one.names;
            full.random
                .iter()
                .position(same)
                .ok_or_else(|| ModelError::NotNested(format!("({} | {})", one.names.join(" + "), one.title)))
        })
        .collect::<Result<_, _>>()?;
    let reduced = full.reduced(&keep, &random);
    // REML likelihoods of models with different fixed terms are not on one scale.
    let asked = ModelSpec { ml: true, force: true, ..asked };
    let (large, small) = (fitted(larger, &full, asked)?, fitted(smaller, &reduced, asked)?);
    let aic_difference = large.aic.zip(small.aic).map(|(large, small)| large - small);
    let text = smaller.text.clone();
    if let (Kind::Linear, Some(large_sigma), Some(small_sigma)) = (large.kind, large.sigma, small.sigma) {
        let n = full.y.len() as f64;
        let (df_large, df_small) = (n - large.coefficients.len() as f64, n - small.coefficients.len() as f64);
        let (rss_large, rss_small) = (large_sigma.powi(2) * df_large, small_sigma.powi(2) * df_small);
        let df = df_small - df_large;
        let f = (rss_small - rss_large).max(0.0) / df / large_sigma.powi(2);
        let p = stats::distributions::f_sf(f, df, df_large);
        return Ok(Comparison {
            smaller: text,
            statistic: "F",
            value: f,
            df,
            df2: Some(df_large),
            p,
            aic_difference,
            note: None,
        });
    }
    let (Some(a), Some(b)) = (large.log_likelihood, small.log_likelihood) else {
        return Err(ModelError::Undefined("one of the two models has no likelihood".into()));
    };
    let value = (2.0 * (a - b)).max(0.0);
    let df = (large.parameters - small.parameters.min(large.parameters)) as f64;
    if df == 0.0 {
        return Err(ModelError::NotNested(larger.text.clone()));
    }
    let boundary = full.random.len() != reduced.random.len();
    Ok(Comparison {
        smaller: text,
        statistic: if large.kind == Kind::Firth {
            "penalised likelihood ratio"
        } else {
            "likelihood ratio, by maximum likelihood"
        },
        value,
        df,
        df2: None,
        p: stats::distributions::chi2_sf(value, df),
        aic_difference,
        note: boundary.then_some("a variance cannot be below nil, so that this p is too large, up to twice"),
    })
}
