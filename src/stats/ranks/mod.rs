//! Tests and effects on ranks.
//!
//! Owns midranks and everything computed from them: two samples (Mann-Whitney, Cliff's delta, Brunner-Munzel,
//! Hodges-Lehmann), paired samples (Wilcoxon), several samples (Kruskal-Wallis, Dunn, Friedman). Exact distributions
//! hold with ties: they are those of the midranks that were observed.

mod cliffs_delta;
mod exact;
mod mann_whitney;
mod several_samples;
mod wilcoxon;

pub use cliffs_delta::{CliffsDelta, cliffs_delta};
pub use mann_whitney::{
    BrunnerMunzel, HodgesLehmann, MannWhitney, PMethod, brunner_munzel, hodges_lehmann, mann_whitney,
    mann_whitney_exact, mann_whitney_ranked,
};
pub use several_samples::{Dunn, DunnPair, Friedman, KruskalWallis, dunn_test, friedman_test, kruskal_wallis};
pub use wilcoxon::{PrattTest, SignedRank, wilcoxon_signed_rank};

pub use exact::ExactP;

/// Midranks of a sample, kept as integers so that ties are exact.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranks {
    /// Twice the midrank of each value, in the order of the sample; ranks count from 1.
    pub doubled: Vec<u64>,
    /// Sum of `t^3 - t` over groups of `t` tied values.
    pub tie_term: f64,
}

impl Ranks {
    /// Ranks a sample; equal values share the mean of their ranks.
    pub fn of(values: &[f64]) -> Self {
        if let Some(tally) = Tally::of(values) {
            return Self::of_tally(&tally);
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_unstable_by(|&i, &j| values[i].total_cmp(&values[j]));
        let mut doubled = vec![0; values.len()];
        let mut tie_term = 0.0;
        let mut start = 0;
        while start < order.len() {
            let value = values[order[start]];
            let end = start + order[start..].iter().take_while(|&&i| values[i] == value).count().max(1);
            for &i in &order[start..end] {
                doubled[i] = (start + 1 + end) as u64;
            }
            let t = (end - start) as f64;
            tie_term += t * t * t - t;
            start = end;
        }
        Self { doubled, tie_term }
    }

    fn of_tally(tally: &Tally) -> Self {
        let mut order: Vec<usize> = (0..tally.values.len()).collect();
        order.sort_unstable_by(|&a, &b| tally.values[a].total_cmp(&tally.values[b]));
        let mut ranks = vec![0_u64; order.len()];
        let (mut below, mut tie_term) = (0, 0.0);
        for at in order {
            let count = tally.counts[at];
            ranks[at] = 2 * below + 1 + count;
            below += count;
            let t = count as f64;
            tie_term += t * t * t - t;
        }
        Self { doubled: tally.which.iter().map(|&at| ranks[usize::from(at)]).collect(), tie_term }
    }

    /// Whether two values are equal.
    pub fn has_ties(&self) -> bool {
        self.tie_term > 0.0
    }

    /// The midranks themselves.
    pub fn midranks(&self) -> Vec<f64> {
        self.doubled.iter().map(|&r| r as f64 / 2.0).collect()
    }
}

/// Smaller samples are sorted sooner than tallied.
const TALLY_FROM: usize = 1000;
/// Distinct values a tally holds; a scale has fewer, a measurement more.
const MOST_DISTINCT: usize = 1 << 14;
/// Places in the table that finds a value again: twice as many as values, and so few that it stays in the nearest cache.
const PLACES: usize = 2 * MOST_DISTINCT;

/// How often each distinct value occurs: large samples of scores have few of them.
struct Tally {
    /// The distinct values, as they were met.
    values: Vec<f64>,
    /// How often each occurs.
    counts: Vec<u64>,
    /// Which of them each value of the sample is.
    which: Vec<u16>,
}

impl Tally {
    /// `None` for a small sample, or one with many distinct values.
    fn of(sample: &[f64]) -> Option<Self> {
        if sample.len() < TALLY_FROM {
            return None;
        }
        const FREE: u16 = u16::MAX;
        let mut places = vec![FREE; PLACES];
        let mut tally = Self { values: Vec::new(), counts: Vec::new(), which: Vec::with_capacity(sample.len()) };
        for value in sample {
            // Nil has one sign only.
            let value = value + 0.0;
            if value.is_nan() {
                return None;
            }
            let mut at = (value.to_bits().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize % PLACES;
            while places[at] != FREE && tally.values[usize::from(places[at])] != value {
                at = (at + 1) % PLACES;
            }
            if places[at] == FREE {
                if tally.values.len() == MOST_DISTINCT {
                    return None;
                }
                places[at] = tally.values.len() as u16;
                tally.values.push(value);
                tally.counts.push(0);
            }
            tally.counts[usize::from(places[at])] += 1;
            tally.which.push(places[at]);
        }
        Some(tally)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tied_values_share_the_mean_of_their_ranks() {
        let ranks = Ranks::of(&[10.0, 7.0, 10.0, -0.0, 0.0]);
        assert_eq!(ranks.midranks(), vec![4.5, 3.0, 4.5, 1.5, 1.5]);
        assert_eq!(ranks.tie_term, 12.0);
    }

    #[test]
    fn a_large_sample_is_ranked_as_a_small_one() {
        // Each of the values -2 to 2 five hundred times, nil with both signs: ranks 250.5, 750.5, ...
        let values: Vec<f64> = (0..2500).map(|k| if k % 10 == 2 { -0.0 } else { f64::from(k % 5) - 2.0 }).collect();
        let ranks = Ranks::of(&values);
        let wanted: Vec<f64> = (0..2500).map(|k| 250.5 + 500.0 * f64::from(k % 5)).collect();
        assert_eq!(ranks.midranks(), wanted);
        assert_eq!(ranks.tie_term, 5.0 * (500.0_f64.powi(3) - 500.0));
        // All different: too many for a tally.
        let values: Vec<f64> = (0..20_000).map(|k| f64::from((k * 7_919) % 20_000)).collect();
        let ranks = Ranks::of(&values);
        assert!(values.iter().zip(ranks.midranks()).all(|(value, rank)| rank == value + 1.0));
    }

    proptest! {
        #[test]
        fn ranks_always_sum_to_the_same(values in prop::collection::vec(-5..5_i32, 0..60)) {
            let sample: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
            let n = sample.len() as u64;
            prop_assert_eq!(Ranks::of(&sample).doubled.iter().sum::<u64>(), n * (n + 1));
        }
    }
}
