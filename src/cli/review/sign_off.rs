//! `review sign-off`: a reviewer's word that a source or a code is done.

use crate::cli::error::{CliError, Shown};
use crate::cli::session::{Outcome, Session, all_texts};
use crate::model::SignOff;
use crate::report::counted;
use crate::review::{Kind, Signed, all_in_common, digest_of, final_layer};

/// Sign a source or a code off: its codings are final, and a later change is found
#[derive(clap::Args)]
pub struct Args {
    /// The source
    #[arg(long, required_unless_present = "code", conflicts_with = "code")]
    source: Option<String>,
    /// The code
    #[arg(long)]
    code: Option<String>,
    /// A note kept with it
    #[arg(long, default_value = "")]
    note: String,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    crate::cli::agree::refuse_blinded(&study, session)?;
    let source = match &args.source {
        Some(name) => Some(crate::cli::known::source(&study, name)?),
        None => None,
    };
    let (signed, name) = match (source, &args.code) {
        (Some((id, source)), _) => (Signed::Source(id), source.name.clone()),
        (None, Some(code)) => {
            crate::cli::known::code(&study, code)?;
            (Signed::Code(code), code.clone())
        }
        (None, None) => return Err(CliError::new("say what is signed off: --source or --code")),
    };
    let texts = all_texts(&store, &study)?;
    let common = all_in_common(&study, &texts);
    let disagreements = common.iter().flat_map(|common| common.disagreements());
    let concerns = |one: &crate::review::Disagreement<'_>| match signed {
        Signed::Source(id) => one.source == id,
        Signed::Code(code) => one.codes.contains(&code),
    };
    let open = disagreements.filter(|one| one.decided.is_none() && one.kind != Kind::Boundary && concerns(one)).count();
    if open > 0 {
        return Err(CliError::new(format!("{name} has {} that nobody has decided", counted(open, "disagreement")))
            .hint("`themata review disagreements` lists them, `themata review adjudicate` decides"));
    }
    let layer = final_layer(&study, &texts, true);
    let record = SignOff {
        by: session.coder.clone(),
        signed: session.now.clone(),
        digest: digest_of(&study, &layer, signed),
        note: args.note.clone(),
    };
    let mut change = store.change(&session.command, session.because.as_deref());
    change.put(&signed.key(), &record).shown()?;
    change.commit().shown()?;
    session.say(&format!("{name} is signed off by {}", session.coder));
    Ok(Outcome::Done)
}
