//! Description of one sample.

use crate::stats::distributions::t_for;
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level, check_sample, defined};
use crate::stats::sample::{
    at_position, mean, median_sorted, present_values, quantile_sorted, sorted, sum_of_squares, variance,
};

/// What is said of one sample of scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Description {
    /// Values that are there.
    pub n: usize,
    /// Values that are missing.
    pub n_missing: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Variance with n - 1.
    pub variance: Estimate,
    /// Standard deviation.
    pub sd: Estimate,
    /// Standard error of the mean.
    pub se: Estimate,
    /// Interval of the mean by Student's t.
    pub mean_interval: Result<Interval, Undefined>,
    /// Median.
    pub median: f64,
    /// Lower quartile, type 7.
    pub q1: f64,
    /// Upper quartile, type 7.
    pub q3: f64,
    /// Lower quartile, type 6 (as SPSS).
    pub q1_type6: f64,
    /// Upper quartile, type 6 (as SPSS).
    pub q3_type6: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Median absolute deviation from the median, unscaled.
    pub mad_raw: f64,
    /// The same times 1.4826, which estimates the standard deviation of a normal.
    pub mad: f64,
    /// Skewness g1 of the sample.
    pub skewness_g1: Estimate,
    /// Skewness G1 (SAS, SPSS).
    pub skewness_adjusted: Estimate,
    /// Excess kurtosis g2 of the sample.
    pub kurtosis_g2: Estimate,
    /// Excess kurtosis G2 (SAS, SPSS).
    pub kurtosis_adjusted: Estimate,
}

/// Describes a sample; missing values are counted and left out.
///
/// # Errors
/// [`Undefined::TooFew`] when nothing is there, [`Undefined::Malformed`] for a value that is not finite.
pub fn describe(values: &[Option<f64>], conf_level: f64) -> Result<Description, Undefined> {
    check_level(conf_level)?;
    let present = present_values(values);
    check_sample("values", &present, 1)?;
    let ordered = sorted(&present);
    let n = present.len() as f64;
    let mean = mean(&present);
    let variance = defined(variance(&present), Undefined::TooFew { what: "values", needed: 2, got: present.len() });
    let se = variance.map(|v| (v / n).sqrt());
    let median = median_sorted(&ordered);
    let mad_raw = median_sorted(&sorted(&ordered.iter().map(|v| (v - median).abs()).collect::<Vec<_>>()));
    let moments = Moments::of(&present, mean);
    Ok(Description {
        n: present.len(),
        n_missing: values.len() - present.len(),
        mean,
        variance,
        sd: variance.map(f64::sqrt),
        se,
        mean_interval: se.map(|se| Interval::around(mean, t_for(conf_level, n - 1.0) * se)),
        median,
        q1: quantile_sorted(&ordered, 0.25),
        q3: quantile_sorted(&ordered, 0.75),
        q1_type6: at_position(&ordered, (n + 1.0) * 0.25 - 1.0),
        q3_type6: at_position(&ordered, (n + 1.0) * 0.75 - 1.0),
        min: ordered[0],
        max: ordered[ordered.len() - 1],
        mad_raw,
        mad: 1.4826 * mad_raw,
        skewness_g1: moments.map(|m| m.skewness),
        skewness_adjusted: moments.and_then(|m| m.adjusted_skewness()),
        kurtosis_g2: moments.map(|m| m.kurtosis),
        kurtosis_adjusted: moments.and_then(|m| m.adjusted_kurtosis()),
    })
}

/// A quantile of a sample, type 7 (R's default): linear between order statistics.
///
/// # Errors
/// [`Undefined::TooFew`] for an empty sample, [`Undefined::Malformed`] for p outside 0 to 1 or a value not finite.
pub fn quantile(values: &[f64], p: f64) -> Estimate {
    check_sample("values", values, 1)?;
    if !(0.0..=1.0).contains(&p) {
        return Err(Undefined::Malformed { what: "a quantile lies between 0 and 1" });
    }
    Ok(quantile_sorted(&sorted(values), p))
}

#[derive(Clone, Copy)]
struct Moments {
    n: f64,
    skewness: f64,
    kurtosis: f64,
}

impl Moments {
    fn of(values: &[f64], mean: f64) -> Result<Self, Undefined> {
        let n = values.len() as f64;
        let m2 = sum_of_squares(values) / n;
        // Rounding of a large mean is no spread.
        if m2.sqrt() <= 10.0 * f64::EPSILON * mean.abs() {
            return Err(Undefined::NoVariation { what: "the score" });
        }
        let power = |k: i32| values.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / n;
        Ok(Self { n, skewness: power(3) / m2.powf(1.5), kurtosis: power(4) / (m2 * m2) - 3.0 })
    }

    fn needs(self, needed: usize) -> Result<f64, Undefined> {
        if self.n < needed as f64 {
            Err(Undefined::TooFew { what: "values", needed, got: self.n as usize })
        } else {
            Ok(self.n)
        }
    }

    fn adjusted_skewness(self) -> Estimate {
        let n = self.needs(3)?;
        Ok(self.skewness * (n * (n - 1.0)).sqrt() / (n - 2.0))
    }

    fn adjusted_kurtosis(self) -> Estimate {
        let n = self.needs(4)?;
        Ok((n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * self.kurtosis + 6.0))
    }
}
