//! Agreement of coders who also chose where a unit begins and ends.
//!
//! Owns the two unitizing coefficients that rest on lengths of intersections (Krippendorff, Mathet, Bouvry & Widlöcher
//! 2016). Lengths are in any unit (characters, words, seconds); segments are half-open. What a coder left out is a gap,
//! and gaps count as segments without a value.

use super::estimate::{Estimate, Undefined};
use std::collections::BTreeMap;

/// A segment that a coder marked: `[start, end)`, with a code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MarkedUnit<T> {
    /// First position inside.
    pub start: u64,
    /// First position after it.
    pub end: u64,
    /// Its code.
    pub code: T,
}

/// Unitizing agreement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitizingAlpha {
    /// Alpha-u: where units are, and which code they have.
    pub u_alpha: Estimate,
    /// The binary alpha-u: where units are, whatever their code.
    pub binary_u_alpha: Estimate,
}

struct Segment<'a, T> {
    start: u64,
    end: u64,
    /// `None` for a gap.
    code: Option<&'a T>,
}

impl<T> Segment<'_, T> {
    fn length(&self) -> f64 {
        (self.end - self.start) as f64
    }
}

/// Unitizing alpha of two or more coders of one continuum of this length.
///
/// # Errors
/// [`Undefined::TooFew`] below two coders, [`Undefined::Malformed`] for units that are empty, overlap within a coder, or
/// leave the continuum.
pub fn unitizing_alpha<T: Ord>(coders: &[Vec<MarkedUnit<T>>], length: u64) -> Result<UnitizingAlpha, Undefined> {
    if coders.len() < 2 {
        return Err(Undefined::TooFew { what: "coders", needed: 2, got: coders.len() });
    }
    if length == 0 {
        return Err(Undefined::Empty { what: "the continuum" });
    }
    let segments: Vec<Vec<Segment<'_, T>>> =
        coders.iter().map(|units| with_gaps(units, length)).collect::<Result<_, _>>()?;
    let total = coders.len() as f64 * length as f64;
    let mut by_code: BTreeMap<&T, f64> = BTreeMap::new();
    let (mut gaps, mut squares) = (0.0, 0.0);
    for segment in segments.iter().flatten() {
        match segment.code {
            None => gaps += segment.length(),
            Some(code) => {
                *by_code.entry(code).or_default() += segment.length();
                // A unit cannot coincide with itself, and it cannot be divided.
                squares += segment.length() * segment.length();
            }
        }
    }
    let pairs = total * total - gaps - squares;
    let (mut differ, mut differ_in_place) = (0.0, 0.0);
    for (i, first) in segments.iter().enumerate() {
        for second in &segments[i + 1..] {
            for (shared, a, b) in intersections(first, second) {
                differ += if a == b { 0.0 } else { shared };
                differ_in_place += if a.is_some() == b.is_some() { 0.0 } else { shared };
            }
        }
    }
    // Each pair of coders is met from both sides.
    let observed = |length: f64| 2.0 * length / (coders.len() as f64 - 1.0) / total;
    let same: f64 = gaps * gaps + by_code.values().map(|v| v * v).sum::<f64>();
    let expected = (total * total - same) / pairs;
    // The binary form keeps the margins: what gaps do not share with gaps they share with units.
    let gap_with_gap = total * gaps * (gaps - 1.0) / pairs;
    let expected_in_place = 2.0 * (gaps - gap_with_gap) / total;
    let alpha = |observed: f64, expected: f64| {
        if expected > 1e-12 {
            Ok(1.0 - observed / expected)
        } else {
            Err(Undefined::NoVariation { what: "the coding" })
        }
    };
    Ok(UnitizingAlpha {
        u_alpha: alpha(observed(differ), expected),
        binary_u_alpha: alpha(observed(differ_in_place), expected_in_place),
    })
}

fn with_gaps<T: Ord>(units: &[MarkedUnit<T>], length: u64) -> Result<Vec<Segment<'_, T>>, Undefined> {
    let mut sorted: Vec<&MarkedUnit<T>> = units.iter().collect();
    sorted.sort();
    let mut segments = Vec::with_capacity(2 * units.len() + 1);
    let mut position = 0;
    for unit in sorted {
        if unit.start >= unit.end || unit.end > length {
            return Err(Undefined::Malformed { what: "a unit is empty or leaves the continuum" });
        }
        if unit.start < position {
            return Err(Undefined::Malformed { what: "two units of one coder overlap" });
        }
        if unit.start > position {
            segments.push(Segment { start: position, end: unit.start, code: None });
        }
        segments.push(Segment { start: unit.start, end: unit.end, code: Some(&unit.code) });
        position = unit.end;
    }
    if position < length {
        segments.push(Segment { start: position, end: length, code: None });
    }
    Ok(segments)
}

/// Lengths that two coders' segments share, with both codes, in one pass.
fn intersections<'a, T>(
    first: &'a [Segment<'a, T>],
    second: &'a [Segment<'a, T>],
) -> impl Iterator<Item = (f64, Option<&'a T>, Option<&'a T>)> {
    let (mut i, mut j) = (0, 0);
    std::iter::from_fn(move || {
        let (a, b) = (first.get(i)?, second.get(j)?);
        let shared = a.end.min(b.end) - a.start.max(b.start);
        i += usize::from(a.end <= b.end);
        j += usize::from(b.end <= a.end);
        Some((shared as f64, a.code, b.code))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn unit(start: u64, end: u64, code: &'static str) -> MarkedUnit<&'static str> {
        MarkedUnit { start, end, code }
    }

    #[test]
    fn the_same_places_with_other_codes_agree_in_place_only() {
        let alpha = unitizing_alpha(&[vec![unit(3, 9, "trust")], vec![unit(3, 9, "shame")]], 30).unwrap();
        assert_eq!(alpha.binary_u_alpha, Ok(1.0));
        assert!(alpha.u_alpha.unwrap() < 1.0);
    }

    #[test]
    fn units_that_overlap_or_leave_the_text_are_refused() {
        assert!(unitizing_alpha(&[vec![unit(0, 5, "a"), unit(4, 6, "a")], vec![]], 10).is_err());
        assert!(unitizing_alpha(&[vec![unit(8, 11, "a")], vec![]], 10).is_err());
        assert!(unitizing_alpha(&[vec![unit(4, 4, "a")], vec![]], 10).is_err());
    }
}
