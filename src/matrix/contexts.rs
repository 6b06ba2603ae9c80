//! The places in which two codes can meet: sentences, turns, sources, people.

use super::build::MatrixInputs;
use super::row::in_denominator;
use super::spec::MatrixSpec;
use super::standing::{says_so, sources_of, statements_of, told};
use crate::model::Span;
use crate::store::SourceText;
use crate::text;
use clap::ValueEnum;
use std::collections::BTreeMap;

/// Where two codes must both occur to occur together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    /// In one sentence.
    Sentence,
    /// In one turn.
    Turn,
    /// In one source.
    Source,
    /// In what one participant says, counted as in every other table.
    #[default]
    Participant,
}

impl Within {
    /// Plural for tables.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Sentence => "sentences",
            Self::Turn => "turns",
            Self::Source => "sources",
            Self::Participant => "participants",
        }
    }
}

/// All places of a kind, in order of source and text.
pub(super) struct Contexts {
    /// Index of the source each place is in; all 0 for participants.
    pub block: Vec<usize>,
    /// Bytes, position of the turn and index, by source; nothing for participants and whole sources.
    places: BTreeMap<String, Vec<(Span, u32, usize)>>,
    /// Participants or sources, by id, to their index.
    by_id: BTreeMap<String, usize>,
}

/// What is known of one row at every place: nothing where nobody has read it.
pub(super) type Occurrence = Vec<Option<bool>>;

impl Contexts {
    pub fn new(
        inputs: &MatrixInputs<'_>,
        spec: &MatrixSpec,
        texts: &BTreeMap<String, SourceText>,
        within: Within,
    ) -> Self {
        let mut contexts = Self { block: Vec::new(), places: BTreeMap::new(), by_id: BTreeMap::new() };
        let kept = |person: &str| inputs.filter.is_none_or(|filter| filter.contains(person));
        if within == Within::Participant {
            for (unit, _) in sources_of(inputs.study, spec).into_iter().filter(|(unit, _)| kept(unit)) {
                contexts.by_id.insert(unit.to_owned(), contexts.block.len());
                contexts.block.push(0);
            }
            return contexts;
        }
        let sources = inputs.study.sources.iter().filter(|(_, source)| spec.wave.is_none() || source.wave == spec.wave);
        for (block, (id, source)) in sources.enumerate() {
            let Some(text) = texts.get(id) else { continue };
            let turns = (0..text.segmentation.turns.len()).filter(|&turn| {
                let speaker = text.speaker(turn);
                let person = source.participants.get(speaker);
                inputs.study.is_coded(source, speaker)
                    && !inputs.study.is_withdrawn(source, speaker)
                    && person.map_or(inputs.filter.is_none(), |person| kept(person))
            });
            let turns: Vec<usize> = turns.collect();
            if within == Within::Source {
                if !turns.is_empty() {
                    contexts.by_id.insert(id.clone(), contexts.block.len());
                    contexts.block.push(0);
                }
                continue;
            }
            for turn in turns {
                for span in spans(text, turn, within) {
                    contexts.places.entry(id.clone()).or_default().push((span, turn as u32, contexts.block.len()));
                    contexts.block.push(block);
                }
            }
        }
        contexts
    }

    /// Where a row occurs. A place counts as read where it was read for all codes of the row.
    pub fn occurrence(
        &self,
        inputs: &MatrixInputs<'_>,
        spec: &MatrixSpec,
        codes: &[String],
        within: Within,
    ) -> Occurrence {
        let mut found: Occurrence = vec![None; self.block.len()];
        if within == Within::Participant {
            let said = statements_of(inputs.study, spec, inputs.statements);
            let none = Vec::new();
            for (unit, sources) in sources_of(inputs.study, spec) {
                let Some(&at) = self.by_id.get(unit) else { continue };
                let told =
                    told(inputs.study, spec, inputs.statements, codes, unit, &sources, said.get(unit).unwrap_or(&none));
                if in_denominator(spec, told.standing) {
                    found[at] = Some(told.counted);
                }
            }
            return found;
        }
        let read = |covers: &dyn Fn(&String) -> bool| spec.with_suggestions || codes.iter().all(covers);
        for (source, at) in &self.by_id {
            if read(&|code| inputs.statements.covers(source, code, &|_| true)) {
                found[*at] = Some(false);
            }
        }
        for (source, places) in &self.places {
            for (_, turn, at) in places {
                if read(&|code| inputs.statements.covers_turn(source, code, *turn)) {
                    found[*at] = Some(false);
                }
            }
        }
        for statement in inputs.statements.list.iter().filter(|s| codes.contains(&s.code) && says_so(spec, s)) {
            for at in self.places_of(&statement.source, statement.span) {
                found[at] = found[at].map(|_| true);
            }
        }
        found
    }

    /// The places that a passage touches.
    pub fn places_of(&self, source: &str, span: Span) -> Vec<usize> {
        if let Some(at) = self.by_id.get(source) {
            return vec![*at];
        }
        let places = self.places.get(source).map(Vec::as_slice).unwrap_or_default();
        let met = places.iter().filter(|(place, ..)| place.start < span.end && span.start < place.end);
        met.map(|(.., at)| *at).collect()
    }

    /// The place of a participant.
    pub fn of_unit(&self, unit: &str) -> Option<usize> {
        self.by_id.get(unit).copied()
    }
}

fn spans(text: &SourceText, turn: usize, within: Within) -> Vec<Span> {
    let Some(whole) = text.segmentation.turns.get(turn).map(|turn| turn.span) else { return Vec::new() };
    if within == Within::Turn {
        return vec![whole];
    }
    let (words, mut tokens, mut found) = (text.turn(turn), Vec::new(), Vec::new());
    text::tokenize(words, &mut tokens);
    text::sentences(words, &tokens, &mut found);
    let spans = found.iter().map(|sentence| text::sentence_span(words, &tokens, sentence));
    spans.map(|span| Span { start: whole.start + span.start, end: whole.start + span.end }).collect()
}
