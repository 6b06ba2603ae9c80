//! How fast one thread finds every hit of every rule: megabytes of text per second of processor time.
//!
//! Run with `cargo bench --bench code`. Environment: `CORPUS` (JSON lines with a `text` each; a made-up dialogue where
//! it is not set), `DICTIONARY` (JSON: theme to `lit`, `stem` and `re` lists; a few rules of our own otherwise),
//! `LANGUAGE` (`und`, which has no stemmer, where the dictionary lists its word forms; `en`), `ROUNDS`.

mod corpus;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use themata::code::{NoClasses, RuleSet, Scratch, TurnContext};
use themata::model::{Code, Codebook, Polarity, Role, Rule};

fn main() -> Result<(), Box<dyn Error>> {
    let turns = match env::var("CORPUS") {
        Ok(path) => turns_of(&path)?,
        Err(_) => corpus::dialogue(50),
    };
    let codebook = match env::var("DICTIONARY") {
        Ok(path) => codebook_of(&path)?,
        Err(_) => own_codebook(),
    };
    let language = env::var("LANGUAGE").unwrap_or_else(|_| "und".into());
    let rounds: u32 = env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    // One text in a row, as the text of a source is.
    let text = turns.concat();
    let megabytes = turns.iter().map(String::len).sum::<usize>() as f64 / 1e6;
    let rules = RuleSet::compile(&codebook, Box::new(NoClasses)).map_err(|problems| {
        problems.first().map_or_else(String::new, |problem| format!("{problem}: {}", problem.fault))
    })?;
    let context = TurnContext { speaker: "", role: Role::Participant, question: None };
    println!("{megabytes:.1} MB of text in {} turns, {} rules", turns.len(), rules.rules().len());
    for _ in 0..rounds {
        let mut scratch = Scratch::default();
        let (before, mut hits, mut tokens) = (processor_seconds()?, 0, 0);
        let mut rest = text.as_str();
        for length in turns.iter().map(String::len) {
            let (turn, behind) = rest.split_at(length);
            rest = behind;
            rules.scan(&mut scratch, turn, &language, &context);
            hits += scratch.hits.len();
            tokens += scratch.tokens.len();
        }
        let seconds = processor_seconds()? - before;
        println!(
            "{:.0} MB per CPU second ({seconds:.2} s, {tokens} tokens, {hits} hits), peak {} MB",
            megabytes / seconds,
            peak_memory()?
        );
    }
    Ok(())
}

fn turns_of(path: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let text = |line: &str| -> Result<String, Box<dyn Error>> {
        let line: serde_json::Value = serde_json::from_str(line)?;
        Ok(line.get("text").and_then(|text| text.as_str()).unwrap_or("").to_owned())
    };
    fs::read_to_string(path)?.lines().map(text).collect()
}

fn codebook_of(path: &str) -> Result<Codebook, Box<dyn Error>> {
    let dictionary: BTreeMap<String, BTreeMap<String, Vec<String>>> = serde_json::from_str(&fs::read_to_string(path)?)?;
    let codes = dictionary.into_iter().map(|(theme, lists)| {
        let rules = lists.iter().flat_map(|(kind, patterns)| {
            patterns.iter().map(move |pattern| match kind.as_str() {
                "stem" => format!("{pattern}*"),
                "re" => format!("/(?i){pattern}/"),
                _ => format!("\"{pattern}\""),
            })
        });
        (theme, code(rules))
    });
    Ok(Codebook { name: "dictionary".into(), note: String::new(), codes: codes.collect() })
}

fn own_codebook() -> Codebook {
    let trust = ["trust*", "\"count on\"", "/(?i)\\bhonest(?:ly)? with\\b/"];
    let loneliness =
        ["alone", "lonel*", "\"left in peace\"~1", "empty NEAR/5 felt", "WITHIN sentence (nobody AND notice)"];
    let codes = [("trust", &trust[..]), ("loneliness", &loneliness[..])];
    let codes = codes.map(|(id, rules)| (id.to_owned(), code(rules.iter().map(|rule| (*rule).to_owned()))));
    Codebook { name: "own".into(), note: String::new(), codes: codes.into() }
}

fn code(rules: impl Iterator<Item = String>) -> Code {
    let rule = |query| Rule { query, polarity: Polarity::Present, target: None, language: None, fixed: false };
    Code { rules: rules.map(rule).collect(), ..Code::default() }
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
