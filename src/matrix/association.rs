//! Many codes at once: which go together, which lie near which outcomes, and whether new interviews still bring new ones.

use super::build::{MatrixError, MatrixInputs, build};
use super::contexts::{Contexts, Within};
use super::rows::read_rows;
use super::spec::MatrixSpec;
use super::standing::says_so;
use crate::join::{Outcome, rules_in_words};
use crate::stats::{self, Undefined};
use crate::store::SourceText;
use std::collections::{BTreeMap, BTreeSet};

/// A code or a group of an outcome in the plane.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct MapPoint {
    /// Code, or `OUTCOME: group`.
    pub name: String,
    /// A group of an outcome.
    pub outcome: bool,
    /// Share of all mentions.
    pub mass: f64,
    /// Principal coordinates on the first two axes; the second is nil where there is one axis only.
    pub at: [f64; 2],
}

/// Codes and groups of outcomes in one plane.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CodeMap {
    /// Codes first.
    pub points: Vec<MapPoint>,
    /// Share of the differences that each axis shows.
    pub shares: Vec<f64>,
    /// Codes that nobody says, and groups in which nobody says anything.
    pub left_out: Vec<String>,
    /// People that the table counts, each once a code and outcome.
    pub mentions: f64,
    /// Codes that nobody has read for, left out.
    pub unread: usize,
    /// The rules that made the classes of the outcomes, and what is uncertain in them.
    pub rules: Vec<String>,
}

/// Simple correspondence analysis of codes by the groups of one or more outcomes: people who say it, counted as in a
/// matrix.
pub fn code_map(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    outcomes: &[Outcome],
) -> Result<Result<CodeMap, Undefined>, MatrixError> {
    let mut names: Vec<String> = Vec::new();
    let mut unread = 0;
    let mut groups: Vec<String> = Vec::new();
    let mut table: Vec<Vec<f64>> = Vec::new();
    for outcome in outcomes {
        let matrix = build(inputs, &MatrixSpec { outcome: outcome.clone(), ..spec.clone() })?;
        if matrix.groups.len() < 2 {
            return Ok(Err(Undefined::Malformed {
                what: "an outcome of the map is a number: cut it into groups, as in `wellbeing.T1>4`",
            }));
        }
        groups.extend(matrix.groups.iter().map(|group| format!("{}: {}", outcome.name(), group.label)));
        unread = matrix.footer.unread;
        names = matrix.rows.iter().map(|row| row.label.clone()).collect();
        table.resize(names.len(), Vec::new());
        for (counts, row) in table.iter_mut().zip(&matrix.rows) {
            counts.extend(row.cells.iter().map(|cell| cell.counted() as f64));
        }
    }
    let rules = rules_in_words(inputs.study, inputs.scores, outcomes.iter().chain(&spec.at_risk));
    Ok(map_of(&names, &groups, &table).map(|map| CodeMap { unread, rules, ..map }))
}

fn map_of(names: &[String], groups: &[String], table: &[Vec<f64>]) -> Result<CodeMap, Undefined> {
    let filled_row = |k: &usize| table[*k].iter().any(|n| *n > 0.0);
    let filled_column = |k: &usize| table.iter().any(|row| row[*k] > 0.0);
    let (rows, no_rows): (Vec<usize>, Vec<usize>) = (0..names.len()).partition(filled_row);
    let (columns, no_columns): (Vec<usize>, Vec<usize>) = (0..groups.len()).partition(filled_column);
    let kept: Vec<Vec<f64>> = rows.iter().map(|&r| columns.iter().map(|&c| table[r][c]).collect()).collect();
    let found = stats::correspondence_analysis(&kept)?;
    let point = |name: &String, outcome: bool, mass: f64, at: &[f64]| MapPoint {
        name: name.clone(),
        outcome,
        mass,
        at: [0, 1].map(|axis| at.get(axis).copied().unwrap_or(0.0)),
    };
    let codes = rows.iter().enumerate().map(|(k, &r)| point(&names[r], false, found.row_masses[k], &found.rows[k]));
    let outcomes =
        columns.iter().enumerate().map(|(k, &c)| point(&groups[c], true, found.column_masses[k], &found.columns[k]));
    let mut points: Vec<MapPoint> = codes.chain(outcomes).collect();
    // The signs of axes mean nothing: the first point that is off an axis is put on its positive side.
    for axis in 0..2 {
        let first = points.iter().map(|point| point.at[axis]).find(|at| at.abs() > 1e-9);
        if first.is_some_and(|at| at < 0.0) {
            points.iter_mut().for_each(|point| point.at[axis] = 0.0 - point.at[axis]);
        }
    }
    let total = found.total_inertia;
    Ok(CodeMap {
        points,
        shares: found.principal_inertias.iter().map(|part| if total > 0.0 { part / total } else { 0.0 }).collect(),
        left_out: no_rows
            .iter()
            .map(|&r| names[r].clone())
            .chain(no_columns.iter().map(|&c| groups[c].clone()))
            .collect(),
        mentions: kept.iter().flatten().sum(),
        unread: 0,
        rules: Vec::new(),
    })
}

/// Codes joined step by step.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Clusters {
    /// Codes or themes, in an order in which no branches cross.
    pub order: Vec<String>,
    /// Members and distance of every join, the nearest first.
    pub joins: Vec<(Vec<String>, f64)>,
    /// Correlation of the tree's distances with those of the codes.
    pub cophenetic: Option<f64>,
    /// Places that were read for all of them.
    #[serde(rename = "N")]
    pub of: usize,
    /// Where they must meet.
    pub within: Within,
    /// Codes that occur nowhere, and so are near nothing.
    pub left_out: Vec<String>,
    /// Codes that nobody has read for, left out as well.
    pub unread: usize,
}

/// Hierarchical clustering of codes by the places they share: average linkage on Jaccard's distance.
pub fn clusters(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    texts: &BTreeMap<String, SourceText>,
    within: Within,
) -> Result<Result<Clusters, Undefined>, MatrixError> {
    let (rows, unread) = read_rows(inputs, spec)?;
    let contexts = Contexts::new(inputs, spec, texts, within);
    let found: Vec<_> = rows.iter().map(|(_, _, codes)| contexts.occurrence(inputs, spec, codes, within)).collect();
    let read: Vec<usize> = (0..contexts.block.len()).filter(|&k| found.iter().all(|row| row[k].is_some())).collect();
    if read.is_empty() && rows.len() > 1 {
        return Ok(Err(Undefined::Malformed {
            what: "nothing was read for all of these codes at once: name codes that the same person read for (--codes)",
        }));
    }
    let presence = |row: &Vec<Option<bool>>| read.iter().map(|&k| row[k] == Some(true)).collect::<Vec<bool>>();
    let (mut names, mut table, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for ((id, ..), row) in rows.iter().zip(&found) {
        let row = presence(row);
        if row.iter().any(|is| *is) {
            names.push(id.clone());
            table.push(row);
        } else {
            left_out.push(id.clone());
        }
    }
    Ok(joined(&names, &table).map(|(order, joins, cophenetic)| Clusters {
        order,
        joins,
        cophenetic,
        of: read.len(),
        within,
        left_out,
        unread,
    }))
}

type Joined = (Vec<String>, Vec<(Vec<String>, f64)>, Option<f64>);

fn joined(names: &[String], table: &[Vec<bool>]) -> Result<Joined, Undefined> {
    let tree = stats::hierarchical_clustering(&stats::jaccard_distances(table)?, stats::Linkage::Average)?;
    let mut members: Vec<Vec<String>> = names.iter().map(|name| vec![name.clone()]).collect();
    let mut joins = Vec::new();
    for merge in &tree.merges {
        let both = [members[merge.first].clone(), members[merge.second].clone()].concat();
        joins.push((both.clone(), merge.height));
        members.push(both);
    }
    let order = tree.order.iter().map(|&k| names[k].clone()).collect();
    Ok((order, joins, tree.cophenetic_correlation.ok()))
}

/// Base and run of Guest, Namey and Chen (2020), the threshold of new codes, and how many orders are tried.
#[derive(Debug, Clone, Copy, PartialEq, clap::Args, serde::Serialize)]
pub struct CurveQuestion {
    /// Interviews of the base
    #[arg(long, default_value_t = Self::default().base)]
    pub base: usize,
    /// Interviews of a run
    #[arg(long, default_value_t = Self::default().run)]
    pub run: usize,
    /// Share of new codes that counts as none
    #[arg(long, default_value_t = Self::default().threshold)]
    pub threshold: f64,
    /// Orders that are tried
    #[arg(long, default_value_t = Self::default().orders)]
    pub orders: u32,
}

impl Default for CurveQuestion {
    fn default() -> Self {
        Self { base: 4, run: 2, threshold: 0.05, orders: 999 }
    }
}

/// How codes accumulate over interviews, and how that depends on the order in which they were held.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Curve {
    /// What was asked.
    pub question: CurveQuestion,
    /// Seed of the shuffled orders.
    pub seed: u64,
    /// Names of the interviews, in the order they came into the study.
    pub interviews: Vec<String>,
    /// New codes of each.
    pub new: Vec<usize>,
    /// Codes so far.
    pub so_far: Vec<usize>,
    /// The same over the shuffled orders: mean, and the middle 95 %.
    pub shuffled: Vec<(f64, f64, f64)>,
    /// The interview at which a run first brings at most the threshold.
    pub reached: Option<usize>,
    /// In what share of the shuffled orders that happens at all, and the middle and the last of where.
    pub reached_shuffled: (f64, Option<(f64, f64)>),
    /// Interviews that nobody has read for all of the codes.
    pub unread_interviews: usize,
    /// Codes that nobody has read for, left out.
    pub unread: usize,
}

/// New codes over the interviews, in the order they came into the study and in shuffled ones.
pub fn curve(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    question: CurveQuestion,
) -> Result<Result<Curve, Undefined>, MatrixError> {
    let (rows, unread) = read_rows(inputs, spec)?;
    let read = |source: &String| {
        rows.iter().all(|(_, _, codes)| codes.iter().all(|code| inputs.statements.covers(source, code, &|_| true)))
    };
    let mut sources: Vec<_> =
        inputs.study.sources.iter().filter(|(_, source)| spec.wave.is_none() || source.wave == spec.wave).collect();
    sources.sort_by_key(|(_, source)| source.first_ordinal);
    let (sources, unread_interviews): (Vec<_>, Vec<_>) = sources.into_iter().partition(|(id, _)| read(id));
    let mut said: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for statement in inputs.statements.list.iter().filter(|statement| says_so(spec, statement)) {
        for (k, _) in rows.iter().enumerate().filter(|(_, (_, _, codes))| codes.contains(&statement.code)) {
            said.entry(&statement.source).or_default().insert(k);
        }
    }
    let interviews: Vec<BTreeSet<usize>> =
        sources.iter().map(|(id, _)| said.get(id.as_str()).cloned().unwrap_or_default()).collect();
    let seed = inputs.study.settings.seed;
    let names = sources.iter().map(|(_, source)| source.name.clone()).collect();
    Ok(accumulated(names, &interviews, question, seed).map(|curve| Curve {
        unread_interviews: unread_interviews.len(),
        unread,
        ..curve
    }))
}

fn accumulated(
    names: Vec<String>,
    interviews: &[BTreeSet<usize>],
    question: CurveQuestion,
    seed: u64,
) -> Result<Curve, Undefined> {
    let CurveQuestion { base, run, threshold, orders } = question;
    if orders == 0 {
        return Err(Undefined::TooFew { what: "orders", needed: 1, got: 0 });
    }
    let own = stats::saturation(interviews, base, run)?;
    own.base_codes?;
    let mut curves: Vec<Vec<f64>> = vec![Vec::new(); interviews.len()];
    let mut reached: Vec<f64> = Vec::new();
    for order in stats::random_orders(interviews.len(), orders, seed) {
        let shuffled: Vec<BTreeSet<usize>> = order.iter().map(|&k| interviews[k].clone()).collect();
        let found = stats::saturation(&shuffled, base, run)?;
        for (curve, codes) in curves.iter_mut().zip(&found.cumulative_codes) {
            curve.push(*codes as f64);
        }
        reached.extend(stats::Saturation::reached(&found.runs_sliding, threshold).map(|at| at as f64));
    }
    let middle = |values: &Vec<f64>| -> Result<(f64, f64, f64), Undefined> {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Ok((mean, stats::quantile(values, 0.025)?, stats::quantile(values, 0.975)?))
    };
    let where_ = match (stats::quantile(&reached, 0.5), stats::quantile(&reached, 0.975)) {
        (Ok(median), Ok(last)) => Some((median, last)),
        _ => None,
    };
    Ok(Curve {
        question,
        seed,
        interviews: names,
        reached: stats::Saturation::reached(&own.runs_sliding, threshold),
        shuffled: curves.iter().map(middle).collect::<Result<_, _>>()?,
        new: own.new_codes,
        so_far: own.cumulative_codes,
        reached_shuffled: (reached.len() as f64 / f64::from(orders), where_),
        unread_interviews: 0,
        unread: 0,
    })
}
