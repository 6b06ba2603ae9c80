//! `log`, `undo`, `redo`: every change of the study, and the way back.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::model::Hidden;
use crate::report::Table;

/// The operations of the study, newest first
#[derive(clap::Args)]
pub struct LogArgs {
    /// Only by this coder
    #[arg(long)]
    by: Option<String>,
    /// Only changes of this kind of thing (coding, source, codebook, memo ...)
    #[arg(long)]
    kind: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    most: usize,
}

/// Take back your latest operation, or your latest batch
#[derive(clap::Args)]
pub struct UndoArgs {
    /// This operation (hash, or its beginning), also another coder's
    #[arg(long)]
    op: Option<String>,
}

/// Take back your latest undo
#[derive(clap::Args)]
pub struct RedoArgs {}

/// Runs `log`.
pub fn run(args: &LogArgs, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let own_only = study.settings.hides(Hidden::Coders, &session.coder);
    let mut table = Table::new("", &["seq", "operation", "time", "coder", "changes", "command", "reason"]);
    let operations = store.log().shown()?;
    let all = operations.len();
    let matching = operations.iter().rev().filter(|op| {
        (!own_only || op.actor == session.coder)
            && args.by.as_ref().is_none_or(|by| op.actor == *by)
            && args.kind.as_ref().is_none_or(|kind| op.touches(kind))
    });
    let mut shown = 0;
    for op in matching.take(args.most) {
        let short: String = op.hash.chars().take(12).collect();
        table.row([
            (op.seq as usize).into(),
            short.into(),
            op.time.as_str().into(),
            op.actor.as_str().into(),
            op.summary().into(),
            op.command.as_str().into(),
            op.reason.clone().into(),
        ]);
        shown += 1;
    }
    table.note(format!("{shown} of {all} operations"));
    super::blind::note(&study, session, &[Hidden::Coders], &mut table);
    session.table(&table)?;
    Ok(Outcome::Done)
}

/// Runs `undo`.
pub fn undo(args: &UndoArgs, session: &Session) -> Result<Outcome, CliError> {
    let mut store = session.store()?;
    let undone = store.undo(args.op.as_deref(), &session.command, session.because.as_deref()).shown()?;
    session.say(&format!("taken back: {undone}"));
    session.say("`themata redo` brings it again");
    Ok(Outcome::Done)
}

/// Runs `redo`.
pub fn redo(_: &RedoArgs, session: &Session) -> Result<Outcome, CliError> {
    let mut store = session.store()?;
    let redone = store.redo(&session.command, session.because.as_deref()).shown()?;
    session.say(&format!("brought again: {redone}"));
    Ok(Outcome::Done)
}
