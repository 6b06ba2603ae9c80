//! Bibliographic records: a source for each, its title and abstract as turns, the other tags as attributes.

use super::builder::{About, Builder, Place, TooLarge};
use super::cast::{self, Clues};
use super::encoding::Decoded;
use super::lines::{Line, is_invisible, lines};
use super::options::stem;
use super::{Import, Kind, Options, Problem, SourceDraft, values};
use crate::model::{AttributeValue, Locator, Role};
use std::collections::BTreeMap;

/// A tag of a record with its value; lines without a tag continue the value before.
#[derive(Debug)]
struct Field<'a> {
    tag: &'a str,
    line: u32,
    start: usize,
    end: usize,
}

#[derive(Debug, Default)]
struct Record<'a> {
    line: u32,
    fields: Vec<Field<'a>>,
    closed: bool,
}

/// Reads the records of a file.
pub fn read(file: &str, bytes: &[u8], decoded: &Decoded, options: &Options) -> Result<Import, Problem> {
    let (records, mut problems) = records(file, &decoded.text);
    let mut sources = Vec::new();
    let mut names = BTreeMap::new();
    for (k, record) in records.iter().enumerate() {
        if !record.closed {
            let what = "the record does not end with ER: it may be cut off";
            problems.push(Problem::warning(file, what).at(record.line));
        }
        match source(file, k, records.len() > 1, record, decoded, options) {
            Ok(mut source) => {
                let count = names.entry(source.name.clone()).and_modify(|count| *count += 1).or_insert(1);
                if *count > 1 {
                    source.name = format!("{} ({count})", source.name);
                }
                sources.push(source);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if sources.is_empty() {
        return Err(problems.into_iter().next().unwrap_or_else(|| Problem::error(file, "no records were found")));
    }
    Ok(Import { sources, original: Some(bytes.to_vec()), problems, ..Import::default() })
}

/// `TY  - JOUR`; some exports write one space. The tag, and where the value begins in the line.
fn tagged(line: &str) -> Option<(&str, usize)> {
    let skipped = line.len() - line.trim_start_matches(is_invisible).len();
    let tag = line.get(skipped..skipped + 2)?;
    let mut letters = tag.bytes();
    let known = letters.next().is_some_and(|b| b.is_ascii_uppercase())
        && letters.next().is_some_and(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let rest = line.get(skipped + 2..)?;
    let value = ["  - ", " - ", "  -", " -"].iter().find_map(|mark| rest.strip_prefix(mark));
    let at_end = value.is_some_and(str::is_empty) || rest.starts_with("  - ") || rest.starts_with(" - ");
    value.filter(|_| known && at_end).map(|value| (tag, line.len() - value.len()))
}

fn records<'a>(file: &str, text: &'a str) -> (Vec<Record<'a>>, Vec<Problem>) {
    let (mut records, mut problems) = (Vec::new(), Vec::new());
    let mut open: Option<Record<'a>> = None;
    for line in lines(text).filter(|line| !line.is_blank()) {
        match (tagged(line.text), open.as_mut()) {
            (Some(("TY", at)), _) => {
                records.extend(open.take());
                open = Some(Record { line: line.number, fields: vec![field("TY", line, at)], closed: false });
            }
            (Some(("ER", _)), Some(_)) => records.extend(open.take().map(|record| Record { closed: true, ..record })),
            (Some((tag, at)), Some(record)) => record.fields.push(field(tag, line, at)),
            (None, Some(record)) => {
                if let Some(last) = record.fields.last_mut() {
                    last.end = line.start + line.text.len();
                }
            }
            (_, None) => {
                let what = "this line stands outside a record (TY to ER): not taken";
                problems.push(Problem::error(file, what).at(line.number));
            }
        }
    }
    records.extend(open);
    (records, problems)
}

fn field<'a>(tag: &'a str, line: Line<'a>, at: usize) -> Field<'a> {
    Field { tag, line: line.number, start: line.start + at, end: line.start + line.text.len() }
}

fn source(
    file: &str,
    k: usize,
    several: bool,
    record: &Record<'_>,
    decoded: &Decoded,
    options: &Options,
) -> Result<SourceDraft, Problem> {
    let value = |field: &Field<'_>| decoded.text.get(field.start..field.end).unwrap_or_default().trim();
    let too_large = |_: TooLarge| Problem::error(file, "the record is larger than 1 GB").at(record.line);
    let mut builder = Builder::default();
    let mut written: Vec<&str> = Vec::new();
    for (question, tags) in [("title", ["T1", "TI", "CT", "ST"].as_slice()), ("abstract", &["AB", "N2"])] {
        for field in tags.iter().flat_map(|tag| record.fields.iter().filter(move |field| field.tag == *tag)) {
            let words = value(field);
            if words.is_empty() || written.contains(&words) {
                continue;
            }
            written.push(words);
            let place = Place {
                start: decoded.origin(field.start),
                verbatim: decoded.is_verbatim(),
                locator: Locator::Line(field.line),
            };
            builder
                .begin("", true, About { question: Some(question.into()), ..About::default() })
                .map_err(too_large)?;
            builder.words(words, place).map_err(too_large)?;
        }
    }
    let (text, segmentation) = builder.finish();
    if segmentation.turns.is_empty() {
        return Err(Problem::error(file, "the record has neither title nor abstract: not taken").at(record.line));
    }
    let first = |tag: &str| record.fields.iter().find(|field| field.tag == tag).map(value).filter(|v| !v.is_empty());
    let id = first("ID").or_else(|| first("AN")).or_else(|| first("DO"));
    let id = id.map_or_else(|| (k + 1).to_string(), str::to_owned);
    let name = if several { format!("{}/{id}", stem(file)) } else { file.to_owned() };
    let ids = BTreeMap::new();
    let clues = Clues { file, source: &name, name: &name, ids: &ids, default: Role::Other };
    let cast = cast::cast(&segmentation.speakers, clues, options);
    let mut source = SourceDraft::new(&name, Kind::Ris, text, segmentation, cast);
    let own = first("LA").filter(|l| l.len() == 2).map(str::to_lowercase);
    source.language = own.unwrap_or_else(|| options.language_for(&source.text));
    source.attributes.extend(attributes(record, value));
    Ok(source)
}

fn attributes<'a>(record: &Record<'_>, value: impl Fn(&Field<'_>) -> &'a str) -> BTreeMap<String, AttributeValue> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for field in &record.fields {
        let (name, value) = (name(field.tag), value(field));
        let values = found.entry(name).or_default();
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
    }
    let typed = |(name, values): (&str, Vec<&str>)| {
        let value = match values.as_slice() {
            [] => return None,
            [one] if !matches!(name, "authors" | "editors" | "keywords") => match name {
                "year" => values::typed(one.split('/').next().unwrap_or(one), false),
                _ => AttributeValue::Text((*one).into()),
            },
            many => AttributeValue::Many(many.iter().map(|value| (*value).to_owned()).collect()),
        };
        Some((name.to_owned(), value))
    };
    found.into_iter().filter(|(name, _)| !matches!(*name, "title" | "abstract")).filter_map(typed).collect()
}

/// The usual tags by name, others as they are.
fn name(tag: &str) -> &str {
    match tag {
        "T1" | "TI" | "CT" | "ST" => "title",
        "AB" | "N2" => "abstract",
        "AU" | "A1" => "authors",
        "A2" | "ED" => "editors",
        "PY" | "Y1" => "year",
        "JO" | "JF" | "JA" | "T2" => "journal",
        "DO" => "doi",
        "UR" | "L1" | "L2" => "link",
        "KW" => "keywords",
        "TY" => "type",
        "VL" => "volume",
        "IS" => "issue",
        "SP" => "first_page",
        "EP" => "last_page",
        "PB" => "publisher",
        "SN" => "issn",
        "LA" => "language",
        "N1" => "notes",
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::super::encoding::decode;
    use super::*;

    const TWO: &str = "TY  - JOUR\r\nTI  - On staying\r\nAU  - Poe, A.\r\nAU  - Doe, B.\r\nPY  - 2021/03\r\n\
                       N2  - People stay. They\r\nalso leave.\r\nAB  - People stay. They\r\nalso leave.\r\nUR  - u1\r\nUR  - u1\r\nER  - \r\n\r\n\
                       TY - BOOK\r\nT1 - A book\r\nDO - 10.1/x\r\nAB - One\r\nN2 - Two\r\n";

    #[test]
    fn records_become_sources() {
        let (decoded, _) = decode("refs.ris", TWO.as_bytes()).unwrap();
        let import = read("refs.ris", TWO.as_bytes(), &decoded, &Options::default()).unwrap();
        let [first, second] = import.sources.as_slice() else { panic!("{:?}", import.sources) };
        assert_eq!((first.name.as_str(), second.name.as_str()), ("refs/1", "refs/10.1/x"));
        assert_eq!(first.text, "On staying\nPeople stay. They\r\nalso leave.\n");
        assert_eq!(first.segmentation.turns[1].question.as_deref(), Some("abstract"));
        assert_eq!(first.attributes["authors"], AttributeValue::Many(vec!["Poe, A.".into(), "Doe, B.".into()]));
        assert_eq!(first.attributes["year"], AttributeValue::Number(2021.0));
        assert_eq!(first.attributes["link"], AttributeValue::Text("u1".into()));
        assert_eq!(second.text, "A book\nOne\nTwo\n");
        assert_eq!(import.problems.iter().map(|p| p.line).collect::<Vec<_>>(), [Some(14)]);
        let entry = &first.segmentation.map[1];
        assert!(entry.verbatim && TWO[entry.original_start as usize..].starts_with("People stay."));
    }

    #[test]
    fn lines_outside_records_are_told() {
        let text = "Exported today\nTY  - JOUR\nTI  - A\nER  - \nAB  - lost\n";
        let (decoded, _) = decode("a.ris", text.as_bytes()).unwrap();
        let import = read("a.ris", text.as_bytes(), &decoded, &Options::default()).unwrap();
        assert_eq!(import.sources[0].name, "a.ris");
        assert_eq!(import.problems.iter().map(|p| p.line).collect::<Vec<_>>(), [Some(1), Some(5)]);
    }
}
