//! `search --collocates`, `--words`, `--compare`: words near hits, words of turns, words that tell two groups apart.

use super::{Asked, Work, parsed};
use crate::cli::error::{CliError, Shown};
use crate::index::{Neighbours, WordCounts, keyness};
use crate::query::reference::Interval;
use crate::report::{Table, Value, counted};
use roaring::RoaringBitmap;
use std::collections::HashMap;

/// What the columns are, and what they are not.
const NO_TEST: &str = "they order the words and test nothing: words of one speaker go together";

/// Words that stand near the hits more often than chance would have it.
pub fn collocates(asked: &Asked<'_>) -> Result<Work, CliError> {
    if !asked.query.has_words() {
        return Err(CliError::new("--collocates looks beside words, and this query only chooses turns: add a word"));
    }
    let mut hits: HashMap<u32, Vec<Interval>> = HashMap::new();
    asked.search.each(&mut |hit| drop(hits.insert(hit.turn, hit.intervals.to_vec()))).shown()?;
    let filter = asked.query.filter();
    let turns = match &filter {
        Some(filter) => asked.turns_of(filter)?,
        None => asked.reader.turns(),
    };
    let mut neighbours = Neighbours::within(asked.args.window);
    for turn in &turns {
        let hits = hits.get(&turn).map_or(&[][..], Vec::as_slice);
        neighbours.add(&asked.reader.words(turn).shown()?, hits);
    }
    let found = neighbours.collocates(asked.args.least);
    let columns = ["word", "before", "after", "near", "expected", "in all", "log-likelihood", "MI"];
    let mut table = Table::new("", &columns);
    let all = found.len();
    for row in asked.page(found) {
        table.row([
            row.word.as_str().into(),
            Value::Count(row.before),
            Value::Count(row.after),
            Value::Count(row.before + row.after),
            Value::Number(row.expected, 1),
            Value::Count(row.everywhere),
            Value::Number(row.log_likelihood, 1),
            Value::Number(row.mutual_information, 2),
        ]);
    }
    if let Some(note) = asked.page_note(table.rows.len(), all, "words") {
        table.note(note);
    }
    let of = filter.map_or_else(|| "all turns".to_owned(), |filter| format!("turns with {filter}"));
    let hits: usize = hits.values().map(Vec::len).sum();
    table.note(format!(
        "{}; near: {} words within {} of one, in the same turn; in all: {} words of {of}; at least {} times near",
        counted(hits, "hit"),
        neighbours.words_near,
        asked.args.window,
        neighbours.words,
        asked.args.least
    ));
    table.note("log-likelihood: G2 of the table word by near (Dunning 1993)");
    table.note("MI: binary logarithm of near over expected (Church and Hanks 1990)");
    table.note(NO_TEST);
    asked.session.table(&table)?;
    Ok(Work::Nothing)
}

/// The words of the turns found.
pub fn frequencies(asked: &Asked<'_>) -> Result<Work, CliError> {
    let counts = counts(asked, &asked.turns_of(asked.query)?)?;
    let found = counts.most_frequent(asked.args.least);
    let mut table = Table::new("", &["word", "times", "per 1,000 words", "turns", "sources"]);
    let all = found.len();
    for (word, count) in asked.page(found) {
        table.row([
            word.into(),
            Value::Count(count.times),
            Value::Number(per_thousand(count.times, counts.total), 2),
            Value::Count(count.turns),
            count.sources.len().into(),
        ]);
    }
    if let Some(note) = asked.page_note(table.rows.len(), all, "words") {
        table.note(note);
    }
    table.note(format!("of {} words in turns with {}; at least {} times", counts.total, asked.query, asked.args.least));
    asked.session.table(&table)?;
    Ok(Work::Nothing)
}

/// The words that tell the turns found from those of another query.
pub fn compare(asked: &Asked<'_>, other: &str) -> Result<Work, CliError> {
    let other = parsed(other, asked.session, asked.study)?;
    let (mine, others) = (asked.turns_of(asked.query)?, asked.turns_of(&other)?);
    let both = mine.intersection_len(&others);
    let (one, two) = (counts(asked, &mine)?, counts(asked, &others)?);
    if one.total == 0 || two.total == 0 {
        let empty = if one.total == 0 { asked.query } else { &other };
        return Err(CliError::new(format!("there are no words to compare: no turn was found for {empty}")));
    }
    let found = keyness(&one, &two, asked.args.least);
    let columns = ["word", "here", "per 1,000", "there", "per 1,000 there", "log ratio", "log-likelihood"];
    let mut table = Table::new(format!("Words of {} (here) and of {other} (there)", asked.query), &columns);
    let all = found.len();
    for row in asked.page(found) {
        table.row([
            row.word.as_str().into(),
            Value::Count(row.times.0),
            Value::Number(per_thousand(row.times.0, one.total), 2),
            Value::Count(row.times.1),
            Value::Number(per_thousand(row.times.1, two.total), 2),
            Value::Number(row.log_ratio, 2),
            Value::Number(row.log_likelihood, 1),
        ]);
    }
    if let Some(note) = asked.page_note(table.rows.len(), all, "words") {
        table.note(note);
    }
    table.note(format!(
        "here {} words in {}, there {} words in {}; at least {} times in both together",
        one.total,
        counted(mine.len() as usize, "turn"),
        two.total,
        counted(others.len() as usize, "turn"),
        asked.args.least
    ));
    if both > 0 {
        table.note(format!("{} stand on both sides", counted(both as usize, "turn")));
    }
    table.note("log ratio: binary logarithm of the ratio of both rates, half a time for none (Hardie 2014)");
    table.note("log-likelihood: G2 of the table word by side (Dunning 1993)");
    table.note(NO_TEST);
    asked.session.table(&table)?;
    Ok(Work::Nothing)
}

fn per_thousand(times: u64, words: u64) -> f64 {
    1000.0 * times as f64 / words.max(1) as f64
}

fn counts(asked: &Asked<'_>, turns: &RoaringBitmap) -> Result<WordCounts, CliError> {
    let mut counts = WordCounts::default();
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    for turn in turns {
        let Some((source, _)) = asked.reader.place(turn) else { continue };
        let next = numbers.len() as u32;
        let number = *numbers.entry(source).or_insert(next);
        counts.add(&asked.reader.words(turn).shown()?, number);
    }
    Ok(counts)
}
