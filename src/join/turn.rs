//! Conditions on people, sources and codings as sets of turns, so that a search can mix them with words:
//! `trust* AND wave:T1 AND score.wellbeing.change:>0.5 AND NOT code:trust`.

use super::ScoreTable;
use super::condition::{matches_attribute, matches_score};
use super::outcome::scores_of;
use crate::index::{IndexError, Reader};
use crate::model::{Coding, Memo, Source};
use crate::query::{Field, FieldValue, Query};
use crate::store::Study;
use crate::text::{each_token, fold, wildcard_matches};
use roaring::RoaringBitmap;

/// Tells for which turns a condition holds that turns do not answer by themselves.
pub struct TurnSets<'a> {
    /// The study.
    pub study: &'a Study,
    /// Its scores.
    pub scores: &'a ScoreTable,
    /// Knows who says which turn.
    pub reader: &'a Reader<'a>,
    /// The codings that may be seen, with their ids, in order of source and place.
    pub codings: Vec<(&'a str, &'a Coding)>,
}

impl<'a> TurnSets<'a> {
    /// Ready to answer, with the codings that pass a test.
    pub fn new(
        study: &'a Study,
        scores: &'a ScoreTable,
        reader: &'a Reader<'a>,
        is_seen: &dyn Fn(&str, &Coding) -> bool,
    ) -> Self {
        let codings = study.codings.iter().map(|(id, coding)| (id.as_str(), coding));
        let mut codings: Vec<_> = codings.filter(|(id, coding)| is_seen(id, coding)).collect();
        codings.sort_by_key(|(id, coding)| (coding.source.as_str(), coding.span, *id));
        Self { study, scores, reader, codings }
    }

    /// The turns for which one of [`Query::conditions`] holds.
    ///
    /// # Errors
    /// The index or the study cannot be read, or a side of BEFORE or AFTER asks for too much.
    pub fn turns(&self, condition: &Query) -> Result<RoaringBitmap, IndexError> {
        match condition {
            Query::Field(field, value) => self.field(field, value),
            Query::Related(relation, left, right) => self.related(*relation, left, right),
            _ => Ok(RoaringBitmap::new()),
        }
    }

    fn field(&self, field: &Field, value: &FieldValue) -> Result<RoaringBitmap, IndexError> {
        match field {
            Field::Source => Ok(self.of_sources(&|id, source| value.matches(&source.name) || value.matches(id))),
            Field::Wave => {
                Ok(self.of_sources(&|_, source| source.wave.as_deref().is_some_and(|wave| value.matches(wave))))
            }
            Field::Participant => self.of_people(&|_, person| person.is_some_and(|id| value.matches(id))),
            Field::Attribute(name) => self.of_people(&|source, person| {
                let person = person.and_then(|id| self.study.participants.get(id));
                let own = person.and_then(|person| person.attributes.get(name));
                own.or_else(|| source.attributes.get(name)).is_some_and(|own| matches_attribute(value, own))
            }),
            Field::Score { name, wave } => {
                // A score that was not measured so is nobody's: `doubts` says it.
                let known = scores_of(self.study, self.scores, name, wave.as_deref()).ok().flatten();
                let known = known.unwrap_or_default();
                self.of_people(&|_, person| {
                    person.and_then(|id| known.get(id)).is_some_and(|score| matches_score(value, score))
                })
            }
            Field::Code | Field::Theme | Field::Polarity | Field::Coder => {
                self.coded(&|_, coding| self.is_so(field, value, coding))
            }
            Field::Memo => self.noted(value),
            Field::Saved | Field::Speaker | Field::Role | Field::Question | Field::Language => Ok(RoaringBitmap::new()),
        }
    }

    /// Whether a field of codings holds for a coding.
    pub(super) fn is_so(&self, field: &Field, value: &FieldValue, coding: &Coding) -> bool {
        match field {
            Field::Code => coding.code.as_deref().is_some_and(|code| value.matches(code)),
            Field::Polarity => value.matches(coding.polarity.name()),
            Field::Coder => value.matches(&coding.coder),
            Field::Theme => self.study.themes.iter().any(|(id, theme)| {
                let rests_on = || theme.codes.iter().any(|code| coding.code.as_ref() == Some(code));
                (value.matches(id) || value.matches(&theme.name)) && rests_on()
            }),
            _ => false,
        }
    }

    /// All turns of the sources that pass a test.
    fn of_sources(&self, test: &dyn Fn(&str, &Source) -> bool) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        for (_, source) in self.study.sources.iter().filter(|(id, source)| test(id, source)) {
            found.insert_range(turns_of(source));
        }
        found
    }

    /// The turns of speakers that pass a test, by source and participant, where the speaker is one.
    fn of_people(&self, test: &dyn Fn(&Source, Option<&str>) -> bool) -> Result<RoaringBitmap, IndexError> {
        let mut found = RoaringBitmap::new();
        for (id, source) in &self.study.sources {
            let others = test(source, None);
            let people = source.participants.values().map(|person| test(source, Some(person)));
            // Who says which turn is only asked where it makes a difference.
            if people.clone().all(|passes| passes == others) {
                if others {
                    found.insert_range(turns_of(source));
                }
                continue;
            }
            let speaks = |label: &str| test(source, source.participants.get(label).map(String::as_str));
            found |= self.reader.turns_of(id, &speaks)?;
        }
        Ok(found)
    }

    /// The turns that share at least one byte with a coding that passes a test.
    fn coded(&self, test: &dyn Fn(&str, &Coding) -> bool) -> Result<RoaringBitmap, IndexError> {
        let mut found = RoaringBitmap::new();
        for (_, coding) in self.codings.iter().filter(|(id, coding)| test(id, coding)) {
            found.insert_range(self.reader.turns_in(&coding.source, coding.span)?);
        }
        Ok(found)
    }

    /// The turns of what a memo is on that holds all words of a value.
    fn noted(&self, value: &FieldValue) -> Result<RoaringBitmap, IndexError> {
        let mut found = RoaringBitmap::new();
        for memo in self.study.memos.values().filter(|memo| holds_words(memo, value)) {
            let Some((kind, name)) = memo.on.split_once(':') else { continue };
            found |= match kind {
                "source" => self.of_sources(&|id, source| id == name || source.name == name),
                "participant" => self.of_people(&|_, person| person == Some(name))?,
                "coding" => self.coded(&|id, _| id == name)?,
                "code" => self.coded(&|_, coding| coding.code.as_deref() == Some(name))?,
                "theme" => {
                    self.coded(&|_, coding| self.is_so(&Field::Theme, &FieldValue::Text(name.into()), coding))?
                }
                _ => continue,
            };
        }
        Ok(found)
    }
}

/// Whether every word of a value stands in a memo.
fn holds_words(memo: &Memo, value: &FieldValue) -> bool {
    let FieldValue::Text(wanted) = value else { return false };
    let mut said = Vec::new();
    each_token(&memo.text, |span, _| said.extend(span.of(&memo.text).map(|word| fold(word).into_owned())));
    wanted.split_whitespace().map(fold).all(|word| said.iter().any(|one| wildcard_matches(&word, one)))
}

fn turns_of(source: &Source) -> std::ops::Range<u32> {
    source.first_ordinal..source.first_ordinal.saturating_add(source.turns)
}
