//! When do interviews stop bringing new codes (Guest, Namey & Chen 2020)?

use super::estimate::{Estimate, Undefined};
use std::collections::BTreeSet;

/// New codes in a run of interviews, against the base.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SaturationRun {
    /// First interview of the run, counted from 1.
    pub first: usize,
    /// Last interview of the run.
    pub last: usize,
    /// Codes that the run brought.
    pub new: usize,
    /// New codes over codes of the base; undefined where the base has none.
    pub ratio: Estimate,
}

/// How codes accumulate over interviews in the order they were held.
#[derive(Debug, Clone, PartialEq)]
pub struct Saturation {
    /// New codes per interview.
    pub new_codes: Vec<usize>,
    /// Codes so far.
    pub cumulative_codes: Vec<usize>,
    /// Distinct codes of the base interviews; undefined where there are fewer interviews than the base needs.
    pub base_codes: Result<usize, Undefined>,
    /// Runs that start at every interview after the base.
    pub runs_sliding: Vec<SaturationRun>,
    /// Runs that follow each other.
    pub runs_nonoverlapping: Vec<SaturationRun>,
}

impl Saturation {
    /// The interview that ends the first run with at most this share of new codes (`0.05`); none if not reached.
    pub fn reached(runs: &[SaturationRun], threshold: f64) -> Option<usize> {
        runs.iter().find(|run| run.ratio.is_ok_and(|ratio| ratio <= threshold)).map(|run| run.last)
    }
}

/// New codes per run over the codes of the first `base_size` interviews. The default is a base of 4 and runs of 2.
///
/// # Errors
/// [`Undefined::Malformed`] for a base or a run of no interviews.
pub fn saturation<T: Ord>(
    interviews: &[BTreeSet<T>],
    base_size: usize,
    run_length: usize,
) -> Result<Saturation, Undefined> {
    if base_size == 0 || run_length == 0 {
        return Err(Undefined::Malformed { what: "the base and the run must hold an interview" });
    }
    let mut seen: BTreeSet<&T> = BTreeSet::new();
    let (mut new_codes, mut cumulative_codes) = (Vec::new(), Vec::new());
    for codes in interviews {
        let before = seen.len();
        seen.extend(codes);
        new_codes.push(seen.len() - before);
        cumulative_codes.push(seen.len());
    }
    let base_codes = cumulative_codes.get(base_size - 1).copied().ok_or(Undefined::TooFew {
        what: "interviews",
        needed: base_size,
        got: interviews.len(),
    });
    let run = |from: usize| {
        let new = new_codes[from..from + run_length].iter().sum();
        let ratio = match base_codes {
            Ok(0) => Err(Undefined::Empty { what: "the base" }),
            Ok(base) => Ok(new as f64 / base as f64),
            Err(reason) => Err(reason),
        };
        SaturationRun { first: from + 1, last: from + run_length, new, ratio }
    };
    let starts = base_size..(interviews.len() + 1).saturating_sub(run_length).max(base_size);
    Ok(Saturation {
        runs_sliding: starts.clone().map(run).collect(),
        runs_nonoverlapping: starts.step_by(run_length).map(run).collect(),
        new_codes,
        cumulative_codes,
        base_codes,
    })
}
