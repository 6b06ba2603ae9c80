//! Sign-offs: a reviewer's word that the codings of a source, or of a code, are final, and whether they still are.

use super::layer::FinalLayer;
use crate::model::{Coding, SignOff};
use crate::store::Study;
use sha2::{Digest, Sha256};

/// What is signed off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed<'a> {
    /// A source, by its id.
    Source(&'a str),
    /// A code.
    Code(&'a str),
}

impl Signed<'_> {
    /// Key of the record.
    pub fn key(self) -> String {
        match self {
            Self::Source(id) => format!("source:{id}"),
            Self::Code(id) => format!("code:{id}"),
        }
    }

    fn holds(self, coding: &Coding) -> bool {
        match self {
            Self::Source(id) => coding.source == id,
            Self::Code(id) => coding.code.as_deref() == Some(id),
        }
    }
}

/// Digest of the codings that count in what is signed off: another one means that they changed.
pub fn digest_of(study: &Study, layer: &FinalLayer, signed: Signed<'_>) -> String {
    let mut hasher = Sha256::new();
    let counted = study.codings.iter().filter(|(id, coding)| layer.codings.contains(*id) && signed.holds(coding));
    for (id, coding) in counted {
        let code = coding.code.as_deref().unwrap_or_default();
        let line = format!("{id} {code} {} {}-{}\n", coding.polarity.name(), coding.span.start, coding.span.end);
        hasher.update(line.as_bytes());
    }
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// How a sign-off stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing<'a> {
    /// There is none.
    None,
    /// By whom; the codings are as they were.
    Holds(&'a SignOff),
    /// By whom; codings changed since.
    Changed(&'a SignOff),
}

/// Looks a sign-off up.
pub fn standing<'a>(study: &'a Study, layer: &FinalLayer, signed: Signed<'_>) -> Standing<'a> {
    match study.sign_offs.get(&signed.key()) {
        None => Standing::None,
        Some(record) if record.digest == digest_of(study, layer, signed) => Standing::Holds(record),
        Some(record) => Standing::Changed(record),
    }
}
