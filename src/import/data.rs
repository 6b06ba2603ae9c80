//! Tables of participants, scores and item responses.
//!
//! What a column is, [`super::uses`] has decided; here rows become records. A value that is not taken is a problem
//! with its line and column; a blank cell is a missing value and no problem.

use super::problem::first_few;
use super::table::{Row, Table};
use super::uses::{self, Use};
use super::{Import, Options, Problem, values};
use crate::model::{AttributeValue, ColumnMapping, Responses, Score, ScoreValue};
use std::collections::{BTreeMap, BTreeSet};

/// The wave of responses that have none, as in the keys of scores.
const NO_WAVE: &str = "-";
/// Longest id or name, in bytes.
const LONGEST: usize = 200;

/// Reads a data table.
pub fn read(file: &str, table: &Table, mapping: Option<&ColumnMapping>, options: &Options) -> Result<Import, Problem> {
    if let Some(long) = table.header.iter().find(|name| name.len() > LONGEST) {
        let start: String = long.chars().take(30).collect();
        let what = format!("the name of the column {start}... has more than {LONGEST} letters");
        return Err(Problem::error(file, what).at(1).hint("shorten it"));
    }
    let (uses, problems) = uses::uses(file, table, mapping, options)?;
    let mut reader = Reader {
        file,
        table,
        options,
        numeric: numeric_scores(table, &uses),
        attributes: attributes(table, &uses),
        uses: &uses,
        import: Import { problems, ..Import::default() },
        items: BTreeMap::new(),
        seen: BTreeMap::new(),
        new: BTreeSet::new(),
        told: BTreeMap::new(),
    };
    for (k, row) in table.rows.iter().enumerate() {
        reader.row(k, row);
    }
    let mut import = reader.finish();
    let said = |(column, found): (&String, &Use)| (column.clone(), found.said());
    import.table.uses = table.header.iter().zip(&uses).map(said).collect();
    import.columns = mapping.cloned();
    Ok(import)
}

struct Reader<'a> {
    file: &'a str,
    table: &'a Table,
    options: &'a Options,
    uses: &'a [Use],
    /// Scores of which most values are numbers.
    numeric: BTreeSet<String>,
    /// Typed attribute cells by column.
    attributes: BTreeMap<usize, Vec<Option<AttributeValue>>>,
    import: Import,
    /// Item answers by instrument, participant and wave.
    items: BTreeMap<(String, String, String), Vec<Option<f64>>>,
    /// Line of the first row by participant, wave and (in long tables) score.
    seen: BTreeMap<(String, String, String), u32>,
    /// Participants that the study does not have.
    new: BTreeSet<String>,
    /// Attribute values with the line that gave them first.
    told: BTreeMap<(String, usize), u32>,
}

impl Reader<'_> {
    fn row(&mut self, k: usize, row: &Row) {
        let refuse = |reader: &mut Self, what: String, hint: &str| {
            reader.import.problems.push(Problem::error(reader.file, what).at(row.line).hint(hint));
        };
        let id = self.cell(row, &Use::Id);
        if values::is_missing(&id) || id.len() > LONGEST {
            let why = if id.len() > LONGEST { "an id that is too long" } else { "no participant id" };
            return refuse(self, format!("row {} has {why}: not taken", row.number), "");
        }
        let id = self.options.known_participant(&id).cloned().unwrap_or(id);
        let mut wave = None;
        if self.uses.contains(&Use::Wave) {
            let cell = self.cell(row, &Use::Wave);
            if values::is_missing(&cell) || cell.len() > LONGEST {
                return refuse(self, format!("row {} ({id}) has no wave: not taken", row.number), "");
            }
            wave = Some(self.options.wave(&cell).unwrap_or(cell));
        }
        let name = self.cell(row, &Use::ScoreName);
        let key = (id.clone(), wave.clone().unwrap_or_default(), name.clone());
        if let Some(first) = self.seen.get(&key) {
            let at = wave.as_ref().map_or(String::new(), |wave| format!(" at {wave}"));
            let of = if name.is_empty() { String::new() } else { format!(" of {name}") };
            let what = format!("{id}{at}{of} is on line {first} already: this row was not taken");
            let hint = if self.uses.contains(&Use::Wave) {
                "correct the one that is wrong"
            } else {
                "correct the one that is wrong; if rows are waves, map their column with --columns wave=COLUMN"
            };
            return refuse(self, what, hint);
        }
        self.seen.insert(key, row.line);
        if !self.options.participants.contains(&id) {
            self.new.insert(id.clone());
        }
        self.import.table.participants.entry(id.clone()).or_default();
        let uses = self.uses;
        for (column, found) in uses.iter().enumerate() {
            let cell = row.cells.get(column).map_or("", |cell| cell.text.trim());
            if values::is_missing(cell) {
                continue;
            }
            match found {
                Use::Score(score, at) => self.score(row, column, score, &id, at.clone().or_else(|| wave.clone()), cell),
                Use::ScoreValue => self.score(row, column, &name, &id, wave.clone(), cell),
                Use::Item(instrument, number, at) => {
                    let at = at.clone().or_else(|| wave.clone());
                    self.item(row, column, (instrument, *number), &id, at, cell);
                }
                Use::Attribute(name) => self.attribute(k, row, column, name, &id),
                Use::Id | Use::Wave | Use::ScoreName | Use::Nothing => {}
            }
        }
    }

    fn cell(&self, row: &Row, wanted: &Use) -> String {
        let column = self.uses.iter().position(|found| found == wanted);
        column.and_then(|k| row.cells.get(k)).map_or_else(String::new, |cell| cell.text.trim().to_owned())
    }

    fn refuse(&mut self, row: &Row, column: usize, what: String) {
        let name = self.table.header.get(column).map_or("", String::as_str);
        self.import.problems.push(Problem::error(self.file, what).at(row.line).in_column(name));
    }

    fn score(&mut self, row: &Row, column: usize, name: &str, id: &str, wave: Option<String>, cell: &str) {
        if name.is_empty() || name.len() > LONGEST {
            return self.refuse(row, column, format!("row {} has no name of a score: not taken", row.number));
        }
        let value = values::score(cell, self.table.decimal_comma);
        match &value {
            ScoreValue::Class(_) if self.numeric.contains(name) => {
                return self.refuse(row, column, format!("`{cell}` is not a number: not taken"));
            }
            ScoreValue::Number(x) => {
                if let Some((low, high)) = range(name, self.options).filter(|(low, high)| x < low || x > high) {
                    let what = format!("{cell} is out of range, {name} goes from {low} to {high}: not taken");
                    return self.refuse(row, column, what);
                }
            }
            ScoreValue::Class(_) => {}
        }
        self.import.table.scores.push(Score { name: name.into(), participant: id.into(), wave, value });
    }

    fn item(&mut self, row: &Row, column: usize, item: (&str, u32), id: &str, wave: Option<String>, cell: &str) {
        let (instrument, number) = item;
        let Some(known) = self.options.instruments.get(instrument) else { return };
        let Some(answer) = values::number(cell, self.table.decimal_comma) else {
            return self.refuse(row, column, format!("`{cell}` is not a number: the item counts as missing"));
        };
        let (low, high) = known.range(number);
        if answer < low || answer > high {
            let what = format!(
                "{cell} is out of range, item {number} of {instrument} goes from {low} to {high}: counts as missing"
            );
            return self.refuse(row, column, what);
        }
        let only = || if let [one] = self.options.waves.as_slice() { one.clone() } else { NO_WAVE.to_owned() };
        let key = (instrument.to_owned(), id.to_owned(), wave.unwrap_or_else(only));
        let items = self.items.entry(key).or_insert_with(|| vec![None; known.items as usize]);
        if let Some(slot) = items.get_mut((number as usize).saturating_sub(1)) {
            *slot = Some(answer);
        }
    }

    fn attribute(&mut self, k: usize, row: &Row, column: usize, name: &str, id: &str) {
        let Some(value) = self.attributes.get(&column).and_then(|cells| cells.get(k)).cloned().flatten() else {
            return;
        };
        let person = self.import.table.participants.entry(id.to_owned()).or_default();
        match person.attributes.get(name) {
            Some(known) if *known != value => {
                let first = self.told.get(&(id.to_owned(), column)).copied().unwrap_or(row.line);
                let what = format!("{id} has another {name} than on line {first} ({}): not taken", known.label());
                self.refuse(row, column, what);
            }
            Some(_) => {}
            None => {
                person.attributes.insert(name.into(), value);
                self.told.insert((id.to_owned(), column), row.line);
            }
        }
    }

    fn finish(mut self) -> Import {
        let has_attributes = self.uses.iter().any(|found| matches!(found, Use::Attribute(_)));
        if !has_attributes && !self.options.participants.is_empty() && !self.new.is_empty() {
            let new: Vec<&String> = self.new.iter().collect();
            let what = format!("participants that the study does not have yet: {}", first_few(&new));
            self.import
                .problems
                .push(Problem::warning(self.file, what).hint("check their ids if they should be known"));
        }
        self.check_items();
        let responses = self.items.into_iter().map(|((instrument, participant, wave), items)| Responses {
            participant,
            wave,
            instrument,
            items,
        });
        self.import.table.responses = responses.collect();
        self.import.table.sort();
        let waves: BTreeSet<String> = {
            let scores = self.import.table.scores.iter().filter_map(|score| score.wave.clone());
            scores.chain(self.import.table.responses.iter().map(|row| row.wave.clone())).collect()
        };
        let declared = |wave: &&String| !self.options.waves.contains(wave) && wave.as_str() != NO_WAVE;
        let undeclared: Vec<&String> = waves.iter().filter(declared).collect();
        if !self.options.waves.is_empty() && !undeclared.is_empty() {
            let what = format!("waves that are not declared: {}", first_few(&undeclared));
            let hint = "declare them under [waves] in themata.toml, or correct the names";
            self.import.problems.push(Problem::warning(self.file, what).hint(hint));
        }
        self.import
    }

    /// Items without a column are missing for everybody: said once.
    fn check_items(&mut self) {
        let mut found: BTreeMap<(&str, &Option<String>), BTreeSet<u32>> = BTreeMap::new();
        for item in self.uses {
            if let Use::Item(instrument, number, wave) = item {
                found.entry((instrument, wave)).or_default().insert(*number);
            }
        }
        for ((instrument, wave), numbers) in found {
            let Some(known) = self.options.instruments.get(instrument) else { continue };
            let absent: Vec<u32> = (1..=known.items).filter(|number| !numbers.contains(number)).collect();
            if !absent.is_empty() {
                let at = wave.as_ref().map_or(String::new(), |wave| format!(" at {wave}"));
                let what =
                    format!("no column for items {} of {instrument}{at}: they count as missing", first_few(&absent));
                self.import.problems.push(Problem::warning(self.file, what).at(1));
            }
        }
    }
}

/// Scores that are numbers in most rows; a word among them is then a slip and not a class.
fn numeric_scores(table: &Table, uses: &[Use]) -> BTreeSet<String> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let name_column = uses.iter().position(|found| *found == Use::ScoreName);
    for row in &table.rows {
        for (k, found) in uses.iter().enumerate() {
            let cell = row.cells.get(k).map_or("", |cell| cell.text.as_str());
            let name = match found {
                Use::Score(name, _) => Some(name.as_str()),
                Use::ScoreValue => name_column.and_then(|k| row.cells.get(k)).map(|cell| cell.text.trim()),
                _ => None,
            };
            let Some(name) = name.filter(|_| !values::is_missing(cell)) else { continue };
            let number = values::number(cell, table.decimal_comma).is_some();
            if let Some((numbers, all)) = counts.get_mut(name) {
                (*numbers, *all) = (*numbers + usize::from(number), *all + 1);
            } else {
                counts.insert(name.to_owned(), (usize::from(number), 1));
            }
        }
    }
    counts.into_iter().filter(|(_, (numbers, all))| numbers * 2 > *all).map(|(name, _)| name).collect()
}

fn attributes(table: &Table, uses: &[Use]) -> BTreeMap<usize, Vec<Option<AttributeValue>>> {
    let columns = uses.iter().enumerate().filter(|(_, found)| matches!(found, Use::Attribute(_)));
    let typed = columns.map(|(k, _)| {
        let cells = |row| -> &str { Row::cell(row, k) };
        let cells: Vec<&str> = table.rows.iter().map(cells).collect();
        (k, values::column(&cells, table.decimal_comma))
    });
    typed.collect()
}

/// Lowest and highest value of a score: as told, or of the scale `ecr.avoidance` by its instrument.
fn range(name: &str, options: &Options) -> Option<(f64, f64)> {
    if let Some(range) = options.ranges.get(name) {
        return Some(*range);
    }
    let (instrument, scale) = name.split_once('.')?;
    let instrument = options.instruments.get(instrument)?;
    instrument.score_range(instrument.scales.get(scale)?)
}
