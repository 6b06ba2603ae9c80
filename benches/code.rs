//! How fast one thread codes: megabytes of text per second of processor time, for the scan alone (tokens, what words
//! mean to polarity, every hit of every rule) and for suggestions (with polarity, time, experiencer, spans and ids).
//!
//! Run with `cargo bench --bench code`. Environment: `CORPUS` (JSON lines with a `text` each; a made-up dialogue where
//! it is not set), `DICTIONARY` (JSON: theme to `lit`, `stem` and `re` lists; a few rules of our own otherwise),
//! `LANGUAGE` (`en`; with `und` nothing is stemmed and no polarity list applies, as where a dictionary lists all the
//! forms it wants), `ROUNDS`.

mod clock;
mod corpus;
mod dictionary;

use clock::processor_seconds;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use themata::code::{Coder, Scratch, TurnContext};
use themata::model::{Role, Segmentation, Settings, Source, SourceFormat, Span, Turn};

fn main() -> Result<(), Box<dyn Error>> {
    // One text in a row, as the text of a source is, and nothing else of the corpus in memory.
    let (text, segmentation) = match env::var("CORPUS") {
        Ok(path) => in_a_row(turns_of(&path)?),
        Err(_) => in_a_row(corpus::dialogue(50).into_iter().map(Ok)),
    }?;
    let codebook = match env::var("DICTIONARY") {
        Ok(path) => dictionary::codebook_of(&path)?,
        Err(_) => dictionary::own_codebook(),
    };
    let language = env::var("LANGUAGE").unwrap_or_else(|_| "en".into());
    let rounds: u32 = env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    let coder = Coder::new(&codebook, &Settings::default())?;
    let source = one_source(segmentation.turns.len() as u32, language);
    let megabytes = text.len() as f64 / 1e6;
    println!(
        "{megabytes:.1} MB of text in {} turns, {} rules, {} MB of memory before the first round",
        source.turns,
        coder.rules().rules().len(),
        memory("VmRSS:")?
    );
    for _ in 0..rounds {
        let before = processor_seconds()?;
        let (tokens, hits) = scan(&coder, &text, &segmentation, &source);
        let between = processor_seconds()?;
        let suggestions = coder.source(&text, &segmentation, &source).len();
        let after = processor_seconds()?;
        println!(
            "scan {:.0} MB/s ({tokens} tokens, {hits} hits), suggestions {:.0} MB/s ({suggestions}), peak {} MB",
            megabytes / (between - before),
            megabytes / (after - between),
            memory("VmHWM:")?
        );
    }
    Ok(())
}

/// Tokens and hits of all turns.
fn scan(coder: &Coder, text: &str, segmentation: &Segmentation, source: &Source) -> (usize, usize) {
    let context = TurnContext { speaker: "P", role: Role::Participant, question: None };
    let mut scratch = Scratch::default();
    let (mut tokens, mut hits) = (0, 0);
    for turn in &segmentation.turns {
        coder.rules().scan(&mut scratch, turn.span.of(text).unwrap_or(""), &source.language, &context);
        tokens += scratch.tokens.len();
        hits += scratch.hits.len();
    }
    (tokens, hits)
}

/// Turns as one text.
fn in_a_row(
    turns: impl Iterator<Item = Result<String, Box<dyn Error>>>,
) -> Result<(String, Segmentation), Box<dyn Error>> {
    let (mut text, mut segmentation) = (String::new(), Segmentation::default());
    segmentation.speakers.push("P".into());
    for turn in turns {
        let start = text.len() as u32;
        text.push_str(&turn?);
        let span = Span::new(start, text.len() as u32);
        segmentation.turns.push(Turn { span, speaker: 0, time_ms: None, question: None, language: None });
    }
    Ok((text, segmentation))
}

/// An interview in which everybody is a participant.
fn one_source(turns: u32, language: String) -> Source {
    Source {
        name: "corpus".into(),
        format: SourceFormat::Text,
        revision: String::new(),
        segmentation: String::new(),
        first_ordinal: 0,
        turns,
        original: None,
        language,
        wave: None,
        roles: [("P".to_owned(), Role::Participant)].into(),
        participants: BTreeMap::new(),
        attributes: BTreeMap::new(),
        not_asked: Vec::new(),
        focus_group: false,
    }
}

fn turns_of(path: &str) -> Result<impl Iterator<Item = Result<String, Box<dyn Error>>>, Box<dyn Error>> {
    let text = |line: std::io::Result<String>| {
        let line: serde_json::Value = serde_json::from_str(&line?)?;
        Ok(line.get("text").and_then(|text| text.as_str()).unwrap_or("").to_owned())
    };
    Ok(BufReader::new(fs::File::open(path)?).lines().map(text))
}

/// Memory of this process in megabytes, now (`VmRSS:`) or at most so far (`VmHWM:`).
fn memory(which: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(which)).unwrap_or("0");
    Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? / 1000)
}
