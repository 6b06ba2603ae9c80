//! The reviewer's work: agreement between coders, decisions between them, audits of what was coded.
//!
//! # How the stage is made
//! [`Comparison`] finds what two or more raters have read in common; [`agreement`] measures it; [`Disagreement`]s are
//! where they differ; an adjudication decides one and keeps both sides; [`final_layer`] is what follows for the counts.
//! Audit samples are drawn and judged apart from that.
//!
//! # What always holds
//! - A unit that somebody has not read is missing for that rater, never "no code".
//! - What cannot be computed says why, and is never 1.
//! - Nothing here writes: records are built, and the caller commits them.

mod agree;
mod compare;
mod rater;
mod spans;
mod units;

pub use agree::{Agreement, AgreementOptions, CodeAgreement, Measured, Measures, agreement};
pub use compare::{Choice, CompareError, Comparison};
pub use rater::{Rater, RaterError, readers};
pub use spans::{SpanAgreement, span_agreement};
pub use units::{Unit, What};
