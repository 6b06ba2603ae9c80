//! Conditions on people: `attr.age:[40 TO 55] AND score.wellbeing.T1:>3.5`, and words that somebody says.

use super::{ScoreTable, Statements, Unit};
use crate::model::{AttributeValue, ScoreValue};
use crate::query::{Field, FieldValue, Query};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// A field that has no meaning for the unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{field}` says nothing about {unit}: use participant, source, wave, code, polarity, attr.NAME, score.NAME.WAVE or words"
)]
pub struct UnresolvedCondition {
    /// The field as printed.
    pub field: String,
    /// What is asked about.
    pub unit: &'static str,
}

/// Tells which units a query holds for.
pub struct Conditions<'a> {
    /// The study.
    pub study: &'a Study,
    /// Its scores.
    pub scores: &'a ScoreTable,
    /// Its statements, for `code:` and `polarity:`.
    pub statements: &'a Statements,
    /// Whether any coded turn of a source (of one participant's, if named) matches words.
    pub says: &'a dyn Fn(&Query, &str, Option<&str>) -> bool,
}

impl Conditions<'_> {
    /// Attributes of every unit of a kind, sorted by id.
    pub fn attributes(study: &Study, unit: Unit) -> Vec<(&str, &BTreeMap<String, AttributeValue>)> {
        match unit {
            Unit::Participant => study.participants.iter().map(|(id, p)| (id.as_str(), &p.attributes)).collect(),
            Unit::Source => study.sources.iter().map(|(id, s)| (id.as_str(), &s.attributes)).collect(),
            Unit::Case => study.cases.iter().map(|(id, c)| (id.as_str(), &c.attributes)).collect(),
        }
    }

    /// The units for which the query holds.
    pub fn units(&self, query: &Query, unit: Unit) -> Result<BTreeSet<String>, UnresolvedCondition> {
        let mut found = BTreeSet::new();
        for (id, _) in Self::attributes(self.study, unit) {
            if self.holds(query, unit, id)? {
                found.insert(id.to_owned());
            }
        }
        Ok(found)
    }

    /// Whether the query holds for one unit. Words hold where one turn has all of them.
    pub fn holds(&self, query: &Query, unit: Unit, id: &str) -> Result<bool, UnresolvedCondition> {
        if is_text(query) {
            return Ok(self.sources(unit, id).iter().any(|(source, who)| (self.says)(query, source, who.as_deref())));
        }
        match query {
            Query::And(parts) => {
                let (words, others): (Vec<&Query>, Vec<&Query>) = parts.iter().partition(|part| is_text(part));
                for part in others {
                    if !self.holds(part, unit, id)? {
                        return Ok(false);
                    }
                }
                if words.is_empty() {
                    return Ok(true);
                }
                self.holds(&Query::And(words.into_iter().cloned().collect()), unit, id)
            }
            Query::Or(parts) => {
                for part in parts {
                    if self.holds(part, unit, id)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Query::Not(part) => Ok(!self.holds(part, unit, id)?),
            Query::Within(_, part) => self.holds(part, unit, id),
            Query::Field(field, value) => self.field(field, value, unit, id),
            Query::Related(relation, ..) => {
                Err(UnresolvedCondition { field: format!("{relation}"), unit: unit.plural() })
            }
            Query::Term(_) | Query::Phrase { .. } | Query::Regex(_) | Query::Near(..) | Query::Then(..) => Ok(false),
        }
    }

    fn field(&self, field: &Field, value: &FieldValue, unit: Unit, id: &str) -> Result<bool, UnresolvedCondition> {
        let any_source = |test: &dyn Fn(&str) -> bool| self.sources(unit, id).iter().any(|(source, _)| test(source));
        Ok(match field {
            Field::Participant => self.people(unit, id).iter().any(|person| value.matches(person)),
            Field::Source => any_source(&|source| {
                self.study.sources.get(source).is_some_and(|s| value.matches(&s.name) || value.matches(source))
            }),
            Field::Wave => any_source(&|source| {
                let wave = self.study.sources.get(source).and_then(|s| s.wave.as_deref());
                wave.is_some_and(|wave| value.matches(wave))
            }),
            Field::Attribute(name) => {
                let attributes = Self::attributes(self.study, unit);
                let own = attributes.iter().find(|(known, _)| *known == id).and_then(|(_, all)| all.get(name));
                own.is_some_and(|own| matches_attribute(value, own))
            }
            Field::Score { name, wave } => self.people(unit, id).iter().any(|person| {
                let score = self.scores.get(name, person, wave.as_deref());
                score.is_some_and(|score| matches_score(value, score))
            }),
            Field::Code | Field::Polarity | Field::Theme => self.said(unit, id).any(|statement| match field {
                Field::Code => value.matches(&statement.code),
                Field::Polarity => value.matches(statement.polarity.name()),
                _ => {
                    let themes = self.study.themes.iter().filter(|(theme, _)| value.matches(theme));
                    themes.into_iter().any(|(_, theme)| theme.codes.contains(&statement.code))
                }
            }),
            Field::Speaker
            | Field::Role
            | Field::Question
            | Field::Language
            | Field::Coder
            | Field::Memo
            | Field::Saved => {
                let printed = Query::Field(field.clone(), value.clone()).to_string();
                let field = format!("{}:", printed.split(':').next().unwrap_or_default());
                return Err(UnresolvedCondition { field, unit: unit.plural() });
            }
        })
    }

    /// Sources of a unit, with the participant where only that person's turns count.
    fn sources(&self, unit: Unit, id: &str) -> Vec<(String, Option<String>)> {
        match unit {
            Unit::Source => vec![(id.to_owned(), None)],
            Unit::Participant | Unit::Case => {
                let people = self.people(unit, id);
                let speaks = |source: &&String| {
                    let speakers = self.study.sources.get(*source).map(|s| &s.participants);
                    speakers.is_some_and(|speakers| people.iter().any(|p| speakers.values().any(|s| s == p)))
                };
                let who = (unit == Unit::Participant).then(|| id.to_owned());
                self.study.sources.keys().filter(speaks).map(|source| (source.clone(), who.clone())).collect()
            }
        }
    }

    fn people(&self, unit: Unit, id: &str) -> Vec<String> {
        match unit {
            Unit::Participant => vec![id.to_owned()],
            Unit::Case => self.study.cases.get(id).map(|case| case.participants.clone()).unwrap_or_default(),
            Unit::Source => {
                let speakers = self.study.sources.get(id).map(|source| &source.participants);
                speakers.into_iter().flat_map(|speakers| speakers.values().cloned()).collect()
            }
        }
    }

    fn said<'a>(&'a self, unit: Unit, id: &str) -> impl Iterator<Item = &'a super::Statement> + use<'a> {
        let people = self.people(unit, id);
        let id = id.to_owned();
        self.statements.list.iter().filter(move |statement| match unit {
            Unit::Source => statement.source == id,
            _ => statement.participant.as_ref().is_some_and(|person| people.contains(person)),
        })
    }
}

/// Only words and fields that a turn can answer.
pub(crate) fn is_text(query: &Query) -> bool {
    match query {
        Query::Term(_) | Query::Phrase { .. } | Query::Regex(_) | Query::Near(..) | Query::Then(..) => true,
        Query::And(parts) | Query::Or(parts) => parts.iter().all(is_text),
        Query::Not(part) | Query::Within(_, part) => is_text(part),
        Query::Field(field, _) => matches!(field, Field::Speaker | Field::Role | Field::Question | Field::Language),
        Query::Related(..) => false,
    }
}

pub(super) fn matches_attribute(value: &FieldValue, actual: &AttributeValue) -> bool {
    match actual {
        AttributeValue::Many(values) => values.iter().any(|one| value.matches(one)),
        other => value.matches(&other.label()),
    }
}

pub(super) fn matches_score(value: &FieldValue, actual: &ScoreValue) -> bool {
    match actual {
        ScoreValue::Number(x) => value.matches(&x.to_string()),
        ScoreValue::Class(class) => value.matches(class),
    }
}
