//! Finding a passage again in an edited text.
//!
//! Owns a diff over words: common beginnings and ends, then words that occur once on both sides, then the longest
//! common sequence of what lies between. A passage whose words the diff leads on is exact; one that was cut and pasted
//! is moved; one of which at least half of the words stand in their surroundings is changed; everything else is lost.
//! It never guesses: a place that two readers could dispute is lost, and a person decides.

use crate::model::{AnchorState, Span};
use std::collections::{BTreeMap, HashMap};

/// Cells of the table for the longest common sequence; longer stretches without a common rare word stay unmatched.
const LARGEST_TABLE: usize = 4_000_000;

/// Two texts and which word of the old one is which word of the new one.
pub struct Alignment<'a> {
    old: &'a str,
    new: &'a str,
    old_words: Vec<Span>,
    new_words: Vec<Span>,
    old_ids: Vec<u32>,
    new_ids: Vec<u32>,
    /// Index of the new word by index of the old one.
    led: Vec<Option<usize>>,
    /// Whether a new word is one of the old ones.
    known: Vec<bool>,
}

impl<'a> Alignment<'a> {
    /// Compares the texts.
    pub fn new(old: &'a str, new: &'a str) -> Self {
        let (old_words, new_words) = (words(old), words(new));
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let (mut old_ids, mut new_ids) = (Vec::new(), Vec::new());
        for (text, spans, ids) in [(old, &old_words, &mut old_ids), (new, &new_words, &mut new_ids)] {
            for span in spans {
                let next = numbers.len() as u32;
                ids.push(*numbers.entry(span.of(text).unwrap_or("")).or_insert(next));
            }
        }
        let mut led = vec![None; old_words.len()];
        let mut known = vec![false; new_words.len()];
        for (a, b) in pairs(&old_ids, &new_ids) {
            if let (Some(to), Some(is)) = (led.get_mut(a), known.get_mut(b)) {
                (*to, *is) = (Some(b), true);
            }
        }
        Self { old, new, old_words, new_words, old_ids, new_ids, led, known }
    }

    /// Where a passage of the old text is in the new one; a lost one keeps its old place.
    pub fn place(&self, span: Span) -> (Span, AnchorState) {
        let first = self.old_words.partition_point(|word| word.end <= span.start);
        let last = self.old_words.partition_point(|word| word.start < span.end);
        let lost = (span, AnchorState::Lost);
        let Some(led) = self.led.get(first..last).filter(|led| !led.is_empty()) else { return lost };
        let found: Vec<usize> = led.iter().flatten().copied().collect();
        if let Some(start) = self.whole(first, last) {
            return (self.borders(span, first, last, start), AnchorState::Exact);
        }
        if let Some(start) = self.pasted(first, last) {
            return (self.borders(span, first, last, start), AnchorState::Moved);
        }
        self.changed(first, last, &found).map_or(lost, |span| (span, AnchorState::Changed))
    }

    /// Where all words of a passage stand in a row, if the diff leads at least half of them there: a full stop may have
    /// gone astray.
    fn whole(&self, first: usize, last: usize) -> Option<usize> {
        let passage = self.old_ids.get(first..last)?;
        let led = self.led.get(first..last)?;
        let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
        for start in led.iter().enumerate().filter_map(|(k, to)| (*to)?.checked_sub(k)) {
            *votes.entry(start).or_default() += 1;
        }
        let (start, count) = votes.into_iter().max_by_key(|(_, count)| *count)?;
        (2 * count >= passage.len() && self.new_ids.get(start..start + passage.len()) == Some(passage)).then_some(start)
    }

    /// The same passage from new word `start` on: with its borders inside words and the blanks around it, where those
    /// are still there.
    fn borders(&self, span: Span, first: usize, last: usize, start: usize) -> Span {
        let word = |words: &[Span], k: usize| words.get(k).copied().unwrap_or(span);
        let (old_first, old_last) = (word(&self.old_words, first), word(&self.old_words, last.saturating_sub(1)));
        let new_first = word(&self.new_words, start);
        let new_last = word(&self.new_words, start + (last - first).saturating_sub(1));
        let inside = span.start.saturating_sub(old_first.start);
        let cut = old_last.end.saturating_sub(span.end);
        let core = Span::new(new_first.start + inside, new_last.end.saturating_sub(cut));
        let before = old_first.start.saturating_sub(span.start);
        let after = span.end.saturating_sub(old_last.end);
        let whole = Span::new(core.start.saturating_sub(before), core.end + after);
        if whole.of(self.new) == span.of(self.old) { whole } else { core }
    }

    /// Where the words stand that were taken away here and put in elsewhere: the only such place, made of new words.
    fn pasted(&self, first: usize, last: usize) -> Option<usize> {
        let passage = self.old_ids.get(first..last).filter(|passage| passage.len() > 2)?;
        let new_there = |start: &usize| {
            let known = self.known.get(*start..start + passage.len()).unwrap_or_default();
            2 * known.iter().filter(|known| **known).count() < known.len()
        };
        let same = self.new_ids.windows(passage.len()).enumerate().filter(|(_, window)| *window == passage);
        let mut places = same.map(|(start, _)| start).filter(new_there);
        let only = places.next()?;
        places.next().is_none().then_some(only)
    }

    /// An edited passage: from its first to its last known word, and at a border that was edited up to the known word
    /// outside.
    fn changed(&self, first: usize, last: usize, found: &[usize]) -> Option<Span> {
        let count = last - first;
        let (mut start, mut end) = (*found.first()?, *found.last()? + 1);
        if 2 * found.len() < count || end - start > 2 * count + 8 {
            return None;
        }
        let led = self.led.get(first..last)?;
        let missing_before = led.iter().take_while(|led| led.is_none()).count();
        let missing_after = led.iter().rev().take_while(|led| led.is_none()).count();
        // Edited words at the border are those between it and the known word outside, if these are about as many.
        if missing_before > 0 {
            let outside = first.checked_sub(1).and_then(|k| self.led.get(k).copied().flatten()).map_or(0, |k| k + 1);
            if start - outside.min(start) <= 2 * missing_before + 1 {
                start = outside.min(start);
            }
        }
        if missing_after > 0 {
            let outside = self.led.get(last).copied().flatten().unwrap_or(self.new_words.len());
            if outside.max(end) - end <= 2 * missing_after + 1 {
                end = outside.max(end);
            }
        }
        let (start, end) = (self.new_words.get(start)?.start, self.new_words.get(end.checked_sub(1)?)?.end);
        Some(Span::new(start, end))
    }
}

/// Runs of letters and digits, and every other mark by itself; blanks are nothing.
/// Of a text's sentences, and of two or three in a row, what is most like a passage: at least half of the words of both
/// are the same (Dice), in any order. To be shown to a person who decides.
pub fn most_alike(passage: &str, text: &str, sentences: &[Span]) -> Option<Span> {
    let counted = |text: &str| -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        let own = words(text)
            .into_iter()
            .filter_map(|span| span.of(text))
            .filter(|word| word.contains(char::is_alphanumeric));
        own.for_each(|word| *counts.entry(word.to_lowercase()).or_default() += 1);
        counts
    };
    let all = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>();
    let wanted = counted(passage);
    let mut best: Option<(f64, Span)> = None;
    for row in (1..=3).flat_map(|k| sentences.windows(k)) {
        let Some(span) = row.first().zip(row.last()).map(|(first, last)| first.cover(*last)) else { continue };
        let found = counted(span.of(text).unwrap_or_default());
        let shared: usize = wanted.iter().map(|(word, n)| found.get(word).map_or(0, |m| *n.min(m))).sum();
        let alike = 2.0 * shared as f64 / (all(&wanted) + all(&found)).max(1) as f64;
        if alike >= 0.5 && best.is_none_or(|(most, _)| alike > most) {
            best = Some((alike, span));
        }
    }
    best.map(|(_, span)| span)
}

fn words(text: &str) -> Vec<Span> {
    let mut words: Vec<Span> = Vec::new();
    let mut open = false;
    for (at, c) in text.char_indices() {
        let (start, end) = (at as u32, (at + c.len_utf8()) as u32);
        let letter = c.is_alphanumeric();
        match words.last_mut() {
            Some(word) if letter && open => word.end = end,
            _ if c.is_whitespace() => {}
            _ => words.push(Span::new(start, end)),
        }
        open = letter;
    }
    words
}

/// Stretches of the two lists that still have to be compared.
type Stretch = ((usize, usize), (usize, usize));

/// Pairs of equal items, increasing on both sides.
fn pairs(a: &[u32], b: &[u32]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut waiting: Vec<Stretch> = vec![((0, a.len()), (0, b.len()))];
    while let Some(((mut a0, mut a1), (mut b0, mut b1))) = waiting.pop() {
        while a0 < a1 && b0 < b1 && a.get(a0) == b.get(b0) {
            found.push((a0, b0));
            (a0, b0) = (a0 + 1, b0 + 1);
        }
        while a0 < a1 && b0 < b1 && a.get(a1 - 1) == b.get(b1 - 1) {
            (a1, b1) = (a1 - 1, b1 - 1);
            found.push((a1, b1));
        }
        let (Some(left), Some(right)) = (a.get(a0..a1), b.get(b0..b1)) else { continue };
        if left.is_empty() || right.is_empty() {
            continue;
        }
        let landmarks = landmarks(left, right);
        if landmarks.is_empty() {
            found.extend(common(left, right).into_iter().map(|(i, j)| (a0 + i, b0 + j)));
            continue;
        }
        let (mut from_a, mut from_b) = (a0, b0);
        for (i, j) in landmarks {
            let (i, j) = (a0 + i, b0 + j);
            found.push((i, j));
            waiting.push(((from_a, i), (from_b, j)));
            (from_a, from_b) = (i + 1, j + 1);
        }
        waiting.push(((from_a, a1), (from_b, b1)));
    }
    found.sort_unstable();
    found
}

/// Items that occur once on both sides, the longest increasing run of them.
fn landmarks(a: &[u32], b: &[u32]) -> Vec<(usize, usize)> {
    let once = |list: &[u32]| {
        let mut places: HashMap<u32, Option<usize>> = HashMap::new();
        for (k, item) in list.iter().enumerate() {
            places.entry(*item).and_modify(|place| *place = None).or_insert(Some(k));
        }
        places
    };
    let (in_a, in_b) = (once(a), once(b));
    let mut both: Vec<(usize, usize)> =
        in_a.iter().filter_map(|(item, place)| Some(((*place)?, (*in_b.get(item)?)?))).collect();
    both.sort_unstable();
    // Patience: the top card of pile k ends the best run of length k + 1.
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(both.len());
    let second = |k: usize| both.get(k).map_or(0, |pair| pair.1);
    for (k, (_, j)) in both.iter().enumerate() {
        let pile = piles.partition_point(|&top| second(top) < *j);
        before.push(pile.checked_sub(1).and_then(|pile| piles.get(pile).copied()));
        match piles.get_mut(pile) {
            Some(top) => *top = k,
            None => piles.push(k),
        }
    }
    let mut run = Vec::new();
    let mut at = piles.last().copied();
    while let Some(k) = at {
        run.extend(both.get(k));
        at = before.get(k).copied().flatten();
    }
    run.reverse();
    run
}

/// A longest common sequence, by the textbook's table; nothing where that would be too large.
fn common(a: &[u32], b: &[u32]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    if (a.len() + 1).saturating_mul(width) > LARGEST_TABLE {
        return Vec::new();
    }
    // The length of the best sequence from here on.
    let mut table = vec![0_u32; (a.len() + 1) * width];
    let get = |table: &[u32], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
    for (i, x) in a.iter().enumerate().rev() {
        for (j, y) in b.iter().enumerate().rev() {
            let best =
                if x == y { get(&table, i + 1, j + 1) + 1 } else { get(&table, i + 1, j).max(get(&table, i, j + 1)) };
            if let Some(cell) = table.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x == y {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if get(&table, i + 1, j) >= get(&table, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_most_alike_sentences_share_half_of_the_words() {
        let text = "Now it is loud. All that time, as a boy, I was lonely. I was fine.";
        let sentences = [Span::new(0, 15), Span::new(16, 54), Span::new(55, 66)];
        let found = |passage: &str| most_alike(passage, text, &sentences).and_then(|span| span.of(text));
        assert_eq!(found("As a boy I was lonely all the time."), Some("All that time, as a boy, I was lonely."));
        assert_eq!(found("Now it is loud, I was fine"), Some("Now it is loud."));
        assert_eq!(found("Nobody came."), None);
        assert_eq!(found(""), None);
    }

    fn placed<'a>(old: &str, new: &'a str, quote: &str) -> (AnchorState, &'a str) {
        let start = old.find(quote).unwrap() as u32;
        let (span, state) = Alignment::new(old, new).place(Span::new(start, start + quote.len() as u32));
        (state, if state == AnchorState::Lost { "" } else { span.of(new).unwrap() })
    }

    const OLD: &str = "I: How was it?\nP: I trust the cook. She hums.\nI: And then?\nP: Then the ice broke up.\n";

    #[test]
    fn a_passage_is_exact_moved_changed_or_lost() {
        let new =
            "Interview 4\nI: How was it?\nP: I trust the cook. She hums a tune.\nI: And then?\nP: The ice broke.\n";
        assert_eq!(placed(OLD, new, "I trust the cook."), (AnchorState::Exact, "I trust the cook."));
        assert_eq!(placed(OLD, new, "She hums."), (AnchorState::Changed, "She hums a tune."));
        assert_eq!(placed(OLD, new, "Then the ice broke up."), (AnchorState::Changed, "The ice broke."));
        let pasted = "I: How was it?\nP: Then the ice broke up.\nI: And then?\nP: I trust the cook. She hums.\n";
        // Two turns that changed places: one of them stayed, the other was moved, and which is which is nobody's business.
        for words in ["Then the ice broke up.", "I trust the cook. She hums."] {
            let (state, found) = placed(OLD, pasted, words);
            assert_eq!(found, words);
            assert!(matches!(state, AnchorState::Exact | AnchorState::Moved));
        }
        assert_eq!(placed(OLD, "I: How was it?\nI: And then?\n", "I trust the cook."), (AnchorState::Lost, ""));
    }

    #[test]
    fn a_border_word_that_was_mended_is_in_and_its_neighbours_are_out() {
        let new = OLD.replace("cook", "chef").replace("She hums", "He hums");
        assert_eq!(placed(OLD, &new, "I trust the cook"), (AnchorState::Changed, "I trust the chef"));
        assert_eq!(placed(OLD, &new, "trust the"), (AnchorState::Exact, "trust the"));
    }

    #[test]
    fn of_two_equal_passages_the_other_one_is_no_way_out() {
        let old = "P: I was alone.\nI: Yes?\nP: The sea was grey.\nI: Go on.\nP: I was alone.\n";
        let new = "I: Yes?\nP: The sea was grey.\nI: Go on.\nP: I was alone.\n";
        assert_eq!(placed(old, new, "I was alone."), (AnchorState::Lost, ""));
    }

    proptest! {
        /// The words at an exact or moved place are the words that were coded, whatever was edited.
        #[test]
        fn a_quotation_is_never_shifted(
            old in "([a-e]{1,2}[ .\n]){0,40}", new in "([a-e]{1,2}[ .\n]){0,40}", from in 0_usize..40, length in 1_usize..12,
        ) {
            let spans = words(&old);
            prop_assume!(!spans.is_empty());
            let (first, last) = (from % spans.len(), (from % spans.len() + length).min(spans.len()) - 1);
            let span = Span::new(spans[first].start, spans[last].end);
            let (place, state) = Alignment::new(&old, &new).place(span);
            let only_words = |text: &str| words(text).iter().map(|word| word.of(text).unwrap().to_owned()).collect::<Vec<_>>();
            match state {
                AnchorState::Exact | AnchorState::Moved => prop_assert_eq!(only_words(span.of(&old).unwrap()), only_words(place.of(&new).unwrap())),
                AnchorState::Changed => prop_assert!(place.of(&new).is_some()),
                AnchorState::Lost => prop_assert_eq!(place, span),
            }
        }

        #[test]
        fn in_an_unchanged_text_everything_is_exact(text in "([a-e]{1,2}[ .\n]){1,40}", from in 0_usize..40) {
            let spans = words(&text);
            let span = spans[from % spans.len()];
            prop_assert_eq!(Alignment::new(&text, &text).place(span), (span, AnchorState::Exact));
        }
    }
}
