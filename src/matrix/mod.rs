//! Themes by outcomes: who says what, counted over people, with an effect and its interval in every row.
//!
//! A matrix is a pure function of the study and its [`MatrixSpec`]; every cell has an id that names the whole
//! specification, so that the quotations behind it can be found again from the id alone.

mod adjusted;
mod association;
mod build;
mod cell;
mod contexts;
mod cooccurring;
mod declared;
mod effect;
mod explain;
mod footer;
mod measure;
pub mod model;
mod paired;
mod people;
mod printed;
mod row;
mod rows;
mod spec;
mod standing;
mod suppress;
mod test;

pub use association::{Clusters, CodeMap, Curve, CurveQuestion, MapPoint, clusters, code_map, curve};
pub use build::{Group, Matrix, MatrixCell, MatrixError, MatrixInputs, MatrixRow, build};
pub use cell::{CellQuote, cell_quotes, cell_spec};
pub use contexts::Within;
pub use cooccurring::{Pair, Pairs, pair_quotes, pairs};
pub use declared::{
    Declaration, Family, PlanError, adjustment_name, ask_as_declared, check_plan, departures, fit_as_declared,
    planned_transitions, usual_test,
};
pub use effect::Effect;
pub use explain::explain;
pub use footer::Footer;
pub use paired::{Occasions, PairedRow, PairedTable, paired};
pub use people::{PeopleTable, PersonCell, people};
pub use printed::{
    Printed, count_in_words, effect_in_words, p_in_words, results_in_words, sentence, tests_in_words, to_table,
    unread_in_words,
};
pub use spec::{Denominator, MatrixSpec, Measure, Rows, Test, parse_time};
pub use standing::{Alike, Standing, Told, alike, standings};
pub use suppress::suppress;
pub use test::TestResult;
