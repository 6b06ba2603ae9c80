//! Chi-square of an r x c table, with effect size and residuals.

use crate::stats::estimate::{ChiSquareTest, Estimate, Undefined, defined};

/// What is said of an r x c table.
#[derive(Debug, Clone, PartialEq)]
pub struct ChiSquareRxC {
    /// Pearson's test.
    pub pearson: ChiSquareTest,
    /// Likelihood ratio (G).
    pub likelihood_ratio: ChiSquareTest,
    /// Cramer's V.
    pub cramers_v: f64,
    /// Cramer's V with Bergsma's (2013) correction of bias.
    pub cramers_v_bias_corrected: Estimate,
    /// Expected counts of the rows and columns that are kept.
    pub expected: Vec<Vec<f64>>,
    /// Adjusted residuals: standard normal where there is no association.
    pub adjusted_residuals: Vec<Vec<f64>>,
    /// Rows that were dropped because they are empty.
    pub dropped_rows: Vec<usize>,
    /// Columns that were dropped because they are empty.
    pub dropped_columns: Vec<usize>,
}

/// Chi-square of independence (R `chisq.test`, vcd `assocstats`); empty rows and columns are dropped and reported.
///
/// # Errors
/// [`Undefined::Malformed`] for rows of unequal length, [`Undefined::TooFew`] where fewer than two rows or columns hold
/// anybody.
pub fn chi_square_rxc(table: &[Vec<u64>]) -> Result<ChiSquareRxC, Undefined> {
    let width = table.first().map_or(0, Vec::len);
    if table.iter().any(|row| row.len() != width) {
        return Err(Undefined::Malformed { what: "the rows of the table differ in length" });
    }
    let is_empty_row = |i: &usize| table[*i].iter().all(|v| *v == 0);
    let is_empty_column = |j: &usize| table.iter().all(|row| row[*j] == 0);
    let (dropped_rows, rows): (Vec<usize>, Vec<usize>) = (0..table.len()).partition(is_empty_row);
    let (dropped_columns, columns): (Vec<usize>, Vec<usize>) = (0..width).partition(is_empty_column);
    let least = rows.len().min(columns.len());
    if least < 2 {
        return Err(Undefined::TooFew { what: "rows or columns with anybody in them", needed: 2, got: least });
    }
    let observed: Vec<Vec<f64>> = rows.iter().map(|&i| columns.iter().map(|&j| table[i][j] as f64).collect()).collect();
    let row_sums: Vec<f64> = observed.iter().map(|row| row.iter().sum()).collect();
    let column_sums: Vec<f64> = (0..columns.len()).map(|j| observed.iter().map(|row| row[j]).sum()).collect();
    let n: f64 = row_sums.iter().sum();
    let expected: Vec<Vec<f64>> = row_sums.iter().map(|r| column_sums.iter().map(|c| r * c / n).collect()).collect();
    let (mut statistic, mut g) = (0.0, 0.0);
    let mut adjusted_residuals = expected.clone();
    for (i, row) in observed.iter().enumerate() {
        for (j, &o) in row.iter().enumerate() {
            let e = expected[i][j];
            statistic += (o - e) * (o - e) / e;
            g += if o > 0.0 { 2.0 * o * (o / e).ln() } else { 0.0 };
            let spread = (e * (1.0 - row_sums[i] / n) * (1.0 - column_sums[j] / n)).sqrt();
            adjusted_residuals[i][j] = (o - e) / spread;
        }
    }
    let (r, c) = (rows.len() as f64, columns.len() as f64);
    let df = (r - 1.0) * (c - 1.0);
    let squared = statistic / n;
    let shrink = |k: f64| k - (k - 1.0).powi(2) / (n - 1.0);
    let corrected = ((squared - df / (n - 1.0)).max(0.0) / (shrink(r).min(shrink(c)) - 1.0)).sqrt();
    Ok(ChiSquareRxC {
        pearson: ChiSquareTest::new(statistic, df),
        likelihood_ratio: ChiSquareTest::new(g.max(0.0), df),
        cramers_v: (squared / (r.min(c) - 1.0)).sqrt(),
        cramers_v_bias_corrected: defined(corrected, Undefined::TooFew { what: "people", needed: 3, got: n as usize }),
        expected,
        adjusted_residuals,
        dropped_rows,
        dropped_columns,
    })
}
