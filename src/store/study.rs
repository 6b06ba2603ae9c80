//! The state of a study as typed maps: what every later stage reads.
//!
//! Loaded once per command from the store; texts are fetched when something needs them. Withdrawn participants, their
//! sources and everything on those is left out here, so that no later stage can show it by mistake.

use super::digest::{hex, sha256};
use super::{Store, StoreError};
use crate::model::{
    Adjudication, Anchor, AnchorState, AuditSample, Case, CodebookVersion, Coding, Coverage, Hidden, Instrument, Memo,
    Participant, Plan, Rejection, Responses, Role, SavedSearch, Score, Segmentation, Settings, SignOff, Source, Span,
    Theme, Verdict, Wave,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Everything a study holds but its texts.
#[derive(Debug, Clone, Default)]
pub struct Study {
    /// Settings.
    pub settings: Settings,
    /// Sources by id.
    pub sources: BTreeMap<String, Source>,
    /// Participants by id, without the withdrawn.
    pub participants: BTreeMap<String, Participant>,
    /// Ids of withdrawn participants.
    pub withdrawn: BTreeSet<String>,
    /// Cases by id.
    pub cases: BTreeMap<String, Case>,
    /// Waves by id.
    pub waves: BTreeMap<String, Wave>,
    /// Instruments by id.
    pub instruments: BTreeMap<String, Instrument>,
    /// Item responses by key.
    pub responses: BTreeMap<String, Responses>,
    /// Imported scores by key.
    pub scores: BTreeMap<String, Score>,
    /// The newest version of the codebook; an empty version 0 before the first.
    pub codebook: CodebookVersion,
    /// Themes by id.
    pub themes: BTreeMap<String, Theme>,
    /// Codings by id, with `revision` and `span` moved to the current revision.
    pub codings: BTreeMap<String, Coding>,
    /// Codings whose words are gone from the current revision: listed, never counted.
    pub lost: BTreeSet<String>,
    /// Codings that a revision of their source left in doubt (moved, changed or lost), until somebody decides.
    pub unsettled: BTreeMap<String, Anchor>,
    /// Turned-down suggestions by id.
    pub rejections: BTreeMap<String, Rejection>,
    /// Coverage by key.
    pub coverage: BTreeMap<String, Coverage>,
    /// Memos by id.
    pub memos: BTreeMap<String, Memo>,
    /// Declared analyses by id.
    pub plans: BTreeMap<String, Plan>,
    /// Decisions between coders by id of the disagreement.
    pub adjudications: BTreeMap<String, Adjudication>,
    /// Sign-offs by key.
    pub sign_offs: BTreeMap<String, SignOff>,
    /// Samples for audits by id.
    pub samples: BTreeMap<String, AuditSample>,
    /// Verdicts on them by key.
    pub verdicts: BTreeMap<String, Verdict>,
    /// Saved searches by name.
    pub searches: BTreeMap<String, SavedSearch>,
    /// Hash and arrival number of the newest operation.
    pub head: (String, u64),
}

/// The words of a source and their cut into turns.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// The current revision's text.
    pub text: String,
    /// The current segmentation.
    pub segmentation: Segmentation,
    digest: OnceLock<String>,
}

impl SourceText {
    /// A text and its turns.
    pub const fn new(text: String, segmentation: Segmentation) -> Self {
        Self { text, segmentation, digest: OnceLock::new() }
    }

    /// SHA-256 of the text in hex, made when it is first asked for.
    pub fn digest(&self) -> &str {
        self.digest.get_or_init(|| hex(&sha256(self.text.as_bytes())))
    }

    /// Label of a turn's speaker.
    pub fn speaker(&self, turn: usize) -> &str {
        let speaker = self.segmentation.turns.get(turn).map(|turn| turn.speaker as usize);
        speaker.and_then(|k| self.segmentation.speakers.get(k)).map_or("", String::as_str)
    }

    /// The words of a turn.
    pub fn turn(&self, turn: usize) -> &str {
        self.segmentation.turns.get(turn).and_then(|turn| turn.span.of(&self.text)).unwrap_or("")
    }

    /// Indexes of the turns that share at least one byte with the span.
    pub fn turns_in(&self, span: Span) -> std::ops::Range<usize> {
        let turns = &self.segmentation.turns;
        let first = turns.partition_point(|turn| turn.span.end <= span.start);
        let last = turns.partition_point(|turn| turn.span.start < span.end);
        first..last.max(first)
    }
}

impl Study {
    /// Reads the whole state, as it is at one moment.
    pub fn load(store: &Store) -> Result<Self, StoreError> {
        store.at_one_moment(|| Self::read(store))
    }

    /// What a memo can be on, in words.
    pub const NOTABLE: &str = "study, source:NAME, code:ID, participant:ID, coding:ID, theme:ID or cell:ID";

    /// Whether there is something of this name that a memo can be on: `study`, `source:NAME`, `code:ID`, ...
    pub fn can_be_noted(&self, on: &str) -> bool {
        match on.split_once(':') {
            None => on == "study",
            Some(("source", name)) => self.find_source(name).is_some(),
            Some(("code", id)) => self.codebook.codebook.codes.contains_key(id),
            Some(("participant", id)) => self.participants.contains_key(id),
            Some(("coding", id)) => self.codings.contains_key(id),
            Some(("theme", id)) => self.themes.contains_key(id),
            Some(("cell", _)) => true,
            Some(_) => false,
        }
    }

    /// Whether a stored value is about somebody who has withdrawn, or lies on a source that only such people speak in.
    pub fn is_out_of_sight(&self, kind: &str, id: &str, value: &serde_json::Value) -> bool {
        let text = |field: &str| value.get(field).and_then(serde_json::Value::as_str);
        let gone = |who: &str| self.withdrawn.contains(who);
        let in_hidden_source =
            || text("source").is_some_and(|source| source.starts_with("s-") && !self.sources.contains_key(source));
        match kind {
            "participant" => gone(id),
            "source" => value.get("participants").and_then(serde_json::Value::as_object).is_some_and(|people| {
                people.values().filter_map(serde_json::Value::as_str).any(gone) && !self.sources.contains_key(id)
            }),
            "score" | "responses" => text("participant").is_some_and(gone),
            "memo" => text("on").is_some_and(|on| on != "study" && !on.starts_with("cell:") && !self.can_be_noted(on)),
            "anchor" => !self.codings.contains_key(id),
            _ => in_hidden_source(),
        }
    }

    fn read(store: &Store) -> Result<Self, StoreError> {
        let people: BTreeMap<String, Participant> = store.all()?;
        let (withdrawn, participants): (BTreeMap<_, _>, BTreeMap<_, _>) =
            people.into_iter().partition(|(_, participant)| participant.withdrawn);
        let withdrawn: BTreeSet<String> = withdrawn.into_keys().collect();
        // What memos can be on and what nobody is to see.
        let mut out_of_sight: BTreeSet<String> = withdrawn.iter().map(|id| format!("participant:{id}")).collect();
        let mut sources: BTreeMap<String, Source> = store.all()?;
        sources.retain(|id, source| {
            let hidden = hidden(source, &withdrawn);
            if hidden {
                out_of_sight.extend([format!("source:{id}"), format!("source:{}", source.name)]);
            }
            !hidden
        });
        let anchors: BTreeMap<String, Anchor> = store.all()?;
        let mut codings: BTreeMap<String, Coding> = store.all()?;
        codings.retain(|id, coding| {
            let shown = sources.contains_key(&coding.source);
            if !shown {
                out_of_sight.insert(format!("coding:{id}"));
            }
            shown
        });
        let (mut lost, mut unsettled) = (BTreeSet::new(), BTreeMap::new());
        for (id, coding) in &mut codings {
            let Some(anchor) = anchors.get(id) else { continue };
            if anchor.state != AnchorState::Exact {
                unsettled.insert(id.clone(), anchor.clone());
            }
            if anchor.state == AnchorState::Lost {
                lost.insert(id.clone());
            } else {
                follow(coding, anchor);
            }
        }
        let codebooks: BTreeMap<String, CodebookVersion> = store.all()?;
        let present = |participant: &String| !withdrawn.contains(participant);
        let mut cases: BTreeMap<String, Case> = store.all()?;
        cases.values_mut().for_each(|case| case.participants.retain(present));
        let mut responses: BTreeMap<String, Responses> = store.all()?;
        responses.retain(|_, row| present(&row.participant));
        let mut scores: BTreeMap<String, Score> = store.all()?;
        scores.retain(|_, row| present(&row.participant));
        let mut rejections: BTreeMap<String, Rejection> = store.all()?;
        rejections.retain(|_, rejection| sources.contains_key(&rejection.source));
        let mut coverage: BTreeMap<String, Coverage> = store.all()?;
        coverage.retain(|_, row| sources.contains_key(&row.source));
        let mut memos: BTreeMap<String, Memo> = store.all()?;
        memos.retain(|_, memo| !out_of_sight.contains(&memo.on));
        let mut adjudications: BTreeMap<String, Adjudication> = store.all()?;
        adjudications.retain(|_, decision| sources.contains_key(&decision.source));
        let mut sign_offs: BTreeMap<String, SignOff> = store.all()?;
        sign_offs.retain(|on, _| !out_of_sight.contains(on));
        Ok(Self {
            settings: store.get("study")?.unwrap_or_default(),
            sources,
            participants,
            withdrawn,
            cases,
            waves: store.all()?,
            instruments: store.all()?,
            responses,
            scores,
            codebook: codebooks.into_values().next_back().unwrap_or_default(),
            themes: store.all()?,
            codings,
            lost,
            unsettled,
            rejections,
            coverage,
            memos,
            plans: store.all()?,
            adjudications,
            sign_offs,
            samples: store.all()?,
            verdicts: store.all()?,
            searches: store.all()?,
            head: store.head()?,
        })
    }

    /// Takes out what the settings keep from a coder, so that nothing shown later can hold it; gives what that was. Only for
    /// looking: what is written must be made of the whole study.
    pub fn keep_from(&mut self, coder: &str, round: u32) -> Vec<Hidden> {
        let hidden: Vec<Hidden> = Hidden::ALL.into_iter().filter(|what| self.settings.hides(*what, coder)).collect();
        for what in &hidden {
            match what {
                Hidden::Coders => self.keep_colleagues(coder, round),
                Hidden::Suggestions => {}
                Hidden::Scores => {
                    self.scores.clear();
                    self.responses.clear();
                }
                Hidden::Group => {
                    self.participants.values_mut().for_each(|person| person.attributes.clear());
                    self.sources.values_mut().for_each(|source| source.attributes.clear());
                    self.cases.values_mut().for_each(|case| case.attributes.clear());
                }
                Hidden::Wave => {
                    self.sources.values_mut().for_each(|source| source.wave = None);
                    self.scores.retain(|_, score| score.wave.is_none());
                    self.responses.clear();
                }
            }
        }
        hidden
    }

    fn keep_colleagues(&mut self, coder: &str, round: u32) {
        self.codings.retain(|_, coding| coding.coder == coder && coding.round == round);
        self.rejections.retain(|_, rejection| rejection.coder == coder);
        self.coverage.retain(|_, row| row.coder == coder && row.round == round);
        self.memos.retain(|_, memo| memo.author == coder);
        self.adjudications.clear();
        self.samples.clear();
        self.verdicts.clear();
    }

    /// Text and segmentation of a source. Turns of a withdrawn participant are blank, at the same length, so that
    /// nothing that is made of the text can show them and no offset moves.
    pub fn text(&self, store: &Store, source: &Source) -> Result<SourceText, StoreError> {
        let mut segmentation = store.segmentation(&source.segmentation)?;
        segmentation.turns.shrink_to_fit();
        let mut text = store.text(&source.revision)?;
        if source.participants.values().any(|id| self.withdrawn.contains(id)) {
            let mut bytes = text.into_bytes();
            for turn in &segmentation.turns {
                let label = segmentation.speakers.get(turn.speaker as usize);
                let hidden = label.is_some_and(|label| self.is_withdrawn(source, label));
                let said = bytes.get_mut(turn.span.start as usize..turn.span.end as usize);
                if let Some(said) = said.filter(|_| hidden) {
                    said.fill(b' ');
                }
            }
            text = String::from_utf8(bytes).unwrap_or_default();
        }
        Ok(SourceText::new(text, segmentation))
    }

    /// Whether this speaker of this source has withdrawn.
    pub fn is_withdrawn(&self, source: &Source, speaker: &str) -> bool {
        source.participants.get(speaker).is_some_and(|id| self.withdrawn.contains(id))
    }

    /// Whether rules and counts read what this speaker of this source says.
    pub fn is_coded(&self, source: &Source, speaker: &str) -> bool {
        self.settings.coded_roles.contains(&source.role(speaker))
    }

    /// The declared waves in order of time.
    pub fn waves_in_order(&self) -> Vec<(&str, &Wave)> {
        let mut waves: Vec<_> = self.waves.iter().map(|(id, wave)| (id.as_str(), wave)).collect();
        waves.sort_by_key(|&(id, wave)| (wave.order, id));
        waves
    }

    /// The source with this id or name.
    pub fn find_source(&self, name: &str) -> Option<(&str, &Source)> {
        let by_id = self.sources.get_key_value(name);
        by_id
            .or_else(|| self.sources.iter().find(|(_, source)| source.name == name))
            .map(|(id, source)| (id.as_str(), source))
    }
}

/// Moves a coding to where its words are now. Offsets of what led to it move along as long as the words are the same.
fn follow(coding: &mut Coding, anchor: &Anchor) {
    let same = anchor.digest.is_none() && anchor.span.len() == coding.span.len();
    let old = coding.span;
    let moved = |span: Span| {
        let start = anchor.span.start + span.start.checked_sub(old.start)?;
        same.then(|| Span::new(start, start + span.len()))
    };
    if anchor.revision != coding.revision {
        coding.indicator = coding.indicator.filter(|span| old.contains(*span)).and_then(moved);
        coding.trigger = coding.trigger.filter(|span| old.contains(*span)).and_then(moved);
    }
    (coding.revision, coding.span) = (anchor.revision.clone(), anchor.span);
    if let Some(digest) = &anchor.digest {
        coding.digest.clone_from(digest);
    }
}

/// A source is hidden when every participant who speaks in it has withdrawn.
fn hidden(source: &Source, withdrawn: &BTreeSet<String>) -> bool {
    let mut speakers =
        source.participants.iter().filter(|(label, _)| source.role(label) == Role::Participant).peekable();
    speakers.peek().is_some() && speakers.all(|(_, id)| withdrawn.contains(id))
}
