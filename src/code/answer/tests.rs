//! Questions and answers of our own, with what two careful readers would make of them.

use crate::code::{Coder, Suggestion};
use crate::model::{Codebook, Experiencer, Qualifiers, Settings, Time};
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::LazyLock;

/// Question, answer, what is expected (`code polarity`, several with `;`, or `none`), and the unit where it matters.
const EXCHANGES: &str = include_str!("exchanges.tsv");

static CODER: LazyLock<Coder> = LazyLock::new(|| {
    let codebook: Codebook = toml::from_str(include_str!("../../../codebooks/itr.toml")).unwrap();
    Coder::new(&codebook, &Settings::default()).unwrap()
});

const CODES: [&str; 5] = ["trust", "loneliness", "support", "control", "empowerment"];

fn answers(question: &str, answer: &str) -> Vec<Suggestion> {
    let mut found = CODER.reply(Some(question), answer);
    found.retain(|one| one.answers.is_some() && CODES.contains(&one.code.as_str()));
    found
}

#[test]
fn answers_mean_what_readers_say_they_mean() {
    let (mut wrong, mut read) = (Vec::new(), 0);
    for line in EXCHANGES.lines().skip(1).filter(|line| !line.is_empty()) {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let (question, answer, expected, unit) = (next(), next(), next(), next());
        let found = answers(question, answer);
        let said: Vec<String> = found.iter().map(|one| format!("{} {}", one.code, one.polarity.name())).collect();
        let said = if said.is_empty() { "none".to_owned() } else { said.join(";") };
        let marked = found.first().and_then(|one| one.unit.of(answer)).unwrap_or_default();
        read += 1;
        if said != expected || (!unit.is_empty() && unit != marked) {
            wrong.push(format!("{question} | {answer}\n    expected {expected} {unit}, found {said} {marked}"));
        }
    }
    assert!(read >= 60, "only {read} exchanges were read");
    assert!(wrong.is_empty(), "{} of {read} exchanges are read wrongly:\n{}", wrong.len(), wrong.join("\n"));
}

/// The qualifiers of the only suggestion for a code.
fn qualifiers(code: &str, question: &str, answer: &str) -> Qualifiers {
    let found = answers(question, answer);
    let mut of_code = found.iter().filter(|one| one.code == code);
    let one = of_code.next().unwrap_or_else(|| panic!("{question} {answer}: {found:?}"));
    assert!(of_code.next().is_none() && one.prompted);
    one.qualifiers.clone()
}

#[test]
fn time_is_the_answers_where_it_has_one_and_else_the_questions() {
    let time = |question: &str, answer: &str| qualifiers("trust", question, answer).time;
    assert_eq!(time("Did you trust people as a child?", "No."), Time::Before);
    assert_eq!(time("Do you trust people now?", "No."), Time::During);
    assert_eq!(time("Did you trust people?", "Now I do."), Time::During);
    assert_eq!(time("Did you trust people?", "Never in prison."), Time::Before);
    assert_eq!(time("Did you trust her?", "Yes."), Time::Unknown);
}

#[test]
fn a_person_named_is_the_target_and_somebody_elses_experience_stays_theirs() {
    let of = |question: &str, answer: &str| qualifiers("trust", question, answer);
    assert_eq!(of("Who do you trust here?", "My sister.").target.as_deref(), Some("family"));
    assert_eq!(of("Do you trust the staff?", "No.").target.as_deref(), Some("worker"));
    assert_eq!(of("Do the staff trust you?", "They do.").target.as_deref(), Some("patient"));
    assert_eq!(of("Did your mother trust people?", "No.").experiencer, Experiencer::Other);
    assert_eq!(of("Did you trust people?", "No.").experiencer, Experiencer::Speaker);
}

#[test]
fn an_answer_is_told_with_the_questions_own_words() {
    let found = answers("I see. And who was there for you, in that time?", "My mum. Every Sunday.");
    let answered = found[0].answers.as_ref().unwrap();
    assert_eq!(answered.question, "And who was there for you, in that time?");
    assert_eq!(answered.found, "was there for you");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever is asked and said: what is marked lies in the answer, and nothing is suggested twice.
    #[test]
    fn marks_lie_in_the_answer(
        asked in prop::collection::vec(select(WORDS), 0..12),
        said in prop::collection::vec(select(WORDS), 0..12),
    ) {
        let (asked, said) = (asked.concat(), said.concat());
        let found = CODER.reply(Some(&asked), &said);
        prop_assert_eq!(&found, &CODER.reply(Some(&asked), &said));
        for (k, one) in found.iter().enumerate() {
            prop_assert!(one.unit.of(&said).is_some_and(|unit| !unit.is_empty()));
            prop_assert!(one.unit.cover(one.indicator) == one.unit && !one.indicator.is_empty());
            prop_assert!(one.trigger.is_none_or(|trigger| one.answers.is_none() || one.unit.cover(trigger) == one.unit));
            let again = |other: &&Suggestion| other.code == one.code && other.polarity == one.polarity && other.unit.overlap(one.unit) > 0;
            prop_assert!(!found.iter().skip(k + 1).any(|other| again(&other)));
        }
    }
}

const WORDS: &[&str] = &[
    "do ",
    "you ",
    "trust ",
    "her",
    "? ",
    ". ",
    ", ",
    "no",
    "No. ",
    "yes",
    "not ",
    "any more",
    "who ",
    "was there for you",
    "nobody ",
    "I did",
    "I ",
    "lonely ",
    "were ",
    "my sister",
    "לא ",
    "? ",
    "[pause] ",
    "'s ",
    "Carol",
    "less ",
    "how ",
    "and ",
    "is ",
    "don't ",
    "it's gone",
    "but ",
    "\n\n",
    "I don't know",
    "é",
    "helped me ",
    "…",
];
