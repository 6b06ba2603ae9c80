//! `log`, `undo`, `redo`, `audit`, `participant withdraw`, `backup`, `restore`: nothing is lost, nothing stays that should go.

use crate::harness::Study;
use crate::small::{small, uncoded};
use std::path::Path;

const LISTINGS: [&[&str]; 13] = [
    &["source"],
    &["participant"],
    &["case"],
    &["codebook", "show"],
    &["codebook", "history"],
    &["quotes"],
    &["memo", "list"],
    &["score"],
    &["settings"],
    &["theme", "table"],
    &["code", "run", "--list", "--all"],
    &["plan", "show"],
    &["source", "show", "P06_T1.csv"],
];

/// Everything that the listings show, one after the other.
#[track_caller]
fn state(study: &Study) -> String {
    let mut all = String::new();
    for listing in LISTINGS {
        let mut args = listing.to_vec();
        args.extend(["--format", "json"]);
        let ran = study.run(&args);
        let nothing = ran.stderr.contains("no codebook yet") || ran.stderr.contains("no source `P06");
        assert!(ran.code < 2 || nothing, "{listing:?}: {}", ran.shown());
        all.push_str(&format!("{listing:?}\n{}", ran.stdout));
    }
    all
}

#[track_caller]
fn clean(study: &Study) -> String {
    study.run(&["audit", "verify"]).exits(0).stdout
}

#[test]
fn undo_and_redo_of_an_import_take_all_of_it() {
    let study = Study::new();
    let empty = state(&study);
    study.file("a/P01_T1.txt", "Interviewer: Well?\nP01: I keep my door open.\n");
    study.file("a/P02_T1.txt", "Interviewer: Well?\nP02: I lock mine twice.\n");
    study.file("a/scores.csv", "id,mood.T1\nP01,3\nP02,4\n");
    study.run(&["import", "a"]).exits(0);
    let full = state(&study);
    assert_ne!(empty, full);
    study.run(&["undo"]).exits(0);
    assert_eq!(state(&study), empty);
    study.run(&["redo"]).exits(0);
    assert_eq!(state(&study), full);
    clean(&study);
}

#[test]
fn undo_goes_back_step_by_step_and_redo_forward() {
    let study = uncoded();
    let mut states = vec![state(&study)];
    let step = |args: &[&str]| {
        study.run(args).exits(0);
        state(&study)
    };
    states.push(step(&["code", "accept", "--code", "trust", "--yes"]));
    let id = study.json(&["quotes"])[0]["coding"].as_str().unwrap().to_owned();
    states.push(step(&["code", "recode", &id, "--polarity", "ambivalent", "--note", "she laughs"]));
    states.push(step(&["code", "reject", "--code", "support", "--yes"]));
    states.push(step(&["code", "remove", &id]));
    states.push(step(&["settings", "set", "approach", "framework"]));
    states.push(step(&["source", "set", "P06_T1.csv", "--not-asked", "support"]));
    states.push(step(&["memo", "add", "The garden again.", "--on", "participant:P06"]));
    for (k, pair) in states.windows(2).enumerate() {
        assert!(pair[0] != pair[1], "step {k} changed nothing that is shown");
    }
    for wanted in states.iter().rev().skip(1) {
        study.run(&["undo"]).exits(0);
        assert_eq!(state(&study), *wanted);
    }
    for wanted in states.iter().skip(1) {
        study.run(&["redo"]).exits(0);
        assert_eq!(state(&study), *wanted);
    }
    study.run(&["redo"]).exits(2);
    clean(&study);
}

#[test]
fn a_new_change_after_an_undo_leaves_nothing_to_redo_by_mistake() {
    let study = uncoded();
    study.run(&["memo", "add", "first"]).exits(0);
    study.run(&["undo"]).exits(0);
    study.run(&["memo", "add", "second"]).exits(0);
    // Whatever redo does, it never loses the second memo, and the chain stays sound.
    study.run(&["redo"]);
    let memos = study.run(&["memo", "list"]).exits(0).stdout;
    assert!(memos.contains("second"), "{memos}");
    clean(&study);
}

#[test]
fn nobody_undoes_anothers_work_without_naming_it() {
    let study = uncoded();
    study.run_as("ann", &["memo", "add", "of ann"]).exits(0);
    study.run_as("ben", &["memo", "add", "of ben"]).exits(0);
    study.run_as("ann", &["undo"]).exits(0);
    let memos = study.run(&["memo", "list"]).exits(0).stdout;
    assert!(memos.contains("of ben") && !memos.contains("of ann"), "{memos}");
    insta::assert_snapshot!(study.run_as("ann", &["undo"]).exits(2).stderr, @r"error: there is nothing of ann left to undo; another coder's operation needs `--op HASH`");
    let log = study.json(&["log", "--by", "ben"]);
    let operation = log[0]["operation"].as_str().unwrap();
    study.run_as("ann", &["undo", "--op", operation]).exits(0);
    assert!(!study.run(&["memo", "list"]).stdout.contains("of ben"));
    study.run_as("ann", &["undo", "--op", "ffffffffffff"]).exits(2);
    clean(&study);
}

#[test]
fn what_something_rests_on_cannot_be_undone_silently() {
    let study = small();
    let log = study.json(&["log", "--kind", "source", "--most", "1000"]);
    let import = log.as_array().unwrap().iter().find(|row| row["command"].as_str().unwrap().starts_with("import"));
    let refused = study.run(&["undo", "--op", import.unwrap()["operation"].as_str().unwrap()]).exits(2);
    assert!(refused.stderr.contains("cannot be taken back"), "{}", refused.stderr);
    clean(&study);
}

#[test]
fn the_log_tells_who_did_what_when_and_why() {
    let study = Study::new();
    study.file("scores.csv", "id,mood.T1\nP01,3\n");
    study.run_as("ann", &["import", "scores.csv", "--because", "first wave is in"]).exits(0);
    let log = study.json(&["log"]);
    let newest = &log[0];
    assert_eq!(newest["coder"], "ann");
    assert_eq!(newest["reason"], "first wave is in");
    assert_eq!(newest["time"], "2026-01-01T00:00:01.000Z");
    // No file name, no words: the log is for good, and what it holds cannot be erased.
    assert_eq!(newest["command"], "import ... --because ...");
}

#[test]
fn a_changed_byte_is_found() {
    let study = small();
    clean(&study);
    let db = rusqlite::Connection::open(study.path().join("study.db")).unwrap();
    let text: Vec<u8> = b"I trust the cook.".to_vec();
    let mut rows = db.prepare("SELECT id, bytes FROM blob").unwrap();
    let found: Vec<(String, Vec<u8>)> =
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let (id, mut bytes) =
        found.into_iter().find(|(_, bytes)| bytes.windows(text.len()).any(|part| part == text)).unwrap();
    let at = bytes.windows(text.len()).position(|part| part == text).unwrap();
    bytes[at + 2] = b'T';
    db.execute("UPDATE blob SET bytes = ?1 WHERE id = ?2", rusqlite::params![bytes, id]).unwrap();
    drop(rows);
    drop(db);
    let verified = study.run(&["audit", "verify"]).exits(1);
    assert!(verified.stdout.contains(&id[..12]), "{}", verified.shown());
}

#[test]
fn withdrawal_hides_a_person_everywhere() {
    let study = small();
    study.run(&["case", "add", "house", "--participants", "P01,P02"]).exits(0);
    study.run(&["memo", "add", "laughs when the father is named", "--on", "participant:P01"]).exits(0);
    study.file("exports/report.html", "P01 said: I trust her with my papers. She came when my father died.");
    let withdrawn = study.run(&["participant", "withdraw", "P01", "--because", "asked on the phone"]).exits(0);
    assert!(withdrawn.stderr.contains("report.html may quote P01 and is not changed by this"), "{}", withdrawn.stderr);
    let matrix = study.run(&["matrix", "--outcome", "attachment.T1=secure"]).exits(0).stdout;
    assert!(
        matrix.contains("participants in the study (1 withdrawn participant apart), not in the groups: "),
        "{matrix}"
    );
    assert!(!matrix.contains("words are gone"), "{matrix}");
    let away = study.run(&["quotes", "--participant", "P01"]).exits(2).stderr;
    assert!(away.contains("P01 has withdrawn from the study and is not shown"), "{away}");
    let stays = study.run(&["undo"]).exits(2).stderr;
    assert!(stays.contains(" (a withdrawal) cannot be undone; to take back an earlier one"), "{stays}");
    std::fs::remove_dir_all(study.path().join("exports")).unwrap();
    let mut all = state(&study);
    for args in [
        &["matrix", "--outcome", "attachment.T1=secure", "--format", "json"][..],
        &["quotes", "--cell", "trust@attachment.T1=secure:yes", "--format", "json"],
        &["search", "papers OR sister OR door", "--format", "json"],
        &["check", "--format", "json"],
    ] {
        all.push_str(&study.run(args).stdout);
    }
    study.run(&["report", "--outcome", "attachment.T1=secure", "--out", "r.html"]).exits(0);
    all.push_str(&std::fs::read_to_string(study.path().join("r.html")).unwrap());
    for words in ["my papers", "my sister", "my father", "never alone that week", "father is named"] {
        assert!(!all.contains(words), "still shown: {words}");
    }
    for (k, line) in all.lines().enumerate() {
        assert!(!line.contains("P01"), "line {k} still names P01: {line}");
    }
    let found = study.json(&["matrix", "--outcome", "attachment.T1=secure"]);
    assert_eq!(found["footer"]["withdrawn"], 1);
    assert_eq!(found["footer"]["units"], 9);
    clean(&study);
}

/// Every file of a folder with its bytes.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(dir) = waiting.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn erasure_leaves_no_byte() {
    let study = small();
    study.run(&["memo", "add", "The father's illness comes first with her.", "--on", "participant:P01"]).exits(0);
    study.run(&["code", "run"]).exits(0);
    // The files that were imported are the researcher's own; what must forget is the study.
    for name in ["interviews", "people.csv"] {
        let path = study.path().join(name);
        if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
    }
    let windows: Vec<&[u8]> = vec![
        b"I trust my sister. S",
        b"She brought me here.",
        b"I trust her with my ",
        b"She counts them in f",
        b"She came when my fat",
        b"never alone that wee",
        b"The father's illness",
    ];
    let held = |bytes: &[u8]| -> Vec<String> {
        let found = windows.iter().filter(|window| bytes.windows(window.len()).any(|part| part == **window));
        found.map(|window| String::from_utf8_lossy(window).into_owned()).collect()
    };
    let all: Vec<u8> = files(study.path()).into_iter().flat_map(|(_, bytes)| bytes).collect();
    assert_eq!(held(&all).len(), windows.len());
    let preview = study.run(&["participant", "withdraw", "P01", "--erase"]).exits(1);
    assert!(preview.stderr.contains("nothing was changed"), "{}", preview.stderr);
    study.run(&["participant", "withdraw", "P01", "--erase", "--yes", "--because", "asked in writing"]).exits(0);
    for (name, bytes) in files(study.path()) {
        assert!(held(&bytes).is_empty(), "{name} still holds words of P01: {:?}", held(&bytes));
    }
    let report = clean(&study);
    assert!(report.contains("erased"), "{report}");
    // It does not come back: not by undo, not by importing the same file again.
    study.run(&["undo"]);
    study.file("P01_T1.txt", "Interviewer: And the worker here, do you trust her?\nP01: I trust her with my papers. She counts them in front of me.\nInterviewer: Anything else?\nP01: She came when my father died. I was never alone that week.\n");
    study.run(&["import", "P01_T1.txt"]);
    assert!(!study.run(&["search", "papers"]).stdout.contains("papers. She"));
    clean(&study);
}

#[test]
fn a_backup_restores_the_same_study() {
    let study = small();
    study.run(&["backup", "copy.themata"]).exits(0);
    study.run(&["backup", "copy.themata"]).exits(2);
    study.run(&["restore", "copy.themata", "again"]).exits(0);
    study.run(&["restore", "copy.themata", "again"]).exits(2);
    for listing in LISTINGS.into_iter().chain([&["log", "--most", "1000"][..]]) {
        let mut there = vec!["--study", "again"];
        there.extend(listing);
        assert_eq!(study.run(listing).stdout, study.run(&there).stdout, "{listing:?}");
    }
    study.run(&["--study", "again", "audit", "verify"]).exits(0);
    study.file("no.themata", "this is no database");
    study.run(&["restore", "no.themata", "elsewhere"]).exits(2);
    assert!(!study.path().join("elsewhere/study.db").exists());
}

#[test]
fn the_same_commands_give_the_same_bytes() {
    let (a, b) = (small(), small());
    assert_eq!(state(&a), state(&b));
    for args in [
        &["log", "--most", "1000", "--format", "json"][..],
        &["matrix", "--outcome", "attachment.T1=secure"],
        &["matrix", "--outcome", "wellbeing.T1", "--with-suggestions", "--test", "welch", "--format", "csv"],
        &["quotes", "--format", "csv"],
        &["code", "run", "--list"],
        &["code", "evaluate", "--reference", "tester", "--differences"],
        &["source", "show", "P03_T1.vtt"],
        &["log", "--format", "md"],
    ] {
        let (one, two) = (a.run(args).exits(0), b.run(args).exits(0));
        assert_eq!(one.stdout, two.stdout, "{args:?}");
        let (one_again, two_again) = (a.run(args), b.run(args));
        assert_eq!(one.stdout, one_again.stdout, "{args:?} a second time");
        assert_eq!(one.stdout, two_again.stdout, "{args:?} a second time");
    }
    for study in [&a, &b] {
        study.run(&["report", "--outcome", "attachment.T1=secure,wellbeing.change", "--out", "r.html"]).exits(0);
    }
    let page = |study: &Study| std::fs::read(study.path().join("r.html")).unwrap();
    assert!(page(&a) == page(&b), "the reports differ");
}

#[test]
fn looking_changes_nothing() {
    let study = small();
    study.run(&["matrix", "--outcome", "attachment.T1=secure"]).exits(0);
    let head = || study.run(&["log", "--most", "1", "--format", "json"]).stdout;
    let before = head();
    for listing in LISTINGS {
        study.run(listing);
    }
    study.run(&["search", "trust"]).exits(0);
    study.run(&["check"]);
    study.run(&["report", "--outcome", "attachment.T1=secure"]).exits(0);
    study.run(&["backup", "b.themata"]).exits(0);
    study.run(&["audit", "verify"]).exits(0);
    assert_eq!(head(), before);
}

#[test]
fn importing_the_same_again_changes_nothing() {
    let study = uncoded();
    let before = study.run(&["log", "--most", "1", "--format", "json"]).stdout;
    let ran = study.run(&["import", "codebook.toml", "people.csv", "interviews"]).exits(0);
    assert!(ran.stderr.contains("imported nothing new"), "{}", ran.stderr);
    assert_eq!(study.run(&["log", "--most", "1", "--format", "json"]).stdout, before);
}

#[test]
fn withdrawal_hides_a_voice_in_a_group_and_leaves_the_others() {
    let study = uncoded();
    study.file(
        "group.txt",
        "Moderator: Well?\nP05: The driver waits for me.\nP06: The dog knows me by my step.\nP07: The cook hums.\n",
    );
    study.run(&["import", "group.txt"]).exits(0);
    for (quotation, code) in [("The dog knows me by my step.", "trust"), ("The cook hums.", "support")] {
        study.run(&["code", "add", "group.txt", quotation, "--code", code]).exits(0);
    }
    study.run(&["participant", "withdraw", "P06"]).exits(0);
    for args in [
        &["quotes", "--format", "json"][..],
        &["search", "dog OR cook", "--format", "json"],
        &["source", "show", "group.txt"],
        &["code", "run", "--list", "--format", "json"],
        &["matrix", "--outcome", "site", "--focus-groups", "--format", "json"],
    ] {
        let shown = study.run(args).exits(0).stdout;
        assert!(!shown.contains("by my step"), "{args:?}: {shown}");
    }
    assert!(study.run(&["quotes"]).stdout.contains("The cook hums."));
    let matrix = study.run(&["matrix", "--outcome", "site", "--focus-groups"]).exits(0).stdout;
    assert!(!matrix.contains("gone from the text"), "what is hidden is not gone: {matrix}");
    study.run(&["participant", "withdraw", "P06", "--erase", "--yes"]);
    for (name, bytes) in files(study.path()).iter().filter(|(name, _)| !name.ends_with(".txt")) {
        assert!(!bytes.windows(20).any(|part| part == b"dog knows me by my s"), "{name} still holds words of P06");
    }
    clean(&study);
}

#[test]
fn a_source_is_shown_to_programs_too() {
    let study = uncoded();
    let lines = study.json(&["source", "show", "P02_T1.txt"]);
    assert_eq!((&lines["wave"], lines["lines"].as_array().unwrap().len()), (&"T1".into(), 5));
    let turns = study.json(&["source", "show", "P02_T1.txt", "--turns"]);
    assert_eq!(turns["turns"][1]["text"], "I trust the man who runs the kitchen. I do not trust the night staff.");
    let people: Vec<&str> =
        turns["speakers"].as_array().unwrap().iter().filter_map(|one| one["participant"].as_str()).collect();
    assert_eq!(people, ["P02"]);
    let csv = study.run(&["source", "show", "P02_T1.txt", "--turns", "--format", "csv"]).exits(0).stdout;
    assert!(csv.starts_with("turn,speaker,role,participant,text\n1,"), "{csv}");
}
