//! `search`: the query language on every turn of the study.

use super::error::CliError;
use super::session::{Outcome, Session, all_texts};
use crate::code::{turn_intervals, turn_matches};
use crate::join::{ScoreTable, Settled, TurnFacts};
use crate::model::{Coding, Hidden, Role, Source};
use crate::query::{self, Field, Query, RuleError};
use crate::report::{Table, counted};
use crate::store::{SourceText, Study};
use std::collections::{BTreeMap, BTreeSet};

/// Find words in every turn, in the query language of the rules, with fields of people, scores and codes
#[derive(clap::Args)]
pub struct Args {
    /// The query: words, "phrases", wild*cards, /regex/, AND OR NOT, NEAR/5, THEN/3, WITHIN sentence (...), and fields: role: participant: source: wave: code: polarity: coder: theme: attr.age:>40 score.wellbeing.T1:<3
    query: String,
    /// Only count: hits, turns, sources, participants
    #[arg(long)]
    count: bool,
    /// At most this many turns
    #[arg(long, default_value_t = 100)]
    most: usize,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let query = parsed(&args.query, session, &study)?;
    let texts = all_texts(&store, &study)?;
    let found = find(&query, session, &study, &texts);
    let hits: usize = found.iter().map(|turn| turn.words.len()).sum();
    let sources: BTreeSet<&str> = found.iter().map(|turn| turn.source_id).collect();
    let people: BTreeSet<&str> = found.iter().filter_map(|turn| turn.participant()).collect();
    if args.count {
        let mut table = Table::new("", &["hits", "turns", "sources", "participants"]);
        table.row([hits.into(), found.len().into(), sources.len().into(), people.len().into()]);
        session.table(&table)?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new("", &["source", "turn", "role", "participant", "words found", "text"]);
    table.running_text = true;
    for turn in found.iter().take(args.most) {
        table.row([
            turn.source.name.as_str().into(),
            (turn.source.first_ordinal as usize + turn.index).into(),
            turn.source.role(turn.speaker).name().into(),
            turn.source.participants.get(turn.speaker).cloned().into(),
            turn.words.join(" | ").into(),
            turn.text.into(),
        ]);
    }
    if table.rows.len() < found.len() {
        table.note(format!("the first {} of {} turns; --most shows more", table.rows.len(), found.len()));
    }
    table.note(format!(
        "{} in {} of {}, {}",
        counted(hits, "hit"),
        counted(found.len(), "turn"),
        counted(sources.len(), "source"),
        counted(people.len(), "participant")
    ));
    session.table(&table)?;
    Ok(Outcome::Done)
}

/// Reads a query about turns; what its coders must not see cannot be asked for.
pub fn parsed(text: &str, session: &Session, study: &Study) -> Result<Query, CliError> {
    let query = query::parse(text).map_err(|error| CliError::new(error.to_string()))?;
    let fields: Vec<&Field> = query.fields().into_iter().map(|(field, _)| field).collect();
    if fields.contains(&&Field::Memo) {
        return Err(CliError::new("`memo:` says nothing about a turn").hint("`themata memo search WORDS` finds memos"));
    }
    if let Err(error @ RuleError::MatchesEverything { .. }) = query::check_rule(&query) {
        return Err(CliError::new(error.to_string()));
    }
    for (what, asks) in [
        (Hidden::Scores, fields.iter().any(|field| matches!(field, Field::Score { .. }))),
        (Hidden::Group, fields.iter().any(|field| matches!(field, Field::Attribute(_)))),
        (Hidden::Wave, fields.contains(&&Field::Wave)),
    ] {
        if asks {
            super::blind::refuse(study, session, &[what], "this query asks for them")?;
        }
    }
    Ok(query)
}

/// A turn that a query holds for.
pub struct Found<'a> {
    /// Id of the source.
    pub source_id: &'a str,
    /// Position among the turns of the source.
    pub index: usize,
    source: &'a Source,
    speaker: &'a str,
    words: Vec<&'a str>,
    text: &'a str,
}

impl<'a> Found<'a> {
    fn participant(&self) -> Option<&'a str> {
        let person = self.source.participants.get(self.speaker).map(String::as_str);
        person.filter(|_| self.source.role(self.speaker) == Role::Participant)
    }
}

/// The turns that a query holds for, in order of source name and text.
pub fn find<'a>(
    query: &Query,
    session: &Session,
    study: &'a Study,
    texts: &'a BTreeMap<String, SourceText>,
) -> Vec<Found<'a>> {
    let scores = ScoreTable::of(study);
    let own = |coding: &Coding| coding.coder == session.coder && coding.round == session.round;
    let own_only = study.settings.hides(Hidden::Coders, &session.coder);
    let seen = |id: &String, coding: &Coding| !study.lost.contains(id) && (!own_only || own(coding));
    let mut codings: BTreeMap<&str, Vec<&Coding>> = BTreeMap::new();
    for (_, coding) in study.codings.iter().filter(|(id, coding)| seen(id, coding)) {
        codings.entry(&coding.source).or_default().push(coding);
    }
    let mut order: Vec<_> = study.sources.iter().collect();
    order.sort_by(|a, b| (&a.1.name, a.0).cmp(&(&b.1.name, b.0)));
    let mut found = Vec::new();
    for (id, source) in order {
        let Some(text) = texts.get(id) else { continue };
        let codings = codings.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
        for (index, turn) in text.segmentation.turns.iter().enumerate() {
            let speaker = text.speaker(index);
            let of_turn: Vec<&Coding> = codings.iter().copied().filter(|c| c.span.overlap(turn.span) > 0).collect();
            let participant = source.participants.get(speaker).map(String::as_str);
            let facts = TurnFacts { study, scores: &scores, source_id: id, source, participant, codings: &of_turn };
            let words = match facts.settle(query) {
                Settled::Holds(false) => continue,
                Settled::Holds(true) => Vec::new(),
                Settled::Asks(words) if !turn_matches(&words, source, text, index) => continue,
                Settled::Asks(words) => turn_intervals(&words, source, text, index),
            };
            let whole = text.turn(index);
            let words = words.iter().filter_map(|span| span.of(whole)).collect();
            found.push(Found { source_id: id, source, index, speaker, words, text: whole });
        }
    }
    found
}
