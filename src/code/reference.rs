//! Codings that somebody made elsewhere become records: each with its place in our text, and the coverage of its coder.

use super::{DecideError, Decider, Judgement, find_quote};
use crate::import::{Problem, ReferencePlace, ReferenceRow};
use crate::model::{Coding, Coverage, Origin, Qualifiers, Span, Visible};
use crate::store::{SourceText, Study, code_id};
use std::collections::{BTreeMap, BTreeSet};

/// The records of a table of codings.
#[derive(Debug, Default)]
pub struct ReferenceRecords {
    /// Codings by id.
    pub codings: BTreeMap<String, Coding>,
    /// Coverage by key.
    pub coverage: BTreeMap<String, Coverage>,
    /// Rows that were left out.
    pub missed: Vec<Problem>,
}

/// Id of the source that a table calls by its name, its id, or the part of its name after the table it came from.
pub fn reference_source<'a>(study: &'a Study, name: &str) -> Option<&'a str> {
    let exact = study.find_source(name).map(|(id, _)| id);
    let ends = |known: &str| known.strip_suffix(name).is_some_and(|table| table.ends_with('/'));
    let mut parts = study.sources.iter().filter(|(_, source)| ends(&source.name)).map(|(id, _)| id.as_str());
    exact.or_else(|| match (parts.next(), parts.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    })
}

/// Looks up every row. A coder has read, for all codes of the table, what the rows name: the turns where there is a
/// turn, else the source.
pub fn reference_records(
    decider: &Decider<'_>,
    texts: &BTreeMap<String, SourceText>,
    file: &str,
    rows: &[ReferenceRow],
    digest: impl Fn(&str) -> String,
) -> ReferenceRecords {
    let mut records = ReferenceRecords::default();
    // By coder and source: turns read, or nothing where the whole source was.
    let mut read: BTreeMap<(&str, &str), Option<BTreeSet<u32>>> = BTreeMap::new();
    for row in rows {
        let coder = row.coder.as_deref().unwrap_or(decider.coder);
        let miss = |what| Problem::error(file, what).at(row.line).hint("the row was left out; the others go in");
        let Some(id) = reference_source(decider.study, &row.source) else {
            records.missed.push(miss(format!("there is no source `{}`", row.source)));
            continue;
        };
        let Some(text) = texts.get(id) else { continue };
        let span = match place(&row.source, text, &row.place) {
            Ok(span) => span,
            Err(what) => {
                records.missed.push(miss(what));
                continue;
            }
        };
        let turns = read.entry((coder, id)).or_insert_with(|| Some(BTreeSet::new()));
        match (&row.place, turns.as_mut()) {
            (ReferencePlace::Turn(turn), Some(turns)) => drop(turns.insert(*turn)),
            _ => *turns = None,
        }
        for code in &row.codes {
            let judgement = Judgement {
                code: Some(&code_id(code)),
                polarity: row.polarity,
                qualifiers: Qualifiers { time: row.time, target: row.target.clone(), experiencer: row.experiencer },
                origin: Origin::Imported,
                confidence: row.confidence,
                note: &row.note,
            };
            let own = Decider { coder, ..decider.clone() };
            match own.coding(id, &text.text, span, &judgement, &digest) {
                Ok((key, mut coding)) => {
                    // What its coder could see when deciding, the table does not say.
                    coding.visible = Visible::default();
                    records.codings.insert(key, coding);
                }
                Err(error) => records.missed.push(miss(error.to_string())),
            }
        }
    }
    let codes: BTreeSet<String> = rows.iter().flat_map(|row| &row.codes).map(|label| code_id(label)).collect();
    let codes: Vec<String> = codes.into_iter().collect();
    for ((coder, id), turns) in &read {
        let own = Decider { coder, ..decider.clone() };
        let first = decider.study.sources.get(*id).map_or(0, |source| source.first_ordinal);
        let all = texts.get(*id).map_or(0, |text| text.segmentation.turns.len());
        let turns = turns.as_ref().filter(|turns| turns.len() < all).map(|turns| ranges(turns, first));
        records.coverage.extend([own.cover(id, &codes, &turns.unwrap_or_default())]);
    }
    records
}

fn place(name: &str, text: &SourceText, place: &ReferencePlace) -> Result<Span, String> {
    match place {
        ReferencePlace::Quote(quote) => {
            find_quote(name, &text.text, quote).map_err(|error: DecideError| error.to_string())
        }
        ReferencePlace::Turn(turn) => {
            let found = text.segmentation.turns.get(*turn as usize).map(|turn| turn.span);
            found.ok_or_else(|| {
                format!("{name} has {} turns, so there is no turn {turn}", text.segmentation.turns.len())
            })
        }
        ReferencePlace::Whole => {
            let turns = &text.segmentation.turns;
            let ends = turns.first().zip(turns.last());
            ends.map(|(first, last)| first.span.cover(last.span)).ok_or_else(|| format!("{name} has no turns"))
        }
    }
}

/// Positions in a source as ranges of ordinals.
pub(super) fn ranges(positions: &BTreeSet<u32>, first: u32) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for ordinal in positions.iter().map(|position| first + position) {
        match ranges.last_mut().filter(|(_, last)| *last + 1 == ordinal) {
            Some((_, last)) => *last = ordinal,
            None => ranges.push((ordinal, ordinal)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_make_a_range() {
        assert_eq!(ranges(&BTreeSet::from([0, 1, 2, 5, 7, 8]), 10), [(10, 12), (15, 15), (17, 18)]);
        assert_eq!(ranges(&BTreeSet::new(), 10), []);
    }
}
