//! From a hit and the clauses around it to a polarity.
//!
//! Owns the order of the steps: is it the theme at all, is it asked, what reaches it (`scope`, `govern`), what does that
//! come to (`evidence`), does a later clause take it up (`ellipsis`). Reads masks and positions; the words are in the
//! lists, but for some small English ones that only their place tells apart (`as`, `it`, `until`, `where`). In the line of NegEx (Chapman et al. 2001) and ConText (Harkema et al. 2009), with clauses as scopes in
//! place of windows.

use super::class::*;
use super::evidence::{Evidence, decide};
use super::reading::{Clause, NONE, Reading, Subject, gap};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    pub(super) fn tokens_of(&self, first: usize, last: usize) -> (u32, u32) {
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
        let sought = self.sought(a);
        let asked = match self.asked(clause) {
            _ if question.fixed || sought => None,
            Some(Asked::Listener) => return [None, None],
            Some(Asked::Speaker) => Some((0, Reason::Question)),
            None => None,
        };
        let mut found = Evidence { unreal: asked, ..Evidence::default() };
        // Most sentences hold nothing that could change a polarity.
        let quiet = reading.all & (TRIGGER | PSEUDO) == 0 && reading.all & (TELLING | TO) != TELLING | TO;
        if !question.fixed && !quiet {
            self.inside(question, clause, a, b, &mut found);
            self.left(id, clause, a, b, &mut found);
            self.inherited(clause, &mut found);
            self.upwards(id, a, &mut found);
            self.right(id, clause, a, b, question, &mut found);
            self.unless_so(id, &mut found);
            self.announced(id, clause, a, &mut found);
        }
        if !question.fixed && (sought || self.mocked(a, b)) {
            found.negate(if sought { 0 } else { b + 1 }, Reason::Denied);
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
        if !question.fixed
            && let Some(polarity) = self.afterwards(question, clause, b, first.polarity)
        {
            return [Some(polarity.of(self, first)), None];
        }
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
        let opens = a == 0 || self.reading.gap(a) != 0 || self.class(a - 1) & (CONTRAST | AND) != 0;
        let order = self.class(a) & (VERB | CAUSING) != 0 && self.class(a) & FINITE == 0;
        let object = if b > a && self.class(b) & ME != 0 { b } else { b + 1 };
        if !opens || !order || self.class(object) & ME == 0 {
            return false;
        }
        let ends = object + 1 >= self.reading.units.len();
        ends || self.reading.gap(object + 1) & (gap::COMMA | gap::STRONG) != 0
            || self.reading.starts_subject(object + 1)
    }

    /// Whether the sentence asks, and whom: "Did you ...?" is no statement, "Whom could I trust?" one that is not real.
    /// "She helped me, you know?" only ends like a question.
    fn asked(&self, clause: &Clause) -> Option<Asked> {
        let reading = self.reading;
        if !reading.question {
            return None;
        }
        // "Trust?", "Help, you mean?": a word of the question, given back.
        let echo = reading.all & (I | ME) == 0 && (reading.all & TENSED == 0 || reading.units.len() <= 2);
        // "Helped me?", said before the answer.
        const OPENS: u64 = BE | AUXILIARY | MODAL | WOULD | SUBORDINATE | RELATIVE;
        let bare = self.class(0) & (FINITE | VERB) != 0 && self.class(0) & OPENS == 0 && reading.units.len() <= 6;
        if echo || bare && clause.subject == Subject::None || clause.subject == Subject::You {
            return Some(Asked::Listener);
        }
        let mut at = 0;
        while self.class(at) & (AND | CONTRAST | OR | ADVERB) != 0 && self.class(at) & (TENSED | SUBORDINATE) == 0 {
            at += 1;
        }
        let asks = self.class(at) & OPENS != 0;
        let speaker = reading.all & I != 0 || reading.all & (ME | YOU) == ME;
        asks.then_some(if speaker { Asked::Speaker } else { Asked::Listener })
    }
}

impl Sentence<'_> {
    /// "Where was the help when ...": what is asked for like this was not there.
    fn sought(&self, a: usize) -> bool {
        let from = a.saturating_sub(4);
        self.reading.question
            && (from..a).any(|k| self.word(k).eq_ignore_ascii_case("where") && self.class(k + 1) & BE != 0)
    }
}

enum Asked {
    Listener,
    Speaker,
}
