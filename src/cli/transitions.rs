//! `transitions`: who moved from which class to which.

use super::error::{CliError, Shown};
use super::matrix::remember_look;
use super::score::{refuse_blinded, warn};
use super::session::{Outcome, Session};
use crate::join::{Outcome as StudyOutcome, ScoreOrigin, ScoreTable, transitions};
use crate::matrix;
use crate::model::{PlannedTable, look};
use crate::report::{Format, ShownTests, alluvial_svg, transition_cases, transitions_table};
use std::path::PathBuf;

/// Moves between classes from one wave to another, with those who were lost, and the people in every cell
#[derive(clap::Args)]
pub struct Args {
    /// A score without its wave: `attachment`, `ecr.midpoint`, `ecr.midpoint=secure`, `wellbeing>3.5`
    outcome: String,
    /// First wave; else the first at which it was measured
    #[arg(long)]
    from: Option<String>,
    /// Second wave; else the last
    #[arg(long)]
    to: Option<String>,
    /// The people in every cell (CSV always is that)
    #[arg(long)]
    cases: bool,
    /// Tests: McNemar's exact p, or Stuart and Maxwell's; shown unasked where a plan declares these moves
    #[arg(long)]
    test: bool,
    /// Mid-p beside the exact p
    #[arg(long)]
    mid_p: bool,
    /// The level that a p would have to reach; else that of the plan, or .05
    #[arg(long)]
    alpha: Option<f64>,
    /// Write an alluvial picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    if let Some(alpha) = args.alpha.filter(|alpha| !(*alpha > 0.0 && *alpha < 1.0)) {
        return Err(CliError::new(format!("alpha is {alpha}; a level lies between 0 and 1")));
    }
    let (store, study) = session.reader()?;
    refuse_blinded(&study, session)?;
    let scores = ScoreTable::of(&study);
    let outcome = StudyOutcome::parse(&args.outcome).shown()?;
    let mut found = transitions(&study, &scores, &outcome, args.from.as_deref(), args.to.as_deref()).shown()?;
    if let Some(file) = &args.svg {
        super::report::write_file(file, alluvial_svg("moves", &found).as_bytes())?;
        session.say(&format!("picture in {}", file.display()));
    }
    warn(session, &ScoreOrigin::of(&study, outcome.name()).into_iter().collect::<Vec<_>>());
    // A plan declares the first wave and the last.
    let declared = match (&args.from, &args.to) {
        (None, None) => matrix::planned_transitions(&study, &super::plan::late(&store, &study)?, &outcome),
        _ => None,
    };
    drop(store);
    remember_look(session, &look(PlannedTable::Transitions, &outcome.to_string()))?;
    let mut shown = ShownTests::of(declared);
    shown.p |= args.test || args.mid_p;
    shown.mid_p = args.mid_p;
    shown.alpha = args.alpha.unwrap_or(shown.alpha);
    if !shown.p {
        found.tests.hide_p();
    }
    // A file of cases holds classes and no notes.
    if session.format == Format::Csv || (session.format == Format::Json && args.cases) {
        session.say(&format!("Classes: {}.", found.rule));
    }
    match session.format {
        Format::Json if !args.cases => {
            session.print(&format!("{}\n", serde_json::to_string_pretty(&found).shown()?))?
        }
        _ if args.cases || session.format == Format::Csv => session.table(&transition_cases(&found))?,
        _ => session.table(&transitions_table(&found, &shown))?,
    }
    Ok(Outcome::Done)
}
