//! From hits and judgements to suggestions: the coder.
//!
//! Owns what a suggestion marks (its meaning unit), how hits merge, ids and the digest of everything a suggestion
//! depends on. A suggestion is a pure function of text, segmentation and rule set; nothing here is stored.

use super::Suggestion;
use super::answer::Exchange;
use super::candidate::{Candidate, Candidates};
use super::compile::{CompiledRule, RuleProblem, RuleSet, WordClasses, WordMeaning};
use super::polarity::{Agent, Judgement, Language, Lists, ListsError, Question, Reading, Sentence, class};
use super::scan::{Hit, Scratch, TurnContext};
use crate::model::{
    AttributeValue, Code, Codebook, MeaningUnit, Polarity, Qualifiers, Role, Segmentation, Settings, Source, Span, Turn,
};
use crate::query::Query;
use crate::store::{SourceText, Study, hex};
use crate::text::{ANALYSER_VERSION, STEMMER_VERSION, fold, language_or, sentence_around, sentence_span};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
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
pub(super) struct Theme {
    unit: MeaningUnit,
    pub(super) agent: Agent,
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
    fn meaning(&self, folded: &str, language: &str) -> WordMeaning {
        self.0.get(language).map_or_else(WordMeaning::default, |lists| lists.meaning(folded))
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
    pub fn study<'a>(
        &'a self,
        study: &Study,
        texts: &BTreeMap<String, SourceText>,
    ) -> BTreeMap<String, Vec<Suggestion>> {
        let sources: Vec<_> = study.sources.iter().collect();
        let buffers = || (Scratch::default(), Buffers::default());
        let one = |(scratch, buffers): &mut (Scratch, Buffers<'a>), (id, source): &(&String, &Source)| {
            let text = texts.get(*id)?;
            Some(((*id).clone(), self.read(scratch, buffers, &text.text, &text.segmentation, source)))
        };
        sources.par_iter().map_init(buffers, one).flatten().collect()
    }

    /// The polarity lists of a language; empty ones where there are none.
    pub(super) fn lists(&self, language: &str) -> &Language {
        self.lists.get(language).unwrap_or(&self.no_lists)
    }

    /// The polarity lists of all languages.
    pub(super) fn all_lists(&self) -> &Lists {
        &self.lists
    }

    /// What the engine has to know of a code, by its number.
    pub(super) fn theme(&self, code: u32) -> Option<&Theme> {
        self.themes.get(code as usize)
    }

    /// Whether rules read what somebody in this role says.
    pub(super) fn reads(&self, role: Role) -> bool {
        self.coded.contains(&role)
    }

    /// Memory for threads to read parts of sources in: as many as pay for so many turns, as each has to get to know the
    /// words.
    pub(super) fn threads<'a>(&'a self, turns: u64) -> Vec<Thread<'a>> {
        const TURNS_EACH: usize = 4_000;
        let most = usize::try_from(turns).unwrap_or(usize::MAX).div_ceil(TURNS_EACH).max(1);
        (0..rayon::current_num_threads().min(most)).map(|_| Thread::default()).collect()
    }

    /// Suggestions for parts of sources, one list for each. Each thread knows the words that it has met in earlier calls.
    pub(super) fn parts<'a>(
        &'a self,
        threads: &mut [Thread<'a>],
        parts: &[(&str, &Segmentation, &Source)],
    ) -> Vec<Vec<Suggestion>> {
        let share = parts.len().div_ceil(threads.len().max(1)).max(1);
        let read = |(thread, parts): (&mut Thread<'a>, &[(&str, &Segmentation, &Source)])| -> Vec<Vec<Suggestion>> {
            let Thread { scratch, buffers } = thread;
            parts.iter().map(|(text, cut, source)| self.read(scratch, buffers, text, cut, source)).collect()
        };
        threads.par_iter_mut().zip(parts.par_chunks(share)).flat_map_iter(read).collect()
    }

    /// Suggestions for one source, in order of place and code.
    pub fn source(&self, text: &str, segmentation: &Segmentation, source: &Source) -> Vec<Suggestion> {
        self.read(&mut Scratch::default(), &mut Buffers::default(), text, segmentation, source)
    }

    /// The same with a thread's own buffers: the words it has met before are known.
    fn read<'a>(
        &'a self,
        scratch: &mut Scratch,
        buffers: &mut Buffers<'a>,
        text: &str,
        segmentation: &Segmentation,
        source: &Source,
    ) -> Vec<Suggestion> {
        let mut all = Vec::new();
        let speakers: Vec<(&str, Role)> =
            segmentation.speakers.iter().map(|label| (label.as_str(), source.role(label))).collect();
        let speaker =
            |turn: &Turn| speakers.get(turn.speaker as usize).copied().unwrap_or_else(|| ("", source.role("")));
        for (k, turn) in segmentation.turns.iter().enumerate() {
            let (label, role) = speaker(turn);
            let Some(words) = turn.span.of(text).filter(|_| self.coded.contains(&role)) else { continue };
            let language = turn.language.as_deref().unwrap_or(&source.language);
            let context = TurnContext { speaker: label, role, question: turn.question.as_deref() };
            let said = (Place { words, language, offset: turn.span.start }, context);
            let before = k.checked_sub(1).and_then(|before| segmentation.turns.get(before));
            let asked =
                before.map(|before| (before, speaker(before))).filter(|(_, (_, role))| *role == Role::Interviewer);
            let asked = asked.map(|(before, (speaker, role))| {
                let language = before.language.as_deref().unwrap_or(&source.language);
                let words = before.span.of(text).unwrap_or_default();
                (Place { words, language, offset: before.span.start }, TurnContext { speaker, role, question: None })
            });
            let ordinal = source.first_ordinal.saturating_add(k as u32);
            self.turn(scratch, buffers, &said, asked.as_ref(), ordinal, &mut all);
        }
        all.shrink_to_fit();
        all
    }

    /// Suggestions for one turn, given what the interviewer says before it.
    fn turn<'a>(
        &'a self,
        scratch: &mut Scratch,
        buffers: &mut Buffers<'a>,
        (place, context): &(Place<'_>, TurnContext<'_>),
        asked: Option<&(Place<'_>, TurnContext<'_>)>,
        ordinal: u32,
        all: &mut Vec<Suggestion>,
    ) {
        self.rules.scan(scratch, place.words, place.language, context);
        let opening = asked.filter(|_| !self.reads(Role::Interviewer)).and_then(|_| self.opening(scratch, place));
        if scratch.hits.is_empty() && opening.is_none() {
            return;
        }
        self.judge(scratch, buffers, place);
        let from = all.len();
        self.suggest(&mut buffers.candidates, ordinal, all);
        let Some((before, context)) = asked.filter(|_| from < all.len() || opening.is_some()) else { return };
        self.rules.scan(scratch, before.words, before.language, context);
        let named = |hit: &Hit| self.rules.codes().get(hit.code as usize);
        for one in all.iter_mut().skip(from) {
            one.prompted = scratch.hits.iter().any(|hit| named(hit) == Some(&one.code));
        }
        if let Some(opening) = &opening {
            let exchange = Exchange { before, context, turn: place, opening };
            self.answer(scratch, buffers, &exchange, (ordinal, from), all);
        }
    }

    /// Suggestions for a bare text, read as one turn of a participant.
    pub fn text(&self, text: &str) -> Vec<Suggestion> {
        self.reply(None, text)
    }

    /// The same for a turn behind what the interviewer asks, where something is asked.
    pub fn reply(&self, question: Option<&str>, text: &str) -> Vec<Suggestion> {
        fn said<'t>(words: &'t str, role: Role, default: &'t str) -> (Place<'t>, TurnContext<'t>) {
            let language = language_or(words, default);
            (Place { words, language, offset: 0 }, TurnContext { speaker: "", role, question: None })
        }
        let place = said(text, Role::Participant, &self.default_language);
        // "No." is in the language of its question.
        let asked = question.map(|question| said(question, Role::Interviewer, place.0.language));
        let mut all = Vec::new();
        self.turn(&mut Scratch::default(), &mut Buffers::default(), &place, asked.as_ref(), 0, &mut all);
        all
    }

    /// Judges the hits of a scanned turn, in their order, and brings together what says the same. Reads only the
    /// sentences that hold hits.
    fn judge<'a>(&'a self, scratch: &Scratch, buffers: &mut Buffers<'a>, turn: &Place<'_>) {
        let Buffers { reading, candidates } = buffers;
        candidates.clear();
        let lists = self.lists(turn.language);
        let longest = scratch.hits.iter().map(|hit| hit.last - hit.first).max().unwrap_or(0);
        let (mut sentence, mut unit) = (0..0, Span::new(0, 0));
        // Several rules often find the same words, and then ask the same.
        let mut answered: Option<(Question, [Option<Judgement>; 2])> = None;
        for (k, hit) in scratch.hits.iter().enumerate() {
            let (Some(rule), Some(theme)) =
                (self.rules.rules().get(hit.rule as usize), self.themes.get(hit.code as usize))
            else {
                continue;
            };
            if self.is_covered(&scratch.hits, k, longest) {
                continue;
            }
            if hit.first >= sentence.end {
                sentence = sentence_around(turn.words, &scratch.tokens, sentence.end, hit.first);
                unit = sentence_span(turn.words, &scratch.tokens, &sentence);
                let tokens = scratch.tokens.get(sentence.start as usize..sentence.end as usize).unwrap_or_default();
                reading.read(lists, turn.words, tokens, sentence.start, scratch.meanings(sentence.clone()));
            }
            let same_sentence = scratch.hits.iter().skip(k + 1).take_while(|later| later.first < sentence.end);
            let next = same_sentence.into_iter().find(|later| later.code == hit.code && later.first > hit.last);
            let question = self.question(hit, rule, theme, sentence.end, next);
            let judgements = match answered {
                Some((before, judgements)) if before == question => judgements,
                _ => Sentence { reading, text: turn.words, tokens: &scratch.tokens }.judge(&question),
            };
            answered = Some((question, judgements));
            for judgement in judgements.into_iter().flatten() {
                let bytes = |(first, last): (u32, u32)| tokens_span(scratch, first, last).shifted(turn.offset);
                let indicator = bytes((hit.first, hit.last));
                let unit = match theme.unit {
                    MeaningUnit::Clause => bytes(judgement.clause),
                    MeaningUnit::Sentence => unit.shifted(turn.offset),
                    MeaningUnit::Turn => Span::new(0, turn.words.len() as u32).shifted(turn.offset),
                };
                let candidate = Candidate {
                    code: hit.code,
                    // A rule may reach over the border of a clause or sentence; what it found always lies in the unit.
                    unit: unit.cover(indicator),
                    indicator,
                    trigger: judgement.trigger.map(bytes),
                    scope: bytes(judgement.scope),
                    polarity: judgement.polarity,
                    time: judgement.time,
                    target: rule.target.as_deref().or_else(|| target_of(theme, judgement.target)),
                    experiencer: judgement.experiencer,
                    reason: judgement.reason,
                };
                candidates.add(candidate, hit.rule);
            }
        }
    }

    /// What is asked of the polarity engine about a hit in a sentence that ends before token `end`, given the next hit of
    /// its code there.
    #[inline(always)]
    pub(super) fn question(
        &self,
        hit: &Hit,
        rule: &CompiledRule,
        theme: &Theme,
        end: u32,
        next: Option<&Hit>,
    ) -> Question {
        Question {
            first: hit.first,
            last: hit.last.min(end.saturating_sub(1)),
            next: next.map_or(u32::MAX, |later| later.first),
            base: rule.polarity,
            fixed: rule.fixed,
            own_triggers: self.own_triggers.get(hit.rule as usize).copied().unwrap_or(false),
            agent: theme.agent,
            directed: theme.directed,
        }
    }

    /// Puts the candidates of a turn into words.
    fn suggest(&self, candidates: &mut Candidates<'_>, turn: u32, all: &mut Vec<Suggestion>) {
        all.extend(candidates.finish().map(|(one, rules)| Suggestion {
            code: self.rules.codes().get(one.code as usize).cloned().unwrap_or_default(),
            turn,
            unit: one.unit,
            indicator: one.indicator,
            trigger: one.trigger,
            scope: one.scope,
            rules: rules.filter_map(|rule| Some(self.rules.rules().get(rule as usize)?.reference.clone())).collect(),
            polarity: one.polarity,
            qualifiers: Qualifiers {
                time: one.time,
                target: one.target.map(str::to_owned),
                experiencer: one.experiencer,
            },
            prompted: false,
            because: one.reason.words(),
            answers: None,
        }));
    }

    /// A hit inside a longer one of the same code, or beside one of the same words that is a negative form, says
    /// nothing of its own. `longest` is the length of the longest hit.
    pub(super) fn is_covered(&self, hits: &[Hit], k: usize, longest: u32) -> bool {
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

/// What one thread works in.
#[derive(Default)]
pub(super) struct Thread<'a> {
    scratch: Scratch,
    buffers: Buffers<'a>,
}

/// Memory that is used for turn after turn.
#[derive(Default)]
pub(super) struct Buffers<'a> {
    pub(super) reading: Reading,
    candidates: Candidates<'a>,
}

/// A turn and where it stands.
pub(super) struct Place<'a> {
    pub(super) words: &'a str,
    pub(super) language: &'a str,
    pub(super) offset: u32,
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
pub(super) fn target_of(theme: &Theme, groups: u64) -> Option<&str> {
    let mask = |target: &str| match target {
        PATIENT => class::ME,
        "worker" => class::WORKER,
        "peers" => class::PEERS,
        "family" => class::FAMILY,
        "people" => class::PEOPLE,
        _ => 0,
    };
    theme.targets.iter().map(String::as_str).find(|target| groups & mask(target) != 0)
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
