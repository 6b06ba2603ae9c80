//! `import`: files into the study. One bad file in four hundred is reported, and the other 399 go in.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::code::{memo_id, reference_records};
use crate::import::{self, Import, Kind, Options, Problem, Severity, SourceDraft, read_codebook, read_instruments};
use crate::index::Index;
use crate::model::Memo;
use crate::report::{Table, Value, counted};
use crate::store::{
    Batch, Landed, Original, Store, StoreError, Study, land_codebook, land_codes, land_instruments, land_source,
    land_table,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Bring in transcripts, participants, scores, instruments, codebooks, reference codings; the kind is detected
#[derive(clap::Args)]
pub struct Args {
    /// Files or folders; an instrument that comes along by its name (`ecr`, `phq9`)
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// What it is, if the guess is wrong: transcript, webvtt, subrip, table, json, wordpress, ris, codebook, instruments, reference, memos
    #[arg(long = "as", value_name = "KIND")]
    kind: Option<String>,
    /// Which columns hold what: `speaker=who,text=words,source=file,attr:site=place,code:expert=behaviour`; of codings `source=file,coder=who,turn=n,code=behaviour`
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
    participants: BTreeSet<String>,
    scores: usize,
    responses: usize,
    codings: usize,
    memos: usize,
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
    /// What was wrong with the files, in the order of reading.
    problems: Vec<Problem>,
    /// Notes that were made, once for each table header.
    noted: BTreeSet<String>,
    /// Whether problems and notes are said as they are found.
    aloud: bool,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (files, left_out) = files(&args.paths)?;
    let (store, study) = session.writer()?;
    let batch_id = crate::code::record_id("b", &[&session.now, &session.coder, &session.command]);
    let batch = Batch { id: &batch_id, command: &session.command, reason: session.because.as_deref() };
    let mut importer = Importer::new(args, session, store, study, batch, true)?;
    let bar = ProgressBar::new(files.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("importing {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    for path in &left_out {
        session.say(&format!("note: {} was left out: it tells about the folder; name it to import it", path.display()));
    }
    for path in ordered(&files) {
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
    let args = Args::of(paths);
    let (store, study) = session.writer()?;
    let batch_id = crate::code::record_id("b", &[&session.now, &session.coder, &session.command]);
    let batch = Batch { id: &batch_id, command: &session.command, reason: None };
    let mut importer = Importer::new(&args, session, store, study, batch, false)?;
    for path in ordered(&args.paths) {
        importer.file(path).shown()?;
    }
    let study = Study::load(&importer.store).shown()?;
    Index::open(&importer.store, &study);
    Ok(())
}

/// What an import of these files would find wrong with them. The store is one that may be thrown away.
pub fn rehearse(paths: Vec<PathBuf>, session: &Session, store: Store) -> Result<Vec<Problem>, CliError> {
    let (paths, _) = files(&paths)?;
    let args = Args::of(paths);
    let study = Study::load(&store).shown()?;
    let batch = Batch { id: "check", command: &session.command, reason: None };
    let mut importer = Importer::new(&args, session, store, study, batch, false)?;
    for path in ordered(&args.paths) {
        if let Err(problem) = importer.file(path) {
            importer.problems.push(problem);
        }
    }
    Ok(importer.problems)
}

/// Tables and codebooks first: they say who the participants are and which waves and codes there are.
fn ordered(files: &[PathBuf]) -> Vec<&PathBuf> {
    let mut ordered: Vec<&PathBuf> = files.iter().collect();
    ordered.sort_by_key(|path| (rank(path), (*path).clone()));
    ordered
}

fn closing(args: &Args, session: &Session, store: &Store, landing: &Landing) -> Result<Outcome, CliError> {
    if args.details {
        session.table(&details(&landing.reports))?;
    }
    let parts = [
        (landing.sources, "source"),
        (landing.turns, "turn"),
        (landing.participants.len(), "participant"),
        (landing.scores, "score"),
        (landing.responses, "set of answers"),
        (landing.codings, "coding"),
        (landing.memos, "memo"),
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
        // What is told of a source as a whole stands beside its first speaker.
        for (k, speaker) in report.speakers.iter().enumerate() {
            let once = |value: Value| if k == 0 { value } else { Value::Empty };
            let minutes = report.duration_ms.map_or(Value::Empty, |ms| Value::Number(ms as f64 / 60_000.0, 1));
            table.row([
                report.name.as_str().into(),
                speaker.label.as_str().into(),
                format!("{:?}", speaker.role).to_lowercase().into(),
                speaker.participant.clone().into(),
                speaker.turns.into(),
                speaker.words.into(),
                once(report.unassigned_lines.into()),
                once(minutes),
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

/// All files that the paths name, and those of their folders that tell about the folder; hidden files are left out.
fn files(paths: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<PathBuf>), CliError> {
    let (mut found, mut about_folders) = (Vec::new(), Vec::new());
    let mut waiting: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    while let Some(path) = waiting.pop() {
        if comes_along(&path).is_some() {
            found.push(path);
            continue;
        }
        let about = std::fs::metadata(&path).map_err(|error| {
            let typed = path.to_string_lossy();
            let known = import::known_instruments();
            let near = crate::query::nearest(&typed, known.iter().map(String::as_str));
            let error = CliError::new(format!("cannot read {typed}: {error}"));
            match near {
                Some(near) => {
                    error.hint(format!("did you mean the instrument `{near}`? `themata score --instruments`"))
                }
                None => error,
            }
        })?;
        if !about.is_dir() {
            found.push(path);
            continue;
        }
        let entries = std::fs::read_dir(&path)
            .map_err(|error| CliError::new(format!("cannot list {}: {error}", path.display())))?;
        let mut inside: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        inside.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
        about_folders.extend(inside.extract_if(.., |path| tells_about_the_folder(path)));
        inside.sort();
        waiting.extend(inside.into_iter().rev());
    }
    if found.is_empty() {
        return Err(CliError::new("these folders hold no file"));
    }
    about_folders.sort();
    Ok((found, about_folders))
}

fn tells_about_the_folder(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme")) && path.is_file()
}

/// The definition of an instrument that comes with the program, where no file has that name.
fn comes_along(path: &Path) -> Option<String> {
    path.to_str().filter(|_| !path.exists()).and_then(import::known_instrument)
}

fn rank(path: &Path) -> u8 {
    if comes_along(path).is_some() {
        return 0;
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    match path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).as_deref() {
        Some("toml") => 0,
        Some("csv" | "tsv") if name.starts_with("reference") => 3,
        Some("csv" | "tsv") if name.starts_with("memos") => 4,
        Some("csv" | "tsv") => 1,
        _ => 2,
    }
}

fn options(args: &Args, study: &Study) -> Result<Options, CliError> {
    let kind = match args.kind.as_deref() {
        None | Some("codebook" | "instruments" | "reference" | "memos") => None,
        Some(name) => Some(Kind::named(name).ok_or_else(|| {
            CliError::new(format!("`{name}` is no kind of file")).hint(format!(
                "{}, codebook, instruments, reference or memos",
                Kind::ALL.map(|(name, _)| name).join(", ")
            ))
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
        // A table of codings has columns of its own, read with it.
        columns: match args.kind.as_deref() {
            Some("reference") => None,
            _ => args.columns.as_deref().map(import::parse_columns).transpose().shown()?,
        },
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

impl Args {
    /// These files, with everything guessed.
    fn of(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            kind: None,
            columns: None,
            roles: None,
            file_name: None,
            speakers: None,
            language: None,
            details: false,
        }
    }
}

impl<'a> Importer<'a> {
    fn new(
        args: &'a Args,
        session: &'a Session,
        store: Store,
        study: Study,
        batch: Batch<'a>,
        aloud: bool,
    ) -> Result<Self, CliError> {
        let options = options(args, &study)?;
        let (landing, problems, noted) = (Landing::default(), Vec::new(), BTreeSet::new());
        Ok(Self { args, session, store, study, options, batch, landing, problems, noted, aloud })
    }

    fn problem(&mut self, problem: &Problem) {
        self.landing.problems += usize::from(problem.severity == Severity::Error);
        self.show(problem);
    }

    /// Shows a problem that is not counted by itself.
    fn show(&mut self, problem: &Problem) {
        if self.aloud {
            show_problem(self.session, problem);
        }
        self.problems.push(problem.clone());
    }

    fn say(&self, text: &str) {
        if self.aloud {
            self.session.say(text);
        }
    }

    /// Says once for each header how the columns of a table of texts were read, where that may surprise: some were not
    /// read, or an earlier import decided.
    fn note_columns(&mut self, file: &str, import: &Import) {
        let Some(columns) = &import.columns else { return };
        if !self.noted.insert(columns.header.clone()) {
            return;
        }
        if self.args.columns.is_none() && self.study.settings.columns.contains(columns) {
            let read: Vec<String> = columns.fields.iter().map(|(field, column)| format!("{field}={column}")).collect();
            self.say(&format!(
                "note: {file} is read as an earlier import decided for these columns: {} (--columns decides anew)",
                read.join(",")
            ));
        }
        if let Some(unread) = import.unread() {
            self.say(&format!(
                "note: {file} has columns that are not read: {unread} (--columns says what a column holds)"
            ));
        }
    }

    fn file(&mut self, path: &Path) -> Result<(), Problem> {
        let file = path.to_string_lossy().into_owned();
        let name = path.file_name().map_or_else(|| file.clone(), |name| name.to_string_lossy().into_owned());
        if let Some(text) = comes_along(path) {
            return self.instruments(&file, &text);
        }
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
            Some("memos") => self.memos(&file, &bytes),
            None if self.args.columns.is_none() && rank(path) != 2 && import::is_memos(&file, &bytes) => {
                self.memos(&file, &bytes)
            }
            _ => self.data(&file, &name, &bytes),
        }
    }

    fn data(&mut self, file: &str, name: &str, bytes: &[u8]) -> Result<(), Problem> {
        let import = import::read(name, bytes, &self.options)?;
        self.note_columns(name, &import);
        let Import { sources, table, original, columns, problems } = import;
        for problem in &problems {
            self.problem(problem);
        }
        let written = |error| not_written(file, &error);
        if let Some(columns) = columns.filter(|_| self.args.columns.is_some()) {
            self.remember(columns).map_err(written)?;
        }
        if !table.participants.is_empty() || !table.scores.is_empty() || !table.responses.is_empty() {
            let landed = land_table(&mut self.store, &mut self.study, &table, self.batch).map_err(written)?;
            self.landing.participants.extend(landed.participants);
            self.landing.scores += landed.scores;
            self.landing.responses += landed.responses;
            if !landed.withdrawn.is_empty() {
                let who = counted(landed.withdrawn.len(), "participant");
                self.say(&format!("{file}: rows of {who} were left out, because of a withdrawal"));
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
            self.say(&format!("new draft codes from {file}: {}", drafts.join(", ")));
        }
        let mut original = original.as_deref().map(Original::new);
        for draft in &sources {
            self.source(file, draft, original.as_mut(), &read_for).map_err(written)?;
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
        mut original: Option<&mut Original<'_>>,
        read_for: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<(), StoreError> {
        let mut landed =
            land_source(&mut self.store, &mut self.study, draft, original.as_deref_mut(), read_for, self.batch);
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
                for (id, known) in &found {
                    let doubt = crate::join::doubt(&format!("the key of {id}"), &known.source, known.certainty);
                    doubt.into_iter().for_each(|doubt| self.say(&format!("warning: {doubt}")));
                }
                self.options.instruments = self.study.instruments.clone();
                Ok(())
            }
            Err(problems) => {
                problems.iter().for_each(|problem| self.show(problem));
                Err(Problem::error(file, format!("was not taken because of {}", counted(problems.len(), "problem"))))
            }
        }
    }

    fn codebook(&mut self, file: &str, text: &str) -> Result<(), Problem> {
        match read_codebook(file, text) {
            Ok((mut codebook, notes)) => {
                for note in &notes {
                    self.say(&note.to_string());
                }
                super::codebook::keep_codes_in_use(self.session, &self.study, file, &mut codebook);
                if self.study.codebook.codebook != codebook {
                    let landed = land_codebook(&mut self.store, &mut self.study, codebook, self.batch);
                    landed.map_err(|error| not_written(file, &error))?;
                    self.landing.codebooks += 1;
                }
                Ok(())
            }
            Err(problems) => {
                for problem in &problems {
                    self.say(&format!("error: {problem}"));
                    let found = Problem::error(file, problem.mistake.to_string()).at(problem
                        .place
                        .line
                        .try_into()
                        .unwrap_or(u32::MAX));
                    self.problems.push(found.hint(problem.hint.clone().unwrap_or_default()));
                }
                Err(Problem::error(file, format!("was not taken because of {}", counted(problems.len(), "problem"))))
            }
        }
    }

    /// A table of codings: each row's place is looked up in the source; its coder has read what it names.
    fn reference(&mut self, file: &str, text: &str) -> Result<(), Problem> {
        let written = |error| not_written(file, &error);
        let columns = self.args.columns.as_deref().map(import::parse_reference_columns).transpose();
        let columns = columns.map_err(|error| Problem::error(file, error.to_string()))?.unwrap_or_default();
        let (rows, problems) = import::read_reference(file, text, &columns)?;
        for problem in &problems {
            self.problem(problem);
        }
        let labels: BTreeSet<String> = rows.iter().flat_map(|row| row.codes.iter().cloned()).collect();
        let drafts = land_codes(&mut self.store, &mut self.study, &labels, self.batch).map_err(written)?;
        if !drafts.is_empty() {
            self.say(&format!("new draft codes from {file}: {}", drafts.join(", ")));
        }
        let mut texts = BTreeMap::new();
        for id in rows.iter().filter_map(|row| crate::code::reference_source(&self.study, &row.source)) {
            if let Some(source) = self.study.sources.get(id).filter(|_| !texts.contains_key(id)) {
                texts.insert(id.to_owned(), self.study.text(&self.store, source).map_err(written)?);
            }
        }
        let decider = self.session.decider(&self.study, false);
        let found = reference_records(&decider, &texts, file, &rows, |quote| self.store.keyed_digest(quote));
        for problem in &found.missed {
            self.problem(problem);
        }
        let mut change = self.store.change(self.batch.command, self.batch.reason).batch(self.batch.id);
        for (id, coding) in &found.codings {
            change.put(id, coding).map_err(written)?;
        }
        for (key, row) in &found.coverage {
            change.put(key, row).map_err(written)?;
        }
        change.commit().map_err(written)?;
        self.landing.codings += found.codings.len();
        // The next table of the same coder adds to what they have read.
        self.study.coverage.extend(found.coverage);
        Ok(())
    }

    /// A table of memos by several people: each goes in with its author and date.
    fn memos(&mut self, file: &str, bytes: &[u8]) -> Result<(), Problem> {
        let written = |error| not_written(file, &error);
        let (rows, problems) = import::read_memos(file, bytes)?;
        for problem in &problems {
            self.problem(problem);
        }
        let (on_something, others): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| self.study.can_be_noted(&row.on));
        for row in &others {
            let what = format!("there is nothing called `{}` for this memo to be on: not taken", row.on);
            self.problem(&Problem::error(file, what).at(row.line).hint(super::memo::ON));
        }
        let mut change = self.store.change(self.batch.command, self.batch.reason).batch(self.batch.id);
        for row in on_something {
            let memo = Memo {
                kind: row.kind,
                on: row.on,
                text: row.text,
                author: row.author.unwrap_or_else(|| self.session.coder.clone()),
                written: row.written.unwrap_or_else(|| self.session.now.clone()),
            };
            let id = memo_id(&memo);
            if self.study.memos.get(&id) != Some(&memo) {
                change.put(&id, &memo).map_err(written)?;
                self.study.memos.insert(id, memo);
                self.landing.memos += 1;
            }
        }
        change.commit().map_err(written)?;
        Ok(())
    }
}
