//! One turn of a source as the query language sees it.

use crate::model::{Role, Source, Span};
use crate::query::Query;
use crate::query::reference::{TurnText, holds};
use crate::store::{SourceText, Study};
use crate::text::{self, Token};
use std::ops::Range;

/// A turn with its tokens and sentences.
struct Prepared {
    tokens: Vec<Token>,
    sentences: Vec<Range<u32>>,
}

impl Prepared {
    fn new(words: &str) -> Self {
        let (mut tokens, mut sentences) = (Vec::new(), Vec::new());
        text::tokenize(words, &mut tokens);
        text::sentences(words, &tokens, &mut sentences);
        Self { tokens, sentences }
    }

    fn turn<'a>(&'a self, source: &'a Source, text: &'a SourceText, turn: usize) -> TurnText<'a> {
        let record = text.segmentation.turns.get(turn);
        let speaker = text.speaker(turn);
        TurnText {
            text: text.turn(turn),
            tokens: &self.tokens,
            sentences: &self.sentences,
            language: record.and_then(|turn| turn.language.as_deref()).unwrap_or(&source.language),
            speaker,
            role: source.roles.get(speaker).copied().unwrap_or(Role::Other),
            question: record.and_then(|turn| turn.question.as_deref()),
        }
    }
}

/// Whether a query of words, speaker, role, question and language holds for a turn.
pub fn turn_matches(query: &Query, source: &Source, text: &SourceText, turn: usize) -> bool {
    let prepared = Prepared::new(text.turn(turn));
    holds(query, &prepared.turn(source, text, turn))
}

/// The sentences that coded speakers of a source say: bytes of its text.
pub fn sentence_spans(study: &Study, source: &Source, text: &SourceText) -> Vec<Span> {
    let mut spans = Vec::new();
    for (k, turn) in text.segmentation.turns.iter().enumerate() {
        if !study.is_coded(source, text.speaker(k)) {
            continue;
        }
        let words = text.turn(k);
        let prepared = Prepared::new(words);
        let sentence = |range: &Range<u32>| text::sentence_span(words, &prepared.tokens, range);
        spans.extend(prepared.sentences.iter().map(|range| sentence(range).shifted(turn.span.start)));
    }
    spans
}
