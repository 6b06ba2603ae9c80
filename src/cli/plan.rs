//! `plan`: analyses declared before anybody looks.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::join::{ScoreTable, Unit};
use crate::matrix::{self, Measure};
use crate::model::{Adjustment, Plan, PlannedTable};
use crate::report::{Table, Value, counted};
use crate::store::{Store, Study};
use clap::{Subcommand, ValueEnum};
use std::collections::BTreeSet;

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
    #[command(flatten)]
    about: About,
    /// Codes of the family; of a model the terms whose p counts, else all of them
    #[arg(long, alias = "code", value_delimiter = ',', required_unless_present_any = ["themes", "model", "transitions"])]
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
    /// What is compared
    #[arg(long, value_enum, default_value_t)]
    measure: Measure,
    /// fisher (two groups), mann-whitney or welch (a score), chi-square or kruskal-wallis (several classes), permutation,
    /// ancova, cmh, cluster-robust; mcnemar or wilcoxon (the same people twice); firth or ml (a model). Else the usual one
    #[arg(long)]
    test: Option<String>,
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

/// What the plan is about; one of these.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct About {
    /// Outcome of a table (`attachment.T1=secure`)
    #[arg(long)]
    outcome: Option<String>,
    /// The same people twice, as in `matrix --by`: `time`, `wave:T0,T1`
    #[arg(long)]
    by: Option<String>,
    /// Formula of a model (`wellbeing.T1 ~ wellbeing.T0 + trust`)
    #[arg(long, value_name = "FORMULA")]
    model: Option<String>,
    /// Classes between which people move (`attachment=secure`)
    #[arg(long)]
    transitions: Option<String>,
}

impl About {
    fn table(&self) -> (PlannedTable, &str) {
        match (&self.outcome, &self.by, &self.model, &self.transitions) {
            (_, Some(by), ..) => (PlannedTable::By, by),
            (_, _, Some(formula), _) => (PlannedTable::Model, formula),
            (.., Some(classes)) => (PlannedTable::Transitions, classes),
            (outcome, ..) => (PlannedTable::Outcome, outcome.as_deref().unwrap_or_default()),
        }
    }
}

/// Whether somebody had looked at the outcome before the plan was declared.
fn is_late(store: &Store, id: &str, plan: &Plan) -> Result<bool, CliError> {
    let Some(looked) = store.first_operation("looked", &plan.look()).shown()? else { return Ok(false) };
    Ok(store.first_operation("plan", id).shown()?.is_some_and(|planned| looked < planned))
}

/// The plans that were declared after somebody had looked at what they are about.
pub fn late(store: &Store, study: &Study) -> Result<BTreeSet<String>, CliError> {
    let mut late = BTreeSet::new();
    for (id, plan) in &study.plans {
        if is_late(store, id, plan)? {
            late.insert(id.clone());
        }
    }
    Ok(late)
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
    let sorted =
        |names: &[String]| -> Vec<String> { names.iter().cloned().collect::<BTreeSet<String>>().into_iter().collect() };
    let (table, about) = args.about.table();
    let plan = Plan {
        table,
        outcome: about.trim().to_owned(),
        measure: args.measure.name(),
        codes: sorted(&args.codes),
        themes: sorted(&args.themes),
        unit: args.unit.to_possible_value().map(|unit| unit.get_name().to_owned()).unwrap_or_default(),
        at_risk: args.at_risk.clone(),
        test: args.test.clone().unwrap_or_else(|| matrix::usual_test(table, args.measure)),
        baseline: args.baseline.clone(),
        groups: args.groups.clone(),
        adjustment,
        alpha: args.alpha,
    };
    matrix::check_plan(&plan, &study, &ScoreTable::of(&study)).shown()?;
    let looked = store.get::<crate::model::Looked>(&plan.look()).shown()?.is_some();
    let mut change = store.change(&session.command, session.because.as_deref());
    change.put(&args.id, &plan).shown()?;
    change.commit().shown()?;
    let kind = match (table, plan.themes.is_empty()) {
        (PlannedTable::Model, _) => "term",
        (_, true) => "code",
        _ => "theme",
    };
    let rows = match plan.rows().len() {
        0 if table == PlannedTable::Model => "every term of ".to_owned(),
        0 => String::new(),
        several if table == PlannedTable::Model => format!("{} of ", counted(several, kind)),
        several => format!("{} by ", counted(several, kind)),
    };
    session.say(&format!("plan {}: {rows}{}, {}, {}", args.id, plan.outcome, plan.test, args.adjust));
    if looked {
        session.say("note: somebody looked at this outcome before this plan; the log and every report say so");
    }
    Ok(Outcome::Done)
}

fn show(session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let columns = [
        "plan",
        "table",
        "about",
        "measure",
        "unit",
        "at risk",
        "codes, themes or terms",
        "test",
        "adjusted for",
        "adjustment",
        "alpha",
        "declared",
    ];
    let mut table = Table::new("", &columns);
    for (id, plan) in &study.plans {
        let declared = match store.first_operation("looked", &plan.look()).shown()? {
            None => "nobody has looked yet",
            Some(_) if is_late(&store, id, plan)? => "after the first look",
            Some(_) => "before the first look",
        };
        let adjusted: Vec<&str> = plan.baseline.iter().chain(&plan.groups).map(String::as_str).collect();
        table.row([
            id.as_str().into(),
            plan.table.name().into(),
            plan.outcome.as_str().into(),
            plan.measure.as_str().into(),
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
    // A formula that is cut is another formula.
    session.print(&table.print(session.format, usize::MAX))?;
    Ok(Outcome::Done)
}
