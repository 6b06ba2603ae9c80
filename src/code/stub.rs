//! temp
use super::Suggestion;
use crate::model::*;
pub fn explain_in_words(_: &Suggestion, _: &str) -> String {
    String::new()
}
pub fn explain_json(all: &[Suggestion], text: &str, book: &Codebook) -> Vec<serde_json::Value> {
    all.iter().map(|s| serde_json::json!({"code": book.path(&s.code), "polarity": s.polarity.name(), "time": s.qualifiers.time.name(), "experiencer": s.qualifiers.experiencer.name(), "target": s.qualifiers.target, "start": s.unit.start, "end": s.unit.end, "indicator": s.indicator.of(text), "trigger": s.trigger.and_then(|t| t.of(text)), "scope": s.scope.of(text), "rule": s.rules.first().map(|r| r.query.clone())})).collect()
}
