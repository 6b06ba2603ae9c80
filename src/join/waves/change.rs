//! How much people changed, whose change is reliable, and what those who left could make of it.

use super::criterion::{ChangeQuestion, Criterion, CutoffFrom, criterion, cutoff, scale_of};
use super::{Figure, Followed, LEVEL, Share, WavesError, followed, wave_pair};
use crate::join::outcome::collect;
use crate::join::{ScoreOrigin, ScoreTable};
use crate::model::{Better, ScoreValue};
use crate::stats::{self, ChangeClass, PersonalChange};
use crate::store::Study;
use std::collections::BTreeMap;

/// Change of a score between two waves.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Change {
    /// The score.
    pub name: String,
    /// First wave.
    pub from: String,
    /// Second wave.
    pub to: String,
    /// Which way is good, where that is known.
    pub better: Option<Better>,
    /// Participants of the study.
    pub participants: usize,
    /// Everybody who was measured at the first wave.
    pub people: Vec<PersonChange>,
    /// People who were measured at the second wave only.
    pub joined: Vec<String>,
    /// Those measured at both waves.
    pub both: MeanChange,
    /// First scores of those who were not measured again: how many, mean, standard deviation.
    pub left: (usize, Option<f64>, Option<f64>),
    /// Mean change of everybody measured at the first wave, under assumptions about those who left.
    pub bounds: Vec<ChangeBound>,
    /// What a reliable change is.
    pub criterion: Option<Criterion>,
    /// Why there are no classes of change.
    pub no_criterion: Option<String>,
    /// What separates the clinical from the functional, if anything was said about it.
    pub cutoff: Option<CutoffFrom>,
    /// How many people are in each class.
    pub classes: Vec<ClassCount>,
    /// People without reliable change who crossed the cut-off towards the functional side.
    pub crossed_only: Vec<String>,
    /// What the figures rest on that is marked as uncertain.
    pub doubts: Vec<String>,
}

/// One person.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PersonChange {
    /// Who.
    pub participant: String,
    /// Score at the first wave.
    pub before: f64,
    /// Score at the second, if there is one.
    pub after: Option<f64>,
    /// Second less first.
    pub change: Option<f64>,
    /// Index of reliable change, or points, whatever the criterion is.
    pub size: Option<f64>,
    /// Class; those who left have none and are never "unchanged".
    pub class: Option<&'static str>,
    /// Crossed the cut-off towards the functional side.
    pub crossed: bool,
}

/// Mean change of those measured at both waves.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct MeanChange {
    /// How many.
    pub n: usize,
    /// Mean and standard deviation at the first wave.
    pub before: (Option<f64>, Option<f64>),
    /// At the second.
    pub after: (Option<f64>, Option<f64>),
    /// Mean change with Student's interval.
    pub change: Figure,
    /// Mean change over the root of the mean of both variances.
    pub d_av: Option<f64>,
    /// Mean change over the standard deviation of the changes.
    pub d_z: Option<f64>,
    /// Paired t: statistic, degrees of freedom, p.
    pub t: Option<(f64, f64, f64)>,
    /// Wilcoxon's signed ranks: matched rank-biserial correlation, p.
    pub wilcoxon: Option<(f64, f64)>,
}

/// Mean change of all under an assumption.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ChangeBound {
    /// What is assumed of those who left (`stayed as they were`).
    pub assumption: String,
    /// How many people.
    pub n: usize,
    /// Their mean change.
    pub change: f64,
}

/// People in a class of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct ClassCount {
    /// The class.
    pub class: &'static str,
    /// Among those measured at both waves.
    pub share: Share,
    /// Among all measured at the first wave, if none of those who left belongs to it.
    pub lowest: Share,
    /// The same, if all of them do.
    pub highest: Share,
}

fn numbers(scores: &ScoreTable, name: &str, wave: &str) -> Result<BTreeMap<String, f64>, WavesError> {
    let row = |(person, value)| match value {
        ScoreValue::Number(x) => Ok((person, x)),
        ScoreValue::Class(_) => Err(WavesError::Classes { name: name.to_owned() }),
    };
    collect(scores, name, Some(wave)).into_iter().map(row).collect()
}

/// The change of a score between two waves, for everybody who was measured at the first.
///
/// # Errors
/// An unknown score, a wave at which nobody was measured, classes instead of numbers, a figure that cannot be.
pub fn change(study: &Study, scores: &ScoreTable, name: &str, question: &ChangeQuestion) -> Result<Change, WavesError> {
    let (from, to) = wave_pair(study, scores, name, question.from.as_deref(), question.to.as_deref())?;
    let (before, after) = (numbers(scores, name, &from)?, numbers(scores, name, &to)?);
    let people = followed(&before, &after);
    let joined = after.keys().filter(|person| !before.contains_key(*person)).cloned().collect();
    let origin = ScoreOrigin::of(study, name);
    let better = question.better.or(scale_of(origin.as_ref()).and_then(|(_, scale)| scale.better));
    let mut doubts: Vec<String> = origin.iter().flat_map(ScoreOrigin::doubts).collect();
    let first: Vec<f64> = before.values().copied().collect();
    let second: Vec<f64> = after.values().copied().collect();
    let criterion = criterion(study, origin.as_ref(), question, &from, [&first, &second], &mut doubts);
    let cutoff = cutoff(origin.as_ref(), question, better, &mut doubts)?;
    let range = scale_of(origin.as_ref()).zip(origin.as_ref());
    let range = range.and_then(|((_, scale), origin)| origin.instrument.score_range(scale));
    let left: Vec<f64> = people.iter().filter(|(.., after)| after.is_none()).map(|(_, x, _)| *x).collect();
    let (mean, sd) = mean_and_sd(&left);
    let mut result = Change {
        name: name.to_owned(),
        from,
        to,
        better,
        participants: study.participants.len(),
        both: mean_change(&people),
        left: (left.len(), mean, sd),
        bounds: bounds(&people, range, better, &question.deltas),
        people: people.iter().map(|row| person_change(row, criterion.as_ref().ok(), cutoff.as_ref(), better)).collect(),
        joined,
        classes: Vec::new(),
        crossed_only: Vec::new(),
        no_criterion: match (&criterion, better) {
            (Ok(_), None) => Some("which way is good is not known: say --better higher or lower".into()),
            (criterion, _) => criterion.as_ref().err().cloned(),
        },
        criterion: criterion.ok(),
        cutoff,
        doubts,
    };
    result.count_classes();
    Ok(result)
}

fn mean_and_sd(values: &[f64]) -> (Option<f64>, Option<f64>) {
    let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
    let found = stats::describe(&values, LEVEL).ok();
    (found.map(|d| d.mean), found.and_then(|d| d.sd.ok()))
}

fn pairs(people: &Followed<f64>) -> (Vec<f64>, Vec<f64>) {
    people.iter().filter_map(|(_, before, after)| Some((*before, (*after)?))).unzip()
}

fn mean_change(people: &Followed<f64>) -> MeanChange {
    let (before, after) = pairs(people);
    let mut result = MeanChange {
        n: before.len(),
        before: mean_and_sd(&before),
        after: mean_and_sd(&after),
        ..MeanChange::default()
    };
    let finite = |x: &f64| x.is_finite();
    match stats::paired_t(&before, &after, LEVEL) {
        Ok(found) => {
            result.change = Figure::new(Ok(found.mean_difference), found.interval);
            result.d_av = found.d_av.ok().filter(finite);
            result.d_z = found.d_z.ok().filter(finite);
            result.t = found.test.ok().map(|test| (test.t, test.df, test.p));
        }
        Err(why) => {
            // One pair has a change, though no spread.
            let change = before.first().zip(after.first()).map(|(before, after)| after - before);
            result.change = Figure { value: change, interval: None, why_not: Some(super::reason(why)) };
        }
    }
    if let Ok(found) = stats::wilcoxon_signed_rank(&before, &after) {
        let p = found.p_exact.map(|exact| exact.two_sided).or(found.p_asymptotic_cc).ok();
        result.wilcoxon = found.rank_biserial.ok().zip(p);
    }
    result
}

fn bounds(
    people: &Followed<f64>,
    range: Option<(f64, f64)>,
    better: Option<Better>,
    deltas: &[f64],
) -> Vec<ChangeBound> {
    let left: Vec<f64> = people.iter().filter(|(.., after)| after.is_none()).map(|(_, x, _)| *x).collect();
    let (before, after) = pairs(people);
    if left.is_empty() || before.is_empty() {
        return Vec::new();
    }
    let gained: f64 = before.iter().zip(&after).map(|(before, after)| after - before).sum();
    let n = people.len();
    let bound = |assumption: String, of_left: f64| ChangeBound { assumption, n, change: (gained + of_left) / n as f64 };
    let mut bounds = vec![bound("stayed as they were".into(), 0.0)];
    if let Some((low, high)) = range {
        let all_at = |end: f64| left.iter().map(|x| end - x).sum::<f64>();
        let (worst, best) = if better == Some(Better::Lower) { (high, low) } else { (low, high) };
        let words = if better.is_some() { ["worst", "best"] } else { ["lowest", "highest"] };
        for (word, end) in words.into_iter().zip([worst, best]) {
            bounds.push(bound(format!("all ended at {end} ({word})"), all_at(end)));
        }
    }
    let mean = gained / before.len() as f64;
    for delta in deltas {
        let of_left = (mean + delta) * left.len() as f64;
        let words = if *delta == 0.0 { String::new() } else { format!(" and {delta:+} points") };
        bounds.push(bound(format!("changed as the others{words}"), of_left));
    }
    bounds
}

fn person_change(
    (participant, before, after): &(String, f64, Option<f64>),
    criterion: Option<&Criterion>,
    cutoff: Option<&CutoffFrom>,
    better: Option<Better>,
) -> PersonChange {
    let change = after.map(|after| after - before);
    let size = change.zip(criterion).map(|(change, criterion)| criterion.size(change));
    let personal = after.zip(size).map(|(after, size)| PersonalChange { before: *before, after, size });
    let higher = better == Some(Better::Higher);
    let known = personal.zip(criterion).filter(|_| better.is_some());
    let class = known.map(|(personal, criterion)| {
        personal.class(cutoff.map(|cutoff| cutoff.score), higher, |size| criterion.is_reliable(size)).as_str()
    });
    let crossed = cutoff.zip(after.as_ref()).filter(|_| better.is_some()).is_some_and(|(cutoff, after)| {
        PersonalChange { before: *before, after: *after, size: 0.0 }.crossed(cutoff.score, higher)
    });
    PersonChange { participant: participant.clone(), before: *before, after: *after, change, size, class, crossed }
}

impl Change {
    fn count_classes(&mut self) {
        if self.no_criterion.is_some() {
            return;
        }
        let all = [ChangeClass::Recovered, ChangeClass::Improved, ChangeClass::Unchanged, ChangeClass::Deteriorated];
        let shown = all.into_iter().filter(|class| self.cutoff.is_some() || *class != ChangeClass::Recovered);
        let (left, everybody) = (self.left.0, self.people.len());
        let count = |class: ChangeClass| {
            let n = self.people.iter().filter(|person| person.class == Some(class.as_str())).count();
            ClassCount {
                class: class.as_str(),
                share: Share::new(n, self.both.n),
                lowest: Share::new(n, everybody),
                highest: Share::new(n + left, everybody),
            }
        };
        self.classes = shown.map(count).collect();
        let only = |person: &&PersonChange| person.crossed && person.class == Some(ChangeClass::Unchanged.as_str());
        self.crossed_only = self.people.iter().filter(only).map(|person| person.participant.clone()).collect();
    }
}
