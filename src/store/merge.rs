//! Merging another copy of the study: its operations come over as they are, and one operation with two parents joins
//! the histories.
//!
//! Owns the order of the work and what is refused. What comes of it is worked out in `merge_plan`: the value of each
//! record in `merge_state`, what has to be put right between records in `merge_fixes`. All of it is one transaction: cut off half-way, nothing has happened.

use super::digest;
use super::erasure_plan::Plan;
use super::merge_plan::{Merging, counted, edits};
use super::merge_state::{History, Key, Side};
use super::operation::{COLUMNS, Draft, Lists, OperationKind, Stored, named};
use super::{Store, StoreError};
use crate::model::{Record, Source};
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

    pub(super) fn one_text(id: &str, kept: &str, other: &str, other_is_ours: bool, clashes: &[String]) -> Self {
        let (kept_name, other_name) = (Some(kept.to_owned()), Some(other.to_owned()));
        let (ours, theirs) = if other_is_ours { (other_name, kept_name) } else { (kept_name, other_name) };
        let fields = std::iter::once("name".to_owned()).chain(clashes.iter().cloned()).collect();
        let taken = format!("one text, so one source: {kept}; else the later");
        Self { kind: Source::KIND.to_owned(), id: id.to_owned(), fields, ours, theirs, taken }
    }

    pub(super) fn one_label(ours: &str, theirs: &str) -> Self {
        let taken = format!("both stay; if they are one: `codebook merge {theirs} --into {ours}`");
        Self {
            kind: "code".to_owned(),
            id: ours.to_owned(),
            fields: vec!["label".to_owned()],
            ours: Some(ours.to_owned()),
            theirs: Some(theirs.to_owned()),
            taken,
        }
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

pub(super) fn chosen(by: Option<Side>) -> Option<String> {
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
