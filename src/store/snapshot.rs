//! Copies of the study: rotating snapshots in `backups/`, backups elsewhere, and the way back.
//!
//! A copy is made with SQLite's backup while others go on reading and writing, checked, and only then given its name.

use super::folder::{connect, place_database, sync_folder};
use super::place::Warning;
use super::{Environment, Store, StoreError};
use rusqlite::OpenFlags;
use rusqlite::backup::{Backup, StepResult};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// At most one snapshot in so many operations.
const EVERY: u64 = 100;
const KEEP_LAST: usize = 5;
const KEEP_DAYS: usize = 7;
const DOING: &str = "copying the study";

impl Store {
    /// Copies the study into a file that must not exist, and verifies the copy.
    pub fn backup(&self, path: &Path) -> Result<(), StoreError> {
        if path.exists() {
            return Err(StoreError::BackupExists { path: path.to_owned() });
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let remove = || std::fs::remove_file(&partial);
        if partial.exists() {
            remove().map_err(file_error(&partial))?;
        }
        let copied = self.copy_to(&partial).and_then(|()| sound(&partial, &self.environment));
        if let Err(error) = copied {
            // The copy is of no use; that it could not be removed matters less than why it is none.
            let _ = remove();
            return Err(error);
        }
        std::fs::rename(&partial, path).map_err(file_error(path))?;
        sync_folder(path.parent().unwrap_or(Path::new(".")));
        Ok(())
    }

    /// Makes a study folder from a backup or a snapshot, which is verified first. The folder must not hold a study.
    /// What was erased after the backup was made is in it again: then erase it again.
    pub fn restore(from: &Path, dir: &Path, environment: Environment) -> Result<Self, StoreError> {
        if !from.is_file() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(StoreError::File { doing: "restoring the study", path: from.to_owned(), source });
        }
        sound(from, &environment)?;
        let backup = Self::open_backup(from, environment.clone())?;
        place_database(dir, |file| backup.copy_to(file))?;
        Self::open(dir, environment)
    }

    /// Whether snapshots are taken by themselves (they are, unless this says no); kept with the study.
    pub fn keep_snapshots(&mut self, keep: bool) -> Result<(), StoreError> {
        self.write("changing how snapshots are kept", || self.set_meta("snapshots", Some(&keep)))
    }

    /// The snapshots, oldest first.
    pub fn snapshots(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.backups()) else { return Vec::new() };
        let files = entries.flatten().map(|entry| entry.path());
        let mut files: Vec<PathBuf> = files.filter(|path| seq_of(path).is_some()).collect();
        files.sort();
        files
    }

    /// Takes a snapshot now, and removes those that are too many; the path, or none where the newest operation is in a
    /// snapshot already.
    pub fn snapshot(&self) -> Result<Option<PathBuf>, StoreError> {
        let (_, seq) = self.head()?;
        if self.snapshots().iter().any(|path| seq_of(path) == Some(seq)) {
            return Ok(None);
        }
        let backups = self.backups();
        std::fs::create_dir_all(&backups).map_err(file_error(&backups))?;
        let path = backups.join(format!("{}-{seq:010}.db", self.environment.now.replace(':', "-")));
        self.backup(&path)?;
        let names: Vec<String> = self.snapshots().iter().filter_map(|path| name_of(path)).collect();
        for name in superfluous(&names) {
            let path = backups.join(name);
            std::fs::remove_file(&path).map_err(file_error(&path))?;
        }
        Ok(Some(path))
    }

    /// Takes a snapshot when enough was done since the last one. A study that cannot be copied can still be opened.
    pub(super) fn snapshot_when_due(&self) {
        let last = self.snapshots().iter().filter_map(|path| seq_of(path)).max().unwrap_or(0);
        if self.seen.get() >= last.saturating_add(EVERY) {
            self.snapshot_before();
        }
    }

    /// Takes a snapshot before something that removes much.
    pub(super) fn snapshot_before(&self) {
        let wanted = self.meta::<bool>("snapshots").ok().flatten().unwrap_or(true);
        if wanted && let Err(error) = self.snapshot() {
            self.warn(Warning::NoSnapshot { why: error.to_string() });
        }
    }

    fn backups(&self) -> PathBuf {
        self.dir.join("backups")
    }

    fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let failed = self.failed(DOING);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut copy = connect(path, flags).map_err(&failed)?;
        let step = Backup::new(&self.connection, &mut copy).and_then(|backup| backup.step(-1)).map_err(&failed)?;
        if step != StepResult::Done {
            return Err(StoreError::Busy { holder: "the copy could not get at it".to_owned() });
        }
        copy.close().map_err(|(_, error)| failed(error))
    }
}

/// Checks a copy from end to end.
pub(super) fn sound(path: &Path, environment: &Environment) -> Result<(), StoreError> {
    let report = Store::open_backup(path, environment.clone())?.verify()?;
    if report.is_clean() {
        return Ok(());
    }
    let findings = report.findings.iter().map(ToString::to_string).collect();
    Err(StoreError::BadBackup { path: path.to_owned(), findings })
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| match source.kind() {
        std::io::ErrorKind::StorageFull => StoreError::DiskFull { doing: DOING },
        _ => StoreError::File { doing: DOING, path, source },
    }
}

fn name_of(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// Arrival number of the newest operation in a snapshot, from its name.
fn seq_of(path: &Path) -> Option<u64> {
    name_of(path)?.strip_suffix(".db")?.rsplit_once('-')?.1.parse().ok()
}

/// Of snapshots in order of time, those that need not be kept: neither among the last few, nor the last of one of the
/// last days that have any.
fn superfluous(names: &[String]) -> Vec<&String> {
    let mut days: BTreeSet<&str> = BTreeSet::new();
    let newest_first = names.iter().rev().enumerate();
    let mut rest: Vec<&String> = newest_first
        .filter(|(k, name)| {
            let last_of_its_day = days.len() < KEEP_DAYS && days.insert(name.get(..10).unwrap_or(name));
            *k >= KEEP_LAST && !last_of_its_day
        })
        .map(|(_, name)| name)
        .collect();
    rest.reverse();
    rest
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_last_five_and_one_a_day_stay() {
        let names: Vec<String> = (1..=12)
            .flat_map(|day| (0..3).map(move |k| format!("2026-01-{day:02}T0{k}-00-00Z-{:010}.db", day * 10 + k)))
            .collect();
        let gone: BTreeSet<&String> = superfluous(&names).into_iter().collect();
        let kept: Vec<&str> = names.iter().filter(|name| !gone.contains(name)).map(|name| &name[8..13]).collect();
        // Days 12 and 11 are within the last five (three and two of them); then the last of each day back to the 6th.
        let expected = ["06T02", "07T02", "08T02", "09T02", "10T02", "11T01", "11T02", "12T00", "12T01", "12T02"];
        assert_eq!(kept, expected);
        assert!(superfluous(&names[..5]).is_empty());
    }

    #[test]
    fn only_names_that_we_make_are_snapshots() {
        assert_eq!(seq_of(Path::new("backups/2026-01-01T00-00-00Z-0000000042.db")), Some(42));
        assert_eq!(seq_of(Path::new("backups/my own copy.db")), None);
        assert_eq!(seq_of(Path::new("backups/2026-01-01T00-00-00Z-0000000042.db.partial")), None);
    }
}
