//! Reading of rules: in the query language, fit to be rules, mistakes shown inside the rule.

use super::place::written_at;
use super::read::{Reader, Value, entry};
use super::{CodebookMistake as Mistake, Note, Place};
use crate::model::Polarity;
use crate::query::{RuleError, check_rule, parse_detailed};
use std::ops::Range;
use toml::de::DeValue;

const RULE_KEYS: [&str; 5] = ["fixed", "language", "match", "polarity", "target"];

impl Reader<'_> {
    pub(super) fn rules(&mut self, code: &str, value: &Value<'_>) {
        let DeValue::Array(rules) = value.get_ref() else {
            return self.kind(&value.span(), "rules", "a list of rules, `[\"...\", { match = \"...\" }]`", None);
        };
        for rule in rules.iter() {
            match rule.get_ref() {
                DeValue::String(query) => self.query(code, query, &rule.span()),
                DeValue::Table(_) => self.full_rule(code, rule),
                _ => self.kind(&rule.span(), "rules", "a list of texts or of tables with `match`", None),
            }
        }
    }

    pub(super) fn negative_forms(&mut self, code: &str, value: &Value<'_>) {
        let DeValue::Array(rules) = value.get_ref() else {
            return self.kind(&value.span(), "negative_forms", "a list of texts, `[\"...\", \"...\"]`", None);
        };
        for rule in rules.iter() {
            match rule.get_ref() {
                DeValue::String(query) => self.query(code, query, &rule.span()),
                _ => self.kind(&rule.span(), "negative_forms", "a list of texts, `[\"...\", \"...\"]`", None),
            }
        }
    }

    /// `{ match = "...", polarity = "absent", target = "...", language = "en", fixed = true }`
    fn full_rule(&mut self, code: &str, rule: &Value<'_>) {
        let DeValue::Table(table) = rule.get_ref() else { return };
        self.keys(table, &RULE_KEYS, "a rule");
        match entry(table, "match").map(|value| (value.get_ref(), value.span())) {
            Some((DeValue::String(query), range)) => self.query(code, query, &range),
            Some((_, range)) => self.kind(&range, "match", "text in quotation marks", None),
            None => self.problem(&rule.span(), Mistake::NoMatch { code: code.to_owned() }, None),
        }
        if let Some(polarity) = entry(table, "polarity") {
            let known = Polarity::ALL.map(Polarity::name);
            self.fits::<Polarity>("polarity", polarity, "present, absent, ceased, reduced or hypothetical", &known);
            if matches!(polarity.get_ref(), DeValue::String(name) if name == Polarity::Ambivalent.name()) {
                self.problem(&polarity.span(), Mistake::Ambivalent { code: code.to_owned() }, None);
            }
        }
        for key in ["target", "language"] {
            if let Some(value) = entry(table, key) {
                self.fits::<String>(key, value, "text in quotation marks", &[]);
            }
        }
        if let Some(fixed) = entry(table, "fixed") {
            self.fits::<bool>("fixed", fixed, "true or false", &[]);
        }
    }

    /// Checks one pattern; `range` is the string that holds it, quotation marks included.
    fn query(&mut self, code: &str, query: &str, range: &Range<usize>) {
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let places = written_at(raw, range.start, query);
        let inside = |part: &Range<usize>| {
            let place = |byte: usize| places.as_ref().and_then(|places| places.get(byte)).copied();
            match (place(part.start), place(part.end)) {
                (Some(start), Some(end)) => start..end,
                _ => range.clone(),
            }
        };
        match parse_detailed(query) {
            Err(error) => {
                let mistake = Mistake::Rule { code: code.to_owned(), source: error.problem().clone() };
                self.problem(&inside(&error.range()), mistake, error.correction().map(str::to_owned));
            }
            Ok(parsed) => {
                for hint in parsed.hints {
                    let place = Place::new(self.file, self.text, &inside(&hint.range));
                    self.notes.push(Note { place, sentence: format!("in a rule of `{code}`: {}", hint.message) });
                }
                if let Err(source) = check_rule(&parsed.query) {
                    let part = match &source {
                        RuleError::DependsOnDecisions { field } => {
                            let found = parsed.fields.iter().find(|(_, other)| other == field);
                            found.map_or(0..query.len(), |(at, _)| *at..*at + field.to_string().len() + 1)
                        }
                        RuleError::MatchesEverything { part } => {
                            query.find(part.as_str()).map_or(0..query.len(), |at| at..at + part.len())
                        }
                        RuleError::LooksAround { relation } => {
                            let written = relation.to_string();
                            query.find(&written).map_or(0..query.len(), |at| at..at + written.len())
                        }
                        RuleError::NoWords => 0..query.len(),
                    };
                    self.problem(&inside(&part), Mistake::Unfit { code: code.to_owned(), source }, None);
                }
            }
        }
    }
}
