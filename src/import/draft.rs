//! Drafts: what a file says, before the store has seen it.
//!
//! Owns the shape that every reader returns. A draft has no ids and no ordinals; its spans are on character
//! boundaries of its own text, its turns are in order and disjoint.

use super::cast::Cast;
use super::problem::first_few;
use super::{Kind, Problem, columns};
use crate::model::{
    AttributeValue, ColumnMapping, Participant, Responses, Role, Score, Segmentation, SourceFormat, Span,
};
use std::collections::BTreeMap;
use std::ops::Range;

/// Everything that one file gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Import {
    /// Sources in file order.
    pub sources: Vec<SourceDraft>,
    /// Participants, scores and responses.
    pub table: TableDraft,
    /// The file, where the text of its sources is not the file byte for byte; kept once for all its sources.
    pub original: Option<Vec<u8>>,
    /// The columns that were read, given or found: to be remembered for the next file with the same header.
    pub columns: Option<ColumnMapping>,
    /// What was not taken, and what should be looked at.
    pub problems: Vec<Problem>,
}

impl Import {
    /// The columns of a table of texts from which nothing was taken, in words. Of a data table, problems tell.
    pub fn unread(&self) -> Option<String> {
        let unread = self.table.uses.iter().filter(|(_, said)| said == columns::NOT_READ);
        let unread: Vec<&String> = unread.map(|(column, _)| column).collect();
        (!unread.is_empty()).then(|| first_few(&unread))
    }
}

/// One source, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceDraft {
    /// The file's name, or `table/id` where a file gives several sources.
    pub name: String,
    /// Kind of file.
    pub format: SourceFormat,
    /// The text of the first revision.
    pub text: String,
    /// Its cut into turns, with speakers and source map.
    pub segmentation: Segmentation,
    /// Language (BCP 47 primary tag).
    pub language: String,
    /// Wave at which it was recorded.
    pub wave: Option<String>,
    /// Role of every speaker, by label.
    pub roles: BTreeMap<String, Role>,
    /// Participant id by speaker label, for speakers whose id is known.
    pub participants: BTreeMap<String, String>,
    /// Typed attributes of the source.
    pub attributes: BTreeMap<String, AttributeValue>,
    /// Codings that the file brings along.
    pub codings: Vec<CodingDraft>,
    /// Several participants and someone who moderates.
    pub focus_group: bool,
    /// Length of the recording in milliseconds, as far as the file's times tell.
    pub duration_ms: Option<u64>,
}

impl TableDraft {
    /// Brings scores and responses into their order.
    pub(super) fn sort(&mut self) {
        self.scores.sort_by(|a, b| (&a.name, &a.participant, &a.wave).cmp(&(&b.name, &b.participant, &b.wave)));
        let key = |r: &Responses| (r.instrument.clone(), r.participant.clone(), r.wave.clone());
        self.responses.sort_by_cached_key(key);
    }
}

impl SourceDraft {
    /// A source with its words, cut and people; language and times are for the reader to add.
    pub(super) fn new(name: &str, kind: Kind, text: String, segmentation: Segmentation, cast: Cast) -> Self {
        Self {
            name: name.into(),
            format: kind.format(),
            text,
            segmentation,
            language: String::new(),
            wave: cast.wave,
            roles: cast.roles,
            participants: cast.participants,
            attributes: cast.attributes,
            codings: Vec::new(),
            focus_group: cast.focus_group,
            duration_ms: None,
        }
    }
}

/// An offset as the model keeps it; files above 4 GiB are refused before any offset is made.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A range of bytes as the model keeps it.
pub(super) fn span(range: Range<usize>) -> Span {
    Span::new(offset(range.start), offset(range.end))
}

/// Speaker labels in order of appearance.
#[derive(Debug, Clone, Default)]
pub(super) struct Speakers {
    labels: Vec<String>,
    known: BTreeMap<String, u32>,
}

impl Speakers {
    /// The index of a speaker, added where new.
    pub fn index(&mut self, label: &str) -> u32 {
        if let Some(known) = self.known.get(label) {
            return *known;
        }
        let index = offset(self.labels.len());
        self.known.insert(label.into(), index);
        self.labels.push(label.into());
        index
    }

    /// The labels.
    pub fn into_labels(self) -> Vec<String> {
        self.labels
    }
}

/// A coding as a file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodingDraft {
    /// Label of the code as in the file.
    pub code: String,
    /// The words coded.
    pub span: Span,
    /// Who coded.
    pub coder: String,
}

/// People and numbers of a data table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableDraft {
    /// Participants by id; a participant of a table of scores has no attributes.
    pub participants: BTreeMap<String, Participant>,
    /// Scores, sorted by name, participant and wave.
    pub scores: Vec<Score>,
    /// Item responses, sorted by instrument, participant and wave.
    pub responses: Vec<Responses>,
    /// What each column became, in file order: `(column, "score wellbeing at T1")`.
    pub uses: Vec<(String, String)>,
}
