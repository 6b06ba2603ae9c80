//! `plan`: analyses declared before anybody looks.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::join::{Outcome as StudyOutcome, ScoreTable, Unit};
use crate::matrix;
use crate::model::{Adjustment, Plan};
use crate::report::{Table, Value, counted};
use crate::store::Store;
use clap::{Subcommand, ValueEnum};

/// Declare a family of tests; p is headline only for these
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Declare a family
    Add(Box<Declared>),
    /// List the declared families, and whether each came before the first look
    Show,
}

#[derive(clap::Args)]
struct Declared {
    /// Short id
    id: String,
    /// Outcome (`attachment.T1=secure`)
    #[arg(long)]
    outcome: String,
    /// Codes of the family
    #[arg(long, value_delimiter = ',', required_unless_present = "themes")]
    codes: Vec<String>,
    /// Themes of the family, instead of codes
    #[arg(long, value_delimiter = ',', conflicts_with = "codes")]
    themes: Vec<String>,
    /// Who is at risk: a group (`attachment.T0=insecure`); the matrix then takes the same with --at-risk
    #[arg(long)]
    at_risk: Option<String>,
    /// What is counted
    #[arg(long, value_enum, default_value_t)]
    unit: Unit,
    /// fisher (two groups), mann-whitney or welch (a score), chi-square or kruskal-wallis (several classes), permutation,
    /// ancova, cmh, cluster-robust
    #[arg(long, default_value = "fisher")]
    test: String,
    /// The score people began with, for ancova
    #[arg(long)]
    baseline: Option<String>,
    /// Attribute of strata (cmh, permutation) or clusters (cluster-robust)
    #[arg(long)]
    groups: Option<String>,
    /// holm, bh or none
    #[arg(long, default_value = "holm")]
    adjust: String,
    /// Level
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
}

/// Whether somebody had looked at the outcome before the plan was declared.
pub fn is_late(store: &Store, id: &str, plan: &Plan) -> Result<bool, CliError> {
    let Some(looked) = store.first_operation("looked", &plan.outcome).shown()? else { return Ok(false) };
    Ok(store.first_operation("plan", id).shown()?.is_some_and(|planned| looked < planned))
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        Verb::Add(declared) => add(declared, session),
        Verb::Show => show(session),
    }
}

fn add(args: &Declared, session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    if study.plans.contains_key(&args.id) {
        return Err(CliError::new(format!("there is a plan `{}` already", args.id))
            .hint("a plan is not changed after it was declared: give the new one another id"));
    }
    let adjustment = match args.adjust.as_str() {
        "holm" => Adjustment::Holm,
        "bh" => Adjustment::Bh,
        "none" => Adjustment::None,
        other => return Err(CliError::new(format!("`{other}` is no adjustment: holm, bh or none"))),
    };
    let sorted = |names: &[String]| -> Vec<String> {
        names.iter().cloned().collect::<std::collections::BTreeSet<String>>().into_iter().collect()
    };
    let plan = Plan {
        outcome: StudyOutcome::parse(&args.outcome).shown()?.to_string(),
        codes: sorted(&args.codes),
        themes: sorted(&args.themes),
        unit: args.unit.to_possible_value().map(|unit| unit.get_name().to_owned()).unwrap_or_default(),
        at_risk: args.at_risk.clone(),
        test: args.test.clone(),
        baseline: args.baseline.clone(),
        groups: args.groups.clone(),
        adjustment,
        alpha: args.alpha,
    };
    matrix::check_plan(&plan, &study, &ScoreTable::of(&study)).shown()?;
    let looked = store.get::<crate::model::Looked>(&plan.outcome).shown()?.is_some();
    let mut change = store.change(&session.command, session.because.as_deref());
    change.put(&args.id, &plan).shown()?;
    change.commit().shown()?;
    let kind = if plan.themes.is_empty() { "code" } else { "theme" };
    session.say(&format!(
        "plan {}: {} by {}, {}, {}",
        args.id,
        counted(plan.rows().len(), kind),
        plan.outcome,
        plan.test,
        args.adjust
    ));
    if looked {
        session.say("note: a matrix of this outcome was made before this plan; the log and every report say so");
    }
    Ok(Outcome::Done)
}

fn show(session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let columns = [
        "plan",
        "outcome",
        "unit",
        "at risk",
        "codes or themes",
        "test",
        "adjusted for",
        "adjustment",
        "alpha",
        "declared",
    ];
    let mut table = Table::new("", &columns);
    for (id, plan) in &study.plans {
        let declared = match store.first_operation("looked", &plan.outcome).shown()? {
            None => "nobody has looked yet",
            Some(_) if is_late(&store, id, plan)? => "after the first look",
            Some(_) => "before the first look",
        };
        let adjusted: Vec<&str> = plan.baseline.iter().chain(&plan.groups).map(String::as_str).collect();
        table.row([
            id.as_str().into(),
            plan.outcome.as_str().into(),
            plan.unit.as_str().into(),
            plan.at_risk.clone().into(),
            plan.rows().join(", ").into(),
            plan.test.as_str().into(),
            adjusted.join(", ").into(),
            matrix::adjustment_name(plan.adjustment).into(),
            Value::Number(plan.alpha, 3),
            declared.into(),
        ]);
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}
