//! `case`: declared sets of participants.

use super::error::{CliError, Shown};
use super::session::{Outcome, Session};
use crate::model::{AttributeValue, Case, Hidden};
use crate::report::{Table, Value, counted};
use clap::Subcommand;

/// Cases: a dyad, a focus group, a site
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// One line per case (the default)
    List,
    /// Declare a case, or add to one
    Add {
        /// Case id
        id: String,
        /// Its participants
        #[arg(long, value_delimiter = ',')]
        participants: Vec<String>,
        /// Attributes: NAME=VALUE
        #[arg(long, value_delimiter = ',')]
        attributes: Vec<String>,
    },
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.verb {
        None | Some(Verb::List) => {
            let (_, study) = session.reader()?;
            let mut table = Table::new("", &["case", "participants", "attributes"]);
            for (id, case) in &study.cases {
                let attributes: Vec<String> =
                    case.attributes.iter().map(|(name, value)| format!("{name}={}", value.label())).collect();
                table.row([
                    id.as_str().into(),
                    case.participants.join(", ").into(),
                    Value::from(attributes.join(", ")),
                ]);
            }
            if study.cases.is_empty() {
                table.note("no cases yet: `themata case add ID --participants P01,P02` declares one");
            }
            super::blind::note(&study, session, &[Hidden::Group], &mut table);
            session.table(&table)?;
        }
        Some(Verb::Add { id, participants, attributes }) => {
            let (mut store, study) = session.writer()?;
            let mut case = study.cases.get(id).cloned().unwrap_or_else(Case::default);
            for person in participants {
                super::known::participant(&study, person)?;
                case.participants.push(person.clone());
            }
            case.participants.sort();
            case.participants.dedup();
            for pair in attributes {
                let (name, value) =
                    pair.split_once('=').ok_or_else(|| CliError::new(format!("`{pair}` is not NAME=VALUE")))?;
                let value = match value.parse::<f64>() {
                    Ok(number) if number.is_finite() => AttributeValue::Number(number),
                    _ => AttributeValue::Text(value.to_owned()),
                };
                case.attributes.insert(name.to_owned(), value);
            }
            let mut change = store.change(&session.command, session.because.as_deref());
            change.put(id, &case).shown()?;
            change.commit().shown()?;
            session.say(&format!("case {id}: {}", counted(case.participants.len(), "participant")));
        }
    }
    Ok(Outcome::Done)
}
