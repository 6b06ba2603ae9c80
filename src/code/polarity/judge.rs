//! From a hit and the clauses around it to a polarity.
//!
//! Owns the rules of scope and their precedence: unreal (conditions, wishes, fears) before pseudo-negation before
//! cessation and reduction before negation, which is counted. Reads masks and positions only; the words are in the
//! lists. In the line of NegEx (Chapman et al. 2001) and ConText (Harkema et al. 2009), with clauses as scopes in
//! place of windows.

use super::class::*;
use super::reading::{Clause, Kind, NONE, Reading, Subject, gap};
use super::reason::Reason;
use super::{person, time};
use crate::model::{Experiencer, Polarity, Time};
use crate::text::Token;

/// Who does what a code is about, and so whose experience a sentence tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Agent {
    /// The one who experiences it: trust, loneliness.
    #[default]
    Experiencer,
    /// Somebody else; the speaker receives it: support, being listened to.
    Other,
    /// Anyone, to the benefit of the speaker: empowerment.
    Anyone,
}

impl Agent {
    /// Whether the speaker has the experience though somebody else is the subject.
    pub const fn is_given(self) -> bool {
        !matches!(self, Self::Experiencer)
    }
}

/// What is asked about a hit.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// First token of the hit.
    pub first: u32,
    /// Last token of the hit.
    pub last: u32,
    /// First token of the next hit of the same code, or `u32::MAX`.
    pub next: u32,
    /// Polarity of the rule.
    pub base: Polarity,
    /// Triggers do not change it.
    pub fixed: bool,
    /// The rule's own words hold the triggers inside the hit.
    pub own_triggers: bool,
    /// Who does what the code is about.
    pub agent: Agent,
    /// Hits where the speaker is the object are about being the target (being trusted).
    pub directed: bool,
}

/// What was found about a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// Polarity.
    pub polarity: Polarity,
    /// Time.
    pub time: Time,
    /// Whose experience.
    pub experiencer: Experiencer,
    /// Groups of persons that the statement is directed at (masks of the classes), `ME` for the speaker.
    pub target: u64,
    /// Tokens of the trigger, first and last.
    pub trigger: Option<(u32, u32)>,
    /// Tokens of the scope: what the trigger governs, or the clause searched for one.
    pub scope: (u32, u32),
    /// Tokens of the clause.
    pub clause: (u32, u32),
    /// Why.
    pub reason: Reason,
}

/// Everything that bears on a hit, gathered in one pass to the left, one to the right, one upwards.
#[derive(Debug, Clone, Copy, Default)]
struct Evidence {
    /// Negations counted, and where the nearest to the hit is.
    flips: u32,
    negation: Option<(usize, Reason)>,
    never: bool,
    could: bool,
    superlative: bool,
    ceased: Option<(usize, Reason)>,
    reduced: Option<usize>,
    unreal: Option<(usize, Reason)>,
    wish: Option<usize>,
    wish_negated: bool,
    far_wish: Option<usize>,
    /// The hit is what somebody is or feels, not what somebody does or gets.
    state: bool,
    again: Option<usize>,
    anymore: Option<usize>,
    affirmed: Option<(usize, Reason)>,
}

impl Evidence {
    fn negate(&mut self, at: usize, reason: Reason) {
        self.flips += 1;
        if self.negation.is_none() {
            self.negation = Some((at, reason));
        }
    }

    fn imagine(&mut self, at: usize, reason: Reason) {
        self.unreal.get_or_insert((at, reason));
    }
}

/// A sentence with the text it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Sentence<'a> {
    /// The reading.
    pub reading: &'a Reading,
    /// The turn's text.
    pub text: &'a str,
    /// Its tokens.
    pub tokens: &'a [Token],
}

impl Sentence<'_> {
    pub(super) fn word(&self, at: usize) -> &str {
        let token = self.reading.units.get(at).and_then(|unit| self.tokens.get(unit.last as usize));
        token.and_then(|token| token.span.of(self.text)).unwrap_or_default()
    }

    pub(super) fn class(&self, at: usize) -> u64 {
        self.reading.class(at)
    }

    pub(super) fn clause_of(&self, at: usize) -> u32 {
        self.reading.units.get(at).map_or(NONE, |unit| unit.clause)
    }

    fn tokens_of(&self, first: usize, last: usize) -> (u32, u32) {
        let units = &self.reading.units;
        (units.get(first).map_or(0, |u| u.first), units.get(last).map_or(0, |u| u.last))
    }

    /// Judges a hit: nothing where the words do not carry the theme, two judgements where an ellipsis takes it up.
    pub fn judge(&self, question: &Question) -> [Option<Judgement>; 2] {
        let reading = self.reading;
        let (Some(a), Some(b)) = (reading.unit_of(question.first), reading.unit_of(question.last)) else {
            return [None, None];
        };
        let id = self.clause_of(a);
        let Some(clause) = reading.clause(id) else { return [None, None] };
        let void = || {
            let by_speaker = question.agent == Agent::Other && person::speaker_acts(self, clause, a, b);
            by_speaker || self.is_void(question, a, b)
        };
        if !question.fixed && void() {
            return [None, None];
        }
        let asked = match self.asked(clause) {
            _ if question.fixed => None,
            Some(Asked::Listener) => return [None, None],
            Some(Asked::Speaker) => Some((0, Reason::Question)),
            None => None,
        };
        let mut found = Evidence { unreal: asked, ..Evidence::default() };
        // Most sentences hold nothing that could change a polarity.
        let quiet = reading.all & (TRIGGER | PSEUDO) == 0 && reading.all & (TELLING | TO) != TELLING | TO;
        if !question.fixed && !quiet {
            self.inside(question, a, b, &mut found);
            self.left(id, clause, a, &mut found);
            self.inherited(clause, &mut found);
            self.upwards(id, a, &mut found);
            self.right(id, clause, a, b, question, &mut found);
            self.unless_so(id, &mut found);
        }
        let (polarity, reason, trigger) = decide(question, &found, asked);
        let clause_tokens = self.tokens_of(clause.first as usize, clause.last as usize);
        let scope = match trigger {
            Some(at) if at < a => (self.tokens_of(at, at).0, clause_tokens.1.max(question.last)),
            _ => clause_tokens,
        };
        let first = Judgement {
            polarity,
            time: time::of_clause(self, id, a, reason),
            experiencer: person::experiencer(self, clause, a, b, question),
            target: person::target(self, clause, a, b, question),
            trigger: trigger.map(|at| self.tokens_of(at, at)),
            scope,
            clause: clause_tokens,
            reason,
        };
        if question.fixed || quiet || reading.clauses.len() == 1 || reason == Reason::Condition {
            return [Some(first), None];
        }
        self.ellipsis(question, id, first)
    }

    /// The hit lies inside a set phrase that means something else, or is an order ("Trust me, ...").
    fn is_void(&self, question: &Question, a: usize, b: usize) -> bool {
        let Some(unit) = self.reading.units.get(a) else { return true };
        if unit.class & PSEUDO != 0 && unit.first <= question.first && unit.last >= question.last {
            return true;
        }
        let class = self.class(a);
        let opens = a == 0 || (self.reading.gap(a) != 0) || self.class(a - 1) & (CONTRAST | AND) != 0;
        let order = class & (VERB | CAUSING) != 0 && class & FINITE == 0;
        let after = b.max(a);
        let object = if self.class(after) & ME != 0 && after > a { after } else { after + 1 };
        opens && order && self.class(object) & ME != 0 && self.reading.gap(object + 1) & (gap::COMMA | gap::STRONG) != 0
            || (opens && order && self.class(object) & ME != 0 && object + 1 == self.reading.units.len())
            || (opens && order && self.class(object) & ME != 0 && self.reading.starts_subject(object + 1))
    }

    fn asked(&self, clause: &Clause) -> Option<Asked> {
        if !self.reading.question {
            return None;
        }
        let mut at = 0;
        while self.class(at) & (AND | CONTRAST | OR | ADVERB) != 0 && self.class(at) & (TENSED | SUBORDINATE) == 0 {
            at += 1;
        }
        if self.reading.all & (VERBAL | IF | I | ME) == 0 {
            return Some(Asked::Listener);
        }
        let opener = self.class(at);
        let asks = opener & (BE | AUXILIARY | MODAL | WOULD | SUBORDINATE | RELATIVE) != 0;
        let tag = clause.last as usize + 3 >= self.reading.units.len() && !asks;
        if !asks && clause.subject != Subject::You && !tag {
            return None;
        }
        if !asks && clause.subject != Subject::You {
            return None;
        }
        let speaker = self.reading.all & I != 0 || (self.reading.all & ME != 0 && self.reading.all & YOU == 0);
        if speaker && clause.subject != Subject::You { Some(Asked::Speaker) } else { Some(Asked::Listener) }
    }

    /// Triggers between the words of a hit that the rule did not ask for.
    fn inside(&self, question: &Question, a: usize, b: usize, found: &mut Evidence) {
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
    fn left(&self, id: u32, clause: &Clause, a: usize, found: &mut Evidence) {
        let reading = self.reading;
        // What may still reach the hit: any negation; one on a noun; one that needs its object next to it.
        let (mut verb_open, mut noun_open, mut light) = (true, true, true);
        let (mut distance, mut unknown) = (0, 0);
        let mut nor = false;
        // "never so lonely", "never safer": superlatives in the form of a negation.
        let mut degree = self.class(a) & SO != 0;
        let mut at = a;
        while at > clause.first as usize {
            if reading.gap(at) & gap::COMMA != 0 && !self.comma_passes(id, at, a) {
                (verb_open, noun_open, light) = (false, false, false);
            }
            at -= 1;
            if self.clause_of(at) != id {
                continue;
            }
            let class = self.class(at);
            let next = self.class(at + 1);
            distance += 1;
            if class & PSEUDO != 0 && class & !PSEUDO & (LESS | AGAIN | NO_LONGER) == 0 {
                found.affirmed.get_or_insert((at, Reason::Superlative)).1 = Reason::Superlative;
                continue;
            }
            let comma_after = reading.gap(at + 1) & gap::COMMA != 0;
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
                if noun_open && distance <= 6 {
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
                if verb_open && !object && !(reading.concord && found.flips > 0) {
                    found.never = true;
                    found.superlative |= degree;
                    found.negate(at, Reason::NegativePronoun);
                }
            } else if class & NEGATION != 0 {
                let repeated = nor || (reading.concord && found.flips > 0);
                if verb_open && !repeated && !(comma_after && class & NO != 0) {
                    found.never |= class & NEVER != 0;
                    let would = at > 0 && self.class(at - 1) & WOULD != 0;
                    found.could |= would;
                    found.superlative |= degree && (would || class & NEVER != 0);
                    if would && self.word(at + 1).eq_ignore_ascii_case("have") {
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
                if noun_open && !comma_after && !repeated && (distance <= 6 || subject) {
                    found.negate(at, Reason::NegatedNoun);
                }
            } else if class & FAILING != 0 {
                if verb_open && distance <= 6 {
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
            if class & AND != 0 && next & (DETERMINER | MY | ALWAYS | PREPOSITION) != 0 {
                noun_open = false;
            }
            if class & (I | THEY) != 0 {
                noun_open = false;
                light = false;
            }
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
            if class & LIGHT == 0 || class & FINITE != 0 && class & (FEEL | CAUSING | BE | AUXILIARY) == 0 {
                if class & (PREPOSITION | TENSED | VERB | AND | OR) != 0 {
                    light = false;
                }
                unknown += 1;
            }
        }
    }

    /// A negative subject that the clause has from the one before: "Nobody called or [came and helped]".
    fn inherited(&self, clause: &Clause, found: &mut Evidence) {
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
    fn has_condition(&self, clause: &Clause, at: usize) -> bool {
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
    fn right(&self, id: u32, clause: &Clause, a: usize, b: usize, question: &Question, found: &mut Evidence) {
        let reading = self.reading;
        let subject = clause.verb_at == NONE || clause.verb_at as usize > b;
        let gerund = a > 0 && self.class(a - 1) & (BE | FEEL) != 0;
        let state = gerund || (a > 1 && self.class(a - 1) & ADVERB != 0 && self.class(a - 2) & (BE | FEEL) != 0);
        let (mut open, mut distance) = (true, 0);
        let mut foreign = 0;
        found.state = state && !question.agent.is_given();
        for at in b + 1..reading.units.len().min(clause.last as usize + 7) {
            let class = self.class(at);
            if self.clause_of(at) != id {
                // A comparison ("like she did") is a clause of its own.
                if foreign == 0 && self.likens(at) && found.never {
                    found.superlative = true;
                }
                if class & ANYMORE != 0 && foreign < 6 {
                    found.anymore.get_or_insert(at);
                }
                if class & AGAIN != 0 && foreign < 4 {
                    found.again.get_or_insert(at);
                }
                foreign += 1;
                continue;
            }
            distance += 1;
            let marks = reading.gap(at);
            if marks & (gap::COMMA | gap::STRONG) != 0 {
                open = false;
            }
            if class & ANYMORE != 0 {
                found.anymore.get_or_insert(at);
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

    /// What governs the clause of the hit: conditions, negated verbs of thinking, negated heads.
    fn upwards(&self, id: u32, a: usize, found: &mut Evidence) {
        let mut id = id;
        for _ in 0..self.reading.clauses.len() {
            let Some(clause) = self.reading.clause(id) else { return };
            match clause.kind {
                Kind::Condition => found.imagine(clause.first as usize, Reason::Condition),
                Kind::QuoteOfOther | Kind::QuoteOfSelf => return,
                Kind::Complement => self.governor(clause, a, found),
                Kind::Relative | Kind::Subordinate => {
                    if clause.negated_head != NONE {
                        let at = clause.negated_head as usize;
                        found.never |= self.class(at) & (NOBODY | NEVER) != 0;
                        found.negate(at, Reason::NegativePronoun);
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
    fn unless_so(&self, id: u32, found: &mut Evidence) {
        let condition = self.reading.clause(id).is_some_and(|clause| clause.kind == Kind::Condition);
        if condition
            && found.flips == 1
            && self.reading.all & (WOULD | IMAGINING) != 0
            && let Some((at, _)) = found.negation
        {
            found.affirmed = Some((at, Reason::WithoutWould));
        }
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
            let raises = class & HOLDING != 0 || how;
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

    /// "I was alone, but with her I was not": a clause without the theme that takes it up.
    fn ellipsis(&self, question: &Question, id: u32, first: Judgement) -> [Option<Judgement>; 2] {
        let reading = self.reading;
        let before = self.clause_of(reading.unit_of(question.last).unwrap_or(0)).max(id);
        for (next, clause) in reading.clauses.iter().enumerate().skip(before as usize + 1) {
            let starts = reading.units.get(clause.first as usize).map_or(0, |unit| unit.first);
            let ends = reading.units.get(clause.last as usize).map_or(0, |unit| unit.last);
            if ends >= question.next || !matches!(clause.kind, Kind::Main | Kind::Conjunct) || starts <= question.last {
                continue;
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
            let anymore = (clause.first as usize..=clause.last as usize).any(|k| self.class(k) & ANYMORE != 0);
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
            let replaces = (bare && anymore) || first.polarity == Polarity::Hypothetical;
            return if replaces { [Some(second), None] } else { [Some(first), Some(second)] };
        }
        [Some(first), None]
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
        if self.class(verb) & (BE | AUXILIARY | MODAL | WOULD) == 0 {
            return None;
        }
        let rest = (verb + 1..=last).filter(mine);
        let mut negator = (first..verb).filter(mine).find(|k| self.class(*k) & (NEGATION | NOBODY) != 0);
        for at in rest {
            let class = self.class(at);
            // "but never got any", "but nobody gave me one"
            let pronoun_object = at == last && class & (INDEFINITE | IT) != 0;
            if pronoun_object {
                continue;
            }
            if class & QUIET == 0 && class & TENSED & !FINITE == 0 {
                return None;
            }
            if class & NEGATION != 0 {
                negator.get_or_insert(at);
            }
        }
        Some((negator.is_some(), negator.unwrap_or(verb), false))
    }
}

enum Asked {
    Listener,
    Speaker,
}

/// Weighs the evidence.
fn decide(question: &Question, found: &Evidence, asked: Option<(usize, Reason)>) -> (Polarity, Reason, Option<usize>) {
    let base = question.base;
    let odd = found.flips % 2 == 1;
    if question.fixed {
        return match asked {
            Some((_, reason)) => (Polarity::Hypothetical, reason, None),
            None => (base, Reason::Fixed, None),
        };
    }
    let opposite = if base == Polarity::Absent { Polarity::Present } else { Polarity::Absent };
    if let Some((at, reason)) = found.affirmed.filter(|(_, reason)| *reason == Reason::WithoutWould) {
        return (base, reason, Some(at));
    }
    if found.superlative && found.could && found.flips == 1 {
        return (base, Reason::Superlative, found.negation.map(|(at, _)| at));
    }
    if let Some((at, reason)) = found.unreal {
        return (Polarity::Hypothetical, reason, (reason != Reason::Question).then_some(at));
    }
    if let Some(wish) = found.wish {
        return match (found.wish_negated, found.again) {
            (true, Some(again)) => (base, Reason::Presupposed, Some(again)),
            (true, None) if base == Polarity::Present && odd && !found.state => {
                (opposite, Reason::Negated, found.negation.map(|(at, _)| at))
            }
            _ => (Polarity::Hypothetical, Reason::Wished, Some(wish)),
        };
    }
    if let (true, Some(wish), Some(again), Some((negation, _))) = (odd, found.far_wish, found.again, found.negation)
        && negation < wish
    {
        return (base, Reason::Presupposed, Some(again));
    }
    if found.superlative && found.negation.is_some() && (found.never || found.could) && found.flips == 1 {
        return (base, Reason::Superlative, found.negation.map(|(at, _)| at));
    }
    if odd && let Some(at) = found.anymore {
        let polarity = if base == Polarity::Absent { Polarity::Present } else { Polarity::Ceased };
        return (polarity, Reason::Ceased, found.negation.map(|(at, _)| at).or(Some(at)));
    }
    if odd
        && found.never
        && base == Polarity::Present
        && let Some(again) = found.again
    {
        return (Polarity::Ceased, Reason::NeverAgain, found.negation.map(|(at, _)| at).or(Some(again)));
    }
    if let Some((at, reason)) = found.ceased {
        return match (odd, base, reason) {
            // "I used to not trust anyone": absent, and told as past.
            (true, _, Reason::UsedTo) => (opposite, Reason::UsedTo, found.negation.map(|(at, _)| at)),
            (true, ..) => (base, Reason::NotCeased, Some(at)),
            (false, Polarity::Absent, Reason::UsedTo) => (base, reason, Some(at)),
            (false, Polarity::Absent, _) => (Polarity::Present, reason, Some(at)),
            (false, ..) => (Polarity::Ceased, reason, Some(at)),
        };
    }
    if let Some((at, Reason::Returned)) = found.affirmed {
        return if odd && base == Polarity::Present {
            (Polarity::Ceased, Reason::NeverAgain, found.negation.map(|(at, _)| at))
        } else {
            (base, Reason::Returned, Some(at))
        };
    }
    if let Some(at) = found.reduced {
        return match (odd, base) {
            (true, _) => (base, Reason::NotCeased, Some(at)),
            (false, Polarity::Absent) => (Polarity::Present, Reason::Reduced, Some(at)),
            (false, _) => (Polarity::Reduced, Reason::Reduced, Some(at)),
        };
    }
    match found.negation {
        Some((at, reason)) if odd => {
            let reason = if base == Polarity::Absent { Reason::DoubleNegation } else { reason };
            (opposite, reason, Some(at))
        }
        Some((at, _)) => (base, Reason::DoubleNegation, Some(at)),
        None => match found.affirmed {
            Some((at, reason)) => (base, reason, Some(at)),
            None => (base, Reason::Plain, None),
        },
    }
}
