//! The engine at work on a real codebook: sentences of our own with the polarity that two careful readers would give,
//! and properties that hold for any words at all.

use super::*;
use crate::code::{Coder, Suggestion};
use crate::model::{Codebook, Experiencer, Polarity, Settings};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Theme, expected polarities, time (may be empty) and sentence. `a|b` takes either, `a;b` wants both in this order,
/// `none` wants no suggestion; `(other)` and `(target=...)` ask for experiencer and target. Themes pair up with
/// polarities where there are two.
const SENTENCES: &str = include_str!("sentences.tsv");

static CODER: LazyLock<Coder> = LazyLock::new(|| {
    let codebook: Codebook = toml::from_str(include_str!("../../../codebooks/itr.toml")).unwrap();
    Coder::new(&codebook, &Settings::default()).unwrap()
});

fn fits(expected: &str, one: &Suggestion) -> bool {
    expected.split('|').any(|alternative| {
        let (polarity, qualifier) = alternative.split_once('(').unwrap_or((alternative, ""));
        let of_other = one.qualifiers.experiencer == Experiencer::Other;
        polarity == one.polarity.name()
            && match qualifier.trim_end_matches(')') {
                "" => !of_other,
                "other" => of_other,
                target => target.strip_prefix("target=") == one.qualifiers.target.as_deref(),
            }
    })
}

fn of_theme<'a>(found: &'a [Suggestion], theme: &str) -> Vec<&'a Suggestion> {
    found.iter().filter(|one| one.code == theme).collect()
}

#[test]
fn sentences_mean_what_readers_say_they_mean() {
    let (mut wrong, mut read) = (Vec::new(), 0);
    for line in SENTENCES.lines().skip(1) {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let (themes, expected, time, sentence) = (next(), next(), next(), next());
        let found = CODER.text(sentence);
        read += 1;
        let themes: Vec<&str> = themes.split(';').collect();
        let expected: Vec<&str> = expected.split(';').filter(|one| *one != "none").collect();
        let right = if let [theme] = themes[..] {
            let have = of_theme(&found, theme);
            have.len() == expected.len() && expected.iter().zip(&have).all(|(expected, one)| fits(expected, one))
        } else {
            themes.iter().zip(&expected).all(|(theme, expected)| match of_theme(&found, theme)[..] {
                [one] => fits(expected, one),
                _ => false,
            })
        };
        let first = of_theme(&found, themes[0]).first().map(|one| one.qualifiers.time.name());
        if !right || (!time.is_empty() && first != Some(time)) {
            let have: Vec<String> = found.iter().map(|one| format!("{} {}", one.code, one.polarity.name())).collect();
            wrong.push(format!("{sentence}\n    expected {expected:?} {time}, found {have:?} {first:?}"));
        }
    }
    assert!(read >= 1000, "only {read} sentences were read");
    assert!(wrong.is_empty(), "{} of {read} sentences are read wrongly:\n{}", wrong.len(), wrong.join("\n"));
}

/// Polarity, trigger and scope of the only suggestion for a theme.
fn shown(theme: &str, text: &'static str) -> (Polarity, Option<&'static str>, &'static str) {
    let found = CODER.text(text);
    let one = of_theme(&found, theme)[0];
    (one.polarity, one.trigger.and_then(|trigger| trigger.of(text)), one.scope.of(text).unwrap())
}

#[test]
fn trigger_and_scope_are_shown() {
    let text = "It rained, and there was not a shred of trust between us, but we ate together.";
    let (polarity, trigger, scope) = shown("trust", text);
    assert_eq!((polarity, trigger), (Polarity::Absent, Some("not a")));
    assert_eq!(scope, "not a shred of trust between us");
    let text = "The loneliness of those winters, thank God, never came back.";
    assert_eq!(shown("loneliness", text).0, Polarity::Ceased);
    assert_eq!(shown("safety", "We felt safe in the barn."), (Polarity::Present, None, "We felt safe in the barn"));
}

#[test]
fn a_rule_marked_fixed_keeps_its_polarity() {
    let mut codebook: Codebook =
        toml::from_str("name = \"x\"\n[codes.a]\nrules = [{ match = \"snow\", fixed = true }]").unwrap();
    let polarity = |codebook: &Codebook| {
        let coder = Coder::new(codebook, &Settings::default()).unwrap();
        coder.text("There was no snow in March.")[0].polarity
    };
    assert_eq!(polarity(&codebook), Polarity::Present);
    codebook.codes.get_mut("a").unwrap().rules[0].fixed = false;
    assert_eq!(polarity(&codebook), Polarity::Absent);
}

#[test]
fn who_does_it_decides_whose_experience_it_is() {
    let polarity = |agent: &str, text: &str| {
        let file = format!("name = \"x\"\n[codes.a]\nattributes = {{ agent = \"{agent}\" }}\nrules = [\"praise\"]");
        let coder = Coder::new(&toml::from_str(&file).unwrap(), &Settings::default()).unwrap();
        coder.text(text).first().map(|one| one.qualifiers.experiencer)
    };
    assert_eq!(polarity("experiencer", "My uncle praised the soup."), Some(Experiencer::Other));
    assert_eq!(polarity("other", "The cook praised us."), Some(Experiencer::Speaker));
    assert_eq!(polarity("other", "I praised the cook."), None);
    assert_eq!(polarity("anyone", "I praised the cook."), Some(Experiencer::Speaker));
}

const WORDS: &[&str] = &[
    "I",
    "she",
    "my mother",
    "people",
    "nobody",
    "trusted",
    "alone",
    "support",
    "judged",
    "me",
    "not",
    "n't",
    "never",
    "no longer",
    "without",
    "if",
    "would have",
    "wanted",
    "stopped",
    "again",
    "but",
    "and",
    "or",
    "because",
    "that",
    "who",
    "was",
    "did",
    "said",
    "felt",
    "think",
    "lack of",
    ",",
    ".",
    "?",
    "\"",
    "(",
    "—",
    "less",
    "came back",
    "is",
    "to",
    "לא",
    "אף אחד",
    "תמיכה",
    "אבל",
    "🙂",
    "[laughs]",
    "’s",
    "like",
    "so",
    "more",
    "hardly",
    "used to",
    "could",
];

proptest! {
    #[test]
    fn any_words_give_spans_inside_the_text(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        let text = words.join(" ");
        let found = CODER.text(&text);
        prop_assert_eq!(&found, &CODER.text(&text));
        for one in &found {
            prop_assert!(one.unit.of(&text).is_some_and(|words| !words.is_empty()));
            prop_assert!(one.unit.contains(one.indicator), "{:?} in {:?}", one.indicator, one.unit);
            prop_assert!(one.scope.of(&text).is_some());
            prop_assert!(one.trigger.is_none_or(|trigger| trigger.of(&text).is_some_and(|words| !words.is_empty())));
            prop_assert!(one.polarity != Polarity::Ambivalent);
        }
        for pair in found.windows(2) {
            prop_assert!(pair[0].indicator.start <= pair[1].indicator.start);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,200}") {
        CODER.text(&text);
        CODER.text(&format!("{text} I did not trust her {text}"));
    }

    #[test]
    fn any_file_is_read_or_refused(text in "[a-z\"\\[\\]= *\n,]{0,120}") {
        let _ = Language::read("lists.toml", &text);
    }
}
