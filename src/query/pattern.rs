//! Regular expressions of queries: one set of limits for everybody who compiles one.

use super::ParseProblem;
use regex::{Regex, RegexBuilder};
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
