//! What a statistic returns: a value, an interval, a test, or the reason why there is none.
//!
//! Owns the one way in which every function here says "not computable, because ...". A value that is returned is never
//! NaN; it may be infinite where the definition says so (an odds ratio with an empty cell).

use super::distributions::{chi2_sf, f_sf, p_two_sided_t, p_two_sided_z};

/// A statistic, or the reason why there is none.
pub type Estimate = Result<f64, Undefined>;

/// The reason why a statistic has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// Fewer observations than the definition needs.
    #[error("not computable: {what}: {got} of the {needed} needed")]
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many are needed.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// Something has the same value everywhere.
    #[error("not computable: {what} does not vary")]
    NoVariation {
        /// What does not vary.
        what: &'static str,
    },
    /// A row, column, group or denominator has nothing in it.
    #[error("not computable: {what} is empty")]
    Empty {
        /// What is empty.
        what: &'static str,
    },
    /// The estimate sits at the end of its range, where its interval has no meaning.
    #[error("not computable: {what} is at the end of its range")]
    AtLimit {
        /// What is at the limit.
        what: &'static str,
    },
    /// A combination of predictors tells the outcomes apart without error: the maximum likelihood estimate is infinite.
    #[error("not computable: the predictors separate the outcomes completely; use Firth's penalised likelihood")]
    Separated,
    /// Predictors are linear combinations of each other.
    #[error("not computable: the predictors are not linearly independent; leave one out")]
    RankDeficient,
    /// An iteration did not reach its tolerance.
    #[error("not computable: {what} did not converge")]
    NotConverged {
        /// What was being fitted.
        what: &'static str,
    },
    /// An exact distribution would take too long; the asymptotic one is offered beside it.
    #[error("not computable exactly: {what} is too large for enumeration; use the asymptotic value")]
    TooLarge {
        /// What is too large.
        what: &'static str,
    },
    /// An exact distribution is only defined without ties.
    #[error("not computable exactly: {what} has ties; use the asymptotic value")]
    Ties {
        /// What has ties.
        what: &'static str,
    },
    /// The input does not have the shape or the range that the function needs.
    #[error("not computable: {what}")]
    Malformed {
        /// What is wrong with the input.
        what: &'static str,
    },
}

/// A two-sided interval at the level the caller asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower limit; may be `-inf`.
    pub lower: f64,
    /// Upper limit; may be `inf`.
    pub upper: f64,
}

impl Interval {
    /// The interval `centre ± half`.
    pub(crate) fn around(centre: f64, half: f64) -> Self {
        Self { lower: centre - half, upper: centre + half }
    }

    /// The interval after a monotone increasing transformation of both limits.
    pub(crate) fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { lower: f(self.lower), upper: f(self.upper) }
    }
}

/// A chi-square statistic, its degrees of freedom and its p.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquareTest {
    /// The statistic.
    pub statistic: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Upper tail.
    pub p: f64,
}

impl ChiSquareTest {
    pub(crate) fn new(statistic: f64, df: f64) -> Self {
        Self { statistic, df, p: chi2_sf(statistic, df) }
    }
}

/// An F statistic, its degrees of freedom and its p.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FTest {
    /// The statistic.
    pub f: f64,
    /// Degrees of freedom of the numerator.
    pub df1: f64,
    /// Degrees of freedom of the denominator.
    pub df2: f64,
    /// Upper tail.
    pub p: f64,
}

impl FTest {
    pub(crate) fn new(f: f64, df1: f64, df2: f64) -> Self {
        Self { f, df1, df2, p: f_sf(f, df1, df2) }
    }
}

/// A t statistic, its degrees of freedom and its two-sided p.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TTest {
    /// The statistic.
    pub t: f64,
    /// Degrees of freedom; infinite means the normal.
    pub df: f64,
    /// Two-sided p.
    pub p: f64,
}

impl TTest {
    pub(crate) fn new(t: f64, df: f64) -> Self {
        Self { t, df, p: p_two_sided_t(t, df) }
    }
}

/// A standard normal statistic and its two-sided p.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZTest {
    /// The statistic.
    pub z: f64,
    /// Two-sided p.
    pub p: f64,
}

impl ZTest {
    pub(crate) fn new(z: f64) -> Self {
        Self { z, p: p_two_sided_z(z) }
    }
}

/// `value` unless it is NaN, else the reason.
pub(crate) fn defined(value: f64, reason: Undefined) -> Estimate {
    if value.is_nan() { Err(reason) } else { Ok(value) }
}

/// Checks that a level of confidence lies strictly between 0 and 1.
pub(crate) fn check_level(conf_level: f64) -> Result<(), Undefined> {
    if conf_level > 0.0 && conf_level < 1.0 {
        Ok(())
    } else {
        Err(Undefined::Malformed { what: "the confidence level must lie between 0 and 1" })
    }
}

/// Checks that all numbers are finite and small enough to be squared and summed.
pub(crate) fn check_finite(values: &[f64]) -> Result<(), Undefined> {
    if values.iter().all(|v| v.abs() < 1e120) {
        Ok(())
    } else {
        Err(Undefined::Malformed { what: "a value is not a number, or too large to be a score" })
    }
}

/// Checks that a sample is finite and has at least `needed` values.
pub(crate) fn check_sample(what: &'static str, values: &[f64], needed: usize) -> Result<(), Undefined> {
    check_finite(values)?;
    if values.len() < needed { Err(Undefined::TooFew { what, needed, got: values.len() }) } else { Ok(()) }
}

/// Checks that two samples belong together pair by pair.
pub(crate) fn check_same_length(a: usize, b: usize) -> Result<(), Undefined> {
    if a == b { Ok(()) } else { Err(Undefined::Malformed { what: "paired samples differ in length" }) }
}
