//! The tables of `study.db` and how an older file becomes a newer one.
//!
//! `application_id` says that the file is ours, `user_version` which of the steps below it has been through.

use super::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::path::Path;
use std::time::Duration;

/// "thmt" in ASCII.
const APPLICATION: i64 = 0x7468_6d74;

/// Step k takes a file from version k to k + 1. A step that was released is never edited.
const STEPS: [&str; 1] = ["
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE blob (id TEXT PRIMARY KEY, salt BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE operation (
    seq INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, parents TEXT NOT NULL, actor TEXT NOT NULL, time TEXT NOT NULL,
    command TEXT NOT NULL, reason TEXT, batch TEXT, payload TEXT NOT NULL
) STRICT;
CREATE INDEX operation_batch ON operation (batch) WHERE batch IS NOT NULL;
CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
CREATE TABLE erased (blob TEXT PRIMARY KEY, operation TEXT NOT NULL REFERENCES operation (hash)) STRICT, WITHOUT ROWID;
"];

/// How often a writer looks again whether another one has ended, a millisecond apart: about five seconds in all.
/// SQLite's own waiting looks so rarely in the end that a busy import can keep a coder out.
const PATIENCE: i32 = 5_000;

/// The newest version of the file that this program knows.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Why a file cannot be used as it is.
pub(super) enum Unfit {
    /// Another program's, or no database at all.
    NotOurs,
    /// A newer version.
    Newer(i64),
    /// An older version: it must be opened for writing once.
    Older,
    /// SQLite refuses.
    Refused(rusqlite::Error),
}

impl From<rusqlite::Error> for Unfit {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => Self::NotOurs,
            _ => Self::Refused(error),
        }
    }
}

/// What holds for every connection, whichever way it was opened.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(|looked| {
        std::thread::sleep(Duration::from_millis(1));
        looked < PATIENCE
    }))?;
    connection.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; \
         PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; \
         PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Checks that the file is ours and of the newest version.
pub(super) fn check(connection: &Connection) -> Result<(), Unfit> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    if pragma("application_id")? != APPLICATION {
        return Err(Unfit::NotOurs);
    }
    match pragma("user_version")? {
        VERSION => Ok(()),
        newer if newer > VERSION => Err(Unfit::Newer(newer)),
        _ => Err(Unfit::Older),
    }
}

/// Takes a file of any older version, or an empty one, through the steps it lacks, in one transaction.
pub(super) fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let version = transaction.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
    for step in STEPS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

/// Makes a new study in an empty database.
pub(super) fn begin(connection: &Connection, salt: &[u8; 32]) -> rusqlite::Result<()> {
    migrate(connection)?;
    let meta = "INSERT INTO meta (key, value) VALUES ('salt', ?1), ('head', ''), ('next_ordinal', 0), ('snapshots', 1)";
    connection.execute(meta, params![&salt[..]]).map(drop)
}

/// Name and definition of everything in the file, as SQLite keeps them.
pub(super) fn objects(connection: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// What [`objects`] gives for a file that nobody has meddled with.
pub(super) fn expected_objects() -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let connection = Connection::open_in_memory()?;
    migrate(&connection)?;
    objects(&connection)
}

/// The error that a person reads.
pub(super) fn unfit(unfit: Unfit, file: &Path, explain: impl FnOnce(rusqlite::Error) -> StoreError) -> StoreError {
    let file = file.to_owned();
    match unfit {
        Unfit::NotOurs => StoreError::NotOurs { file },
        Unfit::Newer(theirs) => StoreError::Newer { file, theirs, ours: VERSION },
        // Only reached where nothing may be written: otherwise the file is taken through the steps.
        Unfit::Older => StoreError::Older { file },
        Unfit::Refused(error) => explain(error),
    }
}
