//! A new rule on trial: what a code's suggestions gain and lose by it, held against what people have coded.

use super::evaluate::meets;
use super::{Coder, CoderError, Finding, Suggestion, check};
use crate::index::{IndexError, Reader};
use crate::model::{Codebook, Coding, Rejection, Rule};
use crate::store::Study;
use std::collections::BTreeMap;

/// Why a rule cannot be tried.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// Rules that cannot be used.
    #[error(transparent)]
    Coder(#[from] CoderError),
    /// The index or the study cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// A code's suggestions beside its codings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Suggestions.
    pub suggestions: usize,
    /// Of them, those that meet a coding of the code.
    pub on_codings: usize,
    /// Of them, those that meet a place where it was turned down.
    pub on_rejections: usize,
    /// Codings that a suggestion meets.
    pub found: usize,
    /// Codings of the code.
    pub codings: usize,
}

/// A suggestion that comes or goes with the rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// It comes; else it goes.
    pub is_new: bool,
    /// Source id.
    pub source: String,
    /// The suggestion.
    pub suggestion: Suggestion,
    /// It meets a coding of the code.
    pub on_coding: bool,
    /// It meets a place where the code was turned down.
    pub on_rejection: bool,
}

/// The outcome.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The codebook with the rule.
    pub codebook: Codebook,
    /// The rule as it is written into it.
    pub rule: String,
    /// As it is.
    pub before: Standing,
    /// With the rule.
    pub after: Standing,
    /// What comes and goes, in order of source name and place.
    pub moved: Vec<Moved>,
    /// What there is to say about the code's rules that was not there before.
    pub findings: Vec<Finding>,
}

/// Tries a rule for a code; `codings` and `rejections` are those that may be seen. Nothing is written.
///
/// # Errors
/// Rules of the code cannot be used; the index or the study cannot be read.
pub fn try_rule(
    study: &Study,
    reader: &Reader<'_>,
    code: &str,
    rule: Rule,
    codings: &[&Coding],
    rejections: &[&Rejection],
) -> Result<Trial, TrialError> {
    let old = &study.codebook.codebook;
    let mut codebook = old.clone();
    let query = rule.query.clone();
    if let Some(code) = codebook.codes.get_mut(code) {
        code.rules.push(rule);
    }
    let suggested = |book: &Codebook| -> Result<BTreeMap<String, Vec<Suggestion>>, TrialError> {
        let mut only = book.clone();
        only.codes.retain(|id, _| id == code);
        Ok(Coder::new(&only, &study.settings)?.study_by_index(study, reader)?)
    };
    let (before, after) = (suggested(old)?, suggested(&codebook)?);
    let judge =
        Judge { code, codings: by_source(codings, |c| &c.source), rejections: by_source(rejections, |r| &r.source) };
    let mut moved = judge.moved(&after, &before, true);
    moved.extend(judge.moved(&before, &after, false));
    let name = |of: &Moved| study.sources.get(&of.source).map(|source| &source.name);
    let place = |of: &Moved| (of.suggestion.unit, of.is_new);
    moved.sort_by(|a, b| (name(a), &a.source, place(a)).cmp(&(name(b), &b.source, place(b))));
    let known = check(old);
    let findings = check(&codebook).into_iter().filter(|finding| finding.code == code || finding.what.contains(&query));
    Ok(Trial {
        findings: findings.filter(|finding| !known.contains(finding)).collect(),
        before: judge.standing(&before),
        after: judge.standing(&after),
        moved,
        codebook,
        rule: query,
    })
}

fn by_source<'a, T>(all: &[&'a T], source: impl Fn(&T) -> &String) -> BTreeMap<String, Vec<&'a T>> {
    let mut sorted: BTreeMap<String, Vec<&T>> = BTreeMap::new();
    for one in all {
        sorted.entry(source(one).clone()).or_default().push(one);
    }
    sorted
}

struct Judge<'a> {
    code: &'a str,
    codings: BTreeMap<String, Vec<&'a Coding>>,
    rejections: BTreeMap<String, Vec<&'a Rejection>>,
}

impl Judge<'_> {
    fn codings(&self, source: &str) -> impl Iterator<Item = &&Coding> {
        let of_code = |coding: &&&Coding| coding.code.as_deref() == Some(self.code);
        self.codings.get(source).into_iter().flatten().filter(of_code)
    }

    fn is_coded(&self, source: &str, suggestion: &Suggestion) -> bool {
        self.codings(source).any(|coding| meets(suggestion.unit, coding.span))
    }

    fn is_rejected(&self, source: &str, suggestion: &Suggestion) -> bool {
        let rejections = self.rejections.get(source).into_iter().flatten();
        rejections.filter(|one| one.code == self.code).any(|one| meets(suggestion.unit, one.span))
    }

    fn standing(&self, suggested: &BTreeMap<String, Vec<Suggestion>>) -> Standing {
        let mut standing = Standing::default();
        for (source, list) in suggested {
            standing.suggestions += list.len();
            standing.on_codings += list.iter().filter(|one| self.is_coded(source, one)).count();
            standing.on_rejections += list.iter().filter(|one| self.is_rejected(source, one)).count();
        }
        for source in self.codings.keys() {
            let list = suggested.get(source).map_or(&[][..], Vec::as_slice);
            standing.codings += self.codings(source).count();
            let is_met = |coding: &&&Coding| list.iter().any(|one| meets(one.unit, coding.span));
            standing.found += self.codings(source).filter(is_met).count();
        }
        standing
    }

    /// Suggestions of the one that the other has not.
    fn moved(
        &self,
        one: &BTreeMap<String, Vec<Suggestion>>,
        other: &BTreeMap<String, Vec<Suggestion>>,
        is_new: bool,
    ) -> Vec<Moved> {
        let same = |a: &Suggestion, b: &Suggestion| (a.unit, a.polarity) == (b.unit, b.polarity);
        let mut moved = Vec::new();
        for (source, list) in one {
            let others = other.get(source).map_or(&[][..], Vec::as_slice);
            for suggestion in list.iter().filter(|one| !others.iter().any(|other| same(other, one))) {
                moved.push(Moved {
                    is_new,
                    source: source.clone(),
                    on_coding: self.is_coded(source, suggestion),
                    on_rejection: self.is_rejected(source, suggestion),
                    suggestion: suggestion.clone(),
                });
            }
        }
        moved
    }
}
