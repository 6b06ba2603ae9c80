//! Which triggers reach a hit inside its clause: to the left, to the right, and between its own words.
//!
//! Fills [`Evidence`] and decides nothing. A trigger reaches to the border of its clause, or less far: one on a noun
//! ends at a comma or a new phrase, one that needs its object next to it lets only light words pass.

use super::class::*;
use super::evidence::Evidence;
use super::judge::{Question, Sentence};
use super::reading::{Clause, Kind, NONE, Subject, Unit, gap};
use super::reason::Reason;

/// Groups that [`Sentence::left`] acts on; any other word only narrows what reaches past it.
const TO_THE_LEFT: u64 = PSEUDO
    | ANYMORE
    | AGAIN
    | TO
    | SO
    | NO_LONGER
    | LESS
    | WITHOUT
    | LACK
    | NOBODY
    | NEGATION
    | NO
    | FAILING
    | FEARING
    | USED_TO
    | IMAGINING
    | WOULD
    | STOPPING
    | REDUCING
    | RETURNING
    | WISHING;

/// Groups that [`Sentence::right`] acts on.
const TO_THE_RIGHT: u64 = ANYMORE
    | AGAIN
    | LIKENESS
    | SO
    | NOBODY
    | NO
    | NEGATION
    | LESS
    | RETURNING
    | NO_LONGER
    | GONE
    | STOPPING
    | REDUCING
    | LACK
    | BE;

/// What a word, given the one behind it, leaves open to triggers before it.
#[inline(always)]
const fn narrow(class: u64, next: u64, noun_open: &mut bool, light: &mut bool, unknown: &mut u32) {
    const LIGHT: u64 = DETERMINER
        | MY
        | ADVERB
        | BE
        | FEEL
        | AUXILIARY
        | TO
        | ME
        | SO
        | INDEFINITE
        | CAUSING
        | OTHERS
        | BEGINNING
        | NEGATION;
    if class & AND != 0 && next & (DETERMINER | MY | ALWAYS | PREPOSITION) != 0 {
        *noun_open = false;
    }
    if class & (I | THEY) != 0 {
        *noun_open = false;
        *light = false;
    }
    if class & LIGHT == 0 || class & FINITE != 0 && class & (FEEL | CAUSING | BE | AUXILIARY) == 0 {
        if class & (PREPOSITION | TENSED | VERB | AND | OR) != 0 {
            *light = false;
        }
        *unknown += 1;
    }
}

impl Sentence<'_> {
    /// Triggers between the words of a hit that the rule did not ask for.
    pub(super) fn inside(&self, question: &Question, clause: &Clause, a: usize, b: usize, found: &mut Evidence) {
        // "If she left I'd [have nobody]": `I'd have` is one unit, and the hit begins in it.
        let begins_before = self.reading.units.get(a).is_some_and(|unit| unit.first < question.first);
        if begins_before && self.class(a) & (IMAGINING | WOULD) != 0 && self.has_condition(clause, a) {
            found.imagine(a, Reason::Condition);
        }
        if question.own_triggers {
            return;
        }
        for at in a + 1..=b {
            let class = self.class(at);
            if class & GONE != 0 {
                found.ceased.get_or_insert((at, Reason::Ceased));
            } else if class & RETURNING != 0 {
                found.affirmed.get_or_insert((at, Reason::Returned));
            } else if class & REDUCING != 0 {
                found.reduced.get_or_insert(at);
            }
            if class & PSEUDO != 0 || at == b {
                continue;
            }
            if class & NO_LONGER != 0 {
                found.ceased.get_or_insert((at, Reason::Ceased));
            } else if class & NEGATION != 0 {
                found.negate(at, Reason::Negated);
            } else if class & (NO | LACK) != 0 {
                found.negate(at, Reason::NegatedNoun);
            } else if class & LESS != 0 {
                found.reduced.get_or_insert(at);
            }
        }
    }

    /// Triggers before the hit in its clause, from the nearest outwards.
    pub(super) fn left(&self, id: u32, clause: &Clause, a: usize, b: usize, found: &mut Evidence) {
        let reading = self.reading;
        // What may still reach the hit: any negation; one on a noun; one that needs its object next to it.
        let (mut verb_open, mut noun_open, mut light) = (true, true, true);
        let (mut distance, mut unknown) = (0, 0);
        let mut nor = false;
        // "never so lonely", "never safer": superlatives in the form of a negation.
        let as_before = a > 0 && !self.phrase(a - 1) && self.word(a - 1).eq_ignore_ascii_case("as");
        let as_inside = (a..=b).any(|k| self.word(k).eq_ignore_ascii_case("as"));
        let mut degree = as_before || as_inside || (a..=b).any(|k| self.class(k) & (SO | RELATIVE) == SO);
        let mut at = a;
        while at > clause.first as usize {
            if reading.gap(at) & gap::COMMA != 0 && !self.comma_passes(id, at, a) {
                (verb_open, noun_open, light) = (false, false, false);
            }
            at -= 1;
            let Some(unit) = reading.units.get(at).filter(|unit| unit.clause == id) else { continue };
            let class = unit.class;
            distance += 1;
            if class & TO_THE_LEFT == 0 {
                narrow(class, self.class(at + 1), &mut noun_open, &mut light, &mut unknown);
                continue;
            }
            let next = self.class(at + 1);
            if class & PSEUDO != 0 && class & !PSEUDO & (LESS | AGAIN | NO_LONGER) == 0 {
                found.affirmed.get_or_insert((at, Reason::Superlative)).1 = Reason::Superlative;
                continue;
            }
            let comma_after = reading.gap(at + 1) & gap::COMMA != 0;
            if class & ANYMORE != 0 && (class & SUBORDINATE != 0 || at <= clause.first as usize + 1) {
                found.since.get_or_insert(at);
            }
            if class & AGAIN != 0 && class & DETERMINER != 0 {
                found.again.get_or_insert(at);
            }
            if class & TO != 0
                && distance <= 2
                && at >= 2
                && self.class(at - 1) & (ME | OTHERS) != 0
                && self.class(at - 2) & TELLING != 0
            {
                found.imagine(at - 2, Reason::Wished);
            }
            degree |= class & (SO | RELATIVE) == SO && distance <= 2;
            if class & NO_LONGER != 0 && verb_open {
                found.ceased.get_or_insert((at, Reason::Ceased));
            } else if class & LESS != 0 && distance <= 3 && light {
                found.reduced.get_or_insert(at);
            } else if class & WITHOUT != 0 {
                let complete = next & (ME | PERSON) != 0 && self.class(at + 2) & (MY | DETERMINER) != 0;
                if noun_open && distance <= 6 && !complete {
                    if self.unreal_without(at, clause) {
                        found.affirmed = Some((at, Reason::WithoutWould));
                        return;
                    }
                    found.negate(at, Reason::Without);
                }
            } else if class & LACK != 0 {
                if noun_open && distance <= 5 {
                    found.negate(at, Reason::NegatedNoun);
                }
            } else if class & NOBODY != 0 {
                let object = clause.verb_at != NONE && (clause.verb_at as usize) < at && distance > 4;
                let repeated = (reading.concord && found.flips > 0) || self.nobody_never(found);
                if verb_open && !object && !repeated {
                    found.never = true;
                    found.superlative |= degree;
                    found.negate(at, Reason::NegativePronoun);
                }
            } else if class & NEGATION != 0 {
                let repeated = nor || (reading.concord && found.flips > 0) || self.said_twice(class, a, b, found);
                if verb_open && !repeated && !(comma_after && class & NO != 0) {
                    found.never |= class & NEVER != 0;
                    let would = at > 0 && self.class(at - 1) & WOULD != 0;
                    found.could |= would;
                    found.superlative |= degree && (would || class & NEVER != 0);
                    // "wouldn't have trusted him" denies, unless something hangs on a condition.
                    let have = would && self.word(at + 1).eq_ignore_ascii_case("have");
                    if have && self.has_condition(clause, at) {
                        found.imagine(at - 1, Reason::Imagined);
                    }
                    let reason = if class & HARDLY != 0 { Reason::Approximate } else { Reason::Negated };
                    if found.wish.is_some() && found.wish.is_some_and(|wish| wish > at) {
                        found.wish_negated = true;
                    }
                    found.negate(at, reason);
                    nor |= class & OR != 0;
                }
            } else if class & (NO | ADVERB) == NO | ADVERB {
                // "little support", but not "my little brother supported me".
                if distance == 1 && (at == 0 || self.class(at - 1) & (DETERMINER | MY) == 0) {
                    found.negate(at, Reason::NegatedNoun);
                }
            } else if class & NO != 0 {
                // "no lonelier place"
                let comparative = distance == 1 && self.class(a) & SO != 0;
                found.superlative |= comparative;
                found.never |= comparative;
                let subject = clause.verb_at == NONE || (clause.verb_at as usize) > at;
                let repeated = reading.concord && found.flips > 0;
                // "for no reason she helped me"
                let aside = at > 0
                    && reading.gap(at) == 0
                    && self.class(at - 1) & PREPOSITION != 0
                    && self.class(at - 1) & WITHOUT == 0
                    && !self.word(at - 1).eq_ignore_ascii_case("with")
                    && (at + 1..=a).any(|k| self.class(k) & TENSED != 0);
                if noun_open && !comma_after && !repeated && !aside && (distance <= 6 || subject) {
                    found.negate(at, Reason::NegatedNoun);
                }
            } else if class & FAILING != 0 {
                // "too tired to", but not "helped me too".
                let reaches = class & ADVERB == 0 || (at + 2..a).any(|k| self.class(k) & TO != 0);
                let far = if class & ADVERB == 0 { 6 } else { 10 };
                if verb_open && distance <= far && reaches {
                    found.negate(at, Reason::Failing);
                }
            } else if class & FEARING != 0 && next & AND == 0 && verb_open {
                if next & TO != 0 && self.class(at + 2) & (BE | FEEL) == 0 {
                    found.negate(at, Reason::Failing);
                } else if next & (TO | PREPOSITION | RELATIVE | VERBAL | PERSON | ME | MY) != 0 || self.phrase(at) {
                    found.imagine(at, Reason::Feared);
                }
            } else if class & USED_TO != 0 && verb_open {
                if at == 0 || self.class(at - 1) & (BE | FEEL) == 0 {
                    found.ceased.get_or_insert((at, Reason::UsedTo));
                }
            } else if class & IMAGINING != 0 && verb_open {
                found.imagine(at, Reason::Imagined);
            } else if class & WOULD != 0 && verb_open && self.has_condition(clause, at) {
                found.imagine(at, Reason::Condition);
            } else if light && class & STOPPING != 0 && next & TO == 0 && unknown <= 2 {
                found.ceased.get_or_insert((at, Reason::Ceased));
            } else if light && class & REDUCING != 0 && unknown <= 2 {
                found.reduced.get_or_insert(at);
            } else if light && class & RETURNING != 0 && unknown <= 2 {
                found.affirmed.get_or_insert((at, Reason::Returned));
            } else if class & WISHING != 0 && verb_open && !self.willing(clause, at, a) {
                if light && unknown <= 2 {
                    found.wish.get_or_insert(at);
                } else {
                    found.far_wish.get_or_insert(at);
                }
            }
            narrow(class, next, &mut noun_open, &mut light, &mut unknown);
        }
    }

    /// "I never had no help": a verb that is denied once more with its noun, as people speak.
    fn said_twice(&self, class: u64, a: usize, b: usize, found: &Evidence) -> bool {
        let said = |k: usize| k > 0 && self.class(k - 1) & TELLING != 0;
        let noun = |k: usize| self.class(k) & (NO | NOBODY) != 0 && self.class(k) & (PSEUDO | ADVERB) == 0 && !said(k);
        let before = found.flips == 1 && found.negation.is_some_and(|(at, _)| noun(at));
        class & HARDLY == 0 && (before || found.flips == 0 && (a..=b).any(noun))
    }

    /// "Nobody never helped".
    fn nobody_never(&self, found: &Evidence) -> bool {
        found.flips == 1 && found.negation.is_some_and(|(at, _)| self.class(at) & NEVER != 0)
    }

    /// A negative subject that the clause has from the one before: "Nobody called or [came and helped]".
    pub(super) fn inherited(&self, clause: &Clause, found: &mut Evidence) {
        if clause.negative_subject != NONE && clause.negative_subject < clause.first && found.flips == 0 {
            found.never = true;
            found.negate(clause.negative_subject as usize, Reason::NegativePronoun);
        }
    }

    /// A comma inside a clause ends a scope unless it stands in a list that `or` closes, or around an aside.
    fn comma_passes(&self, id: u32, at: usize, a: usize) -> bool {
        let or =
            (at..(a + 8).min(self.reading.units.len())).any(|k| self.class(k) & OR != 0 && self.clause_of(k) == id);
        let aside = self.class(at.saturating_sub(1)) & NEGATION != 0
            || (at.saturating_sub(6)..at)
                .any(|k| k > 0 && self.reading.gap(k) & gap::COMMA != 0 && self.class(k - 1) & NEGATION != 0);
        or || aside
    }

    fn phrase(&self, at: usize) -> bool {
        self.reading.units.get(at).is_some_and(|unit| unit.last > unit.first)
    }

    /// `without X I would`: said of something that was there.
    fn unreal_without(&self, at: usize, clause: &Clause) -> bool {
        let all = self.reading.all;
        if all & IMAGINING != 0 {
            return true;
        }
        let fronted = at <= clause.first as usize + 2;
        let would = self.reading.units.iter().position(|unit| unit.class & WOULD != 0);
        would.is_some_and(|would| (fronted && would > at) || (would < at && self.class(would + 1) & NEGATION != 0))
    }

    /// Whether what the modal verb at `at` says hangs on a condition: an `if`, or "I would be lost without it".
    pub(super) fn has_condition(&self, clause: &Clause, at: usize) -> bool {
        let without = (clause.first..=clause.last).any(|k| self.class(k as usize) & WITHOUT != 0);
        without && !self.word(at).eq_ignore_ascii_case("could")
            || clause.kind != Kind::Subordinate && self.reading.clauses.iter().any(|c| c.kind == Kind::Condition)
    }

    /// "She wanted to understand me": somebody else's willingness is not the speaker's wish.
    fn willing(&self, clause: &Clause, at: usize, a: usize) -> bool {
        let passive = (at..a).any(|k| self.class(k) & (BE | FEEL) != 0);
        let before = matches!(clause.subject, Subject::Other | Subject::Nobody) && (clause.subject_at as usize) < at;
        before && !passive && !(at + 1..a).any(|k| self.class(k) & ME != 0)
    }

    /// Triggers after the hit in its clause.
    pub(super) fn right(
        &self,
        id: u32,
        clause: &Clause,
        a: usize,
        b: usize,
        question: &Question,
        found: &mut Evidence,
    ) {
        let reading = self.reading;
        let subject = clause.verb_at == NONE || clause.verb_at as usize > b;
        // "I don't fit in nowhere": the rule's own words deny, and what follows says it once more.
        let denies = question.own_triggers && (a..=b).any(|k| self.class(k) & (NEGATION | NO | NOBODY) != 0);
        let gerund = a > 0 && self.class(a - 1) & (BE | FEEL) != 0;
        let state = gerund || (a > 1 && self.class(a - 1) & ADVERB != 0 && self.class(a - 2) & (BE | FEEL) != 0);
        let (mut open, mut distance) = (true, 0);
        let mut foreign = 0;
        found.state = state && !question.agent.is_given();
        let end = reading.units.len().min(clause.last as usize + 7);
        // Most hits have nothing behind them that changes anything.
        let ahead = reading.units.get(b + 1..end).unwrap_or_default().iter().fold(0, |all, unit| all | unit.class);
        if ahead & TO_THE_RIGHT & !BE == 0 && !(subject && ahead & BE != 0) {
            return;
        }
        for at in b + 1..end {
            let Some(&Unit { class, clause: own, gap: marks, .. }) = reading.units.get(at) else { break };
            if own != id {
                // A comparison ("like she did") is a clause of its own.
                if foreign == 0 && self.likens(at) && found.never {
                    found.superlative = true;
                }
                if foreign == 0 && class & NO != 0 && found.flips == 0 && self.answers_no(clause, at, a) {
                    found.negate(at, Reason::PredicateNegated);
                }
                if class & ANYMORE != 0 && foreign < 6 {
                    found.over(at, class);
                }
                if class & AGAIN != 0 && foreign < 4 {
                    found.again.get_or_insert(at);
                }
                foreign += 1;
                continue;
            }
            distance += 1;
            let before_verb = subject && clause.verb_at != NONE && at <= clause.verb_at as usize;
            if marks & (gap::COMMA | gap::STRONG) != 0 && !before_verb {
                open = false;
            }
            if class & TO_THE_RIGHT == 0 {
                continue;
            }
            if class & ANYMORE != 0 {
                found.over(at, class);
            }
            if class & AGAIN != 0 && class & DETERMINER == 0 {
                found.again.get_or_insert(at);
            }
            if self.likens(at) && found.never {
                found.superlative = true;
            }
            if class & SO != 0 && found.could && distance <= 4 {
                found.superlative = true;
            }
            if !open || class & PSEUDO != 0 {
                continue;
            }
            let before = self.class(at - 1);
            if denies && class & (NO | NOBODY | NEGATION) != 0 {
                continue;
            }
            if class & NOBODY != 0 && found.flips == 0 && distance <= 4 {
                let object = at == b + 1 || (before & PREPOSITION != 0 && (question.agent.is_given() || !state));
                if object && !self.word(at - 1).eq_ignore_ascii_case("with") {
                    found.negate(at, Reason::NegativePronoun);
                }
            } else if class & (NO | NEGATION) != 0 && at == b + 1 && !state && found.flips == 0 && !subject {
                found.negate(at, Reason::NegativePronoun);
            } else if class & LESS != 0 && distance <= 4 && self.class(at + 1) & (VERBAL | MY) == 0 && !subject {
                found.reduced.get_or_insert(at);
            }
            if subject {
                self.predicate(id, at, gerund, found);
            }
        }
    }

    /// "A lot of help they were", "as much control as a leaf": praise that is none.
    pub(super) fn mocked(&self, a: usize, b: usize) -> bool {
        const OPENERS: u64 = AND | CONTRAST | ADVERB;
        let Some(amount) = a.checked_sub(1) else { return false };
        // "as much control as a passenger"
        if self.class(amount) & SO != 0
            && self.word(amount).eq_ignore_ascii_case("much")
            && self.word(b + 1).eq_ignore_ascii_case("as")
            && ["a", "an"].iter().any(|word| self.word(b + 2).eq_ignore_ascii_case(word))
        {
            return true;
        }
        if self.class(amount) & DETERMINER == 0 || self.class(b + 2) & BE == 0 {
            return false;
        }
        let opens = amount == 0 || (0..amount).all(|k| self.class(k) & OPENERS != 0);
        let much = self.class(amount) & (ADVERB | INDEFINITE | LACK) != 0 || self.phrase(amount);
        let them = self.class(b + 1) & (THEY | IT | DETERMINER) != 0;
        let end = b + 3 >= self.reading.units.len() || self.reading.gap(b + 3) & (gap::COMMA | gap::STRONG) != 0;
        opens && much && them && end
    }

    /// "But trust, no", "have I got control of it, no": a theme named or asked for, and denied.
    fn answers_no(&self, clause: &Clause, at: usize, a: usize) -> bool {
        let marks = gap::COMMA | gap::STRONG;
        let alone = at + 1 >= self.reading.units.len() || self.reading.gap(at + 1) & marks != 0;
        const BEFORE_IT: u64 = CONTRAST | AND | PSEUDO | ADVERB;
        let first = (clause.first as usize..a).find(|k| self.class(*k) & BEFORE_IT == 0).unwrap_or(a);
        let asks = self.class(first) & (BE | AUXILIARY | MODAL) != 0;
        let inverted = asks && self.class(first + 1) & (I | THEY | YOU | IT | OTHERS) != 0;
        let named = clause.verb_at == NONE || clause.verb_at as usize >= a && clause.subject == Subject::None;
        alone && self.reading.gap(at) & marks != 0 && (inverted || named) && !self.reading.question
    }

    /// "like she did", but not "the way I am".
    fn likens(&self, at: usize) -> bool {
        self.class(at) & LIKENESS != 0 && self.class(at + 1) & I == 0
    }

    /// The hit is the subject, or close before it; what does its predicate say?
    fn predicate(&self, id: u32, at: usize, gerund: bool, found: &mut Evidence) {
        let class = self.class(at);
        if class & RETURNING != 0 {
            found.affirmed.get_or_insert((at, Reason::Returned));
        } else if class & (NO_LONGER | GONE) != 0 || (class & STOPPING != 0 && self.class(at - 1) & BE != 0) {
            found.ceased.get_or_insert((at, Reason::Ceased));
        } else if class & (REDUCING | LESS) != 0 {
            found.reduced.get_or_insert(at);
        } else if class & (LACK | NOBODY) != 0 {
            if found.flips == 0 {
                found.negate(at, Reason::PredicateNegated);
            }
        } else if class & NEGATION != 0 && !(self.reading.concord && found.flips > 0) {
            let judged = gerund || (at + 1..at + 4).any(|k| self.class(k) & EVALUATING != 0 && self.clause_of(k) == id);
            if !judged {
                found.negate(at, Reason::PredicateNegated);
            }
        } else if class & BE != 0 {
            // "Trust is something I never had".
            let denied = self
                .reading
                .clauses
                .iter()
                .find(|c| c.parent == id && c.kind == Kind::Relative && c.first as usize > at);
            let negator =
                denied.and_then(|c| (c.first as usize..=c.last as usize).find(|k| self.class(*k) & NEGATION != 0));
            if let Some(negator) = negator.filter(|_| found.flips == 0) {
                found.negate(negator, Reason::PredicateNegated);
            }
        }
    }
}
