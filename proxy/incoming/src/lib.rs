//! What a message that came in claims, and what is true of it (R-RECV-1 to R-RECV-3).
//!
//! ```text
//!   message --Header::read--> who, which mark, which day, which keys      (then the keys and records are
//!                                                                          looked up, elsewhere)
//!   records, keys, provider's word, cades::open, dkim::verify --Facts--> decide --> Received
//! ```
//!
//! A message claims something where it bears `X-NTA7516`, is signed, or has a DKIM signature while its
//! author's domain declares to comply. [`Received`] tells which case of the guide's annex D holds, what became
//! of each proof, and why, in Dutch and English, with the words of RFC 8601.
//!
//! What this room does not do: it asks no name server (keys and records are given to it), reads no clock,
//! keeps nothing, and changes no message. `mail-auth`, which does the mathematics of DKIM, brings a resolver
//! along that is never asked.
//!
//! **Whose word counts.** The message's own: nothing but its signatures. The provider's: Authentication-Results
//! under the id that the account trusts, where that provider writes ([`statement`]). DNS: answers
//! that hold, or are proved to be unsigned, which is said.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod decide;
pub mod dkim;
mod header;
mod reason;
mod received;
mod results;
mod scan;
#[cfg(test)]
mod testing;
mod trace;
mod words;

pub use cades::Word;
pub use decide::{Facts, decide};
pub use header::{Header, Mark};
pub use received::{
    Alignment, Case, Claim, DkimResult, Keyword, Moment, Receipt, ReceiptBy, Received, RecordState,
    SenderDomain, Signature, Signer, Standing, Statement, Told,
};
pub use results::{Method, Results, Stands, Trusted, statement};
pub use trace::receipt;

use mail::Domain;

/// Whether one of two domains is the other, or lies below it (RFC 7489 section 3.1.1, relaxed, without a
/// list of public suffixes: a top-level domain alone never signs for those below).
#[must_use]
pub fn aligned(domain: &Domain, author: &Domain) -> Alignment {
    let below = |one: &Domain, other: &Domain| {
        let above = one.as_str().strip_suffix(other.as_str());
        above.is_some_and(|rest| rest.ends_with('.')) && other.as_str().contains('.')
    };
    if domain == author || below(domain, author) || below(author, domain) {
        Alignment::Author
    } else {
        Alignment::Other
    }
}
