//! Instruments from TOML: `[instruments.ID]` tables with keys, ranges and rules, never the text of an item.

use super::Problem;
use crate::model::Instrument;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    instruments: BTreeMap<String, Instrument>,
}

/// Reads a file of instruments; every one that cannot be used is a problem.
pub fn read_instruments(file: &str, text: &str) -> Result<BTreeMap<String, Instrument>, Vec<Problem>> {
    let parsed: File = toml::from_str(text).map_err(|error| {
        let problem = Problem::error(file, error.message())
            .hint("an instrument has label, items, min, max, scales, and optionally reversed, missing, source");
        let line = |start: usize| 1 + text.get(..start).unwrap_or(text).matches('\n').count() as u32;
        vec![error.span().map_or(problem.clone(), |span| problem.at(line(span.start)))]
    })?;
    let mut problems = Vec::new();
    for (id, instrument) in &parsed.instruments {
        for (what, mend) in faults(instrument) {
            problems.push(Problem::error(file, format!("instrument {id}: {what}")).hint(mend));
        }
    }
    if problems.is_empty() { Ok(parsed.instruments) } else { Err(problems) }
}

fn faults(instrument: &Instrument) -> Vec<(String, &'static str)> {
    let mut faults = Vec::new();
    let known = |item: &&u32| (1..=instrument.items).contains(*item);
    if instrument.min.partial_cmp(&instrument.max) != Some(std::cmp::Ordering::Less) {
        faults.push((
            format!("the lowest answer {} is not below the highest {}", instrument.min, instrument.max),
            "swap min and max",
        ));
    }
    if instrument.scales.is_empty() {
        faults.push(("it has no scale".into(), "add scales.total = { items = [1, 2, ...], kind = \"mean\" }"));
    }
    if let Some(item) = instrument.reversed.iter().find(|item| !known(item)) {
        faults.push((
            format!("reversed item {item} does not exist; there are {}", instrument.items),
            "number items from 1",
        ));
    }
    for (name, scale) in &instrument.scales {
        if let Some(item) = scale.items.iter().find(|item| !known(item)) {
            faults.push((
                format!("scale {name}: item {item} does not exist; there are {}", instrument.items),
                "number items from 1",
            ));
        }
        let distinct: BTreeSet<&u32> = scale.items.iter().collect();
        if distinct.len() < scale.items.len() || scale.items.is_empty() {
            faults.push((format!("scale {name}: an item is named twice, or none is"), "name every item once"));
        }
    }
    faults
}
