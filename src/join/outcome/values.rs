//! From an outcome as written to the value of every unit.

use super::{
    Cut, EVERYBODY, Outcome, OutcomeError, OutcomeValues, Unit, collect, compares, in_order, label, list, numbers,
};
use crate::join::{Conditions, ScoreTable};
use crate::model::{AttributeValue, ScoreValue};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

impl Outcome {
    /// The outcome of every unit that has one; withdrawn participants have none.
    pub fn values(&self, study: &Study, scores: &ScoreTable, unit: Unit) -> Result<OutcomeValues, OutcomeError> {
        if self.name == EVERYBODY && self.cut == Cut::None {
            let all = Conditions::attributes(study, unit);
            let values = all.into_iter().map(|(id, _)| (id.to_owned(), true)).collect();
            return Ok(OutcomeValues::Binary { yes: EVERYBODY.into(), no: "nobody".into(), values });
        }
        let raw = self.raw(study, scores, unit)?;
        match &self.cut {
            Cut::Class(class) => self.classes(&raw, class),
            Cut::Compare(sign, limit) => {
                let numbers = numbers(&raw).ok_or_else(|| OutcomeError::NotNumeric { name: self.name.clone() })?;
                let values = numbers.into_iter().map(|(unit, x)| (unit, compares(x, sign, *limit))).collect();
                Ok(OutcomeValues::Binary { yes: self.text.clone(), no: format!("not {}", self.text), values })
            }
            Cut::Ordered(levels) => self.ordered(&raw, levels),
            Cut::None => {
                if let Some(values) = numbers(&raw) {
                    return Ok(OutcomeValues::Numeric { values, levels: Vec::new() });
                }
                let classes: BTreeSet<String> = raw.values().map(label).collect();
                match (classes.len(), classes.first()) {
                    (1 | 2, Some(first)) => self.classes(&raw, &first.clone()),
                    _ => Ok(OutcomeValues::Classes {
                        classes: classes.into_iter().collect(),
                        values: raw.iter().map(|(unit, value)| (unit.clone(), label(value))).collect(),
                    }),
                }
            }
        }
    }

    fn classes(&self, raw: &BTreeMap<String, ScoreValue>, class: &str) -> Result<OutcomeValues, OutcomeError> {
        let classes: BTreeSet<String> = raw.values().map(label).collect();
        if !classes.contains(class) {
            return Err(OutcomeError::NoClass {
                name: self.name.clone(),
                class: class.to_owned(),
                known: list(&classes),
            });
        }
        let others: Vec<&String> = classes.iter().filter(|other| *other != class).collect();
        let no = match others.as_slice() {
            [only] => (*only).clone(),
            _ => format!("not {class}"),
        };
        let values = raw.iter().map(|(unit, value)| (unit.clone(), label(value) == class)).collect();
        Ok(OutcomeValues::Binary { yes: class.to_owned(), no, values })
    }

    fn ordered(&self, raw: &BTreeMap<String, ScoreValue>, levels: &[String]) -> Result<OutcomeValues, OutcomeError> {
        let classes: BTreeSet<String> = raw.values().map(label).collect();
        let name = || self.name.clone();
        if let Some(class) = levels.iter().find(|level| !classes.contains(*level)) {
            return Err(OutcomeError::NoClass { name: name(), class: class.clone(), known: list(&classes) });
        }
        let mut values = BTreeMap::new();
        for (unit, value) in raw {
            let class = label(value);
            let Some(rank) = levels.iter().position(|level| *level == class) else {
                return Err(OutcomeError::OrderIncomplete { name: name(), class, known: list(&classes) });
            };
            values.insert(unit.clone(), rank as f64 + 1.0);
        }
        Ok(OutcomeValues::Numeric { values, levels: levels.to_vec() })
    }

    /// Values before any cut.
    fn raw(
        &self,
        study: &Study,
        scores: &ScoreTable,
        unit: Unit,
    ) -> Result<BTreeMap<String, ScoreValue>, OutcomeError> {
        let scored = if unit == Unit::Participant { self.of_scores(study, scores)? } else { None };
        if let Some(values) = scored {
            return Ok(values);
        }
        let attributes = Conditions::attributes(study, unit);
        let values: BTreeMap<String, ScoreValue> = attributes
            .iter()
            .filter_map(|(id, attributes)| Some(((*id).to_owned(), as_score(attributes.get(&self.name)?))))
            .collect();
        if values.is_empty() {
            let mut known: BTreeSet<String> =
                attributes.iter().flat_map(|(_, attributes)| attributes.keys().cloned()).collect();
            if unit == Unit::Participant {
                known.extend(scores.names().into_iter().map(str::to_owned));
            }
            if let Some((score, wave)) = self.name.rsplit_once('.').filter(|_| unit == Unit::Participant) {
                let waves = in_order(study, scores.waves(score).into_iter().flatten());
                if !waves.is_empty() {
                    let (name, wave) = (score.to_owned(), wave.to_owned());
                    return Err(OutcomeError::NoWave { name, wave, waves: waves.join(", ") });
                }
            }
            return Err(OutcomeError::unknown(&self.name, unit.plural(), &known));
        }
        Ok(values)
    }

    pub(super) fn of_scores(
        &self,
        study: &Study,
        scores: &ScoreTable,
    ) -> Result<Option<BTreeMap<String, ScoreValue>>, OutcomeError> {
        let waves = scores.waves(&self.name);
        if !waves.is_empty() {
            if waves.len() > 1 {
                let names: Vec<&str> = in_order(study, waves.into_iter().flatten());
                let first = names.last().copied().unwrap_or_default().to_owned();
                return Err(OutcomeError::WhichWave { name: self.name.clone(), waves: names.join(", "), first });
            }
            return Ok(Some(collect(scores, &self.name, waves.into_iter().next().flatten())));
        }
        let Some((name, wave)) = self.name.rsplit_once('.') else { return Ok(None) };
        let waves = scores.waves(name);
        if wave == "change" && !waves.is_empty() {
            return self.change(study, scores, name).map(Some);
        }
        if waves.contains(&Some(wave)) { Ok(Some(collect(scores, name, Some(wave)))) } else { Ok(None) }
    }

    /// Last wave minus first, for those who have both.
    fn change(
        &self,
        study: &Study,
        scores: &ScoreTable,
        name: &str,
    ) -> Result<BTreeMap<String, ScoreValue>, OutcomeError> {
        let no = |why: &str| OutcomeError::NoChange { name: name.to_owned(), why: why.to_owned() };
        let waves = in_order(study, scores.waves(name).into_iter().flatten());
        let (Some(&first), Some(&last)) = (waves.first(), waves.last()) else { return Err(no("it has no wave")) };
        if first == last {
            return Err(no(&format!("it was measured at {first} only")));
        }
        let before = collect(scores, name, Some(first));
        let mut change = BTreeMap::new();
        for (unit, after) in collect(scores, name, Some(last)) {
            match (before.get(&unit), after) {
                (Some(ScoreValue::Number(x)), ScoreValue::Number(y)) => {
                    change.insert(unit, ScoreValue::Number(y - x));
                }
                (None, _) => {}
                _ => return Err(no("it holds classes: compare the classes of one wave")),
            }
        }
        Ok(change)
    }
}

fn as_score(value: &AttributeValue) -> ScoreValue {
    match value {
        AttributeValue::Number(x) => ScoreValue::Number(*x),
        other => ScoreValue::Class(other.label()),
    }
}
