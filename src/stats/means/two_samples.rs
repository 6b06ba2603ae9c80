//! Student's t: two independent samples, and paired ones with their standardised changes.

use super::effect_size::hedges_correction;
use crate::stats::distributions::t_for;
use crate::stats::estimate::{Estimate, Interval, TTest, Undefined, check_level, check_same_length, check_sample};
use crate::stats::sample::{mean, sum_of_squares, variance};

/// A difference of two means, first minus second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanDifference {
    /// The difference.
    pub difference: f64,
    /// Its t test.
    pub test: TTest,
    /// Its interval.
    pub interval: Interval,
}

const CONSTANT: Undefined = Undefined::NoVariation { what: "the score within the groups" };

/// Welch's t test of two means, which does not assume equal variances (R `t.test`).
///
/// # Errors
/// [`Undefined::TooFew`] below two values a group, [`Undefined::NoVariation`] where both groups are constant.
pub fn welch_t(x: &[f64], y: &[f64], conf_level: f64) -> Result<MeanDifference, Undefined> {
    check_sample("values in the first group", x, 2)?;
    check_sample("values in the second group", y, 2)?;
    let (vx, vy) = (variance(x) / x.len() as f64, variance(y) / y.len() as f64);
    let df = (vx + vy).powi(2) / (vx * vx / (x.len() - 1) as f64 + vy * vy / (y.len() - 1) as f64);
    compare(x, y, (vx + vy).sqrt(), df, conf_level)
}

/// Student's t test of two means with a pooled variance (R `t.test(var.equal = TRUE)`); Welch's is the default.
///
/// # Errors
/// [`Undefined::TooFew`] below three values altogether or for an empty group, [`Undefined::NoVariation`] where both
/// groups are constant.
pub fn student_t(x: &[f64], y: &[f64], conf_level: f64) -> Result<MeanDifference, Undefined> {
    let (pooled, df) = pooled_variance(x, y)?;
    let se = (pooled * (1.0 / x.len() as f64 + 1.0 / y.len() as f64)).sqrt();
    compare(x, y, se, df, conf_level)
}

/// The pooled variance of two samples and its degrees of freedom.
pub(super) fn pooled_variance(x: &[f64], y: &[f64]) -> Result<(f64, f64), Undefined> {
    check_sample("values in the first group", x, 1)?;
    check_sample("values in the second group", y, 1)?;
    let all = x.len() + y.len();
    if all < 3 {
        return Err(Undefined::TooFew { what: "values", needed: 3, got: all });
    }
    let df = (all - 2) as f64;
    Ok(((sum_of_squares(x) + sum_of_squares(y)) / df, df))
}

fn compare(x: &[f64], y: &[f64], se: f64, df: f64, conf_level: f64) -> Result<MeanDifference, Undefined> {
    check_level(conf_level)?;
    let (mx, my) = (mean(x), mean(y));
    if se <= 10.0 * f64::EPSILON * mx.abs().max(my.abs()) {
        return Err(CONSTANT);
    }
    let difference = mx - my;
    Ok(MeanDifference {
        difference,
        test: TTest::new(difference / se, df),
        interval: Interval::around(difference, t_for(conf_level, df) * se),
    })
}

/// A paired comparison, second occasion minus first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedT {
    /// Complete pairs.
    pub n: usize,
    /// Mean change.
    pub mean_difference: f64,
    /// Standard deviation of the changes.
    pub sd_difference: f64,
    /// Degrees of freedom: pairs less one.
    pub df: f64,
    /// The t test of no change.
    pub test: Result<TTest, Undefined>,
    /// Interval of the mean change.
    pub interval: Result<Interval, Undefined>,
    /// Mean change over the standard deviation of the changes; infinite if all change alike.
    pub d_z: Estimate,
    /// `d_z` with Hedges's exact correction.
    pub g_z: Estimate,
    /// Mean change over the root of the mean of both variances.
    pub d_av: Estimate,
    /// `d_z * sqrt(2 (1 - r))` (Morris & DeShon 2002).
    pub d_rm: Estimate,
    /// Mean change over the standard deviation of the first occasion.
    pub d_glass_pre: Estimate,
}

/// The paired t test of `post - pre` with the standardised changes in use (R `t.test(paired = TRUE)`, Lakens 2013).
///
/// # Errors
/// [`Undefined::TooFew`] below two pairs, [`Undefined::Malformed`] for samples of unequal length.
pub fn paired_t(pre: &[f64], post: &[f64], conf_level: f64) -> Result<PairedT, Undefined> {
    check_level(conf_level)?;
    check_same_length(pre.len(), post.len())?;
    check_sample("pairs", pre, 2)?;
    check_sample("pairs", post, 2)?;
    let changes: Vec<f64> = pre.iter().zip(post).map(|(a, b)| b - a).collect();
    let n = changes.len() as f64;
    let (mean_difference, df) = (mean(&changes), n - 1.0);
    let scale = mean(pre).abs().max(mean(post).abs());
    let (var_pre, var_post) = (variance(pre), variance(post));
    let sd_difference = variance(&changes).sqrt();
    let constant = sd_difference <= 10.0 * f64::EPSILON * scale;
    let unchanging = Undefined::NoVariation { what: "the change" };
    let when_varies = |value: f64| if constant { Err(unchanging) } else { Ok(value) };
    let over = |sd: f64| {
        if sd > 0.0 || mean_difference != 0.0 {
            Ok(mean_difference / sd)
        } else {
            Err(Undefined::NoVariation { what: "the score" })
        }
    };
    let d_z = if constant { over(0.0) } else { over(sd_difference) };
    let covariance: f64 = {
        let (mp, mq) = (mean(pre), mean(post));
        pre.iter().zip(post).map(|(a, b)| (a - mp) * (b - mq)).sum::<f64>() / df
    };
    let r = covariance / (var_pre * var_post).sqrt();
    let shrink = (2.0 * (1.0 - r)).max(0.0).sqrt();
    let test = when_varies(mean_difference / (sd_difference / n.sqrt())).map(|t| TTest::new(t, df));
    Ok(PairedT {
        n: changes.len(),
        mean_difference,
        sd_difference,
        df,
        test,
        interval: when_varies(t_for(conf_level, df) * sd_difference / n.sqrt())
            .map(|half| Interval::around(mean_difference, half)),
        d_z,
        g_z: d_z.and_then(|d| Ok(d * hedges_correction(df)?)),
        d_av: over(((var_pre + var_post) / 2.0).sqrt()),
        d_rm: match d_z {
            Ok(d) if d.is_finite() && r.is_nan() => Err(Undefined::NoVariation { what: "one of the occasions" }),
            Ok(d) if d.is_finite() => Ok(d * shrink),
            other => other,
        },
        d_glass_pre: over(var_pre.sqrt()),
    })
}
