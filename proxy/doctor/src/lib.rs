//! What a domain publishes for NTA mail, and how good it is: step by step, each with what to do.
//!
//! ```text
//!   World (DNS, mail hosts) --look--> Facts --judge--> Report { verdict, steps }
//! ```
//!
//! Looking and judging are apart. This room has no socket, no clock and no runtime: whoever has
//! them asks for it, and hands in what was seen.
//!
//! It judges what the domain itself publishes. Whether a mail may go there is the scheme's own
//! answer ([`nta7516::plan`]), which stands in the report's verdict; a step that wants attention
//! never makes it better or worse.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod options;
mod report;

pub use options::{Mailbox, Options, Selector};
pub use report::{Link, Proof, Publish, Report, State, Step, Text, Topic, Verdict};
