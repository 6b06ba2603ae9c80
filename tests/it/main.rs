//! One binary for all integration tests: a module per verb, and the harness that each of them uses.
//!
//! A test makes a [`harness::Study`] in a temporary folder, runs the real command in it, and looks at what a person
//! would see. Clock, user, width and random seed are fixed, so the same command gives the same bytes.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod agree;
mod analyses;
mod answers;
mod bad_input;
mod concordance;
mod corpus;
mod crash;
mod drafts;
mod evolution;
mod harness;
mod history;
mod index;
mod matrix;
mod merge;
mod model;
mod operations;
mod oracles;
#[cfg(unix)]
mod pages;
mod recovery;
mod report;
mod reported;
mod review;
mod revisions;
mod sample;
mod scores;
mod search;
mod shown;
mod small;
mod tagging;
mod trials;
mod waves;
