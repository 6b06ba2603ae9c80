//! The one definition of "this term matches this token": for one term, and for many looked up together.

use super::fold::{fold, is_ignorable};
use super::stem::stem;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// How a term is compared with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchMode {
    /// Folded forms are equal, or their stems are; in Hebrew also after up to three prefixed particles.
    Plain,
    /// Every character as written; marks that steer the direction of writing aside.
    Exact,
    /// Folded, with `*` for any run of characters and `?` for one; in Hebrew also after prefixed particles.
    Wildcard,
    /// Folded, at most so many edits (Levenshtein).
    Fuzzy(u8),
}

/// A term ready to be compared with many tokens.
#[derive(Debug, Clone)]
pub struct TermMatcher {
    mode: MatchMode,
    written: String,
    folded: String,
    stemmed: String,
    language: String,
}

impl TermMatcher {
    /// Prepares a term for texts of a language.
    pub fn new(text: &str, mode: MatchMode, language: &str) -> Self {
        let folded = fold(text).into_owned();
        let stemmed = stem(language, &folded).into_owned();
        Self { mode, written: visible(text).into_owned(), folded, stemmed, language: language.to_owned() }
    }

    /// Whether it matches a token: as it stands in the text, and folded.
    pub fn matches(&self, raw: &str, folded: &str) -> bool {
        match self.mode {
            MatchMode::Exact => visible(raw) == self.written,
            MatchMode::Plain => {
                folded == self.folded
                    || stem(&self.language, folded) == self.stemmed
                    || hebrew_bare(folded).any(|bare| bare == self.folded)
            }
            MatchMode::Wildcard => {
                wildcard_matches(&self.folded, folded)
                    || hebrew_bare(folded).any(|bare| wildcard_matches(&self.folded, bare))
            }
            MatchMode::Fuzzy(most) => within_edits(&self.folded, folded, usize::from(most)),
        }
    }
}

/// Many terms of one language under numbers of the caller's choice: finds for a token what
/// [`TermMatcher::matches`] finds term by term.
#[derive(Debug, Default)]
pub struct TermIndex {
    language: String,
    exact: HashMap<String, Vec<u32>>,
    folded: HashMap<String, Vec<u32>>,
    stemmed: HashMap<String, Vec<u32>>,
    /// Patterns by the byte that an ASCII token must begin with; fuzzy words and `*x` under 0. Tried one by one, once
    /// the token begins as the pattern does.
    patterns: BTreeMap<u8, Vec<(String, TermMatcher, u32)>>,
}

impl TermIndex {
    /// An index without terms.
    pub fn new(language: &str) -> Self {
        Self { language: language.to_owned(), ..Self::default() }
    }

    /// Adds a term.
    pub fn insert(&mut self, number: u32, text: &str, mode: MatchMode) {
        let term = TermMatcher::new(text, mode, &self.language);
        match mode {
            MatchMode::Exact => self.exact.entry(term.written).or_default().push(number),
            MatchMode::Plain => {
                self.folded.entry(term.folded).or_default().push(number);
                self.stemmed.entry(term.stemmed).or_default().push(number);
            }
            MatchMode::Wildcard | MatchMode::Fuzzy(_) => {
                let prefix =
                    if mode == MatchMode::Wildcard { literal_prefix(&term.folded).to_owned() } else { String::new() };
                let first = prefix.bytes().next().unwrap_or(0);
                self.patterns.entry(first).or_default().push((prefix, term, number));
            }
        }
    }

    /// Adds the numbers of the terms that match a token, as it stands in the text and folded; one may come twice.
    pub fn matching(&self, raw: &str, folded: &str, found: &mut Vec<u32>) {
        let mut take = |numbers: Option<&Vec<u32>>| found.extend(numbers.into_iter().flatten());
        if !self.exact.is_empty() {
            take(self.exact.get(&*visible(raw)));
        }
        if !self.folded.is_empty() {
            take(self.folded.get(folded));
            // Without a stemmer the word is its stem, and was just looked for.
            if let Cow::Owned(stem) = stem(&self.language, folded) {
                take(self.stemmed.get(&stem));
            }
            hebrew_bare(folded).for_each(|bare| take(self.folded.get(bare)));
        }
        let ascii = folded.is_ascii();
        let mut try_all = |patterns: &[(String, TermMatcher, u32)]| {
            let possible = patterns.iter().filter(|(prefix, ..)| !ascii || folded.starts_with(prefix.as_str()));
            found.extend(possible.filter(|(_, term, _)| term.matches(raw, folded)).map(|(.., number)| number));
        };
        if ascii {
            let first = folded.bytes().next().filter(|first| *first != 0);
            [Some(0), first]
                .iter()
                .flatten()
                .filter_map(|first| self.patterns.get(first))
                .for_each(|some| try_all(some));
        } else {
            self.patterns.values().for_each(|some| try_all(some));
        }
    }
}

/// What stands before the first wildcard.
fn literal_prefix(pattern: &str) -> &str {
    pattern.split(['*', '?']).next().unwrap_or("")
}

/// A word without the characters that nobody sees.
fn visible(word: &str) -> Cow<'_, str> {
    if word.is_ascii() || !word.contains(is_ignorable) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(word.chars().filter(|c| !is_ignorable(*c)).collect())
}

/// Hebrew particles that are written together with the next word.
pub const HEBREW_PARTICLES: [char; 7] = ['ו', 'ה', 'ב', 'ל', 'מ', 'ש', 'כ'];

/// What remains of a folded Hebrew word without one, two or three prefixed particles, at least two letters.
pub fn hebrew_bare(folded: &str) -> impl Iterator<Item = &str> {
    let letters = folded.char_indices().take(3).take_while(|(_, c)| HEBREW_PARTICLES.contains(c));
    let cuts: Vec<usize> = letters.map(|(at, c)| at + c.len_utf8()).collect();
    cuts.into_iter().filter_map(|cut| folded.get(cut..)).filter(|rest| rest.chars().nth(1).is_some())
}

/// Whether a folded text matches a folded pattern, whole: `*` is any run of characters, `?` one.
pub fn wildcard_matches(pattern: &str, text: &str) -> bool {
    let prefix = literal_prefix(pattern);
    let (Some(pattern), Some(text)) = (pattern.get(prefix.len()..), text.strip_prefix(prefix)) else { return false };
    if matches!(pattern, "" | "*") {
        return pattern == "*" || text.is_empty();
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where the last `*` stood and what it has swallowed: on a mismatch it swallows one more.
    let mut star: Option<(usize, usize)> = None;
    while let Some(&c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == c => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, swallowed)) => {
                    star = Some((at, swallowed + 1));
                    p = at + 1;
                    t = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// Whether at most `most` insertions, deletions and substitutions lead from one word to the other.
pub fn within_edits(a: &str, b: &str, most: usize) -> bool {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > most {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (&y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let best = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
    }
    row.last().is_some_and(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(term: &str, mode: MatchMode, language: &str, token: &str) -> bool {
        TermMatcher::new(term, mode, language).matches(token, &fold(token))
    }

    #[test]
    fn modes() {
        assert!(matches("help", MatchMode::Plain, "en", "Helping"));
        assert!(!matches("help", MatchMode::Exact, "en", "Help"));
        assert!(matches("trust*", MatchMode::Wildcard, "en", "Trustworthy"));
        assert!(matches("*trust", MatchMode::Wildcard, "en", "mistrust"));
        assert!(!matches("tr?st", MatchMode::Wildcard, "en", "treest"));
        assert!(matches("lonely", MatchMode::Fuzzy(1), "en", "lonly"));
        assert!(!matches("lonely", MatchMode::Fuzzy(1), "en", "lnly"));
    }

    #[test]
    fn hebrew_particles_come_off() {
        assert!(matches("לבד", MatchMode::Plain, "he", "שלבד"));
        assert!(matches("תמיכה", MatchMode::Plain, "he", "והתמיכה"));
        assert!(!matches("לבד", MatchMode::Plain, "he", "אלבד"));
    }

    #[test]
    fn exact_words_differ_in_what_is_seen_only() {
        assert!(matches("לבד", MatchMode::Exact, "he", "ל\u{200f}בד"));
        assert!(!matches("cafe", MatchMode::Exact, "fr", "café"));
    }

    proptest! {
        #[test]
        fn many_terms_together_match_as_each_alone(
            terms in prop::collection::vec(("[a-bA?*s]{1,4}|[לבהדש*]{1,4}", 0..4_u8), 1..12),
            raw in "[a-bA]{1,4}(s|ed|ing)?|[לבהדש\u{200f}]{1,6}",
        ) {
            let mode = |k: u8| match k {
                0 => MatchMode::Plain,
                1 => MatchMode::Exact,
                2 => MatchMode::Wildcard,
                _ => MatchMode::Fuzzy(1),
            };
            for language in ["en", "he", "und"] {
                let mut index = TermIndex::new(language);
                for (number, (text, kind)) in (0..).zip(&terms) {
                    index.insert(number, text, mode(*kind));
                }
                let mut together = Vec::new();
                index.matching(&raw, &fold(&raw), &mut together);
                together.sort_unstable();
                together.dedup();
                let alone = (0..).zip(&terms).filter(|(_, (text, kind))| matches(text, mode(*kind), language, &raw));
                prop_assert_eq!(together, alone.map(|(number, _)| number).collect::<Vec<u32>>());
            }
        }
    }

    #[test]
    fn wildcards_take_every_run() {
        assert!(wildcard_matches("*", ""));
        assert!(wildcard_matches("a*b*c", "aXXbYbZc"));
        assert!(!wildcard_matches("a*b*c", "aXXbYbZ"));
        assert!(wildcard_matches("a**", "a"));
    }
}
