//! Whether a plan can be declared: everything in it is known, and the test fits what it declares.

use super::super::MatrixError;
use super::super::model::{Formula, parse_formula};
use super::super::paired::Occasions;
use super::super::rows::rows_of;
use super::super::spec::{Measure, Rows, Test};
use crate::join::{Outcome, OutcomeError, ScoreTable, Unit, WavesError, transitions};
use crate::model::{Plan, PlannedTable};
use crate::query;
use crate::store::Study;
use clap::ValueEnum;

/// Why a plan cannot be declared.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Neither codes nor themes, or both.
    #[error("a plan needs the codes or the themes of its family: {0}")]
    Rows(&'static str),
    /// A row that does not exist.
    #[error(transparent)]
    UnknownRow(#[from] MatrixError),
    /// Outcome, baseline or at-risk group cannot be used.
    #[error(transparent)]
    Outcome(#[from] OutcomeError),
    /// Neither a group nor a query.
    #[error("--at-risk cannot be used: {0}")]
    AtRisk(String),
    /// Not two occasions.
    #[error("`{0}` is no table of the same people twice: write `time` or `wave:T0,T1`, with waves of the study")]
    Occasions(String),
    /// Classes that nobody has at two waves.
    #[error(transparent)]
    Transitions(#[from] WavesError),
    /// A formula that cannot be read.
    #[error(transparent)]
    Formula(#[from] super::super::model::FormulaError),
    /// A variable that the study does not have.
    #[error("no code, theme, score or attribute is called `{0}`")]
    Variable(String),
    /// A term that the formula does not have.
    #[error("`{term}` is no term of the formula: {known}")]
    Term {
        /// As typed.
        term: String,
        /// Terms.
        known: String,
    },
    /// A measure that the test cannot be made of.
    #[error("the test `{test}` does not go with the measure `{measure}`: {known}")]
    Measure {
        /// Test.
        test: String,
        /// Measure.
        measure: String,
        /// Tests that do.
        known: &'static str,
    },
    /// No such test.
    #[error("`{name}` is no test for a plan: {known}")]
    Test {
        /// As typed.
        name: String,
        /// Tests that there are.
        known: String,
    },
    /// A test that needs something that is not named.
    #[error("the test `{test}` needs {what}")]
    Needs {
        /// Test.
        test: String,
        /// Option.
        what: &'static str,
    },
    /// Not a level.
    #[error("alpha is {0}; a level lies between 0 and 1")]
    Alpha(f64),
}

/// Tests that give one p a row, and so can be declared.
const DECLARABLE: [Test; 9] = [
    Test::Fisher,
    Test::MannWhitney,
    Test::Welch,
    Test::ChiSquare,
    Test::KruskalWallis,
    Test::Permutation,
    Test::Ancova,
    Test::Cmh,
    Test::ClusterRobust,
];

/// How a model may be fitted: as the outcome asks for, with Firth's penalty, by maximum likelihood.
pub(in crate::matrix) const MODEL_TESTS: [&str; 3] = ["model", "firth", "ml"];

/// The test that fits, where none is named.
pub fn usual_test(table: PlannedTable, measure: Measure) -> String {
    match (table, measure) {
        (PlannedTable::Model, _) => "model".into(),
        (PlannedTable::Outcome, Measure::Presence) => Test::Fisher.name(),
        (PlannedTable::Outcome, _) => Test::MannWhitney.name(),
        (PlannedTable::By | PlannedTable::Transitions, Measure::Presence) => Test::McNemar.name(),
        (PlannedTable::By | PlannedTable::Transitions, _) => Test::Wilcoxon.name(),
    }
}

/// Checks a plan against the study, before it is declared for good.
pub fn check_plan(plan: &Plan, study: &Study, scores: &ScoreTable) -> Result<(), PlanError> {
    if plan.alpha <= 0.0 || plan.alpha >= 1.0 || plan.alpha.is_nan() {
        return Err(PlanError::Alpha(plan.alpha));
    }
    let unit = Unit::from_str(&plan.unit, true).unwrap_or_default();
    if let Some(at_risk) = &plan.at_risk {
        check_at_risk(at_risk, study, scores, unit)?;
    }
    match plan.table {
        PlannedTable::Outcome => {
            check_rows(plan, study)?;
            Outcome::parse(&plan.outcome)?.values(study, scores, unit)?;
            check_test(plan)?;
            if let Some(baseline) = &plan.baseline {
                Outcome::parse(baseline)?.values(study, scores, unit)?;
            }
        }
        PlannedTable::By => {
            check_rows(plan, study)?;
            let known = |wave: &String| study.waves.contains_key(wave);
            let is_known = match Occasions::parse(&plan.outcome) {
                Some(Occasions::Time) => true,
                Some(Occasions::Waves(first, then)) => known(&first) && known(&then),
                None => false,
            };
            if !is_known {
                return Err(PlanError::Occasions(plan.outcome.clone()));
            }
            among(plan, &[usual_test(plan.table, measure(plan))])?;
        }
        PlannedTable::Model => {
            check_formula(plan, &parse_formula(&plan.outcome)?, study, scores, unit)?;
            among(plan, &MODEL_TESTS.map(str::to_owned))?;
        }
        PlannedTable::Transitions => {
            if plan.at_risk.is_some() {
                return Err(PlanError::AtRisk("moves have everybody's first class in their rows: leave it out".into()));
            }
            transitions(study, scores, &Outcome::parse(&plan.outcome)?, None, None)?;
            among(plan, &[usual_test(plan.table, measure(plan))])?;
        }
    }
    Ok(())
}

fn measure(plan: &Plan) -> Measure {
    Measure::from_str(&plan.measure, true).unwrap_or_default()
}

fn among(plan: &Plan, known: &[String]) -> Result<(), PlanError> {
    if known.contains(&plan.test) {
        return Ok(());
    }
    Err(PlanError::Test { name: plan.test.clone(), known: known.join(", ") })
}

fn check_rows(plan: &Plan, study: &Study) -> Result<(), PlanError> {
    let rows = match (plan.codes.as_slice(), plan.themes.as_slice()) {
        ([], []) => return Err(PlanError::Rows("name them with --codes or --themes")),
        (codes, []) => Rows::Codes(codes.to_vec()),
        ([], themes) => Rows::Themes(themes.to_vec()),
        _ => return Err(PlanError::Rows("not both, because they would be adjusted for each other")),
    };
    rows_of(study, &rows)?;
    Ok(())
}

fn check_at_risk(at_risk: &str, study: &Study, scores: &ScoreTable, unit: Unit) -> Result<(), PlanError> {
    let neither = |why: String| {
        PlanError::AtRisk(format!("it is neither a group such as `attachment.T0=insecure` nor a query: {why}"))
    };
    // A query has a field where a group has `=` or a comparison.
    match Outcome::parse(at_risk).and_then(|group| group.group(study, scores, unit)) {
        Err(_) if at_risk.contains(':') => {
            query::parse(at_risk).map(|_| ()).map_err(|error| neither(error.to_string()))
        }
        Err(why) => Err(neither(why.to_string())),
        Ok(_) => Ok(()),
    }
}

/// A test of a table of an outcome: known, with what it needs, and of what is measured.
fn check_test(plan: &Plan) -> Result<(), PlanError> {
    let test = Test::named(&plan.test)
        .filter(|test| DECLARABLE.contains(test))
        .ok_or_else(|| PlanError::Test { name: plan.test.clone(), known: DECLARABLE.map(Test::name).join(", ") })?;
    let needs = |what| PlanError::Needs { test: plan.test.clone(), what };
    match test {
        Test::Ancova if plan.baseline.is_none() => Err(needs("the score people began with: --baseline wellbeing.T0")),
        Test::Cmh if plan.groups.is_none() => Err(needs("the attribute of its strata: --groups worker")),
        Test::ClusterRobust if plan.groups.is_none() => Err(needs("the attribute of its clusters: --groups worker")),
        Test::Fisher | Test::ChiSquare | Test::Cmh if measure(plan) != Measure::Presence => Err(PlanError::Measure {
            test: plan.test.clone(),
            measure: plan.measure.clone(),
            known: "mann-whitney, welch, kruskal-wallis, permutation, ancova or cluster-robust",
        }),
        Test::KruskalWallis if measure(plan) == Measure::Presence => {
            Err(PlanError::Measure { test: plan.test.clone(), measure: plan.measure.clone(), known: "chi-square" })
        }
        _ => Ok(()),
    }
}

/// Every variable is known, and the family is made of terms.
fn check_formula(
    plan: &Plan,
    formula: &Formula,
    study: &Study,
    scores: &ScoreTable,
    unit: Unit,
) -> Result<(), PlanError> {
    for name in formula.names() {
        let name = &name.text;
        let coded = study.codebook.codebook.codes.contains_key(name) || study.themes.contains_key(name);
        if coded || matches!(name.as_str(), "time" | "wave") {
            continue;
        }
        match Outcome::parse(name).and_then(|outcome| outcome.values(study, scores, unit)) {
            Ok(_) | Err(OutcomeError::WhichWave { .. }) => {}
            Err(OutcomeError::Unknown { name, .. }) => return Err(PlanError::Variable(name)),
            Err(error) => return Err(error.into()),
        }
    }
    let terms = formula.fixed();
    match plan.codes.iter().find(|term| !terms.contains(term)) {
        Some(term) => Err(PlanError::Term { term: term.clone(), known: terms.join(", ") }),
        None => Ok(()),
    }
}
