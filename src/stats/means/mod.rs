//! Means: description, two samples, paired samples, several samples, normality.

mod describe;
mod effect_size;
mod normality;
mod several_samples;
mod two_samples;

pub use describe::{Description, describe, quantile};
pub use effect_size::{StandardizedDifference, cohens_d, hedges_correction};
pub use normality::{ShapiroWilk, shapiro_wilk};
pub use several_samples::{AnovaOneWay, anova_one_way, brown_forsythe, welch_anova};
pub use two_samples::{MeanDifference, PairedT, paired_t, student_t, welch_t};
