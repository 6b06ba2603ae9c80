//! Whether a codebook is a good one: what a careful colleague would say on reading it.
//!
//! Owns advice only. That ids, parents and rules are valid is settled where the file is read; a codebook from
//! elsewhere whose rules cannot be used is told so here too. Findings are sorted by code and never change anything.

use crate::model::{Code, CodeStatus, Codebook, Polarity, Rule};
use crate::query::{self, Query};
use crate::text;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Results are or may be wrong.
    Warning,
    /// It could be better.
    Note,
}

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Id of the code.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What there is, as a clause.
    pub what: String,
    /// What to do, as a clause.
    pub advice: String,
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        write!(f, "{}: {severity}: {}; {}", self.code, self.what, self.advice)
    }
}

/// Levels of codes that people can keep apart while coding.
const DEEPEST: usize = 3;

/// All findings on a codebook, sorted by code, warnings first.
pub fn check(codebook: &Codebook) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    for (id, code) in &codebook.codes {
        check_words(codebook, id, code, &mut findings);
        check_rules(id, code, &mut findings);
    }
    check_twins(codebook, &mut findings);
    check_shared_rules(codebook, &mut findings);
    findings.0.sort();
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, severity: Severity, code: &str, what: impl Into<String>, advice: impl Into<String>) {
        self.0.push(Finding { code: code.to_owned(), severity, what: what.into(), advice: advice.into() });
    }
}

fn check_words(codebook: &Codebook, id: &str, code: &Code, findings: &mut Findings) {
    if code.label.trim().is_empty() {
        findings.add(Severity::Warning, id, "it has no label", "give it one: tables show it");
    }
    if code.status == CodeStatus::Active {
        let missing: Vec<&str> = [("brief", &code.brief), ("full", &code.full)]
            .into_iter()
            .filter(|(_, text)| text.trim().is_empty())
            .map(|(name, _)| name)
            .collect();
        if !missing.is_empty() {
            let what = format!("it is active without a definition (`{}`)", missing.join("`, `"));
            findings.add(Severity::Note, id, what, "write it, or set the status to draft");
        }
    }
    for exclusion in &code.exclude {
        let said = words(exclusion);
        let names = |other: &str, label: &str| contains(&said, &words(other)) || contains(&said, &words(label));
        if !codebook.codes.iter().any(|(other, code)| other != id && names(other, &code.label)) {
            let what = format!("the exclusion \"{exclusion}\" names no other code");
            findings.add(Severity::Note, id, what, "name the code to use instead");
        }
    }
    let levels = codebook.path(id).matches('/').count() + 1;
    if levels > DEEPEST {
        let what = format!("it lies {levels} levels deep");
        findings.add(Severity::Note, id, what, format!("{DEEPEST} levels are as many as coders keep apart"));
    }
}

/// Folded words of a text.
fn words(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    text::tokenize(text, &mut tokens);
    tokens.iter().filter_map(|token| token.span.of(text)).map(|word| text::fold(word).into_owned()).collect()
}

fn contains(said: &[String], part: &[String]) -> bool {
    !part.is_empty() && said.windows(part.len()).any(|window| window == part)
}

/// Rules and negative forms of a code, those that cannot be read left out.
fn rules_of(code: &Code) -> Vec<(Rule, Query)> {
    let negative = code.negative_forms.iter().map(|query| Rule {
        query: query.clone(),
        polarity: Polarity::Absent,
        target: None,
        language: None,
        fixed: false,
    });
    let all = code.rules.iter().cloned().chain(negative);
    all.filter_map(|rule| query::parse(&rule.query).ok().map(|query| (rule, query))).collect()
}

fn check_rules(id: &str, code: &Code, findings: &mut Findings) {
    let rules = code.rules.iter().map(|rule| &rule.query).chain(&code.negative_forms);
    for rule in rules.clone() {
        let problem = match query::parse(rule) {
            Err(error) => Some(error.sentence()),
            Ok(query) => query::check_rule(&query).err().map(|error| error.to_string()),
        };
        if let Some(problem) = problem {
            findings.add(Severity::Warning, id, format!("the rule `{rule}` cannot be used: {problem}"), "mend it");
        }
    }
    if matches!(code.status, CodeStatus::Merged | CodeStatus::Split | CodeStatus::Retired) && rules.count() > 0 {
        let advice = "move its rules to the code that is used now, or take them out";
        findings.add(Severity::Warning, id, "it is no longer used and still has rules", advice);
    }
    for target in code.rules.iter().filter_map(|rule| rule.target.as_ref()) {
        if !code.targets.contains(target) {
            let what = format!("a rule sets the target `{target}`, which is not among its targets");
            findings.add(Severity::Warning, id, what, "add it to `targets`");
        }
    }
    check_covered(id, &rules_of(code), findings);
}

/// Rules that add nothing to another rule of the same code with the same effect.
fn check_covered(id: &str, rules: &[(Rule, Query)], findings: &mut Findings) {
    for (index, (rule, query)) in rules.iter().enumerate() {
        let better = rules.iter().enumerate().find(|(other, (wide, wide_query))| {
            let same_effect = wide.polarity == rule.polarity && wide.target == rule.target && wide.fixed == rule.fixed;
            let language = wide.language.is_none() || wide.language == rule.language;
            // Of two rules that cover each other the first stays.
            *other != index
                && same_effect
                && language
                && query::covers(wide_query, query, rule.language.as_deref())
                && (*other < index
                    || wide.language != rule.language
                    || !query::covers(query, wide_query, rule.language.as_deref()))
        });
        let Some((_, (wide, wide_query))) = better else { continue };
        let what = if wide_query == query {
            format!("the rule `{}` stands there twice", rule.query)
        } else {
            format!("the rule `{}` is covered by `{}`", rule.query, wide.query)
        };
        findings.add(Severity::Note, id, what, "take it out: it adds nothing");
    }
}

/// Labels and colours that two codes share.
fn check_twins(codebook: &Codebook, findings: &mut Findings) {
    let mut labels: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut colors: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (id, code) in &codebook.codes {
        if !code.label.trim().is_empty() {
            labels.entry(text::fold(code.label.trim()).into_owned()).or_default().push(id);
        }
        if let Some(color) = &code.color {
            colors.entry(color.to_ascii_lowercase()).or_default().push(id);
        }
    }
    for twins in labels.values() {
        for (first, id) in pairs(twins) {
            let what = format!("it has the same label as `{first}`");
            findings.add(Severity::Warning, id, what, "give each its own: tables show labels");
        }
    }
    for twins in colors.values() {
        for (first, id) in pairs(twins) {
            findings.add(Severity::Note, id, format!("it has the same colour as `{first}`"), "choose another");
        }
    }
}

/// The first with each of the others.
fn pairs<'a>(twins: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    twins.split_first().map(|(first, rest)| rest.iter().map(|other| (*first, *other)).collect()).unwrap_or_default()
}

/// Rules that stand in two codes: every hit gets both.
fn check_shared_rules(codebook: &Codebook, findings: &mut Findings) {
    let mut seen: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (id, code) in &codebook.codes {
        for (_, query) in rules_of(code) {
            let users = seen.entry(query.to_string()).or_default();
            if users.last() != Some(&id.as_str()) {
                users.push(id);
            }
        }
    }
    for (rule, users) in &seen {
        for (first, id) in pairs(users) {
            let what = format!("its rule `{rule}` is also a rule of `{first}`");
            let advice = "keep it where it belongs, or make it more specific in one of them";
            findings.add(Severity::Warning, id, what, advice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Severity, check};
    use crate::model::{Code, CodeStatus, Codebook, Polarity, Rule};

    fn code(label: &str, rules: &[&str]) -> Code {
        let rule = |query: &&str| Rule {
            query: (*query).to_owned(),
            polarity: Polarity::Present,
            target: None,
            language: None,
            fixed: false,
        };
        Code { label: label.to_owned(), rules: rules.iter().map(rule).collect(), ..Code::default() }
    }

    fn book<const N: usize>(codes: [(&str, Code); N]) -> Codebook {
        Codebook { codes: codes.into_iter().map(|(id, code)| (id.to_owned(), code)).collect(), ..Codebook::default() }
    }

    fn said<const N: usize>(codes: [(&str, Code); N]) -> Vec<String> {
        check(&book(codes)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_codebook_gives_no_findings() {
        let beans = Code {
            status: CodeStatus::Active,
            brief: "x".into(),
            full: "y".into(),
            exclude: vec!["Flowers: use Roses.".into()],
            ..code("Beans", &["bean*"])
        };
        assert_eq!(said([("beans", beans), ("roses", code("Roses", &["rose*"]))]), [""; 0]);
    }

    #[test]
    fn words_are_checked() {
        let vague = Code {
            status: CodeStatus::Active,
            brief: "x".into(),
            exclude: vec!["Other plants.".into()],
            ..code("Beans", &[])
        };
        assert_eq!(
            said([("beans", vague), ("roses", code(" ", &[]))]),
            [
                "beans: note: it is active without a definition (`full`); write it, or set the status to draft",
                "beans: note: the exclusion \"Other plants.\" names no other code; name the code to use instead",
                "roses: warning: it has no label; give it one: tables show it",
            ]
        );
        let own = Code { exclude: vec!["Not Beans in tins".into()], ..code("Beans", &[]) };
        assert_eq!(said([("beans", own)]).len(), 1, "an exclusion that names the code itself names no other");
        let by_id = Code { exclude: vec!["see `old_roses`".into()], ..code("Beans", &[]) };
        assert_eq!(said([("beans", by_id), ("old_roses", code("Roses", &[]))]), [""; 0]);
    }

    #[test]
    fn twins_are_found() {
        let colored = |label: &str, color: &str| Code { color: Some(color.into()), ..code(label, &[]) };
        assert_eq!(
            said([
                ("a", colored("Béans", "#AABBCC")),
                ("b", colored("beans ", "#aabbcc")),
                ("c", colored("x", "#000000"))
            ]),
            [
                "b: warning: it has the same label as `a`; give each its own: tables show labels",
                "b: note: it has the same colour as `a`; choose another",
            ]
        );
    }

    #[test]
    fn rules_that_add_nothing_are_found() {
        let findings = said([("a", code("A", &["beans", "bean*", "\"tall beans\"", "rose", "rose", "=Rose"]))]);
        assert_eq!(
            findings,
            [
                "a: note: the rule `\"tall beans\"` is covered by `beans`; take it out: it adds nothing",
                "a: note: the rule `=Rose` is covered by `rose`; take it out: it adds nothing",
                "a: note: the rule `beans` is covered by `bean*`; take it out: it adds nothing",
                "a: note: the rule `rose` stands there twice; take it out: it adds nothing",
            ]
        );
        let mut other = code("A", &["bean*", "beans"]);
        if let Some(rule) = other.rules.last_mut() {
            rule.polarity = Polarity::Absent;
        }
        assert_eq!(said([("a", other)]), [""; 0], "another polarity is another effect");
    }

    #[test]
    fn rules_in_two_codes_are_found() {
        let negative = Code { negative_forms: vec!["( bean   rose )".into()], ..code("B", &[]) };
        let findings = said([("a", code("A", &["bean AND rose"])), ("b", negative)]);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings.iter().all(|one| one.starts_with("b: warning: its rule `bean AND rose` is also a rule of `a`"))
        );
    }

    #[test]
    fn rules_that_cannot_work_are_found() {
        let retired = Code { status: CodeStatus::Retired, ..code("A", &["bean"]) };
        assert!(said([("a", retired)]).iter().any(|one| one.contains("no longer used and still has rules")));
        let broken = check(&book([("a", code("A", &["(bean", "*", "code:b"]))]));
        assert_eq!(broken.iter().filter(|one| one.severity == Severity::Warning).count(), 3, "{broken:?}");
        let mut aimed = code("A", &["bean"]);
        if let Some(rule) = aimed.rules.first_mut() {
            rule.target = Some("roof".into());
        }
        assert!(said([("a", aimed)]).iter().any(|one| one.contains("target `roof`")));
    }

    #[test]
    fn deep_trees_are_found_and_circles_do_no_harm() {
        let below = |parent: &str| Code { parent: Some(parent.to_owned()), ..code(&format!("below {parent}"), &[]) };
        let findings = said([("a", code("A", &[])), ("b", below("a")), ("c", below("b")), ("d", below("c"))]);
        assert_eq!(findings, ["d: note: it lies 4 levels deep; 3 levels are as many as coders keep apart"]);
        assert_eq!(said([("a", below("b")), ("b", below("a"))]), [""; 0]);
    }
}
