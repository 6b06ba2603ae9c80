//! `verify`: is everything stored what the operations say?
//!
//! Recomputes every hash and every keyed digest, folds the operations again from nothing, and compares the result with
//! the records. Whatever was changed in the file without an operation is found; only cutting off the newest operations
//! together with all that they did leaves no trace (note the head's hash elsewhere to notice that).

use super::dependence::Stored as StoredRecord;
use super::operation::{COLUMNS, Operation, OperationKind, Stored};
use super::{Store, StoreError, digest, schema};
use crate::model::{Record, Source};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

/// Blobs hashed at a time, side by side.
const PORTION: usize = 8 * 1024 * 1024;

/// Something that is not as the operations say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where: an operation, a record, a blob.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

/// What `verify` saw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Number of operations.
    pub operations: usize,
    /// Number of records.
    pub records: usize,
    /// Number of texts and values.
    pub blobs: usize,
    /// Of these, how many no operation names: left over from changes that were cut off. They are no part of the study.
    pub unused: usize,
    /// Number of blobs erased, by hash of the operation that erased them.
    pub erased: BTreeMap<String, usize>,
    /// Everything that is wrong, sorted.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, place: impl Into<String>, problem: impl Into<String>) {
        self.findings.push(Finding { place: place.into(), problem: problem.into() });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            write!(f, "clean")?;
        } else {
            write!(f, "{} found", self.findings.len())?;
        }
        write!(f, ": {} operations, {} records, {} texts and values", self.operations, self.records, self.blobs)?;
        for (operation, n) in &self.erased {
            write!(f, ", {n} erased by operation {}", operation.get(..12).unwrap_or(operation))?;
        }
        self.findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

/// Blob ids of records' values by id, by kind, as the operations name them.
pub(super) type State<'a> = HashMap<&'a str, HashMap<&'a str, &'a str>>;

impl Store {
    /// Checks everything. An error means that checking itself was not possible; what is wrong with the study is in the
    /// report.
    pub fn verify(&self) -> Result<Report, StoreError> {
        let mut report = Report::default();
        let checked = self.at_one_moment(|| {
            let result = self.verify_into(&mut report);
            // A page or a value that makes no sense is something found, not a failure to look.
            match result {
                Err(StoreError::Damaged { doing, source, .. }) => report.find("study.db", format!("{doing}: {source}")),
                other => other?,
            }
            Ok(())
        });
        checked?;
        report.findings.sort();
        Ok(report)
    }

    fn verify_into(&self, report: &mut Report) -> Result<(), StoreError> {
        let failed = self.failed("verifying");
        if schema::objects(&self.connection).map_err(&failed)? != schema::expected_objects().map_err(&failed)? {
            report.find("study.db", "its tables are not those that themata makes");
        }
        self.verify_file(report)?;
        let blobs = self.verify_blobs(report)?;
        let log = self.verify_chain(&blobs, report)?;
        let order = in_order(&log.operations);
        let state = fold(&log.operations, &order, report);
        self.verify_records(state, report)?;
        self.verify_references(&log, &order, &blobs, report)?;
        self.verify_meta(&log.operations, report)
    }

    /// The file must hold together: what an index leads to must be what the table has.
    fn verify_file(&self, report: &mut Report) -> Result<(), StoreError> {
        let failed = self.failed("verifying the file");
        let mut statement = self.connection.prepare("PRAGMA integrity_check").map_err(&failed)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(&failed)?;
        for problem in rows {
            let problem = problem.map_err(&failed)?;
            if problem != "ok" {
                report.find("study.db", problem);
            }
        }
        Ok(())
    }

    /// Every blob must be what its id says. Gives the ids.
    fn verify_blobs(&self, report: &mut Report) -> Result<HashSet<String>, StoreError> {
        let failed = self.failed("verifying texts and values");
        let mut statement = self.connection.prepare("SELECT id, salt, bytes FROM blob").map_err(&failed)?;
        let mut rows = statement.query([]).map_err(&failed)?;
        let mut ids = HashSet::new();
        let mut portion: Vec<(String, Vec<u8>, Vec<u8>)> = Vec::new();
        let mut size = 0;
        loop {
            let row = rows.next().map_err(&failed)?;
            if row.is_none() || size > PORTION {
                let study = self.salt;
                let wrong = |(id, salt, bytes): &&(String, Vec<u8>, Vec<u8>)| {
                    let expected = digest::blob_salt(&study, bytes);
                    expected[..] != salt[..] || digest::blob_id(&expected, bytes) != *id
                };
                let found: Vec<String> = portion.par_iter().filter(wrong).map(|(id, ..)| id.clone()).collect();
                for id in found {
                    report.find(format!("blob {id}"), "its content is not what its id says");
                }
                ids.extend(portion.drain(..).map(|(id, ..)| id));
                size = 0;
            }
            let Some(row) = row else { break };
            let bytes: Vec<u8> = row.get(2).map_err(&failed)?;
            size += bytes.len() + 64;
            portion.push((row.get(0).map_err(&failed)?, row.get(1).map_err(&failed)?, bytes));
        }
        report.blobs = ids.len();
        Ok(ids)
    }

    /// Every operation must have the hash that its content gives, and parents that came before it.
    fn verify_chain(&self, blobs: &HashSet<String>, report: &mut Report) -> Result<Log, StoreError> {
        let failed = self.failed("verifying the log");
        let sql = format!("SELECT {COLUMNS} FROM operation ORDER BY seq");
        let mut statement = self.connection.prepare(&sql).map_err(&failed)?;
        let mut rows = statement.query([]).map_err(&failed)?;
        let mut log = Log::default();
        let mut known: HashSet<String> = HashSet::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            let arrival = log.rows + 1;
            log.rows = arrival;
            let stored = match Stored::read(row) {
                Ok(stored) => stored,
                Err(error) => {
                    report.find(format!("operation {arrival}"), format!("its row cannot be read ({error})"));
                    continue;
                }
            };
            let place = format!("operation {} ({})", stored.seq, stored.hash.get(..12).unwrap_or(&stored.hash));
            if stored.seq != arrival {
                report.find(&place, "its arrival number is out of order: operations are missing or were moved");
                log.rows = stored.seq;
            }
            let (batch, hash) = (stored.batch.clone(), stored.hash.clone());
            let parents = stored.parents();
            if parents.is_none() {
                report.find(&place, "its parents cannot be read");
            }
            let parents = parents.unwrap_or_default();
            if stored.identity(&parents) != hash {
                report.find(&place, "its content is not what its hash says");
            }
            if parents.iter().any(|parent| !known.contains(parent)) || parents.is_empty() != (arrival == 1) {
                report.find(&place, "an operation before it is missing");
            }
            known.insert(hash);
            match stored.parse(self) {
                Ok((operation, lists)) => {
                    if operation.batch != batch {
                        report.find(&place, "its batch is not what its payload says");
                    }
                    log.list_blobs.extend(lists);
                    log.operations.push(operation);
                }
                Err(error @ (StoreError::UnreadableOperation { .. } | StoreError::MissingBlob { .. })) => {
                    report.find(&place, error.to_string());
                }
                Err(other) => return Err(other),
            }
        }
        report.operations = known.len();
        log.list_blobs.retain(|blob| blobs.contains(blob));
        Ok(log)
    }

    /// The records must be what folding gives.
    fn verify_records(&self, mut state: State<'_>, report: &mut Report) -> Result<(), StoreError> {
        let failed = self.failed("verifying the records");
        let mut statement = self.connection.prepare("SELECT kind, id, value FROM record").map_err(&failed)?;
        let mut rows = statement.query([]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let text = |column| row.get_ref(column).and_then(|value| Ok(value.as_str()?)).map_err(&failed);
            let (kind, id, value) = (text(0)?, text(1)?, text(2)?);
            report.records += 1;
            match state.get_mut(kind).and_then(|of_kind| of_kind.remove(id)) {
                None => report.find(format!("{kind} {id}"), "no operation made it"),
                Some(expected) if expected != value => {
                    report.find(format!("{kind} {id}"), "it is not what the operations made it");
                }
                Some(_) => {}
            }
        }
        for (kind, id) in state.iter().flat_map(|(kind, ids)| ids.keys().map(move |id| (kind, id))) {
            report.find(format!("{kind} {id}"), "it is missing");
        }
        Ok(())
    }

    /// What operations name must be there, unless a later one erased it.
    fn verify_references(
        &self,
        log: &Log,
        order: &[usize],
        blobs: &HashSet<String>,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        let mut erased: HashMap<&str, &str> = HashMap::new();
        let mut named: HashSet<&str> = log.list_blobs.iter().map(String::as_str).collect();
        for operation in order.iter().filter_map(|&k| log.operations.get(k)) {
            for id in operation.erased.iter() {
                erased.insert(id, &operation.hash);
            }
            let values = operation.edits.iter().flat_map(|edit| [&edit.before, &edit.after]).flatten();
            named.extend(values.chain(&operation.blobs).map(String::as_str));
            // The same words, or an equal record, may come again later; then they are there again.
            let back = operation.edits.iter().filter_map(|edit| edit.after.as_ref()).chain(&operation.blobs);
            for id in back {
                erased.remove(id.as_str());
            }
        }
        for id in named.iter().filter(|id| !blobs.contains(**id) && !erased.contains_key(**id)) {
            report.find(format!("blob {id}"), "it is missing");
        }
        for (id, operation) in erased.iter().filter(|(id, _)| blobs.contains(**id)) {
            report.find(format!("blob {id}"), format!("operation {operation} erased it, and it is there again"));
        }
        report.unused = blobs.iter().filter(|id| !named.contains(id.as_str())).count();
        let all: BTreeMap<&str, &str> = log.erasures().collect();
        let failed = self.failed("verifying what was erased");
        let mut statement = self.connection.prepare("SELECT blob, operation FROM erased").map_err(&failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(&failed)?;
        let stored: BTreeMap<String, String> = rows.collect::<Result<_, _>>().map_err(&failed)?;
        if !stored
            .iter()
            .map(|(blob, operation)| (blob.as_str(), operation.as_str()))
            .eq(all.iter().map(|(b, o)| (*b, *o)))
        {
            report.find("erased", "the list of what was erased is not what the operations say");
        }
        for operation in log.operations.iter().filter(|operation| operation.kind == OperationKind::Erasure) {
            report.erased.insert(operation.hash.clone(), operation.erased.len());
        }
        Ok(())
    }

    fn verify_meta(&self, operations: &[Operation], report: &mut Report) -> Result<(), StoreError> {
        let head: Option<String> = self.meta("head")?;
        if head.as_deref() != Some(operations.last().map_or("", |operation| operation.hash.as_str())) {
            report.find("head", "the newest operation is not the one that was written last");
        }
        let parents: HashSet<&str> = operations.iter().flat_map(|op| &op.parents).map(String::as_str).collect();
        if operations.iter().filter(|operation| !parents.contains(operation.hash.as_str())).count() > 1 {
            report.find("head", "the log ends in more than one operation");
        }
        let next = u64::from(self.meta::<u32>("next_ordinal")?.unwrap_or(0));
        let mut highest = (0, String::new());
        self.each_record(Source::KIND, |StoredRecord { id, json, .. }| {
            // A source that cannot be read was reported with its blob.
            if let Ok(source) = serde_json::from_slice::<Source>(json) {
                let end = u64::from(source.first_ordinal) + u64::from(source.turns);
                highest = highest.clone().max((end, id.to_owned()));
            }
            Ok(())
        })
        .or_else(|error| match error {
            StoreError::MissingBlob { .. } => Ok(()),
            other => Err(other),
        })?;
        if highest.0 > next {
            report.find(format!("source {}", highest.1), "its turns have numbers that were never given out");
        }
        Ok(())
    }
}

#[derive(Default)]
struct Log {
    operations: Vec<Operation>,
    list_blobs: BTreeSet<String>,
    rows: u64,
}

impl Log {
    fn erasures(&self) -> impl Iterator<Item = (&str, &str)> {
        self.operations.iter().flat_map(|op| op.erased.iter().map(|blob| (blob.as_str(), op.hash.as_str())))
    }
}

/// Positions of the operations so that parents come first; where the chain leaves it open, by hash.
pub(super) fn in_order(operations: &[Operation]) -> Vec<usize> {
    let position: HashMap<&str, usize> =
        operations.iter().enumerate().map(|(k, operation)| (operation.hash.as_str(), k)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); operations.len()];
    let mut waiting: Vec<usize> = vec![0; operations.len()];
    for (k, operation) in operations.iter().enumerate() {
        for parent in operation.parents.iter().filter_map(|parent| position.get(parent.as_str())) {
            if let (Some(list), Some(count)) = (children.get_mut(*parent), waiting.get_mut(k)) {
                list.push(k);
                *count += 1;
            }
        }
    }
    let hash = |k: usize| operations.get(k).map(|operation| operation.hash.as_str()).unwrap_or_default();
    let mut ready: BTreeSet<(&str, usize)> =
        waiting.iter().enumerate().filter(|(_, count)| **count == 0).map(|(k, _)| (hash(k), k)).collect();
    let mut order = Vec::with_capacity(operations.len());
    while let Some((_, k)) = ready.pop_first() {
        order.push(k);
        for &child in children.get(k).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(child) {
                *count -= 1;
                if *count == 0 {
                    ready.insert((hash(child), child));
                }
            }
        }
    }
    order
}

/// The state that the operations make of nothing.
pub(super) fn fold<'a>(operations: &'a [Operation], order: &[usize], report: &mut Report) -> State<'a> {
    let mut state = State::new();
    // Where branches were merged, an operation may have found what another branch had not written yet.
    let linear = operations.iter().all(|operation| operation.parents.len() < 2);
    for operation in order.iter().filter_map(|&k| operations.get(k)) {
        for edit in &operation.edits {
            let of_kind = state.entry(&edit.kind).or_default();
            let before = match &edit.after {
                Some(value) => of_kind.insert(&edit.id, value),
                None => of_kind.remove(edit.id.as_str()),
            };
            if linear && before != edit.before.as_deref() {
                let place = format!("operation {} ({})", operation.seq, operation.hash.get(..12).unwrap_or(""));
                report.find(place, format!("{} {} was not what it says it found", edit.kind, edit.id));
            }
        }
    }
    state
}
