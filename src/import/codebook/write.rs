//! Writing: the one form in which a codebook is put into a file. What has its default value is left out.

use crate::model::{AttributeValue, Code, CodeStatus, Codebook, MeaningUnit, Polarity, Rule};
use std::fmt::Write;

/// The codebook as a TOML file, codes sorted by id. Reading it gives the same codebook.
pub fn write_codebook(codebook: &Codebook) -> String {
    let mut out = Lines(String::new());
    out.pair("name", &text(&codebook.name));
    out.text("note", &codebook.note);
    for (id, code) in &codebook.codes {
        out.0.push('\n');
        out.line(&format!("[codes.{}]", key(id)));
        write_code(code, &mut out);
    }
    out.0
}

/// Longest line of a list, in characters.
const LINE: usize = 100;

struct Lines(String);

impl Lines {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {value}"));
    }

    fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.pair(key, &text(value));
        }
    }

    /// A list, on one line where it is short.
    fn list(&mut self, key: &str, entries: &[String]) {
        let line = format!("{key} = [{}]", entries.join(", "));
        if entries.is_empty() {
            return;
        }
        if line.chars().count() <= LINE || entries.len() == 1 {
            self.line(&line);
        } else {
            self.line(&format!("{key} = ["));
            for entry in entries {
                self.line(&format!("    {entry},"));
            }
            self.line("]");
        }
    }

    fn texts(&mut self, key: &str, values: &[String]) {
        self.list(key, &values.iter().map(|value| text(value)).collect::<Vec<_>>());
    }
}

fn write_code(code: &Code, out: &mut Lines) {
    let Code {
        label,
        parent,
        status,
        brief,
        full,
        include,
        exclude,
        examples,
        color,
        unit,
        rules,
        negative_forms,
        targets,
        overlaps,
        rationale,
        attributes,
    } = code;
    out.text("label", label);
    if let Some(parent) = parent {
        out.pair("parent", &text(parent));
    }
    if *status != CodeStatus::default() {
        out.pair("status", status_name(*status));
    }
    out.text("brief", brief);
    out.text("full", full);
    out.texts("include", include);
    out.texts("exclude", exclude);
    out.texts("examples.typical", &examples.typical);
    out.texts("examples.near_miss", &examples.near_miss);
    out.texts("examples.negative", &examples.negative);
    if let Some(color) = color {
        out.pair("color", &text(color));
    }
    if *unit != MeaningUnit::default() {
        out.pair("unit", unit_name(*unit));
    }
    out.list("rules", &rules.iter().map(rule).collect::<Vec<_>>());
    out.texts("negative_forms", negative_forms);
    out.texts("targets", targets);
    out.texts("overlaps", overlaps);
    out.text("rationale", rationale);
    for (name, value) in attributes {
        out.pair(&format!("attributes.{}", key(name)), &attribute(value));
    }
}

const fn status_name(status: CodeStatus) -> &'static str {
    match status {
        CodeStatus::Draft => "\"draft\"",
        CodeStatus::Active => "\"active\"",
        CodeStatus::Merged => "\"merged\"",
        CodeStatus::Split => "\"split\"",
        CodeStatus::Retired => "\"retired\"",
    }
}

const fn unit_name(unit: MeaningUnit) -> &'static str {
    match unit {
        MeaningUnit::Clause => "\"clause\"",
        MeaningUnit::Sentence => "\"sentence\"",
        MeaningUnit::Turn => "\"turn\"",
    }
}

fn rule(rule: &Rule) -> String {
    let Rule { query, polarity, target, language, fixed } = rule;
    let mut parts = vec![format!("match = {}", text(query))];
    if *polarity != Polarity::Present {
        parts.push(format!("polarity = \"{}\"", polarity.name()));
    }
    for (name, value) in [("target", target), ("language", language)] {
        parts.extend(value.as_ref().map(|value| format!("{name} = {}", text(value))));
    }
    if *fixed {
        parts.push("fixed = true".to_owned());
    }
    if parts.len() == 1 { text(query) } else { format!("{{ {} }}", parts.join(", ")) }
}

fn attribute(value: &AttributeValue) -> String {
    match value {
        AttributeValue::Flag(flag) => flag.to_string(),
        // Whole numbers as such, where that is exact and keeps the sign of zero.
        AttributeValue::Number(x) if x.fract() == 0.0 && x.abs() < 1e15 && !(*x == 0.0 && x.is_sign_negative()) => {
            format!("{x:.0}")
        }
        AttributeValue::Number(x) => toml::Value::Float(*x).to_string(),
        AttributeValue::Text(value) => text(value),
        AttributeValue::Many(values) => {
            format!("[{}]", values.iter().map(|value| text(value)).collect::<Vec<_>>().join(", "))
        }
    }
}

fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if bare { name.to_owned() } else { quoted(name) }
}

/// A string on one line: literal where that spares backslashes, as in patterns.
fn text(value: &str) -> String {
    let literal = value.contains(['"', '\\']) && !value.chars().any(|c| c == '\'' || c.is_control());
    if literal { format!("'{value}'") } else { quoted(value) }
}

fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // Writing to a String cannot fail.
            c if c.is_control() => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
