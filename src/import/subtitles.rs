//! WebVTT and SubRip: cues become turns, the same speaker over several cues is one turn.
//!
//! The text is made for reading (`Name: words`); the file is kept as the original, and every line of a cue has its
//! place there. A file that breaks off is read as far as it goes.

use super::builder::{About, Builder, Place, TooLarge};
use super::cast::{self, Clues};
use super::clock::{self, Clock, Clocks};
use super::decide::{self, Candidate, Layout};
use super::encoding::Decoded;
use super::lines::{Line, is_invisible, lines};
use super::problem::first_few;
use super::{Import, Kind, Options, Problem, SourceDraft, html, label};
use crate::model::{Locator, Role};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Reads subtitles of either kind.
pub fn read(file: &str, bytes: &[u8], decoded: &Decoded, kind: Kind, options: &Options) -> Result<Import, Problem> {
    let parsed = cues(&decoded.text);
    let mut problems = parsed.problems(file);
    let pieces: Vec<Piece<'_>> = parsed.cues.iter().flat_map(pieces).collect();
    let (found, layout) = candidates(&pieces);
    let (labels, doubts) = decide::decide(file, &found, layout, options);
    problems.extend(doubts);
    let too_large = |_: TooLarge| Problem::error(file, "the text would become larger than 1 GB").hint("split the file");
    let mut builder = Builder::default();
    let mut clocks = Clocks::default();
    for cue in &parsed.cues {
        clocks.see(cue.start, cue.line);
    }
    for piece in &pieces {
        let spoken = piece.speaker(&labels);
        let label = spoken.as_ref().map(|(label, _)| label.as_ref());
        let words = spoken.as_ref().map_or(0, |(_, words)| *words);
        if builder.label().is_none() || label.is_some_and(|label| builder.label() != Some(label)) {
            let about = About { time_ms: piece.cue.start.map(|time| time.ms), ..About::default() };
            builder.begin(label.unwrap_or_default(), false, about).map_err(too_large)?;
        }
        let raw = piece.words.get(words..).unwrap_or_default();
        let skipped = raw.len() - raw.trim_start_matches(is_invisible).len();
        let clean = html::unescape(raw.trim_matches(is_invisible));
        let place = Place {
            start: decoded.origin(piece.start + if piece.verbatim { words + skipped } else { 0 }),
            verbatim: piece.verbatim && decoded.is_verbatim() && matches!(clean, Cow::Borrowed(_)),
            locator: Locator::Line(piece.line),
        };
        builder.words(&clean, place).map_err(too_large)?;
    }
    let (text, segmentation) = builder.finish();
    if segmentation.turns.is_empty() {
        return Err(Problem::error(file, "no words were found in the subtitles"));
    }
    let ids = BTreeMap::new();
    let clues = Clues { file, source: file, name: file, ids: &ids, default: Role::Other };
    let cast = cast::cast(&segmentation.speakers, clues, options);
    if segmentation.speakers.iter().all(String::is_empty) {
        let what = "no speakers are named in the subtitles: the whole text is one turn";
        problems.push(Problem::warning(file, what).hint("export the transcript with speaker names"));
    }
    problems.extend(clocks.problems(file));
    problems.extend(cast::unidentified(file, [(file, &cast)].into_iter()));
    problems.extend(cast.problems.iter().cloned());
    let mut source = SourceDraft::new(file, kind, text, segmentation, cast);
    source.language = options.language_for(&source.text);
    let ends = parsed.cues.iter().filter_map(|cue| cue.end.or(cue.start));
    source.duration_ms = ends.map(|time| time.ms).max();
    Ok(Import { sources: vec![source], original: Some(bytes.to_vec()), problems, ..Import::default() })
}

#[derive(Debug, Default)]
struct Cue<'a> {
    line: u32,
    start: Option<Clock>,
    end: Option<Clock>,
    words: Vec<Line<'a>>,
}

#[derive(Debug, Default)]
struct Parsed<'a> {
    cues: Vec<Cue<'a>>,
    /// Lines with `-->` and no times on both sides.
    torn: Vec<u32>,
    /// Words outside a cue.
    stray: Vec<u32>,
    /// Last line of a file that ends before the words of its last cue.
    cut_off: Option<u32>,
}

impl Parsed<'_> {
    fn problems(&self, file: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(first) = self.torn.first() {
            let what = format!("times that cannot be read, on lines {}: the words are kept", first_few(&self.torn));
            problems.push(Problem::warning(file, what).at(*first));
        }
        if let Some(first) = self.stray.first() {
            let what = format!("words outside a cue, on lines {}: added to the turn before", first_few(&self.stray));
            problems.push(Problem::warning(file, what).at(*first));
        }
        if let Some(line) = self.cut_off {
            let hint = "export it again if its end is missing";
            problems.push(Problem::warning(file, "the file breaks off in the middle of a cue").at(line).hint(hint));
        }
        problems
    }
}

fn cues(text: &str) -> Parsed<'_> {
    let mut parsed = Parsed::default();
    let all: Vec<Line<'_>> = lines(text).collect();
    let mut blocks = all.split(Line::is_blank).filter(|block| !block.is_empty()).peekable();
    while let Some(block) = blocks.next() {
        let first = block.first().map_or("", |line| line.text.trim_start_matches(is_invisible));
        let timed = block.iter().any(|line| line.text.contains("-->"));
        let word = first.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
        let header = matches!(word, "WEBVTT") && block.first().is_some_and(|line| line.number == 1);
        if (header || matches!(word, "NOTE" | "STYLE" | "REGION")) && !timed {
            continue;
        }
        let last = blocks.peek().is_none();
        cue_block(if header { block.get(1..).unwrap_or_default() } else { block }, last, &mut parsed);
    }
    parsed
}

/// A block is an optional id, a line of times and the words; files without blank lines have several cues in a block.
fn cue_block<'a>(block: &[Line<'a>], last: bool, parsed: &mut Parsed<'a>) {
    let mut cue: Option<Cue<'a>> = None;
    for (k, line) in block.iter().enumerate() {
        if line.text.contains("-->") {
            parsed.cues.extend(cue.take());
            let times = times(line.text);
            if times.is_none() {
                parsed.torn.push(line.number);
            }
            let (start, end) = times.unzip();
            cue = Some(Cue { line: line.number, start, end, words: Vec::new() });
            continue;
        }
        let before_times = block.get(k + 1).is_some_and(|next| next.text.contains("-->"));
        let is_id = before_times && (cue.is_none() || line.text.trim().bytes().all(|byte| byte.is_ascii_digit()));
        let lone_id = cue.is_none() && block.len() == 1 && last && looks_like_id(line.text.trim());
        match cue.as_mut() {
            _ if is_id => {}
            None if lone_id => parsed.cut_off = Some(line.number),
            Some(cue) => cue.words.push(*line),
            None => {
                parsed.stray.push(line.number);
                cue = Some(Cue { line: line.number, words: vec![*line], ..Cue::default() });
            }
        }
    }
    if let Some(cue) = cue {
        if last && cue.words.is_empty() {
            parsed.cut_off = Some(cue.line);
        }
        parsed.cues.push(cue);
    }
}

fn looks_like_id(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'/'))
}

fn times(line: &str) -> Option<(Clock, Clock)> {
    let (left, right) = line.split_once("-->")?;
    let (left, right) = (left.trim_start_matches(is_invisible).trim_end(), right.trim_start());
    let (start, end) = (clock::clock(left)?, clock::clock(right)?);
    let settled = right.get(end.length..)?;
    (start.length == left.len() && (settled.is_empty() || settled.starts_with(char::is_whitespace)))
        .then_some((start, end))
}

/// Words of one voice on one line of a cue.
#[derive(Debug)]
struct Piece<'a> {
    cue: &'a Cue<'a>,
    line: u32,
    /// Byte of the line in the decoded text; of the words where they are verbatim.
    start: usize,
    words: Cow<'a, str>,
    /// From `<v Name>`.
    voice: Option<String>,
    verbatim: bool,
    opens: bool,
}

impl Piece<'_> {
    /// The speaker named here, and where the words begin; nothing where the speaker of before goes on.
    fn speaker<'s>(&'s self, labels: &'s BTreeMap<String, String>) -> Option<(Cow<'s, str>, usize)> {
        if let Some(voice) = &self.voice {
            return Some((Cow::Borrowed(voice), 0));
        }
        let head = label::head(&self.words)?;
        let name = label::normalised(self.words.get(head.label.clone())?);
        let shown = labels.get(&label::key(&name))?;
        Some((Cow::Borrowed(shown), head.body))
    }
}

fn pieces<'a>(cue: &'a Cue<'a>) -> Vec<Piece<'a>> {
    let mut voice: Option<String> = None;
    let mut pieces = Vec::new();
    for line in &cue.words {
        for part in untagged(line.text, &mut voice) {
            let blanks = line.text.len() - line.text.trim_start().len();
            pieces.push(Piece {
                cue,
                line: line.number,
                start: line.start + if part.verbatim { 0 } else { blanks },
                words: part.words,
                voice: part.voice,
                verbatim: part.verbatim,
                opens: pieces.is_empty(),
            });
        }
    }
    pieces
}

/// Words between two tags that change the voice.
struct Part<'a> {
    words: Cow<'a, str>,
    voice: Option<String>,
    verbatim: bool,
}

/// A line without its tags, cut where the voice changes.
fn untagged<'a>(line: &'a str, voice: &mut Option<String>) -> Vec<Part<'a>> {
    if !line.contains('<') {
        return vec![Part { words: Cow::Borrowed(line), voice: voice.clone(), verbatim: true }];
    }
    let mut parts: Vec<Part<'a>> = Vec::new();
    let mut words = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        let Some((tag, behind)) = tag(after) else {
            words.push('<');
            rest = after;
            continue;
        };
        let speaks = tag.strip_prefix('v').filter(|tag| tag.starts_with([' ', '.', '\t']));
        if speaks.is_some() || tag == "/v" {
            parts.push(Part { words: std::mem::take(&mut words).into(), voice: voice.clone(), verbatim: false });
            let name = speaks.and_then(|tag| tag.split_once([' ', '\t'])).map(|(_, name)| html::unescape(name));
            *voice = name.map(|name| label::normalised(&name)).filter(|name| !name.is_empty());
        }
        rest = behind;
    }
    words.push_str(rest);
    parts.push(Part { words: words.into(), voice: voice.clone(), verbatim: false });
    parts.retain(|part| !part.words.trim_matches(is_invisible).is_empty());
    parts
}

/// The tag that `text` begins with, its `<` already gone, and what follows: `b>`, `/i>`, `c.yellow>`, `00:00:01.000>`;
/// not `3 of us` or ` b`.
fn tag(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 200;
    let opens = match text.strip_prefix('/').unwrap_or(text).chars().next()? {
        c if c.is_ascii_digit() => clock::clock(text).is_some(),
        c => c.is_ascii_alphabetic(),
    };
    let end = text.bytes().take(LONGEST).position(|byte| byte == b'>').filter(|_| opens)?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

fn candidates(pieces: &[Piece<'_>]) -> (Vec<Candidate>, Layout) {
    let (mut found, mut layout) = (Vec::new(), Layout::default());
    for piece in pieces.iter().filter(|piece| piece.voice.is_none()) {
        layout.lines += 1;
        layout.paragraphs += usize::from(piece.opens);
        let Some(head) = label::head(&piece.words) else { continue };
        layout.labelled_paragraphs += usize::from(piece.opens);
        let label = label::normalised(piece.words.get(head.label.clone()).unwrap_or_default());
        found.push(Candidate { line: piece.line, label, opens: piece.opens, head });
    }
    (found, layout)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::encoding::decode;
    use super::*;

    fn vtt(text: &str) -> Import {
        let (decoded, _) = decode("P03_T1.vtt", text.as_bytes()).unwrap();
        read("P03_T1.vtt", text.as_bytes(), &decoded, Kind::WebVtt, &Options::default()).unwrap()
    }

    const ZOOM: &str = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000\nAda Poe: How are\n\n2\n00:00:04.000 --> 00:00:06.500\n\
                        Ada Poe: you &amp; yours?\n\nNOTE a remark\nof two lines\n\n3\n00:07.000 --> 00:09.000\n\
                        Participant: Well,\nfine.\n";

    #[test]
    fn cues_of_one_speaker_are_one_turn() {
        let import = vtt(ZOOM);
        let source = &import.sources[0];
        assert_eq!(source.text, "Ada Poe: How are you & yours?\nParticipant: Well, fine.\n");
        assert_eq!(source.segmentation.turns.len(), 2);
        assert_eq!(source.segmentation.turns[0].time_ms, Some(1_000));
        assert_eq!(source.segmentation.turns[1].time_ms, Some(7_000));
        assert_eq!(source.duration_ms, Some(9_000));
        assert_eq!(source.participants["Participant"], "P03");
        assert_eq!(source.roles["Ada Poe"], Role::Interviewer);
        assert_eq!(import.problems, []);
        assert_eq!(import.original.as_deref(), Some(ZOOM.as_bytes()));
    }

    #[test]
    fn every_verbatim_piece_leads_to_its_bytes() {
        let import = vtt(ZOOM);
        let source = &import.sources[0];
        let map = &source.segmentation.map;
        let verbatim: Vec<_> = map.iter().filter(|entry| entry.verbatim).collect();
        assert_eq!(verbatim.len(), 3);
        for entry in verbatim {
            let here = &source.text[entry.text_start as usize..][..4];
            assert_eq!(&ZOOM[entry.original_start as usize..][..4], here);
        }
        let decoded = map.iter().find(|entry| source.text[entry.text_start as usize..].starts_with("you &")).unwrap();
        assert!(!decoded.verbatim && decoded.locator == Locator::Line(9));
    }

    #[test]
    fn voices_tags_and_ids_of_teams_are_read() {
        let import = vtt(
            "\u{feff}WEBVTT\r\n\r\n6c1b5f0e-0000-4a1e-8d5c-3f1f6a5b0001/7-0\r\n00:00:01.000 --> 00:00:02.000 align:start\r\n\
             <v Dr. Ada Poe>Is it <i>warm</i>?</v>\r\n\r\n00:00:02.000 --> 00:00:03.000\r\n<v.loud Client>5 < 6, yes</v> <v Dr. Ada Poe>Good.</v>\r\n",
        );
        assert_eq!(import.sources[0].text, "Dr. Ada Poe: Is it warm?\nClient: 5 < 6, yes\nDr. Ada Poe: Good.\n");
    }

    #[test]
    fn a_file_that_breaks_off_is_read_as_far_as_it_goes() {
        let import =
            vtt("WEBVTT\n\n00:01.000 --> 00:02.000\nI: One.\n\n00:02.000 --> 00:03.000\nP: Two.\n\n00:03.000 --> 00:0");
        assert_eq!(import.sources[0].text, "I: One.\nP: Two.\n");
        assert_eq!(import.problems.iter().map(|p| p.line).collect::<Vec<_>>(), [Some(9), Some(9)]);
        let import = vtt("WEBVTT\n\n1\n00:01.000 --> 00:02.000\nI: One.\n\n2\n");
        assert_eq!(import.problems[0].line, Some(7));
        let import = vtt("WEBVTT\n\nlost words\n\n00:01.000 --> 00:02.000\nmore words\n");
        assert!(import.sources[0].text.contains("lost words more words"));
        assert_eq!(import.problems[0].line, Some(3));
    }

    #[test]
    fn subrip_without_blank_lines_is_read() {
        let text = "1\n00:00:05,000 --> 00:00:06,000\nANN: Hello\n2\n00:00:01,000 --> 00:00:02,000\nBEN: Hi\n3\n\
                    00:00:03,000 --> 00:00:04,000\nANN: So\n";
        let (decoded, _) = decode("a.srt", text.as_bytes()).unwrap();
        let import = read("a.srt", text.as_bytes(), &decoded, Kind::SubRip, &Options::default()).unwrap();
        assert_eq!(import.sources[0].text, "ANN: Hello\nBEN: Hi\nANN: So\n");
        assert!(import.problems.iter().any(|p| p.what.contains("times run backwards") && p.line == Some(5)));
    }
}
