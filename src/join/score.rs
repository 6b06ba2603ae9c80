//! One table for scores that were computed and scores that were imported, and what each of them rests on.

use super::scoring::{ScoreProblem, score_instrument};
use crate::model::{
    Certainty, ClassRule, Classing, Instrument, MissingRule, Prorating, Responses, ScoreValue, Subscale,
};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// All scores of a study: by name, then participant, then wave (`None` for scores without one).
#[derive(Debug, Clone, Default)]
pub struct ScoreTable {
    values: BTreeMap<String, BTreeMap<String, BTreeMap<Option<String>, ScoreValue>>>,
    /// Answers that gave no score: (responses key, scale or class rule, why).
    pub problems: Vec<(String, String, ScoreProblem)>,
}

impl ScoreTable {
    /// Imported scores and those computed from responses. A scale is named `instrument.scale`, a class
    /// `instrument.rule`; an instrument's only scale also answers to the instrument's name. An imported score of the same
    /// name wins over a computed one.
    pub fn of(study: &Study) -> Self {
        let mut table = Self::default();
        for (key, row) in &study.responses {
            let Some(instrument) = study.instruments.get(&row.instrument) else { continue };
            table.compute(key, row, instrument);
        }
        for score in study.scores.values() {
            table.set(&score.name, &score.participant, score.wave.clone(), score.value.clone());
        }
        table
    }

    fn compute(&mut self, key: &str, row: &Responses, instrument: &Instrument) {
        let only = instrument.scales.len() == 1;
        let scored = score_instrument(instrument, &row.items);
        let scales = scored.scales.into_iter().map(|(name, found)| (name, found.map(ScoreValue::Number)));
        let classes = scored.classes.into_iter().map(|(name, found)| (name, found.map(ScoreValue::Class)));
        for (name, found) in scales.chain(classes) {
            let value = match found {
                Ok(value) => value,
                Err(problem) => {
                    self.problems.push((key.to_owned(), name, problem));
                    continue;
                }
            };
            if only && instrument.scales.contains_key(&name) {
                self.set(&row.instrument, &row.participant, Some(row.wave.clone()), value.clone());
            }
            self.set(&format!("{}.{name}", row.instrument), &row.participant, Some(row.wave.clone()), value);
        }
    }

    fn set(&mut self, name: &str, participant: &str, wave: Option<String>, value: ScoreValue) {
        let people = self.values.entry(name.to_owned()).or_default();
        people.entry(participant.to_owned()).or_default().insert(wave, value);
    }

    /// Names of all scores, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.values.keys().map(String::as_str).collect()
    }

    /// Waves at which a score of this name exists, sorted by id.
    pub fn waves(&self, name: &str) -> BTreeSet<Option<&str>> {
        let people = self.values.get(name).into_iter().flat_map(BTreeMap::values);
        people.flat_map(|waves| waves.keys().map(Option::as_deref)).collect()
    }

    /// One value.
    pub fn get(&self, name: &str, participant: &str, wave: Option<&str>) -> Option<&ScoreValue> {
        self.values.get(name)?.get(participant)?.get(&wave.map(str::to_owned))
    }

    /// Every value of a name: participant, wave, value.
    pub fn of_name(&self, name: &str) -> impl Iterator<Item = (&str, Option<&str>, &ScoreValue)> {
        self.values.get(name).into_iter().flatten().flat_map(|(participant, waves)| {
            waves.iter().map(move |(wave, value)| (participant.as_str(), wave.as_deref(), value))
        })
    }
}

/// What a computed score rests on.
#[derive(Debug, Clone, Copy)]
pub struct ScoreOrigin<'a> {
    /// Id of the instrument.
    pub id: &'a str,
    /// The instrument.
    pub instrument: &'a Instrument,
    /// Scale or class rule, with its name.
    pub part: ScorePart<'a>,
}

/// A part of an instrument that gives a score.
#[derive(Debug, Clone, Copy)]
pub enum ScorePart<'a> {
    /// A scale.
    Scale(&'a str, &'a Subscale),
    /// A class rule.
    Rule(&'a str, &'a ClassRule),
}

impl<'a> ScoreOrigin<'a> {
    /// The instrument behind a score's name (without wave), if the score is computed from answers.
    pub fn of(study: &'a Study, name: &str) -> Option<Self> {
        let answered = |id: &str| study.responses.values().any(|row| row.instrument == id);
        let imported = study.scores.values().any(|score| score.name == name);
        let (id, part) = name.split_once('.').map_or((name, None), |(id, part)| (id, Some(part)));
        let (id, instrument) = study.instruments.get_key_value(id)?;
        if imported || !answered(id) {
            return None;
        }
        let part = match part {
            None if instrument.scales.len() == 1 => {
                instrument.scales.iter().next().map(|(name, scale)| ScorePart::Scale(name, scale))?
            }
            None => return None,
            Some(part) => match (instrument.scales.get_key_value(part), instrument.classes.get_key_value(part)) {
                (Some((name, scale)), _) => ScorePart::Scale(name, scale),
                (None, Some((name, rule))) => ScorePart::Rule(name, rule),
                (None, None) => return None,
            },
        };
        Some(Self { id, instrument, part })
    }

    /// The class rule in words, for a class.
    pub fn rule_in_words(&self) -> Option<String> {
        let ScorePart::Rule(name, rule) = self.part else { return None };
        Some(format!("{}.{name}: {}", self.id, rule_in_words(rule)))
    }

    /// Whatever is marked as uncertain in what the score rests on, one sentence each.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        doubts.extend(doubt(&format!("the key of {}", self.id), &self.instrument.source, self.instrument.certainty));
        if let ScorePart::Rule(name, rule) = self.part {
            doubts.extend(doubt(&format!("class rule {}.{name}", self.id), &rule.source, rule.certainty));
        }
        doubts
    }
}

/// The sentence about something that is marked as uncertain.
pub fn doubt(what: &str, source: &str, certainty: Certainty) -> Option<String> {
    let from = if source.is_empty() { String::new() } else { format!(" ({})", source.trim_end_matches('.')) };
    (certainty == Certainty::Uncertain)
        .then(|| format!("{what} is marked as uncertain{from}: compare it with the publication before you rely on it"))
}

/// A class rule in words.
pub fn rule_in_words(rule: &ClassRule) -> String {
    let mut parts: Vec<String> = match &rule.rule {
        Classing::First(pairs) => pairs.iter().map(|(class, text)| format!("{class} if {text}")).collect(),
        Classing::Largest(pairs) => {
            let formulas: Vec<String> = pairs.iter().map(|(class, text)| format!("{class}: {text}")).collect();
            vec![format!("the largest of {}", formulas.join("; "))]
        }
    };
    match (&rule.otherwise, rule.ties, &rule.rule) {
        (Some(otherwise), ..) => parts.push(format!("otherwise {otherwise}")),
        (None, Some(crate::model::Ties::First), Classing::Largest(_)) => {
            parts.push("of a tie the one named first".into())
        }
        (None, _, Classing::Largest(_)) => parts.push("no class in a tie".into()),
        _ => {}
    }
    format!("{} ({})", rule.label, parts.join("; "))
}

/// The missing-item rule in words.
pub fn missing_in_words(instrument: &Instrument) -> String {
    let needed = match instrument.missing {
        MissingRule::None => "no item may be missing".to_owned(),
        MissingRule::Half => "at least half of the items".to_owned(),
        MissingRule::Share(share) => format!("at least {:.0} % of the items", 100.0 * share),
        MissingRule::Count(count) => format!("at least {count} items"),
    };
    match instrument.prorating {
        Prorating::Mean => needed,
        Prorating::RoundedMean => format!("{needed}, a missing one counts as the rounded mean of the others"),
        Prorating::RoundedScore => format!("{needed}, the score is rounded where one is missing"),
    }
}
