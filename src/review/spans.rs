//! Agreement on the coders' own spans: nobody cut the text for them, so the spans themselves are matched.
//!
//! There is no "neither" here: how much text nobody marked says nothing about chance. Matched spans give positive
//! agreement; what chance would give is left to unitizing alpha, which compares lengths.

use super::compare::{Comparison, Given};
use crate::model::Span;
use crate::stats::{Bootstrap, Estimate, MarkedUnit, Undefined, bootstrap, unitizing_alpha};

/// Agreement of two raters' spans of one code.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanAgreement {
    /// Code id.
    pub code: String,
    /// Spans of each rater.
    pub marked: [u64; 2],
    /// Pairs that share at least the minimum.
    pub matched: u64,
    /// Of these, pairs with equal polarity.
    pub same_polarity: u64,
    /// `2 matched / (all spans of both)`.
    pub positive: Estimate,
    /// Its interval, whole sources drawn.
    pub over_sources: Result<crate::stats::Interval, Undefined>,
    /// Unitizing alpha of where the code was marked, over the characters that both read.
    pub unitizing: Estimate,
}

/// Matches the spans of the first two raters, per code. `overlap` is the least share of the text that either of the two
/// spans covers which both must cover, from 0 to 1.
pub fn span_agreement(
    comparison: &Comparison<'_>,
    overlap: f64,
    draws: u32,
    seed: u64,
    level: f64,
) -> Vec<SpanAgreement> {
    comparison.codes.iter().map(|code| of_code(comparison, code, overlap, draws, seed, level)).collect()
}

fn of_code(comparison: &Comparison<'_>, code: &str, overlap: f64, draws: u32, seed: u64, level: f64) -> SpanAgreement {
    let per_source: Vec<Counts> =
        comparison.sources.iter().map(|source| counts(comparison, source, code, overlap)).collect();
    let sum = |of: &dyn Fn(&Counts) -> u64| per_source.iter().map(of).sum::<u64>();
    let positive = |drawn: &[usize]| {
        let (mut matched, mut marked) = (0, 0);
        for counts in drawn.iter().filter_map(|k| per_source.get(*k)) {
            matched += 2 * counts.matched;
            marked += counts.marked[0] + counts.marked[1];
        }
        if marked == 0 {
            Err(Undefined::Empty { what: "what either marked" })
        } else {
            Ok(matched as f64 / marked as f64)
        }
    };
    let everything: Vec<usize> = (0..per_source.len()).collect();
    let over_sources = if per_source.len() < 2 {
        Err(Undefined::TooFew { what: "sources to draw from", needed: 2, got: per_source.len() })
    } else {
        bootstrap(per_source.len(), positive, draws, seed, level).map(|found: Bootstrap| found.percentile)
    };
    SpanAgreement {
        code: code.to_owned(),
        marked: [sum(&|c| c.marked[0]), sum(&|c| c.marked[1])],
        matched: sum(&|c| c.matched),
        same_polarity: sum(&|c| c.same_polarity),
        positive: positive(&everything),
        over_sources,
        unitizing: unitizing(comparison, code),
    }
}

#[derive(Default)]
struct Counts {
    marked: [u64; 2],
    matched: u64,
    same_polarity: u64,
}

/// Pairs the spans of a source, the most alike first.
fn counts(comparison: &Comparison<'_>, source: &str, code: &str, overlap: f64) -> Counts {
    let both_read = |span: Span| {
        let turns = comparison.ordinals_in(source, span);
        turns.into_iter().any(|turn| (0..2).all(|rater| comparison.readings.covers(source, rater, code, turn)))
    };
    let of = |rater: usize| -> Vec<&Given<'_>> {
        let given = comparison.given.get(source).into_iter().flatten();
        given
            .filter(|one| one.rater == rater && one.coding.code.as_deref() == Some(code) && both_read(one.coding.span))
            .collect()
    };
    let (first, second) = (of(0), of(1));
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (i, a) in first.iter().enumerate() {
        for (j, b) in second.iter().enumerate() {
            let share = shared(a.coding.span, b.coding.span);
            if share > 0.0 && share >= overlap {
                pairs.push((share, i, j));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut counts = Counts { marked: [first.len() as u64, second.len() as u64], ..Counts::default() };
    let (mut taken_first, mut taken_second) = (vec![false; first.len()], vec![false; second.len()]);
    for (_, i, j) in pairs {
        let (Some(one), Some(other)) = (taken_first.get_mut(i), taken_second.get_mut(j)) else { continue };
        if *one || *other {
            continue;
        }
        (*one, *other) = (true, true);
        counts.matched += 1;
        let polarity = |list: &[&Given<'_>], k: usize| list.get(k).map(|given| given.coding.polarity);
        counts.same_polarity += u64::from(polarity(&first, i) == polarity(&second, j));
    }
    counts
}

/// Share of the text that either span covers which both cover.
pub(super) fn shared(a: Span, b: Span) -> f64 {
    let both = a.overlap(b);
    let either = a.len() + b.len() - both;
    if either == 0 { 0.0 } else { f64::from(both) / f64::from(either) }
}

/// Unitizing alpha over the turns that all raters have read for the code, put one after the other.
fn unitizing(comparison: &Comparison<'_>, code: &str) -> Estimate {
    let raters = comparison.raters.len();
    let mut marked: Vec<Vec<MarkedUnit<&str>>> = vec![Vec::new(); raters];
    let mut length = 0;
    for source in &comparison.sources {
        let Some(text) = comparison.texts.get(*source) else { continue };
        for (ordinal, turn, _) in comparison.coded_turns(source) {
            if !(0..raters).all(|rater| comparison.readings.covers(source, rater, code, ordinal)) {
                continue;
            }
            let characters = |start: u32, end: u32| {
                Span::new(start, end).of(&text.text).map_or(0, |words| words.chars().count() as u64)
            };
            for (rater, units) in marked.iter_mut().enumerate() {
                let given = comparison.given.get(source).into_iter().flatten();
                let own = given.filter(|one| one.rater == rater && one.coding.code.as_deref() == Some(code));
                for one in own.filter(|one| one.coding.span.overlap(turn) > 0) {
                    let (from, to) = (one.coding.span.start.max(turn.start), one.coding.span.end.min(turn.end));
                    let start = length + characters(turn.start, from);
                    join(units, MarkedUnit { start, end: start + characters(from, to), code });
                }
            }
            length += characters(turn.start, turn.end);
        }
    }
    unitizing_alpha(&marked, length).and_then(|found| found.binary_u_alpha)
}

/// Adds a unit; one that overlaps the last becomes one with it, because a coder cannot mark a place twice.
fn join<'a>(units: &mut Vec<MarkedUnit<&'a str>>, unit: MarkedUnit<&'a str>) {
    match units.last_mut().filter(|last| unit.start < last.end) {
        Some(last) => last.end = last.end.max(unit.end),
        None => units.push(unit),
    }
}
