//! `source revise`, `source anchors`, `source settle`: a corrected transcript, and what it does to the codings.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::code::{find_quote, record_id, sentence_spans};
use crate::import::{self, Kind, Options, SourceDraft};
use crate::model::{Source, SourceFormat};
use crate::report::{Table, counted, one_line};
use crate::store::{Batch, NewText, Revised, SourceText, Store, Study, land_revision, old_words, settle_anchor};
use crate::text::most_alike;
use std::path::{Path, PathBuf};

/// Give a source a corrected text or correct its turns; codings are led over, and what is in doubt is listed
#[derive(clap::Args)]
pub struct ReviseArgs {
    /// Name or id
    source: String,
    /// The edited file
    file: Option<PathBuf>,
    /// Instead of a file: words that stand once in the source ...
    #[arg(long, value_name = "WORDS", requires = "with", conflicts_with = "file")]
    replace: Option<String>,
    /// ... and the words that take their place
    #[arg(long, value_name = "WORDS", requires = "replace")]
    with: Option<String>,
    /// A turn (counted from 1, see `source show --turns`) that --speaker, --at or --join is about
    #[arg(long, value_name = "N", conflicts_with_all = ["file", "replace"])]
    turn: Option<usize>,
    /// Who speaks this turn
    #[arg(long, value_name = "LABEL", requires = "turn")]
    speaker: Option<String>,
    /// Cut the turn in two where these words begin
    #[arg(long, value_name = "WORDS", requires = "turn", conflicts_with = "speaker")]
    at: Option<String>,
    /// Join the turn with the one before it
    #[arg(long, requires = "turn", conflicts_with_all = ["speaker", "at"])]
    join: bool,
}

/// Say where a coding is after a revision: where it stands now (--keep), or elsewhere
#[derive(clap::Args)]
pub struct SettleArgs {
    /// Ids of codings, from `source anchors`
    #[arg(required = true)]
    codings: Vec<String>,
    /// They are right where they stand now
    #[arg(long, conflicts_with = "at")]
    keep: bool,
    /// These words of the source, which stand in it once
    #[arg(long, value_name = "WORDS")]
    at: Option<String>,
}

/// Runs `source revise`.
pub fn revise(args: &ReviseArgs, session: &Session) -> Result<Outcome, CliError> {
    let (mut store, study) = session.writer()?;
    let (id, source) = super::known::source(&study, &args.source)?;
    let plain =
        SourceText::new(store.text(&source.revision).shown()?, study.text(&store, source).shown()?.segmentation);
    let new = match (&args.file, &args.replace, args.turn) {
        (Some(file), ..) => from_file(session, &study, source, file)?,
        (None, Some(words), _) => {
            let at = find_quote(&source.name, &plain.text, words).shown()?;
            let with = args.with.as_deref().unwrap_or("");
            let (text, segmentation) = import::replace_words(&plain.text, &plain.segmentation, at, with).shown()?;
            in_place(text, segmentation)
        }
        (None, None, Some(turn)) => {
            let cut = recut(args, source, &plain, turn)?;
            let roles = args.speaker.iter().map(|label| (label.clone(), source.role(label))).collect();
            NewText { roles, ..in_place(plain.text.clone(), cut) }
        }
        (None, None, None) => {
            return Err(CliError::new("say what changes: an edited FILE, --replace WORDS --with WORDS, or --turn N")
                .hint("`themata source revise --help` shows the ways"));
        }
    };
    let batch = record_id("b", &[&session.now, &session.coder, &session.command]);
    let batch = Batch { id: &batch, command: &session.command, reason: session.because.as_deref() };
    let revised = land_revision(&mut store, &study, id, &new, batch).shown()?;
    if revised.operation.is_none() {
        session.say(&format!("{} is like that already; nothing was changed", source.name));
        return Ok(Outcome::Done);
    }
    told(session, source, &new, &revised);
    Ok(Outcome::of(revised.in_doubt() > 0))
}

fn told(session: &Session, source: &Source, new: &NewText, revised: &Revised) {
    let turns = counted(new.segmentation.turns.len(), "turn");
    session.say(&format!("{} is revised: {turns} (there were {})", source.name, source.turns));
    let all = revised.exact + revised.in_doubt();
    if all > 0 {
        session.say(&format!(
            "of {}, {} exact, {} moved, {} changed, {} lost",
            counted(all, "coding"),
            revised.exact,
            revised.moved.len(),
            revised.changed.len(),
            revised.lost.len()
        ));
    }
    if revised.rejections > 0 {
        let gone = counted(revised.rejections, "rejection");
        session.say(&format!("{gone} went with the words that were rejected"));
    }
    if revised.in_doubt() > 0 {
        session.say("`themata source anchors` lists what is in doubt, `themata source settle` decides");
    }
}

fn in_place(text: String, segmentation: crate::model::Segmentation) -> NewText {
    NewText { text, segmentation, original: None, roles: Default::default(), participants: Default::default() }
}

fn recut(
    args: &ReviseArgs,
    source: &Source,
    plain: &SourceText,
    turn: usize,
) -> Result<crate::model::Segmentation, CliError> {
    let cut = &plain.segmentation;
    if let Some(label) = &args.speaker {
        return import::give_turn(cut, turn, label).shown();
    }
    if args.join {
        return import::join_turn(cut, turn).shown();
    }
    let Some(words) = &args.at else {
        return Err(CliError::new("say what is wrong with the turn: --speaker LABEL, --at WORDS or --join"));
    };
    let span =
        turn.checked_sub(1).and_then(|k| cut.turns.get(k)).map_or(crate::model::Span::new(0, 0), |turn| turn.span);
    let said = span.of(&plain.text).unwrap_or("");
    let inside = find_quote(&format!("turn {turn} of {}", source.name), said, words).shown()?;
    import::split_turn(&plain.text, cut, turn, span.start + inside.start).shown()
}

/// Reads the file as one of the source's kind.
fn from_file(session: &Session, study: &Study, source: &Source, file: &Path) -> Result<NewText, CliError> {
    let bytes =
        std::fs::read(file).map_err(|error| CliError::new(format!("cannot read {}: {error}", file.display())))?;
    let mut roles = study.settings.roles.clone();
    roles.extend(source.roles.clone());
    let options = Options {
        kind: kind(source.format),
        roles,
        language: source.language.clone(),
        remembered: study.settings.columns.clone(),
        waves: study.waves_in_order().into_iter().map(|(id, _)| id.to_owned()).collect(),
        participants: study.participants.keys().cloned().collect(),
        ..Options::default()
    };
    let shown = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The source's own name tells who speaks in it, whatever the edited file is called.
    let name = source.name.split('/').next().unwrap_or(&source.name);
    let found = import::read(name, &bytes, &options).shown()?;
    for problem in &found.problems {
        session.say(&format!(
            "{}: {problem}",
            if problem.severity == import::Severity::Error { "error" } else { "warning" }
        ));
    }
    let several = found.sources.len();
    let mut drafts = found.sources.into_iter();
    let draft: Option<SourceDraft> = match several {
        1 => drafts.next(),
        _ => drafts.find(|draft| draft.name == source.name),
    };
    let draft = draft.ok_or_else(|| {
        CliError::new(format!("{shown} does not hold the source {}", source.name))
            .hint("give the edited file of this source, or edit in place with --replace and --with")
    })?;
    Ok(NewText {
        text: draft.text,
        segmentation: draft.segmentation,
        original: found.original,
        roles: draft.roles,
        participants: draft.participants,
    })
}

fn kind(format: SourceFormat) -> Option<Kind> {
    Some(match format {
        SourceFormat::Text => Kind::Transcript,
        SourceFormat::WebVtt => Kind::WebVtt,
        SourceFormat::SubRip => Kind::SubRip,
        SourceFormat::Table => Kind::Table,
        SourceFormat::Json => Kind::Json,
        SourceFormat::WordPress => Kind::WordPress,
        SourceFormat::Ris => Kind::Ris,
    })
}

/// Runs `source anchors`.
pub fn anchors(name: Option<&str>, session: &Session) -> Result<Outcome, CliError> {
    let (store, study) = session.reader()?;
    let only = name.map(|name| super::known::source(&study, name)).transpose()?.map(|(id, _)| id);
    let mut table = Table::new(
        "",
        &["coding", "code", "coder", "state", "source", "was coded", "stands there now", "most like it now"],
    );
    for (id, anchor) in &study.unsettled {
        let Some(coding) = study.codings.get(id) else { continue };
        if !super::known::may_see(&study, session, &coding.coder) {
            continue;
        }
        let Some(source) = study.sources.get(&coding.source).filter(|_| only.is_none_or(|only| only == coding.source))
        else {
            continue;
        };
        let text = study.text(&store, source).shown()?;
        let lost = study.lost.contains(id);
        let now = if lost { None } else { anchor.span.of(&text.text).map(one_line) };
        // Words of somebody who has withdrawn are blank in the text; their old form is not shown either. Who said what is
        // lost, the text no longer tells.
        let withdrawn = match lost {
            true => source.participants.keys().any(|speaker| study.is_withdrawn(source, speaker)),
            false => text.turns_in(anchor.span).any(|turn| study.is_withdrawn(source, text.speaker(turn))),
        };
        let before = if withdrawn { None } else { old_words(&store, id).shown()? };
        let alike = before.as_ref().filter(|_| lost).and_then(|words| {
            let sentences = sentence_spans(&study, source, &text);
            most_alike(words, &text.text, &sentences)
        });
        let alike = alike.and_then(|span| span.of(&text.text)).map(one_line);
        table.row([
            id.as_str().into(),
            coding.code.clone().into(),
            coding.coder.as_str().into(),
            anchor.state.name().into(),
            source.name.as_str().into(),
            before.map(|words| one_line(&words)).into(),
            now.into(),
            alike.into(),
        ]);
    }
    let in_doubt = table.rows.len();
    table.note(format!(
        "{in_doubt} of {} codings in doubt after a revision; lost ones are not counted",
        study.codings.len()
    ));
    if in_doubt > 0 {
        table.note("`themata source settle CODING --keep`, `--at \"WORDS\"`, or `themata code remove CODING`");
    }
    session.table(&table)?;
    Ok(Outcome::of(in_doubt > 0))
}

/// Runs `source settle`.
pub fn settle(args: &SettleArgs, session: &Session) -> Result<Outcome, CliError> {
    if !args.keep && args.at.is_none() {
        return Err(CliError::new("say where: --keep, or --at \"WORDS\"")
            .hint("a coding whose words are gone for good: `themata code remove CODING`"));
    }
    let (mut store, study) = session.writer()?;
    let mut settled = Vec::new();
    for id in &args.codings {
        settled.push((id, settled_at(args, &store, &study, id)?));
    }
    let mut change = store.change(&session.command, session.because.as_deref());
    for (id, anchor) in &settled {
        change.put(id, anchor).shown()?;
    }
    change.commit().shown()?;
    session.say(&format!("settled {}", counted(settled.len(), "coding")));
    Ok(Outcome::Done)
}

fn settled_at(args: &SettleArgs, store: &Store, study: &Study, id: &str) -> Result<crate::model::Anchor, CliError> {
    let coding = study.unsettled.get(id).and_then(|_| study.codings.get(id));
    let found = coding.and_then(|coding| Some((coding, study.sources.get(&coding.source)?)));
    let Some((_, source)) = found else {
        return Err(CliError::new(format!("nothing about the coding `{id}` is in doubt"))
            .hint("`themata source anchors` lists the codings that are"));
    };
    let text = study.text(store, source).shown()?;
    let at = args.at.as_ref().map(|words| find_quote(&source.name, &text.text, words)).transpose().shown()?;
    settle_anchor(store, source, &text.text, id, at).shown()?.ok_or_else(|| {
        CliError::new(format!("the words of `{id}` are gone: there is no place to keep"))
            .hint("say where it belongs with --at \"WORDS\", or remove it with `themata code remove`")
    })
}
