//! `matrix`: themes by outcomes, by each other, by people, by time.

mod by;
mod loaded;

pub use loaded::{Loaded, Question, parse_polarity, parse_time};

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::join::Outcome as StudyOutcome;
use crate::matrix::{self, Denominator, Matrix, MatrixSpec, Measure, Rows, Test, Within};
use crate::model::{Hidden, Looked};
use crate::report::{Format, Table};
use crate::store::{Store, Study};

/// Codes or themes by an outcome: n/N per group, an effect with its interval, and a way to the quotations
#[derive(clap::Args)]
pub struct Args {
    /// Score, class or attribute: `attachment.T1=secure`, `severity.T1=low<middle<high`, `wellbeing.change`,
    /// `wellbeing.T1>4`, `site=north`
    #[arg(long, required_unless_present = "by")]
    outcome: Option<String>,
    /// Instead of an outcome: `codes` or `themes` (which occur together), `participants`, `time` (before and since),
    /// `wave` or `wave:T0,T1` (the same people twice), or any outcome (`attr.site`)
    #[arg(long, conflicts_with = "outcome")]
    by: Option<String>,
    /// Where two codes must both occur to occur together
    #[arg(long, value_enum, default_value_t)]
    within: Within,
    /// These codes; all codes with rules or codings, if none is named
    #[arg(long, alias = "code", value_delimiter = ',')]
    codes: Vec<String>,
    /// Themes instead of codes; all themes with `--themes all`
    #[arg(long, value_delimiter = ',', conflicts_with = "codes")]
    themes: Vec<String>,
    #[command(flatten)]
    question: Question,
    /// What is compared
    #[arg(long, value_enum, default_value_t)]
    measure: Measure,
    /// Over whom a share is taken
    #[arg(long, value_enum, default_value_t)]
    denominator: Denominator,
    /// Tests to show beside the effect; without a declared plan they are exploratory
    #[arg(long = "test", value_enum, value_delimiter = ',')]
    tests: Vec<Test>,
    /// Show the effect at equal values of this score too: `wellbeing.T0`
    #[arg(long)]
    baseline: Option<String>,
    /// Compare also within the values of this attribute: `worker`
    #[arg(long)]
    strata: Option<String>,
    /// Show errors that allow for people of the same value of this attribute being alike: `worker`
    #[arg(long)]
    clusters: Option<String>,
    /// Scores to show beside a class; else the scales of its instrument
    #[arg(long, value_delimiter = ',')]
    beside: Vec<String>,
    /// Leave out numbers of people below this, for a table that leaves the study
    #[arg(long, value_name = "K")]
    suppress: Option<usize>,
    /// Print in words what was computed and why
    #[arg(long)]
    explain: bool,
}

impl Args {
    /// The rows asked for.
    fn rows(&self) -> Rows {
        match self.themes.as_slice() {
            [] => Rows::Codes(self.codes.clone()),
            [all] if all == "all" => Rows::Themes(Vec::new()),
            themes => Rows::Themes(themes.to_vec()),
        }
    }

    fn spec(&self, outcome: StudyOutcome) -> Result<MatrixSpec, CliError> {
        let parsed = |text: &String| StudyOutcome::parse(text);
        let mut spec = MatrixSpec::new(outcome);
        spec.rows = self.rows();
        spec.measure = self.measure;
        spec.denominator = self.denominator;
        spec.tests.clone_from(&self.tests);
        spec.baseline = self.baseline.as_ref().map(parsed).transpose().shown()?;
        spec.strata.clone_from(&self.strata);
        spec.clusters.clone_from(&self.clusters);
        spec.beside = self.beside.iter().map(parsed).collect::<Result<_, _>>().shown()?;
        self.question.apply(&mut spec)?;
        Ok(spec)
    }
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let outcome = match (&args.outcome, args.by.as_deref()) {
        (Some(outcome), _) => outcome.as_str(),
        (None, Some(what)) => match by::View::named(what, &args.rows())? {
            Some(view) => return by::run(&view, args, session),
            None => what,
        },
        (None, None) => return Err(CliError::new("say what the codes are compared with: --outcome or --by")),
    };
    let spec = args.spec(StudyOutcome::parse(outcome).shown()?)?;
    let (store, study) = session.reader()?;
    refuse_blinded(&study, session)?;
    let loaded = Loaded::new(&store, study)?;
    let mut matrix = loaded.matrix(&spec)?;
    drop(store);
    remember(session, &mut matrix)?;
    if let Some(least) = args.suppress {
        matrix::suppress(&mut matrix, least);
    }
    let explained = if args.explain { matrix::explain(&spec, &matrix) } else { Vec::new() };
    match session.format {
        Format::Json => print_json(session, &matrix)?,
        // Numbers are never cut to the width of a terminal.
        format => session.print(&printed(&matrix, format).print(format, usize::MAX))?,
    }
    session.say_for_csv(&matrix.footer.rules);
    if let Format::Table | Format::Md = session.format {
        session.print(&explained.iter().map(|line| format!("\n{line}\n")).collect::<String>())?;
    } else {
        explained.iter().for_each(|line| session.say(line));
    }
    Ok(Outcome::Done)
}

/// Prints what was computed, whole.
pub(super) fn print_json(session: &Session, value: &impl serde::Serialize) -> Result<(), CliError> {
    let mut json = serde_json::to_string_pretty(value)
        .map_err(|error| CliError::new(format!("the matrix cannot be written as JSON: {error}")))?;
    json.push('\n');
    session.print(&json)
}

/// Outcomes are kept from coders while they code.
pub fn refuse_blinded(study: &Study, session: &Session) -> Result<(), CliError> {
    let kept = [Hidden::Coders, Hidden::Scores, Hidden::Group, Hidden::Wave];
    super::blind::refuse(study, session, &kept, "a matrix shows them")
}

/// The matrix as a table. For reading, tests and the way to the quotations stand below it instead of in columns.
fn printed(matrix: &Matrix, format: Format) -> Table {
    let printed = matrix::to_table(matrix);
    let reading = matches!(format, Format::Table | Format::Md);
    let below = |name: &str| reading && matches!(name, "tests" | "cells");
    let shown: Vec<bool> = printed.columns.iter().map(|name| !below(name)).collect();
    let pick = |cells: &[String]| -> Vec<String> {
        cells.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(cell, _)| cell.clone()).collect()
    };
    let columns = pick(&printed.columns);
    let mut table = Table::new(printed.title, &columns.iter().map(String::as_str).collect::<Vec<_>>());
    for row in &printed.rows {
        table.row(pick(row).into_iter().map(|cell| match cell.parse::<u64>() {
            Ok(count) => crate::report::Value::Count(count),
            Err(_) => crate::report::Value::from(cell),
        }));
    }
    if reading {
        for row in matrix.rows.iter().filter(|row| !row.tests.is_empty()) {
            table.note(format!("{}: {}", row.id, matrix::tests_in_words(row)));
        }
        if let Some(cell) = matrix.rows.first().and_then(|row| row.cells.first()) {
            let others: Vec<String> = matrix
                .rows
                .first()
                .into_iter()
                .flat_map(|row| &row.cells)
                .map(|cell| format!("`:{}`", cell.group))
                .collect();
            // One class of several has the id of the question "this class or another".
            let others = if others.len() > 2 {
                format!("other classes: theirs for `{}`", cell.group)
            } else {
                format!("ends: {}", others.join(", "))
            };
            table.note(format!("Quotations behind a cell: themata quotes --cell '{}' ({others})", cell.id));
        }
    }
    table.notes.extend(printed.notes);
    table
}

/// The first matrix of an outcome leaves one operation, so that the log can say whether a plan came before; the matrix
/// then names it as the newest one, so that a second look prints the same.
pub fn remember(session: &Session, matrix: &mut Matrix) -> Result<(), CliError> {
    if let Some(head) = remember_look(session, &matrix.outcome)? {
        matrix.footer.head = head;
    }
    Ok(())
}

/// The same for any look at an outcome; the newest operation, where one was added.
pub fn remember_look(session: &Session, outcome: &str) -> Result<Option<(String, u64)>, CliError> {
    let store = Store::open_read_only(&session.folder()?, session.environment()?).shown()?;
    if store.get::<Looked>(outcome).shown()?.is_some() {
        return Ok(None);
    }
    drop(store);
    // A study that cannot be written (read-only medium) can still be looked at; it just cannot remember.
    let Ok(mut store) = Store::open(&session.folder()?, session.environment()?) else {
        session.say("note: this folder cannot be written, so the log does not record that this outcome was looked at");
        return Ok(None);
    };
    let mut change = store.change(&session.command, None);
    change.put(outcome, &Looked { outcome: outcome.to_owned() }).shown()?;
    change.commit().shown()?;
    store.head().shown().map(Some)
}
