//! Do some predictors tell the outcomes apart without error?
//!
//! They do when a direction of coefficients never points against any observation and points with at least one: along it the
//! likelihood grows for ever. Whether there is one is a linear programme (Konis 2007), solved here by the simplex method
//! with Bland's rule.

use nalgebra::DMatrix;

const ZERO: f64 = 1e-9;

/// Whether the maximum likelihood estimate is infinite: complete or quasi-complete separation.
pub(super) fn is_separated(x: &DMatrix<f64>, y: &[bool]) -> bool {
    let (n, p) = x.shape();
    let scale: Vec<f64> = (0..p).map(|j| x.column(j).amax().max(f64::MIN_POSITIVE)).collect();
    // maximise sum_i a_i b  subject to  a_i b >= 0  and  -1 <= b <= 1,  with b = u - v and u, v in [0, 1].
    let width = 2 * p + 1;
    let mut tableau = Vec::with_capacity(n + 2 * p);
    let mut objective = vec![0.0; width];
    for (i, &present) in y.iter().enumerate() {
        let mut row = vec![0.0; width];
        for j in 0..p {
            let a = x[(i, j)] / scale[j] * if present { 1.0 } else { -1.0 };
            (row[j], row[p + j]) = (-a, a);
            objective[j] += a;
            objective[p + j] -= a;
        }
        tableau.push(row);
    }
    for j in 0..2 * p {
        let mut row = vec![0.0; width];
        (row[j], row[2 * p]) = (1.0, 1.0);
        tableau.push(row);
    }
    maximum(tableau, objective) > ZERO * n as f64
}

/// The largest value of a linear objective over `rows x <= last column`, `x >= 0`, for a right-hand side that is not
/// negative. The tableau keeps only the columns of what is not in the basis.
fn maximum(mut rows: Vec<Vec<f64>>, mut objective: Vec<f64>) -> f64 {
    let columns = objective.len() - 1;
    // Names of variables, for Bland's rule: the given ones first, then the slack of each row.
    let mut outside: Vec<usize> = (0..columns).collect();
    let mut basis: Vec<usize> = (columns..columns + rows.len()).collect();
    let mut value = 0.0;
    for _ in 0..100_000 {
        let entering = (0..columns).filter(|&j| objective[j] > ZERO).min_by_key(|&j| outside[j]);
        let Some(enter) = entering else { break };
        let mut leaving: Option<(usize, f64)> = None;
        for (i, row) in rows.iter().enumerate() {
            if row[enter] > ZERO {
                let ratio = row[columns] / row[enter];
                let better = leaving.is_none_or(|(best, least)| {
                    ratio < least - ZERO || (ratio < least + ZERO && basis[i] < basis[best])
                });
                if better {
                    leaving = Some((i, ratio));
                }
            }
        }
        // The box makes every direction end.
        let Some((leave, _)) = leaving else { break };
        let pivot = rows[leave][enter];
        let mut row = std::mem::take(&mut rows[leave]);
        row.iter_mut().for_each(|v| *v /= pivot);
        row[enter] = 1.0 / pivot;
        for other in rows.iter_mut().filter(|r| !r.is_empty()) {
            eliminate(other, &row, enter);
        }
        value += objective[enter] * row[columns];
        eliminate(&mut objective, &row, enter);
        rows[leave] = row;
        std::mem::swap(&mut outside[enter], &mut basis[leave]);
        if value > 1.0 {
            // The sum can only grow: it is certainly not nil.
            break;
        }
    }
    value
}

fn eliminate(target: &mut [f64], row: &[f64], enter: usize) {
    let factor = target[enter];
    if factor != 0.0 {
        target[enter] = 0.0;
        for (t, r) in target.iter_mut().zip(row) {
            *t -= factor * r;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn separated(predictor: &[f64], y: &[bool]) -> bool {
        is_separated(&DMatrix::from_fn(y.len(), 2, |i, j| if j == 0 { 1.0 } else { predictor[i] }), y)
    }

    #[test]
    fn a_threshold_separates_and_an_overlap_does_not() {
        let y = [false, false, false, true, true, true];
        assert!(separated(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &y));
        assert!(!separated(&[1.0, 2.0, 4.5, 4.0, 5.0, 6.0], &y));
    }

    #[test]
    fn touching_at_one_value_is_quasi_separation() {
        assert!(separated(&[1.0, 2.0, 3.0, 3.0, 5.0, 6.0], &[false, false, false, true, true, true]));
    }

    #[test]
    fn an_empty_cell_is_quasi_separation() {
        let theme = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        assert!(separated(&theme, &[true, true, true, true, false, true, false]));
        assert!(!separated(&theme, &[true, false, true, true, false, true, false]));
    }

    #[test]
    fn two_predictors_can_separate_together_only() {
        let (a, b) = ([1.0, 2.0, 3.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 1.0, 2.0, 3.0]);
        let y = [true, true, true, false, false, false];
        assert!(!separated(&a, &y) && !separated(&b, &y));
        let both = DMatrix::from_fn(6, 3, |i, j| [1.0, a[i], b[i]][j]);
        assert!(is_separated(&both, &y));
    }
}
