//! Tests of the language as a whole: what is written, what is understood, what is found.

mod denotes;
mod errors;
mod language;
mod round_trip;
