//! An alluvial picture of transitions: a band for every move, as wide as the number of people who made it.
//!
//! Those who were not measured again flow into a node of their own, hatched: nobody vanishes between two waves. Every
//! band's number is in its title and in the description, so that nothing hangs on colour or on a pointer.

use super::page::escape;
use super::table::cut;
use crate::join::Transitions;
use std::fmt::Write as _;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 550.0;
const NODE: f64 = 18.0;
const HEAD: f64 = 52.0;
/// Height of everybody together, without gaps.
const BODY: f64 = 300.0;
const GAP: f64 = 20.0;
/// Lower bands have no number in them: nobody could read it.
const WRITTEN: f64 = 6.0;
/// Okabe and Ito's colours, in an order that keeps neighbours apart in grey as well.
const COLOURS: [&str; 7] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442"];
const LEFT_BEHIND: &str = "#7d8790";

/// A place at the left or right edge.
struct Node {
    label: String,
    n: usize,
    y: f64,
    /// Where the next band begins.
    next: f64,
    fill: String,
}

/// Stacks nodes from the top.
fn stack(id: &str, parts: impl Iterator<Item = (String, usize, Option<usize>)>, scale: f64) -> Vec<Node> {
    let mut y = HEAD;
    let mut nodes = Vec::new();
    for (label, n, class) in parts {
        let fill = match class {
            Some(class) => COLOURS.get(class % COLOURS.len()).copied().unwrap_or(LEFT_BEHIND).to_owned(),
            None => format!("url(#{id}-hatch)"),
        };
        nodes.push(Node { label, n, y, next: y, fill });
        y += n as f64 * scale + GAP;
    }
    nodes
}

/// The picture. `id` sets its inner names apart from those of other pictures on the same page.
pub fn alluvial_svg(id: &str, transitions: &Transitions) -> String {
    let k = transitions.classes.len();
    let everybody = transitions.both() + transitions.all_left();
    let scale = BODY / everybody.max(1) as f64;
    let class = |k: usize| transitions.classes.get(k).cloned().unwrap_or_default();
    let lefts = (0..k).map(|c| (class(c), transitions.at_risk(c) + transitions.left(c), Some(c)));
    let mut left = stack(id, lefts, scale);
    let gone = (format!("not measured at {}", transitions.to), transitions.all_left(), None);
    let rights = (0..k).map(|c| (class(c), transitions.arrived(c), Some(c)));
    let mut right = stack(id, rights.chain((transitions.all_left() > 0).then_some(gone)), scale);
    let height = HEAD + BODY + GAP * right.len().max(left.len()) as f64;
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" height=\"{height:.0}\" \
         xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\" font-size=\"14\" fill=\"#1d232b\">\
         <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>\
         <defs><pattern id=\"{id}-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <rect width=\"6\" height=\"6\" fill=\"#e8ebee\"/><rect width=\"2\" height=\"6\" fill=\"{LEFT_BEHIND}\"/></pattern></defs>",
        escape(&title(transitions)),
        escape(&moves(transitions).join("; "))
    );
    let head = |x: f64, anchor: &str, wave: &str, n: usize| {
        format!(
            "<text x=\"{x}\" y=\"24\" text-anchor=\"{anchor}\" font-weight=\"600\">{}, n = {n}</text>",
            escape(&cut(wave, 20))
        )
    };
    out.push_str(&head(LEFT, "end", &transitions.from, everybody));
    out.push_str(&head(RIGHT, "start", &transitions.to, transitions.both()));
    for (from, start) in left.iter_mut().enumerate() {
        for (to, end) in right.iter_mut().enumerate() {
            let n = if to < k { transitions.people(from, to).len() } else { transitions.left(from) };
            if n > 0 {
                band(&mut out, (from, start), end, n, scale);
            }
        }
    }
    for (x, anchor, at, nodes) in
        [(LEFT - NODE, "end", LEFT - NODE - 8.0, &left), (RIGHT, "start", RIGHT + NODE + 8.0, &right)]
    {
        for node in nodes {
            let tall = (node.n as f64 * scale).max(1.0);
            let _ = write!(
                out,
                "<rect x=\"{x}\" y=\"{:.1}\" width=\"{NODE}\" height=\"{tall:.1}\" fill=\"{}\" stroke=\"#1d232b\" stroke-width=\"0.75\"/>\
                 <text x=\"{at}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}: {}</text>",
                node.y,
                node.fill,
                node.y + tall / 2.0 + 5.0,
                escape(&cut(&node.label, 22)),
                node.n
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn band(out: &mut String, (class, start): (usize, &mut Node), end: &mut Node, n: usize, scale: f64) {
    let tall = n as f64 * scale;
    let (y1, y2, middle) = (start.next, end.next, (LEFT + RIGHT) / 2.0);
    (start.next, end.next) = (y1 + tall, y2 + tall);
    let colour = COLOURS.get(class % COLOURS.len()).copied().unwrap_or(LEFT_BEHIND);
    let _ = write!(
        out,
        "<path d=\"M{LEFT},{y1:.1} C{middle},{y1:.1} {middle},{y2:.1} {RIGHT},{y2:.1} L{RIGHT},{:.1} C{middle},{:.1} {middle},{:.1} {LEFT},{:.1} Z\" \
         fill=\"{colour}\" fill-opacity=\"0.45\" stroke=\"{colour}\" stroke-width=\"0.75\"><title>{} to {}: {n}</title></path>",
        y2 + tall,
        y2 + tall,
        y1 + tall,
        y1 + tall,
        escape(&start.label),
        escape(&end.label)
    );
    if tall >= WRITTEN {
        let size = tall.clamp(9.0, 12.0);
        let y = y1 + tall / 2.0 + 0.35 * size;
        let _ = write!(out, "<text x=\"{}\" y=\"{y:.1}\" font-size=\"{size:.0}\">{n}</text>", LEFT + 8.0);
    }
}

fn title(transitions: &Transitions) -> String {
    format!("{}: from {} to {}", transitions.name, transitions.from, transitions.to)
}

/// Every move with its number.
fn moves(transitions: &Transitions) -> Vec<String> {
    let mut moves = Vec::new();
    for (from, was) in transitions.classes.iter().enumerate() {
        for (to, is) in transitions.classes.iter().enumerate() {
            let n = transitions.people(from, to).len();
            moves.push(if from == to { format!("{was} stayed: {n}") } else { format!("{was} to {is}: {n}") });
        }
        if transitions.left(from) > 0 {
            moves.push(format!("{was}, not measured again: {}", transitions.left(from)));
        }
    }
    moves
}

/// What the picture shows, with every number in it, as HTML text.
pub fn alluvial_caption(transitions: &Transitions) -> String {
    let joined: usize = transitions.joined.iter().map(Vec::len).sum();
    let joined = match joined {
        0 => String::new(),
        n => format!(" Not in the picture: {n} measured at {} only.", transitions.to),
    };
    escape(&format!(
        "{}. {}. Bands are as wide as the number of people; hatched: not measured at {}.{joined} Classes: {}.",
        title(transitions),
        moves(transitions).join("; "),
        transitions.to,
        transitions.rule
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::join::{Outcome, ScoreTable, transitions};
    use crate::model::{Score, ScoreValue};
    use crate::store::Study;

    fn example() -> Transitions {
        let mut study = Study::default();
        let mut put = |person: &str, wave: &str, class: &str| {
            let (name, participant) = ("bond".to_owned(), person.to_owned());
            let value = ScoreValue::Class(class.into());
            let score = Score { name, participant, wave: Some(wave.into()), value };
            study.scores.insert(format!("bond/{person}/{wave}"), score);
        };
        for (person, was, is) in [("a", "<open>", "closed"), ("b", "closed", "closed"), ("c", "closed", "")] {
            put(person, "T0", was);
            if !is.is_empty() {
                put(person, "T1", is);
            }
        }
        put("d", "T1", "closed");
        transitions(&study, &ScoreTable::of(&study), &Outcome::parse("bond").unwrap(), None, None).unwrap()
    }

    #[test]
    fn every_move_is_written_and_nobody_vanishes() {
        let svg = alluvial_svg("p0", &example());
        assert!(svg.contains("<title>&lt;open&gt; to closed: 1</title>"));
        assert!(svg.contains("<title>closed to not measured at T1: 1</title>"));
        assert!(svg.contains("T0, n = 3</text>") && svg.contains("T1, n = 2</text>"));
        assert!(!svg.contains("<open>"));
        // Three people are 300 high, so one is 100; two nodes on the left with a gap of 20 between them.
        assert!(
            svg.contains("y=\"52.0\" width=\"18\" height=\"100.0\"")
                && svg.contains("y=\"172.0\" width=\"18\" height=\"200.0\"")
        );
        let caption = alluvial_caption(&example());
        assert!(caption.contains(
            "&lt;open&gt; stayed: 0; &lt;open&gt; to closed: 1; closed to &lt;open&gt;: 0; closed stayed: 1"
        ));
        assert!(caption.contains("closed, not measured again: 1") && caption.contains("1 measured at T1 only"));
    }
}
