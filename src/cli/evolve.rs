//! `codebook rename / move / merge / split / redefine / retire / queue / keep`: a codebook that changes while people code.

use super::codebook::versions;
use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::code::{self, Evolution, Redefinition, diff};
use crate::model::{CodebookVersion, Coding};
use crate::report::{Format, Table, counted, one_line};
use crate::store::{Store, Study};
use clap::Subcommand;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Verb {
    /// Give a code another label; its id stays
    Rename {
        /// Code id
        code: String,
        /// The new label
        label: String,
    },
    /// Put a code under another one, or at the top
    Move {
        /// Code id
        code: String,
        /// The new parent; else the top
        #[arg(long, value_name = "CODE")]
        under: Option<String>,
    },
    /// Let all of a code go to another one: codings, rejections, rules, children
    Merge {
        /// Code id
        code: String,
        /// The code that it goes into
        #[arg(long, value_name = "CODE")]
        into: String,
    },
    /// Make several codes of one; excerpts go one by one, as a table says
    Split {
        /// Code id
        code: String,
        /// The codes that it becomes; new ones begin as drafts
        #[arg(long, value_delimiter = ',', required = true)]
        into: Vec<String>,
        /// A table `coding,code` that says which excerpt goes where; without it, the excerpts are printed as such a table
        #[arg(long)]
        table: Option<PathBuf>,
    },
    /// Change a code's definition; what was coded under the old one comes into the queue
    Redefine {
        /// Code id
        code: String,
        /// One line
        #[arg(long)]
        brief: Option<String>,
        /// The full definition
        #[arg(long)]
        full: Option<String>,
        /// When to use it, added to what stands there
        #[arg(long)]
        include: Vec<String>,
        /// When not to, added to what stands there
        #[arg(long)]
        exclude: Vec<String>,
    },
    /// Use a code no longer; its codings stay
    Retire {
        /// Code id
        code: String,
    },
    /// Codings that should be looked at again, because their code has changed since
    Queue {
        /// Only of this code
        #[arg(long)]
        code: Option<String>,
    },
    /// Say that codings were looked at again and stand under the present version
    Keep {
        /// Ids of codings, from `codebook queue`
        #[arg(required = true)]
        codings: Vec<String>,
    },
}

/// Runs the verb.
pub fn run(verb: &Verb, session: &Session) -> Result<Outcome, CliError> {
    match verb {
        Verb::Queue { code } => return queue(session, code.as_deref()),
        Verb::Keep { codings } => return keep(session, codings),
        Verb::Split { code, into, table: None } => return offer(session, code, into),
        _ => {}
    }
    let Some(reason) = &session.because else {
        return Err(CliError::new("a change of the codebook needs a reason")
            .hint("add --because \"...\": the reason stands in `themata codebook history`"));
    };
    let (mut store, study) = session.writer()?;
    let evolution = match verb {
        Verb::Rename { code, label } => {
            super::known::code(&study, code)?;
            code::rename(&study, code, label)
        }
        Verb::Move { code, under } => {
            super::known::code(&study, code)?;
            under.iter().try_for_each(|under| super::known::code(&study, under))?;
            code::move_under(&study, code, under.as_deref())
        }
        Verb::Merge { code, into } => {
            super::known::code(&study, code)?;
            super::known::code(&study, into)?;
            code::merge_code(&study, code, into)
        }
        Verb::Split { code, into, table } => {
            super::known::code(&study, code)?;
            let rows = table.as_ref().map(|file| read_table(file, &study, code, into)).transpose()?;
            code::split_code(&study, code, into, &rows.unwrap_or_default())
        }
        Verb::Redefine { code, brief, full, include, exclude } => {
            super::known::code(&study, code)?;
            let (brief, full) = (brief.clone(), full.clone());
            let new = Redefinition { brief, full, include: include.clone(), exclude: exclude.clone() };
            code::redefine(&study, code, &new)
        }
        Verb::Retire { code } => {
            super::known::code(&study, code)?;
            code::retire(&study, code)
        }
        Verb::Queue { .. } | Verb::Keep { .. } => return Ok(Outcome::Done),
    };
    let evolution = evolution.shown()?;
    commit(&mut store, &study, session, reason, &evolution)?;
    for change in diff(&study.codebook.codebook, &evolution.codebook) {
        session.print(&format!("{change}\n"))?;
    }
    let version =
        if study.codebook.codebook == evolution.codebook { study.codebook.number } else { study.codebook.number + 1 };
    let went = match evolution.recoded.len() {
        0 => String::new(),
        n => format!(", {} went to another code", counted(n, "coding")),
    };
    session.say(&format!("codebook version {version}{went}"));
    let open = code::queue(&Study::load(&store).shown()?, &by_number(&store)?).len();
    if open > 0 {
        session.say(&format!("{} to look at again: `themata codebook queue`", counted(open, "coding")));
    }
    Ok(Outcome::Done)
}

/// One operation: the version, and everything that follows from it.
fn commit(store: &mut Store, study: &Study, session: &Session, reason: &str, new: &Evolution) -> Result<(), CliError> {
    let mut recoded: Vec<(&String, Coding)> = Vec::new();
    for (id, code) in &new.recoded {
        // The stored record, not the re-anchored one: its place is where it was made.
        let Some(mut coding) = store.get::<Coding>(id).shown()? else { continue };
        coding.code = Some(code.clone());
        if new.looked_at {
            coding.codebook_version = study.codebook.number + u32::from(study.codebook.codebook != new.codebook);
        }
        recoded.push((id, coding));
    }
    let mut change = store.change(&session.command, Some(reason));
    if study.codebook.codebook != new.codebook {
        let number = study.codebook.number + 1;
        let version = CodebookVersion { number, codebook: new.codebook.clone(), frozen: None };
        change.put(&format!("{number:06}"), &version).shown()?;
    }
    for (id, coding) in &recoded {
        change.put(id, coding).shown()?;
    }
    for (id, record) in &new.rejections {
        change.put(id, record).shown()?;
    }
    for (id, record) in &new.themes {
        change.put(id, record).shown()?;
    }
    for (id, record) in &new.plans {
        change.put(id, record).shown()?;
    }
    for (id, record) in &new.coverage {
        change.put(id, record).shown()?;
    }
    change.commit().shown()?;
    Ok(())
}

fn by_number(store: &Store) -> Result<BTreeMap<u32, CodebookVersion>, CliError> {
    Ok(versions(store)?.into_values().map(|version| (version.number, version)).collect())
}

/// Prints the excerpts of a code as the table that `--table` reads.
fn offer(session: &Session, id: &str, into: &[String]) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    super::known::code(&study, id)?;
    if into.len() < 2 {
        return Err(code::EvolveError::OneOnly).shown();
    }
    let mut table = Table::new("", &["coding", "code", "polarity", "coder", "source", "quotation"]);
    let mine = |coding: &Coding| super::known::may_see(&study, session, &coding.coder);
    for (key, coding) in study.codings.iter().filter(|(_, coding)| coding.code.as_deref() == Some(id) && mine(coding)) {
        let Some(source) = study.sources.get(&coding.source) else { continue };
        let text = study.text(&store, source).shown()?;
        let words = code::quotation(coding, &text, |quote| store.keyed_digest(quote)).map(one_line);
        table.row([
            key.as_str().into(),
            "".into(),
            coding.polarity.name().into(),
            coding.coder.as_str().into(),
            source.name.as_str().into(),
            words.into(),
        ]);
    }
    session.print(&table.print(Format::Csv, session.width))?;
    session.say(&format!(
        "nothing was changed: {} of `{id}`, as a table. Fill in the column `code` with {}, and give the file with --table",
        counted(table.rows.len(), "excerpt"),
        into.join(" or ")
    ));
    Ok(Outcome::Done)
}

/// The rows `coding,code` of a split. Every row must name an excerpt of the code and one of the new codes; a row
/// without a code is one that nobody has decided yet.
fn read_table(file: &Path, study: &Study, id: &str, into: &[String]) -> Result<BTreeMap<String, String>, CliError> {
    let cannot = |what: String| CliError::new(format!("{}: {what}", file.display())).hint("nothing was changed");
    let mut reader = csv::Reader::from_path(file).map_err(|error| cannot(error.to_string()))?;
    let headers = reader.headers().map_err(|error| cannot(error.to_string()))?.clone();
    let column = |name: &str| headers.iter().position(|header| header.trim() == name);
    let (Some(coding), Some(code)) = (column("coding"), column("code")) else {
        return Err(cannot("it needs the columns `coding` and `code`".into()));
    };
    let mut rows = BTreeMap::new();
    for (line, row) in reader.records().enumerate() {
        let row = row.map_err(|error| cannot(error.to_string()))?;
        let field = |k: usize| row.get(k).unwrap_or("").trim().to_owned();
        let (coding, code) = (field(coding), field(code));
        if code.is_empty() {
            continue;
        }
        let at = |what: String| cannot(format!("row {}: {what}", line + 1));
        if study.codings.get(&coding).is_none_or(|known| known.code.as_deref() != Some(id)) {
            return Err(at(format!("`{coding}` is no coding of `{id}`")));
        }
        if !into.contains(&code) {
            return Err(at(format!("`{code}` is none of {}", into.join(", "))));
        }
        if rows.insert(coding.clone(), code).is_some() {
            return Err(at(format!("`{coding}` stands there twice")));
        }
    }
    Ok(rows)
}

fn queue(session: &Session, only: Option<&str>) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let mut table = Table::new("", &["coding", "code", "coder", "coded under", "why", "source", "quotation"]);
    table.running_text = true;
    for open in code::queue(&study, &by_number(&store)?) {
        let Some(coding) = study.codings.get(&open.coding) else { continue };
        let Some(source) = study.sources.get(&coding.source) else { continue };
        let hidden = !super::known::may_see(&study, session, &coding.coder);
        if hidden || only.is_some_and(|only| coding.code.as_deref() != Some(only)) {
            continue;
        }
        let text = study.text(&store, source).shown()?;
        let words = code::quotation(coding, &text, |quote| store.keyed_digest(quote)).map(one_line);
        table.row([
            open.coding.into(),
            coding.code.clone().into(),
            coding.coder.as_str().into(),
            format!("version {}", coding.codebook_version).into(),
            open.why.into(),
            source.name.as_str().into(),
            words.into(),
        ]);
    }
    let (open, all) = (table.rows.len(), study.codings.len());
    table.note(format!(
        "{open} of {all} codings to look at again; the codebook is at version {}",
        study.codebook.number
    ));
    if open > 0 {
        table.note("`themata codebook keep CODING` where it still holds, else `themata code recode` or `code remove`");
    }
    session.table(&table)?;
    Ok(Outcome::of(open > 0))
}

fn keep(session: &Session, codings: &[String]) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    let mut kept = Vec::new();
    for id in codings {
        let coding = store.get::<Coding>(id).shown()?.filter(|_| study.codings.contains_key(id));
        let mut coding = coding.ok_or_else(|| {
            CliError::new(format!("there is no coding `{id}`")).hint("`themata codebook queue` lists what is open")
        })?;
        coding.codebook_version = study.codebook.number;
        kept.push((id, coding));
    }
    let mut change = store.change(&session.command, session.because.as_deref());
    for (id, coding) in &kept {
        change.put(id, coding).shown()?;
    }
    change.commit().shown()?;
    let left = code::queue(&Study::load(&store).shown()?, &by_number(&store)?).len();
    let version = study.codebook.number;
    session.say(&format!("kept {} under version {version}; {left} left to look at", counted(kept.len(), "coding")));
    Ok(Outcome::Done)
}
