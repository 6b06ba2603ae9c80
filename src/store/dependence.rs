//! Which records lean on which others, so that nothing is taken back under what rests on it.

use super::StoreError;
use super::read::parse;
use crate::model::{
    Adjudication, Anchor, AuditSample, Case, CodebookVersion, Coding, Coverage, Memo, Plan, Record, Rejection,
    Responses, Score, SignOff, Source, Theme, Verdict,
};
use std::collections::BTreeSet;

/// Something that a record can lean on: its sort, and its id.
pub(super) type Thing = (&'static str, String);

/// A stored record: kind, id and JSON.
#[derive(Clone, Copy)]
pub(super) struct Stored<'a> {
    pub(super) kind: &'a str,
    pub(super) id: &'a str,
    pub(super) json: &'a [u8],
}

impl Stored<'_> {
    fn read<T: Record>(&self) -> Result<T, StoreError> {
        parse(self.kind, self.id, self.json)
    }
}

/// What a record gives others to lean on.
pub(super) fn provides(stored: Stored<'_>) -> Result<BTreeSet<Thing>, StoreError> {
    let own = |sort: &'static str| (sort, stored.id.to_owned());
    Ok(match stored.kind {
        Source::KIND => {
            let source: Source = stored.read()?;
            BTreeSet::from([own("source"), ("source", source.name), ("text", source.revision)])
        }
        CodebookVersion::KIND => {
            let version: CodebookVersion = stored.read()?;
            let codes = version.codebook.codes.into_keys().map(|code| ("code", code));
            codes.chain([("codebook", version.number.to_string())]).collect()
        }
        "participant" => BTreeSet::from([own("participant")]),
        "wave" => BTreeSet::from([own("wave")]),
        "instrument" => BTreeSet::from([own("instrument")]),
        "theme" => BTreeSet::from([own("theme")]),
        Coding::KIND => BTreeSet::from([own("coding")]),
        AuditSample::KIND => BTreeSet::from([own("sample")]),
        _ => BTreeSet::new(),
    })
}

/// What a record leans on.
pub(super) fn needs(stored: Stored<'_>) -> Result<BTreeSet<Thing>, StoreError> {
    Ok(match stored.kind {
        Source::KIND => {
            let source: Source = stored.read()?;
            let people = source.participants.into_values().map(|id| ("participant", id));
            people.chain(source.wave.map(|wave| ("wave", wave))).collect()
        }
        Coding::KIND => {
            let coding: Coding = stored.read()?;
            let book = (coding.codebook_version > 0).then(|| ("codebook", coding.codebook_version.to_string()));
            let code = coding.code.map(|code| ("code", code));
            [("source", coding.source), ("text", coding.revision)].into_iter().chain(code).chain(book).collect()
        }
        Anchor::KIND => {
            let anchor: Anchor = stored.read()?;
            BTreeSet::from([("coding", stored.id.to_owned()), ("text", anchor.revision)])
        }
        Rejection::KIND => {
            let rejection: Rejection = stored.read()?;
            BTreeSet::from([("source", rejection.source), ("text", rejection.revision), ("code", rejection.code)])
        }
        Coverage::KIND => {
            let coverage: Coverage = stored.read()?;
            coverage.codes.into_iter().map(|code| ("code", code)).chain([("source", coverage.source)]).collect()
        }
        Memo::KIND => memo_is_on(&stored.read::<Memo>()?).into_iter().collect(),
        Theme::KIND => {
            let theme: Theme = stored.read()?;
            let quotations = theme.quotations.into_iter().map(|coding| ("coding", coding));
            theme.codes.into_iter().map(|code| ("code", code)).chain(quotations).collect()
        }
        Case::KIND => stored.read::<Case>()?.participants.into_iter().map(|id| ("participant", id)).collect(),
        Responses::KIND => {
            let row: Responses = stored.read()?;
            BTreeSet::from([("participant", row.participant), ("wave", row.wave), ("instrument", row.instrument)])
        }
        Score::KIND => {
            let score: Score = stored.read()?;
            score.wave.map(|wave| ("wave", wave)).into_iter().chain([("participant", score.participant)]).collect()
        }
        Adjudication::KIND => {
            let decision: Adjudication = stored.read()?;
            let codings = decision.codings.into_iter().chain(decision.finals).map(|id| ("coding", id));
            codings.chain([("source", decision.source), ("text", decision.revision)]).collect()
        }
        SignOff::KIND => on_thing(stored.id).into_iter().collect(),
        AuditSample::KIND => {
            let sample: AuditSample = stored.read()?;
            let codings = sample.items.iter().filter_map(|item| item.coding.clone()).map(|id| ("coding", id));
            let kept = sample.items.iter().filter(|item| !item.source.is_empty());
            let sources = kept.map(|item| ("source", item.source.clone()));
            codings.chain(sources).collect()
        }
        Verdict::KIND => BTreeSet::from([("sample", stored.read::<Verdict>()?.sample)]),
        Plan::KIND => stored.read::<Plan>()?.codes.into_iter().map(|code| ("code", code)).collect(),
        _ => BTreeSet::new(),
    })
}

/// The one thing that a memo is about.
pub(super) fn memo_is_on(memo: &Memo) -> Option<Thing> {
    on_thing(&memo.on)
}

/// What `source:ID` and the like name.
fn on_thing(on: &str) -> Option<Thing> {
    let (sort, id) = on.split_once(':')?;
    let sort = ["source", "code", "participant", "coding", "theme"].into_iter().find(|known| *known == sort)?;
    Some((sort, id.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::model::{MemoKind, Participant, Polarity, Span};

    fn needs_of<T: Record>(id: &str, record: &T) -> BTreeSet<Thing> {
        let json = serde_json::to_vec(record).unwrap();
        needs(Stored { kind: T::KIND, id, json: &json }).unwrap()
    }

    #[test]
    fn records_lean_on_what_they_name() {
        let memo = |on: &str| Memo {
            kind: MemoKind::Analytic,
            on: on.into(),
            text: String::new(),
            author: "ada".into(),
            written: "2026-01-01T00:00:00Z".into(),
        };
        let thing = |sort: &'static str, id: &str| (sort, id.to_owned());
        assert_eq!(needs_of("m", &memo("coding:c1")), BTreeSet::from([thing("coding", "c1")]));
        assert_eq!(needs_of("m", &memo("source:a:b.txt")), BTreeSet::from([thing("source", "a:b.txt")]));
        assert_eq!(needs_of("m", &memo("study")), BTreeSet::new());
        assert_eq!(needs_of("m", &memo("cell:x")), BTreeSet::new());
        let rejection = Rejection {
            code: "trust".into(),
            source: "s".into(),
            revision: "r".into(),
            span: Span::new(0, 1),
            polarity: Polarity::Present,
            coder: "ada".into(),
            note: String::new(),
        };
        let expected = BTreeSet::from([thing("code", "trust"), thing("source", "s"), thing("text", "r")]);
        assert_eq!(needs_of("x", &rejection), expected);
        let case = Case { participants: vec!["P1".into()], ..Case::default() };
        assert_eq!(needs_of("d", &case), BTreeSet::from([thing("participant", "P1")]));
        let theme = Theme { codes: vec!["trust".into()], quotations: vec!["c1".into()], ..Theme::default() };
        assert_eq!(needs_of("t", &theme), BTreeSet::from([thing("code", "trust"), thing("coding", "c1")]));
        assert_eq!(needs_of("P1", &Participant::default()), BTreeSet::new());
    }
}
