//! Reading records, texts and the head.

use super::dependence::Stored;
use super::operation::arrival;
use super::{Store, StoreError, digest};
use crate::model::{Record, Segmentation};
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeMap;

const READING: &str = "reading the study";

impl Store {
    /// Every record of a kind, by id.
    pub fn all<T: Record>(&self) -> Result<BTreeMap<String, T>, StoreError> {
        let mut all = BTreeMap::new();
        self.each_record(T::KIND, |stored| {
            all.insert(stored.id.to_owned(), parse(stored.kind, stored.id, stored.json)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The record of a kind with this id.
    pub fn get<T: Record>(&self, id: &str) -> Result<Option<T>, StoreError> {
        let Some(blob) = self.value(T::KIND, id)? else { return Ok(None) };
        parse(T::KIND, id, &self.blob(&blob)?).map(Some)
    }

    /// A stored sequence of bytes.
    pub fn blob(&self, id: &str) -> Result<Vec<u8>, StoreError> {
        let sql = "SELECT bytes FROM blob WHERE id = ?1";
        let statement = self.connection.prepare_cached(sql);
        let bytes = statement.and_then(|mut statement| statement.query_row([id], |row| row.get(0)).optional());
        match bytes.map_err(self.failed(READING))? {
            Some(bytes) => Ok(bytes),
            None => Err(match self.erased_by(id)? {
                Some(operation) => StoreError::Erased { operation },
                None => StoreError::MissingBlob { id: id.to_owned() },
            }),
        }
    }

    /// A stored text.
    pub fn text(&self, id: &str) -> Result<String, StoreError> {
        String::from_utf8(self.blob(id)?).map_err(|_| StoreError::NotText { id: id.to_owned() })
    }

    /// A stored segmentation.
    pub fn segmentation(&self, id: &str) -> Result<Segmentation, StoreError> {
        parse("segmentation", id, &self.blob(id)?)
    }

    /// The id that these bytes have in this study, stored or not.
    pub fn blob_id(&self, bytes: &[u8]) -> String {
        digest::blob_id(&digest::blob_salt(&self.salt, bytes), bytes)
    }

    /// Digest of a quotation keyed with the study's salt (HMAC-SHA256), in hex.
    pub fn keyed_digest(&self, words: &str) -> String {
        digest::hex(&digest::hmac(&self.salt, words.as_bytes()))
    }

    /// Hash and arrival number of the newest operation; an empty hash and 0 in a study without any.
    pub fn head(&self) -> Result<(String, u64), StoreError> {
        let sql = "SELECT hash, seq FROM operation ORDER BY seq DESC LIMIT 1";
        let statement = self.connection.prepare_cached(sql);
        let head = statement
            .and_then(|mut statement| statement.query_row([], |row| Ok((row.get(0)?, arrival(row, 1)?))).optional());
        Ok(head.map_err(self.failed(READING))?.unwrap_or_default())
    }

    /// Gives back the memory in which pages of the file are kept: worth it for who has read all the texts.
    pub fn release_memory(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("PRAGMA shrink_memory").map_err(self.failed(READING))
    }

    /// Whether another process has written since the study was opened, or since this last said so: then what was read
    /// is to be read again.
    pub fn changed_elsewhere(&self) -> Result<bool, StoreError> {
        let version = self.read_data_version()?;
        if version == self.data_version.replace(version) {
            return Ok(false);
        }
        self.seen.set(self.head()?.1);
        self.own.borrow_mut().clear();
        Ok(true)
    }

    /// Hands over the records of a kind with their JSON.
    pub(super) fn each_record(
        &self,
        kind: &str,
        mut visit: impl FnMut(Stored<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = self.failed(READING);
        let sql = "SELECT r.id, r.value, b.bytes FROM record r LEFT JOIN blob b ON b.id = r.value
                   WHERE r.kind = ?1 ORDER BY r.id";
        let mut statement = self.connection.prepare_cached(sql).map_err(&failed)?;
        let mut rows = statement.query([kind]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let id: String = row.get(0).map_err(&failed)?;
            // Borrowed from SQLite's page: this loop is most of what opening a study costs.
            match row.get_ref(2).map_err(&failed)? {
                ValueRef::Blob(json) => visit(Stored { kind, id: &id, json })?,
                _ => return Err(StoreError::MissingBlob { id: row.get(1).map_err(&failed)? }),
            }
        }
        Ok(())
    }

    pub(super) fn read_data_version(&self) -> Result<i64, StoreError> {
        let version = self.connection.pragma_query_value(None, "data_version", |row| row.get(0));
        version.map_err(self.failed(READING))
    }

    /// Blob id of a record's value.
    pub(super) fn value(&self, kind: &str, id: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM record WHERE kind = ?1 AND id = ?2";
        let statement = self.connection.prepare_cached(sql);
        let value = statement.and_then(|mut s| s.query_row(params![kind, id], |row| row.get(0)).optional());
        value.map_err(self.failed(READING))
    }

    /// Blob id of every record's value, by kind and id.
    pub(super) fn state(&self) -> Result<BTreeMap<(String, String), String>, StoreError> {
        let failed = self.failed(READING);
        let mut statement = self.connection.prepare("SELECT kind, id, value FROM record").map_err(&failed)?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }

    pub(super) fn blob_ids(&self) -> Result<Vec<String>, StoreError> {
        let failed = self.failed(READING);
        let mut statement = self.connection.prepare("SELECT id FROM blob").map_err(&failed)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }

    /// The operation that erased a blob.
    pub(super) fn erased_by(&self, blob: &str) -> Result<Option<String>, StoreError> {
        let statement = self.connection.prepare_cached("SELECT operation FROM erased WHERE blob = ?1");
        let operation = statement.and_then(|mut s| s.query_row([blob], |row| row.get(0)).optional());
        operation.map_err(self.failed(READING))
    }
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(kind: &str, id: &str, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|source| StoreError::Unreadable {
        kind: kind.to_owned(),
        id: id.to_owned(),
        source,
    })
}
