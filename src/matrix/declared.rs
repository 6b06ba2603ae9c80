//! Plans: which one a matrix answers, p over the whole declared family, and where the matrix departs from it.

use super::build::{MatrixInputs, MatrixRow};
use super::effect::two_by_two;
use super::spec::{MatrixSpec, Measure, Rows, Test, value_name};
use super::test::{TestResult, title};
use crate::join::{Outcome, OutcomeError, ScoreTable, Unit};
use crate::model::{Adjustment, Plan};
use crate::query;
use crate::stats;
use crate::store::Study;
use clap::ValueEnum;

/// The declared family of a matrix: which rows, and how p was adjusted over them.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Family {
    /// Id of the plan.
    pub plan: String,
    /// It was declared before anybody looked at the outcome: its p is headline.
    pub beforehand: bool,
    /// Test.
    pub test: &'static str,
    /// Adjustment.
    pub adjustment: &'static str,
    /// Level.
    pub alpha: f64,
    /// Codes or themes with a p, over which it was adjusted.
    pub tested: Vec<String>,
    /// Codes or themes of the family without a p.
    pub untested: Vec<String>,
}

/// Why a plan cannot be declared.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Neither codes nor themes, or both.
    #[error("a plan needs the codes or the themes of its family: {0}")]
    Rows(&'static str),
    /// A row that does not exist.
    #[error(transparent)]
    UnknownRow(#[from] super::MatrixError),
    /// Outcome, baseline or at-risk group cannot be used.
    #[error(transparent)]
    Outcome(#[from] OutcomeError),
    /// Neither a group nor a query.
    #[error("--at-risk is neither a group such as `attachment.T0=insecure` nor a query: {0}")]
    AtRisk(String),
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

/// Checks a plan against the study, before it is declared for good.
pub fn check_plan(plan: &Plan, study: &Study, scores: &ScoreTable) -> Result<(), PlanError> {
    let rows = match (plan.codes.as_slice(), plan.themes.as_slice()) {
        ([], []) => return Err(PlanError::Rows("name them with --codes or --themes")),
        (codes, []) => Rows::Codes(codes.to_vec()),
        ([], themes) => Rows::Themes(themes.to_vec()),
        _ => return Err(PlanError::Rows("not both, because they would be adjusted for each other")),
    };
    super::rows::rows_of(study, &rows)?;
    let unit = Unit::from_str(&plan.unit, true).unwrap_or_default();
    Outcome::parse(&plan.outcome)?.values(study, scores, unit)?;
    if let Some(at_risk) = &plan.at_risk {
        let group = Outcome::parse(at_risk).and_then(|group| group.group(study, scores, unit));
        // A query has a field where a group has `=` or a comparison.
        match group {
            Err(_) if at_risk.contains(':') => {
                query::parse(at_risk).map_err(|error| PlanError::AtRisk(error.to_string()))?;
            }
            Err(why) => return Err(PlanError::AtRisk(why.to_string())),
            Ok(_) => {}
        }
    }
    let test = Test::named(&plan.test)
        .filter(|test| DECLARABLE.contains(test))
        .ok_or_else(|| PlanError::Test { name: plan.test.clone(), known: DECLARABLE.map(Test::name).join(", ") })?;
    let needs = |what| PlanError::Needs { test: plan.test.clone(), what };
    match test {
        Test::Ancova if plan.baseline.is_none() => {
            return Err(needs("the score people began with: --baseline wellbeing.T0"));
        }
        Test::Cmh if plan.groups.is_none() => return Err(needs("the attribute of its strata: --groups worker")),
        Test::ClusterRobust if plan.groups.is_none() => {
            return Err(needs("the attribute of its clusters: --groups worker"));
        }
        _ => {}
    }
    if let Some(baseline) = &plan.baseline {
        Outcome::parse(baseline)?.values(study, scores, unit)?;
    }
    if plan.alpha <= 0.0 || plan.alpha >= 1.0 || plan.alpha.is_nan() {
        return Err(PlanError::Alpha(plan.alpha));
    }
    Ok(())
}

/// An adjustment as people know it.
pub fn adjustment_name(adjustment: Adjustment) -> &'static str {
    match adjustment {
        Adjustment::Holm => "Holm",
        Adjustment::Bh => "Benjamini-Hochberg",
        Adjustment::None => "unadjusted",
    }
}

/// The plan that this question answers: same outcome, unit, people and kind of rows, counted in the plain way. One that
/// was declared beforehand comes first.
pub(super) fn plan_of<'a>(inputs: &MatrixInputs<'a>, spec: &MatrixSpec) -> Option<(&'a str, &'a Plan)> {
    let matching = inputs
        .study
        .plans
        .iter()
        .filter(|(_, plan)| plan.outcome == spec.outcome.to_string() && departures(plan, spec).is_empty());
    matching.min_by_key(|(id, _)| inputs.late_plans.contains(*id)).map(|(id, plan)| (id.as_str(), plan))
}

/// In which ways a question about a plan's outcome is not the one declared; empty where it is.
pub fn departures(plan: &Plan, spec: &MatrixSpec) -> Vec<String> {
    let mut found = Vec::new();
    let mut differs = |is: bool, what: String| {
        if is {
            found.push(what);
        }
    };
    let kind = if plan.themes.is_empty() { "codes" } else { "themes" };
    differs(matches!(spec.rows, Rows::Codes(_)) != plan.themes.is_empty(), format!("the plan declares {kind}"));
    let unit = value_name(spec.unit);
    differs(unit != plan.unit, format!("counted by {unit}, declared by {}", plan.unit));
    let at_risk = spec.at_risk.as_ref().map(Outcome::to_string).or_else(|| spec.filter.clone());
    differs(
        at_risk != plan.at_risk || (spec.at_risk.is_some() && spec.filter.is_some()),
        format!(
            "people: {}; declared: {}",
            at_risk.as_deref().unwrap_or("everybody"),
            plan.at_risk.as_deref().unwrap_or("everybody")
        ),
    );
    differs(spec.measure != Measure::Presence, format!("measured as {}, declared as presence", spec.measure.label()));
    if let Some(polarity) = spec.polarity {
        differs(true, format!("only {} statements count", polarity.name()));
    }
    differs(spec.times.is_some(), "other times count than all but before".into());
    differs(spec.wave.is_some(), "sources of one wave only".into());
    differs(spec.target.is_some(), "statements with one target only".into());
    differs(spec.anyone, "statements about others count".into());
    differs(spec.spontaneous, "prompted statements are left out".into());
    differs(spec.focus_groups, "focus groups count".into());
    differs(spec.with_suggestions, "unreviewed suggestions count".into());
    differs(spec.denominator != super::Denominator::Covered, "another denominator than covered".into());
    found
}

/// Plans for this outcome and how the matrix departs from each, in words; nothing where one plan is met.
pub(super) fn deviations(inputs: &MatrixInputs<'_>, spec: &MatrixSpec, family: Option<&Family>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(family) = family {
        if !family.beforehand {
            lines.push(format!("plan {} was declared after the first look at this outcome", family.plan));
        }
        let declared = inputs.study.plans.get(&family.plan).map(|plan| plan.test.as_str());
        for test in spec.tests.iter().filter(|test| Some(test.name().as_str()) != declared) {
            lines.push(format!("{} was asked for; plan {} declares {}", test.name(), family.plan, family.test));
        }
        let shown = match &spec.rows {
            Rows::Codes(shown) | Rows::Themes(shown) => shown,
        };
        let declared = inputs.study.plans.get(&family.plan).map(Plan::rows).unwrap_or_default();
        let beyond: Vec<&str> = shown.iter().filter(|row| !declared.contains(row)).map(String::as_str).collect();
        if !beyond.is_empty() {
            lines.push(format!("not in plan {}, and so exploratory: {}", family.plan, beyond.join(", ")));
        }
        let hidden: Vec<&str> = declared.iter().filter(|row| !shown.contains(row)).map(String::as_str).collect();
        if !shown.is_empty() && !hidden.is_empty() {
            lines.push(format!("in plan {} and not shown here: {}", family.plan, hidden.join(", ")));
        }
        return lines;
    }
    let plans = inputs.study.plans.iter().filter(|(_, plan)| plan.outcome == spec.outcome.to_string());
    for (id, plan) in plans {
        lines.push(format!("departs from plan {id}: {}", departures(plan, spec).join("; ")));
    }
    lines
}

/// The specification under which a family is tested.
pub(super) fn family_spec(plan: &Plan, spec: &MatrixSpec) -> MatrixSpec {
    let test = Test::named(&plan.test).unwrap_or(Test::Fisher);
    let groups = |wanted: bool| plan.groups.clone().filter(|_| wanted);
    MatrixSpec {
        tests: vec![test],
        baseline: plan.baseline.as_deref().and_then(|baseline| Outcome::parse(baseline).ok()),
        strata: groups(matches!(test, Test::Cmh | Test::Permutation)),
        clusters: groups(test == Test::ClusterRobust),
        beside: Vec::new(),
        ..spec.clone()
    }
}

/// p of a declared family: adjusted over all of its rows, written into those shown.
///
/// A table whose margins cannot reach the declared level says so instead of p, and does not count into the family.
pub(super) fn test_family(
    id: &str,
    plan: &Plan,
    beforehand: bool,
    family: &[MatrixRow],
    rows: &mut [MatrixRow],
) -> Family {
    let test = Test::named(&plan.test).unwrap_or(Test::Fisher);
    let results: Vec<TestResult> = family.iter().map(|row| result(row, test, plan.alpha)).collect();
    let method = match plan.adjustment {
        Adjustment::Holm => Some(stats::PAdjust::Holm),
        Adjustment::Bh => Some(stats::PAdjust::BenjaminiHochberg),
        Adjustment::None => None,
    };
    let p: Vec<Option<f64>> = results.iter().map(|result| result.p).collect();
    let adjusted = method.map(|method| stats::adjust_p(&p, method));
    let names = |wanted: bool| {
        let rows = family.iter().zip(&p).filter(|(_, p)| p.is_some() == wanted);
        rows.map(|(row, _)| row.id.clone()).collect::<Vec<String>>()
    };
    let (tested, untested) = (names(true), names(false));
    let by = adjustment_name(plan.adjustment);
    let when = if beforehand { "declared" } else { "declared after the first look" };
    for (k, (row, mut result)) in family.iter().zip(results).enumerate() {
        result.adjusted = adjusted.as_ref().and_then(|adjusted| adjusted.get(k).copied().flatten());
        if result.why_not.is_none() {
            result.name = format!("{} ({when}; family of {}, {by})", result.name, tested.len());
        }
        if let Some(shown) = rows.iter_mut().find(|shown| shown.id == row.id) {
            shown.tests.insert(0, result);
        }
    }
    Family { plan: id.to_owned(), beforehand, test: title(test), adjustment: by, alpha: plan.alpha, tested, untested }
}

fn result(row: &MatrixRow, test: Test, alpha: f64) -> TestResult {
    if let (Test::Fisher, [yes, no]) = (test, row.cells.as_slice()) {
        let smallest = stats::smallest_possible_p(&two_by_two(yes, no));
        if smallest > alpha {
            let why = format!("these margins cannot give a p below {smallest:.3}, and the declared level is {alpha}");
            return TestResult::undefined(title(test), why);
        }
    }
    let missing = || TestResult::undefined(title(test), "the row has no such test");
    row.tests.first().cloned().unwrap_or_else(missing)
}
