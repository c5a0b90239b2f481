//! Text out of a message, within bounds: subject, bodies, attached text, file names.
//!
//! [`extract`] gives pieces of text, each with where it stood, and says of every part that it could
//! not look into. It never fails and never says "nothing" of what it did not see: what is too deep,
//! too large, damaged or of a kind it does not read is [`Opaque`]. What this room does not do: it
//! opens no documents (that belongs in a process of its own), follows no reference, runs no markup
//! and judges nothing.
//!
//! ```
//! use extract::{Limits, Origin, extract};
//! use mail::Message;
//!
//! let message = Message::new(
//!     b"Subject: =?utf-8?q?Caf=C3=A9?=\r\nContent-Type: text/html\r\n\r\n<p>a&amp;b</p>".to_vec(),
//! );
//! let extract = extract(&message, &Limits::default());
//! assert_eq!(extract.pieces[0].text, "Café");
//! assert_eq!(extract.pieces[1].text.trim(), "a&b");
//! assert_eq!(extract.pieces[1].origin, Origin::Body);
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod charset;
mod header;
mod html;
mod kind;
mod walk;

use core::fmt;

use mail::Message;

/// What was read out of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extract {
    /// The text, in the order of the message; the subject first.
    pub pieces: Vec<Piece>,
    /// What could not be looked into.
    pub opaque: Vec<Opaque>,
    /// The Message-IDs of In-Reply-To and References (RFC 5322 section 3.6.4), angle brackets
    /// included.
    pub references: Vec<String>,
    /// An attached or quoted original carries `X-NTA7516` (R-CONT-1).
    pub claims_nta: bool,
}

/// A piece of text.
#[derive(Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it stood.
    pub origin: Origin,
    /// The text, decoded.
    pub text: String,
}

/// Where a piece of text stood.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The subject, or that of an attached message.
    Subject,
    /// A body that the recipient reads.
    Body,
    /// The name of a file.
    FileName,
    /// The text of an attachment.
    Attached {
        /// Its file name.
        name: Option<String>,
    },
}

/// A part that could not be looked into, wholly or to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// Its file name.
    pub name: Option<String>,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes, still encoded.
    pub bytes: u64,
    /// Why not.
    pub reason: Reason,
    /// True for what can hold pages of text (documents, archives, unknown formats); false for
    /// pictures, sound, film and signatures.
    pub document: bool,
}

/// Why a part could not be looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It is encrypted.
    Encrypted,
    /// Its format is not read here.
    Unsupported,
    /// Its encoding is broken; what could be decoded was read.
    Damaged,
    /// It lies deeper than the bound.
    TooDeep,
    /// It is larger than the bound; the first part of it was read.
    TooLarge,
    /// There are more parts than the bound.
    TooMany,
}

/// How much is read of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Levels of parts; people reach five.
    pub depth: usize,
    /// Parts in all; a mail with a thousand files is no mail.
    pub parts: usize,
    /// Bytes of text in all: judging costs time, and the mail program waits a minute.
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 50, parts: 2_000, text: 64 * 1024 * 1024 }
    }
}

/// Reads a message. Never panics and never fails; costs time linear in the message.
#[must_use]
pub fn extract(message: &Message, limits: &Limits) -> Extract {
    walk::walk(message, limits)
}

impl fmt::Debug for Piece {
    /// Where it stood and how long it is: the text is private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Piece({:?}, {} bytes)", self.origin, self.text.len())
    }
}

impl Reason {
    /// In English, as a person reads it behind "this file cannot be looked into".
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Encrypted => "it is encrypted",
            Self::Unsupported => "files of this kind are not read",
            Self::Damaged => "it is damaged",
            Self::TooDeep => "it lies too deep inside other messages",
            Self::TooLarge => "it is too large",
            Self::TooMany => "there are too many parts",
        }
    }
}

impl fmt::Display for Reason {
    /// In Dutch, as a person reads it behind "kan niet in dit bestand kijken".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encrypted => "het is versleuteld",
            Self::Unsupported => "dit soort bestand wordt niet gelezen",
            Self::Damaged => "het is beschadigd",
            Self::TooDeep => "het zit te diep in andere berichten",
            Self::TooLarge => "het is te groot",
            Self::TooMany => "er zijn te veel onderdelen",
        })
    }
}

#[cfg(test)]
mod tests;
