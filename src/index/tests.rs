//! The index against the reference matcher, and against itself: caught up, made anew, absent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{Hit, Index, IndexError, Ranked, Search, no_conditions};
use crate::model::{Participant, Role, Segmentation, Source, SourceFormat, Span, Turn};
use crate::query::reference::{Interval, TurnText, holds, intervals};
use crate::query::samples::{query, stretch, turn};
use crate::query::{Field, FieldValue, Query, parse};
use crate::store::{Environment, Store, Study};
use crate::text::{sentences, tokenize};
use proptest::prelude::*;
use proptest::sample::{Index as At, select};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use tempfile::TempDir;

/// A turn of a made-up source: words, language, whether the interviewer speaks.
pub(crate) type Said = (String, &'static str, bool);

fn environment() -> Environment {
    let now = "2026-03-01T10:00:00.000Z".into();
    Environment { actor: "ada".into(), now, seed: [7; 32], process: "test".into() }
}

pub(crate) fn new_study() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), environment()).unwrap();
    (dir, store)
}

/// Lands a source; gives its id.
pub(crate) fn land(store: &mut Store, name: &str, said: &[Said]) -> String {
    let (mut text, mut turns) = (String::from("# head\n"), Vec::new());
    for (k, (words, language, interviewer)) in said.iter().enumerate() {
        let start = text.len() as u32;
        text.push_str(words);
        let span = Span::new(start, text.len() as u32);
        let question = (k % 3 == 0).then(|| "hope".to_owned());
        let language = Some((*language).to_owned());
        turns.push(Turn { span, speaker: u32::from(*interviewer), time_ms: None, question, language });
        text.push('\n');
    }
    let segmentation = Segmentation { speakers: vec!["P1".into(), "I".into()], turns, ..Segmentation::default() };
    let id = format!("s-{name}");
    let mut change = store.change("import", None);
    let source = Source {
        name: name.into(),
        format: SourceFormat::Text,
        revision: change.blob(text.as_bytes()).unwrap(),
        segmentation: change.segmentation(&segmentation).unwrap(),
        first_ordinal: change.ordinals(said.len() as u32).unwrap(),
        turns: said.len() as u32,
        original: None,
        language: "en".into(),
        wave: None,
        roles: [("P1".to_owned(), Role::Participant), ("I".to_owned(), Role::Interviewer)].into(),
        participants: [("P1".to_owned(), format!("of-{name}"))].into(),
        attributes: BTreeMap::new(),
        not_asked: Vec::new(),
        focus_group: false,
    };
    change.put(&id, &source).unwrap();
    change.put(&format!("of-{name}"), &Participant::default()).unwrap();
    change.commit().unwrap();
    id
}

fn english(words: &[&str]) -> Vec<Said> {
    words.iter().map(|words| ((*words).to_owned(), "en", false)).collect()
}

/// What the reference says, by ordinal; turns with an even one are coded.
fn expected(store: &Store, study: &Study, query: &Query) -> BTreeMap<u32, Vec<Interval>> {
    let mut found = BTreeMap::new();
    for source in study.sources.values() {
        let text = study.text(store, source).unwrap();
        for (k, turn) in (0..).zip(&text.segmentation.turns) {
            let ordinal = source.first_ordinal + k;
            let words = turn.span.of(&text.text).unwrap();
            let (mut tokens, mut of_turn) = (Vec::new(), Vec::new());
            tokenize(words, &mut tokens);
            sentences(words, &tokens, &mut of_turn);
            let speaker = text.speaker(k as usize);
            let turn = TurnText {
                text: words,
                tokens: &tokens,
                sentences: &of_turn,
                language: turn.language.as_deref().unwrap_or(&source.language),
                speaker,
                role: source.role(speaker),
                question: turn.question.as_deref(),
            };
            // A condition that the turn cannot answer is one that it can: always or never.
            let query = told(query, ordinal % 2 == 0);
            if holds(&query, &turn) {
                found.insert(ordinal, intervals(&query, &turn));
            }
        }
    }
    found
}

fn told(query: &Query, coded: bool) -> Query {
    let all = |parts: &[Query]| parts.iter().map(|part| told(part, coded)).collect();
    match query {
        Query::Field(Field::Code, _) => {
            let anybody = Query::Field(Field::Speaker, FieldValue::Text("*".into()));
            if coded { anybody } else { Query::Not(Box::new(anybody)) }
        }
        Query::And(parts) => Query::And(all(parts)),
        Query::Or(parts) => Query::Or(all(parts)),
        Query::Not(part) => Query::Not(Box::new(told(part, coded))),
        Query::Within(scope, part) => Query::Within(*scope, Box::new(told(part, coded))),
        other => other.clone(),
    }
}

fn coded(_: &Query) -> Result<RoaringBitmap, IndexError> {
    Ok((0..10_000).filter(|turn| turn % 2 == 0).collect())
}

fn answer(search: &Search<'_, '_>) -> BTreeMap<u32, Vec<Interval>> {
    let mut found = Vec::new();
    search.each(&mut |hit: Hit<'_>| found.push((hit.turn, hit.intervals.to_vec()))).unwrap();
    assert!(found.is_sorted_by_key(|(turn, _)| *turn), "out of order");
    let mut counts = Vec::new();
    search.count(&mut |turn, hits| counts.push((turn, hits))).unwrap();
    assert_eq!(counts, found.iter().map(|(turn, hits)| (*turn, hits.len() as u32)).collect::<Vec<_>>());
    found.into_iter().collect()
}

/// Everything that can be asked about a query, compared with the reference.
fn assert_equal(store: &Store, study: &Study, index: &Index, query: &Query) -> Vec<Ranked> {
    let reader = index.reader(store, study);
    let expected = expected(store, study, query);
    let search = reader.search(query, &coded).unwrap();
    assert_eq!(answer(&search), expected, "{query}");
    let candidates = reader.candidates([query]).unwrap();
    if query.fields().is_empty() {
        assert!(expected.keys().all(|turn| candidates.contains(*turn)), "{query}");
    }
    for (ordinal, intervals) in expected.iter().take(3) {
        let turn = reader.turn(*ordinal).unwrap();
        let spans = search.spans(&turn).unwrap();
        assert_eq!(spans.len(), intervals.len());
        let text = study.text(store, &study.sources[turn.source_id]).unwrap();
        assert_eq!(text.turn(turn.index), turn.text);
        assert_eq!(text.segmentation.turns[turn.index].span.start, turn.start);
        assert_eq!(text.speaker(turn.index), turn.speaker);
        let turns =
            reader.turns_in(turn.source_id, Span::new(turn.start, turn.start + turn.text.len() as u32)).unwrap();
        assert_eq!(turns, if turn.text.is_empty() { turns.clone() } else { *ordinal..*ordinal + 1 });
    }
    search.ranked(4).unwrap()
}

fn queries() -> impl Strategy<Value = Vec<String>> {
    let with_codes = prop_oneof![
        5 => query(),
        1 => query().prop_map(|query| format!("({query}) AND code:x")),
        1 => query().prop_map(|query| format!("({query}) OR NOT code:x")),
        1 => query().prop_map(|query| format!("trust OR /a./ OR WITHIN sentence (NOT code:x AND ({query}))")),
    ];
    prop::collection::vec(with_codes, 1..8)
}

pub(crate) fn said() -> impl Strategy<Value = Said> {
    (turn(), select(&["en", "en", "he", "de", "und"][..]), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_the_reference_finds(
        queries in queries(),
        sources in prop::collection::vec(prop::collection::vec(said(), 1..7), 2..5),
        stretches in prop::collection::vec((any::<At>(), any::<At>(), 1..16_usize, any::<bool>()), 0..6),
    ) {
        let mut queries = queries;
        let all: Vec<&Said> = sources.iter().flatten().collect();
        for (which, from, length, without_case) in stretches {
            queries.push(stretch(&all[which.index(all.len())].0, from, length, without_case));
        }
        let queries: Vec<Query> = queries.iter().filter_map(|query| parse(query).ok()).collect();
        let (dir, mut store) = new_study();
        let (last, first) = sources.split_last().unwrap();
        for (k, said) in first.iter().enumerate() {
            land(&mut store, &k.to_string(), said);
        }
        let study = Study::load(&store).unwrap();
        let mut index = Index::open(&store, &study);
        prop_assert!(index.is_usable(), "{:?}", index.notes());
        for query in &queries {
            assert_equal(&store, &study, &index, query);
        }
        // One more source: read from the text, then from an index that caught up, then from one made anew, then without.
        land(&mut store, "last", last);
        let study = Study::load(&store).unwrap();
        let beside: Vec<_> = queries.iter().map(|query| assert_equal(&store, &study, &index, query)).collect();
        index.catch_up(&store, &study);
        let caught_up: Vec<_> = queries.iter().map(|query| assert_equal(&store, &study, &index, query)).collect();
        std::fs::remove_dir_all(dir.path().join("index")).unwrap();
        let anew = Index::open(&store, &study);
        let made_anew: Vec<_> = queries.iter().map(|query| assert_equal(&store, &study, &anew, query)).collect();
        std::fs::remove_dir_all(dir.path().join("index")).unwrap();
        std::fs::write(dir.path().join("index"), "in the way").unwrap();
        let absent = Index::open(&store, &study);
        prop_assert!(!absent.is_usable());
        let without: Vec<_> = queries.iter().map(|query| assert_equal(&store, &study, &absent, query)).collect();
        prop_assert_eq!(&caught_up, &made_anew);
        prop_assert_eq!(&caught_up, &beside);
        prop_assert_eq!(&caught_up, &without);
    }
}

fn count(index: &Index, store: &Store, study: &Study, text: &str) -> Result<u32, IndexError> {
    let mut hits = 0;
    index.reader(store, study).search(&parse(text).unwrap(), &no_conditions)?.count(&mut |_, n| hits += n)?;
    Ok(hits)
}

#[test]
fn a_folder_that_is_deleted_under_our_hands_is_made_anew() {
    let (dir, mut store) = new_study();
    land(&mut store, "one", &english(&["I trust her.", "Trust me."]));
    let study = Study::load(&store).unwrap();
    let mut index = Index::open(&store, &study);
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    assert_eq!(count(&index, &store, &study, "trust").unwrap(), 2);
    land(&mut store, "two", &english(&["They trusted us."]));
    let study = Study::load(&store).unwrap();
    index.catch_up(&store, &study);
    assert!(dir.path().join("index/meta.json").exists());
    assert_eq!(count(&index, &store, &study, "trust").unwrap(), 3);
}

#[test]
fn what_another_process_wrote_is_found() {
    let (dir, mut store) = new_study();
    land(&mut store, "one", &english(&["I trust her."]));
    let study = Study::load(&store).unwrap();
    let mut index = Index::open(&store, &study);
    let mut theirs = Store::open(dir.path(), environment()).unwrap();
    land(&mut theirs, "two", &english(&["They trusted us."]));
    assert!(store.changed_elsewhere().unwrap());
    let study = Study::load(&store).unwrap();
    assert_eq!(count(&index, &store, &study, "trust").unwrap(), 2);
    index.catch_up(&store, &study);
    assert_eq!(count(&index, &store, &study, "trust").unwrap(), 2);
    // Somebody who has read the study before does not take out what came since.
    let old = Study { head: (String::new(), 0), sources: BTreeMap::new(), ..Study::load(&store).unwrap() };
    let mut behind = Index::open(&store, &old);
    assert_eq!(count(&behind, &store, &old, "trust").unwrap(), 0);
    assert_eq!(behind.notes(), [""; 0]);
    assert_eq!(count(&Index::open(&store, &study), &store, &study, "trust").unwrap(), 2);
}

#[test]
fn while_another_process_writes_the_texts_are_read() {
    use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
    let (dir, mut store) = new_study();
    land(&mut store, "one", &english(&["I trust her."]));
    let study = Study::load(&store).unwrap();
    let mut index = Index::open(&store, &study);
    assert_eq!(index.notes(), ["the index was missing and was made anew"]);
    land(&mut store, "two", &english(&["They trusted us.", "Never."]));
    let study = Study::load(&store).unwrap();
    let held = MmapDirectory::open(dir.path().join("index")).unwrap().acquire_lock(&INDEX_WRITER_LOCK).unwrap();
    index.catch_up(&store, &study);
    assert_eq!(index.notes(), [""; 0]);
    assert_eq!(count(&index, &store, &study, "trust OR never").unwrap(), 3);
    drop(held);
    index.catch_up(&store, &study);
    assert_eq!(count(&index, &store, &study, "trust OR never").unwrap(), 3);
}

#[test]
fn ordinals_that_come_back_are_in_their_place() {
    let (_dir, mut store) = new_study();
    for name in ["one", "two", "three"] {
        land(&mut store, name, &english(&["I trust her.", "No."]));
    }
    let study = Study::load(&store).unwrap();
    let mut index = Index::open(&store, &study);
    let mut less = study.clone();
    less.sources.remove("s-two");
    index.catch_up(&store, &less);
    assert_eq!(count(&index, &store, &less, "trust").unwrap(), 2);
    index.catch_up(&store, &study);
    let mut turns = Vec::new();
    let reader = index.reader(&store, &study);
    let search = reader.search(&parse("trust").unwrap(), &no_conditions).unwrap();
    search.each(&mut |hit| turns.push(hit.turn)).unwrap();
    assert_eq!(turns, [0, 2, 4]);
    assert_eq!(reader.turns_of("s-two", &|label| label == "P1").unwrap(), RoaringBitmap::from_iter([2, 3]));
}

#[test]
fn forms_are_what_the_study_says() {
    let (_dir, mut store) = new_study();
    let mut said = english(&["Helping helps; he helped. Help! Helpless [helper]"]);
    said.push(("לבד שלבד וכשלבד".to_owned(), "he", false));
    land(&mut store, "one", &said);
    let study = Study::load(&store).unwrap();
    let index = Index::open(&store, &study);
    let reader = index.reader(&store, &study);
    let forms = |query: &str, language: &str| match parse(query).unwrap() {
        Query::Term(term) => reader.forms(&term, language).unwrap(),
        other => panic!("{other}"),
    };
    assert_eq!(forms("help", "en"), ["help", "helped", "helping", "helps"]);
    assert_eq!(forms("help*", "en-GB"), ["help", "helped", "helping", "helpless", "helps"]);
    assert_eq!(forms("*less", "en"), ["helpless"]);
    assert_eq!(forms("halp~1", "en"), ["help"]);
    assert_eq!(forms("[helper]", "en"), ["helper"]);
    assert_eq!(forms("לבד", "he"), ["וכשלבד", "לבד", "שלבד"]);
    assert_eq!(forms("help", "he"), [""; 0]);
}

#[test]
fn what_asks_for_too_much_is_refused_with_a_sentence() {
    let (_dir, mut store) = new_study();
    let words = |from: u32| (from..from + 100).map(|k| format!("x{k}y")).collect::<Vec<_>>().join(" ");
    let said: Vec<Said> = (0..180).map(|k| (words(k * 100), "en", false)).collect();
    land(&mut store, "one", &said);
    let study = Study::load(&store).unwrap();
    let index = Index::open(&store, &study);
    let sentence = |query: &str| count(&index, &store, &study, query).unwrap_err().to_string();
    assert_eq!(
        sentence("x*"),
        "`x*` stands for more than 16384 different words of this study, which is too much for one search: write more of its letters"
    );
    assert_eq!(
        sentence("x1* AND (x1*y OR x?1*)"),
        "the words of this query stand for more than 16384 different words of this study, which is too much for one search: ask for less at a time"
    );
    assert_eq!(count(&index, &store, &study, "/x1\\d*y/").unwrap(), 9111);
    // A rule like that is no reason not to code.
    let candidates = index.reader(&store, &study).candidates([&parse("x*").unwrap()]).unwrap();
    assert_eq!(candidates.len(), 180);
}

#[test]
fn ten_thousand_words_are_one_search() {
    let (_dir, mut store) = new_study();
    let said: Vec<Said> = (0..400).map(|k| (format!("w{k} and w{} w{}", k + 1, 7 * k), "en", false)).collect();
    land(&mut store, "one", &said);
    let study = Study::load(&store).unwrap();
    let index = Index::open(&store, &study);
    let words: Vec<String> = (0..10_000).map(|k| format!("w{k}")).collect();
    assert_eq!(count(&index, &store, &study, &words.join(" OR ")).unwrap(), 1200);
    let pairs: Vec<String> = (0..5_000).map(|k| format!("\"w{k} and\"")).collect();
    assert_eq!(count(&index, &store, &study, &pairs.join(" OR ")).unwrap(), 400);
    assert_eq!(count(&index, &store, &study, &words.join(" AND ")).unwrap(), 0);
}

#[test]
fn the_best_of_many_turns_are_the_same_however_they_came_in() {
    // Lengths and words follow a generator with a fixed seed, so that scores differ and many are equal.
    let mut state = 7_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let words =
        ["trust", "trusted", "trusting", "lonely", "alone", "garden", "and", "then", "we", "went", "home", "so"];
    let mut source = || -> Vec<Said> {
        let turn = |length: u64, draw: &mut dyn FnMut(u64) -> u64| -> String {
            (0..length).map(|_| words[draw(12).min(draw(12)) as usize]).collect::<Vec<_>>().join(" ")
        };
        (0..700).map(|_| (turn(1 + draw(3) * draw(40), &mut draw), "en", false)).collect()
    };
    let (dir, mut store) = new_study();
    let mut index = None;
    for name in ["one", "two", "three"] {
        land(&mut store, name, &source());
        let study = Study::load(&store).unwrap();
        index.get_or_insert_with(|| Index::open(&store, &study)).catch_up(&store, &study);
    }
    let study = Study::load(&store).unwrap();
    let ranks = |index: &Index, query: &str| {
        let reader = index.reader(&store, &study);
        reader.search(&parse(query).unwrap(), &no_conditions).unwrap().ranked(25).unwrap()
    };
    let queries = [
        "trust",
        "=trust",
        "lonely",
        "lonely OR garden",
        "trust OR so OR home",
        "tr* OR alone",
        "trust AND so",
        "\"trust trust\"",
        "\"lonely trust\"~3",
    ];
    let caught_up = queries.map(|query| ranks(index.as_ref().unwrap(), query));
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let anew = Index::open(&store, &study);
    assert_eq!(caught_up, queries.map(|query| ranks(&anew, query)));
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    std::fs::write(dir.path().join("index"), "in the way").unwrap();
    let absent = Index::open(&store, &study);
    assert_eq!(caught_up, queries.map(|query| ranks(&absent, query)));
    let first = caught_up[0][0];
    assert!(caught_up.iter().all(|best| best.len() == 25) && first.score > caught_up[0][24].score);
}
