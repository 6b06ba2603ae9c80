//! What people see when a file, a rule, a name or an option is not right: the whole message, and that nothing else suffers.

use crate::harness::Study;
use crate::small::{small, uncoded};
use insta::assert_snapshot;

const GOOD: &str = "Interviewer: Well?\nP09: I keep my door open these days.\n";

/// Imports a bad file beside a good one: the good one must go in.
#[track_caller]
fn beside_a_good_one(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let study = Study::new();
    study.file("in/P09_T1.txt", GOOD);
    study.file(&format!("in/{name}"), bytes);
    let ran = study.run(&["import", "in"]).exits(1);
    let sources = study.run(&["source"]).exits(0).stdout;
    assert!(sources.contains("P09_T1.txt"), "{sources}");
    study.run(&["audit", "verify"]).exits(0);
    ran.stderr
}

#[test]
fn empty_file() {
    assert_snapshot!(beside_a_good_one("P01_T1.txt", ""), @r"
    error: P01_T1.txt: the file is empty
    imported 1 source, 2 turns
    1 file refused
    ");
}

#[test]
fn binary_file() {
    assert_snapshot!(beside_a_good_one("P01_T1.txt", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0"), @r"
    error: P01_T1.txt: this is a binary file, not text
      hint: save it as plain text, WebVTT or CSV and import that
    imported 1 source, 2 turns
    1 file refused
    ");
}

#[test]
fn a_picture_named_as_text() {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06".to_vec();
    bytes.extend((0..=255_u8).cycle().take(4000));
    assert_snapshot!(beside_a_good_one("scan.txt", bytes), @r"
    error: scan.txt: this is a picture, not text
      hint: save it as plain text, WebVTT or CSV and import that
    imported 1 source, 2 turns
    1 file refused
    ");
}

#[test]
fn truncated_subtitles_go_in_as_far_as_they_reach() {
    let study = Study::new();
    study.file(
        "P01_T1.vtt",
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:03.000\nP01: I came on a Monday.\n\n2\n00:00:04.000 --> 00:0",
    );
    let ran = study.run(&["import", "P01_T1.vtt"]);
    assert_snapshot!(ran.shown(), @r"
        exit 0
        --- stdout
        --- stderr
        warning: P01_T1.vtt, line 8: times that cannot be read, on lines 8: the words are kept
        warning: P01_T1.vtt, line 8: the file breaks off in the middle of a cue
          hint: export it again if its end is missing
        imported 1 source, 1 turn
        ");
    assert!(study.run(&["source", "show", "P01_T1.vtt"]).exits(0).stdout.contains("I came on a Monday."));
}

#[test]
fn text_that_is_not_utf8_is_read_in_the_encoding_it_has() {
    let study = Study::new();
    study.file("P01_T1.txt", b"Interviewer: Und dann?\nP01: Ich f\xfchlte mich gr\xf6\xdfer als je zuvor.\n");
    let ran = study.run(&["import", "P01_T1.txt"]);
    assert_snapshot!(ran.shown(), @r"
    exit 0
    --- stdout
    --- stderr
    warning: P01_T1.txt, line 2: not valid UTF-8 from here on: read as windows-1252
      hint: look at the accented or Hebrew letters; if they are wrong, save the file as UTF-8
    imported 1 source, 2 turns
    ");
    assert!(study.run(&["search", "größer"]).exits(0).stdout.contains("fühlte mich **größer**"));
}

#[test]
fn fifty_megabytes_on_one_line() {
    let study = Study::new();
    let mut text = String::with_capacity(50 << 20);
    text.push_str("P01: ");
    while text.len() < 50 << 20 {
        text.push_str("and then we walked on and on ");
    }
    text.push_str("until the gate.\n");
    study.file("P01_T1.txt", &text);
    let ran = study.run(&["import", "P01_T1.txt"]);
    assert!(ran.code < 2, "{}", ran.stderr);
    assert_eq!(study.json(&["source"])[0]["turns"], 1);
}

#[test]
fn ragged_rows() {
    let table = "id,site,mood.T1\nP01,north,3\nP02,north\nP03,south,4,and more\nP04,south,5\n";
    let study = Study::new();
    study.file("scores.csv", table);
    assert_snapshot!(study.run(&["import", "scores.csv"]).exits(1).stderr, @r"
    error: scores.csv, line 3: row 2 has 2 cells, the header has 3: not taken
      hint: put cells that hold the separator in quotation marks
    error: scores.csv, line 4: row 3 has 4 cells, the header has 3: not taken
      hint: put cells that hold the separator in quotation marks
    imported 2 participants, 2 scores
    2 problems, listed above; everything else went in
    ");
    let people = study.json(&["score", "mood"]);
    let ids: Vec<_> = people.as_array().unwrap().iter().map(|row| row["participant"].clone()).collect();
    assert_eq!(ids, ["P01", "P04"]);
}

#[test]
fn duplicated_id() {
    let study = Study::new();
    study.file("scores.csv", "id,mood.T1\nP01,3\nP02,4\nP01,5\n");
    assert_snapshot!(study.run(&["import", "scores.csv"]).exits(1).stderr, @r"
error: scores.csv, line 4: P01 is on line 2 already: this row was not taken
  hint: correct the one that is wrong; if rows are waves, map their column with --columns wave=COLUMN
imported 2 participants, 2 scores
1 problem, listed above; everything else went in
");
    assert_eq!(study.json(&["score", "mood"])[0]["value"], 3.0);
}

const INSTRUMENT: &str = "\
[instruments.calm]
label = \"Calm, three items\"
items = 3
min = 1
max = 5
reversed = [2]
scales.total = { items = [1, 2, 3], kind = \"mean\" }
missing = \"none\"
";

#[test]
fn answers_out_of_range() {
    let study = Study::new();
    study.file("instruments.toml", INSTRUMENT);
    study.file("items.csv", "id,wave,calm_1,calm_2,calm_3\nP01,T1,1,5,1\nP02,T1,5,9,5\nP03,T1,5,1,x\n");
    assert_snapshot!(study.run(&["import", "instruments.toml", "items.csv"]).exits(1).stderr, @r"
    error: items.csv, line 3, column calm_2: 9 is out of range, item 2 of calm goes from 1 to 5: counts as missing
    error: items.csv, line 4, column calm_3: `x` is not a number: the item counts as missing
    imported 3 participants, 3 sets of answers, 1 instrument
    2 problems, listed above; everything else went in
    ");
    let scores = study.run(&["score", "calm"]);
    assert_snapshot!(scores.shown(), @r"
    exit 1
    --- stdout
    score  participant  wave  value
    ─────  ───────────  ────  ─────
    calm   P01          T1     1.00
    no score total for calm/P02/T1: 2 of 3 items answered, at least 3 are needed
    no score total for calm/P03/T1: 2 of 3 items answered, at least 3 are needed
    calm: 3 items, 1 to 5, reversed [2]; no item may be missing
    --- stderr
    ");
}

#[test]
fn a_participant_that_no_transcript_has() {
    let study = Study::new();
    study.file("P01_T1.txt", "Interviewer: Well?\nP01: I keep my door open.\n");
    study.file("P02_T1.txt", "Interviewer: Well?\nP02: I lock mine twice.\n");
    study.file("scores.csv", "id,mood.T1\nP01,3\nP07,4\n");
    let ran = study.run(&["import", "P01_T1.txt", "P02_T1.txt", "scores.csv"]).exits(0);
    assert_snapshot!(ran.stderr, @r"
    imported 2 sources, 4 turns, 2 participants, 2 scores
    1 participant of the tables speaks in no source: P07
    1 participant of the sources is in no table: P02
    ");
}

#[test]
fn a_table_without_ids() {
    let study = Study::new();
    study.file("scores.csv", "mood,calm\n3,4\n2,2\n");
    assert_snapshot!(study.run(&["import", "scores.csv"]).exits(1).stderr, @r"
error: scores.csv, line 1: no column is the participant's id
  hint: name it with --columns participant=COLUMN; the columns are mood, calm
imported nothing
1 file refused
");
}

#[test]
fn columns_that_are_not_there() {
    let study = Study::new();
    study.file("talk.csv", "who,said\nP01,I keep my door open.\n");
    assert_snapshot!(study.run(&["import", "talk.csv", "--columns", "speaker=who,text=words"]).exits(1).stderr, @r"
error: talk.csv, line 1: there is no column words (mapped to text)
  hint: the columns are who, said
imported nothing
1 file refused
");
    assert_snapshot!(study.run(&["import", "talk.csv", "--columns", "speeker=who,text=said"]).exits(2).stderr, @r"error: `speeker` is not something that a column can hold; known are text, questions, speaker, source, participant, time, question, wave, language, code:NAME, attr:NAME and score:NAME");
    assert_snapshot!(study.run(&["import", "talk.csv", "--as", "webvt"]).exits(2).stderr, @r"
    error: `webvt` is no kind of file
    hint: transcript, webvtt, subrip, table, json, wordpress, ris, codebook, instruments, reference or memos
    ");
    assert_snapshot!(study.run(&["import", "nowhere.txt"]).exits(2).stderr, @r"error: cannot read nowhere.txt: No such file or directory (os error 2)");
}

#[track_caller]
fn codebook(text: &str) -> String {
    let study = Study::new();
    study.file("codebook.toml", text);
    let imported = study.run(&["codebook", "import", "codebook.toml"]).exits(2);
    let shown = study.run(&["codebook", "show"]).stdout;
    assert!(shown.contains("0 codes"), "{shown}");
    imported.stderr
}

#[test]
fn codebook_with_a_circle() {
    let text = "name = \"c\"\n[codes.warmth]\nlabel = \"Warmth\"\nparent = \"bond\"\n[codes.bond]\nlabel = \"Bond\"\nparent = \"warmth\"\n";
    assert_snapshot!(codebook(text), @r#"
codebook.toml:4:10: these parents run in a circle: bond → warmth → bond; take one of these parents out
  parent = "bond"
           ^^^^^^
error: codebook.toml cannot be used: 1 problem
"#);
}

#[test]
fn codebook_with_an_unknown_parent() {
    let text = "name = \"c\"\n[codes.warmth]\nlabel = \"Warmth\"\nparent = \"bonds\"\n[codes.bond]\nlabel = \"Bond\"\n";
    assert_snapshot!(codebook(text), @r#"
codebook.toml:4:10: the parent `bonds` of `warmth` is not in the codebook; did you mean `bond`?
  parent = "bonds"
           ^^^^^^^
error: codebook.toml cannot be used: 1 problem
"#);
}

#[test]
fn codebook_whose_rule_an_apostrophe_ends() {
    let text =
        "name = \"c\"\n[codes.warmth]\nlabel = \"Warmth\"\nrules = [\n  'warm* OR can't OR won't',\n  'hug',\n]\n";
    assert_snapshot!(codebook(text), @r#"
codebook.toml:5:17: this is not TOML: missing comma between array elements, expected `,`; an apostrophe ends text in single quotation marks: write the rule between three of them, '''...'''
    'warm* OR can't OR won't',
                  ^
error: codebook.toml cannot be used: 1 problem
"#);
}

#[test]
fn codebook_with_a_rule_that_cannot_be_parsed() {
    let text = "name = \"c\"\n[codes.warmth]\nlabel = \"Warmth\"\nrules = [\n  \"warm*\",\n  \"hug NEAR/x hold\",\n]\n";
    assert_snapshot!(codebook(text), @r#"
codebook.toml:6:8: a rule of `warmth` cannot be read: NEAR needs the number of words that may lie between; write for instance `NEAR/5`
    "hug NEAR/x hold",
         ^^^^^^
error: codebook.toml cannot be used: 1 problem
"#);
}

#[test]
fn codebook_with_the_same_code_twice() {
    let text = "name = \"c\"\n[codes.warmth]\nlabel = \"Warmth\"\n[codes.bond]\nlabel = \"Bond\"\n[codes.warmth]\nlabel = \"Warm\"\n";
    assert_snapshot!(codebook(text), @r"
codebook.toml:6:8: the code `warmth` stands here for the second time (first in line 2); merge the two, or give one another id
  [codes.warmth]
         ^^^^^^
error: codebook.toml cannot be used: 1 problem
");
}

#[test]
fn codebook_with_a_word_it_does_not_know() {
    let text = "name = \"c\"\n[codes.warmth]\nlable = \"Warmth\"\npolarity = \"yes\"\n";
    assert_snapshot!(codebook(text), @r#"
codebook.toml:3:1: there is no key `lable` in a code; did you mean `label`?
  lable = "Warmth"
  ^^^^^
codebook.toml:4:1: there is no key `polarity` in a code; expected one of attributes, brief, color, examples, exclude, full, include, label, negative_forms, overlaps, parent, rationale, rules, status, targets, unit
  polarity = "yes"
  ^^^^^^^^
error: codebook.toml cannot be used: 2 problems
"#);
}

#[test]
fn codebook_with_a_rule_that_matches_everything() {
    assert_snapshot!(codebook("name = \"c\"\n[codes.warmth]\nlabel = \"Warmth\"\nrules = [\"/.*/\"]\n"), @r#"
codebook.toml:4:11: a rule of `warmth` cannot be used: this rule would match everything (`/.*/`): add a word or at least a letter
  rules = ["/.*/"]
            ^^^^
error: codebook.toml cannot be used: 1 problem
"#);
}

#[test]
fn codebook_with_rules_that_depend_on_decisions_and_scores() {
    let text = "name = \"c\"\n[codes.warmth]\nlabel = \"Warmth\"\nrules = [\"warm AND code:bond\", \"warm AND score.mood.T1:>3\"]\n";
    assert_snapshot!(codebook(text), @r#"
codebook.toml:4:20: a rule of `warmth` cannot be used: a rule cannot ask for `code:`, which depends on decisions or scores: save it as a saved search
  rules = ["warm AND code:bond", "warm AND score.mood.T1:>3"]
                     ^^^^^
codebook.toml:4:42: a rule of `warmth` cannot be used: a rule cannot ask for `score.mood.T1:`, which depends on decisions or scores: save it as a saved search
  rules = ["warm AND code:bond", "warm AND score.mood.T1:>3"]
                                           ^^^^^^^^^^^^^^
error: codebook.toml cannot be used: 2 problems
"#);
}

#[test]
fn a_bad_codebook_in_a_folder_stops_nothing_else() {
    let message =
        beside_a_good_one("codebook.toml", "name = \"c\"\n[codes.warmth]\nlabel = \"Warmth\"\nrules = [\"((warm\"]\n");
    assert_snapshot!(message, @r#"
error: in/codebook.toml:4:12: a rule of `warmth` cannot be read: this parenthesis is never closed: expected `)`; add `)` where the group ends
  rules = ["((warm"]
             ^
error: in/codebook.toml: was not taken because of 1 problem
imported 1 source, 2 turns
1 file refused
"#);
}

#[test]
fn no_study_here() {
    let study = Study::bare();
    assert_snapshot!(study.run(&["source"]).exits(2).stderr, @r"
error: there is no study in this folder or above it
hint: make one with `themata init`, or name one with `--study DIR`
hint: to look around first: `themata demo`
");
    assert_snapshot!(study.run(&["source", "--study", "nowhere"]).exits(2).stderr, @r"
    error: nowhere holds no study
    hint: make one there with `themata init nowhere`
    ");
    study.run(&["init", "."]).exits(0);
    assert_snapshot!(study.run(&["init", "."]).exits(2).stderr, @r"
    error: . holds a study already
    hint: add to it with `themata import PATH...`
    ");
}

#[test]
fn a_file_that_is_no_study() {
    let study = Study::bare();
    study.file("study.db", "this is no database, it only has the name of one");
    assert_snapshot!(study.run(&["source"]).exits(2).stderr, @r"error: STUDY/study.db is not a study of themata; it was left as it is");
    assert_eq!(
        std::fs::read(study.path().join("study.db")).unwrap(),
        b"this is no database, it only has the name of one"
    );
}

#[test]
fn a_study_of_a_newer_version() {
    let study = Study::new();
    let db = rusqlite::Connection::open(study.path().join("study.db")).unwrap();
    db.pragma_update(None, "user_version", 9999).unwrap();
    drop(db);
    assert_snapshot!(study.run(&["source"]).exits(2).stderr, @r"error: STUDY/study.db was written by a newer themata (store version 9999, this one knows versions up to 1): update themata to open it");
    assert_snapshot!(study.run(&["memo", "add", "x"]).exits(2).stderr, @r"error: STUDY/study.db was written by a newer themata (store version 9999, this one knows versions up to 1): update themata to open it");
}

#[test]
fn names_that_do_not_exist() {
    let study = small();
    let refused = |args: &[&str]| study.run(args).exits(2).stderr;
    assert_snapshot!(refused(&["code", "add", "P02_T1.txt", "there is always noise", "--code", "lonelines"]), @r"error: the codebook has no code `lonelines`; did you mean `loneliness`?");
    assert_snapshot!(refused(&["code", "add", "P02_T2.txt", "there is always noise", "--code", "loneliness"]), @r"
    error: there is no source `P02_T2.txt`; did you mean `P02_T1.txt`?
    hint: `themata source` lists them
    ");
    assert_snapshot!(refused(&["code", "add", "P02_T1.txt", "there was always noise", "--code", "loneliness"]), @r"
    error: P02_T1.txt does not hold these words: there was always noise
    hint: `themata source show P02_T1.txt` prints it with line numbers
    ");
    assert_snapshot!(refused(&["code", "add", "P02_T1.txt", "trust", "--code", "trust"]), @r"
    error: P02_T1.txt holds these words 2 times: trust
    hint: quote more of the sentence, or name the place with --lines or --bytes
    ");
    assert_snapshot!(refused(&["code", "add", "P02_T1.txt", "--lines", "3-9", "--code", "trust"]), @r"error: P02_T1.txt has 5 lines, so there are no lines 3 to 9");
    assert_snapshot!(refused(&["code", "add", "P02_T1.txt", "Now there is always noise.", "--code", "trust", "--polarity", "negative"]), @r"
    error: `negative` is no polarity
    hint: present, absent, ceased, reduced, hypothetical or ambivalent
    ");
    assert_snapshot!(refused(&["matrix", "--outcome", "attachment.T1=secure", "--codes", "trst"]), @r"error: there is no code `trst`; did you mean `trust`?");
    assert_snapshot!(refused(&["code", "run", "--code", "trst"]), @r"
    error: the codebook has no code `trst`; did you mean `trust`?
    hint: `themata codebook show` lists them
    ");
    assert_snapshot!(refused(&["quotes", "--code", "suport"]), @r"
    error: the codebook has no code `suport`; did you mean `support`?
    hint: `themata codebook show` lists them
    ");
    assert_snapshot!(refused(&["quotes", "--source", "P02"]), @r"
    error: there is no source `P02`; did you mean `P02_T1.txt`?
    hint: `themata source` lists them
    ");
    assert_snapshot!(refused(&["participant", "withdraw", "P99"]), @r"
    error: there is no participant `P99`; did you mean `P09`?
    hint: `themata participant` lists them
    ");
    assert_snapshot!(refused(&["code", "remove", "c-000000000000"]), @r"
    error: there is no coding `c-000000000000`
    hint: `themata quotes` lists them with their ids
    ");
    assert_snapshot!(refused(&["code", "explain", "nothing"]), @r"
    error: there is no suggestion or coding `nothing`
    hint: `themata code run --list` shows suggestions, `themata quotes` codings
    ");
    assert_snapshot!(refused(&["theme", "add", "bond", "--codes", "trust"]), @r"
    error: there is no theme `bond`
    hint: make it with `themata theme new bond --name ...`
    ");
    assert_snapshot!(refused(&["score", "moood"]), @r"
    error: there is no score `moood`
    hint: there are: attachment, wellbeing
    ");
}

#[test]
fn cells_that_do_not_exist() {
    let study = small();
    let refused = |id: &str| study.run(&["quotes", "--cell", id]).exits(2).stderr;
    assert_snapshot!(refused("trust"), @r"error: `trust` is no cell id (no `@`): copy one from a matrix, such as `trust@attachment.T1=secure:yes`");
    assert_snapshot!(refused("trust@attachment.T1=secure:maybe"), @r"error: `maybe` is no group: a cell id ends in `:yes`, `:no`, `:with`, `:without` or `:all`");
    assert_snapshot!(refused("trust@attachment.T1=secure:yes;colour=red"), @r"error: `trust@attachment.T1=secure:yes;colour=red` is no cell id (unknown colour `red`): copy one from a matrix, such as `trust@attachment.T1=secure:yes`");
    assert_snapshot!(refused("hope@attachment.T1=secure:yes"), @r"error: there is no code `hope`");
    assert_snapshot!(refused("trust@mood.T1:with"), @r"error: no score or attribute of participants is called `mood.T1`; there are: age, attachment, site, wellbeing");
}

#[test]
fn outcomes_that_cannot_be_used() {
    let study = small();
    let refused = |outcome: &str| study.run(&["matrix", "--outcome", outcome]).exits(2).stderr;
    assert_snapshot!(refused("attachment"), @r"error: `attachment` was measured at T0, T1: say which (`attachment.T1`) or `attachment.change`");
    assert_snapshot!(refused("attachment.T1=safe"), @r"error: nobody has `safe` in `attachment.T1`; the classes are: insecure, secure");
    assert_snapshot!(refused("attachment.change"), @r"error: `attachment.change` needs numbers at two waves: it holds classes: compare the classes of one wave");
    assert_snapshot!(refused("attachment.T1>3"), @r"error: `attachment.T1` holds words, not numbers, so it cannot be compared with a number");
    assert_snapshot!(refused("wellbing.T1"), @r"error: no score or attribute of participants is called `wellbing.T1` (did you mean `wellbeing.T1`?); there are: age, attachment, site, wellbeing");
    assert_snapshot!(refused("wellbeing.T9"), @r"error: `wellbeing` has no values at `T9`; it has T0, T1");
    assert_snapshot!(refused("wellbeing.T1>high"), @r"error: `wellbeing.T1>high` is not an outcome: write a score or attribute, with `.WAVE` or `.change`, and `=CLASS` or `>NUMBER` to make groups");
    assert_snapshot!(refused("=secure"), @r"error: `=secure` is not an outcome: write a score or attribute, with `.WAVE` or `.change`, and `=CLASS` or `>NUMBER` to make groups");
}

#[test]
fn questions_that_make_no_sense() {
    let study = small();
    let refused = |more: &[&str]| {
        let mut args = vec!["matrix", "--outcome", "attachment.T1=secure"];
        args.extend(more);
        study.run(&args).exits(2).stderr
    };
    assert_snapshot!(refused(&["--time", "yesterday"]), @r"
error: `yesterday` is no time
hint: before, during, after, general, unknown or any
");
    assert_snapshot!(refused(&["--polarity", "positive"]), @r"
    error: `positive` is no polarity
    hint: present, absent, ceased, reduced, hypothetical or ambivalent
    ");
    assert_snapshot!(refused(&["--layer", "tester"]), @r"error: `tester` is no layer: write `adjudicated`, `consensus` or `coder:NAME`");
    assert_snapshot!(refused(&["--where", "attr.site:north AND (trust"]), @r"
    error: --where: column 21: this parenthesis is never closed: expected `)`; add `)` where the group ends
      attr.site:north AND (trust
                          ^
    ");
    assert_snapshot!(refused(&["--where", "memo:garden"]), @r"error: `memo:` says nothing about participants: use participant, source, wave, code, polarity, attr.NAME, score.NAME.WAVE or words");
    assert_snapshot!(refused(&["--experiencer", "mother"]), @r"error: `mother` is no experiencer here: self or any");
    assert_snapshot!(refused(&["--wave", "T7"]), @r"error: no source was recorded at wave `T7`; the waves are: T0, T1");
    assert_snapshot!(refused(&["--themes", "bond"]), @r"error: there is no theme `bond`");
}

#[test]
fn queries_that_cannot_be_parsed() {
    let study = uncoded();
    let refused = |query: &str| study.run(&["search", query]).exits(2).stderr;
    assert_snapshot!(refused("trust AND"), @r#"
    error: column 10: expected a word, a phrase, a field or `(` after AND; to find the word itself, write `"AND"`
      trust AND
               ^
    "#);
    assert_snapshot!(refused("\"trust her"), @r#"
    error: column 1: these quotation marks are never closed: expected `"`; close the phrase with `"`
      "trust her
      ^
    "#);
    assert_snapshot!(refused("rol:participant trust"), @r"
    error: column 1: there is no field `rol:`; did you mean `role:`?
      rol:participant trust
      ^^^^
    ");
    assert_snapshot!(refused("/tru(st/"), @r"
    error: column 5: in this regular expression: unclosed group
      /tru(st/
          ^
    ");
}

#[test]
fn coders_who_are_blind_see_no_scores_suggestions_or_colleagues() {
    let study = small();
    study.run(&["settings", "set", "blind", "scores,suggestions,coders"]).exits(0);
    let refused = |args: &[&str]| study.run(args).exits(2).stderr;
    assert_snapshot!(refused(&["matrix", "--outcome", "attachment.T1=secure"]), @r#"
error: this study keeps the work of other coders and scores from its coders, and a matrix shows them
hint: `themata settings set reviewers NAME` lets somebody see everything
hint: when the coding is done, `themata settings set blind ""` takes it off; the log shows when
"#);
    assert_snapshot!(refused(&["score"]), @r#"
    error: this study keeps scores from its coders, and this lists them
    hint: `themata settings set reviewers NAME` lets somebody see everything
    hint: when the coding is done, `themata settings set blind ""` takes it off; the log shows when
    "#);
    assert_snapshot!(refused(&["code", "run"]), @r#"
    error: this study keeps suggestions from its coders, and this shows them
    hint: `themata settings set reviewers NAME` lets somebody see everything
    hint: when the coding is done, `themata settings set blind ""` takes it off; the log shows when
    "#);
    assert_snapshot!(refused(&["report", "--outcome", "attachment.T1=secure"]), @r#"
    error: this study keeps the work of other coders and scores from its coders, and a matrix shows them
    hint: `themata settings set reviewers NAME` lets somebody see everything
    hint: when the coding is done, `themata settings set blind ""` takes it off; the log shows when
    "#);
    assert_snapshot!(refused(&["quotes", "--cell", "trust@attachment.T1=secure:yes"]), @r#"
    error: this study keeps the work of other coders and scores from its coders, and a matrix shows them
    hint: `themata settings set reviewers NAME` lets somebody see everything
    hint: when the coding is done, `themata settings set blind ""` takes it off; the log shows when
    "#);
    refused(&["code", "accept", "--code", "trust", "--yes"]);
    refused(&["code", "evaluate", "--reference", "tester"]);
    refused(&["code", "explain", "--text", "I trust her."]);
    let other = study.run_as("second", &["quotes"]).exits(0).stdout;
    assert!(!other.contains("my papers"), "{other}");
    study.run_as("second", &["code", "add", "P05_T1.txt", "I sit alone in my room.", "--code", "loneliness"]).exits(0);
    assert_snapshot!(refused(&["settings", "set", "blind", "colour"]), @r"
    error: coders cannot be blinded to `colour`
    hint: coders, suggestions, scores, group, wave
    ");
    study.run(&["settings", "set", "blind", ""]).exits(0);
    let seen = study.json(&["matrix", "--outcome", "attachment.T1=secure", "--layer", "coder:second"]);
    assert_eq!(seen["footer"]["outcome_visible"][0], 0, "{}", seen["footer"]);
}

#[test]
fn options_that_do_not_exist() {
    let study = Study::new();
    assert_snapshot!(study.run(&["matrx"]).exits(2).stderr, @r"
    error: unrecognized subcommand 'matrx'

      tip: a similar subcommand exists: 'matrix'

    Usage: themata [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(study.run(&["matrix"]).exits(2).stderr, @r"
    error: the following required arguments were not provided:
      --outcome <OUTCOME>

    Usage: themata matrix --outcome <OUTCOME>

    For more information, try '--help'.
    ");
    assert_snapshot!(study.run(&["matrix", "--outcome", "x", "--measure", "weight"]).exits(2).stderr, @r"
    error: invalid value 'weight' for '--measure <MEASURE>'
      [possible values: presence, count, rate, turn-share, word-coverage, polarity-balance]

    For more information, try '--help'.
    ");
    assert_snapshot!(study.run(&["settings", "set", "colour", "blue"]).exits(2).stderr, @r"
    error: there is no setting `colour`
    hint: name, approach, languages, coded-roles, role.LABEL, blind, reviewers, coder, waves, seed or fictional; `themata settings` shows them
    ");
    assert_snapshot!(study.run(&["init", "elsewhere", "--approach", "positivist"]).exits(2).stderr, @r"
    error: `positivist` is no approach
    hint: reflexive, codebook, reliability, framework or content
    ");
    assert_snapshot!(study.run(&["codebook", "freeze"]).exits(2).stderr, @r#"
    error: freezing a version needs a reason
    hint: `themata codebook freeze --because "stable after the pilot"`
    "#);
}
