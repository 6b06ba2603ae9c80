//! Fitting by Newton's method with step-halving, profiles by root finding.

use super::separation::is_separated;
use crate::stats::distributions::{chi2_ppf, z_for};
use crate::stats::estimate::{ChiSquareTest, Interval, Undefined, ZTest, check_level};
use crate::stats::regression::Design;
use crate::stats::solve::find_root_from;
use nalgebra::{DMatrix, DVector};

/// One coefficient of a logistic regression, on the log-odds scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogisticCoefficient {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error from the Fisher information.
    pub se: f64,
    /// Wald's test.
    pub wald: ZTest,
    /// Wald's interval.
    pub wald_interval: Interval,
    /// Profile likelihood interval.
    pub profile_interval: Result<Interval, Undefined>,
}

/// A logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegression {
    /// Observations.
    pub n: usize,
    /// The intercept and one coefficient per predictor.
    pub coefficients: Vec<LogisticCoefficient>,
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// Minus twice the log-likelihood.
    pub deviance: f64,
    /// Deviance of the intercept alone.
    pub null_deviance: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Likelihood-ratio test of all predictors together.
    pub likelihood_ratio: Result<ChiSquareTest, Undefined>,
    /// McFadden's pseudo R squared.
    pub mcfadden_r2: f64,
    /// Nagelkerke's pseudo R squared.
    pub nagelkerke_r2: f64,
}

/// Maximum likelihood logistic regression on an intercept and predictors, one vector each (R `glm(binomial)`).
///
/// # Errors
/// [`Undefined::Separated`] where an estimate is infinite: offer [`firth_logistic`]. [`Undefined::NoVariation`] where all
/// outcomes are equal, [`Undefined::RankDeficient`] for dependent predictors, [`Undefined::Malformed`] for lengths that
/// differ.
pub fn logistic_regression(
    predictors: &[Vec<f64>],
    y: &[bool],
    conf_level: f64,
) -> Result<LogisticRegression, Undefined> {
    check_level(conf_level)?;
    let model = Model::new(predictors, y, false)?;
    if is_separated(&model.x, y) {
        return Err(Undefined::Separated);
    }
    let fit = model.maximise(None, DVector::zeros(model.x.ncols()))?;
    let covariance = model.information(&fit.beta).try_inverse().ok_or(Undefined::RankDeficient)?;
    let coefficients = (0..fit.beta.len())
        .map(|j| {
            let (estimate, se) = (fit.beta[j], covariance[(j, j)].sqrt());
            LogisticCoefficient {
                estimate,
                se,
                wald: ZTest::new(estimate / se),
                wald_interval: Interval::around(estimate, z_for(conf_level) * se),
                profile_interval: model.profile(&fit, j, se, conf_level),
            }
        })
        .collect();
    let (n, present) = (y.len() as f64, y.iter().filter(|v| **v).count() as f64);
    let null = present * (present / n).ln() + (n - present) * ((n - present) / n).ln();
    let gain = (2.0 * (fit.objective - null)).max(0.0);
    let cox_snell = -(-gain / n).exp_m1();
    Ok(LogisticRegression {
        n: y.len(),
        coefficients,
        log_likelihood: fit.objective,
        deviance: -2.0 * fit.objective,
        null_deviance: -2.0 * null,
        aic: -2.0 * fit.objective + 2.0 * fit.beta.len() as f64,
        likelihood_ratio: if predictors.is_empty() {
            Err(Undefined::TooFew { what: "predictors", needed: 1, got: 0 })
        } else {
            Ok(ChiSquareTest::new(gain, predictors.len() as f64))
        },
        mcfadden_r2: 1.0 - fit.objective / null,
        nagelkerke_r2: cox_snell / -(2.0 * null / n).exp_m1(),
    })
}

/// One coefficient of Firth's logistic regression, on the log-odds scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FirthCoefficient {
    /// The estimate; always finite.
    pub estimate: f64,
    /// Its standard error from the unpenalised Fisher information (Heinze & Schemper 2002).
    pub se: f64,
    /// Penalised likelihood-ratio test of 0.
    pub likelihood_ratio: ChiSquareTest,
    /// Profile penalised likelihood interval.
    pub profile_interval: Result<Interval, Undefined>,
}

/// Firth's logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct FirthLogistic {
    /// Observations.
    pub n: usize,
    /// The intercept and one coefficient per predictor.
    pub coefficients: Vec<FirthCoefficient>,
    /// Log-likelihood with Jeffreys's penalty.
    pub penalized_log_likelihood: f64,
}

/// Logistic regression with Firth's penalty (1993), which has finite estimates under separation and less bias in small
/// samples (brglm2 `AS_mean`, logistf).
///
/// # Errors
/// As [`logistic_regression`], without separation.
pub fn firth_logistic(predictors: &[Vec<f64>], y: &[bool], conf_level: f64) -> Result<FirthLogistic, Undefined> {
    check_level(conf_level)?;
    let model = Model::new(predictors, y, true)?;
    let fit = model.maximise(None, DVector::zeros(model.x.ncols()))?;
    let covariance = model.information(&fit.beta).try_inverse().ok_or(Undefined::RankDeficient)?;
    let coefficients = (0..fit.beta.len())
        .map(|j| {
            let se = covariance[(j, j)].sqrt();
            let without = model.maximise(Some((j, 0.0)), fit.beta.clone())?;
            let statistic = (2.0 * (fit.objective - without.objective)).max(0.0);
            Ok(FirthCoefficient {
                estimate: fit.beta[j],
                se,
                likelihood_ratio: ChiSquareTest::new(statistic, 1.0),
                profile_interval: model.profile(&fit, j, se, conf_level),
            })
        })
        .collect::<Result<Vec<_>, Undefined>>()?;
    Ok(FirthLogistic { n: y.len(), coefficients, penalized_log_likelihood: fit.objective })
}

struct Model {
    x: DMatrix<f64>,
    y: Vec<f64>,
    penalised: bool,
}

struct Fit {
    beta: DVector<f64>,
    objective: f64,
}

impl Model {
    fn new(predictors: &[Vec<f64>], y: &[bool], penalised: bool) -> Result<Self, Undefined> {
        let design = Design::new(predictors, y.len())?;
        if design.rank < design.x.ncols() {
            return Err(Undefined::RankDeficient);
        }
        let present = y.iter().filter(|v| **v).count();
        if present == 0 || present == y.len() {
            return Err(Undefined::NoVariation { what: "the outcome" });
        }
        Ok(Self { x: design.x, y: y.iter().map(|v| f64::from(u8::from(*v))).collect(), penalised })
    }

    fn weighted(&self, eta: &DVector<f64>) -> DMatrix<f64> {
        let mut scaled = self.x.clone();
        for (mut row, eta) in scaled.row_iter_mut().zip(eta.iter()) {
            let p = sigmoid(*eta);
            row *= (p * (1.0 - p)).sqrt();
        }
        scaled
    }

    fn information(&self, beta: &DVector<f64>) -> DMatrix<f64> {
        let scaled = self.weighted(&(&self.x * beta));
        scaled.tr_mul(&scaled)
    }

    fn objective(&self, beta: &DVector<f64>) -> f64 {
        let eta = &self.x * beta;
        let likelihood: f64 = eta.iter().zip(&self.y).map(|(e, y)| y * e - softplus(*e)).sum();
        if !self.penalised {
            return likelihood;
        }
        let scaled = self.weighted(&eta);
        match scaled.tr_mul(&scaled).cholesky() {
            Some(root) => likelihood + root.l_dirty().diagonal().iter().map(|v| v.ln()).sum::<f64>(),
            None => f64::NEG_INFINITY,
        }
    }

    /// The largest (penalised) likelihood, with one coefficient held where `fixed` says.
    fn maximise(&self, fixed: Option<(usize, f64)>, start: DVector<f64>) -> Result<Fit, Undefined> {
        let stuck = Undefined::NotConverged { what: "the logistic regression" };
        let mut beta = start;
        if let Some((j, value)) = fixed {
            beta[j] = value;
        }
        let mut objective = self.objective(&beta);
        for _ in 0..1000 {
            let eta = &self.x * &beta;
            let scaled = self.weighted(&eta);
            let mut information = scaled.tr_mul(&scaled);
            let mut residual: DVector<f64> =
                DVector::from_iterator(eta.len(), eta.iter().zip(&self.y).map(|(e, y)| y - sigmoid(*e)));
            if self.penalised {
                // The penalty is like half an observation of each outcome per unit of leverage; left out of the curvature,
                // the steps would overshoot and, in a saturated model, run in a circle.
                let inverse = information.clone().cholesky().ok_or(stuck)?.inverse();
                for (i, row) in scaled.row_iter().enumerate() {
                    let leverage = (row * &inverse).dot(&row);
                    residual[i] += leverage * (0.5 - sigmoid(eta[i]));
                    information += row.transpose() * row * leverage;
                }
            }
            let mut score = self.x.tr_mul(&residual);
            if let Some((j, _)) = fixed {
                information.row_mut(j).fill(0.0);
                information.column_mut(j).fill(0.0);
                information[(j, j)] = 1.0;
                score[j] = 0.0;
            }
            let mut step = information.cholesky().ok_or(stuck)?.solve(&score);
            // Far from the maximum a full step may leave the region where the curvature means anything.
            let largest = (&self.x * &step).amax();
            if largest > 5.0 {
                step *= 5.0 / largest;
            }
            let mut next = &beta + &step;
            let mut reached = self.objective(&next);
            let mut halvings = 0;
            while reached.is_nan() || reached < objective - 1e-12 * objective.abs().max(1.0) {
                halvings += 1;
                if halvings > 60 {
                    return Err(stuck);
                }
                step *= 0.5;
                next = &beta + &step;
                reached = self.objective(&next);
            }
            beta = next;
            objective = reached;
            if step.iter().zip(beta.iter()).all(|(s, b)| s.abs() <= 1e-11 * b.abs().max(1.0)) {
                return Ok(Fit { beta, objective });
            }
        }
        Err(stuck)
    }

    /// Where twice the loss of likelihood reaches the chi-square quantile, on both sides of the estimate.
    fn profile(&self, fit: &Fit, j: usize, se: f64, conf_level: f64) -> Result<Interval, Undefined> {
        let allowed = chi2_ppf(conf_level, 1.0);
        let excess = |value: f64| match self.maximise(Some((j, value)), fit.beta.clone()) {
            Ok(held) => 2.0 * (fit.objective - held.objective) - allowed,
            Err(_) => f64::NAN,
        };
        let side = |direction: f64| {
            let limit = |distance: f64| excess(fit.beta[j] + direction * distance);
            let first = z_for(conf_level) * se;
            let mut far = first;
            // Outwards until the loss is too large; beyond a hundred steps the likelihood never falls that far.
            for _ in 0..12 {
                let here = limit(far);
                if here.is_nan() || here > 0.0 {
                    break;
                }
                far *= 1.6;
            }
            find_root_from(|d| if d <= 0.0 { -allowed + d } else { limit(d) }, far, far * 0.5, 1e-10 * first)
                .map(|distance| fit.beta[j] + direction * distance)
                .ok_or(Undefined::NotConverged { what: "the profile interval" })
        };
        Ok(Interval { lower: side(-1.0)?, upper: side(1.0)? })
    }
}

/// 1 / (1 + e^-eta)
pub(crate) fn sigmoid(eta: f64) -> f64 {
    if eta >= 0.0 {
        1.0 / (1.0 + (-eta).exp())
    } else {
        let e = eta.exp();
        e / (1.0 + e)
    }
}

/// ln(1 + e^eta)
pub(crate) fn softplus(eta: f64) -> f64 {
    eta.max(0.0) + (-eta.abs()).exp().ln_1p()
}
