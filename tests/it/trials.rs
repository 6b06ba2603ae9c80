//! Real data that others published, where it lies beside the project: the numbers are those of SciPy 1.17, computed apart.

use crate::agree::coded_by;
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

/// The seven AnnoMI sessions that all ten annotators coded: as texts by one of them, and every row as codings.
#[test]
fn ten_annotators_of_seven_sessions() {
    let Some(file) = shared("data/annomi/AnnoMI-full.csv") else { return };
    let mut reader = csv::Reader::from_path(&file).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (session, annotator) = (at("transcript_id"), at("annotator_id"));
    let rows: Vec<csv::StringRecord> = reader
        .records()
        .map(Result::unwrap)
        .filter(|row| ["7", "27", "55", "56", "66", "109", "130"].contains(&&row[session]))
        .collect();
    let table = |rows: &mut dyn Iterator<Item = &csv::StringRecord>| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).unwrap();
        rows.for_each(|row| writer.write_record(row).unwrap());
        writer.into_inner().unwrap()
    };
    // Fleiss' kappa and Krippendorff's alpha, and the turns: of the therapist, but for the client's talk.
    for (column, kappa, alpha, turns) in [
        ("main_therapist_behaviour", "0.736539", "0.736660", 216),
        ("client_talk_type", "0.466889", "0.467141", 212),
        ("therapist_input_exists", "0.644090", "0.644255", 216),
        ("therapist_input_subtype", "0.511719", "0.511945", 216),
        ("reflection_exists", "0.659552", "0.659710", 216),
        ("reflection_subtype", "0.496054", "0.496288", 216),
        ("question_exists", "0.868695", "0.868755", 216),
        ("question_subtype", "0.739708", "0.739828", 216),
    ] {
        let study = Study::new();
        study.file("sessions.csv", table(&mut rows.iter().filter(|row| &row[annotator] == "0")));
        study.file("annotators.csv", table(&mut rows.iter()));
        let (coded, other) =
            if column == "client_talk_type" { ("client", "therapist") } else { ("therapist", "client") };
        let columns = "speaker=interlocutor,text=utterance_text,source=transcript_id";
        let imported = study.run(&[
            "import",
            "sessions.csv",
            "--columns",
            columns,
            "--roles",
            &format!("{coded}=participant,{other}=other"),
        ]);
        assert!(imported.code < 2, "{}", imported.shown());
        let columns = format!("source=transcript_id,coder=annotator_id,turn=utterance_id,code={column}");
        study.run(&["import", "annotators.csv", "--as", "reference", "--columns", &columns]).exits(0);
        let found = study.json(&["agree", "--unit", "turn", "--draws", "100"]);
        let labels = found.as_array().unwrap().iter().find(|row| row["code"] == "which code, or none").unwrap();
        assert_eq!(labels["units"], turns, "{column}");
        printed(&labels["kappa"], 6, kappa);
        printed(&labels["alpha"], 6, alpha);
    }
}

/// Open answers coded by two, several codes each; the second coder took a part of them, and a blank row is not "no code".
#[test]
fn educators_on_proctoring() {
    use calamine::{Reader, Xlsx, open_workbook};
    let Some(folder) = shared("data/gwu_proctoring") else { return };
    for (book, question, answers, kappa) in [
        ("Qualitative_Responses_N2_N3_N4.xlsx", "N2", 5, "0.8387"),
        ("Qualitative_Responses_N2_N3_N4.xlsx", "N3", 20, "0.8292"),
        ("Qualitative_Responses_N2_N3_N4.xlsx", "N4", 20, "0.7962"),
        ("Qualitative_Responses_Q3_Q5.xlsx", "Q5", 24, "0.7898"),
    ] {
        let mut book: Xlsx<_> = open_workbook(folder.join(book)).unwrap();
        let mut texts = csv::Writer::from_writer(Vec::new());
        let mut codings = csv::Writer::from_writer(Vec::new());
        texts.write_record(["id", "answer"]).unwrap();
        let columns: Vec<String> = (1..=8).map(|k| format!("code {k}")).collect();
        codings.write_record(["id", "coder"].into_iter().chain(columns.iter().map(String::as_str))).unwrap();
        for coder in ["primary", "secondary"] {
            let sheet = book.worksheet_range(&format!("{question} ({coder})")).unwrap();
            for row in sheet.rows().skip(1) {
                let cell = |k: usize| row.get(k).map(ToString::to_string).unwrap_or_default().trim().to_owned();
                if cell(1).is_empty() {
                    continue;
                }
                if coder == "primary" {
                    texts.write_record([cell(0), cell(1)]).unwrap();
                }
                codings.write_record([cell(0), coder.to_owned()].into_iter().chain((2..10).map(cell))).unwrap();
            }
        }
        let study = Study::new();
        study.file("answers.csv", texts.into_inner().unwrap());
        study.file("codings.csv", codings.into_inner().unwrap());
        study.run(&["import", "answers.csv", "--columns", "source=id,text=answer"]).exits(0);
        let mapping = format!("source=id,coder=coder,code={}", columns.join("|"));
        // One answer is no more than "N/A": no words, no source, and its coding is named as left out.
        let imported = study.run(&["import", "codings.csv", "--as", "reference", "--columns", &mapping]);
        assert!(imported.code < 2, "{}", imported.shown());
        let found = study.json(&["agree", "--unit", "source", "--draws", "100"]);
        let rows = found.as_array().unwrap();
        let pooled = rows.iter().find(|row| row["code"] == "all codes pooled").unwrap();
        printed(&pooled["kappa"], 4, kappa);
        assert_eq!(rows[0]["units"], answers, "{question}");
    }
}

/// The ratings of a published example: a row per unit, a column per coder.
fn classic(id: &str) -> Option<Vec<Vec<Option<usize>>>> {
    let file = shared("data/reliability_classics/examples.json")?;
    let all: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let found = all["coding"].as_array().unwrap().iter().find(|example| example["id"] == id).unwrap();
    let Some(table) = found["table"].as_array() else {
        return serde_json::from_value(found["units_by_rater"].clone()).unwrap();
    };
    let mut units = Vec::new();
    for (a, row) in table.iter().enumerate() {
        for (b, n) in row.as_array().unwrap().iter().enumerate() {
            units.extend(std::iter::repeat_n(vec![Some(a + 1), Some(b + 1)], n.as_u64().unwrap() as usize));
        }
    }
    Some(units)
}

/// Every value a code, every unit a turn.
fn as_labels(units: &[Vec<Option<usize>>]) -> Value {
    let code = |value: Option<usize>| value.map_or(String::new(), |value| format!("v{value}"));
    let columns: Vec<Vec<String>> =
        (0..units[0].len()).map(|coder| units.iter().map(|unit| code(unit[coder])).collect()).collect();
    let columns: Vec<Vec<&str>> = columns.iter().map(|codes| codes.iter().map(String::as_str).collect()).collect();
    let names: Vec<String> = (0..columns.len()).map(|coder| format!("c{coder}")).collect();
    let given: Vec<(&str, &[&str])> = names.iter().map(String::as_str).zip(columns.iter().map(Vec::as_slice)).collect();
    let found = coded_by(&given).json(&["agree", "--unit", "turn", "--draws", "100"]);
    found.as_array().unwrap().iter().find(|row| row["code"] == "which code, or none").unwrap().clone()
}

/// Every unit a source, of whose turns as many have the one code as the value says.
fn as_counts(units: &[Vec<Option<usize>>], weights: &str) -> Value {
    let mut texts = String::from("unit,speaker,text\n");
    let mut codings = String::from("source,coder,turn,code\n");
    for (unit, row) in units.iter().enumerate() {
        (1..=6).for_each(|turn| texts.push_str(&format!("u{unit},P01,We said it {turn} times.\n")));
        for (coder, value) in row.iter().enumerate().filter_map(|(coder, value)| Some((coder, (*value)?))) {
            for turn in 1..=6 {
                let code = if turn <= value { "said" } else { "n/a" };
                codings.push_str(&format!("u{unit},c{coder},{turn},{code}\n"));
            }
        }
    }
    let study = Study::new();
    study.file("units.csv", texts);
    study.file("codings.csv", codings);
    study.run(&["import", "units.csv", "--columns", "source=unit,speaker=speaker,text=text"]).exits(0);
    study.run(&["import", "codings.csv", "--as", "reference"]).exits(0);
    study.json(&["agree", "--unit", "source", "--what", "count", "--weights", weights, "--draws", "100"])[0].clone()
}

/// The numbers that their authors printed, by the product's own way from a table of codings to a coefficient.
#[test]
fn published_examples_of_agreement() {
    let Some(gwet) = classic("gwet_2014_raw_4raters") else { return };
    let found = as_labels(&gwet);
    for (name, wanted) in [("AC1", "0.77544"), ("alpha", "0.74342"), ("kappa", "0.76117"), ("PABAK", "0.77273")] {
        printed(&found[name], 5, wanted);
    }
    let krippendorff = classic("krippendorff_2004_p230").unwrap();
    printed(&as_labels(&krippendorff)["alpha"], 6, "0.743421");
    printed(&as_labels(&classic("krippendorff_wiki_3x15").unwrap())["alpha"], 6, "0.691358");
    let found = as_labels(&classic("artstein_poesio_2008_p558").unwrap());
    for (name, wanted) in [("agreement", "0.700"), ("kappa", "0.348"), ("PABAK", "0.400")] {
        printed(&found[name], 3, wanted);
    }
    printed(&as_counts(&krippendorff, "linear")["alpha"], 6, "0.815388");
    printed(&as_counts(&krippendorff, "quadratic")["alpha"], 6, "0.849107");
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
