//! Which of the things that look like labels are labels in this file.
//!
//! A label recurs, names a role, was named by the user, carries a time, or belongs to a family (`P03` where `P01`
//! recurs). What occurs once and could be either is decided by how the file is laid out, and said in a warning.

use super::label::{self, Form, Head};
use super::{Options, Problem, problem, roles};
use crate::text::within_edits;
use std::collections::{BTreeMap, BTreeSet};

/// A line that could begin with a label.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Line of the file, from 1.
    pub line: u32,
    /// The label as read from the line.
    pub label: String,
    /// Whether a blank line (or a cue border) comes before.
    pub opens: bool,
    /// What stands before the words.
    pub head: Head,
}

/// What else is known about the lines of the file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout {
    /// Lines with words.
    pub lines: usize,
    /// Blocks between blank lines.
    pub paragraphs: usize,
    /// Blocks whose first line could begin with a label.
    pub labelled_paragraphs: usize,
    /// Lines that begin with a time and do not end there.
    pub timed: usize,
}

#[derive(Debug, Default)]
struct Seen {
    count: usize,
    first: u32,
    shown: String,
    timed: bool,
    opens: bool,
    forms: BTreeSet<Form>,
}

impl Seen {
    fn capital(&self) -> bool {
        !self.shown.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase)
    }
}

/// The labels of the file, by [`label::key`], as they are shown.
pub fn decide(
    file: &str,
    candidates: &[Candidate],
    layout: Layout,
    options: &Options,
) -> (BTreeMap<String, String>, Vec<Problem>) {
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    for candidate in candidates {
        let entry = seen.entry(label::key(&candidate.label)).or_default();
        if entry.count == 0 {
            (entry.first, entry.shown) = (candidate.line, candidate.label.clone());
        }
        entry.count += 1;
        entry.opens |= candidate.opens;
        entry.timed |= candidate.head.time.is_some();
        entry.forms.insert(candidate.head.form);
    }
    let named: BTreeSet<String> =
        options.roles.keys().chain(options.speakers.iter().map(|row| &row.speaker)).map(|l| label::key(l)).collect();
    let timed_heads = candidates.iter().filter(|candidate| candidate.head.time.is_some()).count();
    let mostly_timed = timed_heads * 5 >= layout.timed * 4;
    let sure =
        |key: &str, seen: &Seen| named.contains(key) || !is_document_word(key) && is_sure(key, seen, mostly_timed);
    let mut accepted: BTreeSet<&str> =
        seen.iter().filter(|(key, seen)| sure(key, seen)).map(|(key, _)| key.as_str()).collect();
    let colons = accepted.iter().any(|key| seen.get(*key).is_some_and(|s| !only_bracket(s)));
    if colons {
        accepted.retain(|key| named.contains(*key) || seen.get(*key).is_some_and(|s| !only_bracket(s)));
    }
    let header = header_lines(&seen, &accepted);
    accepted.retain(|key| !header.contains(*key));
    let dense = candidates.len() * 5 >= layout.lines * 3;
    let dense_paragraphs = layout.paragraphs >= 3 && layout.labelled_paragraphs * 5 >= layout.paragraphs * 3;
    let first_sure = accepted.iter().filter_map(|key| seen.get(*key)).map(|s| s.first).min();
    let (mut taken, mut left, mut slips) = (Vec::new(), Vec::new(), BTreeMap::new());
    let sure: Vec<&str> = accepted.iter().copied().collect();
    let family: BTreeSet<String> = accepted.iter().filter_map(|key| family(key)).collect();
    for (key, single) in &seen {
        let undecided = !accepted.contains(key.as_str())
            && !header.contains(key)
            && !is_document_word(key)
            && !only_bracket(single);
        if !undecided || first_sure.is_none_or(|first| single.first < first) {
            continue;
        }
        if let Some(meant) = sure.iter().find(|other| is_slip(key, other)) {
            slips.insert(key.as_str(), *meant);
            continue;
        }
        let related = self::family(key).is_some_and(|prefix| family.contains(&prefix)) || has_title(key);
        if related {
            accepted.insert(key);
        } else if single.capital() && (dense || dense_paragraphs && single.opens) {
            accepted.insert(key);
            taken.push((single.first, single.shown.as_str()));
        } else {
            left.push((single.first, single.shown.as_str()));
        }
    }
    let mut problems = Vec::new();
    problems.extend(doubt(file, taken, "taken as a speaker", "if it is not, change the colon in the file"));
    problems.extend(doubt(
        file,
        left,
        "taken as words of the turn before",
        "if it is a speaker, say `--roles NAME=ROLE`",
    ));
    let shown = |key: &str| seen.get(key).map(|seen| seen.shown.clone());
    let mut labels: BTreeMap<String, String> =
        accepted.iter().filter_map(|key| Some(((*key).to_owned(), shown(key)?))).collect();
    for (key, meant) in slips {
        let (Some(slip), Some(meant)) = (seen.get(key), shown(meant)) else { continue };
        let what = format!("`{}:` is read as a slip of the pen for `{meant}:`", slip.shown);
        problems.push(Problem::warning(file, what).at(slip.first));
        labels.insert(key.to_owned(), meant);
    }
    (labels, problems)
}

/// Long labels that differ in a letter or two and in no number (`Particpant`); not `Interviewee` for `Interviewer`.
fn is_slip(key: &str, other: &str) -> bool {
    const SHORTEST: usize = 8;
    let digits = |key: &str| key.chars().filter(char::is_ascii_digit).collect::<String>();
    key.chars().count() >= SHORTEST
        && roles::guess(key).is_none()
        && digits(key) == digits(other)
        && within_edits(key, other, 2)
}

fn is_sure(key: &str, seen: &Seen, mostly_timed: bool) -> bool {
    let role = roles::guess(key).is_some();
    if only_bracket(seen) {
        return !is_remark(key) && seen.capital() && (seen.count >= 2 || role);
    }
    if seen.forms.contains(&Form::Stamp) || seen.forms.contains(&Form::Columns) {
        return true;
    }
    let recurs = seen.count >= 2 && seen.capital() || seen.count >= 3 || role && (seen.capital() || seen.count >= 2);
    recurs || seen.timed && mostly_timed
}

fn only_bracket(seen: &Seen) -> bool {
    seen.forms.iter().all(|form| *form == Form::Bracket)
}

/// `Interviewer: Ann` in the head of a file whose turns are marked `I:` says who it was; it is not a turn. One such
/// line makes the others that name a role, and stand before the first label that recurs, header lines too.
fn header_lines(seen: &BTreeMap<String, Seen>, accepted: &BTreeSet<&str>) -> BTreeSet<String> {
    let recurring = || accepted.iter().filter_map(|key| Some((*key, seen.get(*key)?))).filter(|(_, s)| s.count >= 2);
    let Some(body) = recurring().map(|(_, s)| s.first).min() else { return BTreeSet::new() };
    let in_head = |key: &str| seen.get(key).is_some_and(|s| s.count == 1 && s.first < body);
    let head: BTreeSet<String> = accepted
        .iter()
        .filter(|key| in_head(key) && roles::guess(key).is_some())
        .map(|key| (*key).to_owned())
        .collect();
    let doubled = head.iter().any(|key| recurring().any(|(other, _)| roles::guess(other) == roles::guess(key)));
    if doubled { head } else { BTreeSet::new() }
}

/// `p` for `p07`: labels that differ in their number alone.
fn family(key: &str) -> Option<String> {
    let prefix = key.trim_end_matches(|c: char| c.is_ascii_digit());
    (prefix.len() < key.len()).then(|| prefix.trim_end_matches([' ', '-', '_']).to_owned())
}

fn has_title(key: &str) -> bool {
    [
        "dr ",
        "dr. ",
        "prof ",
        "prof. ",
        "mr ",
        "mr. ",
        "mrs ",
        "mrs. ",
        "ms ",
        "ms. ",
        "frau ",
        "herr ",
        "ד\"ר ",
        "פרופ' ",
    ]
    .iter()
    .any(|title| key.starts_with(title))
}

/// Words that stand before colons in documents of any kind and never speak.
fn is_document_word(key: &str) -> bool {
    let word = key.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-'));
    matches!(
        word,
        "abstract"
            | "aim"
            | "aims"
            | "appendix"
            | "attendees"
            | "background"
            | "chapter"
            | "conclusion"
            | "conclusions"
            | "consent"
            | "date"
            | "discussion"
            | "duration"
            | "e.g"
            | "example"
            | "examples"
            | "figure"
            | "file"
            | "from"
            | "ftp"
            | "gender"
            | "age"
            | "http"
            | "https"
            | "i.e"
            | "interview"
            | "introduction"
            | "keywords"
            | "language"
            | "length"
            | "location"
            | "mailto"
            | "method"
            | "methods"
            | "n.b"
            | "nb"
            | "note"
            | "notes"
            | "objective"
            | "objectives"
            | "page"
            | "part"
            | "place"
            | "present"
            | "project"
            | "ps"
            | "p.s"
            | "purpose"
            | "re"
            | "recorded"
            | "recording"
            | "references"
            | "remember"
            | "result"
            | "results"
            | "section"
            | "session"
            | "setting"
            | "source"
            | "start"
            | "end"
            | "step"
            | "study"
            | "summary"
            | "table"
            | "time"
            | "tip"
            | "title"
            | "to"
            | "topic"
            | "transcribed by"
            | "transcription"
            | "transcript"
            | "url"
            | "version"
            | "warning"
            | "wave"
            | "תאריך"
            | "מקום"
            | "משך"
            | "הערה"
            | "נושא"
            | "שעה"
    )
}

/// What transcribers put in brackets and nobody is called.
fn is_remark(key: &str) -> bool {
    let first = key.split([' ', ':']).next().unwrap_or_default();
    [
        "laugh",
        "chuckl",
        "pause",
        "silen",
        "inaudibl",
        "unintellig",
        "unclear",
        "crosstalk",
        "overlap",
        "sigh",
        "cry",
        "cough",
        "noise",
        "music",
        "phone",
        "redact",
        "anonym",
        "name",
        "place",
        "break",
        "end",
        "start",
        "begin",
        "interrupt",
        "sic",
        "tape",
        "record",
        "door",
        "whisper",
        "sob",
        "nod",
        "smil",
        "applau",
        "צוח",
        "שתיק",
        "לא",
    ]
    .iter()
    .any(|stem| first.starts_with(stem))
}

fn doubt(file: &str, mut labels: Vec<(u32, &str)>, what: &str, hint: &str) -> Option<Problem> {
    labels.sort_unstable();
    let (first, _) = *labels.first()?;
    let listed: Vec<String> = labels.iter().map(|(line, label)| format!("`{label}:` (line {line})")).collect();
    let what = format!("{} could be a label but does not recur: {what}", problem::first_few(&listed));
    Some(Problem::warning(file, what).at(first).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(text: &str) -> (Vec<String>, usize) {
        let (candidates, layout) = super::super::transcript::candidates(text);
        let (labels, problems) = decide("a.txt", &candidates, layout, &Options::default());
        (labels.into_values().collect(), problems.len())
    }

    #[test]
    fn recurring_names_and_role_words_are_labels() {
        assert_eq!(decided("Dan: hello\nMaria: hello\nDan: so?\nMaria: well.\n").0, ["Dan", "Maria"]);
        assert_eq!(decided("I: hello\nP: hello\n").0, ["I", "P"]);
    }

    #[test]
    fn a_colon_in_speech_is_no_label() {
        let text = "I: And then?\nP: He looked at me and said\nSister: you must go.\nI went.\nThere I stood.\nAlone again.\n\
                    With nothing.\nI: And then?\nP: I stayed.\nFor years.\n";
        assert_eq!(decided(text), (vec!["I".to_owned(), "P".to_owned()], 1));
    }

    #[test]
    fn someone_who_speaks_once_in_a_labelled_file_is_a_speaker() {
        let text = "Ann: one\n\nBen: two\n\nAnn: three\n\nBen: four\n\nCleo: five\n\nAnn: six\n";
        assert_eq!(decided(text), (vec!["Ann".into(), "Ben".into(), "Cleo".into()], 1));
        let text = "P01: a\nmore\nmore\nmore\nP02: b\nmore\nmore\nP01: c\nmore\nmore\nmore\nP03: d\nmore\n";
        assert_eq!(decided(text), (vec!["P01".into(), "P02".into(), "P03".into()], 0));
    }

    #[test]
    fn a_slip_of_the_pen_is_no_new_speaker() {
        let text = "Participant: a\nmore\nDan: b\nParticipant: c\nmore\nDan: b\nParticpant: d\nmore\nDan: e\n";
        let (candidates, layout) = super::super::transcript::candidates(text);
        let (labels, problems) = decide("a.txt", &candidates, layout, &Options::default());
        assert_eq!(labels["particpant"], "Participant");
        assert!(problems[0].what.contains("slip of the pen") && problems[0].line == Some(7));
    }

    #[test]
    fn the_head_of_a_file_does_not_speak() {
        let text = "Date: 4 May\nInterviewer: Ann\nParticipant: P07\n\nI: Hello.\nP: Hello.\nI: Well?\nP: Well.\n";
        assert_eq!(decided(text).0, ["I", "P"]);
        let text = "Interviewer: Ann\nInterviewee: Ben\n\nAP: Hello.\nR: Hello.\nAP: Well?\nR: Well.\n";
        assert_eq!(decided(text).0, ["AP", "R"]);
        assert_eq!(decided("Figure 1: a\ntext\nFigure 2: b\ntext\nNote: c\ntext\n").0, Vec::<String>::new());
    }

    #[test]
    fn brackets_are_labels_only_where_they_hold_names() {
        assert_eq!(
            decided("[Ann] one\n[Ben] two\n[Ann] three\n[laughs] four\n[Laughs] x\n[Ben] five\n").0,
            ["Ann", "Ben"]
        );
        assert_eq!(decided("Ann: one\n[Pause] so\nAnn: two\n[Pause] so\n[Mother] a\n[Mother] b\n").0, ["Ann"]);
    }
}
