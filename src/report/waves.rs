//! Transitions, changes and attrition as tables with their notes.
//!
//! Those who were not measured again stand in every one of them; a share has its count and its denominator beside it.

use super::{Table, Value, counted};
use crate::join::{Attrition, Change, ChiSquare, Comparison, Figure, MeanChange, Transitions};
use crate::matrix::{Declaration, p_in_words};
use crate::model::Better;

/// What is shown of tests.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownTests {
    /// p at all.
    pub p: bool,
    /// Mid-p beside the exact one.
    pub mid_p: bool,
    /// The level that a p would have to reach.
    pub alpha: f64,
    /// The plan that declares these moves.
    pub declared: Option<Declaration>,
}

impl ShownTests {
    /// What is shown unasked: p where a plan declares it.
    pub fn of(declared: Option<Declaration>) -> Self {
        let alpha = declared.as_ref().map_or(0.05, |declared| declared.alpha);
        Self { p: declared.is_some(), mid_p: false, alpha, declared }
    }
}

fn title(what: &str, name: &str, from: &str, to: &str) -> String {
    format!("{what} {name}, {from} to {to} (exploratory)")
}

/// Moves by class: counts with their share of those at risk, and who was not measured again.
pub fn transitions_table(transitions: &Transitions, shown: &ShownTests) -> Table {
    let Transitions { name, from, to, classes, .. } = transitions;
    let mut columns = vec![format!("at {from}")];
    columns.extend(classes.iter().map(|class| format!("{class} at {to}")));
    columns.extend(["measured at both".to_owned(), format!("not measured at {to}")]);
    let title = match &shown.declared {
        Some(declared) => format!("Transitions of {name}, {from} to {to} ({})", declared.in_words()),
        None => title("Transitions of", name, from, to),
    };
    let mut table = Table { title, columns, ..Table::default() };
    for (row, class) in classes.iter().enumerate() {
        let mut cells: Vec<Value> = vec![class.as_str().into()];
        cells.extend((0..classes.len()).map(|column| {
            let share = transitions.share(row, column);
            Value::from(if share.of == 0 { "0".to_owned() } else { percent_first(share.n, share.of) })
        }));
        cells.extend([transitions.at_risk(row).into(), transitions.left(row).into()]);
        table.row(cells);
    }
    let mut cells: Vec<Value> = vec!["all".into()];
    cells.extend((0..classes.len()).map(|column| {
        let share = transitions.end_share(column);
        Value::from(percent_first(share.n, share.of))
    }));
    cells.extend([transitions.both().into(), transitions.all_left().into()]);
    table.row(cells);
    table.note(format!(
        "Shares are of those in the row who were measured at both waves. Classes: {}.",
        transitions.rule
    ));
    if classes.len() == 2 {
        for (row, column) in [(0, 1), (1, 0)] {
            table.note(move_in_words(transitions, row, column));
        }
    }
    if classes.len() == 2 {
        table.note(ends_in_words(transitions, 0));
    } else {
        (0..classes.len()).for_each(|class| table.note(bounds_in_words(transitions, class)));
    }
    tests_in_notes(transitions, shown, &mut table);
    let joined: Vec<&String> = transitions.joined.iter().flatten().collect();
    if !joined.is_empty() {
        table.note(format!("Measured at {to} only, in no cell: {}.", list(joined)));
    }
    let measured = transitions.both() + transitions.all_left() + transitions.joined.iter().map(Vec::len).sum::<usize>();
    if let Some(never @ 1..) = transitions.participants.checked_sub(measured) {
        table.note(format!("Of {} participants, {never} have no {name} at either wave.", transitions.participants));
    }
    table
}

/// `12 (63 %)`; without decimals below a hundred people.
fn percent_first(n: u64, of: u64) -> String {
    let decimals = usize::from(of >= 100);
    if of == 0 { format!("{n}") } else { format!("{n} ({:.decimals$} %)", 100.0 * n as f64 / of as f64) }
}

fn list<T: AsRef<str>>(people: impl IntoIterator<Item = T>) -> String {
    people.into_iter().map(|person| person.as_ref().to_owned()).collect::<Vec<_>>().join(", ")
}

/// A difference of shares in points; nothing has no sign.
fn points(difference: f64) -> String {
    let text = format!("{:+.0}", 100.0 * difference);
    if matches!(text.as_str(), "-0" | "+0") { "0".into() } else { text }
}

fn move_in_words(transitions: &Transitions, from: usize, to: usize) -> String {
    let class = |k: usize| transitions.classes.get(k).map_or("", String::as_str);
    let share = transitions.share(from, to).in_words();
    let words = format!("{} at {} to {}: {share} of those measured at both", class(from), transitions.from, class(to));
    let (lowest, highest) = transitions.share_bounds(from, to);
    match transitions.left(from) {
        0 => format!("{words}; nobody of them was lost."),
        left => format!(
            "{words}; with the {left} who left, {} if none of them did so and {} if all did.",
            lowest.short(),
            highest.short()
        ),
    }
}

fn bounds_in_words(transitions: &Transitions, class: usize) -> String {
    let name = transitions.classes.get(class).map_or("", String::as_str);
    let words =
        format!("{name} at {}: {} of those measured at both", transitions.to, transitions.end_share(class).in_words());
    let (lowest, highest) = transitions.end_bounds(class);
    match transitions.all_left() {
        0 => format!("{words}; nobody was lost."),
        left => format!(
            "{words}; with the {left} who left, {} if none of them is and {} if all are.",
            lowest.short(),
            highest.short()
        ),
    }
}

fn ends_in_words(transitions: &Transitions, class: usize) -> String {
    let difference = transitions.tests.difference.as_ref();
    let change = difference.and_then(|d| d.value.zip(d.interval)).map_or_else(String::new, |(value, (low, high))| {
        let before = percent_first(transitions.at_risk(class) as u64, transitions.both() as u64);
        format!(
            " At {} it was {before}: {} points [{}, {}] (Newcombe's paired interval).",
            transitions.from,
            points(value),
            points(low),
            points(high)
        )
    });
    format!("{}{change}", bounds_in_words(transitions, class))
}

fn tests_in_notes(transitions: &Transitions, shown: &ShownTests, table: &mut Table) {
    if !shown.p {
        return;
    }
    let tests = &transitions.tests;
    let alpha = format!("{}", shown.alpha).trim_start_matches('0').to_owned();
    if let (Some(p), Some(mid), Some(smallest)) = (tests.mcnemar_exact, tests.mcnemar_mid, tests.smallest_p) {
        let (there, back) = (transitions.people(0, 1).len(), transitions.people(1, 0).len());
        let class = |k: usize| transitions.classes.get(k).map_or("", String::as_str);
        let moved = format!("McNemar, exact: {there} moved from {} to {} and {back} back", class(0), class(1));
        table.note(if smallest > shown.alpha {
            format!("{moved}: {} cannot give a p below {alpha} in any direction.", counted(there + back, "move"))
        } else if shown.mid_p {
            format!("{moved}, p {}, mid-p {}.", p_in_words(p), p_in_words(mid))
        } else {
            format!("{moved}, p {}.", p_in_words(p))
        });
    }
    for (name, test) in [
        ("Stuart-Maxwell, are the classes as frequent", &tests.stuart_maxwell),
        ("Bowker, are moves as frequent both ways", &tests.bowker),
    ] {
        match test {
            Some(ChiSquare { statistic: Some(x), df: Some(df), p: Some(p), .. }) => {
                let moved = counted(transitions.moves(), "move");
                table.note(format!("{name} ({moved}, asymptotic): chi-square {x:.3}, df {df}, p {}.", p_in_words(*p)));
            }
            Some(ChiSquare { why_not: Some(why), .. }) => table.note(format!("{name}: not computable, because {why}.")),
            _ => {}
        }
    }
}

/// Every cell with its people.
pub fn transition_cases(transitions: &Transitions) -> Table {
    let columns = [
        format!("at {}", transitions.from),
        format!("at {}", transitions.to),
        "n".to_owned(),
        "of".to_owned(),
        "share, 95 %".to_owned(),
        "participants".to_owned(),
    ];
    let title = title("People in each transition of", &transitions.name, &transitions.from, &transitions.to);
    let mut table = Table { title, columns: columns.to_vec(), running_text: true, ..Table::default() };
    let class = |k: usize| transitions.classes.get(k).map_or("", String::as_str);
    for from in 0..transitions.classes.len() {
        for to in 0..transitions.classes.len() {
            let (people, share) = (transitions.people(from, to), transitions.share(from, to));
            let interval = share.interval().map(|(low, high)| format!("[{:.0}, {:.0}] %", 100.0 * low, 100.0 * high));
            table.row([
                class(from).into(),
                class(to).into(),
                people.len().into(),
                transitions.at_risk(from).into(),
                interval.into(),
                list(people).into(),
            ]);
        }
        let left = transitions.left.get(from).map_or(&[][..], Vec::as_slice);
        table.row([
            class(from).into(),
            "not measured".into(),
            left.len().into(),
            (transitions.at_risk(from) + left.len()).into(),
            Value::Empty,
            list(left).into(),
        ]);
    }
    for (to, people) in transitions.joined.iter().enumerate().filter(|(_, people)| !people.is_empty()) {
        table.row([
            "not measured".into(),
            class(to).into(),
            people.len().into(),
            Value::Empty,
            Value::Empty,
            list(people).into(),
        ]);
    }
    table.note(
        "n of those in the class of the first column who were measured at both waves; \"not measured\" of all in it.",
    );
    table.note(format!("Classes: {}.", transitions.rule));
    table
}

fn mean_sd((mean, sd): (Option<f64>, Option<f64>)) -> Value {
    match (mean, sd) {
        (Some(mean), Some(sd)) => format!("{mean:.2} ({sd:.2})").into(),
        (Some(mean), None) => format!("{mean:.2}").into(),
        _ => Value::Empty,
    }
}

fn figure(figure: &Figure) -> Value {
    match (figure.value, figure.interval) {
        (Some(value), Some((low, high))) => format!("{value:+.2} [{low:+.2}, {high:+.2}]").into(),
        (Some(value), None) => format!("{value:+.2}").into(),
        _ => Value::Empty,
    }
}

/// Means before and after with those who left, what those could make of it, and the classes of reliable change.
pub fn change_tables(change: &Change, tests: bool) -> Vec<Table> {
    let mut tables = vec![means(change)];
    if !change.bounds.is_empty() {
        tables.push(bounds(change));
    }
    if !change.classes.is_empty() {
        tables.push(classes(change));
    }
    if let Some(last) = tables.last_mut() {
        change_notes(change, tests, last);
    }
    tables
}

fn means(change: &Change) -> Table {
    let Change { name, from, to, .. } = change;
    let columns = [
        "who".to_owned(),
        "n".to_owned(),
        format!("{from}: mean (SD)"),
        format!("{to}: mean (SD)"),
        "change [95 % interval]".to_owned(),
        "d_av".to_owned(),
    ];
    let mut table = Table { title: title("Change of", name, from, to), columns: columns.to_vec(), ..Table::default() };
    let MeanChange { n, before, after, change: mean, d_av, .. } = &change.both;
    let d = d_av.map_or(Value::Empty, |d| Value::Number(d, 2));
    table.row(["measured at both".into(), (*n).into(), mean_sd(*before), mean_sd(*after), figure(mean), d]);
    let (left, left_mean, left_sd) = change.left;
    if left > 0 {
        table.row([format!("left before {to}").into(), left.into(), mean_sd((left_mean, left_sd))]);
    }
    if let Some(why) = &mean.why_not {
        table.note(format!("No interval of the change: {why}."));
    }
    table
}

fn bounds(change: &Change) -> Table {
    let n = change.people.len();
    let title = format!("Mean change of all {n} measured at {}, if the {} who left ...", change.from, change.left.0);
    let mut table = Table::new(title, &["if they", "n", "mean change"]);
    for bound in &change.bounds {
        table.row([bound.assumption.as_str().into(), bound.n.into(), format!("{:+.2}", bound.change).into()]);
    }
    table
}

fn classes(change: &Change) -> Table {
    let measured = format!("of {} measured at both [95 %]", change.both.n);
    let all = format!("of all {}, if none or all of the {} who left", change.people.len(), change.left.0);
    let left = change.left.0 > 0;
    let columns: Vec<&str> = ["class", &measured, &all].into_iter().take(if left { 3 } else { 2 }).collect();
    let mut table = Table::new(format!("Reliable change of {}", change.name), &columns);
    for class in &change.classes {
        let bounds = format!("{} to {}", class.lowest.short(), class.highest.short());
        table.row([class.class.into(), class.share.in_words().into(), bounds.into()]);
    }
    table
}

fn change_notes(change: &Change, tests: bool, table: &mut Table) {
    let Change { name, from, to, both, .. } = change;
    match (&change.no_criterion, &change.criterion) {
        (Some(why), _) => table.note(format!("No classes of reliable change: {why}.")),
        (None, Some(criterion)) => {
            let way = if change.better == Some(Better::Lower) { "lower" } else { "higher" };
            table.note(format!("{}; {way} is better.", capital(&criterion.in_words())));
        }
        (None, None) => {}
    }
    match &change.cutoff {
        Some(cutoff) => {
            let score = trimmed(cutoff.score);
            table.note(format!("Cut-off {score} ({}): recovered is reliably better and across it.", cutoff.from));
            if change.no_criterion.is_none() {
                let people = &change.crossed_only;
                let who = if people.is_empty() { String::new() } else { format!(": {}", list(people)) };
                table.note(format!("Crossed it without a reliable change, and unchanged here: {}{who}.", people.len()));
            }
        }
        None if change.no_criterion.is_none() => {
            table
                .note("No cut-off was named, so nobody is called recovered: --cutoff, or --clinical and --functional.");
        }
        None => {}
    }
    if tests {
        if let Some((t, df, p)) = both.t {
            table.note(format!("Paired t: t = {t:.4}, df {df}, p {}.", p_in_words(p)));
        }
        if let Some((r, p)) = both.wilcoxon {
            table.note(format!("Wilcoxon's signed ranks: rank-biserial {r:+.2}, p {}.", p_in_words(p)));
        }
    }
    if !change.joined.is_empty() {
        table.note(format!("Measured at {to} only, without a change: {}.", list(&change.joined)));
    }
    let measured = change.people.len() + change.joined.len();
    if let Some(never @ 1..) = change.participants.checked_sub(measured) {
        table.note(format!("Of {} participants, {never} have no {name} at {from} or {to}.", change.participants));
    }
}

/// A number with three decimals at most.
fn trimmed(x: f64) -> String {
    let text = format!("{x:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Every person with change and class.
pub fn change_cases(change: &Change) -> Table {
    let size = if matches!(change.criterion, Some(crate::join::Criterion::Points { .. })) { "points" } else { "index" };
    let columns = ["participant", &change.from, &change.to, "change", size, "class", "cut-off"];
    let mut table = Table::new(title("People in the change of", &change.name, &change.from, &change.to), &columns);
    let number = |value: Option<f64>, decimals| value.map_or(Value::Empty, |x| Value::Number(x, decimals));
    for person in &change.people {
        let class = match (person.after, person.class) {
            (None, _) => Value::from("not measured"),
            (Some(_), class) => class.into(),
        };
        table.row([
            person.participant.as_str().into(),
            Value::Number(person.before, 2),
            number(person.after, 2),
            number(person.change, 2),
            number(person.size, 2),
            class,
            if person.crossed { "crossed".into() } else { Value::Empty },
        ]);
    }
    change_notes(change, false, &mut table);
    table
}

/// Those who stayed against those who left, at the first wave.
pub fn attrition_table(attrition: &Attrition) -> Table {
    let Attrition { name, from, to, stayed, left, .. } = attrition;
    let columns = [
        format!("at {from}"),
        format!("stayed (n = {})", stayed.len()),
        format!("left (n = {})", left.len()),
        "stayed against left [95 % interval]".to_owned(),
    ];
    let title = format!("Attrition: {name}, {from} to {to}");
    let mut table = Table { title, columns: columns.to_vec(), ..Table::default() };
    for row in &attrition.rows {
        table.row(comparison(row, stayed.len(), left.len()));
        if let Some(why) = &row.effect.why_not {
            let class = row.class.as_ref().map_or_else(String::new, |class| format!(" = {class}"));
            let what = if row.effect.value.is_some() { "interval" } else { "effect" };
            table.note(format!("{}{class}: no {what}: {why}.", row.variable));
        }
    }
    let flow: Vec<String> = attrition.flow.iter().map(|(wave, n)| format!("{n} at {wave}")).collect();
    table.note(format!(
        "Flow: {}, {name}: {}; {} measured at {from} and {to}; {} left.",
        counted(attrition.participants, "participant"),
        flow.join(", "),
        stayed.len(),
        attrition_share(attrition)
    ));
    table.note("Numbers: mean (SD), Cliff's delta. Shares: n of those with a value, difference in points (Newcombe).");
    for (variable, counts) in &attrition.one_sided {
        let counts: Vec<String> = counts.iter().map(|(class, n)| format!("{class} {n}")).collect();
        table.note(format!("Known of one group only: {variable} ({}).", counts.join(", ")));
    }
    if !attrition.not_compared.is_empty() {
        table.note(format!("Not compared: {}.", attrition.not_compared.join("; ")));
    }
    table.notes.extend(attrition.rules.iter().cloned());
    table
}

fn attrition_share(attrition: &Attrition) -> String {
    let (left, all) = (attrition.left.len(), attrition.left.len() + attrition.stayed.len());
    crate::join::Share { n: left as u64, of: all as u64 }.in_words()
}

fn comparison(row: &Comparison, stayed: usize, left: usize) -> Vec<Value> {
    let Some(class) = &row.class else {
        let cell = |mean, n: u64, all: usize| match mean_sd(mean) {
            Value::Text(text) if n as usize != all => format!("{text}, {n} known").into(),
            other => other,
        };
        return vec![
            row.variable.as_str().into(),
            cell(row.stayed_mean, row.stayed.n, stayed),
            cell(row.left_mean, row.left.n, left),
            figure(&row.effect),
        ];
    };
    let points = match (row.effect.value, row.effect.interval) {
        (Some(value), Some((low, high))) => {
            Value::from(format!("{} points [{}, {}]", points(value), points(low), points(high)))
        }
        _ => Value::Empty,
    };
    vec![format!("{} = {class}", row.variable).into(), row.stayed.short().into(), row.left.short().into(), points]
}
