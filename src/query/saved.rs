//! `saved:NAME` stands for the query that was saved under the name: it is put in its place before anything is asked.

use super::{Field, FieldValue, MAX_CLAUSES, ParseError, Query, parse};

/// Saved searches inside one another.
const MOST_LEVELS: usize = 8;

/// Why a saved search cannot be put in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// There is none of that name.
    #[error("there is no saved search `{name}`")]
    Unknown {
        /// As typed.
        name: String,
    },
    /// `saved:>3`.
    #[error("`saved:` takes the name of a saved search")]
    NotAName,
    /// It cannot be read.
    #[error("the saved search `{name}` cannot be read: {error}")]
    Unreadable {
        /// The name.
        name: String,
        /// What is wrong.
        error: ParseError,
    },
    /// Saved searches that ask for one another.
    #[error("the saved search `{name}` asks for itself, or for others more than {MOST_LEVELS} levels deep")]
    TooDeep {
        /// The name.
        name: String,
    },
    /// Too long when put together.
    #[error(
        "with the saved search `{name}` in its place the query is too long (limit: {MAX_CLAUSES} words and conditions)"
    )]
    TooLong {
        /// The name.
        name: String,
    },
}

/// The query with every saved search in its place; `find` gives what was saved under a name.
///
/// # Errors
/// There is no such search, or it cannot be put there.
pub fn with_saved(query: Query, find: &dyn Fn(&str) -> Option<String>) -> Result<Query, SavedError> {
    Putting { find, clauses: 0 }.put(query, 0)
}

struct Putting<'a> {
    find: &'a dyn Fn(&str) -> Option<String>,
    /// Words and conditions of all that was put in so far.
    clauses: usize,
}

impl Putting<'_> {
    fn put(&mut self, query: Query, level: usize) -> Result<Query, SavedError> {
        Ok(match query {
            Query::And(parts) => Query::And(self.all(parts, level)?),
            Query::Or(parts) => Query::Or(self.all(parts, level)?),
            Query::Not(part) => Query::Not(self.boxed(*part, level)?),
            Query::Within(scope, part) => Query::Within(scope, self.boxed(*part, level)?),
            Query::Near(left, right, words) => {
                Query::Near(self.boxed(*left, level)?, self.boxed(*right, level)?, words)
            }
            Query::Then(left, right, words) => {
                Query::Then(self.boxed(*left, level)?, self.boxed(*right, level)?, words)
            }
            Query::Related(relation, left, right) => {
                Query::Related(relation, self.boxed(*left, level)?, self.boxed(*right, level)?)
            }
            Query::Field(Field::Saved, FieldValue::Text(name)) => {
                let Some(text) = (self.find)(&name) else { return Err(SavedError::Unknown { name }) };
                if level == MOST_LEVELS {
                    return Err(SavedError::TooDeep { name });
                }
                let saved = parse(&text).map_err(|error| SavedError::Unreadable { name: name.clone(), error })?;
                self.clauses += saved.leaves();
                if self.clauses > MAX_CLAUSES {
                    return Err(SavedError::TooLong { name });
                }
                self.put(saved, level + 1)?
            }
            Query::Field(Field::Saved, _) => return Err(SavedError::NotAName),
            other => other,
        })
    }

    fn all(&mut self, parts: Vec<Query>, level: usize) -> Result<Vec<Query>, SavedError> {
        parts.into_iter().map(|part| self.put(part, level)).collect()
    }

    fn boxed(&mut self, part: Query, level: usize) -> Result<Box<Query>, SavedError> {
        self.put(part, level).map(Box::new)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{SavedError, with_saved};
    use crate::query::parse;

    fn put(query: &str, saved: &[(&str, &str)]) -> Result<String, SavedError> {
        let find = |name: &str| saved.iter().find(|(known, _)| *known == name).map(|(_, query)| (*query).to_owned());
        with_saved(parse(query).unwrap(), &find).map(|query| query.to_string())
    }

    #[test]
    fn it_stands_for_what_was_saved() {
        let saved = [("a", "trust OR help"), ("b", "saved:a AND role:participant"), ("c", "code:x BEFORE/1 saved:a")];
        assert_eq!(put("saved:a garden", &saved).unwrap(), "(trust OR help) AND garden");
        assert_eq!(put("NOT saved:b AND x", &saved).unwrap(), "NOT ((trust OR help) AND role:participant) AND x");
        assert_eq!(put("saved:c", &saved).unwrap(), "code:x BEFORE/1 (trust OR help)");
        assert_eq!(put("saved:d", &saved), Err(SavedError::Unknown { name: "d".into() }));
        assert_eq!(put("saved:>3", &saved), Err(SavedError::NotAName));
    }

    #[test]
    fn circles_and_avalanches_end() {
        assert_eq!(put("saved:a", &[("a", "x OR saved:a")]), Err(SavedError::TooDeep { name: "a".into() }));
        let many = ["saved:b"; 5_000].join(" OR ");
        let more = ["word"; 5_000].join(" OR ");
        let saved = [("a", many.as_str()), ("b", more.as_str())];
        assert_eq!(put("saved:a", &saved), Err(SavedError::TooLong { name: "b".into() }));
    }
}
