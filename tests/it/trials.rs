//! Real data that others published, where it lies beside the project: the numbers are those of SciPy 1.17, computed apart.

use crate::harness::{Study, shared};
use crate::small::{cell, row_of};
use serde_json::Value;

/// A number rounded to the places at which it was printed.
#[track_caller]
fn printed(found: &Value, places: usize, wanted: &str) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} is not a number, wanted {wanted}"));
    assert_eq!(format!("{found:.places$}"), wanted);
}

/// A statistic of a row's tests, by the beginning of the test's name.
#[track_caller]
fn statistic<'a>(row: &'a Value, test: &str) -> &'a Value {
    let tests = row["tests"].as_array().unwrap();
    let found = tests.iter().find(|found| found["name"].as_str().unwrap().starts_with(test));
    &found.unwrap_or_else(|| panic!("no {test} in {row}"))["statistic"][1]
}

#[test]
fn motivational_interviews_by_quality() {
    let Some(file) = shared("data/annomi/AnnoMI-simple.csv") else { return };
    let study = Study::new();
    let columns = "speaker=interlocutor,text=utterance_text,source=transcript_id,time=timestamp,attr:mi_quality=mi_quality,\
                   attr:topic=topic,code:expert=main_therapist_behaviour";
    let roles = "therapist=participant,client=other";
    let imported = study.run(&["import", file.to_str().unwrap(), "--columns", columns, "--roles", roles]);
    assert!(imported.code < 2, "{}", imported.shown());
    let sources = study.json(&["source"]);
    let sources = sources.as_array().unwrap();
    assert_eq!(sources.len(), 133);
    assert_eq!(sources.iter().map(|source| source["turns"].as_u64().unwrap()).sum::<u64>(), 9_699);
    let matrix = |code: &str| {
        study.json(&[
            "matrix",
            "--unit",
            "source",
            "--measure",
            "turn-share",
            "--outcome",
            "mi_quality=high",
            "--codes",
            code,
            "--test",
            "welch,mann-whitney",
        ])
    };
    // Means of the 110 sessions of high and the 23 of low quality, Welch's t, and U of the high ones, which is how
    // SciPy counts with the high sessions first.
    for (code, high, low, t, u) in [
        ("reflection", "0.2991", "0.0454", Some("10.7701"), "2340.0"),
        ("question", "0.2984", "0.2320", None, "1526.5"),
        ("therapist_input", "0.1250", "0.4859", Some("-7.5164"), "203.5"),
    ] {
        let found = matrix(code);
        printed(&cell(&found, code, "yes")["mean"], 4, high);
        printed(&cell(&found, code, "no")["mean"], 4, low);
        assert_eq!((&cell(&found, code, "yes")["N"], &cell(&found, code, "no")["N"]), (&110.into(), &23.into()));
        let row = row_of(&found, code);
        if let Some(t) = t {
            printed(statistic(row, "Welch"), 4, t);
        }
        printed(statistic(row, "Mann-Whitney"), 1, u);
    }
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn texts_about_family_and_empathy() {
    let Some(file) = shared("data/empathic_reactions/messages.csv") else { return };
    let study = Study::new();
    let columns = "source=message_id,text=essay,attr:empathy=empathy,attr:distress=distress";
    study.file(
        "codebook.toml",
        "name = \"one word\"\n[codes.family]\nlabel = \"Family\"\nrules = [{ match = '/(?i)\\bfamily\\b/', fixed = true }]\n",
    );
    let imported = study.run(&["import", "codebook.toml", file.to_str().unwrap(), "--columns", columns]);
    assert!(imported.code < 2, "{}", imported.shown());
    assert_eq!(study.json(&["source"]).as_array().unwrap().len(), 1_860);
    let count = study.json(&["search", r"/(?i)\bfamily\b/", "--count"]);
    assert_eq!(count[0]["sources"], 140);
    let found = study.json(&[
        "matrix",
        "--unit",
        "source",
        "--with-suggestions",
        "--time",
        "any",
        "--experiencer",
        "any",
        "--outcome",
        "empathy",
        "--test",
        "welch,mann-whitney",
    ]);
    assert_eq!(
        (&cell(&found, "family", "with")["N"], &cell(&found, "family", "without")["N"]),
        (&140.into(), &1_720.into())
    );
    printed(&cell(&found, "family", "with")["mean"], 4, "4.6226");
    printed(&cell(&found, "family", "without")["mean"], 4, "3.6248");
    printed(statistic(row_of(&found, "family"), "Welch"), 4, "7.0430");
    printed(statistic(row_of(&found, "family"), "Mann-Whitney"), 1, "157984.5");
}

#[test]
fn texts_as_they_come_go_in() {
    let Some(folder) = shared("seeds") else { return };
    let study = Study::new();
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 5, "{names:?}");
    for name in &names {
        study.run(&["import", name.to_str().unwrap()]).exits(0);
    }
    assert!(study.json(&["source"]).as_array().unwrap().len() >= names.len());
    study.run(&["audit", "verify"]).exits(0);
}
