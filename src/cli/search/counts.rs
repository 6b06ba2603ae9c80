//! `search --count` and `--facet`: how much was found, in all and by the values of a field.

use super::{Asked, Work, refuse_blind};
use crate::cli::error::{CliError, Shown};
use crate::join::{Tally, doubts};
use crate::query::{self, Field, FieldValue, Query, nearest};
use crate::report::{Table, Value, counted};
use std::collections::BTreeMap;

/// Fields that can be counted by.
const FIELDS: [&str; 13] = [
    "speaker",
    "role",
    "participant",
    "source",
    "wave",
    "question",
    "lang",
    "code",
    "theme",
    "polarity",
    "coder",
    "attr.NAME",
    "score.NAME.WAVE",
];

/// Prints the counts.
pub fn run(asked: &Asked<'_>) -> Result<Work, CliError> {
    let by = asked.args.shown.facet.as_deref().map(field).transpose()?;
    if let Some(by) = &by {
        refuse_blind(by, asked.session, asked.study)?;
        // Where the study has no such field, every turn is without a value.
        let any = Query::Field(by.clone(), FieldValue::Text("*".into()));
        for doubt in doubts(asked.study, asked.sets.scores, &any) {
            asked.session.say(&format!("note: {doubt}"));
        }
    }
    let found = asked.turns()?;
    let mut tallies: Vec<(Option<String>, Tally<'_>)> = match &by {
        Some(by) => asked.sets.facet(by, &found).shown()?,
        None => vec![(None, asked.sets.tally(&found).shown()?)],
    };
    tallies.sort_by(|(a, a_tally), (b, b_tally)| (b_tally.turns, a.is_none(), a).cmp(&(a_tally.turns, b.is_none(), b)));
    let name = by.as_ref().map(ToString::to_string);
    let mut columns: Vec<&str> = name.as_deref().into_iter().collect();
    let has_words = asked.query.has_words();
    if by.is_none() || has_words {
        columns.push("hits");
    }
    columns.extend(["turns", "sources", "participants"]);
    if by.is_some() {
        columns.push("% of turns");
    }
    let rates = asked.args.per_words && has_words;
    let words = if rates {
        columns.extend(["words", "per 1,000 words"]);
        words_of(asked, by.as_ref())?
    } else {
        BTreeMap::new()
    };
    let mut table = Table::new("", &columns);
    let rows = tallies.len();
    for (value, tally) in asked.page(tallies) {
        let mut row: Vec<Value> = Vec::new();
        if let Some(name) = &name {
            row.push(value.clone().unwrap_or_else(|| format!("(no {name})")).into());
        }
        if by.is_none() || has_words {
            row.push(Value::Count(tally.hits));
        }
        row.extend([Value::Count(tally.turns), tally.sources.into(), tally.participants.len().into()]);
        if by.is_some() {
            row.push(Value::Number(100.0 * tally.turns as f64 / found.len().max(1) as f64, 1));
        }
        if rates {
            let words = words.get(&value).copied().unwrap_or(0);
            row.push(Value::Count(words));
            row.push(if words > 0 {
                Value::Number(1000.0 * tally.hits as f64 / words as f64, 2)
            } else {
                Value::Empty
            });
        }
        table.row(row);
    }
    if let Some(by) = &by {
        table.note(format!("{} found (100 %), counted by {by}", counted(found.len(), "turn")));
        if by.is_of_coding() {
            table.note("a turn that is coded in several ways stands in several rows");
        }
    }
    if rates {
        let of = asked.query.filter().map_or_else(|| "all turns".to_owned(), |filter| format!("turns with {filter}"));
        table.note(format!("words: all spoken words of {of}; the rate is hits in 1,000 of them"));
    } else if asked.args.per_words {
        table.note("no rate per 1,000 words: the query asks for no words");
    }
    if let Some(note) = asked.page_note(table.rows.len(), rows, "rows") {
        table.note(note);
    }
    asked.session.table(&table)?;
    Ok(Work::Nothing)
}

/// Words of the turns in which the query could have found something: those that its conditions choose.
fn words_of(asked: &Asked<'_>, by: Option<&Field>) -> Result<BTreeMap<Option<String>, u64>, CliError> {
    let turns = match asked.query.filter() {
        None => asked.reader.turns(),
        Some(filter) => asked.turns_of(&filter)?,
    };
    asked.sets.words(by, &turns).shown()
}

/// The field with this name, written as in a query.
fn field(name: &str) -> Result<Field, CliError> {
    let path = name.starts_with("attr.") || name.starts_with("score.");
    let plain = Field::named(name).filter(|field| !matches!(field, Field::Memo | Field::Saved));
    let field = if path {
        match query::parse(&format!("{name}:x")) {
            Ok(Query::Field(field, _)) => Some(field),
            _ => None,
        }
    } else {
        plain
    };
    field.ok_or_else(|| {
        let near = nearest(name, FIELDS).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        CliError::new(format!("nothing can be counted by `{name}`{near}"))
            .hint(format!("one of: {}", FIELDS.join(", ")))
    })
}
