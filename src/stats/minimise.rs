//! Minima of smooth functions of a few variables.
//!
//! Newton's method with derivatives by finite differences. A direction in which the function curves down is followed
//! downhill, every step is shortened until it helps, so the function never rises. Variables must be scaled so that a
//! change of one matters.

use nalgebra::{DMatrix, DVector};

/// A minimum and the curvature there.
pub(crate) struct Minimum {
    pub x: DVector<f64>,
    pub value: f64,
    pub hessian: DMatrix<f64>,
}

const STEP: f64 = 2e-3;

/// Gradient and second derivatives of `f` at `x`, accurate to the fourth order of the step.
pub(crate) fn derivatives(
    f: &mut impl FnMut(&DVector<f64>) -> f64,
    x: &DVector<f64>,
    value: f64,
) -> (DVector<f64>, DMatrix<f64>) {
    let n = x.len();
    let step: Vec<f64> = x.iter().map(|v| STEP * v.abs().max(1.0)).collect();
    let mut at = |moves: &[(usize, f64)]| {
        let mut point = x.clone();
        for (i, times) in moves {
            point[*i] += times * step[*i];
        }
        f(&point)
    };
    let (mut gradient, mut hessian) = (DVector::zeros(n), DMatrix::zeros(n, n));
    for i in 0..n {
        let (a, b, c, d) = (at(&[(i, -2.0)]), at(&[(i, -1.0)]), at(&[(i, 1.0)]), at(&[(i, 2.0)]));
        gradient[i] = (a - 8.0 * b + 8.0 * c - d) / (12.0 * step[i]);
        hessian[(i, i)] = (16.0 * (b + c) - a - d - 30.0 * value) / (12.0 * step[i] * step[i]);
        for j in 0..i {
            let mut mixed = |k: f64| {
                let corner =
                    at(&[(i, k), (j, k)]) - at(&[(i, k), (j, -k)]) - at(&[(i, -k), (j, k)]) + at(&[(i, -k), (j, -k)]);
                corner / (4.0 * k * k * step[i] * step[j])
            };
            hessian[(i, j)] = (4.0 * mixed(1.0) - mixed(2.0)) / 3.0;
            hessian[(j, i)] = hessian[(i, j)];
        }
    }
    (gradient, hessian)
}

/// Derivatives of several functions at `x`, a column per variable, accurate to the fourth order of the step.
pub(crate) fn jacobian(f: impl Fn(&DVector<f64>) -> DVector<f64>, x: &DVector<f64>) -> DMatrix<f64> {
    let columns: Vec<DVector<f64>> = (0..x.len())
        .map(|i| {
            let step = STEP * x[i].abs().max(1.0);
            let at = |times: f64| {
                let mut point = x.clone();
                point[i] += times * step;
                f(&point)
            };
            (at(-2.0) - at(-1.0) * 8.0 + at(1.0) * 8.0 - at(2.0)) / (12.0 * step)
        })
        .collect();
    DMatrix::from_columns(&columns)
}

/// A minimum of `f` near `start`; `None` where `f` has no value there or the search does not end.
pub(crate) fn minimise(mut f: impl FnMut(&DVector<f64>) -> f64, start: DVector<f64>) -> Option<Minimum> {
    let mut x = start;
    let mut value = f(&x);
    for _ in 0..200 {
        let (gradient, hessian) = derivatives(&mut f, &x, value);
        if !value.is_finite() || gradient.iter().chain(hessian.iter()).any(|v| !v.is_finite()) {
            return None;
        }
        let eigen = hessian.clone().symmetric_eigen();
        let floor = 1e-7 * eigen.eigenvalues.amax().max(1e-7);
        let inverse = eigen.eigenvalues.map(|v| 1.0 / v.abs().max(floor));
        let along = eigen.eigenvectors.tr_mul(&gradient).component_mul(&inverse);
        let mut step = -(&eigen.eigenvectors * along);
        let longest = 1.0 + x.norm();
        if step.norm() > longest {
            step *= longest / step.norm();
        }
        let gain = -gradient.dot(&step);
        if gain < 1e-12 * value.abs().max(1.0) {
            return Some(Minimum { x, value, hessian });
        }
        let improved = (0..40).find_map(|halvings| {
            let next = &x + &step * 0.5_f64.powi(halvings);
            let reached = f(&next);
            (reached < value).then_some((next, reached))
        });
        match improved {
            Some((next, reached)) => (x, value) = (next, reached),
            // No point downhill is lower: this is the minimum, as far as rounding lets one see.
            None => return Some(Minimum { x, value, hessian }),
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_curved_valley_is_followed_to_its_end() {
        let valley = |x: &DVector<f64>| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
        let found = minimise(valley, DVector::from_vec(vec![-1.2, 1.0])).unwrap();
        assert!((found.x[0] - 1.0).abs() < 1e-6 && (found.x[1] - 1.0).abs() < 1e-6, "{}", found.x);
        assert!((found.hessian[(0, 0)] - 802.0).abs() < 0.1 && (found.hessian[(0, 1)] + 400.0).abs() < 0.1);
    }
}
