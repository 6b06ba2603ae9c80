//! Unitizing, correspondence analysis, clustering.

use super::Run;
use super::support::{Answer, Written, number, rows};
use serde_json::{Value, json};
use themata::stats::{self, Linkage, MarkedUnit, Metric};

pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "unitizing_alpha" => unitizing,
        "correspondence_analysis" => correspondence,
        "mca" => multiple_correspondence,
        "hclust" => clustering,
        _ => return None,
    })
}

fn unitizing(input: &Value) -> Value {
    let length = number(input, "length") as u64;
    let unit = |unit: &Value| MarkedUnit {
        start: unit[0].as_u64().unwrap(),
        end: unit[1].as_u64().unwrap(),
        code: unit[2].as_str().unwrap().to_owned(),
    };
    let coders: Vec<Vec<MarkedUnit<String>>> =
        input["coders"].as_array().unwrap().iter().map(|c| c.as_array().unwrap().iter().map(unit).collect()).collect();
    let alpha = stats::unitizing_alpha(&coders, length).unwrap();
    // Position by position: a gap is a category of its own.
    let mut codes: Vec<&String> = coders.iter().flatten().map(|u| &u.code).collect();
    codes.sort();
    codes.dedup();
    let at = |units: &Vec<MarkedUnit<String>>, position: u64| {
        let found = units.iter().find(|u| (u.start..u.end).contains(&position));
        Some(found.map_or(0.0, |u| codes.iter().position(|c| **c == u.code).unwrap() as f64 + 1.0))
    };
    let ratings: Vec<Vec<Option<f64>>> =
        (0..length).map(|position| coders.iter().map(|units| at(units, position)).collect()).collect();
    Answer::new()
        .put("u_alpha", alpha.u_alpha)
        .put("bar_u_alpha", alpha.binary_u_alpha)
        .put("charwise_nominal_alpha", stats::krippendorff_alpha(&ratings, Metric::Nominal).unwrap().alpha)
        .done()
}

/// Signs of axes are arbitrary; a single axis is written without its brackets.
fn absolute(rows: &[Vec<f64>]) -> Value {
    let axes = |row: &Vec<f64>| {
        let all: Vec<f64> = row.iter().map(|v| v.abs()).collect();
        if all.len() == 1 { json!(all[0]) } else { json!(all) }
    };
    rows.iter().map(axes).collect()
}

fn correspondence(input: &Value) -> Value {
    let analysis = stats::correspondence_analysis(&rows(input, "table")).unwrap();
    Answer::new()
        .put("singular_values", analysis.singular_values.clone())
        .put("principal_inertias", analysis.principal_inertias.clone())
        .put("total_inertia", analysis.total_inertia)
        .put("row_masses", analysis.row_masses.clone())
        .put("col_masses", analysis.column_masses.clone())
        .put("row_principal_abs", absolute(&analysis.rows))
        .put("col_principal_abs", absolute(&analysis.columns))
        .done()
}

fn multiple_correspondence(input: &Value) -> Value {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let people: Vec<Vec<String>> =
        input["data"].as_array().unwrap().iter().map(|r| r.as_array().unwrap().iter().map(text).collect()).collect();
    let analysis = stats::multiple_correspondence_analysis(&people).unwrap();
    // FactoMineR puts the variable before categories that could be taken for yes and no.
    let name = |(variable, category): &(usize, String)| match category.as_str() {
        "y" | "n" | "Y" | "N" => json!(format!("V{}.{category}", variable + 1)),
        _ => json!(category),
    };
    Answer::new()
        .put("eigenvalues", analysis.eigenvalues.clone())
        .put("var_names", analysis.categories.iter().map(name).collect::<Vec<_>>())
        .put("var_coord_abs", absolute(&analysis.coordinates))
        .put("benzecri_corrected", analysis.benzecri.clone())
        .done()
}

fn clustering(input: &Value) -> Value {
    assert_eq!(input["distance"], "jaccard");
    let presence: Vec<Vec<bool>> =
        rows(input, "presence").into_iter().map(|row| row.into_iter().map(|v| v == 1.0).collect()).collect();
    let linkage = match input["method"].as_str().unwrap() {
        "single" => Linkage::Single,
        "complete" => Linkage::Complete,
        "average" => Linkage::Average,
        "ward" => Linkage::Ward,
        other => panic!("no linkage {other:?}"),
    };
    let tree = stats::hierarchical_clustering(&stats::jaccard_distances(&presence).unwrap(), linkage).unwrap();
    let mut heights: Vec<f64> = tree.merges.iter().map(|m| m.height).collect();
    heights.sort_by(f64::total_cmp);
    Answer::new().put("heights", heights.written()).put("cophenetic_corr", tree.cophenetic_correlation).done()
}
