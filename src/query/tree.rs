//! The tree that a parsed query is.
//!
//! Normal form, which is what [`super::parse`] returns: phrases have two terms or more (one term is a word), AND and
//! OR have two parts or more, every term is one token of the analyser. Printing a tree in normal form and parsing it
//! again gives the same tree. Trees are at most [`super::MAX_DEPTH`] deep, so recursion over them is safe.

use crate::text::{self, MatchMode};

/// How one word of a query is compared with one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermMode {
    /// `word`: folded form, or the stem's forms where stemming is on.
    Plain,
    /// `=Word`: case, diacritics and form exactly as written.
    Exact,
    /// `wild*card`: folded, `*` any run of characters, `?` one.
    Wildcard,
    /// `word~1`: folded, at most this many edits (Levenshtein; 1 or 2).
    Fuzzy(u8),
}

/// One word of a query: matches single tokens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// As typed, without `=`, `~1`.
    pub text: String,
    /// How it is compared.
    pub mode: TermMode,
    /// `[and]`: matches the words of editorial insertions, and only them; all other terms match spoken words only.
    pub inserted: bool,
}

impl Term {
    /// A spoken word, compared as [`TermMode::Plain`].
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), mode: TermMode::Plain, inserted: false }
    }
}

/// What AND, NOT and `WITHIN` look at together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One sentence.
    Sentence,
    /// One turn (the default).
    Turn,
    /// One source.
    Source,
}

/// Fields of the language. Which of them can be resolved depends on who asks: rules take `speaker`, `role`,
/// `language` and `question` only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    /// `speaker:`
    Speaker,
    /// `role:`
    Role,
    /// `participant:`
    Participant,
    /// `source:`
    Source,
    /// `question:`
    Question,
    /// `wave:`
    Wave,
    /// `lang:`
    Language,
    /// `code:`
    Code,
    /// `theme:`
    Theme,
    /// `polarity:`
    Polarity,
    /// `coder:`
    Coder,
    /// `memo:`
    Memo,
    /// `attr.NAME:`
    Attribute(String),
    /// `score.NAME:` or `score.NAME.WAVE:`
    Score {
        /// Name of the score; may itself hold dots (`ecr.avoidance`).
        name: String,
        /// Wave, `change`, or nothing.
        wave: Option<String>,
    },
}

impl Field {
    /// Names of the fields without a path, sorted.
    pub const NAMES: [&'static str; 12] = [
        "code",
        "coder",
        "lang",
        "memo",
        "participant",
        "polarity",
        "question",
        "role",
        "source",
        "speaker",
        "theme",
        "wave",
    ];

    /// The field called so, for the names in [`Field::NAMES`]; case is ignored.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "code" => Self::Code,
            "coder" => Self::Coder,
            "lang" => Self::Language,
            "memo" => Self::Memo,
            "participant" => Self::Participant,
            "polarity" => Self::Polarity,
            "question" => Self::Question,
            "role" => Self::Role,
            "source" => Self::Source,
            "speaker" => Self::Speaker,
            "theme" => Self::Theme,
            "wave" => Self::Wave,
            _ => return None,
        })
    }

    /// Whether a turn by itself answers it: `speaker:`, `role:`, `question:`, `lang:`.
    pub const fn is_of_turn(&self) -> bool {
        matches!(self, Self::Speaker | Self::Role | Self::Question | Self::Language)
    }
}

/// Comparison with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `=`
    Equal,
}

impl Comparison {
    /// The sign for it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Equal => "=",
        }
    }

    /// Whether `x` stands so to `limit`.
    pub fn holds(self, x: f64, limit: f64) -> bool {
        match self {
            Self::Less => x < limit,
            Self::AtMost => x <= limit,
            Self::Greater => x > limit,
            Self::AtLeast => x >= limit,
            Self::Equal => x == limit,
        }
    }
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// A word or quoted text (compared folded), `*` and `?` as in words.
    Text(String),
    /// `>3.5`
    Number(Comparison, f64),
    /// `[40 TO 55]`, both ends included; an open end, written `*`, is infinite.
    Range(f64, f64),
}

impl FieldValue {
    /// Whether a value as people read it is the one asked for: text as a whole, folded, with `*` and `?`; numbers
    /// where the value reads as one.
    pub fn matches(&self, actual: &str) -> bool {
        let number = || actual.trim().parse().ok().filter(|x: &f64| x.is_finite());
        match self {
            Self::Text(wanted) => text::wildcard_matches(&text::fold(wanted), &text::fold(actual)),
            Self::Number(comparison, limit) => number().is_some_and(|x| comparison.holds(x, *limit)),
            Self::Range(low, high) => number().is_some_and(|x| (*low..=*high).contains(&x)),
        }
    }
}

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// One word.
    Term(Term),
    /// `"one two"`, `"one two"~3`: terms in order with at most `slop` extra tokens in all.
    Phrase {
        /// At least one term.
        terms: Vec<Term>,
        /// Extra tokens allowed.
        slop: u32,
    },
    /// `/re/`: a regular expression on the raw text of the turn.
    Regex(String),
    /// All of them in the scope.
    And(Vec<Query>),
    /// Any of them.
    Or(Vec<Query>),
    /// Filters only; by itself it denotes no interval.
    Not(Box<Query>),
    /// `a NEAR/5 b`: either order, at most so many tokens between.
    Near(Box<Query>, Box<Query>, u32),
    /// `a THEN/3 b`: in this order.
    Then(Box<Query>, Box<Query>, u32),
    /// `WITHIN sentence (...)`
    Within(Scope, Box<Query>),
    /// `field:value`
    Field(Field, FieldValue),
}

impl Query {
    /// Whether it can denote intervals: it has words, a phrase or a regular expression outside NOT. What cannot only
    /// filters.
    pub fn has_words(&self) -> bool {
        match self {
            Self::Term(_) | Self::Phrase { .. } | Self::Regex(_) | Self::Near(..) | Self::Then(..) => true,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::has_words),
            Self::Within(_, part) => part.has_words(),
            Self::Not(_) | Self::Field(..) => false,
        }
    }

    /// The fields it asks for, in the order of the query, those under NOT included.
    pub fn fields(&self) -> Vec<(&Field, &FieldValue)> {
        let mut found = Vec::new();
        self.collect_fields(&mut found);
        found
    }

    fn collect_fields<'a>(&'a self, found: &mut Vec<(&'a Field, &'a FieldValue)>) {
        match self {
            Self::Term(_) | Self::Phrase { .. } | Self::Regex(_) => {}
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.collect_fields(found)),
            Self::Not(part) | Self::Within(_, part) => part.collect_fields(found),
            Self::Near(left, right, _) | Self::Then(left, right, _) => {
                left.collect_fields(found);
                right.collect_fields(found);
            }
            Self::Field(field, value) => found.push((field, value)),
        }
    }
}

impl From<TermMode> for MatchMode {
    fn from(mode: TermMode) -> Self {
        match mode {
            TermMode::Plain => Self::Plain,
            TermMode::Exact => Self::Exact,
            TermMode::Wildcard => Self::Wildcard,
            TermMode::Fuzzy(edits) => Self::Fuzzy(edits),
        }
    }
}
