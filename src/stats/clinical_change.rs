//! Reliable and clinically significant change (Jacobson & Truax 1991).

use super::estimate::Undefined;

/// Norms and properties of a scale, in its own units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeNorms {
    /// Standard deviation before treatment.
    pub sd: f64,
    /// Reliability of the scale, from 0 to 1.
    pub reliability: f64,
    /// Mean of a clinical population.
    pub clinical_mean: f64,
    /// Standard deviation of a clinical population.
    pub clinical_sd: f64,
    /// Mean of a functional population.
    pub functional_mean: f64,
    /// Standard deviation of a functional population.
    pub functional_sd: f64,
    /// Whether a higher score is a better one.
    pub higher_is_better: bool,
}

/// Which cutoff separates the clinical from the functional population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutoff {
    /// Two standard deviations beyond the clinical mean.
    A,
    /// Within two standard deviations of the functional mean.
    B,
    /// Where both populations are equally likely, given their spread.
    C,
}

/// What became of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeClass {
    /// Reliably better, and across the cutoff from the clinical side.
    Recovered,
    /// Reliably better.
    Improved,
    /// No reliable change.
    Unchanged,
    /// Reliably worse.
    Deteriorated,
}

impl ChangeClass {
    /// The class in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Improved => "improved",
            Self::Unchanged => "unchanged",
            Self::Deteriorated => "deteriorated",
        }
    }
}

/// Reliable change of a group, person by person.
#[derive(Debug, Clone, PartialEq)]
pub struct ReliableChange {
    /// Standard error of measurement, `sd * sqrt(1 - reliability)`.
    pub se_measurement: f64,
    /// Standard error of a difference, `sqrt(2)` times that.
    pub se_difference: f64,
    /// Cutoff A.
    pub cutoff_a: f64,
    /// Cutoff B.
    pub cutoff_b: f64,
    /// Cutoff C.
    pub cutoff_c: f64,
    /// The cutoff that was used.
    pub cutoff: f64,
    /// Reliable change index per person, `(post - pre) / se_difference`; missing for those who dropped out.
    pub index: Vec<Option<f64>>,
    /// Class per person; missing for those who dropped out, who are never "unchanged".
    pub class: Vec<Option<ChangeClass>>,
}

/// How much two measurements of an unchanged person differ by error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErrorOfChange {
    /// Standard error of measurement, `sd * sqrt(1 - reliability)`.
    pub se_measurement: f64,
    /// Standard error of a difference, `sqrt(2)` times that.
    pub se_difference: f64,
}

/// Jacobson and Truax's standard error of a difference.
///
/// # Errors
/// [`Undefined::Malformed`] for a reliability outside 0 to 1 or a spread that is not positive, [`Undefined::NoVariation`]
/// for a reliability of 1.
pub fn error_of_change(sd: f64, reliability: f64) -> Result<ErrorOfChange, Undefined> {
    if !(0.0..=1.0).contains(&reliability) {
        return Err(Undefined::Malformed { what: "a reliability lies between 0 and 1" });
    }
    if !(sd > 0.0 && sd.is_finite()) {
        return Err(Undefined::Malformed { what: "the standard deviation is not positive" });
    }
    let se_measurement = sd * (1.0 - reliability).sqrt();
    let se_difference = std::f64::consts::SQRT_2 * se_measurement;
    if se_difference == 0.0 {
        return Err(Undefined::NoVariation { what: "the error of measurement" });
    }
    Ok(ErrorOfChange { se_measurement, se_difference })
}

/// A cutoff between the clinical and the functional population.
pub fn clinical_cutoff(cutoff: Cutoff, norms: &ChangeNorms) -> f64 {
    let better = if norms.higher_is_better { 1.0 } else { -1.0 };
    match cutoff {
        Cutoff::A => norms.clinical_mean + better * 2.0 * norms.clinical_sd,
        Cutoff::B => norms.functional_mean - better * 2.0 * norms.functional_sd,
        Cutoff::C => {
            (norms.clinical_sd * norms.functional_mean + norms.functional_sd * norms.clinical_mean)
                / (norms.clinical_sd + norms.functional_sd)
        }
    }
}

/// The change of one person who was measured twice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PersonalChange {
    /// First score.
    pub before: f64,
    /// Second score.
    pub after: f64,
    /// Size of the change in the unit of the criterion: an index, or points.
    pub size: f64,
}

impl PersonalChange {
    /// Whether the score crossed a cutoff from the clinical side.
    pub fn crossed(&self, cutoff: f64, higher_is_better: bool) -> bool {
        let better = if higher_is_better { 1.0 } else { -1.0 };
        better * (self.before - cutoff) < 0.0 && better * (self.after - cutoff) >= 0.0
    }

    /// The class, given what size of a change is reliable. Without a cutoff nobody recovers.
    pub fn class(&self, cutoff: Option<f64>, higher_is_better: bool, reliable: impl Fn(f64) -> bool) -> ChangeClass {
        let gain = if higher_is_better { self.size } else { -self.size };
        if reliable(gain) {
            let crossed = cutoff.is_some_and(|cutoff| self.crossed(cutoff, higher_is_better));
            if crossed { ChangeClass::Recovered } else { ChangeClass::Improved }
        } else if reliable(-gain) {
            ChangeClass::Deteriorated
        } else {
            ChangeClass::Unchanged
        }
    }
}

/// Jacobson and Truax's reliable change index and classes. A change is reliable if its index exceeds `z_crit` (1.96)
/// strictly, in either direction.
///
/// # Errors
/// [`Undefined::Malformed`] for lists of unequal length, a reliability outside 0 to 1 or a spread that is not positive;
/// [`Undefined::NoVariation`] for a reliability of 1.
pub fn reliable_change(
    pre: &[Option<f64>],
    post: &[Option<f64>],
    norms: &ChangeNorms,
    cutoff: Cutoff,
    z_crit: f64,
) -> Result<ReliableChange, Undefined> {
    if pre.len() != post.len() {
        return Err(Undefined::Malformed { what: "paired samples differ in length" });
    }
    let spreads = [norms.clinical_sd, norms.functional_sd];
    if spreads.iter().any(|s| !(*s > 0.0 && s.is_finite())) {
        return Err(Undefined::Malformed { what: "a standard deviation of the norms is not positive" });
    }
    let ErrorOfChange { se_measurement, se_difference } = error_of_change(norms.sd, norms.reliability)?;
    let cutoff_a = clinical_cutoff(Cutoff::A, norms);
    let cutoff_b = clinical_cutoff(Cutoff::B, norms);
    let cutoff_c = clinical_cutoff(Cutoff::C, norms);
    let cutoff = clinical_cutoff(cutoff, norms);
    let index: Vec<Option<f64>> = pre.iter().zip(post).map(|(a, b)| Some(((*b)? - (*a)?) / se_difference)).collect();
    let class = index
        .iter()
        .zip(pre.iter().zip(post))
        .map(|(index, (before, after))| {
            let change = PersonalChange { before: (*before)?, after: (*after)?, size: (*index)? };
            let class = change.class(Some(cutoff), norms.higher_is_better, |size| size > z_crit);
            Some(class)
        })
        .collect();
    Ok(ReliableChange { se_measurement, se_difference, cutoff_a, cutoff_b, cutoff_c, cutoff, index, class })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    const NORMS: ChangeNorms = ChangeNorms {
        sd: 10.0,
        reliability: 0.98,
        clinical_mean: 60.0,
        clinical_sd: 10.0,
        functional_mean: 30.0,
        functional_sd: 10.0,
        higher_is_better: false,
    };

    #[test]
    fn an_index_of_exactly_the_criterion_is_no_reliable_change() {
        // se_difference is 2: a change of 4 has index 2.
        let change = reliable_change(&[Some(50.0)], &[Some(46.0)], &NORMS, Cutoff::C, 2.0).unwrap();
        assert!((change.se_difference - 2.0).abs() < 1e-12);
        let criterion = -change.index[0].unwrap();
        let exact = reliable_change(&[Some(50.0)], &[Some(46.0)], &NORMS, Cutoff::C, criterion).unwrap();
        assert_eq!(exact.class, vec![Some(ChangeClass::Unchanged)]);
    }

    #[test]
    fn those_who_dropped_out_have_no_class() {
        let change = reliable_change(&[Some(50.0), None], &[None, Some(20.0)], &NORMS, Cutoff::C, 1.96).unwrap();
        assert_eq!(change.class, vec![None, None]);
    }

    #[test]
    fn only_the_clinical_side_can_recover() {
        let pre = [Some(50.0), Some(40.0)];
        let post = [Some(30.0), Some(20.0)];
        let change = reliable_change(&pre, &post, &NORMS, Cutoff::C, 1.96).unwrap();
        assert_eq!(change.cutoff, 45.0);
        assert_eq!(change.class, vec![Some(ChangeClass::Recovered), Some(ChangeClass::Improved)]);
    }
}
