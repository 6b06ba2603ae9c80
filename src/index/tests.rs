//! The index against the reference matcher, and against itself: caught up, made anew, absent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{Hit, Index, IndexError, Ranked, Search};
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
use std::path::Path;
use tempfile::TempDir;

/// A turn of a made-up source: words, language, whether the interviewer speaks.
type Said = (String, &'static str, bool);

fn environment() -> Environment {
    let now = "2026-03-01T10:00:00.000Z".into();
    Environment { actor: "ada".into(), now, seed: [7; 32], process: "test".into() }
}

fn new_study() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), environment()).unwrap();
    (dir, store)
}

/// Lands a source; gives its id.
fn land(store: &mut Store, name: &str, said: &[Said]) -> String {
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

fn coded(_: &Field, _: &FieldValue) -> Result<RoaringBitmap, IndexError> {
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

fn said() -> impl Strategy<Value = Said> {
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
