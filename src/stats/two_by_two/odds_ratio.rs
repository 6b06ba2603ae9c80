//! Odds ratios: of the sample, corrected for empty cells, and conditional on the margins.

use super::{TwoByTwo, fisher::distribution};
use crate::stats::distributions::z_for;
use crate::stats::estimate::{Estimate, Interval, Undefined, check_level};
use crate::stats::solve::find_root_from;

/// An odds ratio with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OddsRatio {
    /// The odds ratio.
    pub estimate: f64,
    /// Standard error of its logarithm.
    pub log_se: f64,
    /// Wald interval on the logarithm.
    pub interval: Interval,
}

/// When half a person is added to each of the four cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroCells {
    /// Only if one of them is empty (Haldane-Anscombe).
    AddHalfIfEmpty,
    /// Always.
    AddHalfAlways,
}

/// The conditional maximum likelihood odds ratio with its exact interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConditionalOddsRatio {
    /// The estimate; 0 or infinite at the ends, undefined where a margin is empty.
    pub estimate: Estimate,
    /// Exact interval: each limit leaves half of the error in one tail.
    pub interval: Interval,
}

const EMPTY: Undefined = Undefined::Empty { what: "a row or column of the table" };

/// The cross-product ratio of the sample; infinite with an empty `b` or `c`, undefined with an empty row or column.
pub fn odds_ratio(table: &TwoByTwo) -> Estimate {
    let [a, b, c, d] = table.cells();
    if a * d == 0.0 && b * c == 0.0 { Err(EMPTY) } else { Ok(a * d / (b * c)) }
}

/// The odds ratio with half a person added to ALL cells, as [`ZeroCells`] says. Checked against metafor `escalc`.
///
/// # Errors
/// [`Undefined::Malformed`] for a level outside 0 to 1.
pub fn haldane_anscombe_odds_ratio(
    table: &TwoByTwo,
    zero_cells: ZeroCells,
    conf_level: f64,
) -> Result<OddsRatio, Undefined> {
    check_level(conf_level)?;
    let cells = table.cells();
    let add = zero_cells == ZeroCells::AddHalfAlways || cells.contains(&0.0);
    let [a, b, c, d] = if add { cells.map(|v| v + 0.5) } else { cells };
    let log_se = (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
    let log = (a / b / c * d).ln();
    Ok(OddsRatio {
        estimate: log.exp(),
        log_se,
        interval: Interval::around(log, z_for(conf_level) * log_se).map(f64::exp),
    })
}

/// The conditional maximum likelihood odds ratio and its exact interval, solved to full precision on the noncentral
/// hypergeometric distribution (R's `fisher.test` gives three to five digits of it).
///
/// # Errors
/// [`Undefined::Malformed`] for a level outside 0 to 1, [`Undefined::NotConverged`] if no root can be found.
pub fn conditional_odds_ratio(table: &TwoByTwo, conf_level: f64) -> Result<ConditionalOddsRatio, Undefined> {
    check_level(conf_level)?;
    let stuck = Undefined::NotConverged { what: "the conditional odds ratio" };
    let (d, x) = distribution(table).ok_or(Undefined::Malformed { what: "a count is too large" })?;
    if d.low == d.high {
        return Ok(ConditionalOddsRatio {
            estimate: Err(EMPTY),
            interval: Interval { lower: 0.0, upper: f64::INFINITY },
        });
    }
    let [a, b, c, e] = table.cells().map(|v| v + 0.5);
    let start = (a / b / c * e).ln();
    let step = (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / e).sqrt();
    let half_alpha = (1.0 - conf_level) / 2.0;
    let solve = |f: &dyn Fn(f64) -> f64| find_root_from(f, start, step, 0.0).map(f64::exp).ok_or(stuck);
    let estimate = if x == d.low {
        0.0
    } else if x == d.high {
        f64::INFINITY
    } else {
        solve(&|ln_odds| d.tilted_moments(x, ln_odds).0)?
    };
    let lower = if x == d.low { 0.0 } else { solve(&|ln_odds| d.tilted_tails(x, ln_odds).1 - half_alpha)? };
    let upper = if x == d.high { f64::INFINITY } else { solve(&|ln_odds| d.tilted_tails(x, ln_odds).0 - half_alpha)? };
    Ok(ConditionalOddsRatio { estimate: Ok(estimate), interval: Interval { lower, upper } })
}
