//! What kind of file this is: by content first, by extension second.

use super::{Problem, encoding};
use crate::model::SourceFormat;
use regex::Regex;
use std::sync::LazyLock;

/// A kind of file that this stage reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Plain text or Markdown, with or without speakers.
    Transcript,
    /// WebVTT subtitles.
    WebVtt,
    /// SubRip subtitles.
    SubRip,
    /// Comma-, semicolon-, tab- or bar-separated table.
    Table,
    /// JSON or JSON lines.
    Json,
    /// Posts of a WordPress site.
    WordPress,
    /// Bibliographic records.
    Ris,
}

impl Kind {
    /// All kinds with the word for each, as `--as` takes it.
    pub const ALL: [(&'static str, Self); 7] = [
        ("transcript", Self::Transcript),
        ("webvtt", Self::WebVtt),
        ("subrip", Self::SubRip),
        ("table", Self::Table),
        ("json", Self::Json),
        ("wordpress", Self::WordPress),
        ("ris", Self::Ris),
    ];

    /// The kind that a word names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// The format of the sources that it gives.
    pub const fn format(self) -> SourceFormat {
        match self {
            Self::Transcript => SourceFormat::Text,
            Self::WebVtt => SourceFormat::WebVtt,
            Self::SubRip => SourceFormat::SubRip,
            Self::Table => SourceFormat::Table,
            Self::Json => SourceFormat::Json,
            Self::WordPress => SourceFormat::WordPress,
            Self::Ris => SourceFormat::Ris,
        }
    }
}

/// The kind of a file, or why it cannot be read (empty, binary).
pub fn detect(file_name: &str, bytes: &[u8]) -> Result<Kind, Problem> {
    let (decoded, _) = encoding::decode(file_name, bytes)?;
    Ok(detect_text(file_name, &decoded.text))
}

static SUBRIP: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*\d+\s*[\r\n]+\s*\d{1,3}:\d{2}:\d{2}[,.]\d{1,3}\s*-->").ok());
static RIS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\s*TY {1,2}- ?[A-Z]").ok());
static POST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""content"\s*:\s*\{\s*("\w+"\s*:\s*\w+\s*,\s*)*"rendered"\s*:"#).ok());

pub(super) fn detect_text(file_name: &str, text: &str) -> Kind {
    let text = text.trim_start_matches('\u{feff}');
    let start = text.trim_start();
    let matches = |pattern: &LazyLock<Option<Regex>>, text: &str| pattern.as_ref().is_some_and(|p| p.is_match(text));
    let extension = file_name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_lowercase());
    let json_name = matches!(extension.as_str(), "json" | "jsonl" | "ndjson");
    if start.starts_with("WEBVTT") {
        Kind::WebVtt
    } else if matches(&SUBRIP, text) {
        Kind::SubRip
    } else if matches(&RIS, text) {
        Kind::Ris
    } else if json_name || looks_like_json(start) {
        if matches(&POST, text) { Kind::WordPress } else { Kind::Json }
    } else {
        match extension.as_str() {
            "vtt" => Kind::WebVtt,
            "srt" => Kind::SubRip,
            "ris" => Kind::Ris,
            "csv" | "tsv" | "tab" | "psv" => Kind::Table,
            _ => Kind::Transcript,
        }
    }
}

/// A transcript may begin with `[00:00:01]` or `{Name}`: only what parses is JSON.
fn looks_like_json(start: &str) -> bool {
    let object_or_array = start.starts_with('{') || start.starts_with("[{") || start.starts_with("[\n");
    let parses = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    object_or_array && (parses(start) || start.lines().next().is_some_and(|line| line.starts_with('{') && parses(line)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn kind(name: &str, text: &str) -> Kind {
        detect(name, text.as_bytes()).unwrap()
    }

    #[test]
    fn content_comes_before_the_extension() {
        assert_eq!(kind("a.txt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHi"), Kind::WebVtt);
        assert_eq!(kind("a.txt", "\u{feff}1\r\n00:00:01,000 --> 00:00:02,000\r\nHi"), Kind::SubRip);
        assert_eq!(kind("a.txt", "TY - JOUR\nER - "), Kind::Ris);
        assert_eq!(kind("a.txt", "TY  - JOUR\nER  - "), Kind::Ris);
        assert_eq!(kind("a", "{\"id\":1,\"content\":{\"rendered\":\"<p>x</p>\"}}"), Kind::WordPress);
        assert_eq!(kind("a", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n"), Kind::Json);
        assert_eq!(kind("a.tsv", "a\tb\n1\t2\n"), Kind::Table);
        assert_eq!(kind("a.csv", "{x}\n1\n"), Kind::Table);
        assert_eq!(kind("a.json", "{broken"), Kind::Json);
    }

    #[test]
    fn transcripts_with_brackets_stay_transcripts() {
        assert_eq!(kind("a.txt", "[00:00:01] Ann: hello"), Kind::Transcript);
        assert_eq!(kind("a.txt", "{Ann} hello\n{Ben} hello"), Kind::Transcript);
        assert_eq!(kind("a.md", "# Interview\n\nI: Well?"), Kind::Transcript);
    }

    #[test]
    fn every_kind_has_a_word() {
        for (word, kind) in Kind::ALL {
            assert_eq!((Kind::named(word), kind.name()), (Some(kind), word));
        }
    }
}
