//! A query made ready for one study: its words as the forms they stand for, its regular expressions compiled, the
//! conditions answered, and what a turn needs to have before it is worth a look.

use super::IndexError;
use super::reader::Conditions;
use super::schema::{ODD, stemmer_tag};
use super::vocabulary::{Form, MOST_FORMS, Vocabulary};
use crate::query::gates::{Gate, gates};
use crate::query::operators::{Node, Numbers};
use crate::query::{Query, Term, TermMode, compile_regex, pattern_places};
use crate::text::TermMatcher;
use regex::Regex;
use roaring::RoaringBitmap;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Alternatives of one OR that are looked up together, as one word with many forms.
const FEW_ALTERNATIVES: usize = 16;

/// What a turn must have for the query to hold there. It may have it and the query not hold; never the reverse.
#[derive(Debug)]
pub(super) enum Need {
    /// Nothing: any turn may do.
    Nothing,
    /// A form of a list.
    List(usize),
    /// To be in a set.
    Set(usize),
    /// All of these.
    All(Vec<Need>),
    /// One of these.
    One(Vec<Need>),
}

impl Need {
    /// The lists, where a form of any of them is all that is needed.
    pub fn any_of(&self) -> Option<Vec<usize>> {
        match self {
            Self::List(list) => Some(vec![*list]),
            Self::One(needs) => Some(needs.iter().map(Self::any_of).collect::<Option<Vec<_>>>()?.concat()),
            Self::Nothing | Self::Set(_) | Self::All(_) => None,
        }
    }
}

/// A word of the query: one term, or the alternatives of a long OR.
#[derive(Debug)]
pub(super) struct Word {
    /// What it matches.
    pub terms: Vec<Term>,
    /// The text decides, the index only proposes.
    pub is_exact: bool,
    /// It still stands in the tree.
    is_used: bool,
}

/// A regular expression of the query.
#[derive(Debug)]
pub(super) struct Expression {
    /// As written.
    pub pattern: String,
    /// Compiled when a text is first read: who only looks for candidates never needs it.
    regex: OnceCell<Option<Regex>>,
    /// See [`pattern_places`].
    places: u64,
    /// Steps taken so far, in the worst case.
    steps: Cell<u64>,
}

/// Places of an expression that are never too many: its steps are not counted.
const FEW_PLACES: u64 = 64;

/// Steps that an expression may take in one search.
const MOST_STEPS: u64 = 100_000_000_000;

impl Expression {
    /// The expression compiled. The parser let it pass, so it compiles; were it not so, it would match nothing.
    pub fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| compile_regex(&self.pattern).ok()).as_ref()
    }

    /// Counts the steps for a text of so many bytes; whether there may be that many.
    pub fn may_read(&self, bytes: usize) -> bool {
        if self.places > FEW_PLACES {
            self.steps.set(self.steps.get().saturating_add(self.places.saturating_mul(bytes as u64)));
        }
        !self.is_exhausted()
    }

    fn is_exhausted(&self) -> bool {
        self.steps.get() > MOST_STEPS
    }
}

/// A query ready to be answered.
#[derive(Debug)]
pub(super) struct Plan {
    /// The query in numbers.
    pub node: Node,
    /// Its words by number.
    pub words: Vec<Word>,
    /// Its regular expressions by number.
    pub expressions: Vec<Expression>,
    /// Conditions that turns do not answer, with the turns for which they hold.
    pub conditions: Vec<(Query, RoaringBitmap)>,
    /// Lists of forms: first those of the words, then what else is needed.
    pub lists: Vec<Vec<Form>>,
    /// What a turn must have.
    pub need: Need,
    /// Places of words are all it asks for.
    pub is_of_places: bool,
    matchers: RefCell<HashMap<String, Rc<Vec<Vec<TermMatcher>>>>>,
}

impl Plan {
    /// Makes a query ready; without a vocabulary it can only be answered from texts.
    pub fn new(
        query: &Query,
        conditions: &Conditions<'_>,
        vocabulary: Option<&Vocabulary>,
    ) -> Result<Self, IndexError> {
        let mut names = Names::default();
        let mut node = Node::of(query, &mut names);
        let Names { mut words, expressions, .. } = names;
        condense(&mut node, &mut words);
        let mut uses = vec![0_u32; words.len()];
        count_uses(&node, &mut uses);
        words.iter_mut().zip(&uses).for_each(|(word, uses)| word.is_used = *uses > 0);
        let mut asked: Vec<(Query, RoaringBitmap)> = Vec::new();
        for condition in query.conditions() {
            if !asked.iter().any(|(known, _)| known == condition) {
                asked.push((condition.clone(), conditions(condition)?));
            }
        }
        let mut plan = Self {
            node,
            words,
            expressions,
            conditions: asked,
            lists: Vec::new(),
            need: Need::Nothing,
            is_of_places: false,
            matchers: RefCell::default(),
        };
        plan.is_of_places = is_of_places(&plan.node) && !plan.asks_for_exact();
        if let Some(vocabulary) = vocabulary {
            plan.look_up(vocabulary)?;
            let mut needs = Needs { plan: &plan, vocabulary, uses: &uses, more: Vec::new() };
            let need = needs.of(&plan.node, false, false);
            let more = needs.more;
            plan.lists.extend(more);
            plan.need = need;
        }
        Ok(plan)
    }

    fn look_up(&mut self, vocabulary: &Vocabulary) -> Result<(), IndexError> {
        let mut total = 0;
        for word in &self.words {
            let mut forms = Vec::new();
            for term in word.terms.iter().filter(|_| word.is_used) {
                forms.extend(vocabulary.forms(term, None, MOST_FORMS)?);
            }
            forms.sort();
            forms.dedup();
            total += forms.len();
            if total > MOST_FORMS {
                return Err(IndexError::TooManyFormsTogether);
            }
            self.lists.push(forms);
        }
        Ok(())
    }

    /// What the words are compared with in a text of a language, word by word.
    pub fn matchers(&self, language: &str) -> Rc<Vec<Vec<TermMatcher>>> {
        let tag = stemmer_tag(language);
        if let Some(known) = self.matchers.borrow().get(tag) {
            return Rc::clone(known);
        }
        let of_word = |word: &Word| {
            word.terms.iter().map(|term| TermMatcher::new(&term.text, term.mode.into(), language)).collect()
        };
        let made: Rc<Vec<Vec<TermMatcher>>> = Rc::new(self.words.iter().map(of_word).collect());
        self.matchers.borrow_mut().insert(tag.to_owned(), Rc::clone(&made));
        made
    }

    /// The turns for which a condition holds that the turns themselves do not answer.
    pub fn set(&self, condition: &Query) -> Option<&RoaringBitmap> {
        self.conditions.iter().find(|(known, _)| known == condition).map(|(_, set)| set)
    }

    /// The word and the conditions, where the query is nothing but one word and conditions that must hold too: its hits
    /// are counted without looking at positions.
    pub fn counted(&self) -> Option<(usize, Vec<&Query>)> {
        let parts = match &self.node {
            Node::And(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let (mut words, mut conditions) = (Vec::<u32>::new(), Vec::new());
        for part in parts {
            match part {
                Node::Phrase { leaves, .. } => words.extend(leaves),
                Node::Field(condition) => conditions.push(condition),
                _ => return None,
            }
        }
        let [word] = words.as_slice() else { return None };
        self.words.get(*word as usize).filter(|word| !word.is_exact).map(|_| (*word as usize, conditions))
    }

    /// The forms of a word that is compared by stem, sorted.
    pub fn plain_forms(&self, word: u32) -> Option<&[Form]> {
        let plain = self.words.get(word as usize)?.terms.iter().all(|term| term.mode == TermMode::Plain);
        self.lists.get(word as usize).filter(|_| plain).map(Vec::as_slice)
    }

    /// That no expression has taken too many steps.
    pub fn check_steps(&self) -> Result<(), IndexError> {
        match self.expressions.iter().find(|expression| expression.is_exhausted()) {
            Some(expression) => Err(IndexError::TooManySteps { pattern: expression.pattern.clone() }),
            None => Ok(()),
        }
    }

    /// Whether some word can only be told from the text.
    pub fn asks_for_exact(&self) -> bool {
        self.words.iter().any(|word| word.is_exact)
    }
}

/// Numbers of words and expressions, the same for the same.
#[derive(Default)]
struct Names {
    words: Vec<Word>,
    numbers: HashMap<Term, u32>,
    expressions: Vec<Expression>,
    patterns: BTreeMap<String, u32>,
}

impl Numbers for Names {
    fn term(&mut self, term: &Term) -> u32 {
        let next = self.words.len() as u32;
        let number = *self.numbers.entry(term.clone()).or_insert(next);
        if number == next {
            self.words.push(Word { terms: vec![term.clone()], is_exact: term.mode == TermMode::Exact, is_used: true });
        }
        number
    }

    fn regex(&mut self, pattern: &str) -> u32 {
        if let Some(number) = self.patterns.get(pattern) {
            return *number;
        }
        let number = self.expressions.len() as u32;
        let (regex, places, steps) = (OnceCell::new(), pattern_places(pattern), Cell::new(0));
        self.expressions.push(Expression { pattern: pattern.to_owned(), regex, places, steps });
        self.patterns.insert(pattern.to_owned(), number);
        number
    }
}

/// Joins the single words of a long OR to one with all their forms: an OR of words denotes the union of their places.
fn condense(node: &mut Node, words: &mut Vec<Word>) {
    match node {
        Node::And(parts) => parts.iter_mut().for_each(|part| condense(part, words)),
        Node::Not(part) | Node::Sentence(part) => condense(part, words),
        Node::Near { left, right, .. } => {
            condense(left, words);
            condense(right, words);
        }
        Node::Or(parts) => {
            parts.iter_mut().for_each(|part| condense(part, words));
            for inserted in [false, true] {
                condense_kind(parts, words, inserted);
            }
            if let [_] = parts.as_slice()
                && let Some(only) = parts.pop()
            {
                *node = only;
            }
        }
        Node::Phrase { .. } | Node::Regex(_) | Node::Field(_) => {}
    }
}

fn condense_kind(parts: &mut Vec<Node>, words: &mut Vec<Word>, inserted: bool) {
    let single = |part: &Node| match part {
        Node::Phrase { leaves, .. } => match leaves.as_slice() {
            [leaf] => words
                .get(*leaf as usize)
                .filter(|word| !word.is_exact && word.terms.iter().all(|term| term.inserted == inserted))
                .map(|_| *leaf),
            _ => None,
        },
        _ => None,
    };
    let leaves: Vec<u32> = parts.iter().filter_map(single).collect();
    if leaves.len() <= FEW_ALTERNATIVES {
        return;
    }
    parts.retain(|part| single(part).is_none());
    let terms =
        leaves.iter().filter_map(|leaf| words.get(*leaf as usize)).flat_map(|word| word.terms.clone()).collect();
    parts.push(Node::Phrase { leaves: vec![words.len() as u32], slop: 0 });
    words.push(Word { terms, is_exact: false, is_used: true });
}

fn is_of_places(node: &Node) -> bool {
    match node {
        Node::Phrase { .. } => true,
        Node::And(parts) | Node::Or(parts) => parts.iter().all(is_of_places),
        Node::Near { left, right, .. } => is_of_places(left) && is_of_places(right),
        Node::Not(_) | Node::Sentence(_) | Node::Regex(_) | Node::Field(_) => false,
    }
}

fn count_uses(node: &Node, uses: &mut [u32]) {
    match node {
        Node::Phrase { leaves, .. } => {
            for leaf in leaves {
                if let Some(count) = uses.get_mut(*leaf as usize) {
                    *count += 1;
                }
            }
        }
        Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| count_uses(part, uses)),
        Node::Not(part) | Node::Sentence(part) => count_uses(part, uses),
        Node::Near { left, right, .. } => {
            count_uses(left, uses);
            count_uses(right, uses);
        }
        Node::Regex(_) | Node::Field(_) => {}
    }
}

/// Works out what the parts of a query need.
struct Needs<'a> {
    plan: &'a Plan,
    vocabulary: &'a Vocabulary,
    uses: &'a [u32],
    more: Vec<Vec<Form>>,
}

impl Needs<'_> {
    /// `in_or`: the part is a side of an OR. `ahead`: it may run ahead of the turn that is looked at, because it only
    /// counts together with others while a side of an OR beside it holds on.
    fn of(&mut self, node: &Node, in_or: bool, ahead: bool) -> Need {
        let together = in_or || ahead;
        match node {
            Node::Phrase { leaves, .. } => {
                let ahead = if leaves.len() > 1 { together } else { ahead };
                all(leaves.iter().map(|leaf| self.word(*leaf as usize, ahead)).collect())
            }
            Node::Regex(number) => self.expression(*number as usize),
            Node::And(parts) => all(parts.iter().map(|part| self.of(part, false, together)).collect()),
            Node::Near { left, right, .. } => {
                all(vec![self.of(left, false, together), self.of(right, false, together)])
            }
            Node::Or(parts) => one(parts.iter().map(|part| self.of(part, true, ahead)).collect()),
            Node::Sentence(part) => self.of(part, in_or, ahead),
            Node::Not(_) => Need::Nothing,
            Node::Field(condition) => {
                let set = self.plan.conditions.iter().position(|(known, _)| known == condition);
                set.map_or(Need::Nothing, Need::Set)
            }
        }
    }

    /// The list of a word serves here and for its places, where it is asked for once and stays with the turn; else a
    /// copy runs ahead by itself.
    fn word(&mut self, word: usize, ahead: bool) -> Need {
        match (self.uses.get(word), self.plan.lists.get(word)) {
            (Some(1), _) if !ahead => Need::List(word),
            (_, Some(forms)) => self.list(forms.clone()),
            _ => Need::Nothing,
        }
    }

    fn list(&mut self, forms: Vec<Form>) -> Need {
        self.more.push(forms);
        Need::List(self.plan.lists.len() + self.more.len() - 1)
    }

    fn expression(&mut self, number: usize) -> Need {
        let pattern = self.plan.expressions.get(number).map_or("", |expression| &expression.pattern);
        let Some(gates) = gates(pattern) else { return Need::Nothing };
        let mut ways: Vec<Need> = gates.iter().map(|gate| self.gate(gate)).collect();
        ways.push(self.list(vec![Form { beside: true, term: ODD.as_bytes().to_vec() }]));
        one(ways)
    }

    fn gate(&mut self, gate: &Gate) -> Need {
        let of_word = |word| self.vocabulary.gate_forms(word, MOST_FORMS / 4);
        let lists: Vec<Vec<Form>> = gate.iter().filter_map(of_word).collect();
        all(lists.into_iter().map(|forms| self.list(forms)).collect())
    }
}

fn all(needs: Vec<Need>) -> Need {
    let mut needs: Vec<Need> = needs.into_iter().filter(|need| !matches!(need, Need::Nothing)).collect();
    match needs.len() {
        0 => Need::Nothing,
        1 => needs.pop().unwrap_or(Need::Nothing),
        _ => Need::All(needs),
    }
}

fn one(needs: Vec<Need>) -> Need {
    if needs.iter().any(|need| matches!(need, Need::Nothing)) { Need::Nothing } else { Need::One(needs) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::index::no_conditions;
    use crate::query::parse;

    #[test]
    fn nobody_waits_for_an_expression_that_follows_thousands_of_ways_at_each_letter() {
        let plan = |query| Plan::new(&parse(query).unwrap(), &no_conditions, None).unwrap();
        let slow = plan("/(?:a|b)*a(?:a|b){2000}/");
        assert!(slow.expressions.iter().all(|expression| expression.may_read(30_000_000)));
        assert!(slow.check_steps().is_ok());
        assert!(!slow.expressions.iter().any(|expression| expression.may_read(30_000_000)));
        assert_eq!(
            slow.check_steps().unwrap_err().to_string(),
            "the regular expression /(?:a|b)*a(?:a|b){2000}/ needs too many steps on the texts of this study: use smaller repetitions, or a word beside it"
        );
        // Ordinary ones may read any study.
        let quick = plan(r"/(?i)\btrust\w* (?:her|him|them)\b/");
        assert!(quick.expressions.iter().all(|expression| expression.may_read(usize::MAX)));
    }
}
