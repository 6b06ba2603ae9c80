//! Finding a person's words again: in notes, codebook examples and files that quote them.

use std::collections::HashSet;

/// So many bytes in a row are a quotation. Less than that is anybody's.
const WINDOW: usize = 20;
const FILLER: &str = "[erased]";

/// Every stretch of 20 bytes of what somebody said.
#[derive(Default)]
pub(super) struct Words(HashSet<[u8; WINDOW]>);

fn windows(bytes: &[u8]) -> impl Iterator<Item = &[u8; WINDOW]> {
    bytes.windows(WINDOW).filter_map(|window| window.try_into().ok())
}

impl Words {
    /// Adds what was said.
    pub(super) fn learn(&mut self, said: &[u8]) {
        self.0.extend(windows(said).copied());
    }

    /// Leaves out what others say as well: a common turn of phrase gives nobody away.
    pub(super) fn forget(&mut self, others: &[u8]) {
        for window in windows(others) {
            self.0.remove(window);
        }
    }

    /// Whether the bytes quote.
    pub(super) fn are_in(&self, bytes: &[u8]) -> bool {
        !self.0.is_empty() && windows(bytes).any(|window| self.0.contains(window))
    }

    /// The text with every quotation replaced; none where there is none.
    pub(super) fn redact(&self, text: &str) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let mut quoted: Vec<(usize, usize)> = Vec::new();
        for (at, window) in windows(text.as_bytes()).enumerate() {
            if self.0.contains(window) {
                let (mut start, mut end) = (at, at + WINDOW);
                while !text.is_char_boundary(start) {
                    start -= 1;
                }
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                match quoted.last_mut() {
                    Some(last) if start <= last.1 => last.1 = end,
                    _ => quoted.push((start, end)),
                }
            }
        }
        let mut out = String::new();
        let mut at = 0;
        for (start, end) in &quoted {
            out.push_str(text.get(at..*start).unwrap_or_default());
            out.push_str(FILLER);
            at = *end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        (!quoted.is_empty()).then_some(out)
    }

    /// Replaces quotations in all strings of a value; whether there were any.
    pub(super) fn redact_json(&self, value: &mut serde_json::Value) -> bool {
        match value {
            serde_json::Value::String(text) => match self.redact(text) {
                Some(redacted) => {
                    *text = redacted;
                    true
                }
                None => false,
            },
            serde_json::Value::Array(items) => items.iter_mut().fold(false, |any, item| self.redact_json(item) | any),
            serde_json::Value::Object(members) => {
                members.values_mut().fold(false, |any, item| self.redact_json(item) | any)
            }
            _ => false,
        }
    }
}

/// ASCII of a length that takes the place of what was said, so that nothing after it moves: a skipped remark, which
/// counts as no word.
pub(super) fn filler(length: usize) -> String {
    match length.checked_sub(FILLER.len()) {
        Some(blanks) => format!("[erased{}]", " ".repeat(blanks)),
        None => "-".repeat(length),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_quotation_is_replaced_and_a_common_phrase_is_not() {
        let mut words = Words::default();
        words.learn("we rowed out before dawn, the harbour was grey as slate".as_bytes());
        words.learn(b"at the end of the day it is");
        words.forget(b"well, at the end of the day it is what it is");
        let note = "she says \"we rowed out before dawn, the harbour\" twice; at the end of the day it is";
        let redacted = words.redact(note).unwrap();
        assert_eq!(redacted, "she says \"[erased]\" twice; at the end of the day it is");
        assert!(words.are_in(note.as_bytes()));
        assert!(!words.are_in(redacted.as_bytes()));
        assert_eq!(words.redact("nothing of the kind here at all, really"), None);
    }

    proptest! {
        #[test]
        fn nothing_said_survives_redaction(said in "\\PC{20,60}", before in "\\PC{0,30}", after in "\\PC{0,30}") {
            let mut words = Words::default();
            words.learn(said.as_bytes());
            let redacted = words.redact(&format!("{before}{said}{after}")).unwrap();
            prop_assert!(!words.are_in(redacted.as_bytes()));
        }

        #[test]
        fn filler_is_ascii_of_the_same_length(length in 0_usize..200) {
            let text = filler(length);
            prop_assert_eq!(text.len(), length);
            prop_assert!(text.is_ascii());
        }
    }
}
