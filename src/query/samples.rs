//! Random queries and turns for property tests: with remarks, insertions, over-long words, Hebrew, emoji, and stretches
//! of a turn as regular expressions.

use proptest::prelude::*;
use proptest::sample::{Index, select};

const WORDS: &[&str] = &[
    "trust",
    "Trust",
    "TRUSTING",
    "trusted",
    "not",
    "can't",
    "couldn't",
    "can",
    "don\u{2019}t",
    "it's",
    "it'\u{17f}",
    "listen",
    "listen't",
    "lonely",
    "lonly",
    "alone",
    "I",
    "was",
    "self-esteem",
    "a.b",
    "3.5",
    "10:30",
    "x_y",
    "naïve",
    "naive",
    "mother's",
    "לבד",
    "שלבד",
    "והתמיכה",
    "תמיכה",
    "ל\u{200f}בד",
    "לְבַד",
    "😀",
    "\u{212a}ind",
    "kind",
    "中文",
    "[and]",
    "[She]",
    "[laughs]",
    "[inaudible 0.5]",
    "((pause. long))",
    "(0.5)",
    "(alone)",
    "#00:01:23-4#",
    "[trust",
    "\u{1f1e9}",
    "e\u{301}t",
];

const BETWEEN: &[&str] =
    &[" ", " ", " ", " ", " ", " ", ", ", ". ", "? ", "... ", "\n", ".\n\n", "\u{a0}", "-", "’", ""];

const TERMS: &[&str] = &[
    "trust",
    "=Trust",
    "trust*",
    "*ing",
    "t?ust",
    "lonely~1",
    "lonely",
    "alone",
    "not",
    "n't",
    "'s",
    "can",
    "I",
    "[and]",
    "[she]",
    "listen*",
    "לבד",
    "תמיכ*",
    "=לבד",
    "kind",
    "naive",
    "3.5",
    "esteem",
    "was",
    "mother",
    "a*",
];

const PATTERNS: &[&str] = &[
    r"(?i)\btrust\w*",
    r"(?i)\bcan(?:'t| not) (?:really )?trust",
    "couldn",
    "n't",
    "it's",
    r"(?i)it's (?:alone|lonely)\b",
    "[tT]rust(?:ing)? (?:not|it)",
    r"\[laughs\]",
    r"alone\. [tT]",
    "l(?:onely|isten)",
    "לבד",
    "(?:trust|alone)+",
    r"\d\.\d",
    "s a",
    "st al",
    "a{3}",
    "(?i)kind",
    "trust.*alone",
    "(?:not|alone.*) trust",
    "'s",
    "laughs",
    "(?i)S T",
    r"\bnot\s+alone\b",
    "t(?:he|rust) (?:not |can )?",
    r"(?i)don.t (?:trust|listen)",
    "pause",
    r"\(alone\)",
    "é",
    "(?:not |alone ){2}",
    "x_",
    "esteem trust",
    r"[^\w]lonely",
    r"(?-u:\b)trust",
    "^trust",
    "alone$",
];

fn term() -> impl Strategy<Value = String> {
    select(TERMS).prop_map(str::to_owned)
}

fn atom() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => term(),
        3 => (prop::collection::vec(term(), 2..4), 0..3_u8).prop_map(|(terms, slop)| match slop {
            0 => format!("\"{}\"", terms.join(" ")),
            _ => format!("\"{}\"~{slop}", terms.join(" ")),
        }),
        2 => select(PATTERNS).prop_map(|pattern| format!("/{pattern}/")),
        1 => select(&["role:participant", "role:interviewer", "lang:en", "speaker:P*", "question:hope"][..])
            .prop_map(str::to_owned),
    ]
}

pub fn query() -> impl Strategy<Value = String> {
    atom().prop_recursive(3, 12, 2, |part| {
        prop_oneof![
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("({a} AND {b})")),
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("({a} AND NOT {b})")),
            (part.clone(), part.clone(), 0..4).prop_map(|(a, b, n)| format!("({a} NEAR/{n} {b})")),
            (part.clone(), part.clone(), 0..4).prop_map(|(a, b, n)| format!("({a} THEN/{n} {b})")),
            part.prop_map(|a| format!("WITHIN sentence ({a})")),
        ]
    })
}

pub fn turn() -> impl Strategy<Value = String> {
    let piece = (select(WORDS), select(BETWEEN), 0..60_u8).prop_map(|(word, gap, odd)| match odd {
        0 => format!("{}{word}{gap}", "a".repeat(250)),
        1 => format!("{}{gap}", "é".repeat(200)),
        _ => format!("{word}{gap}"),
    });
    prop::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
}

/// Stretches of a turn as regular expressions: whatever the text holds, a gate must open for it.
pub fn stretch(turn: &str, from: Index, length: usize, without_case: bool) -> String {
    let characters: Vec<char> = turn.chars().collect();
    let from = if characters.is_empty() { 0 } else { from.index(characters.len()) };
    let stretch: String = characters.into_iter().skip(from).take(length).collect();
    let stretch = if without_case { stretch.to_uppercase() } else { stretch };
    format!("/{}{}/", if without_case { "(?i)" } else { "" }, regex::escape(&stretch).replace('/', r"\/"))
}
