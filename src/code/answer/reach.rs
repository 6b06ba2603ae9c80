//! Which turns may hold the question of an answer, as queries for the index.
//!
//! A rule is held against the statement in a question, where "for you" is "for me". The index knows the words as they
//! were said, so the rule is asked for with those: for each word that [`Forms::pairs`] may have put there, the word in
//! whose place it stands. What comes of it finds too much, never too little, but for regular expressions, which an
//! answer only counts where they find the question's own words.

use crate::code::polarity::Lists;
use crate::query::{Query, Term};
use crate::text::{TermMatcher, fold};

/// Forms of a phrase that are asked for one by one; with more, its words may stand anywhere in the turn.
const MOST_PHRASES: usize = 6;

/// The query for the questions in which a rule may hit, where it is another one than the rule's own.
pub(in crate::code) fn as_asked(query: &Query, lists: &Lists) -> Option<Query> {
    let pairs: Vec<(&str, &str, &str)> = lists
        .iter()
        .flat_map(|language| language.forms().pairs().map(|(from, to)| (language.tag(), from, to)))
        .collect();
    let turned = turn(query, &pairs)?;
    (turned != *query).then_some(turned)
}

/// The words that may stand in a question where a term matches in the statement, the term itself among them.
fn words(term: &Term, pairs: &[(&str, &str, &str)]) -> Vec<Query> {
    let mut all = vec![Query::Term(term.clone())];
    for (language, from, to) in pairs {
        let matcher = TermMatcher::new(&term.text, term.mode.into(), language);
        let word = Query::Term(Term::plain(*from));
        if !term.inserted && matcher.matches(to, &fold(to)) && !all.contains(&word) {
            all.push(word);
        }
    }
    all
}

fn any(mut all: Vec<Query>) -> Query {
    if all.len() == 1 { all.remove(0) } else { Query::Or(all) }
}

/// Nothing for what only filters.
fn turn(query: &Query, pairs: &[(&str, &str, &str)]) -> Option<Query> {
    Some(match query {
        Query::Term(term) => any(words(term, pairs)),
        Query::Phrase { terms, slop } => {
            let each: Vec<Vec<Query>> = terms.iter().map(|term| words(term, pairs)).collect();
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
