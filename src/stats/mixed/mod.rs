//! Multilevel models: people within therapists, measurements within people.
//!
//! Owns linear mixed models with nested, crossed and slope terms, and logistic regression with a random intercept. A fit on
//! the boundary (a variance of nil) is flagged, never hidden.

mod blocks;
mod linear;
mod logistic;

pub use linear::{
    FittedTerm, MixedCoefficient, MixedMethod, MixedModel, RandomTerm, linear_mixed_coefficients, linear_mixed_model,
};
pub use logistic::{MixedLogistic, MixedLogisticCoefficient, logistic_mixed_model};
