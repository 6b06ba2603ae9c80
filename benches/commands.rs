//! Peers that run as processes of their own where they are installed: Xapian through its Python module, and ripgrep.

use crate::{Result, Said, millis};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Queries of a kind that are handed to ripgrep: each reads the whole text.
const FEW: usize = 20;

/// The corpus as one text, a turn a line.
pub fn write_texts(said: &[Said], folder: &Path) -> Result<PathBuf> {
    let path = folder.join("texts");
    let mut file = std::io::BufWriter::new(fs::File::create(&path)?);
    for (.., words) in said {
        writeln!(file, "{}", words.replace(['\n', '\r'], " "))?;
    }
    file.flush()?;
    Ok(path)
}

/// Builds and asks Xapian; prints what it says.
pub fn xapian(texts: &Path, queries: &BTreeMap<String, Vec<String>>, folder: &Path) -> Result<()> {
    let has = |python: &&str| {
        let asked = Command::new(python).args(["-c", "import xapian"]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    // Debian's module belongs to Debian's Python, which need not be the first on the path.
    let Some(python) = ["python3", "/usr/bin/python3"].into_iter().find(has) else {
        println!("xapian: skipped, python3 has no module of this name (Debian: python3-xapian)");
        return Ok(());
    };
    let list = folder.join("queries");
    let lines = queries.iter().flat_map(|(kind, all)| all.iter().map(move |query| format!("{kind}\t{query}\n")));
    fs::write(&list, lines.collect::<String>())?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/xapian_search.py");
    let output = Command::new(python).arg(script).arg(texts).arg(list).arg(folder.join("xapian")).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            [kind, median, most] => println!("{kind:10} {:>14}   Xapian", format!("{median}/{most}")),
            _ => println!("Xapian: {line} s"),
        }
    }
    Ok(())
}

/// Counts the lines with the words, by ripgrep: it reads everything each time, and ranks nothing.
pub fn ripgrep(texts: &Path, queries: &BTreeMap<String, Vec<String>>) -> Result<()> {
    if Command::new("rg").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        println!("ripgrep: skipped, there is no command `rg`");
        return Ok(());
    }
    for (kind, all) in queries {
        let mut times: Vec<Duration> = Vec::new();
        for pattern in all.iter().take(FEW).filter_map(|line| pattern(kind, line)) {
            let before = Instant::now();
            Command::new("rg").args(["--no-unicode", "-i", "-c", &pattern]).arg(texts).output()?;
            times.push(before.elapsed());
        }
        times.sort();
        if let Some(median) = times.get(times.len() / 2) {
            println!("{kind:10} {:>11.0} ms   ripgrep, whole process", millis(*median));
        }
    }
    Ok(())
}

/// A line of the list as a regular expression. Words in any order would need one for each order.
fn pattern(kind: &str, line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_start_matches('+')).collect();
    Some(match kind {
        "bool_and" => return None,
        "bool_or" => format!(r"\b(?:{})\b", words.join("|")),
        "prefix" => format!(r"\b{line}\w*"),
        "regex" => format!(r"\b{}\b", line.replace(".*", r"\w*")),
        "slop" => format!(r"\b{}\b", words.join(r"\W+(?:\w+\W+){0,5}")),
        _ => format!(r"\b{}\b", words.join(r"\W+")),
    })
}
