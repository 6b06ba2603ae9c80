//! The log read by what it is about: one operation in full, one excerpt from its suggestion on, every line for export.

use super::operation::{COLUMNS, Edit, Operation, Stored};
use super::{Store, StoreError, Study};
use crate::model::{Anchor, Coding, Coverage, Record};
use memchr::memmem::Finder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// One record before and after an operation, as values.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Kind of record.
    pub kind: String,
    /// Id of the record.
    pub id: String,
    /// What it was.
    pub before: Content,
    /// What it became.
    pub after: Content,
}

/// A stored value as far as it can be shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// There was no record.
    Nothing,
    /// The value.
    Value(Value),
    /// It was erased for good.
    Erased,
    /// It is about somebody who has withdrawn.
    Withdrawn,
}

impl Content {
    /// Leaves of the value by path (`qualifiers.time`), lists as one leaf.
    pub fn leaves(&self) -> BTreeMap<String, String> {
        let mut leaves = BTreeMap::new();
        match self {
            Self::Nothing => {}
            Self::Value(value) => flatten("", value, &mut leaves),
            Self::Erased => drop(leaves.insert("(value)".to_owned(), "erased".to_owned())),
            Self::Withdrawn => drop(leaves.insert("(value)".to_owned(), "hidden: withdrawn".to_owned())),
        }
        leaves
    }
}

fn flatten(path: &str, value: &Value, leaves: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(&path, member, leaves);
            }
        }
        Value::String(text) => drop(leaves.insert(path.to_owned(), text.clone())),
        other => drop(leaves.insert(path.to_owned(), other.to_string())),
    }
}

impl Step {
    /// Fields that differ: path, before, after; all fields of a record that was added or removed.
    pub fn differences(&self) -> Vec<(String, Option<String>, Option<String>)> {
        let (mut before, after) = (self.before.leaves(), self.after.leaves());
        let mut found: Vec<_> = after
            .into_iter()
            .map(|(path, value)| (path.clone(), before.remove(&path), Some(value)))
            .filter(|(_, before, after)| before != after)
            .collect();
        found.extend(before.into_iter().map(|(path, value)| (path, Some(value), None)));
        found.sort();
        found
    }

    /// What happened to the record.
    pub fn did(&self) -> &'static str {
        match (&self.before, &self.after) {
            (Content::Nothing, _) => "added",
            (_, Content::Nothing) => "removed",
            _ => "changed",
        }
    }
}

impl Store {
    /// The operation that a hash, or the beginning of one, or an arrival number names.
    pub fn operation(&self, given: &str) -> Result<Operation, StoreError> {
        let by_number = given.parse::<u32>().ok().filter(|_| given.len() < 7);
        let condition = match by_number {
            Some(seq) => format!("seq = {seq}"),
            None => format!("hash = '{}'", self.resolve(given)?),
        };
        let mut found = None;
        self.each_operation(&format!("SELECT {COLUMNS} FROM operation WHERE {condition}"), |stored| {
            found = Some(stored.parse(self)?.0);
            Ok(ControlFlow::Break(()))
        })?;
        found.ok_or_else(|| StoreError::UnknownOperation { given: given.to_owned() })
    }

    /// What an operation did, record by record.
    pub fn steps(&self, study: &Study, operation: &Operation) -> Result<Vec<Step>, StoreError> {
        operation.edits.iter().map(|edit| self.step(study, edit)).collect()
    }

    fn step(&self, study: &Study, edit: &Edit) -> Result<Step, StoreError> {
        let content = |blob: &Option<String>| -> Result<Content, StoreError> {
            let Some(blob) = blob else { return Ok(Content::Nothing) };
            let bytes = match self.blob(blob) {
                Err(StoreError::Erased { .. }) => return Ok(Content::Erased),
                other => other?,
            };
            let value: Value = super::read::parse(&edit.kind, &edit.id, &bytes)?;
            let hidden = study.is_out_of_sight(&edit.kind, &edit.id, &value);
            Ok(if hidden { Content::Withdrawn } else { Content::Value(value) })
        };
        let (before, after) = (content(&edit.before)?, content(&edit.after)?);
        Ok(Step { kind: edit.kind.clone(), id: edit.id.clone(), before, after })
    }

    /// Everything in the log about a coding, oldest first: the coding itself, where it was re-anchored, memos, themes,
    /// verdicts and whatever else names it, and the record that its coder had read the source.
    pub fn trace(&self, study: &Study, id: &str) -> Result<Vec<(Operation, Vec<Step>)>, StoreError> {
        let read = study.codings.get(id).map(|coding| format!("{}/{}", coding.coder, coding.source));
        let names_it = Finder::new(id);
        let mut found = Vec::new();
        for operation in self.log()? {
            let mut steps = Vec::new();
            for edit in &operation.edits {
                let own = edit.id == id && [Coding::KIND, Anchor::KIND].contains(&edit.kind.as_str());
                // A round or some turns stand behind the source.
                let of_reading = |rest: &str| rest.is_empty() || rest.starts_with('/');
                let covers = edit.kind == Coverage::KIND
                    && read.as_ref().and_then(|read| edit.id.strip_prefix(read.as_str())).is_some_and(of_reading);
                let mut named = own || covers || edit.id.contains(id);
                for blob in [&edit.before, &edit.after].into_iter().flatten() {
                    named = named || self.blob_or_erased(blob)?.is_some_and(|bytes| names_it.find(&bytes).is_some());
                }
                if named {
                    steps.push(self.step(study, edit)?);
                }
            }
            if !steps.is_empty() {
                found.push((operation, steps));
            }
        }
        Ok(found)
    }

    /// A stored value's bytes; none where they were erased.
    pub(super) fn blob_or_erased(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.blob(id) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::Erased { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The log as JSON lines, oldest first: exactly what the hashes cover, so that they can be computed again.
    pub fn export_log(&self) -> Result<String, StoreError> {
        let mut lines = String::new();
        self.each_operation(&format!("SELECT {COLUMNS} FROM operation ORDER BY seq"), |stored| {
            lines.push_str(&stored.line());
            lines.push('\n');
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(lines)
    }
}

impl Stored {
    fn line(&self) -> String {
        let parents: Value = serde_json::from_str(&self.parents).unwrap_or_default();
        json!({
            "seq": self.seq, "hash": self.hash, "format": super::operation::FORMAT, "parents": parents,
            "actor": self.actor, "time": self.time, "command": self.command, "reason": self.reason,
            "payload": self.payload,
        })
        .to_string()
    }
}
