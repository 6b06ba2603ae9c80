//! Models that a plan declares: p of its terms, adjusted over all of them, and where a model departs from its plan.

use super::fit::{Coefficient, Model, ModelSpec};
use super::formula::Formula;
use crate::matrix::build::MatrixInputs;
use crate::matrix::declared;
use crate::matrix::spec::MatrixSpec;
use crate::matrix::test::TestResult;
use crate::model::{Plan, PlannedTable};

/// Writes the family of the plan that the model answers, and adjusted p, into it.
pub(super) fn declare(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    formula: &Formula,
    asked: ModelSpec,
    model: &mut Model,
) {
    let about = |plan: &Plan| plan.table == PlannedTable::Model && plan.look() == formula.response.text;
    let departs = |plan: &Plan| departures(plan, spec, formula, asked);
    let met = declared::plan_of(inputs.study, inputs.late_plans, about, departs);
    model.deviations = declared::deviations(inputs.study, spec, about, departs, met);
    let Some(met) = met else { return };
    let terms = &met.plan.codes;
    let own = |one: &&Coefficient| {
        let term = |term: &String| one.name == *term || one.name.starts_with(&format!("{term}="));
        one.name != "(intercept)" && (terms.is_empty() || terms.iter().any(term))
    };
    let result = |one: &Coefficient| (one.name.clone(), TestResult { p: one.p, ..TestResult::named("") });
    let results = model.coefficients.iter().filter(own).map(result).collect();
    let (family, results) = declared::family(met, model.kind.title(), results);
    for (name, result) in results {
        let mut of_name = model.coefficients.iter_mut().filter(|one| one.name == name);
        of_name.by_ref().for_each(|one| one.adjusted = result.adjusted);
    }
    model.family = Some(family);
}

fn departures(plan: &Plan, spec: &MatrixSpec, formula: &Formula, asked: ModelSpec) -> Vec<String> {
    let mut found = declared::departures(plan, spec);
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    if squeezed(&plan.outcome) != squeezed(&formula.text) {
        found.push(format!("the formula declared is {}", plan.outcome));
    }
    let fitted = if asked.firth {
        "firth"
    } else if asked.ml {
        "ml"
    } else {
        "model"
    };
    if plan.test != fitted {
        found.push(format!("fitted as `{fitted}`, declared as `{}`", plan.test));
    }
    found
}
