//! One binary for all integration tests: a module per verb, and the harness that each of them uses.
//!
//! A test makes a [`harness::Study`] in a temporary folder, runs the real command in it, and looks at what a person
//! would see. Clock, user, width and random seed are fixed, so the same command gives the same bytes.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bad_input;
mod corpus;
mod crash;
mod drafts;
mod harness;
mod matrix;
mod operations;
mod oracles;
mod recovery;
mod report;
mod search;
mod shown;
mod small;
mod trials;
