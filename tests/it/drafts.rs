//! Drafts in the study's folder and what counts: settings that are set, codebooks that are imported.

use crate::harness::Study;

fn draft(study: &Study) -> String {
    std::fs::read_to_string(study.path().join("themata.toml")).unwrap()
}

#[test]
fn the_draft_follows_settings_until_somebody_writes_in_it() {
    let study = Study::new();
    study.run(&["settings", "set", "languages", "en,he"]).exits(0);
    study.run(&["settings", "set", "waves", "T0=before,T1"]).exits(0);
    study.run(&["settings", "set", "role.therapist", "interviewer"]).exits(0);
    study.run(&["settings", "set", "coded-roles", "participant,other"]).exits(0);
    study.run(&["settings", "set", "blind", "scores"]).exits(0);
    let text = draft(&study);
    for line in [
        "languages = [\"en\", \"he\"]",
        "id = \"T0\"\nphase = \"before\"",
        "[roles]\n\"therapist\" = \"interviewer\"",
        "coded_roles = [\"participant\", \"other\"]",
        "blind = [\"scores\"]",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert_eq!(study.run(&["settings"]).stderr, "");

    study.file("themata.toml", format!("{text}# mine\n"));
    let said = study.run(&["settings", "set", "name", "winter"]).stderr;
    assert!(said.contains("themata.toml still says otherwise"), "{said}");
    assert!(draft(&study).ends_with("# mine\n"));
    assert!(study.run(&["settings"]).stderr.contains("themata.toml differs (name: winter -> test)"));
}

#[test]
fn a_codebook_without_a_code_that_codings_use_leaves_it_in_the_study() {
    let study = Study::new();
    study.file("P01.txt", "I: How was it?\nP01: I could rest there at last.\n");
    study.run(&["import", "P01.txt"]);
    study.run(&["code", "add", "P01.txt", "I could rest there", "--new", "Rest"]).exits(0);
    study.file("codebook.toml", "name = \"test\"\n[codes.trust]\nrules = [\"trust\"]\n");
    let said = study.run(&["codebook", "import", "codebook.toml"]).exits(0).stderr;
    assert!(said.contains("kept 1 code that codings use and codebook.toml does not have: rest"), "{said}");
    let shown = study.run(&["codebook", "show"]).stdout;
    assert!(shown.contains("rest") && shown.contains("trust"), "{shown}");
}

#[test]
fn ids_that_look_like_one_who_asks_are_ids_where_a_column_says_so() {
    let study = Study::new();
    study.file("answers.csv", "id,answer\nQ01,I slept well\nQ02,I did not\n");
    study.run(&["import", "answers.csv", "--columns", "participant=id,text=answer"]);
    let people = study.run(&["participant", "--format", "csv"]).stdout;
    assert!(people.contains("Q01") && people.contains("Q02"), "{people}");
}
