//! Several means: one-way analysis of variance, Welch's variant, Brown and Forsythe's test of spread.

use crate::stats::estimate::{FTest, Undefined, check_sample};
use crate::stats::sample::{mean, median_sorted, sorted, sum_of_squares, variance};

/// A one-way analysis of variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnovaOneWay {
    /// The F test.
    pub test: FTest,
    /// Share of the variance between the groups.
    pub eta_squared: f64,
    /// The same without its bias; may be negative.
    pub omega_squared: f64,
}

fn check_groups(groups: &[Vec<f64>], least: usize) -> Result<(), Undefined> {
    if groups.len() < 2 {
        return Err(Undefined::TooFew { what: "groups", needed: 2, got: groups.len() });
    }
    groups.iter().try_for_each(|group| check_sample("values in a group", group, least))
}

/// One-way analysis of variance (R `aov`).
///
/// # Errors
/// [`Undefined::TooFew`] below two groups or where no group has two values, [`Undefined::NoVariation`] where no group
/// varies.
pub fn anova_one_way(groups: &[Vec<f64>]) -> Result<AnovaOneWay, Undefined> {
    check_groups(groups, 1)?;
    let all = groups.concat();
    let (n, k) = (all.len() as f64, groups.len() as f64);
    if n <= k {
        return Err(Undefined::TooFew { what: "values", needed: groups.len() + 1, got: all.len() });
    }
    let grand = mean(&all);
    let between: f64 = groups.iter().map(|g| g.len() as f64 * (mean(g) - grand).powi(2)).sum();
    let within: f64 = groups.iter().map(|g| sum_of_squares(g)).sum();
    let (df1, df2) = (k - 1.0, n - k);
    let mean_square = within / df2;
    if mean_square.sqrt() <= 10.0 * f64::EPSILON * grand.abs() {
        return Err(Undefined::NoVariation { what: "the score within the groups" });
    }
    Ok(AnovaOneWay {
        test: FTest::new(between / df1 / mean_square, df1, df2),
        eta_squared: between / (between + within),
        omega_squared: (between - df1 * mean_square) / (between + within + mean_square),
    })
}

/// Welch's analysis of variance for unequal variances (R `oneway.test`).
///
/// # Errors
/// [`Undefined::TooFew`] below two groups of two, [`Undefined::NoVariation`] where a group is constant.
pub fn welch_anova(groups: &[Vec<f64>]) -> Result<FTest, Undefined> {
    check_groups(groups, 2)?;
    let weights: Vec<f64> = groups.iter().map(|g| g.len() as f64 / variance(g)).collect();
    if weights.iter().any(|w| !w.is_finite()) {
        return Err(Undefined::NoVariation { what: "the score within a group" });
    }
    let k = groups.len() as f64;
    let total: f64 = weights.iter().sum();
    let means: Vec<f64> = groups.iter().map(|g| mean(g)).collect();
    let centre = weights.iter().zip(&means).map(|(w, m)| w * m).sum::<f64>() / total;
    let lambda: f64 =
        weights.iter().zip(groups).map(|(w, g)| (1.0 - w / total).powi(2) / (g.len() - 1) as f64).sum::<f64>()
            / (k * k - 1.0);
    let between: f64 = weights.iter().zip(&means).map(|(w, m)| w * (m - centre).powi(2)).sum();
    let f = between / ((k - 1.0) * (1.0 + 2.0 * (k - 2.0) * lambda));
    Ok(FTest::new(f, k - 1.0, 1.0 / (3.0 * lambda)))
}

/// Brown and Forsythe's test of equal spread: analysis of variance of distances from the medians (car `leveneTest`).
///
/// # Errors
/// As [`anova_one_way`], of the distances.
pub fn brown_forsythe(groups: &[Vec<f64>]) -> Result<FTest, Undefined> {
    check_groups(groups, 1)?;
    let distances: Vec<Vec<f64>> = groups
        .iter()
        .map(|group| {
            let median = median_sorted(&sorted(group));
            group.iter().map(|v| (v - median).abs()).collect()
        })
        .collect();
    anova_one_way(&distances).map(|anova| anova.test)
}
