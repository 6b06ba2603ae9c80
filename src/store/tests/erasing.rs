//! Withdrawal and erasure: nothing of what was said stays, and nothing else goes.

use super::*;
use crate::model::{
    Anchor, AttributeValue, Case, Code, CodebookVersion, Coverage, Memo, MemoKind, Rejection, Responses, Score,
    ScoreValue, Theme,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

const GONE: [&str; 3] = [
    "When my brother sold the smithy I stopped sleeping for a month.",
    "Honestly it was the neighbours who carried us through that winter.",
    "I would come back every Thursday, rain or shine, just to sit there.",
];
const STAYS: [&str; 2] = [
    "My grandmother kept bees behind the chapel and sold the honey.",
    "You know what I mean, one gets used to the noise.",
];

fn memo(on: &str, text: &str) -> Memo {
    let (kind, author) = (MemoKind::Analytic, "ada".to_owned());
    Memo { kind, on: on.into(), text: text.into(), author, written: String::new() }
}

/// An interview of P1, one of P2, a focus group of both, and everything that can hang on them.
fn village() -> (TempDir, Store, BTreeMap<&'static str, String>) {
    let (dir, mut store) = new_study();
    let one = interview(&mut store, "one.txt", &[("I", "How did it go on?"), ("P", GONE[0])], &[("P", "P1")]);
    let two = interview(&mut store, "two.txt", &[("I", "And before that?"), ("P", STAYS[0])], &[("P", "P2")]);
    let turns = [("A", GONE[1]), ("B", STAYS[1]), ("A", GONE[2]), ("B", "So it was.")];
    let group = interview(&mut store, "group.txt", &turns, &[("A", "P1"), ("B", "P2")]);
    let mut person = Participant::default();
    person.attributes.insert("trade".into(), AttributeValue::Text("blacksmith in the third generation".into()));
    put(&mut store, "P1", &person);
    let codings = [
        ("c-one", &one, "stopped sleeping", "her words about the smithy"),
        ("c-two", &two, "kept bees", "livelihood"),
        ("c-group-gone", &group, "rain or shine", "return"),
        ("c-group-stays", &group, "used to the noise", "habit"),
    ];
    for (id, source, words, note) in codings {
        let record = coding(&store, source, words, note);
        put(&mut store, id, &record);
    }
    let rejection = |store: &Store, source: &str, words: &str| {
        let Coding { source, revision, span, coder, polarity, .. } = coding(store, source, words, "");
        Rejection { code: "loss".into(), source, revision, span, polarity, coder, note: "no".into() }
    };
    for (id, words) in [("r-gone", "neighbours"), ("r-stays", "noise")] {
        let record = rejection(&store, &group, words);
        put(&mut store, id, &record);
    }
    let coverage =
        |source: &str| Coverage { coder: "ada".into(), source: source.into(), codes: vec![], turns: vec![], round: 1 };
    put(&mut store, &format!("ada/{one}"), &coverage(&one));
    put(&mut store, &format!("ada/{group}"), &coverage(&group));
    put(&mut store, "m-one", &memo("source:one.txt", "A hard hour; the kettle was on all the time."));
    put(&mut store, "m-coding", &memo("coding:c-one", "Compare with what the others say of winter."));
    put(&mut store, "m-person", &memo("participant:P1", "Spoke softly throughout."));
    put(&mut store, "m-quotes", &memo("study", &format!("Twice now: \"{}\" A motif?", &GONE[1][..45])));
    put(&mut store, "m-plain", &memo("study", "You know what I mean, one gets used to the noise. Ask why."));
    let mut version = CodebookVersion { number: 1, ..CodebookVersion::default() };
    let mut code = Code { label: "loss".into(), ..Code::default() };
    code.examples.typical = vec![GONE[0][8..60].to_owned(), STAYS[0].to_owned()];
    version.codebook.codes.insert("loss".into(), code);
    put(&mut store, "000001", &version);
    let number = |name: &str, person: &str, x: f64| Score {
        name: name.into(),
        participant: person.into(),
        wave: None,
        value: ScoreValue::Number(x),
    };
    put(&mut store, "mood/P1/-", &number("mood", "P1", 1.0));
    put(&mut store, "mood/P2/-", &number("mood", "P2", 1.5));
    let answers =
        Responses { participant: "P1".into(), wave: "T0".into(), instrument: "k".into(), items: vec![Some(3.0)] };
    put(&mut store, "k/P1/T0", &answers);
    let quotations = vec!["c-one".into(), "c-two".into()];
    put(&mut store, "t-1", &Theme { name: "Ends".into(), quotations, ..Theme::default() });
    put(&mut store, "d-1", &Case { participants: vec!["P1".into(), "P2".into()], ..Case::default() });
    // A note that was changed and one that was taken back are only in the history any more.
    put(&mut store, "m-person", &memo("participant:P1", "Spoke softly, then not at all."));
    put(&mut store, "m-late", &memo("coding:c-one", "Look up the year of the sale."));
    store.undo(None, "undo", None).unwrap();
    (dir, store, BTreeMap::from([("one", one), ("two", two), ("group", group)]))
}

/// Whether any file below the folder holds 20 bytes in a row of one of the texts.
fn traces(dir: &Path, texts: &[&str]) -> Vec<String> {
    let windows: BTreeSet<&[u8]> = texts.iter().flat_map(|text| text.as_bytes().windows(20)).collect();
    let quotes = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(20).any(|window| windows.contains(window))
    };
    files(dir).iter().filter(|path| quotes(path)).map(|path| path.display().to_string()).collect()
}

const PRIVATE: [&str; 10] = [
    GONE[0],
    GONE[1],
    GONE[2],
    "blacksmith in the third generation",
    "her words about the smithy",
    "A hard hour; the kettle was on all the time.",
    "Compare with what the others say of winter.",
    "Spoke softly throughout.",
    "Spoke softly, then not at all.",
    "Look up the year of the sale.",
];

#[test]
fn after_an_erasure_no_file_holds_a_word_of_it() {
    let (dir, mut store, _) = village();
    store.snapshot().unwrap();
    put(&mut store, "m-x", &memo("study", "One more."));
    store.snapshot().unwrap();
    for (name, text) in [("index/segment", GONE[0]), ("exports/quotes.csv", GONE[2]), ("exports/other.csv", STAYS[0])] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("id,text\n1,\"{text}\"\n")).unwrap();
    }
    std::fs::write(dir.path().join("exports/book.xlsx"), b"PK\x03\x04closed").unwrap();
    assert!(traces(dir.path(), &PRIVATE).len() >= 4);
    let erased = store.erase("P1", "participant withdraw P1 --erase", Some("asked to")).unwrap();
    let listed: Vec<_> = erased.exports.iter().map(|path| path.file_name().unwrap().to_string_lossy()).collect();
    assert_eq!(listed, ["book.xlsx", "quotes.csv"]);
    assert_eq!(erased.snapshots, 2);
    assert_eq!(erased.redacted, ["codebook 000001", "memo m-quotes"]);
    std::fs::remove_file(dir.path().join("exports/quotes.csv")).unwrap();
    assert_eq!(traces(dir.path(), &PRIVATE), Vec::<String>::new());
    assert!(!traces(dir.path(), &STAYS).is_empty());
    assert!(!dir.path().join("index").exists());
    assert_clean(&store);
    for snapshot in store.snapshots() {
        let folder = dir.path().join("back").join(snapshot.file_stem().unwrap());
        let restored = Store::restore(&snapshot, &folder, environment("ada")).unwrap();
        assert_clean(&restored);
        assert_eq!(restored.all::<Source>().unwrap().len(), 2);
    }
    assert_eq!(traces(dir.path(), &PRIVATE), Vec::<String>::new());
}

#[test]
fn what_others_said_and_what_hangs_on_it_stays_in_its_place() {
    let (_dir, mut store, ids) = village();
    let old: Source = store.get(&ids["group"]).unwrap().unwrap();
    let old_text = store.text(&old.revision).unwrap();
    let erased = store.erase("P1", "erase", None).unwrap();
    assert!(erased.blobs > 10);
    assert_eq!(erased.operation, store.head().unwrap().0);
    let keys = |kind: &str| -> Vec<String> {
        state(&store).into_keys().filter(|key| key.0 == kind).map(|key| key.1).collect()
    };
    assert_eq!(keys("coding"), ["c-group-stays", "c-two"]);
    assert_eq!(keys("rejection"), ["r-stays"]);
    assert_eq!(keys("coverage"), [format!("ada/{}", ids["group"])]);
    assert_eq!(keys("memo"), ["m-plain", "m-quotes"]);
    assert_eq!(keys("score"), ["mood/P2/-"]);
    assert!(keys("responses").is_empty());
    assert_eq!(keys("participant"), ["P1", "P2"]);
    let person: Participant = store.get("P1").unwrap().unwrap();
    assert_eq!(person, Participant { withdrawn: true, ..Participant::default() });
    assert_eq!(store.get::<Theme>("t-1").unwrap().unwrap().quotations, ["c-two"]);
    assert_eq!(store.get::<Case>("d-1").unwrap().unwrap().participants, ["P2"]);
    assert_eq!(store.get::<Memo>("m-quotes").unwrap().unwrap().text, "Twice now: \"[erased]\" A motif?");
    let codebook: CodebookVersion = store.get("000001").unwrap().unwrap();
    assert_eq!(codebook.codebook.codes["loss"].examples.typical, ["[erased]", STAYS[0]]);
    let group: Source = store.get(&ids["group"]).unwrap().unwrap();
    let text = store.text(&group.revision).unwrap();
    assert_eq!((text.len(), group.original, group.participants.len()), (old_text.len(), None, 1));
    assert!(matches!(store.text(&old.revision), Err(StoreError::Erased { .. })));
    let coding: Coding = store.get("c-group-stays").unwrap().unwrap();
    let anchor: Anchor = store.get("c-group-stays").unwrap().unwrap();
    assert_eq!((&anchor.revision, anchor.span), (&group.revision, coding.span));
    assert_eq!(store.keyed_digest(anchor.span.of(&text).unwrap()), coding.digest);
    assert_eq!(store.get::<Rejection>("r-stays").unwrap().unwrap().revision, group.revision);
    let study = Study::load(&store).unwrap();
    assert_eq!((study.sources.len(), study.codings.len(), study.withdrawn.len()), (2, 2, 1));
}

#[test]
fn an_erasure_stays_done() {
    let (dir, mut store, ids) = village();
    let before_text = {
        let source: Source = store.get(&ids["one"]).unwrap().unwrap();
        store.text(&source.revision).unwrap()
    };
    let erased = store.erase("P1", "erase", None).unwrap();
    assert!(matches!(store.undo(None, "undo", None), Err(StoreError::StaysDone { .. })));
    let import = store.log().unwrap()[0].hash.clone();
    let refused = store.undo(Some(&import), "undo", None).unwrap_err();
    assert!(matches!(refused, StoreError::DependedOn { .. }), "{refused}");
    let refused = store.redo("redo", None).unwrap_err();
    assert!(matches!(refused, StoreError::Erased { .. }), "{refused}");
    let refused = store.change("import", None).blob(before_text.as_bytes()).unwrap_err();
    assert!(matches!(refused, StoreError::Erased { operation } if operation == erased.operation));
    let (head, again) = (store.head().unwrap(), store.erase("P1", "erase", None).unwrap());
    assert_eq!((again.operation, again.blobs, store.head().unwrap()), (erased.operation, 0, head));
    drop(store);
    assert!(traces(dir.path(), &PRIVATE).is_empty());
}

#[test]
fn an_erasure_that_was_cut_off_is_finished_when_the_study_is_opened() {
    let (dir, store, _) = village();
    store.snapshot().unwrap();
    let plan = super::super::erasure_plan::Plan::make(&store, "P1").unwrap();
    store.erase_here("P1", "erase", None, plan).unwrap();
    drop(store);
    assert!(!traces(dir.path(), &PRIVATE).is_empty());
    let store = Store::open(dir.path(), environment("ada")).unwrap();
    assert!(store.warnings().is_empty());
    assert_eq!(traces(dir.path(), &PRIVATE), Vec::<String>::new());
    assert_clean(&store);
}

#[test]
fn a_reader_that_holds_the_old_pages_is_named_as_the_obstacle() {
    let (dir, mut store, _) = village();
    let reader = Store::open_read_only(dir.path(), environment("ben")).unwrap();
    store.connection.pragma_update(None, "busy_timeout", 10).unwrap();
    reader
        .at_one_moment(|| {
            reader.head()?;
            let error = store.erase("P1", "erase", None).unwrap_err();
            assert!(error.to_string().contains("close the other programs"), "{error}");
            Ok(())
        })
        .unwrap();
    drop((reader, store));
    drop(Store::open(dir.path(), environment("ada")).unwrap());
    assert_eq!(traces(dir.path(), &PRIVATE), Vec::<String>::new());
}

#[test]
fn commands_that_quote_are_listed_because_they_stay() {
    let (_dir, mut store, _) = village();
    let mut change = store.change("memo add study 'When my brother sold the smithy, she says'", None);
    change.put("m-q", &memo("study", "see there")).unwrap();
    let hash = change.commit().unwrap().unwrap();
    assert_eq!(store.erase("P1", "erase", None).unwrap().commands, [hash]);
}

#[test]
fn one_file_behind_many_sources_goes_with_the_first_of_them() {
    let (dir, mut store) = new_study();
    let table = format!("id,answer\nP1,{}\nP2,{}\n", GONE[0], STAYS[0]);
    for (id, answer) in [("P1", GONE[0]), ("P2", STAYS[0])] {
        let source = interview(&mut store, &format!("table/{id}"), &[("P", answer)], &[("P", id)]);
        let mut record: Source = store.get(&source).unwrap().unwrap();
        let mut change = store.change("import", None);
        record.original = Some(change.blob(table.as_bytes()).unwrap());
        change.put(&source, &record).unwrap();
        change.commit().unwrap();
    }
    store.erase("P1", "erase", None).unwrap();
    let left: BTreeMap<String, Source> = store.all().unwrap();
    assert_eq!(left.values().map(|source| source.original.clone()).collect::<Vec<_>>(), [None]);
    assert_eq!(traces(dir.path(), &GONE[..1]), Vec::<String>::new());
    assert_clean(&store);
}

#[test]
fn withdrawal_hides_and_keeps() {
    let (_dir, mut store, _) = village();
    let hash = store.withdraw("P1", "participant withdraw P1", None).unwrap().unwrap();
    assert_eq!(store.withdraw("P1", "participant withdraw P1", None).unwrap(), None);
    assert!(store.get::<Participant>("P1").unwrap().unwrap().withdrawn);
    let study = Study::load(&store).unwrap();
    assert_eq!(study.sources.len(), 2);
    assert_eq!(study.memos.keys().collect::<Vec<_>>(), ["m-plain", "m-quotes"]);
    assert!(
        matches!(store.undo(None, "undo", None), Err(StoreError::StaysDone { operation, .. }) if operation == hash)
    );
    assert!(matches!(store.withdraw("P9", "withdraw", None), Err(StoreError::UnknownParticipant { .. })));
    assert!(matches!(store.erase("P9", "erase", None), Err(StoreError::UnknownParticipant { .. })));
    assert_clean(&store);
}

/// What a turn says: words that no other turn has.
fn words(source: usize, turn: usize, person: usize) -> String {
    let mark = (source * 100 + turn * 10 + person) as u32;
    let letters = digest::hex(&digest::sha256(&mark.to_le_bytes()));
    format!("{} said {} שלום", ["Ann", "Bo", "Cy"][person], &letters[..40])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 25, ..ProptestConfig::default() })]

    #[test]
    fn one_person_goes_and_the_others_stay(
        sources in proptest::collection::vec(proptest::collection::vec(0_usize..3, 1..6), 1..5),
        undone in any::<bool>(),
    ) {
        let (dir, mut store) = new_study();
        store.connection.pragma_update(None, "synchronous", "off").unwrap();
        let people = [("A", "P0"), ("B", "P1"), ("C", "P2")];
        let mut ids = Vec::new();
        for (s, speakers) in sources.iter().enumerate() {
            let said: Vec<String> = speakers.iter().enumerate().map(|(t, person)| words(s, t, *person)).collect();
            let turns: Vec<(&str, &str)> =
                speakers.iter().zip(&said).map(|(person, words)| (people[*person].0, words.as_str())).collect();
            let here: BTreeSet<(&str, &str)> = speakers.iter().map(|person| people[*person]).collect();
            let source = interview(&mut store, &format!("s{s}"), &turns, &here.into_iter().collect::<Vec<_>>());
            for (t, words) in said.iter().enumerate() {
                let record = coding(&store, &source, words, &format!("on: {words}"));
                put(&mut store, &format!("c-{s}-{t}"), &record);
            }
            ids.push(source);
        }
        if undone {
            store.undo(None, "undo", None).unwrap();
        }
        let taken_part = sources.iter().flatten().any(|person| *person == 0);
        prop_assert_eq!(store.erase("P0", "erase", None).is_ok(), taken_part);
        let report = store.verify().unwrap();
        prop_assert!(report.is_clean(), "{}", report);
        let said_by = |who: usize| -> Vec<String> {
            let turns = sources.iter().enumerate().flat_map(|(s, speakers)| {
                speakers.iter().enumerate().filter(|(_, person)| **person == who).map(move |(t, _)| words(s, t, who))
            });
            turns.collect()
        };
        let gone = said_by(0);
        // The name and the closing word are everybody's; what lies between is not.
        let gone: Vec<&str> = gone.iter().map(|words| &words[4..49]).collect();
        prop_assert_eq!(traces(dir.path(), &gone), Vec::<String>::new());
        let last = (sources.len() - 1, sources[sources.len() - 1].len() - 1);
        for (s, speakers) in sources.iter().enumerate() {
            for (t, person) in speakers.iter().enumerate() {
                let id = format!("c-{s}-{t}");
                let kept = store.get::<Coding>(&id).unwrap();
                prop_assert_eq!(kept.is_some(), *person != 0 && !(undone && (s, t) == last), "{}", id);
                let Some(coding) = kept else { continue };
                let source: Source = store.get(&ids[s]).unwrap().unwrap();
                let text = store.text(&source.revision).unwrap();
                prop_assert_eq!(store.keyed_digest(coding.span.of(&text).unwrap()), coding.digest);
                let anchored = store.get::<Anchor>(&id).unwrap().map_or(coding.revision, |anchor| anchor.revision);
                prop_assert_eq!(anchored, source.revision);
            }
        }
    }
}
