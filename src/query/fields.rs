//! Lexing of fields: `speaker:P`, `attr.age:[40 TO 55]`, `score.wellbeing.T1:>3.5`.
//!
//! The wave of a score is told from its name so: in `score.ecr.avoidance.T1` the last part is the wave where it looks
//! like one (letters and then digits, or `change`) and something is left for the name. Where that would go wrong the
//! name stands in quotation marks, and only what follows them is the wave: `score."phq9.total":`, `score."ecr".baseline:`.

use super::error::short;
use super::lex::{Lexer, is_quote};
use super::{Comparison, Field, FieldValue, ParseError, ParseProblem, Query, nearest};
use crate::model::Polarity;
use std::ops::Range;

/// Words that other tools and other people use for our fields.
const ALIASES: [(&str, &str); 10] = [
    ("language", "lang"),
    ("document", "source"),
    ("file", "source"),
    ("person", "participant"),
    ("respondent", "participant"),
    ("tag", "code"),
    ("user", "coder"),
    ("time", "wave"),
    ("attribute", "attr.NAME"),
    ("note", "memo"),
];

const ROLES: [&str; 3] = ["participant", "interviewer", "other"];

/// Whether the last part of a score's path is a wave: letters and then digits (`T1`, `wave2`), or `change`.
pub(super) fn looks_like_wave(part: &str) -> bool {
    let digits = part.trim_start_matches(char::is_alphabetic);
    part == "change" || (digits.len() < part.len() && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
}

/// Whether a name or value can stand without quotation marks.
pub(super) fn is_simple(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

impl Lexer {
    /// A field with its value, where one begins here.
    pub(super) fn field(&mut self) -> Result<Option<Query>, ParseError> {
        let start = self.offset();
        let before = self.at;
        let minus = self.peek() == Some('-');
        self.at += usize::from(minus);
        let name = self.read_while(|c| c.is_ascii_alphanumeric() || c == '_');
        let has_path = matches!(name.to_ascii_lowercase().as_str(), "attr" | "score") && self.peek() == Some('.');
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !(has_path || self.peek() == Some(':')) {
            self.at = before;
            return Ok(None);
        }
        if minus {
            let error = ParseError::new(ParseProblem::NotAWord { text: "-".to_owned() }, start..start + 1);
            return Err(error.hinting("to exclude, write NOT"));
        }
        let field = if has_path { self.path(&name, start)? } else { self.plain_field(&name, start)? };
        let written = start..self.last_end();
        if self.peek() != Some(':') {
            return Err(self.no_value(&written));
        }
        self.at += 1;
        let value = self.value(&field, &written)?;
        self.found.fields.push((start, field.clone()));
        Ok(Some(Query::Field(field, value)))
    }

    fn no_value(&self, written: &Range<usize>) -> ParseError {
        let of_field = |(at, _): &&(usize, char)| written.contains(at);
        let field: String = self.chars.iter().filter(of_field).map(|(_, c)| *c).collect();
        ParseError::new(ParseProblem::FieldValue { field: short(&field) }, written.start..self.last_end())
    }

    fn plain_field(&self, name: &str, start: usize) -> Result<Field, ParseError> {
        if let Some(field) = Field::named(name) {
            return Ok(field);
        }
        let range = start..self.last_end() + 1;
        let example = match name.to_ascii_lowercase().as_str() {
            "attr" => Some(("attr", "attr.age:[40 TO 55]")),
            "score" => Some(("score", "score.wellbeing.T1:>3.5")),
            _ => None,
        };
        if let Some((field, example)) = example {
            return Err(ParseError::new(ParseProblem::FieldName { field, example }, range));
        }
        let alias = ALIASES.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, ours)| *ours);
        let meant = alias.or_else(|| nearest(name, Field::NAMES.into_iter().chain(["attr", "score"])));
        let error = ParseError::new(ParseProblem::UnknownField { name: short(name) }, range);
        Err(match meant {
            Some("attr") => error.hinting("did you mean `attr.NAME:`?"),
            Some("score") => error.hinting("did you mean `score.NAME.WAVE:`?"),
            Some(meant) => error.hinting(format!("did you mean `{meant}:`?")),
            None => error.hinting("to search for words with a colon, put them in quotation marks"),
        })
    }

    /// What follows `attr` or `score`.
    fn path(&mut self, name: &str, start: usize) -> Result<Field, ParseError> {
        let is_score = name.eq_ignore_ascii_case("score");
        self.at += 1;
        let quoted = self.is_quote_here();
        let own = if quoted { self.quoted()? } else { self.read_while(is_path) };
        let (name, wave) = if !is_score {
            (own, None)
        } else if quoted {
            (own, self.quoted_wave(start)?)
        } else {
            match own.rsplit_once('.').filter(|(name, last)| !name.is_empty() && looks_like_wave(last)) {
                Some((name, wave)) => (name.to_owned(), Some(wave.to_owned())),
                None => (own, None),
            }
        };
        if name.is_empty() {
            return Err(self.no_name(is_score, start));
        }
        Ok(if is_score { Field::Score { name, wave } } else { Field::Attribute(name) })
    }

    /// The wave behind a score's name in quotation marks.
    fn quoted_wave(&mut self, start: usize) -> Result<Option<String>, ParseError> {
        if self.peek() != Some('.') {
            return Ok(None);
        }
        self.at += 1;
        let wave = if self.is_quote_here() { self.quoted()? } else { self.read_while(is_path) };
        if wave.is_empty() { Err(self.no_name(true, start)) } else { Ok(Some(wave)) }
    }

    fn no_name(&self, is_score: bool, start: usize) -> ParseError {
        let (field, example) =
            if is_score { ("score", "score.wellbeing.T1:>3.5") } else { ("attr", "attr.age:[40 TO 55]") };
        ParseError::new(ParseProblem::FieldName { field, example }, start..self.last_end())
    }

    /// Text in quotation marks, `\"` and `\\` inside.
    fn quoted(&mut self) -> Result<String, ParseError> {
        let start = self.offset();
        self.at += 1;
        let mut read = String::new();
        loop {
            let closes = self.is_quote_here();
            let Some(c) = self.peek() else {
                let error = ParseError::new(ParseProblem::OpenQuote, start..start + 1);
                return Err(error.hinting("close it with `\"`"));
            };
            self.at += 1;
            match self.peek() {
                Some(next) if c == '\\' && (next == '\\' || is_quote(next)) => {
                    read.push(next);
                    self.at += 1;
                }
                _ if closes => return Ok(read),
                _ => read.push(c),
            }
        }
    }

    fn value(&mut self, field: &Field, written: &Range<usize>) -> Result<FieldValue, ParseError> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        let start = self.offset();
        match self.peek() {
            Some('[') => self.range(),
            Some('<' | '>' | '=') => self.comparison(),
            Some('(') => {
                Err(self.no_value(written).hinting("write one field for each value: `(speaker:A OR speaker:B)`"))
            }
            _ => {
                let quoted = self.is_quote_here();
                let value = if quoted {
                    self.quoted()?
                } else {
                    self.read_while(|c| !c.is_whitespace() && !matches!(c, '(' | ')'))
                };
                if value.is_empty() && !quoted {
                    return Err(self.no_value(written));
                }
                let range = start..self.last_end();
                check_value(field, &value, range)?;
                Ok(FieldValue::Text(value))
            }
        }
    }

    fn comparison(&mut self) -> Result<FieldValue, ParseError> {
        let sign = self.read_while(|c| matches!(c, '<' | '>' | '='));
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        let start = self.offset();
        let written = self.read_while(|c| !c.is_whitespace() && !matches!(c, '(' | ')'));
        let comparison = match sign.as_str() {
            "<" => Some(Comparison::Less),
            "<=" | "=<" => Some(Comparison::AtMost),
            ">" => Some(Comparison::Greater),
            ">=" | "=>" => Some(Comparison::AtLeast),
            "=" | "==" => Some(Comparison::Equal),
            _ => None,
        };
        match (comparison, number(&written)) {
            (Some(comparison), Some(limit)) => Ok(FieldValue::Number(comparison, limit)),
            _ => Err(number_error(&written, start..self.last_end().max(start))),
        }
    }

    fn range(&mut self) -> Result<FieldValue, ParseError> {
        let start = self.offset();
        self.at += 1;
        let written = self.read_while(|c| c != ']');
        let closed = self.peek() == Some(']');
        self.at += usize::from(closed);
        let parts: Vec<&str> = written.split_whitespace().collect();
        let ends = match parts.as_slice() {
            [low, to, high] if to.eq_ignore_ascii_case("to") => {
                let low = if *low == "*" { Some(f64::NEG_INFINITY) } else { number(low) };
                low.zip(if *high == "*" { Some(f64::INFINITY) } else { number(high) })
            }
            _ => None,
        };
        let error = ParseError::new(ParseProblem::Range, start..self.last_end());
        match ends {
            Some((low, high)) if closed && low <= high => Ok(FieldValue::Range(low, high)),
            Some((low, high)) if closed => Err(error.hinting(format!("write `[{high} TO {low}]`"))),
            Some(_) => Err(error.hinting("close the range with `]`")),
            None => Err(error),
        }
    }
}

fn is_path(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, ':' | '(' | ')' | '[' | ']')
}

fn number(written: &str) -> Option<f64> {
    let digits = written.contains(|c: char| c.is_ascii_digit());
    written.parse().ok().filter(|x: &f64| digits && x.is_finite())
}

fn number_error(written: &str, range: Range<usize>) -> ParseError {
    let error = ParseError::new(ParseProblem::Number, range);
    match number(&written.replace(',', ".")) {
        Some(_) if written.contains(',') => error.hinting(format!("write `{}`", written.replace(',', "."))),
        _ => error,
    }
}

/// Roles and polarities are fixed words: a wrong one would silently find nothing.
fn check_value(field: &Field, value: &str, range: Range<usize>) -> Result<(), ParseError> {
    let (name, known) = match field {
        Field::Role => ("role", ROLES.to_vec()),
        Field::Polarity => ("polarity", Polarity::ALL.map(Polarity::name).to_vec()),
        _ => return Ok(()),
    };
    if value.contains(['*', '?']) || known.iter().any(|known| known.eq_ignore_ascii_case(value)) {
        return Ok(());
    }
    let meant = nearest(value, known.iter().copied());
    let problem = ParseProblem::Value { field: name, value: short(value), expected: known.join(", ") };
    let error = ParseError::new(problem, range);
    Err(match meant {
        Some(meant) => error.hinting(format!("did you mean `{name}:{meant}`?")),
        None => error,
    })
}
