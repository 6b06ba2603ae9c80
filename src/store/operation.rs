//! Operations: what the log holds, how one is named by its hash, and how it is written and read.
//!
//! An operation's hash covers its parents, so the newest hash vouches for all of them. Its payload names values by
//! their blob ids only: texts, notes and scores can be erased and the chain still holds.

use super::apply::MANY;
use super::canonical::canonical;
use super::{Environment, Store, StoreError, digest};
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Version of what the hash covers.
pub(super) const FORMAT: u32 = 1;
/// Lists longer than this, in bytes, lie in the blob table.
const INLINE: usize = 64 * 1024;
/// Lists longer than this are written before the operation.
const LONG: usize = 1024 * 1024;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// Any work on the study.
    Change,
    /// Takes others back.
    Undo,
    /// Takes an undo back.
    Redo,
    /// Hides a participant.
    Withdrawal,
    /// Removes what a participant said and scored.
    Erasure,
    /// Joins the histories of two copies of the study.
    Merge,
}

/// One record before and after, by blob id of its value; `None` where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Row4", into = "Row4")]
pub struct Edit {
    /// Kind of record.
    pub kind: String,
    /// Id of the record.
    pub id: String,
    /// Value before.
    pub before: Option<String>,
    /// Value after.
    pub after: Option<String>,
}

type Row4 = (String, String, Option<String>, Option<String>);

impl From<Row4> for Edit {
    fn from((kind, id, before, after): Row4) -> Self {
        Self { kind, id, before, after }
    }
}

impl From<Edit> for Row4 {
    fn from(edit: Edit) -> Self {
        (edit.kind, edit.id, edit.before, edit.after)
    }
}

/// One change of the study, as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name: SHA-256 over what follows, without `seq`.
    pub hash: String,
    /// Local arrival number, from 1; never hashed.
    pub seq: u64,
    /// Hashes of the operations before it, sorted: none for the first, two for a merge.
    pub parents: Vec<String>,
    /// Who did it.
    pub actor: String,
    /// When, UTC, RFC 3339.
    pub time: String,
    /// The command.
    pub command: String,
    /// Why.
    pub reason: Option<String>,
    /// Shared by operations that belong together.
    pub batch: Option<String>,
    /// What it does.
    pub kind: OperationKind,
    /// Operations that an undo takes back; the undo that a redo takes back.
    pub of: Vec<String>,
    /// Whom a withdrawal or an erasure is about.
    pub participant: Option<String>,
    /// Records it changed, sorted by kind and id.
    pub edits: Vec<Edit>,
    /// Blob ids of texts, segmentations and originals it brought, sorted.
    pub blobs: Vec<String>,
    /// Blob ids of what an erasure removed, sorted.
    pub erased: Vec<String>,
    /// Records (kind, id) about which a merge decided more than its rules say by themselves, sorted.
    pub settled: Vec<(String, String)>,
}

impl Operation {
    /// Whether it changed a record of this kind.
    pub fn touches(&self, kind: &str) -> bool {
        self.edits.iter().any(|edit| edit.kind == kind)
    }

    /// What it did, counted: `3 codings added, 1 source changed`.
    pub fn summary(&self) -> String {
        let mut counts: BTreeMap<(&str, u8), usize> = BTreeMap::new();
        for edit in &self.edits {
            let did = match (&edit.before, &edit.after) {
                (None, _) => 0,
                (Some(_), Some(_)) => 1,
                (Some(_), None) => 2,
            };
            *counts.entry((&edit.kind, did)).or_default() += 1;
        }
        let did = |n: u8| ["added", "changed", "removed"].get(usize::from(n)).copied().unwrap_or_default();
        let counted: Vec<String> =
            counts.into_iter().map(|((kind, k), n)| format!("{n} {} {}", named(kind, n), did(k))).collect();
        let prefix = match self.kind {
            OperationKind::Change => "",
            OperationKind::Undo => "undo: ",
            OperationKind::Redo => "redo: ",
            OperationKind::Withdrawal => "withdrawal: ",
            OperationKind::Erasure => "erasure: ",
            OperationKind::Merge => "merge: ",
        };
        format!("{prefix}{}", if counted.is_empty() { "nothing".to_owned() } else { counted.join(", ") })
    }
}

/// A kind of record as people say it, one or several.
pub(super) fn named(kind: &str, n: usize) -> String {
    match (kind, n) {
        ("looked", 1) => "look".to_owned(),
        ("looked", _) => "looks".to_owned(),
        ("search", 2..) => "searches".to_owned(),
        ("settings" | "coverage" | "responses", _) | (_, 1) => kind.to_owned(),
        _ => format!("{kind}s"),
    }
}

/// What an operation about to be written does.
pub(super) struct Draft<'a> {
    pub(super) kind: OperationKind,
    pub(super) command: &'a str,
    pub(super) reason: Option<&'a str>,
    pub(super) batch: Option<&'a str>,
    pub(super) of: Vec<String>,
    pub(super) participant: Option<&'a str>,
    pub(super) lists: Lists,
}

/// The long part of a payload.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    pub(super) blobs: Vec<String>,
    pub(super) edits: Vec<Edit>,
    pub(super) erased: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) settled: Vec<(String, String)>,
}

/// An operation in the form that is hashed, but for what comes before it.
pub(super) struct Sealed<'a> {
    command: &'a str,
    reason: Option<&'a str>,
    batch: Option<&'a str>,
    payload: String,
    /// Lists too long for the payload, as a blob.
    long: Option<(String, digest::Key, String)>,
    lists: Lists,
    /// The edits stand ready beside the study: see [`Store::make_ready`].
    staged: bool,
}

impl Sealed<'_> {
    /// Number of records that it changes.
    pub(super) fn records(&self) -> usize {
        self.lists.edits.len()
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Place {
    Here(Lists),
    Blob(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    kind: OperationKind,
    batch: Option<String>,
    of: Vec<String>,
    participant: Option<String>,
    lists: Place,
}

/// A row of the log, as text.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) seq: u64,
    pub(super) hash: String,
    pub(super) parents: String,
    pub(super) actor: String,
    pub(super) time: String,
    pub(super) command: String,
    pub(super) reason: Option<String>,
    pub(super) batch: Option<String>,
    pub(super) payload: String,
}

pub(super) const COLUMNS: &str = "seq, hash, parents, actor, time, command, reason, batch, payload";

/// An arrival number, which is never negative.
pub(super) fn arrival(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let seq: i64 = row.get(column)?;
    u64::try_from(seq).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, seq))
}

impl Stored {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: arrival(row, 0)?,
            hash: row.get(1)?,
            parents: row.get(2)?,
            actor: row.get(3)?,
            time: row.get(4)?,
            command: row.get(5)?,
            reason: row.get(6)?,
            batch: row.get(7)?,
            payload: row.get(8)?,
        })
    }

    /// Hashes of the operations before it, as long as they are written the one way that they are to be written.
    pub(super) fn parents(&self) -> Option<Vec<String>> {
        let parents: Vec<String> = serde_json::from_str(&self.parents).ok()?;
        (canonical(&json!(parents)) == self.parents && parents.is_sorted()).then_some(parents)
    }

    /// The hash that this row should have.
    pub(super) fn identity(&self, parents: &[String]) -> String {
        identity(parents, &self.actor, &self.time, &self.command, self.reason.as_deref(), &self.payload)
    }

    /// The row as an operation, and the blob that holds its lists where one does.
    pub(super) fn parse(self, store: &Store) -> Result<(Operation, Option<String>), StoreError> {
        let unreadable = |source| StoreError::UnreadableOperation { seq: self.seq, source };
        let parents: Vec<String> = serde_json::from_str(&self.parents).map_err(unreadable)?;
        let payload: Payload = serde_json::from_str(&self.payload).map_err(unreadable)?;
        let (lists, blob) = match payload.lists {
            Place::Here(lists) => (lists, None),
            Place::Blob(id) => (serde_json::from_slice(&store.blob(&id)?).map_err(unreadable)?, Some(id)),
        };
        let operation = Operation {
            hash: self.hash,
            seq: self.seq,
            parents,
            actor: self.actor,
            time: self.time,
            command: self.command,
            reason: self.reason,
            batch: payload.batch,
            kind: payload.kind,
            of: payload.of,
            participant: payload.participant,
            edits: lists.edits,
            blobs: lists.blobs,
            erased: lists.erased,
            settled: lists.settled,
        };
        Ok((operation, blob))
    }
}

fn identity(parents: &[String], actor: &str, time: &str, command: &str, reason: Option<&str>, payload: &str) -> String {
    let value = json!({
        "format": FORMAT, "parents": parents, "actor": actor, "time": time, "command": command, "reason": reason,
        "payload": digest::hex(&digest::sha256(payload.as_bytes())),
    });
    digest::hex(&digest::sha256(canonical(&value).as_bytes()))
}

/// Canonical JSON of a value that is known to be representable.
fn to_canonical<T: Serialize>(value: &T) -> Result<String, StoreError> {
    let value = serde_json::to_value(value);
    let unstorable = |source| StoreError::Unstorable { kind: "operation", id: String::new(), source };
    Ok(canonical(&value.map_err(unstorable)?))
}

impl Store {
    /// Every operation, oldest first.
    pub fn log(&self) -> Result<Vec<Operation>, StoreError> {
        let mut log = Vec::new();
        self.each_operation(&format!("SELECT {COLUMNS} FROM operation ORDER BY seq"), |stored| {
            log.push(stored.parse(self)?.0);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(log)
    }

    /// Arrival number of the first operation that touched a record.
    pub fn first_operation(&self, kind: &str, id: &str) -> Result<Option<u64>, StoreError> {
        // The beginning of the edit as the payload has it; lists that lie elsewhere have to be opened.
        let begins = format!("{},", canonical(&json!([kind, id])).trim_end_matches(']'));
        let sql = format!(
            "SELECT {COLUMNS} FROM operation WHERE instr(payload, '{}') OR instr(payload, '\"lists\":\"') ORDER BY seq",
            begins.replace('\'', "''")
        );
        let mut first = None;
        self.each_operation(&sql, |stored| {
            let (operation, _) = stored.parse(self)?;
            if operation.edits.iter().any(|edit| edit.kind == kind && edit.id == id) {
                first = Some(operation.seq);
                return Ok(ControlFlow::Break(()));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(first)
    }

    /// Hands the rows of the log to `visit` until it has enough.
    pub(super) fn each_operation(
        &self,
        sql: &str,
        mut visit: impl FnMut(Stored) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let failed = self.failed("reading the log");
        let mut statement = self.connection.prepare(sql).map_err(&failed)?;
        let mut rows = statement.query([]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            if visit(Stored::read(row).map_err(&failed)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Brings an operation into the form that is hashed. Needs no transaction.
    pub(super) fn seal<'a>(&self, draft: Draft<'a>) -> Result<Sealed<'a>, StoreError> {
        let Draft { kind, command, reason, batch, of, participant, mut lists } = draft;
        lists.edits.sort_by(|a, b| (&a.kind, &a.id).cmp(&(&b.kind, &b.id)));
        let here = to_canonical(&lists)?;
        let mut payload = json!({"kind": kind, "batch": batch, "of": of, "participant": participant});
        let mut long = None;
        let place = if here.len() > INLINE {
            let salt = digest::blob_salt(&self.salt, here.as_bytes());
            let id = digest::blob_id(&salt, here.as_bytes());
            long = Some((id.clone(), salt, here));
            json!(id)
        } else {
            json!(lists)
        };
        if let Some(members) = payload.as_object_mut() {
            members.insert("lists".to_owned(), place);
        }
        Ok(Sealed { command, reason, batch, payload: canonical(&payload), long, lists, staged: false })
    }

    /// Does ahead of its transaction what a big operation can, so that nobody waits for it: writes lists that are very
    /// long, and lays its edits in a table of this connection alone. Lists that no operation names, because we were
    /// stopped in between, are no part of the study.
    pub(super) fn make_ready(&self, sealed: &mut Sealed<'_>) -> Result<(), StoreError> {
        if let Some((id, salt, bytes)) = sealed.long.as_ref().filter(|(_, _, bytes)| bytes.len() > LONG) {
            self.write("writing an operation", || self.insert_salted(id, salt, bytes.as_bytes()))?;
        }
        if sealed.lists.edits.len() > MANY {
            self.stage(&sealed.lists.edits)?;
            sealed.staged = true;
        }
        Ok(())
    }

    /// Writes an operation and what it does to the records. Call inside [`Store::write`]; afterwards, when that has
    /// succeeded, [`Store::wrote`].
    pub(super) fn append(&self, sealed: Sealed<'_>) -> Result<(String, u64), StoreError> {
        let (head, _) = self.head()?;
        self.append_after(if head.is_empty() { Vec::new() } else { vec![head] }, sealed)
    }

    /// The same for an operation with other parents than the newest operation.
    pub(super) fn append_after(&self, parents: Vec<String>, sealed: Sealed<'_>) -> Result<(String, u64), StoreError> {
        let Sealed { command, reason, batch, payload, long, lists, staged } = sealed;
        let failed = self.failed("writing an operation");
        let seq = self.head()?.1 + 1;
        if staged {
            self.apply_staged()?;
        } else {
            self.apply(&lists.edits)?;
        }
        if let Some((id, salt, bytes)) = &long {
            self.insert_salted(id, salt, bytes.as_bytes())?;
        }
        let Environment { actor, now, .. } = &self.environment;
        let hash = identity(&parents, actor, now, command, reason, &payload);
        let sql = format!("INSERT INTO operation ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        let row = params![seq as i64, hash, to_canonical(&parents)?, actor, now, command, reason, batch, payload];
        self.connection.prepare_cached(&sql).and_then(|mut s| s.execute(row)).map_err(&failed)?;
        self.set_meta("head", Some(&hash))?;
        self.note_erased(&hash, &lists.erased)?;
        Ok((hash, seq))
    }

    /// Notes which operation erased which blobs.
    pub(super) fn note_erased(&self, operation: &str, blobs: &[String]) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO erased (blob, operation) VALUES (?1, ?2) ON CONFLICT (blob) DO UPDATE SET operation = ?2";
        let failed = self.failed("noting what was erased");
        for blob in blobs {
            let noted = self.connection.prepare_cached(sql).and_then(|mut s| s.execute([blob.as_str(), operation]));
            noted.map_err(&failed)?;
        }
        Ok(())
    }

    /// Writes a row of another copy's log under a number of this one.
    pub(super) fn insert_stored(&self, seq: u64, stored: &Stored) -> Result<(), StoreError> {
        let sql = format!("INSERT INTO operation ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        let Stored { hash, parents, actor, time, command, reason, batch, payload, .. } = stored;
        let row = params![seq as i64, hash, parents, actor, time, command, reason, batch, payload];
        let done = self.connection.prepare_cached(&sql).and_then(|mut s| s.execute(row));
        done.map(drop).map_err(self.failed("writing the other copy's operations"))?;
        self.set_meta("head", Some(hash))
    }

    /// Notes that an operation of this store is durable, so that it does not count as somebody else's.
    pub(super) fn wrote(&self, seq: u64) {
        if seq == self.seen.get() + 1 {
            self.seen.set(seq);
        } else {
            self.own.borrow_mut().insert(seq);
        }
    }

    /// Whether somebody erased something that this store may have taken for there.
    pub(super) fn erased_since_seen(&self) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM operation WHERE seq > ?1 AND instr(payload, '\"kind\":\"erasure\"')";
        let erased = self.connection.prepare_cached(sql).and_then(|mut s| s.exists([self.seen.get() as i64]));
        erased.map_err(self.failed("reading the log"))
    }

    /// The operation that erased one of the texts which another one is about to bring.
    pub(super) fn erased_among(&self, sealed: &Sealed<'_>) -> Result<Option<String>, StoreError> {
        let erased = sealed.lists.blobs.iter().map(|text| self.erased_by(text));
        erased.collect::<Result<Vec<_>, _>>().map(|found| found.into_iter().flatten().next())
    }

    pub(super) fn insert_blob(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let salt = digest::blob_salt(&self.salt, bytes);
        let id = digest::blob_id(&salt, bytes);
        self.insert_salted(&id, &salt, bytes)?;
        Ok(id)
    }

    pub(super) fn insert_salted(&self, id: &str, salt: &digest::Key, bytes: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO blob (id, salt, bytes) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING";
        let statement = self.connection.prepare_cached(sql);
        let done = statement.and_then(|mut statement| statement.execute(params![id, &salt[..], bytes]));
        done.map(drop).map_err(self.failed("writing texts and values"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_sha_256_over_canonical_json() {
        // Computed with Python: hashlib.sha256 over the JSON text written out by hand.
        let payload =
            r#"{"batch":null,"kind":"change","lists":{"blobs":[],"edits":[],"erased":[]},"of":[],"participant":null}"#;
        let hash = identity(&["ab".into()], "ada", "2026-01-01T00:00:00Z", "code add", None, payload);
        assert_eq!(hash, "bcd1a921f3095508c270bd986c56df5ddf863f13ba5266264d557b73605d4b85");
    }
}
