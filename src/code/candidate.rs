//! Hits with their judgements, on the way to suggestions: numbers only, merged turn by turn.
//!
//! Most hits never become a suggestion of their own: several rules find the same words, several words of a sentence
//! say the same. So they are brought together as numbers, and what is left is put into words once.

use super::polarity::Reason;
use crate::model::{Experiencer, Polarity, Span, Time};

/// A code for a span with a polarity. Spans are bytes of the revision's text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub code: u32,
    pub unit: Span,
    pub indicator: Span,
    pub trigger: Option<Span>,
    pub scope: Span,
    pub polarity: Polarity,
    pub time: Time,
    pub target: Option<&'a str>,
    pub experiencer: Experiencer,
    pub reason: Reason,
}

/// The candidates of a turn, in order of their hits.
#[derive(Debug, Default)]
pub(super) struct Candidates<'a> {
    all: Vec<Candidate<'a>>,
    /// Which rules found which candidate.
    rules: Vec<(u32, u32)>,
    /// For each candidate the last one before it with the same code and polarity, and the furthest byte that those up
    /// to it reach: behind that none overlaps.
    chain: Vec<(Option<u32>, u32)>,
    order: Vec<u32>,
}

impl<'a> Candidates<'a> {
    pub fn clear(&mut self) {
        self.all.clear();
        self.rules.clear();
        self.chain.clear();
    }

    /// Adds what a rule found. Overlapping candidates of one code with equal polarity are one: the first indicator, all
    /// rules; the speaker's own experience goes before somebody else's.
    pub fn add(&mut self, new: Candidate<'a>, rule: u32) {
        let alike = |old: &Candidate<'_>| old.code == new.code && old.polarity == new.polarity;
        let last = self.all.iter().rposition(alike).map(|last| last as u32);
        let Some(same) = self.first_overlap(last, new.unit) else {
            let reach = last.and_then(|last| self.chain.get(last as usize)).map_or(0, |(_, reach)| *reach);
            self.rules.push((self.all.len() as u32, rule));
            self.chain.push((last, reach.max(new.unit.end)));
            return self.all.push(new);
        };
        self.rules.push((same, rule));
        let Some(old) = self.all.get_mut(same as usize) else { return };
        if old.experiencer != new.experiencer && new.experiencer == Experiencer::Speaker {
            *old = new;
            self.reach_to(last, same, new.unit.end);
        } else if old.target.is_none() {
            old.target = new.target;
        }
    }

    /// The first of a chain, given its last, that overlaps with a unit.
    fn first_overlap(&self, last: Option<u32>, unit: Span) -> Option<u32> {
        let (mut at, mut found) = (last, None);
        while let Some(k) = at {
            let (before, reach) = self.chain.get(k as usize)?;
            if *reach <= unit.start {
                break;
            }
            if self.all.get(k as usize)?.unit.overlap(unit) > 0 {
                found = Some(k);
            }
            at = *before;
        }
        found
    }

    /// Notes that one of a chain, given its last, reaches to a byte.
    fn reach_to(&mut self, last: Option<u32>, one: u32, end: u32) {
        let mut at = last.filter(|last| *last >= one);
        while let Some((before, reach)) = at.and_then(|k| self.chain.get_mut(k as usize)) {
            *reach = end.max(*reach);
            at = before.filter(|before| *before >= one);
        }
    }

    /// What is to be suggested, with the numbers of its rules, in order of place and code.
    pub fn finish(&mut self) -> impl Iterator<Item = (&Candidate<'a>, impl Iterator<Item = u32>)> {
        self.rules.sort_unstable();
        self.rules.dedup();
        self.order.clear();
        self.order.extend(0..self.all.len() as u32);
        self.drop_unreal();
        let Self { all, rules, order, .. } = self;
        if order.len() > 1 {
            order.sort_by_key(|k| {
                all.get(*k as usize).map(|one| (one.indicator, one.trigger.map(|trigger| trigger.start), one.code))
            });
        }
        order.iter().filter_map(|&k| {
            let from = rules.partition_point(|(of, _)| *of < k);
            let own = rules.iter().skip(from).take_while(move |(of, _)| *of == k);
            Some((all.get(k as usize)?, own.map(|(_, rule)| *rule)))
        })
    }

    /// A wish or condition says nothing beside a statement of the same code in the same unit: "when I needed help, she
    /// helped me" is help.
    fn drop_unreal(&mut self) {
        let unreal = |one: &Candidate<'_>| one.polarity == Polarity::Hypothetical;
        if !self.all.iter().any(unreal) {
            return;
        }
        let mut real: Vec<(u32, Span)> =
            self.all.iter().filter(|one| !unreal(one)).map(|one| (one.code, one.unit)).collect();
        real.sort_unstable();
        // Each reaches as far as any of its code before it, so that the last to begin tells for all.
        let mut last: Option<(u32, Span)> = None;
        for (code, unit) in &mut real {
            if let Some((_, before)) = last.filter(|(of, _)| of == code) {
                unit.end = unit.end.max(before.end);
            }
            last = Some((*code, *unit));
        }
        let beside_real = |one: &Candidate<'_>| {
            let after = real.partition_point(|(code, unit)| (*code, unit.start) < (one.code, one.unit.end));
            let last = after.checked_sub(1).and_then(|last| real.get(last));
            last.is_some_and(|(code, unit)| *code == one.code && unit.end > one.unit.start)
        };
        let all = &self.all;
        self.order.retain(|k| all.get(*k as usize).is_some_and(|one| !unreal(one) || !beside_real(one)));
    }
}
