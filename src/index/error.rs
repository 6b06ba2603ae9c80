//! What can go wrong with the index. Nothing of it harms a study: what cannot be answered from the index is answered
//! from the texts, except where a query asks for too much.

use super::vocabulary::MOST_FORMS;
use crate::store::StoreError;

/// Why the index gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// What lies in the folder is of no use.
    #[error("the index cannot be used: {why}")]
    Unusable {
        /// Why.
        why: String,
    },
    /// Reading or writing it failed.
    #[error("the index in {folder} could not be {doing}")]
    Failed {
        /// `read`, `written`.
        doing: &'static str,
        /// The folder.
        folder: String,
        /// What tantivy says.
        #[source]
        source: tantivy::TantivyError,
    },
    /// The study itself could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The study has no turn with this number.
    #[error("the study has no turn {ordinal}")]
    UnknownTurn {
        /// The number.
        ordinal: u32,
    },
    /// A word of a query stands for more words than can be looked up.
    #[error(
        "`{word}` stands for more than {MOST_FORMS} different words of this study, which is too much for one search: write more of its letters"
    )]
    TooManyForms {
        /// The word, or the regular expression.
        word: String,
    },
    /// All words of a query together do.
    #[error(
        "the words of this query stand for more than {MOST_FORMS} different words of this study, which is too much for one search: ask for less at a time"
    )]
    TooManyFormsTogether,
    /// A regular expression took too many steps.
    #[error(
        "the regular expression /{pattern}/ needs too many steps on the texts of this study: use smaller repetitions, or a word beside it"
    )]
    TooManySteps {
        /// The expression.
        pattern: String,
    },
}
