//! The labelled mails of this folder, and what the detector makes of them.
//!
//! [`read`] gives the mails of a half, with their labels as places in the clean text; [`measure`]
//! judges them and counts. The program `score` prints the figures, `train` makes the detector's
//! weights from the half for developing. What this crate is not: a part of the product.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod error;
mod measure;
mod reader;
mod train;

pub use error::CorpusError;
pub use measure::{Figures, Judged, Spans, astray, figures, judge, spans};
pub use reader::{Difficulty, Half, Label, Mail, Text, read};
pub use train::{Sample, Sign, Weights, fit, samples, score};
