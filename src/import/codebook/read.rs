//! Reading: from TOML to a codebook, with every problem of the file at once.

use super::{CodebookMistake as Mistake, CodebookProblem, Note, Place};
use crate::model::{AttributeValue, CodeStatus, Codebook, MeaningUnit};
use crate::query::nearest;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place in the file.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

const CODEBOOK_KEYS: [&str; 3] = ["codes", "name", "note"];

pub(super) const CODE_KEYS: [&str; 16] = [
    "attributes",
    "brief",
    "color",
    "examples",
    "exclude",
    "full",
    "include",
    "label",
    "negative_forms",
    "overlaps",
    "parent",
    "rationale",
    "rules",
    "status",
    "targets",
    "unit",
];

/// What to do where a rule such as `'can't'` breaks off.
const APOSTROPHE: &str =
    "an apostrophe ends text in single quotation marks: write the rule between three of them, '''...'''";

const EXAMPLE_KEYS: [&str; 3] = ["near_miss", "negative", "typical"];

/// Reads a codebook file. On success notes tell what was understood but perhaps not as meant; otherwise all problems,
/// in the order of the file.
pub fn read_codebook(file_name: &str, text: &str) -> Result<(Codebook, Vec<Note>), Vec<CodebookProblem>> {
    let mut reader = Reader { file: file_name, text, problems: Vec::new(), notes: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(text);
    if reader.syntax(&errors) {
        reader.codebook(document.get_ref());
    }
    if reader.problems.is_empty() {
        match Codebook::deserialize(toml::Deserializer::from(document)) {
            Ok(codebook) => return Ok((codebook, reader.notes)),
            Err(error) => {
                let mistake = Mistake::Syntax { message: error.message().to_owned() };
                reader.problem(&error.span().unwrap_or(0..0), mistake, None);
            }
        }
    }
    reader.problems.sort_by(|a, b| a.place.cmp(&b.place));
    Err(reader.problems)
}

pub(super) struct Reader<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub problems: Vec<CodebookProblem>,
    pub notes: Vec<Note>,
}

impl Reader<'_> {
    pub(super) fn problem(&mut self, range: &Range<usize>, mistake: Mistake, hint: Option<String>) {
        let place = Place::new(self.file, self.text, range);
        self.problems.push(CodebookProblem { place, mistake, hint });
    }

    pub(super) fn kind(&mut self, range: &Range<usize>, key: &str, expected: &str, hint: Option<String>) {
        self.problem(range, Mistake::Kind { key: key.to_owned(), expected: expected.to_owned() }, hint);
    }

    /// Reports what the reader of TOML found; says whether the rest can be looked at all the same.
    fn syntax(&mut self, errors: &[toml::de::Error]) -> bool {
        let mut readable = true;
        // A second table of a code is merged into the first; its keys then come twice as well, which is no news.
        let mut merged = 0..0;
        for error in errors {
            let range = error.span().unwrap_or(0..0);
            if error.message() != "duplicate key" {
                // What follows from the first is no news.
                if readable {
                    let hint = self.apostrophe(range.start).then(|| APOSTROPHE.to_owned());
                    self.problem(&range, Mistake::Syntax { message: error.message().to_owned() }, hint);
                }
                readable = false;
            } else if let Some((code, first)) = self.second_header(&range) {
                let table = self.text.get(range.end..).unwrap_or_default();
                merged = range.end..range.end + table.find("\n[").unwrap_or(table.len());
                let hint = "merge the two, or give one another id".to_owned();
                self.problem(&range, Mistake::CodeTwice { code, first }, Some(hint));
            } else if !merged.contains(&range.start) {
                let key = self.text.get(range.clone()).unwrap_or_default().to_owned();
                self.problem(&range, Mistake::KeyTwice { key }, Some("keep one of them".to_owned()));
            }
        }
        readable
    }

    /// Whether this byte lies in a line of text in single quotation marks that an apostrophe ends too early.
    fn apostrophe(&self, at: usize) -> bool {
        let from = self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let line = self.text.get(from..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let marks = line.matches('\'').count();
        marks > 2 && !line.contains("'''") && line.trim_start().starts_with('\'')
    }

    /// The code whose table opens a second time at this key, with the line of the first.
    fn second_header(&self, key: &Range<usize>) -> Option<(String, usize)> {
        let header = |line: &str| -> Option<String> {
            let path = line.trim().strip_prefix('[')?.split(']').next()?;
            let id = path.trim().strip_prefix("codes")?.trim_start().strip_prefix('.')?.trim();
            Some(id.trim_matches(['"', '\'']).to_owned())
        };
        let before = self.text.get(..key.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let id = header(self.text.get(line_start..)?.lines().next()?)?;
        let is_key = self.text.get(key.clone())?.trim_matches(['"', '\'']) == id;
        let first = self.text.lines().position(|line| header(line).as_ref() == Some(&id))? + 1;
        is_key.then_some((id, first))
    }

    fn codebook(&mut self, document: &DeTable<'_>) {
        self.keys(document, &CODEBOOK_KEYS, "the codebook");
        match entry(document, "name") {
            Some(name) => self.fits::<String>("name", name, "text in quotation marks", &[]),
            None => self.problem(&(0..0), Mistake::NoName, Some("add `name = \"...\"` at the top".to_owned())),
        }
        if let Some(note) = entry(document, "note") {
            self.fits::<String>("note", note, "text in quotation marks", &[]);
        }
        let Some(codes) = entry(document, "codes") else { return };
        let DeValue::Table(codes) = codes.get_ref() else {
            let hint = Some("write one table for each code: `[codes.trust]`".to_owned());
            return self.kind(&codes.span(), "codes", "a table of codes", hint);
        };
        for (id, value) in codes {
            self.id(id);
            match value.get_ref() {
                DeValue::Table(code) => self.code(id.get_ref(), code),
                _ => self.kind(&value.span(), id.get_ref(), "a table, the code", None),
            }
        }
        self.parents(codes);
    }

    fn id(&mut self, id: &Spanned<toml::de::DeString<'_>>) {
        let code = id.get_ref();
        if code.is_empty() || !code.chars().all(is_id) {
            let words: Vec<&str> = code.split(|c| !is_id(c)).filter(|word| !word.is_empty()).collect();
            let hint = (!words.is_empty()).then(|| format!("write for instance `{}`", words.join("_")));
            self.problem(&id.span(), Mistake::Id { code: code.clone().into_owned() }, hint);
        }
    }

    /// Reports keys that mean nothing here.
    pub(super) fn keys(&mut self, table: &DeTable<'_>, known: &[&str], place: &'static str) {
        for (key, value) in table {
            let name = key.get_ref();
            if known.contains(&name.as_ref()) {
                continue;
            }
            let nested = place == "a code" && matches!(value.get_ref(), DeValue::Table(_));
            let hint = match nearest(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if nested => format!("for a code below this one write `[codes.{name}]` with `parent`"),
                None => format!("expected one of {}", known.join(", ")),
            };
            self.problem(&key.span(), Mistake::UnknownKey { key: name.clone().into_owned(), place }, Some(hint));
        }
    }

    fn code(&mut self, id: &str, code: &DeTable<'_>) {
        self.keys(code, &CODE_KEYS, "a code");
        for (key, value) in code {
            let key = key.get_ref().as_ref();
            match key {
                "label" | "brief" | "full" | "rationale" | "parent" => {
                    self.fits::<String>(key, value, "text in quotation marks", &[]);
                }
                "include" | "exclude" | "targets" | "overlaps" => {
                    self.fits::<Vec<String>>(key, value, "a list of texts, `[\"...\", \"...\"]`", &[]);
                }
                "status" => {
                    let known = ["draft", "active", "merged", "split", "retired"];
                    self.fits::<CodeStatus>(key, value, "draft, active, merged, split or retired", &known);
                }
                "unit" => {
                    let known = ["clause", "sentence", "turn"];
                    self.fits::<MeaningUnit>(key, value, "clause, sentence or turn", &known);
                }
                "attributes" => {
                    let expected = "a table of texts, numbers, true or false, or lists of texts";
                    self.fits::<BTreeMap<String, AttributeValue>>(key, value, expected, &[]);
                }
                "examples" => self.examples(value),
                "color" => self.color(value),
                "rules" => self.rules(id, value),
                "negative_forms" => self.negative_forms(id, value),
                _ => {}
            }
        }
    }

    fn examples(&mut self, value: &Value<'_>) {
        let DeValue::Table(examples) = value.get_ref() else {
            let expected = "a table with typical, near_miss, negative";
            return self.kind(
                &value.span(),
                "examples",
                expected,
                Some("write `examples.typical = [\"...\"]`".to_owned()),
            );
        };
        self.keys(examples, &EXAMPLE_KEYS, "the examples");
        for (key, value) in examples {
            if EXAMPLE_KEYS.contains(&key.get_ref().as_ref()) {
                self.fits::<Vec<String>>(key.get_ref(), value, "a list of texts, `[\"...\", \"...\"]`", &[]);
            }
        }
    }

    fn color(&mut self, value: &Value<'_>) {
        let DeValue::String(color) = value.get_ref() else {
            return self.kind(&value.span(), "color", "text such as `\"#3a7bd5\"`", None);
        };
        let digits = color.strip_prefix('#').unwrap_or(color);
        let is_hex = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit());
        if color.starts_with('#') && is_hex && digits.len() == 6 {
            return;
        }
        let hint = match digits.len() {
            6 if is_hex => Some(format!("write `#{digits}`")),
            3 if is_hex => Some(format!("write `#{}`", digits.chars().flat_map(|c| [c, c]).collect::<String>())),
            _ => None,
        };
        self.problem(&value.span(), Mistake::Color { color: color.clone().into_owned() }, hint);
    }

    /// Reports a value that is not what the model takes; of a fixed list of words the nearest is offered.
    pub(super) fn fits<T: DeserializeOwned>(&mut self, key: &str, value: &Value<'_>, expected: &str, words: &[&str]) {
        let Err(error) = T::deserialize(value.clone().into_deserializer()) else { return };
        let written = match value.get_ref() {
            DeValue::String(written) => written.as_ref(),
            _ => "",
        };
        let hint = nearest(written, words.iter().copied()).map(|meant| format!("did you mean `{meant}`?"));
        self.kind(&error.span().unwrap_or_else(|| value.span()), key, expected, hint);
    }

    /// Parents must be codes, and no code its own ancestor.
    fn parents(&mut self, codes: &DeTable<'_>) {
        let mut parents: BTreeMap<&str, (&str, Range<usize>)> = BTreeMap::new();
        for (id, value) in codes {
            let DeValue::Table(code) = value.get_ref() else { continue };
            let Some(parent) = entry(code, "parent") else { continue };
            if let DeValue::String(name) = parent.get_ref() {
                parents.insert(id.get_ref(), (name, parent.span()));
            }
        }
        let known: BTreeSet<&str> = codes.keys().map(|id| id.get_ref().as_ref()).collect();
        for (code, (parent, range)) in &parents {
            if !known.contains(parent) {
                let hint = nearest(parent, known.iter().copied()).map(|meant| format!("did you mean `{meant}`?"));
                let mistake = Mistake::UnknownParent { code: (*code).to_owned(), parent: (*parent).to_owned() };
                self.problem(range, mistake, hint);
            }
        }
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for start in parents.keys() {
            let mut path: Vec<&str> = Vec::new();
            let mut at = *start;
            while let Some((parent, range)) = parents.get(at).filter(|_| !done.contains(at)) {
                done.insert(at);
                path.push(at);
                at = parent;
                if let Some(from) = path.iter().position(|code| *code == at) {
                    let circle: Vec<&str> = path.iter().skip(from).copied().chain([at]).collect();
                    let mistake = Mistake::Circle { circle: circle.join(" → ") };
                    self.problem(range, mistake, Some("take one of these parents out".to_owned()));
                }
            }
        }
    }
}

/// The value of a key.
pub(super) fn entry<'t, 'i>(table: &'t DeTable<'i>, name: &str) -> Option<&'t Value<'i>> {
    table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

fn is_id(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}
