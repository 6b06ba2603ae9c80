//! `model`: regression and multilevel models by formula.

use super::error::{CliError, Shown};
use super::matrix::{Loaded, Question, print_json, refuse_blinded, remember_look};
use super::session::{Outcome, Session};
use crate::join::Outcome as StudyOutcome;
use crate::matrix::MatrixSpec;
use crate::matrix::model::{Model, ModelError, ModelSpec, compare, model, parse_formula};
use crate::report::{Format, model_table, provenance, residuals};
use std::path::PathBuf;

/// Fit a model: `wellbeing.T1 ~ wellbeing.T0 + trust * support + (1 | site/worker)`
#[derive(clap::Args)]
#[command(
    after_help = "Left of `~` stands a score (linear) or a group such as `attachment.T1=secure` (logistic); a score with several waves and none named \
                  (`engagement`) gives one observation a person and wave, with `time` and `wave` as variables. Right of it: scores, attributes, codes and \
                  themes (1 who says it, 0 who was read and does not), `count(code)`, `rate(code)`, `a:b`, `a*b`, `within(x, group)`, `between(x, group)`, \
                  `(1 | group)`, `(1 + time | participant)`, `(1 | outer/inner)`."
)]
pub struct Args {
    /// The formula
    formula: String,
    /// Compare with this smaller formula, on the same observations
    #[arg(long, value_name = "FORMULA")]
    against: Option<String>,
    /// Firth's penalised likelihood: finite odds ratios where the groups are separated or small
    #[arg(long)]
    firth: bool,
    /// Maximum likelihood instead of REML
    #[arg(long)]
    ml: bool,
    /// Show p beside the intervals
    #[arg(long)]
    p: bool,
    /// Write residuals against fitted values as an SVG picture
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Fit with fewer than 10 groups of a random term, or fewer than 10 people a term
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    question: Question,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let formula = parse_formula(&args.formula).shown()?;
    let smaller = args.against.as_deref().map(parse_formula).transpose().shown()?;
    let mut spec = MatrixSpec::new(StudyOutcome::everybody());
    args.question.apply(&mut spec)?;
    let (store, study) = session.reader()?;
    refuse_blinded(&study, session)?;
    let loaded = Loaded::new(&store, study)?;
    drop(store);
    let statements = loaded.statements(&spec)?;
    let filter = loaded.filter(&spec, &statements)?;
    let inputs = loaded.inputs(&statements, filter.as_ref());
    let asked = ModelSpec { firth: args.firth, ml: args.ml, force: args.force };
    let fitted = model(&inputs, &spec, &formula, asked).map_err(refused)?;
    let comparison = match &smaller {
        Some(smaller) => Some(compare(&inputs, &spec, &formula, smaller, asked).map_err(refused)?),
        None => None,
    };
    let head = remember_look(session, &formula.response.text)?.unwrap_or_else(|| loaded.study.head.clone());
    if let Some(file) = &args.plot {
        plot(file, &fitted, session)?;
    }
    if session.format == Format::Json {
        print_json(session, &serde_json::json!({ "model": fitted, "comparison": comparison }))?;
        return Ok(Outcome::Done);
    }
    let mut table = model_table(&fitted, comparison.as_ref(), &formula, &loaded.study, args.p);
    table.note(provenance(&loaded.study, &head));
    session.print(&table.print(session.format, usize::MAX))?;
    session.say_for_csv(&fitted.rules);
    Ok(Outcome::Done)
}

fn refused(error: ModelError) -> CliError {
    let force = matches!(error, ModelError::TooFew(_));
    let shown = CliError::new(error.to_string());
    if force { shown.hint("to see it all the same: --force; the table then says what it rests on") } else { shown }
}

fn plot(file: &std::path::Path, model: &Model, session: &Session) -> Result<(), CliError> {
    if model.diagnostics.residuals.is_empty() {
        return Err(CliError::new("a model of two groups has no plot of residuals")
            .hint("its diagnostics stand under the table: events per term, collinearity, influence"));
    }
    super::report::write_file(file, residuals(model).as_bytes())?;
    session.say(&format!("residuals in {}", file.display()));
    Ok(())
}
