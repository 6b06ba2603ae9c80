//! Is a scale consistent in these data? Item statistics, alpha and omega from the stored answers, after keying.

use super::scoring::keyed;
use crate::model::{Instrument, Subscale};
use crate::stats::{self, CronbachAlpha, Estimate, McDonaldOmega, Undefined};
use crate::store::Study;
use std::collections::BTreeMap;

/// Level of the interval of alpha.
const LEVEL: f64 = 0.95;

/// One scale at one wave.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleReliability {
    /// Name of the score (`ecr.avoidance`).
    pub name: String,
    /// Wave.
    pub wave: String,
    /// People who answered any item of the instrument.
    pub people: usize,
    /// Of these, people who answered every item of the scale: all figures are about them.
    pub complete: usize,
    /// Alpha with its interval and what each item does to it.
    pub alpha: Result<CronbachAlpha, Undefined>,
    /// Omega of one factor.
    pub omega: Result<McDonaldOmega, Undefined>,
    /// The items.
    pub items: Vec<ItemStatistics>,
}

/// One item of a scale, keyed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ItemStatistics {
    /// Item number, from 1.
    pub item: u32,
    /// Whether the key turned it round.
    pub turned: bool,
    /// Mean.
    pub mean: Estimate,
    /// Standard deviation.
    pub sd: Estimate,
    /// Correlation with the sum of the other items.
    pub item_rest: Estimate,
    /// Alpha of the others.
    pub alpha_without: Estimate,
}

/// Reliability of a scale of an instrument at every wave at which it was answered, waves in the order of time.
pub fn reliability(study: &Study, id: &str, name: &str, scale: &Subscale) -> Vec<ScaleReliability> {
    let Some(instrument) = study.instruments.get(id) else { return Vec::new() };
    let mut waves: BTreeMap<&str, Vec<Vec<Option<f64>>>> = BTreeMap::new();
    for row in study.responses.values().filter(|row| row.instrument == id) {
        waves.entry(&row.wave).or_default().push(answers(instrument, scale, &row.items));
    }
    let in_time = super::outcome::in_order(study, waves.keys().copied());
    in_time.into_iter().filter_map(|wave| Some(at(instrument, id, name, scale, wave, waves.get(wave)?))).collect()
}

/// Keyed answers to the items of a scale; an answer that the questionnaire does not have is none.
fn answers(instrument: &Instrument, scale: &Subscale, items: &[Option<f64>]) -> Vec<Option<f64>> {
    let answer = |item: u32| {
        let (min, max) = instrument.range(item);
        let answer = items.get((item as usize).wrapping_sub(1)).copied().flatten();
        answer.filter(|x| (min..=max).contains(x)).map(|x| keyed(instrument, Some(scale), item, x))
    };
    scale.items.iter().map(|&item| answer(item)).collect()
}

fn at(
    instrument: &Instrument,
    id: &str,
    name: &str,
    scale: &Subscale,
    wave: &str,
    rows: &[Vec<Option<f64>>],
) -> ScaleReliability {
    let complete: Vec<&Vec<Option<f64>>> = rows.iter().filter(|row| row.iter().all(Option::is_some)).collect();
    let alpha = stats::cronbach_alpha(rows, LEVEL);
    let items = scale.items.iter().enumerate().map(|(k, &item)| {
        let column: Vec<Option<f64>> = complete.iter().map(|row| row.get(k).copied().flatten()).collect();
        let described = stats::describe(&column, LEVEL);
        let of = |list: fn(&CronbachAlpha) -> &Vec<Estimate>| match &alpha {
            Ok(alpha) => list(alpha).get(k).copied().unwrap_or(Err(Undefined::Empty { what: "the item" })),
            Err(why) => Err(*why),
        };
        ItemStatistics {
            item,
            turned: keyed(instrument, Some(scale), item, instrument.range(item).0) > instrument.range(item).0,
            mean: described.map(|d| d.mean),
            sd: described.and_then(|d| d.sd),
            item_rest: of(|alpha| &alpha.corrected_item_total),
            alpha_without: of(|alpha| &alpha.alpha_if_deleted),
        }
    });
    let items = items.collect();
    ScaleReliability {
        name: format!("{id}.{name}"),
        wave: wave.to_owned(),
        people: rows.len(),
        complete: complete.len(),
        omega: stats::mcdonald_omega(rows),
        alpha,
        items,
    }
}
