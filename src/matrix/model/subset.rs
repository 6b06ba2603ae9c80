//! Parts of a frame: fewer terms, fewer observations.

use super::frame::{Frame, RandomColumns};
use crate::stats;

impl Frame {
    /// The same observations with some of the fixed and random terms.
    pub(super) fn reduced(&self, fixed: &[usize], random: &[usize]) -> Self {
        Self {
            observations: self.observations.clone(),
            names: fixed.iter().map(|&k| self.names[k].clone()).collect(),
            predictors: fixed.iter().map(|&k| self.predictors[k].clone()).collect(),
            y: self.y.clone(),
            yes: self.yes.clone(),
            random: random.iter().map(|&k| self.random[k].clone()).collect(),
            unit: self.unit,
            units: self.units,
            missing: self.missing.clone(),
            in_all: self.in_all,
            waves: self.waves.clone(),
        }
    }

    /// The observations whose place is kept.
    pub(super) fn without(&self, left_out: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.y.len()).filter(|&k| !left_out(k)).collect();
        let pick = |values: &[f64]| kept.iter().map(|&k| values[k]).collect::<Vec<f64>>();
        Self {
            observations: kept.iter().map(|&k| self.observations[k].clone()).collect(),
            predictors: self.predictors.iter().map(|column| pick(column)).collect(),
            y: pick(&self.y),
            random: self
                .random
                .iter()
                .map(|random| RandomColumns {
                    term: stats::RandomTerm {
                        level: kept.iter().map(|&k| random.term.level[k]).collect(),
                        intercept: random.term.intercept,
                        slopes: random.term.slopes.iter().map(|slope| pick(slope)).collect(),
                    },
                    ..random.clone()
                })
                .collect(),
            ..self.reduced(&(0..self.names.len()).collect::<Vec<_>>(), &(0..self.random.len()).collect::<Vec<_>>())
        }
    }
}
