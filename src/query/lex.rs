//! Lexer: from text to operators, parentheses and finished words, phrases, patterns and fields.
//!
//! Works on characters with their byte offsets; marks of writing direction are left out before anything else, so that
//! a query copied from a right-to-left page means what it shows.

use super::error::short;
use super::words::{is_bidi_mark, terms};
use super::{Field, Hint, MAX_CLAUSES, ParseError, ParseProblem, Query, Relation, Scope, Term, pattern};
use crate::text;
use std::ops::Range;

/// One piece of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme {
    Open,
    Close,
    And,
    Or,
    Not,
    Near(u32),
    Then(u32),
    Within(Scope),
    Related(Relation),
    /// A word, phrase, pattern or field.
    Atom(Query),
}

/// A piece and the bytes it stands on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub lexeme: Lexeme,
    pub range: Range<usize>,
    /// A bare lower-case `and`, `or`, `not`: perhaps meant as operator.
    pub suspect: bool,
}

/// What the lexer found besides the pieces.
#[derive(Debug, Default)]
pub(super) struct Lexed {
    pub pieces: Vec<Placed>,
    pub hints: Vec<Hint>,
    /// Fields with the byte where each begins.
    pub fields: Vec<(usize, Field)>,
}

/// Cuts a query into pieces.
pub(super) fn lex(query: &str) -> Result<Lexed, ParseError> {
    let chars = query.char_indices().filter(|(_, c)| !is_bidi_mark(*c)).collect();
    let mut lexer = Lexer { chars, end: query.len(), at: 0, clauses: 0, found: Lexed::default() };
    lexer.run()?;
    Ok(lexer.found)
}

pub(super) struct Lexer {
    pub(super) chars: Vec<(usize, char)>,
    end: usize,
    pub(super) at: usize,
    clauses: usize,
    pub(super) found: Lexed,
}

/// Signs that open and close phrases; any of them closes what any of them opened.
pub(super) const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '״')
}

const fn is_hebrew_letter(c: char) -> bool {
    matches!(c, '\u{5d0}'..='\u{5ea}' | '\u{5ef}'..='\u{5f2}')
}

impl Lexer {
    fn run(&mut self) -> Result<(), ParseError> {
        while let Some(c) = self.peek() {
            if c.is_whitespace() {
                self.at += 1;
                continue;
            }
            let start = self.offset();
            let mut suspect = false;
            let lexeme = match c {
                '(' => self.single(Lexeme::Open),
                ')' => self.single(Lexeme::Close),
                '/' => Lexeme::Atom(self.regex()?),
                '[' => Lexeme::Atom(self.insertion()?),
                ']' => {
                    let error = ParseError::new(ParseProblem::Bracket, start..start + 1);
                    return Err(error.hinting("put a word in brackets or leave the bracket out"));
                }
                '=' if self.peek_at(1).is_some_and(is_quote) => {
                    self.at += 1;
                    Lexeme::Atom(self.phrase(true)?)
                }
                _ if self.is_quote_here() => Lexeme::Atom(self.phrase(false)?),
                _ => match self.field()? {
                    Some(field) => Lexeme::Atom(field),
                    None => self.bare(&mut suspect)?,
                },
            };
            if let Lexeme::Atom(atom) = &lexeme {
                self.count(atom, start)?;
            }
            let range = start..self.last_end();
            self.found.pieces.push(Placed { lexeme, range, suspect });
        }
        Ok(())
    }

    fn single(&mut self, lexeme: Lexeme) -> Lexeme {
        self.at += 1;
        lexeme
    }

    fn count(&mut self, atom: &Query, start: usize) -> Result<(), ParseError> {
        self.clauses += match atom {
            Query::Phrase { terms, .. } => terms.len(),
            _ => 1,
        };
        if self.clauses > MAX_CLAUSES {
            return Err(ParseError::new(ParseProblem::Clauses, start..self.last_end()));
        }
        Ok(())
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).map(|(_, c)| *c)
    }

    /// Byte where the next character begins; the length of the query at its end.
    pub(super) fn offset(&self) -> usize {
        self.chars.get(self.at).map_or(self.end, |(offset, _)| *offset)
    }

    /// Byte behind the last character that was read.
    pub(super) fn last_end(&self) -> usize {
        let last = self.at.checked_sub(1).and_then(|last| self.chars.get(last));
        last.map_or(0, |(offset, c)| offset + c.len_utf8())
    }

    /// Whether a phrase opens or closes here. Between two Hebrew letters the sign is a gershayim, part of the word.
    pub(super) fn is_quote_here(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|before| self.chars.get(before));
        let inside_word =
            before.is_some_and(|(_, c)| is_hebrew_letter(*c)) && self.peek_at(1).is_some_and(is_hebrew_letter);
        self.peek().is_some_and(is_quote) && !inside_word
    }

    /// Reads on while `wanted`, quotation marks and parentheses apart.
    pub(super) fn read_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut read = String::new();
        while let Some(c) = self.peek().filter(|c| wanted(*c) && !self.is_quote_here()) {
            read.push(c);
            self.at += 1;
        }
        read
    }

    fn regex(&mut self) -> Result<Query, ParseError> {
        let start = self.offset();
        self.at += 1;
        let mut written = String::new();
        // For every character of the pattern: where it begins there, and where in the query.
        let mut places = Vec::new();
        loop {
            let offset = self.offset();
            let Some(c) = self.peek() else {
                let error = ParseError::new(ParseProblem::OpenRegex, start..start + 1);
                return Err(error.hinting("close it, or put quotation marks around words with `/`"));
            };
            self.at += 1;
            if c == '/' {
                break;
            }
            places.push((written.len(), offset));
            match (c, self.peek()) {
                ('\\', Some('/')) => {
                    written.push('/');
                    self.at += 1;
                }
                ('\\', Some(next)) => {
                    written.push(c);
                    places.push((written.len(), self.offset()));
                    written.push(next);
                    self.at += 1;
                }
                _ => written.push(c),
            }
        }
        if written.is_empty() {
            return Err(ParseError::new(
                ParseProblem::Regex { message: "there is nothing in it".to_owned() },
                start..self.last_end(),
            ));
        }
        let close = self.last_end() - 1;
        pattern::check(&written).map_err(|(problem, wrong)| {
            let place = |byte: usize| {
                let after = places.partition_point(|(at, _)| *at < byte);
                places.get(after).map_or(close, |(_, offset)| *offset)
            };
            let begin = place(wrong.start);
            ParseError::new(problem, begin..place(wrong.end).max(begin))
        })?;
        Ok(Query::Regex(written))
    }

    /// `[and]`
    fn insertion(&mut self) -> Result<Query, ParseError> {
        let start = self.offset();
        let first = self.at + 1;
        self.at = first;
        while self.peek().is_some_and(|c| c != ']' && c != '[') && !self.is_quote_here() {
            self.at += 1;
        }
        let inside = first..self.at;
        if self.peek() != Some(']') {
            let error = ParseError::new(ParseProblem::Bracket, start..start + 1);
            return Err(error.hinting("close the bracket with `]`"));
        }
        self.at += 1;
        let range = start..self.last_end();
        let written: String = self.chars.get(inside.clone()).unwrap_or_default().iter().map(|(_, c)| *c).collect();
        let written = format!("[{written}]");
        if !text::remarks(&written).is_empty() {
            return Err(
                ParseError::new(ParseProblem::Remark { text: short(&written) }, range).hinting(as_pattern(&written))
            );
        }
        let terms = self.chunks(inside, false, true)?;
        phrase_of(terms, 0).ok_or_else(|| ParseError::new(ParseProblem::NotAWord { text: short(&written) }, range))
    }

    fn phrase(&mut self, exact: bool) -> Result<Query, ParseError> {
        let start = self.offset();
        self.at += 1;
        let first = self.at;
        while self.peek().is_some() && !self.is_quote_here() {
            self.at += 1;
        }
        let inside = first..self.at;
        if self.peek().is_none() {
            let error =
                ParseError::new(ParseProblem::OpenQuote, start..self.chars.get(first).map_or(self.end, |c| c.0));
            return Err(error.hinting("close the phrase with `\"`"));
        }
        self.at += 1;
        let closed = self.last_end();
        let slop = self.slop()?;
        let written: Vec<(usize, char)> = self.chars.get(inside.clone()).unwrap_or_default().to_vec();
        let terms = self.phrase_terms(&written, inside.start, exact)?;
        phrase_of(terms, slop).ok_or_else(|| {
            let signs: String = written.iter().map(|(_, c)| *c).collect();
            let error = ParseError::new(ParseProblem::NoWord, start..closed);
            match signs.trim() {
                "" => error,
                signs => error.hinting(as_pattern(signs)),
            }
        })
    }

    /// `~3` behind a phrase.
    fn slop(&mut self) -> Result<u32, ParseError> {
        if self.peek() != Some('~') {
            return Ok(0);
        }
        let start = self.offset();
        self.at += 1;
        let number = self.read_while(|c| c.is_ascii_digit());
        number.parse().map_err(|_| {
            ParseError::new(ParseProblem::Slop, start..self.last_end()).hinting("write for instance `\"...\"~3`")
        })
    }

    /// Terms of a phrase: remarks are left out, what stands in square brackets is inserted words.
    fn phrase_terms(&self, written: &[(usize, char)], first: usize, exact: bool) -> Result<Vec<Term>, ParseError> {
        let whole: String = written.iter().map(|(_, c)| *c).collect();
        let remarks = text::remarks(&whole);
        let last_bracket = written.iter().rposition(|(_, c)| *c == ']').unwrap_or(0);
        let mut found = Vec::new();
        let mut begin = 0;
        let mut inserted = false;
        let mut byte = 0;
        for (index, (_, c)) in written.iter().enumerate() {
            let next = remarks.partition_point(|span| span.end as usize <= byte);
            let in_remark = remarks.get(next).is_some_and(|span| span.start as usize <= byte);
            let bracket = *c == ']' || *c == '[' && index < last_bracket;
            if in_remark || bracket {
                found.extend(self.chunks(first + begin..first + index, exact, inserted)?);
                begin = index + 1;
                inserted = !in_remark && *c == '[';
            }
            byte += c.len_utf8();
        }
        found.extend(self.chunks(first + begin..first + written.len(), exact, inserted)?);
        Ok(found)
    }

    /// Terms of everything between white space in a stretch of the query.
    fn chunks(&self, stretch: Range<usize>, exact: bool, inserted: bool) -> Result<Vec<Term>, ParseError> {
        let stretch = self.chars.get(stretch).unwrap_or_default();
        let mut found = Vec::new();
        for chunk in stretch.split(|(_, c)| c.is_whitespace()) {
            let (Some((start, _)), Some((last, c))) = (chunk.first(), chunk.last()) else { continue };
            let written: String = chunk.iter().map(|(_, c)| *c).collect();
            let placed = |(problem, correction): (ParseProblem, String)| {
                ParseError::new(problem, *start..last + c.len_utf8()).hinting(correction)
            };
            found.extend(terms(&written, exact, inserted).map_err(placed)?);
        }
        Ok(found)
    }

    /// A word without quotation marks, or an operator.
    fn bare(&mut self, suspect: &mut bool) -> Result<Lexeme, ParseError> {
        let start = self.offset();
        let written = self.read_while(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '[' | ']'));
        let range = start..self.last_end();
        let error = |problem| ParseError::new(problem, range.clone());
        match written.as_str() {
            "AND" => return Ok(Lexeme::And),
            "OR" => return Ok(Lexeme::Or),
            "NOT" => return Ok(Lexeme::Not),
            "WITHIN" => return self.scope(start).map(Lexeme::Within),
            _ => {}
        }
        if let Some(number) = distance(&written, "NEAR") {
            return number.map(Lexeme::Near).ok_or_else(|| self.distance_error("NEAR", &range));
        }
        if let Some(number) = distance(&written, "THEN") {
            return number.map(Lexeme::Then).ok_or_else(|| self.distance_error("THEN", &range));
        }
        if let Some(relation) = self.relation(&written, &range)? {
            return Ok(Lexeme::Related(relation));
        }
        let words =
            terms(&written, false, false).map_err(|(problem, correction)| error(problem).hinting(correction))?;
        let Some(query) = phrase_of(words, 0) else {
            let correction = match written.as_str() {
                "&" | "&&" | "+" => "to ask for both sides, write AND".to_owned(),
                "|" | "||" => "to ask for either side, write OR".to_owned(),
                "-" | "!" => "to exclude, write NOT".to_owned(),
                signs => as_pattern(signs),
            };
            return Err(error(ParseProblem::NotAWord { text: short(&written) }).hinting(correction));
        };
        *suspect = matches!(written.as_str(), "and" | "or" | "not");
        self.hint_at_word(&written, &range);
        Ok(Lexeme::Atom(query))
    }

    /// `OVERLAPS`, `BEFORE`, `AFTER/1`.
    fn relation(&self, written: &str, range: &Range<usize>) -> Result<Option<Relation>, ParseError> {
        let (name, turns) = match written.split_once('/') {
            Some((name, number)) => (name, Some(number)),
            None => (written, None),
        };
        let kind: fn(Option<u32>) -> Relation = match name {
            "OVERLAPS" if turns.is_none() => return Ok(Some(Relation::Overlaps)),
            "BEFORE" => Relation::Before,
            "AFTER" => Relation::After,
            _ => return Ok(None),
        };
        match turns.map(str::parse) {
            None => Ok(Some(kind(None))),
            Some(Ok(turns)) => Ok(Some(kind(Some(turns)))),
            Some(Err(_)) => {
                let error = ParseError::new(ParseProblem::Turns { operator: kind(None).name() }, range.clone());
                Err(error.hinting(format!("write for instance `{name}/1`")))
            }
        }
    }

    fn hint_at_word(&mut self, written: &str, range: &Range<usize>) {
        let lower = ["near", "then"].into_iter().find(|operator| matches!(distance(written, operator), Some(Some(_))));
        let message = if lower.is_some() {
            format!("`{written}` is searched as words; the operator is written `{}`", written.to_uppercase())
        } else if let Some(word) = written.strip_prefix('-').filter(|word| word.starts_with(char::is_alphanumeric)) {
            format!("`{written}` searches for `{word}`; to exclude it, write `NOT {word}`")
        } else {
            return;
        };
        self.found.hints.push(Hint { range: range.clone(), message });
    }

    fn distance_error(&self, operator: &'static str, range: &Range<usize>) -> ParseError {
        let error = ParseError::new(ParseProblem::Distance { operator }, range.clone());
        error.hinting(format!("write for instance `{operator}/5`"))
    }

    /// The word behind `WITHIN`.
    fn scope(&mut self, start: usize) -> Result<Scope, ParseError> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        let written = self.read_while(char::is_alphabetic);
        match written.to_lowercase().as_str() {
            "sentence" => Ok(Scope::Sentence),
            "turn" => Ok(Scope::Turn),
            "source" => Ok(Scope::Source),
            other => {
                let error = ParseError::new(ParseProblem::Within, start..self.last_end());
                let scope = super::nearest(other, ["sentence", "turn", "source"]).unwrap_or("sentence");
                Err(error.hinting(format!("write for instance `WITHIN {scope} (...)`")))
            }
        }
    }
}

/// The number of `NEAR/5`: nothing where it is another word, `Some(None)` where the number is missing or wrong.
fn distance(written: &str, operator: &str) -> Option<Option<u32>> {
    match written.strip_prefix(operator)? {
        "" => Some(None),
        rest => rest.strip_prefix('/').map(|number| number.parse().ok()),
    }
}

/// One term is a word, more are a phrase.
fn phrase_of(mut terms: Vec<Term>, slop: u32) -> Option<Query> {
    if terms.len() > 1 {
        return Some(Query::Phrase { terms, slop });
    }
    terms.pop().map(Query::Term)
}

/// How to find what is no word.
fn as_pattern(signs: &str) -> String {
    if short(signs) == signs {
        format!("to find signs, write `/{}/`", regex_syntax::escape(signs).replace('/', "\\/"))
    } else {
        "to find signs, write a regular expression between `/` and `/`".to_owned()
    }
}
