//! What every verb gets: the study it works on, who works, the clock, where output goes.

use super::error::{CliError, Shown};
use crate::code::Decider;
use crate::index::Index;
use crate::model::Settings;
use crate::report::Format;
use crate::store::{Environment, SourceText, Store, Study};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Ended well, or with problems listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Done,
    /// Exit code 1: done, with problems listed, or a check that failed.
    Problems,
}

impl Outcome {
    /// Problems when there were any.
    pub fn of(problems: bool) -> Self {
        if problems { Self::Problems } else { Self::Done }
    }
}

/// One run of the command.
pub struct Session {
    /// `--study`.
    pub study: Option<PathBuf>,
    /// `--coder`, `THEMATA_CODER`, the study's default, or the user's name.
    pub coder: String,
    /// `--round`.
    pub round: u32,
    /// `--because`.
    pub because: Option<String>,
    /// `--format`.
    pub format: Format,
    /// Columns to print in.
    pub width: usize,
    /// UTC, RFC 3339, to the millisecond.
    pub now: String,
    /// Words of the command, for the operations log.
    pub command: String,
}

/// Environment variables that stand in for clock, user and terminal, so that the same command gives the same bytes.
const FIXED_CLOCK: &str = "THEMATA_NOW";
const FIXED_WIDTH: &str = "THEMATA_WIDTH";
const FIXED_SEED: &str = "THEMATA_SEED";
const CODER: &str = "THEMATA_CODER";
const STUDY: &str = "THEMATA_STUDY";

impl Session {
    /// Reads the environment once; nothing later does.
    pub fn new(
        study: Option<PathBuf>,
        coder: Option<String>,
        round: u32,
        because: Option<String>,
        format: Format,
        command: String,
    ) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let named = coder.or_else(|| variable(CODER));
        let by_study = named.is_none();
        let coder = named.or_else(|| variable("USER")).or_else(|| variable("USERNAME"));
        let clock = || jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let width = variable(FIXED_WIDTH).and_then(|width| width.parse().ok());
        let mut session = Self {
            study: study.or_else(|| variable(STUDY).map(PathBuf::from)),
            coder: coder.unwrap_or_else(|| "coder".into()),
            round,
            because,
            format,
            width: width.unwrap_or_else(terminal_width),
            now: variable(FIXED_CLOCK).unwrap_or_else(clock),
            command,
        };
        if by_study && let Some(coder) = session.coder_of_study() {
            session.coder = coder;
        }
        session
    }

    /// The coder that the study itself names, where there is a study that can be read.
    fn coder_of_study(&self) -> Option<String> {
        let store = Store::open_read_only(&self.folder().ok()?, self.environment().ok()?).ok()?;
        let settings: Option<Settings> = store.get("study").ok()?;
        settings.map(|settings| settings.coder).filter(|coder| !coder.is_empty())
    }

    /// The same run in another folder, by another coder.
    pub fn within(&self, study: &Path) -> Self {
        Self {
            study: Some(study.to_owned()),
            coder: self.coder.clone(),
            round: self.round,
            because: self.because.clone(),
            format: self.format,
            width: self.width,
            now: self.now.clone(),
            command: self.command.clone(),
        }
    }

    /// Who decides, and what they see.
    pub fn decider<'a>(&'a self, study: &'a Study, suggestions_visible: bool) -> Decider<'a> {
        Decider { study, coder: &self.coder, now: &self.now, suggestions_visible, round: self.round }
    }

    /// The environment that the store stamps operations with.
    pub fn environment(&self) -> Result<Environment, CliError> {
        Ok(Environment {
            actor: self.coder.clone(),
            now: self.now.clone(),
            seed: seed()?,
            process: format!("{} (process {})", self.command, std::process::id()),
        })
    }

    /// The folder of the study: `--study`, `THEMATA_STUDY`, or the nearest folder upwards that holds one.
    pub fn folder(&self) -> Result<PathBuf, CliError> {
        if let Some(dir) = &self.study {
            if Store::is_study(dir) {
                return Ok(dir.clone());
            }
            return Err(CliError::new(format!("{} holds no study", dir.display()))
                .hint(format!("make one there with `themata init {}`", dir.display())));
        }
        let here = std::env::current_dir().shown()?;
        let found = here.ancestors().find(|dir| Store::is_study(dir)).map(Path::to_owned);
        found.ok_or_else(|| {
            CliError::new("there is no study in this folder or above it")
                .hint("make one with `themata init`, or name one with `--study DIR`")
                .hint("to look around first: `themata demo`")
        })
    }

    /// Opens the study for writing.
    pub fn store(&self) -> Result<Store, CliError> {
        let store = Store::open(&self.folder()?, self.environment()?).shown()?;
        for warning in store.warnings() {
            self.say(&format!("warning: {warning}"));
        }
        Ok(store)
    }

    /// Opens the study for reading, without what it keeps from whoever looks.
    pub fn reader(&self) -> Result<(Store, Study), CliError> {
        let folder = self.folder()?;
        let store = Store::open_read_only(&folder, self.environment()?).shown()?;
        let mut study = Study::load(&store).shown()?;
        self.report_drafts(&folder, &study);
        study.keep_from(&self.coder, self.round);
        Ok((store, study))
    }

    /// Opens the study for writing and reads its state.
    pub fn writer(&self) -> Result<(Store, Study), CliError> {
        let store = self.store()?;
        let study = Study::load(&store).shown()?;
        self.report_drafts(&self.folder()?, &study);
        Ok((store, study))
    }

    /// Opens the index of a study, brought up to date.
    pub fn index(&self, store: &Store, study: &Study) -> Index {
        let mut index = Index::open(store, study);
        for note in index.notes() {
            self.say(&format!("note: {note}"));
        }
        index
    }

    /// Says what lies in the folder and does not count yet.
    fn report_drafts(&self, folder: &Path, study: &Study) {
        for line in super::draft::differences(folder, study) {
            self.say(&format!("note: {line}"));
        }
    }

    /// Prints data to stdout. A reader that went away is no error.
    pub fn print(&self, text: &str) -> Result<(), CliError> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.shown(),
        }
    }

    /// Says something to the person at the terminal, on stderr.
    pub fn say(&self, text: &str) {
        // Nobody may be there to read it, and that must not stop the work.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Puts the rules behind the classes of a listing under it; formats without notes have them said on stderr.
    pub fn rules(&self, table: &mut crate::report::Table, rules: impl IntoIterator<Item = String>) {
        for rule in rules {
            match self.format {
                Format::Table | Format::Md => table.note(rule),
                Format::Csv | Format::Json => self.say(&rule),
            }
        }
    }

    /// Says what stands under a table, where its format has no place for it.
    pub fn say_for_csv(&self, notes: &[String]) {
        if self.format == Format::Csv {
            notes.iter().for_each(|note| self.say(note));
        }
    }

    /// Prints a listing in the format asked for.
    pub fn table(&self, table: &crate::report::Table) -> Result<(), CliError> {
        self.print(&table.print(self.format, self.width))
    }
}

/// Texts of every source, by source id.
pub fn all_texts(store: &Store, study: &Study) -> Result<BTreeMap<String, SourceText>, CliError> {
    let texts = study.sources.iter().map(|(id, source)| Ok((id.clone(), study.text(store, source).shown()?)));
    let texts = texts.collect::<Result<_, CliError>>()?;
    store.release_memory().shown()?;
    Ok(texts)
}

fn terminal_width() -> usize {
    if !io::stdout().is_terminal() {
        return 120;
    }
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).unwrap_or(100).max(40)
}

/// 32 random bytes for a new study's salt; `THEMATA_SEED` (any text) stands in for them in tests.
fn seed() -> Result<[u8; 32], CliError> {
    use sha2::{Digest, Sha256};
    if let Ok(seed) = std::env::var(FIXED_SEED) {
        return Ok(Sha256::digest(seed.as_bytes()).into());
    }
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|error| CliError::new(format!("the system gave no random bytes ({error})")))?;
    Ok(seed)
}
