//! How much each person said: the denominators of rates and shares.

use crate::model::Source;
use crate::store::{SourceText, Study};
use crate::text;
use std::collections::BTreeMap;

/// Words and turns of the coded roles, of one person in one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Speech {
    /// Words spoken: `don't` is one, remarks and editorial insertions are none.
    pub words: u64,
    /// Turns, those of remarks alone included.
    pub turns: u64,
    /// First bytes of the words, in text order.
    pub word_starts: Vec<u32>,
}

/// Speech by source id, then participant id (the empty id collects coded speakers who are no participant).
#[derive(Debug, Clone, Default)]
pub struct SpeechTable {
    by_source: BTreeMap<String, BTreeMap<String, Speech>>,
}

impl SpeechTable {
    /// Counts the words of a source's coded roles.
    pub fn add(&mut self, study: &Study, id: &str, source: &Source, text: &SourceText) {
        let people = self.by_source.entry(id.to_owned()).or_default();
        for (k, turn) in text.segmentation.turns.iter().enumerate() {
            let speaker = text.speaker(k);
            if !study.is_coded(source, speaker) {
                continue;
            }
            let starts = text::word_starts(text.turn(k)).into_iter().map(|start| turn.span.start + start);
            let speech = people.entry(source.participants.get(speaker).cloned().unwrap_or_default()).or_default();
            speech.word_starts.extend(starts);
            speech.words = speech.word_starts.len() as u64;
            speech.turns += 1;
        }
    }

    /// What a participant says in a source; everybody coded, where no participant is named.
    pub fn of(&self, source: &str, participant: Option<&str>) -> Vec<&Speech> {
        let Some(people) = self.by_source.get(source) else { return Vec::new() };
        match participant {
            Some(id) => people.get(id).into_iter().collect(),
            None => people.values().collect(),
        }
    }
}
