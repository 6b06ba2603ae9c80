//! `search --save-rule`: the query as a rule of a code, tried before it is kept.

use super::{Asked, Work, is_seen};
use crate::cli::error::{CliError, Shown};
use crate::cli::session::Session;
use crate::code::{Standing, Trial, try_rule};
use crate::model::{Codebook, Coding, Rule};
use crate::query::check_rule;
use crate::report::{Format, Table, Value, counted};
use crate::store::{Batch, Store, Study, land_codebook};

/// Shows what the rule gains and loses; with `--yes` gives the codebook to be written.
pub fn run(asked: &Asked<'_>, code: &str) -> Result<Work, CliError> {
    let (session, study) = (asked.session, asked.study);
    crate::cli::known::code(study, code)?;
    crate::cli::code::refuse_blinded(study, session)?;
    check_rule(asked.query)
        .map_err(|error| CliError::new(error.to_string()).hint("`--save NAME` saves it as a search"))?;
    let polarity = crate::cli::matrix::parse_polarity(&asked.args.polarity)?;
    let query = asked.query.to_string();
    let rules = study.codebook.codebook.codes.get(code).map_or(&[][..], |code| code.rules.as_slice());
    if rules.iter().any(|rule| rule.query == query && rule.polarity == polarity) {
        return Err(CliError::new(format!("`{query}` is a rule of {code} already")));
    }
    let rule = Rule { query, polarity, target: None, language: None, fixed: false };
    let codings: Vec<&Coding> = study
        .codings
        .iter()
        .filter(|(id, coding)| is_seen(session, study, id, coding))
        .map(|(_, coding)| coding)
        .collect();
    let rejections: Vec<_> = study.rejections.values().collect();
    let trial = try_rule(study, asked.reader, code, rule, &codings, &rejections).shown()?;
    print(asked, code, &trial)?;
    for finding in &trial.findings {
        session.say(&format!("note: {finding}"));
    }
    if asked.args.yes {
        return Ok(Work::Codebook(trial.codebook));
    }
    session.say(&format!("nothing was changed; --yes makes `{}` a rule of {code}", trial.rule));
    Ok(Work::Nothing)
}

fn print(asked: &Asked<'_>, code: &str, trial: &Trial) -> Result<(), CliError> {
    let columns = ["change", "beside", "source", "polarity", "indicator", "quotation"];
    let mut table = Table::new(format!("What {code} gains and loses by the rule {}", trial.rule), &columns);
    table.running_text = true;
    let all = trial.moved.len();
    for moved in asked.page(trial.moved.iter().collect()) {
        let turn = asked.reader.turn(moved.suggestion.turn).shown()?;
        let of = |span: crate::model::Span| {
            let start = span.start.checked_sub(turn.start)?;
            crate::model::Span::new(start, start + span.len()).of(&turn.text)
        };
        let beside = match (moved.on_coding, moved.on_rejection) {
            (true, _) => "a coding",
            (_, true) => "a rejection",
            _ => "nothing",
        };
        table.row([
            if moved.is_new { "gains" } else { "loses" }.into(),
            beside.into(),
            asked.study.sources.get(&moved.source).map(|source| source.name.clone()).into(),
            moved.suggestion.polarity.name().into(),
            of(moved.suggestion.indicator).into(),
            of(moved.suggestion.unit).into(),
        ]);
    }
    if let Some(note) = asked.page_note(table.rows.len(), all, "changes") {
        table.note(note);
    }
    asked.session.table(&table)?;
    if asked.session.format == Format::Table {
        asked.session.print("\n")?;
    }
    let mut table =
        Table::new("", &["", "suggestions", "beside a coding", "beside a rejection", "codings found", "codings"]);
    for (name, standing) in [("as it is", trial.before), ("with the rule", trial.after)] {
        let Standing { suggestions, on_codings, on_rejections, found, codings } = standing;
        let numbers = [suggestions, on_codings, on_rejections, found, codings].map(Value::from);
        table.row([Value::from(name)].into_iter().chain(numbers));
    }
    table.note(format!("codings and rejections of {code} by everybody whose work is shown; polarity is not compared"));
    asked.session.table(&table)
}

/// Makes the codebook the next version.
pub fn land(session: &Session, store: &mut Store, study: &mut Study, codebook: Codebook) -> Result<(), CliError> {
    let batch = crate::code::record_id("b", &[&session.now, &session.coder, &session.command]);
    let batch = Batch { id: &batch, command: &session.command, reason: session.because.as_deref() };
    let number = land_codebook(store, study, codebook, batch).shown()?;
    let rules: usize = study.codebook.codebook.codes.values().map(|code| code.rules.len()).sum();
    session.say(&format!(
        "codebook version {number}: {}; `themata codebook export` prints it for your draft",
        counted(rules, "rule")
    ));
    Ok(())
}
