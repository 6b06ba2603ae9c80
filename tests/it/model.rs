//! `model`: published figures, simulated data with known parameters, and refusals in sentences.

use crate::analyses::people;
use crate::harness::{Study, shared};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;

fn fit(study: &Study, formula: &str, more: &[&str]) -> Value {
    let mut args = vec!["model", formula];
    args.extend(more);
    study.json(&args)
}

/// A number of a model as it is printed in print.
#[track_caller]
fn rounded(found: &Value, places: usize, wanted: &str) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} is no number, wanted {wanted}"));
    assert_eq!(format!("{found:.places$}"), wanted);
}

#[track_caller]
fn close(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} is no number, wanted {wanted}"));
    assert!((found - wanted).abs() <= 1e-6 * wanted.abs().max(1.0), "{found}, wanted {wanted}");
}

/// A public table of lme4's documentation, from the file of its figures.
fn table(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/lmm.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let case = all["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
    case["input"]["data"].clone()
}

/// A study in which every observation is a participant with attributes.
fn observations(data: &Value, columns: &[&str]) -> Study {
    let study = Study::new();
    let mut csv = format!("id,{}\n", columns.join(","));
    for k in 0..data[columns[0]].as_array().unwrap().len() {
        let cell = |name: &&str| data[*name][k].to_string().trim_matches('"').to_owned();
        let _ = writeln!(csv, "o{k:03},{}", columns.iter().map(cell).collect::<Vec<_>>().join(","));
    }
    study.file("data.csv", csv);
    study.run(&["import", "data.csv"]).exits(0);
    study
}

#[test]
fn sleep_deprivation_as_published() {
    let Some(file) = shared("data/r_stats/sleepstudy.csv") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let mut subjects: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        subjects.entry(cells[3].to_owned()).or_default().push(cells[1].to_owned());
    }
    let days: Vec<String> = (0..10).map(|day| format!("D{day}")).collect();
    let study = Study::bare();
    let waves: Vec<String> = days.iter().map(|day| format!("{day}=during")).collect();
    study.run(&["init", ".", "--name", "sleep", "--waves", &waves.join(",")]).exits(0);
    let header: Vec<String> = days.iter().map(|day| format!("reaction.{day}")).collect();
    let mut csv = format!("id,{}\n", header.join(","));
    for (subject, values) in &subjects {
        let _ = writeln!(csv, "S{subject},{}", values.join(","));
    }
    study.file("sleep.csv", csv);
    study.run(&["import", "sleep.csv"]).exits(0);
    let found = fit(
        &study,
        "reaction ~ time + (1 + time | participant)",
        &["--against", "reaction ~ (1 + time | participant)"],
    );
    // Bates, Maechler, Bolker and Walker 2015, section 5.2, and lmerTest for the degrees of freedom.
    let model = &found["model"];
    rounded(&model["coefficients"][0]["estimate"], 3, "251.405");
    rounded(&model["coefficients"][0]["se"], 3, "6.825");
    rounded(&model["coefficients"][1]["estimate"], 3, "10.467");
    rounded(&model["coefficients"][1]["se"], 3, "1.546");
    rounded(&model["coefficients"][1]["df"], 1, "17.0");
    rounded(&model["random"][0]["sd"][0][1], 2, "24.74");
    rounded(&model["random"][0]["sd"][1][1], 3, "5.922");
    rounded(&model["random"][0]["correlation"], 2, "0.07");
    rounded(&model["sigma"], 3, "25.592");
    rounded(&found["comparison"]["value"], 3, "23.537");
    assert_eq!((&model["observations"], &model["units"]), (&180.into(), &18.into()));
    let ran = study.run(&["model", "reaction ~ time + (1 | participant)", "--plot", "residuals.svg"]).exits(0);
    assert!(
        ran.stdout.contains("Random, participant (18 groups): standard deviation of intercept 37.124"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("ICC 0.589, design effect 6.30"), "{}", ran.stdout);
    let svg = std::fs::read_to_string(study.path().join("residuals.svg")).unwrap();
    assert_eq!(svg.matches("<circle").count(), 180);
}

#[test]
fn penicillin_is_crossed_and_has_too_few_samples() {
    let study = observations(&table("lmm__penicillin_reml"), &["diameter", "plate", "sample"]);
    let formula = "diameter ~ (1 | plate) + (1 | sample)";
    let refused = study.run(&["model", formula]).exits(2).stderr;
    assert!(refused.contains("`sample` has 6 groups") && refused.contains("--force"), "{refused}");
    // Davies and Goldsmith 1972, as fitted in Bates 2010, section 2.1.
    let model = &fit(&study, formula, &["--force"])["model"];
    rounded(&model["coefficients"][0]["estimate"], 4, "22.9722");
    rounded(&model["coefficients"][0]["se"], 4, "0.8086");
    rounded(&model["random"][0]["sd"][0][1], 4, "0.8467");
    rounded(&model["random"][1]["sd"][0][1], 4, "1.9316");
    rounded(&model["sigma"], 5, "0.54992");
    assert!(model["forced"].as_str().unwrap().contains("fewer than 10"));
}

#[test]
fn pastes_are_nested() {
    let study = observations(&table("lmm__pastes_reml"), &["strength", "batch", "sample"]);
    // Bates 2010, section 2.2.
    let model = &fit(&study, "strength ~ (1 | batch/sample)", &[])["model"];
    rounded(&model["coefficients"][0]["estimate"], 4, "60.0533");
    rounded(&model["coefficients"][0]["se"], 4, "0.6769");
    rounded(&model["random"][0]["sd"][0][1], 4, "1.2874");
    rounded(&model["random"][1]["sd"][0][1], 4, "2.9041");
    rounded(&model["sigma"], 5, "0.82341");
    assert_eq!(model["random"][1]["group"], "sample in batch");
}

/// Standard normal numbers from a small generator: the sum of twelve uniform ones, less six.
struct Normal(u64);

impl Normal {
    fn next(&mut self) -> f64 {
        let mut uniform = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..12).map(|_| uniform()).sum::<f64>() - 6.0
    }
}

/// 330 clients of 44 therapists over 8 sessions. Engagement begins at 3, grows by .2 a session, and is .4 lower for each
/// standard deviation of anxiety at intake; therapists differ by .6, clients by .8, sessions by .7.
fn clinic() -> Study {
    let mut normal = Normal(330);
    let sessions: Vec<String> = (1..=8).map(|session| format!("S{session}")).collect();
    let study = Study::bare();
    let waves: Vec<String> = sessions.iter().map(|session| format!("{session}=during")).collect();
    study.run(&["init", ".", "--name", "clinic", "--waves", &waves.join(",")]).exits(0);
    let header: Vec<String> = sessions.iter().map(|session| format!("engagement.{session}")).collect();
    let mut csv = format!("id,therapist,anxiety,avoidance,{}\n", header.join(","));
    let therapists: Vec<f64> = (0..44).map(|_| 0.6 * normal.next()).collect();
    for client in 0..330 {
        let anxiety = normal.next();
        // Avoidance goes with anxiety and, at equal anxiety, with nothing.
        let avoidance = 0.5 * anxiety + normal.next();
        let own = 3.0 - 0.4 * anxiety + therapists[client % 44] + 0.8 * normal.next();
        let values: Vec<String> =
            (0..8).map(|session| format!("{:.4}", own + 0.2 * f64::from(session) + 0.7 * normal.next())).collect();
        let _ = writeln!(csv, "C{client:03},T{:02},{anxiety:.4},{avoidance:.4},{}", client % 44, values.join(","));
    }
    study.file("clinic.csv", csv);
    study.run(&["import", "clinic.csv"]).exits(0);
    study
}

#[test]
fn growth_of_engagement_is_recovered_from_clients_within_therapists() {
    let study = clinic();
    let found = fit(&study, "engagement ~ time + anxiety + avoidance + (1 | therapist/participant)", &[]);
    let model = &found["model"];
    assert_eq!((&model["observations"], &model["units"]), (&2_640.into(), &330.into()));
    let inside = |k: usize, truth: f64| {
        let interval = &model["coefficients"][k]["interval"];
        let (low, high) = (interval[0].as_f64().unwrap(), interval[1].as_f64().unwrap());
        assert!(low < truth && truth < high, "{truth} is not in [{low}, {high}]");
        assert!(high - low < 1.0, "[{low}, {high}] says nothing");
    };
    for (k, truth) in [(0, 3.0), (1, 0.2), (2, -0.4), (3, 0.0)] {
        inside(k, truth);
    }
    // Standard deviations: within three standard errors of theirs, by the usual sd / sqrt(2 m).
    let near = |found: &Value, truth: f64, of: f64| {
        let found = found.as_f64().unwrap();
        assert!((found - truth).abs() < 3.0 * truth / (2.0 * of).sqrt(), "{found}, true {truth}");
    };
    near(&model["random"][0]["sd"][0][1], 0.6, 44.0);
    near(&model["random"][1]["sd"][0][1], 0.8, 330.0);
    near(&model["sigma"], 0.7, 2_310.0);
    // Of the variance, .36 of 1.49 lies between therapists.
    let icc = model["random"][0]["icc"].as_f64().unwrap();
    assert!((0.1..0.4).contains(&icc), "{icc}");
}

#[test]
fn least_squares_as_statsmodels_has_it() {
    let study = people();
    let found = fit(&study, "wellbeing.T1 ~ wellbeing.T0 + trust", &["--against", "wellbeing.T1 ~ wellbeing.T0"]);
    let model = &found["model"];
    for (k, (estimate, se, hc3)) in [
        (0.344_506_821_024_460_4, 0.400_553_340_908_721_7, 0.377_652_542_638_095_8),
        (0.986_481_573_053_318_7, 0.117_713_002_677_114_7, 0.122_483_318_712_965_3),
        (0.403_422_147_241_048_2, 0.152_484_551_224_440_5, 0.169_667_228_634_626),
    ]
    .into_iter()
    .enumerate()
    {
        close(&model["coefficients"][k]["estimate"], estimate);
        close(&model["coefficients"][k]["se"], se);
        close(&model["coefficients"][k]["se_hc3"], hc3);
    }
    close(&model["r_squared"][0][1], 0.809_621_775_405_583_6);
    close(&model["log_likelihood"], -8.265_777_779_306_841);
    close(&model["diagnostics"]["collinear"][0]["vif"], 1.039_705_682_732_675_7);
    // The observation that moves a coefficient most, by that coefficient's standard errors.
    let influence = &model["diagnostics"]["influence"];
    assert_eq!(influence[0]["left_out"], "P07");
    close(&influence[0]["shift"], 0.638_535_301_139_080_6);
    assert_eq!((&influence[1]["left_out"], &influence[1]["name"]), (&"P10".into(), &"trust".into()));
    close(&found["comparison"]["value"], 6.999_512_305_376_156);
    close(&found["comparison"]["p"], 0.015_120_985_925_154_96);
    let product = fit(&study, "wellbeing.T1 ~ wellbeing.T0 * trust", &["--force"]);
    close(&product["model"]["coefficients"][3]["estimate"], 0.148_585_882_787_501_95);
    assert_eq!(product["model"]["coefficients"][3]["name"], "wellbeing.T0:trust");
    let centred = fit(&study, "wellbeing.T1 ~ within(wellbeing.T0, worker) + between(wellbeing.T0, worker)", &[]);
    close(&centred["model"]["coefficients"][1]["estimate"], 0.832_080_200_501_253_1);
    close(&centred["model"]["coefficients"][2]["estimate"], 1.474_863_115_978_099_8);
    // Classes become a term each, but for the first.
    let classes = study.run(&["model", "wellbeing.T1 ~ style.T1"]).exits(0).stdout;
    assert!(classes.contains("style.T1=preoccupied") && !classes.contains("style.T1=fearful "), "{classes}");
}

#[test]
fn two_groups_are_explained_by_odds() {
    let study = people();
    let found = fit(&study, "attachment.T1=secure ~ trust", &["--against", "attachment.T1=secure ~ 1"]);
    let model = &found["model"];
    close(&model["coefficients"][1]["estimate"], 2.315_007_612_992_602_5);
    close(&model["coefficients"][1]["se"], 0.986_013_297_183_269_2);
    close(&model["log_likelihood"], -13.239_675_450_130_651);
    close(&found["comparison"]["value"], 6.624_853_660_875_978);
    // Everybody who is secure at the end and says so has it by construction: separation.
    let separated = "attachment.T1=secure ~ style.T1=secure";
    let refused = study.run(&["model", separated]).exits(2).stderr;
    assert!(refused.contains("tells the two groups apart without error") && refused.contains("--firth"), "{refused}");
    let firth = &fit(&study, separated, &["--firth"])["model"];
    // With one binary predictor Firth's odds ratio adds one half to every cell: (13.5 / .5) / (.5 / 11.5).
    close(&firth["coefficients"][1]["estimate"], (13.5_f64 / 0.5 * 11.5 / 0.5).ln());
    let printed = study.run(&["model", "attachment.T1=secure ~ trust", "--p"]).exits(0).stdout;
    assert!(
        printed.contains("odds ratio") && printed.contains("People in the smaller group per term: 11.0."),
        "{printed}"
    );
}

#[test]
fn what_cannot_be_fitted_is_said_where_it_stands() {
    let study = people();
    let refused = |formula: &str, more: &[&str]| {
        let mut args = vec!["model", formula];
        args.extend(more);
        study.run(&args).exits(2).stderr
    };
    for (formula, more, wanted) in [
        (
            "wellbeing.T1 ~ trst",
            &[][..],
            "no code, theme, score or attribute of participants is called `trst`; did you mean `trust`? (column 16)\n  wellbeing.T1 ~ trst\n                 ^^^^",
        ),
        ("wellbeing.T1 ~ welbeing.T0", &[], "did you mean `wellbeing.T0`?"),
        ("wellbeing.T1 trust", &[], "expected `~` between"),
        ("wellbeing.T9 ~ trust", &[], "(column 1)\n  wellbeing.T9 ~ trust\n  ^^^^^^^^^^^^"),
        ("style.T1 ~ trust", &[], "this has several classes: name one"),
        ("wellbeing.T1 ~ (1 | wrker)", &[], "no attribute of participants is called `wrker`; did you mean `worker`?"),
        ("wellbeing.T1 ~ trust + (1 | worker)", &[], "`worker` has 4 groups"),
        ("wellbeing.T1 ~ trust + support + wellbeing.T0", &[], "24 participants for 3 terms is fewer than 10 a term"),
        ("wellbeing.T1 ~ trust", &["--where", "code:trust"], "`trust` has the same value in all 11 observations"),
        (
            "wellbeing.T1 ~ trust",
            &["--where", "participant:P01"],
            "has the same value in the only observation that is left",
        ),
        (
            "wellbeing.T1 ~ wellbeing.T0 + wellbeing.T1 + wellbeing.change",
            &["--force"],
            "`wellbeing.change` says nothing that the terms before it do not say already",
        ),
        (
            "attachment.T1=secure ~ wellbeing.T0",
            &["--where", "score.attachment.T1:secure"],
            "`attachment.T1=secure` has the same value in all 13 observations that are left, so there is nothing to explain",
        ),
        ("wellbeing.T1 ~ within(style.T1, worker)", &["--force"], "only numbers are centred"),
        ("wellbeing.T1 ~ within(wellbeing.T0)", &[], "say within which group: `within(wellbeing.T0, worker)`"),
        ("wellbeing.T1 ~ count(wellbeing.T0)", &[], "only codes and themes are counted"),
        ("wellbeing.T1 ~ trust", &["--firth"], "Firth's penalty is for two groups"),
        ("attachment.T1=secure ~ trust + (1 + trust | worker)", &["--force"], "one random intercept is fitted"),
        ("wellbeing.T1 ~ trust", &["--against", "wellbeing.T1 ~ support"], "the smaller model has `support`"),
        ("attachment.T1=secure ~ trust", &["--plot", "x.svg"], "has no plot of residuals"),
        ("wellbeing.T1 ~ trust", &["--where", "participant:nobody"], "nobody of those asked about has the outcome"),
    ] {
        let found = refused(formula, more);
        assert!(found.contains(wanted), "{formula}: {found}");
        assert!(!found.contains("NaN"), "{found}");
    }
}

#[test]
fn one_person_has_an_estimate_and_no_interval() {
    let study = people();
    let printed = study.run(&["model", "wellbeing.T1 ~ 1", "--where", "participant:P01"]).exits(0).stdout;
    assert!(
        printed.contains("4.500 (no interval: observations beyond the predictors: 0 of the 1 needed)"),
        "{printed}"
    );
    assert!(printed.contains("N: 1 observation of 1 participant, of 1 with the outcome; left out: none."), "{printed}");
    assert!(!printed.contains("NaN") && !printed.contains("inf"), "{printed}");
}

#[test]
fn a_model_is_a_look() {
    let study = people();
    study.run(&["model", "attachment.T1=secure ~ trust"]).exits(0);
    let ran = study.run(&["plan", "add", "late", "--outcome", "attachment.T1=secure", "--codes", "trust"]).exits(0);
    assert!(ran.stderr.contains("before this plan"), "{}", ran.stderr);
}
