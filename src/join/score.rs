//! From item responses to scores, and one table for both computed and imported ones.

use crate::model::{Instrument, MissingRule, Responses, ScoreValue, SubscaleKind};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// Why a scale has no score.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScoreProblem {
    /// An answer that the questionnaire does not have.
    #[error("item {item} is {value}, outside {min} to {max}")]
    OutOfRange {
        /// Item number, from 1.
        item: u32,
        /// The answer.
        value: f64,
        /// Lowest answer.
        min: f64,
        /// Highest answer.
        max: f64,
    },
    /// Fewer items than the missing-item rule asks for.
    #[error("{answered} of {items} items answered, at least {needed} are needed")]
    TooFew {
        /// Items answered.
        answered: usize,
        /// Items of the scale.
        items: usize,
        /// Items needed.
        needed: usize,
    },
}

/// Scores of one person's answers: `scale` to a value or the reason why there is none.
///
/// Reverse-keyed items count as `min + max - x`. A mean is over the items answered; a sum with missing items is that mean
/// times the number of items (person-mean prorating), both only where the missing-item rule allows.
pub fn score_instrument(instrument: &Instrument, items: &[Option<f64>]) -> BTreeMap<String, Result<f64, ScoreProblem>> {
    instrument
        .scales
        .iter()
        .map(|(name, scale)| (name.clone(), score_scale(instrument, &scale.items, scale.kind, items)))
        .collect()
}

fn score_scale(
    instrument: &Instrument,
    numbers: &[u32],
    kind: SubscaleKind,
    items: &[Option<f64>],
) -> Result<f64, ScoreProblem> {
    let (min, max) = (instrument.min, instrument.max);
    let mut sum = 0.0;
    let mut answered = 0_usize;
    for &item in numbers {
        let Some(value) = items.get((item as usize).wrapping_sub(1)).copied().flatten() else { continue };
        if !(min..=max).contains(&value) {
            return Err(ScoreProblem::OutOfRange { item, value, min, max });
        }
        sum += if instrument.reversed.contains(&item) { min + max - value } else { value };
        answered += 1;
    }
    let needed = match instrument.missing {
        MissingRule::None => numbers.len(),
        MissingRule::Half => numbers.len().div_ceil(2),
        MissingRule::Share(share) => (share * numbers.len() as f64).ceil() as usize,
    };
    if answered == 0 || answered < needed {
        return Err(ScoreProblem::TooFew { answered, items: numbers.len(), needed: needed.max(1) });
    }
    let mean = sum / answered as f64;
    Ok(match kind {
        SubscaleKind::Mean => mean,
        SubscaleKind::Sum => mean * numbers.len() as f64,
    })
}

/// All scores of a study: by name, then participant, then wave (`None` for scores without one).
#[derive(Debug, Clone, Default)]
pub struct ScoreTable {
    values: BTreeMap<String, BTreeMap<String, BTreeMap<Option<String>, ScoreValue>>>,
    /// Answers that gave no score: (responses key, scale, why).
    pub problems: Vec<(String, String, ScoreProblem)>,
}

impl ScoreTable {
    /// Imported scores and those computed from responses. A scale is named `instrument.scale`; an instrument's only
    /// scale also answers to the instrument's name. An imported score of the same name wins over a computed one.
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
        for (scale, result) in score_instrument(instrument, &row.items) {
            let value = match result {
                Ok(value) => ScoreValue::Number(value),
                Err(problem) => {
                    self.problems.push((key.to_owned(), scale, problem));
                    continue;
                }
            };
            if only {
                self.set(&row.instrument, &row.participant, Some(row.wave.clone()), value.clone());
            }
            self.set(&format!("{}.{scale}", row.instrument), &row.participant, Some(row.wave.clone()), value);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Subscale;

    fn instrument(kind: SubscaleKind, missing: MissingRule) -> Instrument {
        let scale = Subscale { items: vec![1, 2, 3, 4], kind };
        Instrument {
            label: "Four".into(),
            items: 4,
            min: 1.0,
            max: 7.0,
            reversed: vec![2],
            scales: BTreeMap::from([("all".into(), scale)]),
            missing,
            source: String::new(),
        }
    }

    fn score(kind: SubscaleKind, missing: MissingRule, items: &[Option<f64>]) -> Result<f64, ScoreProblem> {
        score_instrument(&instrument(kind, missing), items).remove("all").unwrap_or(Ok(f64::NAN))
    }

    #[test]
    fn reverse_keyed_items_turn_round() {
        // 7, 8-1, 7, 7: by hand.
        let items = [Some(7.0), Some(1.0), Some(7.0), Some(7.0)];
        assert_eq!(score(SubscaleKind::Mean, MissingRule::None, &items), Ok(7.0));
        assert_eq!(score(SubscaleKind::Sum, MissingRule::None, &items), Ok(28.0));
    }

    #[test]
    fn a_sum_is_prorated_when_the_rule_allows() {
        let items = [Some(2.0), None, Some(4.0), None];
        assert_eq!(score(SubscaleKind::Sum, MissingRule::Half, &items), Ok(12.0));
        let missing = ScoreProblem::TooFew { answered: 2, items: 4, needed: 3 };
        assert_eq!(score(SubscaleKind::Sum, MissingRule::Share(0.75), &items), Err(missing));
        assert!(score(SubscaleKind::Mean, MissingRule::None, &items).is_err());
    }

    #[test]
    fn an_eight_on_a_scale_of_seven_is_refused() {
        let items = [Some(8.0), Some(1.0), Some(1.0), Some(1.0)];
        let wanted = ScoreProblem::OutOfRange { item: 1, value: 8.0, min: 1.0, max: 7.0 };
        assert_eq!(score(SubscaleKind::Mean, MissingRule::None, &items), Err(wanted));
    }
}
