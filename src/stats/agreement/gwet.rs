//! Agreement of any number of coders with missing ratings: percent, Gwet's AC1 and AC2, Brennan-Prediger, Fleiss.
//!
//! Estimators and linearised standard errors of Gwet (2014), *Handbook of Inter-Rater Reliability*, 4th edition; checked
//! against irrCAC. Units that nobody rated are dropped. Weights go by the value of a category, not by its order.

use super::{distinct, position};
use crate::stats::distributions::t_for;
use crate::stats::estimate::{Interval, Undefined, check_level};

/// How much two different categories count as agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreementWeights {
    /// Not at all.
    Identity,
    /// Falls linearly with the difference of the values.
    Linear,
    /// Falls with the square of the difference.
    Quadratic,
}

/// A coefficient of agreement with its standard error and interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChanceCorrected {
    /// Units that somebody rated.
    pub n_units: usize,
    /// Units that two or more coders rated.
    pub n_units_2plus: usize,
    /// Categories that are possible.
    pub n_categories: usize,
    /// Agreement beyond chance; agreement itself where chance is not taken out.
    pub coefficient: f64,
    /// Agreement that chance would give.
    pub p_expected: f64,
    /// Standard error over units.
    pub se: f64,
    /// Interval by t with units less one degrees of freedom; the upper limit is at most 1.
    pub interval: Interval,
}

/// Percent agreement: the mean share of agreeing pairs.
///
/// # Errors
/// [`Undefined::TooFew`] below two units or where no unit has two ratings, [`Undefined::Malformed`] for a rating outside
/// the categories.
pub fn percent_agreement(
    ratings: &[Vec<Option<f64>>],
    weights: AgreementWeights,
    conf_level: f64,
) -> Result<ChanceCorrected, Undefined> {
    Table::new(ratings, &[], weights)?.coefficient(Chance::None, conf_level)
}

/// Gwet's AC1 (identity weights) or AC2, which does not fall apart when a code is rare. `categories` are all that coders
/// could choose from; those that occur are added, so an empty list means "those that occur".
///
/// # Errors
/// As [`percent_agreement`].
pub fn gwet_ac(
    ratings: &[Vec<Option<f64>>],
    categories: &[f64],
    weights: AgreementWeights,
    conf_level: f64,
) -> Result<ChanceCorrected, Undefined> {
    Table::new(ratings, categories, weights)?.coefficient(Chance::Gwet, conf_level)
}

/// Brennan and Prediger's coefficient: every category equally likely by chance.
///
/// # Errors
/// As [`percent_agreement`], and [`Undefined::NoVariation`] with one category.
pub fn brennan_prediger(
    ratings: &[Vec<Option<f64>>],
    categories: &[f64],
    weights: AgreementWeights,
    conf_level: f64,
) -> Result<ChanceCorrected, Undefined> {
    Table::new(ratings, categories, weights)?.coefficient(Chance::Uniform, conf_level)
}

/// Fleiss's kappa generalised to missing ratings and weights.
///
/// # Errors
/// As [`percent_agreement`], and [`Undefined::NoVariation`] with one category.
pub fn fleiss_kappa_with_missing(
    ratings: &[Vec<Option<f64>>],
    weights: AgreementWeights,
    conf_level: f64,
) -> Result<ChanceCorrected, Undefined> {
    Table::new(ratings, &[], weights)?.coefficient(Chance::Fleiss, conf_level)
}

#[derive(Clone, Copy, PartialEq)]
enum Chance {
    None,
    Gwet,
    Uniform,
    Fleiss,
}

/// How often each category was chosen per unit, and the weights between categories.
struct Table {
    counts: Vec<Vec<f64>>,
    weights: Vec<Vec<f64>>,
}

impl Table {
    fn new(ratings: &[Vec<Option<f64>>], declared: &[f64], kind: AgreementWeights) -> Result<Self, Undefined> {
        let categories = distinct(ratings.iter().flatten().flatten().chain(declared).copied())?;
        let q = categories.len();
        let mut counts = Vec::with_capacity(ratings.len());
        for unit in ratings {
            let mut row = vec![0.0; q];
            for k in unit.iter().flatten().filter_map(|&v| position(&categories, v)) {
                row[k] += 1.0;
            }
            if row.iter().sum::<f64>() > 0.0 {
                counts.push(row);
            }
        }
        let range = categories.last().zip(categories.first()).map_or(1.0, |(last, first)| last - first);
        let weight = |i: usize, j: usize| {
            if i == j {
                return 1.0;
            }
            let distance = (categories[i] - categories[j]).abs() / range;
            match kind {
                AgreementWeights::Identity => 0.0,
                AgreementWeights::Linear => 1.0 - distance,
                AgreementWeights::Quadratic => 1.0 - distance * distance,
            }
        };
        let weights = (0..q).map(|i| (0..q).map(|j| weight(i, j)).collect()).collect();
        Ok(Self { counts, weights })
    }

    fn coefficient(&self, chance: Chance, conf_level: f64) -> Result<ChanceCorrected, Undefined> {
        check_level(conf_level)?;
        let (n, q) = (self.counts.len(), self.weights.len());
        let totals: Vec<f64> = self.counts.iter().map(|row| row.iter().sum()).collect();
        let paired = totals.iter().filter(|t| **t >= 2.0).count();
        if n < 2 || paired == 0 {
            return Err(Undefined::TooFew { what: "units that two coders rated", needed: 2, got: paired });
        }
        let weighted = |row: &[f64], k: usize| -> f64 { row.iter().zip(&self.weights[k]).map(|(r, w)| r * w).sum() };
        let agreement: Vec<f64> = self
            .counts
            .iter()
            .zip(&totals)
            .map(|(row, &t)| {
                if t < 2.0 {
                    return 0.0;
                }
                let pairs: f64 = row.iter().enumerate().map(|(k, r)| r * (weighted(row, k) - 1.0)).sum();
                pairs / (t * (t - 1.0))
            })
            .collect();
        let (units, pairs) = (n as f64, paired as f64);
        let observed = agreement.iter().sum::<f64>() / pairs;
        let shares: Vec<f64> =
            (0..q).map(|k| self.counts.iter().zip(&totals).map(|(row, t)| row[k] / t).sum::<f64>() / units).collect();
        let all_weights: f64 = self.weights.iter().flatten().sum();
        // What a rating in each category contributes to chance agreement.
        let (expected, by_category): (f64, Vec<f64>) = match chance {
            Chance::None => (0.0, vec![0.0; q]),
            Chance::Uniform => (all_weights / (q * q) as f64, vec![]),
            Chance::Gwet => {
                let scale = if q > 1 { all_weights / (q * (q - 1)) as f64 } else { 0.0 };
                let by: Vec<f64> = shares.iter().map(|p| scale * (1.0 - p)).collect();
                (shares.iter().zip(&by).map(|(p, b)| p * b).sum(), by)
            }
            Chance::Fleiss => {
                let by: Vec<f64> = (0..q).map(|k| weighted(&shares, k)).collect();
                (shares.iter().zip(&by).map(|(p, b)| p * b).sum(), by)
            }
        };
        if 1.0 - expected <= 1e-12 {
            return Err(Undefined::NoVariation { what: "the category all coders used" });
        }
        let coefficient = (observed - expected) / (1.0 - expected);
        let squares: f64 = self
            .counts
            .iter()
            .zip(&totals)
            .zip(&agreement)
            .map(|((row, &t), &a)| {
                let beyond = if t >= 2.0 { (a - expected) / (1.0 - expected) } else { 0.0 };
                let own = if by_category.is_empty() {
                    expected
                } else {
                    row.iter().zip(&by_category).map(|(r, b)| r * b).sum::<f64>() / t
                };
                let influence =
                    units / pairs * beyond - 2.0 * (1.0 - coefficient) * (own - expected) / (1.0 - expected);
                (influence - coefficient).powi(2)
            })
            .sum();
        let se = (squares / (units * (units - 1.0))).sqrt();
        let interval = Interval::around(coefficient, t_for(conf_level, units - 1.0) * se);
        Ok(ChanceCorrected {
            n_units: n,
            n_units_2plus: paired,
            n_categories: q,
            coefficient,
            p_expected: expected,
            se,
            interval: Interval { upper: interval.upper.min(1.0), ..interval },
        })
    }
}
