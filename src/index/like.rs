//! More like this: the rarest words of a text as a query.

use super::{IndexError, Reader, no_conditions};
use crate::query::{Query, Term};
use crate::text::{TokenKind, fold, tokenize};
use std::collections::BTreeSet;

/// Words that are asked for.
const WORDS: usize = 12;

/// Turns of a small study that a word may stand in and still say something.
const FEW: u64 = 5;

/// A query for turns that hold the rarest words of a text: ranked, it gives the turns that are most like it. Words that
/// more than one turn in ten holds say nothing. Nothing where no other word of the text stands in the study.
///
/// # Errors
/// The index or the study cannot be read.
pub fn like(reader: &Reader<'_>, text: &str) -> Result<Option<Query>, IndexError> {
    let mut tokens = Vec::new();
    tokenize(text, &mut tokens);
    let words = tokens.iter().filter(|token| token.kind == TokenKind::Word).filter_map(|token| token.span.of(text));
    let is_word = |word: &String| word.chars().count() > 1 && word.starts_with(char::is_alphanumeric);
    let words: BTreeSet<String> = words.map(|word| fold(word).into_owned()).filter(is_word).collect();
    let all = reader.turns().len();
    let mut known = Vec::new();
    for word in words {
        let term = Query::Term(Term::plain(&word));
        let mut turns = 0_u64;
        reader.search(&term, &no_conditions)?.count(&mut |_, _| turns += 1)?;
        if turns > 0 && turns <= (all / 10).max(FEW) {
            known.push((turns, word, term));
        }
    }
    known.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    known.truncate(WORDS);
    let mut terms: Vec<Query> = known.into_iter().map(|(_, _, term)| term).collect();
    Ok(match terms.len() {
        0 => None,
        1 => terms.pop(),
        _ => Some(Query::Or(terms)),
    })
}
