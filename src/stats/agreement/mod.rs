//! Agreement between coders: what share of it is more than chance.
//!
//! Owns the coefficients for categories, ordered values and sets of codes. A rating is a number (its order and distance
//! count only where the coefficient says so) or missing; a row is a unit, a column a coder. Coefficients whose expected
//! disagreement is nil are undefined, never 1: coders who cannot disagree have shown nothing.

mod cohen;
mod fleiss;
mod gwet;
mod krippendorff;
mod sets;
mod table;

pub use cohen::{CohenKappa, KappaWeights, cohen_kappa};
pub use fleiss::{FleissKappa, fleiss_kappa, fleiss_kappa_counts};
pub use gwet::{
    AgreementWeights, ChanceCorrected, brennan_prediger, fleiss_kappa_with_missing, gwet_ac, percent_agreement,
};
pub use krippendorff::{AlphaInterval, KrippendorffAlpha, Metric, krippendorff_alpha, krippendorff_alpha_interval};
pub use sets::{BinaryAgreement, SetMetric, binary_agreement, set_distance, set_valued_alpha};
pub use table::{
    AgreementCoefficient, AlphaDistance, BootstrapInterval, RatingTable, RatingTableBuilder, Ratings, Resampling,
};

use super::estimate::Undefined;

/// The distinct values of some ratings, sorted.
fn distinct(ratings: impl Iterator<Item = f64>) -> Result<Vec<f64>, Undefined> {
    let mut values: Vec<f64> = ratings.collect();
    if values.iter().any(|v| !v.is_finite()) {
        return Err(Undefined::Malformed { what: "a rating is not a finite number" });
    }
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    Ok(values)
}

/// Position of a value among the sorted distinct ones.
fn position(values: &[f64], value: f64) -> Option<usize> {
    let at = values.partition_point(|v| *v < value);
    (values.get(at) == Some(&value)).then_some(at)
}
