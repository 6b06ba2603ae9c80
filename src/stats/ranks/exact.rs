//! Exact distributions of sums of ranks, by dynamic programming over what was observed.
//!
//! Sums are of doubled midranks, so they are integers with ties too (Streitberg & Roehmel 1986). Nothing is enumerated:
//! time is the number of ranks times the number of possible sums.

use crate::stats::estimate::Undefined;

/// Exact p values of a rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactP {
    /// Sums at least as far from their expectation as the observed one.
    pub two_sided: f64,
    /// Sums as large or larger.
    pub greater: f64,
    /// Sums as small or smaller.
    pub less: f64,
}

/// More additions than this are refused (about half a second).
const MOST_STEPS: u64 = 400_000_000;

/// Exact p of the sum of `chosen` of these doubled ranks, all choices equally likely.
pub(super) fn subset_sum_p(doubled: &[u64], chosen: usize, observed: u64) -> Result<ExactP, Undefined> {
    // Ranks without ties are all even: halving them halves the work.
    let unit = if doubled.iter().all(|r| r % 2 == 0) { 2 } else { 1 };
    let ranks: Vec<usize> = doubled.iter().map(|&r| (r / unit) as usize).collect();
    let n = ranks.len();
    let total: usize = ranks.iter().sum();
    let complement = chosen > n / 2;
    let (take, observed) =
        if complement { (n - chosen, total as u64 - observed / unit) } else { (chosen, observed / unit) };
    let mut largest = ranks.clone();
    largest.sort_unstable();
    let most: usize = largest.iter().rev().take(take).sum();
    let steps = (n as u64).saturating_mul(take as u64).saturating_mul(most as u64);
    if steps > MOST_STEPS || n > 1000 {
        return Err(Undefined::TooLarge { what: "the sample" });
    }
    // ways[k][s]: choices of k ranks with sum s, as a share of nothing yet; the total divides at the end.
    let width = most + 1;
    let mut ways = vec![0.0_f64; (take + 1) * width];
    ways[0] = 1.0;
    for (seen, &rank) in ranks.iter().enumerate() {
        for k in (1..=take.min(seen + 1)).rev() {
            let (before, after) = ways.split_at_mut(k * width);
            let from = &before[(k - 1) * width..];
            if rank < width {
                for (to, add) in after[rank..width].iter_mut().zip(from) {
                    *to += add;
                }
            }
        }
    }
    let p = tails(&ways[take * width..], observed as f64, take as f64 * total as f64 / n as f64);
    // A large sum of those not chosen is a small sum of the chosen.
    Ok(if complement { ExactP { greater: p.less, less: p.greater, ..p } } else { p })
}

/// Exact p of the sum of those doubled ranks that come out positive, each with probability one half.
pub(super) fn sign_sum_p(doubled: &[u64], observed: u64) -> Result<ExactP, Undefined> {
    let total: u64 = doubled.iter().sum();
    if doubled.len() > 1000 || total.saturating_mul(doubled.len() as u64) > MOST_STEPS {
        return Err(Undefined::TooLarge { what: "the sample" });
    }
    let mut share = vec![0.0_f64; total as usize + 1];
    share[0] = 1.0;
    let mut reached = 0_usize;
    for &rank in doubled {
        let rank = rank as usize;
        reached += rank;
        for s in (0..=reached).rev() {
            let shifted = if s >= rank { share[s - rank] } else { 0.0 };
            share[s] = 0.5 * (share[s] + shifted);
        }
    }
    Ok(tails(&share, observed as f64, total as f64 / 2.0))
}

fn tails(weights: &[f64], observed: f64, expected: f64) -> ExactP {
    let all: f64 = weights.iter().sum();
    let distance = (observed - expected).abs() - 1e-7;
    let (mut two_sided, mut greater, mut less) = (0.0, 0.0, 0.0);
    for (s, w) in weights.iter().enumerate() {
        let s = s as f64;
        if (s - expected).abs() >= distance {
            two_sided += w;
        }
        if s >= observed {
            greater += w;
        }
        if s <= observed {
            less += w;
        }
    }
    ExactP { two_sided: two_sided / all, greater: greater / all, less: less / all }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn all_subsets_of_a_small_sample_agree_with_enumeration() {
        let doubled = [2_u64, 5, 5, 8, 11, 11];
        for chosen in 1..6_usize {
            for observed in 0..40_u64 {
                let sums: Vec<u64> = (0..64_u32)
                    .filter(|m| m.count_ones() as usize == chosen)
                    .map(|m| (0..6).filter(|i| m >> i & 1 == 1).map(|i| doubled[i as usize]).sum())
                    .collect();
                if !sums.contains(&observed) {
                    continue;
                }
                let all = sums.len() as f64;
                let p = subset_sum_p(&doubled, chosen, observed).unwrap();
                let share = |holds: &dyn Fn(u64) -> bool| sums.iter().filter(|&&s| holds(s)).count() as f64 / all;
                assert!((p.greater - share(&|s| s >= observed)).abs() < 1e-12);
                assert!((p.less - share(&|s| s <= observed)).abs() < 1e-12);
                let centre = chosen as f64 * 42.0 / 6.0;
                let far = (observed as f64 - centre).abs();
                assert!((p.two_sided - share(&|s| (s as f64 - centre).abs() >= far - 1e-9)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_sample_too_large_is_refused_and_not_tried() {
        let doubled: Vec<u64> = (1..=3000).map(|r| 2 * r).collect();
        assert!(subset_sum_p(&doubled, 1500, 4_501_500).is_err());
        assert!(sign_sum_p(&doubled, 4_501_500).is_err());
    }
}
