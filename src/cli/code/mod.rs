//! `code`: suggestions, decisions, coverage.

mod add;
mod cover;
mod decide;
mod evaluate;
mod explain;
mod run;

use super::error::CliError;
use super::session::{Outcome, Session};
use clap::Subcommand;

pub use explain::codebook_file;
pub use run::refuse_blinded;

/// Suggestions of the rules, and your decisions about them
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Run(run::Args),
    Add(add::Args),
    Accept(decide::AcceptArgs),
    Reject(decide::RejectArgs),
    Recode(decide::RecodeArgs),
    Remove(decide::RemoveArgs),
    Explain(explain::Args),
    Evaluate(evaluate::Args),
    Cover(cover::Args),
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        Verb::Run(args) => run::run(args, session),
        Verb::Add(args) => add::run(args, session),
        Verb::Accept(args) => decide::accept(args, session),
        Verb::Reject(args) => decide::reject(args, session),
        Verb::Recode(args) => decide::recode(args, session),
        Verb::Remove(args) => decide::remove(args, session),
        Verb::Explain(args) => explain::run(args, session),
        Verb::Evaluate(args) => evaluate::run(args, session),
        Verb::Cover(args) => cover::run(args, session),
    }
}
