//! `quotes`: codings with their words, and the way back from a cell.

use super::error::{CliError, Shown};
use super::matrix::{Loaded, parse_polarity};
use super::session::{Outcome, Session};
use crate::code;
use crate::join::rules_in_words;
use crate::matrix::{self, MatrixSpec};
use crate::model::{Coding, Confidence, Hidden};
use crate::report::{Table, Value};
use crate::review::Rater;

/// Quotations with participant, wave, code and polarity; those behind a cell with `--cell ID`
#[derive(clap::Args)]
pub struct Args {
    /// A cell id from a matrix
    #[arg(long, conflicts_with_all = ["code", "participant", "source"])]
    cell: Option<String>,
    /// Only this code
    #[arg(long)]
    code: Option<String>,
    /// Only this participant
    #[arg(long)]
    participant: Option<String>,
    /// Only this source
    #[arg(long)]
    source: Option<String>,
    /// Only this polarity
    #[arg(long)]
    polarity: Option<String>,
    /// Only this coder's (`ann#2` for the second round)
    #[arg(long)]
    by: Option<String>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.cell {
        Some(id) => cell(id, session),
        None => list(args, session),
    }
}

fn cell(id: &str, session: &Session) -> Result<Outcome, CliError> {
    let (spec, row, group) = MatrixSpec::of_cell_id(id).map_err(CliError::new)?;
    if let Some(within) = spec.outcome.to_string().strip_prefix("within=") {
        return pair(id, &spec, &row, within, session);
    }
    let (store, study) = session.reader()?;
    super::matrix::refuse_blinded(&study, session)?;
    let loaded = Loaded::new(&store, study)?;
    let statements = loaded.statements_of(&spec, &|layer| in_cell(id, layer))?;
    let filter = loaded.filter(&spec, &statements)?;
    let inputs = loaded.inputs(&statements, filter.as_ref());
    let quotes = matrix::cell_quotes(&inputs, &spec, &group).map_err(CliError::new)?;
    let columns =
        ["participant", "counts", "stands", "wave", "outcome", "polarity", "time", "coding", "source", "quotation"];
    let mut table = Table::new(format!("Quotations behind {id}"), &columns);
    table.running_text = true;
    let mut people: Vec<&str> = Vec::new();
    for quote in &quotes {
        let statement = quote.statement;
        let Some(source) = loaded.study.sources.get(&statement.source) else { continue };
        let words = loaded.texts.get(&statement.source).and_then(|text| statement.span.of(&text.text)).unwrap_or("");
        table.row([
            quote.unit.as_str().into(),
            if quote.counted { "yes" } else { "no" }.into(),
            quote.standing.name().into(),
            source.wave.clone().into(),
            quote.outcome.as_str().into(),
            statement.polarity.name().into(),
            statement.time.name().into(),
            statement.id.as_str().into(),
            source.name.as_str().into(),
            words.into(),
        ]);
        if quote.counted && people.last() != Some(&quote.unit.as_str()) {
            people.push(&quote.unit);
        }
    }
    table.note(match people.as_slice() {
        [] => "n = 0".to_owned(),
        people => format!("n = {} ({})", people.len(), people.join(", ")),
    });
    session
        .rules(&mut table, rules_in_words(&loaded.study, &loaded.scores, spec.at_risk.iter().chain([&spec.outcome])));
    if loaded.study.settings.fictional {
        table.note("The data are fictional.");
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}

/// The layer is a part of the id of a cell.
fn in_cell(id: &str, layer: &str) -> String {
    format!("`themata quotes --cell '{id};layer={layer}'`")
}

/// Statements of two codes where they meet.
fn pair(id: &str, spec: &MatrixSpec, rows: &str, within: &str, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let loaded = Loaded::new(&store, study)?;
    let statements = loaded.statements_of(spec, &|layer| in_cell(id, layer))?;
    let filter = loaded.filter(spec, &statements)?;
    let inputs = loaded.inputs(&statements, filter.as_ref());
    let found = matrix::pair_quotes(&inputs, spec, &loaded.texts, rows, within).map_err(CliError::new)?;
    let columns = ["participant", "code", "polarity", "time", "coding", "source", "turn", "quotation"];
    let mut table = Table::new(format!("Quotations behind {id}"), &columns);
    table.running_text = true;
    for statement in &found {
        let Some(source) = loaded.study.sources.get(&statement.source) else { continue };
        let words = loaded.texts.get(&statement.source).and_then(|text| statement.span.of(&text.text)).unwrap_or("");
        table.row([
            statement.participant.clone().into(),
            statement.code.as_str().into(),
            statement.polarity.name().into(),
            statement.time.name().into(),
            statement.id.as_str().into(),
            source.name.as_str().into(),
            (statement.turn + 1).into(),
            words.into(),
        ]);
    }
    table.note(format!("{} quotations where both occur", found.len()));
    if loaded.study.settings.fictional {
        table.note("The data are fictional.");
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn list(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let polarity = args.polarity.as_deref().map(parse_polarity).transpose()?;
    let (store, study) = session.reader()?;
    let source = match &args.source {
        Some(name) => Some(super::known::source(&study, name)?.0.to_owned()),
        None => None,
    };
    if let Some(code) = &args.code {
        super::known::code(&study, code)?;
    }
    if let Some(participant) = &args.participant {
        super::known::participant(&study, participant)?;
    }
    let keep = |coding: &Coding| {
        args.code.as_ref().is_none_or(|code| coding.code.as_ref() == Some(code))
            && source.as_ref().is_none_or(|source| coding.source == *source)
            && polarity.is_none_or(|polarity| coding.polarity == polarity)
            && args
                .by
                .as_ref()
                .is_none_or(|by| Rater::parse(by) == Rater { coder: coding.coder.clone(), round: coding.round })
    };
    let mut order: Vec<(&String, &Coding)> = study.codings.iter().filter(|(_, coding)| keep(coding)).collect();
    let mut columns = vec!["coding", "code", "polarity", "time", "experiencer"];
    // Few coders say how sure they are: where nobody does, the column would only take room.
    let say_confidence = order.iter().any(|(_, coding)| coding.confidence.is_some());
    columns.extend(say_confidence.then_some("confidence"));
    columns.extend(["participant", "wave", "coder", "origin", "source", "quotation"]);
    let mut table = Table::new("", &columns);
    table.running_text = true;
    let name = |coding: &Coding| study.sources.get(&coding.source).map(|source| source.name.as_str());
    order.sort_by(|a, b| (name(a.1), a.1.span, a.0).cmp(&(name(b.1), b.1.span, b.0)));
    let mut texts = std::collections::BTreeMap::new();
    let mut shifted = 0;
    for (id, coding) in order {
        let Some(source) = study.sources.get(&coding.source) else { continue };
        if !texts.contains_key(&coding.source) {
            texts.insert(coding.source.clone(), study.text(&store, source).shown()?);
        }
        let Some(text) = texts.get(&coding.source) else { continue };
        let speaker = text.turns_in(coding.span).next().map(|turn| text.speaker(turn).to_owned()).unwrap_or_default();
        let person = source.participants.get(&speaker).cloned();
        if study.is_withdrawn(source, &speaker) {
            continue;
        }
        if args.participant.is_some() && person != args.participant {
            continue;
        }
        let Some(words) = code::quotation(coding, text, |quote| store.keyed_digest(quote)) else {
            shifted += 1;
            continue;
        };
        let mut row: Vec<Value> = vec![
            id.as_str().into(),
            coding.code.clone().into(),
            coding.polarity.name().into(),
            coding.qualifiers.time.name().into(),
            coding.qualifiers.experiencer.name().into(),
        ];
        row.extend(say_confidence.then(|| coding.confidence.map(Confidence::name).into()));
        row.extend([
            person.into(),
            source.wave.clone().into(),
            Rater { coder: coding.coder.clone(), round: coding.round }.to_string().into(),
            coding.origin.name().into(),
            source.name.as_str().into(),
            Value::from(words),
        ]);
        table.row(row);
    }
    let shown = table.rows.len();
    table.note(format!("{shown} of {} codings, codebook version {}", study.codings.len(), study.codebook.number));
    super::blind::note(&study, session, &[Hidden::Coders, Hidden::Wave], &mut table);
    if shifted > 0 {
        table
            .note(format!("{shifted} not shown: their words are no longer where they were coded; see `themata check`"));
    }
    session.table(&table)?;
    Ok(Outcome::of(shifted > 0))
}
