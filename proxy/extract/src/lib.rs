//! Text out of a message, within bounds: subject, bodies, attached text, file names, documents.
//!
//! [`extract`] gives pieces of text, each with where it stood, and says of every part that it could
//! not look into. It never fails and never says "nothing" of what it did not see: what is too deep,
//! too large, damaged or of a kind it does not read is [`Opaque`]. What this room does not do: it
//! follows no reference, runs no markup and no macro, and judges nothing.
//!
//! Documents are formats in which much can go wrong, and belong in a process of their own. So there
//! are two steps: [`open`] reads what a mail program shows and sets the documents apart as [`File`]s,
//! and [`read`] reads one of them, wherever the caller wants that done. [`Extract::put`] joins both.
//!
//! ```text
//! Message -> open -> Extract, and Files -> read -> Extract -> put
//! ```
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
mod document;
mod header;
mod html;
mod kind;
mod walk;

pub use header::words;

use core::fmt;

use mail::Message;
use serde::{Deserialize, Serialize};

/// What was read out of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Where it stood.
    pub origin: Origin,
    /// The text, decoded.
    pub text: String,
}

/// Where a piece of text stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
        /// Its file name; of a file inside others theirs before it: `map.zip › brief.docx`.
        name: Option<String>,
    },
}

/// A part that could not be looked into, wholly or to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opaque {
    /// Its file name; of a file inside others theirs before it.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Unpacked it is very much larger than it is: a bomb, or as good as one.
    Expands,
    /// It is pictures of pages, or of one of them, without text.
    Scanned,
    /// Its letters are shapes whose meaning the file does not tell.
    Unmapped,
    /// Reading it took longer than the bound.
    TooSlow,
    /// The program that reads documents broke on it, or is not there.
    Unread,
}

/// A document of a message, to be read by [`read`].
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// The number of pieces of its [`Extract`] that stand before it.
    pub after: usize,
    /// Its file name.
    pub name: Option<String>,
    /// Its media type, as the message says it.
    pub content_type: String,
    /// Its size in bytes, still encoded.
    pub encoded: u64,
    /// The file.
    pub bytes: Vec<u8>,
}

/// How much is read of one document and of what is in it. Time is counted in steps, for this room has
/// no clock; who runs it has one, and may stop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Files inside files; people reach three.
    pub depth: usize,
    /// Files in all containers together.
    pub entries: usize,
    /// Bytes of text in all.
    pub text: usize,
    /// Bytes that unpacking may make in all.
    pub unpacked: u64,
    /// Bytes that one file may have unpacked.
    pub file: usize,
    /// How many times larger than packed a file may be, once it is over 8 MiB.
    pub ratio: usize,
    /// Steps: an element of XML, a word of a page, a kilobyte unpacked.
    pub steps: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            depth: 8,
            entries: 10_000,
            text: 16 * 1024 * 1024,
            unpacked: 512 * 1024 * 1024,
            file: 128 * 1024 * 1024,
            ratio: 250,
            steps: 50_000_000,
        }
    }
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

/// Reads a message, but no document in it: each of them is [`Opaque`]. Never panics and never fails;
/// costs time linear in the message.
#[must_use]
pub fn extract(message: &Message, limits: &Limits) -> Extract {
    let (mut extract, files) = open(message, limits);
    extract.opaque.extend(files.iter().map(|file| file.opaque(Reason::Unsupported)));
    extract
}

/// Reads a message, and sets the documents in it apart. Never panics and never fails; costs time
/// linear in the message.
#[must_use]
pub fn open(message: &Message, limits: &Limits) -> (Extract, Vec<File>) {
    walk::walk(message, limits)
}

/// Reads a document, and the files in it, within bounds. What it cannot look into is said, and the
/// rest goes on. Our own code is total; `lopdf` and `cfb` promise no such thing: call it where a
/// panic, a loop or a refused allocation harms nobody.
#[must_use]
pub fn read(file: &File, bounds: &Bounds) -> Extract {
    document::read(file, bounds)
}

impl File {
    /// This file as one that could not be looked into.
    #[must_use]
    pub fn opaque(&self, reason: Reason) -> Opaque {
        Opaque {
            name: self.name.clone(),
            content_type: self.content_type.clone(),
            bytes: self.encoded,
            reason,
            document: true,
        }
    }
}

impl fmt::Debug for File {
    /// How long it is: names and content are private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

impl Extract {
    /// Puts what was read out of documents where they stood: pairs of a document's
    /// [`File::after`] and what [`read`] made of it, in the order in which [`open`] gave them.
    pub fn put(&mut self, documents: Vec<(usize, Self)>) {
        let own = core::mem::take(&mut self.pieces);
        let mut own = own.into_iter();
        let mut given = 0;
        for (after, document) in documents {
            self.pieces.extend(own.by_ref().take(after.saturating_sub(given)));
            given = given.max(after);
            self.pieces.extend(document.pieces);
            self.opaque.extend(document.opaque);
            self.references.extend(document.references);
            self.claims_nta |= document.claims_nta;
        }
        self.pieces.extend(own);
    }
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
            Self::TooDeep => "it lies too deep inside other messages or files",
            Self::TooLarge => "it is too large",
            Self::TooMany => "there are too many parts",
            Self::Expands => "unpacked it is too large",
            Self::Scanned => "it holds pictures of pages, without text",
            Self::Unmapped => "its letters cannot be told",
            Self::TooSlow => "reading it took too long",
            Self::Unread => "reading it failed",
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
            Self::TooDeep => "het zit te diep in andere berichten of bestanden",
            Self::TooLarge => "het is te groot",
            Self::TooMany => "er zijn te veel onderdelen",
            Self::Expands => "uitgepakt is het te groot",
            Self::Scanned => "het bevat beelden van bladzijden, zonder tekst",
            Self::Unmapped => "de letters erin zijn niet te herkennen",
            Self::TooSlow => "het lezen duurde te lang",
            Self::Unread => "het lezen is mislukt",
        })
    }
}

#[cfg(test)]
mod tests;
