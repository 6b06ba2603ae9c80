//! A table with its notes, and a picture above it where there is one.

use super::escape;
use crate::report::Table;
use std::fmt::Write as _;

/// A table and its picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The table; its title is that of the section.
    pub table: Table,
    /// The picture.
    pub svg: Option<String>,
    /// What the picture shows, as HTML text; empty where the table says it.
    pub caption: String,
}

impl Figure {
    /// The first line of the title.
    pub fn name(&self) -> &str {
        self.table.title.lines().next().unwrap_or_default()
    }
}

/// Writes the section.
pub fn write(out: &mut String, k: usize, figure: &Figure) {
    let table = &figure.table;
    let _ = writeln!(out, "<section id=\"figure-{k}\">\n<h2>{}</h2>", escape(figure.name()));
    for line in table.title.lines().skip(1) {
        let _ = writeln!(out, "<p>{}</p>", escape(line));
    }
    if let Some(svg) = &figure.svg {
        let caption = match figure.caption.as_str() {
            "" => String::new(),
            caption => format!("<figcaption>{caption}</figcaption>\n"),
        };
        let _ = writeln!(out, "<figure>\n{svg}{caption}</figure>");
    }
    let _ = write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n<thead><tr>",
        escape(figure.name())
    );
    for column in &table.columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(column));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (c, value) in row.iter().enumerate() {
            let text = escape(&value.shown());
            let _ = if c == 0 { write!(out, "<th scope=\"row\">{text}</th>") } else { write!(out, "<td>{text}</td>") };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n<ul class=\"notes\">\n");
    for note in &table.notes {
        let _ = writeln!(out, "<li>{}</li>", escape(note));
    }
    out.push_str("</ul>\n</section>\n");
}
