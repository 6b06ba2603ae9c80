//! The methods paragraph: what was counted and how, in words that can go into a paper.

use super::ReportPage;
use crate::matrix::Measure;
use std::collections::BTreeSet;

/// Paragraphs for the section on methods.
pub fn paragraphs(page: &ReportPage) -> Vec<String> {
    let mut paragraphs = Vec::new();
    let Some(first) = page.sections.first().map(|section| &section.matrix) else { return paragraphs };
    let unit = first.unit.plural();
    paragraphs.push(format!(
        "Coding. A code on a passage carries a polarity (present, absent, ceased, reduced, hypothetical or ambivalent), the time it is \
         about, and whose experience it is. The unit of counting is the {}: each stands on a code as present only, absent only, mixed, \
         ceased or reduced, or not mentioned; those whom nobody has read for a code, who were not asked, who were not interviewed or who \
         lack the outcome are kept apart and listed under each table. n counts present only and mixed. Hypothetical statements never \
         count; statements about others and about the time before are set aside unless the table says otherwise.",
        unit.trim_end_matches('s')
    ));
    let effects: BTreeSet<(&str, &str)> = page
        .sections
        .iter()
        .flat_map(|section| &section.matrix.rows)
        .map(|row| (row.effect.name, &*row.effect.method))
        .filter(|(_, method)| !method.is_empty())
        .collect();
    let effects: Vec<String> =
        effects.into_iter().map(|(name, method)| format!("{name} with a 95 % interval ({method})")).collect();
    if !effects.is_empty() {
        paragraphs.push(format!(
            "Effects. Every row shows an effect before anything else: {}. Where it cannot be computed, the table says why.",
            effects.join("; ")
        ));
    }
    let declared = page.sections.iter().filter(|section| section.matrix.declared_beforehand().is_some()).count();
    if page.reflexive {
        paragraphs
            .push("Approach. The study works reflexively: tests are not shown unless somebody asks for them.".into());
    } else if declared == 0 && !page.declared_figures {
        paragraphs.push(
            "Tests. No family of tests was declared before the tables were first made, so they are exploratory and show no headline p."
                .into(),
        );
    } else {
        paragraphs.push(
            "Tests. p is shown for families that were declared beforehand, adjusted over the whole family; margins that cannot reach \
             the declared level are named instead."
                .into(),
        );
    }
    if page.sections.iter().any(|section| section.matrix.measure != Measure::Presence) {
        paragraphs.push("Rates and shares are over the words and turns of the coded role; transcriber's remarks and editorial insertions are not words.".into());
    }
    let footer = &first.footer;
    let origins: Vec<String> = footer.origins.iter().map(|(origin, n)| format!("{n} {origin}")).collect();
    if !origins.is_empty() {
        paragraphs.push(format!(
            "Origin of the codings behind the first table: {}. Codebook version {}.",
            origins.join(", "),
            footer.codebook_version
        ));
    }
    paragraphs
}
