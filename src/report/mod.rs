//! What leaves the study: tables in four formats, pictures, the one-file report.
//!
//! Every writer takes what the earlier stages computed and adds nothing of its own; the same input gives the same bytes.

mod concordance;
mod page;
mod table;

pub use concordance::{Line, concordance};
pub use page::{ReportPage, ReportQuote, ReportSection, escape, render};
pub use table::{Format, Table, Value, counted, cut, cut_start, one_line};
