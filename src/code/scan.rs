//! One pass over a turn: its tokens, what their words mean to polarity, and every hit of every rule.
//!
//! Gives for each rule the intervals that [`crate::query::reference`] gives (a property test holds it to that), at the
//! speed of looking each word up once. Owns no meaning: words are matched in `text`, operators mean what the
//! reference says. Polarity and suggestions start from what the scan leaves in [`Scratch`].

use super::compile::{Action, Phrase, RuleSet, Then, WordMeaning};
use super::scan_lexicon::{HAS_ACTIONS, Lexicon, key};
use super::scan_table::UNKNOWN;
use crate::model::Role;
use crate::query::Query;
use crate::query::operators::{self, Node, regex_intervals};
use crate::query::reference::{self, Interval, TurnText};
use crate::text::{self, LONGEST_TOKEN, Token, TokenKind};
use regex::Regex;
use std::ops::Range;

/// Languages whose words are kept; a study has a few, a broken table may name thousands.
const MOST_LANGUAGES: usize = 16;

/// What rules may ask of a turn beside its words.
#[derive(Debug, Clone, Copy)]
pub struct TurnContext<'a> {
    /// Label of the speaker.
    pub speaker: &'a str,
    /// Role of the speaker.
    pub role: Role,
    /// The question it answers, where the source says so.
    pub question: Option<&'a str>,
}

/// Where a rule hits: tokens `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hit {
    /// Index of the first token.
    pub first: u32,
    /// Index of the last token.
    pub last: u32,
    /// Position in [`RuleSet::codes`].
    pub code: u32,
    /// Position in [`RuleSet::rules`].
    pub rule: u32,
}

/// What a scan leaves behind, and the memory it works in: one for each thread, used for turn after turn.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Tokens of the turn.
    pub tokens: Vec<Token>,
    /// Hits, sorted by first token, last token, code and rule; each once.
    pub hits: Vec<Hit>,
    /// Sentences of the turn, after [`Scratch::find_sentences`].
    pub sentences: Vec<Range<u32>>,
    rules: u64,
    lexicons: Vec<Lexicon>,
    /// The lexicon of the last turn.
    lexicon: usize,
    words: Words,
    /// The words as gates see them, where brackets make them differ from the tokens.
    bare_words: Words,
    awake: Vec<u32>,
    positions: Vec<Vec<u32>>,
    filled: Vec<u32>,
}

/// Numbers of words in the lexicon, and places of those that set something off.
#[derive(Debug, Default)]
struct Words {
    all: Vec<u32>,
    active: Vec<u32>,
}

impl Words {
    fn clear(&mut self) {
        self.all.clear();
        self.active.clear();
    }

    fn push(&mut self, number: u32) {
        if number & HAS_ACTIONS != 0 {
            self.active.push(self.all.len() as u32);
        }
        self.all.push(number);
    }

    /// Lists the active ones.
    fn find_active(&mut self) {
        self.active.resize(self.all.len(), 0);
        let mut count = 0;
        for (at, number) in (0..).zip(&self.all) {
            // Written always and kept where it is active: cheaper than to be wrong about which it will be.
            if let Some(place) = self.active.get_mut(count) {
                *place = at;
            }
            count += (number / HAS_ACTIONS) as usize;
        }
        self.active.truncate(count);
    }
}

impl Scratch {
    /// Finds the sentences of the turn that was scanned last, if that is not yet done.
    pub fn find_sentences(&mut self, text: &str) {
        if self.sentences.is_empty() {
            text::sentences(text, &self.tokens, &mut self.sentences);
        }
    }

    /// What the words of some tokens mean to polarity.
    pub fn meanings(&self, tokens: Range<u32>) -> impl Iterator<Item = WordMeaning> {
        let numbers = self.words.all.get(tokens.start as usize..tokens.end as usize).unwrap_or_default();
        let lexicon = self.lexicons.get(self.lexicon);
        numbers.iter().map(move |number| lexicon.map_or_else(WordMeaning::default, |lexicon| lexicon.meaning(*number)))
    }

    /// Forgets the last turn, and all words where the rules are others; finds the language's lexicon.
    fn begin(&mut self, rules: &RuleSet, language: &str) {
        self.tokens.clear();
        self.hits.clear();
        self.sentences.clear();
        self.words.clear();
        self.bare_words.clear();
        self.awake.clear();
        for leaf in self.filled.drain(..) {
            if let Some(positions) = self.positions.get_mut(leaf as usize) {
                positions.clear();
            }
        }
        if self.rules != rules.identity() {
            self.rules = rules.identity();
            self.lexicons.clear();
            self.positions.resize(rules.leaves().len(), Vec::new());
        }
        let known = self.lexicons.iter().position(|lexicon| lexicon.language == language);
        self.lexicon = known.unwrap_or_else(|| {
            if self.lexicons.len() == MOST_LANGUAGES {
                self.lexicons.clear();
            }
            self.lexicons.push(Lexicon::new(rules, language));
            self.lexicons.len() - 1
        });
    }

    /// Lists for each leaf the tokens it matches.
    fn fill_positions(&mut self) {
        let Some(lexicon) = self.lexicons.get(self.lexicon).filter(|_| self.filled.is_empty()) else { return };
        for (at, number) in (0..).zip(&self.words.all) {
            for leaf in lexicon.leaves(*number) {
                if let Some(positions) = self.positions.get_mut(*leaf as usize) {
                    if positions.is_empty() {
                        self.filled.push(*leaf);
                    }
                    positions.push(at);
                }
            }
        }
    }
}

impl RuleSet {
    /// Finds the tokens of a turn and every hit of every rule that is for its language.
    pub fn scan(&self, scratch: &mut Scratch, text: &str, language: &str, context: &TurnContext<'_>) {
        scratch.begin(self, language);
        let Some(lexicon) = scratch.lexicons.get_mut(scratch.lexicon) else { return };
        lexicon.make_room();
        text::tokenize(text, &mut scratch.tokens);
        let small = lexicon.small_letters(text);
        let is_marked = text::may_hold_marks(text);
        let (tokens, words) = (&scratch.tokens, &mut scratch.words);
        let mut longest = 0;
        if is_marked {
            for token in tokens {
                longest = longest.max(token.span.len());
                words.push(lexicon.look_up(self, text, *token, small));
            }
        } else {
            words.all.extend(tokens.iter().map(|token| lexicon.glance(key(text, token.span, small))));
            words.find_active();
            let Words { all, active } = words;
            active.retain(|at| {
                let (Some(number), Some(token)) = (all.get_mut(*at as usize), tokens.get(*at as usize)) else {
                    return false;
                };
                if *number == UNKNOWN {
                    longest = longest.max(token.span.len());
                    *number = lexicon.look_up(self, text, *token, small);
                }
                *number & HAS_ACTIONS != 0
            });
        }
        let has_other_gates = is_marked && !self.gated.is_empty();
        if has_other_gates {
            text::each_word(text, 0, |span| {
                let bare = Token { span, kind: TokenKind::Word };
                scratch.bare_words.push(lexicon.look_up(self, text, bare, small));
            });
        }
        // A long word, which no glance knows, may have been cut in the middle of what a gate asks for.
        if longest as usize + 4 > LONGEST_TOKEN {
            scratch.awake.extend(&self.gated);
        }
        let mut follow = Follow { rules: self, lexicon, hits: &mut scratch.hits, awake: &mut scratch.awake };
        follow.run(&scratch.words, true, !has_other_gates);
        follow.run(&scratch.bare_words, false, true);
        scratch.awake.extend(&self.restless);
        if !scratch.awake.is_empty() {
            self.evaluate_units(scratch, text, language, context);
        }
        scratch.hits.sort_unstable();
        scratch.hits.dedup();
    }

    fn evaluate_units(&self, scratch: &mut Scratch, text: &str, language: &str, context: &TurnContext<'_>) {
        let mut awake = std::mem::take(&mut scratch.awake);
        awake.sort_unstable();
        awake.dedup();
        for unit in awake.iter().filter_map(|unit| self.units.get(*unit as usize)) {
            let Some(rule) = self.rules().get(unit.rule as usize).filter(|rule| rule.is_for(language)) else {
                continue;
            };
            let found = if let Node::Regex(regex) = &unit.node {
                let regex = self.regexes.get(*regex as usize);
                regex.map_or_else(Vec::new, |regex| regex_intervals(regex, text, &scratch.tokens))
            } else {
                scratch.fill_positions();
                scratch.find_sentences(text);
                let TurnContext { speaker, role, question } = *context;
                let (tokens, sentences) = (&scratch.tokens, &scratch.sentences);
                let turn = TurnText { text, tokens, sentences, language, speaker, role, question };
                let (positions, regexes) = (&scratch.positions, &self.regexes);
                operators::intervals(&unit.node, &ScannedTurn { turn, positions, regexes }).unwrap_or_default()
            };
            let hit = |Interval { first, last }| Hit { first, last, code: rule.code, rule: unit.rule };
            scratch.hits.extend(found.into_iter().map(hit));
        }
        scratch.awake = awake;
    }
}

/// A scanned turn as the operators see it.
struct ScannedTurn<'a> {
    turn: TurnText<'a>,
    positions: &'a [Vec<u32>],
    regexes: &'a [Regex],
}

impl operators::Turn for ScannedTurn<'_> {
    fn positions(&self, leaf: u32) -> &[u32] {
        self.positions.get(leaf as usize).map_or(&[], Vec::as_slice)
    }

    fn matches(&self, regex: u32) -> Vec<Interval> {
        let regex = self.regexes.get(regex as usize);
        regex.map_or_else(Vec::new, |regex| regex_intervals(regex, self.turn.text, self.turn.tokens))
    }

    fn sentences(&self) -> &[Range<u32>] {
        self.turn.sentences
    }

    fn holds(&self, condition: &Query) -> bool {
        reference::holds(condition, &self.turn)
    }
}

/// Follows up what words set off.
struct Follow<'a> {
    rules: &'a RuleSet,
    lexicon: &'a Lexicon,
    hits: &'a mut Vec<Hit>,
    awake: &'a mut Vec<u32>,
}

impl Follow<'_> {
    /// Follows the words of a turn, its gates, or both.
    fn run(&mut self, words: &Words, with_words: bool, with_gates: bool) {
        let lexicon = self.lexicon;
        for &at in &words.active {
            let Some(&number) = words.all.get(at as usize) else { continue };
            for action in lexicon.actions(number) {
                match *action {
                    Action::Hit(rule) if with_words => self.hit(rule, at, at),
                    Action::Check { phrase, offset, leaf } if self.is_at(words, at, offset, leaf) => {
                        match self.rules.phrases.get(phrase as usize).filter(|phrase| self.stands(phrase, words, at)) {
                            Some(Phrase { then: Then::Hit(rule), reach, .. }) if with_words => {
                                self.hit(*rule, at - reach.0, at + reach.1);
                            }
                            Some(Phrase { then: Then::Open(unit), .. }) if with_gates => self.awake.push(*unit),
                            _ => {}
                        }
                    }
                    Action::Wake(unit) if with_words => self.awake.push(unit),
                    Action::Open(unit) if with_gates => self.awake.push(unit),
                    Action::OpenAll if with_gates => self.awake.extend(&self.rules.gated),
                    _ => {}
                }
            }
        }
    }

    /// Whether the other words of a phrase stand around its rarest.
    fn stands(&self, phrase: &Phrase, words: &Words, at: u32) -> bool {
        phrase.others.iter().all(|(offset, leaf)| self.is_at(words, at, *offset, *leaf))
    }

    /// Whether a word matches a leaf so many tokens on.
    #[inline(always)]
    fn is_at(&self, words: &Words, at: u32, offset: i32, leaf: u32) -> bool {
        let number = at.checked_add_signed(offset).and_then(|at| words.all.get(at as usize));
        number.is_some_and(|number| self.lexicon.has_leaf(*number, leaf))
    }

    fn hit(&mut self, rule: u32, first: u32, last: u32) {
        if let Some(compiled) = self.rules.rules().get(rule as usize) {
            self.hits.push(Hit { first, last, code: compiled.code, rule });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
#[path = "scan_tests.rs"]
mod tests;
