//! Scores and people: instruments become scores, outcomes become groups, codings become what each person said.
//!
//! Pure functions over the loaded [`Study`](crate::store::Study); nothing here counts or tests (that is `matrix`).

mod condition;
mod outcome;
mod reliability;
mod score;
mod scoring;
mod speech;
mod statement;
mod turn;

pub use condition::{Conditions, UnresolvedCondition};
pub use outcome::{Outcome, OutcomeError, OutcomeValues, Unit};
pub use reliability::{ItemStatistics, ScaleReliability, reliability};
pub use score::{ScoreOrigin, ScorePart, ScoreTable, doubt, missing_in_words, rule_in_words};
pub use scoring::{ScoreProblem, Scored, keyed, score_instrument};
pub use speech::{Speech, SpeechTable};
pub use statement::{Layer, LayerError, Statement, Statements, statements};
pub use turn::{Settled, TurnFacts};
