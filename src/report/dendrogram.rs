//! A tree of codes: which join first, and how far apart the joined ones are.

use super::escape;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const ROW: f64 = 26.0;
const LABEL: f64 = 220.0;
const PLOT: f64 = 460.0;
const HEAD: f64 = 40.0;

/// The picture as SVG, for distances from 0 to 1. `order` is that of the leaves; a join names all of its members.
pub fn dendrogram(order: &[String], joins: &[(Vec<String>, f64)]) -> String {
    let (width, height) = (LABEL + PLOT + 40.0, HEAD + ROW * order.len() as f64 + 30.0);
    let x = |distance: f64| LABEL + PLOT * distance.clamp(0.0, 1.0);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg role=\"img\" aria-label=\"Codes joined by what they share\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1d232b\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n<text x=\"{LABEL}\" y=\"20\" fill=\"#5a6572\">distance</text>"
    );
    for tenth in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let _ = writeln!(
            out,
            "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{HEAD}\" y2=\"{1:.1}\" stroke=\"#e3e8ed\"/><text x=\"{0:.1}\" y=\"{2:.1}\" text-anchor=\"middle\" fill=\"#5a6572\">{tenth}</text>",
            x(tenth),
            height - 30.0,
            height - 12.0
        );
    }
    // Where each cluster stands: height on the page, and how far it has been drawn.
    let mut at: BTreeMap<Vec<String>, (f64, f64)> = BTreeMap::new();
    for (k, name) in order.iter().enumerate() {
        let y = HEAD + ROW * (k as f64 + 0.5);
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LABEL - 8.0,
            y + 4.0,
            escape(name)
        );
        at.insert(vec![name.clone()], (y, 0.0));
    }
    for (members, distance) in joins {
        // The two parts are the largest clusters drawn so far that the join consists of.
        let mut parts: Vec<(f64, f64)> = Vec::new();
        at.retain(|cluster, place| {
            let inside = cluster.iter().all(|name| members.contains(name));
            if inside {
                parts.push(*place);
            }
            !inside
        });
        let low = parts.iter().map(|(y, _)| *y).fold(f64::INFINITY, f64::min);
        let high = parts.iter().map(|(y, _)| *y).fold(f64::NEG_INFINITY, f64::max);
        for (y, from) in &parts {
            let _ = writeln!(
                out,
                "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#08406e\" stroke-width=\"2\"/>",
                x(*from),
                x(*distance)
            );
        }
        let _ = writeln!(
            out,
            "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{low:.1}\" y2=\"{high:.1}\" stroke=\"#08406e\" stroke-width=\"2\"/>",
            x(*distance)
        );
        at.insert(members.clone(), ((low + high) / 2.0, *distance));
    }
    out.push_str("</svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_join_has_two_arms_and_a_bar() {
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let joins = [(names[..2].to_vec(), 0.25), (names.clone(), 0.75)];
        let svg = dendrogram(&names, &joins);
        assert_eq!(svg.matches("stroke=\"#08406e\"").count(), 6);
        assert!(svg.contains(">c</text>"));
    }
}
