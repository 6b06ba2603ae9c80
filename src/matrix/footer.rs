//! What must be said under a matrix: who is not in it, what was set aside, and where its codings come from.

use super::MatrixSpec;
use super::build::MatrixInputs;
use super::row::RowPeople;
use super::standing::{Standing, Told};
use crate::join::{LayerBasis, Unit};
use crate::model::{Experiencer, Origin, Polarity};
use std::collections::{BTreeMap, BTreeSet};

/// Counts and provenance of a matrix.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct Footer {
    /// Units in the study.
    pub units: usize,
    /// Withdrawn participants, shown nowhere.
    pub withdrawn: usize,
    /// Units left out by the filter.
    pub filtered_out: usize,
    /// Units at risk, not at risk, and without the score that tells.
    pub at_risk: Option<(usize, usize, usize)>,
    /// Units without the outcome, and with speech all the same.
    pub no_score: Vec<String>,
    /// Units with the outcome and without any source.
    pub no_interview: Vec<String>,
    /// Units with the outcome whose sources nobody has read for at least one row.
    pub not_yet_coded: Vec<String>,
    /// Of these, units of whom a part was read for such a row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub read_in_part: Vec<String>,
    /// Focus groups that were left out of the participants' speech.
    pub focus_groups_left_out: usize,
    /// Fewest and most sources per unit, where they differ and were pooled.
    pub pooled: Option<(usize, usize)>,
    /// Statements behind the rows, by origin.
    pub origins: BTreeMap<String, usize>,
    /// Unreviewed suggestions among them.
    pub suggestions: usize,
    /// Statements about a time that does not count.
    pub set_aside: usize,
    /// Hypothetical statements.
    pub hypothetical: usize,
    /// Statements about somebody else.
    pub of_others: usize,
    /// Of the codings counted that were made here, how many with scores or group in sight.
    pub outcome_visible: (usize, usize),
    /// Whose codings these are.
    pub layer: LayerBasis,
    /// Codings whose words are gone from the current text.
    pub lost: usize,
    /// Codes that nobody was read for, and that are not shown unless they are named.
    pub unread: usize,
    /// The rules that made the classes of outcome, at-risk group and baseline, and what is uncertain in them.
    pub rules: Vec<String>,
    /// Codebook version.
    pub codebook_version: u32,
    /// Newest operation.
    pub head: (String, u64),
    /// The study is fiction.
    pub fictional: bool,
}

/// Of the units with a place in the study: at risk, not at risk, unknown.
pub(super) fn at_risk<'a>(
    at_risk: &BTreeMap<String, bool>,
    units: impl Iterator<Item = &'a str>,
) -> (usize, usize, usize) {
    units.fold((0, 0, 0), |(yes, no, unknown), id| match at_risk.get(id) {
        Some(true) => (yes + 1, no, unknown),
        Some(false) => (yes, no + 1, unknown),
        None => (yes, no, unknown + 1),
    })
}

pub(super) fn footer(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    with_outcome: &[&str],
    sources: &BTreeMap<&str, Vec<&str>>,
    rows: &[RowPeople<'_>],
    kept: &dyn Fn(&str) -> bool,
) -> Footer {
    let study = inputs.study;
    let shown: BTreeSet<&str> = with_outcome.iter().copied().collect();
    let those = |wanted: &dyn Fn(&Told<'_>) -> bool| -> Vec<String> {
        let units = rows.iter().flat_map(|row| row.told.iter().filter(|(_, told)| wanted(told)));
        units.map(|(id, _)| (*id).to_owned()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let having = |standing: Standing| those(&|told| told.standing == standing);
    let mut footer = Footer {
        units: sources.len(),
        withdrawn: study.withdrawn.len(),
        filtered_out: sources.keys().filter(|id| inputs.filter.is_some_and(|filter| !filter.contains(**id))).count(),
        no_score: sources.keys().filter(|id| kept(id) && !shown.contains(*id)).map(|id| (*id).to_owned()).collect(),
        no_interview: having(Standing::NoInterview),
        not_yet_coded: having(Standing::NotYetCoded),
        read_in_part: those(&|told| told.in_part),
        lost: study.lost.len(),
        layer: inputs.statements.basis.clone(),
        codebook_version: study.codebook.number,
        head: study.head.clone(),
        unread: 0,
        fictional: study.settings.fictional,
        ..Footer::default()
    };
    if spec.unit == Unit::Participant && !spec.focus_groups {
        footer.focus_groups_left_out = study.sources.values().filter(|source| source.focus_group).count();
    }
    let counts = shown.iter().filter_map(|id| sources.get(id)).map(Vec::len).filter(|&n| n > 0);
    if let (Some(low), Some(high)) = (counts.clone().min(), counts.max()) {
        footer.pooled = (low != high && spec.wave.is_none()).then_some((low, high));
    }
    statements(&mut footer, inputs, spec, &shown, sources, rows);
    footer
}

fn statements(
    footer: &mut Footer,
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    shown: &BTreeSet<&str>,
    sources: &BTreeMap<&str, Vec<&str>>,
    rows: &[RowPeople<'_>],
) {
    let mut counted: BTreeSet<&str> = BTreeSet::new();
    for statement in rows.iter().flat_map(|row| row.told.values()).flat_map(|told| &told.statements) {
        if !counted.insert(&statement.id) {
            continue;
        }
        match statement.origin {
            Some(origin) => *footer.origins.entry(origin.name().to_owned()).or_default() += 1,
            None => footer.suggestions += 1,
        }
        if statement.origin.is_some_and(|origin| origin != Origin::Imported) {
            footer.outcome_visible.0 += usize::from(statement.outcome_visible);
            footer.outcome_visible.1 += 1;
        }
    }
    debug_assert!(footer.origins.keys().all(|name| Origin::ALL.iter().any(|origin| origin.name() == name)));
    let read: BTreeSet<&str> = shown.iter().filter_map(|id| sources.get(id)).flatten().copied().collect();
    let codes: BTreeSet<&str> = match &spec.rows {
        super::Rows::Codes(codes) if codes.is_empty() => {
            inputs.study.codebook.codebook.codes.keys().map(String::as_str).collect()
        }
        super::Rows::Codes(codes) => codes.iter().map(String::as_str).collect(),
        super::Rows::Themes(_) => inputs.study.themes.values().flat_map(|t| &t.codes).map(String::as_str).collect(),
    };
    for statement in &inputs.statements.list {
        if !read.contains(statement.source.as_str()) || !codes.contains(statement.code.as_str()) {
            continue;
        }
        if statement.polarity == Polarity::Hypothetical && spec.polarity != Some(Polarity::Hypothetical) {
            footer.hypothetical += 1;
        } else if statement.experiencer == Experiencer::Other && !spec.anyone {
            footer.of_others += 1;
        } else if !spec.counts_time(statement.time) {
            footer.set_aside += 1;
        }
    }
}
