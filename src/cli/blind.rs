//! What a study keeps from its coders: refused, or said under a listing that is shorter for it.

use super::error::CliError;
use super::session::Session;
use crate::model::Hidden;
use crate::report::Table;
use crate::store::Study;

/// Refuses what would show something that is kept from whoever asks: `a matrix shows them`.
pub fn refuse(study: &Study, session: &Session, kept: &[Hidden], shows: &str) -> Result<(), CliError> {
    let hidden: Vec<&str> =
        kept.iter().filter(|what| study.settings.hides(**what, &session.coder)).map(|what| named(*what)).collect();
    let listed = match hidden.as_slice() {
        [] => return Ok(()),
        [only] => (*only).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    };
    Err(CliError::new(format!("this study keeps {listed} from its coders, and {shows}"))
        .hint("`themata settings set reviewers NAME` lets somebody see everything")
        .hint("when the coding is done, `themata settings set blind \"\"` takes it off; the log shows when"))
}

/// Says under a listing what of this it leaves out.
pub fn note(study: &Study, session: &Session, kept: &[Hidden], table: &mut Table) {
    let hidden: Vec<&str> =
        kept.iter().filter(|what| study.settings.hides(**what, &session.coder)).map(|what| named(*what)).collect();
    if !hidden.is_empty() {
        table.note(format!("Kept from {} by the settings of the study: {}.", session.coder, hidden.join(", ")));
    }
}

const fn named(what: Hidden) -> &'static str {
    match what {
        Hidden::Coders => "the work of other coders",
        Hidden::Suggestions => "suggestions",
        Hidden::Scores => "scores",
        Hidden::Group => "attributes",
        Hidden::Wave => "waves",
    }
}
