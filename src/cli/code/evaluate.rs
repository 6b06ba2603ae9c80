//! `code evaluate`: the rules against a reference coding.

use crate::cli::error::{CliError, Shown};
use crate::cli::session::{Outcome, Session, all_texts};
use crate::code::{Coder, Evaluation, sentence_spans};
use crate::join::{Layer, Statement, Statements, statements};
use crate::matrix;
use crate::model::{Coding, Coverage, FIRST_ROUND, Polarity, Source, Span};
use crate::report::{Table, Value, counted};
use crate::store::{SourceText, Study};
use std::collections::BTreeSet;

/// Hold the rules against a coder's reference coding: precision, recall, F1, kappa, polarity
#[derive(clap::Args)]
pub struct Args {
    /// The coder whose codings are the reference
    #[arg(long)]
    reference: String,
    /// Only these codes
    #[arg(long = "code", alias = "codes", value_delimiter = ',')]
    codes: Vec<String>,
    /// Only in these sources
    #[arg(long = "in", value_name = "SOURCE", value_delimiter = ',')]
    sources: Vec<String>,
    /// Codings with this note need not be found, because no word of theirs names the theme (`--implied latent`)
    #[arg(long, value_name = "NOTE")]
    implied: Option<String>,
    /// Compare also where each person stands, as the matrix counts people
    #[arg(long)]
    people: bool,
    /// List every miss and every false alarm
    #[arg(long)]
    differences: bool,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let coder = Coder::of(&study).shown()?;
    super::run::refuse_blinded(&study, session)?;
    for code in &args.codes {
        crate::cli::known::code(&study, code)?;
    }
    let mut only = BTreeSet::new();
    for name in &args.sources {
        only.insert(crate::cli::known::source(&study, name)?.0.to_owned());
    }
    let expected = |coding: &Coding| args.implied.as_ref().is_none_or(|note| coding.note != *note);
    let mut evaluation = Evaluation::default();
    let mut by_rules = Statements::default();
    let (mut read, mut implied) = (0_usize, 0_usize);
    for row in study.coverage.values().filter(|row| row.coder == args.reference && row.round == FIRST_ROUND) {
        if !only.is_empty() && !only.contains(&row.source) {
            continue;
        }
        let Some(source) = study.sources.get(&row.source) else { continue };
        let text = study.text(&store, source).shown()?;
        let all: BTreeSet<String> = if row.codes.is_empty() {
            study
                .codebook
                .codebook
                .codes
                .iter()
                .filter(|(_, code)| !code.rules.is_empty())
                .map(|(id, _)| id.clone())
                .collect()
        } else {
            row.codes.iter().cloned().collect()
        };
        let codes: BTreeSet<String> =
            all.into_iter().filter(|code| args.codes.is_empty() || args.codes.contains(code)).collect();
        let read_here = |span: Span| row.turns.is_empty() || was_read(row, source, &text, span);
        let reference: Vec<&Coding> = study
            .codings
            .values()
            .filter(|coding| coding.source == row.source && coding.coder == args.reference)
            .filter(|coding| coding.round == FIRST_ROUND && read_here(coding.span))
            .collect();
        let mut suggestions = coder.source(&text.text, &text.segmentation, source);
        suggestions.retain(|one| read_here(one.unit));
        if args.people {
            let statement = |one| Statement::of_suggestion(&study, &row.source, &text, one);
            by_rules.list.extend(suggestions.iter().filter_map(statement));
        }
        let mut units = sentence_spans(&study, source, &text);
        units.retain(|unit| read_here(*unit));
        evaluation.add(&row.source, &codes, &suggestions, &reference, &units, &expected);
        let of_these = |coding: &&&Coding| coding.code.as_ref().is_some_and(|code| codes.contains(code));
        implied += reference.iter().filter(of_these).filter(|coding| !expected(coding)).count();
        read += 1;
    }
    if read == 0 {
        return Err(CliError::new(format!("coder `{}` has covered no source, so there is nothing to compare with", args.reference))
            .hint("import a reference coding with `themata import FILE --as reference --coder NAME`, or code and `themata code cover`"));
    }
    let mut table = codes_table(&evaluation, &args.reference, read);
    if let Some(note) = &args.implied {
        table.note(format!(
            "Not expected to be found: {} noted as `{note}`. A suggestion that meets one is right all the same.",
            counted(implied, "coding")
        ));
    }
    session.table(&table)?;
    session.table(&polarity_table(&evaluation))?;
    if args.people {
        let texts = all_texts(&store, &study)?;
        let mut reference = statements(&study, &texts, &Layer::Coder(args.reference.clone())).shown()?;
        reference.covered.retain(|source, _| only.is_empty() || only.contains(source));
        by_rules.covered.clone_from(&reference.covered);
        session.table(&people_table(&study, &reference, &by_rules, evaluation.codes.keys()))?;
    }
    if args.differences {
        let mut table = Table::new("Misses and false alarms", &["what", "code", "polarity", "source", "quotation"]);
        table.running_text = true;
        for difference in &evaluation.differences {
            let Some(source) = study.sources.get(&difference.source) else { continue };
            let text = study.text(&store, source).shown()?;
            table.row([
                if difference.missed { "missed" } else { "false alarm" }.into(),
                difference.code.as_str().into(),
                difference.polarity.name().into(),
                source.name.as_str().into(),
                difference.span.of(&text.text).unwrap_or("").into(),
            ]);
        }
        session.table(&table)?;
    }
    Ok(Outcome::Done)
}

/// Whether a span lies in a turn that a record names.
fn was_read(row: &Coverage, source: &Source, text: &SourceText, span: Span) -> bool {
    let ordinals = text.turns_in(span).map(|turn| source.first_ordinal + turn as u32);
    ordinals.into_iter().any(|turn| row.turns.iter().any(|(first, last)| (*first..=*last).contains(&turn)))
}

fn codes_table(evaluation: &Evaluation, reference: &str, sources: usize) -> Table {
    let columns = ["code", "reference", "suggested", "precision", "recall", "F1", "kappa", "polarity right"];
    let mut table = Table::new(
        format!("Rules against the reference coding of {reference}, {}", counted(sources, "source")),
        &columns,
    );
    let number = |x: Option<f64>| x.map_or(Value::from("not computable"), |x| Value::Number(x, 2));
    for (code, result) in &evaluation.codes {
        table.row([
            code.as_str().into(),
            result.reference.into(),
            result.suggested.into(),
            number(result.precision()),
            number(result.recall()),
            number(result.f1()),
            number(result.kappa()),
            format!("{} of {}", result.polarity_right, result.found).into(),
        ]);
    }
    match evaluation.macro_f1() {
        Some(f1) => table.note(format!("Macro F1 {f1:.3} over {} codes.", evaluation.codes.len())),
        None => table.note("Macro F1: not computable, because no code occurs on both sides."),
    }
    table.note("A suggestion is right when it shares at least half of the shorter span with a reference coding of its code; kappa is over sentences.");
    table
}

fn people_table<'a>(
    study: &Study,
    reference: &Statements,
    rules: &Statements,
    codes: impl Iterator<Item = &'a String>,
) -> Table {
    let columns = ["code", "people", "same", "kappa", "say it is there", "deny it"];
    let mut table = Table::new("Where each person stands, by the reference and by the rules", &columns);
    for code in codes {
        let of = |read: &Statements| matrix::standings(study, read, std::slice::from_ref(code));
        let found = matrix::alike(&of(reference), &of(rules));
        let [present, denied] = [found.present, found.denied].map(|[both, one, two]| format!("{both} + {one} - {two}"));
        table.row([
            code.as_str().into(),
            found.people.into(),
            found.same.into(),
            found.kappa.map_or(Value::from("not computable"), |kappa| Value::Number(kappa, 2)),
            present.into(),
            denied.into(),
        ]);
    }
    table.note("Standings: present only, absent only, mixed, ceased or reduced, not mentioned. `8 + 2 - 1`: 8 people in both readings, 2 that the rules miss, 1 in the rules alone; to deny is to say absent, ceased or reduced.");
    table
}

fn polarity_table(evaluation: &Evaluation) -> Table {
    let mut columns = vec!["reference \\ rules"];
    columns.extend(Polarity::ALL.map(Polarity::name));
    let mut table = Table::new("Polarity where both found the code", &columns);
    for wanted in Polarity::ALL {
        let counts = Polarity::ALL.map(|read| evaluation.polarity.get(&(wanted, read)).copied().unwrap_or(0));
        if counts.iter().any(|&count| count > 0) {
            let mut row: Vec<Value> = vec![wanted.name().into()];
            row.extend(counts.map(Value::from));
            table.row(row);
        }
    }
    table
}
