//! Whether one query finds everything that another finds.

use super::{Query, Term, TermMode};
use crate::text::{TermMatcher, fold, wildcard_matches, within_edits};

/// Whether wherever `narrow` has an interval, `wide` has one that is the same or lies inside it, as far as that can be
/// told from the queries: `trust*` covers `trusted` and `"trusted them"`, `a OR b` covers `a`. False where it cannot be
/// told. Stems count where the language is known.
pub fn covers(wide: &Query, narrow: &Query, language: Option<&str>) -> bool {
    let covered = |part: &Query| covers(wide, part, language);
    if wide == narrow {
        return true;
    }
    match (wide, narrow) {
        (_, Query::Or(parts)) => parts.iter().filter(|part| part.has_words()).all(covered),
        (Query::Or(parts), _) => parts.iter().any(|part| covers(part, narrow, language)),
        (_, Query::And(parts)) => narrow.has_words() && parts.iter().filter(|part| part.has_words()).all(covered),
        (_, Query::Within(_, part)) => covered(part),
        (Query::Term(_) | Query::Phrase { .. }, Query::Near(left, right, _) | Query::Then(left, right, _)) => {
            covered(left) || covered(right)
        }
        (Query::Term(wide), Query::Term(narrow)) => term_covers(wide, narrow, language),
        (Query::Term(wide), Query::Phrase { terms, .. }) => terms.iter().any(|term| term_covers(wide, term, language)),
        (Query::Phrase { terms: wide, slop: loose }, Query::Phrase { terms: narrow, slop: strict }) => {
            loose >= strict
                && wide.len() == narrow.len()
                && wide.iter().zip(narrow).all(|(wide, narrow)| term_covers(wide, narrow, language))
        }
        _ => false,
    }
}

fn term_covers(wide: &Term, narrow: &Term, language: Option<&str>) -> bool {
    if wide == narrow {
        return true;
    }
    if wide.inserted != narrow.inserted {
        return false;
    }
    let (pattern, word) = (fold(&wide.text), fold(&narrow.text));
    match (wide.mode, narrow.mode) {
        (TermMode::Plain | TermMode::Wildcard, TermMode::Plain | TermMode::Exact) => {
            TermMatcher::new(&wide.text, wide.mode.into(), language.unwrap_or_default()).matches(&narrow.text, &word)
        }
        // Three words that the narrow pattern stands for, with a letter that occurs in no pattern.
        (TermMode::Wildcard, TermMode::Wildcard) => ["", "\u{1}", "\u{1}\u{1}\u{1}"]
            .iter()
            .all(|run| wildcard_matches(&pattern, &word.replace('*', run).replace('?', "\u{1}"))),
        (TermMode::Fuzzy(edits), TermMode::Exact) => within_edits(&pattern, &word, usize::from(edits)),
        (TermMode::Fuzzy(most), TermMode::Fuzzy(edits)) => most >= edits && pattern == word,
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::covers;
    use crate::query::parse;

    fn covered(wide: &str, narrow: &str) -> bool {
        covers(&parse(wide).unwrap(), &parse(narrow).unwrap(), Some("en"))
    }

    #[test]
    fn what_is_covered() {
        for (wide, narrow) in [
            ("bean*", "beans"),
            ("bean*", "beanpole*"),
            ("b?an*", "bean*"),
            ("bean", "beans"),
            ("bean", "=Bean"),
            ("bean~1", "=been"),
            ("bean*", "\"tall beans\"~2"),
            ("bean", "rose NEAR/3 bean"),
            ("bean", "\"tall bean\" THEN/3 rose"),
            ("bean OR rose", "roses"),
            ("bean OR rose", "bean OR roses"),
            ("bean", "bean speaker:P NOT frost"),
            ("bean*", "WITHIN sentence (beans AND beanpole)"),
            ("\"tall bean*\"~2", "\"tall beans\"~1"),
            ("/x/", "/x/"),
        ] {
            assert!(covered(wide, narrow), "{wide} covers {narrow}");
        }
    }

    #[test]
    fn what_is_not() {
        for (wide, narrow) in [
            ("beans", "bean*"),
            ("=Bean", "bean"),
            ("bean", "bean*"),
            ("bean?x", "bean*x"),
            ("bean", "bean AND rose"),
            ("bean", "bean OR rose"),
            ("bean speaker:P", "bean"),
            ("\"tall bean\"", "bean"),
            ("\"tall bean\"", "\"tall bean\"~2"),
            ("[bean]", "bean"),
            ("bean", "rose NOT bean"),
            ("/x/", "x"),
        ] {
            assert!(!covered(wide, narrow), "{wide} does not cover {narrow}");
        }
    }
}
