//! From hits and judgements to suggestions: the coder.
//!
//! Owns what a suggestion marks (its meaning unit), how hits merge, ids and the digest of everything a suggestion
//! depends on. A suggestion is a pure function of text, segmentation and rule set; nothing here is stored.

use super::Suggestion;
use super::compile::{RuleProblem, RuleSet, WordClasses};
use super::polarity::{Agent, Judgement, Language, Lists, ListsError, Question, Reading, Sentence, class};
use super::scan::{Hit, Scratch, TurnContext};
use crate::model::{
    AttributeValue, Code, Codebook, MeaningUnit, Polarity, Qualifiers, Role, Segmentation, Settings, Source, Span,
};
use crate::query::Query;
use crate::store::{SourceText, Study};
use crate::text::{ANALYSER_VERSION, STEMMER_VERSION, fold, language_of, sentence_span};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Attribute of a code that says who does what it is about: see [`Agent`].
const AGENT: &str = "agent";

/// The target that is the speaker.
const PATIENT: &str = "patient";

/// Why no coder could be made.
#[derive(Debug, thiserror::Error)]
pub enum CoderError {
    /// Rules that cannot be used.
    #[error("{} of the codebook cannot be used: {}", rules(.0.len()), joined(.0))]
    Rules(Vec<RuleProblem>),
    /// Polarity lists that cannot be read.
    #[error("the polarity lists cannot be used")]
    Lists(#[from] ListsError),
}

fn rules(count: usize) -> String {
    if count == 1 { "1 rule".into() } else { format!("{count} rules") }
}

fn joined(problems: &[RuleProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What the engine has to know of a code.
struct Theme {
    unit: MeaningUnit,
    agent: Agent,
    targets: Vec<String>,
    /// The speaker can be the target ("she trusts me").
    directed: bool,
}

/// A codebook, polarity lists and settings, ready to suggest.
pub struct Coder {
    rules: RuleSet,
    lists: Arc<Lists>,
    no_lists: Language,
    themes: Vec<Theme>,
    own_triggers: Vec<bool>,
    coded: Vec<Role>,
    default_language: String,
    digest: String,
}

/// The lists as the scan asks for them.
struct Classes(Arc<Lists>);

impl WordClasses for Classes {
    fn classes(&self, folded: &str, language: &str) -> u64 {
        self.0.get(language).map_or(0, |lists| lists.classes(folded))
    }
}

impl Coder {
    /// Compiles a codebook with the settings' lists and roles.
    ///
    /// # Errors
    /// All rules that cannot be used; the first polarity list that cannot be read.
    pub fn new(codebook: &Codebook, settings: &Settings) -> Result<Self, CoderError> {
        let lists = Arc::new(Lists::of_study(&settings.polarity)?);
        let rules = RuleSet::compile(codebook, Box::new(Classes(Arc::clone(&lists)))).map_err(CoderError::Rules)?;
        let no_code = Code::default();
        let themes = rules.codes().iter().map(|id| theme(codebook.codes.get(id).unwrap_or(&no_code))).collect();
        let own_triggers = rules.rules().iter().map(|rule| holds_trigger(&lists, &rule.query)).collect();
        let default_language = settings.languages.first().cloned().unwrap_or_else(|| "en".into());
        let coded = settings.coded_roles.clone();
        let digest = digest_of(codebook, &lists, &coded);
        Ok(Self { rules, lists, no_lists: Language::default(), themes, own_triggers, coded, default_language, digest })
    }

    /// The coder of a study: its codebook, lists and roles.
    ///
    /// # Errors
    /// As [`Coder::new`].
    pub fn of(study: &Study) -> Result<Self, CoderError> {
        Self::new(&study.codebook.codebook, &study.settings)
    }

    /// The compiled rules, for whoever scans.
    pub const fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// SHA-256, in hex, over all that a suggestion depends on besides the text: rules, lists, versions of analyser and
    /// stemmer, coded roles.
    pub fn rule_set_digest(&self) -> String {
        self.digest.clone()
    }

    /// Suggestions for every source of a study, by source id; sources are read in parallel.
    pub fn study(&self, study: &Study, texts: &BTreeMap<String, SourceText>) -> BTreeMap<String, Vec<Suggestion>> {
        let sources: Vec<_> = study.sources.iter().collect();
        let buffers = || (Scratch::default(), Buffers::default());
        let one = |(scratch, buffers): &mut (Scratch, Buffers), (id, source): &(&String, &Source)| {
            let text = texts.get(*id)?;
            Some(((*id).clone(), self.read(scratch, buffers, &text.text, &text.segmentation, source)))
        };
        sources.par_iter().map_init(buffers, one).flatten().collect()
    }

    /// Suggestions for one source, in order of place and code.
    pub fn source(&self, text: &str, segmentation: &Segmentation, source: &Source) -> Vec<Suggestion> {
        self.read(&mut Scratch::default(), &mut Buffers::default(), text, segmentation, source)
    }

    /// The same with a thread's own buffers: the words it has met before are known.
    fn read(
        &self,
        scratch: &mut Scratch,
        buffers: &mut Buffers,
        text: &str,
        segmentation: &Segmentation,
        source: &Source,
    ) -> Vec<Suggestion> {
        let digest = hex(&Sha256::digest(text));
        let mut all = Vec::new();
        let role = |turn: &crate::model::Turn| {
            let label = segmentation.speakers.get(turn.speaker as usize).map_or("", String::as_str);
            (label, source.role(label))
        };
        for (k, turn) in segmentation.turns.iter().enumerate() {
            let (speaker, said_by) = role(turn);
            let Some(words) = turn.span.of(text).filter(|_| self.coded.contains(&said_by)) else { continue };
            let language = turn.language.as_deref().unwrap_or(&source.language);
            let context = TurnContext { speaker, role: said_by, question: turn.question.as_deref() };
            self.rules.scan(scratch, words, language, &context);
            if scratch.hits.is_empty() {
                continue;
            }
            scratch.find_sentences(words);
            let ordinal = source.first_ordinal.saturating_add(k as u32);
            let place = Place { words, language, offset: turn.span.start, ordinal, digest: &digest };
            let mut found = self.turn(scratch, buffers, &place);
            let before = k.checked_sub(1).and_then(|before| segmentation.turns.get(before));
            if let Some(before) = before.filter(|before| !found.is_empty() && role(before).1 == Role::Interviewer) {
                let (speaker, role) = role(before);
                let language = before.language.as_deref().unwrap_or(&source.language);
                let context = TurnContext { speaker, role, question: None };
                self.rules.scan(scratch, before.span.of(text).unwrap_or_default(), language, &context);
                let asked: BTreeSet<u32> = scratch.hits.iter().map(|hit| hit.code).collect();
                for one in &mut found {
                    let code = self.rules.codes().iter().position(|id| *id == one.code);
                    one.prompted = code.is_some_and(|code| asked.contains(&(code as u32)));
                }
            }
            all.extend(found);
        }
        all
    }

    /// Suggestions for a bare text, read as one turn of a participant.
    pub fn text(&self, text: &str) -> Vec<Suggestion> {
        let language = language_of(text).unwrap_or(&self.default_language);
        let mut scratch = Scratch::default();
        self.rules.scan(
            &mut scratch,
            text,
            language,
            &TurnContext { speaker: "", role: Role::Participant, question: None },
        );
        scratch.find_sentences(text);
        let digest = hex(&Sha256::digest(text));
        let place = Place { words: text, language, offset: 0, ordinal: 0, digest: &digest };
        self.turn(&scratch, &mut Buffers::default(), &place)
    }

    /// Judges the hits of a scanned turn, in their order; `found` is cleared first. Nothing is allocated once the
    /// buffers have grown.
    pub fn judge(
        &self,
        scratch: &Scratch,
        reading: &mut Reading,
        words: &str,
        language: &str,
        found: &mut Vec<Judged>,
    ) {
        found.clear();
        let lists = self.lists.get(language).unwrap_or(&self.no_lists);
        let longest = scratch.hits.iter().map(|hit| hit.last - hit.first).max().unwrap_or(0);
        let (mut sentence, mut read) = (0, usize::MAX);
        for (k, hit) in scratch.hits.iter().enumerate() {
            if self.is_covered(&scratch.hits, k, longest) {
                continue;
            }
            while scratch.sentences.get(sentence).is_some_and(|range| range.end <= hit.first) {
                sentence += 1;
            }
            let Some(range) = scratch.sentences.get(sentence) else { continue };
            if sentence != read {
                reading.read(lists, words, &scratch.tokens, &scratch.classes, range);
                read = sentence;
            }
            let (Some(rule), Some(theme)) =
                (self.rules.rules().get(hit.rule as usize), self.themes.get(hit.code as usize))
            else {
                continue;
            };
            let same_sentence = scratch.hits.iter().skip(k + 1).take_while(|later| later.first < range.end);
            let next = same_sentence.into_iter().find(|later| later.code == hit.code && later.first > hit.last);
            let question = Question {
                first: hit.first,
                last: hit.last.min(range.end.saturating_sub(1)),
                next: next.map_or(u32::MAX, |later| later.first),
                base: rule.polarity,
                fixed: rule.fixed,
                own_triggers: self.own_triggers.get(hit.rule as usize).copied().unwrap_or(false),
                agent: theme.agent,
                directed: theme.directed,
            };
            let in_text = Sentence { reading, text: words, tokens: &scratch.tokens };
            let judgements = in_text.judge(&question).into_iter().flatten();
            found.extend(judgements.map(|judgement| Judged { hit: *hit, sentence: sentence as u32, judgement }));
        }
    }

    /// Suggestions from a scanned turn at `offset` of a text with this digest.
    fn turn(&self, scratch: &Scratch, buffers: &mut Buffers, turn: &Place<'_>) -> Vec<Suggestion> {
        let mut found: Vec<Suggestion> = Vec::new();
        self.judge(scratch, &mut buffers.reading, turn.words, turn.language, &mut buffers.judged);
        for Judged { hit, sentence, judgement } in &buffers.judged {
            let (Some(rule), Some(theme)) =
                (self.rules.rules().get(hit.rule as usize), self.themes.get(hit.code as usize))
            else {
                continue;
            };
            let (Some(range), Some(code)) =
                (scratch.sentences.get(*sentence as usize), self.rules.codes().get(hit.code as usize))
            else {
                continue;
            };
            let bytes = |(first, last): (u32, u32)| tokens_span(scratch, first, last).shifted(turn.offset);
            let indicator = bytes((hit.first, hit.last));
            let unit = match theme.unit {
                MeaningUnit::Clause => bytes(judgement.clause),
                MeaningUnit::Sentence => sentence_span(turn.words, &scratch.tokens, range).shifted(turn.offset),
                MeaningUnit::Turn => Span::new(turn.offset, turn.offset + turn.words.len() as u32),
            };
            // A rule may reach over the border of a clause or sentence; what it found always lies in the unit.
            let unit = unit.cover(indicator);
            let suggestion = Suggestion {
                id: suggestion_id(turn.digest, code, unit, judgement.polarity),
                code: code.clone(),
                turn: turn.ordinal,
                unit,
                indicator,
                trigger: judgement.trigger.map(bytes),
                scope: bytes(judgement.scope),
                rules: vec![rule.reference.clone()],
                polarity: judgement.polarity,
                qualifiers: Qualifiers {
                    time: judgement.time,
                    target: rule.target.clone().or_else(|| target_of(theme, judgement.target)),
                    experiencer: judgement.experiencer,
                },
                prompted: false,
                because: judgement.reason.words(),
            };
            merge(&mut found, suggestion);
        }
        drop_unreal(&mut found);
        found.sort_by(|a, b| {
            let place = |one: &Suggestion| (one.indicator, one.trigger.map(|trigger| trigger.start));
            (place(a), &a.code).cmp(&(place(b), &b.code))
        });
        found
    }

    /// A hit inside a longer one of the same code, or beside one of the same words that is a negative form, says
    /// nothing of its own. `longest` is the length of the longest hit.
    fn is_covered(&self, hits: &[Hit], k: usize, longest: u32) -> bool {
        let Some(hit) = hits.get(k) else { return true };
        let absent =
            |hit: &Hit| self.rules.rules().get(hit.rule as usize).is_some_and(|rule| rule.polarity == Polarity::Absent);
        let covers = |other: &Hit| {
            let inside = other.code == hit.code && other.first <= hit.first && hit.last <= other.last;
            let same = other.first == hit.first && other.last == hit.last;
            inside && (!same || (absent(other) && !absent(hit)))
        };
        let before = hits.iter().take(k).rev().take_while(|other| other.first + longest >= hit.first);
        let after = hits.iter().skip(k + 1).take_while(|other| other.first == hit.first);
        before.chain(after).any(covers)
    }
}

/// A hit and what was found about it.
#[derive(Debug, Clone, Copy)]
pub struct Judged {
    /// The hit.
    pub hit: Hit,
    /// Index of its sentence in the turn.
    pub sentence: u32,
    /// What was found.
    pub judgement: Judgement,
}

/// Memory that is used for turn after turn.
#[derive(Default)]
struct Buffers {
    reading: Reading,
    judged: Vec<Judged>,
}

/// A turn and where it stands.
struct Place<'a> {
    words: &'a str,
    language: &'a str,
    offset: u32,
    ordinal: u32,
    digest: &'a str,
}

fn theme(code: &Code) -> Theme {
    Theme {
        unit: code.unit,
        agent: match code.attributes.get(AGENT) {
            Some(AttributeValue::Text(agent)) if agent == "other" => Agent::Other,
            Some(AttributeValue::Text(agent)) if agent == "anyone" => Agent::Anyone,
            _ => Agent::Experiencer,
        },
        targets: code.targets.clone(),
        directed: code.targets.iter().any(|target| target == PATIENT),
    }
}

/// The first of the code's targets among the groups of persons that were found.
fn target_of(theme: &Theme, groups: u64) -> Option<String> {
    let mask = |target: &str| match target {
        PATIENT => class::ME,
        "worker" => class::WORKER,
        "peers" => class::PEERS,
        "family" => class::FAMILY,
        "people" => class::PEOPLE,
        _ => 0,
    };
    theme.targets.iter().find(|target| groups & mask(target) != 0).cloned()
}

/// Overlapping suggestions of one code with equal polarity are one: the first indicator, all rules; the speaker's own
/// experience goes before somebody else's.
fn merge(found: &mut Vec<Suggestion>, new: Suggestion) {
    let same = found
        .iter_mut()
        .find(|old| old.code == new.code && old.polarity == new.polarity && old.unit.overlap(new.unit) > 0);
    let Some(old) = same else {
        found.push(new);
        return;
    };
    for rule in &new.rules {
        if !old.rules.contains(rule) {
            old.rules.push(rule.clone());
        }
    }
    old.rules.sort();
    let (experiencer, own) = (old.qualifiers.experiencer, new.qualifiers.experiencer);
    if experiencer != own && own == crate::model::Experiencer::Speaker {
        let rules = std::mem::take(&mut old.rules);
        *old = Suggestion { rules, ..new };
    } else if old.qualifiers.target.is_none() {
        old.qualifiers.target = new.qualifiers.target;
    }
}

/// A wish or condition says nothing beside a statement of the same code in the same unit: "when I needed help, she
/// helped me" is help.
fn drop_unreal(found: &mut Vec<Suggestion>) {
    let real: Vec<(String, Span)> = found
        .iter()
        .filter(|one| one.polarity != Polarity::Hypothetical)
        .map(|one| (one.code.clone(), one.unit))
        .collect();
    found.retain(|one| {
        let same = |(code, unit): &(String, Span)| *code == one.code && unit.overlap(one.unit) > 0;
        one.polarity != Polarity::Hypothetical || !real.iter().any(same)
    });
}

fn tokens_span(scratch: &Scratch, first: u32, last: u32) -> Span {
    let of = |at: u32| scratch.tokens.get(at as usize).map(|token| token.span);
    match (of(first), of(last)) {
        (Some(first), Some(last)) => first.cover(last),
        _ => Span::new(0, 0),
    }
}

/// Whether the words that a rule looks for can themselves be triggers ("had nobody"): then what stands inside a hit
/// does not count a second time.
fn holds_trigger(lists: &Lists, query: &Query) -> bool {
    match query {
        Query::Term(term) => is_negative(lists, &term.text),
        Query::Phrase { terms, .. } => terms.iter().any(|term| is_negative(lists, &term.text)),
        Query::Regex(_) => true,
        Query::And(parts) | Query::Or(parts) => parts.iter().any(|part| holds_trigger(lists, part)),
        Query::Near(a, b, _) | Query::Then(a, b, _) => holds_trigger(lists, a) || holds_trigger(lists, b),
        Query::Within(_, part) => holds_trigger(lists, part),
        Query::Not(_) | Query::Field(..) | Query::Related(..) => false,
    }
}

fn is_negative(lists: &Lists, word: &str) -> bool {
    let word = fold(word);
    lists.iter().any(|lists| lists.classes(&word) & class::NEGATIVE != 0)
}

fn suggestion_id(text_digest: &str, code: &str, unit: Span, polarity: Polarity) -> String {
    let mut hash = Sha256::new();
    for part in [text_digest, "\n", code, "\n", &unit.start.to_string(), "\n", &unit.end.to_string(), "\n"] {
        hash.update(part);
    }
    hash.update(polarity.name());
    hex(hash.finalize().get(..8).unwrap_or_default())
}

fn digest_of(codebook: &Codebook, lists: &Lists, coded: &[Role]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("analyser {ANALYSER_VERSION}\nstemmer {STEMMER_VERSION}\nroles {coded:?}\n"));
    for (id, code) in &codebook.codes {
        hash.update(format!("code {id} {:?} {:?} {:?}\n", code.unit, code.targets, code.attributes.get(AGENT)));
        for rule in &code.rules {
            hash.update(format!("rule {rule:?}\n"));
        }
        for form in &code.negative_forms {
            hash.update(format!("negative {form:?}\n"));
        }
    }
    for language in lists.iter() {
        hash.update(language.canonical());
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
