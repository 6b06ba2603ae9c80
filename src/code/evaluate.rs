//! Rules against a reference coding: how much they find, how much of it is right, and whether the polarity is.

use super::Suggestion;
use crate::model::{Coding, Polarity, Span};
use crate::stats;
use std::collections::{BTreeMap, BTreeSet};

/// Agreement of the rules with the reference for one code.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CodeResult {
    /// Reference codings that the rules are to find.
    pub reference: usize,
    /// Suggestions.
    pub suggested: usize,
    /// Reference codings that a suggestion of the same code meets.
    pub found: usize,
    /// Suggestions that meet a reference coding of the same code.
    pub right: usize,
    /// Of the reference codings found, those met by a suggestion of the same polarity.
    pub polarity_right: usize,
    /// Units (sentences of covered speech) by (reference, rules): both, reference only, rules only, neither.
    pub units: [u64; 4],
}

impl CodeResult {
    /// Share of the suggestions that are right; undefined without any.
    pub fn precision(&self) -> Option<f64> {
        (self.suggested > 0).then(|| self.right as f64 / self.suggested as f64)
    }

    /// Share of the reference that is found; undefined without any.
    pub fn recall(&self) -> Option<f64> {
        (self.reference > 0).then(|| self.found as f64 / self.reference as f64)
    }

    /// Harmonic mean of both; undefined where either is, 0 where nothing is right.
    pub fn f1(&self) -> Option<f64> {
        let (p, r) = (self.precision()?, self.recall()?);
        Some(if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 })
    }

    /// Cohen's kappa over the units; undefined where one side, or both, never vary.
    pub fn kappa(&self) -> Option<f64> {
        let [both, reference, rules, neither] = self.units;
        let mut pairs = (Vec::new(), Vec::new());
        for (count, x, y) in [(both, 1.0, 1.0), (reference, 1.0, 0.0), (rules, 0.0, 1.0), (neither, 0.0, 0.0)] {
            pairs.0.extend(std::iter::repeat_n(x, count as usize));
            pairs.1.extend(std::iter::repeat_n(y, count as usize));
        }
        stats::cohen_kappa(&pairs.0, &pairs.1, stats::KappaWeights::Unweighted, 0.95).ok().map(|found| found.kappa)
    }

    /// Adds the counts of another source.
    pub fn add(&mut self, other: &Self) {
        self.reference += other.reference;
        self.suggested += other.suggested;
        self.found += other.found;
        self.right += other.right;
        self.polarity_right += other.polarity_right;
        for (sum, units) in self.units.iter_mut().zip(other.units) {
            *sum += units;
        }
    }
}

/// A reference coding that no suggestion meets, or a suggestion that meets none.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Missed by the rules, or a false alarm.
    pub missed: bool,
    /// Source id.
    pub source: String,
    /// Code id.
    pub code: String,
    /// Where.
    pub span: Span,
    /// Its polarity.
    pub polarity: Polarity,
}

/// The whole comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// By code id.
    pub codes: BTreeMap<String, CodeResult>,
    /// (Reference, rules) of every reference coding found.
    pub polarity: BTreeMap<(Polarity, Polarity), usize>,
    /// What differs, in text order.
    pub differences: Vec<Difference>,
}

/// Two spans mean the same place when they share at least half of the shorter one.
pub(super) fn meets(a: Span, b: Span) -> bool {
    let shared = a.overlap(b);
    shared > 0 && 2 * shared >= a.len().min(b.len())
}

impl Evaluation {
    /// Compares the suggestions with the reference codings of one source; `units` are the sentences that were read. A
    /// suggestion is right where it meets any reference coding; only those that are `expected` have to be found.
    pub fn add(
        &mut self,
        source: &str,
        codes: &BTreeSet<String>,
        suggestions: &[Suggestion],
        reference: &[&Coding],
        units: &[Span],
        expected: &dyn Fn(&Coding) -> bool,
    ) {
        for code in codes {
            let suggested: Vec<&Suggestion> = suggestions.iter().filter(|s| s.code == *code).collect();
            let wanted: Vec<&Coding> =
                reference.iter().copied().filter(|coding| coding.code.as_ref() == Some(code)).collect();
            let to_find: Vec<&Coding> = wanted.iter().copied().filter(|coding| expected(coding)).collect();
            let mut result =
                CodeResult { reference: to_find.len(), suggested: suggested.len(), ..CodeResult::default() };
            for coding in &to_find {
                let met: Vec<_> = suggested.iter().filter(|s| meets(s.unit, coding.span)).collect();
                let Some(first) = met.first() else {
                    self.differ(true, source, code, coding.span, coding.polarity);
                    continue;
                };
                result.found += 1;
                let same = met.iter().any(|s| s.polarity == coding.polarity);
                result.polarity_right += usize::from(same);
                let read = if same { coding.polarity } else { first.polarity };
                *self.polarity.entry((coding.polarity, read)).or_default() += 1;
            }
            for suggestion in &suggested {
                if wanted.iter().any(|coding| meets(suggestion.unit, coding.span)) {
                    result.right += 1;
                } else {
                    self.differ(false, source, code, suggestion.unit, suggestion.polarity);
                }
            }
            for unit in units {
                let in_reference = wanted.iter().any(|coding| meets(*unit, coding.span));
                let in_rules = suggested.iter().any(|s| meets(*unit, s.unit));
                let k = 2 * usize::from(!in_reference) + usize::from(!in_rules);
                if let Some(count) = result.units.get_mut(k) {
                    *count += 1;
                }
            }
            self.codes.entry(code.clone()).or_default().add(&result);
        }
        self.differences.sort_by(|a, b| (&a.source, a.span, &a.code).cmp(&(&b.source, b.span, &b.code)));
    }

    fn differ(&mut self, missed: bool, source: &str, code: &str, span: Span, polarity: Polarity) {
        self.differences.push(Difference { missed, source: source.to_owned(), code: code.to_owned(), span, polarity });
    }

    /// Mean of the codes' F1, over the codes that have one.
    pub fn macro_f1(&self) -> Option<f64> {
        let all: Vec<f64> = self.codes.values().filter_map(CodeResult::f1).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{FIRST_ROUND, Origin, Qualifiers, Visible};

    fn coding(start: u32, end: u32, polarity: Polarity) -> Coding {
        Coding {
            code: Some("trust".into()),
            source: "s".into(),
            revision: "r".into(),
            span: Span::new(start, end),
            digest: String::new(),
            coder: "a".into(),
            polarity,
            qualifiers: Qualifiers::default(),
            origin: Origin::Imported,
            confidence: None,
            codebook_version: 1,
            indicator: None,
            trigger: None,
            rule_set: None,
            note: String::new(),
            visible: Visible::default(),
            round: FIRST_ROUND,
        }
    }

    fn suggestion(start: u32, end: u32, polarity: Polarity) -> Suggestion {
        let unit = Span::new(start, end);
        Suggestion {
            code: "trust".into(),
            turn: 0,
            unit,
            indicator: unit,
            trigger: None,
            scope: unit,
            rules: Vec::new(),
            polarity,
            qualifiers: Qualifiers::default(),
            prompted: false,
            because: "a word that negates the noun after it",
            answers: None,
        }
    }

    #[test]
    fn precision_recall_and_polarity_by_hand() {
        // Reference: 0-10 absent, 20-30 present, 40-50 present. Rules: 0-10 present, 22-28 present, 60-70 present.
        let reference =
            [coding(0, 10, Polarity::Absent), coding(20, 30, Polarity::Present), coding(40, 50, Polarity::Present)];
        let rules = [
            suggestion(0, 10, Polarity::Present),
            suggestion(22, 28, Polarity::Present),
            suggestion(60, 70, Polarity::Present),
        ];
        let units: Vec<Span> = (0..8).map(|k| Span::new(10 * k, 10 * k + 10)).collect();
        let mut evaluation = Evaluation::default();
        evaluation.add(
            "s",
            &BTreeSet::from(["trust".into()]),
            &rules,
            &reference.iter().collect::<Vec<_>>(),
            &units,
            &|_| true,
        );
        let result = &evaluation.codes["trust"];
        assert_eq!((result.found, result.right, result.polarity_right), (2, 2, 1));
        assert_eq!(result.precision(), Some(2.0 / 3.0));
        assert_eq!(result.recall(), Some(2.0 / 3.0));
        assert_eq!(result.units, [2, 1, 1, 4]);
        // Observed 6/8, expected (3*3 + 5*5)/64: (0.75 - 0.53125) / 0.46875.
        assert!((result.kappa().unwrap() - 7.0 / 15.0).abs() < 1e-12);
        assert_eq!(evaluation.polarity[&(Polarity::Absent, Polarity::Present)], 1);
        let differences: Vec<(bool, u32)> = evaluation.differences.iter().map(|d| (d.missed, d.span.start)).collect();
        assert_eq!(differences, [(true, 40), (false, 60)]);
    }

    #[test]
    fn what_nobody_expects_to_be_found_is_not_missed_and_not_a_false_alarm() {
        let mut latent = [coding(0, 10, Polarity::Present), coding(40, 50, Polarity::Present)];
        latent.iter_mut().for_each(|coding| coding.note = "latent".into());
        let named = coding(20, 30, Polarity::Present);
        let rules = [suggestion(0, 10, Polarity::Present), suggestion(60, 70, Polarity::Present)];
        let mut evaluation = Evaluation::default();
        let reference: Vec<&Coding> = latent.iter().chain([&named]).collect();
        let codes = BTreeSet::from(["trust".into()]);
        evaluation.add("s", &codes, &rules, &reference, &[], &|coding| coding.note != "latent");
        let result = &evaluation.codes["trust"];
        assert_eq!((result.reference, result.found, result.suggested, result.right), (1, 0, 2, 1));
        let differences: Vec<(bool, u32)> = evaluation.differences.iter().map(|d| (d.missed, d.span.start)).collect();
        assert_eq!(differences, [(true, 20), (false, 60)]);
    }
}
