//! A mail or signature file that a person hands over: what its signatures are worth (R-RECV-2), and how it
//! is built, block by block, with what covers each.
//!
//! ```text
//! file (+ content) --kind--> cades::open | cades::open_signature --> Verdict --blocks--> Looked
//! ```
//!
//! It judges nothing itself: the verdict is that of [`cades`], for the command line and the window alike
//! ([`judge`]). Nothing is fetched, no clock is read, and no text of a mail goes out but its From, its
//! subject and the names of its parts.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod blocks;
mod kind;

use std::path::{Path, PathBuf};

use cades::PathsError;
pub use cades::{Anchors, Verdict};
use jiff::Timestamp;
use mail::Message;

pub use blocks::{Block, BlockKind, Cover};
pub use cades::{CertificateSummary, describe, may_sign_mail};
pub use cades::{Coverage, FromMatch, Known, Reason, SignedBy, SignedPart, Word};
pub use kind::NotMail;

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// What kind of file it is.
    pub file: File,
    /// The From field as it stands in a mail, decoded; empty where there is none.
    pub from: String,
    /// The subject, decoded.
    pub subject: String,
    /// What the signatures are worth.
    pub verdict: Verdict,
    /// The file, block by block, in its order.
    pub blocks: Vec<Block>,
    /// Blocks beyond [`BLOCKS_MOST`], which are left out.
    pub left_out: usize,
}

/// What kind of file was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// A mail.
    Mail,
    /// A signature by itself, with its content inside or beside it.
    Signature,
}

/// Judges a file for the time `now`: a signature file together with what it signs where that is given, or
/// else a mail.
///
/// # Errors
/// [`NotMail::ContentOfMail`] where a content is given with a mail.
pub fn judge(
    file: &[u8],
    content: Option<&[u8]>,
    anchors: &Anchors,
    now: Timestamp,
) -> Result<(File, Verdict), NotMail> {
    if cades::is_signature(file) {
        return Ok((File::Signature, cades::open_signature(file, content, anchors, now)));
    }
    match content {
        Some(_) => Err(NotMail::ContentOfMail),
        None => Ok((File::Mail, cades::open(&Message::new(file.to_vec()), anchors, now))),
    }
}

/// Looks at a file for a person. Where the two files were handed over the other way round, they are taken
/// as they are meant.
///
/// # Errors
/// [`NotMail`]: it is no mail and no signature, or more than [`MOST`] bytes.
pub fn look(
    file: &[u8],
    content: Option<&[u8]>,
    anchors: &Anchors,
    now: Timestamp,
) -> Result<Looked, NotMail> {
    let (file, content) = match content {
        Some(content) if cades::is_signature(content) && !cades::is_signature(file) => {
            (content, Some(file))
        }
        _ => (file, content),
    };
    kind::check(file)?;
    content.map_or(Ok(()), kind::check_size)?;
    let (kind, verdict) = judge(file, content, anchors, now)?;
    let (blocks, left_out) = blocks::blocks(kind, file, content, &verdict);
    let (from, subject) = match kind {
        File::Mail => blocks::titles(&Message::new(file.to_vec())),
        File::Signature => (String::new(), String::new()),
    };
    Ok(Looked { file: kind, from, subject, verdict, blocks, left_out })
}

/// Reads the files of certificates that may vouch for whoever signs mail.
///
/// # Errors
/// [`AnchorsError`]: with one of them left out, a good signature would seem to be nobody's.
pub fn anchors<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Result<Anchors, AnchorsError> {
    let mut anchors = Anchors::new();
    for file in files {
        let bytes = std::fs::read(file)
            .map_err(|error| AnchorsError::Unreadable { file: file.clone(), error })?;
        anchors
            .add_file(None, &bytes)
            .map_err(|error| AnchorsError::NoCertificates { file: file.clone(), error })?;
    }
    Ok(anchors)
}

/// Why certificates that may vouch cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorsError {
    /// The file cannot be read.
    #[error("{}: {error}; check [trust] anchors in the settings", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// It holds none that can be used.
    #[error("{}: {error}", file.display())]
    NoCertificates {
        /// The file.
        file: PathBuf,
        /// Why not.
        error: PathsError,
    },
}

impl AnchorsError {
    /// The file that it is about.
    #[must_use]
    pub fn file(&self) -> &Path {
        match self {
            Self::Unreadable { file, .. } | Self::NoCertificates { file, .. } => file,
        }
    }

    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        let file = self.file().display();
        match self {
            Self::Unreadable { error, .. } => format!(
                "Het bestand {file} met vertrouwde certificaten is niet te lezen ({error}). Kijk naar [trust] anchors in de instellingen."
            ),
            Self::NoCertificates { .. } => format!(
                "In {file} staan geen bruikbare certificaten. Vraag uw ICT-beheerder om het bestand na te kijken."
            ),
        }
    }
}

/// Bytes of a file: providers take mail of 25 to 35 MB, which base64 makes a third larger.
pub const MOST: usize = 50 * 1024 * 1024;
/// Blocks that are told: a person looks at no more.
pub const BLOCKS_MOST: usize = 200;

#[cfg(test)]
mod tests;
