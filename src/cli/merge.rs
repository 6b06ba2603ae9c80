//! `merge`: two copies of a study that went separate ways become one again, without a server.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::report::{Table, counted};
use crate::store::{Choices, Merged, Side, Standing};
use clap::ValueEnum;
use std::path::PathBuf;

/// Bring over what another copy of this study has and this one lacks; the other copy is only read
#[derive(clap::Args)]
pub struct Args {
    /// The other copy: its folder, or a backup of it
    other: PathBuf,
    /// Say what would come and where the copies disagree; change nothing
    #[arg(long)]
    preview: bool,
    /// Where both copies changed the same: whose value stands; else the later one
    #[arg(long, value_enum)]
    prefer: Option<Whose>,
    /// The same for one thing, as the list of conflicts names it: `"coding c-1234=theirs"`, `"codebook newest=ours"`
    #[arg(long, value_name = "THING=WHOSE")]
    take: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whose {
    /// What this copy has
    Ours,
    /// What the other copy has
    Theirs,
}

impl Whose {
    fn side(self) -> Side {
        match self {
            Self::Ours => Side::Ours,
            Self::Theirs => Side::Theirs,
        }
    }
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let choices = choices(args)?;
    let merged = if args.preview {
        session.reader()?.0.preview_merge(&args.other, &choices).shown()?
    } else {
        let mut store = session.store()?;
        let merged = store.merge(&args.other, &choices, &session.command, session.because.as_deref()).shown()?;
        for warning in store.warnings() {
            session.say(&format!("warning: {warning}"));
        }
        merged
    };
    if !merged.conflicts.is_empty() {
        session.table(&conflicts(&merged))?;
    }
    told(session, &merged, args.preview);
    Ok(Outcome::of(!merged.conflicts.is_empty()))
}

fn choices(args: &Args) -> Result<Choices, CliError> {
    let mut choices = Choices { prefer: args.prefer.map(Whose::side), ..Choices::default() };
    for take in &args.take {
        let parts = take.split_once('=').and_then(|(thing, whose)| Some((thing.trim().split_once(' ')?, whose.trim())));
        let side = parts.and_then(|(_, whose)| Whose::from_str(whose, true).ok()).map(Whose::side);
        let (Some(((kind, id), _)), Some(side)) = (parts, side) else {
            return Err(CliError::new(format!("`{take}` is not like \"coding c-1234=theirs\""))
                .hint("`themata merge OTHER --preview` lists the things that can be named"));
        };
        choices.each.insert((kind.to_owned(), id.to_owned()), side);
    }
    Ok(choices)
}

fn conflicts(merged: &Merged) -> Table {
    let mut table = Table::new("", &["what", "fields", "ours", "theirs", "taken"]);
    for conflict in &merged.conflicts {
        table.row([
            format!("{} {}", conflict.kind, conflict.id).into(),
            conflict.fields.join(", ").into(),
            conflict.ours.clone().into(),
            conflict.theirs.clone().into(),
            conflict.taken.as_str().into(),
        ]);
    }
    let n = merged.conflicts.len();
    table.note(format!("the copies disagree in {}", counted(n, "place")));
    table
}

fn told(session: &Session, merged: &Merged, preview: bool) {
    if merged.standing == Standing::Nothing {
        session.say("the other copy has nothing that this one lacks; nothing was changed");
        return;
    }
    let all: usize = merged.operations.values().sum();
    let by: Vec<String> = merged.operations.iter().map(|(coder, n)| format!("{n} by {coder}")).collect();
    let verb = if preview { "would come over" } else { "came over" };
    session.say(&format!("{} {verb}: {}", counted(all, "operation"), by.join(", ")));
    session.say(&format!("here: {}", merged.summary()));
    for note in &merged.notes {
        session.say(&format!("note: {note}"));
    }
    for participant in &merged.erased {
        session.say(&format!(
            "{participant} was erased in one copy: what the other brought of {participant} is erased too"
        ));
    }
    if preview {
        session.say("nothing was changed; leave out --preview to merge");
    } else if let Some(operation) = &merged.operation {
        session.say(&format!("operation {} joins the two histories", super::log::short(operation)));
        session.say("merge the other way round, too, and both copies are the same");
    }
}
