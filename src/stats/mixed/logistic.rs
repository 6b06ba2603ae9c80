//! Logistic regression with a random intercept, by adaptive Gauss-Hermite quadrature.

use crate::stats::distributions::z_for;
use crate::stats::estimate::{Interval, Undefined, ZTest, check_level};
use crate::stats::logistic::{logistic_regression, sigmoid, softplus};
use crate::stats::minimise::minimise;
use crate::stats::regression::Design;
use nalgebra::{DMatrix, DVector};
use std::collections::BTreeMap;

/// A fixed effect, on the log-odds scale and within a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixedLogisticCoefficient {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error from the curvature of the likelihood.
    pub se: f64,
    /// Wald's test.
    pub wald: ZTest,
    /// Wald's interval.
    pub interval: Interval,
}

/// A logistic regression with a random intercept.
#[derive(Debug, Clone, PartialEq)]
pub struct MixedLogistic {
    /// Observations.
    pub n: usize,
    /// Groups.
    pub n_groups: usize,
    /// The intercept and one coefficient per predictor.
    pub coefficients: Vec<MixedLogisticCoefficient>,
    /// Standard deviation of the groups' intercepts.
    pub random_sd: f64,
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Whether the groups do not differ: the model is too rich for the data.
    pub singular: bool,
}

/// Logistic regression of y on an intercept and predictors with a random intercept per group (R lme4 `glmer`). With 9
/// `points` the integral over a group is practically exact; 1 is Laplace's approximation.
///
/// # Errors
/// As [`logistic_regression`]; [`Undefined::TooFew`] below two groups or without points, [`Undefined::Malformed`] for more
/// than 50 points or lengths that differ, [`Undefined::NotConverged`] where no maximum is found.
pub fn logistic_mixed_model(
    predictors: &[Vec<f64>],
    y: &[bool],
    groups: &[usize],
    points: usize,
    conf_level: f64,
) -> Result<MixedLogistic, Undefined> {
    check_level(conf_level)?;
    if groups.len() != y.len() {
        return Err(Undefined::Malformed { what: "groups and outcome differ in length" });
    }
    if points == 0 {
        return Err(Undefined::TooFew { what: "quadrature points", needed: 1, got: 0 });
    }
    if points > 50 {
        return Err(Undefined::Malformed { what: "more than 50 quadrature points gain nothing" });
    }
    // Also finds separation and dependent predictors.
    let alone = logistic_regression(predictors, y, conf_level)?;
    let design = Design::new(predictors, y.len())?;
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, group) in groups.iter().enumerate() {
        members.entry(*group).or_default().push(i);
    }
    if members.len() < 2 {
        return Err(Undefined::TooFew { what: "groups", needed: 2, got: members.len() });
    }
    let (p, n) = (design.rank, y.len() as f64);
    let scale = n.sqrt();
    let back = design.to_coefficients() * scale;
    let problem = Problem {
        x: &design.q * scale,
        y: y.iter().map(|v| f64::from(u8::from(*v))).collect(),
        groups: members.into_values().collect(),
        rule: gauss_hermite(points),
    };
    let estimates = DVector::from_iterator(p, alone.coefficients.iter().map(|c| c.estimate));
    let inside = design.q.tr_mul(&(&design.x * estimates)) / scale;
    let start = |sd: f64| DVector::from_iterator(p + 1, inside.iter().copied().chain([sd]));
    let deviance = |at: &DVector<f64>| problem.deviance(at);
    let stuck = Undefined::NotConverged { what: "the multilevel logistic model" };
    let first =
        [0.3, 1.0, 2.0].map(start).into_iter().min_by(|a, b| deviance(a).total_cmp(&deviance(b))).ok_or(stuck)?;
    let minimum = minimise(deviance, first).ok_or(stuck)?;
    let covariance = (minimum.hessian.clone() * 0.5).try_inverse().ok_or(stuck)?;
    let beta = &back * minimum.x.rows(0, p);
    let errors = &back * covariance.view((0, 0), (p, p)) * back.transpose();
    let coefficients = (0..p)
        .map(|j| {
            let (estimate, se) = (beta[j], errors[(j, j)].sqrt());
            if se.is_nan() {
                return Err(stuck);
            }
            Ok(MixedLogisticCoefficient {
                estimate,
                se,
                wald: ZTest::new(estimate / se),
                interval: Interval::around(estimate, z_for(conf_level) * se),
            })
        })
        .collect::<Result<Vec<_>, Undefined>>()?;
    let random_sd = minimum.x[p].abs();
    Ok(MixedLogistic {
        n: y.len(),
        n_groups: problem.groups.len(),
        coefficients,
        random_sd,
        log_likelihood: -0.5 * minimum.value,
        aic: minimum.value + 2.0 * (p as f64 + 1.0),
        singular: random_sd < 1e-4,
    })
}

struct Problem {
    x: DMatrix<f64>,
    y: Vec<f64>,
    groups: Vec<Vec<usize>>,
    /// Nodes and logarithms of weights for the weight function exp(-z^2/2), less that function.
    rule: Vec<(f64, f64)>,
}

impl Problem {
    /// Minus twice the marginal log-likelihood; the last entry is the standard deviation of the groups.
    fn deviance(&self, at: &DVector<f64>) -> f64 {
        let p = at.len() - 1;
        let (eta, sd) = (&self.x * at.rows(0, p), at[p]);
        -2.0 * self.groups.iter().map(|rows| self.group(rows, &eta, sd)).sum::<f64>()
    }

    /// ln of the integral over one group's standard normal effect u of exp(g(u)).
    fn group(&self, rows: &[usize], eta: &DVector<f64>, sd: f64) -> f64 {
        let joint = |u: f64| {
            let own: f64 = rows.iter().map(|&i| self.y[i] * (eta[i] + sd * u) - softplus(eta[i] + sd * u)).sum();
            own - 0.5 * u * u
        };
        let mut mode = 0.0;
        let mut curvature = 1.0;
        for _ in 0..100 {
            let (mut slope, mut bend) = (-mode, 1.0);
            for &i in rows {
                let mean = sigmoid(eta[i] + sd * mode);
                slope += sd * (self.y[i] - mean);
                bend += sd * sd * mean * (1.0 - mean);
            }
            curvature = bend;
            // Concave, with curvature of at least 1: a step can be too long only where the logistic is flat.
            let step = (slope / bend).clamp(-3.0, 3.0);
            mode += step;
            if step.abs() < 1e-12 {
                break;
            }
        }
        let spread = 1.0 / curvature.sqrt();
        let terms: Vec<f64> = self.rule.iter().map(|(node, log)| log + joint(mode + spread * node)).collect();
        let top = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // The rule integrates over z = (u - mode) / spread; 1/sqrt(2 pi) belongs to the density of u.
        top + terms.iter().map(|t| (t - top).exp()).sum::<f64>().ln() + spread.ln()
            - 0.5 * (2.0 * std::f64::consts::PI).ln()
    }
}

/// Nodes of Gauss-Hermite quadrature for the weight exp(-z^2/2), with `ln(weight) + z^2/2`, from the eigenvalues of the
/// Jacobi matrix (Golub & Welsch 1969).
fn gauss_hermite(points: usize) -> Vec<(f64, f64)> {
    let jacobi =
        DMatrix::from_fn(points, points, |i, j| if i.abs_diff(j) == 1 { (i.max(j) as f64).sqrt() } else { 0.0 });
    let eigen = jacobi.symmetric_eigen();
    let total = (2.0 * std::f64::consts::PI).sqrt();
    let mut rule: Vec<(f64, f64)> = (0..points)
        .map(|k| {
            let node = eigen.eigenvalues[k];
            (node, (total * eigen.eigenvectors[(0, k)].powi(2)).ln() + 0.5 * node * node)
        })
        .collect();
    rule.sort_by(|a, b| a.0.total_cmp(&b.0));
    rule
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn quadrature_integrates_the_moments_of_a_normal() {
        for points in [1, 2, 9, 20] {
            let rule = gauss_hermite(points);
            let moment = |k: i32| -> f64 {
                rule.iter().map(|(z, log)| z.powi(k) * (log - 0.5 * z * z).exp()).sum::<f64>()
                    / (2.0 * std::f64::consts::PI).sqrt()
            };
            assert!((moment(0) - 1.0).abs() < 1e-12);
            if points >= 9 {
                assert!((moment(2) - 1.0).abs() < 1e-12 && (moment(4) - 3.0).abs() < 1e-11);
            }
        }
    }
}
