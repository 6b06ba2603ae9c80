//! `theme`: patterns of meaning that an analyst builds on codes.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::model::{Hidden, Theme, ThemeStatus};
use crate::report::{Table, Value, counted};
use clap::Subcommand;

/// Themes: name, central organising concept, the codes and quotations they rest on
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a theme
    New {
        /// Short id
        id: String,
        /// Name
        #[arg(long)]
        name: String,
        /// Its central organising concept, in a sentence
        #[arg(long, default_value = "")]
        concept: String,
    },
    /// Add codes or quotations to a theme
    Add {
        /// Theme
        id: String,
        /// Codes it rests on
        #[arg(long, alias = "code", value_delimiter = ',')]
        codes: Vec<String>,
        /// Codings it rests on
        #[arg(long, value_delimiter = ',')]
        quotations: Vec<String>,
        /// candidate, reviewed or final
        #[arg(long)]
        status: Option<String>,
    },
    /// Show which codes each theme rests on
    Map,
    /// One line per theme, with codings and participants
    Table,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        Verb::New { id, name, concept } => {
            let (mut store, study) = session.writer()?;
            if study.themes.contains_key(id) {
                return Err(CliError::new(format!("there is a theme `{id}` already"))
                    .hint(format!("add to it with `themata theme add {id} --codes ...`")));
            }
            let theme = Theme { name: name.clone(), concept: concept.clone(), ..Theme::default() };
            let mut change = store.change(&session.command, session.because.as_deref());
            change.put(id, &theme).shown()?;
            change.commit().shown()?;
            session.say(&format!("theme {id}: {name}"));
        }
        Verb::Add { id, codes, quotations, status } => {
            let (mut store, study) = session.writer()?;
            let mut theme = study.themes.get(id).cloned().ok_or_else(|| {
                CliError::new(format!("there is no theme `{id}`"))
                    .hint(format!("make it with `themata theme new {id} --name ...`"))
            })?;
            for code in codes {
                super::known::code(&study, code)?;
            }
            for quotation in quotations {
                if !study.codings.contains_key(quotation) {
                    return Err(CliError::new(format!("there is no coding `{quotation}`"))
                        .hint("`themata quotes` lists them with their ids"));
                }
            }
            theme.codes.extend(codes.iter().cloned());
            theme.codes.sort();
            theme.codes.dedup();
            theme.quotations.extend(quotations.iter().cloned());
            theme.quotations.sort();
            theme.quotations.dedup();
            if let Some(status) = status {
                theme.status = match status.as_str() {
                    "candidate" => ThemeStatus::Candidate,
                    "reviewed" => ThemeStatus::Reviewed,
                    "final" => ThemeStatus::Final,
                    other => {
                        return Err(CliError::new(format!("`{other}` is no status: candidate, reviewed or final")));
                    }
                };
            }
            let mut change = store.change(&session.command, session.because.as_deref());
            change.put(id, &theme).shown()?;
            change.commit().shown()?;
            session.say(&format!(
                "theme {id} rests on {} and {}",
                counted(theme.codes.len(), "code"),
                counted(theme.quotations.len(), "quotation")
            ));
        }
        Verb::Map => {
            let (_, study) = session.reader()?;
            let mut table = Table::new("", &["theme", "code", "label", "codings"]);
            for (id, theme) in &study.themes {
                for code in &theme.codes {
                    let label = study.codebook.codebook.codes.get(code).map(|code| code.label.clone());
                    let codings = study.codings.values().filter(|coding| coding.code.as_ref() == Some(code)).count();
                    table.row([id.as_str().into(), code.as_str().into(), label.into(), codings.into()]);
                }
            }
            super::blind::note(&study, session, &[Hidden::Coders], &mut table);
            session.table(&table)?;
        }
        Verb::Table => {
            let (_, study) = session.reader()?;
            let mut table = Table::new("", &["theme", "name", "status", "concept", "codes", "quotations"]);
            for (id, theme) in &study.themes {
                let status = match theme.status {
                    ThemeStatus::Candidate => "candidate",
                    ThemeStatus::Reviewed => "reviewed",
                    ThemeStatus::Final => "final",
                };
                table.row([
                    id.as_str().into(),
                    theme.name.as_str().into(),
                    status.into(),
                    theme.concept.as_str().into(),
                    Value::from(theme.codes.len()),
                    Value::from(theme.quotations.len()),
                ]);
            }
            if study.themes.is_empty() {
                table.note("no themes yet: `themata theme new ID --name NAME` makes one");
            }
            session.table(&table)?;
        }
    }
    Ok(Outcome::Done)
}
