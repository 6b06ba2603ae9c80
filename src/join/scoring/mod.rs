//! From item responses to the scales and classes of one instrument.
//!
//! In this order: the range of every answer is checked, an inverted sheet is turned round, reverse-keyed items are turned
//! round, missing items are dealt with by the rule of the scale, formulas follow scales, class rules come last. Nothing is
//! guessed: a scale or class that cannot be had comes with the reason.

use crate::import::{Comparison, Condition, Formula, Operator};
use crate::model::{ClassRule, Classing, Instrument, MissingRule, Prorating, Subscale, SubscaleKind, Ties};
use std::collections::BTreeMap;

/// Why a scale has no score, or a person no class.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScoreProblem {
    /// An answer that the questionnaire does not have.
    #[error("item {item} is {value}, outside {min} to {max}")]
    OutOfRange {
        /// Item number, from 1.
        item: u32,
        /// The answer.
        value: f64,
        /// Lowest answer.
        min: f64,
        /// Highest answer.
        max: f64,
    },
    /// Fewer items than the missing-item rule asks for.
    #[error("{answered} of {items} items answered, at least {needed} are needed")]
    TooFew {
        /// Items answered.
        answered: usize,
        /// Items of the scale.
        items: usize,
        /// Items needed.
        needed: usize,
    },
    /// A formula or condition needs an item that was not answered.
    #[error("item {item} was not answered, and the rule needs it")]
    NotAnswered {
        /// Item number, from 1.
        item: u32,
    },
    /// A formula or condition needs a scale that has no score.
    #[error("there is no {scale}: {why}")]
    NoScale {
        /// The scale.
        scale: String,
        /// Why it has no score.
        why: Box<ScoreProblem>,
    },
    /// A division by nothing, or the logarithm of nothing.
    #[error("its formula gives no number here")]
    NoNumber,
    /// A raw score that the conversion table does not have.
    #[error("the conversion table has no score for {raw}")]
    NotConverted {
        /// The raw score.
        raw: f64,
    },
    /// No condition of the rule holds.
    #[error("no condition of the rule holds")]
    NoClass,
    /// The largest value is shared, and the rule gives no class then.
    #[error("a tie between {} and {}", classes.0, classes.1)]
    Tie {
        /// Two of the classes.
        classes: (String, String),
    },
    /// A formula of the stored definition cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

/// What one person's answers give: scales and classes, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scored {
    /// By scale.
    pub scales: BTreeMap<String, Result<f64, ScoreProblem>>,
    /// By class rule.
    pub classes: BTreeMap<String, Result<String, ScoreProblem>>,
}

/// Scores one person's answers, one per item in the order of the sheet.
pub fn score_instrument(instrument: &Instrument, items: &[Option<f64>]) -> Scored {
    let mut scorer = Scorer { instrument, items, scales: BTreeMap::new() };
    let scales = instrument.scales.keys().map(|name| (name.clone(), scorer.scale(name))).collect();
    let classes = instrument.classes.iter().map(|(name, rule)| (name.clone(), scorer.class(rule))).collect();
    Scored { scales, classes }
}

/// An answer as the key of a scale counts it: the sheet turned round if it was inverted, then the item if it is
/// reverse-keyed.
pub fn keyed(instrument: &Instrument, scale: Option<&Subscale>, item: u32, answer: f64) -> f64 {
    let (min, max) = instrument.range(item);
    let inverted = instrument.anchors.as_ref().is_some_and(|anchors| anchors.inverted);
    let reversed = instrument.reversed.contains(&item) || scale.is_some_and(|scale| scale.reversed.contains(&item));
    if inverted != reversed { min + max - answer } else { answer }
}

struct Scorer<'a> {
    instrument: &'a Instrument,
    items: &'a [Option<f64>],
    /// Scales scored so far; a formula asks for others first.
    scales: BTreeMap<String, Result<f64, ScoreProblem>>,
}

impl Scorer<'_> {
    fn scale(&mut self, name: &str) -> Result<f64, ScoreProblem> {
        if let Some(known) = self.scales.get(name) {
            return known.clone();
        }
        // A circle ends here: the import refuses it, an edited store might have one.
        let circle = ScoreProblem::Unreadable(format!("the formula of {name} needs {name} itself"));
        self.scales.insert(name.to_owned(), Err(circle));
        let instrument = self.instrument;
        let score = match instrument.scales.get(name) {
            None => Err(ScoreProblem::Unreadable(format!("there is no scale {name}"))),
            Some(scale) => match &scale.kind {
                SubscaleKind::Formula(text) => Formula::parse(text)
                    .map_err(|error| ScoreProblem::Unreadable(error.to_string()))
                    .and_then(|formula| self.number(&formula)),
                SubscaleKind::Mean | SubscaleKind::Sum => self.of_items(scale),
            },
        };
        self.scales.insert(name.to_owned(), score.clone());
        score
    }

    /// The answer to an item, if there is one, after its range was checked.
    fn answer(&self, item: u32) -> Result<Option<f64>, ScoreProblem> {
        let Some(value) = self.items.get((item as usize).wrapping_sub(1)).copied().flatten() else { return Ok(None) };
        let (min, max) = self.instrument.range(item);
        if (min..=max).contains(&value) {
            Ok(Some(value))
        } else {
            Err(ScoreProblem::OutOfRange { item, value, min, max })
        }
    }

    fn of_items(&self, scale: &Subscale) -> Result<f64, ScoreProblem> {
        let (mut sum, mut answered) = (0.0, 0_usize);
        for &item in &scale.items {
            if let Some(answer) = self.answer(item)? {
                sum += keyed(self.instrument, Some(scale), item, answer);
                answered += 1;
            }
        }
        let items = scale.items.len();
        let needed = match scale.missing.unwrap_or(self.instrument.missing) {
            MissingRule::None => items,
            MissingRule::Half => items.div_ceil(2),
            MissingRule::Share(share) => (share * items as f64 - 1e-9).ceil().max(0.0) as usize,
            MissingRule::Count(count) => count as usize,
        };
        if answered == 0 || answered < needed {
            return Err(ScoreProblem::TooFew { answered, items, needed: needed.max(1) });
        }
        let missing = (items - answered) as f64;
        let mean = sum / answered as f64;
        let instead = if self.instrument.prorating == Prorating::RoundedMean { half_up(mean) } else { mean };
        // Without a missing item the mean is not taken apart and put together again: that would cost its last digits.
        let total = if missing > 0.0 { sum + missing * instead } else { sum };
        let score = if scale.kind == SubscaleKind::Mean { total / items as f64 } else { total };
        let rounded = missing > 0.0 && self.instrument.prorating == Prorating::RoundedScore;
        let score = if rounded { half_up(score) } else { score };
        let Some(convert) = &scale.convert else { return Ok(score) };
        let place = score - convert.from;
        let whole = place >= 0.0 && place.fract() == 0.0;
        let found = convert.to.get(place.max(0.0) as usize).filter(|_| whole);
        found.copied().ok_or(ScoreProblem::NotConverted { raw: score })
    }

    fn number(&mut self, formula: &Formula) -> Result<f64, ScoreProblem> {
        let value = match formula {
            Formula::Number(number) => *number,
            Formula::Item(item) => {
                let answer = self.answer(*item)?.ok_or(ScoreProblem::NotAnswered { item: *item })?;
                keyed(self.instrument, None, *item, answer)
            }
            Formula::Scale(scale) => {
                self.scale(scale).map_err(|why| ScoreProblem::NoScale { scale: scale.clone(), why: Box::new(why) })?
            }
            Formula::Count { items, low, high } => {
                let mut count = 0.0;
                for item in items {
                    let answer = self.answer(*item)?.ok_or(ScoreProblem::NotAnswered { item: *item })?;
                    count += f64::from(u8::from((*low..=*high).contains(&keyed(self.instrument, None, *item, answer))));
                }
                count
            }
            Formula::Ln(inner) => self.number(inner)?.ln(),
            Formula::Minus(inner) => -self.number(inner)?,
            Formula::Join(left, operator, right) => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                match operator {
                    Operator::Add => left + right,
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    Operator::Divide => left / right,
                }
            }
        };
        if value.is_finite() { Ok(value) } else { Err(ScoreProblem::NoNumber) }
    }

    fn holds(&mut self, condition: &Condition) -> Result<bool, ScoreProblem> {
        match condition {
            // Every part is looked at: a class must not hang on the order in which missing answers are found.
            Condition::All(parts) => parts.iter().try_fold(true, |all, part| Ok(self.holds(part)? && all)),
            Condition::Any(parts) => parts.iter().try_fold(false, |any, part| Ok(self.holds(part)? || any)),
            Condition::Compare(left, comparison, right) => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                Ok(match comparison {
                    Comparison::Below => left < right,
                    Comparison::AtMost => left <= right,
                    Comparison::Above => left > right,
                    Comparison::AtLeast => left >= right,
                    Comparison::Equal => left == right,
                })
            }
        }
    }

    fn class(&mut self, rule: &ClassRule) -> Result<String, ScoreProblem> {
        let unreadable = |error: crate::import::ExpressionError| ScoreProblem::Unreadable(error.to_string());
        match &rule.rule {
            Classing::First(pairs) => {
                for (class, text) in pairs {
                    if self.holds(&Condition::parse(text).map_err(unreadable)?)? {
                        return Ok(class.clone());
                    }
                }
                rule.otherwise.clone().ok_or(ScoreProblem::NoClass)
            }
            Classing::Largest(pairs) => {
                let mut best: Option<(&String, f64)> = None;
                let mut tie = None;
                for (class, text) in pairs {
                    let value = self.number(&Formula::parse(text).map_err(unreadable)?)?;
                    match best {
                        Some((first, largest)) if (value - largest).abs() <= 1e-12 * largest.abs().max(1.0) => {
                            tie = Some((first.clone(), class.clone()));
                        }
                        Some((_, largest)) if value < largest => {}
                        _ => (best, tie) = (Some((class, value)), None),
                    }
                }
                match (best, tie) {
                    (Some(_), Some(classes)) if rule.ties != Some(Ties::First) => Err(ScoreProblem::Tie { classes }),
                    (Some((class, _)), _) => Ok(class.clone()),
                    (None, _) => Err(ScoreProblem::NoClass),
                }
            }
        }
    }
}

/// Rounded to the nearest whole number, halves up, as questionnaires' manuals do it.
fn half_up(x: f64) -> f64 {
    (x + 0.5).floor()
}

#[cfg(test)]
mod tests;
