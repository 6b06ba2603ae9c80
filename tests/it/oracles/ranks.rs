//! Tests and effects on ranks.

use super::Run;
use super::support::{Answer, level, numbers, options, rows};
use serde_json::{Value, json};
use themata::stats;

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "mann_whitney" => mann_whitney,
        "cliffs_delta" => cliffs_delta,
        "brunner_munzel" => brunner_munzel,
        "hodges_lehmann" => hodges_lehmann,
        "wilcoxon_signed_rank" => wilcoxon,
        "kruskal_wallis" => kruskal_wallis,
        "dunn" => dunn,
        "friedman" => friedman,
        _ => return None,
    })
}

fn mann_whitney(input: &Value) -> Value {
    let (x, y) = (numbers(input, "x"), numbers(input, "y"));
    let test = stats::mann_whitney(&x, &y).unwrap();
    let exact = stats::mann_whitney_exact(&x, &y);
    Answer::new()
        .put("n_x", test.n_x)
        .put("n_y", test.n_y)
        .put("u_x", test.u_x)
        .put("u_y", test.u_y)
        .put("has_ties", test.has_ties)
        .put("p_asymptotic", test.p_asymptotic)
        .put("p_asymptotic_cc", test.p_asymptotic_cc)
        .put("p_exact", exact.map(|e| e.two_sided))
        .put("p_exact_greater", exact.map(|e| e.greater))
        .put("p_exact_less", exact.map(|e| e.less))
        .done()
}

fn cliffs_delta(input: &Value) -> Value {
    let cliff = stats::cliffs_delta(&numbers(input, "x"), &numbers(input, "y"), level(input)).unwrap();
    Answer::new()
        .put("delta", cliff.delta)
        .put("a12", cliff.a12)
        .put("variance_consistent", cliff.variance_consistent)
        .put("variance_unbiased", cliff.variance_unbiased)
        .interval("ci", cliff.interval)
        .interval("ci_unbiased_t", cliff.interval_unbiased_t)
        .done()
}

fn brunner_munzel(input: &Value) -> Value {
    let test = stats::brunner_munzel(&numbers(input, "x"), &numbers(input, "y"));
    Answer::new().put("statistic", test.map(|t| t.statistic)).put("p", test.and_then(|t| t.p)).done()
}

fn hodges_lehmann(input: &Value) -> Value {
    let shift = stats::hodges_lehmann(&numbers(input, "x"), &numbers(input, "y"), level(input)).unwrap();
    Answer::new()
        .put("estimate", shift.estimate)
        .interval("ci", shift.interval)
        .put("achieved_level", shift.achieved_level)
        .done()
}

fn wilcoxon(input: &Value) -> Value {
    let (x, y) = stats::complete_pairs(&options(input, "x"), &options(input, "y"));
    let test = stats::wilcoxon_signed_rank(&x, &y).unwrap();
    Answer::new()
        .put("n_pairs", test.n_pairs)
        .put("n_nonzero", test.n_nonzero)
        .put("w_plus", test.w_plus)
        .put("w_minus", test.w_minus)
        .put("p_asymptotic", test.p_asymptotic)
        .put("p_asymptotic_cc", test.p_asymptotic_cc)
        .put("p_exact", test.p_exact.map(|e| e.two_sided))
        .put("rank_biserial", test.rank_biserial)
        .put("z_pratt", test.pratt.map(|t| t.z))
        .put("p_pratt_asymptotic", test.pratt.map(|t| t.p))
        .done()
}

fn kruskal_wallis(input: &Value) -> Value {
    let kruskal = stats::kruskal_wallis(&rows(input, "groups")).unwrap();
    Answer::new()
        .put("h", kruskal.test.map(|t| t.statistic))
        .put("df", kruskal.df)
        .put("p", kruskal.test.map(|t| t.p))
        .put("epsilon_squared", kruskal.epsilon_squared)
        .put("eta_squared_h", kruskal.eta_squared_h)
        .done()
}

fn dunn(input: &Value) -> Value {
    let pairs = stats::dunn_test(&rows(input, "groups")).unwrap();
    json!({
        "pairs": pairs.iter().map(|p| [p.first, p.second]).collect::<Vec<_>>(),
        "z": pairs.iter().map(|p| p.test.z).collect::<Vec<_>>(),
        "p": pairs.iter().map(|p| p.test.p).collect::<Vec<_>>(),
        "p_holm": pairs.iter().map(|p| p.p_holm).collect::<Vec<_>>(),
    })
}

fn friedman(input: &Value) -> Value {
    let friedman = stats::friedman_test(&rows(input, "matrix")).unwrap();
    Answer::new()
        .put("statistic", friedman.test.statistic)
        .put("df", friedman.test.df)
        .put("p", friedman.test.p)
        .put("kendall_w", friedman.kendall_w)
        .done()
}
