//! Correspondence analysis: which rows and columns of a table of counts go together, on a few axes.

use super::estimate::Undefined;
use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// A correspondence analysis; axes are sorted by their share, and their signs are arbitrary.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrespondenceAnalysis {
    /// Singular values, the largest first.
    pub singular_values: Vec<f64>,
    /// Inertia per axis: squared singular values.
    pub principal_inertias: Vec<f64>,
    /// Sum of the inertias: chi-square over n.
    pub total_inertia: f64,
    /// Share of each row in the table.
    pub row_masses: Vec<f64>,
    /// Share of each column in the table.
    pub column_masses: Vec<f64>,
    /// Principal coordinates of the rows, one per axis.
    pub rows: Vec<Vec<f64>>,
    /// Principal coordinates of the columns.
    pub columns: Vec<Vec<f64>>,
}

/// Simple correspondence analysis of a table of counts (R ca).
///
/// # Errors
/// [`Undefined::Malformed`] for rows of unequal length or negative counts, [`Undefined::TooFew`] below two rows or columns,
/// [`Undefined::Empty`] for an empty row or column: drop it first.
pub fn correspondence_analysis(table: &[Vec<f64>]) -> Result<CorrespondenceAnalysis, Undefined> {
    let (rows, columns) = (table.len(), table.first().map_or(0, Vec::len));
    if table.iter().any(|row| row.len() != columns) {
        return Err(Undefined::Malformed { what: "the rows of the table differ in length" });
    }
    if table.iter().flatten().any(|v| !(v.is_finite() && *v >= 0.0)) {
        return Err(Undefined::Malformed { what: "a count is negative" });
    }
    if rows.min(columns) < 2 {
        return Err(Undefined::TooFew { what: "rows or columns", needed: 2, got: rows.min(columns) });
    }
    let n: f64 = table.iter().flatten().sum();
    let row_masses: Vec<f64> = table.iter().map(|row| row.iter().sum::<f64>() / n).collect();
    let column_masses: Vec<f64> = (0..columns).map(|j| table.iter().map(|row| row[j]).sum::<f64>() / n).collect();
    if row_masses.iter().chain(&column_masses).any(|m| m.is_nan() || *m <= 0.0) {
        return Err(Undefined::Empty { what: "a row or column of the table" });
    }
    let residuals = DMatrix::from_fn(rows, columns, |i, j| {
        let expected = row_masses[i] * column_masses[j];
        (table[i][j] / n - expected) / expected.sqrt()
    });
    // The last axis carries nothing: the residuals of every row and column sum to nil.
    let axes = rows.min(columns) - 1;
    let (row_vectors, column_vectors, lengths) = if rows >= columns {
        singular_vectors(residuals)
    } else {
        let (of_columns, of_rows, lengths) = singular_vectors(residuals.transpose());
        (of_rows, of_columns, lengths)
    };
    let coordinates = |masses: &[f64], vectors: &DMatrix<f64>| -> Vec<Vec<f64>> {
        let of = |i: usize| (0..axes).map(|k| vectors[(i, k)] * lengths[k] / masses[i].sqrt()).collect();
        (0..masses.len()).map(of).collect()
    };
    let singular_values: Vec<f64> = lengths[..axes].to_vec();
    let principal_inertias: Vec<f64> = singular_values.iter().map(|s| s * s).collect();
    Ok(CorrespondenceAnalysis {
        total_inertia: principal_inertias.iter().sum(),
        rows: coordinates(&row_masses, &row_vectors),
        columns: coordinates(&column_masses, &column_vectors),
        singular_values,
        principal_inertias,
        row_masses,
        column_masses,
    })
}

/// Left and right singular vectors and singular values, the largest first, of a matrix with no fewer rows than columns.
///
/// One-sided Jacobi rotations (Hestenes 1958): small singular values come out as precise as large ones. nalgebra's
/// decomposition, asked for full precision, gave a wrong largest value for a table of 4 by 3 and did not say so.
fn singular_vectors(mut work: DMatrix<f64>) -> (DMatrix<f64>, DMatrix<f64>, Vec<f64>) {
    let columns = work.ncols();
    let mut right = DMatrix::identity(columns, columns);
    for _ in 0..100 {
        let mut turned = false;
        for a in 0..columns {
            for b in a + 1..columns {
                let (x, y) = (work.column(a).norm_squared(), work.column(b).norm_squared());
                let product = work.column(a).dot(&work.column(b));
                if product.abs() <= 1e-16 * (x * y).sqrt() || product == 0.0 {
                    continue;
                }
                turned = true;
                let half = (y - x) / (2.0 * product);
                let tangent = half.signum() / (half.abs() + half.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = cosine * tangent;
                rotate(&mut work, a, b, cosine, sine);
                rotate(&mut right, a, b, cosine, sine);
            }
        }
        if !turned {
            break;
        }
    }
    let lengths: Vec<f64> = (0..columns).map(|j| work.column(j).norm()).collect();
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by(|&a, &b| lengths[b].total_cmp(&lengths[a]));
    let largest = order.first().map_or(0.0, |&k| lengths[k]);
    let unit = |i: usize, k: usize| if lengths[k] > 1e-14 * largest { work[(i, k)] / lengths[k] } else { 0.0 };
    let left = DMatrix::from_fn(work.nrows(), columns, |i, k| unit(i, order[k]));
    let right = DMatrix::from_fn(columns, columns, |j, k| right[(j, order[k])]);
    (left, right, order.iter().map(|&k| lengths[k]).collect())
}

fn rotate(matrix: &mut DMatrix<f64>, a: usize, b: usize, cosine: f64, sine: f64) {
    for i in 0..matrix.nrows() {
        let (x, y) = (matrix[(i, a)], matrix[(i, b)]);
        matrix[(i, a)] = cosine * x - sine * y;
        matrix[(i, b)] = sine * x + cosine * y;
    }
}

/// A multiple correspondence analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct MultipleCorrespondence<T> {
    /// Categories, sorted within each variable: index of the variable, and the category.
    pub categories: Vec<(usize, T)>,
    /// Eigenvalues of the indicator matrix, the largest first.
    pub eigenvalues: Vec<f64>,
    /// Eigenvalues above one over the number of variables, corrected after Benzécri.
    pub benzecri: Vec<f64>,
    /// Principal coordinates of the categories, in their order.
    pub coordinates: Vec<Vec<f64>>,
    /// Principal coordinates of the people.
    pub people: Vec<Vec<f64>>,
}

/// Multiple correspondence analysis of people (rows) by categorical variables (FactoMineR `MCA`, indicator matrix).
///
/// # Errors
/// [`Undefined::Malformed`] for rows of unequal length, [`Undefined::TooFew`] below two variables or people,
/// [`Undefined::NoVariation`] where no variable has two categories.
pub fn multiple_correspondence_analysis<T: Ord + Clone>(
    people: &[Vec<T>],
) -> Result<MultipleCorrespondence<T>, Undefined> {
    let variables = people.first().map_or(0, Vec::len);
    if people.iter().any(|row| row.len() != variables) {
        return Err(Undefined::Malformed { what: "the rows differ in length" });
    }
    if variables.min(people.len()) < 2 {
        return Err(Undefined::TooFew { what: "variables or people", needed: 2, got: variables.min(people.len()) });
    }
    let mut index: BTreeMap<(usize, &T), usize> = BTreeMap::new();
    for row in people {
        index.extend(row.iter().enumerate().map(|(v, category)| ((v, category), 0)));
    }
    index.values_mut().enumerate().for_each(|(at, slot)| *slot = at);
    let axes = index.len() - variables;
    if axes == 0 {
        return Err(Undefined::NoVariation { what: "every variable" });
    }
    let mut indicator = vec![vec![0.0; index.len()]; people.len()];
    for (row, out) in people.iter().zip(&mut indicator) {
        for key in row.iter().enumerate() {
            if let Some(&at) = index.get(&key) {
                out[at] = 1.0;
            }
        }
    }
    let analysis = correspondence_analysis(&indicator)?;
    let kept = axes.min(analysis.principal_inertias.len());
    let eigenvalues = analysis.principal_inertias[..kept].to_vec();
    let k = variables as f64;
    let first_axes = |rows: Vec<Vec<f64>>| rows.into_iter().map(|row| row[..kept].to_vec()).collect();
    Ok(MultipleCorrespondence {
        categories: index.into_keys().map(|(variable, category)| (variable, category.clone())).collect(),
        benzecri: eigenvalues
            .iter()
            .filter(|e| **e > 1.0 / k + 1e-12)
            .map(|e| (k / (k - 1.0) * (e - 1.0 / k)).powi(2))
            .collect(),
        eigenvalues,
        coordinates: first_axes(analysis.columns),
        people: first_axes(analysis.rows),
    })
}
