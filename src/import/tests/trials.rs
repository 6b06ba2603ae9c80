//! Real data by others, where it lies beside the checkout; skipped, with a word, where it does not.

use super::*;
use std::path::PathBuf;

fn shared(path: &str) -> Option<Vec<u8>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("THEMATA_SHARED").map_or_else(beside, PathBuf::from);
    let bytes = std::fs::read(folder.join(path)).ok();
    if bytes.is_none() {
        println!("skipped: no {path} in {}", folder.display());
    }
    bytes
}

fn errors(import: &Import) -> Vec<String> {
    import.problems.iter().filter(|p| p.severity == Severity::Error).map(ToString::to_string).collect()
}

#[test]
fn counselling_sessions() {
    let Some(bytes) = shared("data/annomi/AnnoMI-simple.csv") else { return };
    let mapping = "speaker=interlocutor,text=utterance_text,source=transcript_id,time=timestamp,attr:mi_quality=mi_quality,\
                   attr:topic=topic,code:expert=main_therapist_behaviour";
    let import = read("AnnoMI-simple.csv", &bytes, &columns(mapping)).unwrap();
    import.sources.iter().for_each(check);
    assert_eq!(import.sources.len(), 133);
    assert_eq!(import.sources.iter().map(|s| s.segmentation.turns.len()).sum::<usize>(), 9_699);
    let quality = |q: &str| import.sources.iter().filter(|s| s.attributes["mi_quality"].label() == q).count();
    assert_eq!((quality("high"), quality("low")), (110, 23));
    assert!(import.sources.iter().flat_map(|s| &s.codings).all(|c| c.code != "n/a"));
    assert!(import.sources.iter().all(|s| s.attributes.contains_key("topic")), "a trailing space is no difference");
    assert_eq!(errors(&import), Vec::<String>::new());
    let warnings = said(&import).join("\n");
    assert!(warnings.contains("times run backwards, in 8 sources"), "{warnings}");
    assert!(warnings.contains("times that no clock shows"), "{warnings}");
}

#[test]
fn short_texts_with_scores() {
    let Some(bytes) = shared("data/empathic_reactions/messages.csv") else { return };
    let mapping = "text=essay,source=message_id,participant=response_id,score:empathy=empathy,score:distress=distress";
    let import = read("messages.csv", &bytes, &columns(mapping)).unwrap();
    import.sources.iter().for_each(check);
    assert_eq!(import.sources.len(), 1_860);
    let empathy = |s: &SourceDraft| if let AttributeValue::Number(x) = s.attributes["empathy"] { x } else { f64::NAN };
    let mean = import.sources.iter().map(empathy).sum::<f64>() / 1_860.0;
    assert!((mean - 3.699_916).abs() < 1e-6, "{mean}");
    let people: std::collections::BTreeSet<_> = import.sources.iter().flat_map(|s| s.participants.values()).collect();
    assert_eq!(people.len(), 372);
    let one = read("messages.csv", &bytes, &columns("text=essay,participant=response_id")).unwrap();
    assert_eq!((one.sources.len(), one.sources[0].segmentation.turns.len()), (1, 1_860));
}

#[test]
fn oral_histories() {
    let mut turns = 0;
    for name in ["armantrout", "gluck", "mohammad", "wrigley"] {
        let Some(bytes) = shared(&format!("data/ctrl_oral_history/{name}.csv")) else { return };
        let options = columns("speaker=speaker,text=words,time=timestamp,code:poets=tags");
        let import = read(&format!("{name}.csv"), &bytes, &options).unwrap();
        import.sources.iter().for_each(check);
        let source = &import.sources[0];
        assert!(
            source.segmentation.speakers.iter().all(|label| !label.ends_with(':')),
            "{:?}",
            source.segmentation.speakers
        );
        assert!(!source.text.contains("&#8212;"));
        turns += source.segmentation.turns.len();
        println!("{name}: {:?} {:?}", source.segmentation.speakers, said(&import));
    }
    assert_eq!(turns, 1_206);
}

#[test]
fn meeting_interviews_as_plain_text() {
    for k in 1..=7 {
        let Some(bytes) = shared(&format!("data/pdpilot_maxqda/P{k}.txt")) else { return };
        let import = read(&format!("P{k}.txt"), &bytes, &Options::default()).unwrap();
        let source = &import.sources[0];
        check(source);
        assert_eq!(source.text.as_bytes(), bytes);
        println!("P{k}: {:?} {:?} {:?}", report(source).speakers, source.participants, said(&import));
        assert_eq!(source.participants.values().collect::<Vec<_>>(), [&format!("P{k}")]);
    }
}

#[test]
fn tables_of_numbers() {
    let Some(bytes) = shared("data/r_stats/sleepstudy.csv") else { return };
    let import =
        read("sleepstudy.csv", &bytes, &columns("participant=Subject,wave=Days,score:reaction=Reaction")).unwrap();
    let reaction = import.table.scores.iter().filter(|score| score.name == "reaction").count();
    assert_eq!((reaction, import.table.participants.len()), (180, 18));
    let Some(bytes) = shared("data/r_stats/anorexia.csv") else { return };
    let import = read("anorexia.csv", &bytes, &columns("participant=rownames")).unwrap();
    assert_eq!(import.table.participants.len(), 72);
    assert_eq!(import.table.participants["1"].attributes["Prewt"], AttributeValue::Number(80.7));
}

#[test]
fn the_five_seeds() {
    let seeds = [
        ("000_itr_study.txt", Kind::Transcript),
        ("001_therapeutic_alliance.txt", Kind::Transcript),
        ("002_attachment_wordpress.json", Kind::WordPress),
        ("003_relationships_in_recovery.txt", Kind::Transcript),
        ("004_jacobsen_2024.ris", Kind::Ris),
    ];
    for (name, kind) in seeds {
        let Some(bytes) = shared(&format!("seeds/{name}")) else { return };
        assert_eq!(detect(name, &bytes).unwrap(), kind, "{name}");
        let import = read(name, &bytes, &Options::default()).unwrap();
        let [source] = import.sources.as_slice() else { panic!("{name}") };
        check(source);
        assert_eq!(errors(&import), Vec::<String>::new());
        println!("{name}: {:?} {:?}", source.segmentation.speakers, said(&import));
        assert_eq!(source.segmentation.speakers, [""]);
        match kind {
            Kind::Transcript => assert_eq!(source.text.as_bytes(), bytes),
            Kind::Ris => {
                assert_eq!(source.segmentation.turns.len(), 2, "one of two equal abstracts");
                assert!(matches!(&source.attributes["authors"], AttributeValue::Many(names) if names.len() == 7));
            }
            _ => assert!(!source.text.contains(['<', '>']) && source.attributes.contains_key("link")),
        }
    }
}
