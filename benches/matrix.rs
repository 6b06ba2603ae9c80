//! How fast tables and models are, in processor time of one thread.
//!
//! Run with `cargo bench --bench matrix`. Environment: `STUDY` (a study's folder: every code by its `OUTCOMES`, comma
//! separated, with every test of a cell), `DATA` (a folder that `benches/peers/matrix_data.py` wrote: themes by outcomes
//! over many people, and alpha with 1,000 resamples), `CLINIC` (a table with `therapist`, `anxiety` and eight columns of
//! engagement: a multilevel model), `ROUNDS`. What is not set is left out. The figures are printed with the statistics,
//! so that they can be held against those of the peers.

mod clock;

use clock::processor_seconds;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use themata::join::{Layer, Outcome, ScoreTable, SpeechTable, statements};
use themata::matrix::{MatrixInputs, MatrixSpec, Test, build};
use themata::stats::{self, MixedMethod, RandomTerm, Ranks, TwoByTwo};
use themata::store::{Environment, Store, Study};

type Outcomes = Result<(), Box<dyn Error>>;

fn main() -> Outcomes {
    let rounds: u32 = env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    if let Ok(folder) = env::var("STUDY") {
        study(Path::new(&folder), rounds)?;
    }
    if let Ok(folder) = env::var("DATA") {
        themes(Path::new(&folder), rounds)?;
        alpha(Path::new(&folder), rounds)?;
    }
    if let Ok(file) = env::var("CLINIC") {
        clinic(Path::new(&file), rounds)?;
    }
    Ok(())
}

/// The median of several rounds, in seconds.
fn median(rounds: u32, mut work: impl FnMut() -> Outcomes) -> Result<f64, Box<dyn Error>> {
    let mut seconds = Vec::new();
    for _ in 0..rounds {
        let before = processor_seconds()?;
        work()?;
        seconds.push(processor_seconds()? - before);
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds.get(seconds.len() / 2).copied().unwrap_or_default())
}

/// Every code of a study by each outcome, with every test that needs no resampling.
fn study(folder: &Path, rounds: u32) -> Outcomes {
    let environment = Environment {
        actor: "bench".into(),
        now: "2026-01-01T00:00:00.000Z".into(),
        seed: [0; 32],
        process: "bench".into(),
    };
    let store = Store::open_read_only(folder, environment)?;
    let study = Study::load(&store)?;
    let mut texts = BTreeMap::new();
    for (id, source) in &study.sources {
        texts.insert(id.clone(), study.text(&store, source)?);
    }
    let scores = ScoreTable::of(&study);
    let mut speech = SpeechTable::default();
    for (id, source) in &study.sources {
        if let Some(text) = texts.get(id) {
            speech.add(&study, id, source, text);
        }
    }
    let said = statements(&study, &texts, &Layer::default())?;
    let late = BTreeSet::new();
    let inputs = MatrixInputs {
        study: &study,
        scores: &scores,
        statements: &said,
        speech: &speech,
        filter: None,
        late_plans: &late,
    };
    let outcomes = env::var("OUTCOMES").unwrap_or_else(|_| "attachment.T1=secure,wellbeing.change".into());
    let outcomes: Vec<Outcome> = outcomes.split(',').map(Outcome::parse).collect::<Result<_, _>>()?;
    let tests =
        [Test::Fisher, Test::MidP, Test::OddsRatio, Test::MannWhitney, Test::Welch, Test::HedgesG, Test::ChiSquare];
    // One round is too short for the clock's ticks of a hundredth of a second.
    let times = 50;
    let mut rows = 0;
    let seconds = median(rounds, || {
        for _ in 0..times {
            for outcome in &outcomes {
                let mut spec = MatrixSpec::new(outcome.clone());
                spec.tests = tests.to_vec();
                rows = build(&inputs, &spec)?.rows.len();
            }
        }
        Ok(())
    })?;
    println!(
        "study: {rows} codes by {} outcomes, every test of a cell: {:.2} ms",
        outcomes.len(),
        1000.0 * seconds / f64::from(times)
    );
    Ok(())
}

fn numbers<T>(folder: &Path, name: &str, size: usize, read: impl Fn(&[u8]) -> T) -> Result<Vec<T>, Box<dyn Error>> {
    Ok(fs::read(folder.join(name))?.chunks_exact(size).map(read).collect())
}

fn double(bytes: &[u8]) -> f64 {
    bytes.try_into().map(f64::from_le_bytes).unwrap_or(f64::NAN)
}

/// From rows of (participant, theme) to counts, Fisher's p and Mann-Whitney's p per theme.
fn themes(folder: &Path, rounds: u32) -> Outcomes {
    let group: Vec<bool> = numbers(folder, "group.i8", 1, |bytes| bytes == [1])?;
    let score = numbers(folder, "score.f64", 8, double)?;
    let who = numbers(folder, "who.i32", 4, |bytes| bytes.try_into().map(u32::from_le_bytes).unwrap_or(0))?;
    let theme = fs::read(folder.join("theme.i8"))?;
    let mut printed = String::new();
    let seconds = median(rounds, || {
        // A bit a theme, so that all that is known of people fits into the processor's cache.
        let mut said = vec![0_u8; group.len()];
        for (&who, &theme) in who.iter().zip(&theme) {
            if let Some(person) = said.get_mut(who as usize) {
                *person |= 1 << theme;
            }
        }
        let ranks = Ranks::of(&score);
        printed.clear();
        for theme in 0..5 {
            let people: Vec<bool> = said.iter().map(|person| person >> theme & 1 == 1).collect();
            let table = TwoByTwo::count(&group, &people);
            let fisher = stats::fisher_exact(&table).p_two_sided;
            let ranked = stats::mann_whitney_ranked(&ranks, &people)?;
            printed.push_str(&format!(
                "  {} {}: Fisher p {fisher:.6}, Mann-Whitney p {:.6}\n",
                table.a, table.c, ranked.p_asymptotic_cc?
            ));
        }
        Ok(())
    })?;
    println!("themes: 5 by 2 outcomes, {} people, {} rows: {:.1} ms", group.len(), who.len(), 1000.0 * seconds);
    print!("{printed}");
    Ok(())
}

/// Krippendorff's alpha of three coders with 1,000 resamples of units.
fn alpha(folder: &Path, rounds: u32) -> Outcomes {
    let ratings = numbers(folder, "ratings.f64", 8, double)?;
    let units = ratings.len() / 3;
    let rating = |coder: usize, unit: usize| ratings.get(coder * units + unit).copied().filter(|r| !r.is_nan());
    let table: Vec<Vec<Option<f64>>> =
        (0..units).map(|unit| (0..3).map(|coder| rating(coder, unit)).collect()).collect();
    let mut printed = String::new();
    let seconds = median(rounds, || {
        let alpha = stats::krippendorff_alpha(&table, stats::Metric::Nominal)?.alpha?;
        let found = stats::krippendorff_alpha_interval(&table, stats::Metric::Nominal, 0.95, 1000, 1)?;
        printed = format!("alpha {alpha:.5} [{:.5}, {:.5}]", found.interval.lower, found.interval.upper);
        Ok(())
    })?;
    println!("alpha: {units} units by 3 coders, 1,000 resamples: {:.1} ms\n  {printed}", 1000.0 * seconds);
    Ok(())
}

/// Growth of engagement: sessions within clients within therapists.
fn clinic(file: &Path, rounds: u32) -> Outcomes {
    let text = fs::read_to_string(file)?;
    let (mut y, mut time, mut anxiety) = (Vec::new(), Vec::new(), Vec::new());
    let (mut client, mut therapist) = (Vec::new(), Vec::new());
    for (k, line) in text.lines().skip(1).enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        let [_, of, anxious, sessions @ ..] = cells.as_slice() else { continue };
        let of: usize = of.trim_start_matches('T').parse()?;
        let anxious: f64 = anxious.parse()?;
        for (session, value) in sessions.iter().enumerate() {
            y.push(value.parse::<f64>()?);
            time.push(session as f64);
            anxiety.push(anxious);
            client.push(k);
            therapist.push(of);
        }
    }
    let random = [
        RandomTerm { level: client, intercept: true, slopes: Vec::new() },
        RandomTerm { level: therapist, intercept: true, slopes: Vec::new() },
    ];
    let predictors = [time, anxiety];
    let mut printed = String::new();
    let seconds = median(rounds, || {
        let fit = stats::linear_mixed_model(&predictors, &y, &random, MixedMethod::Reml, 0.95)?;
        let estimates: Vec<String> =
            fit.coefficients.iter().map(|c| format!("{:.5} ({:.5})", c.estimate, c.se)).collect();
        printed = format!("{}; sigma {:.5}, REML criterion {:.3}", estimates.join(", "), fit.sigma, fit.criterion);
        Ok(())
    })?;
    println!(
        "clinic: {} observations, with Satterthwaite's degrees of freedom: {:.1} ms\n  {printed}",
        y.len(),
        1000.0 * seconds
    );
    Ok(())
}
