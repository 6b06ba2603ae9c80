//! Fisher's exact test.
//!
//! Probabilities come from one closed formula and are carried outwards from the observed table by ratios: a table of a
//! million people costs some thousand multiplications and no allocation.

use super::TwoByTwo;
use crate::stats::distributions::Hypergeometric;

/// p values of Fisher's exact test, all conditional on the margins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FisherExact {
    /// Sum over the tables that are not more probable than the observed one (within 1e-7 of it).
    pub p_two_sided: f64,
    /// The first group has as few presents or fewer.
    pub p_less: f64,
    /// The first group has as many presents or more.
    pub p_greater: f64,
    /// As `p_two_sided`, but tables as probable as the observed one count half.
    pub p_mid_two_sided: f64,
}

/// Tables whose probability lies within this of the observed one count as equally probable (as in R's `fisher.test`).
const SLACK: f64 = 1e-7;

/// Fisher's exact test of a 2 x 2 table: two-sided, both one-sided and mid-p. Checked against R `fisher.test` and SciPy
/// `fisher_exact`. With an empty margin there is one possible table, and p is 1.
pub fn fisher_exact(table: &TwoByTwo) -> FisherExact {
    let Some((distribution, x)) = distribution(table) else {
        return FisherExact { p_two_sided: 1.0, p_less: 1.0, p_greater: 1.0, p_mid_two_sided: 0.5 };
    };
    let (p_two_sided, tied) = two_sided(&distribution, x);
    FisherExact {
        p_two_sided,
        p_less: distribution.lower(x).min(1.0),
        p_greater: distribution.upper(x).min(1.0),
        p_mid_two_sided: (p_two_sided - 0.5 * tied).max(0.0),
    }
}

/// The smallest two-sided p that any table with these margins can have. Above the declared alpha, the test could not
/// have found anything, and a table says that instead of printing p.
pub fn smallest_possible_p(table: &TwoByTwo) -> f64 {
    match distribution(table) {
        None => 1.0,
        Some((d, _)) => two_sided(&d, d.low).0.min(two_sided(&d, d.high).0),
    }
}

/// The distribution of cell `a`, given the margins. Counts near the limits of integers give none.
pub(super) fn distribution(table: &TwoByTwo) -> Option<(Hypergeometric, u64)> {
    let total = table.row1().checked_add(table.row2())?;
    let distribution = Hypergeometric::new(total, table.row1(), table.present())?;
    (distribution.low..=distribution.high).contains(&table.a).then_some((distribution, table.a))
}

/// The two-sided p and the probability of the tables tied with the observed one.
fn two_sided(d: &Hypergeometric, x: u64) -> (f64, f64) {
    let observed = d.ln_pmf(x);
    let counts = |k: u64| d.ln_pmf(k) <= observed + SLACK.ln_1p();
    let tied = |k: u64| if d.ln_pmf(k) >= observed + (-SLACK).ln_1p() { d.ln_pmf(k).exp() } else { 0.0 };
    let at = observed.exp();
    let peak = d.peak();
    if x <= peak {
        let Some(far) = first_where(peak.max(x + 1), d.high, counts) else {
            return (d.lower(x), at);
        };
        if far <= x + 1 {
            return (1.0, if peak == x { plateau(d, x, &tied) } else { at + tied(far) });
        }
        ((d.lower(x) + d.sum_up(far)).min(1.0), at + tied(far))
    } else {
        // Mirrored: the largest k at or below the peak that counts.
        let Some(back) = first_where(0, peak - d.low, |i| counts(peak - i)) else {
            return (d.upper(x), at);
        };
        let far = peak - back;
        if far + 1 >= x {
            return (1.0, at + tied(far));
        }
        ((d.upper(x) + d.sum_down(far)).min(1.0), at + tied(far))
    }
}

/// At the mode everything counts; its neighbours may be as probable as itself.
fn plateau(d: &Hypergeometric, x: u64, tied: &impl Fn(u64) -> f64) -> f64 {
    let below = if x > d.low { tied(x - 1) } else { 0.0 };
    let above = if x < d.high { tied(x + 1) } else { 0.0 };
    d.ln_pmf(x).exp() + below + above
}

/// The first value in `[lo, hi]` for which a condition that stays true once it is true holds.
fn first_where(mut lo: u64, hi: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    if lo > hi || !holds(hi) {
        return None;
    }
    let mut end = hi;
    while lo < end {
        let mid = lo + (end - lo) / 2;
        if holds(mid) { end = mid } else { lo = mid + 1 }
    }
    Some(lo)
}
