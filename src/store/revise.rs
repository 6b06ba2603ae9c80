//! A new revision of a source: another text, or another cut of the same text, and everything that was decided on the
//! old one led over to it.
//!
//! One operation writes the source, an anchor for each of its codings, its rejections and its coverage. A coding's own
//! record never changes: where it was made and what its words were stays on record.

use super::{Batch, Store, StoreError, Study};
use crate::model::{Anchor, AnchorState, Coding, Coverage, Participant, Rejection, Role, Segmentation, Source, Span};
use crate::text::Alignment;
use std::collections::{BTreeMap, BTreeSet};

/// What a source becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct NewText {
    /// The text.
    pub text: String,
    /// Its cut.
    pub segmentation: Segmentation,
    /// The file, where the text is not that file byte for byte; nothing where the text was edited in place.
    pub original: Option<Vec<u8>>,
    /// Roles of speakers that the source does not know yet.
    pub roles: BTreeMap<String, Role>,
    /// Participants by label, for speakers that the source does not know yet.
    pub participants: BTreeMap<String, String>,
}

/// What became of the decisions on a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revised {
    /// Hash of the operation; none where the source is already like that.
    pub operation: Option<String>,
    /// Number of codings whose words are the same.
    pub exact: usize,
    /// Codings whose words stand elsewhere now.
    pub moved: BTreeSet<String>,
    /// Codings whose words were edited.
    pub changed: BTreeSet<String>,
    /// Codings whose words are gone.
    pub lost: BTreeSet<String>,
    /// Rejections that went because their words did.
    pub rejections: usize,
}

impl Revised {
    fn count(&mut self, id: &str, state: AnchorState) {
        match state {
            AnchorState::Exact => self.exact += 1,
            AnchorState::Moved => drop(self.moved.insert(id.to_owned())),
            AnchorState::Changed => drop(self.changed.insert(id.to_owned())),
            AnchorState::Lost => drop(self.lost.insert(id.to_owned())),
        }
    }

    /// Codings that somebody has to decide about.
    pub fn in_doubt(&self) -> usize {
        self.moved.len() + self.changed.len() + self.lost.len()
    }
}

/// Texts of one source against its newest one.
pub(super) struct Anchors<'a> {
    /// Reads an old text by its blob id.
    read: &'a dyn Fn(&str) -> Result<String, StoreError>,
    /// The store's keyed digest of a quotation.
    digest: &'a dyn Fn(&str) -> String,
    revision: &'a str,
    text: &'a str,
    old: BTreeMap<String, String>,
}

impl<'a> Anchors<'a> {
    pub(super) fn new(
        read: &'a dyn Fn(&str) -> Result<String, StoreError>,
        digest: &'a dyn Fn(&str) -> String,
        revision: &'a str,
        text: &'a str,
    ) -> Self {
        Self { read, digest, revision, text, old: BTreeMap::new() }
    }

    fn place(&mut self, revision: &str, span: Span) -> Result<(Span, AnchorState), StoreError> {
        if revision == self.revision {
            return Ok((span, AnchorState::Exact));
        }
        if !self.old.contains_key(revision) {
            self.old.insert(revision.to_owned(), (self.read)(revision)?);
        }
        let old = self.old.get(revision).map_or("", String::as_str);
        Ok(Alignment::new(old, self.text).place(span))
    }

    /// Where a coding is in the new text, coming from where it was last seen, else from where it was made.
    pub(super) fn of(&mut self, coding: &Coding, anchor: Option<&Anchor>) -> Result<Anchor, StoreError> {
        let seen = anchor.filter(|anchor| anchor.state != AnchorState::Lost);
        let from = seen.map_or((coding.revision.as_str(), coding.span), |anchor| (&anchor.revision, anchor.span));
        let (mut span, mut state) = self.place(from.0, from.1)?;
        if state != AnchorState::Exact && from.0 != coding.revision {
            // An edit that was taken back leads straight to where the coding was made.
            let (original, from_original) = self.place(&coding.revision, coding.span)?;
            if from_original == AnchorState::Exact {
                (span, state) = (original, from_original);
            }
        }
        if state == AnchorState::Lost {
            return Ok(Anchor { revision: self.revision.to_owned(), span, state, digest: None });
        }
        let now = (self.digest)(span.of(self.text).unwrap_or_default());
        let digest = (now != coding.digest).then_some(now);
        // What was in doubt before stays so, unless the words that were coded are back or it was settled.
        let state = match seen.map(|anchor| anchor.state) {
            Some(AnchorState::Moved) if state == AnchorState::Exact => AnchorState::Moved,
            Some(AnchorState::Changed) if state == AnchorState::Exact && digest.is_some() => AnchorState::Changed,
            _ => state,
        };
        Ok(Anchor { revision: self.revision.to_owned(), span, state, digest })
    }

    pub(super) fn of_rejection(&mut self, rejection: &Rejection) -> Result<Option<Rejection>, StoreError> {
        let (span, state) = self.place(&rejection.revision, rejection.span)?;
        let moved = Rejection { revision: self.revision.to_owned(), span, ..rejection.clone() };
        Ok((state != AnchorState::Lost).then_some(moved))
    }
}

/// Makes a source's next revision, as one operation.
pub fn land_revision(
    store: &mut Store,
    study: &Study,
    source_id: &str,
    new: &NewText,
    batch: Batch<'_>,
) -> Result<Revised, StoreError> {
    let unknown = || StoreError::UnknownSource { id: source_id.to_owned() };
    let old: Source = store.get(source_id)?.ok_or_else(unknown)?;
    let before = (store.text(&old.revision)?, store.segmentation(&old.segmentation)?);
    if before.0 == new.text && before.1 == new.segmentation {
        return Ok(Revised::default());
    }
    let revision = store.blob_id(new.text.as_bytes());
    let mut led = Led::over(store, source_id, &revision, &new.text)?;
    let coverage: Vec<(String, Coverage)> =
        store.all()?.into_iter().filter(|(_, row): &(_, Coverage)| row.source == source_id).collect();
    let mut source = old.with(revision, new);
    let mut change = store.change(batch.command, batch.reason).batch(batch.id);
    if before.0 != new.text {
        change.blob(new.text.as_bytes())?;
        source.original = new.original.as_ref().map(|bytes| change.blob(bytes)).transpose()?;
    }
    source.segmentation = change.segmentation(&new.segmentation)?;
    source.first_ordinal = change.ordinals(source.turns)?;
    for person in source.participants.values() {
        if !study.participants.contains_key(person) && !study.withdrawn.contains(person) {
            change.put(person, &Participant::default())?;
        }
    }
    for (id, anchor) in &led.anchors {
        change.put(id, anchor)?;
    }
    for (id, moved) in &led.rejections {
        match moved {
            Some(rejection) => change.put(id, rejection)?,
            None => change.delete::<Rejection>(id),
        }
    }
    let turn_of = turns_led_over(&before, new);
    for (key, mut row) in coverage.into_iter().filter(|(_, row)| !row.turns.is_empty()) {
        row.turns = new_ranges(&row.turns, &old, &source, &turn_of);
        change.put(&key, &row)?;
    }
    change.put(source_id, &source)?;
    led.revised.operation = change.commit()?;
    Ok(led.revised)
}

impl Source {
    /// The source with another text. Who is known by a label stays known.
    fn with(&self, revision: String, new: &NewText) -> Self {
        let mut source = Self { revision, turns: new.segmentation.turns.len() as u32, ..self.clone() };
        for (label, role) in new.roles.iter().filter(|(label, _)| new.segmentation.speakers.contains(label)) {
            source.roles.entry(label.clone()).or_insert(*role);
        }
        for (label, person) in new.participants.iter().filter(|(label, _)| !self.roles.contains_key(*label)) {
            source.participants.entry(label.clone()).or_insert_with(|| person.clone());
        }
        source
    }
}

/// Where the decisions on a source are in its new text.
#[derive(Default)]
struct Led {
    anchors: Vec<(String, Anchor)>,
    /// None for one whose words are gone.
    rejections: Vec<(String, Option<Rejection>)>,
    revised: Revised,
}

impl Led {
    fn over(store: &Store, source: &str, revision: &str, text: &str) -> Result<Self, StoreError> {
        let mut led = Self::default();
        let (read, digest) = (|id: &str| store.text(id), |words: &str| store.keyed_digest(words));
        let mut compared = Anchors::new(&read, &digest, revision, text);
        let known: BTreeMap<String, Anchor> = store.all()?;
        for (id, coding) in store.all::<Coding>()?.into_iter().filter(|(_, coding)| coding.source == source) {
            let anchor = compared.of(&coding, known.get(&id))?;
            led.revised.count(&id, anchor.state);
            led.anchors.push((id, anchor));
        }
        for (id, rejection) in store.all::<Rejection>()?.into_iter().filter(|(_, row)| row.source == source) {
            let moved = compared.of_rejection(&rejection)?;
            led.revised.rejections += usize::from(moved.is_none());
            led.rejections.push((id, moved));
        }
        Ok(led)
    }
}

/// Index of the new turn for each old turn whose words are all there.
fn turns_led_over(old: &(String, Segmentation), new: &NewText) -> Vec<Option<u32>> {
    let alignment = Alignment::new(&old.0, &new.text);
    let led = old.1.turns.iter().map(|turn| {
        let (span, state) = alignment.place(turn.span);
        let found = new.segmentation.turns.iter().position(|turn| turn.span.overlap(span) > 0);
        found.filter(|_| state == AnchorState::Exact).map(|turn| turn as u32)
    });
    led.collect()
}

/// Ranges of ordinals read, in the new numbering: turns that were read and whose words are the same.
fn new_ranges(ranges: &[(u32, u32)], old: &Source, new: &Source, turn_of: &[Option<u32>]) -> Vec<(u32, u32)> {
    let turns = (0..old.turns).filter(|turn| {
        let ordinal = old.first_ordinal + turn;
        ranges.iter().any(|(first, last)| (*first..=*last).contains(&ordinal))
    });
    let read: BTreeSet<u32> = turns.filter_map(|turn| turn_of.get(turn as usize).copied().flatten()).collect();
    let mut found: Vec<(u32, u32)> = Vec::new();
    for ordinal in read.into_iter().map(|turn| new.first_ordinal + turn) {
        match found.last_mut() {
            Some(last) if last.1 + 1 == ordinal => last.1 = ordinal,
            _ => found.push((ordinal, ordinal)),
        }
    }
    if found.is_empty() {
        // An empty list would mean the whole source: a range that holds no turn of it means none.
        found.push((old.first_ordinal, old.first_ordinal));
    }
    found
}

/// The words that were coded, from the revision that they were coded in; none where that was erased.
pub fn old_words(store: &Store, id: &str) -> Result<Option<String>, StoreError> {
    let Some(coding) = store.get::<Coding>(id)? else { return Ok(None) };
    match store.text(&coding.revision) {
        Ok(text) => Ok(coding.span.of(&text).map(str::to_owned)),
        Err(StoreError::Erased { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Settles where a coding is: at its present place, or at another one of the current text.
pub fn settle_anchor(
    store: &Store,
    source: &Source,
    text: &str,
    id: &str,
    at: Option<Span>,
) -> Result<Option<Anchor>, StoreError> {
    let (Some(coding), Some(anchor)) = (store.get::<Coding>(id)?, store.get::<Anchor>(id)?) else { return Ok(None) };
    let Some(span) = at.or((anchor.state != AnchorState::Lost).then_some(anchor.span)) else { return Ok(None) };
    let digest = store.keyed_digest(span.of(text).unwrap_or_default());
    let digest = (digest != coding.digest).then_some(digest);
    Ok(Some(Anchor { revision: source.revision.clone(), span, state: AnchorState::Exact, digest }))
}
