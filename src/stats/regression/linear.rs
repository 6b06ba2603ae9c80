//! Ordinary least squares.

use crate::stats::distributions::t_for;
use crate::stats::estimate::{Estimate, FTest, Interval, TTest, Undefined, check_finite, check_level};
use crate::stats::sample::sum_of_squares;
use nalgebra::{DMatrix, DVector};

/// One coefficient of a linear model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficient {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error; undefined without degrees of freedom.
    pub se: Estimate,
    /// Its t test.
    pub test: Result<TTest, Undefined>,
    /// Its interval.
    pub interval: Result<Interval, Undefined>,
    /// Standard error that holds under unequal variances (HC3).
    pub se_hc3: Estimate,
}

/// A fitted linear model.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearRegression {
    /// Observations.
    pub n: usize,
    /// Linearly independent columns, the intercept among them.
    pub rank: usize,
    /// n less rank.
    pub df_residual: usize,
    /// The intercept and one coefficient per predictor; undefined where predictors depend on each other.
    pub coefficients: Result<Vec<Coefficient>, Undefined>,
    /// Fitted values.
    pub fitted: Vec<f64>,
    /// Residual standard error.
    pub sigma: Estimate,
    /// Share of the variance that is explained.
    pub r_squared: Estimate,
    /// The same, corrected for the number of predictors.
    pub adjusted_r_squared: Estimate,
    /// Test of all predictors together.
    pub test: Result<FTest, Undefined>,
    /// Log-likelihood.
    pub log_likelihood: Estimate,
    /// Akaike's criterion, the variance counting as a parameter.
    pub aic: Estimate,
    /// Schwarz's criterion.
    pub bic: Estimate,
}

/// Ordinary least squares of y on an intercept and the predictors, one vector each (R `lm`, sandwich `vcovHC`).
///
/// # Errors
/// [`Undefined::TooFew`] without observations, [`Undefined::Malformed`] for lengths that differ or values that are not
/// finite.
pub fn linear_regression(predictors: &[Vec<f64>], y: &[f64], conf_level: f64) -> Result<LinearRegression, Undefined> {
    check_level(conf_level)?;
    let fit = least_squares(predictors, y)?;
    let (n, rank) = (y.len(), fit.design.rank);
    let columns = predictors.len() + 1;
    let df = (n - rank) as f64;
    let none_left = Undefined::TooFew { what: "observations beyond the predictors", needed: 1, got: 0 };
    let with_df = |value: f64| if df > 0.0 { Ok(value) } else { Err(none_left) };
    let total = sum_of_squares(y);
    let residual: f64 = fit.residuals.iter().map(|r| r * r).sum();
    let constant = Undefined::NoVariation { what: "the outcome" };
    let r_squared = if total > 0.0 { Ok(1.0 - residual / total) } else { Err(constant) };
    let sigma = with_df((residual / df).sqrt());
    let size = n as f64;
    let log_likelihood = with_df(-0.5 * size * ((2.0 * std::f64::consts::PI * residual / size).ln() + 1.0))
        .and_then(|l| if l.is_finite() { Ok(l) } else { Err(Undefined::NoVariation { what: "the residual" }) });
    let parameters = rank as f64 + 1.0;
    let model_df = rank as f64 - 1.0;
    let explained = (total - residual).max(0.0);
    Ok(LinearRegression {
        n,
        rank,
        df_residual: n - rank,
        coefficients: if rank < columns {
            Err(Undefined::RankDeficient)
        } else {
            Ok(coefficients(&fit, sigma, df, conf_level))
        },
        sigma,
        r_squared,
        adjusted_r_squared: with_df((size - 1.0) / df).and_then(|scale| Ok(1.0 - (1.0 - r_squared?) * scale)),
        test: if model_df > 0.0 && residual > 0.0 {
            with_df(explained / model_df / (residual / df)).map(|f| FTest::new(f, model_df, df))
        } else {
            Err(none_left)
        },
        log_likelihood,
        aic: log_likelihood.map(|l| -2.0 * l + 2.0 * parameters),
        bic: log_likelihood.map(|l| -2.0 * l + size.ln() * parameters),
        fitted: fit.fitted,
    })
}

fn coefficients(fit: &LeastSquares, sigma: Estimate, df: f64, conf_level: f64) -> Vec<Coefficient> {
    let hc3 = hc3_errors(fit);
    let of = |j: usize| {
        let estimate = fit.coefficients[j];
        let se = sigma.map(|s| s * fit.design.bread[(j, j)].sqrt());
        Coefficient {
            estimate,
            se,
            test: se.and_then(|se| {
                if se > 0.0 {
                    Ok(TTest::new(estimate / se, df))
                } else {
                    Err(Undefined::NoVariation { what: "the residual" })
                }
            }),
            interval: se.map(|se| Interval::around(estimate, t_for(conf_level, df) * se)),
            se_hc3: hc3.as_ref().map(|errors| errors[j]).map_err(|e| *e),
        }
    };
    (0..fit.coefficients.len()).map(of).collect()
}

/// MacKinnon and White's (1985) HC3: residuals divided by one less their leverage. Each variance is a sum of squared
/// influences, and so never negative.
fn hc3_errors(fit: &LeastSquares) -> Result<Vec<f64>, Undefined> {
    let design = &fit.design;
    let mut variances = DVector::zeros(design.x.ncols());
    for (row, residual) in design.q.row_iter().zip(&fit.residuals) {
        let leverage = row.norm_squared();
        if leverage > 1.0 - 1e-10 {
            return Err(Undefined::AtLimit { what: "the leverage of an observation" });
        }
        let influence = &design.solve * row.transpose() * (residual / (1.0 - leverage));
        variances += influence.component_mul(&influence);
    }
    Ok(variances.iter().map(|v| v.sqrt()).collect())
}

/// The columns of a linear model, decomposed.
pub(crate) struct Design {
    /// Intercept and predictors.
    pub x: DMatrix<f64>,
    /// Orthonormal columns that span the same space.
    pub q: DMatrix<f64>,
    /// Inverse of the cross-product; zero where the rank is deficient.
    pub bread: DMatrix<f64>,
    /// Linearly independent columns.
    pub rank: usize,
    /// Maps a projected outcome to coefficients.
    solve: DMatrix<f64>,
}

/// A least-squares fit.
pub(crate) struct LeastSquares {
    pub design: Design,
    /// Zero where the rank is deficient.
    pub coefficients: Vec<f64>,
    pub fitted: Vec<f64>,
    pub residuals: Vec<f64>,
}

impl Design {
    /// Decomposes an intercept and predictors, centred and scaled to unit length.
    pub(crate) fn new(predictors: &[Vec<f64>], n: usize) -> Result<Self, Undefined> {
        if n == 0 {
            return Err(Undefined::TooFew { what: "observations", needed: 1, got: 0 });
        }
        if predictors.iter().any(|column| column.len() != n) {
            return Err(Undefined::Malformed { what: "predictors and outcome differ in length" });
        }
        predictors.iter().try_for_each(|column| check_finite(column))?;
        let columns = predictors.len() + 1;
        let x = DMatrix::from_fn(n, columns, |i, j| if j == 0 { 1.0 } else { predictors[j - 1][i] });
        // Predictors are centred first: a score far from zero is nearly an intercept otherwise.
        let means: Vec<f64> = (0..columns).map(|j| if j == 0 { 0.0 } else { x.column(j).mean() }).collect();
        let centred = DMatrix::from_fn(n, columns, |i, j| x[(i, j)] - means[j]);
        let lengths: Vec<f64> = (0..columns).map(|j| centred.column(j).norm()).collect();
        let whole: Vec<f64> = (0..columns).map(|j| x.column(j).norm()).collect();
        let scaled = DMatrix::from_fn(n, columns, |i, j| {
            if lengths[j] > 1e-12 * whole[j] { centred[(i, j)] / lengths[j] } else { 0.0 }
        });
        let (mut q_columns, mut chosen) = (Vec::<DVector<f64>>::new(), Vec::<usize>::new());
        let mut r = DMatrix::zeros(columns, columns);
        // Modified Gram-Schmidt, twice, in the order of the columns: a later column that adds nothing is left out.
        for j in 0..columns {
            let mut v: DVector<f64> = scaled.column(j).into_owned();
            for _ in 0..2 {
                for (k, q) in q_columns.iter().enumerate() {
                    let share = q.dot(&v);
                    r[(k, j)] += share;
                    v.axpy(-share, q, 1.0);
                }
            }
            let left = v.norm();
            if left > 1e-9 {
                r[(q_columns.len(), j)] = left;
                q_columns.push(v / left);
                chosen.push(j);
            }
        }
        let rank = chosen.len();
        let q = DMatrix::from_columns(&q_columns);
        // Back from scaled and centred columns to the ones that were given.
        let triangle = DMatrix::from_fn(rank, rank, |a, b| r[(a, chosen[b])]);
        let inverse = triangle.try_inverse().ok_or(Undefined::RankDeficient)?;
        let mut solve = DMatrix::zeros(columns, rank);
        for (a, &j) in chosen.iter().enumerate() {
            for k in 0..rank {
                let value = inverse[(a, k)] / lengths[j];
                solve[(j, k)] += value;
                if j > 0 {
                    solve[(0, k)] -= means[j] * value;
                }
            }
        }
        let bread = if rank == columns { &solve * solve.transpose() } else { DMatrix::zeros(columns, columns) };
        Ok(Self { x, q, bread, rank, solve })
    }

    /// Maps coordinates on the orthonormal columns to coefficients.
    pub(crate) fn to_coefficients(&self) -> &DMatrix<f64> {
        &self.solve
    }

    /// Logarithm of the determinant of the cross-product of the columns, for full rank.
    pub(crate) fn log_det_cross_product(&self) -> f64 {
        -2.0 * self.solve.determinant().abs().ln()
    }

    pub(crate) fn fit(self, y: &[f64]) -> LeastSquares {
        let outcome = DVector::from_column_slice(y);
        let mut projected = self.q.tr_mul(&outcome);
        // One step of refinement takes out the rounding of a large mean.
        let rest = &outcome - &self.q * &projected;
        projected += self.q.tr_mul(&rest);
        let fitted = &self.q * &projected;
        let residuals = (&outcome - &fitted).iter().copied().collect();
        let coefficients = (&self.solve * &projected).iter().copied().collect();
        LeastSquares { coefficients, fitted: fitted.iter().copied().collect(), residuals, design: self }
    }
}

/// Least squares of y on an intercept and predictors.
pub(crate) fn least_squares(predictors: &[Vec<f64>], y: &[f64]) -> Result<LeastSquares, Undefined> {
    check_finite(y)?;
    Ok(Design::new(predictors, y.len())?.fit(y))
}
