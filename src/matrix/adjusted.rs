//! Effects that take something else into account: where people began, whose clients they are.

use super::build::MatrixInputs;
use super::effect::{LEVEL, reason};
use super::row::{Facts, Ground, Response};
use super::spec::{MatrixSpec, Test};
use super::test::{TestResult, title};
use crate::join::{Conditions, Outcome, OutcomeError, OutcomeValues};
use crate::stats;
use std::collections::{BTreeMap, BTreeSet};

/// Draws of a permutation test with too many arrangements to count.
const DRAWS: u32 = 9999;

/// Where each unit began and which groups it is in, as far as the question names them.
#[derive(Default)]
pub(super) struct Grouping {
    pub baseline: Option<BTreeMap<String, f64>>,
    pub strata: Option<BTreeMap<String, String>>,
    pub clusters: Option<BTreeMap<String, String>>,
}

impl Grouping {
    /// Reads what a question names.
    pub fn new(inputs: &MatrixInputs<'_>, spec: &MatrixSpec) -> Result<Self, OutcomeError> {
        let baseline = match &spec.baseline {
            Some(outcome) => Some(numeric(inputs, spec, outcome)?),
            None => None,
        };
        let attribute = |name: &Option<String>| match name {
            Some(name) => attribute(inputs, spec, name).map(Some),
            None => Ok(None),
        };
        Ok(Self { baseline, strata: attribute(&spec.strata)?, clusters: attribute(&spec.clusters)? })
    }
}

/// A score as numbers.
pub(super) fn numeric(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    outcome: &Outcome,
) -> Result<BTreeMap<String, f64>, OutcomeError> {
    match outcome.values(inputs.study, inputs.scores, spec.unit)? {
        OutcomeValues::Numeric { values, .. } => Ok(values),
        _ => Err(OutcomeError::NotNumeric { name: outcome.to_string() }),
    }
}

fn attribute(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    name: &str,
) -> Result<BTreeMap<String, String>, OutcomeError> {
    let name = name.trim_start_matches("attr.");
    let all = Conditions::attributes(inputs.study, spec.unit);
    let values: BTreeMap<String, String> =
        all.iter().filter_map(|(id, attributes)| Some(((*id).to_owned(), attributes.get(name)?.label()))).collect();
    if values.is_empty() {
        let known: BTreeSet<&str> =
            all.iter().flat_map(|(_, attributes)| attributes.keys().map(String::as_str)).collect();
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(OutcomeError::Unknown { name: name.to_owned(), unit: spec.unit.plural(), known });
    }
    Ok(values)
}

/// Numbers of the groups, in the order of their names.
fn numbered<'a>(groups: impl Iterator<Item = &'a String> + Clone) -> Vec<usize> {
    let names: BTreeSet<&String> = groups.clone().collect();
    let names: Vec<&String> = names.into_iter().collect();
    groups.map(|group| names.partition_point(|name| *name < group)).collect()
}

/// Rows of the facts for which `of` knows something, with what it knows.
fn known<'a, T>(facts: &Facts<'_>, of: &'a BTreeMap<String, T>) -> (Vec<usize>, Vec<&'a T>) {
    facts.units.iter().enumerate().filter_map(|(k, id)| Some((k, of.get(*id)?))).unzip()
}

fn picked<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&k| values[k]).collect()
}

/// How many were used, and how many were not because they lack what is needed.
fn used(rows: &[usize], facts: &Facts<'_>, what: &str) -> String {
    let without = facts.units.len() - rows.len();
    if without == 0 { format!("n = {}", rows.len()) } else { format!("n = {}, {without} without {what}", rows.len()) }
}

/// The outcome as numbers: a score, or 1 and 0 for two groups.
fn as_numbers(response: &Response) -> Option<Vec<f64>> {
    match response {
        Response::Numeric(y) => Some(y.clone()),
        Response::Binary(yes) => Some(yes.iter().map(|yes| f64::from(u8::from(*yes))).collect()),
        Response::Classes(..) => None,
    }
}

/// Effect at equal baselines, and for a score the effect on the change beside it.
pub(super) fn for_baseline(ground: &Ground<'_>, facts: &Facts<'_>) -> Vec<TestResult> {
    let name = title(Test::Ancova);
    let (Some(baseline), Some(outcome)) = (&ground.grouping.baseline, &ground.spec.baseline) else {
        return vec![TestResult::undefined(name, "no --baseline is named")];
    };
    let (rows, pre) = known(facts, baseline);
    let (x, pre) = (picked(&facts.x, &rows), pre.into_iter().copied().collect::<Vec<f64>>());
    let of = used(&rows, facts, &outcome.to_string());
    match &facts.response {
        Response::Numeric(y) => {
            let y = picked(y, &rows);
            let change: Vec<f64> = y.iter().zip(&pre).map(|(y, pre)| y - pre).collect();
            let of_fit = |name: String, predictors: &[Vec<f64>], y: &[f64]| {
                let fitted = stats::linear_regression(predictors, y, LEVEL).and_then(|fit| fit.coefficients);
                match fitted.map(|all| all[all.len() - 1]) {
                    Ok(found) => TestResult::named(name)
                        .statistic("difference", found.estimate)
                        .interval(found.interval)
                        .p(found.test.map(|test| test.p)),
                    Err(why) => TestResult::undefined(name, reason(why)),
                }
            };
            vec![
                of_fit(format!("{name} {outcome} (ANCOVA, {of})"), &[pre, x.clone()], &y),
                of_fit(format!("change score from {outcome} ({of})"), &[x], &change),
            ]
        }
        Response::Binary(yes) => {
            let yes = picked(yes, &rows);
            vec![logistic(format!("{name} {outcome} (logistic, {of})"), &[pre, x], &yes)]
        }
        Response::Classes(..) => {
            vec![TestResult::undefined(name, "it needs a score or two groups: compare one class with the others")]
        }
    }
}

/// Odds ratio of the last predictor; with Firth's penalty where the predictors separate the groups.
fn logistic(name: String, predictors: &[Vec<f64>], yes: &[bool]) -> TestResult {
    match stats::logistic_regression(predictors, yes, LEVEL) {
        Ok(fit) => {
            let found = fit.coefficients[fit.coefficients.len() - 1];
            let interval = found.profile_interval.unwrap_or(found.wald_interval);
            TestResult::named(name)
                .statistic("OR", found.estimate.exp())
                .interval(Ok(exponentiated(interval)))
                .p(Ok(found.wald.p))
        }
        Err(stats::Undefined::Separated) => match stats::firth_logistic(predictors, yes, LEVEL) {
            Ok(fit) => {
                let found = fit.coefficients[fit.coefficients.len() - 1];
                TestResult::named(format!("{name}; the groups are separated, so with Firth's penalty"))
                    .statistic("OR", found.estimate.exp())
                    .interval(found.profile_interval.map(exponentiated))
                    .p(Ok(found.likelihood_ratio.p))
            }
            Err(why) => TestResult::undefined(name, reason(why)),
        },
        Err(why) => TestResult::undefined(name, reason(why)),
    }
}

fn exponentiated(interval: stats::Interval) -> stats::Interval {
    stats::Interval { lower: interval.lower.exp(), upper: interval.upper.exp() }
}

/// The association within strata.
pub(super) fn over_strata(ground: &Ground<'_>, facts: &Facts<'_>) -> TestResult {
    let name = title(Test::Cmh);
    let (Some(strata), Some(attribute)) = (&ground.grouping.strata, &ground.spec.strata) else {
        return TestResult::undefined(name, "no --strata are named");
    };
    let Response::Binary(yes) = &facts.response else {
        return TestResult::undefined(name, "it needs two groups: for a score take --clusters or --test permutation");
    };
    if !facts.presence {
        return TestResult::undefined(name, "it needs counts: take --measure presence");
    }
    let (rows, groups) = known(facts, strata);
    let numbers = numbered(groups.into_iter());
    let count = numbers.iter().max().map_or(0, |last| last + 1);
    let says = facts.says();
    let tables: Vec<stats::TwoByTwo> = (0..count)
        .map(|group| {
            let own: Vec<usize> = rows.iter().zip(&numbers).filter(|(_, g)| **g == group).map(|(k, _)| *k).collect();
            stats::TwoByTwo::count(&picked(yes, &own), &picked(&says, &own))
        })
        .collect();
    let name = format!("{name} within {count} strata of {attribute} ({})", used(&rows, facts, attribute));
    match stats::cochran_mantel_haenszel(&tables, LEVEL) {
        Ok(found) => TestResult {
            statistic: found.odds_ratio.ok().map(|ratio| ("common OR".into(), ratio)),
            why_not: found.odds_ratio.err().or(found.test.err()).map(reason),
            ..TestResult::named(name)
        }
        .interval(found.odds_ratio_interval)
        .p(found.test.map(|test| test.p)),
        Err(why) => TestResult::undefined(name, reason(why)),
    }
}

/// Difference of means or shares with errors that allow for clusters.
pub(super) fn for_clusters(ground: &Ground<'_>, facts: &Facts<'_>) -> TestResult {
    let name = title(Test::ClusterRobust);
    let (Some(clusters), Some(attribute)) = (&ground.grouping.clusters, &ground.spec.clusters) else {
        return TestResult::undefined(name, "no --clusters are named");
    };
    // Presence in two groups is the share of each group that says it; a measure by a score is a slope.
    let Some(outcome) = as_numbers(&facts.response) else {
        return TestResult::undefined(name, "it needs a score or two groups: compare one class with the others");
    };
    let two_groups = matches!(facts.response, Response::Binary(_));
    let (predictor, response) = if two_groups { (&outcome, &facts.x) } else { (&facts.x, &outcome) };
    let (rows, groups) = known(facts, clusters);
    let numbers = numbered(groups.into_iter());
    let count = numbers.iter().collect::<BTreeSet<_>>().len();
    let name = format!("{name} for {count} clusters of {attribute} ({})", used(&rows, facts, attribute));
    match stats::cluster_robust(&[picked(predictor, &rows)], &picked(response, &rows), &numbers) {
        Ok(all) => {
            let found = all[all.len() - 1];
            let half = found.df_cr2.map(|df| stats::distributions::t_for(LEVEL, df) * found.se_cr2);
            let around = |half: f64| stats::Interval { lower: found.estimate - half, upper: found.estimate + half };
            TestResult { why_not: found.df_cr2.err().map(reason), ..TestResult::named(name) }
                .statistic("difference", found.estimate)
                .interval(half.map(around))
                .p(found.p_cr2)
        }
        Err(why) => TestResult::undefined(name, reason(why)),
    }
}

/// Permutation of who says it, within strata where some are named.
pub(super) fn permutation(ground: &Ground<'_>, facts: &Facts<'_>) -> TestResult {
    let name = title(Test::Permutation);
    let says = facts.says();
    let (values, inside): (Vec<f64>, &[bool]) = match &facts.response {
        Response::Binary(yes) => (facts.x.clone(), yes),
        Response::Numeric(y) if facts.presence => (y.clone(), &says),
        _ => return TestResult::undefined(name, "it needs two groups, or presence and a score"),
    };
    let (rows, blocks, within) = match (&ground.grouping.strata, &ground.spec.strata) {
        (Some(strata), Some(attribute)) => {
            let (rows, groups) = known(facts, strata);
            let within = format!(" within strata of {attribute} ({})", used(&rows, facts, attribute));
            (rows, numbered(groups.into_iter()), within)
        }
        _ => ((0..values.len()).collect::<Vec<usize>>(), vec![0; values.len()], String::new()),
    };
    let (values, inside) = (picked(&values, &rows), picked(inside, &rows));
    let seed = ground.inputs.study.settings.seed;
    let exact = stats::permutation_blocked(&values, &inside, &blocks).map(|found| (found, "exact".to_owned()));
    let found = exact.or_else(|why| match why {
        stats::Undefined::TooLarge { .. } => {
            stats::permutation_blocked_monte_carlo(&values, &inside, &blocks, DRAWS, seed)
                .map(|found| (found, format!("{DRAWS} draws, seed {seed}")))
        }
        other => Err(other),
    });
    match found {
        Ok((found, how)) => TestResult::named(format!("{name}{within}, {how}")).p(Ok(found.p_two_sided)),
        Err(why) => TestResult::undefined(name, reason(why)),
    }
}
