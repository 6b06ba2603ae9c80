//! Parsing what was printed gives the same query, and no text makes the parser fall over.

use crate::query::{Comparison, Field, FieldValue, Query, Relation, Scope, Term, TermMode, parse, parse_detailed};
use proptest::prelude::*;

fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Zäéßñ]{1,8}",
        "[א-ת]{2,6}",
        "[0-9]{1,4}",
        prop::sample::select(vec![
            "AND", "OR", "NOT", "NEAR", "THEN", "WITHIN", "OVERLAPS", "BEFORE", "AFTER", "and", "'s", "n't", "n’t",
            "attr.age", "score.x", "a:b", "3.14", "צה\"ל", "don", "name", "laughs", "日", "I'm", "co_op",
        ])
        .prop_map(str::to_owned),
    ]
}

fn term() -> impl Strategy<Value = Term> {
    let spoken = prop_oneof![
        4 => token().prop_map(|text| (text, TermMode::Plain)),
        1 => token().prop_map(|text| (text, TermMode::Exact)),
        1 => (token(), 1u8..=2).prop_map(|(text, edits)| (text, TermMode::Fuzzy(edits))),
        1 => prop::sample::select(vec!["*", "tru*", "*ing", "w?m?n", "?ope*", "אמ*"])
            .prop_map(|text| (text.to_owned(), TermMode::Wildcard)),
    ];
    let inserted = "[b-km]{2,6}".prop_map(|text| (text, TermMode::Plain));
    prop_oneof![
        6 => spoken.prop_map(|(text, mode)| Term { text, mode, inserted: false }),
        1 => inserted.prop_map(|(text, mode)| Term { text, mode, inserted: true }),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9_]{0,6}",
        "[a-z]{1,4}\\.[a-zA-Z]{1,3}[0-9]{0,2}",
        "[a-z \"\\\\:.אב]{1,8}",
        Just("change".to_owned())
    ]
}

fn field() -> impl Strategy<Value = Query> {
    let fields = prop_oneof![
        prop::sample::select(vec![
            Field::Speaker,
            Field::Participant,
            Field::Source,
            Field::Question,
            Field::Wave,
            Field::Language,
            Field::Code,
            Field::Theme,
            Field::Coder,
            Field::Memo,
            Field::Saved,
        ]),
        name().prop_map(Field::Attribute),
        (name(), prop::option::of(name())).prop_map(|(name, wave)| Field::Score { name, wave }),
    ];
    let number = prop_oneof![(-1000i32..1000).prop_map(|x| f64::from(x) / 8.0), prop::num::f64::NORMAL];
    let comparisons = prop::sample::select(vec![
        Comparison::Less,
        Comparison::AtMost,
        Comparison::Greater,
        Comparison::AtLeast,
        Comparison::Equal,
    ]);
    let values = prop_oneof![
        "[a-zA-Z0-9*?_.א-ת -]{0,8}".prop_map(FieldValue::Text),
        "[\\PC&&[^\u{200e}\u{200f}\u{61c}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{feff}]]{0,10}".prop_map(FieldValue::Text),
        (comparisons, number.clone()).prop_map(|(comparison, limit)| FieldValue::Number(comparison, limit)),
        (number.clone(), number).prop_map(|(a, b)| FieldValue::Range(a.min(b), a.max(b))),
        Just(FieldValue::Range(f64::NEG_INFINITY, 3.0)),
    ];
    (fields, values).prop_map(|(field, value)| Query::Field(field, value))
}

fn pattern() -> impl Strategy<Value = String> {
    let piece =
        prop::sample::select(vec!["a", "é", "/", "\\\\", "\\b", "[^/]", "(?:x|y)+", " ", "\"", "\\.", "ש", "("]);
    prop::collection::vec(piece, 1..6)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("compiles", |pattern| crate::query::compile_regex(pattern).is_ok())
}

fn words() -> impl Strategy<Value = Query> {
    prop_oneof![
        4 => term().prop_map(Query::Term),
        2 => (prop::collection::vec(term(), 2..5), 0u32..4).prop_map(|(terms, slop)| Query::Phrase { terms, slop }),
        1 => pattern().prop_map(Query::Regex),
    ]
}

fn tree() -> impl Strategy<Value = Query> {
    let leaf = prop_oneof![3 => words(), 1 => field()];
    leaf.prop_recursive(5, 40, 4, |part| {
        prop_oneof![
            prop::collection::vec(part.clone(), 2..4).prop_map(Query::And),
            prop::collection::vec(part.clone(), 2..4).prop_map(Query::Or),
            part.clone().prop_map(|part| Query::Not(Box::new(part))),
            (part.clone(), words(), 0u32..20).prop_map(|(a, b, n)| Query::Near(Box::new(a), Box::new(b), n)),
            (words(), part.clone(), 0u32..20).prop_map(|(a, b, n)| Query::Then(Box::new(a), Box::new(b), n)),
            (prop::sample::select(vec![Scope::Sentence, Scope::Turn, Scope::Source]), part.clone())
                .prop_map(|(scope, part)| Query::Within(scope, Box::new(part))),
            (relation(), part.clone(), part).prop_map(|(relation, a, b)| related(relation, a, b)),
            (of_codings(), of_codings()).prop_map(|(a, b)| related(Relation::Overlaps, a, b)),
        ]
    })
}

fn related(relation: Relation, a: Query, b: Query) -> Query {
    // A side of nothing but NOT over words is refused.
    let sure = |side| Query::And(vec![Query::Term(Term::plain("word")), side]);
    match relation {
        Relation::Overlaps => Query::Related(relation, Box::new(a), Box::new(b)),
        _ => Query::Related(relation, Box::new(sure(a)), Box::new(sure(b))),
    }
}

fn relation() -> impl Strategy<Value = Relation> {
    let turns = || prop::option::of(0u32..30);
    prop_oneof![turns().prop_map(Relation::Before), turns().prop_map(Relation::After)]
}

fn of_codings() -> impl Strategy<Value = Query> {
    let fields = prop::sample::select(vec![Field::Code, Field::Theme, Field::Coder]);
    let one = (fields, "[a-z*]{1,6}").prop_map(|(field, name)| Query::Field(field, FieldValue::Text(name)));
    one.prop_recursive(2, 8, 3, |part| {
        prop_oneof![
            prop::collection::vec(part.clone(), 2..4).prop_map(Query::And),
            prop::collection::vec(part.clone(), 2..4).prop_map(Query::Or),
            part.prop_map(|part| Query::Not(Box::new(part))),
        ]
    })
}

/// Sides of NEAR and THEN that only filter are refused by the parser, and so are queries of nothing but NOT.
fn is_allowed(query: &Query) -> bool {
    match query {
        Query::Near(a, b, _) | Query::Then(a, b, _) => a.has_words() && b.has_words() && is_allowed(a) && is_allowed(b),
        Query::And(parts) | Query::Or(parts) => parts.iter().all(is_allowed),
        Query::Not(part) | Query::Within(_, part) => is_allowed(part),
        Query::Related(_, a, b) => is_allowed(a) && is_allowed(b),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsing_what_is_printed_gives_the_same_tree(query in tree().prop_filter("allowed", is_allowed)) {
        // A word in front, so that queries of nothing but NOT are taken too.
        let query = Query::And(vec![Query::Term(Term::plain("word")), query]);
        let printed = query.to_string();
        let parsed = parse(&printed);
        prop_assert_eq!(parsed.as_ref(), Ok(&query), "{}", printed);
        prop_assert_eq!(parsed.map(|query| query.to_string()), Ok(printed));
    }

    #[test]
    fn whatever_is_typed_is_read_or_refused(text in "\\PC{0,60}") {
        read_or_refused(&text)?;
    }

    #[test]
    fn what_looks_like_a_query_is_read_or_refused(pieces in prop::collection::vec(piece(), 0..14)) {
        read_or_refused(&pieces.concat())?;
    }
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        token(),
        prop::sample::select(vec![
            " ",
            " ",
            " ",
            "\"",
            "“",
            "”",
            "(",
            ")",
            "[",
            "]",
            "/",
            "\\",
            "~",
            "~1",
            "*",
            "?",
            "=",
            "-",
            ":",
            "speaker:",
            "attr.",
            "score.",
            "role:",
            " AND ",
            " OR ",
            " NOT ",
            " NEAR/3 ",
            " THEN/1 ",
            " NEAR ",
            " OVERLAPS ",
            " BEFORE ",
            " AFTER/1 ",
            "code:a",
            "saved:",
            "WITHIN sentence (",
            "[laughs]",
            ">",
            "<=",
            "\u{200f}",
            "\n",
            "\t",
            "e\u{301}",
            "״",
            "'",
            "’s",
            "((pause))",
            "(0.5)",
            "🙂",
            "{2}",
        ])
        .prop_map(str::to_owned),
        "\\PC",
    ]
}

fn read_or_refused(text: &str) -> Result<(), TestCaseError> {
    match parse_detailed(text) {
        Ok(parsed) => {
            let printed = parsed.query.to_string();
            let again = parse(&printed);
            prop_assert_eq!(again, Ok(parsed.query), "{} printed as {}", text, printed);
            for hint in parsed.hints {
                prop_assert!(text.get(hint.range.clone()).is_some_and(|marked| !marked.is_empty()));
            }
            for (at, _) in parsed.fields {
                prop_assert!(text.is_char_boundary(at));
            }
        }
        Err(error) => {
            prop_assert!(text.get(error.range()).is_some());
            prop_assert_eq!(error.to_string().lines().count(), 3);
        }
    }
    Ok(())
}
