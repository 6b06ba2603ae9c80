//! Means, and adjustment of p values.

use super::Run;
use super::support::{Answer, level, numbers, options, rows};
use serde_json::Value;
use themata::stats::{self, FTest, MeanDifference, PAdjust, Undefined};

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "welch_t" => |input| difference(stats::welch_t(&numbers(input, "x"), &numbers(input, "y"), level(input))),
        "student_t" => |input| difference(stats::student_t(&numbers(input, "x"), &numbers(input, "y"), level(input))),
        "cohens_d" => cohens_d,
        "paired_t" => paired_t,
        "anova_oneway" => anova,
        "welch_anova" => |input| f_test(stats::welch_anova(&rows(input, "groups"))).done(),
        "brown_forsythe" => |input| f_test(stats::brown_forsythe(&rows(input, "groups"))).done(),
        "shapiro_wilk" => shapiro_wilk,
        "describe" => describe,
        "p_adjust" => p_adjust,
        _ => return None,
    })
}

fn difference(result: Result<MeanDifference, Undefined>) -> Value {
    Answer::new()
        .put("mean_diff", result.map(|r| r.difference))
        .put("t", result.map(|r| r.test.t))
        .put("df", result.map(|r| r.test.df))
        .put("p", result.map(|r| r.test.p))
        .interval("ci", result.map(|r| r.interval))
        .done()
}

fn cohens_d(input: &Value) -> Value {
    let d = stats::cohens_d(&numbers(input, "x"), &numbers(input, "y"), level(input)).unwrap();
    Answer::new()
        .put("d", d.d)
        .put("pooled_sd", d.pooled_sd)
        .put("hedges_j", d.hedges_j)
        .put("hedges_g", d.hedges_g)
        .interval("d_ci", d.d_interval)
        .interval("g_ci", d.g_interval)
        .put("glass_delta_y", d.glass_delta)
        .done()
}

fn paired_t(input: &Value) -> Value {
    let (pre, post) = stats::complete_pairs(&options(input, "pre"), &options(input, "post"));
    let t = stats::paired_t(&pre, &post, level(input)).unwrap();
    Answer::new()
        .put("n", t.n)
        .put("mean_diff", t.mean_difference)
        .put("sd_diff", t.sd_difference)
        .put("t", t.test.map(|t| t.t))
        .put("df", t.df)
        .put("p", t.test.map(|t| t.p))
        .interval("ci", t.interval)
        .put("d_z", t.d_z)
        .put("g_z", t.g_z)
        .put("d_av", t.d_av)
        .put("d_rm", t.d_rm)
        .put("d_glass_pre", t.d_glass_pre)
        .done()
}

fn f_test(test: Result<FTest, Undefined>) -> Answer {
    Answer::new()
        .put("f", test.map(|t| t.f))
        .put("df1", test.map(|t| t.df1))
        .put("df2", test.map(|t| t.df2))
        .put("p", test.map(|t| t.p))
}

fn anova(input: &Value) -> Value {
    let anova = stats::anova_one_way(&rows(input, "groups"));
    f_test(anova.map(|a| a.test))
        .put("eta_squared", anova.map(|a| a.eta_squared))
        .put("omega_squared", anova.map(|a| a.omega_squared))
        .done()
}

fn shapiro_wilk(input: &Value) -> Value {
    let test = stats::shapiro_wilk(&numbers(input, "x"));
    Answer::new().put("w", test.map(|t| t.w)).put("p", test.map(|t| t.p)).done()
}

fn describe(input: &Value) -> Value {
    let d = stats::describe(&options(input, "x"), level(input)).unwrap();
    Answer::new()
        .put("n", d.n)
        .put("n_missing", d.n_missing)
        .put("mean", d.mean)
        .put("sd", d.sd)
        .put("variance", d.variance)
        .put("se", d.se)
        .put("median", d.median)
        .put("q1", d.q1)
        .put("q3", d.q3)
        .put("q1_type6", d.q1_type6)
        .put("q3_type6", d.q3_type6)
        .put("min", d.min)
        .put("max", d.max)
        .put("mad", d.mad)
        .put("mad_raw", d.mad_raw)
        .put("skewness_g1", d.skewness_g1)
        .put("skewness_G1", d.skewness_adjusted)
        .put("kurtosis_g2", d.kurtosis_g2)
        .put("kurtosis_G2", d.kurtosis_adjusted)
        .interval("ci_mean", d.mean_interval)
        .done()
}

fn p_adjust(input: &Value) -> Value {
    let p = options(input, "p");
    Answer::new()
        .put("bonferroni", stats::adjust_p(&p, PAdjust::Bonferroni))
        .put("holm", stats::adjust_p(&p, PAdjust::Holm))
        .put("hochberg", stats::adjust_p(&p, PAdjust::Hochberg))
        .put("bh", stats::adjust_p(&p, PAdjust::BenjaminiHochberg))
        .put("by", stats::adjust_p(&p, PAdjust::BenjaminiYekutieli))
        .done()
}
