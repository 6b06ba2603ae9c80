//! Tables and JSON: texts, participants, scores, responses.

use super::*;
use crate::model::Locator;

const TALKS: &str = "talk,who,at,words,quality,behaviour\n\
    1,therapist,0:01,\"Hello, you. \",high,question\n\
    1,client,0:05,Hello.,high,n/a\n\
    2,therapist,0:02,So?,low ,\"advice; question\"\n\
    1,client,0:03,Again.,high,\n\
    2,client,soon,\"Caf&eacute; &#8212; yes\",low,\n\
    2,client,0:09,,low,\n";

#[test]
fn rows_become_turns_and_are_never_joined() {
    let options = columns("source=talk,speaker=who,time=at,text=words,attr:quality=quality,code:expert=behaviour");
    let import = import_with("mi.csv", TALKS, &options);
    let [one, two] = import.sources.as_slice() else { panic!("{:?}", import.sources) };
    assert_eq!((one.name.as_str(), two.name.as_str()), ("mi/1", "mi/2"));
    assert_eq!(one.text, "therapist: Hello, you. \nclient: Hello.\nclient: Again.\n");
    assert_eq!(turns(two), ["therapist: So?", "client: Café — yes"]);
    assert_eq!(one.attributes["quality"], AttributeValue::Text("high".into()));
    assert_eq!(two.attributes["quality"], AttributeValue::Text("low".into()));
    assert_eq!((one.roles["therapist"], one.roles["client"]), (Role::Interviewer, Role::Participant));
    let codes: Vec<_> =
        two.codings.iter().map(|c| (c.code.as_str(), c.coder.as_str(), c.span.of(&two.text).unwrap())).collect();
    assert_eq!(codes, [("advice", "expert", "So?"), ("question", "expert", "So?")]);
    let span = one.segmentation.turns[2].span;
    let (at, locator) = locate(&one.text, &one.segmentation, span.start).unwrap();
    assert!(TALKS[at as usize..].starts_with("Again."));
    assert_eq!(locator, Locator::Cell { row: 4, column: "words".into() });
    assert_eq!(one.duration_ms, Some(5_000));
    assert_eq!(
        said(&import),
        [
            "mi.csv: rows without words are no turns: rows 6",
            "mi.csv: times that cannot be read, in rows 5",
            "mi.csv: HTML entities in 1 cells were written as the letters they stand for",
            "mi.csv, line 5: times run backwards, on lines 5",
            "mi.csv: no participant id is known for `client` in 2 sources",
        ]
    );
    assert_eq!(import.columns.unwrap().header, "talk,who,at,words,quality,behaviour");
}

#[test]
fn a_transcript_table_needs_no_mapping() {
    let import = import("P06_T1.csv", "speaker,time,text\nInterviewer,00:00:01,Well?\nP06,00:00:04,\"Well, yes.\"\n");
    let source = &import.sources[0];
    assert_eq!((source.name.as_str(), source.wave.as_deref()), ("P06_T1.csv", Some("T1")));
    assert_eq!(source.participants["P06"], "P06");
    assert_eq!(turns(source), ["Interviewer: Well?", "P06: Well, yes."]);
    assert_eq!(import.columns.unwrap().fields["time"], "time");
    assert_eq!(import.problems, []);
}

#[test]
fn open_answers_are_turns_with_their_question() {
    let table = "id;group;best;worst;score\nP01;a;The people;;3,5\nP02;b;n/a;The food;4\nP03;a;;;2\n";
    let import =
        import_with("survey.csv", table, &columns("id=id,questions=best|worst,attr:group=group,score:mood=score"));
    let source = &import.sources[0];
    assert_eq!(source.text, "The people\nThe food\n");
    assert_eq!(turns(source), ["P01: The people", "P02: The food"]);
    let questions: Vec<_> = source.segmentation.turns.iter().map(|turn| turn.question.as_deref().unwrap()).collect();
    assert_eq!(questions, ["best", "worst"]);
    assert_eq!(source.participants.len(), 2);
    assert!(!source.focus_group);
    assert_eq!(import.table.participants["P01"].attributes["group"], AttributeValue::Text("a".into()));
    assert_eq!(import.table.scores[0].value, ScoreValue::Number(3.5));
    assert_eq!((import.table.scores.len(), import.table.participants.len()), (3, 3));
    assert_eq!(said(&import), ["survey.csv: rows without words are no turns: rows 3"]);
}

#[test]
fn ids_beside_speakers_belong_to_participants_only() {
    let table = "s,pid,who,words\n1,A1,nurse (interviewer),One\n1,A1,client,Two\n2,A2,client,Three\n2,A3,client,Four\n2,,All,Five\n";
    let import = import_with("t.csv", table, &columns("source=s,participant=pid,speaker=who,text=words"));
    let [one, two] = import.sources.as_slice() else { panic!() };
    assert_eq!(one.participants, [("client".to_owned(), "A1".to_owned())].into());
    assert_eq!(turns(two), ["A2: Three", "A3: Four", "All: Five"]);
    assert_eq!(two.participants, [("A2".into(), "A2".into()), ("A3".into(), "A3".into())].into());
}

#[test]
fn waves_cut_sources_and_attributes_must_be_constant() {
    let table = "p,w,words,site\nP1,t0,One,n\nP1,T1,Two,n\nP2,T0,Three,n\nP2,T1,Four,s\n";
    let import = import_with("t.csv", table, &columns("source=p,wave=w,text=words,attr:site=site"));
    let names: Vec<_> = import.sources.iter().map(|s| (s.name.as_str(), s.wave.as_deref().unwrap())).collect();
    assert_eq!(names, [("t/P1 T0", "T0"), ("t/P1 T1", "T1"), ("t/P2 T0", "T0"), ("t/P2 T1", "T1")]);
    let import = import_with("t.csv", table, &columns("source=p,text=words,attr:site=site"));
    assert!(
        said(&import).iter().any(|p| p.contains("site is not the same in every row of t/P2")),
        "{:?}",
        said(&import)
    );
}

#[test]
fn wrong_columns_are_named() {
    let error = read("t.csv", b"a,b\n1,2\n", &columns("text=c")).unwrap_err();
    assert_eq!(error.to_string(), "t.csv, line 1: there is no column c (mapped to text)");
    assert_eq!(error.hint, "the columns are a, b");
    let error = read("t.csv", b"age,site\n1,2\n", &Options::default()).unwrap_err();
    assert!(error.what.contains("participant's id") && error.hint.contains("age, site"));
}

fn wb() -> Options {
    let text = "[instruments.wb]\nlabel = \"Well-being\"\nitems = 3\nmin = 1\nmax = 6\nreversed = [2]\n\
                scales.total = { items = [1, 2, 3], kind = \"mean\" }\n";
    Options {
        instruments: super::super::read_instruments("wb.toml", text).unwrap(),
        waves: vec!["T0".into(), "T1".into()],
        ..Options::default()
    }
}

#[test]
fn a_slip_among_numbers_does_not_make_words_of_a_score() {
    let table = "id;wave;stress;site\nA;T1;3,5;n\nB;T1;7,25;s\nC;T1;1.234,5;n\nD;T1;8;n\n";
    let import = import_with("s.csv", table, &wb());
    let scores = &import.table.scores;
    assert_eq!(scores.iter().map(|s| &*s.name).collect::<Vec<_>>(), ["stress"; 3]);
    assert_eq!(scores[1].value, ScoreValue::Number(7.25));
    assert!(scores.iter().all(|score| score.wave.as_deref() == Some("T1")));
    assert_eq!(said(&import), ["s.csv, line 4, column stress: `1.234,5` is not a number: not taken"]);
    assert_eq!(import.table.participants["A"].attributes["site"], AttributeValue::Text("n".into()));
}

#[test]
fn a_row_that_is_refused_does_not_decide_what_a_column_is() {
    let table = "id,wave,stress,sat\nA,T1,3,5\nB,T1,4,6\nH,T1,9,1\nH,T1,8,1\n";
    let import = import_with("s.csv", table, &wb());
    let of_sat = |import: &Import| import.table.scores.iter().filter(|score| score.name == "sat").count();
    assert_eq!((import.table.scores.len(), of_sat(&import)), (6, 3));
    for refused in ["H,,8,1", "H,t1,8,1", ",T1,8,1"] {
        let table = format!("id,wave,stress,sat\nA,T1,3,5\nB,T1,4,6\nH,T1,9,1\n{refused}\n");
        assert_eq!(of_sat(&import_with("s.csv", &table, &wb())), 3, "{refused}");
    }
    // What never changes between a person's waves describes the person, as before.
    let table = "id,wave,stress,age\nA,T0,3,50\nA,T1,4,50\nB,T1,4,60\n";
    let import = import_with("s.csv", table, &wb());
    assert!(import.table.scores.iter().all(|score| score.name == "stress"));
    assert_eq!(import.table.participants["B"].attributes["age"], AttributeValue::Number(60.0));
}

#[test]
fn participants_get_typed_attributes() {
    let table = "ID,age,worker,substance,clean,entered\nP01,30,Ada,alcohol;heroin,yes,2024-01-02\nP02,,Ben,cocaine,no,2024-02-03\n\
                 P01,31,Ada,alcohol,yes,2024-01-02\n,5,x,y,no,\n";
    let import = import("participants.csv", table);
    let first = &import.table.participants["P01"].attributes;
    assert_eq!(first["age"], AttributeValue::Number(30.0));
    assert_eq!(first["substance"], AttributeValue::Many(vec!["alcohol".into(), "heroin".into()]));
    assert_eq!(first["clean"], AttributeValue::Flag(true));
    assert_eq!(first["entered"], AttributeValue::Text("2024-01-02".into()));
    assert!(!import.table.participants["P02"].attributes.contains_key("age"));
    assert_eq!(
        said(&import),
        [
            "participants.csv, line 4: P01 is on line 2 already: this row was not taken",
            "participants.csv, line 5: row 4 has no participant id: not taken"
        ]
    );
    assert_eq!(import.table.uses[1], ("age".to_owned(), "attribute age".to_owned()));
    assert_eq!((import.sources.len(), import.original), (0, None));
}

#[test]
fn wide_scores_name_their_wave() {
    let table = "id,attachment.T0,attachment.T1,wb.total_T0,wb.total (T1),T1 mood\nP01,secure,insecure,2.5,7,1\nP02,insecure,,high,3,2\n";
    let import = import_with("scores.csv", table, &wb());
    let scores: Vec<_> = import
        .table
        .scores
        .iter()
        .map(|s| format!("{} {} {} {:?}", s.name, s.participant, s.wave.as_ref().unwrap(), s.value))
        .collect();
    assert_eq!(
        scores,
        [
            "attachment P01 T0 Class(\"secure\")",
            "attachment P01 T1 Class(\"insecure\")",
            "attachment P02 T0 Class(\"insecure\")",
            "mood P01 T1 Number(1.0)",
            "mood P02 T1 Number(2.0)",
            "wb.total P01 T0 Number(2.5)",
            "wb.total P02 T1 Number(3.0)"
        ]
    );
    assert_eq!(
        said(&import),
        [
            "scores.csv, line 2, column wb.total (T1): 7 is out of range, wb.total goes from 1 to 6: not taken",
            "scores.csv, line 3, column wb.total_T0: `high` is not a number: not taken"
        ]
    );
}

#[test]
fn long_scores_are_read_in_both_forms() {
    let named = import_with(
        "long.csv",
        "participant,wave,score,value\nP01,T0,mood,3\nP01,T1,mood,4\nP01,T0,mood,9\nP01,T0,class,a\nP01,T7,mood,1\n",
        &wb(),
    );
    assert_eq!(named.table.scores.len(), 4);
    assert_eq!(
        said(&named),
        [
            "long.csv, line 4: P01 at T0 of mood is on line 2 already: this row was not taken",
            "long.csv: waves that are not declared: T7"
        ]
    );
    let several = import(
        "long.tsv",
        "pid\twave\tmood\tage\tstate\nP01\tT0\t3\t40\ta\nP01\tT1\t4\t40\tb\nP02\tT0\t5\t50\ta\nP02\tT0\t6\t50\ta\nP02\t\t6\t50\ta\n",
    );
    let scores: Vec<_> =
        several.table.scores.iter().map(|s| (s.name.as_str(), s.participant.as_str(), s.wave.as_deref())).collect();
    assert_eq!(scores[..3], [("mood", "P01", Some("T0")), ("mood", "P01", Some("T1")), ("mood", "P02", Some("T0"))]);
    assert_eq!(several.table.participants["P01"].attributes["age"], AttributeValue::Number(40.0));
    assert!(several.table.scores.iter().any(|s| s.name == "state" && s.value == ScoreValue::Class("b".into())));
    assert_eq!(said(&several)[0], "long.tsv, line 5: P02 at T0 is on line 4 already: this row was not taken");
    assert!(said(&several)[1].contains("no wave"));
}

#[test]
fn item_responses_are_read_long_and_wide() {
    let long = import_with("items.csv", "id,wave,wb_1,wb_2,wb_3\nP01,T0,1,,6\nP01,T1,2,9,x\nP02,T0,,,\n", &wb());
    assert_eq!(long.table.responses.len(), 2);
    assert_eq!(long.table.responses[0].items, [Some(1.0), None, Some(6.0)]);
    assert_eq!(long.table.responses[1].items, [Some(2.0), None, None]);
    assert_eq!(long.table.scores, []);
    assert_eq!(
        said(&long),
        [
            "items.csv, line 3, column wb_2: 9 is out of range, item 2 of wb goes from 1 to 6: counts as missing",
            "items.csv, line 3, column wb_3: `x` is not a number: the item counts as missing"
        ]
    );
    let wide = import_with("items.csv", "id,WB1_T0,wb.item2.T0,wb_4_T0\nP01,1,2,3\n", &wb());
    assert_eq!((wide.table.responses[0].wave.as_str(), wide.table.responses[0].items.len()), ("T0", 3));
    assert!(said(&wide)[0].contains("wb has 3 items, none with number 4"));
    assert!(said(&wide)[1].contains("no column for items 3 of wb at T0"));
    let unknown = import("items.csv", "id,ecr_1,ecr_2,ecr_3,ecr_4\nP01,1,2,3,4\n");
    assert!(said(&unknown)[0].contains("ecr_1 to ecr_4 look like items of an instrument `ecr`"));
    assert_eq!(unknown.table.participants["P01"].attributes.len(), 0);
}

#[test]
fn json_is_read_flat_nested_and_as_a_table() {
    let nested = "{\"meeting_id\":\"m1\",\"turns\":[{\"speaker\":\"I\",\"text\":\"One \\\"two\\\"\"},{\"speaker\":\"P\",\"text\":\"Three\"}]}\n\
                  {\"meeting_id\":\"m2\",\"turns\":[{\"speaker\":\"P\",\"text\":\"Four\"}]}\n";
    let import = import("talks.jsonl", nested);
    assert_eq!(import.sources.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["talks/m1", "talks/m2"]);
    let source = &import.sources[0];
    assert_eq!(turns(source), ["I: One \"two\"", "P: Three"]);
    let (at, locator) = locate(&source.text, &source.segmentation, source.segmentation.turns[1].span.start).unwrap();
    assert!(nested[at as usize..].starts_with("Three"));
    assert_eq!(locator, Locator::Path("[0].turns[1].text".into()));
    let flat: String = ["P01", "P01", "P02"]
        .iter()
        .enumerate()
        .map(|(k, id)| {
            format!("{{\"id\":{k},\"participant\":\"{id}\",\"speaker\":\"participant\",\"text\":\"Words {k}\"}}\n")
        })
        .collect();
    let import = super::import("c.jsonl", &flat);
    assert_eq!(import.sources.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["c/P01", "c/P02"]);
    assert_eq!(import.sources[0].participants["participant"], "P01");
    let people =
        super::import("p.json", "[{\"id\":\"P1\",\"age\":4,\"drug\":[\"b\",\"a\"]},{\"id\":\"P2\",\"age\":null}]");
    assert_eq!(people.table.participants["P1"].attributes["age"], AttributeValue::Number(4.0));
    assert_eq!(people.table.participants.len(), 2);
    let mapped = import_with("x.json", "[{\"a\":{\"b\":\"Hi\"},\"w\":\"Ann\"}]", &columns("text=a.b,speaker=w"));
    assert_eq!(turns(&mapped.sources[0]), ["Ann: Hi"]);
}

#[test]
fn a_list_that_is_not_read_is_told() {
    let import = import(
        "a.json",
        "{\"turns\":[{\"speaker\":\"A\",\"text\":\"x\"},{\"speaker\":\"B\",\"text\":\"y\"}],\"notes\":[{\"text\":\"z\"}]}",
    );
    assert_eq!(turns(&import.sources[0]), ["A: x", "B: y"]);
    assert!(said(&import)[0].contains("not read: notes"));
}

#[test]
fn posts_become_reading_text() {
    let post = "[{\"slug\":\"one\",\"date\":\"2024-05-01\",\"link\":\"https://example.org/one\",\"title\":{\"rendered\":\"A &amp; B\"},\
                \"content\":{\"rendered\":\"<p>First&nbsp;line.<\\/p>\\n<p>Second <em>line<\\/em>.<\\/p>\",\"protected\":false}},\
                {\"slug\":\"two\",\"content\":{\"rendered\":\"\"}}]";
    let import = import("posts.json", post);
    assert_eq!(import.sources.len(), 1);
    let source = &import.sources[0];
    assert_eq!((source.name.as_str(), source.text.as_str()), ("posts/one", "A & B\nFirst\u{a0}line.\nSecond line.\n"));
    assert_eq!(source.attributes["link"], AttributeValue::Text("https://example.org/one".into()));
    assert!(said(&import)[0].contains("post 2: it has no words"));
}
