//! Saved searches: kept under a name, run again, put into others.

use super::{Asked, Work};
use crate::cli::error::CliError;
use crate::cli::session::{Outcome, Session};
use crate::model::SavedSearch;
use crate::query::{Field, FieldValue, Query, SavedError, nearest, with_saved};
use crate::report::{Table, counted};
use crate::store::Study;

/// `saved:NAME`.
pub fn as_query(name: &str) -> Query {
    Query::Field(Field::Saved, FieldValue::Text(name.to_owned()))
}

/// A query with saved searches in their place.
pub fn put(query: Query, study: &Study) -> Result<Query, CliError> {
    let find = |name: &str| study.searches.get(name).map(|search| search.query.clone());
    with_saved(query, &find).map_err(|error| match &error {
        SavedError::Unknown { name } => unknown(study, name),
        _ => CliError::new(error.to_string()),
    })
}

fn unknown(study: &Study, name: &str) -> CliError {
    let near = nearest(name, study.searches.keys().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    CliError::new(format!("there is no saved search `{name}`{near}")).hint("`themata search` lists them")
}

/// Lists them.
pub fn list(session: &Session, study: &Study) -> Result<Outcome, CliError> {
    let mut table = Table::new("", &["name", "saved", "by", "query"]);
    table.running_text = true;
    for (name, search) in &study.searches {
        table.row([
            name.as_str().into(),
            search.saved.as_str().into(),
            search.author.as_str().into(),
            search.query.as_str().into(),
        ]);
    }
    if study.searches.is_empty() {
        table.note(
            "no saved searches yet: `themata search QUERY --save NAME` keeps one; `themata search QUERY` searches",
        );
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}

/// Keeps the query that was asked.
pub fn save(asked: &Asked<'_>, name: &str) -> Result<Work, CliError> {
    if name.trim().is_empty() || name.contains(['*', '?', '"']) {
        return Err(CliError::new(format!("`{name}` is no name for a saved search: use letters, digits, `-` and `_`")));
    }
    let typed = asked.args.query.as_ref().filter(|_| asked.args.saved.is_none() && asked.args.like.is_none());
    let query = typed.cloned().unwrap_or_else(|| asked.query.to_string());
    let circle = put(as_query(name), &with(asked.study, name, &query));
    circle?;
    let known = asked.study.searches.get(name).is_some_and(|known| known.query != query);
    let turns = asked.turns()?.len();
    let again = if known { ", in place of what it was" } else { "" };
    asked.session.say(&format!(
        "saved as {name}{again}: {} today; `themata search --saved {name}` runs it",
        counted(turns, "turn")
    ));
    let search = SavedSearch { query, author: asked.session.coder.clone(), saved: asked.session.now.clone() };
    Ok(Work::Saved(name.to_owned(), search))
}

/// The study with a search under a name.
fn with(study: &Study, name: &str, query: &str) -> Study {
    let search = SavedSearch { query: query.to_owned(), author: String::new(), saved: String::new() };
    let mut searches = study.searches.clone();
    searches.insert(name.to_owned(), search);
    Study { searches, ..Study::default() }
}

/// Drops one.
pub fn forget(session: &Session, study: &Study, name: &str) -> Result<Work, CliError> {
    if !study.searches.contains_key(name) {
        return Err(unknown(study, name));
    }
    let of = format!("saved:{name}");
    let users: Vec<&str> =
        study.searches.iter().filter(|(_, search)| search.query.contains(&of)).map(|(user, _)| user.as_str()).collect();
    if !users.is_empty() {
        session.say(&format!("note: {} asked for it and cannot be run any more", users.join(", ")));
    }
    session.say(&format!("forgot {name}; `themata undo` brings it back"));
    Ok(Work::Forget(name.to_owned()))
}
