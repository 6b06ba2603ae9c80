//! Codings as statements of people: who says it, about which time, and whether it counts.

use crate::code::Suggestion;
use crate::model::{Coding, Experiencer, Origin, Polarity, Role, Source, Span, Time, WavePhase};
use crate::query::{self, Query};
use crate::store::{SourceText, Study};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// One code said by one person at one place: a coding, or a suggestion where those were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Code id.
    pub code: String,
    /// Source id.
    pub source: String,
    /// The quotation (bytes of the source's text).
    pub span: Span,
    /// Index of the turn it begins in.
    pub turn: u32,
    /// Participant id of the speaker, where the speaker is one.
    pub participant: Option<String>,
    /// Polarity.
    pub polarity: Polarity,
    /// Time it is about: speech without a marker takes the phase declared for the source's wave.
    pub time: Time,
    /// Whose experience.
    pub experiencer: Experiencer,
    /// Directed at.
    pub target: Option<String>,
    /// How the coding came to be; nothing for a suggestion.
    pub origin: Option<Origin>,
    /// Id of the coding or of the suggestion.
    pub id: String,
    /// The coder could see the scores or the group.
    pub outcome_visible: bool,
    /// The interviewer spoke of it just before: always known for suggestions, for codings after
    /// [`Statements::mark_prompted`].
    pub prompted: bool,
}

/// Which coder's work is counted where several coded the same source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Layer {
    /// The only coder; with several, the adjudicated layer.
    #[default]
    Unnamed,
    /// Adjudicated codings only.
    Adjudicated,
    /// One coder's.
    Coder(String),
}

impl FromStr for Layer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "adjudicated" => Ok(Self::Adjudicated),
            Some(("coder", name)) if !name.is_empty() => Ok(Self::Coder(name.to_owned())),
            _ => Err(format!("`{text}` is no layer: write `adjudicated` or `coder:NAME`")),
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnamed => f.write_str("the only coder of each source"),
            Self::Adjudicated => f.write_str("adjudicated"),
            Self::Coder(name) => write!(f, "coder:{name}"),
        }
    }
}

/// Why it is not clear whose work to count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayerError {
    /// Several coders coded a source and no layer was named.
    #[error("{source_name} was coded by {}, and nobody has adjudicated: counting both would count people twice", coders.join(" and "))]
    SeveralCoders {
        /// Name of the source.
        source_name: String,
        /// The coders, sorted.
        coders: Vec<String>,
    },
    /// The layer of somebody who has coded and read nothing.
    #[error("coder `{name}` has coded and read nothing; the coders are: {known}")]
    UnknownCoder {
        /// As typed.
        name: String,
        /// Coders that there are.
        known: String,
    },
}

/// The coder whose work counts in each source: the one who coded or covered it. Sources that nobody touched are absent.
fn chosen_coders(study: &Study, layer: &Layer) -> Result<BTreeMap<String, BTreeSet<String>>, LayerError> {
    let mut coders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut adjudicated: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for coding in study.codings.values().filter(|coding| coding.code.is_some()) {
        coders.entry(&coding.source).or_default().insert(&coding.coder);
        if coding.origin == Origin::Adjudicated {
            adjudicated.entry(&coding.source).or_default().insert(&coding.coder);
        }
    }
    for row in study.coverage.values() {
        coders.entry(&row.source).or_default().insert(&row.coder);
    }
    if let Layer::Coder(name) = layer
        && !coders.values().flatten().any(|coder| coder == name)
    {
        let known: BTreeSet<&str> = coders.values().flatten().copied().collect();
        let known =
            if known.is_empty() { "nobody yet".to_owned() } else { known.into_iter().collect::<Vec<_>>().join(", ") };
        return Err(LayerError::UnknownCoder { name: name.clone(), known });
    }
    let mut chosen = BTreeMap::new();
    for (source, coders) in coders {
        let keep: BTreeSet<&str> = match layer {
            Layer::Coder(name) => coders.into_iter().filter(|coder| coder == name).collect(),
            Layer::Adjudicated => adjudicated.get(source).cloned().unwrap_or_default(),
            Layer::Unnamed if coders.len() == 1 => coders,
            Layer::Unnamed => match adjudicated.get(source) {
                Some(by) => by.clone(),
                None => {
                    return Err(LayerError::SeveralCoders {
                        source_name: study.sources.get(source).map_or(source, |s| s.name.as_str()).to_owned(),
                        coders: coders.into_iter().map(str::to_owned).collect(),
                    });
                }
            },
        };
        chosen.insert(source.to_owned(), keep.into_iter().map(str::to_owned).collect());
    }
    Ok(chosen)
}

/// What was read, and what was said: the codings of the chosen layer as statements, and the codes each source was read for.
#[derive(Debug, Clone, Default)]
pub struct Statements {
    /// Sorted by source, span, code.
    pub list: Vec<Statement>,
    /// By source id: the codes it was read for; `None` means all.
    pub covered: BTreeMap<String, Option<BTreeSet<String>>>,
}

impl Statements {
    /// Whether a source was read for a code.
    pub fn covers(&self, source: &str, code: &str) -> bool {
        match self.covered.get(source) {
            None => false,
            Some(None) => true,
            Some(Some(codes)) => codes.contains(code),
        }
    }

    /// Marks the statements whose code's rules hit in the interviewer turn just before them.
    pub fn mark_prompted(&mut self, study: &Study, texts: &BTreeMap<String, SourceText>) {
        let mut rules: BTreeMap<String, Vec<Query>> = BTreeMap::new();
        for statement in &mut self.list {
            let (Some(source), Some(text)) = (study.sources.get(&statement.source), texts.get(&statement.source))
            else {
                continue;
            };
            let Some(before) = statement.turn.checked_sub(1).map(|turn| turn as usize) else { continue };
            if source.role(text.speaker(before)) != Role::Interviewer {
                continue;
            }
            let rules = rules.entry(statement.code.clone()).or_insert_with(|| rules_of(study, &statement.code));
            statement.prompted |= rules.iter().any(|rule| crate::code::turn_matches(rule, source, text, before));
        }
    }
}

/// The rules of a code that can be read.
fn rules_of(study: &Study, code: &str) -> Vec<Query> {
    let code = study.codebook.codebook.codes.get(code);
    let rules = code.into_iter().flat_map(|code| code.rules.iter().map(|rule| &rule.query).chain(&code.negative_forms));
    rules.filter_map(|rule| query::parse(rule).ok()).collect()
}

/// The codings of a layer as statements. A coding across turns of several people is a statement of each of them.
pub fn statements(
    study: &Study,
    texts: &BTreeMap<String, SourceText>,
    layer: &Layer,
) -> Result<Statements, LayerError> {
    let chosen = chosen_coders(study, layer)?;
    let mut result = Statements::default();
    for (id, coding) in &study.codings {
        let coder_counts = chosen.get(&coding.source).is_some_and(|coders| coders.contains(&coding.coder));
        let adjudicated_only = matches!(layer, Layer::Adjudicated) && coding.origin != Origin::Adjudicated;
        if study.lost.contains(id) || !coder_counts || adjudicated_only {
            continue;
        }
        let (Some(code), Some(source), Some(text)) =
            (&coding.code, study.sources.get(&coding.source), texts.get(&coding.source))
        else {
            continue;
        };
        for (turn, participant) in people_in(study, source, text, coding.span) {
            result.list.push(of_coding(study, id, coding, code, source, turn, participant));
        }
    }
    for row in study.coverage.values() {
        if !chosen.get(&row.source).is_some_and(|coders| coders.contains(&row.coder)) {
            continue;
        }
        let read = result.covered.entry(row.source.clone()).or_insert_with(|| Some(BTreeSet::new()));
        match read {
            Some(codes) if !row.codes.is_empty() => codes.extend(row.codes.iter().cloned()),
            _ => *read = None,
        }
    }
    result.list.sort_by(|a, b| (&a.source, a.span, &a.code, &a.id).cmp(&(&b.source, b.span, &b.code, &b.id)));
    Ok(result)
}

/// The coded speakers in a span: first turn and participant of each.
fn people_in(study: &Study, source: &Source, text: &SourceText, span: Span) -> Vec<(u32, Option<String>)> {
    let mut people: Vec<(u32, Option<String>)> = Vec::new();
    for turn in text.turns_in(span) {
        let speaker = text.speaker(turn);
        let participant = source.participants.get(speaker).cloned();
        let counts = study.is_coded(source, speaker) && !study.is_withdrawn(source, speaker);
        if counts && !people.iter().any(|(_, known)| *known == participant) {
            people.push((turn as u32, participant));
        }
    }
    people
}

fn of_coding(
    study: &Study,
    id: &str,
    coding: &Coding,
    code: &str,
    source: &Source,
    turn: u32,
    participant: Option<String>,
) -> Statement {
    Statement {
        code: code.to_owned(),
        source: coding.source.clone(),
        span: coding.span,
        turn,
        participant,
        polarity: coding.polarity,
        time: time_in(study, source, coding.qualifiers.time),
        experiencer: coding.qualifiers.experiencer,
        target: coding.qualifiers.target.clone(),
        origin: Some(coding.origin),
        id: id.to_owned(),
        outcome_visible: coding.visible.scores || coding.visible.group,
        prompted: false,
    }
}

impl Statement {
    /// A suggestion as a statement.
    pub fn of_suggestion(study: &Study, source_id: &str, text: &SourceText, suggestion: &Suggestion) -> Option<Self> {
        let source = study.sources.get(source_id)?;
        let turn = suggestion.turn.checked_sub(source.first_ordinal)?;
        let participant = source.participants.get(text.speaker(turn as usize)).cloned();
        if study.is_withdrawn(source, text.speaker(turn as usize)) {
            return None;
        }
        Some(Self {
            code: suggestion.code.clone(),
            source: source_id.to_owned(),
            span: suggestion.unit,
            turn,
            participant,
            polarity: suggestion.polarity,
            time: time_in(study, source, suggestion.qualifiers.time),
            experiencer: suggestion.qualifiers.experiencer,
            target: suggestion.qualifiers.target.clone(),
            origin: None,
            id: suggestion.id(text),
            outcome_visible: false,
            prompted: suggestion.prompted,
        })
    }
}

fn time_in(study: &Study, source: &Source, time: Time) -> Time {
    if time != Time::Unknown {
        return time;
    }
    match source.wave.as_ref().and_then(|wave| study.waves.get(wave)).map(|wave| wave.phase) {
        Some(WavePhase::Before) => Time::Before,
        Some(WavePhase::During) => Time::During,
        Some(WavePhase::After) => Time::After,
        None => Time::Unknown,
    }
}
