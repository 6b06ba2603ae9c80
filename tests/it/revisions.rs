//! `source revise`, `source anchors`, `source settle`: a corrected transcript never shifts a quotation.

use crate::harness::Study;
use crate::small::small;
use insta::assert_snapshot;

/// `(coding, state)` of everything in doubt.
fn in_doubt(study: &Study) -> Vec<(String, String)> {
    let rows = study.json(&["source", "anchors"]);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("").to_owned();
    rows.as_array().unwrap().iter().map(|row| (text(&row["stands there now"]), text(&row["state"]))).collect()
}

fn quotations(study: &Study) -> Vec<String> {
    let rows = study.json(&["quotes"]);
    rows.as_array().unwrap().iter().map(|row| row["quotation"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_edited_file_leads_its_codings_over_and_lists_what_is_in_doubt() {
    let study = small();
    let before = quotations(&study);
    study.file(
        "P02_fixed.txt",
        "[00:00:05] I: What was the house like, then?\n[00:00:09] P: I trust the woman who runs the kitchen. I do not trust the night staff.\n[00:01:10] I: Were you on your own?\n[00:01:15] P: Now there is always noise.\n",
    );
    let ran = study
        .run(&["source", "revise", "P02_T1.txt", "P02_fixed.txt", "--because", "checked against the tape"])
        .exits(1);
    assert_snapshot!(ran.stderr, @r"
    P02_T1.txt is revised: 4 turns (there were 4)
    of 3 codings, 1 exact, 0 moved, 1 changed, 1 lost
    `themata source anchors` lists what is in doubt, `themata source settle` decides
    ");
    assert_eq!(
        in_doubt(&study),
        [
            ("I trust the woman who runs the kitchen.".to_owned(), "changed".to_owned()),
            (String::new(), "lost".to_owned())
        ]
    );
    // What was exact is quoted in the old words, what was changed in the new ones, what was lost not at all.
    let after = quotations(&study);
    assert_eq!(after.len(), before.len() - 1);
    assert!(after.contains(&"I do not trust the night staff.".to_owned()));
    assert!(after.contains(&"I trust the woman who runs the kitchen.".to_owned()));
    assert!(study.run(&["check"]).exits(1).stdout.contains("its words are gone in a revision of P02_T1.txt"));
    // P02 was lonely, and is not counted any more; the footer says that one coding is missing.
    let matrix = study.json(&["matrix", "--outcome", "attachment.T1=secure", "--time", "before"]);
    assert_eq!(matrix["footer"]["lost"], 1);
    study.run(&["undo"]).exits(0);
    assert_eq!(quotations(&study), before);
    assert_eq!(in_doubt(&study), []);
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn what_is_in_doubt_is_settled_by_a_person() {
    let study = small();
    study.run(&["source", "revise", "P08_T1.txt", "--replace", "the cook", "--with", "our old cook"]).exits(1);
    let id = study.json(&["source", "anchors"])[0]["coding"].as_str().unwrap().to_owned();
    study.run(&["source", "settle", &id]).exits(2);
    study.run(&["source", "settle", &id, "--keep", "--because", "the same statement"]).exits(0);
    assert_eq!(in_doubt(&study), []);
    assert!(quotations(&study).contains(&"I trust our old cook.".to_owned()));
    study.run(&["source", "settle", &id, "--keep"]).exits(2);
    // Settled elsewhere: the next revision starts from there.
    study.run(&["source", "revise", "P08_T1.txt", "--replace", "We laugh a lot.", "--with", "We laugh."]).exits(0);
    assert!(quotations(&study).contains(&"I trust our old cook.".to_owned()));
    // The words of the first day again: exact, and no longer marked.
    study.run(&["source", "revise", "P08_T1.txt", "interviews/P08_T1.txt"]).exits(0);
    assert!(quotations(&study).contains(&"I trust the cook.".to_owned()));
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn a_passage_that_was_moved_and_edited_is_listed_with_what_is_most_like_it() {
    let study = small();
    study.file(
        "P02_fixed.txt",
        "[00:00:05] I: What was the house like?\n[00:00:09] P: All the time, I was as a boy so lonely. I trust the man who runs the kitchen. I do not trust the night staff.\n[00:01:10] I: Were you on your own?\n[00:01:15] P: Now there is always noise.\n",
    );
    study.run(&["source", "revise", "P02_T1.txt", "P02_fixed.txt"]).exits(1);
    let rows = study.json(&["source", "anchors"]);
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["state"]), (1, &serde_json::json!("lost")));
    assert_eq!(rows[0]["was coded"], "As a boy I was lonely all the time.");
    let alike = rows[0]["most like it now"].as_str().unwrap();
    assert_eq!(alike, "All the time, I was as a boy so lonely.");
    let id = rows[0]["coding"].as_str().unwrap();
    study.run(&["source", "settle", id, "--at", alike]).exits(0);
    assert!(quotations(&study).contains(&alike.to_owned()));
}

#[test]
fn a_lost_passage_is_placed_by_hand_or_refused() {
    let study = small();
    study
        .run(&["source", "revise", "P08_T1.txt", "--replace", "I trust the cook.", "--with", "He is reliable."])
        .exits(1);
    let id = study.json(&["source", "anchors"])[0]["coding"].as_str().unwrap().to_owned();
    let refused = study.run(&["source", "settle", &id, "--keep"]).exits(2);
    assert!(refused.stderr.contains("there is no place to keep"), "{}", refused.stderr);
    study.run(&["source", "settle", &id, "--at", "Nowhere to be found."]).exits(2);
    study.run(&["source", "settle", &id, "--at", "He is reliable."]).exits(0);
    assert!(quotations(&study).contains(&"He is reliable.".to_owned()));
}

#[test]
fn speakers_and_borders_are_corrected_without_moving_a_word() {
    let study = small();
    let before = quotations(&study);
    study.run(&["source", "revise", "P08_T1.txt", "--turn", "2", "--at", "We laugh"]).exits(0);
    study.run(&["source", "revise", "P08_T1.txt", "--turn", "3", "--speaker", "Cook"]).exits(0);
    let shown = study.run(&["source", "show", "P08_T1.txt", "--turns"]).exits(0).stdout;
    assert!(shown.ends_with("    2  P08: I trust the cook.\n    3  Cook: We laugh a lot.\n"), "{shown}");
    assert!(shown.contains("  Cook: other\n"), "{shown}");
    assert_eq!(quotations(&study), before);
    study.run(&["source", "revise", "P08_T1.txt", "--turn", "3", "--join"]).exits(0);
    assert_eq!(
        study.json(&["source"]).as_array().unwrap().iter().find(|row| row["source"] == "P08_T1.txt").unwrap()["turns"],
        2
    );
    for wrong in [
        &["--turn", "9", "--join"][..],
        &["--turn", "1", "--join"],
        &["--turn", "2"],
        &[],
        &["--replace", "a", "--with", "e"],
    ] {
        let mut args = vec!["source", "revise", "P08_T1.txt"];
        args.extend(wrong);
        study.run(&args).exits(2);
    }
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn rejections_follow_their_words() {
    let study = small();
    study.run(&["code", "reject", "--code", "trust", "--in", "P02_T1.txt", "--yes"]);
    study.file("codebook2.toml", "name = \"Small\"\n[codes.noise]\nlabel = \"Noise\"\nrules = [\"noise\"]\n");
    study.file("notes.txt", "Interviewer: Well?\nP08: There is noise, always noise in the yard. And then nothing.\n");
    study.run(&["import", "notes.txt"]).exits(0);
    study.run(&["codebook", "import", "codebook2.toml"]).exits(0);
    study.run(&["code", "reject", "--code", "noise", "--in", "notes.txt", "--yes"]).exits(0);
    let open =
        || study.json(&["code", "run", "--list", "--code", "noise", "--in", "notes.txt"]).as_array().unwrap().len();
    assert_eq!(open(), 0);
    study
        .run(&[
            "source",
            "revise",
            "notes.txt",
            "--replace",
            "Well?",
            "--with",
            "Well, how was the yard, and was it quiet there?",
        ])
        .exits(0);
    study
        .run(&["source", "revise", "notes.txt", "--replace", "And then nothing.", "--with", "And then nothing at all."])
        .exits(0);
    study.run(&["source", "revise", "notes.txt", "--replace", "There is noise", "--with", "Well, there is noise"]);
    assert_eq!(open(), 0, "{}", study.run(&["code", "run", "--list", "--code", "noise"]).shown());
}
