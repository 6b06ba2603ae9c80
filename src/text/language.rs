//! Which language a text is in, as far as its script tells.

/// The language that the letters of a text give away (`he`, `ar`, `ru`, `el`); nothing for Latin letters.
fn language_of(text: &str) -> Option<&'static str> {
    if text.is_ascii() {
        return None;
    }
    let mut letters = 0_usize;
    let mut scripts = [("he", 0_usize), ("ar", 0), ("ru", 0), ("el", 0)];
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        let k = match c {
            '\u{0590}'..='\u{05ff}' => 0,
            '\u{0600}'..='\u{06ff}' => 1,
            '\u{0400}'..='\u{04ff}' => 2,
            '\u{0370}'..='\u{03ff}' => 3,
            _ => continue,
        };
        if let Some((_, count)) = scripts.get_mut(k) {
            *count += 1;
        }
    }
    scripts.into_iter().find(|(_, count)| 2 * count > letters).map(|(language, _)| language)
}

/// Languages that are written in the letters by which [`language_of`] names one.
const WRITTEN_ALIKE: [(&str, &[&str]); 4] = [
    ("he", &["he", "yi", "iw", "lad"]),
    ("ar", &["ar", "fa", "ur", "ps", "ku", "sd"]),
    ("ru", &["ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"]),
    ("el", &["el"]),
];

/// The language of a text that is said to be in `assumed`: that, unless its letters are of a script that it is not
/// written in.
pub fn language_or<'a>(text: &str, assumed: &'a str) -> &'a str {
    let Some(found) = language_of(text) else { return assumed };
    let base = assumed.split(['-', '_']).next().unwrap_or(assumed);
    let alike = WRITTEN_ALIKE.iter().find(|(language, _)| *language == found);
    if alike.is_none_or(|(_, languages)| languages.contains(&base)) { assumed } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_tell() {
        assert_eq!(language_of("אני לא לבד, OK?"), Some("he"));
        assert_eq!(language_of("I said שלום once"), None);
        assert_eq!(language_of("naïve"), None);
    }

    #[test]
    fn a_script_that_a_language_is_not_written_in_tells_more_than_the_setting() {
        assert_eq!(language_or("אני לא לבד", "en"), "he");
        assert_eq!(language_or("אני לא לבד", "yi"), "yi");
        assert_eq!(language_or("Не одна", "uk-UA"), "uk-UA");
        assert_eq!(language_or("Not alone", "he"), "he");
    }
}
