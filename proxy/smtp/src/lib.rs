//! SMTP (RFC 5321) without I/O: command, reply, data; the submission server and the client.
//!
//! Both ends of the dialogue are [`wire::Machine`]s: bytes and answers go in, bytes and events come
//! out, and a whole session can be tested as a transcript. What this room does not do: it opens no
//! socket, reads no clock, makes no randomness, knows no account and decides nothing about mail. It
//! neither alters a message nor keeps one: bytes pass in the pieces in which they came.
//!
//! ```text
//!   mail program ── server::Server ── Event::{Mail, Rcpt, DataStart, Data, DataEnd} ──> owner
//!                         ^────────────────── answer(Reply) ─────────────────────────────┘
//!   owner ── mail, rcpt, data, chunk, finish ──> client::Client ── Event::Reply { to, reply }
//! ```
//!
//! ```
//! use smtp::{Reply, server::{Config, Event, Server, Tls}};
//! use wire::{Machine, Pause};
//!
//! let mut server = Server::new(Config::new("localhost", Tls::None), [7; 16], 1_700_000_000);
//! assert!(matches!(server.next(), Pause::Write(greeting) if greeting.starts_with(b"220 ")));
//! server.feed(b"EHLO pc\r\nMAIL FROM:<jan@praktijk.nl>\r\n");
//! let Pause::Write(replies) = server.next() else { panic!() };
//! assert!(replies.ends_with(b"530 5.7.0 Log in first (AUTH)\r\n"));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod client;
pub mod data;
pub mod server;

mod capabilities;
mod command;
mod params;
mod reply;

pub use capabilities::Capabilities;
pub use command::{Command, CommandError};
pub use reply::{Reply, ReplyFault, ReplyReader};
pub use wire::sasl::Mechanism;

// Both protocols log in alike.
use wire::sasl;
