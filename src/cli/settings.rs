//! `settings`: what the study has settled for itself.

use super::draft;
use super::error::{CliError, Shown};
use super::init::{parse_approach, parse_wave};
use super::session::{Outcome, Session};
use crate::code::Lists;
use crate::model::{Hidden, Role, Settings, Wave};
use crate::report::{Table, Value};
use crate::store::Study;
use clap::Subcommand;
use std::path::PathBuf;

/// Show or change the study's settings
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Show them (the default)
    Show,
    /// Change one: name, approach, languages, coded-roles, role.LABEL, blind, reviewers, coder, waves, seed, fictional
    Set {
        /// Which
        key: String,
        /// New value; lists with commas
        value: String,
    },
    /// Make the draft in themata.toml count, and say what it changes
    Apply,
    /// Make a polarity list count for a language (a file such as codebooks/polarity/en.toml); `built-in` takes it back
    Polarity {
        /// Language (en, he)
        language: String,
        /// The file
        file: PathBuf,
    },
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        None | Some(Verb::Show) => show(session),
        Some(Verb::Set { key, value }) => set(session, key, value),
        Some(Verb::Apply) => apply(session),
        Some(Verb::Polarity { language, file }) => polarity(session, language, file),
    }
}

/// The role with this name.
pub fn parse_role(name: &str) -> Result<Role, CliError> {
    Role::ALL
        .into_iter()
        .find(|role| role.name() == name)
        .ok_or_else(|| CliError::new(format!("`{name}` is no role: participant, interviewer or other")))
}

fn show(session: &Session) -> Result<Outcome, CliError> {
    let (_, study) = session.reader()?;
    let settings = &study.settings;
    let mut table = Table::new("", &["setting", "value"]);
    let approach = format!("{:?}", settings.approach).to_lowercase();
    let roles: Vec<&str> = settings.coded_roles.iter().map(|role| role.name()).collect();
    table.row(["name".into(), settings.name.as_str().into()]);
    table.row(["approach".into(), approach.into()]);
    table.row(["languages".into(), settings.languages.join(", ").into()]);
    table.row(["coded-roles".into(), roles.join(", ").into()]);
    for (label, role) in &settings.roles {
        table.row([format!("role.{label}").into(), role.name().into()]);
    }
    table.row(["blind".into(), settings.blind.join(", ").into()]);
    table.row(["reviewers".into(), settings.reviewers.join(", ").into()]);
    table.row(["coder".into(), settings.coder.as_str().into()]);
    for (id, wave) in study.waves_in_order() {
        table.row([format!("wave {id}").into(), format!("{:?}", wave.phase).to_lowercase().into()]);
    }
    for language in settings.polarity.keys() {
        table.row([format!("polarity {language}").into(), "the study's own list".into()]);
    }
    table.row(["seed".into(), Value::Count(settings.seed)]);
    table.row(["fictional".into(), if settings.fictional { "yes" } else { "no" }.into()]);
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn set(session: &Session, key: &str, value: &str) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    let mut settings: Settings = study.settings.clone();
    let mut waves: Vec<(String, Wave)> = Vec::new();
    match key {
        "name" => settings.name = value.to_owned(),
        "approach" => settings.approach = parse_approach(value)?,
        "languages" => settings.languages = list(value),
        "coded-roles" => {
            settings.coded_roles = list(value).iter().map(|role| parse_role(role)).collect::<Result<_, _>>()?;
        }
        "blind" => {
            settings.blind = list(value);
            let known = Hidden::ALL.map(Hidden::name);
            if let Some(bad) = settings.blind.iter().find(|what| !known.contains(&what.as_str())) {
                return Err(CliError::new(format!("coders cannot be blinded to `{bad}`")).hint(known.join(", ")));
            }
        }
        "reviewers" => settings.reviewers = list(value),
        "coder" => settings.coder = value.trim().to_owned(),
        "seed" => {
            settings.seed = value.trim().parse().map_err(|_| {
                CliError::new(format!("`{value}` is no seed")).hint("a whole number, such as 1 or 20250303")
            })?;
        }
        "fictional" => settings.fictional = matches!(value, "yes" | "true"),
        "waves" => {
            waves = list(value).iter().enumerate().map(|(k, wave)| parse_wave(k, wave)).collect::<Result<_, _>>()?;
        }
        _ => match key.strip_prefix("role.") {
            Some(label) => drop(settings.roles.insert(label.to_owned(), parse_role(value)?)),
            None => {
                return Err(CliError::new(format!("there is no setting `{key}`")).hint(
                    "name, approach, languages, coded-roles, role.LABEL, blind, reviewers, coder, waves, seed or fictional; `themata settings` shows them",
                ));
            }
        },
    }
    let mut change = store.change(&session.command, session.because.as_deref());
    if settings != study.settings {
        change.put("study", &settings).shown()?;
    }
    for (id, wave) in &waves {
        change.put(id, wave).shown()?;
    }
    change.commit().shown()?;
    session.say(&format!("{key} is now {value}"));
    let folder = session.folder()?;
    let after = Study::load(&store).shown()?;
    if !draft::follow(&folder, &study, &after)?
        && draft::read(&folder, &after)?.is_some_and(|draft| !draft.changes.is_empty())
    {
        session.say(&format!(
            "{} still says otherwise: write it there too, or the next run names the difference",
            draft::FILE
        ));
    }
    Ok(Outcome::Done)
}

fn apply(session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    let folder = session.folder()?;
    let applied = draft::read(&folder, &study)?
        .ok_or_else(|| CliError::new(format!("{} holds no {}", folder.display(), draft::FILE)))?;
    if applied.changes.is_empty() {
        session.say("the draft says what counts already");
        return Ok(Outcome::Done);
    }
    let mut change = store.change(&session.command, session.because.as_deref());
    if applied.settings != study.settings {
        change.put("study", &applied.settings).shown()?;
    }
    for (id, wave) in &applied.waves {
        change.put(id, wave).shown()?;
    }
    change.commit().shown()?;
    for line in &applied.changes {
        session.print(&format!("{line}\n"))?;
    }
    Ok(Outcome::Done)
}

fn polarity(session: &Session, language: &str, file: &std::path::Path) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    let mut settings = study.settings.clone();
    if file.as_os_str() == "built-in" {
        settings.polarity.remove(language);
    } else {
        let text = std::fs::read_to_string(file)
            .map_err(|error| CliError::new(format!("cannot read {}: {error}", file.display())))?;
        settings.polarity.insert(language.to_owned(), text);
        Lists::of_study(&settings.polarity).shown()?;
    }
    let mut change = store.change(&session.command, session.because.as_deref());
    change.put("study", &settings).shown()?;
    change.commit().shown()?;
    session.say(&format!("polarity list for {language}: {}", file.display()));
    Ok(Outcome::Done)
}
