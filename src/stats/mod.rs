//! Statistics: tests, effects, intervals, models, agreement.
//!
//! # How the folder is made
//! A file or folder per family; [`distributions`] below them all. Every function is pure: numbers in, numbers out, no
//! clock, no randomness but from a seed that is given. A value that cannot be computed is an [`Undefined`] with its reason,
//! never NaN. Names are those of the field, and each documents the program it was checked against; `tests/oracles` holds
//! the numbers.
//!
//! # What it does not do
//! It knows nothing of codes, participants or studies, and decides nothing about what is shown: that is `matrix` and
//! `report`. Missing values are left out by the caller, with [`complete_pairs`] and [`present_values`].

mod agreement;
mod clinical_change;
mod clustering;
mod cooccurrence;
mod correlation;
mod correspondence;
pub mod distributions;
mod estimate;
mod logistic;
mod means;
mod minimise;
mod missing_data;
mod mixed;
mod multiple_testing;
mod paired_categorical;
mod random;
mod ranks;
mod regression;
mod reliability;
mod reported;
mod resampling;
mod rxc;
mod sample;
mod saturation;
mod solve;
mod two_by_two;
mod unitizing;

pub use agreement::*;
pub use clinical_change::{
    ChangeClass, ChangeNorms, Cutoff, ErrorOfChange, PersonalChange, ReliableChange, clinical_cutoff, error_of_change,
    reliable_change,
};
pub use clustering::{Dendrogram, Linkage, Merge, hierarchical_clustering, jaccard_distances};
pub use cooccurrence::{Cooccurrence, CooccurrenceWithin, cooccurrence, cooccurrence_within};
pub use correlation::{
    Kendall, PartialCorrelation, Pearson, Spearman, kendall, partial_correlation, pearson, point_biserial, spearman,
};
pub use correspondence::{
    CorrespondenceAnalysis, MultipleCorrespondence, correspondence_analysis, multiple_correspondence_analysis,
};
pub use estimate::{ChiSquareTest, Estimate, FTest, Interval, TTest, Undefined, ZTest};
pub use logistic::{
    FirthCoefficient, FirthLogistic, LogisticCoefficient, LogisticRegression, firth_logistic, logistic_regression,
};
pub use means::*;
pub use missing_data::{
    DeltaAdjusted, DeltaSensitivity, DropoutComparison, PooledEstimate, compare_dropouts, delta_adjusted_ancova,
    rubin_pool,
};
pub use mixed::*;
pub use multiple_testing::{PAdjust, adjust_p};
pub use paired_categorical::{Bowker, MarginalHomogeneity, McNemar, bowker, cochran_q, marginal_homogeneity, mcnemar};
pub use random::sample_without_replacement;
pub use ranks::*;
pub use regression::{
    Ancova, AncovaCoefficient, ClusterRobust, Coefficient, LinearRegression, ancova, cluster_robust, linear_regression,
};
pub use reliability::{
    CronbachAlpha, IntraclassCorrelation, IntraclassCorrelations, McDonaldOmega, cronbach_alpha,
    intraclass_correlations, mcdonald_omega,
};
pub use reported::{McNemarTable, PrintedPercent, PrintedShares, mcnemar_margins};
pub use resampling::*;
pub use rxc::*;
pub use sample::{complete_pairs, present_values};
pub use saturation::{Saturation, SaturationRun, saturation};
pub use two_by_two::{
    ChiSquare2x2, ConditionalOddsRatio, FisherExact, JudgedStratum, OddsRatio, Phi, RiskRatio, TwoByTwo, ZeroCells,
    agresti_caffo_interval, chi_square_2x2, clopper_pearson_interval, conditional_odds_ratio, fisher_exact,
    haldane_anscombe_odds_ratio, newcombe_interval, odds_ratio, phi_coefficient, proportion, risk_difference,
    risk_ratio, smallest_possible_p, stratified_proportion, wald_interval, wilson_interval, yule_q, yule_y,
};
pub use unitizing::{MarkedUnit, UnitizingAlpha, unitizing_alpha};

#[cfg(test)]
mod tests;
