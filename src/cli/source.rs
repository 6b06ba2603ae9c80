//! `source`: the documents of the study.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::join::SpeechTable;
use crate::model::{Hidden, Participant, Role, Source};
use crate::report::{Format, Table, Value};
use crate::store::SourceText;
use clap::Subcommand;
use serde_json::json;
use std::collections::BTreeMap;

/// List, show or describe sources
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// One line per source (the default)
    List,
    /// A source with line numbers, turn by turn
    Show {
        /// Name or id
        source: String,
        /// Number the turns and name their speakers, instead of numbering lines
        #[arg(long)]
        turns: bool,
    },
    Revise(super::revise::ReviseArgs),
    /// Codings that a revision left in doubt: moved, changed, lost
    Anchors {
        /// Only of this source
        source: Option<String>,
    },
    Settle(super::revise::SettleArgs),
    /// Say who a speaker is, at which wave, or which topics were not asked
    Set {
        /// Name or id
        source: String,
        /// Speaker label that --role and --participant are about
        #[arg(long)]
        speaker: Option<String>,
        /// participant, interviewer or other
        #[arg(long)]
        role: Option<String>,
        /// Participant id
        #[arg(long)]
        participant: Option<String>,
        /// Wave
        #[arg(long)]
        wave: Option<String>,
        /// Codes whose topic was not asked here
        #[arg(long, value_delimiter = ',')]
        not_asked: Vec<String>,
        /// A focus group
        #[arg(long)]
        focus_group: bool,
    },
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        None | Some(Verb::List) => list(session),
        Some(Verb::Show { source, turns }) => show(session, source, *turns),
        Some(Verb::Revise(args)) => super::revise::revise(args, session),
        Some(Verb::Anchors { source }) => super::revise::anchors(source.as_deref(), session),
        Some(Verb::Settle(args)) => super::revise::settle(args, session),
        Some(Verb::Set { source, speaker, role, participant, wave, not_asked, focus_group }) => {
            let (mut store, study) = session.writer()?;
            let (id, source) = super::known::source(&study, source)?;
            let mut source = source.clone();
            if role.is_some() || participant.is_some() {
                let label = speaker.clone().ok_or_else(|| {
                    CliError::new("--role and --participant need --speaker LABEL").hint(format!(
                        "speakers of {}: {}",
                        source.name,
                        source.roles.keys().cloned().collect::<Vec<_>>().join(", ")
                    ))
                })?;
                if !source.roles.contains_key(&label) {
                    return Err(CliError::new(format!("nobody is labelled `{label}` in {}", source.name)));
                }
                if let Some(role) = role {
                    source.roles.insert(label.clone(), super::settings::parse_role(role)?);
                }
                if let Some(participant) = participant {
                    source.participants.insert(label, participant.clone());
                }
            }
            if let Some(wave) = wave {
                if !study.waves.contains_key(wave) {
                    let known: Vec<&str> = study.waves_in_order().into_iter().map(|(id, _)| id).collect();
                    return Err(CliError::new(format!(
                        "there is no wave `{wave}`; the waves are: {}",
                        known.join(", ")
                    ))
                    .hint("declare it first: `themata settings set waves T0=before,T1=during`"));
                }
                source.wave = Some(wave.clone());
            }
            for code in not_asked {
                super::known::code(&study, code)?;
            }
            if !not_asked.is_empty() {
                source.not_asked.clone_from(not_asked);
            }
            source.focus_group |= focus_group;
            let mut change = store.change(&session.command, session.because.as_deref());
            change.put(id, &source).shown()?;
            let new = participant.as_ref().filter(|id| !study.participants.contains_key(*id));
            if let Some(new) = new {
                if study.withdrawn.contains(new) {
                    return Err(CliError::new(format!("{new} has withdrawn from the study")));
                }
                change.put(new, &Participant::default()).shown()?;
            }
            change.commit().shown()?;
            session.say(&format!("{} is described anew", source.name));
            if let Some(new) = new {
                session.say(&format!("{new} is a new participant; if that was a slip, `themata undo`"));
            }
            Ok(Outcome::Done)
        }
    }
}

fn list(session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let columns = ["source", "id", "wave", "participants", "speakers", "turns", "participant words", "share of talk"];
    let mut table = Table::new("", &columns);
    let mut sources: Vec<_> = study.sources.iter().collect();
    sources.sort_by(|a, b| (&a.1.name, a.0).cmp(&(&b.1.name, b.0)));
    for (id, source) in sources {
        let text = study.text(&store, source).shown()?;
        let mut coded = SpeechTable::default();
        coded.add(&study, id, source, &text);
        let words: u64 = coded.of(id, None).iter().map(|speech| speech.words).sum();
        let all = crate::text::count_words(&text.text, text.segmentation.turns.iter().map(|turn| turn.span));
        let mut people: Vec<&str> = source.participants.values().map(String::as_str).collect();
        people.dedup();
        let share =
            if all == 0 { Value::Empty } else { Value::from(format!("{:.0} %", 100.0 * words as f64 / all as f64)) };
        table.row([
            source.name.as_str().into(),
            id.as_str().into(),
            source.wave.clone().into(),
            people.join(", ").into(),
            text.segmentation.speakers.len().into(),
            source.turns.into(),
            Value::Count(words),
            share,
        ]);
    }
    super::blind::note(&study, session, &[Hidden::Wave], &mut table);
    session.table(&table)?;
    Ok(Outcome::Done)
}

fn show(session: &Session, name: &str, turns: bool) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let (id, source) = super::known::source(&study, name)?;
    let text = study.text(&store, source).shown()?;
    match session.format {
        Format::Table => {}
        Format::Json => {
            super::matrix::print_json(session, &shown_as_json(id, source, &text, turns))?;
            return Ok(Outcome::Done);
        }
        _ => return shown_in_rows(session, source, &text, turns),
    }
    let mut out = format!("{} ({id})\n", source.name);
    let attributes = source.attributes.iter().map(|(name, value)| (name.as_str(), value.label()));
    let not_asked = (!source.not_asked.is_empty()).then(|| ("not asked", source.not_asked.join(", ")));
    let wave = source.wave.clone().map(|wave| ("wave", wave));
    let kind = source.focus_group.then(|| ("kind", "focus group".to_owned()));
    for (name, value) in wave.into_iter().chain(kind).chain(not_asked).chain(attributes) {
        out.push_str(&format!("  {name}: {value}\n"));
    }
    for (label, role) in &source.roles {
        let role = role.name();
        let person = source.participants.get(label).map_or(String::new(), |person| format!(", {person}"));
        out.push_str(&format!("  {label}: {role}{person}\n"));
    }
    for k in 0..if turns { text.segmentation.turns.len() } else { 0 } {
        let words = crate::report::one_line(text.turn(k));
        out.push_str(&format!("{:>5}  {}: {words}\n", k + 1, text.speaker(k)));
    }
    for (k, line) in text.text.split('\n').enumerate().filter(|_| !turns) {
        out.push_str(&format!("{:>5}  {}\n", k + 1, line.trim_end_matches('\r')));
    }
    session.print(&out)?;
    Ok(Outcome::Done)
}

/// The same for other programs, with everything that stands above the text.
fn shown_as_json(id: &str, source: &Source, text: &SourceText, turns: bool) -> serde_json::Value {
    let attributes: BTreeMap<&str, String> =
        source.attributes.iter().map(|(name, value)| (name.as_str(), value.label())).collect();
    let speaker = |(label, role): (&String, &Role)| json!({"speaker": label, "role": role.name(), "participant": source.participants.get(label)});
    let speakers: Vec<_> = source.roles.iter().map(speaker).collect();
    let mut shown = json!({
        "source": source.name, "id": id, "wave": source.wave, "focus_group": source.focus_group,
        "not_asked": source.not_asked, "attributes": attributes, "speakers": speakers,
    });
    let turn = |k: usize| json!({"turn": k + 1, "speaker": text.speaker(k), "text": text.turn(k)});
    let line = |(k, line): (usize, &str)| json!({"line": k + 1, "text": line.trim_end_matches('\r')});
    shown[if turns { "turns" } else { "lines" }] = match turns {
        true => (0..text.segmentation.turns.len()).map(turn).collect(),
        false => text.text.split('\n').enumerate().map(line).collect(),
    };
    shown
}

/// A row a line, or a row a turn.
fn shown_in_rows(session: &Session, source: &Source, text: &SourceText, turns: bool) -> Result<Outcome, CliError> {
    let columns: &[&str] = if turns { &["turn", "speaker", "role", "participant", "text"] } else { &["line", "text"] };
    let mut table = Table::new("", columns);
    for k in 0..if turns { text.segmentation.turns.len() } else { 0 } {
        let speaker = text.speaker(k);
        let person = source.participants.get(speaker).cloned();
        let role = source.role(speaker).name();
        table.row([(k + 1).into(), speaker.into(), role.into(), person.into(), text.turn(k).into()]);
    }
    for (k, line) in text.text.split('\n').enumerate().filter(|_| !turns) {
        table.row([(k + 1).into(), line.trim_end_matches('\r').into()]);
    }
    session.table(&table)?;
    Ok(Outcome::Done)
}
