//! What can be wrong with a definition of an instrument, each with what to do.

use crate::import::{Condition, Formula, Names};
use crate::model::{Classing, Instrument, MissingRule, Subscale, SubscaleKind};
use std::collections::BTreeSet;

/// What is wrong, and what to do.
type Fault = (String, &'static str);

/// Every fault of a definition, in the order of the file.
pub fn faults(id: &str, instrument: &Instrument) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(bad) = not_a_name(id) {
        faults.push(bad);
    }
    let ranges = instrument.ranges.iter().map(|range| (range.min, range.max));
    for (min, max) in std::iter::once((instrument.min, instrument.max)).chain(ranges) {
        if min.partial_cmp(&max) != Some(std::cmp::Ordering::Less) {
            faults.push((format!("the lowest answer {min} is not below the highest {max}"), "swap min and max"));
        }
    }
    for range in &instrument.ranges {
        items(instrument, "range: ", &range.items, &mut faults);
    }
    if instrument.scales.is_empty() {
        faults.push(("it has no scale".into(), "add scales.total = { items = [1, 2, ...], kind = \"mean\" }"));
    }
    items(instrument, "reversed ", &instrument.reversed, &mut faults);
    for (name, scale) in &instrument.scales {
        faults.extend(not_a_name(name));
        scale_faults(instrument, name, scale, &mut faults);
    }
    for (name, rule) in &instrument.classes {
        let mut fault = |what: String, mend| faults.push((format!("class rule {name}{what}"), mend));
        if not_a_name(name).is_some() {
            fault(" has a name that cannot be typed".into(), "use letters, digits and _ only");
        }
        if instrument.scales.contains_key(name) {
            fault(" has the name of a scale".into(), "give it another one: both would be the same score");
        }
        let (Classing::First(pairs) | Classing::Largest(pairs)) = &rule.rule;
        if pairs.is_empty() {
            fault(": it has no class".into(), "add pairs of a class and what leads to it");
        }
        let largest = matches!(rule.rule, Classing::Largest(_));
        for (_, text) in pairs {
            let names = if largest {
                Formula::parse(text).map(|formula| formula.names())
            } else {
                Condition::parse(text).map(|condition| condition.names())
            };
            match names {
                Ok(names) => {
                    unknown_names(instrument, &names).into_iter().for_each(|(w, m)| fault(format!(": {w}"), m))
                }
                Err(error) => fault(format!(": {error}"), "example: avoidance < 4 and anxiety < 4"),
            }
        }
        if largest && rule.ties.is_none() {
            fault(
                ": it does not say what a tie is".into(),
                "ties = \"none\" (no class) or \"first\" (the one named first)",
            );
        }
    }
    faults
}

/// Names are typed in outcomes and conditions, where other signs mean something.
fn not_a_name(name: &str) -> Option<Fault> {
    let fits =
        name.starts_with(char::is_alphabetic) && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let usable = fits && !matches!(name, "item" | "ln" | "count" | "and" | "or" | "to" | "change");
    (!usable)
        .then(|| (format!("`{name}` cannot be the name of an instrument or scale"), "use letters, digits and _ only"))
}

fn items(instrument: &Instrument, whose: &str, items: &[u32], faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for item in items {
        if !(1..=instrument.items).contains(item) {
            let what = format!("{whose}item {item} does not exist; there are {}", instrument.items);
            faults.push((what, "number items from 1"));
        } else if !seen.insert(item) {
            faults.push((format!("{whose}item {item} is named twice"), "name every item once"));
        }
    }
}

fn scale_faults(instrument: &Instrument, name: &str, scale: &Subscale, faults: &mut Vec<Fault>) {
    let of = format!("scale {name}: ");
    items(instrument, &of, &scale.items, faults);
    let mut fault = |what: String, mend| faults.push((format!("{of}{what}"), mend));
    if let Some(item) = scale.reversed.iter().find(|item| !scale.items.contains(item)) {
        fault(format!("item {item} is reversed and not in the scale"), "name it among the items, or not at all");
    }
    if let SubscaleKind::Formula(text) = &scale.kind {
        if !scale.items.is_empty() || scale.missing.is_some() {
            fault(
                "a formula has no items or missing-item rule of its own".into(),
                "name items as item(3) in the formula",
            );
        }
        match Formula::parse(text) {
            Ok(formula) => {
                unknown_names(instrument, &formula.names()).into_iter().for_each(|(what, mend)| fault(what, mend));
                if needs(instrument, name, &mut BTreeSet::new(), name) {
                    fault(format!("its formula needs scale {name} itself"), "break the circle");
                }
            }
            Err(error) => fault(error.to_string(), "example: secure + dismissing - preoccupied - fearful"),
        }
        return;
    }
    if scale.items.is_empty() {
        fault("it has no item".into(), "items = [1, 2, ...]");
    }
    match scale.missing.unwrap_or(instrument.missing) {
        MissingRule::Share(share) if !(0.0..=1.0).contains(&share) => {
            let what = format!("the missing-item rule asks for a share of {share}; a share lies between 0 and 1");
            fault(what, "missing = { share = 0.8 } for 80 %");
        }
        MissingRule::Count(count) if !scale.items.is_empty() && count as usize > scale.items.len() => {
            let what = format!("the missing-item rule asks for {count} items, the scale has {}", scale.items.len());
            fault(what, "give the scale a rule of its own: missing = { count = 2 }");
        }
        _ => {}
    }
    if scale.convert.as_ref().is_some_and(|convert| convert.to.is_empty() || scale.kind != SubscaleKind::Sum) {
        fault(
            "a conversion needs a sum and at least one converted score".into(),
            "convert = { from = 7, to = [7.0, 9.51, ...] }",
        );
    }
}

/// Whether a scale's formula leads to `goal`, through others if need be.
fn needs(instrument: &Instrument, scale: &str, seen: &mut BTreeSet<String>, goal: &str) -> bool {
    let Some(SubscaleKind::Formula(text)) = instrument.scales.get(scale).map(|scale| &scale.kind) else { return false };
    let Ok(formula) = Formula::parse(text) else { return false };
    formula
        .names()
        .scales
        .iter()
        .any(|next| next == goal || (seen.insert(next.clone()) && needs(instrument, next, seen, goal)))
}

fn unknown_names(instrument: &Instrument, names: &Names) -> Vec<Fault> {
    let mut faults = Vec::new();
    for item in names.items.iter().filter(|item| **item > instrument.items) {
        faults.push((format!("item {item} does not exist; there are {}", instrument.items), "number items from 1"));
    }
    for scale in names.scales.iter().filter(|scale| !instrument.scales.contains_key(*scale)) {
        let known: Vec<&str> = instrument.scales.keys().map(String::as_str).collect();
        let what = format!("there is no scale {scale}; the scales are {}", known.join(", "));
        faults.push((what, "name a scale of this instrument, or an item as item(3)"));
    }
    faults
}
