//! `model`: regression and multilevel models by formula.

use super::error::{CliError, Shown};
use super::matrix::{Loaded, Question, print_json, refuse_blinded, remember_look};
use super::session::{Outcome, Session};
use crate::join::Outcome as StudyOutcome;
use crate::matrix::MatrixSpec;
use crate::matrix::model::{
    Coefficient, Comparison, Formula, Model, ModelError, ModelSpec, RandomPart, compare, model, parse_formula,
};
use crate::matrix::p_in_words;
use crate::report::{Format, Mark, Scatter, Table, Value, counted, scatter};
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
    let mut table = table(&fitted, args.p);
    if let Some(comparison) = &comparison {
        table.note(compared(comparison));
    }
    notes(&mut table, &fitted, &formula, &loaded, &head);
    session.print(&table.print(session.format, usize::MAX))?;
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
    let mark = |(fitted, residual): &(f64, f64)| Mark { x: *fitted, y: *residual, name: String::new(), square: false };
    let picture = Scatter {
        title: format!("Residuals of {}", model.formula),
        across: "fitted".into(),
        up: "residual".into(),
        marks: model.diagnostics.residuals.iter().map(mark).collect(),
    };
    super::report::write_file(file, scatter(&picture).as_bytes())?;
    session.say(&format!("residuals in {}", file.display()));
    Ok(())
}

fn table(model: &Model, p_shown: bool) -> Table {
    let logistic = model.kind.is_logistic();
    let estimate = if logistic { "odds ratio [95 % interval]" } else { "estimate [95 % interval]" };
    let df = model.coefficients.iter().any(|c| c.df.is_some());
    let mut columns = vec!["term", estimate];
    columns.extend(logistic.then_some("log-odds"));
    columns.push("standard error");
    columns.extend(df.then_some("df"));
    let hc3 = model.coefficients.iter().any(|c| c.se_hc3.is_some());
    if hc3 {
        columns.push("robust error (HC3)");
    }
    if p_shown {
        columns.push("p");
    }
    let explained = model.yes.as_ref().map_or(String::new(), |yes| format!(", {yes}"));
    let mut table = Table::new(format!("{}\n{}{explained}", model.formula, model.kind.title()), &columns);
    for one in &model.coefficients {
        let number =
            |value: Option<f64>, places: usize| value.map_or(Value::Empty, |value| Value::Number(value, places));
        let mut row = vec![one.name.as_str().into(), shown(one, logistic).into()];
        if logistic {
            row.push(Value::Number(one.estimate, 3));
        }
        row.push(number(one.se, 3));
        row.extend(df.then(|| number(one.df, 1)));
        if hc3 {
            row.push(number(one.se_hc3, 3));
        }
        if p_shown {
            row.push(one.p.map_or(Value::Empty, |p| p_in_words(p).into()));
        }
        table.row(row);
    }
    table
}

fn shown(one: &Coefficient, logistic: bool) -> String {
    let scale = |value: f64| if logistic { value.exp() } else { value };
    let number = |value: f64| format!("{:.3}", scale(value));
    match (one.interval, &one.why_not) {
        (Some((low, high)), _) => format!("{} [{}, {}]", number(one.estimate), number(low), number(high)),
        (None, Some(why)) => format!("{} (no interval: {why})", number(one.estimate)),
        (None, None) => format!("{} (no interval)", number(one.estimate)),
    }
}

fn compared(comparison: &Comparison) -> String {
    let df = match comparison.df2 {
        Some(df2) => format!("{:.0} and {df2:.0}", comparison.df),
        None => format!("{:.0}", comparison.df),
    };
    let aic = comparison.aic_difference.map_or(String::new(), |aic| format!("; AIC {aic:+.1}"));
    let note = comparison.note.map_or(String::new(), |note| format!(" ({note})"));
    format!(
        "Against {}: {} = {:.3}, df {df}, p {}{note}{aic}.",
        comparison.smaller,
        comparison.statistic,
        comparison.value,
        p_in_words(comparison.p)
    )
}

fn random_in_words(part: &RandomPart) -> String {
    let sd: Vec<String> = part.sd.iter().map(|(name, sd)| format!("{name} {sd:.3}")).collect();
    let mut line = format!("Random, {} ({} groups): standard deviation of {}", part.group, part.levels, sd.join(", "));
    if let Some(correlation) = part.correlation {
        line.push_str(&format!("; correlation {correlation:.2}"));
    }
    if let (Some(icc), Some(effect)) = (part.icc, part.design_effect) {
        line.push_str(&format!("; ICC {icc:.3}, design effect {effect:.2}"));
    }
    line.push('.');
    line
}

fn notes(table: &mut Table, model: &Model, formula: &Formula, loaded: &Loaded, head: &(String, u64)) {
    for part in &model.random {
        table.note(random_in_words(part));
    }
    if let Some(sigma) = model.sigma {
        table.note(format!("Residual standard deviation {sigma:.3}."));
    }
    if let Some(why) = &model.forced {
        table.note(format!("FORCED: {why}."));
    }
    if model.singular {
        table.note("SINGULAR: a variance is nil, or one random effect follows from another: the random terms are too rich for these data. Read the intervals with caution, or leave a term out.");
    }
    let lacking: Vec<String> = model.missing.iter().map(|(what, count)| format!("{count} without {what}")).collect();
    let lacking = if lacking.is_empty() { "none".to_owned() } else { lacking.join(", ") };
    let waves =
        if model.waves.is_empty() { String::new() } else { format!(", one a wave ({})", model.waves.join(", ")) };
    table.note(format!(
        "N: {} of {}{waves}, of {} with the outcome; left out: {lacking}.",
        counted(model.observations, "observation"),
        counted(model.units, model.unit.trim_end_matches('s')),
        model.in_all
    ));
    table.notes.extend(model.rules.iter().cloned());
    let fit: Vec<String> = std::iter::once(model.method.to_owned())
        .chain(model.r_squared.iter().map(|(name, value)| format!("{name} {value:.3}")))
        .chain(model.log_likelihood.map(|value| format!("log-likelihood {value:.3}")))
        .chain(model.aic.map(|value| format!("AIC {value:.1}")))
        .collect();
    table.note(format!("Fit: {}.", fit.join("; ")));
    diagnostics(table, model);
    let circular = formula.terms.iter().flat_map(|term| &term.0).filter(|part| {
        let code = loaded.study.codebook.codebook.codes.get(&part.name().text);
        code.is_some_and(|code| code.overlaps.iter().any(|name| formula.response.text.starts_with(name.as_str())))
    });
    for part in circular {
        table.note(format!(
            "Circular: `{}` shares content with the outcome, and goes with it by construction.",
            part.name().text
        ));
    }
    table.note("A model is exploratory unless a plan declared it; a coefficient is an association at equal values of the other terms, not a cause.");
    let short: String = head.0.chars().take(12).collect();
    let fiction = if loaded.study.settings.fictional { " The data are fictional." } else { "" };
    table.note(format!("Codebook version {}, operation {} ({short}).{fiction}", loaded.study.codebook.number, head.1));
}

fn diagnostics(table: &mut Table, model: &Model) {
    let found = &model.diagnostics;
    if let Some([low, q1, median, q3, high]) = found.quantiles {
        table.note(format!(
            "Residuals over their standard deviation: smallest {low:.2}, quartiles {q1:.2}, {median:.2}, {q3:.2}, largest {high:.2}."
        ));
    }
    if !found.collinear.is_empty() {
        let all: Vec<String> = found.collinear.iter().map(|c| format!("{} {:.1}", c.name, c.vif)).collect();
        let warn =
            if found.collinear.iter().any(|c| c.vif > 5.0) { "; above 5 the terms say much the same" } else { "" };
        table.note(format!("Collinearity (variance inflation): {}{warn}.", all.join(", ")));
    }
    if !found.influence.is_empty() {
        let all: Vec<String> = found
            .influence
            .iter()
            .map(|one| format!("{} ({} by {:+.2} standard errors)", one.left_out, one.name, one.shift))
            .collect();
        table.note(format!("Influence, leaving out one {} at a time: {}.", found.left_out, all.join(", ")));
    }
    if let Some(events) = found.events_per_variable {
        let few =
            if events < 10.0 { ": fewer than 10, so odds ratios lean away from 1; --firth leans less" } else { "" };
        table.note(format!("People in the smaller group per term: {events:.1}{few}."));
    }
}
