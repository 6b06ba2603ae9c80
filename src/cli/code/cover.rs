//! `code cover`: the record that a coder has read a source.

use crate::cli::error::{CliError, Shown};
use crate::cli::session::{Outcome, Session};
use crate::code::find_turns;
use crate::report::counted;

/// Record that you have read sources for a set of codes: only then does "not mentioned" mean anything
#[derive(clap::Args)]
pub struct Args {
    /// Names or ids of sources
    #[arg(required_unless_present = "all")]
    sources: Vec<String>,
    /// Every source of the study
    #[arg(long, conflicts_with = "sources")]
    all: bool,
    /// Only these turns of one source, as `source show --turns` counts them: `3-17,20`
    #[arg(long, value_delimiter = ',', conflicts_with = "all")]
    turns: Vec<String>,
    /// Codes that you read for; all codes of the codebook, if none is named
    #[arg(long, alias = "code", value_delimiter = ',')]
    codes: Vec<String>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    let decider = session.decider(&study, true);
    for code in &args.codes {
        decider.known_code(code).shown()?;
    }
    let mut ids = Vec::new();
    if args.all {
        ids.extend(study.sources.keys().cloned());
    }
    for name in &args.sources {
        ids.push(crate::cli::known::source(&study, name)?.0.to_owned());
    }
    let turns = match (args.turns.as_slice(), ids.as_slice()) {
        ([], _) => Vec::new(),
        (named, [id]) => {
            let ranges: Vec<(usize, usize)> =
                named.iter().map(|range| super::add::range(range)).collect::<Result<_, _>>()?;
            let found = study
                .sources
                .get(id)
                .map(|source| find_turns(&source.name, source.turns, source.first_ordinal, &ranges));
            found.transpose().shown()?.unwrap_or_default()
        }
        _ => return Err(CliError::new("--turns are turns of one source, and here are several")),
    };
    let mut change = store.change(&session.command, session.because.as_deref());
    for id in &ids {
        let (key, row) = decider.cover(id, &args.codes, &turns);
        change.put(&key, &row).shown()?;
    }
    change.commit().shown()?;
    let codes = if args.codes.is_empty() { "all codes".to_owned() } else { args.codes.join(", ") };
    let what = match turns.as_slice() {
        [] => counted(ids.len(), "source"),
        turns => {
            let n: u32 = turns.iter().map(|(first, last)| last - first + 1).sum();
            format!("{} of {}", counted(n as usize, "turn"), args.sources.join(", "))
        }
    };
    session.say(&format!("{} has read {what} for {codes}", session.coder));
    Ok(Outcome::Done)
}
