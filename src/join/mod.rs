//! Scores and people: instruments become scores, outcomes become groups, codings become what each person said; and what
//! became of people's scores between waves.
//!
//! Pure functions over the loaded [`Study`](crate::store::Study). Nothing here counts or tests codes (that is `matrix`).

mod condition;
mod consistency;
mod doubt;
mod facet;
mod norm;
mod outcome;
mod reading;
mod related;
mod reliability;
mod rule;
mod score;
mod scoring;
mod speech;
mod statement;
mod turn;
mod waves;

pub use condition::{Conditions, UnresolvedCondition};
pub use consistency::{Inconsistency, inconsistencies};
pub use doubt::doubts;
pub use facet::{FoundTurn, Tally};
pub use norm::norms_in_words;
pub use outcome::{Outcome, OutcomeError, OutcomeValues, Unit, waves_in_order};
pub use reading::Reading;
pub use reliability::{ItemStatistics, ScaleReliability, reliability};
pub use rule::{class_rule, rules_in_words};
pub use score::{ScoreOrigin, ScorePart, ScoreTable, doubt, missing_in_words, rule_in_words};
pub use scoring::{ScoreProblem, Scored, keyed, score_instrument};
pub use speech::{Speech, SpeechTable};
pub use statement::{Layer, LayerBasis, LayerError, Statement, Statements, statements};
pub use turn::TurnSets;
pub use waves::{
    Attrition, Change, ChangeBound, ChangeQuestion, ChiSquare, ClassCount, Comparison, Criterion, CutoffFrom, Figure,
    MeanChange, Norms, PersonChange, Share, TransitionTests, Transitions, WavesError, attrition, change, transitions,
};
