//! `audit`: is every stored value what the operations say, what happened to one excerpt, and the log for others to check.

use super::error::{CliError, Shown};
use super::log::short;
use super::report::write_file;
use super::session::{Outcome, Session};
use crate::code::quotation;
use crate::index::Index;
use crate::report::{Format, Table, one_line, table_page};
use crate::store::{Operation, Step, Store};
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// Verify the log of operations, trace one excerpt, write the log for others to check
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Recompute every hash, fold the operations again and compare with what is stored
    Verify,
    /// Everything that happened to one coding, from its suggestion on
    Trace {
        /// Id of the coding, from `quotes`
        coding: String,
    },
    /// The whole log as a file: JSON lines hold what the hashes cover, CSV and HTML are for reading
    Export {
        /// jsonl, csv or html
        #[arg(long = "as", value_enum, default_value_t = Kind::Jsonl)]
        kind: Kind,
        /// The file; else it is printed
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

/// Form of the exported log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// One operation a line, with everything that its hash covers
    Jsonl,
    /// A table for a spreadsheet
    Csv,
    /// A page
    Html,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        Verb::Verify => {
            let (store, study) = session.reader()?;
            let report = store.verify().shown()?;
            session.print(&format!("{report}\n"))?;
            if Index::distrust(&store) {
                session.index(&store, &study);
            }
            Ok(Outcome::of(!report.is_clean()))
        }
        Verb::Trace { coding } => trace(session, coding),
        Verb::Export { kind, out } => {
            let (store, study) = session.reader()?;
            let text = match kind {
                Kind::Jsonl => store.export_log().shown()?,
                Kind::Csv => log_table(&store, "")?.print(Format::Csv, session.width),
                Kind::Html => table_page(&log_table(&store, &format!("{}: operations", study.settings.name))?),
            };
            match out {
                None => session.print(&text)?,
                Some(file) => {
                    write_file(file, text.as_bytes())?;
                    let (head, seq) = store.head().shown()?;
                    session.say(&format!("{seq} operations in {}, the last is {}", file.display(), short(&head)));
                }
            }
            Ok(Outcome::Done)
        }
    }
}

fn log_table(store: &Store, title: &str) -> Result<Table, CliError> {
    let columns = ["seq", "operation", "after", "time", "coder", "changes", "command", "reason"];
    let mut table = Table::new(title, &columns);
    for op in store.log().shown()? {
        table.row([
            (op.seq as usize).into(),
            op.hash.as_str().into(),
            op.parents.join(" ").into(),
            op.time.as_str().into(),
            op.actor.as_str().into(),
            op.summary().into(),
            op.command.as_str().into(),
            op.reason.clone().into(),
        ]);
    }
    Ok(table)
}

fn trace(session: &Session, id: &str) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let history = store.trace(&study, id).shown()?;
    let known = history.iter().flat_map(|(_, steps)| steps).any(|step| step.kind == "coding" && step.id == id);
    if !known {
        return Err(CliError::new(format!("the log knows no coding `{id}`"))
            .hint("`themata quotes` lists codings with their ids"));
    }
    let mut table = Table::new("", &["time", "coder", "operation", "what", "reason", "details"]);
    table.running_text = true;
    for (op, steps) in &history {
        for step in steps {
            table.row([
                op.time.as_str().into(),
                op.actor.as_str().into(),
                short(&op.hash).into(),
                what(op, step).into(),
                op.reason.clone().into(),
                details(id, step).into(),
            ]);
        }
    }
    match study.codings.get(id) {
        None => table.note("the coding is not in the study now"),
        Some(coding) => {
            let Some(source) = study.sources.get(&coding.source) else { return Ok(Outcome::Done) };
            let text = study.text(&store, source).shown()?;
            let quote = quotation(coding, &text, |words| store.keyed_digest(words));
            table.note(format!(
                "{}: {}, {}, {} by {}, coded under version {} of the codebook",
                coding.code.as_deref().unwrap_or("no code"),
                source.name,
                coding.polarity.name(),
                coding.origin.name(),
                coding.coder,
                coding.codebook_version
            ));
            let words = |span: crate::model::Span| span.of(&text.text).map(one_line).unwrap_or_default();
            if let Some(rules) = &coding.rule_set {
                let indicator = coding.indicator.map(words).unwrap_or_default();
                let trigger = coding.trigger.map(words).map_or(String::new(), |words| format!(", trigger \"{words}\""));
                table.note(format!("suggested for \"{indicator}\"{trigger} by the rule set {}", short(rules)));
            }
            match quote {
                Some(quote) => table.note(format!("\"{}\"", one_line(quote))),
                None => table.note("its words are no longer at that place: see `themata source anchors`"),
            }
        }
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn what(op: &Operation, step: &Step) -> String {
    let did = match op.kind {
        crate::store::OperationKind::Undo => format!("{} (undo)", step.did()),
        crate::store::OperationKind::Redo => format!("{} (redo)", step.did()),
        _ => step.did().to_owned(),
    };
    format!("{} {did}", step.kind)
}

/// The fields that tell a reader something; for a change, before and after.
fn details(id: &str, step: &Step) -> String {
    const PLAIN: [&str; 14] = [
        "code",
        "polarity",
        "origin",
        "coder",
        "note",
        "state",
        "verdict",
        "reason",
        "category",
        "adjudicator",
        "text",
        "name",
        "qualifiers.time",
        "qualifiers.target",
    ];
    let mut parts = Vec::new();
    for (field, before, after) in step.differences() {
        let changed = step.did() == "changed" && !after.as_ref().is_some_and(|value| value.contains(id));
        match (before, after) {
            (Some(before), Some(after)) if changed => parts.push(format!("{field}: {before} -> {after}")),
            (None, Some(after)) if PLAIN.contains(&field.as_str()) && !after.is_empty() => {
                parts.push(format!("{field} {after}"));
            }
            _ => {}
        }
    }
    parts.join(", ")
}
