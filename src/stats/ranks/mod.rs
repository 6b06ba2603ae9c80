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

    /// Whether two values are equal.
    pub fn has_ties(&self) -> bool {
        self.tie_term > 0.0
    }

    /// The midranks themselves.
    pub fn midranks(&self) -> Vec<f64> {
        self.doubled.iter().map(|&r| r as f64 / 2.0).collect()
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

    proptest! {
        #[test]
        fn ranks_always_sum_to_the_same(values in prop::collection::vec(-5..5_i32, 0..60)) {
            let sample: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
            let n = sample.len() as u64;
            prop_assert_eq!(Ranks::of(&sample).doubled.iter().sum::<u64>(), n * (n + 1));
        }
    }
}
