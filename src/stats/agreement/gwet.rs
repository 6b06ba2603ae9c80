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
pub(super) enum Chance {
    None,
    Gwet,
    Uniform,
    Fleiss,
}

/// A pattern of ratings: how often each category was chosen in a unit.
struct Row {
    counts: Vec<f64>,
    total: f64,
    /// Weighted share of agreeing pairs; 0 below two ratings.
    agreement: f64,
}

/// Units as patterns of ratings, and the weights between categories. How often each pattern occurs is handed in, so that
/// a bootstrap draws numbers instead of units.
pub(super) struct Table {
    rows: Vec<Row>,
    weights: Vec<Vec<f64>>,
}

/// A coefficient without its standard error, and what that is made of.
pub(super) struct Point {
    pub(super) coefficient: f64,
    expected: f64,
    by_category: Vec<f64>,
    units: f64,
    pairs: f64,
}

impl Table {
    fn new(ratings: &[Vec<Option<f64>>], declared: &[f64], kind: AgreementWeights) -> Result<Self, Undefined> {
        let categories = distinct(ratings.iter().flatten().flatten().chain(declared).copied())?;
        let units = ratings.iter().map(|unit| unit.iter().flatten().filter_map(|&v| position(&categories, v)));
        Ok(Self::of_positions(units, &categories, kind))
    }

    /// Of units that give positions in the list of categories.
    pub(super) fn of_positions(
        units: impl Iterator<Item = impl Iterator<Item = usize>>,
        categories: &[f64],
        kind: AgreementWeights,
    ) -> Self {
        let q = categories.len();
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
        let weights: Vec<Vec<f64>> = (0..q).map(|i| (0..q).map(|j| weight(i, j)).collect()).collect();
        let row = |unit: &mut dyn Iterator<Item = usize>| {
            let mut counts = vec![0.0; q];
            for k in unit {
                counts[k] += 1.0;
            }
            let total: f64 = counts.iter().sum();
            let pairs: f64 = counts.iter().zip(&weights).map(|(r, w)| r * (dot(&counts, w) - 1.0)).sum();
            let agreement = if total < 2.0 { 0.0 } else { pairs / (total * (total - 1.0)) };
            Row { counts, total, agreement }
        };
        let rows = units.map(|mut unit| row(&mut unit)).collect();
        Self { rows, weights }
    }

    /// The coefficient when each pattern occurs this often.
    pub(super) fn point(&self, chance: Chance, times: &[f64]) -> Result<Point, Undefined> {
        let q = self.weights.len();
        let (mut units, mut pairs, mut agreed) = (0.0, 0.0, 0.0);
        let mut shares = vec![0.0; q];
        for (row, &times) in self.rows.iter().zip(times) {
            if row.total == 0.0 {
                continue;
            }
            units += times;
            if row.total >= 2.0 {
                pairs += times;
            }
            agreed += times * row.agreement;
            for (share, count) in shares.iter_mut().zip(&row.counts) {
                *share += times * count / row.total;
            }
        }
        if units < 2.0 || pairs < 1.0 {
            return Err(Undefined::TooFew { what: "units that two coders rated", needed: 2, got: pairs as usize });
        }
        shares.iter_mut().for_each(|share| *share /= units);
        let observed = agreed / pairs;
        let all_weights: f64 = self.weights.iter().flatten().sum();
        // What a rating in each category contributes to chance agreement.
        let (expected, by_category): (f64, Vec<f64>) = match chance {
            Chance::None => (0.0, vec![0.0; q]),
            Chance::Uniform => (all_weights / (q * q) as f64, vec![]),
            Chance::Gwet => {
                let scale = if q > 1 { all_weights / (q * (q - 1)) as f64 } else { 0.0 };
                let by: Vec<f64> = shares.iter().map(|p| scale * (1.0 - p)).collect();
                (dot(&shares, &by), by)
            }
            Chance::Fleiss => {
                let by: Vec<f64> = self.weights.iter().map(|w| dot(&shares, w)).collect();
                (dot(&shares, &by), by)
            }
        };
        if 1.0 - expected <= 1e-12 {
            return Err(Undefined::NoVariation { what: "the category all coders used" });
        }
        let coefficient = (observed - expected) / (1.0 - expected);
        Ok(Point { coefficient, expected, by_category, units, pairs })
    }

    fn coefficient(&self, chance: Chance, conf_level: f64) -> Result<ChanceCorrected, Undefined> {
        check_level(conf_level)?;
        let Point { coefficient, expected, by_category, units, pairs } =
            self.point(chance, &vec![1.0; self.rows.len()])?;
        let squares: f64 = self
            .rows
            .iter()
            .filter(|row| row.total > 0.0)
            .map(|row| {
                let beyond = if row.total >= 2.0 { (row.agreement - expected) / (1.0 - expected) } else { 0.0 };
                let own = if by_category.is_empty() { expected } else { dot(&row.counts, &by_category) / row.total };
                let influence =
                    units / pairs * beyond - 2.0 * (1.0 - coefficient) * (own - expected) / (1.0 - expected);
                (influence - coefficient).powi(2)
            })
            .sum();
        let se = (squares / (units * (units - 1.0))).sqrt();
        let interval = Interval::around(coefficient, t_for(conf_level, units - 1.0) * se);
        Ok(ChanceCorrected {
            n_units: units as usize,
            n_units_2plus: pairs as usize,
            n_categories: self.weights.len(),
            coefficient,
            p_expected: expected,
            se,
            interval: Interval { upper: interval.upper.min(1.0), ..interval },
        })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
