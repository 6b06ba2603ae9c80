//! What a turn asks: its last question, what kind of answer it wants, and the statement in it.
//!
//! The statement is the question as the one who answers would say it ("Who was there for you?" becomes "Who was there
//! for me"), word by word, so that the rules, which are written from the speaker's side, can be held against it.

use super::words::{Words, is_question};
use crate::code::polarity::class::*;
use crate::code::polarity::{Form, Forms};
use std::ops::Range;

/// Words of a remark behind a question: `You've mentioned Carol.`
const LONGEST_REMARK: usize = 8;

/// What can answer a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Yes or no.
    Polar,
    /// A person.
    Who,
    /// `none`
    Measure,
    /// Only a story.
    Open,
}

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub kind: Kind,
    /// Its words: tokens of the turn.
    pub words: Range<u32>,
    /// The statement in it, one token for each of the question's.
    pub statement: String,
    /// `this or that?`
    pub alternative: bool,
    /// What may come to be, or is wished.
    pub unreal: bool,
    /// It was so before.
    pub still: bool,
    /// A person would answer it too: `is there anyone`.
    pub anyone: bool,
    /// `Didn't you ...?`, which expects a yes.
    pub inverted: bool,
    /// `Would you say ...?`: a `no` is for what is said.
    pub framed: bool,
    /// Its subject is the listener.
    pub of_listener: bool,
    /// Its subject is somebody else, behind the verb: `did your mother ...?`
    pub of_other: bool,
}

/// The question that a turn ends with, and behind it one that it only asks again: `Who helped you? Was there anyone?`
pub(super) fn questions(asked: &Words<'_>, forms: &Forms) -> Vec<Asked> {
    let mut sentences = Vec::new();
    let mut at = 0;
    while (at as usize) < asked.tokens.len() {
        let sentence = asked.sentence(at);
        at = sentence.end.max(at + 1);
        sentences.push(sentence);
    }
    let reader = Reader { asked, forms };
    let last = reader
        .last_question(&sentences)
        .and_then(|last| reader.read(sentences.get(last)?.clone()).map(|asked| (last, asked)));
    let Some((at, last)) = last else { return Vec::new() };
    let before =
        at.checked_sub(1).and_then(|before| sentences.get(before)).filter(|before| last.anyone && reader.asks(before));
    let before = before.and_then(|before| reader.read(before.clone())).filter(|before| before.kind == Kind::Who);
    std::iter::once(last).chain(before).collect()
}

struct Reader<'a> {
    asked: &'a Words<'a>,
    forms: &'a Forms,
}

impl Reader<'_> {
    /// The last sentence that asks something of its own.
    fn last_question(&self, sentences: &[Range<u32>]) -> Option<usize> {
        let asks = |at: &usize| sentences.get(*at).is_some_and(|sentence| self.asks(sentence));
        let mut last = sentences.len().checked_sub(1)?;
        if !asks(&last) {
            let is_remark = sentences.get(last)?.len() <= LONGEST_REMARK;
            last = last.checked_sub(1).filter(|before| is_remark && asks(before))?;
        }
        // "Did you have any control over it? When you sold it?"
        let before = last.checked_sub(1).filter(asks);
        let is_addition = sentences.get(last).is_some_and(|sentence| self.is_addition(sentence));
        Some(before.filter(|_| is_addition).unwrap_or(last))
    }

    fn asks(&self, sentence: &Range<u32>) -> bool {
        is_question(self.asked.text, self.asked.tokens, sentence) || self.opens_like_a_question(sentence)
    }

    /// For transcripts without question marks: `did you ...`.
    fn opens_like_a_question(&self, sentence: &Range<u32>) -> bool {
        let at = self.past_links(sentence);
        let verb = self.asked.class(at) & (BE | AUXILIARY | MODAL | WOULD) != 0;
        let next = if self.asked.class(at + 1) & NEGATION != 0 { at + 2 } else { at + 1 };
        verb && self.asked.class(next) & (YOU | THEY) != 0 && next < sentence.end
    }

    /// Words that only add to a question before them.
    fn is_addition(&self, sentence: &Range<u32>) -> bool {
        let first = self.asked.class(sentence.start);
        if first & AND != 0 {
            return false;
        }
        let tense = sentence.clone().any(|at| self.asked.class(at) & (BE | AUXILIARY | MODAL | WOULD) != 0);
        let subordinate = first & (SUBORDINATE | BEFORE | AFTER | PREPOSITION) != 0
            && self.forms.find(&self.asked.words, sentence.start as usize, &[Form::AskingOpen]).is_none_or(|_| {
                // "When you sold it?" adds, "When did you sell it?" asks.
                self.asked.class(sentence.start + 1) & (BE | AUXILIARY | MODAL | WOULD) == 0
            });
        !tense || subordinate
    }

    /// The first word that is no `and`, `so`, `well`.
    fn past_links(&self, sentence: &Range<u32>) -> u32 {
        let mut at = sentence.start;
        while at < sentence.end {
            match self.forms.find(&self.asked.words, at as usize, &[Form::Opening]) {
                Some((length, _)) => at += length as u32,
                None if self.asked.class(at) & (AND | CONTRAST) != 0 => at += 1,
                None => break,
            }
        }
        at.min(sentence.end)
    }

    fn read(&self, sentence: Range<u32>) -> Option<Asked> {
        let (asked, forms) = (self.asked, self.forms);
        let sentence = self.without_tag(sentence);
        let words: &[String] = asked.words.get(..sentence.end as usize)?;
        let inside = words.get(sentence.start as usize..)?;
        if forms.any(inside, &[Form::AskingTalk]) {
            return None;
        }
        let start = self.past_links(&sentence);
        let kind = self.kind(&sentence, start);
        if self.asks_twice(&sentence, start) {
            return None;
        }
        let verb = asked.class(start) & (BE | AUXILIARY | MODAL | WOULD) != 0;
        let subject = (start..sentence.end).find(|at| {
            asked.class(*at) & (YOU | THEY | IT | OTHERS | INDEFINITE | NOBODY) != 0
                && asked.class(*at) & PREPOSITION == 0
        });
        let subject_class = subject.map_or(0, |at| asked.class(at));
        let after_subject = subject.map_or(0, |at| asked.class(at + 1));
        Some(Asked {
            kind,
            statement: self.statement(&sentence),
            alternative: sentence.clone().any(|at| asked.class(at) & OR != 0),
            unreal: forms.any(inside, &[Form::AskingUnreal]),
            still: forms.any(inside, &[Form::AskingStill]),
            anyone: kind == Kind::Polar && forms.any(inside, &[Form::AskingAnyone]),
            inverted: verb && asked.class(start + 1) & NOT != 0,
            framed: verb
                && asked.class(start) & YOU == 0
                && subject_class & YOU != 0
                && after_subject & (TELLING | HOLDING) != 0,
            of_listener: match kind {
                Kind::Who => (start + 1..sentence.end).any(|at| {
                    let verb = asked.class(at - 1) & (BE | AUXILIARY | MODAL | WOULD) != 0;
                    verb && asked.class(at) & YOU != 0
                }),
                _ => subject_class & YOU != 0,
            },
            of_other: verb && subject_class & (OTHERS | THEY) != 0,
            words: sentence,
        })
    }

    /// The question without what hangs on it: `..., don't you?`, `..., right?`.
    fn without_tag(&self, sentence: Range<u32>) -> Range<u32> {
        let asked = self.asked;
        let Some(comma) = (sentence.start + 1..sentence.end).rev().find(|at| asked.is_marked(*at)) else {
            return sentence;
        };
        let tag = comma..sentence.end;
        let verb = asked.class(comma) & (BE | AUXILIARY | MODAL | WOULD) != 0;
        let pronoun = asked.class(tag.end - 1) & (YOU | THEY | IT) != 0;
        let form = self.forms.find(&asked.words, comma as usize, &[Form::AskingTag]);
        let listed = form.is_some_and(|(length, _)| length == tag.len());
        if listed || (verb && pronoun && tag.len() <= 3) { sentence.start..comma } else { sentence }
    }

    /// What kind of question it is: by the word it opens with, also behind a comma ("And the drink, how was that?").
    fn kind(&self, sentence: &Range<u32>, start: u32) -> Kind {
        const WH: &[Form] = &[Form::AskingOpen, Form::AskingMeasure, Form::AskingWho];
        let asked = self.asked;
        let places = sentence.clone().filter(|at| {
            let behind = *at == start + 1 && asked.class(start) & PREPOSITION != 0;
            *at == start || behind || *at > start && asked.is_marked(*at)
        });
        for at in places {
            let at = if at == start { at } else { self.past_links(&(at..sentence.end)) };
            match self.forms.find(&asked.words, at as usize, WH) {
                // "... no control, when it comes to it?"
                Some((1, _)) if at > start && asked.class(at + 1) & (BE | AUXILIARY | MODAL | WOULD) == 0 => {}
                Some((_, Form::AskingMeasure)) => return Kind::Measure,
                Some((_, Form::AskingWho)) => return Kind::Who,
                Some(_) => return Kind::Open,
                None => {}
            }
        }
        Kind::Polar
    }

    /// Two questions in one: `... and is there trust?`
    fn asks_twice(&self, sentence: &Range<u32>, start: u32) -> bool {
        const WH: &[Form] = &[Form::AskingOpen, Form::AskingMeasure, Form::AskingWho];
        let asked = self.asked;
        (start + 1..sentence.end).any(|at| {
            let joins = asked.class(at) & (AND | CONTRAST | OR) != 0;
            let verb = asked.class(at + 1) & (BE | AUXILIARY | MODAL | WOULD) != 0;
            let subject = asked.class(at + 2) & (YOU | THEY | IT | OTHERS | INDEFINITE | DETERMINER | MY) != 0;
            let wh = self.forms.find(&asked.words, at as usize + 1, WH).is_some();
            joins && at + 2 < sentence.end && (verb && subject || wh)
        })
    }

    /// The question as its listener would say it.
    fn statement(&self, sentence: &Range<u32>) -> String {
        let asked = self.asked;
        let mut out = String::new();
        let mut end = None;
        for at in sentence.clone() {
            let Some(token) = asked.tokens.get(at as usize) else { break };
            let between = end.and_then(|end| asked.text.get(end as usize..token.span.start as usize));
            out.push_str(between.unwrap_or_default());
            end = Some(token.span.end);
            match self.turned(at, sentence) {
                Some(word) => out.push_str(word),
                None => out.push_str(token.span.of(asked.text).unwrap_or_default()),
            }
        }
        out
    }

    /// The word that stands in the statement in the place of one in the question.
    fn turned(&self, at: u32, sentence: &Range<u32>) -> Option<&str> {
        let (asked, word) = (self.asked, self.asked.words.get(at as usize)?);
        let Some((subject, object)) = self.forms.turned(word) else { return self.forms.turned_back(word) };
        let class = asked.class(at);
        if class & BE != 0 && class & YOU == 0 {
            let beside = |at: u32| sentence.contains(&at) && asked.class(at) & YOU != 0 && asked.class(at) & BE == 0;
            let negated = asked.class(at + 1) & NEGATION != 0 && beside(at + 2);
            return (beside(at + 1) || at > 0 && beside(at - 1) || negated).then_some(subject);
        }
        if subject == object {
            return Some(subject);
        }
        let before = if at > sentence.start { asked.class(at - 1) } else { 0 };
        let ends = at + 1 >= sentence.end || asked.is_marked(at + 1);
        let governed = before & PREPOSITION != 0 && before & (SUBORDINATE | RELATIVE | AND) == 0
            || before & (VERB | CAUSING) != 0 && before & (AUXILIARY | TELLING | HOLDING) == 0;
        let opens = before & (BE | AUXILIARY | MODAL | WOULD) != 0 || before == 0 && !ends && at == sentence.start;
        let next = asked.class(at + 1);
        let verb_follows = next & (VERBAL | NEGATION | NO_LONGER | USED_TO) != 0 && next & PREPOSITION == 0;
        Some(if !opens && (governed || ends || !verb_follows && next & (ADVERB | BE) == 0) { object } else { subject })
    }
}
