//! A table from the bytes of short words to numbers: what the scan asks once per token.
//!
//! Open addressing with linear probing, small enough to stay near the processor. Words that came first, which are the
//! frequent ones, stand where they are looked for first.

/// The bytes of a word as a number. The default is no word.
pub(super) trait WordKey: Copy + Eq + Default {
    /// Mixes the bytes so that the high bits depend on all of them.
    fn mixed(self) -> u64;
}

/// Up to eight bytes.
impl WordKey for u64 {
    #[inline(always)]
    fn mixed(self) -> u64 {
        self.wrapping_mul(0xd6e8_feb8_6659_fd93)
    }
}

/// Up to sixteen bytes.
impl WordKey for [u64; 2] {
    #[inline(always)]
    fn mixed(self) -> u64 {
        let [low, high] = self;
        (low ^ high.rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15)).mixed()
    }
}

/// Stands for no number.
pub(super) const UNKNOWN: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Slot<K> {
    key: K,
    number: u32,
    /// How many words were there before it.
    order: u32,
}

impl<K: WordKey> Default for Slot<K> {
    fn default() -> Self {
        Self { key: K::default(), number: UNKNOWN, order: 0 }
    }
}

/// Numbers of words.
#[derive(Debug)]
pub(super) struct WordTable<K> {
    slots: Vec<Slot<K>>,
    used: u32,
    shift: u32,
}

impl<K: WordKey> Default for WordTable<K> {
    fn default() -> Self {
        const BITS: u32 = 10;
        Self { slots: vec![Slot::default(); 1 << BITS], used: 0, shift: u64::BITS - BITS }
    }
}

impl<K: WordKey> WordTable<K> {
    /// Number of words.
    pub const fn len(&self) -> usize {
        self.used as usize
    }

    /// The number of a word, if it stands where it is looked for first; else [`UNKNOWN`]. Has no branch that depends on
    /// what memory holds, so that many words are looked up at a time.
    #[inline(always)]
    pub fn glance(&self, key: K) -> u32 {
        let slot = self.slots.get((key.mixed() >> self.shift) as usize);
        slot.map_or(UNKNOWN, |slot| if slot.key == key { slot.number } else { UNKNOWN })
    }

    /// The number of a word.
    #[inline(always)]
    pub fn get(&self, key: K) -> Option<u32> {
        let mut at = (key.mixed() >> self.shift) as usize;
        loop {
            match self.slots.get(at) {
                Some(slot) if slot.key == key => return Some(slot.number),
                Some(slot) if slot.key == K::default() => return None,
                Some(_) => at += 1,
                None => at = 0,
            }
        }
    }

    /// Adds a word that is not there.
    pub fn insert(&mut self, key: K, number: u32) {
        if self.used as usize * 4 >= self.slots.len() * 3 {
            let doubled = vec![Slot::default(); 2 * self.slots.len()];
            let mut words = std::mem::replace(&mut self.slots, doubled);
            self.shift -= 1;
            words.retain(|slot| slot.key != K::default());
            words.sort_unstable_by_key(|slot| slot.order);
            words.into_iter().for_each(|slot| self.put(slot));
        }
        self.put(Slot { key, number, order: self.used });
        self.used += 1;
    }

    fn put(&mut self, new: Slot<K>) {
        let from = ((new.key.mixed() >> self.shift) as usize).min(self.slots.len());
        let (before, behind) = self.slots.split_at_mut(from);
        if let Some(slot) = behind.iter_mut().chain(before).find(|slot| slot.key == K::default()) {
            *slot = new;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in_and_nothing_else() {
        let mut table = WordTable::default();
        for number in 0..5_000_u32 {
            table.insert(u64::from(number) * 7 + 1, number);
        }
        for number in 0..5_000_u32 {
            assert_eq!(table.get(u64::from(number) * 7 + 1), Some(number));
            assert_eq!(table.get(u64::from(number) * 7 + 2), None);
        }
    }

    #[test]
    fn two_halves_make_a_word() {
        let mut table = WordTable::default();
        table.insert([1, 2], 1);
        table.insert([2, 1], 2);
        assert_eq!((table.get([1, 2]), table.get([2, 1]), table.get([1, 1])), (Some(1), Some(2), None));
    }
}
