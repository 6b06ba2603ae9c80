//! Is a scale, or are raters of a score, consistent? Cronbach's alpha, McDonald's omega, intraclass correlations.
//!
//! Items are never reverse-keyed here: an item that runs against the rest shows as a negative corrected correlation.

use super::correlation::pearson;
use super::distributions::{f_ppf, f_sf};
use super::estimate::{ChiSquareTest, Estimate, Interval, Undefined, check_finite, check_level, defined};
use super::sample::{mean, variance};
use nalgebra::{DMatrix, DVector};

/// Cronbach's alpha with item statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct CronbachAlpha {
    /// People who answered every item.
    pub n: usize,
    /// Items.
    pub k: usize,
    /// Alpha from covariances.
    pub alpha: f64,
    /// Feldt's interval (1965).
    pub interval: Interval,
    /// Alpha from correlations; undefined where an item is constant.
    pub alpha_standardized: Estimate,
    /// Mean correlation between items.
    pub mean_inter_item_r: Estimate,
    /// Alpha without each item.
    pub alpha_if_deleted: Vec<Estimate>,
    /// Correlation of each item with the sum of the others.
    pub corrected_item_total: Vec<Estimate>,
}

/// Complete rows as columns.
fn complete_columns(rows: &[Vec<Option<f64>>]) -> Result<Vec<Vec<f64>>, Undefined> {
    let k = rows.first().map_or(0, Vec::len);
    if k < 2 {
        return Err(Undefined::TooFew { what: "items", needed: 2, got: k });
    }
    if rows.iter().any(|row| row.len() != k) {
        return Err(Undefined::Malformed { what: "the rows differ in length" });
    }
    let complete: Vec<Vec<f64>> = rows.iter().filter_map(|row| row.iter().copied().collect()).collect();
    complete.iter().try_for_each(|row| check_finite(row))?;
    if complete.len() < 2 {
        return Err(Undefined::TooFew { what: "people with complete answers", needed: 2, got: complete.len() });
    }
    Ok((0..k).map(|j| complete.iter().map(|row| row[j]).collect()).collect())
}

fn sum_of<'a>(columns: impl Iterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    columns.fold(Vec::new(), |sum: Vec<f64>, column| {
        if sum.is_empty() { column.clone() } else { sum.iter().zip(column).map(|(a, b)| a + b).collect() }
    })
}

fn alpha_of(columns: &[&Vec<f64>]) -> Estimate {
    let k = columns.len() as f64;
    let total = variance(&sum_of(columns.iter().copied()));
    let own: f64 = columns.iter().map(|c| variance(c)).sum();
    if columns.len() < 2 {
        return Err(Undefined::TooFew { what: "items", needed: 2, got: columns.len() });
    }
    if total <= 0.0 {
        return Err(Undefined::NoVariation { what: "the sum of the items" });
    }
    Ok(k / (k - 1.0) * (1.0 - own / total))
}

/// Cronbach's alpha of people (rows) by items, listwise complete (psych `alpha`; Feldt 1965).
///
/// # Errors
/// [`Undefined::TooFew`] below two items or two complete people, [`Undefined::NoVariation`] where all sums are equal.
pub fn cronbach_alpha(rows: &[Vec<Option<f64>>], conf_level: f64) -> Result<CronbachAlpha, Undefined> {
    check_level(conf_level)?;
    let columns = complete_columns(rows)?;
    let (n, k) = (columns[0].len(), columns.len());
    let alpha = alpha_of(&columns.iter().collect::<Vec<_>>())?;
    let without =
        |j: usize| -> Vec<&Vec<f64>> { columns.iter().enumerate().filter(|(i, _)| *i != j).map(|(_, c)| c).collect() };
    let mut correlations = Vec::new();
    for i in 0..k {
        for j in i + 1..k {
            correlations.push(pearson(&columns[i], &columns[j], conf_level)?.r);
        }
    }
    let mean_inter_item_r = correlations.iter().copied().collect::<Result<Vec<f64>, _>>().map(|r| mean(&r));
    let (df1, df2) = ((n - 1) as f64, ((n - 1) * (k - 1)) as f64);
    let half_alpha = (1.0 - conf_level) / 2.0;
    let limit = |p: f64| 1.0 - (1.0 - alpha) * f_ppf(p, df1, df2);
    let items = k as f64;
    Ok(CronbachAlpha {
        n,
        k,
        alpha,
        interval: Interval { lower: limit(1.0 - half_alpha), upper: limit(half_alpha) },
        alpha_standardized: mean_inter_item_r.map(|r| items * r / (1.0 + (items - 1.0) * r)),
        mean_inter_item_r,
        alpha_if_deleted: (0..k).map(|j| alpha_of(&without(j))).collect(),
        corrected_item_total: (0..k)
            .map(|j| pearson(&columns[j], &sum_of(without(j).into_iter()), conf_level)?.r)
            .collect(),
    })
}

/// McDonald's omega of one factor.
#[derive(Debug, Clone, PartialEq)]
pub struct McDonaldOmega {
    /// Omega total, from unstandardised loadings.
    pub omega_total: f64,
    /// Loadings; their sum is positive.
    pub loadings: Vec<f64>,
    /// Residual variances.
    pub residual_variances: Vec<f64>,
    /// Test of the one-factor model; undefined for three items, which it always fits.
    pub fit: Result<ChiSquareTest, Undefined>,
    /// The model's discrepancy times n.
    pub chi_square: f64,
}

/// McDonald's omega from a one-factor maximum likelihood model (lavaan `cfa(std.lv = TRUE)`), listwise complete.
///
/// # Errors
/// [`Undefined::TooFew`] below three items or as many people as items, [`Undefined::NotConverged`] where no proper
/// solution exists (a residual variance would be negative).
pub fn mcdonald_omega(rows: &[Vec<Option<f64>>]) -> Result<McDonaldOmega, Undefined> {
    let columns = complete_columns(rows)?;
    let (n, k) = (columns[0].len(), columns.len());
    if k < 3 {
        return Err(Undefined::TooFew { what: "items", needed: 3, got: k });
    }
    if n <= k {
        return Err(Undefined::TooFew { what: "people with complete answers", needed: k + 1, got: n });
    }
    let means: Vec<f64> = columns.iter().map(|c| mean(c)).collect();
    let covariance = DMatrix::from_fn(k, k, |i, j| {
        columns[i].iter().zip(&columns[j]).map(|(a, b)| (a - means[i]) * (b - means[j])).sum::<f64>() / n as f64
    });
    let stuck = Undefined::NotConverged { what: "the one-factor model" };
    let mut unique: Vec<f64> = (0..k).map(|i| covariance[(i, i)] / 2.0).collect();
    if unique.iter().any(|v| *v <= 0.0) {
        return Err(Undefined::NoVariation { what: "an item" });
    }
    let mut loadings = vec![0.0; k];
    let mut converged = false;
    // Joereskog's alternation: the first eigenvector at given residual variances, then residual variances at given
    // loadings. Linear convergence, cheap steps.
    for _ in 0..20_000 {
        let scaled = DMatrix::from_fn(k, k, |i, j| covariance[(i, j)] / (unique[i] * unique[j]).sqrt());
        let eigen = scaled.symmetric_eigen();
        let first = eigen.eigenvalues.imax();
        let length = (eigen.eigenvalues[first] - 1.0).max(0.0).sqrt();
        loadings = (0..k).map(|i| unique[i].sqrt() * eigen.eigenvectors[(i, first)] * length).collect();
        let next: Vec<f64> = (0..k).map(|i| covariance[(i, i)] - loadings[i] * loadings[i]).collect();
        if (0..k).any(|i| next[i] <= 1e-8 * covariance[(i, i)]) {
            return Err(stuck);
        }
        converged = (0..k).all(|i| (next[i] - unique[i]).abs() <= 1e-13 * covariance[(i, i)]);
        unique = next;
        if converged {
            break;
        }
    }
    if !converged {
        return Err(stuck);
    }
    if loadings.iter().sum::<f64>() < 0.0 {
        loadings.iter_mut().for_each(|l| *l = -*l);
    }
    let common = loadings.iter().sum::<f64>().powi(2);
    let vector = DVector::from_vec(loadings.clone());
    let implied = &vector * vector.transpose() + DMatrix::from_diagonal(&DVector::from_vec(unique.clone()));
    let inverse = implied.clone().try_inverse().ok_or(stuck)?;
    let singular = Undefined::NoVariation { what: "a combination of items" };
    let ratio = (&inverse * &covariance).determinant();
    if ratio <= 0.0 {
        return Err(singular);
    }
    let chi_square = n as f64 * ((&inverse * &covariance).trace() - ratio.ln() - k as f64).max(0.0);
    let df = (k * (k - 1) / 2 - k) as f64;
    Ok(McDonaldOmega {
        omega_total: common / (common + unique.iter().sum::<f64>()),
        loadings,
        residual_variances: unique,
        fit: if df > 0.0 {
            Ok(ChiSquareTest::new(chi_square, df))
        } else {
            Err(Undefined::TooFew { what: "items to test the model", needed: 4, got: k })
        },
        chi_square,
    })
}

/// One form of the intraclass correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntraclassCorrelation {
    /// The coefficient; minus infinite where the mean of raters carries nothing.
    pub icc: Estimate,
    /// Lower limit.
    pub lower: Estimate,
    /// Upper limit.
    pub upper: Estimate,
    /// F against a coefficient of 0.
    pub f: Estimate,
    /// Its p.
    pub p: Estimate,
}

/// Shrout and Fleiss's six forms (1979). `icc2` is the default for coders who all rated the same units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntraclassCorrelations {
    /// One-way, single rater: ICC(1,1).
    pub icc1: IntraclassCorrelation,
    /// Two-way random, absolute agreement, single rater: ICC(2,1).
    pub icc2: IntraclassCorrelation,
    /// Two-way mixed, consistency, single rater: ICC(3,1).
    pub icc3: IntraclassCorrelation,
    /// One-way, mean of the raters: ICC(1,k).
    pub icc1k: IntraclassCorrelation,
    /// Two-way random, absolute agreement, mean of the raters: ICC(2,k).
    pub icc2k: IntraclassCorrelation,
    /// Two-way mixed, consistency, mean of the raters: ICC(3,k).
    pub icc3k: IntraclassCorrelation,
}

/// Intraclass correlations of units (rows) by raters, complete units only (irr `icc`; McGraw & Wong 1996).
///
/// The interval of `icc2k` follows irr; psych and pingouin step up the limits of `icc2` instead, which differs in small
/// samples.
///
/// # Errors
/// [`Undefined::TooFew`] below two raters or two complete units, [`Undefined::NoVariation`] where all ratings are equal.
pub fn intraclass_correlations(
    rows: &[Vec<Option<f64>>],
    conf_level: f64,
) -> Result<IntraclassCorrelations, Undefined> {
    check_level(conf_level)?;
    let columns = complete_columns(rows)?;
    let squares = MeanSquares::of(&columns);
    if squares.rows + squares.within <= 0.0 {
        return Err(Undefined::NoVariation { what: "the rating" });
    }
    let half_alpha = (1.0 - conf_level) / 2.0;
    let MeanSquares { n, k, rows: r, within: w, error: e, columns: c } = squares;
    let one_way = |f: f64, df2: f64, single: bool, icc: f64| {
        let (df1, upper_p) = (n - 1.0, 1.0 - half_alpha);
        let (low, high) = (f / f_ppf(upper_p, df1, df2), f * f_ppf(upper_p, df2, df1));
        let limit = |f: f64| if single { (f - 1.0) / (f + k - 1.0) } else { 1.0 - 1.0 / f };
        form(icc, limit(low), limit(high), f, f_sf(f, df1, df2))
    };
    // Two-way agreement: degrees of freedom of a mixture of mean squares (Satterthwaite).
    let agreement = |icc: f64, spread: f64| {
        let (ac, be) = (k * icc / (n * (1.0 - icc)) * c, (1.0 + k * icc * (n - 1.0) / (n * (1.0 - icc))) * e);
        let v = (ac + be).powi(2) / (ac * ac / (k - 1.0) + be * be / ((n - 1.0) * (k - 1.0)));
        let f = r / e;
        let p = if v.is_nan() { f64::NAN } else { f_sf(f, n - 1.0, v) };
        let (low, high) = (f_ppf(1.0 - half_alpha, n - 1.0, v), f_ppf(1.0 - half_alpha, v, n - 1.0));
        let lower = n * (r - low * e) / (low * spread + n * r);
        let upper = n * (high * r - e) / (spread + n * high * r);
        form(icc, lower, upper, f, p)
    };
    let icc2 = (r - e) / (r + (k - 1.0) * e + k / n * (c - e));
    let icc2k = (r - e) / (r + (c - e) / n);
    let rest = k * n - k - n;
    Ok(IntraclassCorrelations {
        icc1: one_way(r / w, n * (k - 1.0), true, (r - w) / (r + (k - 1.0) * w)),
        icc1k: one_way(r / w, n * (k - 1.0), false, (r - w) / r),
        icc3: one_way(r / e, (n - 1.0) * (k - 1.0), true, (r - e) / (r + (k - 1.0) * e)),
        icc3k: one_way(r / e, (n - 1.0) * (k - 1.0), false, (r - e) / r),
        icc2: agreement(icc2, k * c + rest * e),
        icc2k: agreement(icc2k, c - e),
    })
}

fn form(icc: f64, lower: f64, upper: f64, f: f64, p: f64) -> IntraclassCorrelation {
    let none = Undefined::NoVariation { what: "the error between raters" };
    let or_none = |value: f64| defined(value, none);
    IntraclassCorrelation {
        icc: or_none(icc),
        lower: or_none(lower),
        upper: or_none(upper),
        f: or_none(f),
        p: or_none(p),
    }
}

struct MeanSquares {
    n: f64,
    k: f64,
    rows: f64,
    columns: f64,
    within: f64,
    error: f64,
}

impl MeanSquares {
    fn of(columns: &[Vec<f64>]) -> Self {
        let (n, k) = (columns[0].len() as f64, columns.len() as f64);
        let grand = mean(&columns.concat());
        let row_means: Vec<f64> = sum_of(columns.iter()).iter().map(|s| s / k).collect();
        let column_means: Vec<f64> = columns.iter().map(|c| mean(c)).collect();
        let over = |value: &dyn Fn(usize, usize) -> f64| -> f64 {
            (0..columns.len()).flat_map(|j| (0..row_means.len()).map(move |i| (i, j))).map(|(i, j)| value(i, j)).sum()
        };
        Self {
            n,
            k,
            rows: k * row_means.iter().map(|m| (m - grand).powi(2)).sum::<f64>() / (n - 1.0),
            columns: n * column_means.iter().map(|m| (m - grand).powi(2)).sum::<f64>() / (k - 1.0),
            within: over(&|i, j| (columns[j][i] - row_means[i]).powi(2)) / (n * (k - 1.0)),
            error: over(&|i, j| (columns[j][i] - row_means[i] - column_means[j] + grand).powi(2))
                / ((n - 1.0) * (k - 1.0)),
        }
    }
}
