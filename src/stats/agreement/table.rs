//! Every coefficient of one table of ratings at once, with bootstrap intervals.
//!
//! Units collapse to the patterns of ratings that occur. A unit can have several parts (one for each code that was asked
//! about): a bootstrap over units then draws them together, because they belong together; one over clusters (sources)
//! draws whole clusters.

use super::cohen::of_joint_counts;
use super::gwet::{Chance, Table};
use super::krippendorff::{Distance, Patterns};
use super::{AgreementWeights, KappaWeights, distinct, position};
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level};
use crate::stats::random::{index_below, multinomial, stream};
use crate::stats::sample::{quantile_sorted, sorted};
use std::collections::BTreeMap;

/// The ratings of one part of a unit: one per coder, `None` where the coder did not rate it.
pub type Ratings = Vec<Option<f64>>;

/// A coefficient of a [`RatingTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgreementCoefficient {
    /// Mean share of agreeing pairs.
    Percent,
    /// Cohen's kappa of two coders; Fleiss's of more.
    Kappa,
    /// Krippendorff's alpha.
    Alpha,
    /// Gwet's AC1, with weights AC2.
    Gwet,
    /// Brennan and Prediger's; PABAK for two categories.
    BrennanPrediger,
}

impl AgreementCoefficient {
    /// All, in the order of tables.
    pub const ALL: [Self; 5] = [Self::Percent, Self::Kappa, Self::Alpha, Self::Gwet, Self::BrennanPrediger];
}

/// What a bootstrap draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resampling {
    /// Units.
    Units,
    /// Clusters with all their units.
    Clusters,
}

/// An interval of a coefficient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapInterval {
    /// Percentile interval over the replicates in which the coefficient is defined.
    pub interval: Interval,
    /// Replicates in which it is not.
    pub n_undefined: usize,
}

/// How alpha measures the distance of two categories.
#[derive(Debug, Clone, PartialEq)]
pub enum AlphaDistance {
    /// 1 where they differ.
    Nominal,
    /// By how many ratings lie between them.
    Ordinal,
    /// The square of their difference.
    Interval,
    /// Given, by the order of the distinct categories.
    Given(Vec<Vec<f64>>),
}

struct Unit {
    /// Which patterns, each how often.
    parts: Vec<(usize, u64)>,
    /// Units like this in each cluster.
    by_cluster: BTreeMap<usize, u64>,
}

/// Ratings of units by coders, as patterns.
pub struct RatingTable {
    two_coders: bool,
    categories: Vec<f64>,
    /// Position of each coder's category.
    patterns: Vec<Vec<Option<usize>>>,
    units: Vec<Unit>,
    weights: AgreementWeights,
    table: Table,
    alpha: Result<Patterns, Undefined>,
    /// Which pattern of `alpha` each pattern is; those with fewer than two ratings are none.
    in_alpha: Vec<Option<usize>>,
    alpha_patterns: usize,
}

/// The parts of a unit, as keys of ratings, each with how often the unit has it.
type Parts = Vec<(Vec<Option<u64>>, u64)>;

/// Collects units before they become a [`RatingTable`].
#[derive(Debug, Clone, Default)]
pub struct RatingTableBuilder {
    /// Units with these parts in each cluster.
    units: BTreeMap<Parts, BTreeMap<usize, u64>>,
}

/// An order for ratings: bits of a finite number, sorted as the number.
fn key(value: f64) -> u64 {
    // Zero has two signs and is one rating.
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

impl RatingTableBuilder {
    /// Adds `times` units of a cluster with these parts, each with how often the unit has it. Units that nobody rated
    /// are no units.
    pub fn add(&mut self, cluster: usize, parts: &[(Ratings, u64)], times: u64) {
        let rated = parts.iter().filter(|(ratings, _)| ratings.iter().any(Option::is_some));
        let mut unit: Parts =
            rated.map(|(ratings, n)| (ratings.iter().map(|rating| rating.map(key)).collect(), *n)).collect();
        if unit.is_empty() || times == 0 {
            return;
        }
        unit.sort_unstable();
        unit.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        *self.units.entry(unit).or_default().entry(cluster).or_default() += times;
    }

    /// The table. `declared` are categories that could have been chosen, beside those that were.
    ///
    /// # Errors
    /// [`Undefined::TooFew`] without units or below two coders, [`Undefined::Malformed`] for ratings that are not finite,
    /// or given distances of another number of categories.
    pub fn build(
        self,
        declared: &[f64],
        weights: AgreementWeights,
        distance: AlphaDistance,
    ) -> Result<RatingTable, Undefined> {
        let mut index: BTreeMap<&Vec<Option<u64>>, usize> = BTreeMap::new();
        for pattern in self.units.keys().flatten().map(|(pattern, _)| pattern) {
            let next = index.len();
            index.entry(pattern).or_insert(next);
        }
        let coders = index.keys().next().map_or(0, |pattern| pattern.len());
        if index.is_empty() || coders < 2 || index.keys().any(|pattern| pattern.len() != coders) {
            return Err(Undefined::TooFew { what: "coders of the same units", needed: 2, got: coders.min(1) });
        }
        let used = index.keys().flat_map(|pattern| pattern.iter().flatten()).map(|&key| value(key));
        let categories = distinct(used.chain(declared.iter().copied()))?;
        let mut patterns = vec![Vec::new(); index.len()];
        for (pattern, &k) in &index {
            let place = |rating: &Option<u64>| rating.and_then(|key| position(&categories, value(key)));
            patterns[k] = pattern.iter().map(place).collect();
        }
        let units = self
            .units
            .iter()
            .map(|(parts, by_cluster)| Unit {
                parts: parts.iter().filter_map(|(pattern, n)| Some((*index.get(pattern)?, *n))).collect(),
                by_cluster: by_cluster.clone(),
            })
            .collect();
        let ratings = |pattern: &[Option<usize>]| pattern.iter().copied().flatten().collect::<Vec<usize>>().into_iter();
        let table = Table::of_positions(patterns.iter().map(|p| ratings(p)), &categories, weights);
        let distance = match distance {
            AlphaDistance::Nominal => between(&categories, |a, b| f64::from(u8::from(a != b))),
            AlphaDistance::Ordinal => Distance::Ordinal,
            AlphaDistance::Interval => between(&categories, |a, b| (a - b) * (a - b)),
            AlphaDistance::Given(matrix) if matrix.len() == categories.len() => Distance::Fixed(matrix),
            AlphaDistance::Given(_) => {
                return Err(Undefined::Malformed { what: "a distance for every two categories" });
            }
        };
        let alpha = Patterns::new(patterns.iter().map(|p| ratings(p)), categories.len(), distance);
        let (in_alpha, alpha_patterns) = sorted_positions(&patterns);
        Ok(RatingTable {
            two_coders: coders == 2,
            categories,
            patterns,
            units,
            weights,
            table,
            alpha,
            in_alpha,
            alpha_patterns,
        })
    }
}

fn between(categories: &[f64], distance: impl Fn(f64, f64) -> f64) -> Distance {
    let row = |&a: &f64| categories.iter().map(|&b| distance(a, b)).collect();
    Distance::Fixed(categories.iter().map(row).collect())
}

/// Where [`Patterns`] keeps each pattern: it sorts the ratings of a unit, and the units, and leaves out who rated.
fn sorted_positions(patterns: &[Vec<Option<usize>>]) -> (Vec<Option<usize>>, usize) {
    let sorted_ratings = |pattern: &Vec<Option<usize>>| {
        let mut ratings: Vec<usize> = pattern.iter().flatten().copied().collect();
        ratings.sort_unstable();
        (ratings.len() > 1).then_some(ratings)
    };
    let keys: Vec<Option<Vec<usize>>> = patterns.iter().map(sorted_ratings).collect();
    let mut order: Vec<&Vec<usize>> = keys.iter().flatten().collect();
    order.sort_unstable();
    order.dedup();
    (keys.iter().map(|key| key.as_ref().and_then(|key| order.binary_search(&key).ok())).collect(), order.len())
}

impl RatingTable {
    /// Parts of units that two or more coders rated.
    pub fn n_units(&self) -> u64 {
        let counts = self.counts(&self.multiplicities());
        let rated_twice = self.patterns.iter().map(|pattern| pattern.iter().flatten().count() > 1);
        counts.iter().zip(rated_twice).filter(|(_, twice)| *twice).map(|(n, _)| n).sum()
    }

    /// Units that two or more coders rated in each pair of categories of the first two coders (rows: the first's).
    pub fn joint_counts(&self) -> Vec<Vec<f64>> {
        self.joint(&self.counts(&self.multiplicities()))
    }

    /// The categories, in the order of [`RatingTable::joint_counts`].
    pub fn categories(&self) -> &[f64] {
        &self.categories
    }

    /// A coefficient.
    pub fn coefficient(&self, which: AgreementCoefficient) -> Estimate {
        self.of_counts(which, &self.counts(&self.multiplicities()))
    }

    /// Bootstrap intervals of some coefficients from the same draws; replicate k draws from stream k of the seed.
    ///
    /// # Errors
    /// Of all: [`Undefined::Malformed`] for a level outside 0 to 1, [`Undefined::TooFew`] where there is one cluster
    /// only. Of one: its own reason, where it is undefined; [`Undefined::NoVariation`] where all replicates are equal,
    /// as with perfect agreement: they say nothing about what else could have come out.
    pub fn bootstrap(
        &self,
        which: &[AgreementCoefficient],
        resampling: Resampling,
        conf_level: f64,
        replicates: u32,
        seed: u64,
    ) -> Result<Vec<Result<BootstrapInterval, Undefined>>, Undefined> {
        check_level(conf_level)?;
        let have = self.multiplicities();
        let clusters = self.clusters();
        if resampling == Resampling::Clusters && clusters.len() < 2 {
            return Err(Undefined::TooFew { what: "sources to draw from", needed: 2, got: clusters.len() });
        }
        let mut replicated: Vec<Vec<f64>> = vec![Vec::new(); which.len()];
        let mut drawn = vec![0; have.len()];
        for k in 0..replicates {
            let mut rng = stream(seed, u64::from(k));
            match resampling {
                Resampling::Units => multinomial(&mut rng, &have, &mut drawn),
                Resampling::Clusters => {
                    drawn.fill(0);
                    for _ in &clusters {
                        for (unit, n) in &clusters[index_below(&mut rng, clusters.len())] {
                            drawn[*unit] += n;
                        }
                    }
                }
            }
            let counts = self.counts(&drawn);
            for (values, which) in replicated.iter_mut().zip(which) {
                values.extend(self.of_counts(*which, &counts).ok());
            }
        }
        let tail = (1.0 - conf_level) / 2.0;
        let interval = |(which, values): (&AgreementCoefficient, Vec<f64>)| {
            self.coefficient(*which)?;
            if values.is_empty() {
                return Err(Undefined::TooFew { what: "replicates in which it is defined", needed: 1, got: 0 });
            }
            let ordered = sorted(&values);
            if ordered.first() == ordered.last() {
                return Err(Undefined::NoVariation { what: "the coefficient over the replicates" });
            }
            Ok(BootstrapInterval {
                interval: Interval {
                    lower: quantile_sorted(&ordered, tail),
                    upper: quantile_sorted(&ordered, 1.0 - tail),
                },
                n_undefined: replicates as usize - values.len(),
            })
        };
        Ok(which.iter().zip(replicated).map(interval).collect())
    }

    fn multiplicities(&self) -> Vec<u64> {
        self.units.iter().map(|unit| unit.by_cluster.values().sum()).collect()
    }

    fn clusters(&self) -> Vec<Vec<(usize, u64)>> {
        let mut clusters: BTreeMap<usize, Vec<(usize, u64)>> = BTreeMap::new();
        for (k, unit) in self.units.iter().enumerate() {
            for (cluster, n) in &unit.by_cluster {
                clusters.entry(*cluster).or_default().push((k, *n));
            }
        }
        clusters.into_values().collect()
    }

    /// How often each pattern occurs when each unit occurs this often.
    fn counts(&self, units: &[u64]) -> Vec<u64> {
        let mut counts = vec![0; self.patterns.len()];
        for (unit, times) in self.units.iter().zip(units) {
            for (pattern, n) in &unit.parts {
                counts[*pattern] += n * times;
            }
        }
        counts
    }

    fn joint(&self, counts: &[u64]) -> Vec<Vec<f64>> {
        let q = self.categories.len();
        let mut joint = vec![vec![0.0; q]; q];
        for (pattern, n) in self.patterns.iter().zip(counts) {
            if let [Some(a), Some(b), ..] = pattern[..] {
                joint[a][b] += *n as f64;
            }
        }
        joint
    }

    fn of_counts(&self, which: AgreementCoefficient, counts: &[u64]) -> Estimate {
        let times = || counts.iter().map(|n| *n as f64).collect::<Vec<f64>>();
        let point = |chance| self.table.point(chance, &times()).map(|point| point.coefficient);
        match which {
            AgreementCoefficient::Percent => point(Chance::None),
            AgreementCoefficient::Gwet => point(Chance::Gwet),
            AgreementCoefficient::BrennanPrediger => point(Chance::Uniform),
            AgreementCoefficient::Kappa if self.two_coders => {
                let weights = match self.weights {
                    AgreementWeights::Identity => KappaWeights::Unweighted,
                    AgreementWeights::Linear => KappaWeights::Linear,
                    AgreementWeights::Quadratic => KappaWeights::Quadratic,
                };
                let joint = self.joint(counts);
                if joint.iter().flatten().all(|n| *n == 0.0) {
                    return Err(Undefined::TooFew { what: "units that both coders rated", needed: 1, got: 0 });
                }
                of_joint_counts(joint, weights, 0.95).map(|found| found.kappa)
            }
            AgreementCoefficient::Kappa => point(Chance::Fleiss),
            AgreementCoefficient::Alpha => {
                let patterns = self.alpha.as_ref().map_err(|undefined| *undefined)?;
                let mut collapsed = vec![0; self.alpha_patterns];
                for (place, n) in self.in_alpha.iter().zip(counts) {
                    if let Some(place) = place {
                        collapsed[*place] += n;
                    }
                }
                patterns.alpha(&collapsed).alpha
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::Metric;
    use super::super::{
        brennan_prediger, cohen_kappa, fleiss_kappa_with_missing, gwet_ac, krippendorff_alpha, percent_agreement,
    };
    use super::*;
    use proptest::prelude::*;

    fn table(
        ratings: &[Vec<Option<f64>>],
        weights: AgreementWeights,
        metric: Metric,
    ) -> Result<RatingTable, Undefined> {
        let mut builder = RatingTableBuilder::default();
        for (k, unit) in ratings.iter().enumerate() {
            builder.add(k % 3, &[(unit.clone(), 1)], 1);
        }
        let distance = match metric {
            Metric::Ordinal => AlphaDistance::Ordinal,
            Metric::Interval => AlphaDistance::Interval,
            _ => AlphaDistance::Nominal,
        };
        builder.build(&[], weights, distance)
    }

    fn same(found: Estimate, wanted: Estimate) {
        match (found, wanted) {
            (Ok(found), Ok(wanted)) => assert!((found - wanted).abs() < 1e-12, "{found} {wanted}"),
            (found, wanted) => assert_eq!(found.is_err(), wanted.is_err(), "{found:?} {wanted:?}"),
        }
    }

    fn rows(coders: usize) -> impl Strategy<Value = Vec<Vec<Option<f64>>>> {
        let rating = prop_oneof![1 => Just(None), 5 => (0_u8..3).prop_map(|v| Some(f64::from(v)))];
        prop::collection::vec(prop::collection::vec(rating, coders), 1..40)
    }

    proptest! {
        #[test]
        fn patterns_give_what_units_one_by_one_give(
            ratings in (2_usize..5).prop_flat_map(rows),
            (weights, metric) in prop_oneof![
                Just((AgreementWeights::Identity, Metric::Nominal)),
                Just((AgreementWeights::Linear, Metric::Ordinal)),
                Just((AgreementWeights::Quadratic, Metric::Interval)),
            ],
        ) {
            let Ok(table) = table(&ratings, weights, metric) else { return Ok(()) };
            same(table.coefficient(AgreementCoefficient::Percent), percent_agreement(&ratings, weights, 0.95).map(|c| c.coefficient));
            same(table.coefficient(AgreementCoefficient::Gwet), gwet_ac(&ratings, &[], weights, 0.95).map(|c| c.coefficient));
            let uniform = brennan_prediger(&ratings, &[], weights, 0.95);
            same(table.coefficient(AgreementCoefficient::BrennanPrediger), uniform.map(|c| c.coefficient));
            same(table.coefficient(AgreementCoefficient::Alpha), krippendorff_alpha(&ratings, metric).and_then(|c| c.alpha));
            if ratings[0].len() > 2 {
                let fleiss = fleiss_kappa_with_missing(&ratings, weights, 0.95);
                same(table.coefficient(AgreementCoefficient::Kappa), fleiss.map(|c| c.coefficient));
            } else if weights == AgreementWeights::Identity {
                let both: Vec<(f64, f64)> = ratings.iter().filter_map(|unit| Some((unit[0]?, unit[1]?))).collect();
                let (first, second): (Vec<f64>, Vec<f64>) = both.into_iter().unzip();
                let cohen = cohen_kappa(&first, &second, KappaWeights::Unweighted, 0.95);
                same(table.coefficient(AgreementCoefficient::Kappa), cohen.map(|c| c.kappa));
            }
        }
    }

    /// Twelve units of two coders, published with their coefficients (DOMAIN, reliability toy).
    fn toy() -> Vec<Vec<Option<f64>>> {
        let first = [1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0];
        let second = [1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0];
        first.iter().zip(second).map(|(&a, b)| vec![Some(f64::from(a)), Some(f64::from(b))]).collect()
    }

    #[test]
    fn parts_of_a_unit_are_pooled_and_drawn_together() {
        let mut builder = RatingTableBuilder::default();
        for pair in toy().chunks(2) {
            builder.add(0, &[(pair[0].clone(), 1), (pair[1].clone(), 1)], 1);
        }
        let pooled = builder.build(&[0.0, 1.0], AgreementWeights::Identity, AlphaDistance::Nominal).unwrap();
        assert_eq!((pooled.n_units(), pooled.joint_counts()), (12, vec![vec![7.0, 1.0], vec![1.0, 3.0]]));
        for (which, wanted) in [
            (AgreementCoefficient::Percent, 0.833_333_333),
            (AgreementCoefficient::Kappa, 0.625),
            (AgreementCoefficient::Alpha, 0.640_625),
            (AgreementCoefficient::Gwet, 0.7),
            (AgreementCoefficient::BrennanPrediger, 0.666_666_667),
        ] {
            assert!((pooled.coefficient(which).unwrap() - wanted).abs() < 1e-6, "{which:?}");
        }
        let over_sources = pooled.bootstrap(&[AgreementCoefficient::Alpha], Resampling::Clusters, 0.95, 50, 1);
        assert!(matches!(over_sources, Err(Undefined::TooFew { got: 1, .. })), "{over_sources:?}");
    }

    #[test]
    fn the_bootstrap_error_of_percent_agreement_is_near_its_formula() {
        let units: Vec<_> = std::iter::repeat_n(toy(), 100).flatten().collect();
        let table = table(&units, AgreementWeights::Identity, Metric::Nominal).unwrap();
        let found = table.bootstrap(&[AgreementCoefficient::Percent], Resampling::Units, 0.6827, 4000, 1).unwrap();
        let half = found[0].as_ref().map(|found| (found.interval.upper - found.interval.lower) / 2.0).unwrap();
        let formula = (10.0 / 12.0 * 2.0 / 12.0 / 1200.0_f64).sqrt();
        assert!((half / formula - 1.0).abs() < 0.06, "{half} {formula}");
    }

    #[test]
    fn no_variation_is_undefined_and_never_one() {
        let ratings = vec![vec![Some(0.0), Some(0.0)]; 9];
        let table = table(&ratings, AgreementWeights::Identity, Metric::Nominal).unwrap();
        assert!(table.coefficient(AgreementCoefficient::Alpha).is_err());
        assert!(table.coefficient(AgreementCoefficient::Kappa).is_err());
        let found = table.bootstrap(&[AgreementCoefficient::Alpha], Resampling::Units, 0.95, 20, 1).unwrap();
        assert!(found[0].is_err());
    }
}
