//! The same people categorised twice or more: McNemar, Bowker, Stuart-Maxwell, Cochran's Q.

use super::distributions::{binom_cdf, binomial_pmf, z_for};
use super::estimate::{ChiSquareTest, Estimate, Interval, Undefined, check_level};
use super::two_by_two::{TwoByTwo, clopper_pearson_interval, wilson_limits};
use nalgebra::{DMatrix, DVector};

/// McNemar's comparison of one binary variable on two occasions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// Present first, absent then.
    pub b: u64,
    /// Absent first, present then.
    pub c: u64,
    /// Exact two-sided p.
    pub p_exact: f64,
    /// Exact p in which the observed outcome counts half (Fagerland 2013).
    pub p_mid: f64,
    /// Chi-square without continuity correction.
    pub chi_square: Result<ChiSquareTest, Undefined>,
    /// Chi-square with continuity correction.
    pub chi_square_corrected: Result<ChiSquareTest, Undefined>,
    /// b / c.
    pub odds_ratio: Estimate,
    /// Exact interval of b / c.
    pub odds_ratio_interval: Result<Interval, Undefined>,
    /// Share on the first occasion less share on the second.
    pub risk_difference: f64,
    /// Newcombe's paired score interval (1998b, method 10).
    pub risk_difference_interval: Interval,
}

/// McNemar's test; rows are the first occasion (present, absent), columns the second. Checked against R `mcnemar.test` and
/// `binom.test` and statsmodels.
///
/// # Errors
/// [`Undefined::Empty`] without people, [`Undefined::Malformed`] for a level outside 0 to 1.
pub fn mcnemar(table: &TwoByTwo, conf_level: f64) -> Result<McNemar, Undefined> {
    check_level(conf_level)?;
    if table.n() == 0 {
        return Err(Undefined::Empty { what: "the table" });
    }
    let TwoByTwo { a: _, b, c, d: _ } = *table;
    let changed = b.saturating_add(c);
    let none = Undefined::NoVariation { what: "anybody's category" };
    let (p_exact, p_mid) = if changed == 0 {
        (1.0, 1.0)
    } else {
        let p = (2.0 * binom_cdf(b.min(c) as f64, changed as f64, 0.5)).min(1.0);
        (p, p - binomial_pmf(b.min(c), changed, 0.5))
    };
    let distance = b.abs_diff(c) as f64;
    let chi_square = |distance: f64| {
        if changed == 0 { Err(none) } else { Ok(ChiSquareTest::new(distance * distance / changed as f64, 1.0)) }
    };
    let odds = |p: f64| p / (1.0 - p);
    let n = table.n() as f64;
    Ok(McNemar {
        b,
        c,
        p_exact,
        p_mid,
        chi_square: chi_square(distance),
        chi_square_corrected: chi_square((distance - 1.0).max(0.0)),
        odds_ratio: if changed == 0 { Err(none) } else { Ok(b as f64 / c as f64) },
        odds_ratio_interval: if changed == 0 {
            Err(none)
        } else {
            clopper_pearson_interval(b, changed, conf_level).map(|interval| interval.map(odds))
        },
        risk_difference: (b as f64 - c as f64) / n,
        risk_difference_interval: newcombe_paired(table, z_for(conf_level)),
    })
}

fn newcombe_paired(table: &TwoByTwo, z: f64) -> Interval {
    let [a, b, c, d] = [table.a, table.b, table.c, table.d].map(|v| v as f64);
    let n = a + b + c + d;
    let (p1, p2) = ((a + b) / n, (a + c) / n);
    let (first, second) = (wilson_limits(a + b, n, z), wilson_limits(a + c, n, z));
    let product = (a + b) * (c + d) * (a + c) * (b + d);
    let excess = a * d - b * c;
    let corrected = if excess > 0.0 { (excess - n / 2.0).max(0.0) } else { excess };
    let phi = if product > 0.0 { corrected / product.sqrt() } else { 0.0 };
    let both = |x: f64, y: f64| (x * x - 2.0 * phi * x * y + y * y).max(0.0).sqrt();
    Interval {
        lower: p1 - p2 - both(p1 - first.lower, second.upper - p2),
        upper: p1 - p2 + both(first.upper - p1, p2 - second.lower),
    }
}

fn check_square(table: &[Vec<u64>]) -> Result<(), Undefined> {
    if table.len() < 2 {
        Err(Undefined::TooFew { what: "categories", needed: 2, got: table.len() })
    } else if table.iter().any(|row| row.len() != table.len()) {
        Err(Undefined::Malformed { what: "the table is not square" })
    } else {
        Ok(())
    }
}

/// Bowker's test of symmetry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bowker {
    /// With a degree of freedom for every pair of categories.
    pub test: ChiSquareTest,
    /// With a degree of freedom only for pairs between which somebody moved.
    pub test_nonempty: Result<ChiSquareTest, Undefined>,
}

/// Bowker's test that moves between two categories are as frequent in both directions. A pair between which nobody moved
/// contributes nothing.
///
/// # Errors
/// [`Undefined::TooFew`] below two categories, [`Undefined::Malformed`] if the table is not square.
pub fn bowker(table: &[Vec<u64>]) -> Result<Bowker, Undefined> {
    check_square(table)?;
    let k = table.len();
    let (mut statistic, mut nonempty) = (0.0, 0.0);
    for (i, row) in table.iter().enumerate() {
        for (j, moved) in row.iter().enumerate().skip(i + 1) {
            let (there, back) = (*moved as f64, table[j][i] as f64);
            if there + back > 0.0 {
                statistic += (there - back).powi(2) / (there + back);
                nonempty += 1.0;
            }
        }
    }
    Ok(Bowker {
        test: ChiSquareTest::new(statistic, (k * (k - 1) / 2) as f64),
        test_nonempty: if nonempty > 0.0 {
            Ok(ChiSquareTest::new(statistic, nonempty))
        } else {
            Err(Undefined::NoVariation { what: "anybody's category" })
        },
    })
}

/// Tests of equal margins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarginalHomogeneity {
    /// Degrees of freedom: categories in use less one.
    pub df: f64,
    /// Stuart and Maxwell's test.
    pub stuart_maxwell: Result<ChiSquareTest, Undefined>,
    /// Bhapkar's test, which is more powerful.
    pub bhapkar: Result<ChiSquareTest, Undefined>,
}

/// Stuart-Maxwell and Bhapkar tests that the categories are as frequent on both occasions; categories that nobody is ever
/// in are dropped (statsmodels `SquareTable.homogeneity`, irr `stuart.maxwell.mh`).
///
/// # Errors
/// [`Undefined::TooFew`] below two categories in use, [`Undefined::Malformed`] if the table is not square.
pub fn marginal_homogeneity(table: &[Vec<u64>]) -> Result<MarginalHomogeneity, Undefined> {
    check_square(table)?;
    let cell = |i: usize, j: usize| table[i][j] as f64;
    let all = table.len();
    let row = |i: usize| (0..all).map(|j| cell(i, j)).sum::<f64>();
    let column = |i: usize| (0..all).map(|j| cell(j, i)).sum::<f64>();
    let used: Vec<usize> = (0..all).filter(|&i| row(i) + column(i) > 0.0).collect();
    if used.len() < 2 {
        return Err(Undefined::TooFew { what: "categories in use", needed: 2, got: used.len() });
    }
    let k = used.len() - 1;
    let df = k as f64;
    let difference = DVector::from_fn(k, |i, _| row(used[i]) - column(used[i]));
    let covariance = DMatrix::from_fn(k, k, |i, j| {
        let (a, b) = (used[i], used[j]);
        if i == j { row(a) + column(a) - 2.0 * cell(a, a) } else { -(cell(a, b) + cell(b, a)) }
    });
    let n: f64 = (0..all).map(row).sum();
    let scale = covariance.amax();
    let singular = Undefined::NoVariation { what: "a category: nobody moved into or out of it, and the test" };
    let statistic = covariance
        .cholesky()
        .filter(|c| c.l_dirty().diagonal().iter().all(|v| v * v > 1e-10 * scale))
        .map(|c| difference.dot(&c.solve(&difference)))
        .ok_or(singular);
    Ok(MarginalHomogeneity {
        df,
        stuart_maxwell: statistic.map(|s| ChiSquareTest::new(s, df)),
        bhapkar: statistic.and_then(|s| {
            let b = s / (1.0 - s / n);
            if b.is_finite() && b >= 0.0 { Ok(ChiSquareTest::new(b, df)) } else { Err(singular) }
        }),
    })
}

/// Cochran's Q of several binary occasions: a row is a person.
///
/// # Errors
/// [`Undefined::TooFew`] below two occasions, [`Undefined::Malformed`] for rows of unequal length,
/// [`Undefined::NoVariation`] where nobody differs between occasions.
pub fn cochran_q(rows: &[Vec<bool>]) -> Result<ChiSquareTest, Undefined> {
    let k = rows.first().map_or(0, Vec::len);
    if k < 2 {
        return Err(Undefined::TooFew { what: "occasions", needed: 2, got: k });
    }
    if rows.iter().any(|row| row.len() != k) {
        return Err(Undefined::Malformed { what: "the rows differ in length" });
    }
    let person = |row: &Vec<bool>| row.iter().filter(|v| **v).count() as f64;
    let occasion = |j: usize| rows.iter().filter(|row| row[j]).count() as f64;
    let total: f64 = rows.iter().map(person).sum();
    let (of_people, of_occasions): (f64, f64) =
        (rows.iter().map(|r| person(r).powi(2)).sum(), (0..k).map(|j| occasion(j).powi(2)).sum());
    let k = k as f64;
    let denominator = k * total - of_people;
    if denominator == 0.0 {
        return Err(Undefined::NoVariation { what: "anybody's answer" });
    }
    Ok(ChiSquareTest::new((k - 1.0) * (k * of_occasions - total * total) / denominator, k - 1.0))
}
