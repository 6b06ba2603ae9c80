//! Answers that name a theme only together with their question, as a person sees them.

use crate::harness::Study;
use insta::assert_snapshot;

const CODEBOOK: &str = r##"
name = "Answers"

[codes.trust]
label = "Trust"
brief = "Leaving something to somebody without watching"
rules = ["trust*"]

[codes.support]
label = "Support"
brief = "Somebody does something that helps"
attributes = { agent = "other" }
rules = ['"there for me"', "help*"]
"##;

const INTERVIEW: &str = "\
Interviewer: And the worker, do you trust her?
P01: No. Not yet, anyway.
Interviewer: Who was there for you in that time?
P01: My aunt. Every Sunday.
Interviewer: Did you trust her?
P01: I trusted her with my keys.
Interviewer: Is there anybody who helps you now?
P01: No, what I wanted to say is that the soup was good.
Interviewer: Do you still trust people?
P01: Not any more.
";

fn study() -> Study {
    let study = Study::new();
    let (book, text) = (study.file("codebook.toml", CODEBOOK), study.file("P01.txt", INTERVIEW));
    study.run(&["import", &text.display().to_string(), &book.display().to_string()]).exits(0);
    study
}

/// The id of the suggestion for a quotation.
fn id(study: &Study, quotation: &str) -> String {
    let all = study.json(&["code", "run", "--list"]);
    let one = all.as_array().unwrap().iter().find(|one| one["quotation"] == quotation);
    one.unwrap_or_else(|| panic!("{all:#}"))["suggestion"].as_str().unwrap().to_owned()
}

#[test]
fn answers_are_suggested_with_the_polarity_that_they_give() {
    let all = study().json(&["code", "run", "--list"]);
    let line = |one: &serde_json::Value| {
        let of = |field: &str| one[field].as_str().unwrap_or("-").to_owned();
        ["code", "polarity", "quotation", "indicator", "trigger"].map(of).join(" | ")
    };
    let lines: Vec<String> = all.as_array().unwrap().iter().map(line).collect();
    assert_snapshot!(lines.join("\n"), @"
    trust | absent | No. Not yet, anyway. | No | No
    support | present | My aunt. Every Sunday. | My aunt | -
    trust | present | I trusted her with my keys. | trusted | -
    trust | ceased | Not any more. | Not any more | Not any more
    ");
}

#[test]
fn an_answer_is_explained_with_its_question() {
    let study = study();
    let explained = |quotation: &str| study.run(&["code", "explain", &id(&study, quotation)]).exits(0).stdout;
    assert_snapshot!(explained("No. Not yet, anyway."), @"
    trust: absent
        No. Not yet, anyway.
        ^^
    It answers `And the worker, do you trust her?`, where the rule `trust*` found `trust`.
    `No` (^) is the answer, which denies: the theme is denied (absent).
    It is the speaker's own experience, about the time in the programme.
    ");
    assert_snapshot!(explained("My aunt. Every Sunday."), @r#"
    support: present
        My aunt. Every Sunday.
        ~~~~~~~
    It answers `Who was there for you in that time?`, where the rule `"there for me"` found `there for you`.
    `My aunt` (~) is the answer, which names a person: the theme is said to be there.
    It is the speaker's own experience, at no time that the words name.
    "#);
}

#[test]
fn a_question_can_be_tried_without_a_study() {
    let study = Study::bare();
    let book = study.file("codebook.toml", CODEBOOK).display().to_string();
    let reply = |question: &str, text: &str, format: &str| {
        let args = ["code", "explain", "--question", question, "--text", text, "--codebook", &book, "--format", format];
        study.run(&args).exits(0).stdout
    };
    assert_snapshot!(reply("Did anybody help you?", "Nobody.", "table"), @"
    support: absent
        Nobody.
        ^^^^^^
    It answers `Did anybody help you?`, where the rule `help*` found `help`.
    `Nobody` (^) is the answer, which fills the place with nobody or nothing: the theme is denied (absent).
    It is the speaker's own experience, at no time that the words name.
    ");
    assert_snapshot!(reply("Did anybody help you?", "Nobody.", "json"), @r#"
    [
      {
        "code": "support",
        "polarity": "absent",
        "time": "unknown",
        "experiencer": "self",
        "target": null,
        "start": 0,
        "end": 7,
        "indicator": "Nobody",
        "trigger": "Nobody",
        "scope": "Nobody.",
        "rule": "help*",
        "question": "Did anybody help you?"
      }
    ]
    "#);
    assert_snapshot!(reply("How did they help you?", "Yes.", "table"), @"No rule of the codebook suggests a code here.");
    // Without a question there is nothing to answer, and a question alone is no text.
    let bare = study.run(&["code", "explain", "--text", "Nobody.", "--codebook", &book]).exits(0).stdout;
    assert_eq!(bare, "No rule of the codebook suggests a code here.\n");
    study.run(&["code", "explain", "--question", "Did anybody help you?"]).exits(2);
}

#[test]
fn an_accepted_answer_is_a_coding_like_any_other() {
    let study = study();
    let suggested = id(&study, "Not any more.");
    study.run(&["code", "accept", &suggested]).exits(0);
    let codings = study.json(&["quotes"]);
    assert_eq!((&codings[0]["quotation"], &codings[0]["polarity"]), (&"Not any more.".into(), &"ceased".into()));
    let open = study.json(&["code", "run", "--list"]);
    assert!(open.as_array().unwrap().iter().all(|one| one["quotation"] != "Not any more."), "{open:#}");
    let coding = codings[0]["coding"].as_str().unwrap();
    let why = study.run(&["code", "explain", coding]).exits(0).stdout;
    assert!(why.contains("It answers `Do you still trust people?`"), "{why}");
}

#[test]
fn interviewers_who_are_coded_ask_for_no_answer() {
    let study = study();
    let before = study.json(&["code", "run", "--list"]).as_array().unwrap().len();
    study.run(&["settings", "set", "coded-roles", "participant,interviewer"]).exits(0);
    let all = study.json(&["code", "run", "--list"]);
    assert_eq!(before, 4);
    assert!(all.as_array().unwrap().iter().all(|one| one["quotation"] != "Not any more."), "{all:#}");
}

#[test]
fn what_rests_on_its_question_is_not_spontaneous() {
    let study = study();
    let scores = study.file("scores.csv", "participant,site\nP01,north\n");
    study.run(&["import", &scores.display().to_string()]).exits(0);
    study.run(&["code", "accept", &id(&study, "My aunt. Every Sunday.")]).exits(0);
    study.run(&["code", "cover", "--all"]).exits(0);
    let n = |more: &[&str]| {
        let mut args = vec!["matrix", "--outcome", "site", "--codes", "support"];
        args.extend(more);
        let found = study.json(&args);
        (found["rows"][0]["cells"][0]["n"].clone(), found["rows"][0]["cells"][0]["N"].clone())
    };
    // "there for me" stands in no word of the interviewer, who says "there for you".
    assert_eq!(n(&[]), (1.into(), 1.into()));
    assert_eq!(n(&["--spontaneous"]), (0.into(), 1.into()));
}

#[test]
fn hebrew_is_read_as_hebrew_whatever_the_study_speaks() {
    let study = Study::new();
    let book = study.file("book.toml", "name = \"B\"\n[codes.lonely]\nlabel = \"Lonely\"\nrules = ['לבד']\n");
    let text = study.file("Dov_T1.txt", "Interviewer: ומה היום?\nDov: אני לא לבד.\n");
    study.run(&["import", &text.display().to_string(), &book.display().to_string()]).exits(0);
    assert_eq!(study.json(&["code", "run", "--list"])[0]["polarity"], "absent");
}
