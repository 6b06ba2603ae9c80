//! Where raters differ: codings of one code at one place, held together, and what is not alike among them.

use super::compare::{Comparison, Given, meets};
use super::rater::Rater;
use super::spans::shared;
use crate::code::record_id;
use crate::model::{Adjudication, Polarity, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What is not alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Somebody who has read the place gave no code.
    Missed,
    /// They gave different codes to the same place.
    DifferentCode,
    /// The same code with different polarities.
    Polarity,
    /// The same code and polarity, and less than nine tenths of the text in common.
    Boundary,
}

impl Kind {
    /// All values, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Missed, Self::DifferentCode, Self::Polarity, Self::Boundary];

    /// The words for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::DifferentCode => "different code",
            Self::Polarity => "polarity",
            Self::Boundary => "boundary",
        }
    }
}

/// Least share of the text that any marked which all must have marked, for borders to count as the same.
const SAME_BORDERS: f64 = 0.9;

/// Codings of one code that mean the same place.
#[derive(Debug, Clone)]
pub(super) struct Group<'a> {
    pub(super) source: &'a str,
    pub(super) given: Vec<Given<'a>>,
    /// Raters who have read the place for the code.
    pub(super) readers: Vec<usize>,
}

impl<'a> Group<'a> {
    fn span(&self) -> Span {
        let spans = self.given.iter().map(|one| one.coding.span);
        spans.reduce(Span::cover).unwrap_or(Span::new(0, 0))
    }

    fn code(&self) -> &'a str {
        self.given.first().and_then(|one| one.coding.code.as_deref()).unwrap_or_default()
    }

    fn has(&self, rater: usize) -> bool {
        self.given.iter().any(|one| one.rater == rater)
    }

    /// Readers who gave no code.
    fn missing(&self) -> impl Iterator<Item = usize> {
        self.readers.iter().copied().filter(|rater| !self.has(*rater))
    }

    /// What is not alike, among those who have read the place.
    pub(super) fn kind(&self) -> Option<Kind> {
        if self.readers.len() < 2 {
            return None;
        }
        if self.missing().next().is_some() {
            return Some(Kind::Missed);
        }
        let of = |rater: usize| self.given.iter().filter(move |one| one.rater == rater);
        let polarities = |rater: usize| of(rater).map(|one| one.coding.polarity).collect::<BTreeSet<Polarity>>();
        let place = |rater: usize| of(rater).map(|one| one.coding.span).reduce(Span::cover);
        let first = *self.readers.first()?;
        if self.readers.iter().any(|rater| polarities(*rater) != polarities(first)) {
            return Some(Kind::Polarity);
        }
        let apart = |rater: &usize| place(first).zip(place(*rater)).is_some_and(|(a, b)| shared(a, b) < SAME_BORDERS);
        self.readers.iter().any(apart).then_some(Kind::Boundary)
    }
}

/// A place where raters differ.
#[derive(Debug, Clone)]
pub struct Disagreement<'a> {
    /// Id made of the codings and what they say: the same as long as they are.
    pub id: String,
    /// What is not alike.
    pub kind: Kind,
    /// Source id.
    pub source: &'a str,
    /// The text that all codings cover together.
    pub span: Span,
    /// The codes, sorted.
    pub codes: Vec<&'a str>,
    /// What each reader of the place gave, by the reader's number.
    pub sides: BTreeMap<usize, Vec<Given<'a>>>,
    /// The decision, where there is one.
    pub decided: Option<&'a Adjudication>,
}

impl Disagreement<'_> {
    /// Ids of the codings, sorted.
    pub fn codings(&self) -> Vec<String> {
        self.sides.values().flatten().map(|one| one.id.to_owned()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What a reader gave, in words: `trust (absent)`, `nothing`.
    pub fn side_in_words(&self, rater: usize) -> String {
        let given = self.sides.get(&rater).into_iter().flatten();
        let words: Vec<String> = given
            .map(|one| format!("{} ({})", one.coding.code.as_deref().unwrap_or_default(), one.coding.polarity.name()))
            .collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    }
}

impl<'a> Comparison<'a> {
    /// All codings, held together by code and place.
    pub(super) fn groups(&self) -> Vec<Group<'a>> {
        let mut groups = Vec::new();
        for source in &self.sources {
            let mut by_code: BTreeMap<&str, Vec<Given<'a>>> = BTreeMap::new();
            for one in self.given.get(source).into_iter().flatten() {
                by_code.entry(one.coding.code.as_deref().unwrap_or_default()).or_default().push(*one);
            }
            for (code, given) in by_code {
                for given in held_together(given) {
                    let mut group = Group { source, given, readers: Vec::new() };
                    let span = group.span();
                    let read = |rater: &usize| {
                        self.ordinals_in(source, span).any(|turn| self.readings.covers(source, *rater, code, turn))
                    };
                    group.readers = (0..self.raters.len()).filter(read).collect();
                    groups.push(group);
                }
            }
        }
        groups
    }

    /// Every place where the raters differ, by source name and text.
    pub fn disagreements(&self) -> Vec<Disagreement<'a>> {
        let apart: Vec<(Kind, Group<'a>)> =
            self.groups().into_iter().filter_map(|group| Some((group.kind()?, group))).collect();
        let mut found = Vec::new();
        let mut taken = vec![false; apart.len()];
        for k in 0..apart.len() {
            let Some((kind, group)) = apart.get(k).filter(|_| !taken.get(k).copied().unwrap_or(true)) else { continue };
            let other = (*kind == Kind::Missed).then(|| counterpart(&apart, &taken, k)).flatten();
            let mut groups = vec![group];
            groups.extend(other.and_then(|other| apart.get(other)).map(|(_, group)| group));
            let kind = if groups.len() > 1 { Kind::DifferentCode } else { *kind };
            found.push(self.disagreement(kind, &groups));
            for k in other.into_iter().chain([k]) {
                if let Some(taken) = taken.get_mut(k) {
                    *taken = true;
                }
            }
        }
        found.sort_by(|a, b| {
            let place = |one: &Disagreement<'_>| (self.source_name(one.source).to_owned(), one.span, one.id.clone());
            place(a).cmp(&place(b))
        });
        found
    }

    fn disagreement(&self, kind: Kind, groups: &[&Group<'a>]) -> Disagreement<'a> {
        let mut sides: BTreeMap<usize, Vec<Given<'a>>> = BTreeMap::new();
        for group in groups {
            for rater in &group.readers {
                sides.entry(*rater).or_default().extend(group.given.iter().filter(|one| one.rater == *rater));
            }
        }
        // What was said is part of it: a coding that is recoded is to be decided anew. Where it stands is not, because
        // a corrected transcript moves it.
        let said = |one: &Given<'_>| {
            format!("{} {} {}", one.id, one.coding.code.as_deref().unwrap_or_default(), one.coding.polarity.name())
        };
        let codings: BTreeSet<String> = sides.values().flatten().map(said).collect();
        let id = record_id("d", &codings.iter().map(String::as_str).collect::<Vec<_>>());
        let spans = groups.iter().map(|group| group.span());
        Disagreement {
            kind,
            source: groups.first().map_or("", |group| group.source),
            span: spans.reduce(Span::cover).unwrap_or(Span::new(0, 0)),
            codes: groups.iter().map(|group| group.code()).collect::<BTreeSet<_>>().into_iter().collect(),
            decided: self.study.adjudications.get(&id),
            sides,
            id,
        }
    }

    /// Raters, by their numbers in [`Disagreement::sides`].
    pub fn rater(&self, number: usize) -> Option<&Rater> {
        self.raters.get(number)
    }
}

/// The free group that shares most text with this one where each lacks what the other has.
fn counterpart(apart: &[(Kind, Group<'_>)], taken: &[bool], k: usize) -> Option<usize> {
    let (_, group) = apart.get(k)?;
    let fits = |other: &Group<'_>| {
        other.source == group.source
            && other.code() != group.code()
            && meets(other.span(), group.span())
            && group.missing().any(|rater| other.has(rater))
            && other.missing().any(|rater| group.has(rater))
    };
    let free = apart.iter().enumerate().skip(k + 1).filter(|(j, _)| !taken.get(*j).copied().unwrap_or(true));
    let fitting = free.filter(|(_, (kind, other))| *kind == Kind::Missed && fits(other));
    fitting.max_by_key(|(j, (_, other))| (other.span().overlap(group.span()), usize::MAX - j)).map(|(j, _)| j)
}

/// Parts of a list of codings of one code whose places meet, directly or through others.
fn held_together(given: Vec<Given<'_>>) -> Vec<Vec<Given<'_>>> {
    let mut parts: Vec<Vec<Given<'_>>> = Vec::new();
    for one in given {
        let meeting = |part: &Vec<Given<'_>>| part.iter().any(|other| meets(other.coding.span, one.coding.span));
        let (mut joined, apart): (Vec<_>, Vec<_>) = std::mem::take(&mut parts).into_iter().partition(meeting);
        let mut part: Vec<Given<'_>> = joined.drain(..).flatten().collect();
        part.push(one);
        parts = apart;
        parts.push(part);
    }
    parts
}

/// How often one rater gave a code where another gave a different one, or none (`-`), and the reverse; both orders of a
/// pair of raters count. Agreements are on the diagonal.
pub fn confusion(comparison: &Comparison<'_>) -> BTreeMap<(String, String), usize> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut add = |a: &str, b: &str| *counts.entry((a.to_owned(), b.to_owned())).or_default() += 1;
    for group in comparison.groups() {
        if matches!(group.kind(), None | Some(Kind::Polarity | Kind::Boundary)) && group.readers.len() > 1 {
            add(group.code(), group.code());
        }
    }
    for one in comparison.disagreements() {
        match (one.kind, one.codes.as_slice()) {
            (Kind::DifferentCode, [a, b]) => {
                add(a, b);
                add(b, a);
            }
            (Kind::Missed, [code]) => {
                add(code, "-");
                add("-", code);
            }
            _ => {}
        }
    }
    counts
}
