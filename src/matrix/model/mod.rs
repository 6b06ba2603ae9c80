//! Models: linear, logistic, Firth's, and multilevel ones, from a formula to a table that says what it rests on.
//!
//! A formula becomes columns (`frame`), columns a fit (`fit`), a fit its diagnostics (`diagnostics`). The engines are
//! in `stats`; what is decided here is which one, over whom, and when the data are too few for what is asked.

mod compare;
mod declared;
mod diagnostics;
mod fit;
mod formula;
mod frame;
mod subset;
mod value;

pub use compare::{Comparison, compare};
pub use diagnostics::{Collinear, Diagnostics, Influence};
pub use fit::{Coefficient, Group, Kind, Model, ModelSpec, RandomPart, model};
pub use formula::{Formula, FormulaError, parse as parse_formula};
pub use frame::ModelError;
