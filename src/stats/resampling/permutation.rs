//! Permutation tests, exact where all arrangements can be counted, by chance draws where not.

use crate::stats::distributions::lgamma;
use crate::stats::estimate::{Undefined, check_same_length, check_sample};
use crate::stats::random::{shuffle, stream};
use crate::stats::sample::mean;
use std::collections::BTreeMap;

/// Arrangements as far from chance as the observed one count with it, up to this share of rounding.
const SLACK: f64 = 1e-9;
/// More arrangements are not counted one by one.
const MOST_ARRANGEMENTS: f64 = 5_000_000.0;

/// A permutation test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PermutationTest {
    /// The statistic of the sample.
    pub observed: f64,
    /// Its mean over all arrangements.
    pub expected: f64,
    /// Arrangements that were looked at.
    pub n_arrangements: usize,
    /// Share at least as far from `expected` as the observed one.
    pub p_two_sided: f64,
    /// Share at least as large.
    pub p_greater: f64,
    /// Share at least as small.
    pub p_less: f64,
}

#[derive(Default)]
struct Tally {
    all: usize,
    far: usize,
    large: usize,
    small: usize,
}

impl Tally {
    fn count(&mut self, value: f64, observed: f64, expected: f64) {
        let slack = SLACK * observed.abs().max(expected.abs()).max(1e-300);
        self.all += 1;
        self.far += usize::from((value - expected).abs() >= (observed - expected).abs() - slack);
        self.large += usize::from(value >= observed - slack);
        self.small += usize::from(value <= observed + slack);
    }

    fn exact(&self, observed: f64, expected: f64) -> PermutationTest {
        let share = |count: usize| count as f64 / self.all as f64;
        PermutationTest {
            observed,
            expected,
            n_arrangements: self.all,
            p_two_sided: share(self.far),
            p_greater: share(self.large),
            p_less: share(self.small),
        }
    }
}

/// p of a permutation test by chance draws, of which `n_extreme` of `n_draws` were as extreme: `(b + 1) / (m + 1)`
/// (Phipson & Smyth 2010), never 0.
pub fn monte_carlo_p(n_extreme: usize, n_draws: usize) -> f64 {
    (n_extreme as f64 + 1.0) / (n_draws as f64 + 1.0)
}

fn ln_choose(n: usize, k: usize) -> f64 {
    lgamma(n as f64 + 1.0) - lgamma(k as f64 + 1.0) - lgamma((n - k) as f64 + 1.0)
}

/// Calls `found` with the sum of every choice of `k` of the values.
fn each_choice(values: &[f64], k: usize, sum: f64, found: &mut impl FnMut(f64)) {
    if k == 0 {
        found(sum);
        return;
    }
    for i in 0..=values.len() - k {
        each_choice(&values[i + 1..], k - 1, sum + values[i], found);
    }
}

/// Exact test of a difference of two means: all ways to divide the values between the groups (coin `oneway_test`).
///
/// # Errors
/// [`Undefined::TooFew`] for an empty group, [`Undefined::TooLarge`] beyond five million divisions: use
/// [`permutation_mean_difference_monte_carlo`].
pub fn permutation_mean_difference(x: &[f64], y: &[f64]) -> Result<PermutationTest, Undefined> {
    check_sample("values in the first group", x, 1)?;
    check_sample("values in the second group", y, 1)?;
    let values = [x, y].concat();
    if ln_choose(values.len(), x.len()) > MOST_ARRANGEMENTS.ln() {
        return Err(Undefined::TooLarge { what: "the number of divisions" });
    }
    let (nx, ny) = (x.len() as f64, y.len() as f64);
    let total: f64 = values.iter().sum();
    let difference = |sum: f64| sum / nx - (total - sum) / ny;
    let observed = difference(x.iter().sum());
    let scale = values.iter().map(|v| v.abs()).fold(0.0, f64::max);
    let mut tally = Tally::default();
    each_choice(&values, x.len(), 0.0, &mut |sum| {
        let value = difference(sum);
        // Rounding of the sums is a share of the values, not of their difference.
        let close = (value - observed).abs() <= SLACK * scale;
        tally.count(if close { observed } else { value }, observed, 0.0);
    });
    Ok(PermutationTest { observed: mean(x) - mean(y), ..tally.exact(observed, 0.0) })
}

/// The same test by chance divisions; replicate k draws from stream k of the seed.
///
/// # Errors
/// [`Undefined::TooFew`] for an empty group or without draws.
pub fn permutation_mean_difference_monte_carlo(
    x: &[f64],
    y: &[f64],
    draws: u32,
    seed: u64,
) -> Result<PermutationTest, Undefined> {
    check_sample("values in the first group", x, 1)?;
    check_sample("values in the second group", y, 1)?;
    if draws == 0 {
        return Err(Undefined::TooFew { what: "draws", needed: 1, got: 0 });
    }
    let observed = mean(x) - mean(y);
    let mut tally = Tally::default();
    for k in 0..draws {
        let mut values = [x, y].concat();
        shuffle(&mut stream(seed, u64::from(k)), &mut values);
        let (first, second) = values.split_at(x.len());
        tally.count(mean(first) - mean(second), observed, 0.0);
    }
    Ok(PermutationTest {
        observed,
        expected: 0.0,
        n_arrangements: tally.all,
        p_two_sided: monte_carlo_p(tally.far, tally.all),
        p_greater: monte_carlo_p(tally.large, tally.all),
        p_less: monte_carlo_p(tally.small, tally.all),
    })
}

/// Exact test of a mean change `y - x`: all ways to turn the signs of the changes.
///
/// # Errors
/// [`Undefined::TooFew`] without pairs, [`Undefined::Malformed`] for samples of unequal length,
/// [`Undefined::TooLarge`] beyond 22 pairs.
pub fn permutation_paired(x: &[f64], y: &[f64]) -> Result<PermutationTest, Undefined> {
    check_same_length(x.len(), y.len())?;
    check_sample("pairs", x, 1)?;
    check_sample("pairs", y, 1)?;
    if x.len() > 22 {
        return Err(Undefined::TooLarge { what: "the number of pairs" });
    }
    let n = x.len() as f64;
    let changes: Vec<f64> = x.iter().zip(y).map(|(a, b)| b - a).collect();
    let signed =
        |mask: u32| changes.iter().enumerate().map(|(i, c)| if mask >> i & 1 == 1 { -c } else { *c }).sum::<f64>() / n;
    let observed = signed(0);
    let mut tally = Tally::default();
    for mask in 0..1_u32 << x.len() {
        tally.count(signed(mask), observed, 0.0);
    }
    Ok(tally.exact(observed, 0.0))
}

/// Exact test of a correlation: all orders of y.
///
/// # Errors
/// [`Undefined::TooFew`] below two pairs, [`Undefined::TooLarge`] beyond ten, [`Undefined::NoVariation`] for a constant.
pub fn permutation_correlation(x: &[f64], y: &[f64]) -> Result<PermutationTest, Undefined> {
    check_same_length(x.len(), y.len())?;
    check_sample("pairs", x, 2)?;
    check_sample("pairs", y, 2)?;
    if x.len() > 10 {
        return Err(Undefined::TooLarge { what: "the number of pairs" });
    }
    let standard = |values: &[f64]| {
        let centre = mean(values);
        let length = values.iter().map(|v| (v - centre).powi(2)).sum::<f64>().sqrt();
        values.iter().map(|v| (v - centre) / length).collect::<Vec<f64>>()
    };
    let (zx, mut zy) = (standard(x), standard(y));
    if zx.iter().chain(&zy).any(|v| !v.is_finite()) {
        return Err(Undefined::NoVariation { what: "one of the two variables" });
    }
    let correlation = |zy: &[f64]| zx.iter().zip(zy).map(|(a, b)| a * b).sum::<f64>();
    let observed = correlation(&zy);
    let mut tally = Tally::default();
    each_order(&mut zy, 0, &mut |order| tally.count(correlation(order), observed, 0.0));
    Ok(tally.exact(observed, 0.0))
}

fn each_order(values: &mut [f64], fixed: usize, found: &mut impl FnMut(&[f64])) {
    if fixed + 1 >= values.len() {
        found(values);
        return;
    }
    for i in fixed..values.len() {
        values.swap(fixed, i);
        each_order(values, fixed + 1, found);
        values.swap(fixed, i);
    }
}

/// Exact test of the sum of y in a group whose members could have been any within the same block, such as the clients of
/// one therapist.
///
/// # Errors
/// [`Undefined::Malformed`] for lists of unequal length, [`Undefined::TooFew`] without observations,
/// [`Undefined::TooLarge`] beyond five million arrangements.
pub fn permutation_blocked(y: &[f64], in_group: &[bool], blocks: &[usize]) -> Result<PermutationTest, Undefined> {
    let by_block = Blocks::new(y, in_group, blocks)?;
    let arrangements: f64 = by_block.values.iter().map(|(values, chosen)| ln_choose(values.len(), *chosen)).sum();
    if arrangements > MOST_ARRANGEMENTS.ln() {
        return Err(Undefined::TooLarge { what: "the number of arrangements" });
    }
    let mut sums = vec![0.0];
    for (values, chosen) in &by_block.values {
        let mut next = Vec::new();
        each_choice(values, *chosen, 0.0, &mut |own| next.extend(sums.iter().map(|sum| sum + own)));
        sums = next;
    }
    let mut tally = Tally::default();
    for sum in sums {
        tally.count(sum, by_block.observed, by_block.expected);
    }
    Ok(tally.exact(by_block.observed, by_block.expected))
}

/// The same test by chance arrangements; replicate k draws from stream k of the seed.
///
/// # Errors
/// As [`permutation_blocked`], but for the number of arrangements; [`Undefined::TooFew`] without draws.
pub fn permutation_blocked_monte_carlo(
    y: &[f64],
    in_group: &[bool],
    blocks: &[usize],
    draws: u32,
    seed: u64,
) -> Result<PermutationTest, Undefined> {
    if draws == 0 {
        return Err(Undefined::TooFew { what: "draws", needed: 1, got: 0 });
    }
    let mut by_block = Blocks::new(y, in_group, blocks)?;
    let mut tally = Tally::default();
    for k in 0..draws {
        let mut rng = stream(seed, u64::from(k));
        let mut sum = 0.0;
        for (values, chosen) in &mut by_block.values {
            shuffle(&mut rng, values);
            sum += values.iter().take(*chosen).sum::<f64>();
        }
        tally.count(sum, by_block.observed, by_block.expected);
    }
    Ok(PermutationTest {
        observed: by_block.observed,
        expected: by_block.expected,
        n_arrangements: tally.all,
        p_two_sided: monte_carlo_p(tally.far, tally.all),
        p_greater: monte_carlo_p(tally.large, tally.all),
        p_less: monte_carlo_p(tally.small, tally.all),
    })
}

/// Orders of `n` things by chance; order k is drawn from stream k of the seed.
pub fn random_orders(n: usize, orders: u32, seed: u64) -> impl Iterator<Item = Vec<usize>> {
    (0..orders).map(move |k| {
        let mut order: Vec<usize> = (0..n).collect();
        shuffle(&mut stream(seed, u64::from(k)), &mut order);
        order
    })
}

/// The values of each block, and how many of them are in the group.
struct Blocks {
    values: Vec<(Vec<f64>, usize)>,
    observed: f64,
    expected: f64,
}

impl Blocks {
    fn new(y: &[f64], in_group: &[bool], blocks: &[usize]) -> Result<Self, Undefined> {
        check_same_length(y.len(), in_group.len())?;
        check_same_length(y.len(), blocks.len())?;
        check_sample("observations", y, 1)?;
        let mut by_block: BTreeMap<usize, (Vec<f64>, usize)> = BTreeMap::new();
        for ((value, inside), block) in y.iter().zip(in_group).zip(blocks) {
            let (values, chosen) = by_block.entry(*block).or_default();
            values.push(*value);
            *chosen += usize::from(*inside);
        }
        let values: Vec<(Vec<f64>, usize)> = by_block.into_values().collect();
        let expected = values.iter().map(|(values, chosen)| mean(values) * *chosen as f64).sum();
        let observed = y.iter().zip(in_group).filter(|(_, inside)| **inside).map(|(v, _)| v).sum();
        Ok(Self { values, observed, expected })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn chance_arrangements_within_blocks_come_near_the_exact_p() {
        let y = [1.0, 4.0, 2.0, 7.0, 3.0, 5.0, 6.0, 8.0, 2.5, 9.0];
        let group = [false, true, false, true, false, true, false, true, false, true];
        let blocks = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
        let exact = permutation_blocked(&y, &group, &blocks).unwrap();
        // 4 over 2 times 6 over 3 arrangements. The observed sums are the largest possible in each block but the second:
        // 11 of 11, and 22 of 23.
        assert_eq!(exact.n_arrangements, 120);
        let drawn = permutation_blocked_monte_carlo(&y, &group, &blocks, 9_999, 7).unwrap();
        assert!((drawn.p_two_sided - exact.p_two_sided).abs() < 0.01, "{drawn:?} {exact:?}");
        assert_eq!((drawn.observed, drawn.expected), (exact.observed, exact.expected));
    }
}
