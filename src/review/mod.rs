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

mod adjudicate;
mod agree;
mod audit;
mod compare;
mod differ;
mod layer;
mod rater;
mod sample;
mod sign_off;
mod spans;
mod units;

pub use adjudicate::{AdjudicateError, Decided, Resolution, decide, read_resolutions};
pub use agree::{Agreement, AgreementOptions, CodeAgreement, Measured, Measures, agreement};
pub use audit::{
    Share, StratumResult, VerdictTableError, WrittenVerdict, count_verdicts, estimate, judged_named, read_verdicts,
    total,
};
pub use compare::{Choice, CompareError, Comparison, Given};
pub use differ::{Disagreement, Kind, confusion};
pub use layer::{FinalLayer, all_in_common, coders_by_source, final_layer};
pub use rater::{Rater, RaterError, readers};
pub use sample::{By, Candidate, Frame, Population, Size, sample_record};
pub use sign_off::{Signed, Standing as SignOffStanding, digest_of, standing};
pub use spans::{SourceDraws, SpanAgreement, SpanPair, span_agreement};
pub use units::{Unit, What};
