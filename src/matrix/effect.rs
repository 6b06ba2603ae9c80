//! Effects and tests of a row, with the interval or the reason why there is none.

use super::build::MatrixRow;
use super::spec::{MatrixSpec, Test};
use crate::model::{Adjustment, Plan};
use crate::stats;

/// An effect with its 95 % interval.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Effect {
    /// What it is.
    pub name: &'static str,
    /// How the interval is made.
    pub method: &'static str,
    /// The value.
    pub value: Option<f64>,
    /// Lower and upper limit.
    pub interval: Option<(f64, f64)>,
    /// Why value or interval is missing.
    pub why_not: Option<String>,
}

impl Effect {
    /// No effect yet.
    pub(super) fn none() -> Self {
        Self { name: "effect", method: "", value: None, interval: None, why_not: None }
    }

    /// Whether the interval holds zero; `None` without one.
    pub fn crosses_zero(&self) -> Option<bool> {
        self.interval.map(|(low, high)| low <= 0.0 && high >= 0.0)
    }
}

/// A test, with p where p is due.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TestResult {
    /// Name, with its variant (`Mann-Whitney, exact`).
    pub name: String,
    /// Symbol and value of the statistic.
    pub statistic: Option<(String, f64)>,
    /// Interval, for effect sizes.
    pub interval: Option<(f64, f64)>,
    /// p, two-sided.
    pub p: Option<f64>,
    /// p adjusted over the declared family.
    pub adjusted: Option<f64>,
    /// Why there is none.
    pub why_not: Option<String>,
}

impl TestResult {
    fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), statistic: None, interval: None, p: None, adjusted: None, why_not: None }
    }

    fn undefined(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { why_not: Some(why.into()), ..Self::named(name) }
    }
}

/// The level of every interval.
const LEVEL: f64 = 0.95;

/// The reason alone: the sentence around it says "not computable".
fn reason(undefined: stats::Undefined) -> String {
    let text = undefined.to_string();
    text.strip_prefix("not computable: ").unwrap_or(&text).to_owned()
}

/// Arithmetic mean; nothing for no value.
pub(super) fn mean_of(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Median; nothing for no value.
pub(super) fn median_of(values: &[f64]) -> Option<f64> {
    stats::quantile(values, 0.5).ok()
}

/// The 2x2 table of a row: counts and the rest of the denominator, in both groups.
fn two_by_two(row: &MatrixRow) -> Option<stats::TwoByTwo> {
    let [yes, no] = row.cells.as_slice() else { return None };
    let rest = |n: usize, of: usize| of.saturating_sub(n) as u64;
    Some(stats::TwoByTwo { a: yes.n as u64, b: rest(yes.n, yes.of), c: no.n as u64, d: rest(no.n, no.of) })
}

/// Risk difference with Newcombe's interval, and the tests asked for.
pub(super) fn presence_by_group(row: &mut MatrixRow, spec: &MatrixSpec) {
    let Some(table) = two_by_two(row) else { return };
    row.effect = Effect { name: "risk difference", method: "Newcombe's hybrid score interval", ..Effect::none() };
    match (stats::risk_difference(&table), stats::newcombe_interval(&table, LEVEL)) {
        (Ok(value), interval) => {
            row.effect.value = Some(value);
            row.effect.interval = interval.ok().map(|interval| (interval.lower, interval.upper));
            row.effect.why_not = interval.err().map(reason);
        }
        (Err(why), _) => row.effect.why_not = Some(reason(why)),
    }
    row.tests = spec.tests.iter().map(|test| table_test(&table, *test)).collect();
}

fn table_test(table: &stats::TwoByTwo, test: Test) -> TestResult {
    let empty = table.a + table.b == 0 || table.c + table.d == 0;
    match test {
        Test::Fisher | Test::MidP if empty => TestResult::undefined("Fisher's exact test", "one group is empty"),
        Test::Fisher => {
            TestResult { p: Some(stats::fisher_exact(table).p_two_sided), ..TestResult::named("Fisher's exact test") }
        }
        Test::MidP => {
            let p = Some(stats::fisher_exact(table).p_mid_two_sided);
            TestResult { p, ..TestResult::named("Fisher's test, mid-p") }
        }
        Test::OddsRatio => {
            let name = "conditional odds ratio, exact interval";
            match stats::conditional_odds_ratio(table, LEVEL) {
                Ok(found) => TestResult {
                    statistic: found.estimate.ok().map(|value| ("OR".into(), value)),
                    interval: Some((found.interval.lower, found.interval.upper)),
                    why_not: found.estimate.err().map(reason),
                    ..TestResult::named(name)
                },
                Err(why) => TestResult::undefined(name, reason(why)),
            }
        }
        Test::MannWhitney | Test::Welch | Test::HedgesG => TestResult::undefined(
            test_name(test),
            "presence in two groups is a table of counts: fisher, mid-p or odds-ratio",
        ),
    }
}

fn test_name(test: Test) -> &'static str {
    match test {
        Test::Fisher => "Fisher's exact test",
        Test::MidP => "Fisher's test, mid-p",
        Test::OddsRatio => "odds ratio",
        Test::MannWhitney => "Mann-Whitney",
        Test::Welch => "Welch",
        Test::HedgesG => "Hedges' g",
    }
}

/// Cliff's delta with its interval, and the tests asked for.
pub(super) fn measure_by_group(row: &mut MatrixRow, spec: &MatrixSpec, x: &[f64], y: &[f64]) {
    row.effect = Effect { name: "Cliff's delta", method: "Cliff 1996, consistent variance", ..Effect::none() };
    match stats::cliffs_delta(x, y, LEVEL) {
        Ok(found) => {
            row.effect.value = Some(found.delta);
            row.effect.interval = found.interval.ok().map(|interval| (interval.lower, interval.upper));
            row.effect.why_not = found.interval.err().map(reason);
        }
        Err(why) => row.effect.why_not = Some(reason(why)),
    }
    row.tests = spec.tests.iter().map(|test| sample_test(x, y, *test)).collect();
}

fn sample_test(x: &[f64], y: &[f64], test: Test) -> TestResult {
    match test {
        Test::MannWhitney => match stats::mann_whitney(x, y) {
            Ok(found) => {
                let method = match found.method {
                    stats::PMethod::Exact => "exact",
                    stats::PMethod::NormalCorrected => "normal approximation, corrected for ties and continuity",
                };
                TestResult {
                    statistic: Some(("U".into(), found.u_x)),
                    p: found.p.ok(),
                    why_not: found.p.err().map(reason),
                    ..TestResult::named(format!("Mann-Whitney, {method}"))
                }
            }
            Err(why) => TestResult::undefined("Mann-Whitney", reason(why)),
        },
        Test::Welch => match stats::welch_t(x, y, LEVEL) {
            Ok(found) => TestResult {
                statistic: Some(("t".into(), found.test.t)),
                p: Some(found.test.p),
                ..TestResult::named(format!("Welch, df {:.1}", found.test.df))
            },
            Err(why) => TestResult::undefined("Welch", reason(why)),
        },
        Test::HedgesG => match stats::cohens_d(x, y, LEVEL) {
            Ok(found) => TestResult {
                statistic: found.hedges_g.ok().map(|g| ("g".into(), g)),
                interval: found.g_interval.ok().map(|interval| (interval.lower, interval.upper)),
                why_not: found.hedges_g.err().map(reason),
                ..TestResult::named("Hedges' g")
            },
            Err(why) => TestResult::undefined("Hedges' g", reason(why)),
        },
        Test::Fisher | Test::MidP | Test::OddsRatio => {
            TestResult::undefined(test_name(test), "these are numbers, not counts: mann-whitney, welch or hedges-g")
        }
    }
}

/// Spearman's rank correlation of a measure with a score.
pub(super) fn measure_by_score(row: &mut MatrixRow, x: &[f64], y: &[f64]) {
    row.effect = Effect { name: "Spearman's rho", method: "Bonett and Wright 2000", ..Effect::none() };
    match stats::spearman(x, y, LEVEL) {
        Ok(found) => {
            row.effect.value = found.rho.ok();
            row.effect.interval = found.interval.ok().map(|interval| (interval.lower, interval.upper));
            row.effect.why_not = found.interval.err().map(reason);
        }
        Err(why) => row.effect.why_not = Some(reason(why)),
    }
}

/// p of a declared family: computed over all of its codes, adjusted over the family, written into the rows shown.
///
/// A table whose margins cannot reach the declared level says so instead of p, and does not count into the family.
pub(super) fn declared_tests(
    plan: &Plan,
    beforehand: bool,
    family: &[(String, MatrixRow, Vec<f64>, Vec<f64>)],
    rows: &mut [MatrixRow],
) {
    let test = match plan.test.as_str() {
        "mann-whitney" => Test::MannWhitney,
        "welch" => Test::Welch,
        _ => Test::Fisher,
    };
    let results: Vec<TestResult> = family
        .iter()
        .map(|(_, row, x, y)| match two_by_two(row).filter(|_| test == Test::Fisher) {
            Some(table) => {
                let smallest = stats::smallest_possible_p(&table);
                if smallest > plan.alpha {
                    let why = format!(
                        "these margins cannot give a p below {smallest:.3}, and the declared level is {}",
                        plan.alpha
                    );
                    return TestResult::undefined(test_name(test), why);
                }
                table_test(&table, test)
            }
            None => sample_test(x, y, test),
        })
        .collect();
    let method = match plan.adjustment {
        Adjustment::Holm => Some(stats::PAdjust::Holm),
        Adjustment::Bh => Some(stats::PAdjust::BenjaminiHochberg),
        Adjustment::None => None,
    };
    let p: Vec<Option<f64>> = results.iter().map(|result| result.p).collect();
    let adjusted = method.map(|method| stats::adjust_p(&p, method));
    let family_size = p.iter().flatten().count();
    for (k, ((code, ..), mut result)) in family.iter().zip(results).enumerate() {
        result.adjusted = adjusted.as_ref().and_then(|adjusted| adjusted.get(k).copied().flatten());
        if result.why_not.is_none() {
            let by = match plan.adjustment {
                Adjustment::Holm => "Holm",
                Adjustment::Bh => "Benjamini-Hochberg",
                Adjustment::None => "unadjusted",
            };
            let when = if beforehand { "declared" } else { "declared after the first look" };
            result.name = format!("{} ({when}; family of {family_size}, {by})", result.name);
        }
        if let Some(row) = rows.iter_mut().find(|row| row.id == *code) {
            row.tests.insert(0, result);
        }
    }
}
