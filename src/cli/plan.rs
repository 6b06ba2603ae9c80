//! `plan`: analyses declared before anybody looks.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::join::{Outcome as StudyOutcome, ScoreTable, Unit};
use crate::model::{Adjustment, Plan};
use crate::query;
use crate::report::{Table, Value, counted};
use crate::store::Store;
use clap::Subcommand;

/// Declare a family of tests; p is headline only for these
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Declare a family
    Add {
        /// Short id
        id: String,
        /// Outcome (`attachment.T1=secure`)
        #[arg(long)]
        outcome: String,
        /// Codes of the family
        #[arg(long, value_delimiter = ',', required = true)]
        codes: Vec<String>,
        /// Who is at risk (`score.attachment.T0:insecure`); the matrix then takes the same with --where
        #[arg(long)]
        at_risk: Option<String>,
        /// fisher (two groups), mann-whitney or welch (numeric outcome)
        #[arg(long, default_value = "fisher")]
        test: String,
        /// holm, bh or none
        #[arg(long, default_value = "holm")]
        adjust: String,
        /// Level
        #[arg(long, default_value_t = 0.05)]
        alpha: f64,
    },
    /// List the declared families, and whether each came before the first look
    Show,
}

/// Whether somebody had looked at the outcome before the plan was declared.
pub fn is_late(store: &Store, id: &str, plan: &Plan) -> Result<bool, CliError> {
    let Some(looked) = store.first_operation("looked", &plan.outcome).shown()? else { return Ok(false) };
    Ok(store.first_operation("plan", id).shown()?.is_some_and(|planned| looked < planned))
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        Verb::Add { id, outcome, codes, at_risk, test, adjust, alpha } => {
            let (mut store, study) = session.writer()?;
            if study.plans.contains_key(id) {
                return Err(CliError::new(format!("there is a plan `{id}` already"))
                    .hint("a plan is not changed after it was declared: give the new one another id"));
            }
            let parsed = StudyOutcome::parse(outcome).shown()?;
            parsed.values(&study, &ScoreTable::of(&study), Unit::Participant).shown()?;
            if let Some(query) = at_risk {
                query::parse(query).map_err(|error| CliError::new(format!("--at-risk: {error}")))?;
            }
            for code in codes {
                super::known::code(&study, code)?;
            }
            if !["fisher", "mann-whitney", "welch"].contains(&test.as_str()) {
                return Err(CliError::new(format!("`{test}` is no test for a plan: fisher, mann-whitney or welch")));
            }
            if !(0.0..1.0).contains(alpha) || *alpha == 0.0 {
                return Err(CliError::new(format!("alpha is {alpha}; a level lies between 0 and 1")));
            }
            let adjustment = match adjust.as_str() {
                "holm" => Adjustment::Holm,
                "bh" => Adjustment::Bh,
                "none" => Adjustment::None,
                other => return Err(CliError::new(format!("`{other}` is no adjustment: holm, bh or none"))),
            };
            let mut codes = codes.clone();
            codes.sort();
            codes.dedup();
            let plan = Plan {
                outcome: parsed.to_string(),
                codes,
                at_risk: at_risk.clone(),
                test: test.clone(),
                adjustment,
                alpha: *alpha,
            };
            let looked = store.get::<crate::model::Looked>(&plan.outcome).shown()?.is_some();
            let mut change = store.change(&session.command, session.because.as_deref());
            change.put(id, &plan).shown()?;
            change.commit().shown()?;
            session.say(&format!(
                "plan {id}: {} by {}, {test}, {adjust}",
                counted(plan.codes.len(), "code"),
                plan.outcome
            ));
            if looked {
                session
                    .say("note: a matrix of this outcome was made before this plan; the log and every report say so");
            }
        }
        Verb::Show => {
            let (store, study) = session.reader()?;
            let mut table =
                Table::new("", &["plan", "outcome", "at risk", "codes", "test", "adjustment", "alpha", "declared"]);
            for (id, plan) in &study.plans {
                let adjustment = match plan.adjustment {
                    Adjustment::Holm => "Holm",
                    Adjustment::Bh => "Benjamini-Hochberg",
                    Adjustment::None => "none",
                };
                let declared = match store.first_operation("looked", &plan.outcome).shown()? {
                    None => "nobody has looked yet",
                    Some(_) if is_late(&store, id, plan)? => "after the first look",
                    Some(_) => "before the first look",
                };
                table.row([
                    id.as_str().into(),
                    plan.outcome.as_str().into(),
                    plan.at_risk.clone().into(),
                    plan.codes.join(", ").into(),
                    plan.test.as_str().into(),
                    adjustment.into(),
                    Value::Number(plan.alpha, 3),
                    declared.into(),
                ]);
            }
            session.table(&table)?;
        }
    }
    Ok(Outcome::Done)
}
