//! The stage from the outside: bytes in, drafts and problems out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod hostile;
mod tables;
mod transcripts;
mod trials;

use super::*;
use crate::model::{AttributeValue, Role, ScoreValue};

fn import(name: &str, text: &str) -> Import {
    import_with(name, text, &Options::default())
}

fn import_with(name: &str, text: &str, options: &Options) -> Import {
    let import = read(name, text.as_bytes(), options).unwrap();
    for source in &import.sources {
        check(source);
    }
    import
}

fn columns(text: &str) -> Options {
    Options { columns: Some(parse_columns(text).unwrap()), ..Options::default() }
}

/// What always holds of a source.
fn check(source: &SourceDraft) {
    let cut = &source.segmentation;
    let mut end = 0;
    for turn in &cut.turns {
        assert!(turn.span.start >= end && turn.span.start < turn.span.end, "{turn:?}");
        let words = turn.span.of(&source.text).expect("borders of characters");
        assert_eq!(words.trim(), words);
        assert!((turn.speaker as usize) < cut.speakers.len());
        end = turn.span.end;
    }
    assert!(cut.unassigned.iter().all(|span| span.of(&source.text).is_some()));
    assert!(cut.map.windows(2).all(|pair| pair[0].text_start < pair[1].text_start), "{:?}", cut.map);
    assert!(cut.map.iter().all(|entry| source.text.is_char_boundary(entry.text_start as usize)));
    assert!(cut.speakers.iter().all(|label| source.roles.contains_key(label)));
    assert!(source.participants.keys().all(|label| source.roles[label] == Role::Participant));
    for coding in &source.codings {
        assert!(coding.span.of(&source.text).is_some());
    }
}

/// `label: words` of every turn.
fn turns(source: &SourceDraft) -> Vec<String> {
    let cut = &source.segmentation;
    let label = |turn: &crate::model::Turn| &cut.speakers[turn.speaker as usize];
    cut.turns.iter().map(|turn| format!("{}: {}", label(turn), turn.span.of(&source.text).unwrap())).collect()
}

fn said(import: &Import) -> Vec<String> {
    import.problems.iter().map(ToString::to_string).collect()
}
