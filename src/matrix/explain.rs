//! What was computed and why, in words.

use super::build::Matrix;
use super::printed::{denominator_in_words, notes};
use super::spec::{MatrixSpec, Measure, Rows};
use crate::model::Time;

/// Sentences that tell how the table was made, from the question to the last choice.
pub fn explain(spec: &MatrixSpec, matrix: &Matrix) -> Vec<String> {
    let mut lines = vec![question(spec, matrix), people(spec, matrix), statements(spec), measure(spec), effect(matrix)];
    lines.push(p(matrix));
    lines.extend(adjustments(spec));
    if let Some(missing) = notes(matrix).into_iter().find(|note| note.contains("not in the groups")) {
        lines.push(format!("Who is missing. {missing}"));
    }
    lines.push(
        "What it does not show. An association of what people said with how they did is no cause; who was not \
         interviewed is not in it; and a person who does not speak of something may have lived it."
            .into(),
    );
    lines
}

fn question(spec: &MatrixSpec, matrix: &Matrix) -> String {
    let kind = match &spec.rows {
        Rows::Codes(_) => "code",
        Rows::Themes(_) => "theme (any of its codes)",
    };
    let groups: Vec<String> = matrix.groups.iter().map(|group| format!("{} ({})", group.label, group.units)).collect();
    match matrix.groups.len() {
        1 => format!(
            "Question. For each {kind}: how does {} go with the outcome {}, a {}?",
            spec.measure.label(),
            matrix.outcome,
            if matrix.levels.is_empty() { "number" } else { "class in order, taken as ranks" }
        ),
        _ => format!(
            "Question. For each {kind}: how does {} differ between {}, by the outcome {}?",
            spec.measure.label(),
            groups.join(", "),
            matrix.outcome
        ),
    }
}

fn people(spec: &MatrixSpec, matrix: &Matrix) -> String {
    let mut line =
        format!("People. Counted are {}, each once. N is {}.", spec.unit.plural(), denominator_in_words(matrix));
    if let Some(at_risk) = &spec.at_risk {
        line.push_str(&format!(" Only those at risk ({at_risk}) are in the table."));
    }
    if let Some(filter) = &spec.filter {
        line.push_str(&format!(" Only those for whom this holds: {filter}."));
    }
    line
}

fn statements(spec: &MatrixSpec) -> String {
    let polarity = match spec.polarity {
        None => {
            "A person counts who says that it is there, at least once, whether or not something else is said elsewhere"
                .to_owned()
        }
        Some(polarity) => format!("A person counts who makes at least one `{}` statement", polarity.name()),
    };
    let time = match &spec.times {
        None => "statements about the time before are set aside".to_owned(),
        Some(times) => format!(
            "statements count about: {}",
            times.iter().map(|time: &Time| time.name()).collect::<Vec<_>>().join(", ")
        ),
    };
    let others =
        if spec.anyone { "what is said of others counts too" } else { "what is said of others does not count" };
    let suggestions = if spec.with_suggestions {
        "Unreviewed suggestions count, so nothing here is a result."
    } else {
        "Only codings count, no suggestions."
    };
    format!("Statements. {polarity}. Hypothetical ones never count unless asked for; {time}; {others}. {suggestions}")
}

fn measure(spec: &MatrixSpec) -> String {
    let why = match spec.measure {
        Measure::Presence => "whether somebody says it at all is the least that talkativeness can distort",
        Measure::Count => "who talks more is counted more: look at the median words of the groups",
        Measure::Rate => "per 1,000 words, so that long interviews do not count more",
        Measure::TurnShare | Measure::WordCoverage => {
            "a share of what the person said, so that long interviews do not count more"
        }
        Measure::PolarityBalance => {
            "from -1, only absent, to 1, only present; who says neither has no balance and is left out"
        }
    };
    format!("Measure. {}: {why}.", spec.measure.label())
}

fn effect(matrix: &Matrix) -> String {
    let Some(first) = matrix.rows.first().map(|row| &row.effect) else { return "Effect. There is no row.".into() };
    let what = match first.name {
        "risk difference" => "the share of the first group less that of the second, in points of a hundred",
        "Cliff's delta" => {
            "how much more often a person of the first group has the larger value than one of the second, from -1 to 1"
        }
        "Spearman's rho" => "the correlation of the ranks, from -1 to 1",
        "Cramér's V" => {
            "how far the shares of the classes differ, from 0 to 1; it cannot be negative, so its interval rarely reaches 0"
        }
        _ => "the share of the differences of rank that the classes explain, from 0 to 1",
    };
    format!("Effect. {}: {what}. The interval is at 95 % ({}).", first.name, first.method)
}

fn p(matrix: &Matrix) -> String {
    match &matrix.family {
        Some(family) if family.beforehand => format!(
            "p. Plan {} was declared before anybody looked at this outcome, so its p is shown: {} over {} tests, adjusted by {}.",
            family.plan,
            family.test,
            family.tested.len(),
            family.adjustment
        ),
        Some(family) => format!(
            "p. Plan {} was declared after somebody had looked at this outcome: its p is shown and is exploratory.",
            family.plan
        ),
        None => "p. No plan declares this question, so no p is shown unless a test is asked for, and then it is exploratory."
            .into(),
    }
}

fn adjustments(spec: &MatrixSpec) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(baseline) = &spec.baseline {
        lines.push(format!(
            "Baseline. Beside the effect stands one at equal {baseline}, from a model with both: linear for a score, logistic for two groups."
        ));
    }
    if let Some(strata) = &spec.strata {
        lines.push(format!(
            "Strata. People are also compared only with others of the same {strata}: for two groups by the Mantel-Haenszel odds ratio; \
             a permutation stays within the strata."
        ));
    }
    if let Some(clusters) = &spec.clusters {
        lines.push(format!(
            "Clusters. People of the same {clusters} are alike, and so count for less than as many strangers: the errors are CR2 with \
             Satterthwaite's degrees of freedom, which are few where the clusters are few."
        ));
    }
    lines
}
