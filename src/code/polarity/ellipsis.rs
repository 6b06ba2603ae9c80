//! Short clauses that take a theme up again without naming it: "At home I was afraid, but with them I was not".

use super::class::*;
use super::judge::{Judgement, Question, Sentence};
use super::reading::{Clause, Kind, NONE, Subject, gap};
use super::reason::Reason;
use super::{person, time};
use crate::model::Polarity;

impl Sentence<'_> {
    /// "At home I was afraid, but with them I was not": a clause without the theme that takes it up.
    pub(super) fn ellipsis(&self, question: &Question, id: u32, first: Judgement) -> [Option<Judgement>; 2] {
        let reading = self.reading;
        let before = self.clause_of(reading.unit_of(question.last).unwrap_or(0)).max(id);
        for (next, clause) in reading.clauses.iter().enumerate().skip(before as usize + 1) {
            let starts = reading.units.get(clause.first as usize).map_or(0, |unit| unit.first);
            let ends = reading.units.get(clause.last as usize).map_or(0, |unit| unit.last);
            if ends >= question.next || !matches!(clause.kind, Kind::Main | Kind::Conjunct) || starts <= question.last {
                continue;
            }
            if let Some(trigger) = self.passed(clause, next as u32).filter(|_| question.base == Polarity::Present) {
                let (polarity, reason) = (Polarity::Ceased, Reason::Ceased);
                let trigger = Some(self.tokens_of(trigger, trigger));
                let scope = self.tokens_of(clause.first as usize, clause.last as usize);
                let over = Judgement { polarity, reason, trigger, scope, ..first };
                return [Some(if first.polarity == Polarity::Present { over } else { first }), None];
            }
            if let Some(trigger) = self.refused(clause, next as u32, &first, question) {
                let trigger = Some(self.tokens_of(trigger, trigger));
                return [
                    Some(Judgement { polarity: Polarity::Absent, reason: Reason::Refused, trigger, ..first }),
                    None,
                ];
            }
            let Some((negated, trigger, bare)) = self.elliptic(clause, next as u32) else { continue };
            let thing = clause.subject == Subject::None && self.class(clause.first as usize) & DETERMINER != 0;
            if thing {
                continue;
            }
            let other = match question.base {
                Polarity::Absent => Polarity::Present,
                _ => Polarity::Absent,
            };
            let anymore =
                (clause.first as usize..=clause.last as usize).any(|k| self.class(k) & (ANYMORE | NO_LONGER) != 0);
            let polarity = match (negated, anymore && question.base == Polarity::Present) {
                (true, true) => Polarity::Ceased,
                (true, false) => other,
                (false, _) => question.base,
            };
            let experiencer =
                if clause.subject == Subject::None { first.experiencer } else { person::of_subject(clause, question) };
            if polarity == first.polarity && experiencer == first.experiencer {
                return [Some(first), None];
            }
            let tokens = self.tokens_of(clause.first as usize, clause.last as usize);
            let second = Judgement {
                polarity,
                time: time::of_clause(self, next as u32, clause.first as usize, Reason::Ellipsis),
                experiencer,
                target: first.target,
                trigger: Some(self.tokens_of(trigger, trigger)),
                scope: tokens,
                clause: tokens,
                reason: Reason::Ellipsis,
            };
            // "Support, there was none": a theme that is only named waits for what is said of it.
            let named = reading.clause(id).is_some_and(|own| own.first == 0 && own.last < 2 && own.verb_at == NONE);
            let replaces = (bare && anymore) || named || first.polarity == Polarity::Hypothetical;
            return if replaces { [Some(second), None] } else { [Some(first), Some(second)] };
        }
        [Some(first), None]
    }

    /// "I asked for help and nobody came", "she promised to support me, only she never turned up".
    fn refused(&self, clause: &Clause, id: u32, first: &Judgement, question: &Question) -> Option<usize> {
        let asked = first.polarity == Polarity::Hypothetical
            && matches!(first.reason, Reason::Wished | Reason::Imagined)
            && question.base == Polarity::Present;
        let (from, to) = (clause.first as usize, clause.last as usize);
        let own = clause.subject != Subject::Speaker || clause.verb_at == NONE;
        let being = clause.verb_at != NONE && self.class(clause.verb_at as usize) & BE != 0;
        if !asked || to > from + 8 {
            return None;
        }
        let mine = |k: &usize| self.clause_of(*k) == id;
        let sent_away = (from..=to).filter(mine).find(|k| self.class(*k) & LACK != 0);
        let denied = (from..=to).filter(mine).find(|k| self.class(*k) & (NEGATION | NOBODY) != 0);
        sent_away.or(denied.filter(|_| own && !being))
    }

    /// "I had help and it was withdrawn": a short clause about `it` that says it is over; the unit that does.
    fn passed(&self, clause: &Clause, id: u32) -> Option<usize> {
        let it = clause.subject == Subject::Thing && self.word(clause.subject_at as usize).eq_ignore_ascii_case("it");
        if !it || clause.last > clause.first + 6 {
            return None;
        }
        let mine = |k: &usize| self.clause_of(*k) == id;
        let after = (clause.subject_at as usize + 1..=clause.last as usize).filter(mine);
        let denied = after.clone().any(|k| self.class(k) & NEGATION != 0);
        let over = |k: &usize| {
            let class = self.class(*k);
            class & GONE != 0 || class & STOPPING != 0 && (self.class(*k - 1) & BE != 0 || *k == clause.last as usize)
        };
        after.clone().find(over).filter(|_| !denied)
    }

    /// Whether a clause is elliptic: negated or not, the deciding unit, and whether it has no verb at all.
    fn elliptic(&self, clause: &Clause, id: u32) -> Option<(bool, usize, bool)> {
        let (first, last) = (clause.first as usize, clause.last as usize);
        let opener = self.class(first);
        if !clause.contrast && opener & (AND | OR) == 0 && self.reading.gap(first) & gap::COMMA == 0
            || last > first + 12
        {
            return None;
        }
        const QUIET: u64 = ADVERB | ANYMORE | NOW | BEFORE | AGAIN | INDEFINITE | NEGATION;
        let mine = |k: &usize| self.clause_of(*k) == id;
        if clause.verb_at == NONE {
            let at = (first..=last).find(|k| self.class(*k) & (CONTRAST | AND | ADVERB) == 0)?;
            let next = self.class(at + 1);
            let negated = NOT | NEVER;
            if self.class(at) & NO_LONGER != 0 || self.class(at) & negated != 0 && next & ANYMORE != 0 {
                return Some((true, at, true));
            }
            if clause.contrast && self.class(at) & negated != 0 && next & (PREPOSITION | QUIET) != 0 {
                return Some((true, at, true));
            }
            let ends = clause.contrast && self.class(last) & negated != 0 && last <= first + 4;
            return ends.then_some((true, last, false));
        }
        let verb = clause.verb_at as usize;
        // "nobody came", "and got none"
        if clause.contrast && clause.subject == Subject::Nobody && clause.subject_at >= clause.first && verb == last {
            return Some((true, clause.subject_at as usize, false));
        }
        let empty = verb + 1 == last && self.class(last) & NOBODY != 0;
        if empty {
            return Some((true, last, false));
        }
        // "the support they talk of, I never saw it"
        let denied = (first..last).filter(mine).find(|k| self.class(*k) & NEGATION != 0);
        let object = last > verb && self.class(last) & (IT | INDEFINITE) != 0 && self.class(last - 1) & TELLING != 0;
        if let Some(denied) = denied.filter(|_| object && clause.subject == Subject::Speaker) {
            return Some((true, denied, true));
        }
        if self.class(verb) & (BE | AUXILIARY | MODAL | WOULD) == 0 {
            return None;
        }
        let rest = (verb + 1..=last).filter(mine);
        let mut negator = (first..verb).filter(mine).find(|k| self.class(*k) & (NEGATION | NOBODY) != 0);
        for at in rest {
            let class = self.class(at);
            // "and I do not, both at once"
            if self.reading.gap(at) & gap::COMMA != 0 {
                break;
            }
            // "but never got any", "but nobody gave me one"
            // "I was not a lonely man and I am one now"
            let pronoun_object = at == last && class & (INDEFINITE | IT) != 0
                || at == verb + 1 && self.word(at).eq_ignore_ascii_case("one");
            if pronoun_object {
                continue;
            }
            if class & (QUIET | FEEL) == 0 && class & TENSED & !FINITE == 0 {
                return None;
            }
            if class & NEGATION != 0 {
                negator.get_or_insert(at);
            }
        }
        Some((negator.is_some(), negator.unwrap_or(verb), false))
    }
}
