//! Which sources the index holds: one record of fixed size each, sorted by ordinal of the first turn.
//!
//! A source is in the index as it was when these hold: revision, segmentation, ordinals, language, who has withdrawn.
//! They make its key; a source with another key is taken out and read again.

use super::IndexError;
use crate::model::Source;
use crate::store::Study;
use std::collections::BTreeMap;
use tantivy::directory::OwnedBytes;

/// Bytes of a record.
const RECORD: usize = 16;

/// A source in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    /// Ordinal of its first turn.
    pub first: u32,
    /// Number of turns.
    pub turns: u32,
    /// Differs where anything differs that its entries depend on.
    pub key: u64,
}

/// The list as it lies in its file.
#[derive(Debug, Clone)]
pub(super) struct Listing(OwnedBytes);

impl Default for Listing {
    fn default() -> Self {
        Self(OwnedBytes::empty())
    }
}

impl Listing {
    /// The list in a file; nothing where the bytes are none.
    pub fn of(bytes: OwnedBytes) -> Option<Self> {
        let bytes = sealed(bytes)?;
        bytes.len().is_multiple_of(RECORD).then_some(Self(bytes))
    }

    /// The bytes of a list.
    pub fn bytes(listed: &BTreeMap<u32, Listed>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(listed.len() * RECORD);
        for one in listed.values() {
            bytes.extend(one.first.to_le_bytes());
            bytes.extend(one.turns.to_le_bytes());
            bytes.extend(one.key.to_le_bytes());
        }
        seal(bytes)
    }

    /// Every source, by ordinal.
    pub fn iter(&self) -> impl Iterator<Item = Listed> + '_ {
        self.0.chunks_exact(RECORD).filter_map(read)
    }
}

fn read(record: &[u8]) -> Option<Listed> {
    let (first, rest) = record.split_first_chunk::<4>()?;
    let (turns, rest) = rest.split_first_chunk::<4>()?;
    let (key, _) = rest.split_first_chunk::<8>()?;
    Some(Listed { first: u32::from_le_bytes(*first), turns: u32::from_le_bytes(*turns), key: u64::from_le_bytes(*key) })
}

/// The key of a source as it is now.
pub(super) fn key(study: &Study, source: &Source) -> u64 {
    let mut key = Fnv::default();
    let (first, turns) = (source.first_ordinal.to_le_bytes(), source.turns.to_le_bytes());
    for part in [source.revision.as_bytes(), source.segmentation.as_bytes(), source.language.as_bytes(), &first, &turns]
    {
        key.add(part);
    }
    if !study.withdrawn.is_empty() {
        let gone = source.participants.keys().filter(|label| study.is_withdrawn(source, label));
        gone.for_each(|label| key.add(label.as_bytes()));
    }
    key.0
}

/// A hash in the manner of Fowler, Noll and Vo (1a, 64 bits), eight bytes at a time: the same on every machine and in
/// every version of the compiler.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.step(u64::from_le_bytes(*word)));
        // Parts end in what is left of them and their length.
        self.step(rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        self.step(bytes.len() as u64);
    }

    const fn step(&mut self, word: u64) {
        let product = (self.0 ^ word).wrapping_mul(0x0100_0000_01b3);
        // What is multiplied only reaches upwards.
        self.0 = product ^ (product >> 29);
    }
}

/// Hash of a word's bytes.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut hash = Fnv::default();
    hash.add(bytes);
    hash.0
}

/// Bytes for a file with their hash behind them.
pub(super) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let seal = hash(&bytes);
    bytes.extend(seal.to_le_bytes());
    bytes
}

/// The bytes of such a file; nothing where they are not as they were written.
pub(super) fn sealed(bytes: OwnedBytes) -> Option<OwnedBytes> {
    let (inner, seal) = bytes.split_last_chunk::<8>()?;
    (hash(inner) == u64::from_le_bytes(*seal)).then(|| bytes.slice(0..inner.len()))
}

/// What tantivy keeps for us with every commit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Payload {
    /// See [`super::schema::FORMAT`].
    pub format: u32,
    /// Versions of analyser and stemmer.
    pub analyser: String,
    /// Tells studies apart.
    pub study: String,
    /// Arrival number of the newest operation that was read.
    pub seq: u64,
    /// Name of the file that holds the list.
    pub listing: String,
}

impl Payload {
    /// Whether an index with this payload can be used for a study.
    pub fn check(text: Option<&str>, expected: &Self) -> Result<Self, IndexError> {
        let unusable = |why: &str| IndexError::Unusable { why: why.to_owned() };
        let payload: Self =
            text.and_then(|text| serde_json::from_str(text).ok()).ok_or_else(|| unusable("it is not complete"))?;
        if payload.study != expected.study {
            return Err(unusable("it was made for another study"));
        }
        if payload.format != expected.format || payload.analyser != expected.analyser {
            return Err(unusable("it was made by another version of themata"));
        }
        Ok(payload)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_is_read_again() {
        let one = |first: u32| Listed { first, turns: 5, key: u64::from(first) * 3 };
        let listed: BTreeMap<u32, Listed> = [0, 5, 40, 45].map(|first| (first, one(first))).into();
        let bytes = Listing::bytes(&listed);
        let listing = Listing::of(OwnedBytes::new(bytes.clone())).unwrap();
        assert_eq!(listing.iter().collect::<Vec<_>>(), listed.values().copied().collect::<Vec<_>>());
        let of = |bytes: Vec<u8>| Listing::of(OwnedBytes::new(bytes));
        assert!(of(seal(vec![0; 16])).is_some() && of(seal(vec![0; 17])).is_none() && of(Vec::new()).is_none());
        for at in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            assert!(of(flipped).is_none(), "bit {at}");
        }
    }
}
