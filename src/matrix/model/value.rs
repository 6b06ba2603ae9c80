//! What one unit is worth on one variable: a number or a class.

use crate::join::OutcomeValues;
use std::collections::BTreeMap;

/// A value before it becomes a column.
pub(super) enum Value {
    Number(f64),
    Class(String),
}

impl Value {
    pub fn label(self) -> String {
        match self {
            Self::Number(x) => format!("{x}"),
            Self::Class(class) => class,
        }
    }

    pub fn number(&self) -> f64 {
        match self {
            Self::Number(x) => *x,
            Self::Class(_) => 0.0,
        }
    }
}

/// A unit's value. A group asked for by name (`site=north`) is 1 and 0 under that name; classes are classes.
pub(super) fn found_of(values: &OutcomeValues, unit: &str, asked_for: bool) -> Option<Value> {
    Some(match values {
        OutcomeValues::Binary { values, .. } if asked_for => Value::Number(f64::from(u8::from(*values.get(unit)?))),
        OutcomeValues::Binary { yes, no, values } => {
            Value::Class(if *values.get(unit)? { yes.clone() } else { no.clone() })
        }
        OutcomeValues::Classes { values, .. } => Value::Class(values.get(unit)?.clone()),
        OutcomeValues::Numeric { values, .. } => Value::Number(*values.get(unit)?),
    })
}

/// The response as numbers, and the group that is 1.
pub(super) fn numbers(values: OutcomeValues) -> Option<(BTreeMap<String, f64>, Option<String>)> {
    match values {
        OutcomeValues::Binary { yes, values, .. } => {
            let values = values.into_iter().map(|(unit, inside)| (unit, f64::from(u8::from(inside)))).collect();
            Some((values, Some(yes)))
        }
        OutcomeValues::Numeric { values, .. } => Some((values, None)),
        OutcomeValues::Classes { .. } => None,
    }
}
