//! DKIM signatures (RFC 6376) as R-DKIM-1 asks for them: `rsa-sha256`, `simple/simple`.
//!
//! [`sign`] puts a `DKIM-Signature` on top of a message that is ready to go: nothing may change it
//! after that, since `simple` forgives nothing. The signature has no time in it (`t=` may be left
//! out, RFC 6376 section 3.5), so that the same message signed again is the same message. This
//! room does not look keys up and does not verify.
//!
//! ```
//! use dkim::{Key, sign};
//! use mail::{Domain, Message};
//!
//! let key = Key::read(&Key::generate().unwrap()).unwrap();
//! let (selector, domain) = (Domain::parse("s1").unwrap(), Domain::parse("zorg.example").unwrap());
//! let message = Message::new(b"From: a@zorg.example\r\nSubject: a\r\n\r\nb\r\n".to_vec());
//! let signed = sign(&message, &key, &selector, &domain).unwrap();
//! assert!(signed.starts_with(b"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple;"));
//! assert!(signed.ends_with(message.bytes()));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod key;
mod place;
mod sign;
#[cfg(test)]
mod tests;

pub use key::{Key, zone_line};
pub use place::Place;
pub use sign::sign;

/// Why there is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DkimError {
    /// The key is none that can be used.
    #[error(
        "this is no RSA key of 2048 to 4096 bits in PEM or DER, without a password; make one with \
         `openssl genrsa 2048`, or let Zorgzegel make one"
    )]
    Key,
    /// The domain that is to sign is not the address's own, nor above it.
    #[error("a DKIM signature counts only where the domain is that of the address, or above it")]
    OtherDomain,
    /// Selector and domain together are no name.
    #[error("the selector and the domain together are longer than a domain name may be")]
    Name,
    /// The key refused.
    #[error("the DKIM key could not sign")]
    Signing,
    /// There is no `From` field, which must be signed (RFC 6376 section 5.4).
    #[error("the message has no From field, so it cannot get a DKIM signature")]
    NoFrom,
    /// A line ends otherwise than with CRLF: a mail server would change it (RFC 5321 section
    /// 2.3.8), and the signature would break.
    #[error("line {line} of the message does not end with CRLF, so a DKIM signature would break")]
    LineEnd {
        /// The line, counted from 1.
        line: usize,
    },
    /// A line is longer than a mail server must take (RFC 5321 section 4.5.3.1.6).
    #[error(
        "line {line} of the message is longer than 998 characters, so a DKIM signature would break"
    )]
    LongLine {
        /// The line, counted from 1.
        line: usize,
    },
}
