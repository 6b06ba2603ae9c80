//! Why a suggestion has its code and its polarity: which words, which trigger, which scope, which rule.

use super::Suggestion;
use crate::model::{Codebook, Experiencer, Polarity, Span, Time};
use serde::Serialize;
use std::fmt::Write as _;

/// One suggestion as `code explain --format json` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Path of the code; its last part is the id.
    pub code: String,
    /// Polarity.
    pub polarity: Polarity,
    /// Time.
    pub time: Time,
    /// Whose experience.
    pub experiencer: Experiencer,
    /// Directed at.
    pub target: Option<String>,
    /// First byte of the meaning unit.
    pub start: u32,
    /// First byte after it.
    pub end: u32,
    /// The words that the rule found.
    pub indicator: String,
    /// The words that set the polarity.
    pub trigger: Option<String>,
    /// What the trigger governs, or the clause that was searched for one.
    pub scope: String,
    /// The first rule that found it, as written.
    pub rule: String,
    /// The question that it answers, where the words name the theme only together with it: then the rule found words of
    /// the question, and the indicator is what answers.
    pub question: Option<String>,
}

/// The suggestions as rows, ordered by indicator.
pub fn explain_json(suggestions: &[Suggestion], text: &str, codebook: &Codebook) -> Vec<Explanation> {
    let words = |span: Span| span.of(text).unwrap_or("").to_owned();
    let mut ordered: Vec<&Suggestion> = suggestions.iter().collect();
    ordered.sort_by_key(|one| (one.indicator, one.trigger));
    let row = |one: &Suggestion| Explanation {
        code: codebook.path(&one.code),
        polarity: one.polarity,
        time: one.qualifiers.time,
        experiencer: one.qualifiers.experiencer,
        target: one.qualifiers.target.clone(),
        start: one.unit.start,
        end: one.unit.end,
        indicator: words(one.indicator),
        trigger: one.trigger.map(words),
        scope: words(one.scope),
        rule: one.rules.first().map(|rule| rule.query.to_string()).unwrap_or_default(),
        question: one.answers.as_ref().map(|answered| answered.question.clone()),
    };
    ordered.into_iter().map(row).collect()
}

/// A suggestion in a few plain sentences, its words underlined: `^` the trigger, `~` the indicator.
pub fn explain_in_words(one: &Suggestion, text: &str) -> String {
    let words = |span: Span| one_line(span.of(text).unwrap_or(""));
    let mut out = format!("{}: {}\n", one.code, one.polarity.name());
    let _ = writeln!(out, "    {}", words(one.unit));
    let _ = writeln!(out, "    {}", underline(one, text));
    let rules: Vec<String> = one.rules.iter().map(|rule| format!("`{}`", rule.query)).collect();
    let rule = match (one.answers.is_some(), rules.len()) {
        (true, 1) => "the rule",
        (true, _) => "the rules",
        (false, 1) => "Rule",
        (false, _) => "Rules",
    };
    let rules = format!("{rule} {}", rules.join(", "));
    let marked = |at: Span, mark: char| format!("`{}` ({mark})", words(at));
    let (found, because, meaning) = (marked(one.indicator, '~'), one.because, meaning(one.polarity));
    let trigger = one.trigger.map(|trigger| marked(trigger, '^'));
    let _ = match (&one.answers, trigger) {
        (Some(answered), trigger) => {
            let (question, named) = (one_line(&answered.question), one_line(&answered.found));
            let answer = trigger.unwrap_or(found);
            writeln!(
                out,
                "It answers `{question}`, where {rules} found `{named}`.\n{answer} is {because}: the theme is {meaning}."
            )
        }
        (None, Some(trigger)) => {
            let scope = words(one.scope);
            writeln!(
                out,
                "{rules} found {found}.\n{trigger} is {because}. Its scope is `{scope}`, and the theme is {meaning}."
            )
        }
        (None, None) => {
            let scope = words(one.scope);
            writeln!(out, "{rules} found {found}.\nNo trigger stands in `{scope}`, so the theme is {meaning}.")
        }
    };
    let experiencer = match one.qualifiers.experiencer {
        Experiencer::Speaker => "the speaker's own experience",
        Experiencer::Other => "somebody else's experience, which is not counted unless asked for",
        Experiencer::Unknown => "nobody can tell whose experience",
    };
    let time = match one.qualifiers.time {
        Time::Unknown => "at no time that the words name".to_owned(),
        Time::General => "in general".to_owned(),
        time => format!("about the time {} the programme", if time == Time::During { "in" } else { time.name() }),
    };
    let target = one.qualifiers.target.as_ref().map_or(String::new(), |target| format!(", directed at {target}"));
    let _ = write!(out, "It is {experiencer}, {time}{target}.");
    if one.prompted && one.answers.is_none() {
        out.push_str(" The interviewer had just named it.");
    }
    out
}

fn meaning(polarity: Polarity) -> &'static str {
    match polarity {
        Polarity::Present => "said to be there",
        Polarity::Absent => "denied (absent)",
        Polarity::Ceased => "said to have been there and to be no more (ceased)",
        Polarity::Reduced => "said to have become less (reduced)",
        Polarity::Hypothetical => "imagined, wished for or asked about, and not said to be so (hypothetical)",
        Polarity::Ambivalent => "said to be there and not to be there at once (ambivalent)",
    }
}

/// White space of any kind as one space, so that the underline below fits.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Marks under the meaning unit: as wide as the words, which may hold wide or combining characters.
fn underline(one: &Suggestion, text: &str) -> String {
    use unicode_width::UnicodeWidthChar;
    let mut marks = String::new();
    let mut blank = true;
    for (at, c) in one.unit.of(text).unwrap_or("").char_indices() {
        let at = one.unit.start + at as u32;
        let inside = |span: Span| (span.start..span.end).contains(&at);
        let mark = match (one.trigger.is_some_and(inside), inside(one.indicator)) {
            (true, _) => '^',
            (false, true) => '~',
            (false, false) => ' ',
        };
        if c.is_whitespace() {
            if !blank {
                marks.push(mark);
            }
            blank = true;
            continue;
        }
        blank = false;
        marks.extend(std::iter::repeat_n(mark, c.width().unwrap_or(0)));
    }
    marks.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::RuleRef;
    use crate::model::Qualifiers;

    fn span(text: &str, words: &str) -> Span {
        let start = text.find(words).unwrap_or(0) as u32;
        Span::new(start, start + words.len() as u32)
    }

    fn sample(text: &str) -> Suggestion {
        Suggestion {
            code: "trust".into(),
            turn: 0,
            unit: Span::new(0, text.len() as u32),
            indicator: span(text, "trust"),
            trigger: Some(span(text, "not a shred of")),
            scope: span(text, "trust left"),
            rules: vec![RuleRef { index: 0, query: "trust*".into() }],
            polarity: Polarity::Absent,
            qualifiers: Qualifiers::default(),
            prompted: false,
            because: "a word that negates the noun after it",
            answers: None,
        }
    }

    #[test]
    fn the_marks_stand_under_the_words() {
        let text = "Há not a shred of\n trust left.";
        let words = explain_in_words(&sample(text), text);
        assert_eq!(
            words,
            "trust: absent\n    Há not a shred of trust left.\n       ^^^^^^^^^^^^^^ ~~~~~\nRule `trust*` found `trust` (~).\n\
             `not a shred of` (^) is a word that negates the noun after it. Its scope is `trust left`, and the theme is \
             denied (absent).\n\
             It is the speaker's own experience, at no time that the words name."
        );
    }
}
