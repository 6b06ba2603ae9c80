//! `report`: one HTML file.

use super::display::computed;
use super::error::{CliError, Shown};
use super::matrix::{Loaded, Question, refuse_blinded, remember, remember_look};
use super::session::{Outcome, Session};
use crate::join::{Outcome as StudyOutcome, transitions};
use crate::matrix::model::{model, parse_formula};
use crate::matrix::{self, CurveQuestion, Family, MatrixSpec, Measure, Occasions, Rows, Within};
use crate::model::{Approach, PlannedTable, look};
use crate::report::{
    Figure, ReportPage, ReportQuote, ReportSection, ShownTests, clusters_figure, map_figure, model_table, paired_table,
    provenance, render, residuals, saturation_figure, transitions_figure,
};
use crate::store::Study;
use clap::ValueEnum;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Write one self-contained HTML file: pictures, tables, quotations behind every cell, methods
#[derive(clap::Args)]
pub struct Args {
    /// Outcomes, one section each; else those of the declared plans
    #[arg(long, value_delimiter = ',')]
    outcome: Vec<String>,
    /// These codes; all codes with rules or codings, if none is named
    #[arg(long, alias = "code", value_delimiter = ',')]
    codes: Vec<String>,
    #[command(flatten)]
    question: Question,
    /// What is compared
    #[arg(long, value_enum, default_value_t)]
    measure: Measure,
    /// Moves between classes with a picture, such as `attachment=secure,wellbeing>3.5`
    #[arg(long, value_delimiter = ',')]
    transitions: Vec<String>,
    /// A model by its formula, one for each --model; models that plans declare are shown in any case
    #[arg(long, value_name = "FORMULA")]
    model: Vec<String>,
    /// Displays of the codes: `map` (with the outcomes that have groups), `clusters`, `saturation`
    #[arg(long, value_enum, value_delimiter = ',')]
    display: Vec<Display>,
    /// The file; else exports/report.html in the study
    #[arg(long)]
    out: Option<PathBuf>,
}

/// A display of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Display {
    /// Codes and groups of the outcomes in one plane
    Map,
    /// Codes joined by the people they share
    Clusters,
    /// New codes over interviews
    Saturation,
}

/// What is asked for, and what plans of this kind declare, each once.
fn asked_and_declared(asked: &[String], study: &Study, table: PlannedTable) -> Vec<String> {
    let declared = study.plans.values().filter(|plan| plan.table == table).map(|plan| plan.outcome.clone());
    let mut known = BTreeSet::new();
    asked.iter().cloned().chain(declared).filter(|one| known.insert(one.clone())).collect()
}

impl Args {
    fn spec(&self, outcome: StudyOutcome) -> Result<MatrixSpec, CliError> {
        let mut spec = MatrixSpec::new(outcome);
        spec.rows = Rows::Codes(self.codes.clone());
        spec.measure = self.measure;
        self.question.apply(&mut spec)?;
        Ok(spec)
    }

    /// A question an outcome; where none is named, those that plans declare, as they declare them.
    fn specs(&self, study: &Study) -> Result<Vec<MatrixSpec>, CliError> {
        if !self.outcome.is_empty() {
            return self.outcome.iter().map(|text| self.spec(StudyOutcome::parse(text).shown()?)).collect();
        }
        let mut specs: Vec<MatrixSpec> = Vec::new();
        for plan in study.plans.values().filter(|plan| plan.table == PlannedTable::Outcome) {
            let mut spec = self.spec(StudyOutcome::parse(&plan.outcome).shown()?)?;
            matrix::ask_as_declared(&mut spec, plan);
            if !specs.contains(&spec) {
                specs.push(spec);
            }
        }
        Ok(specs)
    }
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    refuse_blinded(&study, session)?;
    let specs = args.specs(&study)?;
    if specs.is_empty() {
        return Err(CliError::new("say which outcomes the report is about")
            .hint("`themata report --outcome attachment.T1=secure,wellbeing.change`; `themata score` lists scores"));
    }
    let loaded = Loaded::new(&store, study)?;
    drop(store);
    let mut page = page(&loaded, &specs, String::new())?;
    let figures = figures(args, &loaded, &specs)?;
    for section in &mut page.sections {
        remember(session, &mut section.matrix)?;
    }
    for look in &figures.looks {
        remember_look(session, look)?;
    }
    let (store, _) = session.reader()?;
    page.as_of = store.log().shown()?.last().map(|op| op.time.clone()).unwrap_or_default();
    let head = store.head().shown()?;
    for section in &mut page.sections {
        section.matrix.footer.head = head.clone();
    }
    page.figures = figures.shown;
    page.declared_figures = figures.declared_beforehand;
    page.figures.iter_mut().for_each(|figure| figure.table.note(provenance(&loaded.study, &head)));
    page.unanswered = unanswered(&loaded.study, &page.sections, &figures.answered);
    page.deviations.extend(figures.deviations);
    let file = match &args.out {
        Some(file) => file.clone(),
        None => session.folder()?.join("exports").join("report.html"),
    };
    write_file(&file, render(&page).as_bytes())?;
    session.say(&format!("report in {}", file.display()));
    Ok(Outcome::Done)
}

/// Models, moves and displays of a report, and what they stand for.
#[derive(Default)]
struct Figures {
    shown: Vec<Figure>,
    /// What was looked at.
    looks: Vec<String>,
    /// Plans that they answer.
    answered: BTreeSet<String>,
    /// One of these plans came before anybody looked.
    declared_beforehand: bool,
    /// Where they depart from plans.
    deviations: Vec<String>,
}

impl Figures {
    fn answers(&mut self, plan: &str, beforehand: bool) {
        self.answered.insert(plan.to_owned());
        self.declared_beforehand |= beforehand;
    }

    fn declared(&mut self, about: &str, family: Option<&Family>, deviations: &[String]) {
        if let Some(family) = family {
            self.answers(&family.plan, family.beforehand);
        }
        self.deviations.extend(deviations.iter().map(|line| format!("{about}: {line}")));
    }
}

fn figures(args: &Args, loaded: &Loaded, specs: &[MatrixSpec]) -> Result<Figures, CliError> {
    let study = &loaded.study;
    let mut found = Figures::default();
    let spec = args.spec(StudyOutcome::everybody())?;
    let statements = loaded.statements(&spec)?;
    let filter = loaded.filter(&spec, &statements)?;
    let inputs = loaded.inputs(&statements, filter.as_ref());
    // A formula names its own codes and measures.
    let plain = MatrixSpec { measure: Measure::Presence, rows: Rows::Codes(Vec::new()), ..spec.clone() };
    for text in asked_and_declared(&args.model, study, PlannedTable::Model) {
        let formula = parse_formula(&text).shown()?;
        let asked = matrix::fit_as_declared(study, &text);
        let fitted = model(&inputs, &plain, &formula, asked);
        let fitted = match fitted {
            Ok(fitted) => fitted,
            Err(error) if args.model.contains(&text) => return Err(CliError::new(format!("{text}: {error}"))),
            Err(error) => {
                found.deviations.push(format!("{text}: not fitted, because {error}"));
                continue;
            }
        };
        found.looks.push(look(PlannedTable::Model, &text));
        found.declared(&text, fitted.family.as_ref(), &fitted.deviations);
        let table = model_table(&fitted, None, &formula, study, false);
        let svg = (!fitted.diagnostics.residuals.is_empty()).then(|| residuals(&fitted));
        found.shown.push(Figure { table, svg, caption: String::new() });
    }
    for (k, text) in asked_and_declared(&args.transitions, study, PlannedTable::Transitions).iter().enumerate() {
        let outcome = StudyOutcome::parse(text).shown()?;
        let moved = transitions(study, &loaded.scores, &outcome, None, None).shown()?;
        let declared = matrix::planned_transitions(study, &loaded.late_plans, &outcome);
        found.looks.push(look(PlannedTable::Transitions, text));
        if let Some(declared) = &declared {
            found.answers(&declared.plan, declared.beforehand);
        }
        found.shown.push(transitions_figure(&format!("moves-{k}"), &moved, &ShownTests::of(declared)));
    }
    for plan in study.plans.values().filter(|plan| plan.table == PlannedTable::By) {
        let Some(occasions) = Occasions::parse(&plan.outcome) else { continue };
        let mut asked = spec.clone();
        matrix::ask_as_declared(&mut asked, plan);
        let kept = loaded.kept(&asked, &statements)?;
        let paired = matrix::paired(&loaded.inputs(&statements, kept.as_ref()), &asked, &occasions).shown()?;
        found.looks.push(look(PlannedTable::By, &plan.outcome));
        found.declared(&plan.outcome, paired.family.as_ref(), &paired.deviations);
        found.shown.push(Figure { table: paired_table(&paired), svg: None, caption: String::new() });
    }
    for display in &args.display {
        found.shown.push(match display {
            Display::Map => {
                let outcomes: Vec<StudyOutcome> =
                    specs.iter().map(|spec| spec.outcome.clone()).filter(StudyOutcome::is_group).collect();
                map_figure(&computed(matrix::code_map(&inputs, &spec, &outcomes).shown()?)?)
            }
            Display::Clusters => {
                let found = matrix::clusters(&inputs, &spec, &loaded.texts, Within::default()).shown()?;
                clusters_figure(&computed(found)?)
            }
            Display::Saturation => {
                saturation_figure(&computed(matrix::curve(&inputs, &spec, CurveQuestion::default()).shown()?)?)
            }
        });
    }
    Ok(found)
}

/// Declared plans that nothing in the report answers.
fn unanswered(study: &Study, sections: &[ReportSection], answered: &BTreeSet<String>) -> Vec<String> {
    let families = sections.iter().filter_map(|section| section.matrix.family.as_ref());
    let of_sections: BTreeSet<&str> = families.map(|family| family.plan.as_str()).collect();
    let open = study.plans.iter().filter(|(id, _)| !of_sections.contains(id.as_str()) && !answered.contains(*id));
    open.map(|(id, plan)| format!("plan {id} ({}) is not reported as it was declared", plan.outcome)).collect()
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
        unanswered: unanswered(study, &sections, &BTreeSet::new()),
        sections,
        figures: Vec::new(),
        declared_figures: false,
        deviations: Vec::new(),
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
