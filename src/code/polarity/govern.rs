//! Which triggers reach a hit from the clauses around its own: conditions, negated verbs of thinking, negated nouns
//! that a relative clause hangs on.

use super::class::*;
use super::evidence::Evidence;
use super::judge::Sentence;
use super::reading::{Clause, Kind, NONE, Subject};
use super::reason::Reason;

impl Sentence<'_> {
    /// What governs the clause of the hit: conditions, negated verbs of thinking, negated heads.
    pub(super) fn upwards(&self, id: u32, a: usize, found: &mut Evidence) {
        let mut id = id;
        for _ in 0..self.reading.clauses.len() {
            let Some(clause) = self.reading.clause(id) else { return };
            match clause.kind {
                Kind::Condition if self.would_be_mine(clause, a) => {
                    found.contrary.get_or_insert(clause.first as usize);
                    found.imagine(clause.first as usize, Reason::Condition);
                }
                Kind::Condition => found.imagine(clause.first as usize, Reason::Condition),
                Kind::QuoteOfOther | Kind::QuoteOfSelf => return,
                Kind::Complement => self.governor(clause, a, found),
                Kind::Relative | Kind::Subordinate => {
                    if clause.negated_head != NONE {
                        let at = clause.negated_head as usize;
                        found.never |= self.class(at) & (NOBODY | NEVER | NOT) != 0;
                        found.negate(at, Reason::NegativePronoun);
                    }
                    if clause.kind == Kind::Subordinate && self.stands_as_if(clause) {
                        found.negate(clause.first as usize, Reason::Denied);
                    }
                    let from = (clause.first as usize).saturating_sub(4);
                    let wish = (from..clause.first as usize)
                        .find(|k| self.class(*k) & WISHING != 0 && self.clause_of(*k) == clause.parent);
                    if let Some(wish) = wish {
                        found.imagine(wish, Reason::Wished);
                    }
                }
                Kind::Main | Kind::Conjunct => {}
            }
            if clause.parent == NONE || clause.kind == Kind::Subordinate {
                return;
            }
            id = clause.parent;
        }
    }

    /// "If they had not helped, I would have ..." says that they did.
    pub(super) fn unless_so(&self, id: u32, found: &mut Evidence) {
        let condition = self.reading.clause(id).is_some_and(|clause| clause.kind == Kind::Condition);
        if condition
            && found.flips == 1
            && self.reading.all & (WOULD | IMAGINING) != 0
            && let Some((at, _)) = found.negation
        {
            found.affirmed = Some((at, Reason::WithoutWould));
        }
    }

    /// "If it was up to me, we would ...": said because it is not.
    fn would_be_mine(&self, clause: &Clause, a: usize) -> bool {
        let first = clause.first as usize;
        let it = self.class(first + 1) & IT != 0 && self.word(first + 1).eq_ignore_ascii_case("it");
        let past = |k: usize| self.class(k) & (BE | FINITE | AUXILIARY) != 0 && self.class(k) & NEGATIVE == 0;
        it && self.reading.all & (WOULD | IMAGINING) != 0 && first + 2 < a && (first + 2..a).all(past)
    }

    /// "As if I would trust them", and no more: said to be not so.
    fn stands_as_if(&self, clause: &Clause) -> bool {
        const AS_IF: u64 = SUBORDINATE | PSEUDO;
        let states = |other: &Clause| matches!(other.kind, Kind::Main | Kind::Conjunct) && other.verb_at != NONE;
        let opens = self.class(clause.first as usize) & (AS_IF | CONTRAST) == AS_IF;
        opens && self.reading.all & WOULD != 0 && !self.reading.clauses.iter().any(states)
    }

    fn governor(&self, clause: &Clause, a: usize, found: &mut Evidence) {
        let first = clause.first as usize;
        let Some(host) = self.reading.clause(clause.parent) else { return };
        // "I didn't know how I could cope", but not "nobody knew how lonely I was".
        let exclaimed = a == first + 1 && self.class(first) & SO != 0;
        let how = self.class(first) & SUBORDINATE != 0 && !exclaimed && host.subject == Subject::Speaker;
        let verb = (first.saturating_sub(3)..first)
            .rev()
            .filter(|k| self.clause_of(*k) == clause.parent)
            .find(|k| self.class(*k) & (HOLDING | TELLING | DENYING | WISHING | FEARING | IMAGINING) != 0);
        let Some(verb) = verb else { return };
        let class = self.class(verb);
        if class & DENYING != 0 {
            found.negate(verb, Reason::Denied);
        }
        if class & FEARING != 0 {
            found.imagine(verb, Reason::Feared);
        } else if class & WISHING != 0 {
            found.imagine(verb, Reason::Wished);
        } else if class & IMAGINING != 0 && class & HOLDING == 0 {
            found.imagine(verb, Reason::Imagined);
        }
        for at in (host.first as usize..first).rev() {
            if self.clause_of(at) != clause.parent {
                continue;
            }
            let class_here = self.class(at);
            if class_here & PSEUDO != 0 {
                return;
            }
            let raises = class & HOLDING != 0 && !exclaimed || how;
            if class_here & (NEGATION | NOBODY) != 0 && raises && class & (DENYING | WISHING) == 0 {
                // "I never thought I would": it came about.
                let modal = (first..=clause.last as usize).any(|k| self.class(k) & (WOULD | MODAL) != 0);
                if class_here & NEVER != 0 && modal {
                    found.affirmed.get_or_insert((at, Reason::Superlative));
                } else {
                    found.negate(at, Reason::NegationRaised);
                }
                return;
            }
            if class_here & NEGATION != 0 && class & DENYING != 0 && at != verb {
                found.negate(at, Reason::NegationRaised);
                return;
            }
            if raises && class_here & NO_LONGER != 0 {
                found.ceased.get_or_insert((at, Reason::Ceased));
            } else if raises && class_here & USED_TO != 0 {
                found.ceased.get_or_insert((at, Reason::UsedTo));
            } else if raises && class_here & STOPPING != 0 && at + 1 == verb {
                found.ceased.get_or_insert((at, Reason::Ceased));
            }
        }
    }
}
