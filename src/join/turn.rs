//! Fields of people, sources and codings as sets of turns, so that a search can mix them with words:
//! `trust* AND wave:T1 AND score.wellbeing.T1:>3.5 AND NOT code:trust`.

use super::ScoreTable;
use super::condition::{matches_attribute, matches_score};
use crate::index::{IndexError, Reader};
use crate::model::{Coding, Source};
use crate::query::{Field, FieldValue};
use crate::store::Study;
use roaring::RoaringBitmap;

/// Tells for which turns a field holds that turns do not answer by themselves.
pub struct TurnSets<'a> {
    /// The study.
    pub study: &'a Study,
    /// Its scores.
    pub scores: &'a ScoreTable,
    /// Knows who says which turn.
    pub reader: &'a Reader<'a>,
    /// The codings that may be seen.
    pub codings: Vec<&'a Coding>,
}

impl TurnSets<'_> {
    /// The turns for which a field holds. One that says nothing about a turn (`memo:`) holds for none.
    ///
    /// # Errors
    /// The index or the study cannot be read.
    pub fn turns(&self, field: &Field, value: &FieldValue) -> Result<RoaringBitmap, IndexError> {
        let code_is = |coding: &Coding, wanted: &dyn Fn(&str) -> bool| coding.code.as_deref().is_some_and(wanted);
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
            Field::Score { name, wave } => self.of_people(&|_, person| {
                let score = person.and_then(|id| self.scores.get(name, id, wave.as_deref()));
                score.is_some_and(|score| matches_score(value, score))
            }),
            Field::Code => self.coded(&|coding| code_is(coding, &|code| value.matches(code))),
            Field::Theme => {
                let themes: Vec<_> = self.study.themes.iter().filter(|(id, _)| value.matches(id)).collect();
                let in_theme = |code: &str| themes.iter().any(|(_, theme)| theme.codes.iter().any(|c| c == code));
                self.coded(&|coding| code_is(coding, &in_theme))
            }
            Field::Polarity => self.coded(&|coding| value.matches(coding.polarity.name())),
            Field::Coder => self.coded(&|coding| value.matches(&coding.coder)),
            Field::Memo | Field::Speaker | Field::Role | Field::Question | Field::Language => Ok(RoaringBitmap::new()),
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
    fn coded(&self, test: &dyn Fn(&Coding) -> bool) -> Result<RoaringBitmap, IndexError> {
        let mut found = RoaringBitmap::new();
        for coding in self.codings.iter().filter(|coding| test(coding)) {
            found.insert_range(self.reader.turns_in(&coding.source, coding.span)?);
        }
        Ok(found)
    }
}

fn turns_of(source: &Source) -> std::ops::Range<u32> {
    source.first_ordinal..source.first_ordinal.saturating_add(source.turns)
}
