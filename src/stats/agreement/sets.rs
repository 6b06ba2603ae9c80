//! Agreement on sets of codes per unit, and on one code at a time.

use super::krippendorff::{Distance, Patterns};
use crate::stats::estimate::{Estimate, Undefined, defined};
use std::collections::BTreeSet;

/// How far apart two sets of codes are; 0 equal, 1 disjoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetMetric {
    /// Being different at all.
    Nominal,
    /// One less the share of codes in both.
    Jaccard,
    /// Jaccard times Passonneau's monotonicity: 1 equal, 2/3 one within the other, 1/3 overlapping, 0 disjoint.
    Masi,
    /// One less twice the shared codes over both sizes.
    Dice,
}

/// Distance of two sets of codes; two empty sets do not differ, an empty and another one differ wholly
/// (Passonneau 2006).
pub fn set_distance<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>, metric: SetMetric) -> f64 {
    if a == b {
        return 0.0;
    }
    let shared = a.intersection(b).count() as f64;
    let either = a.union(b).count() as f64;
    let similarity = match metric {
        SetMetric::Nominal => 0.0,
        SetMetric::Jaccard => shared / either,
        SetMetric::Dice => 2.0 * shared / (a.len() + b.len()) as f64,
        SetMetric::Masi => {
            let monotonicity = if shared == 0.0 {
                0.0
            } else if a.is_subset(b) || b.is_subset(a) {
                2.0 / 3.0
            } else {
                1.0 / 3.0
            };
            shared / either * monotonicity
        }
    };
    1.0 - similarity
}

/// Krippendorff's alpha of coders who give each unit a set of codes; the distance is not squared. A row is a unit, a
/// missing coder is `None`, an empty set is a rating.
///
/// # Errors
/// [`Undefined::TooFew`] where no unit has two ratings, [`Undefined::NoVariation`] where all sets are equal.
pub fn set_valued_alpha<T: Ord>(ratings: &[Vec<Option<BTreeSet<T>>>], metric: SetMetric) -> Estimate {
    let sets: Vec<&BTreeSet<T>> = ratings.iter().flatten().flatten().collect::<BTreeSet<_>>().into_iter().collect();
    let distance = sets.iter().map(|a| sets.iter().map(|b| set_distance(a, b, metric)).collect()).collect();
    let units = ratings.iter().map(|unit| unit.iter().flatten().filter_map(|set| sets.binary_search(&set).ok()));
    let patterns = Patterns::new(units, sets.len(), Distance::Fixed(distance))?;
    patterns.alpha(&patterns.multiplicities()).alpha
}

/// Agreement of two coders on whether one code is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinaryAgreement {
    /// Share of units on which they agree.
    pub percent_agreement: f64,
    /// Share of agreement among all times either said "there".
    pub positive_agreement: Estimate,
    /// Share of agreement among all times either said "not there".
    pub negative_agreement: Estimate,
}

/// Percent, positive and negative agreement of two coders on one code (Cicchetti & Feinstein 1990).
///
/// # Errors
/// [`Undefined::TooFew`] without units.
pub fn binary_agreement(pairs: &[(bool, bool)]) -> Result<BinaryAgreement, Undefined> {
    if pairs.is_empty() {
        return Err(Undefined::TooFew { what: "units that both coders read", needed: 1, got: 0 });
    }
    let count = |first: bool, second: bool| pairs.iter().filter(|p| **p == (first, second)).count() as f64;
    let (both, neither) = (count(true, true), count(false, false));
    let split = pairs.len() as f64 - both - neither;
    let share = |agreed: f64| defined(2.0 * agreed / (2.0 * agreed + split), Undefined::Empty { what: "the category" });
    Ok(BinaryAgreement {
        percent_agreement: (both + neither) / pairs.len() as f64,
        positive_agreement: share(both),
        negative_agreement: share(neither),
    })
}
