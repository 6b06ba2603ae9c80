//! What bears on a hit, and what it comes to: the precedence of the rules.
//!
//! Unreal (conditions, wishes, fears) goes before superlatives in the form of a negation, those before cessation,
//! return and reduction, and those before plain negation, which is counted: two make none.

use super::class::SUBORDINATE;
use super::judge::Question;
use super::reason::Reason;
use crate::model::Polarity;

/// Everything that bears on a hit, gathered in one pass to the left, one to the right, one upwards.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence {
    /// Negations counted, and where the nearest to the hit is.
    pub flips: u32,
    pub negation: Option<(usize, Reason)>,
    pub never: bool,
    pub could: bool,
    pub superlative: bool,
    pub ceased: Option<(usize, Reason)>,
    pub reduced: Option<usize>,
    pub unreal: Option<(usize, Reason)>,
    pub wish: Option<usize>,
    pub wish_negated: bool,
    pub far_wish: Option<usize>,
    /// The hit is what somebody is or feels, not what somebody does or gets.
    pub state: bool,
    pub again: Option<usize>,
    pub anymore: Option<usize>,
    /// "not ... since": said to have been so before.
    pub since: Option<usize>,
    pub affirmed: Option<(usize, Reason)>,
    /// "if it was up to me": the condition says that it is not so.
    pub contrary: Option<usize>,
}

impl Evidence {
    pub fn negate(&mut self, at: usize, reason: Reason) {
        self.flips += 1;
        if self.negation.is_none() {
            self.negation = Some((at, reason));
        }
    }

    /// A word that makes a negation say that something is over.
    pub fn over(&mut self, at: usize, class: u64) {
        let place = if class & SUBORDINATE == 0 { &mut self.anymore } else { &mut self.since };
        place.get_or_insert(at);
    }

    pub fn imagine(&mut self, at: usize, reason: Reason) {
        self.unreal.get_or_insert((at, reason));
    }
}

/// Weighs the evidence.
pub(super) fn decide(
    question: &Question,
    found: &Evidence,
    asked: Option<(usize, Reason)>,
) -> (Polarity, Reason, Option<usize>) {
    let base = question.base;
    let odd = found.flips % 2 == 1;
    if question.fixed {
        return match asked {
            Some((_, reason)) => (Polarity::Hypothetical, reason, None),
            None => (base, Reason::Fixed, None),
        };
    }
    let opposite = if base == Polarity::Absent { Polarity::Present } else { Polarity::Absent };
    if let Some((at, reason)) = found.affirmed.filter(|(_, reason)| *reason == Reason::WithoutWould) {
        return (base, reason, Some(at));
    }
    if found.superlative && found.could && found.flips == 1 {
        return (base, Reason::Superlative, found.negation.map(|(at, _)| at));
    }
    if let (Some(at), Polarity::Present, 0) = (found.contrary, base, found.flips) {
        return (Polarity::Absent, Reason::Denied, Some(at));
    }
    if let Some((at, reason)) = found.unreal {
        return (Polarity::Hypothetical, reason, (reason != Reason::Question).then_some(at));
    }
    if let Some(wish) = found.wish {
        return match (found.wish_negated, found.again) {
            (true, Some(again)) => (base, Reason::Presupposed, Some(again)),
            (true, None) if base == Polarity::Present && odd && !found.state => {
                (opposite, Reason::Negated, found.negation.map(|(at, _)| at))
            }
            _ => (Polarity::Hypothetical, Reason::Wished, Some(wish)),
        };
    }
    if let (true, Some(wish), Some(again), Some((negation, _))) = (odd, found.far_wish, found.again, found.negation)
        && negation < wish
    {
        return (base, Reason::Presupposed, Some(again));
    }
    if found.superlative && found.negation.is_some() && (found.never || found.could) && found.flips == 1 {
        return (base, Reason::Superlative, found.negation.map(|(at, _)| at));
    }
    if odd && let Some(at) = found.anymore {
        let polarity = if base == Polarity::Absent { Polarity::Present } else { Polarity::Ceased };
        return (polarity, Reason::Ceased, found.negation.map(|(at, _)| at).or(Some(at)));
    }
    if odd
        && found.never
        && base == Polarity::Present
        && let Some(again) = found.again
    {
        return (Polarity::Ceased, Reason::NeverAgain, found.negation.map(|(at, _)| at).or(Some(again)));
    }
    if let Some((at, reason)) = found.ceased {
        return match (odd, base, reason) {
            // "I used to not trust anyone": absent, and told as past.
            (true, _, Reason::UsedTo) => (opposite, Reason::UsedTo, found.negation.map(|(at, _)| at)),
            (true, ..) => (base, Reason::NotCeased, Some(at)),
            (false, Polarity::Absent, Reason::UsedTo) => (base, reason, Some(at)),
            (false, Polarity::Absent, _) => (Polarity::Present, reason, Some(at)),
            (false, ..) => (Polarity::Ceased, reason, Some(at)),
        };
    }
    if let Some((at, Reason::Returned)) = found.affirmed {
        return if odd && base == Polarity::Present {
            (Polarity::Ceased, Reason::NeverAgain, found.negation.map(|(at, _)| at))
        } else {
            (base, Reason::Returned, Some(at))
        };
    }
    if let Some(at) = found.reduced {
        return match (odd, base) {
            (true, _) => (base, Reason::NotCeased, Some(at)),
            (false, Polarity::Absent) => (Polarity::Present, Reason::Reduced, Some(at)),
            (false, _) => (Polarity::Reduced, Reason::Reduced, Some(at)),
        };
    }
    match found.negation {
        Some((at, _)) if odd && base == Polarity::Present && found.since.is_some() => {
            (Polarity::Ceased, Reason::Ceased, Some(at))
        }
        Some((at, reason)) if odd => {
            let reason = if base == Polarity::Absent { Reason::DoubleNegation } else { reason };
            (opposite, reason, Some(at))
        }
        Some((at, _)) => (base, Reason::DoubleNegation, Some(at)),
        None => match found.affirmed {
            Some((at, reason)) => (base, reason, Some(at)),
            None => (base, Reason::Plain, None),
        },
    }
}
