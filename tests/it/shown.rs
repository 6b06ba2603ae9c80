//! What people see first: help and the demo study, as it stands on the screen.

use crate::harness::Study;
use insta::assert_snapshot;

#[test]
fn help() {
    let study = Study::bare();
    assert_snapshot!(study.run(&["--help"]).exits(0).stdout, @r"
    Code interviews with polarity, join the codes with scores, and keep the way back to the quotation

    Usage: themata [OPTIONS] <COMMAND>

    Commands:
      demo         Build a small fictional study, run the whole path, and show why this is different
      init         Make a study in a folder
      import       Bring in transcripts, participants, scores, instruments, codebooks, reference
                   codings; the kind is detected
      check        Look for what does not fit together: in the study, or in files before they are
                   imported
      settings     Show or change the study's settings
      source       List, show or describe sources
      participant  List participants; withdraw one, or erase what one has said
      case         Cases: a dyad, a focus group, a site
      codebook     The codebook: show, check, import, export, compare versions, freeze
      theme        Themes: name, central organising concept, the codes and quotations they rest on
      search       Find words in every turn, in the query language of the rules, with fields of people,
                   scores and codes
      code         Suggestions of the rules, and your decisions about them
      quotes       Quotations with participant, wave, code and polarity; those behind a cell with
                   `--cell ID`
      memo         Memos: analytic, methodological, reflexive, field notes, summaries
      score        Scores and classes of every participant, imported or computed from answers, and how
                   reliable they are
      transitions  Moves between classes from one wave to another, with those who were lost, and the
                   people in every cell
      change       Change of a score between two waves: means, reliable and clinically significant
                   change, those who were lost
      agree        How far coders agree: per code and overall, with intervals; what somebody has not
                   read is no disagreement
      review       Disagreements between coders, decisions about them, sign-off, and audits by random
                   samples
      plan         Declare a family of tests; p is headline only for these
      matrix       Codes or themes by an outcome: n/N per group, an effect with its interval, and a way
                   to the quotations
      model        Fit a model: `wellbeing.T1 ~ wellbeing.T0 + trust * support + (1 | site/worker)`
      display      Codes together: a map with outcomes, clusters of codes that meet, saturation over
                   interviews
      report       Write one self-contained HTML file: pictures, tables, quotations behind every cell,
                   methods
      log          The operations of the study, newest first
      undo         Take back your latest operation, or your latest batch
      redo         Take back your latest undo
      merge        Bring over what another copy of this study has and this one lacks; the other copy is
                   only read
      audit        Verify the log of operations, trace one excerpt, write the log for others to check
      backup       Copy the study's database to a file, checked after writing
      restore      Make a study folder from a backup
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Everywhere:
          --study <DIR>
              The study's folder; else THEMATA_STUDY, else the nearest folder upwards that holds one

          --coder <NAME>
              Who works; else THEMATA_CODER, the study's default, your user name

          --round <N>
              Which reading of the sources this is: a coder's second one is kept apart, to see drift

          --because <REASON>
              Why, for the operations log

          --format <FORMAT>
              How listings are printed

              Possible values:
              - table: Aligned columns for reading
              - csv:   Comma-separated values
              - json:  A list of objects
              - md:    A Markdown table
              
              [default: table]

    Begin with `themata demo`. Data goes to stdout, talk to stderr; exit code 0 done, 1 done with
    problems listed, 2 nothing changed.
    ");
    assert_snapshot!(study.run(&["matrix", "--help"]).exits(0).stdout, @r"
    Codes or themes by an outcome: n/N per group, an effect with its interval, and a way to the
    quotations

    Usage: themata matrix [OPTIONS]

    Options:
          --outcome <OUTCOME>
              Score, class or attribute: `attachment.T1=secure`, `severity.T1=low<middle<high`,
              `wellbeing.change`, `wellbeing.T1>4`, `site=north`

          --by <BY>
              Instead of an outcome: `codes` or `themes` (which occur together), `participants`, `time`
              (before and since), `wave` or `wave:T0,T1` (the same people twice), or any outcome
              (`attr.site`)

          --within <WITHIN>
              Where two codes must both occur to occur together

              Possible values:
              - sentence:    In one sentence
              - turn:        In one turn
              - source:      In one source
              - participant: In what one participant says, counted as in every other table
              
              [default: participant]

          --codes <CODES>
              These codes; all codes with rules or codings, if none is named

          --themes <THEMES>
              Themes instead of codes; all themes with `--themes all`

          --unit <UNIT>
              What is counted

              Possible values:
              - participant: People (the default everywhere)
              - source:      Documents
              - case:        Declared sets of participants
              
              [default: participant]

          --polarity <POLARITY>
              Statements of this polarity only; else present counts

          --time <TIME>
              Times that count (before, during, after, general, unknown, or `any`); else all but before

          --wave <WAVE>
              Sources of this wave only

          --target <TARGET>
              Statements with this target only

          --experiencer <EXPERIENCER>
              `any` counts what is said of others too

          --spontaneous
              Leave out what the interviewer had just named

          --focus-groups
              Count focus groups for participants too

          --layer <LAYER>
              Whose codings: `adjudicated`, `consensus` or `coder:NAME`

          --with-suggestions
              Add suggestions that nobody has looked at

          --at-risk <GROUP>
              Only those in this group: `attachment.T0=insecure`

          --where <QUERY>
              Only those for whom this holds: `attr.age:>40 AND score.attachment.T0:insecure`

          --measure <MEASURE>
              What is compared

              Possible values:
              - presence:         Whether the unit says it at all
              - count:            Number of codings
              - rate:             Codings per 1,000 words of the coded role
              - turn-share:       Share of that role's turns that hold a coding
              - word-coverage:    Share of that role's words that lie in codings
              - polarity-balance: Present less absent statements over both; nothing for a unit that
                makes neither
              
              [default: presence]

          --denominator <DENOMINATOR>
              Over whom a share is taken

              Possible values:
              - covered: Units that somebody has read for the code
              - asked:   Of these, units that were asked about it
              - all:     Every unit with the outcome, read or not
              
              [default: covered]

          --test <TESTS>
              Tests to show beside the effect; without a declared plan they are exploratory

              Possible values:
              - fisher:         Fisher's exact test, two-sided
              - mid-p:          The same with mid-p
              - odds-ratio:     Conditional maximum-likelihood odds ratio with exact interval
              - mann-whitney:   Mann-Whitney U, exact when small
              - welch:          Welch's t
              - hedges-g:       Hedges' g with interval
              - chi-square:     Pearson's chi-square, for several classes
              - kruskal-wallis: Kruskal-Wallis, for a measure in several classes
              - permutation:    Permutation of mean differences; with `--strata` only within the strata
              - ancova:         Analysis of covariance (logistic for two groups) with the score of
                `--baseline`
              - cmh:            Cochran-Mantel-Haenszel over the strata of `--strata`
              - cluster-robust: Difference with CR2 errors for the clusters of `--clusters`
              - mcnemar:        McNemar's exact test, for the same people at two times
              - wilcoxon:       Wilcoxon's signed-rank test, for a measure of the same people at two
                times

          --baseline <BASELINE>
              Show the effect at equal values of this score too: `wellbeing.T0`

          --strata <STRATA>
              Compare also within the values of this attribute: `worker`

          --clusters <CLUSTERS>
              Show errors that allow for people of the same value of this attribute being alike:
              `worker`

          --beside <BESIDE>
              Scores to show beside a class; else the scales of its instrument

          --suppress <K>
              Leave out numbers of people below this, for a table that leaves the study

          --explain
              Print in words what was computed and why

      -h, --help
              Print help (see a summary with '-h')

    Everywhere:
          --study <DIR>
              The study's folder; else THEMATA_STUDY, else the nearest folder upwards that holds one

          --coder <NAME>
              Who works; else THEMATA_CODER, the study's default, your user name

          --round <N>
              Which reading of the sources this is: a coder's second one is kept apart, to see drift

          --because <REASON>
              Why, for the operations log

          --format <FORMAT>
              How listings are printed

              Possible values:
              - table: Aligned columns for reading
              - csv:   Comma-separated values
              - json:  A list of objects
              - md:    A Markdown table
              
              [default: table]
    ");
    assert_snapshot!(study.run(&["import", "--help"]).exits(0).stdout, @r"
    Bring in transcripts, participants, scores, instruments, codebooks, reference codings; the kind is
    detected

    Usage: themata import [OPTIONS] <PATHS>...

    Arguments:
      <PATHS>...
              Files or folders; an instrument that comes along by its name (`ecr`, `phq9`)

    Options:
          --as <KIND>
              What it is, if the guess is wrong: transcript, webvtt, subrip, table, json, wordpress,
              ris, codebook, instruments, reference, memos

          --columns <COLUMNS>
              Which columns hold what:
              `speaker=who,text=words,source=file,attr:site=place,code:expert=behaviour`; of codings
              `source=file,coder=who,turn=n,code=behaviour`

          --roles <ROLES>
              Roles of speaker labels: `therapist=participant,Dan=interviewer`

          --file-name <FILE_NAME>
              How file names tell participant and wave: `{participant}_{wave}.txt`

          --speakers <SPEAKERS>
              A table source,speaker,participant,role,wave that says who is who

          --language <LANGUAGE>
              Language of these files

          --details
              Print speakers, turns, words and share of talk of every source

      -h, --help
              Print help (see a summary with '-h')

    Everywhere:
          --study <DIR>
              The study's folder; else THEMATA_STUDY, else the nearest folder upwards that holds one

          --coder <NAME>
              Who works; else THEMATA_CODER, the study's default, your user name

          --round <N>
              Which reading of the sources this is: a coder's second one is kept apart, to see drift

          --because <REASON>
              Why, for the operations log

          --format <FORMAT>
              How listings are printed

              Possible values:
              - table: Aligned columns for reading
              - csv:   Comma-separated values
              - json:  A list of objects
              - md:    A Markdown table
              
              [default: table]
    ");
    let bare = study.run(&[]);
    assert_eq!((bare.code, bare.stdout.is_empty()), (2, true), "{}", bare.shown());
}

#[test]
fn every_verb_explains_itself() {
    let study = Study::bare();
    let help = study.run(&["--help"]).exits(0).stdout;
    let verbs: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|verb| !verb.is_empty() && *verb != "help")
        .collect();
    assert!(verbs.len() >= 24, "{verbs:?}");
    for verb in verbs {
        let ran = study.run(&[verb, "--help"]).exits(0);
        assert!(ran.stdout.contains("Usage: themata"), "{}", ran.shown());
        for line in ran.stdout.lines() {
            assert!(line.chars().count() <= 120, "{verb}: {line}");
        }
    }
}

#[test]
fn the_demo_is_one_picture() {
    let study = Study::bare();
    assert_snapshot!(study.run(&["demo", "."]).exits(0).shown(), @r#"
    exit 0
    --- stdout
    A fictional study: 75 people entered therapeutic communities, 39 left early, 36 stayed.
    Interviewed: 24 of those who stayed, in the end (12 of them on arrival, too), and 4 who left.
    Of the 24 interviewed in the end, 1 has no attachment score then (P30).

    Trust. A keyword count (trust*) finds it in 20 of 24 people. What do they say of it?
      read by rules alone: present 10, absent 3, both 10, ceased 0, not mentioned 1
      read by people:      present 5, absent 2, both 16, ceased 0, not mentioned 1
      P14, read by the rules as absent because of the words underlined:
        "I don’t trust Yusuf."
             ^^^

    Who says it is there, of those interviewed and measured in the end
    (attachment.pattern: midpoint of the answer scale, exactly 4 counts as insecure):
                         secure     not secure   difference [95 % interval]
      understood          13/15            5/8   +24 points [-10, +58]
      control             11/15            4/8   +23 points [-15, +56]
      loneliness          10/15            7/8   -21 points [-48, +18]
      support             13/15            6/8   +12 points [-19, +47]
      trust               13/15            7/8   -1 points [-27, +35]   none to speak of
    All intervals include zero. In words: for understood, anything from 10 points less to 58 points more
    among the secure fits these 23 people.

    For the pattern: P27, secure, understood present (c-e45206eb356a):
        "I felt like somebody had come up and looked over the edge and seen where I was lying."
    Against it: P09, insecure, understood present (c-8990a99f244f):
        "Nine years I've been telling that and she's the first one who heard what it was."

    Not in this table: 39 who left, 3 who stayed and were not measured, 10 measured and not interviewed; 2 focus groups.
    Set aside: 142 statements about the time before, 15 hypothetical, 18 about others.
    Codings behind it: 82 adjudicated, 916 imported; unreviewed suggestions: 0. Exploratory: no plan, so no p.

    Open the report:    xdg-open ./exports/report.html
    See why:            themata --study . quotes --cell 'understood@attachment.pattern.T1=secure:yes;wave=T1'
    Use my own files:   themata init my-study && themata --study my-study import interviews/ scores.csv codebook.toml
    --- stderr
    "#);
    let again = study.run(&["demo", "."]).exits(2);
    assert_snapshot!(again.stderr, @r"
    error: . is not empty, and the demo does not write over anything
    hint: name another folder: `themata demo DIR`
    ");
}

#[test]
fn matrix_and_quotations_of_the_first_steps() {
    let study = Study::first_steps();
    assert_snapshot!(study.run(&["matrix", "--outcome", "attachment.T1=secure"]).exits(0).stdout, @r#"
    Codes by attachment.T1=secure, presence of participants (exploratory: no plan was declared for this question)
    code              secure n/N   insecure n/N  risk difference [95 % interval]  absent only  mixed  ceased or reduced  not mentioned  set aside
    ────────────────  ───────────  ────────────  ───────────────────────────────  ───────────  ─────  ─────────────────  ─────────────  ─────────
    control           2/2 (100 %)  1/2 (50 %)    +50 points [-27, +91]                      1      1                  0              0          2
    empowerment       1/2 (50 %)   0/2 (0 %)     +50 points [-27, +91]                      1      0                  0              2          0
    loneliness        0/2 (0 %)    2/2 (100 %)   -100 points [-100, -7]                     1      1                  1              0          2
    support           2/2 (100 %)  1/2 (50 %)    +50 points [-27, +91]                      1      0                  0              0          2
    trust (circular)  2/2 (100 %)  0/2 (0 %)     +100 points [+7, +100]                     2      0                  0              0          2
    understood        1/2 (50 %)   1/2 (50 %)    +0 points [-57, +57]                       2      0                  0              0          0
    Quotations behind a cell: themata quotes --cell 'control@attachment.T1=secure:yes' (ends: `:yes`, `:no`)
    Groups: 2 secure (participants; median 788 words), 2 insecure (participants; median 712 words).
    Classes: attachment was imported as classes: the rule that made them is not known here.
    N: participants with the outcome whose sources somebody has read for the code (covered).
    Circular: a code that shares content with the outcome goes with it by construction; such a row says little.
    Of 6 participants in the study, not in the groups: 2 without the outcome (P05, P06).
    Behind the rows: codings: 35 imported.
    Statements set aside: 8 about another time (before), 2 hypothetical, 4 about others.
    "Not mentioned" is not "not lived through": it says that a person who was read does not speak of it.
    Codebook version 1, operation 15 (a2facf3f814b). The data are fictional.
    "#);
    assert_snapshot!(study.run(&["matrix", "--outcome", "wellbeing.change", "--format", "md"]).exits(0).stdout, @r#"
    **Codes by wellbeing.change, presence of participants (exploratory: no plan was declared for this question)**

    | code | with: mean (median) of N | without: mean (median) of N | Cliff's delta [95 % interval] | absent only | mixed | ceased or reduced | not mentioned | set aside |
    |---|---|---|---|---|---|---|---|---|
    | control | 0.69 (0.78) of 3 | 0.66 (0.66) of 1 | +0.33 (no interval: values in a group: 1 of the 2 needed) | 1 | 1 | 0 | 0 | 2 |
    | empowerment | 1.64 (1.64) of 1 | 0.36 (0.66) of 3 | +1.00 (no interval: values in a group: 1 of the 2 needed) | 1 | 0 | 0 | 2 | 0 |
    | loneliness | 0.15 (0.15) of 2 | 1.21 (1.21) of 2 | -1.00 (no interval: Cliff's delta is at the end of its range) | 1 | 1 | 1 | 0 | 2 |
    | support | 1.03 (0.78) of 3 | -0.36 (-0.36) of 1 | +1.00 (no interval: values in a group: 1 of the 2 needed) | 1 | 0 | 0 | 0 | 2 |
    | trust | 1.21 (1.21) of 2 | 0.15 (0.15) of 2 | +1.00 (no interval: Cliff's delta is at the end of its range) | 2 | 0 | 0 | 0 | 2 |
    | understood | 1.15 (1.15) of 2 | 0.21 (0.21) of 2 | +0.50 [-0.81, +0.98] | 2 | 0 | 0 | 0 | 0 |

    Quotations behind a cell: themata quotes --cell 'control@wellbeing.change:with' (ends: `:with`, `:without`)

    Groups: 4 all (participants; median 733 words).

    N: participants with the outcome whose sources somebody has read for the code (covered).

    Of 6 participants in the study, not in the groups: 2 without the outcome (P05, P06).

    Behind the rows: codings: 35 imported.

    Statements set aside: 8 about another time (before), 2 hypothetical, 4 about others.

    "Not mentioned" is not "not lived through": it says that a person who was read does not speak of it.

    Codebook version 1, operation 16 (30b39540939c). The data are fictional.
    "#);
    assert_snapshot!(study.run(&["quotes", "--cell", "trust@attachment.T1=secure:yes"]).exits(0).stdout, @r"
    Quotations behind trust@attachment.T1=secure:yes
    participant  counts  stands        wave  outcome  polarity  time    coding          source
    ───────────  ──────  ────────────  ────  ───────  ────────  ──────  ──────────────  ──────────
    P01          yes     present only  T1    secure   present   during  c-55d60fed877a  P01_T1.vtt
        I trust Hannah with things I haven't said in church.
    P01          yes     present only  T1    secure   present   during  c-b161552f5a07  P01_T1.vtt
        I don't count it now.
    P02          yes     present only  T1    secure   present   during  c-1b726be11222  P02_T1.txt
        I could rely on that man.
    P02          yes     present only  T1    secure   present   during  c-0d3f5cafd91f  P02_T1.txt
        I've worked with fellas twenty years I'd not hand the end of a tape to, and him I'd let hold the ladder.
    n = 2 (P01, P02)
    Classes: attachment was imported as classes: the rule that made them is not known here.
    The data are fictional.
    ");
    assert_snapshot!(study.run(&["code", "run"]).exits(0).stdout, @r"
    code         suggestions  present  absent  ceased  reduced  hypothetical  others'  sources  open  accepted  rejected
    ───────────  ───────────  ───────  ──────  ──────  ───────  ────────────  ───────  ───────  ────  ────────  ────────
    control               14        8       6       0        0             0        0        6    14         0         0
    empowerment            4        2       2       0        0             0        0        3     4         0         0
    loneliness            15        7       2       2        2             2        1        6    15         0         0
    support               16       10       3       1        0             2        2        6    16         0         0
    trust                 14        6       7       0        0             1        4        6    14         0         0
    understood             7        4       3       0        0             0        2        5     7         0         0
    Suggestions, not codings: rule set 651dc0e19f5c, codebook version 1.
    ");
    assert_snapshot!(study.run(&["source"]).exits(0).stdout, @r"
    source      id              wave  participants  speakers  turns  participant words  share of talk
    ──────────  ──────────────  ────  ────────────  ────────  ─────  ─────────────────  ─────────────
    P01_T1.vtt  s-6be9d6bd2ad2  T1    P01                  2     32                752  83 %
    P02_T1.txt  s-10eda5c6698c  T1    P02                  2     28                823  84 %
    P03_T1.txt  s-1c0bf5f36e16  T1    P03                  2     32                710  83 %
    P04_T1.txt  s-de1216a600c1  T1    P04                  2     28                714  84 %
    P05_T0.csv  s-64781da30dee  T0    P05                  2     32                695  83 %
    P06_T1.vtt  s-dc2f98394e55  T1    P06                  2     26                837  85 %
    ");
    assert_snapshot!(study.run(&["search", "trust*", "--count"]).exits(0).stdout, @r"
    hits  turns  sources  participants
    ────  ─────  ───────  ────────────
      21     16        5             5
    ");
}

#[test]
fn the_log_of_the_first_steps() {
    let study = Study::first_steps();
    assert_snapshot!(study.run(&["log"]).exits(0).stdout, @r"
    seq  operation     time                      coder    changes                       command                       reason
    ───  ────────────  ────────────────────────  ───────  ────────────────────────────  ────────────────────────────  ──────
     14  490fcbcc6c1a  2026-01-01T00:00:02.000Z  coder-a  70 codings added, 6 coverag…  import ...
     13  49bcecaa3797  2026-01-01T00:00:02.000Z  coder-a  1 source added                import ...
     12  1fa78a540b3f  2026-01-01T00:00:02.000Z  coder-a  1 source added                import ...
     11  117908c7e549  2026-01-01T00:00:02.000Z  coder-a  1 source added                import ...
     10  6c01a5c7d279  2026-01-01T00:00:02.000Z  coder-a  1 source added                import ...
      9  e9a4e1f572aa  2026-01-01T00:00:02.000Z  coder-a  1 source added                import ...
      8  9adfdfb0debe  2026-01-01T00:00:02.000Z  coder-a  10 responses added            import ...
      7  c3e7cc49fe1f  2026-01-01T00:00:02.000Z  coder-a  20 scores added               import ...
      6  cfe62fc05a77  2026-01-01T00:00:02.000Z  coder-a  5 participants added, 1 par…  import ...
      5  0e59b1fe41c0  2026-01-01T00:00:02.000Z  coder-a  1 participant added, 1 sour…  import ...
      4  7444139dadf0  2026-01-01T00:00:02.000Z  coder-a  1 instrument added            import ...
      3  f250270d5af0  2026-01-01T00:00:02.000Z  coder-a  1 codebook added              import ...
      2  4b99ff27623d  2026-01-01T00:00:01.000Z  tester   1 settings changed            settings set ...
      1  2bd1e0755cb7  2026-01-01T00:00:00.000Z  tester   1 settings added, 2 waves a…  init ... --name ... --waves…
    14 of 14 operations
    ");
    assert_snapshot!(study.run(&["audit", "verify"]).exits(0).stdout, @r"clean: 14 operations, 123 records, 140 texts and values");
}
