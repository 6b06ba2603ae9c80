//! `change`: change scores, reliable and clinically significant change, attrition.

use super::error::{CliError, Shown};
use super::score::refuse_blinded;
use super::session::{Outcome, Session};
use crate::join::{ChangeQuestion, Norms, ScoreTable, attrition, change};
use crate::model::Better;
use crate::report::{Format, attrition_table, change_cases, change_tables};
use crate::stats::Cutoff;
use clap::ValueEnum;

/// Change of a score between two waves: means, reliable and clinically significant change, those who were lost
#[derive(clap::Args)]
pub struct Args {
    /// A score without its wave: `wellbeing`, `ecr.anxiety`
    score: String,
    /// First wave; else the first at which it was measured
    #[arg(long)]
    from: Option<String>,
    /// Second wave; else the last
    #[arg(long)]
    to: Option<String>,
    /// Which way is good, if the instrument does not say
    #[arg(long, value_enum)]
    better: Option<Way>,
    /// Reliability; else alpha of the answers at the first wave, else a published one
    #[arg(long, value_name = "R")]
    reliability: Option<f64>,
    /// Standard deviation; else that of everybody measured at the first wave
    #[arg(long)]
    sd: Option<f64>,
    /// The standard deviation of both waves (Maassen 2004), for groups that spread or draw together
    #[arg(long, conflicts_with = "sd")]
    both_waves: bool,
    /// A change of so many points is reliable, instead of an index
    #[arg(long, conflicts_with_all = ["reliability", "sd", "both_waves"])]
    points: Option<f64>,
    /// Score that separates the clinical from the functional
    #[arg(long, conflicts_with_all = ["clinical", "functional", "criterion"], allow_negative_numbers = true)]
    cutoff: Option<f64>,
    /// Mean and SD of a clinical group, for the cut-off
    #[arg(long, value_name = "MEAN,SD", value_parser = mean_sd)]
    clinical: Option<(f64, f64)>,
    /// Mean and SD of a functional group, for the cut-off
    #[arg(long, value_name = "MEAN,SD", value_parser = mean_sd)]
    functional: Option<(f64, f64)>,
    /// Jacobson and Truax's cut-off: two SD beyond the clinical mean (a), within two SD of the functional one (b), between
    /// both (c); else what the norms allow
    #[arg(long, value_enum)]
    criterion: Option<Letter>,
    /// What if those who left changed as the others and this many points, several with commas
    #[arg(long, value_delimiter = ',', allow_negative_numbers = true)]
    delta: Vec<f64>,
    /// Paired t and Wilcoxon's test
    #[arg(long)]
    test: bool,
    /// Every person with change and class (CSV always is that)
    #[arg(long, conflicts_with = "attrition")]
    cases: bool,
    /// Instead: the flow of people, and those who stayed against those who left
    #[arg(long)]
    attrition: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    /// A higher score is a better one
    Higher,
    /// A lower score is a better one
    Lower,
}

#[derive(Clone, Copy, ValueEnum)]
enum Letter {
    /// Two SD beyond the clinical mean
    A,
    /// Within two SD of the functional mean
    B,
    /// Where both are equally likely
    C,
}

fn mean_sd(text: &str) -> Result<(f64, f64), String> {
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|x| x.is_finite());
    let both = text.split_once(',').and_then(|(mean, sd)| number(mean).zip(number(sd)));
    both.filter(|(_, sd)| *sd > 0.0).ok_or_else(|| "write MEAN,SD, such as 63.5,12, with an SD above 0".into())
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, CliError> {
    let (_, study) = session.reader()?;
    refuse_blinded(&study, session)?;
    let scores = ScoreTable::of(&study);
    if args.attrition {
        let found = attrition(&study, &scores, &args.score, args.from.as_deref(), args.to.as_deref()).shown()?;
        match session.format {
            Format::Json => session.print(&format!("{}\n", serde_json::to_string_pretty(&found).shown()?))?,
            _ => session.table(&attrition_table(&found))?,
        }
        return Ok(Outcome::Done);
    }
    let question = ChangeQuestion {
        from: args.from.clone(),
        to: args.to.clone(),
        better: args.better.map(|way| match way {
            Way::Higher => Better::Higher,
            Way::Lower => Better::Lower,
        }),
        reliability: args.reliability,
        sd: args.sd,
        both_waves: args.both_waves,
        points: args.points,
        cutoff: args.cutoff,
        norms: Norms { clinical: args.clinical, functional: args.functional },
        criterion: args.criterion.map(|letter| match letter {
            Letter::A => Cutoff::A,
            Letter::B => Cutoff::B,
            Letter::C => Cutoff::C,
        }),
        deltas: args.delta.clone(),
    };
    let found = change(&study, &scores, &args.score, &question).shown()?;
    for doubt in &found.doubts {
        session.say(&format!("warning: {doubt}"));
    }
    match session.format {
        Format::Json if !args.cases => {
            session.print(&format!("{}\n", serde_json::to_string_pretty(&found).shown()?))?
        }
        Format::Csv | Format::Json => session.table(&change_cases(&found))?,
        _ if args.cases => session.table(&change_cases(&found))?,
        _ => {
            for (k, table) in change_tables(&found, args.test).iter().enumerate() {
                session.print(if k > 0 { "\n" } else { "" })?;
                session.table(table)?;
            }
        }
    }
    Ok(Outcome::Done)
}
