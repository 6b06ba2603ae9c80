//! Operators over the places where words stand: AND, OR, NOT, NEAR, THEN, WITHIN, fields, phrases with slop.
//!
//! Gives the intervals that [`super::reference`] gives, from lists of positions instead of the text. Who has the lists
//! (a scan of the text, an index) tells through [`Turn`]. Owns no meaning of its own: property tests over random
//! queries and turns hold it to the reference.

use super::reference::Interval;
use super::{Query, Scope, Term};
use crate::text::Token;
use regex::Regex;
use std::ops::Range;

/// A query with its words and regular expressions as numbers.
#[derive(Debug)]
pub enum Node {
    /// Words in order with at most `slop` tokens more; one word is a phrase of one.
    Phrase { leaves: Vec<u32>, slop: u32 },
    /// A regular expression.
    Regex(u32),
    /// All in the scope.
    And(Vec<Node>),
    /// Any.
    Or(Vec<Node>),
    /// Filters only.
    Not(Box<Node>),
    /// At most so many tokens between.
    Near { left: Box<Node>, right: Box<Node>, words: u32, in_order: bool },
    /// Each sentence by itself.
    Sentence(Box<Node>),
    /// A condition that holds for the whole turn or not.
    Field(Query),
}

/// Who gives words and regular expressions their numbers.
pub trait Numbers {
    /// The number of a word.
    fn term(&mut self, term: &Term) -> u32;
    /// The number of a regular expression.
    fn regex(&mut self, pattern: &str) -> u32;
}

impl Node {
    /// The query in numbers.
    pub fn of(query: &Query, numbers: &mut impl Numbers) -> Self {
        let mut all = |parts: &[Query]| parts.iter().map(|part| Self::of(part, numbers)).collect();
        match query {
            Query::And(parts) => Self::And(all(parts)),
            Query::Or(parts) => Self::Or(all(parts)),
            Query::Term(term) => Self::Phrase { leaves: vec![numbers.term(term)], slop: 0 },
            Query::Phrase { terms, slop } => {
                Self::Phrase { leaves: terms.iter().map(|term| numbers.term(term)).collect(), slop: *slop }
            }
            Query::Regex(pattern) => Self::Regex(numbers.regex(pattern)),
            Query::Not(part) => Self::Not(Box::new(Self::of(part, numbers))),
            Query::Near(left, right, words) => Self::near(left, right, *words, false, numbers),
            Query::Then(left, right, words) => Self::near(left, right, *words, true, numbers),
            Query::Within(Scope::Sentence, part) => Self::Sentence(Box::new(Self::of(part, numbers))),
            Query::Within(Scope::Turn | Scope::Source, part) => Self::of(part, numbers),
            Query::Field(..) | Query::Related(..) => Self::Field(query.clone()),
        }
    }

    fn near(left: &Query, right: &Query, words: u32, in_order: bool, numbers: &mut impl Numbers) -> Self {
        let (left, right) = (Box::new(Self::of(left, numbers)), Box::new(Self::of(right, numbers)));
        Self::Near { left, right, words, in_order }
    }
}

/// A turn as the operators see it.
pub trait Turn {
    /// Tokens that a word matches, ascending.
    fn positions(&self, leaf: u32) -> &[u32];
    /// Tokens that a regular expression's matches touch.
    fn matches(&self, regex: u32) -> Vec<Interval>;
    /// Sentences as ranges of token indexes, in order.
    fn sentences(&self) -> &[Range<u32>];
    /// Whether a condition ([`Node::Field`]) holds.
    fn holds(&self, condition: &Query) -> bool;
}

/// Intervals that a node denotes in a turn, sorted, each once; nothing where it does not hold.
pub fn intervals(node: &Node, turn: &impl Turn) -> Option<Vec<Interval>> {
    let meaning = evaluate(node, turn, &(0..u32::MAX));
    meaning.holds.then(|| sorted(meaning.intervals))
}

/// Tokens of which a regular expression's matches touch a byte.
pub fn regex_intervals(regex: &Regex, text: &str, tokens: &[Token]) -> Vec<Interval> {
    let touched = |hit: regex::Match<'_>| {
        let first = tokens.partition_point(|token| token.span.end as usize <= hit.start());
        let beyond = tokens.partition_point(|token| (token.span.start as usize) < hit.end());
        (first < beyond && !hit.is_empty()).then(|| Interval { first: first as u32, last: beyond as u32 - 1 })
    };
    regex.find_iter(text).filter_map(touched).collect()
}

struct Meaning {
    holds: bool,
    intervals: Vec<Interval>,
}

impl Meaning {
    const fn condition(holds: bool) -> Self {
        Self { holds, intervals: Vec::new() }
    }

    const fn words(intervals: Vec<Interval>) -> Self {
        Self { holds: !intervals.is_empty(), intervals }
    }
}

fn evaluate(node: &Node, turn: &impl Turn, scope: &Range<u32>) -> Meaning {
    match node {
        Node::Phrase { leaves, slop } => Meaning::words(phrase(leaves, *slop, turn, scope)),
        Node::Regex(regex) => {
            let mut found = turn.matches(*regex);
            found.retain(|interval| scope.contains(&interval.first) && scope.contains(&interval.last));
            Meaning::words(found)
        }
        Node::And(parts) => {
            let mut intervals = Vec::new();
            for part in parts {
                let part = evaluate(part, turn, scope);
                if !part.holds {
                    return Meaning::condition(false);
                }
                intervals.extend(part.intervals);
            }
            Meaning { holds: true, intervals }
        }
        Node::Or(parts) => join(parts.iter().map(|part| evaluate(part, turn, scope))),
        Node::Not(part) => Meaning::condition(!evaluate(part, turn, scope).holds),
        Node::Near { left, right, words, in_order } => {
            let left = sorted(evaluate(left, turn, scope).intervals);
            if left.is_empty() {
                return Meaning::condition(false);
            }
            let right = sorted(evaluate(right, turn, scope).intervals);
            let mut found = covers(&left, &right, *words);
            if !in_order {
                found.extend(covers(&right, &left, *words));
            }
            Meaning::words(minimal(found))
        }
        Node::Sentence(part) => {
            let narrower = |sentence: &Range<u32>| sentence.start.max(scope.start)..sentence.end.min(scope.end);
            let mut at = Vec::new();
            let told = anchors(part, turn, &mut at);
            at.sort_unstable();
            let may_hold = |sentence: &Range<u32>| {
                let from = at.partition_point(|at| *at < sentence.start);
                !told || at.get(from).is_some_and(|at| *at < sentence.end)
            };
            let sentences = if told && at.is_empty() { &[] } else { turn.sentences() };
            let scopes = sentences.iter().map(narrower).filter(|sentence| !sentence.is_empty());
            join(scopes.filter(may_hold).map(|sentence| evaluate(part, turn, &sentence)))
        }
        Node::Field(condition) => Meaning::condition(turn.holds(condition)),
    }
}

/// Adds tokens of which a stretch has to hold one for the node to hold there: most sentences hold none. False where the
/// node may hold without any word.
fn anchors(node: &Node, turn: &impl Turn, at: &mut Vec<u32>) -> bool {
    match node {
        Node::Phrase { leaves, .. } => {
            let rarest = leaves.iter().map(|leaf| turn.positions(*leaf)).min_by_key(|places| places.len());
            at.extend_from_slice(rarest.unwrap_or_default());
            true
        }
        Node::And(parts) => {
            let known = at.len();
            parts.iter().any(|part| {
                at.truncate(known);
                anchors(part, turn, at)
            })
        }
        Node::Or(parts) => parts.iter().all(|part| anchors(part, turn, at)),
        Node::Near { left, .. } => anchors(left, turn, at),
        Node::Sentence(part) => anchors(part, turn, at),
        Node::Regex(_) | Node::Not(_) | Node::Field(_) => false,
    }
}

fn join(parts: impl Iterator<Item = Meaning>) -> Meaning {
    let mut joined = Meaning::condition(false);
    for part in parts {
        joined.holds |= part.holds;
        joined.intervals.extend(part.intervals);
    }
    joined
}

fn phrase(leaves: &[u32], slop: u32, turn: &impl Turn, scope: &Range<u32>) -> Vec<Interval> {
    let positions = |leaf: &u32| {
        let all = turn.positions(*leaf);
        let (from, to) = (all.partition_point(|at| *at < scope.start), all.partition_point(|at| *at < scope.end));
        all.get(from..to).unwrap_or_default()
    };
    let Some((starts, rest)) = leaves.split_first() else { return Vec::new() };
    let mut found = Vec::new();
    for &first in positions(starts) {
        // The earliest next match of each further word ends soonest.
        let last = rest.iter().try_fold(first, |last, leaf| {
            let hits = positions(leaf);
            hits.get(hits.partition_point(|hit| *hit <= last)).copied()
        });
        let Some(last) = last else { break };
        if u64::from(last - first) < leaves.len() as u64 + u64::from(slop) {
            found.push(Interval { first, last });
        }
    }
    if leaves.len() > 1 { minimal(found) } else { found }
}

/// For each of the first the shortest stretch from it to one of the second that begins after it, with at most so many
/// tokens between. The longer ones hold it and are never minimal.
fn covers(first: &[Interval], second: &[Interval], words: u32) -> Vec<Interval> {
    let mut found = Vec::new();
    for a in first {
        let from = second.partition_point(|b| b.first <= a.last);
        let mut last = None;
        for b in second.get(from..).unwrap_or_default() {
            if b.first - a.last - 1 > words || last.is_some_and(|last| b.first >= last) {
                break;
            }
            last = Some(last.map_or(b.last, |last: u32| last.min(b.last)));
        }
        found.extend(last.map(|last| Interval { first: a.first, last }));
    }
    found
}

fn sorted(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    intervals.dedup();
    intervals
}

/// Those that hold no smaller one, sorted.
fn minimal(intervals: Vec<Interval>) -> Vec<Interval> {
    if intervals.len() < 2 {
        return intervals;
    }
    let mut kept: Vec<Interval> = Vec::with_capacity(intervals.len());
    // From the last to begin: one that ends no earlier than one kept so far holds it. Of those that begin together the
    // shortest comes first.
    let mut from_behind = sorted(intervals);
    from_behind.sort_by(|a, b| b.first.cmp(&a.first).then(a.last.cmp(&b.last)));
    for interval in from_behind {
        if kept.last().is_none_or(|smaller| interval.last < smaller.last) {
            kept.push(interval);
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretches(pairs: &[(u32, u32)]) -> Vec<Interval> {
        pairs.iter().map(|&(first, last)| Interval { first, last }).collect()
    }

    #[test]
    fn what_holds_a_smaller_one_goes() {
        assert_eq!(minimal(stretches(&[(0, 5), (1, 3), (1, 4), (2, 6), (7, 7)])), stretches(&[(1, 3), (2, 6), (7, 7)]));
        assert_eq!(minimal(stretches(&[(0, 5), (3, 5), (3, 5)])), stretches(&[(3, 5)]));
    }

    #[test]
    fn covers_are_the_shortest_within_reach() {
        let (a, b) = (stretches(&[(0, 0), (4, 5)]), stretches(&[(2, 9), (3, 3), (8, 8)]));
        assert_eq!(covers(&a, &b, 2), stretches(&[(0, 3), (4, 8)]));
        assert_eq!(covers(&a, &b, 1), stretches(&[(0, 9)]));
    }
}
