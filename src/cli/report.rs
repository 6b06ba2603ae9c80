//! `report`: one HTML file.

use super::error::{CliError, Shown};
use super::matrix::{Loaded, Question, refuse_blinded, remember};
use super::session::{Outcome, Session};
use crate::join::{Outcome as StudyOutcome, transitions};
use crate::matrix::{self, MatrixSpec, Measure, Rows};
use crate::model::Approach;
use crate::report::{ReportPage, ReportQuote, ReportSection, render};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Write one self-contained HTML file: pictures, tables, quotations behind every cell, methods
#[derive(clap::Args)]
pub struct Args {
    /// Outcomes, one section each; else those of the declared plans
    #[arg(long, value_delimiter = ',')]
    outcome: Vec<String>,
    /// These codes; all codes with rules or codings, if none is named
    #[arg(long, value_delimiter = ',')]
    codes: Vec<String>,
    #[command(flatten)]
    question: Question,
    /// What is compared
    #[arg(long, value_enum, default_value_t)]
    measure: Measure,
    /// Moves between classes with a picture, such as `attachment=secure,wellbeing>3.5`
    #[arg(long, value_delimiter = ',')]
    transitions: Vec<String>,
    /// The file; else exports/report.html in the study
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    refuse_blinded(&study, session)?;
    let mut outcomes = args.outcome.clone();
    if outcomes.is_empty() {
        let mut known = BTreeSet::new();
        outcomes = study
            .plans
            .values()
            .map(|plan| plan.outcome.clone())
            .filter(|outcome| known.insert(outcome.clone()))
            .collect();
    }
    if outcomes.is_empty() {
        return Err(CliError::new("say which outcomes the report is about")
            .hint("`themata report --outcome attachment.T1=secure,wellbeing.change`; `themata score` lists scores"));
    }
    let loaded = Loaded::new(&store, study)?;
    let mut specs = Vec::new();
    for outcome in &outcomes {
        let mut spec = MatrixSpec::new(StudyOutcome::parse(outcome).shown()?);
        spec.rows = Rows::Codes(args.codes.clone());
        spec.measure = args.measure;
        args.question.apply(&mut spec)?;
        specs.push(spec);
    }
    let mut page = page(&loaded, &specs, String::new())?;
    for text in &args.transitions {
        let outcome = StudyOutcome::parse(text).shown()?;
        page.transitions.push(transitions(&loaded.study, &loaded.scores, &outcome, None, None).shown()?);
    }
    drop(store);
    for section in &mut page.sections {
        remember(session, &mut section.matrix)?;
    }
    let (store, _) = session.reader()?;
    page.as_of = store.log().shown()?.last().map(|op| op.time.clone()).unwrap_or_default();
    for section in &mut page.sections {
        section.matrix.footer.head = store.head().shown()?;
    }
    let file = match &args.out {
        Some(file) => file.clone(),
        None => session.folder()?.join("exports").join("report.html"),
    };
    write_file(&file, render(&page).as_bytes())?;
    session.say(&format!("report in {}", file.display()));
    Ok(Outcome::Done)
}

/// Writes a file whole or not at all.
pub fn write_file(file: &std::path::Path, bytes: &[u8]) -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::new(format!("cannot write {}: {error}", file.display()));
    if let Some(dir) = file.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        std::fs::create_dir_all(dir).map_err(failed)?;
    }
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, bytes).map_err(failed)?;
    std::fs::rename(&partial, file).map_err(failed)
}

/// The report on these questions.
pub fn page(loaded: &Loaded, specs: &[MatrixSpec], as_of: String) -> Result<ReportPage, CliError> {
    let study = &loaded.study;
    let mut sections = Vec::new();
    for spec in specs {
        let statements = loaded.statements(spec)?;
        let filter = loaded.filter(spec, &statements)?;
        let inputs = loaded.inputs(&statements, filter.as_ref());
        let matrix = matrix::build(&inputs, spec).shown()?;
        let mut quotes: BTreeMap<String, Vec<ReportQuote>> = BTreeMap::new();
        for cell in matrix.rows.iter().flat_map(|row| &row.cells) {
            let (of_cell, group) = matrix::cell_spec(&cell.id).map_err(CliError::new)?;
            let found = matrix::cell_quotes(&inputs, &of_cell, &group).map_err(CliError::new)?;
            quotes.insert(cell.id.clone(), found.into_iter().map(|quote| report_quote(loaded, quote)).collect());
        }
        sections.push(ReportSection { matrix, quotes });
    }
    let answered: BTreeSet<&str> = sections
        .iter()
        .filter_map(|section| section.matrix.family.as_ref())
        .map(|family| family.plan.as_str())
        .collect();
    let unanswered = study.plans.iter().filter(|(id, _)| !answered.contains(id.as_str()));
    let unanswered = unanswered
        .map(|(id, plan)| format!("plan {id} ({}) is not reported as it was declared", plan.outcome))
        .collect();
    let words: u64 = study.sources.keys().flat_map(|id| loaded.speech.of(id, None)).map(|speech| speech.words).sum();
    let coders: std::collections::BTreeSet<&str> = study.codings.values().map(|coding| coding.coder.as_str()).collect();
    let facts = vec![
        ("Participants".to_owned(), study.participants.len().to_string()),
        ("Sources".to_owned(), study.sources.len().to_string()),
        ("Words of participants".to_owned(), words.to_string()),
        ("Codes".to_owned(), study.codebook.codebook.codes.len().to_string()),
        ("Codings".to_owned(), study.codings.len().to_string()),
        ("Coders".to_owned(), coders.into_iter().collect::<Vec<_>>().join(", ")),
    ];
    let name = if study.settings.name.is_empty() { "Study" } else { &study.settings.name };
    Ok(ReportPage {
        study: name.to_owned(),
        facts,
        sections,
        transitions: Vec::new(),
        unanswered,
        as_of,
        version: env!("CARGO_PKG_VERSION"),
        reflexive: study.settings.approach == Approach::Reflexive,
    })
}

fn report_quote(loaded: &Loaded, quote: matrix::CellQuote<'_>) -> ReportQuote {
    let statement = quote.statement;
    let source = loaded.study.sources.get(&statement.source);
    let words = loaded.texts.get(&statement.source).and_then(|text| statement.span.of(&text.text)).unwrap_or("");
    ReportQuote {
        unit: quote.unit,
        counted: quote.counted,
        standing: quote.standing.name(),
        wave: source.and_then(|source| source.wave.clone()).unwrap_or_default(),
        outcome: quote.outcome,
        polarity: statement.polarity.name(),
        id: statement.id.clone(),
        source: source.map(|source| source.name.clone()).unwrap_or_default(),
        words: crate::report::one_line(words),
    }
}
