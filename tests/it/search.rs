//! `search` and `code run --where`: words, and what is known of the people and codings beside them.

use crate::harness::Study;
use crate::small::{small, uncoded};
use serde_json::{Value, json};

fn count(study: &Study, query: &str) -> Value {
    study.json(&["search", query, "--count"])[0].clone()
}

fn counts(hits: u32, turns: u32, sources: u32, participants: u32) -> Value {
    json!({"hits": hits, "turns": turns, "sources": sources, "participants": participants})
}

#[test]
fn words_are_found_in_everybodys_turns_and_the_role_is_told() {
    let study = uncoded();
    // Every interview but P06's; the interviewer asks about trust in two of them.
    assert_eq!(count(&study, "trust*"), counts(13, 11, 9, 8));
    assert_eq!(count(&study, "trust* AND role:participant"), counts(11, 9, 9, 8));
    assert_eq!(count(&study, "trust* AND role:interviewer"), counts(2, 2, 2, 0));
    let rows = study.json(&["search", "\"do you trust\""]);
    assert_eq!(rows[0]["role"], "interviewer");
    assert_eq!(rows[0]["text"], "And the worker here, do you trust her?");
}

#[test]
fn fields_of_people_scores_and_waves_mix_with_words() {
    let study = uncoded();
    assert_eq!(count(&study, "trust* AND wave:T0"), counts(1, 1, 1, 1));
    // P01 was never alone, P05 sits alone; P04, who is less alone, is from the south.
    assert_eq!(count(&study, "alone AND attr.site:north"), counts(2, 2, 2, 2));
    assert_eq!(count(&study, "alone AND NOT attr.site:north"), counts(1, 1, 1, 1));
    // P02 has 4.5 and P04 5.0, two turns each; no words are asked for.
    assert_eq!(count(&study, "score.wellbeing.T1:>4"), counts(0, 4, 2, 2));
    assert_eq!(count(&study, "participant:P01"), counts(0, 4, 2, 1));
    assert_eq!(count(&study, "garden OR participant:P08"), counts(1, 2, 2, 2));
    assert_eq!(count(&study, "source:P06* AND lonely"), counts(1, 1, 1, 1));
    assert_eq!(count(&study, "trust* AND attr.nothing:x"), counts(0, 0, 0, 0));
}

#[test]
fn codings_are_fields_the_moment_they_are_made() {
    let study = small();
    // P02 and P05.
    assert_eq!(count(&study, "code:trust AND polarity:absent AND role:participant"), counts(0, 2, 2, 2));
    // Everybody who says the word has been coded for it.
    assert_eq!(count(&study, "trust* AND role:participant AND NOT code:trust"), counts(0, 0, 0, 0));
    assert_eq!(count(&study, "coder:tester AND lonely"), counts(2, 2, 2, 2));
    assert_eq!(count(&study, "coder:nobody"), counts(0, 0, 0, 0));
    study.run(&["theme", "new", "bond", "--name", "Somebody stays"]).exits(0);
    study.run(&["theme", "add", "bond", "--codes", "support"]).exits(0);
    // P01, P03 twice in two turns, P05, P07.
    assert_eq!(count(&study, "theme:bond"), counts(0, 5, 4, 4));
}

#[test]
fn suggestions_can_be_chosen_by_any_field() {
    let study = uncoded();
    let of = |query: &str| study.json(&["code", "run", "--list", "--code", "trust", "--where", query]);
    let at_first = of("wave:T0");
    assert_eq!(at_first.as_array().unwrap().len(), 1);
    assert_eq!(at_first[0]["quotation"], "I trust my sister.");
    assert_eq!(of("score.wellbeing.T1:>4").as_array().unwrap().len(), 4);
    assert_eq!(of("kitchen").as_array().unwrap().len(), 2);
}

#[test]
fn what_coders_must_not_see_cannot_be_searched_for() {
    let study = small();
    study.run(&["settings", "set", "blind", "scores,group,coders"]).exits(0);
    study.run(&["search", "score.wellbeing.T1:>4"]).exits(2);
    study.run(&["search", "attr.site:north"]).exits(2);
    let found = study.run_as("second", &["search", "code:trust", "--count", "--format", "csv"]).exits(0);
    assert_eq!(found.stdout, "hits,turns,sources,participants\n0,0,0,0\n");
}
