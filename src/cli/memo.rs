//! `memo`: dated, signed notes on anything.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::model::{Hidden, Memo, MemoKind};
use crate::report::Table;
use crate::store::Study;
use crate::text;
use clap::Subcommand;

/// Memos: analytic, methodological, reflexive, field notes, summaries
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Write a memo
    Add {
        /// The text
        text: String,
        /// What it is on: study, source:NAME, code:ID, participant:ID, coding:ID, theme:ID, cell:ID
        #[arg(long, default_value = "study")]
        on: String,
        /// analytic, methodological, reflexive, field-note or summary
        #[arg(long, default_value = "analytic")]
        kind: String,
    },
    /// List memos, newest first
    List {
        /// Only those on this
        #[arg(long)]
        on: Option<String>,
    },
    /// Memos that hold all these words
    Search {
        /// Words
        words: Vec<String>,
    },
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        Verb::Add { text, on, kind } => {
            let kind = MemoKind::named(kind)
                .map_err(|word| CliError::new(format!("`{word}` is no kind of memo")).hint(MemoKind::WORDS))?;
            let (mut store, study) = session.writer()?;
            if !study.can_be_noted(on) {
                return Err(
                    CliError::new(format!("there is nothing called `{on}` to write a memo on")).hint(Study::NOTABLE)
                );
            }
            let memo = Memo {
                kind,
                on: on.clone(),
                text: text.clone(),
                author: session.coder.clone(),
                written: session.now.clone(),
            };
            let id = crate::code::memo_id(&memo);
            let mut change = store.change(&session.command, session.because.as_deref());
            change.put(&id, &memo).shown()?;
            change.commit().shown()?;
            session.say(&format!("memo {id} on {on}"));
            Ok(Outcome::Done)
        }
        Verb::List { on } => list(session, |memo| on.as_ref().is_none_or(|on| memo.on == *on)),
        Verb::Search { words } => {
            let words: Vec<String> = words.iter().map(|word| text::fold(word).into_owned()).collect();
            list(session, |memo| {
                let folded = text::fold(&memo.text);
                words.iter().all(|word| folded.contains(word.as_str()))
            })
        }
    }
}

fn list(session: &Session, keep: impl Fn(&Memo) -> bool) -> Result<Outcome, CliError> {
    let (_, study) = session.reader()?;
    let mut memos: Vec<_> = study.memos.iter().filter(|(_, memo)| keep(memo)).collect();
    memos.sort_by(|(a_id, a), (b_id, b)| b.written.cmp(&a.written).then_with(|| a_id.cmp(b_id)));
    let mut table = Table::new("", &["id", "written", "author", "kind", "on", "text"]);
    table.running_text = true;
    for (id, memo) in memos {
        table.row([
            id.as_str().into(),
            memo.written.as_str().into(),
            memo.author.as_str().into(),
            memo.kind.name().into(),
            memo.on.as_str().into(),
            memo.text.as_str().into(),
        ]);
    }
    if study.memos.is_empty() {
        table.note("no memos yet: `themata memo add \"...\" --on source:NAME` writes one");
    }
    super::blind::note(&study, session, &[Hidden::Coders], &mut table);
    session.table(&table)?;
    Ok(Outcome::Done)
}
