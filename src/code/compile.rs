//! From the rules of a codebook to one rule set that a single pass over a turn checks all at once.
//!
//! Owns which rules a codebook has and what sets each of them off: its rarest word, a whole phrase, a gate of its
//! regular expression. Does not read texts; that is [`super::scan`]. Rules that cannot be rules are refused here,
//! all of them at once.

use super::RuleRef;
use crate::model::{Code, CodeStatus, Codebook, Polarity, Rule};
use crate::query::gates::{Gate, GateWord, Place, frequency, gate_frequency, gates};
use crate::query::operators::{Node, Numbers};
use crate::query::{ParseError, Query, RuleError, Scope, Term, check_rule, compile_regex, parse};
use crate::text::{MatchMode, fold};
use regex::Regex;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a word means to whoever looks at turns after the scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct WordMeaning {
    /// Bits of their choice.
    pub classes: u64,
    /// A number of their choice, for what depends on the word itself.
    pub number: u32,
}

/// Whoever looks at turns after the scan.
pub trait WordClasses: Send + Sync {
    /// What a folded word of a language means; asked once per distinct form.
    fn meaning(&self, folded: &str, language: &str) -> WordMeaning;
}

/// No word means anything.
#[derive(Debug, Clone, Copy)]
pub struct NoClasses;

impl WordClasses for NoClasses {
    fn meaning(&self, _: &str, _: &str) -> WordMeaning {
        WordMeaning::default()
    }
}

/// Why a rule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// It is not in the query language.
    #[error(transparent)]
    Unreadable(#[from] ParseError),
    /// It is, but cannot be a rule.
    #[error(transparent)]
    Unfit(#[from] RuleError),
}

/// A rule of a codebook that cannot be used, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule {} of code `{code}` cannot be used: `{query}`", index + 1)]
pub struct RuleProblem {
    /// Id of the code.
    pub code: String,
    /// Position in the code's rules; negative forms count on after them.
    pub index: u32,
    /// The rule as written.
    pub query: String,
    /// What is wrong.
    #[source]
    pub fault: RuleFault,
}

/// A rule as the scan reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledRule {
    /// Position in [`RuleSet::codes`].
    pub code: u32,
    /// Where it stands in the codebook.
    pub reference: RuleRef,
    /// Polarity of a hit with no trigger in scope; `absent` for negative forms.
    pub polarity: Polarity,
    /// Target that a hit implies.
    pub target: Option<String>,
    /// Language it is for.
    pub language: Option<String>,
    /// Triggers do not change its polarity.
    pub fixed: bool,
    /// The query.
    pub query: Query,
}

impl CompiledRule {
    /// Whether it is for turns of a language.
    pub fn is_for(&self, language: &str) -> bool {
        self.language.as_deref().is_none_or(|wanted| primary(wanted).eq_ignore_ascii_case(primary(language)))
    }
}

/// `en` of `en-GB`.
fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

/// What single words are compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Leaf {
    /// A word of a query.
    Term { text: String, mode: MatchMode, inserted: bool },
    /// A word of a gate.
    Gate(GateWord),
}

/// What a word sets off where it occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// The rule hits the word.
    Hit(u32),
    /// Look whether the phrase stands around it; first at the next rarest word, so many tokens on.
    Check { phrase: u32, offset: i32, leaf: u32 },
    /// Evaluate the unit.
    Wake(u32),
    /// Evaluate the unit; by a gate, which ignores what remarks are.
    Open(u32),
    /// Evaluate everything that waits for a gate.
    OpenAll,
}

/// What a phrase sets off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The rule hits it.
    Hit(u32),
    /// Evaluate the unit; by a gate.
    Open(u32),
}

/// Words side by side, looked for around the rarest of them.
#[derive(Debug)]
pub(super) struct Phrase {
    /// Places of the other words, counted from the rarest, and their leaves.
    pub others: Vec<(i32, u32)>,
    /// Tokens before the rarest and behind it.
    pub reach: (u32, u32),
    /// What happens when all are there.
    pub then: Then,
}

/// A part of a rule that is evaluated over the whole turn.
#[derive(Debug)]
pub(super) struct Unit {
    /// The rule.
    pub rule: u32,
    /// What is evaluated.
    pub node: Node,
}

/// All rules of a codebook, ready to [scan](RuleSet::scan) turns.
pub struct RuleSet {
    identity: u64,
    codes: Vec<String>,
    rules: Vec<CompiledRule>,
    leaves: Vec<Leaf>,
    actions: Vec<Vec<Action>>,
    pub(super) phrases: Vec<Phrase>,
    pub(super) units: Vec<Unit>,
    pub(super) regexes: Vec<Regex>,
    /// Units that nothing sets off: they are evaluated in every turn.
    pub(super) restless: Vec<u32>,
    /// Units that wait for a gate.
    pub(super) gated: Vec<u32>,
    classes: Box<dyn WordClasses>,
}

impl RuleSet {
    /// Compiles the rules and negative forms of every code that is in use (draft or active).
    ///
    /// # Errors
    /// Every rule that cannot be parsed, depends on decisions or scores, only filters, or would match everything.
    pub fn compile(codebook: &Codebook, classes: Box<dyn WordClasses>) -> Result<Self, Vec<RuleProblem>> {
        let mut problems = Vec::new();
        let mut builder = Builder::default();
        for (id, code) in &codebook.codes {
            if !matches!(code.status, CodeStatus::Draft | CodeStatus::Active) {
                continue;
            }
            let number = builder.codes.len() as u32;
            builder.codes.push(id.clone());
            for (index, rule) in (0..).zip(rules_of(code)) {
                match understand(&rule.query) {
                    Ok(query) => builder.add_rule(number, index, rule, query),
                    Err(fault) => problems.push(RuleProblem { code: id.clone(), index, query: rule.query, fault }),
                }
            }
        }
        if problems.is_empty() { Ok(builder.finish(classes)) } else { Err(problems) }
    }

    /// Ids of the codes in use, sorted.
    pub fn codes(&self) -> &[String] {
        &self.codes
    }

    /// Their rules, code by code in the order of the codebook.
    pub fn rules(&self) -> &[CompiledRule] {
        &self.rules
    }

    /// Differs between rule sets of one process.
    pub(super) const fn identity(&self) -> u64 {
        self.identity
    }

    pub(super) fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// What a leaf sets off.
    pub(super) fn actions(&self, leaf: u32) -> &[Action] {
        self.actions.get(leaf as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether what an action leads to is for turns of a language.
    pub(super) fn is_for(&self, action: Action, language: &str) -> bool {
        let unit = |unit: u32| self.units.get(unit as usize).map(|unit| unit.rule);
        let rule = match action {
            Action::Hit(rule) => Some(rule),
            Action::Wake(wanted) | Action::Open(wanted) => unit(wanted),
            Action::Check { phrase, .. } => self.phrases.get(phrase as usize).and_then(|phrase| match phrase.then {
                Then::Hit(rule) => Some(rule),
                Then::Open(wanted) => unit(wanted),
            }),
            Action::OpenAll => return true,
        };
        rule.and_then(|rule| self.rules.get(rule as usize)).is_some_and(|rule| rule.is_for(language))
    }

    pub(super) fn meaning_of(&self, folded: &str, language: &str) -> WordMeaning {
        self.classes.meaning(folded, language)
    }

    /// Whether some rule tells `Trust` from `trust`.
    pub(super) fn asks_for_capitals(&self) -> bool {
        self.leaves.iter().any(|leaf| matches!(leaf, Leaf::Term { mode: MatchMode::Exact, .. }))
    }
}

/// The rules of a code, then its negative forms.
fn rules_of(code: &Code) -> impl Iterator<Item = Rule> {
    let negative = |form: &String| Rule {
        query: form.clone(),
        polarity: Polarity::Absent,
        target: None,
        language: None,
        fixed: false,
    };
    code.rules.iter().cloned().chain(code.negative_forms.iter().map(negative))
}

fn understand(query: &str) -> Result<Query, RuleFault> {
    let query = parse(query)?;
    check_rule(&query)?;
    Ok(query)
}

/// What sets a unit off: it has no interval in a turn without any of these.
enum Wake {
    Leaf(u32),
    Gate(Gate),
}

#[derive(Default)]
struct Builder {
    codes: Vec<String>,
    rules: Vec<CompiledRule>,
    leaves: Vec<Leaf>,
    leaf_numbers: HashMap<Leaf, u32>,
    actions: Vec<Vec<Action>>,
    phrases: Vec<Phrase>,
    units: Vec<Unit>,
    regexes: Vec<Regex>,
    regex_numbers: HashMap<String, u32>,
    /// Gates of each regular expression; none where it has to run always.
    gates: Vec<Option<Vec<Gate>>>,
    restless: Vec<u32>,
    gated: Vec<u32>,
}

impl Numbers for Builder {
    fn term(&mut self, term: &Term) -> u32 {
        self.leaf(Leaf::Term { text: term.text.clone(), mode: term.mode.into(), inserted: term.inserted })
    }

    fn regex(&mut self, pattern: &str) -> u32 {
        if let Some(number) = self.regex_numbers.get(pattern) {
            return *number;
        }
        let number = self.regexes.len() as u32;
        // The parser let it pass, so it compiles; were it not so, it would match nothing.
        if let Ok(regex) = compile_regex(pattern) {
            self.regexes.push(regex);
            self.gates.push(gates(pattern));
            self.regex_numbers.insert(pattern.to_owned(), number);
        }
        number
    }
}

impl Builder {
    fn add_rule(&mut self, code: u32, index: u32, rule: Rule, query: Query) {
        let number = self.rules.len() as u32;
        self.add_alternatives(number, &query);
        let Rule { query: written, polarity, target, language, fixed } = rule;
        let reference = RuleRef { index, query: written.into() };
        self.rules.push(CompiledRule { code, reference, polarity, target, language, fixed, query });
    }

    /// The parts of an OR denote what they denote alone; conditions among them denote nothing.
    fn add_alternatives(&mut self, rule: u32, query: &Query) {
        match query {
            Query::Or(parts) => parts.iter().for_each(|part| self.add_alternatives(rule, part)),
            Query::Within(Scope::Turn | Scope::Source, part) => self.add_alternatives(rule, part),
            Query::Not(_) | Query::Field(..) | Query::Related(..) => {}
            Query::Term(term) => {
                let leaf = self.term(term);
                self.act(leaf, Action::Hit(rule));
            }
            Query::Phrase { terms, slop: 0 } => {
                let leaves: Vec<u32> = terms.iter().map(|term| self.term(term)).collect();
                self.add_phrase(&leaves, Then::Hit(rule));
            }
            _ => {
                let node = Node::of(query, self);
                self.add_unit(rule, node);
            }
        }
    }

    fn add_unit(&mut self, rule: u32, node: Node) {
        let unit = self.units.len() as u32;
        match self.wakes(&node) {
            None => self.restless.push(unit),
            Some((_, wakes)) => {
                for wake in wakes {
                    match wake {
                        Wake::Leaf(leaf) => self.act(leaf, Action::Wake(unit)),
                        Wake::Gate(gate) => {
                            if self.gated.last() != Some(&unit) {
                                self.gated.push(unit);
                            }
                            let leaves: Vec<u32> = gate.into_iter().map(|word| self.leaf(Leaf::Gate(word))).collect();
                            match leaves.as_slice() {
                                [leaf] => self.act(*leaf, Action::Open(unit)),
                                _ => self.add_phrase(&leaves, Then::Open(unit)),
                            }
                        }
                    }
                }
            }
        }
        self.units.push(Unit { rule, node });
    }

    /// Looks for a phrase around the rarest of its words, and there for the next rarest first.
    fn add_phrase(&mut self, leaves: &[u32], then: Then) {
        let mut places: Vec<(usize, u32)> = leaves.iter().copied().enumerate().collect();
        places.sort_by(|a, b| self.frequency(a.1).total_cmp(&self.frequency(b.1)));
        let Some((&(anchor, rarest), others)) = places.split_first() else { return };
        let others: Vec<(i32, u32)> = others.iter().map(|(k, leaf)| (*k as i32 - anchor as i32, *leaf)).collect();
        let (offset, leaf) = others.first().copied().unwrap_or((0, rarest));
        let phrase = self.phrases.len() as u32;
        self.phrases.push(Phrase { others, reach: (anchor as u32, (leaves.len() - 1 - anchor) as u32), then });
        self.act(rarest, Action::Check { phrase, offset, leaf });
    }

    fn act(&mut self, leaf: u32, action: Action) {
        if let Some(actions) = self.actions.get_mut(leaf as usize)
            && !actions.contains(&action)
        {
            actions.push(action);
        }
    }

    fn leaf(&mut self, leaf: Leaf) -> u32 {
        let next = self.leaves.len() as u32;
        let number = *self.leaf_numbers.entry(leaf.clone()).or_insert(next);
        if number == next {
            self.leaves.push(leaf);
            self.actions.push(Vec::new());
        }
        number
    }

    /// What must occur in a turn for the node to hold there, the rarest choice with how often it will; nothing where
    /// it may hold without any of its words.
    fn wakes(&self, node: &Node) -> Option<(f64, Vec<Wake>)> {
        let rarer = |a: Option<(f64, Vec<Wake>)>, b: Option<(f64, Vec<Wake>)>| match (a, b) {
            (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
            (a, b) => a.or(b),
        };
        match node {
            Node::Phrase { leaves, .. } => {
                let often = leaves.iter().map(|leaf| (self.frequency(*leaf), *leaf));
                let (often, leaf) = often.min_by(|a, b| a.0.total_cmp(&b.0))?;
                Some((often, vec![Wake::Leaf(leaf)]))
            }
            Node::Regex(regex) => {
                let gates = self.gates.get(*regex as usize)?.clone()?;
                Some((gates.iter().map(gate_frequency).sum(), gates.into_iter().map(Wake::Gate).collect()))
            }
            Node::And(parts) => parts.iter().map(|part| self.wakes(part)).fold(None, rarer),
            Node::Near { left, right, .. } => rarer(self.wakes(left), self.wakes(right)),
            Node::Or(parts) => {
                let mut all = (0.0, Vec::new());
                for part in parts {
                    let (often, wakes) = self.wakes(part)?;
                    all.0 += often;
                    all.1.extend(wakes);
                }
                Some(all)
            }
            Node::Sentence(part) => self.wakes(part),
            Node::Not(_) | Node::Field(_) => None,
        }
    }

    /// A guess at how often a leaf occurs.
    fn frequency(&self, leaf: u32) -> f64 {
        match self.leaves.get(leaf as usize) {
            Some(Leaf::Term { inserted: true, .. }) => 0.0,
            Some(Leaf::Term { text, mode: MatchMode::Plain | MatchMode::Exact, .. }) => {
                frequency(&fold(text), Place::Whole)
            }
            Some(Leaf::Term { text, mode: MatchMode::Wildcard, .. }) => {
                let letters = text.split(['*', '?']).max_by_key(|letters| letters.len()).unwrap_or("");
                let is_prefix = text.strip_suffix('*').is_some_and(|prefix| prefix == letters);
                frequency(&fold(letters), if is_prefix { Place::Start } else { Place::Inside })
            }
            Some(Leaf::Term { text, mode: MatchMode::Fuzzy(_), .. }) => frequency(&fold(text), Place::Inside),
            Some(Leaf::Gate(word)) => word.frequency(),
            None => 1.0,
        }
    }

    fn finish(self, classes: Box<dyn WordClasses>) -> RuleSet {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        RuleSet {
            identity: NEXT.fetch_add(1, Ordering::Relaxed),
            codes: self.codes,
            rules: self.rules,
            leaves: self.leaves,
            actions: self.actions,
            phrases: self.phrases,
            units: self.units,
            regexes: self.regexes,
            restless: self.restless,
            gated: self.gated,
            classes,
        }
    }
}
