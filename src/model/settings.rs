//! What a study has settled for itself.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The tradition the study works in; decides what is shown unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approach {
    /// Reflexive thematic analysis: no suggestions, agreement, saturation or p unasked.
    Reflexive,
    /// Codebook thematic analysis.
    #[default]
    Codebook,
    /// Coding reliability.
    Reliability,
    /// Framework analysis.
    Framework,
    /// Content analysis.
    Content,
}

/// What can be kept from coders while they code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hidden {
    /// What other coders did.
    Coders,
    /// What rules suggest.
    Suggestions,
    /// Scores and answers of participants.
    Scores,
    /// Attributes of participants and sources.
    Group,
    /// When a source was recorded.
    Wave,
}

impl Hidden {
    /// All values.
    pub const ALL: [Self; 5] = [Self::Coders, Self::Suggestions, Self::Scores, Self::Group, Self::Wave];

    /// The word for it in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coders => "coders",
            Self::Suggestions => "suggestions",
            Self::Scores => "scores",
            Self::Group => "group",
            Self::Wave => "wave",
        }
    }
}

/// Which columns of a table hold what: the value of `--columns`, remembered for the next file with the same header.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnMapping {
    /// Header this mapping was made for, joined with `,`.
    pub header: String,
    /// Field to column name: `text`, `speaker`, `source`, `participant`, `time`, `question`, `wave`, `language`;
    /// `code:NAME` makes codings of a column's values, `attr:NAME` attributes of the source, `score:NAME` scores.
    pub fields: BTreeMap<String, String>,
}

/// The one record of kind `settings`, key `study`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Name of the study.
    pub name: String,
    /// Approach.
    pub approach: Approach,
    /// Languages, the default first.
    pub languages: Vec<String>,
    /// Roles that rules read.
    pub coded_roles: Vec<super::Role>,
    /// Role by speaker label (case ignored), for labels that name a role (`therapist = "participant"`).
    pub roles: BTreeMap<String, super::Role>,
    /// What coders must not see: `coders`, `suggestions`, `scores`, `group`, `wave`.
    pub blind: Vec<String>,
    /// Who sees everything all the same: those who adjudicate and analyse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reviewers: Vec<String>,
    /// The coder where neither `--coder` nor THEMATA_CODER names one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub coder: String,
    /// Remembered column mappings, by name of the table's header digest.
    pub columns: Vec<ColumnMapping>,
    /// Polarity lists that count, by language, as TOML; the built-in list where a language is not named.
    pub polarity: BTreeMap<String, String>,
    /// The data are fiction: said in every output.
    pub fictional: bool,
    /// Seed of what is drawn at random, where the command names none: intervals, permutations, shuffled orders, audit samples.
    #[serde(skip_serializing_if = "is_first_seed")]
    pub seed: u64,
}

/// The seed of a study that has not settled another.
pub const FIRST_SEED: u64 = 1;

fn is_first_seed(seed: &u64) -> bool {
    *seed == FIRST_SEED
}

impl Settings {
    /// Whether something is kept from this person.
    pub fn hides(&self, what: Hidden, from: &str) -> bool {
        self.blind.iter().any(|blind| blind == what.name()) && !self.reviewers.iter().any(|reviewer| reviewer == from)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: String::new(),
            approach: Approach::default(),
            languages: vec!["en".into()],
            coded_roles: vec![super::Role::Participant],
            roles: BTreeMap::new(),
            blind: Vec::new(),
            reviewers: Vec::new(),
            coder: String::new(),
            columns: Vec::new(),
            polarity: BTreeMap::new(),
            fictional: false,
            seed: FIRST_SEED,
        }
    }
}
