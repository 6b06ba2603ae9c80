//! `search --like`: more like this quotation.

use crate::cli::error::{CliError, Shown};
use crate::cli::session::Session;
use crate::code::quotation;
use crate::index::{Reader, like};
use crate::query::Query;
use crate::store::{Store, Study};

/// The query for turns like a coding's quotation, or like words, among those that another query chooses. The quotation's own turn
/// comes first: nothing is more like it.
pub fn query(
    session: &Session,
    study: &Study,
    store: &Store,
    reader: &Reader<'_>,
    wanted: &str,
    among: &Query,
) -> Result<Query, CliError> {
    let words = match study.codings.get(wanted).filter(|coding| super::is_seen(session, study, wanted, coding)) {
        None if wanted.starts_with("c-") && !wanted.contains(' ') => {
            return Err(CliError::new(format!("there is no coding `{wanted}`"))
                .hint("`themata quotes` lists them with their ids"));
        }
        None => wanted.to_owned(),
        Some(coding) => {
            let Some(source) = study.sources.get(&coding.source) else {
                return Err(CliError::new("the source of this coding is not shown"));
            };
            let text = study.text(store, source).shown()?;
            let words = quotation(coding, &text, |quote| store.keyed_digest(quote)).map(str::to_owned);
            words.ok_or_else(|| CliError::new("the words of this coding are no longer where they were coded"))?
        }
    };
    let Some(alike) = like(reader, &words).shown()? else {
        return Err(CliError::new(
            "none of these words tells one turn from another: more than one turn in ten holds them, or none does",
        ));
    };
    session.say(&format!("like this: {alike}"));
    Ok(if *among == super::everything() { alike } else { Query::And(vec![among.clone(), alike]) })
}
