//! A small study whose every number can be counted by hand: ten people, ten interviews in four formats, three codes.
//!
//! The texts are made up for these tests. `tester` codes by hand and has read everything but P08's interview.
//!
//! Where people stand on each code by the defaults (statements about `before` set aside, the speaker's own only):
//!
//! | person | attachment.T1 | trust               | loneliness        | support      | words | turns |
//! |--------|---------------|---------------------|-------------------|--------------|-------|-------|
//! | P01 T0 |               | (before: present)   |                   |              |    10 |     2 |
//! | P01 T1 | secure        | present             | absent            | present      |    25 |     2 |
//! | P02    | secure        | present and absent  | (before: present) |              |    29 |     2 |
//! | P03    | secure        | ceased              |                   | present, 2x  |    19 |     2 |
//! | P04    | secure        | (hypothetical; mother's) | reduced      |              |    27 |     2 |
//! | P05    | insecure      | absent              | present           | absent       |    20 |     2 |
//! | P06    | insecure      |                     | present           |              |    19 |     2 |
//! | P07    | insecure      | ambivalent          |                   | present      |    22 |     2 |
//! | P08    | insecure      | coded, but nobody has recorded reading it |   |        |     8 |     1 |
//! | P09    | insecure      | no interview        |                   |              |       |       |
//! | P10    | no score      | present             |                   |              |     9 |     1 |

use crate::harness::Study;
use serde_json::Value;

const CODEBOOK: &str = r##"
name = "Small"

[codes.trust]
label = "Trust"
brief = "Leaving something to somebody without watching"
color = "#0072b2"
rules = ["trust*", '"rely on"']

[codes.loneliness]
label = "Loneliness"
brief = "Being on one's own and minding it"
rules = ["lonely", "alone"]

[codes.support]
label = "Support"
brief = "Somebody does something that helps"
rules = ["help*", '"carried me"']
"##;

const PEOPLE: &str = "\
id,site,age,attachment.T0,attachment.T1,wellbeing.T0,wellbeing.T1
P01,north,41,insecure,secure,2.0,4.0
P02,north,35,insecure,secure,3.0,4.5
P03,south,52,secure,secure,3.5,3.5
P04,south,29,insecure,secure,2.5,5.0
P05,north,47,insecure,insecure,2.0,2.5
P06,north,33,insecure,insecure,3.0,3.0
P07,south,38,secure,insecure,4.0,3.25
P08,south,44,insecure,insecure,1.5,2.0
P09,north,50,insecure,insecure,2.0,1.75
P10,south,27,secure,,3.0,
";

const INTERVIEWS: [(&str, &str); 10] = [
    (
        "P01_T0.txt",
        "Interviewer: Who was close to you back home?
P01: I trust my sister. She brought me here.
Interviewer: And the others?
P01: Nobody stayed.
",
    ),
    (
        "P01_T1.txt",
        "Interviewer: And the worker here, do you trust her?
P01: I trust her with my papers. She counts them in front of me.
Interviewer: Anything else?
P01: She came when my father died. I was never alone that week.
",
    ),
    (
        "P02_T1.txt",
        "[00:00:05] I: What was the house like?
[00:00:09] P: I trust the man who runs the kitchen. I do not trust the night staff.
[00:01:10] I: Were you on your own?
[00:01:15] P: As a boy I was lonely all the time. Now there is always noise.
",
    ),
    (
        "P03_T1.vtt",
        "WEBVTT

1
00:00:01.000 --> 00:00:04.000
Interviewer: Who can you talk to?

2
00:00:05.000 --> 00:00:09.000
P03: I no longer trust the doctors there.

3
00:00:09.000 --> 00:00:12.000
P03: But my worker phones me on Sundays.

4
00:00:13.000 --> 00:00:15.000
Interviewer: Is that help?

5
00:00:16.000 --> 00:00:19.000
P03: Yes, that holds me up.
",
    ),
    (
        "P04_T1.vtt",
        "WEBVTT

00:01.000 --> 00:06.000
P04: Maybe I would trust a doctor one day. My mother trusts everyone she meets.

00:07.000 --> 00:08.000
Interviewer: And here?

00:09.000 --> 00:14.000
P04: Here I eat with the others. I am less alone than I was.
",
    ),
    (
        "P05_T1.txt",
        "I: Whom do you rely on? #00:00:04-0#

B: I do not trust anybody in this place. #00:00:09-5#

I: Nobody helps? #00:00:11-0#

B: Nobody helps me with the court. I sit alone in my room. #00:00:19-2#
",
    ),
    (
        "P06_T1.csv",
        "speaker,time,text
Interviewer,00:00:01,How are your days?
P06,00:00:05,I work in the garden. It is quiet there.
Interviewer,00:01:00,And people?
P06,00:01:05,\"They leave me be. I am lonely on Sundays, mostly.\"
",
    ),
    (
        "P07_T1.txt",
        "Interviewer: Do you trust your worker?
P07: I trust her and I do not, both at once.
Interviewer: And the group?
P07: The group carried me through the spring. Without it I felt nothing.
",
    ),
    (
        "P08_T1.txt",
        "Interviewer: Tell me about a day here.
P08: I trust the cook. We laugh a lot.
",
    ),
    (
        "P10_T1.txt",
        "Interviewer: How is it?
P10: I trust my worker fully. I have friends here.
",
    ),
];

/// Source, quotation, code and what else is said about it.
const CODINGS: [(&str, &str, &str, &[&str]); 21] = [
    ("P01_T0.txt", "I trust my sister.", "trust", &[]),
    ("P01_T1.txt", "I trust her with my papers.", "trust", &[]),
    ("P01_T1.txt", "She came when my father died.", "support", &[]),
    ("P01_T1.txt", "I was never alone that week.", "loneliness", &["--polarity", "absent"]),
    ("P02_T1.txt", "I trust the man who runs the kitchen.", "trust", &[]),
    ("P02_T1.txt", "I do not trust the night staff.", "trust", &["--polarity", "absent"]),
    ("P02_T1.txt", "As a boy I was lonely all the time.", "loneliness", &["--time", "before"]),
    ("P03_T1.vtt", "I no longer trust the doctors there.", "trust", &["--polarity", "ceased"]),
    ("P03_T1.vtt", "But my worker phones me on Sundays.", "support", &[]),
    ("P03_T1.vtt", "that holds me up.", "support", &[]),
    ("P04_T1.vtt", "Maybe I would trust a doctor one day.", "trust", &["--polarity", "hypothetical"]),
    ("P04_T1.vtt", "My mother trusts everyone she meets.", "trust", &["--experiencer", "other"]),
    ("P04_T1.vtt", "I am less alone than I was.", "loneliness", &["--polarity", "reduced"]),
    ("P05_T1.txt", "I do not trust anybody in this place.", "trust", &["--polarity", "absent"]),
    ("P05_T1.txt", "Nobody helps me with the court.", "support", &["--polarity", "absent"]),
    ("P05_T1.txt", "I sit alone in my room.", "loneliness", &[]),
    ("P06_T1.csv", "I am lonely on Sundays, mostly.", "loneliness", &[]),
    ("P07_T1.txt", "I trust her and I do not, both at once.", "trust", &["--polarity", "ambivalent"]),
    ("P07_T1.txt", "The group carried me through the spring.", "support", &[]),
    ("P08_T1.txt", "I trust the cook.", "trust", &[]),
    ("P10_T1.txt", "I trust my worker fully.", "trust", &[]),
];

/// The study with its interviews, scores and codebook, and no decision in it.
pub fn uncoded() -> Study {
    let study = Study::bare();
    study.run(&["init", ".", "--name", "small", "--waves", "T0=before,T1=during"]).exits(0);
    study.file("codebook.toml", CODEBOOK);
    study.file("people.csv", PEOPLE);
    for (name, text) in INTERVIEWS {
        study.file(&format!("interviews/{name}"), text);
    }
    study.run(&["import", "codebook.toml", "people.csv", "interviews"]).exits(0);
    study
}

/// The study, coded.
pub fn small() -> Study {
    let study = uncoded();
    for (source, quotation, code, more) in CODINGS {
        let mut args = vec!["code", "add", source, quotation, "--code", code];
        args.extend(more);
        study.run(&args).exits(0);
    }
    let read: Vec<&str> = INTERVIEWS.iter().map(|(name, _)| *name).filter(|name| *name != "P08_T1.txt").collect();
    let mut cover = vec!["code", "cover"];
    cover.extend(read);
    study.run(&cover).exits(0);
    study
}

/// A cell of a matrix in JSON.
#[track_caller]
pub fn cell<'a>(matrix: &'a Value, row: &str, group: &str) -> &'a Value {
    let cells = row_of(matrix, row)["cells"].as_array().unwrap();
    cells.iter().find(|cell| cell["group"] == group).unwrap_or_else(|| panic!("no group {group} in {row}"))
}

/// A row of a matrix in JSON.
#[track_caller]
pub fn row_of<'a>(matrix: &'a Value, row: &str) -> &'a Value {
    let rows = matrix["rows"].as_array().unwrap();
    rows.iter().find(|found| found["id"] == row).unwrap_or_else(|| panic!("no row {row}: {matrix:#}"))
}

/// `n` and `N` of a cell.
#[track_caller]
pub fn share(matrix: &Value, row: &str, group: &str) -> (u64, u64) {
    let cell = cell(matrix, row, group);
    (cell["n"].as_u64().unwrap(), cell["N"].as_u64().unwrap())
}

/// Asserts that a number of the output is the one computed by hand, to the last bits of a double.
#[track_caller]
pub fn near(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} is not a number, wanted {wanted}"));
    assert!((found - wanted).abs() < 1e-9, "found {found}, wanted {wanted}");
}
