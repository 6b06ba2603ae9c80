//! Studies in memory: what is written to one is gone with it, so that an import can be tried without doing it.

use super::folder::connect;
use super::lock::Lock;
use super::{Environment, Store, StoreError, digest, schema};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

const TRYING: &str = "trying an import";

impl Store {
    /// A copy of this study in memory.
    pub fn rehearsal(&self) -> Result<Self, StoreError> {
        let failed = self.failed(TRYING);
        let mut copy = memory().map_err(&failed)?;
        let step = Backup::new(&self.connection, &mut copy).and_then(|backup| backup.step(-1)).map_err(&failed)?;
        if step != StepResult::Done {
            return Err(StoreError::Busy { holder: "the copy could not get at it".to_owned() });
        }
        let lock = Lock::none(&self.dir);
        Self::assemble(&self.dir, &self.file, copy, self.environment.clone(), true, lock)
    }

    /// An empty study in memory.
    pub fn in_memory(environment: Environment) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Database { doing: TRYING, source };
        let connection = memory().map_err(failed)?;
        schema::begin(&connection, &digest::study_salt(&environment.seed)).map_err(failed)?;
        let place = Path::new("");
        Self::assemble(place, place, connection, environment, true, Lock::none(place))
    }
}

fn memory() -> rusqlite::Result<Connection> {
    connect(Path::new(":memory:"), OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}
