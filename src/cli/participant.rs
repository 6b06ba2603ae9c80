//! `participant`: the people of the study; withdrawal and erasure.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::model::Hidden;
use crate::report::{Table, Value, counted};
use clap::Subcommand;
use std::collections::BTreeSet;

/// List participants; withdraw one, or erase what one has said
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// One line per participant (the default)
    List,
    /// Hide a participant everywhere, at once and for good: `undo` does not bring anybody back
    Withdraw {
        /// Participant id
        id: String,
        /// Remove every text, score and note for good: this cannot be undone
        #[arg(long)]
        erase: bool,
        /// Yes, erase
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        None | Some(Verb::List) => list(session),
        Some(Verb::Withdraw { id, erase, yes }) => {
            let (mut store, study) = session.writer()?;
            if !study.withdrawn.contains(id) {
                super::known::participant(&study, id)?;
            }
            let because = session.because.as_deref();
            if !*erase {
                let written = store.files_about(id).shown()?;
                store.withdraw(id, &session.command, because).shown()?;
                session.say(&format!(
                    "{id} is hidden from now on, and nothing undoes that; the texts are still in the study folder"
                ));
                session.say(&format!("to remove them for good: `themata participant withdraw {id} --erase --yes`"));
                for file in &written {
                    session.say(&format!(
                        "warning: {} may quote {id} and is not changed by this: delete it, or write it again",
                        file.display()
                    ));
                }
                return Ok(Outcome::Done);
            }
            if !yes {
                let sources = study.sources.values().filter(|source| source.participants.values().any(|p| p == id));
                session.say(&format!(
                    "this would remove for good what {id} has said and scored: {}",
                    counted(sources.count(), "source")
                ));
                session.say("nothing was changed; add --yes to do it");
                return Ok(Outcome::Problems);
            }
            let erased = store.erase(id, &session.command, because).shown()?;
            session.say(&format!(
                "{id} is erased: {} texts and records removed, snapshots rewritten, index deleted",
                erased.blobs
            ));
            for export in &erased.exports {
                session.say(&format!("warning: {} may hold quotations of {id}: delete it yourself", export.display()));
            }
            Ok(Outcome::of(!erased.exports.is_empty()))
        }
    }
}

fn list(session: &Session) -> Result<Outcome, CliError> {
    let (_, study) = session.reader()?;
    let names: BTreeSet<&str> =
        study.participants.values().flat_map(|person| person.attributes.keys().map(String::as_str)).collect();
    let mut columns = vec!["participant", "sources"];
    columns.extend(&names);
    let mut table = Table::new("", &columns);
    for (id, person) in &study.participants {
        let sources = study.sources.values().filter(|source| source.participants.values().any(|p| p == id)).count();
        let mut row: Vec<Value> = vec![id.as_str().into(), sources.into()];
        row.extend(names.iter().map(|name| Value::from(person.attributes.get(*name).map(|value| value.label()))));
        table.row(row);
    }
    if !study.withdrawn.is_empty() {
        table.note(format!("{} withdrawn, not shown", study.withdrawn.len()));
    }
    super::blind::note(&study, session, &[Hidden::Group], &mut table);
    session.table(&table)?;
    Ok(Outcome::Done)
}
