//! Which operation knew of which other one.
//!
//! Operations lie on chains: a chain goes on as long as each operation is the only child of the one before. What came
//! before a chain is the same for all of it, so a log of a hundred thousand operations and three merges needs four
//! small maps.

use super::operation::Operation;
use std::collections::HashMap;

pub(super) struct Ancestry {
    /// Chain and place on it, by position in the log.
    places: Vec<(usize, usize)>,
    /// For each chain, the last place on every other chain that came before it.
    before: Vec<HashMap<usize, usize>>,
}

impl Ancestry {
    /// Of a log in which parents come first.
    pub(super) fn of(log: &[Operation]) -> Self {
        let mut all = Self { places: Vec::with_capacity(log.len()), before: Vec::new() };
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut ends: Vec<usize> = Vec::new();
        for (position, operation) in log.iter().enumerate() {
            let parents: Vec<usize> =
                operation.parents.iter().filter_map(|parent| known.get(parent.as_str()).copied()).collect();
            let goes_on = match parents.as_slice() {
                [parent] => all.places.get(*parent).copied().filter(|(chain, at)| ends.get(*chain) == Some(at)),
                _ => None,
            };
            let place = match goes_on {
                Some((chain, at)) => (chain, at + 1),
                None => {
                    let inherited = all.joined(&parents);
                    all.before.push(inherited);
                    ends.push(0);
                    (all.before.len() - 1, 0)
                }
            };
            if let Some(end) = ends.get_mut(place.0) {
                *end = place.1;
            }
            all.places.push(place);
            known.insert(&operation.hash, position);
        }
        all
    }

    fn joined(&self, parents: &[usize]) -> HashMap<usize, usize> {
        let mut joined: HashMap<usize, usize> = HashMap::new();
        let mut add = |chain: usize, at: usize| {
            let last = joined.entry(chain).or_insert(at);
            *last = at.max(*last);
        };
        for (chain, at) in parents.iter().filter_map(|parent| self.places.get(*parent).copied()) {
            add(chain, at);
            for (chain, at) in self.before.get(chain).into_iter().flatten() {
                add(*chain, *at);
            }
        }
        joined
    }

    /// Whether the operation at position `a` came before the one at `b`, or is the same.
    pub(super) fn is_before(&self, a: usize, b: usize) -> bool {
        let (Some((chain_a, at_a)), Some((chain_b, at_b))) = (self.places.get(a), self.places.get(b)) else {
            return false;
        };
        if chain_a == chain_b {
            return at_a <= at_b;
        }
        self.before.get(*chain_b).and_then(|before| before.get(chain_a)).is_some_and(|last| at_a <= last)
    }
}
