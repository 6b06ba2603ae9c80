//! What is not understood: the place, the sentence, the correction; and the limits.

use crate::query::{MAX_CLAUSES, ParseProblem, parse};

/// Line of the message without the column; the marked text; the column.
#[track_caller]
fn error(query: &str) -> (String, String, usize) {
    let error = parse(query).expect_err(query);
    let marked = query.get(error.range()).expect("range on character borders").to_owned();
    let shown = error.to_string();
    assert_eq!(shown.lines().count(), 3, "{shown}");
    assert!(shown.lines().last().unwrap().trim().chars().all(|c| c == '^'), "{shown}");
    (error.sentence(), marked, error.column())
}

#[test]
fn an_error_is_three_lines_with_a_caret() {
    let shown = parse("hope AND speker:P").unwrap_err().to_string();
    let expected =
        "column 10: there is no field `speker:`; did you mean `speaker:`?\n  hope AND speker:P\n           ^^^^^^^";
    assert_eq!(shown, expected);
}

#[test]
fn columns_count_characters_and_carets_count_cells() {
    let error = parse("日本語 (hope").unwrap_err();
    assert_eq!((error.column(), error.byte_column()), (5, 11));
    assert_eq!(error.to_string().lines().last(), Some("         ^"));
}

#[test]
fn every_mistake_has_a_sentence_a_place_and_where_possible_a_correction() {
    let cases = [
        ("", "the query is empty", "", 1),
        (" \u{200f} ", "the query is empty", " \u{200f} ", 1),
        ("NOT trust", "NOT only filters: write `something AND NOT ...`", "NOT trust", 1),
        ("NOT a AND NOT b", "NOT only filters", "NOT a AND NOT b", 1),
        ("a OR NOT b", "NOT only filters", "a OR NOT b", 1),
        ("a AND", "after AND; to find the word itself, write `\"AND\"`", "", 6),
        ("OR a", "before OR; to find the word itself, write `\"OR\"`", "OR", 1),
        ("a AND OR b", "before OR", "OR", 7),
        ("()", "between these parentheses", ")", 2),
        ("(a OR b", "never closed: expected `)`", "(", 1),
        ("a)", "closes nothing", ")", 2),
        ("\"a b", "never closed: expected `\"`", "\"", 1),
        ("/a b", "never closed: expected `/`", "/", 1),
        ("[and", "square brackets", "[", 1),
        ("and]", "square brackets", "]", 4),
        ("\"...\"", "no word between these quotation marks; to find signs, write `/\\.\\.\\./`", "\"...\"", 1),
        ("[...]", "remark", "[...]", 1),
        ("a & b", "`&` is not a word; to ask for both sides, write AND", "&", 3),
        ("a 🙂", "`🙂` is not a word; to find signs, write `/🙂/`", "🙂", 3),
        ("a -\"b c\"", "to exclude, write NOT", "-", 3),
        ("a -speaker:P", "to exclude, write NOT", "-", 3),
        ("[laughs]", "remark", "[laughs]", 1),
        ("a NEAR b", "write for instance `NEAR/5`", "NEAR", 3),
        ("a THEN/x b", "write for instance `THEN/5`", "THEN/x", 3),
        ("a NEAR/5 NOT b", "NOT and fields only filter", "NOT", 10),
        ("(code:x) NEAR/5 b", "join the filter with AND", "(code:x)", 1),
        ("code:a OVERLAPS trust", "expected `code:`, `theme:`, `polarity:` or `coder:` on its right", "trust", 17),
        ("a OVERLAPS code:a", "on its left", "a", 1),
        ("code:a OVERLAPS NOT code:b", "put it in parentheses: `(code:a AND NOT code:b)`", "NOT", 17),
        ("code:a BEFORE/x b", "write for instance `BEFORE/1`", "BEFORE/x", 8),
        ("code:a BEFORE code:b AFTER code:c", "put parentheses around one of the pairs", "AFTER", 22),
        ("code:a AFTER", "after AFTER; to find the word itself, write `\"AFTER\"`", "", 13),
        ("a BEFORE NOT b", "to exclude what has one, write `NOT (... BEFORE ...)`", "NOT", 10),
        ("a BEFORE (NOT b)", "needs something that can be found on both sides", "(NOT b)", 10),
        ("WITHIN sentense (a b)", "write for instance `WITHIN sentence (...)`", "WITHIN sentense", 1),
        ("WITHIN sentence a b", "put parentheses", "WITHIN sentence", 1),
        ("trust~", "write `trust~1`", "trust~", 1),
        ("trust~3", "write `trust~2`", "trust~3", 1),
        ("tru*~1", "no `*`", "tru*~1", 1),
        ("x \"a tru*~1\"", "no `*`", "tru*~1", 6),
        ("=tru*", "write `=tru`", "=tru*", 1),
        ("\"a b\"~x", "extra words", "~", 6),
        ("language:en", "did you mean `lang:`?", "language:", 1),
        ("he said: no", "put them in quotation marks", "said:", 4),
        ("attr:40", "expected `attr.age:[40 TO 55]`", "attr:", 1),
        ("score.:>3", "expected `score.wellbeing.T1:>3.5`", "score.", 1),
        ("attr.age", "expected a value after `attr.age:`", "attr.age", 1),
        ("code:", "expected a value after `code:`", "code:", 1),
        ("speaker:(A OR B)", "(speaker:A OR speaker:B)", "speaker:", 1),
        ("attr.age:>3,5", "write `3.5`", "3,5", 11),
        ("attr.age:>inf", "expected a number", "inf", 11),
        ("attr.age:[55 TO 40]", "write `[40 TO 55]`", "[55 TO 40]", 10),
        ("attr.age:[a TO b]", "expected a range", "[a TO b]", 10),
        ("attr.age:[1 TO 2", "close the range", "[1 TO 2", 10),
        ("role:interviewr", "did you mean `role:interviewer`?", "interviewr", 6),
        ("polarity:denied", "expected present, absent", "denied", 10),
    ];
    for (query, part, marked, column) in cases {
        let (sentence, shown, at) = error(query);
        assert!(sentence.contains(part), "{query}: {sentence}");
        assert_eq!((shown.as_str(), at), (marked, column), "{query}: {sentence}");
    }
}

#[test]
fn errors_in_patterns_stand_at_their_place() {
    for (query, part, marked) in [
        ("hope /ab(c/", "unclosed group", "("),
        ("/a\\/é[z/", "unclosed character class", "["),
        ("/(?=a)/", "look-around", "(?="),
        ("/a{2,1}/", "repetition", "{2,1}"),
        ("/\\p{Greeek}/", "property", "\\p{Greeek}"),
        ("//", "nothing in it", "//"),
        ("/x**(/", "unclosed group", "("),
    ] {
        let (sentence, shown, _) = error(query);
        assert!(sentence.to_lowercase().contains(part), "{query}: {sentence}");
        assert_eq!(shown, marked, "{query}: {sentence}");
    }
    let problem = parse("/(\\w{300}){300}/").unwrap_err().problem().clone();
    assert_eq!(problem, ParseProblem::RegexSize);
    let problem = parse(&format!("/{}a{}/", "(".repeat(500), ")".repeat(500))).unwrap_err();
    assert!(matches!(problem.problem(), ParseProblem::Regex { .. }), "{problem}");
}

#[test]
fn depth_is_limited_without_overflow() {
    let nested = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse(&nested(64)).is_ok());
    let near = |words: usize| vec!["a"; words].join(" NEAR/1 ");
    assert!(parse(&near(64)).is_ok());
    let within = format!("{}a{}", "WITHIN turn (".repeat(80_000), ")".repeat(80_000));
    for query in [nested(65), nested(100_000), near(66), near(10_000), format!("a {}b", "NOT ".repeat(100_000)), within]
    {
        assert_eq!(parse(&query).unwrap_err().problem(), &ParseProblem::Depth);
    }
}

#[test]
fn length_is_limited() {
    assert!(parse(&"a ".repeat(MAX_CLAUSES)).is_ok());
    assert_eq!(parse(&"a ".repeat(MAX_CLAUSES + 1)).unwrap_err().problem(), &ParseProblem::Clauses);
    let phrase = format!("\"{}\"", "a ".repeat(MAX_CLAUSES + 1));
    let error = parse(&phrase).unwrap_err();
    assert_eq!(error.problem(), &ParseProblem::Clauses);
    assert!(error.to_string().len() < 1_000);
}
