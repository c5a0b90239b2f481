//! Own copies in open formats (R-KEEP-2, R-KEEP-3): a PDF that anyone can open, and XML.
//!
//! The text of a mail is placed as text and never as markup; what the fonts do not have is shown as
//! `[U+XXXX]`, and characters that would turn lines around are taken out. The original message is
//! embedded in the PDF, byte for byte. What this room does not do: it fetches nothing that a mail
//! refers to, opens no file, and makes no archival claim (PDF/A) yet.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod content;
mod pdf;
mod plain;
mod xml;

use jiff::Timestamp;
use mail::Message;

pub use pdf::pdf;
pub use xml::xml;

/// What a copy is made of.
#[derive(Debug)]
pub struct Source<'a> {
    /// The message.
    pub message: &'a Message,
    /// What is known of its way and its signature, each with a label, in the language of the copy.
    pub proof: Vec<ProofLine>,
    /// When the copy is made.
    pub made_at: Timestamp,
    /// Who or what makes it.
    pub made_by: String,
    /// The language of labels and of the document.
    pub language: Language,
}

/// A line on proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofLine {
    /// What it is about.
    pub label: String,
    /// What is known.
    pub text: String,
}

/// The language of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// English.
    English,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The PDF writer refused.
    #[error("the PDF cannot be written: {0}; keep the message as .eml instead")]
    Pdf(String),
    /// The XML writer refused.
    #[error("the XML cannot be written: {0}; keep the message as .eml instead")]
    Xml(String),
}
