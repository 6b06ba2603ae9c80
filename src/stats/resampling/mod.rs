//! Resampling: bootstrap intervals and permutation tests.
//!
//! A seed is always given, and replicate k draws from stream k: any replicate can be repeated alone.

mod bootstrap;
mod permutation;

pub use bootstrap::{Bootstrap, bootstrap, bootstrap_summary, cluster_bootstrap};
pub use permutation::{
    PermutationTest, monte_carlo_p, permutation_blocked, permutation_blocked_monte_carlo, permutation_correlation,
    permutation_mean_difference, permutation_mean_difference_monte_carlo, permutation_paired, random_orders,
};
