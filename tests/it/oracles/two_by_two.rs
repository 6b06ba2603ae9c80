//! Tables of two by two.

use super::Run;
use super::support::{Answer, count_rows, level};
use serde_json::Value;
use themata::stats::{self, TwoByTwo, ZeroCells};

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "fisher_2x2" => fisher,
        "chisq_2x2" => chi_square,
        "odds_ratio_2x2" => odds_ratio,
        "risk_2x2" => risk,
        "phi_2x2" => phi,
        _ => return None,
    })
}

pub fn table(input: &Value) -> TwoByTwo {
    let rows = count_rows(input, "table");
    TwoByTwo::new(rows[0][0], rows[0][1], rows[1][0], rows[1][1])
}

fn fisher(input: &Value) -> Value {
    let p = stats::fisher_exact(&table(input));
    let conditional = stats::conditional_odds_ratio(&table(input), level(input)).unwrap();
    Answer::new()
        .put("p_two_sided", p.p_two_sided)
        .put("p_less", p.p_less)
        .put("p_greater", p.p_greater)
        .put("p_mid_two_sided", p.p_mid_two_sided)
        .put("or_cond_mle", conditional.estimate)
        .interval("or_ci", Ok(conditional.interval))
        .done()
}

fn chi_square(input: &Value) -> Value {
    let tests = stats::chi_square_2x2(&table(input));
    Answer::new()
        .put("statistic", tests.pearson.map(|t| t.statistic))
        .put("p", tests.pearson.map(|t| t.p))
        .put("df", 1.0)
        .put("yates_statistic", tests.yates.map(|t| t.statistic))
        .put("yates_p", tests.yates.map(|t| t.p))
        .put("g_statistic", tests.likelihood_ratio.map(|t| t.statistic))
        .put("g_p", tests.likelihood_ratio.map(|t| t.p))
        .put("min_expected", tests.min_expected)
        .done()
}

fn odds_ratio(input: &Value) -> Value {
    let corrected = |zero_cells| stats::haldane_anscombe_odds_ratio(&table(input), zero_cells, level(input)).unwrap();
    let (if_empty, always) = (corrected(ZeroCells::AddHalfIfEmpty), corrected(ZeroCells::AddHalfAlways));
    Answer::new()
        .put("or_sample", stats::odds_ratio(&table(input)))
        .put("or_ha", if_empty.estimate)
        .put("log_or_se_ha", if_empty.log_se)
        .interval("or_ha_ci", Ok(if_empty.interval))
        .put("or_haldane_all", always.estimate)
        .put("log_or_se_haldane_all", always.log_se)
        .interval("or_haldane_all_ci", Ok(always.interval))
        .done()
}

fn risk(input: &Value) -> Value {
    let (table, level) = (table(input), level(input));
    let ratio = stats::risk_ratio(&table, level).unwrap();
    Answer::new()
        .put("p1", stats::proportion(table.a, table.row1()))
        .put("p2", stats::proportion(table.c, table.row2()))
        .put("rd", stats::risk_difference(&table))
        .interval("newcombe", stats::newcombe_interval(&table, level))
        .interval("wald", stats::wald_interval(&table, level))
        .interval("agresti_caffo", stats::agresti_caffo_interval(&table, level))
        .interval("wilson1", stats::wilson_interval(table.a, table.row1(), level))
        .put("rr", ratio.estimate)
        .put("rr_katz_lower", ratio.lower)
        .put("rr_katz_upper", ratio.upper)
        .done()
}

fn phi(input: &Value) -> Value {
    let table = table(input);
    let phi = stats::phi_coefficient(&table);
    Answer::new()
        .put("phi", phi.map(|p| p.phi))
        .put("cramers_v", phi.map(|p| p.cramers_v))
        .put("contingency_coefficient", phi.map(|p| p.contingency_coefficient))
        .put("cramers_v_bias_corrected", phi.and_then(|p| p.cramers_v_bias_corrected))
        .put("yule_q", stats::yule_q(&table))
        .put("yule_y", stats::yule_y(&table))
        .done()
}
