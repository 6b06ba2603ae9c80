//! `search` by itself: the turns found, with the words found in them.

use super::{Asked, Found, Sort, Work};
use crate::cli::error::{CliError, Shown};
use crate::index::{excerpt, span_of};
use crate::query::reference::Interval;
use crate::report::{Format, Table, Value, counted};
use crate::text::tokenize;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// What marks the words found where text is read by people.
const MARK: &str = "**";

/// Prints the turns found.
pub fn run(asked: &Asked<'_>) -> Result<Work, CliError> {
    let found = asked.in_order(if asked.args.like.is_some() { Sort::Rank } else { Sort::Source })?;
    let tally = asked.sets.tally(&found.iter().map(|turn| (turn.ordinal, turn.hits)).collect::<Vec<_>>()).shown()?;
    let all = found.len();
    let for_reading = matches!(asked.session.format, Format::Table | Format::Md);
    let mut columns = vec!["source", "turn", "role", "participant"];
    if asked.args.around > 0 {
        columns.insert(0, "found");
    }
    if !for_reading {
        columns.push("words found");
    }
    columns.push("text");
    let mut table = Table::new("", &columns);
    table.running_text = true;
    let page = asked.page(found);
    let shown = page.len();
    let found: BTreeSet<u32> = page.iter().map(|turn| turn.ordinal).collect();
    let mut seen = BTreeSet::new();
    for turn in page {
        for ordinal in neighbours(&turn, asked.args.around) {
            if (ordinal == turn.ordinal || !found.contains(&ordinal)) && seen.insert(ordinal) {
                row(asked, &mut table, &turn, ordinal)?;
            }
        }
    }
    if let Some(note) = asked.page_note(shown, all, "turns") {
        table.note(note);
    }
    let turns = format!(
        "{} of {}, {}",
        counted(all, "turn"),
        counted(tally.sources, "source"),
        counted(tally.participants.len(), "participant")
    );
    let hits = counted(tally.hits as usize, "hit");
    table.note(if asked.query.has_words() { format!("{hits} in {turns}") } else { turns });
    asked.session.table(&table)?;
    Ok(Work::Nothing)
}

/// A turn and those around it in its source.
fn neighbours(turn: &Found<'_>, around: u32) -> RangeInclusive<u32> {
    let source = turn.source;
    let last = source.first_ordinal.saturating_add(source.turns.saturating_sub(1));
    turn.ordinal.saturating_sub(around).max(source.first_ordinal)..=turn.ordinal.saturating_add(around).min(last)
}

/// Adds the row of a turn: the one found, or a neighbour of it, in which nothing is marked.
fn row(asked: &Asked<'_>, table: &mut Table, found: &Found<'_>, ordinal: u32) -> Result<(), CliError> {
    let source = found.source;
    let turn = asked.reader.turn(ordinal).shown()?;
    let is_found = ordinal == found.ordinal;
    let hits = if is_found { asked.search.intervals(&turn).unwrap_or_default() } else { Vec::new() };
    let mut tokens = Vec::new();
    tokenize(&turn.text, &mut tokens);
    let mut row: Vec<Value> = Vec::new();
    if asked.args.around > 0 {
        row.push(if is_found { "yes" } else { "" }.into());
    }
    row.extend([
        source.name.as_str().into(),
        (ordinal as usize).into(),
        source.role(&turn.speaker).name().into(),
        source.participants.get(&turn.speaker).cloned().into(),
    ]);
    let for_reading = matches!(asked.session.format, Format::Table | Format::Md);
    if !for_reading {
        let word = |hit: &Interval| span_of(&tokens, *hit)?.of(&turn.text);
        row.push(hits.iter().filter_map(word).collect::<Vec<_>>().join(" | ").into());
    }
    let mark = if for_reading { MARK } else { "" };
    row.push(excerpt(&turn.text, &tokens, &hits, asked.args.context, mark).into());
    table.row(row);
    Ok(())
}
