//! What a matrix is asked to show.

use crate::join::{Layer, Outcome, Unit};
use crate::model::{Polarity, Time};
use clap::ValueEnum;
use std::fmt::Write as _;
use std::str::FromStr;

/// What is compared between groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Whether the unit says it at all.
    #[default]
    Presence,
    /// Number of codings.
    Count,
    /// Codings per 1,000 words of the coded role.
    Rate,
    /// Share of that role's turns that hold a coding.
    TurnShare,
    /// Share of that role's words that lie in codings.
    WordCoverage,
    /// Present less absent statements over both; nothing for a unit that makes neither.
    PolarityBalance,
}

impl Measure {
    /// The word that the command line and plans use.
    pub fn name(self) -> String {
        value_name(self)
    }

    /// The measure in words, with its unit.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Count => "number of codings",
            Self::Rate => "codings per 1,000 words of the coded role",
            Self::TurnShare => "share of the coded role's turns",
            Self::WordCoverage => "share of the coded role's words",
            Self::PolarityBalance => "balance of polarity, (present - absent) / (present + absent)",
        }
    }
}

/// Over whom a share is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denominator {
    /// Units that somebody has read for the code.
    #[default]
    Covered,
    /// Of these, units that were asked about it.
    Asked,
    /// Every unit with the outcome, read or not.
    All,
}

/// A test on request, shown beside the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// Fisher's exact test, two-sided.
    Fisher,
    /// The same with mid-p.
    MidP,
    /// Conditional maximum-likelihood odds ratio with exact interval.
    OddsRatio,
    /// Mann-Whitney U, exact when small.
    MannWhitney,
    /// Welch's t.
    Welch,
    /// Hedges' g with interval.
    HedgesG,
    /// Pearson's chi-square, for several classes.
    ChiSquare,
    /// Kruskal-Wallis, for a measure in several classes.
    KruskalWallis,
    /// Permutation of mean differences; with `--strata` only within the strata.
    Permutation,
    /// Analysis of covariance (logistic for two groups) with the score of `--baseline`.
    Ancova,
    /// Cochran-Mantel-Haenszel over the strata of `--strata`.
    Cmh,
    /// Difference with CR2 errors for the clusters of `--clusters`.
    ClusterRobust,
    /// McNemar's exact test, for the same people at two times.
    #[value(name = "mcnemar")]
    McNemar,
    /// Wilcoxon's signed-rank test, for a measure of the same people at two times.
    Wilcoxon,
}

impl Test {
    /// The word that the command line and plans use.
    pub fn name(self) -> String {
        value_name(self)
    }

    /// The test of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }
}

/// Which rows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// These codes; all of the codebook, where none is named.
    Codes(Vec<String>),
    /// These themes; all, where none is named.
    Themes(Vec<String>),
}

/// The whole question that a matrix answers.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixSpec {
    /// The outcome.
    pub outcome: Outcome,
    /// Codes or themes.
    pub rows: Rows,
    /// What is counted.
    pub unit: Unit,
    /// What is compared.
    pub measure: Measure,
    /// Over whom.
    pub denominator: Denominator,
    /// Statements of this polarity only; else present and mixed count.
    pub polarity: Option<Polarity>,
    /// Times that count; else all but `before`.
    pub times: Option<Vec<Time>>,
    /// Sources of this wave only.
    pub wave: Option<String>,
    /// Statements with this target only.
    pub target: Option<String>,
    /// Count what is said of others too.
    pub anyone: bool,
    /// Leave out what the interviewer had just named.
    pub spontaneous: bool,
    /// Count focus groups for participants too.
    pub focus_groups: bool,
    /// Whose codings.
    pub layer: Layer,
    /// Add suggestions that nobody has looked at.
    pub with_suggestions: bool,
    /// Units for which this query holds, as typed.
    pub filter: Option<String>,
    /// Only units in this group count: `attachment.T0=insecure`.
    pub at_risk: Option<Outcome>,
    /// Score by which effects are also adjusted.
    pub baseline: Option<Outcome>,
    /// Attribute within whose values effects are also compared.
    pub strata: Option<String>,
    /// Attribute whose values hold units that are alike, such as the clients of one worker.
    pub clusters: Option<String>,
    /// Scores shown beside a class; else the scales of its own instrument.
    pub beside: Vec<Outcome>,
    /// Tests asked for.
    pub tests: Vec<Test>,
}

impl MatrixSpec {
    /// The plain question: all codes, participants, presence.
    pub fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            rows: Rows::Codes(Vec::new()),
            unit: Unit::default(),
            measure: Measure::default(),
            denominator: Denominator::default(),
            polarity: None,
            times: None,
            wave: None,
            target: None,
            anyone: false,
            spontaneous: false,
            focus_groups: false,
            layer: Layer::default(),
            with_suggestions: false,
            filter: None,
            at_risk: None,
            baseline: None,
            strata: None,
            clusters: None,
            beside: Vec::new(),
            tests: Vec::new(),
        }
    }

    /// Every outcome that the question names.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        std::iter::once(&self.outcome).chain(&self.at_risk).chain(&self.baseline).chain(&self.beside)
    }

    /// Tests of a row: those asked for, and those that an adjustment implies, whose p is not shown unasked.
    pub(super) fn all_tests(&self) -> Vec<(Test, bool)> {
        let mut all: Vec<(Test, bool)> = self.tests.iter().map(|test| (*test, true)).collect();
        for (test, implied) in [
            (Test::Ancova, self.baseline.is_some()),
            (Test::Cmh, self.strata.is_some()),
            (Test::ClusterRobust, self.clusters.is_some()),
        ] {
            if implied && !self.tests.contains(&test) {
                all.push((test, false));
            }
        }
        all
    }

    /// Whether statements about this time count.
    pub fn counts_time(&self, time: Time) -> bool {
        match &self.times {
            Some(times) => times.contains(&time),
            None => time != Time::Before,
        }
    }

    /// The id of a cell: `ROW@OUTCOME:GROUP`, then what differs from the plain question. Tests, adjustments and
    /// denominators do not change which quotations lie behind a cell, so they are not part of it.
    pub fn cell_id(&self, row: &str, group: &str) -> String {
        self.cell_id_of(&self.outcome, row, group)
    }

    /// The id of a cell for another outcome: one class of several is a question with two groups.
    pub(super) fn cell_id_of(&self, outcome: &Outcome, row: &str, group: &str) -> String {
        let mut id = String::new();
        if matches!(self.rows, Rows::Themes(_)) {
            id.push_str("theme=");
        }
        let _ = write!(id, "{row}@{outcome}:{group}");
        let mut option = |name: &str, value: &str| {
            let _ = write!(id, ";{name}={value}");
        };
        if self.unit != Unit::default() {
            option("unit", &value_name(self.unit));
        }
        if let Some(polarity) = self.polarity {
            option("polarity", polarity.name());
        }
        if let Some(times) = &self.times {
            option("time", &times.iter().map(|time| time.name()).collect::<Vec<_>>().join("+"));
        }
        if let Some(wave) = &self.wave {
            option("wave", wave);
        }
        if let Some(target) = &self.target {
            option("target", target);
        }
        for (name, on) in [
            ("anyone", self.anyone),
            ("spontaneous", self.spontaneous),
            ("focus-groups", self.focus_groups),
            ("with-suggestions", self.with_suggestions),
        ] {
            if on {
                option(name, "yes");
            }
        }
        if self.layer != Layer::default() {
            option("layer", &self.layer.to_string());
        }
        if let Some(at_risk) = &self.at_risk {
            option("at-risk", &at_risk.to_string());
        }
        if let Some(filter) = &self.filter {
            option("where", filter);
        }
        id
    }

    /// Reads a cell id back: the question, the row and the group.
    pub fn of_cell_id(id: &str) -> Result<(Self, String, String), String> {
        let bad = |why: &str| {
            format!("`{id}` is no cell id ({why}): copy one from a matrix, such as `trust@attachment.T1=secure:yes`")
        };
        let (head, filter) = match id.split_once(";where=") {
            Some((head, filter)) => (head, Some(filter.to_owned())),
            None => (id, None),
        };
        let mut parts = head.split(';');
        let (row, rest) = parts.next().and_then(|main| main.split_once('@')).ok_or_else(|| bad("no `@`"))?;
        let (outcome, group) = rest.rsplit_once(':').ok_or_else(|| bad("no group"))?;
        let mut spec = Self::new(Outcome::parse(outcome).map_err(|error| bad(&error.to_string()))?);
        spec.filter = filter;
        let row = match row.strip_prefix("theme=") {
            Some(theme) => {
                spec.rows = Rows::Themes(vec![theme.to_owned()]);
                theme
            }
            None => {
                spec.rows = Rows::Codes(vec![row.to_owned()]);
                row
            }
        };
        for part in parts {
            let (name, value) = part.split_once('=').ok_or_else(|| bad("an option without `=`"))?;
            let unknown = || bad(&format!("unknown {name} `{value}`"));
            match name {
                "unit" => spec.unit = Unit::from_str(value, true).map_err(|_| unknown())?,
                "polarity" => {
                    let known = Polarity::ALL.into_iter().find(|polarity| polarity.name() == value);
                    spec.polarity = Some(known.ok_or_else(unknown)?);
                }
                "time" => {
                    let times: Option<Vec<Time>> = value.split('+').map(parse_time).collect();
                    spec.times = Some(times.ok_or_else(unknown)?);
                }
                "wave" => spec.wave = Some(value.to_owned()),
                "target" => spec.target = Some(value.to_owned()),
                "anyone" => spec.anyone = true,
                "spontaneous" => spec.spontaneous = true,
                "focus-groups" => spec.focus_groups = true,
                "with-suggestions" => spec.with_suggestions = true,
                "layer" => spec.layer = FromStr::from_str(value)?,
                "at-risk" => spec.at_risk = Some(Outcome::parse(value).map_err(|error| bad(&error.to_string()))?),
                _ => return Err(unknown()),
            }
        }
        Ok((spec, row.to_owned(), group.to_owned()))
    }
}

/// The word that the command line uses for a value.
pub(super) fn value_name<T: ValueEnum>(value: T) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The time with this name.
pub fn parse_time(name: &str) -> Option<Time> {
    [Time::Before, Time::During, Time::After, Time::General, Time::Unknown].into_iter().find(|time| time.name() == name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_id_leads_back_to_the_question() {
        let mut spec = MatrixSpec::new(Outcome::parse("attachment.T1=secure").unwrap());
        assert_eq!(spec.cell_id("trust", "yes"), "trust@attachment.T1=secure:yes");
        spec.rows = Rows::Codes(vec!["trust".into()]);
        spec.polarity = Some(Polarity::Ceased);
        spec.times = Some(vec![Time::Before, Time::During]);
        spec.layer = Layer::Coder("coder-a".into());
        spec.unit = Unit::Source;
        spec.with_suggestions = true;
        spec.filter = Some("attr.age:[40 TO 55] AND code:trust".into());
        spec.at_risk = Some(Outcome::parse("attachment.T0=insecure").unwrap());
        let id = spec.cell_id("trust", "no");
        assert_eq!(MatrixSpec::of_cell_id(&id), Ok((spec, "trust".into(), "no".into())));
        assert!(MatrixSpec::of_cell_id("trust").is_err());
        assert!(MatrixSpec::of_cell_id("trust@x=y:yes;colour=red").is_err());
    }
}
