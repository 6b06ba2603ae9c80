//! An answer is read with its question: "Do you trust her?" "Not a bit."
//!
//! Owns the suggestions that rest on a question of the interviewer and the opening of the turn after it. Rules hit in
//! the question, the polarity engine judges the statement in it, the answer agrees, denies, ends or lessens it. Asks
//! for nothing unless a question stands before a turn that opens like an answer; says nothing where the opening
//! sentence names the theme itself.

mod meaning;
mod opening;
mod question;
mod reach;
mod words;

use self::meaning::{Statement, meaning};
use self::opening::Meaning;
pub(super) use self::opening::Opening;
use self::question::{Asked, Kind};
pub(super) use self::reach::Turned;
use self::words::Words;
use super::Suggestion;
use super::polarity::class::*;
use super::polarity::{Judgement, Sentence};
use super::scan::{Scratch, TurnContext};
use super::suggest::{Buffers, Coder, Place, target_of};
use crate::model::{Experiencer, Qualifiers, Span};
use crate::query::Query;

/// Words that say that something ended, became less or came back.
const CHANGING: u64 = GONE | STOPPING | REDUCING | LESS | RETURNING;

/// The question that a suggestion rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The question's words.
    pub question: String,
    /// Those that the rule found.
    pub found: String,
}

/// The turn of the interviewer, and the opening of the turn behind it.
pub(super) struct Exchange<'a> {
    pub before: &'a Place<'a>,
    pub context: &'a TurnContext<'a>,
    pub turn: &'a Place<'a>,
    pub opening: &'a Opening,
}

/// What rules found in a question for one code.
struct Named {
    code: u32,
    statement: Statement,
    judgement: Judgement,
    rules: Vec<u32>,
    /// Tokens of the first hit.
    hit: (u32, u32),
    /// All hits say the same.
    is_agreed: bool,
}

impl Coder {
    /// The opening of the turn that was scanned last, where it may answer what was said before it.
    pub(super) fn opening(&self, scratch: &Scratch, turn: &Place<'_>) -> Option<Opening> {
        let forms = self.lists(turn.language).forms();
        opening::may_open(turn.words, scratch, forms)
            .then(|| opening::opening(&Words::first(turn.words, scratch), forms))
            .flatten()
    }

    /// Adds what a turn says by answering the question before it. The turn's own words have given all suggestions behind
    /// `from`; the question's turn was scanned last.
    pub(super) fn answer<'a>(
        &'a self,
        scratch: &mut Scratch,
        buffers: &mut Buffers<'a>,
        exchange: &Exchange<'_>,
        (ordinal, from): (u32, usize),
        all: &mut Vec<Suggestion>,
    ) {
        let Exchange { before, context, .. } = exchange;
        let words = Words::all(before.words, scratch);
        let questions = question::questions(&words, self.lists(before.language).forms());
        if questions.is_empty() {
            return;
        }
        let whole = |asked: &Asked| words.sentence_span(&asked.words).of(before.words).unwrap_or_default();
        let whole: Vec<&str> = questions.iter().map(whole).collect();
        let spans: Vec<Span> = scratch.tokens.iter().map(|token| token.span).collect();
        let as_asked: Vec<u32> = scratch.hits.iter().map(|hit| hit.rule).collect();
        let own = all.len();
        for (asked, question) in questions.iter().zip(whole) {
            self.rules().scan(scratch, &asked.statement, before.language, context);
            // A statement that is cut into other words than the question cannot be led back to it.
            if scratch.tokens.len() != asked.words.len() {
                continue;
            }
            let found = self.named(scratch, buffers, before, asked, &as_asked);
            for named in &found {
                let place = |at: u32| spans.get((asked.words.start + at) as usize).copied().unwrap_or(Span::new(0, 0));
                let found = place(named.hit.0).cover(place(named.hit.1)).of(before.words).unwrap_or_default();
                let said = all.get(from..own).unwrap_or_default();
                let Some(mut one) = self.suggestion(exchange, asked, named, said) else { continue };
                one.turn = ordinal;
                one.answers = Some(Box::new(Answered { question: question.to_owned(), found: found.to_owned() }));
                all.push(one);
            }
            if !found.is_empty() {
                break;
            }
        }
        if all.len() > own && own > from {
            let place = |one: &Suggestion| (one.indicator, one.trigger.map(|trigger| trigger.start));
            all.get_mut(from..).unwrap_or_default().sort_by(|a, b| (place(a), &a.code).cmp(&(place(b), &b.code)));
        }
    }

    /// What an answer comes to for a code that a question names, given what its words say by themselves.
    fn suggestion(
        &self,
        exchange: &Exchange<'_>,
        asked: &Asked,
        named: &Named,
        said: &[Suggestion],
    ) -> Option<Suggestion> {
        let Exchange { turn, opening, .. } = exchange;
        let polarity = meaning(asked, named.statement, opening)?;
        let code = self.rules().codes().get(named.code as usize)?;
        let unit = unit(opening, turn.offset, |unit| {
            let mut same = said.iter().filter(|one| one.code == *code && one.unit.overlap(unit) > 0);
            match same.clone().next() {
                None => Said::Nothing,
                Some(_) if same.any(|one| one.polarity == polarity) => Said::Same,
                Some(_) => Said::Other,
            }
        })?;
        let rules = || named.rules.iter().filter_map(|rule| self.rules().rules().get(*rule as usize));
        let groups = [opening.persons, named.judgement.target];
        let of_theme = self.theme(named.code).and_then(|theme| groups.iter().find_map(|all| target_of(theme, *all)));
        let of_rule = rules().find_map(|rule| rule.target.as_deref());
        Some(Suggestion {
            code: code.clone(),
            turn: 0,
            unit,
            indicator: opening.words.shifted(turn.offset),
            trigger: opening.trigger.map(|trigger| trigger.shifted(turn.offset)),
            scope: unit,
            rules: rules().map(|rule| rule.reference.clone()).collect(),
            polarity,
            qualifiers: Qualifiers {
                time: opening.time.unwrap_or(named.judgement.time),
                target: of_rule.or(of_theme).map(str::to_owned),
                experiencer: named.judgement.experiencer,
            },
            prompted: true,
            because: because(opening.meaning),
            answers: None,
        })
    }

    /// What rules find in the statement that was scanned last, code by code; not where they disagree about it.
    fn named<'a>(
        &'a self,
        scratch: &Scratch,
        buffers: &mut Buffers<'a>,
        before: &Place<'_>,
        asked: &Asked,
        as_asked: &[u32],
    ) -> Vec<Named> {
        let reading = &mut buffers.reading;
        let tokens = &scratch.tokens;
        let count = tokens.len() as u32;
        reading.read(self.lists(before.language), &asked.statement, tokens, 0, scratch.meanings(0..count));
        let longest = scratch.hits.iter().map(|hit| hit.last - hit.first).max().unwrap_or(0);
        // "Did your mother trust people?" is about her, "Did she make you feel lonely?" about the speaker.
        let alone = asked.of_other && classes(scratch, 0..count).all(|class| class & (I | ME) == 0);
        let mut all: Vec<Named> = Vec::new();
        for (k, hit) in scratch.hits.iter().enumerate() {
            let Some(rule) = self.rules().rules().get(hit.rule as usize) else { continue };
            // The index knows the turn's own words: an expression must have found them too.
            if self.is_covered(&scratch.hits, k, longest)
                || holds_expression(&rule.query) && !as_asked.contains(&hit.rule)
            {
                continue;
            }
            // "Who decides here?" asks for somebody else's control, "Who do you trust?" for the speaker's trust.
            let Some(theme) = self.theme(hit.code) else { continue };
            let given = theme.agent.is_given();
            if asked.kind == Kind::Who && !given && !asked.of_listener {
                continue;
            }
            let next = scratch.hits.iter().skip(k + 1).find(|later| later.code == hit.code && later.first > hit.last);
            let question = self.question(hit, rule, theme, count, next);
            let sentence = Sentence { reading, text: &asked.statement, tokens };
            let [Some(mut judgement), None] = sentence.judge(&question) else { continue };
            // "Has the loneliness gone?": words of an end that the reading of a question does not reach.
            let mut others = classes(scratch, 0..hit.first).chain(classes(scratch, hit.last + 1..count));
            if judgement.trigger.is_none() && others.any(|class| class & CHANGING != 0) {
                continue;
            }
            if alone && !given {
                judgement.experiencer = Experiencer::Other;
            }
            let negated = judgement.trigger.is_some_and(|(first, last)| {
                classes(scratch, first..last + 1).any(|class| class & (NEGATIVE | DENYING) & !LACK != 0)
            });
            let negative = classes(scratch, hit.first..hit.last + 1).any(|class| class & (NO | NOBODY | NEGATION) != 0);
            let statement = Statement { polarity: judgement.polarity, negated, negative };
            if let Some(known) = all.iter_mut().find(|one| one.code == hit.code) {
                known.is_agreed &= known.statement.polarity == statement.polarity;
                known.rules.push(hit.rule);
                continue;
            }
            let (code, rules, hit) = (hit.code, vec![hit.rule], (hit.first, hit.last));
            all.push(Named { code, statement, judgement, rules, hit, is_agreed: true });
        }
        all.retain(|one| one.is_agreed);
        for one in &mut all {
            one.rules.sort_unstable();
            one.rules.dedup();
        }
        all.sort_by_key(|one| one.code);
        all
    }
}

/// What the words of some tokens mean to polarity.
fn classes(scratch: &Scratch, tokens: std::ops::Range<u32>) -> impl Iterator<Item = u64> {
    scratch.meanings(tokens).map(|meaning| meaning.classes)
}

/// What the words of a unit say of a code by themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Same,
    Other,
}

/// What an answer marks: its opening, and where that is a word or two, the next sentence, unless that speaks for itself.
/// Nothing where the opening does.
fn unit(opening: &Opening, offset: u32, said: impl Fn(Span) -> Said) -> Option<Span> {
    let own = opening.unit.shifted(offset);
    if said(own) != Said::Nothing {
        return None;
    }
    let Some(next) = opening.next.map(|next| next.shifted(offset)) else { return Some(own) };
    match said(next) {
        Said::Nothing => Some(own.cover(next)),
        Said::Same => None,
        Said::Other => Some(own),
    }
}

/// Whether a rule holds a regular expression.
fn holds_expression(query: &Query) -> bool {
    match query {
        Query::Regex(_) => true,
        Query::And(parts) | Query::Or(parts) => parts.iter().any(holds_expression),
        Query::Near(a, b, _) | Query::Then(a, b, _) | Query::Related(_, a, b) => {
            holds_expression(a) || holds_expression(b)
        }
        Query::Within(_, part) | Query::Not(part) => holds_expression(part),
        Query::Term(_) | Query::Phrase { .. } | Query::Field(..) => false,
    }
}

/// Why the polarity came out so: completes a sentence about the answering words.
const fn because(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Yes | Meaning::Does | Meaning::Agreed => "the answer, which agrees",
        Meaning::No | Meaning::DoesNot => "the answer, which denies",
        Meaning::Nobody => "the answer, which fills the place with nobody or nothing",
        Meaning::Many => "the answer, which names many",
        Meaning::Person => "the answer, which names a person",
        Meaning::Over => "the answer, which says that it was so and is no more",
        Meaning::Less => "the answer, which says that it has become less",
        Meaning::Partly => "the answer, which says that it is so in part or at times",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
