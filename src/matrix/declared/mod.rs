//! Plans: which one a table or model answers, p over the whole declared family, and where it departs from what was
//! declared.

mod check;

pub use check::{PlanError, check_plan, usual_test};

use super::build::MatrixRow;
use super::effect::two_by_two;
use super::model::ModelSpec;
use super::spec::{Denominator, MatrixSpec, Measure, Rows, Test, value_name};
use super::test::{TestResult, title};
use crate::join::{Outcome, Unit};
use crate::model::{Adjustment, Plan, PlannedTable};
use crate::stats;
use crate::store::Study;
use clap::ValueEnum;
use std::collections::BTreeSet;

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

impl Family {
    /// What stands in the title of the table.
    pub fn in_title(&self) -> String {
        in_title(&self.plan, self.beforehand)
    }

    /// How many tests, which, how adjusted, which could not be made.
    pub fn in_words(&self) -> String {
        let tested = match self.tested.as_slice() {
            [] => "none tested".to_owned(),
            tested => format!("{} tested ({})", tested.len(), tested.join(", ")),
        };
        let without = match self.untested.as_slice() {
            [] => String::new(),
            untested => format!("; declared and without a p: {}", untested.join(", ")),
        };
        format!(
            "Family of plan {}: {tested}, {}, {}, level {}{without}.",
            self.plan, self.test, self.adjustment, self.alpha
        )
    }
}

/// An adjustment as people know it.
pub fn adjustment_name(adjustment: Adjustment) -> &'static str {
    match adjustment {
        Adjustment::Holm => "Holm",
        Adjustment::Bh => "Benjamini-Hochberg",
        Adjustment::None => "unadjusted",
    }
}

/// A plan that is met.
#[derive(Clone, Copy)]
pub(super) struct Met<'a> {
    pub id: &'a str,
    pub plan: &'a Plan,
    /// It was declared before anybody looked.
    pub beforehand: bool,
}

/// The plan about such a table from which nothing departs. One that was declared beforehand comes first.
pub(super) fn plan_of<'a>(
    study: &'a Study,
    late: &BTreeSet<String>,
    is_about: impl Fn(&Plan) -> bool,
    departures: impl Fn(&Plan) -> Vec<String>,
) -> Option<Met<'a>> {
    let matching = study.plans.iter().filter(|(_, plan)| is_about(plan) && departures(plan).is_empty());
    let (id, plan) = matching.min_by_key(|(id, _)| late.contains(*id))?;
    Some(Met { id, plan, beforehand: !late.contains(id) })
}

/// How a table stands to the plan that it answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// Id of the plan.
    pub plan: String,
    /// It was declared before anybody looked.
    pub beforehand: bool,
    /// The level declared.
    pub alpha: f64,
}

impl Declaration {
    /// What stands in the title of the table.
    pub fn in_words(&self) -> String {
        in_title(&self.plan, self.beforehand)
    }
}

fn in_title(plan: &str, beforehand: bool) -> String {
    if beforehand {
        format!("declared beforehand: plan {plan}")
    } else {
        format!("exploratory: plan {plan} was declared after the first look at this outcome")
    }
}

/// The plan for moves between these classes, from the first wave to the last.
pub fn planned_transitions(study: &Study, late: &BTreeSet<String>, outcome: &Outcome) -> Option<Declaration> {
    let is_about = |plan: &Plan| plan.table == PlannedTable::Transitions && plan.outcome == outcome.to_string();
    let met = plan_of(study, late, is_about, |_| Vec::new())?;
    Some(Declaration { plan: met.id.to_owned(), beforehand: met.beforehand, alpha: met.plan.alpha })
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
    let declared = Measure::from_str(&plan.measure, true).unwrap_or_default();
    differs(
        spec.measure != declared,
        format!("measured as {}, declared as {}", spec.measure.label(), declared.label()),
    );
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
    differs(spec.denominator != Denominator::Covered, "another denominator than covered".into());
    found
}

/// Plans about such a table and how it departs from each, in words; what else must be said where one is met.
pub(super) fn deviations(
    study: &Study,
    spec: &MatrixSpec,
    is_about: impl Fn(&Plan) -> bool,
    departures: impl Fn(&Plan) -> Vec<String>,
    met: Option<Met<'_>>,
) -> Vec<String> {
    let Some(met) = met else {
        let plans = study.plans.iter().filter(|(_, plan)| is_about(plan));
        return plans.map(|(id, plan)| format!("departs from plan {id}: {}", departures(plan).join("; "))).collect();
    };
    let Met { id, plan, beforehand } = met;
    let mut lines = Vec::new();
    if !beforehand {
        lines.push(format!("plan {id} was declared after the first look at this outcome"));
    }
    let declared = Test::named(&plan.test).map_or("", title);
    for test in spec.tests.iter().filter(|test| test.name() != plan.test) {
        lines.push(format!("{} was asked for; plan {id} declares {declared}", test.name()));
    }
    let shown = match &spec.rows {
        Rows::Codes(shown) | Rows::Themes(shown) => shown,
    };
    let declared = plan.rows();
    let beyond: Vec<&str> = shown.iter().filter(|row| !declared.contains(row)).map(String::as_str).collect();
    if !beyond.is_empty() {
        lines.push(format!("not in plan {id}, and so exploratory: {}", beyond.join(", ")));
    }
    let hidden: Vec<&str> = declared.iter().filter(|row| !shown.contains(row)).map(String::as_str).collect();
    if !shown.is_empty() && !hidden.is_empty() {
        lines.push(format!("in plan {id} and not shown here: {}", hidden.join(", ")));
    }
    lines
}

/// Writes into a question what a plan declares of it: who, what is compared, codes or themes.
pub fn ask_as_declared(spec: &mut MatrixSpec, plan: &Plan) {
    spec.unit = Unit::from_str(&plan.unit, true).unwrap_or_default();
    spec.measure = Measure::from_str(&plan.measure, true).unwrap_or_default();
    if let Some(at_risk) = &plan.at_risk {
        match Outcome::parse(at_risk) {
            Ok(group) if group.is_group() => spec.at_risk = Some(group),
            _ => spec.filter = Some(at_risk.clone()),
        }
    }
    if !plan.themes.is_empty() {
        spec.rows = Rows::Themes(plan.themes.clone());
    }
}

/// How a plan says that a model with this formula is fitted; as usual where none does.
pub fn fit_as_declared(study: &Study, formula: &str) -> ModelSpec {
    let mut plans = study.plans.values().filter(|plan| plan.table == PlannedTable::Model && plan.outcome == formula);
    let test = plans.next().map_or("model", |plan| plan.test.as_str());
    ModelSpec { firth: test == "firth", ml: test == "ml", force: false }
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

/// Names of rows with the result of each.
pub(super) type Results = Vec<(String, TestResult)>;

/// A declared family with p adjusted over all of its rows. A row without a p does not count into it.
pub(super) fn family(met: Met<'_>, test: &'static str, mut results: Results) -> (Family, Results) {
    let Met { id, plan, beforehand } = met;
    let method = match plan.adjustment {
        Adjustment::Holm => Some(stats::PAdjust::Holm),
        Adjustment::Bh => Some(stats::PAdjust::BenjaminiHochberg),
        Adjustment::None => None,
    };
    let p: Vec<Option<f64>> = results.iter().map(|(_, result)| result.p).collect();
    let adjusted = method.map(|method| stats::adjust_p(&p, method)).unwrap_or_default();
    let names = |wanted: bool| {
        let rows = results.iter().filter(|(_, result)| result.p.is_some() == wanted);
        rows.map(|(name, _)| name.clone()).collect::<Vec<String>>()
    };
    let (tested, untested) = (names(true), names(false));
    let by = adjustment_name(plan.adjustment);
    let when = if beforehand { "declared" } else { "declared after the first look" };
    for (k, (_, result)) in results.iter_mut().enumerate() {
        result.adjusted = adjusted.get(k).copied().flatten();
        if result.why_not.is_none() {
            result.name = format!("{} ({when}; family of {}, {by})", result.name, tested.len());
        }
    }
    let (plan, alpha) = (id.to_owned(), plan.alpha);
    (Family { plan, beforehand, test, adjustment: by, alpha, tested, untested }, results)
}

/// p of a family of codes or themes by an outcome, written into the rows that are shown.
///
/// A table whose margins cannot reach the declared level says so instead of p, and does not count into the family.
pub(super) fn test_family(met: Met<'_>, rows: &[MatrixRow], shown: &mut [MatrixRow]) -> Family {
    let test = Test::named(&met.plan.test).unwrap_or(Test::Fisher);
    let results = rows.iter().map(|row| (row.id.clone(), result(row, test, met.plan.alpha))).collect();
    let (family, results) = family(met, title(test), results);
    for (id, result) in results {
        if let Some(row) = shown.iter_mut().find(|row| row.id == id) {
            row.tests.insert(0, result);
        }
    }
    family
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
