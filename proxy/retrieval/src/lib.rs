//! IMAP sessions as they run: a mail program on one side, its provider on the other.
//!
//! ```text
//!   mail program ── serve ── log-in here (local password) ──> House::admit
//!                                                                │ Gate::connect_program
//!                     provider's own answer to the log-in  <─────┘
//!        then   mail program <══ Pump: bytes both ways, through imap::relay::Relay ══> provider
//! ```
//!
//! The protocol is the room `imap`'s, the sockets are `net`'s; this room joins the two. What it does
//! not do: it knows no account and no keyring (that is the [`House`]), listens nowhere, and keeps
//! nothing of what passes: what is seen in passing is told to an [`Ear`], and forgotten. [`aside::Aside`] is the connection of our own beside it, on which this
//! program looks for, fetches, puts and marks messages itself.
//!
//! **Memory.** A session that rests has no buffer of its own. One that works has at most
//! one block each way, whatever passes: what one side does not take is not read from the
//! other.
//!
//! **Ends.** Where the provider goes away, the mail program hears `* BYE` and a sentence, if it has
//! a whole response before it; else its connection is dropped, so that half a response is never
//! taken for a whole one. Either way it can come back.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod aside;
pub mod gate;
mod pump;
mod session;
#[cfg(test)]
mod tests;
pub mod upstream;
mod words;

pub use session::{Admitted, Door, Ear, House, serve};
pub use upstream::{Provider, Upstream, UpstreamError};
pub use words::Words;
