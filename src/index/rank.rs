//! How well turns fit a query: BM25 (Robertson and Zaragoza, 2009; k1 = 1.2, b = 0.75) over the turns of the study.
//!
//! What is weighed are the words, phrases, regular expressions and NEAR or THEN pairs of a query outside NOT: each by
//! how often it stands in the turn, how rare its words are, and how long the turn is. A word counts with all its forms
//! together. Lengths are those that tantivy keeps, which are exact up to 40 tokens and near beyond.

use super::IndexError;
use super::cursor::{Cursor, Way};
use super::evaluate::Found;
use super::plan::Plan;
use super::reader::Reader;
use super::segment::Segment;
use crate::query::operators::{Node, intervals};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use tantivy::TERMINATED;
use tantivy::fieldnorm::FieldNormReader;

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// A turn and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Its ordinal.
    pub turn: u32,
    /// Its score: only comparable within one query.
    pub score: f64,
}

/// Length of a turn of so many tokens as ranking counts it.
pub(super) fn norm(tokens: usize) -> u8 {
    FieldNormReader::fieldnorm_to_id(u32::try_from(tokens).unwrap_or(u32::MAX))
}

/// How many tokens such a length stands for.
pub(super) fn tokens(norm: u8) -> u64 {
    u64::from(FieldNormReader::id_to_fieldnorm(norm))
}

/// Turns of a study, and their tokens as ranking counts them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sizes {
    pub turns: u64,
    pub tokens: u64,
}

/// The best turns of a plan.
pub(super) fn ranked(reader: &Reader<'_>, plan: &Plan, most: usize) -> Result<Vec<Ranked>, IndexError> {
    let weights = Weights::new(reader, plan)?;
    let mut best = Best::new(most);
    if let Some(words) = bag(&plan.node, plan) {
        for segment in reader.segments() {
            weights.rank_bag(reader, plan, segment, &words, &mut best)?;
        }
        reader.each_missing(&mut |source, text| {
            plan.each_in_text(source, text, &mut |found| {
                best.offer(found.turn, weights.score(&found));
                Ok(())
            })
        })?;
    } else {
        reader.each_found(plan, &mut |found| {
            best.offer(found.turn, weights.score(&found));
            Ok(())
        })?;
    }
    Ok(best.in_order())
}

/// What a query's parts weigh.
struct Weights<'p> {
    /// Parts that have places, with how rare they are.
    parts: Vec<(&'p Node, f64)>,
    /// What the length of a turn adds to its counts, by length.
    lengths: Vec<f64>,
}

impl<'p> Weights<'p> {
    fn new(reader: &Reader<'_>, plan: &'p Plan) -> Result<Self, IndexError> {
        let sizes = reader.sizes()?;
        let turns = sizes.turns.max(1) as f64;
        let average = (sizes.tokens as f64 / turns).max(1.0);
        let mut frequencies = vec![0_u64; plan.words.len()];
        for (word, forms) in frequencies.iter_mut().zip(&plan.lists) {
            for segment in reader.segments() {
                for form in forms {
                    *word += segment.turns_with(form).map_err(|error| reader.failed(error))?;
                }
            }
        }
        reader.each_missing(&mut |source, text| {
            plan.count_forms(source, text, &mut frequencies);
            Ok(())
        })?;
        let rarity = |frequency: f64| (1.0 + (turns - frequency + 0.5) / (frequency + 0.5)).ln();
        let of_word = |word: &u32| {
            let frequency = frequencies.get(*word as usize).copied().unwrap_or(0);
            rarity((frequency as f64).min(turns))
        };
        let mut parts = Vec::new();
        collect_parts(&plan.node, &mut parts);
        let parts = parts.into_iter().map(|part| {
            let mut words = Vec::new();
            collect_words(part, &mut words);
            // An expression without words weighs as a word that every second turn holds.
            let weight = if words.is_empty() { rarity(turns / 2.0) } else { words.iter().map(of_word).sum() };
            (part, weight)
        });
        let length = |norm| K1 * (1.0 - B + B * tokens(norm) as f64 / average);
        Ok(Self { parts: parts.collect(), lengths: (0..=u8::MAX).map(length).collect() })
    }

    /// What so many places of a part add to the score of a turn.
    fn share(&self, weight: f64, count: usize, norm: u8) -> f64 {
        let (count, length) = (count as f64, self.lengths.get(usize::from(norm)).copied().unwrap_or(K1));
        weight * count * (K1 + 1.0) / (count + length)
    }

    fn score(&self, found: &Found<'_>) -> f64 {
        if let [(_, weight)] = self.parts.as_slice() {
            return self.share(*weight, found.intervals.len(), found.norm);
        }
        let count = |part: &Node| intervals(part, found.view).map_or(0, |intervals| intervals.len());
        self.parts.iter().map(|(part, weight)| self.share(*weight, count(part), found.norm)).sum()
    }

    /// Ranks the turns of a segment by single words: what is needed is what holds, and counts do for places.
    fn rank_bag(
        &self,
        reader: &Reader<'_>,
        plan: &Plan,
        segment: &Segment,
        words: &[usize],
        best: &mut Best,
    ) -> Result<(), IndexError> {
        let open = |forms: &Vec<_>| Cursor::open(segment, forms, false).map_err(|error| reader.failed(error));
        let mut cursors: Vec<Cursor> = plan.lists.iter().map(open).collect::<Result<_, _>>()?;
        let mut way = Way::to(&plan.need, segment, &plan.conditions);
        let mut doc = way.seek(&mut cursors, 0);
        while doc != TERMINATED {
            if let Some((turn, _)) = reader.shown(segment, doc) {
                let norm = segment.norm(doc);
                let mut score = 0.0;
                for (word, (_, weight)) in words.iter().zip(&self.parts) {
                    if let Some(cursor) = cursors.get_mut(*word)
                        && cursor.seek(doc) == doc
                    {
                        score += self.share(*weight, cursor.count(doc) as usize, norm);
                    }
                }
                best.offer(turn, score);
            }
            doc = way.seek(&mut cursors, doc + 1);
        }
        Ok(())
    }
}

/// The words of a query of nothing but ANDs and ORs of single words, in order, each once; nothing for any other.
fn bag(node: &Node, plan: &Plan) -> Option<Vec<usize>> {
    fn collect(node: &Node, plan: &Plan, words: &mut Vec<usize>) -> bool {
        match node {
            Node::And(parts) | Node::Or(parts) => parts.iter().all(|part| collect(part, plan, words)),
            Node::Phrase { leaves, .. } => match leaves.as_slice() {
                [leaf] => {
                    let word = *leaf as usize;
                    let is_fit = plan.words.get(word).is_some_and(|word| !word.is_exact) && !words.contains(&word);
                    words.push(word);
                    is_fit
                }
                _ => false,
            },
            _ => false,
        }
    }
    let mut words = Vec::new();
    collect(node, plan, &mut words).then_some(words)
}

/// The parts of a query that have places of their own, those under NOT left out.
fn collect_parts<'p>(node: &'p Node, parts: &mut Vec<&'p Node>) {
    match node {
        Node::Phrase { .. } | Node::Regex(_) | Node::Near { .. } => parts.push(node),
        Node::And(inner) | Node::Or(inner) => inner.iter().for_each(|part| collect_parts(part, parts)),
        Node::Sentence(part) => collect_parts(part, parts),
        Node::Not(_) | Node::Field(_) => {}
    }
}

fn collect_words(node: &Node, words: &mut Vec<u32>) {
    match node {
        Node::Phrase { leaves, .. } => words.extend(leaves),
        Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| collect_words(part, words)),
        Node::Near { left, right, .. } => {
            collect_words(left, words);
            collect_words(right, words);
        }
        Node::Sentence(part) => collect_words(part, words),
        Node::Not(_) | Node::Regex(_) | Node::Field(_) => {}
    }
}

/// The best turns so far.
struct Best {
    most: usize,
    heap: BinaryHeap<Reverse<Offer>>,
}

/// Greater is better: by score, then the turn that comes first.
#[derive(PartialEq)]
struct Offer(f64, u32);

impl Eq for Offer {}

impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Offer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

impl Best {
    fn new(most: usize) -> Self {
        Self { most, heap: BinaryHeap::with_capacity(most.min(1_000) + 1) }
    }

    fn offer(&mut self, turn: u32, score: f64) {
        let offer = Offer(score, turn);
        if self.heap.len() < self.most {
            self.heap.push(Reverse(offer));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && offer > worst.0
        {
            *worst = Reverse(offer);
        }
    }

    fn in_order(self) -> Vec<Ranked> {
        let mut best: Vec<Offer> = self.heap.into_iter().map(|Reverse(offer)| offer).collect();
        best.sort_by(|a, b| b.cmp(a));
        best.into_iter().map(|Offer(score, turn)| Ranked { turn, score }).collect()
    }
}
