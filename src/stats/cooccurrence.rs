//! How two codes go together: counts of units with one, the other, both.

use super::estimate::{Estimate, Undefined};
use super::two_by_two::{TwoByTwo, chi_square_2x2, phi_coefficient};

/// Measures of co-occurrence of two codes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cooccurrence {
    /// Both, first only, second only, neither.
    pub table: TwoByTwo,
    /// Share of units with both among those with either: Jaccard's coefficient, ATLAS.ti's c.
    pub jaccard: Estimate,
    /// Twice both over the sum of both sizes.
    pub dice: Estimate,
    /// Both over the smaller size.
    pub overlap: Estimate,
    /// Both over the geometric mean of the sizes.
    pub cosine: Estimate,
    /// Observed over expected.
    pub lift: Estimate,
    /// Logarithm of the lift, base 2; minus infinite where the codes never meet.
    pub pmi: Estimate,
    /// The same over its largest value; from -1 to 1.
    pub npmi: Estimate,
    /// Share of the units with the first code that have the second.
    pub confidence_a_to_b: Estimate,
    /// Share of the units with the second code that have the first.
    pub confidence_b_to_a: Estimate,
    /// Units with both that chance would give.
    pub expected: f64,
    /// Log-likelihood ratio of independence.
    pub log_likelihood_g2: f64,
    /// Correlation of the two codes.
    pub phi: Estimate,
}

/// Co-occurrence of two codes over `n_total` units, of which `n_a` have the first, `n_b` the second, `n_ab` both.
///
/// # Errors
/// [`Undefined::Malformed`] where the counts contradict each other, [`Undefined::Empty`] without units.
pub fn cooccurrence(n_a: u64, n_b: u64, n_ab: u64, n_total: u64) -> Result<Cooccurrence, Undefined> {
    let contradiction = Undefined::Malformed { what: "the counts of two codes contradict each other" };
    if n_total == 0 {
        return Err(Undefined::Empty { what: "the set of units" });
    }
    if n_ab > n_a.min(n_b) || n_a > n_total || n_b > n_total {
        return Err(contradiction);
    }
    let neither = (n_total - n_a).checked_sub(n_b - n_ab).ok_or(contradiction)?;
    let table = TwoByTwo::new(n_ab, n_a - n_ab, n_b - n_ab, neither);
    let [a, b, both, n] = [n_a, n_b, n_ab, n_total].map(|v| v as f64);
    let over = |top: f64, bottom: f64, what: &'static str| {
        if bottom > 0.0 { Ok(top / bottom) } else { Err(Undefined::Empty { what }) }
    };
    const CODE: &str = "a code";
    let lift = over(both * n, a * b, CODE);
    let pmi = lift.map(f64::log2);
    Ok(Cooccurrence {
        table,
        jaccard: over(both, a + b - both, "both codes"),
        dice: over(2.0 * both, a + b, "both codes"),
        overlap: over(both, a.min(b), CODE),
        cosine: over(both, (a * b).sqrt(), CODE),
        lift,
        pmi,
        npmi: pmi.and_then(|pmi| {
            if both == 0.0 {
                Ok(-1.0)
            } else if both == n {
                Err(Undefined::NoVariation { what: "the pair of codes" })
            } else {
                Ok(pmi / -(both / n).log2())
            }
        }),
        confidence_a_to_b: over(both, a, "the first code"),
        confidence_b_to_a: over(both, b, "the second code"),
        expected: a * b / n,
        // With an empty margin the table is what chance gives.
        log_likelihood_g2: chi_square_2x2(&table).likelihood_ratio.map_or(0.0, |test| test.statistic),
        phi: phi_coefficient(&table).map(|phi| phi.phi),
    })
}
