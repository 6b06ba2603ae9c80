//! Larger tables, paired categories, co-occurrence, saturation.

use super::Run;
use super::support::{Answer, count_rows, counts, level, number, numbers, rows};
use super::two_by_two::table;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use themata::stats::{self, Saturation, SaturationRun, TwoByTwo};

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "chisq_rxc" => chi_square,
        "fisher_rxc" => |input| Answer::new().put("p", stats::fisher_exact_rxc(&count_rows(input, "table"))).done(),
        "cochran_armitage" => cochran_armitage,
        "cmh_2x2xk" => mantel_haenszel,
        "mcnemar" => mcnemar,
        "bowker" => bowker,
        "stuart_maxwell" => stuart_maxwell,
        "cochran_q" => cochran_q,
        "cooccurrence" => cooccurrence,
        "saturation_guest" => saturation,
        _ => return None,
    })
}

fn chi_square(input: &Value) -> Value {
    let test = stats::chi_square_rxc(&count_rows(input, "table")).unwrap();
    Answer::new()
        .put("statistic", test.pearson.statistic)
        .put("df", test.pearson.df)
        .put("p", test.pearson.p)
        .put("g_statistic", test.likelihood_ratio.statistic)
        .put("g_p", test.likelihood_ratio.p)
        .put("cramers_v", test.cramers_v)
        .put("cramers_v_bias_corrected", test.cramers_v_bias_corrected)
        .put("expected", test.expected)
        .put("std_residuals", test.adjusted_residuals)
        .done()
}

fn cochran_armitage(input: &Value) -> Value {
    let test =
        stats::cochran_armitage(&counts(input, "successes"), &counts(input, "totals"), &numbers(input, "scores"));
    Answer::new().put("statistic", test.map(|t| t.statistic)).put("p", test.map(|t| t.p)).done()
}

fn mantel_haenszel(input: &Value) -> Value {
    let strata: Vec<TwoByTwo> =
        input["tables"].as_array().unwrap().iter().map(|t| table(&json!({"table": t}))).collect();
    let test = stats::cochran_mantel_haenszel(&strata, level(input)).unwrap();
    Answer::new()
        .put("statistic", test.test.map(|t| t.statistic))
        .put("p", test.test.map(|t| t.p))
        .put("statistic_cc", test.test_corrected.map(|t| t.statistic))
        .put("p_cc", test.test_corrected.map(|t| t.p))
        .put("or_mh", test.odds_ratio)
        .interval("or_mh_ci", test.odds_ratio_interval)
        .put("p_exact_conditional", test.p_exact)
        .put("or_cond_mle", test.conditional_odds_ratio)
        .put("breslow_day", test.breslow_day.map(|t| t.statistic))
        .put("breslow_day_p", test.breslow_day.map(|t| t.p))
        .done()
}

fn mcnemar(input: &Value) -> Value {
    let test = stats::mcnemar(&table(input), level(input)).unwrap();
    Answer::new()
        .put("b", test.b)
        .put("c", test.c)
        .put("p_exact", test.p_exact)
        .put("p_mid", test.p_mid)
        .put("chi2", test.chi_square.map(|t| t.statistic))
        .put("p_chi2", test.chi_square.map(|t| t.p))
        .put("chi2_cc", test.chi_square_corrected.map(|t| t.statistic))
        .put("p_chi2_cc", test.chi_square_corrected.map(|t| t.p))
        .put("odds_ratio", test.odds_ratio)
        .interval("or_exact_ci", test.odds_ratio_interval)
        .put("marginal_rd", test.risk_difference)
        .interval("rd_newcombe_paired", Ok(test.risk_difference_interval))
        .done()
}

fn bowker(input: &Value) -> Value {
    let test = stats::bowker(&count_rows(input, "table")).unwrap();
    Answer::new()
        .put("statistic", test.test.statistic)
        .put("df", test.test.df)
        .put("p", test.test.p)
        .put("df_nonempty", test.test_nonempty.map(|t| t.df))
        .put("p_df_nonempty", test.test_nonempty.map(|t| t.p))
        .done()
}

fn stuart_maxwell(input: &Value) -> Value {
    let test = stats::marginal_homogeneity(&count_rows(input, "table")).unwrap();
    Answer::new()
        .put("statistic", test.stuart_maxwell.map(|t| t.statistic))
        .put("df", test.df)
        .put("p", test.stuart_maxwell.map(|t| t.p))
        .put("bhapkar", test.bhapkar.map(|t| t.statistic))
        .put("bhapkar_p", test.bhapkar.map(|t| t.p))
        .done()
}

fn cochran_q(input: &Value) -> Value {
    let people: Vec<Vec<bool>> =
        rows(input, "matrix").into_iter().map(|row| row.into_iter().map(|v| v == 1.0).collect()).collect();
    let test = stats::cochran_q(&people);
    Answer::new()
        .put("q", test.map(|t| t.statistic))
        .put("df", (people[0].len() - 1) as f64)
        .put("p", test.map(|t| t.p))
        .done()
}

fn cooccurrence(input: &Value) -> Value {
    let count = |key: &str| number(input, key) as u64;
    let codes = stats::cooccurrence(count("n_a"), count("n_b"), count("n_ab"), count("n_total")).unwrap();
    let t = codes.table;
    Answer::new()
        .put("table", vec![vec![t.a, t.b], vec![t.c, t.d]])
        .put("c_coefficient", codes.jaccard)
        .put("jaccard", codes.jaccard)
        .put("dice", codes.dice)
        .put("overlap", codes.overlap)
        .put("cosine", codes.cosine)
        .put("lift", codes.lift)
        .put("pmi_log2", codes.pmi)
        .put("npmi", codes.npmi)
        .put("confidence_a_to_b", codes.confidence_a_to_b)
        .put("confidence_b_to_a", codes.confidence_b_to_a)
        .put("expected", codes.expected)
        .put("log_likelihood_g2", codes.log_likelihood_g2)
        .put("phi", codes.phi)
        .done()
}

fn saturation(input: &Value) -> Value {
    let codes = |interview: &Value| -> BTreeSet<String> {
        interview.as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect()
    };
    let interviews: Vec<BTreeSet<String>> = input["interviews"].as_array().unwrap().iter().map(codes).collect();
    let length = |key: &str| number(input, key) as usize;
    let result = stats::saturation(&interviews, length("base_size"), length("run_length")).unwrap();
    let written = |runs: &[SaturationRun]| -> Value {
        runs.iter().map(|r| json!({"interviews": [r.first, r.last], "new": r.new, "ratio": r.ratio.ok()})).collect()
    };
    let mut answer = Answer::new()
        .put("runs_sliding", written(&result.runs_sliding))
        .put("runs_nonoverlapping", written(&result.runs_nonoverlapping))
        .put("new_codes_per_interview", result.new_codes.clone())
        .put("cumulative_codes", result.cumulative_codes.clone())
        .put("base_codes", result.base_codes.ok());
    for threshold in numbers(input, "thresholds") {
        for (kind, runs) in [("sliding", &result.runs_sliding), ("nonoverlapping", &result.runs_nonoverlapping)] {
            let key = format!("saturation_at_{threshold:?}_{kind}");
            answer = answer.put(&key, Saturation::reached(runs, threshold));
        }
    }
    answer.done()
}
