//! Transitions, changes and attrition, on tables whose every number was counted by hand or computed with SciPy 1.17 and
//! statsmodels 0.15.

use crate::harness::Study;
use crate::small::near;
use insta::assert_snapshot;
use std::fmt::Write as _;

/// 75 people, 36 of them measured twice. Secure before and after 14, lost it 3, gained it 11, never 8; of the others 11
/// were secure and 28 insecure. So 17 of 36 were secure and 25 are.
fn attachment() -> Study {
    let study = Study::bare();
    study.run(&["init", ".", "--name", "moves", "--waves", "T0=before,T1=after"]).exits(0);
    let groups =
        [(14, "secure", "secure"), (3, "secure", "insecure"), (11, "insecure", "secure"), (8, "insecure", "insecure")];
    let mut table = "id,attachment.T0,attachment.T1\n".to_owned();
    let mut person = 0;
    for (n, was, is) in groups.into_iter().chain([(11, "secure", ""), (28, "insecure", "")]) {
        for _ in 0..n {
            person += 1;
            let _ = writeln!(table, "P{person:02},{was},{is}");
        }
    }
    study.file("classes.csv", table);
    study.run(&["import", "classes.csv"]).exits(0);
    study
}

#[test]
fn a_table_of_moves_with_those_who_were_lost() {
    let study = attachment();
    assert_snapshot!(study.run(&["transitions", "attachment=secure", "--test"]).exits(0).stdout, @r"
    Transitions of attachment=secure, T0 to T1 (exploratory)
    at T0     secure at T1  insecure at T1  measured at both  not measured at T1
    ────────  ────────────  ──────────────  ────────────────  ──────────────────
    secure    14 (82 %)     3 (18 %)                      17                  11
    insecure  11 (58 %)     8 (42 %)                      19                  28
    all       25 (69 %)     11 (31 %)                     36                  39
    Shares are of those in the row who were measured at both waves. Classes: attachment was imported as classes: the rule that made them is not known here.
    secure at T0 to insecure: 3 of 17 (18 %) [6, 41] of those measured at both; with the 11 who left, 3 of 28 (11 %) if none of them did so and 14 of 28 (50 %) if all did.
    insecure at T0 to secure: 11 of 19 (58 %) [36, 77] of those measured at both; with the 28 who left, 11 of 47 (23 %) if none of them did so and 39 of 47 (83 %) if all did.
    secure at T1: 25 of 36 (69 %) [53, 82] of those measured at both; with the 39 who left, 25 of 75 (33 %) if none of them is and 64 of 75 (85 %) if all are. At T0 it was 17 (47 %): +22 points [+2, +40] (Newcombe's paired interval).
    McNemar, exact: 3 moved from secure to insecure and 11 back, p = .0574.
    ");
    let mid = study.run(&["transitions", "attachment", "--mid-p"]).exits(0).stdout;
    assert!(mid.contains("p = .0574, mid-p = .0352"), "{mid}");
}

#[test]
fn p_is_shown_where_a_plan_declares_the_moves() {
    let study = attachment();
    let unasked = study.run(&["transitions", "attachment=secure"]).exits(0).stdout;
    assert!(unasked.contains("(exploratory)") && !unasked.contains("McNemar"), "{unasked}");
    assert!(study.json(&["transitions", "attachment=secure"])["tests"]["mcnemar_exact"].is_null());
    let late = study.run(&["plan", "add", "late", "--transitions", "attachment=secure"]).exits(0).stderr;
    assert!(late.contains("somebody looked at this outcome before this plan"), "{late}");
    let late = study.run(&["transitions", "attachment=secure"]).exits(0).stdout;
    assert!(late.contains("(exploratory: plan late was declared after the first look at this outcome)"), "{late}");
    let study = attachment();
    study.run(&["plan", "add", "moves", "--transitions", "attachment=secure", "--alpha", "0.1"]).exits(0);
    let declared = study.run(&["transitions", "attachment=secure"]).exits(0).stdout;
    assert!(declared.contains("T0 to T1 (declared beforehand: plan moves)"), "{declared}");
    assert!(declared.contains("McNemar, exact: 3 moved from secure to insecure and 11 back, p = .0574."), "{declared}");
    // Waves that the plan does not name are another question.
    let named = study.run(&["transitions", "attachment=secure", "--from", "T0"]).exits(0).stdout;
    assert!(!named.contains("McNemar"), "{named}");
}

#[test]
fn every_cell_leads_to_its_people() {
    let study = attachment();
    assert_snapshot!(study.run(&["transitions", "attachment=secure", "--cases"]).exits(0).stdout, @r#"
    People in each transition of attachment=secure, T0 to T1 (exploratory)
    at T0     at T1          n  of  share, 95 %
    ────────  ────────────  ──  ──  ───────────
    secure    secure        14  17  [59, 94] %
        P01, P02, P03, P04, P05, P06, P07, P08, P09, P10, P11, P12, P13, P14
    secure    insecure       3  17  [6, 41] %
        P15, P16, P17
    secure    not measured  11  28
        P37, P38, P39, P40, P41, P42, P43, P44, P45, P46, P47
    insecure  secure        11  19  [36, 77] %
        P18, P19, P20, P21, P22, P23, P24, P25, P26, P27, P28
    insecure  insecure       8  19  [23, 64] %
        P29, P30, P31, P32, P33, P34, P35, P36
    insecure  not measured  28  47
        P48, P49, P50, P51, P52, P53, P54, P55, P56, P57, P58, P59, P60, P61, P62, P63, P64, P65, P66, P67, P68, P69, P70,
        P71, P72, P73, P74, P75
    n of those in the class of the first column who were measured at both waves; "not measured" of all in it.
    Classes: attachment was imported as classes: the rule that made them is not known here.
    "#);
    let rows = study.json(&["transitions", "attachment=secure", "--test"]);
    assert_eq!(rows["classes"], serde_json::json!(["secure", "insecure"]));
    assert_eq!(rows["moved"][0][1], serde_json::json!(["P15", "P16", "P17"]));
    assert_eq!(rows["left"][0].as_array().unwrap().len(), 11);
    near(&rows["tests"]["mcnemar_exact"], 0.057_373_046_875);
    near(&rows["tests"]["difference"]["value"], 8.0 / 36.0);
    near(&rows["tests"]["difference"]["interval"][0], 0.019_929_314_923_909_036);
    near(&rows["tests"]["difference"]["interval"][1], 0.398_685_111_459_130_1);
}

#[test]
fn five_moves_cannot_be_tested_at_five_percent() {
    let study = Study::new();
    let mut table = "id,mood.T0,mood.T1\n".to_owned();
    for person in 1..=9 {
        let _ = writeln!(table, "P{person},low,{}", if person <= 5 { "high" } else { "low" });
    }
    study.file("mood.csv", table);
    study.run(&["import", "mood.csv"]).exits(0);
    let shown = study.run(&["transitions", "mood", "--test"]).exits(0).stdout;
    assert!(shown.contains("5 moves cannot give a p below .05 in any direction"), "{shown}");
    let lenient = study.run(&["transitions", "mood", "--test", "--alpha", "0.1"]).exits(0).stdout;
    assert!(lenient.contains("p = .0625"), "{lenient}");
}

#[test]
fn three_classes_have_tests_of_their_own() {
    let study = Study::new();
    let counts = [[5, 2, 1], [4, 6, 1], [3, 2, 6]];
    let classes = ["a", "b", "c"];
    let mut table = "id,type.T0,type.T1\n".to_owned();
    let mut person = 0;
    for (was, row) in classes.iter().zip(counts) {
        for (is, n) in classes.iter().zip(row) {
            for _ in 0..n {
                person += 1;
                let _ = writeln!(table, "P{person:02},{was},{is}");
            }
        }
    }
    study.file("types.csv", table);
    study.run(&["import", "types.csv"]).exits(0);
    assert_snapshot!(study.run(&["transitions", "type", "--test"]).exits(0).stdout, @r"
    Transitions of type, T0 to T1 (exploratory)
    at T0  a at T1    b at T1    c at T1   measured at both  not measured at T1
    ─────  ─────────  ─────────  ────────  ────────────────  ──────────────────
    a      5 (62 %)   2 (25 %)   1 (12 %)                 8                   0
    b      4 (36 %)   6 (55 %)   1 (9 %)                 11                   0
    c      3 (27 %)   2 (18 %)   6 (55 %)                11                   0
    all    12 (40 %)  10 (33 %)  8 (27 %)                30                   0
    Shares are of those in the row who were measured at both waves. Classes: type was imported as classes: the rule that made them is not known here.
    a at T1: 12 of 30 (40 %) [25, 58] of those measured at both; nobody was lost.
    b at T1: 10 of 30 (33 %) [19, 51] of those measured at both; nobody was lost.
    c at T1: 8 of 30 (27 %) [14, 44] of those measured at both; nobody was lost.
    Stuart-Maxwell, are the classes as frequent (13 moves, asymptotic): chi-square 1.963, df 2, p = .3748.
    Bowker, are moves as frequent both ways (13 moves, asymptotic): chi-square 2.000, df 3, p = .5724.
    ");
    let found = study.json(&["transitions", "type", "--test"]);
    near(&found["tests"]["stuart_maxwell"]["statistic"], 1.962_962_962_962_962_1);
    near(&found["tests"]["bowker"]["p"], 0.572_406_704_470_879_8);
}

#[test]
fn classes_of_a_rule_come_in_its_order_and_name_it() {
    let study = Study::new();
    study.file(
        "answers.csv",
        "id,wave,rq_1,rq_2,rq_3,rq_4\nP1,T0,2,7,1,1\nP1,T1,6,1,1,1\nP2,T0,3,1,6,1\nP2,T1,4,4,1,1\n",
    );
    study.run(&["import", "rq", "answers.csv"]).exits(0);
    let ran = study.run(&["transitions", "rq.highest", "--test"]).exits(0);
    assert_snapshot!(ran.stdout, @r"
    Transitions of rq.highest, T0 to T1 (exploratory)
    at T0        secure at T1  fearful at T1  preoccupied at T1  measured at both  not measured at T1
    ───────────  ────────────  ─────────────  ─────────────────  ────────────────  ──────────────────
    secure       0             0              0                                 0                   0
    fearful      1 (100 %)     0 (0 %)        0 (0 %)                           1                   0
    preoccupied  0             0              0                                 0                   1
    all          1 (100 %)     0 (0 %)        0 (0 %)                           1                   1
    Shares are of those in the row who were measured at both waves. Classes: rq.highest: the highest rating (the largest of secure: secure; fearful: fearful; preoccupied: preoccupied; dismissing: dismissing; no class in a tie).
    secure at T1: 1 of 1 (100 %) [3, 100] of those measured at both; with the 1 who left, 1 of 2 (50 %) if none of them is and 2 of 2 (100 %) if all are.
    fearful at T1: 0 of 1 (0 %) [0, 97] of those measured at both; with the 1 who left, 0 of 2 (0 %) if none of them is and 1 of 2 (50 %) if all are.
    preoccupied at T1: 0 of 1 (0 %) [0, 97] of those measured at both; with the 1 who left, 0 of 2 (0 %) if none of them is and 1 of 2 (50 %) if all are.
    Stuart-Maxwell, are the classes as frequent (1 move, asymptotic): chi-square 1.000, df 1, p = .3173.
    Bowker, are moves as frequent both ways (1 move, asymptotic): chi-square 1.000, df 3, p = .8013.
    ");
    assert!(ran.stderr.contains("the key of rq is marked as uncertain"), "{}", ran.stderr);
}

#[test]
fn the_picture_has_every_number_in_words() {
    let study = attachment();
    let ran = study.run(&["transitions", "attachment=secure", "--svg", "out/moves.svg"]).exits(0);
    assert_eq!(ran.stderr, "picture in out/moves.svg\n");
    let svg = std::fs::read_to_string(study.path().join("out/moves.svg")).unwrap();
    assert!(svg.contains("<desc id=\"moves-desc\">secure stayed: 14; secure to insecure: 3; secure, not measured again: 11; insecure to secure: 11; insecure stayed: 8; insecure, not measured again: 28</desc>"), "{svg}");
    assert!(svg.starts_with("<svg role=\"img\" aria-labelledby=\"moves-title moves-desc\""));
    let again = study.run(&["transitions", "attachment=secure", "--svg", "again.svg"]).exits(0);
    assert_eq!(again.code, 0);
    assert_eq!(std::fs::read_to_string(study.path().join("again.svg")).unwrap(), svg);
}

const BEFORE: [f64; 12] = [2.0, 3.0, 3.5, 2.5, 4.0, 3.0, 2.25, 4.5, 1.5, 2.0, 3.0, 2.75];
const AFTER: [f64; 8] = [4.0, 4.5, 3.5, 5.0, 3.25, 3.5, 3.0, 4.75];

/// Twelve people, four of whom were measured once.
fn wellbeing() -> Study {
    let study = Study::bare();
    study.run(&["init", ".", "--name", "change", "--waves", "T0=before,T1=after"]).exits(0);
    let mut table = "id,site,age,left,wellbeing.T0,wellbeing.T1\n".to_owned();
    for (k, before) in BEFORE.iter().enumerate() {
        let after = AFTER.get(k).map_or_else(String::new, f64::to_string);
        let (site, age) = (if k % 3 == 0 { "north" } else { "south" }, 20 + 2 * k);
        let reason = if k < 8 { "" } else { "moved away" };
        let _ = writeln!(table, "P{:02},{site},{age},{reason},{before},{after}", k + 1);
    }
    study.file("scores.csv", table);
    study.run(&["import", "scores.csv"]).exits(0);
    study
}

#[test]
fn change_stands_beside_those_who_left() {
    let study = wellbeing();
    assert_snapshot!(study.run(&["change", "wellbeing"]).exits(0).stdout, @r"
    Change of wellbeing, T0 to T1 (exploratory)
    who               n  T0: mean (SD)  T1: mean (SD)  change [95 % interval]  d_av
    ────────────────  ─  ─────────────  ─────────────  ──────────────────────  ────
    measured at both  8  3.09 (0.87)    3.94 (0.74)    +0.84 [-0.06, +1.75]    1.05
    left before T1    4  2.31 (0.69)

    Mean change of all 12 measured at T0, if the 4 who left ...
    if they               n  mean change
    ───────────────────  ──  ───────────
    stayed as they were  12  +0.56
    No classes of reliable change: no reliability is known: state it with --reliability, or the fewest points with --points.
    ");
    let asked = [
        "change",
        "wellbeing",
        "--better",
        "higher",
        "--reliability",
        ".89",
        "--cutoff",
        "3.25",
        "--delta=-0.5",
        "--test",
    ];
    assert_snapshot!(study.run(&asked).exits(0).stdout, @r"
    Change of wellbeing, T0 to T1 (exploratory)
    who               n  T0: mean (SD)  T1: mean (SD)  change [95 % interval]  d_av
    ────────────────  ─  ─────────────  ─────────────  ──────────────────────  ────
    measured at both  8  3.09 (0.87)    3.94 (0.74)    +0.84 [-0.06, +1.75]    1.05
    left before T1    4  2.31 (0.69)

    Mean change of all 12 measured at T0, if the 4 who left ...
    if they                                 n  mean change
    ─────────────────────────────────────  ──  ───────────
    stayed as they were                    12  +0.56
    changed as the others and -0.5 points  12  +0.68

    Reliable change of wellbeing
    class         of 8 measured at both [95 %]  of all 12, if none or all of the 4 who left
    ────────────  ────────────────────────────  ───────────────────────────────────────────
    recovered     3 of 8 (38 %) [14, 69]        3 of 12 (25 %) to 7 of 12 (58 %)
    improved      0 of 8 (0 %) [0, 37]          0 of 12 (0 %) to 4 of 12 (33 %)
    unchanged     5 of 8 (62 %) [31, 86]        5 of 12 (42 %) to 9 of 12 (75 %)
    deteriorated  0 of 8 (0 %) [0, 37]          0 of 12 (0 %) to 4 of 12 (33 %)
    Reliable: beyond 0.80 points either way (Jacobson and Truax: 1.96 times the standard error of a difference, 0.4072; SD 0.868, of the 12 measured at T0; reliability 0.890, as told with --reliability); higher is better.
    Cut-off 3.25 (as told with --cutoff): recovered is reliably better and across it.
    Crossed it without a reliable change, and unchanged here: 1: P06.
    Paired t: t = 2.1993, df 7, p = .0638.
    Wilcoxon's signed ranks: rank-biserial +0.75, p = .0938.
    ");
    let found = study.json(&asked);
    near(&found["both"]["change"]["interval"][0], -0.063_421_443_733_540_53);
    near(&found["both"]["change"]["interval"][1], 1.750_921_443_733_540_5);
    near(&found["both"]["d_av"], 1.047_352_638_532_553);
    near(&found["both"]["t"][2], 0.063_795_908_907_038_55);
    near(&found["both"]["wilcoxon"][1], 0.093_75);
    near(&found["criterion"]["index"]["se_difference"], 0.407_226_390_762_353_84);
    near(&found["people"][0]["size"], 4.911_273_054_420_348);
    assert_eq!(found["people"][8]["class"], serde_json::Value::Null);
}

/// The worked case of the anxiety scale: SD 1 and alpha .89 make .91932 points reliable.
#[test]
fn crossing_a_cut_off_is_not_reliable_change() {
    let study = Study::new();
    study.file("anxiety.csv", "id,anxiety.T0,anxiety.T1\nP1,4.6,3.5\nP2,4.6,3.8\nP3,4.6,\n");
    study.run(&["import", "anxiety.csv"]).exits(0);
    let asked =
        ["change", "anxiety", "--better", "lower", "--sd", "1", "--reliability", "0.89", "--cutoff", "4", "--cases"];
    assert_snapshot!(study.run(&asked).exits(0).stdout, @r"
    People in the change of anxiety, T0 to T1 (exploratory)
    participant    T0    T1  change  index  class         cut-off
    ───────────  ────  ────  ──────  ─────  ────────────  ───────
    P1           4.60  3.50   -1.10  -2.35  recovered     crossed
    P2           4.60  3.80   -0.80  -1.71  unchanged     crossed
    P3           4.60                       not measured
    Reliable: beyond 0.92 points either way (Jacobson and Truax: 1.96 times the standard error of a difference, 0.4690; SD 1.000, as told with --sd; reliability 0.890, as told with --reliability); lower is better.
    Cut-off 4 (as told with --cutoff): recovered is reliably better and across it.
    Crossed it without a reliable change, and unchanged here: 1: P2.
    ");
}

#[test]
fn the_spread_of_both_waves_can_make_the_error() {
    let study = Study::new();
    study.file("strain.csv", "id,strain.T0,strain.T1\nP1,1,2\nP2,2,4\nP3,3,6\n");
    study.run(&["import", "strain.csv"]).exits(0);
    let asked = ["change", "strain", "--better", "lower", "--reliability", "0.9", "--both-waves"];
    let shown = study.run(&asked).exits(0).stdout;
    // SD 1 and 2: the root of (1 + 4)(1 - .9) is .7071, and 1.96 of them are 1.39.
    assert!(
        shown.contains("Reliable: beyond 1.39 points either way (Jacobson and Truax: 1.96 times the standard error of a difference, 0.7071; SD 1.581, of both waves, the root of the mean of their variances (Maassen 2004); reliability 0.900"),
        "{shown}"
    );
}

#[test]
fn a_cut_off_from_norms_names_its_letter() {
    let study = wellbeing();
    let norms =
        ["change", "wellbeing", "--better", "higher", "--points", "1", "--clinical", "2,0.5", "--functional", "4.5,1"];
    let shown = study.run(&norms).exits(0).stdout;
    // c: (1 * 2 + .5 * 4.5) / 1.5
    assert!(shown.contains("Cut-off 2.833 (Jacobson and Truax's cut-off c; norms as told with --clinical; norms as told with --functional)"), "{shown}");
    assert!(
        shown.contains("Reliable: 1 points and more either way (as told with --points); higher is better."),
        "{shown}"
    );
    let a = study
        .run(&["change", "wellbeing", "--better", "higher", "--points", "1", "--clinical", "2,0.5"])
        .exits(0)
        .stdout;
    assert!(a.contains("Cut-off 3 (Jacobson and Truax's cut-off a"), "{a}");
    let b = study
        .run(&["change", "wellbeing", "--better", "lower", "--points", "1", "--functional", "2,0.5"])
        .exits(0)
        .stdout;
    assert!(b.contains("Cut-off 3 (Jacobson and Truax's cut-off b"), "{b}");
}

#[test]
fn published_criteria_are_named_and_warn() {
    let study = Study::new();
    let row = |id: &str, wave: &str, x: u32| format!("{id},{wave},{}\n", [x.to_string().as_str(); 9].join(","));
    let columns: Vec<String> = (1..=9).map(|k| format!("phq9_{k}")).collect();
    let table = format!(
        "id,wave,{}\n{}{}{}{}",
        columns.join(","),
        row("P1", "T0", 3),
        row("P1", "T1", 1),
        row("P2", "T0", 2),
        row("P2", "T1", 2)
    );
    study.file("answers.csv", table);
    study.run(&["import", "phq9", "answers.csv"]).exits(0);
    assert_snapshot!(study.run(&["change", "phq9", "--cutoff", "10"]).exits(0).shown(), @r"
    exit 0
    --- stdout
    Change of phq9, T0 to T1 (exploratory)
    who               n  T0: mean (SD)  T1: mean (SD)  change [95 % interval]     d_av
    ────────────────  ─  ─────────────  ─────────────  ────────────────────────  ─────
    measured at both  2  22.50 (6.36)   13.50 (6.36)   -9.00 [-123.36, +105.36]  -1.41

    Reliable change of phq9
    class         of 2 measured at both [95 %]
    ────────────  ────────────────────────────
    recovered     1 of 2 (50 %) [9, 91]
    improved      0 of 2 (0 %) [0, 84]
    unchanged     1 of 2 (50 %) [9, 91]
    deteriorated  0 of 2 (0 %) [0, 84]
    Reliable: 6 points and more either way (used by English talking-therapy services); lower is better.
    Cut-off 10 (as told with --cutoff): recovered is reliably better and across it.
    Crossed it without a reliable change, and unchanged here: 0.
    --- stderr
    warning: the criterion of reliable change is marked as uncertain (used by English talking-therapy services): compare it with the publication before you rely on it
    ");
}

#[test]
fn those_who_left_against_those_who_stayed() {
    let study = wellbeing();
    assert_snapshot!(study.run(&["change", "wellbeing", "--attrition"]).exits(0).stdout, @r"
    Attrition: wellbeing, T0 to T1
    at T0         stayed (n = 8)  left (n = 4)   stayed against left [95 % interval]
    ────────────  ──────────────  ─────────────  ───────────────────────────────────
    wellbeing.T0  3.09 (0.87)     2.31 (0.69)    +0.53 [-0.21, +0.88]
    age           27.00 (4.90)    39.00 (2.58)   -1.00
    site = north  3 of 8 (38 %)   1 of 4 (25 %)  +12 points [-38, +50]
    age: no interval: Cliff's delta is at the end of its range.
    Flow: 12 participants, wellbeing: 12 at T0, 8 at T1; 8 measured at T0 and T1; 4 of 12 (33 %) [14, 61] left.
    Numbers: mean (SD), Cliff's delta. Shares: n of those with a value, difference in points (Newcombe).
    Known of one group only: left (moved away 4).
    ");
    let study = attachment();
    let found = study.json(&["change", "attachment", "--attrition"]);
    assert_eq!(found["rows"][0]["class"], "insecure");
    // 19 of 36 against 28 of 39, Newcombe by statsmodels.
    near(&found["rows"][0]["effect"]["value"], 19.0 / 36.0 - 28.0 / 39.0);
    near(&found["rows"][0]["effect"]["interval"][0], -0.386_320_038_093_749_6);
    near(&found["rows"][0]["effect"]["interval"][1], 0.027_675_808_477_699_92);
}

#[test]
fn questions_that_have_no_answer() {
    let study = wellbeing();
    study.file("once.csv", "id,mood.T1,bond.T0,bond.T1\nP01,3,high,low\n");
    study.run(&["import", "once.csv"]).exits(0);
    let said = |args: &[&str]| study.run(args).exits(2).stderr;
    assert_snapshot!(said(&["transitions", "welbeing"]), @r"error: there is no score `welbeing` (did you mean `wellbeing`?); there are: bond, mood, wellbeing");
    assert_snapshot!(said(&["transitions", "wellbeing"]), @r"error: `wellbeing` holds numbers: make groups of them with a comparison (`wellbeing>3.5`), or name a class rule");
    assert_snapshot!(said(&["transitions", "wellbeing.T1>3"]), @r"error: `wellbeing.T1` names one wave: write `wellbeing`, and --from and --to for the waves");
    assert_snapshot!(said(&["transitions", "bond=middling"]), @r"error: nobody has `middling` in `bond`; the classes are: high, low");
    assert_snapshot!(said(&["transitions", "wellbeing>3", "--to", "T2"]), @r"error: nobody has `wellbeing` at T2; it was measured at T0, T1");
    assert_snapshot!(said(&["transitions", "wellbeing>3", "--from", "T1", "--to", "T1"]), @r"error: --from and --to are both T1: name two waves");
    assert_snapshot!(said(&["change", "mood"]), @r"error: `mood` was measured at T1 only: a change needs two waves");
    assert_snapshot!(said(&["change", "bond"]), @r"error: `bond` holds classes, which have no change in points: `themata transitions bond` shows who moved");
    assert_snapshot!(said(&["change", "wellbeing", "--better", "higher", "--criterion", "b", "--clinical", "2,1"]), @r"error: cut-offs b and c need the norms of a functional group: --functional MEAN,SD");
    assert_snapshot!(said(&["change", "wellbeing", "--clinical", "2"]), @r"
    error: invalid value '2' for '--clinical <MEAN,SD>': write MEAN,SD, such as 63.5,12, with an SD above 0

    For more information, try '--help'.
    ");
    study.file("timeless.csv", "id,value,score\nP01,3,calm\nP02,4,calm\n");
    study.run(&["import", "timeless.csv"]).exits(0);
    assert_snapshot!(said(&["change", "calm"]), @r"error: `calm` has no wave: import it with a column `wave`, or with columns `calm.T0` and `calm.T1`");
    let one = study.run(&["change", "bond", "--attrition"]).exits(0).stdout;
    assert!(one.contains("1 measured at T0 and T1"), "{one}");
    let constant = Study::new();
    constant.file("flat.csv", "id,flat.T0,flat.T1\nP1,3,3\nP2,3,3\nP3,3,\n");
    constant.run(&["import", "flat.csv"]).exits(0);
    assert_snapshot!(constant.run(&["change", "flat", "--better", "higher", "--reliability", "0.8", "--test"]).exits(0).stdout, @r"
    Change of flat, T0 to T1 (exploratory)
    who               n  T0: mean (SD)  T1: mean (SD)  change [95 % interval]  d_av
    ────────────────  ─  ─────────────  ─────────────  ──────────────────────  ────
    measured at both  2  3.00 (0.00)    3.00 (0.00)    +0.00
    left before T1    1  3.00
    No interval of the change: the change does not vary.

    Mean change of all 3 measured at T0, if the 1 who left ...
    if they              n  mean change
    ───────────────────  ─  ───────────
    stayed as they were  3  +0.00
    No classes of reliable change: the standard deviation is not positive.
    ");
    let alone = Study::new();
    alone.file("one.csv", "id,mood.T0,mood.T1\nP1,3,4\n");
    alone.run(&["import", "one.csv"]).exits(0);
    assert_snapshot!(alone.run(&["change", "mood", "--better", "higher", "--reliability", "0.8", "--test"]).exits(0).stdout, @r"
    Change of mood, T0 to T1 (exploratory)
    who               n  T0: mean (SD)  T1: mean (SD)  change [95 % interval]  d_av
    ────────────────  ─  ─────────────  ─────────────  ──────────────────────  ────
    measured at both  1  3.00           4.00           +1.00
    No interval of the change: pairs: 1 of the 2 needed.
    No classes of reliable change: values: 1 of the 2 needed.
    Wilcoxon's signed ranks: rank-biserial +1.00, p = 1.0000.
    ");
}
