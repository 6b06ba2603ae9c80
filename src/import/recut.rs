//! A source edited in place: words replaced in one turn, a turn given to another speaker, cut in two, or joined with the
//! one before.
//!
//! Owns the arithmetic of spans only. The same text with another cut is another segmentation of the same revision.

use crate::model::{MapEntry, Segmentation, Span, Turn};

/// Why an edit is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecutError {
    /// The words do not lie in one turn.
    #[error("the words to replace do not lie within one turn: edit a copy of the file instead, and give the file")]
    NotInOneTurn,
    /// There is no such turn.
    #[error("there is no turn {turn}: the source has {turns}")]
    NoTurn {
        /// As typed, from 1.
        turn: usize,
        /// How many there are.
        turns: usize,
    },
    /// The first turn has none before it.
    #[error("turn 1 has no turn before it to be joined with")]
    NothingBefore,
    /// The second half would begin where the turn does, or outside.
    #[error("these words do not stand inside turn {turn}, after its first word")]
    NotInside {
        /// As typed, from 1.
        turn: usize,
    },
    /// Nothing would be left of the turn.
    #[error("nothing would be left of the turn")]
    NothingLeft,
}

/// Replaces a range of a turn's words; everything behind it moves.
pub fn replace_words(
    text: &str,
    segmentation: &Segmentation,
    at: Span,
    words: &str,
) -> Result<(String, Segmentation), RecutError> {
    let mut cut = segmentation.clone();
    let own = cut.turns.iter().position(|turn| turn.span.contains(at)).ok_or(RecutError::NotInOneTurn)?;
    let (Some(before), Some(after)) = (text.get(..at.start as usize), text.get(at.end as usize..)) else {
        return Err(RecutError::NotInOneTurn);
    };
    let new = format!("{before}{words}{after}");
    let moved = |offset: u32| offset - at.len() + words.len() as u32;
    for (k, turn) in cut.turns.iter_mut().enumerate() {
        if k == own {
            turn.span.end = moved(turn.span.end);
        } else if turn.span.start >= at.end {
            turn.span = Span::new(moved(turn.span.start), moved(turn.span.end));
        }
    }
    for span in cut.unassigned.iter_mut().filter(|span| span.start >= at.end) {
        *span = Span::new(moved(span.start), moved(span.end));
    }
    // From the edit to the next piece of the map, only the beginning of the piece is exact.
    let mut map: Vec<MapEntry> = Vec::new();
    for mut entry in std::mem::take(&mut cut.map) {
        if entry.text_start >= at.end && entry.text_start > at.start {
            entry.text_start = moved(entry.text_start);
        } else if entry.text_start > at.start {
            continue;
        }
        map.push(entry);
    }
    if let Some(entry) = map.iter_mut().rev().find(|entry| entry.text_start <= at.start) {
        entry.verbatim = false;
    }
    cut.map = map;
    trim(&new, cut.turns.get_mut(own)).ok_or(RecutError::NothingLeft)?;
    Ok((new, cut))
}

/// Gives a turn (counted from 1) to a speaker, known or new.
pub fn give_turn(segmentation: &Segmentation, turn: usize, speaker: &str) -> Result<Segmentation, RecutError> {
    let mut cut = segmentation.clone();
    let index = cut.speakers.iter().position(|label| label == speaker).unwrap_or_else(|| {
        cut.speakers.push(speaker.to_owned());
        cut.speakers.len() - 1
    });
    turn_mut(&mut cut, turn)?.speaker = index as u32;
    Ok(cut)
}

/// Cuts a turn in two where the second half begins.
pub fn split_turn(text: &str, segmentation: &Segmentation, turn: usize, at: u32) -> Result<Segmentation, RecutError> {
    let mut cut = segmentation.clone();
    let first = turn_mut(&mut cut, turn)?;
    let mut second = Turn { time_ms: None, ..first.clone() };
    (first.span.end, second.span.start) = (at, at);
    let not_inside = RecutError::NotInside { turn };
    let whole = first.span.start < at && at < second.span.end;
    if !whole || trim(text, Some(first)).is_none() || trim(text, Some(&mut second)).is_none() {
        return Err(not_inside);
    }
    cut.turns.insert(turn, second);
    Ok(cut)
}

/// Joins a turn with the one before it, whose speaker it gets.
pub fn join_turn(segmentation: &Segmentation, turn: usize) -> Result<Segmentation, RecutError> {
    let mut cut = segmentation.clone();
    let end = turn_mut(&mut cut, turn)?.span.end;
    let before = turn.checked_sub(2).and_then(|k| cut.turns.get_mut(k)).ok_or(RecutError::NothingBefore)?;
    before.span.end = end;
    cut.turns.remove(turn - 1);
    Ok(cut)
}

fn turn_mut(cut: &mut Segmentation, turn: usize) -> Result<&mut Turn, RecutError> {
    let turns = cut.turns.len();
    turn.checked_sub(1).and_then(|k| cut.turns.get_mut(k)).ok_or(RecutError::NoTurn { turn, turns })
}

/// Leaves out blanks at the borders; none where nothing is left.
fn trim(text: &str, turn: Option<&mut Turn>) -> Option<()> {
    let turn = turn?;
    let words = turn.span.of(text)?;
    let start = turn.span.start + (words.len() - words.trim_start().len()) as u32;
    turn.span = Span::new(start, start + words.trim().len() as u32);
    (!turn.span.is_empty()).then_some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TEXT: &str = "I: How?\nP: I trst her. Well.\nI: Yes.\n";

    fn cut() -> Segmentation {
        let turn = |start, end, speaker| Turn {
            span: Span::new(start, end),
            speaker,
            time_ms: None,
            question: None,
            language: None,
        };
        let turns = vec![turn(3, 7, 0), turn(11, 28, 1), turn(32, 36, 0)];
        Segmentation { speakers: vec!["I".into(), "P".into()], turns, ..Segmentation::default() }
    }

    fn words<'a>(text: &'a str, cut: &Segmentation) -> Vec<&'a str> {
        cut.turns.iter().map(|turn| turn.span.of(text).unwrap()).collect()
    }

    #[test]
    fn what_stands_behind_an_edit_moves() {
        let at = TEXT.find("trst").unwrap() as u32;
        let (text, new) = replace_words(TEXT, &cut(), Span::new(at, at + 4), "trust").unwrap();
        assert_eq!(words(&text, &new), ["How?", "I trust her. Well.", "Yes."]);
        assert_eq!(replace_words(TEXT, &cut(), Span::new(3, 14), "x"), Err(RecutError::NotInOneTurn));
        assert_eq!(replace_words(TEXT, &cut(), Span::new(3, 7), " "), Err(RecutError::NothingLeft));
    }

    #[test]
    fn borders_and_speakers_are_corrected() {
        let at = TEXT.find("Well").unwrap() as u32;
        let two = split_turn(TEXT, &cut(), 2, at).unwrap();
        assert_eq!(words(TEXT, &two), ["How?", "I trst her.", "Well.", "Yes."]);
        let given = give_turn(&two, 3, "Mother").unwrap();
        assert_eq!(given.speakers[given.turns[2].speaker as usize], "Mother");
        assert_eq!(words(TEXT, &join_turn(&two, 3).unwrap()), ["How?", "I trst her. Well.", "Yes."]);
        assert_eq!(split_turn(TEXT, &cut(), 2, 11), Err(RecutError::NotInside { turn: 2 }));
        assert_eq!(join_turn(&cut(), 1), Err(RecutError::NothingBefore));
        assert_eq!(give_turn(&cut(), 4, "P"), Err(RecutError::NoTurn { turn: 4, turns: 3 }));
    }
}
