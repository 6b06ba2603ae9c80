//! Formulas of models: `wellbeing.T1 ~ wellbeing.T0 + trust * support + (1 | site/worker)`.
//!
//! Owns reading and its errors, which show the place with a caret. It knows nothing of the study.

use std::fmt;
use std::ops::Range;

/// A formula, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// As typed.
    pub text: String,
    /// What is explained.
    pub response: Name,
    /// Fixed terms, in the order written; `a * b` is written out.
    pub terms: Vec<Term>,
    /// Random terms; `a / b` is written out.
    pub random: Vec<Random>,
}

impl Formula {
    /// The variables: what is explained, then those of the terms.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        let terms = self.terms.iter().flat_map(|term| &term.0).map(Part::name);
        std::iter::once(&self.response).chain(terms)
    }

    /// The fixed terms as they are printed.
    pub fn fixed(&self) -> Vec<String> {
        let printed = |term: &Term| term.0.iter().map(Part::to_string).collect::<Vec<_>>().join(":");
        self.terms.iter().map(printed).collect()
    }
}

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Bytes of the formula.
    pub at: Range<usize>,
}

/// What is done to a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The variable itself.
    Plain(Name),
    /// Less the mean of its group.
    Within(Name, Option<Name>),
    /// The mean of its group.
    Between(Name, Option<Name>),
    /// Number of codings of a code.
    Count(Name),
    /// Codings of a code per 1,000 words.
    Rate(Name),
}

impl Part {
    /// The variable.
    pub fn name(&self) -> &Name {
        match self {
            Self::Plain(name)
            | Self::Within(name, _)
            | Self::Between(name, _)
            | Self::Count(name)
            | Self::Rate(name) => name,
        }
    }

    fn same(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(name) => f.write_str(&name.text),
            Self::Within(name, None) => write!(f, "within({})", name.text),
            Self::Within(name, Some(group)) => write!(f, "within({}, {})", name.text, group.text),
            Self::Between(name, None) => write!(f, "between({})", name.text),
            Self::Between(name, Some(group)) => write!(f, "between({}, {})", name.text, group.text),
            Self::Count(name) => write!(f, "count({})", name.text),
            Self::Rate(name) => write!(f, "rate({})", name.text),
        }
    }
}

/// A fixed term: a variable, or several multiplied.
#[derive(Debug, Clone, PartialEq)]
pub struct Term(pub Vec<Part>);

impl Term {
    fn same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().all(|part| other.0.iter().any(|one| one.same(part)))
    }
}

/// A random term.
#[derive(Debug, Clone, PartialEq)]
pub struct Random {
    /// Whether groups differ in their mean.
    pub intercept: bool,
    /// Variables whose effect differs between groups.
    pub slopes: Vec<Part>,
    /// The grouping: one name, or an outer and the inner ones within it.
    pub groups: Vec<Name>,
}

impl Random {
    /// The grouping as it is printed: `site`, `worker in site`.
    pub fn title(&self) -> String {
        self.groups.iter().rev().map(|name| name.text.as_str()).collect::<Vec<_>>().join(" in ")
    }
}

/// A formula that cannot be read or used: what, where, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaError {
    message: String,
    at: Range<usize>,
    formula: String,
}

impl FormulaError {
    /// An error at a place of a formula.
    pub fn new(formula: &str, at: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), at, formula: formula.to_owned() }
    }
}

impl std::error::Error for FormulaError {}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.formula.get(..self.at.start).unwrap_or_default().chars().count();
        let length = self.formula.get(self.at.clone()).unwrap_or_default().chars().count().max(1);
        writeln!(f, "{} (column {})", self.message, before + 1)?;
        writeln!(f, "  {}", self.formula)?;
        write!(f, "  {}{}", " ".repeat(before), "^".repeat(length))
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Number(String),
    Sign(char),
    Bars,
}

/// Reads a formula.
pub fn parse(text: &str) -> Result<Formula, FormulaError> {
    let tokens = lex(text)?;
    let mut reader = Reader { text, tokens, at: 0 };
    let formula = reader.formula()?;
    match reader.peek() {
        None => Ok(formula),
        Some(Token::Sign(')')) => Err(reader.error("this parenthesis closes nothing")),
        Some(_) => Err(reader.error("expected `+`, `*`, `:` or the end")),
    }
}

fn lex(text: &str) -> Result<Vec<(Token, Range<usize>)>, FormulaError> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        let token = match c {
            c if c.is_whitespace() => continue,
            '~' | '+' | '*' | ':' | '(' | ')' | '/' | ',' => Token::Sign(c),
            '|' => {
                if chars.next_if(|(_, c)| *c == '|').is_some() {
                    end += 1;
                    Token::Bars
                } else {
                    Token::Sign('|')
                }
            }
            '`' => {
                let rest = text.get(end..).unwrap_or_default();
                let Some(length) = rest.find('`') else {
                    return Err(FormulaError::new(
                        text,
                        start..end,
                        "this name is never closed: expected a second backquote",
                    ));
                };
                let name = rest.get(..length).unwrap_or_default().to_owned();
                end += length + 1;
                while chars.next_if(|(at, _)| *at < end).is_some() {}
                Token::Name(name)
            }
            c if c.is_alphanumeric() || c == '_' => {
                // A class or a comparison belongs to the name: `attachment.T1=secure`, `wellbeing.T1>=4`.
                let mut compared = false;
                while let Some((at, c)) = chars.next_if(|(_, c)| inside(*c) || (matches!(c, '=' | '<' | '>'))) {
                    compared |= matches!(c, '=' | '<' | '>');
                    end = at + c.len_utf8();
                }
                let word = text.get(start..end).unwrap_or_default().to_owned();
                if !compared && word.parse::<f64>().is_ok() { Token::Number(word) } else { Token::Name(word) }
            }
            other => {
                return Err(FormulaError::new(text, start..end, format!("`{other}` has no meaning in a formula")));
            }
        };
        tokens.push((token, start..end));
    }
    Ok(tokens)
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn error(&self, message: impl Into<String>) -> FormulaError {
        let end = self.text.len();
        let at = self.tokens.get(self.at).map_or(end..end, |(_, at)| at.clone());
        FormulaError::new(self.text, at, message)
    }

    fn sign(&mut self, sign: char) -> bool {
        let is = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, sign: char, message: &str) -> Result<(), FormulaError> {
        if self.sign(sign) { Ok(()) } else { Err(self.error(message)) }
    }

    fn name(&mut self, what: &str) -> Result<Name, FormulaError> {
        match self.tokens.get(self.at) {
            Some((Token::Name(text), at)) => {
                let name = Name { text: text.clone(), at: at.clone() };
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.error(format!("expected {what}"))),
        }
    }

    fn formula(&mut self) -> Result<Formula, FormulaError> {
        let response = self.name("what is to be explained, such as `wellbeing.T1`")?;
        self.expect('~', "expected `~` between what is explained and what explains it")?;
        let mut formula = Formula { text: self.text.to_owned(), response, terms: Vec::new(), random: Vec::new() };
        loop {
            match self.peek() {
                Some(Token::Sign('(')) => formula.random.extend(self.random()?),
                Some(Token::Number(number)) if number == "1" => self.at += 1,
                Some(Token::Number(_)) => {
                    return Err(self.error("the only number here is 1, the intercept, and it is always in"));
                }
                _ => {
                    for term in self.product()? {
                        if !formula.terms.iter().any(|known| known.same(&term)) {
                            formula.terms.push(term);
                        }
                    }
                }
            }
            if !self.sign('+') {
                return Ok(formula);
            }
        }
    }

    /// `a`, `a:b`, `a*b`.
    fn product(&mut self) -> Result<Vec<Term>, FormulaError> {
        let mut terms = vec![Term(vec![self.part()?])];
        loop {
            if self.sign(':') {
                let part = self.part()?;
                terms.iter_mut().for_each(|term| term.0.push(part.clone()));
            } else if self.sign('*') {
                let part = self.part()?;
                let products: Vec<Term> =
                    terms.iter().map(|term| Term([term.0.clone(), vec![part.clone()]].concat())).collect();
                terms.push(Term(vec![part]));
                terms.extend(products);
            } else {
                return Ok(terms);
            }
        }
    }

    fn part(&mut self) -> Result<Part, FormulaError> {
        let start = self.at;
        let name = self.name("a variable: a score, an attribute, a code, or `(1 | group)`")?;
        if !self.sign('(') {
            return Ok(Part::Plain(name));
        }
        let variable = self.name("a variable in the parentheses")?;
        let group = if self.sign(',') { Some(self.name("a grouping attribute after the comma")?) } else { None };
        self.expect(')', "expected `)`")?;
        let part = match (name.text.as_str(), group) {
            ("within", group) => Part::Within(variable, group),
            ("between", group) => Part::Between(variable, group),
            ("count", None) => Part::Count(variable),
            ("rate", None) => Part::Rate(variable),
            (other, _) => {
                let message = format!("there is no `{other}(...)` here: within, between, count or rate");
                self.at = start;
                return Err(self.error(message));
            }
        };
        Ok(part)
    }

    /// `(1 + x | a/b)`; `||` makes a term of each.
    fn random(&mut self) -> Result<Vec<Random>, FormulaError> {
        self.at += 1;
        let (mut intercept, mut slopes) = (true, Vec::new());
        loop {
            match self.peek() {
                Some(Token::Number(number)) if number == "1" || number == "0" => {
                    intercept = number == "1";
                    self.at += 1;
                }
                _ => slopes.push(self.part()?),
            }
            if !self.sign('+') {
                break;
            }
        }
        let apart = self.peek() == Some(&Token::Bars);
        if apart {
            self.at += 1;
        } else {
            self.expect('|', "expected `|` and a grouping attribute, as in `(1 | worker)`")?;
        }
        let mut groups = vec![self.name("a grouping attribute")?];
        while self.sign('/') {
            groups.push(self.name("a grouping attribute within the other")?);
        }
        self.expect(')', "expected `)` after the grouping attribute")?;
        if !intercept && slopes.is_empty() {
            self.at -= 1;
            return Err(self.error("this term says that nothing differs between the groups"));
        }
        // `a/b` is a, and b within a.
        let levels = (1..=groups.len()).map(|depth| groups.iter().take(depth).cloned().collect::<Vec<Name>>());
        Ok(levels
            .flat_map(|groups| {
                let one = |intercept, slopes| Random { intercept, slopes, groups: groups.clone() };
                if apart {
                    let mean = intercept.then(|| one(true, Vec::new()));
                    mean.into_iter().chain(slopes.iter().map(|slope| one(false, vec![slope.clone()]))).collect()
                } else {
                    vec![one(intercept, slopes.clone())]
                }
            })
            .collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        let written = |term: &Term| term.0.iter().map(Part::to_string).collect::<Vec<_>>().join(":");
        parse(text).unwrap().terms.iter().map(written).collect()
    }

    #[test]
    fn products_are_written_out_once() {
        assert_eq!(terms("y ~ a + b:c"), ["a", "b:c"]);
        assert_eq!(terms("y ~ a * b + a"), ["a", "b", "a:b"]);
        assert_eq!(terms("y ~ a * b * c"), ["a", "b", "a:b", "c", "a:c", "b:c", "a:b:c"]);
        assert_eq!(terms("y ~ a:b + b:a"), ["a:b"]);
        assert_eq!(terms("y ~ 1"), [""; 0]);
        assert_eq!(
            terms("attachment.T1=secure ~ within(x, worker) + rate(self-efficacy)"),
            ["within(x, worker)", "rate(self-efficacy)"]
        );
    }

    #[test]
    fn random_terms_nest_cross_and_come_apart() {
        let random = |text: &str| {
            let found = parse(text).unwrap().random;
            found.iter().map(|r| (r.intercept, r.slopes.len(), r.title())).collect::<Vec<_>>()
        };
        assert_eq!(random("y ~ (1 | site/worker)"), [(true, 0, "site".into()), (true, 0, "worker in site".into())]);
        assert_eq!(random("y ~ (time | person) + (1 | item)"), [(true, 1, "person".into()), (true, 0, "item".into())]);
        assert_eq!(random("y ~ (1 + time || person)"), [(true, 0, "person".into()), (false, 1, "person".into())]);
        assert_eq!(random("y ~ (0 + time | person)"), [(false, 1, "person".into())]);
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        for (formula, wanted) in [
            ("", "expected what is to be explained, such as `wellbeing.T1` (column 1)\n  \n  ^"),
            ("y x", "expected `~` between what is explained and what explains it (column 3)\n  y x\n    ^"),
            (
                "y ~ a +",
                "expected a variable: a score, an attribute, a code, or `(1 | group)` (column 8)\n  y ~ a +\n         ^",
            ),
            (
                "y ~ (1 worker)",
                "expected `|` and a grouping attribute, as in `(1 | worker)` (column 8)\n  y ~ (1 worker)\n         ^^^^^^",
            ),
            (
                "y ~ (1 | worker",
                "expected `)` after the grouping attribute (column 16)\n  y ~ (1 | worker\n                 ^",
            ),
            ("y ~ a - b", "`-` has no meaning in a formula (column 7)\n  y ~ a - b\n        ^"),
            (
                "y ~ 0 + a",
                "the only number here is 1, the intercept, and it is always in (column 5)\n  y ~ 0 + a\n      ^",
            ),
            (
                "y ~ log(a)",
                "there is no `log(...)` here: within, between, count or rate (column 5)\n  y ~ log(a)\n      ^^^",
            ),
            ("y ~ a b", "expected `+`, `*`, `:` or the end (column 7)\n  y ~ a b\n        ^"),
            ("y ~ a)", "this parenthesis closes nothing (column 6)\n  y ~ a)\n       ^"),
            ("y ~ `a", "this name is never closed: expected a second backquote (column 5)\n  y ~ `a\n      ^"),
            (
                "y ~ (0 | g)",
                "this term says that nothing differs between the groups (column 11)\n  y ~ (0 | g)\n            ^",
            ),
        ] {
            assert_eq!(parse(formula).unwrap_err().to_string(), wanted);
        }
    }
}
