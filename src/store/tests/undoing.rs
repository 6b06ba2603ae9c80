//! `undo` and `redo`: what they restore, what they refuse.

use super::*;
use crate::model::{Code, CodebookVersion, Looked, Memo, MemoKind, Record, Score, ScoreValue, Wave, WavePhase};
use proptest::prelude::*;

fn wave(label: &str) -> Wave {
    Wave { label: label.into(), order: 0, phase: WavePhase::During }
}

fn memo(on: &str, text: &str) -> Memo {
    let (kind, author) = (MemoKind::Analytic, "ada".to_owned());
    Memo { kind, on: on.into(), text: text.into(), author, written: String::new() }
}

fn undo(store: &mut Store) -> Result<Reverted, StoreError> {
    store.undo(None, "undo", None)
}

fn redo(store: &mut Store) -> Result<Reverted, StoreError> {
    store.redo("redo", None)
}

fn dependents(error: StoreError) -> Vec<String> {
    match error {
        StoreError::DependedOn { dependents } => dependents,
        other => panic!("{other}"),
    }
}

#[test]
fn undo_goes_back_step_by_step_and_redo_forward_again() {
    let (_dir, mut store) = new_study();
    let mut states = vec![state(&store)];
    for label in ["one", "two", "three"] {
        put(&mut store, "T0", &wave(label));
        states.push(state(&store));
    }
    for expected in states.iter().rev().skip(1) {
        let reverted = undo(&mut store).unwrap();
        assert_eq!((reverted.records, reverted.of.len()), (1, 1));
        assert_eq!(state(&store), *expected);
    }
    assert!(matches!(undo(&mut store), Err(StoreError::NothingToUndo { .. })));
    for expected in states.iter().skip(1) {
        redo(&mut store).unwrap();
        assert_eq!(state(&store), *expected);
    }
    assert!(matches!(redo(&mut store), Err(StoreError::NothingToRedo { .. })));
    undo(&mut store).unwrap();
    assert_eq!(state(&store), states[2]);
    assert_clean(&store);
}

#[test]
fn thousands_of_records_come_change_go_and_come_again() {
    let (_dir, mut store) = new_study();
    put(&mut store, "T0", &wave("stays"));
    let mut states = vec![state(&store)];
    let note = |k: usize, text: &str| (format!("m{k:04}"), memo("T0", &format!("{text} {k}")));
    let mut steps: Vec<Vec<(String, Option<Memo>)>> = Vec::new();
    steps.push((0..2_500).map(|k| note(k, "first")).map(|(id, memo)| (id, Some(memo))).collect());
    // Some are changed, some removed, some new.
    let second = |k: usize| match k % 3 {
        0 => (note(k, "").0, None),
        _ => (note(k, "").0, Some(note(k, "second").1)),
    };
    steps.push((0..3_900).filter(|k| *k < 2_500 || k % 3 != 0).map(second).collect());
    for step in &steps {
        let mut change = store.change("many", None);
        for (id, memo) in step {
            match memo {
                Some(memo) => change.put(id, memo).unwrap(),
                None => change.delete::<Memo>(id),
            }
        }
        change.commit().unwrap();
        states.push(state(&store));
        let there = states.last().unwrap().keys().filter(|(kind, _)| kind == Memo::KIND).count();
        assert_eq!(there, if states.len() == 2 { 2_500 } else { 2_500 - 834 + 934 });
    }
    assert_eq!(undo(&mut store).unwrap().records, 2_500 + 934);
    assert_eq!(state(&store), states[1]);
    assert_eq!(undo(&mut store).unwrap().records, 2_500);
    assert_eq!(state(&store), states[0]);
    redo(&mut store).unwrap();
    redo(&mut store).unwrap();
    assert_eq!(state(&store), states[2]);
    assert_clean(&store);
}

#[test]
fn a_batch_is_undone_as_one_and_one_of_it_can_be_named() {
    let (_dir, mut store) = new_study();
    put(&mut store, "T0", &wave("start"));
    let before = state(&store);
    let first = interview(&mut store, "a.txt", &[("P", "The nets were torn.")], &[("P", "P1")]);
    interview(&mut store, "b.txt", &[("P", "We mended them at night.")], &[("P", "P2")]);
    let after = state(&store);
    let reverted = undo(&mut store).unwrap();
    assert_eq!(reverted.to_string(), "`import` (2 operations, 4 records)");
    assert_eq!(state(&store), before);
    redo(&mut store).unwrap();
    assert_eq!(state(&store), after);
    let operation = store.log().unwrap()[1].hash.clone();
    store.undo(Some(&operation[..10]), "undo", None).unwrap();
    assert!(store.get::<Source>(&first).unwrap().is_none());
    assert_eq!(store.all::<Source>().unwrap().len(), 1);
    assert!(matches!(store.undo(Some(&operation), "undo", None), Err(StoreError::AlreadyUndone { .. })));
    undo(&mut store).unwrap();
    assert_eq!(state(&store), before);
    assert_clean(&store);
}

#[test]
fn another_coders_operation_is_only_undone_by_name() {
    let (dir, mut ada) = new_study();
    put(&mut ada, "T0", &wave("start"));
    let mut ben = Store::open(dir.path(), environment("ben")).unwrap();
    assert!(matches!(undo(&mut ben), Err(StoreError::NothingToUndo { .. })));
    let operation = ada.head().unwrap().0;
    ben.undo(Some(&operation), "undo", None).unwrap();
    assert!(state(&ben).is_empty());
    assert!(matches!(undo(&mut ada), Err(StoreError::NothingToUndo { .. })));
    assert!(matches!(redo(&mut ada), Err(StoreError::NothingToRedo { .. })));
    redo(&mut ben).unwrap();
    assert_eq!(state(&ben).len(), 1);
    assert!(matches!(ben.undo(Some("zz"), "undo", None), Err(StoreError::UnknownOperation { .. })));
    assert!(matches!(ben.undo(Some(""), "undo", None), Err(StoreError::UnknownOperation { .. })));
}

#[test]
fn what_later_operations_touched_is_not_undone() {
    let (_dir, mut store) = new_study();
    let first = put(&mut store, "T0", &wave("start"));
    let second = put(&mut store, "T0", &wave("baseline"));
    let refused = dependents(store.undo(Some(&first), "undo", None).unwrap_err());
    assert_eq!(refused, [format!("operation {} (`put` by ada)", &second[..12])]);
    undo(&mut store).unwrap();
    store.undo(Some(&first), "undo", None).unwrap();
    assert!(state(&store).is_empty());
    assert_clean(&store);
}

#[test]
fn a_redo_that_would_overwrite_is_refused() {
    let (_dir, mut store) = new_study();
    put(&mut store, "T0", &wave("start"));
    undo(&mut store).unwrap();
    let hash = put(&mut store, "T0", &wave("another"));
    assert_eq!(dependents(redo(&mut store).unwrap_err()), [format!("operation {} (`put` by ada)", &hash[..12])]);
}

#[test]
fn an_import_on_which_codings_rest_is_not_undone() {
    let (_dir, mut store) = new_study();
    let source = interview(&mut store, "a.txt", &[("P", "The nets were torn.")], &[("P", "P1")]);
    let record = coding(&store, &source, "torn", "");
    put(&mut store, "c-1", &record);
    put(&mut store, "m-1", &memo("source:a.txt", "a short one"));
    let score = Score { name: "mood".into(), participant: "P1".into(), wave: None, value: ScoreValue::Number(2.0) };
    put(&mut store, "mood/P1/-", &score);
    let import = store.log().unwrap()[0].hash.clone();
    let refused = dependents(store.undo(Some(&import), "undo", None).unwrap_err());
    assert_eq!(refused, ["coding c-1", "memo m-1", "score mood/P1/-"]);
    for _ in 0..3 {
        undo(&mut store).unwrap();
    }
    undo(&mut store).unwrap();
    assert!(state(&store).is_empty());
    assert_clean(&store);
}

#[test]
fn a_code_in_use_is_not_undone_unless_another_version_has_it() {
    let (_dir, mut store) = new_study();
    let version = |number: u32, codes: &[&str]| {
        let mut version = CodebookVersion { number, ..CodebookVersion::default() };
        version.codebook.codes = codes.iter().map(|id| ((*id).to_owned(), Code::default())).collect();
        version
    };
    let source = interview(&mut store, "a.txt", &[("P", "The nets were torn.")], &[("P", "P1")]);
    put(&mut store, "000001", &version(1, &["loss"]));
    let second = put(&mut store, "000002", &version(2, &["loss", "repair"]));
    let with = |code: &str, version: u32, store: &Store| {
        let codebook_version = version;
        Coding { code: Some(code.into()), codebook_version, ..coding(store, &source, "torn", "") }
    };
    let loss = with("loss", 1, &store);
    put(&mut store, "c-1", &loss);
    store.undo(Some(&second), "undo", None).unwrap();
    redo(&mut store).unwrap();
    let repair = with("repair", 2, &store);
    put(&mut store, "c-2", &repair);
    assert_eq!(dependents(store.undo(Some(&second), "undo", None).unwrap_err()), ["coding c-2"]);
}

#[test]
fn looking_is_not_undone_and_does_not_stand_in_the_way() {
    let (_dir, mut store) = new_study();
    put(&mut store, "T0", &wave("start"));
    let looked = put(&mut store, "mood.T1", &Looked { outcome: "mood.T1".into() });
    assert!(matches!(store.undo(Some(&looked), "undo", None), Err(StoreError::StaysDone { .. })));
    undo(&mut store).unwrap();
    assert_eq!(state(&store).into_keys().map(|key| key.0).collect::<Vec<_>>(), ["looked"]);
}

#[test]
fn undo_and_redo_operations_are_no_targets() {
    let (_dir, mut store) = new_study();
    put(&mut store, "T0", &wave("start"));
    let undone = undo(&mut store).unwrap().operation;
    let redone = redo(&mut store).unwrap().operation;
    for hash in [undone, redone] {
        assert!(matches!(store.undo(Some(&hash), "undo", None), Err(StoreError::StaysDone { .. })));
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// Records (id, value; nothing deletes) in one operation, or one operation each of a batch.
    Put {
        actor: u8,
        records: Vec<(u8, Option<u8>)>,
        batch: bool,
    },
    Undo(u8),
    UndoNamed(u8, u8),
    Redo(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let records = proptest::collection::vec((0_u8..4, proptest::option::weighted(0.8, 0_u8..4)), 1..4);
    let step = prop_oneof![
        4 => (0_u8..2, records, any::<bool>()).prop_map(|(actor, records, batch)| Step::Put { actor, records, batch }),
        2 => (0_u8..2).prop_map(Step::Undo),
        1 => (0_u8..2, any::<u8>()).prop_map(|(actor, op)| Step::UndoNamed(actor, op)),
        2 => (0_u8..2).prop_map(Step::Redo),
    ];
    proptest::collection::vec(step, 1..14)
}

fn act_as(store: &mut Store, actor: u8) {
    store.environment.actor = ["ada", "ben"][usize::from(actor)].to_owned();
}

/// Half of the ids are participants, half scores of them, so that some steps depend on others.
fn edit(change: &mut Change<'_>, id: u8, value: Option<u8>) {
    let person = format!("P{}", id % 2);
    match (id < 2, value) {
        (true, Some(value)) => {
            let mut participant = Participant::default();
            participant.attributes.insert("age".into(), crate::model::AttributeValue::Number(f64::from(value)));
            change.put(&person, &participant).unwrap();
        }
        (true, None) => change.delete::<Participant>(&person),
        (false, Some(value)) => {
            let value = ScoreValue::Number(f64::from(value));
            let score = Score { name: "mood".into(), participant: person.clone(), wave: None, value };
            change.put(&format!("mood/{person}/-"), &score).unwrap();
        }
        (false, None) => change.delete::<Score>(&format!("mood/{person}/-")),
    }
}

/// Carries out a step; whether the study changed.
fn carry_out(store: &mut Store, step: &Step, number: usize) -> bool {
    let head = store.head().unwrap();
    match step {
        Step::Put { actor, records, batch: true } => {
            act_as(store, *actor);
            for (id, value) in records {
                let mut change = store.change("step", None).batch(&format!("b{number}"));
                edit(&mut change, *id, *value);
                change.commit().unwrap();
            }
        }
        Step::Put { actor, records, batch: false } => {
            act_as(store, *actor);
            let mut change = store.change("step", None);
            for (id, value) in records {
                edit(&mut change, *id, *value);
            }
            change.commit().unwrap();
        }
        Step::Undo(actor) => {
            act_as(store, *actor);
            let _ = undo(store);
        }
        Step::UndoNamed(actor, which) => {
            act_as(store, *actor);
            let log = store.log().unwrap();
            if let Some(operation) = log.get(usize::from(*which) % log.len().max(1)) {
                let _ = store.undo(Some(&operation.hash), "undo", None);
            }
        }
        Step::Redo(actor) => {
            act_as(store, *actor);
            let _ = redo(store);
        }
    }
    store.head().unwrap() != head
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn undo_restores_the_state_before_and_redo_the_state_after(steps in steps()) {
        let (_dir, mut store) = new_study();
        store.connection.pragma_update(None, "synchronous", "off").unwrap();
        for (number, step) in steps.iter().enumerate() {
            let before = state(&store);
            let changed = carry_out(&mut store, step, number);
            let after = state(&store);
            if changed && matches!(step, Step::Put { .. }) && before != after {
                undo(&mut store).unwrap();
                prop_assert_eq!(&state(&store), &before, "undo of step {}", number);
                redo(&mut store).unwrap();
                prop_assert_eq!(&state(&store), &after, "redo of step {}", number);
            }
            if changed && matches!(step, Step::Undo(_) | Step::UndoNamed(..)) {
                redo(&mut store).unwrap();
                prop_assert_eq!(&state(&store), &before, "redo of the undo in step {}", number);
                undo_again(&mut store);
                prop_assert_eq!(&state(&store), &after, "undo of the redo in step {}", number);
            }
            let report = store.verify().unwrap();
            prop_assert!(report.is_clean(), "{}", report);
        }
    }
}

/// Takes back once more what the newest redo brought again.
fn undo_again(store: &mut Store) {
    let log = store.log().unwrap();
    let redo = log.last().unwrap();
    let undone = log.iter().find(|operation| operation.hash == redo.of[0]).unwrap();
    // A batch goes as one: one by one, what a later operation of it put back could be leaned on meanwhile.
    match undone.of.as_slice() {
        [named] => drop(store.undo(Some(named), "undo", None).unwrap()),
        _ => drop(undo(store).unwrap()),
    }
}
