//! `search --tag`: a code for what was found, as one operation.

use super::{Asked, Work};
use crate::cli::error::{CliError, Shown};
use crate::code::{Tag, Tags};
use crate::model::Role;
use crate::report::counted;
use std::collections::{BTreeMap, BTreeSet};

/// Says what would be coded; with `--yes` gives it to be written.
pub fn run(asked: &Asked<'_>, code: &str) -> Result<Work, CliError> {
    let (session, study) = (asked.session, asked.study);
    crate::cli::known::code(study, code)?;
    let polarity = crate::cli::matrix::parse_polarity(&asked.args.polarity)?;
    let decider = session.decider(study, false);
    let note = format!("found by: {}", asked.query);
    let tag = Tag::new(&decider, code, polarity, &note);
    let mut found = Vec::new();
    asked.search.each(&mut |hit| found.push((hit.turn, hit.intervals.to_vec()))).shown()?;
    let mut tags = Tags::default();
    let mut roles: BTreeMap<Role, usize> = BTreeMap::new();
    for (ordinal, hits) in found {
        let turn = asked.reader.turn(ordinal).shown()?;
        let before = tags.codings.len();
        tags.add(&decider, &turn, &hits, &tag, |quote| asked.store.keyed_digest(quote)).shown()?;
        if let Some(source) = study.sources.get(turn.source_id) {
            *roles.entry(source.role(&turn.speaker)).or_default() += tags.codings.len() - before;
        }
    }
    let sources: BTreeSet<&str> = tags.codings.iter().map(|(_, coding)| coding.source.as_str()).collect();
    let what = format!("{} in {}", counted(tags.codings.len(), "quotation"), counted(sources.len(), "source"));
    let roles: Vec<String> =
        roles.iter().filter(|(_, n)| **n > 0).map(|(role, n)| format!("{n} {}", role.name())).collect();
    let who = if roles.len() > 1 { format!(" ({})", roles.join(", ")) } else { String::new() };
    if tags.codings.is_empty() {
        session.say("nothing to code: no such words were found, or they are coded so already");
    } else if asked.args.yes {
        session.say(&format!(
            "coded {code} ({}): {what}{who}; one `themata undo` takes all of them back",
            polarity.name()
        ));
    } else {
        session.say(&format!("this would code {code} ({}): {what}{who}", polarity.name()));
    }
    if tags.known > 0 {
        session.say(&format!("{} coded so already by {}", are(tags.known), session.coder));
    }
    if tags.otherwise > 0 {
        session.say(&format!(
            "{} coded {code} with another polarity by {}, and left so",
            are(tags.otherwise),
            session.coder
        ));
    }
    if asked.args.yes {
        return Ok(Work::Codings(tags.codings));
    }
    if !tags.codings.is_empty() {
        session.say("nothing was changed; look at them without --tag, then add --yes");
    }
    Ok(Work::Nothing)
}

fn are(count: usize) -> String {
    if count == 1 { "1 quotation is".into() } else { format!("{count} quotations are") }
}
