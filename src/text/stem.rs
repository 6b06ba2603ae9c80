//! Stems: the part of a word that its inflections share, per language.

use frostem::{Algorithm, Stemmer};
use std::borrow::Cow;

/// Name and version of the stemmers, part of every rule set's digest.
pub const STEMMER_VERSION: &str = "frostem 1 (Snowball)";

fn algorithm(language: &str) -> Option<Algorithm> {
    // Of `en-GB` or `en_US` the language alone.
    Some(match language.split(['-', '_']).next()? {
        "ar" => Algorithm::Arabic,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        "no" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "tr" => Algorithm::Turkish,
        _ => return None,
    })
}

/// Which stemmer words of a language go through: languages with the same one share stems. Empty where there is none.
pub fn stemmer_of(language: &str) -> &str {
    let primary = language.split(['-', '_']).next().unwrap_or("");
    if algorithm(primary).is_some() { primary } else { "" }
}

/// The stem of a folded word; the word itself for languages without a stemmer.
pub fn stem<'a>(language: &str, folded: &'a str) -> Cow<'a, str> {
    match algorithm(language) {
        Some(algorithm) => Cow::Owned(Stemmer::new(algorithm).stem(folded).to_string()),
        None => Cow::Borrowed(folded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_stemmer() {
        let lock = include_str!("../../Cargo.lock");
        assert_eq!(lock.matches("name = \"frostem\"").count(), 1, "two versions of a stemmer would be two stemmers");
    }

    #[test]
    fn english_inflections_share_a_stem_and_hebrew_has_none() {
        assert_eq!(stem("en", "helping"), stem("en", "helped"));
        assert_eq!(stem("en-GB", "helping"), "help");
        assert_eq!(stem("he", "לבד"), "לבד");
        assert_eq!(stem("xx", "word"), "word");
        assert_eq!((stemmer_of("en_US"), stemmer_of("he")), ("en", ""));
    }
}
