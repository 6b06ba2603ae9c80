//! A change: records put and deleted, texts brought, all of it one transaction and one operation.

use super::operation::{COLUMNS, Draft, Edit, Lists, OperationKind};
use super::{Store, StoreError, digest};
use crate::model::{Record, Segmentation};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Bytes and number of blobs that one short transaction writes ahead of a big change.
const PORTION_BYTES: usize = 4 * 1024 * 1024;
const PORTION_BLOBS: usize = 2_000;
/// More deletions than this at once are worth a snapshot.
const MANY: usize = 50;

type Key = (&'static str, String);

/// Edits in the making. Nothing is visible to anyone before [`Change::commit`]; dropped without it, nothing happened.
#[must_use = "a change does nothing until it is committed"]
pub struct Change<'a> {
    store: &'a mut Store,
    command: &'a str,
    reason: Option<&'a str>,
    batch: Option<String>,
    edits: BTreeMap<Key, Option<String>>,
    blobs: BTreeMap<String, (digest::Key, Vec<u8>)>,
    texts: BTreeSet<String>,
}

impl Store {
    /// Begins a change. The command and the reason go into the chain of operations for good and in the clear: they
    /// hold words of the command line and ids, never what a participant said.
    pub fn change<'a>(&'a mut self, command: &'a str, reason: Option<&'a str>) -> Change<'a> {
        let (edits, blobs, texts) = Default::default();
        Change { store: self, command, reason, batch: None, edits, blobs, texts }
    }
}

impl Change<'_> {
    /// Makes it part of a batch: one `undo` takes back all operations with the same batch id.
    pub fn batch(mut self, id: &str) -> Self {
        self.batch = Some(id.to_owned());
        self
    }

    /// The study as it is without this change.
    pub fn store(&self) -> &Store {
        self.store
    }

    /// Sets a record.
    pub fn put<T: Record>(&mut self, id: &str, record: &T) -> Result<(), StoreError> {
        let unstorable = |source| StoreError::Unstorable { kind: T::KIND, id: id.to_owned(), source };
        let bytes = serde_json::to_vec(record).map_err(unstorable)?;
        // JSON has no NaN: a record that would not come back is refused now, not found out later.
        serde_json::from_slice::<T>(&bytes).map_err(unstorable)?;
        let blob = self.keep(bytes);
        self.edits.insert((T::KIND, id.to_owned()), Some(blob));
        Ok(())
    }

    /// Removes a record.
    pub fn delete<T: Record>(&mut self, id: &str) {
        self.edits.insert((T::KIND, id.to_owned()), None);
    }

    /// Brings a text or an original, and gives its blob id. What was erased is refused.
    pub fn blob(&mut self, bytes: &[u8]) -> Result<String, StoreError> {
        let id = self.keep(bytes.to_vec());
        if let Some(operation) = self.store.erased_by(&id)? {
            return Err(StoreError::Erased { operation });
        }
        self.texts.insert(id.clone());
        Ok(id)
    }

    /// Names content that an earlier change brought, without reading it again.
    pub fn brought(&mut self, id: &str) -> Result<String, StoreError> {
        if let Some(operation) = self.store.erased_by(id)? {
            return Err(StoreError::Erased { operation });
        }
        self.texts.insert(id.to_owned());
        Ok(id.to_owned())
    }

    /// Brings a segmentation, and gives its blob id. It holds no words, so one that was erased may come again.
    pub fn segmentation(&mut self, segmentation: &Segmentation) -> Result<String, StoreError> {
        let unstorable = |source| StoreError::Unstorable { kind: "segmentation", id: String::new(), source };
        let id = self.keep(serde_json::to_vec(segmentation).map_err(unstorable)?);
        self.texts.insert(id.clone());
        Ok(id)
    }

    /// Reserves numbers for turns and gives the first. They are taken at once and never given again, also when this
    /// change is not committed.
    pub fn ordinals(&mut self, turns: u32) -> Result<u32, StoreError> {
        self.store.write("numbering turns", || {
            let next: u32 = self.store.meta("next_ordinal")?.unwrap_or(0);
            let after = next.checked_add(turns).ok_or(StoreError::OutOfOrdinals)?;
            self.store.set_meta("next_ordinal", Some(&after))?;
            Ok(next)
        })
    }

    /// Writes everything, durably, and gives the hash of the operation; none when the study is already like that.
    pub fn commit(self) -> Result<Option<String>, StoreError> {
        let Self { store, command, reason, batch, edits, blobs, texts } = self;
        let deletions = edits.iter().filter(|(_, after)| after.is_none());
        if deletions.clone().count() > MANY || deletions.clone().any(|((kind, _), _)| *kind == "source") {
            store.snapshot_before();
        }
        let keys: BTreeSet<Key> = edits.keys().cloned().collect();
        let mut changed = Vec::new();
        for ((kind, id), after) in edits {
            // Valid inside the transaction too: there, everything that others wrote since is looked through for these.
            let before = store.value(kind, &id)?;
            if before != after {
                changed.push(Edit { kind: kind.to_owned(), id, before, after });
            }
        }
        if changed.is_empty() {
            // Somebody else may just have written the same value: then this change was made of what is no longer so.
            refuse_overwriting(store, &keys)?;
            return Ok(None);
        }
        let lists = Lists { edits: changed, blobs: texts.into_iter().collect(), ..Lists::default() };
        let (kind, batch) = (OperationKind::Change, batch.as_deref());
        let mut sealed =
            store.seal(Draft { kind, command, reason, batch, of: Vec::new(), participant: None, lists })?;
        let ahead = write_ahead(store, &blobs)?;
        store.make_ready(&mut sealed)?;
        let (hash, seq) = store.write("writing a change", || {
            refuse_overwriting(store, &keys)?;
            let erased = store.erased_since_seen()?;
            if erased && let Some(operation) = store.erased_among(&sealed)? {
                return Err(StoreError::Erased { operation });
            }
            if !ahead || erased {
                for (id, (salt, bytes)) in &blobs {
                    store.insert_salted(id, salt, bytes)?;
                }
            }
            store.append(sealed)
        })?;
        store.wrote(seq);
        Ok(Some(hash))
    }

    fn keep(&mut self, bytes: Vec<u8>) -> String {
        let salt = digest::blob_salt(&self.store.salt, &bytes);
        let id = digest::blob_id(&salt, &bytes);
        self.blobs.insert(id.clone(), (salt, bytes));
        id
    }
}

/// Blobs of a big change go in first, in portions, so that nobody waits long for the last transaction; whether that was
/// needed. A blob that no operation names, because we were stopped in between, is no part of the study.
pub(super) fn write_ahead(store: &Store, blobs: &BTreeMap<String, (digest::Key, Vec<u8>)>) -> Result<bool, StoreError> {
    let total: usize = blobs.values().map(|(_, bytes)| bytes.len()).sum();
    if total <= PORTION_BYTES && blobs.len() <= PORTION_BLOBS {
        return Ok(false);
    }
    let mut blobs = blobs.iter().peekable();
    while blobs.peek().is_some() {
        store.write("writing texts and values", || {
            let (mut bytes_written, mut written) = (0, 0);
            while bytes_written < PORTION_BYTES
                && written < PORTION_BLOBS
                && let Some((id, (salt, bytes))) = blobs.next()
            {
                store.insert_salted(id, salt, bytes)?;
                bytes_written += bytes.len();
                written += 1;
            }
            Ok(())
        })?;
    }
    Ok(true)
}

/// A record that somebody else wrote after the caller read the study is not overwritten blindly.
fn refuse_overwriting(store: &Store, keys: &BTreeSet<Key>) -> Result<(), StoreError> {
    if store.head()?.1 == store.seen.get() {
        return Ok(());
    }
    let keys: BTreeSet<(&str, &str)> = keys.iter().map(|(kind, id)| (*kind, id.as_str())).collect();
    let sql = format!("SELECT {COLUMNS} FROM operation WHERE seq > {} ORDER BY seq", store.seen.get());
    store.each_operation(&sql, |stored| {
        if store.own.borrow().contains(&stored.seq) {
            return Ok(ControlFlow::Continue(()));
        }
        let (operation, _) = stored.parse(store)?;
        let touched = operation.edits.iter().find(|edit| keys.contains(&(edit.kind.as_str(), edit.id.as_str())));
        match touched {
            Some(edit) => Err(StoreError::ChangedMeanwhile {
                by: operation.actor.clone(),
                what: format!("{} {}", edit.kind, edit.id),
            }),
            None => Ok(ControlFlow::Continue(())),
        }
    })
}
