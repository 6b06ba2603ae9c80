//! Files that nobody should have sent.

use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn refused(name: &str, bytes: &[u8]) -> String {
    read(name, bytes, &Options::default()).unwrap_err().to_string()
}

#[test]
fn empty_and_binary_files_are_refused() {
    assert_eq!(refused("a.txt", b""), "a.txt: the file is empty");
    assert_eq!(
        refused("a.docx", b"PK\x03\x04\x14\0"),
        "a.docx: this is a zipped document (Word, LibreOffice, Excel or a project of another tool), not text"
    );
    assert_eq!(refused("a.bin", b"\x01\x00\x02"), "a.bin: this is a binary file, not text");
    assert_eq!(refused("a.csv", b"a,b\n"), "a.csv, line 1: no column is the participant's id");
    assert_eq!(refused("a.vtt", b"WEBVTT\n"), "a.vtt: no words were found in the subtitles");
}

#[test]
fn invalid_utf8_names_its_line() {
    let import = read("a.txt", b"I: fine\nP: caf\xe9 and na\xefve\n", &Options::default()).unwrap();
    assert_eq!(import.problems[0].line, Some(2));
    assert_eq!(import.problems[0].severity, Severity::Warning);
    assert_eq!(turns(&import.sources[0]), ["I: fine", "P: café and naïve"]);
}

#[test]
fn one_very_long_line_takes_linear_time() {
    let seconds = |name: &str, text: &str| {
        let start = Instant::now();
        drop(read(name, text.as_bytes(), &Options::default()));
        start.elapsed()
    };
    let patterns = [
        "word ",
        "a: ",
        "[",
        "<a",
        "\"",
        "{\"a\":",
        "&amp",
        "Ann  0:12\n",
        "x,",
        "00:00:01 --> 00:00:02\n",
        "#0:00#",
        "<b>",
    ];
    for (name, prefix) in [
        ("a.txt", ""),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n"),
        ("a.csv", "id,text\n1,"),
        ("a.json", ""),
        ("a.ris", "TY  - X\nTI  - "),
    ] {
        for pattern in patterns {
            let text = prefix.to_owned() + &pattern.repeat(1_000_000 / pattern.len());
            let taken = seconds(name, &text);
            assert!(taken < Duration::from_secs(20), "{name} with {pattern:?} took {taken:?}");
        }
    }
}

#[test]
fn fifty_megabytes_on_one_line_are_read() {
    let text = "I: ".to_owned() + &"well, yes ".repeat(5_000_000);
    let import = read("a.txt", text.as_bytes(), &Options::default()).unwrap();
    assert_eq!(import.sources[0].segmentation.turns.len(), 1);
    assert_eq!(import.sources[0].text.len(), text.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for (_, kind) in Kind::ALL {
            drop(read("a", &bytes, &Options { kind: Some(kind), ..Options::default() }));
        }
    }

    #[test]
    fn no_structured_noise_panics(pieces in prop::collection::vec(prop_oneof![
        Just("WEBVTT\n"), Just("\n"), Just("\n\n"), Just("-->"), Just("00:01.000 --> 00:02.000\n"), Just("<v Ann>"), Just("</v>"), Just("<"),
        Just("&amp;"), Just("&"), Just("Ann: "), Just("[Ann]"), Just("#0:01-2#"), Just("\""), Just(","), Just(";"), Just("\t"), Just("id,text\n"),
        Just("id,mood.T0\n"), Just("{\"text\":\"a\"}"), Just("{"), Just("}"), Just("["), Just("]"), Just("null"), Just("TY  - X\n"),
        Just("ER  - \n"), Just("AB  - "), Just("\u{feff}"), Just("\u{200f}"), Just("א"), Just("ש: "), Just("1"), Just("\r"), Just("<p>"), Just("😀"),
    ], 0..25)) {
        let text = pieces.concat();
        for (_, kind) in Kind::ALL {
            for options in [Options::default(), columns("text=text,speaker=id"), columns("questions=id|text,id=id")] {
                if let Ok(import) = read("a.txt", text.as_bytes(), &Options { kind: Some(kind), ..options }) {
                    import.sources.iter().for_each(check);
                }
            }
        }
        drop(detect("a", text.as_bytes()));
    }
}
