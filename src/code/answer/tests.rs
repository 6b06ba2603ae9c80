//! Questions and answers of our own, with what two careful readers would make of them.

use crate::code::{Coder, Suggestion};
use crate::model::{Codebook, Settings};
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
