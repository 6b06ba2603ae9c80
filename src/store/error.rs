//! What can go wrong with a study on disk, each as a sentence that says what to do.

use std::io;
use std::path::PathBuf;

/// Why the store could not do what it was asked for. Nothing was written, unless the sentence says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no study in the folder.
    #[error("{} holds no study: there is no study.db in it", dir.display())]
    NotAStudy {
        /// The folder.
        dir: PathBuf,
    },
    /// A study is there already.
    #[error("{} holds a study already; nothing was changed", dir.display())]
    AlreadyAStudy {
        /// The folder.
        dir: PathBuf,
    },
    /// The file was made by another program.
    #[error("{} is not a study of themata; it was left as it is", file.display())]
    NotOurs {
        /// The file.
        file: PathBuf,
    },
    /// The file was made by a later version.
    #[error(
        "{} was written by a newer themata (store version {theirs}, this one knows versions up to {ours}): update themata to open it",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        theirs: i64,
        /// The newest version that this program knows.
        ours: i64,
    },
    /// The file was made by an earlier version and has to be brought up to date.
    #[error("{} was written by an older themata: a command that changes something brings it up to date", file.display())]
    Older {
        /// The file.
        file: PathBuf,
    },
    /// Several machines can write there at once, which SQLite's log cannot survive.
    #[error(
        "{} lies on a network file system ({kind}), where writing can destroy a study: move the folder to a local disk",
        dir.display()
    )]
    NetworkFileSystem {
        /// The folder.
        dir: PathBuf,
        /// Type of the file system.
        kind: String,
    },
    /// The folder or the medium cannot be written.
    #[error("the study in {} cannot be written: the folder or its disk is read-only", dir.display())]
    ReadOnly {
        /// The folder.
        dir: PathBuf,
    },
    /// The study was opened for reading.
    #[error("the study was opened for reading only; open it for writing to change it")]
    OpenedForReading,
    /// Changes that were never moved into the main file cannot be read where nothing can be written.
    #[error(
        "the study in {} was not closed properly and its last changes cannot be read on a read-only disk: open it once where it can be written",
        dir.display()
    )]
    UnfinishedLog {
        /// The folder.
        dir: PathBuf,
    },
    /// Another process is writing.
    #[error("the study is busy: {holder}; try again when it has ended")]
    Busy {
        /// Who, as far as is known.
        holder: String,
    },
    /// No room.
    #[error("the disk is full: nothing was written (while {doing})")]
    DiskFull {
        /// What was being done.
        doing: &'static str,
    },
    /// The file's structure is broken.
    #[error(
        "{} is damaged (found while {doing}): keep the file, and restore the newest of the snapshots in backups/",
        file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// Anything else that SQLite refuses.
    #[error("the study could not be read or written while {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// A file beside the database could not be handled.
    #[error("{} could not be handled while {doing}", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A stored record is not what its kind says.
    #[error("the stored {kind} `{id}` cannot be read: run `themata audit verify`")]
    Unreadable {
        /// Kind of record.
        kind: String,
        /// Its id.
        id: String,
        /// Where reading stopped.
        #[source]
        source: serde_json::Error,
    },
    /// A record would not come back as it went in.
    #[error("the {kind} `{id}` cannot be stored (a number in it may not be finite)")]
    Unstorable {
        /// Kind of record.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// An operation in the log is not one.
    #[error("operation {seq} of the log cannot be read: run `themata audit verify`")]
    UnreadableOperation {
        /// Arrival number.
        seq: u64,
        /// Where reading stopped.
        #[source]
        source: serde_json::Error,
    },
    /// Something stored is gone that no operation erased.
    #[error("blob {id} is missing from the study: run `themata audit verify`")]
    MissingBlob {
        /// Its id.
        id: String,
    },
    /// Something was erased for good.
    #[error("this content was erased for good by operation {operation} and does not come back")]
    Erased {
        /// The operation.
        operation: String,
    },
    /// A blob that should be text is none.
    #[error("blob {id} is not text")]
    NotText {
        /// Its id.
        id: String,
    },
    /// Somebody else wrote the same record since it was read.
    #[error("{by} changed {what} in the meantime: nothing was written; run the command again to work on the new state")]
    ChangedMeanwhile {
        /// The other actor.
        by: String,
        /// The record.
        what: String,
    },
    /// The clock of the environment is not one.
    #[error("`{now}` is no UTC time such as 2026-03-01T10:00:00Z")]
    BadTime {
        /// What was given.
        now: String,
    },
    /// There is no operation of this actor left to undo.
    #[error("there is nothing of {actor} left to undo; another coder's operation needs `--op HASH`")]
    NothingToUndo {
        /// The actor.
        actor: String,
    },
    /// There is no undo of this actor left to take back.
    #[error("there is no undo of {actor} left to take back")]
    NothingToRedo {
        /// The actor.
        actor: String,
    },
    /// No operation has such a hash.
    #[error("no operation begins with `{given}`: `themata log` lists them")]
    UnknownOperation {
        /// What was given.
        given: String,
    },
    /// Several operations do.
    #[error("several operations begin with `{given}`: give more of the hash")]
    AmbiguousOperation {
        /// What was given.
        given: String,
    },
    /// It was undone before.
    #[error("operation {operation} is undone already")]
    AlreadyUndone {
        /// The operation.
        operation: String,
    },
    /// This kind of operation stays.
    #[error(
        "operation {operation:.12} ({what}) cannot be undone; to take back an earlier one, name it as `themata log` lists it: `--op HASH`"
    )]
    StaysDone {
        /// The operation.
        operation: String,
        /// What it is.
        what: &'static str,
    },
    /// Something depends on what would go.
    #[error("this cannot be taken back, because it is used by: {}", list(dependents))]
    DependedOn {
        /// Records and operations that depend on it, sorted.
        dependents: Vec<String>,
    },
    /// Nobody has this id.
    #[error("there is no participant `{id}`: `themata participant` lists them")]
    UnknownParticipant {
        /// The id.
        id: String,
    },
    /// No source has this id.
    #[error("there is no source `{id}`: `themata source` lists them")]
    UnknownSource {
        /// The id.
        id: String,
    },
    /// A study numbers its turns up to 4,294,967,295.
    #[error("the study has used up its turn numbers")]
    OutOfOrdinals,
    /// A backup never overwrites.
    #[error("{} is there already: a backup does not overwrite", path.display())]
    BackupExists {
        /// The file.
        path: PathBuf,
    },
    /// The backup is not a sound study.
    #[error("{} is not a sound backup: {}", path.display(), list(findings))]
    BadBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        findings: Vec<String>,
    },
    /// A copy whose log or values do not hold cannot be merged.
    #[error("{} is not sound, so nothing was merged: {}", path.display(), list(findings))]
    Unsound {
        /// The study.
        path: PathBuf,
        /// What is wrong with it.
        findings: Vec<String>,
    },
    /// Another study, not another copy of this one.
    #[error(
        "{} is another study, not another copy of this one: the two have no operation in common, so they cannot be merged",
        path.display()
    )]
    Foreign {
        /// The other study.
        path: PathBuf,
    },
    /// There is nothing to decide.
    #[error("the copies do not disagree about `{what}`: nothing was merged")]
    NoConflict {
        /// Kind and id, as given.
        what: String,
    },
    /// The operation is done, cleaning up after it is not.
    #[error("the content is erased from the study, but traces may remain on disk until this is done: {what}")]
    ErasureUnfinished {
        /// What to do.
        what: String,
    },
}

const SHOWN: usize = 10;

fn list(items: &[String]) -> String {
    let mut text = items.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if items.len() > SHOWN {
        text.push_str(&format!(" and {} more", items.len() - SHOWN));
    }
    text
}
