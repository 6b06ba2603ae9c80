//! Plain text and Markdown: turns by the labels at line starts.
//!
//! The text of the revision is the decoded file, untouched; a turn's span leaves out the label, the time beside it and
//! an f4 mark at its end. Every byte is in a turn, in a label or mark, white space, or listed as unassigned.

use super::cast::{self, Clues};
use super::clock::{self, Clock, Clocks};
use super::decide::{self, Candidate, Layout};
use super::draft::{Speakers, offset, span};
use super::encoding::Decoded;
use super::lines::{Line, is_invisible, lines, trimmed};
use super::{Import, Kind, Options, Problem, SourceDraft, label, problem};
use crate::model::{Locator, MapEntry, Role, Segmentation, Turn};
use std::collections::BTreeMap;
use std::ops::Range;

/// Reads a transcript.
pub fn read(file: &str, bytes: &[u8], decoded: Decoded, options: &Options) -> Import {
    let (found, layout) = candidates(&decoded.text);
    let (labels, mut problems) = decide::decide(file, &found, layout, options);
    let marks = marks(&decoded.text, &found, &labels);
    let (mut segmentation, clocks, doubts) = cut(file, &decoded.text, &marks);
    problems.extend(doubts);
    segmentation.map = map(&decoded);
    let ids = BTreeMap::new();
    let clues = Clues { file, source: file, name: file, ids: &ids, default: Role::Other };
    let cast = cast::cast(&segmentation.speakers, clues, options);
    if labels.is_empty() {
        let whose = cast.participants.get("").map_or("of nobody in particular".to_owned(), |id| format!("of {id}"));
        let what = format!("no speaker labels found: the whole text is one turn {whose}");
        problems
            .push(Problem::warning(file, what).hint("if people talk in it, begin each turn with a label such as `I:`"));
    }
    problems.extend(cast::unidentified(file, [(file, &cast)].into_iter()));
    problems.extend(cast.problems.iter().cloned());
    let original = (!decoded.is_verbatim()).then(|| bytes.to_vec());
    let mut source = SourceDraft::new(file, Kind::Transcript, decoded.text, segmentation, cast);
    source.language = options.language_for(&source.text);
    source.duration_ms = clocks.last;
    Import { sources: vec![source], original, problems, ..Import::default() }
}

/// The lines of a text that could begin with a label, and its layout.
pub(super) fn candidates(text: &str) -> (Vec<Candidate>, Layout) {
    let (mut found, mut layout) = (Vec::new(), Layout::default());
    let mut after_blank = true;
    for line in lines(text) {
        if line.is_blank() {
            after_blank = true;
            continue;
        }
        let head = label::head(line.text);
        layout.lines += 1;
        layout.paragraphs += usize::from(after_blank);
        layout.labelled_paragraphs += usize::from(after_blank && head.is_some());
        let start = line.text.len() - line.text.trim_start_matches(is_invisible).len();
        let timed = label::leading_time(line.text, start).is_some_and(|(_, at)| at < line.text.len());
        layout.timed += usize::from(timed || head.as_ref().is_some_and(|head| head.time.is_some()));
        let opens = std::mem::take(&mut after_blank);
        if let Some(head) = head {
            let label = label::normalised(line.text.get(head.label.clone()).unwrap_or_default());
            found.push(Candidate { line: line.number, label, opens, head });
        }
    }
    (found, layout)
}

/// Where a turn begins.
struct Mark<'a> {
    line: u32,
    at: usize,
    body: usize,
    label: &'a str,
    time: Option<Clock>,
}

fn marks<'a>(text: &str, found: &[Candidate], labels: &'a BTreeMap<String, String>) -> Vec<Mark<'a>> {
    if labels.is_empty() {
        return vec![Mark { line: 1, at: 0, body: 0, label: "", time: None }];
    }
    let mut found = found.iter().peekable();
    let begin = |line: Line<'_>| {
        let candidate = found.next_if(|candidate| candidate.line == line.number)?;
        let label = labels.get(&label::key(&candidate.label))?;
        let body = line.start + candidate.head.body;
        Some(Mark { line: line.number, at: line.start, body, label, time: candidate.head.time })
    };
    lines(text).filter_map(begin).collect()
}

fn cut(file: &str, text: &str, marks: &[Mark<'_>]) -> (Segmentation, Clocks, Vec<Problem>) {
    let mut cut = Segmentation::default();
    let (mut clocks, mut speakers) = (Clocks::default(), Speakers::default());
    let (mut wordless, mut ended) = (Vec::new(), None);
    let head = trimmed(text, 0, marks.first().map_or(0, |mark| mark.at));
    cut.unassigned.extend((!head.is_empty()).then(|| span(head)));
    for (k, mark) in marks.iter().enumerate() {
        let end = marks.get(k + 1).map_or(text.len(), |next| next.at);
        let (words, closing) = without_closing_time(text, trimmed(text, mark.body, end));
        clocks.see(mark.time, mark.line);
        if words.is_empty() {
            wordless.push(mark.line);
        } else {
            let speaker = speakers.index(mark.label);
            let time_ms = mark.time.map(|time| time.ms).or(ended);
            cut.turns.push(Turn { span: span(words), speaker, time_ms, question: None, language: None });
        }
        clocks.see(closing, mark.line);
        ended = closing.map(|time| time.ms);
    }
    cut.speakers = speakers.into_labels();
    let mut problems = clocks.problems(file);
    if let Some(first) = wordless.first() {
        let what = format!("labels without words, on lines {}", problem::first_few(&wordless));
        problems.push(Problem::warning(file, what).at(*first));
    }
    (cut, clocks, problems)
}

/// f4 closes a paragraph with the time at which it ended (`#00:01:23-4#`): the next turn begins there.
fn without_closing_time(text: &str, words: Range<usize>) -> (Range<usize>, Option<Clock>) {
    let part = text.get(words.clone()).unwrap_or_default();
    let inner = part.strip_suffix('#').and_then(|part| Some((part.rfind('#')?, part)));
    let found = inner.and_then(|(at, part)| {
        let time = clock::clock(part.get(at + 1..)?)?;
        (at + 1 + time.length == part.len()).then_some((at, time))
    });
    match found {
        Some((at, time)) => (trimmed(text, words.start, words.start + at), Some(time)),
        None => (words, None),
    }
}

/// UTF-8 needs one entry; its lines are counted when somebody asks.
fn map(decoded: &Decoded) -> Vec<MapEntry> {
    if decoded.is_verbatim() {
        return vec![MapEntry { text_start: 0, original_start: 0, verbatim: true, locator: Locator::Line(1) }];
    }
    let entry = |(k, (text, file)): (usize, &(usize, u64))| MapEntry {
        text_start: offset(*text),
        original_start: *file,
        verbatim: false,
        locator: Locator::Line(offset(k + 1)),
    };
    decoded.line_starts().iter().enumerate().map(entry).collect()
}
