//! Codings as statements of people: who says it, about which time, and whether it counts.

use super::Reading;
use crate::code::Suggestion;
use crate::model::{Coding, Experiencer, FIRST_ROUND, Origin, Polarity, Role, Source, Span, Time, WavePhase};
use crate::query::{self, Query};
use crate::review::{FinalLayer, Rater, coders_by_source, final_layer};
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
    /// What coders agree on, and what was decided where they do not.
    Adjudicated,
    /// What coders agree on alone, as if nothing had been decided.
    Consensus,
    /// One coder's; `NAME#2` for the second round.
    Coder(String),
}

impl FromStr for Layer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "adjudicated" => Ok(Self::Adjudicated),
            None if text == "consensus" => Ok(Self::Consensus),
            Some(("coder", name)) if !name.is_empty() => Ok(Self::Coder(name.to_owned())),
            _ => Err(format!("`{text}` is no layer: write `adjudicated`, `consensus` or `coder:NAME`")),
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnamed => f.write_str("the only coder of each source, else adjudicated"),
            Self::Adjudicated => f.write_str("adjudicated"),
            Self::Consensus => f.write_str("consensus"),
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

/// The codings that count, whose reading counts in each source, and what that rests on.
struct Counted {
    codings: BTreeSet<String>,
    readers: BTreeMap<String, BTreeSet<Rater>>,
    basis: LayerBasis,
}

/// What a layer rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct LayerBasis {
    /// The layer in words.
    pub layer: String,
    /// Sources that one coder alone has coded or read.
    pub alone: usize,
    /// Sources that several have read.
    pub several: usize,
    /// Disagreements that were decided.
    pub decided: usize,
    /// Disagreements about which nothing is counted.
    pub open: usize,
}

fn counted(study: &Study, texts: &BTreeMap<String, SourceText>, layer: &Layer) -> Result<Counted, LayerError> {
    if let Layer::Coder(name) = layer {
        return one_coder(study, name);
    }
    let found = final_layer(study, texts, *layer != Layer::Consensus);
    if *layer == Layer::Unnamed {
        refuse_undecided(study, &found)?;
    }
    let mut readers: BTreeMap<String, BTreeSet<Rater>> = BTreeMap::new();
    for row in study.coverage.values().filter(|row| row.round == FIRST_ROUND) {
        let rater = Rater { coder: row.coder.clone(), round: row.round };
        readers.entry(row.source.clone()).or_default().insert(rater);
    }
    let basis = LayerBasis {
        layer: layer.to_string(),
        alone: found.alone,
        several: found.several,
        decided: found.decided(),
        open: found.open(),
    };
    Ok(Counted { codings: found.codings, readers, basis })
}

/// Everything of one reading of one coder; decisions between coders are nobody's own.
fn one_coder(study: &Study, name: &str) -> Result<Counted, LayerError> {
    let rater = Rater::parse(name);
    let own = |coding: &Coding| Rater::of(coding).as_ref() == Some(&rater);
    let codings: BTreeSet<String> =
        study.codings.iter().filter(|(_, coding)| own(coding)).map(|(id, _)| id.clone()).collect();
    let rows = study.coverage.values().filter(|row| row.coder == rater.coder && row.round == rater.round);
    let readers: BTreeMap<String, BTreeSet<Rater>> =
        rows.map(|row| (row.source.clone(), BTreeSet::from([rater.clone()]))).collect();
    if codings.is_empty() && readers.is_empty() {
        let mut known: BTreeSet<String> = study.codings.values().filter_map(Rater::of).map(|r| r.to_string()).collect();
        known.extend(crate::review::readers(study).iter().map(Rater::to_string));
        let known =
            if known.is_empty() { "nobody yet".to_owned() } else { known.into_iter().collect::<Vec<_>>().join(", ") };
        return Err(LayerError::UnknownCoder { name: name.to_owned(), known });
    }
    let basis = LayerBasis { layer: format!("coder:{rater}"), ..LayerBasis::default() };
    Ok(Counted { codings, readers, basis })
}

/// Where several people coded a source and nobody has decided anything, a layer has to be named.
fn refuse_undecided(study: &Study, found: &FinalLayer) -> Result<(), LayerError> {
    for (source, coders) in coders_by_source(study).into_iter().filter(|(_, coders)| coders.len() > 1) {
        let settled = found
            .disagreements
            .get(source)
            .map_or(found.compared.contains(source), |(decided, open)| *decided > 0 || *open == 0);
        if !settled && !found.apart.contains(source) {
            return Err(LayerError::SeveralCoders {
                source_name: study.sources.get(source).map_or(source, |s| s.name.as_str()).to_owned(),
                coders: coders.into_iter().map(str::to_owned).collect(),
            });
        }
    }
    Ok(())
}

/// What was read, and what was said: the codings of the chosen layer as statements, and what was read of each source.
#[derive(Debug, Clone, Default)]
pub struct Statements {
    /// Sorted by source, span, code.
    pub list: Vec<Statement>,
    /// What was read of each source, by id.
    pub covered: BTreeMap<String, Reading>,
    /// What the layer rests on.
    pub basis: LayerBasis,
}

impl Statements {
    /// Whether everything that some people say in a source was read for a code.
    pub fn covers(&self, source: &str, code: &str, who: &dyn Fn(&str) -> bool) -> bool {
        self.covered.get(source).is_some_and(|reading| reading.covers(code, who))
    }

    /// Whether anything that they say there was.
    pub fn touches(&self, source: &str, code: &str, who: &dyn Fn(&str) -> bool) -> bool {
        self.covered.get(source).is_some_and(|reading| reading.touches(code, who))
    }

    /// Whether a turn of a source, by its position, was read for a code.
    pub fn covers_turn(&self, source: &str, code: &str, turn: u32) -> bool {
        self.covered.get(source).is_some_and(|reading| reading.covers_turn(code, turn))
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

    /// Marks those that rest on the question before them: what an answer says, rules read with its question.
    pub fn mark_answers(&mut self, suggestions: &BTreeMap<String, Vec<Suggestion>>) {
        for statement in &mut self.list {
            let of_source = suggestions.get(&statement.source).into_iter().flatten();
            let mut answers = of_source.filter(|one| one.answers.is_some() && one.code == statement.code);
            statement.prompted |= answers.any(|one| one.unit.overlap(statement.span) > 0);
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
    let counted = counted(study, texts, layer)?;
    let mut result = Statements { basis: counted.basis, ..Statements::default() };
    for (id, coding) in &study.codings {
        if study.lost.contains(id) || !counted.codings.contains(id) {
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
        let own = |reader: &Rater| reader.coder == row.coder && reader.round == row.round;
        if !counted.readers.get(&row.source).is_some_and(|readers| readers.iter().any(own)) {
            continue;
        }
        if let Some(source) = study.sources.get(&row.source) {
            let reading = result.covered.entry(row.source.clone()).or_default();
            reading.add(study, source, texts.get(&row.source), row);
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
