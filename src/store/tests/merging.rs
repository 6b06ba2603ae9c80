//! Copies that went separate ways: whatever they did, merging them loses nothing and the order does not matter.

use super::*;
use crate::model::{
    Anchor, Code, Codebook, CodebookVersion, Coverage, Memo, MemoKind, Record, Settings, Wave, WavePhase,
};
use proptest::prelude::*;
use serde_json::Value;

/// Something that one coder does in one copy.
#[derive(Debug, Clone)]
enum Act {
    Memo(u8, u8),
    Forget(u8),
    Describe(u8, u8, u8),
    Code(u8, u8),
    Recode(u8, u8),
    Uncode(u8),
    Define(u8, u8),
    Drop(u8),
    Import(u8, u8),
    Share(u8),
    Revise(u8),
    Settle(u8),
    Undo,
    Redo,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0_u8..4, any::<u8>()).prop_map(|(a, b)| Act::Memo(a, b)),
        (0_u8..4).prop_map(Act::Forget),
        (0_u8..2, 0_u8..3, any::<u8>()).prop_map(|(a, b, c)| Act::Describe(a, b, c)),
        (0_u8..6, 0_u8..3).prop_map(|(a, b)| Act::Code(a, b)),
        (0_u8..6, 0_u8..4).prop_map(|(a, b)| Act::Recode(a, b)),
        (0_u8..6).prop_map(Act::Uncode),
        (0_u8..3, any::<u8>()).prop_map(|(a, b)| Act::Define(a, b)),
        (0_u8..3).prop_map(Act::Drop),
        (0_u8..3, 0_u8..2).prop_map(|(a, b)| Act::Import(a, b)),
        (0_u8..2).prop_map(Act::Share),
        (0_u8..4).prop_map(Act::Revise),
        (0_u8..4).prop_map(Act::Settle),
        Just(Act::Undo),
        Just(Act::Redo),
    ]
}

fn book(store: &Store) -> CodebookVersion {
    store.all::<CodebookVersion>().unwrap().into_values().next_back().unwrap_or_default()
}

fn put_book(store: &mut Store, codebook: Codebook) {
    let number = book(store).number + 1;
    if book(store).codebook != codebook {
        put(store, &format!("{number:06}"), &CodebookVersion { number, codebook, frozen: None });
    }
}

const CODES: [&str; 3] = ["trust", "hope", "fear"];

fn do_it(store: &mut Store, act: &Act) {
    let change = |store: &mut Store, id: &str, record: &Memo| {
        let mut change = store.change("memo", None);
        change.put(id, record).unwrap();
        change.commit().unwrap();
    };
    match act {
        Act::Memo(id, text) => {
            let (kind, on) = (MemoKind::Analytic, "study".to_owned());
            let memo = Memo { kind, on, text: text.to_string(), author: "x".into(), written: String::new() };
            change(store, &format!("m-{id}"), &memo);
        }
        Act::Forget(id) => {
            let mut change = store.change("forget", None);
            change.delete::<Memo>(&format!("m-{id}"));
            change.commit().unwrap();
        }
        Act::Describe(person, field, value) => {
            let id = format!("P{person}");
            let mut record: Participant = store.get(&id).unwrap().unwrap_or_default();
            let value = crate::model::AttributeValue::Number(f64::from(*value));
            record.attributes.insert(format!("a{field}"), value);
            let mut change = store.change("describe", None);
            change.put(&id, &record).unwrap();
            change.commit().unwrap();
        }
        Act::Code(id, code) => {
            let key = format!("c-{id}-{}", store.environment.actor);
            let codes = book(store).codebook.codes;
            let Some(source) = store.get::<Source>("s-base.txt").unwrap() else { return };
            let text = store.text(&source.revision).unwrap();
            let code = CODES[*code as usize];
            if store.get::<Coding>(&key).unwrap().is_none() && codes.contains_key(code) {
                let start = text.char_indices().filter(|(_, c)| *c == ' ').nth(3 + *id as usize).unwrap().0 as u32 + 1;
                let words = text[start as usize..].split([' ', '\n']).next().unwrap().to_owned();
                let span = Span::new(start, start + words.len() as u32);
                let mut record = coding(store, "s-base.txt", &words, "");
                (record.span, record.code) = (span, Some(code.to_owned()));
                record.coder.clone_from(&store.environment.actor);
                record.codebook_version = book(store).number;
                put(store, &key, &record);
            }
        }
        Act::Recode(id, polarity) => {
            let all: BTreeMap<String, Coding> = store.all().unwrap();
            if let Some((key, old)) = all.iter().nth(*id as usize) {
                let record = Coding { polarity: Polarity::ALL[*polarity as usize], ..old.clone() };
                let mut change = store.change("recode", None);
                change.put(key, &record).unwrap();
                change.commit().unwrap();
            }
        }
        Act::Uncode(id) => {
            let key = store.all::<Coding>().unwrap().into_keys().nth(*id as usize);
            if let Some(key) = key {
                let mut change = store.change("uncode", None);
                change.delete::<Coding>(&key);
                change.commit().unwrap();
            }
        }
        Act::Define(code, brief) => {
            let mut codebook = book(store).codebook;
            let code = codebook.codes.entry(CODES[*code as usize].to_owned()).or_default();
            code.brief = brief.to_string();
            put_book(store, codebook);
        }
        Act::Drop(code) => {
            let code = CODES[*code as usize];
            let used = store.all::<Coding>().unwrap().values().any(|coding| coding.code.as_deref() == Some(code));
            let mut codebook = book(store).codebook;
            if !used && codebook.codes.remove(code).is_some() {
                put_book(store, codebook);
            }
        }
        Act::Import(id, turns) => {
            let name = format!("n{id}.txt");
            if store.get::<Source>(&format!("s-{name}")).unwrap().is_none() {
                let who = store.environment.actor.clone();
                let said = format!("This was said to {who}, in interview {id}.");
                let all = [("P", said.as_str()), ("I", "I see.")];
                interview(store, &name, &all[..=*turns as usize], &[("P", "P7")]);
            }
        }
        // A text that the others have too, under a name of one's own; read in part, and coded.
        Act::Share(k) => {
            let who = store.environment.actor.clone();
            let name = format!("{who}{k}.txt");
            if store.get::<Source>(&format!("s-{name}")).unwrap().is_none() {
                let turns = [("P", ["The ice held in the first winter.", "Nobody asked about it."][*k as usize])];
                let id = interview(store, &name, &turns, &[("P", "P8")]);
                let mut record = coding(store, &id, ["ice", "asked"][*k as usize], "");
                record.coder.clone_from(&who);
                put(store, &format!("c-shared-{who}{k}"), &record);
                let first = store.get::<Source>(&id).unwrap().unwrap().first_ordinal;
                let turns = vec![(first, first)];
                let row = Coverage { coder: who.clone(), source: id.clone(), codes: vec![], turns, round: 1 };
                put(store, &format!("{who}/{id}"), &row);
            }
        }
        Act::Revise(k) => {
            let study = Study::load(store).unwrap();
            let Some(source) = study.sources.get("s-base.txt") else { return };
            let text = store.text(&source.revision).unwrap();
            let cut = store.segmentation(&source.segmentation).unwrap();
            let words: Vec<&str> = text.split_whitespace().collect();
            let word = words[4 + *k as usize];
            let at = text.find(word).unwrap() as u32;
            let new = format!("{word}{}", &store.environment.actor[..1]);
            let Ok((text, segmentation)) =
                crate::import::replace_words(&text, &cut, Span::new(at, at + word.len() as u32), &new)
            else {
                return;
            };
            let new =
                NewText { text, segmentation, original: None, roles: BTreeMap::new(), participants: BTreeMap::new() };
            let batch = Batch { id: "b", command: "revise", reason: None };
            land_revision(store, &study, "s-base.txt", &new, batch).unwrap();
        }
        Act::Settle(k) => {
            let mut settings: Settings = store.get("study").unwrap().unwrap_or_default();
            match k {
                0 => settings.name = format!("by {}", store.environment.actor),
                1 => settings.fictional = !settings.fictional,
                _ => settings.blind.push(format!("{}{k}", store.environment.actor)),
            }
            settings.blind.dedup();
            let mut change = store.change("settle", None);
            change.put("study", &settings).unwrap();
            change.commit().unwrap();
        }
        Act::Undo => drop(store.undo(None, "undo", None)),
        Act::Redo => drop(store.redo("redo", None)),
    }
}

fn work(store: &mut Store, actor: &str, acts: &[(u8, Act)]) {
    store.environment.actor = actor.to_owned();
    let mut minute = 0;
    for (minutes, act) in acts {
        minute += u32::from(*minutes);
        store.environment.now = format!("2026-03-02T10:{:02}:{:02}.000Z", minute / 60 % 60, minute % 60);
        do_it(store, act);
    }
}

fn base() -> (TempDir, Store) {
    let (dir, mut store) = new_study();
    store.keep_snapshots(false).unwrap();
    let codes = CODES.iter().map(|code| ((*code).to_owned(), Code { label: (*code).into(), ..Code::default() }));
    put_book(&mut store, Codebook { name: "book".into(), note: String::new(), codes: codes.collect() });
    let turns = [
        ("I", "Tell me about the harbour then please"),
        ("P", "We rowed out before dawn and nobody crossed the bay that year"),
    ];
    let id = interview(&mut store, "base.txt", &turns, &[("P", "P0")]);
    for (k, words) in ["rowed out", "nobody", "the bay"].iter().enumerate() {
        let mut record = coding(&store, &id, words, "");
        (record.code, record.codebook_version) = (Some("trust".into()), 1);
        put(&mut store, &format!("c-base-{k}"), &record);
    }
    (dir, store)
}

/// Another copy of a study.
fn copy(store: &Store) -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let backup = dir.path().join("copy.db");
    store.backup(&backup).unwrap();
    let store = Store::restore(&backup, &dir.path().join("study"), store.environment.clone()).unwrap();
    (dir, store)
}

fn merge(store: &mut Store, other: &Store) -> Merged {
    store.environment.now = "2026-03-03T10:00:00.000Z".into();
    let merged = store.merge(other.folder(), &Choices::default(), "merge", None).unwrap();
    assert_clean(store);
    merged
}

/// The records as later stages see them, without numbers that only tell which copy was merged when.
fn meaning(store: &Store) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for ((kind, id), blob) in store.state().unwrap() {
        let mut value: Value = serde_json::from_slice(&store.blob(&blob).unwrap()).unwrap();
        if let Some(members) = value.as_object_mut() {
            members.remove("first_ordinal");
            members.remove("codebook_version");
            members.remove("turns");
        }
        if kind != CodebookVersion::KIND {
            all.insert(format!("{kind} {id}"), value);
        }
    }
    all.insert("codebook".into(), serde_json::to_value(book(store).codebook).unwrap());
    all
}

/// Records that two studies do not agree about.
fn differences(a: &BTreeMap<String, Value>, b: &BTreeMap<String, Value>) -> Vec<String> {
    let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let word = |value: Option<&Value>| value.map_or("nothing".to_owned(), ToString::to_string);
    let differing = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
    differing.map(|key| format!("{key}: {} / {}", word(a.get(key)), word(b.get(key)))).collect()
}

fn assert_turns_are_apart(store: &Store) {
    let mut ranges: Vec<(u32, u32)> =
        store.all::<Source>().unwrap().values().map(|source| (source.first_ordinal, source.turns)).collect();
    ranges.sort_unstable();
    assert!(ranges.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "{ranges:?}");
}

/// What a coder put and did not take back stands in the merged study.
fn assert_nothing_lost(copies: &[&Store], merged: &Store) {
    let before: std::collections::BTreeSet<String> = ["c-base-0", "c-base-1", "c-base-2"].map(str::to_owned).into();
    let there: BTreeMap<String, Coding> = merged.all().unwrap();
    for copy in copies {
        for id in copy.all::<Coding>().unwrap().keys().filter(|id| !before.contains(*id)) {
            assert!(there.contains_key(id), "{id} is lost");
        }
        let texts: Vec<String> = merged.all::<Source>().unwrap().into_values().map(|source| source.revision).collect();
        for (id, source) in copy.all::<Source>().unwrap() {
            let there = merged.get::<Source>(&id).unwrap().is_some() || texts.contains(&source.revision);
            assert!(there, "{id} is lost");
        }
    }
    let codes = book(merged).codebook.codes;
    for row in merged.all::<Coverage>().unwrap().into_values() {
        let source: Source = merged.get(&row.source).unwrap().unwrap();
        let own = source.first_ordinal..source.first_ordinal + source.turns;
        assert!(row.turns.iter().all(|(first, last)| own.contains(first) && own.contains(last)), "{row:?}: {own:?}");
    }
    for (id, coding) in &there {
        let known = coding.code.as_ref().is_none_or(|code| codes.contains_key(code));
        assert!(known, "the code of {id} is lost");
        let source: Source = merged.get(&coding.source).unwrap().unwrap();
        let anchor: Option<Anchor> = merged.get(id).unwrap();
        let revision = anchor.as_ref().map_or(&coding.revision, |anchor| &anchor.revision);
        assert_eq!(*revision, source.revision, "{id} lies on an old text");
    }
}

/// Three copies of a study that were worked in, merged in three orders, come to the same.
fn in_any_order(a: &[(u8, Act)], b: &[(u8, Act)], c: &[(u8, Act)]) -> Result<(), TestCaseError> {
    let (_base_dir, base) = base();
    let mut copies: Vec<(TempDir, Store)> = Vec::new();
    for (actor, acts) in [("ann", a), ("ben", b), ("cleo", c)] {
        let (dir, mut store) = copy(&base);
        work(&mut store, actor, acts);
        assert_clean(&store);
        copies.push((dir, store));
    }
    let mut results = Vec::new();
    for order in [[0, 1, 2], [1, 2, 0], [2, 0, 1]] {
        let [first, second, third] = order.map(|k: usize| &copies[k].1);
        let (_dir, mut store) = copy(first);
        merge(&mut store, second);
        merge(&mut store, third);
        // A second time there is nothing to do, and the other way round everything is there at once.
        prop_assert_eq!(merge(&mut store, second).standing, Standing::Nothing);
        prop_assert_eq!(merge(&mut store, third).standing, Standing::Nothing);
        let (_back_dir, mut back) = copy(third);
        prop_assert_ne!(merge(&mut back, &store).standing, Standing::Apart);
        prop_assert_eq!(back.head().unwrap().0, store.head().unwrap().0);
        prop_assert_eq!(state(&back), state(&store));
        assert_turns_are_apart(&store);
        assert_nothing_lost(&[first, second, third], &store);
        results.push(meaning(&store));
    }
    prop_assert_eq!(differences(&results[0], &results[1]), Vec::<String>::new());
    prop_assert_eq!(differences(&results[0], &results[2]), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_revision_that_was_taken_back_is_not_the_later_one() {
    let a = [(0, Act::Revise(0))];
    let b = [(0, Act::Import(0, 0)), (0, Act::Revise(0)), (16, Act::Undo), (28, Act::Uncode(0))];
    let c = [(16, Act::Revise(3))];
    in_any_order(&a, &b, &c).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_merging_does_not_matter(
        a in proptest::collection::vec((0_u8..30, act()), 0..12),
        b in proptest::collection::vec((0_u8..30, act()), 0..12),
        c in proptest::collection::vec((0_u8..30, act()), 0..12),
    ) {
        in_any_order(&a, &b, &c)?;
    }

    /// Two people merge each other's copy at the same time, go on, and merge again.
    #[test]
    fn merging_crosswise_ends_in_one_state(
        a in proptest::collection::vec((0_u8..30, act()), 0..10),
        b in proptest::collection::vec((0_u8..30, act()), 0..10),
        more_a in proptest::collection::vec((0_u8..30, act()), 0..5),
        more_b in proptest::collection::vec((0_u8..30, act()), 0..5),
    ) {
        let (_base_dir, base) = base();
        let ((_dir_a, mut ours), (_dir_b, mut theirs)) = (copy(&base), copy(&base));
        work(&mut ours, "ann", &a);
        work(&mut theirs, "ben", &b);
        let (_dir_c, before) = copy(&ours);
        merge(&mut ours, &theirs);
        merge(&mut theirs, &before);
        prop_assert_eq!(differences(&meaning(&ours), &meaning(&theirs)), Vec::<String>::new(), "first");
        work(&mut ours, "ann", &more_a);
        work(&mut theirs, "ben", &more_b);
        let (_dir_d, before) = copy(&ours);
        merge(&mut ours, &theirs);
        merge(&mut theirs, &before);
        prop_assert_eq!(differences(&meaning(&ours), &meaning(&theirs)), Vec::<String>::new(), "again");
        merge(&mut theirs, &ours);
        merge(&mut ours, &theirs);
        prop_assert_eq!(state(&ours), state(&theirs));
        assert_turns_are_apart(&ours);
    }
}

fn at(store: &mut Store, actor: &str, minute: u32) {
    store.environment.actor = actor.to_owned();
    store.environment.now = format!("2026-03-02T10:{minute:02}:00.000Z");
}

/// Whether any file of the folder holds these words in the clear.
fn holds(dir: &Path, words: &str) -> bool {
    let found = |file: &std::path::PathBuf| {
        std::fs::read(file).unwrap().windows(words.len()).any(|window| window == words.as_bytes())
    };
    files(dir).iter().any(found)
}

#[test]
fn who_was_erased_in_one_copy_stays_erased() {
    let said = "We rowed out before dawn";
    for erased_here in [true, false] {
        let (_base_dir, base) = base();
        let ((dir_a, mut a), (dir_b, mut b)) = (copy(&base), copy(&base));
        at(&mut a, "ann", 1);
        a.erase("P0", "erase", None).unwrap();
        // Meanwhile the other copy codes, quotes and imports more of the same person.
        at(&mut b, "ben", 2);
        let record = coding(&b, "s-base.txt", "nobody crossed", "");
        put(&mut b, "c-new", &record);
        let (kind, on) = (MemoKind::Analytic, "study".to_owned());
        let text = format!("Compare \"{said} and nobody crossed\" with the others");
        put(&mut b, "m-quote", &Memo { kind, on, text, author: "ben".into(), written: String::new() });
        interview(&mut b, "again.txt", &[("P", "And in the second winter the ice held.")], &[("P", "P0")]);
        interview(&mut b, "other.txt", &[("P", "I never went near the harbour.")], &[("P", "P5")]);
        std::fs::remove_file(dir_a.path().join("copy.db")).unwrap();
        std::fs::remove_file(dir_b.path().join("copy.db")).unwrap();
        let (dir, mut store, other) = if erased_here { (dir_a, a, b) } else { (dir_b, b, a) };
        let merged = merge(&mut store, &other);
        assert_eq!(merged.erased, ["P0".to_owned()].into());
        for words in [said, "nobody crossed", "in the second winter"] {
            assert!(!holds(dir.path(), words), "{words} is still there (erased here: {erased_here})");
        }
        let study = Study::load(&store).unwrap();
        assert!(study.withdrawn.contains("P0"));
        assert_eq!(study.sources.values().map(|source| source.name.as_str()).collect::<Vec<_>>(), ["other.txt"]);
        assert!(study.memos["m-quote"].text.starts_with("Compare \"[erased]"), "{}", study.memos["m-quote"].text);
        // Again, it does not come back.
        assert_eq!(merge(&mut store, &other).standing, Standing::Nothing);
    }
}

#[test]
fn an_erasure_that_is_only_ahead_is_taken_over() {
    let (_base_dir, base) = base();
    let ((_dir_a, mut a), (dir_b, mut b)) = (copy(&base), copy(&base));
    at(&mut a, "ann", 1);
    a.erase("P0", "erase", None).unwrap();
    std::fs::remove_file(dir_b.path().join("copy.db")).unwrap();
    assert_eq!(merge(&mut b, &a).standing, Standing::Behind);
    assert!(!holds(dir_b.path(), "We rowed out before dawn"));
    assert_eq!(a.head().unwrap(), b.head().unwrap());
}

#[test]
fn a_person_can_decide_about_a_clash() {
    let (_base_dir, base) = base();
    let ((_dir_a, mut a), (_dir_b, mut b)) = (copy(&base), copy(&base));
    let recode = |store: &mut Store, polarity: Polarity, note: &str| {
        let old: Coding = store.get("c-base-0").unwrap().unwrap();
        put(store, "c-base-0", &Coding { polarity, note: note.into(), ..old });
    };
    at(&mut a, "ann", 1);
    recode(&mut a, Polarity::Absent, "");
    at(&mut b, "ben", 2);
    recode(&mut b, Polarity::Ceased, "she laughs");
    let by_rule = a.preview_merge(b.folder(), &Choices::default()).unwrap();
    let [conflict] = by_rule.conflicts.as_slice() else { panic!("{:?}", by_rule.conflicts) };
    assert_eq!((conflict.kind.as_str(), conflict.fields.as_slice()), ("coding", &["polarity".to_owned()][..]));
    assert_eq!(conflict.taken, "the later one, by ben on 2026-03-02");
    let this = ("coding".to_owned(), "c-base-0".to_owned());
    let choices = Choices { each: [(this, Side::Ours)].into(), ..Choices::default() };
    a.merge(b.folder(), &choices, "merge", None).unwrap();
    assert_clean(&a);
    let coding: Coding = a.get("c-base-0").unwrap().unwrap();
    // The clash is decided; what only the other side wrote comes all the same.
    assert_eq!((coding.polarity, coding.note.as_str()), (Polarity::Absent, "she laughs"));
    let nothing = ("coding".to_owned(), "c-base-1".to_owned());
    at(&mut a, "ann", 4);
    put(
        &mut a,
        "m-9",
        &Memo {
            kind: MemoKind::Analytic,
            on: "study".into(),
            text: "x".into(),
            author: "a".into(),
            written: String::new(),
        },
    );
    at(&mut b, "ben", 5);
    put(
        &mut b,
        "m-8",
        &Memo {
            kind: MemoKind::Analytic,
            on: "study".into(),
            text: "y".into(),
            author: "b".into(),
            written: String::new(),
        },
    );
    let choices = Choices { each: [(nothing, Side::Ours)].into(), ..Choices::default() };
    assert!(matches!(a.merge(b.folder(), &choices, "merge", None), Err(StoreError::NoConflict { .. })));
}

#[test]
fn another_study_and_a_copy_that_was_tampered_with_are_refused() {
    let (_base_dir, base) = base();
    let ((_dir_a, mut a), (_dir_b, mut b)) = (copy(&base), copy(&base));
    let before = state(&a);
    let (_foreign_dir, mut foreign) = {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path(), Environment { seed: [9; 32], ..environment("eve") }).unwrap();
        (dir, store)
    };
    let memo = Memo {
        kind: MemoKind::Analytic,
        on: "study".into(),
        text: "x".into(),
        author: "e".into(),
        written: String::new(),
    };
    put(&mut foreign, "m-1", &memo);
    let refused = a.merge(foreign.folder(), &Choices::default(), "merge", None).unwrap_err();
    assert!(refused.to_string().contains("the two have no operation in common"), "{refused}");
    at(&mut b, "ben", 1);
    put(&mut b, "m-1", &memo);
    b.connection.execute("UPDATE operation SET actor = 'ada' WHERE actor = 'ben'", []).unwrap();
    let refused = a.merge(b.folder(), &Choices::default(), "merge", None).unwrap_err();
    assert!(matches!(refused, StoreError::Unsound { .. }), "{refused}");
    assert_eq!(state(&a), before);
    assert_clean(&a);
}

#[test]
fn what_one_removed_and_the_other_built_on_stays() {
    let (_base_dir, mut base) = base();
    interview(&mut base, "x.txt", &[("P", "The sea was grey and loud.")], &[("P", "P3")]);
    let ((_dir_a, mut a), (_dir_b, mut b)) = (copy(&base), copy(&base));
    at(&mut a, "ann", 1);
    a.undo(Some(&a.head().unwrap().0), "undo", None).unwrap();
    let mut codebook = book(&a).codebook;
    codebook.codes.remove("fear");
    put_book(&mut a, codebook);
    at(&mut b, "ben", 2);
    let mut record = coding(&b, "s-x.txt", "grey and loud", "");
    record.code = Some("fear".into());
    put(&mut b, "c-x", &record);
    let merged = merge(&mut a, &b);
    let kept: Vec<String> = merged.conflicts.iter().map(|c| format!("{} {}: {}", c.kind, c.id, c.taken)).collect();
    assert_eq!(
        kept,
        [
            "source s-x.txt: it stays, because it is used",
            "participant P3: it stays, because it is used",
            "code fear: it stays, because it is used"
        ]
    );
    assert!(book(&a).codebook.codes.contains_key("fear"));
    assert!(a.get::<Source>("s-x.txt").unwrap().is_some());
}

#[test]
fn one_text_under_two_names_is_one_source() {
    let (_base_dir, base) = base();
    let ((_dir_a, mut a), (_dir_b, mut b)) = (copy(&base), copy(&base));
    let turns = [("I", "And then?"), ("P", "The sea was grey and loud.")];
    at(&mut a, "ann", 1);
    interview(&mut a, "x.txt", &turns, &[("P", "P3")]);
    let grey = coding(&a, "s-x.txt", "grey", "");
    put(&mut a, "c-ann", &grey);
    at(&mut b, "ben", 2);
    interview(&mut b, "first.txt", &[("P", "Something else.")], &[("P", "P4")]);
    interview(&mut b, "y.txt", &turns, &[("P", "P3")]);
    let mut other: Source = b.get("s-y.txt").unwrap().unwrap();
    let (wave, first) = (Wave { label: "T1".into(), order: 1, phase: WavePhase::After }, other.first_ordinal);
    put(&mut b, "T1", &wave);
    other.wave = Some("T1".into());
    put(&mut b, "s-y.txt", &other);
    let loud = coding(&b, "s-y.txt", "loud", "");
    put(&mut b, "c-ben", &loud);
    let turns = vec![(first + 1, first + 1)];
    let row = Coverage { coder: "ben".into(), source: "s-y.txt".into(), codes: vec![], turns, round: 1 };
    put(&mut b, "ben/s-y.txt/2-2", &row);
    let (kind, on) = (MemoKind::Analytic, "source:y.txt".to_owned());
    let memo = Memo { kind, on, text: "stormy".into(), author: "ben".into(), written: String::new() };
    put(&mut b, "m-ben", &memo);
    let merged = merge(&mut a, &b);
    let listed: Vec<&str> = merged.conflicts.iter().map(|conflict| conflict.taken.as_str()).collect();
    assert_eq!(listed, ["one text, so one source: x.txt; else the later"]);
    let study = Study::load(&a).unwrap();
    let names: Vec<&str> = study.sources.values().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["base.txt", "first.txt", "x.txt"]);
    let source = &study.sources["s-x.txt"];
    assert_eq!(source.wave.as_deref(), Some("T1"));
    assert_eq!(study.codings["c-ben"].source, "s-x.txt");
    assert_eq!(study.memos["m-ben"].on, "source:x.txt");
    let read = &study.coverage["ben/s-x.txt/2-2"];
    assert_eq!(
        (read.source.as_str(), read.turns[0]),
        ("s-x.txt", (source.first_ordinal + 1, source.first_ordinal + 1))
    );
    // The other way round it is the same, and neither lists it again.
    merge(&mut b, &a);
    assert_eq!(state(&a), state(&b));
    at(&mut a, "ann", 5);
    put(&mut a, "m-ann", &Memo { text: "calm".into(), author: "ann".into(), on: "study".into(), ..memo.clone() });
    at(&mut b, "ben", 6);
    put(&mut b, "m-ben-2", &Memo { text: "mild".into(), on: "study".into(), ..memo });
    assert_eq!(merge(&mut a, &b).conflicts, []);
    assert_eq!(Study::load(&a).unwrap().sources.len(), 3);
}

#[test]
fn a_text_that_one_person_imported_twice_stays_twice() {
    let (_base_dir, base) = base();
    let ((_dir_a, mut a), (_dir_b, mut b)) = (copy(&base), copy(&base));
    let turns = [("P", "The sea was grey and loud.")];
    at(&mut a, "ann", 1);
    interview(&mut a, "x.txt", &turns, &[("P", "P3")]);
    interview(&mut a, "x again.txt", &turns, &[("P", "P3")]);
    at(&mut b, "ben", 2);
    put(&mut b, "T1", &Wave { label: "T1".into(), order: 1, phase: WavePhase::After });
    let merged = merge(&mut a, &b);
    assert_eq!((merged.conflicts.len(), Study::load(&a).unwrap().sources.len()), (0, 3));
    assert_eq!(merged.notes, ["x again.txt and x.txt hold the same text, word for word"]);
}

#[test]
fn one_label_under_two_ids_is_listed() {
    let (_base_dir, base) = base();
    let ((_dir_a, mut a), (_dir_b, mut b)) = (copy(&base), copy(&base));
    let add = |store: &mut Store, id: &str| {
        let mut codebook = book(store).codebook;
        codebook.codes.insert(id.to_owned(), Code { label: "Being alone".into(), ..Code::default() });
        put_book(store, codebook);
    };
    at(&mut a, "ann", 1);
    add(&mut a, "alone");
    at(&mut b, "ben", 2);
    add(&mut b, "being_alone");
    let merged = merge(&mut a, &b);
    let listed: Vec<&str> = merged.conflicts.iter().map(|conflict| conflict.taken.as_str()).collect();
    assert_eq!(listed, ["both stay; if they are one: `codebook merge being_alone --into alone`"]);
    let codes = book(&a).codebook.codes;
    assert!(codes.contains_key("alone") && codes.contains_key("being_alone"));
}
