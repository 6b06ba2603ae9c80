//! `matrix`: every number counted by hand from the table in [`crate::small`].

use crate::harness::Study;
use crate::small::{cell, near, row_of, share, small, uncoded};
use insta::assert_snapshot;
use serde_json::{Value, json};

const SECURE: &str = "attachment.T1=secure";

fn matrix(study: &Study, more: &[&str]) -> Value {
    let mut args = vec!["matrix", "--outcome", SECURE];
    args.extend(more);
    study.json(&args)
}

fn of_score(study: &Study, outcome: &str, more: &[&str]) -> Value {
    let mut args = vec!["matrix", "--outcome", outcome];
    args.extend(more);
    study.json(&args)
}

#[test]
fn people_are_counted_once_and_by_where_they_stand() {
    let study = small();
    let found = matrix(&study, &[]);
    // Secure: P01 to P04. Insecure and read: P05, P06, P07; P08 is not coded, P09 was never interviewed.
    assert_eq!((share(&found, "trust", "yes"), share(&found, "trust", "no")), ((2, 4), (1, 3)));
    assert_eq!((share(&found, "loneliness", "yes"), share(&found, "loneliness", "no")), ((0, 4), (2, 3)));
    assert_eq!((share(&found, "support", "yes"), share(&found, "support", "no")), ((2, 4), (1, 3)));
    assert_eq!(
        cell(&found, "trust", "yes")["standings"],
        json!({"present-only": 1, "mixed": 1, "ceased-or-reduced": 1, "not-mentioned": 1})
    );
    assert_eq!(
        cell(&found, "trust", "no")["standings"],
        json!({"absent-only": 1, "mixed": 1, "not-mentioned": 1, "not-yet-coded": 1, "no-interview": 1})
    );
    assert_eq!(cell(&found, "trust", "yes")["units"], json!(["P01", "P02"]));
    assert_eq!(cell(&found, "trust", "no")["units"], json!(["P07"]));
    assert_eq!(
        cell(&found, "loneliness", "yes")["standings"],
        json!({"absent-only": 1, "ceased-or-reduced": 1, "not-mentioned": 2})
    );
    // Before: P01 about the sister (trust), P02 as a boy (loneliness).
    assert_eq!(cell(&found, "trust", "yes")["set_aside"], 1);
    assert_eq!(cell(&found, "loneliness", "yes")["set_aside"], 1);
    let footer = &found["footer"];
    assert_eq!(footer["units"], 10);
    assert_eq!(footer["no_score"], json!(["P10"]));
    assert_eq!(footer["no_interview"], json!(["P09"]));
    assert_eq!(footer["not_yet_coded"], json!(["P08"]));
    assert_eq!(footer["pooled"], json!([1, 2]));
    assert_eq!(footer["hypothetical"], 1);
    assert_eq!(footer["of_others"], 1);
    assert_eq!(footer["set_aside"], 2);
    // 21 codings; not behind the rows: two before, one hypothetical, one of the mother, P08's unread and P10's unscored.
    assert_eq!(footer["origins"], json!({"by hand": 15}));
    assert_eq!(footer["suggestions"], 0);
}

#[test]
fn differences_of_shares_have_newcombes_interval() {
    let study = small();
    let found = matrix(&study, &[]);
    // statsmodels 0.14: confint_proportions_2indep(2, 4, 1, 3, method="newcomb", compare="diff").
    let trust = &row_of(&found, "trust")["effect"];
    near(&trust["value"], 1.0 / 6.0);
    near(&trust["interval"][0], -0.410_533_641_395_704_4);
    near(&trust["interval"][1], 0.609_803_721_850_115_8);
    // The same of 0, 4, 2, 3.
    let loneliness = &row_of(&found, "loneliness")["effect"];
    near(&loneliness["value"], -2.0 / 3.0);
    near(&loneliness["interval"][0], -0.938_508_055_279_603_7);
    near(&loneliness["interval"][1], 0.004_660_763_248_000_022);
}

#[test]
fn a_denominator_is_what_it_says() {
    let study = small();
    let all = matrix(&study, &["--denominator", "all"]);
    assert_eq!((share(&all, "trust", "yes"), share(&all, "trust", "no")), ((2, 4), (1, 5)));
    // The guide of P06's interview had no question about support.
    study.run(&["source", "set", "P06_T1.csv", "--not-asked", "support"]).exits(0);
    let covered = matrix(&study, &[]);
    assert_eq!(share(&covered, "support", "no"), (1, 3));
    assert_eq!(
        cell(&covered, "support", "no")["standings"],
        json!({"absent-only": 1, "present-only": 1, "not-asked": 1, "not-yet-coded": 1, "no-interview": 1})
    );
    let asked = matrix(&study, &["--denominator", "asked"]);
    assert_eq!(share(&asked, "support", "no"), (1, 2));
    assert_eq!(share(&asked, "trust", "no"), (1, 3));
}

#[test]
fn coverage_of_one_code_covers_no_other() {
    let study = small();
    study.run(&["code", "cover", "P08_T1.txt", "--codes", "trust"]).exits(0);
    let found = matrix(&study, &[]);
    // Only now does P08's trust in the cook count; nobody has read P08 for support.
    assert_eq!(share(&found, "trust", "no"), (2, 4));
    assert_eq!(share(&found, "support", "no"), (1, 3));
}

#[test]
fn one_polarity_can_be_asked_for() {
    let study = small();
    let absent = matrix(&study, &["--polarity", "absent"]);
    assert_eq!((share(&absent, "trust", "yes"), share(&absent, "trust", "no")), ((1, 4), (1, 3)));
    assert_eq!(cell(&absent, "trust", "yes")["units"], json!(["P02"]));
    let ceased = matrix(&study, &["--polarity", "ceased", "--codes", "trust"]);
    assert_eq!(cell(&ceased, "trust", "yes")["units"], json!(["P03"]));
    let reduced = matrix(&study, &["--polarity", "reduced", "--codes", "loneliness"]);
    assert_eq!(cell(&reduced, "loneliness", "yes")["units"], json!(["P04"]));
    let ambivalent = matrix(&study, &["--polarity", "ambivalent", "--codes", "trust"]);
    assert_eq!(cell(&ambivalent, "trust", "no")["units"], json!(["P07"]));
}

#[test]
fn hypothetical_statements_are_counted_when_they_are_what_is_asked_for() {
    let study = small();
    let found = matrix(&study, &["--polarity", "hypothetical", "--codes", "trust"]);
    assert_eq!(cell(&found, "trust", "yes")["units"], json!(["P04"]));
}

#[test]
fn time_wave_and_experiencer_decide_what_counts() {
    let study = small();
    let any = matrix(&study, &["--time", "any"]);
    assert_eq!(share(&any, "trust", "yes"), (2, 4));
    assert_eq!(share(&any, "loneliness", "yes"), (1, 4));
    assert_eq!(cell(&any, "loneliness", "yes")["units"], json!(["P02"]));
    assert_eq!(any["footer"]["set_aside"], 0);
    let before = matrix(&study, &["--time", "before"]);
    assert_eq!(cell(&before, "trust", "yes")["units"], json!(["P01"]));
    // Only P01 was interviewed at T0.
    let first = matrix(&study, &["--wave", "T0", "--time", "any"]);
    assert_eq!((share(&first, "trust", "yes"), share(&first, "trust", "no")), ((1, 1), (0, 0)));
    let effect = &row_of(&first, "trust")["effect"];
    assert!(effect["value"].is_null() && effect["why_not"].is_string(), "{effect}");
    assert!(first["footer"]["pooled"].is_null());
    let others = matrix(&study, &["--experiencer", "any"]);
    assert_eq!(cell(&others, "trust", "yes")["units"], json!(["P01", "P02", "P04"]));
}

#[test]
fn conditions_choose_people_by_what_is_known_or_said_of_them() {
    let study = small();
    // North and read: P01, P02; P05, P06.
    let north = matrix(&study, &["--where", "attr.site:north"]);
    assert_eq!((share(&north, "trust", "yes"), share(&north, "trust", "no")), ((2, 2), (0, 2)));
    assert_eq!(north["footer"]["filtered_out"], 5);
    let started_low = matrix(&study, &["--where", "score.wellbeing.T0:<=2.5"]);
    // P01, P04; P05 (P08, P09 are not in the denominator).
    assert_eq!((share(&started_low, "trust", "yes"), share(&started_low, "trust", "no")), ((1, 2), (0, 1)));
    let at_risk = matrix(&study, &["--where", "score.attachment.T0:insecure AND attr.age:[30 TO 45]"]);
    // P01 (41), P02 (35); P06 (33); P08 (44) is not coded.
    assert_eq!((share(&at_risk, "trust", "yes"), share(&at_risk, "trust", "no")), ((2, 2), (0, 1)));
    let sundays = matrix(&study, &["--where", "sundays"]);
    // P03 and P06 speak of Sundays.
    assert_eq!((share(&sundays, "trust", "yes"), share(&sundays, "trust", "no")), ((0, 1), (0, 1)));
    let by_code = matrix(&study, &["--where", "code:support AND NOT polarity:absent"]);
    // Support and no absent statement about anything: P03 and P07 (P01 was never alone).
    assert_eq!((share(&by_code, "trust", "yes"), share(&by_code, "trust", "no")), ((0, 1), (1, 1)));
}

#[test]
fn measures_are_means_over_people() {
    let study = small();
    let only = |measure: &str, more: &[&str]| {
        let mut args = vec!["--codes", "trust", "--measure", measure];
        args.extend(more);
        let found = matrix(&study, &args);
        (cell(&found, "trust", "yes")["mean"].clone(), cell(&found, "trust", "no")["mean"].clone())
    };
    // Present or ambivalent statements of the times that count: P01 1, P02 1, P07 1.
    let (secure, insecure) = only("count", &[]);
    near(&secure, 2.0 / 4.0);
    near(&insecure, 1.0 / 3.0);
    let (secure, _) = only("count", &["--time", "any"]);
    near(&secure, 3.0 / 4.0);
    // Words: P01 35 over both interviews, P02 29, P07 22.
    let (secure, insecure) = only("rate", &[]);
    near(&secure, (1000.0 / 35.0 + 1000.0 / 29.0) / 4.0);
    near(&insecure, (1000.0 / 22.0) / 3.0);
    // Turns: P01 1 of 4, P02 1 of 2, P07 1 of 2; at T1 alone P01 has 1 of 2.
    let (secure, insecure) = only("turn-share", &[]);
    near(&secure, (0.25 + 0.5) / 4.0);
    near(&insecure, 0.5 / 3.0);
    let (secure, _) = only("turn-share", &["--wave", "T1"]);
    near(&secure, (0.5 + 0.5) / 4.0);
    // Words inside: P01 6 of 35, P02 8 of 29, P07 10 of 22.
    let (secure, insecure) = only("word-coverage", &[]);
    near(&secure, (6.0 / 35.0 + 8.0 / 29.0) / 4.0);
    near(&insecure, (10.0 / 22.0) / 3.0);
}

#[test]
fn a_numeric_outcome_compares_those_who_say_it_with_the_others() {
    let study = small();
    let found = of_score(&study, "wellbeing.T1", &["--codes", "trust", "--test", "mann-whitney,welch"]);
    // With: P01 4.0, P02 4.5, P07 3.25. Without: P03 3.5, P04 5.0, P05 2.5, P06 3.0.
    near(&cell(&found, "trust", "with")["mean"], 11.75 / 3.0);
    near(&cell(&found, "trust", "without")["mean"], 3.5);
    near(&cell(&found, "trust", "without")["median"], 3.25);
    let effect = &row_of(&found, "trust")["effect"];
    // Of 12 pairs 8 are larger and 4 smaller. The interval was computed from Cliff's (1996) formulae with numpy.
    near(&effect["value"], 4.0 / 12.0);
    near(&effect["interval"][0], -0.601_713_053_540_683_2);
    near(&effect["interval"][1], 0.882_945_245_627_303_3);
    let tests = row_of(&found, "trust")["tests"].as_array().unwrap();
    // SciPy 1.17: mannwhitneyu(method="exact"), ttest_ind(equal_var=False).
    assert_eq!(tests[0]["statistic"], json!(["U", 8.0]));
    near(&tests[0]["p"], 0.628_571_428_571_428_6);
    near(&tests[1]["statistic"][1], 0.640_184_399_664_479_7);
    near(&tests[1]["p"], 0.551_110_875_725_948);
}

#[test]
fn change_is_the_last_wave_minus_the_first() {
    let study = small();
    let found = of_score(&study, "wellbeing.change", &["--codes", "trust"]);
    // With: 2.0, 1.5, -0.75. Without: 0, 2.5, 0.5, 0.
    near(&cell(&found, "trust", "with")["mean"], 2.75 / 3.0);
    near(&cell(&found, "trust", "without")["mean"], 0.75);
    near(&row_of(&found, "trust")["effect"]["value"], 0.0);
}

#[test]
fn a_number_can_be_cut_into_groups() {
    let study = small();
    let found = of_score(&study, "wellbeing.T1>3.25", &["--codes", "trust"]);
    // Above: P01 4.0, P02 4.5, P03 3.5, P04 5.0. P07 is at the limit and not above it.
    assert_eq!((share(&found, "trust", "yes"), share(&found, "trust", "no")), ((2, 4), (1, 3)));
    let with_limit = of_score(&study, "wellbeing.T1>=3.25", &["--codes", "trust"]);
    assert_eq!((share(&with_limit, "trust", "yes"), share(&with_limit, "trust", "no")), ((3, 5), (0, 2)));
    let by_site = of_score(&study, "site", &["--codes", "trust"]);
    // An attribute with two values is two groups. North: P01, P02, P05, P06; south: P03, P04, P07, P10.
    let groups: Vec<_> = by_site["groups"].as_array().unwrap().iter().map(|g| g["label"].clone()).collect();
    assert_eq!(groups, ["north", "south"]);
    assert_eq!((share(&by_site, "trust", "yes"), share(&by_site, "trust", "no")), ((2, 4), (2, 4)));
}

#[test]
fn a_plan_before_the_first_look_makes_p_headline() {
    let study = small();
    let codes = "trust,loneliness,support";
    study.run(&["plan", "add", "main", "--outcome", SECURE, "--codes", codes, "--alpha", "0.2"]).exits(0);
    assert_eq!(study.json(&["plan", "show"])[0]["declared"], "nobody has looked yet");
    let found = matrix(&study, &["--codes", "loneliness,trust"]);
    assert_eq!(found["family"]["plan"], "main");
    let loneliness = &row_of(&found, "loneliness")["tests"][0];
    // SciPy: fisher_exact([[0, 4], [2, 1]]); Holm over the three declared codes, of which two are shown.
    near(&loneliness["p"], 1.0 / 7.0);
    near(&loneliness["adjusted"], 3.0 / 7.0);
    near(&row_of(&found, "trust")["tests"][0]["p"], 1.0);
    near(&row_of(&found, "trust")["tests"][0]["adjusted"], 1.0);
    assert_eq!(study.json(&["plan", "show"])[0]["declared"], "before the first look");
    let printed = study.run(&["matrix", "--outcome", SECURE]).exits(0).stdout;
    assert!(printed.contains("declared beforehand: plan main"), "{printed}");
    // Another question than the declared one is exploratory again.
    let other = study.run(&["matrix", "--outcome", SECURE, "--polarity", "absent"]).exits(0).stdout;
    assert!(other.contains("exploratory") && !other.contains("declared beforehand"), "{other}");
}

#[test]
fn margins_that_cannot_reach_the_level_say_so() {
    let study = small();
    study.run(&["plan", "add", "main", "--outcome", SECURE, "--codes", "loneliness"]).exits(0);
    let found = matrix(&study, &[]);
    let test = &row_of(&found, "loneliness")["tests"][0];
    // Two mentions among four and three people: the smallest possible p is 1/7.
    assert!(test["p"].is_null(), "{test}");
    assert!(test["why_not"].as_str().unwrap().contains(".143"), "{test}");
}

#[test]
fn a_plan_after_the_first_look_is_not_called_beforehand() {
    let study = small();
    matrix(&study, &[]);
    let ran = study.run(&["plan", "add", "late", "--outcome", SECURE, "--codes", "trust"]).exits(0);
    assert!(ran.stderr.contains("before this plan"), "{}", ran.stderr);
    assert_eq!(study.json(&["plan", "show"])[0]["declared"], "after the first look");
    let printed = study.run(&["matrix", "--outcome", SECURE]).exits(0).stdout;
    assert!(!printed.contains("declared beforehand"), "{printed}");
    assert!(printed.contains("after the first look"), "{printed}");
}

#[test]
fn only_the_first_look_is_written_down() {
    let study = small();
    let operations = || study.json(&["log", "--most", "1000"]).as_array().unwrap().len();
    let before = operations();
    matrix(&study, &[]);
    assert_eq!(operations(), before + 1);
    matrix(&study, &["--time", "any"]);
    study.run(&["quotes"]).exits(0);
    study.run(&["code", "run"]).exits(0);
    assert_eq!(operations(), before + 1);
}

#[test]
fn every_cell_leads_to_its_quotations() {
    let study = small();
    let ran = study.run(&["quotes", "--cell", "trust@attachment.T1=secure:yes"]).exits(0);
    assert!(ran.stdout.contains("n = 2 (P01, P02)"), "{}", ran.stdout);
    for question in [
        vec![],
        vec!["--time", "any", "--polarity", "absent"],
        vec!["--experiencer", "any", "--wave", "T1"],
        vec!["--where", "attr.site:north AND score.wellbeing.T0:<=3"],
        vec!["--layer", "coder:tester"],
    ] {
        let found = matrix(&study, &question);
        for row in found["rows"].as_array().unwrap() {
            for cell in row["cells"].as_array().unwrap() {
                let quotes = study.json(&["quotes", "--cell", cell["id"].as_str().unwrap()]);
                let mut people: Vec<&Value> = Vec::new();
                for quote in quotes.as_array().unwrap().iter().filter(|quote| quote["counts"] == "yes") {
                    if !people.contains(&&quote["participant"]) {
                        people.push(&quote["participant"]);
                    }
                }
                let counted: Vec<&Value> = cell["units"].as_array().unwrap().iter().collect();
                assert_eq!(people, counted, "{}", cell["id"]);
            }
        }
    }
}

#[test]
fn a_cell_of_a_numeric_outcome_leads_to_its_quotations() {
    let study = small();
    let found = of_score(&study, "wellbeing.T1", &["--codes", "trust"]);
    let quotes = study.json(&["quotes", "--cell", cell(&found, "trust", "with")["id"].as_str().unwrap()]);
    let quotes = quotes.as_array().unwrap();
    assert_eq!(quotes.len(), 4, "{quotes:?}");
    assert_eq!(quotes[0]["quotation"], "I trust her with my papers.");
    assert_eq!(quotes[0]["outcome"], "4.00");
}

#[test]
fn two_coders_are_never_added_up() {
    let study = small();
    study.run_as("second", &["code", "add", "P05_T1.txt", "I sit alone in my room.", "--code", "loneliness"]).exits(0);
    insta::assert_snapshot!(study.run(&["matrix", "--outcome", SECURE]).shown(), @r"
    exit 2
    --- stdout
    --- stderr
    error: P05_T1.txt was coded by second and tester, and nobody has adjudicated: counting both would count people twice
    hint: say whose work counts: `--layer coder:second` or `--layer coder:tester`
    hint: or decide: `themata review disagreements`, then `themata review adjudicate`; `--layer consensus` counts what all agree on
    ");
    let mine = matrix(&study, &["--layer", "coder:tester"]);
    assert_eq!(share(&mine, "loneliness", "no"), (2, 3));
    // The second coder has recorded no reading.
    let theirs = matrix(&study, &["--layer", "coder:second", "--codes", "loneliness"]);
    assert_eq!(share(&theirs, "loneliness", "no"), (0, 0));
    study.run(&["matrix", "--outcome", SECURE, "--layer", "coder:nobody"]).exits(2);
}

#[test]
fn suggestions_are_never_counted_unasked() {
    let study = uncoded();
    let nothing = matrix(&study, &[]);
    assert_eq!(share(&nothing, "trust", "yes"), (0, 0));
    assert_eq!(nothing["footer"]["not_yet_coded"], json!(["P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08"]));
    let all = study.run(&["matrix", "--outcome", SECURE, "--with-suggestions"]).exits(0);
    assert!(all.stdout.starts_with("INCLUDES UNREVIEWED SUGGESTIONS\n"), "{}", all.stdout);
    let found = matrix(&study, &["--with-suggestions"]);
    assert_eq!(cell(&found, "trust", "yes")["N"], 4);
    assert!(found["footer"]["suggestions"].as_u64().unwrap() > 0);
    assert_eq!(found["footer"]["origins"], json!({}));
    // Accepting in bulk makes codings, and still no coverage.
    study.run(&["code", "accept", "--code", "trust", "--yes"]).exits(0);
    assert_eq!(share(&matrix(&study, &["--codes", "trust"]), "trust", "yes"), (0, 0));
}

#[test]
fn the_reader_of_a_question_can_leave_prompted_mentions_out() {
    let study = small();
    // "do you trust her?" was the interviewer's word before P01's, "do you trust your worker?" before P07's.
    let found = matrix(&study, &["--codes", "trust", "--spontaneous"]);
    assert_eq!(cell(&found, "trust", "yes")["units"], json!(["P02"]));
    assert_eq!(share(&found, "trust", "no"), (0, 3));
}

#[test]
fn themes_rest_on_several_codes() {
    let study = small();
    study.run(&["theme", "new", "bond", "--name", "Somebody stays"]).exits(0);
    study.run(&["theme", "add", "bond", "--codes", "trust,support"]).exits(0);
    let found = matrix(&study, &["--themes", "all"]);
    assert_eq!(found["kind"], "themes");
    // P01 both present; P02 trust present and absent; P03 trust ceased, support present; P04 nothing of its own.
    assert_eq!(cell(&found, "bond", "yes")["standings"], json!({"present-only": 1, "mixed": 2, "not-mentioned": 1}));
    assert_eq!((share(&found, "bond", "yes"), share(&found, "bond", "no")), ((3, 4), (1, 3)));
    let quotes = study.run(&["quotes", "--cell", "theme=bond@attachment.T1=secure:yes"]).exits(0);
    assert!(quotes.stdout.contains("n = 3 (P01, P02, P03)"), "{}", quotes.stdout);
}

#[test]
fn sources_and_cases_can_be_the_unit() {
    let study = small();
    study.run(&["case", "add", "house-a", "--participants", "P01,P02,P05", "--attributes", "kind=open"]).exits(0);
    study.run(&["case", "add", "house-b", "--participants", "P03,P06", "--attributes", "kind=closed"]).exits(0);
    let cases = of_score(&study, "kind=open", &["--unit", "case", "--codes", "trust,loneliness"]);
    assert_eq!((share(&cases, "trust", "yes"), share(&cases, "trust", "no")), ((1, 1), (0, 1)));
    assert_eq!((share(&cases, "loneliness", "yes"), share(&cases, "loneliness", "no")), ((1, 1), (1, 1)));
}

#[test]
fn an_exact_null_is_shown_as_one() {
    let study = small();
    let found = of_score(&study, "site=north", &["--codes", "trust"]);
    near(&row_of(&found, "trust")["effect"]["value"], 0.0);
    let printed = study.run(&["matrix", "--outcome", "site=north", "--codes", "trust"]).exits(0).stdout;
    assert!(printed.contains("+0 points ["), "{printed}");
}

const GROUP: &str = "\
Moderator: Whom do you trust here?
P05: I trust the driver, he waits.
P06: Nobody asks me that. I trust the dog.
P07: The dog knows everything about me.
";

#[test]
fn focus_groups_are_left_out_unless_asked_for() {
    let study = small();
    study.file("group.txt", GROUP);
    study.run(&["import", "group.txt"]).exits(0);
    study.run(&["source", "set", "group.txt", "--wave", "T1", "--focus-group"]).exits(0);
    study.run(&["code", "add", "group.txt", "I trust the driver, he waits.", "--code", "trust"]).exits(0);
    study.run(&["code", "add", "group.txt", "I trust the dog.", "--code", "trust"]).exits(0);
    study.run(&["code", "cover", "group.txt"]).exits(0);
    let alone = matrix(&study, &["--codes", "trust"]);
    assert_eq!(share(&alone, "trust", "no"), (1, 3));
    assert_eq!(alone["footer"]["focus_groups_left_out"], 1);
    // Now P05 says both, P06 says it is there, P07 as before.
    let all = matrix(&study, &["--codes", "trust", "--focus-groups"]);
    assert_eq!(share(&all, "trust", "no"), (3, 3));
    assert_eq!(
        cell(&all, "trust", "no")["standings"],
        json!({"present-only": 1, "mixed": 2, "not-yet-coded": 1, "no-interview": 1})
    );
}

#[test]
fn statements_can_be_chosen_by_whom_they_are_about() {
    let study = small();
    let quotation = "I have friends here.";
    let add = ["code", "add", "P10_T1.txt", quotation, "--code", "support", "--target", "peers"];
    study.run(&add).exits(0);
    let id =
        study.json(&["quotes", "--participant", "P01", "--code", "support"])[0]["coding"].as_str().unwrap().to_owned();
    study.run(&["code", "recode", &id, "--target", "worker"]).exits(0);
    let of = |target: &str| {
        let found = of_score(&study, "site", &["--codes", "support", "--target", target]);
        (cell(&found, "support", "yes")["units"].clone(), cell(&found, "support", "no")["units"].clone())
    };
    assert_eq!(of("worker"), (json!(["P01"]), json!([])));
    assert_eq!(of("peers"), (json!([]), json!(["P10"])));
}

#[test]
fn who_was_read_in_part_is_not_yet_coded() {
    let study = uncoded();
    study.run(&["code", "add", "P02_T1.txt", "I trust the man who runs the kitchen.", "--code", "trust"]).exits(0);
    study.run(&["code", "cover", "P03_T1.vtt", "--codes", "trust"]).exits(0);
    let cover = |turns: &str| study.run(&["code", "cover", "P02_T1.txt", "--turns", turns, "--codes", "trust"]);
    assert_eq!(cover("1-2").exits(0).stderr, "tester has read 2 turns of P02_T1.txt for trust\n");
    let of_trust = || matrix(&study, &["--codes", "trust"]);
    let found = of_trust();
    // P02 says it in the second turn; the fourth, which is P02's too, nobody has read.
    assert_eq!(share(&found, "trust", "yes"), (0, 1));
    assert_eq!(cell(&found, "trust", "yes")["standings"], json!({"not-mentioned": 1, "not-yet-coded": 3}));
    assert_eq!(found["footer"]["read_in_part"], json!(["P02"]));
    let printed = study.run(&["matrix", "--outcome", "attachment.T1=secure", "--codes", "trust"]).exits(0).stdout;
    let note = "Not yet coded, because only some of their turns were read: 1 of the participants (P02).";
    assert!(printed.contains(note), "{printed}");
    // Between turns, what was read counts: two turns of P03 and one of P02.
    let status = study.json(&["review", "status"]);
    assert_eq!(status[2]["read by"], "tester (trust, 2 turns)");
    assert_eq!(cover("3-4").exits(0).code, 0);
    let found = of_trust();
    assert_eq!((share(&found, "trust", "yes"), &found["footer"]["read_in_part"]), ((1, 2), &Value::Null));
    assert_snapshot!(cover("3-5").exits(2).stderr, @"error: P02_T1.txt has turns 1 to 4, and no 3 to 5");
    assert_snapshot!(study.run(&["code", "cover", "P02_T1.txt", "P03_T1.vtt", "--turns", "1"]).exits(2).stderr, @"error: --turns are turns of one source, and here are several");
}

#[test]
fn coders_who_share_a_source_by_turns_have_nothing_to_decide() {
    let study = uncoded();
    for (coder, turns) in [("ann", "1-2"), ("ben", "3,4")] {
        study.run_as(coder, &["code", "cover", "P02_T1.txt", "--turns", turns, "--codes", "trust"]).exits(0);
    }
    let sentence = "I trust the man who runs the kitchen.";
    study.run_as("ann", &["code", "add", "P02_T1.txt", sentence, "--code", "trust"]).exits(0);
    let found = matrix(&study, &["--codes", "trust"]);
    assert_eq!(share(&found, "trust", "yes"), (1, 1));
    assert_snapshot!(study.run(&["agree"]).exits(2).stderr, @r"
    error: ann and ben have read no source in common: sources read: ann 1, ben 1
    hint: `themata review status` shows who has read what; `themata code cover` records it
    ");
    // Once ben reads ann's turns too, they can be compared there, and only there.
    study.run_as("ben", &["code", "cover", "P02_T1.txt", "--turns", "1-2", "--codes", "trust"]).exits(0);
    let agree = study.json(&["agree", "--unit", "turn", "--draws", "100"]);
    assert_eq!((&agree[0]["units"], &agree[0]["rated by ben"]), (&json!(1), &json!(2)));
    // Turns that were read and are without the code: the fourth. The second is coded, by one of two who read it.
    let drawn = study.run(&["review", "sample", "--uncoded", "trust"]).exits(0);
    assert!(drawn.stderr.contains("drawn: 1 turn of 1,"), "{}", drawn.stderr);
}

/// By hand, from the table in `small`: the rules miss that P01's worker came; that P03 is helped they read in an answer.
/// For support 7 of 8 people agree, (3 x 2 + 1 x 1 + 4 x 5) / 64 = .4219 by chance, (.875 - .4219) / .5781 = .78.
#[test]
fn evaluate_compares_where_people_stand() {
    let shown = small().run(&["code", "evaluate", "--reference", "tester", "--people"]).exits(0).stdout;
    let table: Vec<&str> = shown.lines().skip_while(|line| !line.starts_with("Where each person")).collect();
    assert_snapshot!(table.join("\n"), @r"
    Where each person stands, by the reference and by the rules
    code        people  same  kappa  say it is there  deny it
    ──────────  ──────  ────  ─────  ───────────────  ─────────
    loneliness       8     8   1.00  2 + 0 - 0        2 + 0 - 0
    support          8     7   0.78  2 + 1 - 0        1 + 0 - 0
    trust            8     8   1.00  4 + 0 - 0        4 + 0 - 0
    Standings: present only, absent only, mixed, ceased or reduced, not mentioned. `8 + 2 - 1`: 8 people in both readings, 2 that the rules miss, 1 in the rules alone; to deny is to say absent, ceased or reduced.
    ");
}
