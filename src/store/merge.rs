//! Merging another copy of the study: its operations come over as they are, and one operation with two parents joins
//! the histories.
//!
//! Owns the order of the work and what is refused. What a record becomes is worked out in `merge_state`, what has to be
//! put right between records in `merge_fixes`. All of it is one transaction: cut off half-way, nothing has happened.

use super::digest;
use super::erasure_plan::Plan;
use super::merge_state::{History, Joined, Key, Live, Side, bytes_of};
use super::operation::{COLUMNS, Draft, Edit, Lists, OperationKind, Stored, named};
use super::read::parse;
use super::verify::{Report, fold, in_order};
use super::{Store, StoreError};
use crate::model::{Record, Source};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

/// What a person decided about clashes, instead of the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// Whose value stands where both changed the same.
    pub prefer: Option<Side>,
    /// The same for single records, by kind and id; it goes before `prefer`.
    pub each: BTreeMap<(String, String), Side>,
}

impl Choices {
    /// Whose value stands for a record; none where the rules decide.
    pub fn of(&self, kind: &str, id: &str) -> Option<Side> {
        self.each.get(&(kind.to_owned(), id.to_owned())).copied().or(self.prefer)
    }
}

/// Something about which the copies did not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Kind of record.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Fields that both changed; none where it is about the record as a whole.
    pub fields: Vec<String>,
    /// What it is here.
    pub ours: Option<String>,
    /// What it is in the other copy.
    pub theirs: Option<String>,
    /// What stands, and by which rule.
    pub taken: String,
}

impl Conflict {
    pub(super) fn kept((kind, id): &Key, by: Side) -> Self {
        let (there, gone) = (Some("used since".to_owned()), Some("removed".to_owned()));
        let (ours, theirs) = if by == Side::Ours { (there, gone) } else { (gone, there) };
        let taken = "it stays, because it is used".to_owned();
        Self { kind: kind.clone(), id: id.clone(), fields: Vec::new(), ours, theirs, taken }
    }

    pub(super) fn renamed(id: &str, name: &str, new: &str) -> Self {
        let taken = format!("both stay; the later one is called {new}");
        let (ours, theirs) = (Some(name.to_owned()), Some(name.to_owned()));
        Self { kind: Source::KIND.to_owned(), id: id.to_owned(), fields: vec!["name".to_owned()], ours, theirs, taken }
    }

    pub(super) fn of_code(
        code: &str,
        fields: Vec<String>,
        ours: Option<String>,
        theirs: Option<String>,
        by: Option<Side>,
    ) -> Self {
        let taken =
            chosen(by).unwrap_or_else(|| "the later definition; what was coded is in `codebook queue`".to_owned());
        Self { kind: "code".to_owned(), id: code.to_owned(), fields, ours, theirs, taken }
    }
}

fn chosen(by: Option<Side>) -> Option<String> {
    by.map(|side| if side == Side::Ours { "ours, as you said" } else { "theirs, as you said" }.to_owned())
}

/// How two copies stood to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// The other one has nothing that this one lacks.
    #[default]
    Nothing,
    /// This one has nothing that the other lacks: its operations were added.
    Behind,
    /// Both went on: their histories were joined.
    Apart,
}

/// What a merge did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// How the copies stood to each other.
    pub standing: Standing,
    /// Hash of the operation that joins them.
    pub operation: Option<String>,
    /// Number of operations that came over, by coder.
    pub operations: BTreeMap<String, usize>,
    /// Records added, changed and removed here, by kind.
    pub records: BTreeMap<String, [usize; 3]>,
    /// Where the copies did not agree.
    pub conflicts: Vec<Conflict>,
    /// What somebody should look at.
    pub notes: Vec<String>,
    /// Participants that one copy had erased and that are now erased from what the other brought.
    pub erased: BTreeSet<String>,
}

impl Merged {
    /// What changes here, counted: `3 codings added, 1 source changed`.
    pub fn summary(&self) -> String {
        let each = self.records.iter().flat_map(|(kind, counts)| {
            let did = ["added", "changed", "removed"].into_iter().zip(counts);
            did.filter(|(_, n)| **n > 0).map(move |(did, n)| format!("{n} {} {did}", named(kind, *n)))
        });
        let each: Vec<String> = each.collect();
        if each.is_empty() { "no record changes".to_owned() } else { each.join(", ") }
    }
}

/// A merge in the making: everything is read, nothing is written.
pub(super) struct Merging<'a> {
    pub(super) ours: &'a Store,
    theirs: &'a Store,
    pub(super) history: &'a History,
    pub(super) choices: &'a Choices,
    pub(super) live: BTreeMap<Key, Vec<Live>>,
    states: [BTreeMap<Key, String>; 2],
    pub(super) values: BTreeMap<Key, String>,
    new_blobs: BTreeMap<String, Vec<u8>>,
    pub(super) settled: BTreeSet<Key>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) next_ordinal: u32,
}

/// What is to be written.
struct Prepared {
    head: u64,
    values: BTreeMap<Key, String>,
    new_blobs: BTreeMap<String, Vec<u8>>,
    rows: Vec<Stored>,
    erasures: Vec<(String, Vec<String>)>,
    /// Of the joining operation; none where operations are only added.
    joining: Option<(Vec<String>, Lists)>,
    next_ordinal: u32,
    merged: Merged,
}

impl Store {
    /// Says what [`Store::merge`] would do; changes nothing.
    pub fn preview_merge(&self, other: &Path, choices: &Choices) -> Result<Merged, StoreError> {
        let theirs = self.open_other(other)?;
        Ok(self.prepare_merge(&theirs, choices)?.merged)
    }

    /// Brings over what another copy of this study has and this one lacks: a study's folder or a backup.
    pub fn merge(
        &mut self,
        other: &Path,
        choices: &Choices,
        command: &str,
        reason: Option<&str>,
    ) -> Result<Merged, StoreError> {
        let theirs = self.open_other(other)?;
        let prepared = self.prepare_merge(&theirs, choices)?;
        if prepared.merged.standing == Standing::Nothing {
            return Ok(prepared.merged);
        }
        self.snapshot_before();
        let blobs = self.missing_blobs(&theirs)?;
        if prepared.merged.erased.is_empty() && prepared.erasures.is_empty() {
            // What is to be erased again must not lie about, so it comes in the one transaction only.
            super::change::write_ahead(self, &blobs)?;
        }
        let mut merged = prepared.merged.clone();
        let (operation, seq) = self.write("merging", || self.write_merge(&prepared, &blobs, command, reason))?;
        merged.operation = operation;
        self.seen.set(seq);
        self.own.borrow_mut().clear();
        let erased: BTreeSet<&String> =
            merged.erased.iter().chain(prepared.erasures.iter().map(|(participant, _)| participant)).collect();
        for participant in erased {
            self.erase_traces(participant, command, reason)?;
        }
        Ok(merged)
    }

    /// Opens the other copy and refuses one that is no sound copy of this study.
    fn open_other(&self, other: &Path) -> Result<Self, StoreError> {
        let theirs = if other.is_file() {
            Self::open_backup(other, self.environment.clone())?
        } else {
            Self::open_read_only(other, self.environment.clone())?
        };
        for (store, path) in [(self, &self.dir), (&theirs, &other.to_owned())] {
            let report = store.verify()?;
            if !report.is_clean() {
                let findings = report.findings.iter().map(ToString::to_string).collect();
                return Err(StoreError::Unsound { path: path.clone(), findings });
            }
        }
        let root = |store: &Self| -> Result<Option<String>, StoreError> {
            let mut root = None;
            store.each_operation(&format!("SELECT {COLUMNS} FROM operation ORDER BY seq LIMIT 1"), |stored| {
                root = Some(stored.hash);
                Ok(ControlFlow::Break(()))
            })?;
            Ok(root)
        };
        if self.salt != theirs.salt || root(self)?.is_none() || root(self)? != root(&theirs)? {
            return Err(StoreError::Foreign { path: other.to_owned() });
        }
        Ok(theirs)
    }

    fn missing_blobs(&self, theirs: &Self) -> Result<BTreeMap<String, (digest::Key, Vec<u8>)>, StoreError> {
        let known: HashSet<String> = self.blob_ids()?.into_iter().collect();
        let mut missing = BTreeMap::new();
        for id in theirs.blob_ids()?.into_iter().filter(|id| !known.contains(id)) {
            let bytes = theirs.blob(&id)?;
            missing.insert(id, (digest::blob_salt(&self.salt, &bytes), bytes));
        }
        Ok(missing)
    }

    fn prepare_merge(&self, theirs: &Self, choices: &Choices) -> Result<Prepared, StoreError> {
        let (head, head_seq) = self.head()?;
        let history = History::new(self.log()?, theirs.log()?);
        let only = |side: Side| history.side.iter().filter(move |of| **of == Some(side)).count();
        let mut merged = Merged { standing: standing(only(Side::Ours), only(Side::Theirs)), ..Merged::default() };
        let mut operations: BTreeMap<String, usize> = BTreeMap::new();
        let mut coming: HashSet<&str> = HashSet::new();
        for (operation, _) in history.log.iter().zip(&history.side).filter(|(_, side)| **side == Some(Side::Theirs)) {
            *operations.entry(operation.actor.clone()).or_default() += 1;
            coming.insert(&operation.hash);
        }
        merged.operations = operations;
        let mut rows = Vec::new();
        theirs.each_operation(&format!("SELECT {COLUMNS} FROM operation ORDER BY seq"), |stored| {
            if coming.contains(stored.hash.as_str()) {
                rows.push(stored);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut making = Merging::look(self, theirs, &history, choices)?;
        let mut joining = None;
        match merged.standing {
            Standing::Nothing => making.values = making.state_of(Side::Ours).clone(),
            Standing::Behind => making.values = making.state_of(Side::Theirs).clone(),
            Standing::Apart => {
                making.settle()?;
                making.put_right()?;
                making.refuse_unknown_choices()?;
                merged.erased = making.one_sided_erasures();
                merged.notes = making.notes()?;
                let mut parents = vec![head, theirs.head()?.0];
                parents.sort();
                joining = Some((parents, making.lists()?));
            }
        }
        merged.records = counted(making.state_of(Side::Ours), &making.values);
        let Merging { values, new_blobs, conflicts, next_ordinal, .. } = making;
        merged.conflicts = conflicts;
        let erased = history.log.iter().filter(|op| coming.contains(op.hash.as_str()) && !op.erased.is_empty());
        let erasures = erased.map(|op| (op.participant.clone().unwrap_or_default(), op.erased.clone())).collect();
        Ok(Prepared { head: head_seq, values, new_blobs, rows, erasures, joining, next_ordinal, merged })
    }

    /// Everything that a merge writes. Gives the joining operation and the newest arrival number.
    fn write_merge(
        &self,
        prepared: &Prepared,
        blobs: &BTreeMap<String, (digest::Key, Vec<u8>)>,
        command: &str,
        reason: Option<&str>,
    ) -> Result<(Option<String>, u64), StoreError> {
        let (_, mut seq) = self.head()?;
        if seq != prepared.head {
            let (by, what) = ("somebody else".to_owned(), "the study".to_owned());
            return Err(StoreError::ChangedMeanwhile { by, what });
        }
        for (id, (salt, bytes)) in blobs {
            self.insert_salted(id, salt, bytes)?;
        }
        for bytes in prepared.new_blobs.values() {
            self.insert_blob(bytes)?;
        }
        for row in &prepared.rows {
            seq += 1;
            self.insert_stored(seq, row)?;
            let (operation, _) = row.clone().parse(self)?;
            self.note_erased(&operation.hash, &operation.erased)?;
        }
        self.apply(&edits(&self.state()?, &prepared.values))?;
        self.set_meta("next_ordinal", Some(&prepared.next_ordinal))?;
        let mut joined = None;
        if let Some((parents, lists)) = &prepared.joining {
            let (kind, lists) = (OperationKind::Merge, lists.clone());
            let draft = Draft { kind, command, reason, batch: None, of: Vec::new(), participant: None, lists };
            let (hash, arrived) = self.append_after(parents.clone(), self.seal(draft)?)?;
            (joined, seq) = (Some(hash), arrived);
        }
        let mut going = self.erased_and_not_needed()?;
        let mut participants: BTreeSet<&String> =
            prepared.erasures.iter().map(|(participant, _)| participant).collect();
        for participant in &prepared.merged.erased {
            participants.insert(participant);
            let mut plan = match Plan::make(self, participant) {
                Err(StoreError::UnknownParticipant { .. }) => Plan::default(),
                other => other?,
            };
            plan.gone.append(&mut going);
            if !plan.is_empty() {
                seq = self.erase_within(participant, command, reason, &plan)?.1;
            }
        }
        let failed = self.failed("merging");
        for blob in going {
            self.connection.execute("DELETE FROM blob WHERE id = ?1", [blob]).map_err(&failed)?;
        }
        if !participants.is_empty() {
            let ids: Vec<&str> = participants.into_iter().map(String::as_str).collect();
            self.set_meta("erasing", Some(&ids.join("\n")))?;
        }
        Ok((joined, seq))
    }

    /// Blobs that some operation erased, that are here all the same, and that no record needs.
    fn erased_and_not_needed(&self) -> Result<BTreeSet<String>, StoreError> {
        let there: HashSet<String> = self.blob_ids()?.into_iter().collect();
        let mut needed: HashSet<String> = self.state()?.into_values().collect();
        for source in self.all::<Source>()?.into_values() {
            needed.extend([source.revision, source.segmentation].into_iter().chain(source.original));
        }
        let failed = self.failed("merging");
        let mut statement = self.connection.prepare("SELECT blob FROM erased").map_err(&failed)?;
        let erased = statement.query_map([], |row| row.get::<_, String>(0)).map_err(&failed)?;
        let erased: Vec<String> = erased.collect::<Result<_, _>>().map_err(&failed)?;
        Ok(erased.into_iter().filter(|blob| there.contains(blob) && !needed.contains(blob)).collect())
    }
}

fn standing(ours: usize, theirs: usize) -> Standing {
    match (ours, theirs) {
        (_, 0) => Standing::Nothing,
        (0, _) => Standing::Behind,
        _ => Standing::Apart,
    }
}

/// The edits that lead from one state to another.
fn edits(from: &BTreeMap<Key, String>, to: &BTreeMap<Key, String>) -> Vec<Edit> {
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

fn counted(from: &BTreeMap<Key, String>, to: &BTreeMap<Key, String>) -> BTreeMap<String, [usize; 3]> {
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
    fn look(
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
    fn settle(&mut self) -> Result<(), StoreError> {
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

    fn refuse_unknown_choices(&self) -> Result<(), StoreError> {
        let known = |(kind, id): &&Key| self.conflicts.iter().any(|found| found.kind == *kind && found.id == *id);
        let codebook = |(kind, _): &&Key| kind == "codebook" && self.conflicts.iter().any(|found| found.kind == "code");
        match self.choices.each.keys().find(|key| !known(key) && !codebook(key)) {
            Some((kind, id)) => Err(StoreError::NoConflict { what: format!("{kind} {id}") }),
            None => Ok(()),
        }
    }

    /// Participants that one copy erased without the other knowing.
    fn one_sided_erasures(&self) -> BTreeSet<String> {
        let erasures = self.history.log.iter().zip(&self.history.side);
        let one_sided = erasures.filter(|(op, side)| side.is_some() && op.kind == OperationKind::Erasure);
        one_sided.filter_map(|(op, _)| op.participant.clone()).collect()
    }

    /// What the joining operation holds: the difference to the plain fold, what was settled, and what is needed again
    /// although one copy erased an equal value.
    fn lists(&self) -> Result<Lists, StoreError> {
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

    fn notes(&self) -> Result<Vec<String>, StoreError> {
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
