//! What the user said about a file before it is read.
//!
//! Owns the small languages of the command line for it: column mappings (`speaker=who,text=words`), role mappings
//! (`therapist=participant`), patterns of file names (`{participant}_{wave}`) and tables of speakers. Reads no file.

use super::Kind;
use crate::model::{ColumnMapping, Instrument, Role};
use crate::text;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// Everything a reader may be told.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What the file is, where the user says so (`--as`).
    pub kind: Option<Kind>,
    /// Columns given for this file (`--columns`).
    pub columns: Option<ColumnMapping>,
    /// Mappings of earlier files; one with the same header is used where none is given.
    pub remembered: Vec<ColumnMapping>,
    /// Role by speaker label, case ignored. A label named here is a label wherever it starts a line.
    pub roles: BTreeMap<String, Role>,
    /// How the file's name tells participant and wave; a careful guess where it is not given.
    pub file_name: Option<NamePattern>,
    /// Who speaks in which source.
    pub speakers: Vec<SpeakerRow>,
    /// Language where the file names none (BCP 47 primary tag); `en` when empty.
    pub language: String,
    /// Ids of declared waves.
    pub waves: Vec<String>,
    /// Ids of participants that the study has.
    pub participants: BTreeSet<String>,
    /// Instruments that the study has, by id.
    pub instruments: BTreeMap<String, Instrument>,
    /// Lowest and highest possible value of a score, by name.
    pub ranges: BTreeMap<String, (f64, f64)>,
}

impl Options {
    /// The language of a text that does not say one: the default, unless its letters tell another.
    pub fn language_for(&self, text: &str) -> String {
        text::language_or(text, self.language()).to_owned()
    }

    /// The default language.
    pub fn language(&self) -> &str {
        if self.language.is_empty() { "en" } else { &self.language }
    }

    /// A wave as the study spells it: a declared one, or `T` with a number.
    pub(super) fn wave(&self, text: &str) -> Option<String> {
        let declared = self.waves.iter().find(|wave| wave.eq_ignore_ascii_case(text));
        declared.cloned().or_else(|| {
            let number = text.strip_prefix(['T', 't'])?;
            let short = matches!(number.len(), 1..=2) && number.bytes().all(|byte| byte.is_ascii_digit());
            short.then(|| format!("T{number}"))
        })
    }

    /// A participant id as the study spells it (`p07` for `P07`, `RUTH` for `Ruth`).
    pub(super) fn known_participant(&self, text: &str) -> Option<&String> {
        let lower = text.to_lowercase();
        let mut letters = lower.chars();
        let title = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
        let spellings = [Some(text.to_owned()), Some(text.to_uppercase()), title, Some(lower)];
        spellings.iter().flatten().find_map(|spelling| self.participants.get(spelling))
    }
}

/// One row of a table that says who speaks where: `source,speaker,participant,role,wave`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpeakerRow {
    /// Name of the source, with or without extension; empty for every source.
    pub source: String,
    /// Label; empty for the only participant of the source.
    pub speaker: String,
    /// Participant id, where the speaker is one.
    pub participant: Option<String>,
    /// Role, where it is said.
    pub role: Option<Role>,
    /// Wave of the source.
    pub wave: Option<String>,
}

/// A mistake in what the user said about a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// A piece of a mapping without `=`, or with nothing on one side.
    #[error("`{0}` in the mapping is not of the form name=value")]
    NotAPair(String),
    /// A field that no reader knows.
    #[error("`{0}` is not something that a column can hold; known are {KNOWN}")]
    UnknownField(String),
    /// A field that a table of codings does not have.
    #[error("`{field}` is not something that a table of codings can hold; known are {}", REFERENCE_FIELDS.join(", "))]
    UnknownReferenceField {
        /// As typed.
        field: String,
    },
    /// Two values for one name.
    #[error("`{0}` is mapped twice")]
    Twice(String),
    /// A role that does not exist.
    #[error("`{0}` is not a role; the roles are participant, interviewer and other")]
    UnknownRole(String),
    /// A pattern of file names that cannot be used.
    #[error("the pattern of file names `{pattern}` {why}; an example is {{participant}}_{{wave}}.txt")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A table of speakers that cannot be read.
    #[error("the table of speakers, line {line}: {why}")]
    Speakers {
        /// Line, from 1.
        line: u32,
        /// What is wrong.
        why: String,
    },
}

const FIELDS: [&str; 9] =
    ["text", "questions", "speaker", "source", "participant", "time", "question", "wave", "language"];
const KNOWN: &str = "text, questions, speaker, source, participant, time, question, wave, language, code:NAME, \
                     attr:NAME and score:NAME";

/// Reads a column mapping: `speaker=who,text=words,code:expert=behaviour`.
///
/// A value with a comma is put in double quotes. `id` is another word for `participant`; several columns of open
/// answers are `questions=col1|col2`.
pub fn parse_columns(text: &str) -> Result<ColumnMapping, OptionError> {
    let mut fields = BTreeMap::new();
    for (name, column) in pairs(text)? {
        let name = if name == "id" { "participant".into() } else { name };
        let named = ["code:", "attr:", "score:"].iter().any(|p| name.strip_prefix(p).is_some_and(|n| !n.is_empty()));
        if !named && !FIELDS.contains(&name.as_str()) {
            return Err(OptionError::UnknownField(name));
        }
        if fields.insert(name.clone(), column).is_some() {
            return Err(OptionError::Twice(name));
        }
    }
    Ok(ColumnMapping { header: String::new(), fields })
}

/// Fields of a table of codings.
const REFERENCE_FIELDS: [&str; 9] =
    ["source", "coder", "code", "quote", "turn", "polarity", "time", "experiencer", "target"];

/// Reads a mapping for a table of codings: `source=file,coder=who,turn=n,code=first|second`.
pub fn parse_reference_columns(text: &str) -> Result<BTreeMap<String, String>, OptionError> {
    let mut fields = BTreeMap::new();
    for (name, column) in pairs(text)? {
        if !REFERENCE_FIELDS.contains(&name.as_str()) {
            return Err(OptionError::UnknownReferenceField { field: name });
        }
        if fields.insert(name.clone(), column).is_some() {
            return Err(OptionError::Twice(name));
        }
    }
    Ok(fields)
}

/// Reads a role mapping: `therapist=participant,Dan=interviewer`.
pub fn parse_roles(text: &str) -> Result<BTreeMap<String, Role>, OptionError> {
    let mut roles = BTreeMap::new();
    for (label, role) in pairs(text)? {
        let role = parse_role(&role)?;
        if roles.insert(label.clone(), role).is_some() {
            return Err(OptionError::Twice(label));
        }
    }
    Ok(roles)
}

/// Reads the word for a role.
pub fn parse_role(text: &str) -> Result<Role, OptionError> {
    match text.trim().to_lowercase().as_str() {
        "participant" => Ok(Role::Participant),
        "interviewer" => Ok(Role::Interviewer),
        "other" => Ok(Role::Other),
        _ => Err(OptionError::UnknownRole(text.trim().into())),
    }
}

/// Splits `a=b,c="d, e"` at commas outside double quotes.
fn pairs(text: &str) -> Result<Vec<(String, String)>, OptionError> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match (c, parts.last_mut()) {
            ('"', _) => quoted = !quoted,
            (',', _) if !quoted => parts.push(String::new()),
            (c, Some(part)) => part.push(c),
            (_, None) => {}
        }
    }
    let mut found = Vec::new();
    for part in parts.iter().filter(|part| !part.trim().is_empty()) {
        let pair = part.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        match pair {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => found.push((name, value)),
            _ => return Err(OptionError::NotAPair(part.trim().into())),
        }
    }
    Ok(found)
}

/// How a file's name tells who speaks and when: `{participant}_{wave}`; any other `{name}` becomes an attribute.
#[derive(Debug, Clone)]
pub struct NamePattern {
    pattern: Regex,
    names: Vec<String>,
}

impl NamePattern {
    /// Reads a pattern; `*` stands for any letters, an extension is ignored.
    pub fn parse(text: &str) -> Result<Self, OptionError> {
        let wrong = |why| OptionError::Pattern { pattern: text.into(), why };
        let mut names: Vec<String> = Vec::new();
        let mut pattern = String::from("^");
        let mut rest = stem(text);
        while let Some(c) = rest.chars().next() {
            if c == '{' {
                let (name, after) = rest
                    .strip_prefix('{')
                    .and_then(|rest| rest.split_once('}'))
                    .ok_or_else(|| wrong("has a { without its }"))?;
                if name.is_empty() || names.iter().any(|known| known == name) {
                    return Err(wrong("has a {} without a name, or the same name twice"));
                }
                names.push(name.into());
                pattern.push_str("(.+?)");
                rest = after;
            } else {
                pattern.push_str(&if c == '*' { ".*?".to_owned() } else { regex::escape(c.encode_utf8(&mut [0; 4])) });
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
        if names.is_empty() {
            return Err(wrong("names nothing in braces"));
        }
        pattern.push('$');
        Regex::new(&pattern).map(|pattern| Self { pattern, names }).map_err(|_| wrong("is too long"))
    }

    /// The named parts of a file's name, or nothing where it does not fit.
    pub fn read(&self, file_name: &str) -> Option<BTreeMap<String, String>> {
        let found = self.pattern.captures(stem(file_name))?;
        let values = found.iter().skip(1).map(|part| part.map_or("", |part| part.as_str()).to_owned());
        Some(self.names.iter().cloned().zip(values).collect())
    }
}

/// A file's name without folders and extension.
pub fn stem(file_name: &str) -> &str {
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    match base.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 8 && !extension.contains(['{', ' ']) => stem,
        _ => base,
    }
}

/// Reads a table of speakers with the header `source,speaker,participant,role,wave`; columns may be missing.
pub fn parse_speakers(text: &str) -> Result<Vec<SpeakerRow>, OptionError> {
    let wrong = |line: u32, why: String| OptionError::Speakers { line, why };
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|cell| cell.eq_ignore_ascii_case(name));
    if let Some(unknown) = header.iter().find(|cell| {
        !["source", "speaker", "participant", "role", "wave"].iter().any(|name| cell.eq_ignore_ascii_case(name))
    }) {
        return Err(wrong(1, format!("`{unknown}` is not one of source, speaker, participant, role, wave")));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            wrong(u32::try_from(line).unwrap_or(u32::MAX), "it has more or fewer cells than the header".into())
        })?;
        let line = record.position().map_or(1, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
        let cell = |name: &str| column(name).and_then(|k| record.get(k)).unwrap_or_default();
        let some = |name: &str| Some(cell(name)).filter(|cell| !cell.is_empty()).map(str::to_owned);
        let role = some("role").map(|role| parse_role(&role)).transpose();
        rows.push(SpeakerRow {
            source: cell("source").into(),
            speaker: cell("speaker").into(),
            participant: some("participant"),
            role: role.map_err(|error| wrong(line, error.to_string()))?,
            wave: some("wave"),
        });
    }
    Ok(rows)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_column_mapping_is_read() {
        let mapping = parse_columns("speaker=who, text=\"what, said\",code:expert=behaviour,id=pid").unwrap();
        let fields: Vec<_> = mapping.fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(
            fields,
            [("code:expert", "behaviour"), ("participant", "pid"), ("speaker", "who"), ("text", "what, said")]
        );
    }

    #[test]
    fn a_wrong_mapping_says_what_is_wrong() {
        let message = |text| parse_columns(text).unwrap_err().to_string();
        assert!(message("speaker").contains("`speaker`") && message("speaker").contains("name=value"));
        assert!(message("speker=a").contains("known are text"));
        assert!(message("code:=a").contains("`code:`"));
        assert_eq!(message("text=a,text=b"), "`text` is mapped twice");
        assert!(parse_roles("Dan=boss").unwrap_err().to_string().contains("the roles are"));
    }

    #[test]
    fn patterns_read_file_names() {
        let pattern = NamePattern::parse("{site}-{participant}_{wave}.txt").unwrap();
        let found = pattern.read("interviews/north-P07_T1.vtt").unwrap();
        assert_eq!(found["site"], "north");
        assert_eq!(found["participant"], "P07");
        assert_eq!(found["wave"], "T1");
        assert!(pattern.read("P07.txt").is_none());
        assert!(NamePattern::parse("plain.txt").is_err());
        assert!(NamePattern::parse("{participant").is_err());
        assert!(NamePattern::parse("{a}{a}").is_err());
        let starred = NamePattern::parse("*_{participant}").unwrap();
        assert_eq!(starred.read("final (2)_ID-12.txt").unwrap()["participant"], "ID-12");
    }

    #[test]
    fn a_table_of_speakers_is_read() {
        let rows =
            parse_speakers("source,speaker,participant,role,wave\nA.txt,B,P01,participant,T0\n,Dan,,interviewer,\n");
        let rows = rows.unwrap();
        assert_eq!(rows[0].participant.as_deref(), Some("P01"));
        assert_eq!(rows[1].role, Some(Role::Interviewer));
        assert_eq!(rows[1].wave, None);
        let error = parse_speakers("source,role\na,chief\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("chief"), "{error}");
        assert!(parse_speakers("source,who\n").unwrap_err().to_string().contains("`who`"));
        assert!(parse_speakers("source,role\na\n").unwrap_err().to_string().contains("line 2"));
    }

    #[test]
    fn waves_are_spelt_as_declared() {
        let options = Options { waves: vec!["entry".into()], ..Options::default() };
        assert_eq!(options.wave("Entry").as_deref(), Some("entry"));
        assert_eq!(options.wave("t1").as_deref(), Some("T1"));
        assert_eq!(options.wave("T123"), None);
        assert_eq!(options.wave("west"), None);
    }
}
