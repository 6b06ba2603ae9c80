//! Marks of the transcriber: what takes no position in a turn, and what was written in by an editor.

use super::fold::fold;
use crate::model::Span;

/// How a remark begins, folded: `laugh*` stands for every word that begins so, other words for themselves. What follows
/// is free ("laughs and shakes her head").
#[rustfmt::skip]
const OPENINGS: &[&str] = &[
    // English
    "laugh*", "chuckl*", "giggl*", "smil*", "paus*", "silen*", "inaudibl*", "unintelligibl*", "indistinct*", "unclear",
    "unv", "crosstalk", "cross talk", "overlap*", "interrupt*", "talking over", "speaking over", "sigh*", "cry",
    "cries", "crying", "cried", "sob*", "tearful*", "weep*", "wept", "cough*", "sneez*", "sniff*", "nods", "nodding",
    "shrug*", "gestur*", "shakes head", "shakes her head", "shakes his head", "points to", "points at", "nois*",
    "music", "background nois*", "background music", "background chatter", "phone ring*", "phone buzz*", "phone rang",
    "door open*", "door clos*", "door slam*", "knock*", "claps", "clapping", "applause", "whisper*", "mumbl*",
    "mutter*", "breathes", "breathing", "deep breath", "exhal*", "inhal*", "gasp*", "clears throat",
    "clears her throat", "clears his throat", "clearing throat", "yawn*", "hesitat*", "long paus*", "short paus*",
    "brief paus*", "long silence", "redact*", "anonymi*", "recording*", "tape*", "end of", "start of", "sic",
    // German
    "lacht", "lachen", "lachend", "schmunzel*", "unverstandlich*", "seufz*", "weint", "weinen", "schweig*", "stille",
    "husten", "hustet", "rausper*", "lange paus*",
];

/// The same in Hebrew.
#[rustfmt::skip]
const HEBREW_OPENINGS: &[&str] = &[
    "צוחק", "צוחקת", "צוחקים", "צוחקות", "צחוק", "מחייכת", "מחייך", "שתיקה", "שותק", "שותקת", "הפסקה", "בוכה", "בכי",
    "נאנח*", "אנחה", "לא ברור", "לא נשמע", "לא מובן", "משתעל*", "רעש*",
];

/// What stands for something left out when nothing but a number or a letter follows in the square brackets: `[name 2]`.
#[rustfmt::skip]
const PLACEHOLDERS: &[&str] = &[
    "name", "names", "surname", "place", "city", "town", "country", "street", "address", "date", "hospital", "clinic",
    "organisation", "organization", "company", "school", "language", "timestamp", "ort", "stadt", "datum", "שם",
];

/// What a mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Takes no position.
    Remark,
    /// Its words take positions, matched only on request.
    Insertion,
}

/// Whether a text has a character that marks begin with: most have none, and this is quick to see.
#[inline(always)]
pub(crate) fn may_hold_marks(text: &str) -> bool {
    memchr::memchr3(b'[', b'(', b'#', text.as_bytes()).is_some()
}

/// Adds every mark of a text with its brackets, in order. Unclosed brackets are ordinary text.
pub(super) fn marks(text: &str, found: &mut Vec<(Span, Mark)>) {
    let mut at = 0;
    while let Some(step) = text.as_bytes().get(at..).and_then(|rest| memchr::memchr3(b'[', b'(', b'#', rest)) {
        let start = at + step;
        at = match mark_at(text.get(start..).unwrap_or("")) {
            Some((length, mark)) => {
                found.push((Span::new(start as u32, (start + length) as u32), mark));
                start + length
            }
            None => start + 1,
        };
    }
}

/// Longest content of a mark, in bytes: a bracket that closes pages later is no remark.
const LONGEST: usize = 200;

/// Words of a remark in round brackets: longer ones are more likely speech.
const MOST_WORDS: usize = 6;

/// The mark that a text begins with, and its length with brackets.
fn mark_at(text: &str) -> Option<(usize, Mark)> {
    let up_to = |open: usize, close: &str| -> Option<(usize, &str)> {
        let body = text.get(open..)?;
        let window = body.as_bytes().get(..(LONGEST + close.len()).min(body.len()))?;
        let end = memchr::memmem::find(window, close.as_bytes())?;
        Some((open + end + close.len(), body.get(..end)?))
    };
    if text.starts_with("((") {
        return up_to(2, "))").map(|(length, _)| (length, Mark::Remark));
    }
    match text.bytes().next()? {
        b'(' => {
            let (length, body) = up_to(1, ")")?;
            let is_remark = is_time(body) || (opens_remark(body) && body.split_whitespace().count() <= MOST_WORDS);
            is_remark.then_some((length, Mark::Remark))
        }
        b'[' => {
            let (length, body) = up_to(1, "]").filter(|(_, body)| !body.contains('['))?;
            let is_remark =
                is_time(body) || opens_remark(body) || is_placeholder(body) || !body.contains(char::is_alphanumeric);
            Some((length, if is_remark { Mark::Remark } else { Mark::Insertion }))
        }
        _ => {
            let (length, body) = up_to(1, "#")?;
            (body.contains(':') && is_time(body)).then_some((length, Mark::Remark))
        }
    }
}

/// Pauses and clock times: `0.5`, `.`, `...`, `3`, `2s`, `00:12`, `1:02:33.5`; but not a year. Told from the folded
/// signs, as words are: a mark over a digit does not make it another number.
fn is_time(body: &str) -> bool {
    let body = fold(body);
    let body = body.trim().trim_end_matches('s');
    let is_counted = body.len() <= 2 || body.contains([':', '.', ',']);
    is_counted
        && body.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b',' | b'-'))
        && body.bytes().any(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// The words of a mark's content, folded.
fn folded_words(body: &str) -> Vec<String> {
    body.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| fold(word).into_owned())
        .collect()
}

fn opens_remark(body: &str) -> bool {
    let words = folded_words(body);
    let opens = |opening: &&str| {
        let mut words = words.iter();
        opening.split(' ').all(|wanted| {
            words.next().is_some_and(|word| match wanted.strip_suffix('*') {
                Some(stem) => word.starts_with(stem),
                None => word == wanted,
            })
        })
    };
    OPENINGS.iter().chain(HEBREW_OPENINGS).any(opens)
}

fn is_placeholder(body: &str) -> bool {
    match folded_words(body).as_slice() {
        [word] => PLACEHOLDERS.contains(&word.as_str()),
        [word, which] => {
            PLACEHOLDERS.contains(&word.as_str()) && (which.len() == 1 || which.bytes().all(|b| b.is_ascii_digit()))
        }
        _ => false,
    }
}

/// The transcriber's remarks of a text, brackets included: what takes no position and is not counted as words.
pub fn remarks(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    marks(text, &mut found);
    found.into_iter().filter(|(_, mark)| *mark == Mark::Remark).map(|(span, _)| span).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, Mark)> {
        let mut marks_found = Vec::new();
        marks(text, &mut marks_found);
        marks_found.into_iter().map(|(span, mark)| (span.of(text).unwrap(), mark)).collect()
    }

    #[test]
    fn remarks_and_insertions() {
        use Mark::{Insertion, Remark};
        assert_eq!(found("so [laughs] I went"), [("[laughs]", Remark)]);
        assert_eq!(found("I was [inaudible 00:10:02] there"), [("[inaudible 00:10:02]", Remark)]);
        assert_eq!(found("and ((anything, really)) then"), [("((anything, really))", Remark)]);
        assert_eq!(found("well (0.5) I (.) no (3)"), [("(0.5)", Remark), ("(.)", Remark), ("(3)", Remark)]);
        assert_eq!(found("bye #00:01:23-4# [00:12:33] (00:12)").len(), 3);
        assert_eq!(found("me [and] her"), [("[and]", Insertion)]);
        assert_eq!(found("(unclear) he (unv.) said"), [("(unclear)", Remark), ("(unv.)", Remark)]);
        assert_eq!(found("[laughs, and shakes her head at the thought]").first().map(|found| found.1), Some(Remark));
        assert_eq!(found("[name] met [Name 2] in [date]").iter().filter(|found| found.1 == Remark).count(), 3);
        assert_eq!(found("[שתיקה] (לא ברור)"), [("[שתיקה]", Remark), ("(לא ברור)", Remark)]);
        assert_eq!(found("(lacht) (unverständlich)").len(), 2);
        assert_eq!(found("[\u{20d0}0]"), [("[\u{20d0}0]", Remark)]);
    }

    #[test]
    fn speech_in_brackets_is_speech() {
        assert_eq!(found("he said (my brother) that (long story short) it was (1998)"), []);
        assert_eq!(found("(crying was all I did that whole first year)"), []);
        assert_eq!(found("number #1 and #2, friend(s)"), []);
        assert_eq!(found("open [laughs and never closed"), []);
        assert_eq!(found("a good [time] in [1998]").iter().filter(|found| found.1 == Mark::Insertion).count(), 2);
        assert_eq!(found("[crystal]"), [("[crystal]", Mark::Insertion)]);
    }

    #[test]
    fn the_lists_are_folded() {
        for word in OPENINGS.iter().chain(HEBREW_OPENINGS).chain(PLACEHOLDERS) {
            assert_eq!(fold(word), *word);
        }
    }
}
