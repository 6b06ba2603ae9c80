//! How well turns fit a query: BM25 (Robertson and Zaragoza, 2009; k1 = 1.2, b = 0.75) over the turns of the study.
//!
//! What is weighed are the words, phrases, regular expressions and NEAR or THEN pairs of a query outside NOT: each by
//! how often it stands in the turn, how rare its words are, and how long the turn is. A word counts with all its forms
//! together. Lengths are those that tantivy keeps, which are exact up to 40 tokens and near beyond.

use super::IndexError;
use super::cursor::{Cursor, Way};
use super::evaluate::{Found, Places};
use super::gather::gather;
use super::plan::Plan;
use super::reader::Reader;
use super::segment::Segment;
use crate::query::operators::{Node, intervals};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::{Bm25StatisticsProvider, BooleanQuery, EnableScoring, Occur, Query, TermQuery, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, TERMINATED, Term};

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
        let way = Ranking::of(reader, plan, &words, &weights);
        for segment in reader.segments() {
            match &way {
                Ranking::Gathered => weights.rank_gathered(reader, plan, segment, &words, &mut best)?,
                Ranking::Pruned(pruned) => pruned.rank(reader, plan, segment, &words, &weights, &mut best)?,
                Ranking::InStep => weights.rank_bag(reader, plan, segment, &words, &mut best)?,
            }
        }
        reader.each_missing(&mut |source, text| {
            plan.each_in_text(source, text, &mut |found| {
                best.offer(found.turn, weights.score(&found));
                Ok(())
            })
        })?;
    } else if let (Node::Phrase { leaves, .. }, true) = (&plan.node, plan.is_of_places) {
        for segment in reader.segments() {
            weights.rank_phrase(reader, plan, segment, leaves, &mut best)?;
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
    sizes: Sizes,
    /// In how many turns each word of the plan occurs.
    frequencies: Vec<u64>,
    /// Postings of all words in the segments.
    postings: u64,
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
        let postings = frequencies.iter().sum();
        reader.each_missing(&mut |source, text| {
            plan.count_forms(source, text, &mut frequencies);
            Ok(())
        })?;
        let rarity = |frequency: f64| (1.0 + (turns - frequency + 0.5) / (frequency + 0.5)).ln();
        for frequency in &mut frequencies {
            *frequency = (*frequency).min(sizes.turns);
        }
        let of_word = |word: &u32| rarity(frequencies.get(*word as usize).map_or(0.0, |frequency| *frequency as f64));
        let mut parts = Vec::new();
        collect_parts(&plan.node, &mut parts);
        let parts: Vec<(&Node, f64)> = parts
            .into_iter()
            .map(|part| {
                let mut words = Vec::new();
                collect_words(part, &mut words);
                // An expression without words weighs as a word that every second turn holds.
                let weight = if words.is_empty() { rarity(turns / 2.0) } else { words.iter().map(of_word).sum() };
                (part, weight)
            })
            .collect();
        let length = |norm| K1 * (1.0 - B + B * tokens(norm) as f64 / average);
        Ok(Self { parts, lengths: (0..=u8::MAX).map(length).collect(), sizes, frequencies, postings })
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

    /// The score of a turn for single words.
    fn score_words(&self, words: &[usize], cursors: &mut [Cursor], doc: u32, norm: u8) -> f64 {
        let mut score = 0.0;
        for (word, (_, weight)) in words.iter().zip(&self.parts) {
            if let Some(cursor) = cursors.get_mut(*word)
                && cursor.seek(doc) == doc
            {
                score += self.share(*weight, cursor.count(doc) as usize, norm);
            }
        }
        score
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
            if let Some(turn) = reader.shown_turn(segment, doc) {
                best.offer(turn, self.score_words(words, &mut cursors, doc, segment.norm(doc)));
            }
            doc = way.seek(&mut cursors, doc + 1);
        }
        Ok(())
    }
}

impl Weights<'_> {
    /// The same for words of which any will do, by adding up all their postings.
    fn rank_gathered(
        &self,
        reader: &Reader<'_>,
        plan: &Plan,
        segment: &Segment,
        words: &[usize],
        best: &mut Best,
    ) -> Result<(), IndexError> {
        let forms = words.iter().map(|word| plan.lists.get(*word).map_or(&[][..], Vec::as_slice));
        let gathered = gather(segment, forms, &mut |doc, counts| {
            let norm = segment.norm(doc);
            let of_words = counts.iter().zip(&self.parts).filter(|(count, _)| **count > 0);
            let score = of_words.map(|(count, (_, weight))| self.share(*weight, *count as usize, norm)).sum();
            if best.may_take(score)
                && let Some(turn) = reader.shown_turn(segment, doc)
            {
                best.offer(turn, score);
            }
        });
        gathered.map_err(|error| reader.failed(error))
    }

    /// Ranks the turns of a segment by a phrase. It cannot stand in a turn more often than the rarest of its words there;
    /// where even that would not be enough, nobody asks where the words stand.
    fn rank_phrase(
        &self,
        reader: &Reader<'_>,
        plan: &Plan,
        segment: &Segment,
        leaves: &[u32],
        best: &mut Best,
    ) -> Result<(), IndexError> {
        let weight = self.parts.first().map_or(0.0, |(_, weight)| *weight);
        let mut cursors = plan.cursors(segment, reader)?;
        let mut positions: Vec<Vec<u32>> = vec![Vec::new(); plan.words.len()];
        let mut way = Way::to(&plan.need, segment, &plan.conditions);
        let mut doc = way.seek(&mut cursors, 0);
        while doc != TERMINATED {
            let mut most = u32::MAX;
            for leaf in leaves {
                if let Some(cursor) = cursors.get_mut(*leaf as usize) {
                    most = most.min(if cursor.seek(doc) == doc { cursor.count(doc) } else { 0 });
                }
            }
            let norm = segment.norm(doc);
            if best.may_take(self.share(weight, most as usize, norm))
                && let Some(turn) = reader.shown_turn(segment, doc)
            {
                for leaf in leaves {
                    let leaf = *leaf as usize;
                    if let (Some(cursor), Some(found)) = (cursors.get_mut(leaf), positions.get_mut(leaf)) {
                        cursor.positions(doc, found);
                    }
                }
                if let Some(intervals) = intervals(&plan.node, &Places(&positions)) {
                    best.offer(turn, self.share(weight, intervals.len(), norm));
                }
            }
            doc = way.seek(&mut cursors, doc + 1);
        }
        Ok(())
    }
}

/// How turns are ranked by single words.
enum Ranking {
    /// All postings are added up.
    Gathered,
    /// What cannot be among the best is passed over.
    Pruned(Pruned),
    /// Turn by turn, where the words must stand together.
    InStep,
}

/// So few postings are added up faster than anything can be passed over. Tests go both ways.
const FEW_POSTINGS: u64 = if cfg!(test) { 500 } else { 50_000 };

/// Words of so many forms are always added up.
const MANY_FORMS: usize = 24;

impl Ranking {
    fn of(reader: &Reader<'_>, plan: &Plan, words: &[usize], weights: &Weights<'_>) -> Self {
        let any = match &plan.node {
            Node::Phrase { .. } => true,
            Node::Or(parts) => parts.iter().all(|part| matches!(part, Node::Phrase { .. })),
            _ => false,
        };
        if !any {
            return Self::InStep;
        }
        let forms: usize = words.iter().filter_map(|word| plan.lists.get(*word)).map(Vec::len).sum();
        if forms > 1 && (weights.postings <= FEW_POSTINGS || forms > MANY_FORMS) {
            return Self::Gathered;
        }
        Pruned::new(reader, plan, words, weights).map_or(Self::Gathered, Self::Pruned)
    }
}

/// A query of words of which any will do, as tantivy's union of their forms: that passes over stretches of turns in
/// which none can be among the best. It counts each form of a word by itself, which gives a little more than the forms
/// together do, never less; what it lets through is weighed again.
struct Pruned {
    weight: Box<dyn Weight>,
}

/// Frequencies as [`Weights`] has them, for tantivy.
struct Statistics {
    sizes: Sizes,
    frequencies: HashMap<Vec<u8>, u64>,
}

impl Bm25StatisticsProvider for Statistics {
    fn total_num_tokens(&self, _: Field) -> tantivy::Result<u64> {
        Ok(self.sizes.tokens)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.sizes.turns)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        Ok(self.frequencies.get(term.serialized_value_bytes()).copied().unwrap_or(0))
    }
}

impl Pruned {
    /// Nothing where the words share forms.
    fn new(reader: &Reader<'_>, plan: &Plan, words: &[usize], weights: &Weights<'_>) -> Option<Self> {
        let searcher = reader.searcher()?;
        let text = searcher.schema().get_field("text").ok()?;
        let (mut frequencies, mut forms) = (HashMap::new(), Vec::new());
        for word in words {
            let frequency = weights.frequencies.get(*word).copied()?;
            for form in plan.lists.get(*word)? {
                let term = Term::from_field_text(text, std::str::from_utf8(&form.term).ok()?);
                if frequencies.insert(form.term.clone(), frequency).is_some() {
                    return None;
                }
                let query: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
                forms.push((Occur::Should, query));
            }
        }
        let statistics = Statistics { sizes: weights.sizes, frequencies };
        let scoring = EnableScoring::enabled_from_statistics_provider(&statistics, searcher);
        let query = match forms.len() {
            1 => forms.pop().map(|(_, query)| query)?,
            _ => Box::new(BooleanQuery::new(forms)),
        };
        Some(Self { weight: query.weight(scoring).ok()? })
    }

    fn rank(
        &self,
        reader: &Reader<'_>,
        plan: &Plan,
        segment: &Segment,
        words: &[usize],
        weights: &Weights<'_>,
        best: &mut Best,
    ) -> Result<(), IndexError> {
        let open = |forms: &Vec<_>| Cursor::open(segment, forms, false).map_err(|error| reader.failed(error));
        let mut cursors: Vec<Cursor> = plan.lists.iter().map(open).collect::<Result<_, _>>()?;
        // A stretch's best turn was chosen by the mean length of its segment; by that of the study another one of it may
        // be better, by no more than the one mean is greater than the other. What is rounded is less than the rest.
        let mean = weights.sizes.tokens as f64 / weights.sizes.turns.max(1) as f64;
        let apart = (segment.average() / mean).max(mean / segment.average()).max(1.0);
        let bar = |best: &Best| best.worst().map_or(Score::MIN, |worst| (worst * (1.0 - 1e-5) / apart) as Score);
        let start = bar(best);
        let mut offer = |doc: u32, _: Score| {
            if let Some(turn) = reader.shown_turn(segment, doc) {
                best.offer(turn, weights.score_words(words, &mut cursors, doc, segment.norm(doc)));
            }
            bar(best)
        };
        let ranked = self.weight.for_each_pruning(start, segment.reader(), &mut offer);
        ranked.map_err(|error| reader.failed(error))
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

    /// The score that has to be beaten, once there are enough.
    fn worst(&self) -> Option<f64> {
        self.heap.peek().filter(|_| self.heap.len() >= self.most).map(|Reverse(Offer(score, _))| *score)
    }

    /// Whether a turn with this score may be among them.
    fn may_take(&self, score: f64) -> bool {
        self.worst().is_none_or(|worst| score >= worst)
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
