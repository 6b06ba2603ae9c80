//! One row of a matrix: cells, effect, tests, from what its people tell and what their outcome is.

use super::adjusted::Grouping;
use super::build::{MatrixCell, MatrixInputs, MatrixRow};
use super::effect::{self, Effect};
use super::measure::measure;
use super::spec::{Denominator, MatrixSpec, Measure};
use super::standing::{Standing, Told};
use super::test;
use crate::join::Outcome;
use std::collections::{BTreeMap, BTreeSet};

/// The outcome of every unit that has one.
pub(super) enum Side<'a> {
    Binary { yes: &'a str, no: &'a str, values: &'a BTreeMap<String, bool> },
    Classes { classes: &'a [String], values: &'a BTreeMap<String, String> },
    Numeric { values: &'a BTreeMap<String, f64> },
}

impl Side<'_> {
    /// Units that have the outcome, sorted.
    pub fn units(&self) -> Vec<&str> {
        match self {
            Self::Binary { values, .. } => values.keys().map(String::as_str).collect(),
            Self::Classes { values, .. } => values.keys().map(String::as_str).collect(),
            Self::Numeric { values, .. } => values.keys().map(String::as_str).collect(),
        }
    }
}

/// Everything that is known of one row's units.
pub(super) struct RowPeople<'a> {
    pub told: BTreeMap<&'a str, Told<'a>>,
}

/// The outcome of those in the denominator, in the order of [`Facts::units`].
pub(super) enum Response {
    Binary(Vec<bool>),
    /// Index of the class, and how many classes there are.
    Classes(Vec<usize>, usize),
    Numeric(Vec<f64>),
}

/// A row as columns: the units of the denominator that have a measure, what they say, what their outcome is.
pub(super) struct Facts<'a> {
    pub units: Vec<&'a str>,
    /// The measure; 1 and 0 for presence.
    pub x: Vec<f64>,
    pub response: Response,
    /// The measure is presence.
    pub presence: bool,
}

impl<'a> Facts<'a> {
    fn new(inputs: &MatrixInputs<'_>, spec: &MatrixSpec, side: &Side<'_>, people: &RowPeople<'a>) -> Self {
        let inside = people.told.iter().filter(|(_, told)| in_denominator(spec, told.standing));
        let (units, x): (Vec<&'a str>, Vec<f64>) =
            inside.filter_map(|(id, told)| Some((*id, measure(inputs, spec, id, told)?))).unzip();
        let response = match side {
            Side::Binary { values, .. } => {
                Response::Binary(units.iter().map(|id| values.get(*id).copied().unwrap_or(false)).collect())
            }
            Side::Classes { classes, values } => {
                let class = |id: &&str| classes.iter().position(|class| values.get(*id) == Some(class));
                Response::Classes(units.iter().map(|id| class(id).unwrap_or(0)).collect(), classes.len())
            }
            Side::Numeric { values } => {
                Response::Numeric(units.iter().map(|id| values.get(*id).copied().unwrap_or(0.0)).collect())
            }
        };
        Self { units, x, response, presence: spec.measure == Measure::Presence }
    }

    /// Who says it, where the measure is presence.
    pub fn says(&self) -> Vec<bool> {
        self.x.iter().map(|x| *x > 0.0).collect()
    }

    /// The two samples that a row compares: a measure in two groups, or a score of those who say it and the others.
    pub fn samples(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        match &self.response {
            Response::Binary(yes) if !self.presence => Some(divide(&self.x, yes)),
            Response::Numeric(y) if self.presence => Some(divide(y, &self.says())),
            _ => None,
        }
    }
}

fn divide(values: &[f64], first: &[bool]) -> (Vec<f64>, Vec<f64>) {
    let of = |wanted: bool| values.iter().zip(first).filter(|(_, is)| **is == wanted).map(|(v, _)| *v).collect();
    (of(true), of(false))
}

/// A score by name, and its value by unit.
pub(super) type NamedScore = (String, BTreeMap<String, f64>);

/// What is the same for every row.
pub(super) struct Ground<'a> {
    pub inputs: &'a MatrixInputs<'a>,
    pub spec: &'a MatrixSpec,
    pub side: &'a Side<'a>,
    pub grouping: &'a Grouping,
    pub beside: &'a [NamedScore],
}

/// Builds a row with its cells, effect, tests and neighbouring scores.
pub(super) fn row(ground: &Ground<'_>, id: &str, label: &str, people: &RowPeople<'_>) -> MatrixRow {
    let facts = Facts::new(ground.inputs, ground.spec, ground.side, people);
    let cells = cells(ground, id, people, &facts);
    let effect = effect::of(&facts, &cells, ground.inputs.study.settings.seed);
    let tests = ground.spec.all_tests().into_iter().flat_map(|(wanted, p_shown)| {
        let mut results = test::run(wanted, ground, &facts);
        if !p_shown {
            results.iter_mut().for_each(|result| result.p = None);
        }
        results
    });
    let tests = tests.collect();
    let beside = ground.beside.iter().map(|(name, values)| (name.clone(), beside(values, ground.spec, people)));
    let beside = beside.collect();
    MatrixRow { id: id.to_owned(), label: label.to_owned(), cells, effect, tests, beside, circular: false }
}

/// A neighbouring score of those who say it and of the others.
fn beside(values: &BTreeMap<String, f64>, spec: &MatrixSpec, people: &RowPeople<'_>) -> Effect {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for (id, told) in people.told.iter().filter(|(_, told)| in_denominator(spec, told.standing)) {
        if let Some(value) = values.get(*id) {
            if told.counted { with.push(*value) } else { without.push(*value) }
        }
    }
    effect::cliffs_delta(&with, &without)
}

fn cells(ground: &Ground<'_>, row: &str, people: &RowPeople<'_>, facts: &Facts<'_>) -> Vec<MatrixCell> {
    let spec = ground.spec;
    let presence = facts.presence;
    let measured = |members: &[&str]| {
        let members: BTreeSet<&str> = members.iter().copied().collect();
        let of_members = facts.units.iter().zip(&facts.x).filter(|(id, _)| members.contains(*id));
        (!presence).then(|| of_members.map(|(_, x)| *x).collect::<Vec<f64>>())
    };
    let one = |outcome: &Outcome, end: &str, group: &str, members: Vec<&str>, values: Option<Vec<f64>>| {
        cell(spec, spec.cell_id_of(outcome, row, end), group, &members, people, values.as_deref())
    };
    let all: Vec<&str> = people.told.keys().copied().collect();
    match ground.side {
        Side::Binary { values, .. } => {
            let (yes, no): (Vec<&str>, Vec<&str>) =
                all.into_iter().partition(|id| values.get(*id).copied().unwrap_or(false));
            let (x, y) = (measured(&yes), measured(&no));
            vec![one(&spec.outcome, "yes", "yes", yes, x), one(&spec.outcome, "no", "no", no, y)]
        }
        Side::Classes { classes, values } => {
            let of = |class: &String| {
                let members: Vec<&str> = all.iter().copied().filter(|id| values.get(*id) == Some(class)).collect();
                let x = measured(&members);
                one(&spec.outcome.of_class(class), "yes", class, members, x)
            };
            classes.iter().map(of).collect()
        }
        Side::Numeric { .. } if presence => {
            let counts = |id: &&str| people.told.get(*id).is_some_and(|told| told.counted);
            let (with, without): (Vec<&str>, Vec<&str>) = all.into_iter().partition(counts);
            let (x, y) = facts.samples().unwrap_or_default();
            vec![
                one(&spec.outcome, "with", "with", with, Some(x)),
                one(&spec.outcome, "without", "without", without, Some(y)),
            ]
        }
        Side::Numeric { .. } => {
            let x = measured(&all);
            vec![one(&spec.outcome, "all", "all", all, x)]
        }
    }
}

/// Whether a unit is in the denominator.
pub(super) fn in_denominator(spec: &MatrixSpec, standing: Standing) -> bool {
    match standing {
        Standing::NotYetCoded | Standing::NoInterview => spec.denominator == Denominator::All,
        Standing::NotAsked => spec.denominator != Denominator::Asked,
        _ => true,
    }
}

fn cell(
    spec: &MatrixSpec,
    id: String,
    group: &str,
    members: &[&str],
    people: &RowPeople<'_>,
    values: Option<&[f64]>,
) -> MatrixCell {
    let told: Vec<(&str, &Told)> = members.iter().filter_map(|id| Some((*id, people.told.get(id)?))).collect();
    let mut standings: BTreeMap<Standing, usize> = BTreeMap::new();
    for (_, told) in &told {
        *standings.entry(told.standing).or_default() += 1;
    }
    let inside = |told: &Told| in_denominator(spec, told.standing);
    let units: Vec<String> =
        told.iter().filter(|(_, t)| t.counted && inside(t)).map(|(id, _)| (*id).to_owned()).collect();
    MatrixCell {
        id,
        group: group.to_owned(),
        n: Some(units.len()),
        of: told.iter().filter(|(_, t)| inside(t)).count(),
        mean: values.and_then(effect::mean_of),
        median: values.and_then(effect::median_of),
        set_aside: Some(told.iter().filter(|(_, t)| t.set_aside).count()),
        standings,
        units,
    }
}
