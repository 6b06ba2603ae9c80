//! Whose experience a statement is, and whom it is directed at.

use super::class::*;
use super::judge::{Question, Sentence};
use super::reading::{Clause, Kind, NONE, Subject};
use crate::model::Experiencer;

/// The experiencer that a clause's subject gives.
pub(super) fn of_subject(clause: &Clause, question: &Question) -> Experiencer {
    match clause.subject {
        Subject::Other if !question.agent.is_given() => Experiencer::Other,
        _ => Experiencer::Speaker,
    }
}

/// Whether the clause stands in words quoted from somebody else.
fn quoted_from_other(sentence: &Sentence<'_>, clause: &Clause) -> bool {
    let mut at = Some(clause);
    while let Some(clause) = at {
        match clause.kind {
            Kind::QuoteOfOther => return true,
            Kind::QuoteOfSelf => return false,
            _ => at = sentence.reading.clause(clause.parent),
        }
    }
    false
}

/// For a code that is received: "I listened to the radio" is not about being listened to.
pub(super) fn speaker_acts(sentence: &Sentence<'_>, clause: &Clause, a: usize, b: usize) -> bool {
    if clause.subject != Subject::Speaker || quoted_from_other(sentence, clause) {
        return false;
    }
    let about_speaker = |k: usize| sentence.class(k) & (ME | MY | BE | FEEL) != 0;
    if (a..=b).any(about_speaker) || (b + 1..=b + 2).any(|k| sentence.class(k) & ME != 0) {
        return false;
    }
    let mut at = a;
    while at > clause.first as usize {
        at -= 1;
        let class = sentence.class(at);
        if class & TO != 0 && (class & AUXILIARY == 0 || class & MODAL != 0) {
            // An infinitive: of the speaker, unless somebody stands before it.
            let from = (clause.first as usize).max(at.saturating_sub(5));
            return !(from..at).any(|k| sentence.class(k) & (OTHERS | NOBODY | THEY) != 0);
        }
        if class & I != 0 {
            return true;
        }
        if class & (MODAL | WOULD | NEGATION | NO_LONGER | TO) != 0 && class & (WISHING | BE) == 0
            || (class & ADVERB != 0 && class & (VERBAL | PREPOSITION) == 0)
        {
            continue;
        }
        if class & (AND | OR | CONTRAST) != 0 && at == clause.first as usize {
            return sentence.class(a) & (VERBAL) != 0;
        }
        return false;
    }
    clause.subject_at != NONE && (clause.subject_at as usize) < clause.first as usize && sentence.class(a) & TENSED != 0
}

/// Whose experience the hit is.
pub(super) fn experiencer(
    sentence: &Sentence<'_>,
    clause: &Clause,
    a: usize,
    b: usize,
    question: &Question,
) -> Experiencer {
    let quoted = quoted_from_other(sentence, clause);
    let after = b + 1..(b + 4).min(sentence.reading.units.len());
    let mut object_self = (a..=b).any(|k| sentence.class(k) & (ME | MY) != 0);
    let mut object_other = false;
    for k in after {
        let class = sentence.class(k);
        if sentence.reading.gap(k) != 0 || class & (CONTRAST | I | THEY | SUBORDINATE) != 0 && class & PREPOSITION == 0
        {
            break;
        }
        object_self |= class & ME != 0 || (class & MY != 0 && sentence.class(k + 1) & OTHERS == 0);
        object_self |= quoted && class & YOU != 0;
        if !object_self && class & OTHERS != 0 {
            object_other |= question.agent.is_given()
                && clause.subject != Subject::Speaker
                && sentence.class(k - 1) & (PREPOSITION | DETERMINER | MY) != 0;
        }
    }
    if quoted {
        let me_inside = sentence.reading.units.iter().any(|u| u.class & YOU != 0);
        let own = object_self || clause.subject == Subject::You || question.agent.is_given() || me_inside;
        return if own { Experiencer::Speaker } else { Experiencer::Other };
    }
    if question.agent.is_given() {
        let other = matches!(clause.subject, Subject::Other | Subject::Nobody) && !object_self;
        let by_other = other && object_other && !passive(sentence, a);
        let other_receives = other && passive(sentence, a) && (a..=b).any(|k| sentence.class(k) & FINITE != 0);
        return if by_other || other_receives { Experiencer::Other } else { Experiencer::Speaker };
    }
    if clause.subject != Subject::Other {
        return if caused_in_other(sentence, clause, a) { Experiencer::Other } else { Experiencer::Speaker };
    }
    // "She made me feel safe", "helped me overcome my loneliness", "she trusted me", "people can be trusted".
    let from = (clause.subject_at as usize).min(a);
    let own = (from + 1..a).filter(|k| sentence.clause_of(*k) == sentence.clause_of(a)).any(|k| {
        // "my mother", and Hebrew "mother mine", is not the speaker.
        let relative = sentence.class(k + 1) & OTHERS != 0 || k == from + 1;
        sentence.class(k) & ME != 0 || (sentence.class(k) & MY != 0 && !relative)
    });
    let owned_subject = (clause.subject_at as usize) > a;
    let modal_passive = passive(sentence, a) && (from..a).any(|k| sentence.class(k) & (MODAL | AUXILIARY) == MODAL);
    if own || object_self || owned_subject || modal_passive { Experiencer::Speaker } else { Experiencer::Other }
}

/// "I saw my mother lose control": the speaker is the subject and somebody else the one it happens to.
fn caused_in_other(sentence: &Sentence<'_>, clause: &Clause, a: usize) -> bool {
    if clause.verb_at == NONE || clause.verb_at as usize >= a {
        return false;
    }
    let verb = clause.verb_at as usize;
    let causes = sentence.class(verb) & CAUSING != 0 && sentence.class(verb) & AUXILIARY == 0;
    let object = (verb + 1..(verb + 4).min(a)).find(|k| sentence.class(*k) & (OTHERS | ME) != 0);
    causes
        && object
            .is_some_and(|k| sentence.class(k) & (ME | NOBODY) == 0 && (k + 1 == a || sentence.class(k) & FAMILY != 0))
}

fn passive(sentence: &Sentence<'_>, a: usize) -> bool {
    let skipped = |k: &usize| sentence.class(*k) & (ADVERB | NEGATION | NO_LONGER | SO) != 0;
    let verb = (a.saturating_sub(4)..a).rev().find(|k| !skipped(k));
    verb.is_some_and(|k| sentence.class(k) & (BE | FEEL) != 0)
}

/// The groups that the statement is directed at: the object after the hit, else the subject of what is received.
pub(super) fn target(sentence: &Sentence<'_>, clause: &Clause, a: usize, b: usize, question: &Question) -> u64 {
    let quoted = quoted_from_other(sentence, clause);
    for at in a..(b + 7).min(sentence.reading.units.len()) {
        let class = sentence.class(at);
        if at > b
            && (sentence.reading.gap(at) != 0 || class & (CONTRAST | SUBORDINATE) != 0 && class & PREPOSITION == 0)
        {
            break;
        }
        if at > b && class & (ME) != 0 || (quoted && class & YOU != 0 && at > b) {
            if question.directed && (clause.subject != Subject::Speaker || quoted) {
                return ME;
            }
            continue;
        }
        if class & OTHERS != 0 {
            return class & OTHERS;
        }
        if class & NOBODY != 0 {
            return PEOPLE;
        }
        if class & INDEFINITE != 0 && at > b {
            return PEOPLE;
        }
    }
    if question.directed && clause.subject == Subject::Speaker && !quoted {
        let passive_here = (a.saturating_sub(2)..a).any(|k| sentence.class(k) & (BE | FEEL) != 0);
        if passive_here && sentence.class(a) & FINITE != 0 {
            return ME;
        }
    }
    if question.agent.is_given() { clause.subject_class & OTHERS } else { 0 }
}
