//! Plain text with and without labels.

use super::*;
use proptest::prelude::*;

#[test]
fn a_labelled_transcript_becomes_turns() {
    let text = "Talk with P07, 3 May\nrecorded at the farm\n\nInterviewer: How did it begin?\n\nP07: Slowly. I remember\nthe first day: rain.\n\n\
                It rained for weeks.\nInterviewer: And then?\nP07: [laughs] Then I stayed.\n";
    let import = import("talk.txt", text);
    let source = &import.sources[0];
    assert_eq!(source.text, text);
    assert_eq!(
        turns(source),
        [
            "Interviewer: How did it begin?",
            "P07: Slowly. I remember\nthe first day: rain.\n\nIt rained for weeks.",
            "Interviewer: And then?",
            "P07: [laughs] Then I stayed."
        ]
    );
    assert_eq!(source.participants, [("P07".to_owned(), "P07".to_owned())].into());
    assert_eq!(source.segmentation.unassigned.len(), 1);
    assert_eq!(import.original, None);
    assert_eq!(said(&import), Vec::<String>::new());
    let report = report(source);
    assert_eq!((report.turns, report.unassigned_lines), (4, 2));
    assert_eq!(report.speakers[1].words, 14);
    assert_eq!(report.share_of_talk.unwrap()[0], (Role::Participant, 0.7));
}

#[test]
fn f4_times_close_the_turn_before() {
    let text = "I: Where were you? #00:00:04-2#\nB: At home. #00:00:06-0#\nI stayed there. #00:00:09-5#\nI: Alone? #00:00:11-0#\n";
    let import = import("P02_T0.txt", text);
    let source = &import.sources[0];
    assert_eq!(turns(source), ["I: Where were you?", "B: At home. #00:00:06-0#\nI stayed there.", "I: Alone?"]);
    let times: Vec<_> = source.segmentation.turns.iter().map(|turn| turn.time_ms).collect();
    assert_eq!(times, [None, Some(4_200), Some(9_500)]);
    assert_eq!(source.duration_ms, Some(11_000));
    assert_eq!((source.participants["B"].as_str(), source.wave.as_deref()), ("P02", Some("T0")));
}

#[test]
fn otter_zoom_and_bracketed_forms_are_read() {
    let otter =
        import("a.txt", "Speaker 1  0:01\nHello there.\n\nUnknown Speaker  0:05\nHi.\n\nSpeaker 1  1:02:03\nBye.\n");
    assert_eq!(turns(&otter.sources[0]), ["Speaker 1: Hello there.", "Unknown Speaker: Hi.", "Speaker 1: Bye."]);
    assert_eq!(otter.sources[0].segmentation.turns[2].time_ms, Some(3_723_000));
    assert_eq!(otter.sources[0].roles["Unknown Speaker"], Role::Other);
    let zoom = import("b.txt", "00:00:01\tAda Poe\tHello: you\n00:00:04\tBen Doe\tHi\n");
    assert_eq!(turns(&zoom.sources[0]), ["Ada Poe: Hello: you", "Ben Doe: Hi"]);
    let marked = import("c.txt", "#Ada: one\n#Ben: two\n#Ada: three\n");
    assert_eq!(turns(&marked.sources[0]), ["Ada: one", "Ben: two", "Ada: three"]);
    let timed = import("d.txt", "[00:00:01] I: one\n[00:00:05] P: two\n[00:00:03] I: three\n");
    assert_eq!(timed.sources[0].segmentation.turns[1].time_ms, Some(5_000));
    assert!(said(&timed)[0].contains("times run backwards, on lines 3"), "{:?}", said(&timed));
    let markdown = import("e.md", "# Talk\n\n**Ada:** one\n\n**Ben:** two\n\n**Ada:** three\n");
    assert_eq!(turns(&markdown.sources[0]), ["Ada: one", "Ben: two", "Ada: three"]);
}

#[test]
fn hebrew_labels_and_direction_marks_are_read() {
    let import = import("a.txt", "\u{200f}מראיין: מה שלומך?\u{200e}\r\nמרואיין: טוב.\r\nש: ועכשיו?\r\nת: גם.\r\n");
    let source = &import.sources[0];
    assert_eq!(turns(source), ["מראיין: מה שלומך?", "מרואיין: טוב.", "ש: ועכשיו?", "ת: גם."]);
    let roles = [Role::Interviewer, Role::Participant, Role::Interviewer, Role::Participant];
    assert_eq!(source.segmentation.speakers.iter().map(|label| source.roles[label]).collect::<Vec<_>>(), roles);
}

#[test]
fn jefferson_marks_are_words_of_their_turn() {
    let text = "I: so:: (0.5) what was it [like\nP: (1.2) it was=\nI: =mm\nP: >quick< (.) .hh (unclear) wo- word: no\n(2.0)\n((laughs))\n";
    assert_eq!(
        turns(&import("P1.txt", text).sources[0]),
        [
            "I: so:: (0.5) what was it [like",
            "P: (1.2) it was=",
            "I: =mm",
            "P: >quick< (.) .hh (unclear) wo- word: no\n(2.0)\n((laughs))"
        ]
    );
}

#[test]
fn spellings_of_a_label_are_one_speaker() {
    let import = import("a.txt", "RA: one\nMOD: x\nra : two\nMod: y\nRA: three\nDan\u{a0}: four\nDan: five\n");
    assert_eq!(import.sources[0].segmentation.speakers, ["RA", "MOD", "Dan"]);
}

#[test]
fn a_text_without_labels_is_one_turn() {
    let plain = import("essay.txt", "It was late.\n\nNobody spoke: not one word.\n");
    assert_eq!(turns(&plain.sources[0]), [": It was late.\n\nNobody spoke: not one word."]);
    assert_eq!(plain.sources[0].roles[""], Role::Other);
    assert!(said(&plain)[0].contains("no speaker labels found"));
    let diary = import("P07_T1.txt", "It was late.\n");
    assert_eq!((diary.sources[0].roles[""], diary.sources[0].participants[""].as_str()), (Role::Participant, "P07"));
    assert_eq!(diary.sources[0].wave.as_deref(), Some("T1"));
}

#[test]
fn the_user_names_labels_and_roles() {
    let text = "therapist: one\nmore\nmore\nmore\nmore\nmother: two\nmore\nmore\ntherapist: three\nmore\n";
    assert_eq!(import("a.txt", text).sources[0].segmentation.speakers, ["therapist"]);
    let options = Options { roles: parse_roles("mother=other,therapist=participant").unwrap(), ..Options::default() };
    let named = import_with("a.txt", text, &options);
    assert_eq!(named.sources[0].segmentation.speakers, ["therapist", "mother"]);
    assert_eq!(named.sources[0].roles["therapist"], Role::Participant);
}

#[test]
fn other_encodings_lead_back_to_the_file() {
    let text = "I: Où étiez-vous?\r\nP: À côté du café, là-bas.\r\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let import = read("a.txt", &bytes, &Options::default()).unwrap();
    let source = &import.sources[0];
    assert_eq!(source.text, text);
    assert_eq!(import.original.as_deref(), Some(bytes.as_ref()));
    let turn = source.segmentation.turns[1].span;
    let (at, locator) = locate(&source.text, &source.segmentation, turn.start).unwrap();
    assert_eq!(locator, crate::model::Locator::Line(2));
    assert_eq!(at, 19, "the start of the line");
    assert!(import.problems[0].what.contains("windows-1252"));
}

/// Transcripts as people write them, with the slips that they make.
fn any_transcript() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => "(I|P|Ada|Dr\\. Poe|P01|Speaker 1|ש|ת)( ?): [a-zA-Z,.\u{5d0} ]{0,20}",
        1 => "\\[00:0[0-9]:[0-9]{2}\\] (I|P): [a-z]{0,5}",
        1 => "(Ada|Ben)  [0-9]:[0-9]{2}",
        1 => "(I|P): [a-z ]{1,8} #00:00:0[0-9]-[0-9]#",
        1 => "[#@\\[{](Ada|Ben|laughs)[:\\]}] [a-z]{0,5}",
        3 => "[a-zA-Z:()0-9\u{5d0}\u{200f}\u{a0}\t\\[\\]#. ]{0,30}",
        1 => "",
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\n\n"), Just("\r")];
    let bom = prop_oneof![Just(""), Just("\u{feff}")];
    (bom, prop::collection::vec((line, end), 1..12))
        .prop_map(|(bom, lines)| lines.into_iter().fold(bom.to_owned(), |text, (line, end)| text + &line + end))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn nothing_of_a_transcript_is_lost(text in any_transcript()) {
        let Ok(import) = read("a.txt", text.as_bytes(), &Options { kind: Some(Kind::Transcript), ..Options::default() }) else {
            prop_assert!(text.trim_matches(lines::is_invisible).is_empty(), "refused");
            return Ok(());
        };
        let source = &import.sources[0];
        prop_assert_eq!(&source.text, &text);
        check(source);
        let mut covered: Vec<_> = source.segmentation.turns.iter().map(|turn| turn.span).collect();
        covered.extend(&source.segmentation.unassigned);
        covered.sort();
        let mut at = 0;
        for span in covered.iter().copied().chain([crate::model::Span::new(text.len() as u32, text.len() as u32)]) {
            // What lies between is labels, times and white space, and labels are short.
            for line in text[at..span.start as usize].split(['\n', '\r']) {
                let rest = line.trim_matches(lines::is_invisible);
                let closing_time = rest.starts_with('#') && clock::clock(&rest[1..]).is_some();
                prop_assert!(rest.is_empty() || closing_time || label::head(&format!("{rest} x")).is_some()
                    || label::head(rest).is_some(), "lost {rest:?}");
            }
            at = span.end as usize;
        }
    }
}
