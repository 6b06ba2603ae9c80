//! Hierarchical clustering, for codes that occur in the same units.

use super::correlation::pearson;
use super::estimate::{Estimate, Undefined};

/// How far apart two clusters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// Mean distance of their members; the default.
    Average,
    /// Largest distance of their members.
    Complete,
    /// Smallest distance of their members.
    Single,
    /// Increase of the variance within (R `ward.D2`).
    Ward,
}

/// Two clusters that become one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Merge {
    /// Members below the number of things are things; above, the merge with that number less that of things.
    pub first: usize,
    /// The same for the second.
    pub second: usize,
    /// Distance at which they meet.
    pub height: f64,
    /// Things in the new cluster.
    pub size: usize,
}

/// A dendrogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Dendrogram {
    /// Merges in the order they happen.
    pub merges: Vec<Merge>,
    /// Things in an order in which no branches cross.
    pub order: Vec<usize>,
    /// Correlation of the distances with those at which things meet.
    pub cophenetic_correlation: Estimate,
}

/// Jaccard distances between codes: one less the units with both over those with either. Two codes without units do not
/// differ. A row is a code, a column a unit.
///
/// # Errors
/// [`Undefined::Malformed`] for rows of unequal length.
pub fn jaccard_distances(presence: &[Vec<bool>]) -> Result<Vec<Vec<f64>>, Undefined> {
    let width = presence.first().map_or(0, Vec::len);
    if presence.iter().any(|row| row.len() != width) {
        return Err(Undefined::Malformed { what: "the rows differ in length" });
    }
    let distance = |a: &[bool], b: &[bool]| {
        let both = a.iter().zip(b).filter(|(x, y)| **x && **y).count() as f64;
        let either = a.iter().zip(b).filter(|(x, y)| **x || **y).count() as f64;
        if either > 0.0 { 1.0 - both / either } else { 0.0 }
    };
    Ok(presence.iter().map(|a| presence.iter().map(|b| distance(a, b)).collect()).collect())
}

/// Agglomerative clustering of a symmetric distance matrix by Lance and Williams's update (R `hclust`). Among equal
/// distances the pair that comes first is merged, so the same matrix always gives the same tree.
///
/// # Errors
/// [`Undefined::TooFew`] below two things, [`Undefined::Malformed`] for a matrix that is not square or not finite.
pub fn hierarchical_clustering(distances: &[Vec<f64>], linkage: Linkage) -> Result<Dendrogram, Undefined> {
    let n = distances.len();
    if n < 2 {
        return Err(Undefined::TooFew { what: "things to cluster", needed: 2, got: n });
    }
    if distances.iter().any(|row| row.len() != n || row.iter().any(|d| !d.is_finite())) {
        return Err(Undefined::Malformed { what: "the distances are not a square matrix of numbers" });
    }
    let ward = linkage == Linkage::Ward;
    let mut between: Vec<Vec<f64>> =
        distances.iter().map(|row| row.iter().map(|d| if ward { d * d } else { *d }).collect()).collect();
    // Clusters still open: the slot of their distances, their number, their members.
    let mut open: Vec<(usize, usize, Vec<usize>)> = (0..n).map(|i| (i, i, vec![i])).collect();
    let mut merges = Vec::with_capacity(n - 1);
    let mut cophenetic = vec![vec![0.0; n]; n];
    while open.len() > 1 {
        let (mut a, mut b) = (0, 1);
        for i in 0..open.len() {
            for j in i + 1..open.len() {
                if between[open[i].0][open[j].0] < between[open[a].0][open[b].0] {
                    (a, b) = (i, j);
                }
            }
        }
        let (second_slot, second, second_members) = open.remove(b);
        let (first_slot, first, first_members) = open[a].clone();
        let apart = between[first_slot][second_slot];
        let height = if ward { apart.max(0.0).sqrt() } else { apart };
        for &x in &first_members {
            for &y in &second_members {
                cophenetic[x][y] = height;
                cophenetic[y][x] = height;
            }
        }
        let (p, q) = (first_members.len() as f64, second_members.len() as f64);
        for (slot, _, members) in &open {
            let (to_first, to_second) = (between[first_slot][*slot], between[second_slot][*slot]);
            let r = members.len() as f64;
            let joined = match linkage {
                Linkage::Average => (p * to_first + q * to_second) / (p + q),
                Linkage::Complete => to_first.max(to_second),
                Linkage::Single => to_first.min(to_second),
                Linkage::Ward => ((p + r) * to_first + (q + r) * to_second - r * apart) / (p + q + r),
            };
            between[first_slot][*slot] = joined;
            between[*slot][first_slot] = joined;
        }
        let members = [first_members, second_members].concat();
        merges.push(Merge { first, second, height, size: members.len() });
        open[a] = (first_slot, n + merges.len() - 1, members);
    }
    let upper = |matrix: &[Vec<f64>]| -> Vec<f64> {
        (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).map(|(i, j)| matrix[i][j]).collect()
    };
    let correlation = pearson(&upper(distances), &upper(&cophenetic), 0.95).and_then(|p| p.r);
    let order = open.into_iter().flat_map(|(_, _, members)| members).collect();
    Ok(Dendrogram { merges, order, cophenetic_correlation: correlation })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn near_things_meet_first_and_stay_side_by_side() {
        let at = [0.0_f64, 10.0, 1.0, 11.5];
        let distances: Vec<Vec<f64>> = at.iter().map(|a| at.iter().map(|b| (a - b).abs()).collect()).collect();
        let tree = hierarchical_clustering(&distances, Linkage::Single).unwrap();
        let heights: Vec<f64> = tree.merges.iter().map(|m| m.height).collect();
        assert_eq!(heights, vec![1.0, 1.5, 9.0]);
        assert_eq!((tree.merges[2].first, tree.merges[2].second, tree.merges[2].size), (4, 5, 4));
        assert_eq!(tree.order, vec![0, 2, 1, 3]);
    }
}
