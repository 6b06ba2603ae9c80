//! The index beside bare tantivy and SQLite's FTS5, in one run: building it, searching it by kind of query, coding from
//! it, and a decision made durable. Prints what each took and the ratios; asserts nothing.
//!
//! Run with `cargo bench --bench index`. Environment: `CORPUS` (JSON lines with `participant`, `speaker`, `text`; a
//! made-up dialogue of `MEGABYTES` where it is not set), `QUERIES` (kind, tab, query; some of our own otherwise),
//! `DICTIONARY` (as in the bench `code`), `ROUNDS`, `ONLY` (`build`, `search`, `facets`, `lines`, `commands`,
//! `recode`, `decide`), `STUDY` (an empty
//! folder where the study is to stay).
//!
//! Xapian and ripgrep run as processes of their own where they are installed (`ONLY=commands`).
//!
//! Bare tantivy runs the same query with its words spelled out as the forms that they stand for, collects the best 20
//! and makes a snippet of each; ours gives the best 20 with every highlight. FTS5 runs the words as they are, by rank,
//! with snippets.

mod commands;
mod corpus;
mod dictionary;
mod peers;

use peers::{Bare, Fts};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use themata::code::Coder;
use themata::index::{Index, Reader, context, no_conditions, sort_key};
use themata::join::{ScoreTable, TurnSets};
use themata::model::{
    Coding, Origin, Polarity, Qualifiers, Role, Segmentation, Source, SourceFormat, Span, Turn, Visible,
};
use themata::query::reference::Interval;
use themata::query::{Field, Query, parse};
use themata::store::{Environment, Store, Study};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// One turn: who, in which role, what.
type Said = (String, String, String);

fn main() -> Result<()> {
    let said = match variable("CORPUS") {
        Some(path) => turns_of(&path)?,
        None => made_up(variable("MEGABYTES").and_then(|n| n.parse().ok()).unwrap_or(20)),
    };
    let folder = tempfile::tempdir()?;
    let at = variable("STUDY").map_or_else(|| folder.path().to_owned(), std::path::PathBuf::from);
    let (store, study) = study_of(&said, &at)?;
    let text: usize = said.iter().map(|(.., text)| text.len()).sum();
    println!("{:.1} MB of text, {} turns, {} sources", text as f64 / 1e6, said.len(), study.sources.len());
    let wanted = |what: &str| variable("ONLY").is_none_or(|only| only == what);
    let peers = match wanted("build") || wanted("search") {
        true => Some((
            Bare::build(&said, &folder.path().join("bare"), false)?,
            Fts::build(&said, &folder.path().join("fts.db"))?,
        )),
        false => None,
    };
    let before = processor_seconds()?;
    let index = Index::open(&store, &study);
    let ours = processor_seconds()? - before;
    let with_speakers = match wanted("facets") {
        true => Some(Bare::build(&said, &folder.path().join("facets"), true)?),
        false => None,
    };
    let texts = match wanted("commands") {
        true => Some(commands::write_texts(&said, folder.path())?),
        false => None,
    };
    drop(said);
    print!("build: ours {ours:.2} s");
    if let Some((bare, fts)) = &peers {
        let (bare, fts) = (bare.seconds, fts.seconds);
        print!(", bare tantivy {bare:.2} s ({:.2} x its speed), FTS5 {fts:.2} s", bare / ours);
    }
    println!("; peak {} MB, of it anonymous now {} MB", status("VmHWM")?, status("RssAnon")?);
    for _ in 0..rounds() {
        start_up(&at)?;
    }
    let before = Instant::now();
    let reader = index.reader(&store, &study);
    println!("a reader: {:.2} ms", millis(before.elapsed()));
    if let Some((bare, fts)) = peers.filter(|_| wanted("search")) {
        search(&reader, &bare, &fts)?;
    }
    if let Some(bare) = with_speakers {
        facets(&reader, &study, &bare)?;
    }
    if wanted("lines") {
        lines(&reader)?;
    }
    if let Some(texts) = texts {
        commands::xapian(&texts, &queries()?, folder.path())?;
        commands::ripgrep(&texts, &queries()?)?;
    }
    if wanted("recode") {
        recode(&reader, &store, &study)?;
    }
    if wanted("decide") {
        decide(&reader, &study, &at)?;
    }
    Ok(())
}

/// What a search does before it can answer, and its first answer.
fn start_up(folder: &Path) -> Result<()> {
    let before = Instant::now();
    let store = Store::open_read_only(folder, environment())?;
    let study = Study::load(&store)?;
    let read = before.elapsed();
    let index = Index::open(&store, &study);
    let opened = before.elapsed();
    best_of(&index.reader(&store, &study), "trust")?;
    println!(
        "start-up: study {:.1} ms, index {:.1} ms, first answer {:.1} ms",
        millis(read),
        millis(opened - read),
        millis(before.elapsed() - opened)
    );
    Ok(())
}

/// The whole dictionary from the index and by reading every text; then one rule that was edited.
fn recode(reader: &Reader<'_>, store: &Store, study: &Study) -> Result<()> {
    let codebook = match variable("DICTIONARY") {
        Some(path) => dictionary::codebook_of(&path)?,
        None => dictionary::own_codebook(),
    };
    let coder = Coder::new(&codebook, &study.settings)?;
    let queries = || coder.rules().rules().iter().map(|rule| &rule.query);
    let mut suggested = BTreeMap::new();
    for _ in 0..rounds() {
        let before = processor_seconds()?;
        let turns = reader.candidates(queries())?;
        let listed = processor_seconds()?;
        suggested = coder.study_by_index(study, reader)?;
        let indexed = processor_seconds()?;
        let mut texts = BTreeMap::new();
        for (id, source) in &study.sources {
            texts.insert(id.clone(), study.text(store, source)?);
        }
        let read = processor_seconds()?;
        let scanned: usize = coder.study(study, &texts).values().map(Vec::len).sum();
        let done = processor_seconds()?;
        println!(
            "recode, {} rules: lists {:.0} ms ({} turns), from the index {:.2} s ({} suggestions); reading {:.2} s + scanning {:.2} s ({scanned}): {:.2} of a scan, {:.2} with reading",
            coder.rules().rules().len(),
            (listed - before) * 1e3,
            turns.len(),
            indexed - listed,
            suggested.values().map(Vec::len).sum::<usize>(),
            read - indexed,
            done - read,
            (indexed - listed) / (done - read),
            (indexed - listed) / (done - indexed),
        );
    }
    for rule in ["kitchen", "lonel*", "\"count on\"", "trust*"] {
        let changed = [parse(rule)?];
        let (mut lists, mut whole, mut turns) = (Vec::new(), Vec::new(), 0);
        for _ in 0..rounds() {
            let mut copy = suggested.clone();
            lists.push(timed(|| {
                turns = reader.candidates(&changed)?.len();
                Ok(())
            })?);
            whole.push(timed(|| Ok(coder.recode(&mut copy, &changed, study, reader)?))?);
        }
        let at = |times: Vec<Duration>| percentile(times, 50).map_or(0.0, millis);
        println!("one rule ({rule}): {turns} turns, lists {:.2} ms, suggestions {:.1} ms", at(lists), at(whole));
    }
    Ok(())
}

/// A coding durable and findable, beside a row of the same size in a bare SQLite file.
fn decide(reader: &Reader<'_>, study: &Study, folder: &Path) -> Result<()> {
    let environment = environment();
    let mut store = Store::open(folder, environment)?;
    let bare = rusqlite::Connection::open(folder.join("bare.db"))?;
    bare.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (id INTEGER PRIMARY KEY, json TEXT);",
    )?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let sources: Vec<(&String, &Source)> = study.sources.iter().collect();
    for k in 0..300_u32 {
        let Some((id, source)) = sources.get(k as usize % sources.len()) else { continue };
        let text = study.text(&store, source)?;
        let span = text.segmentation.turns.get(1).map_or(Span::new(0, 1), |turn| turn.span);
        let coding = coding(id, source, span, &store);
        let json = serde_json::to_string(&coding)?;
        ours.push(timed(|| {
            let mut change = store.change("code add", None);
            change.put(&format!("c-{k}"), &coding)?;
            change.commit()?;
            Ok(reader.turns_in(id, span)?.len())
        })?);
        theirs.push(timed(|| Ok(bare.execute("INSERT INTO row (json) VALUES (?1)", [&json])?))?);
    }
    let at = |times: Vec<Duration>| percentile(times, 50).map_or(0.0, micros);
    let (ours, theirs) = (at(ours), at(theirs));
    println!("a decision, durable and findable: {ours:.0} us; a bare row {theirs:.0} us: {:.2} x", ours / theirs);
    Ok(())
}

fn coding(source_id: &str, source: &Source, span: Span, store: &Store) -> Coding {
    Coding {
        code: Some("trust".into()),
        source: source_id.into(),
        revision: source.revision.clone(),
        span,
        digest: store.keyed_digest("words"),
        coder: "bench".into(),
        polarity: Polarity::Present,
        qualifiers: Qualifiers::default(),
        origin: Origin::ByHand,
        confidence: None,
        codebook_version: 1,
        indicator: None,
        trigger: None,
        rule_set: None,
        note: String::new(),
        visible: Visible::default(),
        round: themata::model::FIRST_ROUND,
    }
}

fn rounds() -> usize {
    variable("ROUNDS").and_then(|rounds| rounds.parse().ok()).unwrap_or(5)
}

fn search(reader: &Reader<'_>, bare: &Bare, fts: &Fts) -> Result<()> {
    println!("{:10} {:>14} {:>14} {:>14}   p50 to bare, FTS5", "p50/p99 us", "ours", "bare", "FTS5");
    for (kind, queries) in queries()? {
        let (mut ours, mut theirs, mut sqlite) = (Vec::new(), Vec::new(), Vec::new());
        for line in &queries {
            let (text, query) = as_ours(&kind, line)?;
            let expanded = bare.expand(&kind, &query, reader)?;
            let fts_query = fts.query(&kind, line);
            let mut times = [Vec::new(), Vec::new(), Vec::new()];
            for _ in 0..rounds() {
                times[0].push(timed(|| best_of(reader, &text))?);
                times[1].push(timed(|| bare.best(&*expanded))?);
                if let Some(query) = &fts_query {
                    times[2].push(timed(|| fts.best(query))?);
                }
            }
            for (all, times) in [&mut ours, &mut theirs, &mut sqlite].into_iter().zip(times) {
                all.extend(percentile(times, 50));
            }
        }
        let shown = |times: &[Duration]| -> String {
            let at = |p| percentile(times.to_vec(), p).map_or("-".into(), |time| format!("{:.0}", micros(time)));
            format!("{}/{}", at(50), at(99))
        };
        let ratio = |a: &[Duration], b: &[Duration]| match (percentile(a.to_vec(), 50), percentile(b.to_vec(), 50)) {
            (Some(a), Some(b)) => format!("{:.2}", micros(a) / micros(b)),
            _ => "-".into(),
        };
        println!(
            "{kind:10} {:>14} {:>14} {:>14}   {} x, {} x as fast",
            shown(&ours),
            shown(&theirs),
            shown(&sqlite),
            ratio(&ours, &theirs),
            ratio(&sqlite, &ours)
        );
    }
    Ok(())
}

/// Counts by participant of what participants say, beside bare tantivy's of the 20 who say most.
fn facets(reader: &Reader<'_>, study: &Study, bare: &Bare) -> Result<()> {
    let scores = ScoreTable::of(study);
    let sets = TurnSets::new(study, &scores, reader, &|_, _| true);
    let (mut ours, mut theirs, mut turns) = (Vec::new(), Vec::new(), Vec::new());
    for line in queries_of("facet")? {
        let Some(word) = line.split_whitespace().next_back() else { continue };
        let expanded = bare.expand("term", &parse(word)?, reader)?;
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..rounds() {
            times[0].push(timed(|| {
                let mut found = Vec::new();
                let query = parse(&format!("{word} AND role:participant"))?;
                reader.search(&query, &no_conditions)?.count(&mut |turn, hits| found.push((turn, hits)))?;
                turns.push(found.len());
                Ok(sets.facet(&Field::Participant, &found)?.len())
            })?);
            times[1].push(timed(|| bare.facet(&*expanded))?);
        }
        let [our, their] = times;
        ours.extend(percentile(our, 50));
        theirs.extend(percentile(their, 50));
    }
    let at = |times: &[Duration], p| percentile(times.to_vec(), p).map_or(0.0, micros);
    turns.sort_unstable();
    println!(
        "facets     {:>14.0}/{:.0} ours, {:.0}/{:.0} bare: {:.2} x; turns found {:?} in the middle, {:?} at most",
        at(&ours, 50),
        at(&ours, 99),
        at(&theirs, 50),
        at(&theirs, 99),
        at(&ours, 50) / at(&theirs, 50),
        turns.get(turns.len() / 2),
        turns.last()
    );
    Ok(())
}

/// A line for each hit of a phrase that is found about ten thousand times in a hundred megabytes, sorted by what follows.
fn lines(reader: &Reader<'_>) -> Result<()> {
    let phrase = variable("PHRASE").unwrap_or_else(|| "\"a lot of\"".into());
    let mut hits = 0;
    let mut times = Vec::new();
    for _ in 0..rounds() {
        times.push(timed(|| {
            let mut found: Vec<(u32, Vec<Interval>)> = Vec::new();
            let query = parse(&phrase)?;
            reader.search(&query, &no_conditions)?.each(&mut |hit| found.push((hit.turn, hit.intervals.to_vec())))?;
            let (mut lines, mut tokens) = (Vec::new(), Vec::new());
            for (turn, intervals) in found {
                let text = reader.words(turn)?;
                tokens.clear();
                themata::text::tokenize(&text, &mut tokens);
                for hit in intervals {
                    let line = context(&text, &tokens, hit, Some(12));
                    let line = line.map(|line| [line.before, line.found, line.after].map(str::to_owned));
                    lines.push((sort_key(&text, &tokens, hit, false), line));
                }
            }
            lines.sort();
            hits = lines.len();
            Ok(hits)
        })?);
    }
    println!("lines of {phrase}: {hits} hits, {:.0} ms", percentile(times, 50).map_or(0.0, millis));
    Ok(())
}

/// What a person does: a query as typed, the best 20 turns with all highlights.
fn best_of(reader: &Reader<'_>, text: &str) -> Result<usize> {
    let query = parse(text)?;
    let search = reader.search(&query, &no_conditions)?;
    let mut marks = 0;
    for ranked in search.ranked(20)? {
        let turn = reader.turn(ranked.turn)?;
        marks += search.spans(&turn).map_or(0, |spans| spans.len());
    }
    Ok(marks)
}

/// A line of the list of queries in our language.
fn as_ours(kind: &str, line: &str) -> Result<(String, Query)> {
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_start_matches('+')).collect();
    let text = match kind {
        "phrase" => format!("\"{}\"", words.join(" ")),
        "slop" => format!("\"{}\"~5", words.join(" ")),
        "bool_and" => words.join(" AND "),
        "bool_or" => words.join(" OR "),
        "prefix" => format!("{line}*"),
        "regex" => line.replace(".*", "*"),
        _ => words.join(" "),
    };
    let query = parse(&text)?;
    Ok((text, query))
}

/// The queries of one kind.
fn queries_of(kind: &str) -> Result<Vec<String>> {
    Ok(all_queries()?.remove(kind).unwrap_or_default())
}

/// The queries by kind, without those that only count.
fn queries() -> Result<BTreeMap<String, Vec<String>>> {
    let mut queries = all_queries()?;
    queries.remove("facet");
    Ok(queries)
}

fn all_queries() -> Result<BTreeMap<String, Vec<String>>> {
    const OWN: &str = "term\ttrust\nterm\tlonely\nterm\tkitchen\nphrase\tcount on\nphrase\tback then\n\
        bool_and\t+nurse +trust\nbool_or\tnurse sister lonely\nprefix\ttru\nprefix\tlon\nfacet\tparticipant trust\nslop\tleft peace\nregex\t.*ous.*\n";
    let text = match variable("QUERIES") {
        Some(path) => fs::read_to_string(path)?,
        None => OWN.to_owned(),
    };
    let mut queries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (kind, query) in text.lines().filter_map(|line| line.split_once('\t')) {
        queries.entry(kind.to_owned()).or_default().push(query.to_owned());
    }
    Ok(queries)
}

fn environment() -> Environment {
    let now = "2026-03-01T10:00:00Z".into();
    Environment { actor: "bench".into(), now, seed: [1; 32], process: "bench".into() }
}

/// A study in which each participant has one interview.
fn study_of(said: &[Said], folder: &Path) -> Result<(Store, Study)> {
    let environment = Environment {
        actor: "bench".into(),
        now: "2026-03-01T10:00:00Z".into(),
        seed: [1; 32],
        process: "bench".into(),
    };
    let mut store = Store::create(folder, environment)?;
    let sources: Vec<&[Said]> = said.chunk_by(|a, b| a.0 == b.0).collect();
    for some in sources.chunks(500) {
        let mut change = store.change("import", None);
        for said in some {
            let Some((participant, ..)) = said.first() else { continue };
            let (mut text, mut turns) = (String::new(), Vec::new());
            for (_, speaker, words) in *said {
                let start = text.len() as u32;
                text.push_str(words);
                let span = Span::new(start, text.len() as u32);
                let speaker = u32::from(speaker == "interviewer");
                turns.push(Turn { span, speaker, time_ms: None, question: None, language: None });
                text.push('\n');
            }
            let speakers = vec!["participant".to_owned(), "interviewer".to_owned()];
            let segmentation = Segmentation { speakers, turns, ..Segmentation::default() };
            let source = Source {
                name: participant.clone(),
                format: SourceFormat::Text,
                revision: change.blob(text.as_bytes())?,
                segmentation: change.segmentation(&segmentation)?,
                first_ordinal: change.ordinals(said.len() as u32)?,
                turns: said.len() as u32,
                original: None,
                language: variable("LANGUAGE").unwrap_or_else(|| "en".into()),
                wave: None,
                roles: [("participant", Role::Participant), ("interviewer", Role::Interviewer)]
                    .map(|(label, role)| (label.to_owned(), role))
                    .into(),
                participants: [("participant".to_owned(), participant.clone())].into(),
                attributes: BTreeMap::new(),
                not_asked: Vec::new(),
                focus_group: false,
            };
            change.put(&format!("s-{participant}"), &source)?;
        }
        change.commit()?;
    }
    let study = Study::load(&store)?;
    Ok((store, study))
}

fn turns_of(path: &str) -> Result<Vec<Said>> {
    let turn = |line: &str| -> Result<Said> {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let text = |key: &str| line.get(key).and_then(|value| value.as_str()).unwrap_or("").to_owned();
        Ok((text("participant"), text("speaker"), text("text")))
    };
    fs::read_to_string(path)?.lines().map(turn).collect()
}

fn made_up(megabytes: usize) -> Vec<Said> {
    let turns = corpus::dialogue(megabytes).into_iter().enumerate();
    let speaker = |k: usize| if k.is_multiple_of(2) { "interviewer" } else { "participant" };
    turns.map(|(k, text)| (format!("P{:05}", k / 100), speaker(k).to_owned(), text)).collect()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn timed<T>(run: impl FnOnce() -> Result<T>) -> Result<Duration> {
    let before = Instant::now();
    std::hint::black_box(run()?);
    Ok(before.elapsed())
}

fn percentile(mut times: Vec<Duration>, percent: usize) -> Option<Duration> {
    times.sort();
    times.get((times.len().saturating_sub(1) * percent + 50) / 100).copied()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// User and system time of this process so far; Linux counts them in hundredths of a second.
pub(crate) fn processor_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name before the bracket may hold spaces; `utime` and `stime` are the 12th and 13th fields behind it.
    let behind_name = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: Vec<f64> =
        behind_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

/// A line of this process's status, in megabytes.
fn status(name: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or(": 0");
    let number = line.trim_start_matches(':').trim().trim_end_matches("kB").trim();
    Ok(number.parse::<u64>()? / 1000)
}
