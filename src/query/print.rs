//! Printer: the one way in which a tree is written. Parsing what it prints gives the same tree.

use super::fields::{is_simple, looks_like_wave};
use super::lex::is_quote;
use super::{Comparison, Field, FieldValue, Query, Relation, Scope, Term, TermMode};
use std::fmt::{self, Display, Formatter, Write};

// How tightly an operator binds; an operand that binds less tightly than asked for is put in parentheses.
const OR: u8 = 0;
const AND: u8 = 1;
const NOT: u8 = 2;
const RELATED: u8 = 3;
const NEAR: u8 = 4;
const ATOM: u8 = 5;

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        print(self, OR, f)
    }
}

const fn level(query: &Query) -> u8 {
    match query {
        Query::Or(_) => OR,
        Query::And(_) => AND,
        Query::Not(_) => NOT,
        Query::Related(..) => RELATED,
        Query::Near(..) | Query::Then(..) => NEAR,
        Query::Term(_) | Query::Phrase { .. } | Query::Regex(_) | Query::Within(..) | Query::Field(..) => ATOM,
    }
}

fn print(query: &Query, wanted: u8, f: &mut Formatter<'_>) -> fmt::Result {
    if level(query) < wanted {
        f.write_char('(')?;
        print(query, OR, f)?;
        return f.write_char(')');
    }
    match query {
        Query::Term(term) => print_word(term, f),
        Query::Phrase { terms, slop } => print_phrase(terms, *slop, f),
        Query::Regex(pattern) => print_regex(pattern, f),
        Query::And(parts) => print_list(parts, " AND ", NOT, f),
        Query::Or(parts) => print_list(parts, " OR ", AND, f),
        Query::Not(part) => {
            f.write_str("NOT ")?;
            print(part, NOT, f)
        }
        Query::Near(left, right, words) => print_pair(left, "NEAR", *words, right, f),
        Query::Then(left, right, words) => print_pair(left, "THEN", *words, right, f),
        Query::Related(relation, left, right) => {
            print(left, NEAR, f)?;
            write!(f, " {relation} ")?;
            print(right, NEAR, f)
        }
        Query::Within(scope, part) => {
            let scope = match scope {
                Scope::Sentence => "sentence",
                Scope::Turn => "turn",
                Scope::Source => "source",
            };
            write!(f, "WITHIN {scope} (")?;
            print(part, OR, f)?;
            f.write_char(')')
        }
        Query::Field(field, value) => {
            write!(f, "{field}:")?;
            print_value(value, f)
        }
    }
}

impl Display for Relation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.turns().map_or(Ok(()), |turns| write!(f, "/{turns}"))
    }
}

fn print_list(parts: &[Query], operator: &str, wanted: u8, f: &mut Formatter<'_>) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(operator)?;
        }
        print(part, wanted, f)?;
    }
    Ok(())
}

fn print_pair(left: &Query, operator: &str, words: u32, right: &Query, f: &mut Formatter<'_>) -> fmt::Result {
    print(left, NEAR, f)?;
    write!(f, " {operator}/{words} ")?;
    print(right, ATOM, f)
}

/// A word by itself, in quotation marks where it would be read as something else.
fn print_word(term: &Term, f: &mut Formatter<'_>) -> fmt::Result {
    let text = term.text.as_str();
    let operator = matches!(text, "AND" | "OR" | "NOT" | "NEAR" | "THEN" | "WITHIN" | "OVERLAPS" | "BEFORE" | "AFTER");
    let lower = text.to_ascii_lowercase();
    let field = text.contains(':') || lower.starts_with("attr.") || lower.starts_with("score.");
    if term.mode != TermMode::Exact && !term.inserted && (operator || field) {
        f.write_char('"')?;
        print_term(term, f)?;
        return f.write_char('"');
    }
    print_term(term, f)
}

fn print_term(term: &Term, f: &mut Formatter<'_>) -> fmt::Result {
    if term.inserted { write!(f, "[{}]", Mark(term)) } else { write!(f, "{}", Mark(term)) }
}

/// A term with the signs of its mode, without the brackets of insertions.
struct Mark<'a>(&'a Term);

impl Display for Mark<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = &self.0.text;
        match self.0.mode {
            TermMode::Plain | TermMode::Wildcard => f.write_str(text),
            TermMode::Exact => write!(f, "={text}"),
            TermMode::Fuzzy(edits) => write!(f, "{text}~{edits}"),
        }
    }
}

/// Inserted words that follow one another share their brackets: whether brackets hold a remark is told from their
/// first word, and `[the name]` must not fall apart into `[the]` and a remark.
fn print_phrase(terms: &[Term], slop: u32, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for (index, run) in terms.chunk_by(|a, b| a.inserted && b.inserted).enumerate() {
        if index > 0 {
            f.write_char(' ')?;
        }
        let words: Vec<String> = run.iter().map(|term| Mark(term).to_string()).collect();
        let words = words.join(" ");
        if run.iter().any(|term| term.inserted) { write!(f, "[{words}]")? } else { f.write_str(&words)? }
    }
    f.write_char('"')?;
    if slop > 0 { write!(f, "~{slop}") } else { Ok(()) }
}

fn print_regex(pattern: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('/')?;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '/' => f.write_str("\\/")?,
            '\\' => {
                f.write_char(c)?;
                if let Some(next) = chars.next() {
                    f.write_char(next)?;
                }
            }
            other => f.write_char(other)?,
        }
    }
    f.write_char('/')
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Speaker => "speaker",
            Self::Role => "role",
            Self::Participant => "participant",
            Self::Source => "source",
            Self::Question => "question",
            Self::Wave => "wave",
            Self::Language => "lang",
            Self::Code => "code",
            Self::Theme => "theme",
            Self::Polarity => "polarity",
            Self::Coder => "coder",
            Self::Memo => "memo",
            Self::Saved => "saved",
            Self::Attribute(name) => {
                f.write_str("attr.")?;
                return print_name(name, f);
            }
            Self::Score { name, wave } => return print_score(name, wave.as_deref(), f),
        })
    }
}

fn print_score(name: &str, wave: Option<&str>, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("score.")?;
    let bare = match wave {
        Some(wave) => is_simple(name) && looks_like_wave(wave),
        None => {
            is_simple(name)
                && !name.rsplit_once('.').is_some_and(|(rest, last)| !rest.is_empty() && looks_like_wave(last))
        }
    };
    if bare {
        f.write_str(name)?;
    } else {
        print_quoted(name, f)?;
    }
    match wave {
        Some(wave) => {
            f.write_char('.')?;
            print_name(wave, f)
        }
        None => Ok(()),
    }
}

fn print_name(name: &str, f: &mut Formatter<'_>) -> fmt::Result {
    if is_simple(name) { f.write_str(name) } else { print_quoted(name, f) }
}

fn print_quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if c == '\\' || is_quote(c) {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

fn print_value(value: &FieldValue, f: &mut Formatter<'_>) -> fmt::Result {
    match value {
        FieldValue::Text(text) => {
            let bare: String = text.chars().filter(|c| !matches!(c, '*' | '?')).collect();
            if text.is_empty() || !(bare.is_empty() || is_simple(&bare)) {
                print_quoted(text, f)
            } else {
                f.write_str(text)
            }
        }
        FieldValue::Number(comparison, limit) => print_comparison(*comparison, *limit, f),
        FieldValue::Range(low, high) => {
            f.write_char('[')?;
            print_end(*low, f)?;
            f.write_str(" TO ")?;
            print_end(*high, f)?;
            f.write_char(']')
        }
    }
}

fn print_comparison(comparison: Comparison, limit: f64, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{}{limit}", comparison.sign())
}

fn print_end(end: f64, f: &mut Formatter<'_>) -> fmt::Result {
    if end.is_finite() { write!(f, "{end}") } else { f.write_char('*') }
}
