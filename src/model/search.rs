//! Saved searches.

use serde::{Deserialize, Serialize};

/// A query under a name: run again with `search --saved NAME`, part of others as `saved:NAME`. The record's key is the
/// name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// The query, as it was typed.
    pub query: String,
    /// Who saved it.
    pub author: String,
    /// When, UTC, RFC 3339.
    pub saved: String,
}
