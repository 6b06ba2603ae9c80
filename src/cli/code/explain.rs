//! `code explain`: which words, which trigger, which scope, which rule.

use crate::cli::error::{CliError, Shown};
use crate::cli::session::{Outcome, Session};
use crate::code::{Coder, explain_in_words, explain_json};
use crate::import::read_codebook;
use crate::model::{Codebook, Settings};
use crate::report::{Format, counted};
use std::path::PathBuf;

/// Say in words why a suggestion or an accepted coding has its code and its polarity
#[derive(clap::Args)]
pub struct Args {
    /// Id of a suggestion or of a coding
    #[arg(required_unless_present = "text")]
    id: Option<String>,
    /// Explain this text instead; needs no study
    #[arg(long, conflicts_with = "id")]
    text: Option<String>,
    /// What the interviewer asks before --text: an answer is read with its question
    #[arg(long, requires = "text")]
    question: Option<String>,
    /// Codebook for --text; else the study's
    #[arg(long, requires = "text")]
    codebook: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match (&args.text, &args.id) {
        (Some(text), _) => of_text(session, text, args),
        (None, Some(id)) => of_id(session, id),
        (None, None) => Err(CliError::new("say which: an id, or --text")),
    }
}

/// Reads a codebook file; every problem is printed.
pub fn codebook_file(session: &Session, path: &std::path::Path) -> Result<Codebook, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::new(format!("cannot read {}: {error}", path.display())))?;
    match read_codebook(&path.to_string_lossy(), &text) {
        Ok((codebook, _)) => Ok(codebook),
        Err(problems) => {
            for problem in &problems {
                session.say(&problem.to_string());
            }
            Err(CliError::new(format!("{} cannot be used: {}", path.display(), counted(problems.len(), "problem"))))
        }
    }
}

fn of_text(session: &Session, text: &str, args: &Args) -> Result<Outcome, CliError> {
    let (codebook, settings) = match args.codebook.as_deref() {
        Some(path) => (codebook_file(session, path)?, Settings::default()),
        None => {
            let (_, study) = session.reader()?;
            super::run::refuse_blinded(&study, session)?;
            (study.codebook.codebook, study.settings)
        }
    };
    let coder = Coder::new(&codebook, &settings).shown()?;
    let suggestions = coder.reply(args.question.as_deref(), text);
    if session.format == Format::Json {
        let mut json = serde_json::to_string_pretty(&explain_json(&suggestions, text, &codebook))
            .map_err(|error| CliError::new(format!("this cannot be written as JSON: {error}")))?;
        json.push('\n');
        session.print(&json)?;
        return Ok(Outcome::Done);
    }
    if suggestions.is_empty() {
        session.print("No rule of the codebook suggests a code here.\n")?;
    }
    for suggestion in &suggestions {
        session.print(&format!("{}\n\n", explain_in_words(suggestion, text)))?;
    }
    Ok(Outcome::Done)
}

fn of_id(session: &Session, id: &str) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    super::run::refuse_blinded(&study, session)?;
    let coder = Coder::of(&study).shown()?;
    let coding = study.codings.get(id);
    for (source_id, source) in &study.sources {
        if coding.is_some_and(|coding| coding.source != *source_id) {
            continue;
        }
        let text = study.text(&store, source).shown()?;
        let found = coder.source(&text.text, &text.segmentation, source).into_iter().find(|one| match coding {
            Some(coding) => {
                coding.code.as_ref() == Some(&one.code)
                    && coding.polarity == one.polarity
                    && coding.span.overlap(one.unit) > 0
            }
            None => one.id(&text) == id,
        });
        let Some(suggestion) = found else { continue };
        let mut out = String::new();
        if let Some(coding) = coding {
            out = format!("{id}: {} by {}, in {}\n", coding.origin.name(), coding.coder, source.name);
            if coding.rule_set.as_ref().is_some_and(|digest| *digest != coder.rule_set_digest()) {
                out.push_str("The rules have changed since it was accepted; this is what today's rules say:\n");
            }
        }
        session.print(&format!("{out}{}\n", explain_in_words(&suggestion, &text.text)))?;
        return Ok(Outcome::Done);
    }
    match coding {
        Some(coding) => {
            session.print(&format!(
                "{id}: {} by {}; today's rules do not suggest it, so it rests on the coder's reading alone\n",
                coding.origin.name(),
                coding.coder
            ))?;
            Ok(Outcome::Done)
        }
        None => Err(CliError::new(format!("there is no suggestion or coding `{id}`"))
            .hint("`themata code run --list` shows suggestions, `themata quotes` codings")),
    }
}
