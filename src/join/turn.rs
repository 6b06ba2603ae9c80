//! Fields of people, sources and codings, answered for one turn, so that a search can mix them with words:
//! `trust* AND wave:T1 AND score.wellbeing.T1:>3.5 AND NOT code:trust`.

use super::ScoreTable;
use super::condition::{matches_attribute, matches_score};
use crate::model::{Coding, Source};
use crate::query::{Field, FieldValue, Query};
use crate::store::Study;

/// What is known of a turn beside its words.
pub struct TurnFacts<'a> {
    /// The study.
    pub study: &'a Study,
    /// Its scores.
    pub scores: &'a ScoreTable,
    /// Id of the source.
    pub source_id: &'a str,
    /// The source.
    pub source: &'a Source,
    /// The speaker, where the speaker is a participant.
    pub participant: Option<&'a str>,
    /// Codings that share at least one byte with the turn.
    pub codings: &'a [&'a Coding],
}

/// What is left of a query when its facts are answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// Nothing: it holds for the whole turn, or it does not.
    Holds(bool),
    /// Words, and fields that the turn itself answers.
    Asks(Query),
}

impl TurnFacts<'_> {
    /// Answers every field that words cannot. A field that says nothing about a turn (`memo:`) holds for none.
    pub fn settle(&self, query: &Query) -> Settled {
        match query {
            Query::Field(field, value) if !field.is_of_turn() => Settled::Holds(self.holds(field, value)),
            Query::And(parts) => self.join(parts, false, Query::And),
            Query::Or(parts) => self.join(parts, true, Query::Or),
            Query::Not(part) => match self.settle(part) {
                Settled::Holds(holds) => Settled::Holds(!holds),
                Settled::Asks(part) => Settled::Asks(Query::Not(Box::new(part))),
            },
            Query::Within(scope, part) => match self.settle(part) {
                Settled::Asks(part) => Settled::Asks(Query::Within(*scope, Box::new(part))),
                holds => holds,
            },
            words => Settled::Asks(words.clone()),
        }
    }

    /// AND ends at what does not hold, OR at what does (`ends`); everything else that is settled falls away.
    fn join(&self, parts: &[Query], ends: bool, of: fn(Vec<Query>) -> Query) -> Settled {
        let mut left = Vec::new();
        for part in parts {
            match self.settle(part) {
                Settled::Holds(holds) if holds == ends => return Settled::Holds(ends),
                Settled::Holds(_) => {}
                Settled::Asks(part) => left.push(part),
            }
        }
        match left.len() {
            0 => Settled::Holds(!ends),
            1 => left.pop().map_or(Settled::Holds(!ends), Settled::Asks),
            _ => Settled::Asks(of(left)),
        }
    }

    fn holds(&self, field: &Field, value: &FieldValue) -> bool {
        let coded = |test: &dyn Fn(&Coding) -> bool| self.codings.iter().any(|coding| test(coding));
        let code_is = |coding: &Coding, wanted: &dyn Fn(&str) -> bool| coding.code.as_deref().is_some_and(wanted);
        match field {
            Field::Participant => self.participant.is_some_and(|id| value.matches(id)),
            Field::Source => value.matches(&self.source.name) || value.matches(self.source_id),
            Field::Wave => self.source.wave.as_deref().is_some_and(|wave| value.matches(wave)),
            Field::Attribute(name) => {
                let person = self.participant.and_then(|id| self.study.participants.get(id));
                let own = person.and_then(|person| person.attributes.get(name));
                own.or_else(|| self.source.attributes.get(name)).is_some_and(|own| matches_attribute(value, own))
            }
            Field::Score { name, wave } => {
                let score = self.participant.and_then(|id| self.scores.get(name, id, wave.as_deref()));
                score.is_some_and(|score| matches_score(value, score))
            }
            Field::Code => coded(&|coding| code_is(coding, &|code| value.matches(code))),
            Field::Theme => {
                let themes = || self.study.themes.iter().filter(|(id, _)| value.matches(id));
                coded(&|coding| {
                    code_is(coding, &|code| themes().any(|(_, theme)| theme.codes.iter().any(|c| c == code)))
                })
            }
            Field::Polarity => coded(&|coding| value.matches(coding.polarity.name())),
            Field::Coder => coded(&|coding| value.matches(&coding.coder)),
            Field::Memo | Field::Speaker | Field::Role | Field::Question | Field::Language => false,
        }
    }
}
