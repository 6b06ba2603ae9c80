//! What leaves the study: tables in four formats, pictures, the one-file report.
//!
//! Every writer takes what the earlier stages computed and adds nothing of its own; the same input gives the same bytes.

mod page;
mod table;

pub use page::{ReportPage, ReportQuote, ReportSection, escape, render, table_page};
pub use table::{Format, Table, Value, counted, cut, one_line};
