//! What an answer says of the statement in its question.
//!
//! A plain table: nothing is guessed where people do not agree what `yes` or `no` would mean.

use super::opening::{Meaning, Opening, Whose};
use super::question::{Asked, Kind};
use crate::model::Polarity;

/// What the polarity engine found of the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Statement {
    pub polarity: Polarity,
    /// A negation makes it so ("nobody helped me"), not the words of the theme ("let me down").
    pub negated: bool,
    /// The words of the theme are negative themselves ("had nobody to talk to"), so that `no` may agree or deny.
    pub negative: bool,
}

const fn opposite(polarity: Polarity) -> Polarity {
    match polarity {
        Polarity::Present => Polarity::Absent,
        _ => Polarity::Present,
    }
}

/// The polarity of the theme that an answer comes to; nothing where it cannot be told.
pub(super) fn meaning(asked: &Asked, statement: Statement, answer: &Opening) -> Option<Polarity> {
    use Meaning::*;
    if !fits(asked, answer) {
        return None;
    }
    let said = statement.polarity;
    if said == Polarity::Ambivalent {
        return None;
    }
    if asked.unreal || said == Polarity::Hypothetical {
        let agrees = matches!(answer.meaning, Yes | Agreed | Does | Many | Partly);
        return (agrees && asked.kind == Kind::Polar).then_some(Polarity::Hypothetical);
    }
    let is_there = said == Polarity::Present;
    match asked.kind {
        Kind::Open => match answer.meaning {
            Over if answer.about_it && is_there => Some(Polarity::Ceased),
            Less if answer.about_it && is_there => Some(Polarity::Reduced),
            _ => None,
        },
        Kind::Measure => match answer.meaning {
            Nobody if !statement.negated => Some(opposite(said)),
            _ => None,
        },
        Kind::Who if statement.negated => None,
        Kind::Who => match answer.meaning {
            Person | Many | Partly => Some(said),
            Nobody => Some(opposite(said)),
            _ => None,
        },
        Kind::Polar if asked.inverted => match answer.meaning {
            Yes | Does | Partly => Some(Polarity::Present),
            No | DoesNot | Nobody => Some(Polarity::Absent),
            Over => Some(Polarity::Ceased),
            Less => Some(Polarity::Reduced),
            _ => None,
        },
        Kind::Polar if statement.negated => match answer.meaning {
            Yes | Agreed | DoesNot => Some(said),
            No | Nobody if !asked.framed => Some(said),
            Does => Some(Polarity::Present),
            _ => None,
        },
        Kind::Polar if statement.negative && matches!(answer.meaning, No | DoesNot) => None,
        Kind::Polar if statement.negative && answer.meaning == Nobody => Some(said),
        Kind::Polar => match answer.meaning {
            No | DoesNot | Nobody if asked.still && is_there => Some(Polarity::Ceased),
            No | DoesNot | Nobody => Some(opposite(said)),
            // "Were you lonely or glad of the quiet?" "Yes."
            _ if asked.alternative => None,
            Yes | Agreed | Does | Partly | Many => Some(said),
            Person if asked.anyone => Some(said),
            Over if is_there => Some(Polarity::Ceased),
            Less if is_there => Some(Polarity::Reduced),
            _ => None,
        },
    }
}

/// Whether a short answer is about the one whom the question is about: to "Did you trust her?" `she did` says nothing.
fn fits(asked: &Asked, answer: &Opening) -> bool {
    match answer.subject {
        None => true,
        Some(Whose::Speaker) => asked.of_listener,
        Some(_) => !asked.of_listener || asked.framed,
    }
}
