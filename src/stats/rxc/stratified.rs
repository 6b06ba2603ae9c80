//! Tables of two by two within strata: Cochran-Mantel-Haenszel, and whether the strata agree.

use crate::stats::distributions::{Hypergeometric, z_for};
use crate::stats::estimate::{ChiSquareTest, Estimate, Interval, Undefined, check_level, defined};
use crate::stats::solve::find_root_from;
use crate::stats::two_by_two::TwoByTwo;

/// What is said of one association within strata.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MantelHaenszel {
    /// Cochran-Mantel-Haenszel test without continuity correction.
    pub test: Result<ChiSquareTest, Undefined>,
    /// The same with a correction of one half, where the difference is at least that (as R).
    pub test_corrected: Result<ChiSquareTest, Undefined>,
    /// Mantel-Haenszel odds ratio.
    pub odds_ratio: Estimate,
    /// Its interval (Robins, Breslow & Greenland 1986).
    pub odds_ratio_interval: Result<Interval, Undefined>,
    /// Exact p, conditional on the margins of every stratum.
    pub p_exact: f64,
    /// Conditional maximum likelihood odds ratio.
    pub conditional_odds_ratio: Estimate,
    /// Breslow and Day's test that the odds ratio is the same in all strata.
    pub breslow_day: Result<ChiSquareTest, Undefined>,
}

/// The association of two binary variables within strata, such as therapists (R `mantelhaen.test`). Strata of fewer
/// than two people are left out.
///
/// # Errors
/// [`Undefined::TooFew`] without a stratum of two people, [`Undefined::TooLarge`] for counts beyond ten million,
/// [`Undefined::Malformed`] for a level outside 0 to 1.
pub fn cochran_mantel_haenszel(strata: &[TwoByTwo], conf_level: f64) -> Result<MantelHaenszel, Undefined> {
    check_level(conf_level)?;
    let strata: Vec<&TwoByTwo> = strata.iter().filter(|t| t.n() >= 2).collect();
    if strata.is_empty() {
        return Err(Undefined::TooFew { what: "strata with two people", needed: 1, got: 0 });
    }
    if strata.iter().map(|t| t.n() as f64).sum::<f64>() > 1e7 {
        return Err(Undefined::TooLarge { what: "the number of people" });
    }
    let mut sums = Sums::default();
    for table in &strata {
        sums.add(table);
    }
    let flat = Undefined::Empty { what: "a row or column in every stratum" };
    let chi_square = |distance: f64| {
        if sums.variance > 0.0 { Ok(ChiSquareTest::new(distance * distance / sums.variance, 1.0)) } else { Err(flat) }
    };
    let distance = sums.excess.abs();
    let odds_ratio = defined(sums.r / sums.s, flat);
    let log_se =
        (sums.pr / (2.0 * sums.r * sums.r) + sums.ps_qr / (2.0 * sums.r * sums.s) + sums.qs / (2.0 * sums.s * sums.s))
            .sqrt();
    let odds_ratio_interval = match odds_ratio {
        Ok(ratio) if ratio > 0.0 && ratio.is_finite() => {
            Ok(Interval::around(ratio.ln(), z_for(conf_level) * log_se).map(f64::exp))
        }
        Ok(_) => Err(Undefined::AtLimit { what: "the common odds ratio" }),
        Err(reason) => Err(reason),
    };
    let exact = Convolution::of(&strata)?;
    Ok(MantelHaenszel {
        test: chi_square(distance),
        test_corrected: chi_square(if distance >= 0.5 { distance - 0.5 } else { distance }),
        odds_ratio,
        odds_ratio_interval,
        p_exact: exact.p_two_sided(),
        conditional_odds_ratio: exact.odds_ratio(),
        breslow_day: odds_ratio.and_then(|ratio| breslow_day(&strata, ratio)),
    })
}

#[derive(Default)]
struct Sums {
    excess: f64,
    variance: f64,
    r: f64,
    s: f64,
    pr: f64,
    ps_qr: f64,
    qs: f64,
}

impl Sums {
    fn add(&mut self, table: &TwoByTwo) {
        let [a, b, c, d] = [table.a, table.b, table.c, table.d].map(|v| v as f64);
        let n = a + b + c + d;
        let (row, column) = (a + b, a + c);
        self.excess += a - row * column / n;
        self.variance += row * (n - row) * column * (n - column) / (n * n * (n - 1.0));
        let (r, s) = (a * d / n, b * c / n);
        let (p, q) = ((a + d) / n, (b + c) / n);
        self.r += r;
        self.s += s;
        self.pr += p * r;
        self.ps_qr += p * s + q * r;
        self.qs += q * s;
    }
}

/// Breslow and Day (1980), without Tarone's correction.
fn breslow_day(strata: &[&TwoByTwo], ratio: f64) -> Result<ChiSquareTest, Undefined> {
    if ratio == 0.0 || ratio.is_infinite() {
        return Err(Undefined::AtLimit { what: "the common odds ratio" });
    }
    if strata.len() < 2 {
        return Err(Undefined::TooFew { what: "strata", needed: 2, got: strata.len() });
    }
    let mut statistic = 0.0;
    for table in strata {
        let row = (table.a + table.b) as f64;
        let (column, n) = ((table.a + table.c) as f64, table.n() as f64);
        // The expected count solves a quadratic; its stable root lies between the limits of the cell.
        let (k, sum) = (1.0 - ratio, n - row - column + ratio * (row + column));
        let product = ratio * row * column;
        let discriminant = (sum * sum + 4.0 * k * product).max(0.0).sqrt();
        let expected = 2.0 * product / (sum + discriminant);
        let cells = [expected, row - expected, column - expected, n - row - column + expected];
        let variance = 1.0 / cells.iter().map(|c| 1.0 / c).sum::<f64>();
        if variance > 0.0 {
            statistic += (table.a as f64 - expected).powi(2) / variance;
        }
    }
    Ok(ChiSquareTest::new(statistic, strata.len() as f64 - 1.0))
}

/// The distribution of the sum of the first cells.
struct Convolution {
    probabilities: Vec<f64>,
    low: u64,
    observed: u64,
}

impl Convolution {
    fn of(strata: &[&TwoByTwo]) -> Result<Self, Undefined> {
        let mut probabilities = vec![1.0];
        let (mut low, mut observed, mut steps) = (0, 0, 0_usize);
        for table in strata {
            let d = Hypergeometric::new(table.n(), table.a + table.b, table.a + table.c)
                .ok_or(Undefined::Malformed { what: "a table" })?;
            let own: Vec<f64> = (d.low..=d.high).map(|x| d.ln_pmf(x).exp()).collect();
            steps = steps.saturating_add(own.len().saturating_mul(probabilities.len()));
            if steps > 500_000_000 {
                return Err(Undefined::TooLarge { what: "the number of people" });
            }
            let mut both = vec![0.0; probabilities.len() + own.len() - 1];
            for (i, p) in probabilities.iter().enumerate() {
                for (to, q) in both[i..].iter_mut().zip(&own) {
                    *to += p * q;
                }
            }
            probabilities = both;
            low += d.low;
            observed += table.a;
        }
        Ok(Self { probabilities, low, observed })
    }

    fn at_observed(&self) -> usize {
        (self.observed - self.low) as usize
    }

    fn p_two_sided(&self) -> f64 {
        let limit = self.probabilities[self.at_observed()] * (1.0 + 1e-7);
        let all: f64 = self.probabilities.iter().sum();
        (self.probabilities.iter().filter(|p| **p <= limit).sum::<f64>() / all).min(1.0)
    }

    fn odds_ratio(&self) -> Estimate {
        let at = self.at_observed();
        let last = self.probabilities.len() - 1;
        if last == 0 {
            return Err(Undefined::Empty { what: "a row or column in every stratum" });
        }
        if at == 0 || at == last {
            return Ok(if at == 0 { 0.0 } else { f64::INFINITY });
        }
        let excess = |ln_odds: f64| {
            let log = |i: usize| self.probabilities[i].ln() + i as f64 * ln_odds;
            let top = (0..=last).map(log).fold(f64::NEG_INFINITY, f64::max);
            let (mut mass, mut mean) = (0.0, 0.0);
            for i in 0..=last {
                let weight = (log(i) - top).exp();
                mass += weight;
                mean += weight * i as f64;
            }
            mean / mass - at as f64
        };
        find_root_from(excess, 0.0, 0.5, 0.0)
            .map(f64::exp)
            .ok_or(Undefined::NotConverged { what: "the conditional odds ratio" })
    }
}
