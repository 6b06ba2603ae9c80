//! `init`: makes a study.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::model::{Approach, Settings, Wave, WavePhase};
use crate::store::Store;
use std::path::PathBuf;

/// Make a study in a folder
#[derive(clap::Args)]
pub struct Args {
    /// The folder; made if it is not there
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Name of the study; the folder's name if nothing is said
    #[arg(long)]
    name: Option<String>,
    /// Languages of the interviews, the main one first
    #[arg(long, value_delimiter = ',', default_value = "en")]
    languages: Vec<String>,
    /// reflexive, codebook, reliability, framework or content
    #[arg(long, default_value = "codebook")]
    approach: String,
    /// Waves in order of time, each with its phase: `T0=before,T1=during`
    #[arg(long, value_delimiter = ',')]
    waves: Vec<String>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let waves = args.waves.iter().enumerate().map(|(k, wave)| parse_wave(k, wave)).collect::<Result<Vec<_>, _>>()?;
    let folder_name = || {
        let full = std::path::absolute(&args.dir).ok();
        full.and_then(|dir| dir.file_name().map(|name| name.to_string_lossy().into_owned()))
    };
    let settings = Settings {
        name: args.name.clone().or_else(folder_name).unwrap_or_else(|| "study".into()),
        approach: parse_approach(&args.approach)?,
        languages: args.languages.clone(),
        ..Settings::default()
    };
    if Store::is_study(&args.dir) {
        return Err(CliError::new(format!("{} holds a study already", args.dir.display()))
            .hint("add to it with `themata import PATH...`"));
    }
    let mut store = Store::create(&args.dir, session.environment()?).shown()?;
    let mut change = store.change(&session.command, session.because.as_deref());
    change.put("study", &settings).shown()?;
    for (id, wave) in &waves {
        change.put(id, wave).shown()?;
    }
    change.commit().shown()?;
    let draft = args.dir.join(super::draft::FILE);
    if !draft.exists() {
        super::report::write_file(&draft, super::draft::template(&settings, &waves).as_bytes())?;
    }
    session.say(&format!("study `{}` in {}", settings.name, args.dir.display()));
    session.say("next: `themata import interviews/ scores.csv codebook.toml`");
    Ok(Outcome::Done)
}

/// `T1=during` as a wave; `T1` alone is during.
pub fn parse_wave(order: usize, text: &str) -> Result<(String, Wave), CliError> {
    let (id, phase) = text.split_once('=').unwrap_or((text, "during"));
    let phase = match phase {
        "before" => WavePhase::Before,
        "during" => WavePhase::During,
        "after" => WavePhase::After,
        other => return Err(CliError::new(format!("`{other}` is no phase of a wave: before, during or after"))),
    };
    if id.is_empty() {
        return Err(CliError::new("a wave needs an id, such as `T0=before`"));
    }
    Ok((id.to_owned(), Wave { label: id.to_owned(), order: order as u32, phase }))
}

/// The approach with this name.
pub fn parse_approach(name: &str) -> Result<Approach, CliError> {
    Ok(match name {
        "reflexive" => Approach::Reflexive,
        "codebook" => Approach::Codebook,
        "reliability" => Approach::Reliability,
        "framework" => Approach::Framework,
        "content" => Approach::Content,
        other => {
            return Err(CliError::new(format!("`{other}` is no approach"))
                .hint("reflexive, codebook, reliability, framework or content"));
        }
    })
}
