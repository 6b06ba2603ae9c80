//! From a search to codings and rules: a preview, one operation, one undo.

use crate::harness::Study;
use crate::small::{small, uncoded};
use insta::assert_snapshot;

fn turns(study: &Study, query: &str) -> u64 {
    study.json(&["search", query, "--count"])[0]["turns"].as_u64().unwrap()
}

#[test]
fn a_tag_is_a_preview_then_one_operation_and_can_be_searched_for_at_once() {
    let study = uncoded();
    let tag = ["search", "alone AND role:participant", "--tag", "loneliness"];
    let preview = study.run(&tag).exits(0);
    assert_snapshot!(preview.shown(), @"
    exit 0
    --- stdout
    --- stderr
    this would code loneliness (present): 3 quotations in 3 sources
    nothing was changed; look at them without --tag, then add --yes
    ");
    assert_eq!(turns(&study, "code:loneliness"), 0);
    let operations = || study.json(&["log"]).as_array().unwrap().len();
    let before = operations();
    let yes = study.run(&[&tag[..], &["--polarity", "reduced", "--yes"]].concat()).exits(0);
    assert_snapshot!(
        yes.stderr,
        @"coded loneliness (reduced): 3 quotations in 3 sources; one `themata undo` takes all of them back"
    );
    assert_eq!(operations(), before + 1);
    assert_eq!(turns(&study, "code:loneliness AND polarity:reduced"), 3);
    let quotes = study.json(&["quotes", "--code", "loneliness"]);
    let said: Vec<&str> = quotes.as_array().unwrap().iter().map(|row| row["quotation"].as_str().unwrap()).collect();
    assert_eq!(said, ["I was never alone that week.", "I am less alone than I was.", "I sit alone in my room."]);
    assert_eq!(quotes[0]["origin"], "accepted in bulk");
    let again = study.run(&[&tag[..], &["--yes"]].concat()).exits(0);
    assert_snapshot!(again.stderr, @"
    nothing to code: no such words were found, or they are coded so already
    3 quotations are coded loneliness with another polarity by tester, and left so
    ");
    study.run(&["undo"]).exits(0);
    assert_eq!(turns(&study, "code:loneliness"), 0);
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn what_only_chooses_turns_codes_whole_turns_of_everybody() {
    let study = uncoded();
    study.run(&["search", "source:P08*", "--tag", "trust", "--yes"]).exits(0);
    let quotes = study.json(&["quotes", "--code", "trust"]);
    assert_eq!(quotes.as_array().unwrap().len(), 2);
    assert_eq!(quotes[1]["quotation"], "I trust the cook. We laugh a lot.");
    let wrong = study.run(&["search", "trust", "--tag", "trst"]).exits(2).stderr;
    assert!(wrong.starts_with("error: the codebook has no code `trst`; did you mean `trust`?"), "{wrong}");
}

#[test]
fn a_rule_is_tried_before_it_is_kept() {
    let study = small();
    let rule = ["search", "phones OR holds", "--save-rule", "support"];
    let preview = study.run(&rule).exits(0);
    assert_snapshot!(preview.shown(), @"
    exit 0
    --- stdout
    What support gains and loses by the rule phones OR holds
    change  beside    source      polarity  indicator
    ──────  ────────  ──────────  ────────  ─────────
    gains   a coding  P03_T1.vtt  present   phones
        But my worker phones me on Sundays.

                   suggestions  beside a coding  beside a rejection  codings found  codings
    ─────────────  ───────────  ───────────────  ──────────────────  ─────────────  ───────
    as it is                 3                3                   0              3        5
    with the rule            4                4                   0              4        5
    codings and rejections of support by everybody whose work is shown; polarity is not compared
    --- stderr
    nothing was changed; --yes makes `phones OR holds` a rule of support
    ");
    let version = || study.json(&["codebook", "history"]).as_array().unwrap().len();
    assert_eq!(version(), 1);
    let yes = study.run(&[&rule[..], &["--yes"]].concat()).exits(0);
    assert!(yes.stderr.contains("codebook version 2"), "{}", yes.shown());
    assert_eq!(version(), 2);
    let suggested = study.json(&["code", "run", "--list", "--all", "--code", "support"]);
    assert_eq!(suggested.as_array().unwrap().len(), 4);
    study.run(&[&rule[..], &["--yes"]].concat()).exits(2);
    study.run(&["undo"]).exits(0);
    assert_eq!(version(), 1);
}

#[test]
fn a_rule_that_overlaps_others_is_said_to() {
    let study = small();
    let said = study.run(&["search", "helping", "--save-rule", "support"]).exits(0).stderr;
    assert!(
        said.contains("note: support: note: the rule `helping` is covered by `help*`; take it out: it adds nothing"),
        "{said}"
    );
    let said = study.run(&["search", "alone", "--save-rule", "support"]).exits(0).stderr;
    assert!(said.contains("its rule `alone` is also a rule of `loneliness`"), "{said}");
}

#[test]
fn what_depends_on_decisions_or_other_turns_is_no_rule() {
    let study = small();
    for (query, part) in [
        ("alone AND code:trust", "a rule cannot ask for `code:`, which depends on decisions or scores"),
        ("alone AND (code:trust OVERLAPS code:support)", "a rule cannot ask for `code:`"),
        (
            "alone AND (role:participant AFTER/1 \"on your own\")",
            "a rule cannot ask for `AFTER/1`, which looks at other turns",
        ),
        ("role:participant", "a rule needs words to mark"),
    ] {
        let said = study.run(&["search", query, "--save-rule", "loneliness"]).exits(2).stderr;
        assert!(said.contains(part), "{said}");
    }
    study.run(&["settings", "set", "blind", "suggestions"]).exits(0);
    study.run(&["search", "alone", "--save-rule", "loneliness"]).exits(2);
}
