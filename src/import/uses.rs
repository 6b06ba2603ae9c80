//! What the columns of a data table are: id, wave, scores, items of instruments, attributes.
//!
//! Told by the mapping, else by name (`wellbeing.T1`, `ecr_12`), else by content. Reads headers and cells, makes no
//! records.

use super::problem::column_list;
use super::table::Table;
use super::{Options, Problem, values};
use crate::model::ColumnMapping;
use std::collections::{BTreeMap, BTreeSet};

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// Participant id.
    Id,
    /// Wave of the row.
    Wave,
    /// Name of the score in a long table.
    ScoreName,
    /// Value of the score in a long table.
    ScoreValue,
    /// A score, at a wave where the column names one.
    Score(String, Option<String>),
    /// An item of an instrument, from 1.
    Item(String, u32, Option<String>),
    /// An attribute of the participant.
    Attribute(String),
    /// Not taken; a problem says why.
    Nothing,
}

impl Use {
    /// The use in words.
    pub fn said(&self) -> String {
        let at = |wave: &Option<String>| wave.as_ref().map_or(String::new(), |wave| format!(" at {wave}"));
        match self {
            Self::Id => "participant id".into(),
            Self::Wave => "wave".into(),
            Self::ScoreName => "name of the score".into(),
            Self::ScoreValue => "value of the score".into(),
            Self::Score(name, wave) => format!("score {name}{}", at(wave)),
            Self::Item(instrument, number, wave) => format!("item {number} of {instrument}{}", at(wave)),
            Self::Attribute(name) => format!("attribute {name}"),
            Self::Nothing => "not taken".into(),
        }
    }
}

const IDS: [&str; 16] = [
    "participant",
    "participant_id",
    "participantid",
    "id",
    "pid",
    "subject",
    "subject_id",
    "subjectid",
    "respondent",
    "respondent_id",
    "patient",
    "patient_id",
    "client_id",
    "case_id",
    "code",
    "מזהה",
];
const WAVES: [&str; 7] = ["wave", "timepoint", "time_point", "time", "visit", "occasion", "measurement"];
const SCORE_NAMES: [&str; 6] = ["score", "measure", "scale", "variable", "name", "instrument"];

/// The use of every column.
pub fn uses(
    file: &str,
    table: &Table,
    mapping: Option<&ColumnMapping>,
    options: &Options,
) -> Result<(Vec<Use>, Vec<Problem>), Problem> {
    let mapped = |field: &str| mapping.and_then(|m| m.fields.get(field)).and_then(|column| table.column(column));
    let named = |names: &[&str]| names.iter().find_map(|name| table.column(name));
    let mut uses: Vec<Option<Use>> = vec![None; table.header.len()];
    let mut settle = |column: Option<usize>, what: Use| {
        let slot = column.and_then(|k| uses.get_mut(k)).filter(|slot| slot.is_none());
        slot.map(|slot| *slot = Some(what)).is_some()
    };
    let no_id = || {
        let columns = column_list(&table.header);
        let hint = match texts(table).first() {
            Some(text) => format!("for texts, map them with --columns text={text}; the columns are {columns}"),
            None => format!("name it with --columns participant=COLUMN; the columns are {columns}"),
        };
        Problem::error(file, "no column is the participant's id").at(1).hint(hint)
    };
    if !settle(mapped("participant").or_else(|| named(&IDS)), Use::Id) {
        return Err(no_id());
    }
    let wave = mapped("wave").or_else(|| named(&WAVES).filter(|k| holds_waves(table, *k, options)));
    let waves = settle(wave, Use::Wave);
    for (field, column) in mapping.iter().flat_map(|mapping| &mapping.fields) {
        let column = table.column(column);
        if let Some(name) = field.strip_prefix("attr:") {
            settle(column, Use::Attribute(name.into()));
        } else if let Some(name) = field.strip_prefix("score:") {
            settle(column, Use::Score(name.into(), None));
        }
    }
    if let (Some(name), Some(value)) = (named(&SCORE_NAMES), named(&["value", "points", "result"]))
        && settle(Some(name), Use::ScoreName)
    {
        settle(Some(value), Use::ScoreValue);
    }
    let mut problems = Vec::new();
    for (k, column) in table.header.iter().enumerate() {
        if uses.get(k).is_some_and(Option::is_none) {
            let found = by_name(file, column, options, &mut problems);
            if let Some(slot) = uses.get_mut(k) {
                *slot = found;
            }
        }
    }
    repeated_items(file, table, &mut uses, &mut problems);
    unknown_items(file, table, &mut uses, &mut problems);
    let repeated = if waves { Repeated::of(table, &uses, options) } else { Repeated::default() };
    let settled = uses.into_iter().enumerate().map(|(k, found)| {
        let column = || table.header.get(k).cloned().unwrap_or_default();
        let score = waves && repeated.is_score(table, k);
        found.unwrap_or_else(|| if score { Use::Score(column(), None) } else { Use::Attribute(column()) })
    });
    let settled: Vec<Use> = settled.collect();
    for text in texts(table) {
        let kept = table.column(text).and_then(|k| settled.get(k));
        if kept == Some(&Use::Attribute(text.clone())) {
            let what = "whole sentences, kept as an attribute";
            let hint = format!("to code them, import the file with --columns participant=...,text={text}");
            problems.push(Problem::warning(file, what).in_column(text).hint(hint));
        }
    }
    Ok((settled, problems))
}

/// Columns that hold sentences: texts to be coded, most likely.
fn texts(table: &Table) -> Vec<&String> {
    const WORDS: usize = 12;
    let holds = |k: usize| {
        let (mut words, mut count) = (0, 0);
        for cell in cells(table, k).filter(|cell| !values::is_missing(cell)) {
            (words, count) = (words + cell.split_whitespace().count(), count + 1);
        }
        count > 0 && words >= WORDS * count
    };
    table.header.iter().enumerate().filter(|(k, _)| holds(*k)).map(|(_, name)| name).collect()
}

fn holds_waves(table: &Table, k: usize, options: &Options) -> bool {
    let is_wave = table.header.get(k).is_some_and(|name| name.eq_ignore_ascii_case("wave"));
    let mut cells = cells(table, k).filter(|cell| !values::is_missing(cell)).peekable();
    is_wave || cells.peek().is_some() && cells.all(|cell| options.wave(cell.trim()).is_some())
}

fn cells(table: &Table, k: usize) -> impl Iterator<Item = &str> {
    table.rows.iter().filter_map(move |row| row.cells.get(k)).map(|cell| cell.text.as_str())
}

/// A score with a wave, or an item of an instrument that the study has.
fn by_name(file: &str, column: &str, options: &Options, problems: &mut Vec<Problem>) -> Option<Use> {
    let (name, wave) = split_wave(column, options).map_or((column, None), |(name, wave)| (name, Some(wave)));
    // The table has called the second of two equal columns `wb_3 (2)`.
    let again = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    let once = again.filter(|(_, k)| k.bytes().all(|b| b.is_ascii_digit())).map_or(name, |(name, _)| name);
    match item(once, options) {
        Some((instrument, number, items)) if (1..=items).contains(&number) => Some(Use::Item(instrument, number, wave)),
        Some((instrument, number, items)) => {
            let what = format!("{instrument} has {items} items, none with number {number}: not taken");
            problems.push(Problem::error(file, what).at(1).in_column(column));
            Some(Use::Nothing)
        }
        None => wave.map(|wave| Use::Score(name.to_owned(), Some(wave))),
    }
}

/// `wellbeing.T1`, `wellbeing_T1`, `wellbeing (T1)`, `T1 wellbeing`
fn split_wave<'a>(column: &'a str, options: &Options) -> Option<(&'a str, String)> {
    let border = |c: char| matches!(c, '.' | '_' | '-' | ' ' | '(' | ')' | '[' | ']');
    let inner = column.trim_matches(border);
    let wave = |part: &str| options.wave(part);
    let last = inner.rsplit_once(border).and_then(|(name, part)| Some((name.trim_end_matches(border), wave(part)?)));
    last.or_else(|| {
        inner.split_once(border).and_then(|(part, name)| Some((name.trim_start_matches(border), wave(part)?)))
    })
    .filter(|(name, _)| !name.is_empty())
}

/// `ecr_12`, `ecr.12`, `ECR12`, `ecr_item_12`; `PHQ-9 3` and `mhcsf3` for `phq9` and `mhc_sf`: instrument, number, and how
/// many items the instrument has.
fn item(name: &str, options: &Options) -> Option<(String, u32, u32)> {
    let number_of = |id: &str| -> Option<u32> {
        let rest = after_id(name, id)?;
        let rest = rest.trim_start_matches(BORDERS).to_lowercase();
        let rest = ["items", "item", "q", "i"].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(&rest);
        let digits = rest.trim_start_matches(BORDERS);
        digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let found = options.instruments.iter().filter_map(|(id, known)| Some((id, number_of(id)?, known.items)));
    found.max_by_key(|(id, _, _)| id.len()).map(|(id, number, items)| (id.clone(), number, items))
}

const BORDERS: [char; 4] = ['_', '.', '-', ' '];

/// What follows an instrument's id in the name of a column; capitals and borders inside the id do not matter. An id that
/// ends with a digit ends at a border: `phq_93` is not item 3 of `phq9`.
fn after_id<'a>(name: &'a str, id: &str) -> Option<&'a str> {
    let mut rest = name;
    for wanted in id.chars().filter(|c| !BORDERS.contains(c)) {
        rest = rest.trim_start_matches(BORDERS);
        let found = rest.chars().next().filter(|found| found.to_lowercase().eq(wanted.to_lowercase()))?;
        rest = rest.get(found.len_utf8()..)?;
    }
    let runs_on = id.ends_with(|c: char| c.is_ascii_digit()) && rest.starts_with(|c: char| c.is_ascii_digit());
    (!runs_on).then_some(rest)
}

/// A second column for an item is not taken: one of both would count, and nobody could say which.
fn repeated_items(file: &str, table: &Table, uses: &mut [Option<Use>], problems: &mut Vec<Problem>) {
    let mut seen: BTreeMap<(String, u32, Option<String>), &str> = BTreeMap::new();
    for (column, slot) in table.header.iter().zip(uses) {
        let Some(Use::Item(instrument, number, wave)) = slot else { continue };
        let key = (instrument.clone(), *number, wave.clone());
        if let Some(first) = seen.get(&key) {
            let what = format!("item {number} of {instrument} has a column already, {first}: not taken");
            problems.push(
                Problem::error(file, what).at(1).in_column(column).hint("name the columns by the numbers of the items"),
            );
            *slot = Some(Use::Nothing);
        } else {
            seen.insert(key, column);
        }
    }
}

/// Runs of numbered columns with small whole numbers are items of an instrument that nobody has declared.
fn unknown_items(file: &str, table: &Table, uses: &mut [Option<Use>], problems: &mut Vec<Problem>) {
    const FEWEST: usize = 4;
    let mut runs: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (k, column) in table.header.iter().enumerate() {
        let prefix = column.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_open = uses.get(k).is_some_and(Option::is_none);
        let small =
            |cell: &str| values::number(cell, false).is_some_and(|x| x.fract() == 0.0 && (0.0..=10.0).contains(&x));
        if is_open && prefix.len() < column.len() && cells(table, k).all(|cell| values::is_missing(cell) || small(cell))
        {
            runs.entry(prefix).or_default().push(k);
        }
    }
    for (prefix, columns) in runs.into_iter().filter(|(_, columns)| columns.len() >= FEWEST) {
        let name = |k: Option<&usize>| k.and_then(|k| table.header.get(*k)).cloned().unwrap_or_default();
        let id = prefix.trim_end_matches(['_', '.', '-', ' ']);
        let what = format!(
            "the columns {} to {} look like items of an instrument `{id}` that the study does not have: not taken",
            name(columns.first()),
            name(columns.last())
        );
        let hint = "import the instrument first and this file again, or map each column with attr:NAME or score:NAME";
        problems.push(Problem::error(file, what).at(1).hint(hint));
        for k in columns {
            if let Some(slot) = uses.get_mut(k) {
                *slot = Some(Use::Nothing);
            }
        }
    }
}

/// Rows of participants who come more than once.
#[derive(Debug, Default)]
struct Repeated {
    rows: Vec<Vec<usize>>,
}

impl Repeated {
    fn of(table: &Table, uses: &[Option<Use>], options: &Options) -> Self {
        let id = uses.iter().position(|found| *found == Some(Use::Id)).unwrap_or(0);
        let place = |wanted: Use| uses.iter().position(|found| *found == Some(wanted.clone()));
        let (wave, name) = (place(Use::Wave), place(Use::ScoreName));
        let cell = |row: usize, column: usize| {
            table.rows.get(row).and_then(|row| row.cells.get(column)).map_or("", |cell| cell.text.trim())
        };
        let mut rows: BTreeMap<String, BTreeMap<[String; 2], usize>> = BTreeMap::new();
        for k in 0..table.rows.len() {
            // Rows that are refused say nothing here: without an id or wave, or a second one of a wave (and score).
            let whose = cell(k, id);
            let when = wave.map(|wave| cell(k, wave));
            if values::is_missing(whose) || when.is_some_and(values::is_missing) {
                continue;
            }
            let whose = options.known_participant(whose).cloned().unwrap_or_else(|| whose.to_owned());
            let when = when.map_or_else(String::new, |when| options.wave(when).unwrap_or_else(|| when.to_owned()));
            let occasion = [when, name.map_or("", |name| cell(k, name)).to_owned()];
            rows.entry(whose).or_default().entry(occasion).or_insert(k);
        }
        let several = rows.into_values().filter(|rows| rows.len() > 1);
        Self { rows: several.map(|rows| rows.into_values().collect()).collect() }
    }

    /// What changes between a person's waves is a score; what never does describes the person. Where nobody comes
    /// twice, numbers are scores, and a word among them is a slip.
    fn is_score(&self, table: &Table, column: usize) -> bool {
        if self.rows.is_empty() {
            let given = || cells(table, column).filter(|cell| !values::is_missing(cell));
            let numbers = given().filter(|cell| values::number(cell, table.decimal_comma).is_some()).count();
            return numbers * 2 > given().count() || given().next().is_none();
        }
        let cell =
            |row: &usize| table.rows.get(*row).and_then(|row| row.cells.get(column)).map(|cell| cell.text.trim());
        self.rows.iter().any(|rows| {
            let values: BTreeSet<&str> =
                rows.iter().filter_map(cell).filter(|cell| !values::is_missing(cell)).collect();
            values.len() > 1
        })
    }
}
