//! Holds the scan to the reference: for random rules and random turns, the same intervals.

use super::{Hit, Scratch, TurnContext};
use crate::code::compile::{NoClasses, RuleSet, WordClasses, WordMeaning};
use crate::model::{Code, Codebook, Polarity, Role, Rule};
use crate::query::reference::{TurnText, intervals};
use crate::query::samples::{query, stretch, turn};
use crate::query::{check_rule, parse};
use crate::text::{sentences, tokenize};
use proptest::prelude::*;
use proptest::sample::{Index, select};

fn rule(query: &str, language: Option<&str>) -> Rule {
    Rule {
        query: query.to_owned(),
        polarity: Polarity::Present,
        target: None,
        language: language.map(str::to_owned),
        fixed: false,
    }
}

fn codebook(rules: Vec<Rule>) -> Codebook {
    let code = |rules: &[Rule]| Code { rules: rules.to_vec(), ..Code::default() };
    let (first, second) = rules.split_at(rules.len() / 2);
    let codes = [("first".to_owned(), code(first)), ("second".to_owned(), code(second))];
    Codebook { name: String::new(), note: String::new(), codes: codes.into() }
}

/// What the reference says that the rules find.
fn expected(rules: &RuleSet, text: &str, language: &str, context: &TurnContext<'_>) -> Vec<Hit> {
    let (mut tokens, mut found) = (Vec::new(), Vec::new());
    tokenize(text, &mut tokens);
    sentences(text, &tokens, &mut found);
    let TurnContext { speaker, role, question } = *context;
    let turn = TurnText { text, tokens: &tokens, sentences: &found, language, speaker, role, question };
    let mut hits = Vec::new();
    for (number, rule) in (0..).zip(rules.rules()).filter(|(_, rule)| rule.is_for(language)) {
        let hit = |at: crate::query::reference::Interval| Hit {
            first: at.first,
            last: at.last,
            code: rule.code,
            rule: number,
        };
        hits.extend(intervals(&rule.query, &turn).into_iter().map(hit));
    }
    hits.sort_unstable();
    hits
}

proptest! {
    #[test]
    fn the_scan_finds_what_the_reference_finds(
        queries in prop::collection::vec((query(), select(&[None, None, None, Some("en"), Some("he")][..])), 1..8),
        turns in prop::collection::vec((turn(), select(&["en", "en", "he", "und"][..])), 1..4),
        stretches in prop::collection::vec((any::<Index>(), any::<Index>(), 1..16_usize, any::<bool>()), 0..5),
        interviewer in any::<bool>(),
    ) {
        let mut queries: Vec<(String, Option<&str>)> = queries;
        for (which, from, length, without_case) in stretches {
            if let Some((turn, _)) = turns.get(which.index(turns.len())) {
                queries.push((stretch(turn, from, length, without_case), None));
            }
        }
        let fit = |query: &str| parse(query).is_ok_and(|query| check_rule(&query).is_ok());
        let rules = queries.iter().filter(|(query, _)| fit(query)).map(|(query, language)| rule(query, *language));
        let rules = RuleSet::compile(&codebook(rules.collect()), Box::new(NoClasses)).unwrap();
        let role = if interviewer { Role::Interviewer } else { Role::Participant };
        let context = TurnContext { speaker: "P1", role, question: Some("hope") };
        let mut scratch = Scratch::default();
        for (text, language) in &turns {
            rules.scan(&mut scratch, text, language, &context);
            let expected = expected(&rules, text, language, &context);
            let of = |hits: &[Hit]| hits.iter().map(|hit| {
                let rule = &rules.rules()[hit.rule as usize];
                format!("{} {}-{}", rule.reference.query, hit.first, hit.last)
            }).collect::<Vec<_>>();
            prop_assert_eq!(of(&scratch.hits), of(&expected), "in {:?} ({})", text, language);
            prop_assert_eq!(&scratch.hits, &expected);
        }
    }
}

struct FirstLetter;

impl WordClasses for FirstLetter {
    fn meaning(&self, folded: &str, language: &str) -> WordMeaning {
        let classes = folded.bytes().next().map_or(0, u64::from);
        WordMeaning { classes, number: language.len() as u32 }
    }
}

#[test]
fn meanings_go_with_tokens() {
    let rules = RuleSet::compile(&codebook(vec![rule("trust", None)]), Box::new(FirstLetter)).unwrap();
    let mut scratch = Scratch::default();
    let context = TurnContext { speaker: "", role: Role::Other, question: None };
    let text = "Bats can't [dream] of extraordinarily-longwindedcompoundednouns Über";
    for _ in 0..2 {
        rules.scan(&mut scratch, text, "en", &context);
        let meanings: Vec<WordMeaning> = scratch.meanings(0..scratch.tokens.len() as u32).collect();
        let letters: Vec<u8> = meanings.iter().map(|meaning| meaning.classes as u8).collect();
        assert_eq!(letters, b"bcndoelu");
        assert!(meanings.iter().all(|meaning| meaning.number == 2));
    }
}

#[test]
fn a_scratch_may_serve_several_rule_sets() {
    let compile = |query| RuleSet::compile(&codebook(vec![rule(query, None)]), Box::new(NoClasses)).unwrap();
    let (first, second) = (compile("trust"), compile("\"not alone\""));
    let mut scratch = Scratch::default();
    let context = TurnContext { speaker: "", role: Role::Other, question: None };
    let mut scan = |rules: &RuleSet| {
        rules.scan(&mut scratch, "I trust her, I am not alone.", "en", &context);
        scratch.hits.iter().map(|hit| (hit.first, hit.last)).collect::<Vec<_>>()
    };
    assert_eq!((scan(&first), scan(&second), scan(&first)), (vec![(1, 1)], vec![(5, 6)], vec![(1, 1)]));
}

#[test]
fn every_rule_that_cannot_be_one_is_named() {
    let book = codebook(vec![rule("trust AND code:hope", None), rule("*", None), rule("ok", None), rule("(", None)]);
    let problems = RuleSet::compile(&book, Box::new(NoClasses)).err().unwrap();
    let places: Vec<(&str, u32)> = problems.iter().map(|problem| (&*problem.code, problem.index)).collect();
    assert_eq!(places, [("first", 0), ("first", 1), ("second", 1)]);
    assert!(problems[0].fault.to_string().contains("saved search"));
}

#[test]
fn negative_forms_follow_the_rules_and_retired_codes_rest() {
    use crate::model::CodeStatus;
    let mut book = codebook(vec![rule("trust", None), rule("hope", None)]);
    book.codes.get_mut("first").unwrap().negative_forms.push("distrust*".to_owned());
    book.codes.get_mut("second").unwrap().status = CodeStatus::Retired;
    let rules = RuleSet::compile(&book, Box::new(NoClasses)).unwrap();
    assert_eq!(rules.codes(), ["first"]);
    let seen: Vec<(u32, Polarity)> = rules.rules().iter().map(|rule| (rule.reference.index, rule.polarity)).collect();
    assert_eq!(seen, [(0, Polarity::Present), (1, Polarity::Absent)]);
}
