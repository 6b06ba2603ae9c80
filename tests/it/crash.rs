//! Processes that are killed, disks that are full or read-only, two people at once: what was acknowledged is there, and
//! the study verifies clean.

use crate::harness::Study;
use crate::small::uncoded;
use insta::assert_snapshot;
use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Steps of a generator that tries moments to kill at: the same in every run, spread over the whole time.
fn delays(count: u32, longest_ms: u64) -> impl Iterator<Item = Duration> {
    // Multiples of the golden ratio fill an interval evenly in whatever number.
    (1..=count).map(move |k| {
        Duration::from_micros((f64::from(k) * 0.618_033_988_75 % 1.0 * 1000.0 * longest_ms as f64) as u64)
    })
}

fn many_interviews(study: &Study, count: usize) {
    for k in 0..count {
        let mut text = String::new();
        for turn in 0..20 {
            text.push_str(&format!(
                "Interviewer: And day {turn}?\nP{k:03}: I trust day {turn} of week {k}, more or less.\n"
            ));
        }
        study.file(&format!("in/P{k:03}_T1.txt"), text);
    }
}

#[test]
fn an_import_that_is_killed_leaves_whole_sources_and_can_go_on() {
    let study = Study::new();
    many_interviews(&study, 120);
    let mut last = 0;
    for delay in delays(8, 400) {
        let mut child = study.command("tester", &["import", "in"]).stderr(Stdio::null()).spawn().unwrap();
        sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
        study.run(&["audit", "verify"]).exits(0);
        let sources = study.json(&["source"]).as_array().unwrap().len();
        assert!(sources >= last, "{sources} sources after {last}");
        for source in study.json(&["source"]).as_array().unwrap() {
            assert_eq!(source["turns"], 40, "{source}");
        }
        last = sources;
    }
    study.run(&["import", "in"]).exits(0);
    assert_eq!(study.json(&["source"]).as_array().unwrap().len(), 120);
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn a_bulk_decision_that_is_killed_is_all_or_nothing() {
    let study = Study::new();
    many_interviews(&study, 40);
    study.file("codebook.toml", "name = \"c\"\n[codes.trust]\nlabel = \"Trust\"\nrules = [\"trust\"]\n");
    study.run(&["import", "codebook.toml", "in"]).exits(0);
    study.run(&["memo", "add", "acknowledged before the power went"]).exits(0);
    let count = || study.json(&["quotes"]).as_array().unwrap().len();
    for delay in delays(10, 500) {
        let mut child = study
            .command("tester", &["code", "accept", "--code", "trust", "--yes"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
        study.run(&["audit", "verify"]).exits(0);
        assert!([0, 800].contains(&count()), "{} codings", count());
        assert_eq!(study.json(&["memo", "list"]).as_array().unwrap().len(), 1);
        if count() == 800 {
            study.run(&["undo"]).exits(0);
        }
    }
    study.run(&["code", "accept", "--code", "trust", "--yes"]).exits(0);
    assert_eq!(count(), 800);
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn two_writers_at_once_lose_nothing() {
    let study = Study::new();
    let write = |coder: &'static str| -> Vec<Command> {
        (0..15).map(|k| study.command(coder, &["memo", "add", &format!("note {k} of {coder}")])).collect()
    };
    let (ann, ben) = (write("ann"), write("ben"));
    let run = |commands: Vec<Command>| -> usize {
        commands.into_iter().map(|mut command| usize::from(command.output().unwrap().status.success())).sum()
    };
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| run(ann));
        let second = scope.spawn(|| run(ben));
        (first.join().unwrap(), second.join().unwrap())
    });
    assert_eq!((first, second), (15, 15));
    assert_eq!(study.json(&["memo", "list"]).as_array().unwrap().len(), 30);
    study.run(&["audit", "verify"]).exits(0);
}

#[test]
fn two_imports_at_once_both_arrive() {
    let study = Study::new();
    many_interviews(&study, 40);
    fs::create_dir(study.path().join("in2")).unwrap();
    for k in 20..40 {
        fs::rename(study.path().join(format!("in/P{k:03}_T1.txt")), study.path().join(format!("in2/P{k:03}_T1.txt")))
            .unwrap();
    }
    let mut first = study.command("ann", &["import", "in"]).stderr(Stdio::null()).spawn().unwrap();
    let mut second = study.command("ben", &["import", "in2"]).stderr(Stdio::null()).spawn().unwrap();
    assert!(first.wait().unwrap().success());
    assert!(second.wait().unwrap().success());
    assert_eq!(study.json(&["source"]).as_array().unwrap().len(), 40);
    study.run(&["audit", "verify"]).exits(0);
}

/// Runs a script as root of a namespace of its own, where it may mount; nothing where the system does not allow it.
fn in_namespace(study: &Study, script: &str) -> Option<String> {
    let allowed = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        eprintln!("skipped: this system does not allow `unshare -rm`");
        return None;
    }
    let run = study.command("tester", &[]);
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script]).current_dir(study.path());
    command.env("THEMATA", env!("CARGO_BIN_EXE_themata"));
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().unwrap();
    let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Some(shown.replace(&study.path().display().to_string(), "STUDY"))
}

#[test]
fn a_study_on_a_read_only_disk_can_be_read_and_says_why_it_cannot_be_written() {
    let study = uncoded();
    let script = r#"
        mkdir disk && mount -t tmpfs none disk && cp -r study.db codebook.toml disk/ && mount -o remount,ro disk || exit 9
        cd disk
        $THEMATA memo add "a thought"; echo "exit $?"
        $THEMATA matrix --outcome attachment.T1=secure --codes trust --with-suggestions --format csv > /dev/null; echo "exit $?"
        $THEMATA search garden --count --format csv; echo "exit $?"
    "#;
    let Some(shown) = in_namespace(&study, script) else { return };
    assert_snapshot!(shown, @r"
    exit 2
    exit 0
    hits,turns,sources,participants
    1,1,1,1
    exit 0
    error: the study in STUDY/disk cannot be written: the folder or its disk is read-only
    note: this folder cannot be written, so the log does not record that this outcome was looked at
    Classes: attachment was imported as classes: the rule that made them is not known here.
    ");
}

#[test]
fn a_full_disk_stops_an_import_and_harms_nothing() {
    let study = Study::new();
    many_interviews(&study, 60);
    study.file(
        "long/P999_T1.txt",
        format!("Interviewer: Well?\nP999: {}\n", "We went there and back again. ".repeat(60_000)),
    );
    let script = r#"
        mkdir disk && mount -t tmpfs -o size=1m none disk || exit 9
        $THEMATA init disk --name full 2>/dev/null || exit 8
        cd disk
        $THEMATA memo add "before it was full" 2>/dev/null; echo "exit $?"
        $THEMATA import ../long/P999_T1.txt; echo "exit $?"
        $THEMATA memo list --format csv; echo "exit $?"
        $THEMATA audit verify > verify.txt 2>/dev/null || $THEMATA audit verify > /dev/null; echo "verify $?"
    "#;
    let Some(shown) = in_namespace(&study, script) else { return };
    assert_snapshot!(shown, @r"
    exit 0
    exit 1
    id,written,author,kind,on,text
    m-b121bc202e2b,2026-01-01T00:00:01.000Z,tester,analytic,study,before it was full
    exit 0
    verify 0
    error: ../long/P999_T1.txt: was not taken: the disk is full: nothing was written (while writing a change)
    imported nothing
    1 file refused
    ");
}
