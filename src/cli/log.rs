//! `log`, `undo`, `redo`: every change of the study, and the way back.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::model::Hidden;
use crate::report::{Table, counted};
use crate::store::{Operation, Study};
use clap::Subcommand;

/// The operations of the study, newest first
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LogArgs {
    #[command(subcommand)]
    verb: Option<LogVerb>,
    /// Only by this coder
    #[arg(long)]
    by: Option<String>,
    /// Only changes of this kind of thing (coding, source, codebook, memo ...)
    #[arg(long)]
    kind: Option<String>,
    /// Only changes of this one thing: an id, `KIND:ID`, or the name of a source
    #[arg(long, value_name = "OBJECT")]
    on: Option<String>,
    /// Only from this time on (`2026-03-01`, or with a time of day, UTC)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only up to this time, itself included
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only with these words in the reason
    #[arg(long, value_name = "WORDS")]
    reason: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    most: usize,
}

#[derive(Subcommand)]
enum LogVerb {
    /// One operation in full: what each record was before and after
    Show {
        /// Its hash, the beginning of it, or its number in this copy
        operation: String,
        /// At most this many fields
        #[arg(long, default_value_t = 200)]
        most: usize,
    },
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

/// The first digits of an operation's name, as people type it.
pub fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

impl LogArgs {
    fn takes(&self, study: &Study, op: &Operation) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        // A day stands for all its moments: the time of an operation only has to begin with it.
        let since = self.since.as_ref().is_none_or(|since| op.time.as_str() >= since.as_str());
        let until = self.until.as_ref().is_none_or(|until| op.time <= *until || op.time.starts_with(until.as_str()));
        let words = |reason: &String| op.reason.as_ref().is_some_and(|given| given.contains(reason.as_str()));
        same(&self.by, &op.actor)
            && self.kind.as_ref().is_none_or(|kind| op.touches(kind))
            && self.on.as_ref().is_none_or(|on| touches(study, op, on))
            && since
            && until
            && self.reason.as_ref().is_none_or(words)
    }
}

fn touches(study: &Study, op: &Operation, on: &str) -> bool {
    let id = study.find_source(on.strip_prefix("source:").unwrap_or(on)).map(|(id, _)| id);
    let named = |kind: &str, record: &str| on.split_once(':') == Some((kind, record));
    op.edits.iter().any(|edit| edit.id == on || named(&edit.kind, &edit.id) || Some(edit.id.as_str()) == id)
}

/// Runs `log`.
pub fn run(args: &LogArgs, session: &Session) -> Result<Outcome, CliError> {
    if let Some(LogVerb::Show { operation, most }) = &args.verb {
        return show(session, operation, *most);
    }
    let (store, study) = session.reader()?;
    let own_only = study.settings.hides(Hidden::Coders, &session.coder);
    let mut table = Table::new("", &["seq", "operation", "time", "coder", "changes", "command", "reason"]);
    let operations = store.log().shown()?;
    let matching: Vec<&Operation> = operations
        .iter()
        .rev()
        .filter(|op| (!own_only || op.actor == session.coder) && args.takes(&study, op))
        .collect();
    for op in matching.iter().take(args.most) {
        table.row([
            (op.seq as usize).into(),
            short(&op.hash).into(),
            op.time.as_str().into(),
            op.actor.as_str().into(),
            op.summary().into(),
            op.command.as_str().into(),
            op.reason.clone().into(),
        ]);
    }
    let (shown, all) = (table.rows.len(), operations.len());
    table.note(match matching.len() {
        more if more > shown && more < all => format!("{shown} of {more} that match, of {all} operations"),
        _ => format!("{shown} of {all} operations"),
    });
    super::blind::note(&study, session, &[Hidden::Coders], &mut table);
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn show(session: &Session, given: &str, most: usize) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let op = store.operation(given).shown()?;
    if op.actor != session.coder {
        super::blind::refuse(&study, session, &[Hidden::Coders], "this operation is somebody else's")?;
    }
    let mut table = Table::new("", &["record", "what", "field", "before", "after"]);
    let steps = store.steps(&study, &op).shown()?;
    let mut fields = 0;
    for step in &steps {
        for (field, before, after) in step.differences() {
            fields += 1;
            if fields <= most {
                let record = format!("{} {}", step.kind, step.id);
                table.row([record.into(), step.did().into(), field.into(), before.into(), after.into()]);
            }
        }
    }
    if fields > most {
        table.note(format!("{most} of {fields} fields; `--most {fields}` shows all"));
    }
    table.note(format!("operation {} (number {} in this copy): {}", op.hash, op.seq, op.summary()));
    table.note(format!("by {}, {}, `{}`", op.actor, op.time, op.command));
    table.note(op.reason.as_ref().map_or("no reason was given".to_owned(), |reason| format!("because: {reason}")));
    let parents: Vec<&str> = op.parents.iter().map(|parent| short(parent)).collect();
    table.note(if parents.is_empty() { "the first operation".into() } else { format!("after {}", parents.join(", ")) });
    if !op.of.is_empty() {
        let of: Vec<&str> = op.of.iter().map(|of| short(of)).collect();
        table.note(format!("takes back {}", of.join(", ")));
    }
    if !op.erased.is_empty() {
        table.note(format!("erased {} for good", counted(op.erased.len(), "text or value")));
    }
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
