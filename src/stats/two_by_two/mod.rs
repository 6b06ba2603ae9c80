//! Tables of two groups by present or absent.
//!
//! Owns everything that is said about four counts: exact tests, odds ratios, proportions and their differences,
//! association. Rows are the groups (with and without the outcome), columns are present and absent.

mod association;
mod fisher;
mod odds_ratio;
mod proportions;

pub use association::{ChiSquare2x2, Phi, chi_square_2x2, phi_coefficient, yule_q, yule_y};
pub use fisher::{FisherExact, fisher_exact, smallest_possible_p};
pub use odds_ratio::{
    ConditionalOddsRatio, OddsRatio, ZeroCells, conditional_odds_ratio, haldane_anscombe_odds_ratio, odds_ratio,
};
pub use proportions::{
    JudgedStratum, RiskRatio, agresti_caffo_interval, clopper_pearson_interval, newcombe_interval, proportion,
    risk_difference, risk_ratio, stratified_proportion, wald_interval, wilson_interval,
};

pub(crate) use proportions::wilson_limits;

/// Four counts of people: rows are groups, columns are present and absent. Their sum must fit 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoByTwo {
    /// First group, present.
    pub a: u64,
    /// First group, absent.
    pub b: u64,
    /// Second group, present.
    pub c: u64,
    /// Second group, absent.
    pub d: u64,
}

impl TwoByTwo {
    /// The table with these counts, row by row.
    pub fn new(a: u64, b: u64, c: u64, d: u64) -> Self {
        Self { a, b, c, d }
    }

    /// Counts people, one after the other: who is in the first group, and for whom it is present.
    pub fn count(first: &[bool], present: &[bool]) -> Self {
        let (mut all, mut group, mut saying, mut both) = (0, 0, 0, 0);
        for (&first, &present) in first.iter().zip(present) {
            all += 1;
            group += u64::from(first);
            saying += u64::from(present);
            both += u64::from(first & present);
        }
        Self { a: both, b: group - both, c: saying - both, d: all + both - group - saying }
    }

    /// Everybody in the table.
    pub fn n(&self) -> u64 {
        self.row1() + self.row2()
    }

    /// The first group.
    pub fn row1(&self) -> u64 {
        self.a.saturating_add(self.b)
    }

    /// The second group.
    pub fn row2(&self) -> u64 {
        self.c.saturating_add(self.d)
    }

    fn present(&self) -> u64 {
        self.a.saturating_add(self.c)
    }

    fn absent(&self) -> u64 {
        self.b.saturating_add(self.d)
    }

    fn has_empty_margin(&self) -> bool {
        [self.row1(), self.row2(), self.present(), self.absent()].contains(&0)
    }

    fn cells(&self) -> [f64; 4] {
        [self.a as f64, self.b as f64, self.c as f64, self.d as f64]
    }
}
