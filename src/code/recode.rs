//! Suggestions from the index: only turns in which a rule may hit are read.
//!
//! Gives what [`Coder::study`] gives, span by span (a property test holds it to that). After a rule was edited, only the
//! lists of that rule are read, and only the turns that it hits or hit are coded again.

use super::answer::Turned;
use super::{Coder, Suggestion};
use crate::index::{self, IndexError, Reader};
use crate::model::{Role, Segmentation, Source, Span, Turn};
use crate::query::Query;
use crate::store::Study;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

/// Sources that are read and then coded together, so that memory stays bounded.
const AT_A_TIME: usize = 256;

/// Some turns of a source as a text of their own, and the way back.
struct Excerpt<'a> {
    id: &'a str,
    source: &'a Source,
    text: String,
    segmentation: Segmentation,
    /// For each turn: its ordinal, how far its text has moved towards the beginning, and whether it is asked for.
    places: Vec<(u32, u32, bool)>,
}

impl Coder {
    /// Suggestions for every source of a study that has any, by source id.
    ///
    /// # Errors
    /// The index or the study cannot be read.
    pub fn study_by_index(
        &self,
        study: &Study,
        reader: &Reader<'_>,
    ) -> Result<BTreeMap<String, Vec<Suggestion>>, IndexError> {
        let hit = self.may_hold(self.rules().rules().iter().map(|rule| &rule.query), reader)?;
        let mut all = BTreeMap::new();
        self.turns(&(&hit | &behind(&hit)), Some(&hit), study, reader, &mut all)?;
        Ok(all)
    }

    /// Brings suggestions up to date that an earlier codebook made: `changed` are the rules that this one has and that
    /// one had not, and the reverse. Everything else about codes, lists and roles must be as it was.
    ///
    /// # Errors
    /// The index or the study cannot be read.
    pub fn recode<'q>(
        &self,
        suggested: &mut BTreeMap<String, Vec<Suggestion>>,
        changed: impl IntoIterator<Item = &'q Query>,
        study: &Study,
        reader: &Reader<'_>,
    ) -> Result<(), IndexError> {
        let hit = self.may_hold(changed, reader)?;
        let turns = &hit | &behind(&hit);
        for list in suggested.values_mut() {
            list.retain(|one| !turns.contains(one.turn));
        }
        self.turns(&turns, None, study, reader, suggested)
    }

    /// Turns whose words one of the queries may hit, as they are said or as the one who answers them would say them.
    fn may_hold<'q>(
        &self,
        queries: impl IntoIterator<Item = &'q Query>,
        reader: &Reader<'_>,
    ) -> Result<RoaringBitmap, IndexError> {
        let turned = Turned::new(self.all_lists());
        let queries: Vec<Query> = queries.into_iter().map(|query| turned.either_way(query)).collect();
        reader.candidates(&queries)
    }

    /// Adds the suggestions of some turns, each at its place. `hit`: all turns in which any rule may hit, where that is
    /// known.
    fn turns(
        &self,
        turns: &RoaringBitmap,
        hit: Option<&RoaringBitmap>,
        study: &Study,
        reader: &Reader<'_>,
        all: &mut BTreeMap<String, Vec<Suggestion>>,
    ) -> Result<(), IndexError> {
        let mut of_source: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for turn in turns {
            if let Some((id, _)) = reader.place(turn) {
                of_source.entry(id).or_default().push(turn);
            }
        }
        let sources: Vec<(&str, Vec<u32>)> = of_source.into_iter().collect();
        let mut threads = self.threads(turns.len());
        for some in sources.chunks(AT_A_TIME) {
            let mut excerpts = Vec::with_capacity(some.len());
            for (id, turns) in some {
                if let Some((id, source)) = study.sources.get_key_value(*id) {
                    excerpts.push(self.excerpt(id, source, turns, hit, reader)?);
                }
            }
            let parts: Vec<_> =
                excerpts.iter().map(|part| (part.text.as_str(), &part.segmentation, part.source)).collect();
            for (excerpt, found) in
                excerpts.iter().zip(self.parts(&mut threads, &parts)).filter(|(_, found)| !found.is_empty())
            {
                let list = all.entry(excerpt.id.to_owned()).or_default();
                let is_new = list.is_empty();
                list.extend(found.into_iter().filter_map(|one| excerpt.placed(one)));
                if !is_new {
                    // Turns are whole, and within a turn the order is there already.
                    list.sort_by_key(|one| one.turn);
                }
            }
        }
        all.retain(|_, list| !list.is_empty());
        Ok(())
    }
}

impl Coder {
    /// The turns asked for that rules read, each behind the one before it: its words where the interviewer speaks there
    /// and a rule may hit them, else nothing but its speaker.
    fn excerpt<'a>(
        &self,
        id: &'a str,
        source: &'a Source,
        turns: &[u32],
        hit: Option<&RoaringBitmap>,
        reader: &Reader<'_>,
    ) -> Result<Excerpt<'a>, IndexError> {
        let mut excerpt =
            Excerpt { id, source, text: String::new(), segmentation: Segmentation::default(), places: Vec::new() };
        for &ordinal in turns {
            if !self.reads(source.role(&reader.speaker(ordinal)?)) {
                continue;
            }
            let before = ordinal.checked_sub(1).filter(|before| *before >= source.first_ordinal);
            // A turn without a hit is read for what it may answer.
            let answers =
                |before: u32| reader.speaker(before).map(|speaker| source.role(&speaker) == Role::Interviewer);
            if hit.is_some_and(|hit| !hit.contains(ordinal)) && !before.map_or(Ok(false), answers)? {
                continue;
            }
            if let Some(before) = before.filter(|before| excerpt.places.last().is_none_or(|(last, ..)| last != before))
            {
                let speaker = reader.speaker(before)?;
                let may_ask = source.role(&speaker) == Role::Interviewer && hit.is_none_or(|hit| hit.contains(before));
                match may_ask {
                    true => excerpt.add(reader.turn(before)?, false),
                    false => excerpt.put(before, &speaker, "", 0, (None, None), false),
                }
            }
            excerpt.add(reader.turn(ordinal)?, true);
        }
        Ok(excerpt)
    }
}

/// The turns behind some: what the interviewer says makes the answer after it a prompted one, or is what it answers.
fn behind(turns: &RoaringBitmap) -> RoaringBitmap {
    turns.iter().filter_map(|turn| turn.checked_add(1)).collect()
}

impl Excerpt<'_> {
    /// A suggestion as the whole source has it; nothing of turns that only stand before others.
    fn placed(&self, mut one: Suggestion) -> Option<Suggestion> {
        let at = one.turn.checked_sub(self.source.first_ordinal)? as usize;
        let (ordinal, back, wanted) = *self.places.get(at)?;
        one.turn = ordinal;
        for span in [&mut one.unit, &mut one.indicator, &mut one.scope].into_iter().chain(one.trigger.as_mut()) {
            *span = Span::new(span.start + back, span.end + back);
        }
        wanted.then_some(one)
    }

    fn add(&mut self, turn: index::Turn<'_>, wanted: bool) {
        let labels = (turn.question, Some(turn.language));
        self.put(turn.ordinal, &turn.speaker, &turn.text, turn.start, labels, wanted);
    }

    fn put(
        &mut self,
        ordinal: u32,
        speaker: &str,
        words: &str,
        start: u32,
        (question, language): (Option<String>, Option<String>),
        wanted: bool,
    ) {
        let speakers = &mut self.segmentation.speakers;
        let known = speakers.iter().position(|label| label == speaker);
        let speaker = known.unwrap_or_else(|| {
            speakers.push(speaker.to_owned());
            speakers.len() - 1
        });
        let from = self.text.len() as u32;
        self.text.push_str(words);
        let span = Span::new(from, self.text.len() as u32);
        self.segmentation.turns.push(Turn { span, speaker: speaker as u32, time_ms: None, question, language });
        self.places.push((ordinal, start.saturating_sub(from), wanted));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::index::Index;
    use crate::index::tests::{land, new_study, said};
    use crate::model::{Code, Codebook, Polarity, Rule, Settings};
    use crate::query::samples::query;
    use crate::query::{check_rule, parse};
    use proptest::prelude::*;
    use proptest::sample::select;

    fn codebook(rules: &[String]) -> Codebook {
        let rule = |query: &String| Rule {
            query: query.clone(),
            polarity: Polarity::Present,
            target: None,
            language: None,
            fixed: false,
        };
        let code = |rules: &[String]| Code { rules: rules.iter().map(rule).collect(), ..Code::default() };
        let (first, second) = rules.split_at(rules.len() / 2);
        let codes = [("first".to_owned(), code(first)), ("second".to_owned(), code(second))];
        Codebook { name: String::new(), note: String::new(), codes: codes.into() }
    }

    /// What a scan of every text gives.
    fn scanned(coder: &Coder, store: &crate::store::Store, study: &Study) -> BTreeMap<String, Vec<Suggestion>> {
        let text = |(id, source): (&String, &Source)| (id.clone(), study.text(store, source).unwrap());
        let mut all = coder.study(study, &study.sources.iter().map(text).collect());
        all.retain(|_, list| !list.is_empty());
        all
    }

    /// A question that names the theme, or may, and an answer of few words: no word of the answer's own is hit.
    fn exchange() -> impl Strategy<Value = Vec<(String, &'static str, bool)>> {
        const QUESTIONS: &[&str] = &[
            "Do you trust her?",
            "And who was there for you?",
            "Were you alone?",
            "Would you say you trusted nobody?",
            "Is your mother like you?",
            "Did it help you? You said so.",
            "It snowed. Is there hope for you, or not?",
        ];
        const ANSWERS: &[&str] =
            &["No. Not a bit.", "Yes.", "I did.", "Nobody.", "My sister.", "Not any more.", "It rained."];
        let turns = |(question, answer): (&&str, &&str)| {
            vec![((*question).to_owned(), "en", true), ((*answer).to_owned(), "en", false)]
        };
        (select(QUESTIONS), select(ANSWERS)).prop_map(move |(question, answer)| turns((&question, &answer)))
    }

    /// Rules that only hit a question as its listener would say it.
    const TURNED: &[&str] = &[
        "\"there for me\"",
        "=i NEAR/2 trust*",
        "my THEN/0 m*",
        "(alone OR hope) AND me",
        "\"was i alone\"",
        "/for (me|you)/",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn the_index_codes_as_a_scan_does(
            queries in prop::collection::vec(query(), 2..8),
            turned in prop::collection::vec(select(TURNED), 1..4),
            sources in prop::collection::vec(
                prop::collection::vec(prop_oneof![said().prop_map(|said| vec![said]), exchange()], 1..6),
                1..4,
            ),
        ) {
            let sources: Vec<Vec<_>> = sources.into_iter().map(|said| said.concat()).collect();
            let fit = |query: &String| parse(query).is_ok_and(|query| check_rule(&query).is_ok());
            let mut rules: Vec<String> = queries.into_iter().filter(fit).collect();
            rules.insert(0, "trust".to_owned());
            rules.extend(turned.into_iter().map(str::to_owned));
            let (_dir, mut store) = new_study();
            for (k, said) in sources.iter().enumerate() {
                land(&mut store, &k.to_string(), said);
            }
            let study = Study::load(&store).unwrap();
            let index = Index::open(&store, &study);
            let reader = index.reader(&store, &study);
            let before = Coder::new(&codebook(&rules), &Settings::default()).unwrap();
            let mut suggested = before.study_by_index(&study, &reader).unwrap();
            prop_assert_eq!(&suggested, &scanned(&before, &store, &study));
            // One rule is taken out and another put in its place.
            let (old, new) = (rules[0].clone(), "alone NEAR/3 not".to_owned());
            rules[0] = new.clone();
            let after = Coder::new(&codebook(&rules), &Settings::default()).unwrap();
            let changed = [parse(&old).unwrap(), parse(&new).unwrap()];
            after.recode(&mut suggested, &changed, &study, &reader).unwrap();
            prop_assert_eq!(&suggested, &scanned(&after, &store, &study));
        }
    }
}
