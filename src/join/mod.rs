//! Scores and people: instruments become scores, outcomes become groups, codings become what each person said.
//!
//! Pure functions over the loaded [`Study`](crate::store::Study); nothing here counts or tests (that is `matrix`).

mod condition;
mod doubt;
mod facet;
mod outcome;
mod related;
mod score;
mod speech;
mod statement;
mod turn;

pub use condition::{Conditions, UnresolvedCondition};
pub use doubt::doubts;
pub use facet::{FoundTurn, Tally};
pub use outcome::{Outcome, OutcomeError, OutcomeValues, Unit};
pub use score::{ScoreProblem, ScoreTable, score_instrument};
pub use speech::{Speech, SpeechTable};
pub use statement::{Layer, LayerError, Statement, Statements, statements};
pub use turn::TurnSets;
