//! Keys against vectors that were counted by hand, rules against published cut-offs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::import::{known_instrument, read_instruments};

fn instrument(text: &str) -> Instrument {
    let found = read_instruments("i.toml", text).unwrap_or_else(|problems| panic!("{problems:?}"));
    found.into_values().next().unwrap()
}

fn known(name: &str) -> Instrument {
    instrument(&known_instrument(name).unwrap())
}

/// Scores of an instrument that comes along, every item answered alike.
fn all(name: &str, answer: f64) -> BTreeMap<String, f64> {
    let instrument = known(name);
    let scored = score_instrument(&instrument, &vec![Some(answer); instrument.items as usize]);
    scored.scales.into_iter().map(|(name, score)| (name, score.unwrap())).collect()
}

fn four(more: &str) -> Instrument {
    let kind = if more.contains("kind") { "" } else { "kind = \"sum\"\n" };
    instrument(&format!(
        "[instruments.four]\nlabel = \"Four\"\nitems = 4\nmin = 1\nmax = 7\nreversed = [2]\n{}\n\
         [instruments.four.scales.all]\nitems = [1, 2, 3, 4]\n{kind}{more}\n",
        if more.contains("prorating") { "" } else { "missing = \"half\"" },
    ))
}

fn score(instrument: &Instrument, items: &[Option<f64>]) -> Result<f64, ScoreProblem> {
    score_instrument(instrument, items).scales.remove("all").unwrap()
}

#[test]
fn reverse_keyed_items_turn_round() {
    // 7, 8-1, 7, 7: by hand.
    let items = [Some(7.0), Some(1.0), Some(7.0), Some(7.0)];
    assert_eq!(score(&four("kind = \"mean\""), &items), Ok(7.0));
    assert_eq!(score(&four(""), &items), Ok(28.0));
}

#[test]
fn an_inverted_sheet_is_turned_round_before_the_key() {
    let inverted = instrument(
        "[instruments.four]\nlabel = \"Four\"\nitems = 4\nmin = 1\nmax = 7\nreversed = [2]\n\
         anchors = { lowest = \"agree\", highest = \"disagree\", inverted = true }\n\
         scales.all = { items = [1, 2, 3, 4], kind = \"sum\" }\n",
    );
    // The same opinions as above on a sheet that runs the other way: 1, 7, 1, 1.
    assert_eq!(score(&inverted, &[Some(1.0), Some(7.0), Some(1.0), Some(1.0)]), Ok(28.0));
}

#[test]
fn the_missing_item_rule_of_the_scale_decides() {
    let items = [Some(2.0), None, Some(4.0), None];
    let few = |needed| Err(ScoreProblem::TooFew { answered: 2, items: 4, needed });
    assert_eq!(score(&four(""), &items), Ok(12.0));
    assert_eq!(score(&four("missing = { share = 0.75 }"), &items), few(3));
    assert_eq!(score(&four("missing = \"none\""), &items), few(4));
    assert_eq!(score(&four("missing = { count = 2 }"), &items), Ok(12.0));
    assert_eq!(score(&four("missing = { count = 3 }"), &items), few(3));
    let nobody = ScoreProblem::TooFew { answered: 0, items: 4, needed: 1 };
    assert_eq!(score(&four("missing = { count = 0 }"), &[None; 4]), Err(nobody));
}

#[test]
fn a_share_of_the_items_is_not_spoiled_by_rounding() {
    // 0.55 * 20 is 11.000000000000002 in floating point; eleven answers are enough all the same.
    let twenty = |share: f64| {
        let items: Vec<String> = (1..=20).map(|k: i32| k.to_string()).collect();
        instrument(&format!(
            "[instruments.x]\nlabel = \"Twenty\"\nitems = 20\nmin = 0\nmax = 1\nmissing = {{ share = {share} }}\n\
             scales.all = {{ items = [{}], kind = \"mean\" }}\n",
            items.join(", ")
        ))
    };
    for (share, answered) in [(0.55, 11), (0.8, 16), (0.51, 11)] {
        let items: Vec<Option<f64>> = (0..20).map(|k| (k < answered).then_some(1.0)).collect();
        assert_eq!(score(&twenty(share), &items), Ok(1.0), "{share}");
        assert!(score(&twenty(share), &items[1..]).is_err(), "{share}");
    }
}

#[test]
fn prorating_rounds_where_the_manual_says() {
    let with = |prorating: &str| {
        instrument(&format!(
            "[instruments.four]\nlabel = \"Four\"\nitems = 4\nmin = 0\nmax = 4\nprorating = \"{prorating}\"\n\
             scales.all = {{ items = [1, 2, 3, 4], kind = \"sum\" }}\n"
        ))
    };
    // 1, 2, 2 and one missing: the mean is 5/3, so 6.67 in all; rounded it is 2, so 7; 6.67 rounded is 7.
    let items = [Some(1.0), Some(2.0), Some(2.0), None];
    assert!((score(&with("mean"), &items).unwrap() - 20.0 / 3.0).abs() < 1e-12);
    assert_eq!(score(&with("rounded-mean"), &items), Ok(7.0));
    assert_eq!(score(&with("rounded-score"), &items), Ok(7.0));
    // 0, 1 and two missing: the mean .5 rounds up to 1 each, so 3; prorated 2, which is whole.
    let items = [Some(0.0), Some(1.0), None, None];
    assert_eq!(score(&with("rounded-mean"), &items), Ok(3.0));
    assert_eq!(score(&with("rounded-score"), &items), Ok(2.0));
}

#[test]
fn an_eight_on_a_scale_of_seven_is_refused() {
    let items = [Some(8.0), Some(1.0), Some(1.0), Some(1.0)];
    let wanted = ScoreProblem::OutOfRange { item: 1, value: 8.0, min: 1.0, max: 7.0 };
    assert_eq!(score(&four(""), &items), Err(wanted));
}

#[test]
fn keys_give_the_vectors_counted_by_hand() {
    let close = |found: f64, wanted: f64| assert!((found - wanted).abs() < 5e-5, "{found}, not {wanted}");
    let ecr = all("ecr", 1.0);
    close(ecr["avoidance"], 4.0);
    close(ecr["anxiety"], 1.3333);
    let ecr = all("ecr", 7.0);
    close(ecr["avoidance"], 4.0);
    close(ecr["anxiety"], 6.6667);
    assert_eq!((all("ecr", 4.0)["avoidance"], all("ecr", 4.0)["anxiety"]), (4.0, 4.0));
    let ecr_r = all("ecr_r", 1.0);
    close(ecr_r["anxiety"], 1.6667);
    close(ecr_r["avoidance"], 5.0);
    let ecr_s = all("ecr_s", 1.0);
    assert_eq!((ecr_s["avoidance"], ecr_s["anxiety"]), (24.0, 12.0));
    assert_eq!((all("oq45", 0.0)["total"], all("oq45", 4.0)["total"]), (36.0, 144.0));
    let iip = all("iip_32", 2.0);
    assert_eq!((iip["total"], iip["pa_domineering"], iip["no_intrusive"]), (64.0, 8.0, 8.0));
    // Equal octants cancel on both axes.
    close(iip["dominance"], 0.0);
    close(iip["affiliation"], 0.0);
    assert_eq!((all("swemwbs", 1.0)["metric"], all("swemwbs", 3.0)["metric"]), (7.0, 19.25));
    assert_eq!(all("swemwbs", 5.0)["metric"], 35.0);
    assert_eq!((all("phq9", 3.0)["total"], all("gad7", 3.0)["total"]), (27.0, 21.0));
    assert_eq!((all("wemwbs", 5.0)["total"], all("mhc_sf", 5.0)["total"]), (70.0, 70.0));
    // RSQ, all 1: 3, 10, 15 are 1, 9 and 28 are 5: 13 / 5. Item 6 is 5 among the preoccupied and 1 among the dismissing.
    let rsq = all("rsq", 1.0);
    assert_eq!((rsq["secure"], rsq["preoccupied"], rsq["dismissing"]), (2.6, 2.0, 1.0));
}

#[test]
fn items_beyond_one_scale_belong_to_every_scale_that_names_them() {
    let count = |name: &str| -> usize { known(name).scales.values().map(|scale| scale.items.len()).sum() };
    assert_eq!((count("ecr"), count("ecr_r"), count("ecr_12"), count("iip_32"), count("oq45")), (36, 36, 12, 32, 45));
    assert_eq!((count("wai_sr"), count("mhc_sf"), count("rsq")), (24, 28, 18));
}

fn attachment(avoidance: f64, anxiety: f64) -> (String, String) {
    let ecr = known("ecr");
    let mut scorer = Scorer { instrument: &ecr, items: &[], scales: BTreeMap::new() };
    scorer.scales.extend([("avoidance".to_owned(), Ok(avoidance)), ("anxiety".to_owned(), Ok(anxiety))]);
    (scorer.class(&ecr.classes["brennan"]).unwrap(), scorer.class(&ecr.classes["midpoint"]).unwrap())
}

#[test]
fn discriminants_and_midpoint_class_as_computed_by_hand() {
    for (avoidance, anxiety, brennan, midpoint) in [
        (2.0, 2.0, "secure", "secure"),
        (3.5, 2.0, "dismissing", "secure"),
        (3.2, 3.2, "dismissing", "secure"),
        (3.5, 3.5, "fearful", "secure"),
        (2.0, 3.9, "preoccupied", "secure"),
        (2.5, 3.5, "secure", "secure"),
        (4.0, 4.0, "fearful", "fearful"),
        (5.0, 2.0, "dismissing", "dismissing"),
        (2.0, 5.0, "preoccupied", "preoccupied"),
        (5.0, 5.0, "fearful", "fearful"),
    ] {
        let wanted = (brennan.to_owned(), midpoint.to_owned());
        assert_eq!(attachment(avoidance, anxiety), wanted, "{avoidance}, {anxiety}");
    }
}

#[test]
fn the_two_attachment_rules_disagree_in_one_cell_of_five() {
    let steps = || (0..=108).map(|k| 1.0 + f64::from(k) / 18.0);
    let (mut classes, mut security, mut cells) = (0, 0, 0);
    for avoidance in steps() {
        for anxiety in steps() {
            let (brennan, midpoint) = attachment(avoidance, anxiety);
            classes += i32::from(brennan != midpoint);
            security += i32::from((brennan == "secure") != (midpoint == "secure"));
            cells += 1;
        }
    }
    let percent = |n: i32| (1000.0 * f64::from(n) / f64::from(cells)).round() / 10.0;
    assert_eq!((percent(classes), percent(security)), (18.7, 10.2));
}

#[test]
fn constants_of_the_discriminants_are_the_published_ones() {
    let Classing::Largest(pairs) = &known("ecr").classes["brennan"].rule else { panic!("largest") };
    let text: Vec<String> = pairs.iter().map(|(class, formula)| format!("{class} {formula}")).collect();
    assert_eq!(
        text.join("\n"),
        "secure 3.2893296 * avoidance + 5.4725318 * anxiety - 11.5307833\n\
         fearful 7.2371075 * avoidance + 8.1776448 * anxiety - 32.3553266\n\
         preoccupied 3.9246754 * avoidance + 9.7102446 * anxiety - 28.4573220\n\
         dismissing 7.3654621 * avoidance + 4.9392039 * anxiety - 22.2281088"
    );
}

fn keyes(items: [f64; 14]) -> Result<String, ScoreProblem> {
    let scored = score_instrument(&known("mhc_sf"), &items.map(Some));
    scored.classes["keyes"].clone()
}

#[test]
fn flourishing_needs_six_of_the_last_eleven() {
    // Items 1-3 and 4-7 at 5, the rest at 2: seven signs with one hedonic, but only four of items 4 to 14.
    let mut items = [2.0; 14];
    items[..7].fill(5.0);
    assert_eq!(keyes(items), Ok("moderate".into()));
    items[..9].fill(4.0);
    assert_eq!(keyes(items), Ok("flourishing".into()));
    items[..3].fill(3.0);
    assert_eq!(keyes(items), Ok("moderate".into()));
    assert_eq!(keyes([1.0; 14]), Ok("languishing".into()));
    let mut answers = [4.0; 14].map(Some);
    answers[4] = None;
    let scored = score_instrument(&known("mhc_sf"), &answers);
    assert_eq!(scored.classes["keyes"], Err(ScoreProblem::NotAnswered { item: 5 }));
    assert_eq!(scored.scales["total"], Ok(56.0));
}

#[test]
fn a_tie_is_what_the_rule_says() {
    let rq = known("rq");
    let scored = |items: [f64; 4]| score_instrument(&rq, &items.map(Some));
    let first = scored([6.0, 2.0, 3.0, 5.0]);
    assert_eq!(first.classes["highest"], Ok("secure".into()));
    // (6 + 5) - (3 + 2) and (6 + 3) - (5 + 2), by hand.
    assert_eq!((&first.scales["model_of_self"], &first.scales["model_of_other"]), (&Ok(6.0), &Ok(2.0)));
    let tied = scored([6.0, 2.0, 3.0, 6.0]).classes["highest"].clone().unwrap_err();
    assert_eq!(tied.to_string(), "a tie between secure and dismissing");
    // A tie below the largest is none.
    assert_eq!(scored([7.0, 2.0, 2.0, 6.0]).classes["highest"], Ok("secure".into()));
}

#[test]
fn a_composite_of_ones_own_runs_from_none_to_one() {
    let alcohol = known("asi_alcohol");
    let composite = |items: [f64; 6]| score_instrument(&alcohol, &items.map(Some)).scales["composite"].clone();
    assert_eq!(composite([0.0; 6]), Ok(0.0));
    assert!((composite([30.0, 30.0, 30.0, 4.0, 4.0, 5000.0]).unwrap() - 1.0).abs() < 1e-12);
    // Half of each: 15 of 30 days, 2 of 4, and the root of 5001 less one, whose logarithm is half of that of 5001.
    assert!((composite([15.0, 15.0, 15.0, 2.0, 2.0, 5001_f64.sqrt() - 1.0]).unwrap() - 0.5).abs() < 1e-12);
    let beyond = composite([0.0, 0.0, 0.0, 5.0, 0.0, 0.0]).unwrap_err();
    assert_eq!(beyond.to_string(), "item 4 is 5, outside 0 to 4");
    let open = score_instrument(&alcohol, &[Some(1.0), None, Some(1.0), Some(1.0), Some(1.0), Some(1.0)]);
    assert_eq!(open.scales["composite"], Err(ScoreProblem::NotAnswered { item: 2 }));
}

#[test]
fn cut_offs_lie_where_they_are_published() {
    let phq = known("phq9");
    let of = |total: usize| {
        let items: Vec<Option<f64>> = (0..9).map(|k| Some((total.saturating_sub(3 * k)).min(3) as f64)).collect();
        let scored = score_instrument(&phq, &items);
        assert_eq!(scored.scales["total"], Ok(total as f64));
        (scored.classes["severity"].clone().unwrap(), scored.classes["caseness"].clone().unwrap())
    };
    for (total, severity, caseness) in [
        (4, "minimal", "below"),
        (5, "mild", "below"),
        (9, "mild", "below"),
        (10, "moderate", "case"),
        (15, "moderately severe", "case"),
        (20, "severe", "case"),
    ] {
        assert_eq!(of(total), (severity.to_owned(), caseness.to_owned()), "{total}");
    }
}
