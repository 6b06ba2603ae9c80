//! What is said of a theme before or after it, in words that only point to it: "..., but that's over", "It's eased,
//! the loneliness", "I trusted him until he ...".
//!
//! Looks at units, not clauses: such a sequel may be a clause, a fragment or a tag.

use super::class::*;
use super::evidence::Evidence;
use super::judge::{Judgement, Question, Sentence};
use super::reading::{Clause, Kind, NONE, Subject, gap};
use super::reason::Reason;
use crate::model::Polarity;

/// A polarity that a sequel gives, and the unit that does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sequel {
    polarity: Polarity,
    reason: Reason,
    at: usize,
}

impl Sequel {
    /// The judgement of the hit with this polarity in place of its own.
    pub(super) fn of(self, sentence: &Sentence<'_>, first: Judgement) -> Judgement {
        let trigger = Some(sentence.tokens_of(self.at, self.at));
        Judgement { polarity: self.polarity, reason: self.reason, trigger, ..first }
    }
}

/// Words that may stand before what a sequel says.
const OPENING: u64 = AND | CONTRAST | ADVERB | NOW | BE;

impl Sentence<'_> {
    /// What the words after a hit say of it without naming it: it is over, or became less.
    pub(super) fn afterwards(
        &self,
        question: &Question,
        clause: &Clause,
        b: usize,
        polarity: Polarity,
    ) -> Option<Sequel> {
        const CHANGING: u64 = GONE | STOPPING | LESS | REDUCING;
        if self.reading.all & (CHANGING | SUBORDINATE) == 0 || !matches!(polarity, Polarity::Present | Polarity::Absent)
        {
            return None;
        }
        let units = &self.reading.units;
        let end = units.partition_point(|unit| unit.first < question.next);
        let over = || match (question.base, polarity) {
            (Polarity::Absent, Polarity::Present) => None,
            (_, Polarity::Absent) => Some(Polarity::Present),
            _ => Some(Polarity::Ceased),
        };
        let present = polarity == Polarity::Present && question.base == Polarity::Present;
        // "He helped me with the roof, and it's finished": a deed, and `it` is something else.
        let deed = question.agent.is_given()
            && self.reading.unit_of(question.first).is_some_and(|a| self.class(a) & (FINITE | CAUSING) != 0);
        let changed = if self.reading.all & CHANGING == 0 { end } else { b + 1 };
        for at in changed..end {
            if !deed && self.points_back(at) {
                let (stop, negated) = self.short_clause(at, end);
                if negated {
                    continue;
                }
                let found = |groups: u64| (at..stop).find(|k| self.class(*k) & groups != 0);
                if let Some(at) = found(GONE) {
                    return over().map(|polarity| Sequel { polarity, reason: Reason::Ceased, at });
                }
                if let Some(at) = found(REDUCING | LESS).filter(|_| present) {
                    return Some(Sequel { polarity: Polarity::Reduced, reason: Reason::Reduced, at });
                }
            }
            let class = self.class(at);
            let denied = || (at.saturating_sub(4)..at).any(|k| k > b && self.class(k) & NEGATIVE != 0);
            // "and then I lost it" is mostly about something else.
            let lost = self.word(at).to_ascii_lowercase().starts_with("los");
            let taken =
                class & STOPPING != 0 && !lost && self.is_it(at + 1) && self.ends(at + 2, end) && self.apart(b, at);
            let let_go = class & GONE != 0 && self.names_it(at) && self.apart(b, at);
            if (taken || let_go) && !deed && !denied() {
                return over().map(|polarity| Sequel { polarity, reason: Reason::Ceased, at });
            }
            if present && class & LESS != 0 && self.fragment(at, b) && !self.reading.question {
                return Some(Sequel { polarity: Polarity::Reduced, reason: Reason::Reduced, at });
            }
        }
        (present && self.lasted_until(question, clause, b, end))
            .then(|| (b + 1..end).find(|k| self.is_until(*k)))
            .flatten()
            .map(|at| Sequel { polarity: Polarity::Ceased, reason: Reason::Ceased, at })
    }

    /// "It's eased off, the loneliness", "It's not as bad, being left out", "It's eased, but I still feel alone".
    pub(super) fn announced(&self, id: u32, clause: &Clause, a: usize, found: &mut Evidence) {
        if self.reading.all & (LESS | REDUCING | GONE | NEGATION) == 0 || !self.is_it(0) {
            return;
        }
        let marks = gap::COMMA | gap::STRONG;
        let (stop, _) = self.short_clause(0, a);
        if stop >= a || self.reading.gap(stop) & marks == 0 {
            return;
        }
        const LEADING: u64 = DETERMINER | MY | FEEL | ADVERB | PREPOSITION;
        let comma = (stop..=a).rev().find(|k| self.reading.gap(*k) & marks != 0).unwrap_or(stop);
        let named = a <= comma + 4 && (comma..a).all(|k| self.class(k) & LEADING != 0 && self.class(k) & THEY == 0);
        let still =
            (clause.first as usize..a).any(|k| self.clause_of(k) == id && self.word(k).eq_ignore_ascii_case("still"));
        let says = |groups: u64| (0..stop).find(|k| self.class(*k) & groups != 0);
        if !named && !still {
            return;
        }
        if let Some(at) = says(LESS | REDUCING) {
            found.reduced.get_or_insert(at);
        } else if let Some(at) = says(GONE).filter(|_| named) {
            found.ceased.get_or_insert((at, Reason::Ceased));
        } else if let Some(at) = says(NEGATION).filter(|at| named && (*at..stop).any(|k| self.class(k) & VERB != 0)) {
            // "It doesn't come to me, trusting"
            found.negate(at, Reason::PredicateNegated);
        }
    }

    /// The first word of a unit.
    fn head(&self, at: usize) -> &str {
        let token = self.reading.units.get(at).and_then(|unit| self.tokens.get(unit.first as usize));
        token.and_then(|token| token.span.of(self.text)).unwrap_or_default()
    }

    fn is_it(&self, at: usize) -> bool {
        let head = self.head(at);
        ["it", "that", "it's", "that's"].iter().any(|word| head.eq_ignore_ascii_case(word))
    }

    /// `it` or `that` where a clause may begin.
    fn points_back(&self, at: usize) -> bool {
        let opened = self.reading.gap(at) != 0 || self.class(at.saturating_sub(1)) & (AND | CONTRAST) != 0;
        opened && self.is_it(at)
    }

    /// A phrase that holds `it` or `that` itself: "let that go", "the end of it".
    fn names_it(&self, at: usize) -> bool {
        let tokens =
            self.reading.units.get(at).and_then(|unit| self.tokens.get(unit.first as usize..=unit.last as usize));
        let mut words = tokens.unwrap_or_default().iter().filter_map(|token| token.span.of(self.text));
        words.any(|word| ["it", "that"].iter().any(|it| word.eq_ignore_ascii_case(it)))
    }

    fn ends(&self, at: usize, end: usize) -> bool {
        const TAIL: u64 = ADVERB | PREPOSITION | ME | NOW | ANYMORE;
        (at..end.min(at + 4)).take_while(|k| self.reading.gap(*k) == 0).all(|k| self.class(k) & TAIL != 0)
    }

    /// Whether a border lies between the hit and a later unit.
    fn apart(&self, b: usize, at: usize) -> bool {
        (b + 1..=at).any(|k| self.reading.gap(k) != 0 || self.class(k) & (AND | CONTRAST) != 0)
    }

    /// Where a clause of at most eight units from `at` ends, and whether it is negated.
    fn short_clause(&self, at: usize, end: usize) -> (usize, bool) {
        let stop = (at + 1..end.min(at + 9))
            .find(|k| self.reading.gap(*k) != 0 || self.class(*k) & (AND | CONTRAST | I | THEY) != 0)
            .unwrap_or(end.min(at + 9));
        (stop, (at..stop).any(|k| self.class(k) & (NEGATIVE) != 0 && self.class(k) & (LESS | GONE) == 0))
    }

    /// ", just less", "but not as often": a fragment of degree behind a comma.
    fn fragment(&self, at: usize, b: usize) -> bool {
        let mut k = at;
        while k > b + 1 && self.reading.gap(k) == 0 && self.class(k - 1) & OPENING != 0 && self.class(k - 1) & BE == 0 {
            k -= 1;
        }
        let opened = self.reading.gap(k) & (gap::COMMA | gap::STRONG) != 0 || self.class(k) & CONTRAST != 0;
        let next = self.class(at + 1);
        // "not as a friend" compares nothing.
        let role = next & DETERMINER != 0 && next & PREPOSITION == 0;
        opened
            && !role
            && (next & (VERBAL | MY | OTHERS) == 0 || self.reading.gap(at + 1) != 0)
            && next & (FEEL | I) == 0
    }

    fn is_until(&self, at: usize) -> bool {
        self.class(at) & SUBORDINATE != 0 && ["until", "till"].iter().any(|w| self.word(at).eq_ignore_ascii_case(w))
    }

    /// "I trusted him until he ...": a state of the speaker's that lasted till something happened.
    fn lasted_until(&self, question: &Question, clause: &Clause, b: usize, end: usize) -> bool {
        if question.agent.is_given() || clause.verb_at == NONE || clause.subject == Subject::Nobody {
            return false;
        }
        let verb = clause.verb_at as usize;
        let class = self.class(verb);
        let state = class & (BE | AUXILIARY) != 0 || verb <= b && question_holds(self, question, verb);
        let past = class & FINITE != 0 || ["was", "were", "had", "did"].iter().any(|w| self.word(verb) == *w);
        let opens = |k: usize| {
            self.is_until(k)
                && self
                    .reading
                    .clause(self.clause_of(k))
                    .is_some_and(|c| c.kind == Kind::Subordinate && c.verb_at != NONE)
        };
        state && past && (b + 1..end).any(opens)
    }
}

/// Whether the verb is one of the hit's own words.
fn question_holds(sentence: &Sentence<'_>, question: &Question, verb: usize) -> bool {
    sentence.reading.units.get(verb).is_some_and(|unit| unit.last >= question.first && unit.first <= question.last)
}
