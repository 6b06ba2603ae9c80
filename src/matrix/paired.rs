//! The same people twice: what they say of the time before and of the time since, or at two waves.

use super::build::{MatrixError, MatrixInputs, known_wave};
use super::declared::{self, Family};
use super::effect::{self, Effect, LEVEL, reason};
use super::measure::measure;
use super::row::in_denominator;
use super::rows::{Row, read_rows, rows_of};
use super::spec::{MatrixSpec, Measure, Rows, Test};
use super::standing::{sources_of, statements_of, told};
use super::test::{TestResult, title};
use crate::join::Outcome;
use crate::model::{Plan, PlannedTable, Time};
use crate::stats;
use std::collections::BTreeMap;

/// What makes the two occasions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Occasions {
    /// Statements about before, and those about the times that count.
    Time,
    /// Sources of two waves.
    Waves(String, String),
}

impl Occasions {
    /// The occasions as `--by` and plans write them; nothing for two waves that are not named.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "time" {
            return Some(Self::Time);
        }
        let (first, then) = text.strip_prefix("wave:")?.split_once(',')?;
        Some(Self::Waves(first.trim().to_owned(), then.trim().to_owned()))
    }

    /// As `--by` and plans write it.
    pub fn as_typed(&self) -> String {
        match self {
            Self::Time => "time".into(),
            Self::Waves(first, then) => format!("wave:{first},{then}"),
        }
    }
}

/// A code or theme at two occasions.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PairedRow {
    /// Code or theme id.
    pub id: String,
    /// Units compared with themselves.
    #[serde(rename = "N")]
    pub of: usize,
    /// At both, only first, only then, at neither.
    pub counts: [usize; 4],
    /// Mean and median of the measure, first and then; nothing for presence.
    pub centre: Option<[(f64, f64); 2]>,
    /// Paired effect, positive where there is more of it then.
    pub effect: Effect,
    /// Tests asked for.
    pub tests: Vec<TestResult>,
    /// Ids of the two cells.
    pub cells: [String; 2],
}

/// Codes or themes at two occasions.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PairedTable {
    /// Names of the occasions.
    pub occasions: [String; 2],
    /// What is compared.
    pub measure: Measure,
    /// Plural of what is counted.
    pub unit: &'static str,
    /// Rows.
    pub rows: Vec<PairedRow>,
    /// Codes that nobody has read for, left out.
    pub unread: usize,
    /// The declared family of tests that this table answers.
    pub family: Option<Family>,
    /// How the table departs from what was declared for it.
    pub deviations: Vec<String>,
}

/// Compares people with themselves. Only those count who were read for the row at both occasions.
pub fn paired(inputs: &MatrixInputs<'_>, spec: &MatrixSpec, occasions: &Occasions) -> Result<PairedTable, MatrixError> {
    let (specs, names) = specs(spec, occasions);
    for spec in &specs {
        known_wave(inputs.study, spec)?;
    }
    let (rows, unread) = read_rows(inputs, spec)?;
    let people = specs
        .each_ref()
        .map(|spec| (sources_of(inputs.study, spec), statements_of(inputs.study, spec, inputs.statements)));
    let build = |spec: &MatrixSpec, (id, _, codes): &Row| {
        let values = |k: usize| -> BTreeMap<&str, (bool, Option<f64>)> {
            let (sources, said) = &people[k];
            let none = Vec::new();
            let of = |(&unit, sources): (&&str, &Vec<&str>)| {
                let told = told(
                    inputs.study,
                    &specs[k],
                    inputs.statements,
                    codes,
                    unit,
                    sources,
                    said.get(unit).unwrap_or(&none),
                );
                let measured = measure(inputs, &specs[k], unit, &told);
                let kept = inputs.filter.is_none_or(|filter| filter.contains(unit));
                // A pair needs both, so that even `all` means: was interviewed at both.
                (kept && !sources.is_empty() && in_denominator(spec, told.standing)).then_some((told.counted, measured))
            };
            sources.iter().filter_map(|entry| Some((*entry.0, of(entry)?))).collect()
        };
        let (first, then) = (values(0), values(1));
        let both: Vec<_> = first.iter().filter_map(|(unit, one)| Some((*one, *then.get(unit)?))).collect();
        let ids = [0, 1].map(|k| specs[k].cell_id_of(&Outcome::everybody(), id, "yes"));
        row(spec, inputs.study.settings.seed, id, &both, ids)
    };
    let mut built: Vec<PairedRow> = rows.iter().map(|row| build(spec, row)).collect();
    let is_about = |plan: &Plan| plan.table == PlannedTable::By && plan.outcome == occasions.as_typed();
    let departs = |plan: &Plan| declared::departures(plan, spec);
    let met = declared::plan_of(inputs.study, inputs.late_plans, is_about, departs);
    let deviations = declared::deviations(inputs.study, spec, is_about, departs, met);
    let mut family = None;
    if let Some(met) = met {
        // The family is what was declared, whichever rows are shown today.
        let test = if spec.measure == Measure::Presence { Test::McNemar } else { Test::Wilcoxon };
        let tested = MatrixSpec { tests: vec![test], ..spec.clone() };
        let names = |themes: bool| if themes { Rows::Themes } else { Rows::Codes };
        let rows = rows_of(inputs.study, &names(!met.plan.themes.is_empty())(met.plan.rows().to_vec()))?;
        let results = rows.iter().map(|row| build(&tested, row));
        let results = results.filter_map(|row| Some((row.id, row.tests.into_iter().next()?))).collect();
        let (found, results) = declared::family(met, title(test), results);
        for (id, result) in results {
            built.iter_mut().filter(|row| row.id == id).for_each(|row| row.tests.insert(0, result.clone()));
        }
        family = Some(found);
    }
    Ok(PairedTable {
        occasions: names,
        measure: spec.measure,
        unit: spec.unit.plural(),
        rows: built,
        unread,
        family,
        deviations,
    })
}

fn specs(spec: &MatrixSpec, occasions: &Occasions) -> ([MatrixSpec; 2], [String; 2]) {
    let everybody = MatrixSpec { outcome: Outcome::everybody(), ..spec.clone() };
    match occasions {
        Occasions::Time => {
            let before = MatrixSpec { times: Some(vec![Time::Before]), ..everybody.clone() };
            ([before, everybody], ["before".into(), "since".into()])
        }
        Occasions::Waves(first, then) => {
            // Speech of a wave takes the wave's phase: what is said at a wave before counts there.
            let any = vec![Time::Before, Time::During, Time::After, Time::General, Time::Unknown];
            let times = everybody.times.clone().or(Some(any));
            let at = |wave: &String| MatrixSpec { wave: Some(wave.clone()), times: times.clone(), ..everybody.clone() };
            ([at(first), at(then)], [first.clone(), then.clone()])
        }
    }
}

type Occasion = (bool, Option<f64>);

fn row(spec: &MatrixSpec, seed: u64, id: &str, pairs: &[(Occasion, Occasion)], cells: [String; 2]) -> PairedRow {
    let count = |first: bool, then: bool| pairs.iter().filter(|(a, b)| a.0 == first && b.0 == then).count();
    let counts = [count(true, true), count(true, false), count(false, true), count(false, false)];
    if spec.measure == Measure::Presence {
        let [both, first, then, neither] = counts.map(|n| n as u64);
        let found = stats::mcnemar(&stats::TwoByTwo { a: both, b: first, c: then, d: neither }, LEVEL);
        let (effect, p) = of_presence(found);
        let tests = spec.tests.iter().map(|test| match test {
            Test::McNemar => match p {
                Ok(p) => TestResult::named(title(*test)).p(Ok(p)),
                Err(why) => TestResult::undefined(title(*test), reason(why)),
            },
            _ => unfit(*test, "mcnemar"),
        });
        return PairedRow {
            id: id.to_owned(),
            of: pairs.len(),
            counts,
            centre: None,
            effect,
            tests: tests.collect(),
            cells,
        };
    }
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().filter_map(|(a, b)| Some((a.1?, b.1?))).unzip();
    let tests = spec.tests.iter().map(|test| match test {
        Test::Wilcoxon => wilcoxon(&x, &y),
        _ => unfit(*test, "wilcoxon"),
    });
    let centre = |values: &[f64]| Some((effect::mean_of(values)?, effect::median_of(values)?));
    PairedRow {
        id: id.to_owned(),
        of: x.len(),
        counts,
        centre: centre(&x).zip(centre(&y)).map(|(first, then)| [first, then]),
        effect: rank_biserial(&x, &y, seed),
        tests: tests.collect(),
        cells,
    }
}

fn unfit(test: Test, instead: &str) -> TestResult {
    TestResult::undefined(title(test), format!("the same people are compared twice: take {instead}"))
}

/// The share then less the share first, and p.
fn of_presence(found: Result<stats::McNemar, stats::Undefined>) -> (Effect, stats::Estimate) {
    let mut effect = Effect::named("paired risk difference", "Newcombe's paired score interval");
    match found {
        Ok(found) => {
            let interval = found.risk_difference_interval;
            // Nil has no sign.
            effect.value = Some(0.0 - found.risk_difference);
            effect.interval = Some((-interval.upper, -interval.lower));
            (effect, Ok(found.p_exact))
        }
        Err(why) => {
            effect.why_not = Some(reason(why));
            (effect, Err(why))
        }
    }
}

fn rank_biserial(x: &[f64], y: &[f64], seed: u64) -> Effect {
    let of = |drawn: &[usize]| {
        let pick = |values: &[f64]| drawn.iter().map(|&k| values[k]).collect::<Vec<f64>>();
        stats::wilcoxon_signed_rank(&pick(x), &pick(y)).and_then(|found| found.rank_biserial)
    };
    effect::bootstrapped("matched rank-biserial", seed, x.len(), of)
}

fn wilcoxon(x: &[f64], y: &[f64]) -> TestResult {
    match stats::wilcoxon_signed_rank(x, y) {
        Ok(found) => {
            let (how, p) = match found.p_exact {
                Ok(exact) => ("exact", Ok(exact.two_sided)),
                Err(_) => ("normal approximation, corrected for ties and continuity", found.p_asymptotic_cc),
            };
            let name =
                format!("{}, {how}, {} of {} pairs differ", title(Test::Wilcoxon), found.n_nonzero, found.n_pairs);
            TestResult { why_not: p.err().map(reason), ..TestResult::named(name) }.statistic("W+", found.w_plus).p(p)
        }
        Err(why) => TestResult::undefined(title(Test::Wilcoxon), reason(why)),
    }
}
