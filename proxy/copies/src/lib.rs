//! Own copies in open formats (R-KEEP-2, R-KEEP-3): what stands in a copy, and the forms that need
//! no page: XML and CSV.
//!
//! [`Content`] reads a message once: header, bodies, attachments byte for byte. [`xml()`] writes it by
//! `schema/bericht-1.xsd`, [`csv()`] writes a list of messages, [`names`] makes names of files that
//! every system takes. The PDF is set on pages by the room `typeset`, in the worker: ask
//! `worker::Workers::pdf`. What this room does not do: it opens no file, fetches nothing that a mail
//! refers to, and judges nothing: verdict and proof come in as facts, and go out in words that exist.
//!
//! ```
//! use copies::{About, Language, Source};
//! use mail::Message;
//!
//! let message = Message::new(b"Subject: Uitslag\r\n\r\nHbA1c is 58.\r\n".to_vec());
//! let about = About::new("Zorgzegel", "2026-11-26T10:00:00Z".parse().unwrap(), Language::Dutch);
//! let xml = copies::xml(&Source { message: &message, about: &about }).unwrap();
//! assert!(String::from_utf8(xml).unwrap().contains("<onderwerp>Uitslag</onderwerp>"));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod content;
mod csv;
mod error;
mod evidence;
mod form;
pub mod names;
mod sorted;
mod xml;

use jiff::Timestamp;
use mail::{Message, days};
use serde::{Deserialize, Serialize};

pub use content::{ATTACHMENTS, Attachment, Body, Content, Format, Person, hex};
pub use csv::{csv, csv_head, csv_record};
pub use error::CopyError;
pub use evidence::{Line, Signature, proof};
pub use form::{Form, Why};
pub use xml::{AttachedAs, NAMESPACE, xml, xml_of};

/// What a copy is made of: the message, and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The message, byte for byte.
    pub message: &'a Message,
    /// What is known about it.
    pub about: &'a About,
}

/// What is known about a message that does not stand in it. It goes over a pipe to the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What became of its signatures; `None` where nobody looked.
    pub signature: Option<Signature>,
    /// The proof of its way: a group of lines for each recipient ([`proof`]).
    pub proof: Vec<Vec<Line>>,
    /// When the copy is made.
    pub made_at: Timestamp,
    /// Who or what makes it.
    pub made_by: String,
    /// The language of labels and of the document.
    pub language: Language,
}

impl About {
    /// Nothing is known but who makes the copy, and when.
    #[must_use]
    pub fn new(made_by: impl Into<String>, made_at: Timestamp, language: Language) -> Self {
        Self { signature: None, proof: Vec::new(), made_at, made_by: made_by.into(), language }
    }

    /// The same with the verdict on its signatures.
    #[must_use]
    pub fn signed(self, verdict: &cades::Verdict) -> Self {
        Self { signature: Some(Signature::of(verdict, self.language)), ..self }
    }

    /// The same with proofs of its way, one a recipient.
    #[must_use]
    pub fn proved<'a>(self, proofs: impl IntoIterator<Item = &'a nta7516::proof::Proof>) -> Self {
        let proof = proofs.into_iter().map(|one| evidence::proof(one, self.language)).collect();
        Self { proof, ..self }
    }
}

/// The language of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Dutch.
    Dutch,
    /// English.
    English,
}

impl Language {
    /// Its code (ISO 639-1).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    /// One of two wordings.
    #[must_use]
    pub fn choose<T>(self, dutch: T, english: T) -> T {
        match self {
            Self::Dutch => dutch,
            Self::English => english,
        }
    }

    /// The day and the time, by the clocks of the Netherlands.
    #[must_use]
    pub fn moment(self, at: Timestamp) -> String {
        match self {
            Self::Dutch => days::dutch_moment(at),
            Self::English => days::english_moment(at),
        }
    }
}
