//! From a search to codings: what a code would mark where words were found.

use super::{DecideError, Decider, Judgement};
use crate::index::{Turn, span_of};
use crate::model::{Coding, MeaningUnit, Origin, Polarity, Qualifiers, Span};
use crate::query::reference::Interval;
use crate::text::{sentence_span, sentences, tokenize};
use std::collections::BTreeMap;

/// Found words in their meaning unit, in bytes of the turn's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tagged {
    /// What the coding marks.
    pub unit: Span,
    /// The words found; the whole unit where none were asked for.
    pub indicator: Span,
}

/// The meaning units of a turn that hold hits, each once with its first hit; the whole turn where there is no hit. Clauses
/// are not told apart here: a code that marks clauses gets the sentence.
pub fn units(text: &str, hits: &[Interval], unit: MeaningUnit) -> Vec<Tagged> {
    let whole = Span::new(0, text.len() as u32);
    let (mut tokens, mut ranges) = (Vec::new(), Vec::new());
    tokenize(text, &mut tokens);
    sentences(text, &tokens, &mut ranges);
    if hits.is_empty() {
        return if text.trim().is_empty() { Vec::new() } else { vec![Tagged { unit: whole, indicator: whole }] };
    }
    let mut found: Vec<Tagged> = Vec::new();
    for hit in hits {
        let Some(indicator) = span_of(&tokens, *hit) else { continue };
        let inside = ranges.iter().filter(|range| range.start <= hit.last && hit.first < range.end);
        let unit = match unit {
            MeaningUnit::Turn => whole,
            MeaningUnit::Clause | MeaningUnit::Sentence => {
                let spans = inside.map(|range| sentence_span(text, &tokens, range));
                spans.reduce(Span::cover).unwrap_or(indicator).cover(indicator)
            }
        };
        match found.last_mut().filter(|last| unit.start < last.unit.end) {
            Some(last) => last.unit = last.unit.cover(unit),
            None => found.push(Tagged { unit, indicator }),
        }
    }
    found
}

/// What tagging would do.
#[derive(Debug, Clone, Default)]
pub struct Tags {
    /// Codings to be made, with their ids.
    pub codings: Vec<(String, Coding)>,
    /// Units that this coder has coded so already.
    pub known: usize,
    /// Units that this coder has given the code with another polarity; they are left as they are.
    pub otherwise: usize,
}

impl Tags {
    /// Adds the units of a turn. `note` says what found them, `digest` is the store's keyed digest of a quotation.
    ///
    /// # Errors
    /// There is no such code.
    pub fn add(
        &mut self,
        decider: &Decider<'_>,
        turn: &Turn<'_>,
        hits: &[Interval],
        tag: &Tag<'_>,
        digest: impl Fn(&str) -> String,
    ) -> Result<(), DecideError> {
        let code = decider.study.codebook.codebook.codes.get(tag.code);
        let unit = code.map(|code| code.unit).unwrap_or_default();
        for Tagged { unit, indicator } in units(&turn.text, hits, unit) {
            let place = unit.shifted(turn.start);
            let earlier = tag.earlier.get(turn.source_id).into_iter().flatten();
            let same: Vec<_> =
                earlier.filter(|(span, _)| 2 * span.overlap(place) >= span.len().min(place.len())).collect();
            if same.iter().any(|(_, polarity)| *polarity == tag.polarity) {
                self.known += 1;
                continue;
            }
            if !same.is_empty() {
                self.otherwise += 1;
                continue;
            }
            let judgement = Judgement {
                code: Some(tag.code),
                polarity: tag.polarity,
                qualifiers: Qualifiers::default(),
                origin: Origin::AcceptedInBulk,
                confidence: None,
                note: tag.note,
            };
            // The coding is made of the turn's own text, so that no whole source has to be read, and then put in its place.
            let (_, mut coding) = decider.coding(turn.source_id, &turn.text, unit, &judgement, &digest)?;
            coding.span = place;
            coding.indicator = Some(indicator.shifted(turn.start));
            let id = decider.coding_id(&coding);
            self.codings.push((id, coding));
        }
        Ok(())
    }
}

/// The code that is given.
#[derive(Debug, Clone)]
pub struct Tag<'a> {
    /// Code id.
    pub code: &'a str,
    /// Its polarity, the same everywhere.
    pub polarity: Polarity,
    /// Kept with each coding.
    pub note: &'a str,
    /// Where this coder has used the code, by source.
    pub earlier: BTreeMap<&'a str, Vec<(Span, Polarity)>>,
}

impl<'a> Tag<'a> {
    /// Ready to be given by a coder.
    pub fn new(decider: &Decider<'a>, code: &'a str, polarity: Polarity, note: &'a str) -> Self {
        let mut earlier: BTreeMap<&str, Vec<(Span, Polarity)>> = BTreeMap::new();
        let own = |coding: &&Coding| coding.coder == decider.coder && coding.code.as_deref() == Some(code);
        for coding in decider.study.codings.values().filter(own) {
            earlier.entry(&coding.source).or_default().push((coding.span, coding.polarity));
        }
        Self { code, polarity, note, earlier }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_the_sentences_of_the_hits_and_whole_turns_without() {
        let text = "I trust her. She came. I trust him and I trust you.";
        let hit = |at| Interval { first: at, last: at };
        let said = |hits: &[Interval], unit| -> Vec<(&str, &str)> {
            let of = |span: Span| span.of(text).unwrap_or_default();
            units(text, hits, unit).into_iter().map(|tagged| (of(tagged.unit), of(tagged.indicator))).collect()
        };
        assert_eq!(
            said(&[hit(1), hit(6), hit(10)], MeaningUnit::Sentence),
            [("I trust her.", "trust"), ("I trust him and I trust you.", "trust")]
        );
        assert_eq!(said(&[hit(1), hit(6)], MeaningUnit::Turn), [(text, "trust")]);
        assert_eq!(said(&[], MeaningUnit::Sentence), [(text, text)]);
        let across = Interval { first: 2, last: 3 };
        assert_eq!(said(&[across], MeaningUnit::Sentence), [("I trust her. She came.", "her. She")]);
        assert!(units("  ", &[], MeaningUnit::Turn).is_empty());
    }
}
