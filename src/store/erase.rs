//! Withdrawal and erasure: hiding a participant, and removing for good what a participant said.
//!
//! Owns the order of the work: plan, one operation that removes everything, snapshots done likewise, traces on disk
//! wiped. What there is to remove is worked out in `erasure_plan`. Cut off half-way, it is finished when the study is
//! opened next.

use super::erasure_plan::Plan;
use super::lock::Lock;
use super::operation::{Draft, Edit, Lists, OperationKind};
use super::place::Warning;
use super::words::Words;
use super::{Store, StoreError, snapshot};
use crate::model::{Participant, Record, Source};
use std::path::{Path, PathBuf};

/// What an erasure did, and what is left for a person to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Erased {
    /// Hash of the operation.
    pub operation: String,
    /// Number of texts and values deleted.
    pub blobs: usize,
    /// Number of records removed.
    pub records: usize,
    /// Records of others that quoted, and where the quotation was replaced (`codebook 000002`).
    pub redacted: Vec<String>,
    /// Snapshots that were rewritten.
    pub snapshots: usize,
    /// Files in the study's folder that still quote, or that could not be looked into: delete or mend them.
    pub exports: Vec<PathBuf>,
    /// Hashes of operations whose command or reason quotes: these are part of the chain and stay.
    pub commands: Vec<String>,
}

impl Store {
    /// Hides a participant everywhere, with one operation; the texts stay in the folder. Gives its hash, or none when
    /// the participant is withdrawn already.
    pub fn withdraw(&mut self, id: &str, command: &str, reason: Option<&str>) -> Result<Option<String>, StoreError> {
        let written = self.write("withdrawing a participant", || {
            let mut person: Participant = match self.get(id)? {
                Some(person) => person,
                None if self.speaks_somewhere(id)? => Participant::default(),
                None => return Err(StoreError::UnknownParticipant { id: id.to_owned() }),
            };
            if std::mem::replace(&mut person.withdrawn, true) {
                return Ok(None);
            }
            let unstorable = |source| StoreError::Unstorable { kind: Participant::KIND, id: id.to_owned(), source };
            let after = self.insert_blob(&serde_json::to_vec(&person).map_err(unstorable)?)?;
            let before = self.value(Participant::KIND, id)?;
            let edit = Edit { kind: Participant::KIND.to_owned(), id: id.to_owned(), before, after: Some(after) };
            let lists = Lists { edits: vec![edit], ..Lists::default() };
            let (kind, participant) = (OperationKind::Withdrawal, Some(id));
            let draft = Draft { kind, command, reason, batch: None, of: Vec::new(), participant, lists };
            self.append(self.seal(draft)?).map(Some)
        })?;
        Ok(written.map(|(hash, seq)| {
            self.wrote(seq);
            hash
        }))
    }

    /// Files beside the database that quote a participant, or that cannot be looked into.
    pub fn files_about(&self, id: &str) -> Result<Vec<PathBuf>, StoreError> {
        Ok(self.files_that_quote(&Plan::make(self, id)?.words))
    }

    /// Removes for good what a participant said and scored: texts, originals, notes, codings, values, also from the
    /// history, the snapshots and the free space of the file. The id stays, as that of somebody who has withdrawn.
    pub fn erase(&mut self, id: &str, command: &str, reason: Option<&str>) -> Result<Erased, StoreError> {
        let plan = Plan::make(self, id)?;
        let exports = self.files_that_quote(&plan.words);
        let mut erased = match &plan.earlier {
            Some(operation) if plan.is_empty() => Erased { operation: operation.clone(), ..Erased::default() },
            _ => self.erase_here(id, command, reason, plan)?,
        };
        erased.exports = exports;
        erased.snapshots = self.erase_traces(id, command, reason)?;
        Ok(erased)
    }

    fn speaks_somewhere(&self, id: &str) -> Result<bool, StoreError> {
        let sources = self.all::<Source>()?;
        Ok(sources.values().any(|source| source.participants.values().any(|person| person == id)))
    }

    /// The one operation.
    pub(super) fn erase_here(
        &self,
        id: &str,
        command: &str,
        reason: Option<&str>,
        plan: Plan,
    ) -> Result<Erased, StoreError> {
        let (erased, seq) = self.write("erasing", || {
            let plan = if self.head()?.1 == plan.head { plan } else { Plan::make(self, id)? };
            self.erase_within(id, command, reason, &plan)
        })?;
        self.wrote(seq);
        Ok(erased)
    }

    /// The same inside a transaction that is open already.
    pub(super) fn erase_within(
        &self,
        id: &str,
        command: &str,
        reason: Option<&str>,
        plan: &Plan,
    ) -> Result<(Erased, u64), StoreError> {
        for bytes in plan.new_blobs.values() {
            self.insert_blob(bytes)?;
        }
        let mut edits = Vec::new();
        for ((kind, id), after) in &plan.edits {
            let before = self.value(kind, id)?;
            if before != *after {
                edits.push(Edit { kind: kind.clone(), id: id.clone(), before, after: after.clone() });
            }
        }
        let records = edits.iter().filter(|edit| edit.after.is_none()).count();
        let lists = Lists {
            edits,
            blobs: plan.new_texts.iter().cloned().collect(),
            erased: plan.gone.iter().cloned().collect(),
            ..Lists::default()
        };
        let (kind, participant) = (OperationKind::Erasure, Some(id));
        let draft = Draft { kind, command, reason, batch: None, of: Vec::new(), participant, lists };
        let (operation, seq) = self.append(self.seal(draft)?)?;
        let delete = "DELETE FROM blob WHERE id = ?1";
        let failed = self.failed("erasing");
        let mut delete = self.connection.prepare_cached(delete).map_err(&failed)?;
        for blob in plan.gone.iter().chain(&plan.unused) {
            delete.execute([blob]).map_err(&failed)?;
        }
        self.set_meta("erasing", Some(&id))?;
        let (blobs, redacted, commands) = (plan.gone.len(), plan.redacted.clone(), plan.commands.clone());
        Ok((Erased { operation, blobs, records, redacted, commands, ..Erased::default() }, seq))
    }

    /// Snapshots, index and free space. Gives the number of snapshots rewritten.
    pub(super) fn erase_traces(&self, id: &str, command: &str, reason: Option<&str>) -> Result<usize, StoreError> {
        let index = self.dir.join("index");
        let unfinished = |what: String| StoreError::ErasureUnfinished { what };
        if index.exists() {
            let by_hand = |error| unfinished(format!("delete the folder {} ({error})", index.display()));
            std::fs::remove_dir_all(&index).map_err(by_hand)?;
        }
        let mut rewritten = 0;
        for path in self.snapshots() {
            if let Err(error) = self.erase_in_snapshot(&path, id, command, reason) {
                // A snapshot that cannot be rewritten may not stay either.
                let by_hand = |gone| unfinished(format!("delete {} ({error}; {gone})", path.display()));
                std::fs::remove_file(&path).map_err(by_hand)?;
            } else {
                rewritten += 1;
            }
        }
        self.wipe()?;
        self.write("erasing", || self.set_meta("erasing", None))?;
        Ok(rewritten)
    }

    fn erase_in_snapshot(&self, path: &Path, id: &str, command: &str, reason: Option<&str>) -> Result<(), StoreError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let snapshot = Self::open_file(folder, path, self.environment.clone(), Lock::none(folder))?;
        match Plan::make(&snapshot, id) {
            Ok(plan) if plan.is_empty() => {}
            Ok(plan) => drop(snapshot.erase_here(id, command, reason, plan)?),
            // It was taken before anybody knew the participant.
            Err(StoreError::UnknownParticipant { .. }) => {}
            Err(error) => return Err(error),
        }
        snapshot.wipe()?;
        snapshot.write("erasing", || snapshot.set_meta("erasing", None))?;
        drop(snapshot);
        snapshot::sound(path, &self.environment)
    }

    /// Leaves nothing of deleted rows in the file or its log.
    fn wipe(&self) -> Result<(), StoreError> {
        let failed = self.failed("wiping free space");
        let retry = || StoreError::ErasureUnfinished {
            what: "close the other programs that have the study open, then open it again".to_owned(),
        };
        self.connection.execute_batch("VACUUM").map_err(|error| match failed(error) {
            StoreError::Busy { .. } => retry(),
            other => other,
        })?;
        let busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        if busy.map_err(&failed)? { Err(retry()) } else { Ok(()) }
    }

    /// Goes on with an erasure that was cut off after its operation.
    pub(super) fn finish_erasure(&mut self) -> Result<(), StoreError> {
        let Some(ids) = self.meta::<String>("erasing")? else { return Ok(()) };
        // A merge can bring several erasures at once.
        for id in ids.lines() {
            let command = format!("participant withdraw {id} --erase (finished)");
            match self.erase_traces(id, &command, None) {
                Ok(_) => {}
                Err(StoreError::ErasureUnfinished { what }) => self.warn(Warning::ErasureUnfinished { what }),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Files beside the database that quote, or that are compressed and cannot be looked into; sorted.
    fn files_that_quote(&self, words: &Words) -> Vec<PathBuf> {
        let own = |path: &Path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with("study.db") || name == "study.lock" || name == "index" || name == "backups"
        };
        let entries = |dir: &Path| std::fs::read_dir(dir).map(|e| e.flatten().collect::<Vec<_>>()).unwrap_or_default();
        let mut waiting: Vec<PathBuf> =
            entries(&self.dir).into_iter().map(|entry| entry.path()).filter(|path| !own(path)).collect();
        let mut found = Vec::new();
        while let Some(path) = waiting.pop() {
            let kind = std::fs::symlink_metadata(&path).map(|meta| meta.file_type());
            if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) {
                waiting.extend(entries(&path).into_iter().map(|entry| entry.path()));
            } else if kind.is_ok_and(|kind| kind.is_file()) && may_quote(&path, words) {
                found.push(path);
            }
        }
        found.sort();
        found
    }
}

/// XLSX, DOCX, ZIP, gzip, PDF and Parquet hide their words from a plain look.
const CLOSED: [&[u8]; 4] = [b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"PAR1"];

fn may_quote(path: &Path, words: &Words) -> bool {
    match std::fs::read(path) {
        Ok(bytes) => CLOSED.iter().any(|mark| bytes.starts_with(mark)) || words.are_in(&bytes),
        Err(_) => true,
    }
}
