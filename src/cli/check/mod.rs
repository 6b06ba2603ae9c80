//! `check`: is the study consistent? And, without a study: can a printed figure be right?

mod reported;

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::code;
use crate::join::{ScoreTable, inconsistencies};
use crate::model::{AnchorState, Role};
use crate::report::{Table, Value, counted};
use crate::store::Store;
use clap::Subcommand;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Look for what does not fit together: in the study, or in files before they are imported
///
/// Without files: people, waves, scores, quotations and codebook of the study. With files: what an import of them into
/// this study (or into a new one) would find wrong; nothing is written.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// Files or folders to read as `import` would, without importing them
    paths: Vec<PathBuf>,
    #[command(subcommand)]
    figure: Option<Figure>,
}

#[derive(Subcommand)]
enum Figure {
    /// Can these percentages be of n people, and which n fits them? Needs no study
    Percent(reported::Percent),
    /// What McNemar's test can give, if only the counts before and after are printed. Needs no study
    Margins(reported::Margins),
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.figure {
        Some(Figure::Percent(asked)) => reported::percent(asked, session),
        Some(Figure::Margins(asked)) => reported::margins(asked, session),
        None if args.paths.is_empty() => study(session),
        None => files(&args.paths, session),
    }
}

/// What an import of these files would find wrong.
fn files(paths: &[PathBuf], session: &Session) -> Result<Outcome, CliError> {
    let store = if session.study.is_some() || session.folder().is_ok() {
        session.reader()?.0.rehearsal().shown()?
    } else {
        Store::in_memory(session.environment()?).shown()?
    };
    let problems = super::import::rehearse(paths.to_vec(), session, store)?;
    let mut table = Table::new("", &["file", "line", "column", "problem"]);
    table.running_text = true;
    for problem in &problems {
        let line = problem.line.map_or(Value::Empty, |line| Value::Count(line.into()));
        let what = [problem.what.as_str(), problem.hint.as_str()].map(|part| (!part.is_empty()).then_some(part));
        let what: Vec<&str> = what.into_iter().flatten().collect();
        table.row([problem.file.as_str().into(), line, problem.column.clone().into(), what.join("; ").into()]);
    }
    finish(table, " in these files", session)
}

/// Prints what was found, and how much it is.
fn finish(mut table: Table, place: &str, session: &Session) -> Result<Outcome, CliError> {
    let problems = table.rows.len();
    table.note(match problems {
        0 => format!("nothing to report{place}"),
        n => format!("{}{place}", counted(n, "problem")),
    });
    if problems == 0 {
        table.columns.clear();
    }
    session.table(&table)?;
    Ok(Outcome::of(problems > 0))
}

fn study(session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let mut table = Table::new("", &["what", "where", "problem", "what to do"]);
    let mut add = |what: &str, place: &str, problem: String, mend: &str| {
        table.row([what.into(), place.into(), problem.into(), mend.into()]);
    };
    let speaking: BTreeSet<&str> =
        study.sources.values().flat_map(|s| s.participants.values().map(String::as_str)).collect();
    for person in speaking.iter().filter(|id| !study.participants.contains_key(**id) && !study.withdrawn.contains(**id))
    {
        add(
            "participant",
            person,
            "speaks in a source but is in no participant table".into(),
            "import the table, or mend the id with `themata source set`",
        );
    }
    let scores = ScoreTable::of(&study);
    let mut scored: BTreeMap<&str, usize> = BTreeMap::new();
    for name in scores.names() {
        for (person, _, _) in scores.of_name(name) {
            *scored.entry(person).or_default() += 1;
        }
    }
    for (person, n) in scored.iter().filter(|(id, _)| !study.participants.contains_key(**id)) {
        add(
            "score",
            person,
            format!("{n} scores of an id that is no participant"),
            "mend the id in the score table and import it again",
        );
    }
    for (key, scale, why) in &scores.problems {
        add("score", key, format!("no score `{scale}`: {why}"), "check the answer against the questionnaire");
    }
    for found in inconsistencies(&study, &scores) {
        add(found.what, &found.place, found.problem, found.mend);
    }
    for source in study.sources.values() {
        if let Some(wave) = source.wave.as_ref().filter(|wave| !study.waves.contains_key(*wave)) {
            add(
                "source",
                &source.name,
                format!("wave `{wave}` is not declared"),
                "`themata settings set waves T0=before,T1=during`",
            );
        }
        let speakers = source.roles.iter().filter(|(_, role)| **role == Role::Participant);
        for (label, _) in speakers.filter(|(label, _)| !source.participants.contains_key(*label)) {
            add(
                "source",
                &source.name,
                format!("nobody knows which participant `{label}` is"),
                "`themata source set SOURCE --speaker LABEL --participant ID`",
            );
        }
        if !source.roles.values().any(|role| study.settings.coded_roles.contains(role)) {
            add(
                "source",
                &source.name,
                "nobody in it has a role that rules read".into(),
                "`themata source set SOURCE --speaker LABEL --role participant`",
            );
        }
    }
    for (id, coding) in &study.codings {
        let known = coding.code.as_ref().is_none_or(|code| study.codebook.codebook.codes.contains_key(code));
        if !known {
            add(
                "coding",
                id,
                format!("code `{}` is not in the codebook", coding.code.as_deref().unwrap_or("")),
                "bring the code back, or recode",
            );
        }
        let Some(source) = study.sources.get(&coding.source) else { continue };
        let text = study.text(&store, source).shown()?;
        if text.turns_in(coding.span).any(|turn| study.is_withdrawn(source, text.speaker(turn))) {
            continue;
        }
        if let Some(anchor) = study.unsettled.get(id) {
            let what = match anchor.state {
                AnchorState::Moved => "its words were moved",
                AnchorState::Lost => "its words are gone",
                _ => "its words were edited",
            };
            let what = format!("{what} in a revision of {}", source.name);
            add("coding", id, what, "`themata source anchors` shows it, `themata source settle` decides");
        } else if code::quotation(coding, &text, |quote| store.keyed_digest(quote)).is_none() {
            add(
                "coding",
                id,
                format!("its words are no longer at that place in {}", source.name),
                "`themata audit verify` tells what changed",
            );
        }
    }
    for finding in code::check(&study.codebook.codebook) {
        if finding.severity == code::Severity::Warning {
            add("codebook", &finding.code, finding.what.clone(), &finding.advice);
        }
    }
    finish(table, "", session)
}
