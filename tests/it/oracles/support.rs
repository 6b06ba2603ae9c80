//! Reading inputs and writing results of oracle cases.

use serde_json::{Map, Value};
use themata::stats::{Interval, Undefined};

/// The numbers under a key that are not missing.
pub fn numbers(input: &Value, key: &str) -> Vec<f64> {
    options(input, key).into_iter().flatten().collect()
}

/// The numbers under a key, missing ones as `None`.
pub fn options(input: &Value, key: &str) -> Vec<Option<f64>> {
    input[key].as_array().expect(key).iter().map(Value::as_f64).collect()
}

/// A matrix under a key, row by row.
pub fn rows(input: &Value, key: &str) -> Vec<Vec<f64>> {
    input[key].as_array().expect(key).iter().map(row).collect()
}

/// A matrix with missing cells under a key.
pub fn optional_rows(input: &Value, key: &str) -> Vec<Vec<Option<f64>>> {
    let row = |row: &Value| row.as_array().unwrap().iter().map(Value::as_f64).collect();
    input[key].as_array().expect(key).iter().map(row).collect()
}

fn row(row: &Value) -> Vec<f64> {
    row.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Counts under a key.
pub fn counts(input: &Value, key: &str) -> Vec<u64> {
    numbers(input, key).into_iter().map(|v| v as u64).collect()
}

/// A table of counts under a key.
pub fn count_rows(input: &Value, key: &str) -> Vec<Vec<u64>> {
    rows(input, key).into_iter().map(|row| row.into_iter().map(|v| v as u64).collect()).collect()
}

/// One number under a key.
pub fn number(input: &Value, key: &str) -> f64 {
    input[key].as_f64().expect(key)
}

/// The level of confidence of a case.
pub fn level(input: &Value) -> f64 {
    number(input, "conf_level")
}

/// Anything that a result can be written from: undefined becomes `"NaN"`, infinity `"Inf"`.
pub trait Written {
    fn written(&self) -> Value;
}

impl Written for f64 {
    fn written(&self) -> Value {
        assert!(!self.is_nan(), "a value that is returned is never NaN");
        if self.is_infinite() { Value::from(if *self > 0.0 { "Inf" } else { "-Inf" }) } else { Value::from(*self) }
    }
}

macro_rules! written_as_is {
    ($($type:ty),+) => { $(impl Written for $type { fn written(&self) -> Value { Value::from(*self) } })+ };
}
written_as_is!(u64, usize, bool, &str);

impl<T: Written> Written for Result<T, Undefined> {
    fn written(&self) -> Value {
        self.as_ref().map_or_else(|_| Value::from("NaN"), Written::written)
    }
}

impl<T: Written> Written for Option<T> {
    fn written(&self) -> Value {
        self.as_ref().map_or(Value::Null, Written::written)
    }
}

impl<T: Written> Written for Vec<T> {
    fn written(&self) -> Value {
        self.iter().map(Written::written).collect()
    }
}

impl Written for Value {
    fn written(&self) -> Value {
        self.clone()
    }
}

/// An object that is filled key by key.
#[derive(Default)]
pub struct Answer(Map<String, Value>);

impl Answer {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn put(mut self, key: &str, value: impl Written) -> Self {
        self.0.insert(key.to_owned(), value.written());
        self
    }

    /// Writes `<key>_lower` and `<key>_upper`.
    pub fn interval(self, key: &str, interval: Result<Interval, Undefined>) -> Self {
        self.put(&format!("{key}_lower"), interval.map(|i| i.lower))
            .put(&format!("{key}_upper"), interval.map(|i| i.upper))
    }

    pub fn done(self) -> Value {
        Value::Object(self.0)
    }
}
