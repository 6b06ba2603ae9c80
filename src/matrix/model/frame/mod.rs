//! From a formula to numbers: which observations there are, what each variable is worth in each, who is left out and why.

mod terms;

use super::formula::{Formula, FormulaError, Name, Part, Random};
use super::value::{Value, found_of, numbers};
use crate::join::{Conditions, Outcome, OutcomeError, OutcomeValues};
use crate::matrix::build::MatrixInputs;
use crate::matrix::measure::measure;
use crate::matrix::row::in_denominator;
use crate::matrix::spec::{MatrixSpec, Measure};
use crate::matrix::standing::{sources_of, statements_of, told};
use crate::query::nearest;
use crate::stats;
use std::collections::{BTreeMap, BTreeSet};

/// Why a model cannot be fitted.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The formula.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// Nobody has everything that the formula asks for.
    #[error("there is nothing to fit: {0}")]
    NoRows(String),
    /// A variable with one value only.
    #[error("`{0}` has the same value in {1}, so it explains nothing: leave it out")]
    Constant(String, String),
    /// An outcome with one value only.
    #[error("`{0}` has the same value in {1}, so there is nothing to explain")]
    ConstantOutcome(String, String),
    /// A sum of conditions that the data do not meet.
    #[error("{0}")]
    TooFew(String),
    /// The engine gives a reason.
    #[error("the model cannot be fitted: {0}")]
    Undefined(String),
    /// Columns that are sums of others.
    #[error("`{0}` says nothing that the terms before it do not say already: leave one of them out")]
    Dependent(String),
    /// What the engine does not do.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A comparison of models that are not nested.
    #[error("the smaller model has `{0}`, which the larger has not: only nested models are compared")]
    NotNested(String),
}

/// One unit at one time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Observation {
    pub unit: String,
    pub wave: Option<String>,
}

/// A variable over all observations; nothing where it is not known.
enum Column {
    Numeric(Vec<Option<f64>>),
    Classes(Vec<Option<String>>),
}

impl Column {
    fn known(&self, k: usize) -> bool {
        match self {
            Self::Numeric(values) => values[k].is_some(),
            Self::Classes(values) => values[k].is_some(),
        }
    }
}

/// A random term as columns.
#[derive(Clone)]
pub(super) struct RandomColumns {
    pub title: String,
    pub term: stats::RandomTerm,
    pub levels: usize,
    /// `intercept` and the names of the slopes.
    pub names: Vec<String>,
    /// Names of the groups, by number.
    pub groups: Vec<String>,
}

/// Everything that a model is fitted to.
pub(super) struct Frame {
    pub observations: Vec<Observation>,
    pub names: Vec<String>,
    pub predictors: Vec<Vec<f64>>,
    pub y: Vec<f64>,
    /// The outcome has two groups; the name of the one that is 1.
    pub yes: Option<String>,
    pub random: Vec<RandomColumns>,
    pub unit: &'static str,
    pub units: usize,
    /// Observations left out, by what they lack.
    pub missing: Vec<(String, usize)>,
    pub in_all: usize,
    /// Waves, where each is an observation of its own.
    pub waves: Vec<String>,
}

struct Builder<'a> {
    inputs: &'a MatrixInputs<'a>,
    spec: &'a MatrixSpec,
    formula: &'a Formula,
    observations: Vec<Observation>,
    waves: Vec<String>,
    columns: BTreeMap<String, Column>,
}

/// Resolves a formula over the units that the question keeps.
pub(super) fn frame(inputs: &MatrixInputs<'_>, spec: &MatrixSpec, formula: &Formula) -> Result<Frame, ModelError> {
    let mut builder =
        Builder { inputs, spec, formula, observations: Vec::new(), waves: Vec::new(), columns: BTreeMap::new() };
    let (response, yes) = builder.response()?;
    let parts: Vec<Part> = formula
        .terms
        .iter()
        .flat_map(|term| term.0.clone())
        .chain(formula.random.iter().flat_map(|random| random.slopes.clone()))
        .collect();
    for part in &parts {
        builder.load(part)?;
    }
    let groups: Vec<Vec<Option<String>>> =
        formula.random.iter().map(|r| builder.groups(r)).collect::<Result<_, _>>()?;
    let (kept, missing) = builder.complete(&response, &parts, &groups);
    if kept.is_empty() {
        let why: Vec<String> = missing.iter().map(|(what, count)| format!("{count} lack {what}")).collect();
        return Err(ModelError::NoRows(if why.is_empty() {
            "nobody of those asked about has the outcome".into()
        } else {
            format!("no observation has every variable of the formula: {}", why.join(", "))
        }));
    }
    let y: Vec<f64> = kept.iter().filter_map(|&k| response[k]).collect();
    if y.len() > 1 && y.iter().all(|value| *value == y[0]) {
        return Err(ModelError::ConstantOutcome(formula.response.text.clone(), all_of(kept.len())));
    }
    let (mut names, mut predictors) = (Vec::new(), Vec::new());
    for term in &formula.terms {
        for (name, column) in builder.term(term, &kept)? {
            if column.iter().all(|v| *v == column[0]) {
                return Err(ModelError::Constant(name, all_of(kept.len())));
            }
            names.push(name);
            predictors.push(column);
        }
    }
    let random: Vec<RandomColumns> = formula
        .random
        .iter()
        .zip(&groups)
        .map(|(random, groups)| builder.random(random, groups, &kept))
        .collect::<Result<_, _>>()?;
    let observations: Vec<Observation> = kept.iter().map(|&k| builder.observations[k].clone()).collect();
    let units = observations.iter().map(|one| &one.unit).collect::<BTreeSet<_>>().len();
    Ok(Frame {
        names,
        predictors,
        y,
        yes,
        random,
        unit: spec.unit.plural(),
        units,
        missing,
        in_all: builder.observations.len(),
        waves: builder.waves,
        observations,
    })
}

impl<'a> Builder<'a> {
    fn error(&self, name: &Name, message: impl Into<String>) -> ModelError {
        FormulaError::new(&self.formula.text, name.at.clone(), message).into()
    }

    fn kept(&self, unit: &str) -> bool {
        self.inputs.filter.is_none_or(|filter| filter.contains(unit))
    }

    /// The outcome of every observation: one a unit, or one a unit and wave where the score has several and none is named.
    fn response(&mut self) -> Result<(Vec<Option<f64>>, Option<String>), ModelError> {
        let name = self.formula.response.clone();
        let outcome = Outcome::parse(&name.text).map_err(|error| self.error(&name, error.to_string()))?;
        let values = |outcome: &Outcome| outcome.values(self.inputs.study, self.inputs.scores, self.spec.unit);
        let at_risk = match &self.spec.at_risk {
            Some(group) => Some(
                group
                    .group(self.inputs.study, self.inputs.scores, self.spec.unit)
                    .map_err(|error| self.error(&name, error.to_string()))?,
            ),
            None => None,
        };
        let inside = |unit: &str| self.kept(unit) && at_risk.as_ref().is_none_or(|risk| risk.get(unit) == Some(&true));
        match values(&outcome) {
            Ok(found) => {
                let (all, yes) = numbers(found).ok_or_else(|| {
                    self.error(&name, "this has several classes: name one (`=CLASS`) or their order (`=low<high`)")
                })?;
                let all: Vec<(String, f64)> = all.into_iter().filter(|(unit, _)| inside(unit)).collect();
                self.observations =
                    all.iter().map(|(unit, _)| Observation { unit: unit.clone(), wave: None }).collect();
                Ok((all.into_iter().map(|(_, value)| Some(value)).collect(), yes))
            }
            Err(OutcomeError::WhichWave { .. }) => {
                let waves = crate::join::waves_in_order(self.inputs.study, self.inputs.scores.waves(outcome.name()));
                let (mut rows, mut yes) = (Vec::new(), None);
                for wave in &waves {
                    let at = outcome.at_wave(wave);
                    let found = values(&at).map_err(|error| self.error(&name, error.to_string()))?;
                    let (all, group) = numbers(found)
                        .ok_or_else(|| self.error(&name, "this has several classes: name one (`=CLASS`)"))?;
                    yes = group.or(yes);
                    rows.extend(
                        all.into_iter()
                            .filter(|(unit, _)| inside(unit))
                            .map(|(unit, value)| (Observation { unit, wave: Some((*wave).to_owned()) }, value)),
                    );
                }
                self.waves = waves.into_iter().map(str::to_owned).collect();
                rows.sort_by(|a, b| a.0.cmp(&b.0));
                let (observations, values): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
                self.observations = observations;
                Ok((values.into_iter().map(Some).collect(), yes))
            }
            Err(error) => Err(self.error(&name, error.to_string())),
        }
    }

    /// Looks a variable up and keeps it.
    fn load(&mut self, part: &Part) -> Result<(), ModelError> {
        let (name, of) = (
            part.name().clone(),
            match part {
                Part::Count(_) => Measure::Count,
                Part::Rate(_) => Measure::Rate,
                _ => Measure::Presence,
            },
        );
        let key = key(part);
        if self.columns.contains_key(&key) {
            return Ok(());
        }
        let column = match self.codes(&name) {
            Some(codes) => Column::Numeric(self.code(&codes, of)),
            None if of != Measure::Presence => return Err(self.error(&name, "only codes and themes are counted")),
            None if name.text == "time" && !self.waves.is_empty() => {
                let time = |one: &Observation| self.waves.iter().position(|w| Some(w) == one.wave.as_ref());
                Column::Numeric(self.observations.iter().map(|one| time(one).map(|at| at as f64)).collect())
            }
            None if name.text == "wave" && !self.waves.is_empty() => {
                Column::Classes(self.observations.iter().map(|one| one.wave.clone()).collect())
            }
            None => self.variable(&name)?,
        };
        self.columns.insert(key, column);
        Ok(())
    }

    /// Codes that a name stands for: its own, or those of the theme.
    fn codes(&self, name: &Name) -> Option<Vec<String>> {
        if self.inputs.study.codebook.codebook.codes.contains_key(&name.text) {
            return Some(vec![name.text.clone()]);
        }
        self.inputs.study.themes.get(&name.text).map(|theme| theme.codes.clone())
    }

    /// What every unit says of some codes; nothing where nobody has read it for them.
    fn code(&self, codes: &[String], of: Measure) -> Vec<Option<f64>> {
        let spec = MatrixSpec { measure: of, ..self.spec.clone() };
        let (sources, said) =
            (sources_of(self.inputs.study, &spec), statements_of(self.inputs.study, &spec, self.inputs.statements));
        let none = Vec::new();
        let of_unit: BTreeMap<&str, Option<f64>> = sources
            .iter()
            .map(|(&unit, sources)| {
                let said = said.get(unit).unwrap_or(&none);
                let told = told(self.inputs.study, &spec, self.inputs.statements, codes, unit, sources, said);
                let value = in_denominator(&spec, told.standing).then(|| measure(self.inputs, &spec, unit, &told));
                (unit, value.flatten())
            })
            .collect();
        self.observations.iter().map(|one| of_unit.get(one.unit.as_str()).copied().flatten()).collect()
    }

    /// A score or attribute; a score with several waves and none named has, in a model of several waves, that of its row.
    fn variable(&self, name: &Name) -> Result<Column, ModelError> {
        let outcome = Outcome::parse(&name.text).map_err(|error| self.error(name, error.to_string()))?;
        let values = |outcome: &Outcome| outcome.values(self.inputs.study, self.inputs.scores, self.spec.unit);
        let cut = outcome.is_group();
        match values(&outcome) {
            Ok(found) => Ok(self.column(|one| found_of(&found, &one.unit, cut))),
            Err(OutcomeError::WhichWave { .. }) if !self.waves.is_empty() => {
                let by_wave: BTreeMap<&str, OutcomeValues> = self
                    .waves
                    .iter()
                    .filter_map(|wave| Some((wave.as_str(), values(&outcome.at_wave(wave)).ok()?)))
                    .collect();
                Ok(self.column(|one| found_of(by_wave.get(one.wave.as_deref()?)?, &one.unit, cut)))
            }
            Err(OutcomeError::Unknown { name: unknown, unit, known, .. }) => {
                let near = nearest(&unknown, self.names(&known).iter().map(String::as_str)).map(str::to_owned);
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let message = format!("no code, theme, score or attribute of {unit} is called `{unknown}`{near}");
                Err(self.error(name, message))
            }
            Err(error) => Err(self.error(name, error.to_string())),
        }
    }

    /// Every name that a variable can have: scores with and without their wave, attributes, codes, themes.
    fn names(&self, known: &str) -> Vec<String> {
        let scores = self.inputs.scores.names().into_iter().flat_map(|score| {
            let waves = self.inputs.scores.waves(score).into_iter().flatten();
            waves.map(move |wave| format!("{score}.{wave}"))
        });
        let study = self.inputs.study;
        let others = known.split(", ").map(str::to_owned);
        others
            .chain(scores)
            .chain(study.codebook.codebook.codes.keys().cloned())
            .chain(study.themes.keys().cloned())
            .collect()
    }

    fn column(&self, of: impl Fn(&Observation) -> Option<Value>) -> Column {
        let found: Vec<Option<Value>> = self.observations.iter().map(of).collect();
        if found.iter().flatten().any(|value| matches!(value, Value::Class(_))) {
            return Column::Classes(found.into_iter().map(|value| value.map(Value::label)).collect());
        }
        Column::Numeric(found.into_iter().map(|value| value.map(|value| value.number())).collect())
    }

    /// The group of every observation in a random term.
    fn groups(&self, random: &Random) -> Result<Vec<Option<String>>, ModelError> {
        let mut joined: Vec<Option<String>> = vec![Some(String::new()); self.observations.len()];
        for name in &random.groups {
            let own = self.group(name)?;
            for (all, own) in joined.iter_mut().zip(own) {
                *all =
                    all.take().zip(own).map(|(all, own)| if all.is_empty() { own } else { format!("{all} / {own}") });
            }
        }
        Ok(joined)
    }

    /// The values of a grouping attribute, `participant` (the unit itself) or `wave`.
    fn group(&self, name: &Name) -> Result<Vec<Option<String>>, ModelError> {
        let unit = self.spec.unit.plural().trim_end_matches('s');
        if name.text == unit {
            return Ok(self.observations.iter().map(|one| Some(one.unit.clone())).collect());
        }
        if name.text == "wave" && !self.waves.is_empty() {
            return Ok(self.observations.iter().map(|one| one.wave.clone()).collect());
        }
        let attribute = name.text.trim_start_matches("attr.");
        let all: BTreeMap<&str, _> = Conditions::attributes(self.inputs.study, self.spec.unit).into_iter().collect();
        let of = |one: &Observation| all.get(one.unit.as_str())?.get(attribute).map(|value| value.label());
        let found: Vec<Option<String>> = self.observations.iter().map(of).collect();
        if found.iter().all(Option::is_none) {
            let known: BTreeSet<&str> =
                all.values().flat_map(|attributes| attributes.keys().map(String::as_str)).chain([unit]).collect();
            let near = nearest(attribute, known.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(
                self.error(name, format!("no attribute of {} is called `{attribute}`{near}", self.spec.unit.plural()))
            );
        }
        Ok(found)
    }

    /// Observations that have everything, and how many lack what.
    fn complete(
        &self,
        response: &[Option<f64>],
        parts: &[Part],
        groups: &[Vec<Option<String>>],
    ) -> (Vec<usize>, Vec<(String, usize)>) {
        let mut missing: BTreeMap<String, usize> = BTreeMap::new();
        let kept = (0..self.observations.len()).filter(|&k| {
            let lacks_part = parts.iter().find(|part| self.columns.get(&key(part)).is_some_and(|c| !c.known(k)));
            let lacks_group = groups.iter().position(|group| group[k].is_none());
            let what = match (response[k], lacks_part, lacks_group) {
                (None, ..) => Some(self.formula.response.text.clone()),
                (_, Some(part), _) => Some(part.name().text.clone()),
                (_, _, Some(group)) => self.formula.random.get(group).map(Random::title),
                _ => None,
            };
            let complete = what.is_none();
            if let Some(what) = what {
                *missing.entry(what).or_default() += 1;
            }
            complete
        });
        (kept.collect(), missing.into_iter().collect())
    }
}

/// `all 24 observations that are left`.
fn all_of(count: usize) -> String {
    if count == 1 {
        "the only observation that is left".into()
    } else {
        format!("all {count} observations that are left")
    }
}

/// The column that a part is made from: centring needs no column of its own.
fn key(part: &Part) -> String {
    match part {
        Part::Count(_) | Part::Rate(_) => part.to_string(),
        _ => part.name().text.clone(),
    }
}
