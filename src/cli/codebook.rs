//! `codebook`: codes, versioned.

use super::code::codebook_file;
use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::code::{Severity, check, diff};
use crate::import::write_codebook;
use crate::model::{Codebook, CodebookVersion, Hidden};
use crate::report::{Table, Value, counted};
use crate::store::{Batch, Store, keep_codes_in_use, land_codebook};
use clap::Subcommand;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The codebook: show, check, import, export, compare versions, freeze
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// The codes with their counts; one code in full
    Show {
        /// Code id
        code: Option<String>,
    },
    /// Look for duplicates, circles, rules that overlap or can never be reached
    Check {
        /// A codebook file; else the study's codebook
        file: Option<PathBuf>,
    },
    /// Make a file the next version, with a diff
    Import {
        /// The file
        file: PathBuf,
    },
    /// Print the codebook as TOML
    Export {
        /// Version; the newest, if nothing is said
        version: Option<u32>,
    },
    /// What changed between two versions
    Diff {
        /// Older version
        old: u32,
        /// Newer version; the newest, if nothing is said
        new: Option<u32>,
    },
    /// All versions: who made them, why, and how many codings were made under each
    History,
    /// Freeze the newest version, with a reason (--because)
    Freeze,
    #[command(flatten)]
    Change(super::evolve::Verb),
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        Verb::Show { code: None } => show(session),
        Verb::Show { code: Some(code) } => show_code(session, code),
        Verb::Check { file } => check_codebook(session, file.as_deref()),
        Verb::Import { file } => import(session, file),
        Verb::Export { version } => {
            let (store, study) = session.reader()?;
            let version = version_of(&store, version.unwrap_or(study.codebook.number))?;
            session.print(&write_codebook(&version.codebook))?;
            Ok(Outcome::Done)
        }
        Verb::Diff { old, new } => {
            let (store, study) = session.reader()?;
            let (old, new) = (version_of(&store, *old)?, version_of(&store, new.unwrap_or(study.codebook.number))?);
            print_diff(session, &old.codebook, &new.codebook)?;
            Ok(Outcome::Done)
        }
        Verb::History => history(session),
        Verb::Freeze => freeze(session),
        Verb::Change(verb) => super::evolve::run(verb, session),
    }
}

pub fn versions(store: &Store) -> Result<BTreeMap<String, CodebookVersion>, CliError> {
    store.all().shown()
}

fn version_of(store: &Store, number: u32) -> Result<CodebookVersion, CliError> {
    let mut versions = versions(store)?;
    let newest = versions.len();
    versions.remove(&format!("{number:06}")).ok_or_else(|| {
        CliError::new(format!("there is no version {number} of the codebook"))
            .hint(format!("there are {newest}; `themata codebook history` lists them"))
    })
}

fn show(session: &Session) -> Result<Outcome, CliError> {
    let (_, study) = session.reader()?;
    let codebook = &study.codebook.codebook;
    let mut table = Table::new("", &["code", "label", "status", "rules", "codings", "brief"]);
    let mut paths: Vec<(String, &String)> = codebook.codes.keys().map(|id| (codebook.path(id), id)).collect();
    paths.sort();
    for (path, id) in paths {
        let Some(code) = codebook.codes.get(id) else { continue };
        let codings = study.codings.values().filter(|coding| coding.code.as_ref() == Some(id)).count();
        table.row([
            path.into(),
            code.label.as_str().into(),
            format!("{:?}", code.status).to_lowercase().into(),
            (code.rules.len() + code.negative_forms.len()).into(),
            codings.into(),
            Value::from(code.brief.as_str()),
        ]);
    }
    let frozen = study.codebook.frozen.as_ref().map_or(String::new(), |why| format!(", frozen: {why}"));
    table.note(format!(
        "{}: version {}{frozen}, {}",
        codebook.name,
        study.codebook.number,
        counted(codebook.codes.len(), "code")
    ));
    super::blind::note(&study, session, &[Hidden::Coders], &mut table);
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn show_code(session: &Session, id: &str) -> Result<Outcome, CliError> {
    let (_, study) = session.reader()?;
    let codebook = &study.codebook.codebook;
    super::known::code(&study, id)?;
    let codes = codebook.codes.iter().filter(|(known, _)| *known == id).map(|(id, code)| (id.clone(), code.clone()));
    let one = Codebook { name: codebook.name.clone(), note: String::new(), codes: codes.collect() };
    session.print(&write_codebook(&one))?;
    Ok(Outcome::Done)
}

fn check_codebook(session: &Session, file: Option<&std::path::Path>) -> Result<Outcome, CliError> {
    let codebook = match file {
        Some(path) => codebook_file(session, path)?,
        None => session.reader()?.1.codebook.codebook,
    };
    let findings = check(&codebook);
    let mut table = Table::new("", &["code", "kind", "what", "what to do"]);
    for finding in &findings {
        let kind = if finding.severity == Severity::Warning { "warning" } else { "note" };
        table.row([
            finding.code.as_str().into(),
            kind.into(),
            finding.what.as_str().into(),
            finding.advice.as_str().into(),
        ]);
    }
    let warnings = findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    table.note(format!(
        "{} codes, {} rules: {warnings} warnings, {} notes",
        codebook.codes.len(),
        codebook.codes.values().map(|code| code.rules.len() + code.negative_forms.len()).sum::<usize>(),
        findings.len() - warnings
    ));
    if findings.is_empty() {
        table.columns.clear();
    }
    session.table(&table)?;
    Ok(Outcome::of(warnings > 0))
}

fn print_diff(session: &Session, old: &Codebook, new: &Codebook) -> Result<(), CliError> {
    let changes = diff(old, new);
    if changes.is_empty() {
        return session.print("no difference\n");
    }
    for change in &changes {
        session.print(&format!("{change}\n"))?;
    }
    Ok(())
}

/// Says which codes were kept because codings use them and a file does not name them.
pub fn say_kept(session: &Session, file: &str, kept: &[String]) {
    let what = counted(kept.len(), "code");
    session.say(&format!("kept {what} that codings use and {file} does not have: {}", kept.join(", ")));
    session.say(
        "hint: write what is kept into the file, with status = \"retired\" where nothing more is to be coded with it",
    );
}

fn import(session: &Session, file: &std::path::Path) -> Result<Outcome, CliError> {
    let mut codebook = codebook_file(session, file)?;
    let (mut store, mut study) = session.writer()?;
    let kept: Vec<String> = keep_codes_in_use(&study, &mut codebook).into_iter().collect();
    if !kept.is_empty() {
        say_kept(session, &file.display().to_string(), &kept);
    }
    if study.codebook.number > 0 && study.codebook.codebook == codebook {
        session.say(&format!("{} is version {} already", file.display(), study.codebook.number));
        return Ok(Outcome::Done);
    }
    let old = study.codebook.codebook.clone();
    let batch = crate::code::record_id("b", &[&session.now, &session.coder, &session.command]);
    let batch = Batch { id: &batch, command: &session.command, reason: session.because.as_deref() };
    let number = land_codebook(&mut store, &mut study, codebook, batch).shown()?;
    if number > 1 {
        print_diff(session, &old, &study.codebook.codebook)?;
    }
    session.say(&format!("codebook version {number}: {}", counted(study.codebook.codebook.codes.len(), "code")));
    Ok(Outcome::Done)
}

fn history(session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let columns = ["version", "time", "coder", "codes", "changed", "reason", "frozen", "codings made under it"];
    let mut table = Table::new("", &columns);
    let mut before: Option<Codebook> = None;
    let log = store.log().shown()?;
    for (key, version) in versions(&store)? {
        // The operation that brought the version, not the one that froze it.
        let made = |edit: &crate::store::Edit| edit.kind == "codebook" && edit.id == key && edit.before.is_none();
        let made = log.iter().rev().find(|op| op.edits.iter().any(made));
        let changed = before.as_ref().map_or(0, |before| diff(before, &version.codebook).len());
        let codings = study.codings.values().filter(|coding| coding.codebook_version == version.number).count();
        table.row([
            version.number.into(),
            made.map(|op| op.time.as_str()).into(),
            made.map(|op| op.actor.as_str()).into(),
            version.codebook.codes.len().into(),
            changed.into(),
            made.and_then(|op| op.reason.clone()).into(),
            version.frozen.clone().into(),
            codings.into(),
        ]);
        before = Some(version.codebook);
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn freeze(session: &Session) -> Result<Outcome, CliError> {
    let Some(reason) = &session.because else {
        return Err(CliError::new("freezing a version needs a reason")
            .hint("`themata codebook freeze --because \"stable after the pilot\"`"));
    };
    let (mut store, study) = session.writer()?;
    if study.codebook.number == 0 {
        return Err(CliError::new("the study has no codebook yet").hint("`themata import codebook.toml`"));
    }
    let mut version = study.codebook.clone();
    version.frozen = Some(reason.clone());
    let mut change = store.change(&session.command, Some(reason));
    change.put(&format!("{:06}", version.number), &version).shown()?;
    change.commit().shown()?;
    session.say(&format!("version {} is frozen: {reason}", version.number));
    Ok(Outcome::Done)
}
