//! Correlation, reliability, change, resampling, missing data.

use super::Run;
use super::support::{Answer, level, number, numbers, optional_rows, options, rows};
use serde_json::Value;
use themata::stats::{self, ChangeNorms, Cutoff, Estimate, IntraclassCorrelation, Pearson, PermutationTest};

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "pearson" => pearson,
        "spearman" => spearman,
        "kendall" => kendall,
        "point_biserial" => point_biserial,
        "partial_correlation" => partial_correlation,
        "cronbach_alpha" => cronbach_alpha,
        "mcdonald_omega" => mcdonald_omega,
        "icc" => icc,
        "reliable_change" => reliable_change,
        "bootstrap_ci" => bootstrap_ci,
        "permutation_mean_diff_exact" => {
            |i| permutation(stats::permutation_mean_difference(&numbers(i, "x"), &numbers(i, "y")).unwrap())
        }
        "permutation_paired_exact" => {
            |i| permutation(stats::permutation_paired(&numbers(i, "x"), &numbers(i, "y")).unwrap())
        }
        "permutation_corr_exact" => {
            |i| permutation(stats::permutation_correlation(&numbers(i, "x"), &numbers(i, "y")).unwrap())
        }
        "permutation_blocked_exact" => permutation_blocked,
        "mc_pvalue" => monte_carlo,
        "rubin_pool" => rubin_pool,
        "delta_adjusted_ancova" => delta_adjusted,
        "dropout_compare" => dropouts,
        _ => return None,
    })
}

fn pairs(input: &Value) -> (Vec<f64>, Vec<f64>) {
    stats::complete_pairs(&options(input, "x"), &options(input, "y"))
}

pub fn flags(input: &Value, key: &str) -> Vec<bool> {
    numbers(input, key).into_iter().map(|v| v == 1.0).collect()
}

pub fn indices(input: &Value, key: &str) -> Vec<usize> {
    numbers(input, key).into_iter().map(|v| v as usize).collect()
}

fn product_moment(result: Pearson) -> Value {
    Answer::new()
        .put("n", result.n)
        .put("r", result.r)
        .put("t", result.test.map(|t| t.t))
        .put("df", result.df)
        .put("p", result.test.map(|t| t.p))
        .interval("ci", result.interval)
        .done()
}

fn pearson(input: &Value) -> Value {
    let (x, y) = pairs(input);
    product_moment(stats::pearson(&x, &y, level(input)).unwrap())
}

fn point_biserial(input: &Value) -> Value {
    product_moment(stats::point_biserial(&flags(input, "binary"), &numbers(input, "y"), level(input)).unwrap())
}

fn spearman(input: &Value) -> Value {
    let (x, y) = pairs(input);
    let result = stats::spearman(&x, &y, level(input)).unwrap();
    Answer::new()
        .put("n", result.n)
        .put("rho", result.rho)
        .put("p_t", result.p_t)
        .put("p_exact", result.p_exact)
        .interval("ci_bonett_wright", result.interval)
        .done()
}

fn kendall(input: &Value) -> Value {
    let (x, y) = pairs(input);
    let result = stats::kendall(&x, &y).unwrap();
    Answer::new()
        .put("n", result.n)
        .put("tau_b", result.tau_b)
        .put("z", result.test.map(|t| t.z))
        .put("p_asymptotic", result.test.map(|t| t.p))
        .put("p_exact", result.p_exact)
        .done()
}

fn partial_correlation(input: &Value) -> Value {
    let result = stats::partial_correlation(&numbers(input, "x"), &numbers(input, "y"), &rows(input, "z")).unwrap();
    Answer::new().put("r", result.r).put("df", result.test.df).put("t", result.test.t).put("p", result.test.p).done()
}

fn cronbach_alpha(input: &Value) -> Value {
    let alpha = stats::cronbach_alpha(&optional_rows(input, "items"), level(input)).unwrap();
    Answer::new()
        .put("n", alpha.n)
        .put("k", alpha.k)
        .put("alpha", alpha.alpha)
        .put("alpha_std", alpha.alpha_standardized)
        .put("mean_interitem_r", alpha.mean_inter_item_r)
        .interval("ci_feldt", Ok(alpha.interval))
        .put("alpha_if_deleted", alpha.alpha_if_deleted)
        .put("r_drop", alpha.corrected_item_total)
        .done()
}

fn mcdonald_omega(input: &Value) -> Value {
    let omega = stats::mcdonald_omega(&optional_rows(input, "items")).unwrap();
    Answer::new()
        .put("omega_total", omega.omega_total)
        .put("loadings", omega.loadings)
        .put("residual_variances", omega.residual_variances)
        .put("ml_chisq", omega.chi_square)
        .put("ml_df", omega.fit.map(|t| t.df))
        .done()
}

fn icc(input: &Value) -> Value {
    let all = stats::intraclass_correlations(&optional_rows(input, "ratings"), level(input)).unwrap();
    let forms: [(&str, IntraclassCorrelation); 6] = [
        ("icc1", all.icc1),
        ("icc2", all.icc2),
        ("icc3", all.icc3),
        ("icc1k", all.icc1k),
        ("icc2k", all.icc2k),
        ("icc3k", all.icc3k),
    ];
    forms
        .into_iter()
        .fold(Answer::new(), |answer, (key, form)| {
            answer
                .put(key, form.icc)
                .put(&format!("{key}_ci_lower"), form.lower)
                .put(&format!("{key}_ci_upper"), form.upper)
                .put(&format!("{key}_f"), form.f)
                .put(&format!("{key}_p"), form.p)
        })
        .done()
}

fn reliable_change(input: &Value) -> Value {
    let norms = ChangeNorms {
        sd: number(input, "sd"),
        reliability: number(input, "reliability"),
        clinical_mean: number(input, "clinical_mean"),
        clinical_sd: number(input, "clinical_sd"),
        functional_mean: number(input, "functional_mean"),
        functional_sd: number(input, "functional_sd"),
        higher_is_better: input["higher_is_better"].as_bool().unwrap(),
    };
    let cutoff = match input["criterion"].as_str().unwrap() {
        "a" => Cutoff::A,
        "b" => Cutoff::B,
        _ => Cutoff::C,
    };
    let z_crit = number(input, "z_crit");
    let change =
        stats::reliable_change(&options(input, "pre"), &options(input, "post"), &norms, cutoff, z_crit).unwrap();
    let classes: Vec<Option<&str>> = change.class.iter().map(|class| class.map(|c| c.as_str())).collect();
    Answer::new()
        .put("se_measurement", change.se_measurement)
        .put("s_diff", change.se_difference)
        .put("rci", change.index)
        .put("cutoff_a", change.cutoff_a)
        .put("cutoff_b", change.cutoff_b)
        .put("cutoff_c", change.cutoff_c)
        .put("cutoff", change.cutoff)
        .put("classification", classes)
        .done()
}

fn statistic(name: &str, values: &[f64]) -> Estimate {
    let sample: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
    let description = stats::describe(&sample, 0.95)?;
    match name {
        "mean" => Ok(description.mean),
        "median" => Ok(description.median),
        "var" => description.variance,
        other => panic!("no statistic {other:?}"),
    }
}

fn bootstrap_ci(input: &Value) -> Value {
    let (x, name) = (numbers(input, "x"), input["stat"].as_str().unwrap());
    let replicates: Vec<Estimate> = rows(input, "indices")
        .iter()
        .map(|drawn| statistic(name, &drawn.iter().map(|i| x[*i as usize]).collect::<Vec<_>>()))
        .collect();
    let left_out = |i: usize| [&x[..i], &x[i + 1..]].concat();
    let jackknife: Vec<Estimate> = (0..x.len()).map(|i| statistic(name, &left_out(i))).collect();
    let boot = stats::bootstrap_summary(statistic(name, &x).unwrap(), &replicates, &jackknife, level(input)).unwrap();
    Answer::new()
        .put("t0", boot.estimate)
        .put("boot_mean", boot.mean)
        .put("bias", boot.bias)
        .put("se", boot.se)
        .interval("percentile", Ok(boot.percentile))
        .interval("basic", Ok(boot.basic))
        .interval("normal", Ok(boot.normal))
        .put("z0", boot.z0)
        .put("acceleration", boot.acceleration)
        .interval("bca", boot.bca)
        .done()
}

fn permutation(test: PermutationTest) -> Value {
    Answer::new()
        .put("observed", test.observed)
        .put("observed_sum_group1", test.observed)
        .put("expected_sum", test.expected)
        .put("n_perm", test.n_arrangements)
        .put("p_two_sided", test.p_two_sided)
        .put("p_greater", test.p_greater)
        .put("p_less", test.p_less)
        .done()
}

fn permutation_blocked(input: &Value) -> Value {
    let (y, group, blocks) = (numbers(input, "y"), flags(input, "group"), indices(input, "block"));
    permutation(stats::permutation_blocked(&y, &group, &blocks).unwrap())
}

fn monte_carlo(input: &Value) -> Value {
    let p = stats::monte_carlo_p(number(input, "n_extreme") as usize, number(input, "n_resamples") as usize);
    Answer::new().put("p", p).done()
}

fn rubin_pool(input: &Value) -> Value {
    let size = |key: &str| number(input, key) as usize;
    let (estimates, variances) = (numbers(input, "estimates"), numbers(input, "variances"));
    let pooled = stats::rubin_pool(&estimates, &variances, size("n"), size("k"), level(input)).unwrap();
    Answer::new()
        .put("estimate", pooled.estimate)
        .put("within", pooled.within)
        .put("between", pooled.between)
        .put("total", pooled.total)
        .put("se", pooled.se)
        .put("df", pooled.df)
        .put("riv", pooled.riv)
        .put("fmi", pooled.fmi)
        .interval("ci", Ok(pooled.interval))
        .done()
}

fn delta_adjusted(input: &Value) -> Value {
    let (pre, post, theme) = (numbers(input, "pre"), options(input, "post"), flags(input, "theme"));
    let deltas = numbers(input, "deltas");
    let result = stats::delta_adjusted_ancova(&pre, &post, &theme, &deltas, level(input)).unwrap();
    Answer::new()
        .put("n_missing", result.n_missing)
        .put("deltas", result.adjusted.iter().map(|a| a.delta).collect::<Vec<_>>())
        .put("theme_coef", result.adjusted.iter().map(|a| a.coefficient).collect::<Vec<_>>())
        .put("theme_se_single_imputation", result.adjusted.iter().map(|a| a.se).collect::<Vec<_>>())
        .put("complete_case_coef", result.complete_case)
        .done()
}

fn dropouts(input: &Value) -> Value {
    let (pre, dropped, theme) = (numbers(input, "pre"), flags(input, "dropped"), flags(input, "theme"));
    let result = stats::compare_dropouts(&pre, &dropped, &theme, 0.95).unwrap();
    Answer::new()
        .put("n_dropped", result.n_dropped)
        .put("pre_mean_dropped", result.pre_mean_dropped)
        .put("pre_mean_stayed", result.pre_mean_stayed)
        .put("welch_p", result.welch_p)
        .put("fisher_p", result.fisher_p)
        .done()
}
