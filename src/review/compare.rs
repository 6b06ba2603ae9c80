//! What two or more raters did with the same texts: the common ground on which they can be compared.
//!
//! A unit that a rater has not read is missing for that rater, never "no code". Codings without a record of reading are
//! left out, and counted.

use super::layer::all_in_common;
use super::rater::{Rater, RaterError, Readings, chosen};
use crate::model::{Coding, FIRST_ROUND, Span};
use crate::store::{SourceText, Study};
use std::collections::{BTreeMap, BTreeSet};

/// Why a comparison cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// The raters.
    #[error(transparent)]
    Raters(#[from] RaterError),
    /// They have read different sources.
    #[error("{raters} have read no source in common{within}: {each}")]
    NoCommonSource {
        /// Who.
        raters: String,
        /// Among the sources asked for.
        within: &'static str,
        /// What each has read.
        each: String,
    },
    /// They have read the same sources for different codes.
    #[error("{raters} have read {sources} sources in common, but nobody gave a code there that two of them read for")]
    NoCommonCode {
        /// Who.
        raters: String,
        /// How many sources.
        sources: usize,
    },
}

/// What to compare.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Raters; the first rounds of all who have read, if none is named.
    pub raters: Vec<Rater>,
    /// Source ids; all, if none is named.
    pub sources: BTreeSet<String>,
    /// Code ids; all that somebody gave, if none is named.
    pub codes: BTreeSet<String>,
}

/// A coding with its id and its rater's number.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Rater.
    pub rater: usize,
    /// Id.
    pub id: &'a str,
    /// The coding.
    pub coding: &'a Coding,
}

/// The common ground.
#[derive(Clone)]
pub struct Comparison<'a> {
    /// The study.
    pub study: &'a Study,
    /// Texts by source id.
    pub texts: &'a BTreeMap<String, SourceText>,
    /// Who is compared.
    pub raters: Vec<Rater>,
    /// Ids of the sources that two or more of them have read, sorted by name.
    pub sources: Vec<&'a str>,
    /// Codes that are compared, sorted.
    pub codes: Vec<String>,
    /// Codes that somebody gave in these sources and that only one rater has read for.
    pub one_sided: Vec<String>,
    /// Codings in these sources that their rater has not recorded having read for.
    pub without_reading: usize,
    /// Sources that only one of the raters has read.
    pub read_by_one: usize,
    /// Sources that several of the raters have read, each other turns.
    pub read_apart: usize,
    pub(super) readings: Readings<'a>,
    pub(super) given: BTreeMap<&'a str, Vec<Given<'a>>>,
}

impl<'a> Comparison<'a> {
    /// Finds the common ground.
    ///
    /// # Errors
    /// Where there is none.
    pub fn new(
        study: &'a Study,
        texts: &'a BTreeMap<String, SourceText>,
        choice: &Choice,
    ) -> Result<Self, CompareError> {
        let raters = chosen(study, &choice.raters)?;
        let readings = Readings::of(study, &raters);
        let asked = |id: &str| choice.sources.is_empty() || choice.sources.contains(id);
        let times_read = |id: &str| (0..raters.len()).filter(|k| readings.touches(id, *k)).count();
        let mut sources: Vec<&str> =
            study.sources.keys().map(String::as_str).filter(|id| asked(id) && readings.in_common(id)).collect();
        if sources.is_empty() {
            return Err(no_common_source(study, &raters, &readings, choice));
        }
        let read_by_one = study.sources.keys().filter(|id| asked(id) && times_read(id) == 1).count();
        let apart = |id: &&String| asked(id) && times_read(id) > 1 && !readings.in_common(id);
        let read_apart = study.sources.keys().filter(apart).count();
        let name = |id: &str| study.sources.get(id).map(|source| source.name.as_str());
        sources.sort_by(|a, b| (name(a), a).cmp(&(name(b), b)));
        let mut given: BTreeMap<&str, Vec<Given<'_>>> = BTreeMap::new();
        for (id, coding) in study.codings.iter().filter(|(id, _)| !study.lost.contains(*id)) {
            let rater = Rater::of(coding).and_then(|own| raters.iter().position(|rater| *rater == own));
            if let Some(rater) = rater.filter(|_| coding.code.is_some() && sources.contains(&coding.source.as_str())) {
                given.entry(&coding.source).or_default().push(Given { rater, id, coding });
            }
        }
        for list in given.values_mut() {
            list.sort_by(|a, b| (a.coding.span, a.rater, a.id).cmp(&(b.coding.span, b.rater, b.id)));
        }
        let mut found = Self {
            study,
            texts,
            raters,
            sources,
            codes: Vec::new(),
            one_sided: Vec::new(),
            without_reading: 0,
            read_by_one,
            read_apart,
            readings,
            given,
        };
        found.choose_codes(choice);
        found.leave_out_unread();
        if found.codes.is_empty() {
            return Err(CompareError::NoCommonCode { raters: listed(&found.raters), sources: found.sources.len() });
        }
        Ok(found)
    }

    fn choose_codes(&mut self, choice: &Choice) {
        let mut codes: BTreeSet<String> =
            self.given.values().flatten().filter_map(|given| given.coding.code.clone()).collect();
        codes.extend(choice.codes.iter().cloned());
        codes.retain(|code| choice.codes.is_empty() || choice.codes.contains(code));
        let read_twice = |code: &String| {
            let covers = |source: &str, k: usize| match self.turns(source).next() {
                None => false,
                Some(_) => self.turns(source).any(|turn| self.readings.covers(source, k, code, turn)),
            };
            self.sources.iter().any(|source| (0..self.raters.len()).filter(|k| covers(source, *k)).count() > 1)
        };
        let (common, one_sided): (Vec<String>, Vec<String>) = codes.into_iter().partition(read_twice);
        (self.codes, self.one_sided) = (common, one_sided);
    }

    fn leave_out_unread(&mut self) {
        let (mut given, mut left_out) = (std::mem::take(&mut self.given), 0);
        for (source, list) in &mut given {
            list.retain(|one| {
                let code = one.coding.code.as_deref().unwrap_or_default();
                let read = self
                    .ordinals_in(source, one.coding.span)
                    .any(|turn| self.readings.covers(source, one.rater, code, turn));
                left_out += usize::from(!read);
                read && self.codes.iter().any(|known| known == code)
            });
        }
        (self.given, self.without_reading) = (given, left_out);
    }

    /// The same ground after the decisions between coders: what was decided stands for every rater. Nothing where no
    /// decision is about these sources, or where rounds are compared: decisions are made between first rounds.
    pub fn after_decisions(&self) -> Option<Self> {
        if self.raters.iter().any(|rater| rater.round != FIRST_ROUND) {
            return None;
        }
        let mut after = self.clone();
        let mut any = false;
        let common = all_in_common(self.study, self.texts)?;
        for decision in common.disagreements().iter().filter_map(|one| one.decided) {
            let Some(given) = after.given.get_mut(decision.source.as_str()) else { continue };
            any = true;
            given.retain(|one| !decision.codings.iter().any(|id| id == one.id));
            for (id, coding) in decision.finals.iter().filter_map(|id| self.study.codings.get_key_value(id)) {
                given.extend((0..self.raters.len()).map(|rater| Given { rater, id, coding }));
            }
            given.sort_by(|a, b| (a.coding.span, a.rater, a.id).cmp(&(b.coding.span, b.rater, b.id)));
        }
        any.then_some(after)
    }

    /// Ordinals of the coded turns of a source.
    pub(super) fn turns(&self, source: &str) -> impl Iterator<Item = u32> {
        self.coded_turns(source).into_iter().map(|(ordinal, _, _)| ordinal)
    }

    /// Ordinal, span and position of the turns that coded speakers say.
    pub(super) fn coded_turns(&self, id: &str) -> Vec<(u32, Span, usize)> {
        let (Some(source), Some(text)) = (self.study.sources.get(id), self.texts.get(id)) else { return Vec::new() };
        let turns = text.segmentation.turns.iter().enumerate();
        let coded = turns.filter(|(k, _)| {
            let speaker = text.speaker(*k);
            self.study.is_coded(source, speaker) && !self.study.is_withdrawn(source, speaker)
        });
        coded.map(|(k, turn)| (source.first_ordinal + k as u32, turn.span, k)).collect()
    }

    pub(super) fn ordinals_in(&self, id: &str, span: Span) -> impl Iterator<Item = u32> {
        let first = self.study.sources.get(id).map_or(0, |source| source.first_ordinal);
        let turns = self.texts.get(id).map_or(0..0, |text| text.turns_in(span));
        turns.map(move |k| first + k as u32)
    }

    /// Name of a source.
    pub fn source_name(&self, id: &str) -> &str {
        self.study.sources.get(id).map_or("", |source| source.name.as_str())
    }
}

/// Two spans mean the same place when they share at least half of the shorter one.
pub(super) fn meets(a: Span, b: Span) -> bool {
    let shared = a.overlap(b);
    shared > 0 && 2 * shared >= a.len().min(b.len())
}

/// `ann and ben`, `ann, ben and cem`.
pub(super) fn listed(raters: &[Rater]) -> String {
    let names: Vec<String> = raters.iter().map(Rater::to_string).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

fn no_common_source(study: &Study, raters: &[Rater], readings: &Readings<'_>, choice: &Choice) -> CompareError {
    let read = |k: usize| study.sources.keys().filter(|id| readings.touches(id, k)).count();
    let each = raters.iter().enumerate().map(|(k, rater)| format!("{rater} {}", read(k)));
    CompareError::NoCommonSource {
        raters: listed(raters),
        within: if choice.sources.is_empty() { "" } else { " among those named" },
        each: format!("sources read: {}", each.collect::<Vec<_>>().join(", ")),
    }
}
