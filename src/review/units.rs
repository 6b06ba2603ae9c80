//! Cuts what raters have in common into units, and says what each rater did in each.

use super::compare::{Comparison, Given, meets};
use crate::model::{Polarity, Role, Span};
use crate::stats::Ratings;
use crate::text::{self, TokenKind};
use clap::ValueEnum;
use std::collections::{BTreeMap, BTreeSet};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Every character.
    Character,
    /// Every word.
    Word,
    /// Every sentence.
    #[default]
    Sentence,
    /// Every turn.
    Turn,
    /// Every source.
    Source,
    /// Every participant.
    Participant,
    /// The spans that the coders marked.
    Spans,
}

impl Unit {
    /// The word for several.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Character => "characters",
            Self::Word => "words",
            Self::Sentence => "sentences",
            Self::Turn => "turns",
            Self::Source => "sources",
            Self::Participant => "participants",
            Self::Spans => "spans",
        }
    }
}

/// What is looked at in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Whether the code was given, with any polarity.
    #[default]
    Presence,
    /// With which polarities it was given, if at all.
    Polarity,
    /// How often it was given.
    Count,
}

/// Units that everybody treated alike.
pub(super) struct Cell {
    /// Position of the source among the compared ones; a participant has that of the first source.
    pub(super) cluster: usize,
    /// How many such units there are.
    pub(super) times: u64,
    /// Per code, what each rater did.
    pub(super) ratings: Vec<Ratings>,
}

/// A group of turns that belong to one unit, or hold several.
struct Stretch<'a> {
    cluster: usize,
    /// Source, ordinal and span of each turn.
    turns: Vec<(&'a str, u32, Span)>,
}

impl<'a> Comparison<'a> {
    /// Hands over every unit. [`Unit::Spans`] has none: spans are matched, not rated.
    pub(super) fn each_cell(&self, unit: Unit, what: What, visit: &mut dyn FnMut(Cell)) {
        match unit {
            Unit::Spans => {}
            Unit::Source => self.sources_as_units().iter().for_each(|stretch| visit(self.whole(stretch, what))),
            Unit::Participant => self.people().iter().for_each(|stretch| visit(self.whole(stretch, what))),
            _ => {
                for (cluster, source) in self.sources.iter().enumerate() {
                    for (ordinal, span, position) in self.coded_turns(source) {
                        let stretch = Stretch { cluster, turns: vec![(source, ordinal, span)] };
                        self.cells_of_turn(&stretch, position, unit, what, visit);
                    }
                }
            }
        }
    }

    fn sources_as_units(&self) -> Vec<Stretch<'a>> {
        let stretch = |(cluster, source): (usize, &&'a str)| Stretch {
            cluster,
            turns: self.coded_turns(source).into_iter().map(|(ordinal, span, _)| (*source, ordinal, span)).collect(),
        };
        self.sources.iter().enumerate().map(stretch).filter(|stretch| !stretch.turns.is_empty()).collect()
    }

    fn people(&self) -> Vec<Stretch<'a>> {
        let mut people: BTreeMap<&str, Stretch<'a>> = BTreeMap::new();
        for (cluster, source) in self.sources.iter().enumerate() {
            let (Some(record), Some(text)) = (self.study.sources.get(*source), self.texts.get(*source)) else {
                continue;
            };
            for (ordinal, span, position) in self.coded_turns(source) {
                let speaker = text.speaker(position);
                let person = record.participants.get(speaker).filter(|_| record.role(speaker) == Role::Participant);
                if let Some(person) = person {
                    let stretch = people.entry(person).or_insert_with(|| Stretch { cluster, turns: Vec::new() });
                    stretch.turns.push((source, ordinal, span));
                }
            }
        }
        people.into_values().collect()
    }

    /// A unit made of whole turns.
    fn whole(&self, stretch: &Stretch<'_>, what: What) -> Cell {
        let sources: BTreeSet<&str> = stretch.turns.iter().map(|(source, _, _)| *source).collect();
        let given = sources.iter().filter_map(|source| self.given.get(source)).flatten();
        let inside: Vec<&Given<'_>> = given
            .filter(|one| {
                stretch
                    .turns
                    .iter()
                    .any(|(source, _, span)| *source == one.coding.source && one.coding.span.overlap(*span) > 0)
            })
            .collect();
        Cell { cluster: stretch.cluster, times: 1, ratings: self.ratings(stretch, &inside, what) }
    }

    fn cells_of_turn(
        &self,
        stretch: &Stretch<'_>,
        position: usize,
        unit: Unit,
        what: What,
        visit: &mut dyn FnMut(Cell),
    ) {
        let Some((source, _, turn)) = stretch.turns.first() else { return };
        let here: Vec<&Given<'_>> =
            self.given.get(source).into_iter().flatten().filter(|one| one.coding.span.overlap(*turn) > 0).collect();
        let words = self.texts.get(*source).map_or("", |text| text.turn(position));
        let mut untouched = 0;
        for (span, times) in pieces(words, *turn, unit, &here) {
            let inside: Vec<&Given<'_>> = here.iter().copied().filter(|one| meets(span, one.coding.span)).collect();
            if inside.is_empty() {
                untouched += times;
            } else {
                visit(Cell { cluster: stretch.cluster, times, ratings: self.ratings(stretch, &inside, what) });
            }
        }
        if untouched > 0 {
            visit(Cell { cluster: stretch.cluster, times: untouched, ratings: self.ratings(stretch, &[], what) });
        }
    }

    fn ratings(&self, stretch: &Stretch<'_>, inside: &[&Given<'_>], what: What) -> Vec<Ratings> {
        let rating = |code: &String, rater: usize| {
            let covers = |(source, ordinal, _): &(&str, u32, Span)| self.readings.covers(source, rater, code, *ordinal);
            if !stretch.turns.iter().all(covers) {
                return None;
            }
            let own = inside.iter().filter(|one| one.rater == rater && one.coding.code.as_ref() == Some(code));
            Some(match what {
                What::Presence => f64::from(u8::from(own.count() > 0)),
                What::Count => own.count() as f64,
                What::Polarity => f64::from(own.fold(0, |bits, one| bits | polarity_bit(one.coding.polarity))),
            })
        };
        self.codes.iter().map(|code| (0..self.raters.len()).map(|rater| rating(code, rater)).collect()).collect()
    }
}

fn polarity_bit(polarity: Polarity) -> u8 {
    1 << Polarity::ALL.iter().position(|known| *known == polarity).unwrap_or(0)
}

/// The units of a turn, each with how many it stands for: characters between the same borders are one piece.
fn pieces(words: &str, turn: Span, unit: Unit, here: &[&Given<'_>]) -> Vec<(Span, u64)> {
    match unit {
        Unit::Character => {
            let mut borders = BTreeSet::from([turn.start, turn.end]);
            let inside = here.iter().flat_map(|one| [one.coding.span.start, one.coding.span.end]);
            borders.extend(inside.filter(|at| (turn.start..turn.end).contains(at)));
            let borders: Vec<u32> = borders.into_iter().collect();
            let spans = borders.windows(2).filter_map(|pair| Some(Span::new(*pair.first()?, *pair.last()?)));
            let characters = |span: Span| {
                let within = Span::new(span.start - turn.start, span.end - turn.start).of(words);
                within.map_or(0, |text| text.chars().count() as u64)
            };
            spans.map(|span| (span, characters(span))).collect()
        }
        Unit::Word => {
            let mut tokens = Vec::new();
            text::tokenize(words, &mut tokens);
            let words = tokens.iter().filter(|token| token.kind == TokenKind::Word);
            words.map(|token| (token.span.shifted(turn.start), 1)).collect()
        }
        Unit::Sentence => {
            let (mut tokens, mut sentences) = (Vec::new(), Vec::new());
            text::tokenize(words, &mut tokens);
            text::sentences(words, &tokens, &mut sentences);
            let sentence = |range| text::sentence_span(words, &tokens, range).shifted(turn.start);
            sentences.iter().map(|range| (sentence(range), 1)).collect()
        }
        _ => vec![(turn, 1)],
    }
}
