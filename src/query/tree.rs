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
    /// `saved:`: stands for the saved search of that name.
    Saved,
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
    pub const NAMES: [&'static str; 13] = [
        "code",
        "coder",
        "lang",
        "memo",
        "participant",
        "polarity",
        "question",
        "role",
        "saved",
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
            "saved" => Self::Saved,
            "source" => Self::Source,
            "speaker" => Self::Speaker,
            "theme" => Self::Theme,
            "wave" => Self::Wave,
            _ => return None,
        })
    }

    /// Whether it says something of a coding: `code:`, `theme:`, `polarity:`, `coder:`.
    pub const fn is_of_coding(&self) -> bool {
        matches!(self, Self::Code | Self::Theme | Self::Polarity | Self::Coder)
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

/// How two conditions stand to each other in a source. Such a pair is a condition on turns itself: it holds for turns
/// of its left side, and denotes no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `a OVERLAPS b`: the same words are coded in both ways. Both sides say something of codings only.
    Overlaps,
    /// `a BEFORE b`: b comes later in the source; `a BEFORE/2 b`: at most two turns later.
    Before(Option<u32>),
    /// `a AFTER b`: b came earlier; `a AFTER/2 b`: at most two turns earlier.
    After(Option<u32>),
}

impl Relation {
    /// How it is written, without its number.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overlaps => "OVERLAPS",
            Self::Before(_) => "BEFORE",
            Self::After(_) => "AFTER",
        }
    }

    /// How many turns may lie from one to the other.
    pub const fn turns(self) -> Option<u32> {
        match self {
            Self::Overlaps => None,
            Self::Before(turns) | Self::After(turns) => turns,
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
    /// `a OVERLAPS b`, `a BEFORE b`, `a AFTER/1 b`
    Related(Relation, Box<Query>, Box<Query>),
}

impl Query {
    /// Whether it can denote intervals: it has words, a phrase or a regular expression outside NOT. What cannot only
    /// filters.
    pub fn has_words(&self) -> bool {
        match self {
            Self::Term(_) | Self::Phrase { .. } | Self::Regex(_) | Self::Near(..) | Self::Then(..) => true,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::has_words),
            Self::Within(_, part) => part.has_words(),
            Self::Not(_) | Self::Field(..) | Self::Related(..) => false,
        }
    }

    /// The conditions on turns that all of its hits pass, without its words: `role:participant` of `trust AND
    /// role:participant`. Nothing where it chooses no turns beforehand.
    pub fn filter(&self) -> Option<Self> {
        match self {
            Self::And(parts) => {
                let mut filters: Vec<Self> = parts.iter().filter_map(Self::filter).collect();
                if filters.len() > 1 { Some(Self::And(filters)) } else { filters.pop() }
            }
            Self::Not(part) => (!part.has_words()).then(|| self.clone()),
            Self::Within(_, part) => part.filter(),
            _ => (!self.has_words()).then(|| self.clone()),
        }
    }

    /// Whether it says something of codings and nothing else.
    pub fn is_of_codings(&self) -> bool {
        match self {
            Self::Field(field, _) => field.is_of_coding(),
            Self::And(parts) | Self::Or(parts) => parts.iter().all(Self::is_of_codings),
            Self::Not(part) => part.is_of_codings(),
            _ => false,
        }
    }

    /// The conditions that a turn does not answer by itself, in the order of the query, those under NOT included; what
    /// stands inside OVERLAPS, BEFORE and AFTER belongs to them.
    pub fn conditions(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        self.each_leaf(false, &mut |leaf| match leaf {
            Self::Field(field, _) if field.is_of_turn() => {}
            Self::Field(..) | Self::Related(..) => found.push(leaf),
            _ => {}
        });
        found
    }

    /// The fields it asks for, in the order of the query, those under NOT included.
    pub fn fields(&self) -> Vec<(&Field, &FieldValue)> {
        let mut found = Vec::new();
        self.each_leaf(true, &mut |leaf| {
            if let Self::Field(field, value) = leaf {
                found.push((field, value));
            }
        });
        found
    }

    /// Words, patterns and conditions in it.
    pub(super) fn leaves(&self) -> usize {
        let mut leaves = 0;
        self.each_leaf(true, &mut |leaf| leaves += usize::from(!matches!(leaf, Self::Related(..))));
        leaves
    }

    /// Calls `visit` with words, patterns, fields and pairs in the order of the query; with `inside`, with the sides of
    /// pairs too.
    fn each_leaf<'a>(&'a self, inside: bool, visit: &mut dyn FnMut(&'a Self)) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.each_leaf(inside, visit)),
            Self::Not(part) | Self::Within(_, part) => part.each_leaf(inside, visit),
            Self::Near(left, right, _) | Self::Then(left, right, _) => {
                left.each_leaf(inside, visit);
                right.each_leaf(inside, visit);
            }
            Self::Related(_, left, right) => {
                visit(self);
                if inside {
                    left.each_leaf(inside, visit);
                    right.each_leaf(inside, visit);
                }
            }
            Self::Term(_) | Self::Phrase { .. } | Self::Regex(_) | Self::Field(..) => visit(self),
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
