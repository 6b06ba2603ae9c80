//! `score`: instruments to scores and classes; how reliable they are; which instruments there are.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::import::{known_instrument, known_instruments, read_instruments};
use crate::join::{
    Outcome as StudyOutcome, ScaleReliability, ScoreOrigin, ScorePart, ScoreTable, class_rule, missing_in_words,
    norms_in_words, reliability,
};
use crate::model::{AttributeValue, Certainty, Hidden, Instrument, ScoreValue, SubscaleKind};
use crate::query::nearest;
use crate::report::{Table, Value};
use crate::stats::Estimate;
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// Scores and classes of every participant, imported or computed from answers, and how reliable they are
#[derive(clap::Args)]
pub struct Args {
    /// Only these scores (`ecr.avoidance`), or all of these instruments (`ecr`)
    names: Vec<String>,
    /// Instead of the scores: alpha with its interval, omega, and what each item does, from the stored answers
    #[arg(long)]
    reliability: bool,
    /// List the instruments of the study and those that `import NAME` brings along
    #[arg(long, conflicts_with_all = ["names", "reliability", "instrument"])]
    instruments: bool,
    /// Print the definition of an instrument, as a file to change and import
    #[arg(long, value_name = "NAME", conflicts_with_all = ["names", "reliability"])]
    instrument: Option<String>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    if let Some(name) = &args.instrument {
        return define(name, session);
    }
    if args.instruments {
        return list_instruments(session);
    }
    let (_, study) = session.reader()?;
    refuse_blinded(&study, session)?;
    let scores = ScoreTable::of(&study);
    let names = wanted(&study, &scores, &args.names)?;
    if args.reliability {
        return show_reliability(&study, &names, session);
    }
    let mut table = Table::new("", &["score", "participant", "wave", "value"]);
    for name in &names {
        for (participant, wave, value) in scores.of_name(name) {
            let value = match value {
                ScoreValue::Number(x) => Value::Number(*x, 2),
                ScoreValue::Class(class) => Value::from(class.as_str()),
            };
            table.row([name.as_str().into(), participant.into(), wave.unwrap_or("").into(), value]);
        }
    }
    let of_instrument = |key: &str, part: &str| {
        let id = key.split('/').next().unwrap_or_default();
        args.names.is_empty() || names.iter().any(|name| *name == format!("{id}.{part}") || name == id)
    };
    let mut problems = 0;
    for (key, part, why) in scores.problems.iter().filter(|(key, part, _)| of_instrument(key, part)) {
        table.note(format!("no score {part} for {key}: {why}"));
        problems += 1;
    }
    let origins: Vec<ScoreOrigin<'_>> = names.iter().filter_map(|name| ScoreOrigin::of(&study, name)).collect();
    for (id, instrument) in &study.instruments {
        if args.names.is_empty() || origins.iter().any(|origin| origin.id == id) {
            table.note(key_in_words(id, instrument));
        }
    }
    let classes = |name: &&String| scores.of_name(name).any(|(.., value)| matches!(value, ScoreValue::Class(_)));
    let rules = names.iter().filter(classes).filter_map(|name| {
        let outcome = StudyOutcome::parse(name).ok()?;
        Some(class_rule(&study, &outcome, name))
    });
    session.rules(&mut table, rules);
    session.rules(&mut table, names.iter().flat_map(|name| norms_in_words(&study, &scores, name)));
    if table.rows.is_empty() {
        table.note("no scores yet: `themata import scores.csv`");
        table.notes.extend(numbers_of_people(&study));
    }
    warn(session, &origins);
    session.table(&table)?;
    Ok(Outcome::of(problems > 0))
}

/// Numbers that came in as attributes of participants, because their table had no wave: scores, perhaps.
fn numbers_of_people(study: &Study) -> Option<String> {
    let numbers: BTreeSet<&str> = study
        .participants
        .values()
        .flat_map(|person| &person.attributes)
        .filter(|(_, value)| matches!(value, AttributeValue::Number(_)))
        .map(|(name, _)| name.as_str())
        .collect();
    let first = numbers.first()?;
    let all = numbers.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Some(format!(
        "Numbers kept as attributes of participants, for their table had no column `wave`: {all}. An outcome can be one as it is; a score is what has a wave, or is mapped: `--columns score:{first}={first}`."
    ))
}

/// Scores are out of reach while coders must not see them.
pub fn refuse_blinded(study: &Study, session: &Session) -> Result<(), CliError> {
    super::blind::refuse(study, session, &[Hidden::Scores, Hidden::Wave], "this lists them")
}

/// Says once what is marked as uncertain in what the scores rest on.
pub fn warn(session: &Session, origins: &[ScoreOrigin<'_>]) {
    let mut said: Vec<String> = Vec::new();
    for doubt in origins.iter().flat_map(ScoreOrigin::doubts) {
        if !said.contains(&doubt) {
            session.say(&format!("warning: {doubt}"));
            said.push(doubt);
        }
    }
}

/// The scores asked for: by name, or all of an instrument.
fn wanted(study: &Study, scores: &ScoreTable, asked: &[String]) -> Result<Vec<String>, CliError> {
    let known = scores.names();
    if asked.is_empty() {
        return Ok(known.into_iter().map(str::to_owned).collect());
    }
    let mut names = Vec::new();
    for name in asked {
        let of_it =
            |known: &&&str| **known == name || known.strip_prefix(name.as_str()).is_some_and(|r| r.starts_with('.'));
        let mut found: Vec<&&str> = known.iter().filter(of_it).collect();
        if found.contains(&&name.as_str()) {
            // The only scale of an instrument has two names: once is enough.
            found.retain(|known| **known == name || !is_only_scale(study, known));
        }
        if found.is_empty() {
            let near =
                nearest(name, known.iter().copied()).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
            let there =
                if known.is_empty() { "none yet: `themata import scores.csv`".into() } else { known.join(", ") };
            let why =
                if study.instruments.contains_key(name) { ", and nobody has answered that instrument" } else { "" };
            return Err(
                CliError::new(format!("there is no score `{name}`{why}{near}")).hint(format!("there are: {there}"))
            );
        }
        names.extend(
            found.into_iter().map(|name| (*name).to_owned()).filter(|name| !names.contains(name)).collect::<Vec<_>>(),
        );
    }
    Ok(names)
}

fn is_only_scale(study: &Study, name: &str) -> bool {
    let origin = ScoreOrigin::of(study, name);
    origin.is_some_and(|of| matches!(of.part, ScorePart::Scale(..)) && of.instrument.scales.len() == 1)
}

fn key_in_words(id: &str, instrument: &Instrument) -> String {
    let inverted = instrument.anchors.as_ref().is_some_and(|anchors| anchors.inverted);
    let inverted = if inverted { ", the sheet ran the other way round and every answer was turned first" } else { "" };
    format!(
        "{id}: {} items, {} to {}{inverted}, reversed {:?}; {}",
        instrument.items,
        instrument.min,
        instrument.max,
        instrument.reversed,
        missing_in_words(instrument)
    )
}

fn show_reliability(study: &Study, names: &[String], session: &Session) -> Result<Outcome, CliError> {
    let mut scales: BTreeMap<String, Vec<ScaleReliability>> = BTreeMap::new();
    let mut origins = Vec::new();
    for origin in names.iter().filter_map(|name| ScoreOrigin::of(study, name)) {
        let ScorePart::Scale(name, scale) = origin.part else { continue };
        if !matches!(scale.kind, SubscaleKind::Formula(_)) {
            let key = format!("{}.{name}", origin.id);
            scales.entry(key).or_insert_with(|| reliability(study, origin.id, name, scale));
            origins.push(origin);
        }
    }
    if scales.is_empty() {
        return Err(CliError::new("reliability needs the answers to the items, and these scores have none")
            .hint("import the instrument and the table of answers; `themata score --instruments` lists instruments"));
    }
    let columns = ["scale", "wave", "item", "n", "mean", "SD", "item-rest r", "alpha", "95 % interval", "omega"];
    let mut table = Table::new("", &columns);
    let number = |value: Estimate, decimals| value.map_or(Value::Empty, |x| Value::Number(x, decimals));
    for found in scales.values().flatten() {
        let start = |item: Value| [found.name.as_str().into(), found.wave.as_str().into(), item, found.complete.into()];
        let interval = found.alpha.as_ref().map(|a| format!("[{:.2}, {:.2}]", a.interval.lower, a.interval.upper)).ok();
        let alpha = found.alpha.as_ref().map(|alpha| alpha.alpha).map_err(|why| *why);
        let omega = found.omega.as_ref().map(|omega| omega.omega_total).map_err(|why| *why);
        let all = Value::from(format!("all {}", found.items.len()));
        let rest = [Value::Empty, Value::Empty, Value::Empty, number(alpha, 2), interval.into(), number(omega, 2)];
        table.row(start(all).into_iter().chain(rest));
        for item in &found.items {
            let mark = if item.turned { format!("{} (turned)", item.item) } else { item.item.to_string() };
            let rest = [
                number(item.mean, 2),
                number(item.sd, 2),
                number(item.item_rest, 2),
                number(item.alpha_without, 2),
                Value::Empty,
                Value::Empty,
            ];
            table.row(start(mark.into()).into_iter().chain(rest));
        }
        reliability_notes(found, &mut table);
    }
    table
        .note("alpha of an item's row is that of the other items; items are keyed; n answered every item of the scale");
    table.note("interval: Feldt; omega: one factor, maximum likelihood; item-rest r: with the sum of the other items");
    warn(session, &origins);
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn reliability_notes(found: &ScaleReliability, table: &mut Table) {
    let what = format!("{} at {}", found.name, found.wave);
    if found.complete < found.people {
        let left_out = found.people - found.complete;
        table.note(format!("{what}: {left_out} of {} left out, because an item is missing", found.people));
    }
    if let Err(why) = &found.alpha {
        table.note(format!("{what}: alpha {why}"));
    }
    if let Err(why) = &found.omega {
        table.note(format!("{what}: omega {why}"));
    }
    if found.alpha.is_err() {
        return;
    }
    for item in &found.items {
        match item.item_rest {
            Ok(r) if r < 0.0 => table.note(format!(
                "{what}: item {} runs against the rest (r {r:.2}): is its key right, or the sheet inverted?",
                item.item
            )),
            Err(why) => table.note(format!("{what}: item {}: {why}", item.item)),
            Ok(_) => {}
        }
    }
}

fn define(name: &str, session: &Session) -> Result<Outcome, CliError> {
    if let Some(text) = known_instrument(name) {
        session.print(&text)?;
        return Ok(Outcome::Done);
    }
    let own = session.folder().and_then(|_| session.reader()).ok();
    let own = own.and_then(|(_, mut study)| study.instruments.remove(name));
    let Some(instrument) = own else { return Err(unknown_instrument(name)) };
    let file = BTreeMap::from([("instruments", BTreeMap::from([(name, instrument)]))]);
    session.print(&toml::to_string(&file).shown()?)?;
    Ok(Outcome::Done)
}

/// There is no instrument of this name, neither here nor among those that come along.
pub fn unknown_instrument(name: &str) -> CliError {
    let known = known_instruments();
    let near =
        nearest(name, known.iter().map(String::as_str)).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
    CliError::new(format!("there is no instrument `{name}`{near}")).hint(format!("known are {}", known.join(", ")))
}

fn list_instruments(session: &Session) -> Result<Outcome, CliError> {
    let mut all: Vec<(String, Instrument, &str)> = Vec::new();
    if session.folder().is_ok() {
        let (_, study) = session.reader()?;
        all.extend(study.instruments.into_iter().map(|(id, instrument)| (id, instrument, "in the study")));
    }
    for name in known_instruments() {
        let file = format!("{name}.toml");
        let read = known_instrument(&name).map(|text| read_instruments(&file, &text));
        for (id, instrument) in read.and_then(Result::ok).unwrap_or_default() {
            if !all.iter().any(|(known, ..)| *known == id) {
                all.push((id, instrument, "themata import"));
            }
        }
    }
    let mut table =
        Table::new("", &["instrument", "label", "items", "answers", "scales", "class rules", "key", "where"]);
    for (id, instrument, place) in all {
        let names = |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let certainty = if instrument.certainty == Certainty::Uncertain { "uncertain" } else { "checked" };
        let place = if place == "themata import" { format!("`themata import {id}`") } else { place.to_owned() };
        table.row([
            id.as_str().into(),
            instrument.label.as_str().into(),
            instrument.items.into(),
            format!("{} to {}", instrument.min, instrument.max).into(),
            names(instrument.scales.keys().collect()).into(),
            names(instrument.classes.keys().collect()).into(),
            certainty.into(),
            place.into(),
        ]);
    }
    table
        .note("`themata score --instrument NAME` prints a definition; change it in a file of your own and import that");
    session.table(&table)?;
    Ok(Outcome::Done)
}
