//! Standard errors for observations that come in clusters, such as the clients of one therapist.

use super::least_squares;
use super::linear::LeastSquares;
use crate::stats::distributions::p_two_sided_t;
use crate::stats::estimate::{Estimate, Undefined};
use nalgebra::{DMatrix, DVector};
use std::collections::BTreeMap;

/// Cluster-robust errors of one coefficient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterRobust {
    /// The estimate, which is that of least squares.
    pub estimate: f64,
    /// CR1: the sandwich times G/(G-1) (n-1)/(n-k), as Stata and statsmodels.
    pub se_cr1: f64,
    /// CR2: Bell and McCaffrey's bias-reduced linearisation (2002), for few clusters.
    pub se_cr2: f64,
    /// Satterthwaite degrees of freedom of the CR2 error under independence (Pustejovsky & Tipton 2018).
    pub df_cr2: Estimate,
    /// Two-sided p by t with those degrees of freedom.
    pub p_cr2: Estimate,
}

/// Cluster-robust errors of a linear model: the intercept first, then each predictor (R sandwich `vcovCL`, clubSandwich).
/// `clusters` says for each observation which cluster it belongs to.
///
/// # Errors
/// As [`super::linear_regression`]; [`Undefined::RankDeficient`] for dependent predictors, [`Undefined::TooFew`] below
/// two clusters or without degrees of freedom.
pub fn cluster_robust(predictors: &[Vec<f64>], y: &[f64], clusters: &[usize]) -> Result<Vec<ClusterRobust>, Undefined> {
    if clusters.len() != y.len() {
        return Err(Undefined::Malformed { what: "clusters and outcome differ in length" });
    }
    let fit = least_squares(predictors, y)?;
    let (n, k) = (y.len(), fit.design.x.ncols());
    if fit.design.rank < k {
        return Err(Undefined::RankDeficient);
    }
    if n <= k {
        return Err(Undefined::TooFew { what: "observations beyond the predictors", needed: 1, got: 0 });
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, cluster) in clusters.iter().enumerate() {
        members.entry(*cluster).or_default().push(i);
    }
    if members.len() < 2 {
        return Err(Undefined::TooFew { what: "clusters", needed: 2, got: members.len() });
    }
    let g = members.len() as f64;
    let scale = g / (g - 1.0) * (n as f64 - 1.0) / (n - k) as f64;
    let groups: Vec<Group> = members.values().map(|rows| Group::new(&fit, rows)).collect();
    // Sums of squared influences of the clusters on each coefficient.
    let variances = |score: &dyn Fn(&Group) -> DVector<f64>| {
        let mut sum = DVector::zeros(k);
        for group in &groups {
            let influence = &fit.design.bread * score(group);
            sum += influence.component_mul(&influence);
        }
        sum
    };
    let cr1 = variances(&|group| group.score.clone()) * scale;
    let cr2 = variances(&|group| group.adjusted_score.clone());
    (0..k)
        .map(|j| {
            let (se_cr2, df) = (cr2[j].sqrt(), satterthwaite(&fit, &groups, j));
            Ok(ClusterRobust {
                estimate: fit.coefficients[j],
                se_cr1: cr1[j].sqrt(),
                se_cr2,
                df_cr2: df,
                p_cr2: df.and_then(|df| {
                    if se_cr2 > 0.0 {
                        Ok(p_two_sided_t(fit.coefficients[j] / se_cr2, df))
                    } else {
                        Err(Undefined::NoVariation { what: "the residual" })
                    }
                }),
            })
        })
        .collect()
}

struct Group {
    rows: Vec<usize>,
    /// X' e
    score: DVector<f64>,
    /// X' A e with A = (I - H)^-1/2 of the cluster
    adjusted_score: DVector<f64>,
    /// A X
    adjusted: DMatrix<f64>,
}

impl Group {
    fn new(fit: &LeastSquares, rows: &[usize]) -> Self {
        let (x, q) = (fit.design.x.select_rows(rows), fit.design.q.select_rows(rows));
        let residuals = DVector::from_iterator(rows.len(), rows.iter().map(|&i| fit.residuals[i]));
        let own = DMatrix::identity(rows.len(), rows.len()) - &q * q.transpose();
        let eigen = own.symmetric_eigen();
        // The directions that the cluster alone determines carry no residual: a pseudo-inverse leaves them out.
        let roots = eigen.eigenvalues.map(|v| if v > 1e-10 { 1.0 / v.sqrt() } else { 0.0 });
        let adjust = &eigen.eigenvectors * DMatrix::from_diagonal(&roots) * eigen.eigenvectors.transpose();
        let adjusted = adjust * &x;
        Self { rows: rows.to_vec(), score: x.tr_mul(&residuals), adjusted_score: adjusted.tr_mul(&residuals), adjusted }
    }
}

/// (sum of squared lengths)^2 / sum of squared products of the vectors whose squares make up the variance estimate.
fn satterthwaite(fit: &LeastSquares, groups: &[Group], j: usize) -> Estimate {
    let contrast = fit.design.bread.column(j);
    let q = &fit.design.q;
    // (I - H) with the cluster's rows only on the right; kept as the sparse part and its projection.
    let parts: Vec<(&[usize], DVector<f64>, DVector<f64>)> = groups
        .iter()
        .map(|group| {
            let own = &group.adjusted * contrast;
            let projected = q.select_rows(&group.rows).tr_mul(&own);
            (group.rows.as_slice(), own, projected)
        })
        .collect();
    let (mut trace, mut squares) = (0.0, 0.0);
    for (a, first) in parts.iter().enumerate() {
        for (b, second) in parts.iter().enumerate() {
            // Clusters share no rows: only the projections meet, and a cluster with itself.
            let shared = if a == b { first.1.norm_squared() } else { 0.0 };
            let product = shared - first.2.dot(&second.2);
            squares += product * product;
            if a == b {
                trace += product;
            }
        }
    }
    if squares > 0.0 {
        Ok(trace * trace / squares)
    } else {
        Err(Undefined::NoVariation { what: "the predictor within the clusters" })
    }
}
