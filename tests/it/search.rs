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

#[test]
fn codes_stand_together_in_a_turn_or_on_the_same_words() {
    let study = small();
    // P03 speaks of doctors she no longer trusts and of the worker who phones, in one turn and in two sentences.
    assert_eq!(count(&study, "code:trust AND code:support"), counts(0, 1, 1, 1));
    assert_eq!(count(&study, "code:support AND NOT code:trust"), counts(0, 4, 4, 4));
    assert_eq!(count(&study, "code:trust OVERLAPS code:support"), counts(0, 0, 0, 0));
    // One coding at a time: P02 and P05 deny trust; P05 denies support too.
    assert_eq!(count(&study, "code:trust OVERLAPS polarity:absent"), counts(0, 2, 2, 2));
    assert_eq!(count(&study, "(code:trust AND polarity:ambivalent) OVERLAPS coder:tester"), counts(0, 1, 1, 1));
    study.run(&["code", "add", "P05_T1.txt", "Nobody helps me", "--code", "trust", "--polarity", "absent"]).exits(0);
    assert_eq!(count(&study, "code:trust OVERLAPS code:support"), counts(0, 1, 1, 1));
    study.run(&["search", "code:trust OVERLAPS trust"]).exits(2);
}

#[test]
fn codes_and_turns_come_before_and_after_others() {
    let study = small();
    // P01, P03 (in the same turn), P05 and P07 speak of trust first; the interviewer speaks in between.
    assert_eq!(count(&study, "code:trust BEFORE code:support"), counts(0, 4, 4, 4));
    assert_eq!(count(&study, "code:trust BEFORE/0 code:support"), counts(0, 1, 1, 1));
    assert_eq!(count(&study, "code:trust BEFORE/1 code:support"), counts(0, 1, 1, 1));
    assert_eq!(count(&study, "code:trust BEFORE/2 code:support"), counts(0, 4, 4, 4));
    assert_eq!(count(&study, "code:support BEFORE code:trust"), counts(0, 0, 0, 0));
    // P03 has two such turns.
    assert_eq!(count(&study, "code:support AFTER code:trust"), counts(0, 5, 4, 4));
    assert_eq!(count(&study, "code:trust AND NOT (code:trust BEFORE code:support)"), counts(0, 5, 5, 5));
    // What the interviewer says next; and words beside a pair are still found.
    assert_eq!(count(&study, "role:interviewer AFTER/1 code:trust"), counts(0, 7, 7, 0));
    assert_eq!(count(&study, "\"is that\" AND (role:interviewer AFTER/1 code:trust)"), counts(1, 1, 1, 0));
    assert_eq!(count(&study, "trust* BEFORE/1 role:interviewer"), counts(0, 7, 7, 6));
}

#[test]
fn memos_and_changes_of_scores_choose_turns() {
    let study = small();
    study.run(&["memo", "add", "The pattern breaks here", "--on", "source:P06_T1.csv"]).exits(0);
    study.run(&["memo", "add", "Being alone is a pattern", "--on", "code:loneliness"]).exits(0);
    study.run(&["memo", "add", "Careful: one week only", "--on", "participant:P08"]).exits(0);
    assert_eq!(count(&study, "memo:breaks"), counts(0, 4, 1, 1));
    assert_eq!(count(&study, "memo:\"alone patt*\""), counts(0, 5, 5, 5));
    assert_eq!(count(&study, "memo:pattern AND role:participant"), counts(0, 6, 5, 5));
    assert_eq!(count(&study, "memo:week"), counts(0, 1, 1, 1));
    // P01 by 2.0 and P04 by 2.5; P02 by 1.5.
    assert_eq!(count(&study, "score.wellbeing.change:>1.5"), counts(0, 6, 3, 2));
    assert_eq!(count(&study, "score.wellbeing.change:[1.5 TO 2]"), counts(0, 6, 3, 2));
}

#[test]
fn what_the_study_does_not_have_is_said() {
    let study = small();
    let said = |query: &str| study.run(&["search", query, "--count"]).exits(0).stderr;
    assert_eq!(said("code:trst"), "note: the study has no code `trst`; did you mean `trust`?\n");
    assert_eq!(said("code:tr* AND wave:T1 AND theme:bond"), "note: the study has no theme `bond`\n");
    assert_eq!(said("attr.cite:north"), "note: the study has no attribute `cite`; did you mean `site`?\n");
    let facet = study.run(&["search", "role:participant", "--facet", "attr.place"]).exits(0).stderr;
    assert_eq!(facet, "note: the study has no attribute `place`; it has age, site\n");
    assert_eq!(
        said("score.wellbeing:>3"),
        "note: `wellbeing` was measured at T0, T1: say which (`wellbeing.T1`) or `wellbeing.change`\n"
    );
    assert_eq!(said("score.wellbeing.T7:>3"), "note: `wellbeing` was not measured at `T7`\n");
}

#[test]
fn searches_are_kept_and_put_into_others() {
    let study = small();
    let query = "trust* AND role:participant";
    let saved = study.run(&["search", query, "--save", "said"]).exits(0);
    assert_eq!(
        (saved.stdout.as_str(), saved.stderr.as_str()),
        ("", "saved as said: 9 turns today; `themata search --saved said` runs it\n")
    );
    assert_eq!(study.json(&["search", "--saved", "said", "--count"])[0], counts(11, 9, 9, 8));
    assert_eq!(study.json(&["search", "polarity:absent", "--saved", "said", "--count"])[0], counts(3, 2, 2, 2));
    assert_eq!(count(&study, "saved:said AND NOT wave:T0"), counts(10, 8, 8, 8));
    assert_eq!(study.json(&["search"])[0]["query"], query);
    let log = study.run(&["log"]).exits(0).stdout;
    assert!(log.contains("1 search added"), "{log}");
    let circle = study.run(&["search", "saved:said OR x", "--save", "said"]).exits(2).stderr;
    assert_eq!(circle, "error: the saved search `said` asks for itself, or for others more than 8 levels deep\n");
    study.run(&["undo"]).exits(0);
    let gone = study.run(&["search", "saved:said"]).exits(2).stderr;
    assert_eq!(gone, "error: there is no saved search `said`\nhint: `themata search` lists them\n");
    study.run(&["redo"]).exits(0);
    study.run(&["search", "--forget", "said"]).exits(0);
    study.run(&["search", "--saved", "said"]).exits(2);
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn what_is_kept_from_coders_hides_behind_no_name_and_no_facet() {
    let study = small();
    study.run(&["search", "score.wellbeing.T1:>4", "--save", "well"]).exits(0);
    study.run(&["settings", "set", "blind", "scores,group,wave"]).exits(0);
    let said = study.run(&["search", "trust AND saved:well"]).exits(2).stderr;
    assert!(said.contains("error: this study keeps scores from its coders, and this query asks for them\n"), "{said}");
    study.run(&["search", "role:interviewer AFTER/1 score.wellbeing.T1:>4"]).exits(2);
    for field in ["attr.site", "score.attachment.T1", "wave"] {
        study.run(&["search", "trust", "--facet", field]).exits(2);
    }
    study.run(&["search", "trust", "--compare", "attr.site:north"]).exits(2);
}
