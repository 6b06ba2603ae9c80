//! Bytes to text, with the way back from each offset of the text to the file.
//!
//! UTF-8 stays byte for byte, byte order mark included. Everything else is decoded line by line, so that the start of
//! each line is known exactly in the file. Binary files are refused by name. Invalid UTF-8 is never an error: what
//! could be read goes in, with a warning.

use super::Problem;
use super::lines::lines;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use memchr::memchr;

/// Largest file that is read; a transcript of a hundred hours is 6 MB.
pub const MAX_BYTES: usize = 512 << 20;

/// The text of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// Start of each line in the text and in the file; nothing where both are the same bytes.
    lines: Option<Vec<(usize, u64)>>,
    /// Bytes per UTF-16 unit or, in encodings of one byte, per letter.
    unit: u64,
}

impl Decoded {
    /// Whether the text is the file byte for byte.
    pub fn is_verbatim(&self) -> bool {
        self.lines.is_none()
    }

    /// Where a byte of the text stands in the file: exact for UTF-8, UTF-16 and encodings of one byte; in East Asian
    /// encodings exact at line starts only.
    pub fn origin(&self, offset: usize) -> u64 {
        let Some(lines) = &self.lines else { return offset as u64 };
        let before = lines.partition_point(|(text, _)| *text <= offset);
        let Some((text, file)) = before.checked_sub(1).and_then(|k| lines.get(k)) else { return offset as u64 };
        file + self.text.get(*text..offset).map_or(0, |part| self.unit * part.encode_utf16().count() as u64)
    }

    /// Start of each line in the text and in the file, where they differ.
    pub fn line_starts(&self) -> &[(usize, u64)] {
        self.lines.as_deref().unwrap_or_default()
    }
}

/// Reads the bytes of a file as text.
pub fn decode(file: &str, bytes: &[u8]) -> Result<(Decoded, Vec<Problem>), Problem> {
    if bytes.iter().all(u8::is_ascii_whitespace) || bytes == b"\xef\xbb\xbf" {
        return Err(Problem::error(file, "the file is empty"));
    }
    if bytes.len() > MAX_BYTES {
        let what = format!("the file has {} MB; the largest that is read has {}", bytes.len() >> 20, MAX_BYTES >> 20);
        return Err(Problem::error(file, what).hint("split it"));
    }
    if let Some(encoding) = utf16(bytes) {
        return Ok(decode_utf16(file, bytes, encoding));
    }
    if let Some(kind) = binary_kind(bytes) {
        let what = format!("this is {kind}, not text");
        return Err(Problem::error(file, what).hint("save it as plain text, WebVTT or CSV and import that"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((Decoded { text: text.to_owned(), lines: None, unit: 1 }, Vec::new())),
        Err(error) => Ok(decode_legacy(file, bytes, error.valid_up_to())),
    }
}

fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    // Without a mark, Latin text in UTF-16 shows as a zero in nearly every second byte, always on the same side.
    let sample = bytes.get(..bytes.len().min(4096) & !1)?;
    let zeros = |side: usize| sample.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), sample.len() / 2);
    match pairs {
        0..=3 => None,
        _ if odd * 10 > pairs * 7 && even * 50 < pairs => Some(UTF_16LE),
        _ if even * 10 > pairs * 7 && odd * 50 < pairs => Some(UTF_16BE),
        _ => None,
    }
}

fn decode_utf16(file: &str, bytes: &[u8], encoding: &'static Encoding) -> (Decoded, Vec<Problem>) {
    let marked = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let body = if marked { bytes.get(2..).unwrap_or_default() } else { bytes };
    let (text, broken) = encoding.decode_without_bom_handling(body);
    let text = text.into_owned();
    let mut starts = Vec::new();
    let mut units = if marked { 2 } else { 0 };
    let mut at = 0;
    for line in lines(&text) {
        // A broken unit and its replacement both have one UTF-16 unit, so the count holds for damaged files too.
        units += text.get(at..line.start).map_or(0, |part| 2 * part.encode_utf16().count() as u64);
        at = line.start;
        starts.push((line.start, units));
    }
    let mut problems = Vec::new();
    if broken {
        problems.push(replaced(file, &text, encoding.name()));
    }
    (Decoded { text, lines: Some(starts), unit: 2 }, problems)
}

fn decode_legacy(file: &str, bytes: &[u8], valid: usize) -> (Decoded, Vec<Problem>) {
    let line = bytes.get(..valid).map_or(0, |part| part.iter().filter(|byte| **byte == b'\n').count());
    let line = u32::try_from(line + 1).unwrap_or(u32::MAX);
    let encoding = if mostly_utf8(bytes) { encoding_rs::UTF_8 } else { guess(bytes) };
    let mut text = String::with_capacity(bytes.len());
    let mut starts = Vec::new();
    let (mut at, mut broken) = (0, false);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = memchr(b'\n', rest).map_or(rest.len(), |k| k + 1);
        starts.push((text.len(), at as u64));
        let (part, errors) = encoding.decode_without_bom_handling(rest.get(..length).unwrap_or(rest));
        text.push_str(&part);
        broken |= errors;
        at += length;
    }
    let mut problems = Vec::new();
    if encoding == encoding_rs::UTF_8 {
        problems.push(replaced(file, &text, "UTF-8"));
    } else {
        let what = format!("not valid UTF-8 from here on: read as {}", encoding.name());
        let hint = "look at the accented or Hebrew letters; if they are wrong, save the file as UTF-8";
        problems.push(Problem::warning(file, what).at(line).hint(hint));
        if broken {
            problems.push(replaced(file, &text, encoding.name()));
        }
    }
    (Decoded { text, lines: Some(starts), unit: 1 }, problems)
}

/// One damaged letter must not turn a whole file of good UTF-8 into the wrong letters.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad * 5
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

fn replaced(file: &str, text: &str, encoding: &str) -> Problem {
    let found: Vec<u32> = lines(text).filter(|line| line.text.contains('\u{fffd}')).map(|line| line.number).collect();
    let count = text.chars().filter(|c| *c == '\u{fffd}').count();
    let what = format!(
        "{count} {} could not be read as {encoding} and {} shown as \u{fffd}, on {}",
        if count == 1 { "letter" } else { "letters" },
        if count == 1 { "is" } else { "are" },
        match found.as_slice() {
            [one] => format!("line {one}"),
            many => format!("lines {}", super::problem::first_few(many)),
        }
    );
    let problem = Problem::warning(file, what).hint("compare with the file it was made from");
    found.first().map_or(problem.clone(), |line| problem.at(*line))
}

fn binary_kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 14] = [
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a zipped document (Word, LibreOffice, Excel or a project of another tool)"),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"{\\rtf", "an RTF document"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\xd0\xcf\x11\xe0", "an old Office document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"$FL2", "an SPSS data file"),
        (b"PAR1", "a Parquet file"),
        (b"OggS", "a recording"),
        (b"ID3", "a recording"),
    ];
    let known = KINDS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind);
    known.or_else(|| memchr(0, bytes).map(|_| "a binary file"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Decoded, Vec<Problem>) {
        decode("a.txt", bytes).unwrap()
    }

    #[test]
    fn utf8_is_kept_byte_for_byte() {
        let text = "\u{feff}I: yes\u{a0}\r\nP: \u{200f}כן\u{200e}\r\n";
        let (decoded, problems) = read(text.as_bytes());
        assert_eq!(decoded.text, text);
        assert!(decoded.is_verbatim() && problems.is_empty());
    }

    #[test]
    fn utf16_is_read_with_and_without_a_mark() {
        let text = "I: One.\nP: Two, שתיים.\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [&[0xff, 0xfe][..], &little].concat();
        for (bytes, shift) in [(&little, 0), (&big, 0), (&marked, 2)] {
            let (decoded, problems) = read(bytes);
            assert_eq!(decoded.text, text);
            assert_eq!(problems, []);
            assert_eq!(decoded.origin(8), 16 + shift);
        }
    }

    #[test]
    fn western_and_hebrew_code_pages_are_told_apart() {
        let (western, problems) = read(b"P: I went to the caf\xe9 and it was na\xefve of me.\nI: D\xe9j\xe0 vu?\n");
        assert!(western.text.contains("café and it was naïve"));
        assert_eq!(problems[0].line, Some(1));
        assert!(problems[0].what.contains("windows-1252"), "{problems:?}");
        assert_eq!(western.origin(western.text.find("I: D").unwrap()), 46);
        let hebrew = "מראיין: מה שלומך היום?\nמרואיין: בסדר גמור, תודה ששאלת אותי.\n";
        let (bytes, _, _) = encoding_rs::WINDOWS_1255.encode(hebrew);
        let (decoded, problems) = read(&bytes);
        assert_eq!(decoded.text, hebrew);
        assert!(problems[0].what.contains("windows-1255"));
    }

    #[test]
    fn one_damaged_letter_does_not_change_the_encoding() {
        let mut bytes = "שורה ראשונה\nשורה שנייה עם הרבה אותיות\n".as_bytes().to_vec();
        bytes.remove(31);
        let (decoded, problems) = read(&bytes);
        assert!(decoded.text.starts_with("שורה ראשונה"));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, Some(2));
        assert!(problems[0].what.contains("could not be read as UTF-8"));
    }

    #[test]
    fn what_is_not_text_is_refused_by_name() {
        for (bytes, word) in [(&b"%PDF-1.7 ..."[..], "PDF"), (b"PK\x03\x04..", "Word"), (b"abc\0\x01\x02def", "binary")]
        {
            let problem = decode("a.bin", bytes).unwrap_err();
            assert!(problem.what.contains(word), "{problem}");
            assert!(!problem.hint.is_empty());
        }
        assert_eq!(decode("a.txt", b" \n").unwrap_err().what, "the file is empty");
        assert_eq!(decode("a.txt", b"\xef\xbb\xbf").unwrap_err().what, "the file is empty");
    }
}
