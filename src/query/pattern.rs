//! Regular expressions of queries: one set of limits for everybody who compiles one.

use super::ParseProblem;
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};
use std::ops::Range;

/// Memory that one compiled expression may take, in bytes.
pub(super) const SIZE_LIMIT: usize = 1 << 20;

/// Groups inside one another.
const NEST_LIMIT: u32 = 64;

/// Compiles the pattern of a [`super::Query::Regex`]: syntax of the `regex` crate, case-sensitive unless `(?i)`.
/// Every pattern of a parsed query compiles.
pub fn compile_regex(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).nest_limit(NEST_LIMIT).build()
}

/// How many places of a pattern a character of the text may be compared with, repetitions written out: `a{3}|bc` has 5.
/// Reading a text takes at most about as many steps as it has bytes, times this; mostly it takes one a byte.
pub fn pattern_places(pattern: &str) -> u64 {
    regex_syntax::parse(pattern).map_or(1, |pattern| places(&pattern)).max(1)
}

fn places(part: &Hir) -> u64 {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(_) => 1,
        HirKind::Capture(capture) => places(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(places).fold(0, u64::saturating_add),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            places(&repetition.sub).saturating_mul(u64::from(times))
        }
    }
}

/// Checks a pattern; an error comes with the bytes of the pattern that are wrong.
pub(super) fn check(pattern: &str) -> Result<(), (ParseProblem, Range<usize>)> {
    let parsed = regex_syntax::ParserBuilder::new().nest_limit(NEST_LIMIT).build().parse(pattern);
    let (message, span) = match parsed {
        Ok(_) => {
            return match compile_regex(pattern) {
                Ok(_) => Ok(()),
                Err(_) => Err((ParseProblem::RegexSize, 0..pattern.len())),
            };
        }
        Err(regex_syntax::Error::Parse(error)) => (error.kind().to_string(), *error.span()),
        Err(regex_syntax::Error::Translate(error)) => (error.kind().to_string(), *error.span()),
        Err(other) => return Err((ParseProblem::Regex { message: other.to_string() }, 0..pattern.len())),
    };
    Err((ParseProblem::Regex { message }, span.start.offset..span.end.offset))
}

#[cfg(test)]
mod tests {
    use super::pattern_places;

    #[test]
    fn repetitions_are_written_out() {
        let places = ["a{3}|bc", "(?:ab?){2,4}", "x*", r"\b", "[a-z]{30}", r"(?i)\btrust\w+"].map(pattern_places);
        assert_eq!(places, [5, 8, 1, 1, 30, 6]);
    }
}
