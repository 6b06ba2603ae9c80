//! `check percent` and `check margins`: can a printed figure be right? Needs no study.

use crate::cli::error::{CliError, Shown};
use crate::cli::session::{Outcome, Session};
use crate::matrix::p_in_words;
use crate::report::{Table, Value};
use crate::stats::{PrintedPercent, PrintedShares, mcnemar_margins};

/// What `check percent` is asked.
#[derive(clap::Args)]
pub struct Percent {
    /// Percentages of the same people: `70,30` for parts of a whole, `45:33` for 45 % that are said to be 33 people,
    /// `47.2=42` for two figures that are printed of one thing
    #[arg(required = true)]
    shares: Vec<String>,
    /// How many people they are of
    #[arg(long)]
    n: Option<u64>,
    /// Look for numbers of people that fit, up to this one; else up to n, or to 100
    #[arg(long)]
    up_to: Option<u64>,
}

/// What `check margins` is asked.
#[derive(clap::Args)]
pub struct Margins {
    /// How many had it on the first occasion
    first: u64,
    /// How many had it on the second
    second: u64,
    /// How many people were measured on both
    n: u64,
    /// The level that p would have to reach
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
}

/// Beyond this, a figure is not about people that somebody has counted one by one.
const MOST: u64 = 1_000_000;

fn checked(what: &str, n: u64) -> Result<u64, CliError> {
    if (1..=MOST).contains(&n) {
        Ok(n)
    } else {
        Err(CliError::new(format!("{what} is {n}; it lies between 1 and {MOST}")))
    }
}

/// One argument: percentages, with the count of a single one, and whether they are figures for one thing.
struct Claim {
    text: String,
    shares: PrintedShares,
    count: Option<u64>,
    same: bool,
}

impl Claim {
    fn parse(text: &str) -> Result<Self, CliError> {
        let not = |why: String| CliError::new(format!("`{text}` cannot be read: {why}"));
        let (percents, count) = text.split_once(':').map_or((text, None), |(p, count)| (p, Some(count)));
        let same = percents.contains('=');
        let parts = percents.split([',', '=']).map(|part| {
            part.parse::<PrintedPercent>().map_err(|why| not(why.to_string().replace("not computable: ", "")))
        });
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        let count = count
            .map(|count| count.trim().parse().map_err(|_| not(format!("`{count}` is no number of people"))))
            .transpose()?;
        if count.is_some() && parts.len() > 1 {
            return Err(not("a count belongs to one percentage, `45:33`".into()));
        }
        Ok(Self { text: text.to_owned(), shares: PrintedShares { parts }, count, same })
    }

    /// Whether n people can have given it.
    fn fits(&self, n: u64) -> bool {
        let parts = &self.shares.parts;
        if let (Some(count), Some(percent)) = (self.count, parts.first()) {
            return percent.counts(n).contains(&count);
        }
        if self.same {
            let from = parts.iter().map(|part| *part.counts(n).start()).max();
            let to = parts.iter().map(|part| *part.counts(n).end()).min();
            return from.zip(to).is_some_and(|(from, to)| from <= to);
        }
        self.shares.fit(n)
    }
}

/// Runs `check percent`.
pub fn percent(args: &Percent, session: &Session) -> Result<Outcome, CliError> {
    let n = args.n.map(|n| checked("--n", n)).transpose()?;
    let up_to = checked("--up-to", args.up_to.or(n).unwrap_or(100))?;
    let claims = args.shares.iter().map(|text| Claim::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let mut table = Table::new("", &["printed", "n", "people", "possible"]);
    let mut wrong = false;
    for claim in n.into_iter().flat_map(|n| claims.iter().map(move |claim| (n, claim))) {
        let (n, claim) = claim;
        claim.shares.parts.iter().for_each(|part| table.row(row(*part, claim.count, n)));
        if !claim.fits(n) {
            wrong = true;
            table.note(why_not(claim, n));
        }
    }
    let fitting =
        |claims: &[&Claim]| -> Vec<u64> { (1..=up_to).filter(|n| claims.iter().all(|claim| claim.fits(*n))).collect() };
    for claim in claims.iter().filter(|claim| n.is_none_or(|n| !claim.fits(n))) {
        table.note(format!("{} fits {}", claim.text, sizes(&fitting(&[claim]), up_to)));
    }
    if claims.len() > 1 && (wrong || n.is_none()) {
        table.note(format!("all of them fit {}", sizes(&fitting(&claims.iter().collect::<Vec<_>>()), up_to)));
    }
    if n.is_none() {
        table.columns.clear();
    }
    session.table(&table)?;
    Ok(Outcome::of(wrong))
}

/// A percentage: the counts that print so, else its neighbours.
fn row(part: PrintedPercent, count: Option<u64>, n: u64) -> [Value; 4] {
    let like = |count: u64| format!("{count} ({} %)", part.finer(count, n));
    let counts = part.counts(n);
    let (people, possible) = match count {
        Some(count) if count > n => (format!("{count} are more than {n}"), "no"),
        Some(count) => (like(count), if counts.contains(&count) { "yes" } else { "no" }),
        None if counts.is_empty() => {
            let (below, above) = part.neighbours(n);
            (format!("{} or {}", like(below), like(above)), "no")
        }
        None if counts.start() == counts.end() => (counts.start().to_string(), "yes"),
        None => (format!("{} to {}", counts.start(), counts.end()), "yes"),
    };
    [format!("{part} %").into(), Value::Count(n), people.into(), possible.into()]
}

fn why_not(claim: &Claim, n: u64) -> String {
    let parts = &claim.shares.parts;
    let alone = parts.iter().all(|part| !part.counts(n).is_empty());
    match (claim.count, claim.same, alone) {
        (Some(count), ..) => format!("{}: {count} of {n} does not print as this percentage.", claim.text),
        (None, true, true) => {
            format!("{}: printed of one thing, but no number of {n} people prints as all of them.", claim.text)
        }
        (None, false, true) => {
            format!("{}: parts of one whole, but no numbers of people that print so add up to {n}.", claim.text)
        }
        (None, ..) => format!("{}: no whole number of {n} people prints so.", claim.text),
    }
}

/// The sizes that fit, in words.
fn sizes(fitting: &[u64], up_to: u64) -> String {
    const SHOWN: usize = 20;
    let listed: Vec<String> = fitting.iter().take(SHOWN).map(u64::to_string).collect();
    match fitting.len() {
        0 => format!("no number of people up to {up_to}"),
        n if n as u64 == up_to => format!("any number of people up to {up_to}"),
        n if n <= SHOWN => format!("n = {} (up to {up_to} people)", listed.join(", ")),
        n => format!("n = {} and {} more (up to {up_to} people)", listed.join(", "), n - SHOWN),
    }
}

/// Runs `check margins`.
pub fn margins(args: &Margins, session: &Session) -> Result<Outcome, CliError> {
    const SHOWN: usize = 12;
    let n = checked("the number of people", args.n)?;
    if !(args.alpha > 0.0 && args.alpha < 1.0) {
        return Err(CliError::new(format!("alpha is {}; a level lies between 0 and 1", args.alpha)));
    }
    if args.first.max(args.second) > n {
        return Err(CliError::new(format!("{} of {n} people cannot have it", args.first.max(args.second)))
            .hint("the order is: before, after, all who were measured on both occasions"));
    }
    let tables = mcnemar_margins(args.first, args.second, n).shown()?;
    let title =
        format!("{} of {n} before, {} of {n} after: what McNemar's exact test can give", args.first, args.second);
    let mut table = Table::new(title, &["lost it", "gained it", "p"]);
    for one in tables.iter().take(SHOWN) {
        let p = if one.p < 0.0001 { Value::from("< .0001") } else { Value::Number(one.p, 4) };
        table.row([Value::Count(one.lost), Value::Count(one.gained), p]);
    }
    let hidden = tables.len().saturating_sub(SHOWN);
    if hidden > 0 {
        table.note(format!("and {hidden} more, with larger p"));
    }
    let (Some(least), Some(most)) = (tables.first(), tables.last()) else { return Ok(Outcome::Done) };
    let alpha = format!("{}", args.alpha).trim_start_matches('0').to_owned();
    let reaching = tables.iter().take_while(|one| one.p <= args.alpha).last();
    let (words, cannot) = match reaching {
        None => (format!("cannot reach {alpha} whatever the transitions: p {} at best", p_in_words(least.p)), true),
        Some(_) if most.p <= args.alpha => {
            (format!("p {} at worst: at or below {alpha} whatever the transitions", p_in_words(most.p)), false)
        }
        Some(last) => (
            format!(
                "the margins do not tell: p lies between {} and {}, and reaches {alpha} only if at most {} lost it",
                p_in_words(least.p).trim_start_matches("= "),
                p_in_words(most.p).trim_start_matches("= "),
                last.lost
            ),
            false,
        ),
    };
    table.note(words);
    session.table(&table)?;
    Ok(Outcome::of(cannot))
}
