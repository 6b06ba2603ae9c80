//! Which language a text is in, as far as its script tells.

/// The language that the letters of a text give away (`he`, `ar`, `ru`, `el`); nothing for Latin letters.
pub fn language_of(text: &str) -> Option<&'static str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_tell() {
        assert_eq!(language_of("אני לא לבד, OK?"), Some("he"));
        assert_eq!(language_of("I said שלום once"), None);
        assert_eq!(language_of("naïve"), None);
    }
}
