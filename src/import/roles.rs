//! Which role the words of a label name.
//!
//! A guess from the label alone; what the user says comes before it (`--roles`).

use crate::model::Role;

/// The role that a label names, or nothing where it names none (`Dan`, `Speaker 1`).
///
/// `Anna (interviewer)`, `Interviewer 2` and `Female participant` are read by the word they hold; single letters only
/// where they stand alone or with a number (`I`, `P07`).
pub fn guess(label: &str) -> Option<Role> {
    let label = super::label::key(label);
    let (outside, inside) = match label.split_once('(') {
        Some((outside, inside)) => (outside.trim(), inside.trim_end_matches(')').trim()),
        None => (label.as_str(), ""),
    };
    let numbered =
        |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '#')).to_owned();
    let whole = |text: &str| word(numbered(text).trim_end_matches('.'));
    let any = || outside.split([' ', '-']).filter(|word| word.chars().count() >= 5).find_map(word);
    whole(outside).or_else(|| whole(inside)).or_else(any)
}

/// Whether a label stands for nobody in particular: never joined to scores.
pub fn is_nobody(label: &str) -> bool {
    matches!(
        super::label::key(label).as_str(),
        "" | "all"
            | "everyone"
            | "everybody"
            | "group"
            | "several"
            | "many"
            | "unknown"
            | "unknown speaker"
            | "unidentified"
            | "unidentified speaker"
            | "כולם"
            | "alle"
    )
}

/// The role of one word in lower case.
fn word(word: &str) -> Option<Role> {
    Some(match word {
        "i" | "q" | "int" | "intv" | "iv" | "ivr" | "mod" | "interviewer" | "interviewerin" | "moderator"
        | "moderatorin" | "co-moderator" | "comoderator" | "facilitator" | "researcher" | "research assistant"
        | "therapist" | "counsellor" | "counselor" | "clinician" | "question" | "host" | "interviewers" | "ש"
        | "שאלה" | "מראיין" | "מראיינת" | "מנחה" | "חוקר" | "חוקרת" | "מטפל" | "מטפלת" => {
            Role::Interviewer
        }
        "p" | "b" | "r" | "a" | "pp" | "pt" | "pat" | "id" | "part" | "participant" | "respondent" | "resp"
        | "interviewee" | "client" | "patient" | "informant" | "narrator" | "answer" | "befragte" | "befragter"
        | "teilnehmer" | "teilnehmerin" | "ת" | "תשובה" | "מרואיין" | "מרואיינת" | "משתתף" | "משתתפת" | "מטופל"
        | "מטופלת" => Role::Participant,
        "all"
        | "everyone"
        | "everybody"
        | "unknown speaker"
        | "unknown"
        | "unidentified speaker"
        | "unidentified"
        | "transcriber"
        | "translator"
        | "interpreter"
        | "group"
        | "observer"
        | "כולם"
        | "alle" => Role::Other,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_from_labels() {
        for (label, role) in [
            ("Interviewer", Some(Role::Interviewer)),
            ("INTERVIEWER 2", Some(Role::Interviewer)),
            ("I", Some(Role::Interviewer)),
            ("Co-Moderator", Some(Role::Interviewer)),
            ("Anna (interviewer)", Some(Role::Interviewer)),
            ("מראיינת", Some(Role::Interviewer)),
            ("P07", Some(Role::Participant)),
            ("ID-12", Some(Role::Participant)),
            ("B.", Some(Role::Participant)),
            ("Female participant", Some(Role::Participant)),
            ("ת", Some(Role::Participant)),
            ("All", Some(Role::Other)),
            ("Unknown Speaker", Some(Role::Other)),
            ("Speaker 1", None),
            ("Dr. Levi", None),
            ("Alina", None),
        ] {
            assert_eq!(guess(label), role, "{label}");
        }
    }
}
