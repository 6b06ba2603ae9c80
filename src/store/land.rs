//! Drafts become records: one operation per source, all of an import under one batch.

use super::{Store, StoreError, Study};
use crate::import::{SourceDraft, TableDraft};
use crate::model::{
    Code, Codebook, CodebookVersion, Coding, Coverage, Experiencer, FIRST_ROUND, Instrument, Origin, Participant,
    Polarity, Qualifiers, Source, Visible, Wave, WavePhase,
};
use std::collections::{BTreeMap, BTreeSet};

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landed {
    /// Stored under this id.
    Added(String),
    /// The same text under the same name is in the study; nothing was written.
    AlreadyThere(String),
    /// Another text has this name; nothing was written.
    NameTaken(String),
}

/// How an import is written down.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Shared by all its operations, so that one `undo` takes them back together.
    pub id: &'a str,
    /// Words of the command.
    pub command: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
}

/// Between a code and its child in a label that names both (`fear->of the dark`).
const CHILD: &str = "->";

/// Code id of a label: small letters and digits, everything else one `_`. Signs alone (`%`, `+`) are named by their
/// numbers: each is a code of its own.
pub fn code_id(label: &str) -> String {
    let mut id = String::new();
    for c in label.replace(CHILD, "_").trim().chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '-' {
            id.push(c);
        } else if !id.ends_with('_') {
            id.push('_');
        }
    }
    let id = id.trim_matches('_');
    if id.is_empty() {
        let number = |c: char| format!("u{:x}", u32::from(c));
        return label.trim().chars().map(number).collect::<Vec<_>>().join("_");
    }
    id.to_owned()
}

/// The file that sources come from, kept once for all of them.
#[derive(Debug)]
pub struct Original<'a> {
    bytes: &'a [u8],
    /// Blob id, once a source was stored with it: a table of a thousand sources is not read a thousand times.
    stored: Option<String>,
}

impl<'a> Original<'a> {
    /// A file that is not stored yet.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, stored: None }
    }
}

/// Stores a source with its participants and the codings it brought. `codes_read` names, per coder, every code that
/// the file's columns can hold: an imported coding is a record that its coder has read the source for them.
pub fn land_source(
    store: &mut Store,
    study: &mut Study,
    draft: &SourceDraft,
    mut original: Option<&mut Original<'_>>,
    codes_read: &BTreeMap<String, BTreeSet<String>>,
    batch: Batch<'_>,
) -> Result<Landed, StoreError> {
    let revision = store.blob_id(draft.text.as_bytes());
    if let Some((id, source)) = study.sources.iter().find(|(_, source)| source.name == draft.name) {
        let same = source.revision == revision;
        return Ok(if same { Landed::AlreadyThere(id.clone()) } else { Landed::NameTaken(id.clone()) });
    }
    let id = format!(
        "s-{}",
        store.keyed_digest(&format!("{}\n{revision}", draft.name)).chars().take(12).collect::<String>()
    );
    let codebook_version = study.codebook.number;
    let mut codings: Vec<(String, Coding)> = Vec::new();
    for (k, coding) in draft.codings.iter().enumerate() {
        let digest = store.keyed_digest(coding.span.of(&draft.text).unwrap_or_default());
        let key = store.keyed_digest(&format!("{id}\n{k}\n{}\n{}", coding.code, coding.coder));
        let record = Coding {
            code: Some(code_id(&coding.code)),
            source: id.clone(),
            revision: revision.clone(),
            span: coding.span,
            digest,
            coder: coding.coder.clone(),
            polarity: Polarity::Present,
            qualifiers: Qualifiers { experiencer: Experiencer::Speaker, ..Qualifiers::default() },
            origin: Origin::Imported,
            confidence: None,
            codebook_version,
            indicator: None,
            trigger: None,
            rule_set: None,
            note: String::new(),
            visible: Visible::default(),
            round: FIRST_ROUND,
        };
        codings.push((format!("c-{}", key.chars().take(12).collect::<String>()), record));
    }
    let mut change = store.change(batch.command, batch.reason).batch(batch.id);
    change.blob(draft.text.as_bytes())?;
    let segmentation = change.segmentation(&draft.segmentation)?;
    let kept = match original.as_deref() {
        Some(Original { stored: Some(id), .. }) => Some(change.brought(id)?),
        Some(Original { bytes, .. }) => Some(change.blob(bytes)?),
        None => None,
    };
    let turns = draft.segmentation.turns.len() as u32;
    let source = Source {
        name: draft.name.clone(),
        format: draft.format,
        revision,
        segmentation,
        first_ordinal: change.ordinals(turns)?,
        turns,
        original: kept.clone(),
        language: draft.language.clone(),
        wave: draft.wave.clone(),
        roles: draft.roles.clone(),
        participants: draft.participants.clone(),
        attributes: draft.attributes.clone(),
        not_asked: Vec::new(),
        focus_group: draft.focus_group,
    };
    change.put(&id, &source)?;
    for person in draft.participants.values() {
        if !study.participants.contains_key(person) && !study.withdrawn.contains(person) {
            change.put(person, &Participant::default())?;
            study.participants.insert(person.clone(), Participant::default());
        }
    }
    for wave in draft.wave.iter() {
        declare(&mut change, study, wave)?;
    }
    for (key, coding) in &codings {
        change.put(key, coding)?;
    }
    for (coder, codes) in codes_read {
        let row = Coverage {
            coder: coder.clone(),
            source: id.clone(),
            codes: codes.iter().map(|label| code_id(label)).collect::<BTreeSet<_>>().into_iter().collect(),
            turns: Vec::new(),
            round: FIRST_ROUND,
        };
        change.put(&format!("{coder}/{id}"), &row)?;
    }
    change.commit()?;
    if let Some(original) = &mut original {
        original.stored = kept;
    }
    study.sources.insert(id.clone(), source);
    Ok(Landed::Added(id))
}

/// A wave that nobody declared is taken as `during`, after the known ones: no statement is set aside because of a guess.
fn declare(change: &mut super::Change<'_>, study: &mut Study, wave: &str) -> Result<(), StoreError> {
    if !study.waves.contains_key(wave) {
        let order = study.waves.values().map(|wave| wave.order + 1).max().unwrap_or(0);
        let record = Wave { label: wave.to_owned(), order, phase: WavePhase::During };
        change.put(wave, &record)?;
        study.waves.insert(wave.to_owned(), record);
    }
    Ok(())
}

/// Codes that imported codings use and the codebook does not have yet become drafts in a new version.
pub fn land_codes(
    store: &mut Store,
    study: &mut Study,
    labels: &BTreeSet<String>,
    batch: Batch<'_>,
) -> Result<Vec<String>, StoreError> {
    let known = &study.codebook.codebook.codes;
    let new: BTreeMap<String, &String> =
        labels.iter().map(|label| (code_id(label), label)).filter(|(id, _)| !known.contains_key(id)).collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let mut codebook = study.codebook.codebook.clone();
    for (id, label) in &new {
        let (parent, own) = label.rsplit_once(CHILD).unwrap_or(("", label));
        let parent = Some(code_id(parent)).filter(|parent| new.contains_key(parent) || known.contains_key(parent));
        let label = if parent.is_some() { own.trim() } else { label };
        codebook.codes.insert(id.clone(), Code { label: label.to_owned(), parent, ..Code::default() });
    }
    let ids = new.into_keys().collect();
    land_codebook(store, study, codebook, batch)?;
    Ok(ids)
}

/// Puts the codes that codings use and a codebook lacks into it, as the study has them and with their parents, and gives
/// their ids: a coding never loses its code because a file does not name it.
pub fn keep_codes_in_use(study: &Study, codebook: &mut Codebook) -> BTreeSet<String> {
    let mut wanted: Vec<&String> = study.codings.values().filter_map(|coding| coding.code.as_ref()).collect();
    let mut kept = BTreeSet::new();
    while let Some(id) = wanted.pop() {
        let known = study.codebook.codebook.codes.get(id).filter(|_| !codebook.codes.contains_key(id));
        if let Some(code) = known {
            codebook.codes.insert(id.clone(), code.clone());
            kept.insert(id.clone());
            wanted.extend(&code.parent);
        }
    }
    kept
}

/// Makes a codebook the study's next version.
pub fn land_codebook(
    store: &mut Store,
    study: &mut Study,
    codebook: Codebook,
    batch: Batch<'_>,
) -> Result<u32, StoreError> {
    let version = CodebookVersion { number: study.codebook.number + 1, codebook, frozen: None };
    let mut change = store.change(batch.command, batch.reason).batch(batch.id);
    change.put(&format!("{:06}", version.number), &version)?;
    change.commit()?;
    study.codebook = version;
    Ok(study.codebook.number)
}

/// What a table brought that the study did not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LandedTable {
    /// Participants, new or with new attributes.
    pub participants: BTreeSet<String>,
    /// Scores.
    pub scores: usize,
    /// Sets of answers.
    pub responses: usize,
    /// Withdrawn participants whose rows were left out.
    pub withdrawn: BTreeSet<String>,
}

/// Stores participants, scores and responses of a table, as one operation.
pub fn land_table(
    store: &mut Store,
    study: &mut Study,
    table: &TableDraft,
    batch: Batch<'_>,
) -> Result<LandedTable, StoreError> {
    let mut landed = LandedTable::default();
    let mut change = store.change(batch.command, batch.reason).batch(batch.id);
    for (id, row) in &table.participants {
        if study.withdrawn.contains(id) {
            landed.withdrawn.insert(id.clone());
            continue;
        }
        let mut person = study.participants.get(id).cloned().unwrap_or_default();
        person.attributes.extend(row.attributes.clone());
        if study.participants.get(id) != Some(&person) {
            change.put(id, &person)?;
            study.participants.insert(id.clone(), person);
            landed.participants.insert(id.clone());
        }
    }
    for score in table.scores.iter().filter(|score| !landed.withdrawn.contains(&score.participant)) {
        let wave = score.wave.as_deref();
        let key = format!("{}/{}/{}", score.name, score.participant, wave.unwrap_or("-"));
        if study.scores.get(&key) != Some(score) {
            change.put(&key, score)?;
            study.scores.insert(key, score.clone());
            landed.scores += 1;
        }
        if let Some(wave) = wave {
            declare(&mut change, study, wave)?;
        }
    }
    for row in table.responses.iter().filter(|row| !landed.withdrawn.contains(&row.participant)) {
        let key = format!("{}/{}/{}", row.instrument, row.participant, row.wave);
        if study.responses.get(&key) != Some(row) {
            change.put(&key, row)?;
            study.responses.insert(key, row.clone());
            landed.responses += 1;
        }
        declare(&mut change, study, &row.wave)?;
    }
    change.commit()?;
    Ok(landed)
}

/// Stores instruments, as one operation.
pub fn land_instruments(
    store: &mut Store,
    study: &mut Study,
    instruments: &BTreeMap<String, Instrument>,
    batch: Batch<'_>,
) -> Result<(), StoreError> {
    let mut change = store.change(batch.command, batch.reason).batch(batch.id);
    for (id, instrument) in instruments {
        change.put(id, instrument)?;
        study.instruments.insert(id.clone(), instrument.clone());
    }
    change.commit()?;
    Ok(())
}
