//! `demo`: a study from its files to its report, and what makes it different in thirty lines.

use super::error::{CliError, Shown};
use super::matrix::Loaded;
use super::session::{Outcome, Session};
use crate::code::{Coder, Suggestion};
use crate::join::{Outcome as StudyOutcome, Reading, Statement, Statements};
use crate::matrix::{
    self, CellQuote, Matrix, MatrixInputs, MatrixRow, MatrixSpec, Rows, Standing, count_in_words, effect_in_words,
};
use crate::model::{AttributeValue, Participant, Polarity, Settings, Wave, WavePhase};
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
#[folder = "corpus-samples/itr-study/"]
struct Sample;

/// The codebook of the sample study, with its rules.
const CODEBOOK: &str = include_str!("../../codebooks/itr.toml");
/// What the two coders' differences came to, and who decided.
const DECISIONS: &str = "decisions.csv";
const ADJUDICATOR: &str = "coder-c";

/// The code that the demonstration reads closely, and the outcome it compares with.
const CODE: &str = "trust";
const KEYWORD: &str = "trust*";
const OUTCOME: &str = "attachment.pattern.T1=secure";
/// Some people were interviewed once and some twice; the table is about the interviews at the end.
const WAVE: &str = "T1";
/// The codes that all interviews were read for.
const CODES: [&str; 6] = ["trust", "loneliness", "support", "control", "empowerment", "understood"];

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
    let as_of = store.log().shown()?.last().map(|op| op.time.clone()).unwrap_or_default();
    let mut page = super::report::page(&loaded, &[question()?], as_of)?;
    drop(store);
    if let Some(section) = page.sections.first_mut() {
        super::matrix::remember(&inside, &mut section.matrix)?;
    }
    super::report::write_file(&args.dir.join("exports").join("report.html"), render(&page).as_bytes())?;
    session.print(&shown)?;
    Ok(Outcome::Done)
}

/// The question of the demonstration.
fn question() -> Result<MatrixSpec, CliError> {
    let mut spec = MatrixSpec::new(StudyOutcome::parse(OUTCOME).shown()?);
    spec.rows = Rows::Codes(CODES.map(str::to_owned).to_vec());
    spec.wave = Some(WAVE.to_owned());
    Ok(spec)
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
    let codebook = files.join("codebook.toml");
    super::report::write_file(&codebook, CODEBOOK.as_bytes())?;
    let mut inside = session.within(dir);
    inside.coder = "coder-a".into();
    inside.because = None;
    inside.command = "demo".into();
    let mut environment = inside.environment()?;
    // Fiction needs no secret: with a fixed salt, two demos are the same to the byte.
    environment.seed = *b"themata: a fictional first study";
    let mut store = Store::create(dir, environment.clone()).shown()?;
    let mut change = store.change(&inside.command, None);
    let name = "Therapeutic communities (fictional)".to_owned();
    change.put("study", &Settings { name, fictional: true, ..Settings::default() }).shown()?;
    let waves = [("T0", WavePhase::Before), ("M4", WavePhase::During), ("T1", WavePhase::During)];
    for (order, (id, phase)) in waves.into_iter().enumerate() {
        change.put(id, &Wave { label: id.to_owned(), order: order as u32, phase }).shown()?;
    }
    change.commit().shown()?;
    drop(store);
    // What was said is coded, and differences are decided, before the scores are there.
    let (words, tables): (Vec<&String>, Vec<&String>) =
        names.iter().filter(|name| is_data(name)).partition(|name| name.contains('/') || name.starts_with("reference"));
    let paths = |names: Vec<&String>| names.into_iter().map(|name| files.join(name)).collect::<Vec<_>>();
    super::import::run_quietly(paths(words).into_iter().chain([codebook]).collect(), &inside)?;
    inside.coder = ADJUDICATOR.into();
    if let Some(file) = Sample::get(DECISIONS) {
        super::review::decide_quietly(&String::from_utf8_lossy(&file.data), &inside)?;
    }
    inside.coder = "coder-a".into();
    super::import::run_quietly(paths(tables), &inside)
}

/// Whether a file of the sample goes into the study: no page about it, no program, not the broken copy, no older codebook.
fn is_data(name: &str) -> bool {
    match name.split_once('/') {
        Some((folder, _)) => matches!(folder, "interviews" | "focus-groups"),
        None => name != DECISIONS && (name.ends_with(".csv") || name.ends_with(".toml")),
    }
}

/// The thirty lines. Every figure in them is computed.
fn show(loaded: &Loaded, dir: &Path) -> Result<String, CliError> {
    let spec = question()?;
    let statements = loaded.statements(&spec)?;
    let inputs = loaded.inputs(&statements, None);
    let matrix = matrix::build(&inputs, &spec).shown()?;
    let mut out = String::new();
    people(&mut out, loaded, &matrix);
    reading(&mut out, loaded, &statements)?;
    let rows = five(&matrix);
    table(&mut out, &matrix, &rows);
    for_and_against(&mut out, loaded, &inputs, &matrix, &rows)?;
    missing(&mut out, loaded, &matrix);
    next_steps(&mut out, dir, &rows);
    Ok(out)
}

/// Whoever speaks in an interview at a wave, or at any.
fn interviewed<'a>(study: &'a Study, wave: Option<&str>) -> BTreeSet<&'a str> {
    let interviews = study.sources.values().filter(|source| !source.focus_group);
    let of_wave = interviews.filter(|source| wave.is_none() || source.wave.as_deref() == wave);
    of_wave.flat_map(|source| source.participants.values().map(String::as_str)).collect()
}

/// Whoever left early.
fn left(study: &Study) -> BTreeSet<&str> {
    let gone =
        |person: &Participant| matches!(person.attributes.get("left_after_days"), Some(AttributeValue::Number(_)));
    study.participants.iter().filter(|(_, person)| gone(person)).map(|(id, _)| id.as_str()).collect()
}

/// (a) Who is in the study.
fn people(out: &mut String, loaded: &Loaded, matrix: &Matrix) {
    let study = &loaded.study;
    let (entered, left) = (study.participants.len(), left(study));
    let (all, at_the_end) = (interviewed(study, None), interviewed(study, Some(WAVE)));
    let twice = at_the_end.intersection(&interviewed(study, Some("T0"))).count();
    let unmeasured: Vec<&str> =
        matrix.footer.no_score.iter().map(String::as_str).filter(|id| at_the_end.contains(id)).collect();
    let _ = writeln!(
        out,
        "A fictional study: {entered} people entered therapeutic communities, {} left early, {} stayed.",
        left.len(),
        entered - left.len()
    );
    let _ = writeln!(
        out,
        "Interviewed: {} of those who stayed, in the end ({twice} of them on arrival, too), and {} who left.",
        at_the_end.len(),
        all.intersection(&left).count()
    );
    let _ = writeln!(
        out,
        "Of the {} interviewed in the end, {} {} no attachment score then ({}).",
        at_the_end.len(),
        unmeasured.len(),
        if unmeasured.len() == 1 { "has" } else { "have" },
        unmeasured.join(", ")
    );
}

/// (b) A keyword count, and the same read with polarity: by the rules, and by people.
fn reading(out: &mut String, loaded: &Loaded, read: &Statements) -> Result<(), CliError> {
    let study = &loaded.study;
    let keyword = query::parse(KEYWORD).map_err(|error| CliError::new(error.to_string()))?;
    let in_the_end = |id: &str| {
        study.sources.get(id).is_some_and(|source| !source.focus_group && source.wave.as_deref() == Some(WAVE))
    };
    let mut counted: BTreeSet<&String> = BTreeSet::new();
    for (id, source) in study.sources.iter().filter(|(id, _)| in_the_end(id)) {
        let Some(text) = loaded.texts.get(id) else { continue };
        for k in 0..text.segmentation.turns.len() {
            let speaker = text.speaker(k);
            if study.is_coded(source, speaker) && crate::code::turn_matches(&keyword, source, text, k) {
                counted.extend(source.participants.get(speaker));
            }
        }
    }
    let coder = Coder::of(study).shown()?;
    let mut suggestions = coder.study(study, &loaded.texts);
    suggestions.retain(|id, _| in_the_end(id));
    let _ = writeln!(
        out,
        "\nTrust. A keyword count ({KEYWORD}) finds it in {} of {} people. What do they say of it?",
        counted.len(),
        interviewed(study, Some(WAVE)).len()
    );
    let by_rules = by_rules(study, &loaded.texts, &suggestions);
    let mut by_people = read.clone();
    by_people.list.retain(|statement| in_the_end(&statement.source));
    by_people.covered.retain(|id, _| in_the_end(id));
    for (who, statements) in [("rules alone", &by_rules), ("people", &by_people)] {
        let standings = matrix::standings(study, statements, &[CODE.to_owned()]);
        let count = |standing: Standing| standings.values().filter(|s| **s == standing).count();
        let _ = writeln!(
            out,
            "  read by {:<12} present {}, absent {}, both {}, ceased {}, not mentioned {}",
            format!("{who}:"),
            count(Standing::PresentOnly),
            count(Standing::AbsentOnly),
            count(Standing::Mixed),
            count(Standing::CeasedOrReduced),
            count(Standing::NotMentioned)
        );
    }
    if let Some((source, one)) = underlined(&suggestions) {
        let (Some(record), Some(text)) = (study.sources.get(source), loaded.texts.get(source)) else { return Ok(()) };
        let turn = one.turn.saturating_sub(record.first_ordinal) as usize;
        let who = record.participants.get(text.speaker(turn)).map_or("somebody", String::as_str);
        let _ = writeln!(out, "  {who}, read by the rules as {} because of the words underlined:", one.polarity.name());
        out.push_str(&with_underline(&text.text, one));
    }
    Ok(())
}

/// What the rules suggest, as statements about everybody in these sources.
fn by_rules(
    study: &Study,
    texts: &BTreeMap<String, SourceText>,
    suggestions: &BTreeMap<String, Vec<Suggestion>>,
) -> Statements {
    let mut statements = Statements::default();
    for (id, list) in suggestions {
        let Some(text) = texts.get(id) else { continue };
        statements.list.extend(list.iter().filter_map(|one| Statement::of_suggestion(study, id, text, one)));
        statements.covered.insert(id.clone(), Reading::of_everything());
    }
    statements
}

/// The shortest sentence whose trigger turns the code round.
fn underlined(suggestions: &BTreeMap<String, Vec<Suggestion>>) -> Option<(&String, &Suggestion)> {
    let turned = |one: &&Suggestion| {
        let by_itself = one.trigger.is_some() && one.answers.is_none();
        one.code == CODE && one.polarity == Polarity::Absent && by_itself
    };
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

/// (c) Five rows: the strongest first, the one that differs least last.
fn five(matrix: &Matrix) -> Vec<&MatrixRow> {
    let mut rows: Vec<&MatrixRow> = matrix.rows.iter().collect();
    let size = |row: &MatrixRow| row.effect.value.map_or(0.0, f64::abs);
    let value = |row: &MatrixRow| row.effect.value.unwrap_or(0.0);
    rows.sort_by(|a, b| size(b).total_cmp(&size(a)).then(value(b).total_cmp(&value(a))).then_with(|| a.id.cmp(&b.id)));
    let least = rows.pop();
    rows.truncate(4);
    rows.extend(least);
    rows
}

/// Less than this is no difference to speak of.
const NOTHING: f64 = 0.05;

fn table(out: &mut String, matrix: &Matrix, rows: &[&MatrixRow]) {
    let name = |k: usize| matrix.groups.get(k).map_or("", |group| group.label.as_str());
    // The rule in full stands in the report; here its name.
    let rule = matrix.footer.rules.first().and_then(|rule| rule.strip_prefix("Classes: ")?.split(" (").next());
    let rule = rule.map_or_else(String::new, |rule| format!("\n({rule})"));
    let _ = writeln!(out, "\nWho says it is there, of those interviewed and measured in the end{rule}:");
    let _ =
        writeln!(out, "  {:<14} {:>10} {:>14}   difference [95 % interval]", "", name(0), format!("not {}", name(0)));
    for row in rows {
        let cell =
            |k: usize| row.cells.get(k).map_or(String::new(), |cell| format!("{}/{}", count_in_words(cell), cell.of));
        let null = row.effect.value.is_some_and(|value| value.abs() < NOTHING);
        let null = if null { "   none to speak of" } else { "" };
        let _ =
            writeln!(out, "  {:<14} {:>10} {:>14}   {}{null}", row.id, cell(0), cell(1), effect_in_words(&row.effect));
    }
    let crossing: Vec<&&MatrixRow> = rows.iter().filter(|row| row.effect.crosses_zero() == Some(true)).collect();
    if let Some((row, (low, high))) = crossing.first().and_then(|row| Some((row, row.effect.interval?))) {
        let people: usize = row.cells.iter().map(|cell| cell.of).sum();
        let how_many =
            if crossing.len() == rows.len() { "All".to_owned() } else { format!("{} of the", crossing.len()) };
        let _ = writeln!(
            out,
            "{how_many} intervals include zero. In words: for {}, anything from {:.0} points less to {:.0} points more",
            row.id,
            -100.0 * low,
            100.0 * high
        );
        let _ = writeln!(out, "among the {} fits these {people} people.", name(0));
    }
}

/// Bytes of a quotation that says something and fits on a line.
const READABLE: u32 = 85;

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
        let readable = |quote: &&CellQuote| {
            (quote.statement.span.len().abs_diff(READABLE), quote.unit.clone(), quote.statement.span)
        };
        let Some(pattern) = with.iter().filter(says).min_by_key(readable) else { continue };
        let against = others.iter().filter(says).min_by_key(readable).map(|quote| (quote, 1 - more));
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
fn missing(out: &mut String, loaded: &Loaded, matrix: &Matrix) {
    let footer = &matrix.footer;
    let origins: Vec<String> = footer.origins.iter().map(|(origin, n)| format!("{n} {origin}")).collect();
    let left = left(&loaded.study);
    let gone = footer.no_score.iter().filter(|id| left.contains(id.as_str())).count();
    let _ = writeln!(
        out,
        "\nNot in this table: {gone} who left, {} who stayed and were not measured, {} measured and not interviewed; {} focus groups.",
        footer.no_score.len() - gone,
        footer.no_interview.len(),
        footer.focus_groups_left_out
    );
    let _ = writeln!(
        out,
        "Set aside: {} statements about the time before, {} hypothetical, {} about others.",
        footer.set_aside, footer.hypothetical, footer.of_others
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
    let _ = writeln!(out, "See why:            themata --study {dir} quotes --cell '{cell}'");
    let _ = writeln!(
        out,
        "Use my own files:   themata init my-study && themata --study my-study import interviews/ scores.csv codebook.toml"
    );
}
