//! Random draws that any machine repeats: replicate k of a resampling draws from stream k of the seed.
//!
//! Owns the generator (ChaCha with 8 rounds, whose output is fixed by its definition) and the few draws that resampling
//! needs. The seed is always given; nothing here reads a clock.

use super::distributions::binomial_pmf;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers.
pub(crate) type Stream = ChaCha8Rng;

/// Stream `k` of a seed; streams do not overlap.
pub(crate) fn stream(seed: u64, k: u64) -> Stream {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(k);
    rng
}

/// A uniform number in [0, 1), a multiple of 2^-53.
pub(crate) fn uniform(rng: &mut Stream) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A uniform index below `n`, which must not be 0 (Lemire 2019, with rejection).
pub(crate) fn index_below(rng: &mut Stream, n: usize) -> usize {
    let n = n as u64;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(n);
        let low = product as u64;
        if low >= n || low >= n.wrapping_neg() % n.max(1) {
            return (product >> 64) as usize;
        }
    }
}

/// Shuffles in place (Fisher-Yates).
pub(crate) fn shuffle<T>(rng: &mut Stream, items: &mut [T]) {
    for i in (1..items.len()).rev() {
        items.swap(i, index_below(rng, i + 1));
    }
}

/// `k` of the numbers below `n` (all, where there are no more), in the order drawn, from stream `of` of the seed.
pub fn sample_without_replacement(n: usize, k: usize, seed: u64, of: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    shuffle(&mut stream(seed, of), &mut all);
    all.truncate(k);
    all
}

/// How often each of several kinds comes up when as many things are drawn, with replacement, as there are:
/// `available` says how many there are of each.
pub(crate) fn multinomial(rng: &mut Stream, available: &[u64], drawn: &mut [u64]) {
    let mut to_draw: u64 = available.iter().sum();
    let mut left = to_draw;
    for (have, out) in available.iter().zip(drawn) {
        *out = if *have == left { to_draw } else { binomial(rng, to_draw, *have as f64 / left as f64) };
        to_draw -= *out;
        left -= have;
    }
}

/// A binomial draw by inversion that starts at the mode: time grows with the standard deviation, not with n.
fn binomial(rng: &mut Stream, n: u64, p: f64) -> u64 {
    if p > 0.5 {
        return n - binomial(rng, n, 1.0 - p);
    }
    if n == 0 || p <= 0.0 {
        return 0;
    }
    let q = 1.0 - p;
    let mode = (((n + 1) as f64 * p).floor() as u64).min(n);
    let at_mode = binomial_pmf(mode, n, p);
    let mut rest = uniform(rng) - at_mode;
    let (mut low, mut high) = (mode, mode);
    let (mut below, mut above) = (at_mode, at_mode);
    while rest >= 0.0 && (low > 0 || high < n) {
        if high < n {
            above *= (n - high) as f64 / (high + 1) as f64 * (p / q);
            high += 1;
            rest -= above;
            if rest < 0.0 {
                return high;
            }
        }
        if low > 0 {
            below *= low as f64 / (n - low + 1) as f64 * (q / p);
            low -= 1;
            rest -= below;
            if rest < 0.0 {
                return low;
            }
        }
        if above < 1e-18 && below < 1e-18 {
            break;
        }
    }
    mode
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_same_stream_gives_the_same_numbers_and_another_others() {
        let draw = |k| {
            let mut rng = stream(7, k);
            (0..5).map(|_| uniform(&mut rng)).collect::<Vec<f64>>()
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }

    #[test]
    fn binomial_draws_have_the_mean_and_the_variance_they_should() {
        for (n, p) in [(10_u64, 0.3), (1000, 0.02), (100_000, 0.7)] {
            let mut rng = stream(11, n);
            let draws: Vec<f64> = (0..4000).map(|_| binomial(&mut rng, n, p) as f64).collect();
            let mean = draws.iter().sum::<f64>() / 4000.0;
            let variance = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 3999.0;
            let expected = n as f64 * p * (1.0 - p);
            // Five standard errors: a right sampler passes, and the seed is fixed.
            assert!((mean - n as f64 * p).abs() < 5.0 * (expected / 4000.0).sqrt());
            assert!((variance / expected - 1.0).abs() < 5.0 * (2.0 / 4000.0_f64).sqrt());
        }
    }

    #[test]
    fn a_multinomial_draw_keeps_the_number_of_things() {
        let mut drawn = [0; 4];
        for k in 0..50 {
            multinomial(&mut stream(3, k), &[5, 0, 90, 5], &mut drawn);
            assert_eq!(drawn.iter().sum::<u64>(), 100);
            assert_eq!(drawn[1], 0);
        }
    }

    #[test]
    fn a_sample_has_no_number_twice_and_every_number_the_same_chance() {
        assert_eq!(sample_without_replacement(3, 10, 1, 0).len(), 3);
        let mut counts = [0_i32; 10];
        for k in 0..10_000 {
            let mut drawn = sample_without_replacement(10, 3, 9, k);
            drawn.sort_unstable();
            drawn.dedup();
            assert_eq!(drawn.len(), 3);
            drawn.iter().for_each(|&i| counts[i] += 1);
        }
        // 3,000 each, give or take five standard deviations.
        assert!(counts.iter().all(|c| (c - 3_000).abs() < 230), "{counts:?}");
    }

    #[test]
    fn indices_are_uniform() {
        let mut rng = stream(5, 0);
        let mut counts = [0_i32; 7];
        for _ in 0..70_000 {
            counts[index_below(&mut rng, 7)] += 1;
        }
        assert!(counts.iter().all(|c| (c - 10_000).abs() < 500), "{counts:?}");
    }
}
