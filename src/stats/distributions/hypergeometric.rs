//! The hypergeometric distribution, central and noncentral (Fisher's).
//!
//! Tables of a million people are summed outwards from where the mass is, without allocation: a tail costs some
//! multiples of its standard deviation.

use super::special::{LN_2PI, deviance, stirling_error};

/// P(X = x): `drawn` out of `total` things, of which `marked` are marked.
pub fn hypergeom_pmf(x: u64, total: u64, marked: u64, drawn: u64) -> f64 {
    Hypergeometric::new(total, marked, drawn).map_or(f64::NAN, |d| d.ln_pmf(x).exp())
}

/// P(X > x), for the same arguments as [`hypergeom_pmf`].
pub fn hypergeom_sf(x: u64, total: u64, marked: u64, drawn: u64) -> f64 {
    Hypergeometric::new(total, marked, drawn).map_or(f64::NAN, |d| if x >= d.high { 0.0 } else { d.upper(x + 1) })
}

/// The distribution of one cell of a 2 x 2 table with fixed margins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hypergeometric {
    total: u64,
    marked: u64,
    drawn: u64,
    /// Smallest possible value.
    pub(crate) low: u64,
    /// Largest possible value.
    pub(crate) high: u64,
}

/// ln of the binomial probability of x in n, `q = 1 - p` given apart.
pub(super) fn ln_binomial(x: f64, n: f64, p: f64, q: f64) -> f64 {
    if x == 0.0 {
        return if n == 0.0 { 0.0 } else { -deviance(n, n * q) - n * p };
    }
    if x == n {
        return -deviance(n, n * p) - n * q;
    }
    let y = n - x;
    stirling_error(n)
        - stirling_error(x)
        - stirling_error(y)
        - deviance(x, n * p)
        - deviance(y, n * q)
        - 0.5 * (LN_2PI + x.ln() + (y / n).ln())
}

impl Hypergeometric {
    /// The distribution, or `None` if more is marked or drawn than there is.
    pub(crate) fn new(total: u64, marked: u64, drawn: u64) -> Option<Self> {
        if marked > total || drawn > total {
            return None;
        }
        let low = drawn.saturating_sub(total - marked);
        Some(Self { total, marked, drawn, low, high: marked.min(drawn) })
    }

    /// ln P(X = x), as a ratio of three binomial probabilities (Loader 2000).
    pub(crate) fn ln_pmf(&self, x: u64) -> f64 {
        if x < self.low || x > self.high {
            return f64::NEG_INFINITY;
        }
        if self.drawn == 0 || self.drawn == self.total {
            return 0.0;
        }
        let (total, marked, drawn, x) = (self.total as f64, self.marked as f64, self.drawn as f64, x as f64);
        let (p, q) = (drawn / total, (total - drawn) / total);
        ln_binomial(x, marked, p, q) + ln_binomial(drawn - x, total - marked, p, q) - ln_binomial(drawn, total, p, q)
    }

    /// P(X = x+1) / P(X = x).
    pub(crate) fn ratio(&self, x: u64) -> f64 {
        let unmarked_left = (self.total - self.marked + x + 1) as f64 - self.drawn as f64;
        ((self.marked - x) as f64 * (self.drawn - x) as f64) / ((x + 1) as f64 * unmarked_left)
    }

    /// P(X <= x).
    pub(crate) fn lower(&self, x: u64) -> f64 {
        if x >= self.high {
            return 1.0;
        }
        if x < self.low {
            return 0.0;
        }
        if x as f64 > self.mode() { 1.0 - self.sum_up(x + 1) } else { self.sum_down(x) }
    }

    /// P(X >= x).
    pub(crate) fn upper(&self, x: u64) -> f64 {
        if x <= self.low {
            return 1.0;
        }
        if x > self.high {
            return 0.0;
        }
        if (x as f64) < self.mode() { 1.0 - self.sum_down(x - 1) } else { self.sum_up(x) }
    }

    fn mode(&self) -> f64 {
        ((self.drawn as f64 + 1.0) * (self.marked as f64 + 1.0) / (self.total as f64 + 2.0)).floor()
    }

    /// The first value at or above the mean's side where probabilities fall.
    pub(crate) fn peak(&self) -> u64 {
        (self.mode() as u64).clamp(self.low, self.high)
    }

    /// Sum of P from x downwards; x must not lie above the mode by much. A first term too small for a number ends it, as
    /// those after it are smaller still.
    pub(crate) fn sum_down(&self, x: u64) -> f64 {
        let mut term = self.ln_pmf(x).exp();
        let mut sum = term;
        for k in (self.low..x).rev() {
            term /= self.ratio(k);
            sum += term;
            if term <= sum * 1e-18 {
                break;
            }
        }
        sum
    }

    /// Sum of P from x upwards.
    pub(crate) fn sum_up(&self, x: u64) -> f64 {
        let mut term = self.ln_pmf(x).exp();
        let mut sum = term;
        for k in x..self.high {
            term *= self.ratio(k);
            sum += term;
            if term <= sum * 1e-18 {
                break;
            }
        }
        sum
    }

    /// Mode of the distribution tilted by the odds ratio `exp(ln_odds)`.
    fn tilted_mode(&self, ln_odds: f64) -> u64 {
        let (mut lo, mut hi) = (self.low, self.high);
        // The ratio of neighbours falls with x: the mode is the first x whose successor is not larger.
        while lo < hi {
            let mid = lo + (hi - lo) / 2;
            if self.ratio(mid).ln() + ln_odds > 0.0 { lo = mid + 1 } else { hi = mid }
        }
        lo
    }

    /// `(sum below x, at x, above x, sum of k - x)` of the tilted probabilities, relative to the mode.
    fn tilted(&self, x: u64, ln_odds: f64) -> Tilted {
        let odds = ln_odds.exp();
        let mode = self.tilted_mode(ln_odds);
        let mut out = Tilted { below: 0.0, at: 0.0, above: 0.0, first_moment: 0.0, second_moment: 0.0 };
        out.add(mode, x, 1.0);
        let mut term = 1.0;
        for k in mode..self.high {
            term *= self.ratio(k) * odds;
            out.add(k + 1, x, term);
            if term < 1e-19 && (k >= x || term == 0.0) {
                break;
            }
        }
        let mut term = 1.0;
        for k in (self.low..mode).rev() {
            term /= self.ratio(k) * odds;
            out.add(k, x, term);
            if term < 1e-19 && (k <= x || term == 0.0) {
                break;
            }
        }
        out
    }

    /// Mean and variance of the distribution tilted by `exp(ln_odds)`, the mean relative to x.
    pub(crate) fn tilted_moments(&self, x: u64, ln_odds: f64) -> (f64, f64) {
        let t = self.tilted(x, ln_odds);
        let mass = t.below + t.at + t.above;
        let mean = t.first_moment / mass;
        (mean, t.second_moment / mass - mean * mean)
    }

    /// P(X <= x) and P(X >= x) when the odds ratio is `exp(ln_odds)`.
    pub(crate) fn tilted_tails(&self, x: u64, ln_odds: f64) -> (f64, f64) {
        let t = self.tilted(x, ln_odds);
        let mass = t.below + t.at + t.above;
        ((t.below + t.at) / mass, (t.above + t.at) / mass)
    }
}

struct Tilted {
    below: f64,
    at: f64,
    above: f64,
    first_moment: f64,
    second_moment: f64,
}

impl Tilted {
    fn add(&mut self, k: u64, x: u64, weight: f64) {
        match k.cmp(&x) {
            std::cmp::Ordering::Less => self.below += weight,
            std::cmp::Ordering::Equal => self.at += weight,
            std::cmp::Ordering::Greater => self.above += weight,
        }
        let distance = k as f64 - x as f64;
        self.first_moment += distance * weight;
        self.second_moment += distance * distance * weight;
    }
}
