//! What a search shows: lists, lines, counts by fields, words near hits and words of groups.

use crate::harness::Study;
use crate::small::{near, small, uncoded};
use insta::assert_snapshot;
use serde_json::Value;

fn shown(study: &Study, args: &[&str]) -> String {
    let mut all = vec!["search"];
    all.extend(args);
    study.run(&all).exits(0).stdout
}

fn json(study: &Study, args: &[&str]) -> Value {
    let mut all = vec!["search"];
    all.extend(args);
    study.json(&all)
}

/// The values of a column.
fn column(rows: &Value, name: &str) -> Vec<Value> {
    rows.as_array().unwrap().iter().map(|row| row[name].clone()).collect()
}

#[test]
fn hits_are_marked_in_their_turn() {
    let study = uncoded();
    assert_snapshot!(shown(&study, &["alone", "--most", "2"]), @r"
    source      turn  role         participant
    ──────────  ────  ───────────  ───────────
    P01_T1.txt    11  participant  P01
        She came when my father died. I was never **alone** that week.
    P04_T1.vtt    22  participant  P04
        Here I eat with the others. I am less **alone** than I was.
    the first 2 of 3 turns; --most shows more, --from 3 goes on
    3 hits in 3 turns of 3 sources, 3 participants
    ");
    let rows = json(&study, &["alone", "--context", "2"]);
    assert_eq!(
        column(&rows, "text"),
        ["… was never alone that week.", "… am less alone than I …", "… I sit alone in my …"]
    );
    assert_eq!(rows[0]["words found"], "alone");
}

#[test]
fn neighbours_are_shown_around_what_was_found() {
    let study = uncoded();
    let rows = json(&study, &["alone AND participant:P04", "--around", "1"]);
    assert_eq!(column(&rows, "found"), ["", "yes"]);
    assert_eq!(rows[0]["text"], "And here?");
    assert_eq!(rows[0]["words found"], "");
    // A neighbour that was found itself stands there once, with its own words.
    let rows = json(&study, &["source:P04*", "--around", "2"]);
    assert_eq!(column(&rows, "found"), ["yes", "yes", "yes"]);
}

#[test]
fn pages_go_on_where_the_last_one_ended() {
    let study = uncoded();
    let all = column(&json(&study, &["trust*"]), "turn");
    let mut pages = Vec::new();
    for from in ["1", "5", "9"] {
        pages.extend(column(&json(&study, &["trust*", "--most", "4", "--from", from]), "turn"));
    }
    assert_eq!((pages, all.len()), (all, 11));
    let end = shown(&study, &["trust*", "--from", "12"]);
    assert!(end.contains("row 12 is beyond the last of 11 turns"), "{end}");
}

#[test]
fn turns_are_ordered_by_fit_or_participant() {
    let study = uncoded();
    let people = column(&json(&study, &["trust*", "--sort", "participant"]), "participant");
    let mut sorted: Vec<&str> = people.iter().filter_map(Value::as_str).collect();
    assert_eq!(sorted.len(), 9);
    assert!(sorted.is_sorted() && people[9..].iter().all(Value::is_null), "{people:?}");
    sorted.dedup();
    // Two hits in few words fit best, and a word that few turns have weighs more.
    let best = json(&study, &["trust OR kitchen", "--sort", "rank", "--most", "1"]);
    assert!(best[0]["text"].as_str().unwrap().starts_with("I trust the man who runs the kitchen."), "{best}");
    let refused = study.run(&["search", "trust", "--sort", "left"]).exits(2).stderr;
    assert_eq!(refused, "error: --sort left and --sort right order lines by their words\nhint: add --kwic\n");
}

#[test]
fn lines_stand_under_one_another_by_what_comes_before_or_after() {
    let study = uncoded();
    assert_snapshot!(shown(&study, &["trust* AND role:participant", "--kwic", "--sort", "right", "--most", "4"]), @"
    source      turn  speaker                                     before  found   after
    ──────────  ────  ───────  ─────────────────────────────────────────  ──────  ─────────────────────────────────────────
    P04_T1.vtt    20  P04                                  Maybe I would  trust   a doctor one day. My mother trusts every…
    P05_T1.txt    24  P05                                       I do not  trust   anybody in this place.
    P04_T1.vtt    20  P04      … would trust a doctor one day. My mother  trusts  everyone she meets.
    P07_T1.txt    28  P07                                              I  trust   her and I do not, both at once.
    the first 4 of 11 lines; --most shows more, --from 5 goes on
    11 hits in 9 sources
    ");
    let before = |sort| column(&json(&study, &["trust*", "--kwic", "--sort", sort, "--context", "1"]), "before");
    // `do` before `i`, and `you` last; what has nothing before it would come first.
    let left: Vec<String> = before("left").iter().map(|word| word.as_str().unwrap().to_lowercase()).collect();
    assert_eq!(left.len(), 13);
    assert!(left.is_sorted(), "{left:?}");
    let refused = study.run(&["search", "role:participant", "--kwic"]).exits(2).stderr;
    assert!(refused.contains("only chooses turns"), "{refused}");
}

#[test]
fn lines_from_right_to_left_keep_their_column() {
    let study = Study::new();
    study.file("dana.txt", "Interviewer: מה שלומך?\nDana: אני לא סומכת על אף אחד כאן. היום אני סומכת יותר.\n");
    study.run(&["import", "dana.txt", "--language", "he"]);
    let rows = json(&study, &["סומכת", "--kwic", "--context", "2"]);
    assert_eq!(column(&rows, "before"), ["אני לא", "היום אני"]);
    assert_eq!(column(&rows, "after"), ["על אף", "יותר."]);
    let table = shown(&study, &["סומכת", "--kwic"]);
    assert!(table.contains("\u{2067}סומכת\u{2069}"), "{table}");
}

#[test]
fn counts_have_their_denominator() {
    let study = uncoded();
    let counted = json(&study, &["trust* AND role:participant", "--count", "--per-words"]);
    // The table of the small study: 10 + 25 + 29 + 19 + 27 + 20 + 19 + 22 + 8 + 9 words.
    assert_eq!(counted[0]["words"], 188);
    near(&counted[0]["per 1,000 words"], 11_000.0 / 188.0);
    let said = shown(&study, &["trust* AND role:participant", "--count", "--per-words"]);
    assert!(said.contains("words: all spoken words of turns with role:participant"), "{said}");
    let said = shown(&study, &["participant:P01", "--count", "--per-words"]);
    assert!(said.contains("no rate per 1,000 words: the query asks for no words"), "{said}");
}

#[test]
fn facets_count_by_every_field() {
    let study = small();
    study.run(&["theme", "new", "bond", "--name", "Somebody stays"]).exits(0);
    study.run(&["theme", "add", "bond", "--codes", "support,trust"]).exits(0);
    let by = |field: &str| {
        let rows = json(&study, &["role:participant", "--facet", field]);
        let rows = rows.as_array().unwrap().clone();
        rows.iter()
            .map(|row| (row[field].as_str().unwrap().to_owned(), row["turns"].as_u64().unwrap()))
            .collect::<Vec<_>>()
    };
    let is = |field: &str, wanted: &[(&str, u64)]| {
        let wanted: Vec<(String, u64)> = wanted.iter().map(|(value, turns)| ((*value).to_owned(), *turns)).collect();
        assert_eq!(by(field), wanted, "{field}");
    };
    is("role", &[("participant", 18)]);
    is("wave", &[("T1", 16), ("T0", 2)]);
    is("lang", &[("en", 18)]);
    is("code", &[("trust", 9), ("loneliness", 5), ("support", 5), ("(no code)", 2)]);
    is("theme", &[("bond", 13), ("(no theme)", 5)]);
    is("coder", &[("tester", 16), ("(no coder)", 2)]);
    is("attr.site", &[("north", 10), ("south", 8)]);
    is("score.attachment.T1", &[("secure", 10), ("insecure", 7), ("(no score.attachment.T1)", 1)]);
    is("question", &[("(no question)", 18)]);
    assert_eq!(by("participant")[0], ("P01".into(), 4));
    assert_eq!(by("source").len(), 10);
    assert_eq!(by("polarity").iter().find(|(name, _)| name == "absent").unwrap().1, 4);
    let speakers = json(&study, &["trust*", "--facet", "speaker"]);
    assert_eq!(speakers[0]["speaker"], "Interviewer");
    let rates = json(&study, &["trust*", "--facet", "role", "--per-words"]);
    assert_eq!(
        (&rates[0]["role"], &rates[0]["hits"], &rates[0]["words"]),
        (&"participant".into(), &11.into(), &188.into())
    );
    let wrong = study.run(&["search", "trust", "--facet", "rolle"]).exits(2).stderr;
    assert!(
        wrong.starts_with("error: nothing can be counted by `rolle`; did you mean `role`?\nhint: one of: speaker"),
        "{wrong}"
    );
}

#[test]
fn words_near_hits_and_words_of_groups() {
    let study = uncoded();
    let near_trust = json(&study, &["trust*", "--collocates", "--window", "1", "--least", "3"]);
    // `I trust` five times, `not trust` twice, `you trust` twice, `would`, `longer`, `mother`.
    let her = near_trust.as_array().unwrap().iter().find(|row| row["word"] == "her").unwrap();
    assert_eq!((&her["before"], &her["after"], &her["near"]), (&0.into(), &3.into(), &3.into()));
    assert_snapshot!(shown(&study, &["participant:P08", "--words", "--least", "1", "--most", "3"]), @"
    word  times  per 1,000 words  turns  sources
    ────  ─────  ───────────────  ─────  ───────
    a         1           125.00      1        1
    cook      1           125.00      1        1
    i         1           125.00      1        1
    the first 3 of 8 words; --most shows more, --from 4 goes on
    of 8 words in turns with participant:P08; at least 1 times
    ");
    let words = json(&study, &["--words", "--most", "1"]);
    assert_eq!(words[0]["word"], "i");
    let key = json(&study, &["role:participant", "--compare", "role:interviewer", "--most", "2", "--least", "5"]);
    assert_eq!(key[0]["word"], "you");
    assert_eq!(key[0]["here"], 0);
    let refused = study.run(&["search", "role:participant", "--compare", "nowhere"]).exits(2).stderr;
    assert_eq!(refused, "error: there are no words to compare: no turn was found for nowhere\n");
}

#[test]
fn more_like_this() {
    let study = small();
    let alike = study.run(&["search", "--like", "I was so lonely on Sundays", "--most", "1"]).exits(0);
    assert!(alike.stdout.contains("P06_T1.csv"), "{}", alike.shown());
    assert!(alike.stderr.starts_with("like this: "), "{}", alike.shown());
    let quotes = study.json(&["quotes", "--code", "support", "--participant", "P07"]);
    let id = quotes[0]["coding"].as_str().unwrap();
    let rows = json(&study, &["--like", id]);
    assert_eq!(rows[0]["participant"], "P07");
    let rows = json(&study, &["role:interviewer", "--like", id]);
    assert!(column(&rows, "role").iter().all(|role| role == "interviewer"), "{rows}");
    study.run(&["search", "--like", "c-000000000000"]).exits(2);
    study.run(&["search", "--like", "xylophone"]).exits(2);
}
