//! What is found: intervals of small texts, told by hand.

use crate::model::Role;
use crate::query::reference::{Interval, TurnText, holds, intervals};
use crate::query::{Query, parse};
use crate::text;
use proptest::prelude::*;

/// The words found, each interval as a stretch of the text from its first token to its last.
fn found(query: &str, text: &str) -> Vec<String> {
    in_turn(text, |turn| {
        let hits = intervals(&parse(query).unwrap_or_else(|error| panic!("{error}")), turn);
        let stretch = |hit: &Interval| {
            let (first, last) = (&turn.tokens[hit.first as usize], &turn.tokens[hit.last as usize]);
            text[first.span.start as usize..last.span.end as usize].to_owned()
        };
        hits.iter().map(stretch).collect()
    })
}

fn in_turn<T>(text: &str, see: impl FnOnce(&TurnText<'_>) -> T) -> T {
    let mut tokens = Vec::new();
    text::tokenize(text, &mut tokens);
    let mut sentences = Vec::new();
    text::sentences(text, &tokens, &mut sentences);
    let hebrew = text.chars().any(|c| ('א'..='ת').contains(&c));
    see(&TurnText {
        text,
        tokens: &tokens,
        sentences: &sentences,
        language: if hebrew { "he" } else { "en" },
        speaker: "Mrs. B",
        role: Role::Participant,
        question: Some("What helped?"),
    })
}

#[track_caller]
fn finds(query: &str, text: &str, expected: &[&str]) {
    assert_eq!(found(query, text), expected, "{query} in {text}");
}

#[test]
fn a_word_gives_one_interval_each() {
    finds("sea", "The sea, the Sea and the season", &["sea", "Sea"]);
    finds("=Sea", "The sea, the Sea and the season", &["Sea"]);
    finds("sea*", "The sea, the Sea and the season", &["sea", "Sea", "season"]);
    finds("s?a", "The sea and the spa", &["sea", "spa"]);
    finds("boat", "The sea", &[]);
}

#[test]
fn clitics_are_words_of_their_own() {
    finds("don't", "I don't know, I do not know", &["don't"]);
    finds("n't", "I don't and can't", &["n't", "n't"]);
    finds("\"do n't know\"", "I don’t know", &["don’t know"]);
}

#[test]
fn phrases_join_across_remarks_and_not_across_insertions() {
    finds("\"old boat\"", "an old [laughs] boat", &["old [laughs] boat"]);
    finds("\"old boat\"", "an old [wooden] boat", &[]);
    finds("\"old boat\"~1", "an old [wooden] boat", &["old [wooden] boat"]);
    finds("\"old [wooden] boat\"", "an old [wooden] boat", &["old [wooden] boat"]);
}

#[test]
fn insertions_are_matched_on_request_only() {
    finds("wooden", "an old [wooden] boat", &[]);
    finds("[wooden]", "an old [wooden] boat", &["wooden"]);
    finds("[boat]", "an old [wooden] boat", &[]);
    finds("[wo*]", "an old [wooden] boat", &["wooden"]);
}

#[test]
fn slop_is_extra_words_in_order() {
    finds("\"warm bread\"~2", "warm and fresh bread", &["warm and fresh bread"]);
    finds("\"warm bread\"~1", "warm and fresh bread", &[]);
    finds("\"bread warm\"~9", "warm and fresh bread", &[]);
}

#[test]
fn phrases_and_near_give_the_smallest_stretches() {
    finds("\"warm bread\"~5", "warm warm bread bread", &["warm bread"]);
    finds("warm NEAR/5 bread", "bread warm x warm bread", &["bread warm", "warm bread"]);
    finds("warm NEAR/1 bread", "bread x x warm", &[]);
    finds("warm NEAR/2 bread", "bread x x warm", &["bread x x warm"]);
    finds("warm THEN/2 bread", "bread x x warm x bread", &["warm x bread"]);
    finds("warm NEAR/9 warm", "warm x warm y z warm", &["warm x warm", "warm y z warm"]);
    finds("\"warm bread\" NEAR/0 bread", "warm bread bread", &["warm bread bread"]);
    finds("(a OR b) THEN/0 c", "a c b c", &["a c", "b c"]);
    finds("a NEAR/1 b NEAR/1 c", "c x b y a", &["c x b y a"]);
}

#[test]
fn and_or_not_filter_the_turn() {
    let text = "Rain fell. Snow came after the rain.";
    finds("rain snow", text, &["Rain", "Snow", "rain"]);
    finds("rain AND hail", text, &[]);
    finds("hail OR snow", text, &["Snow"]);
    finds("rain NOT hail", text, &["Rain", "rain"]);
    finds("rain NOT snow", text, &[]);
    finds("rain AND (hail OR NOT fog)", text, &["Rain", "rain"]);
}

#[test]
fn within_sentence_narrows_every_part() {
    let text = "Rain fell. Snow came after the rain.";
    finds("WITHIN sentence (rain snow)", text, &["Snow", "rain"]);
    finds("WITHIN sentence (rain NOT snow)", text, &["Rain"]);
    finds("WITHIN sentence (fell THEN/3 snow)", text, &[]);
    finds("fell THEN/3 snow", text, &["fell. Snow"]);
    finds("WITHIN sentence (WITHIN turn (fell snow))", text, &[]);
    finds("WITHIN source (fell snow)", text, &["fell", "Snow"]);
    finds("rain AND NOT WITHIN sentence (fell snow)", text, &["Rain", "rain"]);
    finds("WITHIN sentence (/Rain fell|fell\\. Snow/)", text, &["Rain fell"]);
}

#[test]
fn patterns_run_on_the_raw_text_and_mark_the_words_they_touch() {
    finds("/ai/", "rain and pain", &["rain", "pain"]);
    finds("/n a/", "rain and pain", &["rain and"]);
    finds("/ +/", "rain and", &[]);
    finds("/R/", "rain", &[]);
    finds("/(?i)R/", "rain", &["rain"]);
    finds("/\\[laughs\\]/", "rain [laughs] and", &[]);
    finds("/rain \\[/", "rain [laughs] and", &["rain"]);
    finds("/x*/", "rain fox", &["fox"]);
    finds("/o'n|n't/", "they don't", &["n't"]);
}

#[test]
fn fields_of_the_turn_filter() {
    finds("rain speaker:\"mrs. b\"", "rain", &["rain"]);
    finds("rain speaker:Mr*", "rain", &["rain"]);
    finds("rain speaker:I", "rain", &[]);
    finds("rain NOT role:interviewer lang:en question:*helped*", "rain", &["rain"]);
    finds("rain code:weather", "rain", &[]);
    finds("speaker:Mr*", "rain", &[]);
    let query = |text: &str| parse(text).unwrap();
    assert!(in_turn("rain", |turn| holds(&query("speaker:Mr* NOT snow"), turn)));
    assert!(!in_turn("rain", |turn| holds(&query("speaker:Mr* NOT rain"), turn)));
}

#[test]
fn hebrew() {
    finds("גשם", "ירד גשם חזק", &["גשם"]);
    finds("\"גשם חזק\"", "ירד גשם חזק.", &["גשם חזק"]);
    finds("גשם THEN/1 חזק", "ירד גשם מאוד חזק", &["גשם מאוד חזק"]);
    finds("גש*", "ירד גשם", &["גשם"]);
}

#[test]
fn nothing_is_found_in_nothing() {
    for query in ["rain", "\"a b\"", "/./", "a NEAR/1 b", "WITHIN sentence (a)"] {
        finds(query, "", &[]);
        finds(query, "... 🙂", &[]);
    }
}

fn small_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec!["a", "b", "c", "a", "b", "[b]", "[laughs]", ". A", "?", "c's"]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.join(" "))
}

fn words() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "b",
        "c",
        "[b]",
        "\"a b\"",
        "\"b a\"~2",
        "/b|c/",
        "(a OR b)",
        "a THEN/1 c",
        "(b NEAR/2 a)",
    ])
}

fn denoted(query: &str, text: &str) -> Vec<Interval> {
    let query: Query = parse(query).unwrap_or_else(|error| panic!("{error}"));
    in_turn(text, |turn| intervals(&query, turn))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn and_finds_no_more_than_or(text in small_text(), p in words(), q in words()) {
        let either = denoted(&format!("{p} OR {q}"), &text);
        let both = denoted(&format!("({p}) AND ({q})"), &text);
        prop_assert!(both.iter().all(|hit| either.contains(hit)));
        prop_assert!(both.is_empty() || both == either);
        let narrow = denoted(&format!("WITHIN sentence (({p}) AND ({q}))"), &text);
        prop_assert!(narrow.iter().all(|hit| either.contains(hit)));
    }

    #[test]
    fn not_parts_the_hits_in_two(text in small_text(), p in words(), q in words()) {
        let all = denoted(p, &text);
        let without = denoted(&format!("({p}) AND NOT ({q})"), &text);
        prop_assert_eq!(without, if denoted(q, &text).is_empty() { all } else { Vec::new() });
    }

    #[test]
    fn near_is_then_in_either_order(text in small_text(), p in words(), q in words(), n in 0u32..5) {
        let near = denoted(&format!("({p}) NEAR/{n} ({q})"), &text);
        let mut orders = denoted(&format!("({p}) THEN/{n} ({q})"), &text);
        orders.extend(denoted(&format!("({q}) THEN/{n} ({p})"), &text));
        prop_assert!(near.iter().all(|hit| orders.contains(hit)));
        // What only one order has is there because the other order has a smaller one inside.
        let inside = |small: &Interval, wide: &Interval| wide.first <= small.first && small.last <= wide.last;
        prop_assert!(orders.iter().all(|hit| near.iter().any(|small| inside(small, hit))));
    }

    #[test]
    fn intervals_are_sorted_minimal_and_inside(text in small_text(), p in words(), q in words(), n in 0u32..5) {
        let hits = denoted(&format!("({p}) NEAR/{n} ({q})"), &text);
        let count = in_turn(&text, |turn| turn.tokens.len());
        prop_assert!(hits.windows(2).all(|pair| pair[0].first < pair[1].first && pair[0].last < pair[1].last));
        prop_assert!(hits.iter().all(|hit| hit.first < hit.last && (hit.last as usize) < count));
    }

    #[test]
    fn more_slop_covers_what_less_slop_found(text in small_text(), slop in 0u32..4) {
        let strict = denoted(&format!("\"a b\"~{slop}"), &text);
        let loose = denoted(&format!("\"a b\"~{}", slop + 1), &text);
        prop_assert!(strict.iter().all(|hit| loose.contains(hit)));
    }
}
