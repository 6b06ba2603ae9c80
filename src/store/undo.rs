//! `undo` and `redo`: operations that take others back, appended like any other.
//!
//! An operation is *in force* unless an undo that was not itself taken back names it. Undo and redo operations are
//! never targets of an undo, so `undo` twice goes back two steps; `redo` takes the newest undo back.

use super::dependence::{self, Stored, Thing};
use super::operation::{COLUMNS, Draft, Edit, Lists, Operation, OperationKind, arrival};
use super::{Store, StoreError};
use crate::model::{Looked, Record, Source};
use rusqlite::OptionalExtension;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;

/// What an undo or a redo did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reverted {
    /// Hash of the undo or redo.
    pub operation: String,
    /// Hashes of the operations taken back (brought again, for a redo).
    pub of: Vec<String>,
    /// Command of the newest of them.
    pub command: String,
    /// Number of records that changed.
    pub records: usize,
}

impl fmt::Display for Reverted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let (operations, records) = (self.of.len(), self.records);
        let (s, t) = (plural(operations), plural(records));
        write!(f, "`{}` ({operations} operation{s}, {records} record{t})", self.command)
    }
}

/// What is to be taken back.
struct Plan {
    /// Newest first.
    targets: Vec<Operation>,
    /// Later operations that may stand in the way: any in force, and any undo or redo in force.
    later: Vec<Operation>,
}

impl Store {
    /// Takes back the actor's newest operation in force, with its whole batch, or the one operation that is named (by
    /// its hash or the beginning of it), whoever's it is. Refuses where something depends on it.
    pub fn undo(&mut self, named: Option<&str>, command: &str, reason: Option<&str>) -> Result<Reverted, StoreError> {
        let named = named.map(|given| self.resolve(given)).transpose()?;
        let plan = self.plan_undo(named.as_deref())?;
        if plan.targets.len() > 1 {
            self.snapshot_before();
        }
        self.revert(OperationKind::Undo, command, reason, |store| store.plan_undo(named.as_deref()))
    }

    /// Takes back the actor's newest undo in force.
    pub fn redo(&mut self, command: &str, reason: Option<&str>) -> Result<Reverted, StoreError> {
        self.revert(OperationKind::Redo, command, reason, Self::plan_redo)
    }

    /// Works everything out before the transaction, and again inside it only where somebody wrote in between.
    fn revert(
        &self,
        kind: OperationKind,
        command: &str,
        reason: Option<&str>,
        plan: impl Fn(&Self) -> Result<Plan, StoreError>,
    ) -> Result<Reverted, StoreError> {
        let work_out = || {
            let Plan { targets, later } = plan(self)?;
            let (edits, expected) = inverse(&targets);
            self.refuse_if_touched(&expected, &later)?;
            let edits = self.with_current(edits)?;
            self.refuse_if_erased(&edits)?;
            self.refuse_if_leaned_on(&edits, &later)?;
            let of: Vec<String> = targets.iter().map(|target| target.hash.clone()).collect();
            let named = match kind {
                OperationKind::Redo => targets.iter().flat_map(|undo| undo.of.clone()).collect(),
                _ => of.clone(),
            };
            let lists = Lists { edits, ..Lists::default() };
            let draft = Draft { kind, command, reason, batch: None, of, participant: None, lists };
            Ok((self.head()?, named, self.seal(draft)?))
        };
        let (head, named, mut sealed) = self.at_one_moment(work_out)?;
        self.make_ready(&mut sealed)?;
        let (reverted, seq) = self.write("taking an operation back", || {
            let (named, sealed) = if self.head()? == head {
                (named, sealed)
            } else {
                let (_, named, sealed) = work_out()?;
                (named, sealed)
            };
            let (command, records) = (self.command_of(named.first())?, sealed.records());
            let (operation, seq) = self.append(sealed)?;
            Ok((Reverted { operation, of: named, command, records }, seq))
        })?;
        self.wrote(seq);
        Ok(reverted)
    }

    fn plan_undo(&self, named: Option<&str>) -> Result<Plan, StoreError> {
        let mut targets: Vec<Operation> = Vec::new();
        let mut later = Vec::new();
        // Of a batch, operations down to the oldest have to be looked at.
        let mut oldest = None;
        self.newest_first(|operation, standing| {
            let wanted = match (named, targets.first()) {
                (Some(hash), _) => operation.hash == hash,
                (None, Some(newest)) => {
                    operation.actor == newest.actor && operation.batch == newest.batch && standing == Standing::InForce
                }
                (None, None) => {
                    standing == Standing::InForce
                        && operation.actor == self.environment.actor
                        && (operation.kind == OperationKind::Merge
                            || !operation.edits.iter().all(|edit| edit.kind == Looked::KIND))
                }
            };
            if !wanted {
                if standing != Standing::TakenBack {
                    later.push(operation);
                }
            } else {
                refuse_staying(&operation, standing)?;
                if named.is_none() && oldest.is_none() {
                    oldest = Some(self.oldest_of_batch(&operation)?);
                }
                targets.push(operation);
            }
            let reached = |seq: u64| oldest.is_none_or(|oldest| seq <= oldest);
            let last = targets.last().map(|operation| operation.seq);
            let at = later.last().map(|operation| operation.seq).into_iter().chain(last).min();
            Ok(if last.is_some() && at.is_some_and(reached) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })?;
        if targets.is_empty() {
            return Err(StoreError::NothingToUndo { actor: self.environment.actor.clone() });
        }
        let oldest = targets.last().map_or(0, |operation| operation.seq);
        later.retain(|operation| operation.seq > oldest);
        Ok(Plan { targets, later })
    }

    fn plan_redo(&self) -> Result<Plan, StoreError> {
        let mut plan = Plan { targets: Vec::new(), later: Vec::new() };
        self.newest_first(|operation, standing| {
            let mine = operation.actor == self.environment.actor;
            if standing == Standing::Reverting && operation.kind == OperationKind::Undo && mine {
                plan.targets.push(operation);
                return Ok(ControlFlow::Break(()));
            }
            if standing != Standing::TakenBack {
                plan.later.push(operation);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if plan.targets.is_empty() {
            return Err(StoreError::NothingToRedo { actor: self.environment.actor.clone() });
        }
        Ok(plan)
    }

    /// Hands over the log from the newest operation on, each with its standing.
    fn newest_first(
        &self,
        mut visit: impl FnMut(Operation, Standing) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        // An undo or redo is always newer than what it names, so one pass from the end decides.
        let mut taken_back: BTreeSet<String> = BTreeSet::new();
        self.each_operation(&format!("SELECT {COLUMNS} FROM operation ORDER BY seq DESC"), |stored| {
            let (operation, _) = stored.parse(self)?;
            let standing = if taken_back.remove(&operation.hash) {
                Standing::TakenBack
            } else if matches!(operation.kind, OperationKind::Undo | OperationKind::Redo) {
                taken_back.extend(operation.of.iter().cloned());
                Standing::Reverting
            } else {
                Standing::InForce
            };
            visit(operation, standing)
        })
    }

    fn oldest_of_batch(&self, operation: &Operation) -> Result<u64, StoreError> {
        let Some(batch) = &operation.batch else { return Ok(operation.seq) };
        let sql = "SELECT min(seq) FROM operation WHERE batch = ?1 AND actor = ?2";
        let oldest = self.connection.query_row(sql, [batch, &operation.actor], |row| arrival(row, 0));
        oldest.map_err(self.failed("reading the log"))
    }

    pub(super) fn resolve(&self, given: &str) -> Result<String, StoreError> {
        let sql = "SELECT hash FROM operation WHERE substr(hash, 1, length(?1)) = ?1 LIMIT 2";
        let failed = self.failed("reading the log");
        let mut statement = self.connection.prepare(sql).map_err(&failed)?;
        let hashes = statement.query_map([given], |row| row.get(0)).map_err(&failed)?;
        let hashes: Vec<String> = hashes.collect::<Result<_, _>>().map_err(&failed)?;
        match hashes.as_slice() {
            [hash] if !given.is_empty() => Ok(hash.clone()),
            [_, _] if !given.is_empty() => Err(StoreError::AmbiguousOperation { given: given.to_owned() }),
            _ => Err(StoreError::UnknownOperation { given: given.to_owned() }),
        }
    }

    fn command_of(&self, hash: Option<&String>) -> Result<String, StoreError> {
        let Some(hash) = hash else { return Ok(String::new()) };
        let sql = "SELECT command FROM operation WHERE hash = ?1";
        let command = self.connection.query_row(sql, [hash], |row| row.get(0)).optional();
        Ok(command.map_err(self.failed("reading the log"))?.unwrap_or_default())
    }

    fn refuse_if_touched(&self, expected: &Values, later: &[Operation]) -> Result<(), StoreError> {
        let touches = |operation: &Operation, keys: &Values| {
            operation.edits.iter().any(|edit| keys.contains_key(&(edit.kind.clone(), edit.id.clone())))
        };
        let mut moved = Values::new();
        for ((kind, id), value) in expected {
            if self.value(kind, id)? != *value {
                moved.insert((kind.clone(), id.clone()), None);
            }
        }
        // An undo in force only puts back what was there before, unless the values say that it did not.
        let in_the_way = |operation: &&Operation| match operation.kind {
            OperationKind::Undo | OperationKind::Redo => touches(operation, &moved),
            _ => touches(operation, expected),
        };
        let mut dependents: Vec<String> = later.iter().filter(in_the_way).map(describe).collect();
        if dependents.is_empty() {
            dependents = moved.keys().map(|(kind, id)| format!("{kind} {id}")).collect();
        }
        refuse(dependents)
    }

    /// Fills in what the records are now, and leaves out those that would not change.
    fn with_current(&self, edits: Values) -> Result<Vec<Edit>, StoreError> {
        let mut changed = Vec::new();
        for ((kind, id), after) in edits {
            let before = self.value(&kind, &id)?;
            if before != after {
                changed.push(Edit { kind, id, before, after });
            }
        }
        Ok(changed)
    }

    fn refuse_if_erased(&self, edits: &[Edit]) -> Result<(), StoreError> {
        for edit in edits {
            let Some(value) = &edit.after else { continue };
            let json = self.blob(value)?;
            if edit.kind == Source::KIND {
                let source: Source = super::read::parse(&edit.kind, &edit.id, &json)?;
                for blob in [Some(&source.revision), Some(&source.segmentation), source.original.as_ref()] {
                    if let Some(operation) = blob.map(|blob| self.erased_by(blob)).transpose()?.flatten() {
                        return Err(StoreError::Erased { operation });
                    }
                }
            }
        }
        Ok(())
    }

    /// Looks for records that were written later and lean on something which would be gone.
    fn refuse_if_leaned_on(&self, edits: &[Edit], later: &[Operation]) -> Result<(), StoreError> {
        let provided = |edit: &Edit, value: &Option<String>| match value {
            Some(value) => {
                let json = self.blob(value)?;
                dependence::provides(Stored { kind: &edit.kind, id: &edit.id, json: &json })
            }
            None => Ok(BTreeSet::new()),
        };
        let (mut lost, mut kept): (BTreeSet<Thing>, BTreeSet<Thing>) = Default::default();
        for edit in edits {
            lost.extend(provided(edit, &edit.before)?);
            kept.extend(provided(edit, &edit.after)?);
        }
        let going: BTreeSet<(&str, &str)> = edits.iter().map(|edit| (edit.kind.as_str(), edit.id.as_str())).collect();
        // Another version of the codebook may still have the code, another source the same text.
        if lost.iter().any(|(sort, _)| matches!(*sort, "code" | "text")) {
            for kind in ["codebook", "source"] {
                self.each_record(kind, |stored| {
                    if !going.contains(&(stored.kind, stored.id)) {
                        kept.extend(dependence::provides(stored)?);
                    }
                    Ok(())
                })?;
            }
        }
        lost.retain(|thing| !kept.contains(thing));
        if lost.is_empty() {
            return Ok(());
        }
        // What an undo or redo put back was written by an operation that is in force itself, in its own place.
        let in_force = later.iter().filter(|op| !matches!(op.kind, OperationKind::Undo | OperationKind::Redo));
        let written = in_force.flat_map(|operation| &operation.edits);
        let keys: BTreeSet<(&str, &str)> = written.map(|edit| (edit.kind.as_str(), edit.id.as_str())).collect();
        let mut dependents = Vec::new();
        for (kind, id) in keys.difference(&going) {
            let Some(value) = self.value(kind, id)? else { continue };
            let needs = dependence::needs(Stored { kind, id, json: &self.blob(&value)? })?;
            if !needs.is_disjoint(&lost) {
                dependents.push(format!("{kind} {id}"));
            }
        }
        refuse(dependents)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It counts.
    InForce,
    /// It is an undo or redo that counts.
    Reverting,
    /// A later one took it back.
    TakenBack,
}

/// Blob id of a value by kind and id of the record.
type Values = BTreeMap<(String, String), Option<String>>;

/// What the records were before the operations (newest first), and what they must be now.
fn inverse(targets: &[Operation]) -> (Values, Values) {
    let (mut before, mut after) = (Values::new(), Values::new());
    for edit in targets.iter().flat_map(|operation| &operation.edits) {
        let key = (edit.kind.clone(), edit.id.clone());
        after.entry(key.clone()).or_insert_with(|| edit.after.clone());
        before.insert(key, edit.before.clone());
    }
    (before, after)
}

fn refuse_staying(operation: &Operation, standing: Standing) -> Result<(), StoreError> {
    let stays = |what| Err(StoreError::StaysDone { operation: operation.hash.clone(), what });
    if standing == Standing::TakenBack && operation.kind == OperationKind::Change {
        return Err(StoreError::AlreadyUndone { operation: operation.hash.clone() });
    }
    match operation.kind {
        OperationKind::Withdrawal => stays("a withdrawal"),
        OperationKind::Erasure => stays("an erasure"),
        OperationKind::Merge => stays("a merge: the study before it is in backups/"),
        OperationKind::Undo => stays("an undo; `redo` takes it back"),
        OperationKind::Redo => stays("a redo; undo the operation that it brought again"),
        OperationKind::Change if operation.edits.iter().all(|edit| edit.kind == Looked::KIND) => {
            stays("the mark that somebody has looked")
        }
        OperationKind::Change => Ok(()),
    }
}

fn describe(operation: &Operation) -> String {
    let short: String = operation.hash.chars().take(12).collect();
    format!("operation {short} (`{}` by {})", operation.command, operation.actor)
}

fn refuse(mut dependents: Vec<String>) -> Result<(), StoreError> {
    if dependents.is_empty() {
        return Ok(());
    }
    dependents.sort();
    dependents.dedup();
    Err(StoreError::DependedOn { dependents })
}
