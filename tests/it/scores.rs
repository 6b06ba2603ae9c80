//! Questionnaires to scores and classes, as people see them.

use crate::harness::Study;
use crate::small::{near, small};
use insta::assert_snapshot;
use std::fmt::Write as _;

/// A row of 36 answers.
fn ecr(id: &str, answer: impl Fn(u32) -> String) -> String {
    let answers: Vec<String> = (1..=36).map(answer).collect();
    format!("{id},T0,{}\n", answers.join(","))
}

fn ecr_header() -> String {
    let columns: Vec<String> = (1..=36).map(|k| format!("ECR_{k}")).collect();
    format!("id,wave,{}\n", columns.join(","))
}

#[test]
fn an_instrument_that_comes_along_scores_and_classes() {
    let study = Study::new();
    let mut table = ecr_header();
    table += &ecr("P01", |_| "1".into());
    table += &ecr("P02", |_| "4".into());
    // Avoidance 3.5 and anxiety 2: every second odd item 3 or 4 after keying (8 - x turns 4 into 4, 3 into 5).
    table += &ecr("P03", |k| {
        let reversed = [3, 15, 19, 22, 25, 27, 29, 31, 33, 35].contains(&k);
        let wanted = if k % 2 == 0 { 2 } else { 3 + k / 2 % 2 };
        if reversed { (8 - wanted).to_string() } else { wanted.to_string() }
    });
    // Four of the eighteen items of anxiety are missing, and item 1 is an 8, which the sheet does not have.
    table += &ecr("P04", |k| match k {
        2 | 4 | 6 | 8 => String::new(),
        1 => "8".into(),
        _ => "2".into(),
    });
    study.file("answers.csv", table);
    let ran = study.run(&["import", "ECR", "answers.csv"]).exits(1);
    assert_snapshot!(ran.stderr, @r"
    error: answers.csv, line 5, column ECR_1: 8 is out of range, item 1 of ecr goes from 1 to 7: counts as missing
    imported 4 participants, 4 sets of answers, 1 instrument
    1 problem, listed above; everything else went in
    ");
    assert_snapshot!(study.run(&["score", "ecr"]).shown(), @r"
    exit 1
    --- stdout
    score          participant  wave  value
    ─────────────  ───────────  ────  ──────────
    ecr.anxiety    P01          T0    1.33
    ecr.anxiety    P02          T0    4.00
    ecr.anxiety    P03          T0    2.00
    ecr.avoidance  P01          T0    4.00
    ecr.avoidance  P02          T0    4.00
    ecr.avoidance  P03          T0    3.50
    ecr.avoidance  P04          T0    4.12
    ecr.brennan    P01          T0    dismissing
    ecr.brennan    P02          T0    fearful
    ecr.brennan    P03          T0    dismissing
    ecr.midpoint   P01          T0    dismissing
    ecr.midpoint   P02          T0    fearful
    ecr.midpoint   P03          T0    secure
    no score anxiety for ecr/P04/T0: 14 of 18 items answered, at least 15 are needed
    no score brennan for ecr/P04/T0: there is no anxiety: 14 of 18 items answered, at least 15 are needed
    no score midpoint for ecr/P04/T0: there is no anxiety: 14 of 18 items answered, at least 15 are needed
    ecr: 36 items, 1 to 7, reversed [3, 15, 19, 22, 25, 27, 29, 31, 33, 35]; at least 80 % of the items
    ecr.brennan: Fisher's discriminant functions (the largest of secure: 3.2893296 * avoidance + 5.4725318 * anxiety - 11.5307833; fearful: 7.2371075 * avoidance + 8.1776448 * anxiety - 32.3553266; preoccupied: 3.9246754 * avoidance + 9.7102446 * anxiety - 28.4573220; dismissing: 7.3654621 * avoidance + 4.9392039 * anxiety - 22.2281088; no class in a tie)
    ecr.midpoint: midpoint of the answer scale, 4 itself counts as high (secure if avoidance < 4 and anxiety < 4; preoccupied if avoidance < 4 and anxiety >= 4; dismissing if avoidance >= 4 and anxiety < 4; fearful if avoidance >= 4 and anxiety >= 4)
    --- stderr
    ");
    let rows = study.json(&["score", "ecr.anxiety"]);
    // 17 items of 1 and one of 7, by 18: 24/18.
    near(&rows[0]["value"], 24.0 / 18.0);
}

#[test]
fn what_is_uncertain_says_so_when_it_is_used() {
    let study = Study::new();
    let answers = ["2"; 12].join(",");
    let columns: Vec<String> = (1..=12).map(|k| format!("ecr_s_{k}")).collect();
    study.file("short.csv", format!("id,{}\nP01,{answers}\n", columns.join(",")));
    assert_snapshot!(study.run(&["import", "ecr_s", "short.csv"]).exits(0).stderr, @r"
    warning: the key of ecr_s is marked as uncertain (Wei, Russell, Mallinckrodt and Vogel 2007; key not yet compared with the article): compare it with the publication before you rely on it
    imported 1 participant, 1 set of answers, 1 instrument
    ");
    assert_snapshot!(study.run(&["score"]).exits(0).shown(), @r"
    exit 0
    --- stdout
    score            participant  wave  value
    ───────────────  ───────────  ────  ─────
    ecr_s.anxiety    P01          -     16.00
    ecr_s.avoidance  P01          -     24.00
    ecr_s: 12 items, 1 to 7, reversed [1, 5, 8, 9]; at least 80 % of the items
    --- stderr
    warning: the key of ecr_s is marked as uncertain (Wei, Russell, Mallinckrodt and Vogel 2007; key not yet compared with the article): compare it with the publication before you rely on it
    ");
    let csv = study.run(&["score", "--format", "csv"]).exits(0);
    assert!(csv.stderr.contains("marked as uncertain"), "{}", csv.shown());
}

#[test]
fn no_table_shows_a_class_without_its_rule() {
    let study = small();
    study.file(
        "answers.csv",
        "id,wave,rq_1,rq_2,rq_3,rq_4\nP01,T1,6,1,2,1\nP02,T1,6,1,2,1\nP05,T1,1,5,2,1\nP06,T1,1,2,5,1\n",
    );
    study.run(&["import", "rq", "answers.csv"]).exits(0);
    let outcome = "rq.highest.T1=secure";
    let rule = "Classes: rq.highest: the highest rating (the largest of secure: secure;";
    let doubt = "Uncertain: the key of rq is marked as uncertain";
    let found = study.json(&["matrix", "--outcome", outcome]);
    let notes = &found["footer"]["rules"];
    assert!(notes[0].as_str().unwrap().starts_with(rule) && notes[1].as_str().unwrap().starts_with(doubt), "{notes}");
    for args in [
        vec!["matrix", "--outcome", outcome],
        vec!["matrix", "--outcome", "wellbeing.T1", "--at-risk", outcome],
        vec!["quotes", "--cell", "trust@rq.highest.T1=secure:yes"],
        vec!["model", "wellbeing.T1 ~ rq.highest.T1", "--force"],
        vec!["display", "map", "--outcome", outcome],
    ] {
        let shown = study.run(&args).exits(0);
        assert!(shown.stdout.contains(rule) && shown.stdout.contains(doubt), "{args:?}: {}", shown.stdout);
        let mut table = args.clone();
        table.extend(["--format", "csv"]);
        let shown = study.run(&table).exits(0);
        assert!(shown.stderr.contains(rule) && !shown.stdout.contains(rule), "{args:?}: {}", shown.stderr);
    }
    study.run(&["report", "--outcome", outcome, "--out", "r.html"]).exits(0);
    assert!(std::fs::read_to_string(study.path().join("r.html")).unwrap().contains(rule));
    // Classes that were imported have no rule that anybody could read here, and that is said.
    let imported = study.run(&["matrix", "--outcome", "attachment.T1=secure"]).exits(0).stdout;
    assert!(
        imported.contains("Classes: attachment was imported as classes: the rule that made them is not known here.")
    );
    let scores = study.run(&["score", "attachment"]).exits(0).stdout;
    assert!(scores.contains("attachment was imported as classes"), "{scores}");
    // A score is no class, and an attribute no classification.
    assert_eq!(study.json(&["matrix", "--outcome", "site"])["footer"]["rules"], serde_json::json!([]));
}

#[test]
fn a_sheet_that_ran_the_other_way_round_is_declared() {
    let study = Study::new();
    let mut table = ecr_header();
    table += &ecr("P01", |k| if k % 2 == 0 { "7".into() } else { "1".into() });
    study.file("answers.csv", table);
    let known = study.run(&["score", "--instrument", "ecr"]).exits(0).stdout;
    let inverted = known.replace("highest = \"agree strongly\" }", "highest = \"agree strongly\", inverted = true }");
    assert_ne!(known, inverted);
    study.file("own.toml", inverted);
    study.run(&["import", "own.toml", "answers.csv"]).exits(0);
    let scores = study.json(&["score", "ecr"]);
    let value = |name: &str| {
        let rows = scores.as_array().unwrap();
        rows.iter().find(|row| row["score"] == name).map(|row| row["value"].clone()).unwrap()
    };
    // Anxiety: 7 becomes 1, item 22 is reversed and becomes 7 again: 24/18. Avoidance: 9 of 18 items are reversed, 1
    // becomes 7 and 9 of them 1 again: (9 * 7 + 9) / 18.
    near(&value("ecr.anxiety"), 24.0 / 18.0);
    near(&value("ecr.avoidance"), 4.0);
    let notes = study.run(&["score", "ecr.anxiety"]).exits(0).stdout;
    assert!(notes.contains("the sheet ran the other way round and every answer was turned first"), "{notes}");
}

/// The numbers of an oracle of R's psych: alpha, Feldt's interval, what each item does.
#[test]
fn reliability_is_that_of_the_keyed_answers() {
    let study = Study::new();
    let text = std::fs::read_to_string("tests/oracles/reliability.json").unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["name"] == "cronbach_alpha__n30_k5").unwrap();
    // Items 2 and 4 as a sheet with reverse-keyed items has them: 6 less the answer.
    let mut table = "id,wave,bond_1,bond_2,bond_3,bond_4,bond_5\n".to_owned();
    for (person, row) in case["input"]["items"].as_array().unwrap().iter().enumerate() {
        let answers: Vec<f64> = row.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        let turned = |k: usize| if k == 1 || k == 3 { 6.0 - answers[k] } else { answers[k] };
        let _ =
            writeln!(table, "P{person:02},T0,{},{},{},{},{}", turned(0), turned(1), turned(2), turned(3), turned(4));
    }
    table += "P90,T0,1,,3,3,3\n";
    study.file("bond.csv", table);
    study.file(
        "bond.toml",
        "[instruments.bond]\nlabel = \"Bond\"\nitems = 5\nmin = 1\nmax = 5\nreversed = [2, 4]\n\
         scales.total = { items = [1, 2, 3, 4, 5], kind = \"mean\" }\n",
    );
    study.run(&["import", "bond.toml", "bond.csv"]).exits(0);
    let rows = study.json(&["score", "bond", "--reliability"]);
    let wanted = &case["expected"];
    near(&rows[0]["alpha"], wanted["alpha"].as_f64().unwrap());
    assert_eq!(rows[0]["95 % interval"], "[0.51, 0.85]");
    assert_eq!(rows[0]["n"], 30);
    for k in 0..5 {
        near(&rows[k + 1]["alpha"], wanted["alpha_if_deleted"][k].as_f64().unwrap());
        near(&rows[k + 1]["item-rest r"], wanted["r_drop"][k].as_f64().unwrap());
    }
    assert_snapshot!(study.run(&["score", "bond.total", "--reliability"]).exits(0).stdout, @r"
    scale       wave  item         n  mean    SD  item-rest r  alpha  95 % interval  omega
    ──────────  ────  ──────────  ──  ────  ────  ───────────  ─────  ─────────────  ─────
    bond.total  T0    all 5       30                            0.71  [0.51, 0.85]    0.72
    bond.total  T0    1           30  2.73  0.94         0.60   0.61
    bond.total  T0    2 (turned)  30  2.97  0.93         0.45   0.67
    bond.total  T0    3           30  2.77  0.94         0.44   0.67
    bond.total  T0    4 (turned)  30  2.70  0.95         0.39   0.70
    bond.total  T0    5           30  2.67  0.96         0.47   0.66
    bond.total at T0: 1 of 31 left out, because an item is missing
    alpha of an item's row is that of the other items; items are keyed; n answered every item of the scale
    interval: Feldt; omega: one factor, maximum likelihood; item-rest r: with the sum of the other items
    ");
}

fn instrument(study: &Study, more: &str) {
    study.file(
        "calm.toml",
        format!("[instruments.calm]\nlabel = \"Calm\"\nitems = 3\nmin = 1\nmax = 5\n{more}\nscales.total = {{ items = [1, 2, 3], kind = \"sum\" }}\n"),
    );
}

#[test]
fn people_stand_beside_published_norms() {
    let study = Study::new();
    study.file(
        "mood.toml",
        "[instruments.mood]\nlabel = \"Mood\"\nitems = 2\nmin = 0\nmax = 4\nmissing = \"none\"\nsource = \"made up\"\n\
         [instruments.mood.scales.total]\nitems = [1, 2]\nkind = \"sum\"\n\
         norms = [{ group = \"community\", mean = 6, sd = 1.5, source = \"made up too\", certainty = \"uncertain\" }]\n",
    );
    study.file("answers.csv", "id,wave,mood_1,mood_2\nP1,T0,1,2\nP2,T0,2,4\nP1,T1,3,4\n");
    study.run(&["import", "mood.toml", "answers.csv"]).exits(0);
    let shown = study.run(&["score", "mood"]).exits(0).stdout;
    // 3 and 6, then 7: a standard deviation below 6, two thirds of one above.
    assert!(
        shown.contains("mood: norm of community: mean 6, SD 1.5 (made up too); here 4.50 at T0 (n = 2), -1.00 SD of the norm; 7.00 at T1 (n = 1), +0.67 SD of the norm."),
        "{shown}"
    );
    assert!(
        shown.contains("Uncertain: the norm of community for mood is marked as uncertain (made up too)"),
        "{shown}"
    );
}

#[test]
fn reliability_of_nothing_says_why() {
    let study = Study::new();
    instrument(&study, "");
    study.file("one.csv", "id,wave,calm_1,calm_2,calm_3\nP01,T0,1,2,3\nP02,T1,3,3,1\nP03,T1,3,4,2\nP04,T1,3,5,5\n");
    study.run(&["import", "calm.toml", "one.csv"]).exits(0);
    assert_snapshot!(study.run(&["score", "calm", "--reliability"]).exits(0).stdout, @r"
    scale       wave  item   n  mean    SD  item-rest r  alpha  95 % interval  omega
    ──────────  ────  ─────  ─  ────  ────  ───────────  ─────  ─────────────  ─────
    calm.total  T0    all 3  1
    calm.total  T0    1      1  1.00
    calm.total  T0    2      1  2.00
    calm.total  T0    3      1  3.00
    calm.total  T1    all 3  3                            0.64  [-2.80, 0.99]
    calm.total  T1    1      3  3.00  0.00                0.86
    calm.total  T1    2      3  4.00  1.00         0.96   0.00
    calm.total  T1    3      3  2.67  2.08         0.96   0.00
    calm.total at T0: alpha not computable: people with complete answers: 1 of the 2 needed
    calm.total at T0: omega not computable: people with complete answers: 1 of the 2 needed
    calm.total at T1: omega not computable: people with complete answers: 3 of the 4 needed
    calm.total at T1: item 1: not computable: one of the two variables does not vary
    alpha of an item's row is that of the other items; items are keyed; n answered every item of the scale
    interval: Feldt; omega: one factor, maximum likelihood; item-rest r: with the sum of the other items
    ");
    study.file("mood.csv", "id,mood.T0\nP01,3\n");
    study.run(&["import", "mood.csv"]).exits(0);
    assert_snapshot!(study.run(&["score", "mood", "--reliability"]).exits(2).stderr, @r"
    error: reliability needs the answers to the items, and these scores have none
    hint: import the instrument and the table of answers; `themata score --instruments` lists instruments
    ");
}

#[test]
fn definitions_that_cannot_be_used_are_refused_with_what_to_do() {
    let study = Study::new();
    instrument(
        &study,
        "reversed = [4]\nclasses.high = { label = \"?\", rule = { first = [[\"high\", \"sum > 2\"]] } }",
    );
    assert_snapshot!(study.run(&["import", "calm.toml"]).exits(1).stderr, @r"
    error: calm.toml: instrument calm: reversed item 4 does not exist; there are 3
      hint: number items from 1
    error: calm.toml: instrument calm: class rule high: there is no scale sum; the scales are total
      hint: name a scale of this instrument, or an item as item(3)
    error: calm.toml: was not taken because of 2 problems
    imported nothing
    1 file refused
    ");
    assert_snapshot!(study.run(&["import", "phq"]).exits(2).stderr, @r"
    error: cannot read phq: No such file or directory (os error 2)
    hint: did you mean the instrument `phq9`? `themata score --instruments`
    ");
    assert_snapshot!(study.run(&["score", "--instrument", "phq"]).exits(2).stderr, @r"
    error: there is no instrument `phq`; did you mean `phq9`?
    hint: known are asi_alcohol, ecr, ecr_12, ecr_r, ecr_s, gad7, iip_32, mhc_sf, oq45, phq9, rq, rsq, swemwbs, wai_sr, wemwbs
    ");
}

#[test]
fn a_second_column_for_an_item_is_not_taken() {
    let study = Study::new();
    instrument(&study, "");
    study.file("twice.csv", "id,calm_1,calm_2,calm_02,calm_3,calm_3,calm_7\nP01,1,2,5,3,4,1\n");
    assert_snapshot!(study.run(&["import", "calm.toml", "twice.csv"]).exits(1).stderr, @r"
    warning: twice.csv, line 1: two columns are called calm_3: the later one is read as calm_3 (2)
    error: twice.csv, line 1, column calm_7: calm has 3 items, none with number 7: not taken
    error: twice.csv, line 1, column calm_02: item 2 of calm has a column already, calm_2: not taken
      hint: name the columns by the numbers of the items
    error: twice.csv, line 1, column calm_3 (2): item 3 of calm has a column already, calm_3: not taken
      hint: name the columns by the numbers of the items
    imported 1 participant, 1 set of answers, 1 instrument
    3 problems, listed above; everything else went in
    ");
    assert_eq!(study.json(&["score", "calm"])[0]["value"], 6.0);
}

#[test]
fn scores_that_are_not_there() {
    let study = Study::new();
    instrument(&study, "");
    study.file("mood.csv", "id,mood.T0\nP01,3\n");
    study.run(&["import", "calm.toml", "mood.csv"]).exits(0);
    assert_snapshot!(study.run(&["score", "mod"]).exits(2).stderr, @r"
    error: there is no score `mod`; did you mean `mood`?
    hint: there are: mood
    ");
    assert_snapshot!(study.run(&["score", "calm"]).exits(2).stderr, @r"
    error: there is no score `calm`, and nobody has answered that instrument
    hint: there are: mood
    ");
}

#[test]
fn instruments_are_listed_with_what_is_uncertain() {
    let bare = Study::bare();
    let list = bare.run(&["score", "--instruments", "--format", "csv"]).exits(0).stdout;
    for name in [
        "ecr",
        "ecr_12",
        "ecr_r",
        "ecr_s",
        "gad7",
        "iip_32",
        "mhc_sf",
        "oq45",
        "phq9",
        "rq",
        "rsq",
        "swemwbs",
        "wai_sr",
        "wemwbs",
        "asi_alcohol",
    ] {
        assert!(list.lines().any(|line| line.starts_with(&format!("{name},"))), "{name}: {list}");
    }
    assert!(list.lines().any(|line| line.starts_with("ecr_s,") && line.contains("uncertain")), "{list}");
    let study = Study::new();
    instrument(&study, "");
    study.run(&["import", "calm.toml"]).exits(0);
    let own = study.run(&["score", "--instruments", "--format", "csv"]).exits(0).stdout;
    assert!(own.contains("calm,Calm,3,1 to 5,total,,checked,in the study\n"), "{own}");
    // What is printed can be imported again.
    let definition = study.run(&["score", "--instrument", "calm"]).exits(0).stdout;
    let other = Study::new();
    other.file("again.toml", definition);
    other.run(&["import", "again.toml"]).exits(0);
}

#[test]
fn numbers_without_a_wave_are_told_where_scores_are_looked_for() {
    let study = Study::new();
    study.file("stress.csv", "id,stress\nA,3\nB,4\n");
    study.run(&["import", "stress.csv"]).exits(0);
    let shown = study.run(&["score"]).exits(0).stdout;
    assert!(shown.contains("no column `wave`: `stress`."), "{shown}");
    study.run(&["import", "stress.csv", "--columns", "participant=id,score:stress=stress"]).exits(0);
    assert!(study.run(&["score"]).exits(0).stdout.contains("stress"));
}
