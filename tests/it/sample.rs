//! The sample study `corpus-samples/itr-study`: what its README says of it is so.
//!
//! Figures are compared with plain counting over the files, not with the program's own output.

use crate::harness::Study;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use themata::import::{Options, SourceDraft, read};
use themata::model::Role;

const TABLES: [&str; 6] =
    ["instruments.toml", "participants.csv", "attachment.csv", "wellbeing.csv", "worker.csv", "severity.csv"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus-samples/itr-study")
}

fn path(name: &str) -> String {
    folder().join(name).display().to_string()
}

/// Everything that the README imports.
fn everything() -> Vec<String> {
    let codebook = Path::new(env!("CARGO_MANIFEST_DIR")).join("codebooks/itr.toml").display().to_string();
    let names = TABLES.iter().chain(&["interviews", "focus-groups", "memos.csv"]);
    names.map(|name| path(name)).chain([codebook]).collect()
}

/// The study as the README makes it.
fn sample() -> Study {
    let study = Study::bare();
    study.run(&["init", ".", "--name", "itr", "--waves", "T0=before,M4=during,T1=during"]).exits(0);
    let files = everything();
    let words: Vec<&str> = ["import"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let ran = study.run(&words).exits(0);
    assert!(
        ran.stderr.contains("imported 42 sources, 2899 turns, 75 participants, 393 sets of answers, 15 memos"),
        "{}",
        ran.stderr
    );
    for word in ["error", "warning", "problem"] {
        assert!(!ran.stderr.contains(word), "{}", ran.stderr);
    }
    study
}

/// Rows of a table by column name.
fn table(name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder().join(name)).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |record: csv::StringRecord| header.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// Every transcript as a draft, by file name.
fn transcripts() -> BTreeMap<String, SourceDraft> {
    let mut found = BTreeMap::new();
    for part in ["interviews", "focus-groups"] {
        for entry in std::fs::read_dir(folder().join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let import = read(&name, &std::fs::read(&path).unwrap(), &Options::default()).unwrap();
            assert!(import.problems.is_empty(), "{name}: {:?}", import.problems);
            let [draft] = import.sources.try_into().unwrap();
            found.insert(name, draft);
        }
    }
    found
}

/// Turns with their role, marks in brackets taken out.
fn turns(draft: &SourceDraft) -> Vec<(Role, String)> {
    let brackets = regex::Regex::new(r"\[[^\]]*\]|\(\([^)]*\)\)|\([0-9.]+\)").unwrap();
    let cut = &draft.segmentation;
    let role = |speaker: u32| draft.roles[&cut.speakers[speaker as usize]];
    let text = |span: themata::model::Span| brackets.replace_all(span.of(&draft.text).unwrap(), " ").into_owned();
    cut.turns.iter().map(|turn| (role(turn.speaker), text(turn.span))).collect()
}

/// Words between spaces, in small letters and without their punctuation.
fn plain_words(text: &str) -> Vec<String> {
    let bare = |word: &str| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    text.split_whitespace().map(bare).filter(|word: &String| !word.is_empty()).collect()
}

#[test]
fn no_twelve_words_of_a_participant_come_twice() {
    let mut seen: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for (name, draft) in transcripts() {
        let mut own = BTreeSet::new();
        for (_, text) in turns(&draft).into_iter().filter(|(role, _)| *role == Role::Participant) {
            own.extend(plain_words(&text).windows(12).map(<[String]>::to_vec));
        }
        for sequence in own {
            let other = seen.get(&sequence);
            assert!(other.is_none(), "{name} and {other:?}: {}", sequence.join(" "));
            seen.insert(sequence, name.clone());
        }
    }
    assert!(seen.len() > 40_000, "{}", seen.len());
}

#[test]
fn participants_do_most_of_the_talking_and_six_interviews_are_long() {
    let (mut long, mut interviews) = (0, 0);
    for (name, draft) in transcripts() {
        let count = |wanted: Option<Role>| -> usize {
            let turns = turns(&draft).into_iter().filter(|(role, _)| wanted.is_none_or(|wanted| wanted == *role));
            turns.map(|(_, text)| plain_words(&text).len()).sum()
        };
        let (theirs, all) = (count(Some(Role::Participant)), count(None));
        let share = 100.0 * theirs as f64 / all as f64;
        // P58 hardly says a word.
        let expected = if name == "P58_T1.txt" { 30.0..50.0 } else { 69.5..90.5 };
        assert!(expected.contains(&share), "{name}: {share:.1} %");
        if name.starts_with('P') {
            interviews += 1;
            long += usize::from(all >= 5_000);
            assert!(all >= 5_000 || (900..=1_800).contains(&all), "{name}: {all} words");
        }
    }
    assert_eq!((interviews, long), (40, 6));
}

#[test]
fn the_two_interviews_in_hebrew_have_both_languages_in_every_row() {
    for name in ["interviews/P16_T1.csv", "interviews/P31_T1.csv"] {
        let rows = table(name);
        assert!(rows.len() >= 40, "{name}");
        for row in rows {
            assert!(row["text"].chars().any(|c| c.is_ascii_alphabetic()), "{name}: {row:?}");
            let hebrew = |c: char| ('\u{5d0}'..='\u{5ea}').contains(&c);
            assert!(row["original_he"].chars().any(hebrew) && !row["text"].chars().any(hebrew), "{name}: {row:?}");
        }
    }
}

/// Mean of the answered items, turned where the key says so.
fn keyed_mean(row: &BTreeMap<String, String>, name: &str, items: &[u32], turned: &[u32], ends: f64) -> f64 {
    let answers: Vec<f64> = items
        .iter()
        .filter_map(|item| Some((item, row[&format!("{name}_{item}")].parse::<f64>().ok()?)))
        .map(|(item, answer)| if turned.contains(item) { ends - answer } else { answer })
        .collect();
    answers.iter().sum::<f64>() / answers.len() as f64
}

/// Who is secure, and who is well, at a wave: by the rules of the protocol, from the answers.
fn by_hand(wave: &str) -> (BTreeMap<String, bool>, BTreeMap<String, bool>) {
    let turned = [4, 7, 11, 16, 18, 21, 26, 29, 32, 35];
    let odd: Vec<u32> = (1..=36).step_by(2).collect();
    let even: Vec<u32> = (2..=36).step_by(2).collect();
    let all: Vec<u32> = (1..=14).collect();
    let at = |name: &str| table(name).into_iter().filter(|row| row["wave"] == wave).collect::<Vec<_>>();
    let below =
        |row: &BTreeMap<String, String>, items: &[u32]| keyed_mean(row, "attachment", items, &turned, 8.0) < 4.0;
    let secure =
        at("attachment.csv").into_iter().map(|row| (row["id"].clone(), below(&row, &odd) && below(&row, &even)));
    let high = at("wellbeing.csv").into_iter();
    let high = high.map(|row| (row["id"].clone(), keyed_mean(&row, "wellbeing", &all, &[3, 8, 11], 7.0) > 3.5));
    (secure.collect(), high.collect())
}

#[test]
fn the_figures_of_the_readme_come_out_of_the_tables_and_of_the_study() {
    let people = table("participants.csv");
    let stayed: BTreeSet<String> =
        people.iter().filter(|row| row["left_after_days"].is_empty()).map(|row| row["id"].clone()).collect();
    assert_eq!((people.len(), people.len() - stayed.len(), stayed.len()), (75, 39, 36));
    assert_eq!(people.iter().filter(|row| row["gender"] == "male").count(), 68);
    let ages: Vec<f64> = people.iter().map(|row| row["age"].parse().unwrap()).collect();
    let mean = ages.iter().sum::<f64>() / 75.0;
    assert!((mean - 40.0).abs() < 0.5 && ages.iter().all(|age| (18.0..=55.0).contains(age)), "{mean}");
    let distinct = |column: &str| people.iter().map(|row| row[column].clone()).collect::<BTreeSet<_>>().len();
    assert_eq!((distinct("site"), distinct("worker")), (7, 14));
    let days = people.iter().filter_map(|row| row["left_after_days"].parse::<u32>().ok());
    assert!(days.max().unwrap() <= 62);

    let study = sample();
    let mut engine: BTreeMap<(String, String, String), String> = BTreeMap::new();
    for row in study.json(&["score", "attachment.pattern", "wellbeing.level"]).as_array().unwrap() {
        let word = |key: &str| row[key].as_str().unwrap().to_owned();
        engine.insert((word("score"), word("wave"), word("participant")), word("value"));
    }
    let mut compared = 0;
    let of_stayed = |table: &BTreeMap<String, bool>| {
        let those: Vec<bool> = table.iter().filter(|(id, _)| stayed.contains(*id)).map(|(_, yes)| *yes).collect();
        (those.iter().filter(|yes| **yes).count(), those.len())
    };
    for (wave, secure, high) in [("T0", (17, 36), (27, 36)), ("T1", (23, 33), (29, 33))] {
        let (attachment, wellbeing) = by_hand(wave);
        assert_eq!((of_stayed(&attachment), of_stayed(&wellbeing)), (secure, high), "{wave}");
        let classes =
            [("attachment.pattern", attachment, "secure", "insecure"), ("wellbeing.level", wellbeing, "high", "low")];
        for (score, table, yes, no) in classes {
            for (id, is) in table {
                let class = &engine[&(score.to_owned(), wave.to_owned(), id)];
                assert_eq!(class, if is { yes } else { no });
                compared += 1;
            }
        }
    }
    assert_eq!((compared, engine.len()), (216, 216));

    assert_eq!(study.run(&["check"]).exits(0).stdout, "nothing to report\n");
    assert_eq!(study.json(&["participant"]).as_array().unwrap().len(), 75);
    assert_eq!(study.json(&["memo", "list"]).as_array().unwrap().len(), 15);
    checked_before_import(&study);
    reliability_is_as_printed(&study);
}

/// Files are checked without being imported: the sample's own are in order, the broken copy has what was planted.
fn checked_before_import(study: &Study) {
    let log = study.run(&["log"]).exits(0).stdout;
    let files = everything();
    let words: Vec<&str> = ["check"].into_iter().chain(files.iter().map(String::as_str)).collect();
    assert_eq!(study.run(&words).exits(0).stdout, "nothing to report in these files\n");
    insta::assert_snapshot!(study.run(&["check", &path("broken")]).exits(1).stdout, @r"
    file              line  column
    ────────────────  ────  ─────────────
    attachment.csv      50  attachment_17
        8 is out of range, item 17 of attachment goes from 1 to 7: counts as missing
    participants.csv    26
        P24 is on line 25 already: this row was not taken; correct the one that is wrong; if rows are waves, map their
        column with --columns wave=COLUMN
    wellbeing.csv
        participants that the study does not have yet: P76; check their ids if they should be known
    3 problems in these files
    ");
    assert_eq!(study.run(&["log"]).exits(0).stdout, log, "a check writes nothing");
    // Without a study, the instruments come with the files.
    let nowhere = Study::bare();
    let words = ["check", &path("instruments.toml"), &path("broken/attachment.csv"), "--format", "json"];
    let found: serde_json::Value = serde_json::from_str(&nowhere.run(&words).exits(1).stdout).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    assert_eq!(std::fs::read_dir(nowhere.path()).unwrap().count(), 0);
}

/// Cronbach's alpha in the README is what the model's own arithmetic and the program both give.
fn reliability_is_as_printed(study: &Study) {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let reliability = study.json(&["score", "attachment", "wellbeing", "--reliability"]);
    let mut compared = 0;
    for row in reliability.as_array().unwrap() {
        let word = |key: &str| row[key].as_str().unwrap_or_default();
        if word("item").starts_with("all") {
            let printed = format!("| `{}` | {} | {:.3} |", word("scale"), word("wave"), row["alpha"].as_f64().unwrap());
            assert!(readme.contains(&printed.replace("| 0.", "| .")), "{printed}");
            compared += 1;
        }
    }
    assert_eq!(compared, 6);
}

#[test]
fn the_model_gives_the_same_tables_again() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: no python3");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    for name in ["make_scores.py", "participants.csv"] {
        std::fs::copy(folder().join(name), place.path().join(name)).unwrap();
    }
    let run = |arguments: &[&str]| {
        let ran =
            Command::new("python3").arg("make_scores.py").args(arguments).current_dir(place.path()).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    run(&[]);
    let made = [
        "attachment",
        "wellbeing",
        "worker",
        "severity",
        "broken/attachment",
        "broken/wellbeing",
        "broken/participants",
    ];
    for name in made.map(|name| format!("{name}.csv")) {
        assert_eq!(
            std::fs::read(place.path().join(&name)).unwrap(),
            std::fs::read(folder().join(&name)).unwrap(),
            "{name}"
        );
    }
    // The model's own alphas are those of the README, which another test compares with the program's.
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let said = run(&["--check"]);
    for (wave, line) in said.lines().filter_map(|line| Some((line.strip_prefix("alpha at ")?.get(..2)?, line))) {
        let value = |after: &str| line.split_once(after).unwrap().1.trim_start().get(1..5).unwrap().to_owned();
        let rows = [
            ("attachment.anxiety", "(anxiety"),
            ("attachment.avoidance", ", avoidance"),
            ("wellbeing.total", "well-being"),
        ];
        for (scale, after) in rows {
            let row = format!("| `{scale}` | {wave} | {} |", value(after));
            assert!(readme.contains(&row), "{row}");
        }
    }
}

#[test]
fn the_history_of_the_codebook_can_be_read() {
    let study = Study::new();
    let run =
        |n: u32| study.run(&["codebook", "import", &path(&format!("codebooks-history/itr-v{n}.toml"))]).exits(0).stdout;
    run(1);
    let second = run(2);
    assert!(second.contains("loneliness: label \"Being alone\" is now \"Loneliness\""), "{second}");
    let third = run(3);
    assert!(third.contains("programme_talk: status draft is now retired"), "{third}");
}

/// The eight interviews that both coders read in full.
const BOTH_READ: &str = "P07_T0.txt,P22_T1.txt,P38_T1.vtt,P47_T1.csv,P49_T0.txt,P55_T1.srt,P63_T1.vtt,P68_T1.vtt";

/// The sample with what its two coders did.
fn coded_sample() -> Study {
    let study = sample();
    let tables = ["reference-coder-a.csv", "reference-coder-a-in-full.csv", "reference-coder-b.csv"].map(path);
    let words: Vec<&str> = ["import"].into_iter().chain(tables.iter().map(String::as_str)).collect();
    study.run(&words).exits(0);
    study
}

/// n and N of the people who say a code, with the outcome and without it.
fn people(study: &Study, layer: &str) -> BTreeMap<String, Vec<(u64, u64)>> {
    let args = ["matrix", "--outcome", "attachment.pattern.T1=secure", "--wave", "T1", "--layer", layer];
    let found = study.json(&args);
    let cells = |row: &serde_json::Value| -> Vec<(u64, u64)> {
        let cells = row["cells"].as_array().unwrap().iter();
        cells.map(|cell| (cell["n"].as_u64().unwrap(), cell["N"].as_u64().unwrap())).collect()
    };
    let rows = found["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["id"].as_str().unwrap().to_owned(), cells(row))).collect()
}

#[test]
fn the_doubly_coded_interviews_are_compared_and_adjudicated_by_a_script() {
    let study = coded_sample();
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let agree = study.json(&["agree", "--in", BOTH_READ]);
    for row in agree.as_array().unwrap().iter().filter(|row| row["both"].is_u64()) {
        let count = |name: &str| row[name].as_u64().unwrap();
        let (both, a, b, n) = (count("both"), count("given by coder-a"), count("given by coder-b"), count("units"));
        // Kappa from the four counts, by its definition.
        let share = |k: u64| k as f64 / n as f64;
        let observed = share(both) + share(n + both - a - b);
        let chance = share(a) * share(b) + share(n - a) * share(n - b);
        let kappa = row["kappa"].as_f64().unwrap();
        assert!(((observed - chance) / (1.0 - chance) - kappa).abs() < 1e-6, "{row}");
        let two = |x: f64| format!("{x:.2}").replacen("0.", ".", 1);
        let end = |name: &str| two(row[name].as_f64().unwrap());
        let line = format!(
            "| {} | {a} | {b} | {both} | {} [{}, {}] |",
            row["code"].as_str().unwrap(),
            two(kappa),
            end("kappa low"),
            end("kappa high")
        );
        assert!(readme.contains(&line), "{line}");
    }
    let decisions = table("decisions.csv");
    let by = |name: &str, value: &str| decisions.iter().filter(|row| row[name] == value).count();
    let open = study.json(&["review", "disagreements"]);
    let listed = |kind: &str| open.as_array().unwrap().iter().filter(|row| row["kind"] == kind).count();
    for (kind, n) in [("missed", 63), ("boundary", 60), ("polarity", 11), ("different code", 6)] {
        assert_eq!((listed(kind), by("kind", kind)), (n, n), "{kind}");
    }
    for (reason, n) in [("boundary", 61), ("oversight", 39), ("ambiguity", 24), ("definition", 16)] {
        assert_eq!(by("reason", reason), n, "{reason}");
    }
    let own = ["coder:coder-a", "coder:coder-b"].map(|layer| people(&study, layer));
    let before = people(&study, "consensus");
    let codings = study.json(&["quotes"]).as_array().unwrap().len();
    let args = ["review", "adjudicate", "--from", &path("decisions.csv")];
    let ran = study.run_as("coder-c", &args).exits(0);
    assert!(ran.stderr.contains("decided 140 disagreements; 0 open"), "{}", ran.stderr);
    // Both sides stay as they are, and what each did says the same as before.
    assert_eq!(["coder:coder-a", "coder:coder-b"].map(|layer| people(&study, layer)), own);
    assert_eq!(people(&study, "consensus"), before);
    let after = people(&study, "adjudicated");
    assert_ne!(after, before, "what was open counts now");
    let with_finals = study.json(&["quotes"]).as_array().unwrap().len();
    let finals =
        study.json(&["quotes"]).as_array().unwrap().iter().filter(|row| row["origin"] == "adjudicated").count();
    assert_eq!(with_finals, codings + finals);
    study.run_as("coder-c", &["review", "sign-off", "--code", "trust"]).exits(0);
    study.run(&["audit", "verify"]).exits(0);
    study.run_as("coder-c", &["undo"]).exits(0);
    study.run_as("coder-c", &["undo"]).exits(0);
    assert_eq!(study.json(&["review", "disagreements"]).as_array().unwrap().len(), 140);
}
