//! Many codes at once, as a table and a picture: map, clusters, saturation; and people who move between classes.

use super::{
    Figure, Mark, Scatter, ShownTests, Table, Value, alluvial_caption, alluvial_svg, counted, dendrogram, scatter,
    transitions_table,
};
use crate::join::Transitions;
use crate::matrix::{self, Clusters, CodeMap, Curve, CurveQuestion};

/// Codes and groups of outcomes in one plane.
pub fn map_figure(found: &CodeMap) -> Figure {
    Figure { table: map_table(found), svg: Some(map_picture(found)), caption: String::new() }
}

/// Codes joined by the places they share.
pub fn clusters_figure(found: &Clusters) -> Figure {
    let svg = dendrogram(&found.order, &found.joins);
    Figure { table: clusters_table(found), svg: Some(svg), caption: String::new() }
}

/// Moves between classes. `id` sets the inner names of the picture apart from those of others on the same page.
pub fn transitions_figure(id: &str, found: &Transitions, shown: &ShownTests) -> Figure {
    let svg = Some(alluvial_svg(id, found));
    Figure { table: transitions_table(found, shown), svg, caption: alluvial_caption(found) }
}

/// New codes over interviews.
pub fn saturation_figure(found: &Curve) -> Figure {
    Figure { table: saturation_table(found), svg: Some(saturation_picture(found)), caption: String::new() }
}

fn axis(found: &CodeMap, k: usize) -> String {
    match found.shares.get(k) {
        Some(share) => format!("axis {} ({:.0} %)", k + 1, 100.0 * share),
        None => format!("axis {} (nothing left)", k + 1),
    }
}

fn map_table(found: &CodeMap) -> Table {
    let (first, second) = (axis(found, 0), axis(found, 1));
    let mut table = Table::new("Codes and outcomes in one plane", &["point", "kind", "mass", &first, &second]);
    for point in &found.points {
        let kind = if point.outcome { "outcome" } else { "code" };
        table.row([
            point.name.as_str().into(),
            kind.into(),
            Value::Number(point.mass, 3),
            Value::Number(point.at[0], 3),
            Value::Number(point.at[1], 3),
        ]);
    }
    table.note(format!(
        "Correspondence analysis of {:.0} mentions (people who say it, once a code and outcome). Codes near each other are said by the same groups; \
         a code lies in the direction of the groups that say it more often than others do. Distances of a code to a group mean nothing.",
        found.mentions
    ));
    if !found.left_out.is_empty() {
        table.note(format!("Left out, because nobody says them or nobody is in them: {}.", found.left_out.join(", ")));
    }
    table.notes.extend(matrix::unread_in_words(found.unread));
    table.notes.extend(found.rules.iter().cloned());
    table.note(
        "A map shows; it tests nothing. The figures behind a point: themata matrix --outcome OUTCOME --codes CODE",
    );
    table
}

fn map_picture(found: &CodeMap) -> String {
    // On one axis all points lie on a line: they are set one above the other, in its order.
    let one_axis = found.shares.len() < 2;
    let mut order: Vec<&matrix::MapPoint> = found.points.iter().collect();
    order.sort_by(|a, b| a.at[0].total_cmp(&b.at[0]));
    let mark = |(k, point): (usize, &&matrix::MapPoint)| Mark {
        x: point.at[0],
        y: if one_axis { k as f64 } else { point.at[1] },
        name: point.name.clone(),
        square: point.outcome,
    };
    scatter(&Scatter {
        title: "Codes (dots) and outcomes (squares)".into(),
        across: axis(found, 0),
        up: if one_axis { "(in the order of the axis)".into() } else { axis(found, 1) },
        marks: order.iter().enumerate().map(mark).collect(),
    })
}

fn clusters_table(found: &Clusters) -> Table {
    let places = found.within.plural();
    let mut table = Table::new(format!("Codes joined by the {places} they share"), &["step", "distance", "joined"]);
    for (k, (members, height)) in found.joins.iter().enumerate() {
        table.row([(k + 1).into(), Value::Number(*height, 3), members.join(", ").into()]);
    }
    table.note(format!("N: {} {places} that somebody has read for all of them. Distance: one less both over either (Jaccard); 1 is never together. Average linkage.", found.of));
    if let Some(correlation) = found.cophenetic {
        table.note(format!("The tree keeps the distances with a correlation of {correlation:.2}."));
    }
    if !found.left_out.is_empty() {
        table.note(format!("Left out, because nobody says them: {}.", found.left_out.join(", ")));
    }
    table.notes.extend(matrix::unread_in_words(found.unread));
    table.note("The pairs behind a join: themata matrix --by codes");
    table
}

fn saturation_table(found: &Curve) -> Table {
    let CurveQuestion { base, run, threshold, orders } = found.question;
    let columns = ["interview", "source", "new codes", "codes so far", "in other orders: mean [95 %]"];
    let mut table = Table::new("New codes over interviews", &columns);
    for (k, name) in found.interviews.iter().enumerate() {
        let (mean, low, high) = found.shuffled.get(k).copied().unwrap_or_default();
        table.row([
            (k + 1).into(),
            name.as_str().into(),
            found.new.get(k).copied().into(),
            found.so_far.get(k).copied().into(),
            format!("{mean:.1} [{low:.0}, {high:.0}]").into(),
        ]);
    }
    let percent = 100.0 * threshold;
    let rule = format!("a run of {run} interviews that brings at most {percent:.0} % of the codes of the first {base}");
    table.note(match found.reached {
        Some(at) => format!("In this order {rule} ends at interview {at} (Guest, Namey and Chen 2020)."),
        None => format!("In this order there is not {rule} (Guest, Namey and Chen 2020)."),
    });
    let (share, at) = found.reached_shuffled;
    let at = at.map_or(String::new(), |(median, last)| {
        format!("; of these, in half by interview {median:.0} and in nearly all (97.5 %) by {last:.0}")
    });
    table.note(format!("Over {orders} other orders (seed {}): reached in {:.0} %{at}.", found.seed, 100.0 * share));
    if found.unread_interviews > 0 {
        table.note(format!(
            "Left out: {} that nobody has read for all of these codes.",
            counted(found.unread_interviews, "interview")
        ));
    }
    table.notes.extend(matrix::unread_in_words(found.unread));
    table.note("It says when codes of this codebook stopped coming, not that there is nothing else to be heard.");
    table
}

fn saturation_picture(found: &Curve) -> String {
    let mark = |k: usize, y: f64, square: bool| Mark { x: k as f64 + 1.0, y, name: String::new(), square };
    let own = found.so_far.iter().enumerate().map(|(k, codes)| mark(k, *codes as f64, false));
    let others = found.shuffled.iter().enumerate().map(|(k, (mean, ..))| mark(k, *mean, true));
    scatter(&Scatter {
        title: "Codes so far: in this order (dots), mean of other orders (squares)".into(),
        across: "interview".into(),
        up: "codes".into(),
        marks: own.chain(others).collect(),
    })
}
