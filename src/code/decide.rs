//! Decisions: what a coder does with a piece of text or with a suggestion.
//!
//! Only builds records; the caller commits them as one operation. A decision binds to (code, span, polarity), never to
//! the rule that led to it.

use super::Suggestion;
use crate::model::{
    Coding, Confidence, Coverage, FIRST_ROUND, Hidden, Memo, Origin, Polarity, Qualifiers, Rejection, Span, Visible,
};
use crate::store::{SourceText, Study};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Why a decision cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// No such code.
    #[error("the codebook has no code `{code}`{suggestion}")]
    UnknownCode {
        /// As typed.
        code: String,
        /// A near id.
        suggestion: String,
    },
    /// Borders inside a character or outside the text.
    #[error("bytes {start} to {end} of {source_name} do not begin and end between characters of its text")]
    Borders {
        /// First byte.
        start: u32,
        /// First byte after.
        end: u32,
        /// Name of the source.
        source_name: String,
    },
    /// The quotation does not occur.
    #[error("{source_name} does not hold these words: {quote}")]
    NotFound {
        /// As typed.
        quote: String,
        /// Name of the source.
        source_name: String,
    },
    /// The quotation occurs more than once.
    #[error("{source_name} holds these words {times} times: {quote}")]
    Ambiguous {
        /// As typed.
        quote: String,
        /// Name of the source.
        source_name: String,
        /// How often.
        times: usize,
    },
    /// Turns that the source does not have.
    #[error("{source_name} has turns 1 to {turns}, and no {wanted}")]
    Turns {
        /// Name of the source.
        source_name: String,
        /// Turns of the source.
        turns: u32,
        /// Those asked for.
        wanted: String,
    },
    /// Lines that the text does not have.
    #[error("{source_name} has {lines} lines, so there are no lines {first} to {last}")]
    Lines {
        /// Name of the source.
        source_name: String,
        /// Lines of the text.
        lines: usize,
        /// First asked for.
        first: usize,
        /// Last asked for.
        last: usize,
    },
}

/// An id made of what it names: a prefix and 12 hex digits of SHA-256 over the parts.
pub fn record_id(prefix: &str, parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    let hex: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{prefix}-{hex}")
}

/// Id of a memo: who wrote what, when and on what.
pub fn memo_id(memo: &Memo) -> String {
    record_id("m", &[&memo.author, &memo.written, &memo.on, &memo.text])
}

/// Who decides, when, and what they can see.
#[derive(Debug, Clone)]
pub struct Decider<'a> {
    /// The study as it stands.
    pub study: &'a Study,
    /// The coder.
    pub coder: &'a str,
    /// UTC, RFC 3339.
    pub now: &'a str,
    /// Suggestions were on the screen.
    pub suggestions_visible: bool,
    /// Which reading of the source this is.
    pub round: u32,
}

/// What is said about a span.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    /// Code; nothing keeps the quotation without one.
    pub code: Option<&'a str>,
    /// Polarity.
    pub polarity: Polarity,
    /// Time, target, experiencer.
    pub qualifiers: Qualifiers,
    /// How it came to be.
    pub origin: Origin,
    /// How sure the coder is, if the coder says so.
    pub confidence: Option<Confidence>,
    /// Free note.
    pub note: &'a str,
}

impl Decider<'_> {
    /// Checks that a code exists.
    pub fn known_code(&self, code: &str) -> Result<(), DecideError> {
        let codes = &self.study.codebook.codebook.codes;
        if codes.contains_key(code) {
            return Ok(());
        }
        let near = crate::query::nearest(code, codes.keys().map(String::as_str));
        let suggestion = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Err(DecideError::UnknownCode { code: code.to_owned(), suggestion })
    }

    /// A coding of a span, with its id. `digest` is the store's keyed digest of the quotation.
    pub fn coding(
        &self,
        source_id: &str,
        text: &str,
        span: Span,
        judgement: &Judgement<'_>,
        digest: impl Fn(&str) -> String,
    ) -> Result<(String, Coding), DecideError> {
        if let Some(code) = judgement.code {
            self.known_code(code)?;
        }
        let source = self.study.sources.get(source_id);
        let (name, revision) = source.map_or((source_id, ""), |source| (&source.name, &source.revision));
        let quote = span.of(text).filter(|quote| !quote.is_empty());
        let quote = quote.ok_or_else(|| DecideError::Borders {
            start: span.start,
            end: span.end,
            source_name: name.to_owned(),
        })?;
        let coding = Coding {
            code: judgement.code.map(str::to_owned),
            source: source_id.to_owned(),
            revision: revision.to_owned(),
            span,
            digest: digest(quote),
            coder: self.coder.to_owned(),
            polarity: judgement.polarity,
            qualifiers: judgement.qualifiers.clone(),
            origin: judgement.origin,
            confidence: judgement.confidence,
            codebook_version: self.study.codebook.number,
            indicator: None,
            trigger: None,
            rule_set: None,
            note: judgement.note.to_owned(),
            visible: self.visible(),
            round: self.round,
        };
        Ok((self.coding_id(&coding), coding))
    }

    /// The id of a coding made now.
    pub fn coding_id(&self, coding: &Coding) -> String {
        let place = format!("{}-{}", coding.span.start, coding.span.end);
        let code = coding.code.as_deref().unwrap_or("");
        let (source, revision, polarity) = (&coding.source, &coding.revision, coding.polarity.name());
        record_id("c", &[source, revision, &place, code, polarity, &coding.coder, self.now])
    }

    /// A suggestion taken as a coding: span, polarity, qualifiers, trigger and rule-set digest are copied.
    pub fn accept(
        &self,
        source_id: &str,
        text: &str,
        suggestion: &Suggestion,
        rule_set: &str,
        origin: Origin,
        digest: impl Fn(&str) -> String,
    ) -> Result<(String, Coding), DecideError> {
        let judgement = Judgement {
            code: Some(&suggestion.code),
            polarity: suggestion.polarity,
            qualifiers: suggestion.qualifiers.clone(),
            origin,
            confidence: None,
            note: "",
        };
        let (id, mut coding) = self.coding(source_id, text, suggestion.unit, &judgement, digest)?;
        coding.indicator = Some(suggestion.indicator);
        coding.trigger = suggestion.trigger;
        coding.rule_set = Some(rule_set.to_owned());
        coding.visible.suggestions = true;
        Ok((id, coding))
    }

    /// A suggestion turned down.
    pub fn reject(
        &self,
        source_id: &str,
        text: &SourceText,
        suggestion: &Suggestion,
        note: &str,
    ) -> (String, Rejection) {
        let revision = self.study.sources.get(source_id).map(|source| source.revision.clone()).unwrap_or_default();
        let rejection = Rejection {
            code: suggestion.code.clone(),
            source: source_id.to_owned(),
            revision,
            span: suggestion.unit,
            polarity: suggestion.polarity,
            coder: self.coder.to_owned(),
            note: note.to_owned(),
        };
        (record_id("r", &[&suggestion.id(text), source_id, self.coder]), rejection)
    }

    /// The record that this coder has read a source for these codes (none: all codes), added to what was read before.
    /// `turns` are ranges of ordinals; none: the whole source.
    pub fn cover(&self, source_id: &str, codes: &[String], turns: &[(u32, u32)]) -> (String, Coverage) {
        let mut key = format!("{}/{source_id}", self.coder);
        if self.round != FIRST_ROUND {
            key.push_str(&format!("/{}", self.round));
        }
        if !turns.is_empty() {
            let ranges: Vec<String> = turns.iter().map(|(first, last)| format!("{first}-{last}")).collect();
            key.push_str(&format!("/{}", ranges.join("+")));
        }
        let mut row = Coverage {
            coder: self.coder.to_owned(),
            source: source_id.to_owned(),
            codes: codes.to_vec(),
            turns: turns.to_vec(),
            round: self.round,
        };
        if let Some(before) = self.study.coverage.get(&key) {
            if before.codes.is_empty() || codes.is_empty() {
                row.codes.clear();
            } else {
                row.codes.extend(before.codes.iter().cloned());
            }
        }
        row.codes.sort();
        row.codes.dedup();
        (key, row)
    }

    /// Whether a coding is not of this reading by this coder.
    fn is_of_another(&self, coding: &Coding) -> bool {
        coding.coder != self.coder || coding.round != self.round
    }

    /// What can be seen by the settings of the study.
    pub fn visible(&self) -> Visible {
        let hidden = |what: Hidden| self.study.settings.hides(what, self.coder);
        Visible {
            suggestions: self.suggestions_visible && !hidden(Hidden::Suggestions),
            coders: !hidden(Hidden::Coders) && self.study.codings.values().any(|coding| self.is_of_another(coding)),
            scores: !hidden(Hidden::Scores) && (!self.study.scores.is_empty() || !self.study.responses.is_empty()),
            group: !hidden(Hidden::Group),
        }
    }
}

/// The one place where a quotation stands in a source. White space in the quotation matches any white space.
pub fn find_quote(source_name: &str, text: &str, quote: &str) -> Result<Span, DecideError> {
    let words: Vec<String> = quote.split_whitespace().map(regex::escape).collect();
    let not_found = || DecideError::NotFound { quote: quote.to_owned(), source_name: source_name.to_owned() };
    if words.is_empty() {
        return Err(not_found());
    }
    let pattern = regex::Regex::new(&words.join(r"\s+")).map_err(|_| not_found())?;
    let mut found = pattern.find_iter(text);
    let first = found.next().ok_or_else(not_found)?;
    match found.count() {
        0 => Ok(Span::new(first.start() as u32, first.end() as u32)),
        more => Err(DecideError::Ambiguous {
            quote: quote.to_owned(),
            source_name: source_name.to_owned(),
            times: more + 1,
        }),
    }
}

/// Lines `first` to `last` of a text, from 1, without the final line break.
pub fn find_lines(source_name: &str, text: &str, first: usize, last: usize) -> Result<Span, DecideError> {
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let missing = || DecideError::Lines { source_name: source_name.to_owned(), lines: starts.len(), first, last };
    if first == 0 || last < first {
        return Err(missing());
    }
    let start = *starts.get(first - 1).ok_or_else(missing)?;
    let end = if last > starts.len() { return Err(missing()) } else { starts.get(last).copied().unwrap_or(text.len()) };
    let lines = text.get(start..end).unwrap_or_default();
    Ok(Span::new(start as u32, (start + lines.trim_end_matches(['\n', '\r']).len()) as u32))
}

/// Turns, numbered from 1 as `source show --turns` does, as ranges of ordinals; none where they are all of the source.
pub fn find_turns(
    source_name: &str,
    turns: u32,
    first_ordinal: u32,
    wanted: &[(usize, usize)],
) -> Result<Vec<(u32, u32)>, DecideError> {
    let mut positions = BTreeSet::new();
    for &(first, last) in wanted {
        if first == 0 || last < first || last > turns as usize {
            let wanted = if first == last { first.to_string() } else { format!("{first} to {last}") };
            return Err(DecideError::Turns { source_name: source_name.to_owned(), turns, wanted });
        }
        positions.extend((first - 1..last).map(|k| k as u32));
    }
    let all = positions.len() == turns as usize;
    Ok(if all { Vec::new() } else { super::reference::ranges(&positions, first_ordinal) })
}

/// The words of a coding, if they are still what was coded.
pub fn quotation<'a>(coding: &Coding, text: &'a SourceText, digest: impl Fn(&str) -> String) -> Option<&'a str> {
    coding.span.of(&text.text).filter(|quote| digest(quote) == coding.digest)
}

/// What became of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decided {
    /// Nothing yet.
    Open,
    /// The same code was decided here with another polarity: to be looked at again.
    Reconsider,
    /// Taken, or another coding covers it.
    Accepted,
    /// Turned down.
    Rejected,
}

/// The decisions of one coder, or of everybody, by source and code.
///
/// A decision covers later suggestions of the same code and polarity that overlap at least half of its span.
#[derive(Debug, Clone, Default)]
pub struct Decisions<'a> {
    places: BTreeMap<(&'a str, &'a str), Vec<Place>>,
}

/// A span that was decided, with which polarity, and how.
type Place = (Span, Polarity, Decided);

impl<'a> Decisions<'a> {
    /// The decisions of a coder; of everybody, if nobody is named.
    pub fn of(study: &'a Study, coder: Option<&str>) -> Self {
        let by = |who: &str| coder.is_none_or(|coder| coder == who);
        let mut places: BTreeMap<(&str, &str), Vec<Place>> = BTreeMap::new();
        let placed = study.codings.iter().filter(|(id, _)| !study.lost.contains(*id)).map(|(_, coding)| coding);
        for coding in placed.filter(|coding| by(&coding.coder)) {
            let Some(code) = &coding.code else { continue };
            let place = places.entry((&coding.source, code)).or_default();
            place.push((coding.span, coding.polarity, Decided::Accepted));
        }
        for rejection in study.rejections.values().filter(|rejection| by(&rejection.coder)) {
            let place = places.entry((&rejection.source, &rejection.code)).or_default();
            place.push((rejection.span, rejection.polarity, Decided::Rejected));
        }
        Self { places }
    }

    /// What became of a suggestion in a source.
    pub fn about(&self, source: &str, suggestion: &Suggestion) -> Decided {
        let mut result = Decided::Open;
        for (span, polarity, decided) in self.places.get(&(source, suggestion.code.as_str())).into_iter().flatten() {
            let shared = span.overlap(suggestion.unit);
            if shared == 0 || 2 * shared < span.len() {
                continue;
            }
            if *polarity == suggestion.polarity {
                return *decided;
            }
            result = Decided::Reconsider;
        }
        result
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_found_over_line_breaks_and_only_once() {
        let text = "I felt\r\n  safe there. I felt warm.";
        assert_eq!(find_quote("a", text, "felt safe").unwrap().of(text), Some("felt\r\n  safe"));
        assert!(matches!(find_quote("a", text, "I felt"), Err(DecideError::Ambiguous { times: 2, .. })));
        assert!(matches!(find_quote("a", text, "  "), Err(DecideError::NotFound { .. })));
    }

    #[test]
    fn lines_are_counted_from_one() {
        let text = "one\ntwo\r\nthree";
        assert_eq!(find_lines("a", text, 2, 2).unwrap().of(text), Some("two"));
        assert_eq!(find_lines("a", text, 2, 3).unwrap().of(text), Some("two\r\nthree"));
        assert!(find_lines("a", text, 0, 1).is_err());
        assert!(find_lines("a", text, 3, 4).is_err());
        assert!(find_lines("a", text, 3, 2).is_err());
    }

    #[test]
    fn turns_are_counted_from_one_and_all_of_them_are_the_source() {
        let found = |wanted: &[(usize, usize)]| find_turns("a", 4, 100, wanted);
        assert_eq!(found(&[(1, 2), (2, 2), (4, 4)]).unwrap(), [(100, 101), (103, 103)]);
        assert_eq!(found(&[(3, 4), (1, 2)]).unwrap(), []);
        for bad in [(0, 1), (3, 2), (4, 5)] {
            assert!(matches!(found(&[bad]), Err(DecideError::Turns { turns: 4, .. })), "{bad:?}");
        }
    }
}
