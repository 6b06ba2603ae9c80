//! Samples with missing values, made complete.
//!
//! Every test takes complete samples; the caller says with these functions what was left out, and prints how many.

/// The values that are there, in their order.
pub fn present_values(values: &[Option<f64>]) -> Vec<f64> {
    values.iter().flatten().copied().collect()
}

/// The pairs of which both parts are there, in their order; a longer sample's surplus is dropped.
pub fn complete_pairs(x: &[Option<f64>], y: &[Option<f64>]) -> (Vec<f64>, Vec<f64>) {
    x.iter().zip(y).filter_map(|(a, b)| Some(((*a)?, (*b)?))).unzip()
}

/// Arithmetic mean; the residuals are summed once more, which removes the rounding of the first pass.
pub(crate) fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let first = values.iter().sum::<f64>() / n;
    first + values.iter().map(|v| v - first).sum::<f64>() / n
}

/// Sum of squared deviations from the mean, two-pass with correction.
pub(crate) fn sum_of_squares(values: &[f64]) -> f64 {
    let centre = mean(values);
    let drift = values.iter().map(|v| v - centre).sum::<f64>();
    let squares: f64 = values.iter().map(|v| (v - centre) * (v - centre)).sum();
    (squares - drift * drift / values.len() as f64).max(0.0)
}

/// Variance with n - 1; NaN below two values.
pub(crate) fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 { f64::NAN } else { sum_of_squares(values) / (values.len() - 1) as f64 }
}

/// A sorted copy.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut copy = values.to_vec();
    copy.sort_unstable_by(f64::total_cmp);
    copy
}

/// Quantile of a sorted, non-empty sample at the 0-based fractional position `h`, clamped to its ends.
pub(crate) fn at_position(sorted: &[f64], h: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let h = h.clamp(0.0, last as f64);
    let below = h.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (h - below as f64) * (sorted[above] - sorted[below])
}

/// Quantile of a sorted, non-empty sample, type 7 (R's default).
pub(crate) fn quantile_sorted(sorted: &[f64], p: f64) -> f64 {
    at_position(sorted, p * (sorted.len() - 1) as f64)
}

/// Median of a sorted, non-empty sample.
pub(crate) fn median_sorted(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { 0.5 * (sorted[half - 1] + sorted[half]) }
}
