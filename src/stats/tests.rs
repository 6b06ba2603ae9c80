//! What holds across families: two functions that must agree, and no NaN or panic from any input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::distributions::*;
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn choose(n: u64, k: u64) -> u128 {
    (0..u128::from(k)).fold(1, |c, i| c * (u128::from(n) - i) / (i + 1))
}

/// Fisher's p values from whole numbers.
fn fisher_by_counting(t: &TwoByTwo) -> (f64, f64, f64) {
    let (row, present, n) = (t.a + t.b, t.a + t.c, t.n());
    let ways = |x: u64| choose(row, x) * choose(n - row, present - x);
    let possible = present.saturating_sub(n - row)..=row.min(present);
    let all: u128 = possible.clone().map(ways).sum();
    let share = |holds: &dyn Fn(u64) -> bool| {
        possible.clone().filter(|x| holds(*x)).map(ways).sum::<u128>() as f64 / all as f64
    };
    (share(&|x| ways(x) <= ways(t.a)), share(&|x| x <= t.a), share(&|x| x >= t.a))
}

fn counts(most: u64) -> impl Strategy<Value = TwoByTwo> {
    (0..most, 0..most, 0..most, 0..most).prop_map(|(a, b, c, d)| TwoByTwo::new(a, b, c, d))
}

/// Scores as people give them: few values, often equal, sometimes none.
fn scores() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![Just(3.0), Just(-1e9), 0.0..7.0_f64, Just(1e-300)], 0..9)
}

#[track_caller]
fn defined(value: Estimate) {
    assert!(!value.is_ok_and(f64::is_nan), "a value that is returned is never NaN");
}

#[track_caller]
fn ordered(interval: Result<Interval, Undefined>) {
    if let Ok(Interval { lower, upper }) = interval {
        assert!(lower <= upper, "{lower} {upper}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fisher_counts_tables(table in counts(14)) {
        let (two_sided, less, greater) = fisher_by_counting(&table);
        let p = fisher_exact(&table);
        prop_assert!((p.p_two_sided - two_sided).abs() < 1e-12, "{:?} {two_sided}", p);
        prop_assert!((p.p_less - less).abs() < 1e-12 && (p.p_greater - greater).abs() < 1e-12);
        prop_assert!(p.p_mid_two_sided <= p.p_two_sided && p.p_mid_two_sided >= 0.0);
        prop_assert!(smallest_possible_p(&table) <= p.p_two_sided + 1e-12);
    }

    #[test]
    fn larger_tables_contain_smaller_ones(table in counts(12)) {
        let rows = vec![vec![table.a, table.b], vec![table.c, table.d]];
        let p = fisher_exact(&table).p_two_sided;
        prop_assert!((fisher_exact_rxc(&rows).unwrap() - p).abs() < 1e-9);
        if let Ok(large) = chi_square_rxc(&rows) {
            let small = chi_square_2x2(&table).pearson.unwrap();
            prop_assert!((large.pearson.statistic - small.statistic).abs() < 1e-9);
        }
        if table.n() >= 2 {
            let one = cochran_mantel_haenszel(&[table], 0.95).unwrap();
            prop_assert!((one.p_exact - p).abs() < 1e-9);
            let conditional = conditional_odds_ratio(&table, 0.95).unwrap().estimate;
            match (one.conditional_odds_ratio, conditional) {
                (Ok(a), Ok(b)) => prop_assert!(a == b || (a / b - 1.0).abs() < 1e-9, "{a} {b}"),
                (a, b) => prop_assert_eq!(a.is_err(), b.is_err()),
            }
        }
    }

    #[test]
    fn intervals_hold_their_estimates(table in counts(40)) {
        let conditional = conditional_odds_ratio(&table, 0.9).unwrap();
        ordered(Ok(conditional.interval));
        if let Ok(estimate) = conditional.estimate {
            prop_assert!(conditional.interval.lower <= estimate && estimate <= conditional.interval.upper);
        }
        if let (Ok(difference), Ok(interval)) = (risk_difference(&table), newcombe_interval(&table, 0.9)) {
            prop_assert!(interval.lower <= difference && difference <= interval.upper);
            prop_assert!(interval.lower >= -1.0 - 1e-12 && interval.upper <= 1.0 + 1e-12);
        }
        for interval in [wilson_interval(table.a, table.row1(), 0.9), clopper_pearson_interval(table.a, table.row1(), 0.9)] {
            if let (Ok(share), Ok(interval)) = (proportion(table.a, table.row1()), interval) {
                prop_assert!(interval.lower <= share && share <= interval.upper, "{share} {interval:?}");
            }
        }
        defined(odds_ratio(&table));
        defined(yule_q(&table));
        defined(yule_y(&table));
        let ratio = risk_ratio(&table, 0.9).unwrap();
        for value in [ratio.estimate, ratio.lower, ratio.upper] {
            defined(value);
        }
        if let Ok(phi) = phi_coefficient(&table) {
            defined(phi.cramers_v_bias_corrected);
        }
        if let Ok(test) = mcnemar(&table, 0.9) {
            ordered(test.odds_ratio_interval);
            ordered(Ok(test.risk_difference_interval));
        }
    }

    #[test]
    fn no_sample_gives_nan_or_panics(x in scores(), y in scores()) {
        if let Ok(t) = welch_t(&x, &y, 0.95) {
            prop_assert!(t.test.p.is_finite() && t.test.df.is_finite());
            ordered(Ok(t.interval));
        }
        if let Ok(t) = student_t(&x, &y, 0.95) {
            prop_assert!(t.test.p.is_finite());
        }
        if let Ok(d) = cohens_d(&x, &y, 0.95) {
            for value in [d.d, d.hedges_g, d.glass_delta] {
                defined(value);
            }
            ordered(d.d_interval);
        }
        let sample: Vec<Option<f64>> = x.iter().copied().map(Some).chain([None]).collect();
        if let Ok(d) = describe(&sample, 0.95) {
            prop_assert_eq!(d.n_missing, 1);
            for value in [d.sd, d.skewness_g1, d.skewness_adjusted, d.kurtosis_g2, d.kurtosis_adjusted] {
                defined(value);
            }
            prop_assert!(d.min <= d.q1 && d.q1 <= d.median && d.median <= d.q3 && d.q3 <= d.max);
        }
        if let Ok(m) = mann_whitney(&x, &y) {
            for value in [m.p, m.p_asymptotic, m.p_asymptotic_cc] {
                defined(value);
            }
        }
        if let Ok(c) = cliffs_delta(&x, &y, 0.95) {
            ordered(c.interval);
            ordered(c.interval_unbiased_t);
        }
        if let Ok(b) = brunner_munzel(&x, &y) {
            defined(b.p);
        }
        if let Ok(h) = hodges_lehmann(&x, &y, 0.95) {
            ordered(h.interval);
            defined(h.achieved_level);
        }
        let n = x.len().min(y.len());
        let (x, y) = (&x[..n], &y[..n]);
        if let Ok(t) = paired_t(x, y, 0.95) {
            for value in [t.d_z, t.g_z, t.d_av, t.d_rm, t.d_glass_pre] {
                defined(value);
            }
        }
        if let Ok(w) = wilcoxon_signed_rank(x, y) {
            for value in [w.p_asymptotic, w.p_asymptotic_cc, w.rank_biserial] {
                defined(value);
            }
        }
        if let Ok(r) = pearson(x, y, 0.95) {
            defined(r.r);
            ordered(r.interval);
        }
        if let Ok(r) = spearman(x, y, 0.95) {
            for value in [r.rho, r.p_t, r.p_exact] {
                defined(value);
            }
        }
        if let Ok(model) = linear_regression(&[x.to_vec()], y, 0.95) {
            for value in [model.sigma, model.r_squared, model.adjusted_r_squared, model.log_likelihood] {
                defined(value);
            }
            for c in model.coefficients.iter().flatten() {
                defined(c.se);
                defined(c.se_hc3);
            }
        }
        let _ = shapiro_wilk(x);
        let _ = permutation_paired(x, y);
    }

    #[test]
    fn agreement_is_symmetric_and_never_nan(units in prop::collection::vec((0..4_i32, 0..4_i32), 0..20)) {
        let rows = |swap: bool| -> Vec<Vec<Option<f64>>> {
            units.iter().map(|&(a, b)| {
                let (a, b) = if swap { (b, a) } else { (a, b) };
                vec![(a < 3).then_some(f64::from(a)), (b < 3).then_some(f64::from(b))]
            }).collect()
        };
        for metric in [Metric::Nominal, Metric::Ordinal, Metric::Interval, Metric::Ratio] {
            let (there, back) = (krippendorff_alpha(&rows(false), metric), krippendorff_alpha(&rows(true), metric));
            prop_assert_eq!(there.is_err(), back.is_err());
            if let (Ok(a), Ok(b)) = (there, back) {
                defined(a.alpha);
                prop_assert!(a.alpha.is_err() || (a.alpha.unwrap() - b.alpha.unwrap()).abs() < 1e-12);
                prop_assert!(a.alpha.is_err() || a.alpha.unwrap() <= 1.0);
            }
        }
        for weights in [AgreementWeights::Identity, AgreementWeights::Linear, AgreementWeights::Quadratic] {
            for result in [
                percent_agreement(&rows(false), weights, 0.95),
                gwet_ac(&rows(false), &[0.0, 1.0, 2.0], weights, 0.95),
                brennan_prediger(&rows(false), &[], weights, 0.95),
                fleiss_kappa_with_missing(&rows(false), weights, 0.95),
            ].into_iter().flatten() {
                prop_assert!(result.coefficient.is_finite() && result.se.is_finite());
            }
        }
        let (first, second): (Vec<f64>, Vec<f64>) = units.iter().map(|&(a, b)| (f64::from(a), f64::from(b))).unzip();
        if let Ok(kappa) = cohen_kappa(&first, &second, KappaWeights::Linear, 0.95) {
            prop_assert!(kappa.kappa.is_finite() && kappa.se.is_finite() && kappa.kappa <= 1.0 + 1e-12);
        }
    }

    #[test]
    fn kendall_counts_pairs(pairs in prop::collection::vec((0..6_i32, 0..6_i32), 2..25)) {
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&(a, b)| (f64::from(a), f64::from(b))).unzip();
        let (mut score, mut in_x, mut in_y) = (0.0, 0.0, 0.0);
        for (i, a) in pairs.iter().enumerate() {
            for b in &pairs[..i] {
                score += f64::from((a.0 - b.0).signum() * (a.1 - b.1).signum());
                in_x += f64::from(u8::from(a.0 != b.0));
                in_y += f64::from(u8::from(a.1 != b.1));
            }
        }
        match kendall(&x, &y).unwrap().tau_b {
            Ok(tau) => prop_assert!((tau - score / f64::sqrt(in_x * in_y)).abs() < 1e-12),
            Err(_) => prop_assert!(in_x * in_y == 0.0),
        }
    }

    #[test]
    fn quantiles_invert_their_distributions(p in 1e-9..1.0_f64, df in 0.5..300.0_f64, other in 0.5..300.0_f64) {
        prop_assert!((norm_cdf(norm_ppf(p)) / p - 1.0).abs() < 1e-9);
        prop_assert!((t_cdf(t_ppf(p, df), df) / p - 1.0).abs() < 1e-9);
        prop_assert!((1.0 - chi2_sf(chi2_ppf(p, df), df) - p).abs() < 1e-11);
        prop_assert!((f_cdf(f_ppf(p, df, other), df, other) - p).abs() < 1e-11);
        prop_assert!((beta_cdf(beta_ppf(p, df, other), df, other) - p).abs() < 1e-11);
        prop_assert!((f_cdf(1.3, df, other) + f_sf(1.3, df, other) - 1.0).abs() < 1e-12);
        prop_assert!((gamma_p(df, other) + gamma_q(df, other) - 1.0).abs() < 1e-12);
        let (lower, upper) = (noncentral_t_cdf(2.0, df, p), noncentral_t_sf(2.0, df, p));
        prop_assert!((lower + upper - 1.0).abs() < 1e-9, "{lower} {upper}");
    }

    #[test]
    fn distances_of_sets_are_between_nought_and_one(a in prop::collection::btree_set(0..6_u8, 0..5),
        b in prop::collection::btree_set(0..6_u8, 0..5)) {
        for metric in [SetMetric::Nominal, SetMetric::Jaccard, SetMetric::Masi, SetMetric::Dice] {
            let distance = set_distance(&a, &b, metric);
            prop_assert!((0.0..=1.0).contains(&distance));
            prop_assert_eq!(distance, set_distance(&b, &a, metric));
            prop_assert_eq!(distance == 0.0, a == b);
        }
    }
}

#[test]
fn the_hypergeometric_of_a_large_study_sums_to_one() {
    let tail = hypergeom_sf(120_000, 1_000_000, 400_000, 300_000);
    let below: f64 = (119_000..=120_000).map(|x| hypergeom_pmf(x, 1_000_000, 400_000, 300_000)).sum();
    let above: f64 = (120_001..=121_000).map(|x| hypergeom_pmf(x, 1_000_000, 400_000, 300_000)).sum();
    assert!((below + above - 1.0).abs() < 1e-4 && (tail - above).abs() < 1e-4, "{below} {above} {tail}");
}

#[test]
fn drawing_patterns_is_drawing_units() {
    // The same study resampled unit by unit, as a reader of the definition would.
    let units: Vec<Vec<Option<f64>>> = (0..60)
        .map(|i| vec![Some(f64::from(i % 3)), Some(f64::from(if i % 4 == 0 { (i + 1) % 3 } else { i % 3 }))])
        .collect();
    let by_unit = bootstrap(
        units.len(),
        |drawn| {
            let sample: Vec<Vec<Option<f64>>> = drawn.iter().map(|&i| units[i].clone()).collect();
            krippendorff_alpha(&sample, Metric::Ordinal)?.alpha
        },
        4000,
        1,
        0.95,
    )
    .unwrap();
    let by_pattern = krippendorff_alpha_interval(&units, Metric::Ordinal, 0.95, 4000, 2).unwrap();
    assert!((by_unit.percentile.lower - by_pattern.interval.lower).abs() < 0.02);
    assert!((by_unit.percentile.upper - by_pattern.interval.upper).abs() < 0.02);
    assert_eq!(
        krippendorff_alpha_interval(&units, Metric::Ordinal, 0.95, 300, 2),
        krippendorff_alpha_interval(&units, Metric::Ordinal, 0.95, 300, 2)
    );
}

#[test]
fn chance_draws_come_near_the_exact_permutation() {
    let (x, y) = ([4.0, 5.5, 6.0, 7.5, 9.0], [3.0, 3.5, 5.0, 6.5]);
    let exact = permutation_mean_difference(&x, &y).unwrap();
    let drawn = permutation_mean_difference_monte_carlo(&x, &y, 20_000, 9).unwrap();
    assert!((exact.p_two_sided - drawn.p_two_sided).abs() < 0.015);
    assert!((exact.p_greater - drawn.p_greater).abs() < 0.015);
}

#[test]
fn chance_tables_come_near_the_exact_test() {
    let table = vec![vec![6, 2, 1], vec![3, 4, 5], vec![1, 2, 8]];
    let (exact, drawn) = (fisher_exact_rxc(&table).unwrap(), fisher_exact_rxc_monte_carlo(&table, 20_000, 4).unwrap());
    assert!((exact - drawn).abs() < 0.01, "{exact} {drawn}");
    let large: Vec<Vec<u64>> = (0..6).map(|i| (0..6).map(|j| 40 + i * j).collect()).collect();
    assert!(fisher_exact_rxc(&large).unwrap_err().to_string().contains("too large"));
}

#[test]
fn saturation_needs_its_base() {
    let interviews: Vec<BTreeSet<&str>> = vec![BTreeSet::from(["rest"]), BTreeSet::from(["rest", "work"])];
    let few = saturation(&interviews, 4, 2).unwrap();
    assert!(few.base_codes.unwrap_err().to_string().contains("2 of the 4 needed"));
    assert!(saturation(&interviews, 0, 2).is_err());
}

#[test]
fn a_model_as_rich_as_the_data_is_refused() {
    let term = RandomTerm { level: (0..6).collect(), intercept: true, slopes: vec![] };
    let y = [1.0, 2.0, 4.0, 3.0, 6.0, 5.0];
    let refused = linear_mixed_model(&[], &y, &[term], MixedMethod::Reml, 0.95).unwrap_err();
    assert!(refused.to_string().contains("random effects"), "{refused}");
}

#[test]
fn a_random_intercept_is_found_again() {
    // Groups differ by 3 on the log-odds scale between the lowest and the highest; people within them do not.
    let groups: Vec<usize> = (0..400).map(|i| i % 20).collect();
    let y: Vec<bool> = (0..400).map(|i| (i / 20) % 20 < 3 + (i % 20) * 14 / 19).collect();
    let model = logistic_mixed_model(&[], &y, &groups, 9, 0.95).unwrap();
    assert!(!model.singular && model.random_sd > 0.8 && model.random_sd < 1.6, "{}", model.random_sd);
}
