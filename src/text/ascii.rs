//! The words of ASCII text, sixty-four bytes at a time.
//!
//! Gives what the rules of UAX 29 give (a property test compares them): runs of letters, digits and `_`, where `'` `.`
//! `:` join letters and `'` `.` `,` `;` join digits. Whatever is not a plain run of letters is looked at byte by byte.

use crate::model::Span;

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// One bit for each byte of a block.
struct Block {
    letters: u64,
    /// Digits and `_`.
    digits: u64,
    /// `'` `.` `:` `,` `;`, which may stand inside a word.
    joints: u64,
}

impl Block {
    #[inline(always)]
    fn new(bytes: &[u8; BLOCK]) -> Self {
        // Without branches, so that the compiler takes many bytes at once.
        let mut classes = [0_u8; BLOCK];
        for (class, &byte) in classes.iter_mut().zip(bytes) {
            let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
            let digit = (byte.wrapping_sub(b'0') < 10) | (byte == b'_');
            // `,` and `.` differ in one bit, and so do `:` and `;`.
            let joint = (byte == b'\'') | (byte | 2 == b'.') | (byte | 1 == b';');
            *class = u8::from(letter) | u8::from(digit) << 1 | u8::from(joint) << 2;
        }
        let mut block = Self { letters: 0, digits: 0, joints: 0 };
        for (chunk, shift) in classes.as_chunks::<8>().0.iter().zip((0..).step_by(8)) {
            let eight = u64::from_le_bytes(*chunk);
            block.letters |= lowest_bits(eight) << shift;
            block.digits |= lowest_bits(eight >> 1) << shift;
            block.joints |= lowest_bits(eight >> 2) << shift;
        }
        block
    }
}

/// The lowest bit of each byte, side by side.
#[inline(always)]
const fn lowest_bits(eight: u64) -> u64 {
    (eight & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Hands on the words of ASCII bytes, with `base` added to their offsets. Long ones are not cut here, nor are clitics
/// told apart: a word that may need either comes with `true`.
#[inline(always)]
pub(super) fn ascii_words(bytes: &[u8], base: usize, mut found: impl FnMut(Span, bool)) {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let (block, is_last) = match rest.first_chunk::<BLOCK>() {
            Some(block) => (Block::new(block), false),
            None => {
                let mut padded = [0; BLOCK];
                padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                (Block::new(&padded), true)
            }
        };
        let plain = block.letters | block.digits;
        let inner_joints = block.joints & (plain << 1) & (plain >> 1);
        let runs = plain | inner_joints;
        let odd = block.digits | inner_joints;
        let mut starts = runs & !(runs << 1);
        let mut ends = !runs & (runs << 1);
        while ends != 0 {
            let (start, end) = (starts.trailing_zeros() as usize, ends.trailing_zeros() as usize);
            // Whether a joint in the last place joins is known only in the next block.
            if end == BLOCK - 1 && !is_last {
                break;
            }
            let run = (ends & ends.wrapping_neg()) - (starts & starts.wrapping_neg());
            if odd & run == 0 {
                found(Span::new((base + at + start) as u32, (base + at + end) as u32), false);
            } else {
                joined_words(bytes, at + start, at + end, base, &mut found);
            }
            starts &= starts - 1;
            ends &= ends - 1;
        }
        at += match starts.trailing_zeros() as usize {
            0 => {
                let end = run_end(bytes, at);
                joined_words(bytes, at, end, base, &mut found);
                end - at
            }
            next => next.min(BLOCK),
        };
    }
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const fn is_joint(byte: u8) -> bool {
    matches!(byte, b'\'' | b'.' | b':' | b',' | b';')
}

/// End of a run that is longer than a block.
#[cold]
fn run_end(bytes: &[u8], start: usize) -> usize {
    let plain = |at: usize| bytes.get(at).copied().is_some_and(is_plain);
    let joins = |at: usize| bytes.get(at).copied().is_some_and(is_joint) && plain(at + 1);
    let mut end = start + 1;
    while plain(end) || joins(end) {
        end += 1;
    }
    end
}

/// The words of a run of letters, digits and joints between them.
#[inline(never)]
fn joined_words(bytes: &[u8], from: usize, to: usize, base: usize, found: &mut impl FnMut(Span, bool)) {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b' ');
    let mut start = from;
    while start < to {
        let mut end = start;
        let mut is_word = false;
        while end < to {
            match byte(end) {
                b'_' => {}
                plain if is_plain(plain) => is_word = true,
                joint if end > start && joins(byte(end - 1), joint, byte(end + 1)) => {}
                _ => break,
            }
            end += 1;
        }
        if is_word {
            found(Span::new((base + start) as u32, (base + end) as u32), true);
        }
        // Behind a joint that joins nothing the next word begins.
        start = end + 1;
    }
}

const fn joins(before: u8, joint: u8, after: u8) -> bool {
    let letters = before.is_ascii_alphabetic() && after.is_ascii_alphabetic() && matches!(joint, b'\'' | b'.' | b':');
    let digits = before.is_ascii_digit() && after.is_ascii_digit() && matches!(joint, b'\'' | b'.' | b',' | b';');
    letters || digits
}
