//! The statistics against independent numbers: every case of every file in `tests/oracles` (or in the folder named by
//! `THEMATA_ORACLES`) goes through the public functions of `stats`.
//!
//! A new case is a line in a JSON file. A new function is an arm in one of the modules below; a name that is neither in
//! one of them nor in `NOT_BUILT` fails the test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod agreement;
mod categorical;
mod distributions;
mod means;
mod mixed;
mod models;
mod ranks;
mod scores;
mod structure;
mod support;
mod two_by_two;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Computes what a case expects, as an object with the same keys.
type Run = fn(&Value) -> Value;

/// Functions that the engine does not offer; their cases are counted as skipped.
const NOT_BUILT: &[&str] = &["barnard_2x2", "boschloo_2x2"];

/// Single values that the engine does not offer, by function and key.
const NOT_BUILT_KEYS: &[(&str, &str)] = &[
    ("lmm", "df_kenward_roger"),
    ("lmm", "p_kenward_roger"),
    ("lmm", "se_kenward_roger"),
    ("unitizing_alpha", "cu_alpha"),
    ("unitizing_alpha", "cu_coverage"),
    ("unitizing_alpha", "k_u_alpha"),
    // R's own default approximation and its own undefined statistic, recorded for comparison.
    ("spearman", "p_r_default"),
    ("bowker", "r_statistic"),
];

/// Values in the files that are wrong, by case and key, with the right one: compared with that instead.
/// `tests/oracles/README.md` gives the evidence for each.
const CORRECTED: &[(&str, &str, f64)] = &[
    ("cohens_d__huge_effect", "d_ci_lower", -20.260_118_611_224_23),
    ("cohens_d__huge_effect", "g_ci_lower", -19.560_144_860_382_8),
    ("chance_corrected__two_40x4cat", "ac2_linear_ci_lower", 0.073_752_247_396_691_06),
    ("chance_corrected__two_40x4cat", "ac2_quadratic_ci_lower", -0.136_689_179_691_814_1),
    ("chance_corrected__two_40x4cat", "bp_quadratic_ci_lower", -0.256_422_676_497_936_3),
    ("chance_corrected__two_40x4cat", "bp_quadratic_ci_upper", 0.616_422_676_497_936_8),
    ("pearson__perfect", "t", f64::INFINITY),
    ("rubin_pool__zero_between", "fmi", 0.068_508_287_292_817_69),
    ("cmh__UCBAdmissions", "or_cond_mle", 0.905_069_961_340_971),
    ("cmh__therapist_strata0", "or_cond_mle", 0.677_305_763_803_212_7),
    ("cmh__therapist_strata1", "or_cond_mle", 0.962_648_977_798_612),
    ("cmh__therapist_strata2", "or_cond_mle", 1.249_218_186_780_810_5),
];

fn find(name: &str) -> Option<Run> {
    [
        two_by_two::find(name),
        ranks::find(name),
        means::find(name),
        distributions::find(name),
        agreement::find(name),
        categorical::find(name),
        scores::find(name),
        models::find(name),
        mixed::find(name),
        structure::find(name),
    ]
    .into_iter()
    .flatten()
    .next()
}

#[derive(Clone, Copy)]
struct Tolerance {
    rel: f64,
    abs: f64,
}

impl Tolerance {
    fn of(value: &Value) -> Self {
        Self { rel: value["rel"].as_f64().unwrap(), abs: value["abs"].as_f64().unwrap() }
    }
}

#[derive(Default)]
struct Count {
    cases: usize,
    compared: usize,
    skipped: usize,
    corrected: usize,
}

impl Count {
    fn print(&self, of: &str) {
        let Self { cases, compared, skipped, corrected } = self;
        println!("{of}: {cases} cases, {compared} compared values, {skipped} skipped, {corrected} corrected");
    }
}

fn folder() -> PathBuf {
    std::env::var_os("THEMATA_ORACLES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles"), PathBuf::from)
}

#[test]
fn every_oracle_value_is_reproduced() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the folder of oracles can be read")
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no oracle files in {}", folder().display());
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut failures = Vec::new();
    for path in files {
        let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let family = file["family"].as_str().unwrap().to_owned();
        let count = counts.entry(family).or_default();
        for case in file["cases"].as_array().unwrap() {
            check_case(case, count, &mut failures);
        }
    }
    let mut total = Count::default();
    for (family, count) in &counts {
        count.print(family);
        total.cases += count.cases;
        total.compared += count.compared;
        total.skipped += count.skipped;
        total.corrected += count.corrected;
    }
    total.print("all");
    assert!(failures.is_empty(), "{} values differ:\n{}", failures.len(), failures.join("\n"));
}

fn check_case(case: &Value, count: &mut Count, failures: &mut Vec<String>) {
    let name = case["name"].as_str().unwrap();
    let function = case["fn"].as_str().unwrap();
    let expected = case["expected"].as_object().unwrap();
    count.cases += 1;
    if NOT_BUILT.contains(&function) {
        count.skipped += expected.len();
        return;
    }
    let Some(run) = find(function) else {
        failures.push(format!("{name}: nothing computes {function:?}"));
        return;
    };
    let got = run(&case["input"]);
    for (key, want) in expected {
        if NOT_BUILT_KEYS.contains(&(function, key.as_str())) || key == "value_40digits" {
            count.skipped += 1;
            continue;
        }
        let corrected =
            CORRECTED.iter().find(|c| (c.0, c.1) == (name, key.as_str())).map(|c| support::Written::written(&c.2));
        count.corrected += usize::from(corrected.is_some());
        let want = corrected.as_ref().unwrap_or(want);
        let overrides = &case["tolerance"]["keys"][key.as_str()];
        let tolerance = Tolerance::of(if overrides.is_null() { &case["tolerance"] } else { overrides });
        compare(&format!("{name}: {key}"), want, &got[key.as_str()], tolerance, count, failures);
    }
}

fn compare(at: &str, want: &Value, got: &Value, tolerance: Tolerance, count: &mut Count, failures: &mut Vec<String>) {
    match want {
        Value::Null => count.skipped += 1,
        Value::Array(items) => {
            let length = got.as_array().map(Vec::len);
            if length != Some(items.len()) {
                failures.push(format!("{at}: {} values expected, got {got}", items.len()));
                return;
            }
            for (i, item) in items.iter().enumerate() {
                compare(&format!("{at}[{i}]"), item, &got[i], tolerance, count, failures);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                compare(&format!("{at}.{key}"), item, &got[key.as_str()], tolerance, count, failures);
            }
        }
        Value::Number(number) => {
            count.compared += 1;
            let want = number.as_f64().unwrap();
            let agrees =
                got.as_f64().is_some_and(|got| (got - want).abs() <= tolerance.abs + tolerance.rel * want.abs());
            if !agrees {
                failures.push(format!("{at}: expected {want}, got {got}"));
            }
        }
        Value::String(_) | Value::Bool(_) => {
            count.compared += 1;
            if want != got {
                failures.push(format!("{at}: expected {want}, got {got}"));
            }
        }
    }
}
