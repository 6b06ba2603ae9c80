//! Codes and the versions of the list of them.

use super::{AttributeValue, Polarity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The piece of text that a suggestion marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeaningUnit {
    /// The clause around the indicator.
    Clause,
    /// The sentence around it.
    #[default]
    Sentence,
    /// The whole turn.
    Turn,
}

/// Life of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeStatus {
    /// Being tried; needs no definition.
    #[default]
    Draft,
    /// In use.
    Active,
    /// Its codings went to another code.
    Merged,
    /// Its codings went to several codes.
    Split,
    /// No longer used.
    Retired,
}

/// A pattern in the query language that suggests a code.
///
/// In TOML either a plain string or a table `{ match = "...", polarity = "absent", target = "worker", language = "en" }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "RuleForm", into = "RuleForm")]
pub struct Rule {
    /// The query.
    pub query: String,
    /// Polarity of a hit with no trigger in scope. `absent` makes this a negative form ("distrust"): a negator in
    /// scope turns it to `present`.
    pub polarity: Polarity,
    /// Target that a hit implies.
    pub target: Option<String>,
    /// Language the rule is for (BCP 47 primary tag); any, where nothing is said.
    pub language: Option<String>,
    /// The polarity is fixed: triggers in scope are shown but do not change it ("I did not want to be disappointed again").
    pub fixed: bool,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum RuleForm {
    Plain(String),
    Full {
        #[serde(rename = "match")]
        query: String,
        #[serde(default = "present", skip_serializing_if = "is_present")]
        polarity: Polarity,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        fixed: bool,
    },
}

fn present() -> Polarity {
    Polarity::Present
}

fn is_present(polarity: &Polarity) -> bool {
    *polarity == Polarity::Present
}

impl From<RuleForm> for Rule {
    fn from(form: RuleForm) -> Self {
        match form {
            RuleForm::Plain(query) => {
                Self { query, polarity: Polarity::Present, target: None, language: None, fixed: false }
            }
            RuleForm::Full { query, polarity, target, language, fixed } => {
                Self { query, polarity, target, language, fixed }
            }
        }
    }
}

impl From<Rule> for RuleForm {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule { query, polarity: Polarity::Present, target: None, language: None, fixed: false } => {
                Self::Plain(query)
            }
            Rule { query, polarity, target, language, fixed } => {
                Self::Full { query, polarity, target, language, fixed }
            }
        }
    }
}

/// What a coder should and should not take the code for, in examples.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Examples {
    /// A typical case.
    pub typical: Vec<String>,
    /// Looks like it, belongs to another code.
    pub near_miss: Vec<String>,
    /// The theme is spoken of and denied.
    pub negative: Vec<String>,
}

/// A label applied to data, with MacQueen's six fields and what a rule-writer needs. The id is the key in the codebook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Code {
    /// Label for tables.
    pub label: String,
    /// Id of the parent code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Status.
    pub status: CodeStatus,
    /// One line.
    pub brief: String,
    /// Full definition.
    pub full: String,
    /// When to use it.
    pub include: Vec<String>,
    /// When not to, naming the competing code.
    pub exclude: Vec<String>,
    /// Examples.
    pub examples: Examples,
    /// `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// What a suggestion marks.
    pub unit: MeaningUnit,
    /// Rules that suggest it.
    pub rules: Vec<Rule>,
    /// Short for rules with polarity `absent`: the theme's own negative words ("distrust").
    pub negative_forms: Vec<String>,
    /// Values that the `target` qualifier can take.
    pub targets: Vec<String>,
    /// Names of instruments or scores whose content this code shares: a matrix marks such pairs as circular.
    pub overlaps: Vec<String>,
    /// Why it is in the codebook, why it changed.
    pub rationale: String,
    /// Free attributes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// The hierarchical list of codes, as a file or a version holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Codebook {
    /// Name.
    pub name: String,
    /// What it is for and where it comes from.
    #[serde(default)]
    pub note: String,
    /// Codes by id (letters, digits, `_`, `-`).
    #[serde(default)]
    pub codes: BTreeMap<String, Code>,
}

impl Codebook {
    /// `parent/child/id` for a code; the id alone where it has no parent or the parents run in a circle.
    pub fn path(&self, id: &str) -> String {
        let mut parts = vec![id];
        let mut at = id;
        while let Some(parent) = self.codes.get(at).and_then(|code| code.parent.as_deref()) {
            if parts.contains(&parent) {
                return id.to_owned();
            }
            parts.push(parent);
            at = parent;
        }
        parts.reverse();
        parts.join("/")
    }
}

/// A version of the study's codebook; the record's key is its number, zero-padded to six digits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CodebookVersion {
    /// Number, from 1.
    pub number: u32,
    /// The list itself.
    pub codebook: Codebook,
    /// Frozen: the next change makes a new version even when nothing was coded in between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<String>,
}
