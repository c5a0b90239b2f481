//! CAdES-BES in S/MIME (ETSI TS 101 733, RFC 8551; R-SIG-1, R-SIG-2, R-RECV-2): signs mail, and judges
//! what others signed.
//!
//! [`sign`] makes of a message a multipart/signed whose first part survives every mail server: 7-bit,
//! short lines, no `From ` at the start of a line, no blanks at its end. Keys sign through the trait
//! [`Signer`]; [`SoftwareKey`] is the one in memory. This room reads no clock and opens no file:
//! `now` and randomness for boundaries are arguments.
//!
//! [`open`] gives every message a [`Verdict`]: which part is signed, by whom, whether that is the author,
//! and whether an anchor vouches for it. Nothing is fetched: what is known of revocation is what the
//! message brings along.
//!
//! ```
//! use cades::{Anchors, KeyKind, SoftwareKey, Word, create_identity, open, sign};
//! use mail::{Address, Message};
//!
//! let now = "2026-11-23T10:00:00Z".parse().unwrap();
//! let address = Address::parse("jan@praktijk.example").unwrap();
//! let identity = create_identity(KeyKind::P256, &address, "Jan", now, 1).unwrap();
//! let mut anchors = Anchors::new();
//! anchors.add_der(None, &identity.chain[0]).unwrap();
//! let key = SoftwareKey::new(&identity.pkcs8, identity.chain).unwrap();
//!
//! let message = Message::new(b"From: jan@praktijk.example\r\n\r\nGezondheid \xe2\x82\xac\r\n".to_vec());
//! let signed = Message::new(sign(&message, Some("praktijk.example"), &key, now, [7; 16]).unwrap());
//! assert_eq!(signed.field("x-nta7516").unwrap().unfolded(), "praktijk.example");
//! assert!(open(&signed, &anchors, now).valid());
//! assert_eq!(open(&signed, &Anchors::new(), now).verdict, Word::Policy);
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod algorithm;
mod asn1;
pub mod ber;
mod certificate;
mod check;
mod cms;
mod encode;
mod error;
mod header;
mod identity;
mod key;
mod open;
mod seven_bit;
mod sign;

pub use algorithm::{Algorithm, Padding};
pub use certificate::{
    CertificateSummary, algorithm_of, chain_from, describe, fingerprint, may_sign_for,
    may_sign_mail, public_key,
};
pub use check::{Checked, check};
pub use cms::sign_detached;
pub use error::{CadesError, Refusal};
pub use identity::{NewIdentity, create_identity};
pub use key::{KeyKind, PrivateKey, Signer, SoftwareKey};
pub use open::place;
pub use open::{
    Coverage, FromMatch, Known, Much, Reason, SignedBy, SignedPart, Unclear, Verdict, Word, author,
    enclosed, is_signature, open, open_signature,
};
pub use paths::{Anchor, Anchors, Doubt, PathsError, Revocation, RevocationReason};
pub use sign::sign;

#[cfg(test)]
mod tests;
