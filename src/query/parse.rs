//! Parser: from pieces to the tree. NEAR and THEN bind tighter than OVERLAPS, BEFORE and AFTER, those tighter than NOT,
//! NOT tighter than AND, AND tighter than OR.

use super::lex::{Lexeme, Placed, lex};
use super::{Field, Hint, MAX_DEPTH, ParseError, ParseProblem, Query, Relation};
use std::ops::Range;

/// A query with what there is to say about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The query.
    pub query: Query,
    /// Places that were perhaps meant otherwise, in their order.
    pub hints: Vec<Hint>,
    /// Every field with the byte at which it begins, in their order.
    pub fields: Vec<(usize, Field)>,
}

/// Parses a query.
pub fn parse(query: &str) -> Result<Query, ParseError> {
    parse_detailed(query).map(|parsed| parsed.query)
}

/// Parses a query and tells what was perhaps meant otherwise and where its fields stand.
pub fn parse_detailed(query: &str) -> Result<Parsed, ParseError> {
    let located = |error: ParseError| error.within(query);
    let lexed = lex(query).map_err(located)?;
    let mut hints = lexed.hints;
    hints.extend(suspects(&lexed.pieces));
    hints.sort_by_key(|hint| (hint.range.start, hint.range.end));
    let mut parser = Parser { pieces: lexed.pieces, at: 0, nesting: 0, end: query.len() };
    let query = parser.whole().map_err(located)?;
    Ok(Parsed { query, hints, fields: lexed.fields })
}

/// Lower-case `and`, `or`, `not` that stand where an operator could.
fn suspects(pieces: &[Placed]) -> Vec<Hint> {
    let operand = |piece: Option<&Placed>, edge: &Lexeme| {
        piece.is_some_and(|piece| matches!(piece.lexeme, Lexeme::Atom(_)) || piece.lexeme == *edge)
    };
    let mut found = Vec::new();
    for (index, piece) in pieces.iter().enumerate().filter(|(_, piece)| piece.suspect) {
        let Lexeme::Atom(Query::Term(term)) = &piece.lexeme else { continue };
        let before = index.checked_sub(1).and_then(|before| pieces.get(before));
        let after = operand(pieces.get(index + 1), &Lexeme::Open);
        if after && (term.text == "not" || operand(before, &Lexeme::Close)) {
            let message = format!(
                "`{0}` is searched as a word; the operator is written {1}",
                term.text,
                term.text.to_uppercase()
            );
            found.push(Hint { range: piece.range.clone(), message });
        }
    }
    found
}

struct Parser {
    pieces: Vec<Placed>,
    at: usize,
    nesting: usize,
    end: usize,
}

/// A finished part with the height of its tree.
struct Node {
    query: Query,
    height: usize,
}

impl Parser {
    fn whole(&mut self) -> Result<Query, ParseError> {
        if self.pieces.is_empty() {
            return Err(ParseError::new(ParseProblem::Empty, 0..self.end));
        }
        let query = self.or()?.query;
        if let Some(left) = self.pieces.get(self.at) {
            let error = ParseError::new(ParseProblem::ExtraParenthesis, left.range.clone());
            return Err(error.hinting("leave it out, or open one before"));
        }
        if finds(&query) { Ok(query) } else { Err(ParseError::new(ParseProblem::OnlyNot, 0..self.end)) }
    }

    fn peek(&self) -> Option<&Lexeme> {
        self.pieces.get(self.at).map(|piece| &piece.lexeme)
    }

    /// Where the next piece stands; the end of the query where there is none.
    fn range(&self) -> Range<usize> {
        self.pieces.get(self.at).map_or(self.end..self.end, |piece| piece.range.clone())
    }

    fn or(&mut self) -> Result<Node, ParseError> {
        let start = self.range().start;
        let mut parts = vec![self.and()?];
        while self.peek() == Some(&Lexeme::Or) {
            self.at += 1;
            parts.push(self.and()?);
        }
        self.list(parts, Query::Or, start)
    }

    fn and(&mut self) -> Result<Node, ParseError> {
        let start = self.range().start;
        let mut parts = vec![self.not()?];
        loop {
            match self.peek() {
                Some(Lexeme::And) => self.at += 1,
                Some(Lexeme::Atom(_) | Lexeme::Open | Lexeme::Not | Lexeme::Within(_)) => {}
                Some(Lexeme::Near(_) | Lexeme::Then(_) | Lexeme::Related(_) | Lexeme::Or | Lexeme::Close) | None => {
                    break;
                }
            }
            parts.push(self.not()?);
        }
        self.list(parts, Query::And, start)
    }

    fn list(&self, mut parts: Vec<Node>, join: fn(Vec<Query>) -> Query, start: usize) -> Result<Node, ParseError> {
        let height = parts.iter().map(|part| part.height).max().unwrap_or(0) + 1;
        if parts.len() > 1 {
            return self.node(join(parts.into_iter().map(|part| part.query).collect()), height, start);
        }
        parts.pop().ok_or_else(|| self.missing())
    }

    fn node(&self, query: Query, height: usize, start: usize) -> Result<Node, ParseError> {
        if height > MAX_DEPTH { Err(self.too_deep(start)) } else { Ok(Node { query, height }) }
    }

    fn too_deep(&self, start: usize) -> ParseError {
        ParseError::new(ParseProblem::Depth, start..self.range().start.max(start))
    }

    fn not(&mut self) -> Result<Node, ParseError> {
        if self.peek() != Some(&Lexeme::Not) {
            return self.related();
        }
        let start = self.range().start;
        self.at += 1;
        let part = self.nested(start, Self::not)?;
        self.node(Query::Not(Box::new(part.query)), part.height + 1, start)
    }

    fn related(&mut self) -> Result<Node, ParseError> {
        let start = self.range().start;
        let left = self.near()?;
        let Some(Lexeme::Related(relation)) = self.peek() else { return Ok(left) };
        let relation = *relation;
        let left_range = start..self.last_end();
        self.at += 1;
        let right_start = self.range().start;
        if self.peek() == Some(&Lexeme::Not) {
            let error = ParseError::new(beside(relation, "on its right"), self.range());
            return Err(error.hinting(match relation {
                Relation::Overlaps => "put it in parentheses: `(code:a AND NOT code:b)`".to_owned(),
                _ => format!("to exclude what has one, write `NOT (... {} ...)`", relation.name()),
            }));
        }
        let right = self.near()?;
        let right_range = right_start..self.last_end();
        for (side, range, place) in [(&left, left_range, "on its left"), (&right, right_range, "on its right")] {
            let fits = finds(&side.query) && (relation != Relation::Overlaps || side.query.is_of_codings());
            if !fits {
                return Err(ParseError::new(beside(relation, place), range));
            }
        }
        if let Some(Lexeme::Related(next)) = self.peek() {
            let error = ParseError::new(ParseProblem::RelatedTwice, self.range());
            return Err(error.hinting(format!("put parentheses around one of the pairs: `a {} (b ...)`", next.name())));
        }
        let height = left.height.max(right.height) + 1;
        self.node(Query::Related(relation, Box::new(left.query), Box::new(right.query)), height, start)
    }

    fn near(&mut self) -> Result<Node, ParseError> {
        let start = self.range();
        let mut left = self.atom()?;
        let mut left_range = start.start..self.last_end();
        loop {
            let (words, in_order) = match self.peek() {
                Some(Lexeme::Near(words)) => (*words, false),
                Some(Lexeme::Then(words)) => (*words, true),
                _ => return Ok(left),
            };
            self.at += 1;
            let right_start = self.range().start;
            if self.peek() == Some(&Lexeme::Not) {
                return Err(ParseError::new(ParseProblem::FilterInNear, self.range()));
            }
            let right = self.atom()?;
            let right_range = right_start..self.last_end();
            for (side, range) in [(&left, &left_range), (&right, &right_range)] {
                if !side.query.has_words() {
                    let error = ParseError::new(ParseProblem::FilterInNear, range.clone());
                    return Err(error.hinting("join the filter with AND"));
                }
            }
            let height = left.height.max(right.height) + 1;
            let (a, b) = (Box::new(left.query), Box::new(right.query));
            let joined = if in_order { Query::Then(a, b, words) } else { Query::Near(a, b, words) };
            left = self.node(joined, height, start.start)?;
            left_range.end = right_range.end;
        }
    }

    fn atom(&mut self) -> Result<Node, ParseError> {
        let range = self.range();
        match self.peek() {
            Some(Lexeme::Atom(query)) => {
                let query = query.clone();
                self.at += 1;
                Ok(Node { query, height: 1 })
            }
            Some(Lexeme::Open) => self.group(),
            Some(Lexeme::Within(scope)) => {
                let scope = *scope;
                self.at += 1;
                if self.peek() != Some(&Lexeme::Open) {
                    let error = ParseError::new(ParseProblem::Within, range);
                    return Err(error.hinting("put parentheses around what follows"));
                }
                let part = self.group()?;
                self.node(Query::Within(scope, Box::new(part.query)), part.height + 1, range.start)
            }
            _ => Err(self.missing()),
        }
    }

    fn group(&mut self) -> Result<Node, ParseError> {
        let open = self.range();
        self.at += 1;
        let inside = self.nested(open.start, Self::or)?;
        if self.peek() != Some(&Lexeme::Close) {
            let error = ParseError::new(ParseProblem::OpenParenthesis, open);
            return Err(error.hinting("add `)` where the group ends"));
        }
        self.at += 1;
        Ok(inside)
    }

    fn nested(&mut self, start: usize, part: fn(&mut Self) -> Result<Node, ParseError>) -> Result<Node, ParseError> {
        if self.nesting >= MAX_DEPTH {
            return Err(self.too_deep(start));
        }
        self.nesting += 1;
        let node = part(self);
        self.nesting -= 1;
        node
    }

    fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.pieces.get(last)).map_or(0, |piece| piece.range.end)
    }

    /// A word was expected here: says what stands here instead, or what stands before.
    fn missing(&self) -> ParseError {
        let before = self.at.checked_sub(1).and_then(|before| self.pieces.get(before));
        let operator = self.peek().and_then(name).or_else(|| before.and_then(|piece| name(&piece.lexeme)));
        let place = match (self.peek(), before.map(|piece| &piece.lexeme)) {
            (Some(Lexeme::Close), Some(Lexeme::Open)) => "between these parentheses".to_owned(),
            (Some(Lexeme::Close) | None, Some(last)) => match name(last) {
                Some(name) => format!("after {name}"),
                None => "after the opening parenthesis".to_owned(),
            },
            (Some(here), _) => match name(here) {
                Some(name) => format!("before {name}"),
                None => "before `)`".to_owned(),
            },
            (None, None) => "here".to_owned(),
        };
        let open_at_end = self.peek().is_none() && before.is_some_and(|piece| piece.lexeme == Lexeme::Open);
        let error = ParseError::new(ParseProblem::MissingOperand { place }, self.range());
        match operator {
            Some(operator) if !open_at_end => error.hinting(format!("to find the word itself, write `\"{operator}\"`")),
            _ => error,
        }
    }
}

/// What is wrong with a side of a pair.
const fn beside(relation: Relation, place: &'static str) -> ParseProblem {
    match relation {
        Relation::Overlaps => ParseProblem::NotOfCodings { place },
        Relation::Before(_) | Relation::After(_) => ParseProblem::NothingBeside { operator: relation.name() },
    }
}

/// How an operator is written.
fn name(lexeme: &Lexeme) -> Option<&'static str> {
    Some(match lexeme {
        Lexeme::And => "AND",
        Lexeme::Or => "OR",
        Lexeme::Not => "NOT",
        Lexeme::Near(_) => "NEAR",
        Lexeme::Then(_) => "THEN",
        Lexeme::Within(_) => "WITHIN",
        Lexeme::Related(relation) => relation.name(),
        Lexeme::Open | Lexeme::Close | Lexeme::Atom(_) => return None,
    })
}

/// Whether a query says what is looked for. NOT over words does not; NOT over fields does, it chooses turns or people
/// ("all that were not coded so") as a field by itself does.
fn finds(query: &Query) -> bool {
    match query {
        Query::Not(part) => only_fields(part),
        Query::And(parts) => parts.iter().any(finds),
        Query::Or(parts) => parts.iter().all(finds),
        Query::Within(_, part) => finds(part),
        Query::Term(_)
        | Query::Phrase { .. }
        | Query::Regex(_)
        | Query::Near(..)
        | Query::Then(..)
        | Query::Field(..)
        | Query::Related(..) => true,
    }
}

fn only_fields(query: &Query) -> bool {
    match query {
        Query::Field(..) | Query::Related(..) => true,
        Query::Not(part) | Query::Within(_, part) => only_fields(part),
        Query::And(parts) | Query::Or(parts) => parts.iter().all(only_fields),
        Query::Term(_) | Query::Phrase { .. } | Query::Regex(_) | Query::Near(..) | Query::Then(..) => false,
    }
}
