//! Printed figures, checked without a study: those of a 2019 article on therapeutic communities. All counts by hand.

use crate::harness::Study;
use insta::assert_snapshot;

#[test]
fn percentages_that_36_people_cannot_give() {
    let bare = Study::bare();
    assert_snapshot!(bare.run(&["check", "percent", "70,30", "88,12", "--n", "36"]).shown(), @r"
    exit 1
    --- stdout
    printed   n  people                      possible
    ───────  ──  ──────────────────────────  ────────
    70 %     36  25 (69.4 %) or 26 (72.2 %)  no
    30 %     36  10 (27.8 %) or 11 (30.6 %)  no
    88 %     36  31 (86.1 %) or 32 (88.9 %)  no
    12 %     36  4 (11.1 %) or 5 (13.9 %)    no
    70,30: no whole number of 36 people prints so.
    88,12: no whole number of 36 people prints so.
    70,30 fits n = 10, 20, 23, 27, 30, 33 (up to 36 people)
    88,12 fits n = 8, 16, 17, 24, 25, 26, 32, 33, 34 (up to 36 people)
    all of them fit n = 33 (up to 36 people)
    --- stderr
    ");
    assert_snapshot!(bare.run(&["check", "percent", "45", "65", "34", "61", "--n", "75"]).exits(1).stdout, @r"
    printed   n  people                      possible
    ───────  ──  ──────────────────────────  ────────
    45 %     75  34                          yes
    65 %     75  49                          yes
    34 %     75  25 (33.3 %) or 26 (34.7 %)  no
    61 %     75  46                          yes
    34: no whole number of 75 people prints so.
    34 fits n = 29, 32, 35, 38, 41, 44, 47, 50, 53, 56, 58, 59, 61, 62, 64, 65, 67, 68, 70, 71 and 2 more (up to 75 people)
    all of them fit n = 62, 71, 74 (up to 75 people)
    ");
}

#[test]
fn percentages_that_are_possible_end_well() {
    let bare = Study::bare();
    assert_snapshot!(bare.run(&["check", "percent", "75,25", "47.2", "--n", "36"]).shown(), @r"
    exit 0
    --- stdout
    printed   n  people  possible
    ───────  ──  ──────  ────────
    75 %     36  27      yes
    25 %     36  9       yes
    47.2 %   36  17      yes
    --- stderr
    ");
    assert_snapshot!(bare.run(&["check", "percent", "90.7", "52", "--n", "75"]).exits(0).stdout, @r"
    printed   n  people  possible
    ───────  ──  ──────  ────────
    90.7 %   75  68      yes
    52 %     75  39      yes
    ");
}

#[test]
fn a_count_or_a_second_figure_for_one_thing() {
    let bare = Study::bare();
    assert_snapshot!(bare.run(&["check", "percent", "45:33", "--n", "75"]).exits(1).stdout, @r"
    printed   n  people       possible
    ───────  ──  ───────────  ────────
    45 %     75  33 (44.0 %)  no
    45:33: 33 of 75 does not print as this percentage.
    45:33 fits n = 73, 74 (up to 75 people)
    ");
    assert_snapshot!(bare.run(&["check", "percent", "47.2=42", "--n", "36"]).exits(1).stdout, @r"
    printed   n  people  possible
    ───────  ──  ──────  ────────
    47.2 %   36  17      yes
    42 %     36  15      yes
    47.2=42: printed of one thing, but no number of 36 people prints as all of them.
    47.2=42 fits no number of people up to 36
    ");
    assert_snapshot!(bare.run(&["check", "percent", "70,30", "88,12", "--up-to", "40"]).exits(0).stdout, @r"
    70,30 fits n = 10, 20, 23, 27, 30, 33, 37, 40 (up to 40 people)
    88,12 fits n = 8, 16, 17, 24, 25, 26, 32, 33, 34, 40 (up to 40 people)
    all of them fit n = 33, 40 (up to 40 people)
    ");
}

#[test]
fn margins_that_cannot_and_that_do_not_tell() {
    let bare = Study::bare();
    assert_snapshot!(bare.run(&["check", "margins", "27", "32", "36"]).shown(), @r"
    exit 1
    --- stdout
    27 of 36 before, 32 of 36 after: what McNemar's exact test can give
    lost it  gained it       p
    ───────  ─────────  ──────
          0          5  0.0625
          1          6  0.1250
          2          7  0.1797
          3          8  0.2266
          4          9  0.2668
    cannot reach .05 whatever the transitions: p = .0625 at best
    --- stderr
    ");
    let attachment = bare.run(&["check", "margins", "17", "25", "36"]).exits(0).stdout;
    assert_snapshot!(attachment, @r"
    17 of 36 before, 25 of 36 after: what McNemar's exact test can give
    lost it  gained it       p
    ───────  ─────────  ──────
          0          8  0.0078
          1          9  0.0215
          2         10  0.0386
          3         11  0.0574
          4         12  0.0768
          5         13  0.0963
          6         14  0.1153
          7         15  0.1338
          8         16  0.1516
          9         17  0.1686
         10         18  0.1849
         11         19  0.2005
    the margins do not tell: p lies between .0078 and .2005, and reaches .05 only if at most 2 lost it
    ");
    let sure = bare.run(&["check", "margins", "10", "30", "36"]).exits(0).stdout;
    assert!(sure.contains("at or below .05 whatever the transitions"), "{sure}");
}

#[test]
fn figures_that_cannot_be_read() {
    let bare = Study::bare();
    let said = |args: &[&str]| bare.run(&[&["check"], args].concat()).exits(2).stderr;
    assert_snapshot!(said(&["percent", "seventy"]), @r"error: `seventy` cannot be read: a percentage is written as 70 or 47.2, from 0 to 100");
    assert_snapshot!(said(&["percent", "70,30:25"]), @r"error: `70,30:25` cannot be read: a count belongs to one percentage, `45:33`");
    assert_snapshot!(said(&["percent", "70", "--n", "0"]), @r"error: --n is 0; it lies between 1 and 1000000");
    assert_snapshot!(said(&["margins", "40", "2", "36"]), @r"
    error: 40 of 36 people cannot have it
    hint: the order is: before, after, all who were measured on both occasions
    ");
    assert_snapshot!(said(&["margins", "4", "2", "36", "--alpha", "5"]), @r"error: alpha is 5; a level lies between 0 and 1");
}

#[test]
fn a_study_whose_scores_do_not_fit_together() {
    let study = Study::new();
    study.file("scores.csv", "id,mood.T0,calm.T0\nP01,3,4\nP1,4,2\nP02,5,9\nP03,2,\n");
    study.run(&["import", "scores.csv"]).exits(0);
    study.file(
        "calm.toml",
        "[instruments.calm]\nlabel = \"Calm\"\nitems = 2\nmin = 1\nmax = 5\nscales.total = { items = [1, 2], kind = \"mean\" }\n",
    );
    study.run(&["import", "calm.toml"]).exits(0);
    assert_snapshot!(study.run(&["check", "--format", "md"]).exits(1).stdout, @r"
    | what | where | problem | what to do |
    |---|---|---|---|
    | participant | P01 | ids that are nearly the same: P01, P1 | if they are one person, give the person one id in every table and source |
    | score | P02 | calm is 9 at T0; the scale goes from 1 to 5 | mend the value in the score table and import it again, or the range of the instrument |
    | score | calm at T0 | 3 of the 4 people who have any score then; without: P03 | look why it is missing; tables made from it have another denominator than the others |

    3 problems
    ");
}
