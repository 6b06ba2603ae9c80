//! What is understood: queries and the trees they are.

use crate::query::{Comparison, Field, FieldValue, Query, Scope, Term, TermMode, parse, parse_detailed};

fn word(text: &str) -> Query {
    Query::Term(Term::plain(text))
}

fn with(text: &str, mode: TermMode) -> Query {
    Query::Term(Term { text: text.to_owned(), mode, inserted: false })
}

fn phrase(words: &[&str], slop: u32) -> Query {
    Query::Phrase { terms: words.iter().map(|text| Term::plain(*text)).collect(), slop }
}

fn field(field: Field, value: &str) -> Query {
    Query::Field(field, FieldValue::Text(value.to_owned()))
}

fn not(part: Query) -> Query {
    Query::Not(Box::new(part))
}

fn near(left: Query, right: Query, words: u32) -> Query {
    Query::Near(Box::new(left), Box::new(right), words)
}

fn then(left: Query, right: Query, words: u32) -> Query {
    Query::Then(Box::new(left), Box::new(right), words)
}

#[track_caller]
fn reads(query: &str, expected: Query) {
    match parse(query) {
        Ok(parsed) => assert_eq!(parsed, expected, "{query}"),
        Err(error) => panic!("{query}\n{error}"),
    }
}

#[test]
fn words_and_their_modes() {
    reads("trust", word("trust"));
    reads("  trust,  ", word("trust"));
    reads("=Trust", with("Trust", TermMode::Exact));
    reads("tr*st", with("tr*st", TermMode::Wildcard));
    reads("wom?n", with("wom?n", TermMode::Wildcard));
    reads("tru**", with("tru*", TermMode::Wildcard));
    reads("trust~1", with("trust", TermMode::Fuzzy(1)));
    reads("trust~2", with("trust", TermMode::Fuzzy(2)));
    reads("[and]", Query::Term(Term { inserted: true, ..Term::plain("and") }));
    reads("[=And]", Query::Term(Term { text: "And".into(), mode: TermMode::Exact, inserted: true }));
}

#[test]
fn a_question_mark_behind_a_word_is_one() {
    reads("really?", word("really"));
    reads("\"are you sure?\"", phrase(&["are", "you", "sure"], 0));
}

#[test]
fn what_the_analyser_splits_becomes_a_phrase() {
    reads("self-esteem", phrase(&["self", "esteem"], 0));
    reads("don't", phrase(&["do", "n't"], 0));
    reads("it’s", phrase(&["it", "’s"], 0));
    reads("n't", word("n't"));
    reads("and/or", phrase(&["and", "or"], 0));
    reads(
        "self-est*",
        Query::Phrase {
            terms: vec![Term::plain("self"), Term { text: "est*".into(), mode: TermMode::Wildcard, inserted: false }],
            slop: 0,
        },
    );
}

#[test]
fn phrases() {
    reads("\"feel safe\"", phrase(&["feel", "safe"], 0));
    reads("“feel safe”", phrase(&["feel", "safe"], 0));
    reads("„feel safe“", phrase(&["feel", "safe"], 0));
    reads("«feel safe»", phrase(&["feel", "safe"], 0));
    reads("\"feel safe\"~3", phrase(&["feel", "safe"], 3));
    reads("\"safe\"", word("safe"));
    reads("\"AND\"", word("AND"));
    reads("\"Well, I was (almost) safe.\"", phrase(&["Well", "I", "was", "almost", "safe"], 0));
    reads("\"in [laughs] vain\"", phrase(&["in", "vain"], 0));
    let exact = |text: &str| Term { text: text.into(), mode: TermMode::Exact, inserted: false };
    reads("=\"New Hope\"", Query::Phrase { terms: vec![exact("New"), exact("Hope")], slop: 0 });
    reads("\"new =Hope\"", Query::Phrase { terms: vec![Term::plain("new"), exact("Hope")], slop: 0 });
    let inserted = Term { inserted: true, ..Term::plain("my") };
    reads(
        "\"lost [my] job\"",
        Query::Phrase { terms: vec![Term::plain("lost"), inserted, Term::plain("job")], slop: 0 },
    );
}

#[test]
fn patterns() {
    reads("/a\\/b/", Query::Regex("a/b".into()));
    reads("/\\\\\\/x/", Query::Regex("\\\\/x".into()));
    reads("/(?i)\\bhope(ful|less)?\\b/", Query::Regex("(?i)\\bhope(ful|less)?\\b".into()));
}

#[test]
fn precedence() {
    reads("a b", Query::And(vec![word("a"), word("b")]));
    reads(
        "a AND b OR c d",
        Query::Or(vec![Query::And(vec![word("a"), word("b")]), Query::And(vec![word("c"), word("d")])]),
    );
    reads("a NOT b", Query::And(vec![word("a"), not(word("b"))]));
    reads("c AND NOT a NEAR/2 b", Query::And(vec![word("c"), not(near(word("a"), word("b"), 2))]));
    reads("a NEAR/5 b THEN/3 c", then(near(word("a"), word("b"), 5), word("c"), 3));
    reads("a NEAR/5 (b THEN/3 c)", near(word("a"), then(word("b"), word("c"), 3), 5));
    reads("(a OR b) c", Query::And(vec![Query::Or(vec![word("a"), word("b")]), word("c")]));
    reads(
        "WITHIN Sentence (a NOT b)",
        Query::Within(Scope::Sentence, Box::new(Query::And(vec![word("a"), not(word("b"))]))),
    );
}

#[test]
fn fields() {
    reads("speaker:P", field(Field::Speaker, "P"));
    reads("Speaker: \"Dr. Levi\"", field(Field::Speaker, "Dr. Levi"));
    reads("code:trust/mis*", field(Field::Code, "trust/mis*"));
    reads("memo:\"say \\\"no\\\"\"", field(Field::Memo, "say \"no\""));
    reads("attr.age:[40 TO 55]", Query::Field(Field::Attribute("age".into()), FieldValue::Range(40.0, 55.0)));
    reads("attr.age:[40 TO *]", Query::Field(Field::Attribute("age".into()), FieldValue::Range(40.0, f64::INFINITY)));
    reads("attr.\"marital status\":single", field(Field::Attribute("marital status".into()), "single"));
    reads("attr.age:>=40", Query::Field(Field::Attribute("age".into()), FieldValue::Number(Comparison::AtLeast, 40.0)));
    reads("(speaker:P)", field(Field::Speaker, "P"));
    reads("NOT code:trust", not(field(Field::Code, "trust")));
}

#[test]
fn the_wave_of_a_score_is_told_from_its_form() {
    let score = |name: &str, wave: Option<&str>| {
        let field = Field::Score { name: name.into(), wave: wave.map(str::to_owned) };
        Query::Field(field, FieldValue::Number(Comparison::Greater, 3.5))
    };
    reads("score.wellbeing.T1:>3.5", score("wellbeing", Some("T1")));
    reads("score.ecr.avoidance:> 3.5", score("ecr.avoidance", None));
    reads("score.ecr.avoidance.T1:>3.5", score("ecr.avoidance", Some("T1")));
    reads("score.wellbeing.change:>3.5", score("wellbeing", Some("change")));
    reads("score.phq9:>3.5", score("phq9", None));
    reads("score.\"depression.phq9\":>3.5", score("depression.phq9", None));
    reads("score.\"wellbeing\".baseline:>3.5", score("wellbeing", Some("baseline")));
}

#[test]
fn hebrew_and_marks_of_direction() {
    reads("\u{200f}אמון\u{200f} AND\u{200e} תקווה", Query::And(vec![word("אמון"), word("תקווה")]));
    reads("צה\"ל", word("צה\"ל"));
    reads("\"שירות צה\"ל היה\"", phrase(&["שירות", "צה\"ל", "היה"], 0));
    reads("speaker:אמא", field(Field::Speaker, "אמא"));
}

#[test]
fn lower_case_operators_are_words_with_a_hint() {
    let parsed = parse_detailed("hope or trust").unwrap();
    assert_eq!(parsed.query, Query::And(vec![word("hope"), word("or"), word("trust")]));
    let hints: Vec<&str> = parsed.hints.iter().map(|hint| hint.message.as_str()).collect();
    assert_eq!(hints, ["`or` is searched as a word; the operator is written OR"]);
    assert_eq!(parsed.hints[0].range, 5..7);
    for (query, hints) in [
        ("not trust", 1),
        ("and", 0),
        ("and trust", 0),
        ("hope \"and\" trust", 0),
        ("hope near/5 trust", 1),
        ("hope -trust", 1),
        ("(a) and (b)", 1),
    ] {
        assert_eq!(parse_detailed(query).unwrap().hints.len(), hints, "{query}");
    }
}

#[test]
fn fields_are_reported_with_their_place() {
    let parsed = parse_detailed("é (code:x NOT wave:T1)").unwrap();
    assert_eq!(parsed.fields, [(4, Field::Code), (15, Field::Wave)]);
}
