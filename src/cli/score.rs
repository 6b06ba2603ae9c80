//! `score`: instruments to scores.

use super::error::CliError;
use super::session::{Outcome, Session};
use crate::join::ScoreTable;
use crate::model::{Hidden, ScoreValue};
use crate::report::{Table, Value};

/// Scores of every participant, imported and computed from item responses
#[derive(clap::Args)]
pub struct Args {
    /// Only these scores
    names: Vec<String>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (_, study) = session.reader()?;
    super::blind::refuse(&study, session, &[Hidden::Scores, Hidden::Wave], "this lists them")?;
    let scores = ScoreTable::of(&study);
    for name in &args.names {
        if !scores.names().contains(&name.as_str()) {
            return Err(CliError::new(format!("there is no score `{name}`"))
                .hint(format!("there are: {}", scores.names().join(", "))));
        }
    }
    let mut table = Table::new("", &["score", "participant", "wave", "value"]);
    let mut counted = 0_usize;
    for name in scores.names() {
        if !args.names.is_empty() && !args.names.iter().any(|wanted| wanted == name) {
            continue;
        }
        for (participant, wave, value) in scores.of_name(name) {
            let value = match value {
                ScoreValue::Number(x) => Value::Number(*x, 2),
                ScoreValue::Class(class) => Value::from(class.as_str()),
            };
            table.row([name.into(), participant.into(), wave.unwrap_or("").into(), value]);
            counted += 1;
        }
    }
    for (key, scale, why) in &scores.problems {
        table.note(format!("no score {scale} for {key}: {why}"));
    }
    for (id, instrument) in &study.instruments {
        let rule = match instrument.missing {
            crate::model::MissingRule::None => "no item may be missing".to_owned(),
            crate::model::MissingRule::Half => "at least half of the items".to_owned(),
            crate::model::MissingRule::Share(share) => format!("at least {:.0} % of the items", 100.0 * share),
        };
        table.note(format!(
            "{id}: {} items, {} to {}, reversed {:?}; {rule}",
            instrument.items, instrument.min, instrument.max, instrument.reversed
        ));
    }
    if counted == 0 {
        table.note("no scores yet: `themata import scores.csv`");
    }
    session.table(&table)?;
    Ok(Outcome::of(!scores.problems.is_empty()))
}
