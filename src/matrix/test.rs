//! Tests beside the effect, with p where p is due.

use super::adjusted;
use super::effect::{LEVEL, counts_by_class, limits, reason, values_by_class};
use super::row::{Facts, Ground, Response};
use super::spec::Test;
use crate::stats;

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
    pub(super) fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), statistic: None, interval: None, p: None, adjusted: None, why_not: None }
    }

    pub(super) fn undefined(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { why_not: Some(why.into()), ..Self::named(name) }
    }

    pub(super) fn statistic(mut self, symbol: &str, value: f64) -> Self {
        self.statistic = Some((symbol.to_owned(), value));
        self
    }

    pub(super) fn interval(mut self, interval: Result<stats::Interval, stats::Undefined>) -> Self {
        self.interval = interval.ok().map(limits);
        self
    }

    pub(super) fn p(mut self, p: stats::Estimate) -> Self {
        self.p = p.ok();
        self
    }
}

/// Names of tests as people know them.
pub(super) fn title(test: Test) -> &'static str {
    match test {
        Test::Fisher => "Fisher's exact test",
        Test::MidP => "Fisher's test, mid-p",
        Test::OddsRatio => "conditional odds ratio, exact interval",
        Test::MannWhitney => "Mann-Whitney",
        Test::Welch => "Welch",
        Test::HedgesG => "Hedges' g",
        Test::ChiSquare => "chi-square",
        Test::KruskalWallis => "Kruskal-Wallis",
        Test::Permutation => "permutation of the difference",
        Test::Ancova => "adjusted for the baseline",
        Test::Cmh => "Cochran-Mantel-Haenszel",
        Test::ClusterRobust => "difference with cluster-robust errors (CR2)",
        Test::McNemar => "McNemar's exact test",
        Test::Wilcoxon => "Wilcoxon's signed-rank test",
    }
}

/// Runs a test on a row. An analysis of covariance gives two results, all others one.
pub(super) fn run(test: Test, ground: &Ground<'_>, facts: &Facts<'_>) -> Vec<TestResult> {
    match test {
        Test::Fisher | Test::MidP | Test::OddsRatio => vec![of_counts(test, facts)],
        Test::MannWhitney | Test::Welch | Test::HedgesG => vec![of_samples(test, facts)],
        Test::ChiSquare | Test::KruskalWallis => vec![of_classes(test, facts)],
        Test::Permutation => vec![adjusted::permutation(ground, facts)],
        Test::Ancova => adjusted::for_baseline(ground, facts),
        Test::Cmh => vec![adjusted::over_strata(ground, facts)],
        Test::ClusterRobust => vec![adjusted::for_clusters(ground, facts)],
        Test::McNemar | Test::Wilcoxon => {
            vec![TestResult::undefined(title(test), "it compares the same people twice: take --by time or --by wave")]
        }
    }
}

fn of_counts(test: Test, facts: &Facts<'_>) -> TestResult {
    let name = title(test);
    let table = match &facts.response {
        Response::Binary(yes) if facts.presence => stats::TwoByTwo::count(yes, &facts.says()),
        _ => {
            return TestResult::undefined(name, "it needs presence in two groups: here are numbers or several classes");
        }
    };
    let empty = table.a + table.b == 0 || table.c + table.d == 0;
    match test {
        Test::Fisher | Test::MidP if empty => TestResult::undefined(name, "one group is empty"),
        Test::Fisher => TestResult { p: Some(stats::fisher_exact(&table).p_two_sided), ..TestResult::named(name) },
        Test::MidP => TestResult { p: Some(stats::fisher_exact(&table).p_mid_two_sided), ..TestResult::named(name) },
        _ => match stats::conditional_odds_ratio(&table, LEVEL) {
            Ok(found) => TestResult {
                statistic: found.estimate.ok().map(|value| ("OR".into(), value)),
                interval: Some(limits(found.interval)),
                why_not: found.estimate.err().map(reason),
                ..TestResult::named(name)
            },
            Err(why) => TestResult::undefined(name, reason(why)),
        },
    }
}

fn of_samples(test: Test, facts: &Facts<'_>) -> TestResult {
    let name = title(test);
    let Some((x, y)) = facts.samples() else {
        return TestResult::undefined(name, "it needs numbers in two groups: here are counts or several classes");
    };
    match test {
        Test::MannWhitney => match stats::mann_whitney(&x, &y) {
            Ok(found) => {
                let method = match found.method {
                    stats::PMethod::Exact => "exact",
                    stats::PMethod::NormalCorrected => "normal approximation, corrected for ties and continuity",
                };
                TestResult { why_not: found.p.err().map(reason), ..TestResult::named(format!("{name}, {method}")) }
                    .statistic("U", found.u_x)
                    .p(found.p)
            }
            Err(why) => TestResult::undefined(name, reason(why)),
        },
        Test::Welch => match stats::welch_t(&x, &y, LEVEL) {
            Ok(found) => TestResult::named(format!("{name}, df {:.1}", found.test.df))
                .statistic("t", found.test.t)
                .p(Ok(found.test.p)),
            Err(why) => TestResult::undefined(name, reason(why)),
        },
        _ => match stats::cohens_d(&x, &y, LEVEL) {
            Ok(found) => TestResult {
                statistic: found.hedges_g.ok().map(|g| ("g".into(), g)),
                why_not: found.hedges_g.err().map(reason),
                ..TestResult::named(name)
            }
            .interval(found.g_interval),
            Err(why) => TestResult::undefined(name, reason(why)),
        },
    }
}

fn of_classes(test: Test, facts: &Facts<'_>) -> TestResult {
    let name = title(test);
    let (class, count) = match &facts.response {
        Response::Classes(class, count) => (class.clone(), *count),
        Response::Binary(yes) => (yes.iter().map(|yes| usize::from(!yes)).collect(), 2),
        Response::Numeric(_) => return TestResult::undefined(name, "it needs classes, and the outcome is a number"),
    };
    match test {
        Test::ChiSquare if !facts.presence => TestResult::undefined(name, "it needs counts: take --measure presence"),
        Test::ChiSquare => match stats::chi_square_rxc(&counts_by_class(&facts.says(), &class, count)) {
            Ok(found) => {
                let least = found.expected.iter().flatten().copied().fold(f64::INFINITY, f64::min);
                TestResult::named(format!("{name}, df {}, smallest expected count {least:.1}", found.pearson.df))
                    .statistic("chi2", found.pearson.statistic)
                    .p(Ok(found.pearson.p))
            }
            Err(why) => TestResult::undefined(name, reason(why)),
        },
        _ if facts.presence => TestResult::undefined(name, "it needs numbers: take --measure count, rate or a share"),
        _ => match stats::kruskal_wallis(&values_by_class(&facts.x, &class, count)) {
            Ok(found) => match found.test {
                Ok(test) => {
                    TestResult::named(format!("{name}, df {}", found.df)).statistic("H", test.statistic).p(Ok(test.p))
                }
                Err(why) => TestResult::undefined(name, reason(why)),
            },
            Err(why) => TestResult::undefined(name, reason(why)),
        },
    }
}
