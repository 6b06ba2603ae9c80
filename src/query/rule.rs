//! What a query must be to serve as a rule: a pure function of the text that does not match everything.

use super::{Field, Query, Relation, TermMode, compile_regex};

/// Why a query cannot be a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It asks for something that a turn does not tell.
    #[error("a rule cannot ask for `{field}:`, which depends on decisions or scores: save it as a saved search")]
    DependsOnDecisions {
        /// The field.
        field: Field,
    },
    /// It looks at more than the turn.
    #[error("a rule cannot ask for `{relation}`, which looks at other turns: save it as a saved search")]
    LooksAround {
        /// `BEFORE`, `AFTER/1`.
        relation: Relation,
    },
    /// It only filters.
    #[error("a rule needs words to mark; this one only filters: add the words that suggest the code")]
    NoWords,
    /// It would mark every word.
    #[error("this rule would match everything (`{part}`): add a word or at least a letter")]
    MatchesEverything {
        /// The part that does.
        part: String,
    },
}

/// Checks that a query can be a rule: text operators and `role: speaker: lang: question:` only, with words, and
/// nothing that matches every word.
pub fn check_rule(query: &Query) -> Result<(), RuleError> {
    if let Some((field, _)) = query.fields().into_iter().find(|(field, _)| !field.is_of_turn()) {
        return Err(RuleError::DependsOnDecisions { field: field.clone() });
    }
    if let Some(Query::Related(relation, ..)) = query.conditions().into_iter().next() {
        return Err(RuleError::LooksAround { relation: *relation });
    }
    if !query.has_words() {
        return Err(RuleError::NoWords);
    }
    match everything(query) {
        Some(part) => Err(RuleError::MatchesEverything { part: part.to_string() }),
        None => Ok(()),
    }
}

/// The part of a query that marks every word or nearly so.
fn everything(query: &Query) -> Option<&Query> {
    let is_blank =
        |term: &super::Term| term.mode == TermMode::Wildcard && term.text.chars().all(|c| matches!(c, '*' | '?'));
    match query {
        Query::Term(term) => is_blank(term).then_some(query),
        Query::Phrase { terms, .. } => terms.iter().all(is_blank).then_some(query),
        Query::Regex(pattern) => is_blank_regex(pattern).then_some(query),
        Query::And(parts) | Query::Or(parts) => parts.iter().find_map(everything),
        Query::Near(left, right, _) | Query::Then(left, right, _) => everything(left).and(everything(right)),
        Query::Within(_, part) => everything(part),
        Query::Not(_) | Query::Field(..) | Query::Related(..) => None,
    }
}

/// Whether a pattern can match nothing, or matches every single letter: `.*`, `x*`, `\b`, `.`, `\w+`.
fn is_blank_regex(pattern: &str) -> bool {
    compile_regex(pattern).is_ok_and(|regex| {
        let mut letter = [0; 4];
        regex.is_match("") || can_be_empty(pattern) || ('a'..='z').all(|c| regex.is_match(c.encode_utf8(&mut letter)))
    })
}

fn can_be_empty(pattern: &str) -> bool {
    regex_syntax::parse(pattern).is_ok_and(|hir| hir.properties().minimum_len() == Some(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{RuleError, check_rule};
    use crate::query::{Field, parse};

    fn check(query: &str) -> Result<(), RuleError> {
        check_rule(&parse(query).unwrap())
    }

    #[test]
    fn fields_of_the_turn_are_allowed() {
        assert_eq!(check("trust AND speaker:P AND role:participant AND NOT lang:de AND question:help"), Ok(()));
    }

    #[test]
    fn fields_of_decisions_and_scores_are_refused_wherever_they_stand() {
        for (query, field) in [
            ("trust AND code:hope", Field::Code),
            ("trust AND NOT (a OR wave:T1)", Field::Wave),
            ("WITHIN sentence (trust AND attr.age:40)", Field::Attribute("age".to_owned())),
            ("trust AND (code:hope OVERLAPS code:care)", Field::Code),
            ("trust AND saved:mine", Field::Saved),
        ] {
            assert_eq!(check(query), Err(RuleError::DependsOnDecisions { field }), "{query}");
        }
        let sentence = check("x score.mood.T1:>3").unwrap_err().to_string();
        assert!(sentence.contains("`score.mood.T1:`") && sentence.contains("saved search"), "{sentence}");
    }

    #[test]
    fn other_turns_are_refused() {
        let sentence = check("trust AND (role:participant AFTER/1 help)").unwrap_err().to_string();
        assert_eq!(sentence, "a rule cannot ask for `AFTER/1`, which looks at other turns: save it as a saved search");
    }

    #[test]
    fn a_rule_needs_words() {
        assert_eq!(check("speaker:P"), Err(RuleError::NoWords));
    }

    #[test]
    fn what_matches_everything_is_refused() {
        for query in
            ["*", "trust OR *", "* AND trust", "/.*/", "/.+/", "/\\w+/", "/x*/", "/\\b/", "* NEAR/2 *", "\"* *\""]
        {
            assert!(matches!(check(query), Err(RuleError::MatchesEverything { .. })), "{query}");
        }
        for query in ["t*", "\"trust * them\"", "trust NEAR/2 *", "/[aeiou]x/", "/(?i)\\btrust/", "hope AND NOT *"] {
            assert_eq!(check(query), Ok(()), "{query}");
        }
    }
}
