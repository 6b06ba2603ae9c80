//! "Did you mean": the known name nearest to one that is not known.

use crate::text::fold;

/// The candidate with the fewest slips from what was typed, case ignored, where at most a third of its letters (one at
/// least, three at most) would change. Of equally near ones the first.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = fold(typed).chars().collect();
    let most = (typed.len() / 3).clamp(1, 3).min(typed.len().saturating_sub(1));
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters: Vec<char> = fold(candidate).chars().collect();
        if letters.len().abs_diff(typed.len()) > most {
            continue;
        }
        let slips = distance(&typed, &letters);
        if slips <= most && best.is_none_or(|(fewest, _)| slips < fewest) {
            best = Some((slips, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance: letters put in, left out, mistaken, and neighbours swapped, one slip each.
fn distance(a: &[char], b: &[char]) -> usize {
    let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut x_before = None;
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut y_before = None;
        for (j, &y) in b.iter().enumerate() {
            let mistaken = cell(&last, j) + usize::from(x != y);
            let mut fewest = mistaken.min(cell(&last, j + 1) + 1).min(cell(&row, j) + 1);
            if x_before == Some(y) && y_before == Some(x) {
                fewest = fewest.min(cell(&before, j.saturating_sub(1)) + 1);
            }
            row.push(fewest);
            y_before = Some(y);
        }
        before = last;
        last = row;
        x_before = Some(x);
    }
    cell(&last, b.len())
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn slips_are_counted() {
        let slips = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!(slips("", "abc"), 3);
        assert_eq!(slips("abc", ""), 3);
        assert_eq!(slips("kitten", "sitting"), 3);
        assert_eq!(slips("breif", "brief"), 1);
        assert_eq!(slips("same", "same"), 0);
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["speaker", "source", "score"];
        assert_eq!(nearest("speeker", names), Some("speaker"));
        assert_eq!(nearest("SPEAKER", names), Some("speaker"));
        assert_eq!(nearest("sourec", names), Some("source"));
        assert_eq!(nearest("breif", ["label", "brief"]), Some("brief"));
        assert_eq!(nearest("scor", names), Some("score"));
        assert_eq!(nearest("weather", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("of", ["on", "off"]), Some("on"));
    }
}
