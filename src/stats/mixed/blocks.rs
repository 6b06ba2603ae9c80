//! The profiled deviance of a linear mixed model.
//!
//! Random effects are `b = L(theta) u` with independent u. The term with the most levels is eliminated level by level; what
//! remains (other terms, predictors, outcome) is one dense Cholesky factor, from which the deviance and all estimates are
//! read (Bates, Maechler, Bolker & Walker 2015; the blocked elimination is that of MixedModels.jl).

use nalgebra::{DMatrix, DVector};

/// A random term: which level each observation belongs to, and the columns that vary over levels.
pub(super) struct Term {
    pub level: Vec<usize>,
    pub levels: usize,
    pub columns: Vec<Vec<f64>>,
}

impl Term {
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Entries of the lower triangle of the term's relative covariance factor.
    pub fn parameters(&self) -> usize {
        self.width() * (self.width() + 1) / 2
    }

    fn effects(&self) -> usize {
        self.width() * self.levels
    }

    /// The factor from its entries, column by column.
    pub fn factor(&self, theta: &[f64]) -> DMatrix<f64> {
        let k = self.width();
        let mut factor = DMatrix::zeros(k, k);
        let mut next = theta.iter();
        for j in 0..k {
            for i in j..k {
                factor[(i, j)] = next.next().copied().unwrap_or(0.0);
            }
        }
        factor
    }
}

/// Cross-products of everything with everything, computed once.
///
/// A level of the first term meets few levels of the others (a client has one therapist): only the columns that it meets
/// are kept, so that nested terms cost no more than their observations.
pub(super) struct Blocks {
    pub terms: Vec<Term>,
    /// Columns: the other terms' effects, the predictors, the outcome.
    width: usize,
    predictors: usize,
    pub n: usize,
    levels: Vec<Level>,
    rest: DMatrix<f64>,
}

/// One level of the first term: its own cross-product, and that with the columns that it meets.
struct Level {
    /// k by k, column by column.
    own: Vec<f64>,
    /// The columns it meets, in order; all columns of a level of another term, if any.
    columns: Vec<usize>,
    /// Cross-products with them, k a column.
    values: Vec<f64>,
    /// Where the columns of other terms' levels begin in `columns`, and which term they are of.
    segments: Vec<(usize, usize)>,
}

/// The levels of the first term, eliminated at one theta.
struct Eliminated {
    /// Cholesky factor of each level, k by k, column by column.
    roots: Vec<Vec<f64>>,
    /// What is left of each level's cross-products.
    values: Vec<Vec<f64>>,
    log_det: f64,
}

/// A fit at one value of theta.
pub(super) struct Solution {
    /// Twice the log of the determinant of the random effects' factor.
    pub log_det_random: f64,
    /// Twice the log of the determinant of the predictors' factor.
    pub log_det_fixed: f64,
    /// Penalised residual sum of squares.
    pub residual: f64,
    /// Coefficients of the predictors.
    pub beta: DVector<f64>,
    /// Inverse of the predictors' block: the covariance of the coefficients over the residual variance.
    pub unscaled: DMatrix<f64>,
    /// Independent random effects per term, level by level.
    pub effects: Vec<DVector<f64>>,
}

impl Blocks {
    /// Terms sorted by levels, the largest first.
    pub fn new(terms: Vec<Term>, x: &DMatrix<f64>, y: &DVector<f64>) -> Self {
        let (n, predictors) = x.shape();
        let random: usize = terms.iter().skip(1).map(Term::effects).sum();
        let width = random + predictors + 1;
        let k = terms[0].width();
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); terms[0].levels];
        for (i, level) in terms[0].level.iter().enumerate() {
            members[*level].push(i);
        }
        let mut rest = DMatrix::zeros(width, width);
        let levels = members
            .iter()
            .map(|members| {
                let (columns, segments) = Self::columns_met(&terms, members, random, width);
                let mut level =
                    Level { own: vec![0.0; k * k], values: vec![0.0; k * columns.len()], columns, segments };
                for &i in members {
                    let row = Self::row(&terms, x, y, i, random);
                    for (a, column) in terms[0].columns.iter().enumerate() {
                        for (b, other) in terms[0].columns.iter().enumerate() {
                            level.own[a + b * k] += column[i] * other[i];
                        }
                        for &(j, value) in &row {
                            let at = level.columns.partition_point(|c| *c < j);
                            level.values[a + at * k] += column[i] * value;
                        }
                    }
                    for &(a, left) in &row {
                        for &(b, right) in &row {
                            rest[(a, b)] += left * right;
                        }
                    }
                }
                level
            })
            .collect();
        Self { terms, width, predictors, n, levels, rest }
    }

    /// The columns that the observations of one level have an entry in.
    fn columns_met(
        terms: &[Term],
        members: &[usize],
        random: usize,
        width: usize,
    ) -> (Vec<usize>, Vec<(usize, usize)>) {
        let (mut columns, mut segments) = (Vec::new(), Vec::new());
        let mut offset = 0;
        for (index, term) in terms.iter().enumerate().skip(1) {
            let mut met: Vec<usize> = members.iter().map(|&i| term.level[i]).collect();
            met.sort_unstable();
            met.dedup();
            for level in met {
                segments.push((columns.len(), index));
                columns.extend((0..term.width()).map(|c| offset + level * term.width() + c));
            }
            offset += term.effects();
        }
        columns.extend(random..width);
        (columns, segments)
    }

    /// The entries of one observation in the columns of other terms, predictors and outcome.
    fn row(terms: &[Term], x: &DMatrix<f64>, y: &DVector<f64>, i: usize, random: usize) -> Vec<(usize, f64)> {
        let mut row = Vec::new();
        let mut offset = 0;
        for term in &terms[1..] {
            let start = offset + term.level[i] * term.width();
            row.extend(term.columns.iter().enumerate().map(|(c, column)| (start + c, column[i])));
            offset += term.effects();
        }
        row.extend((0..x.ncols()).map(|j| (random + j, x[(i, j)])));
        row.push((random + x.ncols(), y[i]));
        row
    }

    pub fn parameters(&self) -> usize {
        self.terms.iter().map(Term::parameters).sum()
    }

    fn factors(&self, theta: &[f64]) -> Vec<DMatrix<f64>> {
        let mut start = 0;
        self.terms
            .iter()
            .map(|term| {
                let own = theta.get(start..start + term.parameters()).unwrap_or(&[]);
                start += term.parameters();
                term.factor(own)
            })
            .collect()
    }

    /// Multiplies columns and rows of the other terms by their factors, level by level.
    fn scaled_rest(&self, factors: &[DMatrix<f64>]) -> DMatrix<f64> {
        let mut dense = self.rest.clone();
        for _ in 0..2 {
            let mut start = 0;
            for (term, factor) in self.terms.iter().zip(factors).skip(1) {
                let k = term.width();
                for _ in 0..term.levels {
                    for row in 0..self.width {
                        let mut entries =
                            Strided { values: dense.as_mut_slice(), start: row + start * self.width, step: self.width };
                        entries.multiply(factor, k);
                    }
                    start += k;
                }
            }
            dense.transpose_mut();
        }
        dense
    }

    /// Eliminates the first term, and takes what it explains out of the lower triangle of `dense`.
    fn eliminate(&self, factors: &[DMatrix<f64>], dense: &mut DMatrix<f64>) -> Option<Eliminated> {
        let k = self.terms[0].width();
        let mut found = Eliminated {
            roots: Vec::with_capacity(self.levels.len()),
            values: Vec::with_capacity(self.levels.len()),
            log_det: 0.0,
        };
        for level in &self.levels {
            let mut values = level.values.clone();
            for &(start, term) in &level.segments {
                for a in 0..k {
                    let mut entries = Strided { values: &mut values, start: a + start * k, step: k };
                    entries.multiply(&factors[term], self.terms[term].width());
                }
            }
            let root = Self::root(&level.own, &factors[0], k)?;
            for a in 0..k {
                found.log_det += 2.0 * root[a + a * k].ln();
            }
            for column in values.chunks_mut(k) {
                // The transposed factor first, then the triangle.
                let mut entries = Strided { values: column, start: 0, step: 1 };
                entries.multiply(&factors[0], k);
                for a in 0..k {
                    let known: f64 = (0..a).map(|b| root[a + b * k] * column[b]).sum();
                    column[a] = (column[a] - known) / root[a + a * k];
                }
            }
            for (c, &column) in level.columns.iter().enumerate() {
                for (r, &row) in level.columns.iter().enumerate().skip(c) {
                    let product: f64 = (0..k).map(|a| values[a + c * k] * values[a + r * k]).sum();
                    dense[(row, column)] -= product;
                }
            }
            found.roots.push(root);
            found.values.push(values);
        }
        Some(found)
    }

    /// Cholesky factor of `F' own F + I`, column by column; `None` where it is not positive.
    fn root(own: &[f64], factor: &DMatrix<f64>, k: usize) -> Option<Vec<f64>> {
        let mut square = own.to_vec();
        for a in 0..k {
            Strided { values: &mut square, start: a, step: k }.multiply(factor, k);
        }
        for column in square.chunks_mut(k) {
            Strided { values: column, start: 0, step: 1 }.multiply(factor, k);
        }
        for j in 0..k {
            let rest: f64 = (0..j).map(|b| square[j + b * k] * square[j + b * k]).sum();
            let diagonal = square[j + j * k] + 1.0 - rest;
            if diagonal.is_nan() || diagonal <= 0.0 {
                return None;
            }
            square[j + j * k] = diagonal.sqrt();
            for i in j + 1..k {
                let known: f64 = (0..j).map(|b| square[i + b * k] * square[j + b * k]).sum();
                square[i + j * k] = (square[i + j * k] - known) / square[j + j * k];
            }
        }
        Some(square)
    }

    /// Everything at theta; `None` where the problem is singular.
    pub fn solve(&self, theta: &[f64]) -> Option<Solution> {
        let factors = self.factors(theta);
        let random = self.width - self.predictors - 1;
        let mut dense = self.scaled_rest(&factors);
        for i in 0..random {
            dense[(i, i)] += 1.0;
        }
        let eliminated = self.eliminate(&factors, &mut dense)?;
        let root = dense.cholesky()?.unpack();
        let logs = |from: usize, count: usize| 2.0 * (from..from + count).map(|i| root[(i, i)].ln()).sum::<f64>();
        let last = self.width - 1;
        let solved = root
            .view((0, 0), (last, last))
            .transpose()
            .solve_upper_triangular(&root.row(last).columns(0, last).transpose())?;
        let fixed_root = root.view((random, random), (self.predictors, self.predictors)).into_owned();
        let inverse = fixed_root.solve_lower_triangular(&DMatrix::identity(self.predictors, self.predictors))?;
        let mut effects = vec![self.first_effects(&eliminated, &solved)];
        let mut start = 0;
        for term in &self.terms[1..] {
            effects.push(solved.rows(start, term.effects()).into_owned());
            start += term.effects();
        }
        Some(Solution {
            log_det_random: eliminated.log_det + logs(0, random),
            log_det_fixed: logs(random, self.predictors),
            residual: root[(last, last)].powi(2),
            beta: solved.rows(random, self.predictors).into_owned(),
            unscaled: inverse.tr_mul(&inverse),
            effects,
        })
    }

    /// Back-substitution into the eliminated term.
    fn first_effects(&self, eliminated: &Eliminated, solved: &DVector<f64>) -> DVector<f64> {
        let k = self.terms[0].width();
        let mut effects = DVector::zeros(self.terms[0].effects());
        for (at, level) in self.levels.iter().enumerate() {
            let (root, values) = (&eliminated.roots[at], &eliminated.values[at]);
            for a in (0..k).rev() {
                let mut right = 0.0;
                for (c, &column) in level.columns.iter().enumerate() {
                    right += values[a + c * k] * if column + 1 == self.width { 1.0 } else { -solved[column] };
                }
                let known: f64 = (a + 1..k).map(|b| root[b + a * k] * effects[at * k + b]).sum();
                effects[at * k + a] = (right - known) / root[a + a * k];
            }
        }
        effects
    }

    /// Random effects on the scale of the outcome: each level's own, multiplied by the term's factor.
    pub fn scaled_effects(&self, theta: &[f64], solution: &Solution) -> Vec<Vec<Vec<f64>>> {
        self.terms
            .iter()
            .zip(self.factors(theta))
            .zip(&solution.effects)
            .map(|((term, factor), effects)| {
                let k = term.width();
                (0..term.levels).map(|level| (&factor * effects.rows(level * k, k)).iter().copied().collect()).collect()
            })
            .collect()
    }
}

/// Numbers that lie a fixed step apart, as a row of a matrix does.
struct Strided<'a> {
    values: &'a mut [f64],
    start: usize,
    step: usize,
}

impl Strided<'_> {
    /// Multiplies the first `k` by the columns of a lower triangle: each needs only itself and those after it.
    fn multiply(&mut self, factor: &DMatrix<f64>, k: usize) {
        for j in 0..k {
            let at = |i: usize| self.start + i * self.step;
            self.values[at(j)] = (j..k).map(|i| factor[(i, j)] * self.values[at(i)]).sum();
        }
    }
}
