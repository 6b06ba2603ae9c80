//! Tables of codings: `source,coder,code,polarity,time,experiencer,target,confidence,quote,turn,note`, one row per coding.
//!
//! Reads what somebody decided; where the words stand is looked up by the caller, who has the texts. The place is a
//! quotation, a turn of the source, or the whole source. A blank code says nothing; `n/a` (or `-`) says that the
//! place was read and has no code; `none` and `NA` are codes like any other.

use super::Problem;
use crate::model::{Confidence, Experiencer, Polarity, Time};
use std::collections::BTreeMap;

/// Where a coding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The words.
    Quote(String),
    /// A turn of the source, from 0.
    Turn(u32),
    /// All of the source.
    Whole,
}

/// One coding of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceRow {
    /// Line of the file, from 1.
    pub line: u32,
    /// Name of the source.
    pub source: String,
    /// Who coded; the person who imports, where the table does not say.
    pub coder: Option<String>,
    /// Codes, as written; none where the place was read and has none.
    pub codes: Vec<String>,
    /// Polarity; present where the column is missing or empty.
    pub polarity: Polarity,
    /// Time; unknown where the column is missing or empty.
    pub time: Time,
    /// Whose experience; the speaker's where the column is missing or empty.
    pub experiencer: Experiencer,
    /// Directed at.
    pub target: Option<String>,
    /// How sure the coder was; nothing where the column is missing or empty.
    pub confidence: Option<Confidence>,
    /// Where.
    pub place: Place,
    /// What the coder noted; empty where there is no such column.
    pub note: String,
}

/// Positions of the columns.
struct Columns {
    source: usize,
    codes: Vec<usize>,
    others: BTreeMap<&'static str, usize>,
}

impl Columns {
    /// As mapped, else by their names. Several columns of codes are mapped as `code=first|second`.
    fn find(file: &str, header: &csv::StringRecord, mapped: &BTreeMap<String, String>) -> Result<Self, Problem> {
        let at = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name.trim()));
        let known: Vec<String> = header.iter().map(str::to_owned).collect();
        let column = |field: &str| match mapped.get(field) {
            None => Ok(at(field)),
            Some(name) => at(name).map(Some).ok_or_else(|| {
                Problem::error(file, format!("there is no column {name} (mapped to {field})"))
                    .at(1)
                    .hint(format!("the columns are {}", super::problem::column_list(&known)))
            }),
        };
        let hint = "a table of codings has the columns source and code, and quote or turn, and may have coder, polarity, \
                    time, experiencer, target, confidence and note; `--columns code=behaviour` names another";
        let need = |name: &str| Problem::error(file, format!("has no column `{name}`")).at(1).hint(hint);
        let source = column("source")?.ok_or_else(|| need("source"))?;
        let mut codes = Vec::new();
        for name in mapped.get("code").map_or("code", String::as_str).split('|') {
            codes.push(at(name).ok_or_else(|| need(name.trim()))?);
        }
        let mut others = BTreeMap::new();
        for field in ["coder", "quote", "turn", "polarity", "time", "experiencer", "target", "confidence", "note"] {
            others.extend(column(field)?.map(|k| (field, k)));
        }
        Ok(Self { source, codes, others })
    }

    fn cell<'a>(&self, record: &'a csv::StringRecord, field: &str) -> Option<&'a str> {
        filled(record, *self.others.get(field)?)
    }
}

fn filled(record: &csv::StringRecord, k: usize) -> Option<&str> {
    record.get(k).map(str::trim).filter(|cell| !cell.is_empty())
}

/// Reads such a table: the rows that can be used, and a problem for every other. `mapped` names columns by field.
pub fn read_reference(
    file: &str,
    text: &str,
    mapped: &BTreeMap<String, String>,
) -> Result<(Vec<ReferenceRow>, Vec<Problem>), Problem> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| Problem::error(file, format!("has no readable header: {error}")))?;
    let columns = Columns::find(file, header, mapped)?;
    let (mut rows, mut problems, mut blank) = (Vec::new(), Vec::new(), 0);
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
        if columns.codes.iter().all(|k| filled(&record, *k).is_none()) {
            blank += 1;
            continue;
        }
        match row(&columns, &record, line) {
            Ok(row) => rows.push(row),
            Err(whats) => problems.extend(whats.into_iter().map(|what| Problem::error(file, what).at(line))),
        }
    }
    if blank > 0 {
        let what = format!("rows without a code say nothing and were left out: {blank}");
        problems.push(Problem::warning(file, what).hint("where somebody read and found nothing, write `n/a`"));
    }
    count_turns_from_zero(&mut rows);
    Ok((rows, problems))
}

fn row(columns: &Columns, record: &csv::StringRecord, line: u32) -> Result<ReferenceRow, Vec<String>> {
    let cell = |field: &str| columns.cell(record, field);
    let times = [Time::Before, Time::During, Time::After, Time::General, Time::Unknown];
    let people = [Experiencer::Speaker, Experiencer::Other, Experiencer::Unknown];
    let polarity = word(cell("polarity"), Polarity::Present, &Polarity::ALL, Polarity::name);
    let time = word(cell("time"), Time::Unknown, &times, Time::name);
    let experiencer = word(cell("experiencer"), Experiencer::Speaker, &people, Experiencer::name);
    let confidence = cell("confidence").map(|cell| one_of(cell, &Confidence::ALL, Confidence::name)).transpose();
    let source = filled(record, columns.source).ok_or_else(|| "the source is empty".to_owned());
    let place = match (cell("quote"), cell("turn")) {
        (Some(quote), _) => Ok(Place::Quote(quote.to_owned())),
        (None, Some(turn)) => turn.parse().map(Place::Turn).map_err(|_| format!("`{turn}` is no number of a turn")),
        (None, None) if columns.others.contains_key("quote") || columns.others.contains_key("turn") => {
            Err("neither a quotation nor a turn is named".to_owned())
        }
        (None, None) => Ok(Place::Whole),
    };
    let cells = columns.codes.iter().filter_map(|k| filled(record, *k)).flat_map(|cell| cell.split(';'));
    let given = cells.map(str::trim).filter(|code| !code.is_empty() && !is_no_code(code));
    match (source, polarity, time, experiencer, confidence, place) {
        (Ok(source), Ok(polarity), Ok(time), Ok(experiencer), Ok(confidence), Ok(place)) => Ok(ReferenceRow {
            line,
            source: source.to_owned(),
            coder: cell("coder").map(str::to_owned),
            codes: given.map(str::to_owned).collect(),
            polarity,
            time,
            experiencer,
            target: cell("target").map(str::to_owned),
            confidence,
            place,
            note: cell("note").unwrap_or_default().to_owned(),
        }),
        (source, polarity, time, experiencer, confidence, place) => {
            let whats = [source.err(), polarity.err(), time.err(), experiencer.err(), confidence.err(), place.err()];
            Err(whats.into_iter().flatten().collect())
        }
    }
}

/// The marks that say "read, and no code".
fn is_no_code(cell: &str) -> bool {
    cell.eq_ignore_ascii_case("n/a") || matches!(cell, "-" | "–")
}

/// Turns are counted from 1, or from 0 where the table has a turn 0.
fn count_turns_from_zero(rows: &mut [ReferenceRow]) {
    if rows.iter().any(|row| row.place == Place::Turn(0)) {
        return;
    }
    for row in rows {
        if let Place::Turn(turn) = &mut row.place {
            *turn = turn.saturating_sub(1);
        }
    }
}

fn word<T: Copy>(cell: Option<&str>, default: T, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    cell.map_or(Ok(default), |cell| one_of(cell, all, name))
}

fn one_of<T: Copy>(cell: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|value| name(*value).eq_ignore_ascii_case(cell)).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|value| name(*value)).collect();
        format!("`{cell}` is not one of {}", known.join(", "))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str, mapped: &[(&str, &str)]) -> (Vec<ReferenceRow>, Vec<Problem>) {
        let mapped = mapped.iter().map(|(field, column)| ((*field).to_owned(), (*column).to_owned())).collect();
        read_reference("r.csv", text, &mapped).unwrap()
    }

    #[test]
    fn rows_go_in_and_bad_ones_are_named_with_their_line() {
        let text = "source,code,polarity,note,quote\na.txt,trust,absent,latent,\"I trust, well, nobody\"\na.txt,trust,maybe,,x\n,trust,present,,y\n";
        let (rows, problems) = read(text, &[]);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].polarity, &rows[0].coder), (Polarity::Absent, &None));
        assert_eq!(rows[0].note, "latent");
        assert_eq!(rows[0].place, Place::Quote("I trust, well, nobody".into()));
        assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [Some(3), Some(4)]);
        assert!(problems[0].what.contains("maybe"));
    }

    #[test]
    fn many_coders_turns_and_columns_of_codes_go_in() {
        let text = "file,who,n,first,second\na,ann,0,trust,shame; hope\na,ben,1,n/a,\na,ben,2,,\n";
        let mapped = [("source", "file"), ("coder", "who"), ("turn", "n"), ("code", "first|second")];
        let (rows, problems) = read(text, &mapped);
        assert_eq!(rows[0].codes, ["trust", "shame", "hope"]);
        assert_eq!((rows[0].coder.as_deref(), &rows[0].place), (Some("ann"), &Place::Turn(0)));
        assert_eq!((rows[1].codes.len(), &rows[1].place, rows.len()), (0, &Place::Turn(1), 2));
        assert!(problems[0].what.ends_with("left out: 1"), "{problems:?}");
    }

    #[test]
    fn turns_are_counted_from_one_and_no_place_is_the_whole_source() {
        let (rows, _) = read("source,code,turn\na,trust,1\n", &[]);
        assert_eq!(rows[0].place, Place::Turn(0));
        let (rows, _) = read("source,code\na,trust\n", &[]);
        assert_eq!(rows[0].place, Place::Whole);
        let (rows, problems) = read("source,code,turn\na,trust,\nb,trust,x\n", &[]);
        assert_eq!((rows.len(), problems.len()), (0, 2));
    }

    #[test]
    fn a_missing_column_is_named() {
        let none = BTreeMap::new();
        let problem = read_reference("r.csv", "source,quote\na,b\n", &none).unwrap_err();
        assert!(problem.what.contains("`code`"));
        let mapped = BTreeMap::from([("coder".to_owned(), "who".to_owned())]);
        let problem = read_reference("r.csv", "source,code,quote\na,b,c\n", &mapped).unwrap_err();
        assert!(problem.what.contains("no column who") && problem.hint.contains("quote"));
    }
}
