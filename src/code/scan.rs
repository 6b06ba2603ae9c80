//! One pass over a turn: its tokens, what their words mean to polarity, and every hit of every rule.
//!
//! Gives for each rule the intervals that [`crate::query::reference`] gives (a property test holds it to that), at the
//! speed of looking each word up once. Owns no meaning: words are matched in `text`, operators mean what the
//! reference says. Polarity and suggestions start from what the scan leaves in [`Scratch`].

use super::compile::{Action, Phrase, RuleSet, Then};
use super::scan_lexicon::{HAS_ACTIONS, Lexicon, key};
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
    /// Classes of their words, one for one.
    pub classes: Vec<u64>,
    /// Hits, sorted by first token, last token, code and rule; each once.
    pub hits: Vec<Hit>,
    /// Sentences of the turn, after [`Scratch::find_sentences`].
    pub sentences: Vec<Range<u32>>,
    rules: u64,
    lexicons: Vec<Lexicon>,
    numbers: Vec<u32>,
    forms: Forms,
    /// The words as gates see them, where brackets make them differ from the tokens.
    bare_forms: Forms,
    awake: Vec<u32>,
    positions: Vec<Vec<u32>>,
    filled: Vec<u32>,
}

/// Word forms of the tokens, and which of them set something off.
#[derive(Debug, Default)]
struct Forms {
    all: Vec<u32>,
    active: Vec<u32>,
}

impl Forms {
    fn clear(&mut self) {
        self.all.clear();
        self.active.clear();
    }

    #[inline(always)]
    fn push(&mut self, form: u32) {
        if form & HAS_ACTIONS != 0 {
            self.active.push(self.all.len() as u32);
        }
        self.all.push(form);
    }
}

impl Scratch {
    /// Finds the sentences of the turn that was scanned last, if that is not yet done.
    pub fn find_sentences(&mut self, text: &str) {
        if self.sentences.is_empty() {
            text::sentences(text, &self.tokens, &mut self.sentences);
        }
    }

    /// Forgets the last turn, and all words where the rules are others; gives the place of the language's lexicon.
    fn begin(&mut self, rules: &RuleSet, language: &str) -> usize {
        self.tokens.clear();
        self.classes.clear();
        self.numbers.clear();
        self.hits.clear();
        self.sentences.clear();
        self.forms.clear();
        self.bare_forms.clear();
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
        known.unwrap_or_else(|| {
            if self.lexicons.len() == MOST_LANGUAGES {
                self.lexicons.clear();
            }
            self.lexicons.push(Lexicon::new(rules, language));
            self.lexicons.len() - 1
        })
    }

    /// Lists for each leaf the tokens it matches.
    fn fill_positions(&mut self, lexicon: usize) {
        let Some(lexicon) = self.lexicons.get(lexicon).filter(|_| self.filled.is_empty()) else { return };
        for (at, form) in (0..).zip(&self.forms.all).filter(|(_, form)| **form != 0) {
            for leaf in lexicon.leaves(*form) {
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
        let place = scratch.begin(self, language);
        let Some(lexicon) = scratch.lexicons.get_mut(place) else { return };
        lexicon.make_room();
        text::tokenize(text, &mut scratch.tokens);
        let small = lexicon.small_letters(text);
        let (tokens, numbers) = (&scratch.tokens, &mut scratch.numbers);
        numbers.extend(tokens.iter().map(|token| lexicon.glance(key(text, token.span, small))));
        scratch.classes.resize(tokens.len(), 0);
        scratch.forms.all.resize(tokens.len(), 0);
        scratch.forms.active.resize(tokens.len(), 0);
        let (mut longest, mut active) = (0, 0);
        let entries = scratch.classes.iter_mut().zip(&mut scratch.forms.all);
        for (at, ((token, number), (classes, form))) in (0..).zip(tokens.iter().zip(numbers).zip(entries)) {
            let known = lexicon.entry(*number).filter(|_| token.kind == TokenKind::Word);
            let entry = known.unwrap_or_else(|| lexicon.look_up(self, text, *token, small));
            longest = longest.max(token.span.len());
            *classes = entry.classes;
            *form = entry.form;
            // Written always and kept where it has actions: cheaper than to be wrong about which it will be.
            if let Some(place) = scratch.forms.active.get_mut(active) {
                *place = at;
            }
            active += usize::from(entry.form & HAS_ACTIONS != 0);
        }
        scratch.forms.active.truncate(active);
        let is_marked = !self.gated.is_empty() && text::may_hold_marks(text);
        if is_marked {
            text::each_word(text, 0, |span| {
                let bare = Token { span, kind: TokenKind::Word };
                scratch.bare_forms.push(lexicon.look_up(self, text, bare, small).form);
            });
        }
        // A long word may have been cut in the middle of what a gate asks for.
        if longest as usize + 4 > LONGEST_TOKEN {
            scratch.awake.extend(&self.gated);
        }
        let mut follow = Follow { rules: self, lexicon, hits: &mut scratch.hits, awake: &mut scratch.awake };
        follow.run(&scratch.forms, true, !is_marked);
        follow.run(&scratch.bare_forms, false, true);
        scratch.awake.extend(&self.restless);
        if !scratch.awake.is_empty() {
            self.evaluate_units(scratch, place, text, language, context);
        }
        scratch.hits.sort_unstable();
        scratch.hits.dedup();
    }

    fn evaluate_units(
        &self,
        scratch: &mut Scratch,
        lexicon: usize,
        text: &str,
        language: &str,
        context: &TurnContext<'_>,
    ) {
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
                scratch.fill_positions(lexicon);
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
    fn run(&mut self, forms: &Forms, with_words: bool, with_gates: bool) {
        let lexicon = self.lexicon;
        for &at in &forms.active {
            let Some(&form) = forms.all.get(at as usize) else { continue };
            for action in lexicon.actions(form) {
                match *action {
                    Action::Hit(rule) if with_words => self.hit(rule, at, at),
                    Action::Check { phrase, offset, leaf } if self.is_at(forms, at, offset, leaf) => {
                        match self.rules.phrases.get(phrase as usize).filter(|phrase| self.stands(phrase, forms, at)) {
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
    fn stands(&self, phrase: &Phrase, forms: &Forms, at: u32) -> bool {
        phrase.others.iter().all(|(offset, leaf)| self.is_at(forms, at, *offset, *leaf))
    }

    /// Whether a word matches a leaf so many tokens on.
    #[inline(always)]
    fn is_at(&self, forms: &Forms, at: u32, offset: i32, leaf: u32) -> bool {
        let form = at.checked_add_signed(offset).and_then(|at| forms.all.get(at as usize));
        form.is_some_and(|form| self.lexicon.has_leaf(*form, leaf))
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
