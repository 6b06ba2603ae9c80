//! Making, opening, writing, reading, copying.

use super::*;
use crate::model::{Memo, MemoKind, Score, ScoreValue, Wave, WavePhase};
use rusqlite::Connection;

fn wave(label: &str) -> Wave {
    Wave { label: label.into(), order: 0, phase: WavePhase::During }
}

#[test]
fn the_same_work_in_the_same_environment_gives_the_same_hashes() {
    let work = || {
        let (dir, mut store) = new_study();
        put(&mut store, "T0", &wave("start"));
        let hash = put(&mut store, "T1", &wave("end"));
        (dir, hash)
    };
    let ((_a, first), (_b, second)) = (work(), work());
    assert_eq!(first, second);
    let mut other = environment("ada");
    other.seed = [8; 32];
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path(), other).unwrap();
    put(&mut store, "T0", &wave("start"));
    assert_ne!(put(&mut store, "T1", &wave("end")), first);
}

#[test]
fn what_was_put_is_read_back_after_opening_again() {
    let (dir, mut store) = new_study();
    let source =
        interview(&mut store, "a.txt", &[("I", "How was it?"), ("P", "It was raining all week.")], &[("P", "P1")]);
    put(&mut store, "T0", &wave("start"));
    drop(store);
    let store = Store::open_read_only(dir.path(), environment("ben")).unwrap();
    let record: Source = store.get(&source).unwrap().unwrap();
    assert_eq!(store.text(&record.revision).unwrap(), "I: How was it?\nP: It was raining all week.\n");
    assert_eq!(store.segmentation(&record.segmentation).unwrap().turns.len(), 2);
    assert_eq!(store.all::<Wave>().unwrap().keys().collect::<Vec<_>>(), ["T0"]);
    assert_eq!(store.get::<Wave>("T9").unwrap(), None);
    assert_eq!(store.head().unwrap().1, 2);
    assert_eq!(store.first_operation("wave", "T0").unwrap(), Some(2));
    assert_eq!(store.first_operation("wave", "T").unwrap(), None);
    let study = Study::load(&store).unwrap();
    assert_eq!(study.sources.len(), 1);
}

#[test]
fn nothing_to_change_writes_no_operation() {
    let (_dir, mut store) = new_study();
    put(&mut store, "T0", &wave("start"));
    let mut change = store.change("put", None);
    change.put("T0", &wave("start")).unwrap();
    change.delete::<Wave>("T7");
    assert_eq!(change.commit().unwrap(), None);
    assert_eq!(store.head().unwrap().1, 1);
}

#[test]
fn a_dropped_change_leaves_nothing_but_used_up_numbers() {
    let (_dir, mut store) = new_study();
    let before = state(&store);
    let mut change = store.change("put", None);
    change.put("T0", &wave("start")).unwrap();
    assert_eq!(change.ordinals(10).unwrap(), 0);
    drop(change);
    assert_eq!(state(&store), before);
    assert_eq!(store.change("put", None).ordinals(1).unwrap(), 10);
    assert!(matches!(store.change("put", None).ordinals(u32::MAX), Err(StoreError::OutOfOrdinals)));
    assert_clean(&store);
}

#[test]
fn a_number_that_json_cannot_hold_is_refused() {
    let (_dir, mut store) = new_study();
    let score = Score { name: "x".into(), participant: "P1".into(), wave: None, value: ScoreValue::Number(f64::NAN) };
    let error = store.change("put", None).put("x/P1/-", &score).unwrap_err();
    assert!(matches!(error, StoreError::Unstorable { kind: "score", .. }), "{error}");
}

#[test]
fn a_bulk_change_puts_its_list_into_a_blob() {
    let (_dir, mut store) = new_study();
    let mut change = store.change("bulk", None);
    for k in 0..3_000 {
        change.put(&format!("w{k:04}"), &wave(&format!("wave {k}"))).unwrap();
    }
    let hash = change.commit().unwrap().unwrap();
    let payload: String = store.connection.query_row("SELECT payload FROM operation", [], |row| row.get(0)).unwrap();
    assert!(payload.len() < 500);
    let log = store.log().unwrap();
    assert_eq!((log[0].edits.len(), &log[0].hash), (3_000, &hash));
    assert_eq!(log[0].summary(), "3000 waves added");
    assert_eq!(store.first_operation("wave", "w2999").unwrap(), Some(1));
    assert_clean(&store);
    store.undo(None, "undo", None).unwrap();
    assert!(state(&store).is_empty());
    assert_clean(&store);
}

#[test]
fn a_record_that_somebody_else_changed_is_not_overwritten() {
    let (dir, mut ours) = new_study();
    put(&mut ours, "T0", &wave("start"));
    let mut theirs = Store::open(dir.path(), environment("ben")).unwrap();
    put(&mut theirs, "T0", &wave("baseline"));
    put(&mut theirs, "T1", &wave("end"));
    put(&mut ours, "T2", &wave("later"));
    let mut change = ours.change("put", None);
    change.put("T0", &wave("beginning")).unwrap();
    let error = change.commit().unwrap_err();
    assert_eq!(
        error.to_string(),
        "ben changed wave T0 in the meantime: nothing was written; run the command again to work on the new state"
    );
    assert!(ours.changed_elsewhere().unwrap());
    assert!(!ours.changed_elsewhere().unwrap());
    put(&mut ours, "T0", &wave("beginning"));
    assert_eq!(ours.get::<Wave>("T0").unwrap().unwrap().label, "beginning");
    assert_clean(&ours);
}

#[test]
fn a_writer_that_waits_too_long_hears_who_writes() {
    let (dir, store) = new_study();
    let other = Store::open(dir.path(), environment("ben")).unwrap();
    other.connection.pragma_update(None, "busy_timeout", 10).unwrap();
    let error = store.write("holding on", || Ok(other.write("writing", || Ok(())).unwrap_err())).unwrap();
    assert_eq!(
        error.to_string(),
        "the study is busy: `test of ada, since 2026-03-01T10:00:00.000Z` is writing; try again when it has ended"
    );
}

#[test]
fn files_of_others_and_of_later_versions_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("study.db");
    let open = || Store::open(dir.path(), environment("ada")).map(drop).unwrap_err().to_string();
    let read = || Store::open_read_only(dir.path(), environment("ada")).map(drop).unwrap_err().to_string();
    assert!(open().ends_with("holds no study: there is no study.db in it"));
    std::fs::write(&file, "").unwrap();
    assert!(open().contains("is not a study of themata"));
    std::fs::write(&file, "These are field notes, not a database. ".repeat(50)).unwrap();
    assert!(open().contains("is not a study of themata"));
    assert!(read().contains("is not a study of themata"));
    std::fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(open().contains("is not a study of themata"));
    std::fs::remove_file(&file).unwrap();
    drop(Store::create(dir.path(), environment("ada")).unwrap());
    assert!(matches!(Store::create(dir.path(), environment("ada")), Err(StoreError::AlreadyAStudy { .. })));
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 9).unwrap();
    let sentence = "(store version 9, this one knows versions up to 1): update themata to open it";
    assert!(open().ends_with(sentence), "{}", open());
    assert!(read().ends_with(sentence));
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 0).unwrap();
    assert!(read().contains("was written by an older themata"));
}

#[test]
fn a_store_opened_for_reading_does_not_write() {
    let (dir, mut store) = new_study();
    put(&mut store, "T0", &wave("start"));
    drop(store);
    let before = files(dir.path());
    let mut store = Store::open_read_only(dir.path(), environment("ada")).unwrap();
    let mut change = store.change("put", None);
    change.put("T1", &wave("end")).unwrap();
    assert!(matches!(change.commit(), Err(StoreError::OpenedForReading)));
    assert!(matches!(store.undo(None, "undo", None), Err(StoreError::OpenedForReading)));
    drop(store);
    assert_eq!(files(dir.path()), before);
}

#[test]
fn a_time_that_is_not_utc_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for now in ["", "yesterday", "2026-03-01T10:00:00+01:00", "2026-03-01 10:00:00Z", "2026-03-01T10:00:00.x1Z"] {
        let environment = Environment { now: now.into(), ..environment("ada") };
        let error = Store::create(&dir.path().join(format!("{}", now.len())), environment).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::BadTime { .. }), "{now}: {error}");
    }
}

#[test]
fn a_backup_is_a_study_that_can_be_restored() {
    let (dir, mut store) = new_study();
    interview(&mut store, "a.txt", &[("P", "We moved the boats inside.")], &[("P", "P1")]);
    let copy = dir.path().join("copy.db");
    Store::open_read_only(dir.path(), environment("ben")).unwrap().backup(&copy).unwrap();
    assert!(matches!(store.backup(&copy), Err(StoreError::BackupExists { .. })));
    let target = dir.path().join("restored");
    let restored = Store::restore(&copy, &target, environment("ben")).unwrap();
    assert_eq!(state(&restored), state(&store));
    assert_eq!(restored.head().unwrap(), store.head().unwrap());
    assert_clean(&restored);
    assert!(matches!(Store::restore(&copy, &target, environment("ben")), Err(StoreError::AlreadyAStudy { .. })));
    Connection::open(&copy).unwrap().execute("UPDATE blob SET bytes = x'00' WHERE rowid = 1", []).unwrap();
    let error = Store::restore(&copy, &dir.path().join("other"), environment("ben")).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::BadBackup { .. }), "{error}");
    assert!(!dir.path().join("other").exists());
}

#[test]
fn snapshots_come_by_themselves_and_not_too_often() {
    let (dir, mut store) = new_study();
    for k in 0..100 {
        put(&mut store, &format!("T{k}"), &wave("w"));
    }
    assert!(store.snapshots().is_empty());
    drop(store);
    let mut store = Store::open(dir.path(), environment("ada")).unwrap();
    assert_eq!(store.snapshots().len(), 1);
    put(&mut store, "T100", &wave("w"));
    drop(store);
    let mut store = Store::open(dir.path(), environment("ada")).unwrap();
    assert_eq!(store.snapshots().len(), 1);
    let source = interview(&mut store, "a.txt", &[("P", "We moved the boats inside.")], &[("P", "P1")]);
    let mut change = store.change("remove", None);
    change.delete::<Source>(&source);
    change.commit().unwrap();
    assert_eq!(store.snapshots().len(), 2);
    store.keep_snapshots(false).unwrap();
    let source = interview(&mut store, "b.txt", &[("P", "We moved them out again.")], &[("P", "P1")]);
    let mut change = store.change("remove", None);
    change.delete::<Source>(&source);
    change.commit().unwrap();
    assert_eq!(store.snapshots().len(), 2);
    let newest = store.snapshots().pop().unwrap();
    let restored = Store::restore(&newest, &dir.path().join("back"), environment("ada")).unwrap();
    assert_eq!(restored.all::<Source>().unwrap().len(), 1);
    assert!(store.warnings().is_empty());
}

#[test]
fn a_memo_with_any_text_comes_back() {
    let (_dir, mut store) = new_study();
    let text = "a \"quoted\" line\nשורה\u{0}\u{7f}🌊".to_owned();
    let memo =
        Memo { kind: MemoKind::Reflexive, on: "study".into(), text, author: "ada".into(), written: String::new() };
    put(&mut store, "m'1\"; DROP TABLE record; --", &memo);
    assert_eq!(store.get::<Memo>("m'1\"; DROP TABLE record; --").unwrap().unwrap(), memo);
    assert_eq!(store.first_operation("memo", "m'1\"; DROP TABLE record; --").unwrap(), Some(1));
    assert_clean(&store);
}

#[test]
fn a_folder_that_is_copied_between_machines_is_pointed_out() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("Dropbox").join("study");
    let store = Store::create(&folder, environment("ada")).unwrap();
    assert_eq!(store.warnings(), [Warning::SyncFolder { name: "Dropbox".into() }]);
    assert!(new_study().1.warnings().is_empty());
}
