//! Instruments from TOML: `[instruments.ID]` tables with keys, ranges and rules, never the text of an item.
//!
//! Owns reading, the definitions that come with the program (`codebooks/instruments`), and every fault that a definition
//! can have; an instrument that is read here can be scored.

mod faults;

use super::Problem;
use crate::model::Instrument;
use rust_embed::RustEmbed;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    instruments: BTreeMap<String, Instrument>,
}

#[derive(RustEmbed)]
#[folder = "codebooks/instruments/"]
struct Known;

/// Names of the instruments that come with the program, sorted.
pub fn known_instruments() -> Vec<String> {
    let mut names: Vec<String> =
        Known::iter().filter_map(|file| file.strip_suffix(".toml").map(str::to_owned)).collect();
    names.sort();
    names
}

/// The definition of an instrument that comes with the program, as a file that can be changed and imported. Capitals,
/// hyphens and underscores in the name do not matter: `PHQ-9` is `phq9`.
pub fn known_instrument(name: &str) -> Option<String> {
    let plain = |name: &str| name.to_lowercase().replace(['-', '_', '.', ' '], "");
    let file = Known::iter().find(|file| file.strip_suffix(".toml").is_some_and(|own| plain(own) == plain(name)))?;
    Known::get(&file).and_then(|found| String::from_utf8(found.data.into_owned()).ok())
}

/// Reads a file of instruments; every one that cannot be used is a problem.
pub fn read_instruments(file: &str, text: &str) -> Result<BTreeMap<String, Instrument>, Vec<Problem>> {
    let parsed: File = toml::from_str(text).map_err(|error| {
        let problem = Problem::error(file, error.message())
            .hint("an instrument has label, items, min, max, scales, and optionally reversed, missing, source");
        let line = |start: usize| 1 + text.get(..start).unwrap_or(text).matches('\n').count() as u32;
        vec![error.span().map_or(problem.clone(), |span| problem.at(line(span.start)))]
    })?;
    let mut problems = Vec::new();
    for (id, instrument) in &parsed.instruments {
        for (what, mend) in faults::faults(id, instrument) {
            problems.push(Problem::error(file, format!("instrument {id}: {what}")).hint(mend));
        }
    }
    if problems.is_empty() { Ok(parsed.instruments) } else { Err(problems) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn every_instrument_that_comes_along_can_be_read_and_is_called_as_its_file() {
        let names = known_instruments();
        assert!(names.len() >= 15, "{names:?}");
        for name in names {
            let text = known_instrument(&name).unwrap();
            let found = read_instruments(&name, &text).unwrap_or_else(|problems| panic!("{problems:?}"));
            assert_eq!(found.keys().cloned().collect::<Vec<_>>(), [name]);
            assert!(found.values().all(|instrument| !instrument.source.is_empty()));
        }
        assert!(known_instrument("PHQ-9").is_some() && known_instrument("phq").is_none());
    }

    fn problems(text: &str) -> Vec<String> {
        read_instruments("i.toml", text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_key_that_does_not_fit_its_items_is_refused() {
        let text = "[instruments.x]\nlabel = \"X\"\nitems = 3\nmin = 5\nmax = 1\nreversed = [2, 4, 2]\nmissing = { count = 4 }\n\
                    scales.a = { items = [1, 2, 2], kind = \"mean\" }\nscales.b = { items = [1, 5], kind = \"sum\", reversed = [3] }\n\
                    scales.c = { items = [], kind = \"sum\", missing = { share = 1.5 } }\n";
        assert_eq!(
            problems(text),
            [
                "i.toml: instrument x: the lowest answer 5 is not below the highest 1",
                "i.toml: instrument x: reversed item 4 does not exist; there are 3",
                "i.toml: instrument x: reversed item 2 is named twice",
                "i.toml: instrument x: scale a: item 2 is named twice",
                "i.toml: instrument x: scale a: the missing-item rule asks for 4 items, the scale has 3",
                "i.toml: instrument x: scale b: item 5 does not exist; there are 3",
                "i.toml: instrument x: scale b: item 3 is reversed and not in the scale",
                "i.toml: instrument x: scale b: the missing-item rule asks for 4 items, the scale has 2",
                "i.toml: instrument x: scale c: it has no item",
                "i.toml: instrument x: scale c: the missing-item rule asks for a share of 1.5; a share lies between 0 and 1",
            ]
        );
    }

    #[test]
    fn formulas_and_class_rules_name_what_there_is() {
        let text = "[instruments.x]\nlabel = \"X\"\nitems = 2\nmin = 0\nmax = 4\nscales.a = { items = [1, 2], kind = \"sum\" }\n\
                    scales.b = { kind = { formula = \"a + c\" } }\nscales.c = { kind = { formula = \"b * item(3)\" } }\n\
                    scales.d = { kind = { formula = \"a +\" } }\n\
                    classes.a = { label = \"?\", rule = { first = [[\"high\", \"e > 2\"]] } }\n\
                    classes.t = { label = \"?\", rule = { largest = [[\"one\", \"a\"], [\"two\", \"b\"]] } }\n";
        assert_eq!(
            problems(text),
            [
                "i.toml: instrument x: scale b: its formula needs scale b itself",
                "i.toml: instrument x: scale c: item 3 does not exist; there are 2",
                "i.toml: instrument x: scale c: its formula needs scale c itself",
                "i.toml: instrument x: scale d: in `a +`, column 4: expected a number, a scale, item(n), ln(...) or count(...), found the end",
                "i.toml: instrument x: class rule a has the name of a scale",
                "i.toml: instrument x: class rule a: there is no scale e; the scales are a, b, c, d",
                "i.toml: instrument x: class rule t: it does not say what a tie is",
            ]
        );
    }

    #[test]
    fn a_slip_in_the_file_has_its_line() {
        let found =
            problems("[instruments.x]\nlabel = \"X\"\nitems = 2\nmin = 0\nmax = 4\nreverse = [1]\nscales = {}\n");
        assert!(found[0].starts_with("i.toml, line 6: unknown field `reverse`"), "{found:?}");
    }
}
