//! What was found in a source, for the user to check: speakers, turns, words, what belongs to nobody.

use super::SourceDraft;
use super::lines::lines;
use crate::model::{Role, Span};
use crate::text;

/// What was found in a source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceReport {
    /// Name of the source.
    pub name: String,
    /// Its speakers, in order of appearance.
    pub speakers: Vec<SpeakerReport>,
    /// Number of turns.
    pub turns: usize,
    /// Words of participants; remarks such as `[laughs]` are not words.
    pub participant_words: usize,
    /// Share of all words by participants, interviewers and others, 0 to 1; nothing where nobody says a word.
    pub share_of_talk: Option<[(Role, f64); 3]>,
    /// Lines that belong to no turn.
    pub unassigned_lines: usize,
    /// Length of the recording in milliseconds, as far as the times tell.
    pub duration_ms: Option<u64>,
}

/// One speaker of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeakerReport {
    /// Label; empty where nobody is named.
    pub label: String,
    /// Role.
    pub role: Role,
    /// Participant id, where known.
    pub participant: Option<String>,
    /// Number of turns.
    pub turns: usize,
    /// Number of words.
    pub words: usize,
}

/// Counts what was found.
pub fn report(source: &SourceDraft) -> SourceReport {
    let cut = &source.segmentation;
    let mut speakers: Vec<SpeakerReport> = cut
        .speakers
        .iter()
        .map(|label| SpeakerReport {
            label: label.clone(),
            role: source.roles.get(label).copied().unwrap_or(Role::Other),
            participant: source.participants.get(label).cloned(),
            turns: 0,
            words: 0,
        })
        .collect();
    for turn in &cut.turns {
        if let Some(speaker) = speakers.get_mut(turn.speaker as usize) {
            speaker.turns += 1;
            speaker.words += text::word_starts(turn.span.of(&source.text).unwrap_or_default()).len();
        }
    }
    let words = |role: Role| speakers.iter().filter(|s| s.role == role).map(|s| s.words).sum::<usize>();
    let all: usize = speakers.iter().map(|speaker| speaker.words).sum();
    let share = |role| (role, words(role) as f64 / all as f64);
    let lines_of =
        |span: &Span| lines(span.of(&source.text).unwrap_or_default()).filter(|line| !line.is_blank()).count();
    SourceReport {
        name: source.name.clone(),
        turns: cut.turns.len(),
        participant_words: words(Role::Participant),
        share_of_talk: (all > 0).then(|| [Role::Participant, Role::Interviewer, Role::Other].map(share)),
        unassigned_lines: cut.unassigned.iter().map(lines_of).sum(),
        duration_ms: source.duration_ms,
        speakers,
    }
}
