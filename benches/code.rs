//! How fast one thread codes: megabytes of text per second of processor time, for the scan alone (tokens, what words
//! mean to polarity, every hit of every rule) and for suggestions (with polarity, time, experiencer, spans and ids).
//!
//! Run with `cargo bench --bench code`. Environment: `CORPUS` (JSON lines with a `text` each; a made-up dialogue where
//! it is not set), `DICTIONARY` (JSON: theme to `lit`, `stem` and `re` lists; a few rules of our own otherwise),
//! `LANGUAGE` (`en`; with `und` nothing is stemmed and no polarity list applies, as where a dictionary lists all the
//! forms it wants), `ROUNDS`.

mod corpus;
mod dictionary;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use themata::code::{Coder, Scratch, TurnContext};
use themata::model::{Role, Segmentation, Settings, Source, SourceFormat, Span, Turn};

fn main() -> Result<(), Box<dyn Error>> {
    let turns = match env::var("CORPUS") {
        Ok(path) => turns_of(&path)?,
        Err(_) => corpus::dialogue(50),
    };
    let codebook = match env::var("DICTIONARY") {
        Ok(path) => dictionary::codebook_of(&path)?,
        Err(_) => dictionary::own_codebook(),
    };
    let language = env::var("LANGUAGE").unwrap_or_else(|_| "en".into());
    let rounds: u32 = env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    let coder = Coder::new(&codebook, &Settings::default())?;
    // One text in a row, as the text of a source is.
    let text = turns.concat();
    let (segmentation, source) = one_source(&turns, language);
    let megabytes = text.len() as f64 / 1e6;
    println!("{megabytes:.1} MB of text in {} turns, {} rules", turns.len(), coder.rules().rules().len());
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
            peak_memory()?
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

/// All turns as one interview in which everybody is a participant.
fn one_source(turns: &[String], language: String) -> (Segmentation, Source) {
    let mut at = 0;
    let turn = |words: &String| {
        let span = Span::new(at, at + words.len() as u32);
        at = span.end;
        Turn { span, speaker: 0, time_ms: None, question: None, language: None }
    };
    let turns: Vec<Turn> = turns.iter().map(turn).collect();
    let source = Source {
        name: "corpus".into(),
        format: SourceFormat::Text,
        revision: String::new(),
        segmentation: String::new(),
        first_ordinal: 0,
        turns: turns.len() as u32,
        original: None,
        language,
        wave: None,
        roles: [("P".to_owned(), Role::Participant)].into(),
        participants: BTreeMap::new(),
        attributes: BTreeMap::new(),
        not_asked: Vec::new(),
        focus_group: false,
    };
    (Segmentation { speakers: vec!["P".into()], turns, ..Segmentation::default() }, source)
}

fn turns_of(path: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let text = |line: &str| -> Result<String, Box<dyn Error>> {
        let line: serde_json::Value = serde_json::from_str(line)?;
        Ok(line.get("text").and_then(|text| text.as_str()).unwrap_or("").to_owned())
    };
    fs::read_to_string(path)?.lines().map(text).collect()
}

/// User and system time of this process so far; Linux counts them in hundredths of a second.
fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name before the bracket may hold spaces; `utime` and `stime` are the 12th and 13th fields behind it.
    let behind_name = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: Vec<f64> =
        behind_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

/// The most memory this process ever held, in megabytes.
fn peak_memory() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? / 1000)
}
