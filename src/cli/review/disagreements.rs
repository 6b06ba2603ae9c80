//! `review disagreements / show / confusion`: where coders differ.

use crate::cli::error::CliError;
use crate::cli::session::{Outcome, Session, all_texts};
use crate::model::{Confidence, Reason};
use crate::report::{Table, Value, counted, one_line};
use crate::review::{self, Choice, Comparison, Disagreement, Kind, Rater};
use crate::store::{SourceText, Study};
use std::collections::{BTreeMap, BTreeSet};

/// Where coders who have read the same differ, one line each, with the codes whose definitions cause most of it
#[derive(clap::Args)]
pub struct ListArgs {
    /// Only this kind
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Only these codes
    #[arg(long = "code", alias = "codes", value_delimiter = ',')]
    codes: Vec<String>,
    /// Only in this source
    #[arg(long = "in", value_name = "SOURCE")]
    source: Option<String>,
    /// Only where these coders differ from each other
    #[arg(long, value_delimiter = ',')]
    coders: Vec<String>,
    /// Decided ones too
    #[arg(long)]
    all: bool,
}

/// One disagreement, side by side, with the turns around it
#[derive(clap::Args)]
pub struct ShowArgs {
    /// Its id, or its number in `review disagreements --all`
    disagreement: String,
}

/// How often one coder gave a code where another gave a different one, or none
#[derive(clap::Args)]
pub struct ConfusionArgs {
    /// Only these coders; else all who have recorded having read
    #[arg(long, value_delimiter = ',')]
    coders: Vec<String>,
}

/// What all coders have in common, or why there is nothing.
pub fn common<'a>(
    study: &'a Study,
    texts: &'a BTreeMap<String, SourceText>,
    session: &Session,
) -> Result<Comparison<'a>, CliError> {
    crate::cli::agree::refuse_blinded(study, session)?;
    Comparison::new(study, texts, &Choice::default()).map_err(crate::cli::agree::explained)
}

/// Runs `disagreements`.
pub fn list(args: &ListArgs, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let texts = all_texts(&store, &study)?;
    let comparison = common(&study, &texts, session)?;
    let source = match &args.source {
        Some(name) => Some(crate::cli::known::source(&study, name)?.0),
        None => None,
    };
    for code in &args.codes {
        crate::cli::known::code(&study, code)?;
    }
    let named = numbers_of(&comparison, &args.coders)?;
    let all = comparison.disagreements();
    let keep = |one: &Disagreement<'_>| {
        (args.all || one.decided.is_none())
            && args.kind.is_none_or(|kind| kind == one.kind)
            && (args.codes.is_empty() || one.codes.iter().any(|code| args.codes.iter().any(|wanted| wanted == code)))
            && source.is_none_or(|source| one.source == source)
            && differ(one, &named)
    };
    let mut columns = vec!["number", "disagreement", "kind", "source"];
    let names: Vec<String> = comparison.raters.iter().map(Rater::to_string).collect();
    columns.extend(names.iter().map(String::as_str));
    columns.extend(["final", "reason", "quotation"]);
    let mut table = Table::new("", &columns);
    table.running_text = true;
    let mut shown = 0;
    for (k, one) in all.iter().enumerate().filter(|(_, one)| keep(one)) {
        let mut row: Vec<Value> = vec![
            (k + 1).into(),
            one.id.as_str().into(),
            one.kind.name().into(),
            comparison.source_name(one.source).into(),
        ];
        row.extend((0..names.len()).map(|rater| side(one, rater)));
        row.push(final_in_words(&study, one).into());
        row.push(one.decided.map(|decision| decision.reason.name()).into());
        row.push(texts.get(one.source).and_then(|text| one.span.of(&text.text)).unwrap_or("").into());
        table.row(row);
        shown += 1;
    }
    let decided = all.iter().filter(|one| one.decided.is_some()).count();
    table.note(format!(
        "{shown} of {}: {}; {decided} decided, {} open",
        counted(all.len(), "disagreement"),
        by_kind(&all),
        all.len() - decided
    ));
    table.notes.extend(trouble(&all));
    if decided < all.len() {
        table.note("`themata review show ID` shows one side by side; `themata review adjudicate ID --final NAME --reason oversight` decides it");
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn numbers_of(comparison: &Comparison<'_>, names: &[String]) -> Result<Vec<usize>, CliError> {
    let find = |name: &String| {
        let known = comparison.raters.iter().map(Rater::to_string).collect::<Vec<_>>().join(", ");
        let found = comparison.raters.iter().position(|rater| rater.to_string() == *name);
        found.ok_or_else(|| CliError::new(format!("coder `{name}` is not among those compared: {known}")))
    };
    names.iter().map(find).collect()
}

/// Whether the named raters are on different sides; everybody's difference counts where nobody is named.
fn differ(one: &Disagreement<'_>, named: &[usize]) -> bool {
    let sides: BTreeSet<String> = named.iter().map(|rater| one.side_in_words(*rater)).collect();
    match named {
        [] => true,
        [only] => one.sides.contains_key(only),
        _ => sides.len() > 1,
    }
}

fn side(one: &Disagreement<'_>, rater: usize) -> Value {
    if one.sides.contains_key(&rater) { one.side_in_words(rater).into() } else { "not read".into() }
}

fn final_in_words(study: &Study, one: &Disagreement<'_>) -> Option<String> {
    let decision = one.decided?;
    let word = |id: &String| {
        let coding = study.codings.get(id)?;
        Some(format!("{} ({})", coding.code.as_deref().unwrap_or_default(), coding.polarity.name()))
    };
    let finals: Vec<String> = decision.finals.iter().filter_map(word).collect();
    Some(if finals.is_empty() { "nothing".to_owned() } else { finals.join(", ") })
}

fn by_kind(all: &[Disagreement<'_>]) -> String {
    let of = |kind: Kind| (kind, all.iter().filter(|one| one.kind == kind).count());
    let counts = Kind::ALL.map(of).into_iter().filter(|(_, n)| *n > 0);
    let words: Vec<String> = counts.map(|(kind, n)| format!("{n} {}", kind.name())).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

/// Which definitions cause the trouble: codes by their disagreements, and by those that were put down to the definition.
fn trouble(all: &[Disagreement<'_>]) -> Option<String> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for one in all {
        for code in &one.codes {
            let counts = counts.entry(code).or_default();
            counts.0 += 1;
            counts.1 += usize::from(one.decided.is_some_and(|decision| decision.reason == Reason::Definition));
        }
    }
    let mut order: Vec<(&str, (usize, usize))> = counts.into_iter().collect();
    order.sort_by(|a, b| (b.1.1, b.1.0, a.0).cmp(&(a.1.1, a.1.0, b.0)));
    let word = |(code, (n, definition)): &(&str, (usize, usize))| match definition {
        0 => format!("{code} {n}"),
        definition => format!("{code} {n} ({definition} for its definition)"),
    };
    let words: Vec<String> = order.iter().take(6).map(word).collect();
    (!words.is_empty()).then(|| format!("Codes by disagreements: {}.", words.join(", ")))
}

/// Runs `show`.
pub fn show(args: &ShowArgs, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let texts = all_texts(&store, &study)?;
    let comparison = common(&study, &texts, session)?;
    let all = comparison.disagreements();
    let number: Option<usize> = args.disagreement.parse().ok();
    let by_number = number.and_then(|number| all.get(number.checked_sub(1)?));
    let one = by_number.or_else(|| all.iter().find(|one| one.id == args.disagreement)).ok_or_else(|| {
        CliError::new(format!("there is no disagreement `{}`", args.disagreement))
            .hint("`themata review disagreements --all` lists them with number and id")
    })?;
    let title = format!("{} ({}) in {}", one.id, one.kind.name(), comparison.source_name(one.source));
    let said = one.sides.values().flatten().any(|given| given.coding.confidence.is_some());
    let mut columns = vec!["coder", "coding", "code", "polarity", "time"];
    columns.extend(said.then_some("confidence"));
    columns.extend(["note", "quotation"]);
    let mut table = Table::new(title, &columns);
    table.running_text = true;
    let words = |span: crate::model::Span| texts.get(one.source).and_then(|text| span.of(&text.text)).unwrap_or("");
    for (rater, given) in &one.sides {
        let name = comparison.rater(*rater).map(Rater::to_string).unwrap_or_default();
        if given.is_empty() {
            table.row([name.as_str().into(), Value::Empty, "nothing".into()]);
        }
        for one in given {
            let mut row: Vec<Value> = vec![
                name.as_str().into(),
                one.id.into(),
                one.coding.code.clone().into(),
                one.coding.polarity.name().into(),
                one.coding.qualifiers.time.name().into(),
            ];
            row.extend(said.then(|| one.coding.confidence.map(Confidence::name).into()));
            row.extend([one.coding.note.as_str().into(), words(one.coding.span).into()]);
            table.row(row);
        }
    }
    table.notes.extend(around(&texts, one));
    for code in &one.codes {
        if let Some(known) = study.codebook.codebook.codes.get(*code) {
            let defined = if known.full.is_empty() { &known.brief } else { &known.full };
            let defined = if defined.is_empty() { "no definition yet" } else { defined };
            table.note(format!("{code}: {}", one_line(defined)));
        }
    }
    if let (Some(decision), Some(words)) = (one.decided, final_in_words(&study, one)) {
        table.note(format!(
            "Decided by {}: {words}, because of {}. {}",
            decision.adjudicator,
            decision.reason.name(),
            one_line(&decision.note)
        ));
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}

/// The turns of the place and one on each side.
fn around(texts: &BTreeMap<String, SourceText>, one: &Disagreement<'_>) -> Vec<String> {
    let Some(text) = texts.get(one.source) else { return Vec::new() };
    let inside = text.turns_in(one.span);
    let last = text.segmentation.turns.len();
    let turns = inside.start.saturating_sub(1)..(inside.end + 1).min(last);
    turns.map(|turn| format!("  {}: {}", text.speaker(turn), one_line(text.turn(turn)))).collect()
}

/// Runs `confusion`.
pub fn confusion(args: &ConfusionArgs, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    crate::cli::agree::refuse_blinded(&study, session)?;
    let texts = all_texts(&store, &study)?;
    let choice = crate::cli::agree::choice(&study, &args.coders, &[], &[])?;
    let comparison = Comparison::new(&study, &texts, &choice).map_err(crate::cli::agree::explained)?;
    let counts = review::confusion(&comparison);
    let codes: BTreeSet<&str> = counts.keys().flat_map(|(a, b)| [a.as_str(), b.as_str()]).collect();
    // "-" is no code and stands last.
    let mut order: Vec<&str> = codes.into_iter().filter(|code| *code != NOTHING).collect();
    order.extend(counts.keys().any(|(a, _)| a == NOTHING).then_some(NOTHING));
    let mut columns = vec!["one gave \\ another gave"];
    columns.extend(order.iter().map(|code| if *code == NOTHING { "nothing" } else { code }));
    let mut table = Table::new("Places by the codes that two coders gave", &columns);
    for row in &order {
        let mut cells: Vec<Value> = vec![if *row == NOTHING { "nothing" } else { row }.into()];
        cells.extend(order.iter().map(|column| {
            counts.get(&((*row).to_owned(), (*column).to_owned())).copied().map_or(Value::Empty, Value::from)
        }));
        table.row(cells);
    }
    table.note("On the diagonal: places where all gave the code. Elsewhere a place counts once in both orders, however many coders there are.");
    session.table(&table)?;
    Ok(Outcome::Done)
}

const NOTHING: &str = "-";
