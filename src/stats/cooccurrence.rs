//! How two codes go together: counts of units with one, the other, both.

use super::distributions::hypergeom_pmf;
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

/// Co-occurrence against chance within sources.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CooccurrenceWithin {
    /// Units with both codes.
    pub observed: u64,
    /// Units with both that chance would give, when the units of the second code are shuffled within each source.
    pub expected: f64,
    /// Share of all shuffles that are at least as far from what is expected.
    pub p_two_sided: f64,
}

/// Permutation test of two codes within sources, exact: the units with the second code are shuffled within each source, so
/// that a source in which both are frequent proves nothing. Each table has the units of one source: both, first only,
/// second only, neither. The sum of independent hypergeometric counts, by convolution.
///
/// # Errors
/// [`Undefined::Empty`] without units, [`Undefined::TooLarge`] beyond a hundred thousand units with either code.
pub fn cooccurrence_within(sources: &[TwoByTwo]) -> Result<CooccurrenceWithin, Undefined> {
    if sources.iter().all(|table| table.n() == 0) {
        return Err(Undefined::Empty { what: "the set of units" });
    }
    let either: u64 = sources.iter().map(|table| table.a + table.b + table.c).sum();
    if either > 100_000 {
        return Err(Undefined::TooLarge { what: "the number of units" });
    }
    let observed: u64 = sources.iter().map(|table| table.a).sum();
    let mut expected = 0.0;
    let mut probability = vec![1.0];
    for table in sources {
        let (first, second, n) = (table.a + table.b, table.a + table.c, table.n());
        if first == 0 || second == 0 {
            continue;
        }
        expected += first as f64 * second as f64 / n as f64;
        let own: Vec<f64> = (0..=first.min(second)).map(|k| hypergeom_pmf(k, n, first, second)).collect();
        let mut next = vec![0.0; probability.len() + own.len() - 1];
        for (i, p) in probability.iter().enumerate() {
            for (j, q) in own.iter().enumerate() {
                next[i + j] += p * q;
            }
        }
        probability = next;
    }
    let distance = (observed as f64 - expected).abs() * (1.0 - 1e-9);
    let far = probability.iter().enumerate().filter(|(k, _)| (*k as f64 - expected).abs() >= distance);
    Ok(CooccurrenceWithin { observed, expected, p_two_sided: far.map(|(_, p)| p).sum::<f64>().min(1.0) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn shuffling_within_sources_is_counted_exactly() {
        // By hand. Source one: 4 units, 2 with either code, both in 2 of them: 1 of 6 ways. Source two: 3 units, 1 with
        // the first, 2 with the second, no unit with both: 1 of 3 ways. Expected: 1 + 2/3.
        let tables = [TwoByTwo::new(2, 0, 0, 2), TwoByTwo::new(0, 1, 2, 0)];
        let found = cooccurrence_within(&tables).unwrap();
        assert_eq!(found.observed, 2);
        assert!((found.expected - 5.0 / 3.0).abs() < 1e-12);
        // Sums 0 to 3 have 1/18, (4 + 2)/18 ... : P(0) = 1/18, P(1) = 6/18, P(2) = 9/18, P(3) = 2/18. As far as 1/3 from
        // 5/3 are all sums.
        assert!((found.p_two_sided - 1.0).abs() < 1e-12);
        let apart = cooccurrence_within(&[TwoByTwo::new(0, 2, 2, 0), TwoByTwo::new(0, 1, 2, 0)]).unwrap();
        // Only 0 is 5/3 away; 3 is 4/3 away.
        assert!((apart.p_two_sided - 1.0 / 18.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_to_shuffle_is_said() {
        assert!(cooccurrence_within(&[]).unwrap_err().to_string().contains("set of units is empty"));
    }
}
