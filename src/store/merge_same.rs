//! What both copies brought in by themselves and is the same: one text under two names becomes one source, and one label
//! under two code ids is listed.
//!
//! Follows from the other records, so that every later merge works it out again from what people did, and it does not
//! matter which copies were merged before.

use super::StoreError;
use super::merge::Conflict;
use super::merge_plan::Merging;
use super::merge_state::{Side, join_coverage, join_sources};
use super::operation::OperationKind;
use crate::model::{
    Adjudication, AuditSample, Codebook, CodebookVersion, Coding, Coverage, Memo, Record, Rejection, SignOff, Source,
};
use std::collections::{BTreeMap, BTreeSet};

impl Merging<'_> {
    /// Sources of one text and one cut that were imported without knowing of each other become the one that came first.
    /// Who imported a text twice in one copy meant it, and keeps both.
    pub(super) fn join_same_texts(&mut self) -> Result<(), StoreError> {
        let sources: BTreeMap<String, Source> = self.all()?;
        let mut by_text: BTreeMap<(&str, &str), Vec<&String>> = BTreeMap::new();
        for (id, source) in &sources {
            by_text.entry((&source.revision, &source.segmentation)).or_default().push(id);
        }
        for mut ids in by_text.into_values().filter(|ids| ids.len() > 1) {
            ids.sort_by_cached_key(|id| (self.first_stamp(Source::KIND, id), (*id).clone()));
            let mut groups: Vec<Vec<&String>> = Vec::new();
            for id in ids {
                let apart = |group: &&mut Vec<&String>| group.iter().all(|other| self.made_apart(id, other));
                match groups.iter_mut().find(apart) {
                    Some(group) => group.push(id),
                    None => groups.push(vec![id]),
                }
            }
            for group in groups.iter().filter(|group| group.len() > 1) {
                self.make_one_source(group, &sources)?;
            }
        }
        Ok(())
    }

    /// Operations that made a source and that no later such operation knew of.
    fn makings(&self, id: &str) -> Vec<usize> {
        let mut makings: Vec<usize> = Vec::new();
        for (at, operation) in self.history.log.iter().enumerate() {
            let makes = operation.edits.iter().any(|edit| {
                edit.kind == Source::KIND && edit.id == id && edit.before.is_none() && edit.after.is_some()
            });
            if makes && operation.kind != OperationKind::Merge {
                makings.retain(|earlier| !self.history.ancestry.is_before(*earlier, at));
                makings.push(at);
            }
        }
        makings
    }

    /// Whether two sources were made by people who did not know of the other one.
    fn made_apart(&self, a: &str, b: &str) -> bool {
        let knew = |one: usize, other: usize| self.history.ancestry.is_before(one, other);
        let (first, second) = (self.makings(a), self.makings(b));
        first.iter().all(|a| second.iter().all(|b| !knew(*a, *b) && !knew(*b, *a)))
    }

    fn make_one_source(&mut self, group: &[&String], sources: &BTreeMap<String, Source>) -> Result<(), StoreError> {
        let Some((kept_id, others)) = group.split_first() else { return Ok(()) };
        let Some(kept) = sources.get(*kept_id) else { return Ok(()) };
        let mut all: Vec<&Source> = Vec::new();
        let mut order: Vec<&&String> = group.iter().collect();
        order.sort_by_cached_key(|id| self.last_stamp(Source::KIND, id));
        all.extend(order.into_iter().filter_map(|id| sources.get(*id)));
        let unreadable = |source| StoreError::Unreadable { kind: Source::KIND.into(), id: (*kept_id).clone(), source };
        let (joined, clashes) = join_sources(kept, &all).map_err(unreadable)?;
        self.derive(kept_id, &joined)?;
        for other_id in others {
            let Some(other) = sources.get(*other_id) else { continue };
            let key = (Source::KIND.to_owned(), (*other_id).clone());
            let new = [Side::Ours, Side::Theirs].iter().any(|side| self.state_of(*side).contains_key(&key));
            self.values.remove(&key);
            let names = Names { from_id: other_id, from: other, to_id: kept_id, to: kept };
            self.lead_records_over(&names)?;
            if new {
                let ours = self.state_of(Side::Ours).contains_key(&key);
                self.conflicts.push(Conflict::one_text(kept_id, &kept.name, &other.name, ours, &clashes));
            }
        }
        Ok(())
    }

    /// What names the one source names the other.
    fn lead_records_over(&mut self, names: &Names<'_>) -> Result<(), StoreError> {
        for (id, mut coding) in self.all::<Coding>()?.into_iter().filter(|(_, one)| one.source == names.from_id) {
            coding.source = names.to_id.to_owned();
            self.derive(&id, &coding)?;
        }
        for (id, mut one) in self.all::<Rejection>()?.into_iter().filter(|(_, one)| one.source == names.from_id) {
            one.source = names.to_id.to_owned();
            self.derive(&id, &one)?;
        }
        for (id, mut one) in self.all::<Adjudication>()?.into_iter().filter(|(_, one)| one.source == names.from_id) {
            one.source = names.to_id.to_owned();
            self.derive(&id, &one)?;
        }
        for (id, mut sample) in self.all::<AuditSample>()? {
            let mut items = sample.items.iter_mut().filter(|item| item.source == names.from_id).peekable();
            if items.peek().is_some() {
                items.for_each(|item| item.source = names.to_id.to_owned());
                self.derive(&id, &sample)?;
            }
        }
        for (id, mut memo) in self.all::<Memo>()? {
            if memo.on == format!("source:{}", names.from.name) || memo.on == format!("source:{}", names.from_id) {
                memo.on = format!("source:{}", names.to.name);
                self.derive(&id, &memo)?;
            }
        }
        self.lead_readings_over(names)
    }

    /// Records of reading and sign-offs have the source in their key.
    fn lead_readings_over(&mut self, names: &Names<'_>) -> Result<(), StoreError> {
        for (key, mut row) in self.all::<Coverage>()?.into_iter().filter(|(_, row)| row.source == names.from_id) {
            let end = names.from.first_ordinal + names.from.turns;
            for (first, last) in &mut row.turns {
                if (names.from.first_ordinal..end).contains(first) && (names.from.first_ordinal..end).contains(last) {
                    let moved = |turn: u32| turn - names.from.first_ordinal + names.to.first_ordinal;
                    (*first, *last) = (moved(*first), moved(*last));
                }
            }
            row.source = names.to_id.to_owned();
            self.values.remove(&(Coverage::KIND.to_owned(), key.clone()));
            let key = key.replacen(&format!("/{}", names.from_id), &format!("/{}", names.to_id), 1);
            let both = match self.all::<Coverage>()?.remove(&key) {
                Some(known) => join_coverage(&known, &row),
                None => row,
            };
            self.derive(&key, &both)?;
        }
        let (from, to) = (format!("source:{}", names.from_id), format!("source:{}", names.to_id));
        let mut signed: BTreeMap<String, SignOff> = self.all()?;
        if let Some(gone) = signed.remove(&from) {
            self.values.remove(&(SignOff::KIND.to_owned(), from));
            let later = signed.remove(&to).filter(|known| known.signed > gone.signed).unwrap_or(gone);
            self.derive(&to, &later)?;
        }
        Ok(())
    }

    /// Codes that each copy made by itself and that have the same label in the same place: which is which a person
    /// must say.
    pub(super) fn list_same_labels(&mut self, codebook: &Codebook) -> Result<(), StoreError> {
        let mut books = Vec::new();
        for side in [Side::Ours, Side::Theirs] {
            let versions: BTreeMap<String, CodebookVersion> = self.all_of(side)?;
            books.push(versions.into_values().next_back().unwrap_or_default().codebook.codes);
        }
        let [ours, theirs] = books.as_slice() else { return Ok(()) };
        let only = |here: &BTreeMap<String, _>, there: &BTreeMap<String, _>| -> BTreeSet<String> {
            here.keys().filter(|id| !there.contains_key(*id) && codebook.codes.contains_key(*id)).cloned().collect()
        };
        let place =
            |id: &String| codebook.codes.get(id).map(|code| (code.parent.clone(), code.label.trim().to_lowercase()));
        let their_own = only(theirs, ours);
        for id in only(ours, theirs) {
            for twin in their_own.iter().filter(|twin| place(twin) == place(&id)) {
                self.conflicts.push(Conflict::one_label(&id, twin));
            }
        }
        Ok(())
    }
}

/// A source that becomes another one.
struct Names<'a> {
    from_id: &'a str,
    from: &'a Source,
    to_id: &'a str,
    to: &'a Source,
}
