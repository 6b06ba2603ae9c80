//! Counts of what a search found: hits, turns, sources and participants, in all and for each value of a field.

use super::TurnSets;
use super::outcome::scores_of;
use crate::index::{IndexError, Spoken};
use crate::model::{AttributeValue, Coding, Role, ScoreValue};
use crate::query::Field;
use crate::text::count_words;
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// A turn for which a query holds, and how often its words stand there.
pub type FoundTurn = (u32, u32);

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally<'a> {
    /// Places of the words asked for.
    pub hits: u64,
    /// Turns.
    pub turns: u64,
    /// Number of their sources.
    pub sources: usize,
    /// The last of them: what was found comes source by source.
    last: Option<&'a str>,
    /// The participants who speak in them, sorted, each once.
    pub participants: Vec<&'a str>,
}

impl<'a> TurnSets<'a> {
    /// Counts all that was found.
    ///
    /// # Errors
    /// The index or the study cannot be read.
    pub fn tally(&self, found: &[FoundTurn]) -> Result<Tally<'a>, IndexError> {
        let mut tally = Tally::default();
        self.spoken(found)?.iter().for_each(|spoken| tally.add(&spoken.turns, spoken));
        Ok(tally.complete())
    }

    /// Counts what was found by the values of a field, in no order, those who have none under `None`. A turn that has
    /// several values (codes, say) counts for each.
    ///
    /// # Errors
    /// As [`Self::tally`].
    pub fn facet(&self, by: &Field, found: &[FoundTurn]) -> Result<Vec<(Option<String>, Tally<'a>)>, IndexError> {
        let values = Values::new(self, by)?;
        let mut tallies: HashMap<Option<Cow<'_, str>>, Tally<'a>> = HashMap::new();
        let spoken = self.spoken(found)?;
        for spoken in &spoken {
            // Most fields say the same of all turns of a speaker.
            for turns in spoken.turns.chunks(if values.differ_by_turn() { 1 } else { spoken.turns.len() }) {
                let turn = turns.first().map_or(0, |(turn, _)| *turn);
                values.each(self, turn, spoken, &mut |value| tallies.entry(value).or_default().add(turns, spoken))?;
            }
        }
        Ok(tallies.into_iter().map(|(value, tally)| (value.map(Cow::into_owned), tally.complete())).collect())
    }

    /// What was found by speaker, source by source.
    fn spoken(&self, found: &[FoundTurn]) -> Result<Vec<Spoken<'a>>, IndexError> {
        if found.is_sorted() {
            return self.reader.spoken(found);
        }
        let mut in_order = found.to_vec();
        in_order.sort_unstable();
        self.reader.spoken(&in_order)
    }

    /// Words of turns by the values of a field; all of them under `None` where no field is named. Reads the texts.
    ///
    /// # Errors
    /// As [`Self::tally`].
    pub fn words(
        &self,
        by: Option<&Field>,
        turns: &RoaringBitmap,
    ) -> Result<BTreeMap<Option<String>, u64>, IndexError> {
        let values = by.map(|by| Values::new(self, by)).transpose()?;
        let mut words: BTreeMap<Option<String>, u64> = BTreeMap::new();
        for turn in turns {
            let text = self.reader.words(turn)?;
            let count = count_words(&text, std::iter::once(crate::model::Span::new(0, text.len() as u32)));
            let mut add = |value: Option<Cow<'_, str>>| *words.entry(value.map(Cow::into_owned)).or_default() += count;
            match &values {
                None => add(None),
                Some(values) => {
                    for spoken in self.reader.spoken(&[(turn, 0)])? {
                        values.each(self, turn, &spoken, &mut add)?;
                    }
                }
            }
        }
        Ok(words)
    }
}

/// The participant that a speaker's label stands for.
fn person<'a>(spoken: &Spoken<'a>) -> Option<&'a str> {
    spoken.source.participants.get(&*spoken.label).map(String::as_str)
}

impl<'a> Tally<'a> {
    fn add(&mut self, turns: &[FoundTurn], spoken: &Spoken<'a>) {
        self.hits += turns.iter().map(|(_, hits)| u64::from(*hits)).sum::<u64>();
        self.turns += turns.len() as u64;
        if self.last.replace(spoken.source_id) != Some(spoken.source_id) {
            self.sources += 1;
        }
        if spoken.source.role(&spoken.label) == Role::Participant {
            let person = person(spoken);
            self.participants.extend(person.filter(|person| self.participants.last() != Some(person)));
        }
    }

    fn complete(mut self) -> Self {
        self.participants.sort_unstable();
        self.participants.dedup();
        self
    }
}

/// What a field says of turns.
enum Values<'f> {
    /// It is told from the turn and who says it.
    OfVoice(&'f Field),
    /// Scores by participant.
    Scores(BTreeMap<String, ScoreValue>),
    /// By turn, sorted, each once.
    Codings(HashMap<u32, Vec<String>>),
}

impl<'f> Values<'f> {
    fn new(sets: &TurnSets<'_>, field: &'f Field) -> Result<Self, IndexError> {
        let of: &dyn Fn(&Coding) -> Vec<String> = match field {
            Field::Score { name, wave } => {
                let scores = scores_of(sets.study, sets.scores, name, wave.as_deref()).ok().flatten();
                return Ok(Self::Scores(scores.unwrap_or_default()));
            }
            Field::Code => &|coding| coding.code.clone().into_iter().collect(),
            Field::Polarity => &|coding| vec![coding.polarity.name().to_owned()],
            Field::Coder => &|coding| vec![coding.coder.clone()],
            Field::Theme => &|coding| {
                let themes = sets.study.themes.iter();
                let rests_on = |codes: &[String]| codes.iter().any(|code| coding.code.as_ref() == Some(code));
                themes.filter(|(_, theme)| rests_on(&theme.codes)).map(|(id, _)| id.clone()).collect()
            },
            _ => return Ok(Self::OfVoice(field)),
        };
        let mut values: HashMap<u32, Vec<String>> = HashMap::new();
        for (_, coding) in &sets.codings {
            let mine = of(coding);
            for turn in sets.reader.turns_in(&coding.source, coding.span)? {
                values.entry(turn).or_default().extend(mine.iter().cloned());
            }
        }
        for of_turn in values.values_mut() {
            of_turn.sort();
            of_turn.dedup();
        }
        Ok(Self::Codings(values))
    }

    /// Whether turns of one speaker in one source may have different values.
    const fn differ_by_turn(&self) -> bool {
        matches!(self, Self::Codings(_) | Self::OfVoice(Field::Question | Field::Language))
    }

    /// Calls `visit` with each value of a turn, or with nothing where it has none.
    fn each<'v>(
        &'v self,
        sets: &TurnSets<'v>,
        turn: u32,
        spoken: &'v Spoken<'v>,
        visit: &mut dyn FnMut(Option<Cow<'v, str>>),
    ) -> Result<(), IndexError> {
        match self {
            Self::Codings(values) => match values.get(&turn).filter(|values| !values.is_empty()) {
                Some(values) => values.iter().for_each(|value| visit(Some(value.into()))),
                None => visit(None),
            },
            Self::Scores(scores) => {
                let score = person(spoken).and_then(|person| scores.get(person));
                visit(score.map(|score| match score {
                    ScoreValue::Number(x) => x.to_string().into(),
                    ScoreValue::Class(class) => class.into(),
                }));
            }
            Self::OfVoice(Field::Attribute(name)) => {
                let person = person(spoken).and_then(|person| sets.study.participants.get(person));
                let own = person.and_then(|person| person.attributes.get(name));
                match own.or_else(|| spoken.source.attributes.get(name)) {
                    Some(AttributeValue::Many(values)) => values.iter().for_each(|value| visit(Some(value.into()))),
                    other => visit(other.map(|value| value.label().into())),
                }
            }
            Self::OfVoice(field) => visit(match field {
                Field::Speaker => Some((&*spoken.label).into()),
                Field::Role => Some(spoken.source.role(&spoken.label).name().into()),
                Field::Participant => person(spoken).map(Cow::Borrowed),
                Field::Source => Some(spoken.source.name.as_str().into()),
                Field::Wave => spoken.source.wave.as_deref().map(Cow::Borrowed),
                Field::Question => sets.reader.turn(turn)?.question.map(Cow::Owned),
                Field::Language => Some(sets.reader.turn(turn)?.language.into()),
                _ => None,
            }),
        }
        Ok(())
    }
}
