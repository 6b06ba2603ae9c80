//! Models as tables: coefficients with their intervals, and everything that must be said under them.

use super::{Mark, Scatter, Table, Value, counted, scatter};
use crate::matrix::model::{Coefficient, Comparison, Formula, Model, RandomPart};
use crate::matrix::{p_in_words, sentence};
use crate::store::Study;

/// The table of a model. p stands in it where it is asked for, or a plan declares it.
pub fn model_table(
    model: &Model,
    comparison: Option<&Comparison>,
    formula: &Formula,
    study: &Study,
    p_shown: bool,
) -> Table {
    let mut table = table(model, p_shown);
    if let Some(comparison) = comparison {
        table.note(compared(comparison));
    }
    notes(&mut table, model, formula, study);
    table
}

/// Residuals against fitted values, of a score.
pub fn residuals(model: &Model) -> String {
    let mark = |(fitted, residual): &(f64, f64)| Mark { x: *fitted, y: *residual, name: String::new(), square: false };
    scatter(&Scatter {
        title: format!("Residuals of {}", model.formula),
        across: "fitted".into(),
        up: "residual".into(),
        marks: model.diagnostics.residuals.iter().map(mark).collect(),
    })
}

/// What the figures rest on: codebook and newest operation.
pub fn provenance(study: &Study, (head, seq): &(String, u64)) -> String {
    let short: String = head.chars().take(12).collect();
    let fiction = if study.settings.fictional { " The data are fictional." } else { "" };
    format!("Codebook version {}, operation {seq} ({short}).{fiction}", study.codebook.number)
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
    if p_shown || model.family.is_some() {
        columns.push("p");
    }
    if model.family.is_some() {
        columns.push("adjusted p");
    }
    let standing = match &model.family {
        Some(family) => format!("({})", family.in_title()),
        None => "(exploratory: no plan declares this model as it stands)".to_owned(),
    };
    let explained = model.yes.as_ref().map_or(String::new(), |yes| format!(", {yes}"));
    let mut table = Table::new(format!("{}\n{}{explained} {standing}", model.formula, model.kind.title()), &columns);
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
        let declared = model.family.as_ref().is_some_and(|family| family.tested.contains(&one.name));
        if p_shown || model.family.is_some() {
            row.push(one.p.filter(|_| p_shown || declared).map_or(Value::Empty, |p| p_in_words(p).into()));
        }
        if model.family.is_some() {
            row.push(one.adjusted.map_or(Value::Empty, |p| p_in_words(p).into()));
        }
        table.row(row);
    }
    table
}

fn shown(one: &Coefficient, logistic: bool) -> String {
    let scale = |value: f64| if logistic { value.exp() } else { value };
    // Where groups are nearly separated, a limit has more digits than anybody can read.
    let number = |value: f64| match scale(value) {
        large if large.abs() >= 1e6 => format!("{large:.1e}"),
        value => format!("{value:.3}"),
    };
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

fn notes(table: &mut Table, model: &Model, formula: &Formula, study: &Study) {
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
        let code = study.codebook.codebook.codes.get(&part.name().text);
        code.is_some_and(|code| code.overlaps.iter().any(|name| formula.response.text.starts_with(name.as_str())))
    });
    for part in circular {
        table.note(format!(
            "Circular: `{}` shares content with the outcome, and goes with it by construction.",
            part.name().text
        ));
    }
    table.notes.extend(model.family.as_ref().map(crate::matrix::Family::in_words));
    table.notes.extend(model.deviations.iter().map(|line| sentence(line)));
    table.note("A coefficient is an association at equal values of the other terms, not a cause.");
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
