//! `display`: many codes at once, as a table and a picture.

use super::error::{CliError, Shown};
use super::matrix::{Loaded, Question, print_json, refuse_blinded, remember_look};
use super::session::{Outcome, Session};
use crate::join::Outcome as StudyOutcome;
use crate::matrix::{self, Clusters, CodeMap, Curve, MatrixSpec, Rows, Within};
use crate::model::Approach;
use crate::report::{Format, Mark, Scatter, Table, Value, counted, dendrogram, scatter};
use crate::stats::Undefined;
use clap::Subcommand;
use std::path::PathBuf;

/// Codes together: a map with outcomes, clusters of codes that meet, saturation over interviews
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// Codes and groups of outcomes in one plane (correspondence analysis)
    Map {
        /// Outcomes with groups (`attachment.T1=secure,wellbeing.T1>4`)
        #[arg(long, value_delimiter = ',', required = true)]
        outcome: Vec<String>,
        #[command(flatten)]
        shared: Common,
    },
    /// Codes joined by the places they share (average linkage on Jaccard's distance)
    Clusters {
        /// Where two codes must both occur to occur together
        #[arg(long, value_enum, default_value_t)]
        within: Within,
        #[command(flatten)]
        shared: Common,
    },
    /// New codes over interviews, and what other orders of the interviews would have shown
    Saturation {
        /// Interviews of the base
        #[arg(long, default_value_t = 4)]
        base: usize,
        /// Interviews of a run
        #[arg(long, default_value_t = 2)]
        run: usize,
        /// Share of new codes that counts as none
        #[arg(long, default_value_t = 0.05)]
        threshold: f64,
        /// Orders that are tried
        #[arg(long, default_value_t = 999)]
        orders: u32,
        /// Show it in a reflexive study
        #[arg(long)]
        even_so: bool,
        #[command(flatten)]
        shared: Common,
    },
}

#[derive(clap::Args)]
struct Common {
    /// These codes; all codes with rules or codings, if none is named
    #[arg(long, value_delimiter = ',')]
    codes: Vec<String>,
    /// Write the picture to this SVG file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    question: Question,
}

impl Common {
    fn spec(&self) -> Result<MatrixSpec, CliError> {
        let mut spec = MatrixSpec::new(StudyOutcome::everybody());
        spec.rows = Rows::Codes(self.codes.clone());
        self.question.apply(&mut spec)?;
        Ok(spec)
    }
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    match &args.kind {
        Kind::Map { outcome, shared } => map(outcome, shared, session),
        Kind::Clusters { within, shared } => clusters(*within, shared, session),
        Kind::Saturation { base, run, threshold, orders, even_so, shared } => {
            saturation((*base, *run, *threshold, *orders), *even_so, shared, session)
        }
    }
}

fn computed<T>(found: Result<T, Undefined>) -> Result<T, CliError> {
    found.map_err(|why| CliError::new(why.to_string()))
}

/// Prints the table, and writes the picture where one is asked for.
fn show(
    session: &Session,
    shared: &Common,
    value: &impl serde::Serialize,
    table: &Table,
    svg: &str,
) -> Result<Outcome, CliError> {
    match session.format {
        Format::Json => print_json(session, value)?,
        format => session.print(&table.print(format, usize::MAX))?,
    }
    if let Some(file) = &shared.out {
        super::report::write_file(file, svg.as_bytes())?;
        session.say(&format!("picture in {}", file.display()));
    }
    Ok(Outcome::Done)
}

fn map(outcomes: &[String], shared: &Common, session: &Session) -> Result<Outcome, CliError> {
    let spec = shared.spec()?;
    let parsed: Vec<StudyOutcome> =
        outcomes.iter().map(|outcome| StudyOutcome::parse(outcome)).collect::<Result<_, _>>().shown()?;
    let (store, study) = session.reader()?;
    refuse_blinded(&study, session)?;
    let loaded = Loaded::new(&store, study)?;
    drop(store);
    let statements = loaded.statements(&spec)?;
    let filter = loaded.filter(&spec, &statements)?;
    let inputs = loaded.inputs(&statements, filter.as_ref());
    let found = computed(matrix::code_map(&inputs, &spec, &parsed).shown()?)?;
    for outcome in &parsed {
        remember_look(session, &outcome.to_string())?;
    }
    show(session, shared, &found, &map_table(&found), &map_picture(&found))
}

fn axis(found: &CodeMap, k: usize) -> String {
    match found.shares.get(k) {
        Some(share) => format!("axis {} ({:.0} %)", k + 1, 100.0 * share),
        None => format!("axis {} (nothing left)", k + 1),
    }
}

fn map_table(found: &CodeMap) -> Table {
    let (first, second) = (axis(found, 0), axis(found, 1));
    let mut table = Table::new("Codes and outcomes in one plane", &["point", "kind", "mass", &first, &second]);
    for point in &found.points {
        let kind = if point.outcome { "outcome" } else { "code" };
        table.row([
            point.name.as_str().into(),
            kind.into(),
            Value::Number(point.mass, 3),
            Value::Number(point.at[0], 3),
            Value::Number(point.at[1], 3),
        ]);
    }
    table.note(format!(
        "Correspondence analysis of {:.0} mentions (people who say it, once a code and outcome). Codes near each other are said by the same groups; \
         a code lies in the direction of the groups that say it more often than others do. Distances of a code to a group mean nothing.",
        found.mentions
    ));
    if !found.left_out.is_empty() {
        table.note(format!("Left out, because nobody says them or nobody is in them: {}.", found.left_out.join(", ")));
    }
    table.notes.extend(matrix::unread_in_words(found.unread));
    table.notes.extend(found.rules.iter().cloned());
    table.note(
        "A map shows; it tests nothing. The figures behind a point: themata matrix --outcome OUTCOME --codes CODE",
    );
    table
}

fn map_picture(found: &CodeMap) -> String {
    let mark = |point: &matrix::MapPoint| Mark {
        x: point.at[0],
        y: point.at[1],
        name: point.name.clone(),
        square: point.outcome,
    };
    scatter(&Scatter {
        title: "Codes (dots) and outcomes (squares)".into(),
        across: axis(found, 0),
        up: axis(found, 1),
        marks: found.points.iter().map(mark).collect(),
    })
}

fn clusters(within: Within, shared: &Common, session: &Session) -> Result<Outcome, CliError> {
    let spec = shared.spec()?;
    let (store, study) = session.reader()?;
    let loaded = Loaded::new(&store, study)?;
    let statements = loaded.statements(&spec)?;
    let filter = loaded.filter(&spec, &statements)?;
    let inputs = loaded.inputs(&statements, filter.as_ref());
    let found = computed(matrix::clusters(&inputs, &spec, &loaded.texts, within).shown()?)?;
    show(session, shared, &found, &clusters_table(&found), &dendrogram(&found.order, &found.joins))
}

fn clusters_table(found: &Clusters) -> Table {
    let places = found.within.plural();
    let mut table = Table::new(format!("Codes joined by the {places} they share"), &["step", "distance", "joined"]);
    for (k, (members, height)) in found.joins.iter().enumerate() {
        table.row([(k + 1).into(), Value::Number(*height, 3), members.join(", ").into()]);
    }
    table.note(format!("N: {} {places} that somebody has read for all of them. Distance: one less both over either (Jaccard); 1 is never together. Average linkage.", found.of));
    if let Some(correlation) = found.cophenetic {
        table.note(format!("The tree keeps the distances with a correlation of {correlation:.2}."));
    }
    if !found.left_out.is_empty() {
        table.note(format!("Left out, because nobody says them: {}.", found.left_out.join(", ")));
    }
    table.notes.extend(matrix::unread_in_words(found.unread));
    table.note("The pairs behind a join: themata matrix --by codes");
    table
}

fn saturation(
    asked: (usize, usize, f64, u32),
    even_so: bool,
    shared: &Common,
    session: &Session,
) -> Result<Outcome, CliError> {
    let (base, run, threshold, orders) = asked;
    let spec = shared.spec()?;
    let (store, study) = session.reader()?;
    if study.settings.approach == Approach::Reflexive && !even_so {
        return Err(CliError::new("this study works reflexively, and saturation is no measure of it")
            .hint("to see it all the same: --even-so"));
    }
    if orders == 0 {
        return Err(CliError::new("--orders is 0; at least one order is needed"));
    }
    let loaded = Loaded::new(&store, study)?;
    let statements = loaded.statements(&spec)?;
    let inputs = loaded.inputs(&statements, None);
    let found = computed(matrix::curve(&inputs, &spec, base, run, threshold, orders).shown()?)?;
    let table = saturation_table(&found, asked);
    show(session, shared, &found, &table, &saturation_picture(&found))
}

fn saturation_table(found: &Curve, (base, run, threshold, orders): (usize, usize, f64, u32)) -> Table {
    let columns = ["interview", "source", "new codes", "codes so far", "in other orders: mean [95 %]"];
    let mut table = Table::new("New codes over interviews", &columns);
    for (k, name) in found.interviews.iter().enumerate() {
        let (mean, low, high) = found.shuffled.get(k).copied().unwrap_or_default();
        table.row([
            (k + 1).into(),
            name.as_str().into(),
            found.new.get(k).copied().into(),
            found.so_far.get(k).copied().into(),
            format!("{mean:.1} [{low:.0}, {high:.0}]").into(),
        ]);
    }
    let percent = 100.0 * threshold;
    let rule = format!("a run of {run} interviews that brings at most {percent:.0} % of the codes of the first {base}");
    table.note(match found.reached {
        Some(at) => format!("In this order {rule} ends at interview {at} (Guest, Namey and Chen 2020)."),
        None => format!("In this order there is not {rule} (Guest, Namey and Chen 2020)."),
    });
    let (share, at) = found.reached_shuffled;
    let at = at.map_or(String::new(), |(median, last)| {
        format!("; of these, in half by interview {median:.0} and in nearly all (97.5 %) by {last:.0}")
    });
    table.note(format!("Over {orders} other orders (seed 1): reached in {:.0} %{at}.", 100.0 * share));
    if found.unread_interviews > 0 {
        table.note(format!(
            "Left out: {} that nobody has read for all of these codes.",
            counted(found.unread_interviews, "interview")
        ));
    }
    table.notes.extend(matrix::unread_in_words(found.unread));
    table.note("It says when codes of this codebook stopped coming, not that there is nothing else to be heard.");
    table
}

fn saturation_picture(found: &Curve) -> String {
    let mark = |k: usize, y: f64, square: bool| Mark { x: k as f64 + 1.0, y, name: String::new(), square };
    let own = found.so_far.iter().enumerate().map(|(k, codes)| mark(k, *codes as f64, false));
    let others = found.shuffled.iter().enumerate().map(|(k, (mean, ..))| mark(k, *mean, true));
    scatter(&Scatter {
        title: "Codes so far: in this order (dots), mean of other orders (squares)".into(),
        across: "interview".into(),
        up: "codes".into(),
        marks: own.chain(others).collect(),
    })
}
