//! `agree`: how far coders agree, per code and overall.

use super::error::CliError;
use super::session::{Outcome, Session, all_texts};
use crate::model::Hidden;
use crate::report::{Format, Table, Value, counted};
use crate::review::{
    Agreement, AgreementOptions, Choice, CodeAgreement, CompareError, Comparison, Measured, Measures, Rater,
    RaterError, SourceDraws, SpanAgreement, SpanPair, Unit, What, agreement, span_agreement,
};
use crate::stats::{AgreementCoefficient, AgreementWeights, Interval, Undefined};
use crate::store::Study;
use clap::ValueEnum;
use std::collections::{BTreeMap, BTreeSet};

/// How far coders agree: per code and overall, with intervals; what somebody has not read is no disagreement
#[derive(clap::Args)]
pub struct Args {
    /// These coders (`ann,ben`; `ann,ann#2` for two rounds); else all who have recorded having read
    #[arg(long, value_delimiter = ',')]
    coders: Vec<String>,
    /// What is compared; `spans` are the coders' own
    #[arg(long, value_enum, default_value_t)]
    unit: Unit,
    /// What is looked at in a unit
    #[arg(long, value_enum, default_value_t)]
    what: What,
    /// How far different counts are apart, for `--what count`
    #[arg(long, value_enum, default_value_t)]
    weights: Weights,
    /// For spans: percent of the text that either marked which both must have marked
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=100))]
    overlap: u8,
    /// Only these codes
    #[arg(long = "code", alias = "codes", value_delimiter = ',')]
    codes: Vec<String>,
    /// Only in these sources
    #[arg(long = "in", value_name = "SOURCE", value_delimiter = ',')]
    sources: Vec<String>,
    /// Draws of the bootstrap
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    draws: u32,
    /// Seed of the bootstrap; else the study's (`themata settings set seed N`)
    #[arg(long)]
    seed: Option<u64>,
}

/// How much two different counts agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Weights {
    /// Not at all
    #[default]
    None,
    /// Less, the farther they are apart
    Linear,
    /// Less by the square of the distance
    Quadratic,
}

/// Level of every interval.
const LEVEL: f64 = 0.95;

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    refuse_blinded(&study, session)?;
    let choice = choice(&study, &args.coders, &args.sources, &args.codes)?;
    let texts = all_texts(&store, &study)?;
    let comparison = Comparison::new(&study, &texts, &choice).map_err(explained)?;
    let seed = args.seed.unwrap_or(study.settings.seed);
    if args.unit == Unit::Spans {
        return spans(args, session, &comparison, seed);
    }
    let weights = match args.weights {
        Weights::None => AgreementWeights::Identity,
        Weights::Linear => AgreementWeights::Linear,
        Weights::Quadratic => AgreementWeights::Quadratic,
    };
    if weights != AgreementWeights::Identity && args.what != What::Count {
        return Err(CliError::new("weights need an order, and presence and polarity have none")
            .hint("`--what count --weights linear` weighs how often a code was given"));
    }
    let options =
        AgreementOptions { unit: args.unit, what: args.what, weights, replicates: args.draws, seed, level: LEVEL };
    let found = agreement(&comparison, &options);
    let after =
        comparison.after_decisions().map(|after| agreement(&after, &AgreementOptions { replicates: 0, ..options }));
    let after = after.map(|after| after_decisions(&after));
    if matches!(session.format, Format::Json | Format::Csv) {
        session.table(&full_table(&comparison, &found, after.as_ref(), &options))?;
        return Ok(Outcome::Done);
    }
    for table in
        [counts_table(args, &comparison, &found), coefficients_table(args, &comparison, &found, after.as_ref())]
    {
        // Numbers are never cut to the width of a terminal.
        session.print(&table.print(session.format, usize::MAX))?;
        session.print("\n")?;
    }
    for line in notes(args, seed, &comparison, &found) {
        session.print(&format!("{line}\n"))?;
    }
    Ok(Outcome::Done)
}

/// What to compare, with every name checked.
pub fn choice(study: &Study, coders: &[String], sources: &[String], codes: &[String]) -> Result<Choice, CliError> {
    let mut ids = BTreeSet::new();
    for name in sources {
        ids.insert(super::known::source(study, name)?.0.to_owned());
    }
    for code in codes {
        super::known::code(study, code)?;
    }
    Ok(Choice {
        raters: coders.iter().map(|name| Rater::parse(name)).collect(),
        sources: ids,
        codes: codes.iter().cloned().collect(),
    })
}

/// Why nothing can be compared, and what to type.
pub fn explained(error: CompareError) -> CliError {
    let shown = CliError::new(error.to_string());
    match error {
        CompareError::Raters(RaterError::Unknown { .. } | RaterError::Twice(_)) => shown,
        CompareError::Raters(_) => shown
            .hint("a coder who has read sources says so: `themata --coder NAME code cover SOURCE...`")
            .hint("codings made elsewhere come in with `themata --coder NAME import FILE.csv --as reference`"),
        CompareError::NoCommonSource { .. } => {
            shown.hint("`themata review status` shows who has read what; `themata code cover` records it")
        }
        CompareError::NoCommonCode { .. } => shown.hint("`themata review status` shows who has read for which codes"),
    }
}

fn title(args: &Args, comparison: &Comparison<'_>) -> String {
    let raters: Vec<String> = comparison.raters.iter().map(Rater::to_string).collect();
    let what = args.what.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let sources = counted(comparison.sources.len(), "source");
    let units = match args.unit {
        Unit::Source => sources,
        unit => format!("the {} of {sources}", unit.plural()),
    };
    format!("{} over {units}: {what} of each code", raters.join(", "))
}

fn two_by_two_columns(comparison: &Comparison<'_>) -> Vec<String> {
    match comparison.raters.as_slice() {
        [first, second] => vec!["both".into(), format!("only {first}"), format!("only {second}"), "neither".into()],
        _ => Vec::new(),
    }
}

/// What each did: the 2x2 table of two raters, and who gave the code how often.
fn counts_table(args: &Args, comparison: &Comparison<'_>, found: &Agreement) -> Table {
    let mut columns = vec!["code".to_owned(), args.unit.plural().to_owned()];
    columns.extend(comparison.raters.iter().map(|rater| format!("given by {rater}")));
    columns.extend(two_by_two_columns(comparison));
    columns
        .extend(["prevalence index".into(), "bias index".into()].into_iter().filter(|_| comparison.raters.len() == 2));
    let mut table = Table::new(title(args, comparison), &columns.iter().map(String::as_str).collect::<Vec<_>>());
    for code in &found.codes {
        let mut row: Vec<Value> = vec![code.code.as_str().into(), units_of(code)];
        row.extend(code.given.iter().zip(&code.rated).map(|(given, rated)| format!("{given} of {rated}").into()));
        row.extend(code.two_by_two.into_iter().flatten().map(Value::Count));
        row.extend([code.prevalence_index(), code.bias_index()].into_iter().flatten().map(|x| Value::Number(x, 2)));
        table.row(row);
    }
    table
}

fn units_of(code: &CodeAgreement) -> Value {
    Value::Count(code.measures.as_ref().map_or(0, |measures| measures.units))
}

const NAMES: [(AgreementCoefficient, &str); 5] = [
    (AgreementCoefficient::Percent, "agreement"),
    (AgreementCoefficient::Kappa, "kappa"),
    (AgreementCoefficient::Alpha, "alpha"),
    (AgreementCoefficient::Gwet, "AC1"),
    (AgreementCoefficient::BrennanPrediger, "PABAK"),
];

/// Every coefficient, its interval over units, and alpha's over sources.
fn coefficients_table(
    args: &Args,
    comparison: &Comparison<'_>,
    found: &Agreement,
    after: Option<&BTreeMap<String, Value>>,
) -> Table {
    let mut columns = vec!["code"];
    for (which, name) in NAMES {
        columns.push(match (which, args.weights, comparison.raters.len()) {
            (AgreementCoefficient::Kappa, _, 3..) => "Fleiss' kappa",
            (AgreementCoefficient::Kappa, ..) => "Cohen's kappa",
            (AgreementCoefficient::Gwet, Weights::Linear | Weights::Quadratic, _) => "AC2",
            (AgreementCoefficient::BrennanPrediger, ..) if args.what != What::Presence => "Brennan-Prediger",
            _ => name,
        });
    }
    columns.extend(["alpha, sources drawn", "positive", "negative"]);
    columns.extend(after.map(|_| AFTER));
    let mut table = Table::new("Agreement [95 % interval, units drawn]", &columns);
    let share = |estimate: Result<f64, Undefined>| estimate.map_or(Value::Empty, |x| Value::Number(x, 2));
    for code in &found.codes {
        let mut row = measures_in_words(&code.code, &code.measures);
        row.extend([share(code.positive), share(code.negative)]);
        row.extend(after.map(|after| after.get(&code.code).cloned().unwrap_or(Value::Empty)));
        table.row(row);
    }
    for (name, measures) in overall(found) {
        let mut row = measures_in_words(&name, measures);
        row.extend([Value::Empty, Value::Empty]);
        row.extend(after.map(|after| after.get(&name).cloned().unwrap_or(Value::Empty)));
        table.row(row);
    }
    table
}

const AFTER: &str = "alpha after";

/// Alpha after the decisions between coders, by code and for all.
fn after_decisions(found: &Agreement) -> BTreeMap<String, Value> {
    let alpha = |measures: &Result<Measures, Undefined>| {
        let alpha = measures.as_ref().ok().and_then(|measures| measures.get(AgreementCoefficient::Alpha));
        alpha.and_then(|alpha| alpha.value.ok()).map_or(Value::from("not computable"), |value| Value::Number(value, 3))
    };
    let codes = found.codes.iter().map(|code| (code.code.clone(), alpha(&code.measures)));
    codes.chain(overall(found).into_iter().map(|(name, measures)| (name, alpha(measures)))).collect()
}

/// What is measured over all codes, with its name.
fn overall(found: &Agreement) -> Vec<(String, &Result<Measures, Undefined>)> {
    if found.codes.len() < 2 {
        return Vec::new();
    }
    let mut all = vec![("all codes pooled".to_owned(), &found.pooled)];
    all.extend(found.labels.iter().map(|measures| ("which code, or none".to_owned(), measures)));
    all.extend(found.sets.iter().map(|(name, measures)| (format!("sets of codes ({name})"), measures)));
    all
}

fn measures_in_words(name: &str, measures: &Result<Measures, Undefined>) -> Vec<Value> {
    let mut row: Vec<Value> = vec![name.into()];
    let Ok(measures) = measures else {
        row.extend(std::iter::repeat_n(Value::from("not computable"), NAMES.len() + 1));
        return row;
    };
    row.extend(measures.all.iter().map(|one| Value::from(in_words(one))));
    let over_sources = measures.get(AgreementCoefficient::Alpha).map(|alpha| alpha.over_sources);
    row.push(over_sources.map_or(Value::Empty, |interval| interval_in_words(interval).into()));
    row
}

fn in_words(one: &Measured) -> String {
    match (one.value, one.over_units) {
        (Err(_), _) => "not computable".into(),
        (Ok(value), Ok(_)) => format!("{value:.3} {}", interval_in_words(one.over_units)),
        (Ok(value), Err(_)) => format!("{value:.3} (none)"),
    }
}

fn interval_in_words(interval: Result<Interval, Undefined>) -> String {
    interval.map_or_else(|_| "(none)".into(), |found| format!("[{:.2}, {:.2}]", found.lower, found.upper))
}

/// Everything in numbers, a row per code and for all together, for other programs.
fn full_table(
    comparison: &Comparison<'_>,
    found: &Agreement,
    after: Option<&BTreeMap<String, Value>>,
    options: &AgreementOptions,
) -> Table {
    let draws = || [Value::Count(options.replicates.into()), Value::Count(options.seed)];
    let mut columns: Vec<String> = vec!["code".into(), "units".into()];
    columns
        .extend(comparison.raters.iter().flat_map(|rater| [format!("rated by {rater}"), format!("given by {rater}")]));
    columns.extend(two_by_two_columns(comparison));
    for (_, name) in NAMES {
        columns
            .extend(["", " low", " high", " low over sources", " high over sources"].map(|end| format!("{name}{end}")));
    }
    columns.extend(
        ["positive", "negative", "prevalence index", "bias index", "why not", AFTER, "draws", "seed"].map(String::from),
    );
    let number_after = |name: &str| {
        let found = after.and_then(|after| after.get(name)).filter(|value| matches!(value, Value::Number(..)));
        found.cloned().unwrap_or(Value::Empty)
    };
    let mut table = Table::new("", &columns.iter().map(String::as_str).collect::<Vec<_>>());
    let number = |x: Option<f64>| x.map_or(Value::Empty, |x| Value::Number(x, 6));
    let coefficients = |measures: &Result<Measures, Undefined>| -> Vec<Value> {
        let Ok(measures) = measures else { return vec![Value::Empty; 5 * NAMES.len()] };
        let cells = |one: &Measured| {
            let ends =
                |interval: Result<Interval, Undefined>| interval.map_or([None; 2], |i| [Some(i.lower), Some(i.upper)]);
            let (units, sources) = (ends(one.over_units), ends(one.over_sources));
            [one.value.ok()].into_iter().chain(units).chain(sources).map(number).collect::<Vec<_>>()
        };
        measures.all.iter().flat_map(cells).collect()
    };
    for code in &found.codes {
        let mut row: Vec<Value> = vec![code.code.as_str().into(), units_of(code)];
        row.extend(
            code.rated.iter().zip(&code.given).flat_map(|(rated, given)| [Value::Count(*rated), Value::Count(*given)]),
        );
        row.extend(code.two_by_two.into_iter().flatten().map(Value::Count));
        row.extend(coefficients(&code.measures));
        row.extend([code.positive.ok(), code.negative.ok(), code.prevalence_index(), code.bias_index()].map(number));
        row.extend([why_not(&code.measures).into(), number_after(&code.code)]);
        row.extend(draws());
        table.row(row);
    }
    for (name, measures) in overall(found) {
        let mut row: Vec<Value> =
            vec![name.as_str().into(), measures.as_ref().map_or(Value::Empty, |m| Value::Count(m.units))];
        row.resize(2 + 2 * comparison.raters.len() + two_by_two_columns(comparison).len(), Value::Empty);
        row.extend(coefficients(measures));
        row.extend([
            Value::Empty,
            Value::Empty,
            Value::Empty,
            Value::Empty,
            why_not(measures).into(),
            number_after(&name),
        ]);
        row.extend(draws());
        table.row(row);
    }
    table
}

/// Why alpha or everything is not computable.
fn why_not(measures: &Result<Measures, Undefined>) -> Option<String> {
    match measures {
        Err(why) => Some(why.to_string()),
        Ok(measures) => measures.get(AgreementCoefficient::Alpha)?.value.err().map(|why| why.to_string()),
    }
}

/// Below this many units with the code, or this share of units, a code is rare.
const RARE: (u64, f64) = (5, 0.05);

fn notes(args: &Args, seed: u64, comparison: &Comparison<'_>, found: &Agreement) -> Vec<String> {
    let mut notes = Vec::new();
    let mut rare = Vec::new();
    for code in &found.codes {
        if let Some(why) = why_not(&code.measures) {
            notes.push(format!("{}: {why}.", code.code));
            continue;
        }
        let most = code.given.iter().copied().max().unwrap_or(0);
        if most < RARE.0 || code.prevalence().unwrap_or(0.0) < RARE.1 {
            rare.push(code.code.as_str());
        }
    }
    if !rare.is_empty() {
        notes.push(format!(
            "Rare (fewer than {} {}, or less than {:.0} % of them): {}. There kappa and alpha swing with single units: read AC1, and positive agreement.",
            RARE.0,
            args.unit.plural(),
            100.0 * RARE.1,
            rare.join(", ")
        ));
    }
    if found.codes.iter().any(|code| code.measures.as_ref().is_ok_and(without_interval)) {
        notes.push(
            "Without an interval: every draw gives the same, which says nothing about what else could have come out."
                .into(),
        );
    }
    notes.extend(ground(args, comparison, found));
    if comparison.after_decisions().is_some() {
        notes.push("Alpha after: what was decided between coders stands for all of them. It shows how far the work is, not how reliable the coding was.".into());
    }
    notes.push(format!(
        "Intervals: bootstrap, {} draws, seed {}. What stands in one source hangs together: with several sources, trust the interval that draws them. Krippendorff asks for an alpha of .800, and takes .667 for tentative conclusions.",
        args.draws, seed
    ));
    notes
}

fn without_interval(measures: &Measures) -> bool {
    measures.all.iter().any(|one| one.value.is_ok() && one.over_units.is_err())
}

/// What the comparison rests on, and what is not in it.
fn ground(args: &Args, comparison: &Comparison<'_>, found: &Agreement) -> Vec<String> {
    let mut notes = Vec::new();
    let given = found.codes.iter().filter(|code| code.given.iter().any(|n| *n > 0)).count();
    notes.push(format!(
        "Pooled over {} that somebody gave: a codebook's unused codes would make it look better.",
        counted(given, "code")
    ));
    let mut aside = Vec::new();
    for (k, rater) in comparison.raters.iter().enumerate() {
        let alone: u64 = found.codes.iter().map(|code| code.rated.get(k).copied().unwrap_or(0)).max().unwrap_or(0);
        let common =
            found.codes.iter().filter_map(|code| code.measures.as_ref().ok()).map(|m| m.units).max().unwrap_or(0);
        if alone > common {
            aside.push(format!("{} {} that only {rater} has read", alone - common, args.unit.plural()));
        }
    }
    if comparison.read_by_one > 0 {
        aside.push(format!("{} that only one coder has read", counted(comparison.read_by_one, "source")));
    }
    if comparison.read_apart > 0 {
        aside.push(format!("{} of which each coder has read other turns", counted(comparison.read_apart, "source")));
    }
    if comparison.without_reading > 0 {
        aside.push(format!(
            "{} in what their coder has not recorded having read (`themata code cover`)",
            counted(comparison.without_reading, "coding")
        ));
    }
    if !comparison.one_sided.is_empty() {
        aside.push(format!("codes that only one coder has read for ({})", comparison.one_sided.join(", ")));
    }
    if !aside.is_empty() {
        notes.push(format!("Not compared: {}.", aside.join("; ")));
    }
    notes
}

fn spans(args: &Args, session: &Session, comparison: &Comparison<'_>, seed: u64) -> Result<Outcome, CliError> {
    let draws = SourceDraws { replicates: args.draws, seed, level: LEVEL };
    let found = span_agreement(comparison, f64::from(args.overlap) / 100.0, draws);
    let names: Vec<String> = comparison.raters.iter().map(Rater::to_string).collect();
    let heading = format!(
        "{}: own spans that share {} % of what either marked, {}",
        names.join(", "),
        args.overlap,
        counted(comparison.sources.len(), "source")
    );
    let mut table = match names.as_slice() {
        [first, second] => spans_of_two(heading, [first, second], &found),
        _ => spans_of_many(heading, &names, &found),
    };
    table.note("Text that nobody marked is no agreement here; unitizing alpha compares lengths, and takes chance out.");
    if names.len() > 2 {
        table.note("Mean of all pairs: every two coders count alike (the mean F of Hripcsak and Rothschild 2005); unitizing alpha is of all coders at once, where all have read.");
    }
    table.note(format!("Intervals: bootstrap over sources, {} draws, seed {seed}.", args.draws));
    session.print(&table.print(session.format, usize::MAX))?;
    Ok(Outcome::Done)
}

fn spans_of_two(heading: String, names: [&String; 2], found: &[SpanAgreement]) -> Table {
    let marked = names.map(|name| format!("marked by {name}"));
    let mut columns = vec!["code"];
    columns.extend(marked.iter().map(String::as_str));
    columns.extend(["matched", "same polarity", "positive agreement", "low", "high", "unitizing alpha"]);
    let mut table = Table::new(heading, &columns);
    for one in found {
        for pair in &one.pairs {
            let mut row: Vec<Value> = vec![one.code.as_str().into()];
            row.extend(pair_in_numbers(pair));
            row.push(number_or_why(one.unitizing));
            table.row(row);
        }
    }
    table
}

/// A row for every two coders, and their mean.
fn spans_of_many(heading: String, names: &[String], found: &[SpanAgreement]) -> Table {
    let columns = [
        "code",
        "coders",
        "marked by the first",
        "by the second",
        "matched",
        "same polarity",
        "positive agreement",
        "low",
        "high",
        "unitizing alpha",
    ];
    let mut table = Table::new(heading, &columns);
    for one in found {
        for pair in &one.pairs {
            let who: Vec<&str> = pair.raters.iter().filter_map(|k| names.get(*k)).map(String::as_str).collect();
            let mut row: Vec<Value> = vec![one.code.as_str().into(), who.join(", ").into()];
            row.extend(pair_in_numbers(pair));
            row.push(Value::Empty);
            table.row(row);
        }
        let mut row: Vec<Value> = vec![one.code.as_str().into(), "mean of all pairs".into()];
        row.extend([Value::Empty, Value::Empty, Value::Empty, Value::Empty, number_or_why(one.positive)]);
        row.extend(ends(one.over_sources));
        row.push(number_or_why(one.unitizing));
        table.row(row);
    }
    table
}

fn pair_in_numbers(pair: &SpanPair) -> Vec<Value> {
    let counts = [pair.marked[0], pair.marked[1], pair.matched, pair.same_polarity].map(Value::Count);
    counts.into_iter().chain([number_or_why(pair.positive)]).chain(ends(pair.over_sources)).collect()
}

fn number_or_why(estimate: Result<f64, Undefined>) -> Value {
    estimate.map_or(Value::from("not computable"), |x| Value::Number(x, 3))
}

fn ends(interval: Result<Interval, Undefined>) -> [Value; 2] {
    interval
        .map_or([Value::Empty, Value::Empty], |found| [Value::Number(found.lower, 2), Value::Number(found.upper, 2)])
}

/// Agreement and reviews show what every coder did.
pub fn refuse_blinded(study: &Study, session: &Session) -> Result<(), CliError> {
    super::blind::refuse(study, session, &[Hidden::Coders], "this shows it")
}
