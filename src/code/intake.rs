//! Files become records: each file is read as what it is, and what it brings is written, an operation for each source,
//! table, codebook. Bad files are told of, and the others go in.
//!
//! Owns which reader takes a file and what follows from it for the files after it; reading is `import`, writing is
//! `store`. What is to be said goes to whoever listens, as it is found.

use super::{Decider, memo_id, reference_records, reference_source};
use crate::import::{
    self, CodebookProblem, Import, Kind, Note, Options, Problem, Rank, Severity, SourceDraft, SourceReport, rank,
};
use crate::model::{ColumnMapping, Instrument, Memo};
use crate::store::{
    Batch, Landed, Original, Store, StoreError, Study, keep_codes_in_use, land_codebook, land_codes, land_instruments,
    land_source, land_table,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a file is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileKind {
    /// What it looks like.
    #[default]
    Guessed,
    /// A codebook.
    Codebook,
    /// Instruments.
    Instruments,
    /// A table of codings.
    Reference,
    /// A table of memos.
    Memos,
    /// Texts or a table, of this kind.
    Data(Kind),
}

impl FileKind {
    /// Reads `codebook`, `transcript` and the like.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "codebook" => Self::Codebook,
            "instruments" => Self::Instruments,
            "reference" => Self::Reference,
            "memos" => Self::Memos,
            _ => Self::Data(Kind::named(name)?),
        })
    }
}

/// Who imports, when, and as what.
#[derive(Debug, Clone)]
pub struct IntakeRequest<'a> {
    /// What the files are taken for.
    pub kind: FileKind,
    /// Columns as typed.
    pub columns: Option<&'a str>,
    /// The coder.
    pub coder: &'a str,
    /// UTC, RFC 3339.
    pub now: &'a str,
    /// The coder's round.
    pub round: u32,
    /// How the operations are written down.
    pub batch: Batch<'a>,
}

/// Something to be said while files come in.
#[derive(Debug)]
pub enum News<'a> {
    /// Something is wrong with a file.
    Problem(&'a Problem),
    /// Something is wrong with a codebook.
    Mistake(&'a CodebookProblem),
    /// Something about a codebook that went in.
    Codebook(&'a Note),
    /// Codes that codings use and a codebook lacks: they were kept.
    Kept {
        /// The file.
        file: &'a str,
        /// Their ids.
        codes: Vec<String>,
    },
    /// Draft codes that codings of a file made.
    NewCodes {
        /// The file.
        file: &'a str,
        /// Their ids.
        codes: Vec<String>,
    },
    /// Columns are read as an earlier import decided.
    Remembered {
        /// The file.
        file: &'a str,
        /// `text=words`, each.
        columns: Vec<String>,
    },
    /// Columns that are not read.
    Unread {
        /// The file.
        file: &'a str,
        /// Their names.
        columns: String,
    },
    /// Rows of withdrawn participants were left out.
    Withdrawn {
        /// The file.
        file: &'a str,
        /// How many participants.
        participants: usize,
    },
    /// Instruments that went in.
    Instruments(&'a BTreeMap<String, Instrument>),
}

/// What went in.
#[derive(Debug, Default)]
pub struct Intake {
    /// New sources.
    pub sources: usize,
    /// Their turns.
    pub turns: usize,
    /// Participants, new or with new attributes.
    pub participants: BTreeSet<String>,
    /// Scores.
    pub scores: usize,
    /// Sets of answers.
    pub responses: usize,
    /// Codings.
    pub codings: usize,
    /// Memos.
    pub memos: usize,
    /// Codebooks.
    pub codebooks: usize,
    /// Instruments.
    pub instruments: usize,
    /// Sources that the study has already.
    pub unchanged: usize,
    /// Errors in files of which the rest went in.
    pub problems: usize,
    /// Speakers, turns and words of the new sources.
    pub reports: Vec<SourceReport>,
}

/// Takes files in, one after the other.
pub struct Importer<'a> {
    request: IntakeRequest<'a>,
    /// Where everything goes.
    pub store: Store,
    study: Study,
    options: Options,
    /// What went in so far.
    pub intake: Intake,
    /// Notes that were made, once for each table header.
    noted: BTreeSet<String>,
    listen: Box<dyn FnMut(News<'_>) + 'a>,
}

/// The error for a file of which nothing could be written.
fn not_written(file: &str, error: &StoreError) -> Problem {
    Problem::error(file, format!("was not taken: {error}"))
}

fn because_of(file: &str, problems: usize) -> Problem {
    let s = if problems == 1 { "" } else { "s" };
    Problem::error(file, format!("was not taken because of {problems} problem{s}"))
}

impl<'a> Importer<'a> {
    /// An importer into a study; `listen` hears what is to be said.
    pub fn new(
        request: IntakeRequest<'a>,
        store: Store,
        study: Study,
        options: Options,
        listen: impl FnMut(News<'_>) + 'a,
    ) -> Self {
        let (intake, noted) = (Intake::default(), BTreeSet::new());
        Self { request, store, study, options, intake, noted, listen: Box::new(listen) }
    }

    fn problem(&mut self, problem: &Problem) {
        self.intake.problems += usize::from(problem.severity == Severity::Error);
        (self.listen)(News::Problem(problem));
    }

    /// Takes one file in: a path, or the name of an instrument that comes along. The error is for a file of which
    /// nothing was taken.
    pub fn file(&mut self, path: &Path) -> Result<(), Problem> {
        let file = path.to_string_lossy().into_owned();
        let name = path.file_name().map_or_else(|| file.clone(), |name| name.to_string_lossy().into_owned());
        if let Some(text) = import::comes_along(path) {
            return self.instruments(&file, &text);
        }
        let bytes = std::fs::read(path).map_err(|error| Problem::error(&file, format!("cannot be read: {error}")))?;
        let toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        let text = |bytes| String::from_utf8(bytes).map_err(|_| Problem::error(&file, "is not UTF-8 text"));
        match self.request.kind {
            FileKind::Codebook => self.codebook(&file, &text(bytes)?),
            FileKind::Instruments => self.instruments(&file, &text(bytes)?),
            FileKind::Reference => self.reference(&file, &text(bytes)?),
            FileKind::Memos => self.memos(&file, &bytes),
            FileKind::Guessed if toml => {
                let text = text(bytes)?;
                if is_instruments(&text) { self.instruments(&file, &text) } else { self.codebook(&file, &text) }
            }
            FileKind::Guessed
                if name.to_lowercase().starts_with("reference") && name.to_lowercase().ends_with(".csv") =>
            {
                self.reference(&file, &text(bytes)?)
            }
            FileKind::Guessed
                if self.request.columns.is_none() && rank(path) != Rank::Texts && import::is_memos(&file, &bytes) =>
            {
                self.memos(&file, &bytes)
            }
            FileKind::Guessed | FileKind::Data(_) => self.data(&file, &name, &bytes),
        }
    }

    /// Says once for each header how the columns of a table of texts were read, where that may surprise: some were not
    /// read, or an earlier import decided.
    fn note_columns(&mut self, file: &str, import: &Import) {
        let Some(columns) = &import.columns else { return };
        if !self.noted.insert(columns.header.clone()) {
            return;
        }
        if self.request.columns.is_none() && self.study.settings.columns.contains(columns) {
            let columns = columns.fields.iter().map(|(field, column)| format!("{field}={column}")).collect();
            (self.listen)(News::Remembered { file, columns });
        }
        if let Some(columns) = import.unread() {
            (self.listen)(News::Unread { file, columns });
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
        if let Some(columns) = columns.filter(|_| self.request.columns.is_some()) {
            self.remember(columns).map_err(written)?;
        }
        if !table.participants.is_empty() || !table.scores.is_empty() || !table.responses.is_empty() {
            let landed = land_table(&mut self.store, &mut self.study, &table, self.request.batch).map_err(written)?;
            self.intake.participants.extend(landed.participants);
            self.intake.scores += landed.scores;
            self.intake.responses += landed.responses;
            if !landed.withdrawn.is_empty() {
                (self.listen)(News::Withdrawn { file, participants: landed.withdrawn.len() });
            }
            self.options.participants.extend(table.participants.keys().cloned());
            self.options.waves = self.study.waves_in_order().into_iter().map(|(id, _)| id.to_owned()).collect();
        }
        let mut read_for: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for coding in sources.iter().flat_map(|source| &source.codings) {
            read_for.entry(coding.coder.clone()).or_default().insert(coding.code.clone());
        }
        let labels: BTreeSet<String> = read_for.values().flatten().cloned().collect();
        self.new_codes(file, &labels).map_err(written)?;
        let mut original = original.as_deref().map(Original::new);
        for draft in &sources {
            self.source(file, draft, original.as_mut(), &read_for).map_err(written)?;
        }
        Ok(())
    }

    fn new_codes(&mut self, file: &str, labels: &BTreeSet<String>) -> Result<(), StoreError> {
        let codes = land_codes(&mut self.store, &mut self.study, labels, self.request.batch)?;
        if !codes.is_empty() {
            (self.listen)(News::NewCodes { file, codes });
        }
        Ok(())
    }

    fn remember(&mut self, columns: ColumnMapping) -> Result<(), StoreError> {
        if self.study.settings.columns.contains(&columns) {
            return Ok(());
        }
        self.study.settings.columns.retain(|known| known.header != columns.header);
        self.study.settings.columns.push(columns);
        let Batch { id, command, reason } = self.request.batch;
        let mut change = self.store.change(command, reason).batch(id);
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
        let batch = self.request.batch;
        let mut landed = land_source(&mut self.store, &mut self.study, draft, original.as_deref_mut(), read_for, batch);
        if matches!(landed, Err(StoreError::ChangedMeanwhile { .. })) {
            // Somebody imports at the same time, and both bring the same wave or participant.
            self.study = Study::load(&self.store)?;
            landed = land_source(&mut self.store, &mut self.study, draft, original, read_for, batch);
        }
        match landed? {
            Landed::Added(_) => {
                self.intake.sources += 1;
                self.intake.turns += draft.segmentation.turns.len();
                self.intake.codings += draft.codings.len();
                self.intake.reports.push(import::report(draft));
            }
            Landed::AlreadyThere(_) => self.intake.unchanged += 1,
            Landed::NameTaken(id) => {
                let what = format!("the study has another text called {} ({id}); it was not taken", draft.name);
                self.problem(&Problem::error(file, what).hint("rename the file, if it is another document"));
            }
        }
        Ok(())
    }

    fn instruments(&mut self, file: &str, text: &str) -> Result<(), Problem> {
        let found = import::read_instruments(file, text).map_err(|problems| {
            problems.iter().for_each(|problem| (self.listen)(News::Problem(problem)));
            because_of(file, problems.len())
        })?;
        let landed = land_instruments(&mut self.store, &mut self.study, &found, self.request.batch);
        landed.map_err(|error| not_written(file, &error))?;
        self.intake.instruments += found.len();
        (self.listen)(News::Instruments(&found));
        self.options.instruments = self.study.instruments.clone();
        Ok(())
    }

    fn codebook(&mut self, file: &str, text: &str) -> Result<(), Problem> {
        let (mut codebook, notes) = import::read_codebook(file, text).map_err(|problems| {
            problems.iter().for_each(|problem| (self.listen)(News::Mistake(problem)));
            because_of(file, problems.len())
        })?;
        notes.iter().for_each(|note| (self.listen)(News::Codebook(note)));
        let codes: Vec<String> = keep_codes_in_use(&self.study, &mut codebook).into_iter().collect();
        if !codes.is_empty() {
            (self.listen)(News::Kept { file, codes });
        }
        if self.study.codebook.codebook != codebook {
            let landed = land_codebook(&mut self.store, &mut self.study, codebook, self.request.batch);
            landed.map_err(|error| not_written(file, &error))?;
            self.intake.codebooks += 1;
        }
        Ok(())
    }

    /// A table of codings: each row's place is looked up in the source; its coder has read what it names.
    fn reference(&mut self, file: &str, text: &str) -> Result<(), Problem> {
        let written = |error| not_written(file, &error);
        let columns = self.request.columns.map(import::parse_reference_columns).transpose();
        let columns = columns.map_err(|error| Problem::error(file, error.to_string()))?.unwrap_or_default();
        let (rows, problems) = import::read_reference(file, text, &columns)?;
        for problem in &problems {
            self.problem(problem);
        }
        let labels: BTreeSet<String> = rows.iter().flat_map(|row| row.codes.iter().cloned()).collect();
        self.new_codes(file, &labels).map_err(written)?;
        let mut texts = BTreeMap::new();
        for id in rows.iter().filter_map(|row| reference_source(&self.study, &row.source)) {
            if let Some(source) = self.study.sources.get(id).filter(|_| !texts.contains_key(id)) {
                texts.insert(id.to_owned(), self.study.text(&self.store, source).map_err(written)?);
            }
        }
        let IntakeRequest { coder, now, round, batch, .. } = self.request;
        let decider = Decider { study: &self.study, coder, now, suggestions_visible: false, round };
        let found = reference_records(&decider, &texts, file, &rows, |quote| self.store.keyed_digest(quote));
        for problem in &found.missed {
            self.problem(problem);
        }
        let mut change = self.store.change(batch.command, batch.reason).batch(batch.id);
        for (id, coding) in &found.codings {
            change.put(id, coding).map_err(written)?;
        }
        for (key, row) in &found.coverage {
            change.put(key, row).map_err(written)?;
        }
        change.commit().map_err(written)?;
        self.intake.codings += found.codings.len();
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
            self.problem(&Problem::error(file, what).at(row.line).hint(Study::NOTABLE));
        }
        let IntakeRequest { coder, now, batch, .. } = self.request;
        let mut change = self.store.change(batch.command, batch.reason).batch(batch.id);
        for row in on_something {
            let memo = Memo {
                kind: row.kind,
                on: row.on,
                text: row.text,
                author: row.author.unwrap_or_else(|| coder.to_owned()),
                written: row.written.unwrap_or_else(|| now.to_owned()),
            };
            let id = memo_id(&memo);
            if self.study.memos.get(&id) != Some(&memo) {
                change.put(&id, &memo).map_err(written)?;
                self.study.memos.insert(id, memo);
                self.intake.memos += 1;
            }
        }
        change.commit().map_err(written)?;
        Ok(())
    }
}

fn is_instruments(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("[instruments"))
}

/// Participants that tables tell of and nobody is in a source, and the other way round; nothing where one side is empty.
pub fn one_sided(study: &Study) -> [Vec<String>; 2] {
    let speaking: BTreeSet<&String> = study.sources.values().flat_map(|source| source.participants.values()).collect();
    let scored = study.scores.values().map(|score| &score.participant);
    let answered = study.responses.values().map(|row| &row.participant);
    let described = study.participants.iter().filter(|(_, person)| !person.attributes.is_empty()).map(|(id, _)| id);
    let known: BTreeSet<&String> = scored.chain(answered).chain(described).collect();
    if known.is_empty() || speaking.is_empty() {
        return [Vec::new(), Vec::new()];
    }
    let only = |here: &BTreeSet<&String>, there: &BTreeSet<&String>| here.difference(there).copied().cloned().collect();
    [only(&known, &speaking), only(&speaking, &known)]
}
