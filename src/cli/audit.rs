//! `audit`: is every stored value what the operations say?

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use clap::Subcommand;

/// Verify the chain of operations and everything stored
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Recompute every hash, fold the operations again and compare with what is stored
    Verify,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let Verb::Verify = args.verb;
    let (store, _) = session.reader()?;
    let report = store.verify().shown()?;
    session.print(&format!("{report}\n"))?;
    Ok(Outcome::of(!report.is_clean()))
}
