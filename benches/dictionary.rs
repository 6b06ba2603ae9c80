//! Codebooks for measurements: one of our own, or a dictionary of themes with words, stems and expressions.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use themata::model::{Code, Codebook, Polarity, Rule};

/// Reads a dictionary: JSON, theme to `lit`, `stem` and `re` lists.
pub fn codebook_of(path: &str) -> Result<Codebook, Box<dyn Error>> {
    let dictionary: BTreeMap<String, BTreeMap<String, Vec<String>>> = serde_json::from_str(&fs::read_to_string(path)?)?;
    let codes = dictionary.into_iter().map(|(theme, lists)| {
        let rules = lists.iter().flat_map(|(kind, patterns)| {
            patterns.iter().map(move |pattern| match kind.as_str() {
                "stem" => format!("{pattern}*"),
                "re" => format!("/(?i){pattern}/"),
                _ => format!("\"{pattern}\""),
            })
        });
        (theme, code(rules))
    });
    Ok(Codebook { name: "dictionary".into(), note: String::new(), codes: codes.collect() })
}

/// A few rules of every kind.
pub fn own_codebook() -> Codebook {
    let trust = ["trust*", "\"count on\"", "/(?i)\\bhonest(?:ly)? with\\b/"];
    let loneliness =
        ["alone", "lonel*", "\"left in peace\"~1", "empty NEAR/5 felt", "WITHIN sentence (nobody AND notice)"];
    let codes = [("trust", &trust[..]), ("loneliness", &loneliness[..])];
    let codes = codes.map(|(id, rules)| (id.to_owned(), code(rules.iter().map(|rule| (*rule).to_owned()))));
    Codebook { name: "own".into(), note: String::new(), codes: codes.into() }
}

fn code(rules: impl Iterator<Item = String>) -> Code {
    let rule = |query| Rule { query, polarity: Polarity::Present, target: None, language: None, fixed: false };
    Code { rules: rules.map(rule).collect(), ..Code::default() }
}
