//! What one unit's statements amount to: presence, counts, rates, shares, balance.

use super::build::MatrixInputs;
use super::spec::{MatrixSpec, Measure};
use super::standing::Told;
use crate::join::{Speech, Statement, Unit};
use crate::model::{Polarity, Span};
use std::collections::BTreeSet;

/// The measure of one unit; nothing where it has none.
pub(super) fn measure(inputs: &MatrixInputs<'_>, spec: &MatrixSpec, unit: &str, told: &Told<'_>) -> Option<f64> {
    let of = |wanted: &dyn Fn(Polarity) -> bool| -> Vec<&Statement> {
        told.statements.iter().copied().filter(|statement| wanted(statement.polarity)).collect()
    };
    let counted = of(&|polarity| match spec.polarity {
        Some(wanted) => polarity == wanted,
        None => matches!(polarity, Polarity::Present | Polarity::Ambivalent),
    });
    let who = (spec.unit == Unit::Participant).then_some(unit);
    let speech = || -> Vec<(&str, Vec<&Speech>)> {
        told.covered.iter().map(|source| (*source, inputs.speech.of(source, who))).collect()
    };
    let share = |part: usize, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let words = |speech: &[(&str, Vec<&Speech>)]| -> u64 {
        speech.iter().flat_map(|(_, all)| all).map(|speech| speech.words).sum()
    };
    Some(match spec.measure {
        Measure::Presence => f64::from(u8::from(told.counted)),
        Measure::Count => counted.len() as f64,
        Measure::Rate => 1000.0 * share(counted.len(), words(&speech())),
        Measure::TurnShare => {
            let places: BTreeSet<(&str, u32)> = counted.iter().map(|s| (s.source.as_str(), s.turn)).collect();
            share(places.len(), speech().iter().flat_map(|(_, all)| all).map(|speech| speech.turns).sum())
        }
        Measure::WordCoverage => {
            let speech = speech();
            let mut inside = 0;
            for (source, all) in &speech {
                let spans: Vec<Span> = counted.iter().filter(|s| s.source == *source).map(|s| s.span).collect();
                let starts = all.iter().flat_map(|speech| &speech.word_starts);
                inside += starts.filter(|start| spans.iter().any(|s| (s.start..s.end).contains(*start))).count();
            }
            share(inside, words(&speech))
        }
        Measure::PolarityBalance => {
            let present = of(&|polarity| polarity == Polarity::Present).len() as f64;
            let absent = of(&|polarity| polarity == Polarity::Absent).len() as f64;
            if present + absent == 0.0 {
                return None;
            }
            (present - absent) / (present + absent)
        }
    })
}
