//! The time a clause is about: markers first, then tense.

use super::class::*;
use super::judge::Sentence;
use super::reading::{Kind, NONE, Subject};
use super::reason::Reason;
use crate::model::Time;

fn marked(class: u64) -> Option<Time> {
    if class & BEFORE != 0 {
        Some(Time::Before)
    } else if class & NOW != 0 {
        Some(Time::During)
    } else if class & AFTER != 0 {
        Some(Time::After)
    } else {
        None
    }
}

/// Time of a clause, as seen from the unit `at` in it. Markers in the clause, then in a subordinate clause beside it,
/// then in the clause it goes on from; without any, what the tense says: the present is the time of the interview,
/// the bare past may be either side of the beginning of treatment and stays unknown.
pub(super) fn of_clause(sentence: &Sentence<'_>, id: u32, at: usize, reason: Reason) -> Time {
    let reading = sentence.reading;
    let Some(clause) = reading.clause(id) else { return Time::Unknown };
    if reason == Reason::UsedTo {
        return Time::Before;
    }
    if reading.all & (BEFORE | NOW | AFTER) != 0 {
        let within = |clause: u32| {
            // "leave" and "drinking" are markers in "when I leave", "when I was drinking" only.
            let opened = reading.clause(clause).is_some_and(|clause| clause.kind == Kind::Subordinate);
            let marker = move |class: u64| {
                if class & (AFTER | BEFORE) != 0 && class & VERB != 0 && !opened { None } else { marked(class) }
            };
            let (from, to) = reading.clause(clause).map_or((0, 0), |c| (c.first as usize, c.last as usize + 1));
            let units =
                reading.units.iter().enumerate().take(to).skip(from).filter(move |(_, unit)| unit.clause == clause);
            let places = units.filter_map(move |(k, unit)| Some((k.abs_diff(at), marker(unit.class)?)));
            places.min_by_key(|(distance, _)| *distance)
        };
        let own = within(id).filter(|(distance, _)| *distance < 14);
        if let Some((_, time)) = own {
            return time;
        }
        let beside = [id + 1, id.wrapping_sub(1)];
        for near in beside {
            let subordinate = reading.clause(near).is_some_and(|c| c.kind == Kind::Subordinate);
            if subordinate && let Some((_, time)) = within(near) {
                return time;
            }
        }
        if matches!(clause.kind, Kind::Conjunct | Kind::Complement | Kind::Relative) {
            let from = if clause.parent == NONE { id.wrapping_sub(1) } else { clause.parent };
            if let Some((_, time)) = within(from) {
                return time;
            }
        }
    }
    if clause.verb_at == NONE {
        return Time::Unknown;
    }
    let verb = clause.verb_at as usize;
    let class = sentence.class(verb);
    let word = sentence.word(verb);
    let past = class & FINITE != 0 && !(word.ends_with('s') && class & (BE | AUXILIARY) == 0) || class & WOULD != 0;
    if past {
        return Time::Unknown;
    }
    let generic = matches!(clause.subject, Subject::You) || clause.subject_class & PEOPLE != 0;
    if generic && reading.all & I == 0 { Time::General } else { Time::During }
}
