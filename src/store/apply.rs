//! Edits applied to the records, within the transaction of their operation.

use super::operation::Edit;
use super::{Store, StoreError};
use rusqlite::{Transaction, TransactionBehavior, params};

/// More edits than this are laid ready before their transaction.
pub(super) const MANY: usize = 2_000;

const STAGE: &str = "
    CREATE TEMP TABLE IF NOT EXISTS staged (kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT);
    DELETE FROM temp.staged;";

const APPLY_STAGED: &str = "
    INSERT INTO record (kind, id, value) SELECT kind, id, value FROM temp.staged WHERE value IS NOT NULL
        ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value;
    DELETE FROM record WHERE (kind, id) IN (SELECT kind, id FROM temp.staged WHERE value IS NULL);
    DELETE FROM temp.staged;";

impl Store {
    /// Applies edits one by one.
    pub(super) fn apply(&self, edits: &[Edit]) -> Result<(), StoreError> {
        let failed = self.failed("writing records");
        let put =
            "INSERT INTO record (kind, id, value) VALUES (?1, ?2, ?3) ON CONFLICT (kind, id) DO UPDATE SET value = ?3";
        let mut put = self.connection.prepare_cached(put).map_err(&failed)?;
        let delete = "DELETE FROM record WHERE kind = ?1 AND id = ?2";
        let mut delete = self.connection.prepare_cached(delete).map_err(&failed)?;
        for edit in edits {
            let done = match &edit.after {
                Some(value) => put.execute([&edit.kind, &edit.id, value]),
                None => delete.execute([&edit.kind, &edit.id]),
            };
            done.map_err(&failed)?;
        }
        Ok(())
    }

    /// Lays edits in a table that only this connection has.
    pub(super) fn stage(&self, edits: &[Edit]) -> Result<(), StoreError> {
        let failed = self.failed("writing records");
        self.connection.execute_batch(STAGE).map_err(&failed)?;
        let transaction =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred).map_err(&failed)?;
        let sql = "INSERT INTO temp.staged (kind, id, value) VALUES (?1, ?2, ?3)";
        let mut put = self.connection.prepare_cached(sql).map_err(&failed)?;
        for Edit { kind, id, after, .. } in edits {
            put.execute(params![kind, id, after]).map_err(&failed)?;
        }
        transaction.commit().map_err(&failed)
    }

    /// Applies the edits that were laid ready: a third of the time of [`Store::apply`].
    pub(super) fn apply_staged(&self) -> Result<(), StoreError> {
        self.connection.execute_batch(APPLY_STAGED).map_err(self.failed("writing records"))
    }
}
