//! Agreement between coders.

use super::Run;
use super::support::{Answer, count_rows, level, optional_rows, rows};
use serde_json::Value;
use std::collections::BTreeSet;
use themata::stats::{self, AgreementWeights, ChanceCorrected, KappaWeights, Metric, SetMetric, Undefined};

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "krippendorff_alpha" => krippendorff_alpha,
        "chance_corrected" => chance_corrected,
        "cohen_kappa" => cohen_kappa,
        "fleiss_kappa" => fleiss_kappa,
        "fleiss_kappa_counts" => fleiss_kappa_counts,
        "setvalued_alpha" => set_valued_alpha,
        "set_distance" => set_distance,
        "per_code_agreement" => per_code_agreement,
        _ => return None,
    })
}

fn krippendorff_alpha(input: &Value) -> Value {
    let ratings = optional_rows(input, "ratings");
    let alpha = |metric| stats::krippendorff_alpha(&ratings, metric).unwrap();
    Answer::new()
        .put("nominal", alpha(Metric::Nominal).alpha)
        .put("ordinal", alpha(Metric::Ordinal).alpha)
        .put("interval", alpha(Metric::Interval).alpha)
        .put("ratio", alpha(Metric::Ratio).alpha)
        .put("n_units", alpha(Metric::Nominal).n_units)
        .put("n_pairable", alpha(Metric::Nominal).n_pairable)
        .done()
}

fn coefficient(answer: Answer, key: &str, result: Result<ChanceCorrected, Undefined>) -> Answer {
    answer
        .put(key, result.map(|r| r.coefficient))
        .put(&format!("{key}_pe"), result.map(|r| r.p_expected))
        .put(&format!("{key}_se"), result.map(|r| r.se))
        .interval(&format!("{key}_ci"), result.map(|r| r.interval))
}

fn chance_corrected(input: &Value) -> Value {
    use AgreementWeights::{Identity, Linear, Quadratic};
    let (ratings, level) = (optional_rows(input, "ratings"), level(input));
    let percent = stats::percent_agreement(&ratings, Identity, level).unwrap();
    let mut answer = Answer::new()
        .put("n_units", percent.n_units)
        .put("n_units_2plus", percent.n_units_2plus)
        .put("n_categories", percent.n_categories);
    answer = coefficient(answer, "percent_agreement", Ok(percent));
    answer = coefficient(answer, "ac1", stats::gwet_ac(&ratings, &[], Identity, level));
    answer = coefficient(answer, "ac2_linear", stats::gwet_ac(&ratings, &[], Linear, level));
    answer = coefficient(answer, "ac2_quadratic", stats::gwet_ac(&ratings, &[], Quadratic, level));
    answer = coefficient(answer, "brennan_prediger", stats::brennan_prediger(&ratings, &[], Identity, level));
    answer = coefficient(answer, "bp_quadratic", stats::brennan_prediger(&ratings, &[], Quadratic, level));
    answer = coefficient(answer, "fleiss", stats::fleiss_kappa_with_missing(&ratings, Identity, level));
    answer.done()
}

fn cohen_kappa(input: &Value) -> Value {
    let (first, second): (Vec<f64>, Vec<f64>) = rows(input, "ratings").into_iter().map(|r| (r[0], r[1])).unzip();
    let kappa = |weights| stats::cohen_kappa(&first, &second, weights, level(input));
    let unweighted = kappa(KappaWeights::Unweighted);
    let mut answer = Answer::new()
        .put("p_observed", unweighted.map(|k| k.p_observed))
        .put("kappa_max", unweighted.map(|k| k.kappa_max))
        .put("z_null", unweighted.and_then(|k| k.z_null))
        .put("pabak", unweighted.map(|k| k.pabak));
    for (suffix, result) in
        [("", unweighted), ("_linear", kappa(KappaWeights::Linear)), ("_quadratic", kappa(KappaWeights::Quadratic))]
    {
        answer = answer
            .put(&format!("kappa{suffix}"), result.map(|k| k.kappa))
            .put(&format!("se{suffix}"), result.map(|k| k.se))
            .put(&format!("se_null{suffix}"), result.map(|k| k.se_null))
            .put(&format!("ci_lower{suffix}"), result.map(|k| k.interval.lower))
            .put(&format!("ci_upper{suffix}"), result.map(|k| k.interval.upper));
    }
    answer.done()
}

fn fleiss_kappa(input: &Value) -> Value {
    let kappa = stats::fleiss_kappa(&rows(input, "ratings"));
    Answer::new()
        .put("kappa", kappa.map(|k| k.kappa))
        .put("z", kappa.map(|k| k.test.z))
        .put("p", kappa.map(|k| k.test.p))
        .put("conger_kappa", kappa.map(|k| k.conger_kappa.unwrap()))
        .done()
}

fn fleiss_kappa_counts(input: &Value) -> Value {
    let kappa = stats::fleiss_kappa_counts(&count_rows(input, "counts")).unwrap();
    Answer::new()
        .put("kappa", kappa.kappa)
        .put("p_observed", kappa.p_observed)
        .put("p_expected", kappa.p_expected)
        .done()
}

type Codes = BTreeSet<String>;

fn codes(value: &Value) -> Option<Codes> {
    Some(value.as_array()?.iter().map(|v| v.as_str().unwrap().to_owned()).collect())
}

fn sets(input: &Value) -> Vec<Vec<Option<Codes>>> {
    let units = input["ratings"].as_array().unwrap();
    units.iter().map(|unit| unit.as_array().unwrap().iter().map(codes).collect()).collect()
}

fn set_valued_alpha(input: &Value) -> Value {
    let ratings = sets(input);
    Answer::new()
        .put("alpha_nominal", stats::set_valued_alpha(&ratings, SetMetric::Nominal))
        .put("alpha_jaccard", stats::set_valued_alpha(&ratings, SetMetric::Jaccard))
        .put("alpha_masi", stats::set_valued_alpha(&ratings, SetMetric::Masi))
        .done()
}

fn set_distance(input: &Value) -> Value {
    let (a, b) = (codes(&input["a"]).unwrap(), codes(&input["b"]).unwrap());
    Answer::new()
        .put("jaccard", stats::set_distance(&a, &b, SetMetric::Jaccard))
        .put("masi", stats::set_distance(&a, &b, SetMetric::Masi))
        .put("dice", stats::set_distance(&a, &b, SetMetric::Dice))
        .done()
}

fn per_code_agreement(input: &Value) -> Value {
    let mut answer = Answer::new();
    for code in input["codes"].as_array().unwrap() {
        let code = code.as_str().unwrap();
        let has = |set: &Option<Codes>| set.as_ref().unwrap().contains(code);
        let pairs: Vec<(bool, bool)> = sets(input).iter().map(|unit| (has(&unit[0]), has(&unit[1]))).collect();
        let number = |there: bool| f64::from(u8::from(there));
        let (first, second): (Vec<f64>, Vec<f64>) = pairs.iter().map(|p| (number(p.0), number(p.1))).unzip();
        let units: Vec<Vec<Option<f64>>> = first.iter().zip(&second).map(|(a, b)| vec![Some(*a), Some(*b)]).collect();
        let agreement = stats::binary_agreement(&pairs).unwrap();
        let kappa = stats::cohen_kappa(&first, &second, KappaWeights::Unweighted, 0.95);
        let one = Answer::new()
            .put("percent_agreement", agreement.percent_agreement)
            .put("positive_agreement", agreement.positive_agreement)
            .put("negative_agreement", agreement.negative_agreement)
            .put("kappa", kappa.map(|k| k.kappa))
            .put("alpha_nominal", stats::krippendorff_alpha(&units, Metric::Nominal).unwrap().alpha);
        answer = answer.put(code, one.done());
    }
    answer.done()
}
