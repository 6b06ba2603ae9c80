//! Fitting: which engine, over how many, and what its numbers are called.

use super::declared::declare;
use super::diagnostics::{self, Diagnostics};
use super::formula::Formula;
use super::frame::{Frame, ModelError, RandomColumns, frame};
use crate::join::{Outcome, rules_in_words};
use crate::matrix::build::MatrixInputs;
use crate::matrix::declared::Family;
use crate::matrix::effect::{LEVEL, reason};
use crate::matrix::spec::MatrixSpec;
use crate::stats::{self, Undefined};

/// What is asked of a model beside its formula.
#[derive(Debug, Clone, Copy, Default)]
pub struct ModelSpec {
    /// Firth's penalised likelihood instead of maximum likelihood.
    pub firth: bool,
    /// Maximum likelihood instead of REML, for a linear multilevel model.
    pub ml: bool,
    /// Fit although the data are too few.
    pub force: bool,
}

/// Which model it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Least squares.
    Linear,
    /// Maximum likelihood of two groups.
    Logistic,
    /// Penalised likelihood of two groups.
    Firth,
    /// Linear with groups that differ at random.
    LinearMixed,
    /// Logistic with a random intercept.
    LogisticMixed,
}

impl Kind {
    /// The model in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Linear => "linear regression",
            Self::Logistic => "logistic regression",
            Self::Firth => "logistic regression with Firth's penalty",
            Self::LinearMixed => "linear multilevel model",
            Self::LogisticMixed => "logistic multilevel model",
        }
    }

    /// Whether coefficients are log-odds.
    pub const fn is_logistic(self) -> bool {
        matches!(self, Self::Logistic | Self::Firth | Self::LogisticMixed)
    }
}

/// A fixed effect.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Coefficient {
    /// `(intercept)` or the term.
    pub name: String,
    /// The estimate; log-odds for two groups.
    pub estimate: f64,
    /// Its standard error.
    pub se: Option<f64>,
    /// 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Degrees of freedom of t; nothing where the normal or a likelihood is used.
    pub df: Option<f64>,
    /// Two-sided p.
    pub p: Option<f64>,
    /// p adjusted over the declared family.
    pub adjusted: Option<f64>,
    /// Why interval or p is missing.
    pub why_not: Option<String>,
    /// Standard error that holds under unequal variances (HC3), for a linear model.
    pub se_hc3: Option<f64>,
}

/// A random term.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct RandomPart {
    /// The grouping.
    pub group: String,
    /// How many groups.
    pub levels: usize,
    /// Standard deviations of intercept and slopes, by name.
    pub sd: Vec<(String, f64)>,
    /// Correlation of intercept and the first slope.
    pub correlation: Option<f64>,
    /// Share of the unexplained variance that lies between the groups; nothing with slopes.
    pub icc: Option<f64>,
    /// How many times the variance of a mean grows because people of a group are alike: 1 + (m - 1) ICC.
    pub design_effect: Option<f64>,
    /// Relative covariance factor, lower triangle, column by column; empty for two groups.
    pub factor: Vec<f64>,
    /// The groups, and their effects in the order of `sd`.
    pub groups: Vec<Group>,
}

/// A group and its predicted effects.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Effects on intercept and slopes.
    pub effects: Vec<f64>,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Model {
    /// The formula as typed.
    pub formula: String,
    /// Which model.
    pub kind: Kind,
    /// The group that is explained, for two groups.
    pub yes: Option<String>,
    /// How the estimates were made.
    pub method: &'static str,
    /// Observations.
    pub observations: usize,
    /// What is counted, in the plural.
    pub unit: &'static str,
    /// How many of them.
    pub units: usize,
    /// Observations with the outcome, complete or not.
    pub in_all: usize,
    /// Those left out, by what they lack.
    pub missing: Vec<(String, usize)>,
    /// Waves, where each is an observation of its own.
    pub waves: Vec<String>,
    /// Fixed effects, the intercept first.
    pub coefficients: Vec<Coefficient>,
    /// Random terms.
    pub random: Vec<RandomPart>,
    /// Residual standard deviation, for scores.
    pub sigma: Option<f64>,
    /// Log-likelihood; restricted under REML.
    pub log_likelihood: Option<f64>,
    /// Akaike's criterion.
    pub aic: Option<f64>,
    /// Share of variance explained, by name.
    pub r_squared: Vec<(&'static str, f64)>,
    /// A variance is nil: the random terms are too rich for the data.
    pub singular: bool,
    /// Why it would have been refused, if it had not been forced.
    pub forced: Option<String>,
    /// Estimated parameters.
    pub parameters: usize,
    /// The declared family that it answers.
    pub family: Option<Family>,
    /// How it departs from what was declared for its outcome.
    pub deviations: Vec<String>,
    /// The rules that made the classes in it, and what is uncertain in its scores.
    pub rules: Vec<String>,
    /// What speaks against it.
    pub diagnostics: Diagnostics,
}

/// Fewest groups of a random term, and fewest people a fixed term.
const LEAST: usize = 10;

fn undefined(why: Undefined) -> ModelError {
    ModelError::Undefined(reason(why))
}

/// Fits the model of a formula.
pub fn model(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    formula: &Formula,
    asked: ModelSpec,
) -> Result<Model, ModelError> {
    let frame = frame(inputs, spec, formula)?;
    let forced = match enough(spec, &frame) {
        Err(why) if asked.force => Some(why.to_string()),
        other => other.map(|()| None)?,
    };
    check_rank(&frame)?;
    let named = formula.names().filter_map(|name| Outcome::parse(&name.text).ok());
    let named: Vec<Outcome> = named.chain(spec.at_risk.clone()).collect();
    let rules = rules_in_words(inputs.study, inputs.scores, &named);
    let mut model = Model { forced, rules, ..fitted(formula, &frame, asked)? };
    declare(inputs, spec, formula, asked, &mut model);
    Ok(model)
}

fn enough(spec: &MatrixSpec, frame: &Frame) -> Result<(), ModelError> {
    let units = spec.unit.plural();
    if let Some(random) = frame.random.iter().find(|random| random.levels < LEAST) {
        return Err(ModelError::TooFew(format!(
            "`{}` has {} groups, and how much groups differ cannot be told from fewer than {LEAST}: its variance, and with it every interval, would be a guess",
            random.title, random.levels
        )));
    }
    if frame.units < LEAST * frame.names.len() {
        return Err(ModelError::TooFew(format!(
            "{} {units} for {} {} is fewer than {LEAST} a term: such a model describes these people and nobody else",
            frame.units,
            frame.names.len(),
            if frame.names.len() == 1 { "term" } else { "terms" }
        )));
    }
    Ok(())
}

/// The first term that is a sum of those before it.
fn check_rank(frame: &Frame) -> Result<(), ModelError> {
    let rank = |count: usize| {
        stats::linear_regression(&frame.predictors[..count], &frame.y, LEVEL).map(|fit| fit.rank).map_err(undefined)
    };
    if rank(frame.names.len())? == frame.names.len() + 1 {
        return Ok(());
    }
    for (k, name) in frame.names.iter().enumerate() {
        if rank(k + 1)? < k + 2 {
            return Err(ModelError::Dependent(name.clone()));
        }
    }
    Ok(())
}

pub(super) fn fitted(formula: &Formula, frame: &Frame, asked: ModelSpec) -> Result<Model, ModelError> {
    let outcomes: Vec<bool> = frame.y.iter().map(|y| *y > 0.5).collect();
    let mut model = match (&frame.yes, frame.random.as_slice()) {
        (None, _) if asked.firth => {
            return Err(ModelError::Unsupported("Firth's penalty is for two groups, and the outcome is a number"));
        }
        (Some(_), [_, ..]) if asked.firth => {
            return Err(ModelError::Unsupported("Firth's penalty does not go with random terms"));
        }
        (None, []) => linear(frame),
        (None, _) => linear_mixed(frame, asked),
        (Some(_), []) if asked.firth => firth(frame, &outcomes),
        (Some(_), []) => logistic(frame, &outcomes),
        (Some(_), [one]) if one.term.slopes.is_empty() => logistic_mixed(frame, &outcomes, one),
        (Some(_), _) => {
            return Err(ModelError::Unsupported(
                "for two groups one random intercept is fitted, such as `(1 | worker)`: leave out slopes and other groupings",
            ));
        }
    }?;
    model.formula.clone_from(&formula.text);
    model.diagnostics = diagnostics::of(frame, &model);
    Ok(model)
}

fn empty(frame: &Frame, kind: Kind, method: &'static str) -> Model {
    Model {
        formula: String::new(),
        kind,
        yes: frame.yes.clone(),
        method,
        observations: frame.y.len(),
        unit: frame.unit,
        units: frame.units,
        in_all: frame.in_all,
        missing: frame.missing.clone(),
        waves: frame.waves.clone(),
        coefficients: Vec::new(),
        random: Vec::new(),
        sigma: None,
        log_likelihood: None,
        aic: None,
        r_squared: Vec::new(),
        singular: false,
        forced: None,
        parameters: frame.names.len() + 1,
        family: None,
        deviations: Vec::new(),
        rules: Vec::new(),
        diagnostics: Diagnostics::default(),
    }
}

fn named<'a>(frame: &'a Frame) -> impl Iterator<Item = String> + 'a {
    std::iter::once("(intercept)".to_owned()).chain(frame.names.iter().cloned())
}

fn coefficient(name: String, estimate: f64) -> Coefficient {
    Coefficient {
        name,
        estimate,
        se: None,
        interval: None,
        df: None,
        p: None,
        adjusted: None,
        why_not: None,
        se_hc3: None,
    }
}

fn pair(interval: stats::Interval) -> (f64, f64) {
    (interval.lower, interval.upper)
}

fn linear(frame: &Frame) -> Result<Model, ModelError> {
    let fit = stats::linear_regression(&frame.predictors, &frame.y, LEVEL).map_err(undefined)?;
    let mut model = empty(frame, Kind::Linear, "least squares; intervals by t, HC3 beside");
    let found = fit.coefficients.map_err(undefined)?;
    model.coefficients = named(frame)
        .zip(&found)
        .map(|(name, found)| Coefficient {
            se: found.se.ok(),
            interval: found.interval.ok().map(pair),
            df: found.test.ok().map(|test| test.df),
            p: found.test.ok().map(|test| test.p),
            why_not: found.test.err().map(reason),
            se_hc3: found.se_hc3.ok(),
            ..coefficient(name, found.estimate)
        })
        .collect();
    model.sigma = fit.sigma.ok();
    model.log_likelihood = fit.log_likelihood.ok();
    model.aic = fit.aic.ok();
    model.parameters += 1;
    model.r_squared = [("R squared", fit.r_squared), ("adjusted R squared", fit.adjusted_r_squared)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.ok()?)))
        .collect();
    Ok(model)
}

fn logistic(frame: &Frame, outcomes: &[bool]) -> Result<Model, ModelError> {
    let fit = stats::logistic_regression(&frame.predictors, outcomes, LEVEL).map_err(|why| match why {
        Undefined::Separated => ModelError::Undefined(
            "a combination of the terms tells the two groups apart without error, so that no odds ratio is finite; --firth gives finite ones"
                .into(),
        ),
        other => undefined(other),
    })?;
    let mut model = empty(frame, Kind::Logistic, "maximum likelihood; profile intervals, Wald's p");
    model.coefficients = named(frame)
        .zip(&fit.coefficients)
        .map(|(name, found)| Coefficient {
            se: Some(found.se),
            interval: Some(pair(found.profile_interval.unwrap_or(found.wald_interval))),
            p: Some(found.wald.p),
            ..coefficient(name, found.estimate)
        })
        .collect();
    model.log_likelihood = Some(fit.log_likelihood);
    model.aic = Some(fit.aic);
    model.r_squared = vec![("McFadden's R squared", fit.mcfadden_r2), ("Nagelkerke's R squared", fit.nagelkerke_r2)];
    Ok(model)
}

fn firth(frame: &Frame, outcomes: &[bool]) -> Result<Model, ModelError> {
    let fit = stats::firth_logistic(&frame.predictors, outcomes, LEVEL).map_err(undefined)?;
    let mut model =
        empty(frame, Kind::Firth, "penalised likelihood (Firth 1993); profile intervals, p by likelihood ratio");
    model.coefficients = named(frame)
        .zip(&fit.coefficients)
        .map(|(name, found)| Coefficient {
            se: Some(found.se),
            interval: found.profile_interval.ok().map(pair),
            p: Some(found.likelihood_ratio.p),
            why_not: found.profile_interval.err().map(reason),
            ..coefficient(name, found.estimate)
        })
        .collect();
    model.log_likelihood = Some(fit.penalized_log_likelihood);
    Ok(model)
}

fn linear_mixed(frame: &Frame, asked: ModelSpec) -> Result<Model, ModelError> {
    let method = if asked.ml { stats::MixedMethod::Ml } else { stats::MixedMethod::Reml };
    let terms: Vec<stats::RandomTerm> = frame.random.iter().map(|random| random.term.clone()).collect();
    let fit = stats::linear_mixed_model(&frame.predictors, &frame.y, &terms, method, LEVEL).map_err(undefined)?;
    let how = if asked.ml {
        "maximum likelihood; intervals by t with Satterthwaite's degrees of freedom"
    } else {
        "REML; intervals by t with Satterthwaite's degrees of freedom"
    };
    let mut model = empty(frame, Kind::LinearMixed, how);
    model.coefficients = named(frame)
        .zip(&fit.coefficients)
        .map(|(name, found)| Coefficient {
            se: Some(found.se),
            interval: found.interval.ok().map(pair),
            df: found.df.ok(),
            p: found.p.ok(),
            why_not: found.df.err().map(reason),
            ..coefficient(name, found.estimate)
        })
        .collect();
    let mut parts: Vec<(usize, RandomPart)> =
        fit.terms.iter().map(|term| (term.term, random_part(&frame.random[term.term], term, frame.y.len()))).collect();
    parts.sort_by_key(|(at, _)| *at);
    model.random = parts.into_iter().map(|(_, part)| part).collect();
    model.sigma = Some(fit.sigma);
    model.log_likelihood = Some(fit.log_likelihood);
    model.aic = Some(fit.aic);
    model.singular = fit.singular;
    model.parameters += 1 + fit.terms.iter().map(|term| term.theta.len()).sum::<usize>();
    model.r_squared = [("marginal R squared", fit.r2_marginal), ("conditional R squared", fit.r2_conditional)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.ok()?)))
        .collect();
    Ok(model)
}

fn random_part(columns: &RandomColumns, term: &stats::FittedTerm, n: usize) -> RandomPart {
    let sd: Vec<f64> = (0..term.covariance.len()).map(|k| term.covariance[k][k].max(0.0).sqrt()).collect();
    let correlation = match sd.as_slice() {
        [a, b, ..] if a * b > 0.0 => Some(term.covariance[0][1] / (a * b)),
        _ => None,
    };
    let icc = term.icc.ok();
    RandomPart {
        group: columns.title.clone(),
        levels: term.levels,
        sd: columns.names.iter().cloned().zip(sd).collect(),
        correlation,
        icc,
        design_effect: icc.map(|icc| 1.0 + (n as f64 / term.levels as f64 - 1.0) * icc),
        factor: term.theta.clone(),
        groups: columns
            .groups
            .iter()
            .zip(&term.effects)
            .map(|(name, effects)| Group { name: name.clone(), effects: effects.clone() })
            .collect(),
    }
}

fn logistic_mixed(frame: &Frame, outcomes: &[bool], random: &RandomColumns) -> Result<Model, ModelError> {
    /// Points of the quadrature, as lme4's guide has it.
    const POINTS: usize = 9;
    let fit = stats::logistic_mixed_model(&frame.predictors, outcomes, &random.term.level, POINTS, LEVEL)
        .map_err(undefined)?;
    let mut model = empty(frame, Kind::LogisticMixed, "adaptive Gauss-Hermite quadrature, 9 points; Wald's intervals");
    model.coefficients = named(frame)
        .zip(&fit.coefficients)
        .map(|(name, found)| Coefficient {
            se: Some(found.se),
            interval: Some(pair(found.interval)),
            p: Some(found.wald.p),
            ..coefficient(name, found.estimate)
        })
        .collect();
    let variance = fit.random_sd * fit.random_sd;
    // The residual of a logistic model has the variance of the standard logistic distribution.
    let icc = variance / (variance + std::f64::consts::PI.powi(2) / 3.0);
    model.random = vec![RandomPart {
        group: random.title.clone(),
        levels: random.levels,
        sd: vec![("intercept".into(), fit.random_sd)],
        correlation: None,
        icc: Some(icc),
        design_effect: Some(1.0 + (frame.y.len() as f64 / random.levels as f64 - 1.0) * icc),
        factor: Vec::new(),
        groups: Vec::new(),
    }];
    model.log_likelihood = Some(fit.log_likelihood);
    model.aic = Some(fit.aic);
    model.singular = fit.singular;
    model.parameters += 1;
    Ok(model)
}
