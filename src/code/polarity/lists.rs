//! The lists of words that the judgement of polarity, time and person rests on: one TOML file per language.
//!
//! Owns the form of the file and the look-up of words and phrases in it. A study may replace the built-in lists; the
//! words are split by the one analyser, so `wouldn't say` is written as people write it.

use super::class::{GROUPS, PHRASE_NEXT, PHRASE_START};
use super::forms::Forms;
use super::phrases::{PREFIXED, Phrases};
use crate::code::WordMeaning;
use crate::query::nearest;
use crate::text::{Token, fold, tokenize};
use std::collections::{BTreeMap, HashMap};
use toml::de::{DeTable, DeValue};

const ENGLISH: &str = include_str!("../../../codebooks/polarity/en.toml");
const HEBREW: &str = include_str!("../../../codebooks/polarity/he.toml");

/// Letters that a language writes together with the next word; more than this many in a row are not tried.
const MAX_PREFIXES: usize = 3;

/// What is wrong with a file of polarity lists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct ListsError {
    /// File, as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub what: String,
}

/// The lists of one language, ready for look-up.
#[derive(Debug, Clone, Default)]
pub struct Language {
    tag: String,
    concord: bool,
    words: HashMap<String, u64>,
    beginnings: Vec<(String, u64)>,
    endings: Vec<(String, u64)>,
    exceptions: HashMap<String, u64>,
    prefixes: Vec<(String, u64)>,
    pub(super) phrases: Phrases,
    marks: Vec<(String, u64)>,
    forms: Forms,
    canonical: String,
}

impl Language {
    /// Reads a file of lists; `file` only names it in errors.
    ///
    /// # Errors
    /// TOML that does not parse, an unknown group, an entry that holds no word: with the line and what to do.
    pub fn read(file: &str, text: &str) -> Result<Self, ListsError> {
        let fail = |at: usize, what: String| ListsError {
            file: file.to_owned(),
            line: text.get(..at).map_or(1, |before| before.matches('\n').count() + 1),
            what,
        };
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            fail(at, format!("this is not TOML: {}", error.message()))
        })?;
        let mut language = Self::default();
        let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, value) in table.get_ref() {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            match (name, value.get_ref()) {
                ("language", DeValue::String(tag)) => language.tag = tag.to_string(),
                ("concord", DeValue::Boolean(yes)) => language.concord = *yes,
                ("language" | "concord", _) => {
                    return Err(fail(at, format!("`{name}` should be {}", expected(name))));
                }
                ("prefixes", DeValue::Table(prefixes)) => {
                    for (letters, group) in prefixes {
                        let at = group.span().start;
                        let named = group.get_ref().as_str().unwrap_or_default();
                        let mask = match named {
                            "" => 0,
                            _ => mask_of(named).ok_or_else(|| fail(at, unknown_group(named)))?,
                        };
                        language.prefixes.push((letters.get_ref().to_string(), mask));
                    }
                }
                (_, DeValue::Table(group)) => {
                    let mask = match Forms::holds(name) {
                        true => 0,
                        false => mask_of(name).ok_or_else(|| fail(at, unknown_group(name)))?,
                    };
                    for (key, value) in group {
                        let at = value.span().start;
                        match (key.get_ref().as_ref(), value.get_ref()) {
                            ("note", DeValue::String(_)) => {}
                            ("words", DeValue::Array(words)) => {
                                for word in words {
                                    let at = word.span().start;
                                    let entry = word.get_ref().as_str().ok_or_else(|| {
                                        fail(at, format!("group `{name}`: write each entry in quotation marks"))
                                    })?;
                                    let added = match mask {
                                        0 => language.forms.add(name, entry),
                                        _ => language.add(entry, mask),
                                    };
                                    added.map_err(|what| fail(at, what))?;
                                    entries.entry(name.to_owned()).or_default().push(entry.to_owned());
                                }
                            }
                            ("except", DeValue::Array(words)) if mask != 0 => {
                                for word in words {
                                    let word = word.get_ref().as_str().unwrap_or_default();
                                    *language.exceptions.entry(fold(word).into_owned()).or_default() |= mask;
                                    entries.entry(format!("{name}, except")).or_default().push(word.to_owned());
                                }
                            }
                            (other, _) => {
                                let except = if mask == 0 { "" } else { ", `except`" };
                                let what = format!("group `{name}` has `words`{except} and `note`, not `{other}`");
                                return Err(fail(at, what));
                            }
                        }
                    }
                }
                _ => return Err(fail(at, format!("`{name}` should be a group: `[{name}]` with `words = [...]`"))),
            }
        }
        if language.tag.is_empty() {
            return Err(fail(0, "say which language the lists are for: `language = \"en\"`".into()));
        }
        language.finish(&entries);
        Ok(language)
    }

    fn add(&mut self, entry: &str, mask: u64) -> Result<(), String> {
        if let Some(ending) = entry.strip_prefix('*') {
            self.endings.push((fold(ending).into_owned(), mask));
            return Ok(());
        }
        if let Some(beginning) = entry.strip_suffix('*') {
            self.beginnings.push((fold(beginning).into_owned(), mask));
            return Ok(());
        }
        // The analyser cuts `'s` off a word; by itself it would not take it for one.
        if entry.starts_with('\'') && !entry.contains(char::is_whitespace) {
            *self.words.entry(fold(entry).into_owned()).or_default() |= mask;
            return Ok(());
        }
        let mut tokens: Vec<Token> = Vec::new();
        tokenize(entry, &mut tokens);
        let mut words = tokens.iter().filter_map(|token| token.span.of(entry)).map(|word| fold(word).into_owned());
        let first = words.next().ok_or_else(|| format!("`{entry}` holds no word: remove it or write one"))?;
        let Some(second) = words.next() else {
            *self.words.entry(first).or_default() |= mask;
            return Ok(());
        };
        self.phrases.insert(&first, &second, words, mask);
        self.marks.extend([(first, PHRASE_START), (second, PHRASE_NEXT)]);
        Ok(())
    }

    fn finish(&mut self, entries: &BTreeMap<String, Vec<String>>) {
        for (word, mark) in std::mem::take(&mut self.marks) {
            *self.words.entry(word).or_default() |= mark;
        }
        self.prefixes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        self.canonical = format!("{} {}\n", self.tag, self.concord);
        for (letters, mask) in &self.prefixes {
            self.canonical.push_str(&format!("{letters} {mask:x}\n"));
        }
        for (group, words) in entries {
            let mut words = words.clone();
            words.sort();
            self.canonical.push_str(&format!("{group}: {}\n", words.join("|")));
        }
    }

    /// Language tag the lists are for.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether several negative words in one clause make one negation (Hebrew), where English counts them.
    pub const fn concord(&self) -> bool {
        self.concord
    }

    /// The words of questions and answers.
    pub const fn forms(&self) -> &Forms {
        &self.forms
    }

    /// The lists in a form that does not depend on layout or order, for the rule set's digest.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The groups of a folded word as a mask, with the marks of phrases it may be part of.
    pub fn classes(&self, folded: &str) -> u64 {
        let pattern = self.by_pattern(folded);
        let known = self.words.get(folded).copied().unwrap_or(0);
        let means_something = known & !(PHRASE_START | PHRASE_NEXT) != 0;
        if means_something || self.prefixes.is_empty() {
            return known | pattern;
        }
        known | pattern | self.behind_prefixes(folded, MAX_PREFIXES)
    }

    fn by_pattern(&self, folded: &str) -> u64 {
        let ending =
            self.endings.iter().filter(|(ending, _)| folded.len() > ending.len() + 1 && folded.ends_with(ending));
        let beginning = self.beginnings.iter().filter(|(beginning, _)| folded.starts_with(beginning.as_str()));
        let found = ending.chain(beginning).fold(0, |mask, (_, more)| mask | more);
        if found == 0 { 0 } else { found & !self.exceptions.get(folded).copied().unwrap_or(0) }
    }

    fn behind_prefixes(&self, folded: &str, left: usize) -> u64 {
        if left == 0 {
            return 0;
        }
        for (letters, mask) in &self.prefixes {
            let Some(rest) = folded.strip_prefix(letters.as_str()) else { continue };
            let known = match self.words.get(rest) {
                Some(known) => *known,
                None => self.behind_prefixes(rest, left - 1),
            };
            if known != 0 {
                return known | mask;
            }
        }
        0
    }

    /// The groups of a folded word and its number among the words of entries of several.
    pub fn meaning(&self, folded: &str) -> WordMeaning {
        WordMeaning { classes: self.classes(folded), number: self.number_of(folded) }
    }

    fn number_of(&self, folded: &str) -> u32 {
        let number = self.phrases.number_of(folded);
        if number != 0 {
            return number;
        }
        let begins = |rest: &&str| self.words.get(*rest).is_some_and(|mask| mask & PHRASE_START != 0);
        let mut behind = self.prefixes.iter().filter_map(|(letters, _)| folded.strip_prefix(letters.as_str()));
        behind.find(begins).map_or(0, |rest| self.phrases.number_of(rest) | PREFIXED)
    }
}

fn expected(name: &str) -> &'static str {
    if name == "language" { "a language tag in quotation marks (`\"en\"`)" } else { "true or false" }
}

fn mask_of(group: &str) -> Option<u64> {
    GROUPS.iter().find(|(name, _)| !name.is_empty() && *name == group).map(|(_, mask)| *mask)
}

fn unknown_group(name: &str) -> String {
    let known = || GROUPS.iter().map(|(name, _)| *name).filter(|name| !name.is_empty()).chain(Forms::names());
    match nearest(name, known()) {
        Some(near) => format!("there is no group `{name}`: did you mean `{near}`?"),
        None => format!("there is no group `{name}`; the groups are {}", known().collect::<Vec<_>>().join(", ")),
    }
}

/// Lists by language.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    languages: BTreeMap<String, Language>,
}

impl Lists {
    /// The lists that come with the program (English, Hebrew).
    ///
    /// # Errors
    /// Never with the files as delivered; a test holds them to it.
    pub fn built_in() -> Result<Self, ListsError> {
        let mut lists = Self::default();
        lists.insert(Language::read("codebooks/polarity/en.toml", ENGLISH)?);
        lists.insert(Language::read("codebooks/polarity/he.toml", HEBREW)?);
        Ok(lists)
    }

    /// The built-in lists with those of the study in their place, as settings hold them: language tag to TOML.
    ///
    /// # Errors
    /// The first of the study's files that cannot be read.
    pub fn of_study(own: &BTreeMap<String, String>) -> Result<Self, ListsError> {
        let mut lists = Self::built_in()?;
        for (tag, text) in own {
            let file = format!("polarity/{tag}.toml");
            let language = Language::read(&file, text)?;
            if language.tag() != tag {
                let what = format!(
                    "the lists say `language = \"{}\"` and are set for `{tag}`: make them agree",
                    language.tag()
                );
                return Err(ListsError { file, line: 1, what });
            }
            lists.insert(language);
        }
        Ok(lists)
    }

    /// Puts lists in the place of those of the same language.
    pub fn insert(&mut self, language: Language) {
        self.languages.insert(language.tag.clone(), language);
    }

    /// The lists of a language, or of the one that it is a variety of (`en-GB`); nothing is judged in a language that has
    /// none.
    pub fn get(&self, tag: &str) -> Option<&Language> {
        self.languages.get(tag).or_else(|| self.languages.get(tag.split(['-', '_']).next()?))
    }

    /// All of them, by tag.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        self.languages.values()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::class::*;
    use super::*;

    fn phrase(language: &Language, text: &str) -> Option<(usize, u64)> {
        let mut tokens = Vec::new();
        tokenize(text, &mut tokens);
        let number = |token: &Token| language.meaning(&fold(token.span.of(text).unwrap())).number;
        let word = |k: usize| tokens.get(k).map(number);
        language.phrases.find(word(0)?, word(1)?, word)
    }

    #[test]
    fn the_lists_that_come_with_the_program_can_be_read() {
        let lists = Lists::built_in().unwrap();
        let english = lists.get("en").unwrap();
        assert_eq!(english.classes("not") & !(PHRASE_START | PHRASE_NEXT), NOT);
        assert!(english.classes("walked") & FINITE != 0 && english.classes("need") & FINITE == 0);
        assert!(!english.concord() && lists.get("he").unwrap().concord());
    }

    #[test]
    fn letters_written_together_are_looked_behind() {
        let lists = Lists::built_in().unwrap();
        let hebrew = lists.get("he").unwrap();
        assert_eq!(hebrew.classes("ולא") & (AND | NOT), AND | NOT);
        assert_eq!(hebrew.classes("שלא") & (RELATIVE | NOT), RELATIVE | NOT);
        assert_eq!(hebrew.classes("ושולחן") & !(PHRASE_START | PHRASE_NEXT), 0);
    }

    #[test]
    fn the_longest_entry_counts_in_any_spelling() {
        let text = "language = 'en'\n[lack]\nwords = ['short of', 'short of anything at all', \"shouldn't care\"]\n[no]\nwords = ['Short of']";
        let language = Language::read("x.toml", text).unwrap();
        assert_eq!(phrase(&language, "short of it"), Some((2, LACK | NO)));
        assert_eq!(phrase(&language, "SHORT of anything at all then"), Some((5, LACK)));
        assert_eq!(phrase(&language, "Shouldn’t care"), Some((3, LACK)));
        assert_eq!(phrase(&language, "short and"), None);
    }

    #[test]
    fn errors_name_the_line_and_what_to_do() {
        let told = |text: &str| Language::read("polarity/en.toml", text).unwrap_err().to_string();
        let unknown = told("language = \"en\"\n\n[negater]\nwords = [\"not\"]\n");
        assert_eq!(unknown, "polarity/en.toml, line 3: there is no group `negater`: did you mean `negator`?");
        assert!(told("language = \"en\"\n[no]\nwords = [\"no\", \"—\"]").contains("line 3: `—` holds no word"));
        assert!(told("[no]\nwords = [\"no\"]").contains("say which language"));
        assert!(told("language = \"en\"\n[no\n").contains("line 2: this is not TOML"));
        assert!(told("language = \"en\"\n[no]\nword = [\"no\"]").contains("line 3: group `no` has `words`"));
        let excepted = told("language = \"en\"\n[answer-yes]\nwords = [\"yes\"]\nexcept = [\"yeah\"]");
        assert!(excepted.contains("line 4: group `answer-yes` has `words` and `note`, not `except`"), "{excepted}");
    }

    #[test]
    fn what_counts_does_not_depend_on_layout() {
        let one = Language::read("x", "language = 'en'\n[no]\nwords = ['no', 'zero']").unwrap();
        let other =
            Language::read("x", "language = 'en'\n# sorted\n[no]\nnote = 'none'\nwords = ['zero',\n 'no']").unwrap();
        let third = Language::read("x", "language = 'en'\n[no]\nwords = ['no']").unwrap();
        assert_eq!(one.canonical(), other.canonical());
        assert_ne!(one.canonical(), third.canonical());
    }

    #[test]
    fn a_study_replaces_a_language_and_keeps_the_others() {
        let own = BTreeMap::from([("en".to_owned(), "language = 'en'\n[negator]\nwords = ['nay']".to_owned())]);
        let lists = Lists::of_study(&own).unwrap();
        assert_eq!(lists.get("en").unwrap().classes("not"), 0);
        assert!(lists.get("he").is_some());
        let wrong = BTreeMap::from([("de".to_owned(), "language = 'en'".to_owned())]);
        assert!(Lists::of_study(&wrong).unwrap_err().what.contains("make them agree"));
    }
}
