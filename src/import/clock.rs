//! Times in transcripts.
//!
//! Reads `1:02`, `00:01:02`, `00:01:02.500`, `00:01:02,5` and f4's `00:01:02-5`. A field with too many digits or above
//! 59 is read as it stands and marked irregular, so that the reader can warn.

use super::Problem;
use super::problem::first_few;

/// A time, and how far it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Milliseconds from the start of the recording.
    pub ms: u64,
    /// Bytes read.
    pub length: usize,
    /// Written in a way that no clock writes (`00:09:025`, `00:75:00`).
    pub irregular: bool,
}

/// The times of a source as they come: how long it lasts, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Clocks {
    /// Latest time seen, in milliseconds.
    pub last: Option<u64>,
    previous: Option<u64>,
    backwards: Vec<u32>,
    irregular: Vec<u32>,
}

impl Clocks {
    /// A time on a line (or row) of the file.
    pub fn see(&mut self, time: Option<Clock>, line: u32) {
        let Some(time) = time else { return };
        if time.irregular {
            self.irregular.push(line);
        }
        if self.previous.is_some_and(|previous| time.ms < previous) {
            self.backwards.push(line);
        }
        self.previous = Some(time.ms);
        self.last = self.last.max(Some(time.ms));
    }

    /// What to say about them: one warning for each kind of slip.
    pub fn problems(&self, file: &str) -> Vec<Problem> {
        let kinds = [(&self.backwards, "times run backwards"), (&self.irregular, "times that no clock shows")];
        let said = kinds.into_iter().filter_map(|(lines, what)| {
            let first = *lines.first()?;
            Some(Problem::warning(file, format!("{what}, on lines {}", first_few(lines))).at(first))
        });
        said.collect()
    }
}

/// The time at the start of `text`: two or three fields with colons.
pub fn clock(text: &str) -> Option<Clock> {
    let bytes = text.as_bytes();
    let mut fields = [0u64; 3];
    let (mut count, mut at, mut irregular) = (0, 0, false);
    loop {
        let (value, digits) = digits(bytes.get(at..)?)?;
        if digits > 3 || count > 0 && digits < 2 {
            return None;
        }
        irregular |= count > 0 && (digits != 2 || value > 59);
        *fields.get_mut(count)? = value;
        (at, count) = (at + digits, count + 1);
        let more = bytes.get(at) == Some(&b':') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !more || count == 3 {
            break;
        }
        at += 1;
    }
    if count < 2 || bytes.get(at) == Some(&b':') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let [a, b, c] = fields;
    let seconds = if count == 3 { a * 3600 + b * 60 + c } else { a * 60 + b };
    let (fraction, length) = fraction(bytes.get(at..).unwrap_or_default());
    Some(Clock { ms: seconds * 1000 + fraction, length: at + length, irregular })
}

/// The time that a whole cell holds, `[`, `(`, `#` around it allowed; a bare number counts as seconds.
pub fn cell_clock(cell: &str) -> Option<Clock> {
    let inner = cell.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '[' | '(' | '#' | '<' | '{'));
    let skipped = cell.len() - inner.len();
    if let Some(found) = clock(inner) {
        let closed = inner.get(found.length..).and_then(|rest| rest.strip_prefix([']', ')', '#', '>', '}']));
        return Some(Clock { length: skipped + found.length + usize::from(closed.is_some()), ..found });
    }
    let seconds: f64 = inner.trim_end().parse().ok()?;
    if !(0.0..=1e9).contains(&seconds) {
        return None;
    }
    Some(Clock { ms: (seconds * 1000.0).round() as u64, length: cell.len(), irregular: false })
}

fn digits(bytes: &[u8]) -> Option<(u64, usize)> {
    let count = bytes.iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
    let value = bytes.iter().take(count).fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'));
    (count > 0).then_some((value, count))
}

/// `.5`, `,500`, `-5` after the seconds, in milliseconds.
fn fraction(bytes: &[u8]) -> (u64, usize) {
    if !matches!(bytes.first(), Some(b'.' | b',' | b'-')) {
        return (0, 0);
    }
    match bytes.get(1..).and_then(digits) {
        Some((value, 1)) => (value * 100, 2),
        Some((value, 2)) => (value * 10, 3),
        Some((value, 3)) => (value, 4),
        _ => (0, 0),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ways_to_write_a_time_are_read() {
        for (text, ms, length) in [
            ("0:07", 7_000, 4),
            ("01:02:03", 3_723_000, 8),
            ("00:03:40.5Name", 220_500, 10),
            ("00:01:23-4#", 83_400, 10),
            ("00:00:01,250 -->", 1_250, 12),
            ("100:00:00", 360_000_000, 9),
        ] {
            let found = clock(text).unwrap();
            assert_eq!((found.ms, found.length, found.irregular), (ms, length, false), "{text}");
        }
    }

    #[test]
    fn slips_are_read_and_marked() {
        assert_eq!(clock("00:09:025").unwrap(), Clock { ms: 565_000, length: 9, irregular: true });
        assert!(clock("00:75:10").unwrap().irregular);
    }

    #[test]
    fn other_things_with_colons_are_no_times() {
        for text in ["", "12", "12:", "a:10", "1:2:3:4", "12345:10", "P1:00", "5:3", "00:0"] {
            assert_eq!(clock(text), None, "{text}");
        }
    }

    #[test]
    fn cells_may_hold_brackets_or_seconds() {
        assert_eq!(cell_clock("[00:03:43] start").unwrap().ms, 223_000);
        assert_eq!(cell_clock("[00:03:43] start").unwrap().length, 10);
        assert_eq!(cell_clock("12.5").unwrap().ms, 12_500);
        assert_eq!(cell_clock("-3"), None);
        assert_eq!(cell_clock("soon"), None);
    }
}
