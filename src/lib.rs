//! # themata: an engine for coding interviews and joining the codes with scores
//!
//! Which themes go with secure attachment, or with a change in well-being, in whose words, and how sure can we be? This
//! crate answers that question for a study that lies in one folder, without a network or an account. It is a library
//! with a thin command on top: everything `themata` prints is computed here.
//!
//! ## The flow, which is also the folder layout
//!
//! ```text
//! files -> import -> store -> index -> code -> review -> join -> matrix -> report
//!                      ^        ^       ^        ^        ^       ^         ^
//!                  the only   words   rules   several  scores  people   what leaves
//!                    truth          decisions  coders
//! ```
//!
//! A stage uses [`model`], [`text`], [`query`], [`stats`] and the stages to its left, never one to its right. [`cli`] calls
//! them all and holds no logic.
//!
//! - [`model`]: the words of a study as plain types. Start here.
//! - [`text`]: the one analyser. What a word, a sentence and a folded form are is decided once.
//! - [`query`]: the one language for searching and coding, with a slow reference matcher that is obviously right.
//! - [`import`]: bytes become drafts. Nothing is dropped in silence; a bad file does not stop the others. What lands where
//!   is said by [`code::Importer`], because reference codings bring decisions.
//! - [`store`]: drafts and decisions become records; every change is one operation in a chain of hashes that holds only
//!   digests. Undo, log, audit and erasure are that one thing.
//! - [`index`]: where words stand, from postings; lines, neighbours and counts of words. Derived: it can be deleted.
//! - [`code`]: rules become suggestions, with polarity, time and experiencer, an answer read with its question; people's
//!   decisions become codings. A suggestion is a pure function and never stored. Codes and the codings under them change together.
//! - [`review`]: what several coders agree on and where they differ, decisions between them, random samples for audits.
//! - [`join`]: item responses become scores and classes, scores become moves and changes between waves, codings become
//!   what each person said, conditions of a search become sets of turns.
//! - [`matrix`]: people by standing, groups by outcome, effects with intervals; a cell leads back to its quotations. Plans
//!   and models ([`matrix::model`]) ask the same question.
//! - [`stats`]: pure functions, checked against R and SciPy, that say "not computable, because ..." instead of NaN.
//! - [`report`]: tables in four formats, and the one-file report.
//!
//! ## What always holds
//!
//! - People are the unit of counting. "Not mentioned", "not yet coded" and "absent" are three things.
//! - A trigger and its scope are shown for every polarity that is not plain.
//! - A quotation whose words are no longer where they were coded is reported, never shown shifted.
//! - Clock, user, randomness and terminal come in from outside: the same command on the same study gives the same bytes.
//!
//! ## Where the code settles something in its own way
//!
//! - Ids of codings, memos and rejections are short digests of what they record (coder, place, code, time), not UUIDs:
//!   they can be typed, and a run can be repeated to the byte.
//! - A cell id is the question itself (`trust@attachment.T1=secure:yes`), so it needs no table to be looked up in.
//! - A wave that nobody declared is taken as `during`, so that no statement is set aside because of a guess.
//! - Two copies of a study are merged by operations: the merge operation holds the difference between the fold of both
//!   histories and the merged records, so the order of merging does not matter.
//! - `session.reader()` leaves out what a study keeps from its coders, so that no verb can show it by accident.
//!
//! ## From text to matrix
//!
//! ```
//! use std::collections::BTreeMap;
//! use themata::code::Coder;
//! use themata::import::read_codebook;
//! use themata::model::{Polarity, Settings};
//!
//! // A codebook with one code and one rule.
//! let toml = "name = \"tour\"\n[codes.trust]\nlabel = \"Trust\"\nrules = [\"trust*\"]\n";
//! let (codebook, _) = read_codebook("tour.toml", toml).unwrap();
//! let coder = Coder::new(&codebook, &Settings::default()).unwrap();
//!
//! // Two people; a keyword counter finds trust in both.
//! let said = BTreeMap::from([("P1", "She kept her word. I trust her."), ("P2", "I never trusted anyone.")]);
//! let polarity = |who: &str| coder.text(said[who]).first().map(|suggestion| suggestion.polarity);
//! assert_eq!(polarity("P1"), Some(Polarity::Present));
//! assert_eq!(polarity("P2"), Some(Polarity::Absent));
//!
//! // One of one secure person speaks of trust, none of one insecure person: the effect comes with its interval.
//! let table = themata::stats::TwoByTwo { a: 1, b: 0, c: 0, d: 1 };
//! let interval = themata::stats::newcombe_interval(&table, 0.95).unwrap();
//! assert!(interval.lower < 0.0 && interval.upper > 0.9);
//! ```

pub mod cli;
pub mod code;
pub mod import;
pub mod index;
pub mod join;
pub mod matrix;
pub mod model;
pub mod query;
pub mod report;
pub mod review;
pub mod stats;
pub mod store;
pub mod text;
