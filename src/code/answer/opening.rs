//! How a turn opens: whether its first words answer a question, and how.
//!
//! Reads the answer alone; what it says depends on the question and is told in `meaning`. Where the opening goes
//! elsewhere, takes itself back or leaves it open, it is no answer: a wrong one is worse than none.

use super::words::{Words, is_question};
use crate::code::polarity::class::*;
use crate::code::polarity::{Form, Forms};
use crate::code::scan::Scratch;
use crate::model::{Span, Time};
use crate::text::{fold, sentence_around};
use std::ops::Range;

/// How an answer meets its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::code) enum Meaning {
    Yes,
    No,
    /// `I did`: the statement, whatever the question says of it.
    Does,
    /// `she didn't`
    DoesNot,
    Agreed,
    Nobody,
    Many,
    /// `My sister.`
    Person,
    Over,
    Less,
    Partly,
}

/// Who the subject of a short answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::code) enum Whose {
    Speaker,
    Other,
    Thing,
}

/// The opening of an answer; spans are bytes of the turn.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::code) struct Opening {
    pub meaning: Meaning,
    /// Subject of `I did`, `she didn't`.
    pub subject: Option<Whose>,
    /// It says what it is about: `it's gone`.
    pub about_it: bool,
    /// The answering words.
    pub words: Span,
    /// What denies, ends or lessens.
    pub trigger: Option<Span>,
    /// The sentence, with those before it that say nothing and those after it that only repeat it.
    pub unit: Span,
    /// The next one, where the answer is a word or two.
    pub next: Option<Span>,
    pub time: Option<Time>,
    /// Groups of the persons named.
    pub persons: u64,
}

/// Forms that can stand where an answer is expected.
const ANSWERS: &[Form] =
    &[Form::Yes, Form::No, Form::Agreed, Form::Nobody, Form::Many, Form::Over, Form::Less, Form::Partly, Form::Unsure];

/// Words of an answer that is followed by nothing but more talk.
const LONGEST_REST: usize = 12;
/// Words behind an answering form that belong to it: `nobody in that place`.
const LONGEST_TAIL: usize = 5;
/// Words of a question that only gives the interviewer's back: `Over them?`
const LONGEST_ECHO: usize = 6;
/// Words of an answer that wants the next sentence beside it.
const BARE: u32 = 3;
/// Words of a next sentence that an answer takes in.
const LONGEST_NEXT: u32 = 30;

/// A form that was found: where it ends and what it is.
struct Head {
    end: u32,
    meaning: Meaning,
    subject: Option<Whose>,
    trigger: Option<(u32, u32)>,
    is_one_word: bool,
}

/// Whether the first words of a turn could answer something: a glance, as most turns do not.
pub(super) fn may_open(text: &str, scratch: &Scratch, forms: &Forms) -> bool {
    let Some(first) = scratch.tokens.first().and_then(|token| token.span.of(text)) else { return false };
    if forms.begins(&fold(first)) {
        return true;
    }
    let pronoun = super::classes(scratch, 0..1).any(|class| class & (I | THEY | IT) != 0);
    let verb = || super::classes(scratch, 0..3).any(|class| class & (BE | AUXILIARY | MODAL) != 0);
    pronoun && verb() || sentence_around(text, &scratch.tokens, 0, 0).len() <= LONGEST_ECHO
}

/// The opening of a turn, where it is one of an answer.
pub(super) fn opening(spoken: &Words<'_>, forms: &Forms) -> Option<Opening> {
    let reader = Opener { spoken, forms };
    let mut sentence = spoken.sentence(0);
    let mut echoes = 0;
    let (at, mut found) = loop {
        let at = reader.past_openings(&sentence);
        let is_echo = is_question(spoken.text, spoken.tokens, &sentence);
        if is_echo || at == sentence.end {
            echoes += 1;
            if echoes > 2 || sentence.len() > LONGEST_ECHO || sentence.end as usize >= spoken.tokens.len() {
                return None;
            }
            sentence = spoken.sentence(sentence.end);
            continue;
        }
        break (at, reader.answer(at, sentence.end)?);
    };
    let mut end = sentence.end;
    let mut last = found.end;
    // "Not really. No. No one.": sentences that only answer once more.
    while (end as usize) < spoken.tokens.len() {
        let next = spoken.sentence(end);
        let at = reader.past_openings(&next);
        if spoken.class(next.start) & CONTRAST != 0 || forms.find(&spoken.words, at as usize, &[Form::Unsure]).is_some()
        {
            return None;
        }
        let Some(more) = reader.head(at, next.end).filter(|more| spoken.ends_at(more.end, next.end)) else {
            if reader.takes_back(found.meaning, &next) {
                return None;
            }
            break;
        };
        if more.meaning == Meaning::Person {
            break;
        }
        found.meaning = both(found.meaning, more.meaning)?;
        if more.end != next.end || is_question(spoken.text, spoken.tokens, &next) {
            break;
        }
        (end, last) = (next.end, more.end);
    }
    let time = (sentence.start..end).find_map(|at| time_of(spoken.class(at)));
    let bare = end == sentence.end && end - sentence.start <= BARE && (end as usize) < spoken.tokens.len();
    let next = bare.then(|| spoken.sentence(end)).filter(|next| next.end - next.start <= LONGEST_NEXT);
    let persons = (at..found.end).fold(0, |all, k| all | spoken.class(k) & OTHERS);
    Some(Opening {
        meaning: found.meaning,
        subject: found.subject,
        about_it: spoken.class(at) & IT != 0 || spoken.words.get(at as usize).is_some_and(|word| word == "it"),
        words: spoken.span(at, last.max(at + 1)),
        trigger: found.trigger.map(|(first, end)| spoken.span(first, end)),
        unit: spoken.sentence_span(&(0..end)),
        next: next.map(|next| spoken.sentence_span(&next)),
        time,
        persons,
    })
}

fn time_of(class: u64) -> Option<Time> {
    match class {
        _ if class & VERBAL != 0 => None,
        _ if class & BEFORE != 0 => Some(Time::Before),
        _ if class & NOW != 0 => Some(Time::During),
        _ if class & AFTER != 0 => Some(Time::After),
        _ => None,
    }
}

/// What two forms in a row come to; nothing where one takes the other back.
fn both(first: Meaning, then: Meaning) -> Option<Meaning> {
    use Meaning::*;
    Some(match (first, then) {
        (Agreed, Yes | Does | DoesNot | No | Agreed) => Agreed,
        (Yes, Agreed | Does) | (Does, Yes) => Yes,
        (Yes, DoesNot) | (DoesNot, No) => DoesNot,
        (No, DoesNot) => No,
        (No, Does) => Does,
        (No | DoesNot | Over, Over) | (Over, No | DoesNot) | (Does, Over) => Over,
        (No | DoesNot | Nobody, Nobody) | (Nobody, No | DoesNot) => Nobody,
        (Yes | No | Less | Partly, Less) | (Less, No | DoesNot | Yes | Partly) => Less,
        (Yes | Does, Partly) | (Partly, Yes | Does) => Partly,
        (Yes | Does, Many) | (Many, Yes | Does) => Many,
        (Yes, Person) => Person,
        // "To Ibrahim, yes."
        (Person, Yes) => Partly,
        (a, b) if a == b => a,
        _ => return None,
    })
}

struct Opener<'a> {
    spoken: &'a Words<'a>,
    forms: &'a Forms,
}

impl Opener<'_> {
    /// The first word of a sentence that says something.
    fn past_openings(&self, sentence: &Range<u32>) -> u32 {
        let mut at = sentence.start;
        while at < sentence.end {
            let words = &self.spoken.words;
            let answer = self.forms.find(words, at as usize, ANSWERS).map_or(0, |(length, _)| length);
            match self.forms.find(words, at as usize, &[Form::Opening]) {
                Some((length, _)) if length > answer => at += length as u32,
                _ => break,
            }
        }
        at.min(sentence.end)
    }

    /// The answer that a sentence opens with: all forms in a row, and nothing behind them that goes elsewhere.
    fn answer(&self, at: u32, end: u32) -> Option<Head> {
        let spoken = self.spoken;
        let Some(mut found) = self.head(at, end) else { return self.late(at, end) };
        loop {
            if found.end == end {
                return Some(found);
            }
            let next = self.past_openings(&(found.end..end));
            if let Some(more) = self.head(next, end).filter(|more| spoken.ends_at(more.end, end)) {
                let meaning = both(found.meaning, more.meaning)?;
                let subject = more.subject.or(found.subject);
                let trigger = found.trigger.or(more.trigger);
                found = Head { end: more.end, meaning, subject, trigger, is_one_word: false };
                continue;
            }
            if spoken.ends_at(found.end, end) {
                return self.goes_on(found.end, end).then_some(found);
            }
            // "nobody in that place", "never with him"
            let light = spoken.class(found.end - 1) & (NEVER | HARDLY | NOBODY | LESS) != 0;
            if found.is_one_word && !light {
                return None;
            }
            let tail = (found.end + 1..=end).find(|k| spoken.ends_at(*k, end)).unwrap_or(end);
            let tail_of = || (found.end..tail).map(|k| spoken.class(k));
            let heavy = VERBAL | CONTRAST | SUBORDINATE | I | THEY;
            let is_light = found.meaning == Meaning::Less
                || tail_of().all(|class| class & heavy == 0 || class & (PREPOSITION | DETERMINER) != 0);
            if !is_light || (tail - found.end) as usize > LONGEST_TAIL || tail_of().any(|class| class & CONTRAST != 0) {
                return None;
            }
            found.end = tail;
        }
    }

    /// Whether what follows an answer in its sentence goes on with it.
    fn goes_on(&self, from: u32, end: u32) -> bool {
        let spoken = self.spoken;
        let rest = from..end;
        let turns = rest.clone().any(|k| spoken.class(k) & CONTRAST != 0);
        let asks = spoken.class(from) & RELATIVE != 0 && spoken.class(from) & DETERMINER == 0;
        let elsewhere = self.forms.find(&spoken.words, from as usize, &[Form::Elsewhere, Form::Unsure]).is_some();
        !turns && !asks && !elsewhere && rest.len() <= LONGEST_REST
    }

    /// "Up there? No. Down here, yes": a sentence that says the contrary of somewhere or somebody else.
    fn takes_back(&self, meaning: Meaning, next: &Range<u32>) -> bool {
        let spoken = self.spoken;
        let places =
            (next.start + 1..next.end.min(next.start + LONGEST_ECHO as u32)).filter(|at| spoken.is_marked(*at));
        let said = |at: u32| self.head(at, next.end).filter(|head| spoken.ends_at(head.end, next.end));
        places.filter_map(said).any(|head| head.meaning != Meaning::Person && both(meaning, head.meaning).is_none())
    }

    /// "To Ibrahim, yes", "at the wedding I did": a few words, and then the answer.
    fn late(&self, at: u32, end: u32) -> Option<Head> {
        let spoken = self.spoken;
        let pronoun = |at: u32| spoken.class(at) & (I | THEY) != 0;
        let answer = (at + 1..end).rev().find(|at| spoken.is_marked(*at) || pronoun(*at))?;
        let before = at..answer;
        let heavy = NEGATIVE | CONTRAST | I | THEY | VERBAL;
        if before.len() > LONGEST_TAIL || before.clone().any(|at| spoken.class(at) & heavy != 0) {
            return None;
        }
        let found = self.head(answer, end).filter(|found| found.end == end)?;
        let meaning = match found.meaning {
            Meaning::Yes | Meaning::Does | Meaning::Partly => Meaning::Partly,
            Meaning::No => Meaning::No,
            _ => return None,
        };
        Some(Head { meaning, ..found })
    }

    fn head(&self, at: u32, end: u32) -> Option<Head> {
        if at >= end {
            return None;
        }
        let spoken = self.spoken;
        if let Some((length, form)) = self.forms.find(&spoken.words, at as usize, ANSWERS) {
            let stop = at + length as u32;
            let meaning = match form {
                Form::Yes => Meaning::Yes,
                Form::No => Meaning::No,
                Form::Agreed => Meaning::Agreed,
                Form::Nobody => Meaning::Nobody,
                Form::Many => Meaning::Many,
                Form::Over => Meaning::Over,
                Form::Less => Meaning::Less,
                Form::Partly => Meaning::Partly,
                _ => return None,
            };
            let negates = matches!(meaning, Meaning::No | Meaning::Nobody | Meaning::Over | Meaning::Less);
            let trigger = negates.then_some((at, stop));
            let found = Head { end: stop, meaning, subject: None, trigger, is_one_word: length == 1 };
            return (stop <= end).then_some(found);
        }
        self.short_statement(at, end).or_else(|| self.person(at, end))
    }

    /// `I did`, `she's not`, `there wasn't`.
    fn short_statement(&self, at: u32, end: u32) -> Option<Head> {
        let spoken = self.spoken;
        let class = spoken.class(at);
        let whose = match class {
            _ if class & I != 0 => Whose::Speaker,
            _ if class & THEY != 0 => Whose::Other,
            _ if class & IT != 0 && class & PREPOSITION == 0 => Whose::Thing,
            _ => return None,
        };
        let (mut negator, mut over) = (None, false);
        let mut verb = class & (BE | AUXILIARY | MODAL) != 0;
        let mut k = at + 1;
        while k < end && !spoken.is_marked(k) {
            let class = spoken.class(k);
            match class {
                _ if class & NEGATION != 0 => negator = negator.or(Some(k)),
                _ if class & ANYMORE != 0 => over = true,
                _ if class & (BE | AUXILIARY | MODAL | WOULD) != 0 => verb = true,
                _ if class & (NOW | BEFORE) != 0 && class & VERBAL == 0 => {}
                // "it has not been back" says more than an answer does.
                _ if class & ADVERB != 0 && class & (VERBAL | PREPOSITION) == 0 && !self.says_more(k, end) => {}
                _ => return None,
            }
            k += 1;
        }
        if !verb || k - at > 6 {
            return None;
        }
        let meaning = match (negator, over) {
            (Some(_), true) => Meaning::Over,
            (Some(_), false) => Meaning::DoesNot,
            (None, true) => return None,
            (None, false) => Meaning::Does,
        };
        let trigger = negator.map(|at| (at, at + 1));
        Some(Head { end: k, meaning, subject: Some(whose), trigger, is_one_word: false })
    }

    /// Whether an adverb ends a short statement and is no mere filler.
    fn says_more(&self, at: u32, end: u32) -> bool {
        let filler = self.forms.find(&self.spoken.words, at as usize, &[Form::Opening]).is_some();
        self.spoken.ends_at(at + 1, end) && !filler
    }

    /// `My sister.`, `Big Malky`, `my sister did`.
    fn person(&self, at: u32, end: u32) -> Option<Head> {
        let spoken = self.spoken;
        let mut stop = at;
        while stop < end && (stop == at || !spoken.is_marked(stop)) {
            stop += 1;
        }
        let mut noun = at..stop;
        if noun.len() > 1 && spoken.class(stop - 1) & (BE | AUXILIARY | MODAL) != 0 {
            noun.end -= 1;
        }
        if noun.len() > LONGEST_TAIL {
            return None;
        }
        let heavy = TENSED | NEGATIVE | CONTRAST | SUBORDINATE | RELATIVE | I | THEY | ME | YOU | OR;
        let light = noun.clone().all(|k| {
            let class = spoken.class(k);
            class & heavy == 0 || class & OTHERS != 0 && class & NEGATIVE == 0
        });
        let does = noun.end < stop;
        let person = noun.clone().any(|k| spoken.class(k) & OTHERS != 0)
            || spoken.is_name(&noun)
            || does && spoken.is_capital(noun.start);
        (light && person).then_some(Head {
            end: stop,
            meaning: Meaning::Person,
            subject: None,
            trigger: None,
            is_one_word: false,
        })
    }
}
