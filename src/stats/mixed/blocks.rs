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
pub(super) struct Blocks {
    pub terms: Vec<Term>,
    /// Columns: the other terms' effects, the predictors, the outcome.
    width: usize,
    predictors: usize,
    pub n: usize,
    own: Vec<DMatrix<f64>>,
    first: DMatrix<f64>,
    rest: DMatrix<f64>,
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
        let mut own = vec![DMatrix::zeros(k, k); terms[0].levels];
        let mut first = DMatrix::zeros(terms[0].effects(), width);
        let mut rest = DMatrix::zeros(width, width);
        let mut row: Vec<(usize, f64)> = Vec::new();
        for i in 0..n {
            row.clear();
            let mut offset = 0;
            for term in &terms[1..] {
                let start = offset + term.level[i] * term.width();
                row.extend(term.columns.iter().enumerate().map(|(c, column)| (start + c, column[i])));
                offset += term.effects();
            }
            row.extend((0..predictors).map(|j| (random + j, x[(i, j)])));
            row.push((width - 1, y[i]));
            let level = terms[0].level[i];
            for (a, column) in terms[0].columns.iter().enumerate() {
                for (b, other) in terms[0].columns.iter().enumerate() {
                    own[level][(a, b)] += column[i] * other[i];
                }
                for &(j, value) in &row {
                    first[(level * k + a, j)] += column[i] * value;
                }
            }
            for &(a, left) in &row {
                for &(b, right) in &row {
                    rest[(a, b)] += left * right;
                }
            }
        }
        Self { terms, width, predictors, n, own, first, rest }
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

    /// Multiplies the columns of the other terms by their factors, level by level.
    fn scale_columns(&self, matrix: &mut DMatrix<f64>, factors: &[DMatrix<f64>]) {
        let mut start = 0;
        for (term, factor) in self.terms.iter().zip(factors).skip(1) {
            for _ in 0..term.levels {
                let scaled = matrix.columns(start, term.width()) * factor;
                matrix.columns_mut(start, term.width()).copy_from(&scaled);
                start += term.width();
            }
        }
    }

    /// Everything at theta; `None` where the problem is singular.
    pub fn solve(&self, theta: &[f64]) -> Option<Solution> {
        let factors = self.factors(theta);
        let k = self.terms[0].width();
        let random = self.width - self.predictors - 1;
        let mut eliminated = self.first.clone();
        self.scale_columns(&mut eliminated, &factors);
        let mut log_det_random = 0.0;
        let mut roots = Vec::with_capacity(self.own.len());
        for (level, own) in self.own.iter().enumerate() {
            let root = (factors[0].transpose() * own * &factors[0] + DMatrix::identity(k, k)).cholesky()?.unpack();
            log_det_random += 2.0 * root.diagonal().iter().map(|v| v.ln()).sum::<f64>();
            let scaled = factors[0].tr_mul(&eliminated.rows(level * k, k));
            let solved = root.solve_lower_triangular(&scaled)?;
            eliminated.rows_mut(level * k, k).copy_from(&solved);
            roots.push(root);
        }
        let mut dense = self.rest.clone();
        self.scale_columns(&mut dense, &factors);
        dense.transpose_mut();
        self.scale_columns(&mut dense, &factors);
        for i in 0..random {
            dense[(i, i)] += 1.0;
        }
        dense -= eliminated.tr_mul(&eliminated);
        let root = dense.cholesky()?.unpack();
        let logs = |from: usize, count: usize| 2.0 * (from..from + count).map(|i| root[(i, i)].ln()).sum::<f64>();
        log_det_random += logs(0, random);
        let last = self.width - 1;
        let solved = root
            .view((0, 0), (last, last))
            .transpose()
            .solve_upper_triangular(&root.row(last).columns(0, last).transpose())?;
        let fixed_root = root.view((random, random), (self.predictors, self.predictors)).into_owned();
        let inverse = fixed_root.solve_lower_triangular(&DMatrix::identity(self.predictors, self.predictors))?;
        let mut effects = vec![self.first_effects(&eliminated, &roots, &solved)?];
        let mut start = 0;
        for term in &self.terms[1..] {
            effects.push(solved.rows(start, term.effects()).into_owned());
            start += term.effects();
        }
        Some(Solution {
            log_det_random,
            log_det_fixed: logs(random, self.predictors),
            residual: root[(last, last)].powi(2),
            beta: solved.rows(random, self.predictors).into_owned(),
            unscaled: inverse.tr_mul(&inverse),
            effects,
        })
    }

    /// Back-substitution into the eliminated term.
    fn first_effects(
        &self,
        eliminated: &DMatrix<f64>,
        roots: &[DMatrix<f64>],
        solved: &DVector<f64>,
    ) -> Option<DVector<f64>> {
        let (k, last) = (self.terms[0].width(), self.width - 1);
        let right = eliminated.column(last) - eliminated.columns(0, last) * solved;
        let mut effects = DVector::zeros(self.terms[0].effects());
        for (level, root) in roots.iter().enumerate() {
            let own = root.transpose().solve_upper_triangular(&right.rows(level * k, k).into_owned())?;
            effects.rows_mut(level * k, k).copy_from(&own);
        }
        Some(effects)
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
