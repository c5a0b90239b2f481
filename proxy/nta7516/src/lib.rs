//! The norm pack of NTA 7516: who claims what, who may get health mail by which proof, which
//! headers are struck and which TLS is good enough.
//!
//! Everything here is a pure function of its arguments: facts and the time come in, a decision
//! comes out. Nothing is looked up while deciding, so each decision can be tested, shown and
//! kept. What the clauses (`R-DNS-1` and so on) ask is told in `CONFORMANCE.md`.
//!
//! ```text
//!  TXT data --record--> Claim --facts--+
//!  MX, addresses, TLSA --------facts---+--plan--> Handover | AnotherWay | Refuse | Later
//!  routes of the account, now ---------+
//! ```
//!
//! ```
//! use nta7516::record::Record;
//!
//! let text = "v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=mark;ntamx=10 mx.example";
//! let record = Record::parse(text.as_bytes()).unwrap();
//! assert_eq!(record.to_string(), text);
//!
//! let fault = Record::parse(b"v=NTA7516-1;startdate:2019-06").unwrap_err();
//! assert_eq!(fault.place(), 21); // the colon
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod error;
pub mod facts;
pub mod plan;
pub mod proof;
pub mod record;
pub mod strike;
pub mod tls;

pub use error::Error;

/// The header field that marks NTA mail; its value is the supplier's mark of the sender's record
/// (R-DNS-5).
pub const HEADER: &str = "X-NTA7516";
