//! `code accept / reject / recode / remove`: decisions, one by one or in bulk with a preview.

use super::run::{Choice, Found, Suggestions, suggestions};
use crate::cli::error::{CliError, Shown};
use crate::cli::session::{Outcome, Session};
use crate::code::Decided;
use crate::model::{Coding, Hidden, Origin};
use crate::report::counted;
use crate::store::{Store, Study};
use std::collections::BTreeSet;

/// Take suggestions as codings
#[derive(clap::Args)]
pub struct AcceptArgs {
    /// Ids of suggestions, from `code run --list`
    ids: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    /// In bulk: do what the preview says
    #[arg(long)]
    yes: bool,
    /// How sure you are, if you want to say it: sure or unsure
    #[arg(long)]
    confidence: Option<String>,
}

/// Turn suggestions down
#[derive(clap::Args)]
pub struct RejectArgs {
    /// Ids of suggestions, from `code run --list`
    ids: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    /// In bulk: do what the preview says
    #[arg(long)]
    yes: bool,
    /// Why, kept with each
    #[arg(long, default_value = "")]
    note: String,
}

/// Give codings another code, polarity, time, target, experiencer or confidence
#[derive(clap::Args)]
pub struct RecodeArgs {
    /// Ids of codings, from `quotes`
    #[arg(required = true)]
    ids: Vec<String>,
    /// New code
    #[arg(long)]
    code: Option<String>,
    /// New polarity
    #[arg(long)]
    polarity: Option<String>,
    /// New time
    #[arg(long)]
    time: Option<String>,
    /// New target
    #[arg(long)]
    target: Option<String>,
    /// New experiencer
    #[arg(long)]
    experiencer: Option<String>,
    /// How sure you are now: sure or unsure
    #[arg(long)]
    confidence: Option<String>,
    /// New note
    #[arg(long)]
    note: Option<String>,
}

/// Remove codings
#[derive(clap::Args)]
pub struct RemoveArgs {
    /// Ids of codings, from `quotes`
    #[arg(required = true)]
    ids: Vec<String>,
}

/// The open suggestions that ids or a choice name; whether they were named one by one.
fn chosen(
    session: &Session,
    store: &Store,
    study: &Study,
    ids: &[String],
    choice: &Choice,
) -> Result<(Suggestions, bool), CliError> {
    let mut found = suggestions(session, store, study, choice)?;
    found.read_texts(store, study)?;
    let one_by_one = !ids.is_empty();
    if one_by_one {
        let known: Vec<Option<String>> = found.found.iter().map(|one| found.id(one)).collect();
        let named: BTreeSet<&str> = known.iter().flatten().map(String::as_str).collect();
        if let Some(missing) = ids.iter().find(|id| !named.contains(id.as_str())) {
            let hint = if study.codebook.codebook.codes.contains_key(missing) {
                format!("`{missing}` is a code: `--code {missing}` takes all of its suggestions")
            } else {
                "`themata code run --list` shows them with their ids; an id changes when its rule or text does".into()
            };
            return Err(CliError::new(format!("the rules make no suggestion `{missing}`")).hint(hint));
        }
        let mut known = known.iter();
        found.found.retain(|_| known.next().is_some_and(|id| id.as_ref().is_some_and(|id| ids.contains(id))));
    } else if choice.codes.is_empty() && choice.polarity.is_none() && choice.source.is_none() && choice.query.is_none()
    {
        return Err(CliError::new("say which: ids, or --code, --polarity, --in, --where for many at once"));
    }
    found.found.retain(|found| matches!(found.decided, Decided::Open | Decided::Reconsider));
    Ok((found, one_by_one))
}

/// Says what a bulk decision would do; true when it should stop there.
fn preview(session: &Session, verb: &str, found: &[Found], one_by_one: bool, yes: bool) -> bool {
    let sources: BTreeSet<&str> = found.iter().map(|found| found.source.as_str()).collect();
    let again = found.iter().filter(|found| found.decided == Decided::Reconsider).count();
    let also = if again > 0 { format!(", {again} of them to reconsider") } else { String::new() };
    if found.is_empty() {
        session.say(
            "nothing to decide: no such suggestion is open; `themata code run --list --all` shows the decided ones too",
        );
        return true;
    }
    let what = format!("{} in {}", counted(found.len(), "suggestion"), counted(sources.len(), "source"));
    if one_by_one || yes {
        session.say(&format!("{verb} {what}{also}"));
        return false;
    }
    session.say(&format!("this would have {verb} {what}{also}"));
    session
        .say("nothing was changed; look at them with `themata code run --list` and the same options, then add --yes");
    true
}

/// Runs `accept`.
pub fn accept(args: &AcceptArgs, session: &Session) -> Result<Outcome, CliError> {
    let confidence = args.confidence.as_deref().map(super::add::parse_confidence).transpose()?;
    let (mut store, study) = session.writer()?;
    let (chosen, one_by_one) = chosen(session, &store, &study, &args.ids, &args.choice)?;
    if preview(session, "accepted", &chosen.found, one_by_one, args.yes) {
        return Ok(Outcome::Done);
    }
    let decider = session.decider(&study, true);
    let origin = if one_by_one { Origin::AcceptedOneByOne } else { Origin::AcceptedInBulk };
    let mut records: Vec<(String, Coding)> = Vec::new();
    for found in &chosen.found {
        let Some(text) = chosen.texts.get(&found.source) else { continue };
        let digest = |quote: &str| store.keyed_digest(quote);
        let accepted = decider.accept(&found.source, &text.text, &found.suggestion, &chosen.rule_set, origin, digest);
        let (id, coding) = accepted.shown()?;
        records.push((id, Coding { confidence, ..coding }));
    }
    let mut change = store.change(&session.command, session.because.as_deref());
    for (id, coding) in &records {
        change.put(id, coding).shown()?;
    }
    change.commit().shown()?;
    if !one_by_one {
        session.say("one `themata undo` takes all of them back");
    }
    Ok(Outcome::Done)
}

/// Runs `reject`.
pub fn reject(args: &RejectArgs, session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    let (chosen, one_by_one) = chosen(session, &store, &study, &args.ids, &args.choice)?;
    if preview(session, "rejected", &chosen.found, one_by_one, args.yes) {
        return Ok(Outcome::Done);
    }
    let decider = session.decider(&study, true);
    let mut change = store.change(&session.command, session.because.as_deref());
    for found in &chosen.found {
        let Some(text) = chosen.texts.get(&found.source) else { continue };
        let (id, rejection) = decider.reject(&found.source, text, &found.suggestion, &args.note);
        change.put(&id, &rejection).shown()?;
    }
    change.commit().shown()?;
    Ok(Outcome::Done)
}

fn coding_of<'a>(session: &Session, study: &'a Study, id: &str) -> Result<&'a Coding, CliError> {
    let own_only = study.settings.hides(Hidden::Coders, &session.coder);
    let seen = |coding: &&Coding| !own_only || coding.coder == session.coder && coding.round == session.round;
    study.codings.get(id).filter(seen).ok_or_else(|| {
        CliError::new(format!("there is no coding `{id}`")).hint("`themata quotes` lists them with their ids")
    })
}

/// Runs `recode`.
pub fn recode(args: &RecodeArgs, session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    let decider = session.decider(&study, false);
    let mut records = Vec::new();
    for id in &args.ids {
        // The stored record, not the re-anchored one: a recoding changes what is said, never where.
        coding_of(session, &study, id)?;
        let Some(mut coding) = store.get::<Coding>(id).shown()? else { continue };
        if let Some(code) = &args.code {
            decider.known_code(code).shown()?;
            coding.code = Some(code.clone());
        }
        if let Some(polarity) = &args.polarity {
            coding.polarity = crate::cli::matrix::parse_polarity(polarity)?;
        }
        if let Some(time) = &args.time {
            coding.qualifiers.time = crate::cli::matrix::parse_time(time)?;
        }
        if let Some(experiencer) = &args.experiencer {
            coding.qualifiers.experiencer = super::add::parse_experiencer(experiencer)?;
        }
        if args.target.is_some() {
            coding.qualifiers.target.clone_from(&args.target);
        }
        if let Some(confidence) = &args.confidence {
            coding.confidence = Some(super::add::parse_confidence(confidence)?);
        }
        if let Some(note) = &args.note {
            coding.note.clone_from(note);
        }
        coding.codebook_version = study.codebook.number;
        records.push((id, coding));
    }
    let mut change = store.change(&session.command, session.because.as_deref());
    for (id, coding) in &records {
        change.put(id, coding).shown()?;
    }
    change.commit().shown()?;
    session.say(&format!("recoded {}", records.len()));
    Ok(Outcome::Done)
}

/// Runs `remove`.
pub fn remove(args: &RemoveArgs, session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    for id in &args.ids {
        coding_of(session, &study, id)?;
    }
    let mut change = store.change(&session.command, session.because.as_deref());
    for id in &args.ids {
        change.delete::<Coding>(id);
    }
    change.commit().shown()?;
    session.say(&format!("removed {}; `themata undo` brings them back", args.ids.len()));
    Ok(Outcome::Done)
}
