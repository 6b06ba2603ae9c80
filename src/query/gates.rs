//! Gates: runs of words without which a regular expression cannot match.
//!
//! A regular expression runs over a turn only where one of its gates stands in it, which the scan sees for free while
//! it looks words up. A gate may open for nothing; it never stays shut where the expression matches. That holds
//! because every match contains one of the gate's strings, and because where words begin and end is settled by the
//! characters next to the border: a string that covers them shows the same borders as the text around it. At the
//! edges of a string a word may go on, so there only a part of it is asked for.

use crate::model::Span;
use crate::text::each_word;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::collections::{BTreeMap, BTreeSet};

/// Where in a word a part of a gate must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// It is the word.
    Whole,
    /// The word begins with it.
    Start,
    /// The word ends with it.
    End,
    /// The word holds it.
    Inside,
}

impl Place {
    /// Whether a stretch of a word that is `length` bytes long stands there.
    pub const fn admits(self, start: usize, end: usize, length: usize) -> bool {
        match self {
            Self::Whole => start == 0 && end == length,
            Self::Start => start == 0,
            Self::End => end == length,
            Self::Inside => true,
        }
    }
}

/// One word of a gate: any of these texts in this place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GateWord {
    /// Without case, sorted.
    pub texts: Vec<String>,
    /// Where in the word.
    pub place: Place,
}

/// Words side by side.
pub type Gate = Vec<GateWord>;

/// Strings that one expression may stand for; more are not spelled out.
const MOST_STRINGS: usize = 300;

/// Characters of a class that are spelled out.
const MOST_CHARACTERS: usize = 12;

/// Case as gates see it, character by character; both the gate's strings and the words of the text go through it.
/// The long s is the one letter that a pattern without case takes for another and that has no capital of its own.
pub fn without_case(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (c, lower.next(), lower.next()) {
        (LONG_S, ..) => 's',
        (_, Some(lower), None) => lower,
        _ => c,
    }
}

/// `ſ`: a word with it opens every gate, as the analyser does not take it for the `s` of `'s`.
pub const LONG_S: char = '\u{17f}';

/// Gates of a pattern, of which one stands in the text wherever the pattern matches; nothing where no such words can
/// be told from the pattern.
pub fn gates(pattern: &str) -> Option<Vec<Gate>> {
    let pattern = regex_syntax::parse(pattern).ok()?;
    rarest(&pattern).map(|(gates, _)| gates)
}

/// The most frequent words of speech in rough order, English before Hebrew: what a phrase is not looked for by if it
/// has a rarer word. A guess that saves time and changes no result.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "i", "the", "you", "and", "to", "a", "that", "it", "of", "in", "is", "we", "so", "have", "was", "n't", "'s", "do",
    "they", "this", "for", "but", "on", "what", "be", "not", "my", "like", "know", "are", "just", "yeah", "with",
    "think", "there", "can", "or", "about", "if", "me", "at", "it's", "going", "he", "one", "all", "as", "she", "no",
    "get", "really", "would", "i'm", "right", "well", "because", "people", "up", "out", "when", "want", "had", "from",
    "your", "them", "time", "mean", "could", "then", "how", "were", "go", "now", "did", "been", "see", "who", "good",
    "say", "some", "her", "him", "other", "more", "very", "something", "into", "okay", "will", "an", "make", "by",
    "said", "our", "has", "their", "things", "back", "got", "which", "where", "than", "being", "little", "work",
    "over", "need", "here", "feel", "these", "lot", "way", "take", "actually", "come", "why", "down", "even", "much",
    "us", "too", "kind", "thing", "only", "those", "never", "any", "help", "tell", "let", "talk", "maybe", "does",
    "still", "life", "day", "always", "i've", "sure", "went", "sort", "after", "before", "everything", "most",
    "again", "around", "look", "first", "am", "getting", "anything", "probably", "his", "thank", "find", "doing",
    "should", "someone", "also", "every", "put", "give", "keep", "care", "through", "away", "own", "long", "many",
    "feeling", "done", "ever", "start", "next", "last", "better", "use", "לא", "אני", "זה", "את", "של", "הוא", "היא",
    "כל", "אבל", "גם", "אם", "לי", "עם", "כי", "על", "מה", "יש", "היה", "אז", "מאוד", "כמו", "או", "יותר", "אחרי",
    "רק", "שלי",
];

/// A guess at how often a text has a folded word, or one of which it is a part: by the law of Zipf for common words, by
/// its letters for all others.
pub fn frequency(word: &str, place: Place) -> f64 {
    let letters = word.chars().count().min(12) as f64;
    match place {
        Place::Whole => match COMMON.iter().position(|common| *common == word) {
            Some(rank) => 0.1 / (rank as f64 + 1.0),
            None => 0.001 * (-letters / 2.0).exp2(),
        },
        // A letter more leaves about a quarter of the words.
        Place::Start => frequency(word, Place::Whole).max(0.2 * (-2.0 * letters).exp2()),
        Place::End | Place::Inside => frequency(word, Place::Whole).max(0.6 * (-2.0 * letters).exp2()),
    }
}

impl GateWord {
    /// A guess at how often it occurs.
    pub fn frequency(&self) -> f64 {
        self.texts.iter().map(|text| frequency(text, self.place)).sum()
    }
}

/// A guess at how often a gate opens: by its rarest word, and less for every other word it asks for.
pub fn gate_frequency(gate: &Gate) -> f64 {
    let rarest = gate.iter().map(GateWord::frequency).fold(1.0, f64::min);
    rarest * (-2.0 * gate.len().saturating_sub(1).min(3) as f64).exp2()
}

/// The gates of a pattern that open least often.
fn rarest(pattern: &Hir) -> Option<(Vec<Gate>, f64)> {
    let mut steps = Vec::new();
    collect_steps(pattern, &mut steps);
    let mut best: Option<(Vec<Gate>, f64)> = None;
    for strings in stretches(steps) {
        // Strings that are alike but for their words make one gate. It opens for any mixture of them too.
        let mut alike: BTreeMap<Vec<Place>, Vec<BTreeSet<String>>> = BTreeMap::new();
        for words in strings.iter().map(|string| words_of(string)) {
            let places: Vec<Place> = words.iter().map(|(_, place)| *place).collect();
            let texts = alike.entry(places).or_insert_with(|| vec![BTreeSet::new(); words.len()]);
            for (texts, (word, _)) in texts.iter_mut().zip(words) {
                texts.insert(word.to_owned());
            }
        }
        if alike.contains_key(&Vec::new()) {
            continue;
        }
        let word = |(place, texts): (Place, BTreeSet<String>)| GateWord { texts: texts.into_iter().collect(), place };
        let gate =
            |(places, texts): (Vec<Place>, Vec<BTreeSet<String>>)| places.into_iter().zip(texts).map(word).collect();
        let gates: Vec<Gate> = alike.into_iter().map(gate).collect();
        let total = gates.iter().map(gate_frequency).sum();
        if best.as_ref().is_none_or(|(_, least)| total < *least) {
            best = Some((gates, total));
        }
    }
    best
}

/// A part of a pattern: the strings it stands for, or nothing where they are not known.
type Step = Option<Vec<String>>;

fn collect_steps(part: &Hir, steps: &mut Vec<Step>) {
    if let Some(strings) = strings_of(part) {
        return steps.push(Some(strings));
    }
    match part.kind() {
        HirKind::Concat(parts) => parts.iter().for_each(|part| collect_steps(part, steps)),
        HirKind::Capture(capture) => collect_steps(&capture.sub, steps),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            collect_steps(&repetition.sub, steps);
            steps.push(None);
        }
        HirKind::Alternation(parts) => {
            // Every branch has its own strings; what stands around them is no longer known.
            let of_branch = |part: &Hir| -> Option<Vec<String>> {
                let mut inner = Vec::new();
                collect_steps(part, &mut inner);
                let longest = |strings: &Vec<String>| strings.iter().map(String::len).min();
                stretches(inner).into_iter().max_by_key(longest)
            };
            let all: Option<Vec<Vec<String>>> = parts.iter().map(of_branch).collect();
            steps.extend([None, all.map(|branches| branches.concat()), None]);
        }
        _ => steps.push(None),
    }
}

/// Joins steps that follow one another directly, as long as the strings do not become too many.
fn stretches(steps: Vec<Step>) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut goes_on = false;
    for step in steps {
        let Some(strings) = step else {
            goes_on = false;
            continue;
        };
        match found.last_mut().filter(|last| goes_on && last.len() * strings.len() <= MOST_STRINGS) {
            Some(last) => *last = product(last, &strings),
            None => found.push(strings),
        }
        goes_on = true;
    }
    found
}

fn product(heads: &[String], tails: &[String]) -> Vec<String> {
    heads.iter().flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}"))).collect()
}

/// All strings that a part stands for, without case, where they are few.
fn strings_of(part: &Hir) -> Option<Vec<String>> {
    let strings = match part.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => {
            vec![std::str::from_utf8(&literal.0).ok()?.chars().map(without_case).collect()]
        }
        HirKind::Class(class) => characters_of(class)?,
        HirKind::Capture(capture) => strings_of(&capture.sub)?,
        HirKind::Repetition(repetition) => {
            let most = repetition.max.filter(|most| *most <= 3)?;
            let once = strings_of(&repetition.sub)?;
            let mut power = vec![String::new()];
            let mut all = Vec::new();
            for times in 0..=most {
                if times >= repetition.min {
                    all.extend(power.iter().cloned());
                }
                if power.len() * once.len() > MOST_STRINGS {
                    return None;
                }
                power = product(&power, &once);
            }
            all
        }
        HirKind::Concat(parts) => {
            let mut all = vec![String::new()];
            for part in parts {
                let next = strings_of(part)?;
                if all.len() * next.len() > MOST_STRINGS {
                    return None;
                }
                all = product(&all, &next);
            }
            all
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(strings_of(part)?);
            }
            all
        }
    };
    (strings.len() <= MOST_STRINGS).then_some(strings)
}

fn characters_of(class: &Class) -> Option<Vec<String>> {
    let mut characters = BTreeSet::new();
    let mut add = |start: char, end: char| {
        let few = u32::from(end) - u32::from(start) < MOST_CHARACTERS as u32 * 2;
        characters.extend((start..=end).take_while(|_| few).map(without_case));
        few
    };
    let all_few = match class {
        Class::Unicode(class) => class.ranges().iter().all(|range| add(range.start(), range.end())),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .all(|range| range.end().is_ascii() && add(char::from(range.start()), char::from(range.end()))),
    };
    (all_few && characters.len() <= MOST_CHARACTERS).then(|| characters.into_iter().map(String::from).collect())
}

/// The words of a string that stay as they are whatever text surrounds it; none where that cannot be told.
fn words_of(string: &str) -> Vec<(&str, Place)> {
    let mut words: Vec<Span> = Vec::new();
    each_word(string, 0, |span| words.push(span));
    let space_before = |at: u32| string.get(..at as usize).is_some_and(|text| text.ends_with(is_space));
    let space_after = |at: u32| string.get(at as usize..).is_some_and(|text| text.starts_with(is_space));
    let begins = words.first().is_some_and(|word| space_before(word.start));
    let ends = words.last().is_some_and(|word| space_after(word.end));
    // Without what follows nobody knows whether `'s` or `n't` stands alone or in the middle of a word.
    if !ends && words.len() > 1 && words.last().is_some_and(|last| words.iter().any(|word| word.end == last.start)) {
        words.pop();
    }
    let count = words.len();
    let part = |(k, span): (usize, &Span)| {
        let (begins, ends) = (begins || k > 0, ends || k + 1 < count);
        let text = span.of(string)?;
        match (begins, ends) {
            (true, true) => Some((text, Place::Whole)),
            (false, true) => Some((text, Place::End)),
            // `couldn` and a following `'t` make `could` and `n't`.
            (true, false) => Some((text.strip_suffix('n').unwrap_or(text), Place::Start)),
            (false, false) => Some((text.strip_suffix('n').unwrap_or(text), Place::Inside)),
        }
    };
    words.iter().enumerate().filter_map(part).filter(|(text, _)| !text.is_empty()).collect()
}

const fn is_space(c: char) -> bool {
    c.is_ascii_whitespace()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn shown(pattern: &str) -> Vec<String> {
        let word = |word: &GateWord| {
            let text = word.texts.join("/");
            match word.place {
                Place::Whole => text,
                Place::Start => format!("{text}-"),
                Place::End => format!("-{text}"),
                Place::Inside => format!("-{text}-"),
            }
        };
        let gate = |gate: &Gate| gate.iter().map(word).collect::<Vec<_>>().join(" ");
        gates(pattern).unwrap_or_default().iter().map(gate).collect()
    }

    #[test]
    fn few_strings_are_spelled_out() {
        assert_eq!(shown(r"(?i)\bopen(?:ed|s)? up to"), ["-open/opened/opens up to-"]);
        assert_eq!(shown(r"(?i)\bhands? (?:on |off )"), ["-hand/hands off/on"]);
        assert_eq!(shown("wall[su]"), ["-walls/wallu-"]);
    }

    #[test]
    fn the_rarest_stretch_is_taken() {
        assert_eq!(shown(r"\w+ my brother \w+"), ["my brother"]);
        assert_eq!(shown(r"a.*sister\d+x"), ["-sister-"]);
        assert_eq!(shown(r"(?:uncle\w*|the aunt) x?"), ["-the aunt-", "-uncle-"]);
    }

    #[test]
    fn what_may_be_cut_elsewhere_is_left_open() {
        assert_eq!(shown("couldn"), ["-could-"]);
        assert_eq!(shown("i don't"), ["-i do-"]);
        assert_eq!(shown("i don't go"), ["-i do n't go-"]);
    }

    #[test]
    fn patterns_without_words_have_no_gate() {
        for pattern in [r"\d+", ".*", "[a-z]{3,}", "(?:trust|.)", "n", "x?", "!+"] {
            assert_eq!(shown(pattern), [""; 0], "{pattern}");
        }
    }
}
