//! A merge worked out: every record of both copies gets its value, and what a person should know is listed.
//!
//! Reads both copies and writes nothing.

use super::merge::{Choices, Conflict, chosen};
use super::merge_state::{History, Joined, Key, Live, Side, bytes_of};
use super::operation::{Edit, Lists, OperationKind};
use super::read::parse;
use super::verify::{Report, fold, in_order};
use super::{Store, StoreError};
use crate::model::{Record, Source};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A merge in the making: everything is read, nothing is written.
pub(super) struct Merging<'a> {
    pub(super) ours: &'a Store,
    theirs: &'a Store,
    pub(super) history: &'a History,
    pub(super) choices: &'a Choices,
    pub(super) live: BTreeMap<Key, Vec<Live>>,
    states: [BTreeMap<Key, String>; 2],
    pub(super) values: BTreeMap<Key, String>,
    pub(super) new_blobs: BTreeMap<String, Vec<u8>>,
    pub(super) settled: BTreeSet<Key>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) next_ordinal: u32,
}

/// The edits that lead from one state to another.
pub(super) fn edits(from: &BTreeMap<Key, String>, to: &BTreeMap<Key, String>) -> Vec<Edit> {
    let keys: BTreeSet<&Key> = from.keys().chain(to.keys()).collect();
    let differing = keys.into_iter().filter(|key| from.get(*key) != to.get(*key));
    differing
        .map(|key| Edit {
            kind: key.0.clone(),
            id: key.1.clone(),
            before: from.get(key).cloned(),
            after: to.get(key).cloned(),
        })
        .collect()
}

pub(super) fn counted(from: &BTreeMap<Key, String>, to: &BTreeMap<Key, String>) -> BTreeMap<String, [usize; 3]> {
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for edit in edits(from, to) {
        let [added, changed, removed] = counts.entry(edit.kind).or_default();
        match (edit.before, edit.after) {
            (None, _) => *added += 1,
            (Some(_), Some(_)) => *changed += 1,
            (Some(_), None) => *removed += 1,
        }
    }
    counts
}

impl<'a> Merging<'a> {
    pub(super) fn look(
        ours: &'a Store,
        theirs: &'a Store,
        history: &'a History,
        choices: &'a Choices,
    ) -> Result<Self, StoreError> {
        let next = |store: &Store| Ok(store.meta::<u32>("next_ordinal")?.unwrap_or(0));
        Ok(Self {
            ours,
            theirs,
            history,
            choices,
            live: history.live(),
            states: [ours.state()?, theirs.state()?],
            values: BTreeMap::new(),
            new_blobs: BTreeMap::new(),
            settled: BTreeSet::new(),
            conflicts: Vec::new(),
            next_ordinal: next(ours)?.max(next(theirs)?),
        })
    }

    pub(super) fn state_of(&self, side: Side) -> &BTreeMap<Key, String> {
        let [ours, theirs] = &self.states;
        if side == Side::Ours { ours } else { theirs }
    }

    /// Gives every record the value that the operations of both copies make.
    pub(super) fn settle(&mut self) -> Result<(), StoreError> {
        for (key, live) in &self.live {
            let split = self.history.is_split(live);
            let choice = self.choices.of(&key.0, &key.1).filter(|_| split);
            let outcome = self.history.join(key, live, choice, &|blob| self.value(blob))?;
            let disagree = !outcome.clashes.is_empty() || outcome.removed_and_changed;
            // Both may have been joined before, in two places, to the same value.
            let same = self.state_of(Side::Ours).get(key) == self.state_of(Side::Theirs).get(key);
            if split && disagree && !same {
                let conflict = self.conflict(key, live, &outcome.clashes, choice)?;
                self.conflicts.push(conflict);
                if choice.is_some() {
                    self.settled.insert(key.clone());
                }
            }
            match outcome.value {
                Some(Joined::Stored(blob)) => drop(self.values.insert(key.clone(), blob)),
                Some(Joined::New(value)) => {
                    let unreadable = |source| StoreError::Unreadable { kind: key.0.clone(), id: key.1.clone(), source };
                    let bytes = bytes_of(&key.0, value).map_err(unreadable)?;
                    let blob = self.ours.blob_id(&bytes);
                    self.new_blobs.insert(blob.clone(), bytes);
                    self.values.insert(key.clone(), blob);
                }
                None => drop(self.values.remove(key)),
            }
        }
        Ok(())
    }

    fn conflict(
        &self,
        key: &Key,
        live: &[Live],
        clashes: &[String],
        choice: Option<Side>,
    ) -> Result<Conflict, StoreError> {
        let fields: Vec<String> = clashes.iter().filter(|field| !field.is_empty()).cloned().collect();
        let words = |side: Side| -> Result<Option<String>, StoreError> {
            let Some(blob) = self.state_of(side).get(key) else { return Ok(Some("removed".to_owned())) };
            Ok(self.value(blob)?.map(|value| shown(&value, &fields)))
        };
        let latest = self.history.latest(key, live).and_then(|at| self.history.log.get(at));
        let by_rule = match (live.iter().any(|write| write.value.is_none()), latest) {
            (true, _) => "it stays, because the other side changed it".to_owned(),
            (false, Some(op)) => format!("the later one, by {} on {}", op.actor, op.time.get(..10).unwrap_or(&op.time)),
            (false, None) => "the later one".to_owned(),
        };
        Ok(Conflict {
            kind: key.0.clone(),
            id: key.1.clone(),
            ours: words(Side::Ours)?,
            theirs: words(Side::Theirs)?,
            fields,
            taken: chosen(choice).unwrap_or(by_rule),
        })
    }

    pub(super) fn refuse_unknown_choices(&self) -> Result<(), StoreError> {
        let known = |(kind, id): &&Key| self.conflicts.iter().any(|found| found.kind == *kind && found.id == *id);
        let codebook = |(kind, _): &&Key| kind == "codebook" && self.conflicts.iter().any(|found| found.kind == "code");
        match self.choices.each.keys().find(|key| !known(key) && !codebook(key)) {
            Some((kind, id)) => Err(StoreError::NoConflict { what: format!("{kind} {id}") }),
            None => Ok(()),
        }
    }

    /// Participants that one copy erased without the other knowing.
    pub(super) fn one_sided_erasures(&self) -> BTreeSet<String> {
        let erasures = self.history.log.iter().zip(&self.history.side);
        let one_sided = erasures.filter(|(op, side)| side.is_some() && op.kind == OperationKind::Erasure);
        one_sided.filter_map(|(op, _)| op.participant.clone()).collect()
    }

    /// What the joining operation holds: the difference to the plain fold, what was settled, and what is needed again
    /// although one copy erased an equal value.
    pub(super) fn lists(&self) -> Result<Lists, StoreError> {
        let plain: BTreeMap<Key, String> =
            fold(&self.history.log, &in_order(&self.history.log), &mut Report::default())
                .into_iter()
                .flat_map(|(kind, ids)| {
                    ids.into_iter().map(move |(id, blob)| ((kind.to_owned(), id.to_owned()), blob.to_owned()))
                })
                .collect();
        let mut needed: BTreeSet<String> = self.values.values().cloned().collect();
        for source in self.all::<Source>()?.into_values() {
            needed.extend([source.revision, source.segmentation].into_iter().chain(source.original));
        }
        let erased = self.history.log.iter().flat_map(|operation| &operation.erased);
        let again: BTreeSet<String> = erased.filter(|blob| needed.contains(*blob)).cloned().collect();
        Ok(Lists {
            edits: edits(&plain, &self.values),
            blobs: again.into_iter().collect(),
            settled: self.settled.iter().cloned().collect(),
            ..Lists::default()
        })
    }

    pub(super) fn notes(&self) -> Result<Vec<String>, StoreError> {
        let mut notes = Vec::new();
        let mut actors: BTreeMap<&str, BTreeSet<Side>> = BTreeMap::new();
        for (operation, side) in self.history.log.iter().zip(&self.history.side) {
            actors.entry(&operation.actor).or_default().extend(*side);
        }
        for (actor, _) in actors.iter().filter(|(_, sides)| sides.len() > 1) {
            notes.push(format!("{actor} worked in both copies and is taken for one person"));
        }
        let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for source in self.all::<Source>()?.into_values() {
            texts.entry(source.revision).or_default().push(source.name);
        }
        for names in texts.values().filter(|names| names.len() > 1) {
            notes.push(format!("{} hold the same text, word for word", names.join(" and ")));
        }
        Ok(notes)
    }

    /// Bytes of a stored value, new or in one of the copies.
    pub(super) fn bytes(&self, blob: &str) -> Result<Vec<u8>, StoreError> {
        if let Some(bytes) = self.new_blobs.get(blob) {
            return Ok(bytes.clone());
        }
        match self.ours.blob(blob) {
            Err(StoreError::MissingBlob { .. } | StoreError::Erased { .. }) => self.theirs.blob(blob),
            other => other,
        }
    }

    /// A stored value; none where it was erased.
    pub(super) fn value(&self, blob: &str) -> Result<Option<Value>, StoreError> {
        match self.bytes(blob) {
            Ok(bytes) => parse("value", blob, &bytes).map(Some),
            // One copy erased it and the other never had it.
            Err(StoreError::Erased { .. } | StoreError::MissingBlob { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    pub(super) fn text(&self, blob: &str) -> Result<String, StoreError> {
        String::from_utf8(self.bytes(blob)?).map_err(|_| StoreError::NotText { id: blob.to_owned() })
    }

    /// Records of a kind as merged so far.
    pub(super) fn all<T: Record>(&self) -> Result<BTreeMap<String, T>, StoreError> {
        self.read_all(&self.values)
    }

    /// Records of a kind in one copy.
    pub(super) fn all_of<T: Record>(&self, side: Side) -> Result<BTreeMap<String, T>, StoreError> {
        self.read_all(self.state_of(side))
    }

    fn read_all<T: Record>(&self, state: &BTreeMap<Key, String>) -> Result<BTreeMap<String, T>, StoreError> {
        let from = (T::KIND.to_owned(), String::new());
        let of_kind = state.range(from..).take_while(|((kind, _), _)| kind == T::KIND);
        of_kind.map(|((kind, id), blob)| Ok((id.clone(), parse(kind, id, &self.bytes(blob)?)?))).collect()
    }

    /// Gives a record a value that the rules for single records do not give.
    pub(super) fn put<T: Record>(&mut self, id: &str, record: &T) -> Result<(), StoreError> {
        self.settled.insert((T::KIND.to_owned(), id.to_owned()));
        self.derive(id, record)
    }

    /// Gives a record a value that follows from others, and that a later merge works out again.
    pub(super) fn derive<T: Record>(&mut self, id: &str, record: &T) -> Result<(), StoreError> {
        let unstorable = |source| StoreError::Unstorable { kind: T::KIND, id: id.to_owned(), source };
        let bytes = serde_json::to_vec(record).map_err(unstorable)?;
        let blob = self.ours.blob_id(&bytes);
        let key = (T::KIND.to_owned(), id.to_owned());
        self.new_blobs.insert(blob.clone(), bytes);
        self.values.insert(key, blob);
        Ok(())
    }

    /// The writes that count for a record, by time and hash.
    fn writes(&self, kind: &str, id: &str) -> Vec<((String, String), usize)> {
        let key = (kind.to_owned(), id.to_owned());
        let live = self.live.get(&key).into_iter().flatten();
        let stamp = |at: usize| {
            let (time, hash) = self.history.stamp(&key, at);
            (time.to_owned(), hash.to_owned())
        };
        let mut writes: Vec<_> = live.map(|write| (stamp(write.at), write.at)).collect();
        writes.sort();
        writes
    }

    /// The copy that alone wrote a record's value; none where both have it.
    pub(super) fn writer(&self, kind: &str, id: &str) -> Option<Side> {
        self.writes(kind, id).last().and_then(|(_, at)| self.history.side_of(*at))
    }

    /// Time and hash of the first, and of the last, write that counts for a record.
    pub(super) fn first_stamp(&self, kind: &str, id: &str) -> (String, String) {
        self.writes(kind, id).into_iter().next().unwrap_or_default().0
    }

    pub(super) fn last_stamp(&self, kind: &str, id: &str) -> (String, String) {
        self.writes(kind, id).pop().unwrap_or_default().0
    }
}

/// The fields of a value that clash, as people read them.
fn shown(value: &Value, fields: &[String]) -> String {
    let leaf = |field: &String| {
        let found = field.split('.').try_fold(value, |at, part| at.get(part));
        match found {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => "nothing".to_owned(),
        }
    };
    let text = match fields {
        [] => ["text", "note", "value", "code"].iter().find_map(|name| value.get(name)).map_or_else(
            || "changed".to_owned(),
            |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        ),
        fields => fields.iter().map(leaf).collect::<Vec<_>>().join("; "),
    };
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
