//! The index as a person meets it: never, except by its speed. Missing, damaged, foreign, cut off, deleted under
//! somebody's hands: the answers are the same, and at most one line says what was done.

use crate::harness::Study;
use crate::small::uncoded;
use insta::assert_snapshot;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

const QUERIES: [&str; 5] =
    ["trust*", "\"do you trust\" OR lonely", "/tr.st/ AND role:participant", "alone AND NOT attr.site:north", "=Trust"];

/// What all queries answer.
fn answers(study: &Study) -> Vec<String> {
    QUERIES.map(|query| study.run(&["search", query, "--format", "json"]).exits(0).stdout).into()
}

fn stderr_of_search(study: &Study) -> String {
    study.run(&["search", "trust*", "--count"]).exits(0).stderr
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// Files of the index that hold these words.
fn holding(study: &Study, words: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| fs::read(path).unwrap().windows(words.len()).any(|bytes| bytes == words.as_bytes());
    files(&study.path().join("index")).into_iter().filter(holds).collect()
}

#[test]
fn an_import_leaves_an_index_and_searches_say_nothing_of_it() {
    for study in [uncoded(), Study::first_steps()] {
        assert!(study.path().join("index/meta.json").exists());
        assert_eq!(stderr_of_search(&study), "");
    }
}

#[test]
fn one_that_is_missing_is_made_anew_with_one_line() {
    let study = uncoded();
    let before = answers(&study);
    fs::remove_dir_all(study.path().join("index")).unwrap();
    assert_snapshot!(stderr_of_search(&study), @"note: the index was missing and was made anew");
    assert_eq!(stderr_of_search(&study), "");
    assert_eq!(answers(&study), before);
}

#[test]
fn one_of_another_study_or_another_version_is_made_anew() {
    let (study, other) = (uncoded(), Study::first_steps());
    let before = answers(&study);
    other.run(&["search", "trust", "--count"]).exits(0);
    let index = study.path().join("index");
    fs::remove_dir_all(&index).unwrap();
    fs::create_dir(&index).unwrap();
    for path in files(&other.path().join("index")) {
        fs::copy(&path, index.join(path.file_name().unwrap())).unwrap();
    }
    // Both were made with the same seed, as no two studies are: only what tells them apart is put in.
    let meta = fs::read_to_string(index.join("meta.json")).unwrap();
    let payload = |text: &str, key: &str| {
        let from = text.find(&format!("{key}\\\":")).unwrap();
        text[from..].find(',').map(|to| text[from..from + to].to_owned()).unwrap()
    };
    let foreign = meta.replace(&payload(&meta, "study"), "study\\\":\\\"0000000000000000\\\"");
    fs::write(index.join("meta.json"), foreign).unwrap();
    assert_snapshot!(
        stderr_of_search(&study),
        @"note: the index could not be used (it was made for another study) and was made anew"
    );
    assert_eq!(answers(&study), before);
    let meta = fs::read_to_string(index.join("meta.json")).unwrap();
    fs::write(index.join("meta.json"), meta.replace(&payload(&meta, "format"), "format\\\":999")).unwrap();
    assert_snapshot!(
        stderr_of_search(&study),
        @"note: the index could not be used (it was made by another version of themata) and was made anew"
    );
    assert_eq!(answers(&study), before);
}

#[test]
fn whichever_file_is_cut_short_or_gone_the_answers_are_the_same() {
    let study = uncoded();
    let before = answers(&study);
    let index = study.path().join("index");
    for keep in [0, 1] {
        for k in 0..files(&index).len() {
            let path = files(&index)[k].clone();
            if path.extension().is_some_and(|extension| extension == "lock") {
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            match keep {
                0 => fs::remove_file(&path).unwrap(),
                _ => fs::write(&path, &bytes[..bytes.len() / 2]).unwrap(),
            }
            assert_eq!(answers(&study), before, "{}", path.display());
        }
    }
}

#[test]
fn whichever_bit_is_flipped_the_answers_are_the_same() {
    let study = uncoded();
    let before = answers(&study);
    let index = study.path().join("index");
    for (k, name) in files(&index).into_iter().enumerate() {
        let is_ours = name.file_name().unwrap() == "files-noted";
        if is_ours || name.extension().is_some_and(|extension| extension == "lock" || extension == "json") {
            continue;
        }
        // Made anew, the files have other names.
        let Some(path) = files(&index).into_iter().filter(|path| path.extension() == name.extension()).nth(k % 2)
        else {
            continue;
        };
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.len() / 3;
        bytes[at] ^= 4;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(answers(&study), before, "{}", path.display());
    }
}

#[test]
fn a_flipped_bit_that_left_no_trace_is_found_by_the_audit() {
    let study = uncoded();
    let before = answers(&study);
    let of_kind = |kind: &str| {
        let is_so = |path: &PathBuf| path.extension().is_some_and(|extension| extension == kind);
        files(&study.path().join("index")).into_iter().find(is_so).unwrap()
    };
    let path = of_kind("store");
    let changed = fs::metadata(&path).unwrap().modified().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 1;
    fs::write(&path, &bytes).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(changed).unwrap();
    let audit = study.run(&["audit", "verify"]).exits(0);
    assert_snapshot!(audit.stderr, @"note: the index could not be used (its files are damaged) and was made anew");
    assert_eq!(study.run(&["audit", "verify"]).exits(0).stderr, "");
    assert_eq!(answers(&study), before);
}

#[test]
fn what_is_withdrawn_or_taken_back_leaves_the_files() {
    let study = uncoded();
    let words = "I trust my sister.";
    assert!(!holding(&study, words).is_empty());
    let who = study.json(&["search", "\"trust my sister\""])[0]["participant"].as_str().unwrap().to_owned();
    study.run(&["participant", "withdraw", &who]).exits(0);
    assert_eq!(study.json(&["search", "\"trust my sister\"", "--count"])[0]["turns"], 0);
    assert_eq!(holding(&study, words), Vec::<PathBuf>::new());
    // The interview that was imported still lies in the folder, which is said and makes it 1.
    study.run(&["participant", "withdraw", &who, "--erase", "--yes"]).exits(1);
    assert_snapshot!(stderr_of_search(&study), @"note: the index was missing and was made anew");
    assert_eq!(holding(&study, words), Vec::<PathBuf>::new());

    study.file("late/P77_T1.txt", "Interviewer: And now?\nP77: The heron flew over the weir.\n");
    study.run(&["import", "late"]).exits(0);
    assert_eq!(study.json(&["search", "heron", "--count"])[0]["turns"], 1);
    study.run(&["undo"]).exits(0);
    assert_eq!(study.json(&["search", "heron", "--count"])[0]["turns"], 0);
    assert_eq!(holding(&study, "The heron flew"), Vec::<PathBuf>::new());
    study.run(&["redo"]).exits(0);
    assert_eq!(study.json(&["search", "heron", "--count"])[0]["turns"], 1);
}

fn many_interviews(study: &Study) {
    for k in 0..150 {
        let turn = |turn: usize| format!("Interviewer: And day {turn}?\nP{k:03}: I trust day {turn}, more or less.\n");
        study.file(&format!("in/P{k:03}_T1.txt"), (0..30).map(turn).collect::<String>());
    }
    study.run(&["import", "in"]).exits(0);
}

#[test]
fn a_search_that_is_killed_while_it_builds_harms_nothing() {
    let study = Study::new();
    many_interviews(&study);
    let count = |study: &Study| study.json(&["search", "trust", "--count"])[0]["hits"].clone();
    for k in 1..=12_u32 {
        if k % 3 == 1 {
            fs::remove_dir_all(study.path().join("index")).unwrap();
        }
        let mut child = study.command("ann", &["search", "trust", "--count"]).stdout(Stdio::null()).spawn().unwrap();
        // Multiples of the golden ratio fill the time that it takes evenly.
        sleep(Duration::from_micros((f64::from(k) * 0.618_033_988_75 % 1.0 * 250_000.0) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(count(&study), 4500);
    }
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn searches_that_find_no_index_at_the_same_time_all_answer() {
    let study = Study::new();
    many_interviews(&study);
    for _ in 0..3 {
        fs::remove_dir_all(study.path().join("index")).unwrap();
        let start = |coder| {
            let mut command = study.command(coder, &["search", "trust", "--count", "--format", "csv"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let running = ["ann", "ben", "cy"].map(start);
        for child in running {
            let output = child.wait_with_output().unwrap();
            let (stdout, stderr) =
                (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
            assert_eq!(stdout, "hits,turns,sources,participants\n4500,4500,150,150\n", "{stderr}");
        }
    }
}

#[test]
fn one_thread_and_eight_give_the_same_bytes() {
    let study = uncoded();
    let run = |threads: &str, args: &[&str]| {
        fs::remove_dir_all(study.path().join("index")).unwrap();
        let output = study.command("ann", args).env("RAYON_NUM_THREADS", threads).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for args in [["search", "trust* OR alone"], ["code", "run"]] {
        let one = run("1", &args);
        assert!(!one.is_empty());
        assert_eq!(one, run("8", &args));
    }
}
