//! Themes by outcomes: who says what, counted over people, with an effect and its interval in every row.
//!
//! A matrix is a pure function of the study and its [`MatrixSpec`]; every cell has an id that names the whole
//! specification, so that the quotations behind it can be found again from the id alone.

mod build;
mod cell;
mod effect;
mod footer;
mod printed;
mod spec;
mod standing;

pub use build::{Group, Matrix, MatrixCell, MatrixError, MatrixInputs, MatrixRow, build};
pub use cell::{CellQuote, cell_quotes, cell_spec};
pub use effect::{Effect, TestResult};
pub use footer::Footer;
pub use printed::{Printed, effect_in_words, p_in_words, tests_in_words, to_table};
pub use spec::{Denominator, MatrixSpec, Measure, Rows, Test, parse_time};
pub use standing::{Standing, Told, standings};
