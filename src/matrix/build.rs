//! Builds a matrix: units into groups, statements into standings, standings into cells and effects.

use super::adjusted::{Grouping, numeric};
use super::declared::{self, Family};
use super::effect::{self, Effect};
use super::footer::{self, Footer};
use super::row::{Ground, NamedScore, RowPeople, Side, row};
use super::rows::{read_rows, rows_of};
use super::spec::{Denominator, MatrixSpec, Measure, Rows};
use super::standing::{Standing, sources_of, statements_of, told};
use super::test::TestResult;
use crate::join::{Outcome, OutcomeError, OutcomeValues, ScoreTable, SpeechTable, Statements, Unit, rules_in_words};
use crate::model::{Plan, PlannedTable};
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

/// Classes that a table has columns for.
const MOST_CLASSES: usize = 12;

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
    /// A table that nobody can read.
    #[error(
        "`{name}` has {count} classes, and a table shows at most {MOST_CLASSES}: name one of them (`{name}={first}`)"
    )]
    TooManyClasses {
        /// Name.
        name: String,
        /// How many.
        count: usize,
        /// One of them.
        first: String,
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
    /// `yes`, `no`; `with`, `without` for a numeric outcome; the class of several; `all` where there is one group only.
    pub key: String,
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
    pub group: String,
    /// Units that count; nothing where a small number is suppressed.
    pub n: Option<usize>,
    /// Denominator.
    #[serde(rename = "N")]
    pub of: usize,
    /// Mean of the measure (or of the outcome, in a presence matrix of a numeric outcome).
    pub mean: Option<f64>,
    /// Median of the same.
    pub median: Option<f64>,
    /// Units by standing, over all units of the group.
    pub standings: BTreeMap<Standing, usize>,
    /// Units that speak of the time set aside; nothing where the row is suppressed.
    pub set_aside: Option<usize>,
    /// Ids of the units in n, sorted.
    pub units: Vec<String>,
}

impl MatrixCell {
    /// Units that count, of a cell that is not suppressed.
    pub(super) fn counted(&self) -> usize {
        self.n.unwrap_or(0)
    }
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
    /// Tests, declared or asked for, and adjusted effects.
    pub tests: Vec<TestResult>,
    /// Neighbouring scores of those who say it against the others, by name.
    pub beside: Vec<(String, Effect)>,
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
    /// Whose share is shown.
    pub denominator: Denominator,
    /// The groups, or one.
    pub groups: Vec<Group>,
    /// Names of ordered classes, lowest first; empty for other outcomes.
    pub levels: Vec<String>,
    /// Rows in the order asked for, codebook order by default.
    pub rows: Vec<MatrixRow>,
    /// Denominators and provenance.
    pub footer: Footer,
    /// The declared family of tests that this table answers.
    pub family: Option<Family>,
    /// How the table departs from what was declared for its outcome.
    pub deviations: Vec<String>,
    /// Numbers of people below this are not shown.
    pub suppressed_below: Option<usize>,
}

impl Matrix {
    /// The plan that was declared before anybody looked, if there is one.
    pub fn declared_beforehand(&self) -> Option<&Family> {
        self.family.as_ref().filter(|family| family.beforehand)
    }
}

/// Builds the matrix that a specification asks for.
pub fn build(inputs: &MatrixInputs<'_>, spec: &MatrixSpec) -> Result<Matrix, MatrixError> {
    let study = inputs.study;
    let outcome = spec.outcome.values(study, inputs.scores, spec.unit)?;
    known_wave(study, spec)?;
    let (rows, unread) = read_rows(inputs, spec)?;
    let side = side(spec, &outcome)?;
    let at_risk = match &spec.at_risk {
        Some(at_risk) => Some(at_risk.group(study, inputs.scores, spec.unit)?),
        None => None,
    };
    let beside = beside(inputs, spec, &side)?;
    let grouping = Grouping::new(inputs, spec)?;
    let sources = sources_of(study, spec);
    let said = statements_of(study, spec, inputs.statements);
    let kept = |id: &str| {
        inputs.filter.is_none_or(|filter| filter.contains(id))
            && at_risk.as_ref().is_none_or(|at_risk| at_risk.get(id) == Some(&true))
            && sources.contains_key(id)
    };
    let with_outcome: Vec<&str> = side.units().into_iter().filter(|id| kept(id)).collect();
    if with_outcome.is_empty() {
        return Err(MatrixError::NoUnits(spec.unit.plural()));
    }
    let none = Vec::new();
    let people_of = |codes: &[String]| {
        let told = |id: &str| {
            let sources = sources.get(id).map_or(&[][..], Vec::as_slice);
            told(study, spec, inputs.statements, codes, id, sources, said.get(id).unwrap_or(&none))
        };
        RowPeople { told: with_outcome.iter().map(|&id| (id, told(id))).collect() }
    };
    let ground = Ground { inputs, spec, side: &side, grouping: &grouping, beside: &beside };
    let mut built = Vec::with_capacity(rows.len());
    let mut all_people = Vec::with_capacity(rows.len());
    for (id, label, codes) in &rows {
        let people = people_of(codes);
        let mut row = row(&ground, id, label, &people);
        row.circular = codes.iter().any(|code| overlaps(study, code, &spec.outcome.to_string()));
        built.push(row);
        all_people.push(people);
    }
    let mut family = None;
    let is_about = |plan: &Plan| plan.table == PlannedTable::Outcome && plan.outcome == spec.outcome.to_string();
    let departs = |plan: &Plan| declared::departures(plan, spec);
    let met = declared::plan_of(study, inputs.late_plans, is_about, departs);
    if let Some(met) = met {
        let plan = met.plan;
        // The family is what was declared, whichever rows are shown today.
        let spec = declared::family_spec(plan, spec);
        let grouping = Grouping::new(inputs, &spec)?;
        let ground = Ground { inputs, spec: &spec, side: &side, grouping: &grouping, beside: &[] };
        let rows =
            if plan.themes.is_empty() { Rows::Codes(plan.codes.clone()) } else { Rows::Themes(plan.themes.clone()) };
        let rows = rows_of(study, &rows)?;
        let rows: Vec<MatrixRow> =
            rows.iter().map(|(id, label, codes)| row(&ground, id, label, &people_of(codes))).collect();
        family = Some(declared::test_family(met, &rows, &mut built));
    }
    let deviations = declared::deviations(study, spec, is_about, departs, met);
    let groups = groups(inputs, spec, &side, &with_outcome, &sources);
    let mut footer = footer::footer(inputs, spec, &with_outcome, &sources, &all_people, &kept);
    footer.unread = unread;
    footer.rules = rules_in_words(study, inputs.scores, spec.outcomes());
    footer.at_risk = at_risk.map(|at_risk| footer::at_risk(&at_risk, sources.keys().copied()));
    Ok(Matrix {
        outcome: spec.outcome.to_string(),
        kind: if matches!(spec.rows, Rows::Codes(_)) { "codes" } else { "themes" },
        unit: spec.unit,
        measure: spec.measure,
        denominator: spec.denominator,
        groups,
        levels: match &outcome {
            OutcomeValues::Numeric { levels, .. } => levels.clone(),
            _ => Vec::new(),
        },
        rows: built,
        footer,
        family,
        deviations,
        suppressed_below: None,
    })
}

fn side<'a>(spec: &MatrixSpec, outcome: &'a OutcomeValues) -> Result<Side<'a>, MatrixError> {
    Ok(match outcome {
        OutcomeValues::Binary { yes, no, values } => Side::Binary { yes, no, values },
        OutcomeValues::Classes { classes, .. } if classes.len() > MOST_CLASSES => {
            return Err(MatrixError::TooManyClasses {
                name: spec.outcome.to_string(),
                count: classes.len(),
                first: classes.first().cloned().unwrap_or_default(),
            });
        }
        OutcomeValues::Classes { classes, values } => Side::Classes { classes, values },
        OutcomeValues::Numeric { values, .. } => Side::Numeric { values },
    })
}

/// The scores named to stand beside the outcome; for a class, where none are named, the scales of its instrument at the
/// same wave: a class hides how anxious or avoidant somebody is.
fn beside(inputs: &MatrixInputs<'_>, spec: &MatrixSpec, side: &Side<'_>) -> Result<Vec<NamedScore>, OutcomeError> {
    if !spec.beside.is_empty() {
        return spec.beside.iter().map(|score| Ok((score.to_string(), numeric(inputs, spec, score)?))).collect();
    }
    if matches!(side, Side::Numeric { .. }) || spec.unit != Unit::Participant {
        return Ok(Vec::new());
    }
    let Some((name, wave)) = spec.outcome.name().rsplit_once('.') else { return Ok(Vec::new()) };
    // `att.anxiety` belongs to `att.class`, and to an imported class `attachment`.
    let own = |scale: &str| {
        let instrument = scale.split_once('.').map(|(instrument, _)| instrument);
        instrument.is_some_and(|id| id.len() >= 3 && name.starts_with(id)) && scale != name
    };
    let scales = inputs
        .scores
        .names()
        .into_iter()
        .filter(|scale| own(scale) && inputs.scores.waves(scale).contains(&Some(wave)));
    let scores = scales.filter_map(|scale| Outcome::parse(&format!("{scale}.{wave}")).ok());
    Ok(scores.filter_map(|score| Some((score.to_string(), numeric(inputs, spec, &score).ok()?))).collect())
}

pub(super) fn known_wave(study: &Study, spec: &MatrixSpec) -> Result<(), MatrixError> {
    let Some(wave) = &spec.wave else { return Ok(()) };
    if study.waves.contains_key(wave) || study.sources.values().any(|source| source.wave.as_ref() == Some(wave)) {
        return Ok(());
    }
    let known: Vec<&str> = study.waves_in_order().into_iter().map(|(id, _)| id).collect();
    let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
    Err(MatrixError::UnknownWave { wave: wave.clone(), known })
}

fn overlaps(study: &Study, code: &str, outcome: &str) -> bool {
    let Some(code) = study.codebook.codebook.codes.get(code) else { return false };
    code.overlaps.iter().any(|name| {
        outcome == name || outcome.starts_with(&format!("{name}.")) || outcome.starts_with(&format!("{name}="))
    })
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
    let group = |key: &str, label: &str, members: Vec<&str>| Group {
        key: key.to_owned(),
        label: label.to_owned(),
        units: members.len(),
        median_words: effect::median_of(&members.iter().filter_map(words).collect::<Vec<_>>()),
    };
    match side {
        Side::Binary { yes, no, values } => {
            let (inside, outside) = units.iter().copied().partition(|id| values.get(*id).copied().unwrap_or(false));
            vec![group("yes", yes, inside), group("no", no, outside)]
        }
        Side::Classes { classes, values } => classes
            .iter()
            .map(|class| {
                let members = units.iter().copied().filter(|id| values.get(*id) == Some(class));
                group(class, class, members.collect())
            })
            .collect(),
        Side::Numeric { .. } => vec![group("all", "all", units.to_vec())],
    }
}
