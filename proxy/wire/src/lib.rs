//! How a protocol core and its I/O shell speak.
//!
//! A protocol core is a [`Machine`]: it is fed the bytes that the peer sent and says, one [`Pause`]
//! at a time, what it needs: bytes written, bytes read, or an answer to an event. It owns no
//! socket, no clock and no task, so that a whole dialogue can be tested as a transcript. The one
//! shell that drives every machine over a socket lives in the `net` room.
//!
//! ```text
//!   socket --bytes--> feed ┐              ┌ Write(bytes) --> socket
//!                          ├── Machine ───┤ Read          --> wait for the socket
//!   answers (methods) ─────┘    next()    └ Event(e)      --> the room that decides
//! ```
//!
//! What this room does not do: it knows no protocol (only [`sasl`], which two of them share), and it
//! never grows a buffer past the bound that its owner named.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod buffer;
mod machine;
pub mod sasl;
pub mod server;

pub use buffer::{Buffer, Line};
pub use machine::{Machine, Pause};
