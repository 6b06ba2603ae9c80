//! Moves between classes: an alluvial picture and the table with those who were lost.

use super::{ReportPage, escape};
use crate::join::Transitions;
use crate::report::alluvial::{alluvial_caption, alluvial_svg};
use crate::report::waves::{ShownTests, transitions_table};
use std::fmt::Write as _;

/// Writes a section per outcome; nothing without one.
pub fn write(out: &mut String, page: &ReportPage) {
    for (k, transitions) in page.transitions.iter().enumerate() {
        section(out, k, transitions, page.reflexive);
    }
}

fn section(out: &mut String, k: usize, transitions: &Transitions, reflexive: bool) {
    let shown = ShownTests { p: !reflexive, mid_p: false, alpha: 0.05 };
    let table = transitions_table(transitions, shown);
    let _ = writeln!(
        out,
        "<section id=\"moves-{k}\">\n<h2>{}</h2>\n<figure>\n{}<figcaption>{}</figcaption>\n</figure>",
        escape(&table.title),
        alluvial_svg(&format!("moves-{k}"), transitions),
        alluvial_caption(transitions)
    );
    let label = escape(&transitions.name);
    let _ = write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Transitions of {label}\">\n<table>\n<thead><tr>"
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
