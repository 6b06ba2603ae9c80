//! `import`: files into the study. One bad file in four hundred is reported, and the other 399 go in.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::code::{FileKind, Importer, Intake, IntakeRequest, News, one_sided};
use crate::import::{self, Files, FilesError, Options, Problem, Severity};
use crate::index::Index;
use crate::report::{Table, Value, counted};
use crate::store::{Batch, Store, Study};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::path::PathBuf;

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

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let kind = kind(args)?;
    let Files { files, about_folders } = import::files(&args.paths).map_err(unreadable)?;
    let (store, study) = session.writer()?;
    let options = options(args, kind, &study)?;
    let batch_id = batch_id(session);
    let request = request(args, kind, session, &batch_id);
    let bar = ProgressBar::new(files.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("importing {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    for path in &about_folders {
        session.say(&format!("note: {} was left out: it tells about the folder; name it to import it", path.display()));
    }
    let mut importer = Importer::new(request, store, study, options, |news| bar.suspend(|| tell(session, &news)));
    let mut refused = 0;
    for path in &files {
        if let Err(problem) = importer.file(path) {
            refused += 1;
            bar.suspend(|| show_problem(session, &problem));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    closing(args, session, &importer.store, &importer.intake, refused)
}

/// Imports files that must all go in, without a word: the demonstration's own.
pub fn run_quietly(paths: Vec<PathBuf>, session: &Session) -> Result<(), CliError> {
    let args = Args::of(paths);
    let (store, study) = session.writer()?;
    let options = options(&args, FileKind::Guessed, &study)?;
    let batch_id = batch_id(session);
    let request = request(&args, FileKind::Guessed, session, &batch_id);
    let mut importer = Importer::new(request, store, study, options, |_| ());
    for path in &import::files(&args.paths).map_err(unreadable)?.files {
        importer.file(path).shown()?;
    }
    let study = Study::load(&importer.store).shown()?;
    Index::open(&importer.store, &study);
    Ok(())
}

/// What an import of these files would find wrong with them. The store is one that may be thrown away.
pub fn rehearse(paths: Vec<PathBuf>, session: &Session, store: Store) -> Result<Vec<Problem>, CliError> {
    let args = Args::of(paths);
    let files = import::files(&args.paths).map_err(unreadable)?.files;
    let study = Study::load(&store).shown()?;
    let options = options(&args, FileKind::Guessed, &study)?;
    let problems = std::cell::RefCell::new(Vec::new());
    let listen = |news: News<'_>| match news {
        News::Problem(problem) => problems.borrow_mut().push(problem.clone()),
        News::Mistake(mistake) => problems.borrow_mut().push(mistake.as_problem()),
        _ => {}
    };
    let mut importer =
        Importer::new(request(&args, FileKind::Guessed, session, "check"), store, study, options, listen);
    for path in &files {
        if let Err(problem) = importer.file(path) {
            problems.borrow_mut().push(problem);
        }
    }
    drop(importer);
    Ok(problems.into_inner())
}

fn batch_id(session: &Session) -> String {
    crate::code::record_id("b", &[&session.now, &session.coder, &session.command])
}

fn request<'a>(args: &'a Args, kind: FileKind, session: &'a Session, batch_id: &'a str) -> IntakeRequest<'a> {
    IntakeRequest {
        kind,
        columns: args.columns.as_deref(),
        coder: &session.coder,
        now: &session.now,
        round: session.round,
        batch: Batch { id: batch_id, command: &session.command, reason: session.because.as_deref() },
    }
}

fn kind(args: &Args) -> Result<FileKind, CliError> {
    let Some(name) = args.kind.as_deref() else { return Ok(FileKind::Guessed) };
    FileKind::named(name).ok_or_else(|| {
        CliError::new(format!("`{name}` is no kind of file")).hint(format!(
            "{}, codebook, instruments, reference or memos",
            import::Kind::ALL.map(|(name, _)| name).join(", ")
        ))
    })
}

fn unreadable(error: FilesError) -> CliError {
    let shown = CliError::new(error.to_string());
    match error {
        FilesError::Unreadable { near: Some(near), .. } => {
            shown.hint(format!("did you mean the instrument `{near}`? `themata score --instruments`"))
        }
        _ => shown,
    }
}

/// What is said while files come in.
fn tell(session: &Session, news: &News<'_>) {
    let drafts = |file: &str, codes: &[String]| format!("new draft codes from {file}: {}", codes.join(", "));
    match news {
        News::Problem(problem) => show_problem(session, problem),
        News::Mistake(mistake) => session.say(&format!("error: {mistake}")),
        News::Codebook(note) => session.say(&note.to_string()),
        News::Kept { file, codes } => super::codebook::say_kept(session, file, codes),
        News::NewCodes { file, codes } => session.say(&drafts(file, codes)),
        News::Remembered { file, columns } => session.say(&format!(
            "note: {file} is read as an earlier import decided for these columns: {} (--columns decides anew)",
            columns.join(",")
        )),
        News::Unread { file, columns } => session.say(&format!(
            "note: {file} has columns that are not read: {columns} (--columns says what a column holds)"
        )),
        News::Withdrawn { file, participants } => session.say(&format!(
            "{file}: rows of {} were left out, because of a withdrawal",
            counted(*participants, "participant")
        )),
        News::Instruments(found) => {
            for (id, known) in *found {
                let doubt = crate::join::doubt(&format!("the key of {id}"), &known.source, known.certainty);
                doubt.into_iter().for_each(|doubt| session.say(&format!("warning: {doubt}")));
            }
        }
    }
}

fn closing(
    args: &Args,
    session: &Session,
    store: &Store,
    intake: &Intake,
    refused: usize,
) -> Result<Outcome, CliError> {
    if args.details {
        session.table(&details(&intake.reports))?;
    }
    let parts = [
        (intake.sources, "source"),
        (intake.turns, "turn"),
        (intake.participants.len(), "participant"),
        (intake.scores, "score"),
        (intake.responses, "set of answers"),
        (intake.codings, "coding"),
        (intake.memos, "memo"),
        (intake.codebooks, "codebook"),
        (intake.instruments, "instrument"),
    ];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(*n, what)).collect();
    let nothing = if refused == 0 { "nothing new" } else { "nothing" };
    session.say(&format!("imported {}", if parts.is_empty() { nothing.into() } else { parts.join(", ") }));
    if intake.unchanged > 0 {
        session.say(&format!("unchanged, because the study has them already: {}", counted(intake.unchanged, "source")));
    }
    let study = Study::load(store).shown()?;
    if intake.sources > 0 {
        // What is not indexed now is by the next search, which also says what stands in the way.
        Index::open(store, &study);
    }
    for line in unmatched(&study) {
        session.say(&line);
    }
    if refused + intake.problems > 0 {
        let (files, problems) = (counted(refused, "file"), counted(intake.problems, "problem"));
        session.say(&match (refused, intake.problems) {
            (_, 0) => format!("{files} refused"),
            (0, _) => format!("{problems}, listed above; everything else went in"),
            _ => format!("{files} refused, {problems} in the others"),
        });
    }
    for warning in store.warnings() {
        session.say(&format!("warning: {warning}"));
    }
    Ok(Outcome::of(refused + intake.problems > 0))
}

/// Ids that stand on one side only.
fn unmatched(study: &Study) -> Vec<String> {
    let list = |ids: &[String]| {
        let shown: Vec<&str> = ids.iter().take(8).map(String::as_str).collect();
        let more = if ids.len() > 8 { format!(" and {} more", ids.len() - 8) } else { String::new() };
        format!("{}{more}", shown.join(", "))
    };
    let line = |ids: &[String], from: &str, verbs: [&str; 2], to: &str| {
        let verb = if ids.len() == 1 { verbs[0] } else { verbs[1] };
        let who = counted(ids.len(), "participant");
        (!ids.is_empty()).then(|| format!("{who} of the {from} {verb} in no {to}: {}", list(ids)))
    };
    let [silent, unknown] = one_sided(study);
    let lines =
        [line(&silent, "tables", ["speaks", "speak"], "source"), line(&unknown, "sources", ["is", "are"], "table")];
    lines.into_iter().flatten().collect()
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

fn options(args: &Args, kind: FileKind, study: &Study) -> Result<Options, CliError> {
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
        kind: match kind {
            FileKind::Data(kind) => Some(kind),
            _ => None,
        },
        // A table of codings has columns of its own, read with it.
        columns: match kind {
            FileKind::Reference => None,
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
