//! What a query denotes in one turn: the slow, obviously right matcher that every fast one is held to.
//!
//! Owns the meaning of the operators. Which token a single word matches is decided in `text`. Reads nothing but the
//! turn it is given; fields that a turn cannot answer (codes, scores, waves) hold nowhere here, the stages that can
//! answer them do so before they ask for intervals.
//!
//! A part of a query has two meanings in a scope. It *holds* or not, and it has *intervals*:
//!
//! | part | holds | intervals |
//! |---|---|---|
//! | word, phrase, regex, NEAR, THEN | where it has an interval | its own, inside the scope |
//! | AND | where all parts hold | those of all its parts |
//! | OR | where any part holds | those of all its parts |
//! | NOT | where its part does not | none |
//! | field | by speaker, role, question, language of the turn | none |
//! | OVERLAPS, BEFORE, AFTER | told from outside, as other fields | none |
//! | WITHIN | where it holds in any of the narrower scopes | those in the narrower scopes where it holds |
//!
//! A scope only ever narrows: `WITHIN turn` and `WITHIN source` change nothing inside one turn.

use super::{Field, FieldValue, Query, Scope, Term, compile_regex};
use crate::model::Role;
use crate::text::{self, Token, TokenKind};
use std::collections::BTreeSet;
use std::ops::Range;

/// A stretch of tokens, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// Index of the first token.
    pub first: u32,
    /// Index of the last token.
    pub last: u32,
}

impl Interval {
    const fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    fn cover(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
}

/// A turn as a query sees it.
#[derive(Debug, Clone, Copy)]
pub struct TurnText<'a> {
    /// Its words.
    pub text: &'a str,
    /// Tokens of the text.
    pub tokens: &'a [Token],
    /// Ranges of token indexes, in order.
    pub sentences: &'a [Range<u32>],
    /// Language (BCP 47 primary tag).
    pub language: &'a str,
    /// Label of the speaker.
    pub speaker: &'a str,
    /// Role of the speaker.
    pub role: Role,
    /// The question it answers, where the source says so.
    pub question: Option<&'a str>,
}

/// Token intervals that a query denotes in a turn, sorted, each once.
pub fn intervals(query: &Query, turn: &TurnText<'_>) -> Vec<Interval> {
    let scope = 0..u32::try_from(turn.tokens.len()).unwrap_or(u32::MAX);
    evaluate(query, turn, &scope).intervals.into_iter().collect()
}

/// Whether a query holds in a turn; for one without words (`speaker:P AND NOT trust`) this is all there is.
pub fn holds(query: &Query, turn: &TurnText<'_>) -> bool {
    let scope = 0..u32::try_from(turn.tokens.len()).unwrap_or(u32::MAX);
    evaluate(query, turn, &scope).holds
}

struct Meaning {
    holds: bool,
    intervals: BTreeSet<Interval>,
}

impl Meaning {
    const fn condition(holds: bool) -> Self {
        Self { holds, intervals: BTreeSet::new() }
    }

    fn words(intervals: BTreeSet<Interval>) -> Self {
        Self { holds: !intervals.is_empty(), intervals }
    }
}

fn evaluate(query: &Query, turn: &TurnText<'_>, scope: &Range<u32>) -> Meaning {
    match query {
        Query::Term(term) => Meaning::words(phrase(std::slice::from_ref(term), 0, turn, scope)),
        Query::Phrase { terms, slop } => Meaning::words(phrase(terms, *slop, turn, scope)),
        Query::Regex(pattern) => Meaning::words(regex(pattern, turn, scope)),
        Query::And(parts) => {
            let parts: Vec<Meaning> = parts.iter().map(|part| evaluate(part, turn, scope)).collect();
            if parts.iter().all(|part| part.holds) { join(parts) } else { Meaning::condition(false) }
        }
        Query::Or(parts) => join(parts.iter().map(|part| evaluate(part, turn, scope)).collect()),
        Query::Not(part) => Meaning::condition(!evaluate(part, turn, scope).holds),
        Query::Near(left, right, words) => Meaning::words(near(left, right, *words, false, turn, scope)),
        Query::Then(left, right, words) => Meaning::words(near(left, right, *words, true, turn, scope)),
        Query::Within(Scope::Turn | Scope::Source, part) => evaluate(part, turn, scope),
        Query::Within(Scope::Sentence, part) => {
            let narrower = |sentence: &Range<u32>| sentence.start.max(scope.start)..sentence.end.min(scope.end);
            let scopes = turn.sentences.iter().map(narrower).filter(|sentence| !sentence.is_empty());
            join(scopes.map(|sentence| evaluate(part, turn, &sentence)).collect())
        }
        Query::Field(field, value) => Meaning::condition(field_holds(field, value, turn)),
        Query::Related(..) => Meaning::condition(false),
    }
}

/// Holds where any part does, with the intervals of all.
fn join(parts: Vec<Meaning>) -> Meaning {
    Meaning {
        holds: parts.iter().any(|part| part.holds),
        intervals: parts.into_iter().flat_map(|part| part.intervals).collect(),
    }
}

/// Minimal stretches that hold the terms in order with at most `slop` tokens more. From a given first token the
/// earliest next match of each further term ends soonest, so no other choice can give a smaller stretch.
fn phrase(terms: &[Term], slop: u32, turn: &TurnText<'_>, scope: &Range<u32>) -> BTreeSet<Interval> {
    let hits: Vec<Vec<u32>> = terms.iter().map(|term| positions(term, turn, scope)).collect();
    let Some((starts, rest)) = hits.split_first() else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for &first in starts {
        let mut last = Some(first);
        for hits in rest {
            last = last.and_then(|last| hits.iter().copied().find(|&hit| hit > last));
        }
        let Some(last) = last else { continue };
        let extra = u64::from(last - first) + 1 - terms.len() as u64;
        if extra <= u64::from(slop) {
            found.insert(Interval { first, last });
        }
    }
    minimal(&found)
}

/// Tokens in the scope that a term matches, in order.
fn positions(term: &Term, turn: &TurnText<'_>, scope: &Range<u32>) -> Vec<u32> {
    let matcher = text::TermMatcher::new(&term.text, term.mode.into(), turn.language);
    let wanted = if term.inserted { TokenKind::Inserted } else { TokenKind::Word };
    let matches = |index: &u32| {
        turn.tokens
            .get(*index as usize)
            .filter(|token| token.kind == wanted)
            .is_some_and(|token| token.span.of(turn.text).is_some_and(|word| matcher.matches(word, &text::fold(word))))
    };
    scope.clone().filter(matches).collect()
}

/// Each match that is not empty marks the tokens of which it touches a byte; one that touches none marks nothing.
fn regex(pattern: &str, turn: &TurnText<'_>, scope: &Range<u32>) -> BTreeSet<Interval> {
    let Ok(regex) = compile_regex(pattern) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for hit in regex.find_iter(turn.text).filter(|hit| !hit.is_empty()) {
        let touched = |token: &Token| (token.span.start as usize) < hit.end() && hit.start() < token.span.end as usize;
        let tokens = (0u32..).zip(turn.tokens).filter(|(_, token)| touched(token));
        let cover = tokens.map(|(index, _)| Interval { first: index, last: index }).reduce(Interval::cover);
        found.extend(cover.filter(|cover| scope.contains(&cover.first) && scope.contains(&cover.last)));
    }
    found
}

fn near(
    left: &Query,
    right: &Query,
    words: u32,
    in_order: bool,
    turn: &TurnText<'_>,
    scope: &Range<u32>,
) -> BTreeSet<Interval> {
    let follows = |a: Interval, b: Interval| a.last < b.first && b.first - a.last - 1 <= words;
    let rights = evaluate(right, turn, scope).intervals;
    let mut found = BTreeSet::new();
    for a in evaluate(left, turn, scope).intervals {
        for &b in &rights {
            if follows(a, b) || (!in_order && follows(b, a)) {
                found.insert(a.cover(b));
            }
        }
    }
    minimal(&found)
}

/// Those that hold no smaller one.
fn minimal(found: &BTreeSet<Interval>) -> BTreeSet<Interval> {
    let holds_smaller = |wide: &Interval| found.iter().any(|small| small != wide && wide.contains(*small));
    found.iter().copied().filter(|interval| !holds_smaller(interval)).collect()
}

fn field_holds(field: &Field, value: &FieldValue, turn: &TurnText<'_>) -> bool {
    match field {
        Field::Speaker => value.matches(turn.speaker),
        Field::Role => value.matches(match turn.role {
            Role::Participant => "participant",
            Role::Interviewer => "interviewer",
            Role::Other => "other",
        }),
        Field::Question => turn.question.is_some_and(|question| value.matches(question)),
        Field::Language => value.matches(turn.language),
        Field::Participant
        | Field::Source
        | Field::Wave
        | Field::Code
        | Field::Theme
        | Field::Polarity
        | Field::Coder
        | Field::Memo
        | Field::Saved
        | Field::Attribute(_)
        | Field::Score { .. } => false,
    }
}
