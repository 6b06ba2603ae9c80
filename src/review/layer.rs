//! Which codings count where several people coded the same source.
//!
//! What one person alone has read counts as it is. What several have read counts where they agree on code and polarity;
//! where they differ, the decision counts, and without one nothing does. A decision holds as long as the codings that it decided are the same.

use super::compare::{Choice, Comparison, Given};
use super::differ::Kind;
use super::rater::{Rater, Readings, readers};
use crate::model::{FIRST_ROUND, Origin};
use crate::store::{SourceText, Study};
use std::collections::{BTreeMap, BTreeSet};

/// The codings that count, and what they rest on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FinalLayer {
    /// Ids of the codings that count.
    pub codings: BTreeSet<String>,
    /// Sources that one person alone has coded or read.
    pub alone: usize,
    /// Sources that several have read.
    pub several: usize,
    /// Ids of the latter.
    pub compared: BTreeSet<String>,
    /// Sources that several have read, each other turns: there is nothing to decide between them.
    pub apart: BTreeSet<String>,
    /// Disagreements by source: decided, and open.
    pub disagreements: BTreeMap<String, (usize, usize)>,
}

impl FinalLayer {
    /// Decisions that count.
    pub fn decided(&self) -> usize {
        self.disagreements.values().map(|(decided, _)| decided).sum()
    }

    /// Disagreements about which nothing counts.
    pub fn open(&self) -> usize {
        self.disagreements.values().map(|(_, open)| open).sum()
    }
}

/// Everybody whose first round touches each source, by coding or reading.
pub fn coders_by_source(study: &Study) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut coders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for coding in study.codings.values().filter(|coding| coding.code.is_some() && coding.round == FIRST_ROUND) {
        if coding.origin != Origin::Adjudicated {
            coders.entry(&coding.source).or_default().insert(&coding.coder);
        }
    }
    for row in study.coverage.values().filter(|row| row.round == FIRST_ROUND) {
        coders.entry(&row.source).or_default().insert(&row.coder);
    }
    coders
}

/// What all first rounds have in common; nothing where nobody shares a source.
pub fn all_in_common<'a>(study: &'a Study, texts: &'a BTreeMap<String, SourceText>) -> Option<Comparison<'a>> {
    Comparison::new(study, texts, &Choice::default()).ok()
}

/// The final layer; `with_decisions` is the adjudicated one, without it is the consensus of the coders alone.
pub fn final_layer(study: &Study, texts: &BTreeMap<String, SourceText>, with_decisions: bool) -> FinalLayer {
    let mut layer = FinalLayer::default();
    let coders = coders_by_source(study);
    let common = all_in_common(study, texts);
    let doubly_read: BTreeSet<&str> = common.iter().flat_map(|common| &common.sources).copied().collect();
    layer.several = doubly_read.len();
    layer.compared = doubly_read.iter().map(|source| (*source).to_owned()).collect();
    layer.alone = coders.keys().filter(|source| !doubly_read.contains(*source)).count();
    let raters: Vec<Rater> = readers(study).into_iter().filter(|rater| rater.round == FIRST_ROUND).collect();
    let readings = Readings::of(study, &raters);
    let reads = |source: &str, coder: &str| {
        let rater = raters.iter().position(|rater| rater.coder == coder);
        rater.is_some_and(|rater| readings.touches(source, rater))
    };
    layer.apart = coders
        .iter()
        .filter(|(source, who)| who.len() > 1 && who.iter().all(|coder| reads(source, coder)))
        .filter(|(source, _)| !readings.in_common(source))
        .map(|(source, _)| (*source).to_owned())
        .collect();
    let in_groups = common.as_ref().map(|common| groups_that_count(common, &mut layer)).unwrap_or_default();
    let read = readers_by_source(study);
    for (id, coding) in study.codings.iter().filter(|(_, coding)| coding.origin != Origin::Adjudicated) {
        let source = coding.source.as_str();
        let alone = coders.get(source).is_some_and(|coders| coders.len() == 1);
        let own_reading =
            read.get(source).is_some_and(|readers| Rater::of(coding).is_some_and(|own| readers.contains(&own)));
        if coding.round == FIRST_ROUND && !in_groups.contains(id.as_str()) && (alone || own_reading) {
            layer.codings.insert(id.clone());
        }
    }
    let Some(common) = common else { return layer };
    for one in common.disagreements() {
        let counts = layer.disagreements.entry(one.source.to_owned()).or_default();
        match one.decided.filter(|_| with_decisions) {
            Some(decision) => {
                counts.0 += 1;
                layer.codings.extend(decision.finals.iter().filter(|id| study.codings.contains_key(*id)).cloned());
            }
            // Where it begins and ends makes no difference to who says it.
            None if one.kind == Kind::Boundary => {
                let given: Vec<Given<'_>> = one.sides.values().flatten().copied().collect();
                layer.codings.extend(first_side(&given));
            }
            None => counts.1 += 1,
        }
    }
    layer
}

/// Counts the groups on which all readers agree; gives the ids of the codings in all groups.
fn groups_that_count<'a>(common: &Comparison<'a>, layer: &mut FinalLayer) -> BTreeSet<&'a str> {
    let mut ids = BTreeSet::new();
    for group in common.groups() {
        ids.extend(group.given.iter().map(|one| one.id));
        if group.kind().is_none() {
            layer.codings.extend(first_side(&group.given));
        }
    }
    ids
}

/// Ids of the codings of whoever comes first: they stand for all who agree.
fn first_side(given: &[Given<'_>]) -> Vec<String> {
    let first = given.iter().map(|one| one.rater).min();
    given.iter().filter(|one| Some(one.rater) == first).map(|one| one.id.to_owned()).collect()
}

fn readers_by_source(study: &Study) -> BTreeMap<&str, BTreeSet<Rater>> {
    let mut readers: BTreeMap<&str, BTreeSet<Rater>> = BTreeMap::new();
    for row in study.coverage.values() {
        let rater = Rater { coder: row.coder.clone(), round: row.round };
        readers.entry(&row.source).or_default().insert(rater);
    }
    readers
}
