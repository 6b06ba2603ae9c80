//! What speaks against a model: residuals, observations and groups that decide it, terms that say the same, few events.

use super::fit::{Kind, Model};
use super::frame::Frame;
use crate::matrix::effect::LEVEL;
use crate::stats;

/// A term and how much of it the others say.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Collinear {
    /// Term.
    pub name: String,
    /// Variance inflation factor: 1 where it is independent of the others.
    pub vif: f64,
}

/// How far the estimates move when one observation or group is left out.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Influence {
    /// Unit, unit and wave, or group.
    pub left_out: String,
    /// The term that moves most.
    pub name: String,
    /// By how many of its standard errors it moves.
    pub shift: f64,
}

/// Diagnostics of a fitted model.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct Diagnostics {
    /// Fitted value and residual of every observation, in order; empty for two groups.
    pub residuals: Vec<(f64, f64)>,
    /// Smallest, quartiles and largest of the residuals over their standard deviation.
    pub quantiles: Option<[f64; 5]>,
    /// Terms whose variance the others inflate, largest first.
    pub collinear: Vec<Collinear>,
    /// Those that the estimates rest on most, largest first.
    pub influence: Vec<Influence>,
    /// What was left out, one after the other, for [`Self::influence`].
    pub left_out: &'static str,
    /// People in the smaller of the two groups, over the number of terms.
    pub events_per_variable: Option<f64>,
}

/// Refits times observations; more would keep the reader waiting.
const MOST_WORK: usize = 250_000;
/// Influences shown.
const SHOWN: usize = 3;

pub(super) fn of(frame: &Frame, model: &Model) -> Diagnostics {
    let mut diagnostics = Diagnostics { collinear: collinear(frame), ..Diagnostics::default() };
    if model.kind.is_logistic() {
        let yes = frame.y.iter().filter(|y| **y > 0.5).count();
        let terms = frame.names.len();
        diagnostics.events_per_variable = (terms > 0).then(|| yes.min(frame.y.len() - yes) as f64 / terms as f64);
    } else {
        diagnostics.residuals = residuals(frame, model);
        diagnostics.quantiles = quantiles(&diagnostics.residuals);
    }
    (diagnostics.left_out, diagnostics.influence) = influence(frame, model);
    diagnostics
}

fn collinear(frame: &Frame) -> Vec<Collinear> {
    if frame.names.len() < 2 {
        return Vec::new();
    }
    let vif = |k: usize| -> Option<f64> {
        let others: Vec<Vec<f64>> =
            frame.predictors.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, column)| column.clone()).collect();
        let r_squared = stats::linear_regression(&others, &frame.predictors[k], LEVEL).ok()?.r_squared.ok()?;
        (r_squared < 1.0).then(|| 1.0 / (1.0 - r_squared))
    };
    let mut found: Vec<Collinear> = frame
        .names
        .iter()
        .enumerate()
        .filter_map(|(k, name)| Some(Collinear { name: name.clone(), vif: vif(k)? }))
        .collect();
    found.sort_by(|a, b| b.vif.total_cmp(&a.vif));
    found
}

/// What the fixed terms and the groups leave.
fn residuals(frame: &Frame, model: &Model) -> Vec<(f64, f64)> {
    let effect = |k: usize| -> f64 {
        frame
            .random
            .iter()
            .zip(&model.random)
            .map(|(columns, part)| {
                let level = columns.term.level[k];
                let own = part.groups.get(level).map(|group| group.effects.as_slice()).unwrap_or_default();
                let values = columns.term.intercept.then_some(1.0).into_iter();
                let values = values.chain(columns.term.slopes.iter().map(|slope| slope[k]));
                own.iter().zip(values).map(|(effect, value)| effect * value).sum::<f64>()
            })
            .sum()
    };
    (0..frame.y.len())
        .map(|k| {
            let columns = std::iter::once(1.0).chain(frame.predictors.iter().map(|column| column[k]));
            let fixed: f64 = model.coefficients.iter().zip(columns).map(|(c, x)| c.estimate * x).sum();
            let fitted = fixed + effect(k);
            (fitted, frame.y[k] - fitted)
        })
        .collect()
}

fn quantiles(residuals: &[(f64, f64)]) -> Option<[f64; 5]> {
    let values: Vec<Option<f64>> = residuals.iter().map(|(_, residual)| Some(*residual)).collect();
    let sd = stats::describe(&values, LEVEL).ok()?.sd.ok().filter(|sd| *sd > 0.0)?;
    let values: Vec<f64> = values.into_iter().flatten().map(|residual| residual / sd).collect();
    let at = |p: f64| stats::quantile(&values, p).ok();
    Some([at(0.0)?, at(0.25)?, at(0.5)?, at(0.75)?, at(1.0)?])
}

/// Leaves out one observation after the other, or one group of the random term with the fewest, and fits again; the
/// variances of a linear multilevel model stay what they are.
fn influence(frame: &Frame, model: &Model) -> (&'static str, Vec<Influence>) {
    let name = |k: usize| {
        let one = &frame.observations[k];
        one.wave.as_ref().map_or_else(|| one.unit.clone(), |wave| format!("{} at {wave}", one.unit))
    };
    let fewest = frame.random.iter().min_by_key(|random| random.levels);
    let (what, count) = fewest.map_or(("observation", frame.y.len()), |random| ("group", random.levels));
    if count.saturating_mul(frame.y.len()) > MOST_WORK || frame.names.is_empty() {
        return ("", Vec::new());
    }
    let mut found: Vec<Influence> = (0..count)
        .filter_map(|at| {
            let (rest, left_out) = match fewest {
                Some(random) => (frame.without(|k| random.term.level[k] == at), random.groups.get(at)?.clone()),
                None => (frame.without(|k| k == at), name(at)),
            };
            let again = refit(&rest, model)?;
            let shifts = model.coefficients.iter().skip(1).zip(again.iter().skip(1)).filter_map(|(own, other)| {
                let se = own.se.filter(|se| *se > 0.0)?;
                Some((own.name.clone(), (other - own.estimate) / se))
            });
            let (name, shift) = shifts.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
            Some(Influence { left_out, name, shift })
        })
        .collect();
    found.sort_by(|a, b| b.shift.abs().total_cmp(&a.shift.abs()));
    found.truncate(SHOWN);
    (what, found)
}

/// The coefficients of a model on fewer observations.
fn refit(frame: &Frame, model: &Model) -> Option<Vec<f64>> {
    let outcomes: Vec<bool> = frame.y.iter().map(|y| *y > 0.5).collect();
    match model.kind {
        Kind::Linear => {
            let fit = stats::linear_regression(&frame.predictors, &frame.y, LEVEL).ok()?;
            Some(fit.coefficients.ok()?.iter().map(|c| c.estimate).collect())
        }
        Kind::Logistic => {
            let fit = stats::logistic_regression(&frame.predictors, &outcomes, LEVEL).ok()?;
            Some(fit.coefficients.iter().map(|c| c.estimate).collect())
        }
        Kind::Firth => {
            let fit = stats::firth_logistic(&frame.predictors, &outcomes, LEVEL).ok()?;
            Some(fit.coefficients.iter().map(|c| c.estimate).collect())
        }
        Kind::LinearMixed => {
            let terms: Vec<stats::RandomTerm> = frame.random.iter().map(|random| random.term.clone()).collect();
            let factors: Vec<Vec<f64>> = model.random.iter().map(|part| part.factor.clone()).collect();
            stats::linear_mixed_coefficients(&frame.predictors, &frame.y, &terms, &factors).ok()
        }
        Kind::LogisticMixed => {
            let groups = &frame.random.first()?.term.level;
            let fit = stats::logistic_mixed_model(&frame.predictors, &outcomes, groups, 1, LEVEL).ok()?;
            Some(fit.coefficients.iter().map(|c| c.estimate).collect())
        }
    }
}
