//! What leaves the study: tables in four formats, pictures, the one-file report.
//!
//! Every writer takes what the earlier stages computed and adds nothing of its own; the same input gives the same bytes.

mod alluvial;
mod concordance;
mod dendrogram;
mod displays;
mod model;
mod page;
mod paired;
mod scatter;
mod table;
mod waves;

pub use alluvial::{alluvial_caption, alluvial_svg};
pub use concordance::{Line, concordance};
pub use dendrogram::dendrogram;
pub use displays::{clusters_figure, map_figure, saturation_figure, transitions_figure};
pub use model::{model_table, provenance, residuals};
pub use page::{Figure, ReportPage, ReportQuote, ReportSection, escape, render, table_page};
pub use paired::paired_table;
pub use scatter::{Mark, Scatter, scatter};
pub use table::{Format, Table, Value, counted, cut, cut_start, one_line};
pub use waves::{ShownTests, attrition_table, change_cases, change_tables, transition_cases, transitions_table};
