//! Whole studies in temporary folders: what holds over every history.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod erasing;
mod merging;
mod tampering;
mod undoing;
mod working;

use super::*;
use crate::model::{
    Coding, Experiencer, FIRST_ROUND, Origin, Participant, Polarity, Qualifiers, Role, Segmentation, Source,
    SourceFormat, Span, Time, Turn, Visible,
};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

fn environment(actor: &str) -> Environment {
    Environment {
        actor: actor.into(),
        now: "2026-03-01T10:00:00.000Z".into(),
        seed: [7; 32],
        process: format!("test of {actor}"),
    }
}

fn new_study() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), environment("ada")).unwrap();
    (dir, store)
}

/// Blob id of every record's value.
type State = BTreeMap<(String, String), String>;

fn state(store: &Store) -> State {
    let mut statement = store.connection.prepare("SELECT kind, id, value FROM record").unwrap();
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn assert_clean(store: &Store) {
    let report = store.verify().unwrap();
    assert!(report.is_clean(), "{report}");
}

/// Puts one record, as one operation.
fn put<T: crate::model::Record>(store: &mut Store, id: &str, record: &T) -> String {
    let mut change = store.change("put", None);
    change.put(id, record).unwrap();
    change.commit().unwrap().unwrap()
}

/// Lands an interview whose turns are `(speaker, words)`; `people` says which speaker is which participant. Gives the
/// source's id.
fn interview(store: &mut Store, name: &str, turns: &[(&str, &str)], people: &[(&str, &str)]) -> String {
    let (mut text, mut segmentation) = (String::new(), Segmentation::default());
    for (speaker, words) in turns {
        text.push_str(&format!("{speaker}: "));
        let start = text.len() as u32;
        text.push_str(words);
        let span = Span::new(start, text.len() as u32);
        text.push('\n');
        let known = segmentation.speakers.iter().position(|label| label == speaker);
        let index = known.unwrap_or_else(|| {
            segmentation.speakers.push((*speaker).to_owned());
            segmentation.speakers.len() - 1
        });
        segmentation.turns.push(Turn { span, speaker: index as u32, time_ms: None, question: None, language: None });
    }
    let id = format!("s-{name}");
    let mut change = store.change("import", None).batch("import-1");
    let source = Source {
        name: name.into(),
        format: SourceFormat::Text,
        revision: change.blob(text.as_bytes()).unwrap(),
        segmentation: change.segmentation(&segmentation).unwrap(),
        first_ordinal: change.ordinals(turns.len() as u32).unwrap(),
        turns: turns.len() as u32,
        original: Some(change.blob(format!("\u{feff}{text}").as_bytes()).unwrap()),
        language: "en".into(),
        wave: None,
        roles: segmentation.speakers.iter().map(|label| (label.clone(), Role::Participant)).collect(),
        participants: people.iter().map(|(label, id)| ((*label).to_owned(), (*id).to_owned())).collect(),
        attributes: BTreeMap::new(),
        not_asked: Vec::new(),
        focus_group: people.len() > 1,
    };
    change.put(&id, &source).unwrap();
    for (_, person) in people {
        if change.store().get::<Participant>(person).unwrap().is_none() {
            change.put(person, &Participant::default()).unwrap();
        }
    }
    change.commit().unwrap().unwrap();
    id
}

/// A coding of the first place where a source has these words.
fn coding(store: &Store, source_id: &str, words: &str, note: &str) -> Coding {
    let source: Source = store.get(source_id).unwrap().unwrap();
    let text = store.text(&source.revision).unwrap();
    let start = text.find(words).unwrap() as u32;
    Coding {
        code: None,
        source: source_id.into(),
        revision: source.revision,
        span: Span::new(start, start + words.len() as u32),
        digest: store.keyed_digest(words),
        coder: "ada".into(),
        polarity: Polarity::Present,
        qualifiers: Qualifiers { time: Time::Unknown, target: None, experiencer: Experiencer::Speaker },
        origin: Origin::ByHand,
        confidence: None,
        codebook_version: 0,
        indicator: None,
        trigger: None,
        rule_set: None,
        note: note.into(),
        visible: Visible::default(),
        round: FIRST_ROUND,
    }
}

/// Every file below a folder.
fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
