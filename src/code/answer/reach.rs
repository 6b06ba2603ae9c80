//! Which turns may hold the question of an answer, as queries for the index.
//!
//! A rule is held against the statement in a question, where "for you" is "for me". The index knows the words as they
//! were said, so the rule is asked for with others beside its own: for each word that may have been turned, the word in
//! whose place it stands. What comes of it finds too much, never too little, but for regular expressions, which only
//! count where they find the question's own words.

use crate::code::polarity::Lists;
use crate::query::{Query, Term, TermMode};
use crate::text::TermMatcher;

/// Forms of a phrase that are asked for one by one; with more, its words may stand anywhere in the turn.
const MOST_PHRASES: usize = 6;

/// Words that may change with the speaker, language by language.
pub(in crate::code) struct Turned<'a>(Vec<(&'a str, Vec<(&'a str, &'a str)>)>);

impl<'a> Turned<'a> {
    /// Those of some lists.
    pub fn new(lists: &'a Lists) -> Self {
        Self(lists.iter().map(|language| (language.tag(), language.forms().pairs().collect())).collect())
    }

    /// A query for all turns that a rule may hit, as they are said or as the one who answers them would say them.
    pub fn either_way(&self, query: &Query) -> Query {
        turn(query, self).unwrap_or_else(|| query.clone())
    }

    /// Whether a plain word begins like none of those that may have been turned, as nearly all do.
    fn is_far(&self, term: &Term) -> bool {
        let Some(first) = term.text.bytes().next().filter(|_| term.mode == TermMode::Plain && term.text.is_ascii())
        else {
            return false;
        };
        let begins = |(_, to): &(&str, &str)| to.bytes().next().is_some_and(|byte| byte.eq_ignore_ascii_case(&first));
        !self.0.iter().any(|(_, pairs)| pairs.iter().any(begins))
    }

    /// The words that may stand in a question where a term matches in the statement, the term itself among them.
    fn words(&self, term: &Term) -> Vec<Query> {
        let mut all = vec![Query::Term(term.clone())];
        if self.is_far(term) {
            return all;
        }
        for (language, pairs) in self.0.iter().filter(|_| !term.inserted) {
            let matcher = TermMatcher::new(&term.text, term.mode.into(), language);
            for (from, to) in pairs {
                // Both are folded.
                let word = Query::Term(Term::plain(*from));
                if matcher.matches(to, to) && !all.contains(&word) {
                    all.push(word);
                }
            }
        }
        all
    }
}

fn any(mut all: Vec<Query>) -> Query {
    if all.len() == 1 { all.remove(0) } else { Query::Or(all) }
}

/// Nothing for what only filters.
fn turn(query: &Query, pairs: &Turned<'_>) -> Option<Query> {
    Some(match query {
        Query::Term(term) => any(pairs.words(term)),
        Query::Phrase { terms, slop } => {
            let each: Vec<Vec<Query>> = terms.iter().map(|term| pairs.words(term)).collect();
            if each.iter().map(Vec::len).product::<usize>() > MOST_PHRASES {
                return Some(Query::And(each.into_iter().map(any).collect()));
            }
            let mut phrases: Vec<Vec<Term>> = vec![Vec::new()];
            for words in &each {
                let more = |phrase: &Vec<Term>| -> Vec<Vec<Term>> {
                    let terms =
                        words.iter().filter_map(|word| if let Query::Term(term) = word { Some(term) } else { None });
                    terms.map(|term| phrase.iter().chain([term]).cloned().collect()).collect()
                };
                phrases = phrases.iter().flat_map(more).collect();
            }
            any(phrases.into_iter().map(|terms| Query::Phrase { terms, slop: *slop }).collect())
        }
        Query::Regex(_) | Query::Field(..) => query.clone(),
        Query::And(parts) => {
            let mut kept: Vec<Query> = parts.iter().filter_map(|part| turn(part, pairs)).collect();
            match kept.len() {
                0 => return None,
                1 => kept.remove(0),
                _ => Query::And(kept),
            }
        }
        Query::Or(parts) => {
            let kept: Vec<Query> = parts.iter().filter_map(|part| turn(part, pairs)).collect();
            if kept.is_empty() { return None } else { any(kept) }
        }
        Query::Near(a, b, most) => Query::Near(Box::new(turn(a, pairs)?), Box::new(turn(b, pairs)?), *most),
        Query::Then(a, b, most) => Query::Then(Box::new(turn(a, pairs)?), Box::new(turn(b, pairs)?), *most),
        Query::Within(scope, part) => Query::Within(*scope, Box::new(turn(part, pairs)?)),
        Query::Not(_) | Query::Related(..) => return None,
    })
}
