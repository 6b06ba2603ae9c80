//! Agreement per code and over all codes.

use super::compare::Comparison;
use super::units::{Cell, Unit, What};
use crate::stats::{
    AgreementCoefficient, AgreementWeights, AlphaDistance, Estimate, Interval, RatingTable, RatingTableBuilder,
    Ratings, Resampling, SetMetric, Undefined, set_distance,
};
use std::collections::{BTreeMap, BTreeSet};

/// How agreement is measured.
#[derive(Debug, Clone, Copy)]
pub struct AgreementOptions {
    /// What is compared.
    pub unit: Unit,
    /// What is looked at.
    pub what: What,
    /// How much two different ratings count as agreement.
    pub weights: AgreementWeights,
    /// Draws of the bootstrap.
    pub replicates: u32,
    /// Its seed.
    pub seed: u64,
    /// Level of the intervals.
    pub level: f64,
}

/// A coefficient with its intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Which.
    pub which: AgreementCoefficient,
    /// Its value.
    pub value: Estimate,
    /// Interval when units are drawn.
    pub over_units: Result<Interval, Undefined>,
    /// Interval when whole sources are drawn.
    pub over_sources: Result<Interval, Undefined>,
    /// Draws of units in which it was undefined.
    pub undefined_draws: usize,
}

/// All coefficients of one set of ratings.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// Units that two or more raters rated (code by unit, where codes are pooled).
    pub units: u64,
    /// In the order of [`AgreementCoefficient::ALL`].
    pub all: Vec<Measured>,
}

/// Agreement on one code.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeAgreement {
    /// Code id.
    pub code: String,
    /// Coefficients, or why there are none.
    pub measures: Result<Measures, Undefined>,
    /// Units that each rater has rated.
    pub rated: Vec<u64>,
    /// Of these, units to which each has given the code.
    pub given: Vec<u64>,
    /// For two raters, over the units that both rated: both, only the first, only the second, neither.
    pub two_by_two: Option<[u64; 4]>,
    /// Agreement among all times a rater gave the code.
    pub positive: Estimate,
    /// Agreement among all times a rater did not.
    pub negative: Estimate,
}

/// Agreement of some raters.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// By code.
    pub codes: Vec<CodeAgreement>,
    /// Code by unit, all codes together.
    pub pooled: Result<Measures, Undefined>,
    /// Where nobody gave a unit more than one code: which code, or none, taken as one label.
    pub labels: Option<Result<Measures, Undefined>>,
    /// Else alpha of the sets of codes: Jaccard, MASI.
    pub sets: Vec<(&'static str, Result<Measures, Undefined>)>,
}

/// Measures agreement.
pub fn agreement(comparison: &Comparison<'_>, options: &AgreementOptions) -> Agreement {
    let mut tally = Tally::new(comparison.codes.len(), comparison.raters.len());
    comparison.each_cell(options.unit, options.what, &mut |cell| tally.add(&cell));
    let plain = AgreementOptions { weights: AgreementWeights::Identity, ..*options };
    let (mut labels, mut sets) = (None, Vec::new());
    if tally.single {
        // "No code" is a category where somebody chose it.
        let all: Vec<f64> = (1..=comparison.codes.len()).map(|k| k as f64).collect();
        labels = Some(measures(tally.labels, &all, AlphaDistance::Nominal, &plain));
    } else {
        for (name, metric) in [("Jaccard", SetMetric::Jaccard), ("MASI", SetMetric::Masi)] {
            let distance = AlphaDistance::Given(set_distances(&tally.known_sets, metric));
            sets.push((name, measures(tally.sets.clone(), &[], distance, &plain)));
        }
    }
    let codes = comparison.codes.iter().zip(tally.codes).map(|(code, one)| one.finish(code, options)).collect();
    let pooled = measures(tally.pooled, options.categories(), options.distance(), options);
    Agreement { codes, pooled, labels, sets }
}

impl AgreementOptions {
    /// Categories that are possible whether they were used or not.
    fn categories(&self) -> &'static [f64] {
        if self.what == What::Presence { &[0.0, 1.0] } else { &[] }
    }

    /// Polarities have no order, whatever the weights.
    fn weights(&self) -> AgreementWeights {
        if self.what == What::Polarity { AgreementWeights::Identity } else { self.weights }
    }

    fn distance(&self) -> AlphaDistance {
        match self.weights() {
            AgreementWeights::Identity => AlphaDistance::Nominal,
            AgreementWeights::Linear => AlphaDistance::Ordinal,
            AgreementWeights::Quadratic => AlphaDistance::Interval,
        }
    }
}

/// Everything that is counted while the units pass by once.
struct Tally {
    codes: Vec<CodeTally>,
    pooled: RatingTableBuilder,
    labels: RatingTableBuilder,
    sets: RatingTableBuilder,
    known_sets: BTreeMap<BTreeSet<usize>, usize>,
    /// Nobody has given a unit more than one code yet.
    single: bool,
}

impl Tally {
    fn new(codes: usize, raters: usize) -> Self {
        Self {
            codes: vec![CodeTally::new(raters); codes],
            pooled: RatingTableBuilder::default(),
            labels: RatingTableBuilder::default(),
            sets: RatingTableBuilder::default(),
            known_sets: BTreeMap::new(),
            single: true,
        }
    }

    fn add(&mut self, cell: &Cell) {
        for (tally, ratings) in self.codes.iter_mut().zip(&cell.ratings) {
            tally.add(cell, ratings);
        }
        let parts: Vec<(Ratings, u64)> = cell.ratings.iter().map(|ratings| (ratings.clone(), 1)).collect();
        self.pooled.add(cell.cluster, &parts, cell.times);
        let sets = sets_of(cell);
        self.single &= sets.iter().flatten().all(|set| set.len() < 2);
        let label = |set: &BTreeSet<usize>| set.first().map_or(0.0, |code| (code + 1) as f64);
        let labels: Ratings = sets.iter().map(|set| set.as_ref().map(label)).collect();
        self.labels.add(cell.cluster, &[(labels, 1)], cell.times);
        let numbers = sets.into_iter().map(|set| {
            let next = self.known_sets.len();
            set.map(|set| *self.known_sets.entry(set).or_insert(next) as f64)
        });
        self.sets.add(cell.cluster, &[(numbers.collect(), 1)], cell.times);
    }
}

/// Distances of the sets, in the order of their numbers.
fn set_distances(known: &BTreeMap<BTreeSet<usize>, usize>, metric: SetMetric) -> Vec<Vec<f64>> {
    let mut by_number: Vec<(&BTreeSet<usize>, usize)> = known.iter().map(|(set, k)| (set, *k)).collect();
    by_number.sort_by_key(|(_, k)| *k);
    let row = |a: &BTreeSet<usize>| by_number.iter().map(|(b, _)| set_distance(a, b, metric)).collect();
    by_number.iter().map(|(a, _)| row(a)).collect()
}

/// The codes that each rater gave; nothing from a rater who has not read the unit for all of them.
fn sets_of(cell: &Cell) -> Vec<Option<BTreeSet<usize>>> {
    let raters = cell.ratings.first().map_or(0, Vec::len);
    let set = |rater: usize| {
        let of_code = |(code, ratings): (usize, &Ratings)| {
            let rating = ratings.get(rater).copied().flatten()?;
            Some((rating > 0.0).then_some(code))
        };
        let all: Option<Vec<Option<usize>>> = cell.ratings.iter().enumerate().map(of_code).collect();
        all.map(|codes| codes.into_iter().flatten().collect())
    };
    (0..raters).map(set).collect()
}

#[derive(Clone)]
struct CodeTally {
    ratings: RatingTableBuilder,
    rated: Vec<u64>,
    given: Vec<u64>,
    two_by_two: [u64; 4],
    /// Agreeing and all pairs, by whether the rater that is looked at gave the code.
    pairs: [(u64, u64); 2],
}

impl CodeTally {
    fn new(raters: usize) -> Self {
        let ratings = RatingTableBuilder::default();
        Self { ratings, rated: vec![0; raters], given: vec![0; raters], two_by_two: [0; 4], pairs: [(0, 0); 2] }
    }

    fn add(&mut self, cell: &Cell, ratings: &Ratings) {
        self.ratings.add(cell.cluster, &[(ratings.clone(), 1)], cell.times);
        let has = |rating: f64| rating > 0.0;
        for ((rated, given), rating) in self.rated.iter_mut().zip(&mut self.given).zip(ratings) {
            *rated += cell.times * u64::from(rating.is_some());
            *given += cell.times * u64::from(rating.is_some_and(has));
        }
        if let [Some(first), Some(second)] = ratings[..] {
            let k = 2 * usize::from(!has(first)) + usize::from(!has(second));
            if let Some(count) = self.two_by_two.get_mut(k) {
                *count += cell.times;
            }
        }
        let all = ratings.iter().flatten().count() as u64;
        let with = ratings.iter().flatten().filter(|rating| has(**rating)).count() as u64;
        for (pairs, n) in self.pairs.iter_mut().zip([with, all - with]) {
            pairs.0 += cell.times * n * n.saturating_sub(1);
            pairs.1 += cell.times * n * all.saturating_sub(1);
        }
    }

    fn finish(self, code: &str, options: &AgreementOptions) -> CodeAgreement {
        let share = |(agreed, all): (u64, u64), what| {
            if all == 0 { Err(Undefined::Empty { what }) } else { Ok(agreed as f64 / all as f64) }
        };
        let [with, without] = self.pairs;
        CodeAgreement {
            code: code.to_owned(),
            measures: measures(self.ratings, options.categories(), options.distance(), options),
            two_by_two: (self.rated.len() == 2).then_some(self.two_by_two),
            rated: self.rated,
            given: self.given,
            positive: share(with, "what both rated and somebody gave the code"),
            negative: share(without, "what both rated and somebody left without the code"),
        }
    }
}

fn measures(
    builder: RatingTableBuilder,
    declared: &[f64],
    distance: AlphaDistance,
    options: &AgreementOptions,
) -> Result<Measures, Undefined> {
    let table: RatingTable = builder.build(declared, options.weights(), distance)?;
    let draw = |resampling| {
        table.bootstrap(&AgreementCoefficient::ALL, resampling, options.level, options.replicates, options.seed)
    };
    let (units, sources) = (draw(Resampling::Units), draw(Resampling::Clusters));
    let of = |drawn: &Result<Vec<Result<_, Undefined>>, Undefined>, k: usize| match drawn {
        Ok(all) => all.get(k).copied().unwrap_or(Err(Undefined::Empty { what: "the bootstrap" })),
        Err(undefined) => Err(*undefined),
    };
    let all = AgreementCoefficient::ALL.iter().enumerate().map(|(k, which)| {
        let over_units = of(&units, k);
        Measured {
            which: *which,
            value: table.coefficient(*which),
            undefined_draws: over_units.map_or(0, |found: crate::stats::BootstrapInterval| found.n_undefined),
            over_units: over_units.map(|found| found.interval),
            over_sources: of(&sources, k).map(|found| found.interval),
        }
    });
    Ok(Measures { units: table.n_units(), all: all.collect() })
}

impl Measures {
    /// One coefficient.
    pub fn get(&self, which: AgreementCoefficient) -> Option<&Measured> {
        self.all.iter().find(|one| one.which == which)
    }
}

impl CodeAgreement {
    /// The most units that a rater gave the code to, as a share of those that the rater rated; nothing without any.
    pub fn prevalence(&self) -> Option<f64> {
        let (given, rated): (u64, u64) = (self.given.iter().sum(), self.rated.iter().sum());
        (rated > 0).then(|| given as f64 / rated as f64)
    }

    /// Prevalence index (Byrt, Bishop & Carlin 1993): how far "both" and "neither" are apart.
    pub fn prevalence_index(&self) -> Option<f64> {
        self.of_table(|[both, _, _, neither]| both.abs_diff(neither))
    }

    /// Bias index: how far the two raters differ in how often they give the code.
    pub fn bias_index(&self) -> Option<f64> {
        self.of_table(|[_, first, second, _]| first.abs_diff(second))
    }

    fn of_table(&self, difference: impl Fn([u64; 4]) -> u64) -> Option<f64> {
        let table = self.two_by_two?;
        let n: u64 = table.iter().sum();
        (n > 0).then(|| difference(table) as f64 / n as f64)
    }
}
