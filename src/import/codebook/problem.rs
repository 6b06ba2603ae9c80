//! What can be wrong with a codebook file.

use super::Place;
use crate::import::Problem;
use crate::query::{ParseProblem, RuleError};
use std::fmt::{self, Display, Formatter};

/// What is wrong with a codebook file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodebookMistake {
    /// The file cannot be read as TOML.
    #[error("this is not TOML: {message}")]
    Syntax {
        /// What the reader of TOML expected.
        message: String,
    },
    /// A key that means nothing here.
    #[error("there is no key `{key}` in {place}")]
    UnknownKey {
        /// As written.
        key: String,
        /// `a code`, `a rule`, `the codebook`.
        place: &'static str,
    },
    /// Two tables for one code.
    #[error("the code `{code}` stands here for the second time (first in line {first})")]
    CodeTwice {
        /// Id of the code.
        code: String,
        /// Line where it stood first.
        first: usize,
    },
    /// Two values for one key.
    #[error("`{key}` stands here for the second time")]
    KeyTwice {
        /// As written.
        key: String,
    },
    /// A value of the wrong kind.
    #[error("`{key}` should be {expected}")]
    Kind {
        /// As written.
        key: String,
        /// What was expected.
        expected: String,
    },
    /// A codebook without a name.
    #[error("the codebook has no name")]
    NoName,
    /// An id with other signs than letters, digits, `_`, `-`.
    #[error("`{code}` cannot be the id of a code: letters, digits, `_` and `-` only")]
    Id {
        /// As written.
        code: String,
    },
    /// A parent that is not a code.
    #[error("the parent `{parent}` of `{code}` is not in the codebook")]
    UnknownParent {
        /// Id of the code.
        code: String,
        /// As written.
        parent: String,
    },
    /// Codes that are their own ancestors.
    #[error("these parents run in a circle: {circle}")]
    Circle {
        /// `a → b → a`.
        circle: String,
    },
    /// Not a colour.
    #[error("`{color}` is not a colour: expected `#` and six digits, such as `#3a7bd5`")]
    Color {
        /// As written.
        color: String,
    },
    /// A rule without a pattern.
    #[error("a rule of `{code}` has no `match`")]
    NoMatch {
        /// Id of the code.
        code: String,
    },
    /// A rule that sets what only people decide.
    #[error("a rule of `{code}` cannot say `ambivalent`, which only people assign")]
    Ambivalent {
        /// Id of the code.
        code: String,
    },
    /// A rule that is not in the query language.
    #[error("a rule of `{code}` cannot be read")]
    Rule {
        /// Id of the code.
        code: String,
        /// What is wrong with it.
        #[source]
        source: ParseProblem,
    },
    /// A query that cannot serve as a rule.
    #[error("a rule of `{code}` cannot be used")]
    Unfit {
        /// Id of the code.
        code: String,
        /// Why.
        #[source]
        source: RuleError,
    },
}

/// A mistake with its place and what to do about it.
///
/// Prints as three lines: file, line, column and sentence; the line of the file; carets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodebookProblem {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub mistake: CodebookMistake,
    /// What to write instead, as a clause.
    pub hint: Option<String>,
}

impl CodebookProblem {
    /// The same as a problem of any file.
    pub fn as_problem(&self) -> Problem {
        let found = Problem::error(&self.place.file, self.mistake.to_string());
        found.at(self.place.line.try_into().unwrap_or(u32::MAX)).hint(self.hint.clone().unwrap_or_default())
    }
}

impl std::error::Error for CodebookProblem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.mistake)
    }
}

impl Display for CodebookProblem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Place { file, line, column, shown, carets } = &self.place;
        write!(f, "{file}:{line}:{column}: {}", self.mistake)?;
        if let Some(cause) = std::error::Error::source(&self.mistake) {
            write!(f, ": {cause}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        write!(f, "\n  {shown}\n  {carets}")
    }
}

/// Something in a file that was understood, but perhaps not as meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// How it was understood and what to write instead.
    pub sentence: String,
}

impl Display for Note {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Place { file, line, column, shown, carets } = &self.place;
        write!(f, "{file}:{line}:{column}: {}\n  {shown}\n  {carets}", self.sentence)
    }
}
