//! `matrix --by`: codes by codes, by people, by time, by wave.

use super::super::error::{CliError, Shown};
use super::super::session::{Outcome, Session};
use super::{Args, Loaded, print_json, refuse_blinded, remember_look};
use crate::join::Outcome as StudyOutcome;
use crate::matrix::{self, MatrixSpec, Occasions, Pairs, PeopleTable, Rows, Standing, effect_in_words};
use crate::model::{PlannedTable, look};
use crate::report::{Format, Table, Value, paired_table};
use crate::store::Study;

/// What the codes are set against.
pub enum View {
    Pairs,
    People,
    /// The same people twice: by time, or at two waves; the first and the last that have sources, where none are named.
    Paired(Option<Occasions>),
}

impl View {
    /// The view of this name; nothing where it names an outcome.
    pub fn named(what: &str, rows: &Rows) -> Result<Option<Self>, CliError> {
        Ok(Some(match (what, rows) {
            ("codes", Rows::Codes(_)) | ("themes", Rows::Themes(_)) => Self::Pairs,
            ("codes", Rows::Themes(_)) => {
                return Err(CliError::new("themes are not set against codes, because they rest on them")
                    .hint("`--by themes` sets themes against each other"));
            }
            ("themes", Rows::Codes(_)) => {
                return Err(CliError::new("codes are not set against themes, because themes rest on them")
                    .hint("`themata matrix --themes all --by themes` sets themes against each other"));
            }
            ("participants", _) => Self::People,
            ("wave", _) => Self::Paired(None),
            _ => match Occasions::parse(what) {
                Some(occasions) => Self::Paired(Some(occasions)),
                None if what.starts_with("wave:") => {
                    return Err(CliError::new("two waves are compared: `--by wave:T0,T1`"));
                }
                None => return Ok(None),
            },
        }))
    }
}

/// Runs a view.
pub fn run(view: &View, args: &Args, session: &Session) -> Result<Outcome, CliError> {
    if args.explain || args.suppress.is_some() || args.baseline.is_some() {
        return Err(CliError::new("--explain, --suppress and --baseline belong to a table of an outcome"));
    }
    let spec = args.spec(StudyOutcome::everybody())?;
    let (store, study) = session.reader()?;
    if spec.filter.is_some() || spec.at_risk.is_some() {
        refuse_blinded(&study, session)?;
    }
    let loaded = Loaded::new(&store, study)?;
    drop(store);
    let statements = loaded.statements(&spec)?;
    let filter = loaded.kept(&spec, &statements)?;
    let inputs = loaded.inputs(&statements, filter.as_ref());
    match view {
        View::Pairs => {
            let pairs = matrix::pairs(&inputs, &spec, &loaded.texts, args.within).shown()?;
            show(session, &pairs, || pairs_table(&pairs, &spec))
        }
        View::People => {
            let people = matrix::people(&inputs, &spec).shown()?;
            show(session, &people, || people_table(&people))
        }
        View::Paired(occasions) => {
            let occasions = match occasions {
                Some(occasions) => occasions.clone(),
                None => ends(&loaded.study).map(|(first, then)| Occasions::Waves(first, then))?,
            };
            let paired = matrix::paired(&inputs, &spec, &occasions).shown()?;
            remember_look(session, &look(PlannedTable::By, &occasions.as_typed()))?;
            show(session, &paired, || paired_table(&paired))
        }
    }
}

fn show(session: &Session, value: &impl serde::Serialize, table: impl Fn() -> Table) -> Result<Outcome, CliError> {
    match session.format {
        Format::Json => print_json(session, value)?,
        format => session.print(&table().print(format, usize::MAX))?,
    }
    Ok(Outcome::Done)
}

/// The first and the last wave that have sources.
fn ends(study: &Study) -> Result<(String, String), CliError> {
    let order = study.waves_in_order();
    let has_sources = |wave: &&(&str, _)| study.sources.values().any(|source| source.wave.as_deref() == Some(wave.0));
    let mut waves = order.iter().filter(has_sources).map(|(wave, _)| (*wave).to_owned());
    match (waves.next(), waves.next_back()) {
        (Some(first), Some(last)) => Ok((first, last)),
        _ => Err(CliError::new("two waves with interviews are needed to compare people with themselves")
            .hint("`--by time` compares what they say of the time before and since, in one interview")),
    }
}

fn pairs_table(pairs: &Pairs, spec: &MatrixSpec) -> Table {
    let places = pairs.within.plural();
    let mut columns =
        vec!["first", "second", "both", "n first", "n second", "N", "expected", "c [95 % interval]", "lift", "NPMI"];
    if !spec.tests.is_empty() {
        columns.push("tests");
    }
    columns.push("cell");
    let mut table = Table::new(format!("{} that occur together, within {places}", capital(pairs.kind)), &columns);
    let number = |value: Option<f64>| value.map_or(Value::Empty, |value| Value::Number(value, 2));
    for pair in &pairs.pairs {
        let mut row: Vec<Value> = vec![pair.first.as_str().into(), pair.second.as_str().into()];
        row.extend(pair.counts.map(Value::Count));
        row.extend([Value::Count(pair.of), number(pair.expected), effect_in_words(&pair.jaccard).into()]);
        row.extend([number(pair.lift), number(pair.npmi)]);
        if !spec.tests.is_empty() {
            row.push(matrix::results_in_words(&pair.tests).into());
        }
        row.push(pair.cell.as_str().into());
        table.row(row);
    }
    table.note(format!("N: {places} that somebody has read for both. c: both over either (Jaccard). Expected: by chance within the same source, or among the {places} where these are people or sources."));
    table.notes.extend(matrix::unread_in_words(pairs.unread));
    if !spec.tests.is_empty() {
        table.note("Exploratory: plans do not declare pairs.");
    }
    table.note("Lift above 1 and NPMI above 0: more often together than over all places by chance. Two codes on one passage say that coders see them together, not that one brings the other about.");
    table.note("Quotations behind a pair: themata quotes --cell 'FIRST&SECOND@within=...' from the last column.");
    table
}

fn capital(kind: &str) -> String {
    let mut letters = kind.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn people_table(people: &PeopleTable) -> Table {
    let columns: Vec<&str> = std::iter::once("participant").chain(people.columns.iter().map(String::as_str)).collect();
    let mut table = Table::new("Where people stand, with the number of their statements", &columns);
    for (unit, cells) in &people.rows {
        let cell = |cell: &matrix::PersonCell| match (cell.standing, cell.statements) {
            // What nobody said is not a finding, and is not spelled out in every cell.
            (Standing::NotMentioned, _) => Value::from("-"),
            (standing, 0) => standing.name().into(),
            (standing, statements) => format!("{} {statements}", standing.name()).into(),
        };
        table.row(std::iter::once(Value::from(unit.as_str())).chain(cells.iter().map(cell)));
    }
    table.note("- : was read and does not speak of it.");
    table.notes.extend(matrix::unread_in_words(people.unread));
    table.note("Quotations behind a cell: themata quotes --participant ID --code CODE");
    table
}
