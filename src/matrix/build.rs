//! Builds a matrix: units into groups, statements into standings, standings into cells and effects.

use super::effect::{self, Effect, TestResult};
use super::footer::{self, Footer};
use super::spec::{Denominator, MatrixSpec, Measure, Rows};
use super::standing::{Standing, Told, sources_of, statements_of, told};
use crate::join::{OutcomeError, OutcomeValues, ScoreTable, SpeechTable, Statement, Statements, Unit};
use crate::model::{Plan, Span};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// What a matrix is built from.
pub struct MatrixInputs<'a> {
    /// The study.
    pub study: &'a Study,
    /// Its scores.
    pub scores: &'a ScoreTable,
    /// The statements of the layer, suggestions included where asked for.
    pub statements: &'a Statements,
    /// Words and turns.
    pub speech: &'a SpeechTable,
    /// Units for which the filter holds; `None` without a filter.
    pub filter: Option<&'a BTreeSet<String>>,
    /// Plans declared after somebody had looked at their outcome: their p is shown and not called headline.
    pub late_plans: &'a BTreeSet<String>,
}

/// Why there is no matrix.
#[derive(Debug, thiserror::Error)]
pub enum MatrixError {
    /// The outcome cannot be used.
    #[error(transparent)]
    Outcome(#[from] OutcomeError),
    /// A row that does not exist.
    #[error("there is no {kind} `{name}`{suggestion}")]
    UnknownRow {
        /// Code or theme.
        kind: &'static str,
        /// As typed.
        name: String,
        /// A near name.
        suggestion: String,
    },
    /// A wave that neither a source nor the settings name.
    #[error("no source was recorded at wave `{wave}`; the waves are: {known}")]
    UnknownWave {
        /// As typed.
        wave: String,
        /// Waves that exist.
        known: String,
    },
    /// No unit has the outcome.
    #[error("none of the {0} has both this outcome and a place in the study, so there is nothing to compare")]
    NoUnits(&'static str),
    /// Nothing to show.
    #[error("the study has no {0} yet")]
    NoRows(&'static str),
}

/// One side of the comparison.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Group {
    /// `yes`, `no`; `with`, `without` for a numeric outcome; `all` where there is one group only.
    pub key: &'static str,
    /// Name for people.
    pub label: String,
    /// Units in it, whatever is known of their speech.
    pub units: usize,
    /// Median words per unit with speech; nothing where nobody spoke.
    pub median_words: Option<f64>,
}

/// One cell: a row in a group.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct MatrixCell {
    /// Stable id; `quotes --cell ID` prints what lies behind it.
    pub id: String,
    /// Group key.
    pub group: &'static str,
    /// Units that count.
    pub n: usize,
    /// Denominator.
    #[serde(rename = "N")]
    pub of: usize,
    /// Mean of the measure (or of the outcome, in a presence matrix of a numeric outcome).
    pub mean: Option<f64>,
    /// Median of the same.
    pub median: Option<f64>,
    /// Units by standing, over all units of the group.
    pub standings: BTreeMap<Standing, usize>,
    /// Units that speak of the time set aside.
    pub set_aside: usize,
    /// Ids of the units in n, sorted.
    pub units: Vec<String>,
}

/// One row: a code or theme.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct MatrixRow {
    /// Code or theme id.
    pub id: String,
    /// Label.
    pub label: String,
    /// Cells, in the order of the groups.
    pub cells: Vec<MatrixCell>,
    /// Effect with interval.
    pub effect: Effect,
    /// Tests, declared or asked for.
    pub tests: Vec<TestResult>,
    /// The code shares content with the outcome's instrument: an association is partly built in.
    pub circular: bool,
}

/// A matrix with everything that must be said about it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Matrix {
    /// The outcome as written.
    pub outcome: String,
    /// Codes or themes.
    pub kind: &'static str,
    /// What is counted.
    pub unit: Unit,
    /// What is compared.
    pub measure: Measure,
    /// The two groups, or one.
    pub groups: Vec<Group>,
    /// Rows in the order asked for, codebook order by default.
    pub rows: Vec<MatrixRow>,
    /// Denominators and provenance.
    pub footer: Footer,
    /// Id of the plan that declared this family of tests.
    pub plan: Option<String>,
    /// The plan came before the first look at the outcome: its p is headline.
    pub beforehand: bool,
}

/// A unit with its outcome.
pub(super) enum Side<'a> {
    Binary { yes: &'a str, no: &'a str, values: &'a BTreeMap<String, bool> },
    Numeric(&'a BTreeMap<String, f64>),
}

/// Everything that is known of one row's units.
pub(super) struct RowPeople<'a> {
    pub told: BTreeMap<&'a str, Told<'a>>,
}

/// Builds the matrix that a specification asks for.
pub fn build(inputs: &MatrixInputs<'_>, spec: &MatrixSpec) -> Result<Matrix, MatrixError> {
    let study = inputs.study;
    let outcome = spec.outcome.values(study, inputs.scores, spec.unit)?;
    let rows = rows_of(study, &spec.rows)?;
    known_wave(study, spec)?;
    let sources = sources_of(study, spec);
    let said = statements_of(study, spec, inputs.statements);
    let kept = |id: &str| inputs.filter.is_none_or(|filter| filter.contains(id)) && sources.contains_key(id);
    let side = match &outcome {
        OutcomeValues::Binary { yes, no, values } => Side::Binary { yes, no, values },
        OutcomeValues::Numeric { values } => Side::Numeric(values),
    };
    let with_outcome: Vec<&str> = match &side {
        Side::Binary { values, .. } => values.keys().map(String::as_str).filter(|id| kept(id)).collect(),
        Side::Numeric(values) => values.keys().map(String::as_str).filter(|id| kept(id)).collect(),
    };
    if with_outcome.is_empty() {
        return Err(MatrixError::NoUnits(spec.unit.plural()));
    }
    let none = Vec::new();
    let people_of = |codes: &[String]| RowPeople {
        told: with_outcome
            .iter()
            .map(|&id| {
                let sources = sources.get(id).map_or(&[][..], Vec::as_slice);
                (id, told(study, spec, inputs.statements, codes, sources, said.get(id).unwrap_or(&none)))
            })
            .collect(),
    };
    let plan = declared(inputs, spec);
    let beforehand = plan.is_some_and(|(id, _)| !inputs.late_plans.contains(id));
    let mut built = Vec::with_capacity(rows.len());
    let mut all_people = Vec::with_capacity(rows.len());
    for (id, label, codes) in &rows {
        let people = people_of(codes);
        let mut row = row(inputs, spec, id, label, &side, &people);
        row.circular = codes.iter().any(|code| overlaps(study, code, &spec.outcome.to_string()));
        built.push(row);
        all_people.push(people);
    }
    if let Some((_, plan)) = plan {
        // The family is what was declared, whichever rows are shown today.
        let family: Vec<(String, MatrixRow, Vec<f64>, Vec<f64>)> = plan
            .codes
            .iter()
            .map(|code| {
                let people = people_of(std::slice::from_ref(code));
                let (x, y) = match &side {
                    Side::Numeric(values) => with_and_without(spec, &people, values),
                    Side::Binary { .. } => (Vec::new(), Vec::new()),
                };
                (code.clone(), row(inputs, spec, code, code, &side, &people), x, y)
            })
            .collect();
        effect::declared_tests(plan, beforehand, &family, &mut built);
    }
    let groups = groups(inputs, spec, &side, &with_outcome, &sources);
    let footer = footer::footer(inputs, spec, &with_outcome, &sources, &all_people, plan.is_some());
    Ok(Matrix {
        outcome: spec.outcome.to_string(),
        kind: if matches!(spec.rows, Rows::Codes(_)) { "codes" } else { "themes" },
        unit: spec.unit,
        measure: spec.measure,
        groups,
        rows: built,
        footer,
        plan: plan.map(|(id, _)| id.to_owned()),
        beforehand,
    })
}

fn known_wave(study: &Study, spec: &MatrixSpec) -> Result<(), MatrixError> {
    let Some(wave) = &spec.wave else { return Ok(()) };
    if study.waves.contains_key(wave) || study.sources.values().any(|source| source.wave.as_ref() == Some(wave)) {
        return Ok(());
    }
    let known: Vec<&str> = study.waves_in_order().into_iter().map(|(id, _)| id).collect();
    let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
    Err(MatrixError::UnknownWave { wave: wave.clone(), known })
}

/// A plan for exactly this outcome and these people, counted in the plain way; one declared beforehand comes first.
fn declared<'a>(inputs: &MatrixInputs<'a>, spec: &MatrixSpec) -> Option<(&'a str, &'a Plan)> {
    let plain = spec.measure == Measure::Presence
        && spec.unit == Unit::Participant
        && spec.polarity.is_none()
        && spec.times.is_none()
        && !spec.with_suggestions
        && matches!(spec.rows, Rows::Codes(_));
    let matching = |plan: &Plan| plan.outcome == spec.outcome.to_string() && plan.at_risk == spec.filter;
    let plans = inputs.study.plans.iter().filter(|(_, plan)| plain && matching(plan));
    plans.min_by_key(|(id, _)| inputs.late_plans.contains(*id)).map(|(id, plan)| (id.as_str(), plan))
}

/// Row ids, labels and the codes each rests on.
pub(super) fn rows_of(study: &Study, rows: &Rows) -> Result<Vec<(String, String, Vec<String>)>, MatrixError> {
    let codes = &study.codebook.codebook.codes;
    let label = |id: &str, label: &str| if label.is_empty() { id.to_owned() } else { label.to_owned() };
    let found: Vec<_> = match rows {
        Rows::Codes(wanted) if wanted.is_empty() => {
            let used = |id: &String| study.codings.values().any(|coding| coding.code.as_ref() == Some(id));
            let shown = codes.iter().filter(|(id, code)| !code.rules.is_empty() || used(id));
            shown.map(|(id, code)| (id.clone(), label(id, &code.label), vec![id.clone()])).collect()
        }
        Rows::Codes(wanted) => {
            let mut found = Vec::new();
            for id in wanted {
                let code = codes.get(id).ok_or_else(|| unknown("code", id, codes.keys()))?;
                found.push((id.clone(), label(id, &code.label), vec![id.clone()]));
            }
            found
        }
        Rows::Themes(wanted) => {
            let all: Vec<String> =
                if wanted.is_empty() { study.themes.keys().cloned().collect() } else { wanted.clone() };
            let mut found = Vec::new();
            for id in &all {
                let theme = study.themes.get(id).ok_or_else(|| unknown("theme", id, study.themes.keys()))?;
                found.push((id.clone(), label(id, &theme.name), theme.codes.clone()));
            }
            found
        }
    };
    if found.is_empty() {
        return Err(MatrixError::NoRows(if matches!(rows, Rows::Codes(_)) { "codes" } else { "themes" }));
    }
    Ok(found)
}

fn unknown<'a>(kind: &'static str, name: &str, known: impl Iterator<Item = &'a String>) -> MatrixError {
    let near = crate::query::nearest(name, known.map(String::as_str));
    let suggestion = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    MatrixError::UnknownRow { kind, name: name.to_owned(), suggestion }
}

fn overlaps(study: &Study, code: &str, outcome: &str) -> bool {
    let Some(code) = study.codebook.codebook.codes.get(code) else { return false };
    code.overlaps.iter().any(|name| {
        outcome == name || outcome.starts_with(&format!("{name}.")) || outcome.starts_with(&format!("{name}="))
    })
}

/// Whether a unit is in the denominator.
pub(super) fn in_denominator(spec: &MatrixSpec, standing: Standing) -> bool {
    match standing {
        Standing::NotYetCoded | Standing::NoInterview => spec.denominator == Denominator::All,
        Standing::NotAsked => spec.denominator != Denominator::Asked,
        _ => true,
    }
}

fn row(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    id: &str,
    label: &str,
    side: &Side<'_>,
    people: &RowPeople<'_>,
) -> MatrixRow {
    let mut row = MatrixRow {
        id: id.to_owned(),
        label: label.to_owned(),
        cells: Vec::new(),
        effect: Effect::none(),
        tests: Vec::new(),
        circular: false,
    };
    let cell =
        |group: &'static str, members: &[&str], values: Option<&[f64]>| cell(spec, id, group, members, people, values);
    match (side, spec.measure) {
        (Side::Binary { values, .. }, Measure::Presence) => {
            let (yes, no) = split(people, |id| values.get(id).copied().unwrap_or(false));
            row.cells = vec![cell("yes", &yes, None), cell("no", &no, None)];
            effect::presence_by_group(&mut row, spec);
        }
        (Side::Binary { values, .. }, _) => {
            let (yes, no) = split(people, |id| values.get(id).copied().unwrap_or(false));
            let (x, y) = (measures(inputs, spec, people, &yes), measures(inputs, spec, people, &no));
            row.cells = vec![cell("yes", &yes, Some(&x)), cell("no", &no, Some(&y))];
            effect::measure_by_group(&mut row, spec, &x, &y);
        }
        (Side::Numeric(values), Measure::Presence) => {
            let counts = |id: &str| people.told.get(id).is_some_and(|told| told.counted);
            let (with, without) = split(people, counts);
            let (x, y) = with_and_without(spec, people, values);
            row.cells = vec![cell("with", &with, Some(&x)), cell("without", &without, Some(&y))];
            effect::measure_by_group(&mut row, spec, &x, &y);
        }
        (Side::Numeric(values), _) => {
            let all: Vec<&str> = people.told.keys().copied().collect();
            let x = measures(inputs, spec, people, &all);
            let inside = all.iter().filter(|id| people.told.get(*id).is_some_and(|t| in_denominator(spec, t.standing)));
            let y: Vec<f64> = inside.filter_map(|id| values.get(*id).copied()).collect();
            row.cells = vec![cell("all", &all, Some(&x))];
            effect::measure_by_score(&mut row, &x, &y);
        }
    }
    row
}

/// The outcome of those who say it, and of the others in the denominator.
fn with_and_without(spec: &MatrixSpec, people: &RowPeople<'_>, values: &BTreeMap<String, f64>) -> (Vec<f64>, Vec<f64>) {
    let inside = people.told.iter().filter(|(_, told)| in_denominator(spec, told.standing));
    let (with, without): (Vec<_>, Vec<_>) = inside.partition(|(_, told)| told.counted);
    let of = |people: Vec<(&&str, &Told<'_>)>| people.iter().filter_map(|(id, _)| values.get(**id).copied()).collect();
    (of(with), of(without))
}

fn split<'a>(people: &RowPeople<'a>, test: impl Fn(&str) -> bool) -> (Vec<&'a str>, Vec<&'a str>) {
    people.told.keys().copied().partition(|id| test(id))
}

fn cell(
    spec: &MatrixSpec,
    row: &str,
    group: &'static str,
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
        id: spec.cell_id(row, group),
        group,
        n: units.len(),
        of: told.iter().filter(|(_, t)| inside(t)).count(),
        mean: values.and_then(effect::mean_of),
        median: values.and_then(effect::median_of),
        set_aside: told.iter().filter(|(_, t)| t.set_aside).count(),
        standings,
        units,
    }
}

/// The measure of every member of the denominator, in id order.
fn measures(inputs: &MatrixInputs<'_>, spec: &MatrixSpec, people: &RowPeople<'_>, members: &[&str]) -> Vec<f64> {
    let told = members.iter().filter_map(|id| Some((*id, people.told.get(id)?)));
    told.filter(|(_, told)| in_denominator(spec, told.standing))
        .map(|(id, told)| measure(inputs, spec, id, told))
        .collect()
}

fn measure(inputs: &MatrixInputs<'_>, spec: &MatrixSpec, unit: &str, told: &Told<'_>) -> f64 {
    let wanted = |statement: &&&Statement| match spec.polarity {
        Some(polarity) => statement.polarity == polarity,
        None => matches!(statement.polarity, crate::model::Polarity::Present | crate::model::Polarity::Ambivalent),
    };
    let counted: Vec<&&Statement> = told.statements.iter().filter(wanted).collect();
    let who = (spec.unit == Unit::Participant).then_some(unit);
    let speech: Vec<(&str, Vec<&crate::join::Speech>)> =
        told.covered.iter().map(|source| (*source, inputs.speech.of(source, who))).collect();
    let words: u64 = speech.iter().flat_map(|(_, all)| all).map(|speech| speech.words).sum();
    let turns: u64 = speech.iter().flat_map(|(_, all)| all).map(|speech| speech.turns).sum();
    let share = |part: usize, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    match spec.measure {
        Measure::Presence => f64::from(u8::from(told.counted)),
        Measure::Count => counted.len() as f64,
        Measure::Rate => 1000.0 * share(counted.len(), words),
        Measure::TurnShare => {
            let places: BTreeSet<(&str, u32)> = counted.iter().map(|s| (s.source.as_str(), s.turn)).collect();
            share(places.len(), turns)
        }
        Measure::WordCoverage => {
            let mut inside = 0;
            for (source, all) in &speech {
                let spans: Vec<Span> = counted.iter().filter(|s| s.source == *source).map(|s| s.span).collect();
                let starts = all.iter().flat_map(|speech| &speech.word_starts);
                inside += starts.filter(|start| spans.iter().any(|s| (s.start..s.end).contains(*start))).count();
            }
            share(inside, words)
        }
    }
}

fn groups(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    side: &Side<'_>,
    units: &[&str],
    sources: &BTreeMap<&str, Vec<&str>>,
) -> Vec<Group> {
    let words = |id: &&str| -> Option<f64> {
        let who = (spec.unit == Unit::Participant).then_some(*id);
        let all = sources.get(*id)?.iter().flat_map(|source| inputs.speech.of(source, who));
        let words: u64 = all.map(|speech| speech.words).sum();
        (words > 0).then_some(words as f64)
    };
    let group = |key: &'static str, label: &str, members: Vec<&str>| Group {
        key,
        label: label.to_owned(),
        units: members.len(),
        median_words: effect::median_of(&members.iter().filter_map(words).collect::<Vec<_>>()),
    };
    match side {
        Side::Binary { yes, no, values } => {
            let (inside, outside) = units.iter().copied().partition(|id| values.get(*id).copied().unwrap_or(false));
            vec![group("yes", yes, inside), group("no", no, outside)]
        }
        Side::Numeric(_) => vec![group("all", "all", units.to_vec())],
    }
}
