//! Counts of what a search found: hits, turns, sources and participants, in all and for each value of a field.

use super::TurnSets;
use super::outcome::scores_of;
use crate::index::IndexError;
use crate::model::{AttributeValue, Coding, Role, ScoreValue, Source};
use crate::query::Field;
use crate::text::count_words;
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A turn for which a query holds, and how often its words stand there.
pub type FoundTurn = (u32, u32);

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally<'a> {
    /// Places of the words asked for.
    pub hits: u64,
    /// Turns.
    pub turns: u64,
    /// Their sources.
    pub sources: BTreeSet<&'a str>,
    /// The participants who speak in them.
    pub participants: BTreeSet<&'a str>,
}

/// Who says a turn.
struct Voice<'a> {
    source_id: &'a str,
    source: &'a Source,
    label: String,
    /// The participant that the label stands for.
    person: Option<&'a str>,
}

impl<'a> TurnSets<'a> {
    /// Counts all that was found.
    ///
    /// # Errors
    /// The index or the study cannot be read.
    pub fn tally(&self, found: &[FoundTurn]) -> Result<Tally<'a>, IndexError> {
        let mut tally = Tally::default();
        for &turn in found {
            if let Some(voice) = self.voice(turn.0)? {
                tally.add(turn, &voice);
            }
        }
        Ok(tally)
    }

    /// Counts what was found by the values of a field, those who have none under `None`. A turn that has several values
    /// (codes, say) counts for each.
    ///
    /// # Errors
    /// As [`Self::tally`].
    pub fn facet(&self, by: &Field, found: &[FoundTurn]) -> Result<BTreeMap<Option<String>, Tally<'a>>, IndexError> {
        let values = Values::new(self, by)?;
        let mut tallies: BTreeMap<Option<String>, Tally<'a>> = BTreeMap::new();
        for &turn in found {
            let Some(voice) = self.voice(turn.0)? else { continue };
            values.each(self, turn.0, &voice, &mut |value| match tallies.get_mut(&value) {
                Some(tally) => tally.add(turn, &voice),
                None => tallies.entry(value).or_default().add(turn, &voice),
            })?;
        }
        Ok(tallies)
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
            let mut add = |value| *words.entry(value).or_default() += count;
            match &values {
                None => add(None),
                Some(values) => {
                    let Some(voice) = self.voice(turn)? else { continue };
                    values.each(self, turn, &voice, &mut add)?;
                }
            }
        }
        Ok(words)
    }

    fn voice(&self, turn: u32) -> Result<Option<Voice<'a>>, IndexError> {
        let known = self.reader.place(turn).and_then(|(id, _)| self.study.sources.get_key_value(id));
        let Some((source_id, source)) = known else { return Ok(None) };
        let label = self.reader.speaker(turn)?;
        let person = source.participants.get(&label).map(String::as_str);
        Ok(Some(Voice { source_id, source, label, person }))
    }
}

impl<'a> Tally<'a> {
    fn add(&mut self, (_, hits): FoundTurn, voice: &Voice<'a>) {
        self.hits += u64::from(hits);
        self.turns += 1;
        self.sources.insert(voice.source_id);
        if voice.source.role(&voice.label) == Role::Participant {
            self.participants.extend(voice.person);
        }
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

    fn each(
        &self,
        sets: &TurnSets<'_>,
        turn: u32,
        voice: &Voice<'_>,
        visit: &mut dyn FnMut(Option<String>),
    ) -> Result<(), IndexError> {
        match self {
            Self::Codings(values) => match values.get(&turn).filter(|values| !values.is_empty()) {
                Some(values) => values.iter().for_each(|value| visit(Some(value.clone()))),
                None => visit(None),
            },
            Self::Scores(scores) => {
                let score = voice.person.and_then(|person| scores.get(person));
                visit(score.map(|score| match score {
                    ScoreValue::Number(x) => x.to_string(),
                    ScoreValue::Class(class) => class.clone(),
                }));
            }
            Self::OfVoice(Field::Attribute(name)) => {
                let person = voice.person.and_then(|person| sets.study.participants.get(person));
                let own = person.and_then(|person| person.attributes.get(name));
                match own.or_else(|| voice.source.attributes.get(name)) {
                    Some(AttributeValue::Many(values)) => values.iter().for_each(|value| visit(Some(value.clone()))),
                    other => visit(other.map(AttributeValue::label)),
                }
            }
            Self::OfVoice(field) => visit(match field {
                Field::Speaker => Some(voice.label.clone()),
                Field::Role => Some(voice.source.role(&voice.label).name().to_owned()),
                Field::Participant => voice.person.map(str::to_owned),
                Field::Source => Some(voice.source.name.clone()),
                Field::Wave => voice.source.wave.clone(),
                Field::Question => sets.reader.turn(turn)?.question,
                Field::Language => Some(sets.reader.turn(turn)?.language),
                _ => None,
            }),
        }
        Ok(())
    }
}
