//! What has to go when a participant is erased.
//!
//! A source in which nobody else takes part goes as a whole. In one with several participants, the turns of this one
//! are replaced by filler of the same length, so that nobody else's codings move. Everything about the participant
//! goes with all its earlier values. Where others quoted (notes, codebook examples), the quotation is replaced: a
//! quotation is 20 bytes in a row that no remaining text has.

use super::dependence::{self, Stored, memo_is_on};
use super::operation::{COLUMNS, Operation, OperationKind};
use super::read::parse;
use super::words::{Words, filler};
use super::{Store, StoreError};
use crate::model::{
    Adjudication, Anchor, AnchorState, AuditSample, Case, Coding, Coverage, Memo, Participant, Record, Rejection,
    Responses, Score, Segmentation, SignOff, Source, Span, Theme, Verdict,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// A record by kind and id.
type Key = (String, String);

/// What an erasure will do.
#[derive(Default)]
pub(super) struct Plan {
    /// Arrival number of the operation up to which this was worked out.
    pub(super) head: u64,
    /// Records to change, and to what.
    pub(super) edits: BTreeMap<Key, Option<String>>,
    /// New values and texts, by id.
    pub(super) new_blobs: BTreeMap<String, Vec<u8>>,
    /// Ids of new texts.
    pub(super) new_texts: BTreeSet<String>,
    /// Blobs to delete that operations name.
    pub(super) gone: BTreeSet<String>,
    /// Blobs to delete that no operation names.
    pub(super) unused: BTreeSet<String>,
    /// What the participant said and nobody else did.
    pub(super) words: Words,
    /// Records of others that quote.
    pub(super) redacted: Vec<String>,
    /// Operations whose command or reason quotes.
    pub(super) commands: Vec<String>,
    /// An earlier erasure of the same participant.
    pub(super) earlier: Option<String>,
}

/// A source that others take part in as well.
struct Shared {
    old_revision: String,
    new_revision: String,
    erased: Vec<Span>,
}

impl Shared {
    fn touches(&self, span: Span) -> bool {
        self.erased.iter().any(|turn| turn.overlap(span) > 0)
    }
}

impl Plan {
    /// Works it out; changes nothing.
    pub(super) fn make(store: &Store, id: &str) -> Result<Self, StoreError> {
        Planner::look(store, id)?.plan()
    }

    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.gone.is_empty() && self.unused.is_empty()
    }
}

struct Planner<'a> {
    store: &'a Store,
    id: &'a str,
    log: Vec<Operation>,
    /// Blobs that hold long lists of operations.
    list_blobs: BTreeSet<String>,
    /// Every value that a record has had, in order, by key.
    history: BTreeMap<Key, Vec<String>>,
    /// Records as they are, by key.
    state: BTreeMap<Key, String>,
    /// Every value that each source has had and that can still be read, in order.
    sources: BTreeMap<String, Vec<Source>>,
    /// Ids and names of sources that go.
    whole: BTreeSet<String>,
    shared: BTreeMap<String, Shared>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn look(store: &'a Store, id: &'a str) -> Result<Self, StoreError> {
        let (mut log, mut list_blobs) = (Vec::new(), BTreeSet::new());
        store.each_operation(&format!("SELECT {COLUMNS} FROM operation ORDER BY seq"), |stored| {
            let (operation, lists) = stored.parse(store)?;
            log.push(operation);
            list_blobs.extend(lists);
            Ok(ControlFlow::Continue(()))
        })?;
        let state = store.state()?;
        let mut history = BTreeMap::<Key, Vec<String>>::new();
        for edit in log.iter().flat_map(|operation| &operation.edits) {
            let key = (edit.kind.clone(), edit.id.clone());
            history.entry(key).or_default().extend(edit.before.iter().chain(&edit.after).cloned());
        }
        let mut sources = BTreeMap::new();
        for ((kind, id), values) in history.iter().filter(|((kind, _), _)| kind == Source::KIND) {
            let mut read = Vec::new();
            for value in values {
                if let Some(json) = blob_if_there(store, value)? {
                    read.push(parse::<Source>(kind, id, &json)?);
                }
            }
            sources.insert(id.clone(), read);
        }
        let mut erasures =
            log.iter().filter(|op| op.kind == OperationKind::Erasure && op.participant.as_deref() == Some(id));
        let plan = Plan {
            head: log.last().map_or(0, |operation| operation.seq),
            earlier: erasures.next_back().map(|operation| operation.hash.clone()),
            ..Plan::default()
        };
        let (whole, shared) = Default::default();
        Ok(Self { store, id, log, list_blobs, history, state, sources, whole, shared, plan })
    }

    fn plan(mut self) -> Result<Plan, StoreError> {
        let spoke = self.remove_sources()?;
        let scored = self.current::<Score>()?.values().any(|score| score.participant == self.id)
            || self.current::<Responses>()?.values().any(|row| row.participant == self.id);
        if !spoke && !scored && !self.history.contains_key(&key::<Participant>(self.id)) {
            return Err(StoreError::UnknownParticipant { id: self.id.to_owned() });
        }
        self.remove_codings()?;
        self.remove_reviews()?;
        self.remove_the_person()?;
        self.forget_removed_values()?;
        self.redact_quotations()?;
        self.finish()
    }

    /// Texts in which the participant speaks; whether there are any.
    fn remove_sources(&mut self) -> Result<bool, StoreError> {
        let mut originals = BTreeSet::new();
        let sources = std::mem::take(&mut self.sources);
        for (id, values) in &sources {
            let speaks = |source: &&Source| source.participants.values().any(|person| person == self.id);
            let Some(latest) = values.last().filter(speaks) else { continue };
            originals.extend(values.iter().filter_map(|value| value.original.clone()));
            for value in values {
                self.learn(value, latest)?;
            }
            let alone = latest.participants.values().all(|person| person == self.id);
            self.plan.gone.extend(values.iter().map(|value| value.revision.clone()));
            if alone || !self.state.contains_key(&key::<Source>(id)) {
                self.plan.gone.extend(values.iter().map(|value| value.segmentation.clone()));
                self.whole.extend([id.clone(), latest.name.clone()]);
                self.plan.edits.insert(key::<Source>(id), None);
            } else {
                let redacted = self.redact_source(id, latest)?;
                self.shared.insert(id.clone(), redacted);
            }
        }
        self.sources = sources;
        // Two sources can hold the same words or the same cut; what another one needs stays.
        for source in self.current::<Source>()?.values() {
            self.plan.gone.remove(&source.segmentation);
            self.plan.gone.remove(&source.revision);
        }
        // An imported file can stand behind many sources, such as the rows of a table; it goes, and they say so.
        for (id, mut source) in self.current::<Source>()? {
            if source.original.as_ref().is_some_and(|original| originals.contains(original)) {
                source.original = None;
                self.put(&id, &source)?;
            }
        }
        self.plan.gone.extend(originals);
        Ok(!self.whole.is_empty() || !self.shared.is_empty())
    }

    /// Learns what the participant says in a revision of a source.
    fn learn(&mut self, value: &Source, latest: &Source) -> Result<(), StoreError> {
        let Some(text) = blob_if_there(self.store, &value.revision)? else { return Ok(()) };
        let Some(segmentation) = blob_if_there(self.store, &value.segmentation)? else {
            self.plan.words.learn(&text);
            return Ok(());
        };
        let segmentation: Segmentation = parse("segmentation", &value.segmentation, &segmentation)?;
        for span in turns_of(&segmentation, latest, self.id) {
            self.plan.words.learn(text.get(span.start as usize..span.end as usize).unwrap_or_default());
        }
        Ok(())
    }

    /// Replaces the participant's turns in a source that others take part in.
    fn redact_source(&mut self, id: &str, latest: &Source) -> Result<Shared, StoreError> {
        let segmentation = self.store.segmentation(&latest.segmentation)?;
        let mut text = self.store.blob(&latest.revision)?;
        let erased: Vec<Span> = turns_of(&segmentation, latest, self.id).collect();
        for span in &erased {
            if let Some(said) = text.get_mut(span.start as usize..span.end as usize) {
                said.copy_from_slice(filler(said.len()).as_bytes());
            }
        }
        let new_revision = self.store.blob_id(&text);
        self.plan.new_texts.insert(new_revision.clone());
        self.plan.new_blobs.insert(new_revision.clone(), text);
        let mut source = latest.clone();
        source.revision.clone_from(&new_revision);
        source.participants.retain(|_, person| person != self.id);
        self.put(id, &source)?;
        Ok(Shared { old_revision: latest.revision.clone(), new_revision, erased })
    }

    fn remove_codings(&mut self) -> Result<(), StoreError> {
        let anchors = self.current::<Anchor>()?;
        for (id, coding) in self.current::<Coding>()? {
            let anchor = anchors.get(&id);
            let span = anchor.map_or(coding.span, |anchor| anchor.span);
            if self.is_about_erased_words(&coding.source, span) {
                self.plan.edits.insert(key::<Coding>(&id), None);
                if anchor.is_some() {
                    self.plan.edits.insert(key::<Anchor>(&id), None);
                }
            } else if let Some(source) = self.shared.get(&coding.source) {
                let state = anchor.map_or(AnchorState::Exact, |anchor| anchor.state);
                let digest = anchor.and_then(|anchor| anchor.digest.clone());
                let anchor = Anchor { revision: source.new_revision.clone(), span, state, digest };
                self.put(&id, &anchor)?;
            }
        }
        for (id, mut rejection) in self.current::<Rejection>()? {
            let source = self.shared.get(&rejection.source);
            if self.is_about_erased_words(&rejection.source, rejection.span) {
                self.plan.edits.insert(key::<Rejection>(&id), None);
            } else if let Some(source) = source.filter(|source| source.old_revision == rejection.revision) {
                rejection.revision.clone_from(&source.new_revision);
                self.put(&id, &rejection)?;
            }
        }
        for (id, coverage) in self.current::<Coverage>()? {
            if self.whole.contains(&coverage.source) {
                self.plan.edits.insert(key::<Coverage>(&id), None);
            }
        }
        Ok(())
    }

    /// What reviewers left on the person's words. The numbers of a sample stay: they name nobody.
    fn remove_reviews(&mut self) -> Result<(), StoreError> {
        for (id, mut decision) in self.current::<Adjudication>()? {
            let source = self.shared.get(&decision.source);
            if self.is_about_erased_words(&decision.source, decision.span) {
                self.plan.edits.insert(key::<Adjudication>(&id), None);
            } else if let Some(source) = source.filter(|source| source.old_revision == decision.revision) {
                decision.revision.clone_from(&source.new_revision);
                self.put(&id, &decision)?;
            }
        }
        for id in self.current::<SignOff>()?.keys() {
            if id.strip_prefix("source:").is_some_and(|source| self.whole.contains(source)) {
                self.plan.edits.insert(key::<SignOff>(id), None);
            }
        }
        let verdicts = self.current::<Verdict>()?;
        for (id, mut sample) in self.current::<AuditSample>()? {
            let gone: Vec<u32> = (1..)
                .zip(&sample.items)
                .filter(|(_, item)| self.is_about_erased_words(&item.source, item.span))
                .map(|(number, _)| number)
                .collect();
            if gone.is_empty() {
                continue;
            }
            for number in &gone {
                if let Some(item) = sample.items.get_mut(*number as usize - 1) {
                    // Its place stays, so that the others keep their numbers.
                    (item.source, item.coding, item.span) = (String::new(), None, Span::new(0, 0));
                }
            }
            self.put(&id, &sample)?;
            for (key_id, _) in verdicts.iter().filter(|(_, v)| v.sample == id && gone.contains(&v.item)) {
                self.plan.edits.insert(key::<Verdict>(key_id), None);
            }
        }
        Ok(())
    }

    fn is_about_erased_words(&self, source: &str, span: Span) -> bool {
        self.whole.contains(source) || self.shared.get(source).is_some_and(|shared| shared.touches(span))
    }

    fn remove_the_person(&mut self) -> Result<(), StoreError> {
        let id = self.id;
        // The id stays taken, so that a later import cannot bring the person back unnoticed.
        self.put(id, &Participant { withdrawn: true, ..Participant::default() })?;
        for (key_id, score) in self.current::<Score>()? {
            if score.participant == id || self.whole.contains(&score.participant) {
                self.plan.edits.insert(key::<Score>(&key_id), None);
            }
        }
        for (key_id, row) in self.current::<Responses>()? {
            if row.participant == id {
                self.plan.edits.insert(key::<Responses>(&key_id), None);
            }
        }
        let removed = |plan: &Plan, coding: &str| plan.edits.get(&key::<Coding>(coding)) == Some(&None);
        for (key_id, memo) in self.current::<Memo>()? {
            let gone = memo_is_on(&memo).is_some_and(|(sort, on)| match sort {
                "participant" => on == id,
                "source" => self.whole.contains(&on),
                "coding" => removed(&self.plan, &on),
                _ => false,
            });
            if gone {
                self.plan.edits.insert(key::<Memo>(&key_id), None);
            }
        }
        for (key_id, mut theme) in self.current::<Theme>()? {
            let before = theme.quotations.len();
            theme.quotations.retain(|coding| !removed(&self.plan, coding));
            if theme.quotations.len() < before {
                self.put(&key_id, &theme)?;
            }
        }
        for (key_id, mut case) in self.current::<Case>()? {
            let before = case.participants.len();
            case.participants.retain(|person| person != id);
            if case.participants.len() < before {
                self.put(&key_id, &case)?;
            }
        }
        Ok(())
    }

    /// Values that removed records ever had, unless another record has had the same.
    fn forget_removed_values(&mut self) -> Result<(), StoreError> {
        let mut removed: BTreeSet<Key> =
            self.plan.edits.iter().filter(|(_, after)| after.is_none()).map(|(key, _)| key.clone()).collect();
        removed.insert(key::<Participant>(self.id));
        // Codings come before memos on them.
        for (key, values) in self.history.iter().filter(|(key, _)| !self.state.contains_key(*key)) {
            for value in values {
                let Some(json) = blob_if_there(self.store, value)? else { continue };
                if self.was_about_the_person(Stored { kind: &key.0, id: &key.1, json: &json }, &removed)? {
                    removed.insert(key.clone());
                }
            }
        }
        let others = self.history.iter().filter(|(key, _)| !removed.contains(key));
        let needed: BTreeSet<&String> = others.flat_map(|(_, values)| values).collect();
        let values = removed.iter().filter_map(|key| self.history.get(key)).flatten();
        let gone = values.filter(|value| !needed.contains(value) && !self.plan.new_blobs.contains_key(*value));
        self.plan.gone.extend(gone.cloned());
        Ok(())
    }

    /// Whether a record that was removed earlier (by an undone import, say) held something of the person.
    fn was_about_the_person(&self, stored: Stored<'_>, removed: &BTreeSet<Key>) -> Result<bool, StoreError> {
        if stored.kind == Coding::KIND {
            let coding: Coding = parse(stored.kind, stored.id, stored.json)?;
            return Ok(self.is_about_erased_words(&coding.source, coding.span));
        }
        if stored.kind == Rejection::KIND {
            let rejection: Rejection = parse(stored.kind, stored.id, stored.json)?;
            return Ok(self.is_about_erased_words(&rejection.source, rejection.span));
        }
        if !["adjudication", "coverage", "memo", "score", "responses"].contains(&stored.kind) {
            return Ok(false);
        }
        Ok(dependence::needs(stored)?.iter().any(|(sort, id)| match *sort {
            "participant" => id == self.id || self.whole.contains(id),
            "source" => self.whole.contains(id),
            "coding" => removed.contains(&key::<Coding>(id)),
            _ => false,
        }))
    }

    /// Finds what others quoted: in records as they are it is replaced; earlier values, and texts that no source has
    /// any more, go as a whole.
    fn redact_quotations(&mut self) -> Result<(), StoreError> {
        let current = self.current::<Source>()?;
        let mut kept: BTreeSet<&String> = BTreeSet::new();
        for source in current.values() {
            kept.extend([&source.revision, &source.segmentation].into_iter().chain(&source.original));
            let text = match self.plan.new_blobs.get(&source.revision) {
                Some(text) => text.clone(),
                None => self.store.blob(&source.revision)?,
            };
            self.plan.words.forget(&text);
        }
        let mut after = self.state.clone();
        for (key, value) in &self.plan.edits {
            match value {
                Some(value) => drop(after.insert(key.clone(), value.clone())),
                None => drop(after.remove(key)),
            }
        }
        for (key, value) in after {
            let json = match self.plan.new_blobs.get(&value) {
                Some(json) => json.clone(),
                None => self.store.blob(&value)?,
            };
            let mut json: serde_json::Value = parse(&key.0, &key.1, &json)?;
            if self.plan.words.redact_json(&mut json) {
                self.plan.redacted.push(format!("{} {}", key.0, key.1));
                let json = json.to_string().into_bytes();
                let value = self.store.blob_id(&json);
                self.plan.new_blobs.insert(value.clone(), json);
                self.plan.edits.insert(key, Some(value));
            }
        }
        let used: BTreeSet<&String> = self.plan.edits.values().flatten().chain(&self.plan.new_texts).collect();
        self.plan.new_blobs.retain(|id, _| used.contains(id));
        let values: BTreeSet<&String> = self.history.values().flatten().collect();
        for value in values {
            if let Some(json) = blob_if_there(self.store, value)? {
                let mut json: serde_json::Value = parse("value", value, &json)?;
                if self.plan.words.redact_json(&mut json) {
                    self.plan.gone.insert(value.clone());
                }
            }
        }
        let texts: BTreeSet<&String> = self.log.iter().flat_map(|operation| &operation.blobs).collect();
        for text in texts.into_iter().filter(|text| !kept.contains(text)) {
            if blob_if_there(self.store, text)?.is_some_and(|bytes| self.plan.words.are_in(&bytes)) {
                self.plan.gone.insert(text.clone());
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Plan, StoreError> {
        let mut named = self.list_blobs;
        for operation in &self.log {
            named.extend(operation.edits.iter().flat_map(|edit| [&edit.before, &edit.after]).flatten().cloned());
            named.extend(operation.blobs.iter().cloned());
        }
        let there: BTreeSet<String> = self.store.blob_ids()?.into_iter().collect();
        self.plan.gone.retain(|blob| there.contains(blob) && !self.plan.new_blobs.contains_key(blob));
        self.plan.unused = there.into_iter().filter(|blob| !named.contains(blob)).collect();
        let state = &self.state;
        self.plan.edits.retain(|key, after| state.get(key) != after.as_ref());
        let quotes = |operation: &&Operation| {
            let words = &self.plan.words;
            words.are_in(operation.command.as_bytes())
                || operation.reason.as_ref().is_some_and(|reason| words.are_in(reason.as_bytes()))
        };
        self.plan.commands = self.log.iter().filter(quotes).map(|operation| operation.hash.clone()).collect();
        Ok(self.plan)
    }

    /// Records of a kind as this plan leaves them.
    fn current<T: Record>(&self) -> Result<BTreeMap<String, T>, StoreError> {
        let mut records: BTreeMap<String, T> = self.store.all()?;
        for ((kind, id), after) in self.plan.edits.iter().filter(|((kind, _), _)| kind == T::KIND) {
            match after.as_ref().and_then(|after| self.plan.new_blobs.get(after)) {
                Some(json) => drop(records.insert(id.clone(), parse(kind, id, json)?)),
                None => drop(records.remove(id)),
            }
        }
        Ok(records)
    }

    fn put<T: Record>(&mut self, id: &str, record: &T) -> Result<(), StoreError> {
        let unstorable = |source| StoreError::Unstorable { kind: T::KIND, id: id.to_owned(), source };
        let bytes = serde_json::to_vec(record).map_err(unstorable)?;
        let blob = self.store.blob_id(&bytes);
        self.plan.edits.insert(key::<T>(id), Some(blob.clone()));
        self.plan.new_blobs.insert(blob, bytes);
        Ok(())
    }
}

fn blob_if_there(store: &Store, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    match store.blob(id) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StoreError::Erased { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

fn key<T: Record>(id: &str) -> Key {
    (T::KIND.to_owned(), id.to_owned())
}

/// The turns of a participant, by the speakers that a source says are this person.
fn turns_of<'a>(segmentation: &'a Segmentation, source: &'a Source, id: &'a str) -> impl Iterator<Item = Span> + 'a {
    segmentation.turns.iter().filter_map(move |turn| {
        let label = segmentation.speakers.get(turn.speaker as usize)?;
        (source.participants.get(label).map(String::as_str) == Some(id)).then_some(turn.span)
    })
}
