//! Plans, adjustments and the other views of `matrix`, on a study of 24 people whose figures were computed apart with
//! SciPy 1.17 and statsmodels 0.15 (CR2 with numpy, after Bell and McCaffrey 2002).

use crate::harness::Study;
use crate::small::{cell, near, row_of, share, small, uncoded};
use serde_json::{Value, json};
use std::fmt::Write as _;

type Person = (&'static str, &'static str, bool, bool, f64, f64, &'static str, &'static str, &'static str);

/// id, worker, says trust, says support, well-being first and then, attachment then, its class, attachment first.
const PEOPLE: [Person; 24] = [
    ("P01", "A", false, true, 3.7, 4.5, "secure", "secure", "insecure"),
    ("P02", "B", false, false, 2.6, 2.5, "insecure", "fearful", "insecure"),
    ("P03", "C", false, true, 3.1, 3.6, "secure", "secure", "insecure"),
    ("P04", "D", true, false, 3.6, 5.0, "insecure", "fearful", "secure"),
    ("P05", "A", false, true, 2.3, 2.8, "insecure", "fearful", "insecure"),
    ("P06", "B", true, true, 2.7, 3.4, "secure", "secure", "secure"),
    ("P07", "C", false, true, 4.3, 4.0, "insecure", "fearful", "insecure"),
    ("P08", "D", true, true, 4.3, 5.2, "secure", "secure", "secure"),
    ("P09", "A", false, false, 3.4, 3.5, "insecure", "fearful", "secure"),
    ("P10", "B", true, false, 3.2, 3.2, "insecure", "fearful", "insecure"),
    ("P11", "C", true, true, 2.7, 3.3, "secure", "secure", "insecure"),
    ("P12", "D", false, true, 3.0, 3.5, "insecure", "fearful", "insecure"),
    ("P13", "A", false, false, 2.8, 3.3, "secure", "secure", "secure"),
    ("P14", "B", true, false, 3.2, 3.8, "secure", "secure", "secure"),
    ("P15", "C", false, true, 3.4, 3.5, "insecure", "preoccupied", "secure"),
    ("P16", "D", true, false, 4.7, 5.0, "secure", "secure", "insecure"),
    ("P17", "A", false, false, 2.9, 3.1, "secure", "secure", "insecure"),
    ("P18", "B", true, true, 2.9, 3.8, "secure", "secure", "insecure"),
    ("P19", "C", false, false, 3.5, 3.8, "insecure", "fearful", "secure"),
    ("P20", "D", true, true, 3.9, 5.1, "secure", "secure", "secure"),
    ("P21", "A", false, true, 3.9, 4.0, "insecure", "fearful", "secure"),
    ("P22", "B", false, true, 3.9, 4.6, "insecure", "preoccupied", "insecure"),
    ("P23", "C", true, true, 3.1, 3.5, "secure", "secure", "insecure"),
    ("P24", "D", true, false, 4.7, 5.4, "secure", "secure", "secure"),
];

const SECURE: &str = "attachment.T1=secure";

/// The study: one turn of a transcript a person, coded in the table.
pub fn people() -> Study {
    let study = Study::new();
    let mut table = String::from("id,worker,wellbeing.T0,wellbeing.T1,attachment.T0,attachment.T1,style.T1\n");
    let mut turns = String::from("source,speaker,text,codes\n");
    for (id, worker, trust, support, first, then, attachment, style, before) in PEOPLE {
        let _ = writeln!(table, "{id},{worker},{first},{then},{before},{attachment},{style}");
        let said = [(trust, "trust"), (support, "support")];
        let codes: Vec<&str> = said.iter().filter(|(says, _)| *says).map(|(_, code)| *code).collect();
        for code in if codes.is_empty() { vec![""] } else { codes } {
            let _ = writeln!(turns, "{id}_T1,{id},This is what {id} says about {code}.,{code}");
        }
    }
    study.file("people.csv", table);
    study.file("turns.csv", turns);
    study.run(&["import", "people.csv"]).exits(0);
    let columns = "source=source,speaker=speaker,participant=speaker,text=text,code:reader=codes";
    let imported = study.run(&["import", "turns.csv", "--columns", columns, "--roles", "*=participant"]);
    assert!(imported.code < 2, "{}", imported.shown());
    study
}

fn of(study: &Study, outcome: &str, more: &[&str]) -> Value {
    let mut args = vec!["matrix", "--outcome", outcome];
    args.extend(more);
    study.json(&args)
}

/// The test whose name begins so.
#[track_caller]
fn test<'a>(found: &'a Value, code: &str, name: &str) -> &'a Value {
    let tests = row_of(found, code)["tests"].as_array().unwrap();
    let of_name = tests.iter().find(|test| test["name"].as_str().unwrap().starts_with(name));
    of_name.unwrap_or_else(|| panic!("no {name} in {tests:?}"))
}

#[track_caller]
fn close(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} is no number"));
    assert!((found - wanted).abs() <= 1e-6 * wanted.abs().max(1.0), "{found}, wanted {wanted}");
}

#[test]
fn effects_are_adjusted_for_where_people_began() {
    let study = people();
    let found = of(&study, "wellbeing.T1", &["--baseline", "wellbeing.T0", "--test", "ancova"]);
    let adjusted = test(&found, "trust", "adjusted for the baseline");
    close(&adjusted["statistic"][1], 0.403_422_147_241_048_2);
    close(&adjusted["interval"][0], 0.086_313_163_407_614_63);
    close(&adjusted["interval"][1], 0.720_531_131_074_481_7);
    close(&adjusted["p"], 0.015_120_985_925_154_934);
    let change = test(&found, "trust", "change score");
    close(&change["statistic"][1], 0.4);
    close(&change["interval"][0], 0.096_898_944_234_459_6);
    close(&change["p"], 0.012_037_712_110_021_552);
    // Unasked, the effect is shown and p is not; the note says that the two answer different questions.
    let unasked = of(&study, "wellbeing.T1", &["--baseline", "wellbeing.T0"]);
    assert!(test(&unasked, "trust", "adjusted")["p"].is_null());
    let printed = study.run(&["matrix", "--outcome", "wellbeing.T1", "--baseline", "wellbeing.T0"]).exits(0).stdout;
    assert!(printed.contains("Lord's paradox"), "{printed}");
    // Two groups: logistic, the odds ratio.
    let groups = of(&study, SECURE, &["--baseline", "wellbeing.T0", "--test", "ancova"]);
    let odds = test(&groups, "trust", "adjusted for the baseline");
    close(&odds["statistic"][1], 10.830_720_773_510_977);
    close(&odds["p"], 0.019_981_978_584_751_835);
}

#[test]
fn the_worker_is_taken_into_account() {
    let study = people();
    let found = of(&study, SECURE, &["--strata", "worker", "--clusters", "worker", "--test", "cmh,cluster-robust"]);
    close(&test(&found, "trust", "Cochran")["p"], 0.008_351_423_441_556_927);
    let support = test(&found, "support", "Cochran");
    close(&support["statistic"][1], 1.4285714285714286);
    close(&support["interval"][0], 0.26926565871631386);
    close(&support["interval"][1], 7.579192743181276);
    close(&support["p"], 0.6879713161806404);
    let robust = test(&found, "trust", "difference with cluster-robust");
    close(&robust["statistic"][1], 0.510_489_510_489_510_4);
    close(&robust["interval"][0], 0.043_036_202_139_989_765);
    close(&robust["interval"][1], 0.977_942_818_839_031_1);
    close(&robust["p"], 0.040_190_984_690_781_105);
    // A score: exact permutation within workers, 1350 arrangements of 53 counted apart.
    let score = of(&study, "wellbeing.T1", &["--strata", "worker", "--clusters", "worker", "--test", "permutation"]);
    let permuted = test(&score, "trust", "permutation");
    assert!(permuted["name"].as_str().unwrap().contains("exact"), "{permuted}");
    close(&permuted["p"], 0.418_518_518_518_518_5);
    let slope = test(&score, "trust", "difference with cluster-robust");
    close(&slope["statistic"][1], 0.653_146_853_146_852_3);
    close(&slope["interval"][1], 2.890_820_414_896_899_7);
    assert!(slope["p"].is_null());
}

#[test]
fn several_classes_have_a_column_each() {
    let study = people();
    let found = of(&study, "style.T1", &["--test", "chi-square"]);
    assert_eq!(share(&found, "trust", "fearful"), (2, 9));
    assert_eq!(share(&found, "trust", "preoccupied"), (0, 2));
    assert_eq!(share(&found, "trust", "secure"), (9, 13));
    let row = row_of(&found, "trust");
    close(&row["effect"]["value"], 0.523_604_560_427_234_2);
    close(&row["tests"][0]["statistic"][1], 6.579_881_656_804_734);
    close(&row["tests"][0]["p"], 0.037_256_053_831_221_894);
    // The cell of a class is the cell of "this class or another", and so leads to the same people.
    let id = cell(&found, "trust", "fearful")["id"].as_str().unwrap();
    assert_eq!(id, "trust@style.T1=fearful:yes");
    let quotes = study.json(&["quotes", "--cell", id]);
    let people: Vec<&Value> =
        quotes.as_array().unwrap().iter().filter(|q| q["counts"] == "yes").map(|q| &q["participant"]).collect();
    assert_eq!(people, [&json!("P04"), &json!("P10")]);
}

#[test]
fn classes_in_order_are_compared_by_rank() {
    let study = people();
    let found = of(&study, "style.T1=fearful<preoccupied<secure", &["--test", "mann-whitney", "--codes", "trust"]);
    // SciPy: U of 106 of 143 pairs; Cliff's delta is 2 U / (11 * 13) - 1.
    close(&row_of(&found, "trust")["tests"][0]["statistic"][1], 106.0);
    close(&row_of(&found, "trust")["effect"]["value"], 2.0 * 106.0 / 143.0 - 1.0);
    let printed = study.run(&["matrix", "--outcome", "style.T1=fearful<preoccupied<secure", "--codes", "trust"]);
    assert!(printed.exits(0).stdout.contains("secure of 11"));
    let missing = study.run(&["matrix", "--outcome", "style.T1=fearful<secure"]).exits(2).stderr;
    assert!(missing.contains("leaves out `preoccupied`"), "{missing}");
}

#[test]
fn only_those_at_risk_are_counted_and_the_others_are_told_apart() {
    let study = people();
    let found = of(&study, SECURE, &["--at-risk", "attachment.T0=insecure", "--test", "fisher"]);
    assert_eq!((share(&found, "trust", "yes"), share(&found, "trust", "no")), ((4, 7), (1, 6)));
    close(&row_of(&found, "trust")["tests"][0]["p"], 0.265_734_265_734_265_73);
    assert_eq!(found["footer"]["at_risk"], json!([13, 11, 0]));
    let id = cell(&found, "trust", "yes")["id"].as_str().unwrap().to_owned();
    assert!(id.ends_with(";at-risk=attachment.T0=insecure"), "{id}");
    let quotes = study.run(&["quotes", "--cell", &id]).exits(0).stdout;
    assert!(quotes.contains("n = 4 (P11, P16, P18, P23)"), "{quotes}");
    let whole = study.run(&["matrix", "--outcome", SECURE, "--at-risk", "attachment.T0"]).exits(2).stderr;
    assert!(whole.contains("is not one group"), "{whole}");
}

#[test]
fn a_family_is_printed_and_departures_from_the_plan_are_listed() {
    let study = people();
    study.run(&["plan", "add", "main", "--outcome", SECURE, "--codes", "trust,support"]).exits(0);
    let found = of(&study, SECURE, &["--codes", "trust"]);
    // SciPy and statsmodels: Fisher .0188 and 1; Holm doubles the first.
    close(&test(&found, "trust", "Fisher")["p"], 0.018_822_231_409_726_362);
    close(&test(&found, "trust", "Fisher")["adjusted"], 2.0 * 0.018_822_231_409_726_362);
    assert_eq!(found["family"]["tested"], json!(["support", "trust"]));
    assert_eq!(found["deviations"], json!(["in plan main and not shown here: support"]));
    let printed = study.run(&["matrix", "--outcome", SECURE]).exits(0).stdout;
    assert!(
        printed.contains("Family of plan main: 2 tested (support, trust), Fisher's exact test, Holm, level 0.05."),
        "{printed}"
    );
    let other = study.run(&["matrix", "--outcome", SECURE, "--measure", "count", "--wave", "T1"]).exits(0).stdout;
    assert!(
        other.contains(
            "Departs from plan main: measured as number of codings, declared as presence; sources of one wave only"
        ),
        "{other}"
    );
    study.run(&["report", "--outcome", SECURE, "--measure", "count", "--out", "report.html"]).exits(0);
    let report = std::fs::read_to_string(study.path().join("report.html")).unwrap();
    assert!(report.contains("Deviations from the plan"), "no deviations");
    assert!(report.contains("plan main (attachment.T1=secure) is not reported as it was declared"));
    study.run(&["report", "--outcome", SECURE, "--out", "report.html"]).exits(0);
    let report = std::fs::read_to_string(study.path().join("report.html")).unwrap();
    assert!(report.contains("every declared family is reported as it was declared"));
}

#[test]
fn a_plan_can_declare_an_adjusted_test_of_those_at_risk() {
    let study = people();
    let add = ["plan", "add", "change", "--outcome", "wellbeing.T1", "--codes", "trust", "--test", "ancova"];
    let refused = study.run(&add).exits(2).stderr;
    assert!(refused.contains("needs the score people began with: --baseline"), "{refused}");
    let mut with = add.to_vec();
    with.extend(["--baseline", "wellbeing.T0"]);
    study.run(&with).exits(0);
    let found = of(&study, "wellbeing.T1", &[]);
    close(&test(&found, "trust", "adjusted for the baseline")["p"], 0.015_120_985_925_154_934);
    let risk = ["--at-risk", "attachment.T0=insecure"];
    let mut at_risk = vec!["plan", "add", "secure", "--outcome", SECURE, "--codes", "trust", "--alpha", "0.2"];
    at_risk.extend(risk);
    study.run(&at_risk).exits(0);
    assert!(of(&study, SECURE, &[])["family"].is_null());
    assert_eq!(of(&study, SECURE, &risk)["family"]["plan"], "secure");
    for (args, wanted) in [
        (["plan", "add", "x", "--outcome", SECURE, "--codes", "trust", "--test", "z"], "`z` is no test for a plan"),
        (["plan", "add", "x", "--outcome", SECURE, "--codes", "trust", "--alpha", "1"], "a level lies between 0 and 1"),
        (["plan", "add", "x", "--outcome", SECURE, "--codes", "trst", "--alpha", "0.1"], "did you mean `trust`"),
        (
            ["plan", "add", "x", "--outcome", SECURE, "--codes", "trust", "--at-risk", "attachment.T0"],
            "neither a group",
        ),
    ] {
        let refused = study.run(&args).exits(2).stderr;
        assert!(refused.contains(wanted), "{refused}");
    }
}

#[test]
fn a_plan_declares_what_is_measured() {
    let study = people();
    let add = ["plan", "add", "often", "--outcome", SECURE, "--codes", "trust,support", "--measure", "count"];
    study.run(&add).exits(0);
    // Another measure is another question.
    let presence = of(&study, SECURE, &[]);
    assert!(presence["family"].is_null(), "{presence}");
    assert_eq!(
        presence["deviations"],
        json!(["departs from plan often: measured as presence, declared as number of codings"])
    );
    // The usual test of a count. Everybody has one coding or none, so that the ranks are a hypergeometric draw (SciPy).
    let found = of(&study, SECURE, &["--measure", "count"]);
    let trust = test(&found, "trust", "Mann-Whitney");
    close(&trust["p"], 0.018_822_231_409_726_334);
    close(&trust["adjusted"], 2.0 * 0.018_822_231_409_726_334);
    close(&test(&found, "support", "Mann-Whitney")["adjusted"], 1.0);
    assert_eq!((&found["family"]["plan"], &found["deviations"]), (&json!("often"), &json!([])));
    let mut refused = add.to_vec();
    refused.extend(["--test", "fisher"]);
    refused[2] = "x";
    let refused = study.run(&refused).exits(2).stderr;
    assert!(refused.contains("the test `fisher` does not go with the measure `count`: mann-whitney"), "{refused}");
}

#[test]
fn a_plan_declares_a_model_and_the_terms_whose_p_counts() {
    let study = people();
    let formula = "wellbeing.T1 ~ trust + support";
    study.run(&["plan", "add", "m", "--model", formula, "--codes", "trust,support"]).exits(0);
    // statsmodels: p of OLS, and Holm over the two.
    let fitted = &study.json(&["model", formula])["model"];
    let coefficient = |name: &str| {
        let all = fitted["coefficients"].as_array().unwrap();
        all.iter().find(|one| one["name"] == name).unwrap().clone()
    };
    close(&coefficient("trust")["p"], 0.046_261_226_703_941_83);
    close(&coefficient("trust")["adjusted"], 0.092_522_453_407_883_66);
    close(&coefficient("support")["adjusted"], 0.750_622_787_330_883_7);
    assert!(coefficient("(intercept)")["adjusted"].is_null());
    assert_eq!(fitted["family"]["beforehand"], true);
    let printed = study.run(&["model", formula]).exits(0).stdout;
    assert!(printed.contains("linear regression (declared beforehand: plan m)"), "{printed}");
    assert!(
        printed.contains("Family of plan m: 2 tested (trust, support), linear regression, Holm, level 0.05."),
        "{printed}"
    );
    let other = study.run(&["model", "wellbeing.T1 ~ wellbeing.T0 + trust"]).exits(0).stdout;
    assert!(other.contains("(exploratory: no plan declares this model as it stands)"), "{other}");
    assert!(other.contains(&format!("Departs from plan m: the formula declared is {formula}.")), "{other}");
    // Nobody need ask for it: a report holds what was declared.
    study.run(&["report", "--outcome", SECURE, "--out", "r.html"]).exits(0);
    let report = std::fs::read_to_string(study.path().join("r.html")).unwrap();
    assert!(report.contains(&format!("<h2>{formula}</h2>")), "no model");
    assert!(!report.contains("is not reported as it was declared"), "{report}");
    // One that is refused does not take the report away.
    let many = "wellbeing.T1 ~ wellbeing.T0 + trust + support";
    study.run(&["plan", "add", "many", "--model", many]).exits(0);
    study.run(&["report", "--outcome", SECURE, "--out", "r.html"]).exits(0);
    let report = std::fs::read_to_string(study.path().join("r.html")).unwrap();
    assert!(report.contains(&format!("{many}: not fitted, because 24 participants for 3 terms is fewer")), "{report}");
    for (args, wanted) in [
        (["--model", "wellbeing.T1 ~ wellbein.T0"], "is called `wellbein.T0`"),
        (["--model", "wellbeing.T1 ~ trust +"], "expected a variable"),
        (["--by", "wave:T0,T7"], "write `time` or `wave:T0,T1`, with waves of the study"),
        (["--transitions", "atachment"], "there is no score `atachment`"),
    ] {
        let mut all = vec!["plan", "add", "x", "--codes", "trust"];
        all.extend(args);
        let refused = study.run(&all).exits(2).stderr;
        assert!(refused.contains(wanted), "{refused}");
    }
}

#[test]
fn a_plan_declares_how_people_are_compared_with_themselves() {
    let study = small();
    study.run(&["plan", "add", "since", "--by", "time", "--codes", "trust,loneliness"]).exits(0);
    let found = study.json(&["matrix", "--by", "time"]);
    let row = |code: &str| found["rows"].as_array().unwrap().iter().find(|row| row["id"] == code).unwrap().clone();
    // Three moved, all one way: 1/4, and 1/2 among two. Support was not declared.
    near(&row("trust")["tests"][0]["p"], 0.25);
    near(&row("trust")["tests"][0]["adjusted"], 0.5);
    assert_eq!(row("support")["tests"], json!([]));
    assert_eq!(found["family"]["beforehand"], true);
    let late = study.run(&["plan", "add", "late", "--by", "time", "--codes", "support"]).exits(0).stderr;
    assert!(late.contains("somebody looked at this outcome before this plan"), "{late}");
    let printed = study.run(&["matrix", "--by", "time"]).exits(0).stdout;
    assert!(printed.contains("presence (declared beforehand: plan since)"), "{printed}");
}

#[test]
fn only_those_at_risk_are_compared_with_themselves() {
    let study = small();
    // Insecure in the beginning and read: P01, P02, P04, P05, P06. Trust before: P01; since: P01, P02.
    let found = study.json(&["matrix", "--by", "time", "--codes", "trust", "--at-risk", "attachment.T0=insecure"]);
    assert_eq!((&found["rows"][0]["counts"], &found["rows"][0]["N"]), (&json!([1, 0, 1, 3]), &json!(5)));
}

#[test]
fn codes_that_nobody_has_read_for_are_left_out_of_every_display() {
    let study = uncoded();
    for person in ["P01_T1.txt", "P02_T1.txt", "P05_T1.txt", "P07_T1.txt"] {
        study.run(&["code", "cover", person, "--codes", "trust,support"]).exits(0);
    }
    for (source, words, code) in [
        ("P01_T1.txt", "I trust her with my papers.", "trust"),
        ("P07_T1.txt", "The group carried me through the spring.", "support"),
        ("P05_T1.txt", "I do not trust anybody in this place.", "trust"),
    ] {
        study.run(&["code", "add", source, words, "--code", code]).exits(0);
    }
    let clusters = study.json(&["display", "clusters"]);
    assert_eq!((&clusters["N"], &clusters["unread"]), (&json!(4), &json!(1)));
    assert_eq!(clusters["joins"][0][0], json!(["support", "trust"]));
    let saturation = study.json(&["display", "saturation", "--base", "2", "--run", "1"]);
    assert_eq!((&saturation["unread"], &saturation["interviews"].as_array().unwrap().len()), (&json!(1), &4));
    let map = study.json(&["display", "map", "--outcome", SECURE]);
    assert_eq!(map["unread"], 1);
    for view in ["codes", "time", "participants"] {
        let printed = study.run(&["matrix", "--by", view]).exits(0).stdout;
        assert!(printed.contains("Not shown: 1 code that nobody has read for"), "{printed}");
        assert!(!printed.contains("loneliness"), "{printed}");
    }
}

#[test]
fn small_cells_can_be_left_out() {
    let study = people();
    let found = of(&study, SECURE, &["--suppress", "3"]);
    // Trust: 9 of 13 and 2 of 11: the second is small, and with the effect and the first it could be worked out.
    let row = row_of(&found, "trust");
    assert!(row["cells"][0]["n"].is_null() && row["cells"][1]["n"].is_null(), "{row}");
    assert!(row["effect"]["value"].is_null() && row["effect"]["why_not"] == "a cell is suppressed");
    assert_eq!(row["cells"][0]["units"], json!([]));
    assert_eq!((share(&found, "support", "yes"), share(&found, "support", "no")), ((8, 13), (6, 11)));
    let printed = study.run(&["matrix", "--outcome", SECURE, "--suppress", "3"]).exits(0).stdout;
    assert!(printed.contains("(few)/11") && !printed.contains("9/13"), "{printed}");
}

#[test]
fn a_table_explains_itself() {
    let study = people();
    let args =
        ["matrix", "--outcome", SECURE, "--at-risk", "attachment.T0=insecure", "--strata", "worker", "--explain"];
    let printed = study.run(&args).exits(0).stdout;
    for said in [
        "Question. For each code: how does presence differ between secure (7), insecure (6)",
        "Only those at risk (attachment.T0=insecure) are in the table.",
        "Effect. risk difference: the share of the first group less that of the second",
        "No plan declares this question",
        "People are also compared only with others of the same worker",
        "An association of what people said with how they did is no cause",
    ] {
        assert!(printed.contains(said), "`{said}` is not in {printed}");
    }
}

#[test]
fn codes_that_meet_are_counted_by_hand() {
    let study = small();
    let pair = |within: &str, first: &str, second: &str| {
        let found = study.json(&["matrix", "--by", "codes", "--within", within, "--test", "permutation"]);
        let pairs = found["pairs"].as_array().unwrap().clone();
        let one = pairs.into_iter().find(|pair| pair["first"] == first && pair["second"] == second);
        one.unwrap_or_else(|| panic!("no pair {first}, {second}"))
    };
    // Present or mixed: trust P01, P02, P07, P10; support P01, P03, P07. Read for both: P01 to P07, and P10.
    let people = pair("participant", "support", "trust");
    assert_eq!((&people["counts"], &people["N"]), (&json!([2, 3, 4]), &json!(8)));
    near(&people["jaccard"]["value"], 2.0 / 5.0);
    near(&people["lift"], 2.0 * 8.0 / 12.0);
    near(&people["expected"], 1.5);
    // Every number of people with both is at least half a person away from one and a half.
    near(&people["tests"][0]["p"], 1.0);
    let id = people["cell"].as_str().unwrap();
    assert_eq!(id, "support&trust@within=participant:both");
    let quotes = study.json(&["quotes", "--cell", id]);
    let who: std::collections::BTreeSet<&str> =
        quotes.as_array().unwrap().iter().map(|quote| quote["participant"].as_str().unwrap()).collect();
    assert_eq!(who.into_iter().collect::<Vec<_>>(), ["P01", "P07"]);
    let refused = study.run(&["quotes", "--cell", "support&trust@within=page:both"]).exits(2).stderr;
    assert!(refused.contains("`page` is no place"), "{refused}");
}

#[test]
fn people_are_compared_with_themselves() {
    let study = small();
    let found = study.json(&["matrix", "--by", "time", "--test", "mcnemar"]);
    let row = |code: &str| found["rows"].as_array().unwrap().iter().find(|row| row["id"] == code).unwrap().clone();
    // Trust before: P01; since: P01, P02, P07, P10. Loneliness before: P02; since: P05, P06.
    assert_eq!((&row("trust")["counts"], &row("trust")["N"]), (&json!([1, 0, 3, 4]), &json!(8)));
    assert_eq!((&row("loneliness")["counts"], &row("loneliness")["N"]), (&json!([0, 1, 2, 5]), &json!(8)));
    near(&row("trust")["effect"]["value"], 3.0 / 8.0);
    // Three moved, all one way: 1/4. Two one way and one the other: 1.
    near(&row("trust")["tests"][0]["p"], 0.25);
    near(&row("loneliness")["tests"][0]["p"], 1.0);
    let before = study.run(&["quotes", "--cell", row("trust")["cells"][0].as_str().unwrap()]).exits(0).stdout;
    assert!(before.contains("n = 1 (P01)"), "{before}");
    // Only P01 was interviewed twice.
    let waves = study.json(&["matrix", "--by", "wave", "--codes", "trust"]);
    assert_eq!((&waves["occasions"], &waves["rows"][0]["N"]), (&json!(["T0", "T1"]), &json!(1)));
    assert_eq!(waves["rows"][0]["counts"], json!([1, 0, 0, 0]));
    let refused = study.run(&["matrix", "--by", "wave:T0"]).exits(2).stderr;
    assert!(refused.contains("two waves are compared"), "{refused}");
}

#[test]
fn everybody_has_a_row_of_where_they_stand() {
    let study = small();
    let found = study.json(&["matrix", "--by", "participants"]);
    assert_eq!(found["columns"], json!(["loneliness", "support", "trust"]));
    let rows = found["rows"].as_array().unwrap();
    let of = |id: &str| rows.iter().find(|row| row[0] == id).unwrap()[1].clone();
    assert_eq!(of("P02")[2], json!({"standing": "mixed", "statements": 2}));
    assert_eq!(of("P09")[0], json!({"standing": "no-interview", "statements": 0}));
    assert_eq!(rows.len(), 10);
}

#[test]
fn codes_are_joined_by_the_people_they_share() {
    let study = small();
    let found = study.json(&["display", "clusters", "--out", "tree.svg"]);
    // Support and trust share two of five people, loneliness none.
    assert_eq!(found["joins"][0][0], json!(["support", "trust"]));
    near(&found["joins"][0][1], 1.0 - 2.0 / 5.0);
    near(&found["joins"][1][1], 1.0);
    assert_eq!(found["N"], 8);
    assert!(std::fs::read_to_string(study.path().join("tree.svg")).unwrap().contains(">loneliness</text>"));
    let one = study.run(&["display", "clusters", "--codes", "trust"]).exits(2).stderr;
    assert!(one.contains("things to cluster: 1 of the 2 needed"), "{one}");
}

#[test]
fn saturation_is_counted_interview_by_interview() {
    let study = small();
    let found = study.json(&["display", "saturation"]);
    // P06's table goes in before the transcripts: P06, P01 twice, P02 to P05, P07, P10; P08 is unread. Loneliness comes
    // with P06, trust and support with P01's second interview.
    assert_eq!(found["interviews"][0], "P06_T1.csv");
    assert_eq!(found["new"], json!([1, 0, 2, 0, 0, 0, 0, 0, 0]));
    assert_eq!(found["unread_interviews"], 1);
    // The first run of two after the first four brings nothing.
    assert_eq!(found["reached"], 6);
    // Whatever the order, all three are there at the end.
    assert_eq!(found["shuffled"][8], json!([3.0, 3.0, 3.0]));
    // The study's seed is what orders and samples are drawn with.
    study.run(&["settings", "set", "seed", "7"]).exits(0);
    let other = study.json(&["display", "saturation"]);
    assert_ne!(found["shuffled"], other["shuffled"]);
    assert!(study.run(&["display", "saturation"]).exits(0).stdout.contains("other orders (seed 7)"));
    let paired = study.json(&["matrix", "--by", "codes"]);
    assert_eq!(paired["pairs"][0]["jaccard"]["method"], "bootstrap percentiles of 999 samples, seed 7");
    let short = study.run(&["display", "saturation", "--base", "12"]).exits(2).stderr;
    assert!(short.contains("interviews: 9 of the 12 needed"), "{short}");
    study.run(&["settings", "set", "approach", "reflexive"]).exits(0);
    let refused = study.run(&["display", "saturation"]).exits(2).stderr;
    assert!(refused.contains("works reflexively") && refused.contains("--even-so"), "{refused}");
    study.run(&["display", "saturation", "--even-so"]).exits(0);
}

#[test]
fn codes_and_outcomes_lie_in_one_plane() {
    let study = people();
    let found = study.json(&["display", "map", "--outcome", SECURE, "--out", "map.svg"]);
    // Trust 9 and 2, support 8 and 6: one axis. The inertia of a table of two by two is (ad - bc)^2 over its margins.
    let inertia = 38.0_f64.powi(2) / (11.0 * 14.0 * 17.0 * 8.0);
    let at = |name: &str| {
        let points = found["points"].as_array().unwrap();
        points.iter().find(|point| point["name"] == name).unwrap()["at"][0].as_f64().unwrap()
    };
    assert!((at("trust").abs() - (inertia * 14.0 / 11.0).sqrt()).abs() < 1e-9);
    assert!(at("trust") * at("attachment.T1: secure") > 0.0 && at("trust") * at("support") < 0.0);
    assert_eq!(found["shares"].as_array().unwrap().len(), 1);
    assert!(std::fs::read_to_string(study.path().join("map.svg")).unwrap().contains(">attachment.T1: insecure</text>"));
    let number = study.run(&["display", "map", "--outcome", "wellbeing.T1"]).exits(2).stderr;
    assert!(number.contains("cut it into groups"), "{number}");
}
