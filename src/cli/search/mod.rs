//! `search`: the query language on every turn of the study; lists, lines, counts, words, and from there to codings.

mod counts;
mod kwic;
mod like;
mod listing;
mod rule;
mod saved;
mod tag;
mod words;

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::index::{Reader, Search};
use crate::join::{ScoreTable, TurnSets, doubts};
use crate::model::{Codebook, Coding, Hidden, SavedSearch, Source};
use crate::query::{self, Field, Query, RuleError};
use crate::store::{Store, Study};
use roaring::RoaringBitmap;

/// Find words in every turn, in the query language of the rules, with fields of people, scores and codes
#[derive(clap::Args)]
pub struct Args {
    /// The query: words, "phrases", wild*cards, /regex/, AND OR NOT, NEAR/5, THEN/3, WITHIN sentence (...), fields: role: participant: source: wave: code: polarity: coder: theme: memo: saved: attr.age:>40 score.wellbeing.change:<0, and a OVERLAPS b, a BEFORE b, a AFTER/1 b. Nothing lists the saved searches
    query: Option<String>,
    /// Run a saved search; with a query, both must hold
    #[arg(long, value_name = "NAME")]
    saved: Option<String>,
    /// Turns most like this quotation: the id of a coding, or words; with a query, among its turns
    #[arg(long, value_name = "CODING|WORDS")]
    like: Option<String>,
    #[command(flatten)]
    shown: Shape,
    /// Order: source, rank (best fit first), participant; with --kwic also left or right (the words before or after)
    #[arg(long, value_enum)]
    sort: Option<Sort>,
    /// So many words around each hit, instead of the whole turn
    #[arg(long, value_name = "WORDS")]
    context: Option<usize>,
    /// Show so many turns before and after each one found too
    #[arg(long, default_value_t = 0, value_name = "TURNS")]
    around: u32,
    /// At most so many rows
    #[arg(long, default_value_t = 100)]
    most: usize,
    /// Begin with this row
    #[arg(long, default_value_t = 1, value_name = "ROW")]
    from: usize,
    /// With --count and --facet: also how often per 1,000 words; reads all texts once
    #[arg(long)]
    per_words: bool,
    /// With --collocates: so many words before and after
    #[arg(long, default_value_t = 5, value_name = "WORDS")]
    window: u32,
    /// With --collocates, --words, --compare: words that stand there at least so often
    #[arg(long, default_value_t = 3, value_name = "TIMES")]
    least: u64,
    /// With --tag and --save-rule: present, absent, ceased, reduced, hypothetical or ambivalent
    #[arg(long, default_value = "present")]
    polarity: String,
    /// With --tag and --save-rule: do what the preview says
    #[arg(long)]
    yes: bool,
}

/// What is done with what was found.
#[derive(clap::Args)]
#[group(multiple = false)]
struct Shape {
    /// Only count: hits, turns, sources, participants
    #[arg(long)]
    count: bool,
    /// Count by the values of a field: speaker, role, participant, source, wave, question, lang, code, theme, polarity, coder, attr.NAME, score.NAME.WAVE
    #[arg(long, value_name = "FIELD")]
    facet: Option<String>,
    /// One line for each hit, the words found under one another
    #[arg(long)]
    kwic: bool,
    /// Words that stand near the hits more often than elsewhere
    #[arg(long)]
    collocates: bool,
    /// The words of the turns found, counted; of all turns without a query
    #[arg(long)]
    words: bool,
    /// The words of the turns found beside those of another query's turns: which tell both apart
    #[arg(long, value_name = "QUERY")]
    compare: Option<String>,
    /// Give a code to what was found, one coding for each meaning unit; a preview until --yes
    #[arg(long, value_name = "CODE")]
    tag: Option<String>,
    /// Make the query a rule of a code; a preview until --yes
    #[arg(long, value_name = "CODE")]
    save_rule: Option<String>,
    /// Keep the query under a name, for --saved NAME and saved:NAME
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    /// Drop a saved search
    #[arg(long, value_name = "NAME")]
    forget: Option<String>,
}

/// Order of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Sort {
    Source,
    Rank,
    Participant,
    Left,
    Right,
}

/// What is to be written when nothing reads any more.
enum Work {
    Nothing,
    Codings(Vec<(String, Coding)>),
    Codebook(Codebook),
    Saved(String, SavedSearch),
    Forget(String),
}

impl Work {
    fn write(self, session: &Session, store: &mut Store, study: &mut Study) -> Result<(), CliError> {
        let mut change = match self {
            Self::Nothing => return Ok(()),
            Self::Codebook(codebook) => return rule::land(session, store, study, codebook),
            _ => store.change(&session.command, session.because.as_deref()),
        };
        match self {
            Self::Codings(codings) => {
                for (id, coding) in &codings {
                    change.put(id, coding).shown()?;
                }
            }
            Self::Saved(name, search) => change.put(&name, &search).shown()?,
            Self::Forget(name) => change.delete::<SavedSearch>(&name),
            Self::Nothing | Self::Codebook(_) => {}
        }
        change.commit().shown()?;
        Ok(())
    }
}

/// A query that was asked, and what answers it.
struct Asked<'a> {
    args: &'a Args,
    session: &'a Session,
    store: &'a Store,
    study: &'a Study,
    reader: &'a Reader<'a>,
    sets: &'a TurnSets<'a>,
    query: &'a Query,
    search: &'a Search<'a, 'a>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let shape = &args.shown;
    let writes = shape.save.is_some()
        || shape.forget.is_some()
        || (args.yes && (shape.tag.is_some() || shape.save_rule.is_some()));
    let (mut store, mut study) = if writes { session.writer()? } else { session.reader()? };
    if let Some(name) = &shape.forget {
        let work = saved::forget(session, &study, name)?;
        work.write(session, &mut store, &mut study)?;
        return Ok(Outcome::Done);
    }
    let Some(query) = asked(args, session, &study)? else { return saved::list(session, &study) };
    let work = {
        let index = session.index(&store, &study);
        let reader = index.reader(&store, &study);
        let scores = ScoreTable::of(&study);
        for doubt in doubts(&study, &scores, &query) {
            session.say(&format!("note: {doubt}"));
        }
        let query = match &args.like {
            Some(like) => like::query(session, &study, &store, &reader, like, &query)?,
            None => query,
        };
        let sets = sets(session, &study, &scores, &reader);
        let search = reader.search(&query, &|condition| sets.turns(condition)).shown()?;
        let asked = Asked {
            args,
            session,
            store: &store,
            study: &study,
            reader: &reader,
            sets: &sets,
            query: &query,
            search: &search,
        };
        if shape.count || shape.facet.is_some() {
            counts::run(&asked)?
        } else if shape.kwic {
            kwic::run(&asked)?
        } else if shape.collocates {
            words::collocates(&asked)?
        } else if shape.words {
            words::frequencies(&asked)?
        } else if let Some(other) = &shape.compare {
            words::compare(&asked, other)?
        } else if let Some(code) = &shape.tag {
            tag::run(&asked, code)?
        } else if let Some(code) = &shape.save_rule {
            rule::run(&asked, code)?
        } else if let Some(name) = &shape.save {
            saved::save(&asked, name)?
        } else {
            listing::run(&asked)?
        }
    };
    work.write(session, &mut store, &mut study)?;
    Ok(Outcome::Done)
}

/// The query of the options together; nothing where none of them asks for anything.
fn asked(args: &Args, session: &Session, study: &Study) -> Result<Option<Query>, CliError> {
    let saved = args.saved.as_ref().map(|name| saved::as_query(name));
    let typed = args.query.as_deref().map(|text| query::parse(text).map_err(|error| CliError::new(error.to_string())));
    let mut parts: Vec<Query> = saved.into_iter().map(Ok).chain(typed).collect::<Result<_, _>>()?;
    if parts.is_empty() && (args.like.is_some() || args.shown.words || args.shown.compare.is_some()) {
        parts.push(everything());
    }
    let query = if parts.len() > 1 { Some(Query::And(parts)) } else { parts.pop() };
    query.map(|query| resolved(query, session, study)).transpose()
}

/// Every turn there is.
fn everything() -> Query {
    Query::Field(Field::Role, query::FieldValue::Text("*".into()))
}

/// Reads a query about turns; what its coders must not see cannot be asked for.
pub fn parsed(text: &str, session: &Session, study: &Study) -> Result<Query, CliError> {
    resolved(query::parse(text).map_err(|error| CliError::new(error.to_string()))?, session, study)
}

/// A query with saved searches in their place, which its coders may ask.
fn resolved(query: Query, session: &Session, study: &Study) -> Result<Query, CliError> {
    let query = saved::put(query, study)?;
    let fields: Vec<&Field> = query.fields().into_iter().map(|(field, _)| field).collect();
    if let Err(error @ RuleError::MatchesEverything { .. }) = query::check_rule(&query) {
        return Err(CliError::new(error.to_string()));
    }
    for field in fields {
        refuse_blind(field, session, study)?;
    }
    Ok(query)
}

/// Refuses a field that the study keeps from its coders.
fn refuse_blind(field: &Field, session: &Session, study: &Study) -> Result<(), CliError> {
    let what = match field {
        Field::Score { .. } => Hidden::Scores,
        Field::Attribute(_) => Hidden::Group,
        Field::Wave => Hidden::Wave,
        _ => return Ok(()),
    };
    super::blind::refuse(study, session, &[what], "this query asks for them")
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
    TurnSets::new(study, scores, reader, &|id, coding| is_seen(session, study, id, coding))
}

/// Whether a coding may be seen: it is not lost, and of others only where the study shows them.
fn is_seen(session: &Session, study: &Study, id: &str, coding: &Coding) -> bool {
    let own = || coding.coder == session.coder && coding.round == session.round;
    !study.lost.contains(id) && (!study.settings.hides(Hidden::Coders, &session.coder) || own())
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

impl<'a> Asked<'a> {
    /// The turns found with the number of hits.
    fn turns(&self) -> Result<Vec<(u32, u32)>, CliError> {
        let mut found = Vec::new();
        self.search.count(&mut |turn, hits| found.push((turn, hits))).shown()?;
        Ok(found)
    }

    /// The turns that another query holds for.
    fn turns_of(&self, query: &Query) -> Result<RoaringBitmap, CliError> {
        let search = self.reader.search(query, &|condition| self.sets.turns(condition)).shown()?;
        let mut turns = RoaringBitmap::new();
        search.count(&mut |turn, _| turns.extend([turn])).shown()?;
        Ok(turns)
    }

    /// The turns found, in the order asked for; `sort` if nothing was said.
    fn in_order(&self, sort: Sort) -> Result<Vec<Found<'a>>, CliError> {
        let mut found = find(self.search, self.study, self.reader)?;
        match self.args.sort.unwrap_or(sort) {
            Sort::Source => {}
            Sort::Left | Sort::Right => {
                return Err(CliError::new("--sort left and --sort right order lines by their words").hint("add --kwic"));
            }
            Sort::Rank => {
                let ranked = self.search.ranked(found.len()).shown()?;
                let place = ranked.into_iter().zip(0_usize..).map(|(ranked, place)| (ranked.turn, place));
                let places: std::collections::HashMap<u32, usize> = place.collect();
                found.sort_by_key(|turn| places.get(&turn.ordinal).copied().unwrap_or(usize::MAX));
            }
            Sort::Participant => {
                let mut of = Vec::with_capacity(found.len());
                for turn in found {
                    let speaker = self.reader.speaker(turn.ordinal).shown()?;
                    let person = turn.source.participants.get(&speaker);
                    of.push(((person.is_none(), person), turn));
                }
                of.sort_by_key(|(key, _)| *key);
                found = of.into_iter().map(|(_, turn)| turn).collect();
            }
        }
        Ok(found)
    }

    /// The rows of a page.
    fn page<T>(&self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.args.from.saturating_sub(1)).take(self.args.most).collect()
    }

    /// Says which rows of how many are shown, where these are not all.
    fn page_note(&self, shown: usize, all: usize, noun: &str) -> Option<String> {
        let first = self.args.from.max(1);
        match shown {
            _ if shown == all => None,
            0 => Some(format!("row {first} is beyond the last of {all} {noun}")),
            _ if first == 1 => {
                Some(format!("the first {shown} of {all} {noun}; --most shows more, --from {} goes on", shown + 1))
            }
            _ => Some(format!("{noun} {first} to {} of {all}; --from goes on", first + shown - 1)),
        }
    }
}
