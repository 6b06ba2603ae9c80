//! Linear mixed models by maximum likelihood or REML, with Satterthwaite degrees of freedom.

use super::blocks::{Blocks, Solution, Term};
use crate::stats::distributions::{p_two_sided_t, t_for};
use crate::stats::estimate::{Estimate, Interval, Undefined, check_finite, check_level};
use crate::stats::minimise::{Minimum, derivatives, jacobian, minimise};
use crate::stats::regression::Design;
use crate::stats::sample::variance;
use nalgebra::{DMatrix, DVector};

/// What is maximised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixedMethod {
    /// Restricted maximum likelihood: for estimates.
    Reml,
    /// Maximum likelihood: for comparing models by their likelihood.
    Ml,
}

/// A grouping factor whose levels differ at random. Nested and crossed factors are simply several terms.
#[derive(Debug, Clone, PartialEq)]
pub struct RandomTerm {
    /// Level of each observation, from 0.
    pub level: Vec<usize>,
    /// Whether levels differ in their mean.
    pub intercept: bool,
    /// Predictors whose effect differs between levels; correlated with the intercept and each other.
    pub slopes: Vec<Vec<f64>>,
}

/// A fixed effect of a mixed model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixedCoefficient {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// The estimate over its error.
    pub t: f64,
    /// Satterthwaite's degrees of freedom.
    pub df: Estimate,
    /// Two-sided p by t with those degrees of freedom.
    pub p: Estimate,
    /// Interval by the same.
    pub interval: Result<Interval, Undefined>,
}

/// A random term of a fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedTerm {
    /// Index of the term among those that were given.
    pub term: usize,
    /// Number of levels.
    pub levels: usize,
    /// Relative covariance factor: lower triangle, column by column.
    pub theta: Vec<f64>,
    /// Covariance of the random effects: intercept first, then slopes.
    pub covariance: Vec<Vec<f64>>,
    /// Predicted effects per level.
    pub effects: Vec<Vec<f64>>,
    /// Share of the unexplained variance that is between levels; undefined with slopes.
    pub icc: Estimate,
}

/// A fitted linear mixed model.
#[derive(Debug, Clone, PartialEq)]
pub struct MixedModel {
    /// Observations.
    pub n: usize,
    /// The intercept and one coefficient per predictor.
    pub coefficients: Vec<MixedCoefficient>,
    /// Random terms, the one with most levels first.
    pub terms: Vec<FittedTerm>,
    /// Residual standard deviation.
    pub sigma: f64,
    /// Log-likelihood (restricted, for REML).
    pub log_likelihood: f64,
    /// Minus twice the log-likelihood.
    pub criterion: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Observations less all parameters.
    pub df_residual: usize,
    /// Whether a variance or a combination of them is nil: the model is too rich for the data.
    pub singular: bool,
    /// Share of variance explained by the predictors (Nakagawa & Schielzeth 2013); undefined with slopes.
    pub r2_marginal: Estimate,
    /// Share of variance explained by predictors and groups; undefined with slopes.
    pub r2_conditional: Estimate,
}

/// lme4's limit below which a relative standard deviation counts as nil.
const SINGULAR: f64 = 1e-4;

/// A linear mixed model of y on an intercept, predictors (one vector each) and random terms (R lme4, lmerTest).
///
/// # Errors
/// [`Undefined::RankDeficient`] for dependent predictors, [`Undefined::TooFew`] without random terms or with as many random
/// effects as observations, [`Undefined::Malformed`] for lengths that differ, [`Undefined::NotConverged`] where no minimum
/// is found, [`Undefined::NoVariation`] where the predictors leave nothing.
pub fn linear_mixed_model(
    predictors: &[Vec<f64>],
    y: &[f64],
    random: &[RandomTerm],
    method: MixedMethod,
    conf_level: f64,
) -> Result<MixedModel, Undefined> {
    check_level(conf_level)?;
    check_finite(y)?;
    let n = y.len();
    let design = Design::new(predictors, n)?;
    if design.rank < predictors.len() + 1 {
        return Err(Undefined::RankDeficient);
    }
    let (order, terms) = prepare(random, n)?;
    let problem = Problem::new(design, y, terms, method)?;
    let stuck = Undefined::NotConverged { what: "the multilevel model" };
    let (theta, solution) = problem.best().ok_or(stuck)?;
    let parameters = problem.blocks.parameters();
    let p = predictors.len() + 1;
    let sigma2 = solution.residual / problem.divisor();
    let coefficients = problem.coefficients(&theta, &solution, sigma2, conf_level);
    let criterion = problem.profiled(&solution);
    let count = (p + parameters + 1) as f64;
    let terms = problem.fitted_terms(&order, &theta, &solution, sigma2);
    let diagonal_is_nil = |term: &FittedTerm| {
        let k = term.covariance.len();
        let mut at = 0;
        (0..k).any(|j| {
            let nil = term.theta[at].abs() < SINGULAR;
            at += k - j;
            nil
        })
    };
    let singular = terms.iter().any(diagonal_is_nil);
    let slopes = Undefined::Malformed { what: "with random slopes a share of variance depends on the predictor" };
    let between: Result<f64, Undefined> =
        terms.iter().map(|t| if t.covariance.len() == 1 { Ok(t.covariance[0][0]) } else { Err(slopes) }).sum();
    let beta: Vec<f64> = coefficients.iter().map(|c| c.estimate).collect();
    let fixed: Vec<f64> =
        (0..n).map(|i| beta[0] + predictors.iter().zip(&beta[1..]).map(|(x, b)| x[i] * b).sum::<f64>()).collect();
    let explained = if predictors.is_empty() { 0.0 } else { variance(&fixed) };
    Ok(MixedModel {
        n,
        coefficients,
        sigma: sigma2.sqrt(),
        log_likelihood: -0.5 * criterion,
        criterion,
        aic: criterion + 2.0 * count,
        bic: criterion + (n as f64).ln() * count,
        df_residual: n.saturating_sub(p + parameters + 1),
        singular,
        r2_marginal: between.map(|b| explained / (explained + b + sigma2)),
        r2_conditional: between.map(|b| (explained + b) / (explained + b + sigma2)),
        terms,
    })
}

/// Coefficients of the fixed effects where the relative covariance factors are known (one a term, as in
/// [`FittedTerm::theta`]): what becomes of the estimates when observations are left out and the variances stay.
///
/// # Errors
/// As [`linear_mixed_model`]; [`Undefined::Malformed`] for factors that do not fit the terms.
pub fn linear_mixed_coefficients(
    predictors: &[Vec<f64>],
    y: &[f64],
    random: &[RandomTerm],
    factors: &[Vec<f64>],
) -> Result<Vec<f64>, Undefined> {
    check_finite(y)?;
    let design = Design::new(predictors, y.len())?;
    if design.rank < predictors.len() + 1 {
        return Err(Undefined::RankDeficient);
    }
    let (order, terms) = prepare(random, y.len())?;
    let unfit = Undefined::Malformed { what: "the covariance factors do not fit the random terms" };
    let mut theta = Vec::new();
    for (index, term) in order.iter().zip(&terms) {
        let own = factors.get(*index).filter(|own| own.len() == term.parameters()).ok_or(unfit)?;
        theta.extend_from_slice(own);
    }
    let problem = Problem::new(design, y, terms, MixedMethod::Reml)?;
    let solution = problem.blocks.solve(&theta).ok_or(Undefined::NotConverged { what: "the multilevel model" })?;
    let shift = problem.design.to_coefficients() * &solution.beta;
    Ok(problem.start.iter().zip(shift.iter()).map(|(start, shift)| start + shift).collect())
}

/// Terms in the order of elimination (most levels first), and where each came from.
fn prepare(random: &[RandomTerm], n: usize) -> Result<(Vec<usize>, Vec<Term>), Undefined> {
    if random.is_empty() {
        return Err(Undefined::TooFew { what: "random terms", needed: 1, got: 0 });
    }
    let mut terms = Vec::new();
    for (index, term) in random.iter().enumerate() {
        let lengths = term.slopes.iter().map(Vec::len).chain([term.level.len()]);
        if lengths.into_iter().any(|length| length != n) {
            return Err(Undefined::Malformed { what: "a random term and the outcome differ in length" });
        }
        term.slopes.iter().try_for_each(|slope| check_finite(slope))?;
        let mut distinct = term.level.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let level: Vec<usize> = term.level.iter().map(|l| distinct.partition_point(|d| d < l)).collect();
        let intercept = term.intercept.then(|| vec![1.0; n]);
        let columns: Vec<Vec<f64>> = intercept.into_iter().chain(term.slopes.iter().cloned()).collect();
        if columns.is_empty() {
            return Err(Undefined::Malformed { what: "a random term has neither intercept nor slope" });
        }
        if distinct.len() < 2 {
            return Err(Undefined::TooFew { what: "groups", needed: 2, got: distinct.len() });
        }
        let effects = distinct.len() * columns.len();
        if effects >= n {
            return Err(Undefined::TooFew { what: "observations for the random effects", needed: effects + 1, got: n });
        }
        terms.push((index, Term { level, levels: distinct.len(), columns }));
    }
    terms.sort_by_key(|(_, term)| std::cmp::Reverse(term.levels));
    Ok(terms.into_iter().unzip())
}

struct Problem {
    blocks: Blocks,
    design: Design,
    method: MixedMethod,
    /// Coefficients of ordinary least squares, which are taken out first: large means cost digits otherwise.
    start: Vec<f64>,
}

impl Problem {
    fn new(design: Design, y: &[f64], terms: Vec<Term>, method: MixedMethod) -> Result<Self, Undefined> {
        let outcome = DVector::from_column_slice(y);
        let projected = design.q.tr_mul(&outcome);
        let residual = &outcome - &design.q * &projected;
        if residual.norm() <= 1e-12 * outcome.norm() {
            return Err(Undefined::NoVariation { what: "what the predictors leave of the outcome" });
        }
        let start = (design.to_coefficients() * projected).iter().copied().collect();
        Ok(Self { blocks: Blocks::new(terms, &design.q, &residual), design, method, start })
    }

    fn divisor(&self) -> f64 {
        match self.method {
            MixedMethod::Reml => (self.blocks.n - self.design.rank) as f64,
            MixedMethod::Ml => self.blocks.n as f64,
        }
    }

    /// Log-determinants: the predictors' block is that of orthonormal columns, and is put back on their scale.
    fn log_determinants(&self, solution: &Solution) -> f64 {
        match self.method {
            MixedMethod::Reml => solution.log_det_random + solution.log_det_fixed + self.design.log_det_cross_product(),
            MixedMethod::Ml => solution.log_det_random,
        }
    }

    /// Minus twice the (restricted) log-likelihood at the best residual variance.
    fn profiled(&self, solution: &Solution) -> f64 {
        let m = self.divisor();
        self.log_determinants(solution) + m * (1.0 + (2.0 * std::f64::consts::PI * solution.residual / m).ln())
    }

    /// The best theta. Signs of its columns do not matter, so the search needs no bounds: a variance of nil is a minimum
    /// like any other. Started from three sizes of the random effects.
    fn best(&self) -> Option<(Vec<f64>, Solution)> {
        let deviance =
            |theta: &DVector<f64>| self.blocks.solve(theta.as_slice()).map_or(f64::INFINITY, |s| self.profiled(&s));
        let unit: Vec<f64> = self
            .blocks
            .terms
            .iter()
            .flat_map(|term| {
                let k = term.width();
                (0..k).flat_map(move |j| (j..k).map(move |i| f64::from(u8::from(i == j))))
            })
            .collect();
        let start = [1.0, 0.25, 4.0]
            .map(|size| DVector::from_iterator(unit.len(), unit.iter().map(|v| v * size)))
            .into_iter()
            .min_by(|a, b| deviance(a).total_cmp(&deviance(b)))?;
        let Minimum { x, .. } = minimise(deviance, start)?;
        let theta = self.with_positive_diagonals(x.as_slice());
        let solution = self.blocks.solve(&theta)?;
        Some((theta, solution))
    }

    fn with_positive_diagonals(&self, theta: &[f64]) -> Vec<f64> {
        let mut out = theta.to_vec();
        let mut at = 0;
        for term in &self.blocks.terms {
            for j in 0..term.width() {
                let length = term.width() - j;
                if out[at] < 0.0 {
                    out[at..at + length].iter_mut().for_each(|v| *v = -*v);
                }
                at += length;
            }
        }
        out
    }

    /// Covariance of the coefficients in the predictors' own units.
    fn covariance(&self, solution: &Solution, sigma2: f64) -> DMatrix<f64> {
        let back = self.design.to_coefficients();
        back * &solution.unscaled * back.transpose() * sigma2
    }

    fn coefficients(&self, theta: &[f64], solution: &Solution, sigma2: f64, conf_level: f64) -> Vec<MixedCoefficient> {
        let shift = self.design.to_coefficients() * &solution.beta;
        let covariance = self.covariance(solution, sigma2);
        let degrees = self.satterthwaite(theta, sigma2);
        (0..self.start.len())
            .map(|j| {
                let (estimate, se) = (self.start[j] + shift[j], covariance[(j, j)].sqrt());
                let df = degrees.as_ref().map_err(|e| *e).and_then(|all| {
                    if all[j].is_finite() && all[j] > 0.0 {
                        Ok(all[j])
                    } else {
                        Err(Undefined::NotConverged { what: "Satterthwaite's degrees of freedom" })
                    }
                });
                MixedCoefficient {
                    estimate,
                    se,
                    t: estimate / se,
                    df,
                    p: df.map(|df| p_two_sided_t(estimate / se, df)),
                    interval: df.map(|df| Interval::around(estimate, t_for(conf_level, df) * se)),
                }
            })
            .collect()
    }

    /// Satterthwaite's degrees of freedom as in lmerTest: twice the squared variance of a coefficient over the variance of
    /// that variance, by the delta method from the curvature of the deviance in theta and the logarithm of sigma.
    fn satterthwaite(&self, theta: &[f64], sigma2: f64) -> Result<Vec<f64>, Undefined> {
        let stuck = Undefined::NotConverged { what: "Satterthwaite's degrees of freedom" };
        let point = DVector::from_iterator(theta.len() + 1, theta.iter().copied().chain([0.5 * sigma2.ln()]));
        let split = |at: &DVector<f64>| {
            let log_sigma = at[theta.len()];
            (self.blocks.solve(&at.as_slice()[..theta.len()]), (2.0 * log_sigma).exp(), log_sigma)
        };
        let mut deviance = |at: &DVector<f64>| match split(at) {
            (Some(s), sigma2, log_sigma) => {
                let constant = (2.0 * std::f64::consts::PI).ln() + 2.0 * log_sigma;
                self.log_determinants(&s) + self.divisor() * constant + s.residual / sigma2
            }
            _ => f64::NAN,
        };
        let value = deviance(&point);
        let (_, hessian) = derivatives(&mut deviance, &point, value);
        if hessian.iter().any(|v| !v.is_finite()) {
            return Err(stuck);
        }
        let eigen = hessian.symmetric_eigen();
        let floor = 1e-8 * eigen.eigenvalues.amax();
        let inverse = eigen.eigenvalues.map(|v| if v > floor { 2.0 / v } else { 0.0 });
        let spread = &eigen.eigenvectors * DMatrix::from_diagonal(&inverse) * eigen.eigenvectors.transpose();
        // Variances relative to themselves, so that steps and rounding fit any unit.
        let variances = |at: &DVector<f64>| match split(at) {
            (Some(s), sigma2, _) => self.covariance(&s, sigma2).diagonal(),
            _ => DVector::repeat(self.start.len(), f64::NAN),
        };
        let here = variances(&point);
        let slopes = jacobian(|at| variances(at).component_div(&here), &point);
        Ok(slopes.row_iter().map(|slope| 2.0 / (slope * &spread).dot(&slope)).collect())
    }

    fn fitted_terms(&self, order: &[usize], theta: &[f64], solution: &Solution, sigma2: f64) -> Vec<FittedTerm> {
        let effects = self.blocks.scaled_effects(theta, solution);
        let mut start = 0;
        let mut fitted: Vec<FittedTerm> = Vec::new();
        for ((term, &index), effects) in self.blocks.terms.iter().zip(order).zip(effects) {
            let own = theta[start..start + term.parameters()].to_vec();
            start += term.parameters();
            let factor = term.factor(&own);
            let covariance = &factor * factor.transpose() * sigma2;
            let rows = covariance.row_iter().map(|row| row.iter().copied().collect()).collect();
            fitted.push(FittedTerm {
                term: index,
                levels: term.levels,
                theta: own,
                covariance: rows,
                effects,
                icc: Err(Undefined::Malformed {
                    what: "with random slopes a share of variance depends on the predictor",
                }),
            });
        }
        if fitted.iter().all(|t| t.covariance.len() == 1) {
            let total: f64 = fitted.iter().map(|t| t.covariance[0][0]).sum::<f64>() + sigma2;
            for term in &mut fitted {
                term.icc = Ok(term.covariance[0][0] / total);
            }
        }
        fitted
    }
}
