//! `merge`: two people, two copies, one study again.

use crate::harness::Study;
use crate::small::small;
use insta::assert_snapshot;

/// A study and a copy of it in `other`, both worked on.
fn apart() -> Study {
    let study = small();
    study.run(&["backup", "copy.themata"]).exits(0);
    study.run(&["restore", "copy.themata", "other"]).exits(0);
    let id = study.json(&["quotes", "--source", "P08_T1.txt"])[0]["coding"].as_str().unwrap().to_owned();
    study.run_as("ann", &["code", "recode", &id, "--polarity", "absent"]).exits(0);
    study.run_as("ann", &["memo", "add", "of ann"]).exits(0);
    let there = |args: &[&str]| {
        let mut all = vec!["--study", "other"];
        all.extend(args);
        study.run_as("ben", &all).exits(0);
    };
    there(&["code", "recode", &id, "--polarity", "ambivalent", "--note", "she laughs"]);
    there(&["memo", "add", "of ben"]);
    there(&["code", "add", "P06_T1.csv", "I work in the garden.", "--code", "support"]);
    study
}

#[test]
fn two_copies_become_one_again() {
    let study = apart();
    let preview = study.run_as("ann", &["merge", "other", "--preview"]).exits(1);
    assert!(preview.stderr.ends_with("nothing was changed; leave out --preview to merge\n"), "{}", preview.stderr);
    assert_eq!(study.json(&["memo", "list"]).as_array().unwrap().len(), 1);
    let merged = study.run_as("ann", &["merge", "other", "--because", "Friday"]).exits(1);
    let table: Vec<&str> = merged.stdout.lines().collect();
    assert!(
        table[2].contains("polarity  absent  ambivalent  the later one, by ben on 2026-01-01"),
        "{}",
        merged.stdout
    );
    assert!(merged.stdout.ends_with("the copies disagree in 1 place\n"), "{}", merged.stdout);
    let told: Vec<&str> = merged.stderr.lines().collect();
    assert_eq!(told[0], "3 operations came over: 3 by ben");
    assert_eq!(told[1], "here: 1 coding added, 1 coding changed, 1 memo added");
    assert_eq!(study.json(&["memo", "list"]).as_array().unwrap().len(), 2);
    let coding = &study.json(&["quotes", "--source", "P08_T1.txt"])[0];
    assert_eq!(coding["polarity"], "ambivalent");
    study.run(&["audit", "verify"]).exits(0);
    // Again: nothing. The other way round: both are the same, to the last operation.
    assert_snapshot!(study.run(&["merge", "other"]).exits(0).stderr, @"the other copy has nothing that this one lacks; nothing was changed");
    study.run(&["--study", "other", "merge", "."]).exits(0);
    for listing in [&["log", "--most", "1", "--format", "json"][..], &["quotes", "--format", "json"], &["memo", "list"]]
    {
        let mut there = vec!["--study", "other"];
        there.extend(listing);
        let without_numbers = |text: String| text.split("\"seq\"").next().unwrap_or("").to_owned();
        assert_eq!(
            without_numbers(study.run(listing).stdout),
            without_numbers(study.run(&there).stdout),
            "{listing:?}"
        );
    }
    let refused = study.run_as("ann", &["undo"]).exits(2);
    assert!(
        refused.stderr.contains("(a merge: the study before it is in backups/) cannot be undone"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_person_can_say_whose_value_stands() {
    let study = apart();
    let id = study.json(&["quotes", "--source", "P08_T1.txt"])[0]["coding"].as_str().unwrap().to_owned();
    study.run(&["merge", "other", "--take", "coding=ours"]).exits(2);
    study.run(&["merge", "other", "--take", "coding c-000000000000=ours"]).exits(2);
    study.run(&["merge", "other", "--take", &format!("coding {id}=ours")]).exits(1);
    assert_eq!(study.json(&["quotes", "--source", "P08_T1.txt"])[0]["polarity"], "absent");
    let trace = study.run(&["audit", "trace", &id]).exits(0).stdout;
    assert!(
        trace.contains("polarity: present -> ambivalent") && trace.contains("polarity: present -> absent"),
        "{trace}"
    );
}

#[test]
fn a_backup_is_a_copy_and_another_study_is_none() {
    let study = apart();
    study.run(&["--study", "other", "backup", "theirs.themata"]).exits(0);
    study.run(&["merge", "theirs.themata"]).exits(1);
    assert_eq!(study.json(&["memo", "list"]).as_array().unwrap().len(), 2);
    study.run(&["init", "elsewhere", "--name", "another"]).exits(0);
    let foreign = study.run(&["merge", "elsewhere"]).exits(2);
    assert_snapshot!(foreign.stderr, @"error: elsewhere is another study, not another copy of this one: the two have no operation in common, so they cannot be merged");
    study.run(&["merge", "interviews"]).exits(2);
    study.file("no.themata", "this is no database");
    study.run(&["merge", "no.themata"]).exits(2);
    let db = rusqlite::Connection::open(study.path().join("other/study.db")).unwrap();
    db.execute("UPDATE operation SET reason = 'because' WHERE seq = 3", []).unwrap();
    drop(db);
    let tampered = study.run(&["merge", "other"]).exits(2);
    assert!(
        tampered.stderr.starts_with("error: other is not sound, so nothing was merged: operation 3"),
        "{}",
        tampered.stderr
    );
}
