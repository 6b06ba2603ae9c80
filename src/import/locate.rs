//! From an offset of the text back to the file.

use crate::model::{Locator, MapEntry, Segmentation};

/// Where a byte of the text stood in the imported file: its offset there, and the place in words.
///
/// Exact in verbatim pieces, else the start of the piece. Lines of plain text are counted from the start of their
/// piece. Nothing where the text is not from a file, or is shorter.
pub fn locate(text: &str, segmentation: &Segmentation, offset: u32) -> Option<(u64, Locator)> {
    let after = segmentation.map.partition_point(|entry| entry.text_start <= offset);
    let entry: &MapEntry = segmentation.map.get(after.checked_sub(1)?)?;
    let piece = text.get(entry.text_start as usize..offset as usize)?;
    let moved = if entry.verbatim { u64::from(offset - entry.text_start) } else { 0 };
    let breaks = super::lines::lines(piece).count().saturating_sub(usize::from(!piece.ends_with(['\n', '\r'])));
    let locator = match &entry.locator {
        Locator::Line(line) if entry.verbatim => Locator::Line(line.saturating_add(super::draft::offset(breaks))),
        locator => locator.clone(),
    };
    Some((entry.original_start + moved, locator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_plain_text_are_counted() {
        let text = "a\r\nbc\n\nd";
        let entry = MapEntry { text_start: 0, original_start: 0, verbatim: true, locator: Locator::Line(1) };
        let cut = Segmentation { map: vec![entry], ..Segmentation::default() };
        let line = |offset| match locate(text, &cut, offset) {
            Some((at, Locator::Line(line))) => (at, line),
            other => (99, other.map_or(0, |_| 98)),
        };
        assert_eq!([line(0), line(3), line(4), line(7)], [(0, 1), (3, 2), (4, 2), (7, 4)]);
        assert_eq!(locate(text, &cut, 99), None);
        assert_eq!(locate(text, &Segmentation::default(), 0), None);
    }
}
