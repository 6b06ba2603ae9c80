//! Who was lost between two waves: the flow of people, and those who stayed against those who left, at the first wave.

use super::{Figure, LEVEL, Share, WavesError, wave_pair};
use crate::join::outcome::{collect, in_order};
use crate::join::{Outcome, ScoreOrigin, ScorePart, ScoreTable, rules_in_words};
use crate::model::{AttributeValue, ScoreValue};
use crate::stats::{self, TwoByTwo};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// A class of more values than this is a name or a date, and no group to compare.
const MOST_CLASSES: usize = 10;

/// Those who stayed and those who left.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Attrition {
    /// The score whose waves are looked at.
    pub name: String,
    /// First wave.
    pub from: String,
    /// Second wave.
    pub to: String,
    /// Participants of the study.
    pub participants: usize,
    /// Waves in the order of time with the number of people who have the score there.
    pub flow: Vec<(String, usize)>,
    /// People measured at both waves.
    pub stayed: Vec<String>,
    /// People measured at the first wave only.
    pub left: Vec<String>,
    /// What both were like at the first wave.
    pub rows: Vec<Comparison>,
    /// Attributes that only one of both groups has, with how many have which value (a reason for leaving).
    pub one_sided: Vec<(String, Vec<(String, usize)>)>,
    /// What was not compared, and why.
    pub not_compared: Vec<String>,
    /// The rules that made the classes, and what is uncertain in the scores.
    pub rules: Vec<String>,
}

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Comparison {
    /// Score or attribute.
    pub variable: String,
    /// One of its classes; none for a number.
    pub class: Option<String>,
    /// Those who stayed: how many of how many, or how many have the number.
    pub stayed: Share,
    /// Those who left.
    pub left: Share,
    /// Mean and standard deviation of those who stayed, for a number.
    pub stayed_mean: (Option<f64>, Option<f64>),
    /// The same of those who left.
    pub left_mean: (Option<f64>, Option<f64>),
    /// Stayed against left: difference of the shares (Newcombe), or Cliff's delta.
    pub effect: Figure,
}

/// Compares those who were measured again with those who were not: every score of the first wave and every attribute.
///
/// # Errors
/// An unknown score, a wave at which nobody was measured.
pub fn attrition(
    study: &Study,
    scores: &ScoreTable,
    name: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Attrition, WavesError> {
    let (from, to) = wave_pair(study, scores, name, from, to)?;
    let at = |wave: &str| -> BTreeSet<String> { collect(scores, name, Some(wave)).into_keys().collect() };
    let (before, after) = (at(&from), at(&to));
    let (stayed, left): (Vec<String>, Vec<String>) = before.into_iter().partition(|person| after.contains(person));
    let waves = in_order(study, scores.waves(name).into_iter().flatten());
    let measured = scores.names().into_iter().filter(|score| scores.waves(score).contains(&Some(from.as_str())));
    let outcomes: Vec<Outcome> = measured.filter_map(|score| Outcome::parse(score).ok()).collect();
    let mut result = Attrition {
        name: name.to_owned(),
        participants: study.participants.len(),
        flow: waves.into_iter().map(|wave| (wave.to_owned(), at(wave).len())).collect(),
        rows: Vec::new(),
        one_sided: Vec::new(),
        not_compared: Vec::new(),
        rules: rules_in_words(study, scores, &outcomes),
        from,
        to,
        stayed,
        left,
    };
    for score in scores.names().into_iter().filter(|name| !is_alias(study, name)) {
        let values = collect(scores, score, Some(&result.from));
        let values = values.into_iter().map(|(person, value)| {
            let value = match value {
                ScoreValue::Number(x) => AttributeValue::Number(x),
                ScoreValue::Class(class) => AttributeValue::Text(class),
            };
            (person, value)
        });
        let title = format!("{score}.{}", result.from);
        result.compare(&title, &values.collect());
    }
    let attributes: BTreeSet<&String> = study.participants.values().flat_map(|p| p.attributes.keys()).collect();
    for attribute in attributes {
        let own = |(id, person): (&String, &crate::model::Participant)| {
            Some((id.clone(), person.attributes.get(attribute)?.clone()))
        };
        result.compare(attribute, &study.participants.iter().filter_map(own).collect());
    }
    Ok(result)
}

/// The short name of an instrument's only scale is another name for the same score.
fn is_alias(study: &Study, name: &str) -> bool {
    !name.contains('.')
        && ScoreOrigin::of(study, name).is_some_and(|origin| matches!(origin.part, ScorePart::Scale(..)))
}

impl Attrition {
    fn compare(&mut self, variable: &str, values: &BTreeMap<String, AttributeValue>) {
        let of = |group: &[String]| -> Vec<AttributeValue> {
            group.iter().filter_map(|person| values.get(person)).cloned().collect()
        };
        let (stayed, left) = (of(&self.stayed), of(&self.left));
        if stayed.is_empty() && left.is_empty() {
            return;
        }
        let classes: BTreeSet<String> = stayed.iter().chain(&left).flat_map(classes_of).collect();
        let number = |value: &AttributeValue| if let AttributeValue::Number(x) = value { Some(*x) } else { None };
        let numbers: Option<Vec<f64>> = stayed.iter().chain(&left).map(number).collect();
        if numbers.is_none() && classes.len() > MOST_CLASSES {
            self.not_compared.push(format!("{variable} ({} different values)", classes.len()));
        } else if (stayed.is_empty() || left.is_empty()) && !(self.stayed.is_empty() || self.left.is_empty()) {
            let count = |class: &String| stayed.iter().chain(&left).filter(|v| classes_of(v).contains(class)).count();
            match numbers {
                None => {
                    let counts = classes.iter().map(|class| (class.clone(), count(class))).collect();
                    self.one_sided.push((variable.to_owned(), counts));
                }
                Some(_) => {
                    let who = if stayed.is_empty() { "stayed" } else { "left" };
                    self.not_compared.push(format!("{variable} (nobody who {who} has it)"));
                }
            }
        } else if numbers.is_some() {
            self.rows.push(numeric(variable, &stayed, &left));
        } else {
            // Of two exclusive classes the second says nothing new.
            let exclusive = !stayed.iter().chain(&left).any(|value| matches!(value, AttributeValue::Many(_)));
            let enough = if exclusive && classes.len() == 2 { 1 } else { classes.len() };
            let shown = classes.iter().filter(|class| enough > 1 || !classes.contains("yes") || *class == "yes");
            self.rows.extend(shown.take(enough).map(|class| categorical(variable, class, &stayed, &left)));
        }
    }
}

fn classes_of(value: &AttributeValue) -> Vec<String> {
    if let AttributeValue::Many(values) = value { values.clone() } else { vec![value.label()] }
}

fn numeric(variable: &str, stayed: &[AttributeValue], left: &[AttributeValue]) -> Comparison {
    let numbers = |values: &[AttributeValue]| -> Vec<f64> {
        values.iter().filter_map(|value| if let AttributeValue::Number(x) = value { Some(*x) } else { None }).collect()
    };
    let (stayed, left) = (numbers(stayed), numbers(left));
    let mean = |values: &[f64]| {
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        let found = stats::describe(&values, LEVEL).ok();
        (found.map(|d| d.mean), found.and_then(|d| d.sd.ok()))
    };
    let effect = match stats::cliffs_delta(&stayed, &left, LEVEL) {
        Ok(found) => Figure::new(Ok(found.delta), found.interval),
        Err(why) => Figure { why_not: Some(super::reason(why)), ..Figure::default() },
    };
    Comparison {
        variable: variable.to_owned(),
        class: None,
        stayed: Share::new(stayed.len(), stayed.len()),
        left: Share::new(left.len(), left.len()),
        stayed_mean: mean(&stayed),
        left_mean: mean(&left),
        effect,
    }
}

fn categorical(variable: &str, class: &String, stayed: &[AttributeValue], left: &[AttributeValue]) -> Comparison {
    let share = |values: &[AttributeValue]| {
        Share::new(values.iter().filter(|value| classes_of(value).contains(class)).count(), values.len())
    };
    let (stayed, left) = (share(stayed), share(left));
    let table = TwoByTwo::new(stayed.n, stayed.of - stayed.n, left.n, left.of - left.n);
    Comparison {
        variable: variable.to_owned(),
        class: Some(class.clone()),
        stayed,
        left,
        stayed_mean: (None, None),
        left_mean: (None, None),
        effect: Figure::new(stats::risk_difference(&table), stats::newcombe_interval(&table, LEVEL)),
    }
}
