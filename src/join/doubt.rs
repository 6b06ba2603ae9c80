//! What a query asks for and the study does not have: nothing is found, and the reason is a slip of the pen.

use super::ScoreTable;
use super::outcome::scores_of;
use crate::query::{Field, FieldValue, Query, nearest};
use crate::store::Study;
use std::collections::BTreeSet;

/// A sentence for each code, theme, coder, wave, participant, attribute or score that a query names and the study does
/// not have, in the order of the query. Values with wildcards and numbers are let pass.
pub fn doubts(study: &Study, scores: &ScoreTable, query: &Query) -> Vec<String> {
    let mut found = Vec::new();
    for (field, value) in query.fields() {
        let doubt = match field {
            Field::Attribute(name) => unknown("attribute", name, &attributes(study)),
            Field::Score { name, wave } => match scores_of(study, scores, name, wave.as_deref()) {
                Ok(Some(_)) => None,
                Ok(None) => unknown("score", name, &scores.names().into_iter().collect()).or_else(|| {
                    Some(format!("`{name}` was not measured at `{}`", wave.as_deref().unwrap_or_default()))
                }),
                Err(error) => Some(error.to_string()),
            },
            _ => names(study, field).and_then(|(kind, known)| match value {
                FieldValue::Text(name) if !name.contains(['*', '?']) => {
                    let is_known = known.iter().any(|known| value.matches(known));
                    if is_known { None } else { unknown(kind, name, &known) }
                }
                _ => None,
            }),
        };
        found.extend(doubt);
    }
    found
}

/// So many names are listed where none is like the one asked for.
const FEW: usize = 8;

fn unknown(kind: &str, name: &str, known: &BTreeSet<&str>) -> Option<String> {
    if known.contains(name) {
        return None;
    }
    let near = nearest(name, known.iter().copied());
    let hint = match near {
        Some(near) => format!("; did you mean `{near}`?"),
        None if (1..=FEW).contains(&known.len()) => {
            format!("; it has {}", known.iter().copied().collect::<Vec<_>>().join(", "))
        }
        None => String::new(),
    };
    Some(format!("the study has no {kind} `{name}`{hint}"))
}

/// What can be asked for with a field.
fn names<'a>(study: &'a Study, field: &Field) -> Option<(&'static str, BTreeSet<&'a str>)> {
    Some(match field {
        Field::Code => ("code", study.codebook.codebook.codes.keys().map(String::as_str).collect()),
        Field::Theme => {
            let themes = study.themes.iter();
            ("theme", themes.flat_map(|(id, theme)| [id.as_str(), theme.name.as_str()]).collect())
        }
        Field::Wave => ("wave", study.waves.keys().map(String::as_str).collect()),
        Field::Participant => ("participant", study.participants.keys().map(String::as_str).collect()),
        _ => return None,
    })
}

fn attributes(study: &Study) -> BTreeSet<&str> {
    let people = study.participants.values().flat_map(|person| person.attributes.keys());
    people.chain(study.sources.values().flat_map(|source| source.attributes.keys())).map(String::as_str).collect()
}
