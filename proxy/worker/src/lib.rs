//! Documents of strangers, read in a process of its own, and copies of messages set on pages there: both
//! sides of the pipe.
//!
//! [`Workers`] is the engine's side. It starts `zorgzegel-worker` for a message with documents, gives
//! them over standard input, takes back an answer a document, and stops it when its time is over.
//! Whatever happens, there is one answer for each document: where the program crashed, was stopped,
//! spoke nonsense or is not there, the answer is that it could not be looked into
//! ([`extract::Reason::Unread`], [`extract::Reason::TooSlow`]), never that there is nothing in it. A copy
//! that does not come to its end is asked for again, plainer, and says so ([`Workers::pdf`]).
//! What this room does not do: it reads no message's own bodies aside, and judges nothing.
//!
//! ```text
//! engine: open -> Files --stdin--> zorgzegel-worker: fence, extract::read
//!         put  <- Extracts <-stdout--  one JSON line a file
//! ```
//!
//! The [`wire`] is a length, a JSON header and the files' bytes; the answers are lines, so that what
//! was read before a crash is kept, and the files after the one that broke the program get another.
//! For a copy, `zorgzegel-worker --copy`, header and message go in, and a line with a size and the PDF
//! come out.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod copying;
mod parent;
mod seats;
pub mod wire;

pub use copying::Pdf;
pub use parent::{Patience, Workers};
