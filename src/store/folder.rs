//! The study's folder and the open database in it: made, opened for writing, opened for reading.
//!
//! Owns the connection and everything that is injected (who works, the clock, the seed). What is read and written
//! through it is the business of the files beside this one.

use super::lock::Lock;
use super::place::{self, Warning};
use super::schema::{self, Unfit};
use super::{StoreError, digest};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// Name of the database in a study's folder.
const DATABASE: &str = "study.db";
const MAKING: &str = "making the study";

/// What the store does not find out for itself.
#[derive(Clone)]
pub struct Environment {
    /// Who works.
    pub actor: String,
    /// The time, UTC, RFC 3339 (`2026-03-01T10:00:00.000Z`); every operation is stamped with it.
    pub now: String,
    /// 32 random bytes; a new study draws its salt from them.
    pub seed: [u8; 32],
    /// What runs, for the sentence that another process gets while this one writes.
    pub process: String,
}

/// An open study.
pub struct Store {
    pub(super) dir: PathBuf,
    pub(super) file: PathBuf,
    pub(super) connection: Connection,
    pub(super) environment: Environment,
    pub(super) salt: digest::Key,
    pub(super) warnings: RefCell<Vec<Warning>>,
    writable: bool,
    lock: Lock,
    /// Newest operation, by arrival number, that the caller can have read.
    pub(super) seen: Cell<u64>,
    /// Operations after that one which this store wrote itself.
    pub(super) own: RefCell<BTreeSet<u64>>,
    pub(super) data_version: Cell<i64>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("file", &self.file).field("writable", &self.writable).finish_non_exhaustive()
    }
}

impl Store {
    /// Whether the folder holds a study (or a file that claims to be one).
    pub fn is_study(dir: &Path) -> bool {
        dir.join(DATABASE).is_file()
    }

    /// Makes an empty study in a folder, which is made too where it is missing, and opens it for writing.
    pub fn create(dir: &Path, environment: Environment) -> Result<Self, StoreError> {
        let salt = digest::study_salt(&environment.seed);
        place_database(dir, |file| {
            let build = || -> rusqlite::Result<()> {
                let connection = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
                schema::begin(&connection, &salt)?;
                connection.pragma_update(None, "journal_mode", "wal")?;
                connection.close().map_err(|(_, error)| error)
            };
            build().map_err(|error| explain(error, MAKING, dir, file, &Lock::none(dir)))
        })?;
        Self::open(dir, environment)
    }

    /// Opens a study for writing; an older file is brought up to date, an erasure that was cut off is finished.
    pub fn open(dir: &Path, environment: Environment) -> Result<Self, StoreError> {
        if !Self::is_study(dir) {
            return Err(StoreError::NotAStudy { dir: dir.to_owned() });
        }
        refuse_network(dir)?;
        let lock = Lock::open(dir);
        let mut store = Self::open_file(dir, &dir.join(DATABASE), environment, lock)?;
        if let Some(name) = place::sync_folder(&absolute(dir)) {
            store.warn(Warning::SyncFolder { name: name.to_owned() });
        }
        store.finish_erasure()?;
        store.snapshot_when_due();
        Ok(store)
    }

    /// Opens a study for reading: nothing in the folder changes, and a read-only disk will do.
    pub fn open_read_only(dir: &Path, environment: Environment) -> Result<Self, StoreError> {
        if !Self::is_study(dir) {
            return Err(StoreError::NotAStudy { dir: dir.to_owned() });
        }
        let file = dir.join(DATABASE);
        let network = network(dir);
        let store = Self::open_file_read_only(dir, &file, environment, network.is_some())?;
        if let Some(kind) = network {
            store.warn(Warning::NetworkFileSystem { kind });
        }
        Ok(store)
    }

    /// What the person should know about this study.
    pub fn warnings(&self) -> Vec<Warning> {
        self.warnings.borrow().clone()
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.dir
    }

    pub(super) fn warn(&self, warning: Warning) {
        self.warnings.borrow_mut().push(warning);
    }

    /// Opens a database file of ours for writing: the study's own, or a snapshot.
    pub(super) fn open_file(dir: &Path, file: &Path, environment: Environment, lock: Lock) -> Result<Self, StoreError> {
        if !is_utc(&environment.now) {
            return Err(StoreError::BadTime { now: environment.now });
        }
        let opening = "opening the study";
        let failed = |error| explain(error, opening, dir, file, &lock);
        let connection = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
        match schema::check(&connection) {
            Ok(()) => {}
            Err(Unfit::Older) => schema::migrate(&connection).map_err(failed)?,
            Err(other) => return Err(schema::unfit(other, file, failed)),
        }
        if connection.is_readonly("main").unwrap_or(false) {
            return Err(StoreError::ReadOnly { dir: dir.to_owned() });
        }
        Self::assemble(dir, file, connection, environment, true, lock)
    }

    fn open_file_read_only(
        dir: &Path,
        file: &Path,
        environment: Environment,
        as_it_lies: bool,
    ) -> Result<Self, StoreError> {
        let lock = Lock::none(dir);
        let failed = |error| explain(error, "opening the study", dir, file, &lock);
        let unfinished_log = || {
            let mut log = file.as_os_str().to_owned();
            log.push("-wal");
            std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
        };
        // A connection that could write, and is told not to, leaves no files behind: it can tidy up the log it shares.
        let tidy = || -> Result<Connection, Unfit> {
            let connection = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            schema::check(&connection)?;
            connection.pragma_update(None, "query_only", true)?;
            Ok(connection)
        };
        let lying = || -> Result<Connection, Unfit> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            let connection = connect(Path::new(&immutable_uri(file)), flags)?;
            schema::check(&connection)?;
            Ok(connection)
        };
        let first = if as_it_lies && !unfinished_log() { lying() } else { tidy() };
        let connection = match first {
            // SQLite's log wants to make files beside the database even for reading.
            Err(Unfit::Refused(error)) if cannot_write(&error) => {
                if unfinished_log() {
                    return Err(StoreError::UnfinishedLog { dir: dir.to_owned() });
                }
                lying()
            }
            other => other,
        };
        let connection = connection.map_err(|unfit| schema::unfit(unfit, file, failed))?;
        Self::assemble(dir, file, connection, environment, false, lock)
    }

    /// Opens a database file that nobody writes, such as a backup.
    pub(super) fn open_backup(file: &Path, environment: Environment) -> Result<Self, StoreError> {
        Self::open_file_read_only(file.parent().unwrap_or(Path::new("")), file, environment, true)
    }

    pub(super) fn assemble(
        dir: &Path,
        file: &Path,
        connection: Connection,
        environment: Environment,
        writable: bool,
        lock: Lock,
    ) -> Result<Self, StoreError> {
        let store = Self {
            dir: dir.to_owned(),
            file: file.to_owned(),
            connection,
            environment,
            salt: [0; 32],
            warnings: RefCell::default(),
            writable,
            lock,
            seen: Cell::new(0),
            own: RefCell::default(),
            data_version: Cell::new(0),
        };
        let failed = store.failed("opening the study");
        let salt = store.connection.query_row("SELECT value FROM meta WHERE key = 'salt'", [], |row| row.get(0));
        let salt: [u8; 32] = salt.map_err(&failed)?;
        store.data_version.set(store.read_data_version()?);
        store.seen.set(store.head()?.1);
        drop(failed);
        Ok(Self { salt, ..store })
    }

    /// Runs reads so that all of them see the study at one moment, whoever writes meanwhile.
    pub(super) fn at_one_moment<T>(&self, read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let failed = self.failed("reading the study");
        let transaction =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred).map_err(&failed)?;
        let result = read()?;
        transaction.commit().map_err(&failed)?;
        Ok(result)
    }

    /// Runs a change in one durable transaction; nothing of it stays when it fails.
    pub(super) fn write<T>(
        &self,
        doing: &'static str,
        change: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !self.writable {
            return Err(StoreError::OpenedForReading);
        }
        let _held = self.lock.hold(&self.environment.process, &self.environment.now);
        let failed = self.failed(doing);
        let transaction =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate).map_err(&failed)?;
        let result = change()?;
        transaction.commit().map_err(&failed)?;
        Ok(result)
    }

    /// Turns what SQLite says into a sentence.
    pub(super) fn failed(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError + '_ {
        move |error| explain(error, doing, &self.dir, &self.file, &self.lock)
    }

    pub(super) fn meta<T: rusqlite::types::FromSql>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let value =
            self.connection.prepare_cached(sql).and_then(|mut s| s.query_row([key], |row| row.get(0)).optional());
        value.map_err(self.failed("reading the study"))
    }

    /// Sets a local value; `None` removes it. Call inside [`Store::write`].
    pub(super) fn set_meta(&self, key: &str, value: Option<&dyn rusqlite::ToSql>) -> Result<(), StoreError> {
        let done = match value {
            Some(value) => {
                let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
                self.connection.prepare_cached(sql).and_then(|mut s| s.execute(params![key, value]))
            }
            None => self.connection.execute("DELETE FROM meta WHERE key = ?1", [key]),
        };
        done.map(drop).map_err(self.failed("writing the study"))
    }
}

/// Puts a new database in a folder: built under another name, so that a crash leaves either none or a whole one.
pub(super) fn place_database(
    dir: &Path,
    build: impl FnOnce(&Path) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let file = dir.join(DATABASE);
    if file.exists() {
        return Err(StoreError::AlreadyAStudy { dir: dir.to_owned() });
    }
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { dir: dir.to_owned() },
            std::io::ErrorKind::StorageFull => StoreError::DiskFull { doing: MAKING },
            _ => StoreError::File { doing: MAKING, path, source },
        }
    };
    std::fs::create_dir_all(dir).map_err(io(dir))?;
    refuse_network(dir)?;
    let unfinished = dir.join("study.db.new");
    if unfinished.exists() {
        std::fs::remove_file(&unfinished).map_err(io(&unfinished))?;
    }
    if let Err(error) = build(&unfinished) {
        // What is left of it is removed by the next attempt, if not now.
        let _ = std::fs::remove_file(&unfinished);
        return Err(error);
    }
    std::fs::rename(&unfinished, &file).map_err(io(&file))?;
    sync_folder(dir);
    Ok(())
}

/// Makes a rename durable where the system has a way to.
pub(super) fn sync_folder(dir: &Path) {
    // Windows cannot open a folder as a file; there the rename itself is durable.
    let _ = std::fs::File::open(dir).and_then(|dir| dir.sync_all());
}

pub(super) fn connect(file: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    schema::prepare(&mut connection)?;
    Ok(connection)
}

/// A path as SQLite's URI for a file that does not change while it is read.
fn immutable_uri(file: &Path) -> String {
    let path = absolute(file).to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if path.starts_with('/') { "file:" } else { "file:/" });
    for c in path.chars() {
        match c {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            c => uri.push(c),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

fn network(dir: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
    place::network_file_system(&absolute(dir), &mounts)
}

fn refuse_network(dir: &Path) -> Result<(), StoreError> {
    match network(dir) {
        Some(kind) => Err(StoreError::NetworkFileSystem { dir: dir.to_owned(), kind }),
        None => Ok(()),
    }
}

fn cannot_write(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
}

fn explain(error: rusqlite::Error, doing: &'static str, dir: &Path, file: &Path, lock: &Lock) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            StoreError::Busy { holder: lock.holder() }
        }
        Some(ErrorCode::DiskFull) => StoreError::DiskFull { doing },
        Some(ErrorCode::NotADatabase) => StoreError::NotOurs { file: file.to_owned() },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { file: file.to_owned(), doing, source: error },
        _ if is_broken_value(&error) => StoreError::Damaged { file: file.to_owned(), doing, source: error },
        Some(ErrorCode::SystemIoFailure) if no_room(&error) => StoreError::DiskFull { doing },
        _ if cannot_write(&error) => StoreError::ReadOnly { dir: dir.to_owned() },
        _ => StoreError::Database { doing, source: error },
    }
}

/// A value of another type than its column should hold, or text that is no UTF-8.
fn is_broken_value(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
    )
}

/// The shared memory of the log could not grow: SQLite calls it an input/output error.
fn no_room(error: &rusqlite::Error) -> bool {
    const IOERR_SHMSIZE: i32 = 10 | (19 << 8);
    error.sqlite_error().is_some_and(|error| error.extended_code == IOERR_SHMSIZE)
}

/// `2026-03-01T10:00:00Z`, with or without fractions of a second.
fn is_utc(now: &str) -> bool {
    let pattern = "dddd-dd-ddTdd:dd:dd";
    let Some((head, tail)) = now.split_at_checked(pattern.len()) else { return false };
    let fits = head.chars().zip(pattern.chars()).all(|(c, p)| if p == 'd' { c.is_ascii_digit() } else { c == p });
    let fraction = tail.strip_suffix('Z').map(|tail| tail.strip_prefix('.').unwrap_or(tail));
    fits && fraction.is_some_and(|digits| digits.chars().all(|c| c.is_ascii_digit()))
}
