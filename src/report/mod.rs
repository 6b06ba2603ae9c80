//! What leaves the study: tables in four formats, pictures, the one-file report.
//!
//! Every writer takes what the earlier stages computed and adds nothing of its own; the same input gives the same bytes.

mod alluvial;
mod concordance;
mod dendrogram;
mod page;
mod scatter;
mod table;
mod waves;

pub use alluvial::{alluvial_caption, alluvial_svg};
pub use concordance::{Line, concordance};
pub use dendrogram::dendrogram;
pub use page::{ReportPage, ReportQuote, ReportSection, escape, render, table_page};
pub use scatter::{Mark, Scatter, scatter};
pub use table::{Format, Table, Value, counted, cut, cut_start, one_line};
pub use waves::{ShownTests, attrition_table, change_cases, change_tables, transition_cases, transitions_table};
