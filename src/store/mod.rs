//! The only truth: a study's records, texts and the operations that made them, in one SQLite file.
//!
//! Owns `study.db`, `backups/` and `study.lock`. Knows the kinds of records only where one leans on another (undo) or
//! holds what a person said (erasure); what records mean is decided by the stages to the right.
//!
//! What always holds:
//! - a change is one transaction and one operation, and it is durable when [`Change::commit`] returns;
//! - the records are what the operations, folded one after the other, make of nothing ([`Store::verify`]);
//! - operations name content by salted digests only, so that erasing it leaves the chain whole;
//! - no clock, no randomness, no user name: everything of that kind comes in with [`Environment`].

mod ancestry;
mod apply;
mod canonical;
mod change;
mod dependence;
mod digest;
mod erase;
mod erasure_plan;
mod error;
mod folder;
mod history;
mod land;
mod lock;
mod merge;
mod merge_fixes;
mod merge_plan;
mod merge_same;
mod merge_state;
mod merge_values;
mod operation;
mod place;
mod read;
mod rehearsal;
mod revise;
mod schema;
mod snapshot;
mod study;
#[cfg(test)]
mod tests;
mod undo;
mod verify;
mod words;

pub use change::Change;
pub(crate) use digest::hex;
pub use erase::Erased;
pub use error::StoreError;
pub use folder::{Environment, Store};
pub use history::{Content, Step};
pub use land::{
    Batch, Landed, LandedTable, Original, code_id, keep_codes_in_use, land_codebook, land_codes, land_instruments,
    land_source, land_table,
};
pub use merge::{Choices, Conflict, Merged, Standing};
pub use merge_state::Side;
pub use operation::{Edit, Operation, OperationKind};
pub use place::Warning;
pub use revise::{NewText, Revised, land_revision, old_words, settle_anchor};
pub use study::{SourceText, Study};
pub use undo::Reverted;
pub use verify::{Finding, Report};
