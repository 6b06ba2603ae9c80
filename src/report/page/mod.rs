//! The report: one HTML file without scripts, links to elsewhere, or anything that a reader must install.

mod figure;
mod forest;
mod heatmap;
mod methods;
mod table;

use crate::matrix::{Matrix, MatrixRow, count_in_words, effect_in_words, to_table};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use figure::Figure;
pub use table::table_page;

const STYLE: &str = include_str!("style.css");

/// A quotation in the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportQuote {
    /// Unit that says it.
    pub unit: String,
    /// Whether the unit counts into the cell's n.
    pub counted: bool,
    /// Where the unit stands.
    pub standing: &'static str,
    /// Wave.
    pub wave: String,
    /// The unit's outcome.
    pub outcome: String,
    /// Polarity.
    pub polarity: &'static str,
    /// Id of the coding or suggestion.
    pub id: String,
    /// Source.
    pub source: String,
    /// The words.
    pub words: String,
}

/// One matrix with the quotations behind its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportSection {
    /// The matrix.
    pub matrix: Matrix,
    /// Quotations by cell id.
    pub quotes: BTreeMap<String, Vec<ReportQuote>>,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportPage {
    /// Name of the study.
    pub study: String,
    /// Lines about the study: people, sources, codings.
    pub facts: Vec<(String, String)>,
    /// One section per outcome.
    pub sections: Vec<ReportSection>,
    /// Moves, models and displays: a table each, most with a picture.
    pub figures: Vec<Figure>,
    /// One of them answers a plan that was declared before anybody looked.
    pub declared_figures: bool,
    /// Where models and paired tables depart from plans.
    pub deviations: Vec<String>,
    /// Declared plans that no section answers, with the reason.
    pub unanswered: Vec<String>,
    /// Time of the newest operation: the report says when the data were last changed, not when it was printed.
    pub as_of: String,
    /// Version of the engine.
    pub version: &'static str,
    /// Tests and p are shown unasked (not under a reflexive approach).
    pub reflexive: bool,
}

/// Longest label beside a picture, in columns: what its margin holds.
const LABEL_COLUMNS: usize = 31;

/// Text made safe for HTML and SVG.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no place for these, and a browser shows nothing for them.
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
    out
}

/// The page as HTML.
pub fn render(page: &ReportPage) -> String {
    let mut out = String::new();
    let title = escape(&page.study);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <title>{title}: themes by outcomes</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>{title}</h1>\n<p class=\"lead\">Which themes go with which outcomes, in whose words, and how sure we can be.</p>\n"
    );
    if page.sections.iter().any(|section| section.matrix.footer.fictional) {
        out.push_str("<p class=\"notice\">The people, interviews and scores of this study are fictional.</p>\n");
    }
    if page.sections.iter().any(|section| section.matrix.footer.suggestions > 0) {
        out.push_str("<p class=\"notice\">Includes unreviewed suggestions: nobody has looked at some of what is counted here.</p>\n");
    }
    out.push_str("<dl class=\"facts\">\n");
    for (name, value) in &page.facts {
        // A name is not broken at its hyphen where the next line has room for it.
        let whole = |part: &str| format!("<span>{}</span>", escape(part.trim_end()));
        let value = value.split_inclusive(", ").map(whole).collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{value}</dd></div>", escape(name));
    }
    out.push_str("</dl>\n</header>\n");
    if page.sections.len() + page.figures.len() > 1 {
        out.push_str("<nav aria-label=\"Contents\"><ul>\n");
        for (k, section) in page.sections.iter().enumerate() {
            let _ = writeln!(out, "<li><a href=\"#outcome-{k}\">{}</a></li>", escape(&section.matrix.outcome));
        }
        for (k, figure) in page.figures.iter().enumerate() {
            let _ = writeln!(out, "<li><a href=\"#figure-{k}\">{}</a></li>", escape(figure.name()));
        }
        out.push_str("</ul></nav>\n");
    }
    for (k, section) in page.sections.iter().enumerate() {
        write_section(&mut out, k, section);
    }
    for (k, figure) in page.figures.iter().enumerate() {
        figure::write(&mut out, k, figure);
    }
    write_deviations(&mut out, page);
    out.push_str("<section>\n<h2>Methods</h2>\n");
    for paragraph in methods::paragraphs(page) {
        let _ = writeln!(out, "<p>{}</p>", escape(&paragraph));
    }
    let _ = write!(
        out,
        "</section>\n<footer>\n<p>Study as of {}. themata {}.</p>\n</footer>\n</main>\n</body>\n</html>\n",
        escape(&page.as_of),
        escape(page.version)
    );
    out
}

/// Where the report departs from what was declared, outcome by outcome, and what was declared and is not reported.
fn write_deviations(out: &mut String, page: &ReportPage) {
    let lines: Vec<String> = page
        .sections
        .iter()
        .flat_map(|section| section.matrix.deviations.iter().map(|line| format!("{}: {line}", section.matrix.outcome)))
        .chain(page.deviations.iter().cloned())
        .chain(page.unanswered.iter().cloned())
        .collect();
    let declared = page.declared_figures || page.sections.iter().any(|section| section.matrix.family.is_some());
    if lines.is_empty() && !declared {
        return;
    }
    out.push_str("<section>\n<h2>Deviations from the plan</h2>\n");
    if lines.is_empty() {
        out.push_str("<p>None: every declared family is reported as it was declared.</p>\n");
    } else {
        out.push_str("<ul>\n");
        for line in &lines {
            let _ = writeln!(out, "<li>{}</li>", escape(line));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</section>\n");
}

/// The anchor of a cell on the page.
fn anchor(section: usize, row: usize, cell: usize) -> String {
    format!("cell-{section}-{row}-{cell}")
}

fn write_section(out: &mut String, k: usize, section: &ReportSection) {
    let matrix = &section.matrix;
    let printed = to_table(matrix);
    let _ = writeln!(out, "<section id=\"outcome-{k}\">\n<h2>{}</h2>", escape(&matrix.outcome));
    let kind = match &matrix.family {
        Some(family) if family.beforehand => format!("Declared beforehand as plan {}.", family.plan),
        Some(family) => {
            format!("Exploratory: plan {} was declared after somebody had looked at this outcome.", family.plan)
        }
        None => "Exploratory: nobody declared this analysis before looking, so there is no headline p.".into(),
    };
    let _ = writeln!(out, "<p>{}</p>", escape(&kind));
    let _ = writeln!(
        out,
        "<figure>\n{}\n<figcaption>{}</figcaption>\n</figure>",
        heatmap::svg(k, matrix),
        heatmap::caption(matrix)
    );
    let _ = writeln!(
        out,
        "<figure>\n{}\n<figcaption>{}</figcaption>\n</figure>",
        forest::svg(matrix),
        forest::caption(matrix)
    );
    write_table(out, k, matrix, &printed);
    out.push_str("<ul class=\"notes\">\n");
    for note in &printed.notes {
        let _ = writeln!(out, "<li>{}</li>", escape(note));
    }
    out.push_str("</ul>\n<h3>Quotations behind the cells</h3>\n");
    for (r, row) in matrix.rows.iter().enumerate() {
        write_quotes(out, k, r, row, section);
    }
    out.push_str("</section>\n");
}

fn write_table(out: &mut String, k: usize, matrix: &Matrix, printed: &crate::matrix::Printed) {
    let shown = printed.columns.len().saturating_sub(1);
    let _ = writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table for {}\">\n<table>\n<thead><tr>",
        escape(&matrix.outcome)
    );
    for name in printed.columns.iter().take(shown) {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(name));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (r, (row, cells)) in matrix.rows.iter().zip(&printed.rows).enumerate() {
        out.push_str("<tr>");
        for (c, cell) in cells.iter().take(shown).enumerate() {
            match (c, c.checked_sub(1).filter(|g| *g < row.cells.len())) {
                (0, _) => {
                    let mark = if row.circular { " (circular)" } else { "" };
                    let _ = write!(out, "<th scope=\"row\">{}{mark}</th>", escape(&row.label));
                }
                (_, Some(g)) => {
                    let _ = write!(out, "<td><a href=\"#{}\">{}</a></td>", anchor(k, r, g), escape(cell));
                }
                _ => {
                    let _ = write!(out, "<td>{}</td>", escape(cell));
                }
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

fn write_quotes(out: &mut String, k: usize, r: usize, row: &MatrixRow, section: &ReportSection) {
    let _ = writeln!(out, "<h4>{}: {}</h4>", escape(&row.label), escape(&effect_in_words(&row.effect)));
    for (c, cell) in row.cells.iter().enumerate() {
        let label = section.matrix.groups.get(c).map_or(cell.group.as_str(), |group| group.label.as_str());
        let quotes = section.quotes.get(&cell.id).map(Vec::as_slice).unwrap_or_default();
        let _ = writeln!(
            out,
            "<details id=\"{}\"><summary>{}: {} of {}, {} quotations</summary>\n<p class=\"id\">{}</p>",
            anchor(k, r, c),
            escape(label),
            count_in_words(cell),
            cell.of,
            quotes.len(),
            escape(&cell.id)
        );
        for quote in quotes {
            let against = if quote.counted { "" } else { " class=\"against\"" };
            let wave = if quote.wave.is_empty() { String::new() } else { format!(", {}", quote.wave) };
            let _ = writeln!(
                out,
                "<blockquote{against}><p dir=\"auto\">{}</p><footer><bdi>{}</bdi>{}, {}; {} ({}); <bdi>{}</bdi>, {}</footer></blockquote>",
                escape(&quote.words),
                escape(&quote.unit),
                escape(&wave),
                escape(&quote.outcome),
                quote.polarity,
                quote.standing,
                escape(&quote.source),
                escape(&quote.id)
            );
        }
        if quotes.is_empty() {
            out.push_str("<p>Nobody who was read speaks of it here.</p>\n");
        }
        out.push_str("</details>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_transcript_holds_becomes_markup() {
        assert_eq!(escape("<b>\"x\" & 'y'</b>\u{0}"), "&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/b&gt;");
    }
}
