//! Krippendorff's alpha.
//!
//! Units collapse to the few distinct patterns of ratings that occur, with how often each does. Alpha needs the patterns
//! only; so does its bootstrap, which draws how often each pattern comes up instead of drawing units.

use super::{distinct, position};
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level};
use crate::stats::random::{multinomial, stream};
use crate::stats::sample::{quantile_sorted, sorted};
use std::collections::BTreeMap;

/// What makes two values differ, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Being different.
    Nominal,
    /// How many ratings lie between them.
    Ordinal,
    /// Their difference.
    Interval,
    /// Their difference relative to their sum; for values that are not negative.
    Ratio,
}

/// Krippendorff's alpha with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KrippendorffAlpha {
    /// The coefficient; undefined where all ratings are equal.
    pub alpha: Estimate,
    /// Units with two or more ratings.
    pub n_units: usize,
    /// Ratings in those units.
    pub n_pairable: usize,
    /// Observed disagreement.
    pub observed: f64,
    /// Expected disagreement.
    pub expected: f64,
}

/// A bootstrap interval of alpha.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlphaInterval {
    /// Percentile interval over the replicates in which alpha is defined.
    pub interval: Interval,
    /// Replicates in which it is not, because all ratings drawn were equal.
    pub n_undefined: usize,
}

const NO_VARIATION: Undefined = Undefined::NoVariation { what: "the rating" };

/// Krippendorff's alpha for any number of coders, missing ratings and any of four metrics (Krippendorff 2011; checked
/// against the Python package krippendorff). A row is a unit.
///
/// # Errors
/// [`Undefined::TooFew`] where no unit has two ratings, [`Undefined::Malformed`] for a rating that is not finite, or a
/// negative one with [`Metric::Ratio`].
pub fn krippendorff_alpha(ratings: &[Vec<Option<f64>>], metric: Metric) -> Result<KrippendorffAlpha, Undefined> {
    let table = Patterns::of_numbers(ratings, metric)?;
    Ok(table.alpha(&table.multiplicities()))
}

/// Bootstrap interval of alpha: units are drawn with replacement, replicate k from stream k of the seed.
///
/// # Errors
/// As [`krippendorff_alpha`]; [`Undefined::TooFew`] without replicates, [`Undefined::NoVariation`] where alpha itself
/// is undefined.
pub fn krippendorff_alpha_interval(
    ratings: &[Vec<Option<f64>>],
    metric: Metric,
    conf_level: f64,
    replicates: u32,
    seed: u64,
) -> Result<AlphaInterval, Undefined> {
    check_level(conf_level)?;
    Patterns::of_numbers(ratings, metric)?.interval(conf_level, replicates, seed)
}

/// How far apart the values with two indices are.
pub(super) enum Distance {
    /// Fixed: a matrix.
    Fixed(Vec<Vec<f64>>),
    /// Ordinal: depends on how often each value occurs.
    Ordinal,
}

struct Pattern {
    /// Index of a value and how many coders gave it.
    counts: Vec<(usize, f64)>,
    /// Ratings in the unit; at least 2.
    size: f64,
    /// How many units have this pattern.
    multiplicity: u64,
}

/// Units with two or more ratings, as distinct patterns.
pub(super) struct Patterns {
    patterns: Vec<Pattern>,
    values: usize,
    distance: Distance,
}

impl Patterns {
    fn of_numbers(ratings: &[Vec<Option<f64>>], metric: Metric) -> Result<Self, Undefined> {
        let values = distinct(ratings.iter().flatten().flatten().copied())?;
        if metric == Metric::Ratio && values.first().is_some_and(|v| *v < 0.0) {
            return Err(Undefined::Malformed { what: "a ratio scale has no negative values" });
        }
        let between = |a: f64, b: f64| match metric {
            _ if a == b => 0.0,
            Metric::Nominal | Metric::Ordinal => 1.0,
            Metric::Interval => (a - b) * (a - b),
            Metric::Ratio => ((a - b) / (a + b)).powi(2),
        };
        let distance = if metric == Metric::Ordinal {
            Distance::Ordinal
        } else {
            Distance::Fixed(values.iter().map(|&a| values.iter().map(|&b| between(a, b)).collect()).collect())
        };
        let units = ratings.iter().map(|unit| unit.iter().flatten().filter_map(|&v| position(&values, v)));
        Self::new(units, values.len(), distance)
    }

    pub(super) fn new(
        units: impl Iterator<Item = impl Iterator<Item = usize>>,
        values: usize,
        distance: Distance,
    ) -> Result<Self, Undefined> {
        let mut seen: BTreeMap<Vec<usize>, u64> = BTreeMap::new();
        let mut key: Vec<usize> = Vec::new();
        for unit in units {
            key.clear();
            key.extend(unit);
            if key.len() < 2 {
                continue;
            }
            key.sort_unstable();
            match seen.get_mut(key.as_slice()) {
                Some(count) => *count += 1,
                None => {
                    seen.insert(key.clone(), 1);
                }
            }
        }
        if seen.is_empty() {
            return Err(Undefined::TooFew { what: "units with two ratings", needed: 1, got: 0 });
        }
        let patterns = seen
            .into_iter()
            .map(|(key, multiplicity)| Pattern {
                counts: key.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f64)).collect(),
                size: key.len() as f64,
                multiplicity,
            })
            .collect();
        Ok(Self { patterns, values, distance })
    }

    pub(super) fn multiplicities(&self) -> Vec<u64> {
        self.patterns.iter().map(|p| p.multiplicity).collect()
    }

    /// Alpha when each pattern occurs this often.
    pub(super) fn alpha(&self, multiplicities: &[u64]) -> KrippendorffAlpha {
        let q = self.values;
        let mut totals = vec![0.0; q];
        let (mut n_units, mut n_pairable) = (0, 0.0);
        for (pattern, &times) in self.patterns.iter().zip(multiplicities) {
            n_units += times;
            n_pairable += times as f64 * pattern.size;
            for &(value, count) in &pattern.counts {
                totals[value] += times as f64 * count;
            }
        }
        let ordinal;
        let distance = match &self.distance {
            Distance::Fixed(matrix) => matrix,
            Distance::Ordinal => {
                ordinal = ordinal_distance(&totals);
                &ordinal
            }
        };
        let mut observed = 0.0;
        for (pattern, &times) in self.patterns.iter().zip(multiplicities) {
            let mut apart = 0.0;
            for &(a, in_a) in &pattern.counts {
                for &(b, in_b) in &pattern.counts {
                    apart += in_a * in_b * distance[a][b];
                }
            }
            observed += times as f64 * apart / (pattern.size - 1.0);
        }
        observed /= n_pairable;
        let mut expected = 0.0;
        for (a, in_a) in totals.iter().enumerate() {
            for (b, in_b) in totals.iter().enumerate() {
                expected += in_a * in_b * distance[a][b];
            }
        }
        expected /= n_pairable * (n_pairable - 1.0);
        KrippendorffAlpha {
            alpha: if expected > 0.0 { Ok(1.0 - observed / expected) } else { Err(NO_VARIATION) },
            n_units: n_units as usize,
            n_pairable: n_pairable as usize,
            observed,
            expected,
        }
    }

    fn interval(&self, conf_level: f64, replicates: u32, seed: u64) -> Result<AlphaInterval, Undefined> {
        let multiplicities = self.multiplicities();
        self.alpha(&multiplicities).alpha?;
        let mut drawn = vec![0; multiplicities.len()];
        let mut alphas = Vec::with_capacity(replicates as usize);
        for k in 0..replicates {
            multinomial(&mut stream(seed, u64::from(k)), &multiplicities, &mut drawn);
            alphas.extend(self.alpha(&drawn).alpha.ok());
        }
        if alphas.is_empty() {
            return Err(Undefined::TooFew { what: "replicates in which alpha is defined", needed: 1, got: 0 });
        }
        let n_undefined = replicates as usize - alphas.len();
        let ordered = sorted(&alphas);
        let half_alpha = (1.0 - conf_level) / 2.0;
        let interval = Interval {
            lower: quantile_sorted(&ordered, half_alpha),
            upper: quantile_sorted(&ordered, 1.0 - half_alpha),
        };
        Ok(AlphaInterval { interval, n_undefined })
    }
}

/// Squared number of ratings from one value to another, both ends counting half.
fn ordinal_distance(totals: &[f64]) -> Vec<Vec<f64>> {
    let q = totals.len();
    let mut matrix = vec![vec![0.0; q]; q];
    for a in 0..q {
        let mut between = totals[a] / 2.0;
        for b in a + 1..q {
            let steps: f64 = between + totals[b] / 2.0;
            matrix[a][b] = steps * steps;
            matrix[b][a] = matrix[a][b];
            between += totals[b];
        }
    }
    matrix
}
