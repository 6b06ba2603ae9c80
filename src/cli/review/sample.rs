//! `review sample / sheet / verdict / audit`: random samples of what was coded, or was not, and what they show.

use crate::cli::error::{CliError, Shown};
use crate::cli::session::{Outcome, Session, all_texts};
use crate::code::Coder;
use crate::join::{Outcome as StudyOutcome, OutcomeValues, ScoreTable, Unit};
use crate::model::{AuditSample, Drawn, Hidden, Judged, Verdict};
use crate::report::{Table, Value, counted};
use crate::review::{
    By, Frame, Share, Size, StratumResult, WrittenVerdict, count_verdicts, estimate, judged_named, read_verdicts,
    sample_record, total,
};
use crate::store::Study;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Draw coded excerpts at random for an audit, or turns without a code to see what was missed
#[derive(clap::Args)]
pub struct SampleArgs {
    /// Turns that were read for this code and have neither a coding nor a suggestion of it
    #[arg(long, value_name = "CODE", conflicts_with = "codes")]
    uncoded: Option<String>,
    /// Only these codes
    #[arg(long = "code", alias = "codes", value_delimiter = ',')]
    codes: Vec<String>,
    /// Strata: all, code, coder, origin, rule, polarity, confidence, wave or outcome:NAME
    #[arg(long, default_value = "all")]
    by: String,
    /// How many in all, shared among the strata by their size
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    size: u32,
    /// How many of each stratum instead
    #[arg(long, conflicts_with = "size", value_parser = clap::value_parser!(u32).range(1..))]
    each: Option<u32>,
    /// Seed of the draw; else the study's (`themata settings set seed N`)
    #[arg(long)]
    seed: Option<u64>,
}

/// Print a sample as a sheet to judge: what was drawn, without who coded it
#[derive(clap::Args)]
pub struct SheetArgs {
    /// Id of the sample; the newest, if none is named
    sample: Option<String>,
}

/// Say of an excerpt whether it is right, wrong (missed) or unclear; one, or a table
#[derive(clap::Args)]
pub struct VerdictArgs {
    /// Id of the sample
    sample: String,
    /// Number of the excerpt
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    number: Option<u32>,
    /// right, wrong or unclear; missed for a turn that has the code
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    verdict: Option<String>,
    /// A note kept with it
    #[arg(long, default_value = "")]
    note: String,
    /// A table number,verdict and, if wanted, note; all go in, or none
    #[arg(long, value_name = "CSV")]
    from: Option<PathBuf>,
}

/// What the verdicts on a sample show: error rates per stratum with intervals, and the estimate for everything
#[derive(clap::Args)]
pub struct AuditArgs {
    /// Id of the sample; the newest, if none is named
    sample: Option<String>,
}

/// Level of every interval.
const LEVEL: f64 = 0.95;

/// Runs `sample`.
pub fn sample(args: &SampleArgs, session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    crate::cli::agree::refuse_blinded(&study, session)?;
    for code in args.codes.iter().chain(&args.uncoded) {
        crate::cli::known::code(&study, code)?;
    }
    let by = By::parse(&args.by).ok_or_else(|| {
        CliError::new(format!("`{}` makes no strata", args.by)).hint(
            "all, code, coder, origin, rule, polarity, confidence, wave, or outcome:NAME such as outcome:attachment.T1=secure",
        )
    })?;
    let groups = groups(&study, session, &by)?;
    let texts = all_texts(&store, &study)?;
    let suggestions = Coder::of(&study).shown()?.study(&study, &texts);
    let frame = Frame { study: &study, texts: &texts, suggestions: &suggestions, groups: &groups };
    let (drawn, population, only) = match &args.uncoded {
        Some(code) => (Drawn::Uncoded, frame.uncoded(&by, code), format!("code {code}")),
        None if args.codes.is_empty() => (Drawn::Coded, frame.coded(&by, &args.codes), String::new()),
        None => (Drawn::Coded, frame.coded(&by, &args.codes), format!("code {}", args.codes.join(", "))),
    };
    if population.is_empty() {
        return Err(match drawn {
            Drawn::Coded => CliError::new("no coded excerpt counts here, so there is nothing to draw")
                .hint("`themata review status` shows what was read, and what is still open between coders"),
            Drawn::Uncoded => CliError::new("no turn was read for this code and left without it")
                .hint("`themata code cover` records what was read"),
        });
    }
    let undecided = population.undecided;
    let seed = args.seed.unwrap_or(study.settings.seed);
    let (strata, items) = population.draw(drawn, args.each.map_or(Size::Total(args.size), Size::Each), seed);
    let (id, record) = sample_record(AuditSample {
        drawn,
        by: args.by.clone(),
        only,
        seed,
        strata,
        items,
        by_whom: session.coder.clone(),
        when: session.now.clone(),
    });
    let mut change = store.change(&session.command, session.because.as_deref());
    change.put(&id, &record).shown()?;
    change.commit().shown()?;
    let what = match drawn {
        Drawn::Coded => "excerpt",
        Drawn::Uncoded => "turn",
    };
    let population: u32 = record.strata.iter().map(|stratum| stratum.population).sum();
    session.print(&format!("{id}\n"))?;
    session.say(&format!(
        "drawn: {} of {population}, {}, seed {seed}",
        counted(record.items.len(), what),
        counted(record.strata.len(), "stratum").replace("stratums", "strata")
    ));
    let drawn = record.items.len();
    if args.each.is_none() && drawn > args.size as usize {
        session.say(&format!(
            "more than the {} asked for: of every stratum at least two are drawn, because one alone shows no spread",
            args.size
        ));
    }
    if undecided > 0 {
        session.say(&format!(
            "in neither number, because only a suggestion or a coding that does not count speaks for them: {}",
            counted(undecided as usize, "turn")
        ));
    }
    session.say(&format!("judge them with `themata review sheet {id}` and `themata review verdict {id} NUMBER right`"));
    Ok(Outcome::Done)
}

/// Group of each participant by the outcome that the strata are made by.
fn groups(study: &Study, session: &Session, by: &By) -> Result<BTreeMap<String, String>, CliError> {
    let By::Outcome(name) = by else { return Ok(BTreeMap::new()) };
    crate::cli::blind::refuse(study, session, &[Hidden::Scores, Hidden::Group], "these strata show them")?;
    let outcome = StudyOutcome::parse(name).shown()?;
    let values = outcome.values(study, &ScoreTable::of(study), Unit::Participant).shown()?;
    match values {
        OutcomeValues::Binary { yes, no, values } => {
            Ok(values.into_iter().map(|(id, is)| (id, if is { yes.clone() } else { no.clone() })).collect())
        }
        OutcomeValues::Classes { values, .. } => Ok(values),
        OutcomeValues::Numeric { values, levels } if !levels.is_empty() => {
            let level = |rank: f64| levels.get((rank - 1.0) as usize).cloned().unwrap_or_default();
            Ok(values.into_iter().map(|(id, rank)| (id, level(rank))).collect())
        }
        OutcomeValues::Numeric { .. } => Err(CliError::new(format!("`{name}` is a number, and strata are groups"))
            .hint(format!("cut it: outcome:{name}>3.5"))),
    }
}

/// The sample with this id, or the newest.
fn find<'a>(study: &'a Study, named: Option<&String>) -> Result<(&'a str, &'a AuditSample), CliError> {
    let found = match named {
        Some(id) => study.samples.get_key_value(id),
        None => study.samples.iter().max_by_key(|(id, sample)| (&sample.when, *id)),
    };
    found.map(|(id, sample)| (id.as_str(), sample)).ok_or_else(|| {
        let known: Vec<&str> = study.samples.keys().map(String::as_str).collect();
        let error = CliError::new(match named {
            Some(id) => format!("there is no sample `{id}`"),
            None => "no sample has been drawn yet".to_owned(),
        });
        match known.as_slice() {
            [] => error.hint("`themata review sample --by code` draws one"),
            known => error.hint(format!("there are: {}", known.join(", "))),
        }
    })
}

/// Runs `sheet`.
pub fn sheet(args: &SheetArgs, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    crate::cli::agree::refuse_blinded(&study, session)?;
    let (id, sample) = find(&study, args.sample.as_ref())?;
    let own = |number: u32| study.verdicts.get(&format!("{id}/{number}/{}", session.coder));
    let mut table = Table::new(design(id, sample), &["number", "verdict", "code", "polarity", "source", "quotation"]);
    table.running_text = true;
    let mut texts = BTreeMap::new();
    let mut gone = 0;
    for (number, item) in (1_u32..).zip(&sample.items) {
        let Some(source) = study.sources.get(&item.source) else {
            gone += 1;
            continue;
        };
        if !texts.contains_key(&item.source) {
            texts.insert(item.source.clone(), study.text(&store, source).shown()?);
        }
        let coding = item.coding.as_ref().and_then(|id| study.codings.get(id));
        let span = coding.map_or(item.span, |coding| coding.span);
        table.row([
            number.into(),
            own(number).map(|verdict| verdict.judged.name()).into(),
            item.code.as_str().into(),
            coding.map(|coding| coding.polarity.name()).into(),
            source.name.as_str().into(),
            texts.get(&item.source).and_then(|text| span.of(&text.text)).unwrap_or("").into(),
        ]);
    }
    let judged = (1..).zip(&sample.items).filter(|(number, _)| own(*number).is_some()).count();
    table.note(format!("{judged} of {} judged by {}", sample.items.len(), session.coder));
    if gone > 0 {
        table.note(format!("{gone} left out, because of a withdrawal"));
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn design(id: &str, sample: &AuditSample) -> String {
    let what = match sample.drawn {
        Drawn::Coded => "coded excerpts",
        Drawn::Uncoded => "turns without the code",
    };
    let only = if sample.only.is_empty() { String::new() } else { format!(", {}", sample.only) };
    format!("Sample {id}: {what}{only}, strata by {}, seed {}, drawn by {}", sample.by, sample.seed, sample.by_whom)
}

/// Runs `verdict`.
pub fn verdict(args: &VerdictArgs, session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    crate::cli::agree::refuse_blinded(&study, session)?;
    let (id, sample) = find(&study, Some(&args.sample))?;
    let written = match (&args.from, args.number, &args.verdict) {
        (Some(path), ..) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| CliError::new(format!("cannot read {}: {error}", path.display())))?;
            read_verdicts(&text).shown().map_err(|error| {
                error.hint("`themata review sheet --format csv` makes such a table: fill in its column verdict")
            })?
        }
        (None, Some(number), Some(verdict)) => {
            vec![WrittenVerdict { number, verdict: verdict.clone(), note: args.note.clone() }]
        }
        _ => return Err(CliError::new("say which excerpt, and right, wrong or unclear")),
    };
    let mut change = store.change(&session.command, session.because.as_deref());
    for WrittenVerdict { number, verdict, note } in &written {
        if *number == 0 || *number as usize > sample.items.len() {
            return Err(CliError::new(format!("the sample has excerpts 1 to {}, and no {number}", sample.items.len())));
        }
        let judged = judged_named(verdict, sample.drawn).ok_or_else(|| {
            CliError::new(format!("`{verdict}` is no verdict"))
                .hint(format!("{}; missed for a turn that has the code", Judged::ALL.map(Judged::name).join(", ")))
        })?;
        let record = Verdict {
            sample: id.to_owned(),
            item: *number,
            judged,
            auditor: session.coder.clone(),
            note: note.clone(),
        };
        change.put(&format!("{id}/{number}/{}", session.coder), &record).shown()?;
    }
    change.commit().shown()?;
    session.say(&format!(
        "{} on {id}; `themata review audit {id}` shows what they say",
        counted(written.len(), "verdict")
    ));
    Ok(Outcome::Done)
}

/// Runs `audit`.
pub fn audit(args: &AuditArgs, session: &Session) -> Result<Outcome, CliError> {
    let (_, study) = session.reader()?;
    crate::cli::agree::refuse_blinded(&study, session)?;
    let (id, sample) = find(&study, args.sample.as_ref())?;
    let strata = count_verdicts(&study, id, sample);
    let uncoded = sample.drawn == Drawn::Uncoded;
    let columns: &[&str] = if uncoded {
        &["stratum", "turns without", "drawn", "judged", "missed", "missed share", "turns with", "recall"]
    } else {
        &["stratum", "excerpts", "drawn", "judged", "wrong", "error rate"]
    };
    let mut table = Table::new(design(id, sample), columns);
    let row = |one: &StratumResult, rate: Share| {
        let mut row: Vec<Value> = vec![
            one.name.as_str().into(),
            Value::Count(one.population),
            Value::Count(one.drawn),
            Value::Count(one.judged),
            Value::Count(one.wrong),
            share_in_words(rate).into(),
        ];
        if uncoded {
            row.extend([Value::Count(one.coded), share_in_words(one.recall(rate)).into()]);
        }
        row
    };
    for one in &strata {
        table.row(row(one, one.error_rate(LEVEL)));
    }
    if strata.len() > 1 {
        table.row(row(&total(&strata), estimate(&strata, LEVEL)));
    }
    let all = total(&strata);
    if all.unclear > 0 {
        table.note(format!("Left out as unclear, or because auditors differ: {}.", all.unclear));
    }
    if all.judged + all.unclear < all.drawn {
        table.note(format!("Not judged yet: {} of {}.", all.drawn - all.judged - all.unclear, all.drawn));
    }
    table.note(
        "Shares with their 95 % intervals (Wilson; for all strata together at the effective sample size, without credit for how much was drawn).",
    );
    if uncoded {
        table.note("Recall: turns with the code, of these and the estimated missed ones. It takes the codings for right; an audit of coded excerpts shows whether they are.");
    }
    session.print(&table.print(session.format, usize::MAX))?;
    Ok(Outcome::Done)
}

fn share_in_words(share: Share) -> String {
    match share {
        Ok((share, interval)) => {
            format!("{:.1} % [{:.1}, {:.1}]", 100.0 * share, 100.0 * interval.lower, 100.0 * interval.upper)
        }
        Err(why) => why.to_string(),
    }
}
