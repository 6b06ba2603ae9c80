//! Names that somebody typed: what they name in the study, or an error with the nearest name that there is.

use super::error::CliError;
use super::session::Session;
use crate::model::Source;
use crate::query::nearest;
use crate::store::Study;

fn unknown(what: &str, name: &str, near: Option<&str>, list: &str) -> CliError {
    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    CliError::new(format!("{what} `{name}`{near}")).hint(format!("`{list}` lists them"))
}

/// Checks that the codebook has a code.
pub fn code(study: &Study, id: &str) -> Result<(), CliError> {
    let codes = &study.codebook.codebook.codes;
    if codes.contains_key(id) {
        return Ok(());
    }
    let near = nearest(id, codes.keys().map(String::as_str));
    Err(unknown("the codebook has no code", id, near, "themata codebook show"))
}

/// The source with this name or id.
pub fn source<'a>(study: &'a Study, name: &str) -> Result<(&'a str, &'a Source), CliError> {
    let names = || study.sources.values().map(|source| source.name.as_str());
    study.find_source(name).ok_or_else(|| {
        // `P02` for `P02_T1.txt` is no slip of the finger but the beginning of a name.
        let begun = || names().filter(|known| !name.is_empty() && known.starts_with(name)).min();
        unknown("there is no source", name, nearest(name, names()).or_else(begun), "themata source")
    })
}

/// Checks that the study has a participant who has not withdrawn.
pub fn participant(study: &Study, id: &str) -> Result<(), CliError> {
    if study.participants.contains_key(id) {
        return Ok(());
    }
    if study.withdrawn.contains(id) {
        return Err(CliError::new(format!("{id} has withdrawn from the study and is not shown")));
    }
    let near = nearest(id, study.participants.keys().map(String::as_str));
    Err(unknown("there is no participant", id, near, "themata participant"))
}

/// Whether whoever works may see the codings of this coder.
pub fn may_see(study: &Study, session: &Session, coder: &str) -> bool {
    coder == session.coder || !study.settings.blind.iter().any(|blind| blind == "coders")
}
