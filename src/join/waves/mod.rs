//! What became of people between two waves: transitions of classes, changes of scores, and who was lost on the way.
//!
//! Nothing here knows of codes. Those who were not measured at the second wave are part of every result, beside those who
//! were; their denominators are never mixed. Every count leads back to the people in it.

mod attrition;
mod change;
mod criterion;
mod transition;

pub use attrition::{Attrition, Comparison, attrition};
pub use change::{Change, ChangeBound, ClassCount, MeanChange, PersonChange, change};
pub use criterion::{ChangeQuestion, Criterion, CutoffFrom, Norms};
pub use transition::{ChiSquare, TransitionTests, Transitions, transitions};

use super::outcome::in_order;
use super::{OutcomeError, ScoreTable};
use crate::query::nearest;
use crate::stats::{self, Estimate, Interval, Undefined};
use crate::store::Study;

/// How responses without a wave are stored.
const NO_WAVE: &str = "-";
/// The level of every interval.
const LEVEL: f64 = 0.95;

/// Why there is nothing to compare between two waves.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WavesError {
    /// No score of this name.
    #[error("there is no score `{name}`{near}; there are: {known}")]
    Unknown {
        /// As typed.
        name: String,
        /// `; did you mean ...`, or nothing.
        near: String,
        /// Names that exist.
        known: String,
    },
    /// The name holds a wave.
    #[error("`{name}` names one wave: write `{score}`, and --from and --to for the waves")]
    WithWave {
        /// As typed.
        name: String,
        /// The score.
        score: String,
    },
    /// Measured once only.
    #[error("`{name}` was measured at {wave} only: a change needs two waves")]
    OneWave {
        /// The score.
        name: String,
        /// The wave.
        wave: String,
    },
    /// Measured at nobody knows which wave.
    #[error("`{name}` has no wave: import it with a column `wave`, or with columns `{name}.T0` and `{name}.T1`")]
    NoWave {
        /// The score.
        name: String,
    },
    /// Not measured at this wave.
    #[error("nobody has `{name}` at {wave}; it was measured at {known}")]
    EmptyWave {
        /// The score.
        name: String,
        /// As typed.
        wave: String,
        /// Waves at which it was.
        known: String,
    },
    /// Twice the same wave.
    #[error("--from and --to are both {wave}: name two waves")]
    SameWave {
        /// The wave.
        wave: String,
    },
    /// Classes where numbers are needed.
    #[error("`{name}` holds classes, which have no change in points: `themata transitions {name}` shows who moved")]
    Classes {
        /// The score.
        name: String,
    },
    /// A figure of the question that cannot be.
    #[error("{0}")]
    Figure(String),
    /// Groups cannot be made.
    #[error(transparent)]
    Groups(#[from] OutcomeError),
}

/// The two waves of a comparison: as named, else the first and the last at which the score was measured.
fn wave_pair(
    study: &Study,
    scores: &ScoreTable,
    name: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<(String, String), WavesError> {
    let measured = scores.waves(name);
    if measured.is_empty() {
        if let Some((score, wave)) = name.rsplit_once('.')
            && (scores.waves(score).contains(&Some(wave)) || (wave == "change" && !scores.waves(score).is_empty()))
        {
            return Err(WavesError::WithWave { name: name.to_owned(), score: score.to_owned() });
        }
        let names = scores.names();
        let near = nearest(name, names.iter().copied());
        let near = near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
        let known = if names.is_empty() { "none yet (import a table of scores)".into() } else { names.join(", ") };
        return Err(WavesError::Unknown { name: name.to_owned(), near, known });
    }
    let waves = in_order(study, measured.into_iter().flatten().filter(|wave| *wave != NO_WAVE));
    if waves.is_empty() {
        return Err(WavesError::NoWave { name: name.to_owned() });
    }
    let known = waves.join(", ");
    for wave in [from, to].into_iter().flatten() {
        if !waves.contains(&wave) {
            return Err(WavesError::EmptyWave { name: name.to_owned(), wave: wave.to_owned(), known });
        }
    }
    let first = from.or(waves.first().copied().filter(|first| Some(*first) != to));
    let last = to.or(waves.last().copied().filter(|last| Some(*last) != from));
    match (first, last) {
        (Some(first), Some(last)) if first == last && from.is_some() && to.is_some() => {
            Err(WavesError::SameWave { wave: first.to_owned() })
        }
        (Some(first), Some(last)) if first != last => Ok((first.to_owned(), last.to_owned())),
        _ => Err(WavesError::OneWave { name: name.to_owned(), wave: known }),
    }
}

/// The reason alone: the sentence around it says that there is no value.
fn reason(why: Undefined) -> String {
    let text = why.to_string();
    text.strip_prefix("not computable: ").unwrap_or(&text).to_owned()
}

/// A value with its interval, or the reason why one of them is missing.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct Figure {
    /// The value.
    pub value: Option<f64>,
    /// Lower and upper limit, 95 %.
    pub interval: Option<(f64, f64)>,
    /// Why value or interval is missing.
    pub why_not: Option<String>,
}

impl Figure {
    fn new(value: Estimate, interval: Result<Interval, Undefined>) -> Self {
        let why_not = value.err().or(interval.err()).map(reason);
        let finite = |x: &f64| x.is_finite();
        let interval = interval.ok().map(|interval| (interval.lower, interval.upper));
        Self { value: value.ok().filter(finite), interval, why_not }
    }
}

/// A share of people: Wilson's interval, Clopper and Pearson's where nobody or everybody has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Share {
    /// Who has it.
    pub n: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    fn new(n: usize, of: usize) -> Self {
        Self { n: n as u64, of: of as u64 }
    }

    /// Its interval; none of nobody.
    pub fn interval(self) -> Option<(f64, f64)> {
        let ends = self.n == 0 || self.n == self.of;
        let method = if ends { stats::clopper_pearson_interval } else { stats::wilson_interval };
        method(self.n, self.of, LEVEL).ok().map(|interval| (interval.lower, interval.upper))
    }

    /// `25 of 36 (69 %) [53, 82]`; without decimals below a hundred people.
    pub fn in_words(self) -> String {
        match self.interval() {
            None => format!("{} of {}", self.n, self.of),
            Some((low, high)) => {
                let percent = |share: f64| self.percent(share);
                format!("{} [{}, {}]", self.short(), percent(low), percent(high))
            }
        }
    }

    /// `25 of 36 (69 %)`.
    pub fn short(self) -> String {
        if self.of == 0 {
            return format!("{} of 0", self.n);
        }
        format!("{} of {} ({} %)", self.n, self.of, self.percent(self.n as f64 / self.of as f64))
    }

    fn percent(self, share: f64) -> String {
        let decimals = usize::from(self.of >= 100);
        format!("{:.decimals$}", 100.0 * share)
    }
}

/// Everybody who was measured at `from`, sorted, with the value then and, if there is one, at `to`.
type Followed<T> = Vec<(String, T, Option<T>)>;

fn followed<T: Clone>(
    before: &std::collections::BTreeMap<String, T>,
    after: &std::collections::BTreeMap<String, T>,
) -> Followed<T> {
    before.iter().map(|(person, x)| (person.clone(), x.clone(), after.get(person).cloned())).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Wilson and Clopper-Pearson as in the published check of the 2019 article: 48.0 % (37.1 to 59.1), 100 % (90.3 to 100).
    #[test]
    fn shares_have_the_interval_that_fits_them() {
        let rounded = |share: Share| share.interval().map(|(low, high)| ((low * 1e3).round(), (high * 1e3).round()));
        assert_eq!(rounded(Share::new(36, 75)), Some((371.0, 591.0)));
        assert_eq!(rounded(Share::new(39, 75)), Some((409.0, 629.0)));
        assert_eq!(rounded(Share::new(36, 36)), Some((903.0, 1000.0)));
        assert_eq!(Share::new(36, 75).in_words(), "36 of 75 (48 %) [37, 59]");
        assert_eq!(Share::new(3, 200).short(), "3 of 200 (1.5 %)");
        assert_eq!(Share::new(0, 0).in_words(), "0 of 0");
    }
}
