//! What counts, and everything a matrix is built from: shared by all verbs that count people.

use super::super::error::{CliError, Shown};
use super::super::session::all_texts;
use crate::code::Coder;
use crate::join::{
    Conditions, Layer, LayerError, Outcome as StudyOutcome, ScoreTable, SpeechTable, Statement, Statements, Unit,
    statements,
};
use crate::matrix::{self, Matrix, MatrixInputs, MatrixSpec};
use crate::model::{Polarity, Time};
use crate::query::{self, Query};
use crate::store::{SourceText, Store, Study};
use std::collections::{BTreeMap, BTreeSet};

/// What counts: shared by `matrix`, `quotes` and `report`.
#[derive(clap::Args, Clone, Default)]
pub struct Question {
    /// What is counted
    #[arg(long, value_enum, default_value_t)]
    pub unit: Unit,
    /// Statements of this polarity only; else present counts
    #[arg(long)]
    pub polarity: Option<String>,
    /// Times that count (before, during, after, general, unknown, or `any`); else all but before
    #[arg(long, value_delimiter = ',')]
    pub time: Vec<String>,
    /// Sources of this wave only
    #[arg(long)]
    pub wave: Option<String>,
    /// Statements with this target only
    #[arg(long)]
    pub target: Option<String>,
    /// `any` counts what is said of others too
    #[arg(long)]
    pub experiencer: Option<String>,
    /// Leave out what the interviewer had just named
    #[arg(long)]
    pub spontaneous: bool,
    /// Count focus groups for participants too
    #[arg(long)]
    pub focus_groups: bool,
    /// Whose codings: `adjudicated`, `consensus` or `coder:NAME`
    #[arg(long)]
    pub layer: Option<String>,
    /// Add suggestions that nobody has looked at
    #[arg(long)]
    pub with_suggestions: bool,
    /// Only those in this group: `attachment.T0=insecure`
    #[arg(long, value_name = "GROUP")]
    pub at_risk: Option<String>,
    /// Only those for whom this holds: `attr.age:>40 AND score.attachment.T0:insecure`
    #[arg(long = "where", value_name = "QUERY")]
    pub filter: Option<String>,
}

impl Question {
    /// Writes the question into a specification.
    pub fn apply(&self, spec: &mut MatrixSpec) -> Result<(), CliError> {
        spec.unit = self.unit;
        spec.polarity = self.polarity.as_deref().map(parse_polarity).transpose()?;
        spec.times = match self.time.as_slice() {
            [] => None,
            [any] if any == "any" => Some(vec![Time::Before, Time::During, Time::After, Time::General, Time::Unknown]),
            names => Some(names.iter().map(|name| parse_time(name)).collect::<Result<_, _>>()?),
        };
        spec.wave.clone_from(&self.wave);
        spec.target.clone_from(&self.target);
        spec.anyone = match self.experiencer.as_deref() {
            None | Some("self") => false,
            Some("any") => true,
            Some(other) => return Err(CliError::new(format!("`{other}` is no experiencer here: self or any"))),
        };
        spec.spontaneous = self.spontaneous;
        spec.focus_groups = self.focus_groups;
        spec.layer = match &self.layer {
            Some(layer) => layer.parse().map_err(|error: String| CliError::new(error))?,
            None => Layer::default(),
        };
        spec.with_suggestions = self.with_suggestions;
        spec.at_risk = self.at_risk.as_deref().map(StudyOutcome::parse).transpose().shown()?;
        spec.filter.clone_from(&self.filter);
        Ok(())
    }
}

/// The polarity with this name.
pub fn parse_polarity(name: &str) -> Result<Polarity, CliError> {
    Polarity::ALL.into_iter().find(|polarity| polarity.name() == name).ok_or_else(|| {
        CliError::new(format!("`{name}` is no polarity"))
            .hint("present, absent, ceased, reduced, hypothetical or ambivalent")
    })
}

/// The time with this name.
pub fn parse_time(name: &str) -> Result<Time, CliError> {
    matrix::parse_time(name).ok_or_else(|| {
        CliError::new(format!("`{name}` is no time")).hint("before, during, after, general, unknown or any")
    })
}

/// Everything a matrix is built from, loaded and owned.
pub struct Loaded {
    /// The study.
    pub study: Study,
    /// Texts by source id.
    pub texts: BTreeMap<String, SourceText>,
    /// Scores.
    pub scores: ScoreTable,
    /// Words and turns.
    pub speech: SpeechTable,
    /// Plans declared after the first look at their outcome.
    pub late_plans: BTreeSet<String>,
}

impl Loaded {
    /// Reads a study.
    pub fn new(store: &Store, mut study: Study) -> Result<Self, CliError> {
        let texts = all_texts(store, &study)?;
        let scores = ScoreTable::of(&study);
        let mut speech = SpeechTable::default();
        for (id, source) in &study.sources {
            if let Some(text) = texts.get(id) {
                speech.add(&study, id, source, text);
            }
        }
        let late_plans = super::super::plan::late(store, &study)?;
        // A coding whose words are not where they were coded is treated as one whose words are gone.
        for (id, coding) in &study.codings {
            let text = texts.get(&coding.source);
            // What somebody has said who has withdrawn is out of sight, not gone.
            let hidden = study.sources.get(&coding.source).zip(text).is_some_and(|(source, text)| {
                text.turns_in(coding.span).any(|turn| study.is_withdrawn(source, text.speaker(turn)))
            });
            let held = text.and_then(|text| crate::code::quotation(coding, text, |q| store.keyed_digest(q)));
            if held.is_none() && !hidden {
                study.lost.insert(id.clone());
            }
        }
        Ok(Self { study, texts, scores, speech, late_plans })
    }

    /// What a matrix of these statements is built from.
    pub fn inputs<'a>(&'a self, statements: &'a Statements, filter: Option<&'a BTreeSet<String>>) -> MatrixInputs<'a> {
        MatrixInputs {
            study: &self.study,
            scores: &self.scores,
            statements,
            speech: &self.speech,
            filter,
            late_plans: &self.late_plans,
        }
    }

    /// The statements that a specification counts.
    pub fn statements(&self, spec: &MatrixSpec) -> Result<Statements, CliError> {
        self.statements_of(spec, &|layer| format!("`--layer {layer}`"))
    }

    /// The same; `name` says how the user names a layer.
    pub fn statements_of(&self, spec: &MatrixSpec, name: &dyn Fn(&str) -> String) -> Result<Statements, CliError> {
        let mut found = statements(&self.study, &self.texts, &spec.layer).map_err(|error| {
            let shown = CliError::new(error.to_string());
            match &error {
                LayerError::SeveralCoders { coders, .. } => {
                    let named: Vec<String> = coders.iter().map(|coder| name(&format!("coder:{coder}"))).collect();
                    shown
                        .hint(format!("say whose work counts: {}", named.join(" or ")))
                        .hint(format!("or decide: `themata review disagreements`, then `themata review adjudicate`; {} counts what all agree on", name("consensus")))
                }
                LayerError::UnknownCoder { .. } => shown,
            }
        })?;
        if spec.spontaneous {
            found.mark_prompted(&self.study, &self.texts);
        }
        if !spec.spontaneous && !spec.with_suggestions {
            return Ok(found);
        }
        let suggestions = Coder::of(&self.study).shown()?.study(&self.study, &self.texts);
        if spec.spontaneous {
            found.mark_answers(&suggestions);
        }
        if spec.with_suggestions {
            let decisions = crate::code::Decisions::of(&self.study, None);
            for (id, list) in &suggestions {
                let Some(text) = self.texts.get(id) else { continue };
                let open = list.iter().filter(|one| {
                    matches!(decisions.about(id, one), crate::code::Decided::Open | crate::code::Decided::Reconsider)
                });
                found.list.extend(open.filter_map(|one| Statement::of_suggestion(&self.study, id, text, one)));
            }
            found.list.sort_by(|a, b| (&a.source, a.span, &a.code, &a.id).cmp(&(&b.source, b.span, &b.code, &b.id)));
        }
        Ok(found)
    }

    /// The units for which the specification's condition holds.
    pub fn filter(&self, spec: &MatrixSpec, statements: &Statements) -> Result<Option<BTreeSet<String>>, CliError> {
        let Some(text) = &spec.filter else { return Ok(None) };
        let query = query::parse(text).map_err(|error| CliError::new(format!("--where: {error}")))?;
        let says = |query: &Query, source: &str, who: Option<&str>| self.says(query, source, who);
        let conditions = Conditions { study: &self.study, scores: &self.scores, statements, says: &says };
        conditions.units(&query, spec.unit).shown().map(Some)
    }

    /// The same, and only those at risk: for tables that do not tell the two apart.
    pub fn kept(&self, spec: &MatrixSpec, statements: &Statements) -> Result<Option<BTreeSet<String>>, CliError> {
        let filter = self.filter(spec, statements)?;
        let Some(at_risk) = &spec.at_risk else { return Ok(filter) };
        let group = at_risk.group(&self.study, &self.scores, spec.unit).shown()?;
        let at_risk = group.into_iter().filter(|(_, inside)| *inside).map(|(unit, _)| unit);
        Ok(Some(at_risk.filter(|unit| filter.as_ref().is_none_or(|filter| filter.contains(unit))).collect()))
    }

    fn says(&self, query: &Query, id: &str, who: Option<&str>) -> bool {
        let (Some(source), Some(text)) = (self.study.sources.get(id), self.texts.get(id)) else { return false };
        (0..text.segmentation.turns.len()).any(|k| {
            let speaker = text.speaker(k);
            let person = source.participants.get(speaker).map(String::as_str);
            self.study.is_coded(source, speaker)
                && who.is_none_or(|who| person == Some(who))
                && crate::code::turn_matches(query, source, text, k)
        })
    }

    /// Builds the matrix.
    pub fn matrix(&self, spec: &MatrixSpec) -> Result<Matrix, CliError> {
        let statements = self.statements(spec)?;
        let filter = self.filter(spec, &statements)?;
        matrix::build(&self.inputs(&statements, filter.as_ref()), spec).shown()
    }
}
