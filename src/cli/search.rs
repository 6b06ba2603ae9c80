//! `search`: the query language on every turn of the study.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::index::{Reader, Search};
use crate::join::{ScoreTable, TurnSets};
use crate::model::{Coding, Hidden, Role, Source};
use crate::query::{self, Field, FieldValue, Query, RuleError};
use crate::report::{Table, counted};
use crate::store::Study;
use std::collections::BTreeSet;

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
    let index = session.index(&store, &study);
    let reader = index.reader(&store, &study);
    let scores = ScoreTable::of(&study);
    let sets = sets(session, &study, &scores, &reader);
    let conditions = |field: &Field, value: &FieldValue| sets.turns(field, value);
    let search = reader.search(&query, &conditions).shown()?;
    let found = find(&search, &study, &reader)?;
    let hits: usize = found.iter().map(|turn| turn.hits as usize).sum();
    let sources: BTreeSet<&str> = found.iter().map(|turn| turn.source_id).collect();
    let mut people: BTreeSet<&str> = BTreeSet::new();
    for turn in &found {
        let speaker = reader.speaker(turn.ordinal).shown()?;
        if turn.source.role(&speaker) == Role::Participant {
            people.extend(turn.source.participants.get(&speaker).map(String::as_str));
        }
    }
    if args.count {
        let mut table = Table::new("", &["hits", "turns", "sources", "participants"]);
        table.row([hits.into(), found.len().into(), sources.len().into(), people.len().into()]);
        session.table(&table)?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new("", &["source", "turn", "role", "participant", "words found", "text"]);
    table.running_text = true;
    for Found { ordinal, source, .. } in found.iter().take(args.most) {
        let turn = reader.turn(*ordinal).shown()?;
        let spans = search.spans(&turn).unwrap_or_default();
        let words: Vec<&str> = spans.iter().filter_map(|span| span.of(&turn.text)).collect();
        table.row([
            source.name.as_str().into(),
            (*ordinal as usize).into(),
            source.role(&turn.speaker).name().into(),
            source.participants.get(&turn.speaker).cloned().into(),
            words.join(" | ").into(),
            turn.text.as_str().into(),
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
    ordinal: u32,
    source: &'a Source,
    hits: u32,
}

/// What conditions on people, sources and codings mean; codings of others only where the study shows them.
pub fn sets<'a>(session: &Session, study: &'a Study, scores: &'a ScoreTable, reader: &'a Reader<'a>) -> TurnSets<'a> {
    let own = |coding: &Coding| coding.coder == session.coder && coding.round == session.round;
    let own_only = study.settings.hides(Hidden::Coders, &session.coder);
    let seen = |id: &String, coding: &Coding| !study.lost.contains(id) && (!own_only || own(coding));
    let codings = study.codings.iter().filter(|(id, coding)| seen(id, coding)).map(|(_, coding)| coding).collect();
    TurnSets { study, scores, reader, codings }
}

/// The turns that a query holds for, in order of source name and text.
pub fn find<'a>(search: &Search<'_, '_>, study: &'a Study, reader: &Reader<'_>) -> Result<Vec<Found<'a>>, CliError> {
    let mut found = Vec::new();
    search
        .count(&mut |ordinal, hits| {
            let Some((id, index)) = reader.place(ordinal) else { return };
            let known = study.sources.get_key_value(id);
            found.extend(known.map(|(source_id, source)| Found { source_id, index, ordinal, source, hits }));
        })
        .shown()?;
    found.sort_by_key(|turn| (&turn.source.name, turn.source_id, turn.index));
    Ok(found)
}
