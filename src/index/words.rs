//! Which words stand in turns, how often, and which stand near a hit more often than elsewhere.
//!
//! Counts spoken words by folded form; editorial insertions and remarks are none. Two groups of words are compared by the
//! log-likelihood ratio G² of the table word by group (Dunning 1993, "Accurate methods for the statistics of surprise and
//! coincidence"), with the mutual information of Church and Hanks (1990) or the log ratio of Hardie (2014) as the effect.

use crate::query::reference::Interval;
use crate::stats::cooccurrence;
use crate::text::{TokenKind, fold, tokenize};
use std::collections::{BTreeSet, HashMap};

/// How often a word stands somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WordCount {
    /// Times.
    pub times: u64,
    /// Turns that hold it.
    pub turns: u64,
    /// Sources that hold it, as the caller numbers them.
    pub sources: BTreeSet<u32>,
}

/// The words of some turns.
#[derive(Debug, Clone, Default)]
pub struct WordCounts {
    /// All words together.
    pub total: u64,
    counts: HashMap<String, WordCount>,
}

impl WordCounts {
    /// Adds a turn of a source.
    pub fn add(&mut self, text: &str, source: u32) {
        let mut here: HashMap<String, u64> = HashMap::new();
        let mut tokens = Vec::new();
        tokenize(text, &mut tokens);
        for token in tokens.iter().filter(|token| token.kind == TokenKind::Word) {
            if let Some(word) = token.span.of(text) {
                *here.entry(fold(word).into_owned()).or_default() += 1;
                self.total += 1;
            }
        }
        for (word, times) in here {
            let count = self.counts.entry(word).or_default();
            count.times += times;
            count.turns += 1;
            count.sources.insert(source);
        }
    }

    /// How often a folded word stands there.
    pub fn times(&self, word: &str) -> u64 {
        self.counts.get(word).map_or(0, |count| count.times)
    }

    /// The words that stand there at least so often, the most frequent first.
    pub fn most_frequent(&self, least: u64) -> Vec<(&str, &WordCount)> {
        let mut words: Vec<_> = self.counts.iter().map(|(word, count)| (word.as_str(), count)).collect();
        words.retain(|(_, count)| count.times >= least);
        words.sort_by(|(a, a_count), (b, b_count)| (b_count.times, a).cmp(&(a_count.times, b)));
        words
    }
}

/// A word in one group and in another.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyness {
    /// The folded word.
    pub word: String,
    /// Times in the one and in the other.
    pub times: (u64, u64),
    /// Binary logarithm of the ratio of both rates; half a time stands in for none.
    pub log_ratio: f64,
    /// G² of the table word by group.
    pub log_likelihood: f64,
}

/// The words that stand at least so often in both groups together, those that tell the groups apart best first.
pub fn keyness(one: &WordCounts, other: &WordCounts, least: u64) -> Vec<Keyness> {
    let words: BTreeSet<&String> = one.counts.keys().chain(other.counts.keys()).collect();
    let mut found = Vec::new();
    for word in words {
        let times = (one.times(word), other.times(word));
        let total = one.total + other.total;
        if times.0 + times.1 < least {
            continue;
        }
        let Ok(table) = cooccurrence(one.total, times.0 + times.1, times.0, total) else { continue };
        let rate = |times: u64, words: u64| if times == 0 { 0.5 } else { times as f64 } / words.max(1) as f64;
        let log_ratio = (rate(times.0, one.total) / rate(times.1, other.total)).log2();
        found.push(Keyness { word: word.clone(), times, log_ratio, log_likelihood: table.log_likelihood_g2 });
    }
    found.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood).then_with(|| a.word.cmp(&b.word)));
    found
}

/// A word near hits.
#[derive(Debug, Clone, PartialEq)]
pub struct Collocate {
    /// The folded word.
    pub word: String,
    /// Times near a hit, before it and after it; of two hits the nearer one counts, and the one before of two equally near.
    pub before: u64,
    /// See `before`.
    pub after: u64,
    /// Times in all turns, hits themselves left out.
    pub everywhere: u64,
    /// Times near that chance would give.
    pub expected: f64,
    /// G² of the table word by near.
    pub log_likelihood: f64,
    /// Binary logarithm of observed over expected.
    pub mutual_information: f64,
}

/// Words near hits and in all turns.
#[derive(Debug, Clone)]
pub struct Neighbours {
    window: u32,
    near: HashMap<String, (u64, u64)>,
    everywhere: HashMap<String, u64>,
    /// Words near hits.
    pub words_near: u64,
    /// Words of all turns, hits left out.
    pub words: u64,
}

impl Neighbours {
    /// Looks so many tokens before and after each hit, inside its turn.
    pub fn within(window: u32) -> Self {
        Self { window, near: HashMap::new(), everywhere: HashMap::new(), words_near: 0, words: 0 }
    }

    /// Adds a turn with its hits, in order.
    pub fn add(&mut self, text: &str, hits: &[Interval]) {
        let mut tokens = Vec::new();
        tokenize(text, &mut tokens);
        for (at, token) in (0_u32..).zip(&tokens).filter(|(_, token)| token.kind == TokenKind::Word) {
            let Some(word) = token.span.of(text) else { continue };
            if hits.iter().any(|hit| (hit.first..=hit.last).contains(&at)) {
                continue;
            }
            let word = fold(word);
            self.words += 1;
            let behind = hits.iter().filter(|hit| hit.last < at).map(|hit| at - hit.last).min();
            let ahead = hits.iter().filter(|hit| at < hit.first).map(|hit| hit.first - at).min();
            let is_after = behind.is_some_and(|behind| ahead.is_none_or(|ahead| behind <= ahead));
            if behind.into_iter().chain(ahead).min().is_some_and(|distance| distance <= self.window) {
                let near = self.near.entry(word.clone().into_owned()).or_default();
                if is_after {
                    near.1 += 1
                } else {
                    near.0 += 1
                }
                self.words_near += 1;
            }
            *self.everywhere.entry(word.into_owned()).or_default() += 1;
        }
    }

    /// Words that stand near a hit at least so often and more often than chance would have it, the surest first.
    pub fn collocates(&self, least: u64) -> Vec<Collocate> {
        let mut found = Vec::new();
        for (word, (before, after)) in &self.near {
            let (near, everywhere) = (before + after, self.everywhere.get(word).copied().unwrap_or(0));
            let Ok(table) = cooccurrence(self.words_near, everywhere, near, self.words) else { continue };
            let Ok(information) = table.pmi else { continue };
            if near >= least && near as f64 > table.expected {
                found.push(Collocate {
                    word: word.clone(),
                    before: *before,
                    after: *after,
                    everywhere,
                    expected: table.expected,
                    log_likelihood: table.log_likelihood_g2,
                    mutual_information: information,
                });
            }
        }
        found.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood).then_with(|| a.word.cmp(&b.word)));
        found
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn counts(texts: &[&str]) -> WordCounts {
        let mut counts = WordCounts::default();
        for (source, text) in (0..).zip(texts) {
            counts.add(text, source);
        }
        counts
    }

    #[test]
    fn words_are_counted_by_folded_form() {
        let counts = counts(&["Trust, trust [laughs] and [more] hope", "hope"]);
        assert_eq!(counts.total, 5);
        let rows: Vec<_> = counts.most_frequent(1).into_iter().map(|(w, c)| (w, c.times, c.turns)).collect();
        assert_eq!(rows, [("hope", 2, 2), ("trust", 2, 1), ("and", 1, 1)]);
        assert_eq!(counts.most_frequent(2).len(), 2);
    }

    #[test]
    fn keyness_by_hand() {
        // `a`: 3 of 4 words here, 1 of 6 there. Expected 1.6, 2.4 and, of the others, 2.4, 3.6:
        // G2 = 2 (3 ln 3/1.6 + 1 ln 1/2.4 + 1 ln 1/2.4 + 5 ln 5/3.6) = 3.55484.
        let found = keyness(&counts(&["a a a b"]), &counts(&["a c c c c c"]), 1);
        let a = found.iter().find(|row| row.word == "a").unwrap();
        assert_eq!(a.times, (3, 1));
        let by_hand = 2.0 * (3.0 * (3.0_f64 / 1.6).ln() + 2.0 * (1.0_f64 / 2.4).ln() + 5.0 * (5.0_f64 / 3.6).ln());
        assert!((a.log_likelihood - by_hand).abs() < 1e-12, "{}", a.log_likelihood);
        // 3/4 over 1/6 is 4.5.
        assert!((a.log_ratio - 4.5_f64.log2()).abs() < 1e-12);
        // None there counts as half a time: 1/4 over 0.5/6.
        let b = found.iter().find(|row| row.word == "b").unwrap();
        assert!((b.log_ratio - 3.0_f64.log2()).abs() < 1e-12);
        assert!(keyness(&counts(&[]), &counts(&[]), 1).is_empty());
    }

    #[test]
    fn collocates_by_hand() {
        let mut neighbours = Neighbours::within(1);
        let hit = |at| Interval { first: at, last: at };
        neighbours.add("x trust y z z", &[hit(1)]);
        neighbours.add("x trust x z trust", &[hit(1), hit(4)]);
        neighbours.add("z z z", &[]);
        // Near: x, y, x, x, z. Everywhere: x 3, y 1, z 6.
        assert_eq!((neighbours.words_near, neighbours.words), (5, 10));
        let found = neighbours.collocates(1);
        let rows: Vec<_> =
            found.iter().map(|c| (c.word.as_str(), c.before, c.after, c.everywhere, c.expected)).collect();
        assert_eq!(rows, [("x", 2, 1, 3, 1.5), ("y", 0, 1, 1, 0.5)]);
        assert_eq!(found.first().unwrap().mutual_information, 1.0);
        assert_eq!(neighbours.collocates(2).len(), 1);
    }
}
