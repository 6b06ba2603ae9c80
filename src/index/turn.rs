//! One turn: as the index gives it, and as a query sees it.

use super::plan::Plan;
use super::schema::{kind_tag, stemmer_tag};
use super::vocabulary::Form;
use crate::model::{Role, Source, Span};
use crate::query::Query;
use crate::query::operators::{self, regex_intervals};
use crate::query::reference::{self, Interval, TurnText};
use crate::text::{self, Token, TokenKind, fold};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// A turn of a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn<'a> {
    /// Its ordinal.
    pub ordinal: u32,
    /// Id of its source.
    pub source_id: &'a str,
    /// Position among the turns of its source.
    pub index: usize,
    /// Its words.
    pub text: String,
    /// Where they start in the revision, in bytes.
    pub start: u32,
    /// Label of its speaker.
    pub speaker: String,
    /// Its language.
    pub language: String,
    /// The question it answers, where the source says so.
    pub question: Option<String>,
}

/// What is known of a turn beside its words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Labels<'l> {
    pub speaker: Cow<'l, str>,
    pub language: Cow<'l, str>,
    pub question: Option<Cow<'l, str>>,
}

impl Labels<'_> {
    /// Whether a condition on labels holds for a turn with these.
    pub fn hold(&self, condition: &Query, source: &Source) -> bool {
        let Self { speaker, language, question } = self;
        let role: Role = source.role(speaker);
        let question = question.as_deref();
        let turn = TurnText { text: "", tokens: &[], sentences: &[], language, speaker, role, question };
        reference::holds(condition, &turn)
    }
}

/// The words of a turn taken apart.
pub(super) struct Words {
    text: String,
    tokens: Vec<Token>,
    sentences: OnceCell<Vec<Range<u32>>>,
}

impl Words {
    pub fn new(text: String) -> Self {
        let mut tokens = Vec::new();
        text::tokenize(&text, &mut tokens);
        Self { text, tokens, sentences: OnceCell::new() }
    }

    /// Bytes of the text that tokens cover.
    pub fn span(&self, interval: Interval) -> Option<Span> {
        let border = |k: u32| self.tokens.get(k as usize).map(|token| token.span);
        Some(border(interval.first)?.cover(border(interval.last)?))
    }

    /// Number of tokens.
    pub const fn len(&self) -> usize {
        self.tokens.len()
    }
}

/// A turn as a query sees it: what the index knows is used, the rest is read when something asks for it.
pub(super) struct View<'a> {
    plan: &'a Plan,
    ordinal: u32,
    source: &'a Source,
    /// Places of the words, word by word, where the index has told them.
    known: Option<&'a [Vec<u32>]>,
    read_words: &'a dyn Fn() -> String,
    read_labels: &'a dyn Fn() -> Labels<'a>,
    is_indexed: bool,
    words: OnceCell<Words>,
    labels: OnceCell<Labels<'a>>,
    positions: Vec<OnceCell<Vec<u32>>>,
}

impl<'a> View<'a> {
    pub fn new(
        plan: &'a Plan,
        ordinal: u32,
        source: &'a Source,
        known: Option<&'a [Vec<u32>]>,
        read_words: &'a dyn Fn() -> String,
        read_labels: &'a dyn Fn() -> Labels<'a>,
    ) -> Self {
        let asks = known.is_none() || plan.asks_for_exact();
        let positions = if asks { vec![OnceCell::new(); plan.words.len()] } else { Vec::new() };
        Self {
            plan,
            ordinal,
            source,
            known,
            read_words,
            read_labels,
            is_indexed: false,
            words: OnceCell::new(),
            labels: OnceCell::new(),
            positions,
        }
    }

    /// Its words.
    pub fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::new((self.read_words)()))
    }

    fn labels(&self) -> &Labels<'a> {
        self.labels.get_or_init(|| (self.read_labels)())
    }

    /// How many different forms of a word the turn holds; capitals and marks aside, also of one that asks for them.
    pub fn forms(&self, word: u32) -> u64 {
        let Words { text, tokens, .. } = self.words();
        let folded = |token: &Token| token.span.of(text).map(fold);
        if let Some(exact) = self.plan.words.get(word as usize).filter(|word| word.is_exact) {
            let is_form = |form: &str| exact.terms.iter().any(|term| fold(&term.text) == form);
            return u64::from(tokens.iter().filter_map(folded).any(|form| is_form(&form)));
        }
        let tokens = operators::Turn::positions(self, word).iter().filter_map(|at| tokens.get(*at as usize));
        tokens.filter_map(folded).collect::<BTreeSet<_>>().len() as u64
    }

    /// The same for a turn that the index holds, so that its forms are known.
    pub fn indexed(self) -> Self {
        Self { is_indexed: true, ..self }
    }

    /// Tokens that a word matches, told from the text.
    fn matched(&self, word: u32) -> Vec<u32> {
        if let Some(forms) = self.plan.plain_forms(word).filter(|_| self.is_indexed) {
            return self.matched_by_forms(forms);
        }
        let matchers = self.plan.matchers(&self.labels().language);
        let inserted =
            self.plan.words.get(word as usize).and_then(|word| word.terms.first()).is_some_and(|t| t.inserted);
        let kind = if inserted { TokenKind::Inserted } else { TokenKind::Word };
        let Words { text, tokens, .. } = self.words();
        let matches = |token: &Token| {
            let Some(raw) = token.span.of(text).filter(|_| token.kind == kind) else { return false };
            let folded = fold(raw);
            matchers.get(word as usize).is_some_and(|all| all.iter().any(|one| one.matches(raw, &folded)))
        };
        (0..).zip(tokens).filter(|(_, token)| matches(token)).map(|(at, _)| at).collect()
    }
}

impl View<'_> {
    /// Tokens whose forms are in a sorted list: quicker than to find the stem of each.
    fn matched_by_forms(&self, forms: &[Form]) -> Vec<u32> {
        let Words { text, tokens, .. } = self.words();
        let (tag, mut term, alike) = (stemmer_tag(&self.labels().language), Vec::new(), Alike::new(forms));
        let mut is_form = |token: &Token| {
            let Some(word) = token.span.of(text).filter(|word| alike.may_be(word)) else { return false };
            term.clear();
            term.push(kind_tag(token.kind == TokenKind::Inserted) as u8);
            term.extend_from_slice(tag.as_bytes());
            term.extend_from_slice(fold(word).as_bytes());
            forms.binary_search_by(|form| form.term.as_slice().cmp(&term)).is_ok()
        };
        (0..).zip(tokens).filter(|(_, token)| is_form(token)).map(|(at, _)| at).collect()
    }
}

/// Lengths and first bytes of some forms, as bits: tells most words apart from them at a glance.
struct Alike {
    lengths: u64,
    firsts: u128,
}

impl Alike {
    fn new(forms: &[Form]) -> Self {
        let mut alike = Self { lengths: 0, firsts: 0 };
        for word in forms.iter().map(Form::word) {
            alike.lengths |= 1 << word.len().min(63);
            alike.firsts |= word.bytes().next().filter(u8::is_ascii).map_or(0, |first| 1 << first);
        }
        alike
    }

    /// Folding an ASCII word changes neither its length nor its first letter but for the case.
    fn may_be(&self, word: &str) -> bool {
        let first = word.bytes().next().map_or(0, |first| first.to_ascii_lowercase());
        let is_alike = || (self.firsts >> first) & 1 == 1 && (self.lengths >> word.len().min(63)) & 1 == 1;
        !first.is_ascii() || if word.len() < 16 && word.is_ascii() { is_alike() } else { true }
    }
}

impl operators::Turn for View<'_> {
    fn positions(&self, word: u32) -> &[u32] {
        let is_exact = || self.plan.words.get(word as usize).is_none_or(|word| word.is_exact);
        match self.known {
            Some(known) if !is_exact() => known.get(word as usize).map_or(&[], Vec::as_slice),
            _ => self.positions.get(word as usize).map_or(&[], |cell| cell.get_or_init(|| self.matched(word))),
        }
    }

    fn matches(&self, expression: u32) -> Vec<Interval> {
        let Some(expression) = self.plan.expressions.get(expression as usize) else { return Vec::new() };
        let words = self.words();
        if !expression.may_read(words.text.len()) {
            return Vec::new();
        }
        expression.regex().map_or_else(Vec::new, |regex| regex_intervals(regex, &words.text, &words.tokens))
    }

    fn sentences(&self) -> &[Range<u32>] {
        let words = self.words();
        words.sentences.get_or_init(|| {
            let mut sentences = Vec::new();
            text::sentences(&words.text, &words.tokens, &mut sentences);
            sentences
        })
    }

    fn holds(&self, condition: &Query) -> bool {
        if let Some(set) = self.plan.set(condition) {
            return set.contains(self.ordinal);
        }
        self.labels().hold(condition, self.source)
    }
}
