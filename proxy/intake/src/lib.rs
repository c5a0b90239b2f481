//! Messages that come in and claim something: fetched aside, their facts gathered, their verdict kept.

mod list;

pub use list::{Incoming, list, one};
