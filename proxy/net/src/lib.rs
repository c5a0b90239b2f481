//! The network: DNS with DNSSEC, TLS with DANE, dial, listen; and the one shell that drives any
//! protocol machine over a socket.
//!
//! ```text
//!   dns::Resolver  -- facts with their DNSSEC state -->  nta7516::plan (elsewhere)
//!   dial + tls::connect(Expect) -- Stream, Met -->       drive::Driver<M: wire::Machine>
//!   listen::Listener + TlsAcceptor -- Stream -->         drive::Driver<M: wire::Machine>
//! ```
//!
//! What this room does not do: it knows no protocol above TLS, keeps nothing, and decides nothing:
//! what a connection must prove is the caller's [`tls::Expect`]. It listens on loopback only.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod dial;
pub mod dns;
pub mod drive;
pub mod fetch;
pub mod https;
pub mod listen;
pub mod local;
mod stream;
pub mod tls;

pub use stream::Stream;
