//! Words of questions and answers, as the lists hold them: what opens an answer, what a question asks for.
//!
//! Owns the groups and the look-up of their entries; what they come to is in [`crate::code`]'s reading of answers. They
//! are apart from the classes because they are looked for at the border of two turns only, not in every sentence.

use crate::text::{Token, fold, tokenize};
use std::collections::HashMap;

/// A group of words of questions and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Says nothing and stands before an answer: `well`, `oh God`.
    Opening,
    /// Agrees: `yes`, `of course`.
    Yes,
    /// Denies: `no`, `not at all`.
    No,
    /// Agrees with the question as it was put, a negative one too: `exactly`.
    Agreed,
    /// Fills the place that was asked about with nobody or nothing: `nobody`, `none`.
    Nobody,
    /// Fills it with many: `everyone`, `loads`.
    Many,
    /// Was so and is no more: `not any more`, `it's gone`.
    Over,
    /// Is so less than before: `less`, `not as much`.
    Less,
    /// Is so in part or at times: `a bit`, `sometimes`.
    Partly,
    /// Leaves it open: `I don't know`.
    Unsure,
    /// Goes elsewhere although it began like an answer: `no, wait`.
    Elsewhere,
    /// Opens a question that no word agrees with or denies: `how`, `why`.
    AskingOpen,
    /// Opens a question that `none` answers: `how much`.
    AskingMeasure,
    /// Opens a question that a person answers: `who`.
    AskingWho,
    /// Asks for talk, and not whether it is so: `tell me`.
    AskingTalk,
    /// Asks what may come to be: `could you see yourself`.
    AskingUnreal,
    /// Hangs on a statement and makes it a question: `right`.
    AskingTag,
    /// Asks whether there is a person, so that a person answers: `anyone`.
    AskingAnyone,
    /// What is asked about was so before: denied, it is over.
    AskingStill,
}

/// The name of each group in the lists.
const NAMES: &[(&str, Form)] = &[
    ("answer-opening", Form::Opening),
    ("answer-yes", Form::Yes),
    ("answer-no", Form::No),
    ("answer-agreed", Form::Agreed),
    ("answer-nobody", Form::Nobody),
    ("answer-many", Form::Many),
    ("answer-over", Form::Over),
    ("answer-less", Form::Less),
    ("answer-partly", Form::Partly),
    ("answer-unsure", Form::Unsure),
    ("answer-elsewhere", Form::Elsewhere),
    ("asking-open", Form::AskingOpen),
    ("asking-measure", Form::AskingMeasure),
    ("asking-who", Form::AskingWho),
    ("asking-talk", Form::AskingTalk),
    ("asking-unreal", Form::AskingUnreal),
    ("asking-tag", Form::AskingTag),
    ("asking-anyone", Form::AskingAnyone),
    ("asking-still", Form::AskingStill),
];

/// The group of words that change with the speaker: `your > my`.
const TURNED: &str = "turned";

/// The words of questions and answers of one language.
#[derive(Debug, Clone, Default)]
pub struct Forms {
    /// By first word, the longest first.
    entries: HashMap<String, Vec<(Vec<String>, Form)>>,
    turned: Vec<(String, String)>,
}

impl Forms {
    /// Names of the groups that hold such words.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name).chain([TURNED])
    }

    /// Whether a group holds such words.
    pub(super) fn holds(group: &str) -> bool {
        Self::names().any(|name| name == group)
    }

    /// Adds an entry of a group; the reason where it cannot be used.
    pub(super) fn add(&mut self, group: &str, entry: &str) -> Result<(), String> {
        if group == TURNED {
            let (from, to) = entry.split_once('>').ok_or_else(|| {
                format!("`{entry}` should be written as `your > my`: the listener's word, then the speaker's")
            })?;
            self.turned.push((fold(from.trim()).into_owned(), fold(to.trim()).into_owned()));
            return Ok(());
        }
        let mut tokens: Vec<Token> = Vec::new();
        tokenize(entry, &mut tokens);
        let mut words = tokens.iter().filter_map(|token| token.span.of(entry)).map(|word| fold(word).into_owned());
        let first = words.next().ok_or_else(|| format!("`{entry}` holds no word: remove it or write one"))?;
        let Some((_, form)) = NAMES.iter().find(|(name, _)| *name == group) else { return Ok(()) };
        let alike = self.entries.entry(first).or_default();
        alike.push((words.collect(), *form));
        alike.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        Ok(())
    }

    /// Whether an entry begins with a word.
    pub fn begins(&self, word: &str) -> bool {
        self.entries.contains_key(word)
    }

    /// The longest entry of some groups that begins with the word `at`: its number of words and its group.
    pub fn find(&self, words: &[String], at: usize, wanted: &[Form]) -> Option<(usize, Form)> {
        let rest = words.get(at + 1..)?;
        let alike = self.entries.get(words.get(at)?)?;
        let found = alike.iter().find(|(more, form)| wanted.contains(form) && rest.starts_with(more))?;
        Some((found.0.len() + 1, found.1))
    }

    /// Whether an entry of some groups stands anywhere among words.
    pub fn any(&self, words: &[String], wanted: &[Form]) -> bool {
        (0..words.len()).any(|at| self.find(words, at, wanted).is_some())
    }

    /// What the listener's word is when the speaker says it: as a subject first, then as an object.
    pub fn turned(&self, word: &str) -> Option<(&str, &str)> {
        let mut all = self.turned.iter().filter(|(from, _)| from == word).map(|(_, to)| to.as_str());
        let first = all.next()?;
        Some((first, all.next().unwrap_or(first)))
    }

    /// The same the other way round: the speaker's word when the listener is meant.
    pub fn turned_back(&self, word: &str) -> Option<&str> {
        self.turned.iter().find(|(_, to)| to == word).map(|(from, _)| from.as_str())
    }

    /// All pairs of words that change with the speaker, in both directions.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.turned.iter().flat_map(|(a, b)| [(a.as_str(), b.as_str()), (b.as_str(), a.as_str())])
    }
}
