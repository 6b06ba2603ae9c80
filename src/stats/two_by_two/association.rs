//! Chi-square tests and measures of association of a 2 x 2 table.

use super::TwoByTwo;
use crate::stats::estimate::{ChiSquareTest, Estimate, Undefined, defined};

const EMPTY: Undefined = Undefined::Empty { what: "a row or column of the table" };

/// Chi-square tests of independence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare2x2 {
    /// Smallest expected count; below 5, prefer the exact test.
    pub min_expected: f64,
    /// Pearson's test without correction.
    pub pearson: Result<ChiSquareTest, Undefined>,
    /// With Yates's correction, `min(.5, |observed - expected|)`.
    pub yates: Result<ChiSquareTest, Undefined>,
    /// Likelihood ratio (G).
    pub likelihood_ratio: Result<ChiSquareTest, Undefined>,
}

/// Pearson, Yates and likelihood-ratio chi-square of a 2 x 2 table (R `chisq.test`); undefined with an empty margin.
pub fn chi_square_2x2(table: &TwoByTwo) -> ChiSquare2x2 {
    let n = table.n() as f64;
    let rows = [table.row1() as f64, table.row2() as f64];
    let columns = [table.present() as f64, table.absent() as f64];
    let expected =
        [rows[0] * columns[0] / n, rows[0] * columns[1] / n, rows[1] * columns[0] / n, rows[1] * columns[1] / n];
    let min_expected = if n == 0.0 { 0.0 } else { expected.iter().copied().fold(f64::INFINITY, f64::min) };
    if table.has_empty_margin() {
        return ChiSquare2x2 { min_expected, pearson: Err(EMPTY), yates: Err(EMPTY), likelihood_ratio: Err(EMPTY) };
    }
    let observed = table.cells();
    // All four cells are equally far from what is expected.
    let distance = (observed[0] * observed[3] - observed[1] * observed[2]).abs() / n;
    let inverse: f64 = expected.iter().map(|e| 1.0 / e).sum();
    let correction = distance.min(0.5);
    let g: f64 = observed.iter().zip(expected).map(|(&o, e)| if o == 0.0 { 0.0 } else { o * (o / e).ln() }).sum();
    ChiSquare2x2 {
        min_expected,
        pearson: Ok(ChiSquareTest::new(distance * distance * inverse, 1.0)),
        yates: Ok(ChiSquareTest::new((distance - correction).powi(2) * inverse, 1.0)),
        likelihood_ratio: Ok(ChiSquareTest::new((2.0 * g).max(0.0), 1.0)),
    }
}

/// Measures of association on the scale of a correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phi {
    /// Pearson's r of the two 0/1 variables, with its sign.
    pub phi: f64,
    /// Cramer's V, which is |phi| here.
    pub cramers_v: f64,
    /// Pearson's contingency coefficient.
    pub contingency_coefficient: f64,
    /// Cramer's V with Bergsma's (2013) correction of bias.
    pub cramers_v_bias_corrected: Estimate,
}

/// Phi and its relatives (vcd `assocstats`; Bergsma 2013).
///
/// # Errors
/// [`Undefined::Empty`] when a row or column is empty.
pub fn phi_coefficient(table: &TwoByTwo) -> Result<Phi, Undefined> {
    if table.has_empty_margin() {
        return Err(EMPTY);
    }
    let [a, b, c, d] = table.cells();
    let n = table.n() as f64;
    let margins = (table.row1() as f64).sqrt()
        * (table.row2() as f64).sqrt()
        * (table.present() as f64).sqrt()
        * (table.absent() as f64).sqrt();
    let phi = (a * d - b * c) / margins;
    let squared = phi * phi;
    let correction = 1.0 / (n - 1.0);
    let corrected = ((squared - correction).max(0.0) / (1.0 - correction)).sqrt();
    Ok(Phi {
        phi,
        cramers_v: phi.abs(),
        contingency_coefficient: (squared / (1.0 + squared)).sqrt(),
        cramers_v_bias_corrected: defined(corrected, Undefined::TooFew { what: "people", needed: 3, got: 2 }),
    })
}

/// Yule's Q, the gamma of a 2 x 2 table.
///
/// # Errors
/// [`Undefined::Empty`] when both diagonals are empty.
pub fn yule_q(table: &TwoByTwo) -> Estimate {
    let [a, b, c, d] = table.cells();
    defined((a * d - b * c) / (a * d + b * c), EMPTY)
}

/// Yule's Y, the coefficient of colligation.
///
/// # Errors
/// As [`yule_q`].
pub fn yule_y(table: &TwoByTwo) -> Estimate {
    let [a, b, c, d] = table.cells();
    let (concordant, discordant) = ((a * d).sqrt(), (b * c).sqrt());
    defined((concordant - discordant) / (concordant + discordant), EMPTY)
}
