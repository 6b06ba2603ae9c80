//! Which column holds what.
//!
//! A mapping is given, remembered from a file with the same header, or found: a table with a column of words and one
//! of speakers is a transcript. What was used is handed back, so that it can be shown and remembered.

use super::{Options, Problem};
use crate::model::ColumnMapping;
use std::collections::BTreeMap;

/// What is said of a column of a table of texts from which nothing was taken.
pub const NOT_READ: &str = "not read";

const TEXT: [&str; 10] =
    ["text", "words", "utterance", "utterance_text", "content", "speech", "message", "sentence", "transcript", "said"];
const SPEAKER: [&str; 7] = ["speaker", "interlocutor", "who", "speaker_name", "role", "name", "speaker_id"];
const REST: [(&str, &[&str]); 6] = [
    ("time", &["time", "timestamp", "start", "start_time", "begin"]),
    ("participant", &["participant", "participant_id", "participantid", "pid"]),
    ("wave", &["wave", "timepoint", "time_point"]),
    ("language", &["language", "lang"]),
    ("question", &["question"]),
    (
        "source",
        &[
            "source",
            "source_id",
            "transcript_id",
            "interview",
            "interview_id",
            "document",
            "document_id",
            "doc_id",
            "meeting_id",
            "conversation_id",
            "dialogue",
            "dialogue_id",
            "dialog_id",
            "session_id",
            "file",
            "filename",
        ],
    ),
];

/// The mapping for a header, if the table holds texts: given, remembered, or found where `found` allows.
///
/// `signature` is the header joined with commas; `words_alone` says that a column of words is enough to be found.
pub fn mapping(
    file: &str,
    header: &[String],
    signature: &str,
    words_alone: bool,
    options: &Options,
) -> Result<Option<ColumnMapping>, Problem> {
    let remembered = || options.remembered.iter().find(|mapping| mapping.header == signature).cloned();
    let Some(mut mapping) = options.columns.clone().or_else(remembered) else {
        return Ok(find(header, words_alone).map(|fields| ColumnMapping { header: signature.into(), fields }));
    };
    mapping.header = signature.into();
    for (field, column) in &mut mapping.fields {
        let mut names = Vec::new();
        let parts: Vec<&str> = if field == "questions" { column.split('|').collect() } else { vec![column] };
        for part in parts {
            let known = same(header, part.trim());
            let missing = || {
                let what = format!("there is no column {part} (mapped to {field})");
                Problem::error(file, what)
                    .at(1)
                    .hint(format!("the columns are {}", super::problem::column_list(header)))
            };
            names.push(known.ok_or_else(missing)?.clone());
        }
        *column = names.join("|");
    }
    Ok(Some(mapping))
}

/// Whether a mapping makes texts of a table, not scores alone.
pub fn has_texts(mapping: &ColumnMapping) -> bool {
    mapping.fields.contains_key("text") || mapping.fields.contains_key("questions")
}

/// What each column of a table of texts became: its field, or [`NOT_READ`].
pub fn said(header: &[String], mapping: &ColumnMapping) -> Vec<(String, String)> {
    let field = |column: &String| {
        let found = mapping.fields.iter().find(|(_, names)| names.split('|').any(|name| name == column));
        found.map_or(NOT_READ.to_owned(), |(field, _)| field.clone())
    };
    header.iter().map(|column| (column.clone(), field(column))).collect()
}

fn same<'a>(header: &'a [String], name: &str) -> Option<&'a String> {
    header.iter().find(|column| *column == name).or_else(|| header.iter().find(|c| c.eq_ignore_ascii_case(name)))
}

fn find(header: &[String], words_alone: bool) -> Option<BTreeMap<String, String>> {
    // In JSON a key may stand in a list and around it: the one deeper down is the turn's.
    let depth = |column: &String| column.matches("[]").count();
    let last = |column: &String| column.rsplit('.').next().unwrap_or_default().to_lowercase();
    let named = |names: &[&str]| {
        let rank = |column: &String| names.iter().position(|name| *name == last(column));
        let ranked = header.iter().filter_map(|column| Some((column, rank(column)?)));
        ranked.min_by_key(|(column, rank)| (std::cmp::Reverse(depth(column)), *rank)).map(|(column, _)| column.clone())
    };
    let text = named(&TEXT)?;
    let speaker = named(&SPEAKER).filter(|column| *column != text);
    if speaker.is_none() && !words_alone {
        return None;
    }
    let mut fields = BTreeMap::from([("text".to_owned(), text)]);
    fields.extend(speaker.map(|column| ("speaker".to_owned(), column)));
    for (field, names) in REST {
        let column = named(names).filter(|column| !fields.values().any(|used| used == column));
        fields.extend(column.map(|column| (field.to_owned(), column)));
    }
    Some(fields)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::parse_columns;
    use super::*;

    fn header(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn a_table_of_speakers_and_words_is_a_transcript() {
        let options = Options::default();
        let found =
            mapping("t.csv", &header("Speaker,Time,Text"), "Speaker,Time,Text", false, &options).unwrap().unwrap();
        assert_eq!(found.fields["speaker"], "Speaker");
        assert_eq!(found.fields["time"], "Time");
        assert!(mapping("t.csv", &header("id,age"), "id,age", false, &options).unwrap().is_none());
        assert!(mapping("t.csv", &header("id,text"), "id,text", false, &options).unwrap().is_none());
        let nested = header("meeting_id,turns[].speaker,turns[].text");
        let found = mapping("t.json", &nested, "", true, &options).unwrap().unwrap();
        assert_eq!(found.fields["text"], "turns[].text");
        assert_eq!(found.fields["source"], "meeting_id");
    }

    #[test]
    fn a_given_mapping_must_fit_the_header() {
        let given = |text| Options { columns: Some(parse_columns(text).unwrap()), ..Options::default() };
        let error = mapping("t.csv", &header("a,b"), "a,b", false, &given("text=c")).unwrap_err();
        assert!(error.what.contains("no column c") && error.hint.contains("a, b"));
        let found = mapping("t.csv", &header("a,b"), "a,b", false, &given("questions=A|b")).unwrap().unwrap();
        assert_eq!((found.fields["questions"].as_str(), found.header.as_str()), ("a|b", "a,b"));
    }

    #[test]
    fn a_mapping_is_remembered_by_its_header() {
        let mut kept = parse_columns("text=b").unwrap();
        kept.header = "a,b".into();
        let options = Options { remembered: vec![kept.clone()], ..Options::default() };
        assert_eq!(mapping("t.csv", &header("a,b"), "a,b", false, &options).unwrap(), Some(kept));
        assert_eq!(mapping("t.csv", &header("b,a"), "b,a", false, &options).unwrap(), None);
    }
}
