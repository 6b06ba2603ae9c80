//! Where clauses begin and end, and how one hangs on another.
//!
//! Borders stand at contrast words, at commas and "and" before a new subject or verb, at subordinators and relatives,
//! at quotation marks, and at a subject that follows a complete verb. A clause that was interrupted goes on after its
//! guest ("Nothing [they did] was ...").

use super::class::*;
use super::reading::{Clause, Kind, NONE, Reading, Subject, Unit, gap};

impl Reading {
    #[inline(never)]
    pub(super) fn read_clauses(&mut self) {
        const SUBJECTS: u64 = I | THEY | YOU | IT | NOBODY | NO | OTHERS;
        let mut current = self.open(0, NONE, Kind::Main, false, None);
        let (mut quote_from, mut before) = (NONE, 0);
        // The clause is taken along and laid back where another may begin: nothing else looks at it.
        let Some(mut now) = self.clause(current).copied() else { return };
        let mut waits = false;
        for at in 0..self.units.len() {
            let Some(&Unit { class, gap, .. }) = self.units.get(at) else { return };
            let after_noun = class & (DETERMINER | MY) != 0 && now.leads_on(before);
            if at == 0 || after_noun || may_border(class, gap, before, waits) {
                self.lay_back(current, now);
                (current, quote_from) = self.step(at, current, quote_from);
                now = self.clause(current).copied().unwrap_or(now);
                waits = self.clause(now.parent).is_some_and(|host| host.verb_at == NONE);
            }
            if let Some(unit) = self.units.get_mut(at) {
                unit.clause = current;
            }
            now.last = at as u32;
            if class & (SUBJECTS | VERBAL) != 0 {
                self.extend(&mut now, at, class, before);
            }
            before = class;
        }
        self.lay_back(current, now);
    }

    fn lay_back(&mut self, id: u32, clause: Clause) {
        if let Some(place) = self.clauses.get_mut(id as usize) {
            *place = clause;
        }
    }

    fn open(&mut self, at: usize, parent: u32, kind: Kind, contrast: bool, like: Option<Clause>) -> u32 {
        let subject = like.map_or((Subject::None, NONE, 0), |c| (c.subject, c.subject_at, c.subject_class));
        self.clauses.push(Clause {
            first: at as u32,
            last: at as u32,
            parent,
            kind,
            contrast,
            subject: subject.0,
            subject_at: subject.1,
            subject_class: subject.2,
            verb_at: NONE,
            negated_head: like.map_or(NONE, |c| c.negated_head),
            negative_subject: like.map_or(NONE, |c| c.negative_subject),
        });
        self.clauses.len() as u32 - 1
    }

    /// Takes the unit into its clause: subject and verb.
    fn extend(&self, clause: &mut Clause, at: usize, class: u64, before: u64) {
        let no_verb = clause.verb_at == NONE;
        // "No, there was trust" answers and denies nothing.
        let answer = class & NO != 0 && self.gap(at + 1) & (gap::COMMA | gap::STRONG) != 0;
        if no_verb && class & (NOBODY | NO) != 0 && class & PSEUDO == 0 && before & PREPOSITION == 0 && !answer {
            clause.negative_subject = at as u32;
        } else if no_verb && class & (I | THEY) != 0 {
            clause.negative_subject = NONE;
        }
        let inverted = clause.subject == Subject::None && before & (BE | AUXILIARY | MODAL | WOULD) != 0;
        // A noun does not take the place of a pronoun, and the owner of a noun is not the subject.
        let pronoun_stands = clause.subject_class & (I | THEY) != 0 && class & (I | THEY) == 0;
        if (no_verb || inverted) && !pronoun_stands {
            let found = if class & I != 0 {
                Some(Subject::Speaker)
            } else if class & THEY != 0 {
                Some(Subject::Other)
            } else if class & NOBODY != 0 {
                Some(Subject::Nobody)
            } else if class & YOU != 0 && self.starts_pronoun(at) {
                Some(Subject::You)
            } else if class & OTHERS != 0 && before & PREPOSITION == 0 && clause.subject != Subject::Nobody {
                Some(Subject::Other)
            } else if class & IT != 0 && clause.subject == Subject::None && self.starts_pronoun(at) {
                Some(Subject::Thing)
            } else {
                None
            };
            if let Some(subject) = found {
                clause.subject = subject;
                clause.subject_at = at as u32;
                clause.subject_class = class;
            }
        }
        let opener = at as u32 == clause.first && class & (RELATIVE | SUBORDINATE | IF | AND | OR | CONTRAST) != 0;
        if no_verb
            && !opener
            && (class & TENSED != 0
                || (class & VERBAL != 0 && before & (TO | DETERMINER | MY) == 0 && clause.subject != Subject::None))
        {
            clause.verb_at = at as u32;
        }
    }

    /// The clause that the unit belongs to, given the one before it; and where an open quotation began.
    #[inline(never)]
    fn step(&mut self, at: usize, current: u32, quote: u32) -> (u32, u32) {
        let Some(&now) = self.clause(current) else { return (current, quote) };
        if self.gap(at) & gap::QUOTE != 0
            && let Some(step) = self.quotation(at, current, &now, quote)
        {
            return step;
        }
        if at == 0 {
            let class = self.class(0);
            // "Had I trusted him, I would ..."
            let inverted = class & AUXILIARY != 0 && self.class(1) & (I | THEY) != 0 && !self.question;
            if class & IF != 0 || (inverted && self.all & (WOULD | IMAGINING) != 0) {
                self.set_kind(current, Kind::Condition);
            } else if class & SUBORDINATE != 0 && self.opens_subordinate(at) {
                self.set_kind(current, Kind::Subordinate);
            }
            return (current, quote);
        }
        (self.border(at, current, &now, quote).unwrap_or(current), quote)
    }

    /// A quotation mark: words of somebody else after a verb of saying, or back to the clause before them. Around a
    /// word that is only held with tongs, nothing.
    fn quotation(&mut self, at: usize, current: u32, now: &Clause, quote: u32) -> Option<(u32, u32)> {
        if quote != NONE {
            let host = self.clause(quote).and_then(|quote| self.clause(quote.parent)).copied();
            let kind = if host.is_some() { Kind::Conjunct } else { Kind::Main };
            return Some((self.open(at, NONE, kind, false, host), NONE));
        }
        let told = (at.saturating_sub(4)..at).any(|k| self.class(k) & TELLING != 0);
        if !told && (at != 0 || self.all & TELLING == 0) {
            return None;
        }
        let kind = if now.subject == Subject::Speaker { Kind::QuoteOfSelf } else { Kind::QuoteOfOther };
        let id = self.open(at, current, kind, false, None);
        Some((id, id))
    }

    /// The clause that begins or goes on at a unit, where one does. Independent clauses inside a quotation hang on it.
    fn border(&mut self, at: usize, current: u32, now: &Clause, quote: u32) -> Option<u32> {
        let (class, marks, before) = (self.class(at), self.gap(at), self.class(at - 1));
        if marks & gap::STRONG != 0 {
            return Some(self.open(at, quote, Kind::Main, class & CONTRAST != 0, None));
        }
        if class & CONTRAST != 0 && before & NOBODY == 0 && self.opens_contrast(at) {
            return Some(self.open(at, quote, Kind::Main, true, None));
        }
        if class & IF != 0 {
            return Some(self.open(at, current, Kind::Condition, false, None));
        }
        if class & SUBORDINATE != 0 && self.opens_subordinate(at) {
            return Some(self.open_subordinate(at, current, now));
        }
        if class & RELATIVE != 0 && self.opens_relative(at) {
            return Some(self.open_dependent(at, current, now));
        }
        self.coordinate(at, current, now).or_else(|| self.embedded(at, current, now)).or_else(|| self.resumed(at, now))
    }

    fn open_subordinate(&mut self, at: usize, current: u32, now: &Clause) -> u32 {
        let before = self.class(at - 1);
        let asks = before & (TELLING | HOLDING | DENYING) != 0
            && self.class(at) & RELATIVE != 0
            && self.gap(at) & gap::COMMA == 0;
        // "never a day when she ...": the negation of the noun reaches the clause.
        let negated_noun = at >= 3
            && before == 0
            && (self.class(at - 2) & NO != 0
                || self.class(at - 2) & DETERMINER != 0
                    && (at.saturating_sub(5)..at - 2).any(|k| self.class(k) & NEGATIVE != 0));
        let head = if negated_noun { self.negative_head(at, now) } else { NONE };
        let id = self.open(at, current, if asks { Kind::Complement } else { Kind::Subordinate }, false, None);
        if let Some(clause) = self.clauses.get_mut(id as usize) {
            clause.negated_head = head;
        }
        id
    }

    fn set_kind(&mut self, id: u32, kind: Kind) {
        if let Some(clause) = self.clauses.get_mut(id as usize) {
            clause.kind = kind;
        }
    }

    fn opens_contrast(&self, at: usize) -> bool {
        // "yet" and "instead" are adverbs unless a clause follows.
        self.class(at) & ADVERB == 0 || self.gap(at) & gap::COMMA != 0 || self.starts_subject(at + 1)
    }

    fn opens_subordinate(&self, at: usize) -> bool {
        let class = self.class(at);
        if self.class(at + 1) & TO != 0 {
            return false;
        }
        class & (ADVERB | PREPOSITION | VERB) == 0 || self.starts_subject(at + 1)
    }

    fn opens_relative(&self, at: usize) -> bool {
        let (class, before) = (self.class(at), self.class(at - 1));
        if class & DETERMINER == 0 {
            return self.class(at + 1) & TO == 0;
        }
        if before & PREPOSITION != 0 && before & (SUBORDINATE | ADVERB) == 0 {
            return false;
        }
        let next = self.past_adverbs(at + 1);
        self.starts_subject(at + 1) || self.class(next) & (TENSED | NEGATION | NO_LONGER | FEEL) != 0
    }

    /// A `that`, `who` or bare clause after the unit before `at`.
    fn open_dependent(&mut self, at: usize, current: u32, now: &Clause) -> u32 {
        let before = self.class(at - 1);
        let aside = self.gap(at) & gap::COMMA != 0;
        let that = self.class(at) & (RELATIVE | DETERMINER) == RELATIVE | DETERMINER;
        let told_somebody = before & (ME | YOU | OTHERS) != 0
            && (that || before & INDEFINITE == 0)
            && at >= 2
            && self.class(at - 2) & TELLING != 0;
        if !aside && (before & GOVERNING != 0 || told_somebody) {
            return self.open(at, current, Kind::Complement, false, None);
        }
        let id = self.open(at, current, Kind::Relative, false, None);
        let head = if aside { NONE } else { self.negative_head(at, now) };
        let who = self.class(at) & RELATIVE != 0;
        let (head_class, subject_class) = (before, self.class(at));
        if let Some(clause) = self.clauses.get_mut(id as usize) {
            clause.negated_head = head;
            if who && subject_class & DETERMINER == 0 && head_class & OTHERS != 0 {
                clause.subject = Subject::Other;
                clause.subject_at = at as u32 - 1;
                clause.subject_class = head_class;
            }
        }
        id
    }

    /// The negation of the noun that a clause at `at` hangs on: in the noun itself ("nobody who"), or over a verb of
    /// being, having or finding with an indefinite noun ("did not have anyone who").
    fn negative_head(&self, at: usize, now: &Clause) -> u32 {
        let from = (now.first as usize).max(at.saturating_sub(8));
        let mut indefinite = false;
        for k in (from..at).rev() {
            let class = self.class(k);
            if self.units.get(k).map(|unit| unit.clause) != self.units.get(at - 1).map(|unit| unit.clause) {
                continue;
            }
            if class & (NO | NOBODY) != 0 && class & PSEUDO == 0 {
                return k as u32;
            }
            indefinite |= k + 2 >= at && class == 0
                || class & (INDEFINITE | OTHERS) != 0
                || class & (DETERMINER | RELATIVE) == DETERMINER;
            if class & NEGATION != 0 {
                let holds = (k.saturating_sub(2)..at).any(|j| {
                    self.class(j) & (BE | AUXILIARY | CAUSING | TELLING) != 0 || self.class(j) & INDEFINITE != 0
                });
                return if indefinite && holds { k as u32 } else { NONE };
            }
            if class & PREPOSITION != 0 && class & (ADVERB | SUBORDINATE) == 0 && k + 3 < at {
                return NONE;
            }
        }
        NONE
    }

    /// A clause joined by a comma, by "and" or by "or".
    fn coordinate(&mut self, at: usize, current: u32, now: &Clause) -> Option<u32> {
        let class = self.class(at);
        let comma = self.gap(at) & gap::COMMA != 0;
        let joins = class & (AND | OR) != 0;
        if !comma && !joins {
            return None;
        }
        let or = class & OR != 0;
        // A joining word that is itself negative (nor, Hebrew ולא) is already the first word of the coordinate.
        let content = if joins && class & NEGATIVE == 0 { at + 1 } else { at };
        let start = self.past_adverbs(content);
        let found = self.class(start);
        if self.class(content) & CONTRAST != 0 && self.class(content) & AND == 0 {
            return None;
        }
        let pronoun = self.starts_pronoun(start);
        let late = self.starts_late_subject(content) && (comma || !or);
        if pronoun
            || (!or && self.starts_subject(content))
            || late
            || (comma && found & NOBODY != 0 && self.starts_subject(start))
        {
            // Conditions are joined to conditions: "if I had stayed and she had called".
            let (kind, parent) = match now.kind {
                Kind::Condition if joins && !comma => (Kind::Condition, now.parent),
                Kind::QuoteOfOther | Kind::QuoteOfSelf => (Kind::Complement, current),
                _ if self.in_quote(now) != NONE => (Kind::Complement, self.in_quote(now)),
                _ => (Kind::Main, NONE),
            };
            return Some(self.open(at, parent, kind, false, None));
        }
        // "The noise, thank God, never came back": the subject still waits for its verb.
        let verb = found & TENSED != 0 || (found & NEGATION != 0 && self.class(start + 1) & VERBAL != 0);
        if comma && !joins && now.verb_at == NONE && verb && self.class(now.first as usize) & (DETERMINER | MY) != 0 {
            return None;
        }
        let kind = match now.kind {
            Kind::Main => Kind::Conjunct,
            other => other,
        };
        // "never called, helped or asked": a list under one negation.
        let listed = comma
            && !joins
            && (now.first as usize..at).any(|k| self.class(k) & NEGATION != 0)
            && self.closes_with_or(at);
        if listed {
            return None;
        }
        let passive = now.verb_at != NONE && self.class(now.verb_at as usize) & (BE | FEEL) != 0;
        let tensed = found & TENSED != 0
            && found & TO == 0
            && !(passive && found & (BE | AUXILIARY | MODAL | WOULD | FEEL) == 0);
        let negative = found & (NEGATIVE | FAILING) & !LACK != 0 || self.class(content) & NEGATIVE != 0;
        let affirming = self.class(content) & (ALWAYS | BEGINNING) != 0 && !or;
        let told = comma && !joins && found & VERBAL != 0 && now.kind == Kind::Subordinate;
        if (tensed && !or) || negative || affirming || told {
            let parent = if matches!(kind, Kind::QuoteOfOther | Kind::QuoteOfSelf) { current } else { now.parent };
            let kind = if parent == current { Kind::Complement } else { kind };
            return Some(self.open(at, parent, kind, false, Some(*now)));
        }
        None
    }

    fn closes_with_or(&self, at: usize) -> bool {
        for next in at + 1..at + 8 {
            let class = self.class(next);
            if class & OR != 0 {
                return true;
            }
            if self.gap(next) & gap::STRONG != 0 || class & (CONTRAST | I | THEY | AND) != 0 {
                return false;
            }
        }
        false
    }

    fn in_quote(&self, now: &Clause) -> u32 {
        let mut at = now.parent;
        while let Some(clause) = self.clause(at) {
            if matches!(clause.kind, Kind::QuoteOfOther | Kind::QuoteOfSelf) {
                return at;
            }
            at = clause.parent;
        }
        NONE
    }

    /// A clause that begins at its subject: "I know [she cared]", "the help [she gave]", "When I used [I was ...]".
    fn embedded(&mut self, at: usize, current: u32, now: &Clause) -> Option<u32> {
        let (class, before) = (self.class(at), self.class(at - 1));
        let pronoun = class & (I | THEY) != 0 || (class & (YOU | IT) != 0 && self.starts_pronoun(at));
        if before & (AND | OR | CONTRAST | SUBORDINATE | RELATIVE | IF) != 0 && at as u32 == now.first + 1 {
            return None;
        }
        if !pronoun && now.leads_on(before) && class & (DETERMINER | MY) != 0 && self.starts_subject(at) {
            return Some(self.open(at, NONE, Kind::Main, false, None));
        }
        if !pronoun {
            // "I felt [people were ...]": a noun and its verb after a verb that takes a clause.
            let governed = before & (TELLING | HOLDING | DENYING | WISHING | FEARING) != 0
                || (before & (ME | YOU) != 0 && at >= 2 && self.class(at - 2) & TELLING != 0);
            let begins = governed && now.verb_at != NONE && class & ADVERB == 0 && self.starts_subject(at);
            return begins.then(|| self.open(at, current, Kind::Complement, false, None));
        }
        if before & PREPOSITION != 0
            && before & (ADVERB | SUBORDINATE | VERB | BEFORE | NOW | AFTER) == 0
            && class & (I | THEY) == 0
        {
            return None;
        }
        // "Not that [I trust them]"
        if now.verb_at == NONE && before & DENYING != 0 && at as u32 == now.first + 1 {
            return Some(self.open(at, current, Kind::Complement, false, None));
        }
        if now.verb_at == NONE {
            let first = self.class(now.first as usize);
            let head = before & (NOBODY | OTHERS | IT | INDEFINITE) != 0
                || (before
                    & (PREPOSITION
                        | ADVERB
                        | BEFORE
                        | NOW
                        | AFTER
                        | SUBORDINATE
                        | AND
                        | OR
                        | CONTRAST
                        | IF
                        | RELATIVE
                        | ALWAYS
                        | BEGINNING)
                    == 0
                    && first & (DETERMINER | MY | NO | NOBODY | OTHERS | NOT) != 0);
            let fronted = first & (PREPOSITION | WITHOUT | BEFORE | NOW | AFTER | ALWAYS | BEGINNING) != 0;
            return (head && !fronted).then(|| self.open_dependent(at, current, now));
        }
        if before & GOVERNING != 0
            || (at >= 2
                && before & (ME | YOU | OTHERS) != 0
                && before & INDEFINITE == 0
                && self.class(at - 2) & TELLING != 0)
        {
            return Some(self.open(at, current, Kind::Complement, false, None));
        }
        if before & (BE | AUXILIARY | MODAL | WOULD) != 0 && now.subject == Subject::None {
            return None;
        }
        if matches!(now.kind, Kind::Subordinate | Kind::Condition) && now.parent == NONE {
            return Some(self.open(at, NONE, Kind::Main, false, None));
        }
        if before & BE != 0 && now.subject != Subject::None {
            return Some(self.open(at, current, Kind::Complement, false, None));
        }
        Some(self.open_dependent(at, current, now))
    }

    /// A second verb in a dependent clause whose host still waits for one: "Nothing [they did] was ...".
    fn resumed(&self, at: usize, now: &Clause) -> Option<u32> {
        let host = self.clause(now.parent)?;
        let (class, before) = (self.class(at), self.class(at - 1));
        let verb = class & TENSED != 0 || (class & NEGATION != 0 && self.class(at + 1) & VERBAL != 0);
        if host.verb_at != NONE
            || now.verb_at == NONE
            || now.kind == Kind::Condition
            || !verb
            || now.verb_at as usize >= at
        {
            return None;
        }
        let within_group = before & (BE | AUXILIARY | MODAL | WOULD | TO | AND | OR) != 0
            || (before & (NEGATION | ADVERB) != 0 && now.verb_at as usize + 2 >= at);
        (!within_group).then_some(now.parent)
    }
}

/// Whether a clause can begin or go on here at all: most words are neither. `waits`: the clause around the present one
/// still has no verb.
#[inline(always)]
const fn may_border(class: u64, gap: u8, before: u64, waits: bool) -> bool {
    const OPENERS: u64 = CONTRAST | IF | SUBORDINATE | RELATIVE | AND | OR | I | THEY | YOU | IT;
    const NOUNS: u64 = DETERMINER | MY | OTHERS | NO | NOBODY;
    const TAKING: u64 = TELLING | HOLDING | DENYING | WISHING | FEARING | ME | YOU;
    gap != 0
        || class & OPENERS != 0
        || (class & NOUNS != 0 && before & TAKING != 0)
        || (waits && class & (TENSED | NEGATION) != 0)
}
