//! Drafts in the study's folder: `themata.toml` and `codebooks/*.toml` say what somebody means to settle; they count
//! only once they are applied, and a difference is said on every run.

use super::error::CliError;
use crate::import::read_codebook;
use crate::model::{Approach, FIRST_SEED, Role, Settings, Wave, WavePhase};
use crate::store::Study;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Name of the draft of the settings.
pub const FILE: &str = "themata.toml";

/// What the file can say; everything it leaves out stays as it is.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Draft {
    name: Option<String>,
    approach: Option<Approach>,
    languages: Option<Vec<String>>,
    coded_roles: Option<Vec<Role>>,
    roles: Option<BTreeMap<String, Role>>,
    blind: Option<Vec<String>>,
    fictional: Option<bool>,
    seed: Option<u64>,
    waves: Option<Vec<DraftWave>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftWave {
    id: String,
    phase: WavePhase,
    label: Option<String>,
}

/// Settings and waves as the draft would have them, and what it changes, one line each.
pub struct Applied {
    /// Settings.
    pub settings: Settings,
    /// Waves that differ.
    pub waves: BTreeMap<String, Wave>,
    /// What changes.
    pub changes: Vec<String>,
}

/// The draft of a new study, with every key and a word about it.
pub fn template(settings: &Settings, waves: &[(String, Wave)]) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let list = |items: &[String]| items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", ");
    let mut out = String::from(
        "# A draft of the settings. What counts is in the study itself: change a line here, then `themata settings apply`.\n\n",
    );
    let approach = format!("{:?}", settings.approach).to_lowercase();
    let _ = writeln!(out, "name = {}", quoted(&settings.name));
    let _ = writeln!(
        out,
        "# reflexive, codebook, reliability, framework or content: decides what is shown unasked\napproach = {}",
        quoted(&approach)
    );
    let _ =
        writeln!(out, "# languages of the interviews, the main one first\nlanguages = [{}]", list(&settings.languages));
    let coded: Vec<String> = settings.coded_roles.iter().map(|role| role.name().to_owned()).collect();
    let _ = writeln!(
        out,
        "# whose turns rules read and counts count: participant, interviewer, other\ncoded_roles = [{}]",
        list(&coded)
    );
    let _ = writeln!(
        out,
        "# what coders must not see while they code: coders, suggestions, scores, group, wave\nblind = [{}]",
        list(&settings.blind)
    );
    if settings.fictional {
        out.push_str("# the data are made up: said in every output\nfictional = true\n");
    }
    if settings.seed != FIRST_SEED {
        let _ =
            writeln!(out, "# what intervals, permutations and audit samples are drawn with\nseed = {}", settings.seed);
    }
    if waves.is_empty() {
        out.push_str("\n# waves in order of time; the phase tells which time speech without a marker is about\n# [[waves]]\n# id = \"T0\"\n# phase = \"before\" # before, during or after\n");
    }
    for (id, wave) in waves {
        let phase = format!("{:?}", wave.phase).to_lowercase();
        let _ = writeln!(out, "\n[[waves]]\nid = {}\nphase = {}", quoted(id), quoted(&phase));
        if wave.label != *id {
            let _ = writeln!(out, "label = {}", quoted(&wave.label));
        }
    }
    out.push_str("\n# roles of speaker labels that do not tell by themselves\n");
    if settings.roles.is_empty() {
        out.push_str("# [roles]\n# therapist = \"interviewer\"\n");
    } else {
        out.push_str("[roles]\n");
    }
    for (label, role) in &settings.roles {
        let _ = writeln!(out, "{} = {}", quoted(label), quoted(role.name()));
    }
    out
}

/// Writes settings that have just been made to count into the draft, so that it does not go on saying what was before.
/// Somebody who has written other things into it, or means something that does not count yet, keeps the file as it is;
/// whether it was written.
pub fn follow(folder: &Path, before: &Study, after: &Study) -> Result<bool, CliError> {
    let path = folder.join(FILE);
    let of = |study: &Study| {
        let waves: Vec<(String, Wave)> =
            study.waves_in_order().into_iter().map(|(id, wave)| (id.to_owned(), wave.clone())).collect();
        template(&study.settings, &waves)
    };
    // Waves that an import met are no part of the draft unless somebody writes them there.
    let untouched = [of(before), template(&before.settings, &[])];
    match std::fs::read_to_string(&path) {
        Ok(text) if untouched.contains(&text) => {
            super::report::write_file(&path, of(after).as_bytes())?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Reads the draft, if there is one.
pub fn read(folder: &Path, study: &Study) -> Result<Option<Applied>, CliError> {
    let path = folder.join(FILE);
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
    let draft: Draft = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text.get(..span.start).unwrap_or("").matches('\n').count());
        CliError::new(format!("{FILE}, line {line}: {}", error.message()))
            .hint("keys: name, approach, languages, coded_roles, roles, blind, fictional, seed, waves")
    })?;
    let mut settings = study.settings.clone();
    let mut changes = Vec::new();
    let mut say = |what: &str, old: String, new: String| {
        if old != new {
            changes.push(format!("{what}: {old} -> {new}"));
        }
    };
    if let Some(name) = draft.name {
        say("name", settings.name.clone(), name.clone());
        settings.name = name;
    }
    if let Some(approach) = draft.approach {
        say("approach", format!("{:?}", settings.approach).to_lowercase(), format!("{approach:?}").to_lowercase());
        settings.approach = approach;
    }
    if let Some(languages) = draft.languages {
        say("languages", settings.languages.join(", "), languages.join(", "));
        settings.languages = languages;
    }
    if let Some(roles) = draft.coded_roles {
        let words = |roles: &[Role]| format!("{roles:?}").to_lowercase();
        say("coded_roles", words(&settings.coded_roles), words(&roles));
        settings.coded_roles = roles;
    }
    if let Some(roles) = draft.roles {
        let words = |roles: &BTreeMap<String, Role>| format!("{roles:?}").to_lowercase();
        say("roles", words(&settings.roles), words(&roles));
        settings.roles = roles;
    }
    if let Some(blind) = draft.blind {
        say("blind", settings.blind.join(", "), blind.join(", "));
        settings.blind = blind;
    }
    if let Some(fictional) = draft.fictional {
        say("fictional", settings.fictional.to_string(), fictional.to_string());
        settings.fictional = fictional;
    }
    if let Some(seed) = draft.seed {
        say("seed", settings.seed.to_string(), seed.to_string());
        settings.seed = seed;
    }
    let mut waves = BTreeMap::new();
    for (order, wave) in draft.waves.into_iter().flatten().enumerate() {
        let new = Wave { label: wave.label.unwrap_or_else(|| wave.id.clone()), order: order as u32, phase: wave.phase };
        let old = study.waves.get(&wave.id);
        if old != Some(&new) {
            let words = |wave: &Wave| format!("{} {}", wave.order, format!("{:?}", wave.phase).to_lowercase());
            say(&format!("wave {}", wave.id), old.map_or("none".into(), words), words(&new));
            waves.insert(wave.id, new);
        }
    }
    Ok(Some(Applied { settings, waves, changes }))
}

/// What lies in the folder and does not count yet, one line each. A draft that cannot be read is one of them.
pub fn differences(folder: &Path, study: &Study) -> Vec<String> {
    let mut lines = Vec::new();
    match read(folder, study) {
        Ok(Some(applied)) if !applied.changes.is_empty() => {
            lines.push(format!(
                "{FILE} differs ({}); `themata settings apply` makes it count",
                applied.changes.join("; ")
            ));
        }
        Ok(_) => {}
        Err(error) => lines.push(error.to_string()),
    }
    let Ok(entries) = std::fs::read_dir(folder.join("codebooks")) else { return lines };
    let mut files: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Only a codebook can be compared; lists and instruments are applied by hand.
        let Ok((codebook, _)) = read_codebook(&name, &text) else { continue };
        let same_name = codebook.name == study.codebook.codebook.name;
        if same_name && codebook != study.codebook.codebook {
            lines.push(format!(
                "codebooks/{name} differs from version {}; `themata codebook import` makes it count",
                study.codebook.number
            ));
        }
    }
    lines
}
