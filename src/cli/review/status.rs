//! `review status`: who has read what, and how far the review is.

use crate::cli::error::CliError;
use crate::cli::session::{Outcome, Session, all_texts};
use crate::model::Coverage;
use crate::report::{Table, Value, counted};
use crate::review::{FinalLayer, Rater, SignOffStanding, Signed, final_layer, standing};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// Who has read which sources for which codes, what is decided and what is signed off
#[derive(clap::Args)]
pub struct Args {}

/// Runs the verb.
pub fn run(_: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    crate::cli::agree::refuse_blinded(&study, session)?;
    let texts = all_texts(&store, &study)?;
    let layer = final_layer(&study, &texts, true);
    let mut by_source: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for row in study.coverage.values() {
        by_source.entry(&row.source).or_default().push(row);
    }
    let columns = ["source", "read by", "codings", "disagreements decided", "open", "signed off"];
    let mut table = Table::new("", &columns);
    let mut order: Vec<_> = study.sources.iter().collect();
    order.sort_by(|a, b| (&a.1.name, a.0).cmp(&(&b.1.name, b.0)));
    for (id, source) in order {
        let rows = by_source.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let codings = study.codings.values().filter(|coding| coding.source == *id && coding.code.is_some());
        let (decided, open) = layer.disagreements.get(id).copied().unwrap_or_default();
        table.row([
            source.name.as_str().into(),
            reading_in_words(rows).into(),
            coders_in_words(codings.filter_map(Rater::of)).into(),
            decided.into(),
            open.into(),
            signed_in_words(&study, &layer, Signed::Source(id)),
        ]);
    }
    let codes = study.codebook.codebook.codes.keys();
    for code in codes.filter(|code| study.sign_offs.contains_key(&Signed::Code(code).key())) {
        let words = signed_in_words(&study, &layer, Signed::Code(code)).shown();
        table.note(format!("Code {code}: signed off by {words}."));
    }
    let stale = study.adjudications.len().saturating_sub(layer.decided());
    if stale > 0 {
        table.note(format!("Decisions whose codings changed since, and that no longer count: {stale}."));
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}

/// `ann; ben (trust, support)`.
fn reading_in_words(rows: &[&Coverage]) -> String {
    let mut by_rater: BTreeMap<Rater, Vec<&Coverage>> = BTreeMap::new();
    for row in rows {
        by_rater.entry(Rater { coder: row.coder.clone(), round: row.round }).or_default().push(row);
    }
    let one = |(rater, rows): (Rater, Vec<&Coverage>)| {
        let mut limits = Vec::new();
        if rows.iter().all(|row| !row.codes.is_empty()) {
            let codes: BTreeSet<&str> = rows.iter().flat_map(|row| row.codes.iter().map(String::as_str)).collect();
            limits.push(if codes.len() > 2 {
                format!("{} codes", codes.len())
            } else {
                codes.into_iter().collect::<Vec<_>>().join(", ")
            });
        }
        if rows.iter().all(|row| !row.turns.is_empty()) {
            let turns: u32 = rows.iter().flat_map(|row| &row.turns).map(|(first, last)| last - first + 1).sum();
            limits.push(counted(turns as usize, "turn"));
        }
        if limits.is_empty() { rater.to_string() } else { format!("{rater} ({})", limits.join(", ")) }
    };
    let words: Vec<String> = by_rater.into_iter().map(one).collect();
    if words.is_empty() { "nobody".to_owned() } else { words.join("; ") }
}

/// `ann 12, ben 9`.
fn coders_in_words(raters: impl Iterator<Item = Rater>) -> String {
    let mut counts: BTreeMap<Rater, usize> = BTreeMap::new();
    for rater in raters {
        *counts.entry(rater).or_default() += 1;
    }
    counts.iter().map(|(rater, n)| format!("{rater} {n}")).collect::<Vec<_>>().join(", ")
}

fn signed_in_words(study: &Study, layer: &FinalLayer, signed: Signed<'_>) -> Value {
    match standing(study, layer, signed) {
        SignOffStanding::None => Value::Empty,
        SignOffStanding::Holds(record) => record.by.as_str().into(),
        SignOffStanding::Changed(record) => format!("{}, changed since", record.by).into(),
    }
}
