//! Certificate paths for mail (RFC 5280 section 6, RFC 8550 section 4): from the certificate of whoever
//! signed, over those that vouch for it, to an anchor that this computer trusts; and whether any of
//! them was revoked.
//!
//!     Question { leaf, pool, crls, ocsp, purpose, at } --judge--> Answer::Found(Path { links, anchor, revocation })
//!                                 Anchors -------------^      \-> Answer::Refused(Refusal { reason, place })
//!
//! It reads no clock, no file and no network: the time is in the question, and so is all that may help.
//! Bytes stay as they came. A verdict is a value; errors are only for what cannot become an anchor.
//! Systems' trust stores speak for web servers: which anchors there are is for the caller to say.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod anchors;
mod answer;
mod certificate;
mod der;
mod error;
mod extensions;
mod name;
mod question;
mod refusal;
mod revocation;
mod signature;

pub use anchors::{Anchor, Anchors};
pub use answer::{Answer, Link, Path};
pub use error::PathsError;
pub use name::same_name;
pub use question::{PolicyInputs, Purpose, Question, Weak};
pub use refusal::{Bound, Reason, Refusal};
pub use revocation::{Doubt, Revocation, RevocationReason};
pub use signature::{Verified, Weakness, verify};

/// Judges a certificate: the best path that holds, or why there is none.
#[must_use]
pub fn judge(anchors: &Anchors, question: &Question<'_>) -> Answer {
    let Ok(leaf) = certificate::Certificate::read(question.leaf) else {
        let subject = String::new();
        return Answer::Refused(Refusal { reason: Reason::Unreadable, place: 0, subject });
    };
    let _ = anchors;
    let issuer = name::text(leaf.issuer);
    Answer::Refused(Refusal {
        reason: Reason::NoIssuer { issuer },
        place: 0,
        subject: leaf.called(),
    })
}
