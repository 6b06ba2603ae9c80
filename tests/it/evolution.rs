//! `codebook rename / move / merge / split / redefine / retire / queue / keep`: a codebook that changes while people code.

use crate::small::small;
use insta::assert_snapshot;

#[test]
fn a_change_needs_a_reason_and_the_history_shows_it() {
    let study = small();
    let refused = study.run(&["codebook", "rename", "trust", "Trust in somebody"]).exits(2);
    assert_snapshot!(refused.stderr, @r#"
    error: a change of the codebook needs a reason
    hint: add --because "...": the reason stands in `themata codebook history`
    "#);
    study
        .run(&["codebook", "rename", "trust", "Trust in somebody", "--because", "it is never trust in a thing"])
        .exits(0);
    study.run(&["codebook", "move", "loneliness", "--under", "support", "--because", "try it there"]).exits(0);
    let history = study.json(&["codebook", "history"]);
    let reasons: Vec<&str> = history.as_array().unwrap().iter().filter_map(|row| row["reason"].as_str()).collect();
    assert_eq!(reasons, ["it is never trust in a thing", "try it there"]);
    // Neither touches what the code means: nothing has to be looked at again.
    assert_eq!(study.json(&["codebook", "queue"]).as_array().unwrap().len(), 0);
    study.run(&["codebook", "move", "support", "--under", "loneliness", "--because", "round and round"]).exits(2);
    study.run(&["codebook", "rename", "trsut", "x", "--because", "slip"]).exits(2);
}

#[test]
fn a_new_definition_puts_what_was_coded_into_the_queue() {
    let study = small();
    let of_trust = study.json(&["quotes", "--code", "trust"]).as_array().unwrap().len();
    study.run(&["codebook", "redefine", "trust", "--brief", "Trust in a person", "--because", "pilot"]).exits(0);
    let queue = study.json(&["codebook", "queue"]);
    assert_eq!(queue.as_array().unwrap().len(), of_trust);
    assert_eq!(queue[0]["coded under"], "version 1");
    assert_eq!(queue[0]["why"], "`trust` was redefined (brief)");
    let id = queue[0]["coding"].as_str().unwrap();
    study.run(&["codebook", "keep", id]).exits(0);
    let other = queue[1]["coding"].as_str().unwrap();
    study.run(&["code", "recode", other, "--code", "support"]).exits(0);
    assert_eq!(study.json(&["codebook", "queue"]).as_array().unwrap().len(), of_trust - 2);
    let history = study.json(&["codebook", "history"]);
    assert_eq!(history[1]["codings made under it"], 2);
}

#[test]
fn a_split_offers_its_excerpts_one_by_one() {
    let study = small();
    let offered = study.run(&["codebook", "split", "support", "--into", "deeds,presence"]).exits(0);
    assert!(offered.stderr.contains("nothing was changed: 5 excerpts of `support`"), "{}", offered.stderr);
    let mut lines = offered.stdout.lines();
    assert_eq!(lines.next(), Some("coding,code,polarity,coder,source,quotation"));
    let ids: Vec<&str> = lines.map(|line| line.split(',').next().unwrap()).collect();
    let table = format!("coding,code\n{},deeds\n{},presence\n{},\n", ids[0], ids[1], ids[2]);
    study.file("split.csv", &table);
    study
        .run(&[
            "codebook",
            "split",
            "support",
            "--into",
            "deeds,presence",
            "--table",
            "split.csv",
            "--because",
            "two things",
        ])
        .exits(0);
    assert_eq!(study.json(&["quotes", "--code", "deeds"]).as_array().unwrap().len(), 1);
    assert_eq!(study.json(&["quotes", "--code", "presence"]).as_array().unwrap().len(), 1);
    let queue = study.json(&["codebook", "queue"]);
    assert_eq!(queue.as_array().unwrap().len(), ids.len() - 2);
    assert!(queue.as_array().unwrap().iter().all(|row| row["why"] == "`support` was split"));
    // The rest later, in the same way; one operation each, one undo each.
    study.file("rest.csv", format!("coding,code\n{},deeds\n", ids[2]));
    study
        .run(&[
            "codebook",
            "split",
            "support",
            "--into",
            "deeds,presence",
            "--table",
            "rest.csv",
            "--because",
            "the next",
        ])
        .exits(0);
    study.run(&["undo"]).exits(0);
    study.run(&["undo"]).exits(0);
    assert_eq!(study.json(&["quotes", "--code", "support"]).as_array().unwrap().len(), ids.len());
    study.run(&["audit", "verify"]).exits(0);
    for wrong in ["coding,code\nc-0,deeds\n".to_owned(), format!("coding,code\n{},hope\n", ids[0]), "id\n".to_owned()] {
        study.file("wrong.csv", wrong);
        study
            .run(&[
                "codebook",
                "split",
                "support",
                "--into",
                "deeds,presence",
                "--table",
                "wrong.csv",
                "--because",
                "x",
            ])
            .exits(2);
    }
}

#[test]
fn a_merged_code_takes_everything_along_and_a_retired_one_stays_readable() {
    let study = small();
    let count = |code: &str| study.json(&["quotes", "--code", code]).as_array().unwrap().len();
    let (trust, support) = (count("trust"), count("support"));
    study
        .run(&["codebook", "merge", "support", "--into", "trust", "--because", "coders could not tell them apart"])
        .exits(0);
    assert_eq!((count("trust"), count("support")), (trust + support, 0));
    study.run(&["codebook", "merge", "support", "--into", "trust", "--because", "again"]).exits(2);
    study.run(&["codebook", "merge", "trust", "--into", "trust", "--because", "itself"]).exits(2);
    // Its rules suggest the other code now.
    let open = study.json(&["code", "run", "--list", "--all", "--code", "trust", "--in", "P05_T1.txt"]);
    assert!(open.as_array().unwrap().iter().any(|row| row.to_string().contains("Nobody helps me")), "{open}");
    study.run(&["codebook", "retire", "loneliness", "--because", "another study"]).exits(0);
    let queue = study.json(&["codebook", "queue", "--code", "loneliness"]);
    assert_eq!(queue.as_array().unwrap().len(), count("loneliness"));
    study.run(&["undo"]).exits(0);
    study.run(&["undo"]).exits(0);
    assert_eq!((count("trust"), count("support")), (trust, support));
    study.run(&["audit", "verify"]).exits(0);
}
