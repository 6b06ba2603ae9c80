//! `search --kwic`: a line for each hit, the words found under one another.

use super::{Asked, Sort, Work};
use crate::cli::error::{CliError, Shown};
use crate::index::{context, sort_key};
use crate::query::reference::Interval;
use crate::report::{Format, Line, concordance, counted};
use crate::text::tokenize;
use std::collections::{BTreeMap, BTreeSet};

/// Words on each side where nothing cuts the line.
const CONTEXT: usize = 12;

/// Prints the lines.
pub fn run(asked: &Asked<'_>) -> Result<Work, CliError> {
    if !asked.query.has_words() {
        return Err(CliError::new("--kwic lines up words, and this query only chooses turns: add a word"));
    }
    let hits = match asked.args.sort {
        Some(Sort::Left) => by_words(asked, true)?,
        Some(Sort::Right) => by_words(asked, false)?,
        _ => by_turn(asked)?,
    };
    let sources: BTreeSet<&str> =
        hits.iter().filter_map(|(turn, _)| asked.reader.place(*turn)).map(|(id, _)| id).collect();
    let (all, sources) = (hits.len(), sources.len());
    let for_terminal = asked.session.format == Format::Table;
    let words = asked.args.context.or((!for_terminal).then_some(CONTEXT));
    let mut lines = Vec::new();
    for (ordinal, hit) in asked.page(hits) {
        let turn = asked.reader.turn(ordinal).shown()?;
        let mut tokens = Vec::new();
        tokenize(&turn.text, &mut tokens);
        let Some(source) = asked.study.sources.get(turn.source_id) else { continue };
        let Some(context) = context(&turn.text, &tokens, hit, words) else { continue };
        lines.push(Line {
            source: source.name.clone(),
            turn: ordinal,
            speaker: source.participants.get(&turn.speaker).unwrap_or(&turn.speaker).clone(),
            before: context.before.to_owned(),
            found: context.found.to_owned(),
            after: context.after.to_owned(),
        });
    }
    let mut table = concordance(&lines, for_terminal.then_some(asked.session.width));
    if let Some(note) = asked.page_note(lines.len(), all, "lines") {
        table.note(note);
    }
    table.note(format!("{} in {}", counted(all, "hit"), counted(sources, "source")));
    asked.session.table(&table)?;
    Ok(Work::Nothing)
}

/// Hits in the order of their turns.
fn by_turn(asked: &Asked<'_>) -> Result<Vec<(u32, Interval)>, CliError> {
    let mut of: BTreeMap<u32, Vec<Interval>> = BTreeMap::new();
    asked.search.each(&mut |hit| drop(of.insert(hit.turn, hit.intervals.to_vec()))).shown()?;
    let mut hits = Vec::new();
    for turn in asked.in_order(Sort::Source)? {
        hits.extend(of.get(&turn.ordinal).into_iter().flatten().map(|hit| (turn.ordinal, *hit)));
    }
    Ok(hits)
}

/// Hits by the words before or after them.
fn by_words(asked: &Asked<'_>, before: bool) -> Result<Vec<(u32, Interval)>, CliError> {
    let mut turns = Vec::new();
    asked.search.each(&mut |hit| turns.push((hit.turn, hit.intervals.to_vec()))).shown()?;
    let mut keyed = Vec::new();
    let mut tokens = Vec::new();
    for (turn, hits) in turns {
        let text = asked.reader.words(turn).shown()?;
        tokens.clear();
        tokenize(&text, &mut tokens);
        keyed.extend(hits.into_iter().map(|hit| (sort_key(&text, &tokens, hit, before), turn, hit)));
    }
    keyed.sort();
    Ok(keyed.into_iter().map(|(_, turn, hit)| (turn, hit)).collect())
}
