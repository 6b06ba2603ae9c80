//! Adjustment of p values for a declared family of tests.
//!
//! A missing p (not computable) stays missing and does not count in the size of the family, as in R's `p.adjust`. The
//! caller prints the size of the family beside every adjusted p.

/// A way to adjust a family of p values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PAdjust {
    /// Bonferroni: times the size of the family.
    Bonferroni,
    /// Holm's step-down; controls the family-wise error under any dependence.
    Holm,
    /// Hochberg's step-up; family-wise error under independence or positive dependence.
    Hochberg,
    /// Benjamini and Hochberg's false discovery rate.
    BenjaminiHochberg,
    /// Benjamini and Yekutieli's false discovery rate under any dependence.
    BenjaminiYekutieli,
}

/// Adjusted p values in the order of the input (R `p.adjust`). Values that are NaN count as missing.
pub fn adjust_p(p: &[Option<f64>], method: PAdjust) -> Vec<Option<f64>> {
    let mut order: Vec<(usize, f64)> =
        p.iter().enumerate().filter_map(|(i, v)| v.filter(|v| !v.is_nan()).map(|v| (i, v))).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let m = order.len();
    let mut adjusted = vec![None; p.len()];
    let harmonic: f64 = (1..=m).map(|i| 1.0 / i as f64).sum();
    // The factor of the k-th smallest p, counted from 0.
    let factor = |k: usize| match method {
        PAdjust::Bonferroni => m as f64,
        PAdjust::Holm | PAdjust::Hochberg => (m - k) as f64,
        PAdjust::BenjaminiHochberg => m as f64 / (k + 1) as f64,
        PAdjust::BenjaminiYekutieli => harmonic * m as f64 / (k + 1) as f64,
    };
    match method {
        PAdjust::Bonferroni => {
            for (k, &(i, v)) in order.iter().enumerate() {
                adjusted[i] = Some((factor(k) * v).min(1.0));
            }
        }
        PAdjust::Holm => {
            let mut largest = 0.0_f64;
            for (k, &(i, v)) in order.iter().enumerate() {
                largest = largest.max(factor(k) * v);
                adjusted[i] = Some(largest.min(1.0));
            }
        }
        PAdjust::Hochberg | PAdjust::BenjaminiHochberg | PAdjust::BenjaminiYekutieli => {
            let mut smallest = 1.0_f64;
            for (k, &(i, v)) in order.iter().enumerate().rev() {
                smallest = smallest.min(factor(k) * v);
                adjusted[i] = Some(smallest);
            }
        }
    }
    adjusted
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_missing_p_stays_missing_and_is_not_counted() {
        let adjusted = adjust_p(&[Some(0.02), None, Some(0.5)], PAdjust::Bonferroni);
        assert_eq!(adjusted, vec![Some(0.04), None, Some(1.0)]);
    }

    proptest! {
        #[test]
        fn adjusting_never_lowers_a_p_and_keeps_the_order(p in prop::collection::vec(0.0..=1.0_f64, 1..30)) {
            let family: Vec<Option<f64>> = p.iter().copied().map(Some).collect();
            for method in [PAdjust::Bonferroni, PAdjust::Holm, PAdjust::Hochberg, PAdjust::BenjaminiHochberg,
                PAdjust::BenjaminiYekutieli] {
                let adjusted: Vec<f64> = adjust_p(&family, method).into_iter().flatten().collect();
                for i in 0..p.len() {
                    prop_assert!(adjusted[i] >= p[i] && adjusted[i] <= 1.0);
                    for j in 0..p.len() {
                        prop_assert!(p[i] > p[j] || adjusted[i] <= adjusted[j]);
                    }
                }
            }
        }
    }
}
