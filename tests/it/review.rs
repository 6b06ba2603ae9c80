//! `review`: disagreements, decisions between coders, layers, sign-off, audits; blinding and rounds.

use crate::agree::coded_by;
use crate::harness::Study;
use crate::small::{near, share, small, uncoded};
use insta::assert_snapshot;
use serde_json::Value;

const SECURE: &str = "attachment.T1=secure";

/// Two coders of three interviews who differ once in every way: borders (P01), polarity (P02), code and a miss (P05).
pub fn two_coders() -> Study {
    let study = uncoded();
    let code = |coder: &str, source: &str, quotation: &str, code: &str, polarity: &str| {
        study.run_as(coder, &["code", "add", source, quotation, "--code", code, "--polarity", polarity]).exits(0);
    };
    for coder in ["ann", "ben"] {
        code(coder, "P01_T1.txt", "I trust her with my papers.", "trust", "present");
        code(coder, "P02_T1.txt", "I trust the man who runs the kitchen.", "trust", "present");
        study.run_as(coder, &["code", "cover", "P01_T1.txt", "P02_T1.txt", "P05_T1.txt"]).exits(0);
    }
    code("ann", "P01_T1.txt", "She came when my father died.", "support", "present");
    code("ben", "P01_T1.txt", "She came when my father died. I was never alone that week.", "support", "present");
    code("ann", "P02_T1.txt", "I do not trust the night staff.", "trust", "absent");
    code("ben", "P02_T1.txt", "I do not trust the night staff.", "trust", "present");
    code("ann", "P05_T1.txt", "I do not trust anybody in this place.", "trust", "absent");
    code("ben", "P05_T1.txt", "I do not trust anybody in this place.", "loneliness", "present");
    code("ann", "P05_T1.txt", "I sit alone in my room.", "loneliness", "present");
    study
}

#[test]
fn who_names_two_coders_is_told_how_to_name_one() {
    let study = two_coders();
    let cell = "trust@attachment.T1=secure:yes";
    let told = study.run(&["quotes", "--cell", cell]).exits(2).stderr;
    let named = format!("`themata quotes --cell '{cell};layer=coder:ann'`");
    assert!(told.contains(&named), "{told}");
    study.run(&["quotes", "--cell", &format!("{cell};layer=coder:ann")]).exits(0);
    let code = study.run(&["code", "accept", "trust"]).exits(2).stderr;
    assert!(code.contains("`trust` is a code: `--code trust` takes all of its suggestions"), "{code}");
    study.run_as("cleo", &["code", "cover", "P01_T1.txt", "--code", "trust"]).exits(0);
}

fn disagreements(study: &Study) -> Vec<Value> {
    study.json(&["review", "disagreements", "--all"]).as_array().unwrap().clone()
}

fn id_of(study: &Study, kind: &str) -> String {
    let all = disagreements(study);
    let found = all.iter().find(|row| row["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {all:#?}"));
    found["disagreement"].as_str().unwrap().to_owned()
}

/// The table of decisions that belongs to [`two_coders`].
fn resolutions(study: &Study) -> String {
    format!(
        "disagreement,final,reason,codebook_change,note\n{},ann,boundary,,\n{},ann,oversight,,\n{},code:trust/absent,definition,\"Say that refusing trust is trust, absent\",\n{},ann,oversight,,read too fast\n",
        id_of(study, "boundary"),
        id_of(study, "polarity"),
        id_of(study, "different code"),
        id_of(study, "missed"),
    )
}

fn matrix(study: &Study, layer: &str) -> Value {
    study.json(&["matrix", "--outcome", SECURE, "--layer", layer])
}

#[test]
fn every_kind_of_disagreement_is_listed_once() {
    let study = two_coders();
    let all = disagreements(&study);
    let kinds: Vec<&str> = all.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["boundary", "polarity", "different code", "missed"]);
    assert_snapshot!(study.run(&["review", "disagreements"]).exits(0).stdout, @r"
    number  disagreement    kind            source      ann                   ben                   final  reason
    ──────  ──────────────  ──────────────  ──────────  ────────────────────  ────────────────────  ─────  ──────
         1  d-e0e2f252bbce  boundary        P01_T1.txt  support (present)     support (present)
        She came when my father died. I was never alone that week.
         2  d-4ebde7f02cb0  polarity        P02_T1.txt  trust (absent)        trust (present)
        I do not trust the night staff.
         3  d-1a6730246d99  different code  P05_T1.txt  trust (absent)        loneliness (present)
        I do not trust anybody in this place.
         4  d-9a5144347faa  missed          P05_T1.txt  loneliness (present)  nothing
        I sit alone in my room.
    4 of 4 disagreements: 1 missed, 1 different code, 1 polarity, 1 boundary; 0 decided, 4 open
    Codes by disagreements: loneliness 2, trust 2, support 1.
    `themata review show ID` shows one side by side; `themata review adjudicate ID --final NAME --reason oversight` decides it
    ");
    let only = |args: &[&str]| {
        let mut all = vec!["review", "disagreements"];
        all.extend(args);
        study.json(&all).as_array().unwrap().len()
    };
    assert_eq!(only(&["--kind", "missed"]), 1);
    assert_eq!(only(&["--code", "trust"]), 2);
    assert_eq!(only(&["--in", "P01_T1.txt"]), 1);
    assert_snapshot!(study.run(&["review", "show", "3"]).exits(0).stdout, @r"
    d-1a6730246d99 (different code) in P05_T1.txt
    coder  coding          code        polarity  time     note
    ─────  ──────────────  ──────────  ────────  ───────  ────
    ann    c-bb9e1a250494  trust       absent    unknown
        I do not trust anybody in this place.
    ben    c-7dc096feb1c7  loneliness  present   unknown
        I do not trust anybody in this place.
      I: Whom do you rely on?
      B: I do not trust anybody in this place.
      I: Nobody helps?
    loneliness: Being on one's own and minding it
    trust: Leaving something to somebody without watching
    ");
    assert_snapshot!(study.run(&["review", "confusion"]).exits(0).stdout, @r"
    Places by the codes that two coders gave
    one gave \ another gave  loneliness  support  trust  nothing
    ───────────────────────  ──────────  ───────  ─────  ───────
    loneliness                                        1        1
    support                                    1
    trust                             1               3
    nothing                           1
    On the diagonal: places where all gave the code. Elsewhere a place counts once in both orders, however many coders there are.
    ");
}

#[test]
fn a_table_of_decisions_goes_in_as_one_operation() {
    let study = two_coders();
    assert_snapshot!(study.run(&["matrix", "--outcome", SECURE]).exits(2).stderr, @r"
    error: P02_T1.txt was coded by ann and ben, and nobody has adjudicated: counting both would count people twice
    hint: say whose work counts: `--layer coder:ann` or `--layer coder:ben`
    hint: or decide: `themata review disagreements`, then `themata review adjudicate`; `--layer consensus` counts what all agree on
    ");
    let before = matrix(&study, "consensus");
    study.file("decisions.csv", resolutions(&study));
    assert_snapshot!(study.run_as("carla", &["review", "adjudicate", "--from", "decisions.csv"]).exits(0).stderr, @r"
    decided 4 disagreements; 0 open
    2 memos on codes, with suggested changes: `themata memo list`
    ");
    let after = matrix(&study, "adjudicated");
    // Consensus leaves the three open places out: P02 only present, P05 nothing. Decided: P02 mixed, P05 trust absent,
    // lonely.
    assert_eq!((share(&before, "loneliness", "no"), share(&after, "loneliness", "no")), ((0, 1), (1, 1)));
    let standing = |found: &Value, group: &str, name: &str| {
        crate::small::cell(found, "trust", group)["standings"][name].as_u64().unwrap_or(0)
    };
    assert_eq!((standing(&before, "yes", "mixed"), standing(&after, "yes", "mixed")), (0, 1));
    assert_eq!((standing(&before, "no", "absent-only"), standing(&after, "no", "absent-only")), (0, 1));
    assert_eq!(after["footer"]["layer"]["decided"], 4);
    let shown = study.run(&["matrix", "--outcome", SECURE]).exits(0).stdout;
    assert!(shown.contains("disagreements decided 4."), "{shown}");
    // Both originals are kept, beside the final ones.
    let quotes = study.json(&["quotes", "--source", "P02_T1.txt", "--code", "trust"]);
    let mut origins: Vec<&str> = quotes.as_array().unwrap().iter().map(|row| row["origin"].as_str().unwrap()).collect();
    origins.sort_unstable();
    assert_eq!(origins, ["adjudicated", "by hand", "by hand", "by hand", "by hand"]);
    let memos = study.json(&["memo", "list"]);
    let on: Vec<&str> = memos.as_array().unwrap().iter().map(|memo| memo["on"].as_str().unwrap()).collect();
    assert_eq!(on.len(), 2);
    assert!(on.contains(&"code:loneliness") && on.contains(&"code:trust"));
    study.run(&["audit", "verify"]).exits(0);
    study.run_as("carla", &["undo"]).exits(0);
    assert!(disagreements(&study).iter().all(|row| row["final"].is_null()));
    study.run(&["matrix", "--outcome", SECURE]).exits(2);
    study.run_as("carla", &["redo"]).exits(0);
    assert_eq!(matrix(&study, "adjudicated")["rows"], after["rows"]);
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn agreement_before_and_after_the_decisions() {
    let study = two_coders();
    let alpha = |study: &Study, when: &str| {
        let found = study.json(&["agree"]);
        let pooled = found.as_array().unwrap().iter().find(|row| row["code"] == "all codes pooled").unwrap().clone();
        pooled[when].clone()
    };
    let before = alpha(&study, "alpha");
    assert_eq!(alpha(&study, "alpha after"), Value::Null);
    study.file("decisions.csv", resolutions(&study));
    study.run(&["review", "adjudicate", "--from", "decisions.csv"]).exits(0);
    assert_eq!(alpha(&study, "alpha"), before, "decisions do not change what the coders did");
    near(&alpha(&study, "alpha after"), 1.0);
}

#[test]
fn decisions_that_cannot_be_made_change_nothing() {
    let study = two_coders();
    let polarity = id_of(&study, "polarity");
    let refused = |args: &[&str]| {
        let mut all = vec!["review", "adjudicate"];
        all.extend(args);
        study.run(&all).exits(2).stderr.replace(&polarity, "D")
    };
    assert_snapshot!(refused(&["d-000000000000", "--final", "ann", "--reason", "oversight"]), @r"
    error: there is no disagreement `d-000000000000`
    hint: nothing was changed; `themata review disagreements` lists what is open, with ids
    ");
    assert_snapshot!(refused(&[&polarity, "--final", "zoe", "--reason", "oversight"]), @r"
    error: `zoe` is nothing that can be final in D: say nothing, ann, ben, the id of one of the codings, or code:ID
    hint: nothing was changed; `themata review disagreements` lists what is open, with ids
    ");
    assert_snapshot!(refused(&[&polarity, "--final", "code:hope", "--reason", "oversight"]), @r"
    error: `code:hope` names no code of the codebook, or no polarity
    hint: nothing was changed; `themata review disagreements` lists what is open, with ids
    ");
    assert_snapshot!(refused(&[&polarity, "--final", "ann", "--reason", "bad mood"]), @r"
    error: `bad mood` is no reason for a disagreement: oversight, definition, boundary, ambiguity
    hint: nothing was changed; `themata review disagreements` lists what is open, with ids
    ");
    study.file("bad.csv", format!("disagreement,final,reason\n{polarity},ann,oversight\n{polarity},ben,oversight\n"));
    assert_snapshot!(refused(&["--from", "bad.csv"]), @r"
    error: bad.csv: D is decided twice
    hint: `themata review disagreements --format csv` makes such a table: fill in its columns final and reason
    ");
    study.file("worse.csv", format!("disagreement,final,reason\n{polarity},ann,oversight\nd-x,ann,oversight\n"));
    assert_snapshot!(refused(&["--from", "worse.csv"]), @r"
    error: line 3: there is no disagreement `d-x`
    hint: nothing was changed; `themata review disagreements` lists what is open, with ids
    ");
    study.file("none.csv", "disagreement,reason\n");
    assert_snapshot!(refused(&["--from", "none.csv"]), @r"
    error: none.csv: the table has no column `final`
    hint: `themata review disagreements --format csv` makes such a table: fill in its columns final and reason
    ");
    assert!(disagreements(&study).iter().all(|row| row["final"].is_null()), "something went in");
}

#[test]
fn a_decision_can_be_changed_and_can_be_nothing() {
    let study = two_coders();
    let missed = id_of(&study, "missed");
    let decide = |what: &str| {
        study.run(&["review", "adjudicate", &missed, "--final", what, "--reason", "ambiguity"]).exits(0);
        disagreements(&study).into_iter().find(|row| row["disagreement"] == missed.as_str()).unwrap()["final"].clone()
    };
    assert_eq!(decide("ann"), "loneliness (present)");
    assert_eq!(decide("code:loneliness/reduced"), "loneliness (reduced)");
    assert_eq!(decide("nothing"), "nothing");
    let by_ann = study.json(&["quotes", "--source", "P05_T1.txt", "--by", "ann", "--code", "loneliness"]);
    let coding = by_ann[0]["coding"].as_str().unwrap();
    study.run_as("ann", &["code", "recode", coding, "--polarity", "reduced"]).exits(0);
    assert!(disagreements(&study).iter().all(|row| row["final"].is_null()), "what was recoded is not open again");
    study.run_as("ann", &["undo"]).exits(0);
    let quotes = study.json(&["quotes", "--source", "P05_T1.txt"]);
    assert!(quotes.as_array().unwrap().iter().all(|row| row["origin"] != "adjudicated"), "an old decision stayed");
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn a_sign_off_waits_for_decisions_and_sees_changes() {
    let study = two_coders();
    assert_snapshot!(study.run(&["review", "sign-off", "--source", "P02_T1.txt"]).exits(2).stderr, @r"
    error: P02_T1.txt has 1 disagreement that nobody has decided
    hint: `themata review disagreements` lists them, `themata review adjudicate` decides
    ");
    study.run(&["review", "sign-off", "--source", "P01_T1.txt"]).exits(0);
    study.file("decisions.csv", resolutions(&study));
    study.run(&["review", "adjudicate", "--from", "decisions.csv"]).exits(0);
    study.run(&["review", "sign-off", "--source", "P05_T1.txt"]).exits(0);
    study.run(&["review", "sign-off", "--code", "trust"]).exits(0);
    let coding =
        study.json(&["quotes", "--source", "P02_T1.txt", "--by", "ann"])[0]["coding"].as_str().unwrap().to_owned();
    study.run_as("ann", &["code", "recode", &coding, "--polarity", "ambivalent"]).exits(0);
    assert_snapshot!(study.run(&["review", "status"]).exits(0).stdout, @r"
    source      read by   codings       disagreements decided  open  signed off
    ──────────  ────────  ────────────  ─────────────────────  ────  ─────────────────────
    P01_T0.txt  nobody                                      0     0
    P01_T1.txt  ann; ben  ann 2, ben 2                      1     0  tester, changed since
    P02_T1.txt  ann; ben  ann 2, ben 2                      1     1
    P03_T1.vtt  nobody                                      0     0
    P04_T1.vtt  nobody                                      0     0
    P05_T1.txt  ann; ben  ann 2, ben 1                      2     0  tester
    P06_T1.csv  nobody                                      0     0
    P07_T1.txt  nobody                                      0     0
    P08_T1.txt  nobody                                      0     0
    P10_T1.txt  nobody                                      0     0
    Code trust: signed off by tester, changed since.
    ");
    study.run(&["review", "sign-off", "--source", "P99.txt"]).exits(2);
}

#[test]
fn an_audit_of_coded_excerpts() {
    let study = small();
    let id = study
        .run(&["review", "sample", "--by", "code", "--size", "12", "--seed", "3"])
        .exits(0)
        .stdout
        .trim()
        .to_owned();
    let sheet = study.json(&["review", "sheet"]);
    let sheet = sheet.as_array().unwrap();
    // 21 codings: trust 11, loneliness 5, support 5; of 12: 6.29, 2.86, 2.86.
    let of = |code: &str| sheet.iter().filter(|row| row["code"] == code).count();
    assert_eq!((of("trust"), of("loneliness"), of("support")), (6, 3, 3));
    let verdicts: String = sheet
        .iter()
        .map(|row| format!("{},{}\n", row["number"], if row["code"] == "support" { "wrong" } else { "right" }))
        .collect();
    study.file("verdicts.csv", format!("number,verdict\n{verdicts}"));
    study.run(&["review", "verdict", &id, "--from", "verdicts.csv"]).exits(0);
    assert_snapshot!(study.run(&["review", "audit", &id]).exits(0).stdout.replace(&id, "ID"), @r"
    Sample ID: coded excerpts, strata by code, seed 3, drawn by tester
    stratum                excerpts  drawn  judged  wrong  error rate
    ─────────────────────  ────────  ─────  ──────  ─────  ─────────────────────
    loneliness                    5      3       3      0  0.0 % [0.0, 56.1]
    support                       5      3       3      3  100.0 % [43.9, 100.0]
    trust                        11      6       6      0  0.0 % [0.0, 39.0]
    all, weighted by size        21     12      12      3  23.8 % [8.2, 52.1]
    Shares with their 95 % intervals (Wilson; for all strata together at the effective sample size, without credit for how much was drawn).
    ");
    study.run_as("second", &["review", "verdict", &id, "1", "unclear"]).exits(0);
    let shown = study.run(&["review", "audit"]).exits(0).stdout;
    assert!(shown.contains("auditors differ: 1."), "{shown}");
    study.run(&["audit", "verify"]).exits(0);
    assert_snapshot!(study.run(&["review", "verdict", &id, "13", "right"]).exits(2).stderr, @r"error: the sample has excerpts 1 to 12, and no 13");
    assert_snapshot!(study.run(&["review", "verdict", &id, "1", "good"]).exits(2).stderr, @r"
    error: `good` is no verdict
    hint: right, wrong, unclear; missed for a turn that has the code
    ");
    assert_snapshot!(study.run(&["review", "sample", "--by", "colour"]).exits(2).stderr, @r"
    error: `colour` makes no strata
    hint: all, code, coder, origin, rule, polarity, confidence, wave, or outcome:NAME such as outcome:attachment.T1=secure
    ");
    assert_snapshot!(study.run(&["review", "audit", "a-1"]).exits(2).stderr.replace(&id, "ID"), @r"
    error: there is no sample `a-1`
    hint: there are: ID
    ");
    // Verdicts lean on the sample.
    study.run(&["undo"]).exits(0);
    study.run(&["undo"]).exits(2);
}

#[test]
fn an_audit_of_what_was_missed() {
    let mut codes = ["n/a"; 40];
    codes[..8].fill("trust");
    let study = coded_by(&[("ann", &codes)]);
    let id = study.run(&["review", "sample", "--uncoded", "trust", "--size", "16"]).exits(0).stdout.trim().to_owned();
    let verdicts: String = (1..=16).map(|k| format!("{k},{}\n", if k < 3 { "missed" } else { "right" })).collect();
    study.file("verdicts.csv", format!("number,verdict\n{verdicts}"));
    study.run(&["review", "verdict", &id, "--from", "verdicts.csv"]).exits(0);
    // 2 of 16 missed, of 32 turns: 4 more, so 8 of 12. Wilson of 2 in 16: .0350 to .3602, so recall .410 to .877.
    assert_snapshot!(study.run(&["review", "audit", &id]).exits(0).stdout.replace(&id, "ID"), @r"
    Sample ID: turns without the code, code trust, strata by all, seed 1, drawn by tester
    stratum  turns without  drawn  judged  missed  missed share        turns with  recall
    ───────  ─────────────  ─────  ──────  ──────  ──────────────────  ──────────  ───────────────────
    all                 32     16      16       2  12.5 % [3.5, 36.0]           8  66.7 % [41.0, 87.7]
    Shares with their 95 % intervals (Wilson; for all strata together at the effective sample size, without credit for how much was drawn).
    Recall: turns with the code, of these and the estimated missed ones. It takes the codings for right; an audit of coded excerpts shows whether they are.
    ");
    assert_snapshot!(study.run(&["review", "sample", "--uncoded", "hope"]).exits(2).stderr, @r"
    error: the codebook has no code `hope`
    hint: `themata codebook show` lists them
    ");
}

#[test]
fn strata_by_outcome_and_by_rule() {
    let study = uncoded();
    study.run(&["code", "accept", "--code", "trust,loneliness", "--yes"]).exits(0);
    study.run(&["code", "cover", "--all"]).exits(0);
    let strata = |by: &str| {
        study.run(&["review", "sample", "--by", by, "--each", "2"]).exits(0);
        let audit = study.json(&["review", "audit"]);
        let names = audit.as_array().unwrap().iter().map(|row| row["stratum"].as_str().unwrap().to_owned());
        names.filter(|name| !name.starts_with("all,")).collect::<Vec<String>>()
    };
    assert_eq!(strata("outcome:attachment.T1=secure"), ["insecure", "no outcome", "secure"]);
    assert_eq!(strata("rule"), ["alone", "lonely", "trust*"]);
    assert_eq!(strata("origin"), ["accepted in bulk"]);
    study.run(&["review", "sample", "--by", "outcome:wellbeing.T1"]).exits(2);
}

#[test]
fn strata_by_how_sure_the_coders_were() {
    let study = uncoded();
    let add = |quotation: &str, confidence: &[&str]| {
        let mut args = vec!["code", "add", "P01_T1.txt", quotation, "--code", "trust"];
        args.extend(confidence);
        study.run(&args).exits(0).stdout.trim().to_owned()
    };
    add("I trust her with my papers.", &["--confidence", "sure"]);
    let doubted = add("She counts them in front of me.", &["--confidence", "unsure"]);
    let unsaid = add("I was never alone that week.", &[]);
    study
        .run(&["code", "accept", "--code", "loneliness", "--in", "P05_T1.txt", "--confidence", "sure", "--yes"])
        .exits(0);
    study.run(&["code", "cover", "--all"]).exits(0);
    let quotes = || study.json(&["quotes", "--source", "P01_T1.txt"]);
    let said = |quotes: &Value| -> Vec<Option<String>> {
        let rows = quotes.as_array().unwrap().iter();
        rows.map(|row| row["confidence"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(said(&quotes()), [Some("sure".to_owned()), Some("unsure".to_owned()), None]);
    let sample = study.run(&["review", "sample", "--by", "confidence", "--size", "2"]).exits(0);
    assert!(
        sample.stderr.contains("more than the 2 asked for: of every stratum at least two are drawn, because one alone"),
        "{}",
        sample.stderr
    );
    let audit = study.json(&["review", "audit"]);
    let strata: Vec<(&str, u64)> = audit
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["stratum"].as_str().unwrap(), row["excerpts"].as_u64().unwrap()))
        .collect();
    assert_eq!(strata, [("not said", 1), ("sure", 2), ("unsure", 1), ("all, weighted by size", 4)]);
    study.run(&["code", "recode", &doubted, "--confidence", "sure"]).exits(0);
    assert_eq!(said(&quotes())[1].as_deref(), Some("sure"));
    // Whoever said nothing keeps what was said; a listing without a word of it has no column for it.
    study.run(&["code", "recode", &unsaid, "--note", "x"]).exits(0);
    assert_eq!(said(&quotes())[2], None);
    assert!(!study.run(&["quotes", "--source", "P02_T1.txt"]).exits(0).stdout.contains("confidence"));
    assert_snapshot!(study.run(&["code", "recode", &unsaid, "--confidence", "quite"]).exits(2).stderr, @"error: `quite` does not say how sure you are: sure or unsure");
    let table = "source,coder,code,quote,confidence\nP02_T1.txt,ann,trust,I do not trust the night staff.,unsure\nP02_T1.txt,ann,trust,Now there is always noise.,perhaps\n";
    study.file("sure.csv", table);
    assert_snapshot!(study.run(&["import", "sure.csv", "--as", "reference"]).exits(1).stderr, @r"
    error: sure.csv, line 3: `perhaps` is not one of sure, unsure
    imported 1 coding
    1 participant of the tables speaks in no source: P09
    1 problem, listed above; everything else went in
    ");
    assert_eq!(said(&study.json(&["quotes", "--by", "ann"])), [Some("unsure".to_owned())]);
}

#[test]
fn the_seed_of_the_study_is_what_is_drawn_with() {
    let study = two_coders();
    study.run(&["settings", "set", "seed", "7"]).exits(0);
    let agree = |args: &[&str]| {
        let mut all = vec!["agree", "--draws", "100"];
        all.extend(args);
        study.run(&all).exits(0).stdout
    };
    assert!(agree(&[]).contains("100 draws, seed 7."));
    assert!(agree(&["--unit", "spans"]).contains("100 draws, seed 7."));
    assert!(agree(&["--seed", "3"]).contains("100 draws, seed 3."));
    assert_eq!(study.json(&["agree", "--draws", "100"])[0]["seed"], 7);
    let drawn = study.run(&["review", "sample", "--uncoded", "trust"]).exits(0);
    assert!(drawn.stderr.contains("seed 7"), "{}", drawn.stderr);
    let settings = std::fs::read_to_string(study.path().join("themata.toml")).unwrap();
    assert!(settings.contains("\nseed = 7\n"), "{settings}");
    study.run(&["settings", "set", "seed", "luck"]).exits(2);
}

#[test]
fn coders_who_are_blind_see_only_their_own_work() {
    let study = two_coders();
    study.run_as("ann", &["memo", "add", "The night staff again.", "--on", "code:trust"]).exits(0);
    study.file("themata.toml", "name = \"small\"\nblind = [\"coders\", \"wave\", \"group\", \"scores\"]\n");
    study.run(&["settings", "apply"]).exits(0);
    study.run(&["settings", "set", "reviewers", "carla"]).exits(0);
    let ben = |args: &[&str]| study.run_as("ben", args);
    let quotes = ben(&["quotes", "--format", "csv"]).exits(0).stdout;
    assert!(!quotes.contains(",ann,") && quotes.contains(",ben,") && !quotes.contains(",T1,"), "{quotes}");
    assert_snapshot!(ben(&["memo", "list"]).exits(0).stdout, @r#"
    id  written  author  kind  on
    ──  ───────  ──────  ────  ──
    no memos yet: `themata memo add "..." --on source:NAME` writes one
    Kept from ben by the settings of the study: the work of other coders.
    "#);
    assert_snapshot!(ben(&["participant"]).exits(0).stdout, @r"
    participant  sources
    ───────────  ───────
    P01                2
    P02                1
    P03                1
    P04                1
    P05                1
    P06                1
    P07                1
    P08                1
    P09                0
    P10                1
    Kept from ben by the settings of the study: attributes.
    ");
    assert_snapshot!(ben(&["agree"]).exits(2).stderr, @r#"
    error: this study keeps the work of other coders from its coders, and this shows it
    hint: `themata settings set reviewers NAME` lets somebody see everything
    hint: when the coding is done, `themata settings set blind ""` takes it off; the log shows when
    "#);
    assert_snapshot!(ben(&["review", "disagreements"]).exits(2).stderr, @r#"
    error: this study keeps the work of other coders from its coders, and this shows it
    hint: `themata settings set reviewers NAME` lets somebody see everything
    hint: when the coding is done, `themata settings set blind ""` takes it off; the log shows when
    "#);
    assert_snapshot!(ben(&["search", "trust* AND wave:T1"]).exits(2).stderr, @r#"
    error: this study keeps waves from its coders, and this query asks for them
    hint: `themata settings set reviewers NAME` lets somebody see everything
    hint: when the coding is done, `themata settings set blind ""` takes it off; the log shows when
    "#);
    assert_snapshot!(ben(&["matrix", "--outcome", SECURE]).exits(2).stderr, @r#"
    error: this study keeps the work of other coders, scores, attributes and waves from its coders, and a matrix shows them
    hint: `themata settings set reviewers NAME` lets somebody see everything
    hint: when the coding is done, `themata settings set blind ""` takes it off; the log shows when
    "#);
    assert!(!ben(&["search", "coder:ann"]).exits(0).stdout.contains("night staff"));
    assert!(!ben(&["log"]).exits(0).stdout.contains("ann"));
    assert_eq!(study.json(&["codebook", "show"]).as_array().unwrap().len(), 3);
    let of_ann = study.run_as("carla", &["quotes", "--by", "ann", "--format", "json"]).exits(0).stdout;
    let of_ann: Value = serde_json::from_str(&of_ann).unwrap();
    let hers = of_ann[0]["coding"].as_str().unwrap();
    ben(&["code", "recode", hers, "--polarity", "absent"]).exits(2);
    ben(&["code", "remove", hers]).exits(2);
    // What could be seen is kept with each coding, and the matrix says it.
    ben(&["code", "add", "P05_T1.txt", "Nobody helps me with the court.", "--code", "support", "--polarity", "absent"])
        .exits(0);
    study.run_as("carla", &["agree"]).exits(0);
    study.run(&["settings", "set", "blind", ""]).exits(0);
    let shown = study.run(&["matrix", "--outcome", SECURE, "--layer", "coder:ben"]).exits(0).stdout;
    assert!(shown.contains("coded here with the outcome visible: 5 of 6"), "{shown}");
}

#[test]
fn a_second_round_of_the_same_coder_shows_drift_and_is_not_counted() {
    let study = two_coders();
    let before = study.run(&["matrix", "--outcome", SECURE, "--layer", "coder:ann"]).exits(0).stdout;
    let again = |args: &[&str]| {
        let mut all = vec!["--round", "2"];
        all.extend(args);
        study.run_as("ann", &all).exits(0)
    };
    again(&["code", "add", "P01_T1.txt", "I trust her with my papers.", "--code", "trust"]);
    again(&["code", "cover", "P01_T1.txt"]);
    let found = study.json(&["agree", "--coders", "ann,ann#2"]);
    let row = |code: &str| found.as_array().unwrap().iter().find(|row| row["code"] == code).unwrap().clone();
    // Two sentences of P01 say trust and support; in the second round ann left the support out.
    assert_eq!(row("trust")["both"], 1);
    assert_eq!((&row("support")["only ann"], &row("support")["both"]), (&1.into(), &0.into()));
    let without_head =
        |text: &str| text.lines().filter(|line| !line.contains("operation")).map(str::to_owned).collect::<Vec<_>>();
    let after = study.run(&["matrix", "--outcome", SECURE, "--layer", "coder:ann"]).exits(0).stdout;
    assert_eq!(without_head(&after), without_head(&before));
    assert_eq!(disagreements(&study).len(), 4);
    assert!(study.json(&["quotes", "--by", "ann#2"]).as_array().unwrap().len() == 1);
    study.run(&["--round", "0", "quotes"]).exits(2);
}

#[test]
fn a_study_can_name_its_coder() {
    let study = uncoded();
    study.run(&["settings", "set", "coder", "dora"]).exits(0);
    let plain = |args: &[&str]| {
        let output = study.command("tester", args).env_remove("THEMATA_CODER").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    plain(&["code", "add", "P01_T1.txt", "I trust her with my papers.", "--code", "trust"]);
    plain(&["--coder", "ed", "code", "add", "P01_T1.txt", "She came when my father died.", "--code", "support"]);
    let quotes = study.json(&["quotes"]);
    let coders: Vec<&str> = quotes.as_array().unwrap().iter().map(|row| row["coder"].as_str().unwrap()).collect();
    assert_eq!(coders, ["dora", "ed"]);
}

#[test]
fn what_reviewers_left_on_an_erased_persons_words_goes_too() {
    let study = two_coders();
    let polarity = id_of(&study, "polarity");
    study
        .run(&["review", "adjudicate", &polarity, "--final", "ann", "--reason", "oversight", "--note", "the gruff one"])
        .exits(0);
    let id = study.run(&["review", "sample", "--size", "9"]).exits(0).stdout.trim().to_owned();
    let all: Value = study.json(&["review", "sheet"]);
    let of_p02 = |row: &&Value| row["source"] == "P02_T1.txt";
    let theirs = all.as_array().unwrap().iter().filter(of_p02).count();
    assert!(theirs > 0, "{all:#}");
    for row in all.as_array().unwrap() {
        study.run(&["review", "verdict", &id, &row["number"].to_string(), "right", "--note", "heard it"]).exits(0);
    }
    study.run(&["participant", "withdraw", "P02"]).exits(0);
    let sheet = study.run(&["review", "sheet"]).exits(0).stdout;
    assert!(sheet.contains(&format!("{theirs} left out, because of a withdrawal")), "{sheet}");
    let erased = study.run(&["participant", "withdraw", "P02", "--erase", "--yes"]);
    assert!(erased.code < 2, "{}", erased.shown());
    study.run(&["audit", "verify"]).exits(0);
    let (audit, left) = (study.json(&["review", "audit"]), all.as_array().unwrap().len() - theirs);
    assert_eq!(audit[0]["judged"], left);
    let database = std::fs::read(study.path().join("study.db")).unwrap();
    let gruff = database.windows(13).any(|window| window == b"the gruff one");
    assert!(!gruff, "the note on an erased person's words is still in the file");
    assert!(disagreements(&study).iter().all(|row| row["source"] != "P02_T1.txt"));
}
