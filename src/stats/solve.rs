//! Roots and minima of functions of one variable.
//!
//! Owns bracketing and Brent's methods; knows nothing of statistics. Both stop at the precision of doubles when asked.

/// A root of `f` in `[lo, hi]` by Brent's method; `None` when the ends do not differ in sign or `f` gives NaN.
///
/// Source: Brent (1973), *Algorithms for Minimization without Derivatives*, chapter 4.
pub(crate) fn find_root(mut f: impl FnMut(f64) -> f64, lo: f64, hi: f64, tolerance: f64) -> Option<f64> {
    let (mut a, mut b) = (lo, hi);
    let (mut fa, mut fb) = (f(a), f(b));
    if fa.is_nan() || fb.is_nan() {
        return None;
    }
    if fa == 0.0 {
        return Some(a);
    }
    if fb == 0.0 {
        return Some(b);
    }
    if (fa > 0.0) == (fb > 0.0) {
        return None;
    }
    let (mut c, mut fc) = (a, fa);
    let (mut step, mut previous) = (b - a, b - a);
    for _ in 0..500 {
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
            step = b - a;
            previous = step;
        }
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let small = 2.0 * f64::EPSILON * b.abs() + 0.5 * tolerance;
        let half = 0.5 * (c - b);
        if half.abs() <= small || fb == 0.0 {
            return Some(b);
        }
        if previous.abs() >= small && fa.abs() > fb.abs() {
            let s = fb / fa;
            let (mut p, mut q);
            if a == c {
                p = 2.0 * half * s;
                q = 1.0 - s;
            } else {
                let (r, t) = (fb / fc, fa / fc);
                p = s * (2.0 * half * t * (t - r) - (b - a) * (r - 1.0));
                q = (t - 1.0) * (r - 1.0) * (s - 1.0);
            }
            if p > 0.0 {
                q = -q;
            }
            p = p.abs();
            if 2.0 * p < (3.0 * half * q - (small * q).abs()).min((previous * q).abs()) {
                previous = step;
                step = p / q;
            } else {
                step = half;
                previous = half;
            }
        } else {
            step = half;
            previous = half;
        }
        (a, fa) = (b, fb);
        b += if step.abs() > small { step } else { small.copysign(half) };
        fb = f(b);
        if fb.is_nan() {
            return None;
        }
    }
    Some(b)
}

/// A root of an increasing or decreasing `f`, searched outwards from `start` in doubling steps before Brent's method.
pub(crate) fn find_root_from(
    mut f: impl FnMut(f64) -> f64,
    start: f64,
    first_step: f64,
    tolerance: f64,
) -> Option<f64> {
    let at_start = f(start);
    if at_start == 0.0 {
        return Some(start);
    }
    let (mut below, mut above, mut step) = (start, start, first_step);
    for _ in 0..200 {
        let (lo, hi) = (below - step, above + step);
        if (f(lo) > 0.0) != (at_start > 0.0) {
            return find_root(f, lo, below, tolerance);
        }
        if (f(hi) > 0.0) != (at_start > 0.0) {
            return find_root(f, above, hi, tolerance);
        }
        (below, above, step) = (lo, hi, step * 2.0);
        if !(lo.is_finite() && hi.is_finite()) {
            return None;
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn brent_finds_the_square_root_of_two() {
        let root = find_root(|x| x * x - 2.0, 0.0, 2.0, 0.0).unwrap();
        assert!((root - std::f64::consts::SQRT_2).abs() < 1e-15);
    }

    #[test]
    fn no_root_without_a_change_of_sign() {
        assert_eq!(find_root(|x| x * x + 1.0, -1.0, 1.0, 0.0), None);
    }

    #[test]
    fn the_bracket_is_searched_outwards_on_both_sides() {
        assert!((find_root_from(|x| x - 1000.0, 0.0, 1.0, 0.0).unwrap() - 1000.0).abs() < 1e-9);
        assert!((find_root_from(|x| x + 1000.0, 0.0, 1.0, 0.0).unwrap() + 1000.0).abs() < 1e-9);
    }
}
