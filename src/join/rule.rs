//! Which rule made the classes of an outcome, and what is uncertain about it: no table shows a class without.

use super::score::{ScoreOrigin, ScorePart};
use super::{Outcome, ScoreTable};
use crate::model::ScoreValue;
use crate::store::Study;

/// A sentence for every rule that made a class of these outcomes, and for whatever is marked as uncertain in what they
/// rest on; each once. Attributes have none: nobody classified by them.
pub fn rules_in_words<'a>(
    study: &Study,
    scores: &ScoreTable,
    outcomes: impl IntoIterator<Item = &'a Outcome>,
) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for outcome in outcomes {
        let Some(name) = score_of(scores, outcome) else { continue };
        let classes = scores.of_name(name).any(|(.., value)| matches!(value, ScoreValue::Class(_)));
        let rule =
            (classes || outcome.sides().is_some()).then(|| format!("Classes: {}.", class_rule(study, outcome, name)));
        let doubts = ScoreOrigin::of(study, name).into_iter().flat_map(|origin| origin.doubts());
        for note in rule.into_iter().chain(doubts.map(|doubt| format!("Uncertain: {doubt}."))) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

/// The score that an outcome is made of, without its wave.
fn score_of<'a>(scores: &ScoreTable, outcome: &'a Outcome) -> Option<&'a str> {
    let name = outcome.name();
    let without_wave = name.rsplit_once('.').map(|(score, _)| score);
    [Some(name), without_wave].into_iter().flatten().find(|score| !scores.waves(score).is_empty())
}

/// The rule behind the classes of a score, in words.
pub fn class_rule(study: &Study, outcome: &Outcome, name: &str) -> String {
    match ScoreOrigin::of(study, name) {
        Some(origin) => match origin.part {
            ScorePart::Rule(..) => origin.rule_in_words().unwrap_or_default(),
            ScorePart::Scale(..) => format!("{outcome}, from the answers to {}", origin.instrument.label),
        },
        None if outcome.sides().is_some() => format!("{outcome}, of imported scores"),
        None => format!("{name} was imported as classes: the rule that made them is not known here"),
    }
}
