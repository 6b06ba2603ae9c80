//! Codes by codes: which ones occur together, and more often than chance within the same sources would have it.

use super::build::{MatrixError, MatrixInputs};
use super::contexts::{Contexts, Occurrence, Within};
use super::effect::{self, Effect, reason};
use super::rows::{read_rows, rows_of};
use super::spec::{MatrixSpec, Rows, Test};
use super::standing::says_so;
use super::test::{TestResult, title};
use crate::join::{Outcome, Statement};
use crate::stats;
use crate::store::SourceText;
use std::collections::BTreeMap;

/// Two codes or themes and how they occur together.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Pair {
    /// The first.
    pub first: String,
    /// The second.
    pub second: String,
    /// Places with both, with the first, with the second.
    pub counts: [u64; 3],
    /// Places that were read for both.
    #[serde(rename = "N")]
    pub of: u64,
    /// Places with both that chance would give, within the same sources.
    pub expected: Option<f64>,
    /// Jaccard's coefficient (c of other programs), with its interval.
    pub jaccard: Effect,
    /// Observed over expected, over all places.
    pub lift: Option<f64>,
    /// Normalised pointwise mutual information, from -1 to 1.
    pub npmi: Option<f64>,
    /// The permutation, where asked for.
    pub tests: Vec<TestResult>,
    /// Id of the cell.
    pub cell: String,
}

/// All pairs of codes or themes.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Pairs {
    /// Codes or themes.
    pub kind: &'static str,
    /// Where they must meet.
    pub within: Within,
    /// The pairs, those that meet most often first.
    pub pairs: Vec<Pair>,
    /// Codes that nobody has read for, left out.
    pub unread: usize,
}

/// Counts every pair of rows.
pub fn pairs(
    inputs: &MatrixInputs<'_>,
    spec: &MatrixSpec,
    texts: &BTreeMap<String, SourceText>,
    within: Within,
) -> Result<Pairs, MatrixError> {
    let (rows, unread) = read_rows(inputs, spec)?;
    let contexts = Contexts::new(inputs, spec, texts, within);
    let occurrences: Vec<Occurrence> =
        rows.iter().map(|(_, _, codes)| contexts.occurrence(inputs, spec, codes, within)).collect();
    let place = place(within);
    let mut found = Vec::new();
    for (i, (first, ..)) in rows.iter().enumerate() {
        for (j, (second, ..)) in rows.iter().enumerate().skip(i + 1) {
            let tables = tables(&contexts, &occurrences[i], &occurrences[j]);
            let cell = spec.cell_id_of(&place, &format!("{first}&{second}"), "both");
            found.push(pair(spec, [first, second], &tables, within, cell, inputs.study.settings.seed));
        }
    }
    found.sort_by(|a, b| b.counts[0].cmp(&a.counts[0]));
    let kind = if matches!(spec.rows, Rows::Codes(_)) { "codes" } else { "themes" };
    Ok(Pairs { kind, within, pairs: found, unread })
}

/// The place as the outcome of a cell id: `within=turn`.
fn place(within: Within) -> Outcome {
    let name = super::spec::value_name(within);
    Outcome::parse(&format!("within={name}")).unwrap_or_else(|_| Outcome::everybody())
}

/// Tables of both, first, second, neither: one a source, or one a participant or whole source where these are the places.
fn tables(contexts: &Contexts, first: &Occurrence, second: &Occurrence) -> Vec<stats::TwoByTwo> {
    let mut by_block: BTreeMap<usize, stats::TwoByTwo> = BTreeMap::new();
    for ((block, a), b) in contexts.block.iter().zip(first).zip(second) {
        let (Some(a), Some(b)) = (a, b) else { continue };
        let table = by_block.entry(*block).or_insert(stats::TwoByTwo { a: 0, b: 0, c: 0, d: 0 });
        match (a, b) {
            (true, true) => table.a += 1,
            (true, false) => table.b += 1,
            (false, true) => table.c += 1,
            (false, false) => table.d += 1,
        }
    }
    by_block.into_values().collect()
}

fn pair(
    spec: &MatrixSpec,
    names: [&str; 2],
    tables: &[stats::TwoByTwo],
    within: Within,
    cell: String,
    seed: u64,
) -> Pair {
    let sum = |of: &dyn Fn(&stats::TwoByTwo) -> u64| tables.iter().map(of).sum::<u64>();
    let (both, first, second) = (sum(&|t| t.a), sum(&|t| t.a + t.b), sum(&|t| t.a + t.c));
    let of = sum(&stats::TwoByTwo::n);
    let whole = stats::cooccurrence(first, second, both, of);
    let chance = stats::cooccurrence_within(tables);
    let tests = spec.tests.iter().map(|test| match (test, chance) {
        (Test::Permutation, Ok(chance)) => {
            let where_ = if matches!(within, Within::Turn | Within::Sentence) { " within sources" } else { "" };
            TestResult::named(format!("permutation{where_}, exact")).p(Ok(chance.p_two_sided))
        }
        (Test::Permutation, Err(why)) => TestResult::undefined(title(*test), reason(why)),
        _ => TestResult::undefined(title(*test), "two codes are compared here: take permutation"),
    });
    let [name, other] = names.map(str::to_owned);
    Pair {
        first: name,
        second: other,
        counts: [both, first, second],
        of,
        expected: chance.ok().map(|chance| chance.expected),
        jaccard: jaccard(tables, seed),
        lift: whole.and_then(|whole| whole.lift).ok(),
        npmi: whole.and_then(|whole| whole.npmi).ok(),
        tests: tests.collect(),
        cell,
    }
}

/// Both over either; whole sources are drawn for its interval, because places of one source are alike. Participants and
/// sources are drawn one by one.
fn jaccard(tables: &[stats::TwoByTwo], seed: u64) -> Effect {
    let single = |table: &stats::TwoByTwo| {
        let one = |a: u64, b: u64| stats::TwoByTwo { a, b, c: 0, d: 0 };
        let times = |n: u64, table: stats::TwoByTwo| (0..n).map(move |_| table);
        times(table.a, one(1, 0)).chain(times(table.b + table.c, one(0, 1))).chain(times(table.d, one(0, 0)))
    };
    let drawn: Vec<stats::TwoByTwo> =
        if tables.len() == 1 { tables.iter().flat_map(single).collect() } else { tables.to_vec() };
    let of = |rows: &[usize]| {
        let (both, either) = rows
            .iter()
            .map(|&k| drawn[k])
            .fold((0, 0), |(both, either), table| (both + table.a, either + table.a + table.b + table.c));
        if either == 0 { Err(stats::Undefined::Empty { what: "both codes" }) } else { Ok(both as f64 / either as f64) }
    };
    effect::bootstrapped("Jaccard", seed, drawn.len(), of)
}

/// The statements of both rows at the places where they meet, by the id of a cell of [`pairs`].
pub fn pair_quotes<'a>(
    inputs: &MatrixInputs<'a>,
    spec: &MatrixSpec,
    texts: &BTreeMap<String, SourceText>,
    rows: &str,
    within: &str,
) -> Result<Vec<&'a Statement>, String> {
    let within = <Within as clap::ValueEnum>::from_str(within, true)
        .map_err(|_| format!("`{within}` is no place: sentence, turn, source or participant"))?;
    let Some((first, second)) = rows.split_once('&') else {
        return Err(format!("`{rows}` names no two rows: FIRST&SECOND"));
    };
    let of = |row: &str| {
        let rows = match &spec.rows {
            Rows::Codes(_) => Rows::Codes(vec![row.to_owned()]),
            Rows::Themes(_) => Rows::Themes(vec![row.to_owned()]),
        };
        let rows = rows_of(inputs.study, &rows).map_err(|error| error.to_string())?;
        Ok::<Vec<String>, String>(rows.into_iter().flat_map(|(_, _, codes)| codes).collect())
    };
    let (first, second) = (of(first)?, of(second)?);
    let contexts = Contexts::new(inputs, spec, texts, within);
    let [a, b] = [&first, &second].map(|codes| contexts.occurrence(inputs, spec, codes, within));
    let meet = |at: usize| a[at] == Some(true) && b[at] == Some(true);
    let statements = inputs.statements.list.iter().filter(|statement| {
        let of_either = first.contains(&statement.code) || second.contains(&statement.code);
        let places = match (within, &statement.participant) {
            (Within::Participant, Some(person)) => contexts.of_unit(person).into_iter().collect(),
            (Within::Participant, None) => Vec::new(),
            _ => contexts.places_of(&statement.source, statement.span),
        };
        of_either && says_so(spec, statement) && places.into_iter().any(meet)
    });
    Ok(statements.collect())
}
