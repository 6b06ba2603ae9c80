//! Counts words of many forms over a segment: their postings are added up, a stretch of turns at a time.
//!
//! Where a word has few forms, or they are frequent, it is quicker to pass over turns that cannot be among the best (see
//! [`super::rank`]). The more forms there are, the less can be passed over and the dearer it is to keep them in step;
//! to add up costs the same for each posting.

use super::segment::Segment;
use super::vocabulary::Form;
use tantivy::TantivyError;
use tantivy::postings::BlockSegmentPostings;

/// Turns that are added up together: their counts stay in the nearest caches.
const STRETCH: usize = 8_192;

/// The postings of one form.
struct Posted {
    /// Which word it is a form of.
    word: usize,
    blocks: BlockSegmentPostings,
    /// What of the block has been added up.
    done: usize,
}

impl Posted {
    /// Hands over the postings before a turn; gives the turn of the one after them, nothing where none is left.
    fn before(&mut self, end: u32, mut add: impl FnMut(u32, u32)) -> Option<u32> {
        loop {
            let postings = self.blocks.docs().iter().zip(self.blocks.freqs()).skip(self.done);
            for (doc, count) in postings {
                if *doc >= end {
                    return Some(*doc);
                }
                add(*doc, *count);
                self.done += 1;
            }
            if self.blocks.docs().is_empty() {
                return None;
            }
            self.blocks.advance();
            self.done = 0;
        }
    }
}

/// Calls `visit` for each turn that holds a form of any word, in order, with how often it holds each of the words.
pub(super) fn gather<'f>(
    segment: &Segment,
    words: impl ExactSizeIterator<Item = &'f [Form]>,
    visit: &mut dyn FnMut(u32, &[u32]),
) -> Result<(), TantivyError> {
    let width = words.len();
    let mut all = Vec::new();
    for (word, forms) in words.enumerate() {
        for form in forms {
            all.extend(segment.blocks(form, true)?.map(|blocks| Posted { word, blocks, done: 0 }));
        }
    }
    let mut counts = vec![0_u32; STRETCH * width];
    let mut touched = [0_u64; STRETCH / 64];
    let mut base = all.iter().filter_map(|one| one.blocks.docs().first()).min().copied();
    while let Some(first) = base {
        let start = first - first % STRETCH as u32;
        base = None;
        all.retain_mut(|one| {
            let word = one.word;
            let next = one.before(start.saturating_add(STRETCH as u32), |doc, count| {
                let at = (doc - start) as usize;
                if let (Some(sum), Some(bits)) = (counts.get_mut(at * width + word), touched.get_mut(at / 64)) {
                    *sum += count;
                    *bits |= 1 << (at % 64);
                }
            });
            base = base.into_iter().chain(next).min();
            next.is_some()
        });
        for (bits, offset) in touched.iter_mut().zip((0_u32..).step_by(64)) {
            while *bits != 0 {
                let at = offset + bits.trailing_zeros();
                *bits &= *bits - 1;
                let from = at as usize * width;
                if let Some(of_turn) = counts.get_mut(from..from + width) {
                    visit(start + at, of_turn);
                    of_turn.fill(0);
                }
            }
        }
    }
    Ok(())
}
