//! From rules to suggestions to decisions: compile, match, polarity, explain, decide, evaluate.
//!
//! A suggestion is a pure function of a text revision, its segmentation and the rule set; nothing here writes to a
//! study except the decisions, and those go through the store like every other change.

mod answer;
mod candidate;
mod check;
mod compile;
mod decide;
mod diff;
mod evaluate;
mod evolve;
mod explain;
mod intake;
mod polarity;
mod recode;
mod reference;
mod scan;
mod scan_lexicon;
mod scan_table;
mod suggest;
mod suggestion;
mod tag;
mod trial;
mod turn;

pub use answer::Answered;
pub use check::{Finding, Severity, check};
pub use compile::{CompiledRule, NoClasses, RuleFault, RuleProblem, RuleSet, WordClasses, WordMeaning};
pub use decide::{
    DecideError, Decided, Decider, Decisions, Judgement, find_lines, find_quote, find_turns, memo_id, quotation,
    record_id,
};
pub use diff::{Change, diff};
pub use evaluate::{CodeResult, Difference, Evaluation};
pub use evolve::{
    Evolution, EvolveError, Open, Redefinition, merge_code, move_under, queue, redefine, rename, retire, split_code,
};
pub use explain::{Explanation, explain_in_words, explain_json};
pub use intake::{FileKind, Importer, Intake, IntakeRequest, News, one_sided};
pub use polarity::{Lists, ListsError};
pub use reference::{ReferenceRecords, reference_records, reference_source};
pub use scan::{Hit, Scratch, TurnContext};
pub use suggest::{Coder, CoderError};
pub use suggestion::{RuleRef, Suggestion};
pub use tag::{Tag, Tagged, Tags, units};
pub use trial::{Moved, Standing, Trial, TrialError, try_rule};
pub use turn::{sentence_spans, turn_matches};
