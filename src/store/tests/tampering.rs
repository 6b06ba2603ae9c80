//! Whatever is changed in the file without an operation is found.

use super::*;
use crate::model::{Memo, MemoKind, Wave, WavePhase};
use proptest::prelude::*;
use rusqlite::{Connection, params};
use std::sync::OnceLock;

/// A study with a bit of everything: batch, long list, undo, redo, merge, withdrawal, erasure. Its files are copied for
/// each case.
fn original() -> &'static TempDir {
    static STUDY: OnceLock<TempDir> = OnceLock::new();
    STUDY.get_or_init(|| {
        let (dir, mut store) = new_study();
        store.keep_snapshots(false).unwrap();
        let first =
            interview(&mut store, "a.txt", &[("I", "And then?"), ("P", "Then the ice broke up.")], &[("P", "P1")]);
        interview(&mut store, "b.txt", &[("P", "Nobody crossed the bay that year.")], &[("P", "P2")]);
        interview(&mut store, "c.txt", &[("P", "I do not want to be part of this any more.")], &[("P", "P3")]);
        let record = coding(&store, &first, "ice broke", "a turning point");
        put(&mut store, "c-1", &record);
        let mut change = store.change("bulk", Some("all the waves"));
        for k in 0..700 {
            let wave = Wave { label: format!("w{k}"), order: k, phase: WavePhase::After };
            change.put(&format!("W{k:03}"), &wave).unwrap();
        }
        change.commit().unwrap();
        let (kind, on) = (MemoKind::Analytic, "study".to_owned());
        let memo = Memo { kind, on, text: "Ice again.".into(), author: "ada".into(), written: String::new() };
        put(&mut store, "m-1", &memo);
        store.undo(None, "undo", None).unwrap();
        store.redo("redo", None).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        store.backup(&elsewhere.path().join("copy.db")).unwrap();
        let copy = elsewhere.path().join("copy");
        let mut other = Store::restore(&elsewhere.path().join("copy.db"), &copy, environment("ben")).unwrap();
        let memo = |text: &str| Memo {
            kind: MemoKind::Analytic,
            on: "study".into(),
            text: text.into(),
            author: "b".into(),
            written: String::new(),
        };
        put(&mut other, "m-2", &memo("Of the other copy."));
        put(&mut store, "m-3", &memo("Of this one."));
        store.merge(&copy, &Choices::default(), "merge", Some("both went on")).unwrap();
        store.withdraw("P2", "withdraw P2", Some("asked to")).unwrap();
        store.erase("P3", "erase P3", Some("asked to")).unwrap();
        assert_clean(&store);
        drop(store);
        dir
    })
}

fn copy() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(original().path().join("study.db"), dir.path().join("study.db")).unwrap();
    dir
}

fn open(dir: &TempDir) -> Result<Store, StoreError> {
    Store::open_read_only(dir.path(), environment("ada"))
}

/// Runs statements on the file behind the store's back.
fn meddle(dir: &TempDir, sql: &str) -> usize {
    let connection = Connection::open(dir.path().join("study.db")).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute(sql, []).unwrap()
}

#[test]
fn the_report_says_what_was_erased_and_by_which_operation() {
    let store = open(&copy()).unwrap();
    let report = store.verify().unwrap();
    let erasure = store.log().unwrap().pop().unwrap();
    assert_eq!(report.erased, BTreeMap::from([(erasure.hash.clone(), erasure.erased.len())]));
    let end = format!("{} erased by operation {}", erasure.erased.len(), &erasure.hash[..12]);
    assert!(report.to_string().starts_with("clean: ") && report.to_string().ends_with(&end), "{report}");
}

#[test]
fn every_kind_of_meddling_is_found() {
    let cases = [
        "UPDATE operation SET actor = 'eve' WHERE seq = 2",
        "UPDATE operation SET time = '2026-03-01T10:00:01.000Z' WHERE seq = 2",
        "UPDATE operation SET command = 'improt' WHERE seq = 1",
        "UPDATE operation SET reason = NULL WHERE seq = 5",
        "UPDATE operation SET reason = '' WHERE seq = 1",
        "UPDATE operation SET batch = NULL WHERE seq = 1",
        "UPDATE operation SET batch = 'x' WHERE seq = 5",
        "UPDATE operation SET payload = replace(payload, 'change', 'redo') WHERE seq = 4",
        "UPDATE operation SET payload = payload || ' ' WHERE seq = 4",
        "UPDATE operation SET parents = replace(parents, '[', '[ ') WHERE seq = 3",
        "UPDATE operation SET parents = '[]' WHERE seq = 3",
        "UPDATE operation SET hash = replace(hash, substr(hash, 1, 1), 'z') WHERE seq = 3",
        "UPDATE operation SET seq = 100 WHERE seq = 3",
        "UPDATE operation SET seq = -1 WHERE seq = 1",
        "DELETE FROM operation WHERE seq = 2",
        "DELETE FROM operation WHERE seq = (SELECT max(seq) FROM operation)",
        "DELETE FROM operation",
        "DELETE FROM record WHERE kind = 'coding'",
        "UPDATE record SET id = 'c-2' WHERE kind = 'coding'",
        "UPDATE record SET value = (SELECT value FROM record WHERE kind = 'memo') WHERE kind = 'coding'",
        "INSERT INTO record VALUES ('wave', 'T9', (SELECT value FROM record WHERE id = 'W001'))",
        "UPDATE blob SET bytes = CAST(replace(CAST(bytes AS TEXT), 'ice', 'sea') AS BLOB)",
        "UPDATE blob SET salt = randomblob(32) WHERE rowid = 3",
        "DELETE FROM blob WHERE bytes LIKE '%W699%'",
        "DELETE FROM blob WHERE CAST(bytes AS TEXT) LIKE '%turning point%'",
        "DELETE FROM erased WHERE blob = (SELECT max(blob) FROM erased)",
        "INSERT INTO erased VALUES ('00', (SELECT hash FROM operation LIMIT 1))",
        "UPDATE meta SET value = 'x' WHERE key = 'head'",
        "UPDATE meta SET value = 1 WHERE key = 'next_ordinal'",
        "UPDATE meta SET value = 'many' WHERE key = 'next_ordinal'",
        "UPDATE meta SET value = randomblob(32) WHERE key = 'salt'",
        "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM record; END",
        "DROP INDEX operation_batch",
    ];
    for sql in cases {
        let dir = copy();
        let touched = meddle(&dir, sql);
        assert!(touched > 0 || sql.starts_with("CREATE") || sql.starts_with("DROP"), "{sql} touches nothing");
        let report = open(&dir).unwrap().verify().unwrap();
        assert!(!report.is_clean(), "not found: {sql}");
    }
}

#[test]
fn erased_words_that_are_there_again_are_found() {
    let dir = copy();
    let words = b"I do not want to be part of this any more.";
    let text = format!("P: {}\n", std::str::from_utf8(words).unwrap());
    let store = open(&dir).unwrap();
    let (id, salt) = (store.blob_id(text.as_bytes()), digest::blob_salt(&store.salt, text.as_bytes()));
    assert!(store.erased_by(&id).unwrap().is_some());
    assert!(matches!(store.blob(&id), Err(StoreError::Erased { .. })));
    drop(store);
    let connection = Connection::open(dir.path().join("study.db")).unwrap();
    let row = params![id, &salt[..], text.as_bytes()];
    connection.execute("INSERT INTO blob VALUES (?1, ?2, ?3)", row).unwrap();
    drop(connection);
    let report = open(&dir).unwrap().verify().unwrap();
    assert!(report.to_string().contains("erased it, and it is there again"), "{report}");
}

#[test]
fn what_a_cut_off_change_left_is_no_finding() {
    let dir = copy();
    let mut store = Store::open(dir.path(), environment("ada")).unwrap();
    store.write("testing", || store.insert_blob(b"half of an import")).unwrap();
    let report = store.verify().unwrap();
    assert_eq!((report.is_clean(), report.unused), (true, 1));
    store.erase("P2", "erase P2", None).unwrap();
    assert_eq!(store.verify().unwrap().unused, 0);
}

/// What the file says, as far as it can be read.
fn contents(store: &Store) -> (Vec<Operation>, State, BTreeMap<String, Vec<u8>>) {
    let blobs = store.blob_ids().unwrap().into_iter().map(|id| (id.clone(), store.blob(&id).unwrap()));
    (store.log().unwrap(), state(store), blobs.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_byte_in_a_row_is_found(row in any::<u32>(), place in any::<u32>(), flip in 1_u8..=255, what in 0_usize..15) {
        let columns = [("operation", "hash"), ("operation", "parents"), ("operation", "actor"), ("operation", "time"),
            ("operation", "command"), ("operation", "payload"), ("record", "value"), ("blob", "bytes"), ("blob", "salt"),
            ("operation", "reason"), ("operation", "batch"), ("record", "kind"), ("record", "id"), ("erased", "blob"), ("meta", "value")];
        let (table, column) = columns[what];
        let dir = copy();
        let connection = Connection::open(dir.path().join("study.db")).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        let key = match table { "record" => "id", "erased" => "blob", "meta" => "key", _ => "rowid" };
        // Whether snapshots are kept is nobody's business but this copy's.
        let counts = if table == "meta" { "key <> 'snapshots'".to_owned() } else { format!("{column} IS NOT NULL") };
        let sql = format!("SELECT {key}, CAST({column} AS BLOB) FROM {table} WHERE {counts} ORDER BY 1");
        let mut statement = connection.prepare(&sql).unwrap();
        let rows: Vec<(rusqlite::types::Value, Vec<u8>)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
        let (key_value, mut bytes) = rows[row as usize % rows.len()].clone();
        prop_assume!(!bytes.is_empty());
        let at = place as usize % bytes.len();
        bytes[at] ^= flip;
        let text = if table == "blob" { "?1" } else { "CAST(?1 AS TEXT)" };
        let update = format!("UPDATE {table} SET {column} = {text} WHERE {key} = ?2");
        // One record cannot be given the id of another.
        prop_assume!(connection.execute(&update, params![bytes, key_value]).is_ok());
        drop(statement);
        drop(connection);
        // A study whose newest hash is no text does not even open.
        let found = match open(&dir) {
            Ok(store) => !store.verify().unwrap().is_clean(),
            Err(error) => matches!(error, StoreError::Damaged { .. }),
        };
        prop_assert!(found, "{table}.{column} of {key_value:?}, byte {at}");
    }

    #[test]
    fn a_changed_byte_of_the_file_is_found_or_changes_nothing(place in any::<u32>(), flip in 1_u8..=255) {
        let dir = copy();
        let file = dir.path().join("study.db");
        let mut bytes = std::fs::read(&file).unwrap();
        let at = place as usize % bytes.len();
        bytes[at] ^= flip;
        std::fs::write(&file, bytes).unwrap();
        // An error is a finding too; only a clean report that is wrong would be bad.
        if let Ok(store) = open(&dir) && let Ok(report) = store.verify() && report.is_clean() {
            prop_assert_eq!(contents(&store), contents(&open(&copy()).unwrap()), "byte {}", at);
        }
    }
}
