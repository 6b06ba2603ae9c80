//! `demo`: a study from its files to its report, and what makes it different in thirty lines.

use super::error::{CliError, Shown};
use super::matrix::Loaded;
use super::session::{Outcome, Session};
use crate::code::{Coder, Suggestion};
use crate::join::{Outcome as StudyOutcome, Statement, Statements};
use crate::matrix::{
    self, CellQuote, Matrix, MatrixInputs, MatrixRow, MatrixSpec, Standing, count_in_words, effect_in_words,
};
use crate::model::{AttributeValue, Polarity, Settings, Wave, WavePhase};
use crate::query;
use crate::report::{cut, one_line, render};
use crate::store::{SourceText, Store, Study};
use rust_embed::RustEmbed;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Build a small fictional study, run the whole path, and show why this is different
#[derive(clap::Args)]
pub struct Args {
    /// The folder to make; it must be empty or missing
    #[arg(default_value = "themata-demo")]
    dir: PathBuf,
}

#[derive(RustEmbed)]
#[folder = "corpus-samples/first-steps/"]
struct Sample;

/// The code that the demonstration reads closely, and the outcome it compares with.
const CODE: &str = "trust";
const KEYWORD: &str = "trust*";
const OUTCOME: &str = "attachment.T1=secure";

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let occupied = std::fs::read_dir(&args.dir).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(CliError::new(format!(
            "{} is not empty, and the demo does not write over anything",
            args.dir.display()
        ))
        .hint("name another folder: `themata demo DIR`"));
    }
    build(&args.dir, session)?;
    let inside = session.within(&args.dir);
    let (store, study) = inside.reader()?;
    let loaded = Loaded::new(&store, study)?;
    let shown = show(&loaded, &args.dir)?;
    let spec = MatrixSpec::new(StudyOutcome::parse(OUTCOME).shown()?);
    let as_of = store.log().shown()?.last().map(|op| op.time.clone()).unwrap_or_default();
    let mut page = super::report::page(&loaded, &[spec], as_of)?;
    drop(store);
    if let Some(section) = page.sections.first_mut() {
        super::matrix::remember(&inside, &mut section.matrix)?;
    }
    super::report::write_file(&args.dir.join("exports").join("report.html"), render(&page).as_bytes())?;
    session.print(&shown)?;
    Ok(Outcome::Done)
}

/// Makes the study: the sample's files are written beside it, so that they can serve as patterns, and imported.
fn build(dir: &Path, session: &Session) -> Result<(), CliError> {
    let files = dir.join("sample");
    let mut names: Vec<String> = Sample::iter().map(|name| name.into_owned()).collect();
    names.sort();
    for name in &names {
        if let Some(file) = Sample::get(name) {
            super::report::write_file(&files.join(name), &file.data)?;
        }
    }
    let mut inside = session.within(dir);
    inside.coder = "coder-a".into();
    inside.because = None;
    inside.command = "demo".into();
    let mut environment = inside.environment()?;
    // Fiction needs no secret: with a fixed salt, two demos are the same to the byte.
    environment.seed = *b"themata: a fictional first study";
    let mut store = Store::create(dir, environment.clone()).shown()?;
    let mut change = store.change(&inside.command, None);
    let name = "First steps (fictional)".to_owned();
    change.put("study", &Settings { name, fictional: true, ..Settings::default() }).shown()?;
    for (order, (id, phase)) in [("T0", WavePhase::During), ("T1", WavePhase::During)].into_iter().enumerate() {
        change.put(id, &Wave { label: id.to_owned(), order: order as u32, phase }).shown()?;
    }
    change.commit().shown()?;
    drop(store);
    let paths = names.iter().filter(|name| !name.ends_with(".md")).map(|name| files.join(name)).collect();
    super::import::run_quietly(paths, &inside)
}

/// The thirty lines. Every figure in them is computed.
fn show(loaded: &Loaded, dir: &Path) -> Result<String, CliError> {
    let spec = MatrixSpec::new(StudyOutcome::parse(OUTCOME).shown()?);
    let statements = loaded.statements(&spec)?;
    let inputs = loaded.inputs(&statements, None);
    let matrix = matrix::build(&inputs, &spec).shown()?;
    let mut out = String::new();
    people(&mut out, loaded, &matrix);
    reading(&mut out, loaded)?;
    let rows = five(&matrix);
    table(&mut out, &matrix, &rows);
    for_and_against(&mut out, loaded, &inputs, &matrix, &rows)?;
    missing(&mut out, &matrix);
    next_steps(&mut out, dir, &rows);
    Ok(out)
}

/// (a) Who is in the study.
fn people(out: &mut String, loaded: &Loaded, matrix: &Matrix) {
    let study = &loaded.study;
    let entered = study.participants.len();
    let left = study
        .participants
        .values()
        .filter(|person| matches!(person.attributes.get("left_after_days"), Some(AttributeValue::Number(_))));
    let left = left.count();
    let speaks: BTreeSet<&String> = study.sources.values().flat_map(|source| source.participants.values()).collect();
    let scored = matrix.footer.units - matrix.footer.no_score.len();
    let _ = writeln!(
        out,
        "A fictional study: {entered} people entered a therapeutic community, {left} left early, {} stayed.",
        entered - left
    );
    let _ = writeln!(
        out,
        "{} were interviewed about their social worker; {} have no attachment score at the end ({}).",
        speaks.len(),
        entered - scored,
        matrix.footer.no_score.join(", ")
    );
}

/// (b) A keyword count, and the same read with polarity.
fn reading(out: &mut String, loaded: &Loaded) -> Result<(), CliError> {
    let study = &loaded.study;
    let keyword = query::parse(KEYWORD).map_err(|error| CliError::new(error.to_string()))?;
    let speaks: BTreeSet<&String> = study.sources.values().flat_map(|source| source.participants.values()).collect();
    let mut counted: BTreeSet<&String> = BTreeSet::new();
    for (id, source) in &study.sources {
        let Some(text) = loaded.texts.get(id) else { continue };
        for k in 0..text.segmentation.turns.len() {
            let speaker = text.speaker(k);
            if study.is_coded(source, speaker) && crate::code::turn_matches(&keyword, source, text, k) {
                counted.extend(source.participants.get(speaker));
            }
        }
    }
    let coder = Coder::of(study).shown()?;
    let suggestions = coder.study(study, &loaded.texts);
    let standings = read_by_rules(study, &loaded.texts, &suggestions);
    let count = |standing: Standing| standings.values().filter(|s| **s == standing).count();
    let _ =
        writeln!(out, "\nTrust. A keyword count ({KEYWORD}) finds it in {} of {} people.", counted.len(), speaks.len());
    let _ = writeln!(
        out,
        "Read with polarity by the rules: present {}, absent {}, both {}, ceased {}, not mentioned {}.",
        count(Standing::PresentOnly),
        count(Standing::AbsentOnly),
        count(Standing::Mixed),
        count(Standing::CeasedOrReduced),
        count(Standing::NotMentioned)
    );
    if let Some((source, one)) = underlined(&suggestions) {
        let (Some(record), Some(text)) = (study.sources.get(source), loaded.texts.get(source)) else { return Ok(()) };
        let turn = one.turn.saturating_sub(record.first_ordinal) as usize;
        let who = record.participants.get(text.speaker(turn)).map_or("somebody", String::as_str);
        let _ = writeln!(out, "  {who}, read as {}:", one.polarity.name());
        out.push_str(&with_underline(&text.text, one));
    }
    Ok(())
}

/// Standings on the code over everybody who was interviewed, by suggestions alone.
fn read_by_rules(
    study: &Study,
    texts: &BTreeMap<String, SourceText>,
    suggestions: &BTreeMap<String, Vec<Suggestion>>,
) -> BTreeMap<String, Standing> {
    let mut statements = Statements::default();
    for (id, list) in suggestions {
        let Some(text) = texts.get(id) else { continue };
        statements.list.extend(list.iter().filter_map(|one| Statement::of_suggestion(study, id, text, one)));
        statements.covered.insert(id.clone(), None);
    }
    matrix::standings(study, &statements, &[CODE.to_owned()])
}

/// The shortest sentence whose trigger turns the code round.
fn underlined(suggestions: &BTreeMap<String, Vec<Suggestion>>) -> Option<(&String, &Suggestion)> {
    let turned = |one: &&Suggestion| one.code == CODE && one.polarity == Polarity::Absent && one.trigger.is_some();
    let all = suggestions.iter().flat_map(|(id, list)| list.iter().map(move |one| (id, one)));
    all.filter(|(_, one)| turned(one)).min_by_key(|(id, one)| (one.unit.len(), *id, one.unit))
}

fn with_underline(text: &str, one: &Suggestion) -> String {
    let sentence = one_line(one.unit.of(text).unwrap_or(""));
    let mut out = format!("    \"{sentence}\"\n");
    let trigger = one.trigger.and_then(|trigger| trigger.of(text)).map(one_line).unwrap_or_default();
    if let Some(before) = sentence.find(&trigger).and_then(|at| sentence.get(..at)) {
        let (before, length) = (before.chars().count(), trigger.chars().count());
        let _ = writeln!(out, "    {}{}", " ".repeat(before + 1), "^".repeat(length));
    }
    out
}

/// (c) Five rows: the strongest first, one without any difference last.
fn five(matrix: &Matrix) -> Vec<&MatrixRow> {
    let mut rows: Vec<&MatrixRow> = matrix.rows.iter().collect();
    let size = |row: &MatrixRow| row.effect.value.map_or(0.0, f64::abs);
    let value = |row: &MatrixRow| row.effect.value.unwrap_or(0.0);
    rows.sort_by(|a, b| size(b).total_cmp(&size(a)).then(value(b).total_cmp(&value(a))).then_with(|| a.id.cmp(&b.id)));
    let null = rows.iter().rposition(|row| row.effect.value == Some(0.0));
    if let Some(null) = null.filter(|null| *null >= 5) {
        let row = rows.remove(null);
        rows.insert(4, row);
    }
    rows.truncate(5);
    rows
}

fn table(out: &mut String, matrix: &Matrix, rows: &[&MatrixRow]) {
    let name = |k: usize| matrix.groups.get(k).map_or("", |group| group.label.as_str());
    let _ = writeln!(out, "\nWho says it is there (codings of coder-a, by attachment at the end):");
    let _ =
        writeln!(out, "  {:<14} {:>10} {:>14}   difference [95 % interval]", "", name(0), format!("not {}", name(0)));
    for row in rows {
        let cell =
            |k: usize| row.cells.get(k).map_or(String::new(), |cell| format!("{}/{}", count_in_words(cell), cell.of));
        let null = if row.effect.value == Some(0.0) { "   no difference" } else { "" };
        let _ =
            writeln!(out, "  {:<14} {:>10} {:>14}   {}{null}", row.id, cell(0), cell(1), effect_in_words(&row.effect));
    }
    let crossing = rows.iter().find(|row| row.effect.crosses_zero() == Some(true) && row.effect.value != Some(0.0));
    if let Some((row, (low, high))) = crossing.and_then(|row| Some((row, row.effect.interval?))) {
        let _ = writeln!(
            out,
            "In words: for {}, anything from {:.0} points less to {:.0} points more among the {} fits these few people.",
            row.id,
            -100.0 * low,
            100.0 * high,
            name(0)
        );
    }
}

/// (d) One quotation for the pattern, one case against it: of the strongest row that has both, else of the strongest.
fn for_and_against(
    out: &mut String,
    loaded: &Loaded,
    inputs: &MatrixInputs<'_>,
    matrix: &Matrix,
    rows: &[&MatrixRow],
) -> Result<(), CliError> {
    let group = |k: usize| matrix.groups.get(k).map_or("", |group| group.label.as_str());
    let line = |row: &MatrixRow, quote: &CellQuote, k: usize| {
        let text = loaded.texts.get(&quote.statement.source);
        let words = text.and_then(|text| quote.statement.span.of(&text.text)).unwrap_or("");
        let what = format!("{} {} ({})", row.id, quote.statement.polarity.name(), quote.statement.id);
        format!("{}, {}, {what}:\n    \"{}\"", quote.unit, group(k), cut(&one_line(words), 110))
    };
    let mut first: Option<String> = None;
    for row in rows.iter().filter(|row| row.effect.value.is_some_and(|value| value != 0.0)) {
        let more = usize::from(row.effect.value.is_some_and(|value| value < 0.0));
        let quotes = |k: usize| -> Result<Vec<CellQuote<'_>>, CliError> {
            let Some(cell) = row.cells.get(k) else { return Ok(Vec::new()) };
            let (spec, group) = matrix::cell_spec(&cell.id).map_err(CliError::new)?;
            matrix::cell_quotes(inputs, &spec, &group).map_err(CliError::new)
        };
        let says = |quote: &&CellQuote| quote.counted && quote.statement.polarity == Polarity::Present;
        let (with, others) = (quotes(more)?, quotes(1 - more)?);
        let Some(pattern) = with.iter().find(says) else { continue };
        let against = others.iter().find(says).map(|quote| (quote, 1 - more));
        let against = against.or_else(|| with.iter().find(|quote| !quote.counted).map(|quote| (quote, more)));
        let pattern = format!("\nFor the pattern: {}", line(row, pattern, more));
        if let Some((quote, k)) = against {
            let _ = writeln!(out, "{pattern}\nAgainst it: {}", line(row, quote, k));
            return Ok(());
        }
        first = first.or(Some(pattern));
    }
    if let Some(pattern) = first {
        let _ = writeln!(out, "{pattern}\nAgainst it: nobody who was read.");
    }
    Ok(())
}

/// (e) Who is not in the table, and what its codings are.
fn missing(out: &mut String, matrix: &Matrix) {
    let footer = &matrix.footer;
    let origins: Vec<String> = footer.origins.iter().map(|(origin, n)| format!("{n} {origin}")).collect();
    let _ = writeln!(
        out,
        "\nNot in this table: {} without the outcome ({}). Set aside: {} statements about the time before, {} hypothetical, {} about others.",
        footer.no_score.len(),
        footer.no_score.join(", "),
        footer.set_aside,
        footer.hypothetical,
        footer.of_others
    );
    let _ = writeln!(
        out,
        "Codings behind it: {}; unreviewed suggestions: {}. Exploratory: no plan, so no p.",
        origins.join(", "),
        footer.suggestions
    );
}

/// (f) Where to go from here.
fn next_steps(out: &mut String, dir: &Path, rows: &[&MatrixRow]) {
    let dir = dir.display();
    let cell = rows.first().and_then(|row| row.cells.first()).map_or("", |cell| cell.id.as_str());
    let open = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "start",
        _ => "xdg-open",
    };
    let _ = writeln!(out, "\nOpen the report:    {open} {dir}/exports/report.html");
    let _ = writeln!(out, "See why:            themata --study {dir} quotes --cell {cell}");
    let _ = writeln!(
        out,
        "Use my own files:   themata init my-study && themata --study my-study import interviews/ scores.csv codebook.toml"
    );
}
