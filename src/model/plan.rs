//! Analyses declared beforehand, and the record that somebody has looked.

use serde::{Deserialize, Serialize};

/// Adjustment for testing several codes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adjustment {
    /// Holm's step-down.
    #[default]
    Holm,
    /// Benjamini and Hochberg's false discovery rate.
    Bh,
    /// None.
    None,
}

/// The kind of table that a plan declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlannedTable {
    /// Codes or themes by an outcome.
    #[default]
    Outcome,
    /// The same people twice, as `matrix --by` has it.
    By,
    /// A model.
    Model,
    /// Moves between classes.
    Transitions,
}

impl PlannedTable {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::By => "by",
            Self::Model => "model",
            Self::Transitions => "transitions",
        }
    }
}

/// A declared family of tests: p is headline only for these. The id is the record's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Kind of table. Plans from before there were several declare tables of an outcome.
    #[serde(default, skip_serializing_if = "is_default")]
    pub table: PlannedTable,
    /// What it is about, in the words of that table: outcome (`attachment.T1=secure`), occasions (`time`, `wave:T0,T1`),
    /// formula, classes (`attachment=secure`).
    pub outcome: String,
    /// Codes of the family, sorted; terms, where it is a model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Themes of the family, sorted, where it is one of themes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub themes: Vec<String>,
    /// What is counted (`participant`, `source`, `case`).
    #[serde(default = "participant", skip_serializing_if = "is_participant")]
    pub unit: String,
    /// Who is at risk, where not everybody is: a group (`attachment.T0=insecure`) or a query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_risk: Option<String>,
    /// What is compared (`presence`, `count`, ...).
    #[serde(default = "presence", skip_serializing_if = "is_presence")]
    pub measure: String,
    /// Name of the test.
    pub test: String,
    /// Score by which the effect is adjusted, for a test that needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Attribute whose values are strata or clusters, for a test that needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<String>,
    /// Adjustment over the family.
    pub adjustment: Adjustment,
    /// Level.
    pub alpha: f64,
}

fn is_default(table: &PlannedTable) -> bool {
    *table == PlannedTable::default()
}

fn presence() -> String {
    "presence".into()
}

fn is_presence(measure: &String) -> bool {
    measure == "presence"
}

fn participant() -> String {
    "participant".into()
}

fn is_participant(unit: &String) -> bool {
    unit == "participant"
}

impl Plan {
    /// The codes or themes of the family.
    pub fn rows(&self) -> &[String] {
        if self.themes.is_empty() { &self.codes } else { &self.themes }
    }

    /// Under which name somebody's look at such a table is recorded.
    pub fn look(&self) -> String {
        look(self.table, &self.outcome)
    }
}

/// Under which name a look is recorded: a table and a model of the same outcome are looks at the same thing.
pub fn look(table: PlannedTable, about: &str) -> String {
    match table {
        PlannedTable::Outcome => about.to_owned(),
        PlannedTable::Model => about.split('~').next().unwrap_or(about).trim().to_owned(),
        PlannedTable::By => format!("--by {about}"),
        PlannedTable::Transitions => format!("transitions {about}"),
    }
}

/// The first table or model for an outcome. The record's key is the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Outcome.
    pub outcome: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_from_before_there_were_several_kinds_is_one_of_presence_by_an_outcome() {
        let old =
            r#"{"outcome":"attachment.T1=secure","codes":["trust"],"test":"fisher","adjustment":"holm","alpha":0.05}"#;
        let plan: Plan = serde_json::from_str(old).unwrap();
        assert_eq!(
            (plan.table, plan.measure.as_str(), plan.unit.as_str()),
            (PlannedTable::Outcome, "presence", "participant")
        );
        assert_eq!(plan.look(), "attachment.T1=secure");
        // And it is written as it was read, so that its digest stays.
        assert_eq!(serde_json::to_string(&plan).unwrap(), old);
    }

    #[test]
    fn a_model_is_a_look_at_what_it_explains() {
        assert_eq!(look(PlannedTable::Model, "wellbeing.T1 ~ wellbeing.T0 + trust"), "wellbeing.T1");
        assert_eq!(look(PlannedTable::By, "time"), "--by time");
    }
}
