//! Decisions between coders: what is final, who said so and why. Both originals stay.

use super::compare::Comparison;
use super::differ::Disagreement;
use crate::code::{Decider, record_id};
use crate::model::{
    Adjudication, Coding, FIRST_ROUND, Memo, MemoKind, Origin, Polarity, Qualifiers, Reason, Span, Visible,
};
use std::collections::{BTreeMap, BTreeSet};

/// One decision as somebody writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolution {
    /// Line of the table it stands in; nothing for one that was typed.
    pub line: Option<u32>,
    /// Id of the disagreement; blank where the table tells it by what it lists.
    pub disagreement: String,
    /// The row as `review disagreements` lists it, by column: source, quotation, what each coder gave.
    pub listed: BTreeMap<String, String>,
    /// `nothing`, a coder's name, a coding's id, `code:ID` or `code:ID/POLARITY`.
    pub final_is: String,
    /// Why the coders differed.
    pub reason: String,
    /// What is to change in the codebook.
    pub codebook_change: String,
    /// Free note.
    pub note: String,
}

/// Why a decision cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdjudicateError {
    /// No such disagreement.
    #[error("there is no disagreement `{id}`{near}")]
    UnknownDisagreement {
        /// As typed.
        id: String,
        /// A near id.
        near: String,
    },
    /// No such disagreement, or several, by what a table lists of it.
    #[error(
        "{found} disagreements in {source_name} have these words and these codings by each coder, not one: {quotation}"
    )]
    NotTheOne {
        /// How many.
        found: usize,
        /// The source as listed.
        source_name: String,
        /// The quotation as listed.
        quotation: String,
    },
    /// No such reason.
    #[error("`{reason}` is no reason for a disagreement: {}", Reason::ALL.map(Reason::name).join(", "))]
    UnknownReason {
        /// As typed.
        reason: String,
    },
    /// Not a side, a coding or a code of it.
    #[error(
        "`{what}` is nothing that can be final in {id}: say nothing, {sides}, the id of one of the codings, or code:ID"
    )]
    NotPossible {
        /// As typed.
        what: String,
        /// The disagreement.
        id: String,
        /// Names of the sides.
        sides: String,
    },
    /// No such code or polarity.
    #[error("`{what}` names no code of the codebook, or no polarity")]
    UnknownCode {
        /// As typed.
        what: String,
    },
    /// The same disagreement twice.
    #[error("{id} is decided twice")]
    Twice {
        /// The disagreement.
        id: String,
    },
    /// A table that cannot be read.
    #[error("{what}")]
    Table {
        /// What is wrong.
        what: String,
    },
}

/// Everything that a decision changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// Id of the disagreement.
    pub id: String,
    /// The decision.
    pub record: Adjudication,
    /// Final codings by id.
    pub finals: BTreeMap<String, Coding>,
    /// Final codings of an earlier decision, that go.
    pub gone: BTreeSet<String>,
    /// Suggested changes of the codebook, as memos on the codes, by id.
    pub memos: BTreeMap<String, Memo>,
}

/// Works out a decision. `digest` is the store's keyed digest of a quotation.
///
/// # Errors
/// Where the resolution names something that does not exist.
pub fn decide(
    comparison: &Comparison<'_>,
    decider: &Decider<'_>,
    among: &[Disagreement<'_>],
    resolution: &Resolution,
    digest: impl Fn(&str) -> String,
) -> Result<Decided, AdjudicateError> {
    let one = the_one(comparison, among, resolution)?;
    let id = one.id.as_str();
    let reason = Reason::ALL.into_iter().find(|reason| reason.name() == resolution.reason);
    let reason = reason.ok_or_else(|| AdjudicateError::UnknownReason { reason: resolution.reason.clone() })?;
    let revision = comparison.study.sources.get(one.source).map_or("", |source| source.revision.as_str());
    let quote = |span: Span| comparison.texts.get(one.source).and_then(|text| span.of(&text.text)).unwrap_or_default();
    let mut finals = BTreeMap::new();
    for mut coding in what_is_final(comparison, decider, one, &resolution.final_is)? {
        coding.revision = revision.to_owned();
        coding.digest = digest(quote(coding.span));
        coding.coder = decider.coder.to_owned();
        coding.origin = Origin::Adjudicated;
        coding.round = FIRST_ROUND;
        coding.codebook_version = comparison.study.codebook.number;
        coding.visible = Visible { coders: true, ..decider.visible() };
        let place = format!("{}-{}", coding.span.start, coding.span.end);
        let code = coding.code.clone().unwrap_or_default();
        finals.insert(record_id("c", &[id, &place, &code, coding.polarity.name(), decider.coder]), coding);
    }
    let record = Adjudication {
        source: one.source.to_owned(),
        revision: revision.to_owned(),
        span: one.span,
        codings: one.codings(),
        finals: finals.keys().cloned().collect(),
        adjudicator: decider.coder.to_owned(),
        reason,
        codebook_change: resolution.codebook_change.clone(),
        note: resolution.note.clone(),
        decided: decider.now.to_owned(),
    };
    let gone = one.decided.into_iter().flat_map(|before| &before.finals);
    let gone = gone.filter(|id| !finals.contains_key(*id)).cloned().collect();
    Ok(Decided { id: one.id.clone(), memos: memos(decider, one, &record), record, finals, gone })
}

/// The disagreement that a resolution is about. Ids hold for one study; what is listed of a disagreement holds for every
/// study of the same texts and codings, so that decisions can be handed on.
fn the_one<'d, 'a>(
    comparison: &Comparison<'_>,
    among: &'d [Disagreement<'a>],
    resolution: &Resolution,
) -> Result<&'d Disagreement<'a>, AdjudicateError> {
    let id = resolution.disagreement.as_str();
    if !id.is_empty() {
        return among.iter().find(|one| one.id == id).ok_or_else(|| {
            let near = crate::query::nearest(id, among.iter().map(|one| one.id.as_str()));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            AdjudicateError::UnknownDisagreement { id: id.to_owned(), near }
        });
    }
    let listed = |column: &str| resolution.listed.get(column).map_or("", String::as_str);
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let sides = |text: &str| text.split(", ").map(str::to_owned).collect::<BTreeSet<_>>();
    let quotation = plain(listed("quotation"));
    let fits = |one: &&Disagreement<'_>| {
        let words = comparison.texts.get(one.source).and_then(|text| one.span.of(&text.text)).unwrap_or_default();
        let as_given = |rater: &usize| {
            let name = comparison.rater(*rater).map(ToString::to_string).unwrap_or_default();
            let said = resolution.listed.get(&name);
            said.is_none_or(|said| sides(said) == sides(&one.side_in_words(*rater)))
        };
        comparison.source_name(one.source) == listed("source")
            && plain(words) == quotation
            && one.sides.keys().all(as_given)
    };
    let found: Vec<&Disagreement<'_>> = among.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one),
        several => Err(AdjudicateError::NotTheOne {
            found: several.len(),
            source_name: listed("source").to_owned(),
            quotation,
        }),
    }
}

/// The codings that are final, as their makers wrote them.
fn what_is_final(
    comparison: &Comparison<'_>,
    decider: &Decider<'_>,
    one: &Disagreement<'_>,
    what: &str,
) -> Result<Vec<Coding>, AdjudicateError> {
    if what == "nothing" {
        return Ok(Vec::new());
    }
    let given = || one.sides.values().flatten();
    for (rater, side) in &one.sides {
        if comparison.rater(*rater).is_some_and(|rater| rater.to_string() == what) {
            return Ok(side.iter().map(|given| given.coding.clone()).collect());
        }
    }
    if let Some(given) = given().find(|given| given.id == what) {
        return Ok(vec![given.coding.clone()]);
    }
    if let Some(code) = what.strip_prefix("code:") {
        let (code, polarity) = code.split_once('/').unwrap_or((code, Polarity::Present.name()));
        let polarity = Polarity::ALL.into_iter().find(|known| known.name() == polarity);
        let unknown = || AdjudicateError::UnknownCode { what: what.to_owned() };
        let polarity = polarity.filter(|_| decider.known_code(code).is_ok()).ok_or_else(unknown)?;
        // The place of whoever gave this code, else of whoever gave any.
        let nearest = given().find(|given| given.coding.code.as_deref() == Some(code)).or_else(|| given().next());
        let mut coding = nearest.map(|given| given.coding.clone()).ok_or_else(unknown)?;
        if coding.code.as_deref() != Some(code) {
            coding.qualifiers = Qualifiers::default();
        }
        (coding.code, coding.polarity) = (Some(code.to_owned()), polarity);
        return Ok(vec![coding]);
    }
    let sides = one.sides.keys().filter_map(|rater| comparison.rater(*rater)).map(ToString::to_string);
    Err(AdjudicateError::NotPossible {
        what: what.to_owned(),
        id: one.id.clone(),
        sides: sides.collect::<Vec<_>>().join(", "),
    })
}

fn memos(decider: &Decider<'_>, one: &Disagreement<'_>, record: &Adjudication) -> BTreeMap<String, Memo> {
    let change = record.codebook_change.as_str();
    let memo = |code: &&str| {
        let on = format!("code:{code}");
        let text = format!("Suggested change of the codebook, after disagreement {}: {change}", one.id);
        let (author, written) = (decider.coder.to_owned(), decider.now.to_owned());
        let id = record_id("m", &[&author, &written, &on, &text]);
        (id, Memo { kind: MemoKind::Methodological, on, text, author, written })
    };
    if change.is_empty() { BTreeMap::new() } else { one.codes.iter().map(memo).collect() }
}

/// Reads a table of resolutions: `disagreement,final,reason` and, where there are any, `codebook_change,note`. Rows
/// whose `final` is blank are not decided yet. Instead of the id, the columns that `review disagreements` lists tell
/// which one is meant: `source`, `quotation` and one for each coder.
///
/// # Errors
/// Where a column is missing or a row cannot be read.
pub fn read_resolutions(text: &str) -> Result<Vec<Resolution>, AdjudicateError> {
    let table = |what: String| AdjudicateError::Table { what };
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| table(format!("the table has no readable header: {error}")))?.clone();
    let at = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let need = |name: &str| at(name).ok_or_else(|| table(format!("the table has no column `{name}`")));
    let id = at("disagreement");
    if id.is_none() && (at("source").is_none() || at("quotation").is_none()) {
        return Err(table("the table has no column `disagreement`, and not both of `source` and `quotation`".into()));
    }
    let (final_is, reason) = (need("final")?, need("reason")?);
    let (change, note) = (at("codebook_change"), at("note"));
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for record in reader.into_records() {
        let record = record.map_err(|error| table(format!("a row cannot be read: {error}")))?;
        let cell = |k: usize| record.get(k).unwrap_or_default().trim().to_owned();
        if cell(final_is).is_empty() {
            continue;
        }
        let id = id.map(cell).unwrap_or_default();
        if !id.is_empty() && !seen.insert(id.clone()) {
            return Err(AdjudicateError::Twice { id });
        }
        let columns = header.iter().enumerate().map(|(k, name)| (name.trim().to_owned(), cell(k)));
        let listed = if id.is_empty() { columns.collect() } else { BTreeMap::new() };
        found.push(Resolution {
            line: record.position().map(|position| position.line() as u32),
            disagreement: id,
            listed,
            final_is: cell(final_is),
            reason: cell(reason),
            codebook_change: change.map(cell).unwrap_or_default(),
            note: note.map(cell).unwrap_or_default(),
        });
    }
    Ok(found)
}
