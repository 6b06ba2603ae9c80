//! Codebook files that are right, wrong, and written again.

use super::read::CODE_KEYS;
use super::{CodebookMistake, CodebookProblem, read_codebook, write_codebook};
use crate::model::{AttributeValue, Code, CodeStatus, Codebook, Examples, MeaningUnit, Polarity, Rule};
use proptest::prelude::*;

const GARDEN: &str = r##"
name = "Garden talk"
note = "Fiction for tests."

[codes.growing]
label = "Growing"
status = "active"
brief = "Things grow."
color = "#2a9d8f"
examples.typical = ["The beans came up."]
rules = ["grow*", '"came up"~1', { match = "wither*", polarity = "absent", target = "beans" }]
negative_forms = ["barren"]
targets = ["beans", "roses"]

[codes.weeds]
label = "Weeds"
parent = "growing"
unit = "clause"
attributes.plot = 3
attributes.tools = ["hoe", "rake"]
"##;

fn problems(text: &str) -> Vec<CodebookProblem> {
    read_codebook("garden.toml", text).expect_err(text)
}

/// The only problem of a file: mistake, hint and the marked text.
#[track_caller]
fn problem(text: &str) -> (CodebookMistake, String, String) {
    let found = problems(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    let CodebookProblem { place, mistake, hint } = &found[0];
    let from = place.carets.chars().take_while(|c| *c == ' ').count();
    let marked = place.shown.chars().skip(from).take(place.carets.trim().len()).collect();
    (mistake.clone(), hint.clone().unwrap_or_default(), marked)
}

#[test]
fn a_codebook_is_read() {
    let (book, notes) = read_codebook("garden.toml", GARDEN).unwrap();
    assert_eq!(notes, []);
    assert_eq!((book.name.as_str(), book.codes.len()), ("Garden talk", 2));
    let growing = &book.codes["growing"];
    assert_eq!(growing.rules[1].query, "\"came up\"~1");
    assert_eq!((growing.rules[2].polarity, growing.rules[2].target.as_deref()), (Polarity::Absent, Some("beans")));
    let weeds = &book.codes["weeds"];
    assert_eq!((weeds.parent.as_deref(), weeds.unit), (Some("growing"), MeaningUnit::Clause));
    assert_eq!(weeds.attributes["plot"], AttributeValue::Number(3.0));
}

#[test]
fn every_field_of_a_code_has_a_key() {
    let full = Code {
        parent: Some(String::new()),
        color: Some(String::new()),
        attributes: [(String::new(), AttributeValue::Flag(true))].into(),
        ..Code::default()
    };
    let table = toml::Table::try_from(full).unwrap();
    assert_eq!(table.keys().map(String::as_str).collect::<Vec<_>>(), CODE_KEYS);
}

#[test]
fn a_problem_prints_its_line_with_a_caret_inside_the_rule() {
    let found = problems("name = \"g\"\n[codes.a]\nrules = [\"bean \\\"tall pole\\\" NEAR rose\"]\n");
    assert_eq!(
        found[0].to_string(),
        r#"garden.toml:3:30: a rule of `a` cannot be read: NEAR needs the number of words that may lie between; write for instance `NEAR/5`
  rules = ["bean \"tall pole\" NEAR rose"]
                               ^^^^"#
    );
}

#[test]
fn mistakes_in_rules_are_marked_inside_the_string() {
    let rule = |rule: &str| problem(&format!("name = \"g\"\n[codes.a]\nrules = [{rule}]\n"));
    let cases = [
        ("\"bean (rose\"", "(", "add `)`"),
        ("'/bean[/'", "[", ""),
        ("\"bean AND code:x\"", "code:", ""),
        ("{ match = 'bean spaeker:P' }", "spaeker:", "did you mean `speaker:`?"),
        ("\"bean OR *\"", "*", ""),
        ("'/.*/'", "/.*/", ""),
        ("\"speaker:P\"", "speaker:P", ""),
        ("\"\\u00e9t\\u00e9 score.x:>1\"", "score.x:", ""),
        ("\"\"\"bean \\\n    )\"\"\"", ")", "leave it out"),
    ];
    for (written, marked, hint) in cases {
        let (mistake, said, shown) = rule(written);
        assert!(matches!(mistake, CodebookMistake::Rule { .. } | CodebookMistake::Unfit { .. }), "{mistake:?}");
        assert_eq!(shown, marked, "{written}");
        assert!(said.contains(hint), "{written}: {said}");
    }
    let (mistake, ..) = rule("\"bean AND code:x\"");
    let cause = std::error::Error::source(&mistake).unwrap().to_string();
    assert!(cause.ends_with("save it as a saved search"), "{cause}");
}

#[test]
fn mistakes_in_the_file_have_words_of_ours() {
    use CodebookMistake::*;
    let with = |lines: &str| problem(&format!("name = \"g\"\n{lines}"));
    let text = |text: &str| text.to_owned();

    let (mistake, hint, marked) = with("[codes.a]\nlabel = \"x\"\n\n[codes.a]\nlabel = \"y\"\n");
    assert_eq!((mistake, marked), (CodeTwice { code: text("a"), first: 2 }, text("a")));
    assert!(hint.contains("another id"));
    assert_eq!(with("[codes.a]\nlabel = \"x\"\nlabel = \"y\"\n").0, KeyTwice { key: text("label") });

    let (mistake, hint, _) = with("[codes.a]\nbreif = \"x\"\n");
    assert_eq!(mistake, UnknownKey { key: text("breif"), place: "a code" });
    assert_eq!(hint, "did you mean `brief`?");
    assert!(with("[codes.a.lettuce]\nlabel = \"x\"\n").1.contains("write `[codes.lettuce]` with `parent`"));
    assert_eq!(with("[codes.a]\nrules = [{ mach = \"x\", match = \"y\" }]\n").1, "did you mean `match`?");
    assert_eq!(with("code = 1\n").1, "did you mean `codes`?");
    assert_eq!(with("[codes.a]\nexamples.near-miss = [\"x\"]\n").1, "did you mean `near_miss`?");

    let (mistake, hint, marked) = with("[codes.'a b/c']\n");
    assert_eq!(
        (mistake, hint.as_str(), marked.as_str()),
        (Id { code: text("a b/c") }, "write for instance `a_b_c`", "'a b/c'")
    );
    let (mistake, hint, _) = with("[codes.plant]\n[codes.b]\nparent = \"plants\"\n");
    assert_eq!(mistake, UnknownParent { code: text("b"), parent: text("plants") });
    assert_eq!(hint, "did you mean `plant`?");
    assert_eq!(
        with("[codes.a]\nparent = \"b\"\n[codes.b]\nparent = \"c\"\n[codes.c]\nparent = \"b\"\n").0,
        Circle { circle: text("b → c → b") }
    );
    assert_eq!(with("[codes.a]\nparent = \"a\"\n").0, Circle { circle: text("a → a") });

    assert_eq!(with("[codes.a]\ncolor = \"#1af\"\n").1, "write `#11aaff`");
    assert_eq!(with("[codes.a]\ncolor = \"green\"\n").0, Color { color: text("green") });
    assert_eq!(with("[codes.a]\nstatus = \"actve\"\n").1, "did you mean `active`?");
    assert_eq!(with("[codes.a]\nrules = [{ polarity = \"absent\" }]\n").0, NoMatch { code: text("a") });
    let (mistake, ..) = with("[codes.a]\nrules = [{ match = \"x\", polarity = \"ambivalent\" }]\n");
    assert_eq!(mistake, Ambivalent { code: text("a") });
    for line in
        ["label = 3", "include = \"x\"", "include = [1]", "rules = \"x\"", "rules = [1]", "unit = 3", "attributes = 1"]
    {
        assert!(matches!(with(&format!("[codes.a]\n{line}\n")).0, Kind { .. }), "{line}");
    }
    assert_eq!(with("[codes.a]\ninclude = [\"x\", 17]\n").2, "17");
    assert!(matches!(with("codes = 3\n").0, Kind { .. }));
    assert!(matches!(with("codes.a = 3\n").0, Kind { .. }));
    assert!(matches!(with("[codes.a\n").0, Syntax { .. }));
    assert_eq!(problem("note = \"x\"\n").0, NoName);
}

#[test]
fn all_problems_come_at_once_in_the_order_of_the_file() {
    let found = problems(
        "name = 3\n[codes.a]\nlable = \"x\"\ncolor = \"red\"\nrules = [\"(\", \"NOT x\", \"ok\"]\n\n[codes.a]\nstatus = \"no\"\n",
    );
    let lines: Vec<usize> = found.iter().map(|problem| problem.place.line).collect();
    assert_eq!(lines, [1, 3, 4, 5, 5, 7, 8]);
}

#[test]
fn notes_tell_what_was_perhaps_meant_otherwise() {
    let (_, notes) = read_codebook("g.toml", "name = \"g\"\n[codes.a]\nrules = [\"bean or rose\"]\n").unwrap();
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].to_string().starts_with("g.toml:3:16: in a rule of `a`: `or` is searched as a word"),
        "{}",
        notes[0]
    );
}

#[test]
fn the_written_form_is_stable() {
    let (book, _) = read_codebook("garden.toml", GARDEN).unwrap();
    let expected = r##"name = "Garden talk"
note = "Fiction for tests."

[codes.growing]
label = "Growing"
status = "active"
brief = "Things grow."
examples.typical = ["The beans came up."]
color = "#2a9d8f"
rules = ["grow*", '"came up"~1', { match = "wither*", polarity = "absent", target = "beans" }]
negative_forms = ["barren"]
targets = ["beans", "roses"]

[codes.weeds]
label = "Weeds"
parent = "growing"
unit = "clause"
attributes.plot = 3
attributes.tools = ["hoe", "rake"]
"##;
    assert_eq!(write_codebook(&book), expected);
}

fn free_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z ]{0,12}", "\\PC{0,12}", "[\"'\\\\\n\r\t\u{1}\u{7f}\u{85}é#]{0,6}"]
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(free_text(), 0..3)
}

fn query() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "bean",
        "rose*",
        "\"tall pole\"~2",
        "/it's \\d+\\/\\d+/",
        "bean AND NOT 'rose'",
        "=Bean",
        "שורש",
    ])
    .prop_map(str::to_owned)
}

fn rule() -> impl Strategy<Value = Rule> {
    let polarity = prop::sample::select(vec![Polarity::Present, Polarity::Present, Polarity::Absent, Polarity::Ceased]);
    (query(), polarity, prop::option::of(free_text()), prop::option::of(free_text()), any::<bool>())
        .prop_map(|(query, polarity, target, language, fixed)| Rule { query, polarity, target, language, fixed })
}

fn attribute() -> impl Strategy<Value = AttributeValue> {
    prop_oneof![
        any::<bool>().prop_map(AttributeValue::Flag),
        prop::num::f64::NORMAL.prop_map(AttributeValue::Number),
        (-9i32..9).prop_map(|x| AttributeValue::Number(f64::from(x))),
        free_text().prop_map(AttributeValue::Text),
        texts().prop_map(AttributeValue::Many),
    ]
}

prop_compose! {
    fn code()(
        words in prop::array::uniform4(free_text()),
        lists in prop::array::uniform7(texts()),
        status in prop::sample::select(vec![CodeStatus::Draft, CodeStatus::Active, CodeStatus::Merged, CodeStatus::Retired]),
        unit in prop::sample::select(vec![MeaningUnit::Clause, MeaningUnit::Sentence, MeaningUnit::Turn]),
        color in prop::option::of("#[0-9a-fA-F]{6}"),
        rules in prop::collection::vec(rule(), 0..3),
        negative_forms in prop::collection::vec(query(), 0..3),
        attributes in prop::collection::btree_map(free_text(), attribute(), 0..3),
    ) -> Code {
        let [label, brief, full, rationale] = words;
        let [include, exclude, typical, near_miss, negative, targets, overlaps] = lists;
        let examples = Examples { typical, near_miss, negative };
        Code {
            label, parent: None, status, brief, full, include, exclude, examples, color, unit, rules, negative_forms,
            targets, overlaps, rationale, attributes,
        }
    }
}

prop_compose! {
    fn codebook()(
        name in free_text(),
        note in free_text(),
        codes in prop::collection::btree_map("[a-zA-Zא-ת0-9_-]{1,6}", code(), 0..4),
    ) -> Codebook {
        let mut codes = codes;
        // Every second code lies below the first.
        let ids: Vec<String> = codes.keys().cloned().collect();
        for (index, code) in codes.values_mut().enumerate() {
            code.parent = ids.first().filter(|_| index % 2 == 1).cloned();
        }
        Codebook { name, note, codes }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(codebook in codebook()) {
        let written = write_codebook(&codebook);
        match read_codebook("x.toml", &written) {
            Ok((read, _)) => {
                prop_assert_eq!(&read, &codebook, "{}", written);
                prop_assert_eq!(write_codebook(&read), written);
            }
            Err(problems) => {
                let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
                prop_assert!(false, "{}\n{}", said.join("\n"), written);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _ = read_codebook("x.toml", &text);
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(at in 0usize..GARDEN.len(), put in "[\"'\\[\\]{}=.#\\\\\n(]{0,3}", cut in 0usize..9) {
        let mut text = GARDEN.to_owned();
        let end = (at + cut).min(text.len());
        if text.is_char_boundary(at) && text.is_char_boundary(end) {
            text.replace_range(at..end, &put);
            if let Err(problems) = read_codebook("x.toml", &text) {
                prop_assert!(!problems.is_empty());
                prop_assert!(problems.iter().all(|problem| problem.to_string().lines().count() == 3));
            }
        }
    }
}
