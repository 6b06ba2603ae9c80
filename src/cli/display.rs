//! `display`: many codes at once, as a table and a picture.

use super::error::{CliError, Shown};
use super::matrix::{Loaded, Question, print_json, refuse_blinded, remember_look};
use super::session::{Outcome, Session};
use crate::join::Outcome as StudyOutcome;
use crate::matrix::{self, CurveQuestion, MatrixSpec, Rows, Within};
use crate::model::Approach;
use crate::report::{Figure, Format, clusters_figure, map_figure, provenance, saturation_figure};
use crate::stats::Undefined;
use crate::store::Study;
use clap::Subcommand;
use std::path::PathBuf;

/// Codes together: a map with outcomes, clusters of codes that meet, saturation over interviews
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// Codes and groups of outcomes in one plane (correspondence analysis)
    Map {
        /// Outcomes with groups (`attachment.T1=secure,wellbeing.T1>4`)
        #[arg(long, value_delimiter = ',', required = true)]
        outcome: Vec<String>,
        #[command(flatten)]
        shared: Common,
    },
    /// Codes joined by the places they share (average linkage on Jaccard's distance)
    Clusters {
        /// Where two codes must both occur to occur together
        #[arg(long, value_enum, default_value_t)]
        within: Within,
        #[command(flatten)]
        shared: Common,
    },
    /// New codes over interviews, and what other orders of the interviews would have shown
    Saturation {
        #[command(flatten)]
        question: CurveQuestion,
        /// Show it in a reflexive study
        #[arg(long)]
        even_so: bool,
        #[command(flatten)]
        shared: Common,
    },
}

#[derive(clap::Args)]
struct Common {
    /// These codes; all codes with rules or codings, if none is named
    #[arg(long, alias = "code", value_delimiter = ',')]
    codes: Vec<String>,
    /// Write the picture to this SVG file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    question: Question,
}

impl Common {
    fn spec(&self) -> Result<MatrixSpec, CliError> {
        let mut spec = MatrixSpec::new(StudyOutcome::everybody());
        spec.rows = Rows::Codes(self.codes.clone());
        self.question.apply(&mut spec)?;
        Ok(spec)
    }
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let shared = match &args.kind {
        Kind::Map { shared, .. } | Kind::Clusters { shared, .. } | Kind::Saturation { shared, .. } => shared,
    };
    let spec = shared.spec()?;
    let (store, study) = session.reader()?;
    let outcomes = match &args.kind {
        Kind::Map { outcome, .. } => {
            refuse_blinded(&study, session)?;
            outcome.iter().map(|outcome| StudyOutcome::parse(outcome)).collect::<Result<_, _>>().shown()?
        }
        Kind::Saturation { even_so: false, .. } if study.settings.approach == Approach::Reflexive => {
            return Err(CliError::new("this study works reflexively, and saturation is no measure of it")
                .hint("to see it all the same: --even-so"));
        }
        _ => Vec::new(),
    };
    let loaded = Loaded::new(&store, study)?;
    drop(store);
    let mut head = loaded.study.head.clone();
    let statements = loaded.statements(&spec)?;
    let filter = loaded.kept(&spec, &statements)?;
    let inputs = loaded.inputs(&statements, filter.as_ref());
    match &args.kind {
        Kind::Map { .. } => {
            let found = computed(matrix::code_map(&inputs, &spec, &outcomes).shown()?)?;
            for outcome in &outcomes {
                head = remember_look(session, &outcome.to_string())?.unwrap_or(head);
            }
            session.say_for_csv(&found.rules);
            show(session, shared, &found, (&loaded.study, &head), map_figure(&found))
        }
        Kind::Clusters { within, .. } => {
            let found = computed(matrix::clusters(&inputs, &spec, &loaded.texts, *within).shown()?)?;
            show(session, shared, &found, (&loaded.study, &head), clusters_figure(&found))
        }
        Kind::Saturation { question, .. } => {
            let found = computed(matrix::curve(&inputs, &spec, *question).shown()?)?;
            show(session, shared, &found, (&loaded.study, &head), saturation_figure(&found))
        }
    }
}

/// A display, or the reason why there is none.
pub fn computed<T>(found: Result<T, Undefined>) -> Result<T, CliError> {
    found.map_err(|why| CliError::new(why.to_string()))
}

/// Prints the table, and writes the picture where one is asked for.
fn show(
    session: &Session,
    shared: &Common,
    value: &impl serde::Serialize,
    (study, head): (&Study, &(String, u64)),
    mut figure: Figure,
) -> Result<Outcome, CliError> {
    figure.table.note(provenance(study, head));
    match session.format {
        Format::Json => print_json(session, value)?,
        format => session.print(&figure.table.print(format, usize::MAX))?,
    }
    if let (Some(file), Some(svg)) = (&shared.out, &figure.svg) {
        super::report::write_file(file, svg.as_bytes())?;
        session.say(&format!("picture in {}", file.display()));
    }
    Ok(Outcome::Done)
}
