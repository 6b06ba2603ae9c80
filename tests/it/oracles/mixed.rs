//! Multilevel models; their formulas are written as in R.

use super::Run;
use super::support::{Answer, number};
use serde_json::{Map, Value, json};
use themata::stats::{self, FittedTerm, MixedMethod, RandomTerm};

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "lmm" => linear,
        "glmm_logit" => logistic,
        _ => return None,
    })
}

/// A model formula: outcome, fixed terms, random terms as (columns with "1" for the intercept, group).
struct Formula {
    outcome: String,
    fixed: Vec<String>,
    random: Vec<(Vec<String>, String)>,
}

impl Formula {
    fn parse(text: &str) -> Self {
        let (outcome, right) = text.split_once(" ~ ").unwrap();
        let mut formula = Self { outcome: outcome.to_owned(), fixed: Vec::new(), random: Vec::new() };
        for term in right.split(" + ") {
            if let Some(inner) = term.strip_prefix('(') {
                let (columns, group) = inner.strip_suffix(')').unwrap().split_once('|').unwrap();
                let columns = match columns.strip_prefix("0+") {
                    Some(slope) => vec![slope.to_owned()],
                    None if columns == "1" => vec!["1".to_owned()],
                    None => vec!["1".to_owned(), columns.to_owned()],
                };
                formula.random.push((columns, group.to_owned()));
            } else if let Some((a, b)) = term.split_once(" * ") {
                formula.fixed.extend([a.to_owned(), b.to_owned(), format!("{a}:{b}")]);
            } else if term != "1" {
                formula.fixed.push(term.to_owned());
            }
        }
        formula.fixed.sort_by_key(|name| name.contains(':'));
        formula
    }
}

fn data(input: &Value, name: &str) -> Vec<f64> {
    input["data"][name].as_array().expect(name).iter().map(|v| v.as_f64().unwrap()).collect()
}

/// The sorted levels of a factor, and the level of each row.
fn factor(input: &Value, name: &str) -> (Vec<String>, Vec<usize>) {
    let values = input["data"][name].as_array().expect(name);
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let mut levels: Vec<String> = values.iter().map(text).collect();
    levels.sort_by_key(|level| (level.parse::<i64>().unwrap_or(0), level.clone()));
    levels.dedup();
    let index = values.iter().map(|v| levels.iter().position(|l| *l == text(v)).unwrap()).collect();
    (levels, index)
}

/// The columns of the fixed part: numbers as they are, products, and factors as contrasts with their first level.
fn fixed_columns(input: &Value, names: &[String]) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut columns = Vec::new();
    for name in names {
        if let Some((a, b)) = name.split_once(':') {
            let product = data(input, a).iter().zip(data(input, b)).map(|(x, y)| x * y).collect();
            columns.push((name.clone(), product));
        } else if input["data"][name.as_str()][0].is_number() {
            columns.push((name.clone(), data(input, name)));
        } else {
            let (levels, index) = factor(input, name);
            for (k, level) in levels.iter().enumerate().skip(1) {
                let column = index.iter().map(|i| f64::from(u8::from(*i == k))).collect();
                columns.push((format!("{name}{level}"), column));
            }
        }
    }
    columns.into_iter().unzip()
}

fn linear(input: &Value) -> Value {
    let formula = Formula::parse(input["formula"].as_str().unwrap());
    let (mut names, predictors) = fixed_columns(input, &formula.fixed);
    names.insert(0, "(Intercept)".to_owned());
    let term = |(columns, group): &(Vec<String>, String)| RandomTerm {
        level: factor(input, group).1,
        intercept: columns[0] == "1",
        slopes: columns.iter().filter(|c| *c != "1").map(|c| data(input, c)).collect(),
    };
    let random: Vec<RandomTerm> = formula.random.iter().map(term).collect();
    let method = if input["reml"].as_bool().unwrap() { MixedMethod::Reml } else { MixedMethod::Ml };
    let y = data(input, &formula.outcome);
    let model = stats::linear_mixed_model(&predictors, &y, &random, method, 0.95).unwrap();
    let c = &model.coefficients;
    let answer = Answer::new()
        .put("n", model.n)
        .put("fixef_names", json!(names))
        .put("fixef", c.iter().map(|c| c.estimate).collect::<Vec<_>>())
        .put("se", c.iter().map(|c| c.se).collect::<Vec<_>>())
        .put("t", c.iter().map(|c| c.t).collect::<Vec<_>>())
        .put("df_satterthwaite", c.iter().map(|c| c.df).collect::<Vec<_>>())
        .put("p_satterthwaite", c.iter().map(|c| c.p).collect::<Vec<_>>())
        .put("theta", model.terms.iter().flat_map(|t| t.theta.clone()).collect::<Vec<_>>())
        .put("sigma", model.sigma)
        .put("loglik", model.log_likelihood)
        .put("criterion", model.criterion)
        .put("aic", model.aic)
        .put("bic", model.bic)
        .put("df_resid", model.df_residual)
        .put("singular", model.singular)
        .put("icc_adjusted", model.terms.iter().map(|t| t.icc).collect::<Vec<_>>())
        .put("r2_marginal", model.r2_marginal)
        .put("r2_conditional", model.r2_conditional);
    named(answer, input, &formula, &model.terms, model.sigma).done()
}

/// What R names by groups and columns.
fn named(answer: Answer, input: &Value, formula: &Formula, terms: &[FittedTerm], sigma: f64) -> Answer {
    let column = |name: &String| if name == "1" { "(Intercept)".to_owned() } else { name.clone() };
    let (mut theta_names, mut components) = (Vec::new(), Vec::<(String, String, String, f64)>::new());
    let (mut group_names, mut n_groups) = (Vec::<String>::new(), Vec::new());
    let (mut ranef, mut levels) = (Map::new(), Map::new());
    for term in terms {
        let (columns, group) = &formula.random[term.term];
        let columns: Vec<String> = columns.iter().map(column).collect();
        for j in 0..columns.len() {
            for i in j..columns.len() {
                let inner = if i == j { columns[j].clone() } else { format!("{}.{}", columns[i], columns[j]) };
                theta_names.push(format!("{group}.{inner}"));
            }
        }
        let seen = group_names.contains(group);
        let label = if seen { format!("{group}.1") } else { group.clone() };
        for (i, name) in columns.iter().enumerate() {
            components.push((label.clone(), name.clone(), String::new(), term.covariance[i][i]));
        }
        for i in 0..columns.len() {
            for j in i + 1..columns.len() {
                components.push((label.clone(), columns[i].clone(), columns[j].clone(), term.covariance[i][j]));
            }
        }
        if seen {
            // Terms of one factor are shown side by side.
            let rows = ranef.get_mut(group).unwrap().as_array_mut().unwrap();
            for (row, own) in rows.iter_mut().zip(&term.effects) {
                let before = if row.is_array() { row.clone() } else { json!([row]) };
                *row = before.as_array().unwrap().iter().cloned().chain(own.iter().map(|v| json!(v))).collect();
            }
        } else {
            group_names.push(group.clone());
            n_groups.push(term.levels);
            levels.insert(group.clone(), json!(factor(input, group).0));
            let rows = term.effects.iter().map(|own| if own.len() == 1 { json!(own[0]) } else { json!(own) });
            ranef.insert(group.clone(), rows.collect());
        }
    }
    components.push(("Residual".to_owned(), String::new(), String::new(), sigma * sigma));
    answer
        .put("theta_names", json!(theta_names))
        .put("vc_group", components.iter().map(|c| json!(c.0)).collect::<Vec<_>>())
        .put("vc_var1", components.iter().map(|c| json!(c.1)).collect::<Vec<_>>())
        .put("vc_var2", components.iter().map(|c| json!(c.2)).collect::<Vec<_>>())
        .put("vc_value", components.iter().map(|c| c.3).collect::<Vec<_>>())
        .put("group_names", json!(group_names))
        .put("n_groups", n_groups)
        .put("ranef", Value::Object(ranef))
        .put("ranef_levels", Value::Object(levels))
}

fn logistic(input: &Value) -> Value {
    let formula = Formula::parse(input["formula"].as_str().unwrap());
    let (_, predictors) = fixed_columns(input, &formula.fixed);
    let y: Vec<bool> = data(input, &formula.outcome).into_iter().map(|v| v == 1.0).collect();
    let groups = factor(input, &formula.random[0].1).1;
    let points = number(input, "nAGQ") as usize;
    let model = stats::logistic_mixed_model(&predictors, &y, &groups, points, 0.95).unwrap();
    let c = &model.coefficients;
    Answer::new()
        .put("fixef", c.iter().map(|c| c.estimate).collect::<Vec<_>>())
        .put("se", c.iter().map(|c| c.se).collect::<Vec<_>>())
        .put("z", c.iter().map(|c| c.wald.z).collect::<Vec<_>>())
        .put("p", c.iter().map(|c| c.wald.p).collect::<Vec<_>>())
        .put("random_sd", vec![model.random_sd])
        .put("loglik", model.log_likelihood)
        .put("aic", model.aic)
        .put("deviance_crit", -2.0 * model.log_likelihood)
        .done()
}
