//! Polarity, time, experiencer and target of a hit: what a keyword counter does not see.
//!
//! "Not a shred of trust" is trust absent, "no longer lonely" loneliness ceased. The words that decide are data
//! (`codebooks/polarity/*.toml`, [`Lists`]); [`Reading`] cuts a sentence into clauses once; [`Sentence::judge`] weighs
//! what stands in scope of a hit and says why ([`Reason`]). Nothing here knows codes, rules or studies, and the same
//! text always gives the same judgement.

pub mod class;
mod clauses;
mod ellipsis;
mod evidence;
mod forms;
mod govern;
mod judge;
mod lists;
mod person;
mod phrases;
mod reading;
mod reason;
mod scope;
mod sequel;
mod subjects;
mod time;

pub use forms::{Form, Forms};
pub use judge::{Agent, Judgement, Question, Sentence};
pub use lists::{Language, Lists, ListsError};
pub use reading::Reading;
pub use reason::Reason;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
