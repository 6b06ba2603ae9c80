//! `agree`: how far coders agree. The numbers are the reliability toy of the domain notes, worked out by hand and with
//! SciPy, irrCAC and the Python package krippendorff.

use crate::harness::Study;
use crate::review::two_coders;
use crate::small::near;
use insta::assert_snapshot;
use serde_json::Value;

/// What three coders gave to twelve turns; the third has not read the sixth.
const GIVEN: [(&str, [&str; 12]); 3] = [
    ("ann", ["trust", "trust", "trust", "n/a", "n/a", "n/a", "n/a", "n/a", "trust", "n/a", "n/a", "n/a"]),
    ("ben", ["trust", "trust", "n/a", "n/a", "n/a", "n/a", "trust", "n/a", "trust", "n/a", "n/a", "n/a"]),
    ("cem", ["trust", "trust", "trust", "n/a", "n/a", "", "n/a", "n/a", "trust", "n/a", "n/a", "trust"]),
];

/// A study with one interview of as many turns as there are codes, coded by these coders.
pub fn coded_by(given: &[(&str, &[&str])]) -> Study {
    let study = Study::new();
    let turns = given.first().map_or(0, |(_, codes)| codes.len());
    let mut text = String::from("speaker,text\n");
    (1..=turns).for_each(|k| text.push_str(&format!("P01,We walked {k} times to the river.\n")));
    study.file("walk.csv", text);
    let mut codings = String::from("source,coder,turn,code\n");
    for (coder, codes) in given {
        for (k, code) in codes.iter().enumerate() {
            codings.push_str(&format!("walk.csv,{coder},{},{code}\n", k + 1));
        }
    }
    study.file("codings.csv", codings);
    study.run(&["import", "walk.csv", "--columns", "speaker=speaker,text=text"]).exits(0);
    study.run(&["import", "codings.csv", "--as", "reference"]).exits(0);
    study
}

/// The toy with its first coders.
pub fn toy(coders: usize) -> Study {
    let given: Vec<(&str, &[&str])> = GIVEN.iter().take(coders).map(|(coder, codes)| (*coder, &codes[..])).collect();
    coded_by(&given)
}

fn row<'a>(found: &'a Value, code: &str) -> &'a Value {
    let rows = found.as_array().unwrap();
    rows.iter().find(|row| row["code"] == code).unwrap_or_else(|| panic!("no {code} in {found:#}"))
}

#[test]
fn two_coders_as_published() {
    let study = toy(2);
    let found = study.json(&["agree", "--unit", "turn"]);
    let trust = row(&found, "trust");
    let counts = ["both", "only ann", "only ben", "neither"].map(|name| trust[name].as_u64().unwrap());
    assert_eq!(counts, [3, 1, 1, 7]);
    for (name, wanted) in [
        ("agreement", 10.0 / 12.0),
        ("kappa", 0.625),
        ("alpha", 0.640_625),
        ("AC1", 0.7),
        ("PABAK", 2.0 / 3.0),
        ("positive", 0.75),
        ("negative", 0.875),
        ("prevalence index", 4.0 / 12.0),
        ("bias index", 0.0),
    ] {
        near(&trust[name], wanted);
    }
    for (low, high) in [("alpha low", "alpha high"), ("kappa low", "kappa high")] {
        let (low, high) = (trust[low].as_f64().unwrap(), trust[high].as_f64().unwrap());
        assert!(low < 0.625 && 0.640_625 < high && high <= 1.0, "{low} {high}");
    }
    // One source only: nothing to draw whole sources from.
    assert_eq!(trust["alpha low over sources"], Value::Null);
    // A seed repeats the draws.
    assert_eq!(found, study.json(&["agree", "--unit", "turn"]));
    assert_ne!(found, study.json(&["agree", "--unit", "turn", "--seed", "2"]));
}

#[test]
fn a_third_coder_who_left_a_turn_out() {
    let study = toy(3);
    let found = study.json(&["agree", "--unit", "turn"]);
    let trust = row(&found, "trust");
    near(&trust["alpha"], 0.643_356_643_356_643_4);
    assert_eq!((&trust["rated by cem"], &trust["units"]), (&11.into(), &12.into()));
    // Of two of them, what the third did is of no account.
    near(&row(&study.json(&["agree", "--unit", "turn", "--coders", "ann,ben"]), "trust")["alpha"], 0.640_625);
}

#[test]
fn a_rare_code_and_one_that_nobody_gave() {
    let mut first = ["n/a"; 40];
    let mut second = ["n/a"; 40];
    (first[3], second[30]) = ("trust", "trust");
    let study = coded_by(&[("ann", &first), ("ben", &second)]);
    let found = study.json(&["agree", "--unit", "turn"]);
    let trust = row(&found, "trust");
    near(&trust["agreement"], 0.95);
    near(&trust["kappa"], -1.0 / 39.0);
    // 1 - 79 x 4 / (2 x 2 x 78), as a share of 80 ratings.
    near(&trust["alpha"], -1.0 / 78.0);
    // 1 - .05 / (1 - 2 x .025 x .975).
    near(&trust["AC1"], (0.95 - 0.048_75) / (1.0 - 0.048_75));
    let shown = study.run(&["agree", "--unit", "turn"]).exits(0).stdout;
    assert!(shown.contains("Rare (fewer than 5 turns, or less than 5 % of them): trust."), "{shown}");
    study.file("codebook.toml", "name = \"two\"\n[codes.trust]\nlabel = \"Trust\"\n[codes.hope]\nlabel = \"Hope\"\n");
    study.run(&["import", "codebook.toml"]).exits(0);
    study.run_as("ann", &["code", "cover", "--all"]).exits(0);
    study.run_as("ben", &["code", "cover", "--all"]).exits(0);
    let hope = study.json(&["agree", "--unit", "turn", "--code", "hope"]);
    let hope = row(&hope, "hope");
    for name in ["kappa", "alpha"] {
        assert_eq!(hope[name], Value::Null, "{name} of a code that nobody gave must not be a number");
    }
    assert_eq!(hope["why not"], "not computable: the rating does not vary");
}

/// Both, only ann, only ben, neither.
fn counts(found: &Value, code: &str) -> [u64; 4] {
    ["both", "only ann", "only ben", "neither"].map(|name| row(found, code)[name].as_u64().unwrap())
}

#[test]
fn every_kind_of_unit_counted_by_hand() {
    let study = two_coders();
    let of = |unit: &str| study.json(&["agree", "--unit", unit, "--draws", "100"]);
    // Eleven sentences in six turns of three people, who say 25, 29 and 20 words.
    let sentences = of("sentence");
    assert_eq!(counts(&sentences, "trust"), [3, 1, 0, 7]);
    assert_eq!(counts(&sentences, "support"), [1, 0, 1, 9]);
    assert_eq!(counts(&sentences, "loneliness"), [0, 1, 1, 9]);
    assert_eq!(counts(&of("turn"), "trust"), [2, 1, 0, 3]);
    assert_eq!(counts(&of("source"), "trust"), [2, 1, 0, 0]);
    assert_eq!(counts(&of("participant"), "trust"), [2, 1, 0, 0]);
    // 6, 8 and 7 words that both marked; 8 that only ann did.
    assert_eq!(counts(&of("word"), "trust"), [21, 8, 0, 45]);
    // 27, 37 and 31 characters, and 37.
    let characters = counts(&of("character"), "trust");
    assert_eq!(characters[..3], [95, 37, 0]);
    // P01 says 117 characters in two turns, P02 and P05 131 and 92.
    assert_eq!(characters.iter().sum::<u64>(), 340);
}

#[test]
fn polarities_are_compared_as_names() {
    let found = two_coders().json(&["agree", "--what", "polarity", "--code", "trust"]);
    let trust = row(&found, "trust");
    near(&trust["agreement"], 9.0 / 11.0);
    // ann: 7 without, 2 present, 2 absent; ben: 8 and 3. Chance (7 x 8 + 2 x 3) / 121.
    near(&trust["kappa"], 37.0 / 59.0);
}

#[test]
fn own_spans_are_matched_by_what_they_share() {
    let study = two_coders();
    let matched = |overlap: &str| {
        let found = study.json(&["agree", "--unit", "spans", "--overlap", overlap, "--draws", "100"]);
        ["loneliness", "support", "trust"].map(|code| row(&found, code)["matched"].as_u64().unwrap())
    };
    // ann's 29 characters of support are half of ben's 58.
    assert_eq!(matched("50"), [0, 1, 3]);
    assert_eq!(matched("51"), [0, 0, 3]);
    let found = study.json(&["agree", "--unit", "spans", "--draws", "100"]);
    near(&row(&found, "trust")["positive agreement"], 6.0 / 7.0);
    assert_eq!(row(&found, "trust")["same polarity"], 2);
}

#[test]
fn own_spans_of_three_are_compared_two_by_two() {
    let study = two_coders();
    let everything = [
        ("P01_T1.txt", "I trust her with my papers."),
        ("P02_T1.txt", "I trust the man who runs the kitchen."),
        ("P02_T1.txt", "I do not trust the night staff."),
        ("P05_T1.txt", "I do not trust anybody in this place."),
    ];
    for (source, quotation) in everything {
        study.run_as("cem", &["code", "add", source, quotation, "--code", "trust"]).exits(0);
    }
    study.run_as("cem", &["code", "cover", "P01_T1.txt", "P02_T1.txt", "P05_T1.txt"]).exits(0);
    let args = ["agree", "--unit", "spans", "--code", "trust", "--draws", "100"];
    let found = study.json(&args);
    // ann and cem mark the same four, ben three of them: 8/8, 6/7 and 6/7.
    let of = |coders: &str| found.as_array().unwrap().iter().find(|row| row["coders"] == coders).unwrap().clone();
    near(&of("ann, ben")["positive agreement"], 6.0 / 7.0);
    near(&of("ann, cem")["positive agreement"], 1.0);
    near(&of("ben, cem")["positive agreement"], 6.0 / 7.0);
    near(&of("mean of all pairs")["positive agreement"], (1.0 + 12.0 / 7.0) / 3.0);
    let page = study.run(&args).exits(0).stdout;
    assert!(page.contains("Mean of all pairs: every two coders count alike"), "{page}");
}

#[test]
fn several_codes_at_once_are_sets() {
    let study =
        coded_by(&[("ann", &["trust;hope", "trust", "hope", "n/a"]), ("ben", &["trust", "trust", "hope", "n/a"])]);
    let found = study.json(&["agree", "--unit", "turn", "--draws", "100"]);
    // Eight sets: one of both, three of trust, two of hope, two empty. Observed 1/8, expected 41/56 (Jaccard); 4/3/8 and
    // 128/3/56 (MASI).
    near(&row(&found, "sets of codes (Jaccard)")["alpha"], 1.0 - (1.0 / 8.0) / (41.0 / 56.0));
    near(&row(&found, "sets of codes (MASI)")["alpha"], 0.781_25);
    near(&row(&found, "sets of codes (MASI)")["agreement"], 0.75);
    near(&row(&found, "all codes pooled")["agreement"], 7.0 / 8.0);
    assert!(found.as_array().unwrap().iter().all(|row| row["code"] != "which code, or none"));
}

#[test]
fn the_page_that_people_read() {
    let study = toy(2);
    assert_snapshot!(study.run(&["agree", "--unit", "turn"]).exits(0).stdout, @r"
    ann, ben over the turns of 1 source: presence of each code
    code   turns  given by ann  given by ben  both  only ann  only ben  neither  prevalence index  bias index
    ─────  ─────  ────────────  ────────────  ────  ────────  ────────  ───────  ────────────────  ──────────
    trust     12  4 of 12       4 of 12          3         1         1        7              0.33        0.00

    Agreement [95 % interval, units drawn]
    code   agreement           Cohen's kappa       alpha                AC1                 PABAK               alpha, sources drawn  positive  negative
    ─────  ──────────────────  ──────────────────  ───────────────────  ──────────────────  ──────────────────  ────────────────────  ────────  ────────
    trust  0.833 [0.58, 1.00]  0.625 [0.00, 1.00]  0.641 [-0.05, 1.00]  0.700 [0.22, 1.00]  0.667 [0.17, 1.00]  (none)                    0.75      0.88

    Rare (fewer than 5 turns, or less than 5 % of them): trust. There kappa and alpha swing with single units: read AC1, and positive agreement.
    Pooled over 1 code that somebody gave: a codebook's unused codes would make it look better.
    Intervals: bootstrap, 2000 draws, seed 1. What stands in one source hangs together: with several sources, trust the interval that draws them. Krippendorff asks for an alpha of .800, and takes .667 for tentative conclusions.
    ");
}

#[test]
fn who_cannot_be_compared() {
    let study = Study::new();
    let refused = |study: &Study, args: &[&str]| study.run(args).exits(2).stderr;
    assert_snapshot!(refused(&study, &["agree"]), @r"
    error: nobody has recorded having read a source, so there is nothing to compare
    hint: a coder who has read sources says so: `themata --coder NAME code cover SOURCE...`
    hint: codings made elsewhere come in with `themata --coder NAME import FILE.csv --as reference`
    ");
    let study = toy(1);
    assert_snapshot!(refused(&study, &["agree"]), @r"
    error: ann is the only coder who has recorded having read a source; agreement needs two
    hint: a coder who has read sources says so: `themata --coder NAME code cover SOURCE...`
    hint: codings made elsewhere come in with `themata --coder NAME import FILE.csv --as reference`
    ");
    assert_snapshot!(refused(&study, &["agree", "--coders", "ann,bob"]), @r"error: coder `bob` has recorded having read no source; those who have: ann");
    let study = toy(2);
    assert_snapshot!(refused(&study, &["agree", "--coders", "ann,ann"]), @r"error: `ann` is named twice");
    assert_snapshot!(refused(&study, &["agree", "--coders", "ann"]), @r"
    error: ann is the only coder who has recorded having read a source; agreement needs two
    hint: a coder who has read sources says so: `themata --coder NAME code cover SOURCE...`
    hint: codings made elsewhere come in with `themata --coder NAME import FILE.csv --as reference`
    ");
    assert_snapshot!(refused(&study, &["agree", "--code", "hope"]), @r"
    error: the codebook has no code `hope`
    hint: `themata codebook show` lists them
    ");
    assert_snapshot!(refused(&study, &["agree", "--weights", "linear"]), @r"
    error: weights need an order, and presence and polarity have none
    hint: `--what count --weights linear` weighs how often a code was given
    ");
    study.file("other.txt", "Interviewer: Well?\nP02: It rained.\n");
    study.run(&["import", "other.txt"]).exits(0);
    study.run_as("dora", &["code", "cover", "other.txt"]).exits(0);
    assert_snapshot!(refused(&study, &["agree", "--coders", "ann,dora"]), @r"
    error: ann and dora have read no source in common: sources read: ann 1, dora 1
    hint: `themata review status` shows who has read what; `themata code cover` records it
    ");
    assert_snapshot!(refused(&study, &["agree", "--in", "other.txt"]), @r"
    error: ann, ben and dora have read no source in common among those named: sources read: ann 1, ben 1, dora 1
    hint: `themata review status` shows who has read what; `themata code cover` records it
    ");
}
