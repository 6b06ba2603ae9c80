//! Regression models.

use super::Run;
use super::scores::{flags, indices};
use super::support::{Answer, Written, level, numbers, options, rows};
use serde_json::Value;
use themata::stats::{self, Coefficient, LinearRegression, Undefined};

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "ols" => ols,
        "ancova" => ancova,
        "logistic" => logistic,
        "firth_logistic" => firth,
        _ => return None,
    })
}

/// Columns of a matrix that is given by rows.
pub fn columns(input: &Value, key: &str) -> Vec<Vec<f64>> {
    let rows = rows(input, key);
    (0..rows[0].len()).map(|j| rows.iter().map(|row| row[j]).collect()).collect()
}

fn each<T: Written>(items: &[Coefficient], value: impl Fn(&Coefficient) -> T) -> Vec<T> {
    items.iter().map(value).collect()
}

fn linear(model: &LinearRegression) -> Answer {
    let answer = Answer::new()
        .put("n", model.n)
        .put("rank", model.rank)
        .put("rank_deficient", matches!(model.coefficients, Err(Undefined::RankDeficient)))
        .put("fitted", model.fitted.clone())
        .put("sigma", model.sigma)
        .put("df_resid", model.df_residual)
        .put("r_squared", model.r_squared)
        .put("adj_r_squared", model.adjusted_r_squared)
        .put("f", model.test.map(|t| t.f))
        .put("f_p", model.test.map(|t| t.p))
        .put("loglik", model.log_likelihood)
        .put("aic", model.aic)
        .put("bic", model.bic);
    let Ok(c) = &model.coefficients else { return answer };
    answer
        .put("coef", each(c, |c| c.estimate))
        .put("se", each(c, |c| c.se))
        .put("se_defined", c.iter().all(|c| c.se.is_ok()))
        .put("t", each(c, |c| c.test.map(|t| t.t)))
        .put("p", each(c, |c| c.test.map(|t| t.p)))
        .put("ci_lower", each(c, |c| c.interval.map(|i| i.lower)))
        .put("ci_upper", each(c, |c| c.interval.map(|i| i.upper)))
        .put("se_hc3", each(c, |c| c.se_hc3))
}

fn ols(input: &Value) -> Value {
    linear(&stats::linear_regression(&columns(input, "X"), &numbers(input, "y"), level(input)).unwrap()).done()
}

fn ancova(input: &Value) -> Value {
    let (before, after) = (options(input, "pre"), options(input, "post"));
    let complete: Vec<usize> = (0..before.len()).filter(|&i| before[i].is_some() && after[i].is_some()).collect();
    let (pre, post) = stats::complete_pairs(&before, &after);
    let (themes, clusters) = (flags(input, "theme"), indices(input, "cluster"));
    let theme: Vec<bool> = complete.iter().map(|&i| themes[i]).collect();
    let cluster: Vec<usize> = complete.iter().map(|&i| clusters[i]).collect();
    let result = stats::ancova(&pre, &post, &theme, level(input)).unwrap();
    let theme: Vec<f64> = theme.iter().map(|t| f64::from(u8::from(*t))).collect();
    let robust = stats::cluster_robust(&[pre, theme], &post, &cluster).unwrap();
    linear(&result.model)
        .put("partial_eta2_theme", result.theme.partial_eta_squared)
        .put("partial_eta2_pre", result.pre.partial_eta_squared)
        .put("adjusted_mean_absent", result.adjusted_mean_absent)
        .put("adjusted_mean_present", result.adjusted_mean_present)
        .put("slope_homogeneity_p", result.slope_homogeneity_p)
        .put("change_score_theme_coef", result.change_score.map(|c| c.estimate))
        .put("change_score_theme_p", result.change_score.and_then(|c| c.test).map(|t| t.p))
        .put("se_cr1", robust.iter().map(|r| r.se_cr1).collect::<Vec<_>>())
        .put("se_cr2", robust.iter().map(|r| r.se_cr2).collect::<Vec<_>>())
        .put("df_cr2", robust.iter().map(|r| r.df_cr2).collect::<Vec<_>>())
        .put("p_cr2", robust.iter().map(|r| r.p_cr2).collect::<Vec<_>>())
        .done()
}

fn logistic(input: &Value) -> Value {
    let result = stats::logistic_regression(&columns(input, "X"), &flags(input, "y"), level(input));
    let separated = result == Err(Undefined::Separated);
    let Ok(model) = result else { return Answer::new().put("separated", separated).done() };
    let c = &model.coefficients;
    Answer::new()
        .put("separated", separated)
        .put("coef", c.iter().map(|c| c.estimate).collect::<Vec<_>>())
        .put("se", c.iter().map(|c| c.se).collect::<Vec<_>>())
        .put("z", c.iter().map(|c| c.wald.z).collect::<Vec<_>>())
        .put("p_wald", c.iter().map(|c| c.wald.p).collect::<Vec<_>>())
        .put("wald_ci_lower", c.iter().map(|c| c.wald_interval.lower).collect::<Vec<_>>())
        .put("wald_ci_upper", c.iter().map(|c| c.wald_interval.upper).collect::<Vec<_>>())
        .put("profile_ci_lower", c.iter().map(|c| c.profile_interval.map(|i| i.lower)).collect::<Vec<_>>())
        .put("profile_ci_upper", c.iter().map(|c| c.profile_interval.map(|i| i.upper)).collect::<Vec<_>>())
        .put("loglik", model.log_likelihood)
        .put("deviance", model.deviance)
        .put("null_deviance", model.null_deviance)
        .put("aic", model.aic)
        .put("lr_p", model.likelihood_ratio.map(|t| t.p))
        .put("mcfadden_r2", model.mcfadden_r2)
        .put("nagelkerke_r2", model.nagelkerke_r2)
        .done()
}

fn firth(input: &Value) -> Value {
    let model = stats::firth_logistic(&columns(input, "X"), &flags(input, "y"), level(input)).unwrap();
    let c = &model.coefficients;
    Answer::new()
        .put("coef", c.iter().map(|c| c.estimate).collect::<Vec<_>>())
        .put("se", c.iter().map(|c| c.se).collect::<Vec<_>>())
        .put("chisq_plr", c.iter().map(|c| c.likelihood_ratio.statistic).collect::<Vec<_>>())
        .put("p_plr", c.iter().map(|c| c.likelihood_ratio.p).collect::<Vec<_>>())
        .put("profile_ci_lower", c.iter().map(|c| c.profile_interval.map(|i| i.lower)).collect::<Vec<_>>())
        .put("profile_ci_upper", c.iter().map(|c| c.profile_interval.map(|i| i.upper)).collect::<Vec<_>>())
        .put("penalized_loglik", model.penalized_log_likelihood)
        .done()
}
