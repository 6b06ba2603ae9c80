//! Cohen's kappa of two coders.

use super::{distinct, position};
use crate::stats::distributions::z_for;
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level, check_same_length};

/// How much two different categories count as agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KappaWeights {
    /// Not at all.
    Unweighted,
    /// Falls linearly with the distance of the categories in their order.
    Linear,
    /// Falls with the square of that distance.
    Quadratic,
}

/// Cohen's kappa with what is needed to read it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CohenKappa {
    /// Units that both coders rated.
    pub n: usize,
    /// Share of units with the same category.
    pub p_observed: f64,
    /// The coefficient.
    pub kappa: f64,
    /// Its standard error (Fleiss, Cohen & Everitt 1969).
    pub se: f64,
    /// Its standard error if there were only chance.
    pub se_null: f64,
    /// Interval by `se`; not clipped.
    pub interval: Interval,
    /// `kappa / se_null`.
    pub z_null: Estimate,
    /// Largest unweighted kappa that these margins allow.
    pub kappa_max: f64,
    /// Prevalence- and bias-adjusted kappa, `2 p_observed - 1`.
    pub pabak: f64,
}

/// Cohen's kappa of two coders' categories, unweighted or weighted by the order of the categories that occur.
/// Checked against statsmodels `cohens_kappa` and irr `kappa2`.
///
/// # Errors
/// [`Undefined::NoVariation`] where both used one and the same category, [`Undefined::TooFew`] without units,
/// [`Undefined::Malformed`] for ratings of unequal length or that are not finite.
pub fn cohen_kappa(
    first: &[f64],
    second: &[f64],
    weights: KappaWeights,
    conf_level: f64,
) -> Result<CohenKappa, Undefined> {
    check_level(conf_level)?;
    check_same_length(first.len(), second.len())?;
    if first.is_empty() {
        return Err(Undefined::TooFew { what: "units that both coders rated", needed: 1, got: 0 });
    }
    let categories = distinct(first.iter().chain(second).copied())?;
    let q = categories.len();
    if q < 2 {
        return Err(Undefined::NoVariation { what: "the category both coders used" });
    }
    let mut joint = vec![vec![0.0; q]; q];
    for (&a, &b) in first.iter().zip(second) {
        if let (Some(i), Some(j)) = (position(&categories, a), position(&categories, b)) {
            joint[i][j] += 1.0;
        }
    }
    of_joint_counts(joint, weights, conf_level)
}

/// The same from how many units have each pair of categories (rows: the first coder's).
///
/// # Errors
/// As [`cohen_kappa`].
pub(super) fn of_joint_counts(
    mut joint: Vec<Vec<f64>>,
    weights: KappaWeights,
    conf_level: f64,
) -> Result<CohenKappa, Undefined> {
    let q = joint.len();
    let n: f64 = joint.iter().flatten().sum();
    joint.iter_mut().flatten().for_each(|cell| *cell /= n);
    let rows: Vec<f64> = joint.iter().map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..q).map(|j| joint.iter().map(|row| row[j]).sum()).collect();
    let weight = |i: usize, j: usize| {
        let distance = i.abs_diff(j) as f64 / (q - 1) as f64;
        match weights {
            KappaWeights::Unweighted => f64::from(u8::from(i == j)),
            KappaWeights::Linear => 1.0 - distance,
            KappaWeights::Quadratic => 1.0 - distance * distance,
        }
    };
    let over_cells = |value: &dyn Fn(usize, usize) -> f64| -> f64 {
        (0..q).flat_map(|i| (0..q).map(move |j| (i, j))).map(|(i, j)| value(i, j)).sum()
    };
    let observed = over_cells(&|i, j| weight(i, j) * joint[i][j]);
    let expected = over_cells(&|i, j| weight(i, j) * rows[i] * columns[j]);
    if 1.0 - expected <= 1e-12 {
        return Err(Undefined::NoVariation { what: "the category both coders used" });
    }
    let kappa = (observed - expected) / (1.0 - expected);
    let row_weight: Vec<f64> = (0..q).map(|i| (0..q).map(|j| columns[j] * weight(i, j)).sum()).collect();
    let column_weight: Vec<f64> = (0..q).map(|j| (0..q).map(|i| rows[i] * weight(i, j)).sum()).collect();
    let centre = kappa - expected * (1.0 - kappa);
    let spread =
        over_cells(&|i, j| joint[i][j] * (weight(i, j) - (row_weight[i] + column_weight[j]) * (1.0 - kappa)).powi(2));
    let spread_null =
        over_cells(&|i, j| rows[i] * columns[j] * (weight(i, j) - row_weight[i] - column_weight[j]).powi(2));
    let scale = (1.0 - expected) * n.sqrt();
    // Differences of equal numbers: what is left of rounding is not spread.
    let root = |square: f64| if square < 1e-14 { 0.0 } else { square.sqrt() };
    let se = root(spread - centre * centre) / scale;
    let se_null = root(spread_null - expected * expected) / scale;
    let p_observed: f64 = (0..q).map(|i| joint[i][i]).sum();
    let chance: f64 = (0..q).map(|i| rows[i] * columns[i]).sum();
    let shared: f64 = (0..q).map(|i| rows[i].min(columns[i])).sum();
    Ok(CohenKappa {
        n: n as usize,
        p_observed,
        kappa,
        se,
        se_null,
        interval: Interval::around(kappa, z_for(conf_level) * se),
        z_null: if se_null > 0.0 {
            Ok(kappa / se_null)
        } else {
            Err(Undefined::NoVariation { what: "one coder's category" })
        },
        kappa_max: (shared - chance) / (1.0 - chance),
        pabak: 2.0 * p_observed - 1.0,
    })
}
