//! `code add`: a coding by hand.

use crate::cli::error::{CliError, Shown};
use crate::cli::session::{Outcome, Session};
use crate::code::{DecideError, Judgement, find_lines, find_quote};
use crate::model::{Code, Confidence, Experiencer, Origin, Polarity, Qualifiers, Span, Time};
use crate::store::{Batch, land_codebook};

/// Code a quotation by hand, or keep one without a code
#[derive(clap::Args)]
pub struct Args {
    /// Name or id of the source
    source: String,
    /// The words, exactly as they stand there (white space may differ)
    #[arg(conflicts_with_all = ["lines", "bytes"], required_unless_present_any = ["lines", "bytes"])]
    quotation: Option<String>,
    /// Lines, as `source show` counts them: `112-118` or `112`
    #[arg(long)]
    lines: Option<String>,
    /// Bytes of the source's text: `1024-1100`
    #[arg(long, conflicts_with = "lines")]
    bytes: Option<String>,
    /// Code; without one the quotation is kept as it is
    #[arg(long)]
    code: Option<String>,
    /// Make a new draft code with this label and use it
    #[arg(long, value_name = "LABEL", conflicts_with = "code")]
    new: Option<String>,
    /// Make a new draft code with the speaker's own words as its label
    #[arg(long, conflicts_with_all = ["code", "new"])]
    in_vivo: bool,
    /// present, absent, ceased, reduced, hypothetical or ambivalent
    #[arg(long, default_value = "present")]
    polarity: String,
    /// before, during, after, general or unknown
    #[arg(long, default_value = "unknown")]
    time: String,
    /// Whom or what it is directed at
    #[arg(long)]
    target: Option<String>,
    /// Whose experience: self, other or unknown
    #[arg(long, default_value = "self")]
    experiencer: String,
    /// How sure you are, if you want to say it: sure or unsure
    #[arg(long)]
    confidence: Option<String>,
    /// A note kept with the coding
    #[arg(long, default_value = "")]
    note: String,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let polarity: Polarity = crate::cli::matrix::parse_polarity(&args.polarity)?;
    let time: Time = crate::cli::matrix::parse_time(&args.time)?;
    let experiencer = parse_experiencer(&args.experiencer)?;
    let confidence = args.confidence.as_deref().map(parse_confidence).transpose()?;
    let (mut store, mut study) = session.writer()?;
    let (id, source) = crate::cli::known::source(&study, &args.source)?;
    let (id, source) = (id.to_owned(), source.clone());
    let text = study.text(&store, &source).shown()?;
    let span = match (&args.quotation, &args.lines, &args.bytes) {
        (Some(quote), _, _) => find_quote(&source.name, &text.text, quote).map_err(|error| {
            let shown = CliError::new(error.to_string());
            match error {
                DecideError::Ambiguous { .. } => {
                    shown.hint("quote more of the sentence, or name the place with --lines or --bytes")
                }
                _ => shown.hint(format!("`themata source show {}` prints it with line numbers", args.source)),
            }
        })?,
        (None, Some(lines), _) => {
            let (first, last) = range(lines)?;
            find_lines(&source.name, &text.text, first, last).shown()?
        }
        (None, None, Some(bytes)) => {
            let (first, last) = range(bytes)?;
            let border =
                |at: usize| u32::try_from(at).map_err(|_| CliError::new("that is beyond the end of any source"));
            Span::new(border(first)?, border(last)?)
        }
        (None, None, None) => return Err(CliError::new("say which words: a quotation, --lines or --bytes")),
    };
    let label = if args.in_vivo { span.of(&text.text).map(crate::report::one_line) } else { args.new.clone() };
    let mut code = args.code.clone();
    let batch_id = crate::code::record_id("b", &[&session.now, &session.coder, &id]);
    if let Some(label) = label {
        let new = crate::store::code_id(&label);
        if new.is_empty() {
            return Err(CliError::new(format!("`{label}` has no letter to make a code id of")));
        }
        if !study.codebook.codebook.codes.contains_key(&new) {
            let mut codebook = study.codebook.codebook.clone();
            codebook.codes.insert(new.clone(), Code { label, ..Code::default() });
            let batch = Batch { id: &batch_id, command: &session.command, reason: session.because.as_deref() };
            land_codebook(&mut store, &mut study, codebook, batch).shown()?;
            session.say(&format!("new draft code {new}"));
        }
        code = Some(new);
    }
    let decider = session.decider(&study, false);
    let judgement = Judgement {
        code: code.as_deref(),
        polarity,
        qualifiers: Qualifiers { time, target: args.target.clone(), experiencer },
        origin: Origin::ByHand,
        confidence,
        note: &args.note,
    };
    let (coding_id, coding) =
        decider.coding(&id, &text.text, span, &judgement, |quote| store.keyed_digest(quote)).shown()?;
    if study.codings.contains_key(&coding_id) {
        return Err(CliError::new(format!("this is coded already, as {coding_id}")));
    }
    let mut change = store.change(&session.command, session.because.as_deref()).batch(&batch_id);
    change.put(&coding_id, &coding).shown()?;
    change.commit().shown()?;
    let what = code.map_or_else(|| "kept without a code".to_owned(), |code| format!("{code} ({})", polarity.name()));
    session.print(&format!("{coding_id}\n"))?;
    session.say(&format!(
        "{what}: {}",
        crate::report::cut(&crate::report::one_line(span.of(&text.text).unwrap_or("")), 80)
    ));
    Ok(Outcome::Done)
}

/// The experiencer with this name.
pub fn parse_experiencer(name: &str) -> Result<Experiencer, CliError> {
    [Experiencer::Speaker, Experiencer::Other, Experiencer::Unknown]
        .into_iter()
        .find(|experiencer| experiencer.name() == name)
        .ok_or_else(|| CliError::new(format!("`{name}` is no experiencer: self, other or unknown")))
}

/// How sure somebody is, by this name.
pub fn parse_confidence(name: &str) -> Result<Confidence, CliError> {
    Confidence::ALL
        .into_iter()
        .find(|confidence| confidence.name() == name)
        .ok_or_else(|| CliError::new(format!("`{name}` does not say how sure you are: sure or unsure")))
}

/// First and last of `112-118`, or of `112`.
pub fn range(text: &str) -> Result<(usize, usize), CliError> {
    let bad = || CliError::new(format!("`{text}` is no range: write 112-118, or 112"));
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Ok((first.trim().parse().map_err(|_| bad())?, last.trim().parse().map_err(|_| bad())?))
}
