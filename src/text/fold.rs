//! Folding: what two spellings must share to count as the same word.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// A word without case, diacritics, niqqud, bidi controls and zero-width characters; curly apostrophes straight.
///
/// Case folding is Unicode's lower case with `ß` as `ss` and `ς` as `σ`; Hebrew geresh and gershayim become `'` and `"`.
/// Final forms of Hebrew letters stay as they are, and so do the vowel signs of scripts that are not read without them.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_diacritic(*c)) {
        match c {
            _ if is_ignorable(c) => {}
            '\u{2019}' | '\u{2018}' | '\u{02bc}' | '\u{05f3}' => out.push('\''),
            '\u{05f4}' | '\u{201c}' | '\u{201d}' => out.push('"'),
            'ß' | 'ẞ' => out.push_str("ss"),
            'ς' => out.push('σ'),
            c => out.extend(c.to_lowercase().filter(|c| !is_diacritic(*c))),
        }
    }
    // Hangul came apart above: put together again, so that `?` in a query stands for what a reader calls a letter.
    Cow::Owned(out.nfc().collect())
}

/// Marks that combine with a letter at a place of their own (class 0 are vowel signs, 9 joins consonants).
fn is_diacritic(c: char) -> bool {
    !matches!(canonical_combining_class(c), 0 | 9)
}

/// Controls that change how text runs or joins, never what it says.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{00ad}' | '\u{061c}' | '\u{034f}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_marks_and_apostrophes() {
        assert_eq!(fold("Café"), "cafe");
        assert_eq!(fold("don\u{2019}t"), "don't");
        assert_eq!(fold("STRASSE"), "strasse");
        assert_eq!(fold("Straße"), "strasse");
        assert_eq!(fold("İstanbul"), "istanbul");
        // lamed, bet, dalet with niqqud and a right-to-left mark
        assert_eq!(fold("\u{05dc}\u{05b0}\u{05d1}\u{05b7}\u{05d3}\u{200f}"), "\u{05dc}\u{05d1}\u{05d3}");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        assert_eq!(fold("ΟΔΟΣ"), fold("οδός"));
        assert_eq!(fold("한국"), "한국");
        assert_eq!(fold("कि"), "कि");
        for word in ["Ǆ", "ΑΣ", "ﬁn", "x\u{0301}", "Ångström", "한"] {
            let once = fold(word).into_owned();
            assert_eq!(fold(&once), once);
        }
    }
}
