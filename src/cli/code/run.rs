//! `code run`: what the rules suggest; writes nothing.

use crate::cli::error::{CliError, Shown};
use crate::cli::search;
use crate::cli::session::{Outcome, Session};
use crate::code::{Coder, Decided, Decisions, Suggestion};
use crate::join::ScoreTable;
use crate::model::{Hidden, Polarity};
use crate::report::{Table, Value};
use crate::store::{SourceText, Store, Study};
use indicatif::ProgressBar;
use std::collections::{BTreeMap, BTreeSet};

/// What the rules suggest: a summary per code, or every suggestion with --list; writes nothing
#[derive(clap::Args)]
pub struct Args {
    /// Every suggestion, with its id
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    choice: Choice,
    /// Decided ones too
    #[arg(long)]
    all: bool,
}

/// Which suggestions.
#[derive(clap::Args, Clone, Default)]
pub struct Choice {
    /// Only these codes
    #[arg(long = "code", alias = "codes", value_delimiter = ',')]
    pub codes: Vec<String>,
    /// Only this polarity
    #[arg(long)]
    pub polarity: Option<String>,
    /// Only in this source
    #[arg(long = "in", value_name = "SOURCE")]
    pub source: Option<String>,
    /// Only in turns that match this query
    #[arg(long = "where", value_name = "QUERY")]
    pub query: Option<String>,
}

/// A suggestion, its source and what became of it.
pub struct Found {
    /// Source id.
    pub source: String,
    /// The suggestion.
    pub suggestion: Suggestion,
    /// What became of it, by this coder's decisions.
    pub decided: Decided,
}

/// Suggestions of a study, with the digest of the rules that made them.
pub struct Suggestions {
    /// In order of source name and text.
    pub found: Vec<Found>,
    /// Rule-set digest.
    pub rule_set: String,
    /// Texts of their sources, by id; none before [`Suggestions::read_texts`].
    pub texts: BTreeMap<String, SourceText>,
}

impl Suggestions {
    /// Reads the texts that the suggestions stand in: for who quotes them or asks for their ids.
    pub fn read_texts(&mut self, store: &Store, study: &Study) -> Result<(), CliError> {
        for id in self.found.iter().map(|found| &found.source).collect::<BTreeSet<_>>() {
            if let Some(source) = study.sources.get(id) {
                self.texts.insert(id.clone(), study.text(store, source).shown()?);
            }
        }
        Ok(())
    }

    /// The id of one of them.
    pub fn id(&self, found: &Found) -> Option<String> {
        self.texts.get(&found.source).map(|text| found.suggestion.id(text))
    }
}

/// Suggestions are kept from coders where the study says so.
pub fn refuse_blinded(study: &Study, session: &Session) -> Result<(), CliError> {
    crate::cli::blind::refuse(study, session, &[Hidden::Suggestions], "this shows them")
}

/// Computes the suggestions that a choice names.
pub fn suggestions(session: &Session, store: &Store, study: &Study, choice: &Choice) -> Result<Suggestions, CliError> {
    refuse_blinded(study, session)?;
    if study.codebook.codebook.codes.is_empty() {
        return Err(CliError::new("the study has no codebook yet").hint("`themata import codebook.toml`"));
    }
    for code in &choice.codes {
        crate::cli::known::code(study, code)?;
    }
    let polarity = choice.polarity.as_deref().map(crate::cli::matrix::parse_polarity).transpose()?;
    let only = match &choice.source {
        Some(name) => Some(crate::cli::known::source(study, name)?.0.to_owned()),
        None => None,
    };
    let query = choice.query.as_deref().map(|text| search::parsed(text, session, study)).transpose()?;
    let coder = Coder::of(study).shown()?;
    let index = session.index(store, study);
    let reader = index.reader(store, study);
    let turns = match &query {
        Some(query) => {
            let scores = ScoreTable::of(study);
            let sets = search::sets(session, study, &scores, &reader);
            let words = reader.search(query, &|condition| sets.turns(condition)).shown()?;
            let found = search::find(&words, study, &reader)?;
            Some(found.iter().map(|turn| (turn.source_id, turn.index)).collect::<BTreeSet<_>>())
        }
        None => None,
    };
    let decisions = Decisions::of(study, Some(&session.coder));
    let bar = ProgressBar::new_spinner().with_message(format!("reading {} sources", study.sources.len()));
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let suggested = coder.study_by_index(study, &reader).shown()?;
    bar.finish_and_clear();
    let mut found = Vec::with_capacity(suggested.values().map(Vec::len).sum());
    for (id, list) in suggested {
        if only.as_ref().is_some_and(|only| *only != id) {
            continue;
        }
        let Some(source) = study.sources.get(&id) else { continue };
        for suggestion in list {
            let turn = suggestion.turn.saturating_sub(source.first_ordinal) as usize;
            let wanted = (choice.codes.is_empty() || choice.codes.contains(&suggestion.code))
                && polarity.is_none_or(|polarity| suggestion.polarity == polarity)
                && turns.as_ref().is_none_or(|turns| turns.contains(&(id.as_str(), turn)));
            if wanted {
                let decided = decisions.about(&id, &suggestion);
                found.push(Found { source: id.clone(), suggestion, decided });
            }
        }
    }
    let name = |found: &Found| study.sources.get(&found.source).map(|source| source.name.as_str());
    found.sort_by(|a, b| {
        let order = (name(a), a.suggestion.indicator).cmp(&(name(b), b.suggestion.indicator));
        order.then_with(|| a.suggestion.code.cmp(&b.suggestion.code))
    });
    Ok(Suggestions { found, rule_set: coder.rule_set_digest(), texts: BTreeMap::new() })
}

/// The word for what became of a suggestion.
pub fn decided_name(decided: Decided) -> &'static str {
    match decided {
        Decided::Open => "open",
        Decided::Reconsider => "reconsider",
        Decided::Accepted => "accepted",
        Decided::Rejected => "rejected",
    }
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let mut suggestions = suggestions(session, &store, &study, &args.choice)?;
    let undecided = |found: &&Found| args.all || matches!(found.decided, Decided::Open | Decided::Reconsider);
    let mut table = if args.list {
        suggestions.read_texts(&store, &study)?;
        list(&study, &suggestions, undecided)
    } else {
        summary(&study, &suggestions)
    };
    let short: String = suggestions.rule_set.chars().take(12).collect();
    table.note(format!("Suggestions, not codings: rule set {short}, codebook version {}.", study.codebook.number));
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn list(study: &Study, suggestions: &Suggestions, keep: impl Fn(&&Found) -> bool) -> Table {
    let columns = [
        "suggestion",
        "state",
        "code",
        "polarity",
        "time",
        "experiencer",
        "source",
        "indicator",
        "trigger",
        "quotation",
    ];
    let mut table = Table::new("", &columns);
    table.running_text = true;
    for found in suggestions.found.iter().filter(keep) {
        let one = &found.suggestion;
        let text = suggestions.texts.get(&found.source).map_or("", |text| text.text.as_str());
        table.row([
            suggestions.id(found).into(),
            decided_name(found.decided).into(),
            one.code.as_str().into(),
            one.polarity.name().into(),
            one.qualifiers.time.name().into(),
            one.qualifiers.experiencer.name().into(),
            study.sources.get(&found.source).map(|source| source.name.clone()).into(),
            one.indicator.of(text).unwrap_or("").into(),
            one.trigger.and_then(|trigger| trigger.of(text)).into(),
            one.unit.of(text).unwrap_or("").into(),
        ]);
    }
    table
}

fn summary(study: &Study, suggestions: &Suggestions) -> Table {
    let mut columns = vec!["code", "suggestions"];
    let shown = [Polarity::Present, Polarity::Absent, Polarity::Ceased, Polarity::Reduced, Polarity::Hypothetical];
    columns.extend(shown.map(Polarity::name));
    columns.extend(["others'", "sources", "open", "accepted", "rejected"]);
    let mut table = Table::new("", &columns);
    for code in study.codebook.codebook.codes.keys() {
        let of: Vec<&Found> = suggestions.found.iter().filter(|found| found.suggestion.code == *code).collect();
        if of.is_empty() {
            continue;
        }
        let count = |test: &dyn Fn(&Found) -> bool| Value::from(of.iter().filter(|found| test(found)).count());
        let mut sources: Vec<&str> = of.iter().map(|found| found.source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        let mut row: Vec<Value> = vec![code.as_str().into(), of.len().into()];
        row.extend(shown.map(|polarity| count(&|found| found.suggestion.polarity == polarity)));
        row.push(count(&|found| found.suggestion.qualifiers.experiencer == crate::model::Experiencer::Other));
        row.push(sources.len().into());
        row.push(count(&|found| matches!(found.decided, Decided::Open | Decided::Reconsider)));
        row.push(count(&|found| found.decided == Decided::Accepted));
        row.push(count(&|found| found.decided == Decided::Rejected));
        table.row(row);
    }
    table
}
