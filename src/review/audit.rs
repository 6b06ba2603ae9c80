//! What verdicts on a sample say about everything it was drawn from.

use crate::model::{AuditSample, Drawn, Judged};
use crate::stats::{Interval, JudgedStratum, Undefined, stratified_proportion};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// Counts of one stratum, or of all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StratumResult {
    /// Name.
    pub name: String,
    /// Excerpts or turns there are.
    pub population: u64,
    /// Turns with the code, for uncoded turns.
    pub coded: u64,
    /// Drawn.
    pub drawn: u64,
    /// Judged right or wrong.
    pub judged: u64,
    /// Of these, wrong (missed, for uncoded turns).
    pub wrong: u64,
    /// Not to be decided, or auditors differ.
    pub unclear: u64,
}

/// A share with its interval, or why there is none.
pub type Share = Result<(f64, Interval), Undefined>;

impl StratumResult {
    /// Share of wrong ones among those judged, with Wilson's interval.
    pub fn error_rate(&self, level: f64) -> Share {
        estimate(std::slice::from_ref(self), level)
    }

    /// Share of the turns with the code that have been found, from the share of missed ones.
    pub fn recall(&self, missed: Share) -> Share {
        let (share, interval) = missed?;
        let found = self.coded as f64;
        let recall = |missed: f64| found / (found + self.population as f64 * missed);
        if self.coded == 0 {
            return Err(Undefined::Empty { what: "what has the code" });
        }
        Ok((recall(share), Interval { lower: recall(interval.upper), upper: recall(interval.lower) }))
    }
}

/// The share in the whole population, each stratum weighted by its size.
pub fn estimate(strata: &[StratumResult], level: f64) -> Share {
    let judged = |one: &StratumResult| JudgedStratum { population: one.population, n: one.judged, count: one.wrong };
    stratified_proportion(&strata.iter().map(judged).collect::<Vec<_>>(), level)
}

/// Counts verdicts by stratum. Where auditors differ about an excerpt, it is unclear.
pub fn count_verdicts(study: &Study, id: &str, sample: &AuditSample) -> Vec<StratumResult> {
    let mut said: BTreeMap<u32, BTreeSet<Judged>> = BTreeMap::new();
    for verdict in study.verdicts.values().filter(|verdict| verdict.sample == id) {
        said.entry(verdict.item).or_default().insert(verdict.judged);
    }
    let mut results: Vec<StratumResult> = sample
        .strata
        .iter()
        .map(|stratum| StratumResult {
            name: stratum.name.clone(),
            population: u64::from(stratum.population),
            coded: u64::from(stratum.coded),
            ..StratumResult::default()
        })
        .collect();
    for (number, item) in (1..).zip(&sample.items) {
        let Some(result) = results.get_mut(item.stratum as usize) else { continue };
        result.drawn += 1;
        let verdicts: Vec<Judged> = said.get(&number).into_iter().flatten().copied().collect();
        match verdicts.as_slice() {
            [] => {}
            [Judged::Right] => result.judged += 1,
            [Judged::Wrong] => {
                result.judged += 1;
                result.wrong += 1;
            }
            _ => result.unclear += 1,
        }
    }
    results
}

/// All strata together; the sums of a sample.
pub fn total(strata: &[StratumResult]) -> StratumResult {
    let sum = |of: fn(&StratumResult) -> u64| strata.iter().map(of).sum();
    StratumResult {
        name: "all, weighted by size".to_owned(),
        population: sum(|one| one.population),
        coded: sum(|one| one.coded),
        drawn: sum(|one| one.drawn),
        judged: sum(|one| one.judged),
        wrong: sum(|one| one.wrong),
        unclear: sum(|one| one.unclear),
    }
}

/// The verdict with this name; `missed` is a wrong uncoded turn.
pub fn judged_named(name: &str, drawn: Drawn) -> Option<Judged> {
    if drawn == Drawn::Uncoded && name == "missed" {
        return Some(Judged::Wrong);
    }
    Judged::ALL.into_iter().find(|judged| judged.name() == name)
}

/// One verdict as somebody writes it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenVerdict {
    /// Number of the excerpt.
    pub number: u32,
    /// The word.
    pub verdict: String,
    /// Free note.
    pub note: String,
}

/// Why a table of verdicts cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerdictTableError {
    /// No header, or a row that is no row.
    #[error("the table of verdicts cannot be read: {0}")]
    Unreadable(String),
    /// A column is missing.
    #[error("the table of verdicts has no column `{0}`")]
    NoColumn(&'static str),
    /// Not a number.
    #[error("line {line}: `{number}` is no number of an excerpt")]
    NotANumber {
        /// Line, from 1.
        line: u64,
        /// As written.
        number: String,
    },
}

/// Reads a table of verdicts: `number,verdict` and, if wanted, `note`. Rows without a verdict are not judged yet.
///
/// # Errors
/// Where a column is missing or a row cannot be read.
pub fn read_verdicts(text: &str) -> Result<Vec<WrittenVerdict>, VerdictTableError> {
    let unreadable = |error: csv::Error| VerdictTableError::Unreadable(error.to_string());
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(unreadable)?.clone();
    let at = |name: &'static str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let need = |name: &'static str| at(name).ok_or(VerdictTableError::NoColumn(name));
    let (number, verdict, note) = (need("number")?, need("verdict")?, at("note"));
    let mut found = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(unreadable)?;
        let cell = |k: usize| record.get(k).unwrap_or_default().trim();
        if cell(verdict).is_empty() {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let not_a_number = |_| VerdictTableError::NotANumber { line, number: cell(number).to_owned() };
        found.push(WrittenVerdict {
            number: cell(number).parse().map_err(not_a_number)?,
            verdict: cell(verdict).to_owned(),
            note: note.map(cell).unwrap_or_default().to_owned(),
        });
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn recall_follows_from_the_share_that_was_missed() {
        // 90 turns have the code, 200 do not; one of 20 judged was missed: 10 more, so 90 of 100.
        let one = StratumResult { population: 200, coded: 90, judged: 20, wrong: 1, ..StratumResult::default() };
        let (recall, interval) = one.recall(one.error_rate(0.95)).unwrap();
        assert!((recall - 0.9).abs() < 1e-12);
        // Wilson of 1 in 20: .00888 to .23613 (statsmodels).
        assert!((interval.lower - 90.0 / (90.0 + 200.0 * 0.236_131)).abs() < 1e-5, "{interval:?}");
        assert!((interval.upper - 90.0 / (90.0 + 200.0 * 0.008_881)).abs() < 1e-5, "{interval:?}");
    }

    #[test]
    fn without_a_verdict_or_a_coding_there_is_no_rate() {
        let none = StratumResult { population: 200, ..StratumResult::default() };
        assert!(none.error_rate(0.95).is_err());
        let uncoded = StratumResult { judged: 20, ..none };
        assert!(uncoded.recall(uncoded.error_rate(0.95)).is_err());
    }

    #[test]
    fn verdicts_are_read_and_blanks_left_for_later() {
        let found = read_verdicts("number,verdict,note\n1,right,\n2,,\n3,wrong,she jokes\n").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[1].number, found[1].note.as_str()), (3, "she jokes"));
        assert_eq!(read_verdicts("number\n1\n"), Err(VerdictTableError::NoColumn("verdict")));
        let wrong = VerdictTableError::NotANumber { line: 2, number: "x".into() };
        assert_eq!(read_verdicts("number,verdict\nx,right\n"), Err(wrong));
    }
}
