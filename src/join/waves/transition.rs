//! Who moved from which class to which, and who was not measured again.

use super::{Figure, LEVEL, Share, WavesError, followed, wave_pair};
use crate::join::rule::class_rule;
use crate::join::{Outcome, ScoreOrigin, ScorePart, ScoreTable};
use crate::stats::{self, TwoByTwo};
use crate::store::Study;
use std::collections::BTreeSet;

/// Moves between the classes of a score.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Transitions {
    /// The score, with `=CLASS` or comparison, as typed.
    pub name: String,
    /// First wave.
    pub from: String,
    /// Second wave.
    pub to: String,
    /// Classes: in the order of their rule, else by name.
    pub classes: Vec<String>,
    /// The rule that makes the classes, in words.
    pub rule: String,
    /// People by class at the first wave, then by class at the second.
    pub moved: Vec<Vec<Vec<String>>>,
    /// By class at the first wave: people who were not measured at the second.
    pub left: Vec<Vec<String>>,
    /// By class at the second wave: people who were not measured at the first.
    pub joined: Vec<Vec<String>>,
    /// Participants of the study.
    pub participants: usize,
    /// Effect and tests.
    pub tests: TransitionTests,
}

/// Whether the classes are as frequent at both waves, among those measured at both.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TransitionTests {
    /// Two classes: share of the first class then less share before, with Newcombe's paired interval.
    pub difference: Option<Figure>,
    /// Two classes: McNemar's exact p.
    pub mcnemar_exact: Option<f64>,
    /// The same with mid-p.
    pub mcnemar_mid: Option<f64>,
    /// Two classes: the smallest exact p that so many changes could have given, whatever their direction.
    pub smallest_p: Option<f64>,
    /// Three and more: Stuart and Maxwell's test of equal margins.
    pub stuart_maxwell: Option<ChiSquare>,
    /// Three and more: Bowker's test of symmetry.
    pub bowker: Option<ChiSquare>,
}

/// A chi-square test, or why there is none.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct ChiSquare {
    /// The statistic.
    pub statistic: Option<f64>,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// p.
    pub p: Option<f64>,
    /// Why there is none.
    pub why_not: Option<String>,
}

impl From<Result<stats::ChiSquareTest, stats::Undefined>> for ChiSquare {
    fn from(found: Result<stats::ChiSquareTest, stats::Undefined>) -> Self {
        match found {
            Ok(test) => Self { statistic: Some(test.statistic), df: Some(test.df), p: Some(test.p), why_not: None },
            Err(why) => Self { why_not: Some(super::reason(why)), ..Self::default() },
        }
    }
}

/// Moves between the classes of an outcome that is written without a wave (`attachment`, `ecr.midpoint=secure`,
/// `wellbeing>3.5`).
///
/// # Errors
/// An unknown score, a wave at which nobody was measured, numbers without a comparison.
pub fn transitions(
    study: &Study,
    scores: &ScoreTable,
    outcome: &Outcome,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Transitions, WavesError> {
    let (from, to) = wave_pair(study, scores, outcome.name(), from, to)?;
    let (before, after) = (outcome.states(scores, &from)?, outcome.states(scores, &to)?);
    let classes = classes(study, outcome, before.values().chain(after.values()));
    let place = |class: &str| classes.iter().position(|known| known == class);
    let mut moved = vec![vec![Vec::new(); classes.len()]; classes.len()];
    let (mut left, mut joined) = (vec![Vec::new(); classes.len()], vec![Vec::new(); classes.len()]);
    for (person, was, is) in followed(&before, &after) {
        let Some(row) = place(&was) else { continue };
        let cell = match is {
            None => left.get_mut(row),
            Some(is) => place(&is).and_then(|column| moved.get_mut(row).and_then(|row| row.get_mut(column))),
        };
        cell.into_iter().for_each(|cell: &mut Vec<String>| cell.push(person.clone()));
    }
    for (person, is) in after.iter().filter(|(person, _)| !before.contains_key(*person)) {
        place(is)
            .and_then(|k| joined.get_mut(k))
            .into_iter()
            .for_each(|cell: &mut Vec<String>| cell.push(person.clone()));
    }
    let tests = TransitionTests::of(&moved);
    let rule = class_rule(study, outcome, outcome.name());
    let participants = study.participants.len();
    Ok(Transitions { name: outcome.to_string(), from, to, classes, rule, moved, left, joined, participants, tests })
}

/// Both sides of a comparison, the classes of a rule in its order, else those that occur by name.
fn classes<'a>(study: &Study, outcome: &Outcome, found: impl Iterator<Item = &'a String>) -> Vec<String> {
    let found: BTreeSet<&String> = found.collect();
    if let Some((yes, no)) = outcome.sides() {
        return vec![yes, no];
    }
    let first = |wanted: &[&str]| {
        let mut classes: Vec<String> = wanted.iter().map(|class| (*class).to_owned()).collect();
        classes.retain(|class| found.contains(class));
        classes.extend(found.iter().filter(|class| !wanted.contains(&class.as_str())).map(|class| (*class).clone()));
        classes
    };
    if let Some(class) = outcome.class() {
        return first(&[class]);
    }
    match ScoreOrigin::of(study, outcome.name()).map(|origin| origin.part) {
        Some(ScorePart::Rule(_, rule)) => first(&rule.classes()),
        _ => first(&[]),
    }
}

impl TransitionTests {
    /// Leaves the effect and takes every p out.
    pub fn hide_p(&mut self) {
        *self = Self { difference: self.difference.take(), ..Self::none() };
    }

    fn none() -> Self {
        Self {
            difference: None,
            mcnemar_exact: None,
            mcnemar_mid: None,
            smallest_p: None,
            stuart_maxwell: None,
            bowker: None,
        }
    }

    fn of(moved: &[Vec<Vec<String>>]) -> Self {
        let counts: Vec<Vec<u64>> =
            moved.iter().map(|row| row.iter().map(|cell| cell.len() as u64).collect()).collect();
        let mut tests = Self::none();
        match counts.as_slice() {
            [first, second] => {
                let ([a, b], [c, d]) = (first.as_slice(), second.as_slice()) else { return tests };
                if let Ok(found) = stats::mcnemar(&TwoByTwo::new(*a, *b, *c, *d), LEVEL) {
                    let interval = found.risk_difference_interval;
                    tests.difference = Some(Figure {
                        value: Some(-found.risk_difference),
                        interval: Some((-interval.upper, -interval.lower)),
                        why_not: None,
                    });
                    tests.mcnemar_exact = Some(found.p_exact);
                    tests.mcnemar_mid = Some(found.p_mid);
                    tests.smallest_p = Some((2.0 * 0.5_f64.powf((b + c) as f64)).min(1.0));
                }
            }
            [] | [_] => {}
            _ => {
                tests.stuart_maxwell = Some(stats::marginal_homogeneity(&counts).and_then(|m| m.stuart_maxwell).into());
                tests.bowker = Some(stats::bowker(&counts).map(|found| found.test).into());
            }
        }
        tests
    }
}

impl Transitions {
    /// People in a class at the first wave who were measured at both.
    pub fn at_risk(&self, class: usize) -> usize {
        self.moved.get(class).map_or(0, |row| row.iter().map(Vec::len).sum())
    }

    /// People in a class at the second wave who were measured at both.
    pub fn arrived(&self, class: usize) -> usize {
        self.moved.iter().filter_map(|row| row.get(class)).map(Vec::len).sum()
    }

    /// How many people are in another class than before.
    pub fn moves(&self) -> usize {
        let stayed: usize = (0..self.classes.len()).map(|class| self.people(class, class).len()).sum();
        self.both() - stayed
    }

    /// People measured at both waves.
    pub fn both(&self) -> usize {
        (0..self.classes.len()).map(|class| self.at_risk(class)).sum()
    }

    /// People of a class at the first wave who were not measured at the second.
    pub fn left(&self, class: usize) -> usize {
        self.left.get(class).map_or(0, Vec::len)
    }

    /// People measured at the first wave only.
    pub fn all_left(&self) -> usize {
        self.left.iter().map(Vec::len).sum()
    }

    /// Who moved from one class to another.
    pub fn people(&self, from: usize, to: usize) -> &[String] {
        self.moved.get(from).and_then(|row| row.get(to)).map_or(&[], Vec::as_slice)
    }

    /// A cell as a share of those at risk.
    pub fn share(&self, from: usize, to: usize) -> Share {
        Share::new(self.people(from, to).len(), self.at_risk(from))
    }

    /// The lowest and highest share that a cell could have among all of its class at the first wave: if none, and if all,
    /// of those who were not measured again had gone there.
    pub fn share_bounds(&self, from: usize, to: usize) -> (Share, Share) {
        let (n, all) = (self.people(from, to).len(), self.at_risk(from) + self.left(from));
        (Share::new(n, all), Share::new(n + self.left(from), all))
    }

    /// A class at the second wave among those measured at both.
    pub fn end_share(&self, class: usize) -> Share {
        Share::new(self.arrived(class), self.both())
    }

    /// The same bounds for a class at the second wave, among all measured at the first.
    pub fn end_bounds(&self, class: usize) -> (Share, Share) {
        let (n, all) = (self.arrived(class), self.both() + self.all_left());
        (Share::new(n, all), Share::new(n + self.all_left(), all))
    }
}
