//! `study.lock`: who is writing, for the sentence that says so. SQLite's own locks decide; this file only tells.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The open lock file, where the folder allows one.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    file: Option<File>,
}

/// While it lives, the lock file names this process.
pub(super) struct Held<'a>(Option<&'a File>);

impl Lock {
    /// Opens `study.lock`; a folder that does not allow it goes without.
    pub(super) fn open(dir: &Path) -> Self {
        let path = dir.join("study.lock");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).ok();
        Self { path, file }
    }

    /// A lock that tells nobody anything: for snapshots and for reading.
    pub(super) fn none(dir: &Path) -> Self {
        Self { path: dir.join("study.lock"), file: None }
    }

    /// Writes down who is at work. Goes on without when another process holds the lock: SQLite makes us wait.
    pub(super) fn hold(&self, process: &str, since: &str) -> Held<'_> {
        let Some(file) = &self.file else { return Held(None) };
        if file.try_lock().is_err() {
            return Held(None);
        }
        // Advice that could not be written is advice that nobody gets; the work goes on.
        let _ = rewrite(file, &format!("{process}, since {since}\n"));
        Held(Some(file))
    }

    /// Who holds the lock now.
    pub(super) fn holder(&self) -> String {
        let unknown = || "another program is using it".to_owned();
        let Ok(mut file) = File::open(&self.path) else { return unknown() };
        // Text that nobody holds was left behind by a process that died.
        if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
            return unknown();
        }
        let mut text = String::new();
        match file.read_to_string(&mut text) {
            Ok(_) if !text.trim().is_empty() => format!("`{}` is writing", text.trim()),
            _ => unknown(),
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(file) = self.0 {
            // The system gives the lock back in any case when the process ends.
            let _ = rewrite(file, "");
            let _ = file.unlock();
        }
    }
}

fn rewrite(mut file: &File, text: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_named_only_while_it_holds() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (Lock::open(dir.path()), Lock::open(dir.path()));
        assert_eq!(theirs.holder(), "another program is using it");
        let held = ours.hold("import (process 7)", "2026-01-01T00:00:00Z");
        assert_eq!(theirs.holder(), "`import (process 7), since 2026-01-01T00:00:00Z` is writing");
        drop(theirs.hold("code add (process 8)", "2026-01-01T00:00:01Z"));
        assert!(theirs.holder().contains("process 7"));
        drop(held);
        assert_eq!(theirs.holder(), "another program is using it");
    }
}
