//! `review adjudicate`: decisions between coders, one or a table of them.

use super::disagreements::common;
use crate::cli::error::{CliError, Shown};
use crate::cli::session::{Outcome, Session, all_texts};
use crate::model::{Adjudication, Coding};
use crate::report::counted;
use crate::review::{Decided, Resolution, decide, read_resolutions};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Decide a disagreement: what is final, and why the coders differed; both sides stay
#[derive(clap::Args)]
pub struct Args {
    /// Its id, from `review disagreements`
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    disagreement: Option<String>,
    /// What is final: a coder's name, `nothing`, a coding's id, `code:ID` or `code:ID/POLARITY`
    #[arg(long = "final", value_name = "WHAT", required_unless_present = "from", conflicts_with = "from")]
    final_is: Option<String>,
    /// Why they differed: oversight, definition, boundary or ambiguity
    #[arg(long, required_unless_present = "from", conflicts_with = "from")]
    reason: Option<String>,
    /// What is to change in the codebook; becomes a memo on the code
    #[arg(long, default_value = "")]
    codebook_change: String,
    /// A note kept with the decision
    #[arg(long, default_value = "")]
    note: String,
    /// A table of decisions: disagreement,final,reason and, if wanted, codebook_change,note; all go in, or none. Without
    /// ids, the other columns of `review disagreements --format csv` tell which disagreement is meant
    #[arg(long, value_name = "CSV")]
    from: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let done = decide_all(&resolutions(args)?, session)?;
    if done.decided == 0 {
        session.say("nothing to decide: no row of the table says what is final");
        return Ok(Outcome::Done);
    }
    session.say(&format!("decided {}; {} open", counted(done.decided, "disagreement"), done.open));
    if done.memos > 0 {
        session.say(&format!("{} on codes, with suggested changes: `themata memo list`", counted(done.memos, "memo")));
    }
    Ok(Outcome::Done)
}

/// Decides by a table of resolutions, without a word: the demonstration's own.
pub fn run_quietly(table: &str, session: &Session) -> Result<(), CliError> {
    decide_all(&read_resolutions(table).shown()?, session).map(drop)
}

/// What was done.
struct Done {
    decided: usize,
    open: usize,
    memos: usize,
}

fn decide_all(resolutions: &[Resolution], session: &Session) -> Result<Done, CliError> {
    let (mut store, study) = session.writer()?;
    let texts = all_texts(&store, &study)?;
    let comparison = common(&study, &texts, session)?;
    let among = comparison.disagreements();
    let decider = session.decider(&study, false);
    let mut decisions: Vec<Decided> = Vec::new();
    let mut faults: Vec<String> = Vec::new();
    for resolution in resolutions {
        match decide(&comparison, &decider, &among, resolution, |quote| store.keyed_digest(quote)) {
            Ok(decided) => decisions.push(decided),
            Err(error) => faults.push(match resolution.line {
                Some(line) => format!("line {line}: {error}"),
                None => error.to_string(),
            }),
        }
    }
    if let Some((first, rest)) = faults.split_first() {
        for fault in rest {
            session.say(&format!("also: {fault}"));
        }
        return Err(CliError::new(first.clone())
            .hint("nothing was changed; `themata review disagreements` lists what is open, with ids"));
    }
    if decisions.is_empty() {
        return Ok(Done { decided: 0, open: 0, memos: 0 });
    }
    let mut change = store.change(&session.command, session.because.as_deref());
    let mut memos = 0;
    for decided in &decisions {
        for id in &decided.gone {
            change.delete::<Coding>(id);
        }
        for (id, coding) in &decided.finals {
            change.put(id, coding).shown()?;
        }
        for (id, memo) in &decided.memos {
            change.put(id, memo).shown()?;
        }
        memos += decided.memos.len();
        change.put::<Adjudication>(&decided.id, &decided.record).shown()?;
    }
    change.commit().shown()?;
    let open = among.iter().filter(|one| one.decided.is_none());
    let open = open.filter(|one| !decisions.iter().any(|decided| decided.id == one.id)).count();
    Ok(Done { decided: decisions.len(), open, memos })
}

fn resolutions(args: &Args) -> Result<Vec<Resolution>, CliError> {
    let Some(path) = &args.from else {
        return Ok(vec![Resolution {
            line: None,
            disagreement: args.disagreement.clone().unwrap_or_default(),
            listed: BTreeMap::new(),
            final_is: args.final_is.clone().unwrap_or_default(),
            reason: args.reason.clone().unwrap_or_default(),
            codebook_change: args.codebook_change.clone(),
            note: args.note.clone(),
        }]);
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::new(format!("cannot read {}: {error}", path.display())))?;
    read_resolutions(&text).map_err(|error| {
        CliError::new(format!("{}: {error}", path.display())).hint(
            "`themata review disagreements --format csv` makes such a table: fill in its columns final and reason",
        )
    })
}
