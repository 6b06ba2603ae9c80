//! What the records are after the operations of two copies: a function of the operations alone, so that the order in
//! which copies are merged does not matter.
//!
//! Of the writes to a record those count that no later one knew of. One is the value. Several are joined field by
//! field; where they clash the later one stands, and what one removed and another changed stays. An erasure stands
//! against everything. What a merge itself wrote counts only where it settled more than these rules say.

use super::StoreError;
use super::ancestry::Ancestry;
use super::merge::Choices;
use super::merge_values::join;
use super::operation::{Edit, Operation, OperationKind};
use crate::model::{
    Case, CodebookVersion, Coding, Coverage, Instrument, Participant, Plan, Record, Settings, Source, Theme, Wave,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Kind and id of a record.
pub(super) type Key = (String, String);

/// Which copy has an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Only this one.
    Ours,
    /// Only the other one.
    Theirs,
}

/// The operations of both copies, parents first.
pub(super) struct History {
    pub(super) log: Vec<Operation>,
    /// Whose it is alone, by position; none for what both have.
    pub(super) side: Vec<Option<Side>>,
    pub(super) ancestry: Ancestry,
}

/// A write that no later one knew of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Live {
    /// Position of its operation.
    pub(super) at: usize,
    /// Blob id of the value; none where it removed the record.
    pub(super) value: Option<String>,
}

/// A value that a record gets.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Joined {
    /// A stored one.
    Stored(String),
    /// One that was joined of several.
    New(Value),
}

/// What became of a record that several wrote.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) value: Option<Joined>,
    /// Fields that both sides changed; an empty name for the record as a whole.
    pub(super) clashes: Vec<String>,
    /// One removed it, the other changed it.
    pub(super) removed_and_changed: bool,
}

/// Reads a stored value; none where it was erased.
pub(super) type Read<'a> = dyn Fn(&str) -> Result<Option<Value>, StoreError> + 'a;

impl History {
    pub(super) fn new(ours: Vec<Operation>, theirs: Vec<Operation>) -> Self {
        let known: HashSet<String> = ours.iter().map(|operation| operation.hash.clone()).collect();
        let in_theirs: HashSet<String> = theirs.iter().map(|operation| operation.hash.clone()).collect();
        let mut side: Vec<Option<Side>> =
            ours.iter().map(|op| (!in_theirs.contains(&op.hash)).then_some(Side::Ours)).collect();
        let mut log = ours;
        log.extend(theirs.into_iter().filter(|operation| !known.contains(&operation.hash)));
        side.resize(log.len(), Some(Side::Theirs));
        let ancestry = Ancestry::of(&log);
        Self { log, side, ancestry }
    }

    /// For every record, the writes that no later one knew of.
    pub(super) fn live(&self) -> BTreeMap<Key, Vec<Live>> {
        let mut live: BTreeMap<Key, Vec<Live>> = BTreeMap::new();
        for (at, operation) in self.log.iter().enumerate() {
            for edit in operation.edits.iter().filter(|edit| is_write(operation, &edit.kind, &edit.id)) {
                let writes = live.entry((edit.kind.clone(), edit.id.clone())).or_default();
                writes.retain(|earlier| !self.ancestry.is_before(earlier.at, at));
                writes.push(Live { at, value: edit.after.clone() });
            }
        }
        live
    }

    /// Whether both copies wrote the record without knowing of each other.
    pub(super) fn is_split(&self, live: &[Live]) -> bool {
        let of = |side: Side| live.iter().any(|write| self.side_of(write.at) == Some(side));
        of(Side::Ours) && of(Side::Theirs)
    }

    pub(super) fn side_of(&self, at: usize) -> Option<Side> {
        self.side.get(at).copied().flatten()
    }

    /// Time and hash of a write: of two that did not know of each other, the greater one is the later. What a merge put
    /// right is as old as what it found, so that it does not look newer than what people did meanwhile.
    pub(super) fn stamp(&self, key: &Key, at: usize) -> (&str, &str) {
        let Some(operation) = self.log.get(at) else { return ("", "") };
        if operation.kind != OperationKind::Merge {
            return (&operation.time, &operation.hash);
        }
        let found = self.live_before(at, key);
        // Who changed it and took that back has not changed it: the value that all came from is nobody's.
        let shared = self.log.iter().enumerate().take(at).filter(|(k, _)| self.is_known_to_all(*k, &found));
        let origin = shared.filter_map(|(_, operation)| edit_of(operation, key)).next_back();
        let changed = |write: &&Live| origin.is_none_or(|origin| origin.after != write.value);
        let stamp = |write: &Live| self.log.get(write.at).map(|op| (op.time.as_str(), op.hash.as_str()));
        let newest = found.iter().filter(changed).filter_map(stamp).max();
        newest.or_else(|| found.iter().filter_map(stamp).max()).unwrap_or(("", ""))
    }

    /// What people wrote to a record before an operation, without what a later one of these knew of.
    fn live_before(&self, at: usize, key: &Key) -> Vec<Live> {
        let mut live: Vec<Live> = Vec::new();
        for (k, operation) in self.log.iter().enumerate().take(at) {
            if operation.kind == OperationKind::Merge || !self.ancestry.is_before(k, at) {
                continue;
            }
            if let Some(edit) = edit_of(operation, key) {
                live.retain(|earlier| !self.ancestry.is_before(earlier.at, k));
                live.push(Live { at: k, value: edit.after.clone() });
            }
        }
        live
    }

    /// The write whose value stands where the live ones clash.
    pub(super) fn latest(&self, key: &Key, live: &[Live]) -> Option<usize> {
        let kept = live.iter().filter(|write| write.value.is_some());
        kept.map(|write| write.at).max_by_key(|at| self.stamp(key, *at))
    }

    /// The value of a record that several wrote.
    pub(super) fn join(
        &self,
        key: &Key,
        live: &[Live],
        choice: Option<Side>,
        read: &Read<'_>,
    ) -> Result<Outcome, StoreError> {
        let mut outcome = Outcome { value: None, clashes: Vec::new(), removed_and_changed: false };
        let erased = live.iter().filter(|write| self.kind_of(write.at) == Some(OperationKind::Erasure));
        if let Some(erasure) = erased.max_by_key(|write| write.at) {
            outcome.value = erasure.value.clone().map(Joined::Stored);
            return Ok(outcome);
        }
        let kept: Vec<&Live> = live.iter().filter(|write| write.value.is_some()).collect();
        outcome.removed_and_changed = !kept.is_empty() && kept.len() < live.len();
        if outcome.removed_and_changed && choice.is_some() {
            let chosen = live.iter().find(|write| self.side_of(write.at) == choice);
            outcome.value = chosen.and_then(|write| write.value.clone()).map(Joined::Stored);
            return Ok(outcome);
        }
        let values: BTreeSet<&String> = kept.iter().filter_map(|write| write.value.as_ref()).collect();
        if values.len() < 2 {
            outcome.value = values.first().map(|value| Joined::Stored((*value).clone()));
            return Ok(outcome);
        }
        let base = self.base(key, live, read)?;
        let mut read_all = Vec::new();
        for write in kept {
            // What can no longer be read was erased: it does not come back.
            if let Some(value) = write.value.as_ref().map(|value| read(value)).transpose()?.flatten() {
                read_all.push((write.at, write.value.clone().unwrap_or_default(), value));
            }
        }
        outcome.value = self.joined(key, base, read_all, choice, &mut outcome.clashes);
        Ok(outcome)
    }

    fn joined(
        &self,
        key: &Key,
        base: Option<Value>,
        mut values: Vec<(usize, String, Value)>,
        choice: Option<Side>,
        clashes: &mut Vec<String>,
    ) -> Option<Joined> {
        let kind = key.0.as_str();
        values.sort_by_key(|(at, ..)| (choice.is_some() && self.side_of(*at) == choice, self.stamp(key, *at)));
        if kind == CodebookVersion::KIND
            && values.windows(2).any(|pair| matches!(pair, [a, b] if a.2.get("codebook") != b.2.get("codebook")))
        {
            // Two different books of one number: the earlier keeps it, the other is given one of its own.
            return values
                .into_iter()
                .min_by_key(|(at, ..)| self.stamp(key, *at))
                .map(|(_, blob, _)| Joined::Stored(blob));
        }
        if !JOINED_BY_FIELD.contains(&kind) && kind != Coverage::KIND {
            clashes.push(String::new());
            return values.pop().map(|(_, blob, _)| Joined::Stored(blob));
        }
        let mut values = values.into_iter().map(|(_, _, value)| pack(kind, value));
        let mut sum = values.next()?;
        let base = base.map(|base| pack(kind, base));
        for value in values {
            sum = match kind {
                Coverage::KIND => read_by_either(&sum, &value),
                _ => join(base.as_ref(), &sum, &value, clashes),
            };
        }
        Some(Joined::New(if kind == Source::KIND { unpack(sum) } else { sum }))
    }

    /// The value that all live writes came from: what the writes that all of them knew of made.
    fn base(&self, key: &Key, live: &[Live], read: &Read<'_>) -> Result<Option<Value>, StoreError> {
        let mut known: Vec<Live> = Vec::new();
        for (at, operation) in self.log.iter().enumerate() {
            if !is_write(operation, &key.0, &key.1) || !self.is_known_to_all(at, live) {
                continue;
            }
            if let Some(edit) = edit_of(operation, key) {
                known.retain(|earlier| !self.ancestry.is_before(earlier.at, at));
                known.push(Live { at, value: edit.after.clone() });
            }
        }
        if known.is_empty() {
            return Ok(None);
        }
        match self.join(key, &known, None, read)?.value {
            Some(Joined::Stored(blob)) => read(&blob),
            Some(Joined::New(value)) => Ok(Some(value)),
            None => Ok(None),
        }
    }

    fn is_known_to_all(&self, at: usize, live: &[Live]) -> bool {
        live.iter().all(|write| write.at != at && self.ancestry.is_before(at, write.at))
    }

    fn kind_of(&self, at: usize) -> Option<OperationKind> {
        self.log.get(at).map(|operation| operation.kind)
    }

    /// The newest codebook of both copies as one, with the clashes in it; none where there is nothing to join.
    pub(super) fn codebook(
        &self,
        choices: &Choices,
        read: &Read<'_>,
    ) -> Result<Option<(Value, Vec<String>)>, StoreError> {
        let mut writes: Vec<(usize, &Edit)> = Vec::new();
        for (at, operation) in self.log.iter().enumerate() {
            writes.extend(
                operation.edits.iter().filter(|edit| edit.kind == CodebookVersion::KIND).map(|edit| (at, edit)),
            );
        }
        let live = self.live_books(&writes, |_| true);
        if live.len() < 2 {
            return Ok(None);
        }
        let mut clashes = Vec::new();
        let choice = choices.of(CodebookVersion::KIND, NEWEST);
        Ok(self.join_books(&writes, &live, choice, read, &mut clashes)?.map(|book| (book, clashes)))
    }

    /// Operations that wrote the codebook and that no later one of the `wanted` knew of.
    fn live_books(&self, writes: &[(usize, &Edit)], wanted: impl Fn(usize) -> bool) -> Vec<Live> {
        let mut live: Vec<Live> = Vec::new();
        for (at, _) in writes.iter().filter(|(at, _)| wanted(*at)) {
            let settles = self.log.get(*at).is_some_and(|operation| is_write(operation, CodebookVersion::KIND, NEWEST));
            if settles && live.last().is_none_or(|last| last.at != *at) {
                live.retain(|earlier| !self.ancestry.is_before(earlier.at, *at));
                live.push(Live { at: *at, value: self.newest_book(writes, *at) });
            }
        }
        live.retain(|write| write.value.is_some());
        live
    }

    fn join_books(
        &self,
        writes: &[(usize, &Edit)],
        live: &[Live],
        choice: Option<Side>,
        read: &Read<'_>,
        clashes: &mut Vec<String>,
    ) -> Result<Option<Value>, StoreError> {
        let mut books = Vec::new();
        for write in live {
            let version = write.value.as_ref().map(|blob| read(blob)).transpose()?.flatten();
            books.extend(version.and_then(|version| version.get("codebook").cloned()).map(|book| (write.at, book)));
        }
        if books.len() < 2 {
            return Ok(books.pop().map(|(_, book)| book));
        }
        // What all of them knew of, joined in the same way where it was several.
        let known = self.live_books(writes, |at| self.is_known_to_all(at, live));
        let base = self.join_books(writes, &known, None, read, &mut Vec::new())?;
        let newest = (CodebookVersion::KIND.to_owned(), NEWEST.to_owned());
        books.sort_by_key(|(at, _)| (choice.is_some() && self.side_of(*at) == choice, self.stamp(&newest, *at)));
        let mut books = books.into_iter().map(|(_, book)| book);
        let Some(mut sum) = books.next() else { return Ok(None) };
        for book in books {
            sum = join(base.as_ref(), &sum, &book, clashes);
        }
        Ok(Some(sum))
    }

    /// The codebook version of the highest number that an operation knew of, itself included.
    fn newest_book(&self, writes: &[(usize, &Edit)], at: usize) -> Option<String> {
        let mut versions: BTreeMap<&str, Option<&String>> = BTreeMap::new();
        for (_, edit) in writes.iter().filter(|(earlier, _)| self.ancestry.is_before(*earlier, at)) {
            versions.insert(&edit.id, edit.after.as_ref());
        }
        versions.into_values().flatten().next_back().cloned()
    }
}

/// Id under which a merge notes that it settled the content of the newest codebook.
pub(super) const NEWEST: &str = "newest";

fn edit_of<'a>(operation: &'a Operation, key: &Key) -> Option<&'a Edit> {
    operation.edits.iter().find(|edit| edit.kind == key.0 && edit.id == key.1)
}

/// Whether an edit is somebody's, not only what the rules of merging say.
fn is_write(operation: &Operation, kind: &str, id: &str) -> bool {
    operation.kind != OperationKind::Merge || operation.settled.iter().any(|(k, i)| k == kind && i == id)
}

/// Kinds whose fields can be changed independently of each other.
const JOINED_BY_FIELD: [&str; 10] = [
    Settings::KIND,
    Source::KIND,
    Participant::KIND,
    Case::KIND,
    Wave::KIND,
    Instrument::KIND,
    CodebookVersion::KIND,
    Theme::KIND,
    Coding::KIND,
    Plan::KIND,
];

/// Fields of a source that only make sense together.
const TEXT: [&str; 5] = ["revision", "segmentation", "first_ordinal", "turns", "original"];
const PACKED: &str = "text";

/// Makes one field of those that belong together, so that a text never gets the cut of another.
fn pack(kind: &str, mut value: Value) -> Value {
    if kind == Source::KIND
        && let Some(members) = value.as_object_mut()
    {
        let parts: Vec<Value> = TEXT.iter().map(|field| members.remove(*field).unwrap_or_default()).collect();
        members.insert(PACKED.to_owned(), json!(Value::Array(parts).to_string()));
    }
    value
}

fn unpack(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut()
        && let Some(packed) = members.remove(PACKED)
    {
        let parts: Option<Vec<Value>> = packed.as_str().and_then(|packed| serde_json::from_str(packed).ok());
        let named = TEXT.iter().zip(parts.into_iter().flatten()).filter(|(_, part)| !part.is_null());
        members.extend(named.map(|(field, part)| ((*field).to_owned(), part)));
    }
    value
}

/// Several sources of one text as one: name and text of the one that is kept, everything else joined, the later over
/// the earlier; with the fields in which they clash.
pub(super) fn join_sources(kept: &Source, all: &[&Source]) -> Result<(Source, Vec<String>), serde_json::Error> {
    let mut clashes = Vec::new();
    let mut sum = serde_json::to_value(kept)?;
    for source in all {
        let mut value = serde_json::to_value(source)?;
        if let (Some(members), Some(kept)) = (value.as_object_mut(), serde_json::to_value(kept)?.as_object()) {
            for field in TEXT.iter().copied().chain(["name", "format"]) {
                members.remove(field);
                members.extend(kept.get(field).map(|own| (field.to_owned(), own.clone())));
            }
        }
        sum = join(None, &sum, &value, &mut clashes);
    }
    clashes.sort();
    clashes.dedup();
    Ok((serde_json::from_value(sum)?, clashes))
}

/// What either of two records says was read.
pub(super) fn join_coverage(a: &Coverage, b: &Coverage) -> Coverage {
    let either = |one: &Coverage, other: &Coverage| -> Result<Coverage, serde_json::Error> {
        serde_json::from_value(read_by_either(&serde_json::to_value(one)?, &serde_json::to_value(other)?))
    };
    // Both came from records, so they go back into one.
    either(a, b).unwrap_or_else(|_| a.clone())
}

/// What one of two records of the same coder and source says was read: an empty list means all of it.
fn read_by_either(a: &Value, b: &Value) -> Value {
    let mut sum = a.clone();
    for field in ["codes", "turns"] {
        let list = |value: &Value| value.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
        let (mut one, two) = (list(a), list(b));
        let all = one.is_empty() || two.is_empty();
        one.extend(two);
        one.sort_by_key(|item| (item.get(0).and_then(Value::as_u64), item.as_str().map(str::to_owned)));
        one.dedup();
        if let Some(members) = sum.as_object_mut() {
            members.remove(field);
            if !all {
                members.insert(field.to_owned(), Value::Array(one));
            }
        }
    }
    sum
}

/// A joined value in the bytes that putting the record would give it.
pub(super) fn bytes_of(kind: &str, value: Value) -> Result<Vec<u8>, serde_json::Error> {
    fn typed<T: Record>(value: Value) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&serde_json::from_value::<T>(value)?)
    }
    match kind {
        Settings::KIND => typed::<Settings>(value),
        Source::KIND => typed::<Source>(value),
        Participant::KIND => typed::<Participant>(value),
        Case::KIND => typed::<Case>(value),
        Wave::KIND => typed::<Wave>(value),
        Instrument::KIND => typed::<Instrument>(value),
        CodebookVersion::KIND => typed::<CodebookVersion>(value),
        Theme::KIND => typed::<Theme>(value),
        Coding::KIND => typed::<Coding>(value),
        Plan::KIND => typed::<Plan>(value),
        _ => typed::<Coverage>(value),
    }
}
