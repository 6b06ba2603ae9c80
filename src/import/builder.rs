//! Reading text for formats whose file is not one: `Name: words`, a turn a line, with the way back to the file.
//!
//! Keeps text, turns and source map in step: spans cover the words alone, every piece has its place in the file. Holds
//! a budget, so that a small file cannot become a large study.

use super::draft::{Speakers, offset};
use super::lines::trimmed;
use crate::model::{Locator, MapEntry, Segmentation, Span, Turn};

/// Most bytes that one file may become.
const BUDGET: usize = 1 << 30;

/// The text would become larger than any transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// A place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Byte in the file.
    pub start: u64,
    /// Whether the bytes there are the bytes of the text.
    pub verbatim: bool,
    /// The place in words.
    pub locator: Locator,
}

/// What is known of a turn besides its words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// Time at which it began, in milliseconds.
    pub time_ms: Option<u64>,
    /// The question it answers.
    pub question: Option<String>,
    /// Its language, where it has one of its own.
    pub language: Option<String>,
}

/// A text in the making.
#[derive(Debug, Default)]
pub struct Builder {
    text: String,
    speakers: Speakers,
    turns: Vec<Turn>,
    map: Vec<MapEntry>,
    open: Option<Open>,
    spent: usize,
}

#[derive(Debug)]
struct Open {
    label: String,
    about: About,
    /// Where its words begin.
    start: usize,
    /// Where its line begins.
    line: usize,
    /// Length of the map before it.
    map: usize,
}

impl Builder {
    /// Begins a turn; the label is written before its words unless it is empty or `silent`.
    pub fn begin(&mut self, label: &str, silent: bool, about: About) -> Result<(), TooLarge> {
        self.end();
        let line = self.text.len();
        self.spend(label.len() * 2 + about.question.as_ref().map_or(0, String::len) + 64)?;
        if !label.is_empty() && !silent {
            self.text.push_str(label);
            self.text.push_str(": ");
        }
        self.open = Some(Open { label: label.into(), about, start: self.text.len(), line, map: self.map.len() });
        Ok(())
    }

    /// The label of the open turn.
    pub fn label(&self) -> Option<&str> {
        self.open.as_ref().map(|open| open.label.as_str())
    }

    /// Adds words to the open turn; a space comes between two pieces.
    pub fn words(&mut self, piece: &str, place: Place) -> Result<(), TooLarge> {
        if piece.is_empty() {
            return Ok(());
        }
        self.spend(piece.len() + 64)?;
        let Place { start, verbatim, locator } = place;
        match &self.open {
            Some(open) if open.start < self.text.len() => self.text.push(' '),
            // The label is not in the file in this form: it leads to the words that follow.
            Some(open) if open.line < open.start => self.map.push(MapEntry {
                text_start: offset(open.line),
                original_start: start,
                verbatim: false,
                locator: locator.clone(),
            }),
            _ => {}
        }
        self.map.push(MapEntry { text_start: offset(self.text.len()), original_start: start, verbatim, locator });
        self.text.push_str(piece);
        Ok(())
    }

    /// Ends the open turn and gives its span; a turn without words leaves no trace.
    pub fn end(&mut self) -> Option<Span> {
        let open = self.open.take()?;
        let words = trimmed(&self.text, open.start, self.text.len());
        if words.is_empty() {
            self.text.truncate(open.line);
            self.map.truncate(open.map);
            return None;
        }
        self.text.push('\n');
        let span = Span::new(offset(words.start), offset(words.end));
        let speaker = self.speakers.index(&open.label);
        let About { time_ms, question, language } = open.about;
        self.turns.push(Turn { span, speaker, time_ms, question, language });
        Some(span)
    }

    /// The text and its cut.
    pub fn finish(mut self) -> (String, Segmentation) {
        self.end();
        let segmentation = Segmentation {
            speakers: self.speakers.into_labels(),
            turns: self.turns,
            map: self.map,
            unassigned: Vec::new(),
        };
        (self.text, segmentation)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), TooLarge> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent > BUDGET { Err(TooLarge) } else { Ok(()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn place(start: u64) -> Place {
        Place { start, verbatim: true, locator: Locator::Line(1) }
    }

    #[test]
    fn turns_are_lines_with_labels() {
        let mut builder = Builder::default();
        builder.begin("Ann", false, About::default()).unwrap();
        builder.words("One", place(10)).unwrap();
        builder.words("two.", place(20)).unwrap();
        builder.begin("Ben", false, About::default()).unwrap();
        builder.words("  ", place(30)).unwrap();
        builder.begin("Ann", true, About { time_ms: Some(5), ..About::default() }).unwrap();
        builder.words(" Three. ", place(40)).unwrap();
        let (text, cut) = builder.finish();
        assert_eq!(text, "Ann: One two.\n Three. \n");
        let words: Vec<_> = cut.turns.iter().map(|turn| turn.span.of(&text).unwrap()).collect();
        assert_eq!(words, ["One two.", "Three."]);
        assert_eq!(cut.speakers, ["Ann"]);
        let map: Vec<_> = cut.map.iter().map(|m| (m.text_start, m.original_start, m.verbatim)).collect();
        assert_eq!(map, [(0, 10, false), (5, 10, true), (9, 20, true), (14, 40, true)]);
        assert_eq!(cut.turns[1].time_ms, Some(5));
    }

    #[test]
    fn a_text_cannot_grow_without_end() {
        let mut builder = Builder { spent: BUDGET - 70, ..Builder::default() };
        builder.begin("", false, About::default()).unwrap();
        assert_eq!(builder.words("words", place(0)), Err(TooLarge));
    }
}
