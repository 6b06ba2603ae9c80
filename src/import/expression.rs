//! The small language of scores: `sd + ir + sr`, `item(6) / 180`, `avoidance < 4 and anxiety < 4`.
//!
//! A formula gives a number, a condition holds or does not. Both are read here into trees; `join` computes them. Names are
//! scales of the same instrument; whether they exist is checked where the instrument is.
//!
//! ```text
//! condition   all ("or" all)*
//! all         comparison ("and" comparison)*
//! comparison  sum ("<" | "<=" | ">" | ">=" | "=") sum
//! sum         product (("+" | "-") product)*
//! product     signed (("*" | "/") signed)*
//! signed      "-" signed | number | name | "(" sum ")" | "item(" n ")" | "ln(" sum ")"
//!             | "count(" n | n "-" n ... "," number "to" number ")"
//! ```

use std::collections::BTreeSet;

/// A number made of items and scales.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// Itself.
    Number(f64),
    /// An answer, after keying.
    Item(u32),
    /// The score of a scale.
    Scale(String),
    /// How many of the items were answered from `low` to `high`, both included, after keying.
    Count {
        /// Item numbers.
        items: Vec<u32>,
        /// Lowest answer that counts.
        low: f64,
        /// Highest answer that counts.
        high: f64,
    },
    /// Natural logarithm.
    Ln(Box<Formula>),
    /// The number below zero.
    Minus(Box<Formula>),
    /// Two numbers joined.
    Join(Box<Formula>, Operator, Box<Formula>),
}

/// What joins two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `=`
    Equal,
}

/// Something that holds or does not.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every part holds.
    All(Vec<Condition>),
    /// At least one part holds.
    Any(Vec<Condition>),
    /// The first number compares so with the second.
    Compare(Formula, Comparison, Formula),
}

/// A formula or condition that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("in `{text}`, column {column}: {what}")]
pub struct ExpressionError {
    /// As written.
    pub text: String,
    /// Column of the slip, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl Formula {
    /// Reads a formula.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut reader = Reader::new(text)?;
        let formula = reader.sum()?;
        reader.end("+ - * / or the end")?;
        Ok(formula)
    }

    /// Items and scales that it names.
    pub fn names(&self) -> Names {
        let mut names = Names::default();
        self.collect(&mut names);
        names
    }

    fn collect(&self, names: &mut Names) {
        match self {
            Self::Number(_) => {}
            Self::Item(item) => drop(names.items.insert(*item)),
            Self::Scale(scale) => drop(names.scales.insert(scale.clone())),
            Self::Count { items, .. } => names.items.extend(items),
            Self::Ln(inner) | Self::Minus(inner) => inner.collect(names),
            Self::Join(left, _, right) => {
                left.collect(names);
                right.collect(names);
            }
        }
    }
}

impl Condition {
    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut reader = Reader::new(text)?;
        let condition = reader.any()?;
        reader.end("and, or, or the end")?;
        Ok(condition)
    }

    /// Items and scales that it names.
    pub fn names(&self) -> Names {
        let mut names = Names::default();
        self.collect(&mut names);
        names
    }

    fn collect(&self, names: &mut Names) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(names)),
            Self::Compare(left, _, right) => {
                left.collect(names);
                right.collect(names);
            }
        }
    }
}

/// What a formula or condition is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Items.
    pub items: BTreeSet<u32>,
    /// Scales.
    pub scales: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Sign(&'static str),
}

const SIGNS: [&str; 12] = ["<=", ">=", "<", ">", "=", "+", "-", "*", "/", "(", ")", ","];
/// Deepest nesting of brackets and signs: more is a slip, and recursion has to end somewhere.
const DEEPEST: usize = 50;

struct Reader<'a> {
    text: &'a str,
    /// Tokens with their column.
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Result<Self, ExpressionError> {
        let mut tokens = Vec::new();
        let mut rest = text;
        loop {
            rest = rest.trim_start();
            let Some(first) = rest.chars().next() else { break };
            let column = 1 + text.chars().count() - rest.chars().count();
            let length = |test: fn(char) -> bool| rest.find(|c: char| !test(c)).unwrap_or(rest.len());
            let (token, length) = if first.is_ascii_digit() || first == '.' {
                let length = length(|c| c.is_ascii_digit() || c == '.');
                let number = rest.get(..length).unwrap_or_default();
                let parsed = number.parse::<f64>().ok().filter(|x| x.is_finite());
                let what = || format!("`{number}` is no number");
                (Token::Number(parsed.ok_or_else(|| error(text, column, what()))?), length)
            } else if first.is_alphabetic() || first == '_' {
                let length = length(|c| c.is_alphanumeric() || c == '_');
                (Token::Name(rest.get(..length).unwrap_or_default().to_owned()), length)
            } else {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                let what = || format!("`{first}` has no meaning here");
                let sign = sign.ok_or_else(|| error(text, column, what()))?;
                (Token::Sign(sign), sign.len())
            };
            tokens.push((column, token));
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(Self { text, tokens, at: 0, depth: 0 })
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(found);
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(name)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn expected(&self, what: &str) -> ExpressionError {
        let (column, found) = match self.tokens.get(self.at) {
            None => (self.text.chars().count() + 1, "the end".to_owned()),
            Some((column, Token::Number(number))) => (*column, format!("`{number}`")),
            Some((column, Token::Name(name))) => (*column, format!("`{name}`")),
            Some((column, Token::Sign(sign))) => (*column, format!("`{sign}`")),
        };
        error(self.text, column, format!("expected {what}, found {found}"))
    }

    fn needs(&mut self, sign: &str) -> Result<(), ExpressionError> {
        if self.takes(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    fn end(&self, what: &str) -> Result<(), ExpressionError> {
        if self.at == self.tokens.len() { Ok(()) } else { Err(self.expected(what)) }
    }

    fn any(&mut self) -> Result<Condition, ExpressionError> {
        let mut parts = vec![self.all()?];
        while self.takes_word("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn all(&mut self) -> Result<Condition, ExpressionError> {
        let mut parts = vec![self.comparison()?];
        while self.takes_word("and") {
            parts.push(self.comparison()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn comparison(&mut self) -> Result<Condition, ExpressionError> {
        let left = self.sum()?;
        let comparison = match self.peek() {
            Some(Token::Sign("<")) => Comparison::Below,
            Some(Token::Sign("<=")) => Comparison::AtMost,
            Some(Token::Sign(">")) => Comparison::Above,
            Some(Token::Sign(">=")) => Comparison::AtLeast,
            Some(Token::Sign("=")) => Comparison::Equal,
            _ => return Err(self.expected("< <= > >= or =")),
        };
        self.at += 1;
        Ok(Condition::Compare(left, comparison, self.sum()?))
    }

    fn sum(&mut self) -> Result<Formula, ExpressionError> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Sign("+")) => Operator::Add,
                Some(Token::Sign("-")) => Operator::Subtract,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Formula::Join(Box::new(left), operator, Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Formula, ExpressionError> {
        let mut left = self.signed()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Sign("*")) => Operator::Multiply,
                Some(Token::Sign("/")) => Operator::Divide,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Formula::Join(Box::new(left), operator, Box::new(self.signed()?));
        }
    }

    fn signed(&mut self) -> Result<Formula, ExpressionError> {
        if self.depth == DEEPEST {
            return Err(self.expected(&format!("fewer than {DEEPEST} brackets inside each other")));
        }
        self.depth += 1;
        let found = self.operand();
        self.depth -= 1;
        found
    }

    fn operand(&mut self) -> Result<Formula, ExpressionError> {
        if self.takes("-") {
            return Ok(Formula::Minus(Box::new(self.signed()?)));
        }
        if self.takes("(") {
            let inner = self.sum()?;
            self.needs(")")?;
            return Ok(inner);
        }
        let operand = match self.peek() {
            Some(Token::Number(number)) => Formula::Number(*number),
            Some(Token::Name(name)) if !matches!(name.as_str(), "and" | "or" | "to") => Formula::Scale(name.clone()),
            _ => return Err(self.expected("a number, a scale, item(n), ln(...) or count(...)")),
        };
        self.at += 1;
        let Formula::Scale(name) = &operand else { return Ok(operand) };
        let name = name.clone();
        if !self.takes("(") {
            return Ok(operand);
        }
        let found = match name.as_str() {
            "item" => Formula::Item(self.item()?),
            "ln" => Formula::Ln(Box::new(self.sum()?)),
            "count" => self.count()?,
            _ => {
                self.at -= 2;
                return Err(self.expected("item(n), ln(...) or count(...)"));
            }
        };
        self.needs(")")?;
        Ok(found)
    }

    fn item(&mut self) -> Result<u32, ExpressionError> {
        match self.peek() {
            Some(Token::Number(n)) if n.fract() == 0.0 && (1.0..=10_000.0).contains(n) => {
                let item = *n as u32;
                self.at += 1;
                Ok(item)
            }
            _ => Err(self.expected("the number of an item")),
        }
    }

    /// `1-3 7, 4 to 5`
    fn count(&mut self) -> Result<Formula, ExpressionError> {
        let mut items = BTreeSet::new();
        while !self.takes(",") {
            let first = self.item()?;
            let last = if self.takes("-") { self.item()? } else { first };
            items.extend(first..=last);
        }
        let low = self.number()?;
        if !self.takes_word("to") {
            return Err(self.expected("`to`"));
        }
        let high = self.number()?;
        Ok(Formula::Count { items: items.into_iter().collect(), low, high })
    }

    fn number(&mut self) -> Result<f64, ExpressionError> {
        match self.peek() {
            Some(Token::Number(number)) => {
                let number = *number;
                self.at += 1;
                Ok(number)
            }
            _ => Err(self.expected("a number")),
        }
    }
}

fn error(text: &str, column: usize, what: String) -> ExpressionError {
    ExpressionError { text: text.to_owned(), column, what }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn products_bind_before_sums_and_and_before_or() {
        let number = |x| Box::new(Formula::Number(x));
        let product = Formula::Join(number(2.0), Operator::Multiply, number(3.0));
        let wanted = Formula::Join(number(1.0), Operator::Subtract, Box::new(product));
        assert_eq!(Formula::parse("1 - 2*3").unwrap(), wanted);
        let Condition::Any(parts) = Condition::parse("a < 1 and b < 2 or c >= 3").unwrap() else {
            unreachable!("or is the outer one")
        };
        assert!(matches!(&parts[0], Condition::All(both) if both.len() == 2));
    }

    #[test]
    fn items_and_scales_are_named() {
        let names = Condition::parse("count(1-3 7, 4 to 5) >= 1 and -total / ln(item(9) + 1) > 2").unwrap().names();
        assert_eq!(names.items.into_iter().collect::<Vec<_>>(), [1, 2, 3, 7, 9]);
        assert_eq!(names.scales.into_iter().collect::<Vec<_>>(), ["total"]);
    }

    #[test]
    fn slips_are_named_with_their_column() {
        let slip = |text: &str| Condition::parse(text).unwrap_err().to_string();
        assert_eq!(
            slip("avoidance < and anxiety < 4"),
            "in `avoidance < and anxiety < 4`, column 13: expected a number, a scale, item(n), ln(...) or count(...), found `and`"
        );
        assert_eq!(slip("avoidance"), "in `avoidance`, column 10: expected < <= > >= or =, found the end");
        assert_eq!(slip("a % 2 < 1"), "in `a % 2 < 1`, column 3: `%` has no meaning here");
        assert_eq!(
            slip("mean(a) < 1"),
            "in `mean(a) < 1`, column 1: expected item(n), ln(...) or count(...), found `mean`"
        );
        assert!(Formula::parse(&"(".repeat(5000)).is_err());
        assert_eq!(
            Formula::parse("1 2").unwrap_err().to_string(),
            "in `1 2`, column 3: expected + - * / or the end, found `2`"
        );
    }
}
