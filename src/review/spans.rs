//! Agreement on the coders' own spans: nobody cut the text for them, so the spans themselves are matched.
//!
//! There is no "neither" here: how much text nobody marked says nothing about chance. Matched spans give positive
//! agreement; what chance would give is left to unitizing alpha, which compares lengths.

use super::compare::{Comparison, Given};
use crate::model::Span;
use crate::stats::{Bootstrap, Estimate, Interval, MarkedUnit, Undefined, bootstrap, unitizing_alpha};

/// Agreement of the raters' spans of one code.
///
/// With more than two raters it is the mean over their pairs, as Hripcsak and Rothschild (2005) average the F-measure;
/// pairs in which neither marked anything have none and are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanAgreement {
    /// Code id.
    pub code: String,
    /// Every two raters.
    pub pairs: Vec<SpanPair>,
    /// Mean of the pairs' positive agreement.
    pub positive: Estimate,
    /// Its interval, whole sources drawn.
    pub over_sources: Result<Interval, Undefined>,
    /// Unitizing alpha of where the code was marked, over the characters that all read.
    pub unitizing: Estimate,
}

/// What two of the raters did with one code.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanPair {
    /// Their numbers in the comparison.
    pub raters: [usize; 2],
    /// Spans of each, where both read.
    pub marked: [u64; 2],
    /// Pairs of spans that share at least the minimum.
    pub matched: u64,
    /// Of these, pairs with equal polarity.
    pub same_polarity: u64,
    /// `2 matched / (all spans of both)`.
    pub positive: Estimate,
    /// Its interval, whole sources drawn.
    pub over_sources: Result<Interval, Undefined>,
}

/// Draws of whole sources for the intervals.
#[derive(Debug, Clone, Copy)]
pub struct SourceDraws {
    /// How many.
    pub replicates: u32,
    /// Seed.
    pub seed: u64,
    /// Level of the intervals.
    pub level: f64,
}

impl SourceDraws {
    fn interval(self, sources: usize, estimate: impl Fn(&[usize]) -> Estimate + Sync) -> Result<Interval, Undefined> {
        if sources < 2 {
            return Err(Undefined::TooFew { what: "sources to draw from", needed: 2, got: sources });
        }
        let found: Bootstrap = bootstrap(sources, estimate, self.replicates, self.seed, self.level)?;
        Ok(found.percentile)
    }
}

/// Matches the spans of every two raters, per code. `overlap` is the least share of the text that either of two spans
/// covers which both must cover, from 0 to 1.
pub fn span_agreement(comparison: &Comparison<'_>, overlap: f64, draws: SourceDraws) -> Vec<SpanAgreement> {
    comparison.codes.iter().map(|code| of_code(comparison, code, overlap, draws)).collect()
}

fn of_code(comparison: &Comparison<'_>, code: &str, overlap: f64, draws: SourceDraws) -> SpanAgreement {
    let raters = comparison.raters.len();
    let every_two: Vec<[usize; 2]> = (0..raters).flat_map(|a| (a + 1..raters).map(move |b| [a, b])).collect();
    let by_pair: Vec<Vec<Counts>> = every_two
        .iter()
        .map(|two| comparison.sources.iter().map(|source| counts(comparison, source, code, *two, overlap)).collect())
        .collect();
    let sources = comparison.sources.len();
    let everything: Vec<usize> = (0..sources).collect();
    let mean = |drawn: &[usize]| {
        let shares: Vec<f64> = by_pair.iter().filter_map(|counts| positive(counts, drawn).ok()).collect();
        if shares.is_empty() { Err(NOTHING_MARKED) } else { Ok(shares.iter().sum::<f64>() / shares.len() as f64) }
    };
    let pair = |(raters, per_source): (&[usize; 2], &Vec<Counts>)| {
        let sum = |of: &dyn Fn(&Counts) -> u64| per_source.iter().map(of).sum::<u64>();
        SpanPair {
            raters: *raters,
            marked: [sum(&|c| c.marked[0]), sum(&|c| c.marked[1])],
            matched: sum(&|c| c.matched),
            same_polarity: sum(&|c| c.same_polarity),
            positive: positive(per_source, &everything),
            over_sources: draws.interval(sources, |drawn| positive(per_source, drawn)),
        }
    };
    SpanAgreement {
        code: code.to_owned(),
        pairs: every_two.iter().zip(&by_pair).map(pair).collect(),
        positive: mean(&everything),
        over_sources: draws.interval(sources, mean),
        unitizing: unitizing(comparison, code),
    }
}

const NOTHING_MARKED: Undefined = Undefined::Empty { what: "what either marked" };

/// Positive agreement of two raters over some of the sources.
fn positive(per_source: &[Counts], drawn: &[usize]) -> Estimate {
    let (mut matched, mut marked) = (0, 0);
    for counts in drawn.iter().filter_map(|k| per_source.get(*k)) {
        matched += 2 * counts.matched;
        marked += counts.marked[0] + counts.marked[1];
    }
    if marked == 0 { Err(NOTHING_MARKED) } else { Ok(matched as f64 / marked as f64) }
}

#[derive(Default)]
struct Counts {
    marked: [u64; 2],
    matched: u64,
    same_polarity: u64,
}

/// Pairs the spans of a source, the most alike first.
fn counts(comparison: &Comparison<'_>, source: &str, code: &str, two: [usize; 2], overlap: f64) -> Counts {
    let both_read = |span: Span| {
        let turns = comparison.ordinals_in(source, span);
        turns.into_iter().any(|turn| two.iter().all(|rater| comparison.readings.covers(source, *rater, code, turn)))
    };
    let of = |rater: usize| -> Vec<&Given<'_>> {
        let given = comparison.given.get(source).into_iter().flatten();
        given
            .filter(|one| one.rater == rater && one.coding.code.as_deref() == Some(code) && both_read(one.coding.span))
            .collect()
    };
    let (first, second) = (of(two[0]), of(two[1]));
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
