//! The scan beside the reference matcher on ten megabytes of dialogue and a dictionary of 335 patterns, where they lie
//! beside the project: rule by rule and turn by turn the same hits.

use crate::harness::shared;
use std::collections::BTreeMap;
use std::process::Command;
use themata::code::{CompiledRule, Hit, NoClasses, RuleSet, Scratch, TurnContext};
use themata::model::{Code, Codebook, Polarity, Role, Rule};
use themata::query::reference::{TurnText, intervals};
use themata::text::{sentences, tokenize};

const CONTEXT: TurnContext<'_> = TurnContext { speaker: "P", role: Role::Participant, question: None };

/// The texts of the turns, or the reason printed why there are none.
fn turns() -> Option<Vec<String>> {
    let maker = shared("bench/gen_corpus.py")?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("corpus.jsonl");
    match Command::new("python3").arg(maker).arg("10").arg(&file).output() {
        Ok(made) if made.status.success() => {}
        other => {
            eprintln!("skipped: python3 makes no corpus: {other:?}");
            return None;
        }
    }
    let text =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().to_owned();
    Some(std::fs::read_to_string(file).unwrap().lines().map(text).collect())
}

fn dictionary() -> Option<Codebook> {
    let file = shared("bench/dictionary.json")?;
    let lists: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let rule = |query| Rule { query, polarity: Polarity::Present, target: None, language: None, fixed: false };
    let code = |lists: BTreeMap<String, Vec<String>>| {
        let written = |kind: &str, pattern: &String| match kind {
            "stem" => format!("{pattern}*"),
            "re" => format!("/(?i){pattern}/"),
            _ => format!("\"{pattern}\""),
        };
        let rules = lists.iter().flat_map(|(kind, patterns)| patterns.iter().map(move |one| rule(written(kind, one))));
        Code { rules: rules.collect(), ..Code::default() }
    };
    let codes = lists.into_iter().map(|(theme, lists)| (theme, code(lists)));
    Some(Codebook { name: "dictionary".into(), note: String::new(), codes: codes.collect() })
}

fn by_reference(rules: &RuleSet, text: &str, language: &str) -> Vec<Hit> {
    let (mut tokens, mut found) = (Vec::new(), Vec::new());
    tokenize(text, &mut tokens);
    sentences(text, &tokens, &mut found);
    let TurnContext { speaker, role, question } = CONTEXT;
    let turn = TurnText { text, tokens: &tokens, sentences: &found, language, speaker, role, question };
    let of_rule = |(number, rule): (u32, &CompiledRule)| {
        let code = rule.code;
        let hits = intervals(&rule.query, &turn).into_iter();
        hits.map(move |at| Hit { first: at.first, last: at.last, code, rule: number }).collect::<Vec<_>>()
    };
    let mut hits: Vec<Hit> = (0..).zip(rules.rules()).flat_map(of_rule).collect();
    hits.sort_unstable();
    hits
}

/// Thirty turns are read as one: the reference compiles each pattern anew for each turn. Where stems count it is slow,
/// so that all processors read.
#[test]
#[ignore = "takes minutes: `cargo test --release -- --include-ignored`"]
fn hits_are_those_of_the_reference_matcher() {
    let (Some(turns), Some(codebook)) = (turns(), dictionary()) else { return };
    let rules = RuleSet::compile(&codebook, Box::new(NoClasses)).unwrap();
    assert_eq!(rules.rules().len(), 335);
    let texts: Vec<String> = turns.chunks(30).map(|turns| turns.join("\n\n")).collect();
    let readers = std::thread::available_parallelism().map_or(1, |count| count.get());
    for language in ["und", "en"] {
        let read = |texts: &[String]| {
            let mut scratch = Scratch::default();
            let mut hits = 0;
            for text in texts {
                rules.scan(&mut scratch, text, language, &CONTEXT);
                assert_eq!(scratch.hits, by_reference(&rules, text, language), "{language}: {text}");
                hits += scratch.hits.len();
            }
            hits
        };
        let hits: usize = std::thread::scope(|scope| {
            let shares = texts.chunks(texts.len().div_ceil(readers));
            let started: Vec<_> = shares.map(|share| scope.spawn(|| read(share))).collect();
            started.into_iter().map(|reader| reader.join().unwrap()).sum()
        });
        assert!(hits > 20_000, "only {hits} hits were compared");
    }
}
