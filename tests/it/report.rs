//! `report`: one file that stands alone, and that nothing in a transcript can break.

use crate::small::small;

#[test]
fn every_quotation_behind_a_cell_is_in_it() {
    let study = small();
    study.run(&["report", "--outcome", "attachment.T1=secure,wellbeing.T1", "--out", "out/r.html"]).exits(0);
    let page = std::fs::read_to_string(study.path().join("out/r.html")).unwrap();
    for words in ["I trust her with my papers.", "that holds me up.", "I sit alone in my room."] {
        assert!(page.contains(words), "{words}");
    }
    // Nothing is fetched from anywhere and nothing runs.
    for foreign in ["<script", "http://", "https://", "<link", "@import", "javascript:"] {
        let namespace = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!namespace.contains(foreign), "{foreign}");
    }
    assert!(page.contains("Exploratory"));
    // Every link leads to a place on the page.
    let targets: Vec<&str> = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!targets.is_empty());
    for target in targets {
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
    }
}

#[test]
fn words_never_become_markup() {
    let study = small();
    study.file(
        "P09_T1.txt",
        "Interviewer: <b>Well</b>?\nP09: I trust <script>alert(1)</script> & \"nobody\" </blockquote> else.\n",
    );
    study.run(&["import", "P09_T1.txt"]).exits(0);
    let quotation = "I trust <script>alert(1)</script> & \"nobody\" </blockquote> else.";
    study.run(&["code", "add", "P09_T1.txt", quotation, "--code", "trust"]).exits(0);
    study.run(&["code", "cover", "P09_T1.txt"]).exits(0);
    study.run(&["settings", "set", "name", "<i>small</i>"]).exits(0);
    study.run(&["report", "--outcome", "attachment.T1=secure"]).exits(0);
    let page = std::fs::read_to_string(study.path().join("exports/report.html")).unwrap();
    assert!(page.contains("I trust &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;nobody&quot;"));
    assert!(!page.contains("<script") && !page.contains("<i>small"));
}

#[test]
fn moves_between_classes_have_a_picture_and_a_table() {
    let study = small();
    let asked = ["report", "--outcome", "attachment.T1=secure", "--transitions", "attachment=secure,wellbeing>3"];
    study.run(&asked).exits(0);
    let page = std::fs::read_to_string(study.path().join("exports/report.html")).unwrap();
    // P03 stayed secure, P07 lost it, three gained it, four never had it; P10 was not measured again.
    assert!(page.contains("secure stayed: 1; secure to insecure: 1; secure, not measured again: 1; insecure to secure: 3; insecure stayed: 4"));
    assert!(page.contains("id=\"moves-1-hatch\"") && page.contains("&gt; 3 at T1"));
    // Nobody declared them: effects, and no p.
    assert!(page.contains("(Newcombe&#39;s paired interval)") && !page.contains("McNemar"), "{page}");
}

#[test]
fn models_and_displays_stand_in_it_with_what_they_rest_on() {
    let study = small();
    let model = "wellbeing.T1 ~ wellbeing.T0";
    let asked =
        ["report", "--outcome", "attachment.T1=secure", "--display", "map,clusters,saturation", "--model", model];
    let refused = study.run(&asked).exits(2).stderr;
    assert!(
        refused.contains("wellbeing.T1 ~ wellbeing.T0: 9 participants for 1 term is fewer than 10 a term"),
        "{refused}"
    );
    study.run(&asked[..5]).exits(0);
    let page = std::fs::read_to_string(study.path().join("exports/report.html")).unwrap();
    for title in
        ["Codes and outcomes in one plane", "Codes joined by the participants they share", "New codes over interviews"]
    {
        let section = page.split(&format!("<h2>{title}</h2>")).nth(1).unwrap_or_else(|| panic!("no {title}"));
        let section = section.split("</section>").next().unwrap();
        assert!(section.contains("<svg role=\"img\"") && section.contains("<table>"), "{section}");
        assert!(section.contains("Codebook version 1, operation "), "{section}");
    }
}

#[test]
fn a_report_asks_what_was_declared() {
    let study = small();
    let risk = ["--at-risk", "attachment.T0=insecure"];
    let mut add = vec!["plan", "add", "risk", "--outcome", "attachment.T1=secure", "--codes", "trust"];
    add.extend(risk);
    study.run(&add).exits(0);
    study.run(&["plan", "add", "since", "--by", "time", "--codes", "trust"]).exits(0);
    study.run(&["plan", "add", "moves", "--transitions", "attachment=secure"]).exits(0);
    study.run(&["report"]).exits(0);
    let page = std::fs::read_to_string(study.path().join("exports/report.html")).unwrap();
    assert!(page.contains("every declared family is reported as it was declared"), "{page}");
    assert!(page.contains("At risk: ") && page.contains("declared beforehand: plan since"), "{page}");
    assert!(
        page.contains("McNemar, exact: 1 moved from secure to insecure and 3 back: 4 moves cannot give a p"),
        "{page}"
    );
}

#[test]
fn a_report_without_an_outcome_says_what_to_type() {
    let study = small();
    insta::assert_snapshot!(study.run(&["report"]).exits(2).stderr, @r"
    error: say which outcomes the report is about
    hint: `themata report --outcome attachment.T1=secure,wellbeing.change`; `themata score` lists scores
    ");
}
