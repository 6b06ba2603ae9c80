//! `log`, `log show`, `audit trace`, `audit export`: who did what, when, why, and how to check it without us.

use crate::harness::Study;
use crate::small::{small, uncoded};
use std::process::Command;

fn coding_of(study: &Study, source: &str) -> String {
    let quotes = study.json(&["quotes", "--source", source]);
    quotes[0]["coding"].as_str().unwrap().to_owned()
}

#[test]
fn the_log_is_searched_by_coder_kind_object_time_and_reason() {
    let study = Study::new();
    study.file("a.txt", "I: Well?\nP: I keep my door open.\n");
    study.run_as("ann", &["import", "a.txt", "--because", "the first one"]).exits(0);
    study.run_as("ben", &["memo", "add", "doors again"]).exits(0);
    study.run_as("ben", &["source", "set", "a.txt", "--focus-group"]).exits(0);
    let found = |args: &[&str]| {
        let mut all = vec!["log"];
        all.extend(args);
        study.json(&all).as_array().unwrap().len()
    };
    assert_eq!(found(&[]), 4);
    assert_eq!(found(&["--by", "ben"]), 2);
    assert_eq!(found(&["--kind", "memo"]), 1);
    assert_eq!(found(&["--on", "a.txt"]), 2);
    assert_eq!(found(&["--reason", "first"]), 1);
    assert_eq!(found(&["--since", "2026-01-01T00:00:02"]), 2);
    assert_eq!(found(&["--until", "2026-01-01T00:00:01"]), 2);
    assert_eq!(found(&["--until", "2026-01-01"]), 4);
    assert_eq!(found(&["--since", "2026-01-02"]), 0);
}

#[test]
fn an_operation_is_shown_with_what_was_before_and_after() {
    let study = small();
    let id = coding_of(&study, "P08_T1.txt");
    study.run(&["code", "recode", &id, "--polarity", "absent", "--because", "heard the tape"]).exits(0);
    let shown = study.run(&["log", "show", "35"]);
    let newest = study.json(&["log", "--most", "1"])[0]["seq"].to_string();
    let shown_newest = study.run(&["log", "show", &newest]).exits(0).stdout;
    assert!(shown.code == 0 || shown.code == 2);
    let lines: Vec<&str> = shown_newest.lines().collect();
    assert!(
        lines[2].starts_with(&format!("coding {id}")) && lines[2].contains("polarity  present  absent"),
        "{shown_newest}"
    );
    assert!(shown_newest.contains("because: heard the tape"));
    study.run(&["log", "show", "ffff"]).exits(2);
}

#[test]
fn what_is_about_somebody_who_has_withdrawn_is_not_shown_by_the_log() {
    let study = small();
    study.run(&["memo", "add", "laughs when the father is named", "--on", "participant:P01"]).exits(0);
    let seq = study.json(&["log", "--most", "1"])[0]["seq"].to_string();
    assert!(study.run(&["log", "show", &seq]).stdout.contains("laughs"));
    study.run(&["participant", "withdraw", "P01"]).exits(0);
    let shown = study.run(&["log", "show", &seq]).exits(0).stdout;
    assert!(shown.contains("hidden: withdrawn") && !shown.contains("laughs"), "{shown}");
}

#[test]
fn an_excerpt_is_traced_from_its_suggestion_on() {
    let study = uncoded();
    study.run(&["code", "accept", "--code", "trust", "--in", "P08_T1.txt", "--yes"]).exits(0);
    let id = coding_of(&study, "P08_T1.txt");
    study.run_as("ben", &["memo", "add", "Is this the cook or the kitchen?", "--on", &format!("coding:{id}")]).exits(0);
    study.run(&["code", "recode", &id, "--polarity", "ambivalent", "--because", "see the memo"]).exits(0);
    study.run(&["code", "cover", "P08_T1.txt"]).exits(0);
    let trace = study.run(&["audit", "trace", &id]).exits(0).stdout;
    let rows = study.json(&["audit", "trace", &id]);
    let says = |row: usize, words: &[&str]| {
        assert!(words.iter().all(|word| rows[row].to_string().contains(word)), "{words:?}: {}", rows[row]);
    };
    says(0, &["tester", "coding added", "accepted in bulk"]);
    says(1, &["ben", "memo added", "the cook or the kitchen"]);
    says(2, &["coding changed", "polarity: present -> ambivalent", "see the memo"]);
    says(3, &["coverage added"]);
    assert!(trace.contains("suggested for \"trust\""), "{trace}");
    assert!(trace.ends_with("\"I trust the cook.\"\n"), "{trace}");
    let none = study.run(&["audit", "trace", "c-000000000000"]).exits(2);
    assert!(none.stderr.contains("the log knows no coding"), "{}", none.stderr);
}

/// The page's own recipe, run as a reader would.
#[test]
fn the_recipe_of_the_guide_verifies_an_exported_log_and_finds_a_changed_one() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide/12-history-and-merging.md")).unwrap();
    let recipe = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(recipe.lines().count() <= 30, "the page promises at most 30 lines");
    let study = small();
    study.run(&["undo"]).exits(0);
    study.run(&["audit", "export", "--out", "log.jsonl"]).exits(0);
    study.run(&["audit", "export", "--as", "csv", "--out", "log.csv"]).exits(0);
    study.run(&["audit", "export", "--as", "html", "--out", "log.html"]).exits(0);
    let operations = study.json(&["log", "--most", "1000"]).as_array().unwrap().len();
    let read = |name: &str| std::fs::read_to_string(study.path().join(name)).unwrap();
    assert_eq!(read("log.csv").lines().count(), operations + 1);
    assert_eq!(read("log.html").matches("<tr>").count(), operations + 1);
    study.file("recipe.py", recipe);
    let check = || Command::new("python3").args(["recipe.py", "log.jsonl"]).current_dir(study.path()).output();
    let Ok(found) = check() else {
        eprintln!("skipped: no python3");
        return;
    };
    let head = study.json(&["log", "--most", "1"])[0]["operation"].as_str().unwrap().to_owned();
    let told = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    assert!(told.starts_with(&format!("{operations} operations")) && told.contains(&head), "{told}");
    for (from, to) in
        [("tester", "Tester"), ("code add", "code and"), ("\\\"kind\\\":\\\"undo\\\"", "\\\"kind\\\":\\\"redo\\\"")]
    {
        let log = read("log.jsonl");
        study.file("log.jsonl", log.replacen(from, to, 1));
        assert!(!check().unwrap().status.success(), "{from} -> {to}");
        study.file("log.jsonl", log);
    }
}
