//! What a study survives: being killed, a full disk, a read-only disk, two writers at once, a later version.
//!
//! Work that is to be cut off runs in a process of its own: this test binary again, with only [`child`] to run and its
//! task in the environment. Add a task: a name in `child`, a test that starts it with `start`.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use themata::model::{
    Coding, Experiencer, FIRST_ROUND, Memo, MemoKind, Origin, Polarity, Qualifiers, Role, Segmentation, Source,
    SourceFormat, Span, Time, Turn, Visible,
};
use themata::store::{Change, Choices, Environment, Store, StoreError};

const TASK: &str = "THEMATA_RECOVERY_TASK";
const FOLDER: &str = "THEMATA_RECOVERY_FOLDER";
const NAME: &str = "THEMATA_RECOVERY_NAME";

fn environment(actor: &str) -> Environment {
    Environment {
        actor: actor.into(),
        now: "2026-03-01T10:00:00.000Z".into(),
        seed: [5; 32],
        process: format!("recovery of {actor}"),
    }
}

fn memo(text: &str) -> Memo {
    let (kind, author) = (MemoKind::Methodological, "ada".to_owned());
    Memo { kind, on: "study".into(), text: text.into(), author, written: String::new() }
}

fn new_study() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path(), environment("ada")).unwrap();
    let mut change = store.change("begin", None);
    change.put("first", &memo("The study begins.")).unwrap();
    change.commit().unwrap();
    dir
}

fn import(mut change: Change<'_>, number: usize) -> String {
    let words = format!("This is what was said in interview {number}. ").repeat(400);
    let turns = vec![Turn {
        span: Span::new(0, words.len() as u32),
        speaker: 0,
        time_ms: None,
        question: None,
        language: None,
    }];
    let segmentation = Segmentation { speakers: vec!["P".into()], turns, ..Segmentation::default() };
    let source = Source {
        name: format!("{number}.txt"),
        format: SourceFormat::Text,
        revision: change.blob(words.as_bytes()).unwrap(),
        segmentation: change.segmentation(&segmentation).unwrap(),
        first_ordinal: change.ordinals(1).unwrap(),
        turns: 1,
        original: None,
        language: "en".into(),
        wave: None,
        roles: [("P".to_owned(), Role::Participant)].into(),
        participants: Default::default(),
        attributes: Default::default(),
        not_asked: Vec::new(),
        focus_group: false,
    };
    change.put(&format!("s-{number:05}"), &source).unwrap();
    change.commit().unwrap().unwrap()
}

fn coding(number: u32) -> Coding {
    Coding {
        code: Some("trust".into()),
        source: "s-00000".into(),
        revision: "0".repeat(64),
        span: Span::new(number, number + 10),
        digest: format!("{number:064}"),
        coder: "ada".into(),
        polarity: Polarity::Present,
        qualifiers: Qualifiers { time: Time::General, target: None, experiencer: Experiencer::Speaker },
        origin: Origin::AcceptedInBulk,
        confidence: None,
        codebook_version: 1,
        indicator: None,
        trigger: None,
        rule_set: None,
        note: String::new(),
        visible: Visible::default(),
        round: FIRST_ROUND,
    }
}

fn command(task: &str, folder: &Path, name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    // The module's path in whichever binary this file is part of.
    let test = format!("{}::child", module_path!().split_once("::").map_or("", |(_, path)| path));
    command.args([&test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(TASK, task).env(FOLDER, folder).env(NAME, name);
    command.stdout(Stdio::piped());
    command
}

fn start(task: &str, folder: &Path, name: &str) -> Child {
    command(task, folder, name).spawn().unwrap()
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // The reader may have killed the conversation already.
    let _ = writeln!(out, "\n>{line}").and_then(|()| out.flush());
}

/// What the child said so far, up to `most` lines.
fn hear(child: &mut Child, most: usize) -> Vec<String> {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| line.strip_prefix('>').map(str::to_owned)).take(most).collect()
}

/// The work of the other process. Does nothing when it was not started by a test of this file.
#[test]
#[ignore = "run by the other tests of this file, as a process of its own"]
fn child() {
    let (Ok(task), Ok(folder)) = (std::env::var(TASK), std::env::var(FOLDER)) else { return };
    let (folder, name) = (PathBuf::from(folder), std::env::var(NAME).unwrap_or_default());
    match task.as_str() {
        "import" => {
            let mut store = Store::open(&folder, environment("ada")).unwrap();
            for number in 0.. {
                say(&import(store.change("import", None).batch("import-1"), number));
            }
        }
        "bulk" => {
            let mut store = Store::open(&folder, environment("ada")).unwrap();
            let mut change = store.change("code accept --all", None);
            for number in 0..20_000 {
                change.put(&format!("c-{number:06}"), &coding(number)).unwrap();
            }
            say("begins");
            say(&change.commit().unwrap().unwrap());
        }
        "write" => write_beside_others(&folder, &name),
        "random" => work_at_random(&folder, name.parse().unwrap()),
        "merge" => merge_on_a_full_disk(&folder, Path::new(&name)),
        "fill" => fill_the_disk(&folder),
        "read-only" => read_only(&folder),
        other => panic!("no task `{other}`"),
    }
}

/// Ids in the log, which must be sound.
fn sound(folder: &Path) -> (Store, Vec<String>) {
    let store = Store::open(folder, environment("ada")).unwrap();
    let report = store.verify().unwrap();
    assert!(report.is_clean(), "{report}");
    let log = store.log().unwrap().into_iter().map(|operation| operation.hash).collect();
    (store, log)
}

#[test]
fn a_process_killed_while_importing_loses_nothing_that_was_acknowledged() {
    for acknowledged in [1, 7, 23] {
        let dir = new_study();
        let mut child = start("import", dir.path(), "");
        let mut heard = hear(&mut child, acknowledged);
        child.kill().unwrap();
        let mut rest = String::new();
        child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        // The last line may have been cut in the middle.
        heard.extend(
            rest.lines().filter_map(|line| line.strip_prefix('>')).filter(|hash| hash.len() == 64).map(str::to_owned),
        );
        child.wait().unwrap();
        let (mut store, log) = sound(dir.path());
        assert!(heard.len() >= acknowledged);
        assert!(heard.iter().all(|hash| log.contains(hash)));
        assert_eq!(store.all::<Source>().unwrap().len() + 1, log.len());
        let undone = store.undo(None, "undo", None).unwrap();
        assert_eq!(undone.of.len() + 1, log.len());
        assert!(store.all::<Source>().unwrap().is_empty());
        assert!(store.verify().unwrap().is_clean());
    }
}

#[test]
fn a_process_killed_in_a_bulk_decision_leaves_all_of_it_or_nothing() {
    let mut outcomes = Vec::new();
    for milliseconds in [0, 20, 60, 120, 200, 400, 800, 1_600] {
        let dir = new_study();
        let mut child = start("bulk", dir.path(), "");
        assert_eq!(hear(&mut child, 1), ["begins"]);
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        let mut rest = String::new();
        child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        child.wait().unwrap();
        let (store, log) = sound(dir.path());
        let codings = store.all::<Coding>().unwrap().len();
        assert!(codings == 0 || codings == 20_000, "{codings}");
        assert_eq!(log.len(), if codings == 0 { 1 } else { 2 });
        let acknowledged =
            rest.lines().any(|line| line.strip_prefix('>').is_some_and(|hash| log.contains(&hash.to_owned())));
        assert!(!acknowledged || codings == 20_000);
        outcomes.push(codings);
    }
    assert!(outcomes.contains(&0), "no kill came before the end");
}

/// Numbers that look random and are the same in every run.
fn scattered(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed * 2 + 1), |x| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1)))
        .skip(3)
        .map(|x| x >> 33)
}

/// One operation after the other, of every kind there is, each said aloud when it is done.
fn work_at_random(folder: &Path, seed: u64) {
    let mut store = Store::open(folder, environment("ada")).unwrap();
    store.keep_snapshots(false).unwrap();
    for (k, x) in scattered(seed).enumerate() {
        let done = match x % 10 {
            0 => {
                Some(import(store.change("import", None).batch(&format!("import-{seed}")), (seed * 1_000) as usize + k))
            }
            1 => store.undo(None, "undo", None).ok().map(|undone| undone.operation),
            2 => store.redo("redo", None).ok().map(|redone| redone.operation),
            3 => {
                let mut change = store.change("forget", None);
                change.delete::<Memo>(&format!("m-{}", x / 10 % 20));
                change.commit().unwrap()
            }
            4 => {
                let mut change = store.change("code", None);
                for number in 0..x / 10 % 50 {
                    change.put(&format!("c-{number}"), &coding((x % 1_000) as u32 + number as u32)).unwrap();
                }
                change.commit().unwrap()
            }
            _ => {
                let mut change = store.change("memo", None);
                change.put(&format!("m-{}", x / 10 % 20), &memo(&format!("{seed} {k}"))).unwrap();
                change.commit().unwrap()
            }
        };
        if let Some(hash) = done {
            say(&hash);
        }
    }
}

#[test]
fn killed_at_any_moment_of_five_hundred_operations_nothing_acknowledged_is_lost() {
    let dir = new_study();
    let mut acknowledged: Vec<String> = Vec::new();
    let mut chance = scattered(7);
    for seed in 0.. {
        let (lines, delay) = (chance.next().unwrap() % 40, chance.next().unwrap() % 3_000);
        let mut child = start("random", dir.path(), &seed.to_string());
        acknowledged.extend(hear(&mut child, 1 + lines as usize));
        std::thread::sleep(Duration::from_micros(delay));
        child.kill().unwrap();
        let mut rest = String::new();
        child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        let rest = rest.lines().filter_map(|line| line.strip_prefix('>')).filter(|hash| hash.len() == 64);
        acknowledged.extend(rest.map(str::to_owned));
        child.wait().unwrap();
        let (_, log) = sound(dir.path());
        let lost: Vec<&String> = acknowledged.iter().filter(|hash| !log.contains(hash)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        if log.len() > 500 {
            break;
        }
    }
    assert!(acknowledged.len() > 300, "{}", acknowledged.len());
}

/// Not a time that is asserted: it is printed, and the guide says what it was where.
#[test]
#[ignore = "a measurement: run it in release mode with --nocapture"]
fn a_hundred_thousand_operations_are_verified() {
    let dir = new_study();
    let mut store = Store::open(dir.path(), environment("ada")).unwrap();
    store.keep_snapshots(false).unwrap();
    for number in 1..100_000 {
        let mut change = store.change("code add", None);
        change.put(&format!("c-{number:06}"), &coding(number)).unwrap();
        change.commit().unwrap();
    }
    let begun = std::time::Instant::now();
    let report = store.verify().unwrap();
    println!("{report} in {:?}", begun.elapsed());
    assert!(report.is_clean() && report.operations == 100_000);
}

/// Adds memos of its own and counts up a shared one.
fn write_beside_others(folder: &Path, name: &str) {
    let mut store = Store::open(folder, environment(name)).unwrap();
    for number in 0..40 {
        let mut change = store.change("memo add", None);
        change.put(&format!("{name}-{number}"), &memo("mine")).unwrap();
        change.commit().unwrap();
        loop {
            store.changed_elsewhere().unwrap();
            let count: u32 = store.get::<Memo>("shared").unwrap().map_or(0, |memo| memo.text.parse().unwrap());
            let mut change = store.change("memo count", None);
            change.put("shared", &memo(&(count + 1).to_string())).unwrap();
            match change.commit() {
                Ok(_) => break,
                Err(StoreError::ChangedMeanwhile { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn three_processes_that_write_at_once_lose_nothing() {
    let dir = new_study();
    let children: Vec<Child> = ["ada", "ben", "cleo"].map(|name| start("write", dir.path(), name)).into();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let (store, log) = sound(dir.path());
    assert_eq!(log.len(), 1 + 3 * 80);
    assert_eq!(store.get::<Memo>("shared").unwrap().unwrap().text, "120");
    assert_eq!(store.all::<Memo>().unwrap().len(), 2 + 3 * 40);
}

/// Runs a task in a process that may mount things for itself; says why where the system does not allow that.
fn in_a_namespace(mount: &str, task: &str, folder: &Path) {
    in_a_namespace_with(mount, task, folder, "");
}

fn in_a_namespace_with(mount: &str, task: &str, folder: &Path, name: &str) {
    let allowed = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        eprintln!("skipped: `unshare -rm` is not available or not permitted here");
        return;
    }
    let plain = command(task, folder, name);
    let mut shell = Command::new("unshare");
    shell.args(["-rm", "sh", "-c", &format!("{mount} && exec \"$@\""), "sh"]);
    shell.arg(plain.get_program()).args(plain.get_args());
    shell.envs(plain.get_envs().filter_map(|(key, value)| Some((key, value?))));
    let output = shell.output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("\n>done"), "{told}");
}

fn fill_the_disk(folder: &Path) {
    let mut store = Store::create(folder, environment("ada")).unwrap();
    let mut acknowledged = Vec::new();
    let error = loop {
        let text = format!("{} {}", acknowledged.len(), "A long note. ".repeat(2_000));
        let mut change = store.change("memo add", None);
        change.put(&format!("m-{:04}", acknowledged.len()), &memo(&text)).unwrap();
        match change.commit() {
            Ok(hash) => acknowledged.push(hash.unwrap()),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().starts_with("the disk is full: nothing was written"), "{error}");
    assert!(acknowledged.len() > 5);
    assert!(store.verify().unwrap().is_clean());
    assert_eq!(store.all::<Memo>().unwrap().len(), acknowledged.len());
    let full = store.backup(&folder.join("backup.db")).unwrap_err();
    assert!(full.to_string().starts_with("the disk is full"), "{full}");
    assert!(!folder.join("backup.db").exists() && !folder.join("backup.db.partial").exists());
    drop(store);
    let (store, log) = sound(folder);
    assert_eq!(log, acknowledged);
    drop(store);
    say("done");
}

#[test]
fn a_full_disk_is_named_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size=3m tmpfs '{}'", dir.path().display());
    in_a_namespace(&mount, "fill", dir.path());
}

fn merge_on_a_full_disk(folder: &Path, elsewhere: &Path) {
    let mut store = Store::create(folder, environment("ada")).unwrap();
    end(&mut store);
    store.backup(&elsewhere.join("copy.db")).unwrap();
    let mut other = Store::restore(&elsewhere.join("copy.db"), &elsewhere.join("copy"), environment("ben")).unwrap();
    for number in 0..60 {
        let mut change = other.change("memo add", None);
        change.put(&format!("b-{number}"), &memo(&format!("{number} {}", "A long note. ".repeat(9_000)))).unwrap();
        change.commit().unwrap();
    }
    let mut change = store.change("memo add", None);
    change.put("mine", &memo("Mine.")).unwrap();
    change.commit().unwrap();
    let before = store.head().unwrap();
    let full = store.merge(other.folder(), &Choices::default(), "merge", None).unwrap_err();
    assert!(full.to_string().starts_with("the disk is full: nothing was written"), "{full}");
    assert_eq!(store.head().unwrap(), before);
    assert_eq!(store.all::<Memo>().unwrap().len(), 2);
    drop(store);
    assert_eq!(sound(folder).1.len(), 2);
    say("done");
}

#[test]
fn a_merge_on_a_full_disk_changes_nothing() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mount = format!("mount -t tmpfs -o size=3m tmpfs '{}'", dir.path().display());
    in_a_namespace_with(&mount, "merge", dir.path(), &elsewhere.path().display().to_string());
}

fn read_only(folder: &Path) {
    let error = Store::open(folder, environment("ada")).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    let error = Store::create(&folder.join("new"), environment("ada")).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    match Store::open_read_only(folder, environment("ada")) {
        Ok(store) => {
            assert_eq!(store.get::<Memo>("first").unwrap().unwrap().text, "The study begins.");
            assert_eq!(store.get::<Memo>("last").unwrap().map(|memo| memo.text).as_deref(), Some("The study ends."));
            assert!(store.verify().unwrap().is_clean());
            assert!(!store.changed_elsewhere().unwrap());
        }
        // Only where the last changes lie in a log that cannot be read: never the state without them.
        Err(StoreError::UnfinishedLog { .. }) if folder.join("study.db-wal").exists() => {}
        Err(other) => panic!("{other}"),
    }
    say("done");
}

fn end(store: &mut Store) {
    let mut change = store.change("end", None);
    change.put("last", &memo("The study ends.")).unwrap();
    change.commit().unwrap();
}

#[test]
fn a_read_only_disk_can_be_read() {
    let dir = new_study();
    end(&mut Store::open(dir.path(), environment("ada")).unwrap());
    let path = dir.path().display();
    let mount = format!("mount --bind '{path}' '{path}' && mount -o remount,bind,ro '{path}'");
    in_a_namespace(&mount, "read-only", dir.path());
    // A writer that is still there, or was killed, leaves its changes in the log beside the database.
    let mut store = Store::open(dir.path(), environment("ada")).unwrap();
    let mut change = store.change("more", None);
    change.put("more", &memo("Not the end.")).unwrap();
    change.commit().unwrap();
    assert!(dir.path().join("study.db-wal").exists());
    in_a_namespace(&mount, "read-only", dir.path());
    std::fs::remove_file(dir.path().join("study.db-shm")).unwrap();
    in_a_namespace(&mount, "read-only", dir.path());
}

#[test]
fn a_study_of_a_later_version_is_left_alone() {
    let dir = new_study();
    let file = dir.path().join("study.db");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let before = std::fs::read(&file).unwrap();
    let error = Store::open(dir.path(), environment("ada")).unwrap_err().to_string();
    assert!(error.contains("newer themata") && error.contains('7') && error.contains('1'), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
