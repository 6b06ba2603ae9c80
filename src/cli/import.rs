//! `import`: files into the study. One bad file in four hundred is reported, and the other 399 go in.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::code::{Decider, Judgement, find_quote};
use crate::import::{self, Import, Kind, Options, Problem, Severity, SourceDraft, read_codebook, read_instruments};
use crate::index::Index;
use crate::model::{Coding, Origin, Qualifiers, Visible};
use crate::report::{Table, counted};
use crate::store::{
    Batch, Landed, Store, StoreError, Study, land_codebook, land_codes, land_instruments, land_source, land_table,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Bring in transcripts, participants, scores, instruments, codebooks, reference codings; the kind is detected
#[derive(clap::Args)]
pub struct Args {
    /// Files or folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// What it is, if the guess is wrong: transcript, webvtt, subrip, table, json, wordpress, ris, codebook, instruments, reference
    #[arg(long = "as", value_name = "KIND")]
    kind: Option<String>,
    /// Which columns hold what: `speaker=who,text=words,source=file,attr:site=place,code:expert=behaviour`
    #[arg(long)]
    columns: Option<String>,
    /// Roles of speaker labels: `therapist=participant,Dan=interviewer`
    #[arg(long)]
    roles: Option<String>,
    /// How file names tell participant and wave: `{participant}_{wave}.txt`
    #[arg(long)]
    file_name: Option<String>,
    /// A table source,speaker,participant,role,wave that says who is who
    #[arg(long)]
    speakers: Option<PathBuf>,
    /// Language of these files
    #[arg(long)]
    language: Option<String>,
    /// Print speakers, turns, words and share of talk of every source
    #[arg(long)]
    details: bool,
}

/// What went in, for the closing line.
#[derive(Default)]
struct Landing {
    sources: usize,
    turns: usize,
    participants: usize,
    scores: usize,
    responses: usize,
    codings: usize,
    codebooks: usize,
    instruments: usize,
    unchanged: usize,
    problems: usize,
    refused: usize,
    reports: Vec<import::SourceReport>,
}

/// One run of the verb.
struct Importer<'a> {
    args: &'a Args,
    session: &'a Session,
    store: Store,
    study: Study,
    options: Options,
    batch: Batch<'a>,
    landing: Landing,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let files = files(&args.paths)?;
    let (store, study) = session.writer()?;
    let options = options(args, &study)?;
    let batch_id = crate::code::record_id("b", &[&session.now, &session.coder, &session.command]);
    let batch = Batch { id: &batch_id, command: &session.command, reason: session.because.as_deref() };
    let mut importer = Importer { args, session, store, study, options, batch, landing: Landing::default() };
    let bar = ProgressBar::new(files.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("importing {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    // Tables and codebooks first: they say who the participants are and which waves and codes there are.
    let mut ordered: Vec<&PathBuf> = files.iter().collect();
    ordered.sort_by_key(|path| (rank(path), (*path).clone()));
    for path in ordered {
        if let Err(problem) = bar.suspend(|| importer.file(path)) {
            importer.landing.refused += 1;
            bar.suspend(|| show_problem(session, &problem));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    closing(args, session, &importer.store, &importer.landing)
}

/// Imports files that must all go in, without a word: the demonstration's own.
pub fn run_quietly(paths: Vec<PathBuf>, session: &Session) -> Result<(), CliError> {
    let args = Args {
        paths,
        kind: None,
        columns: None,
        roles: None,
        file_name: None,
        speakers: None,
        language: None,
        details: false,
    };
    let (store, study) = session.writer()?;
    let options = options(&args, &study)?;
    let batch_id = crate::code::record_id("b", &[&session.now, &session.coder, &session.command]);
    let batch = Batch { id: &batch_id, command: &session.command, reason: None };
    let mut importer = Importer { args: &args, session, store, study, options, batch, landing: Landing::default() };
    let mut ordered: Vec<&PathBuf> = args.paths.iter().collect();
    ordered.sort_by_key(|path| (rank(path), (*path).clone()));
    for path in ordered {
        importer.file(path).shown()?;
    }
    let study = Study::load(&importer.store).shown()?;
    Index::open(&importer.store, &study);
    Ok(())
}

fn closing(args: &Args, session: &Session, store: &Store, landing: &Landing) -> Result<Outcome, CliError> {
    if args.details {
        session.table(&details(&landing.reports))?;
    }
    let parts = [
        (landing.sources, "source"),
        (landing.turns, "turn"),
        (landing.participants, "participant"),
        (landing.scores, "score"),
        (landing.responses, "set of answers"),
        (landing.codings, "coding"),
        (landing.codebooks, "codebook"),
        (landing.instruments, "instrument"),
    ];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(*n, what)).collect();
    let nothing = if landing.refused == 0 { "nothing new" } else { "nothing" };
    session.say(&format!("imported {}", if parts.is_empty() { nothing.into() } else { parts.join(", ") }));
    if landing.unchanged > 0 {
        session
            .say(&format!("unchanged, because the study has them already: {}", counted(landing.unchanged, "source")));
    }
    let study = Study::load(store).shown()?;
    if landing.sources > 0 {
        // What is not indexed now is by the next search, which also says what stands in the way.
        Index::open(store, &study);
    }
    for line in unmatched(&study) {
        session.say(&line);
    }
    if landing.refused + landing.problems > 0 {
        let (files, problems) = (counted(landing.refused, "file"), counted(landing.problems, "problem"));
        session.say(&match (landing.refused, landing.problems) {
            (_, 0) => format!("{files} refused"),
            (0, _) => format!("{problems}, listed above; everything else went in"),
            _ => format!("{files} refused, {problems} in the others"),
        });
    }
    for warning in store.warnings() {
        session.say(&format!("warning: {warning}"));
    }
    Ok(Outcome::of(landing.refused + landing.problems > 0))
}

/// Ids that stand on one side only.
fn unmatched(study: &Study) -> Vec<String> {
    let speaking: BTreeSet<&str> =
        study.sources.values().flat_map(|source| source.participants.values().map(String::as_str)).collect();
    let scored: BTreeSet<&str> = study
        .scores
        .values()
        .map(|score| score.participant.as_str())
        .chain(study.responses.values().map(|row| row.participant.as_str()))
        .collect();
    let described: BTreeSet<&str> = study
        .participants
        .iter()
        .filter(|(_, person)| !person.attributes.is_empty())
        .map(|(id, _)| id.as_str())
        .collect();
    let known: BTreeSet<&str> = scored.union(&described).copied().collect();
    let mut lines = Vec::new();
    if known.is_empty() || speaking.is_empty() {
        return lines;
    }
    let list = |ids: Vec<&str>| {
        let shown: Vec<&str> = ids.iter().take(8).copied().collect();
        let more = if ids.len() > 8 { format!(" and {} more", ids.len() - 8) } else { String::new() };
        format!("{}{more}", shown.join(", "))
    };
    let silent: Vec<&str> = known.difference(&speaking).copied().collect();
    if !silent.is_empty() {
        let verb = if silent.len() == 1 { "speaks" } else { "speak" };
        lines.push(format!(
            "{} of the tables {verb} in no source: {}",
            counted(silent.len(), "participant"),
            list(silent)
        ));
    }
    let unknown: Vec<&str> = speaking.difference(&known).copied().collect();
    if !unknown.is_empty() {
        let verb = if unknown.len() == 1 { "is" } else { "are" };
        lines.push(format!(
            "{} of the sources {verb} in no table: {}",
            counted(unknown.len(), "participant"),
            list(unknown)
        ));
    }
    lines
}

fn details(reports: &[import::SourceReport]) -> Table {
    let columns = ["source", "speaker", "role", "participant", "turns", "words", "unassigned lines", "minutes"];
    let mut table = Table::new("", &columns);
    for report in reports {
        for speaker in &report.speakers {
            table.row([
                report.name.as_str().into(),
                speaker.label.as_str().into(),
                format!("{:?}", speaker.role).to_lowercase().into(),
                speaker.participant.clone().into(),
                speaker.turns.into(),
                speaker.words.into(),
                report.unassigned_lines.into(),
                report
                    .duration_ms
                    .map(|ms| crate::report::Value::Number(ms as f64 / 60_000.0, 1))
                    .unwrap_or(crate::report::Value::Empty),
            ]);
        }
    }
    table
}

fn show_problem(session: &Session, problem: &Problem) {
    let word = if problem.severity == Severity::Error { "error" } else { "warning" };
    session.say(&format!("{word}: {problem}"));
    if !problem.hint.is_empty() {
        session.say(&format!("  hint: {}", problem.hint));
    }
}

/// All files that the paths name; folders are walked, hidden files left out.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    while let Some(path) = waiting.pop() {
        let about = std::fs::metadata(&path)
            .map_err(|error| CliError::new(format!("cannot read {}: {error}", path.display())))?;
        if !about.is_dir() {
            found.push(path);
            continue;
        }
        let entries = std::fs::read_dir(&path)
            .map_err(|error| CliError::new(format!("cannot list {}: {error}", path.display())))?;
        let mut inside: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        inside.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
        inside.sort();
        waiting.extend(inside.into_iter().rev());
    }
    if found.is_empty() {
        return Err(CliError::new("these folders hold no file"));
    }
    Ok(found)
}

fn rank(path: &Path) -> u8 {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    match path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).as_deref() {
        Some("toml") => 0,
        Some("csv" | "tsv") if name.starts_with("reference") => 3,
        Some("csv" | "tsv") => 1,
        _ => 2,
    }
}

fn options(args: &Args, study: &Study) -> Result<Options, CliError> {
    let kind = match args.kind.as_deref() {
        None | Some("codebook" | "instruments" | "reference") => None,
        Some(name) => Some(Kind::named(name).ok_or_else(|| {
            CliError::new(format!("`{name}` is no kind of file"))
                .hint(format!("{}, codebook, instruments or reference", Kind::ALL.map(|(name, _)| name).join(", ")))
        })?),
    };
    let mut roles = study.settings.roles.clone();
    if let Some(text) = &args.roles {
        roles.extend(import::parse_roles(text).shown()?);
    }
    let speakers = match &args.speakers {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| CliError::new(format!("cannot read {}: {error}", path.display())))?;
            import::parse_speakers(&text).shown()?
        }
        None => Vec::new(),
    };
    let language = args.language.clone().or_else(|| study.settings.languages.first().cloned());
    Ok(Options {
        kind,
        columns: args.columns.as_deref().map(import::parse_columns).transpose().shown()?,
        remembered: study.settings.columns.clone(),
        roles,
        file_name: args.file_name.as_deref().map(import::NamePattern::parse).transpose().shown()?,
        speakers,
        language: language.unwrap_or_else(|| "en".into()),
        waves: study.waves_in_order().into_iter().map(|(id, _)| id.to_owned()).collect(),
        participants: study.participants.keys().cloned().collect(),
        instruments: study.instruments.clone(),
        ranges: BTreeMap::new(),
    })
}

/// The error for a file of which nothing could be written.
fn not_written(file: &str, error: &StoreError) -> Problem {
    Problem::error(file, format!("was not taken: {error}"))
}

fn is_instruments(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("[instruments"))
}

impl Importer<'_> {
    fn problem(&mut self, problem: &Problem) {
        show_problem(self.session, problem);
        self.landing.problems += usize::from(problem.severity == Severity::Error);
    }

    fn file(&mut self, path: &Path) -> Result<(), Problem> {
        let file = path.to_string_lossy().into_owned();
        let name = path.file_name().map_or_else(|| file.clone(), |name| name.to_string_lossy().into_owned());
        let bytes = std::fs::read(path).map_err(|error| Problem::error(&file, format!("cannot be read: {error}")))?;
        let toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        let text = |bytes| String::from_utf8(bytes).map_err(|_| Problem::error(&file, "is not UTF-8 text"));
        match self.args.kind.as_deref() {
            Some("codebook") => self.codebook(&file, &text(bytes)?),
            Some("instruments") => self.instruments(&file, &text(bytes)?),
            Some("reference") => self.reference(&file, &text(bytes)?),
            None if toml => {
                let text = text(bytes)?;
                if is_instruments(&text) { self.instruments(&file, &text) } else { self.codebook(&file, &text) }
            }
            None if name.to_lowercase().starts_with("reference") && name.to_lowercase().ends_with(".csv") => {
                self.reference(&file, &text(bytes)?)
            }
            _ => self.data(&file, &name, &bytes),
        }
    }

    fn data(&mut self, file: &str, name: &str, bytes: &[u8]) -> Result<(), Problem> {
        let Import { sources, table, original, columns, problems } = import::read(name, bytes, &self.options)?;
        for problem in &problems {
            self.problem(problem);
        }
        let written = |error| not_written(file, &error);
        if let Some(columns) = columns.filter(|_| self.args.columns.is_some()) {
            self.remember(columns).map_err(written)?;
        }
        if !table.participants.is_empty() || !table.scores.is_empty() || !table.responses.is_empty() {
            let landed = land_table(&mut self.store, &mut self.study, &table, self.batch).map_err(written)?;
            self.landing.participants += landed.participants;
            self.landing.scores += landed.scores;
            self.landing.responses += landed.responses;
            if !landed.withdrawn.is_empty() {
                let who = counted(landed.withdrawn.len(), "participant");
                self.session.say(&format!("{file}: rows of {who} were left out, because of a withdrawal"));
            }
            self.options.participants.extend(table.participants.keys().cloned());
            self.options.waves = self.study.waves_in_order().into_iter().map(|(id, _)| id.to_owned()).collect();
        }
        let mut read_for: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for coding in sources.iter().flat_map(|source| &source.codings) {
            read_for.entry(coding.coder.clone()).or_default().insert(coding.code.clone());
        }
        let labels: BTreeSet<String> = read_for.values().flatten().cloned().collect();
        let drafts = land_codes(&mut self.store, &mut self.study, &labels, self.batch).map_err(written)?;
        if !drafts.is_empty() {
            self.session.say(&format!("new draft codes from {file}: {}", drafts.join(", ")));
        }
        for draft in &sources {
            self.source(file, draft, original.as_deref(), &read_for).map_err(written)?;
        }
        Ok(())
    }

    fn remember(&mut self, columns: crate::model::ColumnMapping) -> Result<(), StoreError> {
        if self.study.settings.columns.contains(&columns) {
            return Ok(());
        }
        self.study.settings.columns.retain(|known| known.header != columns.header);
        self.study.settings.columns.push(columns);
        let mut change = self.store.change(self.batch.command, self.batch.reason).batch(self.batch.id);
        change.put("study", &self.study.settings)?;
        change.commit()?;
        Ok(())
    }

    fn source(
        &mut self,
        file: &str,
        draft: &SourceDraft,
        original: Option<&[u8]>,
        read_for: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<(), StoreError> {
        let mut landed = land_source(&mut self.store, &mut self.study, draft, original, read_for, self.batch);
        if matches!(landed, Err(StoreError::ChangedMeanwhile { .. })) {
            // Somebody imports at the same time, and both bring the same wave or participant.
            self.study = Study::load(&self.store)?;
            landed = land_source(&mut self.store, &mut self.study, draft, original, read_for, self.batch);
        }
        match landed? {
            Landed::Added(_) => {
                self.landing.sources += 1;
                self.landing.turns += draft.segmentation.turns.len();
                self.landing.codings += draft.codings.len();
                self.landing.reports.push(import::report(draft));
            }
            Landed::AlreadyThere(_) => self.landing.unchanged += 1,
            Landed::NameTaken(id) => {
                let what = format!("the study has another text called {} ({id}); it was not taken", draft.name);
                self.problem(&Problem::error(file, what).hint("rename the file, if it is another document"));
            }
        }
        Ok(())
    }

    fn instruments(&mut self, file: &str, text: &str) -> Result<(), Problem> {
        match read_instruments(file, text) {
            Ok(found) => {
                let landed = land_instruments(&mut self.store, &mut self.study, &found, self.batch);
                landed.map_err(|error| not_written(file, &error))?;
                self.landing.instruments += found.len();
                self.options.instruments = self.study.instruments.clone();
                Ok(())
            }
            Err(problems) => {
                problems.iter().for_each(|problem| show_problem(self.session, problem));
                Err(Problem::error(file, format!("was not taken because of {}", counted(problems.len(), "problem"))))
            }
        }
    }

    fn codebook(&mut self, file: &str, text: &str) -> Result<(), Problem> {
        match read_codebook(file, text) {
            Ok((codebook, notes)) => {
                for note in &notes {
                    self.session.say(&note.to_string());
                }
                if self.study.codebook.codebook != codebook {
                    let landed = land_codebook(&mut self.store, &mut self.study, codebook, self.batch);
                    landed.map_err(|error| not_written(file, &error))?;
                    self.landing.codebooks += 1;
                }
                Ok(())
            }
            Err(problems) => {
                for problem in &problems {
                    self.session.say(&format!("error: {problem}"));
                }
                Err(Problem::error(file, format!("was not taken because of {}", counted(problems.len(), "problem"))))
            }
        }
    }

    /// A table of codings by somebody: each row's words are looked up in the source; its coder has read every source
    /// named.
    fn reference(&mut self, file: &str, text: &str) -> Result<(), Problem> {
        let written = |error| not_written(file, &error);
        let (rows, problems) = import::read_reference(file, text)?;
        for problem in &problems {
            self.problem(problem);
        }
        let labels: BTreeSet<String> = rows.iter().map(|row| row.code.clone()).collect();
        land_codes(&mut self.store, &mut self.study, &labels, self.batch).map_err(written)?;
        let mut texts = BTreeMap::new();
        let mut records: Vec<(String, Coding)> = Vec::new();
        let mut read: BTreeSet<String> = BTreeSet::new();
        let mut missed: Vec<Problem> = Vec::new();
        let (store, session) = (&self.store, self.session);
        let decider =
            Decider { study: &self.study, coder: &session.coder, now: &session.now, suggestions_visible: false };
        for row in &rows {
            let miss = |what| Problem::error(file, what).at(row.line).hint("the row was left out; the others go in");
            let Some((id, source)) = self.study.find_source(&row.source) else {
                missed.push(miss(format!("there is no source `{}`", row.source)));
                continue;
            };
            if !texts.contains_key(id) {
                texts.insert(id.to_owned(), self.study.text(store, source).map_err(written)?);
            }
            let Some(text) = texts.get(id) else { continue };
            read.insert(id.to_owned());
            let judgement = Judgement {
                code: Some(&crate::store::code_id(&row.code)),
                polarity: row.polarity,
                qualifiers: Qualifiers { time: row.time, target: row.target.clone(), experiencer: row.experiencer },
                origin: Origin::Imported,
                note: "",
            };
            let coding = find_quote(&source.name, &text.text, &row.quote)
                .and_then(|span| decider.coding(id, &text.text, span, &judgement, |quote| store.keyed_digest(quote)));
            match coding {
                Ok((id, mut coding)) => {
                    // What its coder could see when deciding, the table does not say.
                    coding.visible = Visible::default();
                    records.push((id, coding));
                }
                Err(error) => missed.push(miss(error.to_string())),
            }
        }
        let codes: Vec<String> = labels.iter().map(|label| crate::store::code_id(label)).collect();
        let covered: Vec<_> = read.iter().map(|id| decider.cover(id, &codes)).collect();
        for problem in &missed {
            self.problem(problem);
        }
        let mut change = self.store.change(self.batch.command, self.batch.reason).batch(self.batch.id);
        for (id, coding) in &records {
            change.put(id, coding).map_err(written)?;
        }
        for (key, row) in &covered {
            change.put(key, row).map_err(written)?;
        }
        change.commit().map_err(written)?;
        self.landing.codings += records.len();
        Ok(())
    }
}
