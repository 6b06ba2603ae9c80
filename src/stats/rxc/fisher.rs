//! Fisher's exact test of an r x c table by the network algorithm.
//!
//! Columns are filled one after the other. What is left of the row totals is a node; tables that reach the same node
//! share their future, whose total, largest and smallest probability are computed once. A path is followed only while it
//! is open whether its tables are more or less probable than the observed one (Mehta & Patel 1983).

use crate::stats::distributions::lgamma;
use crate::stats::estimate::{Estimate, Undefined};
use crate::stats::random::{shuffle, stream};
use crate::stats::resampling::monte_carlo_p;
use std::collections::BTreeMap;

/// As in R: tables within this relative distance count as equally probable.
const SLACK: f64 = 1e-7;
/// Nodes beyond which a table is refused at once, and steps after which it is given up (about a second).
const MOST_NODES: u64 = 6_000;
const MOST_STEPS: usize = 10_000_000;

/// Row totals that are still to be filled, sorted: rows are exchangeable.
type Node = Vec<u32>;

#[derive(Clone, Copy)]
struct Future {
    /// Logarithm of the sum over all ways to go on.
    total: f64,
    /// Logarithm of the most probable way.
    best: f64,
    /// Logarithm of the least probable way.
    worst: f64,
}

struct Network {
    columns: Vec<u32>,
    /// Logarithms of factorials, up to the number of people.
    ln_factorial: Vec<f64>,
    futures: Vec<BTreeMap<Node, Future>>,
    steps: usize,
}

/// Two-sided p of Fisher's exact test of an r x c table, given its margins (R `fisher.test`).
///
/// # Errors
/// [`Undefined::Malformed`] for rows of unequal length, [`Undefined::TooLarge`] where the enumeration would take more than
/// about a second: use [`fisher_exact_rxc_monte_carlo`].
pub fn fisher_exact_rxc(table: &[Vec<u64>]) -> Estimate {
    let too_large = Undefined::TooLarge { what: "the table" };
    let width = table.first().map_or(0, Vec::len);
    if table.iter().any(|row| row.len() != width) {
        return Err(Undefined::Malformed { what: "the rows of the table differ in length" });
    }
    let n: u64 = table.iter().flatten().try_fold(0_u64, |sum, v| sum.checked_add(*v)).ok_or(too_large)?;
    if n > 100_000 {
        return Err(too_large);
    }
    let mut rows: Node = table.iter().map(|row| row.iter().sum::<u64>() as u32).filter(|r| *r > 0).collect();
    let mut columns: Vec<u32> =
        (0..width).map(|j| table.iter().map(|row| row[j]).sum::<u64>() as u32).filter(|c| *c > 0).collect();
    if rows.len() < 2 || columns.len() < 2 {
        return Ok(1.0);
    }
    // The fewer the rows, the fewer the nodes.
    if rows.len() > columns.len() {
        std::mem::swap(&mut rows, &mut columns);
    }
    rows.sort_unstable();
    columns.sort_unstable_by(|a, b| b.cmp(a));
    // What is left of all rows but the largest says what is left of that one.
    let nodes = rows.iter().rev().skip(1).fold(1_u64, |product, r| product.saturating_mul(u64::from(*r) + 1));
    if nodes > MOST_NODES {
        return Err(too_large);
    }
    let ln_factorial: Vec<f64> = (0..=n).map(|v| lgamma(v as f64 + 1.0)).collect();
    let observed: f64 = -table.iter().flatten().map(|&v| ln_factorial[v as usize]).sum::<f64>();
    let mut network = Network { futures: vec![BTreeMap::new(); columns.len() + 1], columns, ln_factorial, steps: 0 };
    Ok(network.less_probable(rows, observed + SLACK)?.min(1.0))
}

/// The same p by chance tables with these margins, `(b + 1) / (m + 1)` (R `fisher.test(simulate.p.value = TRUE)`);
/// replicate k draws from stream k of the seed.
///
/// # Errors
/// [`Undefined::Malformed`] for rows of unequal length, [`Undefined::TooFew`] without draws, [`Undefined::TooLarge`] beyond
/// ten million people.
pub fn fisher_exact_rxc_monte_carlo(table: &[Vec<u64>], draws: u32, seed: u64) -> Estimate {
    let too_large = Undefined::TooLarge { what: "the table" };
    let width = table.first().map_or(0, Vec::len);
    if table.iter().any(|row| row.len() != width) {
        return Err(Undefined::Malformed { what: "the rows of the table differ in length" });
    }
    if draws == 0 {
        return Err(Undefined::TooFew { what: "draws", needed: 1, got: 0 });
    }
    let n: u64 = table.iter().flatten().try_fold(0_u64, |sum, v| sum.checked_add(*v)).ok_or(too_large)?;
    if n > 10_000_000 {
        return Err(too_large);
    }
    let weight = |cells: &[u64]| -cells.iter().map(|&v| lgamma(v as f64 + 1.0)).sum::<f64>();
    let observed = weight(&table.concat());
    let row_sums: Vec<usize> = table.iter().map(|row| row.iter().sum::<u64>() as usize).collect();
    let people: Vec<usize> =
        (0..width).flat_map(|j| std::iter::repeat_n(j, table.iter().map(|row| row[j]).sum::<u64>() as usize)).collect();
    let mut cells = vec![0_u64; table.len() * width];
    let mut extreme = 0;
    for k in 0..draws {
        let mut columns = people.clone();
        shuffle(&mut stream(seed, u64::from(k)), &mut columns);
        cells.fill(0);
        let mut rest = columns.as_slice();
        for (i, &size) in row_sums.iter().enumerate() {
            let (own, others) = rest.split_at(size);
            own.iter().for_each(|&j| cells[i * width + j] += 1);
            rest = others;
        }
        extreme += usize::from(weight(&cells) <= observed + SLACK);
    }
    Ok(monte_carlo_p(extreme, draws as usize))
}

impl Network {
    /// All ways to fill one column: what is left of the rows, and the log weight of the column.
    fn fill(&mut self, stage: usize, node: &Node) -> Result<Vec<(Node, f64)>, Undefined> {
        let mut ways: BTreeMap<Node, Vec<f64>> = BTreeMap::new();
        let later: u32 = node.iter().sum::<u32>() - self.columns[stage];
        let found = |left: &Node, weight: f64| {
            self.steps += 1;
            let mut key = left.clone();
            key.sort_unstable();
            ways.entry(key).or_default().push(weight);
            self.steps < MOST_STEPS
        };
        let mut spread = Spread { node, ln_factorial: &self.ln_factorial, left: node.clone(), found };
        spread.rows(0, self.columns[stage], later, 0.0);
        if self.steps >= MOST_STEPS {
            return Err(Undefined::TooLarge { what: "the table" });
        }
        Ok(ways.into_iter().flat_map(|(key, weights)| weights.into_iter().map(move |w| (key.clone(), w))).collect())
    }

    fn future(&mut self, stage: usize, node: &Node) -> Result<Future, Undefined> {
        if stage + 1 == self.columns.len() {
            // The last column takes what is left.
            let weight = -node.iter().map(|&v| self.ln_factorial[v as usize]).sum::<f64>();
            return Ok(Future { total: weight, best: weight, worst: weight });
        }
        if let Some(known) = self.futures[stage].get(node) {
            return Ok(*known);
        }
        let mut future = Future { total: f64::NEG_INFINITY, best: f64::NEG_INFINITY, worst: f64::INFINITY };
        for (next, weight) in self.fill(stage, node)? {
            let beyond = self.future(stage + 1, &next)?;
            future.total = ln_add(future.total, weight + beyond.total);
            future.best = future.best.max(weight + beyond.best);
            future.worst = future.worst.min(weight + beyond.worst);
        }
        self.futures[stage].insert(node.clone(), future);
        Ok(future)
    }

    /// Share of all tables whose log weight is at most `limit`.
    fn less_probable(&mut self, rows: Node, limit: f64) -> Result<f64, Undefined> {
        let all = self.future(0, &rows)?.total;
        let mut counted = 0.0;
        // Paths to a node by their weight so far; equal ones are merged.
        let mut paths: BTreeMap<Node, BTreeMap<u64, (f64, f64)>> = BTreeMap::new();
        paths.insert(rows, BTreeMap::from([(0, (0.0, 1.0))]));
        for stage in 0..self.columns.len() {
            let mut onward: BTreeMap<Node, BTreeMap<u64, (f64, f64)>> = BTreeMap::new();
            for (node, pasts) in paths {
                let future = self.future(stage, &node)?;
                let mut open = Vec::new();
                for (past, times) in pasts.into_values() {
                    self.steps += 1;
                    if past + future.best <= limit {
                        counted += times * (past + future.total - all).exp();
                    } else if past + future.worst <= limit {
                        open.push((past, times));
                    }
                }
                if open.is_empty() {
                    continue;
                }
                for (next, weight) in self.fill(stage, &node)? {
                    let merged = onward.entry(next).or_default();
                    self.steps += open.len();
                    if self.steps >= MOST_STEPS {
                        return Err(Undefined::TooLarge { what: "the table" });
                    }
                    for (past, times) in &open {
                        let reached = past + weight;
                        // Sums of the same logarithms in another order differ in the last digits only.
                        let key = (reached * -1e8).round() as u64;
                        merged.entry(key).or_insert((reached, 0.0)).1 += times;
                    }
                }
            }
            paths = onward;
        }
        Ok(counted)
    }
}

fn ln_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// The ways to spread one column over the rows.
struct Spread<'a, F> {
    node: &'a Node,
    ln_factorial: &'a [f64],
    left: Node,
    found: F,
}

impl<F: FnMut(&Node, f64) -> bool> Spread<'_, F> {
    /// Calls `found` with what every way to spread `amount` over the rows from `row` on leaves, until it says stop. `later`
    /// is what the columns after this one can still hold.
    fn rows(&mut self, row: usize, amount: u32, later: u32, weight: f64) -> bool {
        let here = self.node[row];
        if row + 1 == self.node.len() {
            if amount > here {
                return true;
            }
            self.left[row] = here - amount;
            return (self.found)(&self.left, weight - self.ln_factorial[amount as usize]);
        }
        let rest: u32 = self.node[row + 1..].iter().sum();
        let least = amount.saturating_sub(rest).max(here.saturating_sub(later));
        for take in least..=amount.min(here) {
            self.left[row] = here - take;
            let weight = weight - self.ln_factorial[take as usize];
            if !self.rows(row + 1, amount - take, later - self.left[row], weight) {
                return false;
            }
        }
        true
    }
}
