//! Can a printed figure be right? Percentages of a whole number of people, and what margins alone leave open.
//!
//! In the line of GRIM (Brown & Heathers 2017): a percentage of n people is one of n + 1 numbers. Everything here is
//! counted in whole numbers, so that no rounding of ours decides. Halves may have been rounded either way.

use super::estimate::Undefined;
use super::paired_categorical::mcnemar;
use super::two_by_two::TwoByTwo;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// A percentage as it is printed: 70, 47.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintedPercent {
    /// The number without its point.
    digits: u64,
    /// Digits after the point.
    decimals: u32,
}

/// Most digits after the point.
const DECIMALS: usize = 6;

impl FromStr for PrintedPercent {
    type Err = Undefined;

    fn from_str(text: &str) -> Result<Self, Undefined> {
        const NO: Undefined = Undefined::Malformed { what: "a percentage is written as 70 or 47.2, from 0 to 100" };
        let text = text.trim().trim_end_matches('%').trim_end();
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || decimals.len() > DECIMALS || !plain(whole) || !plain(decimals) {
            return Err(NO);
        }
        let digits: u64 = format!("{whole}{decimals}").parse().map_err(|_| NO)?;
        let percent = Self { digits, decimals: decimals.len() as u32 };
        if digits > percent.unit() * 100 { Err(NO) } else { Ok(percent) }
    }
}

impl fmt::Display for PrintedPercent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.decimals as usize;
        write!(f, "{:.decimals$}", self.digits as f64 / self.unit() as f64)
    }
}

impl PrintedPercent {
    fn unit(self) -> u64 {
        10_u64.pow(self.decimals)
    }

    /// The percentage of a count with one more decimal, halves up: why it does not print as this one.
    pub fn finer(self, count: u64, n: u64) -> Self {
        Self { decimals: self.decimals + 1, ..self }.printed_like(count, n)
    }

    /// The percentage of a count as it would be printed with as many decimals, halves up.
    fn printed_like(self, count: u64, n: u64) -> Self {
        let scaled = u128::from(count) * 200 * u128::from(self.unit());
        let digits = (scaled + u128::from(n)) / (2 * u128::from(n.max(1)));
        Self { digits: digits as u64, ..self }
    }

    /// Counts of n people that print as this percentage; empty if none does.
    pub fn counts(self, n: u64) -> RangeInclusive<u64> {
        let (n, digits, whole) = (u128::from(n), u128::from(self.digits), 200 * u128::from(self.unit()));
        let from = ((2 * digits).saturating_sub(1) * n).div_ceil(whole);
        let to = ((2 * digits + 1) * n / whole).min(n);
        from as u64..=to as u64
    }

    /// The counts of n people whose percentages lie next to it, below and above.
    pub fn neighbours(self, n: u64) -> (u64, u64) {
        let below = u128::from(self.digits) * u128::from(n) / (100 * u128::from(self.unit()));
        let below = (below as u64).min(n);
        (below, (below + 1).min(n))
    }
}

/// Percentages of the same people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedShares {
    /// The percentages.
    pub parts: Vec<PrintedPercent>,
}

impl PrintedShares {
    /// Whether they are the parts of one whole: they add up to 100, give or take half a last digit each.
    pub fn is_whole(&self) -> bool {
        let decimals = self.parts.iter().map(|part| part.decimals).max().unwrap_or(0);
        let unit = 10_u64.pow(decimals);
        let scale = |part: &PrintedPercent| 10_u64.pow(decimals - part.decimals);
        let sum: u64 = self.parts.iter().map(|part| part.digits * scale(part)).sum();
        let slack: u64 = self.parts.iter().map(scale).sum();
        self.parts.len() > 1 && 2 * sum.abs_diff(100 * unit) <= slack
    }

    /// Whether whole numbers of n people print as these percentages, and add up to n where they are parts of one whole.
    pub fn fit(&self, n: u64) -> bool {
        let counts: Vec<RangeInclusive<u64>> = self.parts.iter().map(|part| part.counts(n)).collect();
        let (least, most) =
            (counts.iter().map(|c| *c.start()).sum::<u64>(), counts.iter().map(|c| *c.end()).sum::<u64>());
        n > 0 && counts.iter().all(|c| !c.is_empty()) && (!self.is_whole() || (least..=most).contains(&n))
    }
}

/// One of the tables of two occasions that given margins leave open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemarTable {
    /// Who had it first and not then.
    pub lost: u64,
    /// Who had it then and not first.
    pub gained: u64,
    /// McNemar's exact two-sided p.
    pub p: f64,
}

/// Every table of `n` people of whom `first` had something on the first occasion and `second` on the second, by rising
/// number of people who lost it; p rises with it.
///
/// # Errors
/// [`Undefined::Empty`] without people, [`Undefined::Malformed`] for more people than there are.
pub fn mcnemar_margins(first: u64, second: u64, n: u64) -> Result<Vec<McNemarTable>, Undefined> {
    if first > n || second > n {
        return Err(Undefined::Malformed { what: "more people have it than there are" });
    }
    let fewest = first.saturating_sub(second);
    let most = first.min(n - second);
    (fewest..=most)
        .map(|lost| {
            let gained = lost + second - first;
            let table = TwoByTwo::new(first - lost, lost, gained, n - first - gained);
            Ok(McNemarTable { lost, gained, p: mcnemar(&table, 0.95)?.p_exact })
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn percent(text: &str) -> PrintedPercent {
        text.parse().unwrap()
    }

    fn shares(text: &str) -> PrintedShares {
        PrintedShares { parts: text.split(',').map(percent).collect() }
    }

    fn sizes(groups: &[&str], up_to: u64) -> Vec<u64> {
        (1..=up_to).filter(|n| groups.iter().all(|group| shares(group).fit(*n))).collect()
    }

    /// The figures of the 2019 article on therapeutic communities; counts by hand.
    #[test]
    fn percentages_that_no_count_gives_are_found() {
        assert!(percent("70").counts(36).is_empty() && percent("88").counts(36).is_empty());
        assert_eq!(percent("70").neighbours(36), (25, 26));
        assert!(percent("34").counts(75).is_empty());
        assert_eq!(percent("34").neighbours(75), (25, 26));
        assert_eq!(percent("47.2").counts(36), 17..=17);
        assert_eq!(percent("42").counts(36), 15..=15);
        assert_eq!(percent("90.7").counts(75), 68..=68);
        assert!(percent("90.7").counts(36).is_empty());
        assert_eq!((percent("75").counts(36), percent("52").counts(75)), (27..=27, 39..=39));
        assert_eq!(percent("45").counts(75), 34..=34);
        assert_eq!((percent("45").counts(74), percent("45").counts(73)), (33..=33, 33..=33));
    }

    #[test]
    fn the_only_number_of_people_that_fits_both_outcomes_is_33() {
        assert_eq!(sizes(&["70,30", "88,12"], 36), [33]);
        assert!(["45", "65", "34", "61"].iter().all(|part| shares(part).fit(74)));
        assert!(!shares("34").fit(75));
    }

    #[test]
    fn parts_of_a_whole_add_up_to_it() {
        assert!(shares("33,33,33").is_whole() && shares("33,33,33").fit(3));
        assert!(shares("33.3,33.3,33.3").fit(3));
        assert!(!shares("65,34,61").is_whole());
        // 2 of 3 is 67 %, but 67 and 67 are not parts of three people.
        assert!(shares("67").fit(3) && !shares("67,67").is_whole());
        // 50.0 and 49.0 do not add up to 100, so they are checked alone.
        assert!(!shares("50.0,49.0").is_whole());
    }

    #[test]
    fn halves_may_have_been_rounded_either_way() {
        // 1 of 8 is 12.5 %.
        assert_eq!((percent("12").counts(8), percent("13").counts(8)), (1..=1, 1..=1));
        assert_eq!(percent("12.5").printed_like(1, 8).to_string(), "12.5");
        assert_eq!(percent("12").printed_like(1, 8).to_string(), "13");
        assert_eq!((percent("0").counts(36), percent("100").counts(36)), (0..=0, 36..=36));
    }

    #[test]
    fn what_is_no_percentage_is_refused() {
        for text in ["", "x", "101", "100.1", "-3", "1e2", ".5", "47.1234567", "1000"] {
            assert!(text.parse::<PrintedPercent>().is_err(), "{text}");
        }
        assert_eq!(percent(" 47.20 % ").to_string(), "47.20");
    }

    proptest! {
        #[test]
        fn a_percentage_that_was_printed_is_possible(n in 1_u64..5000, share in 0.0_f64..=1.0, decimals in 0_usize..4) {
            let count = (share * n as f64).floor() as u64;
            let printed = percent(&format!("{:.decimals$}", 0.0)).printed_like(count, n);
            prop_assert!(printed.counts(n).contains(&count), "{printed} of {n}");
            prop_assert!(shares(&printed.to_string()).fit(n));
        }
    }

    /// Exact p of n changes of which k go one way, by hand: twice the sum of the binomial coefficients over 2^n.
    #[test]
    fn margins_leave_a_range_of_p() {
        let p = |first, second, n| -> Vec<(u64, u64, f64)> {
            mcnemar_margins(first, second, n)
                .unwrap()
                .iter()
                .map(|t| (t.lost, t.gained, (t.p * 1e4).round() / 1e4))
                .collect()
        };
        let attachment = p(17, 25, 36);
        let wanted = [(0, 8, 0.0078), (1, 9, 0.0215), (2, 10, 0.0386), (3, 11, 0.0574), (4, 12, 0.0768)];
        assert_eq!(attachment[..5], wanted);
        assert_eq!(attachment.len(), 12);
        let wellbeing = p(27, 32, 36);
        assert_eq!(wellbeing.iter().map(|t| (t.0, t.1)).collect::<Vec<_>>(), [(0, 5), (1, 6), (2, 7), (3, 8), (4, 9)]);
        assert_eq!(wellbeing[0].2, 0.0625);
        assert!(wellbeing.windows(2).all(|two| two[0].2 <= two[1].2));
        // From 15 to 25: at most .0415 up to 15 against 5.
        let from_15 = p(15, 25, 36);
        assert_eq!(from_15[5], (5, 15, 0.0414));
        assert_eq!(p(2, 2, 2), [(0, 0, 1.0)]);
        assert!(mcnemar_margins(40, 2, 36).is_err() && mcnemar_margins(0, 0, 0).is_err());
    }
}
