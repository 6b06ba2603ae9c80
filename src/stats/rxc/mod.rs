//! Tables of more than two rows or columns, and stratified tables of two by two.

mod chi_square;
mod fisher;
mod stratified;
mod trend;

pub use chi_square::{ChiSquareRxC, chi_square_rxc};
pub use fisher::{fisher_exact_rxc, fisher_exact_rxc_monte_carlo};
pub use stratified::{MantelHaenszel, cochran_mantel_haenszel};
pub use trend::cochran_armitage;
