//! Logistic regression: maximum likelihood, and Firth's penalised likelihood where outcomes are separated or rare.

mod likelihood;
mod separation;

pub use likelihood::{
    FirthCoefficient, FirthLogistic, LogisticCoefficient, LogisticRegression, firth_logistic, logistic_regression,
};

pub(crate) use likelihood::{sigmoid, softplus};
