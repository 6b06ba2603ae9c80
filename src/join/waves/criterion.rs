//! From which size on a change counts as reliable, and which score separates the clinical from the functional: as told,
//! else as published, else from the data, and always with where it is from.

use super::WavesError;
use crate::join::{ScoreOrigin, ScorePart, doubt, reliability};
use crate::model::{Better, Norm, Subscale};
use crate::stats::{self, ChangeNorms, Cutoff};
use crate::store::Study;

/// Jacobson and Truax's bound of the index, two-sided at .05; a change is reliable beyond it.
const BOUND: f64 = 1.96;

/// What is asked about a change; whatever is left open is taken from the instrument or from the data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChangeQuestion {
    /// First wave.
    pub from: Option<String>,
    /// Second wave.
    pub to: Option<String>,
    /// Which way is good.
    pub better: Option<Better>,
    /// Reliability of the score.
    pub reliability: Option<f64>,
    /// Standard deviation before.
    pub sd: Option<f64>,
    /// Standard deviation of both waves instead of the first, for groups that spread or draw together (Maassen 2004).
    pub both_waves: bool,
    /// Points from which a change is reliable, instead of an index.
    pub points: Option<f64>,
    /// Score that separates the clinical from the functional.
    pub cutoff: Option<f64>,
    /// Norms, from which the cut-off follows.
    pub norms: Norms,
    /// Which of Jacobson and Truax's cut-offs; else c, or the one that the norms allow.
    pub criterion: Option<Cutoff>,
    /// How much better or worse those who left may have changed than those who stayed.
    pub deltas: Vec<f64>,
}

/// Mean and standard deviation of a clinical and of a functional population.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Norms {
    /// Clinical population.
    pub clinical: Option<(f64, f64)>,
    /// Functional population.
    pub functional: Option<(f64, f64)>,
}

/// From which size on a change is reliable.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// Jacobson and Truax's index, `change / se_difference`, beyond 1.96 in either direction.
    Index {
        /// Standard deviation.
        sd: f64,
        /// Where it is from.
        sd_from: String,
        /// Reliability.
        reliability: f64,
        /// Where it is from.
        reliability_from: String,
        /// Standard error of a difference.
        se_difference: f64,
    },
    /// So many points and more.
    Points {
        /// The fewest points.
        points: f64,
        /// Where that is from.
        from: String,
    },
}

impl Criterion {
    /// The change in the unit of the criterion.
    pub fn size(&self, change: f64) -> f64 {
        match self {
            Self::Index { se_difference, .. } => change / se_difference,
            Self::Points { .. } => change,
        }
    }

    /// Whether a change of this size, in this direction, is reliable.
    pub fn is_reliable(&self, size: f64) -> bool {
        match self {
            Self::Index { .. } => size > BOUND,
            // Differences of decimals are a hair off: 3.6 - 2.4 is a little less than 1.2.
            Self::Points { points, .. } => size >= points - 1e-9,
        }
    }

    /// What is reliable, with every figure in it and where it is from.
    pub fn in_words(&self) -> String {
        match self {
            Self::Index { sd, sd_from, reliability, reliability_from, se_difference } => format!(
                "reliable: beyond {:.2} points either way (Jacobson and Truax: 1.96 times the standard error of a \
                 difference, {se_difference:.4}; SD {sd:.3}, {sd_from}; reliability {reliability:.3}, {reliability_from})",
                BOUND * se_difference
            ),
            Self::Points { points, from } => format!("reliable: {points} points and more either way ({from})"),
        }
    }
}

/// A cut-off and where it is from.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CutoffFrom {
    /// The score; on the functional side of it, or on it, counts as functional.
    pub score: f64,
    /// Where it is from.
    pub from: String,
}

/// The scale behind a score, if it is computed from answers.
pub(super) fn scale_of<'a>(origin: Option<&ScoreOrigin<'a>>) -> Option<(&'a str, &'a Subscale)> {
    match origin?.part {
        ScorePart::Scale(name, scale) => Some((name, scale)),
        ScorePart::Rule(..) => None,
    }
}

/// The criterion, or why there is none. `before` are the scores of everybody who was measured at the first wave, `after`
/// those of the second; `doubts` collects what is used and marked as uncertain.
pub(super) fn criterion(
    study: &Study,
    origin: Option<&ScoreOrigin<'_>>,
    question: &ChangeQuestion,
    wave: &str,
    [before, after]: [&[f64]; 2],
    doubts: &mut Vec<String>,
) -> Result<Criterion, String> {
    let scale = scale_of(origin);
    if let Some(points) = question.points {
        return Ok(Criterion::Points { points, from: "as told with --points".into() });
    }
    let told = question.sd.is_some() || question.both_waves || question.reliability.is_some();
    if let Some(published) = scale.and_then(|(_, scale)| scale.reliable_change.as_ref()).filter(|_| !told) {
        doubts.extend(doubt("the criterion of reliable change", &published.source, published.certainty));
        return Ok(Criterion::Points { points: published.points, from: published.source.clone() });
    }
    let (r, reliability_from) = match question.reliability {
        Some(r) => (r, "as told with --reliability".to_owned()),
        None => reliability_from(study, origin, wave, doubts)?,
    };
    let (sd, sd_from) = match question.sd {
        Some(sd) => (sd, "as told with --sd".to_owned()),
        // The error of the difference is then the root of the sum of both squared errors of measurement.
        None if question.both_waves => {
            let sd = (sd_of(before)?.powi(2) / 2.0 + sd_of(after)?.powi(2) / 2.0).sqrt();
            (sd, "of both waves, the root of the mean of their variances (Maassen 2004)".to_owned())
        }
        None => (sd_of(before)?, format!("of the {} measured at {wave}", before.len())),
    };
    let error = stats::error_of_change(sd, r).map_err(super::reason)?;
    Ok(Criterion::Index { sd, sd_from, reliability: r, reliability_from, se_difference: error.se_difference })
}

fn sd_of(values: &[f64]) -> Result<f64, String> {
    let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
    stats::describe(&values, super::LEVEL).and_then(|found| found.sd).map_err(super::reason)
}

/// Alpha of the answers at the first wave, else the first published reliability.
fn reliability_from(
    study: &Study,
    origin: Option<&ScoreOrigin<'_>>,
    wave: &str,
    doubts: &mut Vec<String>,
) -> Result<(f64, String), String> {
    let unknown = "no reliability is known: state it with --reliability, or the fewest points with --points";
    let (Some(origin), Some((name, scale))) = (origin, scale_of(origin)) else { return Err(unknown.into()) };
    let found = reliability(study, origin.id, name, scale).into_iter().find(|found| found.wave == wave);
    let alpha = found.as_ref().and_then(|found| found.alpha.as_ref().ok());
    if let Some(alpha) = alpha.filter(|_| !scale.items.is_empty()) {
        return Ok((alpha.alpha, format!("alpha of {} with complete answers at {wave}", alpha.n)));
    }
    let Some(published) = scale.reliability.first() else {
        let why = found
            .and_then(|found| found.alpha.err())
            .map(|why| format!(" (alpha of the answers: {})", super::reason(why)));
        return Err(format!("{unknown}{}", why.unwrap_or_default()));
    };
    doubts.extend(doubt("the reliability", &published.source, published.certainty));
    Ok((published.value, format!("{}, {}", published.kind, published.source)))
}

/// The cut-off: as told, else by Jacobson and Truax from norms as told, else from norms of the instrument that are called
/// `clinical` and `functional`.
pub(super) fn cutoff(
    origin: Option<&ScoreOrigin<'_>>,
    question: &ChangeQuestion,
    better: Option<Better>,
    doubts: &mut Vec<String>,
) -> Result<Option<CutoffFrom>, WavesError> {
    if let Some(score) = question.cutoff {
        return Ok(Some(CutoffFrom { score, from: "as told with --cutoff".into() }));
    }
    let published = |group: &str| {
        let norms = scale_of(origin).into_iter().flat_map(|(_, scale)| &scale.norms);
        norms.into_iter().find(|norm| norm.group == group)
    };
    let mut sources: Vec<String> = Vec::new();
    let mut take = |told: Option<(f64, f64)>, published: Option<&Norm>, option: &str| match (told, published) {
        (Some(told), _) => {
            sources.push(format!("norms as told with {option}"));
            Some(told)
        }
        (None, Some(norm)) => {
            sources.push(format!("{} norms, {}", norm.group, norm.source));
            doubts.extend(doubt(&format!("the {} norm", norm.group), &norm.source, norm.certainty));
            Some((norm.mean, norm.sd))
        }
        (None, None) => None,
    };
    let clinical = take(question.norms.clinical, published("clinical"), "--clinical");
    let functional = take(question.norms.functional, published("functional"), "--functional");
    let wanted = match (question.criterion, clinical, functional) {
        (None, None, None) => return Ok(None),
        (Some(wanted), ..) => wanted,
        (None, Some(_), Some(_)) => Cutoff::C,
        (None, Some(_), None) => Cutoff::A,
        (None, None, Some(_)) => Cutoff::B,
    };
    let figure = |what: &str| WavesError::Figure(what.to_owned());
    let missing = match (wanted, clinical, functional) {
        (Cutoff::A | Cutoff::C, None, _) => {
            Some("cut-offs a and c need the norms of a clinical group: --clinical MEAN,SD")
        }
        (Cutoff::B | Cutoff::C, _, None) => {
            Some("cut-offs b and c need the norms of a functional group: --functional MEAN,SD")
        }
        _ => None,
    };
    if let Some(missing) = missing {
        return Err(figure(missing));
    }
    let better =
        better.ok_or_else(|| figure("a cut-off by norms needs to know which way is good: --better higher or lower"))?;
    // The half of the norms that a cut-off does not use does not change it.
    let ((clinical_mean, clinical_sd), (functional_mean, functional_sd)) =
        (clinical.unwrap_or_default(), functional.unwrap_or_default());
    let norms = ChangeNorms {
        sd: 1.0,
        reliability: 0.0,
        clinical_mean,
        clinical_sd,
        functional_mean,
        functional_sd,
        higher_is_better: better == Better::Higher,
    };
    let letter = match wanted {
        Cutoff::A => "a",
        Cutoff::B => "b",
        Cutoff::C => "c",
    };
    sources.dedup();
    let from = format!("Jacobson and Truax's cut-off {letter}; {}", sources.join("; "));
    Ok(Some(CutoffFrom { score: stats::clinical_cutoff(wanted, &norms), from }))
}
