//! Certificate paths for mail (RFC 5280 section 6, RFC 8550 section 4): from the certificate of whoever
//! signed, over those that vouch for it, to an anchor that this computer trusts; and whether any of
//! them was revoked.
//!
//! ```text
//! Question { leaf, pool, crls, ocsp, purpose, at } --judge--> Answer::Found(Path { links, anchor, revocation })
//!                             Anchors ----------------^  `--> Answer::Refused(Refusal { reason, place })
//!
//! search (which ways lead up) --> validate (does one hold) --> status (was anything on it revoked)
//! ```
//!
//! It reads no clock, no file and no network: the time is in the question, and so is all that may help.
//! Bytes stay as they came. A verdict is a value; errors are only for what cannot become an anchor.
//! Systems' trust stores speak for web servers: which anchors there are is for the caller to say.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod anchors;
mod answer;
mod certificate;
mod constraints;
mod crl;
mod der;
mod error;
mod extensions;
mod held;
mod judge;
mod name;
mod ocsp;
mod policy;
mod question;
mod refusal;
mod revocation;
mod search;
mod signature;
mod source;
mod status;
mod validate;

pub use anchors::{Anchor, Anchors, Statement};
pub use answer::{Answer, Link, Path, Teller, Told};
pub use error::PathsError;
pub use judge::judge;
pub use name::same_name;
pub use question::{PolicyInputs, Purpose, Question, Weak};
pub use refusal::{Bound, Reason, Refusal};
pub use revocation::{Doubt, Revocation, RevocationReason};
pub use signature::{Verified, Weakness, verify};
pub use source::{Sources, ocsp_request, sources};

#[cfg(test)]
mod tests;
