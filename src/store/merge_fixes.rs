//! What a merge has to put right between records after each has its value: codebook versions of one number, codes and
//! sources that one side removed and the other used, two sources of one name, turns of one number, codings on a text
//! that the other side revised.
//!
//! Every rule is symmetric: it does not matter which copy is ours.

use super::StoreError;
use super::dependence::{self, Stored, Thing};
use super::merge::Conflict;
use super::merge_plan::Merging;
use super::merge_state::{NEWEST, Side};
use super::operation::OperationKind;
use super::revise::Anchors;
use crate::model::{Anchor, Code, Codebook, CodebookVersion, Coding, Coverage, Record, Rejection, Source};
use std::collections::{BTreeMap, BTreeSet};

impl Merging<'_> {
    /// Puts right what the values of single records cannot say.
    pub(super) fn put_right(&mut self) -> Result<(), StoreError> {
        let renumbered = self.number_codebooks()?;
        self.follow_numbers(&renumbered)?;
        self.bring_back_what_is_used()?;
        self.merge_codebook()?;
        self.join_same_texts()?;
        self.name_sources()?;
        self.number_turns()?;
        self.lead_codings_over()
    }

    /// Gives each codebook version a number of its own. Of two of one number the earlier keeps it. Gives, for each side,
    /// the new numbers of its versions where they changed.
    fn number_codebooks(&mut self) -> Result<BTreeMap<Side, BTreeMap<u32, u32>>, StoreError> {
        let mut all: BTreeMap<u32, CodebookVersion> = self.numbered(None)?;
        let mut renumbered: BTreeMap<Side, BTreeMap<u32, u32>> = BTreeMap::new();
        let mut sides: Vec<(Side, BTreeMap<u32, CodebookVersion>)> = Vec::new();
        for side in [Side::Ours, Side::Theirs] {
            sides.push((side, self.numbered(Some(side))?));
        }
        for (side, versions) in sides {
            for (number, version) in versions {
                if all.get(&number).is_none_or(|kept| kept.codebook == version.codebook) {
                    continue;
                }
                let same = all.iter().find(|(_, kept)| kept.codebook == version.codebook).map(|(number, _)| *number);
                let to = match same {
                    Some(to) => to,
                    None => {
                        let to = all.keys().next_back().map_or(1, |last| last + 1);
                        let moved = CodebookVersion { number: to, ..version.clone() };
                        self.put(&format!("{to:06}"), &moved)?;
                        all.insert(to, moved);
                        to
                    }
                };
                renumbered.entry(side).or_default().insert(number, to);
            }
        }
        Ok(renumbered)
    }

    /// Codebook versions of one side, or as merged so far.
    fn numbered(&self, side: Option<Side>) -> Result<BTreeMap<u32, CodebookVersion>, StoreError> {
        let versions: BTreeMap<String, CodebookVersion> = match side {
            None => self.all()?,
            Some(side) => self.all_of(side)?,
        };
        Ok(versions.into_values().map(|version| (version.number, version)).collect())
    }

    /// Codings say under which version they were made: they follow where it got another number.
    fn follow_numbers(&mut self, renumbered: &BTreeMap<Side, BTreeMap<u32, u32>>) -> Result<(), StoreError> {
        if renumbered.is_empty() {
            return Ok(());
        }
        for (id, mut coding) in self.all::<Coding>()? {
            let side = self.writer(Coding::KIND, &id);
            let to = side.and_then(|side| renumbered.get(&side)?.get(&coding.codebook_version));
            if let Some(to) = to {
                coding.codebook_version = *to;
                self.put(&id, &coding)?;
            }
        }
        Ok(())
    }

    /// What one side removed and the other has built on since stays: sources, people, waves, instruments, codings.
    fn bring_back_what_is_used(&mut self) -> Result<(), StoreError> {
        let mut brought: BTreeMap<(String, String), Side> = BTreeMap::new();
        loop {
            let mut there: BTreeSet<Thing> = BTreeSet::new();
            let mut wanted: Vec<(Thing, Side)> = Vec::new();
            for ((kind, id), blob) in &self.values {
                // An anchor only follows its coding: it is no use of it.
                if kind == CodebookVersion::KIND || kind == Anchor::KIND {
                    continue;
                }
                let json = self.bytes(blob)?;
                let stored = Stored { kind, id, json: &json };
                there.extend(dependence::provides(stored)?);
                let by = brought.get(&(kind.clone(), id.clone())).copied();
                if let Some(side) = by.or_else(|| self.writer(kind, id)) {
                    let needs = dependence::needs(stored)?.into_iter();
                    wanted.extend(needs.filter(|(sort, _)| KEPT.contains(sort)).map(|thing| (thing, side)));
                }
            }
            let mut back = Vec::new();
            for ((sort, id), side) in wanted {
                let key = (sort.to_owned(), id.clone());
                let removed = !there.contains(&(sort, id)) && !self.values.contains_key(&key);
                let value = self.state_of(side).get(&key).filter(|_| removed && !self.was_erased(&key));
                back.extend(value.map(|value| (key.clone(), value.clone(), side)));
            }
            if back.is_empty() {
                return Ok(());
            }
            for (key, value, side) in back {
                if self.values.insert(key.clone(), value).is_none() {
                    self.conflicts.push(Conflict::kept(&key, side));
                }
                self.settled.insert(key.clone());
                brought.insert(key, side);
            }
        }
    }

    fn was_erased(&self, key: &(String, String)) -> bool {
        let live = self.live.get(key).into_iter().flatten();
        live.filter_map(|write| self.history.log.get(write.at)).any(|op| op.kind == OperationKind::Erasure)
    }

    /// The codebook of both: a new version, unless one of them is it already.
    fn merge_codebook(&mut self) -> Result<(), StoreError> {
        let joined = self.joined_codebook()?;
        let all = self.numbered(None)?;
        let newest = all.values().next_back().cloned().unwrap_or_default();
        let mut codebook = match &joined {
            Some((codebook, _)) => codebook.clone(),
            None => newest.codebook.clone(),
        };
        let mut chosen = false;
        for (code, side) in self.codes_used_elsewhere(&codebook)? {
            let book = self.numbered(Some(side))?.into_values().next_back().unwrap_or_default().codebook;
            if let Some(definition) = book.codes.get(&code) {
                codebook.codes.insert(code.clone(), definition.clone());
                self.conflicts.push(Conflict::kept(&("code".to_owned(), code), side));
                chosen = true;
            }
        }
        if let Some((_, clashes)) = &joined {
            self.list_code_clashes(clashes)?;
            chosen |= !clashes.is_empty() && self.choices.of(CodebookVersion::KIND, NEWEST).is_some();
        }
        self.list_same_labels(&codebook)?;
        if codebook == newest.codebook {
            return Ok(());
        }
        let number = newest.number + 1;
        self.put(&format!("{number:06}"), &CodebookVersion { number, codebook, frozen: None })?;
        if chosen {
            self.settled.insert((CodebookVersion::KIND.to_owned(), NEWEST.to_owned()));
        }
        Ok(())
    }

    fn joined_codebook(&self) -> Result<Option<(Codebook, Vec<String>)>, StoreError> {
        let Some((value, clashes)) = self.history.codebook(self.choices, &|blob| self.value(blob))? else {
            return Ok(None);
        };
        let unreadable = |source| StoreError::Unreadable { kind: "codebook".into(), id: NEWEST.into(), source };
        Ok(Some((serde_json::from_value(value).map_err(unreadable)?, clashes)))
    }

    /// Codes that are not in the codebook and that one side used since, with that side.
    fn codes_used_elsewhere(&self, codebook: &Codebook) -> Result<BTreeMap<String, Side>, StoreError> {
        let mut used = BTreeMap::new();
        for (id, coding) in self.all::<Coding>()? {
            let code = coding.code.filter(|code| !codebook.codes.contains_key(code));
            if let (Some(code), Some(side)) = (code, self.writer(Coding::KIND, &id)) {
                used.insert(code, side);
            }
        }
        Ok(used)
    }

    fn list_code_clashes(&mut self, clashes: &[String]) -> Result<(), StoreError> {
        let newest = |side| -> Result<Codebook, StoreError> {
            Ok(self.numbered(Some(side))?.into_values().next_back().unwrap_or_default().codebook)
        };
        let (ours, theirs) = (newest(Side::Ours)?, newest(Side::Theirs)?);
        let codes: BTreeSet<&str> = clashes
            .iter()
            .map(|path| path.strip_prefix("codes.").unwrap_or(path).split('.').next().unwrap_or(""))
            .collect();
        for code in codes {
            let inside = format!("codes.{code}.");
            let fields: Vec<String> =
                clashes.iter().filter_map(|path| path.strip_prefix(&inside)).map(str::to_owned).collect();
            let words = |book: &Codebook| book.codes.get(code).map(definition);
            if ours.codes.get(code) == theirs.codes.get(code) {
                continue;
            }
            let (a, b) = (words(&ours), words(&theirs));
            let by = self.choices.of(CodebookVersion::KIND, NEWEST);
            self.conflicts.push(Conflict::of_code(code, fields, a, b, by));
        }
        Ok(())
    }

    /// Two sources of one name: the later one gets a number behind its name.
    fn name_sources(&mut self) -> Result<(), StoreError> {
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let sources = self.all::<Source>()?;
        for (id, source) in &sources {
            by_name.entry(source.name.clone()).or_default().push(id.clone());
        }
        let mut taken: BTreeSet<String> = by_name.keys().cloned().collect();
        for (name, mut ids) in by_name {
            ids.sort_by_key(|id| self.first_stamp(Source::KIND, id));
            for id in ids.into_iter().skip(1) {
                let free = (2..).map(|k| numbered_name(&name, k)).find(|name| !taken.contains(name));
                let (Some(new), Some(mut source)) = (free, sources.get(&id).cloned()) else { continue };
                taken.insert(new.clone());
                source.name.clone_from(&new);
                self.put(&id, &source)?;
                self.conflicts.push(Conflict::renamed(&id, &name, &new));
            }
        }
        Ok(())
    }

    /// Turns have numbers that are never used again: of two sources that were given the same ones, the later one gets
    /// new ones.
    fn number_turns(&mut self) -> Result<(), StoreError> {
        let mut sources: Vec<(String, Source)> = self.all::<Source>()?.into_iter().collect();
        // Which came later is the same in every copy; ids decide where even the operation is the same.
        sources.sort_by_cached_key(|(id, _)| (self.last_stamp(Source::KIND, id), id.clone()));
        let mut given: BTreeMap<u32, u32> = BTreeMap::new();
        for (id, mut source) in sources {
            let (first, end) = (source.first_ordinal, source.first_ordinal + source.turns);
            let clear = given.range(..end).next_back().is_none_or(|(_, other_end)| *other_end <= first);
            if !clear {
                source.first_ordinal = self.next_ordinal;
                self.next_ordinal = self.next_ordinal.checked_add(source.turns).ok_or(StoreError::OutOfOrdinals)?;
                self.put(&id, &source)?;
                self.renumber_coverage(&id, first, source.first_ordinal, source.turns)?;
            }
            if source.turns > 0 {
                given.insert(source.first_ordinal, source.first_ordinal + source.turns);
            }
        }
        self.forget_old_numbers()
    }

    /// Where two merges gave a source different numbers, a record of reading has both: those that stand are enough.
    fn forget_old_numbers(&mut self) -> Result<(), StoreError> {
        let sources: BTreeMap<String, Source> = self.all()?;
        for (key, mut row) in self.all::<Coverage>()? {
            let Some(source) = sources.get(&row.source) else { continue };
            let own = source.first_ordinal..source.first_ordinal + source.turns;
            let inside: Vec<(u32, u32)> =
                row.turns.iter().copied().filter(|(first, last)| own.contains(first) && own.contains(last)).collect();
            // None left would mean the whole source.
            if !inside.is_empty() && inside != row.turns {
                row.turns = inside;
                self.derive(&key, &row)?;
            }
        }
        Ok(())
    }

    fn renumber_coverage(&mut self, source: &str, old: u32, new: u32, turns: u32) -> Result<(), StoreError> {
        for (key, mut row) in self.all::<Coverage>()? {
            if row.source != source || row.turns.is_empty() {
                continue;
            }
            for (first, last) in &mut row.turns {
                if (old..old + turns).contains(first) && (old..old + turns).contains(last) {
                    (*first, *last) = (*first - old + new, *last - old + new);
                }
            }
            self.put(&key, &row)?;
        }
        Ok(())
    }

    /// Codings and rejections that were made on a text which the other side revised.
    fn lead_codings_over(&mut self) -> Result<(), StoreError> {
        let (codings, anchors): (BTreeMap<String, Coding>, BTreeMap<String, Anchor>) = (self.all()?, self.all()?);
        let rejections: BTreeMap<String, Rejection> = self.all()?;
        for (source_id, source) in self.all::<Source>()? {
            let behind: Vec<(&String, &Coding)> = codings
                .iter()
                .filter(|(id, coding)| {
                    let revision = anchors.get(*id).map_or(&coding.revision, |anchor| &anchor.revision);
                    coding.source == source_id && *revision != source.revision
                })
                .collect();
            let turned_down: Vec<(&String, &Rejection)> = rejections
                .iter()
                .filter(|(_, row)| row.source == source_id && row.revision != source.revision)
                .collect();
            if behind.is_empty() && turned_down.is_empty() {
                continue;
            }
            let Ok(text) = self.text(&source.revision) else { continue };
            let mut placed: Vec<(String, Anchor)> = Vec::new();
            let mut moved: Vec<(String, Option<Rejection>)> = Vec::new();
            {
                let (read, digest) = (|id: &str| self.text(id), |words: &str| self.ours.keyed_digest(words));
                let mut compared = Anchors::new(&read, &digest, &source.revision, &text);
                for (id, coding) in behind {
                    match compared.of(coding, anchors.get(id)) {
                        Ok(anchor) => placed.push((id.clone(), anchor)),
                        Err(StoreError::Erased { .. }) => {}
                        Err(other) => return Err(other),
                    }
                }
                for (id, rejection) in turned_down {
                    match compared.of_rejection(rejection) {
                        Ok(rejection) => moved.push((id.clone(), rejection)),
                        Err(StoreError::Erased { .. }) => {}
                        Err(other) => return Err(other),
                    }
                }
            }
            for (id, anchor) in placed {
                self.derive(&id, &anchor)?;
            }
            for (id, rejection) in moved {
                match rejection {
                    Some(rejection) => self.derive(&id, &rejection)?,
                    None => drop(self.values.remove(&(Rejection::KIND.to_owned(), id))),
                }
            }
        }
        Ok(())
    }
}

/// Sorts of things that stay when the other side has used them.
const KEPT: [&str; 6] = ["source", "participant", "wave", "instrument", "theme", "coding"];

fn definition(code: &Code) -> String {
    if code.brief.is_empty() { code.label.clone() } else { format!("{}: {}", code.label, code.brief) }
}

/// `Dana.txt`, `Dana (2).txt`, `Dana (3).txt`.
fn numbered_name(name: &str, k: u32) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem} ({k}).{extension}"),
        _ => format!("{name} ({k})"),
    }
}
