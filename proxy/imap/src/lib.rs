//! IMAP (RFC 3501, RFC 9051) without I/O: framing, the log-ins on both sides, and the tap on a
//! session that passes.
//!
//! The mail program logs in here with the local password ([`server::Server`]), this program logs in
//! at the provider ([`client::Client`]), and from then on bytes pass: forwarded first, looked at
//! second ([`relay::Relay`]). What this room does not do: it opens no socket, reads no clock, makes
//! no randomness, and judges no message: it says which messages claim something.
//!
//! ```text
//!   mail program ── server::Server ── Bytes ──> Relay::client ──> client::Client ── provider
//!                        ^── pass ── Relay::server <── Bytes ─────────┘
//!                                        │
//!                                        └──> Event::{Selected, Claimed, Appending, ...} ──> owner
//!   owner ── open, fetch, append, ... ──> aside::Aside ── provider       (a connection of its own)
//! ```
//!
//! **How a session is driven.** Each side has a driver of its own. At `server::Event::Authenticate`
//! the owner checks the local password, dials the provider, drives `Client` to `LoggedIn` and
//! answers with its capabilities. Then `Bytes` of either side go through the relay to the other
//! side's `pass`, are written, and only then are the relay's events taken. Bytes of one side are
//! not read while the other has not taken what it was given: so memory stays bounded, and a client
//! that never reads stops only itself.
//!
//! **Only this changes on the way:** the greeting and everything up to the login are our own; after
//! it, words of capability data that could not hold here ([`capabilities`]) are left out. Literals,
//! extensions and what is not known pass byte for byte. Where a form is not understood, it passes
//! unseen; where framing is lost, looking stops, and the session goes on.
//!
//! **Why fetch aside.** Commands of our own could be put between the mail program's on its
//! connection, with their answers taken out. They are not, for three reasons:
//!
//! - *Numbers.* EXPUNGE may not be sent while no command is in progress, nor during FETCH, STORE or
//!   SEARCH (RFC 3501 sections 5.5 and 7.4.1), for a client's message numbers shift with it; during
//!   a UID FETCH of ours a server may send it. To pass it then breaks the rule towards the client,
//!   to hold it back falsifies every number after it (and the same for VANISHED and HIGHESTMODSEQ
//!   under RFC 7162, which a client keeps for years).
//! - *Moments.* A safe moment exists only with no literal, IDLE, continuation or command under way.
//!   Mail programs pipeline and rest in IDLE: the moment comes late or never.
//! - *Answers.* An untagged FETCH does not say which command it answers. With \Seen, \Recent and
//!   MODSEQ in it, it belongs to both.
//!
//! The price of the second connection is one more of the ten or fifteen that providers allow, and a
//! login. It is opened with EXAMINE, is in nobody's way, and [`aside`] is a fifth of the code.
//!
//! ```
//! use imap::relay::{Event, Limits, Relay};
//!
//! let mut relay = Relay::new(Limits::default());
//! relay.client(b"a1 SELECT INBOX\r\n");
//! let mut out = Vec::new();
//! relay.server(b"* OK [UIDVALIDITY 7] valid\r\na1 OK [READ-WRITE] in\r\n", &mut out);
//! assert!(out.ends_with(b"a1 OK [READ-WRITE] in\r\n"));
//! assert!(matches!(relay.seen(), Some(Event::Selected(inbox)) if inbox.uid_validity == Some(7)));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod aside;
pub mod capabilities;
pub mod client;
pub mod frame;
pub mod relay;
pub mod server;

mod claim;
mod command;
mod mailbox;
mod response;
mod say;
mod unit;
mod value;

pub use claim::Claim;
pub use mailbox::{Access, Selected};
pub use wire::sasl::Mechanism;

/// Decimal digits and nothing else (RFC 3501 section 9), within 64 bits.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 20 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(digits).ok()?.parse().ok()
}
