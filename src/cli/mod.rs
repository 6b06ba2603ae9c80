//! The command line: one verb, one file. Verbs parse, call the library, print; they hold no logic of their own.

mod agree;
mod audit;
mod backup;
mod blind;
mod case;
mod change;
mod check;
mod code;
mod codebook;
mod demo;
mod display;
mod draft;
mod error;
mod evolve;
mod import;
mod init;
mod known;
mod log;
mod matrix;
mod memo;
mod merge;
mod model;
mod participant;
mod plan;
mod quotes;
mod report;
mod review;
mod revise;
mod score;
mod search;
mod session;
mod settings;
mod source;
mod theme;
mod transitions;

use crate::report::Format;
use clap::{Parser, Subcommand};
use error::CliError;
use session::{Outcome, Session};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// Code interviews with polarity, join the codes with scores, and keep the way back to the quotation.
#[derive(Parser)]
#[command(name = "themata", version, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Begin with `themata demo`. Data goes to stdout, talk to stderr; exit code 0 done, 1 done with problems listed, 2 nothing changed."
)]
struct Cli {
    /// The study's folder; else THEMATA_STUDY, else the nearest folder upwards that holds one
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    study: Option<PathBuf>,
    /// Who works; else THEMATA_CODER, the study's default, your user name
    #[arg(long, global = true, value_name = "NAME", help_heading = "Everywhere")]
    coder: Option<String>,
    /// Which reading of the sources this is: a coder's second one is kept apart, to see drift
    #[arg(long, global = true, value_name = "N", default_value_t = crate::model::FIRST_ROUND, help_heading = "Everywhere")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..), hide_default_value = true)]
    round: u32,
    /// Why, for the operations log
    #[arg(long, global = true, value_name = "REASON", help_heading = "Everywhere")]
    because: Option<String>,
    /// How listings are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Table, help_heading = "Everywhere")]
    format: Format,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Demo(demo::Args),
    Init(init::Args),
    Import(import::Args),
    Check(check::Args),
    Settings(settings::Args),
    Source(source::Args),
    Participant(participant::Args),
    Case(case::Args),
    Codebook(codebook::Args),
    Theme(theme::Args),
    Search(search::Args),
    Code(code::Args),
    Quotes(quotes::Args),
    Memo(memo::Args),
    Score(score::Args),
    Transitions(transitions::Args),
    Change(change::Args),
    Agree(agree::Args),
    Review(review::Args),
    Plan(plan::Args),
    Matrix(matrix::Args),
    Model(model::Args),
    Display(display::Args),
    Report(report::Args),
    Log(log::LogArgs),
    Undo(log::UndoArgs),
    Redo(log::RedoArgs),
    Merge(merge::Args),
    Audit(audit::Args),
    Backup(backup::BackupArgs),
    Restore(backup::RestoreArgs),
}

/// Parses the command line, runs the verb, and gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody may be there to read it; the exit code still tells.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let command = recorded(std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()));
    let session = Session::new(cli.study, cli.coder, cli.round, cli.because, cli.format, command);
    match run(cli.verb, &session) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(1),
        Err(error) => {
            let _ = error.print(&mut io::stderr().lock());
            ExitCode::from(2)
        }
    }
}

/// Options whose values say how something was done, and nothing about anybody.
const PLAIN: [&str; 38] = [
    "adjust",
    "alpha",
    "approach",
    "as",
    "baseline",
    "beside",
    "by",
    "clusters",
    "code",
    "coder",
    "codes",
    "denominator",
    "each",
    "experiencer",
    "format",
    "formula",
    "groups",
    "kind",
    "languages",
    "layer",
    "measure",
    "outcome",
    "polarity",
    "reason",
    "reference",
    "round",
    "save-rule",
    "seed",
    "size",
    "strata",
    "tag",
    "target",
    "test",
    "time",
    "uncoded",
    "unit",
    "wave",
    "within",
];

/// Options that every verb has, before it or after it.
const EVERYWHERE: [&str; 4] = ["study", "coder", "because", "format"];

/// The command as the operations log keeps it, for good: verbs and options, and only such values as cannot hold a
/// quotation, a name or a file's name. The log cannot be erased, so nothing personal may get into it.
fn recorded(words: impl Iterator<Item = String>) -> String {
    let mut kept: Vec<String> = Vec::new();
    let mut verbs = 2_usize;
    let (mut plain, mut awaited) = (false, false);
    for word in words {
        if let Some(option) = word.strip_prefix("--") {
            let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
            plain = PLAIN.contains(&name);
            // Such options may stand before the verb: the word after one is its value, and a verb may still come.
            let everywhere = EVERYWHERE.contains(&name);
            awaited = everywhere && value.is_none();
            verbs = if everywhere { verbs } else { 0 };
            kept.push(match value {
                Some(value) if plain => format!("--{name}={value}"),
                Some(_) => format!("--{name}=..."),
                None => format!("--{name}"),
            });
            plain = plain && value.is_none();
        } else if plain {
            kept.push(word);
            (plain, awaited) = (false, false);
        } else if !awaited && verbs > 0 && is_verb(&word) {
            kept.push(word);
            verbs -= 1;
        } else {
            verbs = if awaited { verbs } else { 0 };
            awaited = false;
            if kept.last().is_none_or(|last| last != "...") {
                kept.push("...".into());
            }
        }
    }
    kept.join(" ")
}

/// Whether a word is one of the command's own verbs.
fn is_verb(word: &str) -> bool {
    use clap::CommandFactory;
    let command = Cli::command();
    let mut all = command.get_subcommands().flat_map(|verb| std::iter::once(verb).chain(verb.get_subcommands()));
    all.any(|verb| verb.get_name() == word)
}

fn run(verb: Verb, session: &Session) -> Result<Outcome, CliError> {
    match verb {
        Verb::Demo(args) => demo::run(&args, session),
        Verb::Init(args) => init::run(&args, session),
        Verb::Import(args) => import::run(&args, session),
        Verb::Check(args) => check::run(&args, session),
        Verb::Settings(args) => settings::run(&args, session),
        Verb::Source(args) => source::run(&args, session),
        Verb::Participant(args) => participant::run(&args, session),
        Verb::Case(args) => case::run(&args, session),
        Verb::Codebook(args) => codebook::run(&args, session),
        Verb::Theme(args) => theme::run(&args, session),
        Verb::Search(args) => search::run(&args, session),
        Verb::Code(args) => code::run(&args, session),
        Verb::Quotes(args) => quotes::run(&args, session),
        Verb::Memo(args) => memo::run(&args, session),
        Verb::Score(args) => score::run(&args, session),
        Verb::Transitions(args) => transitions::run(&args, session),
        Verb::Change(args) => change::run(&args, session),
        Verb::Agree(args) => agree::run(&args, session),
        Verb::Review(args) => review::run(&args, session),
        Verb::Plan(args) => plan::run(&args, session),
        Verb::Matrix(args) => matrix::run(&args, session),
        Verb::Model(args) => model::run(&args, session),
        Verb::Display(args) => display::run(&args, session),
        Verb::Report(args) => report::run(&args, session),
        Verb::Log(args) => log::run(&args, session),
        Verb::Undo(args) => log::undo(&args, session),
        Verb::Redo(args) => log::redo(&args, session),
        Verb::Merge(args) => merge::run(&args, session),
        Verb::Audit(args) => audit::run(&args, session),
        Verb::Backup(args) => backup::backup(&args, session),
        Verb::Restore(args) => backup::restore(&args, session),
    }
}

#[cfg(test)]
mod tests {
    use super::recorded;

    #[test]
    fn the_log_keeps_verbs_and_options_and_nothing_that_somebody_said() {
        let line = |words: &[&str]| recorded(words.iter().map(|word| (*word).to_owned()));
        assert_eq!(
            line(&["code", "add", "Dana.txt", "I trust her", "--code", "trust", "--note", "cried"]),
            "code add ... --code trust --note ..."
        );
        assert_eq!(line(&["import", "Dana.txt", "list"]), "import ...");
        assert_eq!(line(&["--study=/home/dana", "matrix", "--outcome=x.T1=y"]), "--study=... matrix --outcome=x.T1=y");
        assert_eq!(
            line(&["--study", "list", "--coder", "ann", "code", "add", "memo", "--note", "code"]),
            "--study ... --coder ann code add ... --note ..."
        );
        assert_eq!(line(&["quotes", "--format=json", "Dana.txt"]), "quotes --format=json ...");
        assert_eq!(line(&["code", "--because", "run", "run"]), "code --because ... run");
        assert_eq!(line(&["quotes", "--participant", "code"]), "quotes --participant ...");
        assert_eq!(line(&["memo", "add", "She wept", "--on", "study"]), "memo add ... --on ...");
    }
}
