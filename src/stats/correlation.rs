//! Correlation: Pearson, Spearman, Kendall's tau-b, point-biserial, partial.

use super::distributions::z_for;
use super::estimate::{Estimate, Interval, TTest, Undefined, ZTest, check_level, check_same_length, check_sample};
use super::ranks::Ranks;
use super::regression::least_squares;
use super::sample::{mean, sum_of_squares};

/// A product-moment correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pearson {
    /// Complete pairs.
    pub n: usize,
    /// Degrees of freedom of the test: pairs less two.
    pub df: f64,
    /// The coefficient.
    pub r: Estimate,
    /// Test of no correlation by Student's t.
    pub test: Result<TTest, Undefined>,
    /// Interval by Fisher's z; needs four pairs.
    pub interval: Result<Interval, Undefined>,
}

const CONSTANT: Undefined = Undefined::NoVariation { what: "one of the two variables" };

fn check_pairs(x: &[f64], y: &[f64]) -> Result<(), Undefined> {
    check_same_length(x.len(), y.len())?;
    check_sample("pairs", x, 2)?;
    check_sample("pairs", y, 2)
}

fn coefficient(x: &[f64], y: &[f64]) -> Estimate {
    let (mx, my) = (mean(x), mean(y));
    let (sx, sy) = (sum_of_squares(x).sqrt(), sum_of_squares(y).sqrt());
    let flat = |spread: f64, mean: f64, n: usize| spread <= 10.0 * f64::EPSILON * mean.abs() * (n as f64).sqrt();
    if flat(sx, mx, x.len()) || flat(sy, my, y.len()) {
        return Err(CONSTANT);
    }
    let product: f64 = x.iter().zip(y).map(|(a, b)| (a - mx) / sx * ((b - my) / sy)).sum();
    Ok(product.clamp(-1.0, 1.0))
}

fn t_of(r: f64, df: f64) -> Result<TTest, Undefined> {
    if df < 1.0 {
        return Err(Undefined::TooFew { what: "pairs", needed: 3, got: 2 });
    }
    Ok(TTest::new(r * (df / ((1.0 - r) * (1.0 + r))).sqrt(), df))
}

/// Pearson's correlation (R `cor.test`).
///
/// # Errors
/// [`Undefined::TooFew`] below two pairs, [`Undefined::Malformed`] for samples of unequal length or a level outside 0 to 1.
pub fn pearson(x: &[f64], y: &[f64], conf_level: f64) -> Result<Pearson, Undefined> {
    check_level(conf_level)?;
    check_pairs(x, y)?;
    let r = coefficient(x, y);
    let n = x.len();
    let interval = r.and_then(|r| {
        if n < 4 {
            return Err(Undefined::TooFew { what: "pairs", needed: 4, got: n });
        }
        Ok(Interval::around(r.atanh(), z_for(conf_level) / (n as f64 - 3.0).sqrt()).map(f64::tanh))
    });
    let df = n as f64 - 2.0;
    Ok(Pearson { n, df, r, test: r.and_then(|r| t_of(r, df)), interval })
}

/// The correlation of a binary variable with a score; Pearson's with 1 for those who have it.
///
/// # Errors
/// As [`pearson`].
pub fn point_biserial(has_it: &[bool], y: &[f64], conf_level: f64) -> Result<Pearson, Undefined> {
    let x: Vec<f64> = has_it.iter().map(|v| f64::from(u8::from(*v))).collect();
    pearson(&x, y, conf_level)
}

/// Spearman's rank correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spearman {
    /// Complete pairs.
    pub n: usize,
    /// The coefficient: Pearson's of the midranks.
    pub rho: Estimate,
    /// Student's t approximation.
    pub p_t: Estimate,
    /// Exact, for up to nine pairs without ties.
    pub p_exact: Estimate,
    /// Bonett and Wright's interval (2000).
    pub interval: Result<Interval, Undefined>,
}

/// Spearman's rank correlation (R `cor.test`, SciPy `spearmanr`).
///
/// # Errors
/// As [`pearson`].
pub fn spearman(x: &[f64], y: &[f64], conf_level: f64) -> Result<Spearman, Undefined> {
    check_level(conf_level)?;
    check_pairs(x, y)?;
    let (rx, ry) = (Ranks::of(x), Ranks::of(y));
    let rho = coefficient(&rx.midranks(), &ry.midranks());
    let n = x.len();
    let interval = rho.and_then(|rho| {
        if n < 3 {
            return Err(Undefined::TooFew { what: "pairs", needed: 3, got: n });
        }
        let half = z_for(conf_level) * ((1.0 + rho * rho / 2.0) / (n as f64 - 3.0)).sqrt();
        Ok(Interval::around(rho.atanh(), half).map(f64::tanh))
    });
    Ok(Spearman {
        n,
        rho,
        p_t: rho.and_then(|rho| t_of(rho, n as f64 - 2.0)).map(|t| t.p),
        p_exact: rho.and_then(|_| spearman_exact(&rx, &ry)),
        interval,
    })
}

/// Twice the smaller tail of the sum of squared rank differences over all orders, counted over subsets of ranks used.
fn spearman_exact(rx: &Ranks, ry: &Ranks) -> Estimate {
    let n = rx.doubled.len();
    if rx.has_ties() || ry.has_ties() {
        return Err(Undefined::Ties { what: "a variable" });
    }
    if n > 9 {
        return Err(Undefined::TooLarge { what: "the sample" });
    }
    let most = n * (n * n - 1) / 3;
    let mut ways = vec![vec![0_u64; most + 1]; 1 << n];
    ways[0][0] = 1;
    for used in 0..(1_usize << n) - 1 {
        let i = used.count_ones() as usize;
        for j in (0..n).filter(|j| used >> j & 1 == 0) {
            let squared = i.abs_diff(j).pow(2);
            for s in 0..=most - squared.min(most) {
                ways[used | 1 << j][s + squared] += ways[used][s];
            }
        }
    }
    let observed: u64 = rx.doubled.iter().zip(&ry.doubled).map(|(a, b)| (a.abs_diff(*b) / 2).pow(2)).sum();
    let counts = &ways[(1 << n) - 1];
    let all: u64 = counts.iter().sum();
    let small: u64 = counts[..=observed as usize].iter().sum();
    let large: u64 = counts[observed as usize..].iter().sum();
    Ok((2.0 * small.min(large) as f64 / all as f64).min(1.0))
}

/// Kendall's rank correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kendall {
    /// Complete pairs.
    pub n: usize,
    /// tau-b, corrected for ties.
    pub tau_b: Estimate,
    /// Normal approximation, tie-corrected.
    pub test: Result<ZTest, Undefined>,
    /// Exact, for up to fifty pairs without ties.
    pub p_exact: Estimate,
}

/// Kendall's tau-b in O(n log n) (R `cor.test(method = "kendall")`; Knight 1966).
///
/// # Errors
/// [`Undefined::TooFew`] below two pairs, [`Undefined::Malformed`] for samples of unequal length.
pub fn kendall(x: &[f64], y: &[f64]) -> Result<Kendall, Undefined> {
    check_pairs(x, y)?;
    let n = x.len();
    let (rx, ry) = (Ranks::of(x), Ranks::of(y));
    let mut pairs: Vec<(u64, u64)> = rx.doubled.iter().copied().zip(ry.doubled.iter().copied()).collect();
    pairs.sort_unstable();
    let tied_both = Ties::of(pairs.clone()).pairs;
    let mut second: Vec<u64> = pairs.iter().map(|p| p.1).collect();
    let discordant = inversions(&mut second);
    let (tx, ty) = (Ties::of(rx.doubled.clone()), Ties::of(ry.doubled.clone()));
    let all = n as f64 * (n as f64 - 1.0) / 2.0;
    let score = all - tx.pairs - ty.pairs + tied_both - 2.0 * discordant as f64;
    let scale = ((all - tx.pairs) * (all - ty.pairs)).sqrt();
    let tau_b = if scale > 0.0 { Ok((score / scale).clamp(-1.0, 1.0)) } else { Err(CONSTANT) };
    let m = n as f64;
    let linear = (m * (m - 1.0) * (2.0 * m + 5.0) - tx.linear - ty.linear) / 18.0;
    let squares = 4.0 * tx.pairs * ty.pairs / (2.0 * m * (m - 1.0));
    let cubes = if n > 2 { tx.triples * ty.triples / (9.0 * m * (m - 1.0) * (m - 2.0)) } else { 0.0 };
    Ok(Kendall {
        n,
        tau_b,
        test: tau_b.map(|_| ZTest::new(score / (linear + squares + cubes).sqrt())),
        p_exact: tau_b.and_then(|_| {
            if rx.has_ties() || ry.has_ties() {
                Err(Undefined::Ties { what: "a variable" })
            } else {
                kendall_exact(n, discordant)
            }
        }),
    })
}

/// Sums over groups of t equal values.
struct Ties {
    /// t (t - 1) / 2
    pairs: f64,
    /// t (t - 1) (t - 2)
    triples: f64,
    /// t (t - 1) (2 t + 5)
    linear: f64,
}

impl Ties {
    fn of<T: Ord>(mut values: Vec<T>) -> Self {
        values.sort_unstable();
        let mut sums = Self { pairs: 0.0, triples: 0.0, linear: 0.0 };
        for group in values.chunk_by(|a, b| a == b) {
            let t = group.len() as f64;
            sums.pairs += t * (t - 1.0) / 2.0;
            sums.triples += t * (t - 1.0) * (t - 2.0);
            sums.linear += t * (t - 1.0) * (2.0 * t + 5.0);
        }
        sums
    }
}

/// Pairs out of order, counted while sorting.
fn inversions(values: &mut [u64]) -> u64 {
    if values.len() < 2 {
        return 0;
    }
    let middle = values.len() / 2;
    let mut count = inversions(&mut values[..middle]) + inversions(&mut values[middle..]);
    let mut merged = Vec::with_capacity(values.len());
    let (left, right) = values.split_at(middle);
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        if right[j] < left[i] {
            merged.push(right[j]);
            count += (left.len() - i) as u64;
            j += 1;
        } else {
            merged.push(left[i]);
            i += 1;
        }
    }
    merged.extend_from_slice(&left[i..]);
    merged.extend_from_slice(&right[j..]);
    values.copy_from_slice(&merged);
    count
}

fn kendall_exact(n: usize, discordant: u64) -> Estimate {
    if n > 50 {
        return Err(Undefined::TooLarge { what: "the sample" });
    }
    // Probability of each number of inversions: every new value goes to one of its places with equal chance.
    let mut share = vec![1.0_f64];
    for places in 2..=n {
        let mut next = vec![0.0; share.len() + places - 1];
        for (i, p) in share.iter().enumerate() {
            for to in &mut next[i..i + places] {
                *to += p / places as f64;
            }
        }
        share = next;
    }
    let at = discordant as usize;
    let few: f64 = share[..=at].iter().sum();
    let many: f64 = share[at..].iter().sum();
    Ok((2.0 * few.min(many)).min(1.0))
}

/// A correlation of what is left of two variables when others are taken out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartialCorrelation {
    /// The coefficient.
    pub r: f64,
    /// Its test, with n - 2 - k degrees of freedom.
    pub test: TTest,
}

/// The correlation of x and y after linear regression of both on the variables `given`.
///
/// # Errors
/// [`Undefined::TooFew`] below three degrees of freedom, [`Undefined::RankDeficient`] where `given` are dependent,
/// [`Undefined::NoVariation`] where nothing is left.
pub fn partial_correlation(x: &[f64], y: &[f64], given: &[Vec<f64>]) -> Result<PartialCorrelation, Undefined> {
    check_pairs(x, y)?;
    let needed = given.len() + 3;
    if x.len() < needed {
        return Err(Undefined::TooFew { what: "pairs", needed, got: x.len() });
    }
    let (rest_x, rest_y) = (least_squares(given, x)?.residuals, least_squares(given, y)?.residuals);
    let negligible = |rest: &[f64], whole: &[f64]| sum_of_squares(rest) <= 1e-24 * sum_of_squares(whole);
    if negligible(&rest_x, x) || negligible(&rest_y, y) {
        return Err(Undefined::NoVariation { what: "what is left of a variable" });
    }
    let product: f64 = rest_x.iter().zip(&rest_y).map(|(a, b)| a * b).sum();
    let squares = |v: &[f64]| v.iter().map(|a| a * a).sum::<f64>().sqrt();
    let r = (product / (squares(&rest_x) * squares(&rest_y))).clamp(-1.0, 1.0);
    Ok(PartialCorrelation { r, test: t_of(r, (x.len() - 2 - given.len()) as f64)? })
}
