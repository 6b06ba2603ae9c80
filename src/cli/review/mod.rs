//! `review`: who has read what, where coders differ, what is final, and audits of it.

mod adjudicate;
mod disagreements;
mod sample;
mod sign_off;
mod status;

use super::error::CliError;
use super::session::{Outcome, Session};
use clap::Subcommand;

/// Disagreements between coders, decisions about them, sign-off, and audits by random samples
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Status(status::Args),
    Disagreements(disagreements::ListArgs),
    Show(disagreements::ShowArgs),
    Confusion(disagreements::ConfusionArgs),
    Adjudicate(adjudicate::Args),
    SignOff(sign_off::Args),
    Sample(sample::SampleArgs),
    Sheet(sample::SheetArgs),
    Verdict(sample::VerdictArgs),
    Audit(sample::AuditArgs),
}

pub use adjudicate::run_quietly as decide_quietly;

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        Verb::Status(args) => status::run(args, session),
        Verb::Disagreements(args) => disagreements::list(args, session),
        Verb::Show(args) => disagreements::show(args, session),
        Verb::Confusion(args) => disagreements::confusion(args, session),
        Verb::Adjudicate(args) => adjudicate::run(args, session),
        Verb::SignOff(args) => sign_off::run(args, session),
        Verb::Sample(args) => sample::sample(args, session),
        Verb::Sheet(args) => sample::sheet(args, session),
        Verb::Verdict(args) => sample::verdict(args, session),
        Verb::Audit(args) => sample::audit(args, session),
    }
}
