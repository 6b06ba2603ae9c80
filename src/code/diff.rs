//! What changed between two codebooks, as a coder wants to read it.

use crate::model::{Code, CodeStatus, Codebook, Polarity, Rule};
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// One change. Prints as one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum Change {
    /// Name or note of the codebook.
    Codebook {
        /// `name`, `note`.
        field: &'static str,
    },
    /// A new code.
    Added {
        /// Its id.
        code: String,
        /// Its label.
        label: String,
    },
    /// A code is gone.
    Removed {
        /// Its id.
        code: String,
        /// Its label.
        label: String,
    },
    /// A code has another label.
    Renamed {
        /// Its id.
        code: String,
        /// Label before.
        from: String,
        /// Label now.
        to: String,
    },
    /// A code has another parent.
    Moved {
        /// Its id.
        code: String,
        /// Parent before.
        from: Option<String>,
        /// Parent now.
        to: Option<String>,
    },
    /// A code has another status.
    Status {
        /// Its id.
        code: String,
        /// Status before.
        from: CodeStatus,
        /// Status now.
        to: CodeStatus,
    },
    /// A code means or marks something else: what was coded under it should be looked at again.
    Redefined {
        /// Its id.
        code: String,
        /// Names of the fields that differ, as in the file.
        fields: Vec<&'static str>,
    },
    /// Something that does not touch the meaning: colour, rationale, attributes.
    Annotated {
        /// Its id.
        code: String,
        /// Names of the fields that differ, as in the file.
        fields: Vec<&'static str>,
    },
    /// A new rule.
    RuleAdded {
        /// Id of the code.
        code: String,
        /// The rule, with what it sets.
        rule: String,
    },
    /// A rule is gone.
    RuleRemoved {
        /// Id of the code.
        code: String,
        /// The rule, with what it set.
        rule: String,
    },
}

/// Changes that lead from one codebook to another: the codebook itself first, then codes by id.
pub fn diff(old: &Codebook, new: &Codebook) -> Vec<Change> {
    let mut changes = Vec::new();
    for (field, differs) in [("name", old.name != new.name), ("note", old.note != new.note)] {
        if differs {
            changes.push(Change::Codebook { field });
        }
    }
    let mut ids: Vec<&String> = old.codes.keys().chain(new.codes.keys()).collect();
    ids.sort();
    ids.dedup();
    for id in ids {
        match (old.codes.get(id), new.codes.get(id)) {
            (Some(before), Some(after)) => changes.extend(code_changes(id, before, after)),
            (None, Some(after)) => changes.push(Change::Added { code: id.clone(), label: after.label.clone() }),
            (Some(before), None) => changes.push(Change::Removed { code: id.clone(), label: before.label.clone() }),
            (None, None) => {}
        }
    }
    changes
}

fn code_changes(id: &str, before: &Code, after: &Code) -> Vec<Change> {
    let code = id.to_owned();
    let mut changes = Vec::new();
    if before.label != after.label {
        changes.push(Change::Renamed { code: code.clone(), from: before.label.clone(), to: after.label.clone() });
    }
    if before.parent != after.parent {
        changes.push(Change::Moved { code: code.clone(), from: before.parent.clone(), to: after.parent.clone() });
    }
    if before.status != after.status {
        changes.push(Change::Status { code: code.clone(), from: before.status, to: after.status });
    }
    let meaning = [
        ("brief", before.brief != after.brief),
        ("full", before.full != after.full),
        ("include", before.include != after.include),
        ("exclude", before.exclude != after.exclude),
        ("examples", before.examples != after.examples),
        ("unit", before.unit != after.unit),
        ("targets", before.targets != after.targets),
        ("overlaps", before.overlaps != after.overlaps),
    ];
    let remarks = [
        ("color", before.color != after.color),
        ("rationale", before.rationale != after.rationale),
        ("attributes", before.attributes != after.attributes),
    ];
    let differing = |fields: &[(&'static str, bool)]| -> Vec<&'static str> {
        fields.iter().filter(|(_, differs)| *differs).map(|(field, _)| *field).collect()
    };
    let fields = differing(&meaning);
    if !fields.is_empty() {
        changes.push(Change::Redefined { code: code.clone(), fields });
    }
    let fields = differing(&remarks);
    if !fields.is_empty() {
        changes.push(Change::Annotated { code: code.clone(), fields });
    }
    let (old_rules, new_rules) = (rules_of(before), rules_of(after));
    changes.extend(left_over(&old_rules, &new_rules).map(|rule| Change::RuleRemoved { code: code.clone(), rule }));
    changes.extend(left_over(&new_rules, &old_rules).map(|rule| Change::RuleAdded { code: code.clone(), rule }));
    changes
}

/// Rules of the first list that the second does not have, in their order; a rule that stands there twice counts twice.
fn left_over(rules: &[String], others: &[String]) -> impl Iterator<Item = String> {
    let mut others = others.to_vec();
    let mut left = Vec::new();
    for rule in rules {
        match others.iter().position(|other| other == rule) {
            Some(at) => drop(others.swap_remove(at)),
            None => left.push(rule.clone()),
        }
    }
    left.into_iter()
}

/// Rules as people read them, negative forms among them.
fn rules_of(code: &Code) -> Vec<String> {
    let negative = code.negative_forms.iter().map(|query| describe(query, Polarity::Absent, &[]));
    let positive = code.rules.iter().map(|rule| {
        let Rule { query, polarity, target, language, fixed } = rule;
        let set = [
            target.as_ref().map(|target| format!("target {target}")),
            language.as_ref().map(|language| format!("language {language}")),
            fixed.then(|| "fixed".to_owned()),
        ];
        describe(query, *polarity, &set.into_iter().flatten().collect::<Vec<_>>())
    });
    positive.chain(negative).collect()
}

fn describe(query: &str, polarity: Polarity, more: &[String]) -> String {
    let polarity = (polarity != Polarity::Present).then(|| polarity.name().to_owned());
    let set: Vec<String> = polarity.into_iter().chain(more.iter().cloned()).collect();
    if set.is_empty() { format!("`{query}`") } else { format!("`{query}` ({})", set.join(", ")) }
}

const fn status_name(status: CodeStatus) -> &'static str {
    match status {
        CodeStatus::Draft => "draft",
        CodeStatus::Active => "active",
        CodeStatus::Merged => "merged",
        CodeStatus::Split => "split",
        CodeStatus::Retired => "retired",
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let place =
            |parent: &Option<String>| parent.clone().map_or("the top".to_owned(), |parent| format!("`{parent}`"));
        match self {
            Self::Codebook { field } => write!(f, "codebook: {field} changed"),
            Self::Added { code, label } => write!(f, "{code}: added (\"{label}\")"),
            Self::Removed { code, label } => write!(f, "{code}: removed (\"{label}\")"),
            Self::Renamed { code, from, to } => write!(f, "{code}: label \"{from}\" is now \"{to}\""),
            Self::Moved { code, from, to } => write!(f, "{code}: moved from {} to {}", place(from), place(to)),
            Self::Status { code, from, to } => {
                write!(f, "{code}: status {} is now {}", status_name(*from), status_name(*to))
            }
            Self::Redefined { code, fields } => write!(f, "{code}: redefined ({})", fields.join(", ")),
            Self::Annotated { code, fields } => write!(f, "{code}: {} changed", fields.join(", ")),
            Self::RuleAdded { code, rule } => write!(f, "{code}: rule added: {}", one_line(rule)),
            Self::RuleRemoved { code, rule } => write!(f, "{code}: rule removed: {}", one_line(rule)),
        }
    }
}

/// A rule may be written over several lines; a change is one.
fn one_line(rule: &str) -> String {
    rule.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Change, diff};
    use crate::model::{Code, CodeStatus, Codebook, Polarity, Rule};

    fn rule(query: &str, polarity: Polarity) -> Rule {
        Rule { query: query.to_owned(), polarity, target: None, language: None, fixed: false }
    }

    fn book(codes: &[(&str, Code)]) -> Codebook {
        let codes = codes.iter().map(|(id, code)| ((*id).to_owned(), code.clone())).collect();
        Codebook { name: "Garden".to_owned(), note: String::new(), codes }
    }

    fn lines(old: &Codebook, new: &Codebook) -> Vec<String> {
        diff(old, new).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_changed() {
        let same = book(&[("a", Code { label: "A".into(), ..Code::default() })]);
        assert_eq!(diff(&same, &same), []);
    }

    #[test]
    fn every_kind_of_change_is_a_line() {
        let before = Code {
            label: "Beans".into(),
            brief: "x".into(),
            rules: vec![rule("bean", Polarity::Present), rule("pole", Polarity::Absent)],
            ..Code::default()
        };
        let after = Code {
            label: "Pulses".into(),
            parent: Some("plants".into()),
            status: CodeStatus::Active,
            brief: "y".into(),
            include: vec!["peas".into()],
            color: Some("#000000".into()),
            rules: vec![
                rule("bean", Polarity::Present),
                Rule { fixed: true, ..rule("pea\nOR lentil", Polarity::Present) },
            ],
            negative_forms: vec!["barren".into()],
            ..Code::default()
        };
        let old = book(&[("beans", before), ("weeds", Code { label: "Weeds".into(), ..Code::default() })]);
        let mut new = book(&[("beans", after), ("plants", Code { label: "Plants".into(), ..Code::default() })]);
        new.note = "Second draft".into();
        assert_eq!(
            lines(&old, &new),
            [
                "codebook: note changed",
                "beans: label \"Beans\" is now \"Pulses\"",
                "beans: moved from the top to `plants`",
                "beans: status draft is now active",
                "beans: redefined (brief, include)",
                "beans: color changed",
                "beans: rule removed: `pole` (absent)",
                "beans: rule added: `pea OR lentil` (fixed)",
                "beans: rule added: `barren` (absent)",
                "plants: added (\"Plants\")",
                "weeds: removed (\"Weeds\")",
            ]
        );
    }

    #[test]
    fn the_way_back_swaps_what_was_added_and_removed() {
        let old = book(&[("a", Code { rules: vec![rule("x", Polarity::Present)], ..Code::default() })]);
        let new = book(&[("b", Code::default())]);
        let count = |changes: &[Change]| {
            let added = changes.iter().filter(|change| matches!(change, Change::Added { .. })).count();
            (added, changes.len() - added)
        };
        assert_eq!(count(&diff(&old, &new)), (1, 1));
        assert_eq!(count(&diff(&new, &old)), (1, 1));
        assert!(lines(&new, &old).contains(&"a: added (\"\")".to_owned()));
    }

    #[test]
    fn a_negative_form_is_a_rule_with_polarity_absent() {
        let short = book(&[("a", Code { negative_forms: vec!["barren".into()], ..Code::default() })]);
        let long = book(&[("a", Code { rules: vec![rule("barren", Polarity::Absent)], ..Code::default() })]);
        assert_eq!(diff(&short, &long), []);
    }

    #[test]
    fn a_rule_that_stands_twice_counts_twice() {
        let twice = vec![rule("x", Polarity::Present), rule("x", Polarity::Present)];
        let once = vec![rule("x", Polarity::Present)];
        let old = book(&[("a", Code { rules: twice, ..Code::default() })]);
        let new = book(&[("a", Code { rules: once, ..Code::default() })]);
        assert_eq!(lines(&old, &new), ["a: rule removed: `x`"]);
    }
}
