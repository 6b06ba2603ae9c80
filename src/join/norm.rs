//! The people of a study beside the published norms of a scale.

use super::score::{ScoreOrigin, ScorePart, ScoreTable, doubt};
use super::waves_in_order;
use crate::model::ScoreValue;
use crate::stats;
use crate::store::Study;

/// For each norm of a scale, the mean here at every wave, and how many of the norm's standard deviations it lies away.
/// Nothing for a score without norms.
pub fn norms_in_words(study: &Study, scores: &ScoreTable, name: &str) -> Vec<String> {
    let Some(ScorePart::Scale(_, scale)) = ScoreOrigin::of(study, name).map(|origin| origin.part) else {
        return Vec::new();
    };
    let waves = waves_in_order(study, scores.waves(name));
    let mut notes = Vec::new();
    for norm in &scale.norms {
        let here: Vec<String> = waves
            .iter()
            .filter_map(|wave| {
                let at = scores.of_name(name).filter(|(_, at, _)| *at == Some(*wave));
                let values: Vec<Option<f64>> = at
                    .map(|(.., value)| match value {
                        ScoreValue::Number(x) => Some(*x),
                        ScoreValue::Class(_) => None,
                    })
                    .collect();
                let found = stats::describe(&values, 0.95).ok()?;
                let away = (found.mean - norm.mean) / norm.sd;
                Some(format!("{:.2} at {wave} (n = {}), {away:+.2} SD of the norm", found.mean, found.n))
            })
            .collect();
        let source = norm.source.trim_end_matches('.');
        notes.push(format!(
            "{name}: norm of {}: mean {}, SD {} ({source}); here {}.",
            norm.group,
            norm.mean,
            norm.sd,
            here.join("; ")
        ));
        let doubt = doubt(&format!("the norm of {} for {name}", norm.group), &norm.source, norm.certainty);
        notes.extend(doubt.map(|doubt| format!("Uncertain: {doubt}.")));
    }
    notes
}
