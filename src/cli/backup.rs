//! `backup`, `restore`: the whole study in one file, and back.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::store::Store;
use std::path::PathBuf;

/// Copy the study's database to a file, checked after writing
#[derive(clap::Args)]
pub struct BackupArgs {
    /// The file to write; it must not exist
    file: PathBuf,
}

/// Make a study folder from a backup
#[derive(clap::Args)]
pub struct RestoreArgs {
    /// The backup
    file: PathBuf,
    /// The folder to make; it must be empty or missing
    dir: PathBuf,
}

/// Runs `backup`.
pub fn backup(args: &BackupArgs, session: &Session) -> Result<Outcome, CliError> {
    let (store, _) = session.reader()?;
    store.backup(&args.file).shown()?;
    session.say(&format!("backup in {}, verified", args.file.display()));
    Ok(Outcome::Done)
}

/// Runs `restore`.
pub fn restore(args: &RestoreArgs, session: &Session) -> Result<Outcome, CliError> {
    Store::restore(&args.file, &args.dir, session.environment()?).shown()?;
    session.say(&format!("study restored in {}", args.dir.display()));
    Ok(Outcome::Done)
}
