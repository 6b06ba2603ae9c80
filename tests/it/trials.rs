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

/// Unpacks a gzipped file of `../shared` into a study's folder; nothing where `gzip` is not installed.
fn unpacked(study: &Study, file: &std::path::Path, name: &str) -> Option<()> {
    let Ok(output) = std::process::Command::new("gzip").arg("-dc").arg(file).output() else {
        eprintln!("skipped: no gzip");
        return None;
    };
    study.file(name, output.stdout);
    Some(())
}

/// Hits, turns, sources.
fn counts(study: &Study, query: &str) -> (u64, u64, u64) {
    let row = study.json(&["search", query, "--count"])[0].clone();
    let number = |name: &str| row[name].as_u64().unwrap();
    (number("hits"), number("turns"), number("sources"))
}

/// The most frequent values of a field among the turns found, with their turns.
fn facet(study: &Study, query: &str, field: &str, most: &str) -> Vec<(String, u64)> {
    let rows = study.json(&["search", query, "--facet", field, "--most", most]);
    let of = |row: &Value| (row[field].as_str().unwrap().to_owned(), row["turns"].as_u64().unwrap());
    rows.as_array().unwrap().iter().map(of).collect()
}

fn named(values: &[(&str, u64)]) -> Vec<(String, u64)> {
    values.iter().map(|(value, turns)| ((*value).to_owned(), *turns)).collect()
}

#[test]
fn telephone_dialogues_with_their_published_tags() {
    let Some(file) = shared("data/swda/swda_all.psv.gz") else { return };
    let study = Study::new();
    let Some(()) = unpacked(&study, &file, "swda.psv") else { return };
    let columns = "source=dialogue,speaker=speaker,text=text,code:swda=tag";
    let imported = study.run(&["import", "swda.psv", "--columns", columns]);
    assert!(imported.code < 2, "{}", imported.shown());
    // Published: sd 75,136; b 38,281; sv 26,421; % 15,195, of which 12 rows hold no words and are no turns.
    let wanted = named(&[("sd", 75_136), ("b", 38_281), ("sv", 26_421), ("u25", 15_195 - 12)]);
    assert_eq!(facet(&study, "role:*", "code", "4"), wanted);
    // Counted by Python's `re` in the file itself.
    assert_eq!(counts(&study, r"/\byou know\b/"), (15_608, 13_807, 1_143));
    assert_eq!(counts(&study, r"/\byou know\b/ AND code:sv").1, 4_075);
    assert_eq!(counts(&study, "code:qy BEFORE/1 code:ny").1, 1_295);
}

#[test]
fn meetings_and_who_speaks_of_the_remote_control() {
    let Some(file) = shared("data/qmsum/meetings_train.jsonl.gz") else { return };
    let study = Study::new();
    let Some(()) = unpacked(&study, &file, "meetings.jsonl") else { return };
    let imported = study.run(&["import", "meetings.jsonl"]);
    assert!(imported.code < 2, "{}", imported.shown());
    assert_eq!(study.json(&["source"]).as_array().unwrap().len(), 162);
    // Counted by Python's `re` in the file itself.
    let query = r"/\bremote control\b/";
    assert_eq!(counts(&study, query), (1_178, 972, 94));
    let wanted = named(&[("Project Manager", 292), ("Marketing", 282), ("Industrial Designer", 206)]);
    assert_eq!(facet(&study, query, "speaker", "3"), wanted);
}

#[test]
fn who_resists_and_what_the_therapist_does_next() {
    let Some(file) = shared("data/annomi/AnnoMI-simple.csv") else { return };
    let study = Study::new();
    let columns = "speaker=interlocutor,text=utterance_text,source=transcript_id,time=timestamp,attr:mi_quality=mi_quality,\
                   code:expert=main_therapist_behaviour,code:talk=client_talk_type";
    let roles = "therapist=interviewer,client=participant";
    let imported = study.run(&["import", file.to_str().unwrap(), "--columns", columns, "--roles", roles]);
    assert!(imported.code < 2, "{}", imported.shown());
    // Counted by a few lines of Python over the rows of the file.
    assert_eq!(counts(&study, "code:sustain"), (0, 541, 97));
    let next = facet(&study, "role:interviewer AFTER/1 code:sustain", "code", "9");
    assert_eq!(next, named(&[("reflection", 178), ("other", 162), ("question", 130), ("therapist_input", 68)]));
    assert_eq!(counts(&study, "code:sustain BEFORE/1 code:reflection").1, 178);
    assert_eq!(counts(&study, "attr.mi_quality:low AND (code:therapist_input AFTER/1 code:sustain)").1, 34);
}
