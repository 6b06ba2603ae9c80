//! Tables of codings: `source,code,polarity,time,experiencer,target,quote`, one row per coding.
//!
//! Reads what somebody decided; where the words stand is looked up by the caller, who has the texts.

use super::Problem;
use crate::model::{Experiencer, Polarity, Time};

/// One coding of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceRow {
    /// Line of the file, from 1.
    pub line: u32,
    /// Name of the source.
    pub source: String,
    /// Code, as written.
    pub code: String,
    /// Polarity; present where the column is missing or empty.
    pub polarity: Polarity,
    /// Time; unknown where the column is missing or empty.
    pub time: Time,
    /// Whose experience; the speaker's where the column is missing or empty.
    pub experiencer: Experiencer,
    /// Directed at.
    pub target: Option<String>,
    /// The words.
    pub quote: String,
}

/// Reads such a table: the rows that can be used, and a problem for every other.
pub fn read_reference(file: &str, text: &str) -> Result<(Vec<ReferenceRow>, Vec<Problem>), Problem> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| Problem::error(file, format!("has no readable header: {error}")))?;
    let at = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let hint = "a reference coding has the columns source, code and quote, and may have polarity, time, experiencer and target";
    let need =
        |name: &str| at(name).ok_or_else(|| Problem::error(file, format!("has no column `{name}`")).at(1).hint(hint));
    let (source, code, quote) = (need("source")?, need("code")?, need("quote")?);
    let (polarity, time, experiencer, target) = (at("polarity"), at("time"), at("experiencer"), at("target"));
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for record in reader.into_records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(1, |position| position.line() as u32);
                problems
                    .push(Problem::error(file, "the row cannot be read").at(line).hint("check its quotation marks"));
                continue;
            }
        };
        let line = record.position().map_or(0, |position| position.line() as u32);
        let cell = |k: Option<usize>| k.and_then(|k| record.get(k)).map(str::trim).filter(|cell| !cell.is_empty());
        let (Some(source), Some(code), Some(quote)) = (cell(Some(source)), cell(Some(code)), cell(Some(quote))) else {
            problems.push(Problem::error(file, "source, code or quote is empty").at(line));
            continue;
        };
        let polarity = word(cell(polarity), Polarity::Present, &Polarity::ALL, Polarity::name);
        let times = [Time::Before, Time::During, Time::After, Time::General, Time::Unknown];
        let time = word(cell(time), Time::Unknown, &times, Time::name);
        let people = [Experiencer::Speaker, Experiencer::Other, Experiencer::Unknown];
        let experiencer = word(cell(experiencer), Experiencer::Speaker, &people, Experiencer::name);
        match (polarity, time, experiencer) {
            (Ok(polarity), Ok(time), Ok(experiencer)) => rows.push(ReferenceRow {
                line,
                source: source.to_owned(),
                code: code.to_owned(),
                polarity,
                time,
                experiencer,
                target: cell(target).map(str::to_owned),
                quote: quote.to_owned(),
            }),
            (polarity, time, experiencer) => {
                for what in [polarity.err(), time.err(), experiencer.err()].into_iter().flatten() {
                    problems.push(Problem::error(file, what).at(line));
                }
            }
        }
    }
    Ok((rows, problems))
}

fn word<T: Copy>(cell: Option<&str>, default: T, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    let Some(cell) = cell else { return Ok(default) };
    all.iter().copied().find(|value| name(*value).eq_ignore_ascii_case(cell)).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|value| name(*value)).collect();
        format!("`{cell}` is not one of {}", known.join(", "))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_in_and_bad_ones_are_named_with_their_line() {
        let text = "source,code,polarity,quote\na.txt,trust,absent,\"I trust, well, nobody\"\na.txt,trust,maybe,x\n,trust,present,y\n";
        let (rows, problems) = read_reference("r.csv", text).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].polarity, Polarity::Absent);
        assert_eq!(rows[0].quote, "I trust, well, nobody");
        assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [Some(3), Some(4)]);
        assert!(problems[0].what.contains("maybe"));
    }

    #[test]
    fn a_missing_column_is_named() {
        let problem = read_reference("r.csv", "source,code\na,b\n").unwrap_err();
        assert!(problem.what.contains("`quote`"));
    }
}
