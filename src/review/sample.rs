//! Audit samples: what could be drawn, in strata, and a random draw that its seed repeats.

use super::layer::final_layer;
use super::rater::{Rater, Readings, readers};
use crate::code::{Suggestion, record_id};
use crate::model::{AuditItem, AuditSample, Coding, Confidence, Drawn, FIRST_ROUND, Origin, Span, Stratum};
use crate::stats::sample_without_replacement;
use crate::store::{SourceText, Study};
use std::collections::BTreeMap;

/// What strata are made by. An outcome's groups come from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// One stratum.
    All,
    /// The code.
    Code,
    /// Who coded.
    Coder,
    /// How the coding came to be: by hand, accepted one by one or in bulk, adjudicated, imported.
    Origin,
    /// The rule that led to it.
    Rule,
    /// Polarity.
    Polarity,
    /// How sure its coder was.
    Confidence,
    /// The wave of the source.
    Wave,
    /// The group of whoever speaks, by an outcome.
    Outcome(String),
}

impl By {
    /// Reads `code`, `outcome:attachment.T1` and the like.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "all" => Self::All,
            "code" => Self::Code,
            "coder" => Self::Coder,
            "origin" => Self::Origin,
            "rule" => Self::Rule,
            "polarity" => Self::Polarity,
            "confidence" => Self::Confidence,
            "wave" => Self::Wave,
            _ => Self::Outcome(text.strip_prefix("outcome:").filter(|name| !name.is_empty())?.to_owned()),
        })
    }
}

/// What samples are drawn from.
pub struct Frame<'a> {
    /// The study.
    pub study: &'a Study,
    /// Texts by source id.
    pub texts: &'a BTreeMap<String, SourceText>,
    /// What the rules suggest, by source id.
    pub suggestions: &'a BTreeMap<String, Vec<Suggestion>>,
    /// Group by participant, for [`By::Outcome`].
    pub groups: &'a BTreeMap<String, String>,
}

/// Something that can be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    stratum: String,
    item: AuditItem,
}

/// Everything that can be drawn, and for uncoded turns how many turns of each stratum are coded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Population {
    candidates: Vec<Candidate>,
    coded: BTreeMap<String, u32>,
    /// Turns that only a suggestion, or a coding that does not count, speaks for: in neither number.
    pub undecided: u32,
}

/// How many are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// In all, shared among the strata by their size.
    Total(u32),
    /// From every stratum.
    Each(u32),
}

impl Frame<'_> {
    /// The coded excerpts that count, of some codes (of all, if none is named).
    pub fn coded(&self, by: &By, codes: &[String]) -> Population {
        let layer = final_layer(self.study, self.texts, true);
        let mut population = Population::default();
        for id in layer.codings.iter().filter(|id| !self.study.lost.contains(*id)) {
            let Some(coding) = self.study.codings.get(id) else { continue };
            let Some(code) = coding.code.as_ref().filter(|code| codes.is_empty() || codes.contains(code)) else {
                continue;
            };
            let item = AuditItem {
                stratum: 0,
                source: coding.source.clone(),
                span: coding.span,
                coding: Some(id.clone()),
                code: code.clone(),
            };
            population.candidates.push(Candidate { stratum: self.stratum_of_coding(by, coding, code), item });
        }
        population
    }

    fn stratum_of_coding(&self, by: &By, coding: &Coding, code: &str) -> String {
        match by {
            By::All => "all".to_owned(),
            By::Code => code.to_owned(),
            By::Coder => Rater { coder: coding.coder.clone(), round: coding.round }.to_string(),
            By::Origin => coding.origin.name().to_owned(),
            By::Polarity => coding.polarity.name().to_owned(),
            By::Confidence => coding.confidence.map_or("not said", Confidence::name).to_owned(),
            By::Rule => self.rule_of(coding, code).unwrap_or_else(|| "no rule".to_owned()),
            By::Wave | By::Outcome(_) => self.stratum_of_place(by, &coding.source, coding.span),
        }
    }

    /// The first rule that suggests exactly this, for what was accepted from a suggestion.
    fn rule_of(&self, coding: &Coding, code: &str) -> Option<String> {
        let accepted = matches!(coding.origin, Origin::AcceptedOneByOne | Origin::AcceptedInBulk);
        let mut here = self.suggestions.get(&coding.source).filter(|_| accepted)?.iter();
        let same = here.find(|one| one.code == code && one.unit == coding.span && one.polarity == coding.polarity)?;
        Some(same.rules.first()?.query.to_string())
    }

    fn stratum_of_place(&self, by: &By, source: &str, span: Span) -> String {
        let Some(record) = self.study.sources.get(source) else { return String::new() };
        match by {
            By::Wave => record.wave.clone().unwrap_or_else(|| "no wave".to_owned()),
            By::Outcome(_) => {
                let text = self.texts.get(source);
                let speaker = text.and_then(|text| Some(text.speaker(text.turns_in(span).next()?)));
                let person = speaker.and_then(|speaker| record.participants.get(speaker));
                let group = person.and_then(|person| self.groups.get(person));
                group.cloned().unwrap_or_else(|| "no outcome".to_owned())
            }
            _ => "all".to_owned(),
        }
    }

    /// Turns that somebody has read for a code and that have neither a coding nor a suggestion of it.
    pub fn uncoded(&self, by: &By, code: &str) -> Population {
        let layer = final_layer(self.study, self.texts, true);
        let raters: Vec<Rater> = readers(self.study).into_iter().filter(|rater| rater.round == FIRST_ROUND).collect();
        let readings = Readings::of(self.study, &raters);
        let mut population = Population::default();
        for (id, source) in &self.study.sources {
            let Some(text) = self.texts.get(id) else { continue };
            let codings: Vec<(&String, Span)> = self
                .study
                .codings
                .iter()
                .filter(|(_, coding)| coding.source == *id && coding.code.as_deref() == Some(code))
                .map(|(id, coding)| (id, coding.span))
                .collect();
            let suggested = self.suggestions.get(id).into_iter().flatten().filter(|one| one.code == code);
            let suggested: Vec<Span> = suggested.map(|one| one.unit).collect();
            for (k, turn) in text.segmentation.turns.iter().enumerate() {
                let ordinal = source.first_ordinal + k as u32;
                let speaker = text.speaker(k);
                let coded_role = self.study.is_coded(source, speaker) && !self.study.is_withdrawn(source, speaker);
                if !coded_role || !(0..raters.len()).any(|rater| readings.covers(id, rater, code, ordinal)) {
                    continue;
                }
                let inside = |span: &Span| span.overlap(turn.span) > 0;
                let stratum = self.stratum_of_place(by, id, turn.span);
                if codings.iter().any(|(id, span)| inside(span) && layer.codings.contains(*id)) {
                    *population.coded.entry(stratum).or_default() += 1;
                } else if codings.iter().any(|(_, span)| inside(span)) || suggested.iter().any(inside) {
                    population.undecided += 1;
                } else {
                    let (source, span, code) = (id.clone(), turn.span, code.to_owned());
                    let item = AuditItem { stratum: 0, source, span, coding: None, code };
                    population.candidates.push(Candidate { stratum, item });
                }
            }
        }
        population
    }
}

impl Population {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.candidates.len()
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Draws: each stratum from a stream of its own, then all in random order, so that nobody reads a stratum at a time.
    pub fn draw(mut self, drawn: Drawn, size: Size, seed: u64) -> (Vec<Stratum>, Vec<AuditItem>) {
        self.candidates.sort_by(|a, b| {
            let place = |one: &Candidate| (one.stratum.clone(), one.item.source.clone(), one.item.span);
            (place(a), &a.item.code, &a.item.coding).cmp(&(place(b), &b.item.code, &b.item.coding))
        });
        let mut by_stratum: BTreeMap<String, Vec<AuditItem>> = BTreeMap::new();
        for name in self.coded.keys().filter(|_| drawn == Drawn::Uncoded) {
            by_stratum.entry(name.clone()).or_default();
        }
        for candidate in self.candidates {
            by_stratum.entry(candidate.stratum).or_default().push(candidate.item);
        }
        let sizes: Vec<usize> = by_stratum.values().map(Vec::len).collect();
        let shares = shares(&sizes, size);
        let (mut strata, mut items) = (Vec::new(), Vec::new());
        for (k, ((name, members), share)) in by_stratum.into_iter().zip(shares).enumerate() {
            let taken = sample_without_replacement(members.len(), share, seed, k as u64 + 1);
            let stratum = k as u32;
            items.extend(taken.iter().filter_map(|i| Some(AuditItem { stratum, ..members.get(*i)?.clone() })));
            let coded = self.coded.get(&name).copied().unwrap_or(0);
            strata.push(Stratum { name, population: members.len() as u32, coded });
        }
        let order = sample_without_replacement(items.len(), items.len(), seed, 0);
        let items = order.iter().filter_map(|i| items.get(*i).cloned()).collect();
        (strata, items)
    }
}

/// How many of each stratum: by size with the largest remainders, and at least two where there are two, because one
/// alone shows no spread.
fn shares(sizes: &[usize], size: Size) -> Vec<usize> {
    let total: usize = sizes.iter().sum();
    let wanted = match size {
        Size::Each(n) => return sizes.iter().map(|have| (*have).min(n as usize)).collect(),
        Size::Total(n) => (n as usize).min(total),
    };
    let exact = |have: usize| wanted as f64 * have as f64 / total.max(1) as f64;
    let mut shares: Vec<usize> = sizes.iter().map(|have| exact(*have) as usize).collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    let rest = |k: usize| sizes.get(k).map_or(0.0, |have| exact(*have).fract());
    order.sort_by(|a, b| rest(*b).total_cmp(&rest(*a)).then(a.cmp(b)));
    let missing = wanted - shares.iter().sum::<usize>();
    for k in order.into_iter().take(missing) {
        if let Some(share) = shares.get_mut(k) {
            *share += 1;
        }
    }
    shares.iter().zip(sizes).map(|(share, have)| (*share).max(2).min(*have)).collect()
}

/// A sample as a record, with its id.
pub fn sample_record(sample: AuditSample) -> (String, AuditSample) {
    let parts = [&sample.when, &sample.by_whom, &sample.by, &sample.only, &sample.seed.to_string()];
    (record_id("a", &parts.map(String::as_str)), sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn population(strata: &[(&str, u32)]) -> Population {
        let mut population = Population::default();
        for (name, n) in strata {
            for k in 0..*n {
                let (source, code, span) = ((*name).to_owned(), "trust".to_owned(), Span::new(k, k + 1));
                let item = AuditItem { stratum: 0, source, span, coding: None, code };
                population.candidates.push(Candidate { stratum: (*name).to_owned(), item });
            }
        }
        population
    }

    #[test]
    fn a_total_is_shared_by_size_and_every_stratum_gets_two() {
        assert_eq!(shares(&[60, 30, 10], Size::Total(10)), [6, 3, 2]);
        assert_eq!(shares(&[7, 7, 7], Size::Total(10)), [4, 3, 3]);
        assert_eq!(shares(&[5, 1], Size::Total(100)), [5, 1]);
        assert_eq!(shares(&[50, 3], Size::Each(5)), [5, 3]);
        assert_eq!(shares(&[], Size::Total(5)), [0_usize; 0]);
    }

    #[test]
    fn the_seed_repeats_the_draw_and_the_strata_are_kept() {
        let draw = |seed| population(&[("a", 40), ("b", 10)]).draw(Drawn::Coded, Size::Each(5), seed);
        let (strata, items) = draw(7);
        assert_eq!((strata, items.clone()), draw(7));
        assert_ne!(items, draw(8).1);
        let of = |k: u32| items.iter().filter(|item| item.stratum == k).count();
        assert_eq!((of(0), of(1)), (5, 5));
        assert!(items.iter().all(|item| (item.source == "a") == (item.stratum == 0)));
    }

    #[test]
    fn strata_are_read_from_the_command() {
        assert_eq!(By::parse("outcome:attachment.T1"), Some(By::Outcome("attachment.T1".into())));
        assert_eq!(By::parse("rule"), Some(By::Rule));
        assert_eq!(By::parse("outcome:"), None);
        assert_eq!(By::parse("colour"), None);
    }
}
