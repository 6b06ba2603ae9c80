//! Words in context, line under line: the words found stand in one column, whatever the direction of writing.

use super::Table;
use super::table::{cut, cut_start, one_line};
use unicode_width::UnicodeWidthStr;

/// A line: where it is from, what stands before, the words found, what stands after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Name of the source.
    pub source: String,
    /// Ordinal of the turn.
    pub turn: u32,
    /// Who speaks: the participant, else the label of the speaker.
    pub speaker: String,
    /// What stands before, in the order of the text.
    pub before: String,
    /// The words found.
    pub found: String,
    /// What stands after.
    pub after: String,
}

/// Columns that the words found, and where a line is from, take at most.
const FOUND: usize = 30;
const PLACE: usize = 20;

/// Lines as a table. With a width it is set for a terminal: cut to one row a line, and what is written from right to left
/// runs through the line from right to left. Without one, nothing is cut.
pub fn concordance(lines: &[Line], width: Option<usize>) -> Table {
    let mut table = Table::new("", &["source", "turn", "speaker", "before", "found", "after"]);
    let Some(width) = width else {
        for line in lines {
            let turn = (line.turn as usize).into();
            let texts = [&line.before, &line.found, &line.after].map(|text| one_line(text).into());
            table.row([line.source.as_str().into(), turn, line.speaker.as_str().into()].into_iter().chain(texts));
        }
        return table;
    };
    let widest =
        |texts: &mut dyn Iterator<Item = usize>, least: usize, most: usize| texts.max().unwrap_or(0).clamp(least, most);
    let source = widest(&mut lines.iter().map(|line| line.source.width()), 6, PLACE);
    let speaker = widest(&mut lines.iter().map(|line| line.speaker.width()), 7, PLACE);
    let turn = widest(&mut lines.iter().map(|line| line.turn.to_string().len()), 4, 10);
    let found = widest(&mut lines.iter().map(|line| one_line(&line.found).width()), 5, FOUND);
    let gaps = 5 * 2;
    let side = (width.saturating_sub(source + speaker + turn + found + gaps) / 2).max(12);
    table.flush_right = vec![3];
    for line in lines {
        let (before, after) = (cut_start(&one_line(&line.before), side), cut(&one_line(&line.after), side));
        let words = cut(&one_line(&line.found), found);
        let cells = if is_right_to_left(&words) {
            [after, words, before].map(|cell| isolated(&cell))
        } else {
            [before, words, after]
        };
        let place = [cut(&line.source, source).into(), (line.turn as usize).into(), cut(&line.speaker, speaker).into()];
        table.row(place.into_iter().chain(cells.map(Into::into)));
    }
    table
}

/// Whether the first letter that has a direction is written from right to left.
fn is_right_to_left(text: &str) -> bool {
    let right = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}');
    text.chars().find(|c| c.is_alphabetic()).is_some_and(right)
}

/// Kept together and apart from its neighbours by a terminal that knows directions; the marks take no column.
fn isolated(cell: &str) -> String {
    if cell.is_empty() { String::new() } else { format!("\u{2067}{cell}\u{2069}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;

    fn line(before: &str, found: &str, after: &str) -> Line {
        let text = |text: &str| text.to_owned();
        Line {
            source: text("a"),
            turn: 7,
            speaker: text("P1"),
            before: text(before),
            found: text(found),
            after: text(after),
        }
    }

    #[test]
    fn words_found_stand_in_one_column() {
        let lines = [
            line("I do not really know whether I could", "trust", "her."),
            line("", "Trust", "\nis a long word, I think"),
        ];
        let shown = concordance(&lines, Some(60)).print(Format::Table, 60);
        assert_eq!(
            shown,
            "\
source  turn  speaker          before  found  after
──────  ────  ───────  ──────────────  ─────  ──────────────
a          7  P1       …ether I could  trust  her.
a          7  P1                       Trust  is a long wor…
"
        );
        let whole = concordance(&lines, None).print(Format::Csv, 60);
        assert!(whole.contains("a,7,P1,I do not really know whether I could,trust,her.\n"), "{whole}");
    }

    #[test]
    fn lines_from_right_to_left_run_through_from_right_to_left() {
        let shown = concordance(&[line("אני לא", "סומך", "עליה היום")], Some(60)).print(Format::Table, 60);
        let row = shown.lines().last().unwrap_or_default();
        // What comes after stands to the left, what comes before to the right.
        assert!(row.ends_with("\u{2067}עליה היום\u{2069}  \u{2067}סומך\u{2069}   \u{2067}אני לא\u{2069}"), "{row}");
    }
}
